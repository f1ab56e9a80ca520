//! The settings of a function, written as the framework writes them into the template it deploys.
//! <https://www.serverless.com/framework/docs/providers/aws/guide/functions>

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::build::{self, attribute, entry, map, text};
use super::roles::role;
use super::service::{Function, Service, overlay, reference};
use crate::iac::document::{Entry, Node};
use crate::iac::stack::{CodeSource, ImageCode};
use crate::iac::template::Template;

/// The `AWS::Lambda::Function` of a function.
pub(super) fn resource(service: &Service, function: &Function) -> Node {
    let span = function.key_span;
    let mut properties = vec![entry("FunctionName", span, service.function_name(function))];
    let mut set = |key: &str, value: Option<Node>| properties.extend(value.map(|value| entry(key, value.span, value)));
    let is_image = function.get(&["image"]).is_some();
    set("Runtime", service.either(function, "runtime").filter(|_| !is_image).cloned());
    set("Handler", handler(service, function).cloned());
    set("Environment", environment(service, function));
    set("Layers", service.either(function, "layers").cloned());
    set("Role", role(service, function));
    set("VpcConfig", vpc(service, function));
    set("TracingConfig", tracing(service, function).map(|mode| map(mode.span, [("Mode", mode)])));
    let dead_letter = function.get(&["onError"]).or_else(|| function.get(&["deadLetter", "targetArn"]));
    set("DeadLetterConfig", dead_letter.map(|target| map(target.span, [("TargetArn", target.clone())])));
    set("KmsKeyArn", kms_key(service, function).cloned());
    set("FileSystemConfigs", file_systems(function));
    let group = function.get(&["logs", "logGroup"]).or_else(|| service.setting(&["logs", "lambda", "logGroup"]));
    set("LoggingConfig", group.map(|group| map(group.span, [("LogGroup", group.clone())])));
    set("EventInvokeConfig", destinations(service, function));
    set("ImageConfig", function.get(&["image", "command"]).map(|command| map(command.span, [("Command", command.clone())])));
    map(span, [("Type", text("AWS::Lambda::Function", span)), ("Properties", Node::mapping(properties, span))])
}

/// The handler; the one that `serverless-wsgi` adds serves an application named elsewhere.
/// <https://www.serverless.com/plugins/serverless-wsgi>
fn handler<'s>(service: &'s Service, function: &'s Function) -> Option<&'s Node> {
    let own = function.get(&["handler"])?;
    let served = own.as_str().is_some_and(|handler| matches!(handler, "wsgi_handler.handler" | "wsgi.handler"));
    service.wsgi.as_ref().filter(|_| served).or(Some(own))
}

/// The variables of the provider, and over them the function's. What else there may be stands beside them.
fn environment(service: &Service, function: &Function) -> Option<Node> {
    let is_listed = |node: &Node| node.as_mapping().is_some() && !reference(node);
    // Of a provider that could not be read, all settings are unknown.
    let all = service.setting(&["environment"]).or_else(|| Some(&service.provider).filter(|node| reference(node)));
    let mut variables = match (all, function.get(&["environment"])) {
        (Some(all), Some(own)) if is_listed(all) && is_listed(own) => vec![overlay(all, own)],
        (all, own) => all.into_iter().chain(own).cloned().collect(),
    };
    if service.reads_dotenv {
        variables.push(text(".env", service.name.span));
    }
    let span = variables.first()?.span;
    Some(map(span, [("Variables", Node::sequence(variables, span))]))
}

fn vpc(service: &Service, function: &Function) -> Option<Node> {
    // An empty dictionary or `~` takes a function out of the provider's network.
    let node = match function.node.get("vpc") {
        Some(own) if own.is_null() || own.as_mapping().is_some_and(|own| own.entries.is_empty()) => return None,
        Some(own) => own,
        None => service.setting(&["vpc"])?,
    };
    if reference(node) {
        return Some(node.clone());
    }
    let renamed = |entry: &Entry| {
        let key = match entry.key.as_str() {
            "subnetIds" => "SubnetIds",
            "securityGroupIds" => "SecurityGroupIds",
            other => other,
        };
        Entry { key: key.into(), ..entry.clone() }
    };
    Some(Node::mapping(node.entries().iter().map(renamed).collect(), node.span))
}

/// The mode of X-Ray tracing, when it is on.
pub(super) fn tracing(service: &Service, function: &Function) -> Option<Node> {
    let node = function.get(&["tracing"]).or_else(|| service.setting(&["tracing", "lambda"]))?;
    match node.as_bool() {
        Some(false) => None,
        Some(true) => Some(text("Active", node.span)),
        None => Some(node.clone()),
    }
}

/// The customer key of the environment.
pub(super) fn kms_key<'s>(service: &'s Service, function: &'s Function) -> Option<&'s Node> {
    function.get(&["awsKmsKeyArn"]).or_else(|| service.either(function, "kmsKeyArn"))
}

