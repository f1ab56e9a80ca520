//! Permissions that an operation triggers besides its own action: tags given on creation, and what documentation lists as
//! dependent actions.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use leash::catalog::format::{ConditionEntry, GrantEntry, ResourceEntry, When};

use super::dependents::{any, is_open};
use super::names::{noun, plain, verb};
use super::overrides::{FullGrant, TagOnCreate};
use super::services::{Build, empty, makes};
use super::tags::CREATES;

impl Build<'_> {
    /// Tags given on creation need the permission to tag.
    pub(super) fn tags_on_create(&self, main: Option<&GrantEntry>) -> Result<Option<GrantEntry>> {
        let creates = CREATES.contains(&verb(self.name)) && !self.name.contains("Tag");
        let rule = self.own.tag_on_create.as_ref().filter(|_| creates);
        rule.zip(main).map_or(Ok(None), |(rule, main)| self.tags_by_rule(rule, main))
    }

    /// The permission to tag, where the operation has one of the rule's parameters.
    pub(super) fn tags_by_rule(&self, rule: &TagOnCreate, main: &GrantEntry) -> Result<Option<GrantEntry>> {
        let given = rule.params.iter().filter(|param| self.model.has_path(self.operation, param));
        let Some(when) = any(given.cloned().map(When::Present).collect()) else { return Ok(None) };
        let mut grant = match &rule.resource {
            Some(arn) => match self.only_made(rule, main) {
                Some(made) => self.grant(FullGrant { action: rule.action.clone(), types: Some(vec![made]), ..empty() })?,
                None => self.grant(FullGrant {
                    action: rule.action.clone(),
                    resources: Some(self.with_made_elsewhere(rule, arn, main)),
                    ..empty()
                })?,
            },
            None => self.on_what_it_touches(&rule.action, main)?,
        };
        grant.dependent = true;
        grant.when = Some(when);
        grant.conditions.extend(rule.condition.iter().map(|key| equals(key, self.name)));
        Ok(Some(grant))
    }

    /// The one type that the operation makes, where its name says so and it makes nothing else on the way. A condition on what
    /// the tags are given by narrows more than that, and covers what is made on the way, too.
    fn only_made(&self, rule: &TagOnCreate, main: &GrantEntry) -> Option<String> {
        let (_, own) = self.sources.iam.action(&main.action)?;
        let makes_more = own.dependent_actions.iter().any(|action| {
            let (prefix, name) = action.split_once(':').unwrap_or_default();
            self.is_of(prefix) && verb(name) == "Create"
        });
        if rule.condition.is_some() || makes_more || !matches!(verb(self.name), "Create" | "Copy" | "Put" | "Register") {
            return None;
        }
        let (_, tagging) = self.sources.iam.action(&rule.action)?;
        let noun = noun(self.name);
        let called = |kind: &str| plain(rule.names.get(kind).map_or(kind, String::as_str));
        let named = tagging.resource_types.iter().filter(|kind| noun.ends_with(&called(&kind.name)));
        named.max_by_key(|kind| called(&kind.name).len()).map(|kind| kind.name.clone())
    }

    /// The rule's pattern, and what the operation makes that the pattern leaves out: ARNs of snapshots and images have no
    /// account, those of IPAM no region. Where the operation makes nothing else, the pattern goes.
    fn with_made_elsewhere(&self, rule: &TagOnCreate, arn: &str, main: &GrantEntry) -> Vec<ResourceEntry> {
        let place = |arn: &str| arn.splitn(6, ':').take(5).map(str::to_owned).collect::<Vec<_>>();
        let shape = |arn: &str| {
            let (mut out, mut rest) = (String::new(), arn);
            while let Some((before, after)) = rest.split_once("${") {
                out.push_str(before);
                out.push('*');
                rest = after.split_once('}').map_or("", |(_, rest)| rest);
            }
            out + rest
        };
        let tagged: BTreeSet<String> = self.sources.iam.action(&rule.action).map_or_else(BTreeSet::new, |(prefix, action)| {
            let formats = action.resource_types.iter().filter_map(|kind| prefix.resource(&kind.name));
            formats.map(|resource| shape(&resource.arn)).collect()
        });
        let made: Vec<&ResourceEntry> = main
            .resources
            .iter()
            .filter(|resource| !resource.arn().contains("${param:") && tagged.contains(&shape(resource.arn())))
            .collect();
        let (within, elsewhere): (Vec<_>, Vec<_>) = made.into_iter().partition(|made| place(made.arn()) == place(arn));
        let mut out: Vec<ResourceEntry> = elsewhere.into_iter().cloned().collect();
        if out.is_empty() || !within.is_empty() {
            out.insert(0, ResourceEntry::Plain(arn.to_owned()));
        }
        out
    }

    /// An action on those resources of the operation's own action that it can be granted on, too.
    pub(super) fn on_what_it_touches(&self, action: &str, main: &GrantEntry) -> Result<GrantEntry> {
        let types = |action: &str| -> BTreeSet<String> {
            let found = self.sources.iam.action(action);
            found.into_iter().flat_map(|(_, action)| &action.resource_types).map(|kind| kind.name.clone()).collect()
        };
        // What is born with tags is what the operation makes, not what it is made from.
        let made: Vec<String> = types(action).into_iter().filter(|kind| makes(self.name, kind)).collect();
        if !made.is_empty() {
            return self.grant(FullGrant { action: action.to_owned(), types: Some(made), ..empty() });
        }
        let shared: Vec<String> = types(action).intersection(&types(&main.action)).cloned().collect();
        let mut grant = if shared.is_empty() {
            self.grant(FullGrant { action: action.to_owned(), dependent: true, ..empty() })?
        } else {
            self.grant(FullGrant { action: action.to_owned(), types: Some(shared), ..empty() })?
        };
        if is_open(&grant) {
            (grant.resources, grant.optional) = (main.resources.clone(), main.optional.clone());
        }
        Ok(grant)
    }

    /// A dependent action of the documentation, on what the operation's parameters say about its resources.
    pub(super) fn dependent(&self, action: &str) -> Result<GrantEntry> {
        if action != "iam:CreateServiceLinkedRole" {
            let mut grant = self.grant(FullGrant { action: action.to_owned(), dependent: true, ..empty() })?;
            grant.when = self.when_given(&grant)?;
            return Ok(grant);
        }
        let principal = self.own.service_linked_role.as_ref();
        let principal = principal.context("iam:CreateServiceLinkedRole needs the file's service_linked_role")?;
        self.service_linked_role(std::slice::from_ref(principal))
    }

    /// The role that a service makes for itself when the account lacks it; with several principals, one of these.
    pub(super) fn service_linked_role(&self, principals: &[String]) -> Result<GrantEntry> {
        let arn = |principal: &String| format!("arn:${{Partition}}:iam::${{Account}}:role/aws-service-role/{principal}/*");
        let mut grant = self.grant(FullGrant {
            action: "iam:CreateServiceLinkedRole".to_owned(),
            resources: Some(principals.iter().map(arn).map(ResourceEntry::Plain).collect()),
            dependent: true,
            ..empty()
        })?;
        if !principals.iter().any(|principal| principal.contains('$')) {
            let condition = ConditionEntry { values: principals.to_vec(), ..equals("iam:AWSServiceName", "") };
            grant.conditions.push(condition);
        }
        Ok(grant)
    }

    /// A triggered action on something that only optional parameters name is triggered when one of them is given.
    fn when_given(&self, grant: &GrantEntry) -> Result<Option<When>> {
        // What it touches by the way does not decide whether it happens: a cluster's instances come with or without a group.
        if grant.resources.is_empty() {
            return Ok(None);
        }
        let mut params = Vec::new();
        for resource in grant.resources.iter().chain(&grant.optional) {
            let read = leash::catalog::parameters(resource.arn())?;
            if read.is_empty() {
                return Ok(None);
            }
            params.extend(read);
        }
        params.sort();
        params.dedup();
        let given = |path: &String| self.members.iter().any(|member| member.path == *path && member.required);
        if params.is_empty() || params.iter().any(given) {
            return Ok(None);
        }
        let mut parts: Vec<When> = params.into_iter().map(When::Present).collect();
        Ok(Some(if parts.len() == 1 { parts.remove(0) } else { When::Any(parts) }))
    }
}

pub(super) fn equals(key: &str, value: &str) -> ConditionEntry {
    ConditionEntry {
        operator: "StringEquals".to_owned(),
        key: key.to_owned(),
        values: vec![value.to_owned()],
        when: None,
        on_request: false,
    }
}
