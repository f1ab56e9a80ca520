//! Entries: where an analysis starts, and what it does about code that no entry reaches.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::SdkCall;
use super::call::Args;
use super::interp::{FlowOptions, Interp, Phase};
use super::link::Program;
use super::record::Recorder;
use super::store::ObjKind;
use super::value::{Atom, ObjId, Value};
use super::visits::Visits;
use crate::ids::{ClassId, FuncId, Id, ModuleId};
use crate::ir::{Expr, Module, Role};
use crate::note::{Note, NoteKind};
use crate::sdk::construct::CONSTRUCTS;
use crate::span::{Location, Span};
use crate::value::Hole;

/// Instances of one class whose methods are entered.
const MAX_INSTANCES: usize = 4;

/// Where an analysis starts.
#[derive(Debug, Clone)]
pub enum Entry {
    /// Handlers, usually one: a module and a top-level name of it, dotted for methods of objects. Without a name, the module is run only.
    Handlers(Vec<(ModuleId, SmolStr)>),
    /// Everything these modules define: top level, main block, every function and method.
    Whole(Vec<ModuleId>),
}

/// What an analysis found.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// The requests that can be made, by place.
    pub calls: Vec<SdkCall>,
    /// What could not be decided.
    pub notes: Vec<Note>,
    /// Requests in code of the same modules that the entry does not reach, by place. Where a budget was spent, it may reach them
    /// after all.
    pub unreached: Vec<Unreached>,
    /// Whether the handler was found.
    pub entered: bool,
    /// The environment variables that were asked for: with the same values of these, the same comes out.
    pub asked: BTreeSet<SmolStr>,
    /// What variables keep from being requested: those that the template does not set, and those that it sets.
    pub unset: Unset,
}

/// What the values of variables leave out, which may be others by hand at any time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unset {
    /// Variables that the template does not set, in whose place the code's own defaults count.
    pub variables: BTreeSet<SmolStr>,
    /// Variables that it sets to what decides conditions.
    pub decisive: BTreeSet<SmolStr>,
    /// The requests that the code would make with other values of them, by place.
    pub requests: Vec<Unreached>,
}

/// A request that a program has but an entry does not make.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreached {
    /// Where the call stands.
    pub at: Location,
    /// botocore's service name.
    pub service: SmolStr,
    /// The operation, in Pascal case.
    pub operation: SmolStr,
}

impl Unreached {
    /// The place of a call and what it requests.
    pub fn of(call: &SdkCall) -> Self {
        Self { at: call.at.clone(), service: call.service.clone(), operation: call.operation.clone() }
    }
}

/// Finds the requests that can be made from an entry.
pub fn analyze(program: &Program, entry: &Entry, options: &FlowOptions) -> Analysis {
    match entry {
        Entry::Handlers(handlers) => from_handlers(program, handlers, options),
        Entry::Whole(modules) => {
            let mut interp = Interp::new(program, options);
            interp.as_main = true;
            interp.whole(modules);
            interp.settle_candidates();
            Analysis { asked: interp.asked.into_variables(), ..finish(interp.record, true) }
        }
    }
}

/// Everything that a program describing infrastructure makes, by place; see [`construct`](crate::sdk::construct).
pub fn constructs(program: &Program, options: &FlowOptions) -> Vec<SdkCall> {
    let modules: Vec<ModuleId> = program.modules.iter_enumerated().map(|(id, _)| id).collect();
    let mut interp = Interp::new(program, options);
    interp.as_main = true;
    interp.infrastructure = Some(super::scopes::Scopes::default());
    interp.whole(&modules);
    let (mut calls, _) = interp.record.finish();
    calls.retain(|call| call.service == CONSTRUCTS);
    calls
}

fn from_handlers(program: &Program, handlers: &[(ModuleId, SmolStr)], options: &FlowOptions) -> Analysis {
    let Entered { mut interp, mut analysis, exhausted } = enter(program, handlers, options);
    let (variables, decisive) = (interp.asked.defaulted().clone(), interp.asked.decisive().clone());
    if mentions_unvisited(program, &interp.visits) {
        analysis.unreached = interp.unreached(&analysis);
    }
    analysis.asked = interp.asked.into_variables();
    // Where the budget was spent, a note says that requests may be missing, and a second run would spend as much.
    let has_any = !variables.is_empty() || !decisive.is_empty();
    if has_any && !exhausted {
        let requests = if_set(program, handlers, options, &decisive, &analysis.calls);
        analysis.unreached.retain(|call| !requests.contains(call));
        analysis.unset = Unset { variables, decisive, requests };
    }
    analysis
}

