//! boto3's resource models, condensed: the names that Python code uses, and where each value comes from.
//!
//! Sources of values are strings with a marker: `@Name` an identifier of the resource, `.Path` its data, `$Path` the
//! response, `<Param` the request's parameter, `=text` a constant, `?` an argument of the call.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::names::Names;
use super::{entries, string};

/// The models that a service's resources are described with.
pub(super) struct Model<'a> {
    pub(super) resources: &'a Value,
    pub(super) shapes: &'a Value,
    pub(super) waiters: &'a Value,
    pub(super) names: &'a Names,
}

impl Model<'_> {
    /// Every resource type with its condensed form; the service resource has the empty name.
    pub(super) fn condense(&self) -> Vec<(String, Value)> {
        let mut out = vec![(String::new(), self.resource(&self.resources["service"], true))];
        out.extend(entries(&self.resources["resources"]).map(|(name, resource)| (name.clone(), self.resource(resource, false))));
        out
    }

    fn resource(&self, resource: &Value, root: bool) -> Value {
        let mut taken = Taken { used: BTreeSet::from(["meta".to_owned()]), names: self.names };
        let mut out = Map::new();
        if resource.get("load").is_some() {
            taken.used.insert("load".to_owned());
            out.insert("load".to_owned(), request(&resource["load"]));
        }
        let identifiers = resource["identifiers"].as_array().into_iter().flatten();
        let identifiers = identifiers
            .map(|identifier| json!([taken.snake(string(identifier, "name"), "identifier"), string(identifier, "name")]));
        insert(&mut out, "identifiers", identifiers.collect());
        let actions = entries(&resource["actions"]).map(|(name, action)| (taken.snake(name, "action"), request(action)));
        insert_map(&mut out, "actions", actions.collect());
        self.related(resource, root, &mut taken, &mut out);
        let collections = entries(&resource["hasMany"]).map(|(name, many)| (taken.snake(name, "collection"), request(many)));
        insert_map(&mut out, "collections", collections.collect());
        let waiters = entries(&resource["waiters"]).map(|(name, waiter)| {
            let operation = &self.waiters["waiters"][string(waiter, "waiterName")]["operation"];
            (taken.snake(&format!("WaitUntil{name}"), "waiter"), json!({"operation": operation, "params": params(waiter)}))
        });
        insert_map(&mut out, "waiters", waiters.collect());
        let batch = entries(&resource["batchActions"]).map(|(name, action)| (self.names.snake(name), request(action)));
        insert_map(&mut out, "batch", batch.collect());
        insert(&mut out, "attributes", self.attributes(resource, &mut taken));
        Value::Object(out)
    }

    /// Sub-resources, which are called, and references, which are read.
    fn related(&self, resource: &Value, root: bool, taken: &mut Taken<'_>, out: &mut Map<String, Value>) {
        let mut called = Map::new();
        let mut read = Map::new();
        for (name, target) in self.has(resource, root) {
            let needs_data = identifier_sources(&target).any(|source| source == "data");
            let (names, name) = if needs_data {
                (&mut read, taken.snake(&name, "reference"))
            } else {
                (&mut called, taken.take(name, "subresource"))
            };
            names.insert(name, made(&target));
        }
        insert_map(out, "has", called);
        insert_map(out, "references", read);
    }

    /// The service resource makes every type of resource from its identifiers.
    fn has(&self, resource: &Value, root: bool) -> Vec<(String, Value)> {
        let declared = entries(&resource["has"]).map(|(name, has)| (name.clone(), has["resource"].clone()));
        if !root {
            return declared.collect();
        }
        let declared: Vec<_> = declared.collect();
        let types = entries(&self.resources["resources"]);
        types
            .map(|(name, definition)| {
                let alias = declared.iter().find(|(_, target)| string(target, "type") == name).map_or(name, |(alias, _)| alias);
                let identifiers = definition["identifiers"].as_array().into_iter().flatten();
                let inputs: Vec<_> =
                    identifiers.map(|identifier| json!({"target": identifier["name"], "source": "input"})).collect();
                (alias.clone(), json!({"type": name, "identifiers": inputs}))
            })
            .collect()
    }

    /// The lazily loaded attributes, and identifiers under the name of the member they repeat.
    fn attributes(&self, resource: &Value, taken: &mut Taken<'_>) -> Value {
        let shape = &self.shapes[string(resource, "shape")];
        let identifiers: Vec<&Value> = resource["identifiers"].as_array().into_iter().flatten().collect();
        let mut out = Map::new();
        for (member, _) in entries(&shape["members"]) {
            if identifiers.iter().any(|identifier| self.names.snake(string(identifier, "name")) == self.names.snake(member)) {
                continue;
            }
            let repeated = identifiers.iter().find(|identifier| string(identifier, "memberName") == member);
            let source = repeated.map_or_else(|| format!(".{member}"), |identifier| format!("@{}", string(identifier, "name")));
            out.insert(taken.snake(member, "attribute"), Value::String(source));
        }
        Value::Object(out)
    }
}

