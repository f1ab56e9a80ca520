//! The role SAM makes for a function without one: what is in it besides the function's own `Policies`.
//!
//! The grants follow `aws-sam-translator`, which is what the deployment runs.
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html>

use smol_str::SmolStr;

use super::declared::{DeclaredPolicy, DeclaredStatement, POLLER_NETWORK, PolicySource};
use super::document::Node;
use super::stack::{EventKind, EventSource, LambdaFunction};
use super::strings::own_arn;
use super::target::service_of;
use super::template::Template;
use crate::span::{Location, Span};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// Everything SAM adds by itself.
pub(crate) fn implicit(template: &Template<'_>, function: &LambdaFunction, properties: &Node) -> Vec<DeclaredPolicy> {
    let mut policies = managed_policies(template, function, properties);
    if let Some(queue) = properties.get("DeadLetterQueue") {
        policies.extend(target(template, queue, queue.get("TargetArn"), "has a dead-letter queue"));
    }
    for key in ["OnSuccess", "OnFailure"] {
        let config = properties.path(&["EventInvokeConfig", "DestinationConfig", key]);
        for node in config.map_or_else(Vec::new, Node::branches) {
            policies.extend(target(template, node, node.get("Destination"), "sends results to a destination"));
        }
    }
    for event in &function.events {
        policies.extend(polled(event));
    }
    policies
}

fn managed_policies(template: &Template<'_>, function: &LambdaFunction, properties: &Node) -> Vec<DeclaredPolicy> {
    let at = |key: &str| properties.as_mapping().and_then(|mapping| mapping.entry(key)).map(|entry| template.at(entry.key_span));
    let basic =
        if at("DurableConfig").is_some() { "AWSLambdaBasicDurableExecutionRolePolicy" } else { "AWSLambdaBasicExecutionRole" };
    let mut policies = vec![managed(basic, "writes logs", &function.origin)];
    let tracing = properties.get("Tracing").filter(|node| !template.texts(node).is_empty());
    let is_off = tracing.and_then(|node| template.literal(node)).as_deref() == Some("Disabled");
    if let Some(origin) = at("Tracing").filter(|_| tracing.is_some() && !is_off) {
        policies.push(managed("AWSXrayWriteOnlyAccess", "is traced", &origin));
    }
    if let Some(origin) = at("VpcConfig") {
        policies.push(managed("AWSLambdaVPCAccessExecutionRole", "runs in a VPC", &origin));
    }
    for event in &function.events {
        let name = match event.kind {
            EventKind::Sqs => "AWSLambdaSQSQueueExecutionRole",
            EventKind::Kinesis => "AWSLambdaKinesisExecutionRole",
            EventKind::DynamoDb => "AWSLambdaDynamoDBExecutionRole",
            EventKind::Msk => "AWSLambdaMSKExecutionRole",
            _ => continue,
        };
        let policy = managed(name, "polls its event source", &event.origin);
        if !policies.iter().any(|known| known.source == policy.source) {
            policies.push(policy);
        }
    }
    policies
}

fn managed(name: &str, reason: &str, origin: &Location) -> DeclaredPolicy {
    let source = PolicySource::ImplicitManaged { name: name.into(), reason: reason.into() };
    DeclaredPolicy::named(source, origin.clone())
}

/// The target of a dead-letter queue or destination. Its `Type` decides the action, not its ARN; without a target SAM makes one.
fn target(template: &Template<'_>, node: &Node, target: Option<&Node>, reason: &str) -> Option<DeclaredPolicy> {
    let kind = node.get("Type").and_then(|kind| template.literal(kind))?;
    let mut resources = target.map_or_else(Vec::new, |node| template.texts(node));
    // A condition may leave the target out, too.
    if target.is_none_or(Node::is_optional) {
        resources.push(Text::hole(Hole::Unknown("a target that SAM makes".into())));
    }
    let span: Span = target.map_or(node.span, |target| target.span);
    let origin = template.at(span);
    let statements: Vec<_> = resources.into_iter().flat_map(|resource| sends(&kind, resource, &origin)).collect();
    (!statements.is_empty()).then(|| inline(statements, reason, &origin))
}

fn sends(kind: &str, resource: Text, origin: &Location) -> Vec<DeclaredStatement> {
    let action = match service_of(kind) {
        Some("sqs") => "sqs:SendMessage",
        Some("sns") => "sns:Publish",
        Some("lambda") => "lambda:InvokeFunction",
        Some("events") => "events:PutEvents",
        Some("s3") => {
            let mut objects = resource.clone();
            objects.push_str("/*");
            return vec![allow(&["s3:PutObject"], vec![objects], origin), allow(&["s3:ListBucket"], vec![resource], origin)];
        }
        _ => return Vec::new(),
    };
    vec![allow(&[action], vec![resource], origin)]
}

