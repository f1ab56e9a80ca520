//! Settings, events and CDK applications through the whole pipeline.

use leash::pipeline::{Evidence, FunctionReport, Settings, run};
use leash::policy::RenderContext;

#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;

use project::project;

/// Runs on some files and gives the one function's report.
fn report(files: &[(&str, &str)]) -> FunctionReport {
    let folder = project(files);
    let settings = Settings { paths: vec![folder.path().to_path_buf()], ..Settings::default() };
    let mut functions = run(&settings, &|_| {}).functions;
    assert_eq!(functions.len(), 1, "{functions:#?}");
    functions.remove(0)
}

/// One line per statement: its actions and resources.
fn statements(report: &FunctionReport) -> Vec<String> {
    let line = |statement: &leash::draft::DraftStatement| {
        let actions: Vec<String> = statement.statement.actions.items().iter().map(ToString::to_string).collect();
        let plain = RenderContext::plain();
        let resources: Vec<String> = statement.statement.resources.items().iter().map(|arn| arn.render(&plain)).collect();
        format!("{} on {}", actions.join(" "), resources.join(" "))
    };
    report.draft.statements.iter().map(line).collect()
}

const TEMPLATE: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Uploads: {Type: AWS::S3::Bucket, Properties: {BucketName: uploads}}
  Resize:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: python3.12
      Handler: app.handler
      Tracing: Active
      Events:
        New: {Type: S3, Properties: {Bucket: !Ref Uploads, Events: 's3:ObjectCreated:*'}}
";

const CODE: &str = "
import boto3
s3 = boto3.client('s3')
def handler(event, context):
    for record in event['Records']:
        s3.get_object(Bucket=record['s3']['bucket']['name'], Key='settings.json')
";

#[test]
fn settings_and_sources_show_in_the_policy_with_their_evidence() {
    let report = report(&[("template.yaml", TEMPLATE), ("app.py", CODE)]);
    let found = statements(&report);
    assert!(found.contains(&"s3:GetObject on arn:aws:s3:::uploads/settings.json".to_owned()), "{found:#?}");
    assert!(found.contains(&"xray:PutTelemetryRecords xray:PutTraceSegments on *".to_owned()), "{found:#?}");
    assert!(
        found.contains(
            &"logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:*:*:log-group:/aws/lambda/*-Resize-*:*"
                .to_owned()
        ),
        "{found:#?}"
    );
    let lines = report.evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Setting { what, at } => Some((what.as_str(), at.as_ref()?.line())),
        Evidence::Call(_) => None,
    });
    assert_eq!(lines.collect::<Vec<_>>(), [("the function's log group", 5), ("the function's X-Ray tracing", 11)]);
}

#[test]
fn a_bare_file_has_no_settings() {
    let report = report(&[("app.py", CODE)]);
    assert!(matches!(report.evidence.as_slice(), [Evidence::Call(_)]), "{:#?}", report.evidence);
}

