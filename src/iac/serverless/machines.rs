//! State machines and activities of the plugin `serverless-step-functions`.
//! <https://github.com/serverless-operations/serverless-step-functions/blob/master/lib/naming.js>

use super::build::{self, entry, map, text};
use super::expand::Expander;
use crate::iac::document::{Entry, Node};

/// The resources that the plugin makes of `stepFunctions`.
pub(super) fn resources(expander: &mut Expander<'_>) -> Vec<Entry> {
    let machines = expander.section(&["stepFunctions", "stateMachines"]);
    let activities = expander.section(&["stepFunctions", "activities"]);
    let mut found: Vec<Entry> = machines.iter().flat_map(Node::entries).map(machine).collect();
    for activity in activities.iter().flat_map(Node::items) {
        let Some(name) = activity.as_str() else { continue };
        let id = build::logical(name) + "StepFunctionsActivity";
        let properties = vec![entry("Name", activity.span, activity.clone())];
        found.push(resource(&id, "AWS::StepFunctions::Activity", properties, activity));
    }
    found
}

fn machine(written: &Entry) -> Entry {
    let own = &written.value;
    let custom = own.get("id").or_else(|| own.get("name")).and_then(Node::as_str);
    let id = custom.map_or_else(|| build::logical(&written.key) + "StepFunctionsStateMachine", build::logical);
    let is_text = |node: &Node| node.as_str().is_some();
    let name = own.get("name").map(|name| entry("StateMachineName", name.span, name.clone()));
    let definition = own
        .get("definition")
        .map(|node| entry(if is_text(node) { "DefinitionString" } else { "Definition" }, node.span, node.clone()));
    let mut made = resource(&id, "AWS::StepFunctions::StateMachine", name.into_iter().chain(definition).collect(), own);
    made.key_span = written.key_span;
    made
}

fn resource(id: &str, kind: &str, properties: Vec<Entry>, of: &Node) -> Entry {
    let properties = Node::mapping(properties, of.span);
    entry(id, of.span, map(of.span, [("Type", text(kind, of.span)), ("Properties", properties)]))
}
