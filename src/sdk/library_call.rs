//! Evaluates the entries of `api-maps/libraries`: fills their templates in with a call's arguments.

use serde_json::Value;
use smol_str::SmolStr;

use super::libraries::{self, Entry, Returns, Signs, Template, Variable, When};
use super::library_data::texts_or_constants;
use super::request::{answer, draft, plain};
use super::views::step_into;
use super::{
    CallArgs, Callbacks, Client, Config, Credentials, Each, Flow, Outcome, RESULT, RequestDraft, Returned, Schema, SdkValue,
    Style,
};
use super::{config, ecma, tables};
use crate::note::NoteKind;
use crate::value::{Arg, ArgMap, Hole, Text};

/// How many instances inside instances are kept.
const NESTING: usize = 5;
/// What names the class in an argument of a callback that is an instance.
const INSTANCE: &str = "@instance";

/// What a method is called on.
pub(super) struct Own<'a> {
    /// Its data, which templates reach as `$self`.
    pub(super) data: &'a ArgMap,
    /// Region and credentials that its requests use.
    pub(super) config: &'a Config,
    /// The value itself.
    pub(super) value: SdkValue,
    /// What is called on it, or read from it.
    pub(super) name: &'a str,
}

/// A call that is being evaluated.
pub(super) struct Call<'a> {
    pub(super) entry: &'static Entry,
    pub(super) own: &'a Own<'a>,
    pub(super) args: &'a CallArgs,
}

/// The outcome of calling what an entry describes; `via` names it in reports.
pub(super) fn evaluate(entry: &'static Entry, via: &str, own: &Own<'_>, args: &CallArgs) -> Outcome {
    let call = Call { entry, own, args };
    let mut requests = Vec::new();
    for args in call.with_each_address().as_ref().map_or(std::slice::from_ref(args), Vec::as_slice) {
        let call = Call { entry, own, args };
        requests.extend(entry.requests.iter().filter_map(|template| call.request(template, via)));
    }
    requests.extend(call.sent(via));
    let mut notes = Vec::new();
    match call.signed() {
        Ok(request) => requests.extend(request),
        Err(note) => notes.push(note),
    }
    let value = call.returned(&requests, &mut notes);
    let callbacks = match &entry.callbacks {
        Some(arguments) => {
            let arguments = arguments.iter().map(|argument| call.callback_argument(argument)).collect();
            if entry.wraps { Callbacks::Wrapped(arguments) } else { Callbacks::Called(arguments) }
        }
        None => Callbacks::Ignored,
    };
    Outcome { value, requests, notes, callbacks }
}

/// The methods that a class of a library calls on instances of what inherits from it, with their arguments.
pub(super) fn methods(entry: &'static Entry, class: SdkValue) -> Vec<(SmolStr, Vec<Arg>)> {
    let (data, config, args) = (ArgMap::default(), Config::default(), CallArgs::default());
    let own = Own { data: &data, config: &config, value: class, name: "" };
    let call = Call { entry, own: &own, args: &args };
    let given = |arguments: &Vec<Value>| arguments.iter().map(|argument| call.callback_argument(argument)).collect();
    entry.methods.iter().map(|(name, arguments)| (name.into(), given(arguments))).collect()
}

/// The value of an attribute of an instance, where that is described.
pub(super) fn attribute(entry: &'static Entry, instance: &SdkValue, data: &ArgMap, name: &str) -> Option<Arg> {
    let (config, args) = (Config::default(), CallArgs::default());
    let own = Own { data, config: &config, value: instance.clone(), name };
    let place = entry.is.as_ref()?;
    if place == libraries::MADE {
        return match evaluate(entry, name, &own, &args).value {
            Returned::Value(made) => Some(made),
            _ => None,
        };
    }
    let call = Call { entry, own: &own, args: &args };
    let value = call.at(place).map(|value| call.with_data(&value));
    Some(value.unwrap_or_else(|| Arg::unknown("an attribute of a library's value")))
}

