//! What code makes of the values that templates give it: through the binary.

use std::path::Path;

#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;

use project::project;
use run::leash;

/// What `leash infer` answers for a folder, on one line, notes included.
fn infer(folder: &Path, options: &[&str]) -> String {
    leash(folder, &[&["infer", ".", "--no-logs"], options].concat()).everything()
}

/// What it answers for people.
fn text(folder: &Path) -> String {
    infer(folder, &["--format", "text"])
}

#[test]
fn a_changed_parameter_is_no_longer_that_parameter() {
    let template = "Transform: AWS::Serverless-2016-10-31\nParameters:\n  Project: {Type: String, Default: shop-orders}\nResources:\n  \
                    Sets: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: sets.yaml}}\n  \
                    Scan:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: app.handler\n      \
                    Runtime: python3.13\n      CodeUri: .\n      Environment:\n        Variables:\n          \
                    PROJECT: !Ref Project\n          SET: !GetAtt Sets.Outputs.SetArn\n";
    let code = "import boto3, os\nproject = os.environ['PROJECT']\ns3 = boto3.client('s3')\ndef handler(event, context):\n    \
                boto3.client('dynamodb').scan(TableName=project.title().replace('-', '') + 'Findings')\n    \
                s3.get_object(Bucket=project.split('-')[0] + '-first', Key='k')\n    \
                s3.delete_object(Bucket=project.strip() + '-kept', Key=project.upper())\n    \
                parts = os.environ['SET'].split('/')\n    \
                boto3.client('wafv2').get_ip_set(Name='n', Scope='REGIONAL', Id=parts.pop())\n";
    let folder = project(&[("template.yaml", template), ("app.py", code)]);
    let answer = text(folder.path());
    assert!(answer.contains("table/*Findings") && answer.contains("s3:::*-first/k"), "{answer}");
    assert!(answer.contains("s3:::shop-orders-kept/*"), "what stays the same keeps its name: {answer}");
    assert!(answer.contains("what the code makes of Project"), "{answer}");
    let symbolic = infer(folder.path(), &["--format", "sam"]);
    assert!(symbolic.contains("table/*Findings") && symbolic.contains("${Project}-kept/*"), "{symbolic}");
    assert!(!symbolic.contains("Outputs.SetArn}"), "an ARN is no part of an ARN: {symbolic}");
}

#[test]
fn a_policy_is_for_one_partition() {
    let code = "import boto3, os\ndef partition(region):\n    if 'gov' in region:\n        return 'aws-us-gov'\n    return 'aws'\n\
                def handler(event, context):\n    region = os.environ['AWS_REGION']\n    \
                boto3.client('logs').list_tags_for_resource(resourceArn=f'arn:{partition(region)}:logs:{region}:1:log-group:g')\n    \
                session = boto3.Session()\n    own = session.get_partition_for_region(session.region_name)\n    \
                boto3.client('sts').assume_role(RoleArn=f'arn:{own}:iam::1:role/audit', RoleSessionName='x')\n";
    let folder = project(&[("app.py", code)]);
    let answer = text(folder.path());
    assert!(answer.contains("arn:aws:logs:*:1:log-group:g") && !answer.contains("aws-us-gov"), "{answer}");
    assert!(answer.contains("arn:aws:iam::1:role/audit"), "{answer}");
    let other = infer(folder.path(), &["--format", "text", "--partition", "aws-us-gov"]);
    assert!(other.contains("arn:aws-us-gov:logs:*:1:log-group:g") && !other.contains("arn:aws:"), "{other}");
    let symbolic = infer(folder.path(), &["--format", "sam"]);
    assert!(symbolic.contains("arn:${AWS::Partition}:logs:") && !symbolic.contains("aws-us-gov"), "{symbolic}");
}

