//! Values of a configuration script.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;

use super::module::Loaded;
use crate::iac::document::{Entry, Mapping, Node, NodeKind, Scalar};
use crate::ids::FuncId;
use crate::span::Span;

/// What an expression of a script is, as far as it is constant.
#[derive(Clone)]
pub(super) enum Value {
    /// A string, number, truth value or null. Strings may hold variables of the format: `${env:TABLE}`.
    Scalar(Scalar, Span),
    List(Rc<Vec<Value>>, Span),
    Object(Rc<Vec<Field>>, Span),
    /// A function of the script with the names around it.
    Function(Rc<Loaded>, FuncId, Rc<Frame>),
    /// A function of the language or of one of its modules, by its dotted name: `path.join`.
    Builtin(SmolStr),
    /// A method of a value that is known.
    Method(Box<Value>, SmolStr),
    /// What another module exports.
    Module(Rc<Loaded>),
    /// One of two, by a condition that only a run knows.
    Either(Rc<Value>, Rc<Value>, Span),
    /// Anything else; the text says what stands there.
    Unknown(SmolStr, Span),
}

/// An entry of an object.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) key: SmolStr,
    pub(super) span: Span,
    pub(super) value: Value,
}

/// The names of one function while it runs.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) names: RefCell<BTreeMap<SmolStr, Value>>,
    pub(super) around: Option<Rc<Frame>>,
}

impl Frame {
    /// Frames nest as deep as functions do, which the lowering bounds; the walk is a loop.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        let mut frame = Some(self);
        while let Some(current) = frame {
            if let Some(value) = current.names.borrow().get(name) {
                return Some(value.clone());
            }
            frame = current.around.as_deref();
        }
        None
    }

    pub(super) fn set(&self, name: SmolStr, value: Value) {
        self.names.borrow_mut().insert(name, value);
    }
}

/// How long a string, and how many items a list may become. Both are shared, so that a few lines could describe more of them
/// than fits into any memory.
pub(super) const MAX_SIZE: usize = 1 << 16;
/// How many characters, and how many items, are worth an evaluated expression.
const CHARACTERS_PER_STEP: usize = 256;
const ITEMS_PER_STEP: usize = 16;

impl Value {
    /// A string; too long a one is not known.
    pub(super) fn text(text: impl Into<SmolStr>, span: Span) -> Self {
        let text = text.into();
        if text.len() > MAX_SIZE {
            return Self::Unknown("too long a string".into(), span);
        }
        Self::Scalar(Scalar { text, plain: false, block: false }, span)
    }

    /// A list; too long a one is not known.
    pub(super) fn list(items: Vec<Self>, span: Span) -> Self {
        if items.len() > MAX_SIZE {
            return Self::Unknown("too long a list".into(), span);
        }
        Self::List(Rc::new(items), span)
    }

    /// One of two values.
    pub(super) fn either(first: Self, second: Self, span: Span) -> Self {
        Self::Either(Rc::new(first), Rc::new(second), span)
    }

    /// What it takes to make it, in expressions.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Scalar(scalar, _) => scalar.text.len() / CHARACTERS_PER_STEP,
            Self::List(items, _) => items.len() / ITEMS_PER_STEP,
            Self::Object(fields, _) => fields.len() / ITEMS_PER_STEP,
            _ => 0,
        }
    }

    pub(super) fn plain(text: impl Into<SmolStr>, span: Span) -> Self {
        Self::Scalar(Scalar { text: text.into(), plain: true, block: false }, span)
    }

    /// The characters of a string or number; unknown ones are a variable that nobody knows.
    pub(super) fn written(&self) -> Option<String> {
        match self {
            Self::Scalar(scalar, _) => Some(scalar.text.to_string()),
            Self::Unknown(what, _) => Some(format!("${{script:{what}}}")),
            Self::Either(first, ..) => first.written(),
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Scalar(scalar, _) => Some(&scalar.text),
            _ => None,
        }
    }

    /// Whether it counts as true; nothing when that is not known.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Scalar(scalar, _) if scalar.text.contains("${") => None,
            Self::Scalar(scalar, _) if scalar.plain => Some(!matches!(scalar.text.as_str(), "false" | "null" | "0")),
            Self::Scalar(scalar, _) => Some(!scalar.text.is_empty()),
            Self::Unknown(..) | Self::Either(..) => None,
            _ => Some(true),
        }
    }

    /// A value read from a data file.
    pub(super) fn from_node(node: &Node) -> Self {
        match &node.kind {
            NodeKind::Scalar(scalar) => Self::Scalar(scalar.clone(), node.span),
            NodeKind::Sequence(items) => Self::List(Rc::new(items.iter().map(Self::from_node).collect()), node.span),
            NodeKind::Mapping(mapping) => {
                let field =
                    |entry: &Entry| Field { key: entry.key.clone(), span: entry.key_span, value: Self::from_node(&entry.value) };
                Self::Object(Rc::new(mapping.entries.iter().map(field).collect()), node.span)
            }
        }
    }

    /// The value as data; paths lose the marker of the service's folder. `depth` bounds what shared parts can grow to.
    pub(super) fn to_node(&self, budget: &mut usize, depth: usize) -> Node {
        *budget = budget.saturating_sub(1 + self.cost());
        let unknown = |what: &str, span| Node::string(format!("${{script:{what}}}"), span);
        match self {
            Self::Unknown(what, span) => unknown(what, *span),
            _ if *budget == 0 || depth == 0 => unknown("too large a value", Span::default()),
            Self::Scalar(scalar, span) => {
                let mut scalar = scalar.clone();
                if scalar.text.contains(super::ROOT) {
                    let text = scalar.text.replace(&[super::ROOT, "/"].concat(), "");
                    scalar.text = text.replace(super::ROOT, ".").into();
                }
                Node { kind: NodeKind::Scalar(scalar), span: *span, tag: None }
            }
            Self::List(items, span) => Node::sequence(items.iter().map(|item| item.to_node(budget, depth - 1)).collect(), *span),
            Self::Object(fields, span) => {
                let mut mapping = Mapping::default();
                for field in fields.iter() {
                    let value = field.value.to_node(budget, depth - 1);
                    mapping.entries.push(Entry { key: field.key.clone(), key_span: field.span, value });
                }
                Node { kind: NodeKind::Mapping(mapping), span: *span, tag: None }
            }
            Self::Either(yes, no, span) => {
                let branches = vec![
                    Node::string("a condition of the script", *span),
                    yes.to_node(budget, depth - 1),
                    no.to_node(budget, depth - 1),
                ];
                let entry = Entry { key: "Fn::If".into(), key_span: *span, value: Node::sequence(branches, *span) };
                Node::mapping(vec![entry], *span)
            }
            Self::Module(loaded) => loaded.exported().to_node(budget, depth - 1),
            Self::Function(..) | Self::Builtin(_) | Self::Method(..) => unknown("a function", Span::default()),
        }
    }
}
