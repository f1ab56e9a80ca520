//! What `object.name = value` does.

use smol_str::SmolStr;

use super::interp::Interp;
use super::store::ObjKind;
use super::value::{Atom, ObjId, Value};
use crate::span::Span;
use crate::value::Hole;

impl Interp<'_> {
    /// `object.name = value`.
    pub(super) fn set_member(&mut self, object: &Value, name: &SmolStr, value: Value, span: Span) {
        let certain = object.atoms().len() == 1;
        for atom in object.atoms() {
            match atom {
                Atom::Object(id) => self.set_object_member(*id, name, value.clone(), certain, span),
                Atom::Function(closure) => {
                    let id = self.function_object((closure.module, closure.func, closure.frame));
                    self.store.put_into(id, &value).fields.insert(name.clone(), value.clone());
                }
                Atom::Sdk(sdk) => {
                    self.note_assigned(sdk, name, &value, span);
                    self.set_on_library(&sdk.value, name, &value);
                    if !crate::sdk::makes_requests(&sdk.value) {
                        self.set_on_unknown(name, &value);
                    }
                }
                Atom::Hole(hole) if matches!(**hole, Hole::Event(_) | Hole::Context(_)) => {
                    self.set_on_invocation(hole, name, &value, certain);
                }
                Atom::Hole(_) | Atom::Bound(_) => self.set_on_unknown(name, &value),
                _ => {}
            }
        }
    }

    fn set_object_member(&mut self, id: ObjId, name: &SmolStr, value: Value, certain: bool, span: Span) {
        let kind = self.store.get(id).kind.clone();
        if let Some(target) = self.proxied(id) {
            self.set_member(&target, name, value.clone(), span);
        }
        let target = match kind {
            ObjKind::Namespace(module) => self.modules[module].frame,
            ObjKind::Instance(_) if name == "__dict__" => return self.merge_into(id, &value),
            ObjKind::Instance(class) => {
                if let Some(setter) = self.setter(class, name) {
                    let bound = self.bind_all(&setter, &Value::object(id), class, span);
                    self.call_value(&bound, super::call::Args::positional(vec![value]), span);
                    return;
                }
                id
            }
            // No dictionary of Python's has attributes of its own.
            ObjKind::Dict if self.in_python() && !self.store.get(id).has_attributes => {
                self.store.get_mut(id).has_attributes = true;
                id
            }
            _ => id,
        };
        self.set_field(target, name, value, certain);
    }

    /// The setter of a property; it is kept beside the getter under its own key.
    fn setter(&self, class: ObjId, name: &str) -> Option<Value> {
        self.find_in_class(class, &setter_key(name))
    }

    /// Sets a field, replacing what was there when the object is the only possible one.
    pub(super) fn set_field(&mut self, id: ObjId, name: &SmolStr, value: Value, certain: bool) {
        // What is there already leaves everything that was found out about the state before.
        let known = self.store.get(id).fields.get(name);
        if known.is_some_and(|known| if certain { *known == value } else { known.includes(&value) }) {
            return;
        }
        let fields = &mut self.store.put_into(id, &value).fields;
        match fields.get_mut(name) {
            Some(old) if !certain => old.join(&value),
            _ => {
                fields.insert(name.clone(), value);
            }
        }
    }
}

/// Under which name a class keeps the setter of a property.
pub(super) fn setter_key(name: &str) -> SmolStr {
    smol_str::format_smolstr!("{name}.setter")
}
