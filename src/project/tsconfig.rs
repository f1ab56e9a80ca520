//! Where compiled TypeScript comes from: `outDir` and `rootDir` of the `tsconfig.json` in charge.

use std::path::{Path, PathBuf};

use crate::flow::extended;
use crate::iac::document::{self, Node};
use crate::iac::{Files, clean};

/// How far `extends` is followed.
const MAX_EXTENDS: usize = 5;

/// The sources that a compiled file (without its extension) may come from, best first.
pub(super) fn sources(files: &Files, compiled: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in compiled.ancestors().skip(1) {
        let config = folder.join("tsconfig.json");
        if files.is_file(&config)
            && let Some((out, roots)) = output(files, &config)
            && let Some(rest) = compiled.strip_prefix(&out).ok().or_else(|| copied(compiled, &out))
        {
            found.extend(roots.iter().map(|root| clean(&root.join(rest))));
        }
        if folder == files.base() || folder.as_os_str().is_empty() {
            break;
        }
    }
    found
}

/// What is below the output folder where a build has copied that to, under the same name: `dist` beside a service's template.
fn copied<'a>(compiled: &'a Path, out: &Path) -> Option<&'a Path> {
    let name = out.file_name()?;
    let copy = compiled.ancestors().filter(|folder| folder.file_name() == Some(name)).last()?;
    compiled.strip_prefix(copy).ok()
}

/// The output folder, and the folders that may have been compiled into it.
fn output(files: &Files, config: &Path) -> Option<(PathBuf, Vec<PathBuf>)> {
    let folder = config.parent()?;
    let out = option(files, config, "outDir")?;
    let mut roots: Vec<PathBuf> = option(files, config, "rootDir").into_iter().collect();
    // Without `rootDir`, it is the folder that all sources have in common.
    roots.extend([folder.to_path_buf(), folder.join("src")]);
    Some((out, roots))
}

/// A path among the compiler options, from the file itself or one it extends.
fn option(files: &Files, config: &Path, name: &str) -> Option<PathBuf> {
    let mut config = config.to_path_buf();
    for _ in 0..MAX_EXTENDS {
        let folder = config.parent()?.to_path_buf();
        let documents = document::read(&files.read(&config).ok()?).ok()?;
        let root = documents.mapping()?;
        if let Some(path) = root.path(&["compilerOptions", name]).and_then(Node::as_str) {
            return Some(clean(&folder.join(path)));
        }
        let extends = root.get("extends")?.items().last()?.as_str()?;
        config = extended(&folder, extends, |path| files.is_file(path))?;
    }
    None
}
