//! `CloudFormation` and SAM templates, and what `cdk synth` writes: a template becomes [`Parts`], parts are linked into a stack.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smol_str::SmolStr;

use super::declared::{DeclaredPolicy, PolicySource};
use super::document::{self, Entry, Node};
use super::files::Files;
use super::sam::{self, Connector};
use super::stack::{CodeSource, EventSource, Format, LambdaFunction, Resource, Setting, Stack};
use super::template::{Parent, Template};
use super::{ReadError, amplify, cdk, link};
use crate::note::{Note, NoteKind};
use crate::span::SourceFile;
use crate::value::{Arg, ArgMap, Text};

/// What one template consists of, before references between its parts (and those of nested stacks) are followed.
pub(crate) struct Parts {
    pub(crate) stack: Stack,
    pub(crate) outputs: BTreeMap<SmolStr, Arg>,
    /// The outputs that other stacks can import, by the names they are exported under.
    pub(crate) exports: BTreeMap<SmolStr, Arg>,
    /// Policies that name the roles they are attached to.
    pub(crate) attachments: Vec<(Vec<Text>, DeclaredPolicy)>,
    /// Events that name their function.
    pub(crate) events: Vec<(Text, EventSource)>,
    /// Settings that name their function.
    pub(crate) settings: Vec<(Text, Vec<Setting>)>,
    pub(crate) connectors: Vec<Connector>,
    pub(crate) layers: BTreeMap<SmolStr, LayerContent>,
}

/// Where the content of a layer of the template is.
#[derive(Debug, Clone)]
pub(crate) struct LayerContent {
    pub(crate) path: PathBuf,
    pub(crate) build_method: Option<SmolStr>,
}

/// Reads the template at `path`. A file without resources is no template and gives nothing.
pub fn read_template(files: &Files, path: &Path) -> Result<Option<Stack>, ReadError> {
    let file = files.read(path).map_err(|message| ReadError::Unreadable { path: files.display(path), message })?;
    read_template_text(files, path, &file)
}

/// Like [`read_template`], for a file that was read already.
pub fn read_template_text(files: &Files, path: &Path, file: &Arc<SourceFile>) -> Result<Option<Stack>, ReadError> {
    let documents = document::read(file)?;
    let Some(root) = documents.roots.iter().find(|root| root.get("Resources").is_some()) else { return Ok(None) };
    let template = Template::new(files, path, file, root, Parent::default());
    let mut parts = parts(&template);
    parts.stack.notes.splice(0..0, documents.notes.iter().cloned());
    Ok(Some(link::link(parts)))
}

/// Reads every section of a template.
pub(crate) fn parts(template: &Template<'_>) -> Parts {
    let format = match (template.is_sam, cdk::is_synthesized(template)) {
        (true, _) => Format::Sam,
        (false, true) => Format::CdkOut,
        (false, false) => Format::CloudFormation,
    };
    let mut parts = Parts::new(template, format);
    parts.stack.parameters = template.parameters();
    parts.stack.allowed = template.allowed();
    for entry in &template.resources {
        parts.resource(template, entry);
    }
    for entry in template.root.get("Outputs").map_or(&[][..], Node::entries) {
        if let Some(value) = entry.value.get("Value") {
            let value = template.eval(value);
            parts.exports.extend(template.export_name(&entry.value).map(|name| (name, value.clone())));
            parts.outputs.insert(entry.key.clone(), value);
        }
    }
    amplify::custom_policies(template, &mut parts);
    for nested in template.take_nested() {
        parts.absorb(nested);
    }
    let mut seen = BTreeSet::new();
    let notes = template.take_notes();
    parts.stack.notes.extend(notes.into_iter().filter(|note| seen.insert(note.clone())));
    parts
}

impl Parts {
    /// Of a template without anything in it.
    fn new(template: &Template<'_>, format: Format) -> Self {
        Self::of(Stack::new(format, &template.file, template.folder.clone()))
    }

    /// A stack, and nothing that is still to be linked with it.
    pub(crate) fn of(stack: Stack) -> Self {
        Self {
            stack,
            outputs: BTreeMap::new(),
            exports: BTreeMap::new(),
            attachments: Vec::new(),
            events: Vec::new(),
            settings: Vec::new(),
            connectors: Vec::new(),
            layers: BTreeMap::new(),
        }
    }

