//! Policy documents: `aws_iam_policy_document`, `jsonencode`, JSON text.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::eval::json;
use super::value::{Kind, Map, Value};
use crate::iac::document::{self, Meaning, Node, NodeKind};
use crate::iac::statements::{self, Known, Statements};
use crate::span::{Location, SourceFile};
use crate::value::{Hole, Piece, Text};

/// The JSON that `data "aws_iam_policy_document"` gives.
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>
pub(super) fn policy(body: &Value) -> Value {
    let at = &body.at;
    let mut statements = Vec::new();
    let mut open = body.get("statement").is_some_and(Value::has_more);
    for key in ["source_policy_documents", "source_json"] {
        open |= merge_in(&mut statements, body.get(key));
    }
    let own = body.get("statement").map_or_else(Vec::new, |list| list.members().into_iter().map(statement).collect());
    statements.extend(own);
    for key in ["override_policy_documents", "override_json"] {
        let mut others = Vec::new();
        open |= merge_in(&mut others, body.get(key));
        for other in others {
            // A statement of the same id takes the other's place.
            let sid = other.get("Sid").and_then(Value::literal);
            if sid.is_some() {
                statements.retain(|known: &Value| known.get("Sid").and_then(Value::literal) != sid);
            }
            statements.push(other);
        }
    }
    let entries = BTreeMap::from([
        (SmolStr::new_static("Version"), Value::text("2012-10-17", at)),
        (SmolStr::new_static("Statement"), Value::list(statements, open, at)),
    ]);
    json(Value::map(entries, false, at), at)
}

/// Adds the statements of documents; whether there may be others.
fn merge_in(out: &mut Vec<Value>, documents: Option<&Value>) -> bool {
    let mut open = documents.is_some_and(Value::has_more);
    for document in documents.map_or_else(Vec::new, Value::members) {
        let parsed = match &document.settled().kind {
            Kind::Json(inner) => Ok((**inner).clone()),
            _ => document.settled().one_text().map_or(Err(String::new()), |text| parsed(&text, &document.at)),
        };
        match parsed.as_ref().map(|value| value.get("Statement")) {
            Ok(Some(list)) => {
                open |= list.has_more();
                out.extend(list.members().into_iter().cloned());
            }
            // `{}`, which modules hand on for nothing, has no statements.
            Ok(None) if parsed.as_ref().is_ok_and(|value| value.as_map().is_some_and(|map| !map.open)) => {}
            // An entry that is no statement leaves a note where the policy is read.
            _ => out.push(Value::unknown("a policy document that is not known here", &document.at)),
        }
    }
    open
}

/// A `statement` block in the form of IAM's JSON. The community `lambda` module takes objects of the same form.
pub(super) fn statement(block: &Value) -> Value {
    let at = &block.at;
    let mut out = BTreeMap::new();
    let names = [
        ("sid", "Sid"),
        ("effect", "Effect"),
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ];
    for (from, to) in names {
        let given = block.get(from).filter(|value| !value.is_empty() || value.has_more());
        if let Some(value) = given {
            out.insert(SmolStr::new_static(to), value.clone());
        }
    }
    out.entry("Effect".into()).or_insert_with(|| Value::text("Allow", at));
    for (from, to) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        if let Some(list) = block.get(from) {
            out.insert(to.into(), principals(list));
        }
    }
    if let Some(list) = block.get("condition") {
        out.insert("Condition".into(), conditions(list));
    }
    Value::map(out, false, at)
}

fn principals(list: &Value) -> Value {
    let mut out: BTreeMap<SmolStr, Value> = BTreeMap::new();
    for principal in blocks(list) {
        let kind = principal.get("type").and_then(Value::literal).unwrap_or_else(|| "AWS".into());
        let identifiers = principal.get("identifiers").cloned().unwrap_or_else(|| Value::unknown("a principal", &list.at));
        let all = out.get(&kind).into_iter().cloned().chain([identifiers]);
        let all = super::eval::joined(&all.collect::<Vec<_>>(), &list.at);
        out.insert(kind, all);
    }
    Value::map(out, false, &list.at)
}

/// Blocks of one test on one variable are one condition with the values of all. What is not known of a test leaves open what
/// conditions there are.
fn conditions(list: &Value) -> Value {
    let mut out: BTreeMap<SmolStr, BTreeMap<SmolStr, Value>> = BTreeMap::new();
    let mut open = list.has_more();
    for condition in blocks(list) {
        let variable = condition.get("variable").and_then(Value::one_text).filter(|text| !text.is_unknown());
        let (Some(test), Some(variable)) = (condition.get("test").and_then(Value::literal), variable) else {
            open = true;
            continue;
        };
        let values = condition.get("values").cloned().unwrap_or_else(|| Value::unknown("a condition", &list.at));
        let known = out.entry(test).or_default().entry(variable.pattern().into());
        known.and_modify(|known| *known = Value::list(vec![known.clone(), values.clone()], false, &list.at)).or_insert(values);
    }
    let inner = out.into_iter().map(|(test, keys)| (test, Value::map(keys, false, &list.at)));
    Value::map(inner.collect(), open, &list.at)
}

