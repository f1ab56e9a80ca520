//! Events of a function, and what the framework allows for those that Lambda polls.
//! <https://www.serverless.com/framework/docs/providers/aws/guide/events>

use std::collections::BTreeMap;

use super::build::{alphanumeric, join, reference, statement, text};
use super::roles::{Grant, connections};
use super::service::{Function, Service};
use crate::iac::declared::POLLER_NETWORK;
use crate::iac::document::Node;
use crate::iac::events::mapping_kind;
use crate::iac::stack::{EventKind, EventSource, Stack};
use crate::iac::template::Template;
use crate::value::{ArgMap, Hole, Text};

/// Properties that name what an event comes from.
const SOURCES: [&str; 15] = [
    "arn",
    "bucket",
    "topicName",
    "pool",
    "eventBus",
    "logGroup",
    "id",
    "name",
    "rate",
    "url",
    "listenerArn",
    "topic",
    "appId",
    "distribution",
    "route",
];

/// The events of a function.
pub(super) fn events(template: &Template<'_>, stack: &Stack, service: &Service, function: &Function) -> Vec<EventSource> {
    let mut events: Vec<EventSource> = Vec::new();
    let mut so_far: BTreeMap<&str, usize> = BTreeMap::new();
    for (kind, node) in function.events() {
        let count = so_far.entry(kind).or_default();
        *count += 1;
        let name = match (*count, kind.ends_with(|c: char| c.is_ascii_digit())) {
            (1, _) => kind.to_owned(),
            (count, false) => format!("{kind}{count}"),
            // A number behind another would be one number.
            (count, true) => format!("{kind}-{count}"),
        };
        let resource = source(service, kind, node).and_then(|node| template.text(&node));
        let on_failure = node.path(&["destinations", "onFailure"]);
        let on_failure = on_failure.map(|target| target.get("arn").unwrap_or(target)).and_then(|target| template.text(target));
        events.push(EventSource {
            name: name.into(),
            kind: event_kind(stack, kind, node, resource.as_ref()),
            resource,
            on_failure,
            properties: if node.as_mapping().is_some() { template.arg_map(node) } else { ArgMap::default() },
            origin: template.at(node.span),
        });
    }
    events
}

/// What an event comes from, where it says so.
fn source(service: &Service, kind: &str, node: &Node) -> Option<Node> {
    let named = |key: &str| node.get(key).filter(|node| !node.is_null());
    match (kind, node.as_str()) {
        // Topics by name are created with the service.
        ("sns", Some(name)) if !name.contains(':') => Some(topic(name, node)),
        ("sns", None) => named("arn").cloned().or_else(|| named("topicName").and_then(|node| Some(topic(node.as_str()?, node)))),
        // <https://www.serverless.com/framework/docs/providers/aws/events/websocket>
        ("websocket", _) => {
            let shared = service.setting(&["apiGateway", "websocketApiId"]).cloned();
            Some(shared.unwrap_or_else(|| reference("WebsocketsApi", node.span)))
        }
        ("cognitoUserPool", None) => {
            let name = named("pool").filter(|_| node.get("existing").and_then(Node::as_bool) != Some(true))?;
            Some(reference(&pool_id(name.as_str()?), name.span))
        }
        ("http" | "httpApi" | "alexaSkill" | "schedule", _) => None,
        (_, Some(name)) if name != kind => Some(node.clone()),
        (_, Some(_)) => None,
        (_, None) if super::service::reference(node) => Some(node.clone()),
        (_, None) => SOURCES.iter().find_map(|key| named(key)).cloned(),
    }
}

fn topic(name: &str, node: &Node) -> Node {
    reference(&topic_id(name), node.span)
}

/// The logical id of a topic that an event names.
pub(super) fn topic_id(name: &str) -> String {
    format!("SNSTopic{}", alphanumeric(name))
}

/// The logical id of a user pool that an event names.
/// <https://www.serverless.com/framework/docs/providers/aws/events/cognito-user-pool>
pub(super) fn pool_id(name: &str) -> String {
    format!("CognitoUserPool{}", alphanumeric(name))
}

fn event_kind(stack: &Stack, kind: &str, node: &Node, resource: Option<&Text>) -> EventKind {
    match kind {
        "sqs" => EventKind::Sqs,
        "msk" => EventKind::Msk,
        "kafka" => EventKind::SelfManagedKafka,
        "activemq" | "rabbitmq" => EventKind::Mq,
        "stream" => match node.get("type").and_then(Node::as_str) {
            Some("dynamodb") => EventKind::DynamoDb,
            Some("kinesis") => EventKind::Kinesis,
            _ => {
                let resource = resource.cloned().unwrap_or_default();
                let declared = resource.holes().find_map(|hole| match hole {
                    Hole::Resource { id, .. } => stack.resources.get(id),
                    _ => None,
                });
                mapping_kind(&resource, declared.map(|resource| resource.kind.as_str()))
            }
        },
        "cognitoUserPool" => EventKind::Push("cognito".into()),
        other => EventKind::Push(other.to_ascii_lowercase().into()),
    }
}

