//! Evaluating the conditions of an entry against a request whose parameters are only partly known.

use super::filter::{is_arn, is_managed_key, partiql_verb};
use super::format::{Choice, When};
use super::path::{Choices, Found, find};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// How far a condition holds, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    /// Certainly not.
    No,
    /// Only if something unknown that was spread into the request says so.
    Hidden,
    /// Possibly: a value that it depends on is unknown.
    Maybe,
    /// Certainly.
    Yes,
}

impl Truth {
    const fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            // What may hide may as well be absent: the ordinary case.
            Self::Hidden | Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }
}

/// Whether a condition holds for a request.
pub(crate) fn eval(when: &When, params: &ArgMap) -> Truth {
    match when {
        When::Present(path) => is_given(params, path),
        When::Absent(path) => is_given(params, path).not(),
        When::Equals(choice) => any(params, &choice.param, |value| matches(value, choice, equals)),
        When::Prefix(choice) => any(params, &choice.param, |value| matches(value, choice, begins)),
        When::Contains(choice) => any(params, &choice.param, |value| matches(value, choice, contains)),
        When::Arn(path) => {
            match any(
                params,
                path,
                |value| if value.as_text().is_some_and(|text| is_arn(&text)) { Truth::Yes } else { Truth::No },
            ) {
                Truth::Hidden | Truth::Maybe => Truth::No,
                known => known,
            }
        }
        When::Reference(path) => {
            strongest(
                params,
                path,
                |value| if value.as_text().is_some_and(|text| refers(&text)) { Truth::Yes } else { Truth::No },
            )
        }
        When::Partiql(choice) => any(params, &choice.param, |value| matches(value, choice, verb)),
        When::Statement(choice) => any(params, &choice.param, |value| matches(value, choice, statement)),
        When::Map(path) => any(params, path, |value| match value {
            Arg::Map(_) => Truth::Yes,
            Arg::Text(_) => Truth::No,
            _ => Truth::Maybe,
        }),
        When::CustomerKey(path) => {
            any(
                params,
                path,
                |value| {
                    if value.as_text().is_some_and(|text| is_managed_key(&text)) { Truth::No } else { Truth::Yes }
                },
            )
        }
        When::All(parts) => parts.iter().map(|part| eval(part, params)).min().unwrap_or(Truth::Yes),
        When::Any(parts) => parts.iter().map(|part| eval(part, params)).max().unwrap_or(Truth::No),
        When::Not(inner) => eval(inner, params).not(),
        When::Certain(inner) if eval(inner, params) == Truth::Yes => Truth::Yes,
        When::Certain(_) => Truth::No,
    }
}

/// The strongest answer over everything a path leads to. What is unknown may be anything.
fn any(params: &ArgMap, path: &str, test: impl Fn(&Arg) -> Truth) -> Truth {
    strongest(params, path, |value| if matches!(value, Arg::Unknown(_)) { Truth::Maybe } else { test(value) })
}

/// Whether a part of the request is given. What is deep within an unknown structure, such as an answer of AWS that is sent back
/// with a change, hides as what is spread in does. A member of the structure itself may be one that it must have, and an unknown
/// item of a list is one of those there may be.
fn is_given(params: &ArgMap, path: &str) -> Truth {
    let truth = strongest(params, path, presence);
    if truth != Truth::Maybe {
        return truth;
    }
    let is_open = |value: &Arg| if matches!(value, Arg::Unknown(_)) { presence(value) } else { Truth::No };
    let (members, _) = path.rsplit_once('.').unwrap_or_default();
    let mut structures = members.match_indices('.').map(|(at, _)| &path[..at]).take_while(|outer| !outer.contains(['[', '{']));
    if structures.any(|outer| strongest(params, outer, is_open) == Truth::Maybe) { Truth::Hidden } else { truth }
}

