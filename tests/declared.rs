//! `leash diff` where permissions come from elsewhere than a function's own statements: connectors, constructs, policies
//! at resources, trust, nested stacks, Terraform modules. Each fixture is a small project.

use std::path::Path;

use serde_json::Value;

#[path = "support/answer.rs"]
mod answer;
#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;

use answer::{findings, verdicts};
use project::project;
use run::leash;

fn diff(folder: &Path) -> Value {
    leash(folder, &["diff", "--format", "json"]).json()
}

const GET_AND_SEND: &str = "import os, boto3

def handler(event, context):
    boto3.resource('dynamodb').Table(os.environ['TABLE']).get_item(Key={'id': event['id']})
    boto3.client('sqs').send_message(QueueUrl=os.environ['QUEUE'], MessageBody='x')
";

#[test]
fn connectors_give_what_sam_makes_of_them() {
    let template = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: python3.12
      Environment: {Variables: {TABLE: !Ref Items, QUEUE: !Ref Jobs}}
    Connectors:
      Reads:
        Properties: {Destination: {Id: Items}, Permissions: [Read]}
  Items: {Type: AWS::Serverless::SimpleTable}
  Jobs: {Type: AWS::SQS::Queue}
  FnToJobs:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: Fn}, Destination: {Id: Jobs}, Permissions: [Write]}
";
    let report = diff(project(&[("template.yaml", template), ("app.py", GET_AND_SEND)]).path());
    let verdicts = verdicts(&report);
    for expected in ["dynamodb:GetItem used", "dynamodb:Scan unused", "sqs:SendMessage used", "sqs:PurgeQueue unused"] {
        assert!(verdicts.contains(&expected.to_owned()), "{expected}: {verdicts:?}");
    }
    let found = findings(&report);
    assert!(found.iter().all(|finding| finding.starts_with("LEASH002")) && found.len() == 2, "{found:?}");
    let message = report["findings"][0]["message"].as_str().expect("text");
    assert!(message.contains("the connector to `Jobs`") && message.contains("sqs:PurgeQueue"), "{message}");
}

#[test]
fn policies_at_resources_and_trust_count() {
    let template = "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}]
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']
  Other:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {AWS: !GetAtt Role.Arn}}]
  Closed:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}}]
  Jobs: {Type: AWS::SQS::Queue}
  JobsPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Jobs]
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: sqs:SendMessage, Resource: '*', Principal: {AWS: !GetAtt Role.Arn}}
          - {Effect: Allow, Action: sqs:SendMessage, Resource: '*', Principal: {Service: sns.amazonaws.com}}
          - {Effect: Allow, Action: sqs:ReceiveMessage, Resource: '*', Principal: '*'}
          - {Effect: Allow, Action: sqs:PurgeQueue, Resource: '*', Principal: '*', Condition: {StringEquals: {'aws:PrincipalOrgID': o-1}}}
          - {Effect: Allow, Action: sqs:GetQueueAttributes, Resource: '*', NotPrincipal: {AWS: 'arn:aws:iam::123456789012:role/x'}}
          - {Effect: Deny, Action: sqs:DeleteMessage, Resource: '*', NotPrincipal: {AWS: 'arn:aws:iam::123456789012:role/x'}}
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Code: ./src
      Handler: app.handler
      Runtime: python3.12
      Role: !GetAtt Role.Arn
      Environment: {Variables: {OTHER: !GetAtt Other.Arn, CLOSED: !GetAtt Closed.Arn, QUEUE: !Ref Jobs}}
  FromBucket:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Fn, Action: lambda:InvokeFunction, Principal: s3.amazonaws.com}
  FromTopic:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref Fn
      Action: lambda:InvokeFunction
      Principal: sns.amazonaws.com
      SourceArn: !Sub 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:t'
";
    let code = "import os, boto3

def handler(event, context):
    sts = boto3.client('sts')
    sts.assume_role(RoleArn=os.environ['OTHER'], RoleSessionName='x')
    sts.assume_role(RoleArn=os.environ['CLOSED'], RoleSessionName='x')
    boto3.client('sqs').send_message(QueueUrl=os.environ['QUEUE'], MessageBody='x')
