//! What libraries put in where the program asks for it: results of functions and instances of classes that they are told to
//! call, the receivers of methods that they call, and attributes that the program hangs onto them.

use std::rc::Rc;

use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, Closure, MethodAtom, ObjId, Value};
use crate::ir::Role;
use crate::sdk::SdkValue;
use crate::span::Span;

/// What a provider does when it is called; no method of the languages has such a name.
pub(super) const PROVIDED: &str = "(provided)";

impl Interp<'_> {
    /// What a library gets when it calls a function or class of the program for the sake of another: `Depends(get_table)`.
    pub(super) fn result_of(&mut self, callee: &Value, span: Span) -> Value {
        let callee = callee.filtered(|atom| !matches!(atom, Atom::Null(_)));
        if callee.is_none() {
            return Value::unknown("what a library puts in");
        }
        let mut all = Value::none();
        for atom in callee.atoms() {
            let result = self.call_value(&Value::one(atom.clone()), Args::unknown(), span);
            let result = self.awaited(&result);
            // One that yields gives what it yields, and goes on afterwards.
            let yields = matches!(atom, Atom::Function(closure) if self.func(closure.module, closure.func).is_generator);
            all.join(&if yields { self.item_of(&result, span) } else { result });
        }
        all
    }

    /// A function that gives what calling the first argument with the others gives: `providers.Factory(Store, table=table)`.
    pub(super) fn provider(&mut self, args: &Args, span: Span) -> Value {
        let given = Args {
            positional: args.positional.iter().skip(1).map(provided).collect(),
            named: args.named.iter().map(|(name, value)| (name.clone(), provided(value))).collect(),
            rest: args.rest.clone(),
            open: args.open,
            ..Args::default()
        };
        let made = self.call_value(&provided(&args.get(0)), given, span);
        Value::one(Atom::Method(Rc::new(MethodAtom { receiver: made, name: PROVIDED.into() })))
    }

    /// A method that something unknown calls is called on an instance of its class.
    pub(super) fn on_instance(&mut self, function: &Value) -> Value {
        let Some(Atom::Function(closure)) = function.single() else { return function.clone() };
        let func = self.func(closure.module, closure.func);
        let Some(class) = closure.class.filter(|_| closure.receiver.is_none() && func.role == Role::Plain) else {
            return function.clone();
        };
        if func.receiver == crate::ir::Receiver::Lexical || !matches!(self.store.get(class).kind, ObjKind::Class { .. }) {
            return function.clone();
        }
        let instance = self.perhaps(|this| this.instance_for_annotation(class));
        let instance = instance.filtered(|atom| matches!(atom, Atom::Object(_)));
        if instance.is_none() {
            return function.clone();
        }
        Value::one(Atom::Function(Rc::new(Closure { receiver: Some(instance), ..(**closure).clone() })))
    }

    /// Remembers what the program hangs onto a library's object: `g.table = …`, `app.config["TABLE"] = …`.
    pub(super) fn set_on_library(&mut self, value: &SdkValue, name: &SmolStr, new: &Value) {
        let Some(key) = Self::library_key(value) else { return };
        let object = match self.library_objects.get(&key) {
            Some(object) => *object,
            None => {
                let object = self.store.alloc(Obj::new(ObjKind::Dict));
                self.library_objects.insert(key, object);
                object
            }
        };
        self.set_field(object, name, new.clone(), false);
    }

    /// What the program hung onto a library's object.
    pub(super) fn of_library(&self, value: &SdkValue, name: &str) -> Option<Value> {
        if self.library_objects.is_empty() {
            return None;
        }
        let object: ObjId = *self.library_objects.get(&Self::library_key(value)?)?;
        self.store.get(object).fields.get(name).cloned()
    }

    /// Objects of libraries at one path are taken for one. AWS's own take nothing.
    fn library_key(value: &SdkValue) -> Option<String> {
        match value {
            SdkValue::External { path, .. } | SdkValue::Instance { path, .. }
                if !crate::sdk::makes_requests(value) && !path.iter().any(|part| part == "env" || part == "environ") =>
            {
                Some(path.join("."))
            }
            _ => None,
        }
    }
}

/// What providers among some alternatives provide.
pub(super) fn provided(value: &Value) -> Value {
    let mut all = Value::none();
    for atom in value.atoms() {
        match atom {
            Atom::Method(method) if method.name == PROVIDED => all.join(&method.receiver),
            other => all.add(other.clone()),
        }
    }
    all
}
