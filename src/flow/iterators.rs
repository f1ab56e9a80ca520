//! Objects that can be iterated because they, their class or its metaclass say how.

use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, ObjId, Value};
use crate::span::Span;

/// Methods that make what goes through an object.
const ITERATION: [&str; 4] = ["__iter__", "__aiter__", "[Symbol.iterator]", "[Symbol.asyncIterator]"];

/// Whether a plain object says how it is iterated.
pub(super) fn says_how(object: &Obj) -> bool {
    ITERATION.iter().any(|name| object.fields.contains_key(name))
}

impl Interp<'_> {
    /// What iterating an instance, or another object that says how, gives.
    pub(super) fn items_of_iterator(&mut self, id: ObjId, span: Span) -> Value {
        let (object, mut all) = (Value::object(id), Value::none());
        for name in ITERATION {
            let found = self.member(&object, &SmolStr::new_static(name), span);
            let found = found.filtered(|atom| matches!(atom, Atom::Function(_)));
            if found.is_none() {
                continue;
            }
            let found = self.partial(&found, Some(&object), &[], &[]);
            let made = self.call_value(&found, Args::default(), span);
            if !made.includes(&object) {
                let others = made.filtered(|atom| !self.is_plain_iterator(atom));
                all.join(&self.item_of(&others, span));
            }
            for (next, part) in [("__next__", None), ("__anext__", None), ("next", Some("value"))] {
                all.join(&self.next_item(&made, next, part, span));
            }
        }
        if all.is_none() { Value::unknown("an item of an unknown list") } else { all }
    }

    /// Whether it is an object of JavaScript with `next`, which is no map.
    fn is_plain_iterator(&self, atom: &Atom) -> bool {
        let Atom::Object(id) = atom else { return false };
        let object = self.store.get(*id);
        object.kind == ObjKind::Dict && object.fields.contains_key("next")
    }

    /// Whether the metaclass of a class says what iterating the class gives.
    pub(super) fn is_iterated_by_metaclass(&self, class: ObjId) -> bool {
        self.metaclass_of(class).is_some_and(|metaclass| self.find_in_class(metaclass, "__iter__").is_some())
    }

    /// What that is.
    pub(super) fn items_by_metaclass(&mut self, class: ObjId, span: Span) -> Value {
        let iterate = self.attribute_of_metaclass(class, "__iter__", span).unwrap_or_default();
        let made = self.call_value(&iterate, Args::default(), span);
        self.item_of(&made, span)
    }

    /// What an iterator's method gives, or a part of it; nothing where there is no such method.
    fn next_item(&mut self, iterator: &Value, method: &str, part: Option<&str>, span: Span) -> Value {
        let objects = iterator.filtered(|atom| matches!(atom, Atom::Object(_)));
        let next = self.member(&objects, &method.into(), span).filtered(|atom| matches!(atom, Atom::Function(_)));
        if next.is_none() {
            return next;
        }
        let next = self.partial(&next, Some(&objects), &[], &[]);
        let result = self.call_value(&next, Args::default(), span);
        let result = self.awaited(&result);
        match part {
            Some(part) => self.member(&result, &part.into(), span),
            None => result,
        }
    }
}
