//! JSON texts of values that are known in part, and back: `JSON.parse(JSON.stringify(x))` is `x`.

use serde_json::Value as Json;

use super::{Arg, ArgMap, Hole, Piece, Text};

/// Deeper than anything a configuration has, a value is unknown.
const MAX_DEPTH: u32 = 32;
/// How long a text is made at most, where a hole counts as a character.
const MAX_LENGTH: usize = 4096;
/// What stands around the number of a hole while a text is parsed: inside of a string, and for a whole value. No text has these
/// (<https://www.unicode.org/faq/private_use.html>).
const INSIDE: char = '\u{f8d0}';
const WHOLE: char = '\u{f8d1}';

/// The JSON text of a value. Nothing where it would be unknown as a whole, or too long to be of use.
pub fn to_json(value: &Arg) -> Option<Text> {
    let is_known = match value {
        Arg::Map(map) => !map.open && map.computed.is_empty(),
        Arg::List { open, .. } => !open,
        Arg::Text(_) | Arg::Number(_) | Arg::Bool(_) | Arg::Null => true,
        Arg::Unknown(_) | Arg::OneOf(_) | Arg::Sdk(_) | Arg::Other(_) => false,
    };
    let mut text = Text::default();
    (is_known && write(&mut text, value, 0)).then_some(text)
}

/// Writes a value; false when the text became too long.
fn write(out: &mut Text, value: &Arg, depth: u32) -> bool {
    if depth > MAX_DEPTH || out.weight() > MAX_LENGTH {
        return false;
    }
    match value {
        Arg::Null => out.push_str("null"),
        Arg::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Arg::Number(number) => out.push_str(number),
        Arg::Text(text) => {
            out.push_str("\"");
            for piece in text.pieces() {
                match piece {
                    Piece::Literal(literal) => out.push_str(escaped(literal).as_str()),
                    Piece::Hole(_) => out.push(piece.clone()),
                }
            }
            out.push_str("\"");
        }
        Arg::List { items, open: false } => {
            out.push_str("[");
            for (position, item) in items.iter().enumerate() {
                out.push_str(if position > 0 { "," } else { "" });
                if !write(out, item, depth + 1) {
                    return false;
                }
            }
            out.push_str("]");
        }
        Arg::Map(map) if !map.open && map.computed.is_empty() => {
            out.push_str("{");
            for (position, (name, item)) in map.entries.iter().enumerate() {
                out.push_str(if position > 0 { ",\"" } else { "\"" });
                out.push_str(&escaped(name));
                out.push_str("\":");
                if !write(out, item, depth + 1) {
                    return false;
                }
            }
            out.push_str("}");
        }
        Arg::Unknown(hole) => out.push(Piece::Hole(hole.clone())),
        _ => out.push(Piece::Hole(Hole::Unknown("a part of a JSON text".into()))),
    }
    true
}

/// A text as it stands between quotes.
fn escaped(text: &str) -> String {
    let quoted = Json::from(text).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned()
}

/// The value that a JSON text stands for. Nothing where it is not known to be one.
pub fn from_json(text: &Text) -> Option<Arg> {
    let (mut whole, mut holes) = (String::new(), Vec::new());
    let (mut quoted, mut escape) = (false, false);
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => {
                for character in literal.chars() {
                    match character {
                        _ if escape => escape = false,
                        '\\' => escape = quoted,
                        '"' => quoted = !quoted,
                        _ => {}
                    }
                }
                whole.push_str(literal);
            }
            Piece::Hole(hole) => {
                let (mark, quote) = if quoted { (INSIDE, "") } else { (WHOLE, "\"") };
                whole.push_str(&format!("{quote}{mark}{}{mark}{quote}", holes.len()));
                holes.push(hole.clone());
            }
        }
    }
    let has_content = text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(_)));
    has_content.then(|| serde_json::from_str(&whole).ok()).flatten().map(|json| value(&json, &holes, 0))
}

/// What a file of JSON says. Nothing where it is none.
pub fn json_file(text: &str) -> Option<Arg> {
    serde_json::from_str(text).ok().map(|json| document(&json))
}

/// A JSON document as a value.
pub fn document(json: &Json) -> Arg {
    value(json, &[], 0)
}

fn value(json: &Json, holes: &[Hole], depth: u32) -> Arg {
    if depth > MAX_DEPTH {
        return Arg::unknown("nested too deeply");
    }
    match json {
        Json::Null => Arg::Null,
        Json::Bool(value) => Arg::Bool(*value),
        Json::Number(number) => Arg::Number(number.to_string().into()),
        Json::String(text) => of_text(text, holes),
        Json::Array(items) => Arg::List { items: items.iter().map(|item| value(item, holes, depth + 1)).collect(), open: false },
        Json::Object(entries) => {
            let mut map = ArgMap::default();
            for (key, item) in entries {
                let item = value(item, holes, depth + 1);
                match of_text(key, holes) {
                    Arg::Text(key) => match key.as_literal() {
                        Some(literal) => drop(map.entries.insert(literal.into(), item)),
                        None => {
                            map.open = true;
                            map.computed.push(key);
                        }
                    },
                    _ => map.open = true,
                }
            }
            Arg::Map(map)
        }
    }
}

/// A string, with the holes in it, or the hole that stands for a whole value.
fn of_text(text: &str, holes: &[Hole]) -> Arg {
    let hole = |number: &str| number.parse::<usize>().ok().and_then(|number| holes.get(number)).cloned();
    if holes.is_empty() {
        return Arg::text(text);
    }
    if let Some(hole) = text.strip_prefix(WHOLE).and_then(|rest| rest.strip_suffix(WHOLE)).and_then(hole) {
        return Arg::Unknown(hole);
    }
    let pieces = text.split(INSIDE).enumerate().filter_map(|(position, part)| match position % 2 {
        0 => (!part.is_empty()).then(|| Piece::Literal(part.into())),
        _ => hole(part).map(Piece::Hole),
    });
    Arg::Text(Text::from_pieces(pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_a_text_comes_back() {
        let event = Hole::Event("id".into());
        let key = Text::from_pieces([Piece::Literal("in \"x\"/".into()), Piece::Hole(event.clone())]);
        let list = Arg::List { items: vec![Arg::Number("1".into()), Arg::Null, Arg::Bool(true)], open: false };
        let entries = [("key", Arg::Text(key)), ("whole", Arg::Unknown(event)), ("list", list)];
        let entries = entries.into_iter().map(|(name, value)| (name.into(), value)).collect();
        let map = Arg::Map(ArgMap { entries, ..ArgMap::default() });
        assert_eq!(to_json(&map).as_ref().and_then(from_json), Some(map));
    }

    #[test]
    fn what_is_no_json_gives_nothing() {
        assert_eq!(from_json(&Text::literal("{\"a\": ")), None);
        assert_eq!(from_json(&Text::hole(Hole::Event("body".into()))), None);
        assert_eq!(to_json(&Arg::unknown("anything")), None);
    }
}
