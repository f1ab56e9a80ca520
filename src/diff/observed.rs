//! Three columns: what is declared, what is inferred, what was observed. And what was observed without being inferred, which
//! is where leash misses something.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::allow::Allowances;
use super::granted::names;
use super::subject::Subject;
use super::wanted::Wanted;
use super::witness::{Deployed, Seen, as_deployed, format_of};
use super::{Column, Finding, Inferred, Permission, Place, Row, Rule, Severity, Verdict, listed, remedy};
use crate::observed::{Count, Observed};
use crate::policy::algebra::{Coverage, Request, allows};
use crate::policy::{ActionPattern, Clause, Statement};

/// What was observed changes what is known of a declared permission that no code uses.
pub(super) fn verdict(
    subject: &Subject<'_>,
    action: &ActionPattern,
    statement: &Statement,
    observed: &Observed,
) -> Option<Verdict> {
    if subject.seen.is_empty() {
        return None;
    }
    let format = format_of(subject);
    let resources = match &statement.resources {
        Clause::Only(resources) => Some(resources.iter().map(|resource| Deployed::new(resource, format)).collect::<Vec<_>>()),
        Clause::Except(_) => None,
    };
    let touches = |seen: &&Seen| {
        let fits = |resources: &Vec<Deployed>| resources.iter().any(|resource| resource.fits(&seen.record));
        seen.record.action.may_overlap(action) && resources.as_ref().is_none_or(fits)
    };
    let seen: Vec<&Seen> = subject.seen.iter().filter(touches).collect();
    let own: Vec<Place> = seen.iter().filter(|seen| seen.is_own).map(|seen| place(&seen.record.count, observed)).collect();
    match (own.is_empty(), seen.first()) {
        (false, _) => Some(Verdict::Used(unique(own))),
        (true, Some(seen)) => {
            let what = place(&seen.record.count, observed).what;
            Some(Verdict::CannotTell(vec![format!(
                "{} was {what}, which does not say by which function",
                seen.record.permission.action
            )]))
        }
        (true, None) => None,
    }
}

/// That a need was met although the template does not allow it: what is deployed is something else.
pub(super) fn met(subject: &Subject<'_>, wanted: &Wanted, observed: &Observed) -> Option<Place> {
    let count = total(subject.seen.iter().filter(|seen| seen.is_own && seen.fits.contains(&wanted.position)))?;
    let mut place = place(&count, observed);
    if count.requests > count.denied {
        place.what.push_str(", so the deployed role allows what the template does not");
    }
    Some(place)
}

fn unique(mut places: Vec<Place>) -> Vec<Place> {
    places.sort();
    places.dedup();
    places
}

/// Why a narrower statement would not do: what was observed and not inferred.
pub(super) fn doubts(subject: &Subject<'_>, action: &ActionPattern) -> Vec<String> {
    let missed = subject.seen.iter().filter(|seen| seen.is_own && seen.fits.is_empty() && seen.record.action.may_overlap(action));
    let missed = missed.filter(|seen| !subject.is_used_by_runtime(seen.record.action.as_str()));
    let actions: BTreeSet<&str> = missed.map(|seen| seen.record.permission.action.as_str()).collect();
    actions.into_iter().map(|action| format!("{action} was observed, and leash does not infer it from the code")).collect()
}

fn place(count: &Count, observed: &Observed) -> Place {
    let times = match count.requests {
        0 => String::new(),
        1 => " once".to_owned(),
        many => format!(" {many} times"),
    };
    let refused = match count.denied {
        0 => String::new(),
        denied if denied == count.requests => ", and refused".to_owned(),
        denied => format!(", {denied} of them refused"),
    };
    Place { at: None, what: format!("observed{times} in {}{refused}", observed.named(count)) }
}

