//! Reads `.tf.json` files. Which objects are blocks is only known at the top; further down it makes no difference to us, but for
//! those that Terraform itself looks at.
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::sync::Arc;

use smol_str::SmolStr;

use super::ast::{Attribute, Block, Body, Expr, ExprKind};
use super::parse;
use crate::iac::document::{self, Entry, Meaning, Node, NodeKind};
use crate::note::{Note, NoteKind};
use crate::span::SourceFile;

/// Reads a `.tf.json` file.
pub(super) fn body(file: &Arc<SourceFile>) -> Result<Body, Note> {
    let documents = document::read(file).map_err(|error| Note { kind: NoteKind::UnreadableFile, ..error.to_note() })?;
    let mut out = Body::default();
    for entry in documents.roots.iter().flat_map(Node::items).flat_map(Node::entries) {
        let labels = match entry.key.as_str() {
            "resource" | "data" => 2,
            "variable" | "output" | "module" | "provider" => 1,
            _ => 0,
        };
        blocks(&entry.key, entry, labels, &mut Vec::new(), &mut out.blocks);
    }
    Ok(out)
}

/// A file of variable values: attributes only.
pub(super) fn values(file: &Arc<SourceFile>) -> Result<Body, Note> {
    let documents = document::read(file).map_err(|error| Note { kind: NoteKind::UnreadableFile, ..error.to_note() })?;
    Ok(documents.mapping().map(attributes).unwrap_or_default())
}

/// As many levels of keys as the kind has labels; lists on any level mean several blocks.
fn blocks(kind: &SmolStr, entry: &Entry, missing: usize, labels: &mut Vec<SmolStr>, out: &mut Vec<Block>) {
    for value in entry.value.items() {
        if missing == 0 {
            out.push(Block { kind: kind.clone(), labels: labels.clone(), body: attributes(value), span: entry.key_span });
            continue;
        }
        for inner in value.entries().iter().filter(|inner| inner.key != "//") {
            labels.push(inner.key.clone());
            blocks(kind, inner, missing - 1, labels, out);
            labels.pop();
        }
    }
}

fn attributes(node: &Node) -> Body {
    let mut body = Body::default();
    let repeats = node.get("for_each").is_some();
    for entry in node.entries().iter().filter(|entry| entry.key != "//") {
        let are_objects = entry.value.items().iter().all(|item| item.as_mapping().is_some());
        let holds_dynamic =
            || entry.value.items().iter().any(|item| item.get("dynamic").is_some_and(|inner| inner.as_str().is_none()));
        match entry.key.as_str() {
            "dynamic" if are_objects => blocks(&entry.key, entry, 1, &mut Vec::new(), &mut body.blocks),
            // `source` is an address in modules, and a block in archives.
            "lifecycle" | "source" if are_objects => blocks(&entry.key, entry, 0, &mut Vec::new(), &mut body.blocks),
            "content" if are_objects && repeats => blocks(&entry.key, entry, 0, &mut Vec::new(), &mut body.blocks),
            _ if are_objects && holds_dynamic() => blocks(&entry.key, entry, 0, &mut Vec::new(), &mut body.blocks),
            _ => body.attributes.push(Attribute { name: entry.key.clone(), value: expr(&entry.value) }),
        }
    }
    body
}

/// Strings are templates. The reader bounds how deep values nest.
fn expr(node: &Node) -> Expr {
    let kind = match &node.kind {
        NodeKind::Scalar(scalar) => match scalar.meaning() {
            Meaning::Null => ExprKind::Null,
            Meaning::Bool(value) => ExprKind::Bool(value),
            Meaning::Number => ExprKind::Number(scalar.text.clone()),
            Meaning::Text => parse::template(&scalar.text, node.span).unwrap_or_else(|_| ExprKind::Text(scalar.text.clone())),
        },
        NodeKind::Sequence(items) => ExprKind::List(items.iter().map(expr).collect()),
        NodeKind::Mapping(mapping) => {
            let entry = |entry: &Entry| {
                let key = Expr { kind: ExprKind::Text(entry.key.clone()), span: entry.key_span };
                (key, expr(&entry.value))
            };
            ExprKind::Map(mapping.entries.iter().filter(|entry| entry.key != "//").map(entry).collect())
        }
    };
    Expr { kind, span: node.span }
}
