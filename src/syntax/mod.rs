//! Source text to syntax trees. Parsing never fails: what the grammar cannot read becomes an error node inside the tree.

mod cursor;
mod language;

pub use cursor::{Child, Children, TreeReader, comments_with, span_of, syntax_errors};
pub use language::Language;

use std::cell::RefCell;
use std::sync::Arc;

use tree_sitter::{Parser, Tree};

use crate::span::SourceFile;

/// A parsed file.
#[derive(Debug)]
pub struct Parsed {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The concrete syntax tree; its offsets are bytes of the file's text.
    pub tree: Tree,
}

thread_local! {
    /// One parser per thread and language: making a parser costs more than parsing a small file.
    static PARSERS: RefCell<[Option<Parser>; Language::ALL.len()]> = const { RefCell::new([const { None }; Language::ALL.len()]) };
}

/// Parses a file.
#[expect(clippy::missing_panics_doc, reason = "no input can cause one: the parser has a language and no timeout")]
pub fn parse(file: Arc<SourceFile>, language: Language) -> Parsed {
    let tree = PARSERS.with_borrow_mut(|parsers| {
        let parser = parsers[language as usize].get_or_insert_with(|| new_parser(language));
        parser.parse(&file.text, None).expect("a parser with a language and without a timeout always yields a tree")
    });
    Parsed { file, tree }
}

fn new_parser(language: Language) -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&language.grammar()).expect("the grammars are built against this version of the runtime");
    parser
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_parses() {
        for language in Language::ALL {
            let parsed = parse(SourceFile::new("a", "f(1)\n"), language);
            assert!(!parsed.tree.root_node().has_error(), "{language:?}");
        }
    }

    #[test]
    fn broken_text_still_has_a_tree() {
        let parsed = parse(SourceFile::new("a.py", "def f(:\n  boto3.client('s3'\n"), Language::Python);
        assert!(!syntax_errors(&parsed.tree).is_empty());
    }
}
