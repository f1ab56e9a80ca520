//! What the program hangs onto what is not its own: objects of libraries, the language's own ones, the event and the context.
//! Whoever gets the same thing finds it there.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::call::Args;
use super::injected::object_of;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, ObjId, Value};
use crate::sdk::{Confidence, SdkValue};
use crate::span::Span;
use crate::value::Hole;

/// Classes of JavaScript whose prototypes programs extend.
const BUILTINS: [&str; 6] = ["Array", "Function", "Number", "Object", "Promise", "String"];
/// How much a program may put into the event or the context.
const MAX_ON_INVOCATION: usize = 64;

/// What something hangs on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    /// Objects of libraries at this path, which are taken for one.
    Library(String),
    /// JavaScript's global object.
    Global,
    /// The prototype of this built-in class of JavaScript's.
    Prototype(SmolStr),
    /// Anything that is not known.
    Unknown,
    /// This part of the event.
    Event(SmolStr),
    /// This part of the context.
    Context(SmolStr),
    /// The package that got classes of the program.
    Package(SmolStr),
}

impl Holder {
    /// An object of a library. AWS's own take nothing.
    fn of_library(value: &SdkValue) -> Option<Self> {
        let (SdkValue::External { path, .. } | SdkValue::Instance { path, .. }) = value else { return None };
        let is_of_language = path.first().is_some_and(|first| first == "globals");
        if (!is_of_language && crate::sdk::is_of_sdk(value)) || path.iter().any(|part| part == "env" || part == "environ") {
            return None;
        }
        let name = crate::sdk::name_of(value)?;
        Some(match name.strip_prefix("globals.") {
            Some("globalThis") => Self::Global,
            Some(of_language) => match of_language.strip_suffix(".prototype") {
                Some(class) => Self::Prototype(class.into()),
                None => Self::Library(name),
            },
            None => Self::Library(name),
        })
    }

    /// A part of the event or the context.
    fn of_invocation(hole: &Hole) -> Option<Self> {
        match hole {
            Hole::Event(path) => Some(Self::Event(path.clone())),
            Hole::Context(path) => Some(Self::Context(path.clone())),
            _ => None,
        }
    }
}

/// What hangs on each holder: an object of the store, so that it belongs to the paths on which it was hung there.
#[derive(Debug, Default)]
pub(super) struct Hung {
    objects: FxHashMap<Holder, ObjId>,
    /// Whether something hangs on a prototype.
    has_prototypes: bool,
}

impl Hung {
    /// The object for what hangs on a holder, if anything ever did.
    pub(super) fn on(&self, holder: &Holder) -> Option<ObjId> {
        self.objects.get(holder).copied()
    }

    /// The packages that got classes of the program, with the objects that hold these, in no order.
    pub(super) fn packages(&self) -> impl Iterator<Item = (&SmolStr, ObjId)> {
        self.objects.iter().filter_map(|(holder, object)| match holder {
            Holder::Package(package) => Some((package, *object)),
            _ => None,
        })
    }

    fn insert(&mut self, holder: Holder, object: ObjId) {
        self.has_prototypes |= matches!(holder, Holder::Prototype(_));
        self.objects.insert(holder, object);
    }
}

