//! Dictionaries and lists: entries, items, iteration.

use std::borrow::Cow;
use std::rc::Rc;

use smol_str::SmolStr;

use super::exec::Rounds;
use super::interp::Interp;
use super::member::{dotted, trusted};
use super::store::{Obj, ObjKind};
use super::value::{Atom, Nothing, ObjId, SdkAtom, Value, atom_text};
use crate::note::NoteKind;
use crate::span::Span;
use crate::value::{Hole, Text};

/// Records that are gone through one by one.
const MAX_RECORDS: usize = 8;

impl Interp<'_> {
    /// `object[index]`.
    pub(super) fn index(&mut self, object: &Value, index: &Value, span: Span) -> Value {
        let index = &self.plain(index);
        let mut all = Value::none();
        for atom in object.atoms() {
            if self.refuses(atom, index) {
                continue;
            }
            let value = self.index_of(atom, index, span);
            all.join(&value);
        }
        // Where it is not there, Python raises an error.
        let all = if self.in_python() && all.may_be_missing() {
            all.filtered(|atom| *atom != Atom::Null(Nothing::Missing))
        } else {
            all
        };
        if all.is_none() { Value::null() } else { all }
    }

    /// Whether Python raises an error because a dictionary has no such key.
    fn refuses(&self, atom: &Atom, index: &Value) -> bool {
        let (Atom::Object(id), Some(name)) = (atom, index.as_literal()) else { return false };
        let object = self.store.get(*id);
        let is_complete = object.kind == ObjKind::Dict && !object.open && object.rest.is_none();
        self.in_python() && is_complete && !object.fields.contains_key(name)
    }

    fn index_of(&mut self, atom: &Atom, index: &Value, span: Span) -> Value {
        match atom {
            Atom::Null(_) => Value::none(),
            Atom::Hole(hole) => hole_entry(hole, index),
            Atom::Object(id) => self.object_entry(*id, index, span),
            Atom::Sdk(sdk) => self.sdk_entry(sdk, index, span),
            Atom::Wrapped(_) => Value::one(atom.clone()),
            // A generic type: `List[str]`, `Table<Order>`.
            Atom::Function(_) => Value::one(atom.clone()),
            Atom::Text(text) if matches!(index.single(), Some(Atom::Number(_))) => self.character(text, index),
            _ => match index.as_literal() {
                Some(name) => self.member(&Value::one(atom.clone()), &name.into(), span),
                None => Value::unknown("part of a value"),
            },
        }
    }

    fn object_entry(&mut self, id: ObjId, index: &Value, span: Span) -> Value {
        let object = self.store.get(id);
        if object.kind == ObjKind::List {
            return self.list_entry(id, index);
        }
        if let ObjKind::Class { .. } = object.kind
            && let Some(member) = self.member_by_name(id, index).or_else(|| self.class_entry(id, index, span))
        {
            return member;
        }
        let object = self.store.get(id);
        if let ObjKind::Class { .. } = object.kind
            && self.in_python()
            && (is_no_key(index)
                || index.as_literal().is_none() && object.fields.values().all(|value| value.as_literal().is_none()))
        {
            // A generic class of the program: `Repository[Order]`.
            return Value::object(id);
        }
        if let Some(value) = self.magic(&Value::object(id), &["__getitem__"], std::slice::from_ref(index), span) {
            return value;
        }
        if let Some(value) = self.paired_entry(id, index) {
            return value;
        }
        let mut all = Value::none();
        for key in key_texts(index) {
            let value = self.entry_under(id, &key, span);
            all.join(&value);
        }
        if all.is_none() { self.absent_entry(id, None) } else { all }
    }

    /// The entries whose key can be the given one.
    fn entry_under(&mut self, id: ObjId, key: &Text, span: Span) -> Value {
        if let Some(value) = self.trapped(id, &Value::text(key.clone()), span) {
            return value;
        }
        let object = self.store.share(id);
        if let Some(name) = key.as_literal() {
            let plain = matches!(object.kind, ObjKind::Dict) && object.fields.contains_key(name);
            return match (plain, &object.kind) {
                (true, _) => self.with_accessors(object.fields[name].clone(), &Value::object(id), span),
                (false, ObjKind::Dict) => self.absent_entry(id, Some(name)),
                _ => self.member(&Value::object(id), &name.into(), span),
            };
        }
        let mut all = object.rest.filtered(|atom| !self.is_environment(atom));
        for name in self.names_of(id) {
            if key.may_be(&name) {
                let value = self.entry_under(id, &Text::literal(name), span);
                all.join(&value);
            }
        }
        if object.open || all.is_none() {
            all.join(&Value::unknown("an entry under an unknown key"));
        }
        all
    }

    /// Every name that can be read from an object, its classes included.
    fn names_of(&self, id: ObjId) -> Vec<SmolStr> {
        let object = self.store.get(id);
        let mut names: Vec<SmolStr> = object.fields.keys().cloned().collect();
        match &object.kind {
            ObjKind::Instance(class) => names.extend(self.class_names(*class)),
            ObjKind::Class { .. } => names.extend(self.class_names(id)),
            ObjKind::Namespace(module) => {
                names.extend(self.store.get(self.modules[*module].frame).fields.keys().cloned());
            }
            _ => {}
        }
        names.retain(|name| !name.starts_with("__"));
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    fn class_names(&self, class: ObjId) -> Vec<SmolStr> {
        self.line_of(class).iter().flat_map(|&id| self.store.get(id).fields.keys().cloned().collect::<Vec<_>>()).collect()
    }

    /// Which item of a list an index means, counted from the front.
    pub(super) fn list_position(&self, id: ObjId, index: &Value) -> Option<usize> {
        let at = whole_number(index)?;
        usize::try_from(if at < 0 { at + self.store.get(id).items.len() as i64 } else { at }).ok()
    }

    fn list_entry(&self, id: ObjId, index: &Value) -> Value {
        let object = self.store.get(id);
        let at = self.list_position(id, index);
        if let Some(value) = at.and_then(|at| object.items.get(at)) {
            let mut value = value.clone();
            if whole_number(index).is_some_and(|at| at < 0) {
                value.join(&object.rest);
            }
            return value;
        }
        let mut all = object.rest.clone();
        if at.is_none() {
            object.items.iter().for_each(|item| all.join(item));
        }
        if all.is_none() { Value::unknown("an item of a list") } else { all }
    }

    fn sdk_entry(&mut self, sdk: &Rc<SdkAtom>, index: &Value, span: Span) -> Value {
        if let Some(value) = self.library_entry(&sdk.value, index) {
            return value;
        }
        let of_library = index.as_literal().and_then(|name| self.of_library(&sdk.value, name));
        // `Provide[Container.store]` asks for what a provider provides.
        let provided = || Some(super::injected::provided(index)).filter(|value| value != index);
        let told = of_library.or_else(provided);
        if let Some(asked) = self.asked_by_subscript(sdk, index, span) {
            return asked.joined(&told.unwrap_or_default());
        }
        if let Some(value) = told {
            return value;
        }
        let is_client = crate::sdk::created_service(&sdk.value).is_some();
        if is_client {
            return self.computed_member(&Value::one(Atom::Sdk(sdk.clone())), index, span);
        }
        if index.atoms().iter().any(|atom| matches!(atom, Atom::Hole(_))) && Self::is_sdk_module(&sdk.value) {
            let message =
                "which service or command of the AWS SDK is taken here is computed; add the permissions it needs by hand";
            self.note(NoteKind::DynamicService, span, message);
        }
        let key = self.export(index);
        let arg = crate::sdk::index(&sdk.value, &key);
        self.import_arg(&arg)
    }

    /// `getattr(object, name)`, `client[name]`.
    pub(super) fn computed_member(&mut self, object: &Value, name: &Value, span: Span) -> Value {
        let mut all = Value::none();
        let mut unknown = false;
        for text in key_texts(name) {
            match text.as_literal() {
                Some(name) => {
                    let value = self.member(object, &name.into(), span);
                    all.join(&value);
                }
                None => {
                    for atom in object.atoms() {
                        match atom {
                            Atom::Object(id) => {
                                let value = self.entry_under(*id, &text, span);
                                all.join(&value);
                            }
                            Atom::Sdk(sdk) => unknown |= crate::sdk::makes_requests(&sdk.value),
                            _ => {}
                        }
                    }
                }
            }
        }
        if unknown {
            self.dynamic_operation(span, "an AWS client");
        }
        if all.is_none() { Value::unknown("an attribute with a computed name") } else { all }
    }

    /// `object[index] = value`.
    pub(super) fn set_index(&mut self, object: &Value, index: &Value, value: Value) {
        let certain = object.atoms().len() == 1;
        for atom in object.atoms() {
            if let Atom::Sdk(sdk) = atom {
                if let Some(name) = self.plain(index).as_literal() {
                    self.set_on_library(&sdk.value, &name.into(), &value);
                }
                self.told_by_subscript(sdk, index, &value);
            }
            let Atom::Object(id) = atom else { continue };
            match self.store.get(*id).kind {
                ObjKind::List => self.set_item(*id, index, &value, certain),
                _ => {
                    let args = [index.clone(), value.clone()];
                    if self.magic(&Value::one(atom.clone()), &["__setitem__"], &args, Span::default()).is_none() {
                        self.put(*id, index, value.clone(), certain);
                    }
                }
            }
        }
    }

    /// Sets an entry of a dictionary.
    pub(super) fn put(&mut self, id: ObjId, key: &Value, value: Value, certain: bool) {
        let key = self.plain(key);
        let objects = key.filtered(is_object);
        let keys = key_texts(&key.filtered(|atom| !is_object(atom)));
        let single = keys.len() == 1 && objects.is_none();
        if !objects.is_none() {
            for key in objects.atoms().iter().filter_map(atom_text) {
                self.store_somewhere(id, &key, &value);
            }
            self.store.put_into(id, &objects);
            self.store.put_into(id, &value).add_pairs(&objects, &value);
        }
        for key in keys {
            match key.as_literal() {
                Some(name) => self.set_field(id, &name.into(), value.clone(), certain && single),
                None => {
                    self.store_somewhere(id, &key, &value);
                    let object = self.store.get(id);
                    if !object.rest.includes(&value) || !(object.open || object.computed.contains(&key)) {
                        let object = self.store.put_into(id, &value);
                        object.rest.join(&value);
                        object.add_computed(&key);
                    }
                }
            }
        }
    }

    /// Adds an item to a list. Within a path that may repeat, positions beyond the first rounds are unknown anyway.
    pub(super) fn append(&mut self, id: ObjId, value: Value) {
        let object = self.store.get(id);
        if object.rest.is_none() && object.items.len() < 256 {
            self.store.put_into(id, &value).items.push(value);
        } else if !object.rest.includes(&value) {
            self.store.put_into(id, &value).rest.join(&value);
        }
    }

    /// Adds all items of a collection to a list.
    pub(super) fn extend(&mut self, id: ObjId, other: &Value, span: Span) {
        let rounds = self.rounds_of(other, span);
        for item in rounds.items {
            self.append(id, item);
        }
        if !rounds.rest.is_none() {
            self.store.put_into(id, &rounds.rest).rest.join(&rounds.rest);
        }
    }

    /// Adds all entries of an object to a dictionary.
    pub(super) fn merge_into(&mut self, id: ObjId, other: &Value) {
        let certain = other.atoms().len() == 1;
        let before = (!certain).then(|| self.store.get(id).fields.clone());
        for atom in other.atoms() {
            match atom {
                Atom::Object(source) => {
                    let object = self.store.share(*source);
                    if object.open {
                        self.overwrite(id, &Hole::Unknown("an entry of an unknown object".into()));
                    }
                    self.store.publish_into(id, &object);
                    if self.store.get(id).fields.is_empty() {
                        // A copy that shares what neither changes.
                        self.store.get_mut(id).fields = object.fields.clone();
                    } else {
                        self.store.count_copy(&object);
                        for (name, value) in object.fields.iter() {
                            self.set_field(id, name, value.clone(), certain);
                        }
                    }
                    let target = self.store.get_mut(id);
                    target.rest.join(&object.rest);
                    if object.open {
                        target.open_for(&object.copied);
                    }
                    object.computed.iter().for_each(|key| target.add_computed(key));
                    target.keys.join(&object.keys);
                    target.join_pairs(&object, false);
                }
                Atom::Sdk(_) if self.is_environment(atom) => self.store.get_mut(id).rest.add(atom.clone()),
                Atom::Hole(hole) => {
                    self.overwrite(id, hole);
                    let has_parts = matches!(**hole, Hole::Event(_) | Hole::Context(_) | Hole::Response { .. });
                    let copied = if has_parts { Value::one(atom.clone()) } else { Value::none() };
                    self.store.get_mut(id).open_for(&copied);
                }
                Atom::Wrapped(_) | Atom::Sdk(_) => self.store.get_mut(id).open_for(&Value::none()),
                _ => {}
            }
        }
        if let Some(before) = before {
            self.lacks_what_one_has(id, &before, other);
        }
    }

    /// Every item of a collection, joined.
    pub(super) fn elements(&mut self, value: &Value) -> Value {
        let rounds = self.rounds_of(value, Span::default());
        rounds.items.into_iter().chain(std::iter::once(rounds.rest)).collect()
    }

    /// One unknown item of a collection.
    pub(super) fn item_of(&mut self, value: &Value, span: Span) -> Value {
        let rounds = self.rounds_of(value, span);
        rounds.items.into_iter().chain(std::iter::once(rounds.rest)).collect()
    }

    /// What iterating a value gives. Iterating a paginator or a collection makes its requests.
    pub(super) fn rounds_of(&mut self, value: &Value, span: Span) -> Rounds {
        let mut rounds = Rounds::default();
        let iterable = iterable(value);
        let single = iterable.atoms().len() == 1;
        if !single && let Some(rounds) = self.aligned_rounds(&iterable) {
            return rounds;
        }
        for atom in iterable.atoms() {
            match atom {
                Atom::Object(id) => self.object_rounds(*id, single, &mut rounds, span),
                Atom::Hole(hole) => rounds.rest.join(&hole_item(hole)),
                Atom::Sdk(sdk) => {
                    let item = self.iterate_sdk(sdk, span);
                    rounds.rest.join(&item);
                }
                Atom::Text(_) => rounds.rest.join(&Value::unknown("a character of an unknown text")),
                // A function stands for what an unknown wrapper made of it, too.
                Atom::Bound(_) | Atom::Wrapped(_) | Atom::Function(_) => {
                    rounds.rest.join(&Value::unknown("an item of an unknown list"));
                }
                _ => {}
            }
        }
        rounds
    }

    /// The same for each alternative of a value by itself.
    pub(super) fn rounds_of_each(&mut self, value: &Value, span: Span) -> Vec<Rounds> {
        let alternatives: Vec<Value> = iterable(value).atoms().iter().map(|atom| Value::one(atom.clone())).collect();
        alternatives.iter().map(|alternative| self.rounds_of(alternative, span)).collect()
    }

    /// The records among which every further item of a list is, one by one: what stands in one of them belongs together. Other
    /// values are one.
    pub(super) fn apart(&self, rest: Value) -> Vec<Value> {
        let is_record = |atom: &Atom| matches!(atom, Atom::Object(id) if matches!(self.store.get(*id).kind, ObjKind::List | ObjKind::Dict | ObjKind::Instance(_)));
        if rest.is_none() {
            return Vec::new();
        }
        if rest.atoms().len() <= MAX_RECORDS && rest.atoms().iter().all(is_record) {
            return rest.atoms().iter().map(|atom| Value::one(atom.clone())).collect();
        }
        vec![rest]
    }

    /// Lists of one length, item by item: what is first in one of them is not last in another.
    fn aligned_rounds(&self, value: &Value) -> Option<Rounds> {
        let mut rounds: Option<Rounds> = None;
        for atom in value.atoms() {
            let Atom::Object(id) = atom else { return None };
            let object = self.store.get(*id);
            if object.kind != ObjKind::List {
                return None;
            }
            match &mut rounds {
                None => rounds = Some(Rounds { items: object.items.clone(), rest: object.rest.clone() }),
                Some(rounds) if rounds.items.len() == object.items.len() => {
                    rounds.items.iter_mut().zip(&object.items).for_each(|(known, other)| known.join(other));
                    rounds.rest.join(&object.rest);
                }
                Some(_) => return None,
            }
        }
        rounds
    }

    /// What an object holds: a module's names are the variables of its top level.
    pub(super) fn content(&self, id: ObjId) -> Rc<Obj> {
        match self.store.get(id).kind {
            ObjKind::Namespace(module) => self.store.share(self.modules[module].frame),
            _ => self.store.share(id),
        }
    }

    fn object_rounds(&mut self, id: ObjId, single: bool, rounds: &mut Rounds, span: Span) {
        let object = self.content(id);
        match &object.kind {
            ObjKind::List => {
                rounds.take(object.items.iter().cloned(), single);
                rounds.rest.join(&object.rest);
            }
            ObjKind::Dict if super::iterators::says_how(&object) => {
                let items = self.items_of_iterator(id, span);
                rounds.rest.join(&items);
            }
            // Of JavaScript's other objects only maps can be iterated, which gives pairs.
            ObjKind::Dict if !self.in_python() => {
                let pairs = self.entries(&Value::object(id));
                let pairs = self.rounds_of(&pairs, span);
                rounds.take(pairs.items, single);
                rounds.rest.join(&pairs.rest);
            }
            ObjKind::Class { .. } if self.in_python() && self.is_enum(id) => {
                let members = self.members_of(id).into_iter().map(|(_, member)| member);
                rounds.take(members, single);
            }
            ObjKind::Dict | ObjKind::Frame(_) => {
                let (paired, others) = object.keys_besides_fields();
                rounds.take(object.fields.keys().map(|key| Value::literal(key.clone())), single);
                rounds.take(paired, single);
                rounds.rest.join(&others);
            }
            ObjKind::Class { .. } if self.is_iterated_by_metaclass(id) => {
                let items = self.items_by_metaclass(id, span);
                rounds.rest.join(&items);
            }
            ObjKind::Class { .. } => {
                // An enumeration: its members.
                let members =
                    object.fields.values().filter(|value| !value.atoms().iter().any(|atom| matches!(atom, Atom::Function(_))));
                rounds.items.extend(members.cloned());
            }
            ObjKind::Instance(_) => {
                let items = self.items_of_iterator(id, span);
                rounds.rest.join(&items);
            }
            _ => rounds.rest.join(&Value::unknown("an item of an unknown list")),
        }
    }

    fn iterate_sdk(&mut self, sdk: &Rc<SdkAtom>, span: Span) -> Value {
        let iteration = crate::sdk::iterate(&sdk.value);
        let at_most = sdk.trust;
        for draft in iteration.requests {
            self.request(draft, span, at_most);
        }
        let item = self.import_arg(&iteration.item);
        trusted(item, sdk.trust)
    }

    /// The keys of an object or the positions of a list.
    pub(super) fn keys_of(&mut self, value: &Value) -> Rounds {
        let mut rounds = Rounds::default();
        for atom in value.atoms() {
            match atom {
                Atom::Object(id) if self.store.get(*id).kind != ObjKind::List => {
                    let object = self.content(*id);
                    rounds.items.extend(object.fields.keys().map(|key| Value::literal(key.clone())));
                    let (paired, others) = object.keys_besides_fields();
                    rounds.items.extend(paired);
                    rounds.rest.join(&others);
                }
                _ => rounds.rest.join(&Value::unknown("a key of an unknown object")),
            }
        }
        rounds
    }

    /// A new list.
    pub(super) fn list(&mut self, items: Vec<Value>, rest: Value) -> Value {
        let mut list = Obj::new(ObjKind::List);
        list.items = items;
        list.rest = rest;
        Value::object(self.store.alloc(list))
    }
}

