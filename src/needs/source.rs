//! The sources that Lambda polls with the function's role.

use super::facts::{Fact, fact};
use super::target::resource;
use super::{SOURCE, Settings, Variables};
use crate::iac::{EventKind, EventSource};
use crate::value::{Arg, ArgMap, Piece, Text};

impl Settings<'_> {
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html>
    pub(super) fn sources(&mut self) {
        for event in &self.function.events {
            if !event.kind.is_polled() {
                continue;
            }
            let Some(fact) = source_service(&event.kind).and_then(|service| fact(SOURCE, Some(service))) else {
                let message =
                    format!("the source of the event `{}` is not known here; add the permissions to read it by hand", event.name);
                self.doubt(&event.origin, message);
                continue;
            };
            let variables = self.source_variables(event, fact);
            self.add(fact, fact.what.clone(), Some(event.origin.clone()), &variables);
            if event.has_failure_target() {
                self.target("where records that failed go", event.on_failure.as_ref(), event.failure_service(), &event.origin);
            }
        }
    }

    fn source_variables(&self, event: &EventSource, fact: &Fact) -> Variables {
        let target = self.arn_or_any(event.resource.as_ref(), fact);
        let mut variables = Variables::from([("secret", secrets(&event.properties)), ("subnet", subnets(&event.properties))]);
        match event.kind {
            EventKind::Kinesis => self.kinesis(event, target.clone(), &mut variables),
            EventKind::Msk => self.iam_authentication(event, &mut variables),
            _ => {}
        }
        variables.insert("target", target.into_iter().collect());
        variables
    }

    /// A consumer with enhanced fan-out subscribes with its own ARN; everything else is about its stream.
    fn kinesis(&self, event: &EventSource, target: Option<Text>, variables: &mut Variables) {
        let declared = event.resource.as_ref().and_then(|value| resource(self.stack(), value));
        let of_consumer = declared.filter(|resource| resource.kind == "AWS::Kinesis::StreamConsumer");
        let named = || event.resource.as_ref()?.pieces().first().and_then(stream_of);
        let stream = of_consumer
            .and_then(|consumer| consumer.property("StreamARN").or_else(|| consumer.property("StreamArn"))?.as_text())
            .or_else(named);
        match stream {
            Some(stream) => {
                variables.insert("stream", vec![stream]);
                variables.insert("consumer", target.into_iter().collect());
            }
            None => drop(variables.insert("stream", target.into_iter().collect())),
        }
    }

    /// What a cluster that authenticates with IAM asks for, when the template says that it does.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/msk-cluster-auth.html>
    fn iam_authentication(&self, event: &EventSource, variables: &mut Variables) {
        let Some(value) = &event.resource else { return };
        let Some(cluster) = resource(self.stack(), value) else { return };
        let enabled = cluster.properties.as_map().and_then(|map| map.at(&["ClientAuthentication", "Sasl", "Iam", "Enabled"]));
        let by_iam = cluster.kind == "AWS::MSK::ServerlessCluster" || enabled == Some(&Arg::Bool(true));
        let reference = value.as_hole().and_then(|hole| Some((hole.clone(), self.stack()?.resolve(hole)?)));
        let Some((hole, resolved)) = reference else { return };
        if !by_iam || !secrets(&event.properties).is_empty() {
            return;
        }
        let group = ["AmazonManagedKafkaEventSourceConfig", "ConsumerGroupId"];
        let group = event.properties.at(&group).or_else(|| event.properties.get("ConsumerGroupId"));
        let topics = event.properties.get("Topics").map(items).unwrap_or_default();
        let part = |kind: &str, name: Option<&Text>| part_of_cluster(&resolved.arn, kind, name);
        variables.insert("iam_cluster", vec![Text::hole(hole)]);
        variables.insert("iam_group", vec![part("group", group.and_then(Arg::as_text).as_ref())]);
        let topics: Vec<Text> = topics.iter().map(|topic| part("topic", Some(topic))).collect();
        variables.insert("iam_topic", if topics.is_empty() { vec![part("topic", None)] } else { topics });
    }
}

/// The service that a source belongs to, as the facts name it.
pub(crate) fn source_service(kind: &EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Sqs => Some("sqs"),
        EventKind::Kinesis => Some("kinesis"),
        EventKind::DynamoDb => Some("dynamodb"),
        EventKind::Msk => Some("kafka"),
        EventKind::SelfManagedKafka => Some("self-managed-kafka"),
        EventKind::Mq => Some("mq"),
        EventKind::DocumentDb => Some("rds"),
        EventKind::UnknownMapping | EventKind::Push(_) => None,
    }
}

/// `arn:…:stream/x` of `arn:…:stream/x/consumer/y:1`.
fn stream_of(piece: &Piece) -> Option<Text> {
    match piece {
        Piece::Literal(text) => text.split_once("/consumer/").map(|(stream, _)| Text::literal(stream)),
        Piece::Hole(_) => None,
    }
}

/// Topics and groups are named after their cluster.
fn part_of_cluster(cluster: &Text, kind: &str, name: Option<&Text>) -> Text {
    let kind = format!(":{kind}/");
    let pieces = cluster.pieces().iter().map(|piece| match piece {
        Piece::Literal(text) => Piece::Literal(text.replace(":cluster/", &kind).into()),
        hole @ Piece::Hole(_) => hole.clone(),
    });
    let mut part = Text::from_pieces(pieces);
    part.push_str("/");
    match name {
        Some(name) => part.push_text(name),
        None => part.push_str("*"),
    }
    part
}

fn items(list: &Arg) -> Vec<Text> {
    match list {
        Arg::List { items, .. } => items.iter().filter_map(Arg::as_text).collect(),
        other => other.as_text().into_iter().collect(),
    }
}

/// How Lambda gets access to a broker, as pairs of type and address.
fn access(properties: &ArgMap) -> Vec<(Text, Text)> {
    let Some(Arg::List { items, .. }) = properties.get("SourceAccessConfigurations") else { return Vec::new() };
    let pair = |item: &Arg| {
        let map = item.as_map()?;
        let address = map.get("URI")?.as_text()?;
        Some((map.get("Type")?.as_text()?, address))
    };
    items.iter().filter_map(pair).collect()
}

/// The secrets among them: whatever is no part of a network and no name.
fn secrets(properties: &ArgMap) -> Vec<Text> {
    let is_secret = |kind: &Text| !kind.as_literal().is_some_and(|kind| kind.starts_with("VPC_") || kind == "VIRTUAL_HOST");
    access(properties).into_iter().filter(|(kind, _)| is_secret(kind)).map(|(_, address)| address).collect()
}

fn subnets(properties: &ArgMap) -> Vec<Text> {
    let subnets = access(properties).into_iter().filter(|(kind, _)| kind.as_literal() == Some("VPC_SUBNET"));
    subnets.map(|(_, address)| address).collect()
}
