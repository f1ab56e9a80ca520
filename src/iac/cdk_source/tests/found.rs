//! What is found through attributes, other libraries' constructs and names of arguments.

use super::*;

const PYTHON: (&str, &str) = ("app/cdk.json", r#"{"app": "python3 app.py"}"#);
const SCRIPT: (&str, &str) = ("app/cdk.json", r#"{"app": "npx ts-node app.ts"}"#);

fn local(stack: &Stack, id: &str) -> String {
    let function = stack.functions.iter().find(|function| function.id == id).expect("the function");
    match &function.code {
        CodeSource::Local(path) => path.display().to_string(),
        other => panic!("{id}: {other:?}"),
    }
}

fn sources(stack: &Stack, id: &str) -> Vec<PolicySource> {
    let function = stack.functions.iter().find(|function| function.id == id).expect("the function");
    function.declared.iter().map(|policy| policy.source.clone()).collect()
}

#[test]
fn constructs_of_solutions_make_functions_and_what_is_beside_them() {
    let stack = stack(&[
        PYTHON,
        (
            "app/app.py",
            r#"import aws_cdk as cdk
from aws_cdk import aws_lambda as _lambda, aws_s3 as s3
from aws_solutions_constructs import aws_apigateway_lambda
from aws_solutions_constructs.aws_lambda_dynamodb import LambdaToDynamoDB
from aws_solutions_constructs.aws_sqs_lambda import SqsToLambda
stack = cdk.Stack(cdk.App(), "S")
bucket = s3.Bucket(stack, "Data", bucket_name="data")
api = aws_apigateway_lambda.ApiGatewayToLambda(stack, "Api", lambda_function_props={
    "runtime": _lambda.Runtime.PYTHON_3_12, "handler": "index.handler", "code": _lambda.Code.from_asset("api"),
    "environment": {"BUCKET": bucket.bucket_name}})
bucket.grant_read(api.lambda_function)
LambdaToDynamoDB(stack, "Orders", table_permissions="Read", lambda_function_props=_lambda.FunctionProps(
    runtime=_lambda.Runtime.PYTHON_3_12, handler="orders.handler", code=_lambda.Code.from_asset("orders")))
plain = _lambda.Function(stack, "Plain", runtime=_lambda.Runtime.PYTHON_3_12, handler="plain.handler",
    code=_lambda.Code.from_asset("plain"))
SqsToLambda(stack, "Jobs", existing_lambda_obj=plain)
"#,
        ),
    ]);
    let ids: Vec<&str> = stack.functions.iter().map(|function| function.id.as_str()).collect();
    assert_eq!(ids, ["Api.lambdaFunction", "Orders.lambdaFunction", "Plain"]);
    assert_eq!(local(&stack, "Api.lambdaFunction"), "app/api");
    let grants = |id: &str| {
        let named = |source: PolicySource| match source {
            PolicySource::Grant { name, .. } => Some(name.to_string()),
            _ => None,
        };
        sources(&stack, id).into_iter().filter_map(named).collect::<Vec<_>>()
    };
    assert_eq!(grants("Api.lambdaFunction"), ["grantRead"]);
    assert_eq!(grants("Orders.lambdaFunction"), ["grantReadData"]);
    let table = Text::hole(Hole::Resource { id: "Orders.dynamoTable".into(), attribute: "Ref".into() });
    assert_eq!(stack.functions[1].environment["DDB_TABLE_NAME"].values, [table]);
    assert_eq!(stack.resources["Orders.dynamoTable"].kind, "AWS::DynamoDB::Table");
    assert!(stack.functions[1].settings.iter().any(|setting| setting.kind == SettingKind::Tracing));
    assert!(stack.functions[2].events.iter().any(|event| event.kind == EventKind::Sqs));
}

#[test]
fn constructs_of_solutions_that_are_not_known_are_a_doubt() {
    let stack = stack(&[
        SCRIPT,
        (
            "app/app.ts",
            r"import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LambdaToUnheard } from '@aws-solutions-constructs/aws-lambda-unheard';
const stack = new cdk.Stack(new cdk.App(), 'S');
new LambdaToUnheard(stack, 'It', {
  lambdaFunctionProps: { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromAsset('it') },
});
",
        ),
    ]);
    let unknown = |source: &PolicySource| matches!(source, PolicySource::Grant { name, .. } if name == "grantAccess");
    assert!(sources(&stack, "It.lambdaFunction").iter().any(unknown), "{:?}", sources(&stack, "It.lambdaFunction"));
}

#[test]
fn code_may_be_an_asset_s_wherever_that_is_uploaded() {
    let stack = stack(&[
        SCRIPT,
        (
            "app/app.ts",
            r"import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
class Bundler extends Construct {
  bundle(path: string) {
    const asset = new Asset(this, 'asset', { path });
    return lambda.Code.fromBucket(asset.bucket, asset.s3ObjectKey);
  }
}
const stack = new cdk.Stack(new cdk.App(), 'S');
const bundler = new Bundler(stack, 'B');
const runtime = lambda.Runtime.NODEJS_22_X;
new lambda.Function(stack, 'One', { runtime, handler: 'index.handler', code: bundler.bundle('one') });
new lambda.Function(stack, 'Two', { runtime, handler: 'index.handler', code: bundler.bundle('two') });
const asset = new Asset(stack, 'other', { path: 'three' });
new lambda.CfnFunction(stack, 'Three', { runtime: 'nodejs22.x', handler: 'index.handler', role: 'arn:aws:iam::111122223333:role/r',
  code: { s3Bucket: asset.s3BucketName, s3Key: asset.s3ObjectKey } });
",
        ),
    ]);
    assert_eq!(["One", "Two", "Three"].map(|id| local(&stack, id)), ["app/one", "app/two", "app/three"]);
}

#[test]
fn managed_policies_may_be_named_in_any_way() {
    let python = stack(&[
        PYTHON,
        (
            "app/app.py",
            r#"import aws_cdk as cdk
from aws_cdk import aws_lambda as _lambda, aws_iam as iam, aws_sqs as sqs, aws_secretsmanager as secrets
stack = cdk.Stack(cdk.App(), "S")
role = iam.Role(stack, "R", assumed_by=iam.ServicePrincipal(service="lambda.amazonaws.com"), managed_policies=[
    iam.ManagedPolicy.from_aws_managed_policy_name(managed_policy_name="AmazonSNSFullAccess")])
queue = sqs.Queue.from_queue_arn(scope=stack, id="Q", queue_arn="arn:aws:sqs:eu-west-1:111122223333:jobs")
secret = secrets.Secret.from_secret_name_v2(stack, "Secret", "token")
_lambda.Function(stack, "One", code=_lambda.Code.from_asset("one"), handler="index.handler", role=role)
"#,
        ),
    ]);
    assert!(sources(&python, "One").contains(&PolicySource::Managed("AmazonSNSFullAccess".into())));
    assert_eq!(python.roles["R"].trust[0].principals, [("Service".into(), Text::literal("lambda.amazonaws.com"))]);
    assert!(python.resolve_attribute("Q", "Ref").expect("imported").arn.pattern().ends_with(":jobs"));
    assert!(python.resolve_attribute("Secret", "Ref").expect("imported").arn.pattern().contains(":secret:token"));
    let script = stack(&[
        SCRIPT,
        (
            "app/app.ts",
            r"import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
const stack = new cdk.Stack(new cdk.App(), 'S');
const policy = { managedPolicyArn: 'arn:aws:iam::aws:policy/AmazonSNSFullAccess' };
const role = new iam.Role(stack, 'R', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), managedPolicies: [policy] });
const code = lambda.Code.fromAsset('one');
new lambda.Function(stack, 'One', { handler: 'index.handler', code, role });
const two = new lambda.Function(stack, 'Two', { handler: 'index.handler', code });
two.role?.addManagedPolicy(policy);
two.role?.addManagedPolicy(unheard());
",
        ),
    ]);
    for id in ["One", "Two"] {
        assert!(sources(&script, id).contains(&PolicySource::Managed("AmazonSNSFullAccess".into())), "{id}");
    }
    assert!(sources(&script, "Two").iter().any(|source| matches!(source, PolicySource::External(_))));
}

