//! boto3's resources: attributes, actions, sub-resources and collections, as the resource models describe them.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::request::{answer, draft, plain};
use super::tables::{self, Made, ResourceRequest, ResourceType};
use super::{CallArgs, Callbacks, Client, Collection, Iteration, Outcome, RequestDraft, Resource, Response, SdkValue, Style};
use super::{client, libraries, library_call};
use crate::note::NoteKind;
use crate::value::{Arg, ArgMap, Shared};

/// Methods of collections that ask for its items.
const LISTING: [&str; 5] = ["all", "filter", "limit", "page_size", "pages"];

impl Resource {
    fn model(&self) -> Option<&'static ResourceType<'static>> {
        tables::service(&self.service)?.resource(&self.kind)
    }

    fn identifier(&self, name: &str) -> Arg {
        self.identifiers.get(name).cloned().unwrap_or_else(|| Arg::unknown("an identifier that is not known here"))
    }

    /// The entry of `helpers.json` for a method that boto3 adds to the model.
    fn helper(&self, method: &str) -> Option<&'static libraries::Entry> {
        libraries::helper(&["boto3", &self.service, &self.kind, method])
    }

    fn run_helper(&self, entry: &'static libraries::Entry, method: &str, args: &CallArgs) -> Outcome {
        let data = ArgMap { entries: self.identifiers.clone(), open: false, computed: Vec::new() };
        let own = library_call::Own { data: &data, config: &self.config, value: SdkValue::Resource(self.clone()), name: method };
        library_call::evaluate(entry, method, &own, args)
    }

    /// The requests that fill the lazy attributes.
    fn load(&self) -> Vec<RequestDraft> {
        if let Some(entry) = self.helper("load") {
            return self.run_helper(entry, "load", &CallArgs::default()).requests;
        }
        let load = self.model().and_then(|model| model.load.as_ref());
        load.and_then(|load| self.request(load, &ArgMap::default(), "load")).into_iter().collect()
    }

    /// The request that a model describes, with the caller's parameters on top.
    fn request(&self, request: &ResourceRequest<'static>, given: &ArgMap, via: &str) -> Option<RequestDraft> {
        let mut params = ArgMap { entries: BTreeMap::new(), open: given.open, computed: Vec::new() };
        for (target, source) in &request.params {
            set(&mut params, target, &self.value_of(source));
        }
        params.entries.extend(given.entries.clone());
        Some(draft(&self.service, request.operation?, &params, &self.config, Some(via)))
    }

    /// The value that a source of the model stands for, where it needs no response.
    fn value_of(&self, source: &str) -> Arg {
        let (marker, name) = source.split_at(source.len().min(1));
        match marker {
            "@" => self.identifier(name),
            "=" => Arg::text(name),
            _ => self.data(name),
        }
    }

    /// A part of the resource's lazily loaded data.
    fn data(&self, path: &str) -> Arg {
        let operation = self.model().and_then(|model| model.load.as_ref()).and_then(|load| load.operation);
        let response = Response {
            service: self.service.clone(),
            operation: operation.unwrap_or("Describe").into(),
            path: path.into(),
            echo: Shared::default(),
        };
        SdkValue::Response(response).into()
    }

    /// A resource made from this one: by a call, from an attribute, or from the answer to a request.
    fn make(&self, made: &Made<'static>, args: &CallArgs, request: Option<&RequestDraft>) -> Self {
        let kind = tables::service(&self.service).and_then(|service| service.resource(made.kind));
        let mut positional = args.positional.iter();
        let mut identifiers = BTreeMap::new();
        for (target, source) in &made.identifiers {
            let (marker, path) = source.split_at(source.len().min(1));
            let value = match marker {
                "?" => {
                    let python =
                        kind.and_then(|kind| kind.identifiers.iter().find(|(_, name)| name == target)).map(|(python, _)| *python);
                    positional.next().or_else(|| python.and_then(|python| args.named.get(python))).cloned()
                }
                "$" => request.map(|request| response_part(request, path)),
                "<" => request.and_then(|request| request.params.get(path).cloned()),
                _ => Some(self.value_of(source)),
            };
            if let Some(value) = value {
                identifiers.insert(SmolStr::from(*target), plain(&value));
            }
        }
        let is_filled = made.path.is_some();
        Self { service: self.service.clone(), kind: made.kind.into(), identifiers, config: self.config.clone(), is_filled }
    }

    /// What an action gives: the resources its model makes, or the answer.
    fn outcome(&self, request: &ResourceRequest<'static>, args: &CallArgs, via: &str) -> Outcome {
        let draft = self.request(request, &args.named, via);
        let value = match &request.makes {
            Some(made) => one_or_many(made, self.make(made, args, draft.as_ref())),
            None => draft.as_ref().map_or(Arg::Null, |draft| answer(std::slice::from_ref(draft))),
        };
        Outcome::requests(value, draft.into_iter().collect())
    }
}

