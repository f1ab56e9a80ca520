//! Modules of the `terraform-aws-modules` collection, which most Terraform projects for Lambda use.

use std::cell::RefCell;

use smol_str::SmolStr;

use super::collect::{Collected, Entry};
use super::document::{self, blocks};
use super::function::{environment, layers, literals, role_texts, set, vpc};
use super::value::{Kind, Value};
use super::{code, events, roles};
use crate::iac::strings::own_arn;
use crate::iac::{
    CodeSource, DeclaredPolicy, DeclaredStatement, EventKind, EventSource, Files, ImageCode, LambdaFunction, PolicySource,
    RoleRef, Setting, SettingKind, Stack, resource_type,
};
use crate::note::{Note, NoteKind};
use crate::value::{ArgMap, Hole, Text};

/// Whether a module of the repository is a copy of the community's module for functions: it has the arguments that nothing else has.
pub(super) fn is_copy(module: &super::module::Module) -> bool {
    ["source_path", "create_package", "hash_extra", "attach_policy_statements", "handler"]
        .iter()
        .all(|name| module.variables.contains_key(*name))
}

/// <https://registry.terraform.io/modules/terraform-aws-modules/lambda/aws/latest>
pub(super) const LAMBDA: &str = "terraform-aws-modules/lambda/aws";

/// A module's source in the short form of the registry, without version: sources in git name the same modules.
pub(super) fn normalized(source: &str) -> SmolStr {
    let source = source.strip_prefix("registry.terraform.io/").unwrap_or(source);
    let source = source.split('?').next().unwrap_or(source);
    let Some((_, path)) = source.split_once("github.com/terraform-aws-modules/terraform-aws-") else { return source.into() };
    let (name, folder) = path.split_once("//").map_or((path, None), |(name, folder)| (name, Some(folder)));
    let name = name.trim_end_matches(".git");
    match folder {
        Some(folder) => format!("terraform-aws-modules/{name}/aws//{folder}").into(),
        None => format!("terraform-aws-modules/{name}/aws").into(),
    }
}

/// Whether leash knows what a module makes.
pub(super) fn is_known(kind: &str) -> bool {
    kind == LAMBDA || resource_type(kind).is_some() || kind.starts_with("terraform-aws-modules/lambda/aws//")
}

/// The function that a call of the `lambda` module makes; none when it makes a layer or only a package.
pub(super) fn function(collected: &Collected, stack: &Stack, files: &Files, entry: &Entry) -> Option<LambdaFunction> {
    let values = &entry.values;
    let may_be = |key: &str, default: bool| switch(values, key, default) != Some(false);
    if !may_be("create", true) || !may_be("create_function", true) || switch(values, "create_layer", false) == Some(true) {
        return None;
    }
    let mut function = LambdaFunction::new(entry.address.clone(), entry.at.clone());
    function.name = values.get("function_name").and_then(Value::one_text);
    function.runtime = values.get("runtime").and_then(Value::given);
    function.handler = values.get("handler").and_then(Value::given);
    if let Some(variables) = values.get("environment_variables") {
        environment(variables, &mut function);
    }
    function.layers = layers(collected, files, values.get("layers"));
    function.settings = settings(values, &mut function.notes);
    function.code = code_of(collected, files, entry, &mut function);
    mappings(collected, values, &mut function);
    // Either of two: what is so by default counts.
    let makes_role = values.get("create_role").and_then(Value::as_bool).unwrap_or(true);
    if let Some(value) = values.get("create_role").filter(|_| switch(values, "create_role", true).is_none()) {
        let message = format!(
            "whether the module makes the role is up to the deployment; here it does{}",
            if makes_role { "" } else { " not" }
        );
        function.notes.push(Note::at(NoteKind::Template, value.at.clone(), message));
    }
    if makes_role {
        let (declared, notes) = policies(stack, entry, &function);
        function.declared = declared;
        function.notes.extend(notes);
    } else if let Some(role) = values.get("lambda_role") {
        function.take_role(role_texts(role), &role.at);
    } else {
        function.role = RoleRef::External(Text::hole(Hole::Unknown("a role that is not known".into())));
    }
    Some(function)
}

/// What a switch of the module is; nothing where the deployment decides that, which a variable's default does not.
fn switch(values: &Value, key: &str, default: bool) -> Option<bool> {
    values.get(key).map_or(Some(default), |value| match value.kind {
        Kind::Variable(..) => None,
        _ => value.as_bool(),
    })
}