";
    let report = diff(project(&[("template.yaml", template), ("src/app.py", code)]).path());
    let mut found = findings(&report);
    found.sort();
    assert_eq!(
        found,
        [
            "LEASH001 sts:AssumeRole",
            "LEASH019 lambda:InvokeFunction",
            "LEASH019 sqs:SendMessage",
            "LEASH020 sqs:GetQueueAttributes",
            "LEASH020 sqs:ReceiveMessage"
        ],
        "{report:#}"
    );
    let missing =
        &report["findings"].as_array().expect("a list").iter().find(|one| one["id"] == "LEASH001").expect("found")["message"];
    assert!(missing.as_str().expect("text").contains("Closed"), "{missing}");
}

#[test]
fn trust_in_others_is_found() {
    let template = "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Action: sts:AssumeRole, Principal: {Service: [lambda.amazonaws.com, scheduler.amazonaws.com]}}
          - {Effect: Allow, Action: sts:AssumeRole, Principal: {AWS: 'arn:aws:iam::111122223333:root'}}
          - Effect: Allow
            Action: sts:AssumeRole
            Principal: {AWS: 'arn:aws:iam::444455556666:root'}
            Condition: {StringEquals: {'sts:ExternalId': secret}}
          - {Effect: Allow, Action: sts:AssumeRole, Principal: '*'}
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Code: ./src, Handler: app.handler, Runtime: python3.12, Role: !GetAtt Role.Arn}
";
    let report = diff(project(&[("template.yaml", template), ("src/app.py", "def handler(event, context):\n    pass\n")]).path());
    let all = report["findings"].as_array().expect("a list");
    let found: Vec<&str> = all.iter().filter(|one| one["id"] != "LEASH001").filter_map(|one| one["message"].as_str()).collect();
    assert_eq!(
        found,
        [
            "anybody may assume the role Role",
            "scheduler.amazonaws.com may assume the role Role on behalf of any account: no condition names the source",
            "the account 111122223333 may assume the role Role, and nothing proves on whose behalf it does",
        ]
    );
}

#[test]
fn grants_of_constructs_are_compared() {
    let app = "import * as cdk from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Key } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
const stack = new cdk.Stack(new cdk.App(), 'S');
const key = new Key(stack, 'Key');
const bucket = new Bucket(stack, 'Docs', { encryptionKey: key });
const fn = new lambda.Function(stack, 'Fn', {
  runtime: lambda.Runtime.PYTHON_3_12, handler: 'app.handler', code: lambda.Code.fromAsset('src'),
  environment: { BUCKET: bucket.bucketName }, tracing: lambda.Tracing.ACTIVE,
});
bucket.grantPut(fn);
";
    let code = "import os, boto3

def handler(event, context):
    boto3.client('s3').put_object(Bucket=os.environ['BUCKET'], Key=event['key'], Body=b'')
";
    let files = [("cdk.json", "{\"app\": \"npx ts-node app.ts\"}"), ("app.ts", app), ("src/app.py", code)];
    let report = diff(project(&files).path());
    let verdicts = verdicts(&report);
    for expected in ["s3:PutObject used", "s3:PutObjectTagging unused", "kms:GenerateDataKey* used"] {
        assert!(verdicts.contains(&expected.to_owned()), "{expected}: {verdicts:?}");
    }
    let found = findings(&report);
    assert!(found.iter().all(|finding| !finding.starts_with("LEASH001") && !finding.starts_with("LEASH009")), "{report:#}");
}

#[test]
fn terraform_documents_modules_and_attachments_are_followed() {
    let main = r#"
resource "aws_dynamodb_table" "items" { name = "items" }
resource "aws_sqs_queue" "jobs" { name = "jobs" }

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Table"
    actions   = ["dynamodb:GetItem"]
    resources = [aws_dynamodb_table.items.arn]
  }
}

data "aws_iam_policy_document" "all" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  override_policy_documents = [jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Queue", Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.jobs.arn }]
  })]
  statement {
    sid       = "Queue"
    actions   = ["sqs:*"]
    resources = ["*"]
  }
}

module "role" {
  source   = "./role"
  policies = { main = data.aws_iam_policy_document.all.json }
}

resource "aws_lambda_function" "fn" {
  function_name = "fn"
  filename      = "src"
  handler       = "app.handler"
  runtime       = "python3.12"
  role          = module.role.arn
  environment { variables = { TABLE = aws_dynamodb_table.items.name, QUEUE = aws_sqs_queue.jobs.url } }
}

resource "aws_lambda_permission" "api" {
  function_name = aws_lambda_function.fn.function_name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
}
"#;
    let role = r#"
