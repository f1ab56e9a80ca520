//! What lock files say about the packages that packages depend on: one that is not installed may call AWS when the SDK is among
//! them.
//!
//! <https://docs.npmjs.com/cli/v10/configuring-npm/package-lock-json>, <https://yarnpkg.com/configuration/yarnrc>,
//! <https://pnpm.io/git#lockfiles>

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value as Json;

/// Lock files of npm, Yarn and pnpm.
pub(super) const LOCKS: [&str; 3] = ["package-lock.json", "yarn.lock", "pnpm-lock.yaml"];

/// Packages that fetch what they are told to, and sign it where an option says so.
/// <https://github.com/request/request#requestoptions-callback>
const SIGN_ON_REQUEST: [&str; 3] = ["@cypress/request", "postman-request", "request"];

/// What the packages of a lock file depend on, all versions of one together.
#[derive(Debug, Default)]
pub(super) struct Lock {
    depends: FxHashMap<String, Vec<String>>,
}

impl Lock {
    pub(super) fn read(name: &str, text: &str) -> Self {
        let mut lock = Self::default();
        if name.ends_with(".json") {
            if let Ok(document) = serde_json::from_str::<Json>(text) {
                lock.npm(&document);
            }
        } else {
            lock.lines(text);
        }
        lock
    }

    /// The package of AWS's SDK, or one that signs requests to AWS, that a package depends on, perhaps through others.
    pub(super) fn sdk_of(&self, package: &str) -> Option<&str> {
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        let mut open = VecDeque::from([package]);
        while let Some(package) = open.pop_front() {
            for name in self.depends.get(package).into_iter().flatten() {
                // It signs with it what a program asks it to sign, with credentials of the program's own; others only fetch.
                if name == "aws4" && SIGN_ON_REQUEST.contains(&package) {
                    continue;
                }
                if crate::sdk::packages::makes_requests(name) {
                    return Some(name);
                }
                if seen.insert(name) {
                    open.push_back(name);
                }
            }
        }
        None
    }

    fn add(&mut self, package: &str, name: &str) {
        self.depends.entry(package.to_owned()).or_default().push(name.to_owned());
    }

    /// `packages` of versions 2 and 3, else `dependencies` of version 1.
    fn npm(&mut self, document: &Json) {
        for (place, entry) in document["packages"].as_object().into_iter().flatten() {
            let package = place.rsplit("node_modules/").next().unwrap_or(place);
            for name in entry["dependencies"].as_object().into_iter().flat_map(|names| names.keys()) {
                self.add(package, name);
            }
        }
        let mut open: Vec<&Json> = vec![&document["dependencies"]];
        while let Some(packages) = open.pop() {
            for (package, entry) in packages.as_object().into_iter().flatten() {
                for name in entry["requires"].as_object().into_iter().flat_map(|names| names.keys()) {
                    self.add(package, name);
                }
                open.push(&entry["dependencies"]);
            }
        }
    }

    /// Entries of Yarn and pnpm: the packages that one is about, and further in a block of what it depends on.
    fn lines(&mut self, text: &str) {
        let mut packages: Vec<String> = Vec::new();
        let (mut entry, mut block) = (0, None);
        for line in text.lines() {
            let content = line.trim_start();
            let indent = line.len() - content.len();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            match block {
                Some(of) if indent > of => {
                    let name = unquoted(content.split([':', ' ']).next().unwrap_or_default());
                    let name = if content.starts_with(['"', '\'']) { quoted(content) } else { name };
                    for package in packages.clone() {
                        self.add(&package, name);
                    }
                    continue;
                }
                _ => block = None,
            }
            if content == "dependencies:" && indent > entry {
                block = Some(indent);
            } else if content.ends_with(':') && content.contains('@') {
                entry = indent;
                packages = content.trim_end_matches(':').split(", ").filter_map(package_name).collect();
            } else if indent == 0 {
                packages.clear();
            }
        }
    }
}

