//! Serverless, Chalice and Zappa projects, from their files to functions with code, environment and permissions.

use std::fmt::Write as _;
use std::path::Path;

use leash::iac::{DeclaredPolicy, Format, PolicySource, RoleRef};
use leash::note::Note;
use leash::project::{Function, Handler, Options, Project, discover};
use leash::value::{Hole, Piece, Text};

fn project(folder: &str) -> Project {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/iac").join(folder);
    discover(&path, &Options::default())
}

fn relative(project: &Project, path: &Path) -> String {
    path.strip_prefix(&project.base).unwrap_or(path).display().to_string()
}

fn show(text: &Text) -> String {
    let mut out = String::new();
    for piece in text.pieces() {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Hole(Hole::Region) => out.push_str("${region}"),
            Piece::Hole(Hole::Account) => out.push_str("${account}"),
            Piece::Hole(Hole::Partition) => out.push_str("${partition}"),
            Piece::Hole(Hole::Resource { id, attribute }) => write!(out, "${{{id}.{attribute}}}").expect("a string"),
            Piece::Hole(Hole::Parameter(name)) => write!(out, "${{{name}}}").expect("a string"),
            Piece::Hole(other) => write!(out, "<{other:?}>").expect("a string"),
        }
    }
    out
}

fn texts(texts: &[Text]) -> String {
    texts.iter().map(show).collect::<Vec<_>>().join(" | ")
}

fn render(project: &Project) -> String {
    let mut out = String::new();
    for function in &project.functions {
        render_function(project, function, &mut out);
    }
    for stack in &project.stacks {
        writeln!(out, "{} {}", stack.format.id(), stack.template.path).expect("a string");
        for (name, parameter) in &stack.parameters {
            let default = parameter.default.as_ref().map_or_else(|| "-".to_owned(), show);
            writeln!(out, "  parameter {name} = {default}").expect("a string");
        }
    }
    project.notes.iter().for_each(|note| render_note(note, &mut out));
    out
}

fn render_note(note: &Note, out: &mut String) {
    let at = note.at.as_ref().map_or_else(String::new, leash::span::Location::short);
    writeln!(out, "  note {at} {}", note.message).expect("a string");
}

fn render_function(project: &Project, function: &Function, out: &mut String) {
    let origin = function.origin.as_ref().map_or_else(String::new, leash::span::Location::short);
    writeln!(out, "{} ({origin}, {})", function.name, function.runtime.as_deref().unwrap_or("-")).expect("a string");
    match &function.handler {
        Handler::File { path, symbol } => writeln!(out, "  handler {} {symbol}", relative(project, path)),
        Handler::Entries(entries) => {
            let shown: Vec<_> = entries.iter().map(|one| format!("{} {}", relative(project, &one.path), one.symbol)).collect();
            writeln!(out, "  entries {}", shown.join(", "))
        }
        other => writeln!(out, "  handler {other:?}"),
    }
    .expect("a string");
    for (name, variable) in &function.environment {
        writeln!(out, "  env {name} = {} ({})", texts(&variable.values), variable.origin.short()).expect("a string");
    }
    for event in &function.events {
        let resource = event.resource.as_ref().map_or_else(|| "-".to_owned(), show);
        writeln!(out, "  event {} {:?} {resource}", event.name, event.kind).expect("a string");
    }
    for setting in &function.settings {
        let value = setting.value.as_ref().map_or_else(|| "-".to_owned(), show);
        writeln!(out, "  setting {:?} {value} ({})", setting.kind, setting.origin.short()).expect("a string");
    }
    match &function.role {
        RoleRef::External(text) => writeln!(out, "  role {}", show(text)),
        other => writeln!(out, "  role {other:?}"),
    }
    .expect("a string");
    function.declared.iter().for_each(|policy| render_policy(policy, out));
    function.notes.iter().for_each(|note| render_note(note, out));
}

fn render_policy(policy: &DeclaredPolicy, out: &mut String) {
    let source = match &policy.source {
        PolicySource::Implicit(reason) => format!("implicit: {reason}"),
        PolicySource::ImplicitManaged { name, reason } => format!("implicit {name}: {reason}"),
        other => format!("{other:?}"),
    };
    writeln!(out, "  policy {source} ({})", policy.origin.short()).expect("a string");
    for statement in policy.statements.iter() {
        let resources = texts(&statement.resources);
        let origin = statement.origin.short();
        writeln!(out, "    {:?} {} on {resources} ({origin})", statement.effect, statement.actions.join(" ")).expect("a string");
    }
    policy.notes.iter().for_each(|note| render_note(note, out));
}

