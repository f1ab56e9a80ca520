//! Requests and the permissions they need, as AWS's documentation has them.

#[path = "support/requests.rs"]
mod requests;

use leash::catalog::{Authorization, Catalog, Grant, Scope};
use leash::value::{Arg, ArgMap, Text};
use requests::{grants, lines, list, map, record, text};

#[test]
fn s3_requests() {
    let object = [("Bucket", text("b")), ("Key", text("k/x"))];
    assert_eq!(lines("s3", "GetObject", &object), ["s3:GetObject arn:aws:s3:::b/k/x"]);
    assert_eq!(lines("s3", "HeadObject", &object), ["s3:GetObject arn:aws:s3:::b/k/x"]);
    let version = [("Bucket", text("b")), ("Key", text("k")), ("VersionId", text("1"))];
    assert_eq!(lines("s3", "GetObject", &version), ["s3:GetObjectVersion arn:aws:s3:::b/k"]);
    let acl = [("Bucket", text("b")), ("Key", Arg::unknown("?")), ("ACL", text("private"))];
    assert_eq!(lines("s3", "PutObject", &acl), ["s3:PutObject arn:aws:s3:::b/*", "s3:PutObjectAcl arn:aws:s3:::b/*"]);
    assert_eq!(lines("s3", "ListObjectsV2", &[("Bucket", text("b"))]), ["s3:ListBucket arn:aws:s3:::b"]);
    assert_eq!(lines("s3", "ListBuckets", &[]), ["s3:ListAllMyBuckets *"]);
    let point = "arn:aws:s3:eu-west-1:123456789012:accesspoint/p";
    let found = lines("s3", "GetObject", &[("Bucket", text(point)), ("Key", text("k"))]);
    assert_eq!(found, [format!("s3:GetObject {point}/object/k")]);
    let source = Arg::Map(map(&[("Bucket", text("from")), ("Key", text("a"))]));
    let wanted = ["s3:GetObject arn:aws:s3:::from/a", "s3:PutObject arn:aws:s3:::b/k"];
    assert_eq!(lines("s3", "CopyObject", &[("Bucket", text("b")), ("Key", text("k")), ("CopySource", source)]), wanted);
    assert_eq!(lines("s3", "CopyObject", &[("Bucket", text("b")), ("Key", text("k")), ("CopySource", text("/from/a"))]), wanted);
}

#[test]
fn dynamodb_requests() {
    let table = "arn:aws:dynamodb:R:A:table";
    assert_eq!(lines("dynamodb", "GetItem", &[("TableName", text("T"))]), [format!("dynamodb:GetItem {table}/T")]);
    let index = [("TableName", text("T")), ("IndexName", text("I"))];
    assert_eq!(lines("dynamodb", "Query", &index), [format!("dynamodb:Query {table}/T/index/I")]);
    let batch = Arg::Map(map(&[("A1", Arg::Null), ("B2", Arg::Null)]));
    let found = lines("dynamodb", "BatchWriteItem", &[("RequestItems", batch)]);
    assert_eq!(found, [format!("dynamodb:BatchWriteItem {table}/A1"), format!("dynamodb:BatchWriteItem {table}/B2")]);
    let item = |kind: &str, name: &str| Arg::Map(map(&[(kind, Arg::Map(map(&[("TableName", text(name))])))]));
    let items = Arg::List { items: vec![item("Put", "P"), item("Delete", "D")], open: false };
    let found = lines("dynamodb", "TransactWriteItems", &[("TransactItems", items)]);
    assert_eq!(found, [format!("dynamodb:PutItem {table}/P"), format!("dynamodb:DeleteItem {table}/D")]);
    let found = lines("dynamodb", "ExecuteStatement", &[("Statement", text("SELECT * FROM \"T\".\"I\" WHERE a = ?"))]);
    assert_eq!(found, [format!("dynamodb:PartiQLSelect {table}/T/index/I")]);
    let statement = |sql: &str| Arg::Map(map(&[("Statement", text(sql))]));
    let both = Arg::List { items: vec![statement("DELETE FROM X WHERE a=1"), statement("INSERT INTO Y VALUE {}")], open: false };
    let found = lines("dynamodb", "BatchExecuteStatement", &[("Statements", both)]);
    assert_eq!(found, [format!("dynamodb:PartiQLInsert {table}/Y"), format!("dynamodb:PartiQLDelete {table}/X")]);
    let whole = "arn:aws:dynamodb:us-east-1:123456789012:table/W";
    assert_eq!(lines("dynamodb", "PutItem", &[("TableName", text(whole))]), [format!("dynamodb:PutItem {whole}")]);
}

