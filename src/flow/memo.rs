//! Results of calls that are used again: what makes two calls equal, and copies of what a call had allocated.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::call::{Args, MemoKey};
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, Closure, ObjId, Value};

impl Interp<'_> {
    pub(super) fn memo_key(&self, closure: &Closure, receiver: Option<&Value>, args: &Args) -> Option<MemoKey> {
        if !self.is_module_frame(closure.frame) || args.open {
            return None;
        }
        let mut hasher = FxHasher::default();
        let mut budget = 400;
        let values = args.all().chain(receiver);
        for value in values {
            self.fingerprint(value, &mut hasher, &mut budget, &mut Vec::new())?;
        }
        for (name, _) in &args.named {
            name.hash(&mut hasher);
        }
        (args.positional.len(), receiver.is_some()).hash(&mut hasher);
        Some((closure.module, closure.func, hasher.finish()))
    }

    /// Hashes a value by its content. `None` when it is too large or leads to variables that may change.
    pub(super) fn fingerprint(
        &self,
        value: &Value,
        hasher: &mut FxHasher,
        budget: &mut u32,
        open: &mut Vec<ObjId>,
    ) -> Option<()> {
        value.atoms().len().hash(hasher);
        for atom in value.atoms() {
            *budget = budget.checked_sub(1)?;
            match atom {
                Atom::Object(id) => self.object_fingerprint(*id, hasher, budget, open)?,
                Atom::Function(closure) if !self.is_module_frame(closure.frame) => return None,
                Atom::Function(closure) => {
                    (closure.module, closure.func).hash(hasher);
                    if let Some(receiver) = &closure.receiver {
                        self.fingerprint(receiver, hasher, budget, open)?;
                    }
                }
                other => other.hash(hasher),
            }
        }
        Some(())
    }

    pub(super) fn object_fingerprint(
        &self,
        id: ObjId,
        hasher: &mut FxHasher,
        budget: &mut u32,
        open: &mut Vec<ObjId>,
    ) -> Option<()> {
        let object = self.store.get(id);
        match &object.kind {
            ObjKind::Class { .. } | ObjKind::Namespace(_) | ObjKind::Frame(_) | ObjKind::Promise => {
                id.hash(hasher);
                return Some(());
            }
            ObjKind::Instance(class) => class.hash(hasher),
            ObjKind::Dict => 1.hash(hasher),
            ObjKind::List => 2.hash(hasher),
        }
        if let Some(at) = open.iter().position(|&known| known == id) {
            at.hash(hasher);
            return Some(());
        }
        open.push(id);
        for (name, value) in object.fields.iter() {
            name.hash(hasher);
            self.fingerprint(value, hasher, budget, open)?;
        }
        let pairs = object.pairs.iter().flat_map(|(key, value)| [key, value]);
        for value in object.items.iter().chain([&object.rest, &object.keys]).chain(pairs) {
            self.fingerprint(value, hasher, budget, open)?;
        }
        object.open.hash(hasher);
        open.pop();
        Some(())
    }

    /// A reused result with objects of its own where the call had made new ones.
    pub(super) fn fresh_copy(&mut self, value: &Value, fresh: (u32, u32)) -> Value {
        let mut copies = rustc_hash::FxHashMap::default();
        self.copy_value(value, fresh, &mut copies)
    }

    pub(super) fn copy_value(
        &mut self,
        value: &Value,
        fresh: (u32, u32),
        copies: &mut rustc_hash::FxHashMap<ObjId, ObjId>,
    ) -> Value {
        let is_fresh = |id: &ObjId| id.0 >= fresh.0 && id.0 < fresh.1;
        if !value.atoms().iter().any(|atom| matches!(atom, Atom::Object(id) if is_fresh(id))) {
            return value.clone();
        }
        let mut all = Value::none();
        for atom in value.atoms() {
            match atom {
                Atom::Object(id) if is_fresh(id) => all.add(Atom::Object(self.copy_object(*id, fresh, copies))),
                other => all.add(other.clone()),
            }
        }
        all
    }

    pub(super) fn copy_object(
        &mut self,
        id: ObjId,
        fresh: (u32, u32),
        copies: &mut rustc_hash::FxHashMap<ObjId, ObjId>,
    ) -> ObjId {
        if let Some(&copy) = copies.get(&id) {
            return copy;
        }
        let object = self.store.share(id);
        if !matches!(object.kind, ObjKind::Dict | ObjKind::List | ObjKind::Instance(_)) || copies.len() > 2_000 {
            return id;
        }
        self.store.count_copy(&object);
        let copy = self.store.alloc(Obj::new(object.kind.clone()));
        copies.insert(id, copy);
        let mut new = (*object).clone();
        for value in new.fields.values_mut().chain(new.items.iter_mut()) {
            *value = self.copy_value(value, fresh, copies);
        }
        new.rest = self.copy_value(&new.rest, fresh, copies);
        new.keys = self.copy_value(&new.keys, fresh, copies);
        for (key, value) in &mut new.pairs {
            (*key, *value) = (self.copy_value(key, fresh, copies), self.copy_value(value, fresh, copies));
        }
        *self.store.get_mut(copy) = new;
        copy
    }
}