#[test]
fn what_stands_in_a_construct_is_found_by_its_id() {
    let stack = stack(&[
        SCRIPT,
        (
            "app/app.ts",
            r"import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
class Mail extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new sqs.Queue(this, 'Out');
    new Inner(this, 'Inner');
  }
}
class Inner extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new sqs.Queue(this, 'In');
  }
}
const stack = new cdk.Stack(new cdk.App(), 'S');
const mail = new Mail(stack, 'Mail');
const out = mail.node.findChild('Out') as sqs.Queue;
const inner = mail.node.tryFindChild('Inner')?.node.findChild('In') as sqs.Queue;
const one = new lambda.Function(stack, 'One', { handler: 'index.handler', code: lambda.Code.fromAsset('one'),
  environment: { OUT: out.queueUrl, IN: inner.queueUrl } });
out.grantSendMessages(one);
",
        ),
    ]);
    let reference = |id: &str| [Text::hole(Hole::Resource { id: id.into(), attribute: "Ref".into() })];
    assert_eq!(stack.functions[0].environment["OUT"].values, reference("Out"));
    assert_eq!(stack.functions[0].environment["IN"].values, reference("In"));
    assert!(sources(&stack, "One").iter().any(|source| matches!(source, PolicySource::Grant { .. })));
}

