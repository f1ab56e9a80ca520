//! Packages of the repository itself that a configuration script imports by their names.
//!
//! <https://docs.npmjs.com/cli/v10/using-npm/workspaces>, <https://pnpm.io/pnpm-workspace_yaml>, <https://lerna.js.org/docs/features/workspaces>

use std::path::{Path, PathBuf};

use super::super::document::{self, Node};
use super::super::files::{Files, clean};

/// How many folders that patterns name are looked at.
const MAX_FOLDERS: usize = 400;

/// What a name that is imported from a file may be: the entry of a package of the workspace around it, or a file in it; the more
/// likely ones first.
pub(super) fn candidates(files: &Files, from: &Path, specifier: &str) -> Vec<PathBuf> {
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let end = if specifier.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    let (name, inner) = end.map_or((specifier, ""), |at| (&specifier[..at], &specifier[at + 1..]));
    let base = clean(files.base());
    for folder in clean(from).ancestors().skip(1) {
        for package in packages(files, folder) {
            let Some(manifest) = read(files, &package.join("package.json")) else { continue };
            if manifest.get("name").and_then(Node::as_str) != Some(name) {
                continue;
            }
            if !inner.is_empty() {
                return vec![package.join(inner), package.join("src").join(inner)];
            }
            let told = ["source", "main", "module"]
                .iter()
                .filter_map(|entry| manifest.get(entry)?.as_str())
                .map(|entry| package.join(entry));
            return told.chain([package.join("src"), package.clone()]).collect();
        }
        if folder == base {
            break;
        }
    }
    Vec::new()
}

/// The folders of the packages of a workspace whose root this folder is.
fn packages(files: &Files, folder: &Path) -> Vec<PathBuf> {
    let mut patterns: Vec<String> = Vec::new();
    let mut add = |node: Option<&Node>| {
        patterns.extend(node.into_iter().flat_map(Node::items).filter_map(Node::as_str).map(str::to_owned));
    };
    if let Some(manifest) = read(files, &folder.join("package.json"))
        && let Some(workspaces) = manifest.get("workspaces")
    {
        add(workspaces.get("packages").or(Some(workspaces)));
    }
    for list in ["pnpm-workspace.yaml", "lerna.json"] {
        add(read(files, &folder.join(list)).as_ref().and_then(|list| list.get("packages")));
    }
    let mut found = Vec::new();
    for pattern in patterns {
        match pattern.trim_start_matches("./").trim_end_matches('/').split_once('*') {
            None => found.push(folder.join(&pattern)),
            Some((before, _)) => {
                let around = folder.join(before);
                found.extend(files.names(&around).into_iter().map(|name| around.join(name)));
            }
        }
        if found.len() >= MAX_FOLDERS {
            break;
        }
    }
    found
}

fn read(files: &Files, path: &Path) -> Option<Node> {
    if !files.is_file(path) {
        return None;
    }
    let documents = document::read(&files.read(path).ok()?).ok()?;
    documents.mapping().cloned()
}
