//! Reading the embedded api-maps, one service at a time and each at most once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::format::{ActionsFile, Entry, ServiceFile};
use super::template::Template;
use crate::embedded;

/// What stands before the name of a service whose requests a program signs by hand.
const SIGNED: &str = "signed-";

/// Files that were read, by name; `None` stands for a file that does not exist.
pub(crate) type Cache<T> = RwLock<BTreeMap<String, Option<Arc<T>>>>;

/// Reads a file through a cache.
pub(crate) fn cached<T: Deserialize<'static>>(cache: &Cache<T>, folder: &str, name: &str) -> Option<Arc<T>> {
    if let Some(known) = cache.read().unwrap_or_else(PoisonError::into_inner).get(name) {
        return known.clone();
    }
    let text = embedded::get(&format!("{folder}/{name}.json"));
    // The committed files are held to their form by tests/api_maps.rs; one that does not parse counts as missing.
    let read = text.and_then(|text| serde_json::from_str(text).ok()).map(Arc::new);
    cache.write().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_insert(read).clone()
}

/// The names of the files in a folder.
pub(crate) fn names(folder: &'static str) -> impl Iterator<Item = &'static str> {
    embedded::list(folder).filter_map(move |path| path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".json"))
}

/// The operation's entry in a service's file.
pub(crate) fn entry(service: &ServiceFile<'_>, operation: &str) -> Option<Arc<Entry>> {
    service.operations.get(operation)?.get()
}

/// Templates that were taken apart, by their texts.
type Templates = RwLock<FxHashMap<String, Option<Arc<Template>>>>;

/// Everything that was read so far.
#[derive(Debug, Default)]
pub(crate) struct Store {
    services: Cache<ServiceFile<'static>>,
    signed: Cache<ServiceFile<'static>>,
    pub(crate) actions: Cache<ActionsFile<'static>>,
    pub(crate) policies: Cache<BTreeMap<&'static str, PolicyEntry>>,
    pub(crate) templates: OnceLock<super::declared::Entries>,
    arns: Templates,
    /// SAM's connectors, by their types.
    pub(crate) connectors: OnceLock<super::declared::Entries>,
}

impl Store {
    /// A service's file; that of requests which no SDK makes is beside those of botocore's services.
    pub(crate) fn service(&self, name: &str) -> Option<Arc<ServiceFile<'static>>> {
        match name.strip_prefix(SIGNED) {
            Some(signed) => cached(&self.signed, "signed", signed),
            None => cached(&self.services, "services", name),
        }
    }

    /// A template, taken apart once; nothing for a text that is none.
    pub(crate) fn template(&self, text: &str) -> Option<Arc<Template>> {
        if let Some(known) = self.arns.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            return known.clone();
        }
        let read = Template::parse(text).ok().map(Arc::new);
        self.arns.write().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned(), read.clone());
        read
    }
}

/// One of AWS's managed policies.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct PolicyEntry {
    /// Between `policy/` and the name in its ARN.
    #[serde(default)]
    pub(crate) path: &'static str,
    /// The document.
    #[serde(borrow)]
    pub(crate) document: &'static serde_json::value::RawValue,
}
