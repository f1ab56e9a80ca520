//! Methods that a library calls on instances of the program's classes, because they inherit from one of its own: `run` of a
//! thread, `_transform` of a stream, `emit` of a log handler. Which methods those are the library knows. Here it is every method
//! that no code of the program calls by name, since it would be of no use otherwise.

use indexmap::IndexSet;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::store::ObjKind;
use super::value::{Atom, ObjId, Value};
use crate::ids::{ClassId, FuncId, Id, ModuleId};
use crate::ir::{Expr, Func, Pattern, Role, Stmt};
use crate::sdk::{Ecosystem, SdkValue};
use crate::span::Span;

/// Instances of one class whose methods are called; they differ in what they were made with.
const MAX_INSTANCES: usize = 8;

/// Libraries whose classes call nothing of what inherits from them: they give it a form.
const FORMS: [&str; 10] =
    ["abc", "builtins", "collections", "dataclasses", "enum", "events", "globals", "pydantic", "typing", "typing_extensions"];

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

impl Interp<'_> {
    /// Calls what libraries may call on the instances that there are.
    pub(super) fn run_hooks(&mut self) {
        let let_out = self.classes_let_out();
        self.called = None;
        let made: Vec<((ModuleId, ClassId), ObjId)> =
            self.classes.iter().filter(|(key, _)| self.instances.contains_key(key)).map(|(key, &class)| (*key, class)).collect();
        for (key, class) in made {
            let hands: Vec<&SmolStr> = let_out.iter().filter(|(_, of)| *of == class).map(|(package, _)| package).collect();
            let is_extension = self.is_extension(class);
            let mut hooks = self.named_hooks(class, &hands);
            if is_extension && self.ready && (!hands.is_empty() || self.used_by_library.contains(&class)) {
                hooks.extend(self.hooks_of(class, true));
            } else if is_extension || self.is_handed_to_another(&hands) {
                hooks.extend(self.hooks_of(class, false));
            }
            let instances: Vec<ObjId> = self.instances[&key].iter().rev().take(MAX_INSTANCES).copied().collect();
            for (instance, name) in instances.iter().flat_map(|id| hooks.iter().map(move |name| (*id, name))) {
                let method = self.member(&Value::object(instance), name, Span::default());
                let method = method.filtered(|atom| matches!(atom, Atom::Function(_)));
                let result = self.perhaps(|this| this.call_value(&method, Args::unknown(), Span::default()));
                self.awaited(&result);
            }
        }
    }

    /// The methods that packages which got a class are known to call.
    fn named_hooks(&self, class: ObjId, hands: &[&SmolStr]) -> IndexSet<SmolStr> {
        let ecosystem = self.ecosystem_of(class);
        let names = hands.iter().flat_map(|package| crate::sdk::hooks(ecosystem, package));
        let names: Vec<SmolStr> = names.map(SmolStr::from).collect();
        names.into_iter().filter(|name| self.find_in_class(class, name).is_some()).collect()
    }

    /// Whether a library got a class that may call any of its methods: one that is neither a container, which gives instances back
    /// instead, nor known to call only methods of certain names.
    fn is_handed_to_another(&self, hands: &[&SmolStr]) -> bool {
        let is_another = |package: &str| {
            [Ecosystem::Python, Ecosystem::Npm].iter().all(|ecosystem| {
                !crate::sdk::is_container(*ecosystem, package)
                    && crate::sdk::hooks(*ecosystem, package).is_empty()
                    && !crate::sdk::knows_package(*ecosystem, package)
            })
        };
        hands.iter().any(|package| is_another(package))
    }

    fn ecosystem_of(&self, class: ObjId) -> Ecosystem {
        match self.store.get(class).kind {
            ObjKind::Class { module, .. } => self.program.modules[module].ecosystem(),
            _ => Ecosystem::Npm,
        }
    }

    /// Makes an instance of each class among some arguments that a library gets and knows how to make.
    pub(super) fn extensions_handed_over(&mut self, args: &Args, span: Span) {
        for class in self.classes_among(args) {
            if self.is_extension(class) {
                self.perhaps(|this| this.construct(class, Args::unknown(), span));
            }
        }
    }

    /// Whether a class inherits from a library's that may call its methods. What described libraries do is known.
    pub(super) fn is_extension(&self, class: ObjId) -> bool {
        self.library_bases(class).iter().any(|base| match base {
            SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. } => {
                let package = path.first().map_or("", |name| name.strip_prefix("node:").unwrap_or(name));
                !FORMS.contains(&package) && !crate::sdk::knows_package(*ecosystem, package)
            }
            _ => false,
        })
    }

    /// The methods of a class and its bases in the program that nothing calls by name. Where a library has an instance for certain, a
    /// method of the same name that something else has tells nothing: it counts unless it was called, or the class calls it itself.
    fn hooks_of(&mut self, class: ObjId, is_library_s: bool) -> Vec<SmolStr> {
        let mut hooks: Vec<(SmolStr, bool)> = Vec::new();
        let mut modules = Vec::new();
        for &of in self.line_of(class).iter() {
            let ObjKind::Class { module, class, .. } = self.store.get(of).kind else { continue };
            modules.push(module);
            let functions = self.program.modules[module].module.functions.iter_enumerated();
            let own = functions.filter(|(_, func)| func.owner == Some(class) && is_hook(func));
            hooks.extend(own.map(|(id, func)| (func.name.clone(), self.visits.contains_key(&(module, id)))));
        }
        if is_library_s {
            let own: FxHashSet<SmolStr> = modules.into_iter().flat_map(|module| self.called_on_self(module)).collect();
            hooks.retain(|(name, visited)| !visited && !own.contains(name));
        } else {
            let is_extension = self.is_extension(class);
            let is_given = |name: &SmolStr, visited: bool| is_extension && !visited && OVERRIDDEN.contains(&name.as_str());
            let called = self.called_names(is_extension);
            hooks.retain(|(name, visited)| !called.contains(name) || is_given(name, *visited));
        }
        hooks.into_iter().map(|(name, _)| name).collect()
    }

    /// The names of the members that methods of a module read from their own instance.
    fn called_on_self(&self, module: ModuleId) -> FxHashSet<SmolStr> {
        let functions = self.program.modules[module].module.functions.iter();
        let of_self = |func: &'_ Func, expr: &Expr| match expr {
            Expr::Member { object, name } => match &func.body.exprs[*object] {
                Expr::Super => Some(name.clone()),
                Expr::Name(of) if matches!(of.as_str(), "self" | "this" | "cls") => Some(name.clone()),
                _ => None,
            },
            _ => None,
        };
        functions.flat_map(|func| func.body.exprs.iter().filter_map(move |expr| of_self(func, expr))).collect()
    }

    /// The names of all members that the program reads from anything but the modules it imports. Once requests have come, what code
    /// that they did not reach reads tells nothing of a class that inherits from a library's.
    fn called_names(&mut self, only_reached: bool) -> &FxHashSet<SmolStr> {
        let only_reached = only_reached && self.ready;
        if self.called.as_ref().is_none_or(|(reached, _)| *reached != only_reached) {
            let mut called = FxHashSet::default();
            for (id, linked) in self.program.modules.iter_enumerated() {
                let imported = imported_names(linked.module.functions.iter());
                let reached = |func: FuncId| !only_reached || func.index() == 0 || self.visits.contains_key(&(id, func));
                for (_, func) in linked.module.functions.iter_enumerated().filter(|(func, _)| reached(*func)) {
                    called.extend(func.body.exprs.iter().filter_map(|expr| match expr {
                        Expr::Member { object, name } => {
                            let mut of = &func.body.exprs[*object];
                            while let Expr::Member { object, .. } = of {
                                of = &func.body.exprs[*object];
                            }
                            let of_library = matches!(of, Expr::Super) || matches!(of, Expr::Name(of) if imported.contains(of));
                            (!of_library).then(|| name.clone())
                        }
                        _ => None,
                    }));
                }
            }
            self.called = Some((only_reached, called));
        }
        &self.called.get_or_insert_default().1
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
