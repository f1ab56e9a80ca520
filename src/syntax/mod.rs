//! Source text to syntax trees. Parsing never fails: what the grammar cannot read becomes an error node inside the tree.

mod cursor;
mod language;
mod respelled;

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
        let mut read =
            |text: &str| parser.parse(text, None).expect("a parser with a language and without a timeout always yields a tree");
        let tree = read(&file.text);
        let again = tree.root_node().has_error().then(|| respelled::respelled(&file.text, language)).flatten();
        let again = again.map(|text| read(&text));
        let has_fewer = |again: &Tree| syntax_errors(again).len() < syntax_errors(&tree).len();
        again.filter(has_fewer).unwrap_or(tree)
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
    fn forms_that_the_grammars_do_not_know_are_read_all_the_same() {
        let assertion = "import a from './a.json' assert { type: 'json' };\nassert({});\n";
        for language in [Language::JavaScript, Language::TypeScript, Language::Tsx] {
            assert!(!parse(SourceFile::new("a", assertion), language).tree.root_node().has_error(), "{language:?}");
        }
        let member = "interface Paper { title?: string; abstract?: string[] }\nabstract class A {}\n";
        assert!(!parse(SourceFile::new("a.ts", member), Language::TypeScript).tree.root_node().has_error());
        let types = "const a = b as import('./t').T[];\nfunction f(a?: import('./t').T<string>): (import('./t').T)[] {}\n\
                     interface I { of: import('./t').T['of'] }\nclass C { own: import('./ü').n.T[] = []; }\n";
        for language in [Language::TypeScript, Language::Tsx] {
            assert!(!parse(SourceFile::new("a.ts", types), language).tree.root_node().has_error(), "{language:?}");
        }
    }

    #[test]
    fn broken_text_still_has_a_tree() {
        let parsed = parse(SourceFile::new("a.py", "def f(:\n  boto3.client('s3'\n"), Language::Python);
        assert!(!syntax_errors(&parsed.tree).is_empty());
    }
}
