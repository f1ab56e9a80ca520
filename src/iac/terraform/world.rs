//! Modules called by modules: which instances of everything there are, and what their names mean.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use smol_str::SmolStr;

use super::module::{Module, Placed, PlacedExpr, passed_values, values_of};
use super::value::{Kind, Value};
use crate::iac::{Files, Parameter, clean};
use crate::note::{Note, NoteKind, Notes};
use crate::span::{Location, SourceFile, Span};

/// How many expressions are evaluated for one root module.
const MAX_STEPS: u32 = 1_000_000;
/// How many characters of a string that is put together are worth a step.
const CHARACTERS_PER_STEP: usize = 256;
/// How deep expressions and the references between them may nest.
const MAX_DEPTH: u32 = 160;
/// How many instances one block may have.
pub(super) const MAX_INSTANCES: usize = 500;
/// How many instances of modules a root module may have.
const MAX_MODULES: usize = 300;

/// A root module with everything it calls.
pub(super) struct World<'a> {
    pub(super) files: &'a Files,
    /// The root module's folder; Terraform takes relative paths from here.
    pub(super) root: PathBuf,
    modules: RefCell<BTreeMap<PathBuf, Rc<Module>>>,
    instances: RefCell<Vec<Rc<Instance>>>,
    values: BTreeMap<SmolStr, PlacedExpr>,
    /// What scripts pass, as far as files around the configuration tell.
    passed: OnceCell<BTreeMap<SmolStr, PlacedExpr>>,
    pub(super) parameters: RefCell<BTreeMap<SmolStr, Parameter>>,
    notes: RefCell<Notes>,
    steps: Cell<u32>,
    depth: Cell<u32>,
    /// Whether the bound of the depth was noted already.
    too_deep: Cell<bool>,
}

/// A module as one call made it.
pub(super) struct Instance {
    pub(super) number: usize,
    /// What stands before the addresses of its resources: `module.orders.`; empty for the root.
    pub(super) prefix: SmolStr,
    pub(super) module: Rc<Module>,
    /// What `path.module` is: relative to the root module.
    pub(super) path: String,
    /// Who called it; absent for the root.
    pub(super) call: Option<Call>,
    /// Whether it stands for all that a `count` or `for_each` makes whose keys are not known.
    pub(super) is_any: bool,
    /// Values of variables, locals and outputs; nothing while they are being evaluated.
    memo: RefCell<BTreeMap<SmolStr, Option<Value>>>,
    expansions: RefCell<BTreeMap<SmolStr, Option<Rc<Expansion>>>>,
    children: RefCell<BTreeMap<SmolStr, Option<usize>>>,
}

/// A `module` block with the names it is evaluated under.
pub(super) struct Call {
    pub(super) scope: Scope,
    pub(super) name: SmolStr,
}

/// A resource or data source, once for each `count` or `for_each`.
#[derive(Debug)]
pub(super) struct Declared {
    /// `module.a.aws_sqs_queue.jobs["x"]`
    pub(super) address: SmolStr,
    /// `aws_sqs_queue`
    pub(super) kind: SmolStr,
    /// Its key in the module: `data.aws_sqs_queue.jobs`.
    pub(super) key: SmolStr,
    pub(super) instance: usize,
    /// `each` and `count`.
    pub(super) names: Vec<(SmolStr, Value)>,
}

/// What `count` and `for_each` make of a block.
#[derive(Debug)]
pub(super) enum Expansion {
    /// Neither is there.
    One,
    /// One for each index.
    Counted(usize),
    /// One for each key.
    Keyed(BTreeMap<SmolStr, Value>),
    /// Keys that only the deployment knows: one stands for all of them.
    Unknown { key: Value, value: Value },
}

/// What names mean at a place.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) instance: Rc<Instance>,
    pub(super) file: Arc<SourceFile>,
    /// Innermost last.
    pub(super) names: Vec<(SmolStr, Value)>,
}

impl Scope {
    pub(super) fn new(instance: &Rc<Instance>, file: &Arc<SourceFile>) -> Self {
        Self { instance: Rc::clone(instance), file: Arc::clone(file), names: Vec::new() }
    }

