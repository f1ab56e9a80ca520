//! Functions of strings and numbers.

use smol_str::SmolStr;

use super::super::eval::pairs;
use super::super::value::{Kind, Value};
use crate::iac::strings::{MAX_WEIGHT, TOO_LONG, is_too_long};
use crate::span::Location;
use crate::value::{Hole, Piece, Text};

/// What a function makes of what is not known, if that is another text than before.
pub(super) type OfHole<'c> = &'c dyn Fn(&Hole) -> Hole;

/// A function; nothing where it is none of strings, or what it gives is not known.
pub(super) fn call(name: &str, values: &[Value], of_hole: OfHole<'_>, at: &Location) -> Option<Value> {
    let first = values.first()?;
    let text = |index: usize| values.get(index).and_then(Value::literal);
    let literal = |text: String| Some(Value::text(text, at));
    match name {
        "lower" => Some(each_text(first, at, of_hole, str::to_lowercase)),
        "upper" => Some(each_text(first, at, of_hole, str::to_uppercase)),
        "title" => Some(each_text(first, at, of_hole, title)),
        // What is not known has no white space around it.
        "trimspace" => trimmed(first, at, of_hole, str::trim, Ends::Kept),
        "chomp" => trimmed(first, at, of_hole, |text| text.trim_end_matches(['\n', '\r']), Ends::Kept),
        "trim" => text(1).and_then(|set| trimmed(first, at, of_hole, |text| text.trim_matches(|c| set.contains(c)), Ends::Both)),
        "trimprefix" => text(1).and_then(|start| {
            trimmed(first, at, of_hole, |text| text.strip_prefix(start.as_str()).unwrap_or(text), Ends::First(start.len()))
        }),
        "trimsuffix" => text(1).and_then(|end| {
            trimmed(first, at, of_hole, |text| text.strip_suffix(end.as_str()).unwrap_or(text), Ends::Last(end.len()))
        }),
        "replace" => replaced(first, &text(1)?, &text(2)?, of_hole, at),
        "join" => Some(join(&text(0)?, values.get(1..)?, at)),
        "split" => Some(split(&text(0)?, values.get(1)?, at)),
        "format" => Some(format(first, values.get(1..)?, at)),
        "substr" => {
            let (offset, length) = (text(1)?.parse::<usize>().ok()?, text(2)?.parse::<i64>().ok()?);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            literal(first.one_text()?.as_literal()?.chars().skip(offset).take(length).collect())
        }
        "basename" => {
            trimmed(first, at, of_hole, |text| text.trim_end_matches('/').rsplit('/').next().unwrap_or(text), Ends::Both)
        }
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

/// Applies a function of each character by itself to every alternative.
fn each_text(value: &Value, at: &Location, of_hole: OfHole<'_>, apply: impl Fn(&str) -> String) -> Value {
    let texts = value.texts().into_iter().map(|text| {
        let pieces = text.pieces().iter().map(|piece| match piece {
            Piece::Literal(text) => Piece::Literal(apply(text).into()),
            Piece::Hole(hole) => Piece::Hole(of_hole(hole)),
        });
        Value::new(Kind::Text(Text::from_pieces(pieces)), at)
    });
    Value::one_of(texts.collect::<Vec<_>>(), at)
}

/// Which ends of a string a function looks at, and how many bytes of it.
#[derive(Clone, Copy)]
enum Ends {
    First(usize),
    Last(usize),
    Both,
    Kept,
}

/// Functions that look at the ends of a string: what stands in the middle does not matter to them.
fn trimmed(value: &Value, at: &Location, of_hole: OfHole<'_>, apply: impl Fn(&str) -> &str, ends: Ends) -> Option<Value> {
    let one = |text: Text| {
        if let Some(literal) = text.as_literal() {
            return Value::text(apply(literal), at);
        }
        let last = text.pieces().len() - 1;
        let (end, needed) = match ends {
            Ends::First(needed) => (0, needed),
            Ends::Last(needed) => (last, needed),
            Ends::Kept => return Value::new(Kind::Text(text), at),
            Ends::Both => match text.as_hole() {
                Some(hole) => return Value::hole(of_hole(hole), at),
                None => return Value::unknown("a part of a text that is not known as a whole", at),
            },
        };
        let changed = match &text.pieces()[end] {
            Piece::Literal(literal) if literal.len() >= needed => Piece::Literal(apply(literal).into()),
            Piece::Literal(_) => return Value::unknown("a part of a text that is not known as a whole", at),
            Piece::Hole(hole) => Piece::Hole(of_hole(hole)),
        };
        let pieces = text.pieces().iter().enumerate();
        let pieces = pieces.map(|(index, piece)| if index == end { changed.clone() } else { piece.clone() });
        Value::new(Kind::Text(Text::from_pieces(pieces)), at)
    };
    Some(Value::one_of(value.texts().into_iter().map(one).collect::<Vec<_>>(), at))
}

/// `replace`; patterns between slashes are regular expressions, which are not evaluated.
fn replaced(value: &Value, from: &str, to: &str, of_hole: OfHole<'_>, at: &Location) -> Option<Value> {
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
        _ => Some(each_text(value, at, of_hole, |text| text.replace(from, to))),
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
