//! boto3, botocore and their asynchronous variants: sessions, how clients are made, paginators, waiters, annotations.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::request::{answer, argument, constants, drafts, objects};
use super::{CallArgs, Client, Config, Outcome, Resource, Returned, SdkValue, Style, config, packages, tables};
use crate::note::NoteKind;
use crate::value::{Arg, ArgMap, Hole, Text};

/// Calls a function or class of boto3 or botocore; nothing when it is none that makes sessions or clients.
pub(super) fn call(path: &[SmolStr], args: &CallArgs) -> Option<Outcome> {
    let (package, name) = (path.first()?.as_str(), path.last()?.as_str());
    if !(packages::is_python(package) || is_stub(package)) || path.len() > 3 {
        return None;
    }
    match name {
        // `mypy_boto3_<service>.type_defs.TargetTypeDef(Arn=…)` is a dictionary like that of any `TypedDict`.
        _ if is_stub(package) => name.ends_with("TypeDef").then(|| Outcome::gives(Arg::Map(typed_dictionary(args)))),
        "client" if path.len() == 2 || path[1] == "DEFAULT_SESSION" => Some(make_client(&Config::default(), args)),
        "resource" if path.len() == 2 || path[1] == "DEFAULT_SESSION" => Some(make_resource(&Config::default(), args)),
        "Session" | "AioSession" | "get_session" | "setup_default_session" | "_get_default_session" => {
            let (config, notes) = config::python(args, &Config::default(), (package != "botocore").then_some(0));
            Some(Outcome { notes, ..Outcome::gives(SdkValue::Session(config)) })
        }
        _ => None,
    }
}

/// Whether a package is one of those that type checkers use.
fn is_stub(package: &str) -> bool {
    packages::is_stubs(package) || packages::stub_service(package).is_some()
}

/// What calling a `TypedDict` gives: its named arguments, and the entries of what it is given by position.
/// <https://docs.python.org/3/library/typing.html#typing.TypedDict>
fn typed_dictionary(args: &CallArgs) -> ArgMap {
    let mut dictionary = ArgMap { open: args.open || args.named.open, ..ArgMap::default() };
    for given in &args.positional {
        match given.as_map() {
            Some(map) => dictionary.entries.extend(map.entries.clone()),
            None => dictionary.open = true,
        }
    }
    dictionary.entries.extend(args.named.entries.clone());
    dictionary
}

pub(super) fn session_member(session: &SdkValue, config: &Config, name: &str) -> Arg {
    match name {
        "region_name" => Arg::Text(config.region.clone().unwrap_or_else(|| Text::hole(Hole::Region))),
        _ => session.method(name).into(),
    }
}

pub(super) fn session_call(config: &Config, name: &str, args: &CallArgs) -> Outcome {
    match name {
        "client" | "create_client" => make_client(config, args),
        "resource" => make_resource(config, args),
        // The partition of any region that code computes is taken to be that of the function.
        "get_partition_for_region" => Outcome::gives(Arg::Unknown(Hole::Partition)),
        "get_credentials" => Outcome::gives(SdkValue::Credentials(config.credentials.clone())),
        _ => Outcome::gives(Arg::unknown("the result of a session's method")),
    }
}

fn make_client(base: &Config, args: &CallArgs) -> Outcome {
    make(base, args, |service, config| {
        SdkValue::Client(Client { service, style: Style::Boto3, config, bound: ArgMap::default() })
    })
}

fn make_resource(base: &Config, args: &CallArgs) -> Outcome {
    make(base, args, |service, config| {
        SdkValue::Resource(Resource { service, kind: SmolStr::default(), identifiers: BTreeMap::new(), config, is_filled: false })
    })
}

/// The client of a service that something else makes, and what could not be decided.
pub(super) fn client_of(service: Option<&Arg>, config: &Config) -> (Arg, Vec<config::ConfigNote>) {
    let args = CallArgs { positional: service.cloned().into_iter().collect(), ..CallArgs::default() };
    let made = make_client(config, &args);
    match made.value {
        Returned::Value(client) => (client, made.notes),
        _ => (Arg::unknown("a client"), made.notes),
    }
}

/// Makes one value for each service that the first argument names.
fn make(base: &Config, args: &CallArgs, value: impl Fn(SmolStr, Config) -> SdkValue) -> Outcome {
    let (config, mut notes) = config::python(args, base, Some(6));
    let (names, dynamic) = constants(argument(args, 0, "service_name"));
    let mut made = Vec::new();
    for name in names {
        match tables::known_service(&name) {
            Some(service) => {
                let endpoint = config::endpoint(service, argument(args, 5, "endpoint_url"));
                made.push(Arg::from(value(service.into(), Config { endpoint, ..config.clone() })));
            }
            None => notes
                .push((NoteKind::DynamicService, format!("`{name}` is no service that botocore knows; its calls are not seen"))),
        }
    }
    if dynamic {
        let message = "the name of the service is computed; name it in a constant to see the calls of this client";
        notes.push((NoteKind::DynamicService, message.to_owned()));
    }
    if dynamic || made.is_empty() {
        made.push(Arg::unknown("a client of an unknown service"));
    }
    Outcome { notes, ..Outcome::gives(Arg::one_of(made)) }
}

