//! Bodies: arenas of expressions and statements, with their spans kept beside them.

use smol_str::SmolStr;

use crate::ids::{ClassId, ExprId, FuncId, ImportId, IndexVec, StmtId};
use crate::span::Span;

/// Statements in order.
pub type Block = Vec<StmtId>;

/// The code of one function.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// Every expression.
    pub exprs: IndexVec<ExprId, Expr>,
    /// Where each expression stands; for a call, the whole call.
    pub expr_spans: IndexVec<ExprId, Span>,
    /// Every statement.
    pub stmts: IndexVec<StmtId, Stmt>,
    /// Where execution starts.
    pub entry: Block,
}

impl Body {
    /// Adds an expression.
    pub fn expr(&mut self, expr: Expr, span: Span) -> ExprId {
        self.expr_spans.push(span);
        self.exprs.push(expr)
    }

    /// Adds a statement.
    pub fn stmt(&mut self, stmt: Stmt) -> StmtId {
        self.stmts.push(stmt)
    }
}

/// An expression.
#[derive(Debug, Clone)]
pub enum Expr {
    /// A constant.
    Literal(Literal),
    /// A string with holes: f-strings and template literals. Literal pieces are [`Expr::Literal`] expressions.
    Template(Vec<ExprId>),
    /// A variable; `this` is one too.
    Name(SmolStr),
    /// `object.name`, also `object?.name`.
    Member {
        /// The object.
        object: ExprId,
        /// The attribute.
        name: SmolStr,
    },
    /// `object[index]`.
    Index {
        /// The object.
        object: ExprId,
        /// The key or position.
        index: ExprId,
    },
    /// `object[start:end]`.
    Slice {
        /// The object.
        object: ExprId,
        /// First position.
        start: Option<ExprId>,
        /// One past the last position.
        end: Option<ExprId>,
    },
    /// A call or construction.
    Call {
        /// What is called.
        callee: ExprId,
        /// The arguments, in order.
        args: Vec<Argument>,
        /// Whether it is `new C(…)`.
        kind: CallKind,
    },
    /// A lambda, arrow function or function expression.
    Function(FuncId),
    /// A class expression.
    Class(ClassId),
    /// A dictionary or object literal.
    Object(Vec<Entry>),
    /// A list, tuple or set literal.
    Sequence {
        /// The items.
        items: Vec<Element>,
    },
    /// `then if cond else otherwise`, `cond ? then : otherwise`.
    Conditional {
        /// The condition.
        cond: ExprId,
        /// Value when it holds.
        then: ExprId,
        /// Value when it does not.
        otherwise: ExprId,
    },
    /// `left or right`, `left && right`, `left ?? right`.
    Logical {
        /// Which.
        op: LogicalOp,
        /// Evaluated always.
        left: ExprId,
        /// Evaluated only if the left one does not decide.
        right: ExprId,
    },
    /// `left + right`, `left % right` and the rest.
    Binary {
        /// Which.
        op: BinaryOp,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// `left == right`, `left in right` and the rest; chains are nested in a [`LogicalOp::And`].
    Compare {
        /// Which.
        op: CompareOp,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// `not operand`, `!operand`.
    Not(ExprId),
    /// `await operand`.
    Await(ExprId),
    /// `yield operand`; delegated with `yield from` and `yield*`.
    Yield {
        /// What is yielded.
        value: Option<ExprId>,
        /// Whether the items of the value are yielded instead of the value.
        delegate: bool,
    },
    /// Assignment as an expression: `(name := value)`, `a = b` in JavaScript. Its value is the assigned value.
    Assign {
        /// What is assigned.
        target: Box<Pattern>,
        /// The value.
        value: ExprId,
    },
    /// The namespace of another module: `import x`, `require('x')`, `await import('x')`, `importlib.import_module('x')`.
    Import(ImportId),
    /// One name taken from another module: `from x import name`, `import { name } from 'x'`; the default export is `default`.
    ImportFrom {
        /// The other module.
        import: ImportId,
        /// The name, or a submodule's.
        name: SmolStr,
    },
    /// List, set and dictionary comprehensions and generator expressions.
    Comprehension {
        /// The `for` clauses from the outermost, each with its conditions.
        clauses: Vec<Clause>,
        /// What each round gives; for dictionaries the value.
        element: ExprId,
        /// For dictionaries the key.
        key: Option<ExprId>,
    },
    /// `super` (JavaScript) or `super()` (Python): the receiver, seen as an instance of its class's bases. Calling it
    /// constructs the base (JavaScript); members of it are the bases'.
    Super,
    /// A form that has no meaning for the analysis; the children are still evaluated.
    Opaque(Vec<ExprId>),
    /// Something that did not parse.
    Missing,
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `None`, `null`.
    Null,
    /// `undefined`.
    Undefined,
    /// `True`, `false` …
    Bool(bool),
    /// A number as written.
    Number(SmolStr),
    /// A string with its escapes resolved. Bytes literals are strings too.
    Text(SmolStr),
}

/// Whether a call constructs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// `f(…)`, which in Python may construct.
    Call,
    /// `new C(…)`.
    New,
}

/// An argument of a call.
#[derive(Debug, Clone)]
pub struct Argument {
    /// How it is passed.
    pub kind: ArgumentKind,
    /// Its value.
    pub value: ExprId,
}

/// How an argument is passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArgumentKind {
    /// By position.
    Positional,
    /// By name.
    Named(SmolStr),
    /// Each item by position: `*xs`, `...xs`.
    SpreadList,
    /// Each entry by name: `**xs`.
    SpreadMap,
}

