//! JSX: its elements have no meaning for the analysis, but components, attributes and children are evaluated.

use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use crate::ids::ExprId;
use crate::ir::Expr;

impl<'a> Lowerer<'a> {
    /// An element with all that stands in it.
    pub(super) fn jsx(&mut self, node: Node<'a>) -> ExprId {
        self.markup = super::handlers::Markup::Present;
        let mut parts = Vec::new();
        self.jsx_parts(node, &mut parts);
        self.add(Expr::Opaque(parts), node)
    }

    fn jsx_parts(&mut self, node: Node<'a>, parts: &mut Vec<ExprId>) {
        let children = self.children(node);
        for child in children.named() {
            match child.kind {
                Kind::JsxOpening => self.jsx_parts(child.node, parts),
                Kind::JsxAttribute => {
                    let value = self.children(child.node).named().nth(1);
                    parts.extend(value.map(|value| self.jsx_value(value.node)));
                }
                Kind::JsxExpression => parts.extend(self.jsx_braces(child.node)),
                Kind::JsxElement | Kind::JsxSelfClosing => parts.push(self.expr(child.node)),
                Kind::Identifier | Kind::Member if child.field == Field::Name => parts.extend(self.component(child.node)),
                Kind::JsxText | Kind::JsxClosing | Kind::JsxName | Kind::Other => {}
                _ if child.field == Field::TypeArguments => {}
                _ => parts.push(self.expr(child.node)),
            }
        }
    }

    fn jsx_value(&mut self, node: Node<'a>) -> ExprId {
        match self.kind(node) {
            Kind::JsxExpression => self.jsx_braces(node).unwrap_or_else(|| self.undefined(node)),
            _ => self.expr(node),
        }
    }

    fn jsx_braces(&mut self, node: Node<'a>) -> Option<ExprId> {
        let inner = self.children(node).first()?;
        Some(self.expr(inner))
    }

    /// `<Component …>` runs the component; `<div>` is markup.
    fn component(&mut self, node: Node<'a>) -> Option<ExprId> {
        let is_markup = self.kind(node) == Kind::Identifier && self.text(node).starts_with(|first: char| first.is_lowercase());
        (!is_markup).then(|| self.expr(node))
    }
}
