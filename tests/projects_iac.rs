//! SAM and `CloudFormation` projects: what is read from templates, and the code it leads to.

use std::path::{Path, PathBuf};

use leash::iac::{
    CodeSource, DeclaredPolicy, EventKind, Files, Format, LambdaFunction, PolicySource, RoleRef, SettingKind, Stack,
    read_template_text,
};
use leash::policy::Effect;
use leash::project::{Function, Handler, Options, Project, discover};
use leash::span::SourceFile;
use leash::value::{Hole, Text};

#[path = "support/project.rs"]
mod support;

use support::project as folder;

fn orders() -> Project {
    discover(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/iac/orders"), &Options::default())
}

fn function<'a>(project: &'a Project, name: &str) -> &'a Function {
    let names: Vec<_> = project.functions.iter().map(|function| function.name.as_str()).collect();
    project.functions.iter().find(|function| function.name == name).unwrap_or_else(|| panic!("{name} is not among {names:?}"))
}

fn variable(function: &Function, name: &str) -> Vec<String> {
    function.environment[name].values.iter().map(spelled).collect()
}

/// A text with its holes in braces.
fn spelled(text: &Text) -> String {
    let filled = text.fill(|hole| {
        let name = match hole {
            Hole::Resource { id, attribute } => format!("{{{id}.{attribute}}}"),
            Hole::Parameter(name) => format!("{{{name}}}"),
            Hole::Unknown(reason) => format!("{{? {reason}}}"),
            other => format!("{{{other:?}}}"),
        };
        Some(Text::literal(name))
    });
    filled.as_literal().expect("every hole is spelled").to_owned()
}

fn file(function: &Function) -> (String, String) {
    match &function.handler {
        Handler::File { path, symbol } => {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/iac/orders");
            let path = path.strip_prefix(&root).unwrap_or(path).display().to_string();
            (path, symbol.to_string())
        }
        other => panic!("{} has no file but {other:?}: {:?}", function.name, function.notes),
    }
}

fn template(text: &str) -> Stack {
    let file = SourceFile::new("template.yaml", text);
    read_template_text(&Files::new("."), Path::new("template.yaml"), &file).expect("readable").expect("a template")
}

fn lambda<'a>(stack: &'a Stack, id: &str) -> &'a LambdaFunction {
    stack.functions.iter().find(|function| function.id == id).expect("the function is there")
}

fn actions(policy: &DeclaredPolicy) -> Vec<&str> {
    policy.statements.iter().flat_map(|statement| statement.actions.iter().map(smol_str::SmolStr::as_str)).collect()
}

#[test]
fn every_function_is_found_once_with_its_code() {
    let project = orders();
    let names: Vec<_> = project.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["Api", "Billing/Charge", "Inline", "Worker"]);
    assert_eq!(file(function(&project, "Api")), ("src/api/app.py".into(), "lambda_handler".into()));
    assert_eq!(file(function(&project, "Worker")), ("src/worker/main.ts".into(), "handler".into()));
    assert_eq!(file(function(&project, "Billing/Charge")), ("billing/source/index.ts".into(), "handler".into()));
    assert_eq!(project.stacks.len(), 1, "the nested template is a part of the other one");
    assert_eq!(project.notes, []);
}

#[test]
fn inline_code_keeps_the_lines_of_the_template() {
    let project = orders();
    let Handler::Inline { file, symbol, .. } = &function(&project, "Inline").handler else { panic!("not inline") };
    assert_eq!(symbol, "handler");
    assert_eq!(file.path, "template.yaml#Inline.py");
    let template = &project.stacks[0].template;
    let line = (1..1000).find(|&line| template.line(line).is_some_and(|text| text.contains("send_message"))).expect("some line");
    assert_eq!(file.line(line).map(str::trim), template.line(line).map(str::trim));
}

#[test]
fn environment_variables_are_symbolic() {
    let project = orders();
    let api = function(&project, "Api");
    assert_eq!(variable(api, "TABLE"), ["{Orders.Ref}"]);
    assert_eq!(variable(api, "STAGE"), ["{Stage}"]);
    assert_eq!(variable(api, "QUEUE_ARN"), ["{Jobs.Arn}"]);
    assert_eq!(variable(api, "JOINED"), ["a/{Stage}/{Region}"]);
    assert_eq!(variable(api, "EITHER"), ["gold", "lead"]);
    assert_eq!(variable(api, "MAYBE"), ["gold"]);
    assert_eq!(variable(api, "MAPPED"), ["orders-dev"]);
    assert_eq!(variable(api, "MAPPED_UNKNOWN"), ["orders-dev", "orders-prod"]);
    assert_eq!(variable(api, "PART"), ["two"]);
    assert_eq!(variable(api, "LITERAL"), ["${Stage}-{Local.Ref}{Jobs.QueueName}"]);
    assert_eq!(variable(api, "IMPORTED"), ["{!ImportValue other-table}"]);
    assert_eq!(variable(api, "RESOLVED"), ["x-{{{resolve:ssm:/a/b:1}}}"]);
    let secret = &project.stacks[0].parameters["Secret"];
    assert_eq!(secret.default, None, "the default is the name of a stored value, not the value");
}

