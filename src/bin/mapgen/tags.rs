//! Tags that are given as something is made: services ask for the permission to tag besides the one to make it.
//!
//! Services have one action for tags, most often `TagResource`, and operations that make something take tags in a parameter of
//! their own. The service authorization pages list that action under "API operations" for all but a few of these operations.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html>

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use leash::catalog::format::{Entry, GrantEntry};
use serde::Deserialize;

use super::model::Model;
use super::names::verb;
use super::services::Build;

/// Operations with these verbs make something that can be born with tags.
pub(super) const CREATES: [&str; 11] =
    ["Create", "Copy", "Restore", "Import", "Run", "Purchase", "Allocate", "Register", "Request", "Start", "Put"];

/// What services call the action for tags, the most usual first.
const ACTIONS: [&str; 6] = ["TagResource", "AddTagsToResource", "AddTags", "CreateTags", "Tag", "CreateOrUpdateTags"];

/// How tags are given as something is made: `api-maps/overrides/_tag-on-create.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tags {
    /// The page the rule rests on.
    pub(crate) doc: String,
    /// What tags need with operations whose names do not say that they make something, by botocore's service name and operation.
    also: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Operations whose tags need no permission of their own, by botocore's service name.
    not: BTreeMap<String, Vec<String>>,
}

impl Tags {
    fn exempts(&self, service: &str, operation: &str) -> bool {
        self.not.get(service).is_some_and(|names| names.iter().any(|name| name == operation))
    }

    fn listed(&self, service: &str, operation: &str) -> &[String] {
        self.also.get(service).and_then(|names| names.get(operation)).map_or(&[], Vec::as_slice)
    }

    /// Whether a service has all the operations that are listed for it.
    pub(crate) fn check(&self, service: &str, model: &Model) -> Result<()> {
        let also = self.also.get(service).into_iter().flat_map(BTreeMap::keys);
        for name in also.chain(self.not.get(service).into_iter().flatten()) {
            ensure!(model.operations.contains_key(name), "overrides/_tag-on-create.json: {service} has no operation {name}");
        }
        Ok(())
    }
}

impl Build<'_> {
    /// Adds the permission to tag to an operation that makes something and takes tags, unless something has spoken for it.
    pub(super) fn add_tags(&self, entry: &mut Entry) -> Result<()> {
        let rule = &self.sources.overrides.tags;
        let main = entry.grants.iter().find(|grant| !grant.dependent && grant.forward.is_none()).cloned();
        let listed = rule.listed(self.service, self.name);
        // Some services have an older action for the tags of one kind of resource.
        let own = |action: &str| self.is_of(action.split(':').next().unwrap_or_default());
        let is_tagged = entry.grants.iter().any(|grant| own(&grant.action) && self.is_tagging(&grant.action));
        let has = |action: &str| entry.grants.iter().any(|grant| grant.action.eq_ignore_ascii_case(action));
        let spoken_for = |action: &str| if listed.is_empty() { is_tagged } else { has(action) };
        let (actions, exempt) = match &main {
            _ if !listed.is_empty() => (listed.to_vec(), false),
            Some(main) if self.takes_tags() => {
                (self.tagging_action(main).into_iter().collect(), rule.exempts(self.service, self.name))
            }
            _ => (Vec::new(), false),
        };
        let is_dead = rule.exempts(self.service, self.name) && (!exempt || actions.iter().all(|action| spoken_for(action)));
        let actions: Vec<&String> = actions.iter().filter(|action| !exempt && !spoken_for(action)).collect();
        if is_dead || !listed.is_empty() && actions.is_empty() {
            bail!("what overrides/_tag-on-create.json says of it changes nothing");
        }
        let Some(main) = main else { return Ok(()) };
        let mut added = Vec::new();
        for action in actions {
            match self.tagged(action, &main)? {
                Some(grant) => added.push(grant),
                None => bail!("no parameter takes the tags that {action} is for"),
            }
        }
        entry.grants.extend(added);
        Ok(())
    }

    /// Whether the operation makes something, and takes tags for it.
    fn takes_tags(&self) -> bool {
        let [top, _] = self.model.inputs(self.operation);
        CREATES.contains(&verb(self.name)) && !self.name.contains("Tag") && top.iter().any(|name| is_tags(name))
    }

    /// The service's action for tags, of the prefix that the operation's own action has.
    fn tagging_action(&self, main: &GrantEntry) -> Option<String> {
        let prefix = main.action.split(':').next()?;
        let mut known = ACTIONS.iter().map(|name| format!("{prefix}:{name}"));
        known.find(|action| self.sources.iam.action(action).is_some())
    }
}

