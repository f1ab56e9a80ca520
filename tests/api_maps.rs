//! Properties of the maps as a whole. `LEASH_UPDATE=1 cargo test --test api_maps` rewrites hand-kept files in
//! canonical form.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use leash::catalog::format::{Entry, GrantEntry, ResourceEntry};
use leash::catalog::{Authorization, Catalog, Grant, Scope, parameters};
use leash::value::{Arg, ArgMap, Hole, Piece, Text};
use serde_json::Value;

fn maps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("api-maps")
}

fn entries() -> Vec<(&'static str, &'static str, Entry)> {
    let catalog = Catalog::embedded();
    let services = catalog.services().flat_map(|service| {
        let operations = catalog.operations(service).expect("a listed service has a map");
        operations.into_iter().map(move |operation| (service, operation))
    });
    services
        .map(|(service, operation)| {
            let entry = catalog.entry(service, operation);
            (service, operation, entry.unwrap_or_else(|| panic!("{service}:{operation} does not parse")))
        })
        .collect()
}

fn resources(grant: &GrantEntry) -> impl Iterator<Item = &ResourceEntry> {
    grant.resources.iter().chain(&grant.optional)
}

#[test]
fn every_service_of_botocore_is_mapped_and_every_entry_says_something() {
    let entries = entries();
    assert!(entries.len() > 19_000, "only {} operations", entries.len());
    for (service, operation, entry) in entries {
        let ways = [!entry.grants.is_empty(), entry.permissionless, entry.unknown.is_some()];
        assert_eq!(ways.iter().filter(|way| **way).count(), 1, "{service}:{operation} says {ways:?}");
    }
}

