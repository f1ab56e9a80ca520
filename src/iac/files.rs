//! The one place where template readers touch the file system.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::span::SourceFile;

/// Larger files are no templates.
const MAX_BYTES: u64 = 64 << 20;

/// Opens files and names them relative to the folder leash was pointed at.
#[derive(Debug, Clone)]
pub struct Files {
    base: PathBuf,
}

impl Files {
    /// Files are named relative to `base`.
    pub fn new(base: impl Into<PathBuf>) -> Self {
        Self { base: base.into() }
    }

    /// The folder that names are relative to.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// The path as shown: relative to the base, with `/` between its parts.
    pub fn display(&self, path: &Path) -> String {
        let path = clean(path);
        let base = clean(&self.base);
        let (mut rest, mut from) = (path.components().peekable(), base.components().peekable());
        while rest.peek().is_some() && rest.peek() == from.peek() {
            rest.next();
            from.next();
        }
        let up = from.filter(|part| matches!(part, Component::Normal(_))).map(|_| "..".to_owned());
        let parts: Vec<String> = up.chain(rest.map(|part| part.as_os_str().to_string_lossy().into_owned())).collect();
        if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
    }

    /// Reads a file; invalid UTF-8 is replaced. The error is the rest of a sentence that starts with the path.
    pub fn read(&self, path: &Path) -> Result<Arc<SourceFile>, String> {
        let meta = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
        if !meta.is_file() {
            return Err("is not a file".to_owned());
        }
        if meta.len() > MAX_BYTES {
            return Err(format!("is larger than {} MB", MAX_BYTES >> 20));
        }
        let bytes = std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
        Ok(SourceFile::from_bytes(self.display(path), bytes))
    }
}

/// A path without `.` and, as far as its text allows, without `..`.
pub fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_to_the_base_even_outside_of_it() {
        let files = Files::new("/repo/app");
        assert_eq!(files.display(Path::new("/repo/app/./src/../template.yaml")), "template.yaml");
        assert_eq!(files.display(Path::new("/repo/shared/a.py")), "../shared/a.py");
        assert_eq!(Files::new(".").display(Path::new("./x/y.py")), "x/y.py");
        assert_eq!(Files::new("sub").display(Path::new("sub/../other/y.py")), "../other/y.py");
    }
}