#[test]
fn messaging_requests() {
    let url = text("https://sqs.us-east-1.amazonaws.com/123456789012/jobs");
    assert_eq!(
        lines("sqs", "SendMessageBatch", &[("QueueUrl", url)]),
        ["sqs:SendMessage arn:aws:sqs:us-east-1:123456789012:jobs"]
    );
    assert_eq!(lines("sqs", "DeleteMessage", &[("QueueUrl", Arg::unknown("?"))]), ["sqs:DeleteMessage arn:aws:sqs:R:A:*"]);
    assert_eq!(lines("sns", "Publish", &[("PhoneNumber", text("+1"))]), ["sns:Publish *"]);
    assert_eq!(lines("sns", "Publish", &[("TopicArn", Arg::unknown("?"))]), ["sns:Publish arn:aws:sns:R:A:*"]);
    let found = lines("events", "PutEvents", &[("Entries", Arg::List { items: vec![Arg::Map(map(&[]))], open: false })]);
    assert_eq!(found, ["events:PutEvents arn:aws:events:R:A:event-bus/default"]);
    let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    let found = lines("stepfunctions", "StartExecution", &[("stateMachineArn", text(machine))]);
    assert_eq!(found, [format!("states:StartExecution {machine}")]);
    for qualifier in ["live", "3"] {
        let qualified = text(&format!("{machine}:{qualifier}"));
        let found = lines("stepfunctions", "StartExecution", &[("stateMachineArn", qualified)]);
        assert_eq!(
            found,
            [format!("states:StartExecution {machine}")],
            "versions and aliases are authorized by the state machine"
        );
    }
    let found = lines("codedeploy", "PutLifecycleEventHookExecutionStatus", &[("deploymentId", Arg::unknown("?"))]);
    assert_eq!(found, ["codedeploy:PutLifecycleEventHookExecutionStatus arn:aws:codedeploy:R:A:deploymentgroup:*/*"]);
    let found = lines("lambda", "Invoke", &[("FunctionName", text("f")), ("Qualifier", text("live"))]);
    assert_eq!(found, ["lambda:InvokeFunction arn:aws:lambda:R:A:function:f:live"]);
}

#[test]
fn parameters_and_secrets() {
    let found = lines("ssm", "GetParameter", &[("Name", text("/a/b")), ("WithDecryption", Arg::Bool(true))]);
    assert_eq!(found, ["ssm:GetParameter arn:aws:ssm:R:A:parameter/a/b"]);
    let params = map(&[("Name", text("/a/b")), ("WithDecryption", Arg::Bool(true))]);
    let answer = Catalog::embedded().answer("ssm", "GetParameter", &params, None);
    assert!(answer.notes.iter().any(|note| note.contains("kms:Decrypt")), "{:?}", answer.notes);
    let found = lines("secretsmanager", "GetSecretValue", &[("SecretId", text("db"))]);
    assert_eq!(found, ["secretsmanager:GetSecretValue arn:aws:secretsmanager:R:A:secret:db-??????"]);
    let whole = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
    let found = lines("secretsmanager", "GetSecretValue", &[("SecretId", text(whole))]);
    assert_eq!(found, [format!("secretsmanager:GetSecretValue {whole}")]);
    for partial in ["arn:aws:secretsmanager:us-east-1:123456789012:secret:db", "arn:aws:secretsmanager:*:*:secret:app/db-secret"]
    {
        let found = lines("secretsmanager", "GetSecretValue", &[("SecretId", text(partial))]);
        assert_eq!(found, [format!("secretsmanager:GetSecretValue {partial}-??????")], "the random characters are left out");
    }
    let role = "arn:aws:iam::123456789012:role/r";
    let found = lines("sts", "AssumeRole", &[("RoleArn", text(role)), ("Tags", Arg::unknown("?"))]);
    assert_eq!(found, [format!("sts:AssumeRole {role}"), format!("sts:TagSession {role}")]);
    let nothing = Catalog::embedded().authorize("sts", "GetCallerIdentity", &map(&[]), None);
    assert_eq!(nothing, Authorization::Permissionless);
}

#[test]
fn what_a_spread_hides_is_left_out_and_said() {
    let params = ArgMap { open: true, ..map(&[("Bucket", text("b"))]) };
    let answer = Catalog::embedded().answer("s3", "PutObject", &params, None);
    let Authorization::Grants(grants) = answer.authorization else { panic!("s3:PutObject needs something") };
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].scope, Scope::Resource);
    assert_eq!(grants[0].resources[0].pattern(), "arn:*:s3:::b/*");
    assert!(answer.notes.iter().any(|note| note.contains("s3:PutObjectAcl")), "{:?}", answer.notes);
    let region = Text::literal("eu-west-1");
    let params = map(&[("TableName", Arg::one_of([text("A"), text("B")]))]);
    let Authorization::Grants(grants) = Catalog::embedded().authorize("dynamodb", "Scan", &params, Some(&region)) else {
        panic!("dynamodb:Scan needs something")
    };
    let found: Vec<_> = grants[0].resources.iter().map(Text::pattern).collect();
    assert_eq!(found, ["arn:*:dynamodb:eu-west-1:*:table/A", "arn:*:dynamodb:eu-west-1:*:table/B"]);
}

