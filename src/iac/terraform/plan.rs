//! Plans as JSON: `terraform show -json`.
//!
//! `planned_values` has the values that are known before anything is created; for what only the deployment decides,
//! `configuration` has the references.
//! <https://developer.hashicorp.com/terraform/internals/json-format>

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

use super::collect::{Collected, Entry};
use super::value::{Kind, Value};
use crate::iac::document::{self, Node, NodeKind};
use crate::iac::{Files, Format, ReadError, Stack};
use crate::span::{Location, SourceFile};
use crate::value::{Hole, Text};

/// Whether a file looks like a plan.
pub(in crate::iac) fn is_plan(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
        && memchr::memmem::find(text.as_bytes(), b"\"planned_values\"").is_some()
        && memchr::memmem::find(text.as_bytes(), b"\"format_version\"").is_some()
}

/// Reads a plan; nothing when the file is something else.
pub fn read_plan(files: &Files, path: &Path, file: &Arc<SourceFile>) -> Result<Option<Stack>, ReadError> {
    let documents = document::read(file)?;
    let Some(root) = documents.mapping().filter(|root| root.get("planned_values").is_some()) else { return Ok(None) };
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut collected = Collected::new(folder);
    let mut plan = Plan { file, collected: &mut collected, configuration: BTreeMap::new() };
    if let Some(module) = root.path(&["configuration", "root_module"]) {
        plan.configure(module, "");
    }
    // What is only read was already read when the plan was made.
    for key in [&["prior_state", "values", "root_module"][..], &["planned_values", "root_module"]] {
        if let Some(module) = root.path(key) {
            plan.modules(module, key[0] == "prior_state");
        }
    }
    let mut stack = Stack::new(Format::Terraform, file, folder);
    stack.notes = documents.notes;
    collected.build(files, &mut stack);
    Ok(Some(stack))
}

struct Plan<'a> {
    file: &'a Arc<SourceFile>,
    collected: &'a mut Collected,
    /// Expressions of resources, by address without indexes.
    configuration: BTreeMap<SmolStr, (SmolStr, &'a Node)>,
}

impl<'a> Plan<'a> {
    /// Expressions by address, through all modules; the reader bounds how deep they nest.
    fn configure(&mut self, module: &'a Node, prefix: &str) {
        for resource in module.get("resources").map_or(&[][..], Node::items) {
            if let (Some(address), Some(expressions)) =
                (resource.get("address").and_then(Node::as_str), resource.get("expressions"))
            {
                self.configuration.insert(format!("{prefix}{address}").into(), (prefix.into(), expressions));
            }
        }
        for call in module.get("module_calls").map_or(&[][..], Node::entries) {
            if let Some(inner) = call.value.get("module") {
                self.configure(inner, &format!("{prefix}module.{}.", call.key));
            }
        }
    }

    fn modules(&mut self, root: &'a Node, only_data: bool) {
        let mut open = vec![root];
        while let Some(module) = open.pop() {
            for resource in module.get("resources").map_or(&[][..], Node::items) {
                let is_data = resource.get("mode").and_then(Node::as_str) == Some("data");
                if is_data || !only_data {
                    self.resource(resource, is_data);
                }
            }
            open.extend(module.get("child_modules").map_or(&[][..], Node::items).iter().rev());
        }
    }

    fn resource(&mut self, resource: &Node, is_data: bool) {
        let (Some(address), Some(kind)) =
            (resource.get("address").and_then(Node::as_str), resource.get("type").and_then(Node::as_str))
        else {
            return;
        };
        let at = Location::new(self.file, resource.span);
        let known = resource.get("values").map_or_else(|| Value::map(BTreeMap::new(), false, &at), |node| self.value(node));
        let plain = without_indexes(address);
        let values = match self.configuration.get(plain.as_str()) {
            Some((prefix, expressions)) => self.with_references(known, expressions, prefix),
            None => known,
        };
        self.collected.add(Entry {
            address: address.into(),
            kind: kind.into(),
            is_data,
            values,
            at,
            contents: Vec::new(),
            ignored: Vec::new(),
        });
    }

    fn value(&self, node: &Node) -> Value {
        let at = Location::new(self.file, node.span);
        match &node.kind {
            NodeKind::Scalar(_) if node.is_null() => Value::null(&at),
            NodeKind::Scalar(scalar) if scalar.plain && matches!(scalar.text.as_str(), "true" | "false") => {
                Value::new(Kind::Bool(scalar.text == "true"), &at)
            }
            NodeKind::Scalar(scalar) if node.is_number() => Value::new(Kind::Number(scalar.text.clone()), &at),
            NodeKind::Scalar(scalar) => Value::text(scalar.text.clone(), &at),
            NodeKind::Sequence(items) => Value::list(items.iter().map(|item| self.value(item)).collect(), false, &at),
            NodeKind::Mapping(mapping) => {
                let entries = mapping.entries.iter().map(|entry| (entry.key.clone(), self.value(&entry.value)));
                Value::map(entries.collect(), false, &at)
            }
        }
    }

