//! Functions that get into unknown hands: they count as called, now and once more when everything is set up.

use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::call::Args;
use super::interp::Interp;
use super::member::trusted;
use super::reach::Reach;
use super::store::ObjKind;
use super::value::{Atom, Closure, ObjId, Value};
use crate::sdk::{CallArgs, Confidence, Returned};
use crate::span::Span;

/// How many functions that a handed over one returns are followed.
const MAX_RESULTS: usize = 8;
/// How often a function that is handed over with the same arguments is called right there; it is called in the end anyway.
const MAX_HANDED_OVER: u32 = 8;

/// How many functions are called once more in the end.
const MAX_DEFERRED: usize = 512;

/// Functions that something unknown holds and may call later.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    /// With the arguments they get.
    functions: IndexMap<(Value, Vec<Value>), HandedOver, FxBuildHasher>,
    settled: FxHashMap<(Value, Vec<Value>), Settled>,
}

/// How often a function was handed over, and whether it is only supposed each time that it is called at all.
#[derive(Debug, Clone, Copy)]
struct HandedOver {
    times: u32,
    supposed: bool,
}

/// A call from outside that changed nothing which modules lead to, of a function that knows nothing else: in the same state it does
/// the same again.
#[derive(Debug)]
struct Settled {
    state: State,
    result: Value,
}

/// The state of everything that modules lead to (see [`Store::epoch`](super::store::Store::epoch)), whether the handler is ready,
/// whether the program is being set up, and whether what is called is only supposed to be.
type State = (u64, bool, bool, bool);

