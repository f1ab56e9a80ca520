//! What the SDKs' methods and commands are called, for look-ups outside of any program.

use std::collections::{BTreeMap, BTreeSet};

use super::{CallArgs, Client, Config, Ecosystem, Resource, Returned, SdkValue, Style, packages};
use crate::value::{Arg, ArgMap};

/// The operations that a method of a client (`upload_file`) or of a boto3 resource (`Table.put_item`) calls, as
/// service and operation.
pub fn requests(service: &str, method: &str) -> BTreeSet<(String, String)> {
    if let Some((kind, method)) = method.rsplit_once('.') {
        return made_by(&resource(service, kind), method);
    }
    let clients = [Style::Boto3, Style::JsV3, Style::JsV2].map(|style| client(service, style));
    clients.iter().map(|client| made_by(client, method)).find(|requests| !requests.is_empty()).unwrap_or_default()
}

/// The operation behind a command of `@aws-sdk/lib-dynamodb`.
pub fn document_command(name: &str) -> BTreeSet<(String, String)> {
    let path = [packages::JS_DOCUMENTS, name].map(Into::into).to_vec();
    let args = CallArgs { construct: true, ..open() };
    let outcome = super::call(&SdkValue::External { ecosystem: Ecosystem::Npm, path }, &args);
    let Returned::Value(value) = outcome.value else { return BTreeSet::new() };
    let commands = value.alternatives().iter().filter_map(|value| match value {
        Arg::Sdk(value) => match value.as_ref() {
            SdkValue::Command(command) => Some((command.service.to_string(), command.operation.to_string())),
            _ => None,
        },
        _ => None,
    });
    commands.collect()
}

fn made_by(receiver: &SdkValue, method: &str) -> BTreeSet<(String, String)> {
    let callee = SdkValue::Method { receiver: std::sync::Arc::new(receiver.clone()), name: method.into() };
    let requests = super::call(&callee, &open()).requests.into_iter();
    requests.map(|request| (request.service.to_string(), request.operation.to_string())).collect()
}

/// Arguments of which nothing is known.
fn open() -> CallArgs {
    CallArgs { open: true, named: ArgMap { open: true, ..ArgMap::default() }, ..CallArgs::default() }
}

fn client(service: &str, style: Style) -> SdkValue {
    SdkValue::Client(Client { service: service.into(), style, config: Config::default(), bound: ArgMap::default() })
}

fn resource(service: &str, kind: &str) -> SdkValue {
    let identifiers = BTreeMap::new();
    SdkValue::Resource(Resource {
        service: service.into(),
        kind: kind.into(),
        identifiers,
        config: Config::default(),
        is_filled: false,
    })
}
