//! Policies as a table for people: what a reviewer wants to see on one screen.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::style::{ACTION, BOLD, DIM, NOTE, RESET, WARNING};
use super::{View, handler_of};
use crate::catalog::AccessLevel;
use crate::draft::{DraftOptions, DraftStatement, Need};
use crate::note::Note;
use crate::pipeline::{Evidence, FunctionReport};

/// Lines of notes are broken before this column.
const WIDTH: usize = 100;
/// Places of one action beyond this are only counted.
const PLACES: usize = 3;

/// One line of the table.
struct Row {
    level: &'static str,
    action: String,
    place: String,
    resource: String,
}

/// The table of every function.
pub fn render(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for (index, function) in view.functions.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        heading(function, out)?;
        match function.unanswered() {
            Some(reason) => wrapped(&format!("not analyzed: {reason}"), "  ", out)?,
            None if function.draft.statements.is_empty() => {
                let doubted = function.notes.iter().any(|note| note.kind.blocks_removal());
                let limit = if doubted { " as far as can be told: see the doubts" } else { "" };
                writeln!(out, "  needs no permissions{limit}")?;
            }
            None => table(function, view.deployment, out)?,
        }
        notes(function, out)?;
    }
    if view.functions.len() > 1 {
        let answered = view.functions.iter().filter(|function| function.unanswered().is_none());
        let statements: Vec<usize> = answered.map(|function| function.draft.statements.len()).collect();
        let left = view.functions.len() - statements.len();
        let left = if left > 0 { format!(", {left} of them not analyzed") } else { String::new() };
        writeln!(out, "\n{} functions{left}, {} statements", view.functions.len(), statements.iter().sum::<usize>())?;
    }
    Ok(())
}

fn heading(function: &FunctionReport, out: &mut dyn io::Write) -> io::Result<()> {
    write!(out, "{BOLD}{}{RESET}", function.name)?;
    let handler = handler_of(function);
    let runtime = function.function.runtime.as_ref().map(ToString::to_string);
    let template = function.function.origin.as_ref().map(crate::span::Location::short);
    for part in [Some(handler), runtime, template].into_iter().flatten().filter(|part| !part.is_empty()) {
        write!(out, "  {DIM}{part}{RESET}")?;
    }
    writeln!(out)
}

