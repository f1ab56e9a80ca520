//! IAM policies: documents and the exact algebra of their patterns.
//!
//! Nothing here knows source code or operations. A policy is read from a tree ([`source::Node`]), compared
//! ([`algebra`]) and printed ([`PolicyDocument::render`]). Parts of ARNs that only deployment knows stay symbolic all the way.

mod action;
pub mod algebra;
mod arn;
mod condition;
mod contain;
mod document;
pub mod escalation;
mod pattern;
mod read;
pub mod source;
mod statement;
mod write;

pub use action::{Action, ActionPattern};
pub use arn::{ArnPattern, RenderContext};
pub use condition::Condition;
pub use document::{
    INLINE_POLICY_QUOTA, MANAGED_POLICIES_PER_ROLE, MANAGED_POLICY_QUOTA, PolicyDocument, PolicyProblem, ProblemKind, VERSION,
};
pub use pattern::{Glob, is_symbol};
pub use statement::{Clause, Effect, Origin, Pattern, Principal, Statement, Unread};
pub use write::{OneOrMany, RenderedDocument, RenderedStatement};
