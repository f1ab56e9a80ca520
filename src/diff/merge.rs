//! What a policy that somebody wrote lacks.

use std::rc::Rc;

use smol_str::{SmolStr, format_smolstr};

use super::Place;
use super::index::Index;
use super::remedy;
use super::subject::Subject;
use super::wanted::Wanted;
use crate::declared::Policy;
use crate::draft::{CheckFailure, DraftOptions, DraftStatement, draft};
use crate::pipeline::FunctionReport;
use crate::policy::algebra::{Coverage, Doubt};
use crate::value::{Hole, Text};

/// What the names of added statements begin with, which tells them from those that people wrote.
const MARK: &str = "Leash";

/// What is to be added to a policy.
#[derive(Debug, Default)]
pub struct Merge {
    /// The statements, each with the places it rests on. Their names begin with `Leash`.
    pub added: Vec<(DraftStatement, Vec<Place>)>,
    /// Needs that the policy allows in part, under conditions, or denies: that is somebody's decision. One sentence each.
    pub left: Vec<String>,
}

/// Whether a statement's name says that leash added it.
pub fn is_added(sid: Option<&str>) -> bool {
    sid.and_then(|sid| sid.strip_prefix(MARK)).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Finds out what the code of a function needs beyond what a policy allows. Statements that an earlier merge added do not count: they
/// are made again.
///
/// # Errors
///
/// When the added statements do not pass their own check, which is a mistake in leash.
pub fn merge(function: &FunctionReport, policy: &Policy, options: &DraftOptions) -> Result<Merge, CheckFailure> {
    let mut written = policy.clone();
    written.statements.retain(|granted| !is_added(granted.shown.sid.as_deref()));
    let index = function.function.stack.as_deref().map(|stack| Rc::new(Index::new(stack)));
    let subject = Subject::new(vec![function], Some(&written), index);
    let mut merge = Merge::default();
    let mut missing: Vec<&Wanted> = Vec::new();
    for wanted in subject.wanted.iter().filter(|wanted| wanted.is_sure() || options.include_possible) {
        let decision = subject.allowed(wanted);
        match decision.coverage {
            Coverage::Full => {}
            Coverage::None if is_denied(&subject, wanted) => {
                merge.left.push(format!("{} is denied by a statement that somebody wrote", named(wanted, options)));
            }
            Coverage::None => missing.push(wanted),
            Coverage::Partial => merge.left.push(partly(&named(wanted, options), &decision.doubts)),
        }
    }
    let policy = draft(&remedy::needs(&subject, &missing), options)?;
    let mut taken: Vec<SmolStr> = written.statements.iter().filter_map(|granted| granted.shown.sid.clone()).collect();
    for mut draft in policy.statements {
        let name = format_smolstr!("{MARK}{}", draft.statement.sid.as_deref().unwrap_or("Statement"));
        let sid = (1..).map(|number| if number == 1 { name.clone() } else { format_smolstr!("{name}N{number}") });
        draft.statement.sid = sid.into_iter().find(|sid| !taken.contains(sid));
        taken.extend(draft.statement.sid.clone());
        let places = remedy::evidence(function, &draft.evidence);
        merge.added.push((draft, places));
    }
    Ok(merge)
}

/// Whether it is a statement's will that the need is not met.
fn is_denied(subject: &Subject<'_>, wanted: &Wanted) -> bool {
    subject.granted().any(|(_, granted, _)| {
        granted.shown.effect == crate::policy::Effect::Deny
            && granted.compared.actions.covers(&wanted.pattern)
            && granted.compared.resources.covers(&wanted.resource)
    })
}

/// What is needed, as the policy would say it.
fn named(wanted: &Wanted, options: &DraftOptions) -> String {
    let known = |hole: &Hole| {
        let value = match hole {
            Hole::Partition => &options.partition,
            Hole::Region => &options.region,
            Hole::Account => &options.account,
            _ => &None,
        };
        value.clone().map(Text::literal)
    };
    format!("{} on {}", wanted.action, wanted.shown.text().fill(known).pattern())
}

fn partly(need: &str, doubts: &[Doubt]) -> String {
    let any = |is: fn(&Doubt) -> bool| doubts.iter().any(is);
    let how = if any(|doubt| matches!(doubt, Doubt::Denied(_))) {
        "is denied in part"
    } else if any(|doubt| matches!(doubt, Doubt::Condition(_))) {
        "is allowed under a condition"
    } else if any(|doubt| matches!(doubt, Doubt::Unread(_))) {
        return format!("a statement that somebody wrote may allow {need}, but cannot be read completely");
    } else {
        "is allowed on some of these resources"
    };
    format!("{need} {how} by a statement that somebody wrote")
}