#[test]
fn a_service_with_variables_files_and_roles() {
    insta::assert_snapshot!(render(&project("serverless-service")));
}

#[test]
fn a_service_written_in_typescript() {
    insta::assert_snapshot!(render(&project("serverless-ts")));
}

#[test]
fn a_chalice_application_with_a_blueprint() {
    insta::assert_snapshot!(render(&project("chalice")));
}

#[test]
fn zappa_settings_with_two_stages() {
    insta::assert_snapshot!(render(&project("zappa")));
}

#[path = "support/project.rs"]
mod support;

/// Writes one file into a folder of its own and reads that.
fn written(name: &str, text: &str) -> (tempfile::TempDir, Project) {
    let folder = support::project(&[(name, text)]);
    let project = discover(folder.path(), &Options::default());
    (folder, project)
}

fn messages(project: &Project) -> String {
    let own = project.functions.iter().flat_map(|function| &function.notes);
    own.chain(&project.notes).map(|note| note.message.clone() + "\n").collect()
}

#[test]
fn broken_services_are_notes_with_lines() {
    let (_folder, project) = written("serverless.yml", "service: a\nprovider: {name: aws\nfunctions:\n  - [}\n");
    assert!(project.functions.is_empty());
    assert!(messages(&project).contains("line "), "{}", messages(&project));
    let (_folder, project) = written("serverless.yml", "service: a\nprovider: aws\nfunctions: 3\n");
    assert!(messages(&project).contains("expected functions by name"), "{}", messages(&project));
    let text = "service: a\nprovider: aws\nfunctions:\n  - one: {handler: a.b}\n  - one: {handler: c.d}\n  - two:\n";
    let (_folder, project) = written("serverless.yml", text);
    assert_eq!(project.functions.len(), 1);
    assert!(messages(&project).contains("two functions of the name `one`"), "{}", messages(&project));
    assert!(messages(&project).contains("looked for c"), "{}", messages(&project));
}

#[test]
fn other_clouds_are_left_alone() {
    let (_folder, project) = written("serverless.yml", "service: a\nprovider: {name: google}\nfunctions:\n  f: {handler: x}\n");
    assert!(project.stacks.is_empty());
}

#[test]
fn variables_that_grow_without_end_are_cut_off() {
    let mut text = "service: a\nprovider: {name: aws}\ncustom:\n  a0: [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for index in 1..12 {
        let item = format!("'${{self:custom.a{}}}'", index - 1);
        writeln!(text, "  a{index}: [{}]", vec![item; 10].join(", ")).expect("a string");
    }
    text += "functions:\n  f:\n    handler: a.b\n    environment:\n      A: ${self:custom.a11}\n";
    let (_folder, project) = written("serverless.yml", &text);
    assert_eq!(project.functions.len(), 1);
    assert!(messages(&project).contains("too many values"), "{}", messages(&project));
}

#[test]
fn each_format_has_its_name() {
    for (folder, format) in [("serverless-ts", Format::Serverless), ("chalice", Format::Chalice), ("zappa", Format::Zappa)] {
        assert_eq!(project(folder).stacks[0].format, format);
    }
}

#[test]
fn a_zappa_stage_without_an_application_has_its_events_and_says_when_it_has_none() {
    let settings = r#"{
  "base": {"s3_bucket": "b"},
  "nightly": {"extends": "base", "events": [{"function": "tasks.run", "expression": "rate(1 day)"}]},
  "empty": {"extends": "base"}
}"#;
    let (folder, _) = written("zappa_settings.json", settings);
    std::fs::write(folder.path().join("tasks.py"), "def run(event, context):\n    pass\n").expect("written");
    let project = discover(folder.path(), &Options::default());
    let found: Vec<(&str, bool)> =
        project.functions.iter().map(|function| (function.name.as_str(), function.handler.is_resolved())).collect();
    assert_eq!(found, [("empty", false), ("nightly", true)]);
    let note = project.functions[0].notes.first().expect("a note");
    assert!(note.message.contains("names no application"), "{note:?}");
    assert_eq!(note.at.as_ref().map(|at| (at.file.path.as_str(), at.line())), Some(("zappa_settings.json", 4)));
}

