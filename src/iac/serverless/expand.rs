//! Variables filled in: the service's own values, files, and what only the deployment knows.
//!
//! What the deployment decides (the stage, options, environment variables, values of other stacks and stores) becomes a `Ref` to a
//! parameter, named as the variable is written: `sls:stage`, `env:TABLE`. Its default is the fallback that the variable
//! gives. Paths and keys that need a value to go on take the default. Everything else is looked up and replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use smol_str::SmolStr;

use super::build;
use super::files::Included;
use super::variable::{Part, parts};
use crate::iac::document::{Entry, MAX_DEPTH, Node, NodeKind};
use crate::note::{Note, NoteKind};
use crate::span::{Location, Span};
use crate::value::Arg;

/// How many values the expanded service may have.
const MAX_NODES: usize = 150_000;
/// Longest string that variables may make; strings made of strings can double with every line.
const MAX_TEXT: usize = 64 << 10;
/// Bytes of a string that count as one value.
const BYTES_PER_NODE: usize = 256;
/// How many variables may stand in each other.
pub(super) const MAX_ACTIVE: usize = 48;
/// The parameter that the stage is.
pub(super) const STAGE: &str = "sls:stage";

/// Fills in variables.
pub(super) struct Expander<'a> {
    /// The service as written.
    pub(super) root: &'a Node,
    pub(super) included: Included<'a>,
    /// What the deployment decides, with defaults.
    pub(super) parameters: BTreeMap<SmolStr, Parameter>,
    /// Parameters that the service gets from those it is deployed with.
    pub(super) params: BTreeMap<SmolStr, Arg>,
    pub(super) notes: Vec<Note>,
    /// The variables that are being looked up, against those that contain themselves.
    pub(super) active: Vec<String>,
    /// Values of the service that were expanded, by address.
    pub(super) known: BTreeMap<String, Option<Known>>,
    /// Texts that values were taken from, filled in.
    on_the_way: BTreeMap<String, Rc<Node>>,
    pub(super) stage: SmolStr,
    pub(super) region: SmolStr,
    nodes: usize,
    noted: BTreeSet<(Span, String)>,
}

/// Something the deployment decides.
pub(super) struct Parameter {
    /// The fallback that the variable gives.
    pub(super) default: Option<SmolStr>,
    /// Where it is first used.
    pub(super) span: Span,
}

/// A value that was expanded.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) value: Rc<Node>,
    /// How many values it consists of.
    pub(super) size: usize,
}

/// How a string is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// As a value.
    Value,
    /// As the text of `Fn::Sub`, in which parameters are written as `${name}`.
    Substitution,
}

impl<'a> Expander<'a> {
    /// Prepares the service, which was given some parameters; stage and region are looked up first, since others depend on them.
    pub(super) fn new(root: &'a Node, included: Included<'a>, params: BTreeMap<SmolStr, Arg>) -> Self {
        let mut expander = Self {
            root,
            included,
            parameters: BTreeMap::new(),
            params,
            notes: Vec::new(),
            active: Vec::new(),
            known: BTreeMap::new(),
            on_the_way: BTreeMap::new(),
            stage: SmolStr::default(),
            region: SmolStr::default(),
            nodes: 0,
            noted: BTreeSet::new(),
        };
        // While the default is empty, the option counts as not given, so that its fallback is used.
        let stage = root.path(&["provider", "stage"]).and_then(|node| expander.constant(node));
        expander.stage = stage.unwrap_or_else(|| "dev".into());
        let region = root.path(&["provider", "region"]).and_then(|node| expander.constant(node));
        // <https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>
        expander.region = region.unwrap_or_else(|| "us-east-1".into());
        expander.notes.clear();
        expander.noted.clear();
        expander.known.clear();
        expander.on_the_way.clear();
        expander.parameters.clear();
        expander
    }

    fn constant(&mut self, node: &Node) -> Option<SmolStr> {
        let node = self.expand(node, 0);
        self.literal(&node).filter(|text| !text.is_empty())
    }

    /// A value with every variable in it filled in.
    pub(super) fn expand(&mut self, node: &Node, depth: usize) -> Node {
        self.expand_as(node, Use::Value, depth)
    }

