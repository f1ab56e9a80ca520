//! Functions of strings and numbers.

use smol_str::SmolStr;

use super::super::eval::pairs;
use super::super::value::{Kind, Value};
use super::each_text;
use crate::iac::strings::{MAX_WEIGHT, TOO_LONG, is_too_long};
use crate::span::Location;
use crate::value::{Hole, Piece, Text};

pub(super) fn call(name: &str, values: &[Value], at: &Location) -> Option<Value> {
    let first = values.first()?;
    let text = |index: usize| values.get(index).and_then(Value::literal);
    let literal = |text: String| Some(Value::text(text, at));
    match name {
        "lower" => Some(each_text(first, at, str::to_lowercase)),
        "upper" => Some(each_text(first, at, str::to_uppercase)),
        "title" => Some(each_text(first, at, title)),
        "trimspace" => trimmed(first, at, str::trim),
        "chomp" => trimmed(first, at, |text| text.trim_end_matches(['\n', '\r'])),
        "trim" => text(1).and_then(|set| trimmed(first, at, |text| text.trim_matches(|c| set.contains(c)))),
        "trimprefix" => text(1).and_then(|end| trimmed(first, at, |text| text.strip_prefix(end.as_str()).unwrap_or(text))),
        "trimsuffix" => text(1).and_then(|end| trimmed(first, at, |text| text.strip_suffix(end.as_str()).unwrap_or(text))),
        "replace" => replaced(first, &text(1)?, &text(2)?, at),
        "join" => Some(join(&text(0)?, values.get(1..)?, at)),
        "split" => Some(split(&text(0)?, values.get(1)?, at)),
        "format" => Some(format(first, values.get(1..)?, at)),
        "substr" => {
            let (offset, length) = (text(1)?.parse::<usize>().ok()?, text(2)?.parse::<i64>().ok()?);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            literal(first.one_text()?.as_literal()?.chars().skip(offset).take(length).collect())
        }
        "basename" => trimmed(first, at, |text| text.trim_end_matches('/').rsplit('/').next().unwrap_or(text)),
        "dirname" => {
            let path = text(0)?;
            literal(path.trim_end_matches('/').rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned())
        }
        "strrev" => literal(text(0)?.chars().rev().collect()),
        "startswith" => boolean(first, &text(1)?, at, |text, part| text.starts_with(part)),
        "endswith" => boolean(first, &text(1)?, at, |text, part| text.ends_with(part)),
        "strcontains" => boolean(first, &text(1)?, at, |text, part| text.contains(part)),
        "max" | "min" => {
            let numbers: Option<Vec<f64>> = values.iter().map(|value| value.literal()?.parse().ok()).collect();
            let pick = if name == "max" { f64::max } else { f64::min };
            let best = numbers?.into_iter().reduce(pick)?;
            Some(Value::new(Kind::Number(best.to_string().into()), at))
        }
        "floor" | "ceil" | "abs" => {
            let number: f64 = text(0)?.parse().ok()?;
            let result = match name {
                "floor" => number.floor(),
                "ceil" => number.ceil(),
                _ => number.abs(),
            };
            Some(Value::new(Kind::Number(result.to_string().into()), at))
        }
        _ => None,
    }
}

fn title(text: &str) -> String {
    let mut start = true;
    let letter = |c: char| {
        let upper = std::mem::replace(&mut start, !c.is_alphanumeric());
        if upper { c.to_uppercase().collect::<String>() } else { c.to_string() }
    };
    text.chars().map(letter).collect()
}

/// Functions that only know what they do when the whole string is known.
fn trimmed(value: &Value, at: &Location, apply: impl Fn(&str) -> &str) -> Option<Value> {
    let texts = value.texts().into_iter().map(|text| match text.as_literal() {
        Some(literal) => Value::text(apply(literal), at),
        None => Value::new(Kind::Text(text), at),
    });
    Some(Value::one_of(texts.collect::<Vec<_>>(), at))
}

