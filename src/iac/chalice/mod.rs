//! Chalice: functions are what `app.py` decorates, settings and policies are in `.chalice/`.
//!
//! All routes are one function, `api_handler`; every other decorated function is deployed by itself.
//! <https://aws.github.io/chalice/topics/configfile.html>

mod app;
mod config;
mod owners;

use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

use self::app::{Decorated, Kind};
use self::config::Config;
use super::declared::{DeclaredPolicy, PolicySource};
use super::document::Node;
use super::files::Files;
use super::stack::{
    CodeSource, EventKind, EventSource, Format, LambdaFunction, Layer, Resource, Role, RoleRef, Setting, SettingKind, Stack,
    Variable,
};
use super::strings::own_arn;
use super::template::{Parent, Template};
use crate::note::{Note, NoteKind};
use crate::span::{Location, SourceFile, Span};
use crate::value::{Arg, ArgMap, Hole, Text};

/// The role of all functions whose policy Chalice writes itself.
const SHARED: &str = "default-role";

/// Whether a file is the application of a Chalice project.
pub(super) fn is_chalice_app(path: &Path, text: &str) -> bool {
    // A class of the project's own may stand for Chalice's.
    let is_project = || path.with_file_name(".chalice").join("config.json").is_file();
    path.file_name().is_some_and(|name| name == "app.py") && (text.contains("Chalice(") || is_project())
}

/// Reads the project whose `app.py` this is.
pub(super) fn read_chalice(files: &Files, path: &Path, file: &Arc<SourceFile>) -> Option<Stack> {
    let folder = path.parent().map_or_else(|| Path::new(".").to_path_buf(), Path::to_path_buf);
    let found = app::read(files, &folder, file);
    if found.is_empty() {
        return None;
    }
    let mut stack = Stack::new(Format::Chalice, file, folder.clone());
    let config = Config::read(files, &folder, &mut stack.notes);
    let mut reader = Reader { files, config, stack };
    let (routes, others): (Vec<Decorated>, Vec<Decorated>) = found.into_iter().partition(|one| one.kind == Kind::Route);
    let others = others.into_iter().filter(|one| one.kind != Kind::Middleware);
    if let Some(first) = routes.first() {
        let mut api = reader.function("api_handler", first.origin.clone());
        api.handler = Some("app.app".into());
        api.entries = routes.iter().map(|route| route.handler.clone()).collect();
        api.events = routes.iter().map(|route| route.event("http")).collect();
        reader.add(api);
    }
    for one in others {
        let name = one.name.clone();
        let mut function = reader.function(&name, one.origin.clone());
        function.handler = Some(one.handler.clone());
        if let Kind::Event(kind) = one.kind {
            function.events.push(one.event(kind));
        }
        reader.add(function);
    }
    Some(reader.stack)
}

struct Reader<'a> {
    files: &'a Files,
    config: Config,
    stack: Stack,
}

