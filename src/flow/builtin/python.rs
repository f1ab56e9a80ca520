//! Python's built-in functions and the parts of its standard library that move values around.

use super::super::bound::Bound;
use super::super::call::Args;
use super::super::eval::{concat, unknown_bool};
use super::super::fields::Slot;
use super::super::interp::Interp;
use super::super::store::{Obj, ObjKind};
use super::super::value::{Atom, Value};
use crate::span::Span;
use crate::value::{Piece, Text};

impl Interp<'_> {
    pub(super) fn python_call(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        let value = self.python_function(path, args, span)?;
        // Whatever else these do, they call what they are given for each item.
        let hooks = ["key", "default", "object_hook", "object_pairs_hook", "onerror", "parse_float"];
        let hooks: Vec<Value> = hooks.iter().filter_map(|name| args.named(name)).cloned().collect();
        let functions: Vec<Value> = hooks.iter().map(|hook| hook.filtered(|atom| matches!(atom, Atom::Function(_)))).collect();
        self.hand_over(&functions, Vec::new(), span);
        if args.named("cls").is_some() {
            self.extensions_handed_over(None, args, span);
        }
        Some(value)
    }

    fn python_function(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        if let Some(name) = path.strip_prefix("builtins.") {
            return self.python_builtin(name, args, span);
        }
        if let Some(name) = path.strip_prefix("itertools.") {
            return self.itertools_call(name, args, span);
        }
        self.python_values(path, args, span)
            .or_else(|| self.python_collections(path, args, span))
            .or_else(|| self.loading_call(path, args, span))
            .or_else(|| self.python_regex(path, args, span))
            .or_else(|| self.python_iteration(path, args, span))
    }

    /// The environment, paths, parsed texts and bound functions.
    fn python_values(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        Some(match path {
            "os.environ.get" | "os.getenv" | "os.environ.pop" | "os.environ.setdefault" => {
                let default = args.either(1, "default");
                let default = (!default.is_none()).then_some(default);
                self.environment_of(&args.either(0, "key"), default.as_ref())
            }
            "os.environ.copy" => self.library(crate::sdk::Ecosystem::Python, &["os".into(), "environ".into()]),
            "os.getcwd" | "pathlib.Path.cwd" => Value::literal("."),
            "os.path.join" | "posixpath.join" | "pathlib.Path" | "pathlib.PurePosixPath" | "pathlib.PurePath" => {
                self.path_join(args)
            }
            "json.loads" | "ujson.loads" | "orjson.loads" | "simplejson.loads" => {
                self.parsed_json(&args.get(0)).unwrap_or_else(|| self.parsed(args))
            }
            "json.load" | "yaml.safe_load" | "yaml.load" | "yaml.full_load" => self.parsed(args),
            "ast.literal_eval"
            | "urllib.parse.unquote_plus"
            | "urllib.parse.unquote"
            | "urllib.parse.quote"
            | "urllib.parse.quote_plus"
            | "base64.b64decode"
            | "html.unescape"
            | "str.strip"
            | "copy.copy" => self.through(args),
            "copy.deepcopy" => self.copy_of(&args.get(0), span),
            "json.dumps" | "ujson.dumps" | "orjson.dumps" => self.json_text(args),
            "functools.partial" | "functools.partialmethod" => {
                let function = args.get(0);
                self.partial(&function, None, args.positional.get(1..).unwrap_or_default(), &args.named)
            }
            "functools.wraps"
            | "functools.lru_cache"
            | "functools.update_wrapper"
            | "contextlib.contextmanager"
            | "contextlib.asynccontextmanager"
            | "functools.cache"
            | "functools.cached_property"
            | "functools.singledispatch"
            | "abc.abstractmethod"
            | "typing.overload"
            | "typing.final"
            | "dataclasses.dataclass"
            | "enum.unique"
            | "functools.total_ordering"
            | "typing.runtime_checkable" => {
                return self.transparent_decorator(path, args);
            }
            "contextlib.ExitStack.().enter_context"
            | "contextlib.AsyncExitStack.().enter_context"
            | "contextlib.AsyncExitStack.().enter_async_context" => self.enter_and_exit(&args.get(0), span),
            // What is closed behind the block is what the block gets.
            "contextlib.closing" | "contextlib.aclosing" => {
                let value = args.either(0, "thing");
                self.magic(&value, &["close", "aclose"], &[], span);
                value
            }
            "contextlib.nullcontext" => args.either(0, "enter_result"),
            "functools.reduce" => {
                let reduced =
                    Args::positional(vec![args.get(0), args.get(2)].into_iter().filter(|value| !value.is_none()).collect());
                self.each_of(&args.get(1), "reduce", &reduced, span)
            }
            "dataclasses.field" | "pydantic.Field" | "attr.ib" | "attr.attrib" | "attrs.field" | "attr.field"
            | "sqlmodel.Field" => self.settings(args),
            "attr.Factory" | "attrs.Factory" => {
                let factory = args.get(0);
                self.settings(&Args { named: vec![("factory".into(), factory)], ..Args::default() })
            }
            "dataclasses.asdict" | "vars" => self.copy_of(&args.get(0), span),
            "dataclasses.replace" | "copy.replace" | "attr.evolve" | "attrs.evolve" => self.copy_with(args, span),
            _ => return None,
        })
    }

    /// Decorators, dictionaries and lists.
    fn python_collections(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        Some(match path {
            "collections.defaultdict" => self.default_dict(args, span),
            "collections.OrderedDict" | "types.MappingProxyType" => self.new_dict(args, span),
            "types.SimpleNamespace" => {
                let made = self.new_dict(args, span);
                self.give_attributes(&made);
                made
            }
            "collections.deque" | "queue.Queue" | "collections.Counter" => self.new_list(args, span),
            "collections.ChainMap" => {
                let id = self.store.alloc(Obj::new(ObjKind::Dict));
                for map in args.positional.iter().rev() {
                    self.merge_into(id, map);
                }
                Value::object(id)
            }
            "importlib.import_module" => {
                let name = in_package(&args.either(0, "name"), &args.either(1, "package"));
                self.dynamic_import(&name, span)
            }
            "operator.attrgetter" => Bound::ReadsAttributes(self.wanted(args)).into(),
            "operator.itemgetter" => Bound::ReadsItems(self.wanted(args)).into(),
            "operator.methodcaller" => {
                let name = args.get(0);
                let positional = args.positional.get(1..).unwrap_or_default().to_vec();
                Bound::CallsMethod(self.keep(&name, &Args { positional, ..args.clone() })).into()
            }
            _ => return None,
        })
    }

    /// Chains of collections and modules.
    fn python_iteration(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        Some(match path {
            "asyncio.run"
            | "asyncio.wait_for"
            | "asyncio.shield"
            | "asyncio.create_task"
            | "asyncio.ensure_future"
            | "anyio.run" => {
                let value = args.get(0);
                if value.atoms().iter().any(|atom| matches!(atom, Atom::Function(_))) {
                    let rest = Args::positional(args.positional.get(1..).unwrap_or_default().to_vec());
                    self.call_value(&value, rest, span)
                } else {
                    self.awaited(&value)
                }
            }
            "atexit.register" => {
                self.call_rest(args, 0, span);
                args.get(0)
            }
            "asyncio.gather" => self.list(args.positional.clone(), args.rest.clone()),
            "string.Template" => args.get(0),
            // It holds one of the values that it is set to.
            "contextvars.ContextVar" => {
                let holder = self.store.alloc(Obj::new(ObjKind::Promise));
                self.store.get_mut(holder).rest = args.named("default").cloned().unwrap_or_default();
                Value::object(holder)
            }
            "typing.cast" => args.get(1),
            "typing.NamedTuple" | "collections.namedtuple" => self.tuple_class(&args.get(1), span),
            "uuid.uuid4"
            | "uuid.uuid1"
            | "time.time"
            | "datetime.datetime.now"
            | "datetime.datetime.utcnow"
            | "random.randint" => Value::unknown("a value that differs on each run"),
            _ => return self.python_caller(path, args, span),
        })
    }

    fn python_builtin(&mut self, name: &str, args: &Args, span: Span) -> Option<Value> {
        Some(match name {
            "identity" => args.get(0),
            "format" => self.formatted(&args.get(0), &args.get(1)),
            "str" | "repr" | "bytes" | "bytearray" => {
                let value = args.get(0);
                if value.is_none() { Value::literal("") } else { self.stringified(&value) }
            }
            "int" | "float" | "abs" | "round" => match args.get(0).single() {
                Some(Atom::Number(number)) => Value::one(Atom::Number(number.clone())),
                _ => self.derived(&[&args.get(0)], "a number that the code computes"),
            },
            "len" | "sum" | "hash" | "id" | "ord" | "time" => {
                self.magic(&args.get(0), &["__len__", "__hash__"], &[], span);
                Value::unknown("a number that the code computes")
            }
            "bool" | "isinstance" | "issubclass" | "callable" | "hasattr" | "any" | "all" => {
                for value in &args.positional {
                    self.item_of(value, span);
                }
                unknown_bool()
            }
            "print" => Value::null(),
            "dict" => self.new_dict(args, span),
            "list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" | "iter" | "aiter" => self.new_list(args, span),
            "range" => self.list(Vec::new(), Value::unknown("a number that the code computes")),
            "enumerate" => {
                let rounds = self.rounds_of(&args.get(0), span);
                let pair =
                    |this: &mut Self, item: Value| this.list(vec![Value::unknown("the position in a list"), item], Value::none());
                let items = rounds.items.into_iter().map(|item| pair(self, item)).collect();
                let rest = if rounds.rest.is_none() { Value::none() } else { pair(self, rounds.rest) };
                self.list(items, rest)
            }
            "zip" => self.zip(args, None, span),
            "map" if args.positional.len() > 2 => self.map_together(args, span),
            "map" => self.each_of(&args.get(1), "map", &Args::positional(vec![args.get(0)]), span),
            "filter" => self.each_of(&args.get(1), "filter", &Args::positional(vec![args.get(0)]), span),
            "next" | "anext" => self.item_of(&args.get(0), span).joined(&args.get(1)),
            "min" | "max" if args.positional.len() == 1 => self.item_of(&args.get(0), span),
            "min" | "max" => args.positional.iter().cloned().collect(),
            "getattr" => {
                let (object, name) = (args.get(0), args.get(1));
                let value = self.computed_member(&object, &name, span);
                let default = args.get(2).filtered(|atom| !matches!(atom, Atom::Null(_)));
                value.joined(&default)
            }
            "setattr" => {
                let (object, name, value) = (args.get(0), args.get(1), args.get(2));
                for text in name.texts() {
                    match text.as_literal() {
                        Some(name) => self.set_member(&object, &name.into(), value.clone(), span),
                        None => self.set_index(&object, &name, value.clone()),
                    }
                }
                Value::null()
            }
            "type" => self.member(&args.get(0), &"__class__".into(), span),
            "globals" | "vars" | "locals" if args.positional.is_empty() => {
                let module = self.current().module;
                self.namespace(module)
            }
            "vars" => args.get(0),
            "open" => self.derived(&[], "a file"),
            "eval" | "exec" | "compile" => {
                self.dynamic_code(span, name);
                Value::unknown("the result of dynamic code")
            }
            "__import__" => self.dynamic_import(&args.get(0), span),
            "property" | "staticmethod" | "classmethod" => args.get(0),
            "object" => Value::object(self.store.alloc(Obj::new(ObjKind::Dict))),
            "object.__new__" | "type.__new__" => self.call_type(&Value::none(), "__new__", args, span),
            "type.__call__" => {
                let rest = Args { positional: args.positional.get(1..).unwrap_or_default().to_vec(), ..args.clone() };
                self.call_type(&args.get(0), "__call__", &rest, span)
            }
            _ => return None,
        })
    }

    /// `functools.wraps(f)` gives a decorator, `@lru_cache` is one.
    fn transparent_decorator(&mut self, path: &str, args: &Args) -> Option<Value> {
        let is_factory = path == "functools.wraps" || args.positional.is_empty() || !args.named.is_empty();
        let first = args.get(0);
        let callable = first.atoms().iter().any(|atom| match atom {
            Atom::Function(_) | Atom::Sdk(_) => true,
            Atom::Object(id) => matches!(self.store.get(*id).kind, ObjKind::Class { .. }),
            _ => false,
        });
        if is_factory || !callable {
            return Some(self.library(crate::sdk::Ecosystem::Python, &["builtins".into(), "identity".into()]));
        }
        Some(first)
    }

    /// A value that passes through with its origin.
    /// The JSON text of the first argument. What is told besides, such as the form, does not count; what is called for its parts
    /// may change them.
    pub(super) fn json_text(&mut self, args: &Args) -> Value {
        let value = self.told_as_json(&args.get(0));
        let is_function = |value: &Value| value.atoms().iter().any(|atom| matches!(atom, Atom::Function(_)));
        let plain = !args.all().any(is_function) && value.single().is_some();
        let text = plain.then(|| crate::value::to_json(&self.export(&value))).flatten();
        text.map_or_else(|| self.derived(&[&value], "a JSON text"), Value::text)
    }

    /// What JavaScript writes for a value: what its own `toJSON` gives, where it has one.
    fn told_as_json(&mut self, value: &Value) -> Value {
        let mut all = Value::none();
        for atom in value.atoms() {
            let has_members = |id| matches!(self.store.get(id).kind, ObjKind::Instance(_) | ObjKind::Dict);
            let own = match atom {
                Atom::Object(id) if !self.in_python() && has_members(*id) => {
                    let method = self.member(&Value::object(*id), &"toJSON".into(), Span::default());
                    method.filtered(|atom| matches!(atom, Atom::Function(_)))
                }
                _ => Value::none(),
            };
            if own.is_none() {
                all.add(atom.clone());
            } else {
                all.join(&self.call_value(&own, Args::default(), Span::default()));
            }
        }
        all
    }

    /// What a JSON text stands for: itself, where it is unknown as a whole.
    pub(super) fn json_value(&mut self, text: &Value) -> Value {
        if let Some(held) = self.parsed_data(text) {
            return held;
        }
        match text.single() {
            Some(Atom::Hole(_) | Atom::Sdk(_)) => text.clone(),
            _ => self.parsed_json(text).unwrap_or_else(|| self.derived(&[text], "a parsed text")),
        }
    }

    /// What a JSON text stands for, where that is known.
    fn parsed_json(&mut self, text: &Value) -> Option<Value> {
        let Some(Atom::Text(text)) = text.single() else { return None };
        let arg = crate::value::from_json(text)?;
        Some(self.import_arg(&arg))
    }

    /// What a text or a file stands for that is read as data.
    pub(in crate::flow) fn parsed(&mut self, args: &Args) -> Value {
        self.parsed_data(&args.get(0)).unwrap_or_else(|| self.through(args))
    }

    fn through(&mut self, args: &Args) -> Value {
        let value = args.get(0);
        match value.single() {
            Some(Atom::Text(_)) | None => self.derived(&[&value], "a parsed text"),
            _ => value,
        }
    }

    pub(super) fn path_join(&mut self, args: &Args) -> Value {
        let mut whole = Value::none();
        for part in &args.positional {
            let part = self.stringified(part);
            whole = if whole.is_none() {
                part
            } else {
                let slash = if ends_with_slash(&whole) { whole } else { concat(&whole, &Value::literal("/")) };
                concat(&slash, &part)
            };
        }
        if !args.rest.is_none() {
            whole = concat(&concat(&whole, &Value::literal("/")), &Value::unknown("more path segments"));
        }
        whole
    }

    fn settings(&mut self, args: &Args) -> Value {
        let id = self.store.alloc(Obj::new(ObjKind::Dict));
        self.set_field(id, &Slot::Field.key(), Value::null(), true);
        for (name, value) in &args.named {
            self.set_field(id, name, value.clone(), true);
        }
        // `Field(...)` says that there is no default.
        if let Some(default) = args.positional.first().filter(|value| !matches!(value.single(), Some(Atom::Hole(_)))) {
            self.set_field(id, &"default".into(), default.clone(), true);
        }
        Value::object(id)
    }

    /// A copy of an object in which some fields are others.
    fn copy_with(&mut self, args: &Args, span: Span) -> Value {
        let copy = self.copy_of(&args.get(0), span);
        for atom in copy.atoms() {
            let Atom::Object(id) = atom else { continue };
            for (name, value) in &args.named {
                self.set_field(*id, name, value.clone(), true);
            }
        }
        copy
    }

    pub(super) fn copy_of(&mut self, value: &Value, span: Span) -> Value {
        let mut all = Value::none();
        for atom in value.atoms() {
            match atom {
                Atom::Object(id) => {
                    let kind = match &self.store.get(*id).kind {
                        ObjKind::List => ObjKind::List,
                        kind => kind.clone(),
                    };
                    let copy = self.store.alloc(Obj::new(kind.clone()));
                    let original = Value::object(*id);
                    if kind == ObjKind::List {
                        self.extend(copy, &original, span);
                    } else {
                        self.merge_into(copy, &original);
                    }
                    all.add(Atom::Object(copy));
                }
                other => all.add(other.clone()),
            }
        }
        all
    }

    fn default_dict(&mut self, args: &Args, span: Span) -> Value {
        let factory = args.get(0);
        let made = if factory.is_none() { Value::none() } else { self.call_back(&factory, Vec::new(), span) };
        let mut dict = Obj::new(ObjKind::Dict);
        dict.rest = made;
        Value::object(self.store.alloc(dict))
    }

    /// Lets the entries of new dictionaries be attributes.
    fn give_attributes(&mut self, made: &Value) {
        for atom in made.atoms() {
            if let Atom::Object(id) = atom {
                self.store.get_mut(*id).has_attributes = true;
            }
        }
    }

    pub(super) fn new_dict(&mut self, args: &Args, span: Span) -> Value {
        let id = self.store.alloc(Obj::new(ObjKind::Dict));
        let source = args.get(0);
        for atom in source.atoms() {
            match atom {
                Atom::Object(other) if self.store.get(*other).kind == ObjKind::List => {
                    self.fill_from_pairs(id, &Value::object(*other), span);
                }
                other => self.merge_into(id, &Value::one(other.clone())),
            }
        }
        for (name, value) in &args.named {
            self.set_field(id, name, value.clone(), true);
        }
        if args.open {
            self.store.get_mut(id).open = true;
        }
        Value::object(id)
    }

    /// Entries from a list of pairs.
    pub(super) fn fill_from_pairs(&mut self, id: super::super::value::ObjId, pairs: &Value, span: Span) {
        let rounds = self.rounds_of(pairs, span);
        for pair in rounds.items.into_iter().chain(self.apart(rounds.rest)).filter(|pair| !pair.is_none()) {
            let parts = self.rounds_of(&pair, span);
            let part = |at: usize| parts.items.get(at).cloned().unwrap_or_else(|| parts.rest.clone());
            let (key, value) = (part(0), part(1));
            self.put(id, &key, value, false);
        }
    }

    pub(super) fn new_list(&mut self, args: &Args, span: Span) -> Value {
        let id = self.store.alloc(Obj::new(ObjKind::List));
        let source = args.get(0);
        self.extend(id, &source, span);
        if let Some(key) = args.named("key").cloned() {
            let item = self.item_of(&source, span);
            self.call_back(&key, vec![item], span);
        }
        Value::object(id)
    }
}

/// The name of a module that is given relative to a package: `import_module(".orders", package="jobs")`.
fn in_package(name: &Value, package: &Value) -> Value {
    let Some(package) = package.as_literal() else { return name.clone() };
    let mut all = Value::none();
    for text in name.texts() {
        let begin = text.pieces().first();
        let is_inside = matches!(begin, Some(Piece::Literal(first)) if first.starts_with('.') && !first.starts_with(".."));
        let mut whole = if is_inside { Text::literal(package) } else { Text::default() };
        whole.push_text(&text);
        all.join(&Value::text(whole));
    }
    all
}

fn ends_with_slash(value: &Value) -> bool {
    value.as_literal().is_some_and(|literal| literal.ends_with('/'))
}
