//! Functions that look like handlers and are helpers of one: another module has a handler, imports them and calls them.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::ids::ImportId;
use crate::ir::{EntryKey, Expr, ImportRequest, Module, Pattern, Stmt};

/// Exports by the file that has them, without its ending, and their names.
pub(super) type Helpers = FxHashSet<(PathBuf, SmolStr)>;

/// The exports that modules with a handler of their own import and call.
pub(super) fn called_by_handlers(modules: &[(PathBuf, Option<Arc<Module>>)]) -> Helpers {
    let mut found = Helpers::default();
    for (path, module) in modules {
        let Some(module) = module.as_ref().filter(|module| module.handlers.iter().any(|name| is_handler_name(name))) else {
            continue;
        };
        let called: FxHashSet<&SmolStr> = module
            .functions
            .iter()
            .flat_map(|function| {
                function.body.exprs.iter().filter_map(|expr| match expr {
                    Expr::Call { callee, .. } => match &function.body.exprs[*callee] {
                        Expr::Name(name) => Some(name),
                        _ => None,
                    },
                    _ => None,
                })
            })
            .collect();
        for (local, import, name) in imported(module) {
            if called.contains(local)
                && let ImportRequest::Specifier(specifier) = &module.imports[import].request
                && specifier.starts_with('.')
            {
                found.insert((stem(&path.with_file_name("").join(specifier.as_str())), name.clone()));
            }
        }
    }
    found
}

/// Whether one of the helpers is this export.
pub(super) fn is_helper(helpers: &Helpers, path: &Path, symbol: &SmolStr) -> bool {
    let own = stem(path);
    let as_folder = || own.file_name().is_some_and(|name| name == "index").then(|| own.parent().map(Path::to_path_buf)).flatten();
    let has = |path: PathBuf| helpers.contains(&(path, symbol.clone()));
    !is_handler_name(symbol) && (has(own.clone()) || as_folder().is_some_and(has))
}

/// Whether a function is called what handlers are called, whoever else calls it.
fn is_handler_name(name: &str) -> bool {
    matches!(name, "handler" | "lambdaHandler" | "lambda_handler")
}

/// The names that a module imports one by one: its own, and the other module's.
fn imported(module: &Module) -> Vec<(&SmolStr, ImportId, &SmolStr)> {
    let body = &module.top().body;
    let mut found = Vec::new();
    for stmt in body.stmts.iter() {
        let Stmt::Bind { pattern, value, .. } = stmt else { continue };
        match (pattern, &body.exprs[*value]) {
            (Pattern::Name(local), Expr::ImportFrom { import, name }) => found.push((local, *import, name)),
            (Pattern::Object { entries, .. }, Expr::Import(import)) => {
                found.extend(entries.iter().filter_map(|entry| match (&entry.key, &entry.pattern) {
                    (EntryKey::Name(name), Pattern::Name(local)) => Some((local, *import, name)),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    found
}

/// A path without `.` and `..` in it, and without the ending of a source file.
fn stem(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    let ends = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];
    if plain.extension().is_some_and(|end| ends.iter().any(|known| end == *known)) { plain.with_extension("") } else { plain }
}
