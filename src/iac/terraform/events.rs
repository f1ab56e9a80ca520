//! What invokes functions, and where their asynchronous invocations go.

use smol_str::SmolStr;

use super::collect::{Collected, Entry};
use super::document::blocks;
use super::function::destinations;
use super::value::{Value, named_resource};
use crate::iac::events::mapping_kind;
use crate::iac::{EventKind, EventSource, Stack};
use crate::value::{ArgMap, Text};

/// How many aliases may stand between an event and its function.
const MAX_HOPS: usize = 4;

/// Attaches events and destinations to functions.
pub(super) fn attach(collected: &Collected, stack: &mut Stack) {
    for entry in collected.in_order().filter(|entry| !entry.is_data) {
        let values = &entry.values;
        match entry.kind.as_str() {
            "aws_lambda_event_source_mapping" => {
                let event = mapping(collected, entry.address.clone(), values);
                each_target(collected, stack, values.get("function_name"), |function| function.events.push(event.clone()));
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
            }
            "aws_cloudwatch_event_target" => {
                let event = pushed(entry, "eventbridgerule", values.get("rule"));
                each_target(collected, stack, values.get("arn"), |function| function.events.push(event.clone()));
            }
            "aws_cloudwatch_log_subscription_filter" => {
                let event = pushed(entry, "cloudwatchlogs", values.get("log_group_name"));
                each_target(collected, stack, values.get("destination_arn"), |function| function.events.push(event.clone()));
            }
            "aws_scheduler_schedule" => {
                let event = pushed(entry, "schedulev2", None);
                each_target(collected, stack, values.path(&["target", "arn"]), |function| function.events.push(event.clone()));
            }
            "aws_s3_bucket_notification" => {
                for notified in values.get("lambda_function").map_or_else(Vec::new, blocks) {
                    let event = pushed(entry, "s3", values.get("bucket"));
                    let target = notified.get("lambda_function_arn");
                    each_target(collected, stack, target, |function| function.events.push(event.clone()));
                }
            }
            _ => {}
        }
    }
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

/// Every function that a reference may mean, by way of aliases.
fn each_target(
    collected: &Collected,
    stack: &mut Stack,
    target: Option<&Value>,
    mut apply: impl FnMut(&mut crate::iac::LambdaFunction),
) {
    let mut done: Vec<usize> = Vec::new();
    for text in target.map_or_else(Vec::new, Value::texts) {
        if let Some(at) = function_of(collected, stack, text)
            && !done.contains(&at)
        {
            done.push(at);
            apply(&mut stack.functions[at]);
        }
    }
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
