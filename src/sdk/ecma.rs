//! The AWS SDKs for JavaScript: how clients and commands are made and sent.

use smol_str::SmolStr;

use super::request::{answer, drafts, input_at, responses_to};
use super::{CallArgs, Callbacks, Client, Command, Config, Outcome, RequestDraft, Response, Returned, SdkValue, Style};
use super::{client, config, packages, tables};
use crate::note::NoteKind;
use crate::value::{Arg, ArgMap};

/// Calls a member of an SDK package; nothing when it is none that this module knows.
pub(super) fn call(path: &[SmolStr], args: &CallArgs) -> Option<Outcome> {
    let package = path.first()?;
    if let Some(service) = tables::service_of_package(package) {
        return v3(service, path.get(1..)?, args);
    }
    if let Some(class) = gone_class(path) {
        let message = format!("`{class}` is no service that botocore knows; its calls are not seen");
        return Some(Outcome::doubt(NoteKind::DynamicService, message));
    }
    let (service, style) = v2_class(path)?;
    let options = args.positional.first();
    let (config, notes) = config_of(service, options);
    let bound = options.and_then(Arg::as_map).and_then(|options| options.get("params")).and_then(Arg::as_map);
    let bound = bound.map(super::request::plain_object).unwrap_or_default();
    let made = SdkValue::Client(Client { service: service.into(), style, config, bound });
    Some(Outcome { notes, ..Outcome::gives(made) })
}

/// What whoever gets this part of an SDK package makes requests with, by making clients of it.
pub(super) fn maker(path: &[SmolStr]) -> Option<String> {
    if let [package] = path {
        let is_whole = package
            .strip_prefix(packages::JS_V2)
            .is_some_and(|inner| inner.is_empty() || inner.starts_with('/') && v2_class(path).is_none());
        if is_whole {
            return Some("the AWS SDK".to_owned());
        }
        if let Some(service) = tables::service_of_package(package) {
            return Some(format!("the AWS SDK's package of {service}"));
        }
    }
    if let Some((service, _)) = v2_class(path) {
        return Some(format!("the client class of {service}"));
    }
    let [package, name] = path else { return None };
    let service = tables::service_of_package(package)?;
    if let Some(command) = name.strip_suffix("Command") {
        let (operation, _) = tables::service(service)?.operation(command)?;
        return Some(format!("the command {operation} of {service}"));
    }
    (name.ends_with("Client") || tables::service_of_class(name).is_some()).then(|| format!("the client class of {service}"))
}

/// What a path into version 2 calls a service, and what follows that.
fn v2_module(path: &[SmolStr]) -> Option<(&str, &[SmolStr])> {
    let (package, members) = path.split_first()?;
    Some(match package.strip_prefix(packages::JS_V2)? {
        "" | "/global" | "/clients/all" | "/index" => {
            let (class, rest) = members.split_first()?;
            (class.as_str(), rest)
        }
        other => (other.strip_prefix("/clients/")?.trim_end_matches(".js"), members),
    })
}

/// The class of version 2 that is made, where its service is one that there is no more.
fn gone_class(path: &[SmolStr]) -> Option<&str> {
    let (class, rest) = v2_module(path)?;
    (rest.len() <= 1 && tables::is_gone(class)).then_some(class)
}

/// Service and style of a class of version 2: `AWS.S3`, `aws-sdk/clients/s3`, `AWS.DynamoDB.DocumentClient`.
fn v2_class(path: &[SmolStr]) -> Option<(&'static str, Style)> {
    let (module, mut members) = v2_module(path)?;
    let (class, service) = tables::service_of_class(module)?;
    if members.first().is_some_and(|member| member == class) {
        members = &members[1..];
    }
    match members {
        [] => Some((service, Style::JsV2)),
        [document] if document == "DocumentClient" => Some((service, Style::DocumentV2)),
        _ => None,
    }
}