    pub(super) fn with(&self, names: impl IntoIterator<Item = (SmolStr, Value)>) -> Self {
        let mut inner = self.clone();
        inner.names.extend(names);
        inner
    }

    pub(super) fn at(&self, span: Span) -> Location {
        Location::new(&self.file, span)
    }
}

/// Counts one level of evaluation for as long as it lives.
pub(super) struct Level<'w>(&'w Cell<u32>);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl<'a> World<'a> {
    pub(super) fn new(files: &'a Files, root: &Path) -> Self {
        let mut notes = Vec::new();
        let values = values_of(files, root, &mut notes);
        Self {
            files,
            root: clean(root),
            modules: RefCell::default(),
            instances: RefCell::default(),
            values,
            passed: OnceCell::new(),
            parameters: RefCell::default(),
            notes: RefCell::new(notes.into_iter().collect()),
            steps: Cell::new(0),
            depth: Cell::new(0),
            too_deep: Cell::new(false),
        }
    }

    pub(super) fn note(&self, at: &Location, message: impl Into<String>) {
        self.push_note(Note::at(NoteKind::Template, at.clone(), message));
    }

    pub(super) fn push_note(&self, note: Note) {
        self.notes.borrow_mut().insert(note);
    }

    /// Everything that was noted, and the files that were read.
    pub(super) fn finish(&self) -> (Vec<Note>, Vec<Arc<SourceFile>>) {
        let modules = self.modules.borrow();
        let mut notes: Vec<Note> = modules.values().flat_map(|module| module.notes.iter().cloned()).collect();
        notes.extend(self.notes.take());
        let mains = modules.values().filter_map(|module| module.main_file().cloned());
        (notes, mains.collect())
    }

    /// Counts work; false when the budget is spent, which is said once.
    pub(super) fn spend(&self, steps: usize, at: &Location) -> bool {
        let before = self.steps.get();
        self.steps.set(before.saturating_add(u32::try_from(steps).unwrap_or(u32::MAX)));
        if before < MAX_STEPS && self.steps.get() >= MAX_STEPS {
            let message = "this configuration takes too long to evaluate; the rest counts as unknown";
            self.push_note(Note::at(NoteKind::Budget, at.clone(), message));
        }
        self.steps.get() < MAX_STEPS
    }

    /// A value that is about to be written out in full: that costs what it consists of.
    pub(super) fn afford(&self, value: Value, at: &Location) -> Value {
        if self.spend(value.size(), at) { value } else { Value::unknown("a value beyond what is evaluated", at) }
    }

    /// A value that was computed: strings are not shared, so that each costs what it is long.
    pub(super) fn afford_text(&self, value: Value, at: &Location) -> Value {
        let long = |value: &Value| match &value.kind {
            Kind::Text(text) => text.weight() / CHARACTERS_PER_STEP,
            _ => 0,
        };
        let steps = value.alternatives().iter().map(long).sum();
        if self.spend(steps, at) { value } else { Value::unknown("a value beyond what is evaluated", at) }
    }

    /// One level deeper; nothing when a budget is spent.
    pub(super) fn enter(&self, at: &Location) -> Option<Level<'_>> {
        let affordable = self.spend(1, at);
        if self.depth.get() >= MAX_DEPTH && !self.too_deep.replace(true) {
            let message = "references lead too deep from here; what is behind them counts as unknown";
            self.push_note(Note::at(NoteKind::Budget, at.clone(), message));
        }
        if !affordable || self.depth.get() >= MAX_DEPTH {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        Some(Level(&self.depth))
    }

    pub(super) fn root_instance(&self) -> Rc<Instance> {
        if let Some(root) = self.instances.borrow().first() {
            return Rc::clone(root);
        }
        let module = self.module(&self.root);
        self.add(SmolStr::default(), module, ".".to_owned(), None, false)
    }

    pub(super) fn instance(&self, number: usize) -> Option<Rc<Instance>> {
        self.instances.borrow().get(number).cloned()
    }

    /// A path of the configuration, as it can be opened.
    pub(super) fn open_path(&self, path: &str) -> PathBuf {
        clean(&self.root.join(path))
    }