    /// Adds what is not known yet: `{"references": [...]}` where the value is absent.
    fn with_references(&self, known: Value, expressions: &Node, prefix: &str) -> Value {
        let Some(map) = known.as_map() else { return known };
        let mut entries = map.entries.clone();
        for entry in expressions.entries() {
            let present = entries.get(&entry.key).filter(|value| !value.is_null()).cloned();
            let filled = match present {
                Some(value) => self.filled(value, &entry.value, prefix),
                None => self.referenced(&entry.value, prefix),
            };
            if let Some(value) = filled {
                entries.insert(entry.key.clone(), value);
            }
        }
        Value::map(entries, map.open, &known.at)
    }

    /// Blocks are lists on both sides.
    fn filled(&self, value: Value, expression: &Node, prefix: &str) -> Option<Value> {
        match (&value.kind, &expression.kind) {
            (Kind::List(list), NodeKind::Sequence(nodes)) => {
                let pair = |(index, item): (usize, &Value)| match nodes.get(index) {
                    Some(node) => self.with_references(item.clone(), node, prefix),
                    None => item.clone(),
                };
                Some(Value::list(list.items.iter().enumerate().map(pair).collect(), list.open, &value.at))
            }
            // A map of which some entries are not known yet.
            (Kind::Map(map), NodeKind::Mapping(_)) if expression.get("references").is_some() => {
                let unknown = map.entries.values().any(Value::is_null);
                Some(Value::map(map.entries.clone(), unknown, &value.at))
            }
            _ => Some(value),
        }
    }

    fn referenced(&self, expression: &Node, prefix: &str) -> Option<Value> {
        let at = Location::new(self.file, expression.span);
        if let Some(items) = expression.as_sequence() {
            let blocks = items.iter().map(|item| self.with_references(Value::map(BTreeMap::new(), false, &at), item, prefix));
            return Some(Value::list(blocks.collect(), false, &at));
        }
        if let Some(constant) = expression.get("constant_value") {
            return Some(self.value(constant));
        }
        let references = expression.get("references")?.items();
        let texts: Vec<Text> = references.iter().filter_map(Node::as_str).filter_map(|text| reference(text, prefix)).collect();
        // Of `a.b.c`, plans list `a.b.c` and `a.b`: the longest of each counts.
        let mut values: Vec<Value> = Vec::new();
        for text in texts {
            if !values.iter().any(|known| known.as_text().as_ref().is_some_and(|known| same_resource(known, &text))) {
                values.push(Value::new(Kind::Text(text), &at));
            }
        }
        match values.len() {
            0 => Some(Value::unknown("a value that the plan does not know", &at)),
            1 => values.pop(),
            _ => Some(Value::list(values, true, &at)),
        }
    }
}

fn same_resource(one: &Text, other: &Text) -> bool {
    super::value::named_resource(one).is_some() && super::value::named_resource(one) == super::value::named_resource(other)
}

/// A reference as a hole: the address up to the name, and the attribute behind it.
fn reference(text: &str, prefix: &str) -> Option<Text> {
    if ["var.", "local.", "each.", "count.", "path.", "self."].iter().any(|start| text.starts_with(start)) {
        return None;
    }
    let names = if text.starts_with("data.") { 3 } else { 2 };
    let mut end = text.len();
    let mut dots = 0;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => {
                dots += 1;
                if dots == names {
                    end = at;
                    break;
                }
            }
            _ => {}
        }
    }
    let (address, rest) = text.split_at(end);
    let attribute = rest.strip_prefix('.').unwrap_or("id");
    let id = format!("{prefix}{address}").into();
    Some(match (address.split('.').nth(1), attribute) {
        (Some("aws_caller_identity"), "account_id" | "id") => Text::hole(Hole::Account),
        (Some("aws_region"), "name" | "id" | "region") => Text::hole(Hole::Region),
        (Some("aws_partition"), "partition" | "id") => Text::hole(Hole::Partition),
        _ => Text::hole(Hole::Resource { id, attribute: attribute.into() }),
    })
}

/// `module.a["x"].aws_sqs_queue.q[0]` without what is in brackets.
fn without_indexes(address: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_u32;
    let mut quoted = false;
    for c in address.chars() {
        match c {
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}