/// What a model makes: a list, where a part of what it makes it from has several items.
fn one_or_many(made: &Made<'_>, item: Resource) -> Arg {
    let item = Arg::from(SdkValue::Resource(item));
    let many = made.identifiers.iter().any(|(_, source)| source.contains("[]"));
    if many { Arg::List { items: vec![item], open: true } } else { item }
}

/// A part of the answer to a request.
fn response_part(request: &RequestDraft, path: &str) -> Arg {
    let part = |whole| SdkValue::Response(Response { path: path.into(), ..whole }).into();
    Arg::one_of(super::request::responses_to(request).into_iter().map(part))
}

pub(super) fn member(resource: &Resource, name: &str) -> Arg {
    let Some(model) = resource.model() else { return SdkValue::Resource(resource.clone()).method(name).into() };
    if let Some((_, identifier)) = model.identifiers.iter().find(|(python, _)| *python == name) {
        return resource.identifier(identifier);
    }
    if let Some(source) = model.attributes.get(name) {
        return resource.value_of(source);
    }
    if let Some(made) = model.references.get(name) {
        return one_or_many(made, resource.make(made, &CallArgs::default(), None));
    }
    if model.collections.contains_key(name) {
        let collection = Collection { parent: resource.clone(), name: name.into(), requested: false };
        return SdkValue::Collection(collection).into();
    }
    SdkValue::Resource(resource.clone()).method(name).into()
}

pub(super) fn member_requests(resource: &Resource, name: &str) -> Vec<RequestDraft> {
    let Some(model) = resource.model() else { return Vec::new() };
    let loaded = model.attributes.get(name).is_some_and(|source| source.starts_with('.')) || model.references.contains_key(name);
    if loaded && !resource.is_filled { resource.load() } else { Vec::new() }
}

/// What a resource is once one of its actions was called: what it knew of itself is forgotten.
/// <https://github.com/boto/boto3/blob/develop/boto3/resources/factory.py>
pub(super) fn after_action(resource: &Resource, method: &str) -> Option<Resource> {
    let changes = resource.is_filled && resource.model().is_some_and(|model| model.actions.contains_key(method));
    changes.then(|| Resource { is_filled: false, ..resource.clone() })
}

pub(super) fn call(resource: &Resource, method: &str, args: &CallArgs) -> Outcome {
    if let Some(entry) = resource.helper(method) {
        return resource.run_helper(entry, method, args);
    }
    let Some(model) = resource.model() else { return unknown(resource, method) };
    if let Some(action) = model.actions.get(method) {
        return resource.outcome(action, args, "resource");
    }
    if let Some(made) = model.has.get(method) {
        return Outcome::gives(SdkValue::Resource(resource.make(made, args, None)));
    }
    if let Some(waiter) = model.waiters.get(method) {
        let given = CallArgs { named: without(&args.named, "WaiterConfig"), ..args.clone() };
        return Outcome { value: super::Returned::Value(Arg::Null), ..resource.outcome(waiter, &given, "waiter") };
    }
    match method {
        "load" | "reload" => Outcome::requests(Arg::Null, resource.load()),
        "get_available_subresources" | "__aenter__" | "__aexit__" => Outcome::gives(Arg::Null),
        _ => unknown(resource, method),
    }
}

