//! Values written as JSON text, with holes where values are unknown: `Fn::ToJsonString`.

use crate::value::{Arg, Hole, Piece, Text};

/// How large the text may become. JSON in JSON doubles the backslashes in it with every level.
const MAX_WEIGHT: usize = 1 << 20;

/// The JSON text of a value; nothing when a part of it has no JSON form or one of several values, and when it is too long.
pub(crate) fn write(value: &Arg) -> Option<Text> {
    let mut out = Text::default();
    append(value, &mut out, &mut 0).then_some(out)
}

/// Appends a value; `written` counts what was appended. Whether it could be.
fn append(value: &Arg, out: &mut Text, written: &mut usize) -> bool {
    *written += match value {
        Arg::Text(text) => text.weight(),
        _ => 1,
    };
    if *written > MAX_WEIGHT {
        return false;
    }
    match value {
        Arg::Null => out.push_str("null"),
        Arg::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Arg::Number(number) => out.push_str(number),
        Arg::Text(text) => quoted(text, out),
        Arg::Unknown(hole) => quoted(&Text::hole(hole.clone()), out),
        Arg::List { items, open: false } => {
            out.push_str("[");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(",");
                }
                if !append(item, out, written) {
                    return false;
                }
            }
            out.push_str("]");
        }
        Arg::Map(map) if !map.open => {
            out.push_str("{");
            for (index, (key, item)) in map.entries.iter().enumerate() {
                if index > 0 {
                    out.push_str(",");
                }
                quoted(&Text::literal(key.clone()), out);
                out.push_str(":");
                if !append(item, out, written) {
                    return false;
                }
            }
            out.push_str("}");
        }
        _ => return false,
    }
    true
}

fn quoted(text: &Text, out: &mut Text) {
    out.push_str("\"");
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => {
                let json = serde_json::Value::from(literal.as_str()).to_string();
                out.push_str(json.get(1..json.len() - 1).unwrap_or_default());
            }
            Piece::Hole(hole) => out.push(Piece::Hole(Hole::clone(hole))),
        }
    }
    out.push_str("\"");
}
