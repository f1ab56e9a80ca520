//! Literals of lists, tuples, sets and dictionaries.

use tree_sitter::Node;

use super::{Field, Kind, Lowering};
use crate::ids::ExprId;
use crate::ir::{Element, Entry, EntryKey, Expr, Literal};

impl<'t> Lowering<'t> {
    pub(super) fn collection(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let items = kids.iter().map(|child| self.element(child.node)).collect();
        self.add(Expr::Sequence { items }, node)
    }

    fn element(&mut self, node: Node<'t>) -> Element {
        match self.splatted(node) {
            Some(inner) => Element::Spread(self.expr(inner)),
            None => Element::Item(self.expr(node)),
        }
    }

    /// What `*x` and `(*x)` spread.
    pub(super) fn splatted(&mut self, node: Node<'t>) -> Option<Node<'t>> {
        let mut at = node;
        loop {
            match self.kind(at) {
                Kind::ListSplat | Kind::ListSplatPattern => return self.kids(at).first().map(|child| child.node),
                Kind::ParenthesizedListSplat => at = self.kids(at).first()?.node,
                _ => return None,
            }
        }
    }

    pub(super) fn dictionary(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let mut entries = Vec::with_capacity(kids.len());
        for child in &kids {
            match self.kind(child.node) {
                Kind::Pair => entries.extend(self.pair(child.node)),
                Kind::DictionarySplat => {
                    entries.extend(self.kids(child.node).first().map(|inner| Entry::Spread(self.expr(inner.node))));
                }
                _ => entries.push(Entry::Spread(self.opaque(child.node))),
            }
        }
        self.add(Expr::Object(entries), node)
    }

    fn pair(&mut self, node: Node<'t>) -> Option<Entry> {
        let kids = self.kids(node);
        let key = self.expr_in(&kids, Field::Key)?;
        let value = self.expr_in(&kids, Field::Value).unwrap_or_else(|| self.missing(node));
        let key = match &self.builder.frame.body.exprs[key] {
            Expr::Literal(Literal::Text(text)) => EntryKey::Name(text.clone()),
            _ => EntryKey::Computed(key),
        };
        Some(Entry::Pair { key, value })
    }
}