fn without(map: &ArgMap, name: &str) -> ArgMap {
    let mut map = map.clone();
    map.entries.remove(name);
    map
}

/// A method that no model has: boto3 would fail, unless it is one of the client's that a stub allows.
fn unknown(resource: &Resource, method: &str) -> Outcome {
    let (service, config) = (resource.service.clone(), resource.config.clone());
    let client = Client { service, style: Style::Boto3, config, bound: ArgMap::default() };
    let known = client::operation(&client, method);
    let hint = known.map(|operation| format!(" (the client has {operation})")).unwrap_or_default();
    let kind = if resource.kind.is_empty() { "ServiceResource" } else { resource.kind.as_str() };
    let message = format!("{}.{kind} has no method `{method}` in leash's tables{hint}", resource.service);
    Outcome::doubt(NoteKind::UnknownOperation, message)
}

impl Collection {
    fn model(&self) -> Option<&'static ResourceRequest<'static>> {
        self.parent.model()?.collections.get(self.name.as_str())
    }

    fn request(&self, given: &ArgMap) -> Option<RequestDraft> {
        self.parent.request(self.model()?, given, "collection")
    }

    /// Each item, as far as its identifiers are known.
    fn item(&self) -> Option<Resource> {
        let request = self.request(&ArgMap::default());
        Some(self.parent.make(self.model()?.makes.as_ref()?, &CallArgs::default(), request.as_ref()))
    }
}

/// `bucket.objects.filter(Prefix=…)`, `bucket.objects.all().delete()`. Asking for the items counts as listing them.
pub(super) fn collection_call(collection: &Collection, method: &str, args: &CallArgs) -> Outcome {
    if LISTING.contains(&method) {
        let requests = match (collection.requested, method) {
            (true, "all" | "limit" | "page_size" | "pages") => Vec::new(),
            _ => collection.request(&args.named).into_iter().collect(),
        };
        let listed = SdkValue::Collection(Collection { requested: true, ..collection.clone() });
        return Outcome::requests(listed, requests);
    }
    let Some(item) = collection.item() else { return Outcome::gives(Arg::unknown("a collection's method")) };
    let Some(batch) = item.model().and_then(|model| model.batch.get(method)) else {
        return Outcome { callbacks: Callbacks::Unknown, ..Outcome::gives(Arg::unknown("a collection's method")) };
    };
    let mut outcome = item.outcome(batch, args, "collection");
    if !collection.requested {
        outcome.requests.extend(collection.request(&ArgMap::default()));
    }
    outcome
}

pub(super) fn iterate(collection: &Collection) -> Iteration {
    let requests = if collection.requested { Vec::new() } else { collection.request(&ArgMap::default()).into_iter().collect() };
    let item = collection.item().map_or_else(|| Arg::unknown("an item of a collection"), |item| SdkValue::Resource(item).into());
    Iteration { item, requests }
}

/// Sets a parameter whose name may be a path: `Delete.Objects[].Key`, `Filters[0].Name`, `AttributeNames[]`.
fn set(params: &mut ArgMap, target: &str, value: &Arg) {
    let (step, rest) = target.split_once('.').map_or((target, None), |(step, rest)| (step, Some(rest)));
    let (name, is_list) = step.split_once('[').map_or((step, false), |(name, _)| (name, true));
    let slot = params.entries.entry(name.into()).or_insert_with(|| {
        let list = Arg::List { items: Vec::new(), open: !step.contains("[0]") };
        if is_list { list } else { Arg::Map(ArgMap::default()) }
    });
    match (slot, rest) {
        (Arg::List { items, .. }, None) => items.push(value.clone()),
        (Arg::List { items, .. }, Some(rest)) => {
            if items.is_empty() {
                items.push(Arg::Map(ArgMap::default()));
            }
            if let Some(Arg::Map(map)) = items.first_mut() {
                set(map, rest, value);
            }
        }
        (Arg::Map(map), Some(rest)) => set(map, rest, value),
        (slot, _) => *slot = value.clone(),
    }
}