const LIFT: &str = "service: shop\nprovider: {name: aws, runtime: nodejs22.x}\nconstructs:\n  files: {type: storage}\n  \
                    jobs: {type: queue, worker: {handler: index.worker}}\n  more: {type: queue, worker: producer}\n  \
                    web: {type: static-website, path: .}\nfunctions:\n  \
                    producer: {handler: index.producer, environment: {BUCKET: '${construct:files.bucketName}', Q: '${construct:jobs.queueArn}', W: '${construct:web.url}'}}\n";

#[test]
fn constructs_of_lift_are_resources_functions_and_permissions() {
    let (_folder, project) = written("serverless.yml", LIFT);
    let named = |name: &str| project.functions.iter().find(|function| function.name == name).expect("a function");
    let (producer, worker) = (named("producer"), named("jobsWorker"));
    let variable = |name: &str| texts(&producer.environment[name].values);
    assert_eq!((variable("BUCKET").as_str(), variable("Q").as_str()), ("${filesBucket23E7585D.Ref}", "${jobsQueueCEDBAE3E.Arn}"));
    let sources = |function: &leash::project::Function| -> Vec<String> {
        function.events.iter().filter_map(|event| event.resource.as_ref()).map(show).collect()
    };
    assert_eq!(
        (sources(worker), sources(producer)),
        (vec!["${jobsQueueCEDBAE3E.Arn}".to_owned()], vec!["${moreQueueA06FF404.Arn}".to_owned()])
    );
    let actions = |project: &Project| -> Vec<String> {
        let policies = project.functions.iter().flat_map(|function| &function.declared);
        let actions = policies.flat_map(|policy| policy.statements.iter()).flat_map(|statement| &statement.actions);
        actions.map(ToString::to_string).collect()
    };
    assert!(actions(&project).contains(&"s3:PutObject".to_owned()));
    let (_folder, manual) = written("serverless.yml", &(LIFT.to_owned() + "lift: {automaticPermissions: false}\n"));
    assert!(!actions(&manual).contains(&"s3:PutObject".to_owned()));
}

#[test]
fn a_default_in_quotes_has_variables_in_it() {
    let service = "service: mill\ncustom: {name: \"${env:NAME, '${self:service}-${sls:stage}'}\"}\n\
                   provider: {name: aws, runtime: nodejs22.x, environment: {TABLE: '${self:custom.name}'}}\n\
                   functions: {pack: {handler: app.pack}}\n";
    let (_folder, project) = written("serverless.yml", service);
    let variable = |name: &str| texts(&project.functions[0].environment[name].values);
    assert!(!variable("TABLE").contains("self:"), "{}", variable("TABLE"));
    let default = |name: &str| project.stacks[0].parameters.get(name).and_then(|parameter| parameter.default.as_ref()).map(show);
    assert_eq!(default("env:NAME").as_deref(), Some("mill-dev"), "{:?}", project.stacks[0].parameters);
}

#[test]
fn what_is_extended_is_made_by_the_framework() {
    let service = "service: shop\nprovider: {name: aws, runtime: nodejs22.x}\nfunctions:\n  get:\n    handler: app.get\n    \
                   environment: {GROUP: !Ref ApiGatewayLogGroup}\nresources:\n  extensions:\n    \
                   ApiGatewayLogGroup: {Properties: {RetentionInDays: 7}}\n    GetLambdaFunction: {Properties: {MemorySize: 256}}\n";
    let (_folder, project) = written("serverless.yml", service);
    assert_eq!(project.functions.len(), 1);
    assert!(!messages(&project).contains("ApiGatewayLogGroup"), "{}", messages(&project));
}