    /// Reads one resource: as a symbolic value, and once more if its type means something to us.
    fn resource(&mut self, template: &Template<'_>, entry: &Entry) {
        let Some(kind) = template.kind(&entry.key).cloned() else {
            if entry.key != "Fn::Transform" {
                template.note(entry.key_span, format!("the resource `{}` has no `Type`", entry.key));
            }
            return;
        };
        let empty = Node::mapping(Vec::new(), entry.key_span);
        let own = entry.value.get("Properties").unwrap_or(&empty);
        let properties = sam::with_globals(template, &kind, own);
        let id = template.qualified(&entry.key);
        let evaluated = match template.eval(&properties) {
            map @ Arg::Map(_) => map,
            _ => Arg::Map(ArgMap { open: true, ..ArgMap::default() }),
        };
        let resource =
            Resource { id: id.clone(), kind: kind.clone(), properties: evaluated, origin: template.at(entry.key_span) };
        self.stack.resources.insert(id, resource);
        if let Some((name, value)) = template.store_name(&kind, &properties).zip(properties.get("Value")) {
            self.exports.insert(name, template.eval(value));
        }
        self.meaning(template, entry, &kind, &properties);
        self.events.extend(template.pushed(entry, &kind, &properties));
        self.stack.resource_policies.extend(template.resource_policies(entry, &kind, &properties));
        self.connectors.extend(sam::embedded_connectors(template, entry));
    }

    /// One arm per type that functions, their code, events or permissions depend on.
    fn meaning(&mut self, template: &Template<'_>, entry: &Entry, kind: &str, properties: &Node) {
        match kind {
            "AWS::Serverless::Function" => {
                self.stack.functions.push(sam::function(template, entry, properties));
            }
            "AWS::Lambda::Function" => {
                let mut function = template.function(entry, properties);
                function.code = code(template, entry, properties, &mut function);
                function.notes.extend(cdk::of_library(template, entry));
                self.stack.functions.push(function);
            }
            "AWS::Lambda::EventSourceMapping" => self.events.extend(template.mapping(entry, properties)),
            "AWS::Lambda::EventInvokeConfig" => self.invoke_config(template, properties),
            "AWS::Lambda::LayerVersion" | "AWS::Serverless::LayerVersion" => self.layer(template, entry, properties),
            "AWS::IAM::Role" => {
                let role = template.role(entry, properties);
                self.stack.roles.insert(role.id.clone(), role);
            }
            "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" | "AWS::IAM::RolePolicy" => {
                self.policy(template, entry, kind, properties);
            }
            "AWS::Serverless::Connector" => self.connectors.extend(sam::connector(template, properties, None, entry.key_span)),
            _ => {}
        }
    }

    fn invoke_config(&mut self, template: &Template<'_>, properties: &Node) {
        let function = properties.get("FunctionName").and_then(|node| template.text(node));
        if let (Some(function), Some(node)) = (function, properties.get("DestinationConfig")) {
            self.settings.push((function, template.destinations(node)));
        }
    }

    fn layer(&mut self, template: &Template<'_>, entry: &Entry, properties: &Node) {
        let asset = entry.value.path(&["Metadata", "aws:asset:path"]);
        let content = asset.or_else(|| properties.get("ContentUri")).or_else(|| properties.get("Content"));
        let Some(path) = content.filter(|node| !is_bucket(node)).and_then(|node| template.literal(node)) else { return };
        if path.contains("://") {
            return;
        }
        let build_method = entry.value.path(&["Metadata", "BuildMethod"]).and_then(|node| template.literal(node));
        self.layers.insert(template.qualified(&entry.key), LayerContent { path: template.join(&path), build_method });
    }

