//! `leash diff --observed` and `--declared`.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{findings, folder, leash, project, write};

const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/shop-SaveRole-1A2B/shop-Save-XyZ";

fn event(who: &str, source: &str, name: &str, parameters: &Value) -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {"type": "AssumedRole", "arn": who, "accountId": "123456789012"},
        "eventSource": format!("{source}.amazonaws.com"),
        "eventName": name,
        "awsRegion": "eu-west-1",
        "requestParameters": parameters,
        "recipientAccountId": "123456789012",
        "additionalEventData": {"bytesTransferredIn": 1, "nested": [[{"a": {}}]]},
    })
}

fn put() -> Value {
    event(SESSION, "dynamodb", "PutItem", &json!({"tableName": "shop-Orders-1AB2"}))
}

fn query() -> Value {
    event(SESSION, "dynamodb", "Query", &json!({"tableName": "shop-Orders-1AB2"}))
}

/// The columns of a function as `action declared inferred requests`.
fn columns(report: &Value, function: &str) -> Vec<String> {
    let functions = report["functions"].as_array().expect("a list");
    let function = functions.iter().find(|one| one["name"] == function).expect("the function");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let rows = function["columns"].as_array().expect("columns").iter();
    let rows = rows.filter(|row| !text(&row["action"]).starts_with("logs:"));
    rows.map(|row| {
        let requests = match (&row["observed"], row["requests"].as_u64()) {
            (Value::Bool(true), Some(requests)) => requests.to_string(),
            (Value::Bool(true), None) => "yes".to_owned(),
            _ => "no".to_owned(),
        };
        format!("{} {} {} {requests}", text(&row["action"]), text(&row["declared"]), text(&row["inferred"]))
    })
    .collect()
}

#[test]
fn three_columns_from_a_log_in_each_of_its_forms() {
    let records = vec![put(), put(), query()];
    let log = json!({ "Records": records }).to_string();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(log.as_bytes()).expect("a buffer takes everything");
    let packed = packed.finish().expect("a buffer takes everything");
    let events: Vec<Value> =
        records.iter().map(|record| json!({"EventId": "1", "CloudTrailEvent": record.to_string(), "Resources": []})).collect();
    let lookup = serde_json::to_string_pretty(&json!({ "Events": events })).expect("JSON");
    let lines: Vec<String> = records.iter().map(|record| json!({"detail-type": "x", "detail": record}).to_string()).collect();
    for (name, bytes) in [
        ("log.json", log.as_bytes()),
        ("log.json.gz", &packed),
        ("lookup.json", lookup.as_bytes()),
        ("events.jsonl", lines.join("\n").as_bytes()),
    ] {
        let folder = project();
        write(folder.path(), name, bytes);
        let run = leash(folder.path(), &["diff", ".", "--format", "json", "--observed", name]);
        let report = run.json();
        let save = ["dynamodb:PutItem yes yes 2", "dynamodb:Query yes no 1", "sqs:PurgeQueue yes no no"];
        assert_eq!(columns(&report, "Save"), save, "{name}");
        assert_eq!(columns(&report, "Load"), ["dynamodb:GetItem yes yes no"], "{name}");
        let gaps: Vec<String> = findings(&report).into_iter().filter(|one| one.starts_with("LEASH014")).collect();
        assert_eq!(gaps, ["LEASH014 Save dynamodb:Query"], "{name}");
        assert_eq!(report["observed"]["files"], json!([name]));
    }
}

#[test]
fn what_was_observed_is_never_called_unused() {
    let folder = project();
    let unused = |report: &Value| {
        let all: Vec<String> = findings(report).into_iter().filter(|one| one.contains("LEASH002 Save")).collect();
        (all, report["functions"].to_string().matches("\"unused\"").count())
    };
    let before = leash(folder.path(), &["diff", ".", "--format", "json"]).json();
    assert_eq!(unused(&before), (vec!["LEASH002 Save dynamodb:Query".to_owned()], 2));
    write(folder.path(), "log.json", json!({ "Records": [query()] }).to_string().as_bytes());
    let after = leash(folder.path(), &["diff", ".", "--format", "json", "--observed", "log.json"]).json();
    assert_eq!(unused(&after), (Vec::new(), 1));
}

