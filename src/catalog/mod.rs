//! The api-maps: which IAM actions an API operation needs, on which resources.
//!
//! The catalog has never heard of source code. It is asked about an operation and its parameters and answers with
//! [`Grant`]s.

use smol_str::SmolStr;

use crate::value::Text;

/// What IAM asks for before it lets an operation through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// These permissions.
    Grants(Vec<Grant>),
    /// None: the operation needs no permission.
    Permissionless,
    /// Not known, for the reason given.
    Unknown(String),
}

/// One permission that a request needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// `s3:GetObject`.
    pub action: SmolStr,
    /// The ARNs; `*` where the action supports no resource (see `scope`).
    pub resources: Vec<Text>,
    /// Whether the resources could be told.
    pub scope: Scope,
    /// Conditions that narrow the permission.
    pub conditions: Vec<GrantCondition>,
    /// How much harm the action can do.
    pub access_level: AccessLevel,
    /// Why the request needs it.
    pub reason: Reason,
    /// The documentation page that says so, for entries corrected by hand.
    pub citation: Option<SmolStr>,
}

/// Whether a grant's resources follow from the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The ARNs name what the request names.
    Resource,
    /// The action supports no resource; `*` is the only valid one.
    Account,
    /// The action supports resources, but which one does not follow from the request's parameters.
    Unbound,
}

/// A condition of a statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantCondition {
    /// `StringEquals`.
    pub operator: SmolStr,
    /// `iam:PassedToService`.
    pub key: SmolStr,
    /// The values.
    pub values: Vec<Text>,
}

/// AWS's classes of actions, from harmless to dangerous.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Lists resources.
    List,
    /// Reads contents.
    Read,
    /// Changes tags only.
    Tagging,
    /// Creates, changes or deletes.
    Write,
    /// Changes permissions.
    PermissionsManagement,
}

/// Why a request needs a permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It is what the operation does.
    Direct,
    /// The operation triggers it with the caller's rights (`iam:PassRole`).
    Dependent,
    /// The service uses the caller's rights elsewhere (forward access); says what for.
    Forward(SmolStr),
}