    fn policy(&mut self, template: &Template<'_>, entry: &Entry, kind: &str, properties: &Node) {
        let id = template.qualified(&entry.key);
        let Some(document) = properties.get("PolicyDocument") else {
            template.note(entry.key_span, format!("the policy `{}` has no `PolicyDocument`", entry.key));
            return;
        };
        let name = properties.get("PolicyName").or_else(|| properties.get("ManagedPolicyName"));
        let policy = template.declared(name, document, PolicySource::Resource(id.clone()), entry.key_span);
        let roles = properties.get("Roles").or_else(|| properties.get("RoleName"));
        let roles = roles.map_or_else(Vec::new, |node| template.strings(node));
        if kind == "AWS::IAM::ManagedPolicy" {
            self.stack.policies.insert(id, policy.clone());
        }
        if !roles.is_empty() {
            self.attachments.push((roles, policy));
        }
    }

    /// Takes in the parts of a nested stack.
    pub(crate) fn absorb(&mut self, nested: Self) {
        let stack = &mut self.stack;
        stack.functions.extend(nested.stack.functions);
        stack.resources.extend(nested.stack.resources);
        stack.roles.extend(nested.stack.roles);
        stack.policies.extend(nested.stack.policies);
        stack.resource_policies.extend(nested.stack.resource_policies);
        stack.parameters.extend(nested.stack.parameters);
        stack.allowed.extend(nested.stack.allowed);
        stack.included.extend(nested.stack.included);
        stack.notes.extend(nested.stack.notes);
        self.attachments.extend(nested.attachments);
        self.events.extend(nested.events);
        self.settings.extend(nested.settings);
        self.connectors.extend(nested.connectors);
        self.layers.extend(nested.layers);
    }
}

/// Where the code of an `AWS::Lambda::Function` is.
fn code(template: &Template<'_>, entry: &Entry, properties: &Node, function: &mut LambdaFunction) -> CodeSource {
    if let Some(asset) = entry.value.path(&["Metadata", "aws:asset:path"]).and_then(|node| template.literal(node)) {
        return CodeSource::Local(template.join(&asset));
    }
    if let Some(asset) = cdk::asset(template, properties) {
        return CodeSource::Local(asset);
    }
    let nodes = properties.get("Code").map_or_else(Vec::new, |node| node.branches());
    let Some(code) = nodes.into_iter().next() else { return CodeSource::Missing };
    if let Some(inline) = code.get("ZipFile") {
        if let Some(path) = template.embedded_file(inline) {
            return CodeSource::Local(path);
        }
        return template.inline(&entry.key, inline, function.runtime.as_deref()).unwrap_or(CodeSource::Missing);
    }
    if let Some(uri) = code.get("ImageUri") {
        return template.image(&entry.value, properties, Some(uri));
    }
    source(template, code, &mut function.notes)
}

/// A path, or a place in a bucket.
pub(crate) fn source(template: &Template<'_>, code: &Node, notes: &mut Vec<Note>) -> CodeSource {
    if let Some(path) = template.uploaded_file(code) {
        return CodeSource::Local(path);
    }
    if is_bucket(code) {
        let part = |key: &str, sam: &str| {
            code.get(key).or_else(|| code.get(sam)).and_then(|node| template.text(node)).unwrap_or_default()
        };
        let mut place = Text::literal("s3://");
        place.push_text(&part("S3Bucket", "Bucket"));
        place.push_str("/");
        place.push_text(&part("S3Key", "Key"));
        return remote(template, code, place, notes);
    }
    match template.literal(code) {
        Some(path) if path.contains("://") && !path.starts_with("file://") => remote(template, code, Text::literal(path), notes),
        Some(path) => CodeSource::Local(template.join(&path)),
        None => {
            notes.push(Note::at(NoteKind::Template, template.at(code.span), "where the code is depends on the deployment"));
            CodeSource::Missing
        }
    }
}

fn remote(template: &Template<'_>, code: &Node, place: Text, notes: &mut Vec<Note>) -> CodeSource {
    let message = format!("the code is not in this repository but at {}", place.pattern());
    notes.push(Note::at(NoteKind::UnresolvedHandler, template.at(code.span), message));
    CodeSource::Remote(place)
}

fn is_bucket(node: &Node) -> bool {
    ["S3Bucket", "Bucket", "S3Key", "Key"].iter().any(|key| node.get(key).is_some())
}
