//! The stack of half-read values, shared by the YAML and the JSON syntax.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::super::{DocumentError, Documents, Entry, MAX_ALIASED_NODES, MAX_DEPTH, Mapping, Node, NodeKind};
use crate::note::{Note, NoteKind};
use crate::span::{Location, SourceFile, Span};

/// Collects values from events.
pub(super) struct Builder<'a> {
    file: &'a Arc<SourceFile>,
    frames: Vec<Frame>,
    roots: Vec<Node>,
    notes: Vec<Note>,
    anchors: BTreeMap<usize, Node>,
    aliased: usize,
}

/// What an event says about a value besides the value.
#[derive(Default)]
pub(super) struct Marks {
    /// The anchor's number; 0 is none.
    pub(super) anchor: usize,
    /// The tag, as written.
    pub(super) tag: Option<String>,
}

struct Frame {
    value: Partial,
    start: u32,
    marks: Marks,
}

enum Partial {
    Sequence(Vec<Node>),
    Mapping(PartialMapping),
}

#[derive(Default)]
struct PartialMapping {
    entries: Vec<Entry>,
    index: FxHashMap<SmolStr, usize>,
    key: Option<(SmolStr, Span)>,
    merges: Vec<Node>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(file: &'a Arc<SourceFile>) -> Self {
        Self { file, frames: Vec::new(), roots: Vec::new(), notes: Vec::new(), anchors: BTreeMap::new(), aliased: 0 }
    }

    pub(super) fn finish(self) -> Documents {
        let notes = Note::not_utf8(self.file).into_iter().chain(self.notes).collect();
        Documents { file: Arc::clone(self.file), roots: self.roots, notes }
    }

    /// Anchors are per document.
    pub(super) fn start_document(&mut self) {
        self.anchors.clear();
    }

    pub(super) fn open_sequence(&mut self, start: u32, marks: Marks) -> Result<(), DocumentError> {
        self.open(Frame { value: Partial::Sequence(Vec::new()), start, marks })
    }

    pub(super) fn open_mapping(&mut self, start: u32, marks: Marks) -> Result<(), DocumentError> {
        self.open(Frame { value: Partial::Mapping(PartialMapping::default()), start, marks })
    }

    fn open(&mut self, frame: Frame) -> Result<(), DocumentError> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(self.error(frame.start, format!("values nest deeper than {MAX_DEPTH} levels")));
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Ends the innermost list or dictionary. `end` is where its closing bracket ends, if it has one.
    pub(super) fn close(&mut self, end: u32) {
        let Some(frame) = self.frames.pop() else { return };
        let (kind, last) = match frame.value {
            Partial::Sequence(items) => {
                let last = items.last().map(|item| item.span.end);
                (NodeKind::Sequence(items), last)
            }
            Partial::Mapping(mapping) => {
                let last = mapping.entries.last().map(|entry| entry.value.span.end);
                (NodeKind::Mapping(Mapping { entries: mapping.merged() }), last)
            }
        };
        let bracketed = matches!(self.file.text.as_bytes().get(frame.start as usize), Some(b'[' | b'{'));
        let end = if bracketed { end } else { last.unwrap_or(frame.start) };
        let node = Node { kind, span: Span::new(frame.start, end.max(frame.start)), tag: None };
        self.value(node, frame.marks);
    }

    /// Adds a complete value.
    pub(super) fn value(&mut self, node: Node, marks: Marks) {
        let node = tagged(node, marks.tag);
        if marks.anchor != 0 {
            self.anchors.insert(marks.anchor, node.clone());
        }
        self.place(node);
    }

