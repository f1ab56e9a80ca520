//! What a schema makes of data: of which entries it keeps the values, and what stands in place of those that are not there.

use smol_str::SmolStr;

use super::libraries::{self, Returns};
use super::{RESULT, SdkValue};
use crate::value::{Arg, ArgMap};

/// How deep schemas within schemas are read.
const NESTING: usize = 4;
/// The argument with the schemas of an object's entries.
const SHAPE: &str = "shape";
/// The argument with what a value is that is not there.
const DEFAULT: &str = "default";

/// A schema that changes nothing of what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// What stands for a value that is not there.
    pub default: Option<Arg>,
    /// The entries of an object with their schemas, if it is one of objects; no schema for those whose value may be changed.
    pub shape: Option<Vec<(SmolStr, Option<Schema>)>>,
}

impl Schema {
    /// The schema that has this data.
    pub(super) fn of(data: &ArgMap) -> Option<Self> {
        Self::nested(data, NESTING)
    }

    fn nested(data: &ArgMap, nesting: usize) -> Option<Self> {
        let nesting = nesting.checked_sub(1)?;
        let shape = match data.get(SHAPE) {
            Some(Arg::Map(map)) if !map.open => {
                Some(map.entries.iter().map(|(name, schema)| (name.clone(), Self::of_arg(schema, nesting))).collect())
            }
            Some(_) => return None,
            None => None,
        };
        Some(Self { default: data.get(DEFAULT).cloned(), shape })
    }

    fn of_arg(schema: &Arg, nesting: usize) -> Option<Self> {
        let Arg::Sdk(schema) = schema else { return None };
        let SdkValue::Instance { ecosystem, path, data } = schema.as_ref() else { return None };
        let parse: Vec<SmolStr> = path.iter().cloned().chain(["parse".into()]).collect();
        let is_known = path.last().is_some_and(|last| last == RESULT)
            && libraries::entry(*ecosystem, &parse).is_some_and(|entry| matches!(entry.returns, Returns::Checked(_)));
        if is_known { Self::nested(data, nesting) } else { None }
    }
}
