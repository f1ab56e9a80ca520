//! Conditions narrow a statement. Whether one holds is decided only where the request itself says so.

use smol_str::SmolStr;

use super::Glob;
use crate::value::Text;

/// One condition: an operator, a key and the values of which one has to fit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Condition {
    /// `StringEquals`.
    pub operator: SmolStr,
    /// `iam:PassedToService`.
    pub key: SmolStr,
    /// The values, sorted, without duplicates.
    pub values: Vec<Text>,
}

impl Condition {
    /// A condition with its values in order.
    pub fn new(operator: impl Into<SmolStr>, key: impl Into<SmolStr>, mut values: Vec<Text>) -> Self {
        values.sort();
        values.dedup();
        Self { operator: operator.into(), key: key.into(), values }
    }

    /// Whether the condition holds for certain for a request that meets all of `given`.
    pub fn is_implied_by(&self, given: &[Self]) -> bool {
        given.iter().any(|known| self == known || self.follows_from(known))
    }

    /// Whether the condition cannot hold where a key has this value.
    pub fn excludes(&self, key: &str, value: &str) -> bool {
        let compares = self.key.eq_ignore_ascii_case(key) && Comparison::of(&self.operator).is_some();
        let value = Glob::resource(&Text::literal(value));
        compares && !self.values.is_empty() && !self.values.iter().any(|allowed| Glob::resource(allowed).may_overlap(&value))
    }

    fn follows_from(&self, known: &Self) -> bool {
        if !self.key.eq_ignore_ascii_case(&known.key) || known.values.is_empty() {
            return false;
        }
        let (Some(wanted), Some(known_as)) = (Comparison::of(&self.operator), Comparison::of(&known.operator)) else {
            return false;
        };
        known.values.iter().all(|value| self.values.iter().any(|allowed| wanted.allows(allowed, known_as, value)))
    }
}

/// The comparisons whose values can be compared with each other: the positive ones of text and ARNs.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Exact,
    Pattern,
}

impl Comparison {
    fn of(operator: &str) -> Option<Self> {
        let operator = operator.to_ascii_lowercase();
        match operator.strip_suffix("ifexists").unwrap_or(&operator) {
            "stringequals" => Some(Self::Exact),
            "stringlike" | "arnequals" | "arnlike" => Some(Self::Pattern),
            _ => None,
        }
    }

    /// Whether `allowed` of this comparison takes every value that `known` of the other can have.
    fn allows(self, allowed: &Text, known_as: Self, known: &Text) -> bool {
        let same = allowed == known && allowed.holes().all(super::pattern::is_symbol);
        match (self, known_as) {
            (Self::Exact, Self::Exact) => same,
            (Self::Exact, Self::Pattern) => same && !Glob::resource(known).has_wildcard(),
            (Self::Pattern, Self::Pattern) => Glob::resource(allowed).covers(&Glob::resource(known)),
            (Self::Pattern, Self::Exact) => {
                let literal = known.as_literal().is_some_and(|text| !text.contains(['*', '?', '$']));
                literal && Glob::resource(allowed).covers(&Glob::resource(known))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed_to(operator: &str, values: &[&str]) -> Condition {
        Condition::new(operator, "iam:PassedToService", values.iter().map(|value| Text::literal(*value)).collect())
    }

    #[test]
    fn a_wider_choice_of_values_follows_from_a_narrower_one() {
        let given = [passed_to("StringEquals", &["lambda.amazonaws.com"])];
        assert!(passed_to("StringEquals", &["ecs.amazonaws.com", "lambda.amazonaws.com"]).is_implied_by(&given));
        assert!(passed_to("StringLikeIfExists", &["*.amazonaws.com"]).is_implied_by(&given));
        assert!(!passed_to("StringEquals", &["ecs.amazonaws.com"]).is_implied_by(&given));
        assert!(!passed_to("StringNotEquals", &["ecs.amazonaws.com"]).is_implied_by(&given));
        assert!(!passed_to("StringEquals", &["lambda.amazonaws.com"]).is_implied_by(&[]));
    }

    #[test]
    fn a_value_that_is_not_among_those_of_a_condition_is_excluded() {
        let is_excluded = |condition: Condition| condition.excludes("iam:passedtoservice", "lambda.amazonaws.com");
        assert!(is_excluded(passed_to("StringEquals", &["dax.amazonaws.com"])));
        assert!(is_excluded(passed_to("StringLike", &["dax.*", "ec2.*"])));
        assert!(!is_excluded(passed_to("StringLike", &["dax.*", "l*"])));
        assert!(!is_excluded(passed_to("StringNotEquals", &["dax.amazonaws.com"])));
        assert!(!is_excluded(Condition::new("StringEquals", "aws:SourceArn", vec![Text::literal("dax.amazonaws.com")])));
    }
}
