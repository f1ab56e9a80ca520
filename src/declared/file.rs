//! A policy in a file of its own: `--role FILE`.

use std::sync::Arc;

use crate::iac::document::{self, Node as Tree, NodeKind};
use crate::policy::source::{Entry, Node, NodeValue};
use crate::policy::{PolicyDocument, PolicyProblem};
use crate::span::{Location, SourceFile, Span};
use crate::value::Text;

use super::{Granted, Kind, Policy, bound};

/// A file that is no policy.
#[derive(Debug, thiserror::Error)]
pub enum RoleFileError {
    /// It is neither JSON nor YAML.
    #[error(transparent)]
    Document(#[from] document::DocumentError),
    /// It is, but no policy.
    #[error("{path}: expected a policy with a `Statement`, or what `aws iam get-role-policy` prints")]
    NoPolicy {
        /// The file.
        path: String,
    },
}

/// Reads a policy document, or the answer of `aws iam get-role-policy` around one.
///
/// # Errors
///
/// When the file is no policy.
pub fn read_role(file: &Arc<SourceFile>) -> Result<(Policy, Vec<PolicyProblem>), RoleFileError> {
    let documents = document::read(file)?;
    let no_policy = || RoleFileError::NoPolicy { path: file.path.clone() };
    let root = documents.mapping().ok_or_else(no_policy)?;
    let root = root.get("PolicyDocument").unwrap_or(root);
    if root.get("Statement").is_none() {
        return Err(no_policy());
    }
    let document = PolicyDocument::parse(&tree(file, root));
    let origin = Location::new(file, Span::new(0, 0));
    let statements = document.statements.into_iter().map(|shown| Granted {
        compared: bound::statement(&shown, None),
        origin: shown.origin.statement.clone().unwrap_or_else(|| origin.clone()),
        shown,
    });
    let policy = Policy {
        label: format!("the policy in {}", file.path),
        key: "role-file".to_owned(),
        kind: Kind::Written,
        statements: statements.collect(),
        malformed: Vec::new(),
        unread: Vec::new(),
        origin,
    };
    Ok((policy, document.problems))
}

/// The tree of the reader, whose depth is bounded, as the policy reader takes it.
fn tree(file: &Arc<SourceFile>, node: &Tree) -> Node {
    let value = match &node.kind {
        NodeKind::Sequence(items) => NodeValue::List(items.iter().map(|item| tree(file, item)).collect()),
        NodeKind::Mapping(mapping) => NodeValue::Map(
            mapping
                .entries
                .iter()
                .map(|entry| Entry {
                    key: entry.key.clone(),
                    at: Some(Location::new(file, entry.key_span)),
                    value: tree(file, &entry.value),
                })
                .collect(),
        ),
        NodeKind::Scalar(_) => node.as_str().map_or(NodeValue::Null, |text| NodeValue::Text(Text::literal(text))),
    };
    Node { value, at: Some(Location::new(file, node.span)) }
}
