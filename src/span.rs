//! Places in source files: which file, which bytes. Lines and columns are computed only when something is shown.

use std::path::Path;
use std::sync::Arc;

/// A file that was read, shared by everything that points into it.
#[derive(Debug)]
pub struct SourceFile {
    /// Path as shown to the user: relative to the folder leash was pointed at, with `/` separators.
    pub path: String,
    /// The text; invalid UTF-8 was replaced while reading.
    pub text: String,
    /// Byte offset of each line's first byte.
    lines: Vec<u32>,
    /// Where the first bytes stood that were no UTF-8.
    replaced: Option<u32>,
}

impl SourceFile {
    /// Wraps text that was read from `path`.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        let mut lines = vec![0];
        lines.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        Arc::new(Self { path: path.into(), text, lines, replaced: None })
    }

    /// Wraps the content of a file. What is no UTF-8 is replaced; [`SourceFile::replaced`] says where it starts.
    pub fn from_bytes(path: impl Into<String>, bytes: Vec<u8>) -> Arc<Self> {
        let (text, replaced) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to() as u32;
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(valid))
            }
        };
        let mut file = Self::new(path, text);
        if let Some(file) = Arc::get_mut(&mut file) {
            file.replaced = replaced;
        }
        file
    }

    /// Where the first bytes stood that were no UTF-8, if there were any.
    pub fn replaced(self: &Arc<Self>) -> Option<Location> {
        self.replaced.map(|at| Location::new(self, Span::new(at, at)))
    }

    /// One-based line and column (in characters) of a byte offset; offsets past the end give the last position.
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let line = self.lines.partition_point(|&start| start <= offset).max(1);
        let start = self.lines[line - 1] as usize;
        let mut end = (offset as usize).min(self.text.len()).max(start);
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let column = self.text[start..end].chars().count() + 1;
        (line as u32, column as u32)
    }

    /// The text of a one-based line without its line break, or nothing past the end.
    pub fn line(&self, line: u32) -> Option<&str> {
        let start = *self.lines.get((line as usize).checked_sub(1)?)? as usize;
        let rest = &self.text[start..];
        Some(rest.split('\n').next().unwrap_or(rest).trim_end_matches('\r'))
    }

    /// File name without its folders.
    pub fn name(&self) -> &str {
        Path::new(&self.path).file_name().and_then(|name| name.to_str()).unwrap_or(&self.path)
    }
}

/// A byte range in a file that the context names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A range of bytes.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }
}

/// A place that knows its file, so that it can be shown anywhere.
#[derive(Debug, Clone)]
pub struct Location {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The bytes within it.
    pub span: Span,
}

impl Location {
    /// A range of bytes in a file.
    pub fn new(file: &Arc<SourceFile>, span: Span) -> Self {
        Self { file: Arc::clone(file), span }
    }

    /// One-based line.
    pub fn line(&self) -> u32 {
        self.file.line_column(self.span.start).0
    }

    /// One-based column, in characters.
    pub fn column(&self) -> u32 {
        self.file.line_column(self.span.start).1
    }

    /// `path:line`, the form every message uses.
    pub fn short(&self) -> String {
        format!("{}:{}", self.file.path, self.line())
    }

    /// How the files compare: by path, which need not be looked at when they are one.
    fn cmp_files(&self, other: &Self) -> std::cmp::Ordering {
        if Arc::ptr_eq(&self.file, &other.file) { std::cmp::Ordering::Equal } else { self.file.path.cmp(&other.file.path) }
    }
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span && self.cmp_files(other).is_eq()
    }
}

impl Eq for Location {}

impl PartialOrd for Location {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Location {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.cmp_files(other).then_with(|| self.span.cmp(&other.span))
    }
}

impl std::hash::Hash for Location {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.file.path, self.span).hash(state);
    }
}