#[test]
fn a_service_imports_packages_of_its_workspace() {
    let folder = support::project(&[
        ("package.json", r#"{"private": true, "workspaces": ["packages/*", "services/*"]}"#),
        ("packages/api/package.json", r#"{"name": "@acme/api", "main": "src/index.ts"}"#),
        ("packages/api/src/index.ts", "export const at = (name: string): string => `src/${name}`;\n"),
        ("services/books/package.json", r#"{"name": "@acme/books"}"#),
        ("services/books/src/get.ts", "export const main = async () => 1;\n"),
        (
            "services/books/serverless.ts",
            "import { at } from '@acme/api';\nmodule.exports = { service: 'books', provider: { name: 'aws', runtime: 'nodejs22.x' }, \
             functions: { get: { handler: `${at('get')}.main` } } };\n",
        ),
    ]);
    let project = discover(folder.path(), &Options::default());
    let found: Vec<(&str, bool)> =
        project.functions.iter().map(|function| (function.name.as_str(), function.handler.is_resolved())).collect();
    assert_eq!(found, [("get", true)], "{}", messages(&project));
}

#[test]
fn state_machines_of_the_plugin_are_resources_that_invoke_functions() {
    let service = "service: shop\nprovider: {name: aws, runtime: nodejs22.x}\nfunctions:\n  \
                   start: {handler: app.start, environment: {MACHINE: !Ref DailyDashrunStepFunctionsStateMachine, OTHER: !Ref Named}}\n  \
                   step: {handler: app.step}\nstepFunctions:\n  stateMachines:\n    \
                   daily-run: {definition: {States: {A: {Type: Task, Resource: !GetAtt step.Arn, Parameters: {bucket: daily}}}}}\n    \
                   other: {name: named, definition: {States: {A: {Type: Pass}}}}\n  activities: [wait]\n";
    let (_folder, project) = written("serverless.yml", service);
    let stack = &project.stacks[0];
    let kind = |id: &str| stack.resources.get(id).map(|resource| resource.kind.as_str());
    assert_eq!(kind("DailyDashrunStepFunctionsStateMachine"), Some("AWS::StepFunctions::StateMachine"));
    assert_eq!(kind("Named"), Some("AWS::StepFunctions::StateMachine"));
    assert_eq!(kind("WaitStepFunctionsActivity"), Some("AWS::StepFunctions::Activity"));
    let step = project.functions.iter().find(|function| function.name == "step").expect("a function");
    assert_eq!(step.events.len(), 1, "{:?}", step.events);
    assert!(!messages(&project).contains("`step`"), "{}", messages(&project));
}

#[test]
fn parts_of_resources_that_stand_elsewhere_leave_the_functions_as_they_are() {
    let service = |resources: &str| {
        "service: shop\nprovider: {name: aws, runtime: nodejs22.x, environment: {TABLE: orders}}\n\
         functions: {get: {handler: app.get}}\nresources:\n"
            .to_owned()
            + resources
    };
    let parts = [
        "  - ${file(absent.yml)}\n  - Resources: {Jobs: {Type: AWS::SQS::Queue}}\n",
        "  - Resources: ${file(absent.yml)}\n  - Resources: {Jobs: {Type: AWS::SQS::Queue}}\n",
        "  - some text\n  - Resources: {Jobs: {Type: AWS::SQS::Queue}}\n",
        "  Resources: {Jobs: {Type: AWS::SQS::Queue}, GetLambdaFunction: '${file(absent.yml)}'}\n",
        "  Resources: {Jobs: {Type: AWS::SQS::Queue}}\n  extensions: {GetLambdaFunction: {Properties: '${ssm:/shop/settings}'}}\n",
    ];
    for resources in parts {
        let (_folder, project) = written("serverless.yml", &service(resources));
        let names: Vec<&str> = project.functions.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["get"], "{resources}");
        assert_eq!(texts(&project.functions[0].environment["TABLE"].values), "orders", "{resources}");
        let stack = &project.stacks[0];
        assert!(["Jobs", "GetLogGroup"].iter().all(|id| stack.resources.contains_key(*id)), "{resources}");
        assert!(messages(&project).contains("expected a part of the template"), "{resources}: {}", messages(&project));
    }
    let conditional = "  Conditions: {Live: !Equals [a, b]}\n  extensions: {GetLambdaFunction: {Condition: Live}}\n";
    let (_folder, project) = written("serverless.yml", &service(conditional));
    assert_eq!(texts(&project.functions[0].environment["TABLE"].values), "orders");
    assert!(!messages(&project).contains("expected"), "{}", messages(&project));
}

#[test]
fn a_function_that_the_template_replaces_is_a_note() {
    let service = "service: shop\nprovider: {name: aws, runtime: nodejs22.x}\nfunctions: {get: {handler: app.get}}\n\
                   resources: {Resources: {GetLambdaFunction: {Type: Custom::Function}}}\n";
    let (_folder, project) = written("serverless.yml", service);
    assert!(project.functions.is_empty());
    assert!(messages(&project).contains("the function `get` is not in the template"), "{}", messages(&project));
}

#[test]
fn parameters_from_a_compose_file_never_fall_back_to_what_the_service_says() {
    let compose = "services:\n  db: {path: db}\n  api:\n    path: api\n    params:\n      table: 'items-${sls:stage}'\n      \
                   queue: 'jobs-${env:COLOR, ${env:SHADE}}'\n      list: [a, b]\n      folder: live\n      topic: 'of-${db.Topic}-${env:A}'\n";
    let api = "service: api\nparams: {default: {table: own, queue: own, list: own, folder: own, topic: own}}\nprovider:\n  name: aws\n  \
               runtime: nodejs22.x\n  stage: '${param:folder}'\n  environment: {TABLE: '${param:table}', QUEUE: '${param:queue}', LIST: \
               '${param:list}', TOPIC: '${param:topic}', STAGE: '${self:custom.${sls:stage}}'}\ncustom: {live: yes-live, own: no, dev: no}\n\
               functions: {get: {handler: app.get}}\n";
    let db = "service: db\nprovider: {name: aws}\nresources: {Outputs: {Topic: {Value: news}}}\n";
    let files = [("serverless-compose.yml", compose), ("api/serverless.yml", api), ("db/serverless.yml", db)];
    let folder = support::project(&files);
    let project = discover(folder.path(), &Options::default());
    let variable = |name: &str| texts(&project.functions[0].environment[name].values);
    assert_eq!((variable("TABLE").as_str(), variable("STAGE").as_str()), ("items-${sls:stage}", "yes-live"));
    assert!(variable("QUEUE").starts_with("jobs-<Unknown(\"the variable env:COLOR"), "{}", variable("QUEUE"));
    assert!(variable("LIST").starts_with("<Unknown("), "{}", variable("LIST"));
    assert!(variable("TOPIC").starts_with("of-news-<Unknown("), "{}", variable("TOPIC"));
}

#[test]
fn services_that_all_need_each_other_s_outputs_are_read_once_each() {
    const SERVICES: usize = 12;
    let mut compose = "services:\n".to_owned();
    let mut files = Vec::new();
    for own in 0..SERVICES {
        writeln!(compose, "  s{own}:\n    path: s{own}\n    params: {{none: a").expect("a string");
        (0..own).for_each(|other| writeln!(compose, "      , p{other}: '${{s{other}.Out}}'").expect("a string"));
        compose += "    }\n";
        let values: Vec<String> = (0..own).map(|other| format!("P{other}: '${{param:p{other}}}'")).collect();
        let service = format!(
            "service: s{own}\nprovider: {{name: aws, runtime: nodejs22.x, environment: {{{}}}}}\nfunctions: {{f{own}: {{handler: \
             app.f}}}}\nresources: {{Outputs: {{Out: {{Value: out-{own}}}}}}}\n",
            values.join(", ")
        );
        files.push((format!("s{own}/serverless.yml"), service));
    }
    files.push(("serverless-compose.yml".to_owned(), compose));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = support::project(&files);
    let project = discover(folder.path(), &Options::default());
    let last = project.functions.iter().find(|function| function.name == "f11").expect("a function");
    assert_eq!(texts(&last.environment["P10"].values), "out-10");
    assert_eq!(last.environment.len(), SERVICES - 1);
}

/// What the framework lets the role of a function publish to.
fn publishing(project: &Project, name: &str) -> Vec<String> {
    let function = project.functions.iter().find(|function| function.name == name).expect("a function");
    let statements = function.declared.iter().flat_map(|policy| policy.statements.iter());
    let publishing = statements.filter(|statement| statement.actions.iter().any(|action| action == "sns:Publish"));
    publishing.map(|statement| texts(&statement.resources)).collect()
}

#[test]
fn dead_letter_topics_are_allowed_to_the_shared_role_where_they_are_written_out() {
    let service = |target: &str, rest: &str| {
        let text = format!(
            "service: shop\nprovider: {{name: aws, runtime: nodejs22.x}}\ncustom: {{dead: 'arn:aws:sns:eu-west-1:111122223333:${{sls:stage}}-x'}}\n\
             functions:\n  get:\n    handler: app.get\n    onError: {target}\n{rest}resources: {{Resources: {{Dead: {{Type: AWS::SNS::Topic}}}}}}\n"
        );
        publishing(&written("serverless.yml", &text).1, "get")
    };
    let own = "    iamRoleStatements: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]\n";
    let arn = "arn:aws:sns:eu-west-1:111122223333:";
    assert_eq!(service(&format!("{arn}x"), ""), [format!("{arn}x")]);
    assert_eq!(service("${self:custom.dead}", ""), [format!("{arn}${{sls:stage}}-x")]);
    assert_eq!(service("${ssm:/dead}", ""), ["${ssm:/dead}"]);
    let joined = "!Join ['', ['arn:aws:sns:', !Ref AWS::Region, ':111122223333:x']]";
    for expression in ["!Ref Dead", "!GetAtt Dead.TopicArn", joined, "{Ref: Dead}"] {
        assert_eq!(service(expression, ""), Vec::<String>::new(), "{expression}");
    }
    assert_eq!(service("!Ref Dead", own), ["${Dead.Ref}"]);
}

#[test]
fn events_of_one_kind_have_names_of_their_own() {
    let service = "service: shop\nprovider: {name: aws, runtime: nodejs22.x}\nfunctions:\n  get:\n    handler: app.get\n    \
                   events: [{s3: one}, {s3: two}, {sqs: 'arn:aws:sqs:eu-west-1:111122223333:a'}, {sqs: 'arn:aws:sqs:eu-west-1:111122223333:b'}, {s3: three}]\n";
    let (_folder, project) = written("serverless.yml", service);
    let names: Vec<&str> = project.functions[0].events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["s3", "s3-2", "sqs", "sqs2", "s3-3"]);
}

#[test]
fn a_pool_that_an_event_names_is_made_with_the_service() {
    let service = "service: shop\nprovider: {name: aws, runtime: nodejs22.x}\nfunctions:\n  get:\n    handler: app.get\n    events:\n      \
                   - cognitoUserPool: {pool: users-main, trigger: PreSignUp}\n      \
                   - cognitoUserPool: {pool: old, trigger: PreSignUp, existing: true}\n";
    let (_folder, project) = written("serverless.yml", service);
    let resources: Vec<Option<String>> =
        project.functions[0].events.iter().map(|event| event.resource.as_ref().map(show)).collect();
    assert_eq!(resources, [Some("${CognitoUserPoolUsersmain.Ref}".to_owned()), None]);
    assert_eq!(project.stacks[0].resources["CognitoUserPoolUsersmain"].kind, "AWS::Cognito::UserPool");
}

#[test]
fn oddities_of_included_files_and_unknown_constructs_are_notes() {
    let service = "service: shop\nprovider: {name: aws, runtime: nodejs22.x, environment: '${file(variables.yml)}'}\n\
                   constructs: {gate: {type: portal}}\nfunctions: {get: {handler: app.get}}\n";
    let folder = support::project(&[("serverless.yml", service), ("variables.yml", "TABLE: one\nTABLE: two\n")]);
    let project = discover(folder.path(), &Options::default());
    let said = messages(&project);
    assert!(said.contains("TABLE") && said.contains("the type of the construct `gate` is `portal`"), "{said}");
}

#[test]
fn what_a_service_puts_out_is_known_to_others_of_the_repository() {
    let db = "service: db\nprovider: {name: aws}\nresources:\n  Resources: {Items: {Type: AWS::DynamoDB::Table}, Jobs: {Type: \
              AWS::SQS::Queue}}\n  Outputs: ${file(outputs.yml)}\n";
    let outputs = "Table: {Value: !Ref Items}\nJobs: {Value: !Ref Jobs, Export: {Name: jobs-url}}\n";
    let api = "service: api\nprovider:\n  name: aws\n  runtime: nodejs22.x\n  environment: {TABLE: '${cf:db-${sls:stage}.Table}', QUEUE: \
               !ImportValue jobs-url, OTHER: '${cf:db-dev.Missing}'}\nfunctions: {get: {handler: app.get}}\n";
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: \
                    {CodeUri: ., Handler: app.get, Runtime: nodejs22.x, Environment: {Variables: {QUEUE: !ImportValue jobs-url}}}\n";
    let folder = support::project(&[
        ("db/serverless.yml", db),
        ("db/outputs.yml", outputs),
        ("api/serverless.yml", api),
        ("sam/template.yaml", template),
    ]);
    let project = discover(folder.path(), &Options::default());
    let variable = |function: &str, name: &str| {
        let function = project.functions.iter().find(|known| known.name == function).expect("a function");
        texts(&function.environment[name].values)
    };
    assert_eq!(variable("get", "TABLE"), "${db/serverless.yml/Items.Ref}");
    assert_eq!(variable("get", "QUEUE"), "${db/serverless.yml/Jobs.Ref}");
    assert_eq!(variable("Fn", "QUEUE"), "${db/serverless.yml/Jobs.Ref}");
    assert_eq!(variable("get", "OTHER"), "${cf:db-dev.Missing}");
    let service = project.stacks.iter().find(|stack| stack.template.path == "api/serverless.yml").expect("a stack");
    assert!(service.resources.contains_key("db/serverless.yml/Items"));
}

#[test]
fn functions_that_a_script_puts_together_unseen_are_said_to_be_missing() {
    let text = "const made = { functions: {} };\nlistAll().forEach((name) => { made.functions[name] = load(name); });\n\
                module.exports = { service: 's', provider: { name: 'aws' }, functions: made.functions };\n";
    let (_folder, project) = written("serverless.js", text);
    assert!(
        messages(&project).contains("none of this service's functions could be read from the script"),
        "{}",
        messages(&project)
    );
    let (_folder, project) = written("serverless.js", "module.exports = { service: 's', provider: { name: 'aws' } };\n");
    assert!(!messages(&project).contains("none of"), "{}", messages(&project));
}

#[test]
fn a_service_that_another_one_takes_a_value_from_stays_a_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, text).expect("a file");
    };
    let service = |name: &str, statements: &str, functions: &str| {
        format!(
            "service: {name}\nprovider: {{name: aws, runtime: python3.12, iamRoleStatements: {statements}}}\nfunctions: {functions}\n"
        )
    };
    write("a/serverless.yml", &service("a", "[{Effect: Allow, Action: 'sqs:*', Resource: '*'}]", "{one: {handler: h.handler}}"));
    let taken = "'${file(../a/serverless.yml):provider.iamRoleStatements}'";
    write("b/serverless.yml", &service("b", taken, "{two: {handler: h.handler}}"));
    // All functions of this one are those of another.
    write("c/base.yml", &service("base", "[]", "{three: {handler: h.handler}}"));
    write("c/serverless.yml", &service("c", "[]", "'${file(./base.yml):functions}'"));
    ["a/h.py", "b/h.py", "c/h.py"].iter().for_each(|name| write(name, "def handler(event, context): pass\n"));
    let project = discover(folder.path(), &Options::default());
    let names: Vec<&str> = project.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["one", "three", "two"]);
}

