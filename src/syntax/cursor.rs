//! Walking syntax trees: children in one pass, source text of nodes, error regions.

use smallvec::SmallVec;
use tree_sitter::{Node, Tree, TreeCursor};

use crate::span::Span;

/// A child with the grammar's field it stands in; zero when it stands in none.
#[derive(Debug, Clone, Copy)]
pub struct Child<'t> {
    /// The node.
    pub node: Node<'t>,
    /// The grammar's number of the field, or zero.
    pub field: u16,
}

/// The children of one node.
pub type Children<'t> = SmallVec<[Child<'t>; 6]>;

/// Reads a tree with a single cursor. Asking a node for its n-th child costs time in n, so that loops over long lists
/// would be quadratic; a cursor of one's own for each node would allocate each time.
pub struct TreeReader<'t> {
    cursor: TreeCursor<'t>,
    text: &'t str,
}

impl<'t> TreeReader<'t> {
    /// A reader of a tree over the text it was parsed from.
    pub fn new(tree: &'t Tree, text: &'t str) -> Self {
        Self { cursor: tree.walk(), text }
    }

    /// The children that pass a test, in order.
    pub fn children(&mut self, of: Node<'t>, mut keep: impl FnMut(Node<'t>) -> bool) -> Children<'t> {
        let mut found = Children::new();
        self.cursor.reset(of);
        let mut more = self.cursor.goto_first_child();
        while more {
            let node = self.cursor.node();
            if keep(node) {
                found.push(Child { node, field: self.cursor.field_id().map_or(0, u16::from) });
            }
            more = self.cursor.goto_next_sibling();
        }
        found
    }

    /// The source text of a node.
    pub fn text(&self, node: Node<'_>) -> &'t str {
        self.slice(node.start_byte(), node.end_byte())
    }

    /// The source text between two bytes; empty when they are no boundaries of characters.
    pub fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }
}

/// Where a node stands.
pub fn span_of(node: Node<'_>) -> Span {
    Span::new(node.start_byte() as u32, node.end_byte() as u32)
}

/// The outermost regions that did not parse, and the places where something is missing, in order.
pub fn syntax_errors(tree: &Tree) -> Vec<Span> {
    let mut found = Vec::new();
    if !tree.root_node().has_error() {
        return found;
    }
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let broken = node.is_error() || node.is_missing();
        if broken {
            found.push(place_of(node));
        }
        if !broken && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

/// Where a broken region is shown: from the last bracket in it that nothing closes, because without its end the region
/// may reach back to the beginning of the file.
fn place_of(broken: Node<'_>) -> Span {
    let span = span_of(broken);
    let mut open = Vec::new();
    let mut cursor = broken.walk();
    for child in broken.children(&mut cursor) {
        match child.kind() {
            "(" | "[" | "{" => open.push(child.start_byte() as u32),
            ")" | "]" | "}" => drop(open.pop()),
            _ => {}
        }
    }
    open.last().map_or(span, |&start| Span::new(start, span.end))
}

/// The comments that contain a word, in order. Asking a tree for the node at a byte costs time in the number of siblings
/// before it, so that the comments are gathered in one walk instead.
pub fn comments_with<'t>(tree: &'t Tree, text: &str, word: &str) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    let mut wanted = memchr::memmem::find_iter(text.as_bytes(), word).peekable();
    let mut cursor = tree.walk();
    while let Some(&at) = wanted.peek() {
        let node = cursor.node();
        if node.end_byte() > at && node.kind() == "comment" {
            found.push(node);
            while wanted.next_if(|at| *at < node.end_byte()).is_some() {}
        } else if node.end_byte() > at && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
        // What stands before this node and in no comment is not wanted.
        while wanted.next_if(|at| *at < cursor.node().start_byte()).is_some() {}
    }
    found
}
