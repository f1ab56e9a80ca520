//! `Fn::ForEach`, written out before anything else looks at the resources.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html>

use smol_str::SmolStr;

use super::document::{Entry, Mapping, Node, NodeKind};
use super::template::Template;

/// How many entries loops may produce.
const MAX_ENTRIES: usize = 10_000;
const PREFIX: &str = "Fn::ForEach::";

/// The entries with every loop among them written out. Loops in loops are followed to a depth of five, as AWS does.
pub(crate) fn expand(template: &Template<'_>, entries: &[Entry]) -> Vec<Entry> {
    let mut current = entries.to_vec();
    for _ in 0..5 {
        if !current.iter().any(|entry| entry.key.starts_with(PREFIX)) {
            break;
        }
        let mut next = Vec::new();
        for entry in current {
            if entry.key.starts_with(PREFIX) {
                unroll(template, &entry, &mut next);
            } else {
                next.push(entry);
            }
            if next.len() > MAX_ENTRIES {
                template.note(
                    template.root.span,
                    format!("`Fn::ForEach` produces more than {MAX_ENTRIES} entries; the rest was left out"),
                );
                return next;
            }
        }
        current = next;
    }
    current
}

fn unroll(template: &Template<'_>, entry: &Entry, out: &mut Vec<Entry>) {
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
            if out.len() > MAX_ENTRIES {
                return;
            }
            let key = replace(&inner.key, variable, value);
            out.push(Entry { key, key_span: inner.key_span, value: substitute(&inner.value, variable, value) });
        }
    }
}

/// The node with the loop variable replaced. Recursion is bounded by the depth of documents.
fn substitute(node: &Node, variable: &str, value: &str) -> Node {
    if let Some(entry) = node.single()
        && entry.key == "Ref"
        && entry.value.as_str() == Some(variable)
    {
        return Node::string(value, node.span);
    }
    let kind = match &node.kind {
        NodeKind::Scalar(scalar) => {
            let mut scalar = scalar.clone();
            scalar.text = replace(&scalar.text, variable, value);
            NodeKind::Scalar(scalar)
        }
        NodeKind::Sequence(items) => NodeKind::Sequence(items.iter().map(|item| substitute(item, variable, value)).collect()),
        NodeKind::Mapping(mapping) => {
            let entries = mapping.entries.iter().map(|entry| Entry {
                key: replace(&entry.key, variable, value),
                key_span: entry.key_span,
                value: substitute(&entry.value, variable, value),
            });
            NodeKind::Mapping(Mapping { entries: entries.collect() })
        }
    };
    Node { kind, span: node.span, tag: node.tag.clone() }
}

fn replace(text: &str, variable: &str, value: &str) -> SmolStr {
    if !text.contains(['$', '&']) {
        return text.into();
    }
    text.replace(&format!("${{{variable}}}"), value).replace(&format!("&{{{variable}}}"), value).into()
}
