//! Looking around where a template points at something that is not there.

use std::path::{Path, PathBuf};

use crate::iac::{Files, clean};

/// The folder of this path with other capitals: what works on macOS and Windows need not exist by that name elsewhere.
pub(super) fn ignoring_case(files: &Files, path: &Path) -> Option<PathBuf> {
    let existing = path.ancestors().skip(1).find(|folder| files.is_dir(folder))?;
    let mut found = existing.to_path_buf();
    for part in path.strip_prefix(existing).ok()?.components() {
        let wanted = part.as_os_str().to_string_lossy();
        let name = files.names(&found).into_iter().find(|name| name.eq_ignore_ascii_case(&wanted))?;
        found.push(name);
    }
    files.is_dir(&found).then_some(found)
}

/// What has the same path from a folder further up: programs look for the folder that such paths start in, in ways that are not
/// followed to their end. One name alone would say too little.
pub(super) fn from_above(files: &Files, path: &Path) -> Option<PathBuf> {
    let there = path.ancestors().skip(1).find(|folder| files.is_dir(folder))?;
    let rest = path.strip_prefix(there).ok().filter(|rest| rest.components().count() > 1)?;
    let base = clean(files.base());
    let is_within = |folder: &Path| base == Path::new(".") && folder.is_relative() || folder.starts_with(&base);
    let above = there.ancestors().skip(1).take_while(|folder| is_within(folder));
    above.map(|folder| clean(&folder.join(rest))).find(|path| files.exists(path))
}

/// The Dockerfile in a folder, or the only one in the folders right below it.
pub(super) fn dockerfile(files: &Files, folder: &Path) -> Option<PathBuf> {
    let own = folder.join("Dockerfile");
    if files.is_file(&own) {
        return Some(own);
    }
    let below = files.names(folder).into_iter().map(|name| folder.join(name).join("Dockerfile"));
    let mut below = below.filter(|path| files.is_file(path));
    let first = below.next()?;
    below.next().is_none().then_some(first)
}

/// `src/app` and `package.module`, as a file or a package.
pub(super) fn python_module(files: &Files, root: &Path, module: &str) -> Option<PathBuf> {
    let path = clean(&root.join(module.replace('.', "/")));
    let file = path.with_file_name(format!("{}.py", path.file_name()?.to_str()?));
    [file, path.join("__init__.py")].into_iter().find(|path| files.is_file(path))
}

/// The folders an archive may have been packed from: its own name without the extension, its folder. Other paths stay as they are.
pub(super) fn unpacked(path: &Path) -> Vec<PathBuf> {
    let is_archive = path.extension().is_some_and(|extension| extension == "zip" || extension == "jar");
    match path.parent() {
        Some(folder) if is_archive => vec![path.with_extension(""), folder.to_path_buf()],
        _ => vec![path.to_path_buf()],
    }
}
