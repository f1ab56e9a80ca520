//! Changes of permissions as findings, for the forms that show findings.

use smol_str::SmolStr;

use super::{Diff, Finding, Place, Rule, Severity};
use crate::catalog::{AccessLevel, Catalog};
use crate::report::compare::{Change, Existence, Permission};

/// One finding per permission that was added, widened or removed.
pub fn changed(changes: &[Change]) -> Diff {
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
    let place = |at: &crate::span::Location| Place { at: Some(at.clone()), what: permission.action.clone() };
    finding.code = permission.places.iter().map(place).collect();
    finding.identify(&[]);
    finding
}