fn v3(service: &'static str, members: &[SmolStr], args: &CallArgs) -> Option<Outcome> {
    let [name] = members else { return None };
    if let Some(operation) = name.strip_suffix("Command") {
        return Some(command(service, operation, args));
    }
    if let Some(operation) = name.strip_prefix("paginate") {
        return Some(with_client(service, operation, "paginator", args));
    }
    if let Some(waiter) = name.strip_prefix("waitUntil").or_else(|| name.strip_prefix("waitFor")) {
        let operation = tables::service(service)?.waiter(waiter)?;
        return Some(with_client(service, operation, "waiter", args));
    }
    if !name.ends_with("Client") && (!args.construct || name.ends_with("Exception") || name.ends_with("Error")) {
        return None;
    }
    let (config, notes) = config_of(service, args.positional.first());
    let made = Client { service: service.into(), style: Style::JsV3, config, bound: ArgMap::default() };
    Some(Outcome { notes, ..Outcome::gives(SdkValue::Client(made)) })
}

/// What the options of a service's client say.
fn config_of(service: &str, options: Option<&Arg>) -> (Config, Vec<config::ConfigNote>) {
    let (config, notes) = config::ecma(options);
    let endpoint = options.and_then(Arg::as_map).and_then(|options| config::endpoint(service, options.get("endpoint")));
    (Config { endpoint, ..config }, notes)
}

fn command(service: &'static str, name: &str, args: &CallArgs) -> Outcome {
    let services = std::iter::once(service).chain(tables::moved_to(service).iter().copied());
    let mut found = services.filter_map(|service| Some((service, tables::service(service)?.operation(name)?.0)));
    let Some((service, operation)) = found.next() else {
        let message = format!("{service} has no operation `{name}` in leash's tables; its permission is not in the policy");
        return Outcome::doubt(NoteKind::UnknownOperation, message);
    };
    Outcome::gives(commands(service, operation, args))
}

/// One command for each object that its input can be.
pub(super) fn commands(service: &str, operation: &str, args: &CallArgs) -> Arg {
    let inputs = input_at(args, 0).into_iter().map(|input| super::request::plain_object(&input));
    Arg::one_of(inputs.map(|input| {
        SdkValue::Command(Command { service: service.into(), operation: operation.into(), input: input.into() }).into()
    }))
}

/// `paginateX({client}, input)` and `waitUntilX({client}, input)`: counted when called, which is sound and simple.
fn with_client(service: &'static str, operation: &str, via: &str, args: &CallArgs) -> Outcome {
    let Some((operation, _)) = tables::service(service).and_then(|table| table.operation(operation)) else {
        let message = format!("{service} has no operation `{operation}` in leash's tables");
        return Outcome::doubt(NoteKind::UnknownOperation, message);
    };
    let mut requests = Vec::new();
    for client in clients(args.positional.first(), service) {
        requests.extend(drafts(&client, operation, &input_at(args, 1), Some(via)));
    }
    Outcome::requests(answer(&requests), requests)
}

/// The same as methods of a client that has all operations: `s3.paginateListObjectsV2(input)`, `s3.waitUntilObjectExists(input, 10)`.
/// <https://github.com/smithy-lang/smithy-typescript/blob/main/packages/smithy-client/src/create-aggregated-client.ts>
pub(super) fn aggregated(client: &Client, method: &str, args: &CallArgs) -> Option<Outcome> {
    let table = tables::service(&client.service).filter(|_| client.style == Style::JsV3)?;
    let paginated = || table.operation(method.strip_prefix("paginate")?).map(|(operation, _)| (operation, "paginator"));
    let polled = || table.waiter(method.strip_prefix("waitUntil")?).map(|operation| (operation, "waiter"));
    let (operation, via) = paginated().or_else(polled)?;
    let requests = drafts(client, operation, &input_at(args, 0), Some(via));
    Some(Outcome::requests(answer(&requests), requests))
}

