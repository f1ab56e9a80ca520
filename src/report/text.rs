//! Policies as a table for people: what a reviewer wants to see on one screen.

use std::collections::BTreeSet;
use std::io;

use super::style::{ACTION, BOLD, DIM, NOTE, RESET, WARNING};
use super::{View, handler_of, why_unanswered};
use crate::catalog::AccessLevel;
use crate::draft::DraftStatement;
use crate::note::Note;
use crate::pipeline::{Evidence, FunctionReport};

/// Lines of notes are broken before this column.
const WIDTH: usize = 100;
/// Places of one statement beyond this are only counted.
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
        match why_unanswered(function) {
            Some(reason) => wrapped(&format!("not analyzed: {reason}"), "  ", out)?,
            None if function.draft.statements.is_empty() => writeln!(out, "  needs no permissions")?,
            None => table(function, out)?,
        }
        notes(function, out)?;
    }
    if view.functions.len() > 1 {
        let statements: usize = view.functions.iter().map(|function| function.draft.statements.len()).sum();
        writeln!(out, "\n{} functions, {statements} statements", view.functions.len())?;
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

fn table(function: &FunctionReport, out: &mut dyn io::Write) -> io::Result<()> {
    let statements: Vec<Vec<Row>> = function.draft.statements.iter().map(|draft| rows(draft, function)).collect();
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

/// The lines of a statement: actions, places and resources side by side.
fn rows(draft: &DraftStatement, function: &FunctionReport) -> Vec<Row> {
    let statement = &draft.statement;
    let actions: Vec<String> = statement.actions.items().iter().map(|action| action.as_str().to_owned()).collect();
    let mut resources: Vec<String> = statement.resources.items().iter().map(ToString::to_string).collect();
    for condition in &statement.conditions {
        let values: Vec<String> = condition.values.iter().map(crate::value::Text::pattern).collect();
        resources.push(format!("if {} {} {}", condition.key, condition.operator, values.join(", ")));
    }
    let places = places(draft, function);
    let count = actions.len().max(resources.len()).max(places.len());
    let at = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
    let row = |index: usize| Row {
        level: if index == 0 { short(draft.level()) } else { "" },
        action: at(&actions, index),
        place: at(&places, index),
        resource: at(&resources, index),
    };
    (0..count).map(row).collect()
}

/// AWS's name of a level, shortened to fit a column.
const fn short(level: AccessLevel) -> &'static str {
    match level {
        AccessLevel::PermissionsManagement => "Permissions",
        other => other.name(),
    }
}

fn places(draft: &DraftStatement, function: &FunctionReport) -> Vec<String> {
    let mut places = BTreeSet::new();
    let mut settings = BTreeSet::new();
    for id in &draft.evidence {
        match function.evidence.get(id.0 as usize) {
            Some(Evidence::Call(index)) => {
                places.extend(function.calls.get(*index).map(|call| (&call.at.file.path, call.at.line())));
            }
            Some(Evidence::Setting { what, at }) => {
                settings.insert(at.as_ref().map_or_else(|| what.clone(), crate::span::Location::short));
            }
            None => {}
        }
    }
    let all: Vec<String> = places.iter().map(|(file, line)| format!("{file}:{line}")).chain(settings).collect();
    if all.len() <= PLACES {
        return all;
    }
    let more = format!("and {} more", all.len() - PLACES + 1);
    all.into_iter().take(PLACES - 1).chain([more]).collect()
}

fn notes(function: &FunctionReport, out: &mut dyn io::Write) -> io::Result<()> {
    let mut shown: BTreeSet<(bool, &Note)> = BTreeSet::new();
    shown.extend(function.notes.iter().map(|note| (!note.kind.blocks_removal(), note)));
    for (harmless, note) in shown {
        if why_unanswered(function) == Some(note.message.as_str()) {
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
