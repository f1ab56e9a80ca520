//! Rules of a CDK application's events and what else sends constants: what they match, and what their targets get, which is what
//! templates say of theirs.
//! <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_events-readme.html>

use smol_str::SmolStr;

use super::{Reader, props, text_of};
use crate::flow::SdkCall;
use crate::iac::events::PIPE;
use crate::iac::machine::{self, INPUT, STATE_MACHINE};
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
        properties.entries.extend(given(target, "event").map(input_of));
        for at in self.functions_of(target) {
            self.sends(at, ("eventbridgerule", rule), &properties, call);
        }
    }

    /// What constructs send to functions that stand among their properties: schedules, pipes, tasks of state machines.
    pub(super) fn sent_when_made(&mut self, id: &str, call: &SdkCall) {
        let given_props = props(&call.params);
        let own = |name: &str| given_props.get(name);
        let mut properties = ArgMap::default();
        match call.operation.as_str() {
            "aws-events.CfnRule" => self.sent_to_arns(id, "eventbridgerule", "targets", call),
            "aws-scheduler.CfnSchedule" => self.sent_to_arns(id, "schedulev2", "target", call),
            "aws-scheduler.Schedule" => {
                let Some(target) = own("target") else { return };
                properties.entries.insert("ScheduleExpression".into(), Arg::text("*"));
                properties.entries.extend(given(target, "input").map(input_of));
                self.sent_to(target, ("schedulev2", id), &properties, call);
            }
            "aws-pipes.CfnPipe" => {
                for (end, parameters) in [("target", "targetParameters"), ("enrichment", "enrichmentParameters")] {
                    let template = own(parameters).and_then(parts_of).and_then(|parameters| parameters.get("inputTemplate"));
                    let told = template.map(|template| ("InputTemplate".into(), template.clone())).into_iter().collect();
                    let told = ArgMap { entries: told, ..ArgMap::default() };
                    self.sent_to_arn(own(end), (PIPE, id), &told, call);
                }
            }
            "aws-pipes.Pipe" => {
                for target in ["target", "enrichment"].iter().filter_map(|end| own(end)) {
                    let object = given(target, "inputTransformation").and_then(object_of);
                    let told = object.map(|object| ("InputTemplate".into(), object.clone())).into_iter().collect();
                    self.sent_to(target, (PIPE, id), &ArgMap { entries: told, ..ArgMap::default() }, call);
                }
            }
            "aws-stepfunctions-tasks.LambdaInvoke" => {
                let Some(function) = own("lambdaFunction") else { return };
                let object = own("payload").and_then(object_of);
                properties.entries.extend(object.map(|object| (INPUT.into(), object.clone())));
                self.sent_to(function, (STATE_MACHINE, id), &properties, call);
            }
            "aws-stepfunctions.CfnStateMachine" => {
                let definition = own("definitionString").or_else(|| own("definition")).and_then(machine::of_string);
                let event = event_of((STATE_MACHINE, id), &properties, call);
                for (function, event) in definition.iter().flat_map(|definition| machine::events(definition, &event)) {
                    if let Some(at) = self.stack.function_of(&function) {
                        self.push_event(at, event);
                    }
                }
            }
            _ => {}
        }
    }

    /// What rules and schedules that are generated from resource types send: they name their targets by ARN.
    fn sent_to_arns(&mut self, id: &str, kind: &'static str, list: &str, call: &SdkCall) {
        let given = props(&call.params);
        let mut known = ArgMap::default();
        known.entries.extend(given.get("eventPattern").map(|pattern| ("EventPattern".into(), pattern_of(pattern))));
        let schedule = given.get("scheduleExpression").map(|_| ("ScheduleExpression".into(), Arg::text("*")));
        known.entries.extend(schedule);
        let targets = match given.get(list) {
            Some(Arg::List { items, .. }) => items.clone(),
            one => one.into_iter().cloned().collect(),
        };
        for target in targets.iter().filter_map(parts_of) {
            let mut told = known.clone();
            for (own, name) in [("input", "Input"), ("inputPath", "InputPath"), ("inputTransformer", "InputTransformer")] {
                let value = target.get(own).map(|value| parts_of(value).cloned().map_or_else(|| value.clone(), Arg::Map));
                told.entries.extend(value.map(|value| (name.into(), value)));
            }
            self.sent_to_arn(target.get("arn"), (kind, id), &told, call);
        }
    }

    fn sent_to_arn(&mut self, target: Option<&Arg>, from: (&'static str, &str), properties: &ArgMap, call: &SdkCall) {
        for text in target.map_or_else(Vec::new, Arg::texts) {
            if let Some(at) = self.stack.function_of(&text) {
                self.sends(at, from, properties, call);
            }
        }
    }

    fn sent_to(&mut self, target: &Arg, from: (&'static str, &str), properties: &ArgMap, call: &SdkCall) {
        for at in self.functions_of(target) {
            self.sends(at, from, properties, call);
        }
    }

    fn sends(&mut self, at: usize, from: (&'static str, &str), properties: &ArgMap, call: &SdkCall) {
        self.push_event(at, event_of(from, properties, call));
    }
}

/// An event of a kind from a construct.
fn event_of((kind, from): (&'static str, &str), properties: &ArgMap, call: &SdkCall) -> EventSource {
    EventSource {
        name: SmolStr::new_static(kind),
        kind: EventKind::Push(SmolStr::new_static(kind)),
        resource: Some(Text::hole(Hole::Resource { id: from.into(), attribute: "Ref".into() })),
        on_failure: None,
        properties: properties.clone(),
        origin: call.at.clone(),
    }
}

/// A property that a target is made with: `new LambdaFunction(fn, { event })`.
fn given<'a>(target: &'a Arg, name: &str) -> Option<&'a Arg> {
    construct(target).and_then(|(_, _, data)| data.get("props")?.as_map()?.get(name))
}

/// The entries of an object; Python makes `CfnRule.TargetProperty(arn=…)`.
fn parts_of(value: &Arg) -> Option<&ArgMap> {
    value.as_map().or_else(|| construct(value).filter(|(_, id, _)| id.is_none())?.2.get("props")?.as_map())
}

/// The object that an input is made of: `RuleTargetInput.fromObject({…})`, `TaskInput.fromObject({…})`.
fn object_of(value: &Arg) -> Option<&Arg> {
    construct(value).filter(|(class, ..)| class.ends_with(".fromObject")).and_then(|(_, _, data)| data.get("props"))
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
    match object_of(value) {
        Some(object) => (SmolStr::new_static("Input"), object.clone()),
        None => (SmolStr::new_static("InputTransformer"), Arg::Null),
    }
}
