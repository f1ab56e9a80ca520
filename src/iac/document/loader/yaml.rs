//! YAML, by way of `saphyr-parser`'s events.

use std::borrow::Cow;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::super::{DocumentError, Documents, Node, NodeKind, Scalar};
use super::build::{Builder, Marks};
use crate::span::{SourceFile, Span};

/// How many lines may be indented less than YAML wants before the file counts as broken.
const MAX_REPAIRS: usize = 32;

/// Reads YAML that starts `skipped` bytes into the file.
///
/// Brackets may span lines that are indented less than their surroundings; that is wrong in YAML 1.2, but AWS's tools read it. Such
/// a line is joined to the one before, without moving a byte.
pub(super) fn load(file: &Arc<SourceFile>, skipped: usize) -> Result<Documents, DocumentError> {
    let mut text = Cow::Borrowed(&file.text[skipped..]);
    let mut repairs = 0;
    loop {
        match events(file, &text, skipped) {
            Err(Failure::Syntax { message, at }) => {
                let joined = if repairs < MAX_REPAIRS { join_line(&text, &message, at as usize - skipped) } else { None };
                let Some(joined) = joined else { return Err(DocumentError::new(file, at, message)) };
                text = Cow::Owned(joined);
                repairs += 1;
            }
            Err(Failure::Document(error)) => return Err(error),
            Ok(documents) => return Ok(documents),
        }
    }
}

enum Failure {
    Syntax { message: String, at: u32 },
    Document(DocumentError),
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}

fn events(file: &Arc<SourceFile>, text: &str, skipped: usize) -> Result<Documents, Failure> {
    let offsets = Offsets::new(text, skipped as u32);
    let mut builder = Builder::new(file);
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| Failure::Syntax { message: error.info().to_owned(), at: offsets.byte(*error.marker()) })?;
        let span = Span::new(offsets.byte(span.start), offsets.byte(span.end));
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

/// The text with the line at `at` joined to the one before, when its indentation is what is wrong.
fn join_line(text: &str, message: &str, at: usize) -> Option<String> {
    if !matches!(message, "invalid indentation" | "invalid indentation in flow construct") {
        return None;
    }
    let before = text.get(..at)?;
    let kept = before.trim_end().len();
    let last_line = before[..kept].rsplit('\n').next().unwrap_or_default();
    if !before[kept..].contains('\n') || last_line.contains('#') {
        return None;
    }
    Some([&text[..kept], &" ".repeat(at - kept), &text[at..]].concat())
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
    base: u32,
    /// Byte offset of every character and of the end; empty when they are the same.
    bytes: Vec<u32>,
    len: u32,
}

impl Offsets {
    fn new(text: &str, base: u32) -> Self {
        let len = text.len() as u32;
        let bytes = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at as u32).collect() };
        Self { base, bytes, len }
    }

    fn byte(&self, marker: Marker) -> u32 {
        let index = marker.index();
        let local = if self.bytes.is_empty() { index as u32 } else { self.bytes.get(index).copied().unwrap_or(self.len) };
        self.base + local.min(self.len)
    }
}
