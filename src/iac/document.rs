//! YAML and JSON with positions: every value knows the bytes it was written with.
//!
//! One loader serves both formats. `CloudFormation`'s short-form tags are normalized to the long form on the way in, so that
//! `!Ref Orders` and `{"Ref": "Orders"}` are the same [`Node`]. Aliases are expanded under a bound, merge keys are applied, nesting
//! is bounded; nothing here recurses over the input.

mod loader;
mod node;

use std::sync::Arc;

pub use node::{Entry, Mapping, Meaning, Node, NodeKind, Scalar};

use crate::note::{Note, NoteKind};
use crate::span::{Location, SourceFile, Span};

/// How deep values may nest.
pub const MAX_DEPTH: usize = 200;
/// How many values the aliases of one file may add.
pub const MAX_ALIASED_NODES: usize = 100_000;

/// The values of one file.
#[derive(Debug, Clone)]
pub struct Documents {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Its documents, in order: one for JSON, any number for YAML.
    pub roots: Vec<Node>,
    /// Oddities that do not stop reading: duplicate keys, keys that are no strings.
    pub notes: Vec<Note>,
}

impl Documents {
    /// The first document that is a mapping, which is what every template is.
    pub fn mapping(&self) -> Option<&Node> {
        self.roots.iter().find(|root| root.as_mapping().is_some())
    }
}

