//! What functions need, one action on one resource at a time, in the form in which it is compared.

use std::collections::BTreeMap;

use super::place::Fields;
use crate::catalog::{AccessLevel, Scope};
use crate::declared::comparable;
use crate::draft::EvidenceId;
use crate::pipeline::{Evidence, FunctionReport};
use crate::policy::{Action, ActionPattern, ArnPattern, Condition, is_symbol};
use crate::sdk::Confidence;
use crate::value::{Piece, Text};

/// One action on one resource that a function needs.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Its position in the subject.
    pub(super) position: usize,
    /// The function, by its position in the subject.
    pub(super) function: usize,
    /// The action.
    pub(super) action: Action,
    /// The same as a pattern.
    pub(super) pattern: ActionPattern,
    /// The resource as it is compared.
    pub(super) resource: ArnPattern,
    /// Which of the partition, region and account that resource leaves open.
    pub(super) open_fields: [bool; 3],
    /// The resource with the template's own references.
    pub(super) shown: ArnPattern,
    /// What the request itself guarantees.
    pub(super) conditions: Vec<Condition>,
    /// What it rests on, ascending.
    pub(super) evidence: Vec<EvidenceId>,
    /// The positions of the needs it comes from.
    pub(super) needs: Vec<usize>,
    /// The surest of the evidence.
    pub(super) confidence: Confidence,
    /// Whether the resources follow from the request.
    pub(super) scope: Scope,
    /// How much harm the action can do.
    pub(super) level: AccessLevel,
    /// Whether only settings of the function need it, not its code.
    pub(super) by_settings: bool,
    /// Whether another need of the same request may be all it takes.
    pub(super) spare: bool,
    /// Whether the request is about no resource at all, so that a denial on resources of some kind is none of it.
    pub(super) without_resource: bool,
}

impl Wanted {
    /// Whether it is sure to be needed.
    pub(super) fn is_sure(&self) -> bool {
        self.confidence > Confidence::Possible
    }
}

/// What a function needs, by action and resource.
pub(super) fn wanted(function: usize, report: &FunctionReport) -> Vec<Wanted> {
    let stack = report.function.stack.as_deref();
    let mut all: BTreeMap<(Action, ArnPattern, Vec<Condition>), Wanted> = BTreeMap::new();
    for (position, need) in report.needs.iter().enumerate() {
        let Some(action) = Action::parse(&need.grant.action) else { continue };
        let setting = matches!(report.evidence.get(need.evidence.0 as usize), Some(Evidence::Setting { .. }));
        let conditions: Vec<Condition> = need
            .grant
            .conditions
            .iter()
            .map(|condition| Condition::new(condition.operator.clone(), condition.key.clone(), condition.values.clone()))
            .collect();
        for (shown, resource) in resources(&need.grant.resources, need.grant.scope, stack) {
            let everything = everything_of(&action).filter(|_| resource.is_any());
            let resource = everything.map_or(resource, ArnPattern::parse);
            let key = (action.clone(), resource.clone(), conditions.clone());
            let wanted = all.entry(key).or_insert_with(|| Wanted {
                position: 0,
                function,
                pattern: ActionPattern::from(&action),
                action: action.clone(),
                open_fields: Fields::of(resource.text()).map_or([true; 3], |fields| fields.open()),
                resource,
                shown,
                conditions: conditions.clone(),
                evidence: Vec::new(),
                needs: Vec::new(),
                confidence: need.confidence,
                scope: need.grant.scope,
                level: need.grant.access_level,
                by_settings: true,
                spare: true,
                without_resource: is_without_resource(&need.grant.resources, need.grant.scope),
            });
            wanted.evidence.push(need.evidence);
            wanted.needs.push(position);
            wanted.confidence = wanted.confidence.max(need.confidence);
            wanted.by_settings &= setting;
            wanted.spare &= need.grant.spare;
        }
    }
    let mut all: Vec<Wanted> = all.into_values().collect();
    for wanted in &mut all {
        wanted.evidence.sort();
        wanted.evidence.dedup();
        wanted.needs.dedup();
    }
    all
}

/// Whether a request is about no resource: the action supports none, or the request names none, as a text message to a phone
/// does.
fn is_without_resource(texts: &[Text], scope: Scope) -> bool {
    scope == Scope::Account || scope == Scope::Resource && matches!(texts, [one] if one.as_literal() == Some("*"))
}

/// What else than `*` grants an action that is about no resource: S3 lists buckets for whoever may do so on all of them.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/walkthrough1.html>
fn everything_of(action: &Action) -> Option<&'static str> {
    action.as_str().eq_ignore_ascii_case("s3:ListAllMyBuckets").then_some("arn:*:s3:::*")
}

/// Resources as shown and as compared. What is no ARN could be anything.
fn resources(texts: &[Text], scope: Scope, stack: Option<&crate::iac::Stack>) -> Vec<(ArnPattern, ArnPattern)> {
    if scope == Scope::Account || texts.is_empty() {
        return vec![(ArnPattern::any(), ArnPattern::any())];
    }
    let one = |text: &Text| {
        let bound = comparable(text, stack);
        if can_be_arn(&bound) {
            (ArnPattern::new(text.clone()), ArnPattern::new(bound))
        } else {
            (ArnPattern::any(), ArnPattern::any())
        }
    };
    texts.iter().map(one).collect()
}

fn can_be_arn(text: &Text) -> bool {
    match text.pieces().first() {
        Some(Piece::Literal(literal)) => literal.starts_with("arn:"),
        Some(Piece::Hole(hole)) => is_symbol(hole),
        None => false,
    }
}
