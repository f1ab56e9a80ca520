//! A policy in a file of its own: `--role FILE`.

use std::sync::Arc;

use crate::iac::document::{self, Node as Tree, NodeKind};
use crate::policy::source::{Entry, Node, NodeValue};
use crate::policy::{PolicyDocument, PolicyProblem, ProblemKind};
use crate::span::{Location, SourceFile, Span};
use crate::value::Text;

use super::{Granted, Holder, Kind, Policy, bound};

/// A file that is no policy.
#[derive(Debug, thiserror::Error)]
pub enum RoleFileError {
    /// It is neither JSON nor YAML.
    #[error(transparent)]
    Document(#[from] document::DocumentError),
    /// It is, but no policy.
    #[error("{path}: expected a policy with a `Statement`, or what `aws iam get-role-policy` or `get-policy-version` prints")]
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
    let mut roots: Vec<&Tree> = Vec::new();
    for root in &documents.roots {
        // A policy that is too large for one document is a list of them.
        let parts = root.as_sequence().map_or(std::slice::from_ref(root), |items| items);
        roots.extend(parts.iter().filter_map(inner));
    }
    if roots.is_empty() {
        return Err(RoleFileError::NoPolicy { path: file.path.clone() });
    }
    let origin = Location::new(file, Span::new(0, 0));
    let mut policy = Policy {
        label: format!("the policy in {}", file.path),
        key: "role-file".to_owned(),
        kind: Kind::Written,
        holder: Holder::File,
        statements: Vec::new(),
        malformed: Vec::new(),
        unread: Vec::new(),
        origin: origin.clone(),
    };
    let mut problems = Vec::new();
    for root in roots {
        let document = PolicyDocument::parse(&tree(file, root));
        policy.statements.extend(document.statements.into_iter().map(|shown| Granted {
            compared: bound::statement(&shown, None),
            origin: shown.origin.statement.clone().unwrap_or_else(|| origin.clone()),
            shown,
        }));
        for problem in document.problems {
            match (&problem.kind, &problem.at) {
                (ProblemKind::Action(text), Some(at)) => policy.malformed.push((text.clone(), at.clone())),
                _ => problems.push(problem),
            }
        }
    }
    Ok((policy, problems))
}

/// The one document of a policy file, as it was written.
///
/// # Errors
///
/// When the file is no policy, or several.
pub fn document_of(file: &Arc<SourceFile>) -> Result<Tree, RoleFileError> {
    let documents = document::read(file)?;
    let found = match documents.roots.as_slice() {
        [root] if root.as_sequence().is_none() => inner(root).cloned(),
        _ => None,
    };
    found.ok_or_else(|| RoleFileError::NoPolicy { path: file.path.clone() })
}

/// The document in what the commands of `aws iam` print: `get-role-policy`, `get-policy-version`.
fn inner(root: &Tree) -> Option<&Tree> {
    let version = root.get("PolicyVersion").and_then(|version| version.get("Document"));
    let document = root.get("PolicyDocument").or(version).unwrap_or(root);
    document.get("Statement").map(|_| document)
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