/// A file that is neither YAML nor JSON, with what was expected where.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}:{line}:{column}: {message}", .at.file.path)]
pub struct DocumentError {
    /// The place.
    pub at: Location,
    /// One-based line.
    pub line: u32,
    /// One-based column, in characters.
    pub column: u32,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl DocumentError {
    pub(crate) fn new(file: &Arc<SourceFile>, offset: u32, message: impl Into<String>) -> Self {
        let (line, column) = file.line_column(offset);
        Self { at: Location::new(file, Span::new(offset, offset)), line, column, message: message.into() }
    }

    /// The error as a note, for readers that go on with other files.
    pub fn to_note(&self) -> Note {
        let message = format!("line {}, column {}: {}", self.line, self.column, self.message);
        Note::at(NoteKind::Template, self.at.clone(), message)
    }
}

/// Reads a YAML or JSON file.
pub fn read(file: &Arc<SourceFile>) -> Result<Documents, DocumentError> {
    loader::load(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        read(&SourceFile::new("t.yaml", text)).expect("readable").roots.remove(0)
    }

    fn error(text: &str) -> String {
        read(&SourceFile::new("t.yaml", text)).expect_err("broken").to_string()
    }

    #[test]
    fn short_forms_become_long_forms() {
        let root = one("a: !Ref Orders\nb: !GetAtt Orders.Arn\nc: !Sub\n  - x${y}\n  - {y: 1}\nd: !Custom 1\n");
        assert_eq!(root.get("a").and_then(|a| a.get("Ref")).and_then(Node::as_str), Some("Orders"));
        assert_eq!(root.get("b").and_then(|b| b.get("Fn::GetAtt")).and_then(Node::as_str), Some("Orders.Arn"));
        assert_eq!(root.get("c").and_then(|c| c.get("Fn::Sub")).and_then(Node::as_sequence).map(<[Node]>::len), Some(2));
        assert_eq!(root.get("d").and_then(|d| d.tag.as_deref()), Some("!Custom"));
    }

    #[test]
    fn spans_are_bytes_even_behind_wide_characters() {
        let text = "ä: ö\nkey: value # ü\n";
        let root = one(text);
        let value = root.get("key").expect("present");
        assert_eq!(&text[value.span.start as usize..value.span.end as usize], "value");
        let entry = &root.as_mapping().expect("mapping").entries[1];
        assert_eq!(&text[entry.key_span.start as usize..entry.key_span.end as usize], "key");
    }

    #[test]
    fn json_with_tabs_bom_and_surrogates() {
        let root = one("\u{feff}{\r\n\t\"a\": [1, \"\\ud83d\\ude00\\/\"],\r\n\t\"b\": null}\r\n");
        let items = root.get("a").and_then(Node::as_sequence).expect("list");
        assert_eq!(items[1].as_str(), Some("\u{1f600}/"));
        assert!(root.get("b").is_some_and(Node::is_null));
    }

    #[test]
    fn brackets_may_close_left_of_where_they_belong() {
        let text = "a:\n    b: [\n      {x: 1,\n      y: 2\n   }\n]\nc: ü\n";
        let root = one(text);
        assert_eq!(root.path(&["a", "b"]).and_then(Node::as_sequence).map(<[Node]>::len), Some(1));
        let c = root.get("c").expect("present");
        assert_eq!(&text[c.span.start as usize..c.span.end as usize], "ü");
    }

    #[test]
    fn quoted_texts_may_go_on_left_of_where_they_belong() {
        let text = "- a:\n    b: 'ö it''s\n    one\n\n  text'\n    c: \"x \\\"y\\\n  z\n    \"\n    d: ü\n  e: 1\n";
        let root = one(text);
        let a = root.items()[0].get("a").expect("present");
        assert_eq!(a.get("b").and_then(Node::as_str), Some("ö it's one\ntext"));
        assert_eq!(a.get("c").and_then(Node::as_str), Some("x \"yz "));
        let written = |node: &Node| text[node.span.start as usize..node.span.end as usize].to_owned();
        assert_eq!(a.get("b").map(written).as_deref(), Some("'ö it''s\n    one\n\n  text'"));
        assert_eq!(a.get("c").map(written).as_deref(), Some("\"x \\\"y\\\n  z\n    \""));
        assert_eq!(a.get("d").map(written).as_deref(), Some("ü"));
        assert_eq!(root.items()[0].get("e").map(written).as_deref(), Some("1"));
        assert!(error("a:\n  b: 'c\n d\n").starts_with("t.yaml:2:6:"), "{}", error("a:\n  b: 'c\n d\n"));
    }

    #[test]
    fn merge_keys_give_way_to_own_keys() {
        let root = one("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n");
        let merged = root.get("use").expect("present");
        assert_eq!(merged.get("x").and_then(Node::as_str), Some("1"));
        assert_eq!(merged.get("y").and_then(Node::as_str), Some("3"));
    }

    #[test]
    fn bombs_and_bottomless_nesting_are_errors() {
        let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (previous, name) in ('a'..='i').zip('b'..='j') {
            let aliases = vec![format!("*{previous}"); 10].join(",");
            bomb.extend([name.to_string(), format!(": &{name} [{aliases}]\n")]);
        }
        assert!(error(&bomb).contains("aliases"), "{}", error(&bomb));
        assert!(error(&"[".repeat(100_000)).starts_with("t.yaml:1:"));
        assert!(error(&"{\"a\":".repeat(100_000)).starts_with("t.yaml:1:"));
        assert!(error(&"- ".repeat(100_000)).contains("nest"));
        assert!(error("a: &x [*x]\n").contains("alias"));
    }

    #[test]
    fn duplicate_keys_are_noted_and_the_last_wins() {
        let documents = read(&SourceFile::new("t.yaml", "a: 1\na: 2\n---\nb: 3\n")).expect("readable");
        assert_eq!(documents.roots.len(), 2);
        assert_eq!(documents.roots[0].get("a").and_then(Node::as_str), Some("2"));
        assert_eq!(documents.notes.len(), 1);
    }

    #[test]
    fn errors_say_where_and_what() {
        let json = read(&SourceFile::new("t.json", "{\"a\": 1,\n \"b\" 2}")).expect_err("broken");
        assert_eq!(json.to_string(), "t.json:2:6: expected `:` after the key, found `2`");
        assert!(error("a:\n\t- b\n").starts_with("t.yaml:2:"), "{}", error("a:\n\t- b\n"));
    }
}