variable "policies" { type = map(string) }
resource "aws_iam_role" "this" {
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}
resource "aws_iam_policy" "each" {
  for_each = var.policies
  name     = each.key
  policy   = each.value
}
resource "aws_iam_role_policy_attachment" "each" {
  for_each   = var.policies
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.each[each.key].arn
}
resource "aws_iam_role_policy_attachment" "basic" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
output "arn" { value = aws_iam_role.this.arn }
"#;
    let report = diff(project(&[("main.tf", main), ("role/main.tf", role), ("src/app.py", GET_AND_SEND)]).path());
    let verdicts = verdicts(&report);
    assert!(
        verdicts.contains(&"dynamodb:GetItem used".to_owned()) && verdicts.contains(&"sqs:SendMessage used".to_owned()),
        "{verdicts:?}"
    );
    assert_eq!(findings(&report), ["LEASH019 lambda:InvokeFunction"], "{report:#}");
}

#[test]
fn roles_and_policies_of_nested_stacks_are_followed() {
    let parent = "Transform: AWS::Serverless-2016-10-31
Resources:
  Items: {Type: AWS::DynamoDB::Table, Properties: {TableName: items}}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Roles:
    Type: AWS::Serverless::Application
    Properties: {Location: ./roles.yaml, Parameters: {TableArn: !GetAtt Items.Arn}}
  Sending:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: sending.yaml, Parameters: {Role: !GetAtt Roles.Outputs.Name, QueueArn: !GetAtt Jobs.Arn}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: app.handler
      Runtime: python3.12
      Role: !GetAtt Roles.Outputs.Arn
      Environment: {Variables: {TABLE: !Ref Items, QUEUE: !Ref Jobs}}
";
    let roles = "Parameters: {TableArn: {Type: String}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}]
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']
      Policies:
        - PolicyName: read
          PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:GetItem', Resource: !Ref TableArn}]}
Outputs: {Arn: {Value: !GetAtt Role.Arn}, Name: {Value: !Ref Role}}
";
    let sending = "Parameters: {Role: {Type: String}, QueueArn: {Type: String}}
Resources:
  Send:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: send
      Roles: [!Ref Role]
      PolicyDocument: {Statement: [{Effect: Allow, Action: 'sqs:SendMessage', Resource: !Ref QueueArn}]}
";
    let files = [("template.yaml", parent), ("roles.yaml", roles), ("sending.yaml", sending), ("src/app.py", GET_AND_SEND)];
    let report = diff(project(&files).path());
    let verdicts = verdicts(&report);
    assert!(
        verdicts.contains(&"dynamodb:GetItem used".to_owned()) && verdicts.contains(&"sqs:SendMessage used".to_owned()),
        "{verdicts:?}"
    );
    assert_eq!(findings(&report), [""; 0], "{report:#}");
}

#[test]
fn functions_of_a_service_inherit_its_statements_where_they_say_so() {
    let service = "service: jobs
provider:
  name: aws
  runtime: python3.12
  iam:
    role:
      statements:
        - {Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Items.Arn}
plugins: [serverless-iam-roles-per-function]
functions:
  inherits:
    handler: app.handler
    environment: &variables {TABLE: !Ref Items, QUEUE: !Ref Jobs}
    iamRoleStatementsInherit: true
    iamRoleStatements:
      - {Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Jobs.Arn}
  alone:
    handler: app.handler
    environment: *variables
    iamRoleStatements:
      - {Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Jobs.Arn}
resources:
  Resources:
    Items: {Type: AWS::DynamoDB::Table, Properties: {TableName: items}}
    Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
";
    let report = diff(project(&[("serverless.yml", service), ("app.py", GET_AND_SEND)]).path());
    let missing: Vec<&Value> = report["findings"].as_array().expect("a list").iter().collect();
    assert_eq!(findings(&report), ["LEASH001 dynamodb:GetItem"], "{report:#}");
    assert_eq!(missing[0]["functions"][0], "alone");
}

#[test]
fn what_failed_records_are_sent_with_is_used() {
    let app = "import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as sqs from 'aws-cdk-lib/aws-sqs';
const app = new cdk.App();
const stack = new cdk.Stack(app, 'S');
const table = new dynamodb.Table(stack, 'T', { stream: dynamodb.StreamViewType.NEW_IMAGE });
const dead = new sqs.Queue(stack, 'Dead');
const fn = new lambda.Function(stack, 'Fn', {
  runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromAsset('src'),
});
fn.addEventSource(new sources.DynamoEventSource(table, { onFailure: new sources.SqsDlq(dead) }));
dead.grantSendMessages(fn);
";
    let code = "exports.handler = async () => 1;\n";
    let files = [("app.ts", app), ("cdk.json", "{\"app\": \"ts-node app.ts\"}"), ("src/index.js", code)];
    let report = diff(project(&files).path());
    assert!(verdicts(&report).contains(&"sqs:SendMessage used".to_owned()), "{:?}", verdicts(&report));
}