#[test]
fn values_pass_between_nested_stacks_in_both_directions() {
    let project = orders();
    assert_eq!(variable(function(&project, "Api"), "BILLING"), ["{Billing/Ledger.Ref}"]);
    let charge = function(&project, "Billing/Charge");
    assert_eq!(variable(charge, "TABLE"), ["{Orders.Arn}"]);
    let stack = charge.stack.as_ref().expect("from a template");
    let ledger = stack.resolve_attribute("Billing/Ledger", "Ref").expect("declared");
    assert_eq!(ledger.arn.pattern(), "arn:*:dynamodb:*:*:table/ledger");
    assert_eq!(charge.origin.as_ref().map(leash::span::Location::short).as_deref(), Some("nested/billing.yaml:8"));
}

#[test]
fn resources_say_what_they_are_encrypted_with() {
    let project = orders();
    let failed = project.stacks[0].resolve_attribute("Failed", "Ref").expect("declared");
    assert_eq!(failed.kms_key.as_ref().map(spelled).as_deref(), Some("{Key.Ref}"));
    assert_eq!(spelled(&failed.value), "https://sqs.{Region}.amazonaws.com/{Account}/failed");
}

#[test]
fn layers_add_import_roots() {
    let project = orders();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/iac/orders");
    assert_eq!(function(&project, "Api").import_roots, [root.join("src"), root.join("layers/common")]);
}

#[test]
fn policies_of_a_function_keep_their_kind_and_place() {
    let project = orders();
    let api = function(&project, "Api");
    let sources: Vec<_> = api.declared.iter().map(|policy| &policy.source).collect();
    assert_eq!(sources[0], &PolicySource::Managed("AWSLambda_ReadOnlyAccess".into()));
    assert_eq!(sources[1], &PolicySource::Managed("AWSLambdaRole".into()));
    assert!(
        matches!(sources[2], PolicySource::SamTemplate { name, parameters } if name == "DynamoDBCrudPolicy" && parameters.contains_key("TableName"))
    );
    assert_eq!(sources[3], &PolicySource::Resource("Shared".into()));
    assert_eq!(actions(&api.declared[3]), ["ses:SendEmail"]);
    let [send, deny] = api.declared[4].statements.as_slice() else { panic!("two statements") };
    assert_eq!(spelled(&send.resources[0]), "{Jobs.Arn}");
    assert_eq!((send.conditions[0].operator.as_str(), send.conditions[0].key.as_str()), ("StringEquals", "aws:RequestedRegion"));
    assert_eq!((deny.effect, deny.not_action, deny.not_resource), (Effect::Deny, true, true));
    assert!(project.stacks[0].template.line(send.origin.line()).expect("a line").contains("Effect: Allow"));
    let implicit: Vec<_> = sources.iter().filter(|source| matches!(source, PolicySource::ImplicitManaged { .. })).collect();
    assert_eq!(implicit.len(), 3, "logs, VPC and tracing");
}

#[test]
fn roles_collect_what_is_attached_to_them() {
    let project = orders();
    let inline = function(&project, "Inline");
    assert_eq!(inline.role, RoleRef::Declared("InlineRole".into()));
    assert_eq!(inline.declared.iter().flat_map(actions).collect::<Vec<_>>(), ["s3:GetObject", "sns:Publish"]);
    let role = &project.stacks[0].roles["InlineRole"];
    assert_eq!(role.trust[0].principals, [("Service".into(), Text::literal("lambda.amazonaws.com"))]);
}

