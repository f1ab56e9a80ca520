//! Grants that are dangerous whoever uses them: ways for a function to raise its own rights.

use std::collections::BTreeMap;

use super::granted::names;
use super::place::Fields;
use super::same::may_be_same;
use super::subject::Subject;
use super::{Finding, Place, Rule, Severity, listed};
use crate::catalog::{ActionInfo, Catalog};
use crate::declared::Holder;
use crate::policy::escalation::{Escalation, escalations};
use crate::policy::{Action, ArnPattern, Statement};

/// Finds dangerous grants.
pub(super) fn find(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    // What a resource lets the role do to it does not reach further.
    let own = subject.granted().filter(|(policy, ..)| policy.holder != Holder::Resource);
    let granted: Vec<_> = own.map(|(policy, granted, _)| (policy, granted)).collect();
    let statements: Vec<Statement> = granted.iter().map(|(_, granted)| granted.compared.clone()).collect();
    // Paths that the same statements open are one problem.
    let mut by_statements: BTreeMap<Vec<usize>, Vec<Escalation>> = BTreeMap::new();
    for escalation in escalations(&statements, &can_be_on) {
        by_statements.entry(escalation.statements.clone()).or_default().push(escalation);
    }
    for (indices, paths) in by_statements {
        let mut finding = Finding::new(Rule::PrivilegeEscalation, severity(&paths), names(subject));
        let effects: Vec<String> = paths
            .iter()
            .map(|escalation| format!("{} ({})", escalation.path.effect, escalation.path.actions.join(" and ")))
            .collect();
        let who = match (subject.role, subject.functions.as_slice()) {
            (Some(role), [_, _, ..]) => format!("each of the functions with the role `{}`", role.id),
            (Some(role), _) => format!("{}, with its role `{}`,", subject.name(), role.id),
            (None, _) => format!("{}, with its role,", subject.name()),
        };
        finding.message = format!("{who} {}", listed(&effects));
        finding.remedy =
            format!("remove one of the actions, or limit them to resources that do not help; see {}", paths[0].path.reference);
        let mut actions: Vec<&str> = paths.iter().flat_map(|escalation| escalation.path.actions.iter().copied()).collect();
        actions.sort_unstable();
        actions.dedup();
        finding.permissions = actions.into_iter().map(|action| (action.to_owned(), Vec::new())).collect();
        let places = indices.iter().filter_map(|index| granted.get(*index));
        finding.declared =
            places.map(|(policy, granted)| Place { at: Some(granted.origin.clone()), what: policy.label.clone() }).collect();
        finding.declared.dedup();
        finding.identify(&[]);
        out.push(finding);
    }
}

/// Whether a resource can be one of those that IAM knows for an action.
fn can_be_on(action: &Action, resource: &ArnPattern) -> bool {
    let Some(info) = Catalog::embedded().action(action.as_str()).filter(ActionInfo::supports_resources) else { return true };
    info.arn_formats.iter().any(|format| {
        let format = any_of(format);
        is_of_same_service(&format, resource) && may_be_same(&format, resource)
    })
}

/// Whether two ARNs can name the same service; what shows no service can be any.
fn is_of_same_service(one: &ArnPattern, other: &ArnPattern) -> bool {
    let service =
        |arn: &ArnPattern| Fields::of(arn.text())?.service().filter(|name| !name.contains(['*', '?'])).map(str::to_owned);
    service(one).zip(service(other)).is_none_or(|(one, other)| one == other)
}

/// Every resource of a format such as `arn:${Partition}:s3:::${BucketName}`.
fn any_of(format: &str) -> ArnPattern {
    let mut parts = format.split("${");
    let mut pattern = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        pattern.push('*');
        pattern.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    ArnPattern::parse(&pattern)
}

fn severity(paths: &[Escalation]) -> Severity {
    if paths.iter().any(|escalation| escalation.unrestricted) { Severity::Critical } else { Severity::High }
}
