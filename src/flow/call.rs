//! Calls of the program's own functions: binding arguments, remembering results, bounding recursion.

use std::rc::Rc;

use smol_str::SmolStr;

use super::exec::End;
use super::interp::{Activation, Interp};
use super::store::{Obj, ObjKind};
use super::value::{Atom, Closure, NOT_FOLLOWED, ObjId, Value};
use super::visits::Turn;
use crate::ids::ExprId;
use crate::ir::{Argument, ArgumentKind, CallKind, Expr, Func, Param, ParamKind, Pattern, Receiver};
use crate::note::NoteKind;
use crate::sdk::CallArgs;
use crate::span::Span;

/// Evaluated arguments.
#[derive(Debug, Clone, Default)]
pub(super) struct Args {
    pub(super) positional: Vec<Value>,
    /// Further positional arguments of unknown number.
    pub(super) rest: Value,
    pub(super) named: Vec<(SmolStr, Value)>,
    /// Whether something unknown was spread into the named ones.
    pub(super) open: bool,
    pub(super) construct: bool,
    /// Whether the receiver was made for this call, as the list in `arn.split(":").pop()`, so that nothing else changes it.
    pub(super) on_temporary: bool,
}

impl Args {
    pub(super) fn positional(values: Vec<Value>) -> Self {
        Self { positional: values, ..Self::default() }
    }

    /// Unknown arguments, for functions that something unknown calls.
    pub(super) fn unknown() -> Self {
        Self { rest: Value::unknown(UNKNOWN_ARGUMENT), open: true, ..Self::default() }
    }

    pub(super) fn get(&self, index: usize) -> Value {
        self.positional.get(index).cloned().unwrap_or_else(|| self.rest.clone())
    }

