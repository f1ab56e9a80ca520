//! Structs of the CDK for Python: `FunctionProps(code=…)` only holds the keywords that it is made with.
//! <https://aws.github.io/jsii/user-guides/lib-author/typescript-restrictions/#behavioral-interfaces--structs>

use super::{CLASS, camel, literal};
use crate::sdk::{Ecosystem, SdkValue};
use crate::value::{Arg, ArgMap};

/// What the names of structs end in.
const ENDS: [&str; 3] = ["Props", "Options", "Property"];

/// An attribute of a struct: the keyword of that name, or all of them (`_values`), which is how they are handed on.
pub(super) fn member(receiver: &SdkValue, data: &ArgMap, name: &str) -> Option<Arg> {
    let class = data.get(CLASS).and_then(literal)?;
    let is_python = matches!(receiver, SdkValue::Instance { ecosystem: Ecosystem::Python, .. });
    if !is_python || !ENDS.iter().any(|end| class.ends_with(end)) {
        return None;
    }
    let props = data.get("props").and_then(Arg::as_map)?;
    let values = || {
        let entries = props.entries.iter().map(|(name, value)| (snake(name).into(), value.clone()));
        Arg::Map(ArgMap { entries: entries.collect(), open: props.open, computed: Vec::new() })
    };
    match name {
        "_values" => Some(values()),
        "__dict__" => Some(Arg::Map(ArgMap { entries: [("_values".into(), values())].into(), ..ArgMap::default() })),
        name if name.starts_with('_') => None,
        name => Some(match props.get(&camel(name)) {
            Some(value) => value.clone(),
            None if props.open => Arg::unknown("a property that is not known"),
            None => Arg::Null,
        }),
    }
}

/// `functionName` → `function_name`
fn snake(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}
