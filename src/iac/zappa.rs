//! Zappa: one function per stage, which holds a whole WSGI application and dispatches its events by itself.
//! <https://github.com/zappa/Zappa#advanced-settings>

use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

use super::chalice::{implicit, read_policy};
use super::declared::{DeclaredPolicy, PolicySource};
use super::document::{self, Entry, Node, NodeKind, Scalar};
use super::files::Files;
use super::serverless::overlay;
use super::stack::{
    CodeSource, EventKind, EventSource, Format, LambdaFunction, Layer, Resource, RoleRef, Setting, SettingKind, Stack, Variable,
};
use super::template::{Parent, Template};
use super::{ReadError, events};
use crate::note::{Note, NoteKind};
use crate::span::{Location, SourceFile, Span};
use crate::value::{Arg, ArgMap, Hole, Text};

/// How far `extends` is followed.
const MAX_EXTENDS: usize = 8;
/// How deep values of TOML files may nest.
const MAX_DEPTH: usize = 64;

/// What Zappa allows the role it makes.
/// <https://github.com/zappa/Zappa/blob/master/zappa/policies/attach_policy.json>
const DEFAULT_POLICY: &str = r#"[
  {"Effect": "Allow", "Action": "logs:*", "Resource": "arn:aws:logs:*:*:*"},
  {"Effect": "Allow", "Action": ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"], "Resource": "*"},
  {"Effect": "Allow", "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"},
  {"Effect": "Allow", "Action": ["ec2:AttachNetworkInterface", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
    "ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces", "ec2:DetachNetworkInterface",
    "ec2:ModifyNetworkInterfaceAttribute", "ec2:ResetNetworkInterfaceAttribute"], "Resource": "*"},
  {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::*"},
  {"Effect": "Allow", "Action": "kinesis:*", "Resource": "arn:aws:kinesis:*:*:*"},
  {"Effect": "Allow", "Action": "sns:*", "Resource": "arn:aws:sns:*:*:*"},
  {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:*"},
  {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn:aws:dynamodb:*:*:*"},
  {"Effect": "Allow", "Action": "route53:*", "Resource": "*"}
]"#;

/// Whether a file is the settings of a Zappa project.
pub(super) fn is_zappa_settings(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(name, "zappa_settings.json" | "zappa_settings.toml" | "zappa_settings.yaml" | "zappa_settings.yml")
}

/// Reads the settings at `path`.
pub fn read_zappa(files: &Files, path: &Path, file: &Arc<SourceFile>) -> Result<Option<Stack>, ReadError> {
    let (root, mut notes) = if path.extension().is_some_and(|extension| extension == "toml") {
        (toml_node(file)?, Vec::new())
    } else {
        let documents = document::read(file)?;
        (documents.mapping().cloned().unwrap_or_else(|| Node::mapping(Vec::new(), Span::default())), documents.notes)
    };
    let template = Template::new(files, path, file, &root, Parent::default());
    let mut stack = Stack::new(Format::Zappa, file, template.folder.clone());
    for entry in root.entries() {
        if entry.value.as_mapping().is_none() {
            notes.push(Note::at(NoteKind::Template, template.at(entry.key_span), "expected the settings of a stage here"));
            continue;
        }
        let settings = inherited(&template, &root, entry);
        // A stage without an application may be there for others to extend; else what its events call is all it has.
        let extends = |other: &Entry| other.value.get("extends").and_then(Node::as_str) == Some(entry.key.as_str());
        let has_application = ["app_function", "django_settings", "app_module", "lambda_handler", "modular_application"]
            .iter()
            .any(|key| settings.get(key).is_some());
        if has_application || !root.entries().iter().any(extends) {
            let stage = Stage { files, template: &template, entry, settings: &settings };
            let function = stage.function(&mut stack.notes);
            let entries = function.name.clone().map(|name| ("FunctionName".into(), Arg::Text(name))).into_iter().collect();
            let (id, origin) = (function.id.clone(), function.origin.clone());
            let properties = Arg::Map(ArgMap { entries, open: true, computed: Vec::new() });
            let resource = Resource { id: id.clone(), kind: "AWS::Lambda::Function".into(), properties, origin };
            stack.resources.insert(id, resource);
            stack.functions.push(function);
        }
    }
    stack.notes.extend(notes);
    stack.notes.extend(template.take_notes());
    Ok(Some(stack))
}

/// The settings of a stage with those it extends underneath.
fn inherited(template: &Template<'_>, root: &Node, entry: &Entry) -> Node {
    let mut settings = entry.value.clone();
    let mut next = entry.value.get("extends");
    for _ in 0..MAX_EXTENDS {
        let Some(name) = next.and_then(Node::as_str) else { return settings };
        let Some(base) = root.get(name) else {
            template.note(entry.key_span, format!("the stage `{}` extends `{name}`, which is not there", entry.key));
            return settings;
        };
        settings = overlay(base, &settings);
        next = base.get("extends");
    }
    template.note(entry.key_span, format!("the stage `{}` extends too many others, or itself", entry.key));
    settings
}

struct Stage<'a> {
    files: &'a Files,
    template: &'a Template<'a>,
    entry: &'a Entry,
    settings: &'a Node,
}

impl Stage<'_> {
    fn get(&self, key: &str) -> Option<&Node> {
        self.settings.get(key).filter(|node| !node.is_null())
    }

    fn at(&self, node: &Node) -> Location {
        self.template.at(node.span)
    }

    fn function(&self, notes: &mut Vec<Note>) -> LambdaFunction {
        let mut function = LambdaFunction::new(self.entry.key.clone(), self.template.at(self.entry.key_span));
        // Without a name, the project is called like the folder it is deployed from.
        let project = self.get("project_name").and_then(Node::as_str);
        let mut name = project.map_or_else(|| Text::hole(Hole::Unknown("the project's name".into())), Text::literal);
        name.push_str(&format!("-{}", self.entry.key));
        function.name = Some(name);
        function.runtime = Some(self.get("runtime").and_then(Node::as_str).unwrap_or("python3").into());
        function.code = CodeSource::Local(self.template.folder.clone());
        self.application(&mut function);
        // Variables in a file in S3. <https://github.com/zappa/Zappa#remote-environment-variables>
        function.further_variables = self.get("remote_env").is_some();
        for key in ["aws_environment_variables", "environment_variables"] {
            for variable in self.get(key).map_or(&[][..], Node::entries) {
                let origin = self.template.at(variable.key_span);
                let values = self.template.texts(&variable.value);
                function.environment.insert(variable.key.clone(), Variable { values, origin });
            }
        }
        for layer in self.get("layers").map_or(&[][..], Node::items) {
            if let Some(name) = self.template.text(layer) {
                function.layers.push(Layer { name, content: None, build_method: None, origin: self.at(layer) });
            }
        }
        self.events(&mut function);
        self.settings(&mut function);
        self.role(&mut function, notes);
        function
    }

    /// The application, and everything else that Zappa's handler calls.
    fn application(&self, function: &mut LambdaFunction) {
        let mut entries: Vec<SmolStr> = Vec::new();
        let text = |key: &str| self.get(key).and_then(Node::as_str);
        if let Some(app) = text("app_function").or_else(|| text("app_module")).filter(|app| !app.is_empty()) {
            entries.push(app.into());
        }
        if let Some(settings) = text("django_settings") {
            entries.extend(self.django(settings, function));
        }
        if let Some(handler) = text("lambda_handler").filter(|handler| !handler.starts_with("handler.")) {
            entries.push(handler.into());
        }
        for event in self.get("events").map_or(&[][..], Node::items) {
            let names = [event.get("function"), event.get("functions")];
            let names = names.into_iter().flatten().flat_map(Node::items).filter_map(Node::as_str);
            entries.extend(names.map(SmolStr::from));
        }
        for path in [&["authorizer", "function"][..], &["exception_handler"]] {
            entries.extend(self.settings.path(path).and_then(Node::as_str).map(SmolStr::from));
        }
        for trigger in self.settings.path(&["cognito", "triggers"]).map_or(&[][..], Node::items) {
            entries.extend(trigger.get("function").and_then(Node::as_str).map(SmolStr::from));
        }
        let mut seen = std::collections::BTreeSet::new();
        entries.retain(|entry| seen.insert(entry.clone()));
        if entries.is_empty() {
            let message = format!(
                "the stage `{}` names no application (`app_function`, `app_module` or `django_settings`) and no events",
                self.entry.key
            );
            function.notes.push(Note::at(NoteKind::UnresolvedHandler, function.origin.clone(), message));
            function.code = CodeSource::Missing;
        }
        function.handler = entries.first().cloned();
        function.entries = entries;
    }

    /// Django finds its views by the names in its settings, which only a run follows.
    fn django(&self, settings: &str, function: &mut LambdaFunction) -> Option<SmolStr> {
        let message =
            "Django finds views by name at run time, which is not followed; name the functions that call AWS with `--handler`";
        function.notes.push(Note::at(NoteKind::UnresolvedCall, function.origin.clone(), message));
        let package = settings.split('.').next()?;
        let wsgi = self.template.folder.join(package).join("wsgi.py");
        Some(if self.files.is_file(&wsgi) {
            format!("{package}.wsgi.application").into()
        } else {
            format!("{settings}.INSTALLED_APPS").into()
        })
    }

    fn events(&self, function: &mut LambdaFunction) {
        for (index, node) in self.get("events").map_or(&[][..], Node::items).iter().enumerate() {
            let source = node.path(&["event_source", "arn"]);
            let resource = source.and_then(|arn| self.template.text(arn));
            let service = resource.as_ref().and_then(events::arn_service);
            let kind = match (service.as_deref(), &resource) {
                (Some("sqs" | "kinesis" | "dynamodb" | "kafka" | "mq"), Some(arn)) => events::mapping_kind(arn, None),
                (Some(service), _) => EventKind::Push(service.into()),
                (None, Some(_)) => EventKind::Push("*".into()),
                (None, None) => EventKind::Push("schedule".into()),
            };
            let name = node.get("name").or_else(|| node.get("function")).and_then(Node::as_str);
            function.events.push(EventSource {
                name: name.map_or_else(|| format!("event{}", index + 1).into(), SmolStr::from),
                kind,
                resource,
                on_failure: None,
                properties: self.template.arg_map(node),
                origin: self.at(node),
            });
        }
    }

    fn settings(&self, function: &mut LambdaFunction) {
        let mut add = |kind, node: Option<&Node>, value: Option<&Node>| {
            if let Some(node) = node {
                let value = value.and_then(|value| self.template.text(value));
                function.settings.push(Setting { kind, value, origin: self.at(node) });
            }
        };
        let network = self.get("vpc_config").filter(|node| node.get("SubnetIds").is_some_and(|list| !list.items().is_empty()));
        add(SettingKind::Vpc, network, None);
        add(SettingKind::Tracing, self.get("xray_tracing").filter(|node| node.as_bool() == Some(true)), None);
        add(SettingKind::DeadLetter, self.get("dead_letter_arn"), self.get("dead_letter_arn"));
        let key = self.get("aws_kms_key_arn");
        add(SettingKind::KmsKey, key, key);
        for system in self.get("efs_config").map_or(&[][..], Node::items) {
            add(SettingKind::FileSystem, Some(system), system.get("Arn"));
        }
    }

    /// Zappa makes a role unless told not to; what it allows is its default, or a file that takes its place.
    fn role(&self, function: &mut LambdaFunction, notes: &mut Vec<Note>) {
        if self.get("manage_roles").and_then(Node::as_bool) == Some(false) {
            let named = self.get("role_arn").or_else(|| self.get("role_name"));
            let text =
                named.and_then(|node| self.template.text(node)).unwrap_or_else(|| Text::literal("ZappaLambdaExecutionRole"));
            function.role = RoleRef::External(text);
            return;
        }
        let base = match self.get("attach_policy").and_then(Node::as_str) {
            Some(name) => read_policy(self.files, &self.template.join(name), PolicySource::Inline).unwrap_or_else(|error| {
                notes.push(Note::at(NoteKind::Template, function.origin.clone(), error));
                self.default_policy(function)
            }),
            None => self.default_policy(function),
        };
        function.declared.push(base);
        if let Some(extra) = self.get("extra_permissions") {
            let span = extra.span;
            let entry = Entry { key: "Statement".into(), key_span: span, value: extra.clone() };
            let document = Node::mapping(vec![entry], span);
            function.declared.push(self.template.declared(None, &document, PolicySource::Inline, span));
        }
    }

    fn default_policy(&self, function: &LambdaFunction) -> DeclaredPolicy {
        implicit(DEFAULT_POLICY, PolicySource::Implicit("has the role that Zappa makes by default".into()), &function.origin)
    }
}

/// A TOML file as the values of the other formats.
fn toml_node(file: &Arc<SourceFile>) -> Result<Node, document::DocumentError> {
    let table = toml::de::DeTable::parse(&file.text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        document::DocumentError::new(file, at as u32, error.message())
    })?;
    let span = Span::new(0, file.text.len() as u32);
    Ok(table_node(table.get_ref(), span, 0))
}

