//! Every command through the real binary: what is printed where, and with which exit code.

use std::path::Path;

#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;
#[path = "support/schema.rs"]
mod schema;

use project::project;
use run::{Run, leash as leash_in};

/// A command line in this repository.
fn leash(args: &[&str]) -> Run {
    leash_in(Path::new(env!("CARGO_MANIFEST_DIR")), args)
}

const READER: &str = "import boto3\ntable = boto3.resource('dynamodb').Table('orders')\n\n\ndef handler(event, context):\n    return table.get_item(Key={'id': event['id']})\n";

#[test]
fn one_function_gives_a_bare_document() {
    let folder = project(&[("app.py", READER)]);
    let answer = leash_in(folder.path(), &["infer", "--region", "eu-west-1", "--account", "123456789012", "-q"]).answer();
    insta::assert_snapshot!(answer, @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "DynamoDBReadOrders",
          "Effect": "Allow",
          "Action": "dynamodb:GetItem",
          "Resource": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
        }
      ]
    }
    "#);
}

#[test]
fn several_functions_give_one_object() {
    let answer = leash(&["infer", "examples/orders"]).answer_json();
    let functions = answer["functions"].as_array().expect("there is a list of functions");
    let handlers: Vec<_> = functions.iter().map(|function| function["handler"].as_str().unwrap_or_default()).collect();
    assert_eq!(handlers, ["src/take_order.py:handler", "receipts/write-receipt.ts:handler"]);
    assert!(functions.iter().all(|function| function["policy"]["Version"] == "2012-10-17"), "{answer}");
}

#[test]
fn a_function_without_calls_has_an_empty_policy_and_a_note() {
    let folder = project(&[("app.py", "def handler(event, context):\n    return 1\n")]);
    let run = leash_in(folder.path(), &["infer", "app.py"]);
    assert!(run.err.contains("no AWS calls were found"), "{}", run.err);
    assert_eq!(run.answer_json(), serde_json::json!({ "Version": "2012-10-17", "Statement": [] }));
}

