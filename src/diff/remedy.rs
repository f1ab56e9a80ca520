//! The statements that would do, and how resources are named in sentences.

use std::collections::BTreeSet;

use super::Options;
use super::Place;
use super::names::reference;
use super::subject::Subject;
use super::wanted::Wanted;
use crate::draft::{DraftOptions, EvidenceId, Need, draft};
use crate::iac::Format;
use crate::pipeline::{Evidence, FunctionReport};
use crate::policy::{ArnPattern, PolicyDocument, RenderContext, Statement};

use crate::value::Hole;

/// A resource as the template's own language names it.
pub(super) fn named(resource: &ArnPattern, format: Option<Format>) -> String {
    let name = |hole: &Hole| reference(hole, format);
    resource.render(&RenderContext::new(&name))
}

/// The format of a subject's template.
pub(super) fn format_of(subject: &Subject<'_>) -> Option<Format> {
    subject.functions[0].function.stack.as_ref().map(|stack| stack.format)
}

/// What some of the wanted permissions come from.
pub(super) fn needs(subject: &Subject<'_>, wanted: &[&Wanted]) -> Vec<Need> {
    let mut chosen: Vec<Need> = Vec::new();
    let mut seen = BTreeSet::new();
    for wanted in wanted {
        for position in &wanted.needs {
            if !seen.insert((wanted.function, *position, &wanted.action, &wanted.shown)) {
                continue;
            }
            let Some(need) = subject.functions[wanted.function].needs.get(*position) else { continue };
            let mut need = need.clone();
            if need.grant.resources.len() > 1 {
                need.grant.resources = vec![wanted.shown.text().clone()];
            }
            chosen.push(need);
        }
    }
    chosen
}

/// The statements that allow some of the needs and nothing else, as JSON.
pub(super) fn statements(subject: &Subject<'_>, wanted: &[&Wanted], options: &Options) -> Option<serde_json::Value> {
    let statements = drafted(subject, wanted, &options.draft);
    if statements.is_empty() {
        return None;
    }
    let format = format_of(subject);
    let name = |hole: &Hole| reference(hole, format);
    serde_json::to_value(PolicyDocument::new(statements).render(&RenderContext::new(&name)).statement).ok()
}

/// The statements that allow some of the needs and nothing else, without names.
pub(super) fn drafted(subject: &Subject<'_>, wanted: &[&Wanted], options: &DraftOptions) -> Vec<Statement> {
    let chosen = needs(subject, wanted);
    let options = DraftOptions { partition: None, include_possible: false, ..options.clone() };
    let Ok(policy) = draft(&chosen, &options) else { return Vec::new() };
    policy.statements.into_iter().map(|draft| Statement { sid: None, ..draft.statement }).collect()
}

/// The places that needs rest on.
pub(super) fn places(subject: &Subject<'_>, wanted: &[&Wanted]) -> Vec<Place> {
    let mut places: Vec<Place> =
        wanted.iter().flat_map(|wanted| evidence(subject.functions[wanted.function], &wanted.evidence)).collect();
    places.sort();
    places.dedup();
    places
}

/// The places of some pieces of evidence.
pub(super) fn evidence(function: &FunctionReport, ids: &[EvidenceId]) -> Vec<Place> {
    let of = |evidence: &Evidence| match evidence {
        Evidence::Call(index) => function
            .calls
            .get(*index)
            .map(|call| Place { at: Some(call.at.clone()), what: format!("{}:{}", call.service, call.operation) }),
        Evidence::Setting { what, at } => Some(Place { at: at.clone(), what: what.clone() }),
    };
    ids.iter().filter_map(|id| function.evidence.get(id.0 as usize).and_then(of)).collect()
}

/// Notes as sentences with their places.
pub(super) fn sentences<'n>(notes: impl IntoIterator<Item = &'n crate::note::Note>) -> Vec<String> {
    let one = |note: &crate::note::Note| match &note.at {
        Some(at) => format!("{}: {}", at.short(), note.message),
        None => note.message.clone(),
    };
    let mut all: Vec<String> = notes.into_iter().map(one).collect();
    all.sort();
    all.dedup();
    all
}
