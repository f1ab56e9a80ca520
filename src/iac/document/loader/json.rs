//! JSON, with the comments and trailing commas that configuration files have in practice.

use std::sync::Arc;

use super::super::{DocumentError, Documents, Node, NodeKind, Scalar};
use super::build::{Builder, Marks};
use crate::span::{SourceFile, Span};

/// Reads JSON that starts `skipped` bytes into the file.
pub(super) fn load(file: &Arc<SourceFile>, skipped: usize) -> Result<Documents, DocumentError> {
    let mut reader = Reader { text: &file.text, at: skipped, builder: Builder::new(file), open: Vec::new() };
    reader.document()?;
    Ok(reader.builder.finish())
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    builder: Builder<'a>,
    /// The closing brackets that are due.
    open: Vec<u8>,
}

impl Reader<'_> {
    /// A value, and whatever it contains. The loop replaces recursion: `open` says where we are.
    fn document(&mut self) -> Result<(), DocumentError> {
        let mut fresh = self.value()?;
        while let Some(&closing) = self.open.last() {
            match self.peek() {
                Some(byte) if byte == closing => {
                    self.at += 1;
                    self.open.pop();
                    self.builder.close(self.at as u32);
                    fresh = false;
                    continue;
                }
                Some(b',') if !fresh => {
                    self.at += 1;
                    if self.peek() == Some(closing) {
                        continue;
                    }
                }
                _ if !fresh => return Err(self.expected(&format!("`,` or `{}`", closing as char))),
                _ => {}
            }
            if closing == b'}' {
                self.key()?;
            }
            fresh = self.value()?;
        }
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end of the file")),
        }
    }

    /// Reads a scalar or the opening bracket of something larger; says whether it was a bracket.
    fn value(&mut self) -> Result<bool, DocumentError> {
        let start = {
            self.peek();
            self.at
        };
        match self.peek() {
            Some(b'{') => {
                self.builder.open_mapping(start as u32, Marks::default())?;
                self.open.push(b'}');
                self.at += 1;
                Ok(true)
            }
            Some(b'[') => {
                self.builder.open_sequence(start as u32, Marks::default())?;
                self.open.push(b']');
                self.at += 1;
                Ok(true)
            }
            Some(b'"') => self.string().map(|()| false),
            Some(byte) if byte.is_ascii_alphanumeric() || byte == b'-' => self.word(start).map(|()| false),
            _ => Err(self.expected("a value")),
        }
    }

    fn key(&mut self) -> Result<(), DocumentError> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a key in double quotes"));
        }
        self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.expected("`:` after the key"));
        }
        self.at += 1;
        Ok(())
    }

    /// Numbers, `true`, `false` and `null`.
    fn word(&mut self, start: usize) -> Result<(), DocumentError> {
        let rest = &self.text[start..];
        let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        let word = &rest[..len];
        if !matches!(word, "true" | "false" | "null") && word.parse::<f64>().is_err() {
            return Err(self.expected("a value"));
        }
        self.at += len;
        self.scalar(word, true, start);
        Ok(())
    }

    fn string(&mut self) -> Result<(), DocumentError> {
        let start = self.at;
        self.at += 1;
        let mut decoded = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(len) = memchr::memchr2(b'"', b'\\', rest.as_bytes()) else {
                return Err(self.builder.error(start as u32, "this string does not end"));
            };
            let run = &rest[..len];
            self.at += len;
            if rest.as_bytes()[len] == b'"' {
                self.at += 1;
                if decoded.is_empty() {
                    self.scalar(run, false, start);
                } else {
                    decoded.push_str(run);
                    self.scalar(&decoded, false, start);
                }
                return Ok(());
            }
            decoded.push_str(run);
            decoded.push(self.escape()?);
        }
    }

    /// One escape sequence, with the second half of a surrogate pair if there is one.
    fn escape(&mut self) -> Result<char, DocumentError> {
        let start = self.at;
        let byte = self.text.as_bytes().get(start + 1).copied();
        self.at += 2;
        let plain = match byte {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(byte @ (b'"' | b'\\' | b'/')) => byte as char,
            Some(b'u') => return Ok(self.unicode(start)),
            _ => return Err(self.builder.error(start as u32, "expected one of `\"\\/bfnrtu` after the backslash")),
        };
        Ok(plain)
    }

    fn unicode(&mut self, start: usize) -> char {
        let unit = |from: usize| self.text.get(from..from + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(first) = unit(start + 2) else { return char::REPLACEMENT_CHARACTER };
        self.at = start + 6;
        let second = if self.text.get(self.at..self.at + 2) == Some("\\u") { unit(self.at + 2) } else { None };
        match (first, second) {
            (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                self.at += 6;
                let code = 0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00);
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
        }
    }

    fn scalar(&mut self, text: &str, plain: bool, start: usize) {
        let kind = NodeKind::Scalar(Scalar { text: text.into(), plain, block: false });
        let node = Node { kind, span: Span::new(start as u32, self.at as u32), tag: None };
        self.builder.value(node, Marks::default());
    }

    /// The next byte that is neither space nor comment.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let spaces = rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
            self.at += spaces;
            let rest = &rest[spaces..];
            let comment = match rest {
                [b'/', b'/', ..] => memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
                [b'/', b'*', ..] => memchr::memmem::find(rest, b"*/").map_or(rest.len(), |at| at + 2),
                _ => return rest.first().copied(),
            };
            self.at += comment;
        }
    }

    fn expected(&self, what: &str) -> DocumentError {
        let found = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        let found = found.map_or_else(|| "the end of the file".to_owned(), |c| format!("`{c}`"));
        self.builder.error(self.at as u32, format!("expected {what}, found {found}"))
    }
}
