//! The interpreter's own values: small sets of atoms, objects by reference into the [`Store`](super::store::Store).

use std::rc::Rc;
use std::sync::Arc;

use smol_str::SmolStr;

use super::atoms::Atoms;
use super::bound::Bound;
use crate::ids::{FuncId, ModuleId};
use crate::sdk::{Confidence, SdkValue};
use crate::value::{Hole, Text};

/// A reference to an object of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ObjId(pub(super) u32);

/// How many different plain values a set holds before they widen to a hole.
const MAX_PLAIN: usize = 16;
/// How many different functions, objects and SDK values a set holds before the rest becomes a hole; far above what code has.
const MAX_ATOMS: usize = 96;
/// How many alternatives a set has before results of libraries no longer count one by one.
const MAX_RESULTS: usize = 24;
/// Longest string that is followed, where a hole counts as a character; longer ones are data, not names.
pub(super) const MAX_TEXT: usize = 16_384;
/// What a string is that is longer than this.
pub(super) const LONG_TEXT: &str = "a long string";
/// What a set of plain values is that widened.
const TOO_MANY: &str = "too many values";
/// What stands for the functions, objects and SDK values that a set has no room for.
pub(super) const NOT_FOLLOWED: &str = "more functions and objects than are followed";
/// How many functions the answer of an unknown function may call. More are handed over to it all the same; only what the
/// answer is called with does not get to them.
const MAX_WRAPPED: usize = 12;

/// The arguments of what has none bound.
const NOTHING_BOUND: (&[Value], &[(SmolStr, Value)]) = (&[], &[]);

/// What a variable can hold: one of several atoms. The empty set is the value of code that is never reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Value {
    atoms: Atoms,
}

/// One thing a variable can hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Atom {
    /// `None`, `null`, `undefined`.
    Null(Nothing),
    /// A truth value.
    Bool(bool),
    /// A number as written.
    Number(SmolStr),
    /// A string known at least in part.
    Text(Rc<Text>),
    /// A value of which only the origin is known.
    Hole(Rc<Hole>),
    /// A dictionary, list, instance, class, frame or namespace.
    Object(ObjId),
    /// A function of the program.
    Function(Rc<Closure>),
    /// A value of a library.
    Sdk(Rc<SdkAtom>),
    /// A method that was read but not called yet, or a function that a library made of others.
    Bound(Rc<Bound>),
    /// `super`: the receiver seen from the bases of a class.
    Super(Rc<SuperAtom>),
    /// A namespace package: a folder of Python modules without code of its own.
    Package(SmolStr),
    /// The answer of an unknown function that was given these functions and may call them later; a value has at most one
    /// such atom.
    Wrapped(Rc<Value>),
    /// The function that settles a promise: what it is given goes into what the object may hold, its `rest`.
    Resolver(ObjId),
}

/// Which nothing it is, which only JavaScript's `===` and reading an entry in Python tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Nothing {
    /// `undefined`, Python's `None`, or any.
    Absent,
    /// A `null` that is written in the code.
    Null,
    /// What an entry or an attribute is where it is not there: `undefined`, an error in Python.
    Missing,
}

/// A function with what it closes over.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Closure {
    /// Where its code is.
    pub(super) module: ModuleId,
    /// Which function of that module.
    pub(super) func: FuncId,
    /// The frame around its definition.
    pub(super) frame: ObjId,
    /// The receiver, once it was read from an object.
    pub(super) receiver: Option<Value>,
    /// The class whose body defines it.
    pub(super) class: Option<ObjId>,
    /// Arguments bound before the others.
    pub(super) bound: Vec<Value>,
    /// Named arguments bound before the others.
    pub(super) bound_named: Vec<(SmolStr, Value)>,
    /// Whether reading the property that holds it calls it: what `Object.defineProperty` was given as `get`.
    pub(super) is_getter: bool,
}

/// A library value and how sure it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SdkAtom {
    /// The value.
    pub(super) value: Arc<SdkValue>,
    /// At most how sure a request made with it is: less than certain when only an annotation or a name tells what it is.
    pub(super) trust: Confidence,
    /// Arguments bound before the others (`partial`, `bind`).
    pub(super) bound: Vec<Value>,
    /// Named arguments bound before the others.
    pub(super) bound_named: Vec<(SmolStr, Value)>,
}

/// The receiver of `super`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SuperAtom {
    /// The class whose bases are searched.
    pub(super) class: ObjId,
    /// The receiver of the method.
    pub(super) receiver: Value,
}

