//! Assignment: values taken apart by patterns.

use super::exec::Rounds;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, Value};
use crate::ir::{ObjectPatternEntry, Pattern, SequencePatternItem};
use crate::span::Span;

impl Interp<'_> {
    /// Assigns a value to a pattern.
    pub(super) fn bind(&mut self, pattern: &Pattern, value: Value) {
        match pattern {
            Pattern::Name(name) => match self.find_variable(name) {
                None if !self.in_python() => self.set_on_global_object(name, value),
                frame => {
                    let frame = frame.unwrap_or(self.current().frame);
                    self.set_field(frame, name, value, true);
                }
            },
            Pattern::Member { object, name } => {
                let span = self.span_of(*object);
                let object = self.eval(*object);
                self.set_member(&object, name, value, span);
            }
            Pattern::Index { object, index } => {
                let object = self.eval(*object);
                let index = self.eval(*index);
                self.set_index(&object, &index, value);
            }
            Pattern::Object { entries, rest } => self.bind_object(entries, rest.as_deref(), &value),
            Pattern::Sequence(items) => self.bind_sequence(items, &value),
            Pattern::Ignore => {}
        }
    }

    /// The current value of what a pattern assigns to.
    pub(super) fn read_pattern(&mut self, pattern: &Pattern) -> Value {
        match pattern {
            Pattern::Name(name) => self.name(name, Span::default()),
            Pattern::Member { object, name } => {
                let span = self.span_of(*object);
                let object = self.eval(*object);
                self.member(&object, name, span)
            }
            Pattern::Index { object, index } => {
                let span = self.span_of(*object);
                let object = self.eval(*object);
                let index = self.eval(*index);
                self.index(&object, &index, span)
            }
            _ => Value::unknown("several values"),
        }
    }

    fn bind_object(&mut self, entries: &[ObjectPatternEntry], rest: Option<&Pattern>, value: &Value) {
        let mut taken = Vec::new();
        for entry in entries {
            let key = self.entry_key(&entry.key);
            let mut part = match key.as_literal() {
                Some(name) => {
                    taken.push(name.to_owned());
                    self.read_member(value, &name.into(), Span::default())
                }
                None => self.index(value, &key, Span::default()),
            };
            if let Some(default) = entry.default
                && self.is_null(&part) != Some(false)
            {
                let default = self.eval(default);
                let kept = part.filtered(|atom| !matches!(atom, Atom::Null(_)));
                part = if kept.is_none() { default } else { self.or_default(&kept, &default) };
            }
            self.bind(&entry.pattern, part);
        }
        if let Some(rest) = rest {
            let remaining = self.without(value, &taken);
            self.bind(rest, remaining);
        }
    }

    /// A copy of an object without some entries.
    fn without(&mut self, value: &Value, taken: &[String]) -> Value {
        let copy = self.store.alloc(Obj::new(ObjKind::Dict));
        self.merge_into(copy, value);
        self.store.get_mut(copy).fields.retain(|name| !taken.iter().any(|taken| taken == name));
        Value::object(copy)
    }

    fn bind_sequence(&mut self, items: &[SequencePatternItem], value: &Value) {
        let alternatives = self.rounds_of_each(value, Span::default());
        let after_rest = items.iter().rev().take_while(|item| !item.rest).count();
        for (index, item) in items.iter().enumerate() {
            let mut part = Value::none();
            let mut absent = false;
            for rounds in &alternatives {
                let of_one = self.part(items, (index, after_rest), rounds);
                absent |= of_one.is_none();
                part.join(&of_one);
            }
            // Python refuses lists that are too short.
            if part.is_none() || absent && !self.in_python() {
                part.join(&Value::null());
            }
            let part = match item.default {
                Some(default) if self.is_null(&part) != Some(false) => {
                    let default = self.eval(default);
                    part.filtered(|atom| !matches!(atom, Atom::Null(_))).joined(&default)
                }
                _ => part,
            };
            self.bind(&item.pattern, part);
        }
    }

    /// What an item of a pattern takes from a list; so many items stand behind the one that takes the rest.
    fn part(&mut self, items: &[SequencePatternItem], (index, after_rest): (usize, usize), rounds: &Rounds) -> Value {
        let known = rounds.items.len();
        if items[index].rest {
            let end = known.saturating_sub(after_rest);
            let mut list = Obj::new(ObjKind::List);
            list.items = rounds.items.get(index..end).unwrap_or_default().to_vec();
            list.rest = rounds.rest.clone();
            return Value::object(self.store.alloc(list));
        }
        let from_end = items.len() - index;
        let behind_rest = after_rest < items.len() && from_end <= after_rest;
        let at = if behind_rest { known.checked_sub(from_end) } else { Some(index) };
        let mut part = at.and_then(|at| rounds.items.get(at)).cloned().unwrap_or_default();
        if part.is_none() || !rounds.rest.is_none() {
            part.join(&rounds.rest);
        }
        part
    }
}
