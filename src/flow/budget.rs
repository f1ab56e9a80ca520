//! What one entry may spend, and how deep evaluations may nest.

use super::interp::Interp;
use crate::note::{Note, NoteKind};

/// Evaluation steps one entry may take; about a second's worth.
const MAX_STEPS: u64 = 1_500_000;
/// Calls within calls.
const MAX_CALLS: usize = 48;
/// Modules that are imported within each other.
pub(super) const MAX_IMPORTS: usize = 200;
/// Nested evaluations within a module that is imported.
const MAX_DEPTH: u32 = 1_600;
/// Nested evaluations in all, bounding the native stack.
const MAX_DEPTH_IN_ALL: u32 = 4 * MAX_DEPTH;
/// Objects one entry may allocate.
const MAX_OBJECTS: usize = 3_000_000;
/// Fields and items that may be copied from object to object.
const MAX_COPIED: u64 = 2_000_000;

/// What may be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    steps: u64,
    copied: u64,
}

impl Default for Share {
    fn default() -> Self {
        Self { steps: MAX_STEPS, copied: MAX_COPIED }
    }
}

/// What was spent so far, and what of it is running now.
#[derive(Debug)]
pub(super) struct Budget {
    steps: u64,
    /// How many steps may be taken, and how much copied, where what is running has a share of its own.
    share: Share,
    /// How deep evaluations are nested, and may be.
    depth: u32,
    most_depth: u32,
    /// How many calls are within each other, and are followed where that is bounded: beyond the budget.
    calls: usize,
    shallow: Option<usize>,
    /// How many modules are being imported within each other.
    imports: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: 0, share: Share::default(), depth: 0, most_depth: MAX_DEPTH, calls: 0, shallow: None, imports: 0 }
    }
}

impl Budget {
    /// Begins anew.
    pub(super) const fn renew(&mut self) {
        self.steps = 0;
    }

    /// Counts further steps.
    pub(super) const fn spend(&mut self, steps: u64) {
        self.steps += steps;
    }

    /// Enters an evaluation within another one.
    pub(super) const fn nest(&mut self) {
        self.depth += 1;
    }

    /// Leaves it.
    pub(super) const fn unnest(&mut self) {
        self.depth -= 1;
    }

    /// How deep evaluations are nested.
    pub(super) const fn depth(&self) -> u32 {
        self.depth
    }

    /// Leaves all evaluations that are deeper.
    pub(super) const fn back_to(&mut self, depth: u32) {
        self.depth = depth;
    }

    /// Enters a call. Returns what [`Budget::leave_call`] needs.
    pub(super) const fn enter_call(&mut self) -> u32 {
        self.calls += 1;
        self.depth
    }

    /// Leaves a call.
    pub(super) const fn leave_call(&mut self, depth: u32) {
        self.calls -= 1;
        self.depth = depth;
    }

    /// Follows as many calls within calls from now on; all of them where no number is given.
    pub(super) const fn follow(&mut self, calls: Option<usize>) {
        self.shallow = calls;
    }

    /// Whether calls within calls are followed to some depth only.
    pub(super) const fn is_bounded(&self) -> bool {
        self.shallow.is_some()
    }

    /// Whether calls are no longer followed here.
    pub(super) fn is_too_shallow(&self) -> bool {
        self.shallow.is_some_and(|most| self.calls > most)
    }
}

impl Interp<'_> {
    /// Counts one step; false when a budget is spent.
    pub(super) fn tick(&mut self) -> bool {
        self.budget.steps += 1;
        if self.budget.steps > self.budget.share.steps
            || self.store.len() > MAX_OBJECTS
            || self.store.copied() > self.budget.share.copied
        {
            self.spent("the function is too large to follow every path through it; what its code mentions was looked at function by function, with less known of the arguments");
            return false;
        }
        true
    }

    /// Runs one of several things that are called from outside with half of the budget that is left at most, so that the others
    /// have some, too. What is within another one has the share of that.
    pub(super) fn with_share<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let whole = self.budget.share;
        if whole == Share::default() {
            let half = |spent: u64, most: u64| spent + most.saturating_sub(spent) / 2;
            self.budget.share =
                Share { steps: half(self.budget.steps, whole.steps), copied: half(self.store.copied(), whole.copied) };
        }
        let result = run(self);
        self.budget.share = whole;
        result
    }

    fn spent(&mut self, why: &str) {
        if !self.record.exhausted {
            self.record.exhausted = true;
            self.record.note(Note::general(NoteKind::Budget, why));
        }
    }

    /// Whether evaluation may nest further. Says so once when it may not.
    pub(super) fn may_nest(&mut self) -> bool {
        let may = self.budget.depth < self.budget.most_depth && self.budget.calls < MAX_CALLS;
        if !may && !self.record.cut_off {
            self.record.cut_off = true;
            self.cut_off("calls are nested too deeply here to follow all of them; some may be missing");
        }
        may
    }

    fn cut_off(&mut self, message: &'static str) {
        let current = self.current();
        let span = self.func(current.module, current.func).span;
        self.note(NoteKind::Budget, span, message);
    }

    pub(super) fn note_deep_imports(&mut self) {
        self.cut_off("modules import each other too deeply here to follow all of them; calls made in them may be missing");
    }

    /// Runs what an import needs, unless imports are nested too deeply. What it evaluates may nest as deep as anything else,
    /// as long as the native stack has room for all of it.
    pub(super) fn importing(&mut self, run: impl FnOnce(&mut Self)) {
        if self.budget.imports >= MAX_IMPORTS {
            self.note_deep_imports();
            return;
        }
        self.budget.imports += 1;
        let most = std::mem::replace(&mut self.budget.most_depth, (self.budget.depth + MAX_DEPTH).min(MAX_DEPTH_IN_ALL));
        run(self);
        self.budget.most_depth = most;
        self.budget.imports -= 1;
    }
}
