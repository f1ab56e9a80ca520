//! Plans as JSON: `terraform show -json`.
//!
//! `planned_values` has the values that are known before anything is created; for what only the deployment decides,
//! `configuration` has the references.
//! <https://developer.hashicorp.com/terraform/internals/json-format>

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

use super::collect::{Collected, Entry};
use super::value::{Kind, Value};
use crate::iac::document::{self, Node, NodeKind};
use crate::iac::strings::named_resource;
use crate::iac::{Files, Format, ReadError, Stack};
use crate::span::{Location, SourceFile};
use crate::value::{Hole, Text};

/// How many arguments and outputs of modules may stand between a value and the resource it refers to.
const MAX_HOPS: usize = 16;
/// How many resources a value may refer to.
const MAX_REFERENCES: usize = 64;

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
    let mut plan = Plan {
        file,
        collected: &mut collected,
        configuration: BTreeMap::new(),
        calls: BTreeMap::new(),
        outputs: BTreeMap::new(),
        unknown: BTreeMap::new(),
        instances: BTreeMap::new(),
    };
    for change in root.get("resource_changes").map_or(&[][..], Node::items) {
        let unknown = change.path(&["change", "after_unknown"]);
        if let Some((address, unknown)) = change.get("address").and_then(Node::as_str).zip(unknown) {
            plan.unknown.insert(address.into(), unknown);
        }
    }
    if let Some(module) = root.path(&["configuration", "root_module"]) {
        plan.configure(module, "");
    }
    // What is only read was already read when the plan was made.
    let keys = [&["prior_state", "values", "root_module"][..], &["planned_values", "root_module"]];
    let resources: Vec<Planned<'_>> =
        keys.iter().filter_map(|key| Some(modules(root.path(key)?, key[0] == "prior_state"))).flatten().collect();
    for planned in &resources {
        plan.instances.entry(without_indexes(planned.address).into()).or_default().insert(planned.address.into());
    }
    for planned in &resources {
        plan.resource(planned);
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
    configuration: BTreeMap<SmolStr, &'a Node>,
    /// The arguments of module calls, by what stands before the addresses of what the module declares, without indexes.
    calls: BTreeMap<SmolStr, &'a Node>,
    /// The outputs of modules, likewise.
    outputs: BTreeMap<SmolStr, &'a Node>,
    /// What is only known once it is deployed, by address.
    unknown: BTreeMap<SmolStr, &'a Node>,
    /// The addresses of each resource, by that without indexes.
    instances: BTreeMap<SmolStr, BTreeSet<SmolStr>>,
}

/// A resource of a plan.
struct Planned<'a> {
    node: &'a Node,
    address: &'a str,
    kind: &'a str,
    is_data: bool,
    /// What stands before the addresses of what its module declares: `module.a[0].`.
    prefix: String,
}

/// Whose expressions are looked at: the prefix of its module, and the index it has itself.
#[derive(Clone, Copy)]
struct Place<'p> {
    prefix: &'p str,
    index: &'p str,
}

/// The resources of all modules, in order.
fn modules(root: &Node, only_data: bool) -> Vec<Planned<'_>> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(module) = open.pop() {
        let prefix = module.get("address").and_then(Node::as_str).map_or_else(String::new, |address| format!("{address}."));
        for node in module.get("resources").map_or(&[][..], Node::items) {
            let is_data = node.get("mode").and_then(Node::as_str) == Some("data");
            let text = |key: &str| node.get(key).and_then(Node::as_str);
            if let (Some(address), Some(kind), true) = (text("address"), text("type"), is_data || !only_data) {
                found.push(Planned { node, address, kind, is_data, prefix: prefix.clone() });
            }
        }
        open.extend(module.get("child_modules").map_or(&[][..], Node::items).iter().rev());
    }
    found
}

impl<'a> Plan<'a> {
    /// Expressions by address, through all modules; the reader bounds how deep they nest.
    fn configure(&mut self, module: &'a Node, prefix: &str) {
        for resource in module.get("resources").map_or(&[][..], Node::items) {
            if let (Some(address), Some(expressions)) =
                (resource.get("address").and_then(Node::as_str), resource.get("expressions"))
            {
                self.configuration.insert(format!("{prefix}{address}").into(), expressions);
            }
        }
        if let Some(outputs) = module.get("outputs") {
            self.outputs.insert(prefix.into(), outputs);
        }
        for call in module.get("module_calls").map_or(&[][..], Node::entries) {
            let prefix = format!("{prefix}module.{}.", call.key);
            if let Some(expressions) = call.value.get("expressions") {
                self.calls.insert(prefix.as_str().into(), expressions);
            }
            if let Some(inner) = call.value.get("module") {
                self.configure(inner, &prefix);
            }
        }
    }

