//! Code at other places than the template says, and applications whose functions share their code: through the binary.

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// A folder with these files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

/// What `leash infer --format text` answers there.
fn text(folder: &Path) -> String {
    let output =
        Command::cargo_bin("leash").expect("the binary").current_dir(folder).args(["infer", "--format", "text"]).output();
    let output = output.expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The block of the answer that belongs to a function.
fn block<'a>(answer: &'a str, function: &str) -> &'a str {
    answer
        .split("\n\n")
        .find(|block| block.starts_with(&format!("{function}  ")))
        .unwrap_or_else(|| panic!("{function}: {answer}"))
}

#[test]
fn code_in_a_bucket_is_found_by_the_name_of_its_archive() {
    let function = |id: &str, key: &str| {
        format!(
            r#""{id}": {{"Type": "AWS::Lambda::Function", "Properties": {{"Runtime": "python3.12", "Handler": "main.handler",
            "Code": {{"S3Bucket": "dist", "S3Key": "%VERSION%/{key}.zip"}}, "Role": "arn:aws:iam::123456789012:role/r"}}}}"#
        )
    };
    let template = format!(r#"{{"Resources": {{ {}, {} }}}}"#, function("Timer", "timer"), function("Other", "elsewhere"));
    let folder = project(&[
        ("deployment/app.template", &template),
        ("source/timer/main.py", "import boto3\ndef handler(e, c): boto3.client('sqs').list_queues()\n"),
        ("source/cleanup/main.py", "import boto3\ndef handler(e, c): boto3.client('sns').list_topics()\n"),
    ]);
    let answer = text(folder.path());
    let timer = block(&answer, "Timer");
    assert!(timer.contains("source/timer/main.py:handler") && timer.contains("sqs:ListQueues"), "{answer}");
    assert!(timer.contains("was taken for it"), "a guess is said to be one: {answer}");
    let other = block(&answer, "Other");
    assert!(other.contains("not in this repository") && !other.contains("sns:ListTopics"), "{answer}");
}

