//! Parts of events that the template writes down.

use std::collections::BTreeMap;

use crate::iac::events::CUSTOM_RESOURCE;
use crate::iac::{EventKind, EventSource};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// How many values a part of the event may have to be written out.
const MAX_VALUES: usize = 16;

/// What a part of the event is, by its dotted path: nothing unless every source of such events tells it.
pub(super) fn of(path: &str, events: &[EventSource]) -> Option<Vec<Text>> {
    let parts: Vec<&str> = path.split('.').collect();
    let (first, rest) = parts.split_first()?;
    let kind = |names: &[&str]| {
        let is = |event: &&EventSource| matches!(&event.kind, EventKind::Push(kind) if names.contains(&kind.as_str()));
        events.iter().filter(is).collect::<Vec<_>>()
    };
    let found = match *first {
        // <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html>
        "ResourceProperties" => all(&kind(&[CUSTOM_RESOURCE]), |event| inside(&event.properties, rest)),
        // <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
        "detail" => all(&kind(&["eventbridgerule", "cloudwatchevent", "eventbridge"]), |event| {
            let pattern = ["Pattern", "EventPattern"].iter().find_map(|name| event.properties.get(name));
            inside(pattern?.as_map()?, &parts)
        }),
        // <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>
        _ => {
            let schedules = kind(&["schedule", "schedulev2"]);
            let only = schedules.len() == events.len();
            only.then(|| all(&schedules, |event| inside(&input(event)?, &parts))).flatten()
        }
    };
    found.filter(|found| found.len() <= MAX_VALUES)
}

fn all(events: &[&EventSource], texts: impl Fn(&EventSource) -> Option<Vec<Text>>) -> Option<Vec<Text>> {
    let mut found: Vec<Text> = events.iter().map(|event| texts(event)).collect::<Option<Vec<_>>>()?.concat();
    found.sort();
    found.dedup();
    (!found.is_empty()).then_some(found)
}

/// What stands at a path. All of it must be known.
fn inside(map: &ArgMap, path: &[&str]) -> Option<Vec<Text>> {
    let (first, rest) = path.split_first()?;
    let name = first.strip_suffix("[]").unwrap_or(first);
    leaves(map.get(name)?, rest)
}

fn leaves(value: &Arg, path: &[&str]) -> Option<Vec<Text>> {
    let each =
        |values: &[Arg]| values.iter().map(|value| leaves(value, path)).collect::<Option<Vec<_>>>().map(|all| all.concat());
    match value {
        Arg::OneOf(values) => each(values),
        Arg::List { items, open: false } => each(items),
        Arg::Map(map) => inside(map, path),
        _ if !path.is_empty() => None,
        value => value.as_text().filter(|text| !is_open(text)).map(|text| vec![text]),
    }
}

/// Whether a text says nothing by itself: unlike a reference, whatever it stands for is not known.
fn is_open(text: &Text) -> bool {
    text.as_literal() == Some("") || matches!(text.pieces(), [Piece::Hole(Hole::Unknown(_))])
}

/// The constant that a schedule sends.
fn input(event: &EventSource) -> Option<ArgMap> {
    let text = event.properties.get("Input")?.as_text()?;
    match of_json(&serde_json::from_str(text.as_literal()?).ok()?) {
        Arg::Map(map) => Some(map),
        _ => None,
    }
}

fn of_json(value: &serde_json::Value) -> Arg {
    use serde_json::Value;
    match value {
        Value::Null => Arg::Null,
        Value::Bool(value) => Arg::Bool(*value),
        Value::Number(number) => Arg::Number(number.to_string().into()),
        Value::String(text) => Arg::text(text),
        Value::Array(items) => Arg::List { items: items.iter().map(of_json).collect(), open: false },
        Value::Object(map) => {
            let entries: BTreeMap<_, _> = map.iter().map(|(name, value)| (name.as_str().into(), of_json(value))).collect();
            Arg::Map(ArgMap { entries, ..ArgMap::default() })
        }
    }
}
