//! Where objects are made: a loop whose number of rounds is unknown makes its objects once.
//!
//! ```text
//! words = []
//! for block in page:           # round 1 makes a Word, and puts it in the list
//!     words.append(Word(block))  # round 2 makes it again: the same object, so the list stays as it is
//! ```
//!
//! Otherwise each round would add objects to what the next one goes through, and loops within loops would multiply them.
//! Two places are the same when the same expression is evaluated as often before in the same call of the same round.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use super::store::ObjKind;
use super::value::ObjId;
use crate::ids::ExprId;

/// The places that made objects in loops.
#[derive(Debug, Default)]
pub(super) struct Sites {
    made: FxHashMap<u64, ObjId>,
    scopes: Vec<Scope>,
    /// The expression that is being evaluated.
    at: Option<ExprId>,
    /// How many outermost loops there were: each begins with places of its own.
    begun: u64,
}

/// One call or one round within a loop.
#[derive(Debug)]
struct Scope {
    /// Stands for the way here: the loop, its round, and the calls since.
    way: u64,
    /// How often each place in it was passed.
    passed: FxHashMap<u64, u32>,
}

impl Sites {
    /// Remembers which expression comes next.
    pub(super) fn at(&mut self, expr: ExprId) {
        self.at = Some(expr);
    }

    /// Whether a loop with an unknown number of rounds is running.
    pub(super) fn in_loop(&self) -> bool {
        !self.scopes.is_empty()
    }

    /// Enters the next round of a loop; `round` is the same for all that the next one repeats. The outermost loop gets the
    /// number that stands for all its rounds from [`Sites::begin`].
    pub(super) fn enter(&mut self, place: impl Hash) {
        let way = self.passing(place);
        self.scopes.push(Scope { way, passed: FxHashMap::default() });
    }

    /// Enters a round of a loop that repeats: every round is the same place.
    pub(super) fn enter_round(&mut self, place: u64) {
        self.scopes.push(Scope { way: place, passed: FxHashMap::default() });
    }

    /// A place for the rounds of a loop that begins.
    pub(super) fn begin(&mut self) -> u64 {
        if self.in_loop() {
            return self.passing(("loop", self.at));
        }
        self.begun += 1;
        hash_of(("outermost", self.begun))
    }

    /// Leaves a call or round.
    pub(super) fn leave(&mut self) {
        self.scopes.pop();
        if self.scopes.is_empty() {
            self.at = None;
        }
    }

    /// The object that an earlier round made here, or the place to remember one under.
    pub(super) fn known(&mut self, kind: &ObjKind) -> Option<Result<ObjId, u64>> {
        let (tag, class) = match kind {
            ObjKind::Dict => (0, None),
            ObjKind::List => (1, None),
            ObjKind::Instance(class) => (2, Some(*class)),
            _ => return None,
        };
        if !self.in_loop() {
            return None;
        }
        let place = self.passing((self.at, tag, class));
        Some(self.made.get(&place).copied().ok_or(place))
    }

    /// Remembers what was made at a place.
    pub(super) fn remember(&mut self, place: u64, object: ObjId) {
        self.made.insert(place, object);
    }

    /// A number for this place in this scope, another one each time it is passed.
    fn passing(&mut self, place: impl Hash) -> u64 {
        let Some(scope) = self.scopes.last_mut() else { return 0 };
        let place = hash_of((scope.way, hash_of(place)));
        let passed = scope.passed.entry(place).or_default();
        *passed += 1;
        hash_of((place, *passed))
    }
}

fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