#[test]
fn the_entry_point_that_a_script_bundles_is_the_handler() {
    let terraform = r#"
resource "aws_lambda_function" "webhook" {
  function_name = "webhook"
  role          = "arn:aws:iam::123456789012:role/r"
  runtime       = "nodejs22.x"
  handler       = "index.receive"
  filename      = "${path.module}/lambdas/webhook/webhook.zip"
}"#;
    let folder = project(&[
        ("main.tf", terraform),
        ("lambdas/webhook/package.json", r#"{"scripts": {"build": "ncc build src/lambda.ts -o dist"}}"#),
        ("lambdas/webhook/src/webhook/index.ts", "export const verify = () => true;"),
        (
            "lambdas/webhook/src/lambda.ts",
            "import { SNSClient, ListTopicsCommand } from '@aws-sdk/client-sns';\n\
             export const receive = () => new SNSClient({}).send(new ListTopicsCommand({}));",
        ),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("lambdas/webhook/src/lambda.ts:receive") && answer.contains("sns:ListTopics"), "{answer}");
}

const CHALICE: &str = r#"
import boto3
from chalice import Chalice
from chalicelib.routes import bp

app = Chalice(app_name="shop")
app.register_blueprint(bp)

@app.on_sqs_message(queue="jobs")
def work(event):
    boto3.client("sns").list_topics()

@app.on_ws_message()
def message(event):
    app.websocket_api.send(event.connection_id, event.body)

@app.middleware("all")
def measured(event, get_response):
    boto3.client("cloudwatch").list_dashboards()
    return get_response(event)
"#;
const BLUEPRINT: &str = r#"
import boto3
from chalice import Blueprint

bp = Blueprint(__name__)

@bp.route("/buckets")
def buckets():
    return boto3.client("s3").list_buckets()

@bp.schedule("rate(1 hour)")
def hourly(event):
    boto3.client("sqs").list_queues()
"#;

#[test]
fn each_function_of_a_chalice_application_has_its_own_calls_and_the_middleware() {
    let folder = project(&[
        ("app.py", CHALICE),
        ("chalicelib/__init__.py", ""),
        ("chalicelib/routes.py", BLUEPRINT),
        (".chalice/config.json", r#"{"version": "2.0", "app_name": "shop", "stages": {"dev": {}}}"#),
    ]);
    let answer = text(folder.path());
    let all = ["sns:ListTopics", "execute-api:ManageConnections", "s3:ListAllMyBuckets", "sqs:ListQueues"];
    for (function, own) in [("work", all[0]), ("websocket_message", all[1]), ("api_handler", all[2]), ("hourly", all[3])] {
        let block = block(&answer, function);
        let found: Vec<_> = all.into_iter().filter(|action| block.contains(action)).collect();
        assert_eq!(found, [own], "{answer}");
        assert!(block.contains("cloudwatch:ListDashboards"), "{answer}");
        assert!(!block.contains("doubt") && !block.contains("not reached"), "{answer}");
    }
    assert!(block(&answer, "work").contains("arn:aws:sqs:*:*:jobs"), "{answer}");
}

#[test]
fn a_copy_of_the_community_module_leads_to_the_code_it_packs() {
    let variables =
        ["source_path", "create_package", "hash_extra", "attach_policy_statements", "handler", "function_name", "runtime"];
    let variables: String = variables.iter().map(|name| format!("variable \"{name}\" {{\n  default = null\n}}\n")).collect();
    let copy = format!("{variables}\nresource \"aws_lambda_function\" \"this\" {{\n  function_name = var.function_name\n}}\n");
    let call = r#"
module "jobs" {
  source        = "./modules/lambda"
  function_name = "jobs"
  handler       = "index.handler"
  runtime       = "python3.12"
  source_path   = "${path.module}/jobs"
}
data "aws_region" "current" {}
"#;
    let folder = project(&[
        ("main.tf", call),
        ("modules/lambda/main.tf", &copy),
        ("jobs/index.py", "import boto3\ndef handler(e, c): boto3.client('sqs').get_queue_url(QueueName='jobs')\n"),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("jobs/index.py:handler") && answer.contains("arn:aws:sqs:*:*:jobs"), "{answer}");
    let output = Command::cargo_bin("leash")
        .expect("the binary")
        .current_dir(folder.path())
        .args(["infer", "--format", "terraform"])
        .output();
    let answer = String::from_utf8(output.expect("it runs").stdout).expect("text");
    assert!(!answer.contains(r#"data "aws_region" "current""#), "the configuration declares it already: {answer}");
    assert!(answer.contains(r#"data "aws_caller_identity" "current""#), "{answer}");
}

#[test]
fn what_cdk_synth_adds_is_said_to_be_its_own_and_connects_buckets() {
    let function = |path: &str, code: &str| {
        serde_json::json!({
            "Type": "AWS::Lambda::Function",
            "Properties": {"Runtime": "python3.12", "Handler": "index.handler", "Code": {"ZipFile": code}},
            "Metadata": {"aws:cdk:path": path}
        })
    };
    let arn = |id: &str| serde_json::json!({"Fn::GetAtt": [id, "Arn"]});
    let read = "import boto3\ndef handler(e, c):\n  boto3.client('s3').get_object(Bucket=e['Records'][0]['s3']['bucket']['name'], Key='k')\n";
    let template = serde_json::json!({"Resources": {
        "Docs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "docs"}},
        "Read0A1B2C3D": function("S/Read/Resource", read),
        "Handler": function("S/BucketNotificationsHandler050a0587b7544547bf325f094a3db834/Resource", "def handler(e, c): pass\n"),
        "DocsNotifications": {"Type": "Custom::S3BucketNotifications", "Properties": {
            "ServiceToken": arn("Handler"),
            "BucketName": {"Ref": "Docs"},
            "NotificationConfiguration": {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn("Read0A1B2C3D")}]}
        }}
    }});
    let folder = project(&[("cdk.out/S.template.json", &template.to_string())]);
    let answer = text(&folder.path().join("cdk.out"));
    let read = block(&answer, "Read0A1B2C3D");
    assert!(read.contains("arn:aws:s3:::docs/k") && read.contains("is taken to be"), "{answer}");
    assert!(!read.contains("CDK's own") && block(&answer, "Handler").contains("the CDK's own"), "{answer}");
}

#[test]
fn what_is_asked_for_one_function_says_nothing_of_other_templates() {
    let function = |runtime: &str| {
        format!(
            "Resources:\n  Fn: {{Type: AWS::Lambda::Function, Properties: {{Runtime: {runtime}, Handler: main, Code: ., FunctionName: !Ref Missing}}}}\n"
        )
    };
    let folder = project(&[("go/template.yaml", &function("go1.x")), ("other/template.yaml", &function("python3.12"))]);
    let mut leash = Command::cargo_bin("leash").expect("the binary");
    let output = leash.current_dir(folder.path()).args(["infer", "--function", "go/Fn"]).output().expect("it runs");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("code for go1.x was not analyzed") && !said.contains("other/template.yaml"), "{said}");
}

#[test]
fn a_script_or_an_image_starts_a_program() {
    let template = "Transform: AWS::Serverless-2016-10-31
Resources:
  Script: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.12, Handler: run.sh, CodeUri: web}}
  Image: {Type: AWS::Serverless::Function, Properties: {PackageType: Image}, Metadata: {DockerContext: server, Dockerfile: Dockerfile}}
";
    let web = "import boto3\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef home(): boto3.client('sqs').list_queues()\n";
    let server = "const { S3 } = require('@aws-sdk/client-s3');\nrequire('http').createServer(() => new S3({}).listBuckets({})).listen(80);\n";
    let folder = project(&[
        ("template.yaml", template),
        ("web/run.sh", "#!/bin/bash\nexec python -m uvicorn --port=$PORT app:app\n"),
        ("web/app.py", web),
        ("server/Dockerfile", "FROM node:22\nCOPY . .\nCMD [\"node\", \"index.js\"]\n"),
        ("server/index.js", server),
    ]);
    let answer = text(folder.path());
    assert!(block(&answer, "Script").contains("sqs:ListQueues"), "{answer}");
    assert!(block(&answer, "Image").contains("s3:ListAllMyBuckets"), "{answer}");
}

#[test]
fn variables_without_a_default_have_what_scripts_pass() {
    let terraform = "variable \"entry\" {}\nvariable \"stage\" {}\nresource \"aws_lambda_function\" \"fn\" {
  function_name = \"fn-${var.stage}\"\n  handler = var.entry\n  runtime = \"python3.12\"\n  filename = \"./src.zip\"\n  role = \"arn:aws:iam::123456789012:role/r\"\n}\n";
    let folder = project(&[
        ("stacks/etl/main.tf", terraform),
        ("stacks/etl/src/app.py", "import boto3\ndef handler(e, c): boto3.client('sqs').list_queues()\n"),
        ("etl.tfvars", "entry = \"app.handler\"\n"),
        ("dev.tfvars", "stage = \"dev\"\nentry = \"other.handler\"\n"),
        ("prod.tfvars", "stage = \"prod\"\n"),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("stacks/etl/src/app.py:handler") && answer.contains("sqs:ListQueues"), "{answer}");
    assert!(!answer.contains("fn-dev") && !answer.contains("fn-prod"), "they differ: {answer}");
}