impl Reader<'_> {
    /// A function with the settings of its stage.
    fn function(&mut self, name: &str, origin: Location) -> LambdaFunction {
        let mut function = LambdaFunction::new(name, origin);
        function.code = CodeSource::Local(self.stack.folder.clone());
        // Chalice deploys the Python it runs with, unless the configuration names another.
        let runtime = self.config.lookup(name, "lambda_python_version").and_then(Node::as_str).unwrap_or("python3");
        function.runtime = Some(if runtime.starts_with("python") { runtime.into() } else { format!("python{runtime}").into() });
        function.name = self.config.function_name(name).map(Text::literal);
        self.environment(name, &mut function);
        // The configuration holds keys, so many leave it out of the repository.
        function.further_variables = !self.config.is_read;
        for layer in self.config.lookup(name, "layers").map_or(&[][..], Node::items) {
            if let Some(arn) = layer.as_str() {
                let origin = self.config.at(layer);
                function.layers.push(Layer { name: Text::literal(arn), content: None, build_method: None, origin });
            }
        }
        self.settings(name, &mut function);
        function
    }

    /// Each stage may have its own value; those of the others are alternatives.
    fn environment(&self, name: &str, function: &mut LambdaFunction) {
        for entry in self.config.environment(name) {
            let Some(value) = entry.value.as_str() else { continue };
            let value = Text::literal(value);
            let origin = Location::new(&self.config.file, entry.key_span);
            let known = function.environment.entry(entry.key.clone()).or_insert(Variable { values: Vec::new(), origin });
            if !known.values.contains(&value) {
                known.values.push(value);
            }
        }
    }

    fn settings(&self, name: &str, function: &mut LambdaFunction) {
        let subnets = self.config.lookup(name, "subnet_ids").filter(|node| !node.items().is_empty());
        if let Some(subnets) = subnets {
            function.settings.push(Setting { kind: SettingKind::Vpc, value: None, origin: self.config.at(subnets) });
        }
        let tracing = self.config.lookup(name, "xray").filter(|node| node.as_bool() == Some(true));
        if let Some(tracing) = tracing {
            let value = Some(Text::literal("Active"));
            function.settings.push(Setting { kind: SettingKind::Tracing, value, origin: self.config.at(tracing) });
        }
    }

    /// Adds a function with its role. Middleware is no entry: the application hands it to Chalice, which runs it with every one of them.
    fn add(&mut self, mut function: LambdaFunction) {
        if function.entries.is_empty() {
            function.entries.extend(function.handler.clone());
        }
        // Whatever the function, Lambda imports the application.
        function.entries.push("app.".into());
        self.role(&mut function);
        let properties = function.name.clone().map(|name| ("FunctionName".into(), Arg::Text(name)));
        let properties = Arg::Map(ArgMap { entries: properties.into_iter().collect(), open: true, computed: Vec::new() });
        let (id, origin) = (function.id.clone(), function.origin.clone());
        self.stack.resources.insert(id.clone(), Resource { id, kind: "AWS::Lambda::Function".into(), properties, origin });
        self.stack.functions.push(function);
    }

    /// The role: one that exists, one per function with a policy file, or one for all with what Chalice finds in the code.
    fn role(&mut self, function: &mut LambdaFunction) {
        let name = function.id.clone();
        let on = |config: &Config, key: &str| config.lookup(&name, key).and_then(Node::as_bool).unwrap_or(true);
        if !on(&self.config, "manage_iam_role") {
            let arn = self.config.lookup(&name, "iam_role_arn").and_then(Node::as_str).unwrap_or_default();
            function.role = RoleRef::External(match arn {
                "" => Text::hole(Hole::Unknown("`iam_role_arn` of the configuration is empty".into())),
                arn => Text::literal(arn),
            });
            return;
        }
        let shared = self.config.writes_policy(&name);
        let id: SmolStr = if shared { SHARED.into() } else { format!("{name}_role").into() };
        if !self.stack.roles.contains_key(&id) {
            let policies = if shared { vec![self.generated(function)] } else { self.policies_of_stage(function) };
            let origin = function.origin.clone();
            let role = Role { id: id.clone(), name: None, policies, trust: Vec::new(), boundary: None, origin };
            self.stack.roles.insert(id.clone(), role);
        }
        if let Some(role) = self.stack.roles.get(&id) {
            function.declared.extend(role.policies.iter().cloned());
        }
        function.role = RoleRef::Declared(id);
    }

    /// The policy that Chalice writes while it deploys: what it adds to every one of them is known, the rest comes from the code.
    /// <https://aws.github.io/chalice/topics/configfile.html#iam-roles-and-policies>
    fn generated(&mut self, function: &LambdaFunction) -> DeclaredPolicy {
        let mut statements = r#"{"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "arn:*:logs:*:*:*"}"#.to_owned();
        let has = |kind| function.settings.iter().any(|setting| setting.kind == kind);
        if has(SettingKind::Vpc) {
            statements += r#", {"Effect": "Allow", "Action": ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DetachNetworkInterface", "ec2:DeleteNetworkInterface"], "Resource": "*"}"#;
        }
        if has(SettingKind::Tracing) {
            statements +=
                r#", {"Effect": "Allow", "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"}"#;
        }
        let source = PolicySource::Implicit("is deployed by Chalice, which writes the policy itself".into());
        let mut policy = implicit(&format!("[{statements}]"), source, &function.origin);
        let message = "Chalice writes this policy from the code while it deploys (`autogen_policy`); what it will allow beyond logs is not known here";
        policy.notes.push(Note::at(NoteKind::Template, function.origin.clone(), message));
        policy
    }

    /// The policy of the stage as it is written. All that Chalice adds to one is what answers connections of web sockets.
    /// <https://aws.github.io/chalice/topics/websockets.html>
    fn policies_of_stage(&mut self, function: &LambdaFunction) -> Vec<DeclaredPolicy> {
        let mut policies = vec![self.policy_file(function)];
        let is_socket = |event: &EventSource| matches!(&event.kind, EventKind::Push(kind) if kind.starts_with("on_ws_"));
        if function.events.iter().any(is_socket) {
            let connections = r#"[{"Effect": "Allow", "Action": "execute-api:ManageConnections", "Resource": "arn:*:execute-api:*:*:*/@connections/*"}]"#;
            policies.push(implicit(connections, PolicySource::Implicit("answers web sockets".into()), &function.origin));
        }
        let others: Vec<&str> = self.config.other_stages().collect();
        if !others.is_empty() {
            let (stage, list) = (&self.config.stage, others.join(", "));
            let message = format!("each stage has a policy of its own; what is said here is about `{stage}`, not about {list}");
            let note = Note::at(NoteKind::Info, Location::new(&self.config.file, Span::default()), message);
            if !self.stack.notes.contains(&note) {
                self.stack.notes.push(note);
            }
        }
        policies
    }

    /// A policy next to the configuration.
    fn policy_file(&mut self, function: &LambdaFunction) -> DeclaredPolicy {
        let written = self.config.lookup(&function.id, "iam_policy_file").and_then(Node::as_str);
        let name = written.map_or_else(|| format!("policy-{}.json", self.config.stage), str::to_owned);
        let path = self.stack.folder.join(".chalice").join(&name);
        let unread = |message: String| {
            let notes = vec![Note::at(NoteKind::Template, function.origin.clone(), message)];
            let origin = function.origin.clone();
            DeclaredPolicy { notes, ..DeclaredPolicy::named(PolicySource::Inline, origin) }
        };
        read_policy(self.files, &path, PolicySource::Inline).unwrap_or_else(unread)
    }
}

