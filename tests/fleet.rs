//! What fleets need: lines that stand alone, and runs that are split over machines.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;
#[path = "support/schema.rs"]
mod schema;

use project::write;

fn leash(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let run = run::leash(folder, args);
    (run.status, run.out, run.err)
}

fn lines(folder: &Path, args: &[&str]) -> Vec<String> {
    let (code, answer, errors) = leash(folder, args);
    assert_eq!(code, Some(0), "{args:?}: {errors}");
    answer.lines().map(str::to_owned).collect()
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).expect("each line is JSON")
}

/// Two templates whose functions share code and roles, a function without code, and one whose code is in the template.
fn monorepo() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let root = folder.path();
    write(
        root,
        "shared/store.py",
        "import boto3\n\ntable = boto3.resource('dynamodb').Table('orders')\n\n\ndef drop(key):\n    table.delete_item(Key={'id': key})\n\n\ndef load(key):\n    return table.get_item(Key={'id': key})\n",
    );
    for (name, call) in [("api", "load"), ("jobs", "drop")] {
        let mut template = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n  Shared:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]\n      Policies:\n        - PolicyName: all\n          PolicyDocument:\n            Statement: [{Effect: Allow, Action: 'dynamodb:*', Resource: '*'}]\n".to_owned();
        for number in 0..5 {
            let role = if number < 2 { "      Role: !GetAtt Shared.Arn\n" } else { "" };
            template.push_str(&format!("  {name}{number}:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      Handler: {name}/f{number}.handler\n      Runtime: python3.13\n{role}"));
            write(
                root,
                format!("{name}/f{number}.py"),
                format!("from shared.store import {call}\n\n\ndef handler(event, context):\n    {call}('{number}')\n"),
            );
        }
        template.push_str(&format!("  {name}Inline:\n    Type: AWS::Lambda::Function\n    Properties:\n      Handler: index.handler\n      Runtime: python3.13\n      Role: arn:aws:iam::123456789012:role/given\n      Code:\n        ZipFile: |\n          import boto3\n          def handler(event, context):\n              boto3.client('sns').publish(TopicArn='arn:aws:sns:eu-west-1:123456789012:t', Message='x')\n"));
        template.push_str(&format!("  {name}Gone:\n    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: ., Handler: gone.handler, Runtime: python3.13}}\n"));
        write(root, format!("{name}.template.yaml"), &template);
    }
    folder
}

#[test]
fn shards_together_are_the_whole_answer() {
    let folder = monorepo();
    for command in [&["infer", "--format", "jsonl"][..], &["infer", "--format", "jsonl", "--region", "eu-west-1"]] {
        let mut whole = lines(folder.path(), command);
        whole.sort();
        assert_eq!(whole.len(), 14);
        for count in [1_usize, 2, 3, 5, 14, 40] {
            let part = |number: usize| lines(folder.path(), &[command, &["--shard", &format!("{number}/{count}")]].concat());
            let parts: Vec<Vec<String>> = (1..=count).map(part).collect();
            let mut all = parts.concat();
            all.sort();
            assert_eq!(all, whole, "{count} shards");
            if count <= 5 {
                assert!(parts.iter().all(|part| !part.is_empty()), "{count} shards share the work");
            }
        }
    }
    let calls = |args: &[&str]| {
        let (_, answer, _) = leash(folder.path(), &[&["calls", "--format", "json"], args].concat());
        json(&answer)["operations"].as_array().expect("a list").clone()
    };
    // A call in shared code is listed for each function that reaches it.
    let (parts, whole) = ([calls(&["--shard", "1/2"]), calls(&["--shard", "2/2"])], calls(&[]));
    assert!(!whole.is_empty() && parts.iter().all(|part| part.len() < whole.len()));
    assert_eq!(parts.concat().len(), whole.len());
}

#[test]
fn shards_do_not_depend_on_where_the_repository_is() {
    let (one, other) = (monorepo(), monorepo());
    let here = lines(one.path(), &["infer", "--format", "jsonl", "--shard", "2/3"]);
    let there = lines(Path::new("/"), &["infer", "--format", "jsonl", "--shard", "2/3", &other.path().display().to_string()]);
    assert_eq!(here, there);
}