#[test]
fn what_sam_adds_for_destinations_and_schemas_is_what_it_deploys() {
    let template = "Transform: AWS::Serverless-2016-10-31
Parameters: {Given: {Type: String}}
Conditions: {HasQueue: !Equals [!Ref Given, x]}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: python3.12
      Tracing:
      EventInvokeConfig:
        DestinationConfig:
          OnSuccess: {Type: S3Bucket, Destination: 'arn:aws:s3:::results'}
          OnFailure: {Type: SQS, Destination: !If [HasQueue, !Ref Given, !Ref 'AWS::NoValue']}
      Events:
        Kafka:
          Type: MSK
          Properties:
            Stream: 'arn:aws:kafka:eu-west-1:123456789012:cluster/c/1'
            StartingPosition: LATEST
            Topics: [t]
            SchemaRegistryConfig:
              SchemaRegistryURI: 'arn:aws:glue:eu-west-1:123456789012:registry/own'
              EventRecordFormat: JSON
              SchemaValidationConfigs: [{Attribute: KEY}]
              AccessConfigs: [{Type: BASIC_AUTH, URI: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-abcdef'}]
";
    let folder = project(&[("template.yaml", template)]);
    let stack = leash::iac::read_template(&leash::iac::Files::new(folder.path()), &folder.path().join("template.yaml"));
    let stack = stack.expect("readable").expect("a template");
    let mut granted = Vec::new();
    for policy in leash::declared::expand(&stack.functions[0].declared, Some(&stack)) {
        for statement in policy.statements {
            let resources: Vec<String> = statement.shown.resources.items().iter().map(ToString::to_string).collect();
            granted.extend(statement.shown.actions.items().iter().map(|action| format!("{action} {}", resources.join(" "))));
        }
    }
    for expected in [
        "s3:PutObject arn:aws:s3:::results/*",
        "s3:ListBucket arn:aws:s3:::results",
        "sqs:SendMessage *",
        "glue:GetRegistry arn:aws:glue:eu-west-1:123456789012:registry/own",
        "glue:GetSchemaVersion arn:*:glue:*:*:schema/own/*",
        "secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-abcdef",
    ] {
        assert!(granted.contains(&expected.to_owned()), "{expected}: {granted:?}");
    }
    assert_eq!(granted.iter().filter(|grant| grant.starts_with("sqs:SendMessage")).count(), 2);
    assert!(!granted.iter().any(|grant| grant.starts_with("xray:")), "{granted:?}");
}

#[test]
fn handlers_of_one_file_that_a_library_wraps_do_not_call_each_other() {
    let template = "Transform: AWS::Serverless-2016-10-31
Globals: {Function: {CodeUri: src, Runtime: nodejs22.x}}
Resources:
  Photos: {Type: AWS::S3::Bucket}
  Jobs: {Type: AWS::SQS::Queue}
  Get:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.get
      Environment: {Variables: {PHOTOS: !Ref Photos}}
      Policies: [{Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Photos.Arn}/a'}]}]
  Send:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.send
      Environment: {Variables: {JOBS: !Ref Jobs}}
      Policies: [{Statement: [{Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Jobs.Arn}]}]
";
    let code = "const middy = require('@middy/core');
const wrap = require('some-wrapper');
const { S3 } = require('@aws-sdk/client-s3');
const { SQS } = require('@aws-sdk/client-sqs');
exports.get = middy(async () => new S3({}).getObject({ Bucket: process.env.PHOTOS, Key: 'a' }));
exports.send = wrap(async () => new SQS({}).sendMessage({ QueueUrl: process.env.JOBS, MessageBody: 'x' }));
";
    let report = diff(project(&[("template.yaml", template), ("src/app.js", code)]).path());
    assert_eq!(findings(&report), [] as [&str; 0]);
    assert_eq!(verdicts(&report), ["s3:GetObject used", "sqs:SendMessage used"]);
}

#[test]
fn a_default_that_is_no_arn_stands_for_one() {
    let template = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  TopicArn: {Type: String, Default: TopicArn}
  SecretArn: {Type: String, Default: 'arn:aws:secretsmanager:DEFAULT'}
  Whole: {Type: String, Default: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-AbCdEf'}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {SECRET: !Ref SecretArn, WHOLE: !Ref Whole}}
      Policies:
        - Statement: [{Effect: Allow, Action: 'sns:Publish', Resource: !Ref TopicArn}]
        - Statement: [{Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: [!Ref SecretArn, !Ref Whole]}]
";
    let app = "import os, boto3\ndef handler(event, context):\n    boto3.client('sns').publish(TopicArn=event['topic'], Message='x')\n    \
               secrets = boto3.client('secretsmanager')\n    secrets.get_secret_value(SecretId=os.environ['SECRET'])\n    \
               secrets.get_secret_value(SecretId=os.environ['WHOLE'])\n";
    let folder = project(&[("template.yaml", template), ("app.py", app)]);
    let found = findings(&diff(folder.path()));
    let is_topic = |finding: &String| finding.starts_with("LEASH009") && finding.contains("sns:Publish");
    assert!(!found.is_empty() && found.iter().all(is_topic), "{found:?}");
    let answer = leash(folder.path(), &["infer", "--no-logs"]).answer();
    assert!(answer.contains("\"arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-AbCdEf\""), "{answer}");
    assert!(answer.contains("\"arn:aws:secretsmanager:*:*:secret:*-??????\"") && !answer.contains("DEFAULT"), "{answer}");
}

#[test]
fn actions_without_resources_are_allowed_on_all_or_not_at_all() {
    let template = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters: {Where: {Type: String}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: python3.13
      Policies:
        - Statement: [{Effect: Allow, Action: ['sqs:ListQueues', 's3:ListAllMyBuckets'], Resource: ['arn:aws:sqs:*:*:*', 'arn:aws:s3:::mine']}]
        - Statement: [{Effect: Allow, Action: 'iam:ListUsers', Resource: !Ref Where}]
        - Statement: [{Effect: Allow, Action: 'dynamodb:ListTables', Resource: '*'}]
";
    let app = "import boto3\ndef handler(event, context):\n    boto3.client('sqs').list_queues()\n    boto3.client('s3').list_buckets()\n    \
               boto3.client('iam').list_users()\n    boto3.client('dynamodb').list_tables()\n";
    let report = diff(project(&[("template.yaml", template), ("app.py", app)]).path());
    let missing = findings(&report).into_iter().filter(|finding| finding.starts_with("LEASH001")).collect::<Vec<_>>();
    let is_about = |action: &str| missing.iter().any(|finding| finding.contains(action));
    assert!(missing.len() == 2 && is_about("sqs:ListQueues") && is_about("s3:ListAllMyBuckets"), "{missing:?}");
}

#[test]
fn the_policy_file_of_a_stage_is_all_that_chalice_deploys() {
    let app = "import os, boto3\nfrom chalice import Chalice\n\napp = Chalice(app_name='shop')\n\n\n@app.route('/')\ndef index():\n    \
               boto3.client('ssm').get_parameter(Name=os.environ['KEY'])\n    boto3.client('sns').list_topics()\n";
    let config = r#"{"version": "2.0", "app_name": "shop", "autogen_policy": false, "stages": {
        "local": {"environment_variables": {"KEY": "/local"}}, "dev": {"environment_variables": {"KEY": "/shop"}}}}"#;
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:*:*:parameter/shop"}]}"#;
    let files = [("app.py", app), (".chalice/config.json", config), (".chalice/policy-dev.json", policy)];
    let found = findings(&diff(project(&files).path()));
    let sure = found.iter().filter(|finding| !finding.contains("logs:")).collect::<Vec<_>>();
    assert!(sure.len() == 1 && sure[0].starts_with("LEASH001") && sure[0].contains("sns:ListTopics"), "{found:?}");
}

#[test]
fn settings_of_buckets_that_stand_apart_and_documents_without_statements_count() {
    let terraform = r#"
resource "aws_kms_key" "k" {}
resource "aws_s3_bucket" "files" { bucket = "my-files" }
resource "aws_s3_bucket_server_side_encryption_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.k.arn
    }
  }
}
data "aws_iam_policy_document" "p" {
  override_policy_documents = ["{}"]
  statement {
    actions   = ["kms:GenerateDataKey"]
    resources = [aws_kms_key.k.arn]
  }
}
resource "aws_iam_role" "r" { assume_role_policy = "{}" }
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.id
  policy = data.aws_iam_policy_document.p.json
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = aws_iam_role.r.arn
  handler       = "app.handler"
  runtime       = "python3.13"
  filename      = "app.zip"
  environment { variables = { BUCKET = aws_s3_bucket.files.id } }
}
"#;
    let app = "import os, boto3\ndef handler(event, context):\n    boto3.client('s3').put_object(Bucket=os.environ['BUCKET'], Key='a')\n";
    let report = diff(project(&[("main.tf", terraform), ("app.py", app)]).path());
    let verdicts = verdicts(&report);
    assert!(verdicts.contains(&"kms:GenerateDataKey used".to_owned()), "{verdicts:?}");
    let found = findings(&report);
    assert!(found.iter().any(|finding| finding.starts_with("LEASH001") && finding.contains("s3:PutObject")), "{found:?}");
    assert!(!found.iter().any(|finding| finding.starts_with("LEASH009") && finding.contains("s3:PutObject")), "{found:?}");
}

