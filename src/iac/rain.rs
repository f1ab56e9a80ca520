//! Directives of Rain, which puts files into templates and uploads others before it deploys.
//! <https://aws-cloudformation.github.io/rain/rain_pkg.html>

use std::path::PathBuf;

use super::document::Node;
use super::template::Template;
use crate::value::{Arg, Text};

impl Template<'_> {
    /// The file whose text stands in a place: `!Rain::Embed handler.py`.
    pub(crate) fn embedded_file(&self, node: &Node) -> Option<PathBuf> {
        let directive = node.single().filter(|entry| entry.key == "Rain::Embed")?;
        self.local_file(&directive.value)
    }

    /// What is uploaded for a place: `!Rain::S3 folder`, `!Rain::S3 {Path: folder, …}`.
    pub(crate) fn uploaded_file(&self, node: &Node) -> Option<PathBuf> {
        let directive = node.single().filter(|entry| matches!(entry.key.as_str(), "Rain::S3" | "Rain::S3Http"))?;
        self.local_file(directive.value.get("Path").unwrap_or(&directive.value))
    }

    /// The text of a file that is put in.
    pub(super) fn embedded(&self, node: &Node) -> Arg {
        let file = self.local_file(node).and_then(|path| self.files.read(&path).ok());
        file.map_or_else(|| Arg::unknown("a file that is not there"), |file| Arg::Text(Text::literal(file.text.as_str())))
    }

    fn local_file(&self, node: &Node) -> Option<PathBuf> {
        let path = node.as_str()?;
        Some(self.join(path)).filter(|path| self.files.is_file(path) || self.files.is_dir(path))
    }
}
