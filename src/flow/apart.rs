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
        let taken = |name: &SmolStr| program.modules.iter().any(|other| takes(&other.module, name));
        let registered = names.registered_with_others(&linked.module, &|func| found.contains(&(id, func)), &taken);
        found.extend(registered.into_iter().map(|func| (id, func)));
    }
    found
}

/// Whether a module takes a name from another one.
fn takes(module: &Module, name: &SmolStr) -> bool {
    let is_it = |expr: &Expr| matches!(expr, Expr::ImportFrom { name: taken, .. } if taken == name);
    module.functions.iter().any(|function| function.body.exprs.iter().any(is_it))
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

    /// The functions that decorators register with objects which nothing but other handlers calls:
    ///
    /// ```text
    /// second = CfnResource()
    /// @second.create                      # called by `second`,
    /// def create_topic(event, context): …
    /// def other_handler(event, context):  # which this one calls
    ///     second(event, context)
    /// ```
    fn registered_with_others(
        &self,
        module: &Module,
        is_other: &dyn Fn(FuncId) -> bool,
        is_taken: &dyn Fn(&SmolStr) -> bool,
    ) -> Vec<FuncId> {
        let mut decorated: Vec<(FuncId, Vec<&SmolStr>)> = Vec::new();
        for &func in self.functions.values().flatten() {
            let roots: Option<Vec<&SmolStr>> =
                module.functions[func].decorators.iter().map(|&decorator| self.root(decorator)).collect();
            decorated.extend(roots.filter(|roots| !roots.is_empty()).map(|roots| (func, roots)));
        }
        decorated.sort_by_key(|(func, _)| func.index());
        let others: FxHashSet<FuncId> = with_inner(module, is_other);
        let belongs_to_others = |name: &SmolStr| {
            let is_made = self.values.get(name).is_some_and(|&value| matches!(self.body.exprs[value], Expr::Call { .. }));
            let count = |body: &Body| body.exprs.iter().filter(|expr| matches!(expr, Expr::Name(known) if known == name)).count();
            let by_decorators = decorated.iter().flat_map(|(_, roots)| roots).filter(|root| **root == name).count();
            let mut users =
                module.functions.iter_enumerated().filter(|(func, code)| func.index() > 0 && count(&code.body) > 0).peekable();
            is_made
                && !is_taken(name)
                && count(self.body) == by_decorators
                && users.peek().is_some()
                && users.all(|(func, _)| others.contains(&func))
        };
        decorated.iter().filter(|(_, roots)| roots.iter().all(|name| belongs_to_others(name))).map(|(func, _)| *func).collect()
    }

    /// The name that an expression begins with: `app` of `app.route("/")`.
    fn root(&self, mut expr: ExprId) -> Option<&'m SmolStr> {
        loop {
            expr = match &self.body.exprs[expr] {
                Expr::Call { callee, .. } => *callee,
                Expr::Member { object, .. } => *object,
                Expr::Name(name) => return Some(name),
                _ => return None,
            };
        }
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

/// Some functions, with those that are defined within them.
fn with_inner(module: &Module, is_one: &dyn Fn(FuncId) -> bool) -> FxHashSet<FuncId> {
    let mut all: FxHashSet<FuncId> = FxHashSet::default();
    let mut open: Vec<FuncId> = module.functions.iter_enumerated().map(|(id, _)| id).filter(|id| is_one(*id)).collect();
    while let Some(id) = open.pop() {
        if all.insert(id) {
            let body = &module.functions[id].body;
            open.extend(body.exprs.iter().filter_map(|expr| if let Expr::Function(func) = expr { Some(*func) } else { None }));
            open.extend(
                body.stmts.iter().filter_map(|stmt| if let Stmt::DefineFunction(func) = stmt { Some(*func) } else { None }),
            );
        }
    }
    all
}
