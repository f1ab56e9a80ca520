//! The index of services: how each SDK names them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::Result;
use serde_json::{Value, json};

use super::javascript::V2Client;
use super::string;

/// The text of `services.json`, one service a line.
pub(super) fn index(metadata: &BTreeMap<String, Value>, v2: &[V2Client]) -> Result<String> {
    let mut classes: BTreeMap<&str, Vec<&V2Client>> = BTreeMap::new();
    for client in v2 {
        if let Some(service) = service_of(metadata, client) {
            classes.entry(service).or_default().push(client);
        }
    }
    let mut out = String::from("{\n");
    for (position, (service, model)) in metadata.iter().enumerate() {
        let endpoint = string(model, "endpointPrefix");
        let signing = Some(string(model, "signingName")).filter(|name| !name.is_empty()).unwrap_or(endpoint);
        let old = classes.get(service.as_str()).map(Vec::as_slice).unwrap_or_default();
        // Version 3 names packages after the service id, including ids that only version 2's models still have.
        let ids: BTreeSet<&str> = old.iter().map(|client| client.id.as_str()).chain([string(model, "serviceId")]).collect();
        let packages: Vec<String> = ids.iter().filter(|id| !id.is_empty()).map(|id| package(id)).collect();
        let names: Vec<&str> = old.iter().map(|client| client.class.as_str()).collect();
        let entry = json!({
            "id": string(model, "serviceId"), "endpoint": endpoint, "signing": signing, "v3": packages, "v2": names,
        });
        let comma = if position + 1 == metadata.len() { "" } else { "," };
        writeln!(out, "{}: {}{comma}", serde_json::to_string(service)?, serde_json::to_string(&entry)?)?;
    }
    out.push_str("}\n");
    Ok(out)
}

/// The text of `operations.json`, one operation a line.
pub(super) fn by_operation(operations: &BTreeMap<String, Vec<String>>) -> Result<String> {
    let lines: Vec<String> = operations.iter().map(line).collect::<serde_json::Result<_>>()?;
    Ok(format!("{{\n{}\n}}\n", lines.join(",\n")))
}

fn line((operation, services): (&String, &Vec<String>)) -> serde_json::Result<String> {
    Ok(format!("{}: {}", serde_json::to_string(operation)?, serde_json::to_string(services)?))
}

/// The service whose client a class of version 2 is: the one with its id, or the only one at its endpoint.
fn service_of<'a>(metadata: &'a BTreeMap<String, Value>, client: &V2Client) -> Option<&'a str> {
    let by_id = metadata.iter().find(|(_, model)| string(model, "serviceId") == client.id);
    if let Some((service, _)) = by_id {
        return Some(service);
    }
    let mut same = metadata.iter().filter(|(_, model)| string(model, "endpointPrefix") == client.endpoint);
    match (same.next(), same.next()) {
        (Some((service, _)), None) => Some(service),
        _ => None,
    }
}

/// `API Gateway` → `@aws-sdk/client-api-gateway`.
fn package(id: &str) -> String {
    format!("@aws-sdk/client-{}", id.to_lowercase().replace(' ', "-"))
}
