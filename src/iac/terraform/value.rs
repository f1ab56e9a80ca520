//! What Terraform expressions evaluate to: symbolic, and every value knows where it was written.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use smol_str::SmolStr;

use super::world::Declared;
use crate::iac::Parameter;
use crate::iac::json_text;
use crate::iac::strings::{MAX_ALTERNATIVES, TOO_LONG, is_too_long, one};
use crate::span::Location;
use crate::value::{Arg, ArgMap, Hole, Text};

/// How many values a collection may consist of, all levels counted. Values are shared, so without a bound a few lines could
/// describe more of them than any memory holds: `a = [local.b, local.b]`, `b = [local.c, local.c]` …
const MAX_VALUES: usize = 50_000;
/// Bytes of a string that count as one value.
const BYTES_PER_VALUE: usize = 256;

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) kind: Kind,
    pub(super) at: Location,
}

/// The kinds of values. Collections are shared: locals are used many times.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(SmolStr),
    Text(Text),
    Unknown(Hole),
    List(Rc<List>),
    Map(Rc<Map>),
    /// One of several.
    OneOf(Rc<Vec<Value>>),
    /// JSON text of a known value: `jsonencode`, policy documents.
    Json(Rc<Value>),
    /// A variable of the root module that only has its default.
    Variable(SmolStr, Rc<Value>),
    /// A whole resource or data source.
    Resource(Rc<Declared>),
    /// A whole module call, by its address.
    Module(SmolStr),
}

/// A list, tuple or set.
#[derive(Debug, Clone, Default)]
pub(super) struct List {
    pub(super) items: Vec<Value>,
    /// Whether there may be more items than the known ones.
    pub(super) open: bool,
    /// How many values it consists of, itself included.
    size: usize,
}

/// A map or object. Terraform iterates maps in the order of their keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Map {
    pub(super) entries: BTreeMap<SmolStr, Value>,
    /// Whether there may be more entries than the known ones.
    pub(super) open: bool,
    /// How many values it consists of, itself included.
    size: usize,
}

impl Value {
    /// A value of some kind; too long a string that was put together is not known.
    pub(super) fn new(kind: Kind, at: &Location) -> Self {
        match kind {
            Kind::Text(text) if is_too_long(&text) => Self::unknown(TOO_LONG, at),
            kind => Self { kind, at: at.clone() },
        }
    }

    pub(super) fn null(at: &Location) -> Self {
        Self::new(Kind::Null, at)
    }

    /// A string that is known; files are as long as they are.
    pub(super) fn text(text: impl Into<SmolStr>, at: &Location) -> Self {
        Self { kind: Kind::Text(Text::literal(text)), at: at.clone() }
    }

    pub(super) fn hole(hole: Hole, at: &Location) -> Self {
        Self::new(Kind::Unknown(hole), at)
    }

    pub(super) fn unknown(reason: &str, at: &Location) -> Self {
        Self::hole(Hole::Unknown(reason.into()), at)
    }

    pub(super) fn list(items: Vec<Self>, open: bool, at: &Location) -> Self {
        match total(&items) {
            Some(size) => Self::new(Kind::List(Rc::new(List { items, open, size })), at),
            None => Self::unknown(TOO_LARGE, at),
        }
    }

    pub(super) fn map(entries: BTreeMap<SmolStr, Self>, open: bool, at: &Location) -> Self {
        match total(entries.values()) {
            Some(size) => Self::new(Kind::Map(Rc::new(Map { entries, open, size })), at),
            None => Self::unknown(TOO_LARGE, at),
        }
    }

    /// How many values it consists of when nothing is shared.
    pub(super) fn size(&self) -> usize {
        let inner = match &self.kind {
            Kind::List(list) => list.size,
            Kind::Map(map) => map.size,
            Kind::OneOf(values) => values.iter().map(Self::size).sum(),
            Kind::Json(inner) | Kind::Variable(_, inner) => inner.size(),
            Kind::Text(text) => text.weight() / BYTES_PER_VALUE,
            _ => 0,
        };
        inner.saturating_add(1)
    }

