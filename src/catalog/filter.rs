//! What a template does with a parameter's value before it becomes part of an ARN: `${param:QueueUrl|last:/}`.

use smol_str::SmolStr;

use super::address;
use crate::value::{Hole, Piece, Text};

/// One step of `${param:Name|filter:argument}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filter {
    /// An ARN replaces the whole template, also where the template goes on behind it.
    Arn,
    /// An ARN replaces the template up to here; what follows is appended to it.
    ArnPrefix,
    /// The value is used as it is, even if it looks like an ARN.
    Raw,
    /// The last part of an ARN, behind its last `/` or `:`.
    Name,
    /// What stands behind the last occurrence of a string.
    Last(SmolStr),
    /// What stands before the first occurrence of a string.
    Before(SmolStr),
    /// What stands behind the first occurrence of a string; nothing if it does not occur.
    After(SmolStr),
    /// What stands before the last occurrence of a string.
    BeforeLast(SmolStr),
    /// What stands behind the first occurrence of a string, or the whole value if it does not occur.
    Behind(SmolStr),
    /// Nothing, when the value is a `PartiQL` statement that begins with another verb.
    Verb(SmolStr),
    /// The value without a string it may begin with; `s3://` in any form of such an address.
    Strip(SmolStr),
    /// The address of a mail sender: what stands in angle brackets, or the whole value.
    Address,
    /// This, when the parameter is absent.
    Default(SmolStr),
    /// The table (and index) that a `PartiQL` statement names: `Orders` or `Orders/index/ByDate`.
    PartiqlTable,
    /// Nothing of a value that is spelled out: where a name may stand for the id that the service made and that ARNs have, such
    /// a text is the name.
    Generated,
    /// The API that an address of API Gateway names.
    ApiId,
    /// The stage that an address of API Gateway names.
    ApiStage,
    /// One field of the value where it is an ARN or (`sqs`) a queue's URL: 3 is the region, 4 the account.
    QueueField(usize),
}

impl Filter {
    /// Reads one filter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, argument) = text.split_once(':').unwrap_or((text, ""));
        let argument = SmolStr::from(argument);
        Some(match name {
            "arn" => Self::Arn,
            "arn-prefix" => Self::ArnPrefix,
            "raw" => Self::Raw,
            "name" => Self::Name,
            "last" => Self::Last(argument),
            "before" => Self::Before(argument),
            "after" => Self::After(argument),
            "before-last" => Self::BeforeLast(argument),
            "behind" => Self::Behind(argument),
            "verb" => Self::Verb(argument),
            "strip" => Self::Strip(argument),
            "default" => Self::Default(argument),
            "address" => Self::Address,
            "partiql-table" => Self::PartiqlTable,
            "generated" => Self::Generated,
            "api-id" => Self::ApiId,
            "api-stage" => Self::ApiStage,
            "queue-region" => Self::QueueField(3),
            "queue-account" => Self::QueueField(4),
            _ => return None,
        })
    }

    /// Applies it to a value; nothing when the value has no such part.
    pub(crate) fn apply(&self, value: Text) -> Option<Text> {
        match self {
            Self::Name if is_arn(&value) => Some(after_last(&value, &['/', ':'])),
            Self::Arn | Self::ArnPrefix | Self::Raw | Self::Default(_) | Self::Name => Some(value),
            Self::Last(mark) => Some(after_last(&value, &mark.chars().collect::<Vec<_>>())),
            Self::Before(mark) => Some(value.split_once(mark).map_or(value, |(before, _)| before)),
            Self::After(mark) => match value.split_once(mark) {
                Some((_, after)) => Some(after),
                None => hole_of(&value),
            },
            Self::BeforeLast(mark) => Some(cut_last(&value, mark)),
            Self::Behind(mark) => Some(value.split_once(mark).map_or(value, |(_, after)| after)),
            Self::Verb(verb) => partiql_verb(&value).is_none_or(|known| known == *verb).then_some(value),
            Self::Strip(mark) if mark == address::S3 => Some(address::s3_object(&value)),
            Self::Strip(mark) => Some(strip(&value, mark)),
            Self::ApiId => Some(address::api_id(&value)),
            Self::ApiStage => Some(address::api_stage(&value)),
            Self::Address => Some(sender(&value)),
            Self::PartiqlTable => Some(partiql_table(&value)),
            Self::Generated => Some(generated(value)),
            Self::QueueField(index) => Some(queue_field(&value, *index)),
        }
    }
}

/// The value, unless the code spells out any of it.
fn generated(value: Text) -> Text {
    if value.pieces().iter().any(|piece| matches!(piece, Piece::Literal(_))) && !is_arn(&value) {
        return Text::hole(Hole::Unknown("a name, and no id".into()));
    }
    value
}

/// Whether a value is an ARN for certain.
pub(crate) fn is_arn(value: &Text) -> bool {
    matches!(value.pieces().first(), Some(Piece::Literal(text)) if text.starts_with("arn:"))
}

/// The first word of a `PartiQL` statement in lower case, when it is known.
pub(crate) fn partiql_verb(value: &Text) -> Option<String> {
    let Some(Piece::Literal(text)) = value.pieces().first() else { return None };
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_alphabetic())?;
    (end > 0).then(|| text[..end].to_ascii_lowercase())
}

