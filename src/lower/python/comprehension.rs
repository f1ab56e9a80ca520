//! Comprehensions. Their variables have a scope of their own, so each gets a name that nothing else has.

use tree_sitter::Node;

use super::{Field, Kind, Lowering};
use crate::ids::ExprId;
use crate::ir::{Clause, Expr};

impl<'t> Lowering<'t> {
    pub(super) fn comprehension(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let outside = self.renamed.len();
        let mut clauses: Vec<Clause> = Vec::new();
        for child in &kids {
            match self.kind(child.node) {
                Kind::ForInClause => clauses.extend(self.clause(child.node)),
                Kind::IfClause => {
                    let condition = self.kids(child.node).first().map(|condition| self.expr(condition.node));
                    if let Some(clause) = clauses.last_mut() {
                        clause.conditions.extend(condition);
                    }
                }
                _ => {}
            }
        }
        let body = self.in_field(&kids, Field::Body);
        let (key, element) = match body {
            Some(pair) if self.kind(pair) == Kind::Pair => {
                let parts = self.kids(pair);
                (self.expr_in(&parts, Field::Key), self.expr_in(&parts, Field::Value))
            }
            Some(body) => (None, Some(self.expr(body))),
            None => (None, None),
        };
        let element = element.unwrap_or_else(|| self.missing(node));
        self.renamed.truncate(outside);
        self.add(Expr::Comprehension { clauses, element, key }, node)
    }

    fn clause(&mut self, node: Node<'t>) -> Option<Clause> {
        let kids = self.kids(node);
        let rights: Vec<_> =
            kids.iter().filter(|child| self.kinds.field(child) == Field::Right).map(|child| child.node).collect();
        let iterable = self.index(node, &rights);
        let pattern = self.fresh_pattern(self.in_field(&kids, Field::Left)?);
        Some(Clause { pattern, iterable, conditions: Vec::new() })
    }
}
