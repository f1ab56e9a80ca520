//! Whether two resources can be the same one, where patterns alone would have to say "perhaps".
//!
//! The name of a resource that the template declares and does not name is not known, but it is known not to be the name of
//! another resource of the template, nor a text somebody wrote down: `CloudFormation` generates it, with a random part.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html>

use smol_str::SmolStr;

use super::place::Fields;
use crate::policy::{ArnPattern, Glob, is_symbol};
use crate::value::{Hole, Piece, Text};

/// Whether a declared resource can be one that is needed. "No" is certain.
pub(super) fn may_be_same(needed: &ArnPattern, declared: &ArnPattern) -> bool {
    if !declared.may_overlap(needed) {
        return false;
    }
    let (Some(left), Some(right)) = (Fields::of(needed.text()), Fields::of(declared.text())) else { return true };
    let (left, right) = (segments(left.rest()), segments(right.rest()));
    for (mine, theirs) in left.iter().zip(&right) {
        if mine == theirs && !is_open(mine) {
            continue;
        }
        if is_open(mine) || is_open(theirs) {
            // A wildcard can run over the segments that follow, and the end of this one may stand behind them.
            return agree(&up_to_wildcard(mine), &up_to_wildcard(theirs));
        }
        let can_run_on = has_symbol;
        if can_run_on(mine) || can_run_on(theirs) || !agree(mine, theirs) {
            // A value that deployment gives can run over the rest.
            return agree(mine, theirs);
        }
    }
    left.len() == right.len()
}

/// What is written out of a resource before anything is left open: the service, and how that begins which follows the account. Most
/// resources differ there, which is known at a glance; [`may_be_same`] has to look at patterns.
#[derive(Debug)]
pub(super) struct Beginning {
    /// Absent where the text is no ARN in its parts, so that it may be any resource.
    known: Option<(Option<SmolStr>, String)>,
}

impl Beginning {
    pub(super) fn of(resource: &ArnPattern) -> Self {
        let known = Fields::of(resource.text()).map(|fields| {
            let service = fields.service().filter(|service| !service.contains(['*', '?'])).map(SmolStr::from);
            let start = match fields.rest().pieces().first() {
                // A dollar sign may begin a policy variable.
                Some(Piece::Literal(literal)) => literal.split(['*', '?', '$']).next().unwrap_or_default(),
                _ => "",
            };
            (service, start.to_owned())
        });
        Self { known }
    }

    /// Whether two resources that begin like this can be the same one. "No" is certain.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let (Some((service, start)), Some((other, their_start))) = (&self.known, &other.known) else { return true };
        (service.is_none() || other.is_none() || service == other)
            && (start.starts_with(their_start.as_str()) || their_start.starts_with(start.as_str()))
    }
}

/// Whether what follows the account names one resource: each segment is written out, or is the generated name of a resource. Two such
/// are the same only where they are equal.
pub(super) fn closed_name(rest: &Text) -> bool {
    segments(rest).iter().all(|segment| match segment.pieces() {
        [] => true,
        [Piece::Literal(literal)] => !literal.contains(['*', '?']),
        [Piece::Hole(hole)] => matches!(hole, Hole::Resource { .. }),
        _ => false,
    })
}

/// The parts of a resource between `/` and `:`.
fn segments(rest: &Text) -> Vec<Text> {
    rest.split_by(|literal| literal.split(['/', ':']))
}

/// Whether a segment holds a wildcard or a part that only the running function knows.
fn is_open(segment: &Text) -> bool {
    segment.pieces().iter().any(|piece| match piece {
        Piece::Literal(literal) => literal.contains(['*', '?']),
        Piece::Hole(hole) => !is_symbol(hole),
    })
}

/// A segment with everything behind its first wildcard, or the first part that only the running function knows, left open.
fn up_to_wildcard(segment: &Text) -> Text {
    let mut start = Text::default();
    for piece in segment.pieces() {
        match piece {
            Piece::Hole(hole) if is_symbol(hole) => start.push(piece.clone()),
            Piece::Literal(literal) => match literal.split_once('*') {
                Some((before, _)) => {
                    start.push_str(before);
                    start.push_str("*");
                    break;
                }
                None => start.push_str(literal),
            },
            Piece::Hole(_) => {
                start.push_str("*");
                break;
            }
        }
    }
    start
}

fn has_symbol(segment: &Text) -> bool {
    segment.holes().any(|hole| !matches!(hole, Hole::Resource { .. }))
}