#[test]
fn a_cdk_application_binds_the_variables_of_its_functions() {
    let stack = "
import * as cdk from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
const stack = new cdk.Stack(new cdk.App(), 'S');
const table = new dynamodb.Table(stack, 'Orders', { tableName: 'orders', partitionKey: { name: 'id', type: 'S' } });
new NodejsFunction(stack, 'Read', { entry: 'src/read.ts', environment: { TABLE: table.tableName } });
";
    let code = "
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
const client = new DynamoDBClient({});
export const handler = async (event) => client.send(new GetItemCommand({ TableName: process.env.TABLE, Key: {} }));
";
    let manifests = [("cdk.json", r#"{"app": "npx ts-node app.ts"}"#), ("package.json", "{}")];
    for manifest in manifests {
        let report = report(&[manifest, ("app.ts", stack), ("src/read.ts", code)]);
        let found = statements(&report);
        assert!(found.contains(&"dynamodb:GetItem on arn:aws:dynamodb:*:*:table/orders".to_owned()), "{found:#?}");
    }
}

#[test]
fn statements_for_a_cdk_program_take_its_constructs() {
    let app = "
import * as cdk from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Function, Runtime, Code } from 'aws-cdk-lib/aws-lambda';
const stack = new cdk.Stack(new cdk.App(), 'S');
const table = new Table(stack, 'Orders');
new Function(stack, 'Fn', {
  runtime: Runtime.PYTHON_3_13, handler: 'app.handler', code: Code.fromAsset('src'), environment: { TABLE: table.tableName },
});
";
    let code = "import os, boto3
def handler(event, context):
    boto3.client('dynamodb').get_item(TableName=os.environ['TABLE'], Key={})
";
    let folder = project(&[("cdk.json", r#"{"app": "npx ts-node app.ts"}"#), ("app.ts", app), ("src/app.py", code)]);
    let run = |format| run::leash(folder.path(), &["infer", "--quiet", "--format", format]).answer();
    let cdk = run("cdk");
    assert!(cdk.contains("export const fnStatements = ({ orders }: { orders: { tableArn: string } })"), "{cdk}");
    assert!(cdk.contains("resources: [orders.tableArn],") && !cdk.contains("functionName"), "{cdk}");
    let sam = run("sam");
    assert!(sam.contains("table/*") && !sam.contains("!GetAtt"), "construct ids are no logical ids: {sam}");
}

#[test]
fn what_a_template_fills_into_its_code_is_what_the_code_uses() {
    let template = "
Resources:
  Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: !Sub |
          import boto3
          def handler(event, context):
              boto3.client('dynamodb').get_item(TableName='${Orders}', Key={})
              boto3.client('sns').publish(TopicArn='arn:aws:sns:${AWS::Region}:${AWS::AccountId}:news', Message=f'{event}')
";
    let found = statements(&report(&[("template.yaml", template)]));
    assert!(found.contains(&"dynamodb:GetItem on arn:aws:dynamodb:*:*:table/orders".to_owned()), "{found:#?}");
    assert!(found.contains(&"sns:Publish on arn:aws:sns:*:*:news".to_owned()), "{found:#?}");
}

#[test]
fn a_durable_function_keeps_its_executions() {
    let template = "
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: app.handler, Code: ., FunctionName: steps, DurableConfig: {ExecutionTimeout: 60}}
";
    let found = statements(&report(&[("template.yaml", template), ("app.py", "def handler(event, context):\n    pass\n")]));
    let wanted = "lambda:CheckpointDurableExecution lambda:GetDurableExecutionState on arn:aws:lambda:*:*:function:steps:*";
    assert!(found.contains(&wanted.to_owned()), "{found:#?}");
}

#[test]
fn code_in_an_archive_is_read_there_unless_its_source_stands_beside() {
    use std::io::Write as _;
    let template = "
Resources:
  Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: app.handler, Code: code.zip}}
";
    let folder = project(&[("template.yaml", template)]);
    let write = |name: &str, text: &str| project::write(folder.path(), name, text);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(folder.path().join("code.zip")).expect("a file"));
    for (name, text) in [("app.py", "from calls import send\nhandler = send\n"), ("calls.py", CALLS)] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        zip.write_all(text.as_bytes()).expect("its text");
    }
    zip.finish().expect("an archive");
    let settings = Settings { paths: vec![folder.path().to_path_buf()], ..Settings::default() };
    let run = || run(&settings, &|_| {}).functions.remove(0);
    let packed = run();
    assert_eq!(packed.file.as_deref(), Some("code.zip/app.py"));
    assert!(
        statements(&packed).contains(&"sns:Publish on arn:aws:sns:eu-west-1:123456789012:news".to_owned()),
        "{:#?}",
        statements(&packed)
    );
    write("app.py", "def handler(event, context):\n    pass\n");
    assert_eq!(run().file.as_deref(), Some("code.zip/app.py"), "what stands beside is another program");
    write("app.py", "from calls import send\nhandler = send\n");
    assert_eq!(run().file.as_deref(), Some("app.py"));
}

const CALLS: &str = "
import boto3
def send(event, context):
    boto3.client('sns').publish(TopicArn='arn:aws:sns:eu-west-1:123456789012:news', Message='x')
";

#[test]
fn an_s3_file_system_needs_its_own_actions() {
    let template = TEMPLATE.replace(
        "      Tracing: Active\n",
        "      MemorySize: 512\n      FileSystemConfigs: [{Arn: !GetAtt Point.AccessPointArn, LocalMountPath: /mnt/x}]\n",
    ) + "  Point: {Type: AWS::S3Files::AccessPoint, Properties: {FileSystemId: !GetAtt Files.FileSystemId}}\n  \
         Files: {Type: AWS::S3Files::FileSystem, Properties: {Bucket: 'arn:aws:s3:::data'}}\n";
    let found = statements(&report(&[("template.yaml", &template), ("app.py", CODE)])).join("\n");
    assert!(found.contains("s3files:ClientMount s3files:ClientWrite on arn:aws:s3files:*:*:file-system/*"), "{found}");
    assert!(found.contains("s3:GetObject s3:GetObjectVersion on arn:aws:s3:::data/*"), "{found}");
    assert!(!found.contains("elasticfilesystem"), "{found}");
    let small = template.replace("MemorySize: 512", "MemorySize: 256");
    assert!(!statements(&report(&[("template.yaml", &small), ("app.py", CODE)])).join("\n").contains("GetObjectVersion"));
}

#[test]
fn the_appconfig_extension_fetches_what_it_is_told_to() {
    let list = "applications/app1/environments/dev/configurations/a,/applications/app1/environments/dev/configurations/b";
    let template = TEMPLATE.replace(
        "      Tracing: Active\n",
        &format!("      Environment: {{Variables: {{AWS_APPCONFIG_EXTENSION_PREFETCH_LIST: '{list}'}}}}\n"),
    );
    let found = statements(&report(&[("template.yaml", &template), ("app.py", CODE)])).join("\n");
    let wanted = "appconfig:GetLatestConfiguration appconfig:StartConfigurationSession on \
                  arn:aws:appconfig:*:*:application/app1/environment/dev/configuration/*";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn programs_of_layers_that_run_beside_the_function_are_a_doubt() {
    let template = TEMPLATE.replace("      Tracing: Active\n", "      Layers: [!Ref Ext]\n")
        + "  Ext: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: ext/}}\n";
    let with = |file: &str| {
        let report = report(&[("template.yaml", &template), ("app.py", CODE), (file, "#!/bin/sh\n")]);
        report.notes.iter().any(|note| note.message.contains("run beside the function") && note.kind.blocks_removal())
    };
    assert!(with("ext/extensions/telemetry"));
    assert!(!with("ext/python/telemetry.txt"));
}