/// The clients that an argument holds, itself or as its entry `client`; one with the function's own credentials when
/// it cannot be told.
pub(super) fn clients(argument: Option<&Arg>, service: &str) -> Vec<Client> {
    let mut found = Vec::new();
    for alternative in argument.into_iter().flat_map(Arg::alternatives) {
        let held = alternative.as_map().and_then(|map| map.get("client")).unwrap_or(alternative);
        for value in held.alternatives() {
            if let Arg::Sdk(value) = value
                && let SdkValue::Client(client) = value.as_ref()
            {
                found.push(Client { service: service.into(), ..client.clone() });
            }
        }
    }
    if found.is_empty() {
        let (style, config, bound) = (Style::JsV3, Config::default(), ArgMap::default());
        found.push(Client { service: service.into(), style, config, bound });
    }
    found
}

/// `client.send(command)`, with or without a callback.
pub(super) fn send(client: &Client, args: &CallArgs) -> Outcome {
    let mut requests = Vec::new();
    let mut dynamic = args.positional.is_empty();
    let commands = args.positional.first().map(Arg::alternatives).unwrap_or_default();
    for command in commands {
        match sent(client, command) {
            Some(request) => requests.push(request),
            // Where it was made, a note says so.
            None if is_undecided(command) => {}
            // Sending nothing fails.
            None if *command == Arg::Null && commands.len() > 1 => {}
            None => dynamic = true,
        }
    }
    if commands.iter().filter(|command| **command != Arg::Null).count() > 1 {
        for request in &mut requests {
            request.confidence = super::Confidence::Likely;
        }
    }
    let mut outcome = answered(client, requests);
    if dynamic {
        let message = format!("the command that is sent to {} could not be told; construct it where it is sent", client.service);
        outcome.notes.push((NoteKind::DynamicOperation, message));
    }
    outcome
}

/// Whether a call gave a value that could not be decided.
fn is_undecided(value: &Arg) -> bool {
    matches!(value, Arg::Unknown(crate::value::Hole::Unknown(why)) if why == super::UNDECIDED)
}

/// The request of a command that a client sends.
pub(super) fn sent(client: &Client, command: &Arg) -> Option<RequestDraft> {
    let Arg::Sdk(value) = command else { return None };
    let SdkValue::Command(command) = value.as_ref() else { return None };
    let client = Client { service: command.service.clone(), ..client.clone() };
    drafts(&client, &command.operation, std::slice::from_ref(&command.input), None).pop()
}

/// What a method of a JavaScript client gives for the requests it makes: version 2 a pending request, version 3 the
/// answer; both call back with an error and the answer.
pub(super) fn answered(client: &Client, requests: Vec<RequestDraft>) -> Outcome {
    let pending = matches!(client.style, Style::JsV2 | Style::DocumentV2);
    let values: Vec<Arg> = requests
        .iter()
        .flat_map(responses_to)
        .map(|response| if pending { SdkValue::Pending(response).into() } else { SdkValue::Response(response).into() })
        .collect();
    let callback = error_first(answer(&requests));
    Outcome {
        value: Returned::Value(if values.is_empty() {
            Arg::unknown("the answer to an unknown request")
        } else {
            Arg::one_of(values)
        }),
        requests,
        notes: Vec::new(),
        callbacks: Callbacks::Called(callback),
    }
}

/// What a callback is given: an error, which there may be, and the answer.
fn error_first(answer: Arg) -> Vec<Arg> {
    vec![Arg::one_of([Arg::Null, Arg::unknown("an error")]), answer]
}

