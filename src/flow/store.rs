//! The heap: every object, frames included, with three verbs for control flow: begin a path, take what it changed, merge.
//!
//! ```text
//! table = None                 # frame of the module: {table: Null}
//! def get():
//!     if table is None:        # begin path; the call below changes the frame: {table: Sdk}
//!         connect()            # take: the frame is {table: Null} again, the change is kept aside
//!     return table             # merge with the path that changed nothing: {table: Null | Sdk}
//! ```
//!
//! Objects are copied on their first change within a path, so a path costs what it changes.

use std::ops::Range;
use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::fields::Fields;
use super::sites::Sites;
use super::value::{ObjId, Value};
use crate::ids::{ClassId, ModuleId};
use crate::value::Text;

/// An object of the analysed program.
#[derive(Debug, Clone)]
pub(super) struct Obj {
    /// What kind of thing it is.
    pub(super) kind: ObjKind,
    /// Attributes, entries or variables.
    pub(super) fields: Fields,
    /// Known leading items of a list. A proxy has two: what is called when it is read, and what it stands for.
    pub(super) items: Vec<Value>,
    /// Entries under unknown keys and items at unknown positions, joined.
    pub(super) rest: Value,
    /// Whether anything unknown may be in it besides.
    pub(super) open: bool,
    /// What was copied into it, where that is all that it is open for: an entry that it lacks is one of these.
    pub(super) copied: Value,
    /// Whether the fields of a dictionary are attributes as well, which those of Python's own are not.
    pub(super) has_attributes: bool,
    /// Keys of entries in `rest` that are known in parts.
    pub(super) computed: Vec<Text>,
    /// Keys of entries in `rest` that are no texts: functions, classes, objects.
    pub(super) keys: Value,
    /// Which value in `rest` belongs to which of those keys; see [`Obj::paired`].
    pub(super) pairs: Vec<(Value, Value)>,
}

/// How many keys that are known in parts an object remembers.
const MAX_COMPUTED: usize = 8;

/// What kind of thing an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ObjKind {
    /// A dictionary, plain object or map.
    Dict,
    /// A list, tuple, set, array or the values of a generator.
    List,
    /// An instance of a class.
    Instance(ObjId),
    /// A class with its bases.
    Class {
        /// Where it is defined.
        module: ModuleId,
        /// Which class of that module.
        class: ClassId,
        /// The frame around its definition.
        frame: ObjId,
        /// The values of its base expressions.
        bases: Vec<Value>,
    },
    /// The variables of one call, with the frame around it.
    Frame(Option<ObjId>),
    /// What a module offers to others.
    Namespace(ModuleId),
    /// A promise that a program settles itself.
    Promise,
}

impl Obj {
    /// An empty object of a kind.
    pub(super) fn new(kind: ObjKind) -> Self {
        Self {
            kind,
            fields: Fields::default(),
            items: Vec::new(),
            rest: Value::none(),
            open: false,
            copied: Value::none(),
            has_attributes: false,
            computed: Vec::new(),
            keys: Value::none(),
            pairs: Vec::new(),
        }
    }

    /// The keys of entries that are no fields: those that have a value of their own, and all others together.
    pub(super) fn keys_besides_fields(&self) -> (Vec<Value>, Value) {
        match self.paired() {
            Some(pairs) => (pairs.iter().map(|(key, _)| key.clone()).collect(), Value::none()),
            None => (Vec::new(), self.other_keys()),
        }
    }

    /// The keys of entries that are no fields.
    pub(super) fn other_keys(&self) -> Value {
        let mut keys = self.keys.clone();
        if self.open || !self.computed.is_empty() || (keys.is_none() && !self.rest.is_none()) {
            keys.join(&Value::unknown("a key of an unknown object"));
        }
        keys
    }

    /// Every value in it.
    pub(super) fn all_values(&self) -> Value {
        let mut all = self.rest.clone();
        for value in self.fields.values().chain(&self.items) {
            all.join(value);
        }
        all
    }

