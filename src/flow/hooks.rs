//! Methods that a library calls on instances of the program's classes, because they inherit from one of its own: `run` of a
//! thread, `_transform` of a stream, `emit` of a log handler. Which methods those are the library knows. Here it is every method
//! that no code of the program calls by name, since it would be of no use otherwise.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::store::ObjKind;
use super::value::{Atom, ObjId, Value};
use crate::ids::{ClassId, FuncId, Id, ModuleId};
use crate::ir::{Expr, Func, Pattern, Receiver, Role, Stmt};
use crate::sdk::SdkValue;
use crate::span::Span;

/// Instances of one class whose methods are called; they differ in what they were made with.
const MAX_INSTANCES: usize = 8;
/// Classes that libraries got which are remembered.
const MAX_TAKEN: usize = 64;

/// Libraries whose classes call nothing of what inherits from them: they give it a form.
const FORMS: [&str; 9] =
    ["abc", "builtins", "collections", "dataclasses", "enum", "globals", "pydantic", "typing", "typing_extensions"];

/// Methods that the standard libraries call, whoever else does.
const OVERRIDDEN: [&str; 22] = [
    "run",
    "emit",
    "handle",
    "default",
    "format",
    "filter",
    "dispatch",
    "handle_starttag",
    "handle_endtag",
    "handle_data",
    "handle_startendtag",
    "do_GET",
    "do_POST",
    "do_PUT",
    "do_DELETE",
    "generic_visit",
    "_transform",
    "_flush",
    "_write",
    "_writev",
    "_read",
    "_final",
];

/// What libraries may call on instances of the program's classes.
#[derive(Debug, Default)]
pub(super) struct Hooks {
    /// Classes that libraries got to call, themselves or instances of them.
    handed: FxHashSet<ObjId>,
    /// Methods that decorators of unknown libraries got, with their classes.
    decorated: Vec<(ObjId, SmolStr)>,
    /// Classes that unknown libraries got themselves, with the packages of these.
    taken: Vec<(SmolStr, ObjId)>,
    /// Instances of the program's classes that such packages gave.
    given: FxHashMap<ObjId, SmolStr>,
    /// Packages that give instances of what they got, for the program to call.
    givers: FxHashSet<SmolStr>,
    /// Whether what is called is only taken to be called.
    pub(super) supposed: bool,
    /// The members that the program reads, once somebody asked.
    called: Option<Rc<FxHashSet<SmolStr>>>,
    /// The members that any code reads, once somebody asked.
    named: Option<Rc<FxHashSet<SmolStr>>>,
}

impl Hooks {
    /// Remembers a method that a decorator of an unknown library got.
    pub(super) fn decorate(&mut self, class: ObjId, method: SmolStr) {
        self.decorated.push((class, method));
    }

    /// Forgets that a library got a class: one that decorates it marks it for those who ask for it.
    pub(super) fn forget(&mut self, class: ObjId) {
        self.taken.retain(|(_, taken)| *taken != class);
    }

    /// Remembers that the program calls what a package gave.
    pub(super) fn is_asked(&mut self, package: &str) {
        if !self.givers.contains(package) {
            self.givers.insert(package.into());
        }
    }
}

