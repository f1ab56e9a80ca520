//! Named values in order, cheap to copy: paths through the code copy whole objects and change little in them.
//!
//! The entries stand in chunks that copies share until one of them changes. A function with a thousand variables and a
//! thousand branches would otherwise copy a million values; here each branch copies the chunks it assigns to, and joining
//! two paths passes over the chunks that neither changed.

use std::ops::Index;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::value::Value;

/// How many entries are copied together.
const CHUNK: usize = 32;
/// How many of the latest entries are found by looking at each; most objects have no more.
const RECENT: usize = 16;

/// What the interpreter keeps in an object beside the program's own entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// Marks what `Field(…)` and its like give, besides what they are told.
    Field,
    /// The groups of a match by name.
    Groups,
    /// What a module's specification loads.
    Module,
    /// What stores of Node.js remember for all that happens within a call.
    Store,
    /// What tells wrappers apart that were made alike.
    Wraps,
    /// The class in which a descriptor of a library stands.
    Owner,
    /// The name that such a descriptor has there.
    Name,
}

impl Slot {
    /// The key it is kept under, which nothing of a program has.
    pub(super) const fn key(self) -> SmolStr {
        SmolStr::new_static(match self {
            Self::Field => "#field",
            Self::Groups => "#groups",
            Self::Module => "#module",
            Self::Store => "#store",
            Self::Wraps => "#wraps",
            Self::Owner => "#owner",
            Self::Name => "#name",
        })
    }
}

type Entry = (SmolStr, Value);

/// Named values in the order they were first set.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    /// All but the last one are full.
    chunks: Vec<Rc<Vec<Entry>>>,
    /// The positions of the first entries by their names.
    index: Option<Rc<FxHashMap<SmolStr, u32>>>,
}

impl Fields {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Whether there is one of this name.
    pub(super) fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.position(name).map(|at| &self.chunks[at / CHUNK][at % CHUNK].1)
    }

    /// The value of a name, to be changed.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.position(name).map(|at| self.value_mut(at))
    }

    /// Sets a value.
    pub(super) fn insert(&mut self, name: SmolStr, value: Value) {
        match self.position(&name) {
            Some(at) => *self.value_mut(at) = value,
            None => self.push(name, value),
        }
    }

    /// Sets a value unless there is one.
    pub(super) fn insert_if_absent(&mut self, name: SmolStr, value: Value) {
        if !self.contains_key(&name) {
            self.push(name, value);
        }
    }

    /// The names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&SmolStr, &Value)> {
        self.chunks.iter().flat_map(|chunk| chunk.iter()).map(|(name, value)| (name, value))
    }

    /// The names.
    pub(super) fn keys(&self) -> impl Iterator<Item = &SmolStr> {
        self.iter().map(|(name, _)| name)
    }

    /// The values.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.iter().map(|(_, value)| value)
    }

    /// The values, to be changed.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.chunks.iter_mut().flat_map(|chunk| Rc::make_mut(chunk).iter_mut()).map(|(_, value)| value)
    }

    /// Drops the entries that do not pass.
    pub(super) fn retain(&mut self, keep: impl Fn(&SmolStr) -> bool) {
        let mut kept = Self::default();
        for (name, value) in self.iter().filter(|(name, _)| keep(name)) {
            kept.push(name.clone(), value.clone());
        }
        *self = kept;
    }

    /// Adds what each value can be elsewhere.
    pub(super) fn join(&mut self, other: &Self) {
        for (number, theirs) in other.chunks.iter().enumerate() {
            if self.chunks.get(number).is_some_and(|mine| Rc::ptr_eq(mine, theirs)) {
                continue;
            }
            for (offset, (name, value)) in theirs.iter().enumerate() {
                match self.position_near(number, offset, name) {
                    Some(at) if self.chunks[at / CHUNK][at % CHUNK].1.includes(value) => {}
                    Some(at) => self.value_mut(at).join(value),
                    None => self.push(name.clone(), value.clone()),
                }
            }
        }
    }

    /// The same, where a name that only one of both has may be absent from then on.
    pub(super) fn join_with_absent(&mut self, other: &Self) {
        let absent = Value::missing();
        let mut only_here = Vec::new();
        for (number, mine) in self.chunks.iter().enumerate() {
            if other.chunks.get(number).is_some_and(|theirs| Rc::ptr_eq(mine, theirs)) {
                continue;
            }
            let missing =
                mine.iter().enumerate().filter(|(offset, (name, _))| other.position_near(number, *offset, name).is_none());
            only_here.extend(missing.map(|(offset, _)| number * CHUNK + offset));
        }
        let before = self.len();
        self.join(other);
        for at in only_here.into_iter().chain(before..self.len()) {
            self.value_mut(at).join(&absent);
        }
    }

    /// Whether joining `other` would change nothing.
    pub(super) fn includes(&self, other: &Self) -> bool {
        other.chunks.iter().enumerate().all(|(number, theirs)| {
            self.chunks.get(number).is_some_and(|mine| Rc::ptr_eq(mine, theirs))
                || theirs.iter().enumerate().all(|(offset, (name, value))| {
                    let at = self.position_near(number, offset, name);
                    at.is_some_and(|at| self.chunks[at / CHUNK][at % CHUNK].1.includes(value))
                })
        })
    }

    /// The position of a name that probably is where it is in a copy.
    fn position_near(&self, number: usize, offset: usize, name: &SmolStr) -> Option<usize> {
        match self.chunks.get(number).and_then(|chunk| chunk.get(offset)) {
            Some((same, _)) if same == name => Some(number * CHUNK + offset),
            _ => self.position(name),
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        let indexed = match &self.index {
            Some(index) => match index.get(name) {
                Some(&at) => return Some(at as usize),
                None => index.len(),
            },
            None => 0,
        };
        self.names_from(indexed).position(|known| known == name).map(|offset| indexed + offset)
    }

    /// The names from a position on.
    fn names_from(&self, at: usize) -> impl Iterator<Item = &SmolStr> {
        self.chunks.iter().skip(at / CHUNK).flat_map(|chunk| chunk.iter()).skip(at % CHUNK).map(|(name, _)| name)
    }

    fn value_mut(&mut self, at: usize) -> &mut Value {
        &mut Rc::make_mut(&mut self.chunks[at / CHUNK])[at % CHUNK].1
    }

    /// Adds an entry of a new name.
    fn push(&mut self, name: SmolStr, value: Value) {
        let at = self.len();
        // An index that nothing shares is kept complete.
        let own = self.index.as_mut().and_then(Rc::get_mut).filter(|index| index.len() == at);
        let indexed = match own {
            Some(index) => {
                index.insert(name.clone(), at as u32);
                at + 1
            }
            None => self.index.as_ref().map_or(0, |index| index.len()),
        };
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => Rc::make_mut(last).push((name, value)),
            _ => self.chunks.push(Rc::new(vec![(name, value)])),
        }
        if at + 1 - indexed > RECENT {
            let recent: Vec<SmolStr> = self.names_from(indexed).cloned().collect();
            Rc::make_mut(self.index.get_or_insert_default()).extend(recent.into_iter().zip(indexed as u32..));
        }
    }
}