/// `get_paginator` and `get_waiter`: the operation behind the name, or a note.
pub(super) fn helper(client: &Client, method: &str, args: &CallArgs) -> Outcome {
    let (argument_name, kind) =
        if method == "get_paginator" { ("operation_name", "paginator") } else { ("waiter_name", "waiter") };
    let (names, dynamic) = constants(argument(args, 0, argument_name));
    let mut outcome = Outcome::gives(Arg::Null);
    let mut made = Vec::new();
    let table = tables::service(&client.service);
    for name in names {
        let operation = match kind {
            "paginator" => table.and_then(|table| table.by_python(&name)),
            _ => table.and_then(|table| table.waiter_by_method(&name)),
        };
        match (operation, kind) {
            (Some(operation), "paginator") => made.push(SdkValue::Paginator(client.clone(), operation.into()).into()),
            (Some(operation), _) => made.push(SdkValue::Waiter(client.clone(), operation.into()).into()),
            (None, _) => outcome.notes.push((NoteKind::UnknownOperation, format!("{} has no {kind} `{name}`", client.service))),
        }
    }
    if dynamic {
        let message = format!("the name of the {kind} of {} is computed; name it in a constant to see its calls", client.service);
        outcome.notes.push((NoteKind::DynamicOperation, message));
        made.push(Arg::unknown("an unknown paginator or waiter"));
    }
    outcome.value = Returned::Value(Arg::one_of(made));
    outcome
}

pub(super) fn paginate(client: &Client, operation: &str, method: &str, args: &CallArgs) -> Outcome {
    match method {
        "paginate" => {
            let requests = drafts(client, operation, std::slice::from_ref(&args.named), Some("paginator"));
            Outcome::requests(answer(&requests), requests)
        }
        _ => Outcome::gives(Arg::unknown("the result of a paginator's method")),
    }
}

pub(super) fn wait(client: &Client, operation: &str, method: &str, args: &CallArgs) -> Outcome {
    if method != "wait" {
        return Outcome::gives(Arg::unknown("the result of a waiter's method"));
    }
    let mut params = args.named.clone();
    params.entries.remove("WaiterConfig");
    Outcome::requests(Arg::Null, drafts(client, operation, &[params], Some("waiter")))
}

/// `generate_presigned_url(ClientMethod, Params=…)`: whoever uses the URL acts with the signer's permissions.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>
pub(super) fn presign(client: &Client, args: &CallArgs) -> Outcome {
    let (methods, dynamic) = constants(argument(args, 0, "ClientMethod"));
    let inputs = objects(argument(args, 1, "Params"));
    let mut outcome = Outcome::gives(Arg::unknown("a presigned URL"));
    for method in methods {
        match tables::service(&client.service).and_then(|table| table.by_python(&method)) {
            Some(operation) => outcome.requests.extend(drafts(client, operation, &inputs, Some("generate_presigned_url"))),
            None => outcome.notes.push((NoteKind::UnknownOperation, format!("{} has no operation `{method}`", client.service))),
        }
    }
    if dynamic {
        let message = format!("the operation of {} that is presigned is computed", client.service);
        outcome.notes.push((NoteKind::DynamicOperation, message));
    }
    outcome
}

/// The client or resource that a class of a stub package stands for.
pub(super) fn annotation(path: &[SmolStr]) -> Option<SdkValue> {
    let package = path.first()?.as_str();
    let class = path.last()?.as_str();
    let module = match packages::stub_service(package) {
        Some(module) => module,
        None if packages::is_stubs(package) => path.get(1)?.as_str(),
        None if matches!((package, class), ("boto3" | "aioboto3", "Session")) => {
            return Some(SdkValue::Session(Config::default()));
        }
        None => return None,
    };
    let service = tables::service_of_module(module)?;
    let resource = |kind: &str| {
        let identifiers = BTreeMap::new();
        Some(SdkValue::Resource(Resource {
            service: service.into(),
            kind: kind.into(),
            identifiers,
            config: Config::default(),
            is_filled: false,
        }))
    };
    if class.ends_with("ServiceResource") {
        return resource("");
    }
    if class.ends_with("Client") {
        let (style, config, bound) = (Style::Boto3, Config::default(), ArgMap::default());
        return Some(SdkValue::Client(Client { service: service.into(), style, config, bound }));
    }
    tables::service(service)?.resource(class)?;
    resource(class)
}
