//! Small applications in both languages.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::iac::{CodeSource, EventKind, PolicySource, SettingKind};
use crate::ir::Module;
use crate::lower::lower;
use crate::span::SourceFile;
use crate::syntax::Language;

mod found;
mod granted;
mod placed;

/// Files that exist in a test only.
struct Memory(BTreeMap<PathBuf, &'static str>);

impl SourceTree for Memory {
    fn entries(&self, _folder: &Path) -> Arc<[String]> {
        Arc::default()
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.0.keys().any(|file| file.starts_with(path) && file != path)
    }

    fn module(&self, path: &Path) -> Option<Arc<Module>> {
        let file = SourceFile::new(path.to_str()?, *self.0.get(path)?);
        Some(Arc::new(lower(file, Language::from_path(path.to_str()?)?)))
    }

    fn text(&self, path: &Path) -> Option<String> {
        self.0.get(path).map(|text| (*text).to_owned())
    }

    fn sources_below(&self, _: &Path, _: &[&str]) -> Vec<PathBuf> {
        Vec::new()
    }
}

fn stack(files: &[(&str, &'static str)]) -> Stack {
    let tree = Memory(files.iter().map(|(path, text)| (PathBuf::from(path), *text)).collect());
    read_cdk_app(&Files::new("app"), &tree, Path::new("app/cdk.json")).expect("an application")
}

const TYPESCRIPT: [(&str, &str); 4] = [
    ("app/cdk.json", r#"{"app": "npx ts-node --prefer-ts-exts bin/app.ts"}"#),
    (
        "app/bin/app.ts",
        "import * as cdk from 'aws-cdk-lib';\nimport { OrdersStack } from '../lib/orders-stack';\nconst app = new cdk.App();\nnew OrdersStack(app, 'Orders');\n",
    ),
    (
        "app/lib/orders-stack.ts",
        r"import * as cdk from 'aws-cdk-lib';
import * as path from 'path';
import { Table, AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as iam from 'aws-cdk-lib/aws-iam';

export class OrdersStack extends cdk.Stack {
  private readonly table: Table;
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    this.table = new Table(this, 'OrdersTable', { partitionKey: { name: 'id', type: AttributeType.STRING }, tableName: 'orders' });
    const queue = new sqs.Queue(this, 'Jobs');
    const read = new lambda.Function(this, 'Read', {
      runtime: lambda.Runtime.PYTHON_3_12,
      handler: 'app.handler',
      code: lambda.Code.fromAsset(path.join(__dirname, '../src/read')),
      environment: { TABLE: this.table.tableName, MODE: 'fast', TOPIC: `arn:${cdk.Aws.PARTITION}:sns:${this.region}:${this.account}:news` },
      tracing: lambda.Tracing.ACTIVE,
    });
    this.table.grantReadData(read);
    const work = new NodejsFunction(this, 'work', { deadLetterQueue: queue });
    work.addEventSource(new SqsEventSource(queue, { batchSize: 1 }));
    work.addEnvironment('QUEUE', queue.queueUrl);
    work.addToRolePolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::docs/*'] }));
  }
}
",
    ),
    ("app/lib/orders-stack.work.ts", "export const handler = async () => {};\n"),
];

const PYTHON: [(&str, &str); 3] = [
    ("app/cdk.json", r#"{"app": "python3 app.py"}"#),
    (
        "app/app.py",
        "import aws_cdk as cdk\nfrom stacks.main import MainStack\napp = cdk.App()\nMainStack(app, 'Main')\napp.synth()\n",
    ),
    (
        "app/stacks/main.py",
        r#"import os
from aws_cdk import Stack, aws_lambda as _lambda, aws_s3 as s3, aws_s3_notifications as s3n
from aws_cdk.aws_lambda_python_alpha import PythonLayerVersion
from constructs import Construct

class MainStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        bucket = s3.Bucket(self, "Uploads")
        packed = _lambda.LayerVersion(self, "Packed", code=_lambda.Code.from_asset("packed"))
        resize = _lambda.Function(
            self, "Resize",
            runtime=_lambda.Runtime.PYTHON_3_11,
            handler="resize.handler",
            code=_lambda.Code.from_asset(os.path.join(os.getcwd(), "lambda")),
            environment={"BUCKET": bucket.bucket_name},
            layers=[PythonLayerVersion(self, "Shared", entry="shared"), packed],
        )
        bucket.grant_read_write(resize)
        bucket.add_event_notification(s3.EventType.OBJECT_CREATED, s3n.LambdaDestination(resize))
"#,
    ),
];

fn reference(id: &str, attribute: &str) -> Text {
    Text::hole(Hole::Resource { id: id.into(), attribute: attribute.into() })
}

#[test]
fn functions_of_a_typescript_application() {
    let stack = stack(&TYPESCRIPT);
    let [read, work] = stack.functions.as_slice() else { panic!("{:#?}", stack.functions) };
    assert_eq!(
        (read.id.as_str(), read.runtime.as_deref(), read.handler.as_deref()),
        ("Read", Some("python3.12"), Some("app.handler"))
    );
    assert!(matches!(&read.code, CodeSource::Local(path) if path == Path::new("app/src/read")), "{:?}", read.code);
    assert_eq!(read.environment["TABLE"].values, [reference("OrdersTable", "Ref")]);
    assert_eq!(read.environment["MODE"].values, [Text::literal("fast")]);
    let topic: Vec<&Hole> = read.environment["TOPIC"].values[0].holes().collect();
    assert_eq!(topic, [&Hole::Partition, &Hole::Region, &Hole::Account]);
    assert_eq!(read.settings[0].kind, SettingKind::Tracing);
    assert_eq!(stack.resolve_attribute("OrdersTable", "Ref").and_then(|table| table.name), Some(Text::literal("orders")));
    assert!(
        matches!(&work.code, CodeSource::Local(path) if path == Path::new("app/lib/orders-stack.work.ts")),
        "{:?}",
        work.code
    );
    assert_eq!(work.environment["QUEUE"].values, [reference("Jobs", "Ref")]);
    assert_eq!((&work.events[0].kind, &work.events[0].resource), (&EventKind::Sqs, &Some(reference("Jobs", "Arn"))));
    assert_eq!((work.settings[0].kind, &work.settings[0].value), (SettingKind::DeadLetter, &Some(reference("Jobs", "Arn"))));
}

#[test]
fn grants_and_statements_are_declared_permissions() {
    let stack = stack(&TYPESCRIPT);
    let granted = stack.functions[0]
        .declared
        .iter()
        .find(|policy| matches!(&policy.source, PolicySource::Grant { name, .. } if name == "grantReadData"));
    let statement = &granted.expect("granted").statements[0];
    assert!(statement.actions.contains(&"dynamodb:GetItem".into()));
    assert_eq!(statement.resources[0], reference("OrdersTable", "Arn"));
    let inline = stack.functions[1].declared.iter().find(|policy| policy.source == PolicySource::Inline).expect("declared");
    assert_eq!(
        (inline.statements[0].actions.as_slice(), inline.statements[0].resources.as_slice()),
        (&["s3:GetObject".into()][..], &[Text::literal("arn:aws:s3:::docs/*")][..])
    );
    assert_eq!(inline.origin.line(), 27);
}

#[test]
fn functions_of_a_python_application() {
    let stack = stack(&PYTHON);
    let [resize] = stack.functions.as_slice() else { panic!("{:#?}", stack.functions) };
    assert_eq!((resize.runtime.as_deref(), resize.handler.as_deref()), (Some("python3.11"), Some("resize.handler")));
    assert!(matches!(&resize.code, CodeSource::Local(path) if path == Path::new("app/lambda")), "{:?}", resize.code);
    assert_eq!(resize.environment["BUCKET"].values, [reference("Uploads", "Ref")]);
    let layers = resize.layers.iter().map(|layer| (layer.content.as_deref(), layer.build_method.as_deref()));
    assert_eq!(
        layers.collect::<Vec<_>>(),
        [(Some(Path::new("app/shared")), Some("python")), (Some(Path::new("app/packed")), None)]
    );
    assert_eq!(
        (&resize.events[0].kind, &resize.events[0].resource),
        (&EventKind::Push("s3".into()), &Some(reference("Uploads", "Ref")))
    );
    assert!(
        resize
            .declared
            .iter()
            .any(|policy| matches!(&policy.source, PolicySource::Grant { name, .. } if name == "grantReadWrite"))
    );
}

#[test]
fn an_application_in_another_language_is_none() {
    let tree = Memory([(PathBuf::from("app/cdk.json"), r#"{"app": "mvn -e -q compile exec:java"}"#)].into());
    assert!(read_cdk_app(&Files::new("app"), &tree, Path::new("app/cdk.json")).is_none());
}

#[test]
fn roles_policies_and_what_could_not_be_read() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "node app.js"}"#),
        (
            "app/app.js",
            r"const cdk = require('aws-cdk-lib');
const { aws_lambda: lambda, aws_iam: iam } = cdk;
const stack = new cdk.Stack(new cdk.App(), 'S');
const role = new iam.Role(stack, 'R', {
  managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole')],
  inlinePolicies: { a: new iam.PolicyDocument({ statements: [new iam.PolicyStatement({
    actions: ['sqs:SendMessage'], resources: ['*'], effect: iam.Effect.DENY, conditions: { Bool: { 'aws:SecureTransport': 'false' } },
  })] }) },
});
const fn = new lambda.Function(stack, 'F', { code: lambda.Code.fromInline('exports.handler = 1;'), handler: 'index.handler', role });
fn.role.attachInlinePolicy(new iam.Policy(stack, 'P', { statements: [new iam.PolicyStatement({ actions: load(), resources: ['*'] })] }));
",
        ),
    ]);
    let declared = &stack.functions[0].declared;
    assert!(matches!(&stack.functions[0].code, CodeSource::Inline(code) if code.file.text == "exports.handler = 1;"));
    assert!(declared.iter().any(|policy| policy.source == PolicySource::Managed("AWSLambdaBasicExecutionRole".into())));
    assert!(!declared.iter().any(|policy| matches!(policy.source, PolicySource::ImplicitManaged { .. })), "the role is given");
    let denied =
        declared.iter().flat_map(|policy| policy.statements.iter()).find(|statement| statement.actions == ["sqs:SendMessage"]);
    let denied = denied.expect("read from the role");
    assert_eq!((denied.effect, denied.conditions[0].key.as_str()), (crate::policy::Effect::Deny, "aws:SecureTransport"));
    assert!(declared.iter().any(|policy| policy.notes.len() == 1), "{declared:#?}");
}

/// What a function is granted, as `action resource`, the resources as patterns.
fn granted(stack: &Stack, function: &str) -> Vec<String> {
    let function = stack.functions.iter().find(|known| known.id == function).expect("declared");
    let statements = function.declared.iter().flat_map(|policy| policy.statements.iter());
    let lines = statements.flat_map(|statement| {
        let resources: Vec<String> = statement.resources.iter().map(Text::pattern).collect();
        statement.actions.iter().map(move |action| format!("{action} {}", resources.join(" ")))
    });
    lines.collect()
}

#[test]
fn every_way_to_grant_is_written_out() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "node app.js"}"#),
        (
            "app/app.js",
            r"const cdk = require('aws-cdk-lib');
const { aws_lambda: lambda, aws_iam: iam, aws_s3: s3, aws_kms: kms, aws_dynamodb: dynamodb, aws_sqs: sqs, aws_ssm: ssm } = cdk;
const { aws_lambda_destinations: destinations, aws_cloudwatch: cloudwatch } = cdk;
const stack = new cdk.Stack(new cdk.App(), 'S');
const code = lambda.Code.fromInline('exports.handler = 1;');
const key = new kms.Key(stack, 'K');
const bucket = new s3.Bucket(stack, 'B', { encryptionKey: key, bucketName: 'docs' });
const table = new dynamodb.Table(stack, 'T', { partitionKey: { name: 'a' } });
const dead = new sqs.Queue(stack, 'Dead');
const fn = new lambda.Function(stack, 'F', {
  code, handler: 'index.handler', tracing: lambda.Tracing.ACTIVE, onFailure: new destinations.SqsDestination(dead),
});
bucket.grantRead(fn);
table.grants.writeData(fn);
table.grant(fn, 'dynamodb:DescribeTable', 'dynamodb:ListTagsOfResource');
new ssm.StringParameter(stack, 'P', { parameterName: '/app/mode', stringValue: 'x' }).grantRead(fn);
cloudwatch.Metric.grantPutMetricData(fn);
iam.Grant.addToPrincipal({ grantee: fn, actions: ['ses:SendEmail'], resourceArns: ['*'] });
bucket.grantSomethingNew(fn);
",
        ),
    ]);
    let granted = granted(&stack, "F");
    for expected in [
        "s3:GetObject* ${B.Arn} ${B.Arn}/*",
        "kms:Decrypt ${K.Arn}",
        "dynamodb:PutItem ${T.Arn} ${T.Arn}/index/*",
        "dynamodb:ListTagsOfResource ${T.Arn} ${T.Arn}/index/*",
        "ssm:GetParameter ${P.Arn}",
        "cloudwatch:PutMetricData *",
        "ses:SendEmail *",
        "xray:PutTraceSegments *",
        "sqs:SendMessage ${Dead.Arn}",
    ] {
        let expected = ["B", "K", "T", "P", "Dead"]
            .iter()
            .fold(expected.to_owned(), |line, id| line.replace(&format!("${{{id}.Arn}}"), "*"));
        assert!(granted.contains(&expected), "{expected}: {granted:#?}");
    }
    let unknown = |policy: &&DeclaredPolicy| policy.statements.is_empty() && matches!(policy.source, PolicySource::Grant { .. });
    let unknown: Vec<_> = stack.functions[0].declared.iter().filter(unknown).collect();
    assert!(
        matches!(&unknown[..], [one] if matches!(&one.source, PolicySource::Grant { name, .. } if name == "grantSomethingNew"))
    );
}

#[test]
fn low_level_attributes_parameters_and_objects_are_references() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "node app.js"}"#),
        (
            "app/app.js",
            r"const cdk = require('aws-cdk-lib');
const { aws_lambda: lambda, aws_iam: iam, aws_s3: s3, aws_s3vectors: vectors } = cdk;
const stack = new cdk.Stack(new cdk.App(), 'S');
const index = new vectors.CfnIndex(stack, 'Index', {});
const bucket = new s3.Bucket(stack, 'B');
const model = new cdk.CfnParameter(stack, 'Model', { type: 'String', default: 'titan' });
const fn = new lambda.Function(stack, 'F', {
  code: lambda.Code.fromInline('exports.handler = 1;'), handler: 'index.handler', environment: { MODEL: model.valueAsString },
});
fn.addToRolePolicy(new iam.PolicyStatement({
  actions: ['s3:GetObject'], resources: [index.attrIndexArn, bucket.arnForObjects('in/*'), somewhere()],
}));
",
        ),
    ]);
    let inline = stack.functions[0].declared.iter().find(|policy| policy.source == PolicySource::Inline).expect("declared");
    assert_eq!(inline.notes, [], "a resource that is not known is no statement that is not known");
    let mut objects = reference("B", "Arn");
    objects.push_str("/in/*");
    assert_eq!(inline.statements[0].resources[..2], [reference("Index", "IndexArn"), objects]);
    assert_eq!(stack.functions[0].environment["MODEL"].values, [Text::hole(Hole::Parameter("Model".into()))]);
    assert_eq!(stack.parameters["Model"].default, Some(Text::literal("titan")));
    assert_eq!(stack.resolve_attribute("Index", "IndexArn").expect("made").meaning, crate::iac::Meaning::Arn);
}

#[test]
fn what_one_function_of_a_role_is_granted_all_have() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "python3 app.py"}"#),
        (
            "app/app.py",
            r#"import aws_cdk as cdk
from aws_cdk import aws_lambda as _lambda, aws_iam as iam, aws_sqs as sqs
stack = cdk.Stack(cdk.App(), "S")
extra = iam.ManagedPolicy(stack, "Extra", statements=[iam.PolicyStatement(actions=["sqs:ListQueues"], resources=["*"])])
known = iam.ManagedPolicy.from_managed_policy_arn(stack, "Known", "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess")
role = iam.Role(stack, "R", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), managed_policies=[extra, known])
code = _lambda.Code.from_inline("def handler(event, context): pass")
one = _lambda.Function(stack, "One", code=code, handler="index.handler", role=role, tracing=_lambda.Tracing.ACTIVE)
two = _lambda.Function(stack, "Two", code=code, handler="index.handler", role=role)
sqs.Queue(stack, "Q").grant_purge(one)
two.add_to_role_policy(iam.PolicyStatement.from_json({"Effect": "Allow", "Action": "sqs:TagQueue", "Resource": unknown()}))
"#,
        ),
    ]);
    for function in ["One", "Two"] {
        let granted = granted(&stack, function);
        for action in ["sqs:ListQueues *", "sqs:PurgeQueue *", "sqs:TagQueue *", "xray:PutTraceSegments *"] {
            assert!(granted.contains(&action.to_owned()), "{function}: {action}: {granted:#?}");
        }
    }
    assert!(
        stack.roles["R"].policies.iter().any(|policy| policy.source == PolicySource::Managed("AmazonSQSReadOnlyAccess".into()))
    );
    assert_eq!(stack.roles["R"].trust[0].principals, [("Service".into(), Text::literal("lambda.amazonaws.com"))]);
    assert!(stack.functions.iter().all(|function| {
        !function.declared.iter().any(|policy| matches!(policy.source, PolicySource::ImplicitManaged { .. }))
    }));
}

#[test]
fn a_class_made_several_times_gives_a_function_each_time() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "npx ts-node bin/app.ts"}"#),
        (
            "app/bin/app.ts",
            r"import { App, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Function, Runtime, Code } from 'aws-cdk-lib/aws-lambda';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
class Worker extends Construct {
  readonly fn: Function;
  constructor(scope: Construct, id: string, props: { folder: string; table: string }) {
    super(scope, id);
    this.fn = new Function(this, 'Handler', {
      runtime: Runtime.NODEJS_20_X, handler: 'index.handler', code: Code.fromAsset(props.folder),
      environment: { TABLE: props.table },
    });
  }
}
const stack = new Stack(new App(), 'S');
const orders = new Table(stack, 'Orders', { tableName: 'orders' });
const first = new Worker(stack, 'First', { folder: 'first', table: 'a' });
const second = new Worker(stack, 'Second', { folder: 'second', table: 'b' });
orders.grantReadData(second.fn);
new Function(stack, `Fn-${process.env.STAGE}`, {
  runtime: Runtime.NODEJS_20_X, handler: 'index.handler', code: Code.fromAsset('third'),
});
",
        ),
    ]);
    let folder = |code: &CodeSource| match code {
        CodeSource::Local(path) => path.display().to_string(),
        other => format!("{other:?}"),
    };
    let found: Vec<String> = stack
        .functions
        .iter()
        .map(|function| format!("{} {} {}", function.id, folder(&function.code), function.declared.len()))
        .collect();
    assert_eq!(found, ["Handler app/first 1", "Handler-2 app/second 2", "Fn-* app/third 1"]);
}

/// Where the code of each function is.
fn codes(files: &[(&str, &'static str)]) -> Vec<String> {
    let shown = |code: &CodeSource| match code {
        CodeSource::Local(path) => path.display().to_string(),
        CodeSource::Inline(inline) => format!("{}{:?}", inline.file.text, inline.filled.values()),
        CodeSource::Image(image) => format!("image {}", image.context.as_ref().expect("a context").display()),
        CodeSource::Remote(place) => place.pattern(),
        CodeSource::Missing => "missing".to_owned(),
    };
    let functions = stack(files).functions;
    functions.iter().map(|function| format!("{} {}", function.id, shown(&function.code))).collect()
}

#[test]
fn code_of_typescript_is_found_by_computed_paths_files_and_alternatives() {
    let found = codes(&[
        ("app/cdk.json", r#"{"app": "node bin/app.js"}"#),
        ("app/package.json", "{}"),
        (
            "app/bin/app.ts",
            r"import * as cdk from 'aws-cdk-lib';
import * as fs from 'fs';
import * as path from 'path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { folder } from '../lib/shared/paths';
const stack = new cdk.Stack(new cdk.App(), 'S');
const queue = new Queue(stack, 'Jobs');
const more = { runtime: lambda.Runtime.PYTHON_3_13, handler: 'app.handler' };
new lambda.Function(stack, 'A', { ...more, code: lambda.Code.fromAsset(folder('a')) });
new lambda.Function(stack, 'B', { ...more, code: lambda.Code.fromInline(fs.readFileSync(path.join(__dirname, '..', 'src/b.py'), 'utf8')) });
new lambda.Function(stack, 'C', { ...more, code: lambda.Code.fromInline(`queue = '${queue.queueUrl}'`) });
new lambda.Function(stack, 'D', {
  ...more,
  code: process.env.CI ? lambda.Code.fromAsset('built/d') : lambda.Code.fromAsset('src/d'),
});
new lambda.CfnFunction(stack, 'E', { handler: 'app.handler', role: 'r', code: { zipFile: fs.readFileSync('src/b.py').toString() } });
",
        ),
        (
            "app/lib/shared/paths.ts",
            "import path from 'path';\nexport const folder = (name: string) => path.resolve(__dirname, '../../src', name);\n",
        ),
        ("app/src/a/app.py", ""),
        ("app/src/b.py", ""),
        ("app/src/d/app.py", ""),
    ]);
    let queue = "[Resource { id: \"Jobs\", attribute: \"Ref\" }]";
    assert_eq!(
        found,
        [
            "A app/src/a".to_owned(),
            "B app/src/b.py".to_owned(),
            format!("C queue = '${{Jobs}}'{queue}"),
            "D app/src/d".to_owned(),
            "E app/src/b.py".to_owned()
        ]
    );
}

#[test]
fn code_of_python_is_found_by_computed_paths_files_and_names() {
    let found = codes(&[
        ("app/cdk.json", r#"{"app": "python3 app.py"}"#),
        (
            "app/app.py",
            r#"import os
from pathlib import Path
from aws_cdk import App, Stack, aws_lambda as lambda_, aws_s3 as s3
stack = Stack(App(), "S")
here = Path(__file__).resolve().parent
more = {"runtime": lambda_.Runtime.PYTHON_3_13, "handler": "app.handler"}
with open("src/b.py", encoding="utf8") as file:
    code = file.read()
lambda_.Function(stack, "A", **more, code=lambda_.Code.from_asset(str(here / "src" / "a")))
lambda_.Function(stack, "B", **more, code=lambda_.InlineCode(code))
lambda_.Function(stack, "C", **more, code=lambda_.S3Code(bucket=s3.Bucket(stack, "Built"), key="c.zip"))
lambda_.Function(stack, "C2", **more, code=lambda_.S3Code(s3.Bucket.from_bucket_name(stack, "B", "built"), f"v/{os.environ['V']}/c2.zip"))
lambda_.Function(stack, "D", handler=lambda_.Handler.FROM_IMAGE, runtime=lambda_.Runtime.FROM_IMAGE,
    code=lambda_.EcrImageCode.from_asset_image(directory=os.path.join(os.path.dirname(__file__), "image")))
lambda_.Function(stack, "E", **more, code=lambda_.Code.from_inline(Path("src", "b.py").read_text()))
"#,
        ),
    ]);
    assert_eq!(
        found,
        ["A app/src/a", "B app/src/b.py", "C s3://*/c.zip", "C2 s3://*/v/*/c2.zip", "D image app/image", "E app/src/b.py"]
    );
}

/// A construct of a library that is not there, directly and as the base of a class; a class derived from the CDK's own.
const WRAPPED: &str = r"import { App, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Other, ScheduledLambda } from '@company/cdk';
class Own extends ScheduledLambda {
  constructor(scope, id, props) { super(scope, id, { runtime: Runtime.NODEJS_22_X, ...props }); }
}
class Traced extends NodejsFunction {}
const stack = new Stack(new App(), 'S');
const table = new Table(stack, 'T', { tableName: 'orders' });
new ScheduledLambda(stack, 'A', { app: 'reports', handler: 'index.main', runtime: Runtime.NODEJS_22_X, environment: { X: 'y' } });
const own = new Own(stack, 'B', { entry: 'src/b.ts', handler: 'main' });
own.addEnvironment('TABLE', table.tableName);
table.grantReadData(own);
const traced = new Traced(stack, 'C', { entry: 'src/c.ts' });
table.grantReadData(traced);
new Other(stack, 'D', { handler: own, retries: 2 });
";

#[test]
fn what_is_given_what_a_function_is_given_is_a_function() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "npx ts-node app.ts"}"#),
        ("app/app.ts", WRAPPED),
        ("app/src/b.ts", "export const main = 1;\n"),
        ("app/src/c.ts", "export const handler = 1;\n"),
    ]);
    let [b, a, c] = stack.functions.as_slice() else { panic!("{:#?}", stack.functions) };
    assert!(matches!(&a.code, CodeSource::Remote(place) if place.pattern() == "reports"), "{a:#?}");
    assert_eq!((a.handler.as_deref(), a.runtime.as_deref()), (Some("index.main"), Some("nodejs22.x")));
    assert!(a.environment.contains_key("X") && a.notes.iter().any(|note| note.message.contains("of another library")), "{a:#?}");
    assert!(matches!(&b.code, CodeSource::Local(path) if path == Path::new("app/src/b.ts")), "{b:#?}");
    assert!(b.environment.contains_key("TABLE"), "{b:#?}");
    assert!(matches!(&c.code, CodeSource::Local(path) if path == Path::new("app/src/c.ts")), "{c:#?}");
    for function in [b, c] {
        let granted = function.declared.iter().any(|policy| policy.statements.iter().any(|s| !s.actions.is_empty()));
        assert!(granted, "{function:#?}");
    }
}

#[test]
fn a_base_class_is_no_stack_of_its_own() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "npx ts-node app.ts"}"#),
        (
            "app/app.ts",
            "import { App, Stack } from 'aws-cdk-lib';\nimport { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';\n\
             abstract class Base extends Stack {\n  constructor(scope, id, props) {\n    super(scope, id, props);\n    \
             new NodejsFunction(this, 'F', { entry: `src/${props.kind}.ts` });\n  }\n}\nclass Main extends Base {}\n\
             new Main(new App(), 'Main', { kind: 'main' });\n",
        ),
        ("app/src/main.ts", "export const handler = 1;\n"),
    ]);
    let codes: Vec<_> = stack.functions.iter().map(|function| (function.id.as_str(), &function.code)).collect();
    assert!(matches!(codes.as_slice(), [("F", CodeSource::Local(path))] if path == Path::new("app/src/main.ts")), "{codes:#?}");
}

