//! The constructs of `serverless-lift`: resources, functions and permissions that a few lines of the service stand for.
//!
//! The facts are data, `api-maps/lift.json`. <https://github.com/getlift/lift/blob/master/docs/permissions.md>

use std::collections::BTreeMap;
use std::sync::LazyLock;

use md5::{Digest, Md5};
use serde::Deserialize;
use smol_str::SmolStr;

use super::build::{self, attribute, entry, join, map, statement, text};
use super::expand::Expander;
use super::roles::Grant;
use super::service::Function;
use crate::iac::document::{Entry, Node};
use crate::span::Span;

/// What a type of constructs stands for. References are names of its resources, with an attribute behind a dot.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    /// The documentation page.
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the file, and checked by a test"))]
    doc: String,
    /// The types of its resources, by their names within it.
    resources: BTreeMap<String, String>,
    /// What `${construct:name.variable}` gives.
    variables: BTreeMap<String, String>,
    /// What the functions of the service may do with it.
    #[serde(default)]
    grants: Vec<GrantFact>,
    #[serde(default)]
    functions: Vec<FunctionFact>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantFact {
    actions: Vec<String>,
    on: String,
    /// What is added to the ARN, once for each.
    within: Vec<String>,
}

/// A function among the settings of a construct.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionFact {
    setting: String,
    /// What follows the construct's name in the function's.
    name: String,
    /// The queue it polls.
    polls: Option<String>,
}

fn facts(kind: &str) -> Option<&'static Facts> {
    static FACTS: LazyLock<BTreeMap<String, Facts>> =
        LazyLock::new(|| serde_json::from_str(include_str!("../../../api-maps/lift.json")).unwrap_or_default());
    FACTS.get(kind)
}

/// The constructs of a service.
#[derive(Default)]
pub(super) struct Constructs {
    all: Vec<Construct>,
    /// Whether functions get permissions for them.
    grants: bool,
}

struct Construct {
    name: SmolStr,
    facts: &'static Facts,
    node: Node,
    span: Span,
}

impl Constructs {
    pub(super) fn read(expander: &mut Expander<'_>) -> Self {
        let grants = expander.section(&["lift", "automaticPermissions"]).and_then(|node| node.as_bool()) != Some(false);
        let section = expander.section(&["constructs"]);
        let mut all = Vec::new();
        for entry in section.iter().flat_map(Node::entries) {
            let kind = entry.value.get("type").and_then(Node::as_str);
            match kind.and_then(facts) {
                Some(facts) => {
                    all.push(Construct { name: entry.key.clone(), facts, node: entry.value.clone(), span: entry.key_span });
                }
                None => {
                    let kind = kind.map_or_else(|| "unknown".to_owned(), |kind| format!("`{kind}`, which leash does not know"));
                    let message = format!("the type of the construct `{}` is {kind}; what it adds is missing here", entry.key);
                    expander.note(entry.key_span, message);
                }
            }
        }
        Self { all, grants }
    }

    /// The functions that constructs bring along; those that they only name get their events.
    pub(super) fn add_functions(&self, functions: &mut Vec<Function>) {
        let mut at: BTreeMap<SmolStr, usize> =
            functions.iter().enumerate().map(|(index, function)| (function.key.clone(), index)).collect();
        let settings = self.all.iter().flat_map(|one| one.facts.functions.iter().map(move |fact| (one, fact)));
        for (construct, fact) in settings {
            let Some(setting) = construct.node.get(&fact.setting) else { continue };
            let event = fact.polls.as_ref().map(|queue| construct.polled(queue));
            match setting.as_str() {
                Some(name) => {
                    let named = at.get(name).and_then(|at| functions.get_mut(*at));
                    named.into_iter().for_each(|function| with_event(&mut function.node, event.clone()));
                }
                None => {
                    let mut node = setting.clone();
                    with_event(&mut node, event);
                    let key: SmolStr = [construct.name.as_str(), &fact.name].concat().into();
                    at.entry(key.clone()).or_insert(functions.len());
                    functions.push(Function { prefix: build::logical(&key), key, key_span: construct.span, node });
                }
            }
        }
    }

