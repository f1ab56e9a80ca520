//! Dependent actions: what AWS's service authorization pages list beside an action, because a request for it triggers more.
//!
//! The column says that an action *may* need another one. What the request's parameters rule out is left out here, and what
//! they decide depends on them.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use std::collections::BTreeSet;

use anyhow::Result;
use leash::catalog::format::{Choice, Entry, GrantEntry, NoteEntry, ResourceEntry, When};

use super::names::{Name, plain, verb};
use super::roles::PASSES_NOTHING;
use super::services::Build;

/// Services whose data is not opened as a whole because an operation of another service may touch some of it.
const GUARDED: [&str; 3] = ["s3", "secretsmanager", "dynamodb"];

/// What a documented dependent action comes to for one operation.
enum Triggered {
    /// No parameter can trigger it, or another rule speaks for it.
    Nothing,
    /// It is granted.
    Grant(GrantEntry),
    /// The user has to know, because nothing says what it is about.
    Note(String),
}

impl Build<'_> {
    /// Adds the documented dependent actions of the entry's own grants, as far as nothing has spoken for them.
    pub(super) fn add_documented(&self, entry: &mut Entry, not_triggered: &[String]) -> Result<()> {
        let own: Vec<GrantEntry> =
            entry.grants.iter().filter(|grant| !grant.dependent && grant.forward.is_none()).cloned().collect();
        let (mut keys, mut open) = (BTreeSet::new(), BTreeSet::new());
        for main in &own {
            let Some((_, action)) = self.sources.iam.action(&main.action) else { continue };
            for dependent in &action.dependent_actions {
                let known = entry.grants.iter().any(|grant| grant.action.eq_ignore_ascii_case(dependent));
                if known || not_triggered.contains(dependent) || self.sources.iam.action(dependent).is_none() {
                    continue;
                }
                if dependent.starts_with("kms:") && !self.is_of("kms") && self.key_params().is_empty() {
                    keys.insert(dependent.clone());
                    continue;
                }
                match self.documented(dependent, main)? {
                    Triggered::Nothing => {}
                    Triggered::Note(action) => drop(open.insert(action)),
                    Triggered::Grant(mut grant) => {
                        grant.when = both(main.when.clone(), grant.when);
                        entry.grants.push(grant);
                    }
                }
            }
        }
        if !open.is_empty() {
            let actions = open.into_iter().collect::<Vec<_>>().join(" and ");
            let text = format!(
                "depending on what it is asked for, {} also needs {actions}; on what, the request does not say",
                self.name
            );
            entry.notes.push(NoteEntry { text, when: None });
        }
        if !keys.is_empty() && entry.encryption.is_none() {
            entry.encryption = self.key_behind(keys.into_iter().collect());
        }
        self.add_tags(entry)
    }

    /// What a dependent action of a grant comes to.
    fn documented(&self, dependent: &str, main: &GrantEntry) -> Result<Triggered> {
        // Parameters pass roles (`passed_roles`). Where none does, the role is named elsewhere: in a launch template, in a document.
        if dependent == "iam:PassRole" {
            let passes = !PASSES_NOTHING.contains(&verb(self.name)) && !self.over.is_some_and(|over| over.passes_no_role);
            return Ok(if passes { Triggered::Note(dependent.to_owned()) } else { Triggered::Nothing });
        }
        if dependent == "iam:CreateServiceLinkedRole" {
            return Ok(match self.linked_role()? {
                Some(grant) => Triggered::Grant(grant),
                None => Triggered::Note(dependent.to_owned()),
            });
        }
        let own = self.is_of(dependent.split(':').next().unwrap_or_default());
        if own && self.is_tagging(dependent) {
            return Ok(self.tagged(dependent, main)?.map_or_else(|| Triggered::Note(dependent.to_owned()), Triggered::Grant));
        }
        if dependent.starts_with("kms:") && !own {
            return Ok(Triggered::Grant(self.key_of_params(dependent)));
        }
        let prefix = dependent.split(':').next().unwrap_or_default();
        let mut grant = self.dependent(dependent)?;
        if dependent == "ec2:CreateTags" && !own {
            // What the service makes on the way gets the tags, and the request names none of it; snapshots' ARNs have no account.
            let arn = "arn:${Partition}:ec2:${Region}:${any:Account}:${any:Resource}".to_owned();
            (grant.resources, grant.optional, grant.when) = (vec![ResourceEntry::Plain(arn)], Vec::new(), None);
        }
        if !own && GUARDED.contains(&prefix) && is_open(&grant) {
            return Ok(Triggered::Note(dependent.to_owned()));
        }
        if grant.when.is_none() {
            grant.when = of_that_service(&grant);
        }
        if grant.when.is_none() && !own {
            grant.when = match prefix {
                "ec2" => self.when_about(&["subnet", "vpc", "securitygroup", "networkinterface"]),
                "logs" => self.when_about(&["log"]),
                _ => None,
            };
        }
        // To change who may do what takes more evidence than that some request may.
        if grant.when.is_none() && !own && is_open(&grant) && self.manages_permissions(dependent) {
            return Ok(Triggered::Note(dependent.to_owned()));
        }
        Ok(Triggered::Grant(grant))
    }

    /// Whether an action grants permissions to others, or makes or changes who has them.
    fn manages_permissions(&self, action: &str) -> bool {
        let changes = |level: &str| level == "Permissions" || action.starts_with("iam:") && level == "Write";
        self.sources.iam.action(action).is_some_and(|(_, action)| changes(action.level()))
    }

    /// Whether an IAM prefix is one of the service's own.
    pub(super) fn is_of(&self, prefix: &str) -> bool {
        self.prefixes.iter().any(|own| own == prefix)
    }

    pub(super) fn is_tagging(&self, action: &str) -> bool {
        self.sources.iam.action(action).is_some_and(|(_, action)| action.level() == "Tagging" || action.name == "TagResource")
    }

    /// Tags are given by a parameter, and land on what the operation's own action touches.
    pub(super) fn tagged(&self, dependent: &str, main: &GrantEntry) -> Result<Option<GrantEntry>> {
        if let Some(rule) = self.own.tag_on_create.as_ref().filter(|rule| rule.action.eq_ignore_ascii_case(dependent)) {
            return self.tags_by_rule(rule, main);
        }
        let given = |path: &&String| super::tags::is_tags(path.rsplit('.').next().unwrap_or_default());
        // What is made may be described by one structure, which holds its tags.
        let [top, within] = self.model.inputs(self.operation);
        let found = top.iter().find(given).or_else(|| within.iter().find(given));
        let Some(param) = found else { return Ok(None) };
        let mut grant = self.on_what_it_touches(dependent, main)?;
        grant.dependent = true;
        grant.when = Some(When::Present(param.clone()));
        Ok(Some(grant))
    }

    /// A role that the service makes for itself when the account lacks it.
    fn linked_role(&self) -> Result<Option<GrantEntry>> {
        if self.own.service_linked_role.is_some() {
            return self.dependent("iam:CreateServiceLinkedRole").map(Some);
        }
        let known = &self.sources.iam.linked_roles;
        let exact = self.prefixes.iter().map(|prefix| format!("{prefix}.amazonaws.com")).find(|name| known.contains(name));
        let part_of = |name: &&String| self.prefixes.iter().any(|prefix| name.ends_with(&format!(".{prefix}.amazonaws.com")));
        let principals: Vec<String> = exact.map_or_else(|| known.iter().filter(part_of).cloned().collect(), |name| vec![name]);
        if principals.is_empty() {
            return Ok(None);
        }
        self.service_linked_role(&principals).map(Some)
    }

    /// That something of the given kind is in the request: nothing, where a required parameter says so or none could.
    fn when_about(&self, words: &[&str]) -> Option<When> {
        let about = |leaf: &str| {
            let base = Name::of_list(leaf).base;
            words.iter().any(|word| base.contains(word))
        };
        let found: Vec<_> =
            self.members.iter().filter(|member| !member.is_enum && !member.is_number && about(member.leaf())).collect();
        if found.iter().any(|member| member.required) {
            return None;
        }
        let mut given: Vec<When> = Vec::new();
        for member in found {
            // A structure such as `VpcConfig` is given as a whole, and stands for the feature. Single parameters have defaults.
            let (path, _) = member.path.rsplit_once('.')?;
            let test = When::Present(path.trim_end_matches("[]").to_owned());
            if !given.contains(&test) {
                given.push(test);
            }
        }
        any(given)
    }
}

