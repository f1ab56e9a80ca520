//! Handlers beside the one that is analyzed: a library that wraps each of them calls none of the others.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::interp::FlowOptions;
use super::link::Program;
use crate::ids::{ExprId, FuncId, Id as _, ModuleId};
use crate::ir::{Body, Expr, Module, Pattern, Stmt};

/// The functions that [`FlowOptions::deployed_apart`] names and those that are wrapped for them, without what the entry's own
/// handlers are made of.
pub(super) fn apart(program: &Program, options: &FlowOptions, own: &[(ModuleId, SmolStr)]) -> FxHashSet<(ModuleId, FuncId)> {
    // `./app.py` and `app.py` are one file, which may be loaded by both names.
    let plain = |path: &Path| path.strip_prefix(".").map_or_else(|_| path.to_path_buf(), Path::to_path_buf);
    let wanted: FxHashSet<(PathBuf, &SmolStr)> = options.deployed_apart.iter().map(|(path, name)| (plain(path), name)).collect();
    let mut found = FxHashSet::default();
    if wanted.is_empty() {
        return found;
    }
    for (id, linked) in program.modules.iter_enumerated() {
        let path = plain(&linked.path);
        let names = Names::of(&linked.module);
        let of = |name: &SmolStr| names.functions_behind(name).into_iter().map(move |func| (id, func));
        found.extend(names.all().filter(|name| wanted.contains(&(path.clone(), *name))).flat_map(of));
        for (_, symbol) in own.iter().filter(|(module, _)| *module == id) {
            for function in of(symbol) {
                found.remove(&function);
            }
        }
    }
    found
}

/// What the names at the top of a module stand for.
struct Names<'m> {
    body: &'m Body,
    /// Several functions can have one name: the last one replaces the others, but decorators had them all.
    functions: FxHashMap<&'m SmolStr, Vec<FuncId>>,
    values: FxHashMap<&'m SmolStr, ExprId>,
}

impl<'m> Names<'m> {
    fn of(module: &'m Module) -> Self {
        let body = &module.top().body;
        let mut names = Self { body, functions: FxHashMap::default(), values: FxHashMap::default() };
        for stmt in body.stmts.iter() {
            match stmt {
                Stmt::DefineFunction(func) => names.functions.entry(&module.functions[*func].name).or_default().push(*func),
                // `export const get = wrap(async event => …)`, `exports.get = …`
                Stmt::Bind { pattern: Pattern::Name(name) | Pattern::Member { name, .. }, value, .. } => {
                    names.values.insert(name, *value);
                }
                _ => {}
            }
        }
        names
    }

    fn all(&self) -> impl Iterator<Item = &'m SmolStr> {
        self.functions.keys().chain(self.values.keys()).copied()
    }

    /// The function of a name, or those that are given to a chain of calls that makes its value, by name or in place.
    fn functions_behind(&self, name: &SmolStr) -> Vec<FuncId> {
        if let Some(functions) = self.functions.get(name) {
            return functions.clone();
        }
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        let mut open: Vec<ExprId> = self.values.get(name).copied().into_iter().collect();
        while let Some(id) = open.pop() {
            match &self.body.exprs[id] {
                Expr::Call { callee, args, .. } => {
                    open.push(*callee);
                    open.extend(args.iter().map(|argument| argument.value));
                }
                Expr::Member { object, .. } => open.push(*object),
                Expr::Function(func) => found.push(*func),
                Expr::Name(name) if seen.insert(name) => {
                    found.extend(self.functions.get(name).into_iter().flatten());
                    open.extend(self.values.get(name));
                }
                _ => {}
            }
        }
        found.sort_by_key(|func| func.index());
        found
    }
}
