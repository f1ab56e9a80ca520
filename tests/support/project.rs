//! Small projects for leash to read.
#![allow(dead_code, reason = "no test needs all of it")]

use std::path::Path;

use tempfile::TempDir;

/// A folder with these files.
pub(crate) fn project(files: &[(&str, &str)]) -> TempDir {
    folder(files.iter().copied())
}

/// A folder with these files, whatever is in them.
pub(crate) fn folder<N: AsRef<Path>, B: AsRef<[u8]>>(files: impl IntoIterator<Item = (N, B)>) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files {
        write(folder.path(), name, bytes);
    }
    folder
}

/// Writes a file below a folder, with the folders that it is in.
pub(crate) fn write(folder: &Path, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("folders can be made");
    std::fs::write(path, bytes).expect("files can be written");
}