#[test]
fn every_action_named_exists_in_the_iam_data() {
    let catalog = Catalog::embedded();
    let mut missing = BTreeSet::new();
    for (service, operation, entry) in entries() {
        let keys = entry.encryption.iter().flat_map(|key| key.actions.clone());
        for action in entry.grants.iter().map(|grant| grant.action.clone()).chain(keys) {
            if catalog.action(&action).is_none_or(|info| info.action != action) {
                missing.insert(format!("{service}:{operation} names {action}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_arn_variable_is_bound_or_declared_unbindable() {
    for (service, operation, entry) in entries() {
        for resource in entry.grants.iter().flat_map(resources) {
            let params = parameters(resource.arn());
            assert!(params.is_ok(), "{service}:{operation}: {} {params:?}", resource.arn());
        }
    }
}

#[test]
fn every_override_names_an_operation_and_shows_in_its_entry() {
    let catalog = Catalog::embedded();
    for (service, file) in overrides() {
        let Some(operations) = file["operations"].as_object() else { continue };
        for (names, over) in operations {
            for name in names.split(',').map(str::trim) {
                let entry = catalog.entry(&service, name).unwrap_or_else(|| panic!("{service}:{name} is no operation"));
                let doc = over["doc"].as_str().or_else(|| file["doc"].as_str()).unwrap_or_default();
                assert!(doc.starts_with("https://docs.aws.amazon.com/"), "{service}:{name} cites {doc:?}");
                assert_eq!(entry.doc.as_deref(), Some(doc), "{service}:{name} was not generated again");
                let month = |text: &str| text.len() == 7 && text.as_bytes()[4] == b'-';
                assert!(entry.verified.as_deref().is_none_or(month), "{service}:{name} was verified in {:?}", entry.verified);
            }
        }
    }
}

fn overrides() -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(maps().join("overrides")).expect("the overrides are there") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a readable name").to_owned();
        if !name.starts_with('_') {
            let text = std::fs::read_to_string(&path).expect("a readable file");
            out.insert(name, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        }
    }
    out
}

#[test]
fn overrides_are_in_canonical_form() {
    let mut wrong = Vec::new();
    for (service, file) in overrides() {
        let path = maps().join("overrides").join(format!("{service}.json"));
        let found = std::fs::read_to_string(&path).expect("a readable file");
        let wanted = canonical(&file);
        if found != wanted && std::env::var_os("LEASH_UPDATE").is_some() {
            std::fs::write(&path, wanted).expect("a writable file");
        } else if found != wanted {
            wrong.push(service);
        }
    }
    assert!(wrong.is_empty(), "not in canonical form, run with LEASH_UPDATE=1: {wrong:?}");
}

/// Fixed order of keys, one entry a line.
fn canonical(file: &Value) -> String {
    let order =
        [
            "service",
            "prefixes",
            "doc",
            "verified",
            "http_verbs",
            "service_linked_role",
            "unknown",
            "tag_on_create",
            "bind",
            "arns",
            "encryption",
            "operations",
        ];
    let fields = order.iter().filter_map(|key| {
        let text = match file.get(key)? {
            Value::Object(map) if !map.is_empty() => {
                let lines: Vec<_> =
                    map.iter().map(|(key, value)| format!("    {}: {value}", Value::from(key.as_str()))).collect();
                format!("{{\n{}\n  }}", lines.join(",\n"))
            }
            Value::Array(list) if *key == "encryption" => {
                let lines: Vec<_> = list.iter().map(|value| format!("    {value}")).collect();
                format!("[\n{}\n  ]", lines.join(",\n"))
            }
            other => other.to_string(),
        };
        Some(format!("  \"{key}\": {text}"))
    });
    format!("{{\n{}\n}}\n", fields.collect::<Vec<_>>().join(",\n"))
}

#[test]
fn managed_policies_and_templates_are_found_by_name_and_by_arn() {
    let catalog = Catalog::embedded();
    let by_name = catalog.managed_policy("AWSLambdaBasicExecutionRole");
    assert!(by_name.is_some_and(|text| text.contains("logs:CreateLogGroup")));
    assert_eq!(by_name, catalog.managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"));
    assert_eq!(catalog.managed_policy("arn:aws:iam::123456789012:policy/AWSLambdaBasicExecutionRole"), None);
    assert_eq!(catalog.managed_policy("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"), None);
    assert!(catalog.sam_policy_template("DynamoDBCrudPolicy").is_some_and(|text| text.contains("dynamodb:GetItem")));
    let items = catalog.expand_action_pattern("dynamodb:*Item");
    assert!(items.contains(&"dynamodb:BatchGetItem".to_owned()) && !items.contains(&"dynamodb:Query".to_owned()), "{items:?}");
}

// What careful engineers write.

fn map(entries: &[(&str, Arg)]) -> ArgMap {
    ArgMap { entries: entries.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(), open: false }
}

fn grants(service: &str, operation: &str, params: &[(&str, Arg)]) -> Vec<Grant> {
    match Catalog::embedded().authorize(service, operation, &map(params), None) {
        Authorization::Grants(grants) => grants,
        other => panic!("{service}:{operation} gives {other:?}"),
    }
}

/// `action resource` per grant and resource, with context in braces and other holes as stars.
fn lines(service: &str, operation: &str, params: &[(&str, Arg)]) -> Vec<String> {
    let show = |text: &Text| {
        let pieces = text.pieces().iter().map(|piece| match piece {
            Piece::Literal(text) => text.to_string(),
            Piece::Hole(Hole::Partition) => "aws".to_owned(),
            Piece::Hole(Hole::Region) => "R".to_owned(),
            Piece::Hole(Hole::Account) => "A".to_owned(),
            Piece::Hole(_) => "*".to_owned(),
        });
        pieces.collect::<String>()
    };
    let grants = grants(service, operation, params);
    grants.iter().flat_map(|grant| grant.resources.iter().map(move |text| format!("{} {}", grant.action, show(text)))).collect()
}

fn text(text: &str) -> Arg {
    Arg::text(text)
}

#[test]
fn s3_requests() {
    let object = [("Bucket", text("b")), ("Key", text("k/x"))];
    assert_eq!(lines("s3", "GetObject", &object), ["s3:GetObject arn:aws:s3:::b/k/x"]);
    assert_eq!(lines("s3", "HeadObject", &object), ["s3:GetObject arn:aws:s3:::b/k/x"]);
    let version = [("Bucket", text("b")), ("Key", text("k")), ("VersionId", text("1"))];
    assert_eq!(lines("s3", "GetObject", &version), ["s3:GetObjectVersion arn:aws:s3:::b/k"]);
    let acl = [("Bucket", text("b")), ("Key", Arg::unknown("?")), ("ACL", text("private"))];
    assert_eq!(lines("s3", "PutObject", &acl), ["s3:PutObject arn:aws:s3:::b/*", "s3:PutObjectAcl arn:aws:s3:::b/*"]);
    assert_eq!(lines("s3", "ListObjectsV2", &[("Bucket", text("b"))]), ["s3:ListBucket arn:aws:s3:::b"]);
    assert_eq!(lines("s3", "ListBuckets", &[]), ["s3:ListAllMyBuckets *"]);
    let point = "arn:aws:s3:eu-west-1:123456789012:accesspoint/p";
    let found = lines("s3", "GetObject", &[("Bucket", text(point)), ("Key", text("k"))]);
    assert_eq!(found, [format!("s3:GetObject {point}/object/k")]);
    let source = Arg::Map(map(&[("Bucket", text("from")), ("Key", text("a"))]));
    let wanted = ["s3:GetObject arn:aws:s3:::from/a", "s3:PutObject arn:aws:s3:::b/k"];
    assert_eq!(lines("s3", "CopyObject", &[("Bucket", text("b")), ("Key", text("k")), ("CopySource", source)]), wanted);
    assert_eq!(lines("s3", "CopyObject", &[("Bucket", text("b")), ("Key", text("k")), ("CopySource", text("/from/a"))]), wanted);
}

#[test]
fn dynamodb_requests() {
    let table = "arn:aws:dynamodb:R:A:table";
    assert_eq!(lines("dynamodb", "GetItem", &[("TableName", text("T"))]), [format!("dynamodb:GetItem {table}/T")]);
    let index = [("TableName", text("T")), ("IndexName", text("I"))];
    assert_eq!(lines("dynamodb", "Query", &index), [format!("dynamodb:Query {table}/T/index/I")]);
    let batch = Arg::Map(map(&[("A1", Arg::Null), ("B2", Arg::Null)]));
    let found = lines("dynamodb", "BatchWriteItem", &[("RequestItems", batch)]);
    assert_eq!(found, [format!("dynamodb:BatchWriteItem {table}/A1"), format!("dynamodb:BatchWriteItem {table}/B2")]);
    let item = |kind: &str, name: &str| Arg::Map(map(&[(kind, Arg::Map(map(&[("TableName", text(name))])))]));
    let items = Arg::List { items: vec![item("Put", "P"), item("Delete", "D")], open: false };
    let found = lines("dynamodb", "TransactWriteItems", &[("TransactItems", items)]);
    assert_eq!(found, [format!("dynamodb:PutItem {table}/P"), format!("dynamodb:DeleteItem {table}/D")]);
    let found = lines("dynamodb", "ExecuteStatement", &[("Statement", text("SELECT * FROM \"T\".\"I\" WHERE a = ?"))]);
    assert_eq!(found, [format!("dynamodb:PartiQLSelect {table}/T/index/I")]);
    let statement = |sql: &str| Arg::Map(map(&[("Statement", text(sql))]));
    let both = Arg::List { items: vec![statement("DELETE FROM X WHERE a=1"), statement("INSERT INTO Y VALUE {}")], open: false };
    let found = lines("dynamodb", "BatchExecuteStatement", &[("Statements", both)]);
    assert_eq!(found, [format!("dynamodb:PartiQLInsert {table}/Y"), format!("dynamodb:PartiQLDelete {table}/X")]);
    let whole = "arn:aws:dynamodb:us-east-1:123456789012:table/W";
    assert_eq!(lines("dynamodb", "PutItem", &[("TableName", text(whole))]), [format!("dynamodb:PutItem {whole}")]);
}

#[test]
fn messaging_requests() {
    let url = text("https://sqs.us-east-1.amazonaws.com/123456789012/jobs");
    assert_eq!(
        lines("sqs", "SendMessageBatch", &[("QueueUrl", url)]),
        ["sqs:SendMessage arn:aws:sqs:us-east-1:123456789012:jobs"]
    );
    assert_eq!(lines("sqs", "DeleteMessage", &[("QueueUrl", Arg::unknown("?"))]), ["sqs:DeleteMessage arn:aws:sqs:R:A:*"]);
    assert_eq!(lines("sns", "Publish", &[("PhoneNumber", text("+1"))]), ["sns:Publish *"]);
    assert_eq!(lines("sns", "Publish", &[("TopicArn", Arg::unknown("?"))]), ["sns:Publish arn:aws:sns:R:A:*"]);
    let found = lines("events", "PutEvents", &[("Entries", Arg::List { items: vec![Arg::Map(map(&[]))], open: false })]);
    assert_eq!(found, ["events:PutEvents arn:aws:events:R:A:event-bus/default"]);
    let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    let found = lines("stepfunctions", "StartExecution", &[("stateMachineArn", text(machine))]);
    assert_eq!(found, [format!("states:StartExecution {machine}")]);
    let found = lines("lambda", "Invoke", &[("FunctionName", text("f")), ("Qualifier", text("live"))]);
    assert_eq!(found, ["lambda:InvokeFunction arn:aws:lambda:R:A:function:f:live"]);
}

#[test]
fn parameters_and_secrets() {
    let found = lines("ssm", "GetParameter", &[("Name", text("/a/b")), ("WithDecryption", Arg::Bool(true))]);
    assert_eq!(found, ["ssm:GetParameter arn:aws:ssm:R:A:parameter/a/b"]);
    let params = map(&[("Name", text("/a/b")), ("WithDecryption", Arg::Bool(true))]);
    let answer = Catalog::embedded().answer("ssm", "GetParameter", &params, None);
    assert!(answer.notes.iter().any(|note| note.contains("kms:Decrypt")), "{:?}", answer.notes);
    let found = lines("secretsmanager", "GetSecretValue", &[("SecretId", text("db"))]);
    assert_eq!(found, ["secretsmanager:GetSecretValue arn:aws:secretsmanager:R:A:secret:db-??????"]);
    let whole = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
    let found = lines("secretsmanager", "GetSecretValue", &[("SecretId", text(whole))]);
    assert_eq!(found, [format!("secretsmanager:GetSecretValue {whole}")]);
    let role = "arn:aws:iam::123456789012:role/r";
    let found = lines("sts", "AssumeRole", &[("RoleArn", text(role)), ("Tags", Arg::unknown("?"))]);
    assert_eq!(found, [format!("sts:AssumeRole {role}"), format!("sts:TagSession {role}")]);
    let nothing = Catalog::embedded().authorize("sts", "GetCallerIdentity", &map(&[]), None);
    assert_eq!(nothing, Authorization::Permissionless);
}

#[test]
fn what_a_spread_hides_is_left_out_and_said() {
    let params = ArgMap { open: true, ..map(&[("Bucket", text("b"))]) };
    let answer = Catalog::embedded().answer("s3", "PutObject", &params, None);
    let Authorization::Grants(grants) = answer.authorization else { panic!("s3:PutObject needs something") };
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].scope, Scope::Resource);
    assert_eq!(grants[0].resources[0].pattern(), "arn:*:s3:::b/*");
    assert!(answer.notes.iter().any(|note| note.contains("s3:PutObjectAcl")), "{:?}", answer.notes);
    let region = Text::literal("eu-west-1");
    let params = map(&[("TableName", Arg::one_of([text("A"), text("B")]))]);
    let Authorization::Grants(grants) = Catalog::embedded().authorize("dynamodb", "Scan", &params, Some(&region)) else {
        panic!("dynamodb:Scan needs something")
    };
    let found: Vec<_> = grants[0].resources.iter().map(Text::pattern).collect();
    assert_eq!(found, ["arn:*:dynamodb:eu-west-1:*:table/A", "arn:*:dynamodb:eu-west-1:*:table/B"]);
}