/// The arguments of a call under the names that the entry gives them, for an instance to remember.
pub(super) fn remembered(entry: &Entry, args: &CallArgs) -> ArgMap {
    let positional = entry.arguments.iter().zip(&args.positional);
    let mut entries: std::collections::BTreeMap<SmolStr, Arg> =
        positional.map(|(name, value)| (SmolStr::from(name.as_str()), kept(value, NESTING))).collect();
    entries.extend(args.named.entries.iter().map(|(name, value)| (name.clone(), kept(value, NESTING))));
    ArgMap { entries, open: args.named.open || args.open, computed: Vec::new() }
}

/// A value as an instance remembers it: library values stay, but only a few levels deep.
fn kept(value: &Arg, nesting: usize) -> Arg {
    match value {
        Arg::Sdk(sdk) => match sdk.as_ref() {
            SdkValue::Instance { ecosystem, path, data } if nesting > 0 => {
                let data = data.with_values(|value| kept(value, nesting - 1));
                SdkValue::Instance { ecosystem: *ecosystem, path: path.clone(), data: data.into() }.into()
            }
            SdkValue::Client(_)
            | SdkValue::Resource(_)
            | SdkValue::Session(_)
            | SdkValue::Command(_)
            | SdkValue::Credentials(_) => value.clone(),
            _ => plain(value),
        },
        Arg::OneOf(_) => value.with_parts(|part| kept(part, nesting)),
        Arg::Map(_) | Arg::List { .. } if nesting > 0 => value.with_parts(|part| kept(part, nesting - 1)),
        other => plain(other),
    }
}

