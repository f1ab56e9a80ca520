//! YAML, by way of `saphyr-parser`'s events.

use std::borrow::Cow;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::super::{DocumentError, Documents, Node, NodeKind, Scalar};
use super::build::{Builder, Marks};
use crate::span::{SourceFile, Span};

/// How many lines and quoted texts may be indented less than YAML wants before the file counts as broken.
const MAX_REPAIRS: usize = 64;

/// Reads YAML that starts `skipped` bytes into the file.
///
/// Brackets and quoted texts may span lines that are indented less than their surroundings; that is wrong in YAML 1.2, but AWS's
/// tools read it. The text is repaired where the parser stops, and every place stays what it is in the file.
pub(super) fn load(file: &Arc<SourceFile>, skipped: usize) -> Result<Documents, DocumentError> {
    let mut source = Source { text: Cow::Borrowed(&file.text[skipped..]), base: skipped as u32, inserted: Vec::new() };
    for repairs in 0.. {
        match events(file, &source) {
            Err(Failure::Syntax { message, at }) => {
                let repaired = if repairs < MAX_REPAIRS { source.repaired(&message, at) } else { None };
                match repaired {
                    Some(repaired) => source = repaired,
                    None => return Err(DocumentError::new(file, source.place(at as u32), message)),
                }
            }
            Err(Failure::Document(error)) => return Err(error),
            Ok(documents) => return Ok(documents),
        }
    }
    Err(DocumentError::new(file, source.base, "the file could not be read"))
}

enum Failure {
    /// What is wrong, and at which byte of the text that was read.
    Syntax {
        message: String,
        at: usize,
    },
    Document(DocumentError),
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}

fn events(file: &Arc<SourceFile>, source: &Source) -> Result<Documents, Failure> {
    let offsets = Offsets::new(&source.text);
    let place = |marker: Marker| source.place(offsets.byte(marker));
    let mut builder = Builder::new(file);
    for event in Parser::new_from_str(&source.text) {
        let (event, span) = event
            .map_err(|error| Failure::Syntax { message: error.info().to_owned(), at: offsets.byte(*error.marker()) as usize })?;
        let span = Span::new(place(span.start), place(span.end));
        match event {
            Event::DocumentStart(_) => builder.start_document(),
            Event::Alias(anchor) => builder.alias(anchor, span)?,
            Event::Scalar(text, style, anchor, tag) => {
                builder.value(scalar(file, &text, style, span), marks(anchor, tag.as_deref()));
            }
            Event::SequenceStart(anchor, tag) => builder.open_sequence(span.start, marks(anchor, tag.as_deref()))?,
            Event::MappingStart(anchor, tag) => builder.open_mapping(span.start, marks(anchor, tag.as_deref()))?,
            Event::SequenceEnd | Event::MappingEnd => builder.close(span.end),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }
    Ok(builder.finish())
}

/// The text that is parsed: the file's, or a repaired one.
struct Source<'a> {
    text: Cow<'a, str>,
    /// Where the text starts in the file.
    base: u32,
    /// What the file does not have: byte offsets in the text, in order, and how many bytes stand there.
    inserted: Vec<(u32, u32)>,
}

impl Source<'_> {
    /// The place in the file of a byte of the text.
    fn place(&self, at: u32) -> u32 {
        let before = self.inserted.iter().take_while(|(start, _)| *start < at);
        let added: u32 = before.map(|(start, count)| (*count).min(at - start)).sum();
        self.base + at - added
    }

    /// The text without what is wrong at `at`, when that is an indentation that other tools put up with.
    fn repaired(&self, message: &str, at: usize) -> Option<Self> {
        match message {
            "invalid indentation" | "invalid indentation in flow construct" => self.joined(at),
            "invalid indentation in quoted scalar" => self.indented(at),
            _ => None,
        }
    }

    /// The text with the line at `at` joined to the one before, without moving a byte.
    fn joined(&self, at: usize) -> Option<Self> {
        let before = self.text.get(..at)?;
        let kept = before.trim_end().len();
        let last_line = before[..kept].rsplit('\n').next().unwrap_or_default();
        if !before[kept..].contains('\n') || last_line.contains('#') {
            return None;
        }
        let text = [&self.text[..kept], &" ".repeat(at - kept), &self.text[at..]].concat();
        Some(Self { text: Cow::Owned(text), base: self.base, inserted: self.inserted.clone() })
    }

    /// The text with all lines of the quoted text at `at` indented as far as its first one. Indentation is no part of quoted texts.
    fn indented(&self, at: usize) -> Option<Self> {
        let (before, quoted) = (self.text.get(..at)?, self.text.get(at..)?);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        let length = quoted_length(quoted)?;
        let indentation = " ".repeat(column);
        let (mut lines, mut inserted) = (String::new(), Vec::new());
        for line in quoted[..length].split_inclusive('\n') {
            if !lines.is_empty() {
                inserted.push(((at + lines.len()) as u32, column as u32));
                lines.push_str(&indentation);
            }
            lines.push_str(line);
        }
        if column == 0 || inserted.is_empty() {
            return None;
        }
        let added = column as u32 * inserted.len() as u32;
        let (earlier, later): (Vec<_>, Vec<_>) = self.inserted.iter().partition(|(start, _)| (*start as usize) < at);
        let moved = later.into_iter().map(|(start, count)| (start + added, count));
        let inserted = earlier.into_iter().chain(inserted).chain(moved).collect();
        let text = [before, &lines, &quoted[length..]].concat();
        Some(Self { text: Cow::Owned(text), base: self.base, inserted })
    }
}

/// How many bytes a quoted text has, with its quotes.
fn quoted_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.first().filter(|quote| matches!(quote, b'\'' | b'"'))?;
    let mut at = 1;
    loop {
        let byte = *bytes.get(at)?;
        let escapes = (byte == b'\\' && quote == b'"') || (byte == b'\'' && quote == byte && bytes.get(at + 1) == Some(&quote));
        match byte {
            _ if escapes => at += 2,
            _ if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

fn scalar(file: &SourceFile, text: &str, style: ScalarStyle, span: Span) -> Node {
    let written = file.text.get(span.start as usize..span.end as usize).unwrap_or_default();
    let end = span.start + written.trim_end().len() as u32;
    let scalar = Scalar {
        text: text.into(),
        plain: style == ScalarStyle::Plain,
        block: matches!(style, ScalarStyle::Literal | ScalarStyle::Folded),
    };
    Node { kind: NodeKind::Scalar(scalar), span: Span::new(span.start, end), tag: None }
}

/// Tags of YAML's own schema (`!!str`) say nothing that matters here.
fn marks(anchor: usize, tag: Option<&Tag>) -> Marks {
    let tag = tag.filter(|tag| !tag.is_yaml_core_schema()).map(|tag| format!("{}{}", tag.handle, tag.suffix));
    Marks { anchor, tag }
}

/// Positions of the parser count characters; ours count bytes.
struct Offsets {
    /// Byte offset of every character and of the end; empty when they are the same.
    bytes: Vec<u32>,
    len: u32,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at as u32).collect() };
        Self { bytes, len: text.len() as u32 }
    }

    fn byte(&self, marker: Marker) -> u32 {
        let index = marker.index();
        let local = if self.bytes.is_empty() { index as u32 } else { self.bytes.get(index).copied().unwrap_or(self.len) };
        local.min(self.len)
    }
}