#[test]
fn requests_signed_for_the_endpoint_of_a_template_s_resource_are_about_that() {
    let function = |name: &str, handler: &str| {
        format!(
            "  {name}: {{Type: AWS::Serverless::Function, Properties: {{Handler: app.{handler}, Runtime: python3.13, CodeUri: .}}}}\n"
        )
    };
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nGlobals:\n  Function:\n    Environment:\n      Variables:\n        \
         VECTORS: !GetAtt Vectors.CollectionEndpoint\n        DOMAIN: !GetAtt Search.DomainEndpoint\nResources:\n  \
         Vectors: {{Type: AWS::OpenSearchServerless::Collection, Properties: {{Name: vectors}}}}\n  \
         Search: {{Type: AWS::OpenSearchService::Domain, Properties: {{DomainName: search}}}}\n{}{}",
        function("Collect", "collect"),
        function("Find", "find")
    );
    let code = "import boto3, os\nfrom botocore.auth import SigV4Auth\nfrom botocore.awsrequest import AWSRequest\n\
                def collect(event, context):\n    \
                request = AWSRequest(method='PUT', url=f\"{os.environ['VECTORS']}/my-index\")\n    \
                SigV4Auth(boto3.Session().get_credentials(), 'aoss', 'eu-west-1').add_auth(request)\n\
                def find(event, context):\n    \
                request = AWSRequest(method='GET', url=f\"https://{os.environ['DOMAIN']}/my-index\")\n    \
                SigV4Auth(boto3.Session().get_credentials(), 'es', 'eu-west-1').add_auth(request)\n";
    let folder = project(&[("template.yaml", &template), ("app.py", code)]);
    let symbolic = infer(folder.path(), &["--format", "sam"]);
    assert!(symbolic.contains("Action: aoss:APIAccessAll Resource: !GetAtt Vectors.Arn"), "{symbolic}");
    assert!(symbolic.contains("Action: es:ESHttpGet Resource: !Sub \"${Search.Arn}/*\""), "{symbolic}");
    assert!(text(folder.path()).contains("es:ESHttpGet app.py:9 arn:aws:es:*:*:domain/search/*"), "{}", text(folder.path()));
}

#[test]
fn variables_that_come_from_elsewhere_may_be_any() {
    let code = "import boto3, os\ndef handler(event, context):\n    \
                boto3.client('dynamodb').scan(TableName=os.environ.get('TABLE') or 'orders')\n";
    let terraform = |variables: &str| {
        format!(
            "variable \"further\" {{}}\nresource \"aws_lambda_function\" \"f\" {{\n  function_name = \"f\"\n  handler = \"app.handler\"\n  \
             runtime = \"python3.13\"\n  filename = \"f.zip\"\n  role = \"arn:aws:iam::1:role/r\"\n  environment {{\n    variables = {variables}\n  }}\n}}\n"
        )
    };
    let serverless = |more: &str, variables: &str| {
        format!(
            "service: s\n{more}provider:\n  name: aws\n  runtime: python3.13\n  environment: {{A: b}}\nfunctions:\n  f:\n    \
             handler: f/app.handler\n    environment: {variables}\n"
        )
    };
    let all = "table/orders";
    let any = "table/*";
    for (name, text, expected) in [
        ("main.tf", terraform("{ A = \"b\" }"), all),
        ("main.tf", terraform("merge({ A = \"b\" }, var.further)"), any),
        ("serverless.yml", serverless("", "{B: c}"), all),
        ("serverless.yml", serverless("", "${ssm:/variables}"), any),
        ("serverless.yml", serverless("plugins: [serverless-dotenv-plugin]\n", "{B: c}"), any),
    ] {
        let folder = project(&[(name, text.as_str()), ("f/app.py", code)]);
        let answer = infer(folder.path(), &["--format", "text"]);
        assert!(answer.contains(expected), "{name} {text}: {answer}");
    }
}