#[test]
fn events_and_settings_name_what_they_need() {
    let project = orders();
    let mapping = &function(&project, "Inline").events[0];
    assert_eq!(mapping.kind, EventKind::DynamoDb);
    assert_eq!(mapping.on_failure.as_ref().map(spelled).as_deref(), Some("{Failed.Arn}"));
    let worker = function(&project, "Worker");
    assert_eq!(worker.events[0].kind, EventKind::Sqs);
    let kinds: Vec<_> = worker.settings.iter().map(|setting| setting.kind).collect();
    assert_eq!(kinds, [SettingKind::Tracing, SettingKind::DeadLetter]);
    let implicit =
        worker.declared.iter().find(|policy| matches!(policy.source, PolicySource::Implicit(_))).expect("a grant for the queue");
    assert_eq!(actions(implicit), ["sqs:SendMessage"]);
    let connector = worker.declared.iter().find(|policy| matches!(policy.source, PolicySource::Connector { .. }));
    assert!(connector.is_some(), "the connector to the table");
}

#[test]
fn the_same_id_in_two_templates_gets_two_names() {
    let text =
        "Resources:\n  Fn: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.12, CodeUri: ., Handler: app.run}}\n";
    let app = "def run(event, context): pass\n";
    let folder = folder(&[("a/template.yaml", text), ("a/app.py", app), ("b/template.yaml", text), ("b/app.py", app)]);
    let project = discover(folder.path(), &Options::default());
    let names: Vec<_> = project.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["a/Fn", "b/Fn"]);
    assert!(project.functions.iter().all(|function| function.handler.is_resolved()));
}

#[test]
fn a_broken_template_does_not_hide_the_others() {
    let folder = folder(&[
        ("broken.yaml", "Resources:\n  Fn:\n    Type: AWS::Lambda::Function\n   Bad: [\n"),
        (
            "good.yaml",
            "Resources:\n  Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.12, Handler: gone.run, Code: .}}\n",
        ),
    ]);
    let project = discover(folder.path(), &Options::default());
    assert_eq!(project.notes.len(), 1);
    assert!(project.notes[0].message.starts_with("line 4, column"), "{}", project.notes[0].message);
    let missing = &project.functions[0];
    assert!(matches!(missing.handler, Handler::Missing));
    assert_eq!(missing.notes[0].message, "the handler `gone.run` was not found: looked for gone (py) in .");
}

#[test]
fn code_outside_of_the_folder_is_followed_and_said() {
    let text = "Resources:\n  Fn: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.12, CodeUri: ../, Handler: shared.run}}\n";
    let folder = folder(&[("app/template.yaml", text), ("shared.py", "")]);
    let project = discover(&folder.path().join("app"), &Options::default());
    assert!(project.functions[0].handler.is_resolved());
    assert_eq!(project.functions[0].notes[0].message, "the code, ../shared.py, is outside of the folder that is analyzed");
}

#[cfg(unix)]
#[test]
fn links_in_circles_end() {
    let text = "Resources:\n  Fn: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.12, CodeUri: again/again, Handler: one.run}}\n";
    let folder = folder(&[("one.py", ""), ("template.yaml", text)]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).expect("linked");
    let project = discover(folder.path(), &Options::default());
    assert_eq!(project.functions.len(), 1);
    assert!(project.functions[0].handler.is_resolved());
}

#[test]
fn sam_grants_by_the_type_of_a_target_and_leaves_separate_mappings_alone() {
    let stack = template(
        "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.12\n      CodeUri: .\n      Handler: a.b\n      DeadLetterQueue: {Type: SNS, TargetArn: !Ref Where}\n      Events:\n        M: {Type: MQ, Properties: {Broker: !GetAtt B.Arn, Queues: [q], SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: !Ref S}]}}\n  Map: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Fn, EventSourceArn: arn:aws:sqs:eu-west-1:1:q}}\nParameters: {Where: {Type: String}, B: {Type: String}, S: {Type: String}}\n",
    );
    let function = lambda(&stack, "Fn");
    assert_eq!(function.events.iter().map(|event| event.kind.clone()).collect::<Vec<_>>(), [EventKind::Mq, EventKind::Sqs]);
    let granted: Vec<_> = function.declared.iter().flat_map(actions).collect();
    assert_eq!(granted, ["sns:Publish", "mq:DescribeBroker", "secretsmanager:GetSecretValue"]);
    let managed = function.declared.iter().filter(|policy| matches!(policy.source, PolicySource::ImplicitManaged { .. }));
    assert_eq!(managed.count(), 1, "the logs only; the mapping is not SAM's");
}

#[test]
fn without_templates_the_files_are_candidates() {
    let folder = folder(&[("one.py", ""), ("node_modules/two.js", "")]);
    let project = discover(folder.path(), &Options::default());
    let Handler::Candidates(files) = &project.functions[0].handler else { panic!("no candidates") };
    assert_eq!(files, &[folder.path().join("one.py")]);
}

