//! JavaScript and TypeScript, from all three grammars, to the intermediate form.
//!
//! One pass over the tree, top down. Three things need more than a look at the node itself:
//!
//! - **Scopes.** The intermediate form has one frame per function, JavaScript has one scope per block. On entering a
//!   function or block, [`hoist`] collects what it declares, [`scope`] gives each name the one it has in the frame (`x`, or
//!   `x#1` where a block's `x` would hide another), and every later mention is looked up there.
//! - **Jumps.** The intermediate form has plain `break` and `continue` only; [`jump`] expresses labels and the `break` of a
//!   `switch` with them.
//! - **Depth.** What real code nests by the thousand (`a + b + …`, `a.b().c()…`, `else if`, `a = b = …`, `x ? y : z ? …`)
//!   is lowered in loops; everything else counts against [`MAX_DEPTH`], below which a node becomes [`Expr::Missing`] and a
//!   syntax error.
//!
//! Comma expressions are statements where a statement may stand, and `[a, b, c][2]` elsewhere, which evaluates all and
//! has the value of the last without nesting.

mod chain;
mod class;
mod directive;
mod erased;
mod expr;
mod function;
mod handlers;
mod hoist;
mod interop;
mod jsx;
mod jump;
mod kinds;
mod literal;
mod loops;
mod modules;
mod namespace;
mod node;
mod pattern;
mod scope;
mod stmt;
mod types;

use std::sync::Arc;

use smol_str::SmolStr;
use tree_sitter::{Node, Tree, TreeCursor};

use self::kinds::Grammar;
use self::node::span;
use super::ctx::Builder;
use crate::ids::{ExprId, ImportId, StmtId};
use crate::ir::{Block, Export, Exports, Expr, Literal, Module, Stmt};
use crate::span::{SourceFile, Span};
use crate::syntax::{self, Language};

/// How deeply statements, expressions and patterns may nest. Real code stays below a hundred, bundles below two hundred.
const MAX_DEPTH: u32 = 400;

/// Lowers a parsed file.
pub(super) fn lower(file: Arc<SourceFile>, language: Language, tree: &Tree) -> Module {
    let errors = syntax::syntax_errors(tree);
    let directives = directive::directives(&file.text, tree);
    let source = Arc::clone(&file);
    let mut lowerer = Lowerer {
        source: &source.text,
        grammar: Grammar::of(language, tree),
        cursor: tree.walk(),
        builder: Builder::new(file, Exports::Listed(Vec::new())),
        scopes: scope::Scopes::default(),
        context: Context::default(),
        depth: 0,
        exports: Vec::new(),
        imports: Vec::new(),
        bound: Vec::new(),
        deferred: Vec::new(),
        too_deep: Vec::new(),
        markup: handlers::Markup::Absent,
    };
    let entry = lowerer.program(tree.root_node());
    let Lowerer { builder, exports, too_deep, bound, markup, .. } = lowerer;
    let mut module = builder.finish(entry);
    if language != Language::JavaScript {
        erased::mark(&mut module, &bound, tree, &source.text);
    }
    module.exports = Exports::Listed(exports);
    module.syntax_errors = errors;
    module.syntax_errors.extend(too_deep);
    module.syntax_errors.sort();
    module.directives = directives;
    (module.handlers, module.plain_default) = handlers::handlers(&module, markup);
    (module.makers, module.made) = handlers::makers(&module);
    module
}

/// The state of one file's lowering.
struct Lowerer<'a> {
    source: &'a str,
    grammar: &'static Grammar,
    /// Kept between uses, since making one allocates.
    cursor: TreeCursor<'a>,
    builder: Builder,
    scopes: scope::Scopes,
    context: Context,
    depth: u32,
    exports: Vec<Export>,
    /// The names that import statements bind.
    bound: Vec<(ImportId, SmolStr)>,
    /// Bindings made by import statements, which run before everything else.
    imports: Block,
    /// Properties that a bundler defines by getters before the variables behind them have values.
    deferred: Block,
    /// Nodes beyond [`MAX_DEPTH`].
    too_deep: Vec<Span>,
    markup: handlers::Markup,
}

/// What the lowering of a node must know about the function around it.
#[derive(Debug, Default)]
struct Context {
    /// Whether `yield` stands for `await`, as in code compiled for old runtimes.
    yield_awaits: bool,
    /// Loops, switches and labeled statements around this place, from the outermost.
    targets: Vec<jump::Target>,
    /// A `break` that ends a case of a switch and is expressed by the arm itself.
    final_break: Option<usize>,
    /// Labels of the loop that comes next.
    pending_labels: Vec<SmolStr>,
    /// What a function or class would be called that has no name of its own.
    name_hint: Option<SmolStr>,
}

impl<'a> Lowerer<'a> {
    fn program(&mut self, root: Node<'a>) -> Block {
        let nodes: Vec<_> = self.children(root).named().map(|child| child.node).collect();
        self.enter_function_scope(&[], &nodes);
        let mut body = Block::new();
        self.statements(&nodes, &mut body);
        let mut entry = std::mem::take(&mut self.imports);
        entry.append(&mut body);
        entry.append(&mut self.deferred);
        entry
    }

    /// Adds an expression to the current function.
    fn add(&mut self, expr: Expr, node: Node<'_>) -> ExprId {
        self.builder.expr(expr, span(node))
    }

    /// Adds a statement to the current function, at the end of a block.
    fn push(&mut self, stmt: Stmt, out: &mut Block) {
        let id: StmtId = self.builder.stmt(stmt);
        out.push(id);
    }

    fn undefined(&mut self, node: Node<'_>) -> ExprId {
        self.add(Expr::Literal(Literal::Undefined), node)
    }

    /// A variable, by the name it has in the frame.
    fn name(&mut self, name: SmolStr, node: Node<'_>) -> ExprId {
        self.add(Expr::Name(name), node)
    }

    /// Enters a nested node; false if it is nested too deeply to be lowered. Every success is followed by a [`Self::leave`].
    fn enter(&mut self, node: Node<'_>) -> bool {
        if self.depth >= MAX_DEPTH {
            self.too_deep.push(span(node));
            return false;
        }
        self.depth += 1;
        true
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}