/// Whether a value is there. What a template gives is.
fn presence(value: &Arg) -> Truth {
    match value {
        Arg::Unknown(Hole::Resource { .. } | Hole::Parameter(_)) => Truth::Yes,
        Arg::Unknown(_) => Truth::Maybe,
        _ => Truth::Yes,
    }
}

/// The same for tests that look at what is unknown, too.
fn strongest(params: &ArgMap, path: &str, test: impl Fn(&Arg) -> Truth) -> Truth {
    let mut choices = Choices::default();
    let (mut least, mut most) = (Truth::Yes, Truth::No);
    loop {
        let truth = match find(params, path, &mut choices) {
            Found::Absent => Truth::No,
            Found::Hidden => Truth::Hidden,
            Found::Value(value) => test(&value),
        };
        (least, most) = (least.min(truth), most.max(truth));
        if !choices.advance() {
            break;
        }
    }
    let items = ["[]", "{}", "{*}"].iter().any(|mark| path.contains(mark));
    // The items of a list all reach AWS; the alternatives of one value exclude each other.
    if most == Truth::Yes && !items && least != Truth::Yes { Truth::Maybe } else { most }
}

/// Whether a text begins with an attribute of a template's resource, its scheme left out.
fn refers(text: &Text) -> bool {
    let pieces = match text.pieces() {
        [Piece::Literal(scheme), rest @ ..] if scheme.ends_with("://") => rest,
        all => all,
    };
    matches!(pieces.first(), Some(Piece::Hole(Hole::Resource { .. })))
}

fn matches(value: &Arg, choice: &Choice, test: fn(&Text, &str) -> Truth) -> Truth {
    let Some(known) = value.as_text() else { return Truth::No };
    choice.values.iter().map(|wanted| test(&known, wanted)).max().unwrap_or(Truth::No)
}

fn equals(text: &Text, wanted: &str) -> Truth {
    match text.as_literal() {
        Some(known) if known == wanted => Truth::Yes,
        Some(_) => Truth::No,
        None => possible(text, |known| wanted.starts_with(known)),
    }
}

fn begins(text: &Text, wanted: &str) -> Truth {
    match text.pieces().first() {
        Some(Piece::Literal(known)) if known.starts_with(wanted) => Truth::Yes,
        _ if text.as_literal().is_some() => Truth::No,
        _ => possible(text, |known| wanted.starts_with(known)),
    }
}

fn contains(text: &Text, wanted: &str) -> Truth {
    let known = text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(known) if known.contains(wanted)));
    match (known, text.as_literal()) {
        (true, _) => Truth::Yes,
        (false, Some(_)) => Truth::No,
        (false, None) => Truth::Maybe,
    }
}

fn verb(text: &Text, wanted: &str) -> Truth {
    match partiql_verb(text) {
        Some(verb) if verb == wanted => Truth::Yes,
        Some(_) => Truth::No,
        None => possible(text, |_| false),
    }
}

/// Whether an SQL statement begins with some words, whatever their case; `*` stands for a name.
fn statement(text: &Text, wanted: &str) -> Truth {
    const HOLE: char = '\u{fffc}';
    let whole: String = text
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(literal) => literal.to_string(),
            Piece::Hole(_) => HOLE.to_string(),
        })
        .collect();
    let lines = whole.lines().filter(|line| !line.trim_start().starts_with("--"));
    let mut words = lines.flat_map(|line| line.split(|c: char| c.is_whitespace() || c == '(')).filter(|word| !word.is_empty());
    let mut truth = Truth::Yes;
    let mut before = "";
    for wanted in wanted.split(' ') {
        let Some(word) = words.next() else {
            return if before.ends_with(HOLE) { Truth::Maybe } else { Truth::No };
        };
        before = word;
        match word.contains(HOLE) {
            _ if wanted == "*" => {}
            true => truth = Truth::Maybe,
            false if word.eq_ignore_ascii_case(wanted) => {}
            // What stands before may be more than one word.
            false => return if truth == Truth::Maybe { truth } else { Truth::No },
        }
    }
    truth
}