#[test]
fn ec2_requests() {
    let found =
        lines("ec2", "RunInstances", &[("ImageId", text("ami-1")), ("SubnetId", text("subnet-1")), ("KeyName", text("k"))]);
    let ec2 = |rest: &str| format!("ec2:RunInstances arn:aws:ec2:R:{rest}");
    for wanted in [
        ":image/ami-1",
        "A:instance/*",
        "A:network-interface/*",
        "A:security-group/*",
        "A:subnet/subnet-1",
        "A:volume/*",
        "A:key-pair/k",
    ] {
        assert!(found.contains(&ec2(wanted)), "{wanted} is missing in {found:#?}");
    }
    assert_eq!(found.len(), 7, "{found:#?}");
    let network = record(&[("SubnetId", text("subnet-2")), ("Groups", list(&[text("sg-2")]))]);
    let found = lines("ec2", "RunInstances", &[("ImageId", text("ami-1")), ("NetworkInterfaces", list(&[network]))]);
    assert!(found.contains(&ec2("A:subnet/subnet-2")) && found.contains(&ec2("A:security-group/sg-2")), "{found:#?}");
    assert!(!found.contains(&ec2("A:security-group/*")), "{found:#?}");
    let found = lines("ec2", "CreateTags", &[("Resources", list(&[text("i-1")])), ("Tags", list(&[]))]);
    assert_eq!(found, ["ec2:CreateTags arn:aws:ec2:R:*:*/i-1"]);
    let found = lines("ec2", "AuthorizeSecurityGroupIngress", &[("GroupId", text("sg-1"))]);
    assert_eq!(found, ["ec2:AuthorizeSecurityGroupIngress arn:aws:ec2:R:A:security-group/sg-1"]);
    let found = lines("ec2", "CopyImage", &[("Name", text("copy")), ("SourceImageId", text("ami-1"))]);
    assert!(!found.iter().any(|line| line.ends_with("image/copy")), "{found:#?}");
}

#[test]
fn database_requests() {
    let found = lines("rds", "StartDBCluster", &[("DBClusterIdentifier", text("c"))]);
    assert_eq!(found, ["rds:StartDBCluster arn:aws:rds:R:A:cluster:c"]);
    let found = lines("rds", "DeleteDBSnapshot", &[("DBSnapshotIdentifier", text("s"))]);
    assert_eq!(found, ["rds:DeleteDBSnapshot arn:aws:rds:R:A:snapshot:s"]);
    let secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
    let cluster = "arn:aws:rds:us-east-1:123456789012:cluster:c";
    let found = lines("rds-data", "ExecuteStatement", &[("resourceArn", text(cluster)), ("secretArn", text(secret))]);
    assert_eq!(found, [format!("rds-data:ExecuteStatement {cluster}"), format!("secretsmanager:GetSecretValue {secret}")]);
    let input = record(&[("Name", text("t"))]);
    let found = lines("glue", "CreateTable", &[("DatabaseName", text("d")), ("TableInput", input)]);
    assert!(found.contains(&"glue:CreateTable arn:aws:glue:R:A:table/d/t".to_owned()), "{found:#?}");
    let column = [("DatabaseName", text("d")), ("TableName", text("t"))];
    let found = lines("glue", "GetColumnStatisticsForTable", &column);
    assert!(found.contains(&"glue:GetTable arn:aws:glue:R:A:table/d/t".to_owned()), "{found:#?}");
    let query = |sql: &str| lines("timestream-query", "Query", &[("QueryString", text(sql))]);
    assert!(query("SELECT 1").iter().any(|line| line.starts_with("timestream:Select ")));
    let found = query("SHOW DATABASES");
    assert!(found.contains(&"timestream:ListDatabases *".to_owned()), "{found:#?}");
    assert!(!found.iter().any(|line| line.starts_with("timestream:Select ")), "{found:#?}");
    let found = lines("neptunedata", "ExecuteGremlinQuery", &[("gremlinQuery", text("g.V()"))]);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found.iter().any(|line| line.starts_with("neptune-db:ReadDataViaQuery ")), "{found:#?}");
}

