//! The one place where template readers touch the file system.

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::archive::Archives;
use crate::span::SourceFile;
use crate::wording::plain;

/// Larger files are no templates.
const MAX_BYTES: u64 = 64 << 20;
/// How deep folders are listed.
const MAX_NESTING: usize = 12;
/// How many files and folders are looked at for a pattern.
const MAX_LISTED: usize = 100_000;

/// Opens files and names them relative to the folder leash was pointed at. Archives are folders, too: `code.zip/app.py`.
#[derive(Debug, Clone)]
pub struct Files {
    base: PathBuf,
    archives: Arc<Archives>,
    indexes: Arc<Mutex<NameIndexes>>,
    templates: Arc<[PathBuf]>,
}

/// The folders in which there is something of a name.
pub type NameIndex = std::collections::BTreeMap<String, Vec<PathBuf>>;

/// Indexes by the folder they are of, and what they are for.
type NameIndexes = std::collections::BTreeMap<(PathBuf, &'static str), Arc<OnceLock<Arc<NameIndex>>>>;

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A file.
    File,
    /// A folder, or an archive.
    Folder,
}

impl Files {
    /// Files are named relative to `base`.
    pub fn new(base: impl Into<PathBuf>) -> Self {
        Self { base: base.into(), archives: Arc::default(), indexes: Arc::default(), templates: Arc::default() }
    }

    /// The same, where it is known which files may be templates.
    pub fn with_templates(self, templates: &[PathBuf]) -> Self {
        Self { templates: templates.into(), ..self }
    }

    /// What may be templates.
    pub fn templates(&self) -> &[PathBuf] {
        &self.templates
    }

    /// What was indexed below a folder for some purpose, which is done once for all copies.
    pub fn name_index(&self, folder: &Path, purpose: &'static str, make: impl FnOnce() -> NameIndex) -> Arc<NameIndex> {
        let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        let index = Arc::clone(indexes.entry((folder.to_path_buf(), purpose)).or_default());
        // What makes one may need another.
        drop(indexes);
        Arc::clone(index.get_or_init(|| Arc::new(make())))
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
        if let Some((archive, inner)) = self.archives.within(path)
            && inner != Path::new(".")
        {
            return archive.read(&inner, MAX_BYTES).map(|bytes| SourceFile::from_bytes(self.display(path), bytes));
        }
        let meta = std::fs::metadata(path).map_err(|error| format!("cannot be read: {}", plain(&error)))?;
        if !meta.is_file() {
            return Err("is not a file".to_owned());
        }
        if meta.len() > MAX_BYTES {
            return Err(format!("is larger than {} MB", MAX_BYTES >> 20));
        }
        let bytes = std::fs::read(path).map_err(|error| format!("cannot be read: {}", plain(&error)))?;
        Ok(SourceFile::from_bytes(self.display(path), bytes))
    }
}

impl Files {
    /// What a path leads to; an archive that can be opened is a folder.
    pub fn kind(&self, path: &Path) -> Option<FileKind> {
        if let Some((archive, inner)) = self.archives.within(path) {
            return archive.kind(&inner);
        }
        let meta = std::fs::metadata(path).ok()?;
        if meta.is_dir() { Some(FileKind::Folder) } else { meta.is_file().then_some(FileKind::File) }
    }

    /// Whether there is a file of this name.
    pub fn is_file(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::File)
    }

    /// Whether there is a folder of this name, or an archive that can be opened.
    pub fn is_dir(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::Folder)
    }

    /// Whether there is anything of this name.
    pub fn exists(&self, path: &Path) -> bool {
        self.kind(path).is_some()
    }

    /// Whether there is a folder of this name that is no archive, nor in one.
    pub fn is_plain_dir(&self, path: &Path) -> bool {
        self.archives.within(path).is_none() && self.is_dir(path)
    }

    /// Whether a file of an archive is this source file, or what a compiler made of it.
    pub fn is_packed(&self, packed: &Path, source: &Path) -> bool {
        let extension = |path: &Path| path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_owned();
        let is_compiled = matches!(extension(packed).as_str(), "js" | "mjs" | "cjs")
            && matches!(extension(source).as_str(), "ts" | "mts" | "cts" | "tsx");
        let same = || self.read(packed).ok().zip(self.read(source).ok()).is_some_and(|(a, b)| a.text == b.text);
        is_compiled || same()
    }

    /// The names of what is in a folder, sorted.
    pub fn names(&self, folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = match self.archives.within(folder) {
            Some((archive, inner)) => {
                let below = archive.files().filter_map(|file| below(file, &inner));
                below.filter_map(|file| Some(file.iter().next()?.to_string_lossy().into_owned())).collect()
            }
            None => {
                let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
                entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
            }
        };
        names.sort();
        names.dedup();
        names
    }

    /// The names of files below a folder that fit a pattern, sorted, and whether there may be more; none of a folder that the base
    /// lies in, which may hold anything.
    pub fn matching(&self, folder: &Path, pattern: &str, most: usize) -> Option<(Vec<String>, bool)> {
        let (root, base) = (clean(folder), clean(&self.base));
        let is_above = root.components().all(|part| !matches!(part, Component::Normal(_))) && root != Path::new(".");
        if is_above || root != base && base.starts_with(&root) {
            return None;
        }
        let mut only = ignore::overrides::OverrideBuilder::new(&root);
        let only = only.add(&format!("/{}", pattern.trim_start_matches('/'))).ok().and_then(|builder| builder.build().ok());
        let Some(only) = only else { return Some((Vec::new(), true)) };
        let mut walk = ignore::WalkBuilder::new(&root);
        walk.standard_filters(false).max_depth(Some(MAX_NESTING)).overrides(only).sort_by_file_path(Path::cmp);
        let mut looked_at = 0;
        let within = walk.build().flatten().take_while(|_| {
            looked_at += 1;
            looked_at <= MAX_LISTED
        });
        let files = within.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
        let names = files.filter_map(|entry| Some(entry.path().strip_prefix(&root).ok()?.to_string_lossy().replace('\\', "/")));
        let mut names: Vec<String> = names.take(most + 1).collect();
        let open = names.len() > most || looked_at > MAX_LISTED;
        names.truncate(most);
        Some((names, open))
    }

    /// The files below a folder of an archive, sorted; none when it is a folder of the disk.
    pub fn packed(&self, folder: &Path) -> Option<Vec<PathBuf>> {
        let (archive, inner) = self.archives.within(folder)?;
        Some(archive.files().filter_map(|file| below(file, &inner)).map(|file| folder.join(file)).collect())
    }
}

/// A path inside of an archive as seen from a folder of it.
fn below<'a>(file: &'a Path, folder: &Path) -> Option<&'a Path> {
    if folder == Path::new(".") { Some(file) } else { file.strip_prefix(folder).ok() }
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