    fn module(&self, folder: &Path) -> Rc<Module> {
        if let Some(known) = self.modules.borrow().get(folder) {
            return Rc::clone(known);
        }
        let module = Rc::new(Module::read(self.files, folder));
        self.modules.borrow_mut().insert(folder.to_path_buf(), Rc::clone(&module));
        module
    }

    fn add(&self, prefix: SmolStr, module: Rc<Module>, path: String, call: Option<Call>, is_any: bool) -> Rc<Instance> {
        let mut instances = self.instances.borrow_mut();
        let instance = Rc::new(Instance {
            number: instances.len(),
            prefix,
            module,
            path,
            call,
            is_any,
            memo: RefCell::default(),
            expansions: RefCell::default(),
            children: RefCell::default(),
        });
        instances.push(Rc::clone(&instance));
        instance
    }

    /// The instance behind a call's address; nothing when its module is not a folder of the repository.
    pub(super) fn child(&self, scope: &Scope, name: &SmolStr, address: &SmolStr) -> Option<Rc<Instance>> {
        let parent = &scope.instance;
        if let Some(known) = parent.children.borrow().get(address) {
            return known.and_then(|number| self.instance(number));
        }
        let child = self.make_child(scope, name, address);
        parent.children.borrow_mut().insert(address.clone(), child.as_ref().map(|child| child.number));
        child
    }

    fn make_child(&self, scope: &Scope, name: &SmolStr, address: &SmolStr) -> Option<Rc<Instance>> {
        let parent = &scope.instance;
        let placed = parent.module.calls.get(name)?;
        let source = self.source(placed, scope)?;
        if !source.starts_with("./") && !source.starts_with("../") && source != "." && source != ".." {
            return None;
        }
        let folder = clean(&parent.module.folder.join(source.as_str()));
        let mut above = Some(Rc::clone(parent));
        while let Some(instance) = above {
            if instance.module.folder == folder {
                self.note(&placed.at(), format!("the module `{name}` calls itself"));
                return None;
            }
            above = instance.call.as_ref().map(|call| Rc::clone(&call.scope.instance));
        }
        if self.instances.borrow().len() >= MAX_MODULES {
            self.push_note(Note::at(NoteKind::Budget, placed.at(), "too many modules; this one was not read"));
            return None;
        }
        let module = self.module(&folder);
        if module.files.is_empty() {
            self.note(&placed.at(), format!("the module `{name}` has no Terraform files at {}", self.files.display(&folder)));
            return None;
        }
        let path = clean(&Path::new(&parent.path).join(source.as_str()));
        let path = path.to_string_lossy().replace('\\', "/");
        let own = Scope::new(parent, &placed.file);
        let expansion = self.expansion(&own, &format!("module.{name}").into(), placed);
        let is_any = parent.is_any || matches!(*expansion, Expansion::Unknown { .. });
        let call = Call { scope: scope.clone(), name: name.clone() };
        Some(self.add(format!("{address}.").into(), module, path, Some(call), is_any))
    }

    /// The source of a module call.
    pub(super) fn source(&self, placed: &Placed, scope: &Scope) -> Option<SmolStr> {
        let attribute = placed.block.body.attribute("source")?;
        self.literal(&self.eval(&attribute.value, scope))
    }

    /// A string that is needed to go on, in which the defaults of variables count.
    pub(super) fn literal(&self, value: &Value) -> Option<SmolStr> {
        value.literal_by(&self.parameters.borrow())
    }

    /// A value that is evaluated once; cycles are unknown.
    pub(super) fn once(&self, instance: &Instance, key: SmolStr, at: &Location, make: impl FnOnce() -> Value) -> Value {
        match instance.memo.borrow().get(&key) {
            Some(Some(value)) => return value.clone(),
            Some(None) => {
                self.note(at, format!("`{key}` depends on itself"));
                return Value::unknown("a value that depends on itself", at);
            }
            None => {}
        }
        instance.memo.borrow_mut().insert(key.clone(), None);
        let value = make();
        instance.memo.borrow_mut().insert(key, Some(value.clone()));
        value
    }

    pub(super) fn local(&self, instance: &Rc<Instance>, name: &str, at: &Location) -> Value {
        let Some(local) = instance.module.locals.get(name) else {
            self.note(at, format!("there is no local value `{name}`"));
            return Value::unknown("a local value that is not declared", at);
        };
        self.once(instance, format!("local.{name}").into(), at, || self.eval(&local.expr, &Scope::new(instance, &local.file)))
    }

