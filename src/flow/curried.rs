//! Functions that a library makes of the program's: `f(context, a, b)` is called as `f(a, b)`, and what that gives is called with the
//! context by the library.

use smol_str::SmolStr;

use super::bound::Bound;
use super::call::Args;
use super::handover::from_library;
use super::interp::Interp;
use super::value::{Atom, Value};
use crate::span::Span;
use crate::value::Text;

impl Interp<'_> {
    /// A function that keeps what it is called with; without a function to make it of, a decorator that does so.
    pub(super) fn curried(args: &Args) -> Value {
        let first = args.get(0);
        let function = first.filtered(|atom| matches!(atom, Atom::Function(_) | Atom::Object(_)));
        Bound::Curries(if function.is_none() { Value::null() } else { function }).into()
    }

    /// Calls what [`curried`](Self::curried) made: the decorator, or the function that keeps its arguments.
    pub(super) fn keep_arguments(&mut self, function: &Value, args: &Args) -> Value {
        if self.is_null(function) == Some(true) {
            return Self::curried(args);
        }
        Bound::Kept(self.keep(function, args)).into()
    }

    /// A value with arguments.
    pub(super) fn keep(&mut self, value: &Value, args: &Args) -> Value {
        let positional = self.list(args.positional.clone(), args.rest.clone());
        let names = args.named.iter().map(|(name, _)| Value::text(Text::literal(name.clone()))).collect();
        let names = self.list(names, Value::none());
        let named = self.list(args.named.iter().map(|(_, value)| value.clone()).collect(), Value::none());
        self.list(vec![value.clone(), positional, names, named], Value::none())
    }

    /// What [`keep`](Self::keep) put together.
    pub(super) fn kept(&self, kept: &Value) -> Option<(Value, Args)> {
        let parts = |value: &Value| match value.single() {
            Some(Atom::Object(id)) => (self.store.get(*id).items.clone(), self.store.get(*id).rest.clone()),
            _ => (Vec::new(), Value::none()),
        };
        let [value, positional, names, named] = <[Value; 4]>::try_from(parts(kept).0).ok()?;
        let (positional, rest) = parts(&positional);
        let names = parts(&names).0.into_iter().filter_map(|name| name.as_literal().map(SmolStr::from));
        let named = names.zip(parts(&named).0).collect();
        Some((value, Args { positional, rest, named, ..Args::default() }))
    }

    /// Calls a function with some arguments and with those that were kept for it, in this order.
    pub(super) fn call_with_kept(&mut self, kept: &Value, args: Args, span: Span) -> Value {
        let Some((function, mut call)) = self.kept(kept) else { return self.call_unknown(&args, span) };
        // How many others would be given is not known.
        if args.positional.is_empty() && !args.rest.is_none() {
            return self.call_value(&function, Args::unknown(), span);
        }
        call.positional.splice(0..0, args.positional);
        self.call_value(&function, call, span)
    }

    /// Calls the functions that a library was given as arguments and gives back what they give; those inside of other arguments
    /// are called, too.
    pub(super) fn called(&mut self, args: &Args, with: Vec<Value>, span: Span) -> Value {
        let own: Vec<Value> = args.all().flat_map(Value::atoms).filter(|atom| is_called(atom)).cloned().map(Value::one).collect();
        let mut others = self.functions_in(args.all());
        others.retain(|function| !own.contains(function));
        self.hand_over(&others, with.clone(), span);
        let mut all = Value::none();
        for function in own {
            let result = self.call_value(&function, from_library(with.clone()), span);
            let result = self.awaited(&result);
            all.join(&result);
        }
        if all.is_none() { Value::unknown("the result of a library call") } else { all }
    }
}

/// Whether something is a function that a library calls.
fn is_called(atom: &Atom) -> bool {
    match atom {
        Atom::Function(_) => true,
        Atom::Bound(bound) => bound.is_called(),
        _ => false,
    }
}
