//! Methods of strings.

use super::super::call::Args;
use super::super::eval::concat;
use super::super::interp::Interp;
use super::super::value::{Atom, Value, atom_text};
use super::slice::Bounds;
use crate::span::Span;
use crate::value::{Piece, Text};

/// Methods whose result says as much about its origin as the string itself.
pub(super) fn keeps_origin(name: &str) -> bool {
    matches!(
        name,
        "strip"
            | "lstrip"
            | "rstrip"
            | "trim"
            | "trimStart"
            | "trimEnd"
            | "lower"
            | "upper"
            | "toLowerCase"
            | "toUpperCase"
            | "casefold"
            | "capitalize"
            | "title"
            | "toString"
            | "encode"
            | "decode"
            | "copy"
            | "replace"
            | "replaceAll"
            | "substring"
            | "substr"
            | "removeprefix"
            | "removesuffix"
            | "normalize"
            | "valueOf"
            | "read"
            | "json"
            | "text"
            | "dict"
            | "model_dump"
            | "to_dict"
            | "isoformat"
            | "zfill"
            | "padStart"
            | "padEnd"
            | "getvalue"
            | "transformToString"
            | "toISOString"
            | "strftime"
            | "item"
    )
}

impl Interp<'_> {
    pub(super) fn text_method(&mut self, atom: &Atom, name: &str, args: &Args, span: Span) -> Value {
        let Some(text) = atom_text(atom) else { return Value::unknown("a method of a value") };
        let value = Value::one(atom.clone());
        match name {
            "format" => self.format_braces(&text, args),
            "format_map" => {
                let mapping = args.get(0);
                self.format_with(&text, &mapping)
            }
            "join" => self.join_texts(&value, &args.get(0), span),
            "concat" => args.positional.iter().fold(value, |whole, part| concat(&whole, &self.stringified(part))),
            "lower" | "toLowerCase" | "casefold" | "toLocaleLowerCase" => map_literals(&text, str::to_lowercase),
            "upper" | "toUpperCase" | "toLocaleUpperCase" => map_literals(&text, str::to_uppercase),
            "strip" | "trim" => trimmed(&text, true, true),
            "lstrip" | "trimStart" => trimmed(&text, true, false),
            "rstrip" | "trimEnd" => trimmed(&text, false, true),
            "replace" | "replaceAll" => replaced(&text, &args.get(0), &args.get(1), name == "replaceAll" || self.in_python()),
            "split" | "rsplit" => self.split(&text, &args.either(0, "sep")),
            "removeprefix" => without_prefix(&text, args.get(0).as_literal()),
            "removesuffix" => without_suffix(&text, args.get(0).as_literal()),
            "encode" | "decode" | "toString" | "valueOf" | "normalize" => value,
            "startswith" | "startsWith" => edge_test(&text, &args.get(0), true),
            "endswith" | "endsWith" => edge_test(&text, &args.get(0), false),
            "includes" => contains_test(&text, &args.get(0)),
            "charAt" | "at" => {
                let at = if args.positional.is_empty() { Value::one(Atom::Number("0".into())) } else { args.get(0) };
                character(&text, &at, name == "at").unwrap_or_else(|| Value::unknown("part of a string"))
            }
            "indexOf" | "find" | "lastIndexOf" => position(&text, &args.get(0), name == "lastIndexOf"),
            "padStart" | "zfill" | "rjust" => padded(&text, &args.get(0), args.positional.get(1), name == "zfill", true),
            "padEnd" | "ljust" => padded(&text, &args.get(0), args.positional.get(1), false, false),
            "slice" | "substring" | "substr" => {
                let (start, end) = (args.get(0), args.get(1));
                self.part_of(&text, Bounds::of_method(name, &start, &end))
            }
            "safe_substitute" | "substitute" => value,
            _ => {
                self.call_unknown(args, span);
                Value::unknown("part of a string")
            }
        }
    }

    /// `separator.join(parts)`.
    pub(super) fn join_texts(&mut self, separator: &Value, parts: &Value, span: Span) -> Value {
        let rounds = self.rounds_of(parts, span);
        let mut whole = Value::literal("");
        let count = rounds.items.len();
        for (index, item) in rounds.items.into_iter().enumerate() {
            if index > 0 {
                whole = concat(&whole, separator);
            }
            let item = self.stringified(&item);
            whole = concat(&whole, &item);
        }
        if !rounds.rest.is_none() {
            if count > 0 {
                whole = concat(&whole, separator);
            }
            whole = concat(&whole, &Value::unknown("the items of a list"));
        }
        whole
    }

    fn split(&mut self, text: &Text, separator: &Value) -> Value {
        let known = separator.as_literal().filter(|separator| !separator.is_empty());
        match (text.as_literal(), known) {
            (Some(literal), Some(separator)) => {
                let items = literal.split(separator).map(Value::literal).collect();
                self.list(items, Value::none())
            }
            (None, Some(separator)) => {
                let parts = split_pieces(text, separator);
                let items = parts.into_iter().map(Value::text).collect();
                self.list(items, Value::none())
            }
            (Some(literal), None) if separator.is_none() => {
                let items = literal.split_whitespace().map(Value::literal).collect();
                self.list(items, Value::none())
            }
            _ => self.list(Vec::new(), Value::unknown("part of a string")),
        }
    }
}