/// The requests besides the given ones that the handlers make if variables are set that the template does not set, and others to
/// something else.
fn if_set(
    program: &Program,
    handlers: &[(ModuleId, SmolStr)],
    options: &FlowOptions,
    decisive: &BTreeSet<SmolStr>,
    calls: &[SdkCall],
) -> Vec<Unreached> {
    let mut options = FlowOptions { environment_complete: false, ..options.clone() };
    options.environment.retain(|name, _| !decisive.contains(name));
    let set = enter(program, handlers, &options).analysis;
    let reached: BTreeSet<Unreached> = calls.iter().map(Unreached::of).collect();
    let all: BTreeSet<Unreached> = set.calls.iter().map(Unreached::of).collect();
    all.difference(&reached).cloned().collect()
}

/// A program after its handlers ran.
struct Entered<'p> {
    interp: Interp<'p>,
    /// What they request.
    analysis: Analysis,
    /// Whether they spent the budget.
    exhausted: bool,
}

/// Runs the handlers.
fn enter<'p>(program: &'p Program, handlers: &[(ModuleId, SmolStr)], options: &'p FlowOptions) -> Entered<'p> {
    let mut interp = Interp::new(program, options);
    interp.apart = super::apart::apart(program, options, handlers);
    let mut entered = true;
    for (module, symbol) in handlers {
        interp.ready = symbol.is_empty();
        interp.run_module(*module);
        let enter = |interp: &mut Interp<'_>| interp.enter_handler(*module, symbol);
        let is_entered = symbol.is_empty() || if handlers.len() > 1 { interp.with_share(enter) } else { enter(&mut interp) };
        // Where the budget was spent first, what was not reached may still be there.
        entered &= is_entered || interp.record.exhausted;
        if symbol.is_empty() {
            interp.call_all_wrapped(*module);
        }
    }
    interp.settle_candidates();
    let record = interp.begin_again();
    let exhausted = record.exhausted;
    let mut analysis = finish(record, entered);
    if exhausted {
        let further = interp.beyond_budget(&analysis, handlers);
        analysis.calls.extend(further);
        analysis.calls.sort_by(|left, right| left.at.cmp(&right.at));
    }
    Entered { interp, analysis, exhausted }
}

fn finish(record: Recorder, entered: bool) -> Analysis {
    let (mut calls, notes) = record.finish();
    calls.retain(|call| call.service != CONSTRUCTS);
    Analysis { calls, notes: notes.into_iter().collect(), entered, ..Analysis::default() }
}

/// Whether the modules have code that was never entered and calls something: a function, or a main block.
fn mentions_unvisited(program: &Program, visited: &FxHashMap<(ModuleId, FuncId), Visits>) -> bool {
    program.modules.iter_enumerated().any(|(id, linked)| {
        let module = &linked.module;
        let class_code = class_code(module);
        module.functions.iter_enumerated().any(|(func, code)| {
            let mut exprs = code.body.exprs.iter();
            if func.index() == 0 {
                return exprs.any(asks_for_main);
            }
            !visited.contains_key(&(id, func))
                && exprs.any(|expr| matches!(expr, Expr::Call { .. }))
                && !class_code.contains(&func)
        })
    })
}

/// The functions of a module that run when a class is defined or made, not when something calls them.
fn class_code(module: &Module) -> FxHashSet<FuncId> {
    module.classes.iter().flat_map(|class| std::iter::once(class.body).chain(class.instance_init)).collect()
}

/// Whether an expression is part of the question whether this module is the program: `__name__`, `require.main`.
fn asks_for_main(expr: &Expr) -> bool {
    match expr {
        Expr::Name(name) => name == "__name__",
        Expr::Member { name, .. } => name == "main",
        _ => false,
    }
}