/// Whether a key is a function, a class or an object.
fn is_object(atom: &Atom) -> bool {
    matches!(atom, Atom::Object(_) | Atom::Function(_) | Atom::Sdk(_))
}

/// Whether a value is a type or a list of types rather than a key.
fn is_no_key(index: &Value) -> bool {
    !index.is_none() && index.atoms().iter().all(is_object)
}

fn hole_entry(hole: &Hole, index: &Value) -> Value {
    let part = match index.single() {
        Some(Atom::Text(text)) => text.as_literal().map_or_else(|| SmolStr::new("[]"), SmolStr::new),
        _ => SmolStr::new("[]"),
    };
    longer(hole, &part)
}

fn hole_item(hole: &Hole) -> Value {
    longer(hole, "[]")
}

/// A part of what comes from outside.
pub(super) fn longer(hole: &Hole, part: &str) -> Value {
    match hole {
        Hole::Event(path) => Value::hole(Hole::Event(dotted(path, part))),
        Hole::Context(path) => Value::hole(Hole::Context(dotted(path, part))),
        Hole::Response { service, operation, path } => {
            Value::hole(Hole::Response { service: service.clone(), operation: operation.clone(), path: dotted(path, part) })
        }
        Hole::Env { .. } => Value::unknown("part of an environment variable"),
        other => Value::hole(super::builtin::part_of_hole(other)),
    }
}

fn whole_number(value: &Value) -> Option<i64> {
    match value.single() {
        Some(Atom::Number(number)) => number.parse().ok(),
        _ => None,
    }
}

/// The texts that a key can be; a key of any other kind is some text, too.
fn key_texts(key: &Value) -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    for atom in key.atoms() {
        let text = atom_text(atom).unwrap_or_else(|| Text::hole(Hole::Unknown("a key of an unknown object".into())));
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// The alternatives that can be iterated; where it is another one, nothing goes on.
fn iterable(value: &Value) -> Cow<'_, Value> {
    let is_iterable = |atom: &Atom| !matches!(atom, Atom::Null(_) | Atom::Bool(_) | Atom::Number(_));
    if value.atoms().iter().all(is_iterable) { Cow::Borrowed(value) } else { Cow::Owned(value.filtered(is_iterable)) }
}