fn file_systems(function: &Function) -> Option<Node> {
    let node = function.get(&["fileSystemConfig"])?;
    let arns = node.items().iter().filter_map(|item| item.get("arn"));
    let items = arns.map(|arn| map(arn.span, [("Arn", arn.clone())])).collect();
    Some(Node::sequence(items, node.span))
}

fn destinations(service: &Service, function: &Function) -> Option<Node> {
    let node = function.get(&["destinations"])?;
    let mut entries = Vec::new();
    for (key, written) in [("onSuccess", "OnSuccess"), ("onFailure", "OnFailure")] {
        if let Some(target) = node.get(key).filter(|target| !target.is_null()) {
            let target = map(target.span, [("Destination", destination(service, target))]);
            entries.push(entry(written, target.span, target));
        }
    }
    Some(map(node.span, [("DestinationConfig", Node::mapping(entries, node.span))]))
}

/// The ARN of a destination: written as such, or the function of that name.
pub(super) fn destination(service: &Service, node: &Node) -> Node {
    if let Some(arn) = node.get("arn") {
        return arn.clone();
    }
    let name = node.as_str().filter(|name| !name.starts_with("arn:"));
    let named = name.and_then(|name| service.function(name));
    named.map_or_else(|| node.clone(), |function| attribute(&function.logical_id(), "Arn", node.span))
}

/// Where the code of a function is: in the folder of the service, in a folder of its own, or in an image.
pub(super) fn code(template: &Template<'_>, service: &Service, function: &Function) -> CodeSource {
    if let Some(image) = function.get(&["image"]) {
        return CodeSource::Image(image_code(template, service, image));
    }
    let folder = function.get(&["module"]).and_then(|module| template.literal(module)).map(|module| template.join(&module));
    // A module of serverless-python-requirements is packaged as the root.
    match folder {
        Some(folder) if template.files.is_dir(&folder) => CodeSource::Local(folder),
        _ => artifact(template, service, function).unwrap_or_else(|| CodeSource::Local(template.folder.clone())),
    }
}

/// A ready-made archive, when the code is not found where the handler says.
fn artifact(template: &Template<'_>, service: &Service, function: &Function) -> Option<CodeSource> {
    let node = function.get(&["package", "artifact"]).or_else(|| service.setting(&["package", "artifact"]))?;
    let handler = function.get(&["handler"]).and_then(|node| template.literal(node))?;
    let (module, _) = handler.rsplit_once('.')?;
    let first = Path::new(module).components().next()?;
    let here = template.folder.join(first);
    let beside = ["py", "js", "mjs", "cjs", "ts"].iter().any(|extension| template.files.is_file(&here.with_extension(extension)));
    if beside || template.files.is_dir(&here) {
        return None;
    }
    template.literal(node).map(|path| CodeSource::Local(template.join(&path)))
}

/// An image by its address, or by the name of one that the provider describes how to build.
fn image_code(template: &Template<'_>, service: &Service, node: &Node) -> ImageCode {
    let name = node.get("name").or(Some(node)).and_then(Node::as_str);
    let described = name.and_then(|name| service.setting(&["ecr", "images", name]));
    let part = |key: &str| described.and_then(|image| image.get(key)).and_then(|node| template.literal(node));
    let address = described.and_then(|image| image.get("uri").or(Some(image)));
    let address = address.or_else(|| node.get("uri")).or(Some(node)).filter(|node| node.as_mapping().is_none());
    let context: Option<PathBuf> = part("path").map(|path| template.join(&path));
    let dockerfile = context.as_ref().map(|context| context.join(part("file").as_deref().unwrap_or("Dockerfile")));
    ImageCode {
        dockerfile,
        context,
        arguments: build_arguments(template, described),
        command: node.get("command").map_or_else(Vec::new, |command| template.literals(command)),
        uri: address.and_then(|node| template.text(node)),
    }
}

/// The arguments that an image is built with.
fn build_arguments(template: &Template<'_>, image: Option<&Node>) -> BTreeMap<SmolStr, SmolStr> {
    let given = image.and_then(|image| image.get("buildArgs")).map_or(&[][..], Node::entries);
    given.iter().filter_map(|entry| Some((entry.key.clone(), template.literal(&entry.value)?))).collect()
}

/// The layers of the service, as resources.
pub(super) fn layers(service: &Service) -> Vec<Entry> {
    let make = |layer: &Entry| {
        let span = layer.key_span;
        let mut properties = Vec::new();
        if let Some(path) = layer.value.get("path").filter(|path| !path.is_null()) {
            properties.push(entry("Content", span, path.clone()));
        }
        let name = layer.value.get("name").cloned().unwrap_or_else(|| text(layer.key.clone(), span));
        properties.push(entry("LayerName", span, name));
        let kind = text("AWS::Lambda::LayerVersion", span);
        let resource = map(span, [("Type", kind), ("Properties", Node::mapping(properties, span))]);
        entry(&format!("{}LambdaLayer", build::logical(&layer.key)), span, resource)
    };
    service.layers().iter().map(make).collect()
}
