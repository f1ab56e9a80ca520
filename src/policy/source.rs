//! What policies are read from: a tree of values that know their place, whichever template format they come from.

use smol_str::SmolStr;

use crate::span::Location;
use crate::value::Text;

/// Policies nest no deeper than this; what lies below is unreadable.
const MAX_DEPTH: usize = 32;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub value: NodeValue,
    /// Where it stands.
    pub at: Option<Location>,
}

/// The forms a value has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeValue {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number as written.
    Number(SmolStr),
    /// A string, with symbolic parts where a template decides them.
    Text(Text),
    /// A list.
    List(Vec<Node>),
    /// A dictionary in the order of the source, duplicates included.
    Map(Vec<Entry>),
    /// Something that could not be read, with what it is: "an `Fn::If`".
    Unreadable(SmolStr),
}

/// One entry of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: SmolStr,
    /// Where the key stands.
    pub at: Option<Location>,
    /// What it leads to.
    pub value: Node,
}

impl Node {
    /// A value without a place.
    pub fn new(value: NodeValue) -> Self {
        Self { value, at: None }
    }

    /// The tree of a JSON value.
    pub fn from_json(json: &serde_json::Value) -> Self {
        Self::new(json_value(json, MAX_DEPTH))
    }

    /// The items of a list; anything else is a list of itself.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            NodeValue::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The value as text: strings as they are, numbers and truth values as policies spell them.
    pub fn as_text(&self) -> Option<Text> {
        match &self.value {
            NodeValue::Text(text) => Some(text.clone()),
            NodeValue::Number(number) => Some(Text::literal(number.clone())),
            NodeValue::Bool(value) => Some(Text::literal(if *value { "true" } else { "false" })),
            _ => None,
        }
    }
}

fn json_value(json: &serde_json::Value, depth: usize) -> NodeValue {
    use serde_json::Value;
    if depth == 0 {
        return NodeValue::Unreadable("nested too deeply".into());
    }
    let node = |value| Node::new(json_value(value, depth - 1));
    match json {
        Value::Null => NodeValue::Null,
        Value::Bool(value) => NodeValue::Bool(*value),
        Value::Number(number) => NodeValue::Number(number.to_string().into()),
        Value::String(text) => NodeValue::Text(Text::literal(text.as_str())),
        Value::Array(items) => NodeValue::List(items.iter().map(node).collect()),
        Value::Object(entries) => NodeValue::Map(
            entries.iter().map(|(key, value)| Entry { key: key.as_str().into(), at: None, value: node(value) }).collect(),
        ),
    }
}