#[test]
fn whole_arns_replace_templates_whatever_variable_they_name() {
    let group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/t/0123";
    let found = lines("elbv2", "RegisterTargets", &[("TargetGroupArn", text(group))]);
    assert_eq!(found, [format!("elasticloadbalancing:RegisterTargets {group}")]);
    let stack = "arn:aws:cloudformation:us-east-1:123456789012:stack/s/uuid";
    let found = lines("cloudformation", "DescribeStacks", &[("StackName", text(stack))]);
    assert_eq!(found, [format!("cloudformation:DescribeStacks {stack}")]);
    let found = lines("cloudformation", "DescribeStacks", &[("StackName", text("s"))]);
    assert_eq!(found, ["cloudformation:DescribeStacks arn:aws:cloudformation:R:A:stack/s/*"]);
    let parameter = "arn:aws:ssm:us-east-1:123456789012:parameter/a/b";
    assert_eq!(lines("ssm", "GetParameter", &[("Name", text(parameter))]), [format!("ssm:GetParameter {parameter}")]);
    let layer = [("LayerName", text("l")), ("VersionNumber", text("3"))];
    assert_eq!(lines("lambda", "GetLayerVersion", &layer), ["lambda:GetLayerVersion arn:aws:lambda:R:*:layer:l:3"]);
    let alias = "arn:aws:states:us-east-1:123456789012:stateMachine:m:live";
    let found = lines("stepfunctions", "DescribeStateMachineAlias", &[("stateMachineAliasArn", text(alias))]);
    assert_eq!(found, ["states:DescribeStateMachineAlias arn:aws:states:us-east-1:123456789012:stateMachine:m"]);
    let endpoint = "arn:aws:comprehend:us-east-1:123456789012:entity-recognizer-endpoint/e";
    let found = lines("comprehend", "DetectEntities", &[("EndpointArn", text(endpoint))]);
    assert_eq!(found, [format!("comprehend:DetectEntities {endpoint}")]);
    assert_eq!(lines("comprehend", "DetectEntities", &[("Text", text("t"))]), ["comprehend:DetectEntities *"]);
    let store = "arn:aws:cloudfront::123456789012:key-value-store/0123";
    let found = lines("cloudfront-keyvaluestore", "DescribeKeyValueStore", &[("KvsARN", text(store))]);
    assert_eq!(found, [format!("cloudfront-keyvaluestore:DescribeKeyValueStore {store}")]);
}

#[test]
fn bedrock_requests() {
    let model = |id: &str| lines("bedrock-runtime", "InvokeModel", &[("modelId", text(id))]);
    let plain = "arn:aws:bedrock:R::foundation-model/anthropic.m";
    assert_eq!(model("anthropic.m"), [format!("bedrock:InvokeModel {plain}")]);
    let profile = [
        "bedrock:InvokeModel arn:aws:bedrock:R:A:inference-profile/us.anthropic.m",
        "bedrock:InvokeModel arn:aws:bedrock:*::foundation-model/anthropic.m",
    ];
    assert_eq!(model("us.anthropic.m"), profile);
    let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.m";
    let found = model(arn);
    assert!(found.contains(&profile[1].to_owned()) && found.contains(&format!("bedrock:InvokeModel {arn}")), "{found:#?}");
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc";
    let found = model(arn);
    assert!(found.contains(&"bedrock:InvokeModel arn:aws:bedrock:*::foundation-model/*".to_owned()), "{found:#?}");
    assert!(found.contains(&format!("bedrock:InvokeModel {arn}")), "{found:#?}");
    // Each of these is one resource of its own, and nothing of it is a foundation model.
    for own in
        ["provisioned-model/abc", "imported-model/abc", "custom-model-deployment/abc", "default-prompt-router/meta.llama:1"]
    {
        let arn = format!("arn:aws:bedrock:us-east-1:123456789012:{own}");
        assert_eq!(model(&arn), [format!("bedrock:InvokeModel {arn}")]);
    }
    // A prompt names its model itself.
    let prompt = "arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT1234:1";
    let any = ["arn:aws:bedrock:R:A:inference-profile/*", "arn:aws:bedrock:*::foundation-model/*"];
    let mut wanted: Vec<String> = any.iter().map(|arn| format!("bedrock:InvokeModel {arn}")).collect();
    wanted.push(format!("bedrock:RenderPrompt {prompt}"));
    assert_eq!(lines("bedrock-runtime", "Converse", &[("modelId", text(prompt))]), wanted);
    let endpoint = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e";
    let wanted = [
        "bedrock:InvokeModel arn:aws:bedrock:R:A:marketplace/model-endpoint/all-access".to_owned(),
        format!("sagemaker:InvokeEndpoint {endpoint}"),
    ];
    assert_eq!(model(endpoint), wanted);
}

#[test]
fn mail_is_sent_as_the_address_inside_the_name() {
    let params = [("Source", text("Shop <no-reply@example.com>"))];
    let found = lines("ses", "SendEmail", &params);
    let identity = |name: &str| format!("ses:SendEmail arn:aws:ses:R:A:identity/{name}");
    assert_eq!(found, [identity("example.com"), identity("no-reply@example.com")]);
    let conditions: Vec<_> = grants("ses", "SendEmail", &params).into_iter().flat_map(|grant| grant.conditions).collect();
    assert_eq!(conditions[0].values, [Text::literal("no-reply@example.com")]);
}