#[test]
fn a_resource_that_may_be_left_out_is_an_unknown_one() {
    let stack = stack(&[
        SCRIPT,
        (
            "app/app.ts",
            r"import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
const stack = new cdk.Stack(new cdk.App(), 'S');
const one = new lambda.Function(stack, 'One', { handler: 'index.handler', code: lambda.Code.fromAsset('one') });
const settings = JSON.parse(process.env.SETTINGS);
one.addToRolePolicy(new iam.PolicyStatement({ actions: ['sns:Publish'], resources: [settings.mail?.topic || ''] }));
one.addToRolePolicy(new iam.PolicyStatement({ actions: ['sns:Publish'], resources: [''] }));
",
        ),
    ]);
    let written = stack.functions[0].declared.iter().filter(|policy| policy.source == PolicySource::Inline);
    let resources: Vec<&Text> = written.flat_map(|policy| &policy.statements[0].resources).collect();
    assert!(resources.len() == 2 && resources.iter().all(|resource| resource.is_unknown()), "{resources:?}");
}

#[test]
fn handlers_may_be_named_after_their_files() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "python3 stack/app.py"}"#),
        (
            "app/stack/app.py",
            r#"import os
from pathlib import Path
import aws_cdk as cdk
from aws_cdk import aws_lambda as _lambda
stack = cdk.Stack(cdk.App(), "S")
entry = Path(__file__).absolute().parents[1] / "fn" / "jobs.main.py"
code = _lambda.Code.from_asset(str(entry.parent))
_lambda.Function(stack, "One", handler=f"{entry.stem}.run", code=code)
_lambda.Function(stack, "Two", handler=entry.name.replace(entry.suffix, "") + ".run", code=code)
_lambda.Function(stack, "Three", handler=entry.with_suffix("").name + ".run", code=code)
_lambda.Function(stack, "Four", handler=os.path.splitext(os.path.basename(entry))[0] + ".run", code=code)
_lambda.Function(stack, "Five", handler=entry.with_name("other.run").name, code=code)
"#,
        ),
    ]);
    let handlers: Vec<_> = stack.functions.iter().map(|function| function.handler.clone().unwrap_or_default()).collect();
    assert_eq!(handlers, ["jobs.main.run", "jobs.main.run", "jobs.main.run", "jobs.main.run", "other.run"]);
}

