//! `aws_lambda_function`.
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function>

use smol_str::SmolStr;

use super::collect::{Collected, Entry};
use super::document::blocks;
use super::value::{Kind, Value};
use crate::iac::strings::one;
use crate::iac::{Files, LambdaFunction, Layer, Setting, SettingKind, Variable};
use crate::note::{Note, NoteKind};
use crate::value::{Hole, Text};

/// A function with everything but its code, events and policies.
pub(super) fn resource(collected: &Collected, files: &Files, entry: &Entry) -> LambdaFunction {
    let values = &entry.values;
    let mut function = LambdaFunction::new(entry.address.clone(), entry.at.clone());
    function.name = values.get("function_name").and_then(Value::one_text);
    function.runtime = values.get("runtime").and_then(Value::given);
    let handler = values.get("handler");
    function.handler = handler.and_then(|handler| handler.given().or_else(|| collected.literal(handler)));
    if let Some(variables) = values.path(&["environment", "variables"]) {
        environment(variables, &mut function);
    } else {
        // A plan leaves out what is known after it is applied only.
        function.further_variables = values.get("environment").is_some();
    }
    let is_code =
        |name: &SmolStr| matches!(name.as_str(), "all" | "filename" | "source_code_hash" | "s3_key" | "s3_object_version");
    function.code_changes_apart = entry.ignored.iter().any(is_code);
    function.layers = layers(collected, files, values.get("layers"));
    function.settings = settings(values, &mut function.notes);
    if let Some(role) = values.get("role") {
        function.take_role(role_texts(role), &role.at);
    }
    function
}

/// Environment variables, with all alternatives side by side.
pub(super) fn environment(variables: &Value, function: &mut LambdaFunction) {
    for map in variables.alternatives() {
        let Some(map) = map.as_map() else {
            let hole = map.as_text().map_or_else(String::new, |text| text.pattern());
            if !map.is_null() {
                function.further_variables = true;
                let message = format!("environment variables are not known here {hole}");
                let note = Note::at(NoteKind::Template, map.at.clone(), message.trim_end());
                function.notes.push(note);
            }
            continue;
        };
        if map.open {
            function.further_variables = true;
            let message = "there are further environment variables that are not known here";
            function.notes.push(Note::at(NoteKind::Template, variables.at.clone(), message));
        }
        for (name, value) in &map.entries {
            let values = value.texts();
            let known = function
                .environment
                .entry(name.clone())
                .or_insert_with(|| Variable { values: Vec::new(), origin: value.at.clone() });
            for value in values {
                if !known.values.contains(&value) {
                    known.values.push(value);
                }
            }
        }
    }
}

/// Layers, with the folders of those that the configuration makes.
pub(super) fn layers(collected: &Collected, files: &Files, list: Option<&Value>) -> Vec<Layer> {
    let members = list.map_or_else(Vec::new, Value::members);
    let texts = members.into_iter().filter_map(|value| Some((value.as_text()?, value)));
    texts
        .map(|(name, value)| {
            let entry = collected.entry_of(&name);
            let content = entry.and_then(|entry| super::code::layer_content(collected, files, entry));
            Layer { name, content, build_method: None, origin: value.at.clone() }
        })
        .collect()
}

/// What a role may be; there is always one.
pub(super) fn role_texts(value: &Value) -> Vec<Text> {
    let texts = value.texts();
    if texts.is_empty() { vec![Text::hole(Hole::Unknown("a role that is not known".into()))] } else { texts }
}

fn settings(values: &Value, notes: &mut Vec<Note>) -> Vec<Setting> {
    let mut given = vec![
        (SettingKind::Vpc, vpc(values.path(&["vpc_config", "subnet_ids"]), notes)),
        (SettingKind::Tracing, values.path(&["tracing_config", "mode"])),
        (SettingKind::DeadLetter, values.path(&["dead_letter_config", "target_arn"])),
        (SettingKind::KmsKey, values.get("kms_key_arn")),
        (SettingKind::LogGroup, values.path(&["logging_config", "log_group"])),
        (SettingKind::Durable, values.get("durable_config")),
    ];
    let systems = values.get("file_system_config").map_or_else(Vec::new, blocks);
    given.extend(systems.into_iter().map(|system| (SettingKind::FileSystem, system.get("arn"))));
    set(given, values.get("layers"))
}

/// Settings that are given, and the layer that is one. Modules write what they are not given as an empty string.
pub(super) fn set(given: Vec<(SettingKind, Option<&Value>)>, layers: Option<&Value>) -> Vec<Setting> {
    let insights = layers.map_or_else(Vec::new, Value::members).into_iter().filter(|layer| is_insights(layer));
    let all = given.into_iter().chain(insights.map(|layer| (SettingKind::Insights, Some(layer))));
    let is_given = |value: &&Value| !value.is_null() && value.settled().as_text().is_none_or(|text| !text.is_empty());
    let setting = |(kind, value): (SettingKind, Option<&Value>)| {
        // What only some deployments give is needed in these.
        let value = value.filter(|value| value.alternatives().iter().any(|value| is_given(&value)))?;
        let text = || one(value.alternatives().iter().filter(is_given).filter_map(Value::as_text).collect());
        let is_named = !matches!(kind, SettingKind::Vpc | SettingKind::Durable | SettingKind::Insights);
        Some(Setting { kind, value: text().filter(|_| is_named), origin: value.at.clone() })
    };
    all.filter_map(setting).collect()
}

/// Subnets, unless the list of them is known to be empty. That it is empty by default is not known but likely.
pub(super) fn vpc<'v>(subnets: Option<&'v Value>, notes: &mut Vec<Note>) -> Option<&'v Value> {
    let subnets = subnets.filter(|value| !value.is_empty() || value.has_more())?;
    match &subnets.kind {
        Kind::Variable(name, _) if subnets.is_empty() => {
            let message = format!("this function counts as outside of any VPC, unless the deployment says which by `{name}`");
            notes.push(Note::at(NoteKind::Template, subnets.at.clone(), message));
            None
        }
        _ => Some(subnets),
    }
}

/// The layer of Lambda Insights.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-extension-versions.html>
fn is_insights(layer: &Value) -> bool {
    layer.as_text().is_some_and(|text| text.pattern().contains(":layer:LambdaInsightsExtension"))
}

/// Where asynchronous invocations go.
pub(super) fn destinations(values: &Value) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (name, kind) in [("on_success", SettingKind::OnSuccess), ("on_failure", SettingKind::OnFailure)] {
        if let Some(target) = values.path(&["destination_config", name, "destination"]) {
            settings.push(Setting { kind, value: target.one_text(), origin: target.at.clone() });
        }
    }
    settings
}

/// Strings that must be known: of lists, those that are.
pub(super) fn literals(value: &Value) -> Vec<SmolStr> {
    value.members().into_iter().filter_map(Value::literal).collect()
}
