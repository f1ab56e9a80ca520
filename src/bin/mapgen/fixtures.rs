//! A small world for tests: a service `thing`, and what IAM says of it.

use std::collections::BTreeMap;

use anyhow::Result;

use super::iam::{Action, Iam, Prefix, TypeUse};
use super::model::Model;
use super::overrides::Overrides;
use super::reference::Reference;
use super::services::{ServiceMap, Sources, map};

/// An action without resources.
pub(super) fn action(name: &str, level: &str) -> Action {
    Action {
        name: name.to_owned(),
        access_level: level.to_owned(),
        resource_types: Vec::new(),
        condition_keys: Vec::new(),
        dependent_actions: Vec::new(),
    }
}

/// A resource type that an action has.
pub(super) fn type_use(name: &str, required: bool) -> TypeUse {
    TypeUse { name: name.to_owned(), required, condition_keys: Vec::new(), dependent_actions: Vec::new() }
}

/// What IAM says of a prefix with these actions.
pub(super) fn prefix(actions: impl IntoIterator<Item = Action>) -> Prefix {
    let actions = actions.into_iter().map(|action| (action.name.to_ascii_lowercase(), action));
    Prefix { actions: actions.collect(), ..Prefix::default() }
}

/// What IAM says of these prefixes.
pub(super) fn iam(prefixes: impl IntoIterator<Item = (&'static str, Prefix)>) -> Iam {
    let prefixes = prefixes.into_iter().map(|(name, prefix)| (name.to_owned(), prefix)).collect::<BTreeMap<_, _>>();
    Iam { prefixes, ..Iam::default() }
}

/// The map of `thing`, without AWS's own reference.
pub(super) fn mapped(model: &Model, iam: &Iam, overrides: &Overrides) -> Result<ServiceMap> {
    map("thing", model, &Sources { iam, overrides, reference: &Reference::default(), roles: &overrides.pass_role })
}
