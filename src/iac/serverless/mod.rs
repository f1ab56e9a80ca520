//! The Serverless Framework: `serverless.yml` and its twins in JSON, JavaScript and TypeScript.
//!
//! The reader does what the framework does: it fills in variables ([`expand`]), writes the functions and the shared role
//! into a `CloudFormation` template next to the service's own `resources`, and hands that to the `CloudFormation` reader. So
//! `Ref` and `Fn::GetAtt` mean the same everywhere in a service, and its functions keep the places they are written at.
//! <https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>

mod build;
mod compose;
mod constructs;
mod expand;
mod files;
mod function;
mod lookup;
mod machines;
mod roles;
mod service;
mod sources;
mod variable;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

pub(crate) use files::shift;
pub(crate) use service::overlay;

use self::build::{entry, map, text};
use self::expand::{Expander, Parameter};
use self::files::Included;
use self::service::Service;
use super::cloudformation::{self, Parts};
use super::document::{Entry, Node};
use super::files::Files;
use super::stack::{Format, RoleRef, Stack};
use super::template::{Parent, Template};
use super::{ReadError, imports, link};
use crate::note::{Note, NoteKind};
use crate::span::SourceFile;

/// Extensions of service files.
const EXTENSIONS: [&str; 7] = ["yml", "yaml", "json", "ts", "js", "mjs", "cjs"];

/// Whether a file is a service by its name, or a service of another name by its sections.
pub(super) fn is_service(path: &Path, text: &str) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    if !EXTENSIONS.contains(&extension) {
        return false;
    }
    if path.file_stem().and_then(OsStr::to_str) == Some("serverless") {
        return true;
    }
    let section = |name: &str| text.lines().any(|line| line.starts_with(name));
    matches!(extension, "yml" | "yaml") && section("service:") && section("provider:") && section("functions:")
}

/// Reads the service at `path`. A file without a provider, or with another one than AWS, gives nothing.
pub(super) fn read_service(files: &Files, path: &Path, file: &Arc<SourceFile>) -> Result<Option<Stack>, ReadError> {
    let parts = read_parts(files, path, file, Parent::default(), &compose::Chain::default())?;
    Ok(parts.map(link::link))
}

/// A service as a part of a template that may import something from it.
pub(super) fn read_exporter(files: &Files, path: &Path, file: &Arc<SourceFile>, parent: Parent) -> Option<Parts> {
    read_parts(files, path, file, parent, &compose::Chain::alone()).ok().flatten()
}

/// What a service consists of; `parent` says what it is read for, and `chain` are the services that are read for it.
fn read_parts(
    files: &Files,
    path: &Path,
    file: &Arc<SourceFile>,
    parent: Parent,
    chain: &compose::Chain,
) -> Result<Option<Parts>, ReadError> {
    let folder = path.parent().map_or_else(|| ".".into(), Path::to_path_buf);
    let mut included = Included::new(files, folder);
    let root = included.main(path, file)?;
    if root.get("provider").is_none() && root.get("functions").is_none() {
        return Ok(None);
    }
    let composed = compose::composed(files, path, &parent.prefix, &chain.with(path));
    let mut expander = Expander::new(&root, included, composed.params.clone());
    let service = Service::read(&mut expander);
    let provider = service.provider.get("name").unwrap_or(&service.provider);
    if provider.as_str().is_some_and(|name| name != "aws") {
        return Ok(None);
    }
    if let Some(extends) = root.get("extends") {
        expander.note(extends.span, "`extends` is not followed; what the other file says is missing here");
    }
    // A script that puts its functions together in a way that is not followed would seem to have none.
    let functions = root.entries().iter().find(|entry| entry.key == "functions" && !entry.value.is_null());
    let is_script = !matches!(path.extension().and_then(OsStr::to_str), Some("yml" | "yaml" | "json"));
    if let Some(entry) = functions.filter(|_| is_script && service.functions.is_empty()) {
        let message =
            "none of this service's functions could be read from the script: point leash at what `serverless package` writes";
        expander.note(entry.key_span, message);
    }
    let generated = generated(&service, &expander.parameters);
    let bindings = composed.params.into_iter().map(|(name, value)| (format!("param:{name}").into(), value)).collect();
    let places = expander.included.places.clone();
    let stack = service.stack_name();
    let stack = expander.literal(&stack);
    let parent = Parent { bindings, places, ..parent };
    let template = Template::new(files, path, file, &generated, parent);
    let mut parts = cloudformation::parts(&template);
    parts.stack.format = Format::Serverless;
    complete(&template, &service, &mut parts);
    let outputs = stack.iter().flat_map(|stack| parts.outputs.iter().map(move |(name, value)| (stack, name, value)));
    let named = outputs.map(|(stack, name, value)| (imports::output_name(stack, name), value.clone()));
    parts.exports.extend(named);
    let (included, consulted) = expander.included.displayed();
    parts.stack.included.extend(included);
    parts.stack.consulted.extend(consulted);
    composed.others.into_iter().for_each(|other| parts.absorb(other));
    let late = template.take_notes();
    let mut notes: BTreeSet<Note> = expander.notes.into_iter().chain(expander.included.notes).collect();
    notes.extend(parts.stack.notes.drain(..).chain(late));
    parts.stack.notes = notes.into_iter().collect();
    Ok(Some(parts))
}

