//! Entries of dictionaries and maps whose keys are functions, classes or objects: which value belongs to which key.
//!
//! ```text
//! REGISTRY = {Orders: "orders", Items: "items"}
//! for repository, table in REGISTRY.items():     # Orders with "orders", Items with "items"
//! ```
//!
//! Such entries are among those under unknown keys, too, so that whoever asks in another way still finds them; the pairs say
//! more than that as long as they are all there is.

use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, ObjId, Value};

/// How many entries keep their keys; with more of them, every key may have every value.
const MAX_PAIRS: usize = 24;

impl Obj {
    /// Remembers an entry whose key is one of these.
    pub(super) fn add_pairs(&mut self, keys: &Value, value: &Value) {
        self.keys.join(keys);
        self.rest.join(value);
        for key in keys.atoms() {
            match self.pairs.iter().position(|(known, _)| known.single() == Some(key)) {
                Some(at) => self.pairs[at].1.join(value),
                None if self.pairs.len() < MAX_PAIRS && !is_result(key) => {
                    self.pairs.push((Value::one(key.clone()), value.clone()));
                }
                None => {}
            }
        }
    }

    /// The entries that are no fields with their keys, where these are all of them.
    pub(super) fn paired(&self) -> Option<&[(Value, Value)]> {
        if self.pairs.is_empty() || self.open || !self.computed.is_empty() {
            return None;
        }
        let keys: Value = self.pairs.iter().map(|(key, _)| key.clone()).collect();
        let values: Value = self.pairs.iter().map(|(_, value)| value.clone()).collect();
        (keys.includes(&self.keys) && values.includes(&self.rest)).then_some(&self.pairs)
    }

    /// Adds what another path, or another object, pairs. What only one of two paths has may be absent.
    pub(super) fn join_pairs(&mut self, other: &Self, absent: bool) {
        let mine = self.pairs.len();
        for (key, value) in &other.pairs {
            match self.pairs[..mine].iter().position(|(known, _)| known == key) {
                Some(at) => self.pairs[at].1.join(value),
                None if self.pairs.len() < MAX_PAIRS => self.pairs.push((key.clone(), value.clone())),
                None => {}
            }
        }
        if absent {
            let lacks = |pairs: &[(Value, Value)], key: &Value| !pairs.iter().any(|(known, _)| known == key);
            let (here, new) = self.pairs.split_at_mut(mine);
            for (key, value) in here {
                if lacks(&other.pairs, key) {
                    value.join(&Value::null());
                }
            }
            new.iter_mut().for_each(|(_, value)| value.join(&Value::null()));
        }
    }

    /// Whether joining another object's pairs would change nothing.
    pub(super) fn includes_pairs(&self, other: &Self) -> bool {
        let known = |key: &Value| self.pairs.iter().find(|(known, _)| known == key);
        other.pairs.iter().all(|(key, value)| known(key).is_some_and(|(_, mine)| mine.includes(value)))
    }
}

/// What a library's function gave can be any of the other keys.
fn is_result(atom: &Atom) -> bool {
    match atom {
        Atom::Sdk(sdk) => crate::sdk::is_result(&sdk.value),
        _ => false,
    }
}

impl Interp<'_> {
    /// Whether something is a function or a class, which are only equal to themselves.
    fn is_itself(&self, atom: &Atom) -> bool {
        match atom {
            Atom::Function(_) => true,
            Atom::Object(id) => matches!(self.store.get(*id).kind, ObjKind::Class { .. }),
            _ => false,
        }
    }

    /// Whether a function or a class is one of the keys of a dictionary, where that is certain.
    pub(super) fn is_paired_key(&self, id: ObjId, key: &Value) -> Option<bool> {
        let key = key.single().filter(|key| self.is_itself(key))?;
        let object = self.store.get(id);
        let is_empty = object.pairs.is_empty() && object.keys.is_none() && object.rest.is_none();
        let is_complete = object.kind == ObjKind::Dict && !object.open && object.computed.is_empty();
        let pairs = if is_complete && is_empty { &[] } else { object.paired().filter(|_| is_complete)? };
        match pairs.iter().find(|(known, _)| known.single() == Some(key)) {
            Some((_, value)) => (!value.atoms().iter().any(|atom| matches!(atom, Atom::Null(_)))).then_some(true),
            None => Some(false),
        }
    }

    /// What stands under a function or a class.
    pub(super) fn paired_entry(&self, id: ObjId, key: &Value) -> Option<Value> {
        if key.is_none() || !key.atoms().iter().all(|atom| self.is_itself(atom)) {
            return None;
        }
        let pairs = self.store.get(id).paired()?;
        let under = |key: &Atom| pairs.iter().find(|(known, _)| known.single() == Some(key)).map(|(_, value)| value.clone());
        key.atoms().iter().map(under).collect()
    }
}
