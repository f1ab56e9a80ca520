//! Archives with the code of functions and layers, read as if they were folders: `code.zip/app.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use zip::ZipArchive;

use super::files::{FileKind, clean};

/// More entries than a function may be made of are not listed.
const MAX_ENTRIES: usize = 100_000;

/// Archives that were opened, each once. What is none, or is damaged, is remembered as such.
#[derive(Debug, Default)]
pub(super) struct Archives {
    opened: Mutex<BTreeMap<PathBuf, Option<Arc<Archive>>>>,
}

/// An open archive.
#[derive(Debug)]
pub(super) struct Archive {
    zip: Mutex<ZipArchive<BufReader<File>>>,
    /// The positions of its files.
    files: BTreeMap<PathBuf, usize>,
    folders: BTreeSet<PathBuf>,
}

impl Archives {
    /// The archive that a path leads into, and the path inside of it; `.` is the archive itself.
    pub(super) fn within(&self, path: &Path) -> Option<(Arc<Archive>, PathBuf)> {
        let named = |folder: &&Path| folder.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
        let outer = path.ancestors().filter(named).find(|folder| folder.is_file())?;
        let archive = self.open(outer)?;
        Some((archive, clean(path.strip_prefix(outer).ok()?)))
    }

    fn open(&self, path: &Path) -> Option<Arc<Archive>> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.entry(path.to_path_buf()).or_insert_with(|| Archive::open(path).map(Arc::new)).clone()
    }
}

impl Archive {
    fn open(path: &Path) -> Option<Self> {
        let zip = ZipArchive::new(BufReader::new(File::open(path).ok()?)).ok()?;
        let mut files = BTreeMap::new();
        let mut folders = BTreeSet::from([PathBuf::from(".")]);
        for index in 0..zip.len().min(MAX_ENTRIES) {
            let Some(Ok(name)) = zip.name_for_index(index) else { continue };
            // Names that lead out of the archive are nobody's code.
            let inner = clean(Path::new(name.as_ref()));
            if inner.is_absolute() || inner.starts_with("..") {
                continue;
            }
            folders.extend(inner.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_path_buf));
            if name.ends_with('/') {
                folders.insert(inner);
            } else {
                files.insert(inner, index);
            }
        }
        Some(Self { zip: Mutex::new(zip), files, folders })
    }

    pub(super) fn kind(&self, inner: &Path) -> Option<FileKind> {
        if self.files.contains_key(inner) {
            return Some(FileKind::File);
        }
        self.folders.contains(inner).then_some(FileKind::Folder)
    }

    /// All files, sorted.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// Unpacks a file of at most so many bytes. The error is the rest of a sentence that starts with the path.
    pub(super) fn read(&self, inner: &Path, most: u64) -> Result<Vec<u8>, String> {
        let index = *self.files.get(inner).ok_or("is not in the archive")?;
        let mut zip = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = zip.by_index(index).map_err(|error| format!("cannot be unpacked: {error}"))?;
        let mut bytes = Vec::new();
        // The size that the archive states need not be true.
        entry.take(most + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be unpacked: {error}"))?;
        if bytes.len() as u64 > most {
            return Err(format!("is larger than {} MB", most >> 20));
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::iac::Files;

    #[test]
    fn archives_are_folders_and_names_never_lead_out_of_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("code.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).expect("a file"));
        for (name, text) in [("app.py", "import a"), ("pkg/a.py", "x = 1"), ("../evil.py", "y = 2")] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
            zip.write_all(text.as_bytes()).expect("its text");
        }
        zip.finish().expect("an archive");
        let files = Files::new(folder.path());
        assert!(files.is_dir(&path) && files.is_dir(&path.join("pkg")) && files.is_file(&path.join("./app.py")));
        assert!(!files.is_file(&path.join("evil.py")) && !files.is_file(&path.join("../evil.py")));
        assert_eq!(files.names(&path), ["app.py", "pkg"]);
        let file = files.read(&path.join("pkg/a.py")).expect("its text");
        assert_eq!((file.path.as_str(), file.text.as_str()), ("code.zip/pkg/a.py", "x = 1"));
    }

    #[test]
    fn what_only_has_the_name_of_an_archive_is_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("code.zip");
        std::fs::write(&path, "no archive").expect("a file");
        let files = Files::new(folder.path());
        assert!(files.is_file(&path) && !files.is_dir(&path) && !files.is_file(&path.join("app.py")));
    }
}
