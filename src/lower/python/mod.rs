//! Python.
//!
//! One walk over the tree, in source order. Nesting is bounded ([`DEPTH_LIMIT`]); chains that lean to the left (`a.b().c()`,
//! `a + b + c`) are unrolled instead, since real code has them by the hundred. Regions that did not parse are set aside while
//! their surroundings are lowered and then become statements of their own, so that a call inside them is not lost.

mod annotation;
mod arguments;
mod broken;
mod cases;
mod collection;
mod comprehension;
mod control;
mod define;
mod expr;
mod handlers;
mod import;
mod kinds;
mod pattern;
mod stmt;
mod text;
mod written_type;

use std::sync::Arc;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use tree_sitter::{Node, Tree};

use self::handlers::Handlers;
use self::kinds::{Field, Kind, Kinds};
use super::ctx::Builder;
use crate::ids::ExprId;
use crate::ir::{Block, Exports, Expr, Module};
use crate::span::SourceFile;
use crate::syntax::{self, Child, Children, TreeReader, span_of};

/// Levels of nesting that are lowered; Python itself refuses more than two hundred parentheses or a hundred indentations.
const DEPTH_LIMIT: usize = 256;

/// Lowers a parsed file.
pub(super) fn lower(file: Arc<SourceFile>, tree: &Tree) -> Module {
    let text = Arc::clone(&file);
    let mut lowering = Lowering {
        builder: Builder::new(file, Exports::Globals),
        reader: TreeReader::new(tree, &text.text),
        kinds: Kinds::new(),
        depth: 0,
        types_only: 0,
        renamed: Vec::new(),
        set_aside: Vec::new(),
        importlib: FxHashSet::default(),
        import_module: FxHashSet::default(),
        handlers: Handlers::default(),
    };
    lowering.builder.module.directives = directives(tree, &text.text);
    let entry = lowering.block(tree.root_node());
    let Lowering { mut builder, handlers, .. } = lowering;
    builder.module.syntax_errors.extend(syntax::syntax_errors(tree));
    builder.module.syntax_errors.sort_unstable();
    let mut module = builder.finish(entry);
    module.handlers = handlers.ranked(|name| module.is_read_in_functions(name));
    module
}

/// Comments that speak to leash.
fn directives(tree: &Tree, text: &str) -> Vec<(crate::span::Span, SmolStr)> {
    let directive = |node: Node<'_>| {
        let comment = text.get(node.byte_range())?;
        let directive = comment.trim_start_matches('#').trim_start().strip_prefix("leash:")?;
        Some((span_of(node), SmolStr::new(directive.trim())))
    };
    syntax::comments_with(tree, text, "leash:").into_iter().filter_map(directive).collect()
}

/// The state of lowering one file.
struct Lowering<'t> {
    builder: Builder,
    reader: TreeReader<'t>,
    kinds: Kinds,
    /// How deep the walk is.
    depth: usize,
    /// How many `if TYPE_CHECKING:` the walk is inside of.
    types_only: usize,
    /// Names that stand for another one, the innermost last: a comprehension's variables have names of their own, and a
    /// lambda's parameters stand for themselves again.
    renamed: Vec<(SmolStr, Option<SmolStr>)>,
    /// Broken regions, and parts that have no place in the form around them; statements of their own before long.
    set_aside: Vec<Node<'t>>,
    /// Names under which `importlib` is known.
    importlib: FxHashSet<SmolStr>,
    /// Names under which `importlib.import_module` is known.
    import_module: FxHashSet<SmolStr>,
    handlers: Handlers,
}

impl<'t> Lowering<'t> {
    fn kind(&self, node: Node<'_>) -> Kind {
        self.kinds.of(node)
    }

    fn text(&self, node: Node<'_>) -> &'t str {
        self.reader.text(node)
    }

    fn name(&self, node: Node<'_>) -> SmolStr {
        SmolStr::new(self.reader.text(node))
    }

    fn add(&mut self, expr: Expr, node: Node<'_>) -> ExprId {
        self.builder.expr(expr, span_of(node))
    }

    /// The named children without comments; broken ones are set aside.
    fn kids(&mut self, node: Node<'t>) -> Children<'t> {
        let (kinds, set_aside) = (self.kinds, &mut self.set_aside);
        self.reader.children(node, |child| match kinds.of(child) {
            Kind::Comment | Kind::LineContinuation | Kind::Token => false,
            Kind::Error => {
                set_aside.push(child);
                false
            }
            _ => true,
        })
    }

    /// The same with punctuation and keywords.
    fn kids_and_tokens(&mut self, node: Node<'t>) -> Children<'t> {
        let (kinds, set_aside) = (self.kinds, &mut self.set_aside);
        self.reader.children(node, |child| match kinds.of(child) {
            Kind::Comment | Kind::LineContinuation => false,
            Kind::Error => {
                set_aside.push(child);
                false
            }
            _ => true,
        })
    }

    /// The first child in a field.
    fn in_field(&self, kids: &[Child<'t>], field: Field) -> Option<Node<'t>> {
        kids.iter().find(|child| self.kinds.field(child) == field).map(|child| child.node)
    }

    /// Statements of a block or module.
    fn block(&mut self, node: Node<'t>) -> Block {
        let mut out = Block::new();
        self.stmts_of(node, &mut out);
        out
    }

    /// The children as statements, broken regions at their places.
    fn stmts_of(&mut self, node: Node<'t>, out: &mut Block) {
        let kinds = self.kinds;
        let is_code = |child: Node<'t>| !matches!(kinds.of(child), Kind::Comment | Kind::LineContinuation | Kind::Token);
        for child in self.reader.children(node, is_code) {
            self.stmt(child.node, out);
            self.lower_set_aside(out);
        }
    }

    /// A block that may be absent.
    fn block_in(&mut self, kids: &[Child<'t>], field: Field) -> Block {
        match self.in_field(kids, field) {
            Some(node) => self.block(node),
            None => Block::new(),
        }
    }

    /// Runs one step of the walk unless it is too deep already; what is too deep is told as a region that was not read.
    fn deeper<T>(&mut self, node: Node<'t>, step: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= DEPTH_LIMIT {
            self.builder.module.syntax_errors.push(span_of(node));
            return None;
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        Some(result)
    }
}
