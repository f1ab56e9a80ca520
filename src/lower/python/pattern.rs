//! What takes an assigned value.

use tree_sitter::Node;

use super::{Field, Kind, Lowering};
use crate::ir::{Pattern, SequencePatternItem};

/// Where an assigned variable lives.
#[derive(Clone, Copy)]
enum Scope {
    /// In the function being built.
    Function,
    /// In the comprehension being lowered.
    Comprehension,
}

impl<'t> Lowering<'t> {
    /// An assignment target of the function being built.
    pub(super) fn pattern(&mut self, node: Node<'t>) -> Pattern {
        self.target(node, Scope::Function)
    }

    /// The target of a comprehension's `for`.
    pub(super) fn fresh_pattern(&mut self, node: Node<'t>) -> Pattern {
        self.target(node, Scope::Comprehension)
    }

    fn target(&mut self, node: Node<'t>, scope: Scope) -> Pattern {
        self.deeper(node, |this| this.target_form(node, scope)).unwrap_or(Pattern::Ignore)
    }

    fn target_form(&mut self, node: Node<'t>, scope: Scope) -> Pattern {
        match self.kind(node) {
            Kind::Identifier => self.name_target(node, scope),
            Kind::Attribute => self.attribute_target(node),
            Kind::Subscript => self.subscript_target(node),
            Kind::PatternList | Kind::TuplePattern | Kind::ListPattern | Kind::Tuple | Kind::List | Kind::ExpressionList => {
                let kids = self.kids(node);
                Pattern::Sequence(kids.iter().map(|child| self.item(child.node, scope)).collect())
            }
            Kind::ParenthesizedExpression | Kind::AsPatternTarget => match self.kids(node).first() {
                Some(inner) => self.target(inner.node, scope),
                None => Pattern::Ignore,
            },
            _ => {
                self.set_aside.push(node);
                Pattern::Ignore
            }
        }
    }

    fn name_target(&mut self, node: Node<'t>, scope: Scope) -> Pattern {
        let name = self.name(node);
        if name.is_empty() {
            return Pattern::Ignore;
        }
        match scope {
            Scope::Function => {
                self.builder.declare(&name);
                Pattern::Name(name)
            }
            Scope::Comprehension => {
                let fresh = self.builder.fresh(&name);
                self.renamed.push((name, Some(fresh.clone())));
                Pattern::Name(fresh)
            }
        }
    }

    fn attribute_target(&mut self, node: Node<'t>) -> Pattern {
        let kids = self.kids(node);
        let Some(object) = self.expr_in(&kids, Field::Object) else { return Pattern::Ignore };
        match self.in_field(&kids, Field::Attribute) {
            Some(name) => Pattern::Member { object, name: self.name(name) },
            None => Pattern::Ignore,
        }
    }

    pub(super) fn subscript_target(&mut self, node: Node<'t>) -> Pattern {
        let kids = self.kids(node);
        let Some(object) = self.expr_in(&kids, Field::Value) else { return Pattern::Ignore };
        let keys: Vec<_> =
            kids.iter().filter(|child| self.kinds.field(child) == Field::Subscript).map(|child| child.node).collect();
        Pattern::Index { object, index: self.index(node, &keys) }
    }

    fn item(&mut self, node: Node<'t>, scope: Scope) -> SequencePatternItem {
        match self.splatted(node) {
            Some(inner) => SequencePatternItem { pattern: self.target(inner, scope), default: None, rest: true },
            None => SequencePatternItem { pattern: self.target(node, scope), default: None, rest: false },
        }
    }
}
