//! What invokes functions: SAM's `Events`, and the separate resources of plain `CloudFormation`.

use smol_str::SmolStr;

use super::document::{Entry, Node};
use super::stack::{EventKind, EventSource};
use super::template::Template;
use crate::span::Span;
use crate::value::{Arg, ArgMap, Hole, Text};

/// Properties that name what an event comes from, by SAM's event types.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html>
const SOURCES: [&str; 13] = [
    "Queue",
    "Stream",
    "Broker",
    "Cluster",
    "Bucket",
    "Topic",
    "RestApiId",
    "ApiId",
    "UserPool",
    "EventBusName",
    "LogGroupName",
    "Rule",
    "Schedule",
];

/// The kind of the events that `CloudFormation` sends for a custom resource; their properties are the resource's.
pub(crate) const CUSTOM_RESOURCE: &str = "customresource";

/// The kind of the events that pipes send; what is known of them is their template.
pub(crate) const PIPE: &str = "pipes";

impl Template<'_> {
    /// SAM's `Events` of a function.
    pub(crate) fn events(&self, node: &Node) -> Vec<EventSource> {
        let mut events = Vec::new();
        for entry in node.branches().into_iter().flat_map(Node::entries) {
            let Some(kind) = entry.value.get("Type").and_then(|kind| self.literal(kind)) else {
                self.note(entry.key_span, format!("the event `{}` has no `Type`", entry.key));
                continue;
            };
            let properties = entry.value.get("Properties");
            let resource = properties.and_then(|node| SOURCES.iter().find_map(|key| node.get(key)));
            let event = EventSource {
                name: entry.key.clone(),
                kind: sam_kind(&kind, properties),
                resource: None,
                on_failure: properties
                    .and_then(|node| node.path(&["DestinationConfig", "OnFailure", "Destination"]))
                    .and_then(|node| self.text(node)),
                properties: properties.map_or_else(ArgMap::default, |node| self.arg_map(node)),
                origin: self.at(entry.key_span),
            };
            events.extend(self.each_from(event_resource(&kind, properties, resource), &event));
        }
        events
    }

    /// An event once for each of the resources that it may come from, by condition.
    fn each_from(&self, resource: Option<&Node>, event: &EventSource) -> Vec<EventSource> {
        let resources = resource.map_or_else(Vec::new, |node| self.texts(node));
        if resources.is_empty() {
            return vec![event.clone()];
        }
        resources.into_iter().map(|resource| EventSource { resource: Some(resource), ..event.clone() }).collect()
    }

    /// An `AWS::Lambda::EventSourceMapping`, and the function it belongs to.
    pub(crate) fn mapping(&self, entry: &Entry, properties: &Node) -> Vec<(Text, EventSource)> {
        let function = properties.get("FunctionName").and_then(|node| self.text(node)).unwrap_or_default();
        let kind = if properties.get("SelfManagedEventSource").is_some() {
            EventKind::SelfManagedKafka
        } else {
            EventKind::UnknownMapping
        };
        let event = EventSource {
            name: self.qualified(&entry.key),
            kind,
            resource: None,
            on_failure: properties.path(&["DestinationConfig", "OnFailure", "Destination"]).and_then(|node| self.text(node)),
            properties: self.arg_map(properties),
            origin: self.at(entry.key_span),
        };
        let sources = self.each_from(properties.get("EventSourceArn"), &event).into_iter();
        sources.map(|event| (function.clone(), event)).collect()
    }

    /// Events that a resource pushes to functions it names: bucket notifications, subscriptions, rules.
    pub(crate) fn pushed(&self, entry: &Entry, kind: &str, properties: &Node) -> Vec<(Text, EventSource)> {
        let own = Text::hole(Hole::Resource { id: self.qualified(&entry.key), attribute: "Ref".into() });
        let (event, source, targets) = match kind {
            "AWS::S3::Bucket" => ("s3", Some(own), self.notified(properties)),
            "AWS::SNS::Topic" => ("sns", Some(own), self.members(properties.get("Subscription"), "Endpoint")),
            "AWS::SNS::Subscription" => {
                let topic = properties.get("TopicArn").and_then(|node| self.text(node));
                ("sns", topic, self.members(Some(properties), "Endpoint"))
            }
            "AWS::Events::Rule" => return self.targeted(entry, "eventbridgerule", &own, properties, "Targets"),
            "AWS::Scheduler::Schedule" => return self.targeted(entry, "schedulev2", &own, properties, "Target"),
            "AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine" => {
                return self.invoked_by_machine(entry, properties);
            }
            "AWS::Pipes::Pipe" => return self.piped(entry, properties),
            "AWS::SecretsManager::RotationSchedule" => {
                let secret = properties.get("SecretId").and_then(|node| self.text(node));
                ("rotation", secret, self.members(Some(properties), "RotationLambdaARN"))
            }
            "AWS::Cognito::UserPool" => ("cognito", Some(own), self.triggered(properties)),
            "AWS::ApiGatewayV2::Integration" => {
                let api = properties.get("ApiId").and_then(|node| self.text(node));
                let targets = self.members(Some(properties), "IntegrationUri").into_iter();
                ("apigatewayv2", api, targets.map(|(uri, span)| (invoked(&uri), span)).collect())
            }
            _ if is_custom(kind) => (CUSTOM_RESOURCE, None, self.members(Some(properties), "ServiceToken")),
            _ => return Vec::new(),
        };
        // What the events consist of stands in these; the others say where they come from.
        let tells = event == CUSTOM_RESOURCE;
        let known = if tells && !targets.is_empty() { self.arg_map(properties) } else { ArgMap::default() };
        let mut found = self.sent(entry, event, source.as_ref(), targets, &known);
        // The CDK has a function of its own set up notifications.
        if kind == "Custom::S3BucketNotifications" {
            let bucket = properties.get("BucketName").and_then(|node| self.text(node));
            let list = properties.path(&["NotificationConfiguration", "LambdaFunctionConfigurations"]);
            found.extend(self.sent(entry, "s3", bucket.as_ref(), self.members(list, "LambdaFunctionArn"), &ArgMap::default()));
        }
        found
    }

    /// The events of a rule or a schedule, each with what its target gets.
    fn targeted(&self, entry: &Entry, kind: &str, source: &Text, properties: &Node, list: &str) -> Vec<(Text, EventSource)> {
        let Some(targets) = properties.get(list) else { return Vec::new() };
        let mut known = self.arg_map(properties);
        known.entries.remove(list);
        let each = targets.branches().into_iter().flat_map(|target| {
            let mut told = known.clone();
            told.entries.extend(self.arg_map(target).entries);
            self.sent(entry, kind, Some(source), self.members(Some(target), "Arn"), &told)
        });
        each.collect()
    }

    /// What a pipe sends to its target, and to what adds something on the way.
    fn piped(&self, entry: &Entry, properties: &Node) -> Vec<(Text, EventSource)> {
        let source = properties.get("Source").and_then(|node| self.text(node));
        let ends = [("Target", "TargetParameters"), ("Enrichment", "EnrichmentParameters")];
        let each = ends.iter().flat_map(|(end, parameters)| {
            let told = properties.get(parameters).map(|node| self.arg_map(node)).unwrap_or_default();
            self.sent(entry, PIPE, source.as_ref(), self.members(Some(properties), end), &told)
        });
        each.collect()
    }

    /// What a bucket notifies: functions, and the queues and topics that they may get it from.
    fn notified(&self, properties: &Node) -> Vec<(Text, Span)> {
        let kinds = [("LambdaConfigurations", "Function"), ("QueueConfigurations", "Queue"), ("TopicConfigurations", "Topic")];
        let each = kinds.iter().flat_map(|(list, key)| self.members(properties.path(&["NotificationConfiguration", list]), key));
        each.collect()
    }

    /// The functions that a user pool triggers, by themselves or with their versions.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpool-lambdaconfig.html>
    fn triggered(&self, properties: &Node) -> Vec<(Text, Span)> {
        let triggers = properties.get("LambdaConfig").map_or_else(Vec::new, |node| node.branches());
        let of_trigger = |entry: &Entry| {
            let node = entry.value.get("LambdaArn").unwrap_or(&entry.value);
            Some((self.text(node)?, node.span))
        };
        triggers.into_iter().flat_map(Node::entries).filter_map(of_trigger).collect()
    }

    fn sent(
        &self,
        entry: &Entry,
        kind: &str,
        source: Option<&Text>,
        targets: Vec<(Text, Span)>,
        properties: &ArgMap,
    ) -> Vec<(Text, EventSource)> {
        let make = |(target, span)| {
            let event = EventSource {
                name: self.qualified(&entry.key),
                kind: EventKind::Push(kind.into()),
                resource: source.cloned(),
                on_failure: None,
                properties: properties.clone(),
                origin: self.at(span),
            };
            (target, event)
        };
        targets.into_iter().map(make).collect()
    }

    fn members(&self, list: Option<&Node>, key: &str) -> Vec<(Text, Span)> {
        let nodes = list.map_or_else(Vec::new, |list| list.branches());
        nodes.into_iter().filter_map(|node| node.get(key)).filter_map(|node| Some((self.text(node)?, node.span))).collect()
    }

    /// A dictionary evaluated; anything else is one with unknown entries.
    pub(crate) fn arg_map(&self, node: &Node) -> ArgMap {
        match self.eval(node) {
            Arg::Map(map) => map,
            _ => ArgMap { open: true, ..ArgMap::default() },
        }
    }
}

