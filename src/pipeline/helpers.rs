//! Functions that look like handlers and are helpers of one: another module has a handler, imports them and calls them. What makes
//! a handler of options is such a helper, and what it makes is the handler.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::ids::ImportId;
use crate::ir::{EntryKey, Export, Exports, Expr, ImportRequest, Module, Pattern, Stmt};

/// What a default export is called.
const DEFAULT: &str = "default";

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

/// The functions of modules that give handlers to others, and by module the exports that are such handlers.
pub(super) fn made_by_others(modules: &[(PathBuf, Option<Arc<Module>>)]) -> (Helpers, FxHashMap<PathBuf, Vec<SmolStr>>) {
    let known = || modules.iter().filter_map(|(path, module)| Some((path, module.as_ref()?)));
    let makers: Helpers =
        known().flat_map(|(path, module)| module.makers.iter().map(|name| (stem(path), name.clone()))).collect();
    let (mut used, mut made) = (Helpers::default(), FxHashMap::<PathBuf, Vec<SmolStr>>::default());
    for (path, module) in known().filter(|(_, module)| !module.made.is_empty()) {
        let imported = imported(module);
        for (export, callee) in &module.made {
            let Some((_, import, name)) = imported.iter().find(|(local, ..)| *local == callee) else { continue };
            let ImportRequest::Specifier(specifier) = &module.imports[*import].request else { continue };
            let file = stem(&path.with_file_name("").join(specifier.as_str()));
            let places = [file.clone(), file.join("index")].map(|file| (file, (*name).clone()));
            if let Some(maker) = places.into_iter().find(|maker| specifier.starts_with('.') && makers.contains(maker)) {
                used.insert(maker);
                made.entry(path.clone()).or_default().push(export.clone());
            }
        }
    }
    (used, made)
}

/// The handlers of a module that are no helpers, each under one name.
pub(super) fn without_helpers(helpers: &Helpers, path: &Path, module: &Module, handlers: Vec<SmolStr>) -> Vec<SmolStr> {
    let own: Vec<SmolStr> = handlers
        .iter()
        .filter(|symbol| {
            let names = names_of_same(module, symbol);
            is_handler_name(symbol) || !names.iter().any(|name| is_helper(helpers, path, name))
        })
        .cloned()
        .collect();
    let is_second = |symbol: &SmolStr| {
        *symbol == DEFAULT && names_of_same(module, symbol).into_iter().any(|name| name != symbol && own.contains(name))
    };
    own.iter().filter(|symbol| !is_second(symbol)).cloned().collect()
}

/// The names under which a module exports what it exports under this one: `export const work = …; export default work`.
fn names_of_same<'m>(module: &'m Module, symbol: &'m SmolStr) -> Vec<&'m SmolStr> {
    let locals = || match &module.exports {
        Exports::Listed(exports) => exports.as_slice(),
        Exports::Globals => &[],
    };
    let of_local = |export: &'m Export| match export {
        Export::Local { name, local } => Some((name, local)),
        _ => None,
    };
    let own = locals().iter().filter_map(of_local).find(|(name, _)| *name == symbol);
    let same = locals().iter().filter_map(of_local).filter(|(_, local)| own.is_some_and(|(_, own)| *local == own));
    same.map(|(name, _)| name).chain([symbol]).collect()
}

fn is_helper(helpers: &Helpers, path: &Path, symbol: &SmolStr) -> bool {
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