/// `replace`; patterns between slashes are regular expressions, which are not evaluated.
fn replaced(value: &Value, from: &str, to: &str, at: &Location) -> Option<Value> {
    if from.len() > 1 && from.starts_with('/') && from.ends_with('/') {
        return Some(Value::unknown("text replaced by a regular expression", at));
    }
    let long = |text: &Text| {
        let literals = text.pieces().iter().filter_map(|piece| match piece {
            Piece::Literal(literal) => Some(literal.matches(from).count()),
            Piece::Hole(_) => None,
        });
        literals.sum::<usize>().saturating_mul(to.len()) > MAX_WEIGHT
    };
    match from {
        "" => None,
        _ if value.texts().iter().any(long) => Some(Value::unknown(TOO_LONG, at)),
        _ => Some(each_text(value, at, |text| text.replace(from, to))),
    }
}

fn join(separator: &str, lists: &[Value], at: &Location) -> Value {
    let mut out = Text::default();
    let mut first = true;
    for list in lists {
        let (items, open) = pairs(list);
        let more = open.then(|| Text::hole(Hole::Unknown("further items of a list".into())));
        let texts = items
            .into_iter()
            .map(|(_, item)| item.one_text().unwrap_or_else(|| Text::hole(Hole::Unknown("a value that is no string".into()))));
        for text in texts.chain(more) {
            if !std::mem::take(&mut first) {
                out.push_str(separator);
            }
            out.push_text(&text);
            if is_too_long(&out) {
                return Value::unknown(TOO_LONG, at);
            }
        }
    }
    Value::new(Kind::Text(out), at)
}

/// Holes stay in the item they stand in; they may hold separators of their own, which nobody can know.
fn split(separator: &str, value: &Value, at: &Location) -> Value {
    let Some(text) = value.one_text().filter(|text| !text.is_unknown() && !separator.is_empty()) else {
        return Value::list(Vec::new(), true, at);
    };
    let items = text.split_by(|literal| literal.split(separator));
    Value::list(items.into_iter().map(|text| Value::new(Kind::Text(text), at)).collect(), false, at)
}

/// `format`: every verb takes the argument behind the last one, unless it says which: `%[2]s`.
fn format(pattern: &Value, arguments: &[Value], at: &Location) -> Value {
    let Some(pattern) = pattern.literal() else { return Value::unknown("text of an unknown format", at) };
    let mut out = Text::default();
    let mut next = 0;
    let mut rest = pattern.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(behind) = after.strip_prefix('%') {
            out.push_str("%");
            rest = behind;
            continue;
        }
        let end = after.find(|c: char| c.is_ascii_alphabetic()).map_or(after.len(), |end| end + 1);
        let (verb, behind) = after.split_at(end);
        let said = verb.split_once('[').and_then(|(_, verb)| verb.split_once(']')?.0.parse::<usize>().ok());
        let index = said.map_or(next, |said| said.saturating_sub(1));
        next = index.saturating_add(1);
        let text = arguments.get(index).and_then(Value::one_text);
        match text.as_ref().and_then(|text| padded(verb, text)) {
            Some(text) => out.push_str(&text),
            None => out.push_text(&text.unwrap_or_else(|| Text::hole(Hole::Unknown("a formatted value".into())))),
        }
        if is_too_long(&out) {
            return Value::unknown(TOO_LONG, at);
        }
        rest = behind;
    }
    out.push_str(rest);
    Value::new(Kind::Text(out), at)
}

/// Numbers with leading zeros: `%03d`.
fn padded(verb: &str, text: &Text) -> Option<SmolStr> {
    let width: usize = verb.strip_suffix('d')?.strip_prefix('0')?.parse().ok().filter(|width| *width <= 64)?;
    let number = text.as_literal()?;
    Some(format!("{number:0>width$}").into())
}

fn boolean(value: &Value, part: &str, at: &Location, test: impl Fn(&str, &str) -> bool) -> Option<Value> {
    match &value.kind {
        Kind::Text(text) => Some(Value::new(Kind::Bool(test(text.as_literal()?, part)), at)),
        _ => None,
    }
}