fn code_of(collected: &Collected, files: &Files, entry: &Entry, function: &mut LambdaFunction) -> CodeSource {
    let values = &entry.values;
    if let Some(package) = values.get("local_existing_package") {
        return code::package(collected, files, package, function);
    }
    let kinds = values.get("package_type").map_or_else(Vec::new, Value::texts);
    let may_be = |kind: &str| kinds.iter().any(|text| text.as_literal() == Some(kind));
    // Where a switch decides between an image and an archive, the archive's source shows the code of both.
    let switched = if may_be("Zip") { source(collected, files, entry) } else { None };
    if let Some(found @ CodeSource::Local(_)) = switched {
        return found;
    }
    if may_be("Image") || values.get("image_uri").is_some_and(|uri| !uri.is_null()) {
        let command = values.get("image_config_command").map_or_else(Vec::new, literals);
        let uri = values.get("image_uri");
        let build = uri
            .and_then(Value::one_text)
            .and_then(|text| collected.entry_of(&text))
            .and_then(|entry| entry.values.get("source_path"));
        let context = build.and_then(|path| collected.literal(path)).map(|path| collected.path(&path));
        let dockerfile = context.as_ref().map(|context| context.join("Dockerfile"));
        return CodeSource::Image(ImageCode {
            context,
            dockerfile,
            command,
            uri: uri.and_then(Value::one_text),
            ..ImageCode::default()
        });
    }
    if let Some(found) = source(collected, files, entry) {
        return found;
    }
    if let Some(place) = values.get("s3_existing_package") {
        let part = |key: &str| place.get(key).and_then(Value::one_text).unwrap_or_default();
        let mut text = Text::literal("s3://");
        text.push_text(&part("bucket"));
        text.push_str("/");
        text.push_text(&part("key"));
        let message = format!("the code is not in this repository but at {}", text.pattern());
        function.notes.push(Note::at(NoteKind::UnresolvedHandler, place.at.clone(), message));
        return CodeSource::Remote(text);
    }
    CodeSource::Missing
}

/// What `source_path` names first: a path, or an object with one.
pub(super) fn source(collected: &Collected, files: &Files, entry: &Entry) -> Option<CodeSource> {
    let sources = entry.values.get("source_path")?.members();
    let path = |value: &&Value| match value.as_map() {
        Some(_) => value.get("path").and_then(|path| collected.literal(path)),
        None => collected.literal(value).filter(code::is_path),
    };
    let paths: Vec<_> = sources.iter().filter_map(path).map(|path| collected.path(&path)).collect();
    let handler = entry.values.get("handler").and_then(Value::given).unwrap_or_default();
    let module = handler.rsplit_once('.').map_or(handler.as_str(), |(module, _)| module);
    // Of several sources, the one with the handler.
    let holds = |folder: &&std::path::PathBuf| {
        ["py", "js", "mjs", "cjs", "ts"].iter().any(|extension| files.is_file(&folder.join(format!("{module}.{extension}"))))
    };
    paths.iter().find(holds).or_else(|| paths.first()).cloned().map(CodeSource::Local)
}

fn settings(values: &Value, notes: &mut Vec<Note>) -> Vec<Setting> {
    let mut given = vec![
        (SettingKind::Vpc, vpc(values.get("vpc_subnet_ids"), notes)),
        (SettingKind::Tracing, values.get("tracing_mode")),
        (SettingKind::DeadLetter, values.get("dead_letter_target_arn")),
        (SettingKind::KmsKey, values.get("kms_key_arn")),
        (SettingKind::LogGroup, values.get("logging_log_group")),
        (SettingKind::FileSystem, values.get("file_system_arn")),
    ];
    if switch(values, "create_async_event_config", false) != Some(false) {
        given.push((SettingKind::OnSuccess, values.get("destination_on_success")));
        given.push((SettingKind::OnFailure, values.get("destination_on_failure")));
    }
    set(given, values.get("layers"))
}

fn mappings(collected: &Collected, values: &Value, function: &mut LambdaFunction) {
    // Those of all maps that may be given.
    let objects = |key: &str| {
        let maps = values.get(key).map_or_else(Vec::new, Value::members);
        let entries = maps.into_iter().filter_map(Value::as_map).flat_map(|map| map.entries.clone());
        entries.collect::<Vec<_>>()
    };
    for (name, value) in objects("event_source_mapping") {
        let mut event = events::mapping(collected, name, &value);
        event.on_failure = value.get("destination_arn_on_failure").and_then(Value::one_text);
        function.events.push(event);
    }
    for (name, value) in objects("allowed_triggers") {
        let principal = value.get("principal").or_else(|| value.get("service")).and_then(Value::literal).unwrap_or_default();
        function.events.push(EventSource {
            name,
            kind: EventKind::Push(events::principal_kind(&principal)),
            resource: value.get("source_arn").and_then(Value::one_text),
            on_failure: None,
            properties: value.as_map().map_or_else(ArgMap::default, super::value::Map::to_arg),
            origin: value.at.clone(),
        });
    }
}