impl Atom {
    /// Whether a value that has this alternative gains nothing from another one.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Wrapped(mine), Self::Wrapped(theirs)) => mine.atoms().len() >= MAX_WRAPPED || mine.includes(theirs),
            _ => self == other,
        }
    }

    /// The values in it: what a function is bound to, and what a library made of others.
    pub(super) fn inner_values(&self) -> impl Iterator<Item = &Value> {
        let (one, bound, (positional, named)) = match self {
            Self::Function(closure) => (closure.receiver.as_ref(), None, (&*closure.bound, &*closure.bound_named)),
            Self::Sdk(sdk) => (None, None, (&*sdk.bound, &*sdk.bound_named)),
            Self::Bound(bound) => (None, Some(bound.values()), NOTHING_BOUND),
            Self::Super(of) => (Some(&of.receiver), None, NOTHING_BOUND),
            Self::Wrapped(functions) => (Some(&**functions), None, NOTHING_BOUND),
            _ => (None, None, NOTHING_BOUND),
        };
        let named = named.iter().map(|(_, value)| value);
        one.into_iter().chain(bound.into_iter().flatten()).chain(positional).chain(named)
    }

    /// Whether it is unknown for this reason.
    pub(super) fn is_unknown(&self, why: &str) -> bool {
        matches!(self, Self::Hole(hole) if matches!(&**hole, Hole::Unknown(reason) if reason == why))
    }

    /// Whether it is data that may widen to a hole when there is too much of it.
    fn is_plain(&self) -> bool {
        matches!(self, Self::Null(_) | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Hole(_))
    }
}

impl Value {
    /// The value of unreachable code.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// A single atom.
    pub(super) fn one(atom: Atom) -> Self {
        Self { atoms: Atoms::One(atom) }
    }

    /// `None`, `null`, `undefined`.
    pub(super) fn null() -> Self {
        Self::one(Atom::Null(Nothing::Absent))
    }

    /// What an entry is that is not there.
    pub(super) fn missing() -> Self {
        Self::one(Atom::Null(Nothing::Missing))
    }

    /// Whether it is what an entry is that may not be there.
    pub(super) fn may_be_missing(&self) -> bool {
        self.atoms().contains(&Atom::Null(Nothing::Missing))
    }

    /// A known string.
    pub(super) fn literal(text: impl Into<SmolStr>) -> Self {
        Self::text(Text::literal(text))
    }

    /// A string; one that is a single hole stays a hole, and one that is too long is not followed: a few lines can double it
    /// without end.
    pub(super) fn text(text: Text) -> Self {
        match text.as_hole() {
            Some(hole) => Self::hole(hole.clone()),
            None if text.weight() > MAX_TEXT => Self::unknown(LONG_TEXT),
            None => Self::one(Atom::Text(Rc::new(text))),
        }
    }

    /// A value of which only the origin is known.
    pub(super) fn hole(hole: Hole) -> Self {
        Self::one(Atom::Hole(Rc::new(hole)))
    }

    /// A value of unknown origin.
    pub(super) fn unknown(why: &'static str) -> Self {
        Self::hole(Hole::Unknown(SmolStr::new_static(why)))
    }

    /// Whether it can be the value that [`Value::unknown`] gives for this reason.
    pub(super) fn is_unknown(&self, why: &str) -> bool {
        self.atoms().iter().any(|atom| atom.is_unknown(why))
    }

    /// An object.
    pub(super) fn object(id: ObjId) -> Self {
        Self::one(Atom::Object(id))
    }

    /// The answer of an unknown function that was given functions.
    pub(super) fn wrapped(functions: impl IntoIterator<Item = Self>) -> Atom {
        Atom::Wrapped(Rc::new(functions.into_iter().take(MAX_WRAPPED).collect()))
    }

    /// A library value.
    pub(super) fn sdk(value: SdkValue) -> Self {
        Self::one(Atom::Sdk(Rc::new(SdkAtom {
            value: Arc::new(value),
            trust: Confidence::Certain,
            bound: Vec::new(),
            bound_named: Vec::new(),
        })))
    }

    /// Calls `visit` with every object that it is or refers to, the frames of functions included; not with what is in those.
    pub(super) fn visit_objects(&self, visit: &mut impl FnMut(ObjId)) {
        for atom in self.atoms() {
            match atom {
                Atom::Object(id) | Atom::Resolver(id) => visit(*id),
                Atom::Function(closure) => visit(closure.frame),
                Atom::Super(of) => visit(of.class),
                _ => {}
            }
            atom.inner_values().for_each(|value| value.visit_objects(visit));
        }
    }

    /// The alternatives.
    pub(super) fn atoms(&self) -> &[Atom] {
        self.atoms.as_slice()
    }

    /// Whether it belongs to unreachable code.
    pub(super) fn is_none(&self) -> bool {
        self.atoms().is_empty()
    }

    /// The only alternative, if there is just one.
    pub(super) fn single(&self) -> Option<&Atom> {
        match self.atoms() {
            [atom] => Some(atom),
            _ => None,
        }
    }

    /// The string, if it is certain and fully known.
    pub(super) fn as_literal(&self) -> Option<&str> {
        match self.single()? {
            Atom::Text(text) => text.as_literal(),
            _ => None,
        }
    }

    /// The strings among the alternatives; holes count as strings of one hole, numbers as written.
    pub(super) fn texts(&self) -> Vec<Text> {
        self.atoms().iter().filter_map(atom_text).collect()
    }

    /// Adds the alternatives of another value.
    pub(super) fn join(&mut self, other: &Self) {
        if self.atoms.is_same(&other.atoms) {
            return;
        }
        if self.is_none() {
            *self = other.clone();
            return;
        }
        let mut next = 0;
        for atom in other.atoms() {
            match self.position(atom, next) {
                Some(at) => next = at + 1,
                None => self.add_new(atom.clone()),
            }
        }
    }

