//! What SAM adds to `CloudFormation`: `Globals`, functions with policies and events, connectors, and roles nobody wrote.
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html>

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::cloudformation::source;
use super::declared::{DeclaredPolicy, PolicySource};
use super::document::{Entry, Mapping, Node, NodeKind};
use super::intrinsics::is_intrinsic;
use super::sam_role;
use super::stack::{CodeSource, LambdaFunction, RoleRef};
use super::template::Template;
use crate::note::{Note, NoteKind};
use crate::span::{Location, Span};
use crate::value::{Hole, Text};

/// A connector between two resources.
pub(crate) struct Connector {
    pub(crate) source: Text,
    pub(crate) source_kind: Option<SmolStr>,
    pub(crate) destination: Text,
    pub(crate) destination_kind: Option<SmolStr>,
    pub(crate) permissions: Vec<SmolStr>,
    pub(crate) origin: Location,
}

/// The properties of a resource with those of `Globals` underneath.
pub(crate) fn with_globals(template: &Template<'_>, kind: &str, own: &Node) -> Node {
    let section = kind.strip_prefix("AWS::Serverless::").and_then(|name| template.root.path(&["Globals", name]));
    section.map_or_else(|| own.clone(), |section| merged(section, own))
}

/// Dictionaries merge, lists add up, everything else (expressions included) is replaced.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>
fn merged(global: &Node, own: &Node) -> Node {
    let expression = |node: &Node| node.single().is_some_and(|entry| is_intrinsic(&entry.key));
    if expression(global) || expression(own) {
        return own.clone();
    }
    match (&global.kind, &own.kind) {
        (NodeKind::Mapping(global), NodeKind::Mapping(local)) => {
            let mut entries: Vec<Entry> = Vec::with_capacity(global.entries.len() + local.entries.len());
            for entry in &global.entries {
                let value = local.get(&entry.key).map_or_else(|| entry.value.clone(), |own| merged(&entry.value, own));
                let key_span = local.entry(&entry.key).map_or(entry.key_span, |own| own.key_span);
                entries.push(Entry { key: entry.key.clone(), key_span, value });
            }
            entries.extend(local.entries.iter().filter(|entry| global.get(&entry.key).is_none()).cloned());
            Node { kind: NodeKind::Mapping(Mapping { entries }), span: own.span, tag: None }
        }
        (NodeKind::Sequence(global), NodeKind::Sequence(local)) => {
            Node { kind: NodeKind::Sequence(global.iter().chain(local).cloned().collect()), span: own.span, tag: None }
        }
        _ => own.clone(),
    }
}

/// An `AWS::Serverless::Function`.
pub(crate) fn function(template: &Template<'_>, entry: &Entry, properties: &Node) -> LambdaFunction {
    let mut function = template.function(entry, properties);
    function.code = code(template, entry, properties, &mut function);
    if let Some(events) = properties.get("Events") {
        function.events = template.events(events);
    }
    let own = properties.get("Policies");
    if function.role == RoleRef::Implicit {
        let own = own.map_or_else(Vec::new, Node::branches);
        function.declared = own.into_iter().flat_map(|node| policy(template, node)).collect();
        let implicit = sam_role::implicit(template, &function, properties);
        function.declared.extend(implicit);
    } else if let Some(policies) = own {
        let message = "SAM ignores `Policies` of a function that has a `Role`";
        function.notes.push(Note::at(NoteKind::Template, template.at(policies.span), message));
    }
    function
}

fn code(template: &Template<'_>, entry: &Entry, properties: &Node, function: &mut LambdaFunction) -> CodeSource {
    let runtime = function.runtime.as_deref();
    if let Some(inline) = properties.get("InlineCode").and_then(|inline| template.inline(&entry.key, inline, runtime)) {
        return inline;
    }
    let is_image = properties.get("PackageType").and_then(|node| template.literal(node)).as_deref() == Some("Image");
    if is_image || properties.get("ImageUri").is_some() {
        return template.image(&entry.value, properties, properties.get("ImageUri"));
    }
    match properties.get("CodeUri") {
        Some(code) => source(template, code, &mut function.notes),
        // The SAM command line builds the template's own folder then.
        None => CodeSource::Local(template.folder.clone()),
    }
}

