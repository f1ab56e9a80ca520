//! `Fn::ForEach`, written out before anything else looks at the resources.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html>

use smol_str::SmolStr;

use super::document::{Entry, Mapping, Node, NodeKind};
use super::template::Template;

/// How many entries loops may produce.
const MAX_ENTRIES: usize = 10_000;
/// How many values and characters these may consist of, all loops together.
const MAX_SIZE: usize = 16 << 20;
const PREFIX: &str = "Fn::ForEach::";

/// The entries with every loop among them written out. Loops in loops are followed to a depth of five, as AWS does.
pub(crate) fn expand(template: &Template<'_>, entries: &[Entry]) -> Vec<Entry> {
    let mut current = entries.to_vec();
    let mut room = MAX_SIZE;
    for _ in 0..5 {
        if !current.iter().any(|entry| entry.key.starts_with(PREFIX)) {
            break;
        }
        let mut next = Vec::new();
        for entry in current {
            if entry.key.starts_with(PREFIX) {
                unroll(template, &entry, &mut next, &mut room);
            } else {
                next.push(entry);
            }
            if next.len() > MAX_ENTRIES || room == 0 {
                template.note(
                    template.root.span,
                    format!("`Fn::ForEach` produces more than {MAX_ENTRIES} entries or too large ones; the rest was left out"),
                );
                return next;
            }
        }
        current = next;
    }
    current
}

fn unroll(template: &Template<'_>, entry: &Entry, out: &mut Vec<Entry>, room: &mut usize) {
    let Some([variable, values, body]) = entry.value.as_sequence() else {
        template.note(entry.key_span, "`Fn::ForEach` expects a variable, a list and a dictionary");
        return;
    };
    let Some(variable) = variable.as_str() else { return };
    let mut known = template.literals(values);
    if let [list] = known.as_slice()
        && values.as_sequence().is_none()
    {
        known = list.split(',').map(|value| value.trim().into()).collect();
    }
    if known.is_empty() {
        template.note(values.span, "the values of `Fn::ForEach` are not known here; what it produces was left out");
    }
    for value in known.iter().take(MAX_ENTRIES) {
        for inner in body.entries() {
            let key = replace(&inner.key, variable, value, room);
            let value = substitute(&inner.value, variable, value, room);
            if out.len() > MAX_ENTRIES || *room == 0 {
                return;
            }
            out.push(Entry { key, key_span: inner.key_span, value });
        }
    }
}

/// The node with the loop variable replaced, as long as there is room. Recursion is bounded by the depth of documents.
fn substitute(node: &Node, variable: &str, value: &str, room: &mut usize) -> Node {
    if let Some(entry) = node.single()
        && entry.key == "Ref"
        && entry.value.as_str() == Some(variable)
    {
        return Node::string(value, node.span);
    }
    let kind = match &node.kind {
        NodeKind::Scalar(scalar) => {
            let mut scalar = scalar.clone();
            scalar.text = replace(&scalar.text, variable, value, room);
            NodeKind::Scalar(scalar)
        }
        NodeKind::Sequence(items) => {
            NodeKind::Sequence(items.iter().map(|item| substitute(item, variable, value, room)).collect())
        }
        NodeKind::Mapping(mapping) => {
            let entries = mapping.entries.iter().map(|entry| Entry {
                key: replace(&entry.key, variable, value, room),
                key_span: entry.key_span,
                value: substitute(&entry.value, variable, value, room),
            });
            NodeKind::Mapping(Mapping { entries: entries.collect() })
        }
    };
    Node { kind, span: node.span, tag: node.tag.clone() }
}

fn replace(text: &str, variable: &str, value: &str, room: &mut usize) -> SmolStr {
    if *room == 0 || !text.contains(['$', '&']) {
        *room = room.saturating_sub(text.len() + 1);
        return text.into();
    }
    let written = [format!("${{{variable}}}"), format!("&{{{variable}}}")];
    let longest = written.iter().map(|name| text.matches(name.as_str()).count()).sum::<usize>().saturating_mul(value.len());
    if longest > *room {
        *room = 0;
        return text.into();
    }
    let replaced = written.iter().fold(text.to_owned(), |text, name| text.replace(name.as_str(), value));
    *room = room.saturating_sub(replaced.len() + 1);
    replaced.into()
}
