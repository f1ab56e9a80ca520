//! Functions that Python's `operator` module makes: `methodcaller("save", order)`, `attrgetter("client.put_item")`,
//! `itemgetter("a", "b")`.
//!
//! <https://docs.python.org/3/library/operator.html>

use super::call::Args;
use super::interp::Interp;
use super::value::Value;
use crate::span::Span;

impl Interp<'_> {
    /// What a function is told to read: names or keys.
    pub(super) fn wanted(&mut self, args: &Args) -> Value {
        self.list(args.positional.clone(), args.rest.clone())
    }

    /// Reads what is wanted of the first argument; several names give a tuple.
    pub(super) fn read_wanted(
        &mut self,
        wanted: &Value,
        args: &Args,
        span: Span,
        read_one: impl Fn(&mut Self, &Value, &Value, Span) -> Value,
    ) -> Value {
        let object = args.get(0);
        let wanted = self.rounds_of(wanted, span);
        let mut read = Vec::new();
        for name in wanted.items.iter().chain(Some(&wanted.rest).filter(|rest| !rest.is_none())) {
            read.push(read_one(self, &object, name, span));
        }
        match (read.as_slice(), wanted.rest.is_none()) {
            ([only], true) => only.clone(),
            (_, true) => self.list(read, Value::none()),
            // How many there are is not known: one of them, or a tuple.
            (_, false) => {
                let all: Value = read.into_iter().collect();
                self.list(Vec::new(), all.clone()).joined(&all)
            }
        }
    }

    /// An attribute of an attribute: `client.put_item`.
    pub(super) fn attribute(&mut self, object: &Value, path: &Value, span: Span) -> Value {
        match path.as_literal() {
            Some(path) => path.split('.').fold(object.clone(), |object, name| self.member(&object, &name.into(), span)),
            None => self.computed_member(object, path, span),
        }
    }

    /// Calls a method of the first argument with the arguments that were kept for it.
    pub(super) fn call_kept_method(&mut self, kept: &Value, args: &Args, span: Span) -> Value {
        let Some((name, call)) = self.kept(kept) else { return self.call_unknown(args, span) };
        let object = args.get(0);
        let method = self.computed_member(&object, &name, span);
        let mut all = Value::none();
        for atom in method.atoms() {
            all.join(&self.call_value(&Value::one(atom.clone()), call.clone(), span));
        }
        all
    }
}
