//! The parts of an ARN that say where: partition, region, account. One side of a comparison often spells them out where
//! the other leaves them to the deployment; that is no difference.

use crate::policy::{ArnPattern, Clause, Statement};
use crate::value::{Hole, Piece, Text};

/// An ARN in its six parts.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    parts: [Text; 6],
}

/// Where the partition, the region and the account stand.
const PLACES: [usize; 3] = [1, 3, 4];

impl Fields {
    /// Splits an ARN; nothing when the text does not show its parts.
    pub(super) fn of(text: &Text) -> Option<Self> {
        let mut parts: [Text; 6] = Default::default();
        let mut at = 0;
        for piece in text.pieces() {
            match piece {
                Piece::Hole(_) => parts[at].push(piece.clone()),
                Piece::Literal(literal) => {
                    let mut rest = literal.as_str();
                    while at < 5
                        && let Some((before, after)) = rest.split_once(':')
                    {
                        parts[at].push_str(before);
                        at += 1;
                        rest = after;
                    }
                    parts[at].push_str(rest);
                }
            }
        }
        // A wildcard at the end stands for the fields that follow, too: `arn:aws:iot:*`.
        if (2..5).contains(&at) && matches!(parts[at].pieces().last(), Some(Piece::Literal(end)) if end.ends_with('*')) {
            parts[at + 1..].fill(Text::literal("*"));
            at = 5;
        }
        (at == 5 && parts[0].as_literal() == Some("arn")).then_some(Self { parts })
    }

    /// The service.
    pub(super) fn service(&self) -> Option<&str> {
        self.parts[2].as_literal()
    }

    /// What follows the account.
    pub(super) fn rest(&self) -> &Text {
        &self.parts[5]
    }

    /// Which of the partition, region and account are open.
    pub(super) fn open(&self) -> [bool; 3] {
        PLACES.map(|at| is_open(&self.parts[at]))
    }

    /// The ARN with `*` for the places that are open on either side.
    fn opened(mut self, also: [bool; 3]) -> Text {
        for (at, also) in PLACES.into_iter().zip(also) {
            let part = &mut self.parts[at];
            if is_open(part) || also && *part != Text::default() {
                *part = Text::literal("*");
            }
        }
        let mut out = Text::default();
        for (at, part) in self.parts.iter().enumerate() {
            if at > 0 {
                out.push_str(":");
            }
            out.push_text(part);
        }
        out
    }
}

fn is_open(part: &Text) -> bool {
    let known = part.pieces().iter().all(|piece| match piece {
        Piece::Literal(literal) => literal == "*",
        Piece::Hole(hole) => {
            matches!(
                hole,
                Hole::Partition | Hole::Region | Hole::Account | Hole::Parameter(_) | Hole::Env { .. } | Hole::Unknown(_)
            )
        }
    });
    known && !part.pieces().is_empty()
}

/// A declared resource as a request sees it that leaves these places open.
pub(super) fn opened(resource: &ArnPattern, open: [bool; 3]) -> ArnPattern {
    Fields::of(resource.text()).map_or_else(|| resource.clone(), |fields| ArnPattern::new(fields.opened(open)))
}

/// A declared statement as a request sees it that leaves these places open.
pub(super) fn opened_statement(statement: &Statement, open: [bool; 3]) -> Statement {
    let mut statement = statement.clone();
    let (Clause::Only(resources) | Clause::Except(resources)) = &mut statement.resources;
    for resource in resources {
        *resource = opened(resource, open);
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_open_on_one_side_are_no_difference() {
        let mut needed = Text::literal("arn:aws:dynamodb:");
        needed.push(Piece::Hole(Hole::Region));
        needed.push_str(":");
        needed.push(Piece::Hole(Hole::Account));
        needed.push_str(":table/orders");
        let needed = ArnPattern::new(needed);
        let open = Fields::of(needed.text()).expect("an ARN").open();
        assert_eq!(open, [false, true, true]);
        let declared = ArnPattern::parse("arn:aws:dynamodb:eu-west-1:123456789012:table/orders");
        assert!(!declared.covers(&needed) && opened(&declared, open).covers(&needed));
        let other = ArnPattern::parse("arn:aws:dynamodb:eu-west-1:123456789012:table/other");
        assert!(!opened(&other, open).may_overlap(&needed));
        assert!(Fields::of(&Text::literal("arn:aws:s3")).is_none());
    }
}
