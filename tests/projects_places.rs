//! Code at other places than the template says, and applications whose functions share their code: through the binary.

use std::path::Path;

#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;

use project::project;
use run::leash;

/// What `leash infer --format text` answers there.
fn text(folder: &Path) -> String {
    leash(folder, &["infer", "--format", "text"]).answer()
}

/// The block of the answer that belongs to a function.
fn block<'a>(answer: &'a str, function: &str) -> &'a str {
    answer
        .split("\n\n")
        .find(|block| block.starts_with(&format!("{function}  ")))
        .unwrap_or_else(|| panic!("{function}: {answer}"))
}

/// A handler in Python that lists queues, and one that lists topics.
const LIST: &str = "import boto3\ndef handler(e, c): boto3.client('sqs').list_queues()\n";
const TOPICS: &str = "import boto3\ndef handler(e, c): boto3.client('sns').list_topics()\n";

/// What makes a folder a Chalice application.
const CHALICE_CONFIG: (&str, &str) = (".chalice/config.json", r#"{"version": "2.0", "app_name": "shop", "stages": {"dev": {}}}"#);

/// A function of Terraform with the code beside it, and what else is said of it.
fn terraform_function(name: &str, handler: &str, more: &str) -> String {
    format!(
        r#"
        resource "aws_lambda_function" "{name}" {{
          function_name = "{name}"
          filename      = "app.zip"
          role          = "arn:aws:iam::123456789012:role/r"
          handler       = "{handler}"
          runtime       = "python3.13"
          {more}
        }}
    "#
    )
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
    let folder =
        project(&[("deployment/app.template", &template), ("source/timer/main.py", LIST), ("source/cleanup/main.py", TOPICS)]);
    let answer = text(folder.path());
    let timer = block(&answer, "Timer");
    assert!(timer.contains("source/timer/main.py:handler") && timer.contains("sqs:ListQueues"), "{answer}");
    assert!(timer.contains("was taken for it"), "a guess is said to be one: {answer}");
    let other = block(&answer, "Other");
    assert!(other.contains("not in this repository") && !other.contains("sns:ListTopics"), "{answer}");
}

#[test]
fn a_handler_in_node_may_be_a_member_of_what_its_file_exports() {
    let template = "Resources:\n  Create:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: nodejs20.x, Handler: src/index.handlers.create, Code: .}\n  \
                    Inline:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: nodejs20.x\n      Handler: index.handlers.create\n      Code:\n        ZipFile: |\n          \
                    const { SQS } = require('@aws-sdk/client-sqs');\n          exports.handlers = { create: () => new SQS({}).listQueues({}), drop: () => new SQS({}).deleteQueue({}) };\n  \
                    Dotted:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: python3.12, Handler: jobs.nightly.run, Code: .}\n";
    let code = "const { SNS } = require('@aws-sdk/client-sns');\nexports.handlers = { create: () => new SNS({}).listTopics({}), drop: () => new SNS({}).createTopic({}) };\n";
    let folder = project(&[
        ("template.yaml", template),
        ("src/index.js", code),
        ("jobs/nightly.py", "import boto3\ndef run(e, c): boto3.client('sqs').list_queues()\n"),
    ]);
    let answer = text(folder.path());
    let create = block(&answer, "Create");
    assert!(create.contains("src/index.js:handlers.create") && create.contains("sns:ListTopics"), "{answer}");
    assert!(
        block(&answer, "Inline").contains("sqs:ListQueues") && block(&answer, "Dotted").contains("sqs:ListQueues"),
        "{answer}"
    );
    let granted = |action: &str| answer.contains(&format!("{action}  "));
    assert!(!granted("sns:CreateTopic") && !granted("sqs:DeleteQueue"), "only what is entered counts: {answer}");
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
    let folder =
        project(&[("app.py", CHALICE), ("chalicelib/__init__.py", ""), ("chalicelib/routes.py", BLUEPRINT), CHALICE_CONFIG]);
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
fn a_chalice_application_may_be_an_instance_of_the_project_s_own_class() {
    let app = "from chalicelib.main import app, Parts\nimport boto3\n\nparts = Parts(__name__)\n\n\
               @app.lambda_function()\ndef hook(event, context):\n    boto3.client(\"s3\").list_buckets()\n\n\
               @parts.schedule(\"rate(1 hour)\")\ndef hourly(event):\n    boto3.client(\"sqs\").list_queues()\n";
    let main = "from chalice import Blueprint, Chalice as Base\n\nclass Api(Base):\n    pass\n\nclass Parts(Blueprint):\n    pass\n\n\
                app = Api(app_name=\"shop\")\n";
    let folder = project(&[("app.py", app), ("chalicelib/__init__.py", ""), ("chalicelib/main.py", main), CHALICE_CONFIG]);
    let answer = text(folder.path());
    assert!(block(&answer, "hook").contains("s3:ListAllMyBuckets"), "{answer}");
    assert!(block(&answer, "hourly").contains("sqs:ListQueues"), "{answer}");
}

#[test]
fn a_chalice_application_may_be_what_a_function_makes() {
    let web = "from chalice import Chalice\n_app = None\n\ndef get_app():\n    global _app\n    if _app is None:\n        _app = Chalice(app_name='boxes')\n    return _app\n";
    let routes = "import boto3\nfrom chalicelib.web import get_app\napp = get_app()\n\n@app.route('/boxes')\ndef boxes():\n    boto3.client('sqs').list_queues()\n";
    for get in ["from chalicelib.web import get_app\napp = get_app()", "from chalicelib import web\napp = web.get_app()"] {
        let routes = routes.replace("from chalicelib.web import get_app\napp = get_app()", get);
        let app = format!("{get}\nfrom chalicelib import routes\n");
        let folder = project(&[
            ("app.py", &app),
            ("chalicelib/__init__.py", ""),
            ("chalicelib/web.py", web),
            ("chalicelib/routes.py", &routes),
            CHALICE_CONFIG,
        ]);
        let answer = text(folder.path());
        assert!(block(&answer, "api_handler").contains("sqs:ListQueues"), "{get}: {answer}");
    }
}

#[test]
fn a_path_that_is_not_there_may_start_further_up() {
    let root = "import fs from 'node:fs';\nimport path from 'node:path';\nexport function root(start = process.cwd()) {\n  let dir = start;\n  \
                while (dir !== path.parse(dir).root) {\n    if (fs.existsSync(path.join(dir, 'pnpm-workspace.yaml'))) return dir;\n    dir = path.dirname(dir);\n  }\n  \
                throw new Error('no workspace');\n}\n";
    let app = "import { App, Stack } from 'aws-cdk-lib';\nimport { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';\nimport { root } from '../src/root';\n\
               new NodejsFunction(new Stack(new App(), 'S'), 'Keys', { entry: `${root()}/domains/auth/src/keys.ts` });\n";
    let keys = "import { SQS } from '@aws-sdk/client-sqs';\nexport const handler = async () => new SQS({}).listQueues({});\n";
    let folder = project(&[
        ("infra/app/cdk.json", r#"{"app": "npx tsx bin/app.ts"}"#),
        ("infra/app/bin/app.ts", app),
        ("infra/app/src/root.ts", root),
        ("domains/auth/src/keys.ts", keys),
        ("pnpm-workspace.yaml", "packages: []\n"),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("sqs:ListQueues") && answer.contains("does not exist"), "{answer}");
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
    let answer = leash(folder.path(), &["infer", "--format", "terraform"]).answer();
    assert!(!answer.contains(r#"data "aws_region" "current""#), "the configuration declares it already: {answer}");
    assert!(answer.contains(r#"data "aws_caller_identity" "current""#), "{answer}");
}

/// The answer and the notes beside it.
fn everything(folder: &Path, path: &str) -> String {
    leash(folder, &["infer", path, "--format", "text"]).everything()
}

#[test]
fn a_placeholder_in_the_template_gives_way_to_the_module_that_the_handler_names() {
    let template = "Resources:\n  Scan:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.12\n      \
                    Handler: scan.handler\n      Role: arn:aws:iam::123456789012:role/x\n      Code:\n        ZipFile: |\n          \
                    def handler(event, context): pass\n";
    let folder = project(&[("template.yaml", template), ("scan.py", LIST)]);
    let answer = everything(folder.path(), ".");
    assert!(answer.contains("sqs:ListQueues") && answer.contains("the module `index`, and the handler is"), "{answer}");
    assert!(!answer.contains("no template names these handlers"), "{answer}");
    let alone = project(&[("template.yaml", template)]);
    let answer = everything(alone.path(), ".");
    assert!(answer.contains("Scan template.yaml#Scan.py:handler"), "what is there is what there is: {answer}");
}

#[test]
fn code_that_something_else_deploys_is_found_by_the_function_s_name() {
    let stub = |id: &str, handler: &str| {
        format!(
            "  {id}:\n    Type: AWS::Lambda::Function\n    Properties:\n      FunctionName: !Sub \"shop-${{Stage}}\"\n      Runtime: python3.12\n      \
             Handler: {handler}\n      Role: arn:aws:iam::123456789012:role/x\n      Code:\n        ZipFile: |\n          import json\n          \
             def run(event, context): return json.dumps('soon')\n"
        )
    };
    let template = format!("Resources:\n{}{}", stub("SendBillsFunction", "main.run"), stub("DropBills", "main.run"))
        + &stub("CountBills", "index.run")
        + &stub("Hello", "index.run");
    let code = |call: &str| format!("import boto3\ndef run(event, context):\n    boto3.client('sqs').{call}()\n");
    let folder = project(&[
        ("deploy/template.yaml", &template),
        ("code/send-bills/main.py", &code("list_queues")),
        ("code/old/main.py", &code("list_queues")),
        ("code/count_bills/index.py", &code("list_queues")),
    ]);
    let answer = text(folder.path());
    for found in ["SendBillsFunction", "CountBills"] {
        let block = block(&answer, found);
        assert!(block.contains("sqs:ListQueues") && block.contains("taken for it"), "{answer}");
    }
    let lacking = block(&answer, "DropBills");
    assert!(lacking.contains("doubt") && lacking.contains("stands in for"), "{answer}");
    assert!(!block(&answer, "Hello").contains("doubt"), "code that reaches nothing may be all there is: {answer}");
}

#[test]
fn a_placeholder_that_several_functions_share_says_nothing_of_their_code() {
    let function = |name: &str, code: &str| {
        format!(
            "resource \"aws_lambda_function\" \"{name}\" {{\n  function_name = \"shop-{name}\"\n  role = \"arn:aws:iam::123456789012:role/x\"\n  \
             handler = \"main.run\"\n  runtime = \"python3.12\"\n  filename = {code}\n  lifecycle {{ ignore_changes = [filename] }}\n}}\n"
        )
    };
    let stub = "data \"archive_file\" \"stub\" {\n  type = \"zip\"\n  output_path = \"stub.zip\"\n  source {\n    \
                content = \"def run(event, context): pass\"\n    filename = \"main.py\"\n  }\n}\n";
    let (missing, made) = ("\"later.zip\"", "data.archive_file.stub.output_path");
    let main = format!("{stub}{}{}", function("send", missing), function("drop", missing)) + &function("lacking", made);
    let code = |call: &str| format!("import boto3\ndef run(event, context):\n    boto3.client('sqs').{call}()\n");
    let folder = project(&[
        ("infra/main.tf", &main),
        ("code/send/main.py", &code("list_queues")),
        ("code/drop/main.py", "import boto3\ndef run(event, context):\n    boto3.client('sns').list_topics()\n"),
    ]);
    let answer = text(folder.path());
    assert!(block(&answer, "aws_lambda_function.send").contains("sqs:ListQueues"), "{answer}");
    assert!(block(&answer, "aws_lambda_function.drop").contains("sns:ListTopics"), "{answer}");
    let lacking = block(&answer, "aws_lambda_function.lacking");
    assert!(lacking.contains("stands in for") && lacking.contains("doubt"), "{answer}");
}

#[test]
fn an_archive_may_be_made_of_the_files_of_a_folder() {
    let archive = |name: &str| {
        format!(
            "data \"archive_file\" \"{name}\" {{\n  type = \"zip\"\n  output_path = \"{name}.zip\"\n  dynamic \"source\" {{\n    \
             for_each = fileset(\"code/{name}\", \"*.py\")\n    content {{\n      content = file(\"code/{name}/${{source.value}}\")\n      \
             filename = source.value\n    }}\n  }}\n}}\nresource \"aws_lambda_function\" \"{name}\" {{\n  function_name = \"{name}\"\n  \
             role = \"arn:aws:iam::123456789012:role/x\"\n  handler = \"main.run\"\n  runtime = \"python3.12\"\n  \
             filename = data.archive_file.{name}.output_path\n}}\n"
        )
    };
    let (start, send) = ("from tools import send\ndef run(event, context): send()\n", "import boto3\ndef send(): boto3.client");
    let folder = project(&[
        ("main.tf", &(archive("one") + &archive("two"))),
        ("code/one/main.py", start),
        ("code/one/tools.py", &format!("{send}('sqs').list_queues()\n")),
        ("code/two/main.py", start),
        ("code/two/tools.py", &format!("{send}('sns').list_topics()\n")),
    ]);
    let answer = text(folder.path());
    assert!(block(&answer, "aws_lambda_function.one").contains("sqs:ListQueues"), "{answer}");
    assert!(block(&answer, "aws_lambda_function.two").contains("sns:ListTopics"), "{answer}");
}

#[test]
fn an_image_may_have_a_file_under_another_name() {
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Renamed:\n    Type: AWS::Serverless::Function\n    \
                    Properties: {PackageType: Image}\n    Metadata:\n      Dockerfile: Dockerfile\n      DockerContext: .\n      \
                    DockerBuildArgs: {JOB: nightly}\n";
    let image = "FROM public.ecr.aws/lambda/python:3.12\nARG JOB=hourly\nCOPY jobs/${JOB}.py ${LAMBDA_TASK_ROOT}/app.py\n\
                 COPY lib/tools.py ${LAMBDA_TASK_ROOT}/\nCMD [\"app.run\"]\n";
    let folder = project(&[
        ("template.yaml", template),
        ("Dockerfile", image),
        ("jobs/nightly.py", "from tools import send\ndef run(event, context): send()\n"),
        ("jobs/hourly.py", "def run(event, context): pass\n"),
        ("lib/tools.py", "import boto3\ndef send(): boto3.client('sqs').list_queues()\n"),
    ]);
    let answer = text(folder.path());
    assert!(block(&answer, "Renamed").contains("jobs/nightly.py:run") && answer.contains("sqs:ListQueues"), "{answer}");
}

#[test]
fn routes_of_a_chalice_application_may_be_registered_by_calls() {
    let app = "import os\nimport boto3\nfrom chalice import Chalice\nfrom chalicelib import users\nfrom chalicelib.bills import pay\n\n\
               app = Chalice(app_name=\"shop\")\n\ndef orders():\n    if not os.environ.get(\"KEY\"):\n        return {}\n    \
               boto3.client(\"sqs\").list_queues()\n\n@app.lambda_function()\ndef alone(event, context):\n    \
               boto3.client(\"s3\").list_buckets()\n\napp.route(\"/orders\")(orders)\napp.route(\"/users\")(users.show)\n\
               app.route(\"/bills\")(pay)\n";
    let folder = project(&[
        ("app.py", app),
        ("chalicelib/__init__.py", ""),
        ("chalicelib/users.py", "import boto3\ndef show():\n    boto3.client(\"iam\").list_users()\n"),
        ("chalicelib/bills.py", "import boto3\ndef pay():\n    boto3.client(\"sns\").list_topics()\n"),
    ]);
    let answer = text(folder.path());
    let api = block(&answer, "api_handler");
    assert!(api.contains("sqs:ListQueues"), "without a configuration, variables may be set: {answer}");
    assert!(api.contains("iam:ListUsers") && api.contains("sns:ListTopics"), "{answer}");
    let alone = block(&answer, "alone");
    assert!(!["sqs:", "sns:", "iam:"].iter().any(|service| alone.contains(service)), "{answer}");
}

#[test]
fn the_dockerfile_of_an_image_is_the_one_whose_folder_has_its_name() {
    let terraform = r#"
        variable "urls" {}
        resource "aws_lambda_function" "audit_logs" {
          function_name = "audit-logs"
          package_type  = "Image"
          image_uri     = "${var.urls["audit"]}:latest"
          role          = "x"
        }"#;
    let dockerfile = "FROM a AS build\nCOPY src ./src\nFROM b\nCOPY --from=build /app ./\nCMD [\"main.handler\"]\n";
    let folder = project(&[
        ("infra/main.tf", terraform),
        ("code/audit-logs-lambda/Dockerfile", dockerfile),
        ("code/audit-logs-lambda/src/main.py", LIST),
        ("code/other/Dockerfile", dockerfile),
        ("code/other/src/main.py", "def handler(e, c): pass\n"),
    ]);
    let answer = everything(folder.path(), ".");
    assert!(answer.contains("aws_lambda_function.audit_logs code/audit-logs-lambda/src/main.py:handler"), "{answer}");
    assert!(answer.contains("code/audit-logs-lambda/Dockerfile was taken for it"), "a guess is said to be one: {answer}");
}

#[test]
fn a_dockerfile_says_which_function_its_folder_is() {
    let helper = "def handler(event, context): return event\n";
    let folder = project(&[
        ("service/Dockerfile", "FROM public.ecr.aws/lambda/python:3.12\nCOPY service/src ./\nCMD [\"main.handler\"]\n"),
        ("service/src/main.py", LIST),
        ("service/src/helper.py", helper),
        ("web/Dockerfile", "FROM node\nCMD [\"node\", \"server.js\"]\n"),
        ("single/app.py", LIST),
    ]);
    let answer = everything(folder.path(), ".");
    assert!(answer.contains("service/src/main service/src/main.py:handler"), "{answer}");
    assert!(answer.contains("single/app single/app.py:handler") && answer.contains("2 functions"), "{answer}");
}

#[test]
fn a_handler_that_a_build_is_made_from_is_named_and_what_handlers_import_is_reached() {
    let terraform = r#"
        data "archive_file" "z" {
          type        = "zip"
          source_dir  = "${path.module}/src/dist"
          output_path = "${path.module}/z.zip"
        }
        resource "aws_lambda_function" "f" {
          filename      = data.archive_file.z.output_path
          function_name = "f"
          handler       = "main.handler"
          runtime       = "nodejs22.x"
          role          = "x"
        }"#;
    let code = "import { S3 } from '@aws-sdk/client-s3';\nexport const handler = async () => new S3({}).listBuckets({});\n";
    let folder = project(&[("main.tf", terraform), ("src/main.ts", code)]);
    let answer = everything(folder.path(), ".");
    assert!(answer.contains("s3:ListAllMyBuckets") && !answer.contains("no template names"), "{answer}");
    let entry = "import { get } from './helper.mjs';\nexport const handler = async (event) => get();\n";
    let helper = "import { S3 } from '@aws-sdk/client-s3';\nexport const get = () => new S3({}).listBuckets({});\n";
    let folder = project(&[("index.mjs", entry), ("helper.mjs", helper)]);
    let answer = everything(folder.path(), ".");
    assert!(answer.contains("helper.mjs:2") && !answer.contains("no handler imports it"), "{answer}");
}

#[test]
fn a_terraform_variable_is_an_arn_as_a_whole_and_an_empty_one_nothing() {
    let module = r#"
        variable "key" { default = "" }
        variable "topic" {}
        data "archive_file" "z" {
          type        = "zip"
          source_dir  = "${path.module}/src"
          output_path = "z.zip"
        }
        resource "aws_lambda_function" "f" {
          filename      = data.archive_file.z.output_path
          function_name = "f"
          handler       = "app.handler"
          runtime       = "python3.12"
          role          = "x"
          kms_key_arn   = var.key
          environment {
            variables = { TOPIC = var.topic }
          }
        }"#;
    let app = "import os, boto3\ndef handler(e, c): boto3.client('sns').publish(TargetArn=os.environ['TOPIC'], Message='x')\n";
    let root = "variable \"topic\" {}\nmodule \"m\" {\n  source = \"./mod\"\n  topic = var.topic\n}\n";
    let folder = project(&[("main.tf", root), ("mod/main.tf", module), ("mod/src/app.py", app)]);
    let answer = leash(folder.path(), &["infer", "--format", "terraform", "--no-logs"]).answer();
    assert!(answer.contains("[var.topic]") || answer.contains("var.topic,"), "{answer}");
    assert!(!answer.contains(":sns:") && !answer.contains("kms:"), "{answer}");
}

#[test]
fn a_function_that_was_asked_for_and_cannot_be_analyzed_says_what_it_is() {
    let function = |handler: &str, runtime: &str| {
        format!("    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: ., Handler: {handler}, Runtime: {runtime}}}\n")
    };
    let head = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Jar:\n";
    let template = format!("{head}{}  Here:\n{}", function("a.B::c", "java21"), function("app.handler", "python3.12"));
    let other = format!("{head}{}", function("a.B::c", "java21"));
    let folder = project(&[("a/template.yaml", &template), ("a/app.py", LIST), ("b/template.yaml", &other)]);
    let asked = |name: &str| leash(folder.path(), &["infer", ".", "--function", name]).err;
    let answer = asked("a/Jar");
    assert!(answer.contains("`a/Jar` (java21, a/template.yaml:3) was not analyzed: leash reads Python"), "{answer}");
    let answer = asked("Jar");
    assert!(answer.contains("there is no function named `Jar`; it is called a/Jar or b/Jar here"), "{answer}");
    let answer = everything(folder.path(), ".");
    assert!(answer.contains("3 functions, 2 of them not analyzed, 2 statements"), "{answer}");
}

#[test]
fn a_place_has_one_note_for_each_way_in_which_it_lacks_names() {
    let app = "import os, boto3\ndef handler(event, context):\n    region = os.environ.get('WHERE', 'unknown')\n    \
               s3 = boto3.client('s3', region_name=region)\n    name = event['a'] if event['x'] else event['b']\n    \
               boto3.client('sqs', region_name=region).get_queue_url(QueueName='q')\n    \
               s3.get_object(Bucket=name, Key=os.environ.get('KEY', 'unknown'))\n    \
               item = boto3.client('dynamodb').get_item(TableName='t', Key={})['Item']['name']['S']\n    \
               s3.put_object(Bucket=item, Key='k')\n";
    let folder = project(&[("app.py", app)]);
    let answer = everything(folder.path(), ".");
    assert_eq!(answer.matches("comes from the event").count(), 1, "{answer}");
    assert!(answer.contains("comes from the event (`a`, `b`)"), "{answer}");
    assert!(!answer.contains("WHERE"), "a region is no name: {answer}");
    assert!(answer.contains("bind it with --env KEY=VALUE"), "a placeholder is no advice: {answer}");
    assert!(answer.contains("s3:PutObject comes from the answer of AWS (dynamodb:GetItem)"), "{answer}");
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
    let run = leash(folder.path(), &["infer", "--function", "go/Fn"]);
    let said = &run.err;
    assert_eq!(run.status, Some(2));
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
        ("stacks/etl/src/app.py", LIST),
        ("etl.tfvars", "entry = \"app.handler\"\n"),
        ("dev.tfvars", "stage = \"dev\"\nentry = \"other.handler\"\n"),
        ("prod.tfvars", "stage = \"prod\"\n"),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("stacks/etl/src/app.py:handler") && answer.contains("sqs:ListQueues"), "{answer}");
    assert!(!answer.contains("fn-dev") && !answer.contains("fn-prod"), "they differ: {answer}");
}

#[test]
fn a_build_folder_that_is_not_there_leads_to_the_folder_around_it() {
    let of = |name: &str| {
        format!(
            "data \"archive_file\" \"{name}\" {{\n  type = \"zip\"\n  source_dir = \"${{path.module}}/lambda/{name}/site-packages\"\n  \
             output_path = \"{name}.zip\"\n}}\nresource \"aws_lambda_function\" \"{name}\" {{\n  function_name = \"{name}\"\n  \
             role = \"arn:aws:iam::123456789012:role/r\"\n  filename = data.archive_file.{name}.output_path\n  handler = \"app.handler\"\n  \
             runtime = \"python3.12\"\n}}\n"
        )
    };
    let folder = project(&[
        ("main.tf", &(of("report") + &of("clean"))),
        ("lambda/report/app.py", LIST),
        ("lambda/clean/app.py", &LIST.replace("list_queues()", "purge_queue(QueueUrl='u')")),
    ]);
    let answer = text(folder.path());
    assert!(block(&answer, "aws_lambda_function.report").contains("sqs:ListQueues"), "{answer}");
    assert!(block(&answer, "aws_lambda_function.clean").contains("sqs:PurgeQueue"), "{answer}");
}

#[test]
fn a_variable_that_the_template_sets_is_never_undefined() {
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Out: {Type: AWS::S3::Bucket}\n  Save:\n    \
                    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: nodejs22.x\n      Handler: app.handler\n      \
                    CodeUri: .\n      Environment: {Variables: {OUT: !Ref Out}}\n";
    for read in ["const OUT = process.env.OUT ?? '';", "const { OUT = 'other' } = process.env;"] {
        let code = format!(
            "const {{ S3 }} = require('@aws-sdk/client-s3');\n{read}\n\
             exports.handler = () => new S3({{}}).putObject({{ Bucket: OUT, Key: 'k' }});\n"
        );
        let folder = project(&[("template.yaml", template), ("app.js", &code)]);
        let answer = text(folder.path());
        assert!(answer.contains("arn:aws:s3:::${Out}/k") && !answer.contains(":::*/k"), "{answer}");
        assert!(!answer.contains("other/k"), "{answer}");
    }
}

#[test]
fn a_key_belongs_to_what_code_calls_by_its_name() {
    let code = "import boto3, os\ndef handler(e, c):\n    boto3.client('dynamodb').get_item(TableName=os.environ['T'], Key={})\n";
    let sam = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Key: {Type: AWS::KMS::Key, Properties: {}}\n  \
               T: {Type: AWS::DynamoDB::Table, Properties: {TableName: customers, SSESpecification: {SSEEnabled: true, KMSMasterKeyId: !Ref Key}}}\n  \
               F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: app.handler, CodeUri: ., Environment: {Variables: {T: customers}}}}\n";
    let terraform = r#"
        variable "table" { default = "customers" }
        resource "aws_kms_key" "k" {}
        resource "aws_dynamodb_table" "t" {
          name = var.table
          server_side_encryption {
            enabled     = true
            kms_key_arn = aws_kms_key.k.arn
          }
        }
    "#;
    let terraform =
        terraform.to_owned() + &terraform_function("get", "app.handler", "environment { variables = { T = var.table } }");
    for (name, template) in [("template.yaml", sam), ("main.tf", terraform.as_str())] {
        let folder = project(&[(name, template), ("app.py", code)]);
        let answer = everything(folder.path(), ".");
        assert!(answer.contains("kms:Decrypt"), "{answer}");
    }
    let by_alias = sam.replace("KMSMasterKeyId: !Ref Key", "KMSMasterKeyId: 'arn:aws:kms:eu-west-1:123456789012:alias/main'");
    let alias = "  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/main, TargetKeyId: !Ref Key}}\n";
    for (template, key) in [(by_alias.clone() + alias, "key/${Key}"), (by_alias, "key/*")] {
        let answer = everything(project(&[("template.yaml", &template), ("app.py", code)]).path(), ".");
        assert!(answer.contains(&format!("arn:aws:kms:*:*:{key} ")), "{answer}");
    }
    let other = project(&[("template.yaml", &sam.replace("{T: customers}", "{T: customer}")), ("app.py", code)]);
    assert!(!everything(other.path(), ".").contains("kms:Decrypt"));
}

#[test]
fn terraform_says_what_comes_with_events() {
    let terraform = r#"
        resource "aws_dynamodb_table" "t" { name = "orders" }
        resource "aws_s3_bucket" "in" { bucket = "inbox" }
        resource "aws_sqs_queue" "q" { name = "jobs" }
        resource "aws_s3_bucket_notification" "n" {
          bucket = aws_s3_bucket.in.id
          queue {
            queue_arn = aws_sqs_queue.q.arn
            events    = ["s3:ObjectCreated:*"]
          }
        }
        resource "aws_lambda_event_source_mapping" "m" {
          function_name    = aws_lambda_function.f.arn
          event_source_arn = aws_sqs_queue.q.arn
        }
        resource "aws_cloudwatch_event_rule" "r" { schedule_expression = "rate(1 hour)" }
        resource "aws_cloudwatch_event_target" "t" {
          rule  = aws_cloudwatch_event_rule.r.name
          arn   = aws_lambda_function.g.arn
          input = jsonencode({ table = aws_dynamodb_table.t.name })
        }
        resource "aws_lambda_permission" "p" {
          action        = "lambda:InvokeFunction"
          function_name = aws_lambda_function.g.function_name
          principal     = "events.amazonaws.com"
          source_arn    = aws_cloudwatch_event_rule.r.arn
        }
    "#;
    let terraform =
        terraform.to_owned() + &terraform_function("f", "app.handler", "") + &terraform_function("g", "app.timed", "");
    let code = "import boto3, json\ndef handler(e, c):\n    for m in e['Records']:\n        for r in json.loads(m['body'])['Records']:\n            \
                boto3.client('s3').get_object(Bucket=r['s3']['bucket']['name'], Key='k')\n\
                def timed(e, c):\n    boto3.client('dynamodb').describe_table(TableName=e['table'])\n";
    let folder = project(&[("main.tf", &terraform), ("app.py", code)]);
    let answer = everything(folder.path(), ".");
    assert!(answer.contains("arn:aws:s3:::inbox/k"), "{answer}");
    assert!(answer.contains("table/orders"), "{answer}");
}

const IMAGE: &str = "Resources:
  Provider:
    Type: AWS::Lambda::Function
    Properties:
      PackageType: Image
      Code: {ImageUri: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme/secrets:2.0.1'}
      Role: arn:aws:iam::111122223333:role/r
";

#[test]
fn of_several_dockerfiles_the_one_with_a_command_of_the_repository_counts() {
    let folder = project(&[
        ("deployment/template.yaml", IMAGE),
        ("src/app.py", TOPICS),
        ("Dockerfile", "FROM public.ecr.aws/lambda/python:3.13\nCOPY src/ ./\nCMD [\"app.handler\"]\n"),
        ("Dockerfile.demo", "FROM alpine\nRUN apk add curl\n"),
        ("tools/Dockerfile", "FROM alpine\nCMD [\"elsewhere.run\"]\n"),
    ]);
    let answer = text(folder.path());
    assert!(block(&answer, "Provider").contains("sns:ListTopics"), "{answer}");
    assert!(block(&answer, "Provider").contains("image is built; Dockerfile"), "a guess is said to be one: {answer}");
}

#[test]
fn the_entry_point_and_the_command_of_an_image_are_one_command_line() {
    let template = "Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image}
    Metadata: {DockerContext: ., Dockerfile: Dockerfile}
";
    let main = "import { SNSClient, ListTopicsCommand } from '@aws-sdk/client-sns';\n\
                new SNSClient({}).send(new ListTopicsCommand({}));\n";
    let folder = project(&[
        ("template.yaml", template),
        ("tsconfig.json", r#"{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}"#),
        ("src/main.ts", main),
        ("Dockerfile", "FROM node:22\nCOPY . .\nRUN npm run build\nENTRYPOINT [\"node\"]\nCMD [\"dist/main.js\"]\n"),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("src/main.ts") && answer.contains("sns:ListTopics"), "{answer}");
}

const LIST_TOPICS: &str = "import { SNSClient, ListTopicsCommand } from '@aws-sdk/client-sns';\n\
                           export const handler = () => new SNSClient({}).send(new ListTopicsCommand({}));\n";

#[test]
fn a_file_that_a_build_writes_stands_for_its_source() {
    let app = "import { App, Stack } from 'aws-cdk-lib';\nimport { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';\n\
               new NodejsFunction(new Stack(new App(), 'S'), 'Api', { entry: '../api/dist/index.js', handler: 'handler' });\n";
    let folder = project(&[
        ("infra/cdk.json", r#"{"app": "npx ts-node app.ts"}"#),
        ("infra/app.ts", app),
        ("api/tsconfig.json", r#"{"compilerOptions": {"rootDir": "src", "outDir": "dist"}}"#),
        ("api/src/index.ts", LIST_TOPICS),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("api/src/index.ts:handler") && answer.contains("sns:ListTopics"), "{answer}");
}

#[test]
fn types_that_are_called_like_handlers_are_none() {
    let index = "export type { ResolveHandler } from './types';\nexport { type EventHandler, BatchHandler } from './types';\n\
                 export { listHandler } from './list';\n";
    let types = "export type ResolveHandler = () => void;\nexport type EventHandler = () => void;\n\
                 export interface BatchHandler { (events: unknown[]): void }\n";
    let list = LIST_TOPICS.replace("handler", "listHandler");
    let folder = project(&[("src/index.ts", index), ("src/types.ts", types), ("src/list.ts", &list)]);
    let answer = text(folder.path());
    assert!(answer.contains("src/index.ts:listHandler") && answer.contains("sns:ListTopics"), "{answer}");
    assert!(
        !answer.contains("ResolveHandler") && !answer.contains("BatchHandler") && !answer.contains("EventHandler"),
        "{answer}"
    );
}

#[test]
fn a_switch_between_image_and_archive_hides_no_code() {
    let terraform = r#"
variable "use_image" { default = true }
module "jobs" {
  source        = "terraform-aws-modules/lambda/aws"
  function_name = "jobs"
  package_type  = var.use_image ? "Image" : "Zip"
  image_uri     = var.use_image ? "111122223333.dkr.ecr.eu-west-1.amazonaws.com/jobs:1" : null
  handler       = var.use_image ? "" : "jobs.handler"
  runtime       = var.use_image ? "" : "python3.13"
  source_path   = var.use_image ? [] : [{ path = "${path.module}/src/" }]
}"#;
    let folder = project(&[("main.tf", terraform), ("src/jobs.py", TOPICS)]);
    let answer = text(folder.path());
    assert!(answer.contains("src/jobs.py:handler") && answer.contains("sns:ListTopics"), "{answer}");
}

#[test]
fn a_service_in_typescript_imports_as_its_project_does() {
    let service = "import { stage } from '@acme/names';\nimport get from 'src/get';\n\
                   module.exports = { service: stage, provider: { name: 'aws', runtime: 'nodejs22.x' }, functions: { get } };\n";
    let get =
        "import { handlerPath } from '@acme/names';\nexport default { handler: `${handlerPath(__dirname)}/handler.main` };\n";
    let names = "export * from './path';\nexport const stage = 'accounts';\n";
    let path = "export const handlerPath = (context: string) => `${context.split(process.cwd())[1].substring(1)}`;\n";
    let folder = project(&[
        ("package.json", r#"{"private": true, "workspaces": ["packages/*", "services/*"]}"#),
        ("packages/names/package.json", r#"{"name": "@acme/names", "main": "src/index.ts"}"#),
        ("packages/names/src/index.ts", names),
        ("packages/names/src/path.ts", path),
        ("services/accounts/package.json", r#"{"name": "@acme/accounts"}"#),
        ("services/accounts/tsconfig.paths.json", r#"{"compilerOptions": {"baseUrl": "."}}"#),
        ("services/accounts/serverless.ts", service),
        ("services/accounts/src/get/index.ts", get),
        ("services/accounts/src/get/handler.ts", &LIST_TOPICS.replace("handler", "main")),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("services/accounts/src/get/handler.ts:main") && answer.contains("sns:ListTopics"), "{answer}");
}

#[test]
fn a_service_in_typescript_has_the_aliases_of_the_folders_above() {
    let get =
        "import { handlerPath } from '@libs/path';\nexport default { handler: `${handlerPath(__dirname)}/handler.main` };\n";
    let path = "export const handlerPath = (context: string) => `${context.split(process.cwd())[1].substring(1)}`;\n";
    let service = "import get from './get';\nmodule.exports = { service: 's', provider: { name: 'aws', runtime: 'nodejs22.x' }, functions: { get } };\n";
    let folder = project(&[
        ("tsconfig.json", r#"{"extends": "./tsconfig.paths.json", "compilerOptions": {"target": "ES2020"}}"#),
        ("tsconfig.paths.json", r#"{"compilerOptions": {"baseUrl": ".", "paths": {"@libs/*": ["libs/*"]}}}"#),
        ("libs/path.ts", path),
        ("services/accounts/serverless.ts", service),
        ("services/accounts/get/index.ts", get),
        ("services/accounts/get/handler.ts", &LIST_TOPICS.replace("handler", "main")),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("services/accounts/get/handler.ts:main") && answer.contains("sns:ListTopics"), "{answer}");
}

#[test]
fn a_build_folder_that_is_copied_beside_the_template_leads_to_what_it_was_made_from() {
    let service = "service: api\nprovider: {name: aws, runtime: nodejs22.x}\nfunctions:\n  get: {handler: dist/functions/api/users/get.handler}\n";
    let folder = project(&[
        ("tsconfig.json", r#"{"compilerOptions": {"outDir": "./dist"}}"#),
        ("functions/api/serverless.yml", service),
        ("functions/api/users/get.ts", LIST_TOPICS),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("functions/api/users/get.ts:handler") && answer.contains("sns:ListTopics"), "{answer}");
}

#[test]
fn files_that_rain_puts_into_templates_or_uploads_are_the_code() {
    let template = |code: &str| {
        format!(
            "Resources:\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.13\n      Handler: index.handler\n      Code: {code}\n"
        )
    };
    for (code, file) in [
        ("{ZipFile: !Rain::Embed fn/app.py}", "fn/app.py"),
        ("{ZipFile: {'Rain::Embed': fn/app.py}}", "fn/app.py"),
        ("!Rain::S3 {Path: fn, BucketProperty: S3Bucket, KeyProperty: S3Key}", "fn/index.py"),
    ] {
        let folder = project(&[("template.yaml", &template(code)), (file, TOPICS)]);
        let answer = text(folder.path());
        assert!(answer.contains(&format!("{file}:handler")) && answer.contains("sns:ListTopics"), "{answer}");
    }
}

#[test]
fn what_a_template_fills_into_code_parses_outside_of_quotes() {
    let template = "Parameters:
  Retries: {Type: Number}
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code:
        ZipFile: !Sub |
          const { SNS } = require('@aws-sdk/client-sns');
          const retries = ${Retries};
          exports.handler = async () => new SNS({ maxAttempts: retries }).publish({ TopicArn: `arn:aws:sns:eu-west-1:${AWS::AccountId}:t` });
";
    let folder = project(&[("template.yaml", template)]);
    let answer = text(folder.path());
    assert!(
        answer.contains("arn:aws:sns:eu-west-1:*:t") || answer.contains("arn:aws:sns:eu-west-1:${AWS::AccountId}:t"),
        "{answer}"
    );
    assert!(!answer.contains("does not parse"), "{answer}");
}

#[test]
fn programs_that_declare_functions_unseen_are_named_once() {
    let folder = project(&[
        (
            "sst.config.ts",
            "export default $config({ async run() { new sst.aws.Function('Fn', { handler: 'fn.handler' }); } });\n",
        ),
        ("infra/Pulumi.yaml", "name: demo\nruntime: nodejs\n"),
        ("fn.ts", LIST_TOPICS),
    ]);
    let said = leash(folder.path(), &["infer"]).err;
    assert_eq!(said.matches("leash does not read programs").count(), 1, "{said}");
    assert!(said.contains("what sst.config.ts, infra/Pulumi.yaml says of functions"), "{said}");
}

#[test]
fn values_of_the_parameter_store_come_from_the_template_that_puts_them_there() {
    let data = "Resources:
  Sessions: {Type: AWS::DynamoDB::Table, Properties: {TableName: sessions}}
  Name: {Type: AWS::SSM::Parameter, Properties: {Name: /common/table, Type: String, Value: !Ref Sessions}}
";
    let app = "import os, boto3\ndef handler(event, context): boto3.client('dynamodb').get_item(TableName=os.environ['TABLE'], Key={})\n";
    for table in ["'{{resolve:ssm:/common/table}}'", "!Sub '{{resolve:ssm:/common/table:1}}'", "!Ref Stored"] {
        let template = format!(
            "Transform: AWS::Serverless-2016-10-31
Parameters: {{Stored: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /common/table}}}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {{Runtime: python3.13, Handler: app.handler, CodeUri: ., Environment: {{Variables: {{TABLE: {table}}}}}}}
"
        );
        let folder = project(&[("data.yaml", data), ("template.yaml", &template), ("app.py", app)]);
        let answer = text(folder.path());
        assert!(answer.contains("table/sessions"), "{table}: {answer}");
    }
}

#[test]
fn what_git_tracks_is_read_although_it_is_ignored() {
    let app = "const { App, Stack } = require('aws-cdk-lib');\nconst { Function, Code } = require('aws-cdk-lib/aws-lambda');\n\
               new Function(new Stack(new App(), 'S'), 'Fn', { handler: 'index.handler', code: Code.fromAsset('fn') });\n";
    let folder = project(&[
        (".gitignore", "bin/*.js\nskipped/\n"),
        ("cdk.json", r#"{"app": "node bin/app.js"}"#),
        ("bin/app.js", app),
        ("bin/other.js", "exports.handler = async () => {};\n"),
        (
            "fn/index.js",
            "const { SNS } = require('@aws-sdk/client-sns');\nexports.handler = async () => new SNS({}).listTopics({});\n",
        ),
    ]);
    let mut index = b"DIRC\0\0\0\x02\0\0\0\x01".to_vec();
    let name = b"bin/app.js";
    index.extend([0; 60]);
    index.extend([0, name.len() as u8]);
    index.extend(name);
    index.extend([0; 8]);
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    std::fs::write(folder.path().join(".git/index"), index).expect("an index");
    let answer = text(folder.path());
    assert!(block(&answer, "Fn").contains("sns:ListTopics") && !answer.contains("bin/other.js"), "{answer}");
}

/// What a function with this code in Python needs by its template.
fn needed(resources: &str, variable: &str, code: &str) -> String {
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\n{resources}  F: {{Type: AWS::Serverless::Function, Properties: {{Runtime: python3.13, \
         Handler: app.handler, CodeUri: ., Environment: {{Variables: {{V: {variable}}}}}}}}}\n"
    );
    let code = format!("import boto3, os\ndef handler(event, context):\n    {code}\n");
    everything(project(&[("template.yaml", &template), ("app.py", &code)]).path(), ".")
}

#[test]
fn a_parameter_s_name_has_one_slash_in_its_arn() {
    let get = "boto3.client('ssm').get_parameter(Name=os.environ['V'])";
    let parameters = "Parameters:\n  Name: {Type: String, Default: /shop/url}\nResources:\n  \
                      Url: {Type: AWS::SSM::Parameter, Properties: {Name: !Ref Name, Type: String, Value: x}}\n";
    for (variable, name) in [("!Ref Name", "/shop/url"), ("!Sub '${Name}/x'", "/shop/url/x"), ("!Ref Url", "/shop/url")] {
        let answer = needed(parameters, variable, get);
        assert!(format!("{answer} ").contains(&format!(":parameter{name} ")), "{answer}");
    }
    let custom = "Resources:\n  C: {Type: Custom::C, Properties: {ServiceToken: !GetAtt F.Arn, Where: /shop/key}}\n";
    let answer = needed(custom, "x", "boto3.client('ssm').get_parameter(Name=event['ResourceProperties']['Where'])");
    assert!(answer.contains("parameter/shop/key"), "{answer}");
    let open = parameters.replace(", Default: /shop/url", "");
    assert!(needed(&open, "!Ref Name", get).contains("parameter/${Name}"));
}

#[test]
fn an_alias_of_the_template_is_the_key_that_it_stands_for() {
    let encrypt = "boto3.client('kms').encrypt(KeyId=os.environ['V'], Plaintext=b'x')";
    let alias = |key: &str| {
        format!(
            "Resources:\n  Key: {{Type: AWS::KMS::Key}}\n  A: {{Type: AWS::KMS::Alias, Properties: {{AliasName: alias/main{key}}}}}\n"
        )
    };
    let known = needed(&alias(", TargetKeyId: !Ref Key"), "!Ref A", encrypt);
    assert!(known.contains("kms:Encrypt app.py:3 arn:aws:kms:*:*:key/${Key}"), "{known}");
    let unknown = needed(&alias(""), "!Ref A", encrypt);
    assert!(unknown.contains("key/*") && unknown.contains("kms:RequestAlias") && !unknown.contains("key/alias"), "{unknown}");
}

#[test]
fn what_a_template_refers_to_is_given_to_the_request() {
    let logs = "Resources:\n  G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /shop/app}}\n";
    let query = "boto3.client('logs').start_query(logGroupName=os.environ['V'], startTime=0, endTime=1, queryString='q')";
    let answer = needed(logs, "!Ref G", query);
    assert!(answer.contains("logs:StartQuery app.py:3 arn:aws:logs:*:*:log-group:/shop/app:*"), "{answer}");
    let instance = "Resources:\n  I: {Type: AWS::EC2::Instance}\n";
    let send = "boto3.client('ssm').send_command(InstanceIds=[os.environ['V']], DocumentName='AWS-RunShellScript')";
    let answer = needed(instance, "!Ref I", send);
    assert!(answer.contains("instance/${I}") && !answer.contains("instance/*"), "{answer}");
}

#[test]
fn what_is_called_an_arn_is_one_as_a_whole() {
    let secret = "Resources:\n  Db: {Type: AWS::RDS::DBCluster, Properties: {DBClusterIdentifier: shop}}\n";
    let get = "boto3.client('secretsmanager').get_secret_value(SecretId=os.environ['V'])";
    let answer = needed(secret, "!GetAtt Db.MasterUserSecret.SecretArn", get);
    assert!(answer.contains("secretsmanager:GetSecretValue app.py:3 ${Db.MasterUserSecret.SecretArn}"), "{answer}");
    assert!(!answer.contains("SecretArn}-"), "{answer}");
    let group = "Resources:\n  Web: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Name: web}}\n";
    let register = "boto3.client('elbv2').register_targets(TargetGroupArn=os.environ['V'], Targets=[])";
    let answer = needed(group, "!Ref Web", register);
    assert!(answer.contains("arn:aws:elasticloadbalancing:*:*:targetgroup/web/*"), "{answer}");
}

#[test]
fn a_profile_needs_the_model_that_it_is_a_copy_of() {
    let profile = "Resources:\n  P: {Type: AWS::Bedrock::ApplicationInferenceProfile, Properties: {ModelSource: \
                   {CopyFrom: 'arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0'}}}\n";
    let converse = "boto3.client('bedrock-runtime').converse(modelId=os.environ['V'], messages=[])";
    let answer = needed(profile, "!GetAtt P.InferenceProfileArn", converse);
    assert!(answer.contains("${P.InferenceProfileArn}"), "{answer}");
    assert!(answer.contains("arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"), "{answer}");
}

#[test]
fn a_nested_stack_s_template_is_found_by_the_url_of_its_copy() {
    let root = "Parameters:\n  Bucket: {Type: String}\nResources:\n  Data: {Type: AWS::CloudFormation::Stack, Properties: \
                {TemplateURL: !Sub 'https://${Bucket}.s3.amazonaws.com/cfn/data.yml'}}\n  Code: {Type: AWS::CloudFormation::Stack, \
                Properties: {TemplateURL: !Sub 'https://s3.amazonaws.com/${Bucket}/cfn/code.yml', Parameters: {T: !GetAtt Data.Outputs.T}}}\n";
    let data = "Resources:\n  Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}\nOutputs:\n  T: {Value: !Ref Orders}\n";
    let code = "Parameters:\n  T: {Type: String}\nResources:\n  Get:\n    Type: AWS::Lambda::Function\n    Properties:\n      \
                Handler: index.handler\n      Runtime: python3.13\n      Environment: {Variables: {T: !Ref T}}\n      Code:\n        \
                ZipFile: |\n          import os, boto3\n          def handler(event, context):\n              \
                boto3.client('dynamodb').scan(TableName=os.environ['T'])\n";
    let other =
        "Resources:\n  Carts: {Type: AWS::DynamoDB::Table, Properties: {TableName: carts}}\nOutputs:\n  T: {Value: !Ref Carts}\n";
    let files = [("root.yml", root), ("cfn/data.yml", data), ("cfn/code.yml", code), ("old/data.yml", other)];
    let answer = everything(project(&files).path(), ".");
    assert!(answer.contains("table/orders") && !answer.contains("table/${T}"), "{answer}");
    let moved = [("root.yml", root), ("a/data.yml", data), ("cfn/code.yml", code), ("old/data.yml", other)];
    assert!(everything(project(&moved).path(), ".").contains("is not a local file"), "it could be either");
}

#[test]
fn code_that_is_not_where_the_template_says_is_looked_for_around_that() {
    let app = "import * as cdk from 'aws-cdk-lib';\nimport * as lambda from 'aws-cdk-lib/aws-lambda';\nconst stack = new cdk.Stack(new cdk.App(), 'S');\n\
               new lambda.Function(stack, 'F', { runtime: lambda.Runtime.PYTHON_3_12, handler: 'pack.jobs.handler', code: lambda.Code.fromAsset('../worker/dist/venv') });\n";
    let folder = project(&[
        ("packages/deploy/cdk.json", r#"{"app": "npx ts-node src/app.ts"}"#),
        ("packages/deploy/README.md", ""),
        ("packages/deploy/src/app.ts", app),
        ("packages/worker/pack/jobs.py", LIST),
        ("other/pack/jobs.py", LIST),
    ]);
    let answer = text(folder.path());
    assert!(answer.contains("packages/worker/pack/jobs.py was taken for it") && answer.contains("sqs:ListQueues"), "{answer}");
}

#[test]
fn the_default_of_a_parameter_may_be_what_the_archive_is_called() {
    let function = |id: &str| {
        format!(
            "  {id}:\n    Type: AWS::Lambda::Function\n    Properties:\n      {{Runtime: python3.12, Handler: lambda_function.lambda_handler, \
             Role: 'arn:aws:iam::123456789012:role/r', Code: {{S3Bucket: dist, S3Key: !Ref {id}Key}}}}\n"
        )
    };
    let template = format!(
        "Parameters:\n  PackKey: {{Type: String, Default: pack_boxes.zip}}\n  SendKey: {{Type: String, Default: send_boxes.zip}}\nResources:\n{}{}",
        function("Pack"),
        function("Send")
    );
    let code = |call: &str| format!("import boto3\ndef lambda_handler(event, context): boto3.client({call}()\n");
    let folder = project(&[
        ("template.yaml", &template),
        ("functions/pack_boxes.py", &code("'sqs').list_queues")),
        ("functions/send_boxes.py", &code("'sns').list_topics")),
    ]);
    let answer = text(folder.path());
    assert!(block(&answer, "Pack").contains("sqs:ListQueues") && block(&answer, "Send").contains("sns:ListTopics"), "{answer}");
    assert!(answer.contains("s3://dist/pack_boxes.zip; functions/pack_boxes.py was taken"), "{answer}");
}

#[test]
fn a_service_below_the_code_has_the_only_file_that_defines_its_functions() {
    let service = "service: boxes\nprovider: {name: aws, runtime: nodejs22.x}\nfunctions:\n  pack: {handler: handler.pack}\n";
    let code = "import { SNS } from '@aws-sdk/client-sns';\nexport const pack = async () => new SNS({}).listTopics({});\n";
    let folder = project(&[("serverless/serverless.yml", service), ("src/handler.js", code)]);
    let answer = text(folder.path());
    assert!(answer.contains("was taken for it") && answer.contains("sns:ListTopics"), "{answer}");
}

#[test]
fn a_file_that_only_speaks_of_the_handler_is_not_it() {
    let template = "Resources:\n  Pack:\n    Type: AWS::Lambda::Function\n    Properties:\n      {Runtime: python3.12, Handler: pack.handler, \
                    Role: 'arn:aws:iam::123456789012:role/r', Code: {S3Bucket: dist, S3Key: code.zip}}\n";
    let script = "import boto3\n# create a console handler\nboto3.client('sns').list_topics()\n";
    let folder = project(&[("template.yaml", template), ("lambda/pack.py", LIST), ("scripts/pack.py", script)]);
    let answer = text(folder.path());
    assert!(answer.contains("lambda/pack.py was taken for it") && answer.contains("sqs:ListQueues"), "{answer}");
}

#[test]
fn handlers_that_no_template_names_answer_where_no_declared_function_can() {
    let template = "Resources:\n  Deleter:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: go1.x, Handler: main, Role: r, \
                    Code: {S3Bucket: b, S3Key: golang.zip}}\n";
    let javascript = "const { S3 } = require('@aws-sdk/client-s3');\n\
                      exports.handler = async () => new S3({}).headBucket({ Bucket: 'b' });\n";
    let python = "import boto3\ndef handler(event, context):\n    boto3.client('sqs').purge_queue(QueueUrl=event['q'])\n";
    let folder =
        project(&[("template.json", ""), ("template.yaml", template), ("src/index.js", javascript), ("src/app.py", python)]);
    let answer = everything(folder.path(), ".");
    assert!(answer.contains("s3:ListBucket") && answer.contains("sqs:PurgeQueue"), "{answer}");
    assert!(
        answer.contains("which no template names, are analyzed on their own: src/app.py:handler, src/index.js:handler"),
        "{answer}"
    );
}

#[test]
fn a_package_of_unknown_origin_is_told_of_once() {
    let python = "import avro, avro.io\nimport boto3\nfrom avro.datafile import DataFileReader\ndef handler(event, context):\n    \
                  avro.io.DatumReader()\n    boto3.client('sqs').purge_queue(QueueUrl=event['q'])\n";
    let javascript = "const a = require('acme/a');\nconst b = require('acme/b');\nconst { S3 } = require('@aws-sdk/client-s3');\n\
                      exports.handler = async () => new S3({}).headBucket({ Bucket: a.name(b) });\n";
    let folder = project(&[("src/index.js", javascript), ("src/app.py", python)]);
    let answer = everything(folder.path(), ".");
    assert_eq!(answer.matches("`avro` was not found").count(), 1, "{answer}");
    assert_eq!(answer.matches("`acme/a` was not found").count(), 1, "{answer}");
    assert_eq!(answer.matches("was not found").count(), 2, "{answer}");
}

#[test]
fn what_is_no_runtime_says_nothing_of_the_code() {
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: \
                    {CodeUri: ., Handler: index.handler, Runtime: Node.js 22.x}\n";
    let code =
        "const { S3 } = require('@aws-sdk/client-s3');\nexports.handler = async () => new S3({}).headBucket({ Bucket: 'b' });\n";
    let answer = everything(project(&[("template.yaml", template), ("index.js", code)]).path(), ".");
    assert!(answer.contains("s3:ListBucket index.js:2"), "{answer}");
}

#[test]
fn an_entry_that_is_missing_is_called_missing() {
    let app = "import { App, Stack } from 'aws-cdk-lib';\nimport { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';\n\
               const stack = new Stack(new App(), 'S');\nnew NodejsFunction(stack, 'Gone', { entry: 'src/gone.ts' });\n\
               new NodejsFunction(stack, 'Here', { entry: 'src/here.ts' });\n";
    let here = "export const handler = async () => 1;\n";
    let folder = project(&[("cdk.json", r#"{"app": "npx tsx app.ts"}"#), ("app.ts", app), ("src/here.ts", here)]);
    let answer = text(folder.path());
    assert!(answer.contains("src/gone.ts does not exist, where the handler `index.handler` was to be"), "{answer}");
}

#[test]
fn a_bundle_of_one_module_is_none_of_the_others() {
    let function = |name: &str| {
        format!(
            "  {name}:\n    Type: AWS::Serverless::Function\n    Properties: {{Runtime: nodejs22.x, Handler: {name}.handler, CodeUri: dist/boxes}}\n"
        )
    };
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n{}{}{}",
        function("try"),
        function("pack"),
        function("index")
    );
    let code = |service: &str, call: &str| {
        format!(
            "import {{ {service} }} from '@aws-sdk/client-{}';\nexport const handler = async () => new {service}({{}}).{call}({{}});\n",
            service.to_lowercase()
        )
    };
    let folder = project(&[
        ("template.yaml", &template),
        ("package.json", r#"{"scripts": {"build": "tsc", "try": "esbuild boxes/try.ts --bundle --outdir=dist/boxes"}}"#),
        ("tsconfig.json", r#"{"compilerOptions": {"rootDir": ".", "outDir": "./dist"}}"#),
        ("boxes/try.ts", &code("SNS", "listTopics")),
        ("boxes/pack.ts", &code("SQS", "listQueues")),
    ]);
    let answer = text(folder.path());
    assert!(block(&answer, "try").contains("sns:ListTopics"), "{answer}");
    assert!(
        block(&answer, "pack").contains("boxes/pack.ts:handler") && block(&answer, "pack").contains("sqs:ListQueues"),
        "{answer}"
    );
    assert!(block(&answer, "index").contains("boxes/try.ts:handler"), "what bundlers call their file is it: {answer}");
}

#[test]
fn code_of_nested_templates_is_looked_for_beside_them() {
    let part = |archive: &str| {
        format!(
            "Resources:\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties: {{Runtime: python3.12, Handler: index.handler, \
                 Role: 'arn:aws:iam::123456789012:role/r', Code: ../../../{archive}.zip}}\n"
        )
    };
    let root = "Resources:\n  Web: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../web/adapter/lambda/stack.yml}}\n  \
                Jobs: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../jobs/adapter/lambda/stack.yml}}\n";
    let folder = project(&[
        ("app/stack.yml", root),
        ("web/adapter/lambda/stack.yml", &part("web")),
        ("web/adapter/lambda/index.py", "import boto3\ndef handler(event, context): boto3.client('sqs').list_queues()\n"),
        ("jobs/adapter/lambda/stack.yml", &part("jobs")),
        ("jobs/adapter/lambda/index.py", "import boto3\ndef handler(event, context): boto3.client('sns').list_topics()\n"),
    ]);
    let answer = text(folder.path());
    assert!(
        block(&answer, "Web/Fn").contains("sqs:ListQueues") && block(&answer, "Jobs/Fn").contains("sns:ListTopics"),
        "{answer}"
    );
    assert!(answer.contains("jobs/adapter/lambda/index.py was"), "{answer}");
}

#[test]
fn what_is_built_for_each_application_leads_to_its_source() {
    let list = "import { SQSClient, ListQueuesCommand } from '@aws-sdk/client-sqs';\n\
                export const handler = () => new SQSClient({}).send(new ListQueuesCommand({}));";
    let service = "service: shop\nprovider: {name: aws, runtime: nodejs22.x}\nfunctions:\n  orders: {handler: dist/apps/orders/main.handler}\n  \
                   bills: {handler: dist/apps/bills/main.handler}\n";
    let other = list.replace("ListQueues", "PurgeQueue");
    let folder = project(&[("serverless.yml", service), ("apps/orders/src/main.ts", list), ("apps/bills/src/main.ts", &other)]);
    let answer = text(folder.path());
    assert!(block(&answer, "orders").contains("apps/orders/src/main.ts") && block(&answer, "orders").contains("sqs:ListQueues"));
    assert!(block(&answer, "bills").contains("apps/bills/src/main.ts"), "{answer}");

    let function = |name: &str, folder: &str| {
        format!(
            "  {name}:\n    Type: AWS::Serverless::Function\n    Properties: {{Runtime: nodejs22.x, Handler: start.handler, CodeUri: {folder}}}\n"
        )
    };
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n".to_owned()
        + &function("Office", "dist/office/apps/office/src/settings")
        + &function("Phone", "dist/phone/apps/phone/src/settings")
        + "    Metadata: {BuildMethod: esbuild, BuildProperties: {EntryPoints: [start.js]}}\n"
        + &function("Short", "dist/short/src");
    let folder = project(&[
        ("template.yaml", &template),
        ("apps/office/src/settings/start.ts", list),
        ("apps/phone/src/settings/start.ts", &other),
        ("src/settings/start.ts", list),
    ]);
    let answer = text(folder.path());
    assert!(block(&answer, "Office").contains("apps/office/src/settings/start.ts"), "{answer}");
    assert!(block(&answer, "Phone").contains("apps/phone/src/settings/start.ts"), "{answer}");
    assert!(!block(&answer, "Short").contains("start.ts:"), "a path of one folder says too little: {answer}");
}

#[test]
fn a_path_from_a_folder_of_the_machine_that_deploys_may_start_further_up() {
    let app = "import * as path from 'path';\nimport { App, Stack } from 'aws-cdk-lib';\nimport { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';\n\
               const base = process.env.CHECKOUT || '', stack = new Stack(new App(), 'S');\nconst runtime = Runtime.PYTHON_3_13, handler = 'app.handler';\n\
               new Function(stack, 'One', { runtime, handler, code: Code.fromAsset(path.resolve(base, 'jobs', 'list_queues')) });\n\
               new Function(stack, 'Two', { runtime, handler, code: Code.fromAsset(`${base}/jobs/list_topics`) });\n\
               new Function(stack, 'Three', { runtime, handler, code: Code.fromAsset(`${base}/jobs/gone`) });\n";
    let folder = project(&[
        ("cdk/cdk.json", r#"{"app": "npx tsx bin/app.ts"}"#),
        ("cdk/bin/app.ts", app),
        ("jobs/list_queues/app.py", LIST),
        ("jobs/list_topics/app.py", TOPICS),
    ]);
    let answer = text(folder.path());
    for (function, code) in [("One", "jobs/list_queues/app.py:handler"), ("Two", "jobs/list_topics/app.py:handler")] {
        let block = block(&answer, function);
        assert!(block.contains(code) && block.contains("was taken for it"), "a guess is said to be one: {answer}");
    }
    assert!(block(&answer, "Three").contains("not analyzed"), "{answer}");
}

#[test]
fn archives_beside_the_code_are_packed_from_the_only_file_that_they_can_be() {
    let function = |name: &str, filename: &str| {
        terraform_function(name, "app.handler", "").replace("\"app.zip\"", &format!("\"{filename}\""))
    };
    let two = function("one", "built/first.zip") + &function("two", "built/second.zip");
    let code = "import other\ndef handler(event, context): other.go()\n";
    let other = ("python/service/other.py", "import boto3\ndef go(): boto3.client('sqs').list_queues()\n");
    let folder = project(&[("infra/main.tf", &two), ("python/service/app.py", code), other]);
    let answer = text(folder.path());
    for name in ["one", "two"] {
        let block = block(&answer, &format!("aws_lambda_function.{name}"));
        assert!(block.contains("sqs:ListQueues") && block.contains("that fits best"), "a guess is said to be one: {answer}");
    }
    let folder = project(&[("infra/main.tf", &two), ("python/service/app.py", code), ("more/app.py", code), other]);
    let answer = leash(folder.path(), &["infer", "--format", "text"]).out;
    assert!(!answer.contains("sqs:ListQueues"), "there are two: {answer}");
    let module = "module \"m\" {\n source = \"terraform-aws-modules/lambda/aws\"\n function_name = \"m\"\n handler = \"app.handler\"\n \
                  runtime = \"python3.13\"\n source_path = \"../python/service\"\n}\n";
    let both = function("one", "built/first.zip") + module;
    let folder = project(&[("infra/main.tf", &both), ("python/service/app.py", code), other]);
    let answer = text(folder.path());
    assert!(block(&answer, "module.m").contains("sqs:ListQueues"), "{answer}");
    assert!(block(&answer, "aws_lambda_function.one").contains("not analyzed"), "it is another function's: {answer}");
}