    /// Every value that it leads to, one by one.
    pub(super) fn held(&self) -> impl Iterator<Item = &Value> {
        let pairs = self.pairs.iter().flat_map(|(key, value)| [key, value]);
        self.fields.values().chain(&self.items).chain([&self.rest, &self.keys]).chain(pairs)
    }

    /// Whether joining `other` would change nothing.
    fn includes(&self, other: &Self) -> bool {
        (self.open || !other.open)
            && (!other.open || self.copied.is_none() || (!other.copied.is_none() && self.copied.includes(&other.copied)))
            && (self.has_attributes || !other.has_attributes)
            && other.computed.iter().all(|key| self.computed.contains(key))
            && self.rest.includes(&other.rest)
            && self.keys.includes(&other.keys)
            && self.includes_pairs(other)
            && self.items.len() == other.items.len()
            && self.items.iter().zip(&other.items).all(|(mine, theirs)| mine.includes(theirs))
            && self.fields.includes(&other.fields)
    }

    fn join(&mut self, other: &Self) {
        let absent_is_nothing =
            |object: &Self| matches!(object.kind, ObjKind::Dict | ObjKind::Instance(_)) && !object.open && object.rest.is_none();
        let is_complete = |object: &Self| object.rest.is_none() || object.paired().is_some();
        let may_lack = self.kind == ObjKind::Dict && is_complete(self) && is_complete(other);
        self.join_pairs(other, may_lack);
        if absent_is_nothing(self) && absent_is_nothing(other) {
            self.fields.join_with_absent(&other.fields);
        } else {
            self.fields.join(&other.fields);
        }
        if self.items.len() == other.items.len() {
            for (mine, theirs) in self.items.iter_mut().zip(&other.items) {
                mine.join(theirs);
            }
        } else {
            let common = self.items.len().min(other.items.len());
            for index in 0..common {
                self.items[index].join(&other.items[index]);
            }
            for extra in self.items.drain(common..).collect::<Vec<_>>().iter().chain(&other.items[common..]) {
                self.rest.join(extra);
            }
        }
        self.rest.join(&other.rest);
        self.keys.join(&other.keys);
        if other.open {
            self.open_for(&other.copied);
        }
        self.has_attributes |= other.has_attributes;
        for key in &other.computed {
            self.add_computed(key);
        }
    }

    /// Something was copied into it that is not known to the letter; nothing stands for anything.
    pub(super) fn open_for(&mut self, copied: &Value) {
        let has_anything = copied.is_none() || (self.open && self.copied.is_none());
        self.copied = if has_anything { Value::none() } else { self.copied.clone().joined(copied) };
        self.open = true;
    }

    /// Remembers a key that is known in parts; with too many of them, they are just unknown.
    pub(super) fn add_computed(&mut self, key: &Text) {
        if self.computed.len() >= MAX_COMPUTED {
            self.open = true;
        } else if !self.computed.contains(key) {
            self.computed.push(key.clone());
        }
    }
}

/// What one path through the code changed: the changed objects as they were at the path's end.
pub(super) type Delta = Vec<(ObjId, Rc<Obj>)>;

/// All objects of one analysis.
#[derive(Debug, Default)]
pub(super) struct Store {
    objects: Vec<Rc<Obj>>,
    /// Which of them modules lead to.
    rooted: Vec<Rooted>,
    paths: Vec<Path>,
    activation: Entered,
    /// How often a later round of a loop made an object again.
    remakes: u64,
    /// Where objects are made.
    pub(super) sites: Sites,
    /// Names the state of everything that modules lead to: equal numbers mean that it is the same.
    epoch: u64,
    /// The latest number that was given out for it.
    last_epoch: u64,
    /// How many fields and items were copied from object to object; see [`Store::copied`].
    copied: u64,
}

/// Whether modules lead to an object: what they lead to, any function may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rooted {
    No,
    /// It was put into something that they lead to.
    Since,
    /// From the beginning.
    Always,
}

