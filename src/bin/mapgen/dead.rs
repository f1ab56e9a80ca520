//! Parts of overrides that override nothing: what they were meant to say is then said nowhere.

use std::collections::BTreeMap;

use leash::catalog::format::Entry;

use super::iam::Iam;
use super::overrides::{FullGrant, GrantOverride, KeyRule, Lower, OperationOverride, ServiceOverrides, TagOnCreate};

/// The parts without which everything is the same, each by where it stands in the file. `same` says whether an operation's
/// entry stays what it is under other corrections.
pub(super) fn parts(own: &ServiceOverrides, operations: &[&str], same: impl Fn(&ServiceOverrides, &str) -> bool) -> Vec<String> {
    let mut out = Vec::new();
    let mut seek = |place: String, other: ServiceOverrides, first: &[&str]| {
        // Where the part stands it most likely shows.
        if first.iter().chain(operations).all(|name| same(&other, name)) {
            out.push(place);
        }
    };
    for (name, over) in &own.operations {
        for (place, other) in of_operation(over) {
            let mut changed = own.clone();
            changed.operations.insert(name.clone(), other);
            seek(format!("{name}: {place}"), changed, &[name]);
        }
    }
    for (place, other, about) in of_service(own) {
        seek(place, other, &about.iter().map(String::as_str).collect::<Vec<_>>());
    }
    out
}

/// The other services that no request can be authorized by: none of the actions about what the parameter names is theirs.
pub(super) fn kin(own: &ServiceOverrides, operations: &BTreeMap<String, Entry>, iam: &Iam) -> Vec<String> {
    let grants = || operations.values().flat_map(|entry| &entry.grants);
    let dead = own.kin.iter().enumerate().filter(|(_, kin)| {
        let theirs = |action: String| iam.action(&action).is_some();
        !grants().any(|grant| kin.action_instead(grant).is_some_and(theirs))
    });
    dead.map(|(index, _)| format!("kin[{index}]")).collect()
}

/// A part of a structure, and the structure without it.
pub(super) type Without<T> = (String, T);

/// Each item of a list in a structure.
pub(super) fn items<T: Clone, I>(whole: &T, name: &str, list: impl Fn(&mut T) -> &mut Vec<I>) -> Vec<Without<T>> {
    let count = list(&mut whole.clone()).len();
    let without = |index: usize| {
        let mut other = whole.clone();
        list(&mut other).remove(index);
        (format!("{name}[{index}]"), other)
    };
    (0..count).map(without).collect()
}

/// Each entry of a map in a structure.
pub(super) fn keyed<T: Clone, I>(whole: &T, name: &str, map: impl Fn(&mut T) -> &mut BTreeMap<String, I>) -> Vec<Without<T>> {
    let keys: Vec<String> = map(&mut whole.clone()).keys().cloned().collect();
    let without = |key: String| {
        let mut other = whole.clone();
        map(&mut other).remove(&key);
        (format!("{name}.{key}"), other)
    };
    keys.into_iter().map(without).collect()
}

/// Each entry of a map of lists, and each item of a list that has several.
fn listed<T: Clone, I>(whole: &T, name: &str, map: impl Fn(&mut T) -> &mut BTreeMap<String, Vec<I>>) -> Vec<Without<T>> {
    let mut out = keyed(whole, name, &map);
    let sizes: Vec<(String, usize)> = map(&mut whole.clone()).iter().map(|(key, list)| (key.clone(), list.len())).collect();
    for (key, size) in sizes.into_iter().filter(|(_, size)| *size > 1) {
        for index in 0..size {
            let mut other = whole.clone();
            if let Some(list) = map(&mut other).get_mut(&key) {
                list.remove(index);
            }
            out.push((format!("{name}.{key}[{index}]"), other));
        }
    }
    out
}

fn of_operation(over: &OperationOverride) -> Vec<Without<OperationOverride>> {
    let mut out = items(over, "add", |over| &mut over.add);
    out.extend(items(over, "depends", |over| &mut over.depends));
    out.extend(items(over, "not_triggered", |over| &mut over.not_triggered));
    out.extend(items(over, "client_params", |over| &mut over.client_params));
    out.extend(items(over, "conditions", |over| &mut over.conditions));
    out.extend(items(over, "notes", |over| &mut over.notes));
    out.extend(keyed(over, "bind", |over| &mut over.bind));
    out.extend(listed(over, "arns", |over| &mut over.arns));
    let mut flag = |name: &str, set: bool, other: OperationOverride| {
        if set {
            out.push((name.to_owned(), other));
        }
    };
    flag("grants", over.grants.is_some(), OperationOverride { grants: None, ..over.clone() });
    flag("permissionless", over.permissionless, OperationOverride { permissionless: false, ..over.clone() });
    flag("unknown", over.unknown.is_some(), OperationOverride { unknown: None, ..over.clone() });
    flag("passes_no_role", over.passes_no_role, OperationOverride { passes_no_role: false, ..over.clone() });
    let added = |over: &mut OperationOverride, index: usize, grant| over.add[index] = grant;
    out.extend(within_grants(over, "add", &over.add, added));
    let instead = |over: &mut OperationOverride, index: usize, grant| {
        if let Some(grants) = &mut over.grants {
            grants[index] = grant;
        }
    };
    out.extend(within_grants(over, "grants", over.grants.as_deref().unwrap_or_default(), instead));
    out
}

