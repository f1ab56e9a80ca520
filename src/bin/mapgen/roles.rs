//! Roles that the parameters of an operation pass on: `api-maps/overrides/_pass-role.json`.

use std::collections::BTreeMap;

use leash::catalog::format::{ConditionEntry, GrantEntry, ResourceEntry, When};

use super::dead::{Without, items, keyed};
use super::model::{Member, Model};
use super::names::{Kind, Name, plain, verb};
use super::overrides::{OneOrSeveral, PassRole};
use super::services::{Build, ServiceMap, Sources, passes_the_same};
use super::triggered::equals;

/// Operations with these verbs hand no role to anybody: their parameters filter, or name what is taken away.
pub(super) const PASSES_NOTHING: [&str; 12] =
    ["List", "Describe", "Get", "Delete", "Search", "Assume", "Test", "Preview", "Remove", "Disassociate", "Reject", "Revoke"];

impl Build<'_> {
    /// `iam:PassRole` for each parameter that hands a role to the service.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
    pub(super) fn passed_roles(&self) -> Vec<GrantEntry> {
        let rule = self.sources.roles;
        if PASSES_NOTHING.contains(&verb(self.name)) || rule.not_services.iter().any(|service| service == self.service) {
            return Vec::new();
        }
        self.model.deep_members(self.operation).iter().filter_map(|member| self.passed_role(rule, member)).collect()
    }

    /// The services that a role may be passed to: by the parameter, by the operation, or whatever the service does. What an
    /// instance profile holds goes to the instances, unless something else is known of the parameter.
    fn passed_to(&self, rule: &PassRole, own: &str, profile: bool) -> Vec<String> {
        let by_operation = format!("{}.{}", self.service, self.name);
        let known = |key: &str| rule.principals.get(key).map(OneOrSeveral::to_vec);
        match known(own) {
            Some(found) => found,
            None if profile => vec!["ec2.amazonaws.com".to_owned()],
            None => known(&by_operation).or_else(|| known(self.service)).unwrap_or_default(),
        }
    }

    fn passed_role(&self, rule: &PassRole, member: &Member) -> Option<GrantEntry> {
        // A name alone, or the name for one service, with what it stands in where that matters: `ecs/taskRoleArn`.
        let own = format!("{}/{}", self.service, member.leaf());
        let within = |end: &str| member.path.strip_suffix(end).is_some_and(|before| before.ends_with('.'));
        let for_service =
            |known: &str| known.split_once('/').is_some_and(|(service, end)| service == self.service && within(end));
        let listed = |list: &[String]| list.iter().any(|known| known == member.leaf() || *known == own || for_service(known));
        if member.is_enum || member.is_number || listed(&rule.not_params) {
            return None;
        }
        // A profile hands its role to the instances; which role that is, the request does not say.
        let profile = listed(&rule.profiles);
        let variable = if profile {
            "${any:RoleOfInstanceProfile}".to_owned()
        } else if is_role(member) || listed(&rule.params) {
            format!("${{param:{}}}", member.path)
        } else {
            return None;
        };
        let services = self.passed_to(rule, &own, profile);
        Some(GrantEntry {
            action: "iam:PassRole".to_owned(),
            resources: vec![ResourceEntry::Plain(format!("arn:${{Partition}}:iam::${{Account}}:role/{variable}"))],
            when: (!member.required).then(|| When::Present(member.path.clone())),
            conditions: (!services.is_empty())
                .then(|| ConditionEntry { values: services, ..equals("iam:PassedToService", "") })
                .into_iter()
                .collect(),
            dependent: true,
            ..GrantEntry::default()
        })
    }
}

/// A parameter that takes an IAM role, going by its name alone.
fn is_role(member: &Member) -> bool {
    let leaf = if member.is_several() { Name::of_list(member.leaf()) } else { Name::of(member.leaf()) };
    leaf.kind == Kind::Arn && leaf.base.ends_with("role") || matches!(plain(member.leaf()).as_str(), "role" | "iamrole")
}

/// An entry of the rule on its own.
struct Part {
    /// Where it stands in the file.
    place: String,
    /// The service that it is about, unless it is about all of them.
    service: Option<String>,
    /// The name that a parameter has to have, where it says so.
    parameter: Option<String>,
    /// The rule without it.
    without: PassRole,
}

impl Part {
    /// A part that is called by what it is about: `service`, `service.Operation`, `service/Parameter` or, in the lists of
    /// parameters, a name alone.
    fn new((place, without): Without<PassRole>, key: &str, is_service: bool) -> Self {
        let (service, rest) = key.split_once(['/', '.']).unwrap_or(if is_service { (key, "") } else { ("", key) });
        let parameter = (!is_service || key.contains('/')).then(|| rest.rsplit('.').next().unwrap_or_default().to_owned());
        Self { place, service: (!service.is_empty()).then(|| service.to_owned()), parameter, without }
    }