/// What there was when the function that is running was entered, and what it did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entered {
    /// Objects below this index existed.
    first_new: u32,
    /// The oldest object that was changed since.
    oldest_changed: u32,
}

impl Entered {
    /// Outside of all functions.
    const OUTSIDE: Self = Self { first_new: u32::MAX, oldest_changed: u32::MAX };
}

impl Default for Entered {
    fn default() -> Self {
        Self::OUTSIDE
    }
}

/// Copies that only last as long as a path, next to those that stay.
const COPIES_PER_PATH_COPY: u64 = 16;

#[derive(Debug)]
struct Path {
    /// What is made from here on is only there on this path.
    first_new: u32,
    /// Except for these, in order.
    kept: Vec<Range<u32>>,
    epoch: u64,
    oldest_changed: u32,
    before: FxHashMap<ObjId, Rc<Obj>>,
    order: Vec<ObjId>,
}

impl Path {
    /// Excepts what was made last. A module's objects have those of the modules among them that it loads.
    fn keep(&mut self, made: Range<u32>) {
        self.kept.retain(|earlier| earlier.start < made.start);
        match self.kept.last_mut() {
            Some(last) if last.end == made.start => last.end = made.end,
            _ => self.kept.push(made),
        }
    }

    fn has_from_before(&self, id: ObjId) -> bool {
        id.0 < self.first_new || self.kept.iter().any(|made| made.contains(&id.0))
    }
}

impl Store {
    /// Adds an object. In a loop whose rounds repeat, what an earlier round made at this place is made anew.
    pub(super) fn alloc(&mut self, object: Obj) -> ObjId {
        let place = match self.sites.known(&object.kind) {
            Some(Ok(known)) => return self.remake(known, object),
            Some(Err(place)) => Some(place),
            None => None,
        };
        let id = ObjId(self.objects.len() as u32);
        let is_known_by_name = matches!(object.kind, ObjKind::Class { .. } | ObjKind::Namespace(_) | ObjKind::Promise);
        let always = is_known_by_name || self.activation.first_new == u32::MAX;
        self.rooted.push(if always { Rooted::Always } else { Rooted::No });
        if always {
            object.held().for_each(|value| self.publish(value));
        }
        self.objects.push(Rc::new(object));
        if let Some(place) = place {
            self.sites.remember(place, id);
        }
        id
    }

    /// Adds an object that any function may read.
    pub(super) fn alloc_shared(&mut self, object: Obj) -> ObjId {
        let id = self.alloc(object);
        self.publish(&Value::object(id));
        id
    }

    /// As far as the function that is running can tell, the object is new; the end of the round joins what it was before.
    fn remake(&mut self, id: ObjId, object: Obj) -> ObjId {
        if self.is_rooted(id) {
            object.held().for_each(|value| self.publish(value));
        }
        self.changes(id);
        self.save(id);
        self.objects[id.0 as usize] = Rc::new(object);
        self.remakes += 1;
        id
    }

    /// Reads an object.
    pub(super) fn get(&self, id: ObjId) -> &Obj {
        &self.objects[id.0 as usize]
    }

    /// Shares an object as it is now.
    pub(super) fn share(&self, id: ObjId) -> Rc<Obj> {
        Rc::clone(&self.objects[id.0 as usize])
    }

    /// Changes an object.
    pub(super) fn get_mut(&mut self, id: ObjId) -> &mut Obj {
        self.changes(id);
        self.save(id);
        let object = &mut self.objects[id.0 as usize];
        if Rc::strong_count(object) > 1 {
            self.copied += (object.fields.len() + object.items.len()) as u64 / COPIES_PER_PATH_COPY;
        }
        Rc::make_mut(object)
    }

    /// Changes an object that something is put into. Where modules lead to the object, they lead to that as well from then on.
    pub(super) fn put_into(&mut self, id: ObjId, value: &Value) -> &mut Obj {
        if self.is_rooted(id) {
            self.publish(value);
        }
        self.get_mut(id)
    }