impl Interp<'_> {
    /// Calls something unknown: functions among the arguments count as called, classes as constructed.
    pub(super) fn call_unknown(&mut self, args: &Args, span: Span) -> Value {
        let functions = self.functions_in(args.all());
        let mut made = Value::none();
        if args.positional.len() == 1 {
            let before = self.setting_up;
            self.setting_up |= !self.ready;
            for class in self.classes_among(args) {
                let token = Value::object(class);
                let instance = self.perhaps(|this| {
                    if this.is_provided(&token) {
                        this.provided_for(&token, span).unwrap_or_default()
                    } else {
                        let args = this.args_from_library(class, span);
                        this.construct(class, args, span)
                    }
                });
                made.join(&instance);
            }
            self.setting_up = before;
        }
        self.commands_handed_over(args, span);
        self.hand_over(&functions, Vec::new(), span);
        if functions.is_empty() {
            return made.joined(&Value::unknown("the result of a call that was not analyzed"));
        }
        made.joined(&Value::one(Value::wrapped(functions)))
    }

    /// The clients and instances that functions make which something unknown got, once that is awaited: what
    /// `await retry(() => connect())` gives is what the function gives, as a rule. A function by itself is nothing to wait for, but
    /// stands for what came of it (`call_back_from`).
    pub(super) fn made_by_wrapped(&mut self, value: &Value, span: Span) -> Value {
        let functions = |atom: &Atom| match atom {
            Atom::Wrapped(functions) => functions.atoms().to_vec(),
            Atom::Function(_) => vec![atom.clone()],
            _ => Vec::new(),
        };
        let functions: Vec<Value> = value.atoms().iter().flat_map(functions).map(Value::one).collect();
        let mut all = Value::none();
        for function in functions {
            let result = self.perhaps(|this| this.call_value(&function, Args::unknown(), span));
            let result = self.awaited(&result);
            all.join(&self.kept_by_others(&result));
        }
        all
    }

    /// A command that something unknown gets is sent by it: `retry.send(new GetItemCommand(…))`, `this.client.send(command)` on a
    /// client that is injected.
    pub(super) fn commands_handed_over(&mut self, args: &Args, span: Span) {
        for atom in args.all().flat_map(Value::atoms).cloned().collect::<Vec<_>>() {
            if let Atom::Sdk(sdk) = atom
                && let Some(draft) = crate::sdk::sent_by_another(&sdk.value)
            {
                self.request(draft, span, Confidence::Likely);
            }
        }
    }

    /// What a parameter is that nothing in the program passes but whose name says so: `s3_client`, `dynamodb_resource`.
    pub(super) fn client_by_name(&mut self, name: &str) -> Option<Value> {
        let maker = name.trim_start_matches('_');
        let (stem, maker) = maker
            .strip_suffix("_client")
            .map(|stem| (stem, "client"))
            .or_else(|| maker.strip_suffix("_resource").map(|stem| (stem, "resource")))?;
        let service = crate::sdk::service_by_nickname(stem)?;
        let args = CallArgs { positional: vec![crate::value::Arg::text(service)], ..CallArgs::default() };
        self.made_by_boto3(maker, &args, Confidence::Possible)
    }

    /// What a method of something unknown gives that only sessions have: `role.client("codepipeline", region_name=region)`. The
    /// service is named, and so the method's object is a session.
    pub(super) fn made_by_session(&mut self, method: &str, args: &Args) -> Option<Value> {
        let maker = match method {
            "client" | "create_client" => "client",
            "resource" => "resource",
            _ => return None,
        };
        crate::sdk::service_named(args.either(0, "service_name").as_literal()?)?;
        let args = self.export_args(args);
        self.made_by_boto3(maker, &args, Confidence::Likely)
    }

    /// What a method of something unknown may give whose name says that it makes clients, and which is told the name of a service.
    pub(super) fn made_by_name(&mut self, method: &str, args: &Args) -> Option<Value> {
        crate::sdk::makes_clients(method).then_some(())?;
        let ecosystem = if self.in_python() { crate::sdk::Ecosystem::Python } else { crate::sdk::Ecosystem::Npm };
        crate::sdk::made_by(ecosystem, method, &self.export_args(args)).map(Value::sdk)
    }

    /// The same of a method that an object has from a class of a library: `self.get_boto3_client("iam")`.
    pub(super) fn made_by_base(&mut self, receiver: &Value, method: &str, callee: &Value, args: &Args) -> Value {
        let is_open = |atom: &Atom| matches!(atom, Atom::Hole(hole) if matches!(**hole, crate::value::Hole::Unknown(_)));
        let has_base = |atom: &Atom| match atom {
            Atom::Object(id) => match self.store.get(*id).kind {
                ObjKind::Instance(class) => !self.library_bases(class).is_empty(),
                _ => false,
            },
            _ => false,
        };
        let may_make = crate::sdk::makes_clients(method) && callee.atoms().iter().any(is_open);
        if !may_make || !receiver.atoms().iter().any(has_base) {
            return Value::none();
        }
        let of_session = if self.in_python() { self.made_by_session(method, args) } else { None };
        of_session.or_else(|| self.made_by_name(method, args)).unwrap_or_default()
    }

    fn made_by_boto3(&mut self, maker: &str, args: &CallArgs, trust: Confidence) -> Option<Value> {
        let callee = crate::sdk::import(crate::sdk::Ecosystem::Python, &["boto3".into(), maker.into()]);
        let Returned::Value(made) = crate::sdk::call(&callee, args).value else { return None };
        if trust > Confidence::Possible
            && let crate::value::Arg::Sdk(client) = &made
            && let Some(service) = crate::sdk::created_service(client)
        {
            self.record.services.insert(service.into());
        }
        let value = self.import_arg(&made);
        Some(trusted(value, trust))
    }

    /// Functions among values, in lists and plain objects too; nearer ones first, and every object looked at once.
    pub(super) fn functions_in<'v>(&'v self, values: impl Iterator<Item = &'v Value>) -> Vec<Value> {
        let mut found: IndexSet<Value, FxBuildHasher> = IndexSet::default();
        for atom in self.store.reach(Reach::FUNCTIONS, values).atoms() {
            match atom {
                Atom::Sdk(sdk)
                    if !matches!(*sdk.value, crate::sdk::SdkValue::Method { .. }) && !self.wrappers.has(&sdk.value) => {}
                Atom::Function(_) if self.providers.is_factory(atom) => {}
                Atom::Function(_) | Atom::Sdk(_) => drop(found.insert(Value::one(atom.clone()))),
                Atom::Bound(bound) if bound.is_called() => drop(found.insert(Value::one(atom.clone()))),
                Atom::Object(id) => {
                    if let ObjKind::Instance(class) = self.store.get(*id).kind {
                        found.extend(self.as_function(*id, class));
                    }
                }
                Atom::Wrapped(functions) => found.extend(functions.atoms().iter().cloned().map(Value::one)),
                _ => {}
            }
        }
        found.into_iter().collect()
    }

    /// What an object does when it is called like a function.
    fn as_function(&self, object: ObjId, class: ObjId) -> Option<Value> {
        let method = self.find_in_class(class, "__call__")?;
        match method.single()? {
            Atom::Function(closure) => {
                let bound = Closure { receiver: Some(Value::object(object)), ..(**closure).clone() };
                Some(Value::one(Atom::Function(Rc::new(bound))))
            }
            _ => None,
        }
    }

    /// Functions that something else calls, now or later.
    pub(super) fn hand_over(&mut self, functions: &[Value], args: Vec<Value>, span: Span) {
        for function in functions {
            if self.is_apart(function) {
                continue;
            }
            let handed = self.remember_handed_over(function, args.clone());
            handed.times += 1;
            if handed.times <= MAX_HANDED_OVER {
                let function = self.on_instance(function);
                // What code at the top of a module hands over is called when a request comes.
                let before = self.setting_up;
                self.setting_up |= !self.ready;
                let result = self.called_by_library(function, args.clone(), span);
                self.setting_up = before;
                self.hand_over_results(&result, span);
            }
        }
    }

    /// A function that something else calls once the program is set up.
    pub(super) fn hand_over_later(&mut self, function: &Value) {
        if !self.is_apart(function) {
            self.remember_handed_over(function, Vec::new());
        }
    }

    /// Remembers that a function is called in the end.
    fn remember_handed_over(&mut self, function: &Value, args: Vec<Value>) -> &mut HandedOver {
        let supposed = self.hooks.supposed;
        let fresh = HandedOver { times: 0, supposed };
        let handed = self.deferred.functions.entry((function.clone(), args)).or_insert(fresh);
        handed.supposed &= supposed;
        handed
    }

    /// Calls a function as a library or Lambda does it. Whether they do may be open; what happens in it then does not depend on
    /// that.
    pub(super) fn call_from_outside(&mut self, function: &Value, args: Args, span: Span) -> Value {
        let before = std::mem::replace(&mut self.paths_before, self.store.open_paths());
        let result = self.call_value(function, args, span);
        self.paths_before = before;
        result
    }

    /// A function that gives functions to whoever calls it: `wrap(log => async event => …)` calls that one, too, and
    /// `serve(() => ({ onCreate }))` those in the object.
    pub(super) fn hand_over_results(&mut self, result: &Value, span: Span) {
        self.instances_given(result);
        let is_function = |value: &Value| matches!(value.single(), Some(Atom::Function(_)));
        let functions = self.functions_in(std::iter::once(result)).into_iter().filter(is_function);
        let functions: Vec<Value> = functions.take(MAX_RESULTS).collect();
        if !functions.is_empty() && self.may_nest() {
            self.hand_over(&functions, Vec::new(), span);
        }
    }

    fn is_apart(&self, function: &Value) -> bool {
        let is_apart =
            |atom: &Atom| matches!(atom, Atom::Function(closure) if self.apart.contains(&(closure.module, closure.func)));
        !self.apart.is_empty() && function.single().is_some_and(is_apart)
    }

    /// Calls once more what was handed over before, now that everything is set up.
    pub(super) fn run_deferred(&mut self) {
        self.setting_up = !self.ready;
        self.settle_providers();
        let mut done = 0;
        while let Some(((function, args), handed)) = self.deferred.functions.get_index(done).filter(|_| done < MAX_DEFERRED) {
            let (function, args) = (function.clone(), args.clone());
            done += 1;
            let before = std::mem::replace(&mut self.hooks.supposed, handed.supposed);
            self.run_handed_over(&function, args);
            self.hooks.supposed = before;
        }
        self.setting_up = false;
        if self.ready {
            self.call_listeners();
            self.provide_eagerly();
        }
        self.run_hooks();
        if self.ready {
            self.run_decorated();
            self.run_taken();
        }
        self.run_late();
    }

    fn run_handed_over(&mut self, function: &Value, args: Vec<Value>) {
        // What a method of a library does was seen where it was handed over.
        if matches!(function.single(), Some(Atom::Sdk(_))) {
            return;
        }
        let span = Span::default();
        let function = self.on_instance(function);
        let result = self.called_by_library(function, args, span);
        self.hand_over_results(&result, span);
    }

    /// What a library calls is one of several entries: none of them spends what the others need.
    fn called_by_library(&mut self, function: Value, args: Vec<Value>, span: Span) -> Value {
        let call = (function, args);
        let state = self.state();
        if let Some(settled) = self.deferred.settled.get(&call).filter(|settled| settled.state == state) {
            let result = settled.result.clone();
            for closure in closures(&call.0) {
                self.throw_again((closure.module, closure.func));
            }
            return result;
        }
        let before = (self.store.remakes(), self.record.services.len());
        let (function, args) = (&call.0, from_library(call.1.clone()));
        let result = self.with_share(|this| this.perhaps(|this| this.call_from_outside(function, args, span)));
        let after = (self.store.remakes(), self.record.services.len());
        if state == self.state() && before == after && self.is_settled(&call.0, &call.1) {
            self.deferred.settled.insert(call, Settled { state, result: result.clone() });
        }
        result
    }

    fn state(&self) -> State {
        (self.store.epoch(), self.ready, self.setting_up, self.hooks.supposed)
    }

    /// Whether what a call does depends on nothing but what modules lead to, and all of it was evaluated.
    fn is_settled(&self, function: &Value, args: &[Value]) -> bool {
        let is_whole = !self.record.exhausted && !self.record.cut_off && !self.budget.is_bounded();
        is_whole
            && !closures(function).any(|closure| self.is_running((closure.module, closure.func)))
            && std::iter::once(function).chain(args).all(|value| self.store.is_rooted_whole(value))
    }

    /// The functions that something unknown holds.
    pub(super) fn all_handed_over(&self) -> impl Iterator<Item = &Rc<Closure>> {
        self.deferred.functions.keys().flat_map(|(function, _)| closures(function))
    }
}

/// The functions of the program among some alternatives.
fn closures(value: &Value) -> impl Iterator<Item = &Rc<Closure>> {
    value.atoms().iter().filter_map(|atom| match atom {
        Atom::Function(closure) => Some(closure),
        _ => None,
    })
}

/// What a library passes: what is known of it, and whatever else.
pub(super) fn from_library(args: Vec<Value>) -> Args {
    if args.is_empty() {
        return Args::unknown();
    }
    Args { positional: args, rest: Value::unknown("an argument from a library"), ..Args::default() }
}
