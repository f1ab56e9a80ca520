//! Base classes: the order in which attributes are looked up.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::interp::Interp;
use super::store::ObjKind;
use super::value::{Atom, ObjId, Value};
use crate::sdk::SdkValue;

/// Most classes one class is taken to derive from.
pub(super) const MAX_LINE: usize = 256;

/// The order in which the attributes of each class are looked up, once somebody asked.
#[derive(Debug, Default)]
pub(super) struct Lines(RefCell<FxHashMap<ObjId, Rc<[ObjId]>>>);

impl Interp<'_> {
    /// A class and the classes of the program it derives from, each before its own bases and in the order they are written.
    /// Every class is there once, however many ways lead to it. The bases of a class never change.
    pub(super) fn line_of(&self, class: ObjId) -> Rc<[ObjId]> {
        let known = self.lines.0.borrow().get(&class).cloned();
        known.unwrap_or_else(|| {
            let line: Rc<[ObjId]> = self.new_line(class).into();
            self.lines.0.borrow_mut().insert(class, Rc::clone(&line));
            line
        })
    }

    fn new_line(&self, class: ObjId) -> Vec<ObjId> {
        let mut after = Vec::new();
        let mut seen = FxHashSet::default();
        let mut pending = vec![(class, false)];
        while let Some((id, done)) = pending.pop() {
            if done {
                after.push(id);
                continue;
            }
            if seen.len() >= MAX_LINE || !seen.insert(id) {
                continue;
            }
            pending.push((id, true));
            // The last base is finished first, so that it comes last when the order is turned around.
            pending.extend(self.bases_of(id).into_iter().map(|base| (base, false)));
        }
        after.reverse();
        after
    }

    pub(super) fn bases_of(&self, class: ObjId) -> Vec<ObjId> {
        self.base_values(class)
            .iter()
            .flat_map(Value::atoms)
            .filter_map(|atom| match atom {
                Atom::Object(base) => Some(*base),
                _ => None,
            })
            .collect()
    }

    fn base_values(&self, class: ObjId) -> &[Value] {
        match &self.store.get(class).kind {
            ObjKind::Class { bases, .. } => bases,
            _ => &[],
        }
    }

    /// An attribute of a class, its bases included, and nothing of a library.
    pub(super) fn find_in_class(&self, class: ObjId, name: &str) -> Option<Value> {
        self.find_with_owner(class, name).map(|(_, value)| value)
    }

    /// The same with the class that defines it.
    pub(super) fn find_with_owner(&self, class: ObjId, name: &str) -> Option<(ObjId, Value)> {
        if let Some(value) = self.own_attribute(class, name) {
            return Some((class, value));
        }
        if self.base_values(class).is_empty() { None } else { self.find_in_line(&self.line_of(class)[1..], name) }
    }

    /// The first of some classes that has an attribute. Where a base is one of several classes, all of them count.
    fn find_in_line(&self, line: &[ObjId], name: &str) -> Option<(ObjId, Value)> {
        let (at, (owner, mut value)) =
            line.iter().enumerate().find_map(|(at, &id)| Some((at, (id, self.own_attribute(id, name)?))))?;
        let rivals = self.alternatives_to(owner, line);
        for &other in line[at + 1..].iter().filter(|other| rivals.contains(other)) {
            if let Some(more) = self.own_attribute(other, name) {
                value.join(&more);
            }
        }
        Some((owner, value))
    }

    /// The classes that a base of a class is one of, together with the given one.
    fn alternatives_to(&self, one: ObjId, line: &[ObjId]) -> FxHashSet<ObjId> {
        let bases = line.iter().flat_map(|&class| self.base_values(class)).map(Value::atoms);
        let of_several = bases.filter(|base| base.len() > 1 && base.contains(&Atom::Object(one)));
        of_several
            .flatten()
            .filter_map(|atom| match atom {
                Atom::Object(id) => Some(*id),
                _ => None,
            })
            .collect()
    }

    fn own_attribute(&self, class: ObjId, name: &str) -> Option<Value> {
        self.store.get(class).fields.get(name).filter(|value| !value.is_none()).cloned()
    }

    /// What `super` finds: the attribute of the classes that come after `after` in the order of the receiver's class,
    /// else in that of `after` itself.
    pub(super) fn find_after(&self, class: Option<ObjId>, after: ObjId, name: &str) -> Option<(ObjId, Value)> {
        let line = class.map_or_else(|| Rc::from([]), |class| self.line_of(class));
        let found = line.iter().position(|&id| id == after).and_then(|at| self.find_in_line(&line[at + 1..], name));
        found.or_else(|| self.find_in_line(&self.line_of(after)[1..], name))
    }

    /// Base classes that belong to libraries.
    pub(super) fn library_bases(&self, class: ObjId) -> Vec<Arc<SdkValue>> {
        let line = self.line_of(class);
        let bases = line.iter().flat_map(|&class| self.base_values(class)).flat_map(Value::atoms);
        bases
            .filter_map(|atom| match atom {
                Atom::Sdk(sdk) => Some(Arc::clone(&sdk.value)),
                _ => None,
            })
            .collect()
    }
}
