//! Policy documents that are given as JSON text. `CloudFormation` takes them where it takes a document, also when `Fn::Sub` or
//! `Fn::Join` makes the text.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html>

use smol_str::SmolStr;

use super::document::{self, Entry, Node, NodeKind};
use super::template::Template;
use crate::span::{SourceFile, Span};

/// A text, before anything is filled in.
struct Written<'n> {
    text: String,
    /// What `Fn::Sub` fills in by names of its own; nothing when nothing is filled in at all.
    local: Option<Vec<Entry>>,
    /// The value with the text's words, when they stand together.
    place: &'n Node,
}

impl Template<'_> {
    /// The document that a text holds. Strings of the document that the template fills in are `Fn::Sub`s.
    pub(super) fn document_of_text(&self, node: &Node) -> Option<Node> {
        let written = self.written(node)?;
        let start = written.text.trim_start();
        if !start.starts_with('{') {
            return None;
        }
        let file = SourceFile::new(self.file.path.as_str(), start);
        let document = document::read(&file).ok()?.roots.into_iter().next()?;
        let places = Positions::new(&self.file, start, written.place);
        Some(moved(document, &places, written.local.as_deref()))
    }

    fn written<'n>(&self, node: &'n Node) -> Option<Written<'n>> {
        let text = |node: &Node| node.as_str().map(str::to_owned);
        let Some(entry) = node.single() else {
            return Some(Written { text: text(node)?, local: None, place: node });
        };
        let (place, local) = match (entry.key.as_str(), entry.value.as_sequence()) {
            ("Fn::Sub", Some([template, local])) => (template, local.entries().to_vec()),
            ("Fn::Sub", None) => (&entry.value, Vec::new()),
            ("Fn::Join", Some([delimiter, parts])) => return joined(node, delimiter.as_str()?, parts.as_sequence()?),
            _ => return None,
        };
        Some(Written { text: text(place)?, local: Some(local), place })
    }
}

/// `Fn::Join` as `Fn::Sub` would write it.
fn joined<'n>(node: &'n Node, delimiter: &str, parts: &[Node]) -> Option<Written<'n>> {
    let (mut text, mut local) = (String::new(), Vec::new());
    let literal = |text: &str| text.replace("${", "${!");
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text.push_str(&literal(delimiter));
        }
        if let Some(part) = part.as_str() {
            text.push_str(&literal(part));
        } else {
            let name = SmolStr::from(format!("joined {index}"));
            text.extend(["${", name.as_str(), "}"]);
            local.push(Entry { key: name, key_span: part.span, value: part.clone() });
        }
    }
    Some(Written { text, local: Some(local), place: node })
}

/// A document with the places that its parts have in the template. Documents nest only so deep.
fn moved(node: Node, places: &Positions, local: Option<&[Entry]>) -> Node {
    let span = places.span(node.span);
    let kind = match node.kind {
        NodeKind::Scalar(scalar) => match local {
            Some(local) if scalar.text.contains("${") => {
                let value = Node::sequence(vec![Node::string(scalar.text, span), Node::mapping(local.to_vec(), span)], span);
                return Node::mapping(vec![Entry { key: "Fn::Sub".into(), key_span: span, value }], span);
            }
            _ => NodeKind::Scalar(scalar),
        },
        NodeKind::Sequence(items) => NodeKind::Sequence(items.into_iter().map(|item| moved(item, places, local)).collect()),
        NodeKind::Mapping(mapping) => {
            let entries = mapping.entries.into_iter().map(|entry| Entry {
                key_span: places.span(entry.key_span),
                value: moved(entry.value, places, local),
                ..entry
            });
            return Node::mapping(entries.collect(), span);
        }
    };
    Node { kind, span, tag: node.tag }
}

/// Where the characters of a text stand in the file.
struct Positions {
    /// The place of each byte of the text; empty when the file writes the text in another way.
    bytes: Vec<u32>,
    whole: Span,
}

impl Positions {
    /// Files fold and indent the lines of a text, so that only what is no blank stands in both.
    fn new(file: &SourceFile, text: &str, place: &Node) -> Self {
        let span = place.span;
        let written = file.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        let skipped = written.find('{').unwrap_or_default();
        let mut characters = written[skipped..].char_indices().filter(|(_, character)| !character.is_whitespace());
        let mut bytes = Vec::with_capacity(text.len());
        let mut last = span.start;
        for character in text.chars() {
            if !character.is_whitespace() {
                match characters.next() {
                    Some((at, same)) if same == character => last = span.start + (skipped + at) as u32,
                    _ => return Self { bytes: Vec::new(), whole: span },
                }
            }
            bytes.extend(std::iter::repeat_n(last, character.len_utf8()));
        }
        Self { bytes, whole: span }
    }

    fn span(&self, span: Span) -> Span {
        let last = (span.end.max(span.start + 1) - 1) as usize;
        match (self.bytes.get(span.start as usize), self.bytes.get(last)) {
            (Some(start), Some(end)) => Span::new(*start, end + 1),
            _ => self.whole,
        }
    }
}