#[test]
fn notes_of_no_function_are_told_once_and_empty_shards_are_fine() {
    let folder = monorepo();
    write(folder.path(), "broken.yaml", "Resources:\n  A: [\n  Type: AWS::Serverless::Function\n");
    let told = |shard: &str| leash(folder.path(), &["infer", "--format", "jsonl", "--shard", shard]).2.contains("broken.yaml");
    assert_eq!([told("1/3"), told("2/3"), told("3/3")], [true, false, false]);
    let (code, answer, remark) = leash(folder.path(), &["infer", "--format", "jsonl", "--shard", "1/100"]);
    assert_eq!((code, answer.as_str()), (Some(0), ""));
    assert!(remark.contains("there are no functions for shard 1/100: 14 in all"), "{remark}");
    let empty = TempDir::new().expect("a temporary folder");
    assert_eq!(leash(empty.path(), &["infer", "--shard", "1/2"]).0, Some(2), "nothing at all is still an error");
    for wrong in ["0/3", "4/3", "x"] {
        assert_eq!(leash(folder.path(), &["infer", "--shard", wrong]).0, Some(2));
    }
    assert_eq!(leash(folder.path(), &["infer", "--shard", "1/2", "--function", "api0"]).0, Some(2));
}

#[test]
fn lines_stand_alone_and_follow_their_schemas() {
    let folder = monorepo();
    for (command, name) in [("infer", "jsonl"), ("diff", "diff-jsonl")] {
        let schema = json(&lines(folder.path(), &["schema", name]).join("\n"));
        let args: &[&str] = if command == "diff" { &["--fail-on", "none"] } else { &[] };
        let lines = lines(folder.path(), &[&[command, "--format", "jsonl"], args].concat());
        assert_eq!(lines.len(), 14, "{command} leaves none out");
        for line in &lines {
            assert_eq!(schema::problems(&json(line), &schema), Vec::<String>::new());
            assert_eq!(json(line)["version"], 1);
        }
    }
    let (_, answer, _) = leash(folder.path(), &["diff", "--format", "json"]);
    let schema = json(&lines(folder.path(), &["schema", "diff"]).join("\n"));
    assert_eq!(schema::problems(&json(&answer), &schema), Vec::<String>::new());
}

#[test]
fn a_line_names_role_and_reason() {
    let folder = monorepo();
    let lines = lines(folder.path(), &["infer", "--format", "jsonl"]);
    let function = |name: &str| json(lines.iter().find(|line| json(line)["name"] == name).expect("the function is there"));
    assert_eq!(function("api0")["role"], serde_json::json!({"kind": "declared", "name": "Shared"}));
    assert_eq!(function("api3")["role"], serde_json::json!({"kind": "own"}));
    assert_eq!(
        function("apiInline")["role"],
        serde_json::json!({"kind": "external", "name": "arn:aws:iam::123456789012:role/given"})
    );
    let gone = function("apiGone");
    assert_eq!(gone["analyzed"], false);
    assert!(gone["reason"].as_str().is_some_and(|reason| reason.contains("gone")), "{gone}");
}

#[test]
fn a_diff_line_has_the_width_of_the_gap_and_who_shares_the_role() {
    let folder = monorepo();
    let lines = lines(folder.path(), &["diff", "--format", "jsonl", "--fail-on", "none"]);
    let function = |name: &str| json(lines.iter().find(|line| json(line)["name"] == name).expect("the function is there"));
    let shared = function("api0");
    assert_eq!(shared["shared_with"], serde_json::json!(["api1"]));
    assert!(shared["allowed_actions"].as_u64().is_some_and(|count| count > 50), "dynamodb:* is many: {shared}");
    assert_eq!(shared["needed_actions"], 4, "GetItem, and three for logs");
    assert_eq!(shared["declared"][0]["verdict"], "used");
    let names = |line: &Value| {
        let all = line["findings"].as_array().expect("a list").iter();
        all.map(|finding| finding["name"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert!(names(&shared).contains(&"wildcard-action".to_owned()), "{shared}");
    assert!(names(&function("jobs3")).contains(&"missing-permission".to_owned()));
    assert_eq!(function("api3")["shared_with"], serde_json::json!([]));
    let (_, only, _) = leash(folder.path(), &["diff", "--format", "jsonl", "--function", "api0"]);
    assert_eq!(only.lines().map(|line| json(line)["name"].clone()).collect::<Vec<_>>(), ["api0"]);
}