#[test]
fn what_only_variables_that_nobody_sets_would_ask_for_is_told() {
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  App:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
                    Handler: app.handler\n      Runtime: python3.13\n      CodeUri: .\n      Environment: {Variables: {TABLE: orders}}\n";
    let code = "import boto3, os\nTOPIC = os.getenv('TOPIC', '')\ndef handler(event, context):\n    \
                boto3.client('dynamodb').scan(TableName=os.environ['TABLE'])\n    \
                if TOPIC:\n        boto3.client('sns').publish(TopicArn=TOPIC, Message='m')\n";
    let folder = project(&[("template.yaml", template), ("app.py", code)]);
    let answer = text(folder.path());
    let said = "app.py:6: sns:Publish grants nothing: the template does not set TOPIC, so the code's own default counts";
    assert!(answer.contains(said), "{answer}");
    assert!(!answer.contains("arn:aws:sns") && answer.contains("table/orders"), "{answer}");
    let set = infer(folder.path(), &["--format", "text", "--env", "TOPIC=arn:aws:sns:eu-west-1:111122223333:news"]);
    assert!(set.contains("sns:Publish") && !set.contains("grants nothing"), "{set}");
}

/// A template with a function whose variables, of this code in Python and in JavaScript, are given, after other resources.
fn with_variables(before: &str, variables: &str) -> String {
    let function = |id: &str, runtime: &str, handler: &str| {
        format!(
            "  {id}: {{Type: AWS::Serverless::Function, Properties: {{Runtime: {runtime}, Handler: {handler}, CodeUri: ., \
             Environment: {{Variables: {{{variables}}}}}}}}}\n"
        )
    };
    let functions = function("Py", "python3.13", "app.handler") + &function("Js", "nodejs22.x", "index.handler");
    format!("Transform: AWS::Serverless-2016-10-31\n{before}{functions}")
}

#[test]
fn what_a_parameter_gives_is_there_so_no_fallback_counts() {
    let python = "import boto3, os\ntable = boto3.resource('dynamodb').Table(os.environ.get('T') or 'own-' + os.environ['STAGE'])\n\
                  def handler(event, context):\n    table.get_item(Key={'id': 1})\n    if os.environ.get('T'):\n        return\n    \
                  boto3.client('sns').publish(TopicArn='arn:aws:sns:eu-west-1:1:none', Message='m')\n";
    let javascript = "const { DynamoDBClient, GetItemCommand } = require('@aws-sdk/client-dynamodb');\n\
                      const TableName = process.env.T || `own-${process.env.STAGE}`;\n\
                      exports.handler = () => new DynamoDBClient({}).send(new GetItemCommand({ TableName, Key: {} }));\n";
    let answer = |parameter: &str, value: &str| {
        let before = format!("Parameters:\n  Stage: {{Type: String}}\n  Table: {{Type: String{parameter}}}\nResources:\n");
        let template = with_variables(&before, &format!("STAGE: !Ref Stage, T: {value}"));
        text(project(&[("template.yaml", &template), ("app.py", python), ("index.js", javascript)]).path())
    };
    let only = |answer: &str, name: &str| answer.matches(name).count() == 2 && !answer.contains("own-");
    assert!(only(&answer("", "!Ref Table"), "table/${Table}"));
    assert!(only(&answer(", Default: orders", "!Ref Table"), "table/orders"));
    assert!(only(&answer("", "!ImportValue the-table"), "table/${ImportValue the-table}"));
    for may_be_empty in [", Default: ''", ", AllowedValues: ['', orders]"] {
        assert!(answer(may_be_empty, "!Ref Table").contains("table/own-${Stage}"), "{may_be_empty}");
    }
    assert!(answer("", "!Ref Table").contains("sns:Publish"), "flags are parameters, too, and decide no way");
}

