//! Strings: prefixes, escapes, implicit concatenation and f-strings.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::{Field, Kind, Lowering};
use crate::ids::ExprId;
use crate::ir::{Argument, ArgumentKind, CallKind, Expr, Literal};
use crate::span::Span;
use crate::syntax::{Children, span_of};

/// What a string's prefix says.
#[derive(Clone, Copy, Default)]
struct Prefix {
    raw: bool,
    bytes: bool,
    formatted: bool,
}

impl Prefix {
    fn of(start: &str) -> Self {
        let mut prefix = Self::default();
        for letter in start.bytes() {
            match letter.to_ascii_lowercase() {
                b'r' => prefix.raw = true,
                b'b' => prefix.bytes = true,
                b'f' | b't' => prefix.formatted = true,
                b'u' => {}
                _ => break,
            }
        }
        prefix
    }
}

/// A string being put together: finished pieces, and the literal text since the last one.
#[derive(Default)]
struct Pieces {
    done: Vec<ExprId>,
    literal: String,
    literal_at: Option<Span>,
}

impl Pieces {
    fn covering(&mut self, span: Span) {
        self.literal_at = Some(Span::new(self.literal_at.map_or(span.start, |at| at.start), span.end));
    }
}

impl<'t> Lowering<'t> {
    /// A string literal, or several in a row.
    pub(super) fn string(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let plain = if self.kind(node) == Kind::String { self.plain(&kids) } else { None };
        if let Some(text) = plain {
            return self.add(Expr::Literal(Literal::Text(SmolStr::new(text))), node);
        }
        let mut pieces = Pieces::default();
        if self.kind(node) == Kind::String {
            self.string_into(&kids, &mut pieces);
        } else {
            for child in &kids {
                if self.kind(child.node) == Kind::String {
                    let parts = self.kids(child.node);
                    self.string_into(&parts, &mut pieces);
                } else {
                    self.set_aside.push(child.node);
                }
            }
        }
        self.assemble(pieces, node)
    }