#[test]
fn stacks_that_contain_or_need_each_other_end() {
    let function = "  Fn: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: python3.12, Code: .}}\n";
    let nested = |id: &str, file: &str, value: &str| {
        format!("  {id}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {file}, Parameters: {{P: {value}}}}}}}\n")
    };
    let knot = nested("A", "leaf.yaml", "!GetAtt B.Outputs.O") + &nested("B", "leaf.yaml", "!GetAtt A.Outputs.O");
    let root = format!("Resources:\n{function}{}{knot}", nested("Self", "root.yaml", "x"));
    let leaf = format!("Parameters: {{P: {{Type: String}}}}\nResources:\n{function}Outputs: {{O: {{Value: !Ref P}}}}\n");
    let folder = folder(&[("root.yaml", &root), ("leaf.yaml", &leaf)]);
    let project = discover(folder.path(), &Options::default());
    let names: Vec<_> = project.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["A/Fn", "B/Fn", "Fn"]);
    assert!(project.notes.iter().any(|note| note.message.contains("it contains itself")));
}

#[test]
fn loops_over_resources_are_written_out() {
    let stack = template(
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Workers:\n    - Name\n    - [Red, Blue]\n    - \"${Name}Worker\":\n        Type: AWS::Lambda::Function\n        Properties: {Handler: a.b, Runtime: python3.12, Code: ., Environment: {Variables: {COLOR: !Ref Name}}}\n",
    );
    let ids: Vec<_> = stack.functions.iter().map(|function| function.id.as_str()).collect();
    assert_eq!(ids, ["RedWorker", "BlueWorker"]);
    assert_eq!(lambda(&stack, "BlueWorker").environment["COLOR"].values, [Text::literal("Blue")]);
}

#[test]
fn names_of_resources_may_be_put_together() {
    let stack = template(
        "Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Topics:
    - Id
    - [A, B]
    - Topic${Id}: {Type: AWS::SNS::Topic}
      Fn${Id}:
        Type: AWS::Lambda::Function
        Properties:
          Handler: a.b
          Runtime: python3.12
          Code: .
          Environment:
            Variables:
              TOPIC: !Ref {'Fn::Sub': 'Topic${Id}'}
              NAME: !GetAtt [{'Fn::Join': ['', [Topic, !Ref Id]]}, TopicName]
              BROKEN: !Ref {Name: Topic}
",
    );
    let hole = |id: &str, attribute: &str| Text::hole(Hole::Resource { id: id.into(), attribute: attribute.into() });
    for name in ["A", "B"] {
        let environment = &lambda(&stack, &format!("Fn{name}")).environment;
        assert_eq!(environment["TOPIC"].values, [hole(&format!("Topic{name}"), "Ref")]);
        assert_eq!(environment["NAME"].values, [hole(&format!("Topic{name}"), "TopicName")]);
        assert!(environment["BROKEN"].values[0].is_unknown());
    }
    assert_eq!(stack.notes.len(), 1, "{:?}", stack.notes);
}

#[test]
fn json_templates_and_code_joined_from_lines() {
    let stack = template(
        "{\"Resources\": {\"Fn\": {\"Type\": \"AWS::Lambda::Function\", \"Properties\": {\"Runtime\": \"nodejs22.x\", \"Handler\": \"index.handler\",\n\"Code\": {\"ZipFile\": {\"Fn::Join\": [\"\\n\", [\"exports.handler = async () => {\", \"};\"]]}}}}}}",
    );
    assert_eq!(stack.format, Format::CloudFormation);
    let CodeSource::Inline(inline) = &lambda(&stack, "Fn").code else { panic!("not inline") };
    assert_eq!(inline.file.path, "template.yaml#Fn.js");
    assert_eq!(inline.file.text.trim(), "exports.handler = async () => {\n};");
}