impl Interp<'_> {
    /// Calls what libraries may call on the instances that there are.
    pub(super) fn run_hooks(&mut self) {
        self.hooks.called = None;
        let made: Vec<((ModuleId, ClassId), ObjId)> =
            self.classes.iter().filter(|(key, _)| self.instances.contains_key(key)).map(|(key, &class)| (*key, class)).collect();
        for (key, class) in made {
            let tie = match (self.is_extension(class), self.hooks.handed.contains(&class)) {
                (true, true) => Some(Tie::Both),
                (true, false) => Some(Tie::Inherits),
                (false, true) => Some(Tie::Given),
                (false, false) => None,
            };
            let mut hooks = self.described_hooks(class);
            hooks.extend(self.named_hooks(class).into_iter().map(|name| (name, Args::unknown())));
            if let Some(tie) = tie {
                hooks.extend(self.hooks_of(class, tie).into_iter().map(|name| (name, Args::unknown())));
            }
            let instances: Vec<ObjId> = self.instances[&key].iter().rev().take(MAX_INSTANCES).copied().collect();
            for (instance, (name, args)) in instances.iter().flat_map(|id| hooks.iter().map(move |hook| (*id, hook))) {
                let method = self.member(&Value::object(instance), name, Span::default());
                let method = method.filtered(|atom| matches!(atom, Atom::Function(_)));
                let result = self.perhaps(|this| this.call_value(&method, args.clone(), Span::default()));
                self.awaited(&result);
            }
        }
    }

    /// Calls the methods that decorators of unknown libraries got where nothing makes instances of their classes: only the library
    /// can call them.
    pub(super) fn run_decorated(&mut self) {
        let of_nobody = |(class, name): &(ObjId, SmolStr)| {
            let method = self.find_in_class(*class, name)?;
            let is_visited = |atom: &Atom| matches!(atom, Atom::Function(of) if self.visits.contains_key(&(of.module, of.func)));
            (!self.has_instances(*class) && !method.atoms().iter().any(is_visited)).then_some(method)
        };
        let methods: Vec<Value> = self.hooks.decorated.iter().filter_map(of_nobody).collect();
        self.hand_over(&methods, Vec::new(), Span::default());
    }

    /// Remembers classes that an unknown library gets.
    pub(super) fn taken_by(&mut self, library: &SdkValue, classes: &[ObjId]) {
        let Some(package) = package_of(library).filter(|_| is_unknown(library) && !is_container(library)) else { return };
        for &class in classes {
            if self.hooks.taken.len() < MAX_TAKEN && !self.hooks.taken.iter().any(|(by, known)| by == package && *known == class)
            {
                self.hooks.taken.push((package.clone(), class));
            }
        }
    }

    /// Remembers instances that an unknown library gave.
    pub(super) fn given_by(&mut self, library: &SdkValue, result: &Value) {
        let Some(package) = package_of(library).filter(|_| !self.hooks.taken.is_empty()) else { return };
        for atom in result.atoms() {
            if let (Atom::Object(id), Some(_)) = (atom, self.instance_class(atom)) {
                self.hooks.given.insert(*id, package.clone());
            }
        }
    }

    /// Remembers that the program calls a method of something.
    pub(super) fn asked(&mut self, receiver: &Value) {
        for atom in receiver.atoms() {
            if let Atom::Object(id) = atom
                && let Some(package) = self.hooks.given.get(id).cloned()
            {
                self.hooks.is_asked(&package);
            }
        }
    }

    /// Calls the methods of classes that an unknown library got where the program calls none of them, and nothing that the library
    /// gave: buses of commands, mediators and runners make instances of what they are told and call them.
    pub(super) fn run_taken(&mut self) {
        let is_called_by_library =
            |(package, class): &&(SmolStr, ObjId)| !self.hooks.givers.contains(package) && !self.is_extension(*class);
        let classes: Vec<ObjId> = self.hooks.taken.iter().filter(is_called_by_library).map(|(_, class)| *class).collect();
        let methods: Vec<Value> = classes.into_iter().flat_map(|class| self.idle_methods(class)).collect();
        self.hooks.supposed = true;
        self.hand_over(&methods, Vec::new(), Span::default());
        self.hooks.supposed = false;
    }

    /// The methods of a class, if nothing calls those that it defines itself; without those that the class calls on its own
    /// instances.
    fn idle_methods(&self, class: ObjId) -> Vec<Value> {
        let mut methods = Vec::new();
        let mut called = FxHashSet::default();
        for &of in self.line_of(class).iter() {
            let ObjKind::Class { module, class: id, .. } = self.store.get(of).kind else { continue };
            let own = self.methods_of(module, id);
            if of == class && own.iter().any(|&id| is_hook(self.func(module, id)) && self.visits.contains_key(&(module, id))) {
                return Vec::new();
            }
            methods.extend(own.iter().map(|&id| self.func(module, id)).filter(|func| is_hook(func)).map(|func| &func.name));
            let receivers: FxHashSet<&SmolStr> = own.iter().filter_map(|&id| receiver_of(self.func(module, id))).collect();
            let code = &self.program.modules[module].module;
            let within = code.classes[id].span;
            let inner = code.functions.iter().filter(|func| within.start <= func.span.start && func.span.end <= within.end);
            called.extend(inner.flat_map(|func| {
                func.body.exprs.iter().filter_map(|expr| match expr {
                    Expr::Member { object, name } => match &func.body.exprs[*object] {
                        Expr::Name(of) if of == "this" || receivers.contains(of) => Some(name),
                        _ => None,
                    },
                    _ => None,
                })
            }));
        }
        methods.retain(|name| !called.contains(*name));
        methods.into_iter().filter_map(|name| self.find_in_class(class, name)).collect()
    }

    /// The methods that a described library calls on instances of a class, with what it calls them with.
    fn described_hooks(&mut self, class: ObjId) -> Vec<(SmolStr, Args)> {
        let described: Vec<_> = self.library_bases(class).iter().flat_map(|base| crate::sdk::called_methods(base)).collect();
        let import = |this: &mut Self, args: Vec<crate::value::Arg>| args.iter().map(|arg| this.import_arg(arg)).collect();
        described.into_iter().map(|(name, args)| (name, Args::positional(import(self, args)))).collect()
    }

    /// The methods that packages which got a class are known to call.
    fn named_hooks(&self, class: ObjId) -> Vec<SmolStr> {
        let ObjKind::Class { module, .. } = self.store.get(class).kind else { return Vec::new() };
        let ecosystem = self.program.modules[module].ecosystem();
        let hands = self.hands_of(class);
        let names = hands.iter().flat_map(|package| crate::sdk::hooks(ecosystem, package));
        names.map(SmolStr::from).filter(|name| self.find_in_class(class, name).is_some()).collect()
    }

    /// Makes an instance of each class among some arguments that a library gets and knows how to make. Instances that it gets while
    /// the program is set up are there for it to call.
    pub(super) fn extensions_handed_over(&mut self, library: Option<&SdkValue>, args: &Args, span: Span) {
        for class in self.classes_among(args) {
            if self.is_extension(class) {
                self.handed_to(class, library);
                self.perhaps(|this| this.construct(class, Args::unknown(), span));
            }
        }
        let instances: Vec<ObjId> = args.all().flat_map(Value::atoms).filter_map(|atom| self.instance_class(atom)).collect();
        for class in instances {
            if self.is_extension(class) {
                self.handed_to(class, library);
            } else if !self.ready && library.is_some_and(|library| is_unknown(library) && !is_container(library)) {
                self.hooks.handed.insert(class);
            }
        }
    }

    /// Remembers a class that the library gets which it inherits from.
    fn handed_to(&mut self, class: ObjId, library: Option<&SdkValue>) {
        let package = library.and_then(package_of);
        if package.is_some() && self.library_bases(class).iter().any(|base| package_of(base) == package) {
            self.hooks.handed.insert(class);
        }
    }

    /// `User.as_view(…)`: the library makes a function of the class.
    pub(super) fn made_a_function(&mut self, receiver: &Value, method: &str) {
        if let Some(Atom::Object(class)) = receiver.single()
            && method.starts_with("as_")
            && matches!(self.store.get(*class).kind, ObjKind::Class { .. })
            && self.is_extension(*class)
        {
            let class = *class;
            self.hooks.handed.insert(class);
            self.perhaps(|this| this.construct(class, Args::unknown(), Span::default()));
        }
    }

    /// The class of an instance of the program's own.
    fn instance_class(&self, atom: &Atom) -> Option<ObjId> {
        match atom {
            Atom::Object(id) => match self.store.get(*id).kind {
                ObjKind::Instance(class) => Some(class),
                _ => None,
            },
            _ => None,
        }
    }

    /// Instances that a callback gives to a library are there for it to call.
    pub(super) fn instances_given(&mut self, result: &Value) {
        let classes: Vec<ObjId> = result.atoms().iter().filter_map(|atom| self.instance_class(atom)).collect();
        if !self.ready {
            self.hooks.handed.extend(classes);
        }
    }

    /// Whether a class inherits from a library's that may call its methods. What described libraries do is known.
    pub(super) fn is_extension(&self, class: ObjId) -> bool {
        self.library_bases(class).iter().any(|base| is_unknown(base))
    }

    /// The methods of a class and its bases in the program that nothing calls by name.
    fn hooks_of(&mut self, class: ObjId, tie: Tie) -> Vec<SmolStr> {
        let mut hooks: Vec<(SmolStr, bool)> = Vec::new();
        for &of in self.line_of(class).iter() {
            let ObjKind::Class { module, class, .. } = self.store.get(of).kind else { continue };
            let methods = self.methods_of(module, class);
            let own = methods.iter().map(|&id| (id, self.func(module, id))).filter(|(_, func)| is_hook(func));
            hooks.extend(own.map(|(id, func)| (func.name.clone(), self.visits.contains_key(&(module, id)))));
        }
        // Before a request comes, nothing was reached.
        let ready = self.ready;
        let called = if tie == Tie::Given || !ready { self.names_anywhere() } else { self.called_names() };
        let is_idle = |name: &SmolStr| tie == Tie::Both && ready || tie != Tie::Given && OVERRIDDEN.contains(&name.as_str());
        let is_left = |name: &SmolStr, visited: bool| !called.contains(name) || (!visited && is_idle(name));
        hooks.into_iter().filter(|(name, visited)| is_left(name, *visited)).map(|(name, _)| name).collect()
    }

    /// The names of all members that code which was reached reads from anything but the modules it imports.
    fn called_names(&mut self) -> Rc<FxHashSet<SmolStr>> {
        let read = || Rc::new(self.names_read(|id, func| func.index() == 0 || self.visits.contains_key(&(id, func))));
        let called = self.hooks.called.clone().unwrap_or_else(read);
        self.hooks.called = Some(Rc::clone(&called));
        called
    }

    /// The same of all code that there is.
    fn names_anywhere(&mut self) -> Rc<FxHashSet<SmolStr>> {
        let known = self.hooks.named.clone().unwrap_or_else(|| Rc::new(self.names_read(|_, _| true)));
        self.hooks.named = Some(Rc::clone(&known));
        known
    }

    /// The names of all members that some functions read from anything but the modules they import.
    fn names_read(&self, counts: impl Fn(ModuleId, FuncId) -> bool) -> FxHashSet<SmolStr> {
        let mut called = FxHashSet::default();
        for (id, linked) in self.program.modules.iter_enumerated() {
            let imported = imported_names(linked.module.functions.iter());
            for (_, func) in linked.module.functions.iter_enumerated().filter(|(func, _)| counts(id, *func)) {
                called.extend(func.body.exprs.iter().filter_map(|expr| match expr {
                    Expr::Member { object, name } => {
                        let of = &func.body.exprs[*object];
                        let of_library = matches!(of, Expr::Super) || matches!(of, Expr::Name(of) if imported.contains(of));
                        (!of_library).then(|| name.clone())
                    }
                    _ => None,
                }));
            }
        }
        called
    }
}

