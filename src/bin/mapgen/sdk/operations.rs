//! One service's table: operations with their inputs, paginators, waiters, resources.

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::{Value, json};

use super::names::Names;
use super::{entries, resources, string};

/// A service's models, as they come from the packages.
pub(super) struct Table<'a> {
    pub(super) service: &'a str,
    pub(super) model: &'a Value,
    pub(super) paginators: Value,
    pub(super) waiters: Value,
    pub(super) resources: Value,
    pub(super) names: &'a Names,
}

impl Table<'_> {
    /// The text of the table, one fact a line.
    pub(super) fn write(&self) -> Result<String> {
        let mut out = format!("{{\n\"service\": {},\n", serde_json::to_string(self.service)?);
        let operations = entries(&self.model["operations"]);
        let operations = operations.map(|(name, operation)| (name.clone(), self.operation(name, operation))).collect();
        section(&mut out, "operations", operations)?;
        let mut paginators: Vec<&String> = entries(&self.paginators["pagination"]).map(|(name, _)| name).collect();
        paginators.sort();
        write!(out, ",\n\"paginators\": {}", serde_json::to_string(&paginators)?)?;
        let waiters = entries(&self.waiters["waiters"]);
        let waiters: Vec<_> = waiters.map(|(name, waiter)| (name.clone(), waiter["operation"].clone())).collect();
        write!(out, ",\n\"waiters\": {}", serde_json::to_string(&waiters.into_iter().collect::<serde_json::Map<_, _>>())?)?;
        if !self.resources.is_null() {
            out.push_str(",\n");
            let model = resources::Model {
                resources: &self.resources,
                shapes: &self.model["shapes"],
                waiters: &self.waiters,
                names: self.names,
            };
            section(&mut out, "resources", model.condense())?;
        }
        out.push_str("\n}\n");
        Ok(out)
    }

    /// `["get_item", ["TableName!", "Key!{}", …]]`.
    fn operation(&self, name: &str, operation: &Value) -> Value {
        let shape = &self.model["shapes"][string(&operation["input"], "shape")];
        let required: Vec<&str> = shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let members = entries(&shape["members"]).map(|(member, target)| {
            // botocore and the JavaScript SDKs fill idempotency tokens in themselves.
            let needed = required.contains(&member.as_str()) && target["idempotencyToken"] != true;
            let kind = match string(&self.model["shapes"][string(target, "shape")], "type") {
                "list" => "[]",
                "map" | "structure" => "{}",
                _ => "",
            };
            format!("{member}{}{kind}", if needed { "!" } else { "" })
        });
        json!([self.names.snake(name), members.collect::<Vec<_>>()])
    }
}

/// Writes `"name": {…}` with one entry a line, sorted.
fn section(out: &mut String, name: &str, mut lines: Vec<(String, Value)>) -> Result<()> {
    lines.sort_by(|left, right| left.0.cmp(&right.0));
    write!(out, "\"{name}\": {{")?;
    for (position, (key, value)) in lines.iter().enumerate() {
        let comma = if position == 0 { "" } else { "," };
        write!(out, "{comma}\n{}: {}", serde_json::to_string(key)?, serde_json::to_string(value)?)?;
    }
    out.push_str("\n}");
    Ok(())
}
