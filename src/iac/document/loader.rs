//! Turns the events of either syntax into nodes.

mod build;
mod json;
mod yaml;

use std::path::Path;
use std::sync::Arc;

use super::{DocumentError, Documents};
use crate::span::SourceFile;

const BOM: &str = "\u{feff}";

/// Reads a file. What starts like JSON is read as JSON first: JSON strings know escapes that YAML does not.
pub(super) fn load(file: &Arc<SourceFile>) -> Result<Documents, DocumentError> {
    let skipped = if file.text.starts_with(BOM) { BOM.len() } else { 0 };
    let text = &file.text[skipped..];
    let is_json = Path::new(&file.path).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if !text.trim_start().starts_with(['{', '[']) && !is_json {
        return yaml::load(file, skipped);
    }
    match json::load(file, skipped) {
        Ok(documents) => Ok(documents),
        Err(error) if is_json => Err(error),
        Err(_) => yaml::load(file, skipped),
    }
}
