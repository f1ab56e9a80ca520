//! Declared, inferred and observed, side by side.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::style::{ACTION, BOLD, DIM, RESET, WARNING};
use crate::diff::{Column, Diff, Finding, Inferred, Place, Row, Rule, SubjectDiff};
use crate::observed::Count;
use crate::wording::counted;

/// A line in words.
struct Cells {
    action: String,
    declared: &'static str,
    inferred: String,
    observed: String,
    resource: String,
    is_gap: bool,
}

/// Whether a line shows what leash misses.
fn is_gap(row: &Row) -> bool {
    row.observed.is_some() && row.inferred == Inferred::No
}

fn cells(row: &Row) -> Cells {
    Cells {
        action: row.action.clone(),
        declared: column(row.declared),
        inferred: inferred(&row.inferred),
        observed: observed(row.observed.as_ref()),
        resource: row.resource.clone(),
        is_gap: is_gap(row),
    }
}

/// The lines, with those of a service of which nothing is used in one.
fn folded(rows: &[Row]) -> Vec<Cells> {
    const ALONE: usize = 2;
    let is_idle = |row: &Row| row.observed.is_none() && matches!(row.inferred, Inferred::No | Inferred::Unknown);
    let service = |row: &Row| row.action.split(':').next().unwrap_or_default().to_owned();
    let mut out = Vec::new();
    let mut rest = rows;
    while let Some(first) = rest.first() {
        let same = |row: &&Row| is_idle(row) && service(row) == service(first) && row.inferred == first.inferred;
        let count = rest.iter().take_while(same).count();
        if count > ALONE {
            let mut line = cells(first);
            line.action = format!("{}: {count} actions", service(first));
            if rest[..count].iter().any(|row| row.resource != first.resource) {
                "several".clone_into(&mut line.resource);
            }
            out.push(line);
            rest = &rest[count..];
        } else {
            out.push(cells(first));
            rest = &rest[1..];
        }
    }
    out
}

const fn column(column: Column) -> &'static str {
    match column {
        Column::Yes => "yes",
        Column::Part => "in part",
        Column::No => "no",
        Column::Unknown => "unknown",
    }
}

fn inferred(inferred: &Inferred) -> String {
    let at = |places: &[Place]| {
        let place = places.first();
        let first = place.map(|place| place.at.as_ref().map_or_else(|| place.what.clone(), crate::span::Location::short));
        match (first, places.len()) {
            (Some(first), more) if more > 1 => format!("{first} and {} more", more - 1),
            (first, _) => first.unwrap_or_else(|| "yes".to_owned()),
        }
    };
    match inferred {
        Inferred::Yes(places) => at(places),
        Inferred::Possible(places) => format!("perhaps: {}", at(places)),
        Inferred::Runtime => "Lambda itself".to_owned(),
        Inferred::Allowed(places) => format!("allowed: {}", at(places)),
        Inferred::No => "no".to_owned(),
        Inferred::Unknown => "cannot tell".to_owned(),
    }
}

fn observed(count: Option<&Count>) -> String {
    match count {
        None => "no".to_owned(),
        Some(count) if count.requests == 0 => "yes".to_owned(),
        Some(count) if count.denied == count.requests => format!("{} (refused)", count.requests),
        Some(count) if count.denied > 0 => format!("{} ({} refused)", count.requests, count.denied),
        Some(count) => count.requests.to_string(),
    }
}

/// How many permissions are declared and inferred and were never observed.
fn never_observed(subjects: &[SubjectDiff]) -> usize {
    let allowed = |row: &&Row| matches!(row.declared, Column::Yes | Column::Part);
    let known = |row: &&Row| matches!(row.inferred, Inferred::Yes(_));
    subjects.iter().flat_map(|subject| &subject.rows).filter(allowed).filter(known).filter(|row| row.observed.is_none()).count()
}

