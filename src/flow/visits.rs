//! How often a function is evaluated: anew for each set of arguments at first, then with the arguments of all further calls
//! joined, so that the work stays proportional to the program. Nothing is dropped by that: what calls past the last
//! evaluation bring is evaluated in the end, once for each set of variables that the function closes over.

use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::interp::Interp;
use super::value::{Atom, Closure, ObjId, Value};
use crate::ids::{FuncId, ModuleId};
use crate::ir::Receiver;
use crate::span::Span;
use crate::value::Hole;

/// Evaluations of one function with arguments of their own.
const MAX_VISITS: u32 = 48;
/// The same in a program that describes infrastructure, whose calls make things of their own.
const MAX_CONSTRUCTED: u32 = 600;
/// The same for calls that a function makes of itself, directly or through others: functions that call each other would
/// otherwise go through every order in which they can.
const MAX_NESTED: u32 = 6;
/// Evaluations with joined arguments right where the call is, after that.
const MAX_WIDENED: u32 = 12;
/// The same for each frame where there are several.
const MAX_WIDENED_EACH: u32 = 3;
/// How often a function is evaluated in the end, with arguments that each time are more than before.
const MAX_LATE: u32 = 4;
/// How many groups of calls are joined apart from each other.
const MAX_APART: usize = 40;
/// The same where services are named.
const MAX_SERVICES: usize = 400;
/// The same where texts are passed.
const MAX_TOLD: usize = 200;

/// What calls have in common that are joined: what wraps one function has nothing to do with what wraps another, nor a method of
/// one object with that of another, nor a client of one service with that of another, nor one variable of the environment with
/// another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Group {
    /// The frame that the function closes over or, where that is a module's, the object that it is a method of.
    of: ObjId,
    /// The service that the first argument names which names any.
    service: Option<&'static str>,
    /// Stands for the arguments that are texts or variables of the environment.
    told: Option<u64>,
}

/// What a group tells calls apart by.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Place,
    Service,
    Told,
}

impl Group {
    fn kind(self) -> Kind {
        match (self.told, self.service) {
            (Some(_), _) => Kind::Told,
            (None, Some(_)) => Kind::Service,
            (None, None) => Kind::Place,
        }
    }
}

/// How often a function was evaluated in one analysis, and what came of it.
#[derive(Default)]
pub(super) struct Visits {
    count: u32,
    /// How often it is evaluated with arguments of their own.
    most: u32,
    /// Calls that it made of itself.
    nested: u32,
    widened: FxHashMap<Option<Group>, Widened>,
    /// How many groups are joined apart, by their kind.
    apart: [usize; 3],
    /// Everything it returned.
    pub(super) last: Value,
    /// Everything it threw.
    pub(super) thrown: Value,
}

/// The joined calls of a function, of one group or of all those that are too many.
#[derive(Default)]
struct Widened {
    count: u32,
    values: Option<Vec<Value>>,
    /// Everything they returned.
    last: Value,
}

impl Visits {
    /// The group that a call is joined with: its own while there is room for that, then one that tells less.
    fn joined_with(&self, group: Group) -> Option<Group> {
        [group, Group { told: None, ..group }].into_iter().find(|group| {
            let most = match group.kind() {
                Kind::Place => MAX_APART,
                Kind::Service => MAX_SERVICES,
                Kind::Told => MAX_TOLD,
            };
            self.apart[group.kind() as usize] < most || self.widened.contains_key(&Some(*group))
        })
    }

    /// The joined calls of a group.
    fn widened(&mut self, group: Group) -> &mut Widened {
        let group = self.joined_with(group);
        if let Some(group) = group.filter(|_| !self.widened.contains_key(&group)) {
            self.apart[group.kind() as usize] += 1;
        }
        self.widened.entry(group).or_default()
    }

    /// Remembers what a call returned.
    pub(super) fn returned(&mut self, group: Group, value: &Value) {
        self.last.join(value);
        if self.count > self.most || self.nested > MAX_NESTED {
            self.widened(group).last.join(value);
        }
    }
}

/// What to do about a call.
pub(super) enum Turn {
    /// Evaluate the function with these arguments.
    Evaluate(Vec<Value>),
    /// Go on with what it returned before.
    Known(Value),
}

/// A function with calls that are evaluated in the end.
pub(super) struct Late {
    closure: Rc<Closure>,
    receiver: Option<Value>,
    group: Group,
    /// The arguments of its last evaluation.
    done: Option<Vec<Value>>,
    times: u32,
}

/// What is evaluated in the end, by function, the group whose calls are joined, and where these are too many, the frame that the
/// function closes over.
pub(super) type LateCalls = IndexMap<(ModuleId, FuncId, Result<Group, ObjId>), Late, FxBuildHasher>;