/// How a class of the program is tied to a library that may call its methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// It inherits from one of the library's: methods count that no code which was reached calls by name.
    Inherits,
    /// The library it inherits from got it: all methods count that nothing called so far.
    Both,
    /// A library got an instance of it: methods count that no code of the program calls by name.
    Given,
}

/// Whether nothing is known of what a library does with what it gets.
pub(super) fn is_unknown(library: &SdkValue) -> bool {
    match library {
        SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. } => {
            let package = path.first().map_or("", |name| name.strip_prefix("node:").unwrap_or(name));
            !FORMS.contains(&package) && !crate::sdk::knows_package(*ecosystem, package)
        }
        _ => false,
    }
}

/// Whether a library only hands on what it gets.
fn is_container(library: &SdkValue) -> bool {
    match library {
        SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. } => {
            path.first().is_some_and(|package| crate::sdk::is_container(*ecosystem, package))
        }
        _ => false,
    }
}

fn package_of(value: &SdkValue) -> Option<&SmolStr> {
    match value {
        SdkValue::External { path, .. } | SdkValue::Instance { path, .. } => path.first(),
        SdkValue::Method { receiver, .. } => package_of(receiver),
        _ => None,
    }
}

/// The parameter that a method gets its receiver as.
fn receiver_of(func: &Func) -> Option<&SmolStr> {
    match func.params.first().filter(|_| func.receiver == Receiver::FirstParam).map(|param| &param.pattern) {
        Some(Pattern::Name(name)) => Some(name),
        _ => None,
    }
}

fn is_hook(func: &Func) -> bool {
    func.role == Role::Plain && (!func.name.starts_with("__") || func.name == "__call__")
}

/// Variables that hold an imported module or something of it.
fn imported_names<'f>(functions: impl Iterator<Item = &'f Func>) -> FxHashSet<SmolStr> {
    let imported = functions.flat_map(|func| {
        func.body.stmts.iter().filter_map(|stmt| match stmt {
            Stmt::Bind { pattern: Pattern::Name(name), value, .. } => {
                matches!(func.body.exprs[*value], Expr::Import(_) | Expr::ImportFrom { .. }).then(|| name.clone())
            }
            _ => None,
        })
    });
    imported.collect()
}
