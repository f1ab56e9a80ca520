//! Python.

use std::sync::Arc;

use super::ctx::Builder;
use crate::ir::{Exports, Module};
use crate::span::SourceFile;
use crate::syntax;

/// Lowers a parsed file.
pub(super) fn lower(file: Arc<SourceFile>, tree: &tree_sitter::Tree) -> Module {
    let mut builder = Builder::new(file, Exports::Globals);
    builder.module.syntax_errors = syntax::syntax_errors(tree);
    builder.finish(Vec::new())
}