/// The three columns of a role: needs first, then what else was observed, then what else is declared.
pub(super) fn rows(subject: &Subject<'_>, permissions: &[Permission], allowances: &Allowances) -> Vec<Row> {
    let format = remedy::format_of(subject);
    let mut rows = Vec::new();
    for (index, wanted) in subject.wanted.iter().enumerate() {
        let count = total(subject.seen.iter().filter(|seen| seen.fits.contains(&index)));
        if !wanted.is_sure() && count.is_none() {
            continue;
        }
        let places = remedy::places(subject, &[wanted]);
        rows.push(Row {
            action: wanted.action.to_string(),
            resource: remedy::named(&wanted.shown, format),
            declared: column(subject, subject.allowed(wanted).coverage),
            inferred: if wanted.is_sure() { Inferred::Yes(places) } else { Inferred::Possible(places) },
            observed: count,
        });
    }
    for seen in subject.seen.iter().filter(|seen| seen.is_own && seen.fits.is_empty()) {
        rows.push(Row {
            action: seen.record.permission.action.to_string(),
            resource: seen.record.permission.resource.to_string(),
            declared: declared(subject, seen),
            inferred: explained(subject, seen, allowances).unwrap_or(Inferred::No),
            observed: Some(seen.record.count.clone()),
        });
    }
    rows.sort_by(|left, right| (&left.action, &left.resource).cmp(&(&right.action, &right.resource)));
    let mut unused: Vec<Row> = permissions.iter().filter_map(declared_only).collect();
    unused.sort_by(|left, right| (&left.action, &left.resource).cmp(&(&right.action, &right.resource)));
    unused.dedup();
    rows.extend(unused);
    rows
}

fn total<'s>(seen: impl Iterator<Item = &'s Seen>) -> Option<Count> {
    let mut sum: Option<Count> = None;
    seen.for_each(|seen| sum.get_or_insert_default().add(&seen.record.count));
    sum
}

/// A declared permission that nothing uses.
fn declared_only(permission: &Permission) -> Option<Row> {
    let inferred = match &permission.verdict {
        Verdict::Used(_) => return None,
        Verdict::Unused => Inferred::No,
        Verdict::CannotTell(_) => Inferred::Unknown,
    };
    Some(Row {
        action: permission.action.clone(),
        resource: permission.resources.join(", "),
        declared: Column::Yes,
        inferred,
        observed: None,
    })
}

fn column(subject: &Subject<'_>, coverage: Coverage) -> Column {
    let unread = subject.unknown_role.is_some() || subject.policies.iter().any(|policy| !policy.is_read());
    match coverage {
        Coverage::Full => Column::Yes,
        Coverage::Partial => Column::Part,
        Coverage::None if unread => Column::Unknown,
        Coverage::None => Column::No,
    }
}

/// Whether the role allows something that was observed.
fn declared(subject: &Subject<'_>, seen: &Seen) -> Column {
    let format = format_of(subject);
    let deployed = |statement: &Statement| {
        let mut statement = statement.clone();
        let (Clause::Only(resources) | Clause::Except(resources)) = &mut statement.resources;
        for resource in resources.iter_mut() {
            *resource = as_deployed(resource, format);
        }
        statement
    };
    let statements: Vec<Statement> = subject.granted().map(|(_, granted, _)| deployed(&granted.compared)).collect();
    column(subject, allows(&statements, &Request::new(seen.record.action.clone(), seen.record.resource.clone())).coverage)
}

/// Why nothing in the code needs to ask for it.
fn explained(subject: &Subject<'_>, seen: &Seen, allowances: &Allowances) -> Option<Inferred> {
    if subject.is_used_by_runtime(seen.record.action.as_str()) {
        return Some(Inferred::Runtime);
    }
    let resources = std::slice::from_ref(&seen.record.resource);
    allowances.covers(&names(subject), seen.record.action.as_str(), resources).map(|place| Inferred::Allowed(vec![place]))
}

