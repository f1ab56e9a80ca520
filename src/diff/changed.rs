//! How the permissions of functions changed between two states of a project, also as findings for the forms that show these.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::{Diff, Finding, Place, Rule, Severity};
use crate::catalog::{AccessLevel, Catalog};
use crate::policy::{ActionPattern, ArnPattern};
use crate::span::Location;

/// One permission with the places it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// Where it comes from, sorted.
    pub places: Vec<Location>,
}

/// The permissions of functions at one time.
pub type State = BTreeMap<String, Vec<Permission>>;

/// What happened to a function's permissions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The function.
    pub function: String,
    /// Whether it is new, or gone.
    pub existence: Existence,
    /// What it may do now and could not do before.
    pub added: Vec<Permission>,
    /// What it could do before and may not do any more.
    pub removed: Vec<Permission>,
    /// What became broader: before and after.
    pub widened: Vec<(Permission, Permission)>,
}

/// Whether a function exists on both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Existence {
    /// On both.
    #[default]
    Kept,
    /// On the second only.
    New,
    /// On the first only.
    Gone,
}

/// What changed, by function; functions without a change are left out.
pub fn compare(before: &State, after: &State) -> Vec<Change> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let none = Vec::new();
    let change = |name: &String| {
        let existence = match (before.contains_key(name), after.contains_key(name)) {
            (false, _) => Existence::New,
            (_, false) => Existence::Gone,
            _ => Existence::Kept,
        };
        let mut change = of_function(before.get(name).unwrap_or(&none), after.get(name).unwrap_or(&none));
        change.function.clone_from(name);
        change.existence = existence;
        change
    };
    let changed = |change: &Change| {
        change.existence != Existence::Kept
            || !change.added.is_empty()
            || !change.removed.is_empty()
            || !change.widened.is_empty()
    };
    names.into_iter().map(change).filter(changed).collect()
}

fn of_function(before: &[Permission], after: &[Permission]) -> Change {
    let same = |one: &Permission, other: &Permission| one.action == other.action && one.resource == other.resource;
    let only = |mine: &[Permission], theirs: &[Permission]| -> Vec<Permission> {
        mine.iter().filter(|one| !theirs.iter().any(|other| same(one, other))).cloned().collect()
    };
    let mut change = Change { removed: only(before, after), ..Change::default() };
    for added in only(after, before) {
        // What covers something that is gone is that thing, made broader.
        let narrower = change.removed.iter().position(|removed| covers(&added, removed));
        match narrower {
            Some(at) => {
                let removed = change.removed.remove(at);
                change.removed.retain(|other| !covers(&added, other));
                change.widened.push((removed, added));
            }
            None if before.iter().any(|known| covers(known, &added)) => {}
            None => change.added.push(added),
        }
    }
    change
}

fn covers(wide: &Permission, narrow: &Permission) -> bool {
    let action = |text: &str| ActionPattern::parse(text);
    let actions = match (action(&wide.action), action(&narrow.action)) {
        (Some(wide), Some(narrow)) => wide.covers(&narrow),
        _ => wide.action == narrow.action,
    };
    actions && ArnPattern::parse(&wide.resource).covers(&ArnPattern::parse(&narrow.resource))
}

/// Whether some function may do more than before.
pub fn grew(changes: &[Change]) -> bool {
    changes.iter().any(|change| !change.added.is_empty() || !change.widened.is_empty())
}

/// One finding per permission that was added, widened or removed.
pub fn findings(changes: &[Change]) -> Diff {
    let mut diff = Diff::default();
    for change in changes {
        let is_new = if change.existence == Existence::New { "the new function " } else { "" };
        for permission in &change.added {
            let mut finding = of(Rule::AddedPermission, reach(permission), change, permission);
            finding.message = format!("{is_new}{} may now do {} on {}", change.function, permission.action, permission.resource);
            "check that the change is meant to need it".clone_into(&mut finding.remedy);
            diff.findings.push(finding);
        }
        for (before, after) in &change.widened {
            let mut finding = of(Rule::WidenedPermission, reach(after), change, after);
            finding.message =
                format!("{} may now do {} on {} instead of {}", change.function, after.action, after.resource, before.resource);
            "check that the change is meant to need it".clone_into(&mut finding.remedy);
            diff.findings.push(finding);
        }
        for permission in &change.removed {
            let mut finding = of(Rule::RemovedPermission, Severity::Info, change, permission);
            let why = if change.existence == Existence::Gone { " is gone and" } else { "" };
            finding.message =
                format!("{}{why} no longer needs {} on {}", change.function, permission.action, permission.resource);
            "take the permission from the role as well".clone_into(&mut finding.remedy);
            diff.findings.push(finding);
        }
    }
    diff.finish();
    diff
}

fn reach(permission: &Permission) -> Severity {
    let level = Catalog::embedded().action(&permission.action).map_or(AccessLevel::Write, |info| info.access_level);
    Severity::of_reach(level)
}

fn of(rule: Rule, severity: Severity, change: &Change, permission: &Permission) -> Finding {
    let mut finding = Finding::new(rule, severity, vec![SmolStr::from(change.function.as_str())]);
    finding.permissions = vec![(permission.action.clone(), vec![permission.resource.clone()])];
    let place = |at: &Location| Place { at: Some(at.clone()), what: permission.action.clone() };
    finding.code = permission.places.iter().map(place).collect();
    finding.identify(&[]);
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(action: &str, resource: &str) -> Permission {
        Permission { action: action.to_owned(), resource: resource.to_owned(), places: Vec::new() }
    }

    fn state(permissions: &[Permission]) -> State {
        State::from([("F".to_owned(), permissions.to_vec())])
    }

    #[test]
    fn broader_is_neither_added_nor_removed() {
        let narrow = permission("s3:GetObject", "arn:aws:s3:::a/b");
        let wide = permission("s3:GetObject", "arn:aws:s3:::a/*");
        let other = permission("s3:PutObject", "arn:aws:s3:::a/*");
        let changes = compare(&state(std::slice::from_ref(&narrow)), &state(&[wide.clone(), other.clone()]));
        assert_eq!((changes[0].widened.len(), changes[0].added.as_slice()), (1, &[other][..]));
        assert!(grew(&changes));
        let back = compare(&state(std::slice::from_ref(&wide)), &state(std::slice::from_ref(&narrow)));
        assert!(!grew(&back) && back[0].removed == [wide.clone()]);
        assert_eq!(compare(&state(std::slice::from_ref(&wide)), &state(&[wide])), []);
    }
}
