//! The IAM data: actions, resource types and condition keys by prefix.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::packages::Package;

/// Everything IAM knows, by prefix.
#[derive(Debug, Default)]
pub(crate) struct Iam {
    pub(crate) prefixes: BTreeMap<String, Prefix>,
}

/// One IAM prefix.
#[derive(Debug, Default)]
pub(crate) struct Prefix {
    /// The service's name.
    pub(crate) name: String,
    /// Actions by name in lower case.
    pub(crate) actions: BTreeMap<String, Action>,
    /// Resource types by name in lower case.
    pub(crate) resources: BTreeMap<String, ResourceType>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Action {
    pub(crate) name: String,
    pub(crate) access_level: String,
    pub(crate) resource_types: Vec<TypeUse>,
    pub(crate) condition_keys: Vec<String>,
    pub(crate) dependent_actions: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TypeUse {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) condition_keys: Vec<String>,
    pub(crate) dependent_actions: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ResourceType {
    pub(crate) key: String,
    pub(crate) arn: String,
}

impl Iam {
    /// Reads the package's `data` folder.
    pub(crate) fn read(package: &Package) -> Result<Self> {
        let mut iam = Self::default();
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for path in package.paths() {
            let Some((_, inside)) = path.split_once("/data/") else { continue };
            if inside == "serviceNames.json" {
                names = parse(package, path)?;
            } else if let Some(prefix) = inside.strip_prefix("actions/").and_then(|file| file.strip_suffix(".json")) {
                iam.prefixes.entry(prefix.to_owned()).or_default().actions = parse(package, path)?;
            } else if let Some(prefix) = inside.strip_prefix("resourceTypes/").and_then(|file| file.strip_suffix(".json")) {
                iam.prefixes.entry(prefix.to_owned()).or_default().resources = parse(package, path)?;
            }
        }
        for (prefix, data) in &mut iam.prefixes {
            for resource in data.resources.values_mut() {
                // Two generations of a service share a type: the first format is the newer one's.
                if let Some((first, _)) = resource.arn.split_once(", arn:") {
                    resource.arn = first.to_owned();
                }
            }
            data.name = names.get(prefix).cloned().unwrap_or_else(|| prefix.clone());
        }
        Ok(iam)
    }

    /// An action by its full name, whatever its case.
    pub(crate) fn action(&self, action: &str) -> Option<(&Prefix, &Action)> {
        let (prefix, name) = action.split_once(':')?;
        let data = self.prefixes.get(prefix)?;
        Some((data, data.actions.get(&name.to_ascii_lowercase())?))
    }
}

impl Prefix {
    /// A resource type by name.
    pub(crate) fn resource(&self, name: &str) -> Option<&ResourceType> {
        self.resources.get(&name.to_ascii_lowercase())
    }
}

impl Action {
    /// The access level as `api-maps/actions` writes it.
    pub(crate) fn level(&self) -> &'static str {
        let level = self.access_level.as_str();
        if level.contains("Permissions") {
            "Permissions"
        } else if level.contains("Tagging") {
            "Tagging"
        } else if level == "Read" {
            "Read"
        } else if level == "List" {
            "List"
        } else {
            "Write"
        }
    }
}

fn parse<T: for<'a> Deserialize<'a>>(package: &Package, path: &str) -> Result<T> {
    serde_json::from_slice(&package.read(path)?).with_context(|| format!("cannot read {path}"))
}