/// What the framework allows for the events of a function.
pub(super) fn grants(function: &Function) -> Vec<Grant> {
    let mut grants = Vec::new();
    for (kind, node) in function.events() {
        match kind {
            "stream" => stream(node, &mut grants),
            "sqs" => {
                let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
                grant(&mut grants, node, &actions, node.get("arn").unwrap_or(node));
            }
            "msk" => {
                if let Some(arn) = node.get("arn") {
                    grant(&mut grants, node, &["kafka:DescribeCluster", "kafka:GetBootstrapBrokers"], arn);
                }
                grant(&mut grants, node, &POLLER_NETWORK, &text("*", node.span));
            }
            "kafka" => secrets(node, node.get("vpc").is_some() || needs_network(node), &mut grants),
            "activemq" | "rabbitmq" => {
                if let Some(arn) = node.get("arn") {
                    grant(&mut grants, node, &["mq:DescribeBroker"], arn);
                }
                if let Some(secret) = node.get("basicAuthArn") {
                    grant(&mut grants, node, &["secretsmanager:GetSecretValue"], secret);
                }
                grant(&mut grants, node, &POLLER_NETWORK, &text("*", node.span));
            }
            "websocket" => {
                let statement = statement(&["execute-api:ManageConnections"], vec![connections(node.span)], node.span);
                grants.push(Grant { reason: "answers on web sockets", span: node.span, statement });
            }
            _ => {}
        }
    }
    grants
}

fn grant(grants: &mut Vec<Grant>, node: &Node, actions: &[&str], resource: &Node) {
    let statement = statement(actions, vec![resource.clone()], node.span);
    grants.push(Grant { reason: "is invoked from the source it polls", span: node.span, statement });
}

/// Streams of tables and of Kinesis, with what failed records need.
fn stream(node: &Node, grants: &mut Vec<Grant>) {
    let arn = node.get("arn").unwrap_or(node);
    let is_table = match node.get("type").and_then(Node::as_str) {
        Some(kind) => kind == "dynamodb",
        None => arn_text(arn).is_some_and(|arn| arn.contains(":dynamodb:")),
    };
    let list = if node.get("consumer").is_some() { "kinesis:ListShards" } else { "kinesis:ListStreams" };
    let describe = if node.get("consumer").is_some() { "kinesis:DescribeStreamSummary" } else { "kinesis:DescribeStream" };
    if is_table {
        let actions = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"];
        grant(grants, node, &actions, arn);
    } else {
        grant(grants, node, &["kinesis:GetRecords", "kinesis:GetShardIterator", describe, list], arn);
        if let Some(consumer) = node.get("consumer") {
            // The consumer that `true` asks for is created with the service, as one of the stream's.
            let created = join(vec![arn.clone(), text("/consumer/*", node.span)], node.span);
            let resource = if consumer.as_bool().is_some() { &created } else { consumer };
            grant(grants, node, &["kinesis:SubscribeToShard"], resource);
        }
    }
    if let Some(target) = node.path(&["destinations", "onFailure"]) {
        let arn = target.get("arn").unwrap_or(target);
        let is_topic = target
            .get("type")
            .and_then(Node::as_str)
            .map_or_else(|| arn_text(arn).is_some_and(|arn| arn.contains(":sns:")), |kind| kind == "sns");
        let actions: &[&str] = if is_topic { &["sns:Publish"] } else { &["sqs:ListQueues", "sqs:SendMessage"] };
        grant(grants, node, actions, arn);
    }
}

/// The known parts of an ARN that may be put together.
fn arn_text(node: &Node) -> Option<String> {
    if let Some(text) = node.as_str() {
        return Some(text.to_owned());
    }
    let entry = node.single()?;
    let parts = match (entry.key.as_str(), entry.value.as_sequence()) {
        ("Fn::Join", Some([_, list])) => list.as_sequence()?,
        ("Fn::Sub", Some([text, ..])) => std::slice::from_ref(text),
        ("Fn::Sub", None) => std::slice::from_ref(&entry.value),
        _ => return None,
    };
    Some(parts.iter().map(|part| part.as_str().unwrap_or("*")).collect())
}

/// The secrets that a cluster outside of MSK is entered with.
fn secrets(node: &Node, in_network: bool, grants: &mut Vec<Grant>) {
    for entry in node.get("accessConfigurations").map_or(&[][..], Node::entries) {
        let is_secret = entry.key.to_ascii_lowercase().contains("auth") || entry.key.to_ascii_lowercase().contains("certificate");
        for value in entry.value.items().iter().filter(|_| is_secret) {
            grant(grants, node, &["secretsmanager:GetSecretValue"], value);
        }
    }
    if in_network {
        grant(grants, node, &POLLER_NETWORK, &text("*", node.span));
    }
}

fn needs_network(node: &Node) -> bool {
    let configurations = node.get("accessConfigurations").map_or(&[][..], Node::entries);
    configurations.iter().any(|entry| matches!(entry.key.as_str(), "vpcSubnet" | "vpcSecurityGroup"))
}
