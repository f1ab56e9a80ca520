//! Classes whose annotated fields a library fills with environment variables.

use smol_str::SmolStr;

use super::libraries::{self, Fields};
use super::library_call::{Call, Own, literal};
use super::{CallArgs, Config, SdkValue};
use crate::value::{Arg, ArgMap};

/// How the fields of one class are named in the environment. Names are in capitals where case does not count.
#[derive(Debug, Clone)]
pub struct FieldSource {
    fields: &'static Fields,
    prefix: SmolStr,
    delimiter: Option<SmolStr>,
    exact: bool,
}

/// How a library's class fills the fields of classes that inherit from it; `attributes` are those of the class, `args` what an
/// instance is made with.
pub fn field_source(base: &SdkValue, attributes: &ArgMap, args: &CallArgs) -> Option<FieldSource> {
    let SdkValue::External { ecosystem, path } = base else { return None };
    let entry = libraries::entry(*ecosystem, path)?;
    let fields = entry.fields.as_ref()?;
    let config = Config::default();
    let call = Call { entry, own: &Own { data: attributes, config: &config, value: base.clone(), name: "" }, args };
    let text = |places: &[String]| call.first_of(places).as_ref().and_then(literal);
    Some(FieldSource {
        fields,
        prefix: text(&fields.prefix).unwrap_or_default(),
        delimiter: text(&fields.delimiter),
        exact: call.first_of(&fields.exact) == Some(Arg::Bool(true)),
    })
}

impl FieldSource {
    /// The names of the variable behind a field, by what the field is told. Those that it is told stand for themselves.
    pub fn names(&self, field: &str, told: Option<&ArgMap>) -> Vec<SmolStr> {
        let own = self.fields.names.iter().find_map(|key| told?.get(key).filter(|value| **value != Arg::Null));
        let mut names = Vec::new();
        if let Some(value) = own {
            collect(value, &mut names);
        }
        if names.is_empty() {
            let name = format!("{}{field}", self.prefix);
            names.push(if self.exact { name.into() } else { name.to_ascii_uppercase().into() });
        }
        names
    }

    /// How the fields of an object are named that is itself a field, where each of them is a variable of its own.
    pub fn inside(&self, field: &str) -> Option<Self> {
        let delimiter = self.delimiter.as_ref()?;
        Some(Self { prefix: smol_str::format_smolstr!("{}{field}{delimiter}", self.prefix), ..self.clone() })
    }

    /// Whether case counts in names.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// Methods of the class that the library calls.
    pub fn hooks(&self) -> impl Iterator<Item = &'static str> {
        self.fields.hooks.iter().map(String::as_str)
    }
}

/// The names in a text, a list of them, or a value made of them: `AliasChoices("TABLE", "TABLE_NAME")`.
fn collect(value: &Arg, names: &mut Vec<SmolStr>) {
    for value in value.alternatives() {
        match value {
            Arg::List { items, .. } => items.iter().for_each(|item| collect(item, names)),
            Arg::Sdk(sdk) => {
                if let SdkValue::Instance { data, .. } = sdk.as_ref() {
                    data.entries.values().for_each(|value| collect(value, names));
                }
            }
            value => names.extend(literal(value)),
        }
    }
}