/// Reads a file that is a policy document. The error is a sentence.
pub(super) fn read_policy(files: &Files, path: &Path, source: PolicySource) -> Result<DeclaredPolicy, String> {
    let file = files.read(path).map_err(|error| format!("the policy {} {error}", files.display(path)))?;
    let documents = super::document::read(&file).map_err(|error| error.to_string())?;
    let Some(root) = documents.mapping() else { return Err(format!("{} is no policy", file.path)) };
    let template = Template::new(files, path, &file, root, Parent::default());
    let mut policy = template.declared(None, root, source, root.span);
    policy.notes.extend(template.take_notes());
    Ok(policy)
}

/// A policy that a format adds, from the statements it is known to have. All of them stand where the function does.
pub(super) fn implicit(statements: &str, source: PolicySource, origin: &Location) -> DeclaredPolicy {
    let policy = DeclaredPolicy::named(source, origin.clone());
    let file = SourceFile::new("implicit.json", format!("{{\"Statement\": {statements}}}"));
    let Ok(documents) = super::document::read(&file) else { return policy };
    let Some(root) = documents.mapping() else { return policy };
    let files = Files::new(".");
    let template = Template::new(&files, Path::new("implicit.json"), &file, root, Parent::default());
    let mut statements = template.policy_document(root).list;
    statements.iter_mut().for_each(|statement| statement.origin = origin.clone());
    DeclaredPolicy::new(policy.source, statements, policy.origin)
}

/// A queue or a stream may be given by its name.
fn arn(kind: &EventKind, source: &Text) -> Text {
    let (service, start) = match kind {
        EventKind::Sqs => ("sqs", ""),
        EventKind::Kinesis => ("kinesis", "stream/"),
        _ => return source.clone(),
    };
    match source.as_literal() {
        Some(name) if !name.starts_with("arn:") => own_arn(service, &[start, name].concat()),
        _ => source.clone(),
    }
}

impl Decorated {
    fn event(&self, kind: &str) -> EventSource {
        let kind = match kind {
            "on_sqs_message" => EventKind::Sqs,
            "on_kinesis_record" => EventKind::Kinesis,
            "on_dynamodb_record" => EventKind::DynamoDb,
            "on_s3_event" => EventKind::Push("s3".into()),
            "on_sns_message" => EventKind::Push("sns".into()),
            "on_cw_event" => EventKind::Push("eventbridgerule".into()),
            other => EventKind::Push(other.into()),
        };
        let resource = self.source.as_ref().map(|source| arn(&kind, source));
        EventSource {
            name: self.name.clone(),
            kind,
            resource,
            on_failure: None,
            properties: ArgMap::default(),
            origin: self.origin.clone(),
        }
    }
}