impl<Q: AsRef<str> + ?Sized> Index<&Q> for Fields {
    type Output = Value;

    /// The value of a name that is there.
    fn index(&self, name: &Q) -> &Value {
        self.get(name.as_ref()).expect("the caller knows that there is one of this name")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(count: usize) -> Fields {
        let mut fields = Fields::default();
        for number in 0..count {
            fields.insert(format!("f{number}").into(), Value::literal(number.to_string()));
        }
        fields
    }

    #[test]
    fn entries_are_found_and_keep_their_order() {
        for count in [0, 1, RECENT, RECENT + 1, CHUNK, CHUNK + 1, 5 * CHUNK + 3] {
            let mut fields = numbered(count);
            assert_eq!((fields.len(), fields.is_empty()), (count, count == 0));
            for number in 0..count {
                assert_eq!(fields[&format!("f{number}")].as_literal(), Some(number.to_string().as_str()));
            }
            assert!(!fields.contains_key("g"));
            fields.insert("f0".into(), Value::null());
            fields.insert_if_absent("f0".into(), Value::literal("other"));
            assert_eq!(fields.get("f0"), Some(&Value::null()));
            assert!(fields.keys().cloned().eq((0..count.max(1)).map(|number| SmolStr::from(format!("f{number}")))));
        }
    }

    #[test]
    fn copies_are_apart_and_join_again() {
        let before = numbered(100);
        let (mut left, mut right) = (before.clone(), before.clone());
        left.insert("f50".into(), Value::null());
        for number in 0..50 {
            left.insert(format!("l{number}").into(), Value::null());
            right.insert(format!("r{number}").into(), Value::null());
        }
        assert!(!before.contains_key("l0") && !before.includes(&left) && left.len() == 150);
        left.join(&right);
        assert_eq!(left.len(), 200);
        assert!(left.includes(&right) && left.includes(&before) && !right.includes(&left));
        assert_eq!(left["f50"].atoms().len(), 2, "null, or what it was before");
        assert_eq!(before["f50"].atoms().len(), 1);
        left.retain(|name| name.starts_with('r'));
        assert!(left.len() == 50 && left.contains_key("r49") && !left.contains_key("f0"));
    }
}
