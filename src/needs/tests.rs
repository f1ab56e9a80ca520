//! Settings of small templates and the permissions they need.

use std::sync::Arc;

use super::*;
use crate::bind::{Style, bind};
use crate::iac::{Files, RoleRef, read_template_text};
use crate::project::Handler;
use crate::span::SourceFile;

fn function(template: &str) -> Function {
    let file = SourceFile::new("template.yaml", template);
    let stack = read_template_text(&Files::new("."), std::path::Path::new("template.yaml"), &file);
    let stack = Arc::new(stack.expect("readable").expect("a template"));
    let lambda = stack.functions.last().expect("a function").clone();
    Function {
        name: lambda.id.clone(),
        id: Some(lambda.id),
        origin: Some(lambda.origin),
        runtime: lambda.runtime,
        handler: Handler::Missing,
        code_root: None,
        import_roots: Vec::new(),
        environment: lambda.environment,
        environment_complete: true,
        events: lambda.events,
        settings: lambda.settings,
        role: RoleRef::Implicit,
        declared: Vec::new(),
        notes: Vec::new(),
        stack: Some(stack),
    }
}

/// One line per permission: the action and its bound resources.
fn permissions(template: &str, wanted: &Wanted) -> Vec<String> {
    let function = function(template);
    let style = if wanted.symbolic { Style::Symbolic } else { Style::Literal };
    let (needs, _) = of_settings(&function, wanted);
    let grants = needs.iter().flat_map(|need| &need.grants).map(|(grant, _)| bind(grant, function.stack.as_deref(), style));
    let line = |grant: Grant| {
        let resources: Vec<String> = grant.resources.iter().map(Text::pattern).collect();
        format!("{} {}", grant.action, resources.join(" "))
    };
    grants.map(line).collect()
}

fn without_logs() -> Wanted {
    Wanted { logs: Some(false), ..Wanted::default() }
}

/// A SAM template of one function with these properties, beside a few resources.
fn template(properties: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31\nParameters:\n  Stage: {{Type: String, Default: dev}}\nResources:\n  \
         Jobs: {{Type: AWS::SQS::Queue, Properties: {{QueueName: jobs, KmsMasterKeyId: !Ref Key}}}}\n  \
         Alarms: {{Type: AWS::SNS::Topic, Properties: {{TopicName: alarms}}}}\n  \
         Key: {{Type: AWS::KMS::Key}}\n  \
         Bus: {{Type: AWS::Events::EventBus, Properties: {{Name: bus}}}}\n  \
         Orders: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: orders}}}}\n  \
         Stream: {{Type: AWS::Kinesis::Stream, Properties: {{Name: clicks}}}}\n  \
         Reader: {{Type: AWS::Kinesis::StreamConsumer, Properties: {{ConsumerName: reader, StreamARN: !GetAtt Stream.Arn}}}}\n  \
         Cluster: {{Type: AWS::MSK::ServerlessCluster, Properties: {{ClusterName: kafka}}}}\n  \
         Broker: {{Type: AWS::AmazonMQ::Broker, Properties: {{BrokerName: mq}}}}\n  \
         Disk: {{Type: AWS::EFS::AccessPoint, Properties: {{FileSystemId: fs-1}}}}\n  \
         OrdersFunction:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      Handler: app.handler\n{properties}"
    )
}

#[test]
fn the_log_group_is_as_narrow_as_the_name_is_known() {
    let logs = |properties: &str, wanted: &Wanted| permissions(&template(properties), wanted);
    let generated = logs("", &Wanted::default());
    assert_eq!(
        generated,
        [
            "logs:CreateLogGroup arn:*:logs:*:*:log-group:/aws/lambda/*-OrdersFunction-*:*",
            "logs:CreateLogStream arn:*:logs:*:*:log-group:/aws/lambda/*-OrdersFunction-*:*",
            "logs:PutLogEvents arn:*:logs:*:*:log-group:/aws/lambda/*-OrdersFunction-*:*",
        ]
    );
    let named = logs("      FunctionName: !Sub orders-${Stage}\n", &Wanted::default());
    assert_eq!(named[0], "logs:CreateLogGroup arn:*:logs:*:*:log-group:/aws/lambda/orders-dev:*");
    let own = logs("      LoggingConfig: {LogGroup: /orders}\n", &Wanted::default());
    assert_eq!(own[0], "logs:CreateLogGroup arn:*:logs:*:*:log-group:/orders:*");
    let given = logs("", &Wanted { function_name: Some("live".into()), ..Wanted::default() });
    assert_eq!(given[0], "logs:CreateLogGroup arn:*:logs:*:*:log-group:/aws/lambda/live:*");
    assert_eq!(logs("", &without_logs()), [""; 0]);
}

#[test]
fn names_that_the_deployment_makes_do_not_wait_for_the_function() {
    let function = function(&template(""));
    let (needs, _) = of_settings(&function, &Wanted { symbolic: true, ..Wanted::default() });
    let stack = crate::value::Hole::Parameter("AWS::StackName".into());
    let arn = &needs[0].grants[0].0.resources[0];
    assert!(arn.holes().any(|hole| *hole == stack));
    assert!(!arn.holes().any(|hole| matches!(hole, crate::value::Hole::Resource { .. })));
}

#[test]
fn a_declared_log_group_is_not_created_by_the_function() {
    let declared = template("      LoggingConfig: {LogGroup: !Ref Logs}\n")
        .replace("  OrdersFunction:", "  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: own}}\n  OrdersFunction:");
    let found = permissions(&declared, &Wanted::default());
    assert_eq!(found[0], "logs:CreateLogStream arn:*:logs:*:*:log-group:own:*");
    let by_name = template("").replace(
        "  OrdersFunction:",
        "  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub '/aws/lambda/${OrdersFunction}'}}\n  OrdersFunction:",
    );
    assert!(permissions(&by_name, &Wanted::default())[0].starts_with("logs:CreateLogStream"));
}