/// A text with holes: its known beginning decides whether it can still be what is wanted.
fn possible(text: &Text, can: impl Fn(&str) -> bool) -> Truth {
    match text.pieces().first() {
        Some(Piece::Literal(known)) if !can(known) => Truth::No,
        _ => Truth::Maybe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Hole;

    fn request(entries: &[(&str, Arg)], open: bool) -> ArgMap {
        ArgMap {
            entries: entries.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
            open,
            computed: Vec::new(),
        }
    }

    #[test]
    fn absence_is_certain_only_without_a_spread() {
        let when = When::Present("VersionId".into());
        assert_eq!(eval(&when, &request(&[], false)), Truth::No);
        assert_eq!(eval(&when, &request(&[], true)), Truth::Hidden);
        assert_eq!(eval(&when, &request(&[("VersionId", Arg::Null)], false)), Truth::No);
        assert_eq!(eval(&when, &request(&[("VersionId", Arg::text("v"))], true)), Truth::Yes);
        let either = Arg::one_of([Arg::Null, Arg::text("v")]);
        assert_eq!(eval(&when, &request(&[("VersionId", either)], false)), Truth::Maybe);
        assert_eq!(eval(&When::Not(Box::new(when)), &request(&[], false)), Truth::Yes);
    }

    #[test]
    fn what_is_within_something_unknown_hides() {
        let when = When::Present("Config.Key.Id".into());
        let answer = || Arg::unknown("an answer");
        let key = |id: Arg| {
            let key = request(&[("Id", id)], false);
            request(&[("Config", Arg::Map(request(&[("Key", Arg::Map(key))], false)))], false)
        };
        assert_eq!(eval(&when, &request(&[("Config", answer())], false)), Truth::Hidden);
        assert_eq!(eval(&when, &key(answer())), Truth::Maybe);
        let item = When::Present("Items[].Delete".into());
        assert_eq!(eval(&item, &request(&[("Items", answer())], false)), Truth::Maybe);
        assert_eq!(eval(&When::Present("Config.Key".into()), &request(&[("Config", answer())], false)), Truth::Maybe);
        assert_eq!(eval(&when, &key(Arg::text("k"))), Truth::Yes);
        assert_eq!(eval(&When::Absent("Config.Key.Id".into()), &request(&[("Config", answer())], false)), Truth::Maybe);
    }

    #[test]
    fn a_statement_begins_with_words_and_names() {
        let holds = |pieces: Vec<Piece>, wanted: &str| statement(&Text::from_pieces(pieces), wanted);
        let literal = |text: &str| Piece::Literal(text.into());
        let hole = || Piece::Hole(Hole::Event("table".into()));
        let add = "ALTER TABLE * ADD PARTITION";
        assert_eq!(holds(vec![literal("-- daily\nalter table "), hole(), literal("\n add partition(day=1)")], add), Truth::Yes);
        assert_eq!(holds(vec![literal("ALTER TABLE a ADD COLUMNS (b int)")], add), Truth::No);
        assert_eq!(holds(vec![literal("ALTER TABLE a "), hole()], add), Truth::Maybe);
        assert_eq!(holds(vec![hole()], "MSCK REPAIR"), Truth::Maybe);
        assert_eq!(holds(vec![literal("SELECT 1")], "MSCK REPAIR"), Truth::No);
    }

    #[test]
    fn a_statement_says_its_verb_when_its_beginning_is_known() {
        let when = When::Partiql(Choice { param: "S".into(), values: vec!["select".into()] });
        let mut text = Text::literal("  SELECT * FROM ");
        text.push(Piece::Hole(Hole::Event("table".into())));
        assert_eq!(eval(&when, &request(&[("S", Arg::Text(text))], false)), Truth::Yes);
        assert_eq!(eval(&when, &request(&[("S", Arg::text("DELETE FROM x"))], false)), Truth::No);
        assert_eq!(eval(&when, &request(&[("S", Arg::unknown("?"))], false)), Truth::Maybe);
    }
}
