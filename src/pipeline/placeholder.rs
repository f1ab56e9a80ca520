//! Names that are yet to be given: `<your bucket>`, `YOUR_TABLE_NAME`, `CHANGEME`. No deployed function works with these, so nothing is
//! allowed by them; where they stand, a name is missing.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use crate::catalog::Grant;
use crate::flow::{Program, SdkCall};
use crate::span::{Location, Span};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// Words that say that what they stand in is yet to be replaced.
const TO_BE_REPLACED: [&str; 5] = ["changeme", "change me", "replaceme", "replace me", "replace with"];

/// What each placeholder has somewhere, in small letters or capital ones.
const SIGNS: [&str; 8] = ["<", "your", "here", "xxx", "change", "replace", "placeholder", "todo"];

/// What is asked for in the words before `your`: `enter_your_bucket`.
const REQUESTS: [&str; 7] = ["add", "enter", "insert", "provide", "put", "specify", "use"];

/// What is no name, and no clear sign of one that is missing either: a table of tasks may be called `todo`.
const NO_NAMES: [&str; 6] = ["unknown", "undefined", "null", "none", "n/a", "todo"];

/// Where the names stand in the code that are yet to be given, as far as they stand there.
pub(super) type Placeholders = BTreeMap<SmolStr, Option<Location>>;

/// Whether a value is nothing that anybody would be advised to use.
pub(super) fn is_no_name(value: &str) -> bool {
    NO_NAMES.contains(&value.to_lowercase().as_str()) || found(value).next().is_some()
}

/// A text in which a hole stands where a name is yet to be given, as far as `hole` has one for it.
pub(super) fn filled(text: &Text, mut hole: impl FnMut(&str) -> Option<Hole>) -> Text {
    let pieces = text.pieces().iter().flat_map(|piece| match piece {
        Piece::Literal(literal) => {
            let part = |part: Part<'_>| match part {
                Part::Placeholder(name) => hole(name).map_or_else(|| Piece::Literal(name.into()), Piece::Hole),
                Part::Plain(plain) => Piece::Literal(plain.into()),
            };
            parts(literal).into_iter().map(part).collect()
        }
        Piece::Hole(_) => vec![piece.clone()],
    });
    Text::from_pieces(pieces)
}

/// A grant with holes for the names that the code does not give.
pub(super) fn without_placeholders(grant: Grant, known: &Placeholders) -> Grant {
    if known.is_empty() {
        return grant;
    }
    let hole = |name: &str| {
        let at = known.get(name)?.as_ref().map(|at| format_smolstr!(", {}", at.short())).unwrap_or_default();
        Some(Hole::Unknown(format_smolstr!("`{name}` is a placeholder{at}, to be replaced by the name")))
    };
    Grant { resources: grant.resources.iter().map(|arn| filled(arn, hole)).collect(), ..grant }
}

/// The placeholders in what calls are told, with where they stand in the program: in the call itself, else where they come first.
pub(super) fn of_calls(calls: &[SdkCall], program: &Program) -> Placeholders {
    let mut all = Placeholders::new();
    for call in calls {
        let mut names = Placeholders::new();
        of_map(&call.params, &mut names);
        for name in names.into_keys() {
            all.entry(name).or_insert_with_key(|name| {
                let of_program = || program.modules.iter().map(|linked| &linked.module.file);
                let (start, end) = (call.at.span.start as usize, call.at.span.end as usize);
                let own = call.at.file.text.get(start..end).and_then(|text| text.find(name.as_str()));
                let own = own.map(|at| (&call.at.file, start + at));
                let (file, at) = own.or_else(|| of_program().find_map(|file| Some((file, file.text.find(name.as_str())?))))?;
                Some(Location::new(file, Span::new(at as u32, (at + name.len()) as u32)))
            });
        }
    }
    all
}

fn of_map(map: &ArgMap, names: &mut Placeholders) {
    let mut take = |text: &str| names.extend(found(text).map(|name| (name.into(), None)));
    map.entries.keys().for_each(|key| take(key));
    map.computed.iter().for_each(|key| key.pieces().iter().for_each(|piece| of_piece(piece, &mut take)));
    map.entries.values().for_each(|value| of_arg(value, names));
}

fn of_arg(arg: &Arg, names: &mut Placeholders) {
    match arg {
        Arg::Text(text) => {
            let mut take = |text: &str| names.extend(found(text).map(|name| (name.into(), None)));
            text.pieces().iter().for_each(|piece| of_piece(piece, &mut take));
        }
        Arg::List { items, .. } | Arg::OneOf(items) => items.iter().for_each(|item| of_arg(item, names)),
        Arg::Map(map) => of_map(map, names),
        _ => {}
    }
}

fn of_piece(piece: &Piece, take: &mut impl FnMut(&str)) {
    if let Piece::Literal(text) = piece {
        take(text);
    }
}

