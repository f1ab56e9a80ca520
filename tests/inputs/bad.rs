//! Input that is wrong: a clear message each time, and nothing lost of the rest.

use serde_json::{Value, json};

use super::{CODE, TEMPLATE, findings, folder, leash, project, write};

/// A policy with the statements, as `--role` takes it.
fn role(version: &str, statements: &str) -> String {
    format!(r#"{{"Version": "{version}", "Statement": [{statements}]}}"#)
}

const GOOD: &str = r#"{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}"#;

#[test]
fn unknown_and_malformed_actions() {
    let folder = project();
    let bad = r#"{"Effect": "Allow", "Action": ["dynamodb:PutItems", "dynamodb", "nosuchservice:*", "dynamodb:GetItem"], "Resource": "*"}"#;
    write(folder.path(), "role.json", role("2012-10-17", &format!("{GOOD}, {bad}")).as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--function", "Save", "--role", "role.json", "--format", "json"]);
    let found: Vec<String> = findings(&run.json()).into_iter().filter(|one| one.starts_with("LEASH011")).collect();
    let unknown = ["LEASH011 Save dynamodb", "LEASH011 Save dynamodb:PutItems", "LEASH011 Save nosuchservice:*"];
    assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>(), unknown);
    assert!(!findings(&run.json()).iter().any(|one| one.contains("LEASH001 Save dynamodb")), "{}", run.out);
}

#[test]
fn malformed_arns() {
    let folder = project();
    let bad = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["my-bucket/*", "arn:aws:s3:my-bucket", "arn:aws:s3:::fine", "arn:aws:s3:::*"]}"#;
    write(folder.path(), "role.json", role("2012-10-17", &format!("{GOOD}, {bad}")).as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--function", "Save", "--role", "role.json", "--format", "json"]);
    let report = run.json();
    let all = report["findings"].as_array().expect("a list");
    let wrong: Vec<&str> = all
        .iter()
        .filter(|finding| finding["id"] == "LEASH018")
        .filter_map(|finding| finding["permissions"][0]["resources"][0].as_str())
        .collect();
    assert_eq!(wrong, ["arn:aws:s3:my-bucket", "my-bucket/*"]);
    let template = TEMPLATE.replace("Resource: '*'", "Resource: [my-table, !Sub 'table/${Orders}']");
    write(folder.path(), "template.yaml", template.as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--format", "json"]);
    let found: Vec<String> = findings(&run.json()).into_iter().filter(|one| one.starts_with("LEASH018")).collect();
    assert_eq!(found, ["LEASH018 Save dynamodb:PutItem"], "what deployment fills in may be anything");
}

#[test]
fn a_wrong_version() {
    let folder = project();
    for (version, said) in [("2008-10-17", "has the version `2008-10-17`"), ("2012-17-10", "has the version `2012-17-10`")] {
        write(folder.path(), "role.json", role(version, GOOD).as_bytes());
        let run = leash(folder.path(), &["diff", ".", "--function", "Save", "--role", "role.json", "--format", "json"]);
        assert!(run.err.contains("role.json:1: policy: ") && run.err.contains(said), "{}", run.err);
        assert!(run.out.contains(r#""verdict": "used""#), "{}", run.out);
    }
}

#[test]
fn a_statement_without_an_action() {
    let folder = project();
    let bad = r#"{"Effect": "Allow", "Resource": "*"}, "nonsense", {"Action": "s3:*", "Resource": "*"}"#;
    write(folder.path(), "role.json", role("2012-10-17", &format!("{bad}, {GOOD}")).as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--function", "Save", "--role", "role.json", "--format", "json"]);
    for said in ["Statement[0]: has no Action", "Statement[1]: is no dictionary", "Statement[2]: has no Effect"] {
        assert!(run.err.contains(said), "{said}: {}", run.err);
    }
    assert!(!findings(&run.json()).iter().any(|one| one.contains("LEASH001 Save dynamodb")), "{}", run.out);
    assert!(run.out.contains(r#""verdict": "used""#), "{}", run.out);
}

#[test]
fn a_role_that_does_not_exist() {
    let template = TEMPLATE.replacen("      Policies:\n        - Statement: [{Effect: Allow, Action: ['dynamodb:PutItem', 'dynamodb:Query', 'sqs:PurgeQueue'], Resource: '*'}]\n", "      Role: !GetAtt NoSuchRole.Arn\n", 1);
    let folder = folder(&[("template.yaml", &template), ("app.py", CODE)]);
    let run = leash(folder.path(), &["diff", ".", "--format", "json"]);
    let report = run.json();
    assert_eq!(findings(&report)[0], "LEASH009 Save ", "{report}");
    let message = report["findings"][0]["message"].as_str().expect("text");
    assert!(message.starts_with("the role ") && message.contains("NoSuchRole"), "{message}");
    assert!(report["functions"].to_string().contains("dynamodb:GetItem"), "the other function is compared all the same");
}

#[test]
fn a_revision_that_does_not_exist() {
    let folder = project();
    super::run::git(folder.path(), &["init", "-q"]);
    let run = leash(folder.path(), &["compare", "no-such-revision", "."]);
    assert_eq!((run.status, run.out.as_str()), (Some(2), ""));
    assert!(run.err.contains("`no-such-revision` is neither a path nor a revision that git can read"), "{}", run.err);
}

#[test]
fn files_that_are_not_what_they_claim() {
    let folder = project();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for (name, bytes) in [
        ("log.json", &png[..]),
        ("log.json.gz", b"not packed at all"),
        ("log.json", b""),
        ("log.json", br#"{"hello": "world"}"#),
        ("log.json.gz", b"\x1f\x8b\x08\x00nonsense"),
        ("log.json", b"[1, 2, 3"),
    ] {
        write(folder.path(), name, bytes);
        for option in ["--observed", "--role", "--baseline"] {
            let run = leash(folder.path(), &["diff", ".", option, name]);
            assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{option} {name} {bytes:?}");
            assert!(run.err.contains(name) && run.err.contains("error"), "{option} {name}: {}", run.err);
            assert!(!run.err.contains("panicked"), "{}", run.err);
        }
        let run = leash(folder.path(), &["infer", ".", "--function", "Save", "--merge", name]);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "--merge {name} {bytes:?}");
    }
    let run = leash(folder.path(), &["diff", ".", "--observed", "nowhere.json"]);
    assert_eq!((run.status, run.err.as_str()), (Some(2), "error: nowhere.json does not exist\n"));
}

fn record(name: &str) -> Value {
    let arn = "arn:aws:sts::123456789012:assumed-role/r/Save";
    json!({"userIdentity": {"type": "AssumedRole", "arn": arn}, "eventSource": "dynamodb.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1", "requestParameters": {"tableName": "t"}})
}

/// How often something was observed.
fn requests(report: &Value, action: &str) -> u64 {
    let functions = report["functions"].as_array().expect("a list").iter();
    let rows = functions.flat_map(|function| function["columns"].as_array().into_iter().flatten());
    rows.filter(|row| row["action"] == action).filter_map(|row| row["requests"].as_u64()).sum()
}

#[test]
fn a_broken_log_keeps_what_is_whole() {
    let folder = project();
    let whole = json!({ "Records": [record("Scan"), record("Scan"), record("Scan")] }).to_string();
    let cut = &whole[..whole.len() - 40];
    write(folder.path(), "log.json", cut.as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--format", "json", "--observed", "log.json"]);
    assert_eq!(requests(&run.json(), "dynamodb:Scan"), 2);
    assert!(run.err.contains("log.json: it ends within a record, in line 1"), "{}", run.err);

    let lines =
        [record("Scan").to_string(), "garbage".to_owned(), "{\"a\": ]".to_owned(), record("Scan").to_string(), "{}".to_owned()];
    write(folder.path(), "log.json", lines.join("\n").as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--format", "json", "--observed", "log.json"]);
    assert_eq!(requests(&run.json(), "dynamodb:Scan"), 2);
    assert!(run.err.contains("log.json: line 2 is no JSON") && run.err.contains("log.json: line 3 is no JSON"), "{}", run.err);

    let odd = json!({ "Records": [record("Scan"), 1, {"eventSource": 5}, {"eventSource": "x", "eventName": "Y"}, null, record("Scan")] });
    write(folder.path(), "log.json", odd.to_string().as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--format", "json", "--observed", "log.json"]);
    assert_eq!(requests(&run.json(), "dynamodb:Scan"), 2);
    assert!(run.err.contains("log.json: a record in it is none that leash knows"), "{}", run.err);
    assert!(run.err.contains("x:Y"), "{}", run.err);

    let deep = format!("{{\"Records\": [{}, {}{}]}}", record("Scan"), "[".repeat(100_000), "]".repeat(100_000));
    write(folder.path(), "log.json", deep.as_bytes());
    let run = leash(folder.path(), &["diff", ".", "--format", "json", "--observed", "log.json"]);
    assert_eq!(requests(&run.json(), "dynamodb:Scan"), 1, "{}", run.err);
}

/// What is kept of a log does not grow with it. The 200 MB of the real thing are measured by hand; this is the same in small.
#[cfg(target_os = "linux")]
#[ignore = "takes minutes in a debug build: cargo test --release --test inputs -- --ignored"]
#[test]
fn memory_does_not_follow_the_size_of_a_log() {
    let folder = project();
    let filler = "x".repeat(2_000);
    let mut log = String::from("{\"Records\":[");
    for index in 0..10_000 {
        let mut one = record("Scan");
        one["responseElements"] = json!({ "filler": filler, "index": index });
        one["requestParameters"]["tableName"] = json!(format!("t{}", index % 400));
        log.push_str(&one.to_string());
        log.push(',');
    }
    log.push_str(&record("Scan").to_string());
    log.push_str("]}");
    write(folder.path(), "log.json", log.as_bytes());
    let megabytes = |args: &str| -> u64 {
        let script = format!(
            "ulimit -v 4000000; {} diff . --format json --fail-on none -q {args} >/dev/null & pid=$!; peak=0; while kill -0 $pid 2>/dev/null; do now=$(awk '/VmHWM/{{print $2}}' /proc/$pid/status 2>/dev/null); [ \"${{now:-0}}\" -gt $peak ] && peak=$now; sleep 0.02; done; wait $pid || exit 1; echo $peak",
            env!("CARGO_BIN_EXE_leash")
        );
        let output =
            std::process::Command::new("bash").current_dir(folder.path()).args(["-c", &script]).output().expect("bash starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().parse::<u64>().expect("a number") / 1024
    };
    let (without, with) = (megabytes(""), megabytes("--observed log.json"));
    assert!(
        log.len() > 20_000_000 && with < without + 15,
        "{without} MB without, {with} MB with a log of {} MB",
        log.len() >> 20
    );
}
