//! What an object may hold once something was stored in it that is not known to the letter: under which name, or one of which
//! objects.

use smol_str::SmolStr;

use super::collection::longer;
use super::fields::Fields;
use super::interp::Interp;
use super::store::ObjKind;
use super::value::{Atom, ObjId, Value, atom_text};
use crate::value::{Hole, Text};

/// What an entry is of an object of which nothing is known.
const UNKNOWN_ENTRY: &str = "an entry of an unknown object";

impl Interp<'_> {
    /// Something was stored under a key that is known in parts at most: it may have been one of the names that are there.
    pub(super) fn store_somewhere(&mut self, id: ObjId, key: &Text, value: &Value) {
        let names: Vec<SmolStr> = self.store.get(id).fields.keys().cloned().collect();
        for name in names {
            if key.may_be(&name) && self.may_become(&self.store.get(id).fields[&name], value) {
                self.set_field(id, &name, value.filtered(is_data), false);
            }
        }
    }

    /// Something unknown was copied over what an object holds. The event can hold anything; of other values only switches
    /// count as changed, as that is what options are for: `{debug: false, ...options}`.
    pub(super) fn overwrite(&mut self, id: ObjId, hole: &Hole) {
        let names: Vec<SmolStr> = self.store.get(id).fields.keys().cloned().collect();
        for name in names {
            let new = match hole {
                Hole::Event(_) => longer(hole, &name),
                _ => Value::unknown(UNKNOWN_ENTRY),
            };
            if self.may_become(&self.store.get(id).fields[&name], &new) {
                self.set_field(id, &name, new, false);
            }
        }
    }

    /// An entry that an object lacks and that one of what was copied into it may have.
    pub(super) fn entry_of_copied(&self, copied: &Value, name: Option<&str>) -> Value {
        let Some(name) = name.filter(|_| !copied.is_none()) else { return Value::unknown(UNKNOWN_ENTRY) };
        let entry = |atom: &Atom| match atom {
            Atom::Hole(hole) => self.of_invocation(hole, name).unwrap_or_else(|| longer(hole, name)),
            _ => Value::unknown(UNKNOWN_ENTRY),
        };
        copied.atoms().iter().map(entry).collect()
    }

    /// What only some of several objects have may be absent of what they are copied into: `{...(local && { endpoint })}`.
    pub(super) fn lacks_what_one_has(&mut self, id: ObjId, before: &Fields, copied: &Value) {
        let lacks = |atom: &Atom, name: &str| match atom {
            Atom::Object(source) => {
                let object = self.store.get(*source);
                !object.open && object.rest.is_none() && !object.fields.contains_key(name)
            }
            Atom::Null(_) | Atom::Bool(_) | Atom::Number(_) | Atom::Text(_) => true,
            // A text has no entries that have names.
            Atom::Hole(hole) => matches!(**hole, Hole::Env { .. }),
            _ => false,
        };
        let fields = &self.store.get(id).fields;
        let new = fields.keys().filter(|name| !before.contains_key(name));
        let names: Vec<SmolStr> = new.filter(|name| copied.atoms().iter().any(|atom| lacks(atom, name))).cloned().collect();
        for name in names {
            self.set_field(id, &name, Value::null(), false);
        }
    }

    /// Sets an item of a list.
    pub(super) fn set_item(&mut self, id: ObjId, index: &Value, value: &Value, certain: bool) {
        let known = self.list_position(id, index);
        let list = self.store.put_into(id, value);
        match known {
            Some(at) if at < list.items.len() && certain => list.items[at] = value.clone(),
            Some(at) if at < list.items.len() => list.items[at].join(value),
            Some(_) => list.rest.join(value),
            None => {
                list.items.iter_mut().for_each(|item| item.join(value));
                list.rest.join(value);
            }
        }
    }

    /// What is read from an attribute that a class has, where the instance may have one of its own by then.
    pub(super) fn unless_stored(&self, id: ObjId, of_class: Value) -> Value {
        let object = self.store.get(id);
        if !matches!(object.kind, ObjKind::Instance(_)) || (!object.open && object.rest.is_none()) || !self.is_switch(&of_class) {
            return of_class;
        }
        let stored = object.rest.filtered(is_data);
        of_class.joined(&if stored.is_none() {
            Value::unknown("an attribute that was stored by a computed name")
        } else {
            stored
        })
    }

    /// Whether what stands under a name of its own may be replaced by what is stored under an unknown one. Functions, clients
    /// and the like have names that nothing else comes under; what the event says can be anything.
    fn may_become(&self, old: &Value, new: &Value) -> bool {
        let from_event = new.atoms().iter().any(|atom| matches!(atom, Atom::Hole(hole) if matches!(**hole, Hole::Event(_))));
        let holds_data = old.atoms().iter().all(|atom| self.is_plain_data(atom));
        holds_data && (from_event || self.is_switch(old))
    }

    /// Whether a value is a default that is there to be replaced: a truth value, or nothing at all.
    fn is_switch(&self, value: &Value) -> bool {
        let is_default = |atom: &Atom| match atom {
            Atom::Object(id) => {
                let object = self.store.get(*id);
                let is_container = matches!(object.kind, ObjKind::Dict | ObjKind::List);
                is_container && object.fields.is_empty() && object.items.is_empty() && object.rest.is_none()
            }
            Atom::Bool(_) => true,
            other => self.atom_truth(other) == Some(false),
        };
        !value.is_none() && value.atoms().iter().all(is_default)
    }

    fn is_plain_data(&self, atom: &Atom) -> bool {
        match atom {
            Atom::Object(id) => matches!(self.store.get(*id).kind, ObjKind::Dict | ObjKind::List),
            other => is_data(other),
        }
    }
}

/// Parts of answers are data, too.
fn is_data(atom: &Atom) -> bool {
    match atom {
        Atom::Sdk(_) => atom_text(atom).is_some(),
        other => !matches!(other, Atom::Function(_) | Atom::Super(_) | Atom::Package(_) | Atom::Resolver(_)),
    }
}
