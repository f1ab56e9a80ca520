//! What IAM says about its actions.

use super::format::{ActionEntry, ActionsFile};
use super::load::{cached, names};
use super::{AccessLevel, Catalog};

/// What IAM says about one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionInfo {
    /// `s3:GetObject`, in IAM's own spelling.
    pub action: String,
    /// How much harm it can do.
    pub access_level: AccessLevel,
    /// The forms of ARN it can be granted on, such as `arn:${Partition}:s3:::${BucketName}`. None: `*` is the only valid resource.
    pub arn_formats: Vec<&'static str>,
}

impl ActionInfo {
    /// Whether it can be granted on single resources at all.
    pub const fn supports_resources(&self) -> bool {
        !self.arn_formats.is_empty()
    }
}

impl Catalog {
    /// What IAM says about an action, whatever the case it is written in.
    pub fn action(&self, action: &str) -> Option<ActionInfo> {
        self.with_action(action, info)
    }

    /// How much harm an action can do.
    pub(crate) fn access_level(&self, action: &str) -> Option<AccessLevel> {
        self.with_action(action, |_, _, entry| level(&entry.level))
    }

    fn with_action<T>(&self, action: &str, of: impl Fn(&ActionsFile<'static>, &str, &ActionEntry) -> T) -> Option<T> {
        let (prefix, name) = action.split_once(':')?;
        let file = cached(&self.store.actions, "actions", &prefix.to_ascii_lowercase())?;
        let found = file.actions.get_key_value(name);
        let (key, entry) = found.or_else(|| file.actions.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)))?;
        Some(of(&file, key, &*entry.get()?))
    }

    /// Every action of an IAM prefix, in order: `s3:AbortMultipartUpload`, …
    pub fn actions_of(&self, prefix: &str) -> Vec<String> {
        let file = cached(&self.store.actions, "actions", &prefix.to_ascii_lowercase());
        file.map(|file| file.actions.keys().map(|name| format!("{}:{name}", file.prefix)).collect()).unwrap_or_default()
    }

    /// The IAM prefixes that have actions.
    pub fn prefixes(&self) -> impl Iterator<Item = &'static str> {
        names("actions")
    }

    /// The actions that a pattern such as `dynamodb:*Item` covers, in order; case does not matter to IAM.
    pub fn expand_action_pattern(&self, pattern: &str) -> Vec<String> {
        let (prefix, name) = match pattern.split_once(':') {
            Some((prefix, name)) => (prefix.to_ascii_lowercase(), name.to_ascii_lowercase()),
            None if pattern == "*" => ("*".to_owned(), "*".to_owned()),
            None => return Vec::new(),
        };
        let is_plain = |text: &str| !text.contains(['*', '?']);
        if is_plain(pattern) {
            return self.with_action(pattern, |file, name, _| format!("{}:{name}", file.prefix)).into_iter().collect();
        }
        let mut out = Vec::new();
        let mut expand = |prefix: &str| {
            out.extend(self.actions_of(prefix).into_iter().filter(|action| {
                let own = action.split_once(':').map_or("", |(_, own)| own);
                name == "*" || glob(&name, &own.to_ascii_lowercase())
            }));
        };
        if is_plain(&prefix) {
            expand(&prefix);
        } else {
            self.prefixes().filter(|known| glob(&prefix, known)).for_each(expand);
        }
        out
    }
}

fn info(file: &ActionsFile<'static>, name: &str, entry: &ActionEntry) -> ActionInfo {
    let types = entry.resources.iter().chain(&entry.optional);
    ActionInfo {
        action: format!("{}:{name}", file.prefix),
        access_level: level(&entry.level),
        arn_formats: types.map(|name| file.resources.get(name.as_str()).copied().unwrap_or("*")).collect(),
    }
}

fn level(name: &str) -> AccessLevel {
    match name {
        "List" => AccessLevel::List,
        "Read" => AccessLevel::Read,
        "Tagging" => AccessLevel::Tagging,
        "Permissions" => AccessLevel::PermissionsManagement,
        _ => AccessLevel::Write,
    }
}

/// Whether a pattern with `*` and `?` covers a name.
fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::{Catalog, glob};

    #[test]
    fn plain_names_and_wildcards_are_expanded_alike() {
        let expanded = |pattern: &str| Catalog::embedded().expand_action_pattern(pattern);
        assert_eq!(expanded("KINESIS:getrecords"), ["kinesis:GetRecords"]);
        assert_eq!(expanded("kinesis:GetRecord?"), ["kinesis:GetRecords"]);
        assert_eq!(expanded("kines?s:getRecords"), ["kinesis:GetRecords"]);
        assert!(expanded("kinesis:GetNothing").is_empty() && expanded("*:GetNothing").is_empty());
    }

    #[test]
    fn patterns_backtrack() {
        assert!(glob("*item", "batchgetitem"));
        assert!(glob("get*b*", "getabab"));
        assert!(glob("get?", "gets"));
        assert!(!glob("get?", "get"));
        assert!(!glob("*item", "items"));
    }
}
