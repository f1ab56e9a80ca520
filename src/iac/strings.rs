//! Strings of templates: put together, taken apart, and with the places in which AWS fills in something.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::value::{Arg, Hole, Piece, Text};

/// How many alternatives a string may have before it counts as unknown.
pub(crate) const MAX_ALTERNATIVES: usize = 16;
/// How large a string may become; nested substitutions can double it at every level.
const MAX_WEIGHT: usize = 1 << 20;

/// The only text, or an unknown one when there are several.
pub(crate) fn one(mut texts: Vec<Text>) -> Option<Text> {
    match texts.len() {
        0 | 1 => texts.pop(),
        _ => Some(Text::hole(Hole::Unknown("one of several values, by condition".into()))),
    }
}

/// Every way to write the parts one after the other.
pub(crate) fn alternatives(parts: &[Vec<Text>]) -> Arg {
    let mut results = vec![Text::default()];
    for part in parts {
        if results.len() * part.len() > MAX_ALTERNATIVES {
            return Arg::unknown("too many values");
        }
        let unknown = [Text::hole(Hole::Unknown("a value that is no string".into()))];
        let part = if part.is_empty() { &unknown[..] } else { part };
        let mut longer = Vec::with_capacity(results.len() * part.len());
        for result in &results {
            for text in part {
                let mut result = result.clone();
                result.push_text(text);
                if result.weight() > MAX_WEIGHT {
                    return Arg::unknown("too long a string");
                }
                longer.push(result);
            }
        }
        results = longer;
    }
    Arg::one_of(results.iter().map(|text| Arg::Text(dynamic_references(text))))
}

/// Splits where that is certain: only these holes can never hold a delimiter.
pub(crate) fn split_text(text: &Text, delimiter: &str) -> Arg {
    let certain = text.holes().all(|hole| matches!(hole, Hole::Region | Hole::Account | Hole::Partition));
    if !certain {
        return Arg::List { items: Vec::new(), open: true };
    }
    let mut items = vec![Text::default()];
    for piece in text.pieces() {
        match piece {
            Piece::Hole(_) => push_last(&mut items, piece.clone()),
            Piece::Literal(literal) => {
                for (index, part) in literal.split(delimiter).enumerate() {
                    if index > 0 {
                        items.push(Text::default());
                    }
                    push_last(&mut items, Piece::Literal(part.into()));
                }
            }
        }
    }
    Arg::List { items: items.into_iter().map(Arg::Text).collect(), open: false }
}

/// A list that was joined with the delimiter and is split again: items may have been several, or none.
pub(crate) fn split_items(list: &Arg, delimiter: &str) -> Arg {
    let Arg::List { items, open } = list else { return Arg::List { items: Vec::new(), open: true } };
    let (mut split, mut open) = (Vec::new(), *open);
    for item in items {
        match item.as_text().map(|text| split_text(&text, delimiter)) {
            Some(Arg::List { items, open: false }) => split.extend(items),
            // Names and ARNs of resources are one item each.
            _ => {
                open |= item.texts().iter().flat_map(Text::holes).any(|hole| !matches!(hole, Hole::Resource { .. }));
                split.push(item.clone());
            }
        }
    }
    Arg::List { items: split, open }
}

fn push_last(items: &mut [Text], piece: Piece) {
    if let Some(last) = items.last_mut() {
        last.push(piece);
    }
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

/// What a dynamic reference stands for.
fn looked_up(reference: &Text) -> Hole {
    let written = reference.pattern();
    let (service, name) = written.split_once(':').unwrap_or((&written, ""));
    let what = if service == "secretsmanager" { "a secret" } else { "a parameter of the parameter store" };
    Hole::Unknown(format!("the value of {what}, {name}").into())
}

/// A text in which what is not known stands as `${Name}`, so that the code around it still parses, and what each of these is.
pub(crate) fn spelled(text: &Text) -> (String, BTreeMap<SmolStr, Hole>) {
    let mut out = String::new();
    let mut filled = BTreeMap::new();
    for piece in text.pieces() {
        let hole = match piece {
            Piece::Literal(text) => {
                out.push_str(text);
                continue;
            }
            Piece::Hole(hole) => hole,
        };
        let name = match hole {
            Hole::Region => "AWS::Region".to_owned(),
            Hole::Account => "AWS::AccountId".to_owned(),
            Hole::Partition => "AWS::Partition".to_owned(),
            Hole::Resource { id, attribute } if attribute != "Ref" => format!("{id}.{attribute}"),
            Hole::Parameter(name) | Hole::Resource { id: name, .. } => name.to_string(),
            _ => "unknown".to_owned(),
        };
        let mark = format!("${{{name}}}");
        out.push_str(&mark);
        filled.entry(mark.into()).or_insert_with(|| hole.clone());
    }
    (out, filled)
}
