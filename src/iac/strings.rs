//! Strings of templates: put together, taken apart, and with the places in which AWS fills in something.

use smol_str::SmolStr;

use super::symbols::{Expression, expression, looked_up};
use crate::value::{Arg, Hole, Piece, Text};

/// How many alternatives a string may have before it counts as unknown.
pub(crate) const MAX_ALTERNATIVES: usize = 16;
/// How large a string may become; nested substitutions can double it at every level.
pub(crate) const MAX_WEIGHT: usize = 1 << 20;
/// How many known and unknown parts a string may have.
const MAX_PIECES: usize = 4096;
/// What a string is that nobody would write.
pub(crate) const TOO_LONG: &str = "a string that is too long";

/// Whether a string is one that nobody would write: a few lines can double it without end.
pub(crate) fn is_too_long(text: &Text) -> bool {
    text.weight() > MAX_WEIGHT || text.pieces().len() > MAX_PIECES
}

/// The resource that a text refers to: its first hole, if that is one (`${Function.Arn}:live`).
pub(crate) fn named_resource(text: &Text) -> Option<&SmolStr> {
    match text.pieces().first() {
        Some(Piece::Hole(Hole::Resource { id, .. })) => Some(id),
        _ => None,
    }
}

/// The only text; of several, what they have in common around an unknown part.
pub(crate) fn one(mut texts: Vec<Text>) -> Option<Text> {
    if texts.len() < 2 {
        return texts.pop();
    }
    let all: Vec<Vec<Unit<'_>>> = texts.iter().map(units).collect();
    let shortest = all.iter().map(Vec::len).min().unwrap_or_default();
    let alike = |at: &dyn Fn(&[Unit<'_>]) -> usize| all.iter().all(|units| units[at(units)] == all[0][at(&all[0])]);
    let before = (0..shortest).take_while(|place| alike(&|_| *place)).count();
    let after = (0..shortest - before).take_while(|place| alike(&|units| units.len() - 1 - place)).count();
    let mut out = joined(&all[0][..before]);
    if all.iter().any(|units| units.len() > before + after) {
        out.push(Piece::Hole(Hole::Unknown("one of several values, by condition".into())));
    }
    out.push_text(&joined(&all[0][all[0].len() - after..]));
    Some(out)
}

/// An ARN of something in the deployment's own partition, region and account.
pub(crate) fn own_arn(service: &str, resource: &str) -> Text {
    Text::from_pieces([
        Piece::Literal("arn:".into()),
        Piece::Hole(Hole::Partition),
        Piece::Literal([":", service, ":"].concat().into()),
        Piece::Hole(Hole::Region),
        Piece::Literal(":".into()),
        Piece::Hole(Hole::Account),
        Piece::Literal([":", resource].concat().into()),
    ])
}

/// A character or a hole of a text.
#[derive(PartialEq, Eq)]
enum Unit<'t> {
    Char(char),
    Hole(&'t Hole),
}

fn joined(units: &[Unit<'_>]) -> Text {
    let mut out = Text::default();
    let mut literal = String::new();
    for unit in units {
        match unit {
            Unit::Char(c) => literal.push(*c),
            Unit::Hole(hole) => {
                out.push_str(&std::mem::take(&mut literal));
                out.push(Piece::Hole((*hole).clone()));
            }
        }
    }
    out.push_str(&literal);
    out
}

fn units(text: &Text) -> Vec<Unit<'_>> {
    let mut all = Vec::new();
    for piece in text.pieces() {
        match piece {
            Piece::Literal(text) => all.extend(text.chars().map(Unit::Char)),
            Piece::Hole(hole) => all.push(Unit::Hole(hole)),
        }
    }
    all
}

/// Every way to write the parts one after the other.
pub(crate) fn alternatives(parts: &[Vec<Text>]) -> Arg {
    let texts = parts.iter().fold(vec![Text::default()], |texts, part| followed_by(&texts, part));
    Arg::one_of(texts.iter().map(|text| Arg::Text(dynamic_references(text))))
}

/// Every text followed by every other. Where these would be too many, what follows is not known.
pub(crate) fn followed_by(texts: &[Text], next: &[Text]) -> Vec<Text> {
    let unknown = |reason: &str| vec![Text::hole(Hole::Unknown(reason.into()))];
    let instead = match texts.len() * next.len() {
        0 => unknown("a value that is no string"),
        1..=MAX_ALTERNATIVES => Vec::new(),
        _ => unknown("too many values"),
    };
    let next = if instead.is_empty() { next } else { &instead };
    let mut out = Vec::with_capacity(texts.len() * next.len());
    for text in texts {
        for end in next {
            let mut text = text.clone();
            text.push_text(end);
            if is_too_long(&text) {
                return unknown(TOO_LONG);
            }
            out.push(text);
        }
    }
    out
}

/// Whether something that is filled in can hold a delimiter. Names and ARNs of resources hold no comma.
fn may_hold(hole: &Hole, delimiter: &str) -> bool {
    match hole {
        Hole::Region | Hole::Account | Hole::Partition => false,
        Hole::Resource { .. } => delimiter != ",",
        Hole::Parameter(name) => delimiter != "," || !is_import(name),
        _ => true,
    }
}

/// Whether a parameter is what another stack exports: an ARN or a name, in which no comma is.
fn is_import(parameter: &str) -> bool {
    matches!(expression(parameter), Some(Expression::Import(_)))
}

/// Whether it is certain that a text is one item of a list that was split.
pub(crate) fn is_one_item(text: &Text) -> bool {
    !text.holes().any(|hole| may_hold(hole, ","))
}

/// Splits at the delimiters that stand there. What is filled in may hold others, so that there may be more items.
pub(crate) fn split_text(text: &Text, delimiter: &str) -> Arg {
    // An import that is split by itself is a list.
    let open = text.holes().any(|hole| may_hold(hole, delimiter))
        || matches!(text.as_hole(), Some(Hole::Parameter(name)) if is_import(name));
    let items = text.split_by(|literal| literal.split(delimiter));
    Arg::List { items: items.into_iter().map(Arg::Text).collect(), open }
}

/// A list that was joined with the delimiter and is split again: items may have been several, or none.
pub(crate) fn split_items(list: &Arg, delimiter: &str) -> Arg {
    let Arg::List { items: list, open } = list else { return Arg::List { items: Vec::new(), open: true } };
    let (mut split, mut open) = (Vec::new(), *open);
    for item in list {
        let (parts, more) = match item.as_text().map(|text| split_text(&text, delimiter)) {
            Some(Arg::List { items, open }) => (items, open),
            _ => (vec![item.clone()], true),
        };
        split.extend(parts);
        // Names and ARNs of resources are one item each.
        let is_one = |hole: &Hole| match hole {
            Hole::Parameter(name) => list.len() > 1 && is_import(name),
            other => matches!(other, Hole::Resource { .. }),
        };
        open |= more && !item.texts().iter().flat_map(Text::holes).all(is_one);
    }
    Arg::List { items: split, open }
}

/// A part of the string of `Fn::Sub`.
pub(crate) enum SubPart<'t> {
    Literal(&'t str),
    Variable(&'t str),
}

/// Cuts a string of `Fn::Sub` at its variables; `${!Name}` stands for `${Name}` itself.
pub(crate) fn sub_parts(text: &str) -> Vec<SubPart<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        parts.push(SubPart::Literal(before));
        match name.trim().strip_prefix('!') {
            Some(name) => parts.extend([SubPart::Literal("${"), SubPart::Literal(name), SubPart::Literal("}")]),
            None => parts.push(SubPart::Variable(name.trim())),
        }
        rest = behind;
    }
    parts.push(SubPart::Literal(rest));
    parts
}

/// A string in which `{{resolve:…}}` is a hole. What is filled into strings is filled in before, so a reference may have holes itself.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
pub(crate) fn dynamic_references(text: &Text) -> Text {
    const OPENING: &str = "{{resolve:";
    let mut out = Text::default();
    // The reference that was opened and not closed so far.
    let mut inside: Option<Text> = None;
    for piece in text.pieces() {
        let Piece::Literal(literal) = piece else {
            inside.as_mut().unwrap_or(&mut out).push(piece.clone());
            continue;
        };
        let mut rest = literal.as_str();
        loop {
            let next = rest.split_once(if inside.is_some() { "}}" } else { OPENING });
            let open = inside.as_mut().unwrap_or(&mut out);
            open.push_str(next.map_or(rest, |(before, _)| before));
            let Some((_, after)) = next else { break };
            match inside.take() {
                Some(reference) => out.push(Piece::Hole(looked_up(&reference))),
                None => inside = Some(Text::default()),
            }
            rest = after;
        }
    }
    if let Some(unclosed) = inside {
        out.push_str(OPENING);
        out.push_text(&unclosed);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_texts_stays_what_they_share() {
        let one = |texts: &[&str]| one(texts.iter().map(|text| Text::literal(*text)).collect()).map(|text| text.pattern());
        assert_eq!(one(&[]), None);
        assert_eq!(one(&["orders"]).as_deref(), Some("orders"));
        assert_eq!(one(&["orders-dev-a", "orders-prod-a"]).as_deref(), Some("orders-*-a"));
        assert_eq!(one(&["aa", "aaa"]).as_deref(), Some("aa*"));
        assert_eq!(one(&["a", "b"]).as_deref(), Some("*"));
    }
}