#[test]
fn requests_belong_to_the_function_whose_session_it_is() {
    let folder = project();
    let other = "arn:aws:sts::123456789012:assumed-role/billing/nightly";
    let by_role = "arn:aws:sts::123456789012:assumed-role/shop-LoadRole-9Z/botocore-session-1";
    let renamed = "arn:aws:sts::123456789012:assumed-role/custom/renamed";
    let scan = |who: &str| event(who, "dynamodb", "Scan", &json!({"tableName": "shop-Orders-1AB2"}));
    let user = json!({"userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::1:user/eve"}, "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets"});
    let log = json!({"Records": [scan(other), scan(by_role), scan(renamed), user]}).to_string();
    write(folder.path(), "log.json", log.as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--format", "json", "--observed", "log.json"]);
    let gaps =
        |report: &Value| -> Vec<String> { findings(report).into_iter().filter(|one| one.starts_with("LEASH014")).collect() };
    assert_eq!(gaps(&run.json()), ["LEASH014 Load dynamodb:Scan"]);
    assert_eq!(
        run.json()["observed"]["passed_over"],
        json!([{"role": "billing", "requests": 1}, {"role": "custom", "requests": 1}])
    );
    assert!(run.err.contains("are passed over (2): billing, custom"), "{}", run.err);
    assert!(run.err.contains("people and AWS services, not about roles, are passed over (1)"), "{}", run.err);
    write(folder.path(), "leash.toml", b"[functions.Save]\nfunction-name = 'renamed'\n");
    let named = leash(folder.path(), &["diff", ".", "--format", "json", "--observed", "log.json"]);
    assert_eq!(gaps(&named.json()), ["LEASH014 Load dynamodb:Scan", "LEASH014 Save dynamodb:Scan"]);
}