#[test]
fn functions_may_be_all_that_a_module_exports() {
    let create = "export default { handler: 'src/create.main', environment: { TABLE: 'orders' } };\n";
    for functions in ["functions", "functions: { ...functions }", "functions: other"] {
        let service = format!(
            "import * as functions from './functions';\nconst other = functions;\nexport default {{ service: 's', \
             provider: {{ name: 'aws', runtime: 'nodejs22.x' }}, {functions} }};\n"
        );
        let folder = support::project(&[
            ("serverless.ts", &service),
            ("functions/index.ts", "export { default as create } from './create';\nexport * from './more';\n"),
            ("functions/create/index.ts", create),
            ("functions/more.ts", "export const list = { handler: 'src/list.main' };\nexport default 1;\n"),
            ("src/create.ts", "export const main = async () => 1;\n"),
            ("src/list.ts", "export const main = async () => 1;\n"),
        ]);
        let project = discover(folder.path(), &Options::default());
        let found: Vec<(&str, bool)> =
            project.functions.iter().map(|function| (function.name.as_str(), function.handler.is_resolved())).collect();
        assert_eq!(found, [("create", true), ("list", true)], "{functions}: {}", messages(&project));
        assert!(project.functions[0].environment.contains_key("TABLE"), "{functions}");
    }
}
