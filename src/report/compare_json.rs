//! Changed permissions for programs: frozen wire types of their own.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::compare::places;
use crate::diff::changed::{self, Change, Existence};

/// The version of the format.
const VERSION: u32 = 1;

/// How the permissions of every function changed.
#[derive(Serialize, JsonSchema)]
pub struct Answer<'a> {
    /// The version of this format: 1.
    version: u32,
    /// The functions with changes, by name.
    changes: Vec<WireChange<'a>>,
}

/// One function on a line of its own.
#[derive(Serialize, JsonSchema)]
pub struct Line<'a> {
    /// The version of this format: 1.
    version: u32,
    #[serde(flatten)]
    change: WireChange<'a>,
}

/// How the permissions of one function changed.
#[derive(Serialize, JsonSchema)]
struct WireChange<'a> {
    /// Its name.
    function: &'a str,
    /// `kept`, `new` or `gone`.
    existence: &'static str,
    /// What it may do and could not do before.
    added: Vec<Permission<'a>>,
    /// What it could do and may not do any more.
    removed: Vec<Permission<'a>>,
    /// What it may do on more resources than before.
    widened: Vec<Widened<'a>>,
}

/// A permission that reaches further.
#[derive(Serialize, JsonSchema)]
struct Widened<'a> {
    /// As it was.
    before: Permission<'a>,
    /// As it is.
    after: Permission<'a>,
}

/// An action on a resource.
#[derive(Serialize, JsonSchema)]
struct Permission<'a> {
    /// The action.
    action: &'a str,
    /// The resource, with the conditions behind `if`.
    resource: &'a str,
    /// What it rests on, as `file:line`.
    places: Vec<String>,
}

/// Prints changes as one JSON object.
///
/// # Errors
///
/// When writing fails.
pub fn json(changes: &[Change], out: &mut dyn io::Write) -> io::Result<()> {
    let answer = Answer { version: VERSION, changes: changes.iter().map(wire).collect() };
    serde_json::to_writer_pretty(&mut *out, &answer)?;
    writeln!(out)
}

/// Prints the change of each function on a line of its own.
///
/// # Errors
///
/// When writing fails.
pub fn jsonl(changes: &[Change], out: &mut dyn io::Write) -> io::Result<()> {
    for change in changes {
        serde_json::to_writer(&mut *out, &Line { version: VERSION, change: wire(change) })?;
        writeln!(out)?;
    }
    Ok(())
}

fn wire(change: &Change) -> WireChange<'_> {
    WireChange {
        function: &change.function,
        existence: match change.existence {
            Existence::Kept => "kept",
            Existence::New => "new",
            Existence::Gone => "gone",
        },
        added: change.added.iter().map(permission).collect(),
        removed: change.removed.iter().map(permission).collect(),
        widened: change
            .widened
            .iter()
            .map(|(before, after)| Widened { before: permission(before), after: permission(after) })
            .collect(),
    }
}

fn permission(permission: &changed::Permission) -> Permission<'_> {
    Permission { action: &permission.action, resource: &permission.resource, places: places(permission) }
}
