//! What invokes functions, and where their asynchronous invocations go.

use smol_str::SmolStr;

use super::collect::{Collected, Entry};
use super::document::blocks;
use super::function::destinations;
use super::value::Value;
use crate::iac::carried::carry;
use crate::iac::events::{PIPE, mapping_kind};
use crate::iac::machine;
use crate::iac::strings::named_resource;
use crate::iac::{EventKind, EventSource, Stack};
use crate::note::{Note, NoteKind};
use crate::value::{Arg, ArgMap, Text};

/// How many aliases may stand between an event and its function.
const MAX_HOPS: usize = 4;

/// Attaches events and destinations to functions.
pub(super) fn attach(collected: &Collected, stack: &mut Stack) {
    let mut sent = Vec::new();
    for entry in collected.in_order().filter(|entry| !entry.is_data) {
        let values = &entry.values;
        match entry.kind.as_str() {
            "aws_lambda_event_source_mapping" => {
                let event = mapping(collected, entry.address.clone(), values);
                let target = values.get("function_name");
                if !each_target(collected, stack, target, |function| function.events.push(event.clone())) {
                    let named = target.and_then(Value::one_text).unwrap_or_default();
                    let message =
                        format!("the function that polls here is not declared in this configuration, {}", named.pattern());
                    stack.notes.push(Note::at(NoteKind::Template, entry.at.clone(), message));
                }
            }
            "aws_lambda_function_event_invoke_config" => {
                let settings = destinations(values);
                each_target(collected, stack, values.get("function_name"), |function| {
                    function.settings.extend(settings.iter().cloned());
                });
            }
            "aws_lambda_permission" => {
                let event = permission(entry);
                each_target(collected, stack, values.get("function_name"), |function| function.events.push(event.clone()));
            }
            "aws_sns_topic_subscription" => {
                let event = pushed(entry, "sns", values.get("topic_arn"));
                each_target(collected, stack, values.get("endpoint"), |function| function.events.push(event.clone()));
                sent.extend(to_each(values.get("endpoint"), &event));
            }
            "aws_cloudwatch_event_target" => {
                let mut event = pushed(entry, "eventbridgerule", values.get("rule"));
                event.properties.entries.extend(of_rule(collected, event.resource.as_ref()));
                each_target(collected, stack, values.get("arn"), |function| function.events.push(event.clone()));
                sent.extend(to_each(values.get("arn"), &event));
            }
            "aws_secretsmanager_secret_rotation" => {
                let event = pushed(entry, "rotation", values.get("secret_id"));
                each_target(collected, stack, values.get("rotation_lambda_arn"), |function| function.events.push(event.clone()));
            }
            "aws_apigatewayv2_integration" => {
                let event = pushed(entry, "apigatewayv2", values.get("api_id"));
                each_target(collected, stack, values.get("integration_uri"), |function| function.events.push(event.clone()));
            }
            "aws_cloudwatch_log_subscription_filter" => {
                let event = pushed(entry, "cloudwatchlogs", values.get("log_group_name"));
                each_target(collected, stack, values.get("destination_arn"), |function| function.events.push(event.clone()));
            }
            "aws_sfn_state_machine" => from_machine(collected, entry, stack),
            "aws_pipes_pipe" => from_pipe(collected, entry, stack),
            "aws_scheduler_schedule" => {
                let mut event = pushed(entry, "schedulev2", None);
                let input = values.path(&["target", "input"]).map(Value::to_arg);
                event.properties.entries.extend(input.map(|input| ("input".into(), input)));
                each_target(collected, stack, values.path(&["target", "arn"]), |function| function.events.push(event.clone()));
            }
            "aws_s3_bucket_notification" => {
                for notified in values.get("lambda_function").map_or_else(Vec::new, blocks) {
                    let event = pushed(entry, "s3", values.get("bucket"));
                    let target = notified.get("lambda_function_arn");
                    each_target(collected, stack, target, |function| function.events.push(event.clone()));
                }
                for (block, key) in [("queue", "queue_arn"), ("topic", "topic_arn")] {
                    let event = pushed(entry, "s3", values.get("bucket"));
                    let notified = values.get(block).map_or_else(Vec::new, blocks);
                    sent.extend(notified.iter().flat_map(|notified| to_each(notified.get(key), &event)));
                }
            }
            _ => {}
        }
    }
    carry(stack, &sent);
}

/// What a state machine sends to the functions that its tasks invoke.
fn from_machine(collected: &Collected, entry: &Entry, stack: &mut Stack) {
    let definition = entry.values.get("definition").and_then(|value| machine::of_string(&value.to_arg()));
    let own = EventSource { properties: ArgMap::default(), ..pushed(entry, machine::STATE_MACHINE, None) };
    for (target, event) in definition.iter().flat_map(|definition| machine::events(definition, &own)) {
        if let Some(at) = function_of(collected, stack, target) {
            stack.functions[at].events.push(event);
        }
    }
}

/// What a pipe sends to its target, and to what adds something on the way.
fn from_pipe(collected: &Collected, entry: &Entry, stack: &mut Stack) {
    let values = &entry.values;
    let own = EventSource { properties: ArgMap::default(), ..pushed(entry, PIPE, values.get("source")) };
    for (end, parameters) in [("target", "target_parameters"), ("enrichment", "enrichment_parameters")] {
        let mut event = own.clone();
        let template = values.path(&[parameters, "input_template"]).map(Value::to_arg);
        event.properties.entries.extend(template.map(|template| ("InputTemplate".into(), template)));
        each_target(collected, stack, values.get(end), |function| function.events.push(event.clone()));
    }
}

