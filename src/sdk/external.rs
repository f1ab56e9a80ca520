//! Values of libraries that are no AWS SDK: described ones act as `api-maps/libraries` says, others do nothing that
//! leash could know.

use smol_str::SmolStr;

use super::libraries::{self, Returns};
use super::library_call::{self, Own};
use super::{CallArgs, Callbacks, Config, Ecosystem, Outcome, Returned, SdkValue, boto3, construct, ecma, tables, told};
use crate::note::NoteKind;
use crate::value::{Arg, ArgMap, Shared};

/// Longest path that is kept; members of longer ones are the path itself, so that loops of a program end.
const LONGEST_PATH: usize = 12;

/// The segment of a path that stands for the result of a call.
pub const RESULT: &str = "()";

fn grown(path: &[SmolStr], name: &str) -> Vec<SmolStr> {
    let mut path = path.to_vec();
    if path.len() < LONGEST_PATH {
        path.push(name.into());
    }
    path
}

pub(super) fn member(ecosystem: Ecosystem, path: &[SmolStr], name: &str) -> Arg {
    // What bundlers and transpilers make of `import x from`.
    if ecosystem == Ecosystem::Npm && name == "default" {
        return SdkValue::External { ecosystem, path: path.to_vec() }.into();
    }
    if let Some(value) = construct::environment(path, name) {
        return value;
    }
    let member = grown(path, name);
    if let Some(action) = libraries::action(ecosystem, &member) {
        return Arg::text(&action);
    }
    let value = SdkValue::External { ecosystem, path: member };
    ready(&value, name).unwrap_or_else(|| value.into())
}

/// What a package has ready under a name.
fn ready(value: &SdkValue, name: &str) -> Option<Arg> {
    let SdkValue::External { ecosystem, path } = value else { return None };
    let entry = libraries::entry(*ecosystem, path).filter(|entry| entry.is.as_deref() == Some(libraries::MADE))?;
    library_call::attribute(entry, value, &ArgMap::default(), name)
}

pub(super) fn instance_member(instance: &SdkValue, data: &Shared<ArgMap>, name: &str) -> Arg {
    let SdkValue::Instance { ecosystem, path, .. } = instance else { return Arg::unknown("no instance") };
    if let Some(member) = construct::member(instance, path, data, name) {
        return member;
    }
    let member = grown(path, name);
    if let Some(entry) = libraries::entry(*ecosystem, &member) {
        return library_call::attribute(entry, instance, data, name).unwrap_or_else(|| instance.method(name).into());
    }
    if libraries::has_members(*ecosystem, &member) {
        return SdkValue::Instance { ecosystem: *ecosystem, path: member, data: data.clone() }.into();
    }
    if let Some(value) = data.get(name) {
        return value.clone();
    }
    SdkValue::External { ecosystem: *ecosystem, path: member }.into()
}

/// The method of what a library's function gave that a call is of, if nothing is known of it: `readdirSync(folder).map`.
pub fn undescribed_method(callee: &SdkValue) -> Option<&str> {
    let SdkValue::External { ecosystem, path } = callee else { return None };
    let (name, of) = path.split_last()?;
    let is_of_result = of.iter().any(|segment| segment == RESULT);
    (is_of_result && libraries::entry(*ecosystem, path).is_none()).then_some(name)
}

/// Whether it is what came of calling a library, or a part of that.
pub fn is_result(value: &SdkValue) -> bool {
    let (SdkValue::External { path, .. } | SdkValue::Instance { path, .. }) = value else { return false };
    path.iter().any(|segment| segment == RESULT)
}

/// Whether it is what came of calling a library more than once: `text.trim().split(x)`. Of what descriptions know, hardly anything
/// is.
pub fn is_far_result(value: &SdkValue) -> bool {
    let (SdkValue::External { path, .. } | SdkValue::Instance { path, .. }) = value else { return false };
    path.iter().filter(|segment| *segment == RESULT).count() > 1
}

pub(super) fn call(ecosystem: Ecosystem, path: &[SmolStr], args: &CallArgs) -> Outcome {
    let sdk = match ecosystem {
        Ecosystem::Python => boto3::call(path, args),
        Ecosystem::Npm => ecma::call(path, args),
    };
    if let Some(outcome) = sdk.or_else(|| construct::call(ecosystem, path, args)) {
        return outcome;
    }
    let (data, config) = (ArgMap::default(), Config::default());
    let own = Own { data: &data, config: &config, value: SdkValue::External { ecosystem, path: path.to_vec() }, name: "" };
    described(ecosystem, path, &own, args).unwrap_or_else(|| undescribed(ecosystem, path, args))
}

/// Calls a method of an instance.
pub(super) fn call_method(
    receiver: &SdkValue,
    ecosystem: Ecosystem,
    path: &[SmolStr],
    data: &ArgMap,
    name: &str,
    args: &CallArgs,
) -> Outcome {
    if let Some(outcome) = construct::call_method(receiver, path, name, args) {
        return outcome;
    }
    let config = Config::default();
    let own = Own { data, config: &config, value: receiver.clone(), name };
    let member = grown(path, name);
    // Class methods are called on instances, too.
    let on_class = || path.split_last().map(|(_, class)| grown(class, name));
    described(ecosystem, &member, &own, args)
        .or_else(|| described(ecosystem, &on_class()?, &own, args))
        .unwrap_or_else(|| undescribed(ecosystem, &member, args))
}

