//! What is in reach of a library that gets some values: they themselves, and what is in their lists and plain objects.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use super::store::{Obj, ObjKind, Store};
use super::value::{Atom, ObjId, Value};

/// How far a library is taken to reach, by what it is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// How many lists and objects around a value are opened to find it.
    depth: u32,
    /// How many objects are looked at.
    objects: usize,
    /// How many alternatives of values are looked at.
    values: usize,
    opens: Opens,
}

/// What is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opens {
    /// What is known of lists and plain objects.
    Known,
    /// Lists and plain objects.
    Collections,
    /// Promises, too.
    Promises,
}

impl Reach {
    /// Classes that it may make instances of.
    pub(super) const CLASSES: Self = Self { depth: 7, objects: 512, values: usize::MAX, opens: Opens::Known };
    /// Clients, with what it is told beside them.
    pub(super) const TOLD: Self = Self { depth: 3, objects: 256, values: usize::MAX, opens: Opens::Collections };
    /// Values of AWS's SDK; nobody hands a client over among more values.
    pub(super) const SDK: Self = Self { depth: 2, objects: 400, values: 400, opens: Opens::Collections };
    /// Functions that it may call.
    pub(super) const FUNCTIONS: Self = Self { depth: 3, objects: usize::MAX, values: usize::MAX, opens: Opens::Promises };

    /// The values in an object, where it is opened.
    fn values_in(self, object: &Obj) -> Option<impl Iterator<Item = &Value>> {
        let (known, rest) = match object.kind {
            ObjKind::Dict | ObjKind::List => (true, self.opens != Opens::Known),
            ObjKind::Promise if self.opens == Opens::Promises => (false, true),
            _ => return None,
        };
        let known = known.then(|| object.fields.values().chain(&object.items)).into_iter().flatten();
        Some(known.chain(rest.then_some(&object.rest)))
    }
}

/// Values that stand beside each other.
#[derive(Debug)]
pub(super) struct Group<'s> {
    /// The list, object or promise that they are in; none has what the library itself gets.
    pub(super) holder: Option<ObjId>,
    /// The values.
    pub(super) values: Vec<&'s Value>,
}

impl<'s> Group<'s> {
    /// Their alternatives.
    pub(super) fn atoms(&self) -> impl Iterator<Item = &'s Atom> + use<'_, 's> {
        self.values.iter().copied().flat_map(Value::atoms)
    }
}

/// Groups of values, nearer ones first; every object is opened once.
pub(super) struct Reached<'s> {
    store: &'s Store,
    reach: Reach,
    /// What is still to be opened, and how many objects are around what is in it.
    open: VecDeque<(Group<'s>, u32)>,
    seen: FxHashSet<ObjId>,
    /// How many alternatives may still be looked at.
    left: usize,
}

impl Store {
    /// What is in reach of a library that gets some values.
    pub(super) fn reach<'s>(&'s self, reach: Reach, values: impl Iterator<Item = &'s Value>) -> Reached<'s> {
        let mut reached = Reached { store: self, reach, open: VecDeque::new(), seen: FxHashSet::default(), left: reach.values };
        let values = reached.within_bounds(values);
        reached.open.push_back((Group { holder: None, values }, 0));
        reached
    }
}

impl<'s> Reached<'s> {
    /// All alternatives of all values.
    pub(super) fn atoms(self) -> impl Iterator<Item = &'s Atom> {
        self.flat_map(|group| group.values).flat_map(Value::atoms)
    }

    /// As many of some values as may still be looked at.
    fn within_bounds(&mut self, values: impl Iterator<Item = &'s Value>) -> Vec<&'s Value> {
        let fits = |value: &&Value| {
            let fewer = self.left.checked_sub(value.atoms().len().max(1));
            self.left = fewer.unwrap_or_default();
            fewer.is_some()
        };
        values.take_while(fits).collect()
    }
}

impl<'s> Iterator for Reached<'s> {
    type Item = Group<'s>;

    fn next(&mut self) -> Option<Group<'s>> {
        let (group, around) = self.open.pop_front()?;
        if around < self.reach.depth {
            for atom in group.atoms() {
                if let Atom::Object(id) = atom
                    && self.seen.len() < self.reach.objects
                    && self.seen.insert(*id)
                    && let Some(values) = self.reach.values_in(self.store.get(*id))
                {
                    let values = self.within_bounds(values);
                    self.open.push_back((Group { holder: Some(*id), values }, around + 1));
                }
            }
        }
        Some(group)
    }
}