    /// The text of a string in which nothing needs work.
    fn plain(&self, kids: &Children<'t>) -> Option<&'t str> {
        let text = match kids.as_slice() {
            [_, _] => "",
            [_, content, _] if self.kind(content.node) == Kind::StringContent => self.text(content.node),
            _ => return None,
        };
        let prefix = Prefix::of(self.text(kids.first()?.node));
        let needs_work = (!prefix.raw && memchr::memchr(b'\\', text.as_bytes()).is_some())
            || (prefix.formatted && memchr::memchr2(b'{', b'}', text.as_bytes()).is_some());
        (!needs_work).then_some(text)
    }

    fn string_into(&mut self, kids: &Children<'t>, pieces: &mut Pieces) {
        let mut prefix = Prefix::default();
        for child in kids {
            match self.kind(child.node) {
                Kind::StringStart => prefix = Prefix::of(self.text(child.node)),
                Kind::StringContent => {
                    pieces.covering(span_of(child.node));
                    unescape(self.text(child.node), prefix, &mut pieces.literal);
                }
                Kind::Interpolation => self.hole(child.node, pieces),
                _ => {}
            }
        }
    }

    fn assemble(&mut self, mut pieces: Pieces, node: Node<'t>) -> ExprId {
        if pieces.done.is_empty() {
            return self.add(Expr::Literal(Literal::Text(pieces.literal.into())), node);
        }
        self.finish_literal(&mut pieces);
        self.add(Expr::Template(pieces.done), node)
    }

    fn finish_literal(&mut self, pieces: &mut Pieces) {
        let at = pieces.literal_at.take();
        if !pieces.literal.is_empty() {
            let text = std::mem::take(&mut pieces.literal);
            pieces.done.push(self.builder.expr(Expr::Literal(Literal::Text(text.into())), at.unwrap_or_default()));
        }
    }

    /// `{expression=!r:format}`. What changes the text is a call of the built-in function that does it.
    fn hole(&mut self, node: Node<'t>, pieces: &mut Pieces) {
        let kids = self.kids_and_tokens(node);
        let Some(expression) = self.in_field(&kids, Field::Expression) else { return };
        let shown = kids.iter().find(|child| self.kind(child.node) == Kind::Token && self.text(child.node) == "=");
        if let Some(equals) = shown {
            pieces.covering(span_of(node));
            pieces.literal.push_str(self.reader.slice(expression.start_byte(), equals.node.end_byte()));
        }
        let conversion = self.in_field(&kids, Field::TypeConversion).map(|node| self.text(node));
        let specifier = self.in_field(&kids, Field::FormatSpecifier);
        let mut value = self.expr(expression);
        match conversion {
            Some("!r" | "!a") => value = self.built_in("repr", &[value], node),
            Some(_) => value = self.built_in("str", &[value], node),
            None if shown.is_some() && specifier.is_none() => value = self.built_in("repr", &[value], node),
            None => {}
        }
        if let Some(specifier) = specifier.filter(|specifier| self.text(*specifier) != ":") {
            let specifier = self.specifier(specifier);
            value = self.built_in("format", &[value, specifier], node);
        }
        self.finish_literal(pieces);
        pieces.done.push(value);
    }

    fn specifier(&mut self, node: Node<'t>) -> ExprId {
        let mut pieces = Pieces::default();
        let mut at = node.start_byte() + 1;
        for child in self.kids(node) {
            pieces.covering(span_of(node));
            pieces.literal.push_str(self.reader.slice(at, child.node.start_byte()));
            self.hole(child.node, &mut pieces);
            at = child.node.end_byte();
        }
        pieces.covering(span_of(node));
        pieces.literal.push_str(self.reader.slice(at, node.end_byte()));
        self.assemble(pieces, node)
    }

    fn built_in(&mut self, name: &str, values: &[ExprId], node: Node<'t>) -> ExprId {
        let callee = self.add(Expr::Name(name.into()), node);
        let args = values.iter().map(|value| Argument { kind: ArgumentKind::Positional, value: *value }).collect();
        self.add(Expr::Call { callee, args, kind: CallKind::Call }, node)
    }
}

/// Appends the text that a piece of source means.
fn unescape(source: &str, prefix: Prefix, out: &mut String) {
    let mut rest = source;
    while let Some(at) = memchr::memchr3(b'\\', b'{', b'}', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let special = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        if special == b'\\' && !prefix.raw {
            rest = escape(rest, prefix, out);
        } else {
            out.push(char::from(special));
            if special != b'\\' && prefix.formatted && rest.as_bytes().first() == Some(&special) {
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}

/// Appends what an escape means and returns what follows it; the backslash is read already.
fn escape<'s>(rest: &'s str, prefix: Prefix, out: &mut String) -> &'s str {
    let Some(letter) = rest.chars().next() else {
        out.push('\\');
        return rest;
    };
    let after = &rest[letter.len_utf8()..];
    let simple = match letter {
        '\n' => return after,
        '\r' => return after.strip_prefix('\n').unwrap_or(after),
        '\\' | '\'' | '"' => letter,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '0'..='7' => return coded(rest, 1..=3, 8, out),
        'x' => return coded(after, 2..=2, 16, out),
        'u' if !prefix.bytes => return coded(after, 4..=4, 16, out),
        'U' if !prefix.bytes => return coded(after, 8..=8, 16, out),
        'N' if !prefix.bytes && after.starts_with('{') => return named(after, out),
        _ => {
            out.push('\\');
            letter
        }
    };
    out.push(simple);
    after
}

/// A character by its number.
fn coded<'s>(rest: &'s str, length: std::ops::RangeInclusive<usize>, radix: u32, out: &mut String) -> &'s str {
    let digits = rest.bytes().take(*length.end()).take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let code = u32::from_str_radix(&rest[..digits], radix).ok().filter(|_| length.contains(&digits));
    out.push(code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER));
    &rest[digits..]
}

/// A character by its name; the table of names is not worth its size here.
fn named<'s>(rest: &'s str, out: &mut String) -> &'s str {
    out.push(char::REPLACEMENT_CHARACTER);
    rest.split_once('}').map_or("", |(_, after)| after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(start: &str, source: &str) -> String {
        let mut out = String::new();
        unescape(source, Prefix::of(start), &mut out);
        out
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(text("\"", r"a\n\t\\\x41\u00e9\U0001F600\101\q"), "a\n\t\\Aé😀A\\q");
        assert_eq!(text("'", "one \\\n two"), "one  two");
        assert_eq!(text("b'", r"\x41\u0041"), "A\\u0041");
        assert_eq!(text("'", r"\N{BULLET}x\xZ"), "\u{fffd}x\u{fffd}Z");
    }

    #[test]
    fn raw_and_formatted_strings_keep_their_rules() {
        assert_eq!(text("r'", r"a\n{{"), r"a\n{{");
        assert_eq!(text("Rb'", r"\\"), r"\\");
        assert_eq!(text("f'", "a{{b}}"), "a{b}");
        assert_eq!(text("'", "a{{b}}"), "a{{b}}");
    }

    #[test]
    fn hostile_ends_are_safe() {
        for source in ["\\", "\\x", "\\u12", "\\N{", "\\é", "{", "}"] {
            text("f'", source);
        }
    }
}
