//! State machines and activities of the plugin `serverless-step-functions`.
//! <https://github.com/serverless-operations/serverless-step-functions/blob/master/lib/naming.js>

use super::build::{self, entry, map, text};
use super::expand::Expander;
use crate::iac::document::{Entry, Node};

/// How deep definitions are nested.
const NESTING: usize = 32;

/// The resources that the plugin makes of `stepFunctions`; `function` gives the logical id of a function of the service.
pub(super) fn resources(expander: &mut Expander<'_>, function: impl Fn(&str) -> Option<String>) -> Vec<Entry> {
    let machines = expander.section(&["stepFunctions", "stateMachines"]);
    let activities = expander.section(&["stepFunctions", "activities"]);
    let mut found: Vec<Entry> = machines.iter().flat_map(Node::entries).map(|written| machine(written, &function)).collect();
    for activity in activities.iter().flat_map(Node::items) {
        let Some(name) = activity.as_str() else {
            expander.note(activity.span, "expected the name of an activity here");
            continue;
        };
        let id = build::logical(name) + "StepFunctionsActivity";
        let properties = vec![entry("Name", activity.span, activity.clone())];
        found.push(resource(&id, "AWS::StepFunctions::Activity", properties, activity));
    }
    found
}

fn machine(written: &Entry, function: &dyn Fn(&str) -> Option<String>) -> Entry {
    let own = &written.value;
    let custom = own.get("id").or_else(|| own.get("name")).and_then(Node::as_str);
    let id = custom.map_or_else(|| build::logical(&written.key) + "StepFunctionsStateMachine", build::logical);
    let is_text = |node: &Node| node.as_str().is_some();
    let name = own.get("name").map(|name| entry("StateMachineName", name.span, name.clone()));
    let definition = own.get("definition").map(|node| {
        entry(if is_text(node) { "DefinitionString" } else { "Definition" }, node.span, referring(node, function, NESTING))
    });
    let mut made = resource(&id, "AWS::StepFunctions::StateMachine", name.into_iter().chain(definition).collect(), own);
    made.key_span = written.key_span;
    made
}

/// A definition in which functions are called by their names in the service: the plugin puts in what they are called in the
/// template.
fn referring(node: &Node, function: &dyn Fn(&str) -> Option<String>, nesting: usize) -> Node {
    let Some(nesting) = nesting.checked_sub(1) else { return node.clone() };
    if let Some(items) = node.as_sequence() {
        return Node::sequence(items.iter().map(|item| referring(item, function, nesting)).collect(), node.span);
    }
    let own = node.single().and_then(|entry| match (entry.key.as_str(), entry.value.as_str(), entry.value.as_sequence()) {
        ("Ref", Some(name), _) => function(name).map(|id| build::reference(&id, node.span)),
        ("Fn::GetAtt", Some(written), _) => {
            let (name, wanted) = written.split_once('.')?;
            function(name).map(|id| build::attribute(&id, wanted, node.span))
        }
        ("Fn::GetAtt", _, Some([name, wanted])) => {
            function(name.as_str()?).map(|id| build::attribute(&id, wanted.as_str().unwrap_or("Arn"), node.span))
        }
        _ => None,
    });
    own.unwrap_or_else(|| match node.as_mapping() {
        Some(map) => {
            let inner = |entry: &Entry| Entry { value: referring(&entry.value, function, nesting), ..entry.clone() };
            Node::mapping(map.entries.iter().map(inner).collect(), node.span)
        }
        None => node.clone(),
    })
}

fn resource(id: &str, kind: &str, properties: Vec<Entry>, of: &Node) -> Entry {
    let properties = Node::mapping(properties, of.span);
    entry(id, of.span, map(of.span, [("Type", text(kind, of.span)), ("Properties", properties)]))
}
