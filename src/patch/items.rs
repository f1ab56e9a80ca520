//! Lists of Terraform: blocks one behind the other, items between commas, entries of maps.

use std::collections::BTreeMap;
use std::ops::Range;

use super::text::{Edits, indent_of, line_end, line_start};

/// How the items of a list stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Blocks.
    Blocks,
    /// Items of a list.
    Items,
    /// A single item without a list.
    Alone,
    /// Entries of a map.
    Entries,
    /// Names in a list, which may be empty.
    Names,
    /// A block that goes as a whole.
    Attachment,
}

/// A list and what is to change in it.
pub(super) struct List {
    pub(super) kind: Kind,
    /// Where the items stand.
    pub(super) siblings: Vec<Range<usize>>,
    /// What takes the place of items, with the key where they have one.
    pub(super) changes: BTreeMap<usize, (String, Vec<String>)>,
    /// What stands behind the last, with its keys.
    pub(super) more: Vec<String>,
    /// The block that goes with the last item.
    pub(super) owner: Option<Range<usize>>,
}

/// What is told where a policy without statements would be left, which IAM does not take.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
pub(super) const BY_HAND: &str = "nothing of the policy is used: remove it, and what refers to it, by hand";

impl List {
    /// Whether nothing is left of it.
    pub(super) fn is_emptied(&self) -> bool {
        let goes = |at: usize| self.changes.get(&at).is_some_and(|(_, new)| new.is_empty());
        self.more.is_empty() && (0..self.siblings.len()).all(goes)
    }
}

/// Writes the changes of a list.
pub(super) fn write(text: &str, list: &List, edits: &mut Edits) -> Result<(), String> {
    let emptied = list.is_emptied();
    if emptied && !matches!(list.kind, Kind::Attachment | Kind::Names) {
        if let Some(owner) = &list.owner {
            edits.replace(with_gap(text, owner), "");
            return Ok(());
        }
        return Err(BY_HAND.to_owned());
    }
    match list.kind {
        Kind::Blocks => blocks(text, list, edits),
        Kind::Alone => alone(text, list, edits),
        Kind::Items | Kind::Entries | Kind::Names => items(text, list, edits),
        Kind::Attachment => {
            for range in &list.siblings {
                edits.replace(with_gap(text, range), "");
            }
        }
    }
    Ok(())
}

/// The lines of a block, with an empty line behind it where there is one before it as well.
pub(super) fn with_gap(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = line_start(text, range.start);
    let end = line_end(text, range.end);
    let next = line_end(text, end);
    let empty = |part: &str| part.trim().is_empty();
    let before = start == 0 || empty(&text[line_start(text, start - 1)..start]);
    match (before, end < text.len()) {
        (true, true) if empty(&text[end..next]) => start..next,
        (true, false) if start > 0 => line_start(text, start - 1)..end,
        _ => start..end,
    }
}

fn blocks(text: &str, list: &List, edits: &mut Edits) {
    let count = list.siblings.len();
    let mut more = list.more.as_slice();
    for (position, (_, new)) in &list.changes {
        let range = &list.siblings[*position];
        if new.is_empty() && position + 1 == count && !more.is_empty() {
            edits.replace(line_start(text, range.start)..line_end(text, range.end), more.join("\n"));
            more = &[];
        } else if new.is_empty() {
            edits.replace(with_gap(text, range), "");
        } else {
            edits.replace(line_start(text, range.start)..line_end(text, range.end), new.join("\n"));
        }
    }
    if let (Some(last), false) = (list.siblings.last(), more.is_empty()) {
        edits.insert(line_end(text, last.end), format!("\n{}", more.join("\n")));
    }
}

fn alone(text: &str, list: &List, edits: &mut Edits) {
    let Some(range) = list.siblings.first() else { return };
    let mut all: Vec<String> = match list.changes.get(&0) {
        Some((_, new)) => new.clone(),
        None => vec![text[range.clone()].to_owned()],
    };
    all.extend(list.more.iter().cloned());
    let new = match all.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    edits.replace(range.clone(), new);
}

fn items(text: &str, list: &List, edits: &mut Edits) {
    if let (true, [first, .., last] | [first @ last]) = (list.is_emptied(), list.siblings.as_slice()) {
        // The lines and the last comma go along.
        let rest = text[last.end..].trim_start();
        let rest = rest.strip_prefix(',').map_or(rest, str::trim_start);
        edits.replace(text[..first.start].trim_end().len()..text.len() - rest.len(), "");
        return;
    }
    let stays = |at: usize| list.changes.get(&at).is_none_or(|(_, new)| !new.is_empty());
    let own_lines = list.siblings.iter().all(|range| text[line_start(text, range.start)..range.start].trim().is_empty());
    let entries = list.kind == Kind::Entries;
    let gap = |range: &Range<usize>| {
        if own_lines {
            format!("{}\n{}", if entries { "" } else { "," }, " ".repeat(indent_of(text, range.start)))
        } else {
            ", ".to_owned()
        }
    };
    let written = |key: &str, new: &[String], range: &Range<usize>| {
        let one = |(at, item): (usize, &String)| match (entries, at) {
            (false, _) => item.clone(),
            (true, 0) => format!("{key} = {item}"),
            (true, number) => format!("{key}_{} = {item}", number + 1),
        };
        new.iter().enumerate().map(one).collect::<Vec<_>>().join(&gap(range))
    };
    for (at, (key, new)) in &list.changes {
        let range = &list.siblings[*at];
        if !new.is_empty() {
            edits.replace(range.clone(), written(&quoted_key(key), new, range));
            continue;
        }
        let before = (0..*at).any(stays).then(|| at.checked_sub(1)).flatten().and_then(|at| list.siblings.get(at));
        match (before, list.siblings.get(at + 1)) {
            (Some(before), _) => edits.replace(before.end..range.end, ""),
            (None, Some(next)) => edits.replace(range.start..next.start, ""),
            // The comma behind the last one, which may be there, goes along.
            (None, None) => {
                let rest = &text[range.end..];
                let comma = if rest.trim_start().starts_with(',') { rest.len() - rest.trim_start().len() + 1 } else { 0 };
                edits.replace(range.start..range.end + comma, "");
            }
        }
    }
    if let (Some(last), false) = (list.siblings.last(), list.more.is_empty()) {
        edits.insert(last.end, format!("{}{}", gap(last), list.more.join(&gap(last))));
    }
}

/// A key as a map takes it.
fn quoted_key(key: &str) -> String {
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if plain { key.to_owned() } else { serde_json::Value::from(key).to_string() }
}