    pub(super) fn variable(&self, instance: &Rc<Instance>, name: &str, at: &Location) -> Value {
        let Some(placed) = instance.module.variables.get(name) else {
            self.note(at, format!("there is no variable `{name}`"));
            return Value::hole(crate::value::Hole::Parameter(format!("{}{name}", instance.prefix).into()), at);
        };
        self.once(instance, format!("var.{name}").into(), at, || self.variable_value(instance, name, placed))
    }

    fn variable_value(&self, instance: &Rc<Instance>, name: &str, placed: &Placed) -> Value {
        if let Some(call) = &instance.call {
            let argument = call.scope.instance.module.calls.get(&call.name);
            if let Some(attribute) = argument.and_then(|argument| argument.block.body.attribute(name)) {
                let value = self.eval(&attribute.value, &call.scope);
                if !value.is_null() {
                    return self.with_optional(value, placed);
                }
            }
        } else if let Some(given) = self.values.get(name) {
            let value = self.eval(&given.expr, &Scope::new(instance, &given.file));
            return self.with_optional(value, placed);
        }
        let default = placed.block.body.attribute("default");
        let default = default.map(|attribute| self.eval(&attribute.value, &Scope::new(instance, &placed.file)));
        let passed = || instance.call.is_none().then(|| self.passed_value(instance, name, placed)).flatten();
        match default.map(|value| if instance.call.is_none() { value.as_default() } else { value }) {
            Some(value) if instance.call.is_some() => value,
            Some(value) => {
                let passed = if value.is_empty() { passed() } else { None };
                passed.unwrap_or_else(|| Value::new(Kind::Variable(name.into(), Rc::new(value)), &placed.at()))
            }
            None => passed().unwrap_or_else(|| {
                Value::hole(crate::value::Hole::Parameter(format!("{}{name}", instance.prefix).into()), &placed.at())
            }),
        }
    }

    /// The value that a file of variables around the configuration has for a variable without a default, or with an empty one.
    fn passed_value(&self, instance: &Rc<Instance>, name: &str, placed: &Placed) -> Option<Value> {
        let passed = self.passed.get_or_init(|| passed_values(self.files, &self.root)).get(name)?;
        let value = self.eval(&passed.expr, &Scope::new(instance, &passed.file));
        let message = format!("values of variables without a default, or with an empty one, are taken from {}", passed.file.path);
        self.push_note(Note::general(NoteKind::Info, message));
        Some(Value::new(Kind::Variable(name.into(), Rc::new(value)), &placed.at()))
    }

    pub(super) fn output(&self, instance: &Rc<Instance>, name: &str, at: &Location) -> Option<Value> {
        let placed = instance.module.outputs.get(name)?;
        let attribute = placed.block.body.attribute("value")?;
        Some(self.once(instance, format!("output.{name}").into(), at, || {
            self.eval(&attribute.value, &Scope::new(instance, &placed.file))
        }))
    }

    /// The scope of a declared resource's own block.
    pub(super) fn scope_of(&self, declared: &Declared) -> Option<(Rc<Instance>, Scope)> {
        let instance = self.instance(declared.instance)?;
        let placed = instance.module.resources.get(&declared.key)?;
        let scope = Scope::new(&instance, &placed.file).with(declared.names.iter().cloned());
        Some((instance, scope))
    }

    /// What `count` or `for_each` make of a block; evaluated once.
    pub(super) fn expansion(&self, scope: &Scope, key: &SmolStr, placed: &Placed) -> Rc<Expansion> {
        let instance = &scope.instance;
        match instance.expansions.borrow().get(key) {
            Some(Some(known)) => return Rc::clone(known),
            Some(None) => {
                self.note(&placed.at(), format!("the number of `{key}` depends on itself"));
                return Rc::new(Expansion::One);
            }
            None => {}
        }
        instance.expansions.borrow_mut().insert(key.clone(), None);
        let expansion = Rc::new(self.expand(placed, scope));
        instance.expansions.borrow_mut().insert(key.clone(), Some(Rc::clone(&expansion)));
        expansion
    }
}