#[test]
fn records_without_a_name_count_for_all() {
    let folder = project();
    let call = |service: &str, api: &str| {
        format!(r#"{{"Version":1,"Type":"ApiCall","Service":"{service}","Api":"{api}","Region":"eu-west-1","AttemptCount":1}}"#)
    };
    let attempt = call("DynamoDB", "GetItem").replace("ApiCall", "ApiCallAttempt");
    let lines = [call("DynamoDB", "GetItem"), attempt, call("S3", "ListBuckets"), call("CloudWatch Logs", "PutLogEvents")];
    write(folder.path(), "csm.jsonl", lines.join("\n").as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--format", "json", "--observed", "csm.jsonl"]);
    assert_eq!(columns(&run.json(), "Load"), ["dynamodb:GetItem yes yes 1"]);
    let gaps: Vec<String> = findings(&run.json()).into_iter().filter(|one| one.starts_with("LEASH014")).collect();
    assert_eq!(gaps, ["LEASH014 Load+Save s3:ListAllMyBuckets"], "one finding, not one for each function");
    assert!(run.err.contains("they count for every function"), "{}", run.err);

    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Scan"],"Resource":"*"}]}"#;
    write(folder.path(), "iamlive.json", policy.as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--format", "json", "--observed", "iamlive.json"]);
    assert_eq!(columns(&run.json(), "Load"), ["dynamodb:GetItem yes yes yes"]);
    let gaps: Vec<String> = findings(&run.json()).into_iter().filter(|one| one.starts_with("LEASH014")).collect();
    assert_eq!(gaps, ["LEASH014 Load+Save dynamodb:Scan"]);
}

#[test]
fn the_columns_are_shown_in_text_and_markdown_and_an_allowance_explains() {
    let folder = project();
    let denied = json!({"errorCode": "AccessDenied"});
    let mut refused = event(SESSION, "s3", "DeleteObject", &json!({"bucketName": "b", "key": "k"}));
    refused["errorCode"] = denied["errorCode"].clone();
    write(folder.path(), "log.json", json!({ "Records": [put(), refused] }).to_string().as_bytes());
    let text = leash(folder.path(), &["diff", ".", "--observed", "log.json"]).out;
    assert!(text.contains("permission            declared  inferred"), "{text}");
    let line = text.lines().find(|line| line.trim_start().starts_with("s3:DeleteObject")).expect("a line");
    assert_eq!(
        line.split_whitespace().collect::<Vec<_>>(),
        ["s3:DeleteObject", "no", "no", "1", "(refused)", "arn:aws:s3:::b/k"]
    );
    assert!(text.contains("observed in 1 file: 1 permission observed and not inferred, "), "{text}");
    let markdown = leash(folder.path(), &["diff", ".", "--observed", "log.json", "--format", "markdown"]).out;
    assert!(markdown.contains("| **s3:DeleteObject** | no | no | 1 (refused) | arn:aws:s3:::b/k |"), "{markdown}");

    write(folder.path(), "leash.toml", b"[[allow]]\naction = 's3:DeleteObject'\nfunction = 'Save'\nreason = 'by a plugin'\n");
    let report = leash(folder.path(), &["diff", ".", "--observed", "log.json", "--format", "json"]).json();
    assert!(columns(&report, "Save").contains(&"s3:DeleteObject no allowed 1".to_owned()), "{report}");
    assert!(findings(&report).iter().all(|one| !one.starts_with("LEASH014") && !one.starts_with("LEASH013")), "{report}");
}

#[test]
fn code_without_a_template_is_held_against_what_was_observed() {
    let code = "import boto3\n\n\ndef handler(event, context):\n    boto3.client('sqs').purge_queue(QueueUrl=event['q'])\n";
    let folder = folder(&[("app.py", code)]);
    write(folder.path(), "log.json", json!({ "Records": [put()] }).to_string().as_bytes());
    let run = leash(
        folder.path(),
        &["diff", "app.py", "--function-name", "shop-Save-XyZ", "--format", "json", "--observed", "log.json"],
    );
    let report = run.json();
    assert_eq!(findings(&report), ["LEASH014 app dynamodb:PutItem"]);
    assert_eq!(columns(&report, "app"), ["dynamodb:PutItem unknown no 1", "sqs:PurgeQueue unknown yes no"]);
}

#[test]
fn folders_of_logs_are_read_as_they_are_delivered() {
    let folder = project();
    let log = |record: Value| json!({ "Records": [record] }).to_string();
    write(folder.path(), "logs/AWSLogs/1/CloudTrail/eu-west-1/2026/11/20/a.json", log(put()).as_bytes());
    write(folder.path(), "logs/AWSLogs/1/CloudTrail/eu-west-1/2026/11/21/b.json", log(put()).as_bytes());
    write(folder.path(), "logs/AWSLogs/1/CloudTrail-Digest/d.json", br#"{"digestStartTime": "x", "logFiles": []}"#);
    let run = leash(folder.path(), &["diff", ".", "--observed", "logs", "--format", "json"]);
    assert_eq!(columns(&run.json(), "Save")[0], "dynamodb:PutItem yes yes 2");
    assert!(run.err.contains("d.json") && run.err.contains("it is passed over"), "{}", run.err);
}

#[test]
fn a_folder_of_policies_stands_for_what_is_declared() {
    let folder = project();
    let policy = |action: &str| {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#)
    };
    write(folder.path(), "roles/save.json", policy("dynamodb:*").as_bytes());
    write(folder.path(), "roles/Elsewhere.json", policy("s3:*").as_bytes());
    write(folder.path(), "roles/broken.json", b"{");
    let run = leash(folder.path(), &["diff", ".", "--declared", "roles", "--format", "json"]);
    let report = run.json();
    assert!(findings(&report).contains(&"LEASH004 Save dynamodb:*".to_owned()), "{report}");
    assert_eq!(report["functions"][0]["declared"][0]["policy"], "the inline policy", "Load keeps the template's");
    for said in [
        "roles has the policies of Save",
        "roles has no policy of Load",
        "no function is called like roles/Elsewhere.json",
        "broken.json",
    ] {
        assert!(run.err.contains(said), "{said}: {}", run.err);
    }
    let empty = self::folder(&[("x.txt", "")]);
    let none = leash(folder.path(), &["diff", ".", "--declared", empty.path().to_str().expect("text")]);
    assert_eq!((none.status, none.out.as_str()), (Some(2), ""));
    assert!(none.err.contains("it holds no policy"), "{}", none.err);
}
