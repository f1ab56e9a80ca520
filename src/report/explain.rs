//! Why a function needs each of its permissions: the code, the way to it, and where each part of the ARN comes from.

use std::collections::BTreeSet;
use std::io;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::calls::{confidence, credentials};
use super::json_v1::{hole_of, reason_of};
use super::style::{ACTION, BOLD, DIM, RESET};
use super::{View, handler_of};
use crate::catalog::Reason;
use crate::draft::{DraftOptions, DraftStatement, Need};
use crate::flow::SdkCall;
use crate::pipeline::{Evidence, FunctionReport};
use crate::policy::{ArnPattern, Glob};
use crate::span::Location;
use crate::value::{Hole, Piece, Text};

/// Lines of one excerpt.
const EXCERPT_LINES: u32 = 8;
/// Longer lines are cut around the call: nobody reads a minified bundle.
const EXCERPT_WIDTH: usize = 160;

/// Which actions are explained.
#[derive(Debug, Clone)]
pub struct Filter {
    patterns: Vec<Glob>,
}

impl Filter {
    /// Actions that match `s3:Get*`; a word without a colon is a service or the name of an action.
    pub fn new(pattern: Option<&str>) -> Self {
        let patterns = match pattern {
            None => vec![Glob::action("*")],
            Some(pattern) if pattern.contains(':') => vec![Glob::action(pattern)],
            Some(word) => vec![Glob::action(&format!("{word}:*")), Glob::action(&format!("*:{word}"))],
        };
        Self { patterns }
    }

    fn takes(&self, action: &str) -> bool {
        let action = Glob::action(action);
        self.patterns.iter().any(|pattern| pattern.covers(&action))
    }
}

/// Explains every permission that passes the filter. Returns how many there were.
pub fn render(view: &View<'_>, filter: &Filter, out: &mut dyn io::Write) -> io::Result<usize> {
    let mut count = 0;
    for function in &view.functions {
        let mut told = false;
        for draft in &function.draft.statements {
            for action in draft.statement.actions.items().iter().filter(|action| filter.takes(action.as_str())) {
                if !told {
                    heading(function, out)?;
                    told = true;
                }
                let about = About { draft, function, deployment: view.deployment };
                permission(action.as_str(), &about, out)?;
                count += 1;
            }
        }
        if let (false, Some(reason)) = (told, function.unanswered()) {
            writeln!(out, "{BOLD}{}{RESET}\n  not analyzed: {reason}\n", function.name)?;
        }
    }
    Ok(count)
}

fn heading(function: &FunctionReport, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{RESET}  {DIM}{}{RESET}\n", function.name, handler_of(function))
}

/// What a permission is explained from.
#[derive(Clone, Copy)]
struct About<'a> {
    draft: &'a DraftStatement,
    function: &'a FunctionReport,
    deployment: &'a DraftOptions,
}

impl About<'_> {
    fn readable(&self, text: &Text) -> String {
        super::readable(text, self.function, self.deployment)
    }
}

fn permission(action: &str, about: &About<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let About { draft, function, .. } = *about;
    let needs: Vec<&Need> = draft.needs(action, &function.needs).collect();
    let sure = needs.iter().map(|need| need.confidence).max().map_or("", confidence);
    let level = needs.first().map_or("", |need| need.grant.access_level.name());
    writeln!(out, "{ACTION}{action}{RESET}  {DIM}{level}, {sure}{RESET}")?;
    for (index, resource) in draft.statement.resources.items().iter().enumerate() {
        let text = about.readable(resource.text());
        writeln!(out, "  on {}", if text.starts_with('*') { "*" } else { &text })?;
        for line in provenance(resource, index, &needs, about) {
            writeln!(out, "     {DIM}{line}{RESET}")?;
        }
    }
    for condition in &draft.statement.conditions {
        let values: Vec<String> = condition.values.iter().map(|value| about.readable(value)).collect();
        writeln!(out, "  if {} {} {}", condition.key, condition.operator, values.join(", "))?;
    }
    evidence(&needs, function, out)?;
    writeln!(out)
}