#[test]
fn synthesized_templates_lead_to_their_assets() {
    let resource = |code: &str, metadata: &str| {
        format!(
            "{{\"Type\": \"AWS::Lambda::Function\", \"Properties\": {{\"Runtime\": \"nodejs22.x\", \"Handler\": \"index.handler\", \"Code\": {code}}}, \"Metadata\": {{{metadata}}}}}"
        )
    };
    let key = "{\"S3Bucket\": \"b\", \"S3Key\": \"abc.zip\"}";
    let text = format!(
        "{{\"Resources\": {{\"A\": {}, \"B\": {}}}}}",
        resource(key, "\"aws:cdk:path\": \"S/A\", \"aws:asset:path\": \"asset.abc\""),
        resource(key, "\"aws:cdk:path\": \"S/B\"")
    );
    let folder = folder(&[("cdk.out/asset.abc/index.js", "exports.handler = () => {};"), ("cdk.out/S.template.json", &text)]);
    let out = folder.path().join("cdk.out");
    assert_eq!(discover(folder.path(), &Options::default()).functions.len(), 0, "skipped unless it is asked for");
    let project = discover(&out, &Options::default());
    assert_eq!(project.stacks[0].format, Format::CdkOut);
    let expected = out.join("asset.abc/index.js");
    for function in &project.functions {
        assert!(matches!(&function.handler, Handler::File { path, .. } if *path == expected), "{:?}", function.handler);
    }
    assert_eq!(project.functions.len(), 2);
}

#[test]
fn long_chains_of_stacks_and_deep_expressions_end() {
    let mut root = String::from("Resources:\n");
    for at in 0..500 {
        let deep = format!("{}!GetAtt S{}.Outputs.O{}", "[".repeat(150), at + 1, "]".repeat(150));
        root.extend([format!(
            "  S{at}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: leaf.yaml, Parameters: {{P: {deep}}}}}}}\n"
        )]);
    }
    let leaf = "Parameters: {P: {Type: String}}\nResources: {Fn: {Type: AWS::Lambda::Function, Properties: {Code: .}}}\nOutputs: {O: {Value: !Ref P}}\n";
    let folder = folder(&[("root.yaml", &root), ("leaf.yaml", leaf)]);
    let project = discover(folder.path(), &Options::default());
    assert_eq!(project.functions.len(), 500);
}

#[test]
fn a_doubling_substitution_stays_small() {
    let mut value = "x".repeat(64);
    for _ in 0..40 {
        value = format!("!Sub [\"${{a}}${{a}}\", {{a: {value}}}]");
    }
    let stack = template(&format!("Resources: {{T: {{Type: AWS::S3::Bucket, Properties: {{BucketName: {value}}}}}}}"));
    assert_eq!(
        stack.resources["T"].property("BucketName").and_then(leash::value::Arg::as_text).map(|text| text.pattern()).as_deref(),
        Some("*")
    );
}

#[test]
fn broken_templates_never_panic() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/iac/orders/template.yaml")).expect("there");
    let files = Files::new(".");
    let path = PathBuf::from("elsewhere/template.yaml");
    let mut readable = 0;
    for end in (0..text.len()).step_by(37).filter(|&end| text.is_char_boundary(end)) {
        let cut = SourceFile::new("template.yaml", &text[..end]);
        readable += usize::from(matches!(read_template_text(&files, &path, &cut), Ok(Some(_))));
        let without = [&text[..end], text.get(end + 5..).unwrap_or_default()].concat();
        readable += usize::from(read_template_text(&files, &path, &SourceFile::new("template.yaml", without)).is_ok());
    }
    assert!(readable > 60, "most of these are still templates: {readable}");
}

#[test]
fn unknown_references_and_functions_are_noted() {
    let stack =
        template("Resources:\n  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Nobody, X: {\"Fn::Nonsense\": 1}}}\n");
    let messages: Vec<_> = stack.notes.iter().map(|note| note.message.as_str()).collect();
    assert!(messages.iter().any(|message| message.contains("`Nobody` is neither a parameter nor a resource")), "{messages:?}");
    let hook = "Resource: !Sub arn:aws:codedeploy:*:*:deploymentgroup:${ServerlessDeploymentApplication}/*";
    let hook = template(&format!(
        "Transform: AWS::Serverless-2016-10-31
Resources:
  Hook:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: python3.13
      Policies:
        - Statement:
            - Effect: Allow
              Action: codedeploy:PutLifecycleEventHookExecutionStatus
              {hook}
"
    ));
    assert_eq!(hook.notes, [], "SAM makes the application");
    assert!(messages.iter().any(|message| message.contains("`Fn::Nonsense`")), "{messages:?}");
}