impl Interp<'_> {
    /// Starts a new record, with budgets of its own; what the program did so far stays as it is.
    pub(super) fn begin_again(&mut self) -> Recorder {
        self.budget.renew();
        self.store.forget_copied();
        self.allow_late();
        let services = self.record.services.clone();
        std::mem::replace(&mut self.record, Recorder::of(services))
    }

    /// Requests of the rest of the program, once the handlers are done: what nothing has called yet is entered, and main
    /// blocks run.
    fn unreached(&mut self, analysis: &Analysis) -> Vec<Unreached> {
        let place = |call: &SdkCall| (call.at.clone(), call.operation.clone());
        let mut seen: BTreeSet<(Location, SmolStr)> = analysis.calls.iter().map(place).collect();
        let modules: Vec<ModuleId> = self.program.modules.iter_enumerated().map(|(id, _)| id).collect();
        self.as_main = true;
        for &module in &modules {
            if self.program.modules[module].module.top().body.exprs.iter().any(asks_for_main) {
                self.modules[module].phase = Phase::Idle;
            }
        }
        self.whole(&modules);
        let (calls, _) = std::mem::take(&mut self.record).finish();
        calls.iter().filter(|call| call.service != CONSTRUCTS && seen.insert(place(call))).map(Unreached::of).collect()
    }

    /// Calls a handler with an event and a context. False when there is no such handler.
    fn enter_handler(&mut self, module: ModuleId, symbol: &str) -> bool {
        let frame = self.modules[module].frame;
        self.stack.push(self.top_activation(module, frame));
        self.run_deferred();
        let handler = self.handler_value(module, symbol);
        let callable = handler.filtered(|atom| !matches!(atom, Atom::Null(_) | Atom::Text(_) | Atom::Number(_) | Atom::Bool(_)));
        let known = callable.filtered(|atom| !matches!(atom, Atom::Hole(_)));
        if known.is_none() {
            self.stack.pop();
            return false;
        }
        self.ready = true;
        for package in known.atoms().iter().filter_map(unfollowed) {
            let message =
                format!("the handler is a function of `{package}`, which is not followed; say what it may do in an override");
            self.note(NoteKind::UnfollowedPackage, Span::default(), message);
        }
        self.invoke_handler(&known);
        self.stack.pop();
        true
    }

    fn invoke_handler(&mut self, handler: &Value) {
        // A warm function sees what the invocations before left in its modules, any number of them.
        for round in 0..3 {
            let epoch = self.store.epoch();
            for atom in handler.atoms() {
                let invoke = |this: &mut Self| {
                    let args = this.handler_args(atom);
                    let result = this.call_from_outside(&Value::one(atom.clone()), args, Span::default());
                    let result = this.awaited(&result);
                    // A function with a handler's look may as well be one that makes others.
                    this.hand_over_results(&result, Span::default());
                };
                if round == 0 { invoke(self) } else { self.perhaps(invoke) }
            }
            self.run_deferred();
            if self.store.epoch() == epoch {
                break;
            }
        }
    }

    /// What Lambda calls a handler with.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html>,
    /// <https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html>
    fn handler_args(&self, handler: &Atom) -> Args {
        let mut args = vec![Value::hole(Hole::Event(SmolStr::default())), Value::hole(Hole::Context(SmolStr::default()))];
        let is_python = |module: ModuleId| self.program.modules[module].ecosystem() == crate::sdk::Ecosystem::Python;
        if !matches!(handler, Atom::Function(closure) if is_python(closure.module)) {
            args.push(Value::unknown("the callback"));
        }
        Args::positional(args)
    }

    /// The value a handler's name stands for.
    fn handler_value(&mut self, module: ModuleId, symbol: &str) -> Value {
        let mut parts = symbol.split('.');
        let first: SmolStr = parts.next().unwrap_or_default().into();
        let mut value = if first == "module" { self.namespace(module) } else { self.module_member(module, &first) };
        if self.is_null(&value) == Some(true) || value.atoms().iter().all(|atom| matches!(atom, Atom::Hole(_))) {
            // A function that is there but not exported is still what the name means.
            value = self.module_variable(module, &first).unwrap_or(value);
        }
        for part in parts.filter(|part| *part != "exports") {
            value = self.member(&value, &part.into(), Span::default());
        }
        value
    }

    /// Enters everything that some modules define.
    fn whole(&mut self, modules: &[ModuleId]) {
        for &module in modules {
            self.run_module(module);
        }
        self.ready = true;
        if let Some(scopes) = &mut self.infrastructure {
            scopes.done = true;
        }
        let Some(&first) = modules.first() else { return };
        let frame = self.modules[first].frame;
        self.stack.push(self.top_activation(first, frame));
        self.run_deferred();
        self.stack.pop();
        let exported = self.exported_from_elsewhere(modules);
        let own = |this: &Self| modules.iter().flat_map(|module| this.classes_of(*module)).collect::<Vec<_>>();
        for round in 0..2 {
            for &module in modules {
                self.enter_functions(module, round == 0);
            }
            self.enter_exported(&exported);
            self.enter_class_methods(&own(self));
            self.enter_class_methods(&exported.classes);
        }
        self.enter_classes(&own(self));
        self.enter_classes(&exported.classes);
        // Whoever calls a method may call the functions it makes.
        for &module in modules {
            self.enter_functions(module, false);
        }
        self.call_all_wrapped(first);
        self.stack.push(self.top_activation(first, frame));
        self.run_deferred();
        self.stack.pop();
    }

    /// Calls top-level and nested functions that nothing has called yet; first those that nothing mentions.
    fn enter_functions(&mut self, module: ModuleId, only_roots: bool) {
        let mentioned = if only_roots { self.mentioned(module) } else { BTreeSet::new() };
        let functions = &self.program.modules[module].module.functions;
        let class_code = class_code(&self.program.modules[module].module);
        for (id, func) in functions.iter_enumerated() {
            let is_entry = id.index() > 0 && func.owner.is_none() && !mentioned.contains(&func.name);
            if !is_entry || self.visits.contains_key(&(module, id)) || func.role != Role::Plain || class_code.contains(&id) {
                continue;
            }
            let Some(value) = self.definitions.get(&(module, id)).cloned() else { continue };
            if let Some(decorated) = self.decorated_by_the_program(module, &value, &func.name) {
                self.enter_with_unknowns(module, &decorated);
            }
            if !self.visits.contains_key(&(module, id)) {
                self.enter_with_unknowns(module, &value);
            }
        }
    }

    /// What a function's name stands for, where that is another function of the program: its decorator made it, and whoever calls
    /// the function calls that.
    fn decorated_by_the_program(&self, module: ModuleId, function: &Value, name: &str) -> Option<Value> {
        let known = self.store.get(self.modules[module].frame).fields.get(name)?;
        let is_of_program = |atom: &Atom| matches!(atom, Atom::Function(_));
        let is_other = known != function && !known.is_none() && known.atoms().iter().all(is_of_program);
        is_other.then(|| known.clone())
    }

    /// Names that the code of a module reads anywhere.
    fn mentioned(&self, module: ModuleId) -> BTreeSet<SmolStr> {
        let functions = self.program.modules[module].module.functions.iter();
        functions
            .flat_map(|func| func.body.exprs.iter())
            .filter_map(|expr| match expr {
                Expr::Name(name) | Expr::Member { name, .. } => Some(name.clone()),
                _ => None,
            })
            .collect()
    }

    pub(super) fn enter_with_unknowns(&mut self, module: ModuleId, function: &Value) {
        let frame = self.modules[module].frame;
        self.stack.push(self.top_activation(module, frame));
        let args = match function.single() {
            Some(handler) if self.looks_like_handler(function) => self.handler_args(handler),
            _ => Args::unknown(),
        };
        let result = self.call_value(function, args, Span::default());
        self.awaited(&result);
        self.stack.pop();
    }

    fn looks_like_handler(&self, function: &Value) -> bool {
        let Some(Atom::Function(closure)) = function.single() else { return false };
        let func = self.func(closure.module, closure.func);
        let handlers = &self.program.modules[closure.module].module.handlers;
        handlers.contains(&func.name)
    }

    /// Methods of classes that are called on the class, such as factories, and that nothing has called yet.
    fn enter_class_methods(&mut self, classes: &[((ModuleId, ClassId), ObjId)]) {
        for &(key, class) in classes {
            let module = key.0;
            for (id, name) in self.own_methods(key, |role| matches!(role, Role::ClassMethod | Role::Static)) {
                if self.visits.contains_key(&(module, id)) {
                    continue;
                }
                self.in_module(module, |this| {
                    let method = this.member(&Value::object(class), &name, Span::default());
                    this.enter_value(&method);
                });
            }
        }
    }

    /// Calls every method of every class: on the instances that were made, else on one made for the purpose. Whoever calls them
    /// does so in any order, so that each finds what any other may have left.
    fn enter_classes(&mut self, classes: &[((ModuleId, ClassId), ObjId)]) {
        for &(key, class) in classes {
            let module = key.0;
            let instances = self.in_module(module, |this| this.some_instances(key, class));
            let mut methods = self.own_methods(key, |role| !matches!(role, Role::ClassMethod | Role::Static));
            methods.retain(|(id, _)| !self.visits.contains_key(&(module, *id)));
            for _ in 0..2 {
                let mut left = false;
                for (_, name) in &methods {
                    for &instance in &instances {
                        left |= self.in_module(module, |this| this.perhaps_enter(instance, name));
                    }
                }
                if !left || methods.len() < 2 {
                    break;
                }
            }
        }
    }

    /// Calls a method that may be called or not. Says whether it left anything.
    fn perhaps_enter(&mut self, instance: ObjId, name: &SmolStr) -> bool {
        self.store.begin();
        let method = self.member(&Value::object(instance), name, Span::default());
        self.enter_value(&method);
        let end = self.store.take();
        self.store.merge(vec![end], true)
    }

    fn classes_of(&self, module: ModuleId) -> Vec<((ModuleId, ClassId), ObjId)> {
        self.classes.iter().filter(|((of, _), _)| *of == module).map(|(key, &id)| (*key, id)).collect()
    }

    /// The methods that a class itself defines, without its constructor.
    fn own_methods(&self, class: (ModuleId, ClassId), wanted: impl Fn(Role) -> bool) -> Vec<(FuncId, SmolStr)> {
        let methods = self.methods_of(class.0, class.1);
        let methods = methods.iter().map(|&id| (id, self.func(class.0, id)));
        let wanted = methods.filter(|(_, func)| func.name != "__init__" && wanted(func.role));
        wanted.map(|(id, func)| (id, func.name.clone())).collect()
    }

    /// The latest instances of a class, which are the best known; one is made when there are none.
    pub(super) fn some_instances(&mut self, key: (ModuleId, ClassId), class: ObjId) -> Vec<ObjId> {
        let mut known = self.instances.get(&key).cloned().unwrap_or_default();
        if known.is_empty() {
            // A base class is what its descendants are; an abstract one has no instances of its own.
            known = self.instances.values().flatten().copied().filter(|&instance| self.descends_from(instance, class)).collect();
            known.sort_unstable();
        }
        if !known.is_empty() {
            return known.into_iter().rev().take(MAX_INSTANCES).collect();
        }
        if self.program.modules[key.0].module.classes[key.1].is_abstract {
            let derived = self.derived_from(class);
            known.extend(derived.iter().filter_map(|derived| self.some_instance(*derived)));
            known.truncate(MAX_INSTANCES);
        }
        if known.is_empty() { self.some_instance(class).into_iter().collect() } else { known }
    }

    fn some_instance(&mut self, class: ObjId) -> Option<ObjId> {
        match self.construct(class, Args::unknown(), Span::default()).single() {
            Some(Atom::Object(id)) => Some(*id),
            _ => None,
        }
    }

    /// Whether there are instances of a class or of one that derives from it.
    pub(super) fn has_instances(&self, class: ObjId) -> bool {
        self.instances.values().flatten().any(|&instance| self.descends_from(instance, class))
    }

    fn descends_from(&self, instance: ObjId, class: ObjId) -> bool {
        match self.store.get(instance).kind {
            ObjKind::Instance(own) => self.line_of(own).contains(&class),
            _ => false,
        }
    }

    pub(super) fn enter_value(&mut self, method: &Value) {
        let method = method.filtered(|atom| matches!(atom, Atom::Function(_)));
        let result = self.call_value(&method, Args::unknown(), Span::default());
        self.awaited(&result);
    }
}

/// The package that a handler is a function of, where nothing describes what it does.
fn unfollowed(handler: &Atom) -> Option<SmolStr> {
    match handler {
        Atom::Sdk(sdk) => match &*sdk.value {
            crate::sdk::SdkValue::External { path, .. } if !crate::sdk::is_result(&sdk.value) => {
                crate::sdk::is_undescribed(&sdk.value).then(|| path.first().cloned()).flatten()
            }
            _ => None,
        },
        _ => None,
    }
}

/// A note for each request that no entry reaches; `notes` are those of the analysis that looked for them.
pub fn unreached_notes(unreached: &[Unreached], notes: &[Note]) -> Vec<Note> {
    let is_cut_off = notes.iter().any(|note| note.kind == NoteKind::Budget);
    let note = |call: &Unreached| {
        let request = format!("{}:{}", call.service, call.operation);
        let message = if is_cut_off {
            format!("whether the handler reaches {request} was not found out, as it is too large to follow; it grants nothing")
        } else {
            format!("{request} is not reached from the handler, so it grants nothing")
        };
        Note::at(NoteKind::Unreachable, call.at.clone(), message)
    };
    unreached.iter().map(note).collect()
}