/// Whether two segments can be the same text.
fn agree(left: &Text, right: &Text) -> bool {
    if left == right {
        return true;
    }
    if !Glob::resource(left).may_overlap(&Glob::resource(right)) {
        return false;
    }
    match (generated(left), generated(right)) {
        (Some(mine), Some(theirs)) => mine == theirs,
        (Some(_), None) => is_open(right) || has_symbol(right),
        (None, Some(_)) => is_open(left) || has_symbol(left),
        (None, None) => true,
    }
}

/// The one resource whose generated name is all of the segment.
fn generated(segment: &Text) -> Option<(&str, &str)> {
    match segment.as_hole()? {
        Hole::Resource { id, attribute } => Some((id, attribute)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: Text, rest: &str) -> ArnPattern {
        let mut text = Text::literal("arn:aws:dynamodb:*:*:table/");
        text.push_text(&name);
        text.push_str(rest);
        ArnPattern::new(text)
    }

    fn of(id: &str) -> Text {
        Text::hole(Hole::Resource { id: id.into(), attribute: "Ref".into() })
    }

    #[test]
    fn generated_names_differ_from_each_other_and_from_written_ones() {
        let orders = table(of("Orders"), "");
        assert!(may_be_same(&orders, &table(of("Orders"), "")));
        assert!(!may_be_same(&orders, &table(of("Users"), "")));
        assert!(!may_be_same(&orders, &table(of("Users"), "/index/*")));
        assert!(!may_be_same(&orders, &table(Text::literal("orders"), "")));
        assert!(may_be_same(&orders, &table(Text::literal("app-*"), "")));
        assert!(may_be_same(&orders, &table(Text::hole(Hole::Parameter("Name".into())), "")));
        assert!(may_be_same(&orders, &ArnPattern::any()));
    }

    #[test]
    fn closed_names_are_the_same_only_where_they_are_equal() {
        let texts = [of("Orders"), of("Users"), Text::literal("orders"), Text::literal("users")];
        let tables: Vec<ArnPattern> =
            texts.into_iter().flat_map(|name| [table(name.clone(), ""), table(name, "/index/x")]).collect();
        for left in &tables {
            assert!(Fields::of(left.text()).is_some_and(|fields| closed_name(fields.rest())));
            for right in &tables {
                assert_eq!(may_be_same(left, right), left == right, "{left} and {right}");
            }
        }
        for open in [Text::literal("app-*"), Text::hole(Hole::Parameter("Name".into()))] {
            let table = table(open, "");
            assert!(Fields::of(table.text()).is_some_and(|fields| !closed_name(fields.rest())));
        }
    }

    #[test]
    fn resources_whose_beginnings_disagree_are_not_the_same() {
        let names = ["orders", "orders/*", "o*", "users", "${aws:username}", "*"].map(Text::literal);
        let names = names.into_iter().chain([of("Orders"), Text::hole(Hole::Parameter("Name".into()))]);
        let mut all: Vec<ArnPattern> = names.flat_map(|name| [table(name.clone(), ""), table(name, "/index/x")]).collect();
        all.extend(["*", "arn:aws:s3:::orders/*", "arn:aws:s3:::${aws:username}/a", "arn:*"].map(ArnPattern::parse));
        for left in &all {
            for right in &all {
                let agree = Beginning::of(left).agrees(&Beginning::of(right));
                assert!(agree || !may_be_same(left, right), "{left} and {right}");
            }
        }
        assert!(!Beginning::of(&table(Text::literal("orders"), "")).agrees(&Beginning::of(&table(Text::literal("users"), ""))));
        assert!(!Beginning::of(&all[0]).agrees(&Beginning::of(&ArnPattern::parse("arn:aws:s3:::table/orders"))));
    }

    #[test]
    fn wildcards_run_over_segments() {
        let object = |key: &str| ArnPattern::parse(&format!("arn:aws:s3:::reports/{key}"));
        for declared in ["shop/*", "*/2024-final.csv", "shop/2024-final.csv", "*"] {
            assert!(may_be_same(&object("*-final.csv"), &object(declared)), "{declared}");
        }
        for declared in ["shop/other.csv", "*.json", "shop"] {
            assert!(!may_be_same(&object("*-final.csv"), &object(declared)), "{declared}");
        }
        assert!(!may_be_same(&object("orders-*"), &object("shop/*")));
    }

    #[test]
    fn a_table_is_not_its_index() {
        let index = table(of("Orders"), "/index/by-date");
        assert!(!may_be_same(&index, &table(of("Orders"), "")));
        assert!(may_be_same(&index, &table(of("Orders"), "/index/*")));
    }
}
