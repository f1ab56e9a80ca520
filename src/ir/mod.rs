//! The one intermediate form that every language is lowered to.
//!
//! A [`Module`] is one source file: its imports, functions and classes. Every function, the module's top-level
//! code included, has a [`Body`] with its own arenas of expressions and statements. What a language has in special
//! is expressed in these terms by its lowering; behind `lower` only what the runtimes do differs, never the syntax.
//!
//! # Scopes
//!
//! Names are resolved at run time of the interpreter through frames. Each call of a function makes one frame that
//! holds exactly the names in [`Func::locals`]; any other name is looked up in the frame of the enclosing function, and
//! so on up to the module's. Lowerings therefore list in `locals` every name that is *declared* in a function: parameters,
//! assigned names that are not `global`/`nonlocal` (Python), `var`/`let`/`const`/function/class declarations and catch
//! variables (JavaScript; a block-scoped name that shadows another one of the same function is renamed `name#1`, `name#2` …).
//! Class bodies are functions of their own ([`Class::body`]) whose locals become the class's attributes; functions defined
//! directly in a class body do not see those names, their enclosing frame is the one around the class.

mod body;
mod dump;

pub use body::{
    Argument, ArgumentKind, BinaryOp, Block, Body, CallKind, Clause, CompareOp, Element, Entry, EntryKey, Expr, Handler, Literal,
    LogicalOp, ObjectPatternEntry, Pattern, SelectArm, SequencePatternItem, Stmt,
};
pub use dump::dump;

use std::sync::Arc;

use smol_str::SmolStr;

use crate::ids::{ClassId, ExprId, FuncId, ImportId, IndexVec};
use crate::span::{SourceFile, Span};

/// One source file in intermediate form.
#[derive(Debug, Clone)]
pub struct Module {
    /// The file it came from.
    pub file: Arc<SourceFile>,
    /// Every request for another module, wherever in the file it stands, in source order.
    pub imports: IndexVec<ImportId, Import>,
    /// Every function, nested ones and class bodies included. The first one is the top-level code.
    pub functions: IndexVec<FuncId, Func>,
    /// Every class.
    pub classes: IndexVec<ClassId, Class>,
    /// What other modules can take from this one.
    pub exports: Exports,
    /// Names of this module's functions that look like Lambda handlers, in source order, best candidates first.
    pub handlers: Vec<SmolStr>,
    /// The one of these for which nothing speaks but that it is exported by default, as much else is.
    pub plain_default: Option<SmolStr>,
    /// Names of its exported functions that give a handler: `wrap` of `const wrap = (options) => async (event) => …`.
    pub makers: Vec<SmolStr>,
    /// Its exports that calling a variable gives, with the name of that variable.
    pub made: Vec<(SmolStr, SmolStr)>,
    /// Regions that did not parse; they were lowered as far as possible.
    pub syntax_errors: Vec<Span>,
    /// `leash:` directives in comments: span of the comment and the text after `leash:`.
    pub directives: Vec<(Span, SmolStr)>,
}

impl Module {
    /// The top-level code.
    pub fn top(&self) -> &Func {
        &self.functions[crate::ids::Id::from_index(0)]
    }

    /// Whether any function, the top-level code aside, reads a variable of this name.
    pub fn is_read_in_functions(&self, name: &str) -> bool {
        let inner = self.functions.iter().skip(1);
        inner.flat_map(|func| func.body.exprs.iter()).any(|expr| matches!(expr, Expr::Name(read) if read == name))
    }
}

/// What a module offers to others.
#[derive(Debug, Clone)]
pub enum Exports {
    /// Every top-level name is visible (Python).
    Globals,
    /// Only what is exported (JavaScript). `CommonJS` modules have an empty list here: their exports are what the top-level
    /// code assigns to the names `exports` and `module`, which the interpreter provides in the module's frame.
    Listed(Vec<Export>),
}

/// One export of a module.
#[derive(Debug, Clone)]
pub enum Export {
    /// `export { local as name }`; the default export is called `default`. The value is read when asked for, so that
    /// later assignments are seen.
    Local {
        /// Name to the outside.
        name: SmolStr,
        /// Name of the top-level variable.
        local: SmolStr,
    },
    /// `export { source as name } from '…'`.
    From {
        /// Name to the outside.
        name: SmolStr,
        /// The other module.
        import: ImportId,
        /// Name in the other module.
        source: SmolStr,
    },
    /// `export * as name from '…'`.
    Namespace {
        /// Name to the outside.
        name: SmolStr,
        /// The other module.
        import: ImportId,
    },
    /// `export * from '…'`.
    All {
        /// The other module.
        import: ImportId,
    },
}