/// An SNS event with its own queue is polled from that queue, which SAM creates unless one is named.
fn event_resource<'n>(kind: &str, properties: Option<&'n Node>, resource: Option<&'n Node>) -> Option<&'n Node> {
    let queue = properties.and_then(|node| node.get("SqsSubscription")).filter(|node| node.as_bool() != Some(false));
    match queue {
        Some(queue) if kind == "SNS" => queue.get("QueueArn"),
        _ => resource,
    }
}

/// The function in the address by which API Gateway invokes it: `arn:…:lambda:path/2015-03-31/functions/ARN/invocations`.
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html>
pub(crate) fn invoked(uri: &Text) -> Text {
    let Some((_, function)) = uri.split_once("/functions/") else { return uri.clone() };
    function.split_once("/invocations").map_or_else(|| function.clone(), |(function, _)| function)
}

/// Whether resources of a type are made by a function, which gets their properties.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html>
fn is_custom(kind: &str) -> bool {
    kind == "AWS::CloudFormation::CustomResource" || kind.starts_with("Custom::")
}

fn sam_kind(kind: &str, properties: Option<&Node>) -> EventKind {
    match kind {
        "SQS" => EventKind::Sqs,
        "Kinesis" => EventKind::Kinesis,
        "DynamoDB" => EventKind::DynamoDb,
        "MSK" => EventKind::Msk,
        "SelfManagedKafka" => EventKind::SelfManagedKafka,
        "MQ" => EventKind::Mq,
        "DocumentDB" => EventKind::DocumentDb,
        "SNS" => {
            let queue = properties.and_then(|node| node.get("SqsSubscription"));
            if queue.is_some_and(|node| node.as_bool() != Some(false)) { EventKind::Sqs } else { EventKind::Push("sns".into()) }
        }
        _ => EventKind::Push(SmolStr::from(kind.to_ascii_lowercase())),
    }
}