/// What a poller needs beyond a managed policy: its credentials, the broker or cluster, and where failed records go.
fn polled(event: &EventSource) -> Option<DeclaredPolicy> {
    let mut statements = Vec::new();
    let source = event.resource.clone().unwrap_or_default();
    let at = &event.origin;
    match event.kind {
        EventKind::Mq => statements.push(allow(&["mq:DescribeBroker"], vec![source], at)),
        EventKind::DocumentDb => {
            statements.push(allow(&["rds:DescribeDBClusterParameters"], vec![rds("cluster-pg")], at));
            statements.push(allow(&["rds:DescribeDBSubnetGroups"], vec![rds("subgrp")], at));
            statements.push(allow(&["rds:DescribeDBClusters"], vec![source], at));
            statements.push(allow(&POLLER_NETWORK, vec![Text::literal("*")], at));
        }
        EventKind::SelfManagedKafka if access(&event.properties).any(|(kind, _)| kind == "VPC_SUBNET") => {
            statements.push(allow(&POLLER_NETWORK, vec![Text::literal("*")], at));
        }
        _ => {}
    }
    if event.kind.is_polled() {
        let secrets: Vec<Text> = access(&event.properties).filter(|(kind, _)| is_secret(kind)).map(|(_, uri)| uri).collect();
        if !secrets.is_empty() {
            statements.push(allow(&["secretsmanager:GetSecretValue"], secrets, at));
        }
        if let Some(key) = event.properties.get("SecretsManagerKmsKeyId").and_then(Arg::as_text) {
            let mut arn = own_arn("kms", "key/");
            arn.push_text(&key);
            statements.push(allow(&["kms:Decrypt"], vec![arn], at));
        }
        statements.extend(failed_records(event).into_iter().flatten());
        statements.extend(schema_registry(&event.properties, at).into_iter().flatten());
    }
    (!statements.is_empty()).then(|| inline(statements, "polls its event source", at))
}

/// SAM grants this only where `Type` is given.
fn failed_records(event: &EventSource) -> Option<Vec<DeclaredStatement>> {
    let on_failure = event.properties.get("DestinationConfig")?.as_map()?.get("OnFailure")?.as_map()?;
    let kind = on_failure.get("Type")?.as_text()?;
    Some(sends(kind.as_literal()?, event.on_failure.clone()?, &event.origin))
}

/// Where a Kafka poller looks up the records' schemas: a registry of Glue, or one of somebody else with secrets for it.
fn schema_registry(properties: &ArgMap, origin: &Location) -> Option<Vec<DeclaredStatement>> {
    let config = properties.get("SchemaRegistryConfig")?.as_map()?;
    let secrets = pairs(config.get("AccessConfigs")).map(|(_, secret)| secret);
    let mut statements: Vec<_> = secrets.map(|secret| allow(&["secretsmanager:GetSecretValue"], vec![secret], origin)).collect();
    let uri = config.get("SchemaRegistryURI")?.as_text()?;
    let end = match uri.pieces().last() {
        Some(Piece::Literal(end)) => end.rsplit_once(":registry/").map(|(_, name)| name),
        _ => None,
    };
    if let Some(name) = end {
        let versions = own_arn("glue", &format!("schema/{name}/*"));
        statements.push(allow(&["glue:GetRegistry"], vec![uri.clone()], origin));
        statements.push(allow(&["glue:GetSchemaVersion"], vec![versions], origin));
    }
    Some(statements)
}

/// The kinds and URIs of `SourceAccessConfigurations`.
fn access(properties: &ArgMap) -> impl Iterator<Item = (SmolStr, Text)> {
    pairs(properties.get("SourceAccessConfigurations"))
}

/// The kinds and URIs of a list of ways to get access.
fn pairs(list: Option<&Arg>) -> impl Iterator<Item = (SmolStr, Text)> {
    let list = match list {
        Some(Arg::List { items, .. }) => items.as_slice(),
        _ => &[],
    };
    list.iter().filter_map(|item| {
        let map = item.as_map()?;
        Some((map.get("Type")?.as_text()?.as_literal()?.into(), map.get("URI")?.as_text()?))
    })
}

fn is_secret(kind: &str) -> bool {
    kind.starts_with("SASL_") || matches!(kind, "BASIC_AUTH" | "CLIENT_CERTIFICATE_TLS_AUTH")
}

fn rds(kind: &str) -> Text {
    own_arn("rds", &format!("{kind}:*"))
}

fn allow(actions: &[&str], resources: Vec<Text>, origin: &Location) -> DeclaredStatement {
    DeclaredStatement::allow(actions.iter().map(|&action| action.into()).collect(), resources, origin.clone())
}

fn inline(statements: Vec<DeclaredStatement>, reason: &str, origin: &Location) -> DeclaredPolicy {
    DeclaredPolicy::new(PolicySource::Implicit(reason.into()), statements, origin.clone())
}
