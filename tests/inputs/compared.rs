//! `leash compare` in the forms of `leash diff`, and paths as a repository's services want them.

use serde_json::Value;
use tempfile::TempDir;

use super::run::git;
use super::{CODE, TEMPLATE, folder, leash, write};

fn code(key: &str, operation: &str) -> String {
    format!("import boto3\n\n\ndef handler(event, context):\n    boto3.client('s3').{operation}(Bucket='photos', Key={key})\n")
}

/// A repository with a function in a folder of its own; the last commit widens, adds and drops a permission.
fn repository() -> TempDir {
    let before = format!("{}    boto3.client('s3').delete_object(Bucket='photos', Key='b')\n", code("'a'", "get_object"));
    let after = format!(
        "{}    boto3.client('sns').publish(TopicArn='arn:aws:sns:eu-west-1:123456789012:t', Message='x')\n",
        code("event['k']", "get_object")
    );
    let folder = folder(&[("services/photos/app.py", &before)]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    write(folder.path(), "services/photos/app.py", after.as_bytes());
    git(folder.path(), &["commit", "-q", "-a", "-m", "two"]);
    folder
}

#[test]
fn changes_are_results_and_annotations_at_the_lines_that_caused_them() {
    let folder = repository();
    let inside = folder.path().join("services/photos");
    for (at, prefix) in [(folder.path(), ""), (inside.as_path(), "")] {
        let run = leash(at, &["compare", "HEAD~1", "HEAD", "--format", "sarif"]);
        assert_eq!(run.status, Some(1), "{}", run.err);
        let log = run.json();
        let results = log["runs"][0]["results"].as_array().expect("a list");
        let one = |result: &Value| {
            let place = &result["locations"][0]["physicalLocation"];
            let line = place["region"]["startLine"].as_u64().unwrap_or_default();
            let uri = place["artifactLocation"]["uri"].as_str().unwrap_or_default();
            format!("{} {prefix}{uri}:{line}", result["ruleId"].as_str().unwrap_or_default())
        };
        let mut found: Vec<String> = results.iter().map(one).collect();
        found.sort();
        let path = "services/photos/app.py";
        assert_eq!(found, [format!("LEASH015 {path}:6"), format!("LEASH016 {path}:5"), format!("LEASH017 {path}:6")]);
        let prints: Vec<&str> = results.iter().filter_map(|one| one["partialFingerprints"]["leash/v1"].as_str()).collect();
        assert_eq!(prints.len(), 3);
    }
    let github = leash(folder.path(), &["compare", "HEAD~1", "HEAD", "--format", "github"]);
    assert_eq!(github.status, Some(1));
    assert!(github.out.contains("::error file=services/photos/app.py,line=6,col="), "{}", github.out);
    assert!(github.out.contains("title=LEASH015 added-permission::"), "{}", github.out);
    let same = leash(folder.path(), &["compare", "HEAD", "HEAD", "--format", "sarif"]);
    assert_eq!((same.status, same.json()["runs"][0]["results"].as_array().map(Vec::len)), (Some(0), Some(0)));
}

#[test]
fn actions_of_one_statement_have_lines_of_their_own() {
    let table = "import boto3\n\ntable = boto3.resource('dynamodb').Table('t')\n\n\ndef handler(event, context):\n    table.put_item(Item={})\n";
    let (before, after) = (folder(&[("app.py", table)]), folder(&[("app.py", &format!("{table}    table.scan()\n"))]));
    let names = [&before, &after].map(|folder| folder.path().to_str().expect("text").to_owned());
    let run = leash(after.path(), &["compare", &names[0], &names[1], "--format", "json"]);
    assert_eq!(run.json()["changes"][0]["added"][0]["places"], serde_json::json!(["app.py:8"]));
}

#[test]
fn reports_keep_their_lines() {
    let folder = folder(&[("app.py", &code("'a'", "get_object"))]);
    let before = leash(folder.path(), &["infer", ".", "--format", "report"]).out;
    write(folder.path(), "app.py", code("'a'", "put_object").as_bytes());
    let after = leash(folder.path(), &["infer", ".", "--format", "report"]).out;
    let reports = super::folder(&[("before.json", &before), ("after.json", &after)]);
    let run = leash(reports.path(), &["compare", "before.json", "after.json", "--format", "github"]);
    assert!(run.out.contains("file=app.py,line=5,"), "{}", run.out);
}

#[test]
fn paths_start_at_the_repository_and_never_leave_it() {
    let outside = "import boto3\n\n\ndef sweep():\n    boto3.client('sqs').purge_queue(QueueUrl='https://sqs.eu-west-1.amazonaws.com/123456789012/q')\n";
    let folder = folder(&[("repo/services/orders/template.yaml", TEMPLATE), ("repo/services/orders/app.py", CODE)]);
    write(folder.path(), "outside/shared.py", outside.as_bytes());
    git(&folder.path().join("repo"), &["init", "-q"]);
    let uris = |at: &str, args: &[&str]| -> Vec<String> {
        let run = leash(&folder.path().join(at), &[args, &["--format", "sarif"]].concat());
        let log = run.json();
        let mut found = Vec::new();
        for result in log["runs"][0]["results"].as_array().expect("a list") {
            let related = result["relatedLocations"].as_array().into_iter().flatten();
            for location in result["locations"].as_array().into_iter().flatten().chain(related) {
                found.push(location["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a path").to_owned());
            }
        }
        found.sort();
        found.dedup();
        found
    };
    let whole = ["services/orders/app.py", "services/orders/template.yaml"];
    assert_eq!(uris("repo", &["diff", "."]), whole);
    assert_eq!(uris("repo", &["diff", "services/orders"]), whole);
    assert_eq!(uris("repo/services", &["diff", "orders/template.yaml"]), whole);
    assert_eq!(uris("", &["diff", "repo/services/orders"]), whole);

    let role = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}}"#;
    write(folder.path(), "repo/roles/Save.json", role.as_bytes());
    let with_role = ["roles/Save.json", "services/orders/app.py", "services/orders/template.yaml"];
    assert_eq!(uris("repo", &["diff", "services/orders", "--declared", "roles"]), with_role);
    assert_eq!(uris("repo/services", &["diff", "orders", "--role", "../roles/Save.json"]), with_role);

    // Code that lies outside of the repository is shown at the template.
    let template = TEMPLATE.replacen("CodeUri: .", "CodeUri: ../../../outside", 1).replacen("app.save", "shared.handler", 1);
    write(folder.path(), "repo/services/orders/template.yaml", template.as_bytes());
    write(folder.path(), "outside/shared.py", format!("{outside}\n\ndef handler(event, context):\n    sweep()\n").as_bytes());
    let run = leash(&folder.path().join("repo"), &["diff", "services/orders", "--format", "sarif"]);
    assert!(!run.out.contains("../") && !run.out.contains("outside/shared.py\""), "{}", run.out);
}