#[test]
fn a_mail_is_sent_as_its_address_or_as_the_domain_of_that() {
    let template = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Sender: {Type: String, Default: 'shop@example.com'}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {SENDER: !Ref Sender}}
      Policies:
        - Statement:
            - {Effect: Allow, Action: 'ses:SendEmail', Resource: !Sub 'arn:aws:ses:${AWS::Region}:${AWS::AccountId}:identity/example.com'}
";
    let app = "import os, boto3\ndef handler(event, context):\n    boto3.client('ses').send_email(Source=os.environ['SENDER'], \
               Destination={'ToAddresses': [event['to']]}, Message={'Subject': {'Data': 'x'}, 'Body': {'Text': {'Data': 'x'}}})\n";
    let folder = project(&[("template.yaml", template), ("app.py", app)]);
    let report = diff(folder.path());
    assert!(verdicts(&report).contains(&"ses:SendEmail used".to_owned()), "{:?}", verdicts(&report));
    let found = findings(&report);
    assert!(!found.is_empty() && found.iter().all(|finding| finding.starts_with("LEASH009")), "{found:?}");
    let answer = leash(folder.path(), &["infer", "--no-logs"]).answer();
    assert!(answer.contains("identity/shop@example.com\"") && answer.contains("identity/example.com\""), "{answer}");
}