/// The attribute names a resource class has given away so far; boto3 appends the category to later ones.
struct Taken<'a> {
    used: BTreeSet<String>,
    names: &'a Names,
}

impl Taken<'_> {
    fn snake(&mut self, name: &str, category: &str) -> String {
        let name = self.names.snake(name);
        self.take(name, category)
    }

    fn take(&mut self, name: String, category: &str) -> String {
        let name = if self.used.contains(&name) { format!("{name}_{category}") } else { name };
        self.used.insert(name.clone());
        name
    }
}

/// An action or collection: its request and what it makes of the response.
fn request(action: &Value) -> Value {
    let mut out = Map::new();
    if let Some(request) = action.get("request") {
        out.insert("operation".to_owned(), request["operation"].clone());
        insert_map(&mut out, "params", params(request));
    }
    if let Some(path) = action.get("path") {
        out.insert("path".to_owned(), path.clone());
    }
    if let Some(resource) = action.get("resource") {
        out.insert("makes".to_owned(), made(resource));
    }
    Value::Object(out)
}

/// `{"type": "Object", "identifiers": {"BucketName": "@Name", "Key": "?"}}`; order is that of the arguments.
fn made(resource: &Value) -> Value {
    let identifiers = resource["identifiers"].as_array().into_iter().flatten();
    let identifiers: Vec<Value> = identifiers.map(|identifier| json!([identifier["target"], source(identifier)])).collect();
    let mut out = json!({"type": resource["type"], "identifiers": identifiers});
    if let Some(path) = resource.get("path") {
        out["path"] = path.clone();
    }
    out
}

fn params(request: &Value) -> Map<String, Value> {
    let params = request["params"].as_array().into_iter().flatten();
    params.map(|param| (string(param, "target").to_owned(), Value::String(source(param)))).collect()
}

fn source(value: &Value) -> String {
    match string(value, "source") {
        "identifier" => format!("@{}", string(value, "name")),
        "data" => format!(".{}", string(value, "path")),
        "response" => format!("${}", string(value, "path")),
        "requestParameter" => format!("<{}", string(value, "path")),
        "input" => "?".to_owned(),
        _ => format!("={}", value["value"].as_str().map_or_else(|| value["value"].to_string(), str::to_owned)),
    }
}

fn identifier_sources(resource: &Value) -> impl Iterator<Item = &str> {
    resource["identifiers"].as_array().into_iter().flatten().map(|identifier| string(identifier, "source"))
}

fn insert(out: &mut Map<String, Value>, key: &str, value: Value) {
    let empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
    if !empty {
        out.insert(key.to_owned(), value);
    }
}

fn insert_map(out: &mut Map<String, Value>, key: &str, value: Map<String, Value>) {
    insert(out, key, Value::Object(value));
}
