//! The libraries as the interpreter sees them: each test walks through imports, members and calls by hand.

use leash::note::NoteKind;
use leash::sdk::{self, CallArgs, Callbacks, Confidence, Credentials, Ecosystem, Outcome, RequestDraft, Returned, SdkValue};
use leash::value::{Arg, ArgMap, Hole, Text};

fn object(entries: &[(&str, Arg)]) -> ArgMap {
    ArgMap {
        entries: entries.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
        open: false,
        computed: Vec::new(),
    }
}

fn map(entries: &[(&str, Arg)]) -> Arg {
    Arg::Map(object(entries))
}

fn text(text: &str) -> Arg {
    Arg::text(text)
}

fn positional(values: &[Arg]) -> CallArgs {
    CallArgs { positional: values.to_vec(), ..CallArgs::default() }
}

fn named(entries: &[(&str, Arg)]) -> CallArgs {
    CallArgs { named: object(entries), ..CallArgs::default() }
}

fn new(values: &[Arg]) -> CallArgs {
    CallArgs { construct: true, ..positional(values) }
}

fn sdk_value(arg: &Arg) -> &SdkValue {
    match arg {
        Arg::Sdk(value) => value,
        other => panic!("no library value: {other:?}"),
    }
}

/// Reads members one after the other, the first from a package.
fn reach(ecosystem: Ecosystem, package: &str, members: &[&str]) -> Arg {
    let start = Arg::from(sdk::import(ecosystem, &[package.into()]));
    members.iter().fold(start, |value, name| sdk::member(sdk_value(&value), name))
}

fn python(package: &str, members: &[&str]) -> Arg {
    reach(Ecosystem::Python, package, members)
}