    fn resource(&mut self, planned: &Planned<'_>) {
        let Planned { node, address, kind, is_data, prefix } = planned;
        let at = Location::new(self.file, node.span);
        let known = node.get("values").map_or_else(|| Value::map(BTreeMap::new(), false, &at), |node| self.value(node));
        let plain = without_indexes(address);
        let own = address.strip_prefix(prefix.as_str()).unwrap_or(address);
        let place = Place { prefix, index: own.find('[').and_then(|start| own.get(start..)).unwrap_or_default() };
        let values = match self.configuration.get(plain.as_str()) {
            Some(expressions) => self.with_references(known, expressions, self.unknown.get(*address).copied(), place),
            None => known,
        };
        self.collected.add(Entry {
            address: (*address).into(),
            kind: (*kind).into(),
            is_data: *is_data,
            values,
            at,
            contents: Vec::new(),
            ignored: Vec::new(),
            is_any: false,
        });
    }

    fn value(&self, node: &Node) -> Value {
        super::document::value(node, self.file, None, &[])
    }

    /// Adds what is not known yet: `{"references": [...]}` where the value is absent.
    fn with_references(&self, known: Value, expressions: &Node, unknown: Option<&Node>, place: Place<'_>) -> Value {
        let Some(map) = known.as_map() else { return known };
        let mut entries = map.entries.clone();
        for entry in expressions.entries() {
            let present = entries.get(&entry.key).filter(|value| !value.is_null()).cloned();
            let filled = match present {
                Some(value) => self.filled(value, &entry.value, unknown.and_then(|unknown| unknown.get(&entry.key)), place),
                None => self.referenced(&entry.value, place).map(|value| uncertain(&entry.key, value)),
            };
            if let Some(value) = filled {
                entries.insert(entry.key.clone(), value);
            }
        }
        Value::map(entries, map.open, &known.at)
    }

    /// Blocks are lists on both sides.
    fn filled(&self, value: Value, expression: &Node, unknown: Option<&Node>, place: Place<'_>) -> Option<Value> {
        match (&value.kind, &expression.kind) {
            (Kind::List(list), NodeKind::Sequence(nodes)) => {
                let unknown = unknown.map_or(&[][..], Node::items);
                let pair = |(index, item): (usize, &Value)| match nodes.get(index) {
                    Some(node) => self.with_references(item.clone(), node, unknown.get(index), place),
                    None => item.clone(),
                };
                Some(Value::list(list.items.iter().enumerate().map(pair).collect(), list.open, &value.at))
            }
            // A map of which some entries are not known yet: plans leave these out.
            (Kind::Map(map), NodeKind::Mapping(_)) if expression.get("references").is_some() => {
                let mut entries = map.entries.clone();
                let later = Value::unknown("a value that is only known once it is deployed", &value.at);
                for entry in unknown.map_or(&[][..], Node::entries) {
                    if entry.value.as_bool() == Some(true) && entries.get(&entry.key).is_none_or(Value::is_null) {
                        entries.insert(entry.key.clone(), later.clone());
                    }
                }
                let open = entries.values().any(Value::is_null);
                Some(Value::map(entries, open, &value.at))
            }
            _ => Some(value),
        }
    }