    fn expand_as(&mut self, node: &Node, usage: Use, depth: usize) -> Node {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return self.too_many(node.span);
        }
        let kind = match &node.kind {
            NodeKind::Scalar(scalar) if scalar.text.contains(['$', '#']) => {
                return self.text(&scalar.text, node, usage, depth);
            }
            NodeKind::Scalar(scalar) => {
                self.nodes = self.nodes.saturating_add(scalar.text.len() / BYTES_PER_NODE);
                return node.clone();
            }
            NodeKind::Sequence(items) => {
                let expanded = items.iter().enumerate().map(|(index, item)| {
                    let usage = if index == 0 { usage } else { Use::Value };
                    self.expand_as(item, usage, depth + 1)
                });
                NodeKind::Sequence(expanded.collect())
            }
            NodeKind::Mapping(mapping) => {
                let mut expanded = mapping.clone();
                expanded.entries = mapping.entries.iter().map(|entry| self.entry(entry, depth)).collect();
                NodeKind::Mapping(expanded)
            }
        };
        Node { kind, span: node.span, tag: node.tag.clone() }
    }

    fn entry(&mut self, entry: &Entry, depth: usize) -> Entry {
        let usage = if entry.key == "Fn::Sub" { Use::Substitution } else { Use::Value };
        let key = if entry.key.contains("${") {
            self.literal_text(&entry.key, entry.key_span, depth).unwrap_or_else(|| entry.key.clone())
        } else {
            entry.key.clone()
        };
        Entry { key, key_span: entry.key_span, value: self.expand_as(&entry.value, usage, depth + 1) }
    }

    /// A string with its variables.
    fn text(&mut self, text: &str, node: &Node, usage: Use, depth: usize) -> Node {
        let parts = parts(text);
        if let [Part::Literal(_)] = parts.as_slice() {
            return node.clone();
        }
        if let ([Part::Variable(sources)], Use::Value) = (parts.as_slice(), usage) {
            return self.variable(text, sources, node.span, depth + 1);
        }
        let mut written = String::new();
        let mut found: Vec<Node> = Vec::new();
        for part in &parts {
            let value = match part {
                Part::Literal(literal) => {
                    written.push_str(literal);
                    continue;
                }
                Part::Pseudo(name) if usage == Use::Substitution => {
                    written.push_str(&["${", name, "}"].concat());
                    continue;
                }
                Part::Pseudo(name) => build::reference(name, node.span),
                Part::Variable(sources) => self.variable(text, sources, node.span, depth + 1),
            };
            if written.len() > MAX_TEXT.max(text.len()) {
                return self.too_many(node.span);
            }
            match (value.as_str(), usage) {
                (Some(text), _) => written.push_str(text),
                (None, Use::Substitution) => written.push_str(&self.substitution(&value, text)),
                (None, Use::Value) => {
                    if !written.is_empty() {
                        found.push(build::text(std::mem::take(&mut written), node.span));
                    }
                    found.push(value);
                }
            }
        }
        self.nodes = self.nodes.saturating_add(written.len() / BYTES_PER_NODE);
        if found.is_empty() {
            return build::text(written, node.span);
        }
        if !written.is_empty() {
            found.push(build::text(written, node.span));
        }
        build::join(found, node.span)
    }

    /// A value within the text of `Fn::Sub`: references have a form there, lists of parts are written one by one.
    fn substitution(&mut self, value: &Node, text: &str) -> String {
        let Some(entry) = value.single() else {
            return self.unwritable(value.span, text);
        };
        match (entry.key.as_str(), &entry.value) {
            ("Ref", name) => name.as_str().map_or_else(|| self.unwritable(value.span, text), |name| ["${", name, "}"].concat()),
            ("Fn::GetAtt", path) => {
                let path: Vec<&str> = path.items().iter().filter_map(Node::as_str).collect();
                ["${", &path.join("."), "}"].concat()
            }
            ("Fn::Sub", inner) => inner.as_str().map_or_else(|| self.unwritable(value.span, text), str::to_owned),
            ("Fn::Join", inner) => match inner.as_sequence() {
                Some([delimiter, Node { kind: NodeKind::Sequence(items), .. }]) => {
                    let delimiter = delimiter.as_str().unwrap_or_default();
                    let mut written = Vec::new();
                    for item in items {
                        written.push(match item.as_str() {
                            Some(text) => text.to_owned(),
                            None => self.substitution(item, text),
                        });
                    }
                    written.join(delimiter)
                }
                _ => self.unwritable(value.span, text),
            },
            _ => self.unwritable(value.span, text),
        }
    }

    /// A value that has no form in a string becomes a parameter.
    fn unwritable(&mut self, span: Span, text: &str) -> String {
        let name = format!("a part of {}", text.replace(['$', '{', '}'], ""));
        self.parameter(&name, None, span);
        ["${", &name, "}"].concat()
    }

    /// A parameter by the name of the variable.
    pub(super) fn parameter(&mut self, name: &str, default: Option<SmolStr>, span: Span) -> Node {
        let known = self.parameters.entry(name.into()).or_insert(Parameter { default: None, span });
        if known.default.is_none() {
            known.default = default;
        }
        build::reference(name, span)
    }

    /// The string a path or a key needs: parameters count with their defaults.
    pub(super) fn literal(&self, node: &Node) -> Option<SmolStr> {
        if let Some(text) = node.as_str() {
            return Some(text.into());
        }
        let entry = node.single()?;
        match (entry.key.as_str(), entry.value.as_sequence()) {
            ("Ref", _) => match entry.value.as_str()? {
                "AWS::Region" => Some(self.region.clone()),
                STAGE => Some(self.stage.clone()),
                name => self.parameters.get(name)?.default.clone(),
            },
            ("Fn::Join", Some([delimiter, list])) => {
                let parts: Option<Vec<SmolStr>> = list.as_sequence()?.iter().map(|item| self.literal(item)).collect();
                Some(parts?.join(delimiter.as_str().unwrap_or_default()).into())
            }
            _ => None,
        }
    }

    /// The same for text that still holds variables.
    pub(super) fn literal_text(&mut self, text: &str, span: Span, depth: usize) -> Option<SmolStr> {
        if !text.contains("${") {
            return Some(text.into());
        }
        let node = build::text(text, span);
        let value = self.text(text, &node, Use::Value, depth + 1);
        self.literal(&value)
    }

    /// A value of the service by its path, expanded.
    pub(super) fn section(&mut self, path: &[&str]) -> Option<Node> {
        let root = self.root;
        let keys: Vec<SmolStr> = path.iter().map(|key| SmolStr::from(*key)).collect();
        let found = self.walk(root, &keys, 0)?;
        Some(self.expand(&found, 0)).filter(|node| !node.is_null())
    }

    /// Follows keys; variables on the way are filled in, each once however many values are taken from it.
    pub(super) fn walk(&mut self, start: &Node, keys: &[SmolStr], depth: usize) -> Option<Node> {
        let mut current = start;
        for (index, key) in keys.iter().enumerate() {
            if let Some(text) = current.as_str().filter(|text| text.contains("${")) {
                if depth > MAX_DEPTH {
                    return None;
                }
                let text = text.to_owned();
                let expanded = match self.on_the_way.get(&text) {
                    Some(known) => Rc::clone(known),
                    None => {
                        let expanded = Rc::new(self.expand(current, depth + 1));
                        self.on_the_way.insert(text, Rc::clone(&expanded));
                        expanded
                    }
                };
                // What is still a variable now has no parts.
                let is_text = expanded.as_str().is_some();
                return if is_text { None } else { self.walk(&expanded, &keys[index..], depth + 1) };
            }
            current = child(current, key)?;
        }
        Some(current.clone())
    }

    /// A copy of a value that was expanded before; it counts as if it were expanded anew.
    pub(super) fn copy(&mut self, known: &Known, span: Span) -> Node {
        self.nodes = self.nodes.saturating_add(known.size);
        if self.nodes > MAX_NODES {
            return self.too_many(span);
        }
        (*known.value).clone()
    }

    fn too_many(&mut self, span: Span) -> Node {
        self.note(span, "the variables of this service expand to too many values; what is left out counts as unknown");
        self.parameter("too many values", None, span)
    }

    /// Remembers something that could not be read, once.
    pub(super) fn note(&mut self, span: Span, message: impl Into<String>) {
        let message = message.into();
        if self.noted.insert((span, message.clone()))
            && let Some(at) = self.at(span)
        {
            self.notes.push(Note::at(NoteKind::Template, at, message));
        }
    }

    fn at(&self, span: Span) -> Option<Location> {
        self.included.places.locate(span)
    }
}

/// How many values a value consists of; long strings count as several.
pub(super) fn weight(node: &Node) -> usize {
    let mut sum = 0_usize;
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        sum += 1;
        match &node.kind {
            NodeKind::Scalar(scalar) => sum += scalar.text.len() / BYTES_PER_NODE,
            NodeKind::Sequence(items) => open.extend(items),
            NodeKind::Mapping(mapping) => open.extend(mapping.entries.iter().map(|entry| &entry.value)),
        }
    }
    sum
}

/// What a key means: an entry, an item, or an entry of one of the items of a list of dictionaries.
fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.kind {
        NodeKind::Scalar(_) => None,
        NodeKind::Mapping(mapping) => mapping.get(key),
        NodeKind::Sequence(items) => match key.parse::<usize>() {
            Ok(index) => items.get(index),
            Err(_) => items.iter().find_map(|item| item.get(key)),
        },
    }
}
