//! Results of calls that are used again: what makes two calls equal, and copies of what a call had allocated.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHasher};

use super::call::Args;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, Closure, ObjId, Value};
use crate::ids::{FuncId, ModuleId};

/// What identifies a call whose result can be used again.
pub(super) type MemoKey = (ModuleId, FuncId, u64);

/// Results by calls.
pub(super) type Memo = FxHashMap<MemoKey, Remembered>;

/// Objects as they were when the call that made them ended: whoever called it may have changed them since.
type Made = FxHashMap<ObjId, Rc<Obj>>;

/// What a call gave.
pub(super) struct Remembered {
    /// What modules led to when it ended; see [`Store::epoch`](super::store::Store::epoch).
    epoch: u64,
    value: Value,
    made: Rc<Made>,
}

/// How many objects of a result are copied; further ones are shared by all that use it.
const MAX_COPIES: usize = 2_000;

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
                    let given = (closure.receiver.is_some(), closure.bound.len());
                    (closure.module, closure.func, given).hash(hasher);
                    closure.bound_named.iter().for_each(|(name, _)| name.hash(hasher));
                }
                other => other.hash(hasher),
            }
            for value in atom.inner_values() {
                self.fingerprint(value, hasher, budget, open)?;
            }
        }
        Some(())
    }

    fn object_fingerprint(&self, id: ObjId, hasher: &mut FxHasher, budget: &mut u32, open: &mut Vec<ObjId>) -> Option<()> {
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
        for value in object.items.iter().chain([&object.rest, &object.keys, &object.copied]).chain(pairs) {
            self.fingerprint(value, hasher, budget, open)?;
        }
        object.open.hash(hasher);
        open.pop();
        Some(())
    }

    /// What an equal call gave, with objects of its own where that call had made new ones.
    pub(super) fn remembered(&mut self, key: MemoKey) -> Option<Value> {
        let known = self.memo.get(&key).filter(|known| known.epoch == self.store.epoch())?;
        let (value, made) = (known.value.clone(), Rc::clone(&known.made));
        Some(self.fresh_copy(&value, &made, &mut FxHashMap::default()))
    }

    /// Remembers what a call gave that changed nothing which was there before; `first` is the first object that it may have made.
    pub(super) fn remember(&mut self, key: MemoKey, value: &Value, first: u32) {
        let mut made = Made::default();
        let mut found = Vec::new();
        let collect = |value: &Value, found: &mut Vec<ObjId>| {
            let objects = value.atoms().iter().filter_map(|atom| if let Atom::Object(id) = atom { Some(*id) } else { None });
            found.extend(objects.filter(|id| id.0 >= first));
        };
        collect(value, &mut found);
        while let Some(id) = found.pop() {
            let object = self.store.share(id);
            let is_data = matches!(object.kind, ObjKind::Dict | ObjKind::List | ObjKind::Instance(_));
            if is_data && made.len() < MAX_COPIES && !made.contains_key(&id) {
                object.held().for_each(|value| collect(value, &mut found));
                made.insert(id, object);
            }
        }
        self.memo.insert(key, Remembered { epoch: self.store.epoch(), value: value.clone(), made: Rc::new(made) });
    }

    fn fresh_copy(&mut self, value: &Value, made: &Made, copies: &mut FxHashMap<ObjId, ObjId>) -> Value {
        if !value.atoms().iter().any(|atom| matches!(atom, Atom::Object(id) if made.contains_key(id))) {
            return value.clone();
        }
        let mut all = Value::none();
        for atom in value.atoms() {
            match atom {
                Atom::Object(id) => all.add(Atom::Object(self.copy_object(*id, made, copies))),
                other => all.add(other.clone()),
            }
        }
        all
    }

    fn copy_object(&mut self, id: ObjId, made: &Made, copies: &mut FxHashMap<ObjId, ObjId>) -> ObjId {
        let Some(object) = made.get(&id) else { return id };
        if let Some(&copy) = copies.get(&id) {
            return copy;
        }
        self.store.count_copy(object);
        let copy = self.store.alloc(Obj::new(object.kind.clone()));
        copies.insert(id, copy);
        let mut new = (**object).clone();
        for value in new.fields.values_mut().chain(new.items.iter_mut()) {
            *value = self.fresh_copy(value, made, copies);
        }
        new.rest = self.fresh_copy(&new.rest, made, copies);
        new.keys = self.fresh_copy(&new.keys, made, copies);
        for (key, value) in &mut new.pairs {
            (*key, *value) = (self.fresh_copy(key, made, copies), self.fresh_copy(value, made, copies));
        }
        *self.store.get_mut(copy) = new;
        copy
    }
}
