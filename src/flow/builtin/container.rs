//! Methods of dictionaries, maps, lists, arrays and sets.

use smol_str::SmolStr;

use super::super::bound::Bound;
use super::super::call::Args;
use super::super::eval::unknown_bool;
use super::super::exec::MAX_UNROLLED;
use super::super::fields::Slot;
use super::super::interp::Interp;
use super::super::store::{Obj, ObjKind};
use super::super::value::{Atom, ObjId, Value};
use crate::span::Span;

impl Interp<'_> {
    /// `namedtuple("Point", ["x", "y"])`: something that makes tuples when it is called.
    pub(super) fn tuple_class(&mut self, fields: &Value, span: Span) -> Value {
        let mut names: Vec<Option<SmolStr>> = Vec::new();
        if let Some(words) = fields.as_literal() {
            names.extend(words.split([' ', ',']).filter(|word| !word.is_empty()).map(|word| Some(word.into())));
        }
        for item in self.rounds_of(fields, span).items {
            let is_name = item.as_literal().is_some();
            let name = if is_name { item } else { self.rounds_of(&item, span).items.into_iter().next().unwrap_or_default() };
            names.push(name.as_literal().map(SmolStr::from));
        }
        Bound::MakesTuple(names).into()
    }

    /// Makes a tuple with some fields.
    pub(in crate::flow) fn new_tuple(&mut self, names: &[Option<SmolStr>], args: &Args) -> Value {
        let mut tuple = Obj::new(ObjKind::List);
        for (index, name) in names.iter().enumerate() {
            let Some(name) = name else { continue };
            let value = args.either(index, name);
            let value = if value.is_none() { Value::unknown("a field without a value") } else { value };
            tuple.items.push(value.clone());
            tuple.fields.insert(name.clone(), value);
        }
        Value::object(self.store.alloc(tuple))
    }

    pub(super) fn container_method(&mut self, id: ObjId, name: &str, args: &Args, span: Span) -> Value {
        let value = Value::object(id);
        if let Some(result) = self.shared_method(id, name, args, span) {
            return result;
        }
        if self.store.get(id).kind == ObjKind::Promise {
            return self.holder_method(id, name, args);
        }
        if self.store.get(id).kind == ObjKind::List {
            return self.list_method(id, name, args, span);
        }
        match name {
            "get" => self.entry_or(id, &args.get(0), &args.either(1, "default"), span),
            "pop" if self.in_python() => {
                let taken = self.entry_or(id, &args.get(0), &args.either(1, "default"), span);
                if let Some(name) = args.get(0).as_literal() {
                    self.store.get_mut(id).fields.retain(|known| known != name);
                }
                taken
            }
            "setdefault" => {
                let (key, default) = (args.get(0), args.get(1));
                self.put(id, &key, default, false);
                self.index(&value, &key, span)
            }
            "set" => {
                let (key, new) = (args.get(0), args.get(1));
                self.put(id, &key, new, true);
                value
            }
            "update" => {
                self.merge_into(id, &args.get(0));
                for (name, new) in &args.named {
                    self.set_field(id, name, new.clone(), true);
                }
                if args.open {
                    self.merge_into(id, &Value::unknown("unknown arguments"));
                }
                Value::null()
            }
            "__subclasses__" => {
                let derived = self.derived_from(id).into_iter().map(Value::object).collect();
                self.list(derived, Value::none())
            }
            "items" | "entries" => self.entries(&value),
            "keys" => {
                let rounds = self.keys_of(&value);
                self.list(rounds.items, rounds.rest)
            }
            "values" => self.values(&value),
            "has" | "delete" | "hasOwnProperty" | "propertyIsEnumerable" => unknown_bool(),
            "popitem" => {
                let all = self.store.get(id).all_values();
                self.list(vec![Value::unknown("a key of an unknown object"), all], Value::none())
            }
            "clear" => Value::null(),
            "toString" | "toJSON" => Value::unknown("the string form of an object"),
            _ => {
                let functions_called = self.call_unknown(args, span);
                functions_called.joined(&Value::unknown("a method of an object"))
            }
        }
    }

    /// Methods of promises, futures and context variables.
    fn holder_method(&mut self, id: ObjId, name: &str, args: &Args) -> Value {
        if self.in_python() && matches!(name, "set" | "set_result") {
            self.store.get_mut(id).rest.join(&args.get(0));
        }
        let held = self.awaited(&Value::object(id));
        if name != "get" {
            return held;
        }
        // What a context variable is where nothing set it; futures are told how long to wait.
        held.joined(&args.either(0, "default").filtered(|atom| !matches!(atom, Atom::Number(_))))
    }

    /// Methods that both kinds of collections have.
    fn shared_method(&mut self, id: ObjId, name: &str, args: &Args, span: Span) -> Option<Value> {
        let value = Value::object(id);
        Some(match name {
            "__getattribute__" => self.computed_member(&value, &args.get(0), span),
            "copy" | "slice" | "concat" | "toSorted" | "toReversed" | "flat" | "toList" => {
                let copy = self.store.alloc(Obj::new(self.store.get(id).kind.clone()));
                if self.store.get(id).kind == ObjKind::List {
                    self.extend(copy, &value, span);
                    for other in &args.positional {
                        let is_list = other.atoms().iter().any(|atom| matches!(atom, super::super::value::Atom::Object(_)));
                        if name == "concat" && is_list {
                            self.extend(copy, other, span);
                        } else if name == "concat" {
                            self.append(copy, other.clone());
                        }
                    }
                } else {
                    self.merge_into(copy, &value);
                }
                if name == "flat" {
                    let inner = self.elements(&value);
                    let flat = self.elements(&inner);
                    self.store.get_mut(copy).rest.join(&flat);
                }
                Value::object(copy)
            }
            "add" | "append" | "push" | "unshift" | "appendleft" | "put" | "put_nowait" if self.is_list(id) => {
                for new in &args.positional {
                    self.append(id, new.clone());
                }
                if !args.rest.is_none() {
                    self.store.get_mut(id).rest.join(&args.rest);
                }
                // JavaScript's sets can be added to in a chain.
                if name == "add" && !self.in_python() { value } else { Value::null() }
            }
            "add" => {
                let new = args.get(0);
                self.store.get_mut(id).rest.join(&new);
                value
            }
            "forEach" if !self.is_list(id) => {
                self.for_each_entry(&value, &args.get(0), span);
                Value::null()
            }
            "map" | "flatMap" | "filter" | "forEach" | "find" | "some" | "every" | "reduce" | "reduceRight" | "findIndex"
            | "findLast" | "sort" | "reverse"
                if self.is_list(id) =>
            {
                self.each_of(&value, name, args, span)
            }
            _ => return None,
        })
    }

    /// `map.forEach((value, key, map) => …)`.
    fn for_each_entry(&mut self, map: &Value, function: &Value, span: Span) {
        let entries = self.entries(map);
        let rounds = self.rounds_of(&entries, span);
        let many = rounds.items.len() > MAX_UNROLLED;
        let known = if many { vec![rounds.items.into_iter().collect()] } else { rounds.items };
        for pair in known.into_iter().chain(self.apart(rounds.rest)) {
            let parts = self.rounds_of(&pair, span).items;
            let [key, entry] = parts.as_slice() else { continue };
            self.call_back(function, vec![entry.clone(), key.clone(), map.clone()], span);
        }
    }

    fn is_list(&self, id: ObjId) -> bool {
        self.store.get(id).kind == ObjKind::List
    }

    /// Where a text is in a list of known texts.
    fn position_in(&self, id: ObjId, item: &Value) -> Option<Value> {
        let object = self.store.get(id);
        let wanted = item.as_literal().filter(|_| object.rest.is_none() && !object.open)?;
        let known: Option<Vec<&str>> = object.items.iter().map(Value::as_literal).collect();
        let at = known?.iter().position(|literal| *literal == wanted);
        Some(Value::one(Atom::Number(at.map_or_else(|| "-1".into(), |at| smol_str::format_smolstr!("{at}")))))
    }

    fn list_method(&mut self, id: ObjId, name: &str, args: &Args, span: Span) -> Value {
        let value = Value::object(id);
        match name {
            "extend" | "update" | "union" => {
                self.extend(id, &args.get(0), span);
                value
            }
            "insert" => {
                self.append(id, args.get(1));
                Value::null()
            }
            "splice" => {
                for new in args.positional.iter().skip(2) {
                    self.append(id, new.clone());
                }
                let all = self.elements(&value);
                self.list(Vec::new(), all)
            }
            "pop" | "shift" | "popleft" | "at" if args.on_temporary => {
                let position = match (name, args.positional.first()) {
                    ("pop" | "at", Some(position)) => position.clone(),
                    ("pop", None) => Value::one(Atom::Number("-1".into())),
                    _ => Value::one(Atom::Number("0".into())),
                };
                self.index(&value, &position, span)
            }
            "pop" | "shift" | "popleft" | "at" | "get" | "get_nowait" | "__next__" | "send" => {
                let all = self.elements(&value);
                if all.is_none() { Value::null() } else { all }
            }
            // The protocol of iterators.
            "next" => {
                let all = self.elements(&value);
                let result = self.store.alloc(Obj::new(ObjKind::Dict));
                self.set_field(result, &"value".into(), all, true);
                self.set_field(result, &"done".into(), unknown_bool(), true);
                Value::object(result)
            }
            "join" => {
                let separator = if args.positional.is_empty() { Value::literal(",") } else { args.get(0) };
                self.join_texts(&separator, &value, span)
            }
            "entries" => {
                let all = self.elements(&value);
                let pair = self.list(vec![Value::unknown("the position in a list"), all], Value::none());
                self.list(Vec::new(), pair)
            }
            "values" | "keys" | "fill" => value,
            "group" | "groups" | "groupdict" if self.store.get(id).fields.contains_key(&Slot::Groups.key()) => {
                self.group_of(&value, name, args, span)
            }
            "includes" | "has" if self.contained(&args.get(0), &value).is_some() => {
                Value::one(Atom::Bool(self.contained(&args.get(0), &value) == Some(true)))
            }
            "indexOf" if self.position_in(id, &args.get(0)).is_some() => self.position_in(id, &args.get(0)).unwrap_or_default(),
            "includes" | "has" | "delete" | "indexOf" | "index" | "count" | "remove" | "discard" | "lastIndexOf" | "clear" => {
                unknown_bool()
            }
            "difference" | "intersection" => value,
            "pipe" | "subscribe" if !self.in_python() => self.stream_method(&value, name, args, span),
            _ => {
                let called = self.call_unknown(args, span);
                called.joined(&Value::unknown("a method of a list"))
            }
        }
    }

    /// `xs.map(f)` and the like, on lists and on unknown collections.
    pub(in crate::flow) fn each_of(&mut self, value: &Value, name: &str, args: &Args, span: Span) -> Value {
        let rounds = self.rounds_of(value, span);
        let function = args.get(0);
        let position = Value::unknown("the position in a list");
        if name.starts_with("reduce") {
            return self.reduce(rounds, &function, args, span);
        }
        if name == "sort" || name == "reverse" {
            let item: Value = rounds.items.into_iter().chain([rounds.rest]).collect();
            self.call_back(&function, vec![item.clone(), item], span);
            return value.clone();
        }
        let in_python = self.in_python();
        let given = |item: &Value| {
            let mut given = vec![item.clone()];
            // Python's functions get items alone.
            if !in_python {
                given.extend([position.clone(), value.clone()]);
            }
            given
        };
        let mut items = Vec::new();
        for item in &rounds.items {
            let result = self.call_back(&function, given(item), span);
            items.push(self.awaited(&result));
        }
        let further = self.apart(rounds.rest.clone());
        let mut of_further = Vec::new();
        for item in &further {
            let result = self.call_back(&function, given(item), span);
            of_further.push(self.awaited(&result));
        }
        let rest: Value = of_further.iter().cloned().collect();
        match name {
            "map" => self.list(items, rest),
            "flatMap" => {
                let list = self.store.alloc(Obj::new(ObjKind::List));
                for item in items.iter().chain(std::iter::once(&rest)) {
                    self.extend(list, item, span);
                }
                Value::object(list)
            }
            "filter" => self.passing((rounds.items, items), (further, of_further)),
            "find" | "findLast" => {
                let rest = further.into_iter().zip(&of_further).filter(|(_, passes)| self.truth(passes) != Some(false));
                let rest = rest.map(|(item, _)| item).collect();
                self.first_passing(rounds.items.into_iter().zip(items).collect(), rest, name == "findLast")
            }
            "some" | "every" => {
                let answers: Vec<Option<bool>> = items.iter().map(|passes| self.truth(passes)).collect();
                let deciding = name == "some";
                let rest_decides = !rounds.rest.is_none() || answers.contains(&None);
                match answers.contains(&Some(deciding)) {
                    true => Value::one(Atom::Bool(deciding)),
                    false if rest_decides => unknown_bool(),
                    false => Value::one(Atom::Bool(!deciding)),
                }
            }
            "forEach" => Value::null(),
            _ => unknown_bool(),
        }
    }

    /// The items of a list that pass a filter, given what the filter says of each: known ones, then any number of others.
    fn passing(&mut self, known: (Vec<Value>, Vec<Value>), further: (Vec<Value>, Vec<Value>)) -> Value {
        let mut kept = Vec::new();
        let mut certain = true;
        for (item, passes) in known.0.into_iter().zip(known.1) {
            match self.truth(&passes) {
                Some(false) => continue,
                Some(true) => {}
                None => certain = false,
            }
            kept.push(item);
        }
        let further = further.0.into_iter().zip(further.1);
        let rest: Value = further.filter(|(_, passes)| self.truth(passes) != Some(false)).map(|(item, _)| item).collect();
        if certain { self.list(kept, rest) } else { self.list(Vec::new(), kept.into_iter().chain([rest]).collect()) }
    }

    /// The first (or last) known item that passes, and those before it that may; none of them where all fail.
    fn first_passing(&self, mut known: Vec<(Value, Value)>, rest: Value, from_end: bool) -> Value {
        if from_end {
            known.reverse();
        }
        let mut found = if from_end { rest.clone() } else { Value::none() };
        for (item, passes) in known {
            match self.truth(&passes) {
                Some(false) => {}
                Some(true) => return found.joined(&item),
                None => found.join(&item),
            }
        }
        found.joined(&rest).joined(&Value::null())
    }

    fn reduce(&mut self, rounds: super::super::exec::Rounds, function: &Value, args: &Args, span: Span) -> Value {
        let mut items = rounds.items.into_iter();
        let mut total = match args.positional.get(1) {
            Some(initial) => initial.clone(),
            None => items.next().unwrap_or_else(|| rounds.rest.clone()),
        };
        for item in items {
            let result = self.call_value(&function.clone(), Args::positional(vec![total.clone(), item]), span);
            total = self.awaited(&result);
        }
        let further = self.apart(rounds.rest);
        for item in further.iter().chain(&further) {
            let result = self.call_back(function, vec![total.clone(), item.clone()], span);
            total.join(&self.awaited(&result));
        }
        total
    }

    /// `d.get(key, default)`.
    fn entry_or(&mut self, id: ObjId, key: &Value, default: &Value, span: Span) -> Value {
        if let ObjKind::Namespace(_) = self.store.get(id).kind {
            return self.index(&Value::object(id), key, span).joined(default);
        }
        let key = &self.plain(key);
        let field = key.as_literal().and_then(|name| self.store.get(id).fields.get(name));
        let (is_field, may_be_missing) = (field.is_some(), field.is_some_and(Value::may_be_missing));
        let known = is_field || self.paired_entry(id, key).is_some();
        let value = self.index(&Value::object(id), key, span);
        if known {
            // A key that only some paths have set, or whose value is nothing.
            let may_lack = may_be_missing || value.atoms().iter().any(|atom| matches!(atom, super::super::value::Atom::Null(_)));
            return match default.is_none() {
                true if may_be_missing => value.joined(&Value::null()),
                false if may_lack => value.joined(default),
                _ => value,
            };
        }
        let object = self.store.get(id);
        let closed = !object.open && object.rest.is_none() && key.as_literal().is_some();
        let default = if default.is_none() { Value::null() } else { default.clone() };
        if closed && self.is_null(&value) == Some(true) { default } else { value.joined(&default) }
    }

    /// `d.items()`, `Object.entries(d)`: a list of pairs.
    pub(in crate::flow) fn entries(&mut self, value: &Value) -> Value {
        let mut items = Vec::new();
        let mut rest = Value::none();
        for atom in value.atoms() {
            let super::super::value::Atom::Object(id) = atom else {
                let pair = self.list(unknown_pair(), Value::none());
                rest.join(&pair);
                continue;
            };
            let object = self.content(*id);
            for (name, entry) in object.fields.iter() {
                items.push(self.list(vec![Value::literal(name.clone()), entry.clone()], Value::none()));
            }
            if let Some(pairs) = object.paired() {
                items.extend(pairs.iter().map(|(key, entry)| self.list(vec![key.clone(), entry.clone()], Value::none())));
            } else if object.open || !object.rest.is_none() {
                let entry =
                    if object.rest.is_none() { Value::unknown("an entry of an unknown object") } else { object.rest.clone() };
                let pair = self.list(vec![object.other_keys(), entry], Value::none());
                rest.join(&pair);
            }
        }
        self.list(items, rest)
    }

    /// `d.values()`, `Object.values(d)`.
    pub(in crate::flow) fn values(&mut self, value: &Value) -> Value {
        let mut items = Vec::new();
        let mut rest = Value::none();
        for atom in value.atoms() {
            let super::super::value::Atom::Object(id) = atom else {
                rest.join(&Value::unknown("an entry of an unknown object"));
                continue;
            };
            let object = self.content(*id);
            items.extend(object.fields.values().cloned());
            match object.paired() {
                Some(pairs) => items.extend(pairs.iter().map(|(_, entry)| entry.clone())),
                None => rest.join(&object.rest),
            }
            if object.open {
                rest.join(&Value::unknown("an entry of an unknown object"));
            }
        }
        self.list(items, rest)
    }
}

/// A key and a value of what is not known.
pub(super) fn unknown_pair() -> Vec<Value> {
    vec![Value::unknown("a key of an unknown object"), Value::unknown("an entry of an unknown object")]
}