#[test]
fn an_event_source_may_be_derived_from_one_of_the_library_s() {
    let stack = stack(&[
        SCRIPT,
        (
            "app/app.ts",
            r"import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import { KinesisEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
class Clicks extends KinesisEventSource {
  constructor(stream: kinesis.IStream) {
    super(stream, { startingPosition: lambda.StartingPosition.LATEST });
  }
}
const stack = new cdk.Stack(new cdk.App(), 'S');
const stream = new kinesis.Stream(stack, 'Stream');
const one = new lambda.Function(stack, 'One', { handler: 'index.handler', code: lambda.Code.fromAsset('one') });
one.addEventSource(new Clicks(stream));
",
        ),
    ]);
    assert!(stack.functions[0].events.iter().any(|event| event.kind == EventKind::Kinesis), "{:?}", stack.functions[0].events);
}

#[test]
fn layers_can_be_added_later() {
    let stack = stack(&[
        SCRIPT,
        (
            "app/app.ts",
            "import * as cdk from 'aws-cdk-lib';\nimport * as lambda from 'aws-cdk-lib/aws-lambda';\n\
             const stack = new cdk.Stack(new cdk.App(), 'S');\n\
             const layer = new lambda.LayerVersion(stack, 'Shared', { code: lambda.Code.fromAsset('shared') });\n\
             const fn = new lambda.Function(stack, 'F', { code: lambda.Code.fromAsset('f'), handler: 'f.handler', layers: [layer] });\n\
             fn.addLayers(layer, new lambda.LayerVersion(stack, 'More', { code: lambda.Code.fromAsset('more') }));\n",
        ),
    ]);
    let content: Vec<_> = stack.functions[0].layers.iter().map(|layer| layer.content.as_deref()).collect();
    assert_eq!(content, [Some(Path::new("app/shared")), Some(Path::new("app/more"))]);
}

#[test]
fn templates_are_included_with_their_resources() {
    let folder = tempfile::tempdir().expect("a folder");
    let template = r#"{"Resources": {"Docs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "docs"}}}}"#;
    std::fs::write(folder.path().join("old.json"), template).expect("written");
    let path = folder.path().join("old.json").display().to_string();
    let text = format!(
        "import aws_cdk as cdk\nfrom aws_cdk import aws_lambda as lambda_, cloudformation_include as cfn_inc\n\
         stack = cdk.Stack(cdk.App(), 'S')\nold = cfn_inc.CfnInclude(stack, 'Old', template_file='{path}')\n\
         lambda_.Function(stack, 'F', code=lambda_.Code.from_asset('f'), handler='f.handler',\n    \
         environment={{'DOCS': old.get_resource('Docs').ref}})\n"
    );
    let stack = stack(&[PYTHON, ("app/app.py", text.leak())]);
    assert_eq!(stack.functions[0].environment["DOCS"].values, [reference("Docs", "Ref")]);
    assert_eq!(stack.resources["Docs"].kind, "AWS::S3::Bucket");
}

#[test]
fn a_construct_tells_the_id_that_it_was_made_with() {
    let stack = stack(&[
        SCRIPT,
        (
            "app/app.ts",
            r"import * as cdk from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
class Named extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new dynamodb.Table(this, 'Table', { tableName: `prod-${id}` });
  }
}
for (const name of ['A', 'B']) {
  const stack = new cdk.Stack(new cdk.App(), name);
  const named = [new Named(stack, 'acs'), new Named(stack, 'other')];
  const environment = Object.fromEntries(named.map(one => [`${one.node.id}Table`, one.table.tableName]));
  const bucket = new cdk.aws_s3.Bucket(stack, 'Bucket', { bucketName: name });
  new lambda.Function(stack, 'Fn', { handler: 'index.handler', code: lambda.Code.fromAsset('fn'), environment: { ...environment, OWN: bucket.node.id } });
}
",
        ),
    ]);
    let environment = &stack.functions[0].environment;
    let names: Vec<&str> = environment.keys().map(SmolStr::as_str).collect();
    assert_eq!(names, ["OWN", "acsTable", "otherTable"]);
    assert_eq!(environment["OWN"].values, [Text::literal("Bucket")]);
}