fn npm(package: &str, members: &[&str]) -> Arg {
    reach(Ecosystem::Npm, package, members)
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

fn client(service: &str) -> Arg {
    value(call(&python("boto3", &["client"]), &positional(&[text(service)])))
}

fn resource(service: &str) -> Arg {
    value(call(&python("boto3", &["resource"]), &positional(&[text(service)])))
}

fn v3(package: &str, class: &str, options: &[(&str, Arg)]) -> Arg {
    value(call(&npm(package, &[class]), &new(&[map(options)])))
}

/// `service:Operation{Name=value,…}` of each request, values as patterns.
fn shown(requests: &[RequestDraft]) -> Vec<String> {
    let show = |request: &RequestDraft| {
        let params: Vec<String> =
            request.params.entries.iter().map(|(name, value)| format!("{name}={}", pattern(value))).collect();
        format!("{}:{}{{{}}}", request.service, request.operation, params.join(","))
    };
    requests.iter().map(show).collect()
}

fn pattern(value: &Arg) -> String {
    match value {
        Arg::List { items, open } => {
            let items: Vec<String> = items.iter().map(pattern).collect();
            format!("[{}{}]", items.join(","), if *open { "…" } else { "" })
        }
        Arg::Map(map) => {
            let entries: Vec<String> = map.entries.iter().map(|(name, value)| format!("{name}={}", pattern(value))).collect();
            format!("{{{}{}}}", entries.join(","), if map.open { "…" } else { "" })
        }
        Arg::OneOf(values) => values.iter().map(pattern).collect::<Vec<_>>().join("|"),
        other => other.as_text().map_or_else(|| format!("{other:?}"), |text| text.pattern()),
    }
}

#[test]
fn a_boto3_client_method_is_an_operation_with_its_keywords() {
    let outcome = method(&client("dynamodb"), "get_item", &named(&[("TableName", text("orders"))]));
    assert_eq!(shown(&outcome.requests), ["dynamodb:GetItem{TableName=orders}"]);
    assert_eq!(outcome.requests[0].confidence, Confidence::Certain);
    assert_eq!(sdk::created_service(sdk_value(&client("dynamodb"))), Some("dynamodb"));
}

#[test]
fn services_and_methods_that_do_not_exist_are_noted() {
    let outcome = call(&python("boto3", &["client"]), &positional(&[Arg::unknown("computed")]));
    assert_eq!(outcome.notes[0].0, NoteKind::DynamicService);
    let outcome = call(&python("boto3", &["client"]), &positional(&[text("dynamo")]));
    assert_eq!(outcome.notes[0].0, NoteKind::DynamicService);
    let outcome = method(&client("s3"), "get_objekt", &named(&[]));
    assert_eq!(outcome.notes[0].0, NoteKind::UnknownOperation);
    assert!(outcome.requests.is_empty());
}

#[test]
fn alternatives_of_the_service_name_are_several_clients() {
    let either = Arg::one_of([text("s3"), text("sqs")]);
    let Arg::OneOf(clients) = value(call(&python("boto3", &["client"]), &positional(&[either]))) else { panic!("one client") };
    assert_eq!(clients.iter().filter_map(|client| sdk::created_service(sdk_value(client))).collect::<Vec<_>>(), ["s3", "sqs"]);
}

#[test]
fn paginators_and_waiters_make_the_request_they_stand_for() {
    let s3 = client("s3");
    let paginator = value(method(&s3, "get_paginator", &positional(&[text("list_objects_v2")])));
    let outcome = method(&paginator, "paginate", &named(&[("Bucket", text("b"))]));
    assert_eq!(shown(&outcome.requests), ["s3:ListObjectsV2{Bucket=b}"]);
    let page = sdk::iterate(sdk_value(&value(outcome))).item;
    assert!(sdk::as_text(sdk_value(&sdk::index(sdk_value(&page), &text("Contents")))).is_some());
    let waiter = value(method(&s3, "get_waiter", &positional(&[text("object_exists")])));
    let outcome = method(&waiter, "wait", &named(&[("Bucket", text("b")), ("WaiterConfig", map(&[]))]));
    assert_eq!(shown(&outcome.requests), ["s3:HeadObject{Bucket=b}"]);
}

#[test]
fn presigned_requests_and_transfers_are_the_requests_behind_them() {
    let s3 = client("s3");
    let params = map(&[("Bucket", text("b")), ("Key", text("k"))]);
    let outcome =
        method(&s3, "generate_presigned_url", &CallArgs { positional: vec![text("get_object")], ..named(&[("Params", params)]) });
    assert_eq!(shown(&outcome.requests), ["s3:GetObject{Bucket=b,Key=k}"]);
    let extra = map(&[("ACL", text("public-read"))]);
    let outcome = method(&s3, "upload_file", &positional(&[text("/tmp/x"), text("b"), text("k"), extra]));
    let expected = ["s3:PutObject{ACL=public-read,Bucket=b,Key=k}", "s3:AbortMultipartUpload{Bucket=b,Key=k}"];
    assert_eq!(shown(&outcome.requests), expected);
    assert_eq!(outcome.requests[0].via.as_deref(), Some("upload_file"));
    let outcome = method(&s3, "download_fileobj", &positional(&[text("b"), text("k"), Arg::Other("f".into())]));
    assert_eq!(shown(&outcome.requests), ["s3:HeadObject{Bucket=b,Key=k}", "s3:GetObject{Bucket=b,Key=k}"]);
}

#[test]
fn tables_are_resources_and_batch_writers_write_to_them() {
    let table = value(method(&resource("dynamodb"), "Table", &positional(&[text("orders")])));
    let outcome = method(&table, "put_item", &named(&[("Item", map(&[]))]));
    assert_eq!(shown(&outcome.requests), ["dynamodb:PutItem{Item={},TableName=orders}"]);
    let writer = value(method(&table, "batch_writer", &named(&[])));
    let outcome = method(&writer, "put_item", &named(&[("Item", map(&[]))]));
    let expected = "dynamodb:BatchWriteItem{RequestItems={orders=[{PutRequest={Item={}}}]}}";
    assert_eq!(shown(&outcome.requests), [expected]);
    assert_eq!(shown(&sdk::member_requests(sdk_value(&table), "item_count")), ["dynamodb:DescribeTable{TableName=orders}"]);
    assert!(sdk::member_requests(sdk_value(&table), "name").is_empty());
    assert_eq!(sdk::member(sdk_value(&table), "table_name"), text("orders"));
}

#[test]
fn collections_list_and_their_items_know_where_they_are() {
    let bucket = value(method(&resource("s3"), "Bucket", &positional(&[text("b")])));
    let objects = sdk::member(sdk_value(&bucket), "objects");
    let listing = method(&objects, "filter", &named(&[("Prefix", text("p/"))]));
    assert_eq!(shown(&listing.requests), ["s3:ListObjects{Bucket=b,Prefix=p/}"]);
    let listed = value(listing);
    let iteration = sdk::iterate(sdk_value(&listed));
    assert!(iteration.requests.is_empty(), "the listing was counted by filter()");
    let outcome = method(&iteration.item, "get", &named(&[]));
    assert_eq!(shown(&outcome.requests), ["s3:GetObject{Bucket=b,Key=*}"]);
    let outcome = method(&listed, "delete", &named(&[]));
    assert_eq!(shown(&outcome.requests), ["s3:DeleteObjects{Bucket=b,Delete={Objects=[{Key=*}…]}}"]);
    let object = value(method(&bucket, "Object", &positional(&[text("k")])));
    assert_eq!(shown(&sdk::member_requests(sdk_value(&object), "last_modified")), ["s3:HeadObject{Bucket=b,Key=k}"]);
    let outcome = method(&object, "upload_file", &positional(&[text("f")]));
    assert_eq!(shown(&outcome.requests)[0], "s3:PutObject{Bucket=b,Key=k}");
}

#[test]
fn a_queue_found_by_name_keeps_its_name() {
    let queue = value(method(&resource("sqs"), "get_queue_by_name", &named(&[("QueueName", text("jobs"))])));
    let outcome = method(&queue, "send_message", &named(&[("MessageBody", text("x"))]));
    assert_eq!(shown(&outcome.requests), ["sqs:SendMessage{MessageBody=x,QueueUrl=https://*/*/jobs}"]);
    let answer = value(method(&client("sqs"), "get_queue_url", &named(&[("QueueName", text("jobs"))])));
    let url = sdk::index(sdk_value(&answer), &text("QueueUrl"));
    assert_eq!(sdk::as_text(sdk_value(&url)).map(|text| text.pattern()).as_deref(), Some("https://*/*/jobs"));
    let messages = value(method(&queue, "receive_messages", &named(&[])));
    let Arg::List { items, .. } = messages else { panic!("no list") };
    let deleted = method(&items[0], "delete", &named(&[]));
    assert_eq!(shown(&deleted.requests), ["sqs:DeleteMessage{QueueUrl=https://*/*/jobs,ReceiptHandle=*}"]);
}

#[test]
fn credentials_of_an_assumed_role_are_that_roles() {
    let role = text("arn:aws:iam::123456789012:role/other");
    let answer = value(method(&client("sts"), "assume_role", &named(&[("RoleArn", role.clone())])));
    let keys = sdk::index(sdk_value(&sdk::index(sdk_value(&answer), &text("Credentials"))), &text("AccessKeyId"));
    let made =
        call(&python("boto3", &["client"]), &CallArgs { positional: vec![text("s3")], ..named(&[("aws_access_key_id", keys)]) });
    let outcome = method(&value(made), "list_buckets", &named(&[]));
    assert_eq!(outcome.requests[0].credentials, Credentials::Role(Box::new(role)));
}

#[test]
fn keys_in_the_source_are_a_finding_that_does_not_repeat_them() {
    let keys = [("aws_access_key_id", text("AKIAEXAMPLEKEY")), ("aws_secret_access_key", text("very-secret"))];
    let outcome = call(&python("boto3", &["Session"]), &named(&keys));
    assert_eq!(outcome.notes[0].0, NoteKind::HardcodedCredentials);
    assert!(!outcome.notes[0].1.contains("very-secret") && !outcome.notes[0].1.contains("AKIA"));
    let s3 = value(method(&value(outcome), "client", &positional(&[text("s3")])));
    assert_eq!(method(&s3, "list_buckets", &named(&[])).requests[0].credentials, Credentials::Literal);
    let own = Arg::Unknown(Hole::Env { name: "AWS_ACCESS_KEY_ID".into(), default: None });
    let made =
        call(&python("boto3", &["client"]), &CallArgs { positional: vec![text("s3")], ..named(&[("aws_access_key_id", own)]) });
    assert_eq!(method(&value(made), "list_buckets", &named(&[])).requests[0].credentials, Credentials::Own);
}

#[test]
fn what_emulators_are_given_is_no_key() {
    let dummy = [("accessKeyId", text("dummy")), ("secretAccessKey", text("dummy"))];
    let outcome = call(&npm("@aws-sdk/client-s3", &["S3Client"]), &new(&[map(&[("credentials", map(&dummy))])]));
    assert!(outcome.notes.is_empty());
    let keys = map(&[("accessKeyId", text("AKIAEXAMPLEKEY")), ("secretAccessKey", text("very-secret"))]);
    let local = map(&[("credentials", keys), ("endpoint", text("http://localhost:8000"))]);
    assert!(call(&npm("@aws-sdk/client-s3", &["S3Client"]), &new(&[local])).notes.is_empty());
    let keys = [("aws_access_key_id", text("AKIAEXAMPLEKEY")), ("endpoint_url", text("http://127.0.0.1:4566"))];
    let positional = vec![text("s3")];
    assert!(call(&python("boto3", &["client"]), &CallArgs { positional, ..named(&keys) }).notes.is_empty());
}

#[test]
fn asynchronous_sessions_make_the_same_clients() {
    let session = value(call(&python("aioboto3", &["Session"]), &named(&[])));
    let s3 = value(method(&session, "client", &positional(&[text("s3")])));
    assert_eq!(shown(&method(&s3, "list_buckets", &named(&[])).requests), ["s3:ListBuckets{}"]);
    let session = value(call(&python("aiobotocore", &["session", "get_session"]), &named(&[])));
    assert_eq!(
        sdk::created_service(sdk_value(&value(method(&session, "create_client", &positional(&[text("sqs")]))))),
        Some("sqs")
    );
}

#[test]
fn commands_are_requests_when_a_client_sends_them() {
    let client = v3("@aws-sdk/client-dynamodb", "DynamoDBClient", &[("region", text("eu-west-1"))]);
    let command = value(call(&npm("@aws-sdk/client-dynamodb", &["GetItemCommand"]), &new(&[map(&[("TableName", text("t"))])])));
    let outcome = method(&client, "send", &positional(&[command]));
    assert_eq!(shown(&outcome.requests), ["dynamodb:GetItem{TableName=t}"]);
    assert_eq!(outcome.requests[0].region, Some(Text::literal("eu-west-1")));
    let outcome = method(&client, "send", &positional(&[Arg::unknown("a command")]));
    assert_eq!(outcome.notes[0].0, NoteKind::DynamicOperation);
    let outcome = call(&npm("@aws-sdk/client-dynamodb", &["GetItmCommand"]), &new(&[]));
    assert_eq!(outcome.notes[0].0, NoteKind::UnknownOperation);
}

#[test]
fn version_three_has_methods_paginators_waiters_and_document_clients() {
    let s3 = v3("@aws-sdk/client-s3", "S3", &[]);
    let input = map(&[("Bucket", text("b"))]);
    assert_eq!(
        shown(&method(&s3, "listObjectsV2", &positional(std::slice::from_ref(&input))).requests),
        ["s3:ListObjectsV2{Bucket=b}"]
    );
    let config = map(&[("client", s3.clone())]);
    let outcome = call(&npm("@aws-sdk/client-s3", &["paginateListObjectsV2"]), &positional(&[config.clone(), input.clone()]));
    assert_eq!(shown(&outcome.requests), ["s3:ListObjectsV2{Bucket=b}"]);
    let outcome = call(&npm("@aws-sdk/client-s3", &["waitUntilBucketExists"]), &positional(&[config, input]));
    assert_eq!(shown(&outcome.requests), ["s3:HeadBucket{Bucket=b}"]);
    let plain = v3("@aws-sdk/client-dynamodb", "DynamoDBClient", &[]);
    let document = value(call(&npm("@aws-sdk/lib-dynamodb", &["DynamoDBDocumentClient", "from"]), &positional(&[plain])));
    let table = map(&[("TableName", text("t"))]);
    let command = value(call(&npm("@aws-sdk/lib-dynamodb", &["TransactWriteCommand"]), &new(std::slice::from_ref(&table))));
    assert_eq!(shown(&method(&document, "send", &positional(&[command])).requests), ["dynamodb:TransactWriteItems{TableName=t}"]);
    assert_eq!(shown(&method(&document, "put", &positional(&[table])).requests), ["dynamodb:PutItem{TableName=t}"]);
}

#[test]
fn uploads_presigners_and_assumed_roles_of_version_three() {
    let s3 = v3("@aws-sdk/client-s3", "S3Client", &[]);
    let params = map(&[("Bucket", text("b")), ("Key", text("k"))]);
    let options = map(&[("client", s3.clone()), ("params", params.clone())]);
    let upload = value(call(&npm("@aws-sdk/lib-storage", &["Upload"]), &new(&[options])));
    let expected = ["s3:PutObject{Bucket=b,Key=k}", "s3:AbortMultipartUpload{Bucket=b,Key=k}"];
    assert_eq!(shown(&method(&upload, "done", &positional(&[])).requests), expected);
    let command = value(call(&npm("@aws-sdk/client-s3", &["GetObjectCommand"]), &new(&[params])));
    let outcome = call(&npm("@aws-sdk/s3-request-presigner", &["getSignedUrl"]), &positional(&[s3, command]));
    assert_eq!(shown(&outcome.requests), ["s3:GetObject{Bucket=b,Key=k}"]);
    let role = map(&[("params", map(&[("RoleArn", text("arn:aws:iam::1:role/r"))]))]);
    let provider = call(&npm("@aws-sdk/credential-providers", &["fromTemporaryCredentials"]), &positional(&[role]));
    assert_eq!(shown(&provider.requests), ["sts:AssumeRole{RoleArn=arn:aws:iam::1:role/r}"]);
    let other = v3("@aws-sdk/client-sqs", "SQS", &[("credentials", value(provider))]);
    let outcome = method(&other, "listQueues", &positional(&[]));
    assert_eq!(outcome.requests[0].credentials, Credentials::Role(Box::new(text("arn:aws:iam::1:role/r"))));
}

#[test]
fn version_two_requests_are_made_when_the_method_is_called() {
    let s3 = value(call(&npm("aws-sdk", &["default", "S3"]), &new(&[map(&[("params", map(&[("Bucket", text("b"))]))])])));
    let pending = method(&s3, "getObject", &positional(&[map(&[("Key", text("k"))])]));
    assert_eq!(shown(&pending.requests), ["s3:GetObject{Bucket=b,Key=k}"]);
    let Callbacks::Called(arguments) = &pending.callbacks else { panic!("callbacks are called") };
    assert_eq!(arguments[0].alternatives(), [Arg::unknown("an error"), Arg::Null]);
    let promised = method(&value(pending), "promise", &positional(&[]));
    assert!(promised.requests.is_empty());
    let outcome = method(&s3, "getSignedUrl", &positional(&[text("putObject"), map(&[("Key", text("k"))])]));
    assert_eq!(shown(&outcome.requests), ["s3:PutObject{Bucket=b,Key=k}"]);
    let outcome = method(&s3, "upload", &positional(&[map(&[("Key", text("k"))])]));
    assert_eq!(shown(&outcome.requests)[0], "s3:PutObject{Bucket=b,Key=k}");
    for path in [npm("aws-sdk", &["DynamoDB", "DocumentClient"]), npm("aws-sdk/clients/dynamodb", &["DocumentClient"])] {
        let document = value(call(&path, &new(&[])));
        let outcome = method(&document, "batchGet", &positional(&[map(&[])]));
        assert_eq!(shown(&outcome.requests), ["dynamodb:BatchGetItem{}"]);
    }
}

#[test]
fn wrappers_are_data() {
    let get_secret = python("aws_lambda_powertools", &["utilities", "parameters", "get_secret"]);
    assert_eq!(shown(&call(&get_secret, &positional(&[text("db")])).requests), ["secretsmanager:GetSecretValue{SecretId=db}"]);
    let get = npm("@aws-lambda-powertools/parameters/ssm", &["getParameter"]);
    assert_eq!(shown(&call(&get, &positional(&[text("/a")])).requests), ["ssm:GetParameter{Name=/a}"]);
    let traced =
        call(&npm("aws-xray-sdk-core", &["captureAWSv3Client"]), &positional(&[v3("@aws-sdk/client-s3", "S3Client", &[])]));
    assert!(matches!(traced.value, Returned::Argument(0)));
    let layer = python("aws_lambda_powertools", &["utilities", "idempotency", "DynamoDBPersistenceLayer"]);
    let layer = value(call(&layer, &named(&[("table_name", text("locks"))])));
    let idempotent = python("aws_lambda_powertools", &["utilities", "idempotency", "idempotent"]);
    let outcome = call(&idempotent, &named(&[("persistence_store", layer)]));
    assert!(matches!(outcome.value, Returned::Identity));
    assert_eq!(shown(&outcome.requests)[0], "dynamodb:GetItem{TableName=locks}");
    assert_eq!(outcome.requests.len(), 4);
}

#[test]
fn handlers_given_to_routers_and_middleware_are_called() {
    let app = value(call(&python("aws_lambda_powertools", &["event_handler", "APIGatewayRestResolver"]), &named(&[])));
    let route = method(&app, "get", &positional(&[text("/orders")]));
    assert!(matches!((&route.value, &route.callbacks), (Returned::Identity, Callbacks::Called(_))));
    let wrapped = call(&npm("@middy/core", &["default"]), &positional(&[Arg::Other("handler".into())]));
    assert_eq!(
        wrapped.callbacks,
        Callbacks::Wrapped(vec![Arg::Unknown(Hole::Event("".into())), Arg::Unknown(Hole::Context("".into()))])
    );
    let used = method(&value(wrapped), "use", &positional(&[Arg::Null]));
    assert!(matches!(used.value, Returned::Value(Arg::Sdk(_))));
}

#[test]
fn pynamodb_models_inherit_their_requests() {
    let model = python("pynamodb", &["models", "Model"]);
    let data = object(&[("Meta", map(&[("table_name", text("users"))]))]);
    let save = sdk::inherited(sdk_value(&model), &data, "save").expect("models can be saved");
    assert_eq!(shown(&call(&save, &positional(&[])).requests), ["dynamodb:PutItem{TableName=users}"]);
    assert_eq!(sdk::inherited(sdk_value(&model), &data, "my_own"), None);
}

#[test]
fn annotations_stand_for_instances() {
    let annotated = |value: &Arg| sdk::annotation(sdk_value(value)).map(Arg::from);
    let table = annotated(&python("mypy_boto3_dynamodb", &["service_resource", "Table"])).expect("a table");
    assert_eq!(shown(&method(&table, "scan", &named(&[])).requests), ["dynamodb:Scan{TableName=*}"]);
    let s3 = annotated(&python("types_boto3_s3", &["S3Client"])).expect("a client");
    assert_eq!(sdk::created_service(sdk_value(&s3)), Some("s3"));
    assert!(annotated(&npm("@aws-sdk/client-sqs", &["SQSClient"])).is_some());
    assert!(annotated(&npm("aws-sdk", &["DynamoDB", "DocumentClient"])).is_some());
    // What a command is made with its type does not tell.
    let command = annotated(&npm("@aws-sdk/client-sqs", &["SendMessageCommand"])).expect("a command");
    assert!(matches!(sdk_value(&command), SdkValue::Command(command) if command.input.open && command.input.entries.is_empty()));
    assert!(annotated(&python("botocore", &["client", "BaseClient"])).is_none());
}

#[test]
fn a_name_alone_is_never_a_candidate() {
    let table = [("TableName", text("t")), ("Key", map(&[]))];
    let draft = sdk::candidates("dynamodb", "get_item", &named(&table)).expect("it fits");
    assert_eq!(draft.confidence, Confidence::Possible);
    assert!(sdk::candidates("dynamodb", "getItem", &positional(&[map(&table)])).is_some());
    assert!(sdk::candidates("dynamodb", "get_item", &named(&[])).is_none());
    assert!(sdk::candidates("dynamodb", "get_item", &named(&table[..1])).is_none(), "a required input is missing");
    assert!(sdk::candidates("dynamodb", "get_item", &named(&[("timeout", text("3"))])).is_none());
    let open = CallArgs { named: ArgMap { open: true, ..object(&table[..1]) }, ..CallArgs::default() };
    assert!(sdk::candidates("dynamodb", "get_item", &open).is_some());
}

#[test]
fn unknown_libraries_do_nothing_known_and_do_not_grow_without_end() {
    let outcome = call(&python("feedparser", &["parse"]), &positional(&[text("https://example.com")]));
    assert!(outcome.requests.is_empty() && outcome.notes.is_empty());
    assert_eq!(outcome.callbacks, Callbacks::Unknown);
    let outcome = call(&npm("@typedorm/core", &["createConnection"]), &positional(&[text("t")]));
    assert_eq!(outcome.notes[0].0, NoteKind::UnfollowedPackage);
    let mut chain = python("chain", &[]);
    let mut previous = chain.clone();
    for _ in 0..100 {
        previous = chain;
        chain = value(method(&previous, "then", &positional(&[])));
    }
    assert_eq!(chain, previous);
}

#[test]
fn requests_signed_by_hand_are_noted_with_their_service() {
    let sign = python("requests_aws4auth", &["AWS4Auth"]);
    let signed = |service: &str| call(&sign, &positional(&[text("id"), text("key"), text("eu-west-1"), text(service)]));
    let outcome = signed("sagemaker");
    assert_eq!(outcome.notes[0].0, NoteKind::SignedRequest);
    assert!(outcome.notes[0].1.contains("sagemaker"));
    let outcome = signed("execute-api");
    assert_eq!(shown(&outcome.requests), ["signed-execute-api:Request{}"]);
    assert!(outcome.notes.is_empty());
}

#[test]
fn addresses_name_bucket_and_key() {
    let mut address = Text::literal("s3://data/daily/");
    address.push(leash::value::Piece::Hole(Hole::Event("day".into())));
    let outcome = call(&python("awswrangler", &["s3", "download"]), &named(&[("path", Arg::Text(address))]));
    assert_eq!(shown(&outcome.requests), ["s3:HeadObject{Bucket=data,Key=daily/*}", "s3:GetObject{Bucket=data,Key=daily/*}"]);
    let read = call(&python("smart_open", &["open"]), &positional(&[text("s3://b/k")]));
    assert_eq!(shown(&read.requests), ["s3:GetObject{Bucket=b,Key=k}"]);
    let local = call(&python("smart_open", &["open"]), &positional(&[text("/tmp/file"), text("w")]));
    assert!(local.requests.is_empty());
}

#[test]
fn undescribed_parts_of_a_described_package_are_noted() {
    let outcome = call(&python("awswrangler", &["redshift", "copy"]), &named(&[]));
    assert_eq!(outcome.notes[0].0, NoteKind::UnfollowedPackage);
    let outcome = call(&npm("@aws-sdk/client-transcribe-streaming", &["TranscribeStreamingClient"]), &new(&[]));
    assert_eq!(outcome.notes[0].0, NoteKind::UnfollowedPackage);
    let outcome = call(&npm("@aws-sdk/client-s3", &["NoSuchKey"]), &positional(&[]));
    assert!(outcome.notes.is_empty());
}

#[test]
fn keys_in_version_two_options_are_a_finding() {
    let credentials = call(&npm("aws-sdk", &["Credentials"]), &new(&[text("AKIAEXAMPLE"), text("secret")]));
    assert_eq!(credentials.notes[0].0, NoteKind::HardcodedCredentials);
    let sqs = value(call(&npm("aws-sdk", &["SQS"]), &new(&[map(&[("credentials", value(credentials))])])));
    assert_eq!(method(&sqs, "listQueues", &positional(&[])).requests[0].credentials, Credentials::Literal);
}
