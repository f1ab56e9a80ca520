//! AWS's own service reference: JSON files whose `Operations[].AuthorizedActions` say what authorizes an operation.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html>

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// Authorized actions, by service prefix and operation.
#[derive(Debug, Default)]
pub(crate) struct Reference {
    /// By the client or service that has the operation, and by the file that says so: several may speak of one client.
    operations: BTreeMap<(String, String), BTreeMap<String, Vec<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    name: String,
    #[serde(default)]
    operations: Vec<Operation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Operation {
    name: String,
    #[serde(default)]
    authorized_actions: Vec<AuthorizedAction>,
    #[serde(default, rename = "SDK")]
    sdk: Vec<Sdk>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AuthorizedAction {
    name: String,
    service: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sdk {
    name: String,
    #[serde(default)]
    package: String,
}

impl Reference {
    /// Reads every JSON file of a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut out = Self::default();
        for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read(&path)?;
                out.add(&text).with_context(|| format!("cannot read {}", path.display()))?;
            }
        }
        Ok(out)
    }

    /// Adds one file.
    pub(crate) fn add(&mut self, text: &[u8]) -> Result<()> {
        let file: File = serde_json::from_slice(text)?;
        for operation in file.operations {
            let actions = operation.authorized_actions.iter().map(|action| format!("{}:{}", action.service, action.name));
            let mut actions: Vec<String> = actions.collect();
            // The action that bears the operation's name comes first, the others follow in order.
            actions.sort_by_key(|action| (!action.ends_with(&format!(":{}", operation.name)), action.clone()));
            let clients = operation.sdk.iter().filter(|sdk| sdk.package == "Boto3").map(|sdk| sdk.name.clone());
            for name in clients.chain(std::iter::once(file.name.clone())) {
                let known = self.operations.entry((name, operation.name.clone())).or_default();
                known.entry(file.name.clone()).or_default().extend(actions.iter().cloned());
            }
        }
        Ok(())
    }

    /// The actions of an operation, when the reference has it under the service's name or one of its prefixes.
    /// Of several files, those of its prefixes go first; else all count.
    pub(crate) fn actions(&self, service: &str, prefixes: &[String], operation: &str) -> Option<Vec<String>> {
        let names = std::iter::once(service).chain(prefixes.iter().map(String::as_str));
        let found = names.filter_map(|name| self.operations.get(&(name.to_owned(), operation.to_owned())));
        let actions = found.map(|files| {
            let own = prefixes.iter().find_map(|prefix| files.get(prefix)).filter(|actions| !actions.is_empty());
            let mut all: Vec<String> = Vec::new();
            for action in own.map_or_else(|| files.values().flatten().collect(), |own| own.iter().collect::<Vec<_>>()) {
                if !all.contains(action) {
                    all.push(action.clone());
                }
            }
            all
        });
        actions.into_iter().find(|actions| !actions.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorized_actions_are_found_by_client_and_by_prefix() {
        let mut reference = Reference::default();
        let text = br#"{"Name":"s3","Actions":[],"Operations":[
            {"Name":"ListObjectsV2","AuthorizedActions":[{"Name":"ListBucket","Service":"s3"}],
             "SDK":[{"Name":"s3","Method":"list_objects_v2","Package":"Boto3"}]},
            {"Name":"Tag","AuthorizedActions":[{"Name":"Other","Service":"kms"},{"Name":"Tag","Service":"s3"}]},
            {"Name":"Nothing","AuthorizedActions":[]}]}"#;
        assert!(reference.add(text).is_ok());
        let found = |name: &str| reference.actions("s3", &["s3".to_owned()], name);
        assert_eq!(found("ListObjectsV2"), Some(vec!["s3:ListBucket".to_owned()]));
        assert_eq!(found("Tag"), Some(vec!["s3:Tag".to_owned(), "kms:Other".to_owned()]));
        assert_eq!(found("Nothing"), None);
        assert_eq!(reference.actions("s3control", &[], "ListObjectsV2"), None);
        let other = br#"{"Name":"s3-other","Operations":[{"Name":"ListObjectsV2",
            "AuthorizedActions":[{"Name":"ListBucket","Service":"s3-other"}],
            "SDK":[{"Name":"s3","Method":"list_objects_v2","Package":"Boto3"}]}]}"#;
        assert!(reference.add(other).is_ok());
        assert_eq!(reference.actions("s3", &["s3".to_owned()], "ListObjectsV2"), Some(vec!["s3:ListBucket".to_owned()]));
        let both = ["s3:ListBucket", "s3-other:ListBucket"].map(str::to_owned).to_vec();
        assert_eq!(reference.actions("s3", &[], "ListObjectsV2"), Some(both));
    }
}