fn table(function: &FunctionReport, deployment: &DraftOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let statements: Vec<Vec<Row>> = function.draft.statements.iter().map(|draft| rows(draft, function, deployment)).collect();
    let width = |of: fn(&Row) -> &str| statements.iter().flatten().map(|row| of(row).chars().count()).max().unwrap_or(0);
    let (levels, actions, places) = (width(|row| row.level), width(|row| &row.action), width(|row| &row.place));
    for row in statements.iter().flatten() {
        let Row { level, action, place, resource } = row;
        // Nothing but the last column may end a line, or lines would end in blanks.
        let (actions, places) =
            if resource.is_empty() { (if place.is_empty() { 0 } else { actions }, 0) } else { (actions, places) };
        write!(out, "  {level:levels$}  {ACTION}{action:actions$}{RESET}")?;
        if !place.is_empty() || !resource.is_empty() {
            write!(out, "  {DIM}{place:places$}{RESET}")?;
        }
        if !resource.is_empty() {
            write!(out, "  {resource}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The lines of a statement: each action beside the places that need it, and the resources, which all of them share.
fn rows(draft: &DraftStatement, function: &FunctionReport, deployment: &DraftOptions) -> Vec<Row> {
    let statement = &draft.statement;
    let mut resources: Vec<String> =
        statement.resources.items().iter().map(|resource| super::readable(resource.text(), function, deployment)).collect();
    for condition in &statement.conditions {
        let values: Vec<String> = condition.values.iter().map(|value| super::readable(value, function, deployment)).collect();
        resources.push(format!("if {} {} {}", condition.key, condition.operator, values.join(", ")));
    }
    // Different parts that are not known look the same here.
    let mut seen = BTreeSet::new();
    resources.retain(|resource| seen.insert(resource.clone()));
    let actions = statement.actions.items();
    let mut above = "";
    let row = |index: usize| {
        let (mut level, mut place, mut action) = ("", String::new(), String::new());
        if let Some(pattern) = actions.get(index) {
            pattern.as_str().clone_into(&mut action);
            let needs: Vec<&Need> = draft.needs(pattern.as_str(), &function.needs).collect();
            let own = needs.iter().map(|need| need.grant.access_level).max().unwrap_or_else(|| draft.level());
            level = if above == short(own) { "" } else { short(own) };
            above = short(own);
            place = places(&needs, function);
        }
        Row { level, action, place, resource: resources.get(index).cloned().unwrap_or_default() }
    };
    (0..actions.len().max(resources.len())).map(row).collect()
}

/// AWS's name of a level, shortened to fit a column.
const fn short(level: AccessLevel) -> &'static str {
    match level {
        AccessLevel::PermissionsManagement => "Permissions",
        other => other.name(),
    }
}

/// The places that need a permission: `db.py:17,42, api.py:9`.
fn places(needs: &[&Need], function: &FunctionReport) -> String {
    let mut calls: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    let mut settings = BTreeSet::new();
    for need in needs {
        match function.evidence.get(need.evidence.0 as usize) {
            Some(Evidence::Call(index)) => {
                if let Some(call) = function.calls.get(*index) {
                    calls.entry(&call.at.file.path).or_default().insert(call.at.line());
                }
            }
            Some(Evidence::Setting { what, at }) => {
                settings.insert(at.as_ref().map_or_else(|| what.clone(), crate::span::Location::short));
            }
            None => {}
        }
    }
    let (all, mut shown) = (calls.values().map(BTreeSet::len).sum::<usize>() + settings.len(), 0);
    let mut parts = Vec::new();
    for (file, lines) in calls {
        let lines: Vec<String> = lines.iter().take(PLACES - shown).map(ToString::to_string).collect();
        shown += lines.len();
        if !lines.is_empty() {
            parts.push(format!("{file}:{}", lines.join(",")));
        }
    }
    let settings: Vec<String> = settings.into_iter().take(PLACES - shown).collect();
    shown += settings.len();
    parts.extend(settings);
    if shown < all {
        parts.push(format!("and {} more", all - shown));
    }
    parts.join(", ")
}

fn notes(function: &FunctionReport, out: &mut dyn io::Write) -> io::Result<()> {
    let mut shown: BTreeSet<(bool, &Note)> = BTreeSet::new();
    shown.extend(function.notes.iter().map(|note| (!note.kind.blocks_removal(), note)));
    for (harmless, note) in shown {
        if function.unanswered() == Some(note.message.as_str()) {
            continue;
        }
        let style = if harmless { NOTE } else { WARNING };
        let place = note.at.as_ref().map(|at| format!("{}: ", at.short())).unwrap_or_default();
        write!(out, "  {style}{}{RESET} ", if harmless { "note" } else { "doubt" })?;
        let text = format!("{place}{}", note.message);
        continued(&text, "    ", if harmless { 7 } else { 8 }, out)?;
    }
    Ok(())
}

fn wrapped(text: &str, indent: &str, out: &mut dyn io::Write) -> io::Result<()> {
    write!(out, "{indent}")?;
    continued(text, indent, indent.len(), out)
}

/// Writes words from a column on; the following lines are indented.
fn continued(text: &str, indent: &str, from: usize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut column = from;
    let mut first = true;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !first && column + 1 + length > WIDTH {
            write!(out, "\n{indent}")?;
            column = indent.len();
        } else if !first {
            write!(out, " ")?;
            column += 1;
        }
        write!(out, "{word}")?;
        column += length;
        first = false;
    }
    writeln!(out)
}
