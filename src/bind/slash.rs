//! Names in the parameter store: they may begin with a slash, which their ARNs have only once.
//!
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html>

use super::{Grant, service_of};
use crate::iac::Stack;
use crate::value::{Hole, Piece, Text};

/// What ARNs of parameters have before the name.
const BEFORE_NAME: &str = ":parameter/";

/// A grant in which no name of a parameter has the slash twice: once from the ARN, once from a value that begins with it. In the
/// template's own language, the ARN leaves it to a parameter of the template whose default begins with one.
pub(super) fn with_one_slash(mut grant: Grant, stack: Option<&Stack>) -> Grant {
    if service_of(&grant.action) == "ssm" {
        for arn in &mut grant.resources {
            *arn = one_slash(arn, stack);
        }
    }
    grant
}

fn one_slash(arn: &Text, stack: Option<&Stack>) -> Text {
    let pieces = arn.pieces();
    Text::from_pieces(pieces.iter().enumerate().map(|(at, piece)| match piece {
        Piece::Literal(text) if text.ends_with(BEFORE_NAME) && pieces.get(at + 1).is_some_and(|next| begins(next, stack)) => {
            Piece::Literal(text[..text.len() - 1].into())
        }
        Piece::Literal(text) => match text.split_once(":parameter//") {
            Some((before, name)) => Piece::Literal(smol_str::format_smolstr!("{before}{BEFORE_NAME}{name}")),
            None => piece.clone(),
        },
        Piece::Hole(_) => piece.clone(),
    }))
}

/// Whether a value begins with a slash unless the deployment says otherwise.
fn begins(piece: &Piece, stack: Option<&Stack>) -> bool {
    let Piece::Hole(Hole::Parameter(name)) = piece else { return false };
    let default = stack.and_then(|stack| stack.default_of(name)).and_then(Text::as_literal);
    default.is_some_and(|default| default.starts_with('/'))
}
