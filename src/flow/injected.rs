//! What libraries put in where the program asks for it: results of functions and instances of classes that they are told to
//! call, and the receivers of methods that they call.

use std::rc::Rc;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use smol_str::SmolStr;

use super::bound::Bound;
use super::call::Args;
use super::hung::Holder;
use super::interp::Interp;
use super::reach::Reach;
use super::store::ObjKind;
use super::value::{Atom, Closure, ObjId, Value};
use crate::ir::{ParamKind, Receiver, Role};
use crate::sdk::SdkValue;
use crate::span::Span;

/// How many classes are remembered.
const MAX_LET_OUT: usize = 64;

impl Interp<'_> {
    /// What a library gets when it calls a function or class of the program for the sake of another: `Depends(get_table)`.
    pub(super) fn result_of(&mut self, callee: &Value, span: Span) -> Value {
        let callee = callee.filtered(|atom| !matches!(atom, Atom::Null(_)));
        if callee.is_none() {
            return Value::unknown("what a library puts in");
        }
        let mut all = Value::none();
        for atom in callee.atoms() {
            let result = self.call_value(&Value::one(atom.clone()), Args::unknown(), span);
            let result = self.awaited(&result);
            // One that yields gives what it yields, and goes on afterwards.
            let yields = matches!(atom, Atom::Function(closure) if self.func(closure.module, closure.func).is_generator);
            all.join(&if yields { self.item_of(&result, span) } else { result });
        }
        all
    }

    /// A function that gives what calling the first argument with the others gives: `providers.Factory(Store, table=table)`.
    pub(super) fn provider(&mut self, args: &Args, span: Span) -> Value {
        Bound::Gives(self.applied(args, span)).into()
    }

    /// What calling the first argument with the others gives: `Retrying()(send, url)`.
    pub(super) fn applied(&mut self, args: &Args, span: Span) -> Value {
        let given = Args {
            positional: args.positional.iter().skip(1).map(provided).collect(),
            named: args.named.iter().map(|(name, value)| (name.clone(), provided(value))).collect(),
            rest: args.rest.clone(),
            open: args.open,
            ..Args::default()
        };
        self.call_value(&provided(&args.get(0)), given, span)
    }

    /// A method that something unknown calls is called on an instance of its class.
    pub(super) fn on_instance(&mut self, function: &Value) -> Value {
        let Some(Atom::Function(closure)) = function.single() else { return function.clone() };
        let func = self.func(closure.module, closure.func);
        let Some(class) = closure.class.filter(|_| closure.receiver.is_none() && func.role == Role::Plain) else {
            return function.clone();
        };
        if func.receiver == Receiver::Lexical || !matches!(self.store.get(class).kind, ObjKind::Class { .. }) {
            return function.clone();
        }
        let instance = self.perhaps(|this| this.instance_for_annotation(class));
        let instance = instance.filtered(|atom| matches!(atom, Atom::Object(_)));
        if instance.is_none() {
            return function.clone();
        }
        Value::one(Atom::Function(Rc::new(Closure { receiver: Some(instance), ..(**closure).clone() })))
    }

    /// Remembers classes that an unknown library gets, in lists and plain objects too: it may make instances of them and hand
    /// those out.
    pub(super) fn let_out(&mut self, library: &SdkValue, args: &Args) {
        let Some(package) = package_of(library) else { return };
        let mut found = Vec::new();
        let mut classes = Vec::new();
        let mut objects = Vec::new();
        for group in self.store.reach(Reach::CLASSES, args.all()) {
            objects.extend(group.holder);
            found.extend(group.atoms().filter_map(object_of).filter_map(|id| match self.store.get(id).kind {
                ObjKind::Class { .. } => {
                    classes.push(id);
                    Some(id)
                }
                ObjKind::Instance(class) => Some(class),
                _ => None,
            }));
        }
        let direct = args.positional.first().filter(|_| args.positional.len() > 1);
        for object in objects {
            self.provide_from(object, direct, library);
        }
        self.taken_by(library, &classes);
        for class in found {
            let object = self.object_hung_on(Holder::Package(package.into()));
            let name = smol_str::format_smolstr!("{}", class.0);
            if matches!(self.store.get(class).kind, ObjKind::Class { .. })
                && self.store.get(object).fields.len() < MAX_LET_OUT
                && !self.store.get(object).fields.contains_key(&name)
            {
                self.set_field(object, &name, Value::object(class), true);
            }
        }
    }

    /// The packages that got a class, itself or an instance of it.
    pub(super) fn hands_of(&self, class: ObjId) -> Vec<&str> {
        let has = |object: ObjId| {
            self.store.get(object).fields.values().flat_map(Value::atoms).filter_map(object_of).any(|known| known == class)
        };
        let packages = self.hung.packages().filter(|(_, object)| has(*object));
        let mut found: Vec<&str> = packages.map(|(package, _)| package.as_str()).collect();
        found.sort_unstable();
        found
    }

    /// Calls a method of what a library gave, which may be an instance of a class that it got: `container.get(Store).save(…)`.
    pub(super) fn call_let_out(&mut self, receiver: &Value, name: &SmolStr, args: &Args, span: Span) -> Value {
        let mut all = Value::none();
        // What is known is what is meant.
        if receiver.atoms().iter().any(|atom| object_of(atom).is_some()) {
            return all;
        }
        let classes: IndexSet<ObjId, FxBuildHasher> =
            receiver.atoms().iter().flat_map(|atom| self.classes_let_out_by(atom)).collect();
        for class in classes {
            let Some(found) = self.find_in_class(class, name).filter(|found| self.takes(found, args)) else { continue };
            for method in found.atoms() {
                let bound = self.on_instance(&Value::one(method.clone()));
                let has_receiver = |atom: &Atom| matches!(atom, Atom::Function(closure) if closure.receiver.is_some());
                if bound.atoms().iter().any(has_receiver) {
                    receiver.atoms().iter().filter_map(package_of_atom).for_each(|package| self.hooks.is_asked(package));
                    let given = args.clone();
                    all.join(&self.perhaps(|this| this.call_value(&bound, given, span)));
                }
            }
        }
        all
    }

    /// The classes that the library got which gave something.
    fn classes_let_out_by(&self, atom: &Atom) -> Vec<ObjId> {
        let Atom::Sdk(sdk) = atom else { return Vec::new() };
        if !crate::sdk::is_result(&sdk.value) || crate::sdk::makes_requests(&sdk.value) {
            return Vec::new();
        }
        let object = package_of(&sdk.value).and_then(|package| self.hung.on(&Holder::Package(package.into())));
        let held = object.into_iter().flat_map(|object| self.store.get(object).fields.values()).flat_map(Value::atoms);
        held.filter_map(object_of).collect()
    }

    /// What a method of what a library gave hands to the functions that it gets, where that may be an instance of a class that the
    /// library got: `ok(store).map((store) => store.save(…))`. Functions of more arguments get something else, and so do those that
    /// applications and servers are given: what holds a value is made by a function that says how.
    pub(super) fn handed_by(&self, method: &SdkValue, args: &Args) -> Option<Value> {
        let SdkValue::External { ecosystem, path } = method else { return None };
        let (_, of) = path.split_last()?;
        let [_, .., made_by, last] = of else { return None };
        let is_box = last == crate::sdk::RESULT && made_by.starts_with(char::is_lowercase);
        if !is_box || of[..of.len() - 1].iter().any(|part| part == crate::sdk::RESULT) {
            return None;
        }
        let of = Value::sdk(SdkValue::External { ecosystem: *ecosystem, path: of.to_vec() });
        let takes_one =
            |atom: &Atom| matches!(atom, Atom::Function(closure) if self.func(closure.module, closure.func).params.len() <= 1);
        let are_functions = args.all().flat_map(Value::atoms).all(takes_one);
        let gives = are_functions
            && !args.positional.is_empty()
            && of.atoms().iter().any(|atom| !self.classes_let_out_by(atom).is_empty());
        gives.then(|| of.joined(&Value::unknown("a library's value")))
    }

    /// Whether a method can be called with as many arguments.
    fn takes(&self, method: &Value, args: &Args) -> bool {
        method.atoms().iter().all(|atom| {
            let Atom::Function(closure) = atom else { return false };
            let func = self.func(closure.module, closure.func);
            let own = usize::from(func.receiver == Receiver::FirstParam);
            let plain = func.params.iter().skip(own).filter(|param| matches!(param.kind, ParamKind::Normal | ParamKind::Named));
            let required = plain.clone().filter(|param| param.default.is_none()).count();
            let rest = func.params.len() > own + plain.clone().count();
            let given = args.positional.len() + args.named.len();
            // JavaScript's parameters may all be left out.
            (rest || given <= plain.count()) && (given >= required || !self.in_python() || !args.rest.is_none() || args.open)
        })
    }
}

fn package_of_atom(atom: &Atom) -> Option<&str> {
    match atom {
        Atom::Sdk(sdk) => package_of(&sdk.value),
        _ => None,
    }
}

/// The package that a library's value belongs to.
fn package_of(value: &SdkValue) -> Option<&str> {
    match value {
        SdkValue::External { path, .. } | SdkValue::Instance { path, .. } => path.first().map(SmolStr::as_str),
        _ => None,
    }
}

/// The object that something is.
pub(super) fn object_of(atom: &Atom) -> Option<ObjId> {
    match atom {
        Atom::Object(id) => Some(*id),
        _ => None,
    }
}

/// What providers among some alternatives provide.
pub(super) fn provided(value: &Value) -> Value {
    let mut all = Value::none();
    for atom in value.atoms() {
        match atom {
            Atom::Bound(bound) => match &**bound {
                Bound::Gives(given) => all.join(given),
                _ => all.add(atom.clone()),
            },
            other => all.add(other.clone()),
        }
    }
    all
}