impl Interp<'_> {
    /// Remembers what the program hangs onto a library's object: `g.table = …`, `app.config["TABLE"] = …`.
    pub(super) fn set_on_library(&mut self, value: &SdkValue, name: &SmolStr, new: &Value) {
        let Some(holder) = Holder::of_library(value) else { return };
        // What described libraries give is data, except for what they keep.
        let is_described = matches!(holder, Holder::Library(_)) && crate::sdk::makes_requests(value);
        if !is_described || self.hung.on(&holder).is_some() {
            let object = self.object_hung_on(holder);
            self.set_field(object, name, new.clone(), false);
        }
    }

    /// Sets a variable that nothing declares: it is a property of JavaScript's global object, which all modules share.
    pub(super) fn set_on_global_object(&mut self, name: &SmolStr, new: Value) {
        let object = self.object_hung_on(Holder::Global);
        self.set_field(object, name, new, true);
    }

    /// What the program hung onto the global object. A library that takes the place of one of the language's own objects does the
    /// same.
    pub(super) fn of_global_object(&self, name: &str) -> Option<Value> {
        let value = self.hung_on(&Holder::Global, name)?;
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
        if !self.hung.has_prototypes || super::names::is_method(name) {
            return None;
        }
        let classes: &[&'static str] = match atom {
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
        let of_class = |class: &&'static str| self.hung_on(&Holder::Prototype(SmolStr::new_static(class)), name).cloned();
        let found: Value = classes.iter().filter_map(of_class).collect();
        (!found.is_none()).then_some(found)
    }

    /// What the program hung onto a library's object.
    pub(super) fn of_library(&self, value: &SdkValue, name: &str) -> Option<Value> {
        if self.hung.objects.is_empty() {
            return None;
        }
        self.hung_on(&Holder::of_library(value)?, name).cloned()
    }

    /// Remembers what a library keeps of its arguments: `app.append_context(table=…)`.
    pub(super) fn keep_on_library(&mut self, method: &SdkValue, args: &Args) {
        if args.named.is_empty() {
            return;
        }
        let Some(holder) = crate::sdk::keeps(method).as_ref().and_then(Holder::of_library) else { return };
        let object = self.object_hung_on(holder);
        for (name, value) in &args.named {
            self.set_field(object, name, value.clone(), false);
        }
    }

    /// What `get("name")` gives of what the program hung onto a library's object.
    pub(super) fn get_from_library(&self, method: &SdkValue, args: &Args) -> Option<Value> {
        let SdkValue::External { ecosystem, path } = method else { return None };
        let (_, of) = path.split_last().filter(|(name, _)| *name == "get")?;
        self.of_library(&SdkValue::External { ecosystem: *ecosystem, path: of.to_vec() }, args.get(0).as_literal()?)
    }

    /// Remembers what a library gets under a name: `app.decorate("s3", s3)`, `app.set("s3", s3)`.
    pub(super) fn told_library(&mut self, method: &SdkValue, args: &Args) {
        let (SdkValue::External { ecosystem, path }, [name, value]) = (method, args.positional.as_slice()) else { return };
        let (Some(name), Some((_, of))) = (name.as_literal().map(SmolStr::from), path.split_last()) else { return };
        let value = self.kept_by_others(value);
        if !value.is_none() && !of.is_empty() {
            self.set_on_library(&SdkValue::External { ecosystem: *ecosystem, path: of.to_vec() }, &name, &value);
            self.set_on_unknown(&name, &value);
        }
    }

    /// Clients and instances, which are what a program hangs somewhere to find it again.
    pub(super) fn kept_by_others(&self, value: &Value) -> Value {
        value.filtered(|atom| match atom {
            Atom::Sdk(sdk) => crate::sdk::created_service(&sdk.value).is_some(),
            Atom::Object(id) => matches!(self.store.get(*id).kind, ObjKind::Instance(_)),
            _ => false,
        })
    }

    /// Remembers a client or an instance that is hung onto something unknown: `req.db = …`, `app.state.table = …`. Who gets the
    /// same thing from the library reads it by that name.
    pub(super) fn set_on_unknown(&mut self, name: &SmolStr, value: &Value) {
        let kept = self.kept_by_others(value);
        if !kept.is_none() {
            let object = self.object_hung_on(Holder::Unknown);
            self.set_field(object, name, kept, false);
        }
    }

    /// Remembers what the program puts into the event or the context of an invocation, which is one object for all that get it: a
    /// middleware may prepare what the handler reads. Where it may not have been put there, or only later, the event's own part
    /// counts, too; Lambda's context has nothing but its own names.
    pub(super) fn set_on_invocation(&mut self, hole: &Hole, name: &SmolStr, value: &Value, certain: bool) {
        let Some(holder) = Holder::of_invocation(hole) else { return };
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
        let object = self.object_hung_on(holder);
        if self.store.get(object).fields.len() < MAX_ON_INVOCATION {
            self.set_field(object, name, value, certain);
        }
    }

    /// What the program put into the event or the context.
    pub(super) fn of_invocation(&self, hole: &Hole, name: &str) -> Option<Value> {
        if self.hung.objects.is_empty() {
            return None;
        }
        self.hung_on(&Holder::of_invocation(hole)?, name).cloned()
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
        match self.hung_on(&Holder::Unknown, name) {
            Some(known) => super::member::trusted(known.clone(), Confidence::Likely).joined(&value),
            None => value,
        }
    }

    /// What hangs on something under a name.
    fn hung_on(&self, holder: &Holder, name: &str) -> Option<&Value> {
        self.store.get(self.hung.on(holder)?).fields.get(name)
    }

    /// The object for what hangs on a holder.
    pub(super) fn object_hung_on(&mut self, holder: Holder) -> ObjId {
        if let Some(object) = self.hung.on(&holder) {
            return object;
        }
        let object = self.store.alloc_shared(Obj { open: true, ..Obj::new(ObjKind::Dict) });
        self.hung.insert(holder, object);
        object
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