/// Prints the columns for people; nothing where nobody looked.
///
/// # Errors
///
/// When writing fails.
pub fn text(diff: &Diff, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(evidence) = &diff.evidence else { return Ok(()) };
    for subject in &diff.subjects {
        writeln!(out, "{BOLD}{}{RESET}", subject.name)?;
        let head = Cells {
            action: "permission".to_owned(),
            declared: "declared",
            inferred: "inferred".to_owned(),
            observed: "observed".to_owned(),
            resource: "resource".to_owned(),
            is_gap: false,
        };
        let rows: Vec<Cells> = std::iter::once(head).chain(folded(&subject.rows)).collect();
        let width = |of: fn(&Cells) -> &str| rows.iter().map(|row| of(row).chars().count()).max().unwrap_or_default();
        let (actions, declared) = (width(|row| &row.action), width(|row| row.declared));
        let (inferred, observed) = (width(|row| &row.inferred), width(|row| &row.observed));
        for (index, row) in rows.iter().enumerate() {
            let style = match (index, row.is_gap) {
                (0, _) => DIM,
                (_, true) => WARNING,
                _ => ACTION,
            };
            writeln!(
                out,
                "  {style}{:actions$}{RESET}  {:declared$}  {:inferred$}  {:observed$}  {}",
                row.action, row.declared, row.inferred, row.observed, row.resource
            )?;
        }
        if subject.rows.is_empty() {
            writeln!(out, "  nothing declared, inferred or observed")?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", summary(diff, evidence.files.len()))
}

fn summary(diff: &Diff, files: usize) -> String {
    let is_gap = |finding: &&Finding| finding.rule == Rule::ObservedNotInferred && finding.allowed.is_none();
    let gaps = diff.findings.iter().filter(is_gap).count();
    format!(
        "observed in {}: {} observed and not inferred, {} declared and inferred and never observed",
        counted(files, "file"),
        counted(gaps, "permission"),
        never_observed(&diff.subjects)
    )
}

/// The columns as a section of a comment; nothing where nobody looked, or where it would grow too long.
pub(super) fn markdown(diff: &Diff, escaped: fn(&str) -> String, room: usize) -> String {
    let Some(evidence) = &diff.evidence else { return String::new() };
    let mut text = format!("{}\n\n", summary(diff, evidence.files.len()));
    let mut left = 0;
    for subject in &diff.subjects {
        let name: String = subject.name.chars().take(200).collect();
        let mut section = format!("<details><summary>{}: declared, inferred, observed</summary>\n\n", escaped(&name));
        section.push_str("| permission | declared | inferred | observed | resource |\n|---|---|---|---|---|\n");
        for cells in folded(&subject.rows) {
            let mark = if cells.is_gap { "**" } else { "" };
            section.push_str(&format!(
                "| {mark}{}{mark} | {} | {} | {} | {} |\n",
                escaped(&cells.action),
                cells.declared,
                escaped(&cells.inferred),
                cells.observed,
                escaped(&cells.resource)
            ));
        }
        section.push_str("\n</details>\n\n");
        if text.len() + section.len() + 100 > room {
            left += 1;
        } else {
            text.push_str(&section);
        }
    }
    if left > 0 {
        text.push_str(&format!("… and the columns of {}: too many for a comment.\n", counted(left, "more function")));
    }
    text
}

/// A line for programs.
#[derive(Serialize, JsonSchema)]
pub(super) struct Wire<'a> {
    action: &'a str,
    resource: &'a str,
    declared: &'static str,
    inferred: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    places: Vec<String>,
    observed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<u64>,
}

pub(super) fn wire(row: &Row) -> Wire<'_> {
    let (inferred, places): (_, &[Place]) = match &row.inferred {
        Inferred::Yes(places) => ("yes", places),
        Inferred::Possible(places) => ("possible", places),
        Inferred::Allowed(places) => ("allowed", places),
        Inferred::Runtime => ("runtime", &[]),
        Inferred::No => ("no", &[]),
        Inferred::Unknown => ("cannot-tell", &[]),
    };
    let declared = match row.declared {
        Column::Part => "in-part",
        other => column(other),
    };
    Wire {
        action: &row.action,
        resource: &row.resource,
        declared,
        inferred,
        places: places
            .iter()
            .map(|place| place.at.as_ref().map_or_else(|| place.what.clone(), crate::span::Location::short))
            .collect(),
        observed: row.observed.is_some(),
        requests: row.observed.as_ref().map(|count| count.requests).filter(|requests| *requests > 0),
        refused: row.observed.as_ref().map(|count| count.denied).filter(|refused| *refused > 0),
    }
}
