//! A service with its variables filled in: what the rest of the reader works on.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::build;
use super::constructs::Constructs;
use super::expand::{Expander, STAGE};
use super::machines;
use crate::iac::document::{Entry, Mapping, Node, NodeKind};
use crate::iac::intrinsics::is_intrinsic;
use crate::span::Span;

/// A service.
pub(super) struct Service {
    /// Its name.
    pub(super) name: Node,
    pub(super) provider: Node,
    pub(super) functions: Vec<Function>,
    /// Where each of them is in that list.
    by_key: BTreeMap<SmolStr, usize>,
    /// The sections of `resources`: `Resources`, `Outputs`, `Conditions` …
    pub(super) resources: Node,
    pub(super) layers: Node,
    /// Whether functions with statements of their own have the service's as well.
    pub(super) inherits: bool,
    /// What `serverless-lift` adds.
    pub(super) constructs: Constructs,
    /// What `serverless-step-functions` adds.
    pub(super) machines: Vec<Entry>,
    /// The application that `serverless-wsgi` serves: `app.app`.
    pub(super) wsgi: Option<Node>,
    /// Whether functions get the variables of a file, too. <https://www.serverless.com/plugins/serverless-dotenv-plugin>
    pub(super) reads_dotenv: bool,
    /// The name of the stage, as a reference.
    pub(super) stage: Node,
    /// The variables that the deployment decides: parameters of the template that nobody wrote.
    pub(super) variables: BTreeSet<SmolStr>,
}

/// A function of a service.
pub(super) struct Function {
    pub(super) key: SmolStr,
    pub(super) key_span: Span,
    /// What the service says about it.
    pub(super) node: Node,
    /// What its logical ids start with.
    pub(super) prefix: String,
}

impl Function {
    /// The logical id of its `AWS::Lambda::Function`.
    pub(super) fn logical_id(&self) -> String {
        [self.prefix.as_str(), "LambdaFunction"].concat()
    }

    /// A setting of the function itself.
    pub(super) fn get(&self, path: &[&str]) -> Option<&Node> {
        self.node.path(path).filter(|node| !node.is_null())
    }

    /// Its events, each with its kind and its properties.
    pub(super) fn events(&self) -> impl Iterator<Item = (&str, &Node)> {
        let list = self.get(&["events"]).map_or(&[][..], Node::items);
        list.iter().filter_map(|event| match event.as_str() {
            Some(kind) => Some((kind, event)),
            None => event.entries().first().map(|entry| (entry.key.as_str(), &entry.value)),
        })
    }
}

impl Service {
    /// Reads the sections.
    pub(super) fn read(expander: &mut Expander<'_>) -> Self {
        let empty = || Node::mapping(Vec::new(), Span::default());
        let name = match expander.section(&["service"]) {
            Some(node) => node.get("name").cloned().unwrap_or(node),
            None => build::text("service", Span::default()),
        };
        let stage = expander.stage.clone();
        let stage = expander.parameter(STAGE, Some(stage), name.span);
        let provider = expander.section(&["provider"]).unwrap_or_else(empty);
        let functions = expander.section(&["functions"]).unwrap_or_else(empty);
        let resources = expander.section(&["resources"]).unwrap_or_else(empty);
        let inherits = expander.section(&["custom", "serverless-iam-roles-per-function", "defaultInherit"]);
        let layers = expander.section(&["layers"]).unwrap_or_else(empty);
        let mut functions = read_functions(expander, &functions);
        let constructs = Constructs::read(expander);
        constructs.add_functions(&mut functions);
        let by_key: BTreeMap<SmolStr, usize> =
            functions.iter().enumerate().map(|(index, function)| (function.key.clone(), index)).collect();
        let machines = machines::resources(expander, |name| by_key.get(name).map(|at| functions[*at].logical_id()));
        Self {
            resources: sections(expander, &resources),
            name,
            provider,
            functions,
            by_key,
            layers,
            inherits: inherits.and_then(|node| node.as_bool()) == Some(true),
            constructs,
            machines,
            reads_dotenv: expander.section(&["plugins"]).is_some_and(|plugins| {
                let listed = plugins.get("modules").unwrap_or(&plugins);
                listed.items().iter().any(|plugin| plugin.as_str() == Some("serverless-dotenv-plugin"))
            }),
            wsgi: expander.section(&["custom", "wsgi", "app"]),
            stage,
            variables: expander.parameters.keys().cloned().collect(),
        }
    }

    /// The function that is called so in the service.
    pub(super) fn function(&self, key: &str) -> Option<&Function> {
        self.functions.get(*self.by_key.get(key)?)
    }

    /// A setting of the function, or else of the provider.
    pub(super) fn either<'s>(&'s self, function: &'s Function, key: &str) -> Option<&'s Node> {
        function.get(&[key]).or_else(|| self.setting(&[key]))
    }

    /// A setting of the provider.
    pub(super) fn setting(&self, path: &[&str]) -> Option<&Node> {
        self.provider.path(path).filter(|node| !node.is_null())
    }

    /// What the names of functions start with, and the stack is called.
    pub(super) fn name_prefix(&self) -> Vec<Node> {
        vec![self.name.clone(), build::text("-", self.name.span), self.stage.clone()]
    }

    /// The deployed name of the stack.
    pub(super) fn stack_name(&self) -> Node {
        self.setting(&["stackName"]).cloned().unwrap_or_else(|| build::join(self.name_prefix(), self.name.span))
    }

