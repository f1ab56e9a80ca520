//! Generates `api-maps/sdk`: what AWS's SDKs offer, from the models they ship with.

mod archive;
mod names;
mod operations;
mod resources;
mod services;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use archive::Wheel;
use names::Names;

/// The packages that the tables come from, as downloaded.
pub(crate) struct SdkInputs {
    /// The `botocore` wheel.
    pub(crate) botocore: PathBuf,
    /// The `boto3` wheel.
    pub(crate) boto3: PathBuf,
    /// The npm package `aws-sdk` (version 2) as a gzipped tar.
    pub(crate) aws_sdk_js: PathBuf,
}

/// Writes `services.json`, `operations.json` and `boto3/<service>.json` below `out`, which is `api-maps/sdk`.
pub(crate) fn generate(input: &SdkInputs, out: &Path) -> Result<()> {
    let mut botocore = Wheel::open(&input.botocore)?;
    let mut boto3 = Wheel::open(&input.boto3)?;
    let names = Names::new(&botocore.text("botocore/__init__.py")?);
    let folder = out.join("boto3");
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut metadata = BTreeMap::new();
    let mut operations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (service, version) in botocore.services() {
        let base = format!("botocore/data/{service}/{version}");
        let model = botocore.gzipped_json(&format!("{base}/service-2.json.gz"))?;
        let paginators = botocore.json(&format!("{base}/paginators-1.json"))?;
        let waiters = botocore.json(&format!("{base}/waiters-2.json"))?;
        let resources = match boto3.resource_model(&service) {
            Some(path) => boto3.json(&path)?,
            None => Value::Null,
        };
        let table = operations::Table { service: &service, model: &model, paginators, waiters, resources, names: &names };
        let text = table.write().with_context(|| format!("model of {service}"))?;
        fs::write(folder.join(format!("{service}.json")), text)?;
        for (operation, _) in entries(&model["operations"]) {
            operations.entry(operation.to_lowercase()).or_default().push(service.clone());
        }
        metadata.insert(service, model["metadata"].clone());
    }
    let v2 = archive::v2_clients(&input.aws_sdk_js)?;
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
