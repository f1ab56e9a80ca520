//! Functions and classes: definitions, decorators, construction.

use std::rc::Rc;

use smol_str::SmolStr;

use super::assign::setter_key;
use super::bases::MAX_LINE;
use super::call::{Args, UNKNOWN_ARGUMENT};
use super::exec::{End, NO_VALUE};
use super::fields::{Fields, Slot};
use super::injected::object_of;
use super::interp::{Activation, Interp};
use super::store::{Obj, ObjKind};
use super::value::{Atom, Closure, ObjId, Value};
use crate::ids::{ClassId, ExprId, FuncId, ModuleId};
use crate::ir::{Body, Expr, Func, Pattern, Role, Stmt};
use crate::note::NoteKind;
use crate::sdk::{RESULT, SdkValue};
use crate::span::Span;

impl Interp<'_> {
    pub(super) fn define_function(&mut self, id: FuncId) {
        let module = self.current().module;
        let func = self.func(module, id);
        let value = self.closure(id);
        let value = if self.current().class_body.is_some() && !self.in_python() {
            self.decorated_method(value, func)
        } else {
            self.decorated(value, &func.decorators, func.span)
        };
        if func.role == Role::Setter {
            let frame = self.current().frame;
            self.set_field(frame, &setter_key(&func.name), value, true);
            return;
        }
        self.bind(&Pattern::Name(func.name.clone()), value);
    }

    fn decorated(&mut self, mut value: Value, decorators: &[ExprId], span: Span) -> Value {
        for &decorator in decorators.iter().rev() {
            let callee = self.eval(decorator);
            value =
                if self.is_told(decorator, &callee) { self.registered(value, span) } else { self.decorate(&callee, value, span) };
        }
        value
    }

    /// Whether what a decorator's call gave is just what it was told: the function in `@Query(() => [Order])`. The decorator
    /// itself is the library's.
    fn is_told(&self, decorator: ExprId, callee: &Value) -> bool {
        let (module, span) = (self.current().module, self.span_of(decorator));
        callee.atoms().iter().any(|atom| match atom {
            Atom::Function(closure) if closure.module == module => {
                let own = self.func(module, closure.func).span;
                span.start <= own.start && own.end <= span.end
            }
            _ => false,
        })
    }

    /// What a decorator of an unknown library gets; it stays what it is.
    fn registered(&mut self, value: Value, span: Span) -> Value {
        self.call_unknown(&Args::positional(vec![value.clone()]), span);
        value
    }

    fn decorate(&mut self, callee: &Value, value: Value, span: Span) -> Value {
        let result = self.call_value(callee, Args::positional(vec![value.clone()]), span);
        // A decorator that gives nothing we know leaves the function in its place.
        let known = result.filtered(|atom| match atom {
            Atom::Function(_) | Atom::Object(_) | Atom::Sdk(_) => true,
            Atom::Bound(bound) => bound.is_called(),
            _ => false,
        });
        if known.is_none() {
            return value;
        }
        // What a library's value does with the function when it is called is known only where that is described.
        let is_open = |atom: &Atom| matches!(atom, Atom::Sdk(sdk) if !crate::sdk::describes_calls(&sdk.value));
        if result.atoms().iter().any(is_open) { known.joined(&value) } else { known }
    }

    /// Decorators of a method in TypeScript. Those of its first form take the class, the method's name and a descriptor,
    /// and change the method by changing or replacing the descriptor.
    ///
    /// One of an unknown library wraps the method, which runs when somebody calls it. Frameworks that call methods by themselves
    /// decorate their classes, too, or take them with something that the program made of them: `@app.get("/orders")`.
    ///
    /// <https://www.typescriptlang.org/docs/handbook/decorators.html#method-decorators>
    fn decorated_method(&mut self, mut value: Value, func: &Func) -> Value {
        let module = &self.program.modules[self.current().module].module;
        let is_plain = func.owner.is_some_and(|class| module.classes[class].decorators.is_empty());
        for &decorator in func.decorators.iter().rev() {
            let callee = self.eval(decorator);
            if self.is_told(decorator, &callee) {
                value = self.registered(value, func.span);
                continue;
            }
            if is_plain && callee.atoms().iter().all(is_unknown_wrapper) {
                if callee.atoms().iter().any(is_of_made) {
                    self.hand_over_later(&value);
                } else if let Some(class) = self.current().class_body {
                    self.hooks.decorate(class, func.name.clone());
                }
                continue;
            }
            if !callee.atoms().iter().any(|atom| self.takes_descriptor(atom)) {
                value = self.decorate(&callee, value, func.span);
                continue;
            }
            let mut object = Obj::new(ObjKind::Dict);
            object.fields.insert("value".into(), value.clone());
            let descriptor = Value::object(self.store.alloc(object));
            // A prototype is taken for its class.
            let class = self.current().class_body.map_or_else(|| Value::unknown("a class"), Value::object);
            let args = vec![class, Value::literal(func.name.clone()), descriptor.clone()];
            let result = self.call_value(&callee, Args::positional(args), func.span);
            for holder in [result.filtered(|atom| matches!(atom, Atom::Object(_))), descriptor] {
                let method = if holder.is_none() { holder } else { self.member(&holder, &"value".into(), func.span) };
                let known = method.filtered(|atom| matches!(atom, Atom::Function(_) | Atom::Object(_)));
                if !known.is_none() {
                    value = known;
                    break;
                }
            }
        }
        value
    }

    /// Whether a decorator has the first form: of two parameters the second is a name, and no object as in the second form.
    /// <https://github.com/tc39/proposal-decorators>
    fn takes_descriptor(&self, atom: &Atom) -> bool {
        const NAMES: [&str; 5] = ["key", "member", "method", "name", "prop"];
        let Atom::Function(closure) = atom else { return false };
        let func = self.func(closure.module, closure.func);
        let [_, second] = func.params.as_slice() else { return func.params.len() > 2 };
        let Pattern::Name(name) = &second.pattern else { return false };
        match second.annotation.map(|annotation| &func.body.exprs[annotation]) {
            Some(Expr::Name(name)) => name == "PropertyKey",
            Some(Expr::Member { .. } | Expr::Index { .. }) => false,
            Some(_) => true,
            None => NAMES.iter().any(|part| name.to_ascii_lowercase().contains(part)),
        }
    }

    pub(super) fn define_class(&mut self, id: ClassId) {
        let value = self.class_value(id);
        let module = self.current().module;
        let class = &self.program.modules[module].module.classes[id];
        let decorated = self.decorated(value.clone(), &class.decorators, class.span);
        value.atoms().iter().filter_map(object_of).for_each(|class| self.hooks.forget(class));
        // An unknown decorator may make an instance, but what it gives is the class.
        let is_class =
            |atom: &Atom| matches!(atom, Atom::Object(id) if matches!(self.store.get(*id).kind, ObjKind::Class { .. }));
        let mut classes = decorated.filtered(is_class);
        if classes.is_none() {
            classes = decorated.filtered(|atom| matches!(atom, Atom::Object(_)));
        }
        self.bind(&Pattern::Name(class.name.clone()), if classes.is_none() { value } else { classes });
    }

    /// Evaluates a class definition: its bases, then its body, whose variables become the attributes.
    pub(super) fn class_value(&mut self, id: ClassId) -> Value {
        let module = self.current().module;
        let class = &self.program.modules[module].module.classes[id];
        let bases: Vec<Value> = class.bases.iter().map(|&base| self.eval(base)).collect();
        let named: Vec<(SmolStr, Value)> = class.keywords.iter().map(|(name, value)| (name.clone(), self.eval(*value))).collect();
        let frame = self.current().frame;
        let bases = bases.into_iter().map(|base| self.function_bases(base)).collect();
        let object = self.store.alloc(Obj::new(ObjKind::Class { module, class: id, frame, bases }));
        self.classes.insert((module, id), object);
        self.defined += 1;
        if !self.in_python() && self.find_variable(&class.name) == Some(frame) {
            // Static initializers see the class by its name.
            self.set_field(frame, &class.name, Value::object(object), true);
        }
        let body = self.func(module, class.body);
        let inner = self.new_frame(Some(frame), module, class.body);
        self.stack.push(Activation {
            module,
            func: class.body,
            frame: inner,
            site: None,
            returns: Value::none(),
            early: Vec::new(),
            paths: self.store.open_paths(),
            loops: Vec::new(),
            yields: None,
            class: Some(object),
            class_body: Some(object),
            receiver: Some(Value::object(object)),
        });
        self.store.get_mut(inner).fields.insert("this".into(), Value::object(object));
        self.class_body(&body.body, inner, object);
        self.note_annotations(object);
        let activation = self.stack.pop().expect("pushed above");
        self.store.absorb(activation.early);
        if self.in_python() {
            self.make_members(object, class.span);
            self.name_descriptors(object, class.span);
            if let Some((_, hook)) = self.find_after(None, object, "__init_subclass__") {
                let named = named.iter().filter(|(name, _)| name != "metaclass").cloned().collect();
                self.call_on_class(&hook, object, Args { named, ..Args::default() }, class.span);
            }
        }
        if self.line_of(object).len() >= MAX_LINE {
            let message =
                "this class derives from more classes than are followed; calls made by the last of them are not covered";
            self.note(NoteKind::Budget, class.span, message);
        }
        self.made_by_metaclass(object, class.name.clone(), &named, class.span)
    }

    /// Calls methods that get the class, though nothing marks them as class methods.
    pub(super) fn call_on_class(&mut self, methods: &Value, class: ObjId, args: Args, span: Span) -> Value {
        let mut all = Value::none();
        for atom in methods.atoms() {
            let Atom::Function(function) = atom else { continue };
            let bound = Closure { receiver: Some(Value::object(class)), ..(**function).clone() };
            let bound = Value::one(Atom::Function(Rc::new(bound)));
            all.join(&self.call_value(&bound, args.clone(), span));
        }
        all
    }

    /// Runs a class body. What it assigns becomes an attribute at once, since static initializers may read it.
    fn class_body(&mut self, body: &Body, inner: ObjId, object: ObjId) {
        let mut known = Fields::default();
        for &stmt in &body.entry {
            if self.stmt(stmt) != End::Falls {
                break;
            }
            let name = match &body.stmts[stmt] {
                Stmt::Bind { pattern: Pattern::Name(name), .. } => Some(name.clone()),
                Stmt::DefineFunction(func) => Some(self.func(self.current().module, *func).name.clone()),
                _ => None,
            };
            if let Some(name) = name {
                self.publish(&name, inner, object, &mut known);
            }
        }
        let names: Vec<SmolStr> = self.store.get(inner).fields.keys().filter(|name| *name != "this").cloned().collect();
        for name in names {
            self.publish(&name, inner, object, &mut known);
        }
    }

    /// Makes a variable of a class body an attribute, if it changed since it was made one.
    fn publish(&mut self, name: &SmolStr, inner: ObjId, object: ObjId, known: &mut Fields) {
        let value = self.store.get(inner).fields.get(name).cloned().unwrap_or_default();
        if !value.is_none() && known.get(name) != Some(&value) {
            known.insert(name.clone(), value.clone());
            self.set_field(object, name, value, true);
        }
    }

    /// Old-style constructors as bases: their prototype is what is inherited.
    fn function_bases(&mut self, base: Value) -> Value {
        let mut all = Value::none();
        for atom in base.atoms() {
            match atom {
                Atom::Function(closure) => {
                    let prototype = self.prototype((closure.module, closure.func, closure.frame));
                    all.add(Atom::Object(prototype));
                }
                other => all.add(other.clone()),
            }
        }
        all
    }

    /// `C(…)` or `new C(…)`.
    pub(super) fn construct(&mut self, class: ObjId, args: Args, span: Span) -> Value {
        if let Some(made) = self.construct_by_metaclass(class, &args, span) {
            return made;
        }
        self.construct_itself(class, args, span)
    }

    /// The same without what a metaclass does.
    pub(super) fn construct_itself(&mut self, class: ObjId, args: Args, span: Span) -> Value {
        if let Some(member) = self.member_by_value(class, &args) {
            return member;
        }
        if let Some(maker) = self.find_in_class(class, "__new__").filter(|_| self.in_python()) {
            return self.construct_by(&maker, class, args, span);
        }
        let instance = self.new_instance(class);
        if args.positional.is_empty() && !args.rest.is_none() {
            self.providers.wait(class, instance);
        }
        self.initialize(class, instance, args, span)
    }

    /// A class that makes its instances itself, as singletons do.
    fn construct_by(&mut self, maker: &Value, class: ObjId, args: Args, span: Span) -> Value {
        let made = self.call_on_class(maker, class, args.clone(), span);
        for atom in made.atoms() {
            if let Atom::Object(instance) = atom
                && matches!(self.store.get(*instance).kind, ObjKind::Instance(_))
            {
                self.initialize(class, *instance, args.clone(), span);
            }
        }
        made
    }

    /// An instance of a class before its constructor ran.
    pub(super) fn new_instance(&mut self, class: ObjId) -> ObjId {
        let instance = self.store.alloc(Obj::new(ObjKind::Instance(class)));
        if let ObjKind::Class { module, class, .. } = self.store.get(class).kind {
            let known = self.instances.entry((module, class)).or_default();
            if known.len() < 64 {
                known.push(instance);
            }
        }
        instance
    }

    pub(super) fn initialize(&mut self, class: ObjId, instance: ObjId, args: Args, span: Span) -> Value {
        let receiver = Value::object(instance);
        self.initialize_fields(class, &receiver, span);
        let args = Args { construct: false, ..args };
        if let Some(source) = self.field_source(class, &args) {
            self.fill_from_environment(class, instance, &source, &args, span);
            return receiver;
        }
        let init = self.member(&receiver, &"__init__".into(), span);
        let init = init.filtered(|atom| matches!(atom, Atom::Function(_)));
        if !init.is_none() {
            self.call_value(&init, args, span);
            return receiver;
        }
        let fields = self.data_fields(class);
        if fields.is_empty() {
            self.construct_library(class, instance, &args, span);
        } else {
            self.fill_fields(class, instance, &fields, &args);
        }
        receiver
    }

    /// Runs the field initializers of a class and its bases, bases first.
    fn initialize_fields(&mut self, class: ObjId, receiver: &Value, span: Span) {
        for &class in self.line_of(class).iter().rev() {
            let ObjKind::Class { module, class: id, frame, .. } = self.store.get(class).kind else { continue };
            if let Some(init) = self.program.modules[module].module.classes[id].instance_init {
                let closure = Rc::new(Closure {
                    module,
                    func: init,
                    frame,
                    receiver: None,
                    class: Some(class),
                    bound: Vec::new(),
                    bound_named: Vec::new(),
                    is_getter: false,
                });
                self.invoke(&closure, Some(receiver.clone()), Args::default(), span);
            }
        }
    }

    /// The fields of a class and its bases in order: those with an annotation, and what is described as a field without one
    /// (`name = attr.ib()`).
    pub(super) fn data_fields(&self, class: ObjId) -> Vec<SmolStr> {
        let mut fields = Vec::new();
        for &class in self.line_of(class).iter().rev() {
            let ObjKind::Class { module, class: id, .. } = &self.store.get(class).kind else { continue };
            for field in &self.program.modules[*module].module.classes[*id].fields {
                if !fields.contains(&field.name) {
                    fields.push(field.name.clone());
                }
            }
            for (name, value) in self.store.get(class).fields.iter() {
                if self.field_settings(value).is_some() && !fields.contains(name) {
                    fields.push(name.clone());
                }
            }
        }
        fields
    }

    /// An attribute as it is read from a class, where `field(default=…)` has left its default.
    pub(super) fn attribute_with_owner(&mut self, class: ObjId, name: &str) -> Option<(ObjId, Value)> {
        let (owner, found) = self.find_with_owner(class, name)?;
        let default = self.field_settings(&found).and_then(|told| told.fields.get("default").cloned());
        let value = default.unwrap_or_else(|| self.assigned_or_declared(owner, name, found));
        Some((owner, value))
    }

    /// What `field(…)` and its like were told.
    fn field_settings(&self, value: &Value) -> Option<&Obj> {
        let Some(Atom::Object(id)) = value.single() else { return None };
        Some(self.store.get(*id)).filter(|object| object.fields.contains_key(&Slot::Field.key()))
    }

    /// Whether a field is described by this with `False` or `True`, so that a generated constructor takes it otherwise.
    fn is_field_with(&self, class: ObjId, name: &str, setting: &str, state: bool) -> bool {
        let Some(value) = self.find_in_class(class, name) else { return false };
        let told = self.field_settings(&value).and_then(|told| told.fields.get(setting));
        told.is_some_and(|told| self.truth(told) == Some(state))
    }

    fn fill_fields(&mut self, class: ObjId, instance: ObjId, fields: &[SmolStr], args: &Args) {
        let mut position = 0;
        for name in fields {
            let is_taken = !self.is_field_with(class, name, "init", false);
            let has_position = is_taken && !self.is_field_with(class, name, "kw_only", true);
            let given = match args.named(name) {
                _ if !is_taken => Value::none(),
                Some(given) => given.clone(),
                None if has_position => args.get(position),
                None => args.rest.clone(),
            };
            position += usize::from(has_position);
            let default = self.field_default(class, name);
            let value = match (given.is_none(), default) {
                (false, _) => given,
                // Something unknown was spread in, which may have it.
                (true, Some(default)) if is_taken && args.open && args.rest.is_none() => {
                    default.joined(&Value::unknown(UNKNOWN_ARGUMENT))
                }
                (true, Some(default)) => default,
                (true, None) if is_taken && args.open => Value::unknown(UNKNOWN_ARGUMENT),
                (true, None) => Value::unknown("a field without a value"),
            };
            self.set_field(instance, name, value, true);
        }
        self.after_fields(class, instance);
    }

    /// What a class does once its generated constructor has filled the fields.
    pub(super) fn after_fields(&mut self, class: ObjId, instance: ObjId) {
        for hook in ["__post_init__", "model_post_init"] {
            if self.find_in_class(class, hook).is_some() {
                let bound = self.member(&Value::object(instance), &hook.into(), Span::default());
                self.call_value(&bound, Args::default(), Span::default());
            }
        }
    }

    /// The default of a field. `field(default=…)`, `field(default_factory=…)` were evaluated to a dictionary of their arguments.
    pub(super) fn field_default(&mut self, class: ObjId, name: &str) -> Option<Value> {
        let default = self.find_in_class(class, name)?;
        if let Some(told) = self.field_settings(&default) {
            let factory = ["default_factory", "factory"].iter().find_map(|name| told.fields.get(name).cloned());
            return match factory {
                Some(factory) => Some(self.call_value(&factory, Args::default(), Span::default())),
                None => told.fields.get("default").cloned(),
            };
        }
        (!default.is_unknown(NO_VALUE)).then_some(default)
    }

    /// A class without a constructor of its own whose base is a library's.
    fn construct_library(&mut self, class: ObjId, instance: ObjId, args: &Args, span: Span) {
        if self.construct_base(class, &Value::object(instance), args, span) {
            return;
        }
        if !self.library_bases(class).is_empty() {
            for (name, value) in &args.named {
                self.set_field(instance, name, value.clone(), true);
            }
            if args.all().any(|value| value.atoms().iter().any(|atom| matches!(atom, Atom::Function(_)))) {
                self.call_unknown(args, span);
            }
        }
    }

    /// A top-level function or class of a module, as it is after the module ran.
    pub(super) fn module_variable(&self, module: ModuleId, name: &str) -> Option<Value> {
        self.store.get(self.modules[module].frame).fields.get(name).cloned().filter(|value| !value.is_none())
    }
}

/// Whether a decorator is something that nothing is known of.
fn is_unknown_wrapper(atom: &Atom) -> bool {
    match atom {
        Atom::Sdk(sdk) => crate::sdk::is_undescribed(&sdk.value),
        atom => matches!(atom, Atom::Hole(_) | Atom::Wrapped(_)),
    }
}

/// Whether a decorator belongs to something that the program made of a library.
fn is_of_made(decorator: &Atom) -> bool {
    let Atom::Sdk(sdk) = decorator else { return false };
    match &*sdk.value {
        SdkValue::External { path, .. } | SdkValue::Instance { path, .. } => path.iter().rev().skip(1).any(|part| part == RESULT),
        value => matches!(value, SdkValue::Method { .. }),
    }
}
