//! AWS Solutions Constructs: one construct that makes a function, the resource beside it, and what connects them. What each of them
//! makes is data, `api-maps/solutions.json`; here it becomes what a program would write that makes them one by one.
//! <https://docs.aws.amazon.com/solutions/latest/constructs/welcome.html>

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use smol_str::SmolStr;

use super::unmade::recorded_call;
use super::{CLASS, GIVEN, ID, arguments, attribute, camel_keys, construct, id_of, make, part_of};
use crate::embedded;
use crate::sdk::{CallArgs, Callbacks, Ecosystem, Outcome, RESULT, RequestDraft, SdkValue};
use crate::value::{Arg, ArgMap, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for readers of the file")]
    documentation: String,
    /// What such constructs are made of, by the property it stands in.
    parts: BTreeMap<String, Part>,
    constructs: BTreeMap<String, Solution>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    class: String,
    /// The property with what it is made with.
    props: String,
    /// The properties with one that is there already.
    existing: Vec<String>,
    /// Another property it stands in.
    also: Option<String>,
}

/// What a construct does with its parts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Solution {
    like: Option<String>,
    /// The parts that it has whatever it is given.
    parts: Vec<String>,
    variables: Vec<Variable>,
    grants: Vec<Grant>,
    events: Vec<Event>,
}

/// A variable of the function.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    /// The property that names it, and its name without that.
    named: String,
    default: String,
    of: String,
    attribute: String,
    #[serde(default = "function")]
    to: String,
}

/// What the function is granted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Grant {
    on: String,
    /// The methods that grant it, by the words of an option.
    option: Option<String>,
    default: Vec<String>,
    #[serde(default)]
    methods: BTreeMap<String, Vec<String>>,
    #[serde(default = "function")]
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    class: String,
    from: String,
    to: String,
}

fn function() -> String {
    "lambdaFunction".to_owned()
}

fn facts() -> &'static File {
    static FACTS: LazyLock<File> = LazyLock::new(|| {
        let file = embedded::get("solutions.json").and_then(|text| serde_json::from_str(text).ok());
        file.unwrap_or_default()
    });
    &FACTS
}

/// The parts that a construct has, by the properties they stand in.
type Parts = BTreeMap<SmolStr, Arg>;

fn is_of_solutions(path: &[SmolStr]) -> bool {
    let is = |package: &SmolStr| {
        ["@aws-solutions-constructs/", "aws_solutions_constructs"].iter().any(|start| package.starts_with(start))
    };
    path.first().is_some_and(is)
}

/// Whether a class is of constructs whose parts are called after them.
pub fn has_parts(class: &SdkValue) -> bool {
    matches!(class, SdkValue::External { path, .. } if is_of_solutions(path))
}

/// Makes such a construct.
pub(super) fn call(ecosystem: Ecosystem, path: &[SmolStr], args: &CallArgs) -> Option<Outcome> {
    is_of_solutions(path).then_some(())?;
    let name = path.last()?;
    let id = args.positional.get(1).or_else(|| args.named.get("id")).and_then(id_of)?;
    let params = arguments(args);
    let props = params.get("props").and_then(Arg::as_map)?;
    let known = facts().constructs.get(name.as_str());
    let solution = known.map(|known| known.like.as_ref().and_then(|like| facts().constructs.get(like)).unwrap_or(known));
    let mut requests = Vec::new();
    let mut parts = Parts::new();
    for (property, part) in &facts().parts {
        let is_given = |name: &String| props.get(name).is_some_and(|value| *value != Arg::Null);
        let always = solution.is_some_and(|solution| solution.parts.contains(property));
        let existing = part.existing.iter().find(|name| is_given(name)).and_then(|name| props.get(name));
        let value = match existing {
            Some(existing) => existing.clone(),
            None if always || is_given(&part.props) => {
                let made = made(ecosystem, path, part, props.get(&part.props), part_of(&id, property))?;
                requests.extend(made.requests);
                match made.value {
                    crate::sdk::Returned::Value(value) => value,
                    _ => continue,
                }
            }
            None => continue,
        };
        parts.extend(part.also.iter().map(|also| (also.into(), value.clone())));
        parts.insert(property.into(), value);
    }
    let given = Arg::Map(ArgMap { entries: parts.clone(), ..ArgMap::default() });
    let entries = [(CLASS.into(), Arg::text(name)), (ID.into(), Arg::Text(Text::literal(id))), (GIVEN.into(), given)];
    let data = ArgMap { entries: entries.into(), ..ArgMap::default() };
    let whole = SdkValue::Instance { ecosystem, path: path.iter().cloned().chain([RESULT.into()]).collect(), data: data.into() };
    match solution {
        Some(solution) => requests.extend(solution.connected(&parts, props)),
        // What it grants is not known, and that is worth a doubt.
        None if name.starts_with("Lambda") => {
            let grantee = parts.get("lambdaFunction").cloned();
            requests.extend(grantee.and_then(|function| called(whole.clone().into(), "grantAccess", [function])));
        }
        None => {}
    }
    Some(Outcome { requests, callbacks: Callbacks::Unknown, ..Outcome::gives(whole) })
}

