//! Parts of strings: `name[:63]`, `key.slice(0, -5)`.

use super::super::eval::concat;
use super::super::interp::Interp;
use super::super::value::{Atom, Value};
use crate::value::{Piece, Text};

/// What a string that nothing is known of any more is called.
const PART: &str = "part of a string";

/// Further than any string that is followed reaches, and near enough to be added up.
const FAR: i64 = 1 << 32;

/// Where a part begins and ends; positions below zero count from the end.
#[derive(Debug, Clone, Copy)]
pub(in crate::flow) struct Bounds {
    /// Nothing where it is computed.
    start: Option<i64>,
    end: End,
}

#[derive(Debug, Clone, Copy)]
enum End {
    /// The string's own.
    Open,
    At(i64),
    Computed,
}

impl Bounds {
    /// `text[start:end]`; a bound that is not written is `None`.
    pub(in crate::flow) fn new(start: Option<&Value>, end: Option<&Value>) -> Self {
        let end = match end {
            None => End::Open,
            Some(value) if is_absent(value) => End::Open,
            Some(value) => number(value).map_or(End::Computed, End::At),
        };
        Self { start: start.filter(|value| !is_absent(value)).map_or(Some(0), number), end }
    }

    /// The bounds that a method of JavaScript's strings is given.
    pub(super) fn of_method(name: &str, start: &Value, end: &Value) -> Self {
        let mut bounds = Self::new(Some(start), Some(end));
        match (name, bounds.start, bounds.end) {
            ("substring", Some(start), End::At(end)) => {
                let (start, end) = (start.max(0), end.max(0));
                bounds = Self { start: Some(start.min(end)), end: End::At(start.max(end)) };
            }
            ("substring", Some(start), _) => bounds.start = Some(start.max(0)),
            ("substr", Some(start), End::At(length)) if start >= 0 => bounds.end = End::At(start + length.max(0)),
            ("substr", _, End::At(_)) => bounds.end = End::Computed,
            _ => {}
        }
        bounds
    }
}

impl Interp<'_> {
    /// Part of a text: what is known of its edges stays where the part certainly has it.
    pub(in crate::flow) fn part_of(&self, text: &Text, bounds: Bounds) -> Value {
        if let (Some(literal), Some(start)) = (text.as_literal(), bounds.start) {
            return part_of_literal(literal, start, bounds.end);
        }
        let holes: Vec<Value> = text.holes().cloned().map(Value::hole).collect();
        let hole = self.derived(&holes.iter().collect::<Vec<_>>(), PART);
        let mut pieces = text.pieces().to_vec();
        match bounds.start {
            Some(0) => {}
            Some(start) => match first_literal(&pieces).map(|literal| cut(literal, start, None)) {
                Some(Some(rest)) if start > 0 => pieces[0] = Piece::Literal(rest.into()),
                _ if start < 0 && matches!(bounds.end, End::Open) => return last_of(&pieces, start, &hole),
                _ => return hole,
            },
            None => return hole,
        }
        let known = first_literal(&pieces).unwrap_or_default();
        match bounds.end {
            End::Open => Value::text(Text::from_pieces(pieces)),
            End::At(end) if end >= 0 => {
                let length = end - bounds.start.unwrap_or_default();
                match cut(known, 0, Some(length.max(0))) {
                    Some(all) => Value::literal(all),
                    None => concat(&Value::literal(known), &hole),
                }
            }
            End::At(end) => match pieces.last() {
                Some(Piece::Literal(last)) if last.chars().count() as i64 >= -end => {
                    let kept = last.chars().count() - end.unsigned_abs() as usize;
                    let kept: String = last.chars().take(kept).collect();
                    pieces.pop();
                    pieces.push(Piece::Literal(kept.into()));
                    Value::text(Text::from_pieces(pieces))
                }
                // It may end within what is known.
                _ => hole,
            },
            End::Computed => hole,
        }
    }
}

fn part_of_literal(literal: &str, start: i64, end: End) -> Value {
    let count = literal.chars().count() as i64;
    let at = |position: i64| if position < 0 { (count + position).max(0) } else { position.min(count) };
    let end = match end {
        End::Open => count,
        End::At(end) => at(end),
        End::Computed => return Value::unknown(PART),
    };
    let start = at(start);
    Value::literal(literal.chars().skip(start as usize).take((end - start).max(0) as usize).collect::<String>())
}

/// The last characters of a text.
fn last_of(pieces: &[Piece], start: i64, hole: &Value) -> Value {
    match pieces.last() {
        Some(Piece::Literal(last)) => {
            let (count, wanted) = (last.chars().count(), start.unsigned_abs() as usize);
            if count >= wanted {
                return Value::literal(last.chars().skip(count - wanted).collect::<String>());
            }
            concat(hole, &Value::literal(last.clone()))
        }
        _ => hole.clone(),
    }
}

/// The characters of a literal from a position on, as far as it has them.
fn cut(literal: &str, start: i64, length: Option<i64>) -> Option<String> {
    let count = literal.chars().count() as i64;
    let needed = start + length.unwrap_or_default();
    let taken = length.map_or(usize::MAX, |length| length as usize);
    (needed <= count).then(|| literal.chars().skip(start.max(0) as usize).take(taken).collect())
}

fn first_literal(pieces: &[Piece]) -> Option<&str> {
    match pieces.first() {
        Some(Piece::Literal(literal)) => Some(literal),
        _ => None,
    }
}

fn is_absent(value: &Value) -> bool {
    value.is_none() || matches!(value.single(), Some(Atom::Null(_)))
}

pub(super) fn number(value: &Value) -> Option<i64> {
    match value.single() {
        Some(Atom::Number(number)) => number.parse::<i64>().ok().map(|number| number.clamp(-FAR, FAR)),
        _ => None,
    }
}
