//! Metaclasses: what makes classes, and what calling a class does.
//!
//! ```text
//! class Registered(type):
//!     jobs = {}
//!     def __new__(mcs, name, bases, namespace):
//!         cls = super().__new__(mcs, name, bases, namespace)     # the class that is being defined
//!         mcs.jobs[name] = cls
//!         return cls
//! ```
//!
//! <https://docs.python.org/3/reference/datamodel.html#metaclasses>

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::member::method;
use super::store::{Obj, ObjKind};
use super::value::{Atom, ObjId, SuperAtom, Value};
use crate::sdk::SdkValue;
use crate::span::Span;

/// The metaclasses of Python itself.
const METACLASSES: [&str; 4] = ["builtins.type", "abc.ABCMeta", "enum.EnumMeta", "enum.EnumType"];

/// What is known of the program's metaclasses.
#[derive(Debug, Default)]
pub(super) struct Metaclasses {
    /// They themselves, by the classes that name them.
    of: FxHashMap<ObjId, ObjId>,
    /// The classes that they are making.
    making: Vec<ObjId>,
}

impl Interp<'_> {
    /// The program's metaclass of a class, which classes that derive from it have, too.
    pub(super) fn metaclass_of(&self, class: ObjId) -> Option<ObjId> {
        if self.metaclasses.of.is_empty() {
            return None;
        }
        self.line_of(class).iter().find_map(|class| self.metaclasses.of.get(class).copied())
    }

    fn is_metaclass(&self, class: ObjId) -> bool {
        let is_one =
            |base: &Arc<SdkValue>| Self::library_path(base).is_some_and(|(_, path)| METACLASSES.contains(&path.as_str()));
        self.library_bases(class).iter().any(is_one)
    }

    /// What a metaclass makes of a class whose body has run.
    pub(super) fn made_by_metaclass(&mut self, class: ObjId, name: SmolStr, named: &[(SmolStr, Value)], span: Span) -> Value {
        let own = named.iter().find(|(name, _)| name == "metaclass").and_then(|(_, value)| match value.single() {
            Some(Atom::Object(id)) if matches!(self.store.get(*id).kind, ObjKind::Class { .. }) => Some(*id),
            _ => None,
        });
        if let Some(own) = own {
            self.metaclasses.of.insert(class, own);
        }
        let Some(metaclass) = self.metaclass_of(class) else { return Value::object(class) };
        let bases = match &self.store.get(class).kind {
            ObjKind::Class { bases, .. } => bases.clone(),
            _ => Vec::new(),
        };
        let bases = self.list(bases, Value::none());
        let mut namespace = Obj::new(ObjKind::Dict);
        namespace.fields = self.store.get(class).fields.clone();
        let namespace = Value::object(self.store.alloc(namespace));
        let named = named.iter().filter(|(name, _)| name != "metaclass").cloned().collect();
        let args = Args { positional: vec![Value::literal(name), bases, namespace], named, ..Args::default() };
        let mut made = Value::object(class);
        if let Some(maker) = self.find_in_class(metaclass, "__new__") {
            self.metaclasses.making.push(class);
            let given = self.call_on_class(&maker, metaclass, args.clone(), span);
            self.metaclasses.making.pop();
            let classes = given.filtered(|atom| matches!(atom, Atom::Object(_)));
            made = if classes.is_none() { made } else { classes };
        }
        if let Some((owner, init)) = self.find_with_owner(metaclass, "__init__") {
            let bound = self.bind_all(&init, &Value::object(class), owner, span);
            self.call_value(&bound, args, span);
        }
        made
    }

    /// `super().__new__(mcs, name, bases, namespace)`: the class that is being defined, with what the metaclass put into it.
    fn new_class(&mut self, args: &Args) -> Option<Value> {
        let class = *self.metaclasses.making.last()?;
        let metaclass = self.metaclass_of(class)?;
        if !args.get(0).atoms().contains(&Atom::Object(metaclass)) {
            return None;
        }
        for atom in args.get(3).atoms() {
            let Atom::Object(namespace) = atom else { continue };
            let content = self.store.share(*namespace);
            for (name, value) in content.fields.iter() {
                self.set_field(class, name, value.clone(), true);
            }
        }
        Some(Value::object(class))
    }

    /// What calling a class does where its metaclass says so.
    pub(super) fn construct_by_metaclass(&mut self, class: ObjId, args: &Args, span: Span) -> Option<Value> {
        let metaclass = self.metaclass_of(class)?;
        let (owner, call) = self.find_with_owner(metaclass, "__call__")?;
        let bound = self.bind_all(&call, &Value::object(class), owner, span);
        Some(self.call_value(&bound, args.clone(), span))
    }

    /// `super()` in a method of a metaclass: what `type` does with the class.
    pub(super) fn super_of_metaclass(&self, of: &SuperAtom, name: &str) -> Option<Value> {
        let is_of_type = matches!(name, "__new__" | "__init__" | "__call__") && self.is_metaclass(of.class);
        is_of_type.then(|| method(Value::one(Atom::Super(std::rc::Rc::new(of.clone()))), name))
    }

    /// Calls what [`super_of_metaclass`](Self::super_of_metaclass) gave.
    pub(super) fn call_type(&mut self, receiver: &Value, name: &str, args: &Args, span: Span) -> Value {
        match name {
            "__new__" => self.new_class(args).unwrap_or_else(|| self.new_object(args)),
            "__call__" => {
                let mut made = Value::none();
                for atom in receiver.atoms() {
                    if let Atom::Object(class) = atom {
                        made.join(&self.construct_itself(*class, args.clone(), span));
                    }
                }
                made
            }
            _ => Value::null(),
        }
    }

    /// An attribute that a class has from its metaclass.
    pub(super) fn attribute_of_metaclass(&mut self, class: ObjId, name: &str, span: Span) -> Option<Value> {
        let (owner, found) = self.find_with_owner(self.metaclass_of(class)?, name)?;
        Some(self.bind_all(&found, &Value::object(class), owner, span))
    }

    /// `Class[index]`, where the class or its metaclass says what that is.
    pub(super) fn class_entry(&mut self, class: ObjId, index: &Value, span: Span) -> Option<Value> {
        let args = Args::positional(vec![index.clone()]);
        if let Some(own) = self.find_in_class(class, "__class_getitem__") {
            return Some(self.call_on_class(&own, class, args, span));
        }
        let own = self.attribute_of_metaclass(class, "__getitem__", span)?;
        Some(self.call_value(&own, args, span))
    }
}
