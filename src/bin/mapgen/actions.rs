//! `api-maps/actions`: what IAM says about the actions of each prefix.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use leash::catalog::format::ActionEntry;
use serde_json::{Value, json};

use super::iam::{Action, Prefix};
use super::write::document;

/// One file.
pub(crate) fn file(prefix: &str, data: &Prefix) -> Result<String> {
    let mut sets: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut keys: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for action in data.actions.values() {
        let all: BTreeSet<&String> =
            action.condition_keys.iter().chain(action.resource_types.iter().flat_map(|kind| &kind.condition_keys)).collect();
        let all: Vec<String> = all.into_iter().cloned().collect();
        if !all.is_empty() {
            sets.insert(all.clone());
            keys.insert(&action.name, all);
        }
    }
    let sets: Vec<Vec<String>> = sets.into_iter().collect();
    let used: BTreeSet<String> = data
        .actions
        .values()
        .flat_map(|action| action.resource_types.iter().map(|kind| kind.name.to_ascii_lowercase()))
        .collect();
    let resources: BTreeMap<&str, &str> = data
        .resources
        .iter()
        .filter(|(name, _)| used.contains(*name))
        .map(|(_, kind)| (kind.key.as_str(), kind.arn.as_str()))
        .collect();
    let actions: BTreeMap<&str, Value> = data
        .actions
        .values()
        .map(|action| {
            let set = keys.get(action.name.as_str()).and_then(|keys| sets.iter().position(|set| set == keys));
            Ok((action.name.as_str(), serde_json::to_value(entry(action, set))?))
        })
        .collect::<Result<_>>()?;
    Ok(document(&[
        ("prefix", json!(prefix)),
        ("name", json!(data.name)),
        ("page", json!(data.page)),
        ("resources", json!(resources)),
        ("condition_sets", json!(sets)),
        ("actions", json!(actions)),
    ]))
}

fn entry(action: &Action, conditions: Option<usize>) -> ActionEntry {
    let types = |required: bool| {
        let kinds = action.resource_types.iter().filter(|kind| kind.required == required);
        kinds.map(|kind| kind.name.clone()).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    let dependent: BTreeSet<String> = action
        .dependent_actions
        .iter()
        .chain(action.resource_types.iter().flat_map(|kind| &kind.dependent_actions))
        .cloned()
        .collect();
    ActionEntry {
        level: action.level().to_owned(),
        resources: types(true),
        optional: types(false),
        conditions,
        dependent: dependent.into_iter().collect(),
    }
}
