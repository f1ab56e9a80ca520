//! The partition of ARNs that code puts together. IAM refuses a policy that names resources of another one than its own, and credentials
//! are good in one only, so that of several partitions the code knows the function's is meant.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use std::collections::BTreeSet;

use crate::catalog::Grant;
use crate::value::{Hole, Piece, Text};

/// A grant whose resources are in one partition, as far as the code leaves that open. Nothing as the partition: it stays a symbol.
pub fn in_one_partition(grant: Grant, partition: Option<&str>) -> Grant {
    if grant.resources.iter().all(is_own) {
        return grant;
    }
    let mut resources: Vec<Text> = grant.resources.iter().map(|arn| known(arn).unwrap_or_else(|| arn.clone())).collect();
    let written: BTreeSet<String> = resources.iter().filter_map(|arn| Some(split(arn)?.0.as_literal()?.to_owned())).collect();
    if written.len() > 1 {
        match partition {
            Some(own) => {
                let is_other = |arn: &Text| split(arn).is_some_and(|(of, _)| of.as_literal().is_some_and(|of| of != own));
                if written.contains(own) {
                    resources.retain(|arn| !is_other(arn));
                }
            }
            None => {
                let rest = |arn: &Text| split(arn).map(|(_, rest)| rest);
                let several = |arn: &Text| resources.iter().filter(|other| rest(other) == rest(arn)).count() > 1;
                resources = resources
                    .iter()
                    .map(|arn| match split(arn) {
                        Some((_, rest)) if several(arn) => located(&rest),
                        _ => arn.clone(),
                    })
                    .collect();
            }
        }
        resources.sort();
        resources.dedup();
    }
    Grant { resources, ..grant }
}

/// Whether an ARN is in the function's own partition, whichever that is, as those are that the api-maps put together.
fn is_own(arn: &Text) -> bool {
    matches!(arn.pieces(), [Piece::Literal(start), Piece::Hole(Hole::Partition), Piece::Literal(rest), ..]
        if start == "arn:" && rest.starts_with(':'))
}

/// An ARN whose partition is computed, in the function's own.
fn known(arn: &Text) -> Option<Text> {
    let (partition, rest) = split(arn)?;
    let is_open = partition.holes().next().is_some();
    let is_named = partition.as_hole().is_some_and(|hole| matches!(hole, Hole::Parameter(_) | Hole::Resource { .. }));
    (is_open && !is_named).then(|| located(&rest))
}

fn located(rest: &Text) -> Text {
    let start = [Piece::Literal("arn:".into()), Piece::Hole(Hole::Partition), Piece::Literal(":".into())];
    Text::from_pieces(start.into_iter().chain(rest.pieces().iter().cloned()))
}

/// The partition of an ARN, and what follows it.
fn split(arn: &Text) -> Option<(Text, Text)> {
    let (before, behind) = arn.split_once(":")?;
    if before.as_literal() != Some("arn") {
        return None;
    }
    behind.split_once(":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{AccessLevel, Reason, Scope};

    fn bound(resources: Vec<Text>, partition: Option<&str>) -> Vec<String> {
        let grant = Grant {
            action: "logs:ListTagsForResource".into(),
            resources,
            scope: Scope::Resource,
            conditions: Vec::new(),
            access_level: AccessLevel::Read,
            spare: false,
            reason: Reason::Direct,
            citation: None,
        };
        in_one_partition(grant, partition).resources.iter().map(shown).collect()
    }

    fn shown(arn: &Text) -> String {
        let filled = arn.fill(|hole| Some(Text::literal(if *hole == Hole::Partition { "<own>" } else { "*" })));
        filled.as_literal().unwrap_or_default().to_owned()
    }

    #[test]
    fn of_several_partitions_the_own_counts() {
        let all = || ["aws", "aws-cn", "aws-us-gov"].map(|of| Text::literal(format!("arn:{of}:logs:*:*:log-group:x"))).to_vec();
        assert_eq!(bound(all(), Some("aws-cn")), ["arn:aws-cn:logs:*:*:log-group:x"]);
        assert_eq!(bound(all(), None), ["arn:<own>:logs:*:*:log-group:x"]);
        assert_eq!(bound(all(), Some("aws-iso")).len(), 3, "none of them is the function's");
        let alone = "arn:aws-cn:logs:*:*:log-group:x";
        assert_eq!(bound(vec![Text::literal(alone)], Some("aws")), [alone], "code that is written for one");
    }

    #[test]
    fn a_computed_partition_is_the_function_s() {
        let computed = |start: &str| {
            let hole = Piece::Hole(Hole::Unknown("a call".into()));
            Text::from_pieces([Piece::Literal(start.into()), hole, Piece::Literal(":iam::1:role/audit".into())])
        };
        assert_eq!(bound(vec![computed("arn:")], Some("aws")), ["arn:<own>:iam::1:role/audit"]);
        assert_eq!(bound(vec![computed("arn:aws")], Some("aws")), ["arn:<own>:iam::1:role/audit"]);
        assert_eq!(bound(vec![Text::hole(Hole::Event("arn".into()))], Some("aws")), ["*"]);
    }
}