/// A request for another module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// How the request is to be resolved.
    pub request: ImportRequest,
    /// Where it stands.
    pub span: Span,
    /// Whether only types are taken, so that nothing runs.
    pub type_only: bool,
    /// Whether what it takes is used as a type only, so that a compiler leaves it out.
    pub erased: bool,
}

/// The two ways in which languages name modules.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ImportRequest {
    /// `a.b.c` relative to the import roots, or with `level` leading dots relative to the importing module's package.
    Dotted {
        /// Number of leading dots; zero for absolute.
        level: u32,
        /// The segments; empty for `from . import x`.
        segments: Vec<SmolStr>,
    },
    /// `./db`, `@aws-sdk/client-s3`, `node:fs`.
    Specifier(SmolStr),
}

/// A function, method, lambda, class body, or a module's top-level code.
#[derive(Debug, Clone)]
pub struct Func {
    /// Its name; lambdas and arrow functions have the name of the variable they are first assigned to, or `<lambda>`;
    /// top-level code is `<module>`.
    pub name: SmolStr,
    /// The whole definition.
    pub span: Span,
    /// Parameters, in order, without the receiver `this` (but with Python's `self`).
    pub params: Vec<Param>,
    /// What it is to its class.
    pub role: Role,
    /// How the receiver of a method call reaches the body.
    pub receiver: Receiver,
    /// The class whose body defines it.
    pub owner: Option<ClassId>,
    /// Decorators from the outermost to the innermost, as expressions of the *defining* body.
    pub decorators: Vec<ExprId>,
    /// Names that live in this function's frame.
    pub locals: Vec<SmolStr>,
    /// Whether calling it gives a generator; its `yield`ed values are what iterating gives.
    pub is_generator: bool,
    /// The code.
    pub body: Body,
}

/// What a function is to its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// An ordinary function or method.
    Plain,
    /// Called on the class, without a receiver.
    Static,
    /// Called on the class, which is the receiver.
    ClassMethod,
    /// Runs when the attribute is read.
    Getter,
    /// Runs when the attribute is assigned.
    Setter,
}

/// How the receiver of a method call reaches the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// As the first parameter (Python methods).
    FirstParam,
    /// As the name `this`, bound anew by each call (JavaScript functions and methods).
    This,
    /// Not at all; `this`, if used, is the enclosing function's (arrow functions, Python functions outside classes).
    Lexical,
}

/// A parameter of a function.
#[derive(Debug, Clone)]
pub struct Param {
    /// The name or destructuring pattern that takes the argument.
    pub pattern: Pattern,
    /// Its default, as an expression of the function's own body.
    pub default: Option<ExprId>,
    /// How arguments reach it.
    pub kind: ParamKind,
    /// Its type annotation as an expression of the function's own body: names, members, indices, calls and string
    /// literals are lowered, everything else is opaque. Decorators of the parameter stand before its type: `decorator ?? type`.
    pub annotation: Option<ExprId>,
}

/// How arguments reach a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// By position or by name.
    Normal,
    /// By name only.
    Named,
    /// All remaining positional arguments.
    RestList,
    /// All remaining named arguments.
    RestMap,
}

/// A class.
#[derive(Debug, Clone)]
pub struct Class {
    /// Its name, or `<class>`.
    pub name: SmolStr,
    /// The whole definition.
    pub span: Span,
    /// Base classes, as expressions of the defining body.
    pub bases: Vec<ExprId>,
    /// What else its definition is told by name, as expressions of the defining body: `metaclass=Registered`.
    pub keywords: Vec<(SmolStr, ExprId)>,
    /// Decorators from the outermost to the innermost, as expressions of the defining body.
    pub decorators: Vec<ExprId>,
    /// Code that runs when the class is defined. Its locals become the class's attributes; methods are defined here. The
    /// constructor is called `__init__` whatever the language. Static fields are bindings here.
    pub body: FuncId,
    /// Code that runs at the start of each construction with the receiver as `this`: instance fields (JavaScript).
    pub instance_init: Option<FuncId>,
    /// Annotated fields in order: what a dataclass's generated constructor takes.
    pub fields: Vec<ClassField>,
    /// Whether only classes that derive from it have instances.
    pub is_abstract: bool,
}

/// An annotated field of a class. Its expressions are those of the class's *body* function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassField {
    /// Its name.
    pub name: SmolStr,
    /// Its default.
    pub default: Option<ExprId>,
    /// Its type, lowered like a parameter's annotation.
    pub annotation: ExprId,
}