/// The template that the framework would deploy, as far as references lead there.
fn generated(service: &Service, parameters: &BTreeMap<SmolStr, Parameter>) -> Node {
    let span = service.resources.span;
    let mut declared = Vec::new();
    for (name, parameter) in parameters {
        let mut properties = vec![entry("Type", parameter.span, text("String", parameter.span))];
        if let Some(default) = &parameter.default {
            properties.push(entry("Default", parameter.span, text(default.clone(), parameter.span)));
        }
        declared.push(entry(name, parameter.span, Node::mapping(properties, parameter.span)));
    }
    let mut resources = created(service);
    resources.extend(service.constructs.resources());
    resources.extend(service.machines.iter().cloned());
    for function in &service.functions {
        resources.push(entry(&function.logical_id(), function.key_span, function::resource(service, function)));
        let name = build::join(vec![text("/aws/lambda/", span), service.function_name(function)], function.key_span);
        let group = resource("AWS::Logs::LogGroup", vec![entry("LogGroupName", name.span, name)], function.key_span);
        resources.push(entry(&format!("{}LogGroup", function.prefix), function.key_span, group));
    }
    resources.extend(function::layers(service));
    if roles::has_shared_role(service) {
        resources.push(roles::shared_role(service));
    }
    let own = [("Parameters", Node::mapping(declared, span)), ("Resources", Node::mapping(resources, span))];
    with_types(overlay(&map(span, own), &service.resources), &service.resources)
}

/// What `extensions` change is made by the framework, and so has no type in the service.
/// <https://www.serverless.com/framework/docs/providers/aws/guide/resources#extending-resources-generated-by-serverless>
fn with_types(mut template: Node, sections: &Node) -> Node {
    const MADE: &str = "Serverless::Generated";
    let untyped = |entry: &Entry| template.path(&["Resources", &entry.key, "Type"]).is_none();
    let extended = sections.get("extensions").map_or(&[][..], Node::entries).iter().filter(|entry| untyped(entry));
    let typed = extended
        .map(|entry| build::entry(&entry.key, entry.key_span, map(entry.key_span, [("Type", text(MADE, entry.key_span))])));
    let typed = Node::mapping(typed.collect(), template.span);
    template = overlay(&template, &map(template.span, [("Resources", typed)]));
    template
}

