//! Strings, templates, objects and arrays.

use smol_str::{SmolStr, SmolStrBuilder};
use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use crate::ids::ExprId;
use crate::ir::{Argument, ArgumentKind, CallKind, Element, Entry, EntryKey, Expr, Literal};

impl<'a> Lowerer<'a> {
    /// A string constant.
    pub(super) fn string(&mut self, node: Node<'a>) -> ExprId {
        let text = self.string_text(node);
        self.text_literal(text, node)
    }

    fn text_literal(&mut self, text: SmolStr, node: Node<'_>) -> ExprId {
        self.add(Expr::Literal(Literal::Text(text)), node)
    }

    /// A number constant.
    pub(super) fn number(&mut self, text: &str, node: Node<'_>) -> ExprId {
        self.add(Expr::Literal(Literal::Number(text.into())), node)
    }

    /// `/[a-z]+/g` is `new RegExp("[a-z]+", "g")`.
    pub(super) fn regex(&mut self, node: Node<'a>) -> ExprId {
        let text = self.text(node);
        let Some((pattern, flags)) = text.strip_prefix('/').and_then(|text| text.rsplit_once('/')) else {
            return self.add(Expr::Opaque(Vec::new()), node);
        };
        let parts = [SmolStr::from(pattern), SmolStr::from(flags)];
        let parts = parts.map(|part| Argument { kind: ArgumentKind::Positional, value: self.text_literal(part, node) });
        let callee = self.add(Expr::Name("RegExp".into()), node);
        self.add(Expr::Call { callee, args: parts.into(), kind: CallKind::New }, node)
    }

    /// What a string literal says.
    pub(super) fn string_text(&mut self, node: Node<'a>) -> SmolStr {
        let text = self.text(node);
        let inner = text.strip_prefix(['"', '\'', '`']).unwrap_or(text);
        let inner = inner.strip_suffix(['"', '\'', '`']).unwrap_or(inner);
        unescape(inner)
    }

    /// The text of a string, or of a template without holes.
    pub(super) fn constant_text(&mut self, node: Node<'a>) -> Option<SmolStr> {
        let node = self.bare(node);
        match self.kind(node) {
            Kind::String => Some(self.string_text(node)),
            Kind::Template if !self.children(node).has(Kind::Substitution) => Some(self.string_text(node)),
            _ => None,
        }
    }

    /// A template literal: literal pieces and holes in turn.
    pub(super) fn template(&mut self, node: Node<'a>) -> ExprId {
        if let Some(text) = self.constant_text(node) {
            return self.text_literal(text, node);
        }
        let pieces = self.pieces(node).into_iter().map(|(_, piece)| piece).collect();
        self.add(Expr::Template(pieces), node)
    }

    /// The pieces of a template literal and whether each is a hole.
    fn pieces(&mut self, node: Node<'a>) -> Vec<(bool, ExprId)> {
        let mut pieces = Vec::new();
        let mut start = node.start_byte() + 1;
        let holes: Vec<_> = self.children(node).named().filter(|child| child.kind == Kind::Substitution).collect();
        for hole in holes {
            self.piece(start, hole.node.start_byte(), hole.node, &mut pieces);
            start = hole.node.end_byte();
            if let Some(inner) = self.children(hole.node).first() {
                pieces.push((true, self.expr(inner)));
            }
        }
        self.piece(start, node.end_byte().saturating_sub(1), node, &mut pieces);
        pieces
    }

    fn piece(&mut self, start: usize, end: usize, node: Node<'a>, pieces: &mut Vec<(bool, ExprId)>) {
        let text = self.source.get(start..end).unwrap_or_default();
        if !text.is_empty() {
            pieces.push((false, self.text_literal(unescape(text), node)));
        }
    }

    /// ``tag`…` `` is a call of the tag with the list of literal pieces and the holes.
    pub(super) fn tagged_template(&mut self, tag: ExprId, template: Node<'a>, node: Node<'a>) -> ExprId {
        let (holes, texts): (Vec<_>, Vec<_>) = self.pieces(template).into_iter().partition(|&(is_hole, _)| is_hole);
        let items = texts.into_iter().map(|(_, text)| Element::Item(text)).collect();
        let texts = self.add(Expr::Sequence { items }, template);
        let values = std::iter::once(texts).chain(holes.into_iter().map(|(_, hole)| hole));
        let args = values.map(|value| Argument { kind: ArgumentKind::Positional, value }).collect();
        self.add(Expr::Call { callee: tag, args, kind: CallKind::Call }, node)
    }

    /// `[a, ...b]`; holes are `undefined`.
    pub(super) fn array(&mut self, node: Node<'a>) -> ExprId {
        let children = self.children(node);
        let mut items = Vec::new();
        let mut is_hole = true;
        for child in children.all() {
            match child.node.kind() {
                "," if is_hole => items.push(Element::Item(self.undefined(child.node))),
                "," => is_hole = true,
                _ if child.kind == Kind::Spread => {
                    let inner = self.children(child.node).first();
                    items.extend(inner.map(|inner| Element::Spread(self.expr(inner))));
                    is_hole = false;
                }
                _ if child.node.is_named() => {
                    items.push(Element::Item(self.expr(child.node)));
                    is_hole = false;
                }
                _ => {}
            }
        }
        self.add(Expr::Sequence { items }, node)
    }

    /// `{ … }`.
    pub(super) fn object(&mut self, node: Node<'a>) -> ExprId {
        let children = self.children(node);
        let entries = children.named().map(|child| self.entry(child.node)).collect();
        self.add(Expr::Object(entries), node)
    }