#[test]
fn services_act_with_the_rights_of_the_caller() {
    let image = record(&[("S3Object", record(&[("Bucket", text("b")), ("Name", text("k.png"))]))]);
    let found = lines("rekognition", "DetectFaces", &[("Image", image.clone())]);
    assert_eq!(found, ["rekognition:DetectFaces *", "s3:GetObject arn:aws:s3:::b/k.png"]);
    let found = lines("textract", "DetectDocumentText", &[("Document", image)]);
    assert_eq!(found, ["textract:DetectDocumentText *", "s3:GetObject arn:aws:s3:::b/k.png"]);
    let found = lines("translate", "TranslateText", &[("SourceLanguageCode", text("auto"))]);
    assert_eq!(found, ["translate:TranslateText *", "comprehend:DetectDominantLanguage *"]);
    let place = record(&[("OutputLocation", text("s3://results/q/"))]);
    let found = lines("athena", "StartQueryExecution", &[("ResultConfiguration", place), ("WorkGroup", text("w"))]);
    assert!(found.contains(&"athena:StartQueryExecution arn:aws:athena:R:A:workgroup/w".to_owned()), "{found:#?}");
    assert!(found.contains(&"s3:PutObject arn:aws:s3:::results/q/*".to_owned()), "{found:#?}");
}

#[test]
fn roles_are_passed_to_the_service_that_takes_them() {
    let passed = |service: &str, operation: &str, params: &[(&str, Arg)]| -> Vec<String> {
        let found = grants(service, operation, params).into_iter().filter(|grant| grant.action == "iam:PassRole");
        let show = |grant: Grant| {
            let values = |values: &[Text]| values.iter().map(Text::pattern).collect::<Vec<_>>().join(" or ");
            let to = grant.conditions.first().map_or("anyone".to_owned(), |condition| values(&condition.values));
            format!("{} to {to}", grant.resources[0].pattern())
        };
        found.map(show).collect()
    };
    let role = "arn:aws:iam::123456789012:role/r";
    let target = record(&[("RoleArn", text(role))]);
    assert_eq!(passed("scheduler", "CreateSchedule", &[("Target", target)]), [format!("{role} to scheduler.amazonaws.com")]);
    let overrides = record(&[("taskRoleArn", text(role))]);
    assert_eq!(passed("ecs", "RunTask", &[("overrides", overrides)]), [format!("{role} to ecs-tasks.amazonaws.com")]);
    assert_eq!(passed("ecs", "RunTask", &[]), [""; 0]);
    let profile = [("IamInstanceProfile", text("p")), ("LaunchConfigurationName", text("l"))];
    let found = passed("autoscaling", "CreateLaunchConfiguration", &profile);
    assert_eq!(found, ["arn:*:iam::*:role/* to ec2.amazonaws.com"]);
    let feedback = [("AttributeName", text("LambdaSuccessFeedbackRoleArn")), ("AttributeValue", text(role))];
    assert_eq!(passed("sns", "SetTopicAttributes", &feedback), [format!("{role} to sns.amazonaws.com")]);
    let attributes = record(&[("SQSFailureFeedbackRoleArn", text(role))]);
    let topic = [("Name", text("t")), ("Attributes", attributes)];
    assert_eq!(passed("sns", "CreateTopic", &topic), [format!("{role} to sns.amazonaws.com")]);
    let policy = [("AttributeName", text("Policy")), ("AttributeValue", text("{}"))];
    assert_eq!(passed("sns", "SetTopicAttributes", &policy), [""; 0]);
    let both = format!("{role} to monitoring.rds.amazonaws.com or rds.amazonaws.com");
    assert_eq!(passed("rds", "ModifyDBInstance", &[("MonitoringRoleArn", text(role))]), [both]);
    let patch = record(&[("op", text("replace")), ("path", text("/credentials")), ("value", text(role))]);
    let found = passed("apigateway", "UpdateIntegration", &[("patchOperations", list(&[patch]))]);
    assert_eq!(found, [format!("{role} to apigateway.amazonaws.com")]);
}

#[test]
fn catalogs_of_glue_have_names_and_accounts_have_none() {
    let catalogs = |id: &str| -> Vec<String> {
        let found = lines("glue", "GetDatabase", &[("CatalogId", text(id)), ("Name", text("d"))]);
        found.into_iter().filter(|line| line.contains(":catalog/")).collect()
    };
    assert_eq!(catalogs("123456789012"), [""; 0]);
    for id in ["sales", "123456789012:sales"] {
        assert_eq!(catalogs(id), ["glue:GetDatabase arn:aws:glue:R:A:catalog/sales"], "{id}");
    }
}

#[test]
fn definitions_of_tasks_are_families_with_and_without_a_revision() {
    let arn = "arn:aws:ecs:R:A:daemon-task-definition";
    for (name, wanted) in [("agent:3", "agent:3"), ("agent", "agent:*")] {
        let found = lines("ecs", "DescribeDaemonTaskDefinition", &[("daemonTaskDefinition", text(name))]);
        assert_eq!(found, [format!("ecs:DescribeDaemonTaskDefinition {arn}/{wanted}")]);
    }
}

