//! Libraries that wrap AWS's SDKs, or reach AWS in ways of their own, as `api-maps/libraries` describes them.

use leash::sdk::{self, CallArgs, Ecosystem, Outcome, Returned, SdkValue};
use leash::value::{Arg, ArgMap, Hole, Piece, Text};

fn text(text: &str) -> Arg {
    Arg::text(text)
}

fn map(entries: &[(&str, Arg)]) -> Arg {
    Arg::Map(object(entries))
}

fn object(entries: &[(&str, Arg)]) -> ArgMap {
    ArgMap { entries: entries.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(), ..ArgMap::default() }
}

fn list(items: &[Arg]) -> Arg {
    Arg::List { items: items.to_vec(), open: false }
}

fn args(values: &[Arg]) -> CallArgs {
    CallArgs { positional: values.to_vec(), ..CallArgs::default() }
}

fn named(values: &[Arg], entries: &[(&str, Arg)]) -> CallArgs {
    CallArgs { named: object(entries), ..args(values) }
}

fn sdk_value(arg: &Arg) -> &SdkValue {
    match arg {
        Arg::Sdk(value) => value,
        other => panic!("no library value: {other:?}"),
    }
}

fn reach(ecosystem: Ecosystem, package: &str, members: &[&str]) -> Arg {
    let start = Arg::from(sdk::import(ecosystem, &[package.into()]));
    members.iter().fold(start, |value, name| sdk::member(sdk_value(&value), name))
}

fn call(callee: &Arg, args: &CallArgs) -> Outcome {
    sdk::call(sdk_value(callee), args)
}

fn method(value: &Arg, name: &str, args: &CallArgs) -> Outcome {
    call(&sdk::member(sdk_value(value), name), args)
}

fn value(outcome: Outcome) -> Arg {
    match outcome.value {
        Returned::Value(value) => value,
        other => panic!("no value: {other:?}"),
    }
}

/// `service:Operation` with the parameters that are texts.
fn shown(outcome: &Outcome) -> Vec<String> {
    let request = |request: &leash::sdk::RequestDraft| {
        let texts =
            request.params.entries.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_text()?.pattern())));
        format!("{}:{} {}", request.service, request.operation, texts.collect::<Vec<_>>().join(","))
    };
    outcome.requests.iter().map(request).collect()
}

#[test]
fn extensions_are_asked_over_http() {
    let get = reach(Ecosystem::Python, "requests", &["get"]);
    let port = Piece::Hole(Hole::Env { name: "PORT".into(), default: None });
    let literal = |text: &str| Piece::Literal(text.into());
    let address = Text::from_pieces([literal("http://localhost:"), port, literal("/secretsmanager/get?secretId=db%2Fmain")]);
    let outcome = call(&get, &named(&[Arg::Text(address)], &[("headers", map(&[]))]));
    assert_eq!(shown(&outcome), ["secretsmanager:GetSecretValue SecretId=db/main"]);
    let params = map(&[("secretId", text("db"))]);
    let outcome = call(&get, &named(&[text("http://localhost:2773/secretsmanager/get")], &[("params", params)]));
    assert_eq!(shown(&outcome), ["secretsmanager:GetSecretValue SecretId=db"]);
    assert_eq!(shown(&call(&get, &args(&[text("https://example.com/secretsmanager/get?secretId=x")]))), [""; 0]);
    assert_eq!(shown(&call(&get, &args(&[Arg::unknown("an address")]))), [""; 0]);
    let fetch = reach(Ecosystem::Npm, "globals", &["fetch"]);
    let outcome =
        call(&fetch, &args(&[text("http://localhost:2773/systemsmanager/parameters/get?name=%2Fa%2Fb&withDecryption=true")]));
    assert_eq!(shown(&outcome), ["ssm:GetParameter Name=/a/b,WithDecryption=true"]);
    let http = reach(Ecosystem::Npm, "node:http", &["get"]);
    let outcome = call(&http, &args(&[text("http://localhost:2772/applications/a/environments/b/configurations/c")]));
    assert_eq!(
        shown(&outcome),
        [
            "appconfigdata:StartConfigurationSession ApplicationIdentifier=a,ConfigurationProfileIdentifier=c,EnvironmentIdentifier=b",
            "appconfigdata:GetLatestConfiguration "
        ]
    );
    let request = value(call(
        &reach(Ecosystem::Python, "urllib.request", &["Request"]),
        &args(&[text("http://localhost:2773/secretsmanager/get?secretId=x")]),
    ));
    let outcome = call(&reach(Ecosystem::Python, "urllib", &["request", "urlopen"]), &args(&[request]));
    assert_eq!(shown(&outcome), ["secretsmanager:GetSecretValue SecretId=x"]);
}

