//! Parts of events that the template writes down.

use crate::iac::events::{CUSTOM_RESOURCE, PIPE};
use crate::iac::machine::{INPUT, STATE_MACHINE};
use crate::iac::{EventKind, EventSource};
use crate::value::{Arg, ArgMap, Hole, Piece, Text, from_json};

/// How many values a part of the event may have to be written out.
const MAX_VALUES: usize = 16;

/// What Amazon `EventBridge` and its schedules send, by the names of its parts.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>
const ENVELOPE: [&str; 9] = ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"];

/// The property with a template.
const TEMPLATE: &str = "InputTemplate";

/// What a template tells about a part of an event.
enum Told {
    /// It is one of these.
    Texts(Vec<Text>),
    /// Such an event does not have it: whoever reads it there gets nothing, and has no request to make.
    Absent,
    Unknown,
}

/// What a part of the event is, by its dotted path: nothing unless every source of events that have it tells it.
pub(super) fn of(path: &str, events: &[EventSource]) -> Option<Vec<Text>> {
    let parts: Vec<&str> = path.split('.').collect();
    match joined(events.iter().map(|event| tells(event, &parts))) {
        Told::Texts(found) if found.len() <= MAX_VALUES => Some(found),
        _ => None,
    }
}

/// What several alternatives tell together.
fn joined(each: impl Iterator<Item = Told>) -> Told {
    let mut all = Vec::new();
    for told in each {
        match told {
            Told::Texts(texts) => all.extend(texts),
            Told::Absent => {}
            Told::Unknown => return Told::Unknown,
        }
    }
    all.sort();
    all.dedup();
    if all.is_empty() { Told::Absent } else { Told::Texts(all) }
}

fn kind_of(event: &EventSource) -> &str {
    match &event.kind {
        EventKind::Push(kind) => kind,
        _ => "",
    }
}

fn tells(event: &EventSource, path: &[&str]) -> Told {
    let Some((first, rest)) = path.split_first() else { return Told::Unknown };
    match kind_of(event) {
        // <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html>
        CUSTOM_RESOURCE if *first == "ResourceProperties" => inside(&event.properties, rest),
        CUSTOM_RESOURCE => foreign(first),
        "eventbridgerule" | "cloudwatchevent" | "eventbridge" | "schedule" | "schedulev2" => scheduled(event, path),
        // What the execution was started with may be passed on as it is.
        STATE_MACHINE => event.properties.get(INPUT).and_then(Arg::as_map).map_or(Told::Unknown, |input| inside(input, path)),
        // <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html>
        PIPE => match (event.properties.get(TEMPLATE).and_then(template), *first) {
            (Some(each), "[]") => inside(&each, rest),
            _ => Told::Unknown,
        },
        _ => foreign(first),
    }
}

/// The events of other services have no such parts; what else is in them is not the template's.
fn foreign(first: &str) -> Told {
    if matches!(first, "ResourceProperties" | "detail") { Told::Absent } else { Told::Unknown }
}

/// What rules and schedules send: a constant where they have one, else what matches the pattern.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
fn scheduled(event: &EventSource, path: &[&str]) -> Told {
    let property = |names: &[&str]| names.iter().find_map(|name| event.properties.get(name));
    if let Some(transformer) = property(&["InputTransformer", "inputTransformer", "input_transformer"]) {
        return transformed(transformer).map_or(Told::Unknown, |input| inside(&input, path));
    }
    if property(&["InputPath", "inputPath", "input_path"]).is_some() {
        return Told::Unknown;
    }
    if let Some(input) = property(&["Input", "input"]) {
        // <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html>
        let input = if kind_of(event) == "schedulev2" { template(input) } else { constant(input) };
        return input.map_or(Told::Unknown, |input| inside(&input, path));
    }
    let pattern = property(&["Pattern", "EventPattern", "pattern", "event_pattern"]).and_then(constant);
    let first = path.first().copied().unwrap_or_default();
    // A permission to invoke the function stands beside the rule that does.
    let is_permission = property(&["principal"]).is_some();
    let timed = ["Schedule", "ScheduleExpression", "schedule", "schedule_expression", "rate"];
    match pattern {
        Some(pattern) => match inside(&pattern, path) {
            Told::Absent if ENVELOPE.contains(&first) => Told::Unknown,
            told => told,
        },
        None if is_permission || property(&timed).is_some() && !ENVELOPE.contains(&first) => Told::Absent,
        None if first == "detail" && property(&timed).is_some() => Told::Absent,
        None => Told::Unknown,
    }
}

