//! Intrinsic functions: what an expression of a template can be.
//!
//! Nothing is decided that the deployment decides: conditions give both branches, parameters stay holes (their defaults are
//! in [`Stack::parameters`](super::Stack::parameters)).
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::alike::pseudo_parameter;
use super::document::{Entry, Meaning, Node, NodeKind};
use super::json_text;
use super::resources::generated_kind;
use super::strings::{
    MAX_ALTERNATIVES, SubPart, alternatives, dynamic_references, is_one_item, one, split_items, split_text, sub_parts,
};
use super::template::Template;
use crate::span::Span;
use crate::value::{Arg, ArgMap, Hole, Text};

/// How many evaluations may be under way. Documents nest less deep; outputs of nested stacks can lead from one to the next.
const MAX_DEPTH: usize = 300;

impl Template<'_> {
    /// What a node can be.
    pub(crate) fn eval(&self, node: &Node) -> Arg {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return Arg::unknown("expressions that need too many others");
        }
        self.depth.set(depth + 1);
        let value = match self.eval_here(node) {
            Arg::Text(text) => Arg::Text(self.stored_in(text)),
            other => other,
        };
        self.depth.set(depth);
        value
    }

    fn eval_here(&self, node: &Node) -> Arg {
        if let Some(tag) = node.tag.as_deref().filter(|tag| tag.len() > 1) {
            return self.unknown_function(tag, node.span);
        }
        match &node.kind {
            NodeKind::Scalar(scalar) => match scalar.meaning() {
                Meaning::Null => Arg::Null,
                Meaning::Bool(value) => Arg::Bool(value),
                Meaning::Number => Arg::Number(scalar.text.clone()),
                Meaning::Text => Arg::Text(dynamic_references(&Text::literal(scalar.text.clone()))),
            },
            NodeKind::Sequence(items) => self.list(items),
            NodeKind::Mapping(_) => match node.single().filter(|entry| is_intrinsic(&entry.key)) {
                Some(entry) => self.intrinsic(entry),
                None => self.map(node.entries()),
            },
        }
    }

    /// The strings a node can be.
    pub(crate) fn texts(&self, node: &Node) -> Vec<Text> {
        self.eval(node).texts()
    }

    /// The one string a node is; several alternatives make it unknown.
    pub(crate) fn text(&self, node: &Node) -> Option<Text> {
        one(self.texts(node))
    }

    /// A string that is needed to go on (a path, a runtime): parameters count with their defaults, of alternatives the first counts.
    pub(crate) fn literal(&self, node: &Node) -> Option<SmolStr> {
        self.texts(node).iter().find_map(|text| self.with_defaults(text).as_literal().map(SmolStr::from))
    }

    /// All strings of a node that are fully known once parameters have their defaults; lists give one per item.
    pub(crate) fn literals(&self, node: &Node) -> Vec<SmolStr> {
        match self.eval(node) {
            Arg::List { items, .. } => items.iter().filter_map(Arg::as_text).filter_map(|text| self.known(&text)).collect(),
            other => other.texts().iter().filter_map(|text| self.known(text)).collect(),
        }
    }

    fn known(&self, text: &Text) -> Option<SmolStr> {
        self.with_defaults(text).as_literal().map(SmolStr::from)
    }

    /// Fills parameters with their defaults.
    pub(crate) fn with_defaults(&self, text: &Text) -> Text {
        text.fill(|hole| match hole {
            Hole::Parameter(name) => self.parameter_default(name).filter(|default| default.as_literal().is_some()),
            _ => None,
        })
    }

    fn list(&self, nodes: &[Node]) -> Arg {
        let items = nodes.iter().map(|node| self.eval(node)).filter(|item| *item != Arg::Null).collect();
        Arg::List { items, open: false }
    }

    fn map(&self, entries: &[Entry]) -> Arg {
        let mut map = ArgMap::default();
        for entry in entries {
            if is_transform(&entry.key) {
                self.remark(
                    entry.key_span,
                    "`Fn::Transform` is carried out by AWS during the deployment; what it adds is not known here",
                );
                map.open = true;
                continue;
            }
            let value = self.eval(&entry.value);
            if value != Arg::Null || entry.value.is_null() {
                map.entries.insert(entry.key.clone(), value);
            }
        }
        Arg::Map(map)
    }

    /// One arm per function.
    fn intrinsic(&self, entry: &Entry) -> Arg {
        let argument = &entry.value;
        match entry.key.as_str() {
            "Ref" => match self.names(argument) {
                names if names.is_empty() => self.malformed(entry, "a name"),
                names => Arg::one_of(names.iter().map(|name| self.reference(name, argument))),
            },
            "Rain::Embed" => self.embedded(argument),
            "Fn::GetAtt" => self.get_att(entry),
            "Fn::Sub" => self.sub(entry),
            "Fn::Join" => self.join_strings(entry),
            "Fn::Select" => self.select(entry),
            "Fn::Split" => self.split(entry),
            "Fn::If" => self.branches(entry),
            "Fn::FindInMap" => self.find_in_map(entry),
            "Fn::ImportValue" => self.import(argument),
            "Fn::ToJsonString" => {
                json_text::write(&self.eval(argument)).map_or_else(|| Arg::unknown("JSON text of unknown values"), Arg::Text)
            }
            "Fn::Base64" => Arg::unknown("text in Base64"),
            "Fn::GetAZs" | "Fn::Cidr" => Arg::List { items: Vec::new(), open: true },
            "Fn::Length" => Arg::unknown("the length of a list"),
            _ => self.other(entry),
        }
    }

    /// Conditions have no value of interest; what is left is not known to us.
    fn other(&self, entry: &Entry) -> Arg {
        match entry.key.as_str() {
            "Condition" | "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => Arg::unknown("a condition"),
            name => self.unknown_function(name, entry.key_span),
        }
    }

    fn unknown_function(&self, name: &str, span: Span) -> Arg {
        self.note(span, format!("`{name}` is an intrinsic function leash does not know; its value counts as unknown"));
        Arg::Unknown(Hole::Unknown(format!("the result of {name}").into()))
    }

    fn malformed(&self, entry: &Entry, expected: &str) -> Arg {
        self.note(entry.value.span, format!("`{}` expects {expected} here", entry.key));
        Arg::Unknown(Hole::Unknown(format!("a malformed {}", entry.key).into()))
    }

    /// What `Ref` means for a name: a pseudo-parameter, a parameter or a resource.
    pub(crate) fn reference(&self, name: &str, node: &Node) -> Arg {
        if let Some(hole) = pseudo_parameter(name) {
            return Arg::Text(Text::hole(hole));
        }
        let hole = match name {
            "AWS::NoValue" => return Arg::Null,
            _ if name.starts_with("AWS::") => Hole::Parameter(name.into()),
            _ => {
                if let Some(value) = self.bindings.get(name) {
                    return value.clone();
                }
                if self.given.borrow().iter().any(|given| given == name) {
                    Hole::Unknown(format!("the parameter {name}, which is not its default here").into())
                } else if let Some(stored) = self.stored_default(name) {
                    return Arg::Text(stored);
                } else if self.has_parameter(name) {
                    if let Some(value) = self.given_elsewhere(name) {
                        return value;
                    }
                    Hole::Parameter(self.qualified(name))
                } else {
                    if !self.check_declared(name, node)
                        && let Some(output) = self.root.path(&["Outputs", name, "Value"])
                    {
                        // No deployment takes that; what is meant has this value.
                        return self.eval(output);
                    }
                    Hole::Resource { id: self.qualified(name), attribute: "Ref".into() }
                }
            }
        };
        Arg::Text(Text::hole(hole))
    }

    /// The logical ids that a node names. With AWS's extensions of the language, that may be an intrinsic function.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html>
    fn names(&self, node: &Node) -> Vec<SmolStr> {
        if let Some(name) = node.as_str() {
            return vec![name.into()];
        }
        let is_known = node.single().is_some_and(|entry| is_intrinsic(&entry.key));
        let texts = if is_known { self.texts(node) } else { Vec::new() };
        texts.iter().map(|text| self.known(text)).collect::<Option<_>>().unwrap_or_default()
    }

    fn get_att(&self, entry: &Entry) -> Arg {
        let argument = &entry.value;
        let (ids, attribute) = match argument.as_sequence() {
            Some([id, rest @ ..]) => {
                let rest: Option<Vec<SmolStr>> = rest.iter().map(|part| self.literal(part)).collect();
                (self.names(id), rest.map(|rest| rest.join(".")))
            }
            Some([]) => (Vec::new(), None),
            None => match argument.as_str().and_then(|text| text.split_once('.')) {
                Some((id, attribute)) => (vec![id.into()], Some(attribute.to_owned())),
                None => (Vec::new(), None),
            },
        };
        match (ids.as_slice(), attribute) {
            ([_, ..], Some(attribute)) => Arg::one_of(ids.iter().map(|id| self.attribute(id, &attribute, argument))),
            _ => self.malformed(entry, "a resource and an attribute"),
        }
    }

    /// An attribute of a resource; outputs of nested stacks are looked up in their template.
    fn attribute(&self, id: &str, attribute: &str, node: &Node) -> Arg {
        if let Some(output) = attribute.strip_prefix("Outputs.")
            && let Some(value) = self.nested_output(id, output)
        {
            return value;
        }
        self.check_declared(id, node);
        Arg::Text(Text::hole(Hole::Resource { id: self.qualified(id), attribute: attribute.into() }))
    }

    /// Whether there is a resource of this name, with a note if not.
    fn check_declared(&self, name: &str, node: &Node) -> bool {
        let declared = self.kind(name).is_some() || self.is_sam && self.is_made_by_sam(name);
        if !declared {
            self.note(node.span, format!("`{name}` is neither a parameter nor a resource of this template"));
        }
        declared
    }

    /// Whether SAM makes a resource of this name beside those that are declared: its name starts with that of one of SAM's types. An
    /// output may be called alike, and is meant where no name is documented to be made.
    /// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>
    fn is_made_by_sam(&self, name: &str) -> bool {
        let is_output = self.root.path(&["Outputs", name]).is_some();
        let starts = name.char_indices().map(|(at, _)| &name[..at]);
        let mut of_sam = starts.filter(|start| self.kind(start).is_some_and(|kind| kind.starts_with("AWS::Serverless::")));
        let made = ["ServerlessRestApi", "ServerlessHttpApi", "ServerlessRestApiProdStage"];
        let for_deployments = ["ServerlessDeploymentApplication", "CodeDeployServiceRole"];
        made.contains(&name)
            || for_deployments.contains(&name)
            || of_sam.any(|start| !is_output || generated_kind(name, start).is_some())
    }

    fn sub(&self, entry: &Entry) -> Arg {
        let (template, local) = match entry.value.as_sequence() {
            Some([template, local]) => (template, local.entries()),
            Some(_) => return self.malformed(entry, "a string, or a list of a string and a dictionary"),
            None => (&entry.value, &[][..]),
        };
        let Some(text) = template.as_str() else { return self.malformed(entry, "a string") };
        let local: BTreeMap<&str, Vec<Text>> = local.iter().map(|entry| (entry.key.as_str(), self.texts(&entry.value))).collect();
        let mut parts = Vec::new();
        for part in sub_parts(text) {
            match part {
                SubPart::Literal(text) => parts.push(vec![Text::literal(text)]),
                SubPart::Variable(name) => match local.get(name) {
                    Some(texts) => parts.push(texts.clone()),
                    None => parts.push(self.sub_variable(name, template).texts()),
                },
            }
        }
        alternatives(&parts)
    }

    fn sub_variable(&self, name: &str, node: &Node) -> Arg {
        match name.split_once('.') {
            Some((id, attribute)) if !name.starts_with("AWS::") && !self.has_parameter(name) => {
                self.attribute(id, attribute, node)
            }
            _ => self.reference(name, node),
        }
    }

    fn join_strings(&self, entry: &Entry) -> Arg {
        let Some([delimiter, list]) = entry.value.as_sequence() else {
            return self.malformed(entry, "a delimiter and a list");
        };
        let delimiter = Text::literal(delimiter.as_str().unwrap_or_default());
        let mut results = Vec::new();
        for list in self.eval(list).alternatives() {
            match list {
                Arg::List { items, open: false } => {
                    let mut parts = Vec::new();
                    for (index, item) in items.iter().enumerate() {
                        if index > 0 {
                            parts.push(vec![delimiter.clone()]);
                        }
                        parts.push(item.texts());
                    }
                    results.push(alternatives(&parts));
                }
                other => results.push(other.as_text().map_or_else(|| Arg::unknown("a joined list of unknown length"), Arg::Text)),
            }
        }
        Arg::one_of(results)
    }

    fn select(&self, entry: &Entry) -> Arg {
        let Some([index, list]) = entry.value.as_sequence() else {
            return self.malformed(entry, "an index and a list");
        };
        let index = self.literal(index).and_then(|index| index.parse::<usize>().ok());
        let picked = self.eval(list).alternatives().iter().map(|list| pick(list, index)).collect::<Vec<_>>();
        Arg::one_of(picked)
    }

    fn split(&self, entry: &Entry) -> Arg {
        let Some([delimiter, text]) = entry.value.as_sequence() else {
            return self.malformed(entry, "a delimiter and a string");
        };
        let Some(delimiter) = delimiter.as_str().filter(|delimiter| !delimiter.is_empty()) else {
            return self.malformed(entry, "a delimiter");
        };
        if let Some(list) = joined_with(text, delimiter) {
            return Arg::one_of(self.eval(list).alternatives().iter().map(|list| split_items(list, delimiter)));
        }
        let lists = self.texts(text).iter().map(|text| split_text(text, delimiter)).collect::<Vec<_>>();
        Arg::one_of(lists)
    }

    fn branches(&self, entry: &Entry) -> Arg {
        match entry.value.as_sequence() {
            Some([condition, yes, no]) => {
                Arg::one_of([self.eval_where(condition, true, yes), self.eval_where(condition, false, no)])
            }
            _ => self.malformed(entry, "a condition and two values"),
        }
    }

    /// With keys that are not known, every value of the map on the same level is an alternative.
    fn find_in_map(&self, entry: &Entry) -> Arg {
        let Some([map, keys @ ..]) = entry.value.as_sequence() else {
            return self.malformed(entry, "a map and two keys");
        };
        let Some(map) = self.literal(map).and_then(|name| self.root.path(&["Mappings", &name])) else {
            return Arg::unknown("a mapping the template does not have");
        };
        let mut level = vec![map];
        for key in keys.iter().take(2) {
            let key = self.text(key).and_then(|text| self.known(&text));
            let next: Vec<&Node> = match &key {
                Some(key) => level.iter().filter_map(|node| node.get(key)).collect(),
                None => level.iter().flat_map(|node| node.entries()).map(|entry| &entry.value).collect(),
            };
            level = next;
        }
        let fallback = keys.get(2).and_then(|options| options.get("DefaultValue"));
        let values: Vec<Arg> = level.into_iter().chain(fallback).map(|node| self.eval(node)).collect();
        if values.len() > MAX_ALTERNATIVES { Arg::unknown("too many values in a mapping") } else { Arg::one_of(values) }
    }

    fn import(&self, argument: &Node) -> Arg {
        let name = self.text(argument);
        if let Some(value) = name.as_ref().and_then(|name| self.imported(name)) {
            return value;
        }
        let unknown = || Hole::Unknown("an export of another stack".into());
        Arg::Text(Text::hole(name.as_ref().map_or_else(unknown, super::symbols::imported)))
    }
}

