//! Parameters of requests as plain JSON: what is known as it is, what is not as `*`.

use serde_json::{Map, Value};

use super::literal_pattern;
use crate::pipeline::FunctionReport;
use crate::value::{Arg, ArgMap};

/// Deeper values are cut off with `*`.
const DEPTH: usize = 64;

/// The parameters of a request. What a spread may hide is absent.
pub(super) fn parameters(map: &ArgMap, function: &FunctionReport) -> Value {
    entries(map, function, 0)
}

fn entries(map: &ArgMap, function: &FunctionReport, depth: usize) -> Value {
    let entries: Map<String, Value> =
        map.entries.iter().map(|(name, value)| (name.to_string(), json(value, function, depth + 1))).collect();
    Value::Object(entries)
}

fn json(arg: &Arg, function: &FunctionReport, depth: usize) -> Value {
    if depth > DEPTH {
        return "*".into();
    }
    match arg {
        Arg::Unknown(hole) => literal_pattern(&crate::value::Text::hole(hole.clone()), function).into(),
        Arg::Sdk(_) | Arg::Other(_) => "*".into(),
        Arg::Null => Value::Null,
        Arg::Bool(value) => (*value).into(),
        Arg::Number(number) => number_of(number),
        Arg::Text(text) => literal_pattern(text, function).into(),
        Arg::List { items, .. } => items.iter().map(|item| json(item, function, depth + 1)).collect(),
        Arg::Map(map) => entries(map, function, depth),
        Arg::OneOf(values) => {
            let mut out: Vec<Value> = Vec::new();
            for value in values.iter().map(|value| json(value, function, depth + 1)) {
                if !out.contains(&value) {
                    out.push(value);
                }
            }
            match out.len() {
                1 => out.remove(0),
                _ => out.into(),
            }
        }
    }
}

/// A number as JSON writes it; what only the language can write (`1_000`, `0x10n`) is text.
fn number_of(number: &str) -> Value {
    match serde_json::from_str::<serde_json::Number>(number) {
        Ok(number) => Value::Number(number),
        Err(_) => number.into(),
    }
}

/// The same on one line, for people: `TableName=orders, Key={…}`.
pub(super) fn line(map: &ArgMap, function: &FunctionReport) -> String {
    let parts: Vec<String> = map.entries.iter().map(|(name, value)| format!("{name}={}", short(value, function))).collect();
    parts.join(", ")
}

fn short(arg: &Arg, function: &FunctionReport) -> String {
    match arg {
        Arg::Map(map) if map.entries.is_empty() => "{}".to_owned(),
        Arg::Map(_) => "{…}".to_owned(),
        Arg::List { items, .. } if items.is_empty() => "[]".to_owned(),
        Arg::List { .. } => "[…]".to_owned(),
        Arg::OneOf(values) => values.iter().map(|value| short(value, function)).collect::<Vec<_>>().join("|"),
        other => match json(other, function, 0) {
            Value::String(text) => shortened(&text),
            value => value.to_string(),
        },
    }
}

/// A text short enough for a line.
fn shortened(text: &str) -> String {
    const LENGTH: usize = 60;
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= LENGTH { flat } else { flat.chars().take(LENGTH - 1).chain(['…']).collect() }
}
