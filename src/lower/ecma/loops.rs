//! Loops.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::Lowerer;
use super::jump::TargetKind;
use super::kinds::{Field, Kind};
use crate::ids::ExprId;
use crate::ir::{Block, Pattern, Stmt};

/// What a loop says before its body.
#[derive(Default)]
struct Header {
    labels: Vec<SmolStr>,
    each: Option<(Pattern, ExprId)>,
    over_keys: bool,
    cond: Option<ExprId>,
}

impl<'a> Lowerer<'a> {
    /// A loop: the body within a jump target, then the loop itself, then what jumped across it.
    fn looped(&mut self, node: Node<'a>, header: Header, lower: impl FnOnce(&mut Self) -> Block, out: &mut Block) {
        let Header { labels, each, over_keys, cond } = header;
        let mut body = Block::new();
        let crossings = self.targeted(TargetKind::Loop, labels, |lowerer| body = lower(lowerer));
        self.before_jumps(&crossings, node, out);
        self.push(Stmt::Loop { each, over_keys, cond, body, otherwise: Block::new() }, out);
        self.jump_on(crossings, node, out);
    }

    fn labels(&mut self) -> Vec<SmolStr> {
        std::mem::take(&mut self.context.pending_labels)
    }

    /// `for (initializer; condition; increment) body`.
    pub(super) fn for_loop(&mut self, node: Node<'a>, out: &mut Block) {
        let labels = self.labels();
        let children = self.children(node);
        let initializer = children.field(Field::Initializer);
        let mut names = Vec::new();
        self.block_names(initializer.as_slice(), &mut names);
        self.enter_block_scope(names);
        if let Some(initializer) = initializer {
            self.stmt(initializer, out);
        }
        let cond = children.fields(Field::Condition).find(|&cond| self.kind(cond) != Kind::Empty);
        let cond = cond.map(|cond| self.expr(cond));
        let (step, inner) = (children.field(Field::Increment), children.field(Field::Body));
        let lower = |lowerer: &mut Self| {
            let mut body = inner.map(|inner| lowerer.block(inner)).unwrap_or_default();
            if let Some(step) = step {
                lowerer.evaluate(step, &mut body);
            }
            body
        };
        self.looped(node, Header { labels, cond, ..Header::default() }, lower, out);
        self.leave_block_scope();
    }

    /// `for (pattern of items)` and `for (key in object)`.
    pub(super) fn for_each(&mut self, node: Node<'a>, out: &mut Block) {
        let labels = self.labels();
        let children = self.children(node);
        let left = children.field(Field::Left);
        let over_keys = children.field(Field::Operator).is_some_and(|operator| operator.kind() == "in");
        let iterable = match children.field(Field::Right) {
            Some(right) => self.value(right, out),
            None => self.undefined(node),
        };
        let mut names = Vec::new();
        let declares = children.has(Kind::TokenLet) || children.has(Kind::TokenConst) || children.has(Kind::TokenUsing);
        if let Some(left) = left.filter(|_| declares) {
            self.pattern_names(left, &mut names);
        }
        self.enter_block_scope(names);
        if let (Some(value), Some(left)) = (children.field(Field::Value), left) {
            // `for (var i = 0 in object)` of old code.
            let value = self.value(value, out);
            let pattern = self.pattern(left);
            self.push(Stmt::Bind { pattern, value, annotation: None }, out);
        }
        let pattern = left.map_or(Pattern::Ignore, |left| self.pattern(left));
        let inner = children.field(Field::Body);
        let header = Header { labels, each: Some((pattern, iterable)), over_keys, cond: None };
        self.looped(node, header, |lowerer| inner.map(|inner| lowerer.block(inner)).unwrap_or_default(), out);
        self.leave_block_scope();
    }

    /// `while (condition) body`.
    pub(super) fn while_loop(&mut self, node: Node<'a>, out: &mut Block) {
        let labels = self.labels();
        let children = self.children(node);
        let cond = children.field(Field::Condition).map(|cond| self.expr(cond));
        let inner = children.field(Field::Body);
        let header = Header { labels, cond, ..Header::default() };
        self.looped(node, header, |lowerer| inner.map(|inner| lowerer.block(inner)).unwrap_or_default(), out);
    }

    /// `do body while (condition)`: a loop without a condition whose body ends with the question.
    pub(super) fn do_loop(&mut self, node: Node<'a>, out: &mut Block) {
        let labels = self.labels();
        let children = self.children(node);
        let (inner, cond) = (children.field(Field::Body), children.field(Field::Condition));
        let lower = |lowerer: &mut Self| {
            let mut body = inner.map(|inner| lowerer.block(inner)).unwrap_or_default();
            if let Some(cond_node) = cond {
                let cond = lowerer.value(cond_node, &mut body);
                let mut otherwise = Block::new();
                lowerer.push(Stmt::Break, &mut otherwise);
                lowerer.push(Stmt::Branch { cond, then: Block::new(), otherwise }, &mut body);
            }
            body
        };
        self.looped(node, Header { labels, ..Header::default() }, lower, out);
    }
}
