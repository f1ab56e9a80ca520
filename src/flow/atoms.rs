//! The atoms of a value, cheap to copy: most values are one atom, and larger sets are shared until one of them changes.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::value::Atom;
use crate::value::hash_of;

/// How many atoms are compared one by one; among more, an atom is looked for by its hash.
const FEW: usize = 6;

/// Some atoms in the order they were added.
#[derive(Debug, Clone, Default)]
pub(super) enum Atoms {
    #[default]
    None,
    One(Atom),
    Many(Rc<Many>),
}

/// Two or more atoms.
#[derive(Debug, Clone)]
pub(super) struct Many {
    atoms: Vec<Atom>,
    /// The hashes of all atoms where these are more than [`FEW`], else none.
    hashes: Vec<u64>,
}

impl Many {
    fn push(&mut self, atom: Atom) {
        self.atoms.push(atom);
        if self.atoms.len() > FEW {
            self.hashes.extend(self.atoms[self.hashes.len()..].iter().map(hash_of));
        }
    }
}

impl Atoms {
    /// The atoms.
    pub(super) fn as_slice(&self) -> &[Atom] {
        match self {
            Self::None => &[],
            Self::One(atom) => std::slice::from_ref(atom),
            Self::Many(many) => &many.atoms,
        }
    }

    /// Adds an atom.
    pub(super) fn push(&mut self, atom: Atom) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(atom),
            Self::One(first) => Self::Many(Rc::new(Many { atoms: vec![first, atom], hashes: Vec::new() })),
            Self::Many(mut many) => {
                Rc::make_mut(&mut many).push(atom);
                Self::Many(many)
            }
        };
    }

    /// Where an atom is.
    pub(super) fn position(&self, atom: &Atom) -> Option<usize> {
        match self {
            Self::Many(many) if !many.hashes.is_empty() => {
                let hash = hash_of(atom);
                let mut alike = many.hashes.iter().enumerate().filter(|(_, known)| **known == hash);
                alike.find(|(at, _)| many.atoms[*at] == *atom).map(|(at, _)| at)
            }
            _ => self.as_slice().iter().position(|known| known == atom),
        }
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
        match self {
            Self::Many(many) if !many.hashes.is_empty() => many.hashes.hash(state),
            _ => self.as_slice().hash(state),
        }
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
