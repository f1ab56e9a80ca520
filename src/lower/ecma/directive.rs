//! `leash:` directives in comments.

use memchr::memmem;
use smol_str::SmolStr;
use tree_sitter::Tree;

use super::node::span;
use crate::span::Span;

const MARK: &str = "leash:";

/// The comments that begin with `leash:`, with what follows it.
pub(super) fn directives(text: &str, tree: &Tree) -> Vec<(Span, SmolStr)> {
    memmem::find_iter(text.as_bytes(), MARK).filter_map(|at| directive(text, tree, at)).collect()
}

fn directive(text: &str, tree: &Tree, at: usize) -> Option<(Span, SmolStr)> {
    let node = tree.root_node().descendant_for_byte_range(at, at + MARK.len())?;
    if node.kind() != "comment" {
        return None;
    }
    let opening = text.get(node.start_byte()..at)?.strip_prefix('/')?;
    if !opening.trim_start_matches(['/', '*']).trim().is_empty() {
        return None;
    }
    let rest = text.get(at + MARK.len()..node.end_byte())?;
    Some((span(node), rest.trim_end_matches("*/").trim().into()))
}
