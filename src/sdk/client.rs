//! Calling the methods of clients, in all SDKs: each names an operation, or a helper that `api-maps/sdk/helpers.json`
//! describes.

use super::request::{answer, constants, drafts, input_at};
use super::{Arg, CallArgs, Callbacks, Client, Outcome, SdkValue, Style, boto3, ecma, libraries, library_call, tables};
use crate::note::NoteKind;
use crate::value::ArgMap;

/// Methods of clients that make no request.
const QUIET: &[&str] = &[
    "add",
    "can_paginate",
    "clone",
    "close",
    "config",
    "destroy",
    "exceptions",
    "from_mapping",
    "meta",
    "middlewareStack",
    "customizeRequests",
    "setupRequestListeners",
    "defineService",
    "__aexit__",
    "__exit__",
];

pub(super) fn call(client: &Client, method: &str, args: &CallArgs) -> Outcome {
    let method = promisified(client, method);
    if QUIET.contains(&method) {
        // A function they get is called around requests: `client.meta.events.register(name, hook)`.
        return Outcome { callbacks: Callbacks::Called(Vec::new()), ..Outcome::gives(Arg::Null) };
    }
    match (client.style, method) {
        (Style::Boto3, "__aenter__" | "__enter__") => return Outcome::gives(SdkValue::Client(client.clone())),
        (Style::DocumentV2, "createSet" | "getTranslator") => {
            return Outcome::gives(Arg::unknown("what the document client makes of values"));
        }
        (Style::Boto3, "get_paginator" | "get_waiter") => return boto3::helper(client, method, args),
        (Style::Boto3, "generate_presigned_url") => return boto3::presign(client, args),
        (Style::JsV3 | Style::Document, "send") => return ecma::send(client, args),
        (Style::JsV2, "getSignedUrl" | "getSignedUrlPromise" | "makeRequest" | "makeUnauthenticatedRequest" | "waitFor") => {
            return ecma::named_operation(client, method, args);
        }
        _ => {}
    }
    if let Some(outcome) = helper(client, method, args) {
        return outcome;
    }
    match operation(client, method) {
        Some(operation) => request(client, operation, args),
        None => ecma::aggregated(client, method, args)
            .or_else(|| moved(client, method, args))
            .unwrap_or_else(|| unknown(client, method)),
    }
}

/// The method behind the one that bluebird's `promisifyAll` adds to a client of version 2: `getObjectAsync`.
/// <http://bluebirdjs.com/docs/api/promise.promisifyall.html>
fn promisified<'m>(client: &Client, method: &'m str) -> &'m str {
    let is_old = matches!(client.style, Style::JsV2 | Style::DocumentV2);
    let inner = method.strip_suffix("Async").filter(|_| is_old && operation(client, method).is_none());
    inner.unwrap_or(method)
}

/// An operation that another service has by now.
fn moved(client: &Client, method: &str, args: &CallArgs) -> Option<Outcome> {
    tables::moved_to(&client.service).iter().find_map(|service| {
        let client = Client { service: (*service).into(), ..client.clone() };
        operation(&client, method).map(|operation| request(&client, operation, args))
    })
}

/// The operation that a method of a client names.
pub(super) fn operation(client: &Client, method: &str) -> Option<&'static str> {
    let table = tables::service(&client.service)?;
    match client.style {
        Style::Boto3 => table.by_python(method),
        Style::JsV3 | Style::JsV2 => table.by_camel(method),
        Style::Document | Style::DocumentV2 => table.operation(libraries::document_operation(method)?).map(|(name, _)| name),
    }
}

fn request(client: &Client, operation: &str, args: &CallArgs) -> Outcome {
    if client.style == Style::Boto3 {
        let requests = drafts(client, operation, std::slice::from_ref(&args.named), None);
        return Outcome::requests(answer(&requests), requests);
    }
    let via = matches!(client.style, Style::Document | Style::DocumentV2).then_some("document client");
    let requests = drafts(client, operation, &input_at(args, 0), via);
    ecma::answered(client, requests)
}

/// A method that `helpers.json` describes for this service.
fn helper(client: &Client, method: &str, args: &CallArgs) -> Option<Outcome> {
    let sdk = match client.style {
        Style::Boto3 => "boto3",
        Style::JsV3 => "js3",
        Style::JsV2 => "js2",
        Style::Document | Style::DocumentV2 => return None,
    };
    let entry = libraries::helper(&[sdk, &client.service, method])?;
    let own =
        library_call::Own { data: &client.bound, config: &client.config, value: SdkValue::Client(client.clone()), name: method };
    let mut outcome = library_call::evaluate(entry, method, &own, args);
    if client.style == Style::JsV2 {
        let answered = ecma::answered(client, std::mem::take(&mut outcome.requests));
        outcome = Outcome { notes: outcome.notes, ..answered };
    }
    Some(outcome)
}

fn unknown(client: &Client, method: &str) -> Outcome {
    let message =
        format!("`{method}` is no operation of {} in leash's tables; its permission is not in the policy", client.service);
    Outcome::doubt(NoteKind::UnknownOperation, message)
}

/// A member of something that was itself read from a client or resource: `client.meta.client`.
pub(super) fn nested_member(receiver: &SdkValue, outer: &str, name: &str) -> Arg {
    match (receiver, outer, name) {
        (SdkValue::Client(_), "meta", "client") => receiver.clone().into(),
        (SdkValue::Client(client), "meta", "region_name") | (SdkValue::Client(client), "config", "region") => {
            Arg::Text(client.config.region.clone().unwrap_or_else(|| crate::value::Text::hole(crate::value::Hole::Region)))
        }
        (SdkValue::Resource(resource), "meta", "client") => {
            let (service, config) = (resource.service.clone(), resource.config.clone());
            SdkValue::Client(Client { service, style: Style::Boto3, config, bound: ArgMap::default() }).into()
        }
        // `fn.bind(client)`, `fn.call(client, …)` keep what they are read from.
        (_, _, "bind" | "promise") => receiver.method(outer).into(),
        (SdkValue::Client(_) | SdkValue::Resource(_), "meta" | "config" | "exceptions" | "middlewareStack", _) => {
            receiver.method("meta").into()
        }
        _ => Arg::unknown("a member of a library's method"),
    }
}

/// The operation that a method name given as text means (`getattr(client, name)`, `client[name]`).
pub(super) fn named(client: &Client, argument: Option<&Arg>) -> (Vec<&'static str>, bool) {
    let (names, mut dynamic) = constants(argument);
    let mut found = Vec::new();
    for name in names {
        match operation(client, &name) {
            Some(operation) => found.push(operation),
            None => dynamic = true,
        }
    }
    (found, dynamic)
}
