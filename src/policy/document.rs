//! Policy documents.
//!
//! The grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use std::fmt;

use smol_str::SmolStr;

use super::source::Node;
use super::{Statement, read};
use crate::span::Location;

/// The version every policy should name.
pub const VERSION: &str = "2012-10-17";

/// Most characters of one managed policy, white space not counted.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const MANAGED_POLICY_QUOTA: usize = 6_144;

/// Most characters of all inline policies of one role together, white space not counted.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const INLINE_POLICY_QUOTA: usize = 10_240;

/// Managed policies one role can hold unless AWS raises the quota.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const MANAGED_POLICIES_PER_ROLE: usize = 10;

/// A policy: statements under a version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyDocument {
    /// `2012-10-17`, or what stands there; nothing when it is missing, which IAM reads as `2008-10-17`.
    pub version: Option<SmolStr>,
    /// The policy's own `Id`.
    pub id: Option<SmolStr>,
    /// The statements that could be read.
    pub statements: Vec<Statement>,
    /// What is wrong with the document or could not be read.
    pub problems: Vec<PolicyProblem>,
}

/// Something about a policy that is wrong or could not be read. The rest of the document is there all the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{path}: {kind}")]
pub struct PolicyProblem {
    /// What it is.
    pub kind: ProblemKind,
    /// Which element: `Statement[2].Action[0]`.
    pub path: String,
    /// Where it stands.
    pub at: Option<Location>,
}

/// What can be wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A policy or statement that is no dictionary.
    NotADictionary,
    /// There is no version, so that IAM reads it as the old one.
    MissingVersion,
    /// A version IAM does not have, or the old one.
    Version(SmolStr),
    /// An element IAM does not have.
    UnknownElement(SmolStr),
    /// An element that stands there twice; the first one counts.
    Repeated(SmolStr),
    /// An element that has to be there.
    Missing(&'static str),
    /// Two elements that exclude each other; the positive one counts.
    Both(&'static str, &'static str),
    /// An effect that is neither `Allow` nor `Deny`.
    Effect(SmolStr),
    /// Text that is no action.
    Action(SmolStr),
    /// A value of the wrong form.
    Form(&'static str),
    /// Something of the template's that could not be evaluated.
    Unreadable(SmolStr),
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotADictionary => write!(f, "is no dictionary"),
            Self::MissingVersion => write!(f, "has no Version, which IAM reads as 2008-10-17; write \"{VERSION}\""),
            Self::Version(version) => write!(f, "has the version `{version}`; write \"{VERSION}\""),
            Self::UnknownElement(name) => write!(f, "`{name}` is no element of IAM policies"),
            Self::Repeated(name) => write!(f, "`{name}` stands there twice"),
            Self::Missing(name) => write!(f, "has no {name}"),
            Self::Both(one, other) => write!(f, "has both {one} and {other}, which exclude each other"),
            Self::Effect(effect) => write!(f, "has the effect `{effect}`, which is neither Allow nor Deny"),
            Self::Action(action) => write!(f, "`{action}` is no action; actions have the form service:Name"),
            Self::Form(wanted) => write!(f, "is not {wanted}"),
            Self::Unreadable(what) => write!(f, "could not be read: {what}"),
        }
    }
}

impl PolicyDocument {
    /// A document of these statements.
    pub fn new(statements: Vec<Statement>) -> Self {
        Self { version: Some(VERSION.into()), id: None, statements, problems: Vec::new() }
    }

    /// Reads a document. Never fails: what is wrong becomes a problem, all else is read.
    pub fn parse(node: &Node) -> Self {
        read::document(node)
    }

    /// Reads a document from JSON.
    pub fn from_json(json: &serde_json::Value) -> Self {
        Self::parse(&Node::from_json(json))
    }
}