    /// Where an alternative is, looked for at a place first: sets that are joined or compared mostly are the same in the
    /// same order.
    fn position(&self, atom: &Atom, near: usize) -> Option<usize> {
        if self.atoms().get(near) == Some(atom) {
            return Some(near);
        }
        match atom {
            Atom::Wrapped(_) => self.atoms().iter().position(|known| known.covers(atom)),
            _ => self.atoms.position(atom),
        }
    }

    /// Adds one alternative.
    pub(super) fn add(&mut self, atom: Atom) {
        if self.position(&atom, 0).is_none() {
            self.add_new(atom);
        }
    }

    /// Adds an alternative that is not there yet.
    fn add_new(&mut self, atom: Atom) {
        if let Atom::Wrapped(functions) = &atom
            && let Some(Atom::Wrapped(known)) = self.atoms().iter().find(|known| matches!(known, Atom::Wrapped(_)))
        {
            let all = known.atoms().iter().chain(functions.atoms()).cloned().map(Self::one);
            let all = Self::wrapped(all);
            self.atoms.retain(|known| !matches!(known, Atom::Wrapped(_)));
            self.atoms.push(all);
            return;
        }
        if atom.is_plain() {
            if self.atoms().iter().filter(|atom| atom.is_plain()).count() >= MAX_PLAIN {
                self.atoms.retain(|atom| !atom.is_plain());
                self.atoms.push(Atom::Hole(Rc::new(Hole::Unknown(SmolStr::new_static(TOO_MANY)))));
                return;
            }
            if self.is_unknown(TOO_MANY) {
                return;
            }
        }
        if self.atoms().len() >= MAX_ATOMS && !atom.is_plain() {
            if !self.is_unknown(NOT_FOLLOWED) {
                self.atoms.push(Atom::Hole(Rc::new(Hole::Unknown(SmolStr::new_static(NOT_FOLLOWED)))));
            }
            return;
        }
        let is_result = |atom: &Atom| matches!(atom, Atom::Sdk(sdk) if crate::sdk::is_far_result(&sdk.value));
        if self.atoms().len() >= MAX_RESULTS && is_result(&atom) {
            self.add(Atom::Hole(Rc::new(Hole::Unknown(SmolStr::new_static(TOO_MANY)))));
        } else {
            self.atoms.push(atom);
        }
    }

    /// The union of two values.
    pub(super) fn joined(mut self, other: &Self) -> Self {
        self.join(other);
        self
    }

    /// Whether every alternative of `other` is one of this value's.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let mut next = 0;
        self.atoms.is_same(&other.atoms)
            || other.atoms().iter().all(|atom| {
                let at = self.position(atom, next);
                next = at.map_or(next, |at| at + 1);
                at.is_some()
            })
    }

    /// This value without some alternatives.
    pub(super) fn filtered(&self, keep: impl Fn(&Atom) -> bool) -> Self {
        Self { atoms: self.atoms().iter().filter(|atom| keep(atom)).cloned().collect() }
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<T: IntoIterator<Item = Value>>(values: T) -> Self {
        let mut all = Self::none();
        for value in values {
            all.join(&value);
        }
        all
    }
}

/// The string form of an atom, if it has one.
pub(super) fn atom_text(atom: &Atom) -> Option<Text> {
    match atom {
        Atom::Text(text) => Some((**text).clone()),
        Atom::Hole(hole) => Some(Text::hole((**hole).clone())),
        Atom::Number(number) => Some(Text::literal(number.clone())),
        Atom::Bool(value) => Some(Text::literal(if *value { "true" } else { "false" })),
        Atom::Sdk(sdk) => crate::sdk::as_text(&sdk.value),
        _ => None,
    }
}

/// What is called when some alternatives are known for certain and others only guessed from an annotation or a name: the
/// guesses go that name a method of a service which a certain alternative has too.
pub(super) fn without_guesses(value: Value) -> Value {
    let certain: Vec<_> = value.atoms().iter().filter_map(|atom| target(atom, true)).collect();
    if certain.is_empty() {
        return value;
    }
    let guessed: Vec<Atom> = value
        .atoms()
        .iter()
        .filter(|atom| target(atom, false).is_some_and(|target| certain.contains(&target)))
        .cloned()
        .collect();
    if guessed.is_empty() { value } else { value.filtered(|atom| !guessed.contains(atom)) }
}

/// The service and method that an atom is, if it is one and as certain as asked for.
fn target(atom: &Atom, certain: bool) -> Option<(SmolStr, SmolStr)> {
    let Atom::Sdk(sdk) = atom else { return None };
    let SdkValue::Method { receiver, name } = &*sdk.value else { return None };
    let service = match &**receiver {
        SdkValue::Client(client) => &client.service,
        SdkValue::Resource(resource) => &resource.service,
        _ => return None,
    };
    ((sdk.trust == Confidence::Certain) == certain).then(|| (service.clone(), name.clone()))
}