/// An event with each of the places it goes to.
fn to_each(target: Option<&Value>, event: &EventSource) -> Vec<(Text, EventSource)> {
    let texts = target.map_or_else(Vec::new, Value::texts);
    texts.into_iter().map(|target| (target, event.clone())).collect()
}

/// What a rule says of its events: the pattern they match, or when they are sent.
fn of_rule(collected: &Collected, rule: Option<&Text>) -> Vec<(SmolStr, Arg)> {
    let Some(rule) = rule.and_then(|rule| collected.entry_of(rule)) else { return Vec::new() };
    let names = ["event_pattern", "schedule_expression"];
    names.iter().filter_map(|name| Some(((*name).into(), rule.values.get(name)?.to_arg()))).collect()
}

/// An event source mapping, from its own resource or from the community module.
pub(super) fn mapping(collected: &Collected, name: SmolStr, values: &Value) -> EventSource {
    let resource = values.get("event_source_arn").and_then(Value::one_text);
    let kind = if values.get("self_managed_event_source").is_some() {
        EventKind::SelfManagedKafka
    } else {
        let source = resource.clone().unwrap_or_default();
        let kind = collected.entry_of(&source).and_then(|entry| template_kind(&entry.kind));
        mapping_kind(&source, kind)
    };
    EventSource {
        name,
        kind,
        resource,
        on_failure: values.path(&["destination_config", "on_failure", "destination_arn"]).and_then(Value::one_text),
        properties: properties(values),
        origin: values.at.clone(),
    }
}

/// `CloudFormation`'s name of a type that events are polled from.
fn template_kind(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "aws_sqs_queue" | "terraform-aws-modules/sqs/aws" => "AWS::SQS::Queue",
        "aws_kinesis_stream" => "AWS::Kinesis::Stream",
        "aws_kinesis_stream_consumer" => "AWS::Kinesis::StreamConsumer",
        "aws_dynamodb_table" | "terraform-aws-modules/dynamodb-table/aws" => "AWS::DynamoDB::Table",
        "aws_msk_cluster" => "AWS::MSK::Cluster",
        "aws_msk_serverless_cluster" => "AWS::MSK::ServerlessCluster",
        "aws_mq_broker" => "AWS::AmazonMQ::Broker",
        "aws_docdb_cluster" => "AWS::DocDB::DBCluster",
        _ => return None,
    })
}

fn properties(values: &Value) -> ArgMap {
    values.as_map().map_or_else(|| ArgMap { open: true, ..ArgMap::default() }, super::value::Map::to_arg)
}

fn pushed(entry: &Entry, kind: &str, source: Option<&Value>) -> EventSource {
    EventSource {
        name: entry.address.clone(),
        kind: EventKind::Push(kind.into()),
        resource: source.and_then(Value::one_text),
        on_failure: None,
        properties: properties(&entry.values),
        origin: entry.at.clone(),
    }
}

/// A service that may invoke the function; its name says what kind of event that is.
fn permission(entry: &Entry) -> EventSource {
    let principal = entry.values.get("principal").and_then(Value::literal).unwrap_or_default();
    let kind = principal_kind(&principal);
    pushed(entry, &kind, entry.values.get("source_arn"))
}

/// The event kind of a principal: `apigateway.amazonaws.com` is `api`.
pub(super) fn principal_kind(principal: &str) -> SmolStr {
    let service = principal.split('.').next().unwrap_or_default();
    match service {
        "apigateway" => "api".into(),
        "events" => "eventbridgerule".into(),
        "scheduler" => "schedulev2".into(),
        "cognito-idp" => "cognito".into(),
        "logs" => "cloudwatchlogs".into(),
        "elasticloadbalancing" => "alb".into(),
        "" => "permission".into(),
        other => other.to_ascii_lowercase().into(),
    }
}

/// Every function that a reference may mean, by way of aliases; whether there is any.
fn each_target(
    collected: &Collected,
    stack: &mut Stack,
    target: Option<&Value>,
    mut apply: impl FnMut(&mut crate::iac::LambdaFunction),
) -> bool {
    let mut done: Vec<usize> = Vec::new();
    for text in target.map_or_else(Vec::new, Value::texts) {
        if let Some(at) = function_of(collected, stack, text)
            && !done.contains(&at)
        {
            done.push(at);
            apply(&mut stack.functions[at]);
        }
    }
    !done.is_empty()
}

fn function_of(collected: &Collected, stack: &Stack, mut reference: Text) -> Option<usize> {
    for _ in 0..MAX_HOPS {
        if let Some(at) = stack.function_of(&reference) {
            return Some(at);
        }
        // A name that holes are a part of: the same expression at the function.
        if let Some(at) = stack.functions.iter().position(|function| function.name.as_ref() == Some(&reference)) {
            return Some(at);
        }
        let id = named_resource(&reference)?;
        reference = collected.entries.get(id)?.values.get("function_name")?.one_text()?;
    }
    None
}
