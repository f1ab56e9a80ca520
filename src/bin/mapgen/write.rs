//! The canonical form of the maps: keys sorted, one entry a line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

/// An object of fixed keys; a value that is itself an object or a list gets one line per entry.
pub(crate) fn document(fields: &[(&str, Value)]) -> String {
    let mut out = String::from("{\n");
    for (index, (key, value)) in fields.iter().enumerate() {
        let comma = if index + 1 == fields.len() { "" } else { "," };
        let _ = writeln!(out, "  \"{key}\": {}{comma}", block(value));
    }
    out.push_str("}\n");
    out
}

/// An object with one entry a line.
pub(crate) fn lines(entries: &BTreeMap<String, Value>) -> String {
    let mut out = String::from("{\n");
    for (index, (key, value)) in entries.iter().enumerate() {
        let comma = if index + 1 == entries.len() { "" } else { "," };
        let _ = writeln!(out, "{}: {value}{comma}", Value::from(key.as_str()));
    }
    out.push_str("}\n");
    out
}

fn block(value: &Value) -> String {
    let (open, entries, close) = match value {
        Value::Object(map) if !map.is_empty() => {
            let entries: Vec<String> = map.iter().map(|(key, value)| format!("{}: {value}", Value::from(key.as_str()))).collect();
            ("{", entries, "}")
        }
        Value::Array(list) if list.iter().any(Value::is_array) => ("[", list.iter().map(Value::to_string).collect(), "]"),
        other => return other.to_string(),
    };
    format!("{open}\n    {}\n  {close}", entries.join(",\n    "))
}
