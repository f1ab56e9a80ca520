//! What applications declare in more than one step, or without a word.

use super::*;
use crate::policy::Effect;

/// An application of one file, in TypeScript.
fn typescript(text: &str) -> Stack {
    let head = "import * as cdk from 'aws-cdk-lib';\nimport * as iam from 'aws-cdk-lib/aws-iam';\n\
        import * as lambda from 'aws-cdk-lib/aws-lambda';\nconst stack = new cdk.Stack(new cdk.App(), 'S');\n\
        const code = lambda.Code.fromInline('exports.handler = 1;');\n";
    let text: &'static str = format!("{head}{text}").leak();
    stack(&[("app/cdk.json", r#"{"app": "npx ts-node app.ts"}"#), ("app/app.ts", text)])
}

/// The same in Python.
fn python(text: &str) -> Stack {
    let head = "import aws_cdk as cdk\nfrom aws_cdk import aws_iam as iam, aws_lambda as lambda_, aws_events as events\n\
        stack = cdk.Stack(cdk.App(), 'S')\ncode = lambda_.Code.from_inline('def handler(event, context): pass')\n";
    let text: &'static str = format!("{head}{text}").leak();
    stack(&[("app/cdk.json", r#"{"app": "python3 app.py"}"#), ("app/app.py", text)])
}

/// `action resource` of what is declared inline, and whether all of it could be read.
fn declared(stack: &Stack, function: &str) -> (Vec<String>, bool) {
    let found = stack.functions.iter().find(|known| known.id == function).expect("declared");
    (granted(stack, function), found.declared.iter().all(|policy| policy.notes.is_empty()))
}

#[test]
fn statements_are_what_they_are_in_the_end() {
    let stack = typescript(
        "const fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler' });\n\
         const one = new iam.PolicyStatement();\none.addActions('sqs:SendMessage', 'sqs:GetQueueUrl');\none.addAllResources();\n\
         one.addCondition('StringEquals', { 'aws:SourceAccount': '1' });\nfn.addToRolePolicy(one);\n\
         const two = new iam.PolicyStatement({ actions: ['s3:GetObject'] });\nfn.role!.addToPrincipalPolicy(two);\n\
         two.addResources('arn:aws:s3:::docs/*');\nconst document = new iam.PolicyDocument();\n\
         document.addStatements(new iam.PolicyStatement({ actions: ['ses:SendEmail'], resources: ['*'] }));\n\
         fn.role?.attachInlinePolicy(new iam.Policy(stack, 'P', { document }));\n\
         fn.addToRolePolicy(two.copy({ effect: iam.Effect.DENY }));\n",
    );
    let (granted, whole) = declared(&stack, "F");
    assert!(whole, "{:#?}", stack.functions[0].declared);
    for line in ["sqs:SendMessage *", "sqs:GetQueueUrl *", "s3:GetObject arn:aws:s3:::docs/*", "ses:SendEmail *"] {
        assert!(granted.contains(&line.to_owned()), "{line}: {granted:#?}");
    }
    let statements: Vec<_> = stack.functions[0].declared.iter().flat_map(|policy| policy.statements.iter()).collect();
    let sent = statements.iter().find(|statement| statement.actions[0] == "sqs:SendMessage").expect("declared");
    assert_eq!((sent.conditions[0].operator.as_str(), sent.conditions[0].key.as_str()), ("StringEquals", "aws:SourceAccount"));
    assert!(statements.iter().any(|statement| statement.effect == Effect::Deny));
}

#[test]
fn statements_of_one_place_are_told_apart() {
    let stack = python(
        "fn = lambda_.Function(stack, 'F', code=code, handler='index.handler')\n\
         def allow(action, resource):\n    made = iam.PolicyStatement()\n    made.add_actions(action)\n    made.add_resources(resource)\n    \
         return made\nfor name in ['a', 'b']:\n    fn.add_to_role_policy(allow('s3:GetObject', f'arn:aws:s3:::{name}/*'))\n\
         fn.add_to_role_policy(allow('ses:SendEmail', '*'))\n",
    );
    let (granted, whole) = declared(&stack, "F");
    assert!(whole);
    assert_eq!(granted, ["s3:GetObject arn:aws:s3:::a/*", "s3:GetObject arn:aws:s3:::b/*", "ses:SendEmail *"]);
}

#[test]
fn values_that_are_not_known_cost_no_grants() {
    let stack = typescript(
        "import * as s3 from 'aws-cdk-lib/aws-s3';\nconst files = new s3.Bucket(stack, 'Files', { bucketName: 'files' });\n\
         const thing = new iam.Group(stack, 'Thing');\n\
         const fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler', environment: { X: thing.unheardOf },\n  \
         bundling: { commandHooks: { beforeBundling: () => [] } } });\nfiles.grantRead(fn);\n",
    );
    assert!(granted(&stack, "F").iter().any(|line| line.starts_with("s3:GetObject* ")), "{:#?}", stack.functions);
}

#[test]
fn functions_of_classes_grant_on_their_instances() {
    let stack = python(
        "fn = lambda_.Function(stack, 'F', code=code, handler='index.handler')\n\
         events.EventBus(stack, 'Bus').grant_all_put_events(fn)\n",
    );
    assert_eq!(granted(&stack, "F"), ["events:PutEvents *"]);
}

#[test]
fn some_constructs_grant_without_being_asked() {
    let stack = typescript(
        "import * as actions from 'aws-cdk-lib/aws-codepipeline-actions';\nimport * as secrets from 'aws-cdk-lib/aws-secretsmanager';\n\
         import * as destinations from 'aws-cdk-lib/aws-lambda-destinations';\nimport * as sqs from 'aws-cdk-lib/aws-sqs';\n\
         const fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler' });\n\
         new actions.LambdaInvokeAction({ actionName: 'Run', lambda: fn });\nconst secret = new secrets.Secret(stack, 'Secret');\n\
         secret.addRotationSchedule('Rotation', { rotationLambda: fn });\n\
         fn.configureAsyncInvoke({ onFailure: new destinations.SqsDestination(new sqs.Queue(stack, 'Dead')) });\n",
    );
    let (granted, _) = declared(&stack, "F");
    let secret = format!("secretsmanager:PutSecretValue {}", reference("Secret", "Ref").pattern());
    let lines = ["codepipeline:PutJobSuccessResult *", "secretsmanager:GetRandomPassword *", &secret, "sqs:SendMessage *"];
    for line in lines {
        assert!(granted.contains(&line.to_owned()), "{line}: {granted:#?}");
    }
    assert!(stack.functions[0].settings.iter().any(|setting| setting.kind == SettingKind::OnFailure));
}

#[test]
fn constructs_make_others_by_methods_and_in_properties() {
    let stack = typescript(
        "import * as rds from 'aws-cdk-lib/aws-rds';\nimport * as cognito from 'aws-cdk-lib/aws-cognito';\n\
         const db = new rds.DatabaseCluster(stack, 'Db', { engine: x, vpc: y });\nconst pool = new cognito.UserPool(stack, 'Pool');\n\
         const client = pool.addClient('Web', {});\nconst fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler',\n  \
         environment: { SECRET: db.secret?.secretArn || '', CLIENT: client.userPoolClientId } });\ndb.secret?.grantRead(fn);\n",
    );
    let environment = &stack.functions[0].environment;
    assert!(environment["SECRET"].values.contains(&reference("Db.secret", "Ref")), "{environment:#?}");
    assert_eq!(environment["CLIENT"].values, [reference("Web", "Ref")]);
    assert_eq!(stack.resources["Db.secret"].kind, "AWS::SecretsManager::Secret");
    assert_eq!(stack.resources["Web"].kind, "AWS::Cognito::UserPoolClient");
    assert!(granted(&stack, "F").iter().any(|line| line.starts_with("secretsmanager:GetSecretValue ")));
}

#[test]
fn low_level_constructs_are_resources_with_their_properties() {
    let stack = typescript(
        "import * as vectors from 'aws-cdk-lib/aws-s3vectors';\nimport * as secrets from 'aws-cdk-lib/aws-secretsmanager';\n\
         const bucket = new vectors.CfnVectorBucket(stack, 'Vectors', { vectorBucketName: 'docs' });\n\
         const secret = new secrets.CfnSecret(stack, 'Secret', { name: 'db' });\n\
         const table = new cdk.CfnResource(stack, 'Table', { type: 'AWS::DynamoDB::Table', properties: { TableName: 'orders' } });\n\
         const fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler',\n  \
         environment: { BUCKET: bucket.vectorBucketName!, SECRET: secret.attrId, TABLE: table.ref } });\n",
    );
    let value = |name: &str| stack.functions[0].environment[name].values[0].clone();
    assert_eq!(value("BUCKET"), Text::literal("docs"));
    assert_eq!((value("SECRET"), value("TABLE")), (reference("Secret", "Id"), reference("Table", "Ref")));
    assert_eq!(stack.resources["Secret"].kind, "AWS::SecretsManager::Secret");
    let name = |id: &str| stack.resolve_attribute(id, "Ref").and_then(|resource| resource.name);
    assert_eq!((name("Secret"), name("Table")), (Some(Text::literal("db")), Some(Text::literal("orders"))));
}

#[test]
fn properties_of_resources_are_overridden() {
    let stack = typescript(
        "const fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler' });\n\
         const child = fn.node.defaultChild as lambda.CfnFunction;\n\
         child.addOverride('Properties.DurableConfig', { ExecutionTimeout: 900 });\n\
         child.addPropertyOverride('Environment.Variables.BUCKET', 'reports');\n",
    );
    let function = &stack.functions[0];
    assert_eq!(function.settings[0].kind, SettingKind::Durable);
    assert_eq!(function.environment["BUCKET"].values, [Text::literal("reports")]);
}

#[test]
fn what_is_imported_by_its_arn_has_its_name() {
    let stack = typescript(
        "import * as sqs from 'aws-cdk-lib/aws-sqs';\nconst arn = 'arn:aws:sqs:eu-west-1:123456789012:jobs';\n\
         const queue = sqs.Queue.fromQueueArn(stack, 'Q', arn);\n\
         const fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler', environment: { URL: queue.queueUrl } });\n\
         queue.grantSendMessages(fn);\n",
    );
    assert_eq!(stack.resolve_attribute("Q", "Ref").and_then(|queue| queue.name), Some(Text::literal("jobs")));
    let line = "sqs:SendMessage arn:aws:sqs:eu-west-1:123456789012:jobs".to_owned();
    assert!(granted(&stack, "F").contains(&line), "{:#?}", granted(&stack, "F"));
}

#[test]
fn functions_of_sam_have_their_policies() {
    let stack = typescript(
        "import * as sam from 'aws-cdk-lib/aws-sam';\nnew sam.CfnFunction(stack, 'F', { handler: 'index.handler', codeUri: 'src/', policies: [\n  \
         'AWSLambdaExecute',\n  { statement: { Effect: 'Allow', Action: 'ses:SendEmail', Resource: '*' } },\n  \
         { version: '2012-10-17', statement: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: '*' }] },\n  \
         { dynamoDbCrudPolicy: { tableName: 'orders' } },\n] });\n",
    );
    assert_eq!(granted(&stack, "F"), ["ses:SendEmail *", "s3:GetObject *"]);
    let sources: Vec<_> = stack.functions[0].declared.iter().map(|policy| &policy.source).collect();
    assert!(sources.contains(&&PolicySource::Managed("AWSLambdaExecute".into())), "{sources:#?}");
    let parameters = [("TableName".into(), Arg::text("orders"))].into();
    assert!(sources.contains(&&PolicySource::SamTemplate { name: "DynamoDbCrudPolicy".into(), parameters }), "{sources:#?}");
}

#[test]
fn shared_constructs_make_a_function_each_time() {
    let many: String = (0..60).map(|at| format!("new Own(stack, 'S{at}', {{ entry: 'src/f{at}.ts' }});\n")).collect();
    let stack = typescript(&format!(
        "import {{ NodejsFunction }} from 'aws-cdk-lib/aws-lambda-nodejs';\nclass Own extends cdk.NestedStack {{\n  \
         constructor(scope, id, props) {{\n    super(scope, id);\n    new NodejsFunction(this, 'F', {{ ...props }});\n  }}\n}}\n\
         new Own(stack, 'First', {{ entry: 'src/a.ts', handler: 'handler' }});\n{many}"
    ));
    assert_eq!(stack.functions.len(), 61);
}

#[test]
fn code_in_buckets_has_its_key() {
    let stack = python(
        "from aws_cdk import aws_s3 as s3\nbucket = s3.Bucket.from_bucket_name(stack, 'Code', 'code-bucket')\n\
         lambda_.Function(stack, 'F', code=lambda_.Code.from_bucket(bucket, 'lambdas/score.zip'), handler='main.handler')\n",
    );
    assert!(matches!(&stack.functions[0].code, CodeSource::Remote(place) if place.pattern() == "s3://*/lambdas/score.zip"));
}

#[test]
fn arns_are_put_together() {
    let stack = typescript(
        "import * as apigateway from 'aws-cdk-lib/aws-apigateway';\nclass Main extends cdk.Stack {\n  constructor(scope, id) {\n    \
         super(scope, id);\n    const api = new apigateway.RestApi(this, 'Api');\n    \
         const fn = new lambda.Function(this, 'F', { code, handler: 'index.handler' });\n    \
         fn.addToRolePolicy(new iam.PolicyStatement({ actions: ['ses:SendEmail'], resources: [\n      \
         this.formatArn({ service: 'ses', resource: 'identity', resourceName: 'example.com' }),\n      \
         cdk.Stack.of(this).formatArn({ service: 'ssm', account: '', region: process.env.CDK_DEFAULT_REGION, resource: 'a', resourceName: 'b', \
         arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME }),\n      api.arnForExecuteApi('GET', '/x', 'prod') ] }));\n  }\n}\n\
         new Main(new cdk.App(), 'M');\n",
    );
    let lines = ["ses:SendEmail arn:*:ses:*:*:identity/example.com arn:*:ssm:*::a:b arn:*:execute-api:*:*:*/prod/GET/x"];
    assert_eq!(granted(&stack, "F"), lines);
}

#[test]
fn an_action_that_cannot_be_read_is_not_every_action() {
    let stack = typescript(
        "import { Kinesis } from 'cdk-iam-actions/lib/actions';\nimport { unheard } from 'unheard';\n\
         new lambda.Function(stack, 'F', { code, handler: 'index.handler', initialPolicy: [new iam.PolicyStatement({\n\
         actions: [unheard.READ, Kinesis.GET_RECORDS], resources: ['arn:aws:kinesis:*:*:stream/s'] })] });\n",
    );
    let (granted, whole) = declared(&stack, "F");
    assert_eq!(granted, ["kinesis:GetRecords arn:aws:kinesis:*:*:stream/s"]);
    assert!(!whole);
}

#[test]
fn nothing_is_made_in_the_place_of_a_construct_that_is_given() {
    let stack = typescript(
        "const make = (id: string) => new lambda.Function(stack, id, { code, handler: 'index.handler' });\n\
         const given = make('Given');\nconst all = [given ? given : make('A'), given ?? make('B'), given || make('C')];\n\
         const found = stack.node.tryFindChild('D') ?? make('D');\n",
    );
    let ids: Vec<&str> = stack.functions.iter().map(|function| function.id.as_str()).collect();
    assert_eq!(ids, ["D", "Given"]);
}

#[test]
fn what_has_one_id_in_two_stacks_is_told_apart() {
    let source = |name: &str, table: &str| {
        format!(
            "class {name} extends cdk.Stack {{ constructor(scope, id, stage) {{ super(scope, id);\n\
             const fn = new lambda.Function(this, 'F{name}', {{ code, handler: 'index.handler' }});\n\
             const queue = new sqs.Queue(this, 'Queue', {{ queueName: '{table}' }});\n\
             fn.addToRolePolicy(new iam.PolicyStatement({{ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }})); }} }}\n"
        )
    };
    let text = format!(
        "import * as sqs from 'aws-cdk-lib/aws-sqs';\n{}{}const app = new cdk.App();\n\
         new A(app, 'DevA'); new A(app, 'ProdA'); new B(app, 'B');\n",
        source("A", "a"),
        source("B", "b")
    );
    let stack = typescript(&text);
    let queues: Vec<&str> = stack.resources.keys().map(SmolStr::as_str).filter(|id| id.starts_with("Queue")).collect();
    assert_eq!(queues, ["Queue", "Queue-2"]);
    let sent_to = |function: &str| {
        let found = stack.functions.iter().find(|known| known.id == function).expect("declared");
        let statements = found.declared.iter().flat_map(|policy| policy.statements.iter());
        let mut all: Vec<Text> = statements.flat_map(|statement| statement.resources.clone()).collect();
        all.dedup();
        all
    };
    assert_eq!(sent_to("FA"), [reference("Queue", "Arn")]);
    assert_eq!(sent_to("FB"), [reference("Queue-2", "Arn")]);
}

#[test]
fn the_stacks_of_a_python_application_are_told_apart() {
    let class = |name: &str, queue: &str| {
        format!(
            "class {name}(cdk.Stack):\n    def __init__(self, scope, construct_id, **kwargs):\n        \
             super().__init__(scope, construct_id, **kwargs)\n        \
             self.queue = sqs.Queue(self, 'Queue', queue_name='{queue}')\n"
        )
    };
    let text = format!(
        "from aws_cdk import aws_sqs as sqs\n{}{}app = cdk.App()\nA(app, 'A')\nB(app, 'B')\n",
        class("A", "a"),
        class("B", "b")
    );
    let stack = python(&text);
    let queues: Vec<&str> = stack.resources.keys().map(SmolStr::as_str).filter(|id| id.starts_with("Queue")).collect();
    assert_eq!(queues, ["Queue", "Queue-2"]);
}

#[test]
fn rules_say_what_their_targets_get() {
    let stack = typescript(
        "import { aws_events as events, aws_events_targets as targets, aws_s3 as s3 } from 'aws-cdk-lib';\n\
         const fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler' });\nconst inbox = new s3.Bucket(stack, 'Inbox');\n\
         const rule = new events.Rule(stack, 'R', { eventPattern: { detailType: ['Object Created'], \
         detail: { bucket: { name: [inbox.bucketName] } } } });\nrule.addTarget(new targets.LambdaFunction(fn));\n\
         new events.Rule(stack, 'T', { schedule: events.Schedule.rate(cdk.Duration.hours(1)), targets: [new targets.LambdaFunction(fn, \
         { event: events.RuleTargetInput.fromObject({ job: 'sweep' }) })] });\n",
    );
    let at = |event: &crate::iac::EventSource, path: &[&str]| {
        let mut value = Some(&Arg::Map(event.properties.clone())).cloned();
        for part in path {
            value = value.and_then(|value| value.as_map()?.get(part).cloned());
        }
        value
    };
    let [matched, timed] = stack.functions[0].events.as_slice() else { panic!("{:#?}", stack.functions[0].events) };
    let names = at(matched, &["EventPattern", "detail", "bucket", "name"]);
    let Some(Arg::List { items, .. }) = names else { panic!("{matched:#?}") };
    assert_eq!(items[0].as_text(), Some(reference("Inbox", "Ref")));
    assert!(at(matched, &["EventPattern", "detail-type"]).is_some());
    assert_eq!(at(timed, &["Input", "job"]), Some(Arg::text("sweep")));
}

#[test]
fn rules_of_python_applications_say_the_same() {
    let stack = python(
        "from aws_cdk import aws_events_targets as targets\n\
         fn = lambda_.Function(stack, 'F', code=code, handler='index.handler')\n\
         rule = events.Rule(stack, 'R', event_pattern=events.EventPattern(detail_type=['Made'], detail={'table': ['orders']}))\n\
         rule.add_target(targets.LambdaFunction(fn))\n",
    );
    let pattern = stack.functions[0].events[0].properties.get("EventPattern").and_then(Arg::as_map).expect("a pattern");
    assert!(pattern.get("detail-type").is_some() && pattern.get("detail").is_some_and(|detail| detail.as_map().is_some()));
}

#[test]
fn roles_and_policies_are_read_where_they_are_generated_from_types() {
    let stack = typescript(
        "const allow = (action: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [action], Resource: '*' }] });\n\
         const role = new iam.CfnRole(stack, 'Role', { assumeRolePolicyDocument: {}, \
         managedPolicyArns: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'], \
         policies: [{ policyName: 'own', policyDocument: allow('ses:SendEmail') }] });\n\
         new iam.CfnPolicy(stack, 'P', { policyName: 'p', policyDocument: allow('sqs:SendMessage'), roles: [role.ref] });\n\
         new lambda.CfnFunction(stack, 'F', { code: { zipFile: 'exports.handler = 1' }, handler: 'index.handler', role: role.attrArn });\n",
    );
    assert_eq!(stack.functions[0].role, crate::iac::RoleRef::Declared("Role".into()));
    let (granted, whole) = declared(&stack, "F");
    assert_eq!((granted, whole), (vec!["ses:SendEmail *".to_owned(), "sqs:SendMessage *".to_owned()], true));
    let managed = |policy: &crate::iac::DeclaredPolicy| policy.source == PolicySource::Managed("AmazonS3ReadOnlyAccess".into());
    assert!(stack.functions[0].declared.iter().any(managed));
}

#[test]
fn a_derived_event_source_is_one_and_a_mapping_knows_what_it_polls() {
    let stack = typescript(
        "import { aws_kinesis as kinesis, aws_lambda_event_sources as sources } from 'aws-cdk-lib';\n\
         class Clicks extends sources.KinesisEventSource {\n  \
         constructor(stream: kinesis.IStream) { super(stream, { startingPosition: lambda.StartingPosition.LATEST }); }\n}\n\
         const stream = new kinesis.Stream(stack, 'Stream', { streamName: 'clicks' });\n\
         new lambda.Function(stack, 'F', { code, handler: 'index.handler' }).addEventSource(new Clicks(stream));\n\
         const consumer = new kinesis.CfnStreamConsumer(stack, 'Con', { consumerName: 'c', streamArn: stream.streamArn });\n\
         const fan = new lambda.Function(stack, 'Fan', { code, handler: 'index.handler' });\n\
         new lambda.EventSourceMapping(stack, 'Map', { eventSourceArn: consumer.attrConsumerArn, target: fan });\n",
    );
    let kinds: Vec<_> = stack.functions.iter().flat_map(|function| &function.events).map(|event| event.kind.clone()).collect();
    assert_eq!(kinds, [crate::iac::EventKind::Kinesis, crate::iac::EventKind::Kinesis]);
}

#[test]
fn properties_that_are_set_later_count() {
    let stack = typescript(
        "const fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler' });\n\
         const one = new iam.PolicyStatement({ actions: ['s3:DeleteObject'], resources: ['*'] });\none.effect = iam.Effect.DENY;\n\
         fn.addToRolePolicy(one);\n(fn.node.defaultChild as lambda.CfnFunction).handler = 'other.handler';\n\
         const role = new iam.CfnRole(stack, 'R', { assumeRolePolicyDocument: {} });\n\
         role.policies = [{ policyName: 'p', policyDocument: { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }] } }];\n\
         new lambda.CfnFunction(stack, 'Low', { code: { zipFile: 'exports.handler = 1;' }, handler: 'index.handler', role: role.attrArn });\n",
    );
    let denied = stack.functions[0].declared.iter().flat_map(|policy| policy.statements.iter());
    assert!(denied.clone().any(|one| one.effect == Effect::Deny && one.actions == ["s3:DeleteObject"]));
    assert_eq!(stack.functions[0].handler.as_deref(), Some("other.handler"));
    assert_eq!(declared(&stack, "Low"), (vec!["sqs:SendMessage *".to_owned()], true));
}

#[test]
fn grants_on_what_nothing_makes_name_their_actions() {
    let stack = typescript(
        "import { tables } from '@company/tables';\nconst fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler' });\n\
         class Api {\n  constructor(props: { queue: any, secretBucket: any, thing: any }) {\n    \
         props.queue.grantSendMessages(fn);\n    props.secretBucket.grantDelete(fn);\n    props.thing.grantRead(fn);\n    \
         props.thing.grant(fn, 'dynamodb:GetItem');\n    props.thing.use(fn);\n  }\n}\n\
         tables(stack).orders.grants.writeData(fn);\n",
    );
    let lines = granted(&stack, "F");
    for line in ["sqs:SendMessage *", "s3:DeleteObject* */*", "dynamodb:GetItem *", "dynamodb:PutItem * */index/*"] {
        assert!(lines.contains(&line.to_owned()), "{line}: {lines:#?}");
    }
    assert!(!lines.iter().any(|line| line.starts_with("s3:GetObject")), "{lines:#?}");
    let unknown = stack.functions[0].declared.iter().filter(|policy| policy.statements.is_empty());
    let unknown: Vec<_> = unknown.filter(|policy| matches!(policy.source, PolicySource::Grant { .. })).collect();
    assert_eq!(unknown.len(), 1, "what `grantRead` grants depends on what it is called on");
}

#[test]
fn types_tell_what_a_grant_is_on() {
    let stack = python(
        "from aws_cdk import aws_s3 as s3\nfn = lambda_.Function(stack, 'F', code=code, handler='index.handler')\n\
         def connect(source: s3.IBucket):\n    source.grant_read(fn)\n",
    );
    assert!(declared(&stack, "F").0.iter().any(|line| line == "s3:GetObject* * */*"), "{:#?}", declared(&stack, "F"));
    let stack = python(
        "from aws_cdk import aws_kms as kms, aws_sqs as sqs\n\
         def make(key: kms.IKey, dead: sqs.IQueue):\n    lambda_.Function(stack, 'F', code=code, handler='index.handler',\n        \
         environment_encryption=key, dead_letter_queue=dead)\n",
    );
    let kinds: Vec<SettingKind> = stack.functions[0].settings.iter().map(|setting| setting.kind).collect();
    assert_eq!(kinds, [SettingKind::DeadLetter, SettingKind::KmsKey], "whichever they are");
    assert!(declared(&stack, "F").0.iter().any(|line| line == "sqs:SendMessage *"), "{:#?}", declared(&stack, "F"));
}

#[test]
fn schedules_pipes_and_tasks_say_what_they_send() {
    let stack = typescript(
        "import * as events from 'aws-cdk-lib/aws-events';\nimport * as scheduler from 'aws-cdk-lib/aws-scheduler';\n\
         import * as targets from 'aws-cdk-lib/aws-scheduler-targets';\nimport * as pipes from 'aws-cdk-lib/aws-pipes';\n\
         import * as sfn from 'aws-cdk-lib/aws-stepfunctions';\nimport * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';\n\
         const fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler' });\n\
         new events.CfnRule(stack, 'R', { scheduleExpression: 'rate(1 day)', targets: [{ id: 'a', arn: fn.functionArn, input: '{\"b\": \"1\"}' }] });\n\
         new scheduler.CfnSchedule(stack, 'L', { target: { arn: fn.functionArn, input: '{\"b\": \"2\"}' } });\n\
         new scheduler.Schedule(stack, 'S', { target: new targets.LambdaInvoke(fn, { input: scheduler.ScheduleTargetInput.fromObject({ b: '3' }) }) });\n\
         new pipes.CfnPipe(stack, 'P', { source: 'x', target: fn.functionArn, targetParameters: { inputTemplate: '{\"b\": \"4\"}' } });\n\
         new tasks.LambdaInvoke(stack, 'T', { lambdaFunction: fn, payload: sfn.TaskInput.fromObject({ b: '5' }) });\n\
         new sfn.CfnStateMachine(stack, 'M', { definitionString: JSON.stringify({ States: { A: { Type: 'Task', Resource: fn.functionArn, Parameters: { b: '6' } } } }) });\n",
    );
    let kinds: Vec<&str> = stack.functions[0]
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Push(kind) => Some(kind.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, ["eventbridgerule", "schedulev2", "schedulev2", "pipes", "stepfunctions", "stepfunctions"]);
    let told = |at: usize, name: &str| stack.functions[0].events[at].properties.get(name).cloned();
    assert_eq!(told(0, "Input"), Some(Arg::text("{\"b\": \"1\"}")));
    for (at, name, value) in [(2, "Input", "3"), (4, "Input", "5"), (5, "Input", "6")] {
        let Some(Arg::Map(map)) = told(at, name) else { panic!("{at}: {:?}", stack.functions[0].events[at]) };
        assert_eq!(map.get("b"), Some(&Arg::text(value)));
    }
}

#[test]
fn aliases_and_versions_are_their_function() {
    let stack = typescript(
        "import { Queue } from 'aws-cdk-lib/aws-sqs';\nimport { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';\n\
         const queue = new Queue(stack, 'Jobs');\n\
         const fn = new lambda.Function(stack, 'F', { code, handler: 'index.handler' });\n\
         const other = new lambda.Function(stack, 'G', { code, handler: 'index.handler' });\n\
         const live = new lambda.Alias(stack, 'Live', { aliasName: 'live', version: fn.currentVersion });\n\
         const fixed = new lambda.Version(stack, 'V', { lambda: fn });\n\
         const old = new lambda.Alias(stack, 'Old', { aliasName: 'old', version: fixed });\n\
         const allow = (action: string) => new iam.PolicyStatement({ actions: [action], resources: ['*'] });\n\
         live.addToRolePolicy(allow('ses:SendEmail'));\nlive.addEventSource(new SqsEventSource(queue));\n\
         live.role?.attachInlinePolicy(new iam.Policy(stack, 'P', { statements: [allow('sns:Publish')] }));\n\
         old.lambda.addToRolePolicy(allow('ses:ListIdentities'));\nfn.latestVersion.addToRolePolicy(allow('sns:ListTopics'));\n",
    );
    let (granted, whole) = declared(&stack, "F");
    assert!(whole, "{:#?}", stack.functions[0].declared);
    for action in ["ses:SendEmail", "sns:Publish", "ses:ListIdentities", "sns:ListTopics"] {
        assert!(granted.contains(&format!("{action} *")), "{action}: {granted:#?}");
    }
    assert!(stack.functions[0].events.iter().any(|event| event.kind == EventKind::Sqs));
    assert!(declared(&stack, "G").0.is_empty() && stack.functions[1].events.is_empty(), "that is another one");
}

#[test]
fn aliases_of_a_python_application_are_their_function_too() {
    let stack = python(
        "fn = lambda_.Function(stack, 'F', code=code, handler='index.handler')\n\
         live = lambda_.Alias(stack, 'Live', alias_name='live', version=fn.current_version)\n\
         live.add_to_role_policy(iam.PolicyStatement(actions=['ses:SendEmail'], resources=['*']))\n\
         fn.add_alias('next').add_to_role_policy(iam.PolicyStatement(actions=['sns:ListTopics'], resources=['*']))\n",
    );
    assert_eq!(declared(&stack, "F"), (vec!["ses:SendEmail *".to_owned(), "sns:ListTopics *".to_owned()], true));
}

#[test]
fn roles_may_be_lazy_and_their_policies_a_list() {
    let lazy = typescript(
        "const role = new iam.LazyRole(stack, 'R', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });\n\
         role.addToPolicy(new iam.PolicyStatement({ actions: ['ses:SendEmail'], resources: ['*'] }));\n\
         new lambda.Function(stack, 'F', { code, handler: 'index.handler', role });\n",
    );
    assert_eq!(declared(&lazy, "F"), (vec!["ses:SendEmail *".to_owned()], true));
    let listed = python(
        "def document(action):\n    return iam.PolicyDocument(statements=[iam.PolicyStatement(actions=[action], resources=['*'])])\n\
         role = iam.Role(stack, 'R', assumed_by=iam.ServicePrincipal('lambda.amazonaws.com'),\n    \
         inline_policies=[document('ses:SendEmail'), document('sns:ListTopics')])\n\
         lambda_.Function(stack, 'F', code=code, handler='index.handler', role=role)\n",
    );
    assert_eq!(declared(&listed, "F"), (vec!["ses:SendEmail *".to_owned(), "sns:ListTopics *".to_owned()], true));
}

#[test]
fn functions_kept_by_name_in_a_loop_have_their_grants() {
    let script = typescript(
        "import * as s3 from 'aws-cdk-lib/aws-s3';\nconst files = new s3.Bucket(stack, 'Files');\nconst all: Record<string, lambda.Function> = {};\n\
         for (const name of ['get', 'put']) {\n  all[name] = new lambda.Function(stack, name, { code, handler: 'index.handler' });\n}\n\
         files.grantRead(all.get);\nfiles.grantDelete(all['put']);\n",
    );
    let module = python(
        "from aws_cdk import aws_s3 as s3\nfiles = s3.Bucket(stack, 'Files')\nall = {}\nfor name in ['get', 'put']:\n    \
         all[name] = lambda_.Function(stack, name, code=code, handler='index.handler')\n\
         files.grant_read(all['get'])\nfiles.grant_delete(all['put'])\n",
    );
    for stack in [script, module] {
        let has = |function: &str, action: &str| granted(&stack, function).iter().any(|line| line.starts_with(action));
        assert!(has("get", "s3:GetObject*") && has("put", "s3:DeleteObject*"), "{:#?}", stack.functions);
        assert!(!has("get", "s3:DeleteObject*") && !has("put", "s3:GetObject*"), "{:#?}", stack.functions);
    }
}

#[test]
fn parameters_of_own_classes_are_parameters() {
    let script = typescript(
        "class Labelled extends cdk.CfnParameter {\n  constructor(scope, id, props) {\n    super(scope, id, props);\n    this.label = props.label;\n  }\n}\n\
         const stage = new Labelled(stack, 'Stage', { label: 'Stage', type: 'String', default: 'dev' });\n\
         new lambda.Function(stack, 'F', { code, handler: 'index.handler', environment: { STAGE: stage.valueAsString } });\n",
    );
    let module = python(
        "class Labelled(cdk.CfnParameter):\n    def __init__(self, scope, id, label, **kwargs):\n        super().__init__(scope, id, **kwargs)\n        \
         self.label = label\nstage = Labelled(stack, 'Stage', 'Stage', type='String', default='dev')\n\
         lambda_.Function(stack, 'F', code=code, handler='index.handler', environment={'STAGE': stage.value_as_string})\n",
    );
    for stack in [script, module] {
        let values = &stack.functions[0].environment["STAGE"].values;
        let known: Vec<String> = values.iter().map(|value| stack.with_defaults(value).pattern()).collect();
        assert_eq!(known, ["dev"], "{values:?}");
    }
}
