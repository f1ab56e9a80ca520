//! Exceptions: which of the program's own get to which handlers. Those of libraries are unknown and may come from anywhere.

use super::call::Args;
use super::exec::End;
use super::interp::Interp;
use super::store::{Delta, ObjKind};
use super::value::{Atom, ObjId, Value};
use crate::ids::{ExprId, FuncId, ModuleId};
use crate::ir::{Block, Element, Expr, Handler};
use crate::span::Span;

/// Instances of the program's classes that were thrown.
#[derive(Default)]
pub(super) struct Thrown {
    /// Those that no handler took yet.
    pub(super) flying: Value,
    /// Those that the innermost handler has taken, which a `raise` of nothing throws again.
    taken: Value,
    /// Whether a handler waits for keys that are not there.
    pub(super) missing_keys: bool,
}

impl Interp<'_> {
    /// `throw` and `raise`.
    pub(super) fn throw(&mut self, value: Option<ExprId>) -> End {
        let thrown = match value {
            Some(value) => {
                let (span, value) = (self.span_of(value), self.eval(value));
                self.made(&value, span)
            }
            None => self.thrown.taken.clone(),
        };
        self.thrown.flying.join(&thrown);
        End::Leaves
    }

    /// The instances among thrown values; `raise Class` makes one.
    fn made(&mut self, value: &Value, span: Span) -> Value {
        let mut instances = Value::none();
        for atom in value.atoms() {
            let Atom::Object(id) = atom else { continue };
            match self.store.get(*id).kind {
                ObjKind::Instance(_) => instances.add(atom.clone()),
                ObjKind::Class { .. } => instances.join(&self.construct(*id, Args::default(), span)),
                _ => {}
            }
        }
        instances
    }

    /// Runs the code of a function, and remembers what it throws for calls whose results are known already.
    pub(super) fn throwing(&mut self, function: (ModuleId, FuncId), run: impl FnOnce(&mut Self) -> Value) -> Value {
        let before = std::mem::take(&mut self.thrown.flying);
        let value = run(self);
        let thrown = std::mem::replace(&mut self.thrown.flying, before);
        if !thrown.is_none() {
            self.visits.entry(function).or_default().thrown.join(&thrown);
            self.thrown.flying.join(&thrown);
        }
        value
    }

    /// What a function threw before, thrown by a call that is not evaluated again.
    pub(super) fn throw_again(&mut self, function: (ModuleId, FuncId)) {
        if let Some(visits) = self.visits.get(&function) {
            self.thrown.flying.join(&visits.thrown);
        }
    }

    /// What a handler for everything gets, or a function that is called with what failed.
    pub(super) fn failure(&self) -> Value {
        Value::unknown("an exception").joined(&self.thrown.flying)
    }

    pub(super) fn guarded(&mut self, body: &Block, handlers: &[Handler], otherwise: &Block, finally: &Block) -> End {
        if finally.is_empty() {
            return self.caught(body, handlers, otherwise, &mut Vec::new());
        }
        self.finishing(|this, states| this.caught(body, handlers, otherwise, states), |this| this.block(finally))
    }

    /// Runs code and what follows it however it ends: where it failed or returned part way, and where it came to its end.
    pub(super) fn finishing(
        &mut self,
        run: impl FnOnce(&mut Self, &mut Vec<Delta>) -> End,
        last: impl Fn(&mut Self) -> End,
    ) -> End {
        let before = self.departures();
        let mut states = Vec::new();
        let way = self.way(|this| run(this, &mut states));
        states.extend(self.left_since(before));
        states.push(way.delta.clone());
        if states.iter().any(|delta| !delta.is_empty()) {
            let failed = self.way(|this| {
                this.store.merge(states, true);
                last(this)
            });
            // Otherwise the exception goes on.
            if failed.end != End::Falls {
                self.leave_by(failed);
            }
        }
        self.store.merge(vec![way.delta], false);
        match last(self) {
            End::Falls => way.end,
            left => left,
        }
    }

    /// Runs a block and keeps the states in which one of its statements may fail.
    pub(super) fn steps(&mut self, block: &Block, states: &mut Vec<Delta>) -> End {
        let around = self.store.open_paths().saturating_sub(1);
        for (index, &stmt) in block.iter().enumerate() {
            if index > 0 {
                let mut state = Delta::new();
                self.store.complete(&mut state, around);
                states.push(state);
            }
            let end = self.stmt(stmt);
            if end != End::Falls {
                return end;
            }
        }
        End::Falls
    }

    /// In how many states the running function and the innermost loop were left, and its rounds.
    fn departures(&self) -> [usize; 3] {
        let current = self.current();
        let (breaks, continues) = current.loops.last().map_or((0, 0), |jumps| (jumps.breaks.len(), jumps.continues.len()));
        [current.early.len(), breaks, continues]
    }

    /// The states in which that happened since.
    fn left_since(&self, before: [usize; 3]) -> Vec<Delta> {
        let current = self.current();
        let (breaks, continues) = current.loops.last().map(|jumps| (&jumps.breaks, &jumps.continues)).unzip();
        let all = [Some(&current.early), breaks, continues];
        all.into_iter().zip(before).flat_map(|(all, before)| all.into_iter().flatten().skip(before)).cloned().collect()
    }

    /// A `try` without its `finally`. Adds to the states in which an exception may leave it.
    fn caught(&mut self, body: &Block, handlers: &[Handler], otherwise: &Block, states: &mut Vec<Delta>) -> End {
        let before = std::mem::take(&mut self.thrown.flying);
        let awaits = handlers.iter().any(|handler| self.awaits_missing_keys(handler));
        let outer = awaits.then(|| std::mem::replace(&mut self.thrown.missing_keys, true));
        let departures = self.departures();
        let guarded = self.way(|this| match this.steps(body, states) {
            End::Falls => this.block(otherwise),
            end => end,
        });
        states.extend(self.left_since(departures));
        states.push(guarded.delta.clone());
        self.thrown.missing_keys = outer.unwrap_or(self.thrown.missing_keys);
        let mut left = std::mem::replace(&mut self.thrown.flying, before);
        let mut ways = Vec::new();
        for handler in handlers {
            let states = states.clone();
            let offered = left.clone();
            ways.push(self.way(|this| {
                // The exception may come from anywhere in the body.
                this.store.merge(states, true);
                this.handler(handler, &offered, &mut left)
            }));
        }
        self.thrown.flying.join(&left);
        ways.insert(0, guarded);
        self.rejoin(ways, false)
    }

    /// `except KeyError`: the body asks whether keys are there.
    fn awaits_missing_keys(&self, handler: &Handler) -> bool {
        let is_name = |expr: ExprId| matches!(&self.body().exprs[expr], Expr::Name(name) if matches!(name.as_str(), "KeyError" | "LookupError"));
        handler.types.is_some_and(|types| match &self.body().exprs[types] {
            Expr::Sequence { items, .. } => items.iter().any(|item| matches!(item, Element::Item(item) if is_name(*item))),
            _ => is_name(types),
        })
    }

    /// Runs a handler. What it certainly takes is no longer `left` for the others.
    fn handler(&mut self, handler: &Handler, offered: &Value, left: &mut Value) -> End {
        let types = handler.types.map(|types| self.eval(types));
        let (classes, others) = types.as_ref().map_or_else(|| (Vec::new(), true), |types| self.asked_for(types));
        let taken = offered.filtered(|atom| {
            let Atom::Object(id) = atom else { return false };
            let ObjKind::Instance(class) = self.store.get(*id).kind else { return false };
            others || self.line_of(class).iter().any(|class| classes.contains(class))
        });
        if types.is_none() || !others {
            *left = left.filtered(|atom| !taken.atoms().contains(atom));
        }
        // Where only the program's own are asked for and some arrive, these are it.
        let mut bound = taken.clone();
        if others || taken.is_none() {
            bound.join(&Value::unknown("an exception"));
        }
        let outer = std::mem::replace(&mut self.thrown.taken, taken);
        if let Some(pattern) = &handler.pattern {
            self.bind(pattern, bound);
        }
        let end = self.block(&handler.body);
        self.thrown.taken = outer;
        end
    }

    /// The program's classes that a handler asks for, and whether it asks for others, too.
    fn asked_for(&self, types: &Value) -> (Vec<ObjId>, bool) {
        let (mut classes, mut others) = (Vec::new(), false);
        let listed = types.atoms().iter().flat_map(|atom| match atom {
            Atom::Object(id) if self.store.get(*id).kind == ObjKind::List => {
                let list = self.store.get(*id);
                list.items.iter().chain([&list.rest]).flat_map(|value| value.atoms().to_vec()).collect()
            }
            other => vec![other.clone()],
        });
        for atom in listed {
            match atom {
                Atom::Object(id) if matches!(self.store.get(id).kind, ObjKind::Class { .. }) => classes.push(id),
                _ => others = true,
            }
        }
        (classes, others)
    }
}
