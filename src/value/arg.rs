//! Values that left the interpreter: the parameters of an AWS call as an owned tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::{Hole, SdkValue, Text};

/// An abstract value as an owned tree, without references into the interpreter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arg {
    /// Nothing is known but where it comes from.
    Unknown(Hole),
    /// `None`, `null` or `undefined`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number as written.
    Number(SmolStr),
    /// A string, possibly with holes.
    Text(Text),
    /// A list.
    List {
        /// Its items.
        items: Vec<Arg>,
        /// Whether there may be more of these, any number of times; where there is no item, others that are unknown.
        open: bool,
    },
    /// A dictionary or object.
    Map(ArgMap),
    /// One of several values, sorted, without duplicates, at least two.
    OneOf(Vec<Arg>),
    /// Something of an AWS SDK: a client, a command, a table.
    Sdk(Arc<SdkValue>),
    /// A function or class of the program, or anything else without a data form; the text names it.
    Other(SmolStr),
}

/// The entries of a dictionary or object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ArgMap {
    /// Known entries.
    pub entries: BTreeMap<SmolStr, Arg>,
    /// Whether further, unknown entries are possible (`**kwargs` or a spread of something unknown).
    pub open: bool,
    /// Keys that are known in parts only (`{[process.env.TABLE]: …}`). While there are any, they are all that `open` is about.
    pub computed: Vec<Text>,
}

impl Arg {
    /// A known string.
    pub fn text(text: &str) -> Self {
        Self::Text(Text::literal(text))
    }

    /// An unknown value with a reason.
    pub fn unknown(reason: &str) -> Self {
        Self::Unknown(Hole::Unknown(reason.into()))
    }

    /// One value out of several: flattens, sorts and removes duplicates.
    pub fn one_of(values: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for value in values {
            match value {
                Self::OneOf(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        flat.sort();
        flat.dedup();
        match flat.len() {
            0 => Self::Unknown(Hole::Unknown("no value".into())),
            1 => flat.remove(0),
            _ => Self::OneOf(flat),
        }
    }

    /// The alternatives: the members of a [`Arg::OneOf`], else the value itself.
    pub fn alternatives(&self) -> &[Self] {
        match self {
            Self::OneOf(values) => values,
            other => std::slice::from_ref(other),
        }
    }

    /// This value as a string: texts as they are, unknown values as one hole, numbers as written.
    /// Values without a string form give nothing.
    pub fn as_text(&self) -> Option<Text> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Unknown(hole) => Some(Text::hole(hole.clone())),
            Self::Number(number) => Some(Text::literal(number.clone())),
            Self::Bool(value) => Some(Text::literal(if *value { "true" } else { "false" })),
            _ => None,
        }
    }

    /// The strings this value can be, alternatives included; values without a string form are left out.
    pub fn texts(&self) -> Vec<Text> {
        self.alternatives().iter().filter_map(Self::as_text).collect()
    }

    /// The value with each of its parts made another: the entries of a map, the items of a list, the alternatives. What has no parts
    /// stays.
    #[must_use]
    pub fn with_parts(&self, mut part: impl FnMut(&Self) -> Self) -> Self {
        match self {
            Self::Map(map) => Self::Map(map.with_values(part)),
            Self::List { items, open } => Self::List { items: items.iter().map(part).collect(), open: *open },
            Self::OneOf(values) => Self::one_of(values.iter().map(&mut part)),
            other => other.clone(),
        }
    }

    /// The entries, when it is a map.
    pub fn as_map(&self) -> Option<&ArgMap> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }
}

impl ArgMap {
    /// The value of an entry. `None` when it is absent for certain or may be hidden behind a spread (see `open`).
    pub fn get(&self, name: &str) -> Option<&Arg> {
        self.entries.get(name)
    }

    /// What is at a path of entries.
    pub fn at(&self, path: &[&str]) -> Option<&Arg> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.get(first)?, |value, key| value.as_map()?.get(key))
    }

    /// The same entries with other values.
    #[must_use]
    pub fn with_values(&self, mut value: impl FnMut(&Arg) -> Arg) -> Self {
        let entries = self.entries.iter().map(|(name, known)| (name.clone(), value(known)));
        Self { entries: entries.collect(), open: self.open, computed: self.computed.clone() }
    }
}
