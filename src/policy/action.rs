//! IAM actions: plain ones and patterns. Two types, so that drafts cannot hold wildcards by accident.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use smol_str::{SmolStr, StrExt as _};

use super::Glob;

/// One action by its full name: `dynamodb:GetItem`. Compared without regard to case, as IAM does.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
#[derive(Debug, Clone)]
pub struct Action {
    text: SmolStr,
    key: SmolStr,
    colon: usize,
}

impl Action {
    /// Reads `service:Name`; nothing when that is not its form or it holds a wildcard.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains(['*', '?']) {
            return None;
        }
        let colon = colon(text)?;
        Some(Self { text: text.into(), key: text.to_lowercase_smolstr(), colon })
    }

    /// The service prefix: `dynamodb`.
    pub fn service(&self) -> &str {
        &self.text[..self.colon]
    }

    /// The name without the service: `GetItem`.
    pub fn name(&self) -> &str {
        &self.text[self.colon + 1..]
    }

    /// The full name as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Action {}

impl PartialOrd for Action {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Action {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl Hash for Action {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// An action as a policy writes it: `*`, `s3:Get*` or a plain one.
#[derive(Debug, Clone)]
pub struct ActionPattern {
    text: SmolStr,
    glob: Glob,
}

impl ActionPattern {
    /// Reads a pattern; nothing when it is neither `*` nor `service:…`.
    pub fn parse(text: &str) -> Option<Self> {
        if text != "*" {
            colon(text)?;
        }
        Some(Self { text: text.into(), glob: Glob::action(text) })
    }

    /// `*`
    pub fn any() -> Self {
        Self { text: SmolStr::new_static("*"), glob: Glob::action("*") }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The service prefix as written; `*` for the pattern `*`.
    pub fn service(&self) -> &str {
        self.text.split_once(':').map_or(&self.text, |(service, _)| service)
    }

    /// The plain action, when there is no wildcard.
    pub fn as_action(&self) -> Option<Action> {
        Action::parse(&self.text)
    }

    /// Whether there is a `*` or `?`.
    pub fn has_wildcard(&self) -> bool {
        self.glob.has_wildcard()
    }

    /// Whether every action that `narrower` names is named by this pattern.
    pub fn covers(&self, narrower: &Self) -> bool {
        self.glob.covers(&narrower.glob)
    }

    /// Whether some action could be named by both.
    pub fn may_overlap(&self, other: &Self) -> bool {
        self.glob.may_overlap(&other.glob)
    }

    /// Whether the pattern names this action.
    pub fn matches(&self, action: &Action) -> bool {
        self.glob.matches_plain(&action.key)
    }
}

impl From<&Action> for ActionPattern {
    fn from(action: &Action) -> Self {
        Self { text: action.text.clone(), glob: Glob::action(&action.text) }
    }
}

impl fmt::Display for ActionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for ActionPattern {
    fn eq(&self, other: &Self) -> bool {
        self.glob == other.glob
    }
}

impl Eq for ActionPattern {}

impl PartialOrd for ActionPattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ActionPattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.glob.cmp(&other.glob)
    }
}

impl Hash for ActionPattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.glob.hash(state);
    }
}

/// Where the colon of `service:Name` stands, when both sides have something and the form is right.
fn colon(text: &str) -> Option<usize> {
    let (service, name) = text.split_once(':')?;
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_*?".contains(c));
    (word(service) && word(name)).then_some(service.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_but_is_kept() {
        let (written, typed) = (Action::parse("s3:GetObject"), Action::parse("S3:getobject"));
        assert_eq!(written, typed);
        assert_eq!(typed.as_ref().map(Action::name), Some("getobject"));
        let pattern = ActionPattern::parse("S3:GET*").expect("a pattern");
        assert!(written.is_some_and(|action| pattern.matches(&action)));
    }

    #[test]
    fn what_is_no_action_is_refused() {
        for text in ["", "s3", "s3:", ":GetObject", "s3:Get Object", "s3:Get*", "a:b:c"] {
            assert_eq!(Action::parse(text), None, "{text}");
        }
        assert!(ActionPattern::parse("*").is_some() && ActionPattern::parse("s3").is_none());
    }
}