/// One item of `Policies`: a policy document, a policy template, or a managed policy.
fn policy(template: &Template<'_>, node: &Node) -> Vec<DeclaredPolicy> {
    if node.get("Statement").is_some() {
        return vec![template.declared(None, node, PolicySource::Inline, node.span)];
    }
    match node.single() {
        Some(entry) if !is_intrinsic(&entry.key) => {
            let parameters: BTreeMap<_, _> = template.arg_map(&entry.value).entries;
            let source = PolicySource::SamTemplate { name: entry.key.clone(), parameters };
            vec![DeclaredPolicy::named(source, template.at(node.span))]
        }
        None if node.as_mapping().is_some_and(|mapping| mapping.entries.len() > 1) => {
            // Several templates under one dash, which SAM rejects; each is still what the author meant.
            let message = "expected one policy template per item of `Policies`";
            let mut found: Vec<_> = node.entries().iter().flat_map(|entry| policy(template, &alone(entry, node.span))).collect();
            if let Some(first) = found.first_mut() {
                first.notes.push(Note::at(NoteKind::Template, template.at(node.span), message));
            }
            found
        }
        _ => template.texts(node).iter().map(|text| template.managed_policy(text, node.span)).collect(),
    }
}

fn alone(entry: &Entry, span: Span) -> Node {
    Node::mapping(vec![entry.clone()], span)
}

/// Connectors written inside their source resource.
pub(crate) fn embedded_connectors(template: &Template<'_>, entry: &Entry) -> Vec<Connector> {
    let source = Text::hole(Hole::Resource { id: template.qualified(&entry.key), attribute: "Ref".into() });
    let connectors = entry.value.get("Connectors").map_or(&[][..], Node::entries);
    let read = |inner: &Entry| {
        let properties = inner.value.get("Properties")?;
        let source = (source.clone(), template.kind(&entry.key).cloned());
        Some(connector(template, properties, Some(source), inner.key_span))
    };
    connectors.iter().filter_map(read).flatten().collect()
}

/// A connector; several destinations make several of them.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-connector.html>
pub(crate) fn connector(
    template: &Template<'_>,
    properties: &Node,
    source: Option<(Text, Option<SmolStr>)>,
    span: Span,
) -> Vec<Connector> {
    let Some((source, source_kind)) = source.or_else(|| properties.get("Source").and_then(|node| end(template, node))) else {
        template.note(span, "this connector has no `Source`");
        return Vec::new();
    };
    let permissions = properties.get("Permissions").map_or_else(Vec::new, |node| template.literals(node));
    let destinations = properties.get("Destination").map_or_else(Vec::new, |node| node.branches());
    let make = |(destination, destination_kind)| Connector {
        source: source.clone(),
        source_kind: source_kind.clone(),
        destination,
        destination_kind,
        permissions: permissions.clone(),
        origin: template.at(span),
    };
    destinations.into_iter().filter_map(|node| end(template, node)).map(make).collect()
}

/// One end of a connector: a resource of the template, or an ARN with a type.
fn end(template: &Template<'_>, node: &Node) -> Option<(Text, Option<SmolStr>)> {
    if let Some(id) = node.get("Id").and_then(Node::as_str) {
        let text = Text::hole(Hole::Resource { id: template.qualified(id), attribute: "Ref".into() });
        return Some((text, template.kind(id).cloned()));
    }
    let kind = node.get("Type").and_then(|node| template.literal(node));
    let name = node.get("Arn").or_else(|| node.get("Name")).or_else(|| node.get("QueueUrl"));
    Some((template.text(name?)?, kind))
}

/// The type that `CloudFormation` has for what SAM makes of one of its own.
pub fn plain_type(kind: &str) -> &str {
    match kind {
        "AWS::Serverless::Function" => "AWS::Lambda::Function",
        "AWS::Serverless::StateMachine" => "AWS::StepFunctions::StateMachine",
        "AWS::Serverless::Api" => "AWS::ApiGateway::RestApi",
        "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api",
        "AWS::Serverless::SimpleTable" => "AWS::DynamoDB::Table",
        other => other,
    }
}