    /// The deployed name of a function.
    pub(super) fn function_name(&self, function: &Function) -> Node {
        if let Some(name) = function.get(&["name"]) {
            return name.clone();
        }
        let mut parts = self.name_prefix();
        parts.push(build::text(["-", function.key.as_str()].concat(), function.key_span));
        build::join(parts, function.key_span)
    }

    /// The layers the service declares, by name.
    pub(super) fn layers(&self) -> &[Entry] {
        self.layers.entries()
    }
}

/// Functions stand in one dictionary, or in a list of several.
fn read_functions(expander: &mut Expander<'_>, node: &Node) -> Vec<Function> {
    let mut found: Vec<Option<Function>> = Vec::new();
    let mut at: BTreeMap<SmolStr, usize> = BTreeMap::new();
    for part in node.items() {
        if reference(part) || part.as_mapping().is_none() && !part.is_null() {
            expander.note(part.span, "expected functions by name here; those that stand elsewhere were not read");
            continue;
        }
        for entry in part.entries() {
            // Plugins keep their settings of all functions under keys of their own, with no dictionary behind them.
            if entry.value.as_mapping().is_none() || reference(&entry.value) {
                expander.note(entry.key_span, format!("expected the settings of the function `{}` here", entry.key));
                continue;
            }
            if let Some(before) = at.insert(entry.key.clone(), found.len()) {
                expander
                    .note(entry.key_span, format!("there are two functions of the name `{}`; the last one counts", entry.key));
                found[before] = None;
            }
            found.push(Some(Function {
                key: entry.key.clone(),
                key_span: entry.key_span,
                node: entry.value.clone(),
                prefix: build::logical(&entry.key),
            }));
        }
    }
    found.into_iter().flatten().collect()
}

/// Whether a value is an expression rather than data.
pub(super) fn reference(node: &Node) -> bool {
    node.single().is_some_and(|entry| is_intrinsic(&entry.key))
}

/// `resources` is a dictionary of sections, or a list of several; what they say adds up.
fn sections(expander: &mut Expander<'_>, node: &Node) -> Node {
    let mut all = Node::mapping(Vec::new(), node.span);
    for part in node.items() {
        if let Some(part) = listed(expander, part, Level::Sections) {
            all = overlay(&all, &part);
        }
    }
    if let Some(extensions) = all.get("extensions").cloned() {
        let extended = build::map(node.span, [("Resources", extensions)]);
        all = overlay(&all, &extended);
    }
    all
}

/// Levels of a template on which there are dictionaries.
#[derive(Clone, Copy)]
enum Level {
    Sections,
    /// A section whose entries may be anything.
    Named,
    Resources,
    Resource,
    Properties,
}

impl Level {
    /// The level of an entry, if that is to be a dictionary, too.
    fn below(self, key: &str) -> Option<Self> {
        match (self, key) {
            (Self::Sections, "Resources" | "extensions") => Some(Self::Resources),
            (Self::Sections, "Conditions" | "Mappings" | "Outputs" | "Parameters") => Some(Self::Named),
            // Loops and macros stand among the resources.
            (Self::Resources, key) => (!key.starts_with("Fn::")).then_some(Self::Resource),
            (Self::Resource, "Properties") => Some(Self::Properties),
            _ => None,
        }
    }
}

/// A part of `resources` without what is no dictionary where one is expected: put over the template, it would take the place of
/// what the framework writes there.
fn listed(expander: &mut Expander<'_>, part: &Node, level: Level) -> Option<Node> {
    if part.is_null() {
        return None;
    }
    let Some(mapping) = part.as_mapping().filter(|_| !expression(part)) else {
        expander.note(part.span, "expected a part of the template here; what stands elsewhere was not read");
        return None;
    };
    let mut entries = Vec::with_capacity(mapping.entries.len());
    for entry in &mapping.entries {
        match level.below(&entry.key) {
            Some(below) => {
                let value = listed(expander, &entry.value, below);
                entries.extend(value.map(|value| Entry { value, ..entry.clone() }));
            }
            None => entries.push(entry.clone()),
        }
    }
    Some(Node { kind: NodeKind::Mapping(Mapping { entries }), span: part.span, tag: part.tag.clone() })
}

/// Whether a value is an expression; a resource may have nothing but a condition.
fn expression(node: &Node) -> bool {
    reference(node) && node.get("Condition").is_none()
}

/// Puts one value over another: dictionaries merge, lists add up, everything else is replaced.
pub(crate) fn overlay(under: &Node, over: &Node) -> Node {
    let kind = match (&under.kind, &over.kind) {
        (NodeKind::Mapping(low), NodeKind::Mapping(high)) if !expression(under) && !expression(over) => {
            let mut entries: Vec<Entry> = Vec::with_capacity(low.entries.len() + high.entries.len());
            for entry in &low.entries {
                entries.push(match high.entry(&entry.key) {
                    Some(own) => Entry { value: overlay(&entry.value, &own.value), ..own.clone() },
                    None => entry.clone(),
                });
            }
            let known: BTreeSet<SmolStr> = entries.iter().map(|entry| entry.key.clone()).collect();
            entries.extend(high.entries.iter().filter(|entry| !known.contains(&entry.key)).cloned());
            NodeKind::Mapping(Mapping { entries })
        }
        (NodeKind::Sequence(low), NodeKind::Sequence(high)) => NodeKind::Sequence(low.iter().chain(high).cloned().collect()),
        (NodeKind::Mapping(_), NodeKind::Scalar(_)) if over.is_null() => return under.clone(),
        _ => return over.clone(),
    };
    Node { kind, span: over.span, tag: over.tag.clone() }
}