/// What stands between quotes at the beginning of a line.
fn quoted(content: &str) -> &str {
    content.get(1..).and_then(|rest| rest.split(['"', '\'']).next()).unwrap_or_default()
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

/// The name in `"@scope/name@npm:^1.0.0"`, `/name@1.0.0(peer@2.0.0)`, `/name/1.0.0`.
fn package_name(key: &str) -> Option<String> {
    let key = unquoted(key.trim());
    let key = key.strip_prefix('/').unwrap_or(key);
    let skipped = usize::from(key.starts_with('@'));
    let end = key.get(skipped..)?.find('@')? + skipped;
    Some(key[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lock_file_tells_what_a_package_depends_on() {
        let npm = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"ledger": "1"}},
            "node_modules/ledger": {"dependencies": {"@acme/db": "1"}}, "node_modules/plain": {"version": "1"},
            "node_modules/ledger/node_modules/@acme/db": {"dependencies": {"@aws-sdk/client-dynamodb": "3"}}}}"#;
        let old = r#"{"lockfileVersion": 1, "dependencies": {"ledger": {"requires": {"@acme/db": "1"}, "dependencies":
            {"@acme/db": {"requires": {"@aws-sdk/client-dynamodb": "3"}}}}, "plain": {"version": "1"}}}"#;
        let yarn = "# yarn lockfile v1\n\nledger@1, ledger@^1.0.0:\n  version \"1.0.0\"\n  dependencies:\n    \"@acme/db\" \"1\"\n    x \"2\"\n\n\
            \"@acme/db@1\":\n  version \"1\"\n  dependencies:\n    \"@aws-sdk/client-dynamodb\" \"3\"\n\nplain@1:\n  version \"1\"\n";
        let berry = "__metadata:\n  version: 8\n\n\"ledger@npm:1, ledger@npm:^1.0.0\":\n  version: 1.0.0\n  dependencies:\n    \"@acme/db\": \"npm:1\"\n\n\
            \"@acme/db@npm:1\":\n  version: 1\n  dependencies:\n    \"@aws-sdk/client-dynamodb\": \"npm:3\"\n  languageName: node\n\n\"plain@npm:1\":\n  version: 1\n";
        let pnpm = "lockfileVersion: '9.0'\n\nimporters:\n  .:\n    dependencies:\n      plain:\n        specifier: 1\n\nsnapshots:\n\n  ledger@1.0.0(x@2):\n    dependencies:\n      '@acme/db': 1.0.0\n\n\
            \x20 '@acme/db@1.0.0':\n    dependencies:\n      '@aws-sdk/client-dynamodb': 3.0.0\n\n  plain@1.0.0: {}\n";
        let fetching = "a@1:\n  dependencies:\n    request \"2\"\n\nrequest@2:\n  dependencies:\n    aws4 \"1\"\n\nb@1:\n  dependencies:\n    aws4 \"1\"\n";
        let lock = Lock::read(LOCKS[1], fetching);
        assert_eq!((lock.sdk_of("a"), lock.sdk_of("b")), (None, Some("aws4")));
        for (name, text) in [(LOCKS[0], npm), (LOCKS[0], old), (LOCKS[1], yarn), (LOCKS[1], berry), (LOCKS[2], pnpm)] {
            let lock = Lock::read(name, text);
            assert_eq!(lock.sdk_of("ledger"), Some("@aws-sdk/client-dynamodb"), "{text}");
            assert_eq!(lock.sdk_of("plain"), None, "{text}");
        }
    }

    #[test]
    fn what_fetches_signs_nothing_by_itself() {
        let npm = r#"{"packages": {"node_modules/bot": {"dependencies": {"request": "2"}}, "node_modules/request": {"dependencies": {"aws4": "1"}},
            "node_modules/signer": {"dependencies": {"aws4": "1", "request": "2"}}}}"#;
        let lock = Lock::read(LOCKS[0], npm);
        assert_eq!((lock.sdk_of("bot"), lock.sdk_of("request"), lock.sdk_of("signer")), (None, None, Some("aws4")));
    }
}