    fn referenced(&self, expression: &Node, place: Place<'_>) -> Option<Value> {
        let at = Location::new(self.file, expression.span);
        if let Some(items) = expression.as_sequence() {
            let blocks =
                items.iter().map(|item| self.with_references(Value::map(BTreeMap::new(), false, &at), item, None, place));
            return Some(Value::list(blocks.collect(), false, &at));
        }
        if let Some(constant) = expression.get("constant_value") {
            return Some(self.value(constant));
        }
        expression.get("references")?;
        let mut texts = Vec::new();
        self.follow(expression, place, MAX_HOPS, &mut texts);
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

    /// What an expression refers to, through the arguments and outputs of modules.
    fn follow(&self, expression: &Node, place: Place<'_>, hops: usize, out: &mut Vec<Text>) {
        let Some(hops) = hops.checked_sub(1).filter(|_| out.len() < MAX_REFERENCES) else { return };
        if let Some(text) = expression.get("constant_value").and_then(Node::as_str) {
            out.push(Text::literal(text));
        }
        let mut longer: &str = "";
        for text in expression.get("references").map_or(&[][..], Node::items).iter().filter_map(Node::as_str) {
            if longer.strip_prefix(text).is_some_and(|rest| rest.starts_with(['.', '['])) {
                continue;
            }
            longer = text;
            match self.through_module(text, place) {
                Some((expression, prefix)) => self.follow(expression, Place { prefix: &prefix, index: place.index }, hops, out),
                None => out.extend(self.reference(text, place)),
            }
        }
    }

    /// What a variable of a module is given, or what an output of one is, and the prefix of the module where that is written.
    fn through_module(&self, text: &str, place: Place<'_>) -> Option<(&'a Node, String)> {
        if let Some(name) = text.strip_prefix("var.") {
            let name = name.split(['.', '[']).next()?;
            let given = self.calls.get(without_indexes(place.prefix).as_str())?.get(name)?;
            let call = parts(place.prefix.strip_suffix('.')?);
            let outer = call.get(..call.len().checked_sub(2)?)?;
            return Some((given, outer.iter().map(|part| format!("{part}.")).collect()));
        }
        let parts = parts(text);
        let ["module", call, output, ..] = parts.as_slice() else { return None };
        let prefix = format!("{}module.{call}.", place.prefix);
        let output = output.split('[').next()?;
        let written = self.outputs.get(without_indexes(&prefix).as_str())?.get(output)?.get("expression")?;
        Some((written, prefix))
    }

    /// A reference as a hole: the address up to the name, and the attribute behind it.
    fn reference(&self, text: &str, place: Place<'_>) -> Option<Text> {
        if ["var.", "local.", "each.", "count.", "path.", "self."].iter().any(|start| text.starts_with(start)) {
            return None;
        }
        let names = if text.starts_with("data.") { 3 } else { 2 };
        let parts = parts(text);
        let (address, rest) = parts.split_at(names.min(parts.len()));
        let attribute = if rest.is_empty() { "id".to_owned() } else { rest.join(".") };
        let id = self.instance(format!("{}{}", place.prefix, address.join(".")), place.index);
        Some(match (address.get(1).copied(), attribute.as_str()) {
            (Some("aws_caller_identity"), "account_id" | "id") => Text::hole(Hole::Account),
            (Some("aws_region"), "name" | "id" | "region") => Text::hole(Hole::Region),
            (Some("aws_partition"), "partition" | "id") => Text::hole(Hole::Partition),
            _ => Text::hole(Hole::Resource { id, attribute: attribute.into() }),
        })
    }

    /// The address of a resource that is named with an index that is computed: the only one there is, or the one with the index
    /// that refers to it. Modules are called once for each index alike.
    fn instance(&self, address: String, index: &str) -> SmolStr {
        let known = self.instances.get(without_indexes(&address).as_str());
        let Some(known) = known.filter(|known| !known.contains(address.as_str())) else { return address.into() };
        let alike = SmolStr::from(format!("{address}{index}"));
        match (known.first(), known.len()) {
            (Some(only), 1) => only.clone(),
            _ if known.contains(&alike) => alike,
            _ => address.into(),
        }
    }
}

/// What plans say of an expression is what it refers to, not what it makes of that: `"${aws_s3_bucket.b.arn}/*"` looks like the
/// ARN alone. That decides what the statement of a policy is about.
fn uncertain(key: &str, value: Value) -> Value {
    if !matches!(key, "resources" | "not_resources") || !matches!(value.kind, Kind::Text(_)) {
        return value;
    }
    let at = value.at.clone();
    Value::list(vec![value], true, &at)
}

fn same_resource(one: &Text, other: &Text) -> bool {
    named_resource(one).is_some() && named_resource(one) == named_resource(other)
}

/// The names of an address with their indexes.
fn parts(address: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, c) in address.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => {
                parts.push(&address[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&address[start..]);
    parts
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