#[test]
fn dynamic_references_are_holes_however_they_are_put_together() {
    let stack = template(
        "Parameters: {Stage: {Type: String}}\nResources:\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties:\n      Handler: a.b\n      \
         Runtime: python3.12\n      Code: .\n      Environment:\n        Variables:\n          PLAIN: 's3://{{resolve:ssm:/a:1}}/x'\n          \
         SUB: !Sub '{{resolve:ssm:/${Stage}/b}}/${Stage}'\n          \
         JOIN: !Join ['', ['{{resolve:secretsmanager:', !Ref Stage, ':SecretString:u}}']]\n          OPEN: !Sub '{{resolve:ssm:${Stage}'\n",
    );
    let value = |name: &str| lambda(&stack, "Fn").environment[name].values.iter().map(spelled).collect::<Vec<_>>();
    assert_eq!(value("PLAIN"), ["s3://{{{resolve:ssm:/a:1}}}/x"]);
    assert_eq!(value("SUB"), ["{{{resolve:ssm:/${Stage}/b}}}/{Stage}"]);
    assert_eq!(value("JOIN"), ["{{{resolve:secretsmanager:${Stage}:SecretString:u}}}"]);
    assert_eq!(value("OPEN"), ["{{resolve:ssm:{Stage}"], "it is none");
}

#[test]
fn where_a_condition_rules_out_a_default_the_parameter_is_something_else() {
    let stack = template(
        "Parameters: {Other: {Type: String, Default: none}, Third: {Type: String, Default: x}}\nConditions:\n  \
         None: !Equals [none, !Ref Other]\n  Has: !And [!Not [!Condition None], !Not [!Equals [!Ref Third, y]]]\nResources:\n  Fn:\n    \
         Type: AWS::Lambda::Function\n    Properties:\n      Handler: a.b\n      Runtime: python3.12\n      Code: .\n      \
         Environment:\n        Variables:\n          YES: !If [Has, !Ref Other, mine]\n          NO: !If [None, mine, !Sub '${Other}/${Third}']\n          \
         BARE: !Ref Other\n",
    );
    let value = |name: &str| lambda(&stack, "Fn").environment[name].values.iter().map(spelled).collect::<Vec<_>>();
    let given = "{? the parameter Other, which is not its default here}";
    assert_eq!(value("YES"), ["mine", given]);
    assert_eq!(value("NO"), ["mine".to_owned(), format!("{given}/{{Third}}")]);
    assert_eq!(value("BARE"), ["{Other}"]);
}

#[test]
fn an_event_comes_from_each_resource_that_a_condition_chooses_among() {
    let stack = template(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  A: {Type: AWS::SQS::Queue}\n  B: {Type: AWS::SQS::Queue}\n  Fn:\n    \
         Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n      Runtime: python3.12\n      CodeUri: .\n      \
         Events: {Q: {Type: SQS, Properties: {Queue: !If [C, !GetAtt A.Arn, !GetAtt B.Arn]}}}\n  M:\n    \
         Type: AWS::Lambda::EventSourceMapping\n    Properties: {FunctionName: !Ref Fn, EventSourceArn: !If [C, !GetAtt B.Arn, !GetAtt A.Arn]}\n",
    );
    let sources = lambda(&stack, "Fn").events.iter().map(|event| spelled(event.resource.as_ref().expect("named")));
    assert_eq!(sources.collect::<Vec<_>>(), ["{A.Arn}", "{B.Arn}", "{A.Arn}", "{B.Arn}"]);
}