    /// Prepares for what one object holds to be put into another one.
    pub(super) fn publish_into(&mut self, id: ObjId, held: &Obj) {
        if self.is_rooted(id) {
            held.held().for_each(|value| self.publish(value));
        }
    }

    /// Remembers that modules lead to what a value leads to.
    fn publish(&mut self, value: &Value) {
        let mut found = Vec::new();
        value.visit_objects(&mut |id| found.push(id));
        while let Some(id) = found.pop() {
            if !self.is_rooted(id) {
                self.rooted[id.0 as usize] = Rooted::Since;
                let object = &self.objects[id.0 as usize];
                object.held().for_each(|value| value.visit_objects(&mut |id| found.push(id)));
                if let ObjKind::Frame(Some(outer)) = object.kind {
                    found.push(outer);
                }
            }
        }
    }

    /// Whether modules lead to every object that a value is or refers to.
    pub(super) fn is_rooted_whole(&self, value: &Value) -> bool {
        let mut are_rooted = true;
        value.visit_objects(&mut |id| are_rooted &= self.is_rooted(id));
        are_rooted
    }

    fn is_rooted(&self, id: ObjId) -> bool {
        self.rooted[id.0 as usize] != Rooted::No
    }

    /// Takes down that an object changes.
    fn changes(&mut self, id: ObjId) {
        self.activation.oldest_changed = self.activation.oldest_changed.min(id.0);
        if self.is_rooted(id) {
            self.last_epoch += 1;
            self.epoch = self.last_epoch;
        }
    }

    /// How much was copied so far. Copies of copies can make a short program take more time and memory than its steps
    /// tell: `a = {**a, k: v}` over and over.
    pub(super) const fn copied(&self) -> u64 {
        self.copied
    }

    /// Counts what is copied from here on.
    pub(super) const fn forget_copied(&mut self) {
        self.copied = 0;
    }

    /// Counts the content of an object that is put into another one.
    pub(super) fn count_copy(&mut self, object: &Obj) {
        let weight = |value: &Value| value.atoms().len().max(1) as u64;
        self.copied += object.fields.values().chain(&object.items).map(weight).sum::<u64>();
    }

    fn save(&mut self, id: ObjId) {
        if let Some(path) = self.paths.last_mut()
            && path.has_from_before(id)
            && !path.before.contains_key(&id)
        {
            path.before.insert(id, Rc::clone(&self.objects[id.0 as usize]));
            path.order.push(id);
        }
    }

    /// How many objects there are; a bound on memory.
    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    /// How many objects later rounds of loops made again.
    pub(super) fn remakes(&self) -> u64 {
        self.remakes
    }

    /// A number that changes whenever something changes that modules lead to, and that is what it was before once a path's changes are
    /// taken back.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Says that something else changed that any function may ask for.
    pub(super) fn new_epoch(&mut self) {
        self.last_epoch += 1;
        self.epoch = self.last_epoch;
    }

    /// Enters a function. Returns what [`Store::leave`] needs.
    pub(super) fn enter(&mut self) -> Entered {
        let now = Entered { first_new: self.objects.len() as u32, ..Entered::OUTSIDE };
        std::mem::replace(&mut self.activation, now)
    }

    /// Enters a module's top-level code.
    pub(super) fn enter_module(&mut self) -> Entered {
        std::mem::replace(&mut self.activation, Entered::OUTSIDE)
    }

    /// Leaves it.
    pub(super) fn leave(&mut self, outer: Entered) {
        let changed = self.activation.oldest_changed;
        self.activation = outer;
        self.activation.oldest_changed = self.activation.oldest_changed.min(changed);
    }

    /// Watches from here on what changes. Returns what [`Store::changed_before`] needs.
    pub(super) fn watch(&mut self) -> u32 {
        std::mem::replace(&mut self.activation.oldest_changed, u32::MAX)
    }

    /// Whether an object changed, since that was watched, that is older than `first`.
    pub(super) fn changed_before(&mut self, first: u32, watched: u32) -> bool {
        let changed = self.activation.oldest_changed;
        self.activation.oldest_changed = changed.min(watched);
        changed < first
    }

