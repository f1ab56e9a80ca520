//! Calls on receivers that could not be resolved: does the method with these argument names fit an operation?

use super::request::draft;
use super::tables::{self, Operation};
use super::{CallArgs, Confidence, Config, RequestDraft};
use crate::value::{Arg, ArgMap};

/// The request that a call would make if its receiver were a client of this service: the method's name is an
/// operation's, every argument name is one of its inputs, and all required ones are there. A name alone never counts.
pub fn candidates(service: &str, method: &str, args: &CallArgs) -> Option<RequestDraft> {
    let table = tables::service(service)?;
    of_client(table, service, method, args).or_else(|| of_resource(table, service, method, args))
}

const VIA: &str = "the argument names fit";

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
    Some(RequestDraft { confidence: Confidence::Possible, ..draft(service, name, input, &Config::default(), Some(VIA)) })
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
        fits(operation, &args.named, &own).then(|| {
            let whole = draft(service, name, &args.named, &Config::default(), Some(VIA));
            RequestDraft { confidence: Confidence::Possible, ..whole }
        })
    })
}

/// Whether an operation has all the inputs and gets the ones it requires, `own` being there without the call.
fn fits(operation: &Operation<'static>, input: &ArgMap, own: &[&str]) -> bool {
    let known = !input.entries.is_empty() && input.entries.keys().all(|name| operation.has_input(name));
    let has = |name: &str| own.contains(&name) || input.get(name).is_some();
    known && (input.open || operation.inputs().all(|member| !member.required || has(member.name)))
}
