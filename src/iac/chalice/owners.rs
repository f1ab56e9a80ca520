//! Which names of a project's modules hold an application or a blueprint: instances of Chalice's classes, or of classes of the
//! project that inherit from them, and what functions give back that make one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use smol_str::SmolStr;

use super::app::module_file;
use crate::iac::files::Files;
use crate::ids::ExprId;
use crate::ir::{Body, Expr, ImportRequest, Module, Pattern, Stmt};
use crate::lower::lower;
use crate::syntax::Language;

/// How far imports are followed.
const MAX_DEPTH: u32 = 8;

/// Names of one module; what a module that it imports has is called by both names: `helpers.make_app`.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Applications and blueprints.
    pub(super) owners: BTreeSet<SmolStr>,
    /// What makes them when it is called: their classes, and functions that give one back.
    makers: BTreeSet<SmolStr>,
}

/// The names of all modules that somebody asked about.
pub(super) struct Owners<'a> {
    files: &'a Files,
    folder: &'a Path,
    known: BTreeMap<String, Names>,
}

impl<'a> Owners<'a> {
    pub(super) fn new(files: &'a Files, folder: &'a Path) -> Self {
        Self { files, folder, known: BTreeMap::new() }
    }

    /// Those of a module.
    pub(super) fn of(&mut self, dotted: &str, module: &Module) -> &Names {
        self.read(dotted, module, 0);
        self.known.entry(dotted.to_owned()).or_default()
    }

    fn read(&mut self, dotted: &str, module: &Module, depth: u32) {
        if self.known.contains_key(dotted) {
            return;
        }
        // Modules that import each other come to an end.
        self.known.insert(dotted.to_owned(), Names::default());
        let body = &module.top().body;
        let mut names = Names::default();
        for stmt in &body.entry {
            match &body.stmts[*stmt] {
                Stmt::Bind { pattern: Pattern::Name(name), value, .. } => match &body.exprs[*value] {
                    Expr::ImportFrom { import, name: taken } => {
                        let found = self.taken(dotted, &module.imports[*import].request, taken, depth);
                        if found.0 {
                            names.owners.insert(name.clone());
                        }
                        if found.1 {
                            names.makers.insert(name.clone());
                        }
                        let of_module = self.whole(dotted, &module.imports[*import].request, Some(taken), depth);
                        names.extend(name, of_module);
                    }
                    Expr::Import(import) => {
                        let of_module = self.whole(dotted, &module.imports[*import].request, None, depth);
                        names.extend(name, of_module);
                    }
                    Expr::Call { callee, .. } if makes_one(body, *callee, &names) => {
                        names.owners.insert(name.clone());
                    }
                    _ => {}
                },
                Stmt::DefineClass(id) => {
                    let class = &module.classes[*id];
                    if class.bases.iter().any(|base| makes_one(body, *base, &names)) {
                        names.makers.insert(class.name.clone());
                    }
                }
                Stmt::DefineFunction(id) => {
                    let own = &module.functions[*id];
                    let made = |expr: &Expr| matches!(expr, Expr::Call { callee, .. } if makes_one(&own.body, *callee, &names));
                    let gives = |stmt: &Stmt| matches!(stmt, Stmt::Return(Some(_)));
                    if own.body.exprs.iter().any(made) && own.body.stmts.iter().any(gives) {
                        names.makers.insert(own.name.clone());
                    }
                }
                _ => {}
            }
        }
        self.known.insert(dotted.to_owned(), names);
    }

    /// Whether what a module takes from another one is an application, and whether it makes one.
    fn taken(&mut self, dotted: &str, request: &ImportRequest, name: &SmolStr, depth: u32) -> (bool, bool) {
        let ImportRequest::Dotted { level, segments } = request else { return (false, false) };
        if *level == 0 && segments.first().is_some_and(|first| first == "chalice") {
            return (false, is_own(name));
        }
        let names = self.whole(dotted, request, None, depth);
        names.map_or((false, false), |names| (names.owners.contains(name), names.makers.contains(name)))
    }

    /// The names of a module that another one asks for, or of one in the package that it asks for.
    fn whole(&mut self, dotted: &str, request: &ImportRequest, inner: Option<&SmolStr>, depth: u32) -> Option<&Names> {
        let ImportRequest::Dotted { level, segments } = request else { return None };
        let package: Vec<&str> = dotted.split('.').collect();
        let kept = if *level == 0 { 0 } else { package.len().saturating_sub(*level as usize) };
        let parts = package[..kept].iter().copied().chain(segments.iter().chain(inner).map(SmolStr::as_str));
        let parts: Vec<&str> = parts.collect();
        let (path, from) = module_file(self.files, self.folder, &parts.join(".")).filter(|_| depth < MAX_DEPTH)?;
        if !self.known.contains_key(&from)
            && let Ok(file) = self.files.read(&path)
        {
            self.read(&from, &lower(file, Language::Python), depth + 1);
        }
        self.known.get(&from)
    }
}

impl Names {
    /// Adds those of a module that has a name here.
    fn extend(&mut self, module: &SmolStr, of_module: Option<&Self>) {
        let Some(of_module) = of_module else { return };
        let named = |name: &SmolStr| smol_str::format_smolstr!("{module}.{name}");
        self.owners.extend(of_module.owners.iter().map(named));
        self.makers.extend(of_module.makers.iter().map(named));
    }
}

/// Whether an expression names what makes applications or blueprints.
fn makes_one(body: &Body, expr: ExprId, names: &Names) -> bool {
    let is_member = matches!(&body.exprs[expr], Expr::Member { name, .. } if is_own(name));
    is_member || named(body, expr).is_some_and(|name| is_own(&name) || names.makers.contains(&name))
}

/// The name that an expression is, or a name of a module that has one: `app`, `helpers.app`.
pub(super) fn named(body: &Body, expr: ExprId) -> Option<SmolStr> {
    match &body.exprs[expr] {
        Expr::Name(name) => Some(name.clone()),
        Expr::Member { object, name } => match &body.exprs[*object] {
            Expr::Name(module) => Some(smol_str::format_smolstr!("{module}.{name}")),
            _ => None,
        },
        _ => None,
    }
}

fn is_own(class: &str) -> bool {
    matches!(class, "Chalice" | "Blueprint")
}
