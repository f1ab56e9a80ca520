//! `api-maps/declared`: AWS's managed policies in their newest version, SAM's policy templates and connectors.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use leash::catalog::managed_policy_file;
use serde::Deserialize;
use serde_json::{Value, json};

use super::packages::Package;
use super::write::lines;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    arn: String,
    latest_version_id: String,
    versions: BTreeMap<String, Version>,
}

#[derive(Debug, Deserialize)]
struct Version {
    document: Value,
}

/// The files of managed policies, by name.
pub(crate) fn managed(package: &Package) -> Result<BTreeMap<String, String>> {
    let policies: BTreeMap<String, Policy> = package.json(package.find("managedPolicies.json")?)?;
    let mut files: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for (name, policy) in policies {
        let version = policy.versions.get(&policy.latest_version_id).with_context(|| format!("{name} has no newest version"))?;
        let (_, path) = policy.arn.split_once(":policy/").with_context(|| format!("{name} has no policy ARN"))?;
        let folder = path.strip_suffix(name.as_str()).unwrap_or_default();
        let mut entry = json!({ "document": version.document });
        if !folder.is_empty() {
            entry["path"] = folder.into();
        }
        files.entry(managed_policy_file(&name)).or_default().insert(name, entry);
    }
    Ok(files.into_iter().map(|(name, policies)| (name, lines(&policies))).collect())
}

/// The file of SAM's policy templates.
pub(crate) fn sam(package: &Package) -> Result<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct File {
        templates: BTreeMap<String, Value>,
    }
    let file: File = package.json(package.find("policy_templates.json")?)?;
    Ok(lines(&file.templates))
}

/// The file of SAM's connectors: what each pair of resource types gives, by `SOURCE DESTINATION`.
pub(crate) fn connectors(package: &Package) -> Result<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct File {
        permissions: BTreeMap<String, BTreeMap<String, Value>>,
    }
    let file: File = package.json(package.find("connector_profiles/profiles.json")?)?;
    let mut profiles = BTreeMap::new();
    for (source, destinations) in file.permissions {
        for (destination, mut profile) in destinations {
            substitutions(&mut profile);
            profiles.insert(format!("{source} {destination}"), profile);
        }
    }
    Ok(lines(&profiles))
}

/// Writes the variables of profiles, `%{Destination.Arn}`, the way policy templates write theirs.
fn substitutions(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("%{") => *value = json!({ "Fn::Sub": text.replace("%{", "${") }),
        Value::Array(items) => items.iter_mut().for_each(substitutions),
        Value::Object(entries) => entries.values_mut().for_each(substitutions),
        _ => {}
    }
}
