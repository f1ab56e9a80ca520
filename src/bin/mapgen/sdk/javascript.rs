//! The service classes of the AWS SDK for JavaScript, version 2.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::super::packages::Package;

/// Whether a file of the package is read: the models, and what they are called.
pub(super) fn reads(path: &str) -> bool {
    path.strip_prefix("package/apis/").is_some_and(|name| name == "metadata.json" || model_name(name).is_some())
}

/// `<name>-<date>` of a model.
fn model_name(file: &str) -> Option<&str> {
    file.strip_suffix(".min.json").filter(|model| model.len() > 11)
}

/// A service class of the AWS SDK for JavaScript, version 2.
pub(super) struct V2Client {
    /// Name of the class: `DynamoDB`.
    pub(super) class: String,
    /// The service id in its model: `DynamoDB`; version 2 has models without one.
    pub(super) id: String,
    /// The endpoint prefix in its model.
    pub(super) endpoint: String,
}

/// The service classes of version 2, sorted by name.
pub(super) fn v2_clients(package: &Package) -> Result<Vec<V2Client>> {
    let metadata: Value = package.json("package/apis/metadata.json")?;
    let mut models = BTreeMap::new();
    for path in package.paths() {
        if let Some(model) = path.strip_prefix("package/apis/").and_then(model_name) {
            // Versions of one service follow each other, the newest last.
            models.insert(model, package.json::<Value>(path)?["metadata"].take());
        }
    }
    let mut clients = Vec::new();
    for (key, entry) in super::entries(&metadata) {
        let prefix = entry.get("prefix").and_then(Value::as_str).unwrap_or(key);
        let newest = models.iter().rfind(|(name, _)| name.len() == prefix.len() + 11 && name.starts_with(prefix));
        let (_, model) = newest.with_context(|| format!("the SDK for JavaScript names {key}, and has no model of it"))?;
        clients.push(V2Client {
            class: super::string(entry, "name").to_owned(),
            id: super::string(model, "serviceId").to_owned(),
            endpoint: super::string(model, "endpointPrefix").to_owned(),
        });
    }
    clients.sort_by(|left, right| left.class.cmp(&right.class));
    Ok(clients)
}
