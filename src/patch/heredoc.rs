//! Policies in JSON within Terraform: the text of a heredoc, with references in it.

use std::ops::Range;
use std::sync::Arc;

use super::sheet::Sheet;
use super::tree::Tree;
use crate::iac::document::Node;
use crate::span::{SourceFile, Span};

/// A document within a file.
pub(super) struct Document {
    sheet: Sheet,
}

impl Document {
    /// Where the statement stands that is this one of so many.
    pub(super) fn turn(&self, turn: (usize, usize)) -> Result<Span, String> {
        statement(&self.sheet, turn)
    }

    pub(super) fn into_sheet(self) -> Sheet {
        self.sheet
    }
}

/// The document of a heredoc, and where its text stands.
pub(super) fn sheet(file: &Arc<SourceFile>, heredoc: &Range<usize>) -> Result<(Document, Range<usize>), String> {
    let whole = &file.text[heredoc.clone()];
    if !whole.starts_with("<<") {
        return Err("it is JSON in a quoted string: write it with jsonencode".to_owned());
    }
    let wrong = || "it is no JSON that leash can change".to_owned();
    let first = whole.find('\n').ok_or_else(wrong)? + 1;
    let last = whole.trim_end().rfind('\n').filter(|last| *last >= first).ok_or_else(wrong)?;
    let inner = heredoc.start + first..heredoc.start + last;
    let text = &file.text[inner.clone()];
    let masked = masked(text).ok_or_else(wrong)?;
    let mut tree = Tree::read(&SourceFile::new(file.path.clone(), masked)).ok_or_else(wrong)?;
    tree.source = SourceFile::new(file.path.clone(), text);
    Ok((Document { sheet: Sheet::new(tree) }, inner))
}

/// Where the statement of a document stands that is this one of so many.
pub(super) fn statement(sheet: &Sheet, (own, of): (usize, usize)) -> Result<Span, String> {
    let list = sheet.tree.root().and_then(|root| root.get("Statement")).map_or(&[][..], Node::items);
    match list.get(own) {
        Some(node) if list.len() == of => Ok(node.span),
        _ => Err("not all of its statements could be read".to_owned()),
    }
}

/// The text with other characters for what Terraform fills in, so that it is JSON of the same length.
fn masked(text: &str) -> Option<String> {
    if text.contains("%{") {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut quoted = false;
    while let Some(at) = rest.find("${") {
        let before = &rest[..at];
        let mut escaped = false;
        for c in before.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ => {}
            }
        }
        out.push_str(before);
        let end = end_of(&rest[at..])?;
        let filler = "x".repeat(end - 2);
        out.push_str(&if quoted { format!("x{filler}x") } else { format!("\"{filler}\"") });
        rest = &rest[at + end..];
    }
    out.push_str(rest);
    Some(out)
}

/// Where what starts with `${` ends.
fn end_of(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_keep_their_length() {
        let text = r#"{"Resource": "${aws_s3_bucket.b["x"].arn}/*", "Other": ${local.x}}"#;
        let masked = masked(text).expect("balanced");
        assert_eq!(masked.len(), text.len());
        assert_eq!(masked, r#"{"Resource": "xxxxxxxxxxxxxxxxxxxxxxxxxxx/*", "Other": "xxxxxxxx"}"#);
        assert!(super::masked("${").is_none());
    }
}
