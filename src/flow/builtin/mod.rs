//! What the languages themselves bring along: global names, standard libraries, methods of strings and collections.
//!
//! Only what moves values around is here. Everything else is a library like any other.

mod callers;
mod container;
mod format;
mod generator;
mod itertools;
mod javascript;
mod loading;
mod metadata;
mod paths;
mod python;
pub(super) mod regex;
mod slice;
mod spec;
mod text;

pub(super) use paths::is_own_path;
pub(super) use slice::Bounds;
use smol_str::SmolStr;
pub(super) use text::part_of_hole;

use super::bound::Bound;
use super::call::Args;
use super::interp::Interp;
use super::value::{Atom, Nothing, Value};
use crate::sdk::{Ecosystem, SdkValue};
use crate::span::Span;
use crate::value::{Hole, Text};

/// The methods that the end of a `with` calls.
const EXITS: [&str; 2] = ["__exit__", "__aexit__"];
/// The methods that the end of a block calls on what it declares with `using`.
const DISPOSAL: [&str; 2] = ["[Symbol.dispose]", "[Symbol.asyncDispose]"];

impl Interp<'_> {
    /// A name that the program does not declare.
    pub(in crate::flow) fn language_name(&mut self, name: &SmolStr, span: Span) -> Value {
        let linked = &self.program.modules[self.current().module];
        let ecosystem = linked.ecosystem();
        match (name.as_str(), ecosystem) {
            ("undefined", Ecosystem::Npm) => return Value::null(),
            ("this", Ecosystem::Npm) => return Value::unknown("`this` outside a function"),
            ("__name__", Ecosystem::Python) => {
                return Value::literal(if self.as_main { SmolStr::new_static("__main__") } else { linked.name.clone() });
            }
            ("__file__", Ecosystem::Python) | ("__filename", Ecosystem::Npm) => return self.own_path(false),
            ("__dirname", Ecosystem::Npm) => return self.own_path(true),
            _ => {}
        }
        // `${Orders}` in a template literal of code that stands in a template.
        if let Some(hole) = self.options.filled.get(format!("${{{name}}}").as_str()) {
            return Value::hole(hole.clone());
        }
        if let Some(value) = self.name_of_star_imports(name, span).or_else(|| self.of_global_object(name)) {
            return value;
        }
        let name = if name == "global" { &SmolStr::new_static("globalThis") } else { name };
        let root = if ecosystem == Ecosystem::Python { "builtins" } else { "globals" };
        self.library(ecosystem, &[SmolStr::new_static(root), name.clone()])
    }

    /// Whether the running code is Python's, for the few methods whose name means something else elsewhere.
    pub(in crate::flow) fn in_python(&self) -> bool {
        self.program.modules[self.current().module].ecosystem() == Ecosystem::Python
    }

    /// A name that `from library import *` brings, where the language has none of its own.
    fn name_of_star_imports(&mut self, name: &SmolStr, span: Span) -> Option<Value> {
        if super::names::is_python_builtin(name) {
            return None;
        }
        let frame = self.modules[self.current().module].frame;
        let libraries = self.store.get(frame).fields.get("*").cloned().filter(|value| !value.is_none())?;
        Some(self.member(&libraries, name, span))
    }

    /// An attribute of a library's value that the languages give a meaning to.
    pub(in crate::flow) fn library_value(&mut self, value: &SdkValue, name: &str) -> Option<Value> {
        let (ecosystem, path) = Self::library_path(value)?;
        match (ecosystem, path.as_str()) {
            (Ecosystem::Npm, "globals.process.env" | "process.env") => Some(self.environment(name, None)),
            (Ecosystem::Npm, "globals.globalThis") => {
                let own = self.of_global_object(name);
                Some(own.unwrap_or_else(|| self.library(Ecosystem::Npm, &["globals".into(), name.into()])))
            }
            // As methods with such names are called: `[Symbol.iterator]`.
            (Ecosystem::Npm, "globals.Symbol") if matches!(name, "iterator" | "asyncIterator" | "dispose" | "asyncDispose") => {
                Some(Value::literal(format!("[Symbol.{name}]")))
            }
            (Ecosystem::Npm, "globals.import.meta") if matches!(name, "url" | "filename" | "dirname") => {
                Some(self.own_path(name == "dirname"))
            }
            (Ecosystem::Python, "os" | "os.path") | (Ecosystem::Npm, "path") => match name {
                "pardir" => Some(Value::literal("..")),
                "curdir" => Some(Value::literal(".")),
                "sep" => Some(Value::literal("/")),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a comparison asks, as `require.main === module` does, if the file is the one that was started.
    pub(in crate::flow) fn is_main_check(&self, main: &Atom, module: &Atom) -> bool {
        let Atom::Sdk(main) = main else { return false };
        let is_main = Self::library_path(&main.value).is_some_and(|(_, path)| path == "globals.require.main");
        let own = self.store.get(self.modules[self.current().module].frame).fields.get("module");
        is_main && own.and_then(Value::single) == Some(module)
    }

    /// Whether a value is a package of the AWS SDK for JavaScript, whose members are services and commands.
    pub(in crate::flow) fn is_sdk_module(value: &SdkValue) -> bool {
        let Some((Ecosystem::Npm, path)) = Self::library_path(value) else { return false };
        crate::sdk::packages::has_services(&path)
    }

    /// Whether a value is the environment of the process.
    pub(in crate::flow) fn is_environment(&self, atom: &Atom) -> bool {
        matches!(atom, Atom::Sdk(sdk) if Self::is_environment_path(&sdk.value))
    }

    fn is_environment_path(value: &SdkValue) -> bool {
        let Some((ecosystem, path)) = Self::library_path(value) else { return false };
        matches!(
            (ecosystem, path.as_str()),
            (Ecosystem::Npm, "globals.process.env" | "process.env") | (Ecosystem::Python, "os.environ")
        )
    }

    /// An entry of a library's value that the languages give a meaning to.
    pub(in crate::flow) fn library_entry(&mut self, value: &SdkValue, key: &Value) -> Option<Value> {
        if let Some((Ecosystem::Python, path)) = Self::library_path(value)
            && path == "sys.modules"
        {
            let module = self.current().module;
            let own = &self.program.modules[module].name;
            let is_own = |name: &str| name == "__main__" || name == own.as_str();
            return Some(match key.as_literal() {
                Some(name) if is_own(name) => self.namespace(module),
                _ => self.dynamic_import(key, Span::default()),
            });
        }
        if !Self::is_environment_path(value) {
            return None;
        }
        let value = self.environment_of(key, None);
        if self.thrown.missing_keys {
            self.ask_if_set(&value);
        }
        Some(value)
    }

    /// The environment variable of a computed name.
    pub(in crate::flow) fn environment_of(&mut self, key: &Value, default: Option<&Value>) -> Value {
        let mut all = Value::none();
        for text in self.plain(key).texts() {
            let value = match text.as_literal() {
                Some(name) => self.environment(name, default),
                None => Value::unknown("an environment variable with a computed name"),
            };
            all.join(&value);
        }
        if all.is_none() { Value::unknown("an environment variable") } else { all }
    }

    /// The value of an environment variable: what is known of it, else a hole that remembers its name.
    pub(in crate::flow) fn environment(&mut self, name: &str, default: Option<&Value>) -> Value {
        self.asked.ask(name);
        if let Some(texts) = self.options.environment.get(name).filter(|texts| !texts.is_empty()) {
            texts.iter().filter_map(Text::as_literal).for_each(|value| self.asked.give(name, value));
            return texts.iter().cloned().map(Value::text).collect();
        }
        match name {
            // <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
            "AWS_REGION" | "AWS_DEFAULT_REGION" => return Value::hole(Hole::Region),
            // What a program of the CDK is given. <https://docs.aws.amazon.com/cdk/v2/guide/environments.html>
            "CDK_DEFAULT_REGION" if self.infrastructure.is_some() => return Value::hole(Hole::Region),
            "CDK_DEFAULT_ACCOUNT" if self.infrastructure.is_some() => return Value::hole(Hole::Account),
            "AWS_LAMBDA_FUNCTION_NAME" => return Value::hole(Hole::Context("function_name".into())),
            _ => {}
        }
        // Without a default it may still be set by hand after the deployment, so nothing hangs on its absence.
        if let Some(default) = self.default_of_unset(name, default) {
            return default.clone();
        }
        let hole = Value::hole(Hole::Env { name: name.into(), default: None });
        match default {
            Some(default) if self.is_null(default) != Some(true) => self.or_default(&hole, default),
            _ => hole,
        }
    }

    /// Calls of functions that the languages define. `None` for everything else.
    pub(in crate::flow) fn language_call(&mut self, callee: &SdkValue, args: &Args, span: Span) -> Option<Value> {
        let (ecosystem, path) = Self::library_path(callee)?;
        if let Some(value) = self.path_call(&path, args) {
            return Some(value);
        }
        self.run_program(ecosystem, &path, args, span);
        match ecosystem {
            Ecosystem::Python => self.python_call(&path, args, span),
            Ecosystem::Npm => self.javascript_call(&path, args, span),
        }
    }

    /// Methods that were read from a string, collection, function or unknown value.
    pub(in crate::flow) fn call_method(&mut self, receiver: &Value, name: &SmolStr, args: Args, span: Span) -> Value {
        if let Some(value) = self.call_on_provider(receiver, name, &args) {
            return value;
        }
        let mut all = Value::none();
        for atom in receiver.atoms() {
            let value = self.method_of(atom, name, &args, span);
            all.join(&value);
        }
        if all.is_none() { Value::null() } else { all }
    }

    fn method_of(&mut self, atom: &Atom, name: &str, args: &Args, span: Span) -> Value {
        if let Some(value) = self.promise_method(atom, name, args, span).or_else(|| self.path_method(atom, name, args)) {
            return value;
        }
        if matches!(name, "replace" | "replaceAll") && !self.in_python() {
            self.call_replacer(args, span);
        }
        match atom {
            Atom::Super(of) if matches!(name, "__new__" | "__init__" | "__call__") => {
                self.call_type(&of.receiver.clone(), name, args, span)
            }
            Atom::Function(_) | Atom::Sdk(_) if matches!(name, "bind" | "call" | "apply" | "promise") => {
                self.function_method(atom, name, args, span)
            }
            Atom::Object(_) if name == "__new__" => self.new_object(args),
            Atom::Object(id) => match self.model_method(*id, name, args, span) {
                Some(value) => value,
                None => self.container_method(*id, name, args, span),
            },
            Atom::Bound(bound) if matches!(**bound, Bound::Regex { .. }) => self.method_of_regex(atom, name, args, span),
            Atom::Text(_) | Atom::Number(_) | Atom::Bool(_) => self.text_method(atom, name, args, span),
            Atom::Hole(hole) => self.hole_method(hole, atom, name, args, span),
            _ => self.call_unknown(args, span),
        }
    }

    /// `.then(f)` and the like, which every awaited value has here.
    fn promise_method(&mut self, atom: &Atom, name: &str, args: &Args, span: Span) -> Option<Value> {
        let value = Value::one(atom.clone());
        match name {
            "then" => {
                let settled = self.awaited(&value);
                let mut result = self.call_back(&args.get(0), vec![settled], span);
                if args.positional.len() > 1 {
                    let failed = self.call_back(&args.get(1), vec![self.failure()], span);
                    result.join(&failed);
                }
                Some(result)
            }
            "catch" => {
                let result = self.call_back(&args.get(0), vec![self.failure()], span);
                Some(value.joined(&result.filtered(|atom| !matches!(atom, Atom::Null(_)))))
            }
            "finally" => {
                self.call_back(&args.get(0), Vec::new(), span);
                Some(value)
            }
            _ => None,
        }
    }

    /// Calls a function that may or may not run.
    pub(in crate::flow) fn call_back(&mut self, function: &Value, args: Vec<Value>, span: Span) -> Value {
        if function.is_none() {
            return Value::none();
        }
        let function = function.clone();
        self.perhaps(|this| this.call_value(&function, Args::positional(args), span))
    }

    fn function_method(&mut self, atom: &Atom, name: &str, args: &Args, span: Span) -> Value {
        match name {
            "bind" => {
                self.partial(&Value::one(atom.clone()), Some(&args.get(0)), args.positional.get(1..).unwrap_or_default(), &[])
            }
            "call" => {
                let rest = Args { positional: args.positional.get(1..).unwrap_or_default().to_vec(), ..args.clone() };
                self.call_with_this(atom, &args.get(0), rest, span)
            }
            "apply" => {
                let mut rest = Args::default();
                let rounds = self.rounds_of(&args.get(1), span);
                rest.positional = rounds.items;
                rest.rest = rounds.rest;
                self.call_with_this(atom, &args.get(0), rest, span)
            }
            _ => Value::one(atom.clone()),
        }
    }

    /// `object.__new__(cls)`.
    pub(super) fn new_object(&mut self, args: &Args) -> Value {
        let mut made = Value::none();
        for atom in args.get(0).atoms() {
            if let Atom::Object(class) = atom
                && matches!(self.store.get(*class).kind, super::store::ObjKind::Class { .. })
            {
                made.add(Atom::Object(self.new_instance(*class)));
            }
        }
        if made.is_none() { Value::unknown("a new object") } else { made }
    }

    fn call_with_this(&mut self, atom: &Atom, this: &Value, args: Args, span: Span) -> Value {
        if let Atom::Sdk(sdk) = atom
            && let Some((Ecosystem::Npm, path)) = Self::library_path(&sdk.value)
            && let Some((of, name)) = path.rsplit_once('.')
            && matches!(of, "globals.Array.prototype" | "globals.Object.prototype" | "globals.String.prototype")
        {
            return self.call_method(this, &name.into(), args, span);
        }
        let bound = self.partial(&Value::one(atom.clone()), Some(this), &[], &[]);
        self.call_value(&bound, args, span)
    }

    /// A function with some arguments given in advance.
    pub(in crate::flow) fn partial(
        &mut self,
        function: &Value,
        this: Option<&Value>,
        positional: &[Value],
        named: &[(SmolStr, Value)],
    ) -> Value {
        let mut all = Value::none();
        for atom in function.atoms() {
            match atom {
                Atom::Function(closure) => {
                    let mut bound = (**closure).clone();
                    let style = self.func(closure.module, closure.func).receiver;
                    if let Some(this) = this.filter(|_| style == crate::ir::Receiver::This && bound.receiver.is_none()) {
                        bound.receiver = Some(this.clone());
                    }
                    bound.bound.extend(positional.iter().cloned());
                    bound.bound_named.extend(named.iter().cloned());
                    all.add(Atom::Function(std::rc::Rc::new(bound)));
                }
                Atom::Sdk(sdk) => {
                    let mut bound = (**sdk).clone();
                    bound.bound.extend(positional.iter().cloned());
                    bound.bound_named.extend(named.iter().cloned());
                    all.add(Atom::Sdk(std::rc::Rc::new(bound)));
                }
                other => all.add(other.clone()),
            }
        }
        all
    }

    fn hole_method(&mut self, hole: &Hole, atom: &Atom, name: &str, args: &Args, span: Span) -> Value {
        if text::keeps_origin(name) {
            // Of spaces a name has none; what else is taken off its ends changes it.
            let shortens = text::is_trim(name) && !args.get(0).filtered(|atom| !matches!(atom, Atom::Null(_))).is_none();
            return Value::hole(if shortens { part_of_hole(hole) } else { text::changed(hole, name) });
        }
        match name {
            "enter_context" | "enter_async_context" => self.enter_and_exit(&args.get(0), span),
            "client" | "resource" | "create_client" if matches!(hole, Hole::Unknown(_)) && self.in_python() => {
                let made = self.made_by_session(name, args);
                made.unwrap_or_else(|| self.call_unknown(args, span))
            }
            "split" if text::form_of(hole).is_some() => self.split_form(hole, args),
            "split" | "rsplit" | "partition" | "rpartition" if self.parts_of_form(hole, args).is_some() => {
                let form = self.parts_of_form(hole, args).unwrap_or_default();
                self.text_method(&Atom::Text(std::rc::Rc::new(form)), name, args, span)
            }
            // A route, not an entry: `app.get("/orders", async (req) => …)`.
            "get" if !self.functions_in(args.all()).is_empty() && !self.in_python() => self.call_unknown(args, span),
            "get" | "pop" | "setdefault" | "at" | "getlist" => {
                let part = self.index(&Value::one(atom.clone()), &args.get(0), span);
                // The default of a value from outside is one more thing it can be.
                let default = args.either(1, "default").filtered(|atom| !matches!(atom, Atom::Null(_)));
                if matches!(hole, Hole::Event(_)) { part } else { part.joined(&default) }
            }
            "items" | "entries" => {
                let item = self.index(&Value::one(atom.clone()), &Value::unknown("a key of an unknown object"), span);
                let pair = self.list(vec![Value::unknown("a key of an unknown object"), item], Value::none());
                self.list(Vec::new(), pair)
            }
            "values" | "split" | "splitlines" | "slice" | "rsplit" => {
                let item = self.index(&Value::one(atom.clone()), &Value::unknown("the position in a list"), span);
                self.list(Vec::new(), item)
            }
            _ if super::names::calls_for_each(name) => self.each_of(&Value::one(atom.clone()), name, args, span),
            _ => {
                let result = self.call_unknown(args, span);
                if matches!(hole, Hole::Unknown(_))
                    && let Some(made) = self.made_by_name(name, args)
                {
                    return result.joined(&made);
                }
                match result.single() {
                    Some(Atom::Hole(_)) => {
                        self.derived(&[&Value::one(atom.clone())], "the result of a method of an unknown value")
                    }
                    _ => result,
                }
            }
        }
    }

    /// The string form of a value inside a larger string.
    pub(in crate::flow) fn stringified(&mut self, value: &Value) -> Value {
        let mut all = Value::none();
        for atom in value.atoms() {
            match atom {
                Atom::Null(_) if self.in_python() => all.join(&Value::literal("None")),
                Atom::Null(Nothing::Null) => all.join(&Value::literal("null")),
                Atom::Null(Nothing::Absent | Nothing::Missing) => all.join(&Value::literal("undefined")),
                Atom::Object(id) => {
                    let text = self.object_text(*id);
                    all.join(&text);
                }
                other => match super::value::atom_text(other) {
                    Some(text) => all.join(&Value::text(text)),
                    None => all.join(&Value::unknown("the string form of a value")),
                },
            }
        }
        // A missing value next to known ones is no name.
        let named = all.filtered(|atom| !matches!(atom, Atom::Text(text) if text.as_literal() == Some("None")));
        if named.is_none() { all } else { named }
    }

    fn object_text(&mut self, id: super::value::ObjId) -> Value {
        for name in ["__str__", "toString"] {
            if let super::store::ObjKind::Instance(_) | super::store::ObjKind::Dict = self.store.get(id).kind {
                let found = self.member(&Value::object(id), &name.into(), Span::default());
                let found = found.filtered(|atom| matches!(atom, Atom::Function(_)));
                if !found.is_none() {
                    return self.call_value(&found, Args::default(), Span::default());
                }
            }
        }
        if let Some(value) = self.store.get(id).fields.get("value").cloned() {
            return value;
        }
        Value::text(Text::hole(Hole::Unknown("the string form of an object".into())))
    }

    /// What awaiting a value gives.
    pub(in crate::flow) fn awaited(&mut self, value: &Value) -> Value {
        let mut all = Value::none();
        for atom in value.atoms() {
            match atom {
                Atom::Sdk(sdk) => match crate::sdk::awaited(&sdk.value) {
                    Some(settled) => all.join(&self.import_arg(&settled)),
                    None => all.add(atom.clone()),
                },
                Atom::Object(id) if self.store.get(*id).kind == super::store::ObjKind::Promise => {
                    let settled = self.store.get(*id).rest.clone();
                    all.join(&if settled.is_none() { Value::unknown("the value of a promise") } else { settled });
                }
                other => all.add(other.clone()),
            }
        }
        all
    }

    /// What `with value as x` binds.
    pub(in crate::flow) fn enter_context(&mut self, value: &Value, span: Span) -> Value {
        let mut all = Value::none();
        for atom in value.atoms() {
            match atom {
                Atom::Sdk(sdk) => {
                    // Clients, sessions and writers of batches enter as themselves.
                    let value = self.import_arg(&crate::value::Arg::Sdk(sdk.value.clone()));
                    all.join(&super::member::trusted(value, sdk.trust));
                }
                Atom::Object(id) => {
                    let entered = self.enter_object(*id, span);
                    all.join(&entered);
                }
                other => all.add(other.clone()),
            }
        }
        all
    }

    /// What a stack of context managers gives for one of them, which it also leaves some time.
    fn enter_and_exit(&mut self, manager: &Value, span: Span) -> Value {
        let entered = self.enter_context(manager, span);
        self.exit_context(manager, span);
        entered
    }

    fn enter_object(&mut self, id: super::value::ObjId, span: Span) -> Value {
        let object = Value::object(id);
        if self.store.get(id).kind == super::store::ObjKind::List {
            // A generator made into a context manager: what it yields.
            return self.item_of(&object, span);
        }
        for name in ["__enter__", "__aenter__"] {
            let method = self.member(&object, &name.into(), span);
            let method = method.filtered(|atom| matches!(atom, Atom::Function(_)));
            if !method.is_none() {
                return self.call_value(&method, Args::default(), span);
            }
        }
        object
    }

    /// Whether leaving a context may run code of the program.
    pub(in crate::flow) fn learns_of_exit(&self, value: &Value) -> bool {
        value.atoms().iter().any(|atom| matches!(atom, Atom::Object(id) if self.has_exit(*id)))
    }

    /// Whether an object may have a method for the end of its block: any instance may, and so may a plain object of JavaScript's.
    fn has_exit(&self, id: super::value::ObjId) -> bool {
        let object = self.store.get(id);
        match object.kind {
            super::store::ObjKind::Instance(_) => true,
            super::store::ObjKind::Dict => DISPOSAL.iter().any(|name| object.fields.contains_key(name)),
            _ => false,
        }
    }

    pub(in crate::flow) fn exit_context(&mut self, value: &Value, span: Span) {
        for atom in value.atoms() {
            let Atom::Object(id) = atom else { continue };
            if !self.has_exit(*id) {
                continue;
            }
            let (names, is_told) = if self.in_python() { (EXITS, true) } else { (DISPOSAL, false) };
            for name in names {
                let method = self.member(&Value::object(*id), &name.into(), span);
                let method = method.filtered(|atom| matches!(atom, Atom::Function(_)));
                // Python's learns of the exception that left the block, if one did.
                let perhaps = Value::null().joined(&self.failure());
                let args = if is_told { vec![perhaps.clone(), perhaps.clone(), perhaps] } else { Vec::new() };
                self.call_value(&method, Args::positional(args), span);
            }
        }
    }
}