/// Blocks, or the values of a map of objects.
pub(super) fn blocks(list: &Value) -> Vec<&Value> {
    let members = list.members().into_iter();
    let is_map_of_objects = |value: &Value| {
        value.as_map().is_some_and(|map| !map.entries.is_empty() && map.entries.values().all(|item| item.as_map().is_some()))
    };
    let inner = |value| if is_map_of_objects(value) { values(value) } else { vec![value] };
    members.flat_map(inner).collect()
}

fn values(value: &Value) -> Vec<&Value> {
    value.as_map().map_or_else(Vec::new, |map| map.entries.values().collect())
}

/// Reads a policy in any of its forms.
pub(super) fn read(value: &Value) -> Statements {
    let mut out = Statements::default();
    let members = value.members();
    if members.is_empty() && !value.is_null() {
        out.unreadable(&value.at, "this policy is not known here");
    }
    for member in members {
        match &member.settled().kind {
            Kind::Json(document) => read_document(document, &mut out),
            Kind::Map(_) => read_document(member, &mut out),
            _ => match member.settled().as_text().map(|text| parsed(&text, &member.at)) {
                Some(Ok(document)) => read_document(&document, &mut out),
                Some(Err(message)) if !message.is_empty() => {
                    out.unreadable(&member.at, &format!("this policy is not JSON: {message}"));
                }
                _ => out.unreadable(&member.at, "this policy is not known here"),
            },
        }
    }
    out
}

fn read_document(document: &Value, out: &mut Statements) {
    for document in document.members() {
        let list = document.as_map().and_then(|map| map.entries.get("Statement"));
        let Some(list) = list else {
            out.no_document(&document.at);
            continue;
        };
        if list.has_more() {
            out.unreadable(&list.at, "this policy has further statements that are not known here");
        }
        for statement in list.members() {
            read_statement(statement, out);
        }
    }
}

fn read_statement(value: &Value, out: &mut Statements) {
    let known = Known { sid: value.get("Sid").and_then(Value::literal), effect: value.get("Effect").and_then(Value::literal) };
    match value.as_map().map(Map::to_arg) {
        Some(statement) => out.add(&statement, known, Text::clone, &value.at),
        None => out.no_statement(&value.at),
    }
}

/// A string or a list of strings, with all alternatives side by side.
pub(super) fn strings(value: &Value) -> Vec<Text> {
    statements::strings([&value.to_arg()])
}

const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// Reads JSON (or YAML) text with holes in it. The error says what was expected.
pub(super) fn parsed(text: &Text, at: &Location) -> Result<Value, String> {
    if text.is_unknown() {
        return Err(String::new());
    }
    let mut holes = Vec::new();
    let mut written = String::new();
    let mut quoted = false;
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => {
                quoted = ends_quoted(literal, quoted);
                written.push_str(literal);
            }
            Piece::Hole(hole) => {
                // What stands for a whole value becomes a string of its own.
                let quote = if quoted { "" } else { "\"" };
                written.push_str(&format!("{quote}{OPEN}{}{CLOSE}{quote}", holes.len()));
                holes.push(hole.clone());
            }
        }
    }
    // A text that is a whole file keeps its own lines.
    let own = at.span.start == 0 && at.file.text == written;
    let file = if own { Arc::clone(&at.file) } else { SourceFile::new("policy.json", written) };
    let documents = document::read(&file).map_err(|error| error.message)?;
    let place = (!own).then_some(at);
    let root = documents.mapping().ok_or_else(|| "expected an object".to_owned())?;
    Ok(value(root, &file, place, &holes))
}

/// Whether the text behind a literal is within a JSON string.
fn ends_quoted(literal: &str, mut quoted: bool) -> bool {
    let mut bytes = literal.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => drop(bytes.next()),
            _ => {}
        }
    }
    quoted
}

/// What a document says, with what its holes stand for. The reader bounds how deep nodes nest.
pub(super) fn value(node: &Node, file: &Arc<SourceFile>, place: Option<&Location>, holes: &[Hole]) -> Value {
    let at = place.cloned().unwrap_or_else(|| Location::new(file, node.span));
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            let kind = match scalar.meaning() {
                Meaning::Null => return Value::null(&at),
                Meaning::Bool(value) => Kind::Bool(value),
                Meaning::Number => Kind::Number(scalar.text.clone()),
                Meaning::Text => Kind::Text(with_holes(&scalar.text, holes)),
            };
            Value::new(kind, &at)
        }
        NodeKind::Sequence(items) => Value::list(items.iter().map(|item| value(item, file, place, holes)).collect(), false, &at),
        NodeKind::Mapping(mapping) => {
            let entry = |entry: &document::Entry| {
                (SmolStr::from(with_holes(&entry.key, holes).pattern()), value(&entry.value, file, place, holes))
            };
            Value::map(mapping.entries.iter().map(entry).collect(), false, &at)
        }
    }
}

fn with_holes(text: &str, holes: &[Hole]) -> Text {
    let mut out = Text::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        out.push_str(before);
        let (number, behind) = after.split_once(CLOSE).unwrap_or((after, ""));
        if let Some(hole) = number.parse::<usize>().ok().and_then(|number| holes.get(number)) {
            out.push(Piece::Hole(hole.clone()));
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}