    /// The resources of the constructs.
    pub(super) fn resources(&self) -> Vec<Entry> {
        let each = self.all.iter().flat_map(|one| one.facts.resources.iter().map(move |(name, kind)| (one, name, kind)));
        let made = each.map(|(construct, name, kind)| {
            let resource = map(construct.span, [("Type", text(kind.as_str(), construct.span))]);
            entry(&construct.id(name), construct.span, resource)
        });
        made.collect()
    }

    /// What all functions of the service may do with the constructs.
    pub(super) fn grants(&self) -> Vec<Grant> {
        let all = self.all.iter().filter(|_| self.grants).flat_map(|one| one.facts.grants.iter().map(move |fact| (one, fact)));
        let made = all.map(|(construct, fact)| {
            let span = construct.span;
            let within = |end: &String| match end.as_str() {
                "" => construct.reference(&fact.on, span),
                end => join(vec![construct.reference(&fact.on, span), text(end, span)], span),
            };
            let actions: Vec<&str> = fact.actions.iter().map(String::as_str).collect();
            let statement = statement(&actions, fact.within.iter().map(within).collect(), span);
            Grant { reason: "uses a construct of the service", span, statement }
        });
        made.collect()
    }
}

impl Construct {
    fn id(&self, name: &str) -> String {
        id(&self.name, name)
    }

    fn reference(&self, written: &str, span: Span) -> Node {
        reference(&self.name, written, span)
    }

    fn polled(&self, queue: &str) -> Node {
        map(self.span, [("sqs", map(self.span, [("arn", self.reference(queue, self.span))]))])
    }
}

/// The logical id that the CDK makes of the path of a part: its names, and a hash of the whole.
/// <https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/core/lib/private/uniqueid.ts>
fn id(construct: &str, name: &str) -> String {
    /// How much of the names stays.
    const LONGEST: usize = 240;
    let name_again = if construct.ends_with(name) { "" } else { name };
    let mut id: String = construct.chars().chain(name_again.chars()).filter(char::is_ascii_alphanumeric).take(LONGEST).collect();
    let hash = Md5::digest(format!("{construct}/{name}/Resource"));
    id.extend(hash.iter().take(4).map(|byte| format!("{byte:02X}")));
    id
}

fn reference(construct: &str, written: &str, span: Span) -> Node {
    match written.split_once('.') {
        Some((name, wanted)) => attribute(&id(construct, name), wanted, span),
        None => build::reference(&id(construct, written), span),
    }
}

/// What `${construct:name.variable}` gives, for a construct of this type.
pub(super) fn variable(construct: &str, kind: &str, name: &str, span: Span) -> Option<Node> {
    Some(reference(construct, facts(kind)?.variables.get(name)?, span))
}

fn with_event(function: &mut Node, event: Option<Node>) {
    let Some(event) = event else { return };
    let span = function.span;
    let mut events = function.get("events").map_or_else(Vec::new, |events| events.items().to_vec());
    events.push(event);
    let mut entries: Vec<Entry> = function.entries().iter().filter(|entry| entry.key != "events").cloned().collect();
    entries.push(entry("events", span, Node::sequence(events, span)));
    *function = Node::mapping(entries, span);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iac::resource_type;

    #[test]
    fn ids_are_those_of_the_framework() {
        assert_eq!(id("emails", "Queue"), "emailsQueueF057328A");
        assert_eq!(id("emails", "Dlq"), "emailsDlq47F8494C");
    }

    #[test]
    fn every_reference_is_to_a_resource_of_a_known_type() {
        let all: BTreeMap<String, Facts> =
            serde_json::from_str(include_str!("../../../api-maps/lift.json")).expect("well-formed");
        for (kind, facts) in &all {
            assert!(facts.doc.starts_with("https://github.com/getlift/lift/"), "{kind}");
            let polled = facts.functions.iter().filter_map(|function| function.polls.as_ref());
            for written in facts.variables.values().chain(facts.grants.iter().map(|grant| &grant.on)).chain(polled) {
                let (name, attribute) = written.split_once('.').unwrap_or((written, "Ref"));
                let known = facts.resources.get(name).and_then(|kind| resource_type(kind)).expect("a known type");
                assert!(attribute == "Ref" || known.knows(attribute), "{kind}: {written}");
            }
        }
    }
}