    /// Begins a path whose changes can be taken back.
    pub(super) fn begin(&mut self) {
        let first_new = self.objects.len() as u32;
        let (epoch, oldest_changed) = (self.epoch, self.activation.oldest_changed);
        self.paths.push(Path {
            first_new,
            epoch,
            oldest_changed,
            kept: Vec::new(),
            before: FxHashMap::default(),
            order: Vec::new(),
        });
    }

    /// Ends the path: undoes its changes and returns them.
    pub(super) fn take(&mut self) -> Delta {
        let Some(mut path) = self.paths.pop() else { return Delta::new() };
        let mut delta = Vec::with_capacity(path.order.len());
        self.epoch = path.epoch;
        self.activation.oldest_changed = path.oldest_changed;
        for id in path.order {
            if let Some(before) = path.before.remove(&id) {
                let slot = &mut self.objects[id.0 as usize];
                delta.push((id, std::mem::replace(slot, before)));
            }
        }
        delta
    }

    /// Keeps some objects as they are now, whatever becomes of the paths that are open, and with them what was made since there were
    /// `first_made` objects: a module that a path loads stays loaded when another one is gone.
    pub(super) fn keep(&mut self, first_made: usize, kept: &[ObjId]) {
        let made = first_made as u32..self.objects.len() as u32;
        for path in &mut self.paths {
            path.keep(made.clone());
            self.last_epoch += 1;
            path.epoch = self.last_epoch;
            for id in kept {
                if let Some(before) = path.before.get_mut(id) {
                    *before = Rc::clone(&self.objects[id.0 as usize]);
                }
            }
        }
    }

    /// Adds to what a path changed what those around it changed before it began, except for the outermost `paths`, which are kept:
    /// for states that go on where those others have ended.
    pub(super) fn complete(&self, delta: &mut Delta, paths: usize) {
        let around = self.paths.get(paths..).unwrap_or_default();
        if around.is_empty() {
            return;
        }
        let mut known: FxHashSet<ObjId> = delta.iter().map(|(id, _)| *id).collect();
        for id in around.iter().flat_map(|path| &path.order) {
            if known.insert(*id) {
                delta.push((*id, self.share(*id)));
            }
        }
    }

    /// How many paths have begun whose changes can be taken back.
    pub(super) fn open_paths(&self) -> usize {
        self.paths.len()
    }

    /// Merges the ends of several paths that all began here. `stay` says that doing nothing is a path too.
    /// Returns whether the state differs from before.
    pub(super) fn merge(&mut self, ends: Vec<Delta>, stay: bool) -> bool {
        let mut differs = false;
        let count = ends.len();
        let mut changed: IndexMap<ObjId, (Rc<Obj>, usize), FxBuildHasher> = IndexMap::default();
        for delta in ends {
            for (id, end) in delta {
                // Nothing that was not there before.
                if stay && self.get(id).includes(&end) {
                    continue;
                }
                match changed.get_mut(&id) {
                    Some((joined, seen)) => {
                        Rc::make_mut(joined).join(&end);
                        *seen += 1;
                    }
                    None => {
                        changed.insert(id, (end, 1));
                    }
                }
            }
        }
        for (id, (mut joined, seen)) in changed {
            let is_more = !self.get(id).includes(&joined);
            differs |= is_more;
            if stay || seen < count {
                if !is_more {
                    continue;
                }
                let current = self.share(id);
                Rc::make_mut(&mut joined).join(&current);
            }
            if self.rooted[id.0 as usize] == Rooted::Since {
                // One of the ways may have put it where modules lead to, and another one something into it.
                joined.held().for_each(|value| self.publish(value));
            }
            self.changes(id);
            self.save(id);
            self.objects[id.0 as usize] = joined;
        }
        differs
    }

    /// Joins states that left this place early (`return`, `break`, `throw`) into the current one.
    pub(super) fn absorb(&mut self, early: Vec<Delta>) {
        if !early.is_empty() {
            self.merge(early, true);
        }
    }
}
