//! JavaScript's global objects and the parts of Node.js that move values around.

use std::rc::Rc;

use super::super::call::Args;
use super::super::eval::unknown_bool;
use super::super::fields::Slot;
use super::super::interp::Interp;
use super::super::store::{Obj, ObjKind};
use super::super::value::{Atom, Closure, Value};
use super::container::unknown_pair;
use smol_str::SmolStr;

use crate::sdk::{Ecosystem, RESULT, SdkValue};
use crate::span::Span;

impl Interp<'_> {
    pub(super) fn javascript_call(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        let Some(name) = path.strip_prefix("globals.") else { return self.node_call(path, args, span) };
        let name = name.strip_prefix("globalThis.").unwrap_or(name);
        if let Some(method) = name.strip_prefix("Object.") {
            return Some(self.object_function(method, args, span));
        }
        if let Some(method) = name.strip_prefix("Promise.") {
            return Some(self.promise_function(method, args, span));
        }
        if let Some(method) = name.strip_prefix("Reflect.") {
            return Some(self.reflect_function(method, args, span));
        }
        Some(match name {
            "identity" => args.get(0),
            "Promise" => self.new_promise(args, span),
            "Map" | "WeakMap" | "URLSearchParams" | "Headers" | "FormData" => self.new_dict(args, span),
            "Set" | "WeakSet" | "Array.from" if args.positional.len() < 2 => self.new_list(args, span),
            "Array.from" => self.array_from(args, span),
            "Array" | "Array.of" => {
                let lengths = args.positional.len() == 1 && name == "Array";
                let items = if lengths { Vec::new() } else { args.positional.clone() };
                self.list(items, if lengths { Value::unknown("an item of an unknown list") } else { args.rest.clone() })
            }
            "Array.isArray" | "Number.isInteger" | "isNaN" | "Number.isNaN" => unknown_bool(),
            "JSON.parse" | "JSON.stringify" => {
                // The second argument is called for each entry.
                self.call_back(&args.get(1), unknown_pair(), span);
                if name == "JSON.parse" { self.json_value(&args.get(0)) } else { self.json_text(args) }
            }
            "Proxy" => self.new_proxy(args, span),
            "structuredClone" => self.copy_of(&args.get(0), span),
            "__generator" => self.es5_generator(args, span),
            "setTimeout" | "setInterval" | "setImmediate" | "queueMicrotask" | "process.nextTick" => {
                // Only those that wait for some time are told how long.
                let from = if matches!(name, "setTimeout" | "setInterval") { 2 } else { 1 };
                let rest = args.positional.get(from..).unwrap_or_default().to_vec();
                self.call_back(&args.get(0), rest, span);
                Value::unknown("a timer")
            }
            // Where a file is, as imports name it.
            "require.resolve" if args.get(0).as_literal().is_some_and(|path| path.starts_with('.')) => args.get(0),
            "URL" if args.positional.len() > 1 && args.get(0).as_literal().is_some_and(|path| path.starts_with('.')) => {
                args.get(0)
            }
            "process.cwd" => Value::literal("."),
            // By its description, which is all that tells one from another.
            "Symbol" | "Symbol.for" => match args.get(0).as_literal() {
                Some(description) => Value::literal(format!("Symbol({description})")),
                None => Value::unknown("a symbol"),
            },
            "Object" => args.get(0),
            "RegExp" => {
                let flags = args.get(1).filtered(|atom| !matches!(atom, Atom::Null(_)));
                let flags = if flags.is_none() { Some("".into()) } else { flags.as_literal().map(Into::into) };
                self.regex_of(&args.get(0), flags)
            }
            "eval" | "Function" => {
                self.dynamic_code(span, name);
                Value::unknown("the result of dynamic code")
            }
            "require" | "import" => self.dynamic_import(&args.get(0), span),
            "__awaiter" | "__asyncToGenerator" | "_asyncToGenerator" => {
                let function = args.get(if name == "__awaiter" { 3 } else { 0 });
                if name == "__awaiter" {
                    let this = args.get(0);
                    let bound = self.partial(&function, Some(&this), &[], &[]);
                    self.call_value(&bound, Args::default(), span)
                } else {
                    function
                }
            }
            "__importStar" | "__importDefault" | "_interopRequireDefault" | "_interopRequireWildcard" | "__toESM" => args.get(0),
            _ if name.starts_with("console.") || name.starts_with("Math.") => Value::unknown("a value"),
            "Error" | "TypeError" | "RangeError" | "Date" | "Date.now" | "Uint8Array" | "TextEncoder" | "TextDecoder" => {
                Value::unknown("a value")
            }
            _ => return self.javascript_value(name, args, span),
        })
    }

    /// Values of one kind made of values of another.
    fn javascript_value(&mut self, name: &str, args: &Args, span: Span) -> Option<Value> {
        Some(match name {
            // What stands between its holes is known only where there are none.
            "String.raw" => match args.positional.as_slice() {
                [texts] => self.join_texts(&Value::literal(""), texts, span),
                _ => Value::unknown("a text with holes"),
            },
            "String" => {
                let value = args.get(0);
                self.stringified(&value)
            }
            "Number" | "parseInt" | "parseFloat" | "BigInt" => match args.get(0).single() {
                Some(Atom::Number(number)) => Value::one(Atom::Number(number.clone())),
                _ => self.derived(&[&args.get(0)], "a number that the code computes"),
            },
            "Boolean" => self.truth(&args.get(0)).map_or_else(unknown_bool, |truth| Value::one(Atom::Bool(truth))),
            "decodeURIComponent" | "decodeURI" | "encodeURIComponent" | "encodeURI" | "unescape" | "escape" => {
                match args.get(0).single() {
                    Some(Atom::Text(_) | Atom::Hole(_)) => args.get(0),
                    _ => Value::unknown("an encoded text"),
                }
            }
            "Buffer.from" | "Buffer" => self.derived(&[&args.get(0)], "a buffer"),
            _ => return None,
        })
    }

    fn node_call(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        Some(match path {
            "util.promisify" => args.get(0),
            "async_hooks.AsyncLocalStorage.().run" | "async_hooks.AsyncLocalStorage.().enterWith" => {
                self.set_on_library(&local_storage(), &Slot::Store.key(), &args.get(0));
                if path.ends_with("run") { self.call_rest(args, 1, span) } else { Value::null() }
            }
            "async_hooks.AsyncLocalStorage.().exit" => self.call_rest(args, 0, span),
            "async_hooks.AsyncLocalStorage.().getStore" => self.of_library(&local_storage(), &Slot::Store.key())?,
            "path.join" | "path.resolve" | "path.posix.join" => {
                let mut parts = Vec::new();
                for part in &args.positional {
                    parts.push(self.stringified(part));
                }
                let separator = Value::literal("/");
                let list = self.list(parts, args.rest.clone());
                self.join_texts(&separator, &list, span)
            }
            "util.inherits" => {
                self.inherit(args, span);
                Value::unknown("nothing")
            }
            "module.createRequire" => self.library(crate::sdk::Ecosystem::Npm, &["globals".into(), "require".into()]),
            "tslib.__generator" => self.es5_generator(args, span),
            "tslib.__awaiter" => return self.javascript_call("globals.__awaiter", args, span),
            "tslib.__importStar" | "tslib.__importDefault" => args.get(0),
            // The nearest folder or file of that name, from a folder upwards.
            "find-up.sync" | "find-up.findUpSync" | "find-up" | "find-up.findUp" => {
                let from = self.member(&args.get(1), &"cwd".into(), span);
                let from = from.filtered(|atom| matches!(atom, Atom::Text(_)));
                let parts = if from.is_none() { vec![args.get(0)] } else { vec![from, args.get(0)] };
                let list = self.list(parts, Value::none());
                self.join_texts(&Value::literal("/"), &list, span)
            }
            "lodash.get" => {
                let (object, key, default) = (args.get(0), args.get(1), args.get(2));
                self.index(&object, &key, span).joined(&default)
            }
            "lodash.merge" | "lodash.assign" | "lodash.extend" | "lodash.defaults" => {
                return self.javascript_call("globals.Object.assign", args, span);
            }
            "lodash.cloneDeep" | "lodash.clone" => self.copy_of(&args.get(0), span),
            _ => return None,
        })
    }

    fn object_function(&mut self, name: &str, args: &Args, span: Span) -> Value {
        let first = args.get(0);
        match name {
            "assign" => {
                let target = first;
                for source in args.positional.iter().skip(1).chain(std::iter::once(&args.rest)) {
                    for atom in target.atoms() {
                        match atom {
                            Atom::Object(id) => self.merge_into(*id, source),
                            Atom::Hole(_) | Atom::Sdk(_) => self.assign_to_unknown(&target, source, span),
                            _ => {}
                        }
                    }
                }
                target
            }
            "entries" => self.entries(&first),
            "values" => self.values(&first),
            "keys" | "getOwnPropertyNames" => {
                let rounds = self.keys_of(&first);
                self.list(rounds.items, rounds.rest)
            }
            "fromEntries" => {
                let id = self.store.alloc(Obj::new(ObjKind::Dict));
                self.fill_from_pairs(id, &first, span);
                Value::object(id)
            }
            "create" => {
                let id = self.store.alloc(Obj::new(ObjKind::Dict));
                self.merge_into(id, &first);
                Value::object(id)
            }
            "defineProperty" => {
                self.define_property(&first, &args.get(1), &args.get(2), span);
                first
            }
            "defineProperties" => first,
            "setPrototypeOf" => {
                for atom in first.atoms() {
                    if let Atom::Object(id) = atom {
                        self.merge_into(*id, &args.get(1));
                    }
                }
                first
            }
            "is" | "isFrozen" | "hasOwn" => unknown_bool(),
            "groupBy" => {
                let item = self.item_of(&first, span);
                self.call_back(&args.get(1), vec![item.clone()], span);
                let group = self.list(Vec::new(), item);
                let mut groups = Obj::new(ObjKind::Dict);
                groups.rest = group;
                Value::object(self.store.alloc(groups))
            }
            _ => first,
        }
    }

    /// `util.inherits(Derived, Base)`: what the base's prototype has, the derived one has, unless it has its own.
    fn inherit(&mut self, args: &Args, span: Span) {
        let derived = self.member(&args.get(0), &"prototype".into(), span);
        let base = self.member(&args.get(1), &"prototype".into(), span);
        for atom in derived.atoms() {
            let Atom::Object(id) = atom else { continue };
            let own = self.store.get(*id).fields.clone();
            self.merge_into(*id, &base);
            for (name, value) in own.iter() {
                self.set_field(*id, name, value.clone(), true);
            }
        }
    }

    /// The getters of bundled modules are defined before the variables that they read have values.
    fn define_property(&mut self, object: &Value, name: &Value, descriptor: &Value, span: Span) {
        let Some(name) = name.as_literal() else { return };
        let own = |this: &mut Self, key: &str| {
            let value = this.member(descriptor, &key.into(), span);
            value.filtered(|atom| !matches!(atom, Atom::Null(_) | Atom::Bound(_)))
        };
        let getter = own(self, "get").filtered(|atom| matches!(atom, Atom::Function(_)));
        let is_plain = |atom: &Atom| matches!(atom, Atom::Object(id) if self.store.get(*id).kind == ObjKind::Dict);
        let value = if getter.is_none() {
            own(self, "value")
        } else if object.atoms().iter().all(is_plain) {
            getter.atoms().iter().map(as_getter).collect()
        } else {
            self.call_back(&getter, Vec::new(), span)
        };
        if name != "__esModule" && !value.is_none() {
            self.set_member(object, &name.into(), value, span);
        }
    }

    fn promise_function(&mut self, name: &str, args: &Args, span: Span) -> Value {
        let first = args.get(0);
        match name {
            "all" | "race" | "any" | "allSettled" => {
                let rounds = self.rounds_of(&first, span);
                let items: Vec<Value> = rounds.items.iter().map(|item| self.awaited(item)).collect();
                let rest = if rounds.rest.is_none() { Value::none() } else { self.awaited(&rounds.rest) };
                match name {
                    "all" => self.list(items, rest),
                    "allSettled" => {
                        let all: Value = items.into_iter().chain([rest]).collect();
                        let result = self.store.alloc(Obj::new(ObjKind::Dict));
                        self.set_field(result, &"value".into(), all, true);
                        self.set_field(result, &"status".into(), Value::unknown("the outcome of a promise"), true);
                        self.list(Vec::new(), Value::object(result))
                    }
                    _ => items.into_iter().chain([rest]).collect(),
                }
            }
            "resolve" if !first.is_none() => first,
            "resolve" => {
                let promise = self.store.alloc(Obj::new(ObjKind::Promise));
                self.store.get_mut(promise).rest = Value::null();
                Value::object(promise)
            }
            "reject" => Value::null(),
            _ => self.call_unknown(args, span),
        }
    }

    fn new_promise(&mut self, args: &Args, span: Span) -> Value {
        let promise = self.store.alloc(Obj::new(ObjKind::Promise));
        let resolve = Value::one(Atom::Resolver(promise));
        let executor = args.get(0);
        self.call_value(&executor, Args::positional(vec![resolve, Value::unknown("a reject function")]), span);
        Value::object(promise)
    }

    fn reflect_function(&mut self, name: &str, args: &Args, span: Span) -> Value {
        let (target, key) = (args.get(0), args.get(1));
        match name {
            "get" => self.computed_member(&target, &key, span),
            "set" => {
                self.set_index(&target, &key, args.get(2));
                unknown_bool()
            }
            "construct" => {
                let rounds = self.rounds_of(&key, span);
                let call = Args { positional: rounds.items, rest: rounds.rest, construct: true, ..Args::default() };
                self.call_value(&target, call, span)
            }
            "apply" => {
                let rounds = self.rounds_of(&args.get(2), span);
                let bound = self.partial(&target, Some(&key), &[], &[]);
                let call = Args { positional: rounds.items, rest: rounds.rest, ..Args::default() };
                self.call_value(&bound, call, span)
            }
            _ => self.metadata_function(name, args).unwrap_or_else(|| Value::unknown("a reflected value")),
        }
    }

    fn array_from(&mut self, args: &Args, span: Span) -> Value {
        let source = args.get(0);
        let is_length = source.atoms().iter().any(|atom| match atom {
            Atom::Object(id) => self.store.get(*id).fields.contains_key("length"),
            _ => false,
        });
        if is_length {
            let value = self.call_back(&args.get(1), vec![Value::null(), Value::unknown("the position in a list")], span);
            return self.list(Vec::new(), value);
        }
        let list = self.new_list(&Args::positional(vec![source]), span);
        self.each_of(&list, "map", &Args::positional(vec![args.get(1)]), span)
    }
}

/// What the stores of Node.js remember for all that happens within a call. They are not told apart.
/// <https://nodejs.org/api/async_context.html>
fn local_storage() -> SdkValue {
    let path = ["async_hooks", "AsyncLocalStorage", RESULT].map(SmolStr::new_static).to_vec();
    SdkValue::External { ecosystem: Ecosystem::Npm, path }
}

/// A function that is called when the property that holds it is read.
fn as_getter(atom: &Atom) -> Value {
    match atom {
        Atom::Function(closure) => Value::one(Atom::Function(Rc::new(Closure { is_getter: true, ..(**closure).clone() }))),
        other => Value::one(other.clone()),
    }
}