    pub(super) fn named(&self, name: &str) -> Option<&Value> {
        self.named.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// An argument by position or name.
    pub(super) fn either(&self, index: usize, name: &str) -> Value {
        self.named(name).cloned().unwrap_or_else(|| self.get(index))
    }

    /// Puts arguments that were bound before in front of the call's own; of names the call's own count.
    pub(super) fn bind(&mut self, positional: &[Value], named: &[(SmolStr, Value)]) {
        self.positional.splice(0..0, positional.iter().cloned());
        for (name, value) in named {
            if self.named(name).is_none() {
                self.named.push((name.clone(), value.clone()));
            }
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Value> {
        self.positional.iter().chain(std::iter::once(&self.rest)).chain(self.named.iter().map(|(_, value)| value))
    }
}

/// What an argument is called that something unknown passes.
pub(super) const UNKNOWN_ARGUMENT: &str = "an argument from code that was not analyzed";
/// The name of JavaScript's list of all arguments.
pub(super) const ARGUMENTS: &str = "arguments";
/// How often one function may be on the stack.
const MAX_RECURSION: usize = 2;
/// The same where all that it gets is written in the code, such as the names that a container of services looks up.
const MAX_LITERAL_RECURSION: usize = 6;

/// Whether a call passes texts that are known to the letter, and nothing else.
fn has_only_literals(args: &Args) -> bool {
    args.rest.is_none() && !args.open && !args.positional.is_empty() && args.all().all(|value| value.as_literal().is_some())
}

impl Interp<'_> {
    pub(super) fn call_expr(&mut self, id: ExprId, callee: ExprId, args: &[Argument], kind: CallKind) -> Value {
        let span = self.span_of(id);
        if let Some(child) = self.child(callee, args) {
            return child;
        }
        let before = self.store.len() as u32;
        let (callee_value, receiver, method) = self.callee(callee);
        let on_temporary = matches!(receiver.single(), Some(Atom::Object(id)) if id.0 >= before);
        let mut callee_value = super::value::without_guesses(callee_value);
        let mut evaluated = self.args(args);
        evaluated.construct = kind == CallKind::New;
        evaluated.on_temporary = on_temporary;
        self.note_candidate(callee, (&receiver, method.as_ref()), &callee_value, &evaluated, span);
        if self.is_null(&callee_value) == Some(true) {
            self.call_of_nothing(callee, &evaluated, span);
        }
        let mut result = Value::none();
        let several = callee_value.atoms().iter().filter(|atom| matches!(atom, Atom::Sdk(_))).count() > 1;
        // All of them get the same arguments.
        let shared = several.then(|| self.export_args(&evaluated));
        if let Some(exported) = &shared {
            callee_value = only_fitting(callee_value, exported);
        }
        // Of what is a method, the arguments are asked for once more below.
        let given = if method.is_none() { std::mem::take(&mut evaluated) } else { evaluated.clone() };
        result.join(&self.call_one(&callee_value, &receiver, given, span, shared.as_ref()));
        if let Some(name) = &method {
            self.made_a_function(&receiver, name);
            self.asked(&receiver);
            self.changed_by_call(callee, &receiver, name);
            let of_instances = self.call_let_out(&receiver, name, &evaluated, span);
            result.join(&of_instances);
            let of_client = self.call_of_told(&receiver, name, &evaluated, span);
            result.join(&of_client);
            let of_base = self.made_by_base(&receiver, name, &callee_value, &evaluated);
            result.join(&of_base);
        }
        if result.is_none() { Value::null() } else { result }
    }

    /// Code does not call what is not there: something that puts it there is beyond the analysis.
    fn call_of_nothing(&mut self, callee: ExprId, args: &Args, span: Span) {
        let name = match &self.body().exprs[callee] {
            Expr::Member { name, .. } | Expr::Name(name) => name.clone(),
            _ => return,
        };
        // A method of every text, list or date is none that the program was to find.
        if !self.setting_up && !super::names::is_of_language(&name) {
            let what = format!("what `{name}` is was not found; calls it makes are not covered");
            self.note(NoteKind::UnresolvedCall, span, what);
        }
        self.call_unknown(args, span);
    }

    /// Evaluates what is called, and the object it is a member of.
    fn callee(&mut self, callee: ExprId) -> (Value, Value, Option<SmolStr>) {
        match &self.body().exprs[callee] {
            Expr::Member { object, name } => {
                let span = self.span_of(callee);
                let receiver = self.eval(*object);
                let value = self.member(&receiver, name, span);
                (value, receiver, Some(name.clone()))
            }
            Expr::Index { object, index } => {
                let span = self.span_of(callee);
                let receiver = self.eval(*object);
                let index = self.eval(*index);
                (self.index(&receiver, &index, span), receiver, None)
            }
            _ => (self.eval(callee), Value::none(), None),
        }
    }

    pub(super) fn args(&mut self, args: &[Argument]) -> Args {
        let mut evaluated = Args::default();
        for argument in args {
            let span = self.span_of(argument.value);
            let value = self.eval(argument.value);
            match &argument.kind {
                ArgumentKind::Positional if evaluated.rest.is_none() => evaluated.positional.push(value),
                ArgumentKind::Positional => evaluated.rest.join(&value),
                ArgumentKind::Named(name) => evaluated.named.push((name.clone(), value)),
                ArgumentKind::SpreadList => self.spread_list(&mut evaluated, &value, span),
                ArgumentKind::SpreadMap => self.spread_map(&mut evaluated, &value),
            }
        }
        evaluated
    }

    fn spread_list(&mut self, args: &mut Args, value: &Value, span: Span) {
        let rounds = self.rounds_of(value, span);
        if args.rest.is_none() {
            args.positional.extend(rounds.items);
        } else {
            rounds.items.iter().for_each(|item| args.rest.join(item));
        }
        args.rest.join(&rounds.rest);
    }

    fn spread_map(&mut self, args: &mut Args, value: &Value) {
        let several = value.atoms().len() > 1;
        let before = args.named.len();
        for atom in value.atoms() {
            match atom {
                Atom::Object(id) => {
                    let object = self.store.share(*id);
                    for (name, value) in object.fields.iter() {
                        match args.named.iter_mut().find(|(known, _)| several && known == name) {
                            Some((_, known)) => known.join(value),
                            None => args.named.push((name.clone(), value.clone())),
                        }
                    }
                    args.open |= object.open || !object.rest.is_none();
                }
                Atom::Null(_) => {}
                _ => args.open = true,
            }
        }
        if !several {
            return;
        }
        // A name that only some of the dictionaries have may be absent.
        for (name, given) in &mut args.named[before..] {
            let lacks = |atom: &Atom| match atom {
                Atom::Object(id) => !self.store.get(*id).fields.contains_key(name),
                other => matches!(other, Atom::Null(_)),
            };
            if value.atoms().iter().any(lacks) {
                given.join(&Value::null());
            }
        }
    }

    /// Calls a value from within the analysis.
    pub(super) fn call_value(&mut self, callee: &Value, args: Args, span: Span) -> Value {
        self.call_one(callee, &Value::none(), args, span, None)
    }

    /// Calls the one of several values that is there. Of several functions each is called from the same state: what one of them
    /// changes is nothing to the others.
    fn call_one(&mut self, callees: &Value, receiver: &Value, mut args: Args, span: Span, shared: Option<&CallArgs>) -> Value {
        let mut result = Value::none();
        let are_several = callees.atoms().iter().filter(|atom| matches!(atom, Atom::Function(_))).count() > 1;
        let last = callees.atoms().len().saturating_sub(1);
        let mut ends = Vec::new();
        for (index, atom) in callees.atoms().iter().enumerate() {
            let given = if index == last { std::mem::take(&mut args) } else { args.clone() };
            if are_several {
                self.store.begin();
            }
            result.join(&self.call_atom(atom, receiver, given, span, shared));
            if are_several {
                ends.push(self.store.take());
            }
        }
        if are_several {
            self.store.merge(ends, false);
        }
        result
    }

    fn call_atom(&mut self, atom: &Atom, receiver: &Value, args: Args, span: Span, shared: Option<&CallArgs>) -> Value {
        if !self.may_nest() || !self.tick() {
            return Value::unknown("calls nested too deeply");
        }
        match atom {
            Atom::Function(closure) => self.call_function(closure, receiver, args, span),
            Atom::Object(id) => self.call_object(*id, args, span),
            Atom::Sdk(sdk) => self.call_sdk(sdk, args, span, shared),
            Atom::Bound(bound) => {
                if let Some(receiver) = bound.receiver() {
                    self.note_not_followed(receiver, span);
                }
                self.call_bound(bound, args, span)
            }
            Atom::Super(of) => {
                // `super(…)` in a constructor.
                let init = self.member(&Value::one(Atom::Super(of.clone())), &"__init__".into(), span);
                let known = init.filtered(|atom| matches!(atom, Atom::Function(_) | Atom::Sdk(_)));
                if known.is_none() && !self.construct_base(of.class, &of.receiver, &args, span) {
                    self.call_unknown(&args, span);
                }
                self.call_value(&known, args, span);
                of.receiver.clone()
            }
            Atom::Resolver(promise) => {
                let value = args.get(0);
                let value = self.awaited(&value);
                self.store.put_into(*promise, &value).rest.join(&value);
                Value::null()
            }
            Atom::Wrapped(functions) => {
                // What it is called with may reach them, and whatever else: `request(url, callback).end()`.
                let mut passed = args.clone();
                if passed.rest.is_none() {
                    passed.rest = Value::unknown("an argument from a library");
                }
                let mut given = Value::one(atom.clone());
                for function in functions.atoms() {
                    let result = self.perhaps(|this| this.call_value(&Value::one(function.clone()), passed.clone(), span));
                    given.join(&self.kept_by_others(&result));
                    // `wrap(log => async event => …)(event)`: what is wrapped may only make the function that is called.
                    for inner in result.atoms().iter().filter(|atom| matches!(atom, Atom::Function(_))).take(4) {
                        self.perhaps(|this| this.call_value(&Value::one(inner.clone()), passed.clone(), span));
                    }
                }
                self.call_unknown(&args, span);
                given
            }
            Atom::Hole(hole) => {
                self.note_not_followed(&Value::one(atom.clone()), span);
                let result = self.call_unknown(&args, span);
                match (&**hole, result.single()) {
                    (crate::value::Hole::Event(_), Some(Atom::Hole(_))) => Value::one(atom.clone()),
                    _ => result,
                }
            }
            Atom::Null(_) | Atom::Bool(_) | Atom::Number(_) | Atom::Text(_) | Atom::Package(_) => Value::none(),
        }
    }

    /// Says that what is called here has more alternatives than a value holds.
    fn note_not_followed(&mut self, called: &Value, span: Span) {
        if called.is_unknown(NOT_FOLLOWED) {
            let message =
                "more functions and objects can be called here than are followed; calls that the others make are not covered";
            self.note(NoteKind::UnresolvedCall, span, message);
        }
    }

    fn call_object(&mut self, id: ObjId, args: Args, span: Span) -> Value {
        match self.store.get(id).kind.clone() {
            ObjKind::Class { .. } => self.construct(id, args, span),
            ObjKind::Instance(_) => {
                let callable = self.member(&Value::object(id), &"__call__".into(), span);
                let known = callable.filtered(|atom| matches!(atom, Atom::Function(_) | Atom::Sdk(_)));
                if known.is_none() { self.call_unknown(&args, span) } else { self.call_value(&known, args, span) }
            }
            _ => {
                // A module object whose default export is called through interop helpers.
                let default = self.member(&Value::object(id), &"default".into(), span);
                let known = default.filtered(|atom| matches!(atom, Atom::Function(_) | Atom::Sdk(_)));
                if known.is_none() { self.call_unknown(&args, span) } else { self.call_value(&known, args, span) }
            }
        }
    }

    fn call_function(&mut self, closure: &Rc<Closure>, receiver: &Value, mut args: Args, span: Span) -> Value {
        let func = self.func(closure.module, closure.func);
        if args.construct && func.receiver == Receiver::This && func.owner.is_none() {
            return self.construct_function(closure, args, span);
        }
        let receiver = closure.receiver.clone().or_else(|| {
            let is_object = |atom: &Atom| matches!(atom, Atom::Object(_));
            (func.receiver == Receiver::This && receiver.atoms().iter().any(is_object)).then(|| receiver.clone())
        });
        args.bind(&closure.bound, &closure.bound_named);
        self.invoke(closure, receiver, args, span)
    }

    /// `new F(…)` of an ordinary function.
    fn construct_function(&mut self, closure: &Rc<Closure>, mut args: Args, span: Span) -> Value {
        args.construct = false;
        let prototype = self.prototype((closure.module, closure.func, closure.frame));
        let instance = Value::object(self.store.alloc(Obj::new(ObjKind::Instance(prototype))));
        let result = self.invoke(closure, Some(instance.clone()), args, span);
        let objects = result.filtered(|atom| matches!(atom, Atom::Object(_)));
        if objects.is_none() { instance } else { objects }
    }

    /// Evaluates a call of a program's function, or reuses what an equal call gave.
    pub(super) fn invoke(&mut self, closure: &Rc<Closure>, receiver: Option<Value>, args: Args, span: Span) -> Value {
        let (module, id) = (closure.module, closure.func);
        if self.budget.is_too_shallow() {
            return Value::unknown("the result of a call that was not followed");
        }
        let on_stack = self.stack.iter().filter(|frame| frame.module == module && frame.func == id).count();
        let most = if has_only_literals(&args) { MAX_LITERAL_RECURSION } else { MAX_RECURSION };
        if on_stack > most {
            self.throw_again((module, id));
            return self.visits.get(&(module, id)).map(|visits| visits.last.clone()).unwrap_or_default();
        }
        let key = self.memo_key(closure, receiver.as_ref(), &args);
        if let Some(value) = key.and_then(|key| self.remembered(key)) {
            self.throw_again((module, id));
            return value;
        }
        let func = self.func(module, id);
        let first = self.store.len() as u32;
        let arguments = self.arguments_object(closure, &args);
        let values = self.bind_args(func, receiver.as_ref(), args);
        let group = self.group(closure, receiver.as_ref(), &values);
        let values = match self.turn(closure, receiver.as_ref(), group, values) {
            Turn::Evaluate(values) => values,
            Turn::Known(value) => {
                self.throw_again((module, id));
                return value;
            }
        };
        let before = (self.store.epoch(), self.store.remakes(), self.record.services.len());
        let watched = self.store.watch();
        let value = self.throwing((module, id), |this| this.run(closure, receiver, arguments, values, span));
        let changes = self.store.changed_before(first, watched);
        let after = (self.store.epoch(), self.store.remakes(), self.record.services.len());
        if let Some(key) = key.filter(|_| !changes && before == after) {
            self.remember(key, &value, first);
        }
        self.visits.entry((module, id)).or_default().returned(group, &value);
        value
    }

    /// JavaScript's `arguments`, in modules that use it.
    fn arguments_object(&mut self, closure: &Closure, args: &Args) -> Option<Value> {
        let has_own = self.func(closure.module, closure.func).receiver == Receiver::This;
        if !has_own || !self.modules[closure.module].uses_arguments {
            return None;
        }
        Some(self.list(args.positional.clone(), args.rest.clone()))
    }

    /// Evaluates the body of a function; `values` holds one value per parameter.
    pub(super) fn run(
        &mut self,
        closure: &Rc<Closure>,
        receiver: Option<Value>,
        arguments: Option<Value>,
        values: Vec<Value>,
        span: Span,
    ) -> Value {
        let func = self.func(closure.module, closure.func);
        let site = (!self.stack.is_empty()).then(|| self.location(span));
        let in_loop = self.store.sites.in_loop();
        if in_loop {
            self.store.sites.enter((span.start, closure.module, closure.func));
        }
        let outer = self.store.enter();
        let frame = self.new_frame(Some(closure.frame), closure.module, closure.func);
        let yields = func.is_generator.then(|| self.store.alloc(Obj::new(ObjKind::List)));
        self.stack.push(Activation {
            module: closure.module,
            func: closure.func,
            frame,
            site,
            returns: Value::none(),
            early: Vec::new(),
            paths: self.store.open_paths(),
            loops: Vec::new(),
            yields,
            class: closure.class,
            class_body: None,
            receiver: receiver.clone(),
        });
        if func.receiver == Receiver::This {
            let this = receiver.unwrap_or_else(|| Value::unknown("`this` of a call that was not analyzed"));
            self.store.get_mut(frame).fields.insert("this".into(), this);
        }
        if let Some(arguments) = arguments {
            self.store.get_mut(frame).fields.insert(ARGUMENTS.into(), arguments);
        }
        let depth = self.budget.enter_call();
        self.bind_params(func, values);
        let end = self.block(&func.body.entry);
        self.budget.leave_call(depth);
        let activation = self.stack.pop().expect("pushed above");
        // When the body does not fall through, the state it leaves in is the current one already.
        self.store.absorb(activation.early);
        self.store.leave(outer);
        if in_loop {
            self.store.sites.leave();
        }
        if let Some(list) = activation.yields {
            return Value::object(list);
        }
        let mut value = activation.returns;
        if end == End::Falls || value.is_none() {
            value.join(&Value::null());
        }
        value
    }

    /// One value per parameter.
    fn bind_args(&mut self, func: &Func, receiver: Option<&Value>, mut args: Args) -> Vec<Value> {
        if let Some(receiver) = receiver
            && func.receiver != Receiver::This
        {
            args.positional.insert(0, receiver.clone());
        }
        let mut next = 0;
        let mut used = Vec::new();
        let mut values = Vec::with_capacity(func.params.len());
        for param in &func.params {
            let value = match param.kind {
                ParamKind::RestList => {
                    let rest = self.rest_list(&args, next);
                    next = args.positional.len();
                    rest
                }
                ParamKind::RestMap => self.rest_map(&args, &used),
                ParamKind::Normal | ParamKind::Named => self.one_arg(param, &args, &mut next, &mut used),
            };
            values.push(value);
        }
        values
    }

    fn one_arg(&mut self, param: &Param, args: &Args, next: &mut usize, used: &mut Vec<SmolStr>) -> Value {
        if param.kind == ParamKind::Normal && *next < args.positional.len() {
            *next += 1;
            return args.positional[*next - 1].clone();
        }
        if let Pattern::Name(name) = &param.pattern
            && let Some(value) = args.named(name)
        {
            used.push(name.clone());
            return value.clone();
        }
        let mut value = args.rest.clone();
        if args.open {
            value.join(&Value::unknown(UNKNOWN_ARGUMENT));
        }
        value
    }

    fn rest_list(&mut self, args: &Args, from: usize) -> Value {
        let mut list = Obj::new(ObjKind::List);
        list.items = args.positional.get(from..).unwrap_or_default().to_vec();
        list.rest = args.rest.clone();
        Value::object(self.store.alloc(list))
    }

    fn rest_map(&mut self, args: &Args, used: &[SmolStr]) -> Value {
        let mut map = Obj::new(ObjKind::Dict);
        for (name, value) in args.named.iter().filter(|(name, _)| !used.contains(name)) {
            map.fields.insert(name.clone(), value.clone());
        }
        map.open = args.open;
        Value::object(self.store.alloc(map))
    }

    /// Assigns arguments to parameters; an absent one takes its default. An empty value is an absent argument.
    fn bind_params(&mut self, func: &Func, values: Vec<Value>) {
        for (param, value) in func.params.iter().zip(values) {
            let undefined = value.is_none() || value.is_unknown(UNKNOWN_ARGUMENT);
            let mut value = match param.default {
                Some(default) if undefined => value.joined(&self.eval(default)),
                // Python would refuse the call: something else passes it, such as a decorator.
                _ if value.is_none() && self.in_python() => Value::unknown("an argument that is not passed here"),
                _ if value.is_none() => Value::null(),
                _ => value,
            };
            if let Some(annotation) = param.annotation {
                value = self.with_annotation(value, annotation);
            }
            if let Pattern::Name(name) = &param.pattern
                && value.is_unknown(UNKNOWN_ARGUMENT)
                && let Some(client) = self.client_by_name(name)
            {
                value = client;
            }
            self.bind(&param.pattern, value);
        }
    }
}

/// Where some of several clients have the operation that is called, with these arguments, the receiver is one of those.
fn only_fitting(callees: Value, args: &CallArgs) -> Value {
    let takes = |atom: &Atom| if let Atom::Sdk(sdk) = atom { crate::sdk::takes(&sdk.value, args) } else { None };
    if !callees.atoms().iter().any(|atom| takes(atom) == Some(true)) {
        return callees;
    }
    callees.filtered(|atom| takes(atom) != Some(false))
}
