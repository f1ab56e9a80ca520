//! What libraries put in where the program asks for it: results of functions and instances of classes that they are told to
//! call, the receivers of methods that they call, and attributes that the program hangs onto them.

use std::rc::Rc;

use smol_str::SmolStr;

use super::bound::Bound;
use super::call::Args;
use super::interp::Interp;
use super::reach::Reach;
use super::store::{Obj, ObjKind};
use super::value::{Atom, Closure, ObjId, Value};
use crate::ir::{ParamKind, Receiver, Role};
use crate::sdk::{Confidence, SdkValue};
use crate::span::Span;
use crate::value::Hole;

/// Under which keys the interpreter remembers what hangs on unknown values, and the classes that a library got.
const ON_UNKNOWN: &str = "(unknown)";
const LET_OUT: &str = "(let out) ";
/// The path of JavaScript's global object.
const GLOBAL_OBJECT: &str = "globals.globalThis";
/// Classes of JavaScript whose prototypes programs extend.
const BUILTINS: [&str; 6] = ["Array", "Function", "Number", "Object", "Promise", "String"];
/// How many classes are remembered.
const MAX_LET_OUT: usize = 64;
/// How much a program may put into the event or the context.
const MAX_ON_INVOCATION: usize = 64;

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

    /// Remembers what the program hangs onto a library's object: `g.table = …`, `app.config["TABLE"] = …`.
    pub(super) fn set_on_library(&mut self, value: &SdkValue, name: &SmolStr, new: &Value) {
        let Some(key) = Self::library_key(value) else { return };
        if let Some(class) = key.strip_prefix("globals.").and_then(|key| key.strip_suffix(".prototype")) {
            self.extended.insert(class.into());
        }
        let object = self.library_object(key);
        self.set_field(object, name, new.clone(), false);
    }

    /// Sets a variable that nothing declares: it is a property of JavaScript's global object, which all modules share.
    pub(super) fn set_on_global_object(&mut self, name: &SmolStr, new: Value) {
        let object = self.library_object(GLOBAL_OBJECT.to_owned());
        self.set_field(object, name, new, true);
    }

    /// What the program hung onto the global object. A library that takes the place of one of the language's own objects does the
    /// same.
    pub(super) fn of_global_object(&self, name: &str) -> Option<Value> {
        let object = *self.library_objects.get(GLOBAL_OBJECT)?;
        let value = self.store.get(object).fields.get(name)?;
        if !super::names::is_javascript_global(name) {
            return Some(value.clone());
        }
        let own = value.filtered(|atom| matches!(atom, Atom::Function(_) | Atom::Object(_)));
        let of_language = crate::sdk::import(crate::sdk::Ecosystem::Npm, &["globals".into(), name.into()]);
        (!own.is_none()).then(|| own.joined(&Value::sdk(of_language)))
    }

    /// What the program hung onto the prototype of a built-in class, seen from a value of it; from an unknown value that of all.
    pub(super) fn of_prototype(&self, atom: &Atom, name: &str) -> Option<Value> {
        // What old engines lack is made to be what it is in others.
        if self.extended.is_empty() || super::names::is_method(name) {
            return None;
        }
        let classes: &[&str] = match atom {
            Atom::Text(_) => &["String", "Object"],
            Atom::Number(_) => &["Number", "Object"],
            Atom::Function(_) => &["Function", "Object"],
            Atom::Object(id) => match self.store.get(*id).kind {
                ObjKind::List => &["Array", "Object"],
                ObjKind::Dict => &["Object"],
                ObjKind::Promise => &["Promise", "Object"],
                _ => return None,
            },
            Atom::Hole(_) | Atom::Wrapped(_) | Atom::Bound(_) => &BUILTINS,
            _ => return None,
        };
        let of_class = |class: &&str| {
            let object = *self.library_objects.get(&format!("globals.{class}.prototype"))?;
            self.store.get(object).fields.get(name).cloned()
        };
        let found: Value = classes.iter().filter(|class| self.extended.contains(**class)).filter_map(of_class).collect();
        (!found.is_none()).then_some(found)
    }

    /// What the program hung onto a library's object.
    pub(super) fn of_library(&self, value: &SdkValue, name: &str) -> Option<Value> {
        if self.library_objects.is_empty() {
            return None;
        }
        let object: ObjId = *self.library_objects.get(&Self::library_key(value)?)?;
        self.store.get(object).fields.get(name).cloned()
    }

    /// Remembers a client or an instance that is hung onto something unknown: `req.db = …`, `app.state.table = …`. Who gets the
    /// same thing from the library reads it by that name.
    pub(super) fn set_on_unknown(&mut self, name: &SmolStr, value: &Value) {
        let kept = value.filtered(|atom| match atom {
            Atom::Sdk(sdk) => crate::sdk::created_service(&sdk.value).is_some(),
            Atom::Object(id) => matches!(self.store.get(*id).kind, ObjKind::Instance(_)),
            _ => false,
        });
        if !kept.is_none() {
            let object = self.library_object(ON_UNKNOWN.to_owned());
            self.set_field(object, name, kept, false);
        }
    }

    /// Remembers what the program puts into the event or the context of an invocation, which is one object for all that get it: a
    /// middleware may prepare what the handler reads. Where it may not have been put there, or only later, the event's own part
    /// counts, too; Lambda's context has nothing but its own names.
    pub(super) fn set_on_invocation(&mut self, hole: &Hole, name: &SmolStr, value: &Value, certain: bool) {
        let Some(key) = invocation_key(hole) else { return };
        let is_own = is_of_context(name);
        let is_context = matches!(hole, Hole::Context(_));
        if is_context && is_own {
            return;
        }
        let certain = certain && self.store.open_paths() <= self.paths_before;
        let known = self.of_invocation(hole, name);
        let value = match (known, hole) {
            (None, Hole::Event(path)) if !certain => {
                value.clone().joined(&Value::hole(Hole::Event(super::member::dotted(path, name))))
            }
            _ => value.clone(),
        };
        let object = self.library_object(key);
        if self.store.get(object).fields.len() < MAX_ON_INVOCATION {
            self.set_field(object, name, value, certain);
        }
    }

    /// What the program put into the event or the context.
    pub(super) fn of_invocation(&self, hole: &Hole, name: &str) -> Option<Value> {
        if self.library_objects.is_empty() {
            return None;
        }
        let object = self.library_objects.get(&invocation_key(hole)?)?;
        self.store.get(*object).fields.get(name).cloned()
    }

    /// `Object.assign(context, { table })`.
    pub(super) fn assign_to_unknown(&mut self, target: &Value, source: &Value, span: Span) {
        for id in source.atoms().iter().filter_map(object_of) {
            let fields = self.store.share(id);
            for (name, value) in fields.fields.iter() {
                self.set_member(target, name, value.clone(), span);
            }
        }
    }

    /// An attribute of something unknown, beside what was hung onto such things under that name.
    pub(super) fn with_hung_on(&self, value: Value, name: &str) -> Value {
        let known = self.library_objects.get(ON_UNKNOWN).and_then(|object| self.store.get(*object).fields.get(name));
        match known {
            Some(known) => super::member::trusted(known.clone(), Confidence::Likely).joined(&value),
            None => value,
        }
    }

    /// Remembers classes that an unknown library gets, in lists and plain objects too: it may make instances of them and hand
    /// those out.
    pub(super) fn let_out(&mut self, library: &SdkValue, args: &Args) {
        let Some(package) = package_of(library) else { return };
        let mut found = Vec::new();
        let mut objects = Vec::new();
        for group in self.store.reach(Reach::CLASSES, args.all()) {
            objects.extend(group.holder);
            found.extend(group.atoms().filter_map(object_of).filter_map(|id| match self.store.get(id).kind {
                ObjKind::Class { .. } => Some(id),
                ObjKind::Instance(class) => Some(class),
                _ => None,
            }));
        }
        let direct = args.positional.first().filter(|_| args.positional.len() > 1);
        for object in objects {
            self.provide_from(object, direct, library);
        }
        for class in found {
            let object = self.library_object(format!("{LET_OUT}{package}"));
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
        let has = |object: &ObjId| {
            self.store.get(*object).fields.values().flat_map(Value::atoms).filter_map(object_of).any(|known| known == class)
        };
        let packages = self.library_objects.iter().filter_map(|(key, object)| Some((key.strip_prefix(LET_OUT)?, object)));
        let mut found: Vec<&str> = packages.filter(|(_, object)| has(object)).map(|(package, _)| package).collect();
        found.sort_unstable();
        found
    }

    /// Calls a method of what a library gave, which may be an instance of a class that it got: `container.get(Store).save(…)`.
    pub(super) fn call_let_out(&mut self, receiver: &Value, name: &SmolStr, args: &Args, span: Span) -> Value {
        let mut all = Value::none();
        let Some(Atom::Sdk(sdk)) = receiver.single() else { return all };
        let is_result = crate::sdk::is_result(&sdk.value);
        let Some(package) = package_of(&sdk.value).filter(|_| is_result && !crate::sdk::makes_requests(&sdk.value)) else {
            return all;
        };
        let Some(object) = self.library_objects.get(&format!("{LET_OUT}{package}")).copied() else { return all };
        let classes: Vec<ObjId> = self.store.get(object).fields.values().flat_map(Value::atoms).filter_map(object_of).collect();
        for class in classes {
            let Some(found) = self.find_in_class(class, name).filter(|found| self.takes(found, args)) else { continue };
            for method in found.atoms() {
                let bound = self.on_instance(&Value::one(method.clone()));
                let has_receiver = |atom: &Atom| matches!(atom, Atom::Function(closure) if closure.receiver.is_some());
                if bound.atoms().iter().any(has_receiver) {
                    let given = args.clone();
                    all.join(&self.perhaps(|this| this.call_value(&bound, given, span)));
                }
            }
        }
        all
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

    fn library_object(&mut self, key: String) -> ObjId {
        if let Some(object) = self.library_objects.get(&key) {
            return *object;
        }
        let object = self.store.alloc(Obj { open: true, ..Obj::new(ObjKind::Dict) });
        self.library_objects.insert(key, object);
        object
    }

    /// Objects of libraries at one path are taken for one. AWS's own take nothing.
    fn library_key(value: &SdkValue) -> Option<String> {
        match value {
            SdkValue::External { path, .. } | SdkValue::Instance { path, .. }
                if (path.first().is_some_and(|first| first == "globals") || !crate::sdk::makes_requests(value))
                    && !path.iter().any(|part| part == "env" || part == "environ") =>
            {
                crate::sdk::name_of(value)
            }
            _ => None,
        }
    }
}

/// The package that a library's value belongs to.
fn package_of(value: &SdkValue) -> Option<&str> {
    match value {
        SdkValue::External { path, .. } | SdkValue::Instance { path, .. } => path.first().map(SmolStr::as_str),
        _ => None,
    }
}

fn object_of(atom: &Atom) -> Option<ObjId> {
    match atom {
        Atom::Object(id) => Some(*id),
        _ => None,
    }
}

/// Under which key what hangs on a part of the event or the context is remembered.
fn invocation_key(hole: &Hole) -> Option<String> {
    match hole {
        Hole::Event(path) => Some(format!("(event) {path}")),
        Hole::Context(path) => Some(format!("(context) {path}")),
        _ => None,
    }
}

/// What Lambda's context has by itself, beside what is written in lower case with underscores.
/// <https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html>
/// <https://docs.aws.amazon.com/lambda/latest/dg/python-context.html>
fn is_of_context(name: &str) -> bool {
    const NAMES: [&str; 13] = [
        "awsRequestId",
        "callbackWaitsForEmptyEventLoop",
        "clientContext",
        "done",
        "fail",
        "functionName",
        "functionVersion",
        "identity",
        "invokedFunctionArn",
        "logGroupName",
        "logStreamName",
        "memoryLimitInMB",
        "succeed",
    ];
    NAMES.contains(&name) || name.contains('_')
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