/// Resources that events and the deployment itself create.
fn created(service: &Service) -> Vec<Entry> {
    let span = service.name.span;
    let mut found: BTreeMap<String, Entry> = BTreeMap::new();
    let mut add = |id: &str, kind: &str, properties: Vec<Entry>| {
        found.entry(id.to_owned()).or_insert_with(|| entry(id, span, resource(kind, properties, span)));
    };
    add("ServerlessDeploymentBucket", "AWS::S3::Bucket", Vec::new());
    for (kind, node) in service.functions.iter().flat_map(service::Function::events) {
        match kind {
            "http" => add("ApiGatewayRestApi", "AWS::ApiGateway::RestApi", Vec::new()),
            "httpApi" => add("HttpApi", "AWS::ApiGatewayV2::Api", Vec::new()),
            "websocket" => add("WebsocketsApi", "AWS::ApiGatewayV2::Api", Vec::new()),
            "sns" => {
                let name = node.get("topicName").unwrap_or(node);
                if let Some(topic) = name.as_str().filter(|name| !name.contains(':') && node.get("arn").is_none()) {
                    add(&sources::topic_id(topic), "AWS::SNS::Topic", vec![entry("TopicName", name.span, name.clone())]);
                }
            }
            "cognitoUserPool" => {
                let exists = node.get("existing").and_then(Node::as_bool) == Some(true);
                if let Some(name) = node.get("pool").filter(|_| !exists)
                    && let Some(pool) = name.as_str()
                {
                    add(&sources::pool_id(pool), "AWS::Cognito::UserPool", vec![entry("UserPoolName", name.span, name.clone())]);
                }
            }
            "s3" => {
                let name = node.get("bucket").unwrap_or(node);
                let exists = node.get("existing").and_then(Node::as_bool) == Some(true);
                if let Some(bucket) = name.as_str().filter(|_| !exists) {
                    let id = format!("S3Bucket{}", build::alphanumeric(bucket));
                    add(&id, "AWS::S3::Bucket", vec![entry("BucketName", name.span, name.clone())]);
                }
            }
            _ => {}
        }
    }
    found.into_values().collect()
}

fn resource(kind: &str, properties: Vec<Entry>, span: crate::span::Span) -> Node {
    map(span, [("Type", text(kind, span)), ("Properties", Node::mapping(properties, span))])
}

/// Gives the functions what a template does not say: their names in the service, code, events and the framework's own grants.
fn complete(template: &Template<'_>, service: &Service, parts: &mut Parts) {
    let mut functions = std::mem::take(&mut parts.stack.functions);
    let mut at: BTreeMap<SmolStr, Vec<usize>> = BTreeMap::new();
    for (index, lambda) in functions.iter().enumerate().rev() {
        at.entry(lambda.id.clone()).or_default().push(index);
    }
    for function in &service.functions {
        let index = at.get_mut(&template.qualified(&function.logical_id())).and_then(Vec::pop);
        let Some(lambda) = index.and_then(|index| functions.get_mut(index)) else {
            let message = "is not in the template that the service describes; what it needs is not known";
            template.note(function.key_span, format!("the function `{}` {message}", function.key));
            continue;
        };
        lambda.id = template.qualified(&function.key);
        lambda.code = function::code(template, service, function);
        lambda.events = sources::events(template, &parts.stack, service, function);
        if lambda.handler.is_none() && function.get(&["image"]).is_none() {
            let message = match function.get(&["handler"]) {
                Some(_) => "what the `handler` of this function is could not be read from the service",
                None => "the service names neither a `handler` nor an `image` for this function",
            };
            lambda.notes.push(Note::at(NoteKind::UnresolvedHandler, lambda.origin.clone(), message));
        }
        if roles::has_own_role(service, function) {
            lambda.role = RoleRef::Implicit;
            lambda.declared.extend(roles::own_policies(template, service, function));
        }
    }
    parts.stack.functions = functions;
    if let Some(role) = parts.stack.roles.get_mut(&template.qualified(roles::SHARED)) {
        let all: Vec<_> = service.functions.iter().collect();
        role.policies.extend(roles::implicit(template, service, &all, false));
    }
}
