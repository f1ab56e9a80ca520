//! Variables of a template that hold all of an ARN, where an ARN is made of them.

use crate::catalog::{Grant, RANDOM_END};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// A grant in which what holds an ARN stands for all of it, and what holds a URL for nothing that is known: a template's language
/// would otherwise put an ARN inside of an ARN. What a variable holds is told by the member of the request it is given for
/// (`TopicArn`), or by its own name.
pub fn with_whole_arns(grant: Grant, params: &ArgMap) -> Grant {
    let mut given = Vec::new();
    params.entries.iter().for_each(|(name, value)| collect(name, value, &mut given, 0));
    let resources = grant.resources.iter().map(|arn| whole(arn, &given)).collect();
    Grant { resources, ..grant }
}

/// What a name says that its value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Arn,
    Url,
}

impl Holds {
    fn by_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let ends = |end: &str| name.ends_with(end);
        if ends("arn") || ends("arns") { Some(Self::Arn) } else { (ends("url") || ends("uri")).then_some(Self::Url) }
    }
}

/// The variables that are all of the value of a member whose name tells what it holds.
fn collect<'a>(name: &str, value: &'a Arg, given: &mut Vec<(&'a Hole, Holds)>, depth: usize) {
    const DEPTH: usize = 8;
    if depth > DEPTH {
        return;
    }
    match value {
        Arg::Map(map) => map.entries.iter().for_each(|(name, value)| collect(name, value, given, depth + 1)),
        Arg::List { items, .. } | Arg::OneOf(items) => items.iter().for_each(|item| collect(name, item, given, depth + 1)),
        Arg::Unknown(hole) => given.extend(Holds::by_name(name).map(|holds| (hole, holds))),
        Arg::Text(text) => given.extend(text.as_hole().zip(Holds::by_name(name))),
        _ => {}
    }
}

fn whole(arn: &Text, given: &[(&Hole, Holds)]) -> Text {
    let pieces = arn.pieces();
    let starts_as_arn = matches!(pieces.first(), Some(Piece::Literal(text)) if text.starts_with("arn:"));
    let holds = |hole: &Hole| {
        let Hole::Parameter(name) = hole else { return None };
        given.iter().find(|(known, _)| *known == hole).map(|(_, holds)| *holds).or_else(|| Holds::by_name(name))
    };
    let found = pieces.iter().enumerate().find_map(|(at, piece)| match piece {
        Piece::Hole(hole @ Hole::Parameter(name)) => holds(hole).map(|holds| (at, name, holds)),
        _ => None,
    });
    match found.filter(|_| starts_as_arn) {
        Some((at, _, Holds::Arn)) => {
            // The random end of a secret's ARN is a part of the ARN already.
            let behind = match &pieces[at + 1..] {
                [Piece::Literal(end)] if end == RANDOM_END => &[],
                behind => behind,
            };
            Text::from_pieces(pieces[at..=at].iter().chain(behind).cloned())
        }
        Some((at, name, Holds::Url)) => {
            let unknown = Piece::Hole(Hole::Unknown(smol_str::format_smolstr!("the URL is in `{name}`, which is no ARN")));
            Text::from_pieces(pieces[..at].iter().cloned().chain([unknown]).chain(pieces[at + 1..].iter().cloned()))
        }
        None => arn.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str) -> Text {
        Text::hole(Hole::Parameter(name.into()))
    }

    fn made(member: &str, variable: &str, before: &str, behind: &str) -> String {
        let mut arn = Text::literal(before);
        arn.push_text(&parameter(variable));
        arn.push_str(behind);
        let params = [(member.into(), Arg::Text(parameter(variable)))];
        let mut given = Vec::new();
        let params = ArgMap { entries: params.into_iter().collect(), open: false, computed: Vec::new() };
        params.entries.iter().for_each(|(name, value)| collect(name, value, &mut given, 0));
        whole(&arn, &given)
            .pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.to_string(),
                Piece::Hole(Hole::Parameter(name)) => format!("${{{name}}}"),
                Piece::Hole(_) => "*".to_owned(),
            })
            .collect()
    }

    #[test]
    fn an_arn_is_not_put_inside_of_another() {
        assert_eq!(made("TopicArn", "t", "arn:aws:sns:*:*:", ""), "${t}");
        assert_eq!(made("SecretId", "SecretArn", "arn:aws:secretsmanager:*:*:secret:", "-??????"), "${SecretArn}");
        assert_eq!(
            made("SecretId", "Secret", "arn:aws:secretsmanager:*:*:secret:", "-??????"),
            "arn:aws:secretsmanager:*:*:secret:${Secret}-??????"
        );
        assert_eq!(made("TableName", "table_arn", "arn:aws:dynamodb:*:*:table/", "/index/x"), "${table_arn}/index/x");
        assert_eq!(made("QueueUrl", "q", "arn:aws:sqs:*:*:", ""), "arn:aws:sqs:*:*:*");
        assert_eq!(made("TableName", "table", "arn:aws:dynamodb:*:*:table/", ""), "arn:aws:dynamodb:*:*:table/${table}");
    }
}
