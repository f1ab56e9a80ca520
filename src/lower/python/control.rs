//! Statements that hold blocks.

use tree_sitter::Node;

use super::{Field, Kind, Lowering};
use crate::ids::ExprId;
use crate::ir::{Block, Handler, Pattern, Stmt};

impl<'t> Lowering<'t> {
    /// `if`, with each `elif` nested in the `else` of the one before.
    pub(super) fn branch(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let mut arms = vec![self.arm(node, &kids)];
        let mut otherwise = Block::new();
        for child in &kids {
            match self.kind(child.node) {
                Kind::ElifClause => {
                    let parts = self.kids(child.node);
                    arms.push(self.arm(child.node, &parts));
                }
                Kind::ElseClause => otherwise = self.else_block(child.node),
                _ => {}
            }
        }
        while let Some((cond, then)) = arms.pop() {
            let mut block = Block::new();
            self.emit(Stmt::Branch { cond, then, otherwise }, &mut block);
            otherwise = block;
        }
        out.append(&mut otherwise);
    }

    fn arm(&mut self, node: Node<'t>, kids: &[crate::syntax::Child<'t>]) -> (ExprId, Block) {
        let cond = self.in_field(kids, Field::Condition);
        let types_only = cond.is_some_and(|cond| {
            let text = self.text(cond);
            text == "TYPE_CHECKING" || text.ends_with(".TYPE_CHECKING")
        });
        let cond = self.expr_or_missing(cond, node);
        self.types_only += usize::from(types_only);
        let then = self.block_in(kids, Field::Consequence);
        self.types_only -= usize::from(types_only);
        (cond, then)
    }

    fn else_block(&mut self, node: Node<'t>) -> Block {
        let kids = self.kids(node);
        self.block_in(&kids, Field::Body)
    }

    fn else_of_loop(&mut self, kids: &[crate::syntax::Child<'t>]) -> Block {
        match self.in_field(kids, Field::Alternative) {
            Some(clause) => self.else_block(clause),
            None => Block::new(),
        }
    }

    pub(super) fn for_loop(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let iterable = self.expr_in(&kids, Field::Right).unwrap_or_else(|| self.missing(node));
        let pattern = self.in_field(&kids, Field::Left).map_or(Pattern::Ignore, |left| self.pattern(left));
        let body = self.block_in(&kids, Field::Body);
        let otherwise = self.else_of_loop(&kids);
        self.emit(Stmt::Loop { each: Some((pattern, iterable)), over_keys: false, cond: None, body, otherwise }, out);
    }

    pub(super) fn while_loop(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let cond = self.expr_in(&kids, Field::Condition);
        let body = self.block_in(&kids, Field::Body);
        let otherwise = self.else_of_loop(&kids);
        self.emit(Stmt::Loop { each: None, over_keys: false, cond, body, otherwise }, out);
    }

    pub(super) fn guarded(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let body = self.block_in(&kids, Field::Body);
        let (mut handlers, mut otherwise, mut finally) = (Vec::new(), Block::new(), Block::new());
        for child in &kids {
            match self.kind(child.node) {
                Kind::ExceptClause => handlers.push(self.handler(child.node)),
                Kind::ElseClause => otherwise = self.else_block(child.node),
                Kind::FinallyClause => finally = self.only_block(child.node),
                _ => {}
            }
        }
        self.emit(Stmt::Guarded { body, handlers, otherwise, finally }, out);
    }

    fn only_block(&mut self, node: Node<'t>) -> Block {
        let block = self.kids(node).iter().find(|child| self.kind(child.node) == Kind::Block).map(|child| child.node);
        block.map(|block| self.block(block)).unwrap_or_default()
    }

    fn handler(&mut self, node: Node<'t>) -> Handler {
        let kids = self.kids(node);
        let values: Vec<_> =
            kids.iter().filter(|child| self.kinds.field(child) == Field::Value).map(|child| child.node).collect();
        let (types, mut pattern) = match values.as_slice() {
            [] => (None, None),
            [value] if self.kind(*value) == Kind::AsPattern => {
                let (types, pattern) = self.value_as(*value);
                (Some(types), pattern)
            }
            _ => (Some(self.index(node, &values)), None),
        };
        if let Some(alias) = self.in_field(&kids, Field::Alias) {
            pattern = Some(self.pattern(alias));
        }
        let block = kids.iter().find(|child| self.kind(child.node) == Kind::Block).map(|child| child.node);
        let body = block.map(|block| self.block(block)).unwrap_or_default();
        Handler { types, pattern, body }
    }

    /// `value as target`.
    fn value_as(&mut self, node: Node<'t>) -> (ExprId, Option<Pattern>) {
        let kids = self.kids(node);
        let value = self.expr_or_missing(kids.first().map(|child| child.node), node);
        (value, kids.get(1).map(|target| self.pattern(target.node)))
    }

    pub(super) fn with(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let mut items = Vec::new();
        for child in &kids {
            if self.kind(child.node) == Kind::WithClause {
                for item in self.kids(child.node) {
                    let value = self.kids(item.node).first().map(|child| child.node);
                    self.with_items(value.unwrap_or(item.node), &mut items);
                }
            }
        }
        let body = self.block_in(&kids, Field::Body);
        self.emit(Stmt::With { items, body }, out);
    }

    /// One context manager, or several in parentheses, which the grammar may take for a tuple.
    fn with_items(&mut self, node: Node<'t>, items: &mut Vec<(ExprId, Option<Pattern>)>) {
        match self.kind(node) {
            Kind::AsPattern => items.push(self.value_as(node)),
            Kind::Tuple | Kind::ParenthesizedExpression => {
                let kids = self.kids(node);
                if kids.iter().any(|child| self.kind(child.node) == Kind::AsPattern) {
                    for child in &kids {
                        match self.kind(child.node) {
                            Kind::AsPattern => items.push(self.value_as(child.node)),
                            _ => items.push((self.expr(child.node), None)),
                        }
                    }
                } else {
                    items.push((self.expr(node), None));
                }
            }
            _ => items.push((self.expr(node), None)),
        }
    }
}
