//! What takes a value: in declarations, parameters and assignments alike.

use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use crate::ids::ExprId;
use crate::ir::{EntryKey, Expr, ObjectPatternEntry, Pattern, SequencePatternItem};

impl<'a> Lowerer<'a> {
    /// A pattern.
    pub(super) fn pattern(&mut self, node: Node<'a>) -> Pattern {
        if !self.enter(node) {
            return Pattern::Ignore;
        }
        let pattern = self.dispatch_pattern(node);
        self.leave();
        pattern
    }

    fn dispatch_pattern(&mut self, node: Node<'a>) -> Pattern {
        let node = self.bare(node);
        match self.kind(node) {
            Kind::Identifier | Kind::ShorthandPattern | Kind::Shorthand => Pattern::Name(self.resolve(node)),
            Kind::Undefined => Pattern::Ignore,
            Kind::ObjectPattern => self.object_pattern(node),
            Kind::ArrayPattern => self.array_pattern(node),
            _ => {
                let place = self.expr(node);
                self.written(place, node)
            }
        }
    }

    /// An expression in the place of a pattern: what it reads is what is written.
    fn written(&mut self, place: ExprId, node: Node<'a>) -> Pattern {
        match self.builder.frame.body.exprs[place].clone() {
            Expr::Name(name) => Pattern::Name(name),
            Expr::Member { object, name } => Pattern::Member { object, name },
            Expr::Index { object, index } => Pattern::Index { object, index },
            _ => {
                // Broken code such as `f() = x`: evaluated, and written to nowhere.
                let index = self.add(Expr::Missing, node);
                Pattern::Index { object: place, index }
            }
        }
    }

    /// A pattern with a default.
    fn pattern_or_default(&mut self, node: Node<'a>) -> (Pattern, Option<ExprId>) {
        if !matches!(self.kind(node), Kind::AssignmentPattern | Kind::ObjectAssignmentPattern | Kind::Assignment) {
            return (self.pattern(node), None);
        }
        let children = self.children(node);
        let left = children.field(Field::Left);
        let default = match (left, children.field(Field::Right)) {
            (Some(left), Some(right)) => Some(self.named_value(left, right)),
            (_, right) => right.map(|right| self.expr(right)),
        };
        (left.map_or(Pattern::Ignore, |left| self.pattern(left)), default)
    }

    fn object_pattern(&mut self, node: Node<'a>) -> Pattern {
        let children = self.children(node);
        let mut entries = Vec::new();
        let mut rest = None;
        for child in children.named() {
            match child.kind {
                Kind::RestPattern => {
                    let inner = self.children(child.node).first();
                    rest = inner.map(|inner| Box::new(self.pattern(inner)));
                }
                Kind::PairPattern | Kind::Pair => entries.extend(self.pair_pattern(child.node)),
                _ => entries.push(self.shorthand_pattern(child.node)),
            }
        }
        Pattern::Object { entries, rest }
    }

    fn pair_pattern(&mut self, node: Node<'a>) -> Option<ObjectPatternEntry> {
        let children = self.children(node);
        let key = self.entry_key(children.field(Field::Key)?);
        let (pattern, default) = self.pattern_or_default(children.field(Field::Value)?);
        Some(ObjectPatternEntry { key, pattern, default })
    }

    /// `{ name }` and `{ name = default }`.
    fn shorthand_pattern(&mut self, node: Node<'a>) -> ObjectPatternEntry {
        let (pattern, default) = self.pattern_or_default(node);
        let name = match self.kind(node) {
            Kind::ObjectAssignmentPattern => self.child(node, Field::Left).map_or("", |left| self.text(left)),
            _ => self.text(node),
        };
        ObjectPatternEntry { key: EntryKey::Name(name.into()), pattern, default }
    }

    fn array_pattern(&mut self, node: Node<'a>) -> Pattern {
        let children = self.children(node);
        let mut items = Vec::new();
        let mut is_hole = true;
        for child in children.all() {
            match child.node.kind() {
                "," if is_hole => items.push(SequencePatternItem { pattern: Pattern::Ignore, default: None, rest: false }),
                "," => is_hole = true,
                _ if child.node.is_named() => {
                    items.push(self.array_pattern_item(child.node));
                    is_hole = false;
                }
                _ => {}
            }
        }
        Pattern::Sequence(items)
    }

    fn array_pattern_item(&mut self, node: Node<'a>) -> SequencePatternItem {
        if self.kind(node) == Kind::RestPattern {
            let inner = self.children(node).first();
            let pattern = inner.map_or(Pattern::Ignore, |inner| self.pattern(inner));
            return SequencePatternItem { pattern, default: None, rest: true };
        }
        let (pattern, default) = self.pattern_or_default(node);
        SequencePatternItem { pattern, default, rest: false }
    }
}