/// Where the parts of an ARN come from, one line each.
fn provenance(resource: &ArnPattern, index: usize, needs: &[&Need], about: &About<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for piece in resource.pieces() {
        match piece {
            Piece::Hole(hole) => lines.push(hole_line(hole, about)),
            Piece::Literal(text) => lines.extend(literal_lines(text, needs, about.function)),
        }
    }
    let told: BTreeSet<String> = resource.text().holes().map(hole_of).collect();
    for wildcard in about.draft.wildcards.iter().filter(|wildcard| wildcard.resource == index) {
        let reason = reason_of(&wildcard.reason);
        if !told.iter().any(|hole| reason.starts_with(hole.as_str())) {
            lines.push(format!("* because {reason}"));
        }
    }
    let mut seen = BTreeSet::new();
    lines.retain(|line| seen.insert(line.clone()));
    lines
}

fn hole_line(hole: &Hole, about: &About<'_>) -> String {
    let what = hole_of(hole);
    match hole {
        Hole::Env { name, default: Some(default) } => {
            format!("* is {what}; the code falls back on `{default}`: --env {name}={default}")
        }
        Hole::Env { name, default: None } => format!("* is {what}, whose value is not known: --env {name}=VALUE"),
        Hole::Resource { id, .. } => {
            let stack = about.function.function.stack.as_ref();
            let place = stack.and_then(|stack| stack.resources.get(id)).map(|resource| format!(" ({})", resource.origin.short()));
            let through = variable_of(about.function, id).map(|name| format!(", through the environment variable {name}"));
            let (place, through) = (place.unwrap_or_default(), through.unwrap_or_default());
            format!("{} is {id} of the template{place}{through}", about.readable(&Text::hole(hole.clone())))
        }
        Hole::Parameter(_) => format!("{} is {what} of the template", about.readable(&Text::hole(hole.clone()))),
        Hole::Region => "* is the region: --region".to_owned(),
        Hole::Account => "* is the account: --account".to_owned(),
        Hole::Partition => "* is the partition: --partition".to_owned(),
        Hole::Event(_) | Hole::Context(_) | Hole::Response { .. } | Hole::Content(_) | Hole::Unknown(_) => {
            format!("* is {what}, known only while the function runs")
        }
    }
}

/// The environment variable that refers to a resource of the template.
fn variable_of<'a>(function: &'a FunctionReport, wanted: &str) -> Option<&'a str> {
    let refers = |text: &Text| text.holes().any(|hole| matches!(hole, Hole::Resource { id, .. } if id == wanted));
    let found = function.function.environment.iter().find(|(_, variable)| variable.values.iter().any(refers));
    found.map(|(name, _)| name.as_str())
}

/// Where the characters of a literal part come from: environment variables of the template, or the code itself.
fn literal_lines(text: &str, needs: &[&Need], function: &FunctionReport) -> Vec<String> {
    let mut lines = Vec::new();
    let mut from_template = BTreeSet::new();
    for (name, variable) in &function.function.environment {
        for value in variable.values.iter().filter_map(Text::as_literal).filter(|value| is_part(text, value)) {
            from_template.insert(value);
            lines.push(format!("{value} is the environment variable {name} ({})", variable.origin.short()));
        }
    }
    for call in needs.iter().filter_map(|need| call_of(need, function)) {
        for (name, value) in &call.params.entries {
            let texts = value.texts();
            let literals = texts.iter().flat_map(Text::pieces).filter_map(|piece| match piece {
                Piece::Literal(literal) => Some(literal.trim_matches('/')),
                Piece::Hole(_) => None,
            });
            for literal in literals.filter(|literal| !from_template.contains(literal) && is_part(text, literal)) {
                lines.push(format!("{literal} is {name} in the code ({})", call.at.short()));
            }
        }
    }
    lines
}