/// What a mapping polls, from the ARN of its source or the type of the resource it refers to.
pub(crate) fn mapping_kind(source: &Text, resource_kind: Option<&str>) -> EventKind {
    let by_type = match resource_kind {
        Some("AWS::SQS::Queue") => Some(EventKind::Sqs),
        Some("AWS::Kinesis::Stream" | "AWS::Kinesis::StreamConsumer") => Some(EventKind::Kinesis),
        Some("AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" | "AWS::Serverless::SimpleTable") => Some(EventKind::DynamoDb),
        Some("AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster") => Some(EventKind::Msk),
        Some("AWS::AmazonMQ::Broker") => Some(EventKind::Mq),
        Some("AWS::DocDB::DBCluster") => Some(EventKind::DocumentDb),
        _ => None,
    };
    by_type.unwrap_or_else(|| match arn_service(source).as_deref() {
        Some("sqs") => EventKind::Sqs,
        Some("kinesis") => EventKind::Kinesis,
        Some("dynamodb") => EventKind::DynamoDb,
        Some("kafka") => EventKind::Msk,
        Some("mq") => EventKind::Mq,
        Some("rds") => EventKind::DocumentDb,
        _ => EventKind::UnknownMapping,
    })
}

/// The service of an ARN, whose partition may be unknown.
pub(crate) fn arn_service(arn: &Text) -> Option<SmolStr> {
    let written = arn.pattern();
    let service = written.strip_prefix("arn:")?.split(':').nth(1)?;
    (!service.contains('*')).then(|| service.into())
}
