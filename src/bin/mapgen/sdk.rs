//! Generates `api-maps/sdk`: what AWS's SDKs offer, from the models they ship with.

mod javascript;
mod names;
mod operations;
mod resources;
mod services;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::packages::Package;
use names::Names;

/// The packages that the tables come from.
pub(crate) struct SdkInputs<'a> {
    pub(crate) botocore: &'a Package,
    pub(crate) boto3: &'a Package,
    /// The npm package `aws-sdk` (version 2).
    pub(crate) aws_sdk_js: &'a Package,
}

impl SdkInputs<'_> {
    /// Whether a file of one of the packages is read.
    pub(crate) fn reads(path: &str) -> bool {
        let models = ["/service-2.json", "/service-2.json.gz", "/paginators-1.json", "/waiters-2.json", "/resources-1.json"];
        path == "botocore/__init__.py" || models.iter().any(|name| path.ends_with(name)) || javascript::reads(path)
    }
}

/// Writes `services.json`, `operations.json` and `boto3/<service>.json` below `out`, which is `api-maps/sdk`.
pub(crate) fn generate(input: &SdkInputs<'_>, out: &Path) -> Result<()> {
    let SdkInputs { botocore, boto3, .. } = input;
    let names = Names::new(&String::from_utf8(botocore.read("botocore/__init__.py")?)?);
    let folder = out.join("boto3");
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut metadata = BTreeMap::new();
    let mut operations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let resource_models = boto3.newest("boto3/data/", "resources-1.json");
    let optional = |package: &Package, path: &str| if package.has(path) { package.json(path) } else { Ok(Value::Null) };
    for (service, path) in botocore.newest("botocore/data/", "service-2.json") {
        let base = path.rsplit_once('/').map_or("", |(base, _)| base);
        let model: Value = botocore.json(path)?;
        let paginators = optional(botocore, &format!("{base}/paginators-1.json"))?;
        let waiters = optional(botocore, &format!("{base}/waiters-2.json"))?;
        let resources = resource_models.get(service).map_or(Ok(Value::Null), |path| boto3.json(path))?;
        let table = operations::Table { service, model: &model, paginators, waiters, resources, names: &names };
        let text = table.write().with_context(|| format!("model of {service}"))?;
        fs::write(folder.join(format!("{service}.json")), text)?;
        for (operation, _) in entries(&model["operations"]) {
            operations.entry(operation.to_lowercase()).or_default().push(service.to_owned());
        }
        metadata.insert(service.to_owned(), model["metadata"].clone());
    }
    let v2 = javascript::v2_clients(input.aws_sdk_js)?;
    fs::write(out.join("services.json"), services::index(&metadata, &v2)?)?;
    fs::write(out.join("operations.json"), services::by_operation(&operations)?)?;
    Ok(())
}

/// The members of a JSON object, or none.
fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// A string member, or the empty string.
fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
