//! Modules at run time: imports run the imported module's top-level code once, then read its names.

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::budget::MAX_IMPORTS;
use super::interp::{Activation, Interp, Phase};
use super::link::Target;
use super::store::{Obj, ObjKind};
use super::value::{Atom, ObjId, Value};
use crate::ids::{Id, ImportId, ModuleId};
use crate::ir::{Export, Exports};
use crate::note::NoteKind;
use crate::sdk::Ecosystem;
use crate::span::Span;
use crate::value::Piece;

/// The modules that were asked for a name on the way to it: modules may export from each other in circles.
#[derive(Default)]
struct Lookup {
    seen: FxHashSet<(ModuleId, SmolStr)>,
    depth: usize,
}

impl Interp<'_> {
    /// Names that the runtime provides in every module.
    pub(super) fn provide_module_names(&mut self, module: ModuleId, frame: ObjId) {
        let linked = &self.program.modules[module];
        if linked.ecosystem() == Ecosystem::Npm {
            // Transpiled modules have both forms of exports: `exports.save` is what `export function save` made.
            let is_listed = matches!(&linked.module.exports, Exports::Listed(exports) if !exports.is_empty());
            let kind = if is_listed { ObjKind::Namespace(module) } else { ObjKind::Dict };
            let exports = Value::object(self.store.alloc(Obj::new(kind)));
            let mut object = Obj::new(ObjKind::Dict);
            object.fields.insert("exports".into(), exports.clone());
            let holder = Value::object(self.store.alloc(object));
            let fields = &mut self.store.get_mut(frame).fields;
            fields.insert_if_absent("exports".into(), exports);
            fields.insert_if_absent("module".into(), holder);
        }
    }

    /// Runs a module's top-level code, unless it ran already.
    pub(super) fn run_module(&mut self, id: ModuleId) {
        if self.modules[id].phase == Phase::Idle {
            self.importing(|this| this.run_idle_module(id));
        }
    }

    fn run_idle_module(&mut self, id: ModuleId) {
        for package in self.program.modules[id].packages.clone() {
            self.run_module(package);
        }
        // What runs first may have imported it.
        if self.modules[id].phase != Phase::Idle {
            return;
        }
        self.modules[id].phase = Phase::Started;
        let depth = self.budget.depth();
        let frame = self.modules[id].frame;
        let first_made = self.store.len();
        let outer = self.store.enter_module();
        self.stack.push(self.top_activation(id, frame));
        let top = self.program.modules[id].module.top();
        self.block(&top.body.entry);
        let activation = self.stack.pop().expect("pushed above");
        self.store.absorb(activation.early);
        self.keep_loaded(frame, first_made);
        self.store.leave(outer);
        self.budget.back_to(depth);
    }

    /// Where one of several ways loads a module, the others find it loaded: what its top level defined, and what it exports.
    fn keep_loaded(&mut self, frame: ObjId, first_made: usize) {
        let mut kept = vec![frame];
        for name in ["module", "exports"] {
            if let Some(value) = self.store.get(frame).fields.get(name) {
                value.visit_objects(&mut |id| kept.push(id));
            }
        }
        self.store.keep(first_made, &kept);
    }

    pub(super) fn top_activation(&self, module: ModuleId, frame: ObjId) -> Activation {
        Activation {
            module,
            func: Id::from_index(0),
            frame,
            site: None,
            returns: Value::none(),
            early: Vec::new(),
            paths: self.store.open_paths(),
            loops: Vec::new(),
            yields: None,
            class: None,
            class_body: None,
            receiver: None,
        }
    }

    /// The namespace of an imported module.
    pub(super) fn import(&mut self, import: ImportId) -> Value {
        let linked = &self.program.modules[self.current().module];
        let request = &linked.module.imports[import];
        let target = linked.target(import);
        if request.type_only && !matches!(target, Target::External(..)) && linked.ecosystem() == Ecosystem::Npm {
            return Value::unknown("a type");
        }
        match target.clone() {
            Target::Module(id) => {
                if linked.is_assumed(import) {
                    let name = request_text(&request.request);
                    let from = &self.program.modules[id].module.file.path;
                    let message =
                        format!("`{name}` is not part of this function's code; {from} is taken for it, as if a layer brought it");
                    self.note(NoteKind::Info, request.span, message);
                }
                self.run_module(id);
                self.namespace(id)
            }
            Target::Package(name) => Value::one(Atom::Package(name)),
            Target::External(ecosystem, path) => {
                self.note_unlisted(import, &path);
                self.library(ecosystem, &path)
            }
            Target::Data(arg) => self.import_arg(&arg),
            Target::Missing => {
                self.missing(import);
                Value::unknown("a module that was not found")
            }
        }
    }

    /// Says that nothing tells where a package comes from, once for each file that imports something of it.
    fn note_unlisted(&mut self, import: ImportId, path: &[SmolStr]) {
        let linked = &self.program.modules[self.current().module];
        let request = &linked.module.imports[import];
        if linked.is_unlisted(import) && !request.type_only && !request.erased {
            let Some(first) = path.first() else { return };
            let (package, list) = match linked.ecosystem() {
                Ecosystem::Npm => (super::link::split_specifier(first).0, "no package.json"),
                Ecosystem::Python => (first.as_str(), "no list of requirements"),
            };
            if !self.record.unlisted.insert((self.current().module, package.into())) {
                return;
            }
            let name = request_text(&request.request);
            let message = format!("`{name}` was not found, and {list} around names it; calls made in it are not covered");
            self.note(NoteKind::UnresolvedImport, request.span, message);
        }
    }

    fn missing(&mut self, import: ImportId) {
        let linked = &self.program.modules[self.current().module];
        let request = &linked.module.imports[import];
        if request.type_only || request.erased {
            return;
        }
        let (span, name) = (request.span, request_text(&request.request));
        let extension = name.rsplit('.').next().unwrap_or_default();
        if ["css", "scss", "svg", "png", "html", "graphql", "json", "sql", "node", "wasm"].contains(&extension) {
            return;
        }
        self.note(NoteKind::UnresolvedImport, span, format!("`{name}` was not found; calls made in it are not covered"));
    }

    /// What a finished (or, in import cycles, started) module offers.
    pub(super) fn namespace(&mut self, id: ModuleId) -> Value {
        let linked = &self.program.modules[id];
        match &linked.module.exports {
            Exports::Listed(exports) if exports.is_empty() => self.commonjs(id),
            _ => Value::object(self.store.alloc(Obj::new(ObjKind::Namespace(id)))),
        }
    }

    /// What a `CommonJS` module assigned to `module.exports` or to fields of `exports`.
    pub(super) fn commonjs(&mut self, id: ModuleId) -> Value {
        let frame = self.modules[id].frame;
        let holder = self.store.get(frame).fields.get("module").cloned().unwrap_or_default();
        let span = Span::default();
        self.stack.push(self.top_activation(id, frame));
        let value = self.member(&holder, &"exports".into(), span);
        self.stack.pop();
        value
    }

    /// One name of an imported module.
    pub(super) fn import_from(&mut self, import: ImportId, name: &SmolStr) -> Value {
        self.import_on_the_way(import, name, &mut Lookup::default())
    }

    fn import_on_the_way(&mut self, import: ImportId, name: &SmolStr, lookup: &mut Lookup) -> Value {
        let module = self.current().module;
        let linked = &self.program.modules[module];
        let span = linked.module.imports[import].span;
        if linked.module.imports[import].type_only
            && let Target::Module(id) = linked.target(import)
        {
            // Types of the program's own classes still tell what an annotated value is.
            let id = *id;
            return if self.modules[id].phase == Phase::Started {
                self.exported_by(id, name, lookup).unwrap_or_else(unknown_export)
            } else {
                Value::unknown("a type")
            };
        }
        if let Some(submodule) = linked.submodule(import, name) {
            let package = match linked.target(import) {
                Target::Module(id) => Some(*id),
                _ => None,
            };
            if let Some(package) = package {
                self.run_module(package);
                if let Some(value) = self.module_variable(package, name) {
                    return value;
                }
            }
            self.run_module(submodule);
            return self.namespace(submodule);
        }
        match linked.target(import).clone() {
            Target::Module(id) => {
                self.run_module(id);
                self.exported_by(id, name, lookup).unwrap_or_else(unknown_export)
            }
            Target::External(ecosystem, path) => {
                self.note_unlisted(import, &path);
                self.library_name(ecosystem, &path, name, span)
            }
            _ => {
                let namespace = self.import(import);
                if name == "default" { namespace } else { self.member(&namespace, name, span) }
            }
        }
    }

    /// A library's value by its path.
    pub(super) fn library(&mut self, ecosystem: Ecosystem, path: &[SmolStr]) -> Value {
        Value::sdk(crate::sdk::import(ecosystem, path))
    }

    fn library_name(&mut self, ecosystem: Ecosystem, path: &[SmolStr], name: &SmolStr, span: Span) -> Value {
        let library = self.library(ecosystem, path);
        // The default import of a CommonJS package is the package itself.
        if name == "default" { library } else { self.member(&library, name, span) }
    }

    /// A name that a module offers.
    pub(super) fn module_member(&mut self, id: ModuleId, name: &SmolStr) -> Value {
        self.module_member_at(id, name, &mut Lookup::default()).unwrap_or_else(unknown_export)
    }

    /// The same for a module that another one exports from.
    fn exported_by(&mut self, id: ModuleId, name: &SmolStr, lookup: &mut Lookup) -> Option<Value> {
        if !lookup.seen.insert((id, name.clone())) {
            return None;
        }
        if lookup.depth >= MAX_IMPORTS {
            self.note_deep_imports();
            return None;
        }
        lookup.depth += 1;
        let found = self.module_member_at(id, name, lookup);
        lookup.depth -= 1;
        found
    }

    fn module_member_at(&mut self, id: ModuleId, name: &SmolStr, lookup: &mut Lookup) -> Option<Value> {
        match &self.program.modules[id].module.exports {
            Exports::Globals => self.global(id, name),
            Exports::Listed(exports) if exports.is_empty() => {
                let exports = self.commonjs(id);
                if name == "default" {
                    let inner = self.interop_default(id, &exports);
                    return Some(inner);
                }
                Some(self.in_module(id, |this| this.member(&exports, name, Span::default())))
            }
            Exports::Listed(exports) => self.exported(id, exports, name, lookup),
        }
    }

    /// `import x from './commonjs'`: the default export of transpiled modules, else everything.
    fn interop_default(&mut self, id: ModuleId, exports: &Value) -> Value {
        let default = self.in_module(id, |this| this.member(exports, &"default".into(), Span::default()));
        let known = default.filtered(|atom| !matches!(atom, Atom::Null(_) | Atom::Hole(_) | Atom::Bound(_)));
        if known.is_none() { exports.clone() } else { known }
    }

    /// A top-level name or submodule of a Python module.
    fn global(&mut self, id: ModuleId, name: &SmolStr) -> Option<Value> {
        let frame = self.modules[id].frame;
        let value = self.store.get(frame).fields.get(name).cloned().unwrap_or_default();
        if !value.is_none() {
            return Some(value);
        }
        let dotted = smol_str::format_smolstr!("{}.{name}", self.program.modules[id].name);
        if let Some(submodule) = self.program.dotted(&dotted) {
            self.run_module(submodule);
            return Some(self.namespace(submodule));
        }
        if name == "__name__" {
            return Some(Value::literal(self.program.modules[id].name.clone()));
        }
        // Reached through an import cycle before its definition ran.
        if self.store.get(frame).fields.contains_key(name) {
            return self.in_module(id, |this| Some(this.name(name, Span::default())));
        }
        let fallback = self.store.get(frame).fields.get("__getattr__").cloned()?;
        Some(self.call_value(&fallback, super::call::Args::positional(vec![Value::literal(name.clone())]), Span::default()))
    }

    fn exported(&mut self, id: ModuleId, exports: &[Export], name: &SmolStr, lookup: &mut Lookup) -> Option<Value> {
        let mut stars = Vec::new();
        for export in exports {
            match export {
                Export::Local { name: known, local } if known == name => {
                    return Some(self.in_module(id, |this| this.name(local, Span::default())));
                }
                Export::From { name: known, import, source } if known == name => {
                    return Some(self.in_module(id, |this| this.import_on_the_way(*import, source, lookup)));
                }
                Export::Namespace { name: known, import } if known == name => {
                    return Some(self.in_module(id, |this| this.import(*import)));
                }
                Export::All { import } if name != "default" => stars.push(*import),
                _ => {}
            }
        }
        stars.into_iter().find_map(|import| self.through_star(id, import, name, lookup))
    }

    fn through_star(&mut self, id: ModuleId, import: ImportId, name: &SmolStr, lookup: &mut Lookup) -> Option<Value> {
        match self.program.modules[id].target(import).clone() {
            Target::Module(inner) => {
                self.run_module(inner);
                self.exported_by(inner, name, lookup).filter(|value| self.is_null(value) != Some(true))
            }
            Target::External(ecosystem, path) => {
                Some(self.in_module(id, |this| this.library_name(ecosystem, &path, name, Span::default())))
            }
            _ => None,
        }
    }

    /// Evaluates something as code of another module's top level.
    pub(super) fn in_module<T>(&mut self, id: ModuleId, run: impl FnOnce(&mut Self) -> T) -> T {
        let frame = self.modules[id].frame;
        self.stack.push(self.top_activation(id, frame));
        let result = run(self);
        self.stack.pop();
        result
    }

    /// `package.module` of a folder without code of its own.
    pub(super) fn package_member(&mut self, package: &SmolStr, name: &str) -> Value {
        if name == "__name__" {
            return Value::literal(package.clone());
        }
        let dotted = smol_str::format_smolstr!("{package}.{name}");
        if let Some(id) = self.program.dotted(&dotted) {
            self.run_module(id);
            return self.namespace(id);
        }
        if self.program.is_package(&dotted) { Value::one(Atom::Package(dotted)) } else { Value::unknown("a missing module") }
    }

    /// `from module import *`.
    pub(super) fn import_all(&mut self, import: ImportId) {
        let linked = &self.program.modules[self.current().module];
        let Target::Module(id) = linked.target(import) else {
            if matches!(linked.target(import), Target::External(..)) {
                self.star_from_library(import);
            } else {
                self.missing(import);
            }
            return;
        };
        let id = *id;
        self.run_module(id);
        let frame = self.current().frame;
        for name in self.names_for_all(id) {
            if let Some(value) = self.global(id, &name) {
                self.set_field(frame, &name, value, true);
            }
        }
    }

    /// The names that `from module import *` brings: those in `__all__`, else all that begin with no underscore. What a package
    /// imported of itself are names of it, too.
    ///
    /// <https://docs.python.org/3/reference/simple_stmts.html#the-import-statement>
    fn names_for_all(&self, id: ModuleId) -> Vec<SmolStr> {
        let fields = &self.store.get(self.modules[id].frame).fields;
        let mut names = Vec::new();
        let listed = fields.get("__all__").filter(|value| !value.is_none());
        if let Some(listed) = listed {
            let mut known = true;
            for atom in listed.atoms() {
                let Atom::Object(list) = atom else {
                    known = false;
                    continue;
                };
                let list = self.store.get(*list);
                names.extend(
                    list.items
                        .iter()
                        .chain([&list.rest])
                        .flat_map(Value::texts)
                        .filter_map(|text| text.as_literal().map(SmolStr::from)),
                );
                let are_names = |value: &Value| {
                    value.atoms().iter().all(|atom| super::value::atom_text(atom).is_some_and(|text| text.as_literal().is_some()))
                };
                known &= list.kind == ObjKind::List && list.items.iter().chain([&list.rest]).all(are_names);
            }
            if known {
                return names;
            }
        }
        names.extend(
            fields.iter().filter(|(name, value)| !name.starts_with('_') && !value.is_none()).map(|(name, _)| name.clone()),
        );
        let package = &self.program.modules[id].name;
        let ran = self.program.modules.iter_enumerated().filter(|(inner, _)| self.modules[*inner].phase != Phase::Idle);
        let inner = ran.filter_map(|(_, linked)| linked.name.strip_prefix(package.as_str())?.strip_prefix('.'));
        names.extend(inner.filter(|name| !name.contains('.') && !name.starts_with('_')).map(SmolStr::from));
        names
    }

    /// Remembers a library whose names are all visible; they are looked up when they are used.
    fn star_from_library(&mut self, import: ImportId) {
        let value = self.import(import);
        let frame = self.current().frame;
        let key = SmolStr::new_static("*");
        let mut known = self.store.get(frame).fields.get(&key).cloned().unwrap_or_default();
        known.join(&value);
        self.set_field(frame, &key, known, true);
    }

    /// The modules of Python that paths lead to, loaded as `importlib.util.spec_from_file_location` and `runpy.run_path` do.
    pub(super) fn modules_at(&mut self, path: &Value, as_main: bool, span: Span) -> Value {
        let module = self.current().module;
        let mut all = Value::none();
        for text in path.texts() {
            // What stands before a name is the folder of this file, or something that nobody knows.
            let end = match text.pieces().last() {
                Some(Piece::Literal(end)) => end.as_str(),
                _ => "",
            };
            let found = self.program.ending_in(module, end);
            if found.is_empty() {
                let message = "which file is loaded here was not found; calls made in it are not covered";
                self.note(NoteKind::DynamicCode, span, message);
            }
            for id in found.into_iter().filter(|id| *id != module) {
                self.run_as(id, as_main);
                all.join(&self.namespace(id));
            }
        }
        if all.is_none() { Value::unknown("a module with a computed name") } else { all }
    }

    /// Runs a module as the program or as a module of it.
    pub(super) fn run_as(&mut self, id: ModuleId, main: bool) {
        if main {
            self.modules[id].phase = Phase::Idle;
        }
        let before = self.as_main;
        self.as_main |= main;
        self.run_module(id);
        self.as_main = before;
    }

    /// `importlib.import_module(name)`, `require(name)` with a computed name.
    pub(super) fn dynamic_import(&mut self, name: &Value, span: Span) -> Value {
        let module = self.current().module;
        let ecosystem = self.program.modules[module].ecosystem();
        let mut all = Value::none();
        for text in name.texts() {
            let found = self.program.computed(module, &text);
            if !found.is_empty() {
                for id in found.into_iter().filter(|id| *id != module) {
                    self.run_module(id);
                    let namespace = self.namespace(id);
                    all.join(&namespace);
                }
                continue;
            }
            let Some(literal) = text.as_literal() else {
                self.note(
                    NoteKind::DynamicCode,
                    span,
                    "the name of an imported module is computed; calls made in it are not covered",
                );
                continue;
            };
            if literal.starts_with(['.', '/']) {
                self.note(
                    NoteKind::UnresolvedImport,
                    span,
                    format!("the name of the imported file is computed; calls made in {literal} are not covered"),
                );
                all.join(&Value::unknown("a module with a computed name"));
                continue;
            }
            let path = match ecosystem {
                Ecosystem::Python => literal.split('.').map(SmolStr::new).collect::<Vec<_>>(),
                Ecosystem::Npm => vec![literal.into()],
            };
            let library = self.library(ecosystem, &path);
            all.join(&library);
        }
        if all.is_none() { Value::unknown("a module with a computed name") } else { all }
    }
}

fn unknown_export() -> Value {
    Value::unknown("a name that its module does not have")
}

fn request_text(request: &crate::ir::ImportRequest) -> String {
    match request {
        crate::ir::ImportRequest::Specifier(specifier) => specifier.to_string(),
        crate::ir::ImportRequest::Dotted { level, segments } => {
            format!("{}{}", ".".repeat(*level as usize), segments.join("."))
        }
    }
}