    fn entry(&mut self, node: Node<'a>) -> Entry {
        match self.kind(node) {
            Kind::Pair => self.pair(node),
            Kind::Method => self.object_method(node),
            Kind::Spread => match self.children(node).first() {
                Some(inner) => Entry::Spread(self.expr(inner)),
                None => Entry::Spread(self.add(Expr::Missing, node)),
            },
            Kind::Shorthand | Kind::Identifier => {
                let key = EntryKey::Name(self.text(node).into());
                Entry::Pair { key, value: self.expr(node) }
            }
            // Broken code: evaluated, under no name.
            _ => Entry::Spread(self.opaque(node)),
        }
    }

    fn pair(&mut self, node: Node<'a>) -> Entry {
        let children = self.children(node);
        let (Some(key), Some(value)) = (children.field(Field::Key), children.field(Field::Value)) else {
            return Entry::Spread(self.opaque(node));
        };
        let name = self.entry_key(key);
        Entry::Pair { key: name, value: self.named_value(key, value) }
    }

    /// A method is an entry with a function. What a getter gives is computed on the spot: there are no properties that run
    /// code outside of classes.
    fn object_method(&mut self, node: Node<'a>) -> Entry {
        let children = self.children(node);
        let Some(key) = children.field(Field::Name) else { return Entry::Spread(self.opaque(node)) };
        let gets = children.has_before(Kind::TokenGet, Field::Name);
        let sets = children.has_before(Kind::TokenSet, Field::Name);
        let name = self.entry_key(key);
        let function = self.method_function(node, &children);
        let mut value = self.add(Expr::Function(function), node);
        if gets {
            value = self.add(Expr::Call { callee: value, args: Vec::new(), kind: CallKind::Call }, node);
        } else if sets {
            return Entry::Spread(self.add(Expr::Opaque(vec![value]), node));
        }
        Entry::Pair { key: name, value }
    }

    /// The key of an entry of an object or object pattern.
    pub(super) fn entry_key(&mut self, node: Node<'a>) -> EntryKey {
        match self.property_name(node) {
            Some(name) => EntryKey::Name(name),
            None => EntryKey::Computed(self.computed_key(node)),
        }
    }

    /// The expression in a `[key]`.
    pub(super) fn computed_key(&mut self, node: Node<'a>) -> ExprId {
        match self.children(node).first() {
            Some(inner) => self.expr(inner),
            None => self.add(Expr::Missing, node),
        }
    }

    /// The name of a property unless it is computed.
    pub(super) fn property_name(&mut self, node: Node<'a>) -> Option<SmolStr> {
        match self.kind(node) {
            Kind::String => Some(self.string_text(node)),
            Kind::Computed => {
                let inner = self.children(node).first()?;
                self.constant_text(inner)
            }
            _ => Some(self.text(node).into()),
        }
    }
}

/// Resolves the escapes of a string literal. Ill-formed ones stay as they are written.
fn unescape(text: &str) -> SmolStr {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return text.into();
    }
    let mut out = SmolStrBuilder::new();
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        out.push_str(before);
        rest = resolve_escape(escape, &mut out);
    }
    out.push_str(rest);
    out.finish()
}

/// Appends what follows a backslash stands for and returns what comes after it.
fn resolve_escape<'t>(escape: &'t str, out: &mut SmolStrBuilder) -> &'t str {
    let mut chars = escape.chars();
    let Some(first) = chars.next() else { return escape };
    let after = chars.as_str();
    match first {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        'b' => out.push('\u{8}'),
        'f' => out.push('\u{c}'),
        'v' => out.push('\u{b}'),
        '0' if !after.starts_with(|next: char| next.is_ascii_digit()) => out.push('\0'),
        '\r' => return after.strip_prefix('\n').unwrap_or(after),
        '\n' | '\u{2028}' | '\u{2029}' => {}
        'x' => return hexadecimal(after, 2, out),
        'u' => return unicode(after, out),
        other => out.push(other),
    }
    after
}

fn hexadecimal<'t>(text: &'t str, digits: usize, out: &mut SmolStrBuilder) -> &'t str {
    let code = text.get(..digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(code) = code else { return text };
    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    &text[digits..]
}

/// `\u0041`, `\u{1F600}` and pairs of surrogates.
fn unicode<'t>(text: &'t str, out: &mut SmolStrBuilder) -> &'t str {
    if let Some((digits, after)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) {
        let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        out.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
        return after;
    }
    let unit = |text: &str| text.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    if let (Some(high @ 0xd800..=0xdbff), Some(after)) = (unit(text), text.get(4..).and_then(|after| after.strip_prefix("\\u")))
        && let Some(low) = unit(after)
        && let Some(Ok(character)) = char::decode_utf16([high, low]).next()
    {
        out.push(character);
        return &after[4..];
    }
    hexadecimal(text, 4, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(unescape(r"a\n\x41\u0042\u{43}\0\'\\"), "a\nABC\0'\\");
        assert_eq!(unescape(r"\ud83d\ude00"), "\u{1f600}");
        assert_eq!(unescape("a\\\r\nb\\\nc"), "abc");
    }

    #[test]
    fn ill_formed_escapes() {
        assert_eq!(unescape(r"\xg\u12\u{110000}"), "g12\u{fffd}");
        assert_eq!(unescape("tail\\"), "tail");
        assert_eq!(unescape(r"\ud83d-"), "\u{fffd}-");
    }
}
