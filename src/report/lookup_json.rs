//! Entries of the api-maps for programs: frozen wire types of their own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::catalog::format::{ConditionEntry, Entry, GrantEntry, ResourceEntry, When};
use crate::catalog::{AccessLevel, Catalog};

/// The version of the format.
const VERSION: u32 = 1;

/// What operations need.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// The version of this format: 1.
    version: u32,
    /// The operations.
    pub(super) operations: Vec<Operation>,
}

/// What one operation needs.
#[expect(clippy::struct_field_names, reason = "the names are those of the format")]
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Operation {
    /// botocore's name of its service.
    pub(super) service: String,
    /// Its name in the API.
    pub(super) operation: String,
    /// The permissions, its own first.
    pub(super) actions: Vec<Action>,
    /// Whether it needs no permission at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) permissionless: bool,
    /// Why nothing is known about it, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unknown: Option<String>,
    /// Sentences for the reader.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
    /// What a customer-managed key behind the resource needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encryption: Option<Encryption>,
    /// The documentation page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) doc: Option<String>,
    /// When someone last held the entry against that page: `2026-11`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) verified: Option<String>,
}

/// One permission.
#[expect(clippy::struct_field_names, reason = "the names are those of the format")]
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Action {
    /// `s3:GetObject`.
    pub(super) action: String,
    /// `List`, `Read`, `Tagging`, `Write` or `Permissions management`.
    pub(super) access_level: &'static str,
    /// Templates of the ARNs; `*` for actions that support none.
    pub(super) resources: Vec<String>,
    /// When the request touches those of them that it does not always touch, by template.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) resources_when: BTreeMap<String, String>,
    /// When it is needed, as a phrase; absent when it always is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) when: Option<String>,
    /// The same as the api-maps have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    when_test: Option<Value>,
    /// Conditions that narrow it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) conditions: Vec<Condition>,
    /// What the service does elsewhere with the caller's rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) forward: Option<String>,
    /// Whether the service acts with the caller's rights.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) dependent: bool,
    /// The documentation page, where that is not the operation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    doc: Option<String>,
}

/// A condition of the statement.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Condition {
    /// `StringEquals`.
    pub(super) operator: String,
    /// `iam:PassedToService`.
    pub(super) key: String,
    /// Templates of the values.
    pub(super) values: Vec<String>,
    /// On which parameters it depends, as the api-maps have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Value>,
    /// Whether it only counts where someone asks for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    on_request: bool,
}

/// What a customer-managed key needs.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Encryption {
    /// The actions on the key.
    pub(super) actions: Vec<String>,
    /// The first label of `kms:ViaService`.
    via_service: String,
}

/// What operations need, each by its service and name; one that the maps do not have says so.
pub fn of<'n>(operations: impl IntoIterator<Item = (&'n str, &'n str)>) -> Answer {
    let described = |(service, name): (&str, &str)| match Catalog::embedded().entry(service, name) {
        Some(entry) => operation(service, name, &entry),
        None => {
            let unknown = Entry { unknown: Some("the api-maps do not have it".to_owned()), ..Entry::default() };
            operation(service, name, &unknown)
        }
    };
    Answer { version: VERSION, operations: operations.into_iter().map(described).collect() }
}

/// What every operation of every service needs.
pub fn all() -> Answer {
    let catalog = Catalog::embedded();
    let operations = |service| catalog.operations(service).unwrap_or_default().into_iter().map(move |name| (service, name));
    of(catalog.services().flat_map(operations))
}

fn operation(service: &str, name: &str, entry: &Entry) -> Operation {
    let page = || Catalog::embedded().page_of(service, &entry.grants.first()?.action).map(str::to_owned);
    Operation {
        service: service.to_owned(),
        operation: name.to_owned(),
        actions: entry.grants.iter().map(action).collect(),
        permissionless: entry.permissionless,
        unknown: entry.unknown.clone(),
        notes: entry.notes.iter().map(|note| note.text.clone()).collect(),
        encryption: entry
            .encryption
            .as_ref()
            .map(|key| Encryption { actions: key.actions.clone(), via_service: key.via.clone() }),
        doc: entry.doc.clone().or_else(page),
        verified: entry.verified.clone(),
    }
}

fn action(grant: &GrantEntry) -> Action {
    let entries = || grant.resources.iter().chain(&grant.optional);
    let mut resources: Vec<String> = entries().map(|entry| entry.arn().to_owned()).collect();
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let when = |entry: &ResourceEntry| Some((entry.arn().to_owned(), entry.when()?.phrase()));
    let level = Catalog::embedded().action(&grant.action).map_or(AccessLevel::Write, |info| info.access_level);
    Action {
        action: grant.action.clone(),
        access_level: level.name(),
        resources,
        resources_when: entries().filter_map(when).collect(),
        when: grant.when.as_ref().map(crate::catalog::format::When::phrase),
        when_test: grant.when.as_ref().and_then(test),
        conditions: grant.conditions.iter().map(condition).collect(),
        forward: grant.forward.clone(),
        dependent: grant.dependent && grant.forward.is_none(),
        doc: grant.doc.clone(),
    }
}

fn condition(entry: &ConditionEntry) -> Condition {
    Condition {
        operator: entry.operator.clone(),
        key: entry.key.clone(),
        values: entry.values.clone(),
        when: entry.when.as_ref().and_then(test),
        on_request: entry.on_request,
    }
}

fn test(when: &When) -> Option<Value> {
    serde_json::to_value(when).ok()
}