/// Whether nothing in the request narrows a grant down, though its action can be granted on something.
pub(super) fn is_open(grant: &GrantEntry) -> bool {
    let mut all = grant.resources.iter().chain(&grant.optional).peekable();
    all.peek().is_some() && all.all(|resource| !resource.arn().contains("${param:"))
}

/// One parameter that takes the ARN of any resource triggers an action only with an ARN of the action's service.
fn of_that_service(grant: &GrantEntry) -> Option<When> {
    let mut tests = Vec::new();
    for resource in grant.resources.iter().chain(&grant.optional) {
        let (rest, param) = resource.arn().strip_suffix('}')?.rsplit_once("${param:")?;
        if rest.contains("${param:") || !matches!(plain(param).as_str(), "resourcearn" | "resource" | "resourceidentifier") {
            return None;
        }
        let service = rest.split(':').nth(2).filter(|service| !service.starts_with('$'))?;
        tests.push(When::Contains(Choice { param: param.to_owned(), values: vec![format!(":{service}:")] }));
    }
    tests.dedup();
    any(tests)
}

/// One of the conditions, where there are any.
pub(super) fn any(mut tests: Vec<When>) -> Option<When> {
    match tests.len() {
        0 => None,
        1 => tests.pop(),
        _ => Some(When::Any(tests)),
    }
}

fn both(left: Option<When>, right: Option<When>) -> Option<When> {
    match (left, right) {
        (Some(left), Some(right)) => Some(When::All(vec![left, right])),
        (left, right) => left.or(right),
    }
}