/// Whether a dictionary with this single key is an intrinsic function.
pub(crate) fn is_intrinsic(key: &str) -> bool {
    key == "Ref"
        || key == "Condition"
        || key.starts_with("Rain::")
        || key.starts_with("Fn::") && !key.starts_with("Fn::ForEach::") && !is_transform(key)
}

fn is_transform(key: &str) -> bool {
    key == "Fn::Transform"
}

/// The list that a node joins with a delimiter.
fn joined_with<'n>(node: &'n Node, delimiter: &str) -> Option<&'n Node> {
    let entry = node.single().filter(|entry| entry.key == "Fn::Join")?;
    match entry.value.as_sequence() {
        Some([with, list]) if with.as_str() == Some(delimiter) => Some(list),
        _ => None,
    }
}

fn pick(list: &Arg, index: Option<usize>) -> Arg {
    // Where there may be more items than are known, they may stand before this one.
    let is_sure = |items: &[Arg]| items.iter().all(|item| item.texts().iter().all(is_one_item));
    match (list, index) {
        (Arg::List { items, open }, Some(index)) if index < items.len() && (!open || is_sure(&items[..=index])) => {
            items[index].clone()
        }
        (Arg::List { items, open: false }, None) if !items.is_empty() => Arg::one_of(items.iter().cloned()),
        _ => Arg::unknown("an item of a list"),
    }
}
