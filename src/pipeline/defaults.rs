//! Functions that only their being exported by default speaks for, as it does for hooks, middleware and configuration: they are
//! taken for handlers where they reach something that may ask AWS.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::jobs::{link_options, tree_boundary};
use crate::flow::Program;
use crate::flow::link::Target;
use crate::ids::{Id, ModuleId};
use crate::ir::Module;
use crate::project::{DiskTree, Function};
use crate::sdk::packages::mentions_sdk;

/// The files that export such a function and reach nothing that may ask AWS.
pub(super) fn asking_nothing(
    tree: &DiskTree,
    modules: &[(PathBuf, Option<Arc<Module>>)],
    function: &Function,
) -> FxHashSet<PathBuf> {
    let is_plain = |module: &Arc<Module>| module.plain_default.is_some() && !mentions_sdk(&module.file.text);
    let plain = modules.iter().filter(|(_, module)| module.as_ref().is_some_and(is_plain));
    let entries: Vec<PathBuf> = plain.map(|(path, _)| path.clone()).collect();
    if entries.is_empty() {
        return FxHashSet::default();
    }
    let options = link_options(tree, function, tree_boundary(function), false, None);
    let Some(program) = Program::load_all(tree, &entries, &options) else { return FxHashSet::default() };
    let asks = asking(&program);
    let asks_nothing = |path: &PathBuf| program.at_path(path).is_some_and(|id| !asks.contains(&id));
    entries.into_iter().filter(asks_nothing).collect()
}

/// The modules that may ask AWS, and those that lead to one.
fn asking(program: &Program) -> FxHashSet<ModuleId> {
    let mut importers: Vec<Vec<ModuleId>> = vec![Vec::new(); program.modules.len()];
    let mut open = Vec::new();
    for (id, linked) in program.modules.iter_enumerated() {
        let mut asks = mentions_sdk(&linked.module.file.text);
        for (import, request) in linked.module.imports.iter_enumerated() {
            match linked.target(import) {
                Target::Module(other) => importers[other.index()].push(id),
                Target::External(ecosystem, path) => {
                    let package = path.first().map_or("", |first| crate::flow::link::split_specifier(first).0);
                    asks |= linked.is_unlisted(import) || crate::sdk::knows_package(*ecosystem, package);
                }
                Target::Missing => asks |= !request.type_only && !request.erased,
                Target::Package(_) | Target::Data(_) => {}
            }
        }
        if asks {
            open.push(id);
        }
    }
    let mut found: FxHashSet<ModuleId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        let new = importers[id.index()].iter().filter(|importer| found.insert(**importer));
        open.extend(new.copied());
    }
    found
}