#[test]
fn files_in_buckets() {
    let files = value(call(&reach(Ecosystem::Python, "s3fs", &["S3FileSystem"]), &args(&[])));
    let put = method(&files, "open", &args(&[text("bucket/a.txt"), text("wb")]));
    assert_eq!(shown(&put), ["s3:PutObject Bucket=bucket,Key=a.txt", "s3:AbortMultipartUpload Bucket=bucket,Key=a.txt"]);
    let read = method(&files, "open", &args(&[text("s3://bucket/a.txt")]));
    assert_eq!(shown(&read)[2], "s3:GetObject Bucket=bucket,Key=a.txt");
    let either = method(&files, "open", &args(&[text("bucket/a"), Arg::unknown("a mode")]));
    assert!(shown(&either).iter().any(|line| line.starts_with("s3:GetObject")));
    assert!(shown(&either).iter().any(|line| line.starts_with("s3:PutObject")));
    let frame = call(&reach(Ecosystem::Python, "pandas", &["read_csv"]), &args(&[text("s3://b/k.csv")]));
    assert_eq!(shown(&frame), ["s3:HeadObject Bucket=b,Key=k.csv", "s3:GetObject Bucket=b,Key=k.csv"]);
    let frame = value(method(&value(frame), "dropna", &args(&[])));
    assert_eq!(shown(&method(&frame, "to_parquet", &args(&[text("s3://b/out")])))[0], "s3:PutObject Bucket=b,Key=out");
    assert_eq!(shown(&method(&frame, "to_csv", &args(&[text("/tmp/out.csv")]))), [""; 0]);
    let unknown = call(&reach(Ecosystem::Python, "pandas", &["read_csv"]), &args(&[Arg::unknown("a path")]));
    assert_eq!(shown(&unknown), [""; 0]);
}

#[test]
fn data_mappers_know_their_table() {
    let model = value(call(
        &reach(Ecosystem::Npm, "dynamoose", &["model"]),
        &args(&[text("User"), map(&[]), map(&[("create", Arg::Bool(false))])]),
    ));
    assert_eq!(shown(&method(&model, "get", &args(&[text("id")]))), ["dynamodb:GetItem TableName=User"]);
    let item = value(call(&model, &CallArgs { construct: true, ..args(&[map(&[])]) }));
    assert_eq!(shown(&method(&item, "save", &args(&[]))), ["dynamodb:PutItem TableName=User"]);
    let config = map(&[("table", text("app"))]);
    let entity = reach(Ecosystem::Npm, "electrodb", &["Entity"]);
    let entity = value(call(&entity, &CallArgs { construct: true, ..args(&[map(&[]), config]) }));
    assert_eq!(shown(&method(&entity, "create", &args(&[map(&[])]))), ["dynamodb:PutItem TableName=app"]);
    let query = sdk::member(sdk_value(&entity), "query");
    assert_eq!(shown(&method(&query, "byProject", &args(&[map(&[])]))), ["dynamodb:Query TableName=app"]);
    let several = method(&entity, "get", &args(&[list(&[map(&[])])]));
    assert_eq!(shown(&several), ["dynamodb:GetItem TableName=app", "dynamodb:BatchGetItem "]);
    let tables = several.requests[1].params.get("RequestItems").and_then(Arg::as_map);
    assert!(tables.is_some_and(|tables| tables.entries.contains_key("app")));
    let single = method(&entity, "get", &args(&[map(&[])]));
    assert_eq!(shown(&single), ["dynamodb:GetItem TableName=app"]);
}

#[test]
fn toolbox_entities_are_asked_by_actions() {
    let made = |name: &str, options: Arg| {
        let class = reach(Ecosystem::Npm, "dynamodb-toolbox", &[name]);
        value(call(&class, &CallArgs { construct: true, ..args(&[options]) }))
    };
    let table = made("Table", map(&[("name", text("app"))]));
    let entity = made("Entity", map(&[("name", text("User")), ("table", table)]));
    let action = reach(Ecosystem::Npm, "dynamodb-toolbox", &["GetItemCommand"]);
    assert_eq!(shown(&method(&entity, "build", &args(&[action]))), ["dynamodb:GetItem TableName=app"]);
    assert_eq!(shown(&method(&entity, "put", &args(&[map(&[])]))), ["dynamodb:PutItem TableName=app"]);
}

#[test]
fn envelopes_are_encrypted_under_their_keys() {
    let keyring = reach(Ecosystem::Npm, "@aws-crypto/client-node", &["KmsKeyringNode"]);
    let key = text("arn:aws:kms:eu-west-1:1:key/k");
    let keyring = value(call(&keyring, &CallArgs { construct: true, ..args(&[map(&[("generatorKeyId", key)])]) }));
    let client = value(call(&reach(Ecosystem::Npm, "@aws-crypto/client-node", &["buildClient"]), &args(&[])));
    let outcome = method(&client, "encrypt", &args(&[keyring, text("x")]));
    assert_eq!(shown(&outcome), ["kms:GenerateDataKey KeyId=arn:aws:kms:eu-west-1:1:key/k"]);
    let signed = call(&reach(Ecosystem::Npm, "@aws-sdk/cloudfront-signer", &["getSignedUrl"]), &args(&[map(&[])]));
    assert!(signed.requests.is_empty() && signed.notes.is_empty(), "{:?}", signed.notes);
}
