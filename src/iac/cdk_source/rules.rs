//! Rules of a CDK application's events: what they match, and what their targets get, which is what templates say of theirs.
//! <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_events-readme.html>

use smol_str::SmolStr;

use super::{Reader, props, text_of};
use crate::flow::SdkCall;
use crate::iac::stack::{EventKind, EventSource};
use crate::sdk::construct::construct;
use crate::value::{Arg, ArgMap, Hole, Text};

/// The class of rules.
pub(super) const RULE: &str = "aws-events.Rule";

impl Reader<'_> {
    /// Takes in a construct that is a rule, or what is added to one's pattern.
    pub(super) fn rule(&mut self, call: &SdkCall) {
        let given = props(&call.params);
        if call.operation == RULE {
            let Some(id) = text_of(&call.params, "id").and_then(|id| id.as_literal().map(SmolStr::from)) else { return };
            let mut rule = ArgMap::default();
            if let Some(pattern) = given.get("eventPattern") {
                rule.entries.insert("EventPattern".into(), pattern_of(pattern));
            }
            if given.get("schedule").is_some_and(|schedule| *schedule != Arg::Null) {
                rule.entries.insert("ScheduleExpression".into(), Arg::text("*"));
            }
            self.rules.entry(id).or_insert(rule);
        } else if call.operation == "#addEventPattern"
            && let Some((RULE, Some(id), _)) = call.params.get("receiver").and_then(construct)
            && let Some(rule) = self.rules.get_mut(id)
            && let Arg::Map(more) = pattern_of(&Arg::Map(given.clone()))
            && let Arg::Map(pattern) = rule.entries.entry("EventPattern".into()).or_insert_with(|| Arg::Map(ArgMap::default()))
        {
            pattern.open |= more.open || call.params.open;
            for (name, value) in more.entries {
                let merged = if pattern.entries.contains_key(&name) { Arg::unknown("a pattern in parts") } else { value };
                pattern.entries.insert(name, merged);
            }
        }
    }

    /// A rule with one of its targets.
    pub(super) fn targeted(&mut self, rule: &str, target: &Arg, call: &SdkCall) {
        let mut properties = self.rules.get(rule).cloned().unwrap_or_default();
        let input = construct(target).and_then(|(_, _, data)| data.get("props")?.as_map()?.get("event"));
        properties.entries.extend(input.map(input_of));
        for at in self.functions_of(target) {
            let event = EventSource {
                name: SmolStr::new_static("eventbridgerule"),
                kind: EventKind::Push(SmolStr::new_static("eventbridgerule")),
                resource: Some(Text::hole(Hole::Resource { id: rule.into(), attribute: "Ref".into() })),
                on_failure: None,
                properties: properties.clone(),
                origin: call.at.clone(),
            };
            self.push_event(at, event);
        }
    }
}

/// A pattern as templates write it; Python makes `EventPattern(detail_type=…)`.
fn pattern_of(value: &Arg) -> Arg {
    let made = construct(value).and_then(|(_, _, data)| data.get("props"));
    let Arg::Map(map) = made.unwrap_or(value) else { return Arg::unknown("a pattern of the application") };
    let spelled = |name: &SmolStr| if name == "detailType" { SmolStr::new_static("detail-type") } else { name.clone() };
    let entries = map.entries.iter().map(|(name, value)| (spelled(name), value.clone()));
    Arg::Map(ArgMap { entries: entries.collect(), open: map.open, computed: map.computed.clone() })
}

/// What a target gets instead of the event: an object of the application, or what only the event tells.
fn input_of(value: &Arg) -> (SmolStr, Arg) {
    let object = construct(value).filter(|(class, ..)| class.ends_with(".fromObject")).and_then(|(_, _, data)| data.get("props"));
    match object {
        Some(object) => (SmolStr::new_static("Input"), object.clone()),
        None => (SmolStr::new_static("InputTransformer"), Arg::Null),
    }
}
