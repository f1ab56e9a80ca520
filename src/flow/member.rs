//! Attributes: reading and assigning them, on every kind of value.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::bound::Bound;
use super::collection::longer;
use super::interp::Interp;
use super::proxies::WRAPPED;
use super::store::{Obj, ObjKind};
use super::value::{Atom, Closure, ObjId, SdkAtom, SuperAtom, Value};
use crate::ids::{FuncId, ModuleId};
use crate::ir::{Receiver, Role};
use crate::sdk::{Confidence, Ecosystem, SdkValue};
use crate::span::Span;
use crate::value::{Arg, ArgMap, Hole, unchanged};

/// Longest path into an event or a response that is remembered.
const MAX_PATH: usize = 96;
/// How deep classes within classes are followed.
const MAX_NESTED: usize = 3;

/// The objects of functions' own attributes, by the functions and the frames that they close over.
#[derive(Debug, Default)]
pub(super) struct FunctionObjects(FxHashMap<(ModuleId, FuncId, ObjId), ObjId>);

impl Interp<'_> {
    /// `object.name`.
    pub(super) fn member(&mut self, object: &Value, name: &SmolStr, span: Span) -> Value {
        let mut all = Value::none();
        for atom in object.atoms() {
            if !self.tick() {
                return Value::unknown("a value beyond the budget");
            }
            let value = self.member_of(atom, name, span);
            all.join(&value);
        }
        if all.is_none() { Value::null() } else { all }
    }

    /// `object.name` that is read and not called: what is read of an event is a part of it, even where it is called as methods
    /// are: `event.keys`, `event.items`.
    pub(super) fn read_member(&mut self, object: &Value, name: &SmolStr, span: Span) -> Value {
        let value = self.member(object, name, span);
        let part = |atom: &Atom| match atom {
            Atom::Bound(bound) => match &**bound {
                Bound::Method { receiver, name: read } if read == name => match receiver.single() {
                    Some(Atom::Hole(hole)) => match &**hole {
                        Hole::Event(path) => Some(Value::hole(Hole::Event(dotted(path, name)))),
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        if self.in_python() || !value.atoms().iter().any(|atom| part(atom).is_some()) {
            return value;
        }
        value.atoms().iter().map(|atom| part(atom).unwrap_or_else(|| Value::one(atom.clone()))).collect()
    }

    fn member_of(&mut self, atom: &Atom, name: &SmolStr, span: Span) -> Value {
        if let Some(added) = self.of_prototype(atom, name) {
            let added = self.partial(&added, Some(&Value::one(atom.clone())), &[], &[]);
            let own = self.own_member(atom, name, span);
            let is_unknown = matches!(atom, Atom::Hole(_) | Atom::Wrapped(_) | Atom::Bound(_));
            return if is_unknown { added.joined(&own) } else { added };
        }
        self.own_member(atom, name, span)
    }

    fn own_member(&mut self, atom: &Atom, name: &SmolStr, span: Span) -> Value {
        match atom {
            // What an `async` function without `return` gives is a promise all the same.
            Atom::Null(_) if super::names::is_of_promises(name) => method(Value::null(), name),
            Atom::Null(_) => Value::none(),
            Atom::Text(_) if matches!(name.as_str(), "parent" | "parents" | "name" | "stem" | "suffix") => {
                self.path_member(atom, name).unwrap_or_else(|| method(Value::one(atom.clone()), name))
            }
            Atom::Hole(_) if name == "parent" && super::builtin::is_own_path(atom) => Value::one(atom.clone()),
            // A member of an enumeration is its value.
            Atom::Text(_) | Atom::Number(_) if name == "value" => Value::one(atom.clone()),
            // No client, answer or module is a promise itself, but what is asked for these was one: `import("x").then(…)`.
            Atom::Sdk(sdk) if super::names::is_of_promises(name) && !self.in_python() && crate::sdk::may_settle(&sdk.value) => {
                method(Value::one(atom.clone()), name)
            }
            Atom::Object(id) => self.object_member(*id, name, span),
            Atom::Function(closure) => self.function_member(closure, name, atom),
            Atom::Sdk(sdk) => self.sdk_member(sdk, name, span),
            Atom::Super(of) => self.super_member(of, name, span),
            Atom::Package(package) => self.package_member(package, name),
            Atom::Hole(hole) if !super::names::is_of_every_value(name) => self.hole_member(hole, name, atom),
            // What a text can do calls nothing that a library holds.
            Atom::Wrapped(_) if super::names::is_of_texts(name) => method(Value::unknown("a library's value"), name),
            Atom::Wrapped(_) => Value::one(atom.clone()),
            Atom::Bound(_) => self.with_hung_on(method(Value::one(atom.clone()), name), name),
            _ => method(Value::one(atom.clone()), name),
        }
    }

    fn hole_member(&mut self, hole: &Hole, name: &str, atom: &Atom) -> Value {
        if let Some(value) = self.of_invocation(hole, name) {
            return value;
        }
        match hole {
            Hole::Event(_) | Hole::Context(_) if super::names::is_method(name) => method(Value::one(atom.clone()), name),
            Hole::Event(_) | Hole::Context(_) | Hole::Response { .. } => longer(hole, name),
            Hole::Unknown(_) => self.with_hung_on(method(Value::one(atom.clone()), name), name),
            _ => method(Value::one(atom.clone()), name),
        }
    }

    fn object_member(&mut self, id: ObjId, name: &SmolStr, span: Span) -> Value {
        match self.store.get(id).kind.clone() {
            ObjKind::Dict => self.dict_member(id, name, span),
            ObjKind::List | ObjKind::Promise => match name.as_str() {
                _ if self.store.get(id).fields.contains_key(name) => self.store.get(id).fields[name].clone(),
                "length" => Value::unknown("the length of a list or a text"),
                _ => method(Value::object(id), name),
            },
            ObjKind::Instance(class) => self.instance_member(id, class, name, span),
            ObjKind::Class { .. } => self.class_member(id, name, span),
            // `globals().get(name)`.
            ObjKind::Namespace(module)
                if matches!(name.as_str(), "get" | "items" | "keys" | "values")
                    && self.in_python()
                    && self.module_variable(module, name).is_none() =>
            {
                method(Value::object(id), name)
            }
            ObjKind::Namespace(_) if super::names::is_of_promises(name) && !self.in_python() => method(Value::object(id), name),
            ObjKind::Namespace(module) => self.module_member(module, name),
            ObjKind::Frame(_) => self.store.get(id).fields.get(name).cloned().unwrap_or_default(),
        }
    }

    fn dict_member(&mut self, id: ObjId, name: &SmolStr, span: Span) -> Value {
        if let Some(value) = self.trapped(id, &Value::literal(name.clone()), span) {
            return value;
        }
        let object = self.store.get(id);
        let is_method = self.in_python() && !object.has_attributes && super::names::is_of_dictionaries(name);
        if let Some(value) = object.fields.get(name).filter(|_| !is_method) {
            let value = value.clone();
            return self.with_accessors(value, &Value::object(id), span);
        }
        if super::names::is_of_every_value(name)
            || super::names::is_method(name)
            || matches!(name.as_str(), "set" | "delete" | "popitem")
        {
            return method(Value::object(id), name);
        }
        self.absent_entry(id, Some(name))
    }

    /// What reading an entry that was never set gives. A copy of the environment has every variable.
    pub(super) fn absent_entry(&mut self, id: ObjId, name: Option<&str>) -> Value {
        let object = self.store.get(id);
        let open = object.open;
        let mut value = object.rest.clone();
        if value.atoms().iter().any(|atom| self.is_environment(atom)) {
            value = value.filtered(|atom| !self.is_environment(atom));
            value.join(&name.map_or_else(|| Value::unknown("an environment variable"), |name| self.environment(name, None)));
        } else if open {
            let copied = object.copied.clone();
            value.join(&self.entry_of_copied(&copied, name));
        }
        if value.is_none() { Value::null() } else { value }
    }

    /// Object literals have getters too; methods get their object when they are called.
    pub(super) fn with_accessors(&mut self, value: Value, receiver: &Value, span: Span) -> Value {
        let is_getter = |atom: &Atom| match atom {
            Atom::Function(closure) => closure.is_getter || self.func(closure.module, closure.func).role == Role::Getter,
            _ => false,
        };
        if !value.atoms().iter().any(is_getter) {
            return value;
        }
        let mut all = Value::none();
        for atom in value.atoms() {
            match self.bound(atom, receiver, None, span) {
                Some(value) => all.join(&value),
                None => all.add(atom.clone()),
            }
        }
        all
    }

    fn instance_member(&mut self, id: ObjId, class: ObjId, name: &SmolStr, span: Span) -> Value {
        if let Some(value) = self.store.get(id).fields.get(name).filter(|value| !value.is_none()) {
            return value.clone();
        }
        let receiver = Value::object(id);
        if let Some(value) = self.class_attribute(class, &receiver, name, span) {
            return self.unless_stored(id, value);
        }
        if let Some(getter) = self.find_in_class(class, "__getattr__").filter(|_| !name.starts_with("__")) {
            let bound = self.bind_all(&getter, &receiver, class, span);
            return self.call_value(&bound, super::call::Args::positional(vec![Value::literal(name.clone())]), span);
        }
        if super::names::is_of_every_value(name) {
            return method(receiver, name);
        }
        if let Some(wrapped) = self.store.get(id).fields.get(WRAPPED).cloned().filter(|_| !name.starts_with("__")) {
            return self.member(&wrapped, name, span);
        }
        if let Some(value) = self.value_of_member(id).filter(|_| !name.starts_with("__")) {
            return self.member(&value, name, span);
        }
        match name.as_str() {
            "__class__" | "constructor" => Value::object(class),
            "__dict__" => receiver,
            "__getattribute__" => method(receiver, name),
            // The methods of `__dict__` and of `vars(self)`, which stand for the object itself.
            "update" | "setdefault" | "items" | "keys" | "values" | "pop" => method(receiver, name),
            _ => self.absent_attribute(id, name),
        }
    }

    fn absent_attribute(&self, id: ObjId, name: &str) -> Value {
        let object = self.store.get(id);
        // What the language itself asks for is no attribute that is stored under a computed name.
        if object.rest.is_none() || name.starts_with("__") && name.ends_with("__") {
            Value::hole(Hole::Unknown(smol_str::format_smolstr!("attribute `{name}`, which is never assigned on the way here")))
        } else {
            object.rest.clone()
        }
    }

    /// An attribute that an instance has from its class or a base.
    fn class_attribute(&mut self, class: ObjId, receiver: &Value, name: &SmolStr, span: Span) -> Option<Value> {
        if let Some((owner, found)) = self.attribute_with_owner(class, name) {
            return Some(self.bind_all(&found, receiver, owner, span));
        }
        self.library_attribute(class, receiver, name)
    }

    /// An attribute that comes from a base class of a library.
    fn library_attribute(&mut self, class: ObjId, receiver: &Value, name: &str) -> Option<Value> {
        let bases = self.library_bases(class);
        if bases.is_empty() {
            return None;
        }
        let stands_for_construct = match receiver.single() {
            Some(Atom::Object(id)) => self.store.get(*id).fields.contains_key(crate::sdk::construct::BASE),
            _ => false,
        };
        // Attributes are many: they are handed out only where something may be made of them.
        if !stands_for_construct && !bases.iter().any(|base| crate::sdk::gives_member(base, name)) {
            return None;
        }
        let mut attributes = ArgMap::default();
        self.collect_attributes(class, &mut attributes, 0);
        if let Some(Atom::Object(id)) = receiver.single()
            && *id != class
        {
            let own: Vec<(SmolStr, Value)> =
                self.store.get(*id).fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            for (name, value) in own {
                let arg = self.export_attribute(&value, 1);
                attributes.entries.insert(name, arg);
            }
        }
        let inherited: Vec<Arg> = bases.iter().filter_map(|base| crate::sdk::inherited(base, &attributes, name)).collect();
        (!inherited.is_empty()).then(|| inherited.into_iter().map(|arg| self.import_arg(&arg)).collect())
    }

    /// The attributes of a class and its bases, the class's own on top.
    pub(super) fn collect_attributes(&mut self, class: ObjId, attributes: &mut ArgMap, depth: usize) {
        for &class in self.line_of(class).iter().rev() {
            let object = self.store.share(class);
            for (name, value) in object.fields.iter() {
                let arg = self.export_attribute(value, depth);
                attributes.entries.insert(name.clone(), arg);
            }
        }
    }

    /// An attribute as a library sees it. Nested classes are its settings: `class Meta: table_name = …`.
    fn export_attribute(&mut self, value: &Value, depth: usize) -> Arg {
        match value.single() {
            Some(Atom::Object(inner)) if matches!(self.store.get(*inner).kind, ObjKind::Class { .. }) && depth < MAX_NESTED => {
                let mut nested = ArgMap::default();
                self.collect_attributes(*inner, &mut nested, depth + 1);
                Arg::Map(nested)
            }
            _ => self.export(value),
        }
    }

    fn class_member(&mut self, class: ObjId, name: &SmolStr, span: Span) -> Value {
        let receiver = Value::object(class);
        if let Some((_, found)) = self.attribute_with_owner(class, name) {
            let mut all = Value::none();
            for atom in found.atoms() {
                let role = match atom {
                    Atom::Function(closure) => Some(self.func(closure.module, closure.func).role),
                    _ => None,
                };
                match role {
                    Some(Role::ClassMethod) => all.join(&self.bound(atom, &receiver, Some(class), span).unwrap_or_default()),
                    // A static method's `this` is the class.
                    Some(Role::Static) => {
                        all.join(&with_receiver(atom, &receiver, self.receiver_style(atom) == Some(Receiver::This)));
                    }
                    Some(Role::Getter) => all.join(&self.bound(atom, &receiver, Some(class), span).unwrap_or_default()),
                    _ => all.add(atom.clone()),
                }
            }
            return all;
        }
        let inherited = self.attribute_of_metaclass(class, name, span);
        if let Some(value) = inherited.or_else(|| self.library_attribute(class, &receiver, name)) {
            return value;
        }
        match name.as_str() {
            // Both are taken for the class: the one has its methods, the other one is it.
            "prototype" => receiver,
            "constructor" if !self.in_python() => receiver,
            "__members__" => self.member_map(class).unwrap_or(receiver),
            "__name__" | "name" => self.class_name(class).map_or_else(|| Value::unknown("a class name"), Value::literal),
            _ => method(receiver, name),
        }
    }

    fn class_name(&self, class: ObjId) -> Option<SmolStr> {
        match &self.store.get(class).kind {
            ObjKind::Class { module, class, .. } => Some(self.program.modules[*module].module.classes[*class].name.clone()),
            _ => None,
        }
    }

    fn receiver_style(&self, atom: &Atom) -> Option<Receiver> {
        match atom {
            Atom::Function(closure) => Some(self.func(closure.module, closure.func).receiver),
            _ => None,
        }
    }

    /// Binds what a class offers to a receiver.
    pub(super) fn bind_all(&mut self, found: &Value, receiver: &Value, owner: ObjId, span: Span) -> Value {
        let mut all = Value::none();
        for atom in found.atoms() {
            match self.bound(atom, receiver, Some(owner), span) {
                Some(value) => all.join(&value),
                None => all.join(&self.described(atom, receiver, owner, span)),
            }
        }
        all
    }

    /// An attribute of a class that is no function: itself, or what it gives when it is a descriptor.
    fn described(&mut self, atom: &Atom, receiver: &Value, owner: ObjId, span: Span) -> Value {
        let attribute = Value::one(atom.clone());
        self.magic(&attribute, &["__get__"], &[receiver.clone(), Value::object(owner)], span).unwrap_or(attribute)
    }

    /// A function of a class as its receiver sees it: methods are bound, getters run. `None` for what is no function.
    fn bound(&mut self, atom: &Atom, receiver: &Value, owner: Option<ObjId>, span: Span) -> Option<Value> {
        let Atom::Function(closure) = atom else { return None };
        let func = self.func(closure.module, closure.func);
        // An arrow function takes no receiver, wherever it is found.
        let is_arrow = func.receiver == Receiver::Lexical && self.program.modules[closure.module].ecosystem() == Ecosystem::Npm;
        let receiver = match func.role {
            Role::Static => return Some(Value::one(atom.clone())),
            _ if is_arrow && !closure.is_getter => return Some(Value::one(atom.clone())),
            Role::ClassMethod => self.class_of(receiver).unwrap_or_else(|| receiver.clone()),
            _ => receiver.clone(),
        };
        let mut bound = (**closure).clone();
        if bound.receiver.is_none() {
            bound.receiver = Some(receiver);
        }
        if bound.class.is_none() {
            bound.class = owner;
        }
        let is_getter = std::mem::take(&mut bound.is_getter) || func.role == Role::Getter;
        let value = Value::one(Atom::Function(Rc::new(bound)));
        Some(if is_getter { self.call_value(&value, super::call::Args::default(), span) } else { value })
    }

    fn class_of(&self, receiver: &Value) -> Option<Value> {
        match receiver.single()? {
            Atom::Object(id) => match self.store.get(*id).kind {
                ObjKind::Instance(class) => Some(Value::object(class)),
                _ => None,
            },
            _ => None,
        }
    }

    fn super_member(&mut self, of: &SuperAtom, name: &SmolStr, span: Span) -> Value {
        let class = match self.class_of(&of.receiver).as_ref().unwrap_or(&of.receiver).single() {
            Some(Atom::Object(class)) => Some(*class),
            _ => None,
        };
        if let Some((owner, found)) = self.find_after(class, of.class, name) {
            return self.bind_all(&found, &of.receiver, owner, span);
        }
        if let Some(value) = self.super_of_metaclass(of, name) {
            return value;
        }
        if name == "__new__" {
            return method(Value::one(Atom::Super(Rc::new(of.clone()))), name);
        }
        if name == "__init__" && !self.library_bases(of.class).is_empty() {
            // Calling it is what calling `super` is in other languages.
            return Value::one(Atom::Super(Rc::new(of.clone())));
        }
        if let Some(value) = self.library_attribute(of.class, &of.receiver, name) {
            return value;
        }
        Value::unknown("a method of an unknown base class")
    }

    fn function_member(&mut self, closure: &Rc<Closure>, name: &SmolStr, atom: &Atom) -> Value {
        let key = (closure.module, closure.func, closure.frame);
        if let Some(&object) = self.function_objects.0.get(&key)
            && let Some(value) = self.store.get(object).fields.get(name)
        {
            return value.clone();
        }
        match name.as_str() {
            "prototype" => Value::object(self.prototype(key)),
            "__name__" | "name" => Value::literal(self.func(closure.module, closure.func).name.clone()),
            "__wrapped__" | "__func__" => Value::one(atom.clone()),
            "__self__" if closure.receiver.is_some() => closure.receiver.clone().unwrap_or_default(),
            _ => method(Value::one(atom.clone()), name),
        }
    }

    /// The object of a function's own attributes.
    pub(super) fn function_object(&mut self, key: (ModuleId, FuncId, ObjId)) -> ObjId {
        if let Some(&id) = self.function_objects.0.get(&key) {
            return id;
        }
        let id = self.store.alloc_shared(Obj::new(ObjKind::Dict));
        self.function_objects.0.insert(key, id);
        id
    }

    /// The prototype of a function used as a constructor.
    pub(super) fn prototype(&mut self, key: (ModuleId, FuncId, ObjId)) -> ObjId {
        let object = self.function_object(key);
        if let Some(Atom::Object(id)) = self.store.get(object).fields.get("prototype").and_then(Value::single) {
            return *id;
        }
        let id = self.store.alloc(Obj::new(ObjKind::Dict));
        self.store.get_mut(object).fields.insert("prototype".into(), Value::object(id));
        id
    }

    fn sdk_member(&mut self, sdk: &SdkAtom, name: &SmolStr, span: Span) -> Value {
        if let Some(value) = self.library_value(&sdk.value, name).or_else(|| self.of_library(&sdk.value, name)) {
            return value;
        }
        if let Some(value) = self.of_cradle(&sdk.value, name, span) {
            return value;
        }
        let is_function = match &*sdk.value {
            SdkValue::External { path, .. } => path.last().is_none_or(|last| last != "Reflect"),
            value => matches!(value, SdkValue::Method { .. }),
        };
        if is_function && matches!(name.as_str(), "bind" | "call" | "apply") && !self.in_python() {
            return method(Value::one(Atom::Sdk(Rc::new(sdk.clone()))), name);
        }
        if let SdkValue::Method { receiver, name: method } = &*sdk.value {
            match name.as_str() {
                "__name__" => return Value::literal(method.clone()),
                "__self__" => return trusted(Value::sdk((**receiver).clone()), sdk.trust),
                _ => {}
            }
        }
        for draft in crate::sdk::member_requests(&sdk.value, name) {
            self.request(draft, span, sdk.trust);
        }
        let arg = crate::sdk::member(&sdk.value, name);
        let value = self.import_arg(&arg);
        trusted(value, sdk.trust)
    }
}

fn with_receiver(atom: &Atom, receiver: &Value, bind: bool) -> Value {
    match atom {
        Atom::Function(closure) if bind => {
            Value::one(Atom::Function(Rc::new(Closure { receiver: Some(receiver.clone()), ..(**closure).clone() })))
        }
        _ => Value::one(atom.clone()),
    }
}

/// Library values that come from one which is not certain are not certain either.
pub(super) fn trusted(value: Value, trust: Confidence) -> Value {
    if trust == Confidence::Certain {
        return value;
    }
    let mut all = Value::none();
    for atom in value.atoms() {
        match atom {
            Atom::Sdk(sdk) => all.add(Atom::Sdk(Rc::new(SdkAtom { trust: sdk.trust.min(trust), ..(**sdk).clone() }))),
            other => all.add(other.clone()),
        }
    }
    all
}

/// A method that was read from a value.
pub(super) fn method(receiver: Value, name: &str) -> Value {
    Bound::Method { receiver, name: name.into() }.into()
}

/// A longer path into an event or a response.
pub(super) fn dotted(path: &SmolStr, name: &str) -> SmolStr {
    if path.len() > MAX_PATH {
        return path.clone();
    }
    // What is inside of a text is found by reading it, not by changing it.
    let path = unchanged(path);
    match (path.is_empty(), name) {
        (_, "[]") => smol_str::format_smolstr!("{path}[]"),
        (true, _) => name.into(),
        (false, _) => smol_str::format_smolstr!("{path}.{name}"),
    }
}