#[test]
fn the_only_stacks_name_begins_what_has_none() {
    let name = |from: &str, to: &str| {
        let application: &'static str = PYTHON[1].1.replace(from, to).leak();
        let stack = stack(&[PYTHON[0], (PYTHON[1].0, application), PYTHON[2]]);
        stack.generated_in_stack().map(|name| name.pattern())
    };
    assert_eq!(name("", "").as_deref(), Some("Main-*"));
    let long = name("'Main')", "'Main', stack_name='orders-of-the-whole-world-today')");
    assert_eq!(long.as_deref(), Some("orders-of-the-whole-worl*"));
    assert_eq!(name("app.synth", "MainStack(app, 'Second')\napp.synth"), None);
}

#[test]
fn custom_resources_reach_the_functions_that_make_them() {
    let source = r"import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Provider } from 'aws-cdk-lib/custom-resources';
const app = new cdk.App();
const stack = new cdk.Stack(app, 'Main');
const make = (id: string) => new lambda.Function(stack, id, { runtime: lambda.Runtime.PYTHON_3_12, handler: 'app.handler', code: lambda.Code.fromAsset(id) });
const direct = make('Direct');
new cdk.CustomResource(stack, 'One', { serviceToken: direct.functionArn, properties: { Bucket: 'docs' } });
const provider = new Provider(stack, 'Provider', { onEventHandler: make('Provided') });
new cdk.CustomResource(stack, 'Two', { serviceToken: provider.serviceToken, properties: { Bucket: 'logs' } });
";
    let stack = stack(&[("app/cdk.json", r#"{"app": "npx ts-node bin/app.ts"}"#), ("app/bin/app.ts", source)]);
    let bucket = |id: &str| {
        let function = stack.functions.iter().find(|function| function.id == id).expect("it is there");
        function.events.iter().map(|event| event.properties.get("Bucket").cloned()).collect::<Vec<_>>()
    };
    assert_eq!(bucket("Direct"), [Some(Arg::text("docs"))]);
    assert_eq!(bucket("Provided"), [Some(Arg::text("logs"))]);
}
