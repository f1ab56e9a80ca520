//! The api-maps: which IAM actions an API operation needs, on which resources.
//!
//! The catalog has never heard of source code. It is asked about an operation and its parameters and answers with
//! [`Grant`]s.

mod actions;
mod address;
mod authorize;
mod declared;
mod filter;
pub mod format;
mod load;
mod lookup;
mod path;
mod template;
mod when;

use std::sync::OnceLock;

use smol_str::SmolStr;

use crate::value::Text;

pub use actions::ActionInfo;
pub use declared::managed_policy_file;
pub(crate) use filter::is_managed_key;
pub use lookup::parameters;
pub use path::split_marks;
pub use template::{NO_REQUEST_SAYS, RANDOM_END, TemplateError};

/// The api-maps: operations, actions, and the policies AWS gives names to. Services are read when first asked for.
#[derive(Debug, Default)]
pub struct Catalog {
    store: load::Store,
}

impl Catalog {
    /// The maps that the binary carries.
    pub fn embedded() -> &'static Self {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        CATALOG.get_or_init(Self::default)
    }
}

/// A full answer about one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The permissions.
    pub authorization: Authorization,
    /// Sentences the user should read.
    pub notes: Vec<String>,
    /// What a customer-managed key behind the resource needs.
    pub encryption: Option<Encryption>,
}

impl Default for Answer {
    fn default() -> Self {
        Self { authorization: Authorization::Permissionless, notes: Vec::new(), encryption: None }
    }
}

/// What a customer-managed KMS key behind a resource needs. Nobody is granted this before a template shows the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// `kms:Decrypt` and its like.
    pub actions: Vec<SmolStr>,
    /// The first label of `kms:ViaService`: `s3` in `s3.eu-west-1.amazonaws.com`.
    pub via_service: SmolStr,
    /// One sentence for the user where no template says which key it is.
    pub note: Option<String>,
}

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
    /// Whether it may be spared: the request also needs the action on other resources, or it is one of those rather than this one;
    /// or the function runs without it.
    pub spare: bool,
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