/// Whether a parameter holds tags, by what it is called.
pub(super) fn is_tags(name: &str) -> bool {
    let plain = super::names::plain(name);
    matches!(plain.as_str(), "tags" | "tag" | "resourcetags" | "taglist" | "tagslist" | "tagspecifications")
        || plain.ends_with("tags")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixtures::{action, iam, mapped, prefix};
    use super::super::overrides::Overrides;
    use super::*;

    /// The actions of each operation, those that depend on a parameter with it.
    fn grants(tags: &str) -> Result<Vec<String>> {
        let model: Model = serde_json::from_value(json!({
            "metadata": { "endpointPrefix": "thing", "serviceId": "Thing" },
            "operations": {
                "CreateThing": { "http": { "method": "POST", "requestUri": "/" }, "input": { "shape": "Tagged" } },
                "CreatePlain": { "http": { "method": "POST", "requestUri": "/" }, "input": { "shape": "Plain" } },
                "UpdateThing": { "http": { "method": "POST", "requestUri": "/" }, "input": { "shape": "Tagged" } },
            },
            "shapes": {
                "Tagged": { "type": "structure", "members": { "Name": { "shape": "Text" }, "ThingTags": { "shape": "Text" } } },
                "Plain": { "type": "structure", "members": { "Name": { "shape": "Text" } } },
                "Text": { "type": "string" },
            },
        }))?;
        let names = [("CreateThing", "Write"), ("CreatePlain", "Write"), ("UpdateThing", "Write"), ("TagResource", "Tagging")];
        let iam = iam([("thing", prefix(names.map(|(name, level)| action(name, level))))]);
        let overrides = Overrides { tags: serde_json::from_str(tags)?, ..Overrides::default() };
        let map = mapped(&model, &iam, &overrides)?;
        let dependent = |grant: &GrantEntry| {
            let when = grant.when.as_ref().map_or_else(String::new, |when| format!(" when {}", when.phrase()));
            grant.dependent.then(|| format!("{}{when}", grant.action))
        };
        Ok(map
            .operations
            .iter()
            .flat_map(|(name, entry)| entry.grants.iter().filter_map(dependent).map(move |grant| format!("{name}: {grant}")))
            .collect())
    }

    #[test]
    fn what_is_made_with_tags_is_tagged() -> Result<()> {
        assert_eq!(grants(r#"{"doc": "", "also": {}, "not": {}}"#)?, ["CreateThing: thing:TagResource when ThingTags is given"]);
        let also = r#"{"doc": "", "also": {"thing": {"UpdateThing": ["thing:TagResource"]}}, "not": {"thing": ["CreateThing"]}}"#;
        assert_eq!(grants(also)?, ["UpdateThing: thing:TagResource when ThingTags is given"]);
        Ok(())
    }

    #[test]
    fn what_is_listed_in_vain_is_refused() {
        let error = |tags: &str| grants(tags).err().map(|error| error.to_string()).unwrap_or_default();
        let vain = error(r#"{"doc": "", "also": {}, "not": {"thing": ["CreatePlain"]}}"#);
        assert!(vain.contains("CreatePlain") && vain.contains("changes nothing"), "{vain}");
        let untaken = error(r#"{"doc": "", "also": {"thing": {"CreatePlain": ["thing:TagResource"]}}, "not": {}}"#);
        assert!(untaken.contains("no parameter takes the tags"), "{untaken}");
        let unknown = error(r#"{"doc": "", "also": {}, "not": {"thing": ["CreateNothing"]}}"#);
        assert!(unknown.contains("no operation CreateNothing"), "{unknown}");
    }
}