/// What was observed of a role's functions and is not inferred.
pub(super) fn find(subject: &Subject<'_>, allowances: &Allowances, observed: &Observed, out: &mut Vec<Finding>) {
    let mut gaps: BTreeMap<&SmolStr, Vec<&Seen>> = BTreeMap::new();
    for seen in subject.seen.iter().filter(|seen| seen.is_own && seen.fits.is_empty()) {
        if explained(subject, seen, allowances).is_none() {
            gaps.entry(&seen.record.permission.action).or_default().push(seen);
        }
    }
    for (action, seen) in gaps {
        let elsewhere = subject.wanted.iter().any(|wanted| wanted.is_sure() && seen[0].record.action.matches(&wanted.action));
        let mut finding = gap(action, &seen, names(subject), observed);
        let (name, _) = subject.users();
        let resources = resources(&seen);
        finding.message = if elsewhere {
            format!("{name} used {action} on {resources}, and leash infers {action} on other resources only")
        } else {
            format!("{name} used {action} on {resources}, and leash does not infer it from the code")
        };
        let allows = |column| matches!(column, Column::Yes | Column::Part);
        let allowing = subject.granted().filter(|(_, granted, _)| granted.compared.actions.covers(&seen[0].record.action));
        if seen.iter().any(|seen| allows(declared(subject, seen))) {
            let places =
                allowing.map(|(policy, granted, _)| Place { at: Some(granted.origin.clone()), what: policy.label.clone() });
            finding.declared = unique(places.collect());
        }
        if finding.declared.is_empty() {
            finding.declared = functions(subject);
        }
        out.push(finding);
    }
}

/// What was observed of no function in particular, and is inferred for none.
pub(super) fn find_unowned(subjects: &[Subject<'_>], allowances: &Allowances, observed: &Observed, out: &mut Vec<Finding>) {
    let Some(first) = subjects.first() else { return };
    let of_nobody = |subject: &Subject<'_>| subject.seen.iter().position(|seen| !seen.is_own).unwrap_or(subject.seen.len());
    // Every role sees the same of them, in the same order, behind its own.
    let all: Vec<(&Subject<'_>, &[Seen])> =
        subjects.iter().map(|subject| (subject, &subject.seen[of_nobody(subject)..])).collect();
    let mut gaps: BTreeMap<&SmolStr, Vec<&Seen>> = BTreeMap::new();
    for (position, seen) in first.seen[of_nobody(first)..].iter().enumerate() {
        let is_missed = |(subject, seen): &(&Subject<'_>, &[Seen])| {
            let same = seen.get(position);
            same.is_some_and(|seen| seen.fits.is_empty() && explained(subject, seen, allowances).is_none())
        };
        if all.iter().all(is_missed) {
            gaps.entry(&seen.record.permission.action).or_default().push(seen);
        }
    }
    let all: BTreeSet<SmolStr> = subjects.iter().flat_map(names).collect();
    for (action, seen) in gaps {
        let mut finding = gap(action, &seen, all.iter().cloned().collect(), observed);
        let resources = resources(&seen);
        finding.message = format!("{action} on {resources} was used, and leash infers it for none of the functions");
        finding.declared = subjects.iter().flat_map(functions).collect();
        out.push(finding);
    }
}

fn gap(action: &SmolStr, seen: &[&Seen], functions: Vec<SmolStr>, observed: &Observed) -> Finding {
    let mut finding = Finding::new(Rule::ObservedNotInferred, Severity::Info, functions);
    finding.permissions =
        vec![(action.to_string(), seen.iter().map(|seen| seen.record.permission.resource.to_string()).collect())];
    finding.code = total(seen.iter().copied()).iter().map(|count| place(count, observed)).collect();
    finding.remedy = format!(
        "leash misses a call, or the request does not come from this code: look for it, and keep it with `leash: allow {action} -- reason`"
    );
    // Names of single objects say nothing about the finding.
    let permissions = std::mem::replace(&mut finding.permissions, vec![(action.to_string(), Vec::new())]);
    finding.identify(&["observed"]);
    finding.permissions = permissions;
    finding
}

fn resources(seen: &[&Seen]) -> String {
    let all: Vec<String> = seen.iter().map(|seen| &seen.record.permission.resource).map(ToString::to_string).collect();
    if all.iter().any(|resource| resource == "*") { "a resource that the record does not name".to_owned() } else { listed(&all) }
}

fn functions(subject: &Subject<'_>) -> Vec<Place> {
    let origins = subject.functions.iter().filter_map(|function| function.function.origin.clone());
    origins.map(|at| Place { at: Some(at), what: "the function is declared here".to_owned() }).collect()
}