    fn is_about(&self, service: &str, members: &[Member]) -> bool {
        self.service.as_ref().is_none_or(|own| own == service)
            && self.parameter.as_ref().is_none_or(|name| members.iter().any(|member| member.leaf() == name))
    }
}

/// Every part of the rule.
fn parts(rule: &PassRole) -> Vec<Part> {
    let keys: Vec<String> = rule.principals.keys().cloned().collect();
    let principals = keyed(rule, "principals", |rule| &mut rule.principals);
    let mut out: Vec<Part> = principals.into_iter().zip(&keys).map(|(part, key)| Part::new(part, key, true)).collect();
    for (key, value) in &rule.principals {
        let OneOrSeveral::Several(values) = value else { continue };
        for index in 0..values.len() {
            let mut without = rule.clone();
            let rest = values.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, value)| value.clone());
            without.principals.insert(key.clone(), OneOrSeveral::Several(rest.collect()));
            out.push(Part::new((format!("principals.{key}[{index}]"), without), key, true));
        }
    }
    let mut list = |name: &str, is_service: bool, list: fn(&mut PassRole) -> &mut Vec<String>| {
        let keys = list(&mut rule.clone()).clone();
        out.extend(items(rule, name, list).into_iter().zip(&keys).map(|(part, key)| Part::new(part, key, is_service)));
    };
    list("params", false, |rule| &mut rule.params);
    list("profiles", false, |rule| &mut rule.profiles);
    list("not_services", true, |rule| &mut rule.not_services);
    list("not_params", false, |rule| &mut rule.not_params);
    out
}

/// The entries of the rule without which every operation would pass the same roles.
pub(crate) fn unused(models: &BTreeMap<String, Model>, maps: &BTreeMap<&str, ServiceMap>, sources: &Sources<'_>) -> Vec<String> {
    let mut unused = parts(sources.roles);
    for (service, map) in maps {
        let model = &models[*service];
        for (name, operation) in &model.operations {
            let members = model.deep_members(operation);
            unused.retain(|part| {
                let other = Sources { roles: &part.without, ..*sources };
                !part.is_about(service, &members) || passes_the_same(service, model, &other, map, name)
            });
        }
    }
    unused.into_iter().map(|part| part.place).collect()
}

#[cfg(test)]
mod tests {
    use anyhow::Result;
    use serde_json::json;

    use super::super::fixtures::{action, iam, mapped, prefix};
    use super::super::overrides::Overrides;
    use super::super::reference::Reference;
    use super::*;

    #[test]
    fn roles_are_known_by_their_names() {
        let member =
            |path: &str| Member { path: path.to_owned(), depth: 0, required: true, uri: None, is_enum: false, is_number: false };
        for path in ["RoleArn", "Config.ExecutionRoleARN", "TaskRoleArns[]", "Role"] {
            assert!(is_role(&member(path)), "{path}");
        }
        for path in ["RoleName", "TopicArn", "Roles[]", "Roleplay"] {
            assert!(!is_role(&member(path)), "{path}");
        }
    }

    #[test]
    fn entries_of_the_rule_that_change_nothing_are_found() -> Result<()> {
        let model: Model = serde_json::from_value(json!({
            "metadata": { "endpointPrefix": "thing", "serviceId": "Thing" },
            "operations": { "PutThing": { "http": { "method": "POST", "requestUri": "/" }, "input": { "shape": "Input" } } },
            "shapes": {
                "Input": { "type": "structure", "members": { "RoleArn": { "shape": "Text" }, "Runner": { "shape": "Text" } } },
                "Text": { "type": "string" },
            },
        }))?;
        let rule = json!({
            "doc": "", "principals_doc": "",
            "principals": { "thing": "thing.amazonaws.com", "thing/Runner": ["a.amazonaws.com", "b.amazonaws.com"],
                "thing.PutThing": "thing.amazonaws.com", "thing.DropThing": "x", "gone": "y" },
            "params": ["Runner", "RoleArn", "thing/Walker"], "profiles": ["Profile"],
            "not_services": ["gone"], "not_params": ["Assumed"],
        });
        let overrides = Overrides { pass_role: serde_json::from_value(rule)?, ..Overrides::default() };
        let passing = prefix([action("PassRole", "Write")]);
        let iam = iam([("thing", prefix([action("PutThing", "Write")])), ("iam", passing)]);
        let sources = Sources { iam: &iam, overrides: &overrides, reference: &Reference::default(), roles: &overrides.pass_role };
        let maps = BTreeMap::from([("thing", mapped(&model, &iam, &overrides)?)]);
        let models = BTreeMap::from([("thing".to_owned(), model)]);
        let wanted = [
            "principals.gone",
            "principals.thing",
            "principals.thing.DropThing",
            "principals.thing.PutThing",
            "params[1]",
            "params[2]",
            "profiles[0]",
            "not_services[0]",
            "not_params[0]",
        ];
        assert_eq!(unused(&models, &maps, &sources), wanted);
        Ok(())
    }
}