#[test]
fn policies_may_be_json_texts() {
    let text = "Resources:
  Jobs: {Type: AWS::SQS::Queue}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: literal
          PolicyDocument: '{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"sns:Publish\", \"Resource\": \"${aws:username}\"}}'
        - PolicyName: filled
          PolicyDocument: !Sub
            - |
              {\"Version\": \"2012-10-17\", \"Statement\": [
                {\"Effect\": \"Allow\", \"Action\": \"sqs:SendMessage\", \"Resource\": [\"${Queue}\", \"${Jobs.Arn}\"]},
                {\"Effect\": \"Deny\", \"Action\": \"sqs:${!Any}\", \"Resource\": \"*\"}]}
            - Queue: !GetAtt Jobs.Arn
        - PolicyName: joined
          PolicyDocument: !Join
            - ''
            - - '{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sqs:PurgeQueue\", \"Resource\": \"'
              - !GetAtt Jobs.Arn
              - '\"}]}'
        - PolicyName: broken
          PolicyDocument: !Sub '{\"Statement\": ${Statements}}'
";
    let stack = template(text);
    let [literal, filled, joined, broken] = stack.roles["Role"].policies.as_slice() else { panic!("four policies") };
    let resources = |policy: &DeclaredPolicy| -> Vec<String> {
        policy.statements.iter().flat_map(|statement| statement.resources.iter().map(spelled)).collect()
    };
    assert_eq!((actions(literal), resources(literal)), (vec!["sns:Publish"], vec!["${aws:username}".to_owned()]));
    assert_eq!(actions(filled), ["sqs:SendMessage", "sqs:${Any}"]);
    assert_eq!(resources(filled), ["{Jobs.Arn}", "{Jobs.Arn}", "*"]);
    assert_eq!((actions(joined), resources(joined)), (vec!["sqs:PurgeQueue"], vec!["{Jobs.Arn}".to_owned()]));
    let place = filled.statements[1].origin.span;
    let written = &text[place.start as usize..place.end as usize];
    assert!(written.starts_with("{\"Effect\": \"Deny\"") && written.ends_with("\"*\"}"), "{written}");
    assert!(broken.statements.is_empty() && !broken.notes.is_empty());
}

#[test]
fn lists_of_managed_policies_may_be_split_texts() {
    let stack = template(
        "Parameters:
  More: {Type: CommaDelimitedList}
Resources:
  Own: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: []}}}
  Known:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: !Split [',', !Join [',', ['arn:aws:iam::aws:policy/A', !Ref Own, 'arn:aws:iam::aws:policy/B,arn:aws:iam::aws:policy/C']]]
  Unknown:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: !Split [',', !Join [',', [Fn::ImportValue: Policy, !Join [',', !Ref More]]]]
  Given:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: !Split [',', !ImportValue Policies]
  Partly:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: !Split [',', !Join [',', [Fn::ImportValue: Policy, !Sub '${Own},${More}']]]
  Picked:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns:
        - !Select [0, !Split [',', !Sub '${Own},${More}']]
        - !Select [1, !Split [',', !Sub '${More},${Own}']]
",
    );
    let sources = |role: &str| stack.roles[role].policies.iter().map(|policy| policy.source.clone()).collect::<Vec<_>>();
    let managed = |name: &str| PolicySource::Managed(name.into());
    assert_eq!(sources("Known"), [managed("A"), PolicySource::Resource("Own".into()), managed("B"), managed("C")]);
    assert!(sources("Partly").contains(&PolicySource::Resource("Own".into())), "{:?}", sources("Partly"));
    let picked = sources("Picked");
    assert_eq!(picked[0], PolicySource::Resource("Own".into()));
    assert!(matches!(&picked[1], PolicySource::External(_)), "what stands before it may be several: {picked:?}");
    for role in ["Unknown", "Given"] {
        let sources = sources(role);
        assert!(!sources.is_empty() && sources.iter().all(|source| matches!(source, PolicySource::External(_))), "{sources:?}");
    }
}

#[test]
fn exports_of_other_templates_are_imported() {
    let folder = folder(&[
        (
            "shared/template.yaml",
            "Resources:\n  Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}\n  Read:\n    Type: AWS::IAM::ManagedPolicy\n    \
         Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Orders.Arn}]}}\n\
         Outputs:\n  A: {Value: !Ref Read, Export: {Name: !Sub '${AWS::StackName}-ReadOrders'}}\n  \
         B: {Value: !Ref Orders, Export: {Name: orders-table}}\n",
        ),
        (
            "app/template.yaml",
            "Transform: AWS::Serverless-2016-10-31\nParameters: {Shared: {Type: String}}\nResources:\n  Fn:\n    \
         Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.12\n      Handler: app.handler\n      CodeUri: .\n      \
         Policies: [!ImportValue {'Fn::Sub': '${Shared}-ReadOrders'}, !ImportValue elsewhere]\n      \
         Environment: {Variables: {TABLE: !ImportValue orders-table}}\n",
        ),
    ]);
    let project = discover(folder.path(), &Options::default());
    let [function] = project.functions.as_slice() else { panic!("{:#?}", project.functions) };
    assert_eq!(variable(function, "TABLE"), ["{shared/template.yaml/Orders.Ref}"]);
    let [read, elsewhere, ..] = function.declared.as_slice() else { panic!("{:#?}", function.declared) };
    assert_eq!(actions(read), ["dynamodb:GetItem"]);
    assert_eq!(spelled(&read.statements[0].resources[0]), "{shared/template.yaml/Orders.Arn}");
    let PolicySource::External(why) = &elsewhere.source else { panic!("{elsewhere:#?}") };
    assert_eq!(spelled(why), "{!ImportValue elsewhere}");
}

const PLAIN: &str =
    "Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n      Runtime: python3.12\n      CodeUri: .\n";