#[test]
fn calls_are_told_with_their_place_parameters_and_path() {
    let folder = project(&[("app.py", READER)]);
    let answer = leash_in(folder.path(), &["calls", "app.py", "--format", "json"]).answer_json();
    let call = &answer["operations"][0];
    assert_eq!((&call["service"], &call["operation"]), (&"dynamodb".into(), &"GetItem".into()));
    assert_eq!((&call["file"], &call["line"], &call["column"]), (&"app.py".into(), &6.into(), &12.into()));
    assert_eq!((&call["function"], &call["confidence"]), (&"handler".into(), &"certain".into()));
    assert_eq!(call["parameters"], serde_json::json!({ "TableName": "orders", "Key": { "id": "*" } }));
    assert_eq!(call["path"], serde_json::json!([{ "function": "handler", "file": "app.py", "line": 5 }]));
    assert_eq!(answer["notes"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_module_that_only_a_layer_can_bring_is_taken_from_the_repository() {
    let files = [
        (
            "functions/mail/app.py",
            "import json\nimport outbox\n\ndef handler(event, context):\n    outbox.send(json.dumps(event))\n",
        ),
        (
            "shared/outbox.py",
            "import boto3\n\ndef send(body):\n    boto3.client('sns').publish(TopicArn='arn:aws:sns:eu-west-1:123456789012:mail', Message=body)\n",
        ),
        ("shared/json.py", "import boto3\n\ndef dumps(value):\n    boto3.client('s3').list_buckets()\n"),
    ];
    let folder = project(&files);
    let run = leash_in(folder.path(), &["infer", ".", "--format", "text"]);
    assert!(run.out.contains("sns:Publish") && !run.out.contains("s3:"), "{}", run.out);
    let note = "shared/outbox.py is taken for it, as if a layer brought it";
    assert!(run.out.replace("\n    ", " ").contains(note), "{}", run.out);
}

#[test]
fn explain_shows_code_way_and_origin() {
    let answer = leash(&["explain", "examples/orders", "dynamodb:Put*"]).answer();
    insta::assert_snapshot!(answer, @r"
    TakeOrder  src/take_order.py:handler

    dynamodb:PutItem  Write, certain
      on arn:aws:dynamodb:*:*:table/orders
         arn:aws:dynamodb:*:*:table/orders is OrdersTable of the template (template.yaml:58), through the environment variable TABLE_NAME
      --> src/shared/orders.py:13:9
       |
    13 |         self.table.put_item(Item=order)
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ dynamodb:PutItem through resource
      reached through handler (src/take_order.py:20) > save (src/take_order.py:23)
      https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    ");
}

#[test]
fn operations_are_looked_up_by_any_name() {
    let answer = leash(&["lookup", "dynamodb.Table.put_item", "--format", "json"]).answer_json();
    assert_eq!(answer["operations"][0]["operation"], "PutItem");
    assert_eq!(answer["operations"][0]["actions"][0]["action"], "dynamodb:PutItem");
    assert!(leash(&["lookup", "sqs"]).answer().contains("sqs:SendMessageBatch"));
    assert_eq!(leash(&["lookup", "s3:GetObjct"]).error(), "error: s3 has no operation `GetObjct`; did you mean `GetObject`?");
}

#[test]
fn answers_in_json_have_a_version_and_follow_their_schemas() {
    let folder = project(&[("before/app.py", "def handler(event, context):\n    return 1\n"), ("after/app.py", READER)]);
    let answers: [(&str, &[&str]); 7] = [
        ("calls", &["calls", "after", "--format", "json"]),
        ("lookup", &["lookup", "s3:PutObject", "--format", "json"]),
        ("lookup", &["lookup", "iam", "--format", "json"]),
        ("lookup", &["lookup", "s3:CopyObject", "--format", "json"]),
        ("lookup", &["lookup", "lambda:CreateFunction", "--format", "json"]),
        ("compare", &["compare", "after", "before", "--format", "json"]),
        ("compare-jsonl", &["compare", "after", "before", "--format", "jsonl"]),
    ];
    for (name, args) in answers {
        let answer = leash_in(folder.path(), args).answer_json();
        let schema = leash(&["schema", name]).answer_json();
        assert_eq!(answer["version"], 1, "{name}");
        assert_eq!(schema::problems(&answer, &schema), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_does_not_follow_a_schema_is_found() {
    let schema = leash(&["schema"]).answer_json();
    let report = leash(&["infer", "examples/orders", "--format", "report"]).answer_json();
    let with = |pointer: &str, value: serde_json::Value| {
        let mut other = report.clone();
        *other.pointer_mut(pointer).unwrap_or_else(|| panic!("the report has no {pointer}")) = value;
        schema::problems(&other, &schema)
    };
    assert_eq!(with("/version", "one".into()).len(), 1);
    assert_eq!(with("/functions/0/name", serde_json::Value::Null).len(), 1);
    // What is one of several things is one of them.
    assert_eq!(with("/functions/0/statements/0/evidence/0", serde_json::json!({ "kind": "guess" })).len(), 1);
    assert_eq!(schema::problems(&report, &serde_json::json!({ "$ref": "#/$defs/Gone" })), [" has no schema"]);
}

#[test]
fn the_report_follows_its_schema() {
    let report = leash(&["infer", "examples/orders", "--format", "report"]).answer_json();
    let schema = leash(&["schema"]).answer_json();
    assert_eq!(schema::problems(&report, &schema), Vec::<String>::new());
    assert_eq!(report["functions"][0]["statements"][0]["evidence"][0]["at"], serde_json::Value::Null);
    assert_eq!(report["functions"][0]["statements"][0]["evidence"][0]["line"], 13);
}

#[test]
fn templates_get_answers_with_references() {
    let of = |format: &str| leash(&["infer", "examples/orders", "-q", "--function", "WriteReceipt", "--format", format]).answer();
    insta::assert_snapshot!(of("sam"), @r#"
    # WriteReceipt (template.yaml:38)
    Policies:
      - Version: "2012-10-17"
        Statement:
          - Sid: DynamoDBReadOrdersTable
            Effect: Allow
            Action: dynamodb:GetItem
            Resource: !GetAtt OrdersTable.Arn
          - Sid: LogsWriteWriteReceipt
            Effect: Allow
            Action:
              - logs:CreateLogGroup
              - logs:CreateLogStream
              - logs:PutLogEvents
            Resource: !Sub arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/${AWS::StackName}-WriteReceipt-*:*
          - Sid: S3WriteReceiptBucket
            Effect: Allow
            Action: s3:PutObject
            Resource: !Sub "${ReceiptBucket.Arn}/receipts/*.txt"
          - Sid: SQSReadWriteReceiptQueue
            Effect: Allow
            Action:
              - sqs:DeleteMessage
              - sqs:GetQueueAttributes
              - sqs:ReceiveMessage
            Resource: !GetAtt ReceiptQueue.Arn
    "#);
    for (format, wanted) in [
        ("cloudformation", "Type: AWS::IAM::ManagedPolicy"),
        ("serverless", "Resource: !Join [\"\", [!GetAtt ReceiptBucket.Arn, \"/receipts/*.txt\"]]"),
        ("terraform", "resources = [\"arn:${data.aws_partition.current.partition}:s3:::example-receipts/receipts/*.txt\"]"),
        ("cdk", "resources: [`${cdk.Fn.getAtt('ReceiptBucket', 'Arn').toString()}/receipts/*.txt`]"),
    ] {
        let answer = of(format);
        assert!(answer.contains(wanted), "{format}:\n{answer}");
    }
}

#[test]
fn functions_of_a_service_with_roles_of_their_own_have_their_own_statements() {
    let code = "import boto3\ns3 = boto3.client('s3')\ndef read(event, context): s3.get_object(Bucket='data', Key='a')\ndef write(event, context): s3.put_object(Bucket='data', Key='b')\n";
    let service = |plugins: &str, own: &str| {
        format!(
            "service: demo\n{plugins}provider: {{name: aws, runtime: python3.12}}\nfunctions:\n  read: {{handler: app.read{own}}}\n  write: {{handler: app.write{own}}}\n"
        )
    };
    let answer = |service: String| {
        let folder = project(&[("serverless.yml", service.as_str()), ("app.py", code)]);
        leash_in(folder.path(), &["infer", "-q", "--no-logs", "--format", "serverless"]).answer()
    };
    let plugin = "plugins: [serverless-iam-roles-per-function]\n";
    let by_plugin = answer(service(plugin, ", iamRoleStatements: [{Effect: Allow, Action: 's3:*', Resource: '*'}]"));
    insta::assert_snapshot!(by_plugin, @r"
    functions:
      read:
        iamRoleStatements:
          # read (serverless.yml:5)
          - Sid: S3ReadData
            Effect: Allow
            Action: s3:GetObject
            Resource: !Sub arn:${AWS::Partition}:s3:::data/a
      write:
        iamRoleStatements:
          # write (serverless.yml:6)
          - Sid: S3WriteData
            Effect: Allow
            Action: s3:PutObject
            Resource: !Sub arn:${AWS::Partition}:s3:::data/b
    ");
    let by_framework = answer(service("", ", iam: {role: {statements: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}}"));
    assert!(by_framework.contains("  write:\n    iam:\n      role:\n        statements:\n"), "{by_framework}");
    let shared = answer(service("", ""));
    assert!(shared.starts_with("# The role is shared: every function may do what any of them needs.\nprovider:\n"), "{shared}");
}

#[test]
fn bad_input_is_one_clear_line() {
    let folder = project(&[
        ("app.py", READER),
        ("empty/README.md", "nothing here"),
        ("bad/leash.toml", "regions = 'eu-west-1'\n"),
        ("bad/app.py", READER),
    ]);
    std::fs::write(folder.path().join("binary.py"), b"\x7fELF\0\0").expect("files can be written");
    let error = |args: &[&str]| leash_in(folder.path(), args).error();
    assert_eq!(error(&["infer", "nowhere"]), "error: nowhere does not exist");
    assert!(error(&["infer", "empty"]).starts_with("error: no Lambda function found in empty"));
    assert_eq!(error(&["infer", "binary.py"]), "error: cannot read binary.py: it is a binary file");
    assert_eq!(
        error(&["infer", "app.py", "--handler", "app.py:handle"]),
        "error: app.py has no function `handle`; did you mean `handler`?"
    );
    assert_eq!(
        error(&["infer", "app.py", "--handler", "handler"]),
        "error: `handler` is no handler: write FILE:FUNCTION, such as src/app.py:lambda_handler"
    );
    assert_eq!(error(&["infer", "app.py", "--function", "ap"]), "error: there is no function named `ap`; did you mean `app`?");
    assert_eq!(
        error(&["infer", "app.py", "--region", "europe"]),
        "error: `europe` is no region: regions look like eu-west-1; * leaves it open"
    );
    assert_eq!(error(&["infer", "app.py", "--env", "TABLE"]), "error: `TABLE` is no environment variable: write KEY=VALUE");
    assert!(error(&["infer", "bad"]).contains("leash.toml:1:1: unknown field `regions`"));
    assert!(error(&["infer", "--no-such-option"]).starts_with("error: unexpected argument"));
}

#[test]
fn settings_of_the_repository_are_found_and_the_command_line_wins() {
    let code = "import boto3, os\ndef handler(event, context):\n    boto3.client('sns').publish(TopicArn=os.environ['TOPIC'], Message='x')\n";
    let config = "region = 'eu-west-1'\n[env]\nTOPIC = 'arn:aws:sns:eu-west-1:123456789012:all'\n\
                  [functions.app.env]\nTOPIC = 'arn:aws:sns:eu-west-1:123456789012:own'\n";
    let folder = project(&[("leash.toml", config), ("src/app.py", code)]);
    let resource = |args: &[&str]| leash_in(folder.path(), args).answer_json()["Statement"][0]["Resource"].clone();
    assert_eq!(resource(&["infer", "src"]), "arn:aws:sns:eu-west-1:123456789012:own");
    let given = "TOPIC=arn:aws:sns:eu-west-1:123456789012:given";
    assert_eq!(resource(&["infer", "src", "--env", given]), "arn:aws:sns:eu-west-1:123456789012:given");
}

#[test]
fn a_deployed_name_is_that_of_one_function() {
    let code = "def handler(event, context): pass\n";
    let template = "Resources:\n  One: {Type: AWS::Serverless::Function, Properties: {Handler: a.handler, Runtime: python3.12, CodeUri: .}}\n  \
                    Two: {Type: AWS::Serverless::Function, Properties: {Handler: a.handler, Runtime: python3.12, CodeUri: .}}\n";
    let template = format!("Transform: AWS::Serverless-2016-10-31\n{template}");
    let folder = project(&[("template.yaml", &template), ("a.py", code)]);
    for command in ["infer", "diff", "lock"] {
        let error = leash_in(folder.path(), &[command, ".", "--function-name", "live"]).error();
        assert!(error.starts_with("error: --function-name is the name of one function, and there are 2"), "{error}");
    }
    let one = leash_in(folder.path(), &["infer", ".", "--function", "One", "--function-name", "live"]).answer();
    assert!(one.contains("log-group:/aws/lambda/live:*"), "{one}");
    let error = leash_in(folder.path(), &["diff", ".", "--function", "one"]).error();
    assert_eq!(error, "error: there is no function named `one`; did you mean `One`?");
}

#[test]
fn files_are_written_completely_or_not_at_all() {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let out = folder.path().join("policies");
    let run = leash(&["infer", "examples/orders", "--out", out.to_str().expect("the path is text")]);
    assert_eq!(run.answer(), "");
    let list = |folder: &Path| {
        let entries = std::fs::read_dir(folder).expect("the folder is there");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("it can be listed").file_name().into_string().expect("names are text")).collect();
        names.sort();
        names
    };
    assert_eq!(list(&out), ["TakeOrder.json", "WriteReceipt.json"]);
    let blocked = folder.path().join("blocked");
    std::fs::write(&blocked, "a file").expect("files can be written");
    assert!(
        leash(&["infer", "examples/orders", "--out", blocked.to_str().expect("the path is text")])
            .error()
            .contains("cannot write")
    );
    assert_eq!(list(folder.path()), ["blocked", "policies"]);
}

#[test]
fn color_comes_only_when_asked_for() {
    assert!(!leash(&["infer", "examples/orders", "--format", "text"]).answer().contains('\u{1b}'));
    assert!(leash(&["infer", "examples/orders", "--format", "text", "--color", "always"]).answer().contains('\u{1b}'));
    assert_eq!(leash(&["infer", "examples/orders", "-q"]).err, "");
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_is_quiet_success() {
    use std::process::{Command, Stdio};
    let binary = env!("CARGO_BIN_EXE_leash");
    let mut child = Command::new(binary)
        .args(["lookup", "--all", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn conditions_on_keys_come_only_when_asked_for() {
    let reader = READER.replace("event['id']", "'settings'");
    let folder = project(&[("app.py", reader.as_str())]);
    let plain = leash_in(folder.path(), &["infer", "app.py", "-q", "--no-logs"]).answer_json();
    assert_eq!(plain["Statement"][0]["Condition"], serde_json::Value::Null, "{plain}");
    let narrow = leash_in(folder.path(), &["infer", "app.py", "-q", "--no-logs", "--conditions"]).answer_json();
    let wanted = serde_json::json!({ "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "settings" } });
    assert_eq!(narrow["Statement"][0]["Condition"], wanted, "{narrow}");
}

/// Every `$ leash …` in the README prints what stands below it, with or without what goes to standard error; `…` stands for
/// the rest.
#[test]
fn the_readme_shows_real_output() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("there is a README");
    let mut shown = 0;
    for block in readme.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        for part in format!("\n{block}").split("\n$ leash ").skip(1) {
            let (line, expected) = part.split_once('\n').unwrap_or((part, ""));
            let words: Vec<&str> = line.split_whitespace().collect();
            let run = leash(&words);
            let both = format!("{}{}", run.out, run.err);
            match expected.split_once("…\n") {
                Some((start, _)) => assert!(both.starts_with(start), "leash {line}:\n{both}"),
                None if both.trim_end() == expected.trim_end() => {}
                None => assert_eq!(run.out.trim_end(), expected.trim_end(), "leash {line}"),
            }
            shown += 1;
        }
    }
    assert!(shown >= 5, "the tour has {shown} commands");
}

#[test]
fn a_report_lists_functions_that_could_not_be_analyzed_even_when_there_are_no_others() {
    let template = "Resources:\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: python3.13, Handler: app.run, Code: src}\n";
    let folder = project(&[("template.yaml", template), ("src/app.py", "def handler(event, context):\n    pass\n")]);
    let report = leash_in(folder.path(), &["infer", ".", "--format", "report"]).answer_json();
    assert_eq!(report["functions"][0]["analyzed"], false);
    let note = &report["functions"][0]["notes"][0];
    assert!(note["message"].as_str().is_some_and(|message| message.contains("src/app.py has no function `run`")), "{note}");
    assert_eq!((&note["at"]["file"], &note["at"]["line"]), (&"template.yaml".into(), &2.into()));
    assert!(leash_in(folder.path(), &["infer", "."]).error().contains("could be analyzed"));
}
