//! AWS's managed policies, by name.

use crate::catalog::Catalog;
use crate::policy::{PolicyDocument, Statement};

/// The statements of a managed policy; nothing when AWS has none of that name.
pub(super) fn managed(name: &str) -> Option<Vec<Statement>> {
    let text = Catalog::embedded().managed_policy(name)?;
    let json = serde_json::from_str(text).ok()?;
    Some(PolicyDocument::from_json(&json).statements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managed_policies_are_written_out() {
        let statements = managed("AWSLambdaBasicExecutionRole").expect("AWS has it");
        let actions: Vec<&str> =
            statements.iter().flat_map(|statement| statement.actions.items()).map(crate::policy::ActionPattern::as_str).collect();
        assert_eq!(actions, ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]);
        assert!(managed("NoSuchPolicy").is_none());
    }
}
