//! What functions were seen to request while they ran: records of `CloudTrail`, of the SDKs' client-side monitoring, and the
//! policies that tools such as `iamlive` write from those.
//!
//! Records are read as a stream: what is kept grows with the different permissions that were used, not with the file.

mod action;
mod cloudtrail;
mod file;
mod monitoring;

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::policy::ArnPattern;
use crate::wording::counted;

pub use file::{Outcome, read};

/// Different resources that are kept for one action of one function. Keys of objects have no end; further ones are counted.
const RESOURCES: usize = 200;
/// Different sessions that are kept. An account's log holds many that have nothing to do with the functions at hand.
const SESSIONS: usize = 20_000;

/// Who made a request, as far as the record says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Who {
    /// The record does not say.
    #[default]
    Unknown,
    /// A session of a role. Lambda names the sessions of a function like the function.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
    Session {
        /// The role's name.
        role: SmolStr,
        /// The session's name.
        session: SmolStr,
    },
}

/// One permission that was used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// `dynamodb:GetItem`; policies may hold patterns.
    pub action: SmolStr,
    /// The resource; `*` where the record does not tell.
    pub resource: SmolStr,
}

/// How often it was used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// Requests; zero where the evidence has no numbers.
    pub requests: u64,
    /// How many of them AWS refused for lack of a permission.
    pub denied: u64,
    /// The files they were in, as positions in [`Observed::files`].
    pub files: BTreeSet<usize>,
}

impl Count {
    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.denied += other.denied;
        self.files.extend(&other.files);
    }
}

/// Everything that was observed.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The files, as shown.
    pub files: Vec<String>,
    /// What each was seen to use.
    pub used: BTreeMap<Who, BTreeMap<SmolStr, BTreeMap<SmolStr, Count>>>,
    /// Requests of which leash does not know what they need, as `service:Operation`, and how many.
    pub unmapped: BTreeMap<String, u64>,
    /// Records about people, AWS services and whatever else is no session of a role.
    pub others: u64,
    /// Permissions with more resources than are kept: those of the further ones are counted with `*` as their resource.
    pub folded: BTreeSet<SmolStr>,
    /// Records of more sessions than are kept.
    pub dropped: u64,
}

impl Observed {
    /// Records one use.
    fn add(&mut self, who: &Who, permission: &Permission, count: &Count) {
        if !self.used.contains_key(who) {
            if self.used.len() >= SESSIONS {
                self.dropped += count.requests.max(1);
                return;
            }
            self.used.insert(who.clone(), BTreeMap::new());
        }
        let Some(actions) = self.used.get_mut(who) else { return };
        let resources = actions.entry(permission.action.clone()).or_default();
        let known = resources.contains_key(&permission.resource);
        let resource = if known || resources.len() < RESOURCES {
            permission.resource.clone()
        } else {
            self.folded.insert(permission.action.clone());
            SmolStr::new_static("*")
        };
        resources.entry(resource).or_default().add(count);
    }

    /// The files that a count comes from, in a sentence.
    pub fn named(&self, count: &Count) -> String {
        let names: Vec<&str> = count.files.iter().filter_map(|file| self.files.get(*file)).map(String::as_str).collect();
        match names.as_slice() {
            [one] => (*one).to_owned(),
            [first, rest @ ..] => format!("{first} and {}", counted(rest.len(), "more file")),
            [] => "the evidence".to_owned(),
        }
    }
}

impl Permission {
    /// The resource as a pattern.
    pub fn pattern(&self) -> ArnPattern {
        ArnPattern::parse(&self.resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_an_end() {
        let mut observed = Observed::default();
        let once = Count { requests: 1, ..Count::default() };
        for index in 0..10 * RESOURCES {
            let resource = smol_str::format_smolstr!("arn:aws:s3:::b/{index}");
            observed.add(&Who::Unknown, &Permission { action: "s3:GetObject".into(), resource }, &once);
        }
        let resources = &observed.used[&Who::Unknown]["s3:GetObject"];
        assert_eq!(resources.len(), RESOURCES + 1);
        assert_eq!(resources.values().map(|count| count.requests).sum::<u64>(), 10 * RESOURCES as u64);
        assert!(observed.folded.contains("s3:GetObject"));
    }
}
