//! Parts of events that the template writes down.

use std::collections::BTreeMap;

use crate::iac::events::CUSTOM_RESOURCE;
use crate::iac::{EventKind, EventSource};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// How many values a part of the event may have to be written out.
const MAX_VALUES: usize = 16;

/// What Amazon `EventBridge` and its schedules send, by the names of its parts.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>
const ENVELOPE: [&str; 9] = ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"];

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

fn tells(event: &EventSource, path: &[&str]) -> Told {
    let Some((first, rest)) = path.split_first() else { return Told::Unknown };
    let EventKind::Push(kind) = &event.kind else { return foreign(first) };
    match kind.as_str() {
        // <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html>
        CUSTOM_RESOURCE if *first == "ResourceProperties" => inside(&event.properties, rest),
        CUSTOM_RESOURCE => foreign(first),
        "eventbridgerule" | "cloudwatchevent" | "eventbridge" | "schedule" | "schedulev2" => scheduled(event, path),
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
    if property(&["InputPath", "inputPath", "input_path", "InputTransformer", "inputTransformer", "input_transformer"]).is_some()
    {
        return Told::Unknown;
    }
    if let Some(input) = property(&["Input", "input"]) {
        return constant(input).map_or(Told::Unknown, |input| inside(&input, path));
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
    match map.get(first.strip_suffix("[]").unwrap_or(first)) {
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

/// A dictionary, written as one or as JSON.
fn constant(value: &Arg) -> Option<ArgMap> {
    match value {
        Arg::Map(map) => Some(map.clone()),
        value => match of_text(&value.as_text()?)? {
            Arg::Map(map) => Some(map),
            _ => None,
        },
    }
}

/// What stands around the number of a hole while JSON is read.
const MARK: char = '\u{e000}';

/// JSON whose strings may have holes.
fn of_text(text: &Text) -> Option<Arg> {
    let mut written = String::new();
    for (at, piece) in text.pieces().iter().enumerate() {
        match piece {
            Piece::Literal(literal) if literal.contains(MARK) => return None,
            Piece::Literal(literal) => written.push_str(literal),
            Piece::Hole(_) => written.push_str(&format!("{MARK}{at}{MARK}")),
        }
    }
    Some(of_json(&serde_json::from_str(&written).ok()?, text.pieces()))
}

fn of_json(value: &serde_json::Value, holes: &[Piece]) -> Arg {
    use serde_json::Value;
    match value {
        Value::Null => Arg::Null,
        Value::Bool(value) => Arg::Bool(*value),
        Value::Number(number) => Arg::Number(number.to_string().into()),
        Value::String(text) => Arg::Text(unmarked(text, holes)),
        Value::Array(items) => Arg::List { items: items.iter().map(|item| of_json(item, holes)).collect(), open: false },
        Value::Object(map) => {
            let entries: BTreeMap<_, _> = map.iter().map(|(name, value)| (name.as_str().into(), of_json(value, holes))).collect();
            Arg::Map(ArgMap { entries, ..ArgMap::default() })
        }
    }
}

/// A string with its holes back: every other part between marks is a number of one.
fn unmarked(text: &str, holes: &[Piece]) -> Text {
    let parts = text.split(MARK).enumerate().map(|(at, part)| match part.parse::<usize>() {
        Ok(hole) if at % 2 == 1 => holes.get(hole).cloned().unwrap_or_else(|| Piece::Literal(part.into())),
        _ => Piece::Literal(part.into()),
    });
    Text::from_pieces(parts)
}
