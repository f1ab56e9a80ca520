//! `leash infer --merge`.

use serde_json::Value;

use super::{findings, folder, leash, write};

const CODE: &str = "import boto3


def handler(event, context):
    boto3.client('s3').put_object(Bucket='photos', Key='a.png', Body=b'')
    boto3.client('sqs').send_message(QueueUrl='https://sqs.eu-west-1.amazonaws.com/123456789012/jobs', MessageBody='x')
    boto3.client('s3').get_object(Bucket='photos', Key=event['key'])
";

/// With an odd layout, an element that IAM ignores, and a statement that leash cannot read.
const POLICY: &str = r#"{
    "Version": "2012-10-17",
    "Id": "mine",
    "Statement": [
        { "Sid": "Uploads",   "Effect": "Allow",
          "Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::photos/*" },
        { "Sid": "Thumbnails", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/thumbnails/*" },
        { "Sid": "Odd", "Effect": "Allow", "Resource": "*" }
    ]
}
"#;

const BY_HAND: &str = r#"        { "Sid": "Uploads",   "Effect": "Allow",
          "Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::photos/*" },
        { "Sid": "Thumbnails", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/thumbnails/*" },
        { "Sid": "Odd", "Effect": "Allow", "Resource": "*" }"#;

fn sids(policy: &Value) -> Vec<&str> {
    policy["Statement"].as_array().expect("a list").iter().filter_map(|one| one["Sid"].as_str()).collect()
}

#[test]
fn what_was_written_stays_byte_for_byte_and_what_is_missing_is_marked() {
    let folder = folder(&[("app.py", CODE), ("policy.json", POLICY)]);
    let run = leash(folder.path(), &["infer", "app.py", "--merge", "policy.json"]);
    assert_eq!(run.status, Some(0), "{}", run.err);
    assert!(run.out.contains(BY_HAND), "{}", run.out);
    let policy = run.json();
    assert_eq!(sids(&policy), ["Uploads", "Thumbnails", "Odd", "LeashSQSWriteJobs"]);
    assert_eq!(policy["Statement"][3]["Action"], "sqs:SendMessage");
    for said in [
        "kept 3 statements of policy.json; added 1 statement",
        "LeashSQSWriteJobs: sqs:SendMessage (app.py:6)",
        "s3:GetObject on arn:aws:s3:::photos/* is allowed on some of these resources by a statement that somebody wrote",
        "policy.json:8: Statement[2]: has no Action",
    ] {
        assert!(run.err.contains(said), "{said}: {}", run.err);
    }
}

#[test]
fn a_merged_policy_merges_into_itself_and_follows_the_code() {
    let folder = folder(&[("app.py", CODE), ("policy.json", POLICY)]);
    let first = leash(folder.path(), &["infer", "app.py", "--merge", "policy.json"]).out;
    write(folder.path(), "policy.json", first.as_bytes());
    let again = leash(folder.path(), &["infer", "app.py", "--merge", "policy.json"]);
    assert_eq!(again.out.trim_end(), first.trim_end());
    let diff = leash(folder.path(), &["diff", "app.py", "--role", "policy.json", "--format", "json"]);
    assert!(!findings(&diff.json()).iter().any(|one| one.starts_with("LEASH001")), "{}", diff.out);
    assert!(diff.out.contains(r#""verdict": "used""#), "{}", diff.out);

    write(folder.path(), "app.py", CODE.replace("boto3.client('sqs')", "print").replace(".send_message(", "; dict(").as_bytes());
    let without = leash(folder.path(), &["infer", "app.py", "--merge", "policy.json"]);
    assert_eq!(sids(&without.json()), ["Uploads", "Thumbnails", "Odd"]);
    assert!(without.err.contains("dropped LeashSQSWriteJobs"), "{}", without.err);
}

#[test]
fn yaml_and_text_say_in_words_who_wrote_what() {
    let folder = folder(&[("app.py", CODE), ("policy.json", POLICY)]);
    let yaml = leash(folder.path(), &["infer", "app.py", "--merge", "policy.json", "--format", "yaml"]).out;
    assert!(yaml.contains("  # written by hand (policy.json:5)\n  - Sid: Uploads\n"), "{yaml}");
    assert!(yaml.contains("  # added by leash: app.py:6\n  - Sid: LeashSQSWriteJobs\n"), "{yaml}");
    let text = leash(folder.path(), &["infer", "app.py", "--merge", "policy.json", "--format", "text"]).out;
    assert!(text.contains("  by hand  Uploads  policy.json:5\n"), "{text}");
    assert!(text.contains("  added    LeashSQSWriteJobs  app.py:6\n             sqs:SendMessage\n"), "{text}");
    let none = leash(folder.path(), &["infer", "app.py", "--merge", "policy.json", "--format", "sam"]);
    assert_eq!((none.status, none.out.as_str()), (Some(2), ""));
}

#[test]
fn one_statement_becomes_a_list_and_conditions_and_denials_are_decisions() {
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}}"#;
    let folder = folder(&[("app.py", CODE), ("policy.json", policy)]);
    let run = leash(folder.path(), &["infer", "app.py", "--merge", "policy.json"]);
    assert_eq!(run.json()["Statement"].as_array().map(Vec::len), Some(2), "{}", run.out);
    assert!(run.err.contains("s3:PutObject on arn:aws:s3:::photos/a.png is allowed under a condition"), "{}", run.err);

    let denied = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}]}"#;
    write(folder.path(), "policy.json", denied.as_bytes());
    let run = leash(folder.path(), &["infer", "app.py", "--merge", "policy.json"]);
    assert!(!run.out.contains("sqs:SendMessage") && run.out.contains("s3:PutObject"), "{}", run.out);
    assert!(
        run.err.contains("sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:jobs is denied by a statement"),
        "{}",
        run.err
    );
}

#[test]
fn a_policy_belongs_to_one_function() {
    let two = format!("{CODE}\n\ndef lambda_handler(event, context):\n    return 1\n");
    let folder = folder(&[("app.py", &two), ("other.py", CODE), ("policy.json", POLICY)]);
    let run = leash(folder.path(), &["infer", ".", "--merge", "policy.json"]);
    assert_eq!((run.status, run.out.as_str()), (Some(2), ""));
    assert!(run.err.contains("choose one with --function"), "{}", run.err);
}