#[test]
fn constructs_whose_ids_are_not_known_are_told_apart() {
    let stack = stack(&[
        SCRIPT,
        (
            "app/app.ts",
            r"import * as cdk from 'aws-cdk-lib';
import { createHash } from 'crypto';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
const stack = new cdk.Stack(new cdk.App(), 'S');
const bundle = (path: string) => {
  const asset = new Asset(stack, createHash('md5').update(path).digest('hex'), { path });
  return lambda.Code.fromBucket(asset.bucket, asset.s3ObjectKey);
};
new lambda.Function(stack, 'One', { handler: 'index.handler', code: bundle('one') });
new lambda.Function(stack, 'Two', { handler: 'index.handler', code: bundle('two') });
",
        ),
    ]);
    let code = |at: usize| match &stack.functions[at].code {
        CodeSource::Local(path) => path.display().to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!((code(0).as_str(), code(1).as_str()), ("app/one", "app/two"));
}

#[test]
fn a_name_of_several_keeps_what_they_share() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "python3 app.py"}"#),
        (
            "app/app.py",
            r#"import os
import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
app = cdk.App()
stage = app.node.try_get_context("stage") or os.environ.get("STAGE", "dev")
stack = cdk.Stack(app, "S")
dynamodb.Table(stack, "Orders", table_name=f"orders-{stage}")
"#,
        ),
    ]);
    let table = stack.resolve_attribute("Orders", "Ref").expect("made");
    assert!(table.arn.pattern().ends_with(":table/orders-*"), "{}", table.arn.pattern());
}

#[test]
fn a_function_without_a_known_id_stays_one() {
    let stack = stack(&[
        PYTHON,
        (
            "app/app.py",
            r#"import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_lambda_python_alpha import PythonFunction
from settings import ids
app = cdk.App()
stack = cdk.Stack(app, "S")
more = {"runtime": lambda_.Runtime.PYTHON_3_13, "code": lambda_.Code.from_asset("src")}
lambda_.Function(stack, {"of": "a record"}, **more, handler="app.first")
lambda_.Function(stack, **ids(), **more, handler="app.second")
lambda_.Function(stack, "Third", **more, handler=app.node.try_get_context("fn").get("handler", "app.third"))
PythonFunction(stack, "Fourth", entry="src", runtime=lambda_.Runtime.PYTHON_3_13, index="app.py", handler="app.fourth")
"#,
        ),
    ]);
    let handlers: Vec<&str> = stack.functions.iter().filter_map(|function| function.handler.as_deref()).collect();
    assert_eq!(handlers, ["app.third", "app.fourth", "app.first", "app.second"]);
    let says = |at: usize| stack.functions[at].notes.iter().any(|note| note.message.contains("the id of this function"));
    assert_eq!([0, 1, 2, 3].map(says), [false, false, true, true]);
}

#[test]
fn a_class_that_makes_a_function_makes_one_however_it_is_looked_at() {
    let stack = stack(&[
        PYTHON,
        (
            "app/app.py",
            r#"import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
class Caller(lambda_.Function):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, runtime=lambda_.Runtime.PYTHON_3_13, code=lambda_.Code.from_asset("src"), handler="app.run")
class Unused:
    def build(self, settings):
        return Caller(settings.scope, settings.id)
stack = cdk.Stack(cdk.App(), "S")
Caller(stack, "Call")
"#,
        ),
    ]);
    let ids: Vec<&str> = stack.functions.iter().map(|function| function.id.as_str()).collect();
    assert_eq!(ids, ["Call"]);
}

