//! The permissions of functions at one time, and what changed between two, as text and Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;

use serde_json::Value;

use super::style::{BOLD, DIM, ERROR, RESET, WARNING};
use super::{View, lock};
use crate::diff::changed::{Change, Existence, Permission, State};
use crate::draft::{DraftStatement, EvidenceId};
use crate::pipeline::{Evidence, FunctionReport};
use crate::span::{Location, SourceFile, Span};
use crate::wording::counted;

/// The state that a run found.
pub fn state_of(view: &View<'_>) -> State {
    view.functions.iter().map(|function| (function.name.to_string(), permissions(function))).collect()
}

fn permissions(function: &FunctionReport) -> Vec<Permission> {
    let mut all: BTreeMap<(String, String), BTreeSet<Location>> = BTreeMap::new();
    for draft in &function.draft.statements {
        for line in lock::of_draft(draft, function) {
            let places = causes(draft, &line.action, function);
            let resource =
                if line.conditions.is_empty() { line.resource } else { format!("{} if {}", line.resource, line.conditions) };
            all.entry((line.action, resource)).or_default().extend(places);
        }
    }
    let permission = |((action, resource), places): ((String, String), BTreeSet<Location>)| Permission {
        action,
        resource,
        places: places.into_iter().collect(),
    };
    all.into_iter().map(permission).collect()
}

/// Where an action of a statement comes from; the statement's other actions have places of their own.
fn causes(draft: &DraftStatement, action: &str, function: &FunctionReport) -> Vec<Location> {
    let needs: BTreeSet<EvidenceId> =
        function.needs.iter().filter(|need| need.grant.action == action).map(|need| need.evidence).collect();
    let place = |id: &EvidenceId| match function.evidence.get(id.0 as usize)? {
        Evidence::Call(index) => function.calls.get(*index).map(|call| call.at.clone()),
        Evidence::Setting { at, .. } => at.clone(),
    };
    draft.evidence.iter().filter(|id| needs.contains(id)).filter_map(place).collect()
}

/// The state in a report that `leash infer --format report` printed; nothing when it is none.
pub fn state_from_json(report: &Value) -> Option<State> {
    let mut state = State::new();
    for function in report.get("functions")?.as_array()? {
        let mut all: BTreeMap<(String, String), BTreeSet<Location>> = BTreeMap::new();
        for statement in function.get("statements")?.as_array()? {
            let texts = |key: &str| statement.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let evidence = statement.get("evidence").and_then(Value::as_array).into_iter().flatten();
            let places: Vec<Location> =
                evidence.filter_map(|one| Some(line_of(one.get("file")?.as_str()?, one.get("line")?.as_u64()?))).collect();
            for action in texts("actions") {
                for resource in texts("resources") {
                    all.entry((action.to_owned(), resource.to_owned())).or_default().extend(places.iter().cloned());
                }
            }
        }
        let permissions = all.into_iter().map(|((action, resource), places)| Permission {
            action,
            resource,
            places: places.into_iter().collect(),
        });
        state.insert(function.get("name")?.as_str()?.to_owned(), permissions.collect());
    }
    Some(state)
}

/// A line of a file of which nothing else is known: so many empty lines.
fn line_of(path: &str, line: u64) -> Location {
    const MOST: u64 = 1_000_000;
    let above = line.clamp(1, MOST) - 1;
    Location::new(&SourceFile::new(path, "\n".repeat(above as usize)), Span::new(above as u32, above as u32))
}

fn note(existence: Existence) -> &'static str {
    match existence {
        Existence::Kept => "",
        Existence::New => " (new)",
        Existence::Gone => " (gone)",
    }
}

/// Prints changes for people.
///
/// # Errors
///
/// When writing fails.
pub fn text(changes: &[Change], out: &mut dyn io::Write) -> io::Result<()> {
    for change in changes {
        writeln!(out, "{BOLD}{}{RESET}{}", change.function, note(change.existence))?;
        for (mark, style, list) in [("+", ERROR, &change.added), ("-", DIM, &change.removed)] {
            for permission in list {
                writeln!(out, "  {style}{mark} {} {}{RESET}{}", permission.action, permission.resource, at(permission))?;
            }
        }
        for (before, after) in &change.widened {
            writeln!(out, "  {WARNING}~ {} {} (was {}){RESET}{}", after.action, after.resource, before.resource, at(after))?;
        }
    }
    let count = |of: fn(&Change) -> usize| changes.iter().map(of).sum::<usize>();
    let (added, removed, widened) =
        (count(|change| change.added.len()), count(|change| change.removed.len()), count(|change| change.widened.len()));
    writeln!(out, "permissions: {added} added, {removed} removed, {widened} widened")
}

pub(super) fn places(permission: &Permission) -> Vec<String> {
    let mut all: Vec<String> = permission.places.iter().map(Location::short).collect();
    all.dedup();
    all
}

fn at(permission: &Permission) -> String {
    if permission.places.is_empty() { String::new() } else { format!("  {}", places(permission).join(", ")) }
}

/// Prints changes as a comment of a pull request.
///
/// # Errors
///
/// When writing fails.
pub fn markdown(changes: &[Change], out: &mut dyn io::Write) -> io::Result<()> {
    const LIMIT: usize = 60_000;
    let mut text = String::from("## leash: changed permissions\n\n");
    if changes.is_empty() {
        text.push_str("No permission changed.\n");
    }
    for (index, change) in changes.iter().enumerate() {
        let mut plain = Vec::new();
        for permission in &change.added {
            plain.push(format!("+ {} {}{}", permission.action, permission.resource, at(permission)));
        }
        for permission in &change.removed {
            plain.push(format!("- {} {}{}", permission.action, permission.resource, at(permission)));
        }
        for (before, after) in &change.widened {
            plain.push(format!("- {} {}", before.action, before.resource));
            plain.push(format!("+ {} {}{}", after.action, after.resource, at(after)));
        }
        let name = change.function.replace(['<', '>', '`', '*'], "");
        let block =
            format!("**{name}**{}\n\n```diff\n{}\n```\n\n", note(change.existence), plain.join("\n").replace("```", "'''"));
        if text.len() + block.len() > LIMIT {
            let _ = writeln!(text, "… and {}: too many for a comment.", counted(changes.len() - index, "more function"));
            break;
        }
        text.push_str(&block);
    }
    out.write_all(text.as_bytes())
}
