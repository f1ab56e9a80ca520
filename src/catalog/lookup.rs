//! The api-maps as a whole, for `leash lookup` and for other tools.

use std::sync::Arc;

use super::format::Entry;
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

    /// The page of AWS's service authorization reference that lists an action of a service.
    pub fn page_of(&self, service: &str, action: &str) -> Option<&'static str> {
        let (prefix, _) = action.split_once(':')?;
        let own = self.store.service(service).filter(|file| file.prefixes.contains(&prefix));
        if let Some(page) = own.and_then(|file| file.page) {
            return Some(page);
        }
        let page = cached(&self.store.actions, "actions", prefix)?.page;
        (!page.is_empty()).then_some(page)
    }
}

/// The parameter paths that a template reads; an error when it is no template.
pub fn parameters(template: &str) -> Result<Vec<String>, TemplateError> {
    Ok(Template::parse(template)?.params().map(str::to_owned).collect())
}