/// An entry of a dictionary or object literal.
#[derive(Debug, Clone)]
pub enum Entry {
    /// `key: value`; methods of object literals are entries with a function.
    Pair {
        /// The key.
        key: EntryKey,
        /// The value.
        value: ExprId,
    },
    /// `**other`, `...other`.
    Spread(ExprId),
}

/// A key of an object literal.
#[derive(Debug, Clone)]
pub enum EntryKey {
    /// A fixed name.
    Name(SmolStr),
    /// Computed.
    Computed(ExprId),
}

/// An item of a list, tuple or set literal.
#[derive(Debug, Clone)]
pub enum Element {
    /// One item.
    Item(ExprId),
    /// All items of another collection.
    Spread(ExprId),
}

/// `for pattern in iterable if condition …` of a comprehension.
#[derive(Debug, Clone)]
pub struct Clause {
    /// What takes each item.
    pub pattern: Pattern,
    /// What is iterated.
    pub iterable: ExprId,
    /// Conditions.
    pub conditions: Vec<ExprId>,
}

/// Short-circuit operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogicalOp {
    /// `and`, `&&`.
    And,
    /// `or`, `||`.
    Or,
    /// `??`.
    Coalesce,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`.
    Add,
    /// `%`, which formats when the left operand is a string.
    Mod,
    /// `|` on dictionaries and sets.
    Union,
    /// `/`, which joins path objects.
    Div,
    /// Any other.
    Other,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareOp {
    /// `==`, `is`.
    Equal,
    /// `!=`, `is not`.
    NotEqual,
    /// `===`, for which `null` and `undefined` are two things.
    Identical,
    /// `!==`.
    NotIdentical,
    /// `in`.
    In,
    /// `not in`.
    NotIn,
    /// Any other.
    Other,
}

impl CompareOp {
    /// For those that ask whether two values are the same: what they answer when they are.
    pub const fn equality(self) -> Option<bool> {
        match self {
            Self::Equal | Self::Identical => Some(true),
            Self::NotEqual | Self::NotIdentical => Some(false),
            Self::In | Self::NotIn | Self::Other => None,
        }
    }
}

/// What takes an assigned value.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// A variable.
    Name(SmolStr),
    /// `object.name = …`.
    Member {
        /// The object.
        object: ExprId,
        /// The attribute.
        name: SmolStr,
    },
    /// `object[index] = …`.
    Index {
        /// The object.
        object: ExprId,
        /// The key or position.
        index: ExprId,
    },
    /// `{ a, b: c = 1, ...rest }`.
    Object {
        /// The entries.
        entries: Vec<ObjectPatternEntry>,
        /// What takes the rest.
        rest: Option<Box<Pattern>>,
    },
    /// `[a, b = 1, ...rest]`, `a, *b = …`.
    Sequence(Vec<SequencePatternItem>),
    /// The value is dropped.
    Ignore,
}

/// One entry of an object pattern.
#[derive(Debug, Clone)]
pub struct ObjectPatternEntry {
    /// Which entry of the value.
    pub key: EntryKey,
    /// What takes it.
    pub pattern: Pattern,
    /// Used when the entry is absent.
    pub default: Option<ExprId>,
}

/// One item of a sequence pattern.
#[derive(Debug, Clone)]
pub struct SequencePatternItem {
    /// What takes the item.
    pub pattern: Pattern,
    /// Used when the item is absent.
    pub default: Option<ExprId>,
    /// Whether it takes all remaining items as a list.
    pub rest: bool,
}

/// A statement.
#[derive(Debug, Clone)]
pub enum Stmt {
    /// Assignment and declaration. `a = b = c` are two bindings of one value (an [`Expr::Assign`] inside).
    Bind {
        /// What takes the value.
        pattern: Pattern,
        /// The value.
        value: ExprId,
        /// The declared type, lowered like a parameter's annotation.
        annotation: Option<ExprId>,
    },
    /// `target += value`: the target's new value is `op(target, value)`.
    Update {
        /// What is updated.
        target: Pattern,
        /// How.
        op: BinaryOp,
        /// The right-hand side.
        value: ExprId,
    },
    /// An expression for its effects.
    Evaluate(ExprId),
    /// `return value`.
    Return(Option<ExprId>),
    /// `if`.
    Branch {
        /// The condition.
        cond: ExprId,
        /// When it holds.
        then: Block,
        /// When it does not.
        otherwise: Block,
    },
    /// `switch` and `match`.
    Select {
        /// What is compared.
        subject: ExprId,
        /// The arms, in order.
        arms: Vec<SelectArm>,
    },
    /// Any loop. At most one of `each` and `cond` is there.
    Loop {
        /// `for pattern in iterable`; the items for `for … of`, the keys for JavaScript's `for … in` (see `over_keys`).
        each: Option<(Pattern, ExprId)>,
        /// Whether the keys are iterated rather than the items.
        over_keys: bool,
        /// `while cond`.
        cond: Option<ExprId>,
        /// The body; a C-style `for`'s step is its last statement.
        body: Block,
        /// Python's `else`.
        otherwise: Block,
    },
    /// `try`.
    Guarded {
        /// The guarded code.
        body: Block,
        /// `except`/`catch`.
        handlers: Vec<Handler>,
        /// Python's `else`.
        otherwise: Block,
        /// `finally`.
        finally: Block,
    },
    /// `with`: each item is entered and bound, then the body runs.
    With {
        /// Context managers with what takes the entered value.
        items: Vec<(ExprId, Option<Pattern>)>,
        /// The body.
        body: Block,
    },
    /// A block of its own.
    Scope(Block),
    /// `def f` / `function f`: binds the function's name after its decorators ran. JavaScript's are hoisted to the start of
    /// their block by the lowering.
    DefineFunction(FuncId),
    /// `class C`.
    DefineClass(ClassId),
    /// `from x import *`.
    ImportAll(ImportId),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `del object[index]`.
    Delete {
        /// The object.
        object: ExprId,
        /// The key or position.
        index: ExprId,
    },
    /// `raise`, `throw`.
    Throw(Option<ExprId>),
}

/// One arm of a `switch` or `match`.
#[derive(Debug, Clone)]
pub struct SelectArm {
    /// Constant values that lead here; empty for the default arm or for patterns that are no constants.
    pub values: Vec<ExprId>,
    /// Whether this arm can be taken whatever the subject is: `default`, `case _`, or a pattern that is no constant.
    pub open: bool,
    /// Whether no subject gets past this arm: `case _`, `case name`; `default`, which every other arm comes before.
    pub always: bool,
    /// What captures parts of the subject.
    pub captures: Vec<Pattern>,
    /// An extra condition (`case x if …`).
    pub guard: Option<ExprId>,
    /// The code.
    pub body: Block,
    /// Whether execution continues with the next arm (no `break` at the end).
    pub falls_through: bool,
}

/// One `except` or `catch`.
#[derive(Debug, Clone)]
pub struct Handler {
    /// The exception types, evaluated for their effects.
    pub types: Option<ExprId>,
    /// What takes the exception.
    pub pattern: Option<Pattern>,
    /// The code.
    pub body: Block,
}