#[test]
fn the_context_of_the_manifest_names_things() {
    let stack = stack(&[
        (
            "app/cdk.json",
            r#"{"app": "npx ts-node bin/app.ts", "context": {"stage": "dev", "isPublic": false, "dev": {"table": "orders-of-dev"},
                "regions": {"eu": {"queue": "work-eu"}}}}"#,
        ),
        (
            "app/bin/app.ts",
            r#"import * as cdk from "aws-cdk-lib";
import { Table } from "aws-cdk-lib/aws-dynamodb";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { Topic } from "aws-cdk-lib/aws-sns";
const app = new cdk.App();
const stack = new cdk.Stack(app, "S");
const stage = app.node.tryGetContext("stage") || "test";
const settings = app.node.tryGetContext(app.node.tryGetContext("stage"));
new Table(stack, "Named", { tableName: `users-${app.node.tryGetContext("stage")}` });
new Table(stack, "Looked", { tableName: settings.table });
new Queue(stack, "Nested", { queueName: stack.node.tryGetContext("regions").eu.queue });
new Topic(stack, "Unknown", { topicName: stack.node.tryGetContext("topic") });
if (app.node.tryGetContext("isPublic")) new Topic(stack, "Either", { topicName: "public" });
"#,
        ),
    ]);
    let arn = |id: &str| stack.resolve_attribute(id, "Ref").expect("made").arn.pattern();
    assert!(arn("Looked").ends_with(":table/orders-of-dev"), "{}", arn("Looked"));
    assert!(arn("Nested").ends_with(":work-eu"), "{}", arn("Nested"));
    assert!(arn("Unknown").ends_with(":*"), "{}", arn("Unknown"));
    assert!(arn("Either").ends_with(":public"), "{}", arn("Either"));
    let named = stack.resolve_attribute("Named", "Ref").expect("made").arn;
    assert!(named.pattern().ends_with(":table/users-*"), "{}", named.pattern());
    assert_eq!(stack.default_of("stage"), Some(&Text::literal("dev")));
}

#[test]
fn an_id_of_several_keeps_what_they_share() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "npx ts-node bin/app.ts", "context": {"stages": [{"name": "dev"}, {"name": "test"}]}}"#),
        (
            "app/bin/app.ts",
            r#"import * as cdk from "aws-cdk-lib";
import { Code, Function, Runtime } from "aws-cdk-lib/aws-lambda";
const app = new cdk.App();
const stack = new cdk.Stack(app, "S");
const stage = app.node.tryGetContext("stages").find((one) => one.name === process.env.STAGE).name;
new Function(stack, `Id${stage}Main`, { runtime: Runtime.NODEJS_22_X, code: Code.fromAsset("src"), handler: "app.run" });
"#,
        ),
    ]);
    let names: Vec<&str> = stack.functions.iter().map(|function| function.id.as_str()).collect();
    assert_eq!(names, ["Id*Main"]);
}

#[test]
fn a_field_of_a_constructs_type_makes_none() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "npx ts-node bin/app.ts"}"#),
        (
            "app/bin/app.ts",
            "import * as cdk from 'aws-cdk-lib';\nimport { Main } from '../lib/main';\nnew Main(new cdk.App(), 'Main');\n",
        ),
        (
            "app/lib/main.ts",
            r"import * as cdk from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Functions } from './functions';
export class Main extends cdk.Stack {
  private functions: Functions;
  constructor(scope: cdk.App, id: string) {
    super(scope, id);
    this.functions = new Functions(this, 'Functions');
    new Table(this, 'Users', { tableName: 'users' }).grant(this.functions.create, 'dynamodb:PutItem');
  }
}
",
        ),
        (
            "app/lib/functions.ts",
            r"import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
export class Functions extends Construct {
  readonly create: Function;
  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.create = new Function(this, 'Create', { code: Code.fromAsset('src'), handler: 'create.handler', runtime: Runtime.NODEJS_22_X });
  }
}
",
        ),
    ]);
    let ids: Vec<&str> = stack.functions.iter().map(|function| function.id.as_str()).collect();
    assert_eq!(ids, ["Create"]);
    let grants = sources(&stack, "Create").into_iter().filter(|source| matches!(source, PolicySource::Grant { .. }));
    assert_eq!(grants.count(), 1);
}