#[test]
fn a_value_that_is_yet_to_be_put_decides_nothing() {
    let code = "import boto3, os\ndef handler(event, context):\n    queue = os.environ.get('QUEUE')\n    \
                if not queue or queue == 'PLACEHOLDER_QUEUE':\n        raise ValueError()\n    \
                boto3.client('sqs').send_message(QueueUrl=queue, MessageBody='m')\n";
    let javascript = "const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');\nexports.handler = async () => {\n  \
                      const QueueUrl = process.env.QUEUE;\n  if (QueueUrl === 'PLACEHOLDER_QUEUE') return;\n  \
                      await new SQSClient({}).send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));\n};\n";
    for value in ["PLACEHOLDER_QUEUE", "'<queue-url>'", "replace-me", "change_me"] {
        let template = with_variables("Resources:\n", &format!("QUEUE: {value}"));
        let answer = text(project(&[("template.yaml", &template), ("app.py", code), ("index.js", javascript)]).path());
        assert_eq!(answer.matches("sqs:SendMessage app.py:6 arn:aws:sqs:*:*:*").count(), 1, "{value}: {answer}");
        assert!(answer.contains("sqs:SendMessage index.js:5 arn:aws:sqs:*:*:*"), "{value}: {answer}");
        assert!(answer.contains("the environment variable QUEUE, whose value is not known"), "{answer}");
    }
    let template = with_variables("Resources:\n", "QUEUE: todo-list");
    let answer = text(project(&[("template.yaml", &template), ("app.py", code), ("index.js", javascript)]).path());
    assert_eq!(answer.matches(":todo-list").count(), 2, "that is a name: {answer}");
}

#[test]
fn a_parameter_without_a_default_is_one_of_those_that_are_allowed() {
    let code = "import boto3, os\ndef handler(event, context):\n    boto3.client('dynamodb').get_item(TableName=os.environ['T'], Key={})\n";
    let answer = |parameter: &str, format: &str| {
        let before = format!("Parameters:\n  Stage: {{Type: String{parameter}}}\nResources:\n");
        let template = with_variables(&before, "T: !Sub 'orders-${Stage}'");
        let index = "exports.handler = async () => null;\n";
        let folder = project(&[("template.yaml", &template), ("app.py", code), ("index.js", index)]);
        infer(folder.path(), &["--format", format])
    };
    let listed = answer(", AllowedValues: [dev, prod]", "json");
    assert!(listed.contains("table/orders-dev\"") && listed.contains("table/orders-prod\""), "{listed}");
    assert!(!listed.contains("only the deployment knows"), "{listed}");
    assert!(answer(", AllowedValues: [dev, prod]", "text").contains("table/orders-${Stage}"));
    let by_default = answer(", AllowedValues: [dev, prod], Default: dev", "json");
    assert!(by_default.contains("table/orders-dev\"") && !by_default.contains("prod"), "{by_default}");
    assert!(answer("", "json").contains("table/orders-*"));
}

#[test]
fn a_name_that_the_code_is_yet_to_be_given_is_none() {
    let python = "import boto3\nBUCKET = '<Your S3 Bucket>'\ns3 = boto3.client('s3')\ndef handler(event, context):\n    \
                  s3.get_object(Bucket=BUCKET, Key='a/b.json')\n    \
                  boto3.client('dynamodb').batch_get_item(RequestItems={'YOUR_TABLE': {'Keys': []}})\n    \
                  boto3.client('sns').publish(TopicArn='arn:aws:sns:eu-west-1:<ACCOUNT>:alerts', Message='<b>')\n";
    let javascript = "const { S3 } = require('@aws-sdk/client-s3');\nconst { Bucket } = require('./names');\n\
                      exports.handler = async () => {\n  await new S3({}).putObject({ Bucket, Key: 'k', Body: 'TODO' });\n};\n";
    let names = "exports.Bucket = 'CHANGE_ME';\n";
    let folder = project(&[("app.py", python), ("index.js", javascript), ("names.js", names)]);
    let answer = infer(folder.path(), &["--format", "text", "-v"]);
    for known in [
        "s3:GetObject app.py:5 arn:aws:s3:::*/a/b.json",
        "dynamodb:BatchGetItem app.py:6 arn:aws:dynamodb:*:*:table/*",
        "sns:Publish app.py:7 arn:aws:sns:eu-west-1:*:alerts",
        "s3:PutObject index.js:4 arn:aws:s3:::*/k",
        "(`<Your S3 Bucket>` is a placeholder, app.py:2, to be replaced by the name)",
        "(`YOUR_TABLE` is a placeholder, app.py:6, to be replaced by the name)",
        "(`CHANGE_ME` is a placeholder, names.js:1, to be replaced by the name)",
    ] {
        assert!(answer.contains(known), "{known}: {answer}");
    }
    let declared = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Files: {Type: AWS::S3::Bucket, Properties: {BucketName: your-files}}\n  \
                    F: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler, Runtime: python3.13, CodeUri: .}}\n";
    let code = "import boto3\ndef handler(event, context):\n    boto3.client('s3').get_object(Bucket='your-files', Key='k')\n";
    let answer = text(project(&[("template.yaml", declared), ("app.py", code)]).path());
    assert!(answer.contains("s3:::your-files/k"), "the template calls it so: {answer}");
}