#[test]
fn lists_of_guardduty_are_read_wherever_they_lie() {
    let read = |location: Arg| -> Vec<String> {
        let found = lines("guardduty", "CreateThreatEntitySet", &[("Location", location)]);
        found.into_iter().filter(|line| line.starts_with("s3:")).collect()
    };
    for location in
        ["s3://b/k", "https://s3.amazonaws.com/b/k", "https://b.s3.amazonaws.com/k", "https://s3-us-west-2.amazonaws.com/b/k"]
    {
        assert_eq!(read(text(location)), ["s3:GetObject arn:aws:s3:::b/k"], "{location}");
    }
    assert_eq!(read(Arg::unknown("?")), [""; 0]);
    let entry = Catalog::embedded().entry("guardduty", "CreateThreatEntitySet").expect("an entry");
    assert!(entry.notes.iter().any(|note| note.text.contains("s3:GetObject") && note.when.is_some()));
}

#[test]
fn service_linked_roles_are_made_for_their_service_alone() {
    let all = grants("wafv2", "PutLoggingConfiguration", &[]);
    let made = all.iter().find(|grant| grant.action == "iam:CreateServiceLinkedRole").expect("the role is made");
    assert_eq!(made.resources[0].pattern(), "arn:*:iam::*:role/aws-service-role/wafv2.amazonaws.com/*");
    assert_eq!(made.conditions[0].key, "iam:AWSServiceName");
}

#[test]
fn the_name_and_the_arn_of_a_resource_give_the_same_permission() {
    let firewall = |param: &str, value: &str| lines("network-firewall", "AssociateSubnets", &[(param, text(value))]);
    let arn = "arn:aws:network-firewall:us-east-1:123456789012:firewall/f";
    assert_eq!(firewall("FirewallArn", arn), [format!("network-firewall:AssociateSubnets {arn}")]);
    let found = firewall("FirewallName", "f");
    assert_eq!(found, ["network-firewall:AssociateSubnets arn:aws:network-firewall:R:A:firewall/f"]);
    let vectors = [("vectorBucketName", text("b")), ("indexName", text("i"))];
    assert_eq!(lines("s3vectors", "ListVectors", &vectors), ["s3vectors:ListVectors arn:aws:s3vectors:R:A:bucket/b/index/i"]);
}

#[test]
fn names_of_other_words_give_the_variables() {
    for (service, operation, param, wanted) in [
        ("codepipeline", "StartPipelineExecution", "name", "codepipeline:StartPipelineExecution arn:aws:codepipeline:R:A:v"),
        ("emr", "AddJobFlowSteps", "JobFlowId", "elasticmapreduce:AddJobFlowSteps arn:aws:elasticmapreduce:R:A:cluster/v"),
        ("cloudtrail", "GetTrailStatus", "Name", "cloudtrail:GetTrailStatus arn:aws:cloudtrail:R:A:trail/v"),
        ("ssm", "GetMaintenanceWindow", "WindowId", "ssm:GetMaintenanceWindow arn:aws:ssm:R:A:maintenancewindow/v"),
        ("cloudfront", "GetDistributionConfig", "Id", "cloudfront:GetDistributionConfig arn:aws:cloudfront::A:distribution/v"),
        ("pinpoint", "SendMessages", "ApplicationId", "mobiletargeting:SendMessages arn:aws:mobiletargeting:R:A:apps/v/messages"),
    ] {
        assert_eq!(lines(service, operation, &[(param, text("v"))]), [wanted]);
    }
    let invalidation = [("DistributionId", text("d")), ("Id", text("i"))];
    let found = lines("cloudfront", "GetInvalidation", &invalidation);
    assert_eq!(found, ["cloudfront:GetInvalidation arn:aws:cloudfront::A:distribution/d"]);
}

#[test]
fn dependent_actions_follow_the_parameters_that_trigger_them() {
    let recipe = "arn:aws:imagebuilder:us-east-1:123456789012:image-recipe/r/1.0.0";
    let found = lines("imagebuilder", "CreateImage", &[("imageRecipeArn", text(recipe))]);
    assert!(found.contains(&format!("imagebuilder:GetImageRecipe {recipe}")), "{found:#?}");
    assert!(!found.iter().any(|line| line.starts_with("imagebuilder:GetContainerRecipe ")), "{found:#?}");
    let create = record(&[("Create", record(&[("RegionName", text("eu-west-1"))]))]);
    let update = [("TableName", text("T")), ("ReplicaUpdates", list(&[create]))];
    let found = lines("dynamodb", "UpdateTable", &update);
    assert!(found.contains(&"dynamodb:CreateTableReplica arn:aws:dynamodb:*:A:table/T".to_owned()), "{found:#?}");
    assert!(!found.iter().any(|line| line.starts_with("dynamodb:DeleteTableReplica ")), "{found:#?}");
    assert_eq!(lines("dynamodb", "UpdateTable", &[("TableName", text("T"))]).len(), 1);
}

