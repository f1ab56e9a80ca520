//! Calls on receivers that could not be resolved: does the method with these argument names fit an operation?

use super::request::draft;
use super::tables::{self, Operation};
use super::{CallArgs, Confidence, Config, RequestDraft, SdkValue, Style};
use crate::value::{Arg, ArgMap};

/// The request that a call would make if its receiver were a client of this service: the method's name is an
/// operation's, every argument name is one of its inputs, and all required ones are there. A name alone never counts.
pub fn candidates(service: &str, method: &str, args: &CallArgs) -> Option<RequestDraft> {
    let table = tables::service(service)?;
    of_client(table, service, method, args).or_else(|| of_resource(table, service, method, args))
}

/// Whether a method of a client is an operation that takes these arguments, or gives the paginator or waiter that these name, or runs
/// it with them; nothing for anything else, and for methods of clients that are no operations of any service.
pub fn takes(method: &SdkValue, args: &CallArgs) -> Option<bool> {
    let SdkValue::Method { receiver, name } = method else { return None };
    match receiver.as_ref() {
        SdkValue::Client(client) => {
            let is_document = matches!(client.style, Style::Document | Style::DocumentV2);
            let is_operation = helped(name, args).is_some() || !tables::services_with(name).is_empty();
            (!is_document && is_operation).then(|| candidate_of(&client.service, name, args).is_some())
        }
        SdkValue::Paginator(client, operation) | SdkValue::Waiter(client, operation) => {
            let (_, operation) = tables::service(&client.service)?.operation(operation)?;
            let is_own = |name: &str| matches!(name, "PaginationConfig" | "WaiterConfig");
            Some(args.named.entries.keys().all(|name| is_own(name) || operation.has_input(name)))
        }
        _ => None,
    }
}

const VIA: &str = "the argument names fit";

/// The services among all that a call on a receiver of which nothing is known fits.
pub fn candidate_services(method: &str, args: &CallArgs) -> Vec<&'static str> {
    let by_name = helped(method, args);
    let operation = by_name.unwrap_or(method);
    let fits = |service: &str| match by_name {
        Some(_) => candidate_of(service, method, args).is_some(),
        None => candidates(service, method, args).is_some(),
    };
    tables::services_with(operation).iter().copied().filter(|service| fits(service)).collect()
}

/// The request that a call makes whose receiver is known to be a client of this service from what else is called on it, so
/// that its name alone is enough.
pub fn candidate_of(service: &str, method: &str, args: &CallArgs) -> Option<RequestDraft> {
    let table = tables::service(service)?;
    if let Some(named) = helped(method, args) {
        let paginated = || table.by_python(named).filter(|name| table.paginates(name));
        let name = if method == PAGINATOR { paginated()? } else { table.waiter_by_method(named)? };
        return Some(guessed(service, name, &ArgMap { open: true, ..ArgMap::default() }));
    }
    let name = table.by_python(method).or_else(|| table.by_camel(method))?;
    let (name, operation) = table.operation(name)?;
    let input = match args.positional.as_slice() {
        [Arg::Map(input), ..] => input,
        _ => &args.named,
    };
    let known = input.entries.keys().all(|name| operation.has_input(name));
    known.then(|| guessed(service, name, input))
}

/// The request that a call without names makes if its receiver is a client of this service, as what it is called says: of an
/// operation that needs nothing.
pub fn bare_candidate(service: &str, method: &str, args: &CallArgs) -> Option<RequestDraft> {
    if helped(method, args).is_some() {
        return candidate_of(service, method, args);
    }
    let is_bare = args.positional.is_empty() && args.named.entries.is_empty() && !args.open;
    let table = tables::service(service).filter(|_| is_bare)?;
    let (name, operation) = table.operation(table.by_python(method).or_else(|| table.by_camel(method))?)?;
    let needs_nothing = operation.inputs().all(|member| !member.required);
    needs_nothing.then(|| guessed(service, name, &args.named))
}

const PAGINATOR: &str = "get_paginator";

/// What a call names by its argument: the operation's method in `get_paginator("list_agents")`, the waiter in
/// `get_waiter("bucket_exists")`.
fn helped<'a>(method: &str, args: &'a CallArgs) -> Option<&'a str> {
    let name = naming_argument(method)?;
    match args.positional.first().or_else(|| args.named.get(name))? {
        Arg::Text(text) => text.as_literal(),
        _ => None,
    }
}

/// The argument by which a call of this method names an operation, which tells more than names of arguments do.
pub fn naming_argument(method: &str) -> Option<&'static str> {
    match method {
        PAGINATOR => Some("operation_name"),
        "get_waiter" => Some("waiter_name"),
        _ => None,
    }
}

fn guessed(service: &str, operation: &str, input: &ArgMap) -> RequestDraft {
    RequestDraft { confidence: Confidence::Possible, ..draft(service, operation, input, &Config::default(), Some(VIA)) }
}

fn of_client(table: &tables::Service<'static>, service: &str, method: &str, args: &CallArgs) -> Option<RequestDraft> {
    let (name, input) = match (table.by_python(method), table.by_camel(method), args.positional.as_slice()) {
        (Some(name), _, []) if !args.open => (name, &args.named),
        (_, Some(name), [Arg::Map(input), ..]) if args.named.entries.is_empty() => (name, input),
        _ => return None,
    };
    let (name, operation) = table.operation(name)?;
    if !fits(operation, input, &[]) {
        return None;
    }
    Some(guessed(service, name, input))
}

/// The same for an action of a boto3 resource, which knows some of the parameters itself: `table.put_item(Item=…)`.
fn of_resource(table: &tables::Service<'static>, service: &str, method: &str, args: &CallArgs) -> Option<RequestDraft> {
    if args.open || !args.positional.is_empty() {
        return None;
    }
    table.resources().find_map(|kind| {
        let request = kind.actions.get(method)?;
        let (name, operation) = table.operation(request.operation?)?;
        let own: Vec<&str> = request.params.keys().map(|path| path.split(['.', '[']).next().unwrap_or(path)).collect();
        fits(operation, &args.named, &own).then(|| guessed(service, name, &args.named))
    })
}

/// Whether an operation has all the inputs and gets the ones it requires, `own` being there without the call.
fn fits(operation: &Operation<'static>, input: &ArgMap, own: &[&str]) -> bool {
    let known = !input.entries.is_empty() && input.entries.keys().all(|name| operation.has_input(name));
    let has = |name: &str| own.contains(&name) || input.get(name).is_some();
    known && (input.open || operation.inputs().all(|member| !member.required || has(member.name)))
}