#[test]
fn parts_of_a_template_s_arn_are_names() {
    let resources = "Resources:\n  Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}\n  \
                     Carts: {Type: AWS::DynamoDB::Table}\n  Files: {Type: AWS::S3::Bucket, Properties: {BucketName: files}}\n";
    let variables =
        "ORDERS: !GetAtt Orders.Arn, CARTS: !GetAtt Carts.Arn, FILES: !GetAtt Files.Arn, HOST: !GetAtt Files.DomainName";
    let python = "import boto3, os\ndef handler(event, context):\n    get = boto3.client('dynamodb').get_item\n    \
                  get(TableName=os.environ['ORDERS'].split('/')[-1], Key={})\n    \
                  get(TableName=os.environ['CARTS'].rsplit('/', 1)[1], Key={})\n    s3 = boto3.client('s3')\n    \
                  s3.get_object(Bucket=os.environ['FILES'].split(':::')[1], Key='a')\n    \
                  s3.get_object(Bucket=os.environ['HOST'].partition('.')[0], Key='b')\n    \
                  s3.get_object(Bucket=os.environ['FILES'].split('-')[0], Key='c')\n";
    let javascript = "const { S3Client, PutObjectCommand } = require('@aws-sdk/client-s3');\nexports.handler = async () => {\n  \
                      const Bucket = process.env.FILES.split(':').pop();\n  \
                      await new S3Client({}).send(new PutObjectCommand({ Bucket, Key: 'd', Body: '' }));\n};\n";
    let template = with_variables(resources, variables);
    let folder = project(&[("template.yaml", &template), ("app.py", python), ("index.js", javascript)]);
    let answer = text(folder.path());
    for resource in ["table/orders", "table/${Carts}", "s3:::files/a", "s3:::files/b", "s3:::*/c", "s3:::files/d"] {
        assert!(answer.contains(resource), "{resource}: {answer}");
    }
}

#[test]
fn what_the_value_of_a_variable_keeps_from_being_requested_is_told() {
    let python = "import boto3, os\nqueued = os.environ.get('QUEUED', '').lower() == 'true'\ndef handler(event, context):\n    \
                  if queued:\n        boto3.client('sqs').send_message(QueueUrl=os.environ['URL'], MessageBody='m')\n    else:\n        \
                  boto3.client('sns').publish(TopicArn='arn:aws:sns:eu-west-1:123456789012:t', Message='m')\n";
    let javascript = "const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');\nexports.handler = async () => {\n  \
                      if (process.env.QUEUED !== 'true') return;\n  \
                      await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.URL, MessageBody: 'm' }));\n};\n";
    let template = with_variables("Resources:\n", "QUEUED: 'False', OTHER: x");
    let folder = project(&[("template.yaml", &template), ("app.py", python), ("index.js", javascript)]);
    let answer = text(folder.path());
    for place in ["app.py:5", "index.js:4"] {
        let said = format!("{place}: sqs:SendMessage grants nothing: the code makes it only with another value of QUEUED");
        assert_eq!(answer.matches(&said).count(), 1, "{answer}");
    }
    assert!(answer.contains("sns:Publish app.py:7") && !answer.contains("arn:aws:sqs"), "{answer}");
    let on = text(
        project(&[("template.yaml", &template.replace("False", "true")), ("index.js", javascript), ("app.py", python)]).path(),
    );
    assert!(on.contains("sns:Publish grants nothing") && on.contains("sqs:SendMessage app.py:5"), "{on}");
}