/// A part of a text.
enum Part<'t> {
    /// A name that is yet to be given.
    Placeholder(&'t str),
    /// Anything else.
    Plain(&'t str),
}

fn found(text: &str) -> impl Iterator<Item = &str> {
    let parts = if may_hold_one(text) { parts(text) } else { Vec::new() };
    parts.into_iter().filter_map(|part| if let Part::Placeholder(name) = part { Some(name) } else { None })
}

/// Whether a text has any of the signs of a placeholder, as hardly any has: every text of every request is asked.
fn may_hold_one(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins =
        |at: usize, sign: &str| bytes[at..].get(..sign.len()).is_some_and(|start| start.eq_ignore_ascii_case(sign.as_bytes()));
    (0..bytes.len()).any(|at| SIGNS.iter().any(|sign| begins(at, sign)))
}

/// A text cut at what stands in angle brackets, and at the marks between the names of an ARN or a path.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((start, end)) = bracketed(rest) {
        names(&rest[..start], &mut parts);
        parts.push(Part::Placeholder(&rest[start..end]));
        rest = &rest[end..];
    }
    names(rest, &mut parts);
    parts
}

/// Where something stands in angle brackets that could be what a name is replaced by: one line, and no other bracket.
fn bracketed(text: &str) -> Option<(usize, usize)> {
    let end = text.find('>')?;
    let start = text[..end].rfind('<')?;
    let inner = &text[start + 1..end];
    // Senders of mails are written so, too: `Shop <orders@example.com>`.
    (inner.starts_with(char::is_alphabetic) && !inner.contains(['\n', '@'])).then_some((start, end + 1))
}

fn names<'t>(text: &'t str, parts: &mut Vec<Part<'t>>) {
    for piece in text.split_inclusive([':', '/']) {
        let name = piece.trim_end_matches([':', '/']);
        parts.push(if is_placeholder(name) { Part::Placeholder(name) } else { Part::Plain(name) });
        parts.push(Part::Plain(&piece[name.len()..]));
    }
}

/// Whether a name says that another one is to be put in its place.
fn is_placeholder(name: &str) -> bool {
    if name == "TODO" {
        return true;
    }
    let words: Vec<String> = words(name).map(str::to_lowercase).collect();
    let spaced = format!(" {} ", words.join(" "));
    let asks = |at: usize| at == 0 || REQUESTS.contains(&words[at - 1].as_str());
    let is_yours = words.iter().position(|word| word == "your").is_some_and(|at| asks(at) && words.len() > at + 1);
    is_yours
        // An image may be called `photo-placeholder.png`.
        || words.first().is_some_and(|word| word == "placeholder") && !name.contains('.')
        || words.len() > 1 && words.last().is_some_and(|word| word == "here")
        || words.iter().any(|word| word.len() > 2 && word.chars().all(|c| c == 'x'))
        || TO_BE_REPLACED.iter().any(|words| spaced.contains(&format!(" {words} ")))
}

/// The words of a name, which begin with a capital letter where nothing stands between them: `YourBucket`, `your-bucket`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let of_run = |run: &str| {
        let mut before = ' ';
        let mut starts: Vec<usize> = run
            .char_indices()
            .filter_map(|(at, c)| {
                let starts = before.is_lowercase() && c.is_uppercase();
                before = c;
                starts.then_some(at)
            })
            .collect();
        starts.push(run.len());
        starts
    };
    name.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()).flat_map(move |run| {
        let mut start = 0;
        of_run(run).into_iter().map(move |end| &run[std::mem::replace(&mut start, end)..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clear_placeholders_are_no_names() {
        let clear = [
            "<Your S3 Bucket>",
            "YOUR_TABLE_NAME",
            "your-bucket",
            "YourBucketName",
            "enter_your_bucket",
            "my-bucket-here",
            "CHANGEME",
            "PLACEHOLDER_AGENT_ID",
            "replace-me",
            "TODO",
            "xxx",
            "XXXXXXXXXXXX",
            "fs-xxxxxxxx",
        ];
        for name in clear {
            assert_eq!(found(name).collect::<Vec<_>>(), [name]);
        }
        for name in [
            "todo",
            "Todo",
            "your",
            "know-your-customer",
            "xx",
            "maxxx",
            "here",
            "my-bucket",
            "a<b",
            "a -> b",
            "",
            "<",
            "></",
            "Shop <orders@example.com>",
            "photo-placeholder.png",
        ] {
            assert_eq!(found(name).next(), None, "{name}");
        }
    }

    #[test]
    fn only_the_placeholder_of_a_text_is_left_open() {
        let pattern = |text: &str| filled(&Text::literal(text), |name| Some(Hole::Unknown(name.into()))).pattern();
        assert_eq!(pattern("arn:aws:sns:eu-west-1:<ACCOUNT>:alerts"), "arn:aws:sns:eu-west-1:*:alerts");
        assert_eq!(pattern("arn:aws:s3:::<stage>-uploads/YOUR_FOLDER/a.json"), "arn:aws:s3:::*-uploads/*/a.json");
        assert_eq!(filled(&Text::literal("CHANGEME"), |_| None), Text::literal("CHANGEME"));
    }
}
