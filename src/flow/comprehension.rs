//! Comprehensions: items that certainly pass the conditions stay where they are, others are among any number of further ones.

use super::exec::MAX_UNROLLED;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{ObjId, Value};
use crate::ids::ExprId;
use crate::ir::Clause;

/// Items that are held against conditions one by one in a loop.
const MAX_IN_LOOP: usize = 8;

impl Interp<'_> {
    /// Evaluates a comprehension or a generator expression.
    pub(super) fn comprehension(&mut self, clauses: &[Clause], element: ExprId, key: Option<ExprId>) -> Value {
        let result = self.store.alloc(Obj::new(if key.is_some() { ObjKind::Dict } else { ObjKind::List }));
        self.clause(clauses, element, key, result);
        Value::object(result)
    }

    fn clause(&mut self, clauses: &[Clause], element: ExprId, key: Option<ExprId>, result: ObjId) {
        let Some((clause, inner)) = clauses.split_first() else {
            let key = key.map(|key| self.eval(key));
            let value = self.eval(element);
            match key {
                Some(key) => self.put(result, &key, value, false),
                None => self.append(result, value),
            }
            return;
        };
        let iterable = self.eval(clause.iterable);
        let rounds = self.rounds_of(&iterable, self.span_of(clause.iterable));
        let most = if self.store.sites.in_loop() && !clause.conditions.is_empty() { MAX_IN_LOOP } else { MAX_UNROLLED };
        let many = rounds.items.len() > most;
        let known: Vec<Value> = if many { vec![rounds.items.into_iter().collect()] } else { rounds.items };
        let first = self.store.get(result).items.len();
        let mut any_number = many && !clause.conditions.is_empty();
        for item in known.into_iter().filter(|item| !item.is_none()) {
            self.bind(&clause.pattern, item);
            match self.conditions(clause) {
                Some(false) => continue,
                Some(true) => {}
                None => any_number = true,
            }
            self.clause(inner, element, key, result);
        }
        let certain = if any_number { first } else { self.store.get(result).items.len() };
        for rest in self.apart(rounds.rest) {
            self.bind(&clause.pattern, rest);
            if self.conditions(clause) != Some(false) {
                self.clause(inner, element, key, result);
            }
        }
        if self.store.get(result).items.len() > certain {
            let object = self.store.get_mut(result);
            let extra: Vec<Value> = object.items.drain(certain..).collect();
            for value in extra {
                object.rest.join(&value);
            }
        }
    }

    /// Evaluates a comprehension's conditions: whether the item passes, where that is certain.
    fn conditions(&mut self, clause: &Clause) -> Option<bool> {
        let mut passes = Some(true);
        for &condition in &clause.conditions {
            let span = self.span_of(condition);
            let value = self.eval(condition);
            match self.decide(&value, span) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => passes = None,
            }
        }
        self.assume_conditions(clause);
        passes
    }
}