const WITH_VARIABLE: &str = "  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {CodeUri: ., Handler: app.handler, \
                             Runtime: python3.13, Environment: {Variables: {NAME: !Ref It}}}\n";

#[test]
fn a_secret_without_a_name_is_called_after_its_logical_id_alone() {
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  It: {{Type: AWS::SecretsManager::Secret}}\n{WITH_VARIABLE}"
    );
    let code = "import boto3, os\ndef handler(event, context):\n    \
                boto3.client('secretsmanager').get_secret_value(SecretId=os.environ['NAME'])\n";
    let folder = project(&[("template.yaml", &template), ("app.py", code)]);
    let answer = text(folder.path());
    assert!(answer.contains("secret:${It.Name}-??????"), "{answer}");
    let answer = infer(folder.path(), &["--format", "json"]);
    assert!(answer.contains("secret:It-*-??????"), "no stack's name goes before it: {answer}");
    let answer = infer(folder.path(), &["--format", "sam"]);
    assert!(answer.contains("Resource: !GetAtt It.Id"), "{answer}");
}

#[test]
fn the_id_of_a_stack_set_has_its_name_in_it() {
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  It:\n    Type: AWS::CloudFormation::StackSet\n    \
         Properties: {{StackSetName: spoke, PermissionModel: SELF_MANAGED}}\n{WITH_VARIABLE}"
    );
    let code = "import boto3, os\ndef handler(event, context):\n    \
                boto3.client('cloudformation').describe_stack_set(StackSetName=os.environ['NAME'])\n";
    let folder = project(&[("template.yaml", &template), ("app.py", code)]);
    for format in ["text", "json", "sam"] {
        let answer = infer(folder.path(), &["--format", format]);
        assert!(answer.contains("stackset/spoke:*") && !answer.contains("spoke:*:"), "{answer}");
    }
}

#[test]
fn an_object_in_the_place_of_a_text_is_not_sent() {
    let code = "import boto3\nclass Refused(Exception):\n    def __init__(self, why):\n        self.why = why\n\
                def role(event):\n    if len(event['account']) != 12:\n        return '', Refused('account')\n    \
                return event['account'], 'arn:aws:iam::' + event['account'] + ':role/mender'\n\
                def handler(event, context):\n    account, role_arn = role(event)\n    \
                boto3.client('sts').assume_role(RoleArn=role_arn, RoleSessionName=account)\n    \
                boto3.client('s3').list_objects_v2(Bucket={'not': 'known'})\n";
    let folder = project(&[("app.py", code)]);
    let answer = text(folder.path());
    assert!(answer.contains("arn:aws:iam::*:role/mender") && !answer.contains("role/*"), "{answer}");
    assert!(answer.contains("an object or a list where a text is expected"), "alone it stays: {answer}");
}

#[test]
fn a_name_of_the_event_that_is_asked_how_it_begins_is_still_that_of_its_source() {
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  \
                    Uploads: {Type: AWS::S3::Bucket, Properties: {BucketName: shop-uploads}}\n  \
                    Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      Handler: app.handler\n      \
                    Runtime: python3.13\n      Events:\n        \
                    A: {Type: S3, Properties: {Bucket: !Ref Uploads, Events: 's3:ObjectCreated:*'}}\n";
    let code = "import boto3\ndef handler(event, context):\n    for record in event['Records']:\n        \
                bucket = record['s3']['bucket']['name']\n        key = record['s3']['object']['key']\n        \
                if bucket.startswith('shop-') and key.startswith('in/') and key.endswith('.csv'):\n            \
                boto3.client('s3').get_object(Bucket=bucket, Key=key)\n";
    let folder = project(&[("template.yaml", template), ("app.py", code)]);
    let answer = infer(folder.path(), &["--format", "json"]);
    assert!(answer.contains("s3:::shop-uploads/in/*.csv"), "{answer}");
}
