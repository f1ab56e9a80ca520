//! Terraform's language, as far as its meaning goes: what both `.tf` and `.tf.json` are read into.

use smol_str::SmolStr;

use crate::span::Span;

/// The content of a file or block.
#[derive(Debug, Clone, Default)]
pub(super) struct Body {
    pub(super) attributes: Vec<Attribute>,
    pub(super) blocks: Vec<Block>,
}

/// `name = value`
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) name: SmolStr,
    pub(super) value: Expr,
}

/// `kind "label" "label" { … }`
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) kind: SmolStr,
    pub(super) labels: Vec<SmolStr>,
    pub(super) body: Body,
    /// The kind and the labels.
    pub(super) span: Span,
}

impl Body {
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// An expression with its place.
#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) kind: ExprKind,
    pub(super) span: Span,
}

/// The kinds of expressions. Nesting is bounded by the parsers.
#[derive(Debug, Clone)]
pub(super) enum ExprKind {
    Null,
    Bool(bool),
    Number(SmolStr),
    Text(SmolStr),
    Template(Vec<Part>),
    List(Vec<Expr>),
    /// Keys are expressions too: `(var.name) = 1`.
    Map(Vec<(Expr, Expr)>),
    /// The first part of a reference: `var`, `aws_sqs_queue`, the variable of a `for`.
    Name(SmolStr),
    Attr(Box<Expr>, SmolStr),
    Index(Box<Expr>, Box<Expr>),
    /// `list[*].rest`: the list, and the rest as an expression about [`SPLAT`].
    Splat(Box<Expr>, Box<Expr>),
    Call {
        name: SmolStr,
        arguments: Vec<Expr>,
        /// Whether the last argument is a list of arguments: `f(list...)`.
        expand: bool,
    },
    Choice(Box<[Expr; 3]>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary(Operator, Box<[Expr; 2]>),
    For(Box<For>),
}

/// The name that stands for each item within the rest of a splat; no program can write it.
pub(super) const SPLAT: &str = "*";

/// The binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Operator {
    /// How it is written.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::And => "&&",
            Self::Or => "||",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }
}

/// `[for k, v in collection : result if condition]`, and the form with braces.
#[derive(Debug, Clone)]
pub(super) struct For {
    pub(super) key: Option<SmolStr>,
    pub(super) value: SmolStr,
    pub(super) collection: Expr,
    pub(super) result_key: Option<Expr>,
    pub(super) result: Expr,
    pub(super) condition: Option<Expr>,
    /// `...`: values of one key become a list.
    pub(super) grouping: bool,
}

/// A part of a template.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Text(SmolStr),
    Value(Expr),
    If(Expr, Vec<Self>, Vec<Self>),
    For { key: Option<SmolStr>, value: SmolStr, collection: Expr, body: Vec<Self> },
}
