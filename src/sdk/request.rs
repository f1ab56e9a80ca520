//! Building requests out of evaluated arguments.

use smol_str::SmolStr;

use super::{CallArgs, Client, Confidence, Config, RequestDraft, Response, SdkValue, response, tables};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// How deep parameters are kept; deeper ones say nothing that a policy could use.
const DEPTH: usize = 24;

/// A request of an operation.
pub(super) fn draft(service: &str, operation: &str, params: &ArgMap, config: &Config, via: Option<&str>) -> RequestDraft {
    let mut params = plain_object(params);
    if let (Some(endpoint), Some(input)) = (&config.endpoint, tables::endpoint_input(service)) {
        params.entries.insert(input.into(), Arg::Text(endpoint.clone()));
    }
    RequestDraft {
        service: service.into(),
        operation: operation.into(),
        params,
        region: config.region.clone(),
        credentials: config.credentials.clone(),
        confidence: Confidence::Certain,
        via: via.map(SmolStr::from),
    }
}

/// One request for each map of parameters; several maps mean a join, so none of them is certain.
pub(super) fn drafts(client: &Client, operation: &str, inputs: &[ArgMap], via: Option<&str>) -> Vec<RequestDraft> {
    let confidence = if inputs.len() > 1 { Confidence::Likely } else { Confidence::Certain };
    let drafts = inputs.iter().map(|input| {
        let params = with_bound(client, input);
        RequestDraft { confidence, ..draft(&client.service, operation, &params, &client.config, via) }
    });
    drafts.collect()
}

/// The input of a request that only the type of its command tells of.
pub(super) fn assumed() -> ArgMap {
    ArgMap { open: true, computed: vec![Text::hole(Hole::Unknown(ASSUMED.into()))], ..ArgMap::default() }
}

/// Whether only the type of its command tells of a request, and nothing in the program calls what makes it with a command.
pub fn is_assumed(params: &ArgMap) -> bool {
    let is_assumed = |key: &Text| matches!(key.pieces(), [Piece::Hole(Hole::Unknown(why))] if why == ASSUMED);
    params.entries.is_empty() && params.computed.iter().any(is_assumed)
}

/// The inputs that a request must have and that are nothing here: the SDKs refuse to send it.
///
/// <https://docs.aws.amazon.com/boto3/latest/guide/error-handling.html>
pub fn lacking<'p>(service: &str, operation: &str, params: &'p ArgMap) -> impl Iterator<Item = &'static str> + use<'p> {
    let operation = tables::service(service).and_then(|service| service.operation(operation)).map(|(_, operation)| operation);
    let required = operation.into_iter().flat_map(super::tables::Operation::inputs).filter(|input| input.required);
    let is_nothing = |name: &str| params.get(name).map_or(!params.open, |value| *value == Arg::Null);
    required.map(|input| input.name).filter(move |name| is_nothing(name))
}

/// The same request where what it must have is there: of several values, nothing is none that it is sent with.
pub fn without_nothing(service: &str, operation: &str, params: &mut ArgMap) {
    let Some((_, operation)) = tables::service(service).and_then(|service| service.operation(operation)) else { return };
    for input in operation.inputs().filter(|input| input.required) {
        if let Some(value @ Arg::OneOf(_)) = params.entries.get_mut(input.name) {
            *value = Arg::one_of(value.alternatives().iter().filter(|value| **value != Arg::Null).cloned());
        }
    }
}

const ASSUMED: &str = "what a command is made with that only its type tells of";

fn with_bound(client: &Client, input: &ArgMap) -> ArgMap {
    let mut params = input.clone();
    for (name, value) in &client.bound.entries {
        params.entries.entry(name.clone()).or_insert_with(|| value.clone());
    }
    params.open |= client.bound.open;
    params
}

/// The answer to the given requests, which are all of one operation.
pub(super) fn answer(requests: &[RequestDraft]) -> Arg {
    Arg::one_of(requests.iter().flat_map(responses_to).map(|response| SdkValue::Response(response).into()))
}

/// The answers to a request: several, where what they repeat can be one of several values.
pub(super) fn responses_to(request: &RequestDraft) -> Vec<Response> {
    let echoes = response::echoed(&request.service, &request.operation, &request.params).into_iter();
    let response = |echo: ArgMap| Response {
        service: request.service.clone(),
        operation: request.operation.clone(),
        path: SmolStr::default(),
        echo: echo.into(),
    };
    echoes.map(response).collect()
}

/// The parameter objects that an argument can be: an object, alternatives of them, nothing, or something unknown.
pub(super) fn objects(argument: Option<&Arg>) -> Vec<ArgMap> {
    let Some(argument) = argument else { return vec![ArgMap::default()] };
    let maps = argument.alternatives().iter().map(|alternative| match alternative {
        Arg::Map(map) => map.clone(),
        Arg::Null | Arg::Other(_) => ArgMap::default(),
        _ => ArgMap { open: true, ..ArgMap::default() },
    });
    let mut maps: Vec<_> = maps.collect();
    maps.dedup();
    maps
}

/// The parameter object at a position; unknown when something was spread into the arguments.
pub(super) fn input_at(args: &CallArgs, position: usize) -> Vec<ArgMap> {
    match args.positional.get(position) {
        None if args.open => vec![ArgMap { open: true, ..ArgMap::default() }],
        argument => objects(argument),
    }
}

/// An argument by name or position.
pub(super) fn argument<'a>(args: &'a CallArgs, position: usize, name: &str) -> Option<&'a Arg> {
    args.named.get(name).or_else(|| args.positional.get(position))
}

/// The constant strings among an argument's alternatives, and whether there is anything else among them.
pub(super) fn constants(argument: Option<&Arg>) -> (Vec<SmolStr>, bool) {
    let Some(argument) = argument else { return (Vec::new(), true) };
    let mut other = false;
    let mut found = Vec::new();
    for alternative in argument.alternatives() {
        match alternative {
            Arg::Text(text) => match text.as_literal() {
                Some(literal) => found.push(SmolStr::from(literal)),
                None => other = true,
            },
            Arg::Null => {}
            _ => other = true,
        }
    }
    (found, other)
}

/// A value as a request carries it: parts of answers become texts, deep nesting is cut off.
pub(super) fn plain(value: &Arg) -> Arg {
    plain_to(value, DEPTH)
}

fn plain_to(value: &Arg, depth: usize) -> Arg {
    let Some(below) = depth.checked_sub(1) else { return Arg::unknown("too deeply nested") };
    match value {
        Arg::Sdk(sdk) => match (repeated(sdk), response::as_text(sdk)) {
            (Some(param), _) => param.clone(),
            (None, Some(text)) => match text.as_hole() {
                Some(hole) => Arg::Unknown(hole.clone()),
                None => Arg::Text(text),
            },
            // Library values inside library values would let a loop of the program grow them without end.
            (None, None) => Arg::unknown("a library's value"),
        },
        value => value.with_parts(|part| plain_to(part, below)),
    }
}

/// The parameter of an earlier request that a value repeats.
fn repeated(value: &SdkValue) -> Option<&Arg> {
    match value {
        SdkValue::Response(response) => response.repeated(),
        _ => None,
    }
}

/// A parameter object as a request carries it.
pub(super) fn plain_object(map: &ArgMap) -> ArgMap {
    map.with_values(|value| plain_to(value, DEPTH))
}
