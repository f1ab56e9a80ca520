//! The values of a YAML or JSON document.

use smol_str::SmolStr;

use crate::span::Span;
use crate::value::{Arg, ArgMap};

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// The bytes it was written with.
    pub span: Span,
    /// A tag that has no meaning in `CloudFormation`, as written: `!Custom`.
    pub tag: Option<SmolStr>,
}

/// The three kinds of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A string, number, truth value or null.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// A dictionary.
    Mapping(Mapping),
}

/// A value without parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, unquoted and unescaped.
    pub text: SmolStr,
    /// Whether it was written without quotes, and so may be a number, a truth value or null.
    pub plain: bool,
    /// Whether it is a block (`|`, `>`), whose lines are lines of the file.
    pub block: bool,
}

/// What a value without parts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing.
    Null,
    /// A truth value, as JSON writes it.
    Bool(bool),
    /// A number.
    Number,
    /// A string.
    Text,
}

/// The entries of a dictionary, in order, with unique keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    /// The entries.
    pub entries: Vec<Entry>,
}

/// One entry of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: SmolStr,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Scalar {
    /// What it is by the way it is written: what has quotes is a string.
    pub fn meaning(&self) -> Meaning {
        match self.text.as_str() {
            _ if !self.plain => Meaning::Text,
            "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
            "true" => Meaning::Bool(true),
            "false" => Meaning::Bool(false),
            text if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && text.parse::<f64>().is_ok() => Meaning::Number,
            _ => Meaning::Text,
        }
    }
}

impl Mapping {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl Node {
    /// What it says, without any intrinsic functions; values without parts are texts, and the innermost of `nesting` are open.
    pub(crate) fn to_arg(&self, nesting: usize) -> Arg {
        let Some(nesting) = nesting.checked_sub(1) else { return Arg::unknown("a large value") };
        if let Some(items) = self.as_sequence() {
            return Arg::List { items: items.iter().map(|item| item.to_arg(nesting)).collect(), open: false };
        }
        match self.as_mapping() {
            Some(map) => {
                let entries = map.entries.iter().map(|entry| (entry.key.clone(), entry.value.to_arg(nesting)));
                Arg::Map(ArgMap { entries: entries.collect(), ..ArgMap::default() })
            }
            None => self.as_str().map_or(Arg::Null, Arg::text),
        }
    }

    /// A string that stands at a place.
    pub fn string(text: impl Into<SmolStr>, span: Span) -> Self {
        Self { kind: NodeKind::Scalar(Scalar { text: text.into(), plain: false, block: false }), span, tag: None }
    }

    /// A list that stands at a place.
    pub fn sequence(items: Vec<Self>, span: Span) -> Self {
        Self { kind: NodeKind::Sequence(items), span, tag: None }
    }

    /// A dictionary that stands at a place.
    pub fn mapping(entries: Vec<Entry>, span: Span) -> Self {
        Self { kind: NodeKind::Mapping(Mapping { entries }), span, tag: None }
    }

    /// The text of a scalar, whatever it means. Null has none.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar(scalar) if !self.is_null() => Some(&scalar.text),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn as_sequence(&self) -> Option<&[Self]> {
        match &self.kind {
            NodeKind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a dictionary.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.kind {
            NodeKind::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The entries of a dictionary; none when it is something else.
    pub fn entries(&self) -> &[Entry] {
        self.as_mapping().map_or(&[], |mapping| &mapping.entries)
    }

    /// The items of a list, or the value itself as the only item: policies and many properties allow both.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            NodeKind::Sequence(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The value under a key of a dictionary.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_mapping().and_then(|mapping| mapping.get(key))
    }

    /// The value under a path of keys.
    pub fn path(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The single entry of a dictionary with exactly one, which is how intrinsic functions are written.
    pub fn single(&self) -> Option<&Entry> {
        match self.entries() {
            [entry] => Some(entry),
            _ => None,
        }
    }

    /// Every node that may stand here: both branches of `Fn::If`, items of lists one by one.
    pub(crate) fn branches(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            match (node.as_sequence(), node.single()) {
                (Some(items), _) => open.extend(items.iter().rev()),
                (None, Some(entry)) if entry.key == "Fn::If" => {
                    open.extend(entry.value.as_sequence().unwrap_or_default().iter().skip(1).rev());
                }
                (None, Some(entry)) if entry.key == "Ref" && entry.value.as_str() == Some("AWS::NoValue") => {}
                _ if node.is_null() => {}
                _ => found.push(node),
            }
        }
        found
    }

    /// Whether a condition may leave nothing of the node.
    pub(crate) fn is_optional(&self) -> bool {
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            match node.single() {
                Some(entry) if entry.key == "Fn::If" => open.extend(entry.value.as_sequence().unwrap_or_default().iter().skip(1)),
                _ if node.branches().is_empty() => return true,
                _ => {}
            }
        }
        false
    }

    /// A truth value, as YAML 1.1 and 1.2 write them.
    pub fn as_bool(&self) -> Option<bool> {
        match self.as_str()? {
            "true" | "True" | "TRUE" | "yes" | "Yes" | "on" => Some(true),
            "false" | "False" | "FALSE" | "no" | "No" | "off" => Some(false),
            _ => None,
        }
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar(scalar) if scalar.meaning() == Meaning::Null)
    }
}