/// Methods of version 2's clients that take the operation's or waiter's name: `getSignedUrl('getObject', params)`.
pub(super) fn named_operation(client: &Client, method: &str, args: &CallArgs) -> Outcome {
    let (operations, dynamic) = if method == "waitFor" {
        let (names, dynamic) = super::request::constants(args.positional.first());
        let table = tables::service(&client.service);
        let operations = names.iter().filter_map(|name| table?.waiter_by_method(name));
        (operations.collect(), dynamic)
    } else {
        client::named(client, args.positional.first())
    };
    let mut inputs = input_at(args, 1);
    if method.starts_with("getSignedUrl") {
        // How long the URL is good for is no parameter of the request.
        inputs.iter_mut().for_each(|input| drop(input.entries.remove("Expires")));
    }
    let via = if method == "waitFor" { "waiter" } else { method };
    let requests = operations.iter().flat_map(|operation| drafts(client, operation, &inputs, Some(via))).collect();
    let mut outcome = if method.starts_with("getSignedUrl") {
        let callbacks = Callbacks::Called(error_first(Arg::unknown("a presigned URL")));
        Outcome { callbacks, ..Outcome::requests(Arg::unknown("a presigned URL"), requests) }
    } else {
        answered(client, requests)
    };
    if dynamic {
        let message = format!("the operation of {} is computed; name it in a constant to see the call", client.service);
        outcome.notes.push((NoteKind::DynamicOperation, message));
    }
    outcome
}

/// Methods of version 2's pending requests. The request itself was counted when it was made.
pub(super) fn pending_call(response: &Response, method: &str, args: &CallArgs) -> Outcome {
    let value = SdkValue::Response(response.clone());
    match method {
        "promise" | "createReadStream" => Outcome::gives(value),
        "on" if args.positional.first().and_then(Arg::as_text).is_some_and(|name| name.as_literal() == Some("error")) => {
            let callbacks = Callbacks::Called(vec![Arg::unknown("an error")]);
            Outcome { callbacks, ..Outcome::gives(SdkValue::Pending(response.clone())) }
        }
        "on" | "once" => {
            let event = ArgMap { entries: [("data".into(), value.into())].into(), open: true, computed: Vec::new() };
            Outcome { callbacks: Callbacks::Called(vec![Arg::Map(event)]), ..Outcome::gives(SdkValue::Pending(response.clone())) }
        }
        _ => {
            let callbacks = Callbacks::Called(error_first(value.into()));
            Outcome { callbacks, ..Outcome::gives(SdkValue::Pending(response.clone())) }
        }
    }
}

/// The client that a variable annotated with this class holds.
pub(super) fn annotation(path: &[SmolStr]) -> Option<SdkValue> {
    let class = path.last()?;
    if path.first()? == packages::JS_DOCUMENTS && class.starts_with("DynamoDBDocument") {
        return Some(SdkValue::Client(document(None)));
    }
    if let Some(operation) = class.strip_suffix("Command") {
        // Which one it is the type says, not with what it was made.
        let service = tables::service_of_package(path.first()?)?;
        let (operation, _) = tables::service(service)?.operation(operation)?;
        let input = super::request::assumed().into();
        return Some(SdkValue::Command(Command { service: service.into(), operation: operation.into(), input }));
    }
    if path.get(1).is_some_and(|name| is_data_type(&path[0], name)) {
        return None;
    }
    let construct = CallArgs { construct: true, ..CallArgs::default() };
    match call(path, &construct)?.value {
        Returned::Value(Arg::Sdk(value)) if matches!(value.as_ref(), SdkValue::Client(_)) => Some(value.as_ref().clone()),
        _ => None,
    }
}

/// Whether a name of a package of version 3 is a type of parameters and answers: all but the classes of clients, of which the one
/// that has all operations is called as the package: `S3`, `CloudWatchLogs`.
fn is_data_type(package: &str, name: &str) -> bool {
    let Some(service) = package.strip_prefix("@aws-sdk/client-") else { return false };
    !name.ends_with("Client") && !service.replace('-', "").eq_ignore_ascii_case(name)
}

/// The document client of version 3 around a client.
pub(super) fn document(inner: Option<&Arg>) -> Client {
    let inner = clients(inner, "dynamodb").into_iter().next();
    let config = inner.map(|client| client.config).unwrap_or_default();
    Client { service: "dynamodb".into(), style: Style::Document, config, bound: ArgMap::default() }
}
