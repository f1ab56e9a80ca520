//! Syntax trees to the intermediate form, one lowering per family of languages.

mod ctx;
mod ecma;
mod python;

use std::sync::Arc;

use crate::ir::Module;
use crate::span::SourceFile;
use crate::syntax::{self, Language};

/// Parses a file and lowers it. Broken regions and forms without meaning for the analysis lose precision, never a call.
pub fn lower(file: Arc<SourceFile>, language: Language) -> Module {
    let parsed = syntax::parse(file, language);
    match language {
        Language::Python => python::lower(parsed.file, &parsed.tree),
        Language::JavaScript | Language::TypeScript | Language::Tsx => ecma::lower(parsed.file, language, &parsed.tree),
    }
}
