//! `leash:` directives in comments.

use smol_str::SmolStr;
use tree_sitter::{Node, Tree};

use super::node::span;
use crate::span::Span;
use crate::syntax;

const MARK: &str = "leash:";

/// The comments that begin with `leash:`, with what follows it.
pub(super) fn directives(text: &str, tree: &Tree) -> Vec<(Span, SmolStr)> {
    syntax::comments_with(tree, text, MARK).into_iter().filter_map(|node| directive(text, node)).collect()
}

fn directive(text: &str, node: Node<'_>) -> Option<(Span, SmolStr)> {
    let comment = text.get(node.byte_range())?;
    let rest = comment.strip_prefix('/')?.trim_start_matches(['/', '*']).trim_start().strip_prefix(MARK)?;
    Some((span(node), rest.trim_end_matches("*/").trim().into()))
}