impl Call<'_> {
    /// The arguments once for each address, where one of them is a list of addresses: bucket and key belong together.
    fn with_each_address(&self) -> Option<Vec<CallArgs>> {
        let is_list = |arg: &Arg| matches!(arg, Arg::List { .. });
        if !self.args.positional.iter().chain(self.args.named.entries.values()).any(is_list) {
            return None;
        }
        let names = self.entry.requests.iter().flat_map(|template| template.params.values()).filter_map(|value| {
            let place = value.as_str()?.strip_prefix('$')?;
            place.strip_suffix(".@bucket").or_else(|| place.strip_suffix(".@store-bucket"))
        });
        let mut lists =
            names.filter_map(|name| match self.args.named.get(name).or_else(|| self.args.positional.get(self.position(name))) {
                Some(Arg::List { items, open }) => Some((name, items, *open)),
                _ => None,
            });
        let (name, items, open) = lists.next()?;
        // What is computed for each of something is like what there is.
        let further = (open && items.is_empty()).then(|| Arg::unknown("an item of a list"));
        let with = |item: &Arg| {
            let mut args = self.args.clone();
            match args.positional.get_mut(self.position(name)) {
                Some(place) => *place = item.clone(),
                None => drop(args.named.entries.insert(name.into(), item.clone())),
            }
            args
        };
        Some(items.iter().chain(&further).map(with).collect())
    }

    fn request(&self, template: &Template, via: &str) -> Option<RequestDraft> {
        if !template.when.iter().all(|when| self.holds(when)) {
            return None;
        }
        let (_, operation) = tables::service(&template.service)?.operation(&template.operation)?;
        let mut params = ArgMap::default();
        for place in &template.spread {
            for map in self.place(place).iter().flat_map(Arg::alternatives) {
                match map {
                    Arg::Map(map) => {
                        let fitting = map.entries.iter().filter(|(name, _)| operation.has_input(name));
                        params.entries.extend(fitting.map(|(name, value)| (name.clone(), value.clone())));
                        params.open |= map.open;
                    }
                    Arg::Null => {}
                    _ => params.open = true,
                }
            }
        }
        for (name, value) in &template.params {
            if let Some(value) = self.fill(value) {
                params.entries.insert(name.into(), value);
            }
        }
        let config = match &template.client {
            Some(place) => self.place(place).and_then(|value| config_of(&value)).unwrap_or_default(),
            None => self.own.config.clone(),
        };
        Some(draft(&template.service, &template.operation, &params, &config, Some(via)))
    }

    /// The requests of the commands that it sends.
    fn sent(&self, via: &str) -> Vec<RequestDraft> {
        let Some(sends) = &self.entry.sends else { return Vec::new() };
        let command = self.place(&sends.command).unwrap_or(Arg::Null);
        let client = self.place(&sends.client);
        let clients = ecma::clients(client.as_ref(), "");
        let pairs = clients.iter().flat_map(|client| command.alternatives().iter().map(move |command| (client, command)));
        let requests = pairs.filter_map(|(client, command)| ecma::sent(client, command));
        requests.map(|request| RequestDraft { via: Some(via.into()), ..request }).collect()
    }

    /// The request that is signed by hand, or the note about it where nothing is known of what its service asks for.
    fn signed(&self) -> Result<Option<RequestDraft>, config::ConfigNote> {
        let Some(signs) = &self.entry.signs else { return Ok(None) };
        let (service, default, host, method, credentials) = match signs {
            Signs::Service(service) => (service, None, None, None, None),
            Signs::Request { service, default, host, method, credentials } => {
                (service, default.as_deref(), host.as_ref(), method.as_ref(), credentials.as_ref())
            }
        };
        let at_place = |places: &str| match places.split(" or ").find_map(|place| self.place(place)) {
            Some(value) => literal(&value),
            None => default.map(SmolStr::from),
        };
        let named = if service.starts_with('$') { at_place(service) } else { Some(service.into()) };
        if let Some(service) = named.as_ref().map(|name| smol_str::format_smolstr!("signed-{name}"))
            && let Some((_, operation)) = tables::service(&service).and_then(|table| table.operation("Request"))
        {
            let given = |name: &'static str, places: Option<&String>| {
                let value = places?.split(" or ").find_map(|place| self.place(place)).filter(|value| *value != Arg::Null)?;
                operation.has_input(name).then_some((SmolStr::new_static(name), value))
            };
            let entries = [given("Host", host), given("Method", method)].into_iter().flatten().collect();
            let params = ArgMap { entries, ..ArgMap::default() };
            let whose = credentials.and_then(|places| places.split(" or ").find_map(|place| self.place(place)));
            let credentials = whose.as_ref().map(config::of_signer).unwrap_or_default();
            let config = Config { credentials, ..self.own.config.clone() };
            return Ok(Some(draft(&service, "Request", &params, &config, Some("signed by hand"))));
        }
        let to = named.map(|name| format!(" to {name}")).unwrap_or_default();
        let message = format!("requests{to} are signed by hand here; what they need is not in the policy");
        Err((NoteKind::SignedRequest, message))
    }

    fn returned(&self, requests: &[RequestDraft], notes: &mut Vec<config::ConfigNote>) -> Returned {
        let value = match &self.entry.returns {
            Returns::Identity => return Returned::Identity,
            Returns::Decorator if self.args.positional.is_empty() => return Returned::Identity,
            Returns::Decorator => return Returned::Argument(0),
            Returns::Environment => return Returned::Environment,
            Returns::Variable(variable) => return self.variable(variable),
            Returns::Settings(name) => return Returned::Settings(self.position(name), name.into()),
            Returns::Result(name) => return Returned::Result(self.position(name), name.into()),
            Returns::Provider => return Returned::Provider,
            Returns::Applied => return Returned::Applied,
            Returns::Called => return Returned::Called,
            Returns::Curried => return Returned::Curried,
            Returns::Piped => return Returned::Flow(Flow::Piped),
            Returns::Pipeline => return Returned::Flow(Flow::Pipeline { reversed: false }),
            Returns::Composed => return Returned::Flow(Flow::Pipeline { reversed: true }),
            Returns::Each(how) => return Returned::Flow(Flow::Each(self.each(how))),
            Returns::Parsed => return Returned::Parsed,
            Returns::Listed => return Returned::Flow(Flow::Listed),
            Returns::Stream => return Returned::Flow(Flow::Stream),
            Returns::Item => return Returned::Flow(Flow::Each(self.among("item"))),
            Returns::Kept => return Returned::Flow(Flow::Each(self.among("kept"))),
            Returns::Chunks => return Returned::Flow(Flow::Each(self.among("chunks"))),
            Returns::Groups => return Returned::Flow(Flow::Each(self.among("groups"))),
            Returns::Checked(entry) => {
                let Some(schema) = Schema::of(self.own.data) else {
                    return Returned::Value(Arg::unknown("what a schema makes of a value"));
                };
                return Returned::Checked(schema, (!entry.is_empty()).then(|| entry.into()));
            }
            Returns::MethodOf { argument, method } => {
                return Returned::MethodOf(self.position(argument), argument.into(), method.into());
            }
            Returns::Argument(index) => {
                let name = self.entry.arguments.get(*index).filter(|name| self.args.named.get(name).is_some());
                return name.map_or(Returned::Argument(*index), |name| Returned::Named(name.into()));
            }
            Returns::Null => Arg::Null,
            Returns::Receiver => self.own.value.clone().into(),
            Returns::Items => Arg::List { items: vec![self.own.value.clone().into()], open: true },
            Returns::ItemsOf { class, data } => {
                let data = self.place(data).and_then(|data| data.as_map().cloned()).unwrap_or_default();
                let path = vec![class.into(), RESULT.into()];
                let item = SdkValue::Instance { ecosystem: self.ecosystem(), path, data: data.into() };
                Arg::List { items: vec![item.into()], open: true }
            }
            Returns::Response => {
                requests.first().map_or_else(|| Arg::unknown("the answer of AWS"), |first| answer(std::slice::from_ref(first)))
            }
            Returns::Client(place) if place.starts_with('$') => {
                let (made, further) = super::boto3::client_of(self.place(place).as_ref(), self.own.config);
                notes.extend(further);
                made
            }
            Returns::Client(service) => {
                let (service, config) = (service.into(), self.own.config.clone());
                SdkValue::Client(Client { service, style: Style::Boto3, config, bound: ArgMap::default() }).into()
            }
            Returns::New(class) => {
                let path: Vec<SmolStr> = class.split('.').map(SmolStr::from).collect();
                let made = ecma::call(&path, &CallArgs { construct: true, ..CallArgs::default() }).map(|made| made.value);
                return made.unwrap_or_else(|| Returned::Value(Arg::unknown("what a class of an SDK makes")));
            }
            Returns::Document(place) => SdkValue::Client(ecma::document(self.place(place).as_ref())).into(),
            Returns::Command(operation) => match operation.split_once('.') {
                Some((service, operation)) => ecma::commands(service, operation, self.args),
                None => Arg::unknown("a command"),
            },
            Returns::Credentials(place) => self.credentials(place, notes),
            Returns::Role(place) => {
                let role = self.place(place).unwrap_or_else(|| Arg::unknown("an assumed role"));
                SdkValue::Credentials(Credentials::Role(Box::new(plain(&role)))).into()
            }
            Returns::InstanceOf(name) => self.instance_of(name),
            // Instances of the entry itself are made by the caller, who knows the path.
            Returns::Instance | Returns::Unknown => Arg::unknown("the result of a library call"),
        };
        Returned::Value(value)
    }

    fn each(&self, how: &str) -> Each {
        let at = |name: &str| self.entry.arguments.iter().position(|argument| argument == name);
        Each { how: how.into(), items: at("items"), function: at("function"), initial: at("initial"), done: at("done") }
    }

    /// The same for what only the items count of: the first argument, unless another one has that name. A function has looked at them
    /// by itself.
    fn among(&self, how: &str) -> Each {
        let each = self.each(how);
        Each { items: each.items.or(Some(0)), function: None, ..each }
    }

    /// Where an argument stands, beyond all arguments for one that is given by name only.
    fn position(&self, name: &str) -> usize {
        self.entry.arguments.iter().position(|argument| argument == name).unwrap_or(usize::MAX)
    }

    /// An environment variable by the place of its name; without a name, the default is all there is.
    fn variable(&self, variable: &Variable) -> Returned {
        let texts = |place: &str| self.place(place).map(|value| plain(&value).texts());
        let default = variable.default.as_ref().and_then(|place| self.place(place)).map(|value| plain(&value));
        let Some(names) = texts(&variable.name).filter(|names| !names.is_empty()) else {
            return Returned::Value(default.unwrap_or_else(|| Arg::unknown("a setting")));
        };
        let prefix = variable.prefix.as_ref().and_then(|place| texts(place)?.into_iter().next()).unwrap_or_default();
        let whole = |name: Text| Text::from_pieces(prefix.pieces().iter().chain(name.pieces()).cloned());
        Returned::Variable(names.into_iter().map(whole).collect(), default)
    }

    fn credentials(&self, place: &str, notes: &mut Vec<config::ConfigNote>) -> Arg {
        let credentials = match place {
            "own" => Credentials::Own,
            "explicit" => Credentials::Explicit,
            place => {
                let (credentials, note) = self.place(place).map(|value| config::provided(&value)).unwrap_or_default();
                notes.extend(note);
                credentials
            }
        };
        SdkValue::Credentials(credentials).into()
    }

    fn ecosystem(&self) -> super::Ecosystem {
        match &self.own.value {
            SdkValue::External { ecosystem, .. } | SdkValue::Instance { ecosystem, .. } => *ecosystem,
            _ => super::Ecosystem::Python,
        }
    }

    /// An instance of a class named as in the files; its path is the name in one segment.
    fn instance_of(&self, name: &str) -> Arg {
        let ecosystem = self.ecosystem();
        let mut data = remembered(self.entry, self.args);
        data.entries.insert("receiver".into(), kept(&self.own.value.clone().into(), NESTING));
        data.entries.extend(self.own.data.entries.iter().map(|(name, value)| (name.clone(), value.clone())));
        SdkValue::Instance { ecosystem, path: vec![name.into(), RESULT.into()], data: data.into() }.into()
    }

    fn holds(&self, when: &When) -> bool {
        let value = self.at(&when.argument).filter(|value| *value != Arg::Null);
        let present = when.present.is_none_or(|present| present == value.is_some());
        let is_class = |class: &String| value.as_ref().is_some_and(|value| is_instance(value, class));
        let can_be = |text: &String| {
            let texts = value.iter().flat_map(texts_or_constants);
            texts.into_iter().any(|value| value.as_literal().is_none_or(|literal| literal == text))
        };
        let can_differ = |text: &String| {
            let texts = value.iter().flat_map(texts_or_constants);
            texts.into_iter().any(|value| value.as_literal().is_none_or(|literal| literal != text))
        };
        present
            && when.differs.as_ref().is_none_or(can_differ)
            && when.instance.as_ref().is_none_or(is_class)
            && when.equals.as_ref().is_none_or(can_be)
    }

    /// A template with its places filled in; nothing when it is a single place without a value.
    fn fill(&self, template: &Value) -> Option<Arg> {
        Some(match template {
            Value::Null => Arg::Null,
            Value::Bool(value) => Arg::Bool(*value),
            Value::Number(number) => Arg::Number(number.to_string().into()),
            Value::String(text) if text.contains("${") => Arg::Text(self.interpolate(text)),
            Value::String(text) if text.starts_with('$') => self.at(text)?,
            Value::String(text) => match text.strip_prefix("@context.") {
                Some(part) => Arg::Unknown(Hole::Context(part.into())),
                None => Arg::text(text),
            },
            Value::Array(items) => Arg::List { items: items.iter().filter_map(|item| self.fill(item)).collect(), open: false },
            Value::Object(object) => {
                let mut map = ArgMap::default();
                for (name, value) in object {
                    self.fill_entry(&mut map, name, value);
                }
                Arg::Map(map)
            }
        })
    }

    /// An entry of a template; its key may be a place, too: the table's name in a batch request.
    fn fill_entry(&self, map: &mut ArgMap, name: &str, value: &Value) {
        if !name.starts_with('$') {
            if let Some(value) = self.fill(value) {
                map.entries.insert(name.into(), value);
            }
            return;
        }
        let keys = self.at(name).map(|key| plain(&key).texts()).unwrap_or_default();
        map.open |= keys.is_empty();
        for key in keys {
            match (key.as_literal(), self.fill(value)) {
                (Some(literal), Some(value)) => drop(map.entries.insert(literal.into(), value)),
                (Some(_), None) => {}
                (None, _) => {
                    map.open = true;
                    map.computed.push(key);
                }
            }
        }
    }

    /// `"/${environment}/name"`.
    fn interpolate(&self, template: &str) -> Text {
        Text::of_template(template, |name| {
            let value = self.place(&format!("${name}")).map(|value| plain(&value));
            let unknown = || Text::hole(Hole::Unknown("an argument that is not known".into()));
            value.as_ref().and_then(Arg::as_text).unwrap_or_else(unknown)
        })
    }

    /// The value at a place: `$name`, `$name.member`, `$self.name`. Nothing when it is absent for certain.
    pub(super) fn place(&self, place: &str) -> Option<Arg> {
        let mut steps = place.trim_start_matches('$').split('.');
        let first = steps.next()?;
        let mut value = match first {
            "self" if place == "$self.@instance" => return Some(self.own.value.clone().into()),
            "self" => Arg::Map(self.own.data.clone()),
            name => self.argument(name)?,
        };
        for step in steps {
            if let Some(entry) = step.strip_prefix("@with:") {
                value = self.told(&value, entry)?;
                continue;
            }
            value = match step.strip_prefix("@at:") {
                Some(name) => self
                    .argument(name)
                    .or_else(|| self.own.data.get(name).cloned())
                    .as_ref()
                    .and_then(literal)?
                    .split('.')
                    .try_fold(value, |value, step| step_into(&value, step))?,
                None => step_into(&value, step)?,
            };
        }
        Some(value)
    }

    /// The first of some places that is there.
    pub(super) fn first_of(&self, places: &[String]) -> Option<Arg> {
        places.iter().find_map(|place| self.place(place)).filter(|value| *value != Arg::Null)
    }

    fn argument(&self, name: &str) -> Option<Arg> {
        if name == "@method" {
            return Some(Arg::text(self.own.name));
        }
        if let Some(value) = self.args.named.get(name) {
            return Some(value.clone());
        }
        let position = self.entry.arguments.iter().position(|argument| argument == name);
        let value = position.and_then(|position| self.args.positional.get(position));
        let hidden = || (self.args.open || self.args.named.open).then(|| Arg::unknown("an argument that was spread in"));
        value.cloned().or_else(hidden)
    }

    /// What a callback gets: `@event…` and `@context` are the handler's own arguments.
    fn callback_argument(&self, template: &Value) -> Arg {
        if let Value::Object(object) = template {
            let entries = object.iter().filter(|(name, _)| *name != INSTANCE);
            let entries = entries.map(|(name, value)| (SmolStr::from(name.as_str()), self.callback_argument(value))).collect();
            return match object.get(INSTANCE).and_then(Value::as_str) {
                Some(class) => {
                    let data = ArgMap { entries, ..ArgMap::default() };
                    SdkValue::Instance { ecosystem: self.ecosystem(), path: vec![class.into(), RESULT.into()], data: data.into() }
                        .into()
                }
                None => Arg::Map(ArgMap { entries, open: true, computed: Vec::new() }),
            };
        }
        match template.as_str() {
            Some(text) if text.starts_with("@event") => {
                let path = text.trim_start_matches("@event").trim_start_matches('.');
                Arg::Unknown(Hole::Event(path.into()))
            }
            Some("@error") => Arg::one_of([Arg::Null, Arg::unknown("an error")]),
            Some("@context") => Arg::Unknown(Hole::Context(SmolStr::default())),
            Some(text) if text.starts_with('@') => Arg::unknown("an argument that a library gives"),
            _ => self.fill(template).unwrap_or(Arg::Null),
        }
    }
}

pub(super) fn literal(value: &Arg) -> Option<SmolStr> {
    value.as_text()?.as_literal().map(SmolStr::from)
}

fn is_instance(value: &Arg, class: &str) -> bool {
    value.alternatives().iter().any(|value| match value {
        Arg::Sdk(sdk) => match sdk.as_ref() {
            SdkValue::Instance { ecosystem, path, .. } => libraries::is_instance(*ecosystem, path, class),
            SdkValue::External { ecosystem, path } => libraries::is_class(*ecosystem, path, class),
            _ => false,
        },
        _ => false,
    })
}

fn config_of(value: &Arg) -> Option<Config> {
    value.alternatives().iter().find_map(|value| match value {
        Arg::Sdk(sdk) => match sdk.as_ref() {
            SdkValue::Client(client) => Some(client.config.clone()),
            SdkValue::Resource(resource) => Some(resource.config.clone()),
            SdkValue::Session(config) => Some(config.clone()),
            _ => None,
        },
        _ => None,
    })
}