/// Everything behind the last of the marks.
fn after_last(value: &Text, marks: &[char]) -> Text {
    let pieces = value.pieces();
    for (index, piece) in pieces.iter().enumerate().rev() {
        let Piece::Literal(text) = piece else { continue };
        if let Some(at) = text.rfind(marks) {
            let width = text[at..].chars().next().map_or(1, char::len_utf8);
            let behind = pieces[index + 1..].iter().cloned();
            // Of an address whose path is not known, the host is no part of what is asked for.
            if text[..at].ends_with(":/") && behind.len() > 0 {
                return Text::from_pieces(behind);
            }
            let rest = Piece::Literal(text[at + width..].into());
            return Text::from_pieces(std::iter::once(rest).chain(behind));
        }
    }
    value.clone()
}

/// What stands before the last occurrence of a mark in the known parts.
fn cut_last(value: &Text, mark: &str) -> Text {
    let pieces = value.pieces();
    for (index, piece) in pieces.iter().enumerate().rev() {
        let Piece::Literal(text) = piece else { continue };
        if let Some((before, _)) = text.rsplit_once(mark) {
            let last = Piece::Literal(before.into());
            return Text::from_pieces(pieces[..index].iter().cloned().chain(std::iter::once(last)));
        }
    }
    value.clone()
}

/// A value's first hole on its own: the part that is looked for may be inside it.
pub(super) fn hole_of(value: &Text) -> Option<Text> {
    value.holes().next().map(|hole| Text::hole(hole.clone()))
}

/// `Shop <no-reply@example.com>` sends as `no-reply@example.com`.
fn sender(value: &Text) -> Text {
    match value.split_once("<") {
        Some((_, behind)) => behind.split_once(">").map_or(behind, |(inside, _)| inside),
        None => value.clone(),
    }
}

pub(super) fn strip(value: &Text, mark: &str) -> Text {
    match value.pieces() {
        [Piece::Literal(first), rest @ ..] if first.starts_with(mark) => {
            let first = Piece::Literal(first[mark.len()..].into());
            Text::from_pieces(std::iter::once(first).chain(rest.iter().cloned()))
        }
        _ => value.clone(),
    }
}

/// `"Orders"."ByDate"` behind FROM, INTO or UPDATE becomes `Orders/index/ByDate`.
fn partiql_table(statement: &Text) -> Text {
    let unknown = || hole_of(statement).unwrap_or_else(|| Text::hole(Hole::Unknown("a PartiQL statement".into())));
    let Some(mut rest) = behind_keyword(statement) else { return unknown() };
    let mut out = Text::default();
    let mut quoted = false;
    let mut ended = false;
    while let Some(piece) = rest.pieces().first().cloned() {
        match piece {
            Piece::Hole(_) => {
                out.push(piece);
                rest = Text::from_pieces(rest.pieces()[1..].iter().cloned());
            }
            Piece::Literal(text) => {
                for c in text.chars() {
                    match c {
                        '"' => quoted = !quoted,
                        '.' if !quoted => out.push_str("/index/"),
                        c if !quoted && (c.is_whitespace() || matches!(c, ';' | ',' | ')' | '(' | '{' | '[')) => {
                            ended = true;
                            break;
                        }
                        c => out.push_str(c.encode_utf8(&mut [0; 4])),
                    }
                }
                if ended {
                    break;
                }
                rest = Text::from_pieces(rest.pieces()[1..].iter().cloned());
            }
        }
    }
    if out.pieces().is_empty() { unknown() } else { out }
}

/// What follows the first FROM, INTO or UPDATE of a statement.
fn behind_keyword(statement: &Text) -> Option<Text> {
    let pieces = statement.pieces();
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Literal(text) = piece else { continue };
        let lower = text.to_ascii_lowercase();
        let found = ["from", "into", "update"].iter().filter_map(|word| word_end(&lower, word)).min();
        if let Some(end) = found {
            let rest = Piece::Literal(text[end..].trim_start().into());
            return Some(Text::from_pieces(std::iter::once(rest).chain(pieces[index + 1..].iter().cloned())));
        }
    }
    None
}

/// Where a word that stands alone ends.
fn word_end(text: &str, word: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let alone = |at: usize| bytes.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let mut from = 0;
    while let Some(found) = text[from..].find(word) {
        let start = from + found;
        let end = start + word.len();
        if (start == 0 || alone(start - 1)) && alone(end) {
            return Some(end);
        }
        from = end;
    }
    None
}

/// The region or account of a queue's URL (`https://sqs.eu-west-1.amazonaws.com/123456789012/name`), else the deployment's.
fn queue_field(value: &Text, index: usize) -> Text {
    let known = match value.pieces().first() {
        Some(Piece::Literal(url)) => queue_url(url),
        _ => None,
    };
    let (fallback, part) = match index {
        3 => (Hole::Region, known.map(|(region, _)| region)),
        _ => (Hole::Account, known.map(|(_, account)| account)),
    };
    part.map_or_else(|| Text::hole(fallback), Text::literal)
}

fn queue_url(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("https://")?;
    let (host, path) = rest.split_once('/')?;
    let region = host.strip_prefix("sqs.")?.split_once(".amazonaws.com")?.0;
    let account = path.split('/').next()?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some((region, account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_no_name() {
        let tail = || Piece::Hole(crate::value::Hole::Event("tail".into()));
        let address = |start: &str| Text::from_pieces([Piece::Literal(start.into()), tail()]);
        assert_eq!(after_last(&address("https://sqs.eu-west-1.amazonaws.com"), &['/']).pattern(), "*");
        assert_eq!(after_last(&address("https://sqs.eu-west-1.amazonaws.com/1/jobs-"), &['/']).pattern(), "jobs-*");
    }
}
