//! Which exports of a bare file are functions: a file that hands on what others define does not say whether that is a type.

use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use crate::flow::SourceTree as _;
use crate::ir::{Export, Exports, ImportRequest, Module};
use crate::project::DiskTree;

/// Extensions of files that may define types.
const TYPED: [&str; 4] = ["ts", "tsx", "mts", "cts"];

/// The handlers of a file, without types that only have a handler's name.
pub(super) fn handlers(tree: &DiskTree, path: &Path, module: &Module) -> Vec<SmolStr> {
    module.handlers.iter().filter(|name| !is_type(tree, path, module, name)).cloned().collect()
}

fn is_type(tree: &DiskTree, path: &Path, module: &Module, handler: &str) -> bool {
    let Exports::Listed(exports) = &module.exports else { return false };
    let found = exports.iter().find_map(|export| match export {
        Export::From { name, import, source } if name == handler => Some((*import, source)),
        _ => None,
    });
    let Some((import, source)) = found else { return false };
    let ImportRequest::Specifier(specifier) = &module.imports[import].request else { return false };
    let Some(file) = file_of(tree, path, specifier) else { return false };
    let Some(other) = tree.module(&file) else { return false };
    let is_value = |export: &Export| match export {
        Export::Local { name, .. } | Export::From { name, .. } | Export::Namespace { name, .. } => name == source,
        Export::All { .. } => true,
    };
    let Exports::Listed(exported) = &other.exports else { return false };
    !exported.iter().any(is_value) && ["interface", "type"].iter().any(|word| declares(&other.file.text, word, source))
}

/// The file that a relative import names.
fn file_of(tree: &DiskTree, importer: &Path, specifier: &str) -> Option<PathBuf> {
    if !specifier.starts_with('.') {
        return None;
    }
    let base = crate::iac::clean(&importer.parent()?.join(specifier));
    let bare = base.extension().filter(|extension| *extension == "js").map_or_else(|| base.clone(), |_| base.with_extension(""));
    let direct = TYPED.iter().map(|extension| PathBuf::from(format!("{}.{extension}", bare.display())));
    let index = TYPED.iter().map(|extension| base.join(format!("index.{extension}")));
    direct.chain(index).find(|path| tree.is_file(path))
}

fn declares(text: &str, word: &str, name: &str) -> bool {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').filter(|part| !part.is_empty()).collect();
    words.windows(2).any(|pair| pair == [word, name])
}
