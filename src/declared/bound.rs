//! Resources as they are compared: what references stand for instead of the references.

use crate::bind::{Style, bind_arn, bind_value};
use crate::catalog::RANDOM_END;
use crate::iac::Stack;
use crate::policy::{ArnPattern, Clause, Condition, Statement, is_symbol};
use crate::value::{Hole, Piece, Text};

/// A statement with comparable resources and condition values.
pub(super) fn statement(shown: &Statement, stack: Option<&Stack>) -> Statement {
    let mut compared = shown.clone();
    let (Clause::Only(resources) | Clause::Except(resources)) = &mut compared.resources;
    for resource in resources {
        *resource = ArnPattern::new(fixed(&comparable(resource.text(), stack)));
    }
    let conditions = compared.conditions.iter().map(|condition| {
        let value = |text: &Text| stack.map_or_else(|| text.clone(), |stack| bind_value(text, stack, Style::Literal));
        Condition::new(condition.operator.clone(), condition.key.clone(), condition.values.iter().map(value).collect())
    });
    compared.conditions = conditions.collect();
    compared
}

/// A resource with its references replaced by what they stand for.
pub fn comparable(resource: &Text, stack: Option<&Stack>) -> Text {
    let Some(stack) = stack else { return resource.clone() };
    let bound = bind_arn(resource, stack, Style::Literal, service_of(resource));
    if matches!(bound.as_hole(), Some(Hole::Parameter(_))) {
        return bound;
    }
    // Names of resources can be parameters themselves.
    let bound = bind_value(&bound, stack, Style::Literal).fill(|hole| undeclared(hole, stack));
    with_suffix(resource, same_everywhere(resource, &bound))
}

/// What a reference to something that the template does not declare stands for: one fixed value, that may be any name.
fn undeclared(hole: &Hole, stack: &Stack) -> Option<Text> {
    match hole {
        Hole::Resource { id, attribute } if stack.resolve(hole).is_none() => {
            Some(Text::hole(Hole::Parameter(smol_str::format_smolstr!("?{id}.{attribute}"))))
        }
        _ => None,
    }
}

/// What is not known of a resource of the template is the same unknown wherever the template refers to it.
fn same_everywhere(written: &Text, bound: &Text) -> Text {
    let Some(id) = written.holes().find_map(|hole| match hole {
        Hole::Resource { id, .. } => Some(id),
        _ => None,
    }) else {
        return bound.clone();
    };
    bound.fill(|hole| match hole {
        Hole::Unknown(why) if !written.holes().any(|other| other == hole) => {
            Some(Text::hole(Hole::Parameter(smol_str::format_smolstr!("?{id}: {why}"))))
        }
        _ => None,
    })
}

/// The ARN of a secret ends in random characters. Where a reference stands for the whole ARN they are part of it; what the
/// template shows of the name is not.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>
fn with_suffix(written: &Text, mut bound: Text) -> Text {
    if service_of(&bound) != "secretsmanager" {
        return bound;
    }
    let ends = |text: &Text, end: &str| matches!(text.pieces().last(), Some(Piece::Literal(last)) if last.ends_with(end));
    if matches!(written.as_hole(), Some(Hole::Resource { .. })) && !ends(&bound, RANDOM_END) {
        bound.push_str(RANDOM_END);
    }
    match bound.pieces() {
        // The request's own pattern behind an ARN that is whole.
        [start @ .., Piece::Literal(last)] if last.ends_with("-??????-??????") => {
            let once = Piece::Literal(last[..last.len() - RANDOM_END.len()].into());
            Text::from_pieces(start.iter().cloned().chain([once]))
        }
        _ => bound,
    }
}

/// The service an ARN names; empty when that is open.
fn service_of(resource: &Text) -> &str {
    resource
        .pieces()
        .iter()
        .find_map(|piece| match piece {
            Piece::Literal(text) => {
                // `arn:aws:s3:…`, or `:s3:…` behind a symbolic partition.
                let text =
                    text.strip_prefix("arn:").map_or(text.as_str(), |rest| rest.split_once(':').map_or("", |(_, rest)| rest));
                let service = text.trim_start_matches(':').split(':').next().unwrap_or_default();
                (!service.is_empty()).then_some(service)
            }
            Piece::Hole(_) => None,
        })
        .unwrap_or_default()
}

/// What a declared resource leaves open is one fixed text that nobody knows, not every text: it counts as a symbol.
fn fixed(text: &Text) -> Text {
    text.fill(|hole| {
        let why = match hole {
            hole if is_symbol(hole) => return None,
            Hole::Unknown(why) => why.clone(),
            _ => "a value of the running function".into(),
        };
        Some(Text::hole(Hole::Parameter(smol_str::format_smolstr!("?{why}"))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_found_with_and_without_a_literal_partition() {
        let symbolic = Text::from_pieces([
            Piece::Literal("arn:".into()),
            Piece::Hole(Hole::Partition),
            Piece::Literal(":dynamodb:eu-west-1:".into()),
        ]);
        assert_eq!(service_of(&symbolic), "dynamodb");
        assert_eq!(service_of(&Text::literal("arn:aws:s3:::x")), "s3");
        assert_eq!(service_of(&Text::hole(Hole::Partition)), "");
    }
}