fn table_node(table: &toml::de::DeTable<'_>, span: Span, depth: usize) -> Node {
    let entry = |(key, value): (&toml::Spanned<toml::de::DeString<'_>>, &toml::Spanned<toml::de::DeValue<'_>>)| Entry {
        key: key.get_ref().as_ref().into(),
        key_span: span_of(&key.span()),
        value: value_node(value, depth + 1),
    };
    let mut entries: Vec<Entry> = table.iter().map(entry).collect();
    entries.sort_by_key(|entry| entry.key_span);
    Node::mapping(entries, span)
}

fn value_node(value: &toml::Spanned<toml::de::DeValue<'_>>, depth: usize) -> Node {
    use toml::de::DeValue;
    let span = span_of(&value.span());
    let plain = |text: &str| {
        let scalar = Scalar { text: text.into(), plain: true, block: false };
        Node { kind: NodeKind::Scalar(scalar), span, tag: None }
    };
    match value.get_ref() {
        _ if depth > MAX_DEPTH => plain("null"),
        DeValue::String(text) => Node::string(text.as_ref(), span),
        DeValue::Integer(number) => plain(number.as_str()),
        DeValue::Float(number) => plain(number.as_str()),
        DeValue::Boolean(value) => plain(if *value { "true" } else { "false" }),
        DeValue::Datetime(date) => Node::string(date.to_string(), span),
        DeValue::Array(items) => Node::sequence(items.iter().map(|item| value_node(item, depth + 1)).collect(), span),
        DeValue::Table(table) => table_node(table, span, depth),
    }
}

fn span_of(range: &std::ops::Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}