    /// One of several: flat, and without repetition of equal strings.
    pub(super) fn one_of(values: impl IntoIterator<Item = Self>, at: &Location) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        for value in values {
            match &value.kind {
                Kind::OneOf(inner) => flat.extend(inner.iter().cloned()),
                _ => flat.push(value),
            }
        }
        let mut seen: BTreeSet<Text> = BTreeSet::new();
        flat.retain(|value| value.as_text().is_none_or(|text| seen.insert(text)));
        match flat.len() {
            0 => Self::unknown("no value", at),
            1 => flat.remove(0),
            2..=MAX_ALTERNATIVES if total(&flat).is_none() => Self::unknown(TOO_LARGE, at),
            2..=MAX_ALTERNATIVES => Self::new(Kind::OneOf(Rc::new(flat)), at),
            _ => Self::unknown("too many values", at),
        }
    }

    /// The value, with the default in the place of a variable.
    pub(super) fn settled(&self) -> &Self {
        let mut value = self;
        while let Kind::Variable(_, default) = &value.kind {
            value = default;
        }
        value
    }

    /// The alternatives, or the value itself.
    pub(super) fn alternatives(&self) -> &[Self] {
        match &self.kind {
            Kind::OneOf(values) => values,
            Kind::Variable(_, default) if !default.is_scalar() => default.alternatives(),
            _ => std::slice::from_ref(self),
        }
    }

    /// The default of a variable: what is empty there is there to be filled by the deployment. Depth is that of an expression.
    pub(super) fn as_default(&self) -> Self {
        match &self.kind {
            Kind::List(list) => {
                Self::list(list.items.iter().map(Self::as_default).collect(), list.open || list.items.is_empty(), &self.at)
            }
            Kind::Map(map) => {
                let entries = map.entries.iter().map(|(key, value)| (key.clone(), value.as_default())).collect();
                Self::map(entries, map.open || map.entries.is_empty(), &self.at)
            }
            _ => self.clone(),
        }
    }

    /// Whether it is a collection of which no part is known.
    pub(super) fn is_empty(&self) -> bool {
        match &self.settled().kind {
            Kind::List(list) => list.items.is_empty(),
            Kind::Map(map) => map.entries.is_empty(),
            _ => false,
        }
    }

    fn is_scalar(&self) -> bool {
        matches!(self.kind, Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.settled().kind, Kind::Null)
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        match &self.settled().kind {
            Kind::Bool(value) => Some(*value),
            Kind::Text(text) => match text.as_literal()? {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// As a map, through defaults; nothing where it may be one of several.
    pub(super) fn as_map(&self) -> Option<&Map> {
        match &self.settled().kind {
            Kind::Map(map) => Some(map),
            Kind::OneOf(values) => only(values.iter().filter_map(Self::as_map)),
            _ => None,
        }
    }

    /// Every value that may stand here: items of lists one by one, all alternatives, no nulls.
    pub(super) fn members(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(value) = open.pop() {
            match &value.kind {
                Kind::List(list) => open.extend(list.items.iter().rev()),
                Kind::OneOf(values) => open.extend(values.iter().rev()),
                Kind::Variable(_, default) if !default.is_scalar() => open.push(default),
                Kind::Null => {}
                _ => found.push(value),
            }
        }
        found
    }

    /// Whether it may have members that are not known: any of its lists is open.
    pub(super) fn has_more(&self) -> bool {
        match &self.kind {
            Kind::List(list) => list.open || list.items.iter().any(Self::has_more),
            Kind::OneOf(values) => values.iter().any(Self::has_more),
            Kind::Variable(_, default) if !default.is_scalar() => default.has_more(),
            _ => false,
        }
    }

    /// An entry of a map, of a block, or of the first of several blocks; null counts as absent.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.members().into_iter().find_map(|member| member.as_map()?.entries.get(key)).filter(|value| !value.is_null())
    }

    pub(super) fn path(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The value as one string, if it is a scalar.
    pub(super) fn as_text(&self) -> Option<Text> {
        match &self.kind {
            Kind::Bool(value) => Some(Text::literal(if *value { "true" } else { "false" })),
            Kind::Number(number) => Some(Text::literal(number.clone())),
            Kind::Text(text) => Some(text.clone()),
            Kind::Unknown(hole) => Some(Text::hole(hole.clone())),
            Kind::Json(inner) => json_text::write(&inner.to_arg()),
            Kind::Variable(name, default) if default.is_scalar() => Some(Text::hole(Hole::Parameter(name.clone()))),
            _ => None,
        }
    }

    /// The strings it can be.
    pub(super) fn texts(&self) -> Vec<Text> {
        self.alternatives().iter().filter_map(Self::as_text).collect()
    }

    /// The one string it is; several make it unknown.
    pub(super) fn one_text(&self) -> Option<Text> {
        one(self.texts())
    }

    /// A string that is needed to go on (a path, a runtime): variables count with their defaults, of alternatives the first counts.
    pub(super) fn literal(&self) -> Option<SmolStr> {
        self.alternatives().iter().find_map(|value| value.settled().as_text()?.as_literal().map(SmolStr::from))
    }

    /// The same, where the defaults of variables count within a longer string, too.
    pub(super) fn literal_by(&self, defaults: &BTreeMap<SmolStr, Parameter>) -> Option<SmolStr> {
        let default = |hole: &Hole| match hole {
            Hole::Parameter(name) => defaults.get(name)?.default.clone(),
            _ => None,
        };
        let filled = |value: &Self| value.settled().as_text()?.fill(default).as_literal().map(SmolStr::from);
        self.literal().or_else(|| self.alternatives().iter().find_map(filled))
    }

    /// The same of what may be left out by an empty string.
    pub(super) fn given(&self) -> Option<SmolStr> {
        let known = |value: &Self| value.settled().as_text()?.as_literal().map(SmolStr::from).filter(|text| !text.is_empty());
        self.alternatives().iter().find_map(known)
    }

    /// The value for whoever does not evaluate Terraform.
    pub(super) fn to_arg(&self) -> Arg {
        match &self.kind {
            Kind::Null => Arg::Null,
            Kind::Bool(value) => Arg::Bool(*value),
            Kind::Number(number) => Arg::Number(number.clone()),
            Kind::Text(text) => Arg::Text(text.clone()),
            Kind::Unknown(hole) => Arg::Unknown(hole.clone()),
            Kind::List(list) => Arg::List { items: list.items.iter().map(Self::to_arg).collect(), open: list.open },
            Kind::Map(map) => Arg::Map(map.to_arg()),
            Kind::OneOf(values) => Arg::one_of(values.iter().map(Self::to_arg)),
            Kind::Json(_) => match self.as_text() {
                Some(text) => Arg::Text(text),
                None => Arg::unknown("JSON text that is only known in part"),
            },
            Kind::Variable(name, default) if default.is_scalar() => Arg::Unknown(Hole::Parameter(name.clone())),
            Kind::Variable(_, default) => default.to_arg(),
            Kind::Resource(declared) => Arg::Other(declared.address.clone()),
            Kind::Module(address) => Arg::Other(address.clone()),
        }
    }
}

impl Map {
    pub(super) fn to_arg(&self) -> ArgMap {
        ArgMap {
            entries: self.entries.iter().map(|(key, value)| (key.clone(), value.to_arg())).collect(),
            open: self.open,
            computed: Vec::new(),
        }
    }
}

const TOO_LARGE: &str = "a value that is too large";

/// The only one there is.
fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    items.next().filter(|_| items.next().is_none())
}

/// How many values a collection of these consists of; nothing when that is too many.
fn total<'v>(parts: impl IntoIterator<Item = &'v Value>) -> Option<usize> {
    let sum = parts.into_iter().try_fold(1_usize, |sum, part| sum.checked_add(part.size()));
    sum.filter(|sum| *sum <= MAX_VALUES)
}