/// The requests that a library makes because the program sets a member of one of its values; `given` is what it is set to.
pub fn assigned(value: &SdkValue, name: &str, given: impl FnOnce() -> Arg) -> Vec<super::RequestDraft> {
    let (SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. }) = value else { return Vec::new() };
    let Some(entry) = libraries::setter(*ecosystem, path, name) else { return Vec::new() };
    let (data, config) = (ArgMap::default(), Config::default());
    let own = Own { data: &data, config: &config, value: value.clone(), name };
    let args = CallArgs { positional: vec![given()], ..CallArgs::default() };
    library_call::evaluate(entry, &title(path), &own, &args).requests
}

/// Whether nothing describes what calling a library's value does.
pub fn is_undescribed(value: &SdkValue) -> bool {
    match value {
        SdkValue::External { ecosystem, path } => {
            libraries::entry(*ecosystem, path).is_none()
                && !libraries::uses_aws(*ecosystem, path.first().map_or("", SmolStr::as_str))
                && tables::service_of_package(path.first().map_or("", SmolStr::as_str)).is_none()
        }
        SdkValue::Instance { .. } => !describes_calls(value),
        _ => false,
    }
}

/// Whether calling the value itself is described, as that of a handler which a library made.
pub fn describes_calls(value: &SdkValue) -> bool {
    let SdkValue::Instance { ecosystem, path, .. } = value else { return false };
    libraries::entry(*ecosystem, &grown(path, RESULT)).is_some()
}

/// Calls an instance itself: `lambdaHandler = middy(handler)` is called, so is the result of any unknown function.
pub(super) fn call_instance(instance: &SdkValue, ecosystem: Ecosystem, path: &[SmolStr], args: &CallArgs) -> Outcome {
    let SdkValue::Instance { data, .. } = instance else { return undescribed(ecosystem, path, args) };
    let config = Config::default();
    let own = Own { data, config: &config, value: instance.clone(), name: "" };
    let called = grown(path, RESULT);
    match libraries::entry(ecosystem, &called) {
        Some(entry) => library_call::evaluate(entry, &title(path), &own, args),
        None => undescribed(ecosystem, path, args),
    }
}

fn described(ecosystem: Ecosystem, path: &[SmolStr], own: &Own<'_>, args: &CallArgs) -> Option<Outcome> {
    let entry = libraries::entry(ecosystem, path)?;
    let mut outcome = library_call::evaluate(entry, &title(path), own, args);
    if matches!(entry.returns, Returns::Instance) {
        let data = library_call::remembered(entry, args);
        outcome.value = Returned::Value(SdkValue::Instance { ecosystem, path: grown(path, RESULT), data: data.into() }.into());
    }
    Some(outcome)
}

/// How reports name a library's function: its package and its own name.
fn title(path: &[SmolStr]) -> String {
    let named: Vec<&str> = path.iter().map(SmolStr::as_str).filter(|segment| *segment != RESULT).collect();
    match named.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, .., last] => format!("{first} {last}"),
    }
}

/// A call of something that nothing is known about.
fn undescribed(ecosystem: Ecosystem, path: &[SmolStr], args: &CallArgs) -> Outcome {
    let callee = SdkValue::External { ecosystem, path: path.to_vec() };
    let data = if super::is_of_unknown_library(&callee) { told::remembered(args) } else { ArgMap::default() };
    let made = SdkValue::Instance { ecosystem, path: grown(path, RESULT), data: data.into() };
    let mut outcome = Outcome { callbacks: Callbacks::Unknown, ..Outcome::gives(made) };
    let package = path.first().map_or("", SmolStr::as_str);
    // Exceptions and the like of packages whose calls are known say nothing new.
    let known = tables::service_of_package(package).is_some();
    // What an instance does is part of what its construction was noted for.
    let first = !path.iter().any(|segment| segment == RESULT);
    if first && !known && libraries::uses_aws(ecosystem, package) {
        let message = format!("`{package}` calls AWS and is not followed; say what it may do in an override");
        outcome.notes.push((NoteKind::UnfollowedPackage, message));
    }
    outcome
}

/// A member that a class of the program inherits from a described class.
pub(super) fn inherited(ecosystem: Ecosystem, path: &[SmolStr], attributes: &ArgMap, name: &str) -> Option<Arg> {
    if let Some(value) = construct::environment(path, name) {
        return Some(value);
    }
    if let Some(Arg::Sdk(made)) = attributes.get(construct::BASE)
        && let SdkValue::Instance { data, .. } = made.as_ref()
    {
        return Some(instance_member(made, data, name));
    }
    describes_inherited(ecosystem, path, name).then(|| {
        let receiver = SdkValue::Instance { ecosystem, path: grown(path, RESULT), data: attributes.clone().into() };
        receiver.method(name).into()
    })
}

/// The methods that a described class calls on instances of what inherits from it, with their arguments.
pub fn called_methods(base: &SdkValue) -> Vec<(SmolStr, Vec<Arg>)> {
    let SdkValue::External { ecosystem, path } = base else { return Vec::new() };
    libraries::entry(*ecosystem, path).map_or_else(Vec::new, |entry| library_call::methods(entry, base.clone()))
}

/// Whether a class of the program has a member from a library's class, whatever its attributes are.
pub(super) fn gives_member(ecosystem: Ecosystem, path: &[SmolStr], name: &str) -> bool {
    construct::environment(path, name).is_some() || describes_inherited(ecosystem, path, name)
}

fn describes_inherited(ecosystem: Ecosystem, path: &[SmolStr], name: &str) -> bool {
    let instance = grown(path, RESULT);
    [grown(&instance, name), grown(path, name)].iter().any(|path| libraries::entry(ecosystem, path).is_some())
}