#[test]
fn tags_given_on_creation_need_the_permission_to_tag() {
    let tags = list(&[record(&[("Key", text("k")), ("Value", text("v"))])]);
    let found = lines("dynamodb", "CreateTable", &[("TableName", text("T")), ("Tags", tags.clone())]);
    let table = "arn:aws:dynamodb:R:A:table/T";
    assert_eq!(found, [format!("dynamodb:CreateTable {table}"), format!("dynamodb:TagResource {table}")]);
    assert_eq!(lines("dynamodb", "CreateTable", &[("TableName", text("T"))]), [format!("dynamodb:CreateTable {table}")]);
    let found = lines("iam", "CreateRole", &[("RoleName", text("r")), ("Tags", tags)]);
    assert_eq!(found, ["iam:CreateRole arn:aws:iam::A:role/r", "iam:TagRole arn:aws:iam::A:role/r"]);
}

#[test]
fn requests_that_no_policy_decides() {
    for (service, operation) in [
        ("cognito-idp", "InitiateAuth"),
        ("cognito-identity", "GetId"),
        ("connectparticipant", "SendMessage"),
        ("sts", "GetCallerIdentity"),
    ] {
        let found = Catalog::embedded().authorize(service, operation, &map(&[]), None);
        assert_eq!(found, Authorization::Permissionless, "{service}:{operation}");
    }
    let gone = Catalog::embedded().authorize("iotthingsgraph", "SearchThings", &map(&[]), None);
    assert!(matches!(&gone, Authorization::Unknown(why) if why.contains("shut down")), "{gone:?}");
}

#[test]
fn keys_and_attributes_narrow_a_table_only_on_request() {
    let conditions = |operation: &str, params: &[(&str, Arg)], narrow: bool| -> Vec<String> {
        let answer = Catalog::embedded().narrow_answer("dynamodb", operation, &map(params), None, narrow);
        let Authorization::Grants(grants) = answer.authorization else { panic!("{operation} needs something") };
        let all = grants.into_iter().flat_map(|grant| grant.conditions);
        all.map(|condition| {
            let values: Vec<String> = condition.values.iter().map(Text::pattern).collect();
            format!("{} {} {}", condition.operator, condition.key, values.join(","))
        })
        .collect()
    };
    let table = ("TableName", text("T"));
    let keyed = |value: Arg| [table.clone(), ("Key", Arg::Map(map(&[("id", value)])))];
    let wanted = ["ForAllValues:StringEquals dynamodb:LeadingKeys a"];
    assert_eq!(conditions("GetItem", &keyed(text("a")), true), wanted);
    assert_eq!(conditions("GetItem", &keyed(Arg::Map(map(&[("S", text("a"))]))), true), wanted);
    assert_eq!(conditions("GetItem", &keyed(text("a")), false), [""; 0]);
    assert_eq!(conditions("GetItem", &keyed(Arg::unknown("?")), true), [""; 0]);
    let two = [table.clone(), ("Key", Arg::Map(map(&[("id", text("a")), ("range", text("b"))])))];
    assert_eq!(conditions("GetItem", &two, true), [""; 0], "which of two is the partition key, the request does not say");
    let item = ("Item", Arg::Map(map(&[("id", text("a")), ("total", Arg::unknown("?"))])));
    let wanted = ["ForAllValues:StringEquals dynamodb:Attributes id,total"];
    assert_eq!(conditions("PutItem", &[table.clone(), item.clone()], true), wanted);
    let checked = [table, item, ("ConditionExpression", text("attribute_exists(other)"))];
    assert_eq!(conditions("PutItem", &checked, true), [""; 0]);
}

