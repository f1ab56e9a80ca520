//! What calls something when it is called: methods that were read from a value, and functions that libraries make of what they
//! are given.

use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::value::{Atom, Value};
use crate::span::Span;

/// A function that is bound to what it is called on or with. What may hold functions of its kind again is a list of the store
/// where a loop could nest it without end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Bound {
    /// A method of a string, list, dictionary, promise or unknown value that was read but not called yet.
    Method {
        /// What it was read from.
        receiver: Value,
        /// Its name.
        name: SmolStr,
    },
    /// Gives this, whatever it is called with.
    Gives(Value),
    /// Keeps what it is called with for this function; where that is nothing, a decorator that makes such a function.
    Curries(Value),
    /// Calls a function with what it gets and what was kept for it; see [`Interp::keep`].
    Kept(Value),
    /// Calls the method of what it gets that was kept with its arguments.
    CallsMethod(Value),
    /// Reads the attributes in this list of what it gets.
    ReadsAttributes(Value),
    /// Reads the items in this list of what it gets.
    ReadsItems(Value),
    /// Calls the functions in this list, each with what the one before it gave.
    HandsOn(Value),
    /// Calls a function for each item of what it gets.
    GoesThrough {
        /// The method of lists that does the same.
        how: SmolStr,
        /// A list of the function and what it begins with.
        with: Value,
    },
    /// Registers what it gets with a library, which calls it with these arguments.
    Registers(Vec<Value>),
    /// Makes tuples with these fields; those of which the name is not known have none.
    MakesTuple(Vec<Option<SmolStr>>),
    /// A regular expression.
    Regex {
        /// The pattern as written.
        source: SmolStr,
        /// The letters of its flags.
        flags: SmolStr,
    },
    /// Waits to be told what a container provides for this token.
    Binding(Value),
    /// Gives what a container provides for this token.
    Resolves(Value),
    /// Tells a container to provide instances of this class.
    AsClass(Value),
    /// Tells a container to provide what this function gives.
    AsFunction(Value),
    /// Tells a container to provide this.
    AsValue(Value),
}

impl Bound {
    /// Every value in it.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        let given = if let Self::Registers(values) = self { values.as_slice() } else { &[] };
        self.receiver().into_iter().chain(given)
    }

    /// The value of the program that it acts on.
    pub(super) fn receiver(&self) -> Option<&Value> {
        match self {
            Self::Method { receiver, .. } => Some(receiver),
            Self::Gives(of)
            | Self::Curries(of)
            | Self::Kept(of)
            | Self::CallsMethod(of)
            | Self::ReadsAttributes(of)
            | Self::ReadsItems(of)
            | Self::HandsOn(of)
            | Self::GoesThrough { with: of, .. }
            | Self::Binding(of)
            | Self::Resolves(of)
            | Self::AsClass(of)
            | Self::AsFunction(of)
            | Self::AsValue(of) => Some(of),
            Self::Registers(_) | Self::MakesTuple(_) | Self::Regex { .. } => None,
        }
    }

    /// Whether a library that gets it calls it: it keeps arguments for a function, or acts on what it gets.
    pub(super) fn is_called(&self) -> bool {
        match self {
            Self::Curries(_)
            | Self::Kept(_)
            | Self::CallsMethod(_)
            | Self::ReadsAttributes(_)
            | Self::ReadsItems(_)
            | Self::HandsOn(_)
            | Self::GoesThrough { .. } => true,
            Self::Method { .. }
            | Self::Gives(_)
            | Self::Registers(_)
            | Self::MakesTuple(_)
            | Self::Regex { .. }
            | Self::Binding(_)
            | Self::Resolves(_)
            | Self::AsClass(_)
            | Self::AsFunction(_)
            | Self::AsValue(_) => false,
        }
    }

    /// What it is called where a value leaves the interpreter.
    pub(super) fn title(&self) -> SmolStr {
        match self {
            Self::Method { name, .. } => name.clone(),
            Self::Regex { .. } => SmolStr::new_static("a regular expression"),
            _ => SmolStr::new_static("a function that a library made"),
        }
    }
}

impl From<Bound> for Value {
    fn from(bound: Bound) -> Self {
        Self::one(Atom::Bound(bound.into()))
    }
}

impl Interp<'_> {
    /// Calls what is bound.
    pub(super) fn call_bound(&mut self, bound: &Bound, args: Args, span: Span) -> Value {
        match bound {
            Bound::Method { receiver, name } => self.call_method(receiver, name, args, span),
            Bound::Gives(value) => value.clone(),
            Bound::Curries(function) => self.keep_arguments(function, &args),
            Bound::Kept(kept) => self.call_with_kept(kept, args, span),
            Bound::CallsMethod(kept) => self.call_kept_method(kept, &args, span),
            Bound::ReadsAttributes(wanted) => self.read_wanted(wanted, &args, span, Self::attribute),
            Bound::ReadsItems(wanted) => self.read_wanted(wanted, &args, span, Self::index),
            Bound::HandsOn(functions) => self.hand_on(functions, args, span),
            Bound::GoesThrough { how, with } => self.go_through(how, with, &args, span),
            Bound::Registers(with) => self.register(with.clone(), &args, span),
            Bound::MakesTuple(names) => self.new_tuple(names, &args),
            Bound::Resolves(token) => match self.provided_for(token, Span::default()) {
                Some(provided) => provided,
                None => self.call_unknown(&args, span),
            },
            Bound::Regex { .. } | Bound::Binding(_) | Bound::AsClass(_) | Bound::AsFunction(_) | Bound::AsValue(_) => {
                self.call_unknown(&args, span)
            }
        }
    }
}
