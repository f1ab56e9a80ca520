//! State machines of AWS Step Functions: the functions that their tasks invoke, and what these get.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html>

use smol_str::SmolStr;

use super::document::{self, Entry, Node};
use super::stack::{EventKind, EventSource};
use super::template::Template;
use crate::value::{Arg, ArgMap, Hole, Piece, Text, from_json};

/// The kind of the events that state machines send; what is known of them is their [`INPUT`].
pub(crate) const STATE_MACHINE: &str = "stepfunctions";
/// The property with what a function gets, where a definition says it.
pub(crate) const INPUT: &str = "Input";

/// How deep states and what they pass are nested.
const NESTING: usize = 32;
/// How many states are looked at.
const MAX_STATES: usize = 10_000;

impl Template<'_> {
    /// The events that a state machine sends to functions.
    pub(crate) fn invoked_by_machine(&self, entry: &Entry, properties: &Node) -> Vec<(Text, EventSource)> {
        let Some(definition) = self.definition(properties) else { return Vec::new() };
        let substitutions = properties.get("DefinitionSubstitutions").map(|node| self.arg_map(node)).unwrap_or_default();
        let own = EventSource {
            name: self.qualified(&entry.key),
            kind: EventKind::Push(SmolStr::new_static(STATE_MACHINE)),
            resource: Some(Text::hole(Hole::Resource { id: self.qualified(&entry.key), attribute: "Ref".into() })),
            on_failure: None,
            properties: ArgMap::default(),
            origin: self.at(entry.key_span),
        };
        events(&substituted(&definition, &substitutions, NESTING), &own)
    }

    /// The definition: written into the template, as JSON in a string, or in a file.
    fn definition(&self, properties: &Node) -> Option<Arg> {
        if let Some(node) = properties.get("Definition") {
            return Some(self.eval(node));
        }
        if let Some(node) = properties.get("DefinitionString") {
            return of_string(&self.eval(node));
        }
        let path = self.literal(properties.get("DefinitionUri")?)?;
        let file = self.files.read(&self.join(&path)).ok()?;
        let documents = document::read(&file).ok()?;
        Some(documents.mapping()?.to_arg(NESTING))
    }
}

/// A definition that is written as JSON.
pub(crate) fn of_string(value: &Arg) -> Option<Arg> {
    match value {
        Arg::Map(_) => Some(value.clone()),
        value => Some(Arg::one_of(value.texts().iter().filter_map(from_json))),
    }
}

/// The events of a definition with the functions they go to, each made of one that says where they come from.
pub(crate) fn events(definition: &Arg, own: &EventSource) -> Vec<(Text, EventSource)> {
    let event = |(function, input): (Text, Option<ArgMap>)| {
        let mut event = own.clone();
        event.properties.entries.extend(input.map(|input| (SmolStr::new_static(INPUT), Arg::Map(input))));
        (function, event)
    };
    invocations(definition).into_iter().map(event).collect()
}

/// The functions that tasks invoke, each with what it gets, where the definition says it.
fn invocations(definition: &Arg) -> Vec<(Text, Option<ArgMap>)> {
    let mut found = Vec::new();
    let mut open = vec![definition];
    for _ in 0..MAX_STATES {
        let Some(value) = open.pop() else { break };
        match value {
            Arg::OneOf(values) => open.extend(values.iter()),
            Arg::List { items, .. } => open.extend(items),
            Arg::Map(map) => {
                found.extend(task(map));
                open.extend(["Branches", "Iterator", "ItemProcessor"].iter().filter_map(|name| map.get(name)));
                open.extend(map.get("States").and_then(Arg::as_map).into_iter().flat_map(|states| states.entries.values()));
            }
            _ => {}
        }
    }
    found.sort();
    found.dedup();
    found
}

/// What a task invokes: the function that it names as its resource, or one that it has Lambda invoke.
fn task(state: &ArgMap) -> Vec<(Text, Option<ArgMap>)> {
    let given = state.get("Parameters").or_else(|| state.get("Arguments")).and_then(Arg::as_map);
    let each = state.get("Resource").map_or_else(Vec::new, Arg::texts).into_iter().flat_map(|resource| {
        let written = resource.pattern();
        if !written.contains(":states:::") {
            return vec![(resource, given.map(|given| passed(given, NESTING)))];
        }
        if !written.contains(":lambda:invoke") {
            return Vec::new();
        }
        let functions = given.and_then(|given| given.get("FunctionName")).map_or_else(Vec::new, Arg::texts);
        let payload = given.and_then(|given| given.get("Payload")?.as_map()).map(|payload| passed(payload, NESTING));
        functions.into_iter().map(|function| (function, payload.clone())).collect()
    });
    each.collect()
}

/// What a dictionary of a definition is when it is passed: `"key.$"` is a key whose value comes from the state's input, and
/// so does what stands in `{% … %}`.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html>
/// <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>
fn passed(map: &ArgMap, nesting: usize) -> ArgMap {
    let Some(nesting) = nesting.checked_sub(1) else { return ArgMap { open: true, ..ArgMap::default() } };
    let entries = map.entries.iter().map(|(key, value)| match key.strip_suffix(".$") {
        Some(key) => (key.into(), Arg::unknown("the input of a state")),
        None => (key.clone(), passed_value(value, nesting)),
    });
    ArgMap { entries: entries.collect(), open: map.open, computed: map.computed.clone() }
}

fn passed_value(value: &Arg, nesting: usize) -> Arg {
    let Some(nesting) = nesting.checked_sub(1) else { return Arg::unknown("a large value") };
    match value {
        Arg::Map(map) => Arg::Map(passed(map, nesting)),
        Arg::Text(text) if is_computed(text) => Arg::unknown("the input of a state"),
        value => value.with_parts(|part| passed_value(part, nesting)),
    }
}

fn is_computed(text: &Text) -> bool {
    matches!(text.pieces().first(), Some(Piece::Literal(start)) if start.starts_with("{%"))
}

/// A definition with what the template puts in for `${Name}`.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html>
fn substituted(value: &Arg, with: &ArgMap, nesting: usize) -> Arg {
    let Some(nesting) = nesting.checked_sub(1).filter(|_| !with.entries.is_empty()) else { return value.clone() };
    match value {
        Arg::Text(text) => in_text(text, with),
        value => value.with_parts(|part| substituted(part, with, nesting)),
    }
}

fn in_text(text: &Text, with: &ArgMap) -> Arg {
    let whole = text.as_literal().and_then(|text| text.strip_prefix("${")?.strip_suffix('}'));
    if let Some(value) = whole.and_then(|name| with.get(name)) {
        return value.clone();
    }
    let mut out = Text::default();
    for piece in text.pieces() {
        let Piece::Literal(literal) = piece else {
            out.push(piece.clone());
            continue;
        };
        let value = |name: &str| with.get(name).and_then(Arg::as_text);
        out.push_text(&Text::of_template(literal, |name| value(name).unwrap_or_else(|| Text::literal(format!("${{{name}}}")))));
    }
    Arg::Text(out)
}