/// The call that a need rests on.
fn call_of<'a>(need: &Need, function: &'a FunctionReport) -> Option<&'a SdkCall> {
    match function.evidence.get(need.evidence.0 as usize)? {
        Evidence::Call(index) => function.calls.get(*index),
        Evidence::Setting { .. } => None,
    }
}

/// Whether a value is one of the parts of an ARN's text, not just some letters of it.
fn is_part(text: &str, value: &str) -> bool {
    value.len() > 1
        && (text == value
            || text.split([':', '/']).any(|part| part == value)
            || (value.contains(['/', ':']) && text.contains(value)))
}

fn evidence(needs: &[&Need], function: &FunctionReport, out: &mut dyn io::Write) -> io::Result<()> {
    let mut seen = BTreeSet::new();
    let mut citations = BTreeSet::new();
    for need in needs {
        citations.extend(need.grant.citation.as_deref());
        if !seen.insert(need.evidence) {
            continue;
        }
        match function.evidence.get(need.evidence.0 as usize) {
            Some(Evidence::Call(index)) => {
                if let Some(call) = function.calls.get(*index) {
                    code(call, need, out)?;
                }
            }
            Some(Evidence::Setting { what, at }) => {
                let place = at.as_ref().map(|at| format!(" ({})", at.short())).unwrap_or_default();
                writeln!(out, "  for {what}{place}")?;
            }
            None => {}
        }
    }
    citations.into_iter().try_for_each(|citation| writeln!(out, "  {DIM}{citation}{RESET}"))
}

fn code(call: &SdkCall, need: &Need, out: &mut dyn io::Write) -> io::Result<()> {
    let mut label = format!("{}:{}", call.service, call.operation);
    if let Some(via) = &call.via {
        label = format!("{label} through {via}");
    }
    match &need.grant.reason {
        Reason::Direct => {}
        Reason::Dependent => label.push_str(", which acts with the caller's rights"),
        Reason::Forward(what) => label = format!("{label}: {what}"),
    }
    if let Some(whose) = credentials(&call.credentials) {
        label = format!("{label}, with {whose} credentials");
    }
    writeln!(out, "{}", excerpt(&call.at, &label))?;
    let way: Vec<String> = call.path.iter().map(|step| format!("{} ({})", step.function, step.at.short())).collect();
    if !way.is_empty() {
        writeln!(out, "  {DIM}reached through{RESET} {}", way.join(" > "))?;
    }
    Ok(())
}

/// The lines of a call, with the call underlined.
fn excerpt(at: &Location, label: &str) -> String {
    let text = at.file.text.as_str();
    let start = boundary(text, at.span.start as usize);
    let end = boundary(text, (at.span.end as usize).max(start + 1));
    let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let (first, cut) = match start - first {
        width if width > EXCERPT_WIDTH => (boundary(text, start - EXCERPT_WIDTH / 4), true),
        _ => (first, false),
    };
    let mut last = end;
    for _ in 0..EXCERPT_LINES {
        last = text[last..].find('\n').map_or(text.len(), |at| last + at);
        if last >= end {
            break;
        }
    }
    let by_lines = text[first..].match_indices('\n').nth(EXCERPT_LINES as usize - 1).map_or(text.len(), |(at, _)| first + at);
    let last = boundary(text, last.min(by_lines).min(first + 4 * EXCERPT_WIDTH));
    let shown = &text[first..last.max(start)];
    let range = start - first..end.min(last).max(start) - first;
    let path = if cut { format!("{} (cut)", at.file.path) } else { at.file.path.clone() };
    let snippet = Snippet::source(shown)
        .line_start(at.line() as usize)
        .path(path)
        .annotation(AnnotationKind::Primary.span(range).label(label));
    let rendered = Renderer::styled().render(&[Level::INFO.no_name().primary_title("").element(snippet)]);
    // The excerpt needs no title of its own.
    let lines: Vec<&str> = rendered.lines().collect();
    let body = lines.iter().position(|line| line.contains("-->")).unwrap_or(0);
    lines[body..].join("\n")
}

/// The offset, or the nearest one before it where a character starts.
fn boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