/// The policies of the role that the module makes. Those that only the deployment knows to be attached count, which is said.
fn policies(stack: &Stack, entry: &Entry, function: &LambdaFunction) -> (Vec<DeclaredPolicy>, Vec<Note>) {
    let values = &entry.values;
    let notes = RefCell::new(Vec::new());
    let attached = |key: &str| {
        let state = switch(values, key, false);
        if let Some(value) = values.get(key).filter(|_| state.is_none()) {
            let message = format!("whether `{key}` is set is up to the deployment; what it attaches counts as attached");
            notes.borrow_mut().push(Note::at(NoteKind::Template, value.at.clone(), message));
        }
        state != Some(false)
    };
    let mut found = Vec::new();
    if switch(values, "attach_cloudwatch_logs_policy", true) != Some(false) {
        found.push(logging(values, function));
    }
    let inline = |document: &Value| roles::policy(None, Some(document), PolicySource::Inline, &document.at);
    for (switch, key) in [("attach_policy_json", "policy_json"), ("attach_policy_jsons", "policy_jsons")] {
        if let Some(document) = values.get(key).filter(|_| attached(switch)) {
            found.extend(document.members().into_iter().map(inline));
        }
    }
    for (switch, key) in [("attach_policy", "policy"), ("attach_policies", "policies")] {
        if let Some(list) = values.get(key).filter(|_| attached(switch)) {
            found.extend(roles::managed(stack, list));
        }
    }
    if let Some(list) = values.get("policy_statements").filter(|_| attached("attach_policy_statements")) {
        let statements = list.members().into_iter().flat_map(as_statements).map(document::statement).collect();
        let document =
            Value::map([("Statement".into(), Value::list(statements, list.has_more(), &list.at))].into(), false, &list.at);
        found.push(roles::policy(None, Some(&document), PolicySource::Inline, &list.at));
    }
    for (switch, name, reason) in [
        ("attach_network_policy", "AWSLambdaENIManagementAccess", "runs in a VPC"),
        ("attach_tracing_policy", "AWSXRayDaemonWriteAccess", "is traced"),
    ] {
        if let Some(value) = values.get(switch).filter(|_| attached(switch)) {
            let source = PolicySource::ImplicitManaged { name: name.into(), reason: reason.into() };
            found.push(DeclaredPolicy::named(source, value.at.clone()));
        }
    }
    if attached("attach_dead_letter_policy") {
        found.extend(values.get("dead_letter_target_arn").and_then(|target| targets("dead letters", &[target])));
    }
    if attached("attach_async_event_policy") {
        let both: Vec<&Value> =
            ["destination_on_success", "destination_on_failure"].iter().filter_map(|key| values.get(key)).collect();
        found.extend(targets("results of asynchronous invocations", &both));
    }
    (found, notes.into_inner())
}

/// Statements of a list, of a map, or of a single object.
fn as_statements(value: &Value) -> Vec<&Value> {
    let is_statement = |value: &Value| ["actions", "not_actions", "effect"].iter().any(|key| value.get(key).is_some());
    if is_statement(value) { vec![value] } else { blocks(value) }
}

/// What the module allows for logging: everything below the log group it makes.
fn logging(values: &Value, function: &LambdaFunction) -> DeclaredPolicy {
    let create = switch(values, "attach_create_log_group_permission", true) != Some(false);
    let mut actions: Vec<SmolStr> = vec!["logs:CreateLogStream".into(), "logs:PutLogEvents".into()];
    if create {
        actions.push("logs:CreateLogGroup".into());
    }
    let mut group = own_arn("logs", "log-group:");
    match values.get("logging_log_group").and_then(Value::one_text) {
        Some(name) => group.push_text(&name),
        None => {
            group.push_str("/aws/lambda/");
            group.push_text(&function.name.clone().unwrap_or_default());
        }
    }
    let mut streams = group.clone();
    streams.push_str(":*");
    let mut below = group;
    below.push_str(":*:*");
    implicit("the module allows logging", actions, vec![streams, below], values)
}

/// What the module allows for sending to queues, topics, buses and functions.
fn targets(what: &str, targets: &[&Value]) -> Option<DeclaredPolicy> {
    let actions = ["sns:Publish", "sqs:SendMessage", "events:PutEvents", "lambda:InvokeFunction"];
    let used = if what == "dead letters" { &actions[..2] } else { &actions[..] };
    let resources = targets.iter().flat_map(|value| value.texts()).collect();
    let actions = used.iter().map(|&action| action.into()).collect();
    Some(implicit(&format!("the module allows sending {what}"), actions, resources, targets.first()?))
}

fn implicit(reason: &str, actions: Vec<SmolStr>, resources: Vec<Text>, at: &Value) -> DeclaredPolicy {
    let statement = DeclaredStatement::allow(actions, resources, at.at.clone());
    DeclaredPolicy::new(PolicySource::Implicit(reason.into()), vec![statement], at.at.clone())
}
