//! Reading the packages: wheels are zip files, npm packages gzipped tars.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::read::GzDecoder;
use serde_json::Value;
use zip::ZipArchive;

/// A Python wheel.
pub(super) struct Wheel {
    zip: ZipArchive<BufReader<File>>,
}

impl Wheel {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        Ok(Self { zip: ZipArchive::new(BufReader::new(file))? })
    }

    /// The text of a file.
    pub(super) fn text(&mut self, name: &str) -> Result<String> {
        let mut text = String::new();
        self.zip.by_name(name).with_context(|| name.to_owned())?.read_to_string(&mut text)?;
        Ok(text)
    }

    /// A JSON file; null when the wheel has none of this name.
    pub(super) fn json(&mut self, name: &str) -> Result<Value> {
        if self.zip.index_for_name(name).is_none() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&self.text(name)?).with_context(|| name.to_owned())
    }

    /// A gzipped JSON file.
    pub(super) fn gzipped_json(&mut self, name: &str) -> Result<Value> {
        let mut text = String::new();
        GzDecoder::new(self.zip.by_name(name)?).read_to_string(&mut text).with_context(|| name.to_owned())?;
        serde_json::from_str(&text).with_context(|| name.to_owned())
    }

    /// The services with a model, each with the newest version of it.
    pub(super) fn services(&self) -> BTreeMap<String, String> {
        let mut newest = BTreeMap::new();
        for (service, version) in self.models("botocore/data/", "/service-2.json.gz") {
            let known: &mut String = newest.entry(service).or_default();
            if *known < version {
                *known = version;
            }
        }
        newest
    }

    /// Path of the newest resource model of a service.
    pub(super) fn resource_model(&self, service: &str) -> Option<String> {
        let models = self.models("boto3/data/", "/resources-1.json");
        let (_, version) = models.into_iter().filter(|(name, _)| name == service).max()?;
        Some(format!("boto3/data/{service}/{version}/resources-1.json"))
    }

    /// Service and version of every file `<prefix><service>/<version><suffix>`.
    fn models(&self, prefix: &str, suffix: &str) -> Vec<(String, String)> {
        let files = self.zip.file_names();
        let models = files.filter_map(|name| {
            let name = name.ok()?;
            let (service, version) = name.strip_prefix(prefix)?.strip_suffix(suffix)?.split_once('/')?;
            Some((service.to_owned(), version.to_owned()))
        });
        models.collect()
    }
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
pub(super) fn v2_clients(package: &Path) -> Result<Vec<V2Client>> {
    let file = File::open(package).with_context(|| package.display().to_string())?;
    let mut models = BTreeMap::new();
    let mut metadata = Value::Null;
    for entry in tar::Archive::new(GzDecoder::new(BufReader::new(file))).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let Some(name) = path.strip_prefix("package/apis/") else { continue };
        let mut text = String::new();
        if name == "metadata.json" {
            entry.read_to_string(&mut text)?;
            metadata = serde_json::from_str(&text)?;
        } else if let Some(model) = name.strip_suffix(".min.json").filter(|model| model.len() > 11) {
            entry.read_to_string(&mut text)?;
            let model_metadata = serde_json::from_str::<Value>(&text)?["metadata"].take();
            // `<name>-<date>`: versions of one service follow each other, the newest last.
            models.insert(model.to_owned(), model_metadata);
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
