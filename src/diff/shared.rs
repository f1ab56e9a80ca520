//! Roles that several functions share.

use std::collections::BTreeSet;

use super::granted::names;
use super::subject::Subject;
use super::{Finding, Place, Rule, Severity, listed};

/// Finds a role whose functions need different things.
pub(super) fn find(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let Some(role) = subject.role else { return };
    if subject.functions.len() < 2 {
        return;
    }
    let needs: Vec<BTreeSet<String>> = (0..subject.functions.len()).map(|index| actions(subject, index)).collect();
    if needs.iter().all(|own| *own == needs[0]) {
        // What one may do, all need to do.
        return;
    }
    let mut finding = Finding::new(Rule::SharedRole, Severity::Medium, names(subject));
    let list: Vec<String> = finding.functions.iter().map(ToString::to_string).collect();
    let name = subject.name();
    finding.message = format!("{} share the role {name}, so each has what the others need", listed(&list));
    let own = subject.functions.iter().zip(&needs).map(|(function, needs)| {
        let needs: Vec<String> = needs.iter().cloned().collect();
        let what = if needs.is_empty() { "nothing that was found".to_owned() } else { listed(&needs) };
        format!("{} needs {what}", function.name)
    });
    let own: Vec<String> = own.collect();
    finding.remedy = format!("give each a role of its own: {}", own.join("; "));
    finding.declared = vec![Place { at: Some(role.origin.clone()), what: format!("the role {}", role.id) }];
    let users = subject.functions.iter().filter_map(|function| function.function.origin.clone());
    finding.declared.extend(users.map(|at| Place { at: Some(at), what: "used here".to_owned() }));
    finding.identify(&[&role.id]);
    out.push(finding);
}

fn actions(subject: &Subject<'_>, function: usize) -> BTreeSet<String> {
    let own = subject.wanted.iter().filter(|wanted| wanted.function == function && wanted.is_sure() && !wanted.by_settings);
    own.map(|wanted| wanted.action.to_string()).collect()
}
