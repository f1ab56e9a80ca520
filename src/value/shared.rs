//! Trees that are shared between their copies and remember their hash.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use rustc_hash::FxHasher;

/// A value that is cheap to copy, to hash and to tell from another one, however large it is. What a library's value was
/// made with is copied with each of its methods and compared at each join of paths.
#[derive(Debug, Clone)]
pub struct Shared<T>(Arc<Hashed<T>>);

#[derive(Debug, Clone)]
struct Hashed<T> {
    hash: u64,
    value: T,
}

impl<T: Hash> Shared<T> {
    /// Shares a value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Hashed { hash: hash_of(&value), value }))
    }
}

impl<T: Hash + Clone> Shared<T> {
    /// Changes this copy; the others stay as they are.
    pub fn change(&mut self, change: impl FnOnce(&mut T)) {
        let hashed = Arc::make_mut(&mut self.0);
        change(&mut hashed.value);
        hashed.hash = hash_of(&hashed.value);
    }
}

/// The hash of a value's content, the same in every run.
pub fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

impl<T: Hash> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Hash + Default> Default for Shared<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.0.hash == other.0.hash && self.0.value == other.0.value)
    }
}

impl<T: Eq> Eq for Shared<T> {}

impl<T: PartialOrd> PartialOrd for Shared<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Some(Ordering::Equal);
        }
        self.0.value.partial_cmp(&other.0.value)
    }
}

impl<T: Ord> Ord for Shared<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        self.0.value.cmp(&other.0.value)
    }
}

impl<T> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_leaves_other_copies_alone_and_is_told_from_them() {
        let first = Shared::new(vec![1, 2]);
        let mut second = first.clone();
        assert_eq!(first, second);
        second.change(|list| list.push(3));
        assert_eq!(*first, [1, 2]);
        assert_ne!(first, second);
        assert_eq!(second, Shared::new(vec![1, 2, 3]));
        assert_eq!(hash_of(&second), hash_of(&Shared::new(vec![1, 2, 3])));
        assert!(first < second);
    }
}