impl Interp<'_> {
    /// The group of a call with these arguments, one per parameter.
    pub(super) fn group(&self, closure: &Closure, receiver: Option<&Value>, values: &[Value]) -> Group {
        let of = match receiver.and_then(Value::single) {
            Some(Atom::Object(object)) if self.is_module_frame(closure.frame) => *object,
            _ => closure.frame,
        };
        let service = values.iter().find_map(|value| crate::sdk::service_named(value.as_literal()?));
        // What calls itself may make ever new texts.
        let told = if self.is_running((closure.module, closure.func)) { None } else { told(values) };
        Group { of, service, told }
    }

    /// Whether a call of this function is being evaluated.
    pub(super) fn is_running(&self, function: (ModuleId, FuncId)) -> bool {
        self.stack.iter().any(|activation| (activation.module, activation.func) == function)
    }

    /// Decides how a call with these arguments, one per parameter, is evaluated.
    pub(super) fn turn(&mut self, closure: &Rc<Closure>, receiver: Option<&Value>, group: Group, values: Vec<Value>) -> Turn {
        let key = (closure.module, closure.func);
        let most = if self.infrastructure.is_some() { MAX_CONSTRUCTED } else { MAX_VISITS };
        // What is written in the code, such as the names that a container of services looks up, leads somewhere each time.
        let is_passed = receiver.is_some() && self.func(key.0, key.1).receiver != Receiver::This;
        let passed = &values[usize::from(is_passed).min(values.len())..];
        let is_literal = !passed.is_empty() && passed.iter().all(|value| value.as_literal().is_some());
        let is_nested = !is_literal && self.is_running(key);
        let visits = self.visits.entry(key).or_default();
        visits.most = most;
        visits.count += 1;
        visits.nested += u32::from(is_nested);
        if visits.count <= most && !(is_nested && visits.nested > MAX_NESTED && self.infrastructure.is_none()) {
            return Turn::Evaluate(values);
        }
        let each = match visits.widened.len() {
            _ if is_nested => 1,
            0 | 1 => MAX_WIDENED,
            _ => MAX_WIDENED_EACH,
        };
        let widened = visits.widened(group);
        widened.count += 1;
        let joined = widened.values.get_or_insert_with(|| values.clone());
        for (known, new) in joined.iter_mut().zip(&values) {
            known.join(new);
        }
        if widened.count <= each {
            return Turn::Evaluate(joined.clone());
        }
        let known = Turn::Known(widened.last.clone());
        // Beyond the groups that are joined apart, calls of one function differ in their receivers only.
        let joined_with = visits.joined_with(group).ok_or(closure.frame);
        let fresh = || Late { closure: Rc::clone(closure), receiver: receiver.cloned(), group, done: None, times: 0 };
        let late = self.late.entry((key.0, key.1, joined_with)).or_insert_with(fresh);
        if let (Some(joined), Some(receiver)) = (&mut late.receiver, receiver) {
            joined.join(receiver);
        }
        known
    }

    /// Lets what was put off be evaluated as often as before.
    pub(super) fn allow_late(&mut self) {
        self.late.values_mut().for_each(|late| late.times = 0);
    }

    /// Evaluates what was put off, until no call brings arguments that were not there before.
    pub(super) fn run_late(&mut self) {
        let mut again = true;
        while again {
            again = false;
            let mut next = 0;
            while let Some((&(module, func, joined_with), late)) = self.late.get_index_mut(next) {
                next += 1;
                let group = late.group;
                let visits = self.visits.entry((module, func)).or_default();
                let widened = visits.widened(group).values.clone().unwrap_or_default();
                if late.times >= MAX_LATE || late.done.as_ref() == Some(&widened) {
                    continue;
                }
                late.times += 1;
                late.done = Some(widened.clone());
                let (closure, receiver) = (Rc::clone(&late.closure), late.receiver.clone());
                again = true;
                // What it made the time before it makes again.
                self.store.sites.enter_round(crate::value::hash_of(&(module, func, joined_with)));
                let result = self.perhaps(|this| this.run(&closure, receiver, None, widened, Span::default()));
                self.store.sites.leave();
                self.visits.entry((module, func)).or_default().returned(group, &result);
            }
        }
    }
}

/// Stands for the texts among some arguments, and for the variables of the environment.
fn told(values: &[Value]) -> Option<u64> {
    let is_told = |value: &Value| match value.single() {
        Some(Atom::Text(_)) => true,
        Some(Atom::Hole(hole)) => matches!(**hole, Hole::Env { .. }),
        _ => false,
    };
    let texts: Vec<Option<&Value>> = values.iter().map(|value| Some(value).filter(|value| is_told(value))).collect();
    texts.iter().any(Option::is_some).then(|| crate::value::hash_of(&texts))
}