/// What stands at a path. All of it must be known.
fn inside(map: &ArgMap, path: &[&str]) -> Told {
    let Some((first, rest)) = path.split_first() else { return Told::Unknown };
    let (name, is_item) = first.strip_suffix("[]").map_or((*first, false), |list| (list, true));
    match map.get(name) {
        // What code finds in a text by taking it apart is not that text.
        Some(value) if is_item && value.alternatives().iter().any(|value| !matches!(value, Arg::List { .. })) => Told::Unknown,
        Some(value) => leaves(value, rest),
        None if map.open || !map.computed.is_empty() => Told::Unknown,
        None => Told::Absent,
    }
}

fn leaves(value: &Arg, path: &[&str]) -> Told {
    match value {
        Arg::Null => Told::Absent,
        Arg::OneOf(values) => joined(values.iter().map(|value| leaves(value, path))),
        Arg::List { items, open: false } => joined(items.iter().map(|value| leaves(value, path))),
        Arg::Map(map) => inside(map, path),
        _ if !path.is_empty() => Told::Unknown,
        value => match value.as_text() {
            Some(text) if !is_open(&text) => Told::Texts(vec![text]),
            _ => Told::Unknown,
        },
    }
}

/// Whether a text says nothing by itself: unlike a reference, whatever it stands for is not known.
fn is_open(text: &Text) -> bool {
    text.as_literal() == Some("") || matches!(text.pieces(), [Piece::Hole(Hole::Unknown(_))])
}

/// What a rule makes of its events: a template, with parts of them.
fn transformed(transformer: &Arg) -> Option<ArgMap> {
    let transformer = match transformer {
        Arg::List { items, .. } => items.first()?,
        one => one,
    };
    let transformer = transformer.as_map()?;
    [TEMPLATE, "inputTemplate", "input_template"].iter().find_map(|name| template(transformer.get(name)?))
}

/// A dictionary that is written as JSON with parts of the event in it: `<name>`, in a string or for a whole value.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>
fn template(value: &Arg) -> Option<ArgMap> {
    if let Arg::Map(map) = value {
        return Some(map.clone());
    }
    let mut text = Text::default();
    for piece in value.as_text()?.pieces() {
        let Piece::Literal(literal) = piece else {
            text.push(piece.clone());
            continue;
        };
        let mut rest = literal.as_str();
        while let Some((before, after)) = rest.split_once('<') {
            text.push_str(before);
            rest = match variable(after) {
                Some(behind) => {
                    text.push(Piece::Hole(Hole::Unknown("a part of the event".into())));
                    behind
                }
                None => {
                    text.push_str("<");
                    after
                }
            };
        }
        text.push_str(rest);
    }
    constant(&Arg::Text(text))
}

/// What follows a variable, given what follows its `<`.
fn variable(text: &str) -> Option<&str> {
    /// The longest name that is looked for.
    const LONGEST: usize = 256;
    let end = text.bytes().take(LONGEST).position(|byte| byte == b'>').filter(|end| *end > 0)?;
    let is_name = !text[..end].contains(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '='));
    is_name.then(|| &text[end + 1..])
}

/// A dictionary, written as one or as JSON.
fn constant(value: &Arg) -> Option<ArgMap> {
    match value {
        Arg::Map(map) => Some(map.clone()),
        value => match from_json(&value.as_text()?)? {
            Arg::Map(map) => Some(map),
            _ => None,
        },
    }
}
