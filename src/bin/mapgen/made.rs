//! What a resource is called as it is made.

use std::collections::BTreeMap;

use super::bind::Binder;
use super::names::{Kind, Name, verb};
use super::services::Build;

/// Operations that find again what another one made, the surest first.
const FINDS: [&str; 3] = ["Delete", "Get", "Describe"];

impl Build<'_> {
    /// The template for what the operation makes: where the name alone finds it again, and so stands in its ARN, the name that
    /// it gets now does, too.
    pub(super) fn named_from_now_on(&self, kind: &str, format: &str) -> Option<String> {
        if !matches!(verb(self.name), "Create" | "Register") {
            return None;
        }
        let noun = &self.name[verb(self.name).len()..];
        let (name, operation) = FINDS.iter().find_map(|verb| self.model.operations.get_key_value(&format!("{verb}{noun}")))?;
        let over = self.own.operations.get(name);
        if self.own.arns.contains_key(kind) || over.is_some_and(|over| over.grants.is_some() || over.arns.contains_key(kind)) {
            return None;
        }
        let touches = |prefix: &String| {
            let action = self.sources.iam.prefixes.get(prefix)?.actions.get(&name.to_ascii_lowercase())?;
            action.resource_types.iter().find(|touched| touched.name == kind)
        };
        self.prefixes.iter().find_map(touches)?;
        let members = self.model.members(operation);
        let none = BTreeMap::new();
        let overrides = vec![over.map_or(&none, |over| &over.bind), &self.own.bind];
        let bound = Binder { operation: name, members: &members, overrides, foreign: false }.bind(kind, format);
        let read = leash::catalog::parameters(&bound.template).unwrap_or_default();
        let named = |path: &String| {
            Name::of(path).kind == Kind::Name
                && members.iter().any(|member| member.path == *path && member.required)
                && self.members.iter().any(|member| member.path == *path && member.required && member.depth == 0)
        };
        let plainly = bound.generic.is_none() && bound.rivals.is_empty() && !bound.template.contains('|');
        (plainly && !read.is_empty() && read.iter().all(named)).then_some(bound.template)
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Result;
    use serde_json::json;

    use super::super::fixtures::{action, iam, mapped, prefix, type_use};
    use super::super::iam::{Action, ResourceType};
    use super::super::model::Model;
    use super::super::overrides::Overrides;

    /// What `CreateThing`, which takes a name, makes, when `DeleteThing` takes the given parameter.
    fn made(found_by: &str) -> Result<String> {
        let operation = |input: &str| json!({ "http": { "method": "POST", "requestUri": "/" }, "input": { "shape": input } });
        let input = |name: &str| json!({ "type": "structure", "members": { name: { "shape": "Text" } }, "required": [name] });
        let model: Model = serde_json::from_value(json!({
            "metadata": { "endpointPrefix": "thing", "serviceId": "Thing" },
            "operations": { "CreateThing": operation("New"), "DeleteThing": operation("Known") },
            "shapes": { "New": input("ThingName"), "Known": input(found_by), "Text": { "type": "string" } },
        }))?;
        let touching = |name: &str| Action { resource_types: vec![type_use("thing", true)], ..action(name, "Write") };
        let mut known = prefix(["CreateThing", "DeleteThing"].map(touching));
        let arn = "arn:p:thing:r:a:thing/${ThingId}".to_owned();
        known.resources.insert("thing".to_owned(), ResourceType { key: "thing".to_owned(), arn });
        let map = mapped(&model, &iam([("thing", known)]), &Overrides::default())?;
        Ok(map.operations["CreateThing"].grants[0].resources[0].arn().to_owned())
    }

    #[test]
    fn a_new_name_stands_in_the_arn_where_that_name_finds_the_resource_again() -> Result<()> {
        assert_eq!(made("ThingName")?, "arn:p:thing:r:a:thing/${param:ThingName}");
        assert_eq!(made("ThingId")?, "arn:p:thing:r:a:thing/${any:ThingId}");
        Ok(())
    }
}