/// The parts of each grant of a list.
fn within_grants(
    over: &OperationOverride,
    name: &str,
    grants: &[GrantOverride],
    put: impl Fn(&mut OperationOverride, usize, GrantOverride),
) -> Vec<Without<OperationOverride>> {
    let mut out = Vec::new();
    for (index, grant) in grants.iter().enumerate() {
        let GrantOverride::Full(full) = grant else { continue };
        for (place, grant) in of_grant(full) {
            let mut other = over.clone();
            put(&mut other, index, GrantOverride::Full(Box::new(grant)));
            out.push((format!("{name}[{index}].{place}"), other));
        }
    }
    out
}

fn of_grant(grant: &FullGrant) -> Vec<Without<FullGrant>> {
    let mut out = keyed(grant, "bind", |grant| &mut grant.bind);
    if grant.types.is_some() {
        out.extend(items(grant, "types", |grant| grant.types.get_or_insert_default()));
        out.push(("types".to_owned(), FullGrant { types: None, ..grant.clone() }));
    }
    out
}

/// Besides, the operations that a part is about.
fn of_service(own: &ServiceOverrides) -> Vec<(String, ServiceOverrides, Vec<String>)> {
    let anywhere = |(place, other): Without<ServiceOverrides>| (place, other, Vec::new());
    let mut out: Vec<_> = keyed(own, "bind", |own| &mut own.bind).into_iter().map(anywhere).collect();
    out.extend(listed(own, "arns", |own| &mut own.arns).into_iter().map(anywhere));
    // That nothing is needed is worth knowing even where another key keeps the note away.
    let grants = |rule: &KeyRule| !rule.actions.is_empty();
    for (rule, (place, other)) in own.keys.iter().zip(items(own, "keys", |own| &mut own.keys)).filter(|(rule, _)| grants(rule)) {
        out.push((place, other, rule.operations.clone()));
    }
    for (index, rule) in own.keys.iter().enumerate().filter(|(_, rule)| grants(rule) && rule.operations.len() > 1) {
        let of_rule = items(own, &format!("keys[{index}].operations"), |own| &mut own.keys[index].operations);
        out.extend(of_rule.into_iter().zip(&rule.operations).map(|((place, other), name)| (place, other, vec![name.clone()])));
    }
    for (index, rule) in own.encryption.iter().enumerate() {
        let of_rule = items(own, &format!("encryption[{index}].operations"), |own| &mut own.encryption[index].operations);
        out.extend(of_rule.into_iter().zip(&rule.operations).map(|((place, other), name)| (place, other, vec![name.clone()])));
    }
    out.extend(of_tags(own).into_iter().map(anywhere));
    let mut flag = |name: &str, set: bool, other: ServiceOverrides| {
        if set {
            out.push((name.to_owned(), other, Vec::new()));
        }
    };
    flag("prefixes", own.prefixes.is_some(), ServiceOverrides { prefixes: None, ..own.clone() });
    flag("http_verbs", own.http_verbs, ServiceOverrides { http_verbs: false, ..own.clone() });
    flag("unknown", own.unknown.is_some(), ServiceOverrides { unknown: None, ..own.clone() });
    let unlinked = ServiceOverrides { service_linked_role: None, ..own.clone() };
    flag("service_linked_role", own.service_linked_role.is_some(), unlinked);
    if own.lower.is_some() {
        let none = || Lower { doc: String::new(), params: Vec::new() };
        let params = items(own, "lower.params", |own| &mut own.lower.get_or_insert_with(none).params);
        out.extend(params.into_iter().map(anywhere));
    }
    out
}

/// The parts of the rule for tags on creation, and the rule as a whole.
fn of_tags(own: &ServiceOverrides) -> Vec<Without<ServiceOverrides>> {
    let Some(rule) = &own.tag_on_create else { return Vec::new() };
    let mut parts: Vec<Without<TagOnCreate>> = items(rule, "params", |rule| &mut rule.params);
    parts.extend(keyed(rule, "names", |rule| &mut rule.names));
    if rule.condition.is_some() {
        parts.push(("condition".to_owned(), TagOnCreate { condition: None, ..rule.clone() }));
    }
    if rule.resource.is_some() {
        parts.push(("resource".to_owned(), TagOnCreate { resource: None, ..rule.clone() }));
    }
    let with = |rule: Option<TagOnCreate>| ServiceOverrides { tag_on_create: rule, ..own.clone() };
    let parts = parts.into_iter().map(|(place, rule)| (format!("tag_on_create.{place}"), with(Some(rule))));
    std::iter::once(("tag_on_create".to_owned(), with(None))).chain(parts).collect()
}
