//! Turns the events of either syntax into nodes.

mod build;
mod json;
mod yaml;

use std::sync::Arc;

use super::{DocumentError, Documents};
use crate::span::SourceFile;

const BOM: &str = "\u{feff}";

/// Reads a file. What starts like JSON is read as JSON first: JSON strings know escapes that YAML does not.
pub(super) fn load(file: &Arc<SourceFile>) -> Result<Documents, DocumentError> {
    let skipped = if file.text.starts_with(BOM) { BOM.len() } else { 0 };
    let text = &file.text[skipped..];
    if !text.trim_start().starts_with(['{', '[']) && !file.path.ends_with(".json") {
        return yaml::load(file, skipped);
    }
    match json::load(file, skipped) {
        Ok(documents) => Ok(documents),
        Err(error) if file.path.ends_with(".json") => Err(error),
        Err(_) => yaml::load(file, skipped),
    }
}