#[test]
fn variables_that_an_expression_gives_are_not_known() {
    for (variables, known, is_open) in [
        ("!Ref All", &[][..], true),
        ("!If [Live, {A: 1, B: 2}, !Ref All]", &["A", "B"], true),
        ("{'Fn::Transform': {Name: Macro}, A: 1}", &["A"], true),
        ("!If [Live, {A: 1}, {B: 2}]", &["A", "B"], false),
    ] {
        let stack = template(&format!(
            "Transform: AWS::Serverless-2016-10-31\nParameters: {{All: {{Type: String}}}}\nConditions: {{Live: !Equals [a, b]}}\n\
             Resources:\n  Fn:\n    {PLAIN}      Environment:\n        Variables: {variables}\n"
        ));
        let function = lambda(&stack, "Fn");
        let names: Vec<&str> = function.environment.keys().map(smol_str::SmolStr::as_str).collect();
        assert_eq!((names.as_slice(), function.further_variables), (known, is_open), "{variables}");
    }
}

#[test]
fn which_of_several_roles_a_function_has_is_said() {
    let role = "Type: AWS::IAM::Role\n    Properties: {AssumeRolePolicyDocument: {Statement: []}}\n";
    let stack = template(&format!(
        "Transform: AWS::Serverless-2016-10-31\nConditions: {{Live: !Equals [a, b]}}\nResources:\n  One:\n    {role}  Two:\n    {role}\
         \x20 Fn:\n    {PLAIN}      Role: !If [Live, !GetAtt One.Arn, !GetAtt Two.Arn]\n  Only:\n    {PLAIN}      Role: !GetAtt Two.Arn\n"
    ));
    let says = |id: &str| lambda(&stack, id).notes.iter().any(|note| note.message.contains("here it counts as having `One`"));
    assert!(says("Fn") && !says("Only"), "{:?}", lambda(&stack, "Fn").notes);
}

#[test]
fn functions_of_a_role_share_its_statements() {
    let policy = "Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: 'sqs:*', Resource: '*'}]}}]";
    let stack = template(&format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      \
         AssumeRolePolicyDocument: {{Statement: []}}\n      {policy}\n  A:\n    {PLAIN}      Role: !GetAtt R.Arn\n  B:\n    {PLAIN}      \
         Role: !GetAtt R.Arn\n"
    ));
    let of = |id: &str| &lambda(&stack, id).declared[0].statements;
    assert!(std::sync::Arc::ptr_eq(of("A"), of("B")) && of("A").len() == 1);
}

#[test]
fn an_output_is_none_of_the_resources_that_sam_makes() {
    let stack = template(&format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  T: {{Type: AWS::SQS::Queue}}\n  Fn:\n    {PLAIN}      Environment:\n        \
         Variables: {{OUTPUT: !Ref FnTable, ROLE: !Ref FnRole, EVENT: !Ref FnSchedule, NONE: !Ref TPolicy}}\n\
         Outputs:\n  FnTable: {{Value: orders}}\n  FnRole: {{Value: !Ref FnRole}}\n"
    ));
    let value = |name: &str| lambda(&stack, "Fn").environment[name].values[0].clone();
    assert_eq!(value("OUTPUT").as_literal(), Some("orders"));
    for (name, id) in [("ROLE", "FnRole"), ("EVENT", "FnSchedule")] {
        assert_eq!(value(name).as_hole(), Some(&Hole::Resource { id: id.into(), attribute: "Ref".into() }));
    }
    let unknown: Vec<&str> = stack.notes.iter().map(|note| note.message.as_str()).collect();
    assert!(unknown.iter().any(|message| message.contains("`TPolicy` is neither")), "{unknown:?}");
    assert!(!unknown.iter().any(|message| message.contains("`FnSchedule`")), "{unknown:?}");
}

#[test]
fn a_runtime_that_lambda_does_not_have_is_told_from_one_in_another_language() {
    for (runtime, says) in [
        ("Node.js 18.x", "`Node.js 18.x` is no runtime of Lambda"),
        ("javascript", "is no runtime of Lambda"),
        ("java21", "code for java21 was not analyzed"),
        ("dotnetcore3.1", "code for dotnetcore3.1 was not analyzed"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let text =
            format!("Transform: AWS::Serverless-2016-10-31\nResources:\n  Fn:\n    {}", PLAIN.replace("python3.12", runtime));
        std::fs::write(folder.path().join("template.yaml"), text).expect("written");
        let project = discover(folder.path(), &Options::default());
        let notes = &project.functions[0].notes;
        assert!(notes.iter().any(|note| note.message.contains(says)), "{runtime}: {notes:?}");
    }
}