    /// Adds a copy of an anchored value.
    pub(super) fn alias(&mut self, anchor: usize, span: Span) -> Result<(), DocumentError> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(self.error(span.start, "this alias refers to a value that contains it"));
        };
        let (size, depth) = extent(node);
        if self.frames.len() + depth > MAX_DEPTH {
            return Err(self.error(span.start, format!("values nest deeper than {MAX_DEPTH} levels")));
        }
        self.aliased += size;
        if self.aliased > MAX_ALIASED_NODES {
            return Err(self.error(span.start, format!("the aliases expand to more than {MAX_ALIASED_NODES} values")));
        }
        let node = node.clone();
        self.place(node);
        Ok(())
    }

    fn place(&mut self, node: Node) {
        match self.frames.last_mut().map(|frame| &mut frame.value) {
            None => self.roots.push(node),
            Some(Partial::Sequence(items)) => items.push(node),
            Some(Partial::Mapping(mapping)) => {
                let place = node.span;
                if let Some(message) = mapping.place(node) {
                    self.notes.push(Note::at(NoteKind::Template, Location::new(self.file, place), message));
                }
            }
        }
    }

    pub(super) fn error(&self, offset: u32, message: impl Into<String>) -> DocumentError {
        DocumentError::new(self.file, offset, message)
    }
}

impl PartialMapping {
    /// Adds a key or the value of the key before; says what was odd about it.
    fn place(&mut self, node: Node) -> Option<String> {
        let Some((key, key_span)) = self.key.take() else {
            let (key, odd) = match &node.kind {
                NodeKind::Scalar(scalar) => (scalar.text.clone(), None),
                _ => (SmolStr::default(), Some("expected a string as key; the entry was skipped".to_owned())),
            };
            self.key = Some((key, node.span));
            return odd;
        };
        if key == "<<" {
            self.merges.push(node);
            return None;
        }
        if let Some(&at) = self.index.get(&key) {
            let message = format!("`{key}` stands here twice; the last one counts");
            self.entries[at] = Entry { key, key_span, value: node };
            return Some(message);
        }
        self.index.insert(key.clone(), self.entries.len());
        self.entries.push(Entry { key, key_span, value: node });
        None
    }

    /// The entries, with those of merged dictionaries behind them as far as they have other keys.
    fn merged(mut self) -> Vec<Entry> {
        for merge in std::mem::take(&mut self.merges) {
            for source in merge.items() {
                for entry in source.entries() {
                    if !self.index.contains_key(&entry.key) {
                        self.index.insert(entry.key.clone(), self.entries.len());
                        self.entries.push(entry.clone());
                    }
                }
            }
        }
        self.entries
    }
}

/// How many values a value consists of, and how deep it nests.
fn extent(node: &Node) -> (usize, usize) {
    let (mut size, mut deepest) = (0, 0);
    let mut open = vec![(node, 1)];
    while let Some((node, depth)) = open.pop() {
        size += 1;
        deepest = deepest.max(depth);
        match &node.kind {
            NodeKind::Scalar(_) => {}
            NodeKind::Sequence(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            NodeKind::Mapping(mapping) => open.extend(mapping.entries.iter().map(|entry| (&entry.value, depth + 1))),
        }
        if size > MAX_ALIASED_NODES {
            break;
        }
    }
    (size, deepest)
}

/// Intrinsic functions whose short form is a tag without `Fn::`: `!Sub` is `Fn::Sub`.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>
const PREFIXED: [&str; 17] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "ForEach",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
];

/// Writes a short-form tag out: `!Sub x` becomes `{"Fn::Sub": x}`.
fn tagged(mut node: Node, tag: Option<String>) -> Node {
    let Some(tag) = tag else { return node };
    let name = tag.strip_prefix('!').unwrap_or(&tag);
    let key: SmolStr = match name {
        "Ref" | "Condition" => name.into(),
        "Transform" | "ToJsonString" => ["Fn::", name].concat().into(),
        _ if PREFIXED.contains(&name) => ["Fn::", name].concat().into(),
        _ if name.starts_with("Rain::") => name.into(),
        _ => {
            node.tag = Some(tag.into());
            return node;
        }
    };
    let span = node.span;
    Node::mapping(vec![Entry { key, key_span: span, value: node }], span)
}