/// Splits at separators in the known parts; what a hole contains is taken to be free of them.
fn split_pieces(text: &Text, separator: &str) -> Vec<Text> {
    let mut parts = vec![Text::default()];
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => {
                for (index, part) in literal.split(separator).enumerate() {
                    if index > 0 {
                        parts.push(Text::default());
                    }
                    if let Some(last) = parts.last_mut() {
                        last.push_str(part);
                    }
                }
            }
            Piece::Hole(_) => {
                if let Some(last) = parts.last_mut() {
                    last.push(piece.clone());
                }
            }
        }
    }
    parts
}

fn map_literals(text: &Text, map: impl Fn(&str) -> String) -> Value {
    Value::text(Text::from_pieces(text.pieces().iter().map(|piece| match piece {
        Piece::Literal(literal) => Piece::Literal(map(literal).into()),
        Piece::Hole(_) => piece.clone(),
    })))
}

fn trimmed(text: &Text, start: bool, end: bool) -> Value {
    let count = text.pieces().len();
    Value::text(Text::from_pieces(text.pieces().iter().enumerate().map(|(index, piece)| match piece {
        Piece::Literal(literal) => {
            let mut part = literal.as_str();
            if start && index == 0 {
                part = part.trim_start();
            }
            if end && index + 1 == count {
                part = part.trim_end();
            }
            Piece::Literal(part.into())
        }
        Piece::Hole(_) => piece.clone(),
    })))
}

fn replaced(text: &Text, from: &Value, to: &Value, all: bool) -> Value {
    let targets = to.texts();
    let (Some(from), [to]) = (from.as_literal(), targets.as_slice()) else {
        return Value::unknown("a string after replacing parts of it");
    };
    let mut out = Text::default();
    let mut left = if all { usize::MAX } else { 1 };
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) if !from.is_empty() => {
                let mut rest = literal.as_str();
                while left > 0
                    && let Some((before, after)) = rest.split_once(from)
                {
                    out.push_str(before);
                    out.push_text(to);
                    rest = after;
                    left -= 1;
                }
                out.push_str(rest);
            }
            other => out.push(other.clone()),
        }
    }
    Value::text(out)
}

fn without_prefix(text: &Text, prefix: Option<&str>) -> Value {
    match (text.as_literal(), prefix) {
        (Some(literal), Some(prefix)) => Value::literal(literal.strip_prefix(prefix).unwrap_or(literal)),
        _ => Value::unknown("part of a string"),
    }
}

