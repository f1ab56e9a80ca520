//! From grants to a policy: the fewest statements that allow what was found and nothing else.
//!
//! The steps, in the order of the files: [`widen`] turns what a request names into resource patterns (and is the only
//! place that may make anything broader); `group` drops what is covered and puts together what belongs together; `sid`
//! names the statements; `split` keeps the documents within IAM's quotas; [`check`] compares the result with the grants
//! once more, independently of how it was made.

pub mod check;
mod group;
mod sid;
mod split;
#[cfg(test)]
mod tests;
pub mod widen;

use smol_str::SmolStr;

pub use check::CheckFailure;
pub use widen::WideningReason;

use crate::catalog::{AccessLevel, Grant};
use crate::note::Note;
use crate::policy::{MANAGED_POLICY_QUOTA, PolicyDocument, RenderContext, Statement};
use crate::sdk::Confidence;

/// Which piece of evidence a need rests on; the numbers are the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvidenceId(pub u32);

/// One permission that was found to be needed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The permission.
    pub grant: Grant,
    /// What it rests on.
    pub evidence: EvidenceId,
    /// How sure that is.
    pub confidence: Confidence,
}

/// What is known about the deployment, and what the policy has to fit into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftOptions {
    /// The partition, `aws` unless told otherwise; symbolic when nothing.
    pub partition: Option<SmolStr>,
    /// The region, when known.
    pub region: Option<SmolStr>,
    /// The account, when known.
    pub account: Option<SmolStr>,
    /// Whether possible calls get their permissions too.
    pub include_possible: bool,
    /// Most characters of one document, white space not counted.
    pub quota: usize,
}

impl Default for DraftOptions {
    fn default() -> Self {
        Self { partition: Some("aws".into()), region: None, account: None, include_possible: false, quota: MANAGED_POLICY_QUOTA }
    }
}

/// The policy of one function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyDraft {
    /// The statements with what they rest on, by service, access level and resource.
    pub statements: Vec<DraftStatement>,
    /// The same statements as documents, each within the quota.
    pub documents: Vec<PolicyDocument>,
    /// What the user should know: grants that could not be used, quotas.
    pub notes: Vec<Note>,
}

/// A statement and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftStatement {
    /// The statement.
    pub statement: Statement,
    /// What it rests on, ascending, without duplicates.
    pub evidence: Vec<EvidenceId>,
    /// The access levels of its actions, ascending, without duplicates.
    pub levels: Vec<AccessLevel>,
    /// Why its resources hold wildcards or will be printed with some.
    pub wildcards: Vec<Wildcard>,
}

impl DraftStatement {
    /// The highest access level of its actions.
    pub fn level(&self) -> AccessLevel {
        self.levels.last().copied().unwrap_or(AccessLevel::List)
    }

    /// Those of the needs it was drafted from that one of its actions is for.
    pub fn needs<'a>(&'a self, action: &'a str, needs: &'a [Need]) -> impl Iterator<Item = &'a Need> {
        needs.iter().filter(move |need| need.grant.action.eq_ignore_ascii_case(action) && self.evidence.contains(&need.evidence))
    }
}

/// A resource with a wildcard and the reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wildcard {
    /// Position of the resource in its statement.
    pub resource: usize,
    /// Where the wildcard comes from.
    pub reason: WideningReason,
}

/// Drafts the policy that allows what is needed and nothing else.
///
/// # Errors
///
/// When the finished policy does not pass its own check, which is a mistake in leash: there is no policy to print then.
pub fn draft(needs: &[Need], options: &DraftOptions) -> Result<PolicyDraft, CheckFailure> {
    let mut widened = widen::widen(&choose(needs, options), options);
    let statements = group::statements(std::mem::take(&mut widened.permissions));
    let (documents, mut notes) = split::documents(&statements, options.quota);
    notes.append(&mut widened.notes);
    notes.sort();
    notes.dedup();
    check::check(&widened.requests, &documents)?;
    Ok(PolicyDraft { statements, documents, notes })
}

/// The needs that count, in one order, so that the spelling of an action does not depend on the order of the calls.
fn choose<'a>(needs: &'a [Need], options: &DraftOptions) -> Vec<&'a Need> {
    let counts = |need: &&Need| options.include_possible || need.confidence > Confidence::Possible;
    let mut used: Vec<_> = needs.iter().filter(counts).collect();
    used.sort_by_key(|need| (&need.grant, need.evidence));
    used
}

/// How to write a document as IAM counts it: symbolic parts at the length they are likely to have once deployed.
fn deployed() -> RenderContext<'static> {
    RenderContext::new(&split::placeholder)
}
