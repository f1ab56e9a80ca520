//! Notes for people, on stderr: grouped by kind, the same sentence once with all of its places.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::style::{BOLD, DIM, NOTE, RESET, WARNING};
use crate::note::{Note, NoteKind};
use crate::pipeline::{FunctionReport, Report};
use crate::span::Location;
use crate::wording::counted;

/// Groups of one kind beyond this are only counted.
const SHOWN: usize = 20;
/// Places of one sentence beyond this are only counted.
const PLACES: usize = 3;
/// Requests of one file that are not reached are only counted from this number on.
const UNREACHED: usize = 4;
/// Names of functions in one sentence beyond this are only counted.
const NAMES: usize = 5;

/// How many notes are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// None.
    None,
    /// The first ones of each kind.
    Some,
    /// All.
    All,
}

/// Every note of a run once. What has no place of its own is told which function it is about; what one function reaches is not
/// said to be out of reach because others share the module.
pub fn collect(report: &Report) -> Vec<Note> {
    let several = report.functions.len() > 1;
    let mut all: BTreeSet<Note> = report.notes.iter().cloned().collect();
    let reached: BTreeSet<&Location> =
        report.functions.iter().flat_map(|function| &function.calls).map(|call| &call.at).collect();
    let is_reached = |note: &Note| note.kind == NoteKind::Unreachable && note.at.as_ref().is_some_and(|at| reached.contains(at));
    for function in &report.functions {
        for note in function.notes.iter().filter(|note| !is_reached(note)) {
            let mut note = note.clone();
            if several && note.at.is_none() {
                note.message = format!("{}: {}", function.name, note.message);
            }
            all.insert(note);
        }
    }
    all.extend(without_calls(report));
    all.into_iter().collect()
}

/// Says which policies are empty because there is nothing to allow.
fn without_calls(report: &Report) -> Option<Note> {
    let silent = |function: &&FunctionReport| {
        function.unanswered().is_none() && function.calls.is_empty() && function.draft.statements.is_empty()
    };
    let names: Vec<&str> = report.functions.iter().filter(silent).map(|function| function.name.as_str()).collect();
    let shown = names.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
    let message = match names.len() {
        0 => return None,
        1 if report.functions.len() == 1 => "no AWS calls were found, so the policy is empty".to_owned(),
        count if count > NAMES => {
            let more = counted(count - NAMES, "more function");
            format!("no AWS calls were found in {shown} and {more}, so their policies are empty")
        }
        _ => format!("no AWS calls were found in {shown}, so the policy is empty"),
    };
    Some(Note::general(NoteKind::Info, message))
}

/// Notes of one kind: the sentences in order of first place, each with its places.
type Groups<'a> = Vec<(Cow<'a, str>, Vec<&'a Location>)>;

/// Prints notes.
pub fn render(notes: &[Note], amount: Amount, out: &mut dyn io::Write) -> io::Result<()> {
    if amount == Amount::None {
        return Ok(());
    }
    for (kind, mut groups) in by_kind(notes) {
        if kind == NoteKind::Unreachable && amount != Amount::All {
            groups = by_file(groups);
        }
        let shown = if amount == Amount::All { groups.len() } else { SHOWN };
        for (message, places) in groups.iter().take(shown) {
            group(kind, message, places, amount, out)?;
        }
        if groups.len() > shown {
            let style = style(kind);
            let more = groups.len() - shown;
            writeln!(out, "{style}note[{}]{RESET}{BOLD}:{RESET} and {more} more like these; -v shows them", kind.id())?;
        }
    }
    Ok(())
}

fn by_kind(notes: &[Note]) -> BTreeMap<NoteKind, Groups<'_>> {
    let mut kinds: BTreeMap<NoteKind, Groups<'_>> = BTreeMap::new();
    let mut known: BTreeMap<(NoteKind, &str), usize> = BTreeMap::new();
    for note in notes {
        let groups = kinds.entry(note.kind).or_default();
        let index = *known.entry((note.kind, &note.message)).or_insert_with(|| {
            groups.push((note.message.as_str().into(), Vec::new()));
            groups.len() - 1
        });
        groups[index].1.extend(&note.at);
    }
    kinds
}

/// Requests that nothing reaches are often those of one shared module, which says more than each of them.
fn by_file(groups: Groups<'_>) -> Groups<'_> {
    let mut files: BTreeMap<&str, BTreeSet<&Location>> = BTreeMap::new();
    for at in groups.iter().flat_map(|(_, places)| places) {
        files.entry(&at.file.path).or_default().insert(at);
    }
    files.retain(|_, places| places.len() >= UNREACHED);
    let counted = files.iter().map(|(file, places)| {
        let count = places.len();
        let message =
            format!("{count} requests of {file} are not reached from the handler, so they grant nothing; -v lists them");
        (message.into(), places.iter().copied().take(1).collect())
    });
    let counted: Groups<'_> = counted.collect();
    let rest = groups.into_iter().filter_map(|(message, mut places)| {
        let had_places = !places.is_empty();
        places.retain(|at| !files.contains_key(at.file.path.as_str()));
        (!had_places || !places.is_empty()).then_some((message, places))
    });
    rest.chain(counted).collect()
}

fn group(kind: NoteKind, message: &str, places: &[&Location], amount: Amount, out: &mut dyn io::Write) -> io::Result<()> {
    let style = style(kind);
    writeln!(out, "{style}note[{}]{RESET}{BOLD}:{RESET} {}", kind.id(), printable(message))?;
    let mut shown = BTreeSet::new();
    for at in places {
        let (line, column) = at.file.line_column(at.span.start);
        shown.insert((at.file.path.as_str(), line, column));
    }
    let limit = if amount == Amount::All { shown.len() } else { PLACES };
    for (file, line, column) in shown.iter().take(limit) {
        writeln!(out, "  {DIM}-->{RESET} {file}:{line}:{column}")?;
    }
    if shown.len() > limit {
        writeln!(out, "  {DIM}--> and {}{RESET}", counted(shown.len() - limit, "more place"))?;
    }
    Ok(())
}

/// A message without characters that move the cursor; parts of it are quoted from other people's files.
fn printable(message: &str) -> String {
    message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn style(kind: NoteKind) -> anstyle::Style {
    if kind.blocks_removal() { WARNING } else { NOTE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{SourceFile, Span};

    #[test]
    fn many_requests_of_one_file_that_nothing_reaches_are_counted() {
        let file = SourceFile::new("shared.py", "a\nb\nc\nd\ne\n");
        let other = SourceFile::new("other.py", "a\n");
        let note = |file, line: u32| {
            let at = Location::new(file, Span::new(line * 2, line * 2 + 1));
            Note::at(NoteKind::Unreachable, at, format!("s3:Op{line} is not reached"))
        };
        let mut notes: Vec<Note> = (0..5).map(|line| note(&file, line)).collect();
        notes.push(note(&other, 0));
        let printed = |amount| {
            let mut out = Vec::new();
            render(&notes, amount, &mut out).expect("written");
            anstream::adapter::strip_str(&String::from_utf8(out).expect("text")).to_string()
        };
        let some = printed(Amount::Some);
        assert!(some.contains("5 requests of shared.py are not reached"), "{some}");
        assert!(some.contains("s3:Op0 is not reached") && some.contains("other.py:1:1") && !some.contains("s3:Op1"), "{some}");
        assert!(printed(Amount::All).contains("s3:Op4 is not reached"));
    }
}
