//! The api-maps as a whole, for `leash lookup` and for other tools.

use std::sync::Arc;

use serde_json::{Value, json};

use super::format::{Entry, GrantEntry, ResourceEntry};
use super::load::{cached, entry, names};
use super::template::{Template, TemplateError};
use super::{AccessLevel, Catalog};

impl AccessLevel {
    /// AWS's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Tagging => "Tagging",
            Self::Write => "Write",
            Self::PermissionsManagement => "Permissions management",
        }
    }
}

impl Catalog {
    /// botocore's service names that have a map.
    pub fn services(&self) -> impl Iterator<Item = &'static str> {
        names("services")
    }

    /// The operations of a service, in order; nothing for a service without a map.
    pub fn operations(&self, service: &str) -> Option<Vec<&'static str>> {
        let file = self.store.service(service)?;
        Some(file.operations.keys().copied().collect())
    }

    /// The IAM prefixes of a service.
    pub fn prefixes_of(&self, service: &str) -> Vec<&'static str> {
        self.store.service(service).map(|file| file.prefixes.clone()).unwrap_or_default()
    }

    /// An operation's entry as the map has it.
    pub fn entry(&self, service: &str, operation: &str) -> Option<Arc<Entry>> {
        entry(&*self.store.service(service)?, operation)
    }

    /// An operation's entry as JSON, in the shape of [`dump`].
    pub fn describe(&self, service: &str, operation: &str) -> Option<Value> {
        Some(self.describe_entry(service, operation, &*self.entry(service, operation)?))
    }

    /// The page of AWS's service authorization reference that lists an action of a service.
    fn page_of(&self, service: &str, action: &str) -> Option<&'static str> {
        let (prefix, _) = action.split_once(':')?;
        let own = self.store.service(service).filter(|file| file.prefixes.contains(&prefix));
        if let Some(page) = own.and_then(|file| file.page) {
            return Some(page);
        }
        let page = cached(&self.store.actions, "actions", prefix)?.page;
        (!page.is_empty()).then_some(page)
    }

    fn describe_entry(&self, service: &str, operation: &str, entry: &Entry) -> Value {
        let mut out = json!({
            "service": service,
            "operation": operation,
            "actions": entry.grants.iter().map(|grant| self.describe_grant(grant)).collect::<Vec<_>>(),
        });
        let mut add = |key: &str, value: Value| out[key] = value;
        if entry.permissionless {
            add("permissionless", true.into());
        }
        if let Some(reason) = &entry.unknown {
            add("unknown", reason.clone().into());
        }
        if !entry.notes.is_empty() {
            add("notes", entry.notes.iter().map(|note| Value::from(note.text.clone())).collect());
        }
        if let Some(key) = &entry.encryption {
            add("encryption", json!({ "actions": key.actions, "via_service": key.via }));
        }
        let page = entry.grants.first().and_then(|grant| self.page_of(service, &grant.action));
        if let Some(doc) = entry.doc.as_deref().or(page) {
            add("doc", doc.into());
        }
        if let Some(verified) = &entry.verified {
            add("verified", verified.clone().into());
        }
        out
    }

    fn describe_grant(&self, grant: &GrantEntry) -> Value {
        let info = self.action(&grant.action);
        let entries = || grant.resources.iter().chain(&grant.optional);
        let mut resources: Vec<&str> = entries().map(ResourceEntry::arn).collect();
        if resources.is_empty() {
            resources.push("*");
        }
        let when: serde_json::Map<String, Value> =
            entries().filter_map(|entry| Some((entry.arn().to_owned(), entry.when()?.phrase().into()))).collect();
        let mut out = json!({
            "action": grant.action,
            "access_level": info.map_or(AccessLevel::Write, |info| info.access_level).name(),
            "resources": resources,
        });
        if !when.is_empty() {
            out["resources_when"] = when.into();
        }
        if let Some(when) = &grant.when {
            out["when"] = when.phrase().into();
            out["when_test"] = serde_json::to_value(when).unwrap_or_default();
        }
        if !grant.conditions.is_empty() {
            out["conditions"] = serde_json::to_value(&grant.conditions).unwrap_or_default();
        }
        match &grant.forward {
            Some(what) => out["forward"] = what.clone().into(),
            None if grant.dependent => out["dependent"] = true.into(),
            None => {}
        }
        if let Some(doc) = &grant.doc {
            out["doc"] = doc.clone().into();
        }
        out
    }
}

/// All maps as one JSON document, for `leash lookup --all --format json`.
pub fn dump() -> Value {
    let catalog = Catalog::embedded();
    let mut operations = Vec::new();
    for service in catalog.services() {
        let Some(file) = catalog.store.service(service) else { continue };
        for operation in file.operations.keys() {
            if let Some(entry) = entry(&file, operation) {
                operations.push(catalog.describe_entry(service, operation, &entry));
            }
        }
    }
    json!({ "operations": operations })
}

/// The parameter paths that a template reads; an error when it is no template.
pub fn parameters(template: &str) -> Result<Vec<String>, TemplateError> {
    Ok(Template::parse(template)?.params().map(str::to_owned).collect())
}
