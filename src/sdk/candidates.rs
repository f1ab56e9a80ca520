//! Calls on receivers that could not be resolved: does the method with these argument names fit an operation?

use super::request::draft;
use super::tables::{self, Operation};
use super::{CallArgs, Confidence, Config, RequestDraft};
use crate::value::{Arg, ArgMap};

/// The request that a call would make if its receiver were a client of this service: the method's name is an
/// operation's, every argument name is one of its inputs, and all required ones are there. A name alone never counts.
pub fn candidates(service: &str, method: &str, args: &CallArgs) -> Option<RequestDraft> {
    let table = tables::service(service)?;
    let (name, input) = match (table.by_python(method), table.by_camel(method), args.positional.as_slice()) {
        (Some(name), _, []) if !args.open => (name, &args.named),
        (_, Some(name), [Arg::Map(input), ..]) if args.named.entries.is_empty() => (name, input),
        _ => return None,
    };
    let (name, operation) = table.operation(name)?;
    if !fits(operation, input) {
        return None;
    }
    let via = Some("the argument names fit");
    Some(RequestDraft { confidence: Confidence::Possible, ..draft(service, name, input, &Config::default(), via) })
}

fn fits(operation: &Operation<'static>, input: &ArgMap) -> bool {
    let known = !input.entries.is_empty() && input.entries.keys().all(|name| operation.has_input(name));
    known && (input.open || operation.inputs().all(|member| !member.required || input.get(member.name).is_some()))
}
