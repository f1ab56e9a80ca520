//! From what a request names to what a policy can say. The only place that may make a policy broader than its evidence;
//! each time it does, it says why.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::{DraftOptions, EvidenceId, Need};
use crate::catalog::{AccessLevel, GrantCondition, Scope};
use crate::note::{Note, NoteKind};
use crate::policy::algebra::Request;
use crate::policy::{Action, ActionPattern, ArnPattern, Condition, is_symbol};
use crate::value::{Hole, Text};

/// Why a resource holds a wildcard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum WideningReason {
    /// The action supports no resources; `*` is all that IAM takes.
    AccountLevel,
    /// Which resource it is does not follow from the request.
    Unbound,
    /// A part of the name is known only while the function runs.
    UnknownPart(Hole),
    /// A part of the name is decided by deployment; forms of output that cannot name it print `*`.
    Deployment(Hole),
    /// The name covers several resources by nature: the objects of a bucket, the streams of a log group.
    ByNature,
    /// What the request names is no ARN and cannot be made one.
    NotAnArn,
    /// A condition's value is known in parts only.
    Condition(SmolStr),
}

/// One action on one resource, with everything a statement needs to know about it.
#[derive(Debug, Clone, Default)]
pub(super) struct Support {
    pub(super) evidence: BTreeSet<EvidenceId>,
    pub(super) level: Option<AccessLevel>,
    pub(super) reasons: BTreeSet<WideningReason>,
}

/// What a permission is about. Ordered by service and action.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Permission {
    pub(super) action: Action,
    pub(super) account_level: bool,
    pub(super) conditions: Vec<Condition>,
    pub(super) resource: ArnPattern,
}

/// The permissions of a function, the requests they have to allow, and what was lost on the way.
#[derive(Default)]
pub(super) struct Widened {
    pub(super) permissions: BTreeMap<Permission, Support>,
    pub(super) requests: BTreeSet<Request>,
    pub(super) notes: Vec<Note>,
}

/// Turns needs into permissions.
pub(super) fn widen(needs: &[&Need], options: &DraftOptions) -> Widened {
    let mut widened = Widened::default();
    for need in needs {
        let Some(action) = Action::parse(&need.grant.action) else {
            let message = format!("`{}` is no IAM action; the api-maps are wrong there", need.grant.action);
            widened.notes.push(Note::general(NoteKind::UnmappedOperation, message));
            continue;
        };
        let (conditions, condition_reasons) = conditions(&need.grant.conditions, options);
        for (resource, mut reasons) in resources(need, options) {
            reasons.extend(condition_reasons.iter().cloned());
            let pattern = ActionPattern::from(&action);
            widened.requests.insert(Request { action: pattern, resource: resource.clone(), conditions: conditions.clone() });
            let account_level = need.grant.scope == Scope::Account;
            let key = Permission { action: action.clone(), account_level, conditions: conditions.clone(), resource };
            let support = widened.permissions.entry(key).or_default();
            support.evidence.insert(need.evidence);
            support.level = support.level.max(Some(need.grant.access_level));
            support.reasons.append(&mut reasons);
        }
    }
    widened
}

/// The resource patterns of a need with the reasons for their wildcards.
fn resources(need: &Need, options: &DraftOptions) -> Vec<(ArnPattern, BTreeSet<WideningReason>)> {
    let everything = |reason| vec![(ArnPattern::any(), BTreeSet::from([reason]))];
    match need.grant.scope {
        Scope::Account => return everything(WideningReason::AccountLevel),
        Scope::Unbound | Scope::Resource if need.grant.resources.is_empty() => return everything(WideningReason::Unbound),
        Scope::Unbound | Scope::Resource => {}
    }
    let unbound = need.grant.scope == Scope::Unbound;
    need.grant.resources.iter().map(|text| resource(text, unbound, options)).collect()
}

fn resource(text: &Text, unbound: bool, options: &DraftOptions) -> (ArnPattern, BTreeSet<WideningReason>) {
    let text = located(text, options);
    let mut reasons: BTreeSet<WideningReason> = text.holes().map(WideningReason::of).collect();
    if unbound {
        reasons.insert(WideningReason::Unbound);
    }
    let pattern = ArnPattern::new(known_parts(&text));
    if pattern.is_any() {
        if reasons.is_empty() {
            reasons.insert(WideningReason::Unbound);
        }
        return (ArnPattern::any(), reasons);
    }
    if !can_be_arn(&text) {
        reasons.insert(WideningReason::NotAnArn);
        return (ArnPattern::any(), reasons);
    }
    if text.pieces().iter().any(|piece| matches!(piece, crate::value::Piece::Literal(text) if text.contains(['*', '?']))) {
        reasons.insert(WideningReason::ByNature);
    }
    (pattern, reasons)
}

impl WideningReason {
    fn of(hole: &Hole) -> Self {
        if is_symbol(hole) { Self::Deployment(hole.clone()) } else { Self::UnknownPart(hole.clone()) }
    }
}

/// The text with the partition, region and account of the options filled in.
fn located(text: &Text, options: &DraftOptions) -> Text {
    text.fill(|hole| {
        let known = match hole {
            Hole::Partition => &options.partition,
            Hole::Region => &options.region,
            Hole::Account => &options.account,
            _ => return None,
        };
        known.as_deref().map(Text::from)
    })
}

/// The text with `*` for what only the running function knows. Equal patterns become equal texts.
fn known_parts(text: &Text) -> Text {
    let text = text.fill(|hole| (!is_symbol(hole)).then(|| Text::literal("*")));
    let mut out = Text::default();
    for piece in text.pieces() {
        match piece {
            crate::value::Piece::Literal(literal) => {
                let mut collapsed = String::with_capacity(literal.len());
                for character in literal.chars() {
                    if character != '*' || !collapsed.ends_with('*') {
                        collapsed.push(character);
                    }
                }
                out.push_str(&collapsed);
            }
            hole @ crate::value::Piece::Hole(_) => out.push(hole.clone()),
        }
    }
    out
}

/// Whether IAM would take the text as a resource: an ARN, or a symbol that can hold one.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
fn can_be_arn(text: &Text) -> bool {
    match text.pieces().first() {
        Some(crate::value::Piece::Literal(literal)) => literal.starts_with("arn:"),
        Some(crate::value::Piece::Hole(hole)) => {
            is_symbol(hole) && !matches!(hole, Hole::Partition | Hole::Region | Hole::Account)
        }
        None => false,
    }
}

/// Conditions as they can be said. Exact text comparison takes no wildcards, so a value with open parts needs `StringLike`.
fn conditions(given: &[GrantCondition], options: &DraftOptions) -> (Vec<Condition>, Vec<WideningReason>) {
    let mut reasons = Vec::new();
    let mut all: Vec<Condition> = given
        .iter()
        .map(|condition| {
            let mut said = condition.clone();
            let values: Vec<Text> = said.values.iter().map(|value| located(value, options)).collect();
            if values.iter().any(|value| value.holes().next().is_some()) {
                if let Some(set) = said.operator.strip_suffix("StringEquals") {
                    said.operator = format!("{set}StringLike").into();
                }
                if values.iter().any(|value| value.holes().any(|hole| !is_symbol(hole))) {
                    reasons.push(WideningReason::Condition(condition.key.clone()));
                }
            }
            Condition::new(said.operator, said.key, values.iter().map(known_parts).collect())
        })
        .collect();
    all.sort();
    all.dedup();
    (all, reasons)
}
