//! The atoms of a value, cheap to copy: most values are one atom, and larger sets are shared until one of them changes.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::value::Atom;

/// Some atoms in the order they were added.
#[derive(Debug, Clone, Default)]
pub(super) enum Atoms {
    #[default]
    None,
    One(Atom),
    Many(Rc<Vec<Atom>>),
}

impl Atoms {
    /// The atoms.
    pub(super) fn as_slice(&self) -> &[Atom] {
        match self {
            Self::None => &[],
            Self::One(atom) => std::slice::from_ref(atom),
            Self::Many(atoms) => atoms,
        }
    }

    /// Adds an atom.
    pub(super) fn push(&mut self, atom: Atom) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(atom),
            Self::One(first) => Self::Many(Rc::new(vec![first, atom])),
            Self::Many(mut atoms) => {
                Rc::make_mut(&mut atoms).push(atom);
                Self::Many(atoms)
            }
        };
    }

    /// Drops the atoms that do not pass.
    pub(super) fn retain(&mut self, keep: impl Fn(&Atom) -> bool) {
        *self = self.as_slice().iter().filter(|atom| keep(atom)).cloned().collect();
    }

    /// Whether both certainly hold the same, because they share it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Many(mine), Self::Many(theirs)) if Rc::ptr_eq(mine, theirs))
    }
}

impl PartialEq for Atoms {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || self.as_slice() == other.as_slice()
    }
}

impl Eq for Atoms {}

impl Hash for Atoms {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl FromIterator<Atom> for Atoms {
    fn from_iter<T: IntoIterator<Item = Atom>>(atoms: T) -> Self {
        let mut all = Self::default();
        for atom in atoms {
            all.push(atom);
        }
        all
    }
}