fn without_suffix(text: &Text, suffix: Option<&str>) -> Value {
    match (text.as_literal(), suffix) {
        (Some(literal), Some(suffix)) => Value::literal(literal.strip_suffix(suffix).unwrap_or(literal)),
        _ => Value::unknown("part of a string"),
    }
}

/// One character of a text, as far as what is known of the text reaches; positions below zero count from the end where they may.
pub(in crate::flow) fn character(text: &Text, at: &Value, from_end: bool) -> Option<Value> {
    let Some(Atom::Number(number)) = at.single() else { return None };
    let at: i64 = number.parse().ok()?;
    let known = edge_of(text, at >= 0)?;
    let found = match usize::try_from(at) {
        Ok(at) => known.chars().nth(at),
        Err(_) if from_end => known.chars().rev().nth(usize::try_from(-1 - at).ok()?),
        Err(_) => return None,
    };
    match found {
        Some(letter) => Some(Value::literal(String::from(letter))),
        None => text.as_literal().map(|_| Value::literal("")),
    }
}

/// Where a part is in a text that is known.
fn position(text: &Text, part: &Value, last: bool) -> Value {
    let (Some(text), Some(part)) = (text.as_literal(), part.as_literal()) else { return Value::unknown("a position") };
    let found = if last { text.rfind(part) } else { text.find(part) };
    let at = found.map(|at| text[..at].chars().count());
    Value::one(Atom::Number(at.map_or_else(|| "-1".into(), |at| smol_str::format_smolstr!("{at}"))))
}

/// Longest text that is made by filling up a shorter one.
const MAX_PADDED: usize = 256;

/// A known text filled up to a known length.
fn padded(text: &Text, length: &Value, filler: Option<&Value>, zeros: bool, start: bool) -> Value {
    let length = match length.single() {
        Some(Atom::Number(number)) => number.parse::<usize>().ok().filter(|length| *length <= MAX_PADDED),
        _ => None,
    };
    let filler = match filler {
        Some(filler) => filler.as_literal().filter(|filler| !filler.is_empty()),
        None => Some(if zeros { "0" } else { " " }),
    };
    let (Some(literal), Some(length), Some(filler)) = (text.as_literal(), length, filler) else {
        return Value::unknown("part of a string");
    };
    let missing = length.saturating_sub(literal.chars().count());
    let filling: String = filler.chars().cycle().take(missing).collect();
    Value::literal(if start { filling + literal } else { literal.to_owned() + &filling })
}

/// Whether a text begins (or ends) with a part, as far as what is known of that edge tells.
fn edge_test(text: &Text, part: &Value, start: bool) -> Value {
    let (Some(edge), Some(part)) = (edge_of(text, start), part.as_literal()) else { return Value::unknown("a condition") };
    let meets = |whole: &str, part: &str| if start { whole.starts_with(part) } else { whole.ends_with(part) };
    let is_all = text.as_literal().is_some();
    match (meets(edge, part), is_all || !meets(part, edge)) {
        (true, _) => Value::one(Atom::Bool(true)),
        (false, true) => Value::one(Atom::Bool(false)),
        (false, false) => Value::unknown("a condition"),
    }
}

fn contains_test(text: &Text, part: &Value) -> Value {
    let Some(part) = part.as_literal() else { return Value::unknown("a condition") };
    let known = text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(literal) if literal.contains(part)));
    if known || text.as_literal().is_some() {
        Value::one(Atom::Bool(known || part.is_empty()))
    } else {
        Value::unknown("a condition")
    }
}

/// The characters that a text is known to begin (or end) with.
fn edge_of(text: &Text, start: bool) -> Option<&str> {
    let pieces = text.pieces();
    match if start { pieces.first() } else { pieces.last() } {
        None => Some(""),
        Some(Piece::Literal(literal)) => Some(literal),
        Some(Piece::Hole(_)) => None,
    }
}