#[test]
fn services_that_are_deployed_together_pass_their_outputs() {
    let compose = "services:
  db: {path: db}
  api:
    path: api
    config: service.yml
    params: {TableName: '${db.TableName}', WriteRole: '${db.WriteRole}', Queue: 'https://sqs.eu-west-1.amazonaws.com/123456789012/jobs', Other: '${db.Missing}'}
";
    let api = "service: api
provider:
  name: aws
  runtime: python3.12
  environment: {TABLE: '${param:TableName}', QUEUE: '${param:Queue}', OTHER: '${param:Other}'}
functions:
  add: {handler: app.handler, role: '${param:WriteRole}'}
";
    let db = "service: db
provider: {name: aws, runtime: python3.12}
resources:
  Resources:
    Items: {Type: AWS::DynamoDB::Table, Properties: {TableName: items}}
    Role:
      Type: AWS::IAM::Role
      Properties:
        AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
        Policies:
          - PolicyName: all
            PolicyDocument: {Statement: [{Effect: Allow, Action: ['dynamodb:GetItem', 'dynamodb:Scan'], Resource: !GetAtt Items.Arn}]}
  Outputs:
    TableName: {Value: !Ref Items}
    WriteRole: {Value: !GetAtt Role.Arn}
";
    let folder = project(&[
        ("serverless-compose.yml", compose),
        ("api/service.yml", api),
        ("api/app.py", GET_AND_SEND),
        ("db/serverless.yml", db),
    ]);
    let report = diff(folder.path());
    let verdicts = verdicts(&report);
    for expected in ["dynamodb:GetItem used", "dynamodb:Scan unused"] {
        assert!(verdicts.contains(&expected.to_owned()), "{expected}: {verdicts:?}");
    }
    let found = findings(&report);
    assert!(found.contains(&"LEASH001 sqs:SendMessage".to_owned()), "{found:?}");
    let message = report["findings"].to_string();
    assert!(message.contains("123456789012:jobs"), "{message}");
}
