//! What Lambda itself does with a function's role, whatever the code does.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>

use crate::iac::{EventKind, SettingKind};
use crate::project::Function;

/// The log group: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html>
const LOGS: [&str; 3] = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
/// The function's network interfaces: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
const NETWORK: [&str; 6] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];
/// Those of what polls a source in a VPC: <https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html>
const POLLING: [&str; 6] = [
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
];
/// Tracing: <https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html>
const TRACING: [&str; 5] = [
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];
/// Reading from a queue: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
const QUEUE: [&str; 4] = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
/// Reading a table's stream: <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html>
const TABLE_STREAM: [&str; 4] =
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];
/// Reading a stream: <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html>
const STREAM: [&str; 7] = [
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
    "kinesis:ListStreams",
    "kinesis:SubscribeToShard",
];
/// Reading a cluster's topics: <https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html>
const CLUSTER: [&str; 12] = [
    "kafka:DescribeCluster",
    "kafka:DescribeClusterV2",
    "kafka:DescribeVpcConnection",
    "kafka:GetBootstrapBrokers",
    "kafka:ListScramSecrets",
    "kafka-cluster:AlterGroup",
    "kafka-cluster:Connect",
    "kafka-cluster:DescribeClusterDynamicConfiguration",
    "kafka-cluster:DescribeGroup",
    "kafka-cluster:DescribeTopic",
    "kafka-cluster:ReadData",
    "secretsmanager:GetSecretValue",
];
/// Reading a broker's queues: <https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html>
const BROKER: [&str; 2] = ["mq:DescribeBroker", "secretsmanager:GetSecretValue"];
/// Reading a collection's changes: <https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html>
const DOCUMENTS: [&str; 4] =
    ["rds:DescribeDBClusterParameters", "rds:DescribeDBClusters", "rds:DescribeDBSubnetGroups", "secretsmanager:GetSecretValue"];
/// Where results go: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
const TARGETS: [&str; 5] = ["events:PutEvents", "lambda:InvokeFunction", "s3:PutObject", "sns:Publish", "sqs:SendMessage"];
/// File systems: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem.html>
const FILES: [&str; 4] =
    ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "s3files:ClientMount", "s3files:ClientWrite"];
/// Insights: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-insights.html>
const INSIGHTS: [&str; 3] = LOGS;
const EXECUTIONS: [&str; 2] = ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"];

/// Whether Lambda uses an action for a function because of how the function is set up.
pub(super) fn uses(function: &Function, action: &str) -> bool {
    let named = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(action));
    named(&LOGS)
        || function.settings.iter().any(|setting| match setting.kind {
            SettingKind::Vpc => named(&NETWORK),
            SettingKind::Tracing => named(&TRACING),
            SettingKind::DeadLetter | SettingKind::OnSuccess | SettingKind::OnFailure => named(&TARGETS),
            SettingKind::FileSystem => named(&FILES),
            SettingKind::KmsKey => named(&["kms:Decrypt"]),
            SettingKind::Insights => named(&INSIGHTS),
            SettingKind::Durable => named(&EXECUTIONS),
            SettingKind::LogGroup => false,
        })
        || function.events.iter().any(|event| {
            let vpc = named(&POLLING);
            let target = event.on_failure.is_some() && named(&TARGETS);
            let source = match event.kind {
                EventKind::Sqs => named(&QUEUE),
                EventKind::DynamoDb => named(&TABLE_STREAM),
                EventKind::Kinesis => named(&STREAM),
                EventKind::Msk | EventKind::SelfManagedKafka => named(&CLUSTER) || vpc,
                EventKind::Mq => named(&BROKER) || vpc,
                EventKind::DocumentDb => named(&DOCUMENTS) || vpc,
                EventKind::UnknownMapping => {
                    [&QUEUE[..], &TABLE_STREAM, &STREAM, &CLUSTER, &BROKER, &DOCUMENTS].into_iter().any(named)
                }
                EventKind::Push(_) => false,
            };
            source || target
        })
}
