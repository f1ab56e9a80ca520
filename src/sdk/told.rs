//! What something unknown gives that is told the name of a service: `get_client("s3")` of a library that is not followed. It may be
//! a client of that service, and where a method of it is called that is an operation there, it is one.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::candidates::candidate_of;
use super::{CallArgs, Client, Config, Ecosystem, RESULT, Resource, SdkValue, Style, service_named, tables};
use crate::value::{Arg, ArgMap};

/// The field of such a value with botocore's name of the service.
const TOLD: &str = "#told";
/// What the argument with the service is called.
const NAMES: [&str; 3] = ["service_name", "service", "serviceName"];

/// What is remembered of the arguments of something unknown.
pub(super) fn remembered(args: &CallArgs) -> ArgMap {
    let entries = service(args).map(|service| (TOLD.into(), Arg::text(service)));
    ArgMap { entries: entries.into_iter().collect(), ..ArgMap::default() }
}

fn service(args: &CallArgs) -> Option<&'static str> {
    let named = || NAMES.iter().find_map(|name| args.named.get(name));
    match args.positional.first().or_else(named)? {
        Arg::Text(text) => service_named(text.as_literal()?),
        _ => None,
    }
}

/// Whether the name of a method says that it may make clients: `get_boto3_client`.
pub fn makes_clients(method: &str) -> bool {
    let lower = method.to_ascii_lowercase();
    ["client", "resource", "boto"].iter().any(|word| lower.contains(word))
}

/// What such a method of something unknown gives: `app.get_boto3_client("iam")`.
pub fn made_by(ecosystem: Ecosystem, method: &str, args: &CallArgs) -> Option<SdkValue> {
    service(args)?;
    let path = ["?", method, RESULT].map(SmolStr::from).to_vec();
    Some(SdkValue::Instance { ecosystem, path, data: remembered(args).into() })
}

/// Whether it is such a value.
pub fn is_told(value: &SdkValue) -> bool {
    matches!(value, SdkValue::Instance { data, .. } if data.get(TOLD).is_some())
}

/// The method of a client or resource that a method of such a value is.
pub fn method_of_told(value: &SdkValue, method: &str, args: &CallArgs) -> Option<SdkValue> {
    let SdkValue::Instance { ecosystem, data, .. } = value else { return None };
    let Some(Arg::Text(service)) = data.get(TOLD) else { return None };
    let service = service.as_literal()?;
    let style = if *ecosystem == Ecosystem::Python { Style::Boto3 } else { Style::JsV2 };
    let client = || Client { service: service.into(), style, config: Config::default(), bound: ArgMap::default() };
    let is_operation = match (style, args.positional.as_slice()) {
        (Style::Boto3, []) => true,
        (Style::Boto3, [_]) => matches!(method, "get_paginator" | "get_waiter"),
        (_, first) => first.first().is_none_or(|input| input.as_map().is_some()),
    };
    if is_operation && candidate_of(service, method, args).is_some() {
        return Some(SdkValue::Client(client()).method(method));
    }
    tables::service(service)?.resource("")?.has.get(method).filter(|_| style == Style::Boto3)?;
    let (kind, identifiers) = (SmolStr::default(), BTreeMap::new());
    let (service, config) = (service.into(), Config::default());
    Some(SdkValue::Resource(Resource { service, kind, identifiers, config, is_filled: false }).method(method))
}
