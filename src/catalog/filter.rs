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
    /// Nothing of a value that is the id of an account.
    NotAccount,
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
    /// The value in lower case, as some services keep names.
    Lower,
    /// The id of a key of KMS; of an alias only where its key lies, as it does not show which one it stands for.
    Key,
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
            "not-account" => Self::NotAccount,
            "before-last" => Self::BeforeLast(argument),
            "behind" => Self::Behind(argument),
            "verb" => Self::Verb(argument),
            "strip" => Self::Strip(argument),
            "default" => Self::Default(argument),
            "address" => Self::Address,
            "partiql-table" => Self::PartiqlTable,
            "generated" => Self::Generated,
            "key" => Self::Key,
            "lower" => Self::Lower,
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
                None => hole_of(&value).filter(|_| value.holes().any(may_have_marks)),
            },
            Self::NotAccount => (!is_account(&value)).then_some(value),
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
            Self::Key => Some(key(value)),
            Self::Lower => Some(lower(&value)),
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

/// The known parts in lower case.
fn lower(value: &Text) -> Text {
    Text::from_pieces(value.pieces().iter().map(|piece| match piece {
        Piece::Literal(text) => Piece::Literal(text.to_ascii_lowercase().into()),
        Piece::Hole(_) => piece.clone(),
    }))
}

/// An ARN without the version or label behind its name: `parameter/name:3`. The name stands in the last of these fields.
pub(super) fn unversioned(arn: &Text, fields: usize) -> Text {
    let mut before = 0;
    let mut out = Text::default();
    for piece in arn.pieces() {
        let Piece::Literal(text) = piece else {
            out.push(piece.clone());
            continue;
        };
        if let Some((at, _)) = text.match_indices(':').nth(fields.saturating_sub(before + 1)) {
            out.push_str(&text[..at]);
            return out;
        }
        before += text.matches(':').count();
        out.push(piece.clone());
    }
    out
}

/// The value, unless it is an alias: that does not show its key, though as an ARN it shows where the key lies.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html>
pub(super) fn key(value: Text) -> Text {
    const ALIAS: &str = ":alias/";
    let unknown = || Piece::Hole(Hole::Unknown("an alias, and no key".into()));
    match value.split_once(ALIAS) {
        Some((mut place, _)) if is_arn(&value) => {
            place.push_str(":key/");
            place.push(unknown());
            place
        }
        Some(_) => Text::from_pieces([unknown()]),
        None if matches!(value.pieces().first(), Some(Piece::Literal(text)) if text.starts_with("alias/")) => {
            Text::from_pieces([unknown()])
        }
        None => value,
    }
}

/// Whether a value is an alias of a key that AWS keeps for one of its services, which the service uses for everyone.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk>
pub(crate) fn is_managed_key(value: &Text) -> bool {
    let own = |text: &str| text.starts_with("alias/aws/") || text.contains(":alias/aws/");
    value.pieces().iter().any(|piece| matches!(piece, Piece::Literal(text) if own(text)))
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

/// Whether a value is the id of an account, and nothing else.
fn is_account(value: &Text) -> bool {
    match value.pieces() {
        [Piece::Literal(text)] => text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
        [Piece::Hole(hole)] => matches!(hole, Hole::Account),
        _ => false,
    }
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
            // Nor is an account that is cut within its digits, as what is not known ends it.
            let is_host = |before: &str| before.split_once("://").is_some_and(|(_, host)| !host.contains('/'));
            let is_cut = text.len() > at + width && text[at + width..].bytes().all(|byte| byte.is_ascii_digit());
            if is_cut && is_host(&text[..at]) && behind.len() > 0 {
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

/// Whether what a hole stands for may have a `:` or a `/` in it; the names of partitions, regions and accounts have none.
fn may_have_marks(hole: &Hole) -> bool {
    !matches!(hole, Hole::Partition | Hole::Region | Hole::Account)
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

/// Region and account of a queue's URL, in all the forms that endpoints have had: `sqs.REGION.amazonaws.com`, with `-fips`,
/// `api.aws` or an endpoint of a VPC before it, and `REGION.queue.amazonaws.com`, where none means the oldest region.
/// <https://docs.aws.amazon.com/general/latest/gr/sqs-service.html>
fn queue_url(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let host = host.split(':').next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let region = match labels.as_slice() {
        ["queue", "amazonaws", "com"] => "us-east-1",
        [region, "queue", "amazonaws", ..] => region,
        ["sqs" | "sqs-fips", region, "amazonaws" | "api", ..] | [_, "sqs", region, "vpce", "amazonaws", ..] => region,
        _ => return None,
    };
    let account = path.split('/').next()?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some((region, account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_queues_say_where_they_are() {
        for (host, region) in [
            ("https://queue.amazonaws.com", "us-east-1"),
            ("https://eu-west-1.queue.amazonaws.com", "eu-west-1"),
            ("https://sqs.eu-west-1.amazonaws.com", "eu-west-1"),
            ("https://sqs-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("https://sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("https://sqs.eu-west-1.api.aws", "eu-west-1"),
            ("https://vpce-0a-1b.sqs.eu-west-1.vpce.amazonaws.com", "eu-west-1"),
        ] {
            assert_eq!(queue_url(&format!("{host}/123456789012/jobs")), Some((region, "123456789012")), "{host}");
        }
        assert_eq!(queue_url("http://localhost:4566/123456789012/jobs"), None);
        assert_eq!(queue_url("https://sqs.eu-west-1.amazonaws.com/jobs"), None);
    }

    #[test]
    fn an_arn_may_end_with_a_version() {
        let arn = |text: &str| unversioned(&Text::literal(text), 6).pattern();
        assert_eq!(arn("arn:aws:ssm:eu-west-1:123456789012:parameter/a/b:3"), "arn:aws:ssm:eu-west-1:123456789012:parameter/a/b");
        assert_eq!(arn("arn:aws:ssm:eu-west-1:123456789012:parameter/a"), "arn:aws:ssm:eu-west-1:123456789012:parameter/a");
        let region = Piece::Hole(Hole::Region);
        let parts = |end: &str| ["arn:aws:ssm:".into(), format!(":123456789012:parameter/{end}").into()].map(Piece::Literal);
        let [before, behind] = parts("a:prod");
        let found = unversioned(&Text::from_pieces([before, region.clone(), behind]), 6);
        let [before, behind] = parts("a");
        assert_eq!(found, Text::from_pieces([before, region, behind]));
        let flow = unversioned(&Text::literal("arn:aws:states:eu-west-1:123456789012:stateMachine:flow:live"), 7);
        assert_eq!(flow.pattern(), "arn:aws:states:eu-west-1:123456789012:stateMachine:flow");
    }

    #[test]
    fn a_host_is_no_name() {
        let tail = || Piece::Hole(crate::value::Hole::Event("tail".into()));
        let address = |start: &str| Text::from_pieces([Piece::Literal(start.into()), tail()]);
        assert_eq!(after_last(&address("https://sqs.eu-west-1.amazonaws.com"), &['/']).pattern(), "*");
        assert_eq!(after_last(&address("https://sqs.eu-west-1.amazonaws.com/1/jobs-"), &['/']).pattern(), "jobs-*");
        assert_eq!(after_last(&address("https://sqs.eu-west-1.amazonaws.com/12345678901"), &['/']).pattern(), "*");
        assert_eq!(after_last(&address("https://sqs.eu-west-1.amazonaws.com/123456789012/2"), &['/']).pattern(), "2*");
    }
}
