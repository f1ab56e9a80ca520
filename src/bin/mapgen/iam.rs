//! The IAM data: actions, resource types and condition keys by prefix.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::packages::Package;

/// Everything IAM knows, by prefix.
#[derive(Debug, Default)]
pub(crate) struct Iam {
    pub(crate) prefixes: BTreeMap<String, Prefix>,
    /// Services that AWS's managed policies allow to make a role of their own.
    pub(crate) linked_roles: BTreeSet<String>,
}

/// One IAM prefix.
#[derive(Debug, Default)]
pub(crate) struct Prefix {
    /// The service's name.
    pub(crate) name: String,
    /// Actions by name in lower case.
    pub(crate) actions: BTreeMap<String, Action>,
    /// Its page in the service authorization reference.
    pub(crate) page: String,
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
                names = package.json(path)?;
            } else if let Some(prefix) = inside.strip_prefix("actions/").and_then(|file| file.strip_suffix(".json")) {
                iam.prefixes.entry(prefix.to_owned()).or_default().actions = package.json(path)?;
            } else if let Some(prefix) = inside.strip_prefix("resourceTypes/").and_then(|file| file.strip_suffix(".json")) {
                iam.prefixes.entry(prefix.to_owned()).or_default().resources = package.json(path)?;
            }
        }
        for (prefix, data) in &mut iam.prefixes {
            for resource in data.resources.values_mut() {
                // Two generations of a service share a type: the first format is the newer one's.
                if let Some((first, _)) = resource.arn.split_once(", arn:") {
                    resource.arn = first.to_owned();
                }
                resource.arn = own_account(&resource.arn);
            }
            data.name = names.get(prefix).cloned().unwrap_or_else(|| prefix.clone());
        }
        Ok(iam)
    }

    /// Adds the dependent actions that the service authorization pages list, which the IAM data leaves out.
    pub(crate) fn add_dependents(&mut self, package: &Package) -> Result<()> {
        let path = package.find("/iam-definition.json")?;
        let mut pages: BTreeMap<String, serde_json::Value> = package.json(path)?;
        for (prefix, data) in &mut self.prefixes {
            let Some(page) = pages.remove(prefix) else { continue };
            let page: Page = serde_json::from_value(page).with_context(|| format!("{path}: {prefix}"))?;
            data.page = page.url;
            for (name, privilege) in page.privileges {
                let Some(action) = data.actions.get_mut(&name.to_ascii_lowercase()) else { continue };
                action.dependent_actions.extend(privilege.resource_types.into_values().flat_map(|row| row.dependent_actions));
                action.dependent_actions.sort();
                action.dependent_actions.dedup();
            }
        }
        self.spell_dependents();
        Ok(())
    }

    /// Leaves of the dependent actions those that exist, in the spelling of the IAM data: the pages' cells hold other words, too.
    fn spell_dependents(&mut self) {
        let spelled: BTreeMap<String, String> = self
            .prefixes
            .iter()
            .flat_map(|(prefix, data)| data.actions.values().map(move |action| format!("{prefix}:{}", action.name)))
            .map(|action| (action.to_ascii_lowercase(), action))
            .collect();
        for action in self.prefixes.values_mut().flat_map(|data| data.actions.values_mut()) {
            let found = action.dependent_actions.iter().filter_map(|name| spelled.get(&name.to_ascii_lowercase()));
            action.dependent_actions = found.cloned().collect::<BTreeSet<_>>().into_iter().collect();
        }
    }

    /// Collects the principals of service-linked roles.
    pub(crate) fn add_linked_roles(&mut self, policies: &Package) -> Result<()> {
        for path in policies.paths() {
            let policies: serde_json::Value = policies.json(path)?;
            collect_principals(&policies, &mut self.linked_roles);
        }
        Ok(())
    }

    /// An action by its full name, whatever its case.
    pub(crate) fn action(&self, action: &str) -> Option<(&Prefix, &Action)> {
        let (prefix, name) = action.split_once(':')?;
        let data = self.prefixes.get(prefix)?;
        Some((data, data.actions.get(&name.to_ascii_lowercase())?))
    }
}

/// The format with the caller's account in its fifth field, which some pages call `AccountId`.
fn own_account(arn: &str) -> String {
    let mut fields: Vec<&str> = arn.splitn(6, ':').collect();
    if let Some(account) = fields.get_mut(4).filter(|account| **account == "${AccountId}") {
        *account = "${Account}";
    }
    fields.join(":")
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

/// One service's page in `iam-definition.json`.
#[derive(Debug, Deserialize)]
struct Page {
    #[serde(rename = "service_authorization_url")]
    url: String,
    privileges: BTreeMap<String, Privilege>,
}

#[derive(Debug, Deserialize)]
struct Privilege {
    resource_types: BTreeMap<String, Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    dependent_actions: Vec<String>,
}

/// Every value of `iam:AWSServiceName` in a document.
fn collect_principals(document: &serde_json::Value, out: &mut BTreeSet<String>) {
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Array(items) => open.extend(items),
            serde_json::Value::Object(map) => {
                for (key, value) in map {
                    if key.eq_ignore_ascii_case("iam:AWSServiceName") {
                        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                        out.extend(values.iter().filter_map(|value| value.as_str()).map(str::to_owned));
                    }
                    open.push(value);
                }
            }
            _ => {}
        }
    }
}
