//! Constructs that the program does not make itself, or not at once: their types, what is granted on them, what is set later.

use smol_str::SmolStr;

use super::{CLASS, arguments, camel, class_name, construct, construct_fact, id_of, is_ours, kept, made_with, recorded, rename};
use crate::sdk::{CallArgs, Ecosystem, Outcome, RESULT, RequestDraft, SdkValue};
use crate::value::{Arg, ArgMap, Text};

/// The field with what the program calls a construct of which nothing else is known.
const CALLED: &str = "#called";

/// A template that an application includes.
pub const INCLUDE: &str = "cloudformation-include.CfnInclude";

/// What a type of constructs says of a value: `ITable` is a table, whichever it is.
pub(in crate::sdk) fn annotation(ecosystem: Ecosystem, path: &[SmolStr]) -> Option<SdkValue> {
    let class = class_name(path)?;
    let (module, name) = class.rsplit_once('.')?;
    let own = name.strip_prefix('I').filter(|own| own.starts_with(char::is_uppercase)).unwrap_or(name);
    let class =
        [class.as_str(), &format!("{module}.{own}")].into_iter().find(|class| construct_fact(class).is_some())?.to_owned();
    let data = ArgMap { entries: [(CLASS.into(), Arg::text(&class))].into(), ..ArgMap::default() };
    Some(SdkValue::Instance { ecosystem, path: [path, &[RESULT.into()]].concat(), data: data.into() })
}

/// The long name of a method that is called on `grants`: `readData` is `grantReadData`.
pub fn behind_grants(method: &str) -> SmolStr {
    let name = camel(method);
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    "grant".chars().chain(first).chain(letters).collect()
}

/// A grant on something that nobody knows: `called` is what the program calls it. Nothing unless a construct gets it.
pub fn granted_on_unknown(called: &str, method: &str, args: &CallArgs) -> Option<RequestDraft> {
    let mut params = arguments(args);
    let named = params.get("props").and_then(Arg::as_map).map(|props| &props.entries).into_iter().flatten();
    if !params.entries.iter().chain(named).any(|(_, value)| construct(value).is_some()) {
        return None;
    }
    params.entries.insert("receiver".into(), Arg::unknown("a construct that the application does not make"));
    params.entries.insert(CALLED.into(), Arg::text(called));
    recorded_call(method, &params)
}

/// What is recorded when a property of a construct is set; the property is the first argument.
pub const ASSIGNED: &str = "#=";

/// A property of a construct, or of a statement, that is set after it was made.
pub fn assigned(to: &Arg, name: &str, value: &Arg) -> Option<RequestDraft> {
    let (_, id, data) = construct(to)?;
    id.or_else(|| made_with(data))?;
    let entries = [("receiver", to.clone()), ("0", Arg::text(&camel(name))), ("1", kept(value))];
    let entries = entries.into_iter().map(|(name, value)| (name.into(), value)).collect();
    recorded_call(&ASSIGNED[1..], &ArgMap { entries, ..ArgMap::default() })
}

/// What the program calls the construct that a method was called on, when nothing else is known of it.
pub fn called_as(params: &ArgMap) -> Option<Text> {
    params.get(CALLED).and_then(Arg::as_text)
}

/// A call of a method, by its name in JavaScript or in Python.
pub(super) fn recorded_call(method: &str, params: &ArgMap) -> Option<RequestDraft> {
    let value = SdkValue::Instance { ecosystem: Ecosystem::Npm, path: Vec::new(), data: ArgMap::default().into() };
    recorded(value, &format!("#{}", camel(method)), params).requests.pop()
}

/// Whether a value, or what it is a method of, is of the library.
pub fn is_of_library(value: &SdkValue) -> bool {
    match value {
        SdkValue::Method { receiver, .. } => is_of_library(receiver),
        SdkValue::Instance { path, data, .. } => is_ours(path, data),
        SdkValue::External { path, .. } => class_name(path).is_some(),
        _ => false,
    }
}

/// `template.getResource('Bucket')`: the resource that an included template calls so.
pub(super) fn included(template: &SdkValue, args: &CallArgs) -> Outcome {
    let mut outcome = Outcome::gives(template.clone());
    if let Some(id) = args.positional.first().or_else(|| args.named.get("logical_id")).and_then(id_of) {
        rename(&mut outcome, &id);
    }
    outcome
}