/// A part that the construct makes itself. Functions are traced unless somebody says otherwise.
fn made(ecosystem: Ecosystem, path: &[SmolStr], part: &Part, given: Option<&Arg>, id: SmolStr) -> Option<Outcome> {
    let mut props = match given {
        Some(Arg::Map(map)) => camel_keys(map),
        Some(value) => match construct(value).and_then(|(_, _, data)| data.get("props")?.as_map()) {
            Some(map) => map.clone(),
            None => ArgMap { open: true, ..ArgMap::default() },
        },
        None => ArgMap::default(),
    };
    if part.class == "aws-lambda.Function" && !props.open {
        let active = || SdkValue::External {
            ecosystem: Ecosystem::Npm,
            path: vec!["aws-cdk-lib/aws-lambda".into(), "Tracing".into(), "ACTIVE".into()],
        };
        props.entries.entry("tracing".into()).or_insert_with(|| active().into());
    }
    let positional = vec![Arg::unknown("the construct around"), Arg::Text(Text::literal(id))];
    make(ecosystem, path, &part.class, &CallArgs { positional, named: props, open: false, construct: true })
}

impl Solution {
    /// What connects the parts, as calls of their methods.
    fn connected(&self, parts: &Parts, props: &ArgMap) -> Vec<RequestDraft> {
        let mut calls = Vec::new();
        for variable in &self.variables {
            let name = props.get(&variable.named).and_then(Arg::as_text).unwrap_or_else(|| Text::literal(&variable.default));
            if let (Some(of), Some(to)) = (parts.get(variable.of.as_str()), parts.get(variable.to.as_str())) {
                let value = match of {
                    Arg::Sdk(of) => attribute(of, &variable.attribute),
                    _ => None,
                };
                let value = value.unwrap_or_else(|| Arg::unknown("an attribute of a construct"));
                calls.extend(called(to.clone(), "addEnvironment", [Arg::Text(name), value]));
            }
        }
        for grant in &self.grants {
            if let (Some(on), Some(to)) = (parts.get(grant.on.as_str()), parts.get(grant.to.as_str())) {
                let methods = grant.methods_of(props);
                calls.extend(methods.into_iter().filter_map(|method| called(on.clone(), method, [to.clone()])));
            }
        }
        for event in &self.events {
            if let (Some(from), Some(to)) = (parts.get(event.from.as_str()), parts.get(event.to.as_str())) {
                let entries = [(CLASS.into(), Arg::text(&event.class)), ("0".into(), from.clone())];
                let data = ArgMap { entries: entries.into(), ..ArgMap::default() };
                let path = vec![SmolStr::from(event.class.as_str())];
                let source = SdkValue::Instance { ecosystem: Ecosystem::Npm, path, data: data.into() };
                calls.extend(called(to.clone(), "addEventSource", [source.into()]));
            }
        }
        calls
    }
}

impl Grant {
    /// The methods that the words of the option choose.
    fn methods_of(&self, props: &ArgMap) -> Vec<&str> {
        let given = self.option.as_ref().and_then(|option| props.get(option));
        let words: Vec<Text> = match given {
            Some(Arg::List { items, .. }) => items.iter().filter_map(Arg::as_text).collect(),
            given => given.and_then(Arg::as_text).into_iter().collect(),
        };
        let chosen = words.iter().filter_map(|word| self.methods.get(word.as_literal()?));
        let chosen: Vec<&str> = chosen.flatten().map(String::as_str).collect();
        if chosen.is_empty() { self.default.iter().map(String::as_str).collect() } else { chosen }
    }
}

/// A call of a method of a construct, as a program would write it.
fn called<const N: usize>(receiver: Arg, method: &str, given: [Arg; N]) -> Option<RequestDraft> {
    let positions = given.into_iter().enumerate().map(|(at, value)| (SmolStr::from(at.to_string()), value));
    let props = Arg::Map(ArgMap::default());
    let entries = positions.chain([("receiver".into(), receiver), ("props".into(), props)]).collect();
    recorded_call(method, &ArgMap { entries, ..ArgMap::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::construct::construct_fact;

    #[test]
    fn parts_are_known_constructs_with_the_methods_that_are_called() {
        let text = embedded::get("solutions.json").expect("embedded");
        let file: File = serde_json::from_str(text).expect("well-formed");
        let fact = |part: &str| construct_fact(&file.parts[part].class).unwrap_or_else(|| panic!("{part}"));
        for (name, solution) in &file.constructs {
            assert!(solution.like.iter().all(|like| file.constructs.contains_key(like)), "{name}");
            for variable in &solution.variables {
                assert!(fact(&variable.of).attributes.contains_key(&variable.attribute), "{name}: {}", variable.attribute);
                assert!(file.parts.contains_key(&variable.to), "{name}");
            }
            for grant in &solution.grants {
                let methods = grant.methods.values().flatten().chain(&grant.default);
                methods.for_each(|method| assert!(fact(&grant.on).grants.contains_key(method), "{name}: {method}"));
            }
            let ends = solution.events.iter().flat_map(|event| [&event.from, &event.to]);
            assert!(ends.chain(&solution.parts).all(|part| file.parts.contains_key(part)), "{name}");
        }
    }
}