#[test]
fn a_long_logical_id_is_cut_as_deployment_cuts_it() {
    let long = template("").replace("OrdersFunction", "UpdateRolesWithIDPFunctionOutputs");
    let found = permissions(&long, &Wanted::default());
    assert_eq!(found[0], "logs:CreateLogGroup arn:*:logs:*:*:log-group:/aws/lambda/*-UpdateRolesWithIDPFuncti*:*");
}

#[test]
fn settings_of_the_function_itself() {
    let found = permissions(
        &template(
            "      VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: []}\n      Tracing: Active\n      KmsKeyArn: !GetAtt Key.Arn\n      \
             FileSystemConfigs: [{Arn: !GetAtt Disk.Arn, LocalMountPath: /mnt/a}]\n",
        ),
        &without_logs(),
    );
    assert!(found.contains(&"ec2:CreateNetworkInterface arn:*:ec2:*:*:*/*".to_owned()), "{found:#?}");
    assert!(found.contains(&"ec2:DescribeNetworkInterfaces *".to_owned()), "{found:#?}");
    assert!(found.contains(&"xray:PutTraceSegments *".to_owned()), "{found:#?}");
    assert!(found.contains(&"kms:Decrypt arn:*:kms:*:*:key/*".to_owned()), "{found:#?}");
    assert!(
        found.contains(&"elasticfilesystem:ClientMount arn:*:elasticfilesystem:*:*:file-system/fs-1".to_owned()),
        "{found:#?}"
    );
    let passive = permissions(&template("      Tracing: PassThrough\n"), &without_logs());
    assert_eq!(passive, [""; 0]);
}

#[test]
fn targets_by_the_service_they_belong_to() {
    let found = permissions(
        &template(
            "      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Jobs.Arn}\n      EventInvokeConfig:\n        DestinationConfig:\n          \
             OnSuccess: {Type: EventBridge, Destination: !GetAtt Bus.Arn}\n          OnFailure: {Type: SNS}\n",
        ),
        &without_logs(),
    );
    assert_eq!(
        found,
        ["sqs:SendMessage arn:*:sqs:*:*:jobs", "events:PutEvents arn:*:events:*:*:event-bus/bus", "sns:Publish arn:*:sns:*:*:*"]
    );
    let function = function(&template("      DeadLetterQueue: {TargetArn: !ImportValue Queue}\n"));
    let (needs, notes) = of_settings(&function, &without_logs());
    assert!(needs.is_empty() && notes.len() == 1, "{needs:?} {notes:?}");
}

#[test]
fn polled_sources() {
    let events = "      Events:\n        A: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}\n        \
                  B: {Type: DynamoDB, Properties: {Stream: !GetAtt Orders.StreamArn, StartingPosition: LATEST, DestinationConfig: {OnFailure: {Destination: !Ref Alarms}}}}\n        \
                  C: {Type: Kinesis, Properties: {Stream: !GetAtt Reader.ConsumerARN, StartingPosition: LATEST}}\n        \
                  D: {Type: MSK, Properties: {Stream: !GetAtt Cluster.Arn, Topics: [orders]}}\n        \
                  E: {Type: MQ, Properties: {Broker: !GetAtt Broker.Arn, Queues: [q], SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: 'arn:aws:secretsmanager:eu-west-1:1:secret:s-abc'}, {Type: VIRTUAL_HOST, URI: /}]}}\n        \
                  F: {Type: Api, Properties: {Path: /, Method: get}}\n";
    let found = permissions(&template(events), &without_logs());
    for wanted in [
        "sqs:ReceiveMessage arn:*:sqs:*:*:jobs",
        "dynamodb:GetRecords arn:*:dynamodb:*:*:table/orders/stream/*",
        "dynamodb:ListStreams *",
        "sns:Publish arn:*:sns:*:*:alarms",
        "kinesis:GetRecords arn:*:kinesis:*:*:stream/clicks",
        "kinesis:SubscribeToShard arn:*:kinesis:*:*:stream/*/consumer/reader:*",
        "kafka:DescribeClusterV2 arn:*:kafka:*:*:cluster/kafka/*",
        "kafka-cluster:Connect arn:*:kafka:*:*:cluster/kafka/*",
        "kafka-cluster:ReadData arn:*:kafka:*:*:topic/kafka/*/orders",
        "mq:DescribeBroker arn:*:mq:*:*:broker:mq:*",
        "secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:1:secret:s-abc",
    ] {
        assert!(found.contains(&wanted.to_owned()), "{wanted} is not among {found:#?}");
    }
    let secrets = found.iter().filter(|line| line.starts_with("secretsmanager:"));
    assert_eq!(secrets.count(), 1, "a virtual host is no secret");
}

#[test]
fn an_encrypted_queue_says_what_its_key_needs() {
    let function = function(&template("      Events:\n        A: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}\n"));
    let (needs, _) = of_settings(&function, &without_logs());
    let (grant, encryption) = &needs[0].grants[0];
    assert_eq!(grant.citation.as_deref(), Some("https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"));
    let encryption = encryption.as_ref().expect("the source may be encrypted");
    assert_eq!((encryption.actions.as_slice(), encryption.via_service.as_str()), (&["kms:Decrypt".into()][..], "sqs"));
    assert_eq!(needs[0].at.as_ref().map(Location::line), Some(21));
}
