//! The children of a node, fetched in one pass with their kinds and fields.

use smallvec::SmallVec;
use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use crate::span::Span;

/// A child of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Child<'a> {
    /// The child itself.
    pub(super) node: Node<'a>,
    /// What it is.
    pub(super) kind: Kind,
    /// What it is to its parent.
    pub(super) field: Field,
}

/// The children of a node, without comments.
#[derive(Debug)]
pub(super) struct Children<'a>(SmallVec<[Child<'a>; 5]>);

impl<'a> Children<'a> {
    /// The first child in a field.
    pub(super) fn field(&self, field: Field) -> Option<Node<'a>> {
        self.0.iter().find(|child| child.field == field).map(|child| child.node)
    }

    /// The named children in a field.
    pub(super) fn fields(&self, field: Field) -> impl DoubleEndedIterator<Item = Node<'a>> + '_ {
        self.named().filter(move |child| child.field == field).map(|child| child.node)
    }

    /// The first child of a kind.
    pub(super) fn of_kind(&self, kind: Kind) -> Option<Node<'a>> {
        self.0.iter().find(|child| child.kind == kind).map(|child| child.node)
    }

    /// Whether there is a child of a kind.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.of_kind(kind).is_some()
    }

    /// Whether a child of a kind stands before the field's first child: modifiers precede a name.
    pub(super) fn has_before(&self, kind: Kind, field: Field) -> bool {
        self.0.iter().take_while(|child| child.field != field).any(|child| child.kind == kind)
    }

    /// The named children.
    pub(super) fn named(&self) -> impl DoubleEndedIterator<Item = Child<'a>> + '_ {
        self.0.iter().copied().filter(|child| child.node.is_named())
    }

    /// All children, tokens included.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = Child<'a>> + '_ {
        self.0.iter().copied()
    }

    /// The first named child.
    pub(super) fn first(&self) -> Option<Node<'a>> {
        self.named().next().map(|child| child.node)
    }

    /// The last named child.
    pub(super) fn last(&self) -> Option<Node<'a>> {
        self.named().next_back().map(|child| child.node)
    }
}

/// The bytes of a node.
pub(super) fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte() as u32, node.end_byte() as u32)
}

impl<'a> Lowerer<'a> {
    /// What a node is.
    pub(super) fn kind(&self, node: Node<'_>) -> Kind {
        self.grammar.kind(node.kind_id())
    }

    /// The source text of a node.
    pub(super) fn text(&self, node: Node<'_>) -> &'a str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    /// The children of a node, without comments.
    pub(super) fn children(&mut self, node: Node<'a>) -> Children<'a> {
        let mut children = SmallVec::new();
        self.cursor.reset(node);
        let mut more = self.cursor.goto_first_child();
        while more {
            let node = self.cursor.node();
            let kind = self.grammar.kind(node.kind_id());
            if !matches!(kind, Kind::Comment | Kind::HtmlComment) {
                let field = self.cursor.field_id().map_or(Field::Other, |id| self.grammar.field(id.get()));
                children.push(Child { node, kind, field });
            }
            more = self.cursor.goto_next_sibling();
        }
        Children(children)
    }

    /// The first child of a node in a field.
    pub(super) fn child(&mut self, node: Node<'a>, field: Field) -> Option<Node<'a>> {
        self.children(node).field(field)
    }

    /// A node without the parentheses, type assertions and `!` around it.
    pub(super) fn bare(&mut self, mut node: Node<'a>) -> Node<'a> {
        loop {
            let children = match self.kind(node) {
                Kind::Parenthesized | Kind::As | Kind::Satisfies | Kind::NonNull | Kind::Instantiation => {
                    self.children(node).first()
                }
                Kind::TypeAssertion => self.children(node).last(),
                _ => return node,
            };
            match children {
                Some(inner) => node = inner,
                None => return node,
            }
        }
    }
}
