//! Functions that Python's `operator` module makes: `methodcaller("save", order)`, `attrgetter("client.put_item")`,
//! `itemgetter("a", "b")`.
//!
//! <https://docs.python.org/3/library/operator.html>

use super::call::Args;
use super::interp::Interp;
use super::value::{Atom, Value};
use crate::span::Span;

/// What calls a method of what it is called with, and what reads attributes or items of it; no methods of the languages have such
/// names.
pub(super) const CALLS_METHOD: &str = "(calls a method)";
pub(super) const READS_ATTRIBUTES: &str = "(reads attributes)";
pub(super) const READS_ITEMS: &str = "(reads items)";

impl Interp<'_> {
    /// A function that reads what it was told of what it is called with.
    pub(super) fn reader(&mut self, kind: &'static str, args: &Args) -> Value {
        let wanted = self.list(args.positional.clone(), args.rest.clone());
        super::member::method(wanted, kind)
    }

    /// Calls what [`reader`](Self::reader) made; several names give a tuple.
    pub(super) fn read_wanted(&mut self, wanted: &Value, kind: &str, args: &Args, span: Span) -> Value {
        let object = args.get(0);
        let wanted = self.rounds_of(wanted, span);
        let mut read = Vec::new();
        for name in wanted.items.iter().chain(Some(&wanted.rest).filter(|rest| !rest.is_none())) {
            read.push(if kind == READS_ITEMS { self.index(&object, name, span) } else { self.attribute(&object, name, span) });
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
    fn attribute(&mut self, object: &Value, path: &Value, span: Span) -> Value {
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

/// Whether something is a function that the module made.
pub(super) fn is_accessor(atom: &Atom) -> bool {
    matches!(atom, Atom::Method(method) if matches!(method.name.as_str(), CALLS_METHOD | READS_ATTRIBUTES | READS_ITEMS))
}