#[test]
fn dependent_actions_depend_on_what_triggers_them() {
    let cluster = ("ClusterIdentifier", text("c"));
    let (sql, database) = (("Sql", text("select 1")), ("Database", text("d")));
    let signed_in = |extra: (&'static str, Arg)| {
        let all = lines("redshift-data", "ExecuteStatement", &[cluster.clone(), sql.clone(), database.clone(), extra]);
        all.into_iter().skip(1).collect::<Vec<_>>()
    };
    let user = [
        "redshift:GetClusterCredentials arn:aws:redshift:R:A:dbname:c/d",
        "redshift:GetClusterCredentials arn:aws:redshift:R:A:dbuser:c/u",
    ];
    assert_eq!(signed_in(("DbUser", text("u"))), user);
    let secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
    assert_eq!(signed_in(("SecretArn", text(secret))), [format!("secretsmanager:GetSecretValue {secret}")]);
    let machine = [("name", text("m")), ("definition", text("{}")), ("roleArn", text("arn:aws:iam::123456789012:role/r"))];
    let actions = |params: &[(&str, Arg)]| lines("stepfunctions", "CreateStateMachine", params).len();
    let published: Vec<_> = machine.iter().cloned().chain([("publish", Arg::Bool(true))]).collect();
    assert_eq!(actions(&published), actions(&machine) + 1);
    let attached = lines(
        "wafv2",
        "AssociateWebACL",
        &[
            ("WebACLArn", text("arn:aws:wafv2:us-east-1:123456789012:regional/webacl/w/1")),
            ("ResourceArn", text("arn:aws:cognito-idp:us-east-1:123456789012:userpool/p")),
        ],
    );
    assert!(attached.iter().any(|line| line.starts_with("cognito-idp:AssociateWebACL")), "{attached:?}");
    assert!(!attached.iter().any(|line| line.starts_with("amplify:")), "another service's resource: {attached:?}");
}

#[test]
fn a_private_bucket_and_a_role_of_its_own_ask_for_less() {
    let create = |acl: &str| lines("s3", "CreateBucket", &[("Bucket", text("b")), ("ACL", text(acl))]);
    assert_eq!(create("private"), ["s3:CreateBucket arn:aws:s3:::b"]);
    assert_eq!(create("public-read"), ["s3:CreateBucket arn:aws:s3:::b", "s3:PutBucketAcl arn:aws:s3:::b"]);
    let role = "arn:aws:iam::123456789012:role/scribe";
    let media = Arg::Map(map(&[("MediaFileUri", text("s3://in/a.mp3"))]));
    let job = [("Media", media), ("OutputBucketName", text("out")), ("DataAccessRoleArn", text(role))];
    for operation in ["StartMedicalScribeJob", "StartCallAnalyticsJob"] {
        let found = lines("transcribe", operation, &job);
        assert!(found.iter().any(|line| line.starts_with(&format!("transcribe:{operation} "))), "{found:?}");
        assert!(!found.iter().any(|line| line.contains("s3:")), "{found:?}");
    }
}

#[test]
fn a_role_in_a_patch_is_passed() {
    let role = "arn:aws:iam::123456789012:role/logs";
    let patch = |path: &str, value: &str| {
        let operation = Arg::Map(map(&[("op", text("replace")), ("path", text(path)), ("value", text(value))]));
        lines("apigateway", "UpdateAccount", &[("patchOperations", Arg::List { items: vec![operation], open: false })])
    };
    assert!(patch("/cloudwatchRoleArn", role).iter().any(|line| line.starts_with(&format!("iam:PassRole {role}"))));
    let found = patch("/features", "UsagePlans");
    assert!(!found.is_empty() && !found.iter().any(|line| line.contains("iam:")), "{found:?}");
}

#[test]
fn statements_that_change_the_catalog_need_its_actions() {
    let changes = |sql: &str| {
        let database = Arg::Map(map(&[("Database", text("web"))]));
        let found = lines("athena", "StartQueryExecution", &[("QueryString", text(sql)), ("QueryExecutionContext", database)]);
        let glue = found.into_iter().filter_map(|line| line.strip_prefix("glue:").map(str::to_owned));
        let mut actions: Vec<String> = glue.filter_map(|line| line.split(' ').next().map(str::to_owned)).collect();
        actions.retain(|action| !action.starts_with("Get"));
        actions.dedup();
        actions
    };
    assert_eq!(changes("alter table logs\n add if not exists partition (day=1)"), ["BatchCreatePartition"]);
    assert_eq!(changes("MSCK REPAIR TABLE logs"), ["BatchCreatePartition"]);
    assert_eq!(changes("CREATE EXTERNAL TABLE IF NOT EXISTS logs (a int)"), ["CreateTable"]);
    assert_eq!(changes("DROP TABLE logs"), ["DeletePartition", "DeleteTable"]);
    assert!(changes("SELECT * FROM logs").is_empty());
}

#[test]
fn the_first_global_table_makes_the_role_that_replicates_it() {
    let role = "iam:CreateServiceLinkedRole arn:aws:iam::A:role/aws-service-role/replication.dynamodb.amazonaws.com/*".to_owned();
    assert!(lines("dynamodb", "CreateGlobalTable", &[("GlobalTableName", text("shop"))]).contains(&role));
    let update = |kind: &str| {
        let replica = Arg::Map(map(&[(kind, Arg::Map(map(&[("RegionName", text("eu-west-1"))])))]));
        let updates = Arg::List { items: vec![replica], open: false };
        lines("dynamodb", "UpdateGlobalTable", &[("GlobalTableName", text("shop")), ("ReplicaUpdates", updates)])
    };
    assert!(update("Create").contains(&role));
    assert!(!update("Delete").contains(&role));
}
