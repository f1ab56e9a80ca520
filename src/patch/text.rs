//! Replacing parts of a file and leaving every other byte as it is.

use std::ops::Range;
use std::sync::Arc;

use crate::span::SourceFile;

/// The changes of one file.
#[derive(Debug)]
pub(super) struct Edits {
    file: Arc<SourceFile>,
    list: Vec<(Range<usize>, String)>,
}

impl Edits {
    pub(super) fn new(file: &Arc<SourceFile>) -> Self {
        Self { file: Arc::clone(file), list: Vec::new() }
    }

    /// Puts a text in the place of some bytes.
    pub(super) fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.list.push((range, text.into()));
    }

    /// Puts a text before a byte.
    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    /// The file with all changes. Line ends are those that the file has already. Nothing when changes are about the same bytes.
    pub(super) fn apply(mut self) -> Option<String> {
        // Stable: what is put at one place stands in the order in which it came.
        self.list.sort_by_key(|(range, _)| (range.start, range.end));
        let text = &self.file.text;
        let crlf = text.contains("\r\n");
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (range, new) in &self.list {
            out.push_str(text.get(at..range.start)?);
            text.get(range.clone())?;
            let new = if crlf { new.replace("\r\n", "\n").replace('\n', "\r\n") } else { new.clone() };
            out.push_str(&new);
            at = range.end;
        }
        out.push_str(text.get(at..)?);
        Some(out)
    }
}

/// Where the line of a byte starts.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |found| found + 1)
}

/// Where the line of a byte ends, behind its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |found| at + found + 1)
}

/// How far a line is indented.
pub(super) fn indent_of(text: &str, at: usize) -> usize {
    let line = &text[line_start(text, at)..];
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_leave_the_rest_and_its_line_ends() {
        let file = SourceFile::new("a", "one\r\ntwo\r\nthree\r\n");
        let mut edits = Edits::new(&file);
        edits.replace(5..8, "zwei\nhalb");
        edits.insert(0, "null ");
        assert_eq!(edits.apply().as_deref(), Some("null one\r\nzwei\r\nhalb\r\nthree\r\n"));
        let mut edits = Edits::new(&file);
        edits.replace(0..8, "");
        edits.replace(5..9, "");
        assert_eq!(edits.apply(), None);
    }
}
