//! What AWS's libraries mean: which values their imports, members and calls give, and which requests they make.
//!
//! Pure look-ups: nothing here knows the interpreter, its heap or the program. The interpreter (`flow`) hands in
//! evaluated arguments as [`Arg`] trees and gets back a value and the requests that the call makes. What the libraries
//! offer is data: `api-maps/sdk` for AWS's own SDKs, `api-maps/libraries` for what wraps them.

mod boto3;
mod candidates;
mod cli;
mod client;
mod config;
pub mod construct;
mod ecma;
mod extension;
mod external;
mod fields;
mod libraries;
mod library_call;
mod library_data;
pub mod names;
pub mod packages;
mod request;
mod resource;
mod response;
mod schema;
pub mod tables;
mod told;
mod views;
mod web;

pub use candidates::{bare_candidate, candidate_of, candidate_services, candidates, naming_argument, takes};
pub use cli::{CommandLine, of_shell as commands_of_shell, of_words as command_of_words};
pub use config::are_own_credentials;
pub use external::{
    RESULT, assigned, called_methods, describes_calls, is_far_result, is_result, is_undescribed, undescribed_method,
};
pub use fields::{FieldSource, field_source};
pub use libraries::Container;
pub use request::{is_assumed, lacking, without_nothing};
pub use response::as_text;
pub use schema::Schema;
pub use told::{is_told, made_by, makes_clients, method_of_told};

use smol_str::SmolStr;

pub use crate::value::{Client, Collection, Command, Config, Credentials, Ecosystem, Resource, Response, SdkValue, Style};

use crate::note::NoteKind;
use crate::value::{Arg, ArgMap, Text};

/// The evaluated arguments of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallArgs {
    /// Positional arguments.
    pub positional: Vec<Arg>,
    /// Named arguments; `open` when something unknown was spread into them.
    pub named: ArgMap,
    /// Whether something unknown was spread into the positional ones.
    pub open: bool,
    /// Whether the call is `new C(…)`.
    pub construct: bool,
}

/// A request that a call makes, before it has a place in the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestDraft {
    /// botocore's service name.
    pub service: SmolStr,
    /// The operation, in Pascal case, as in the service's model.
    pub operation: SmolStr,
    /// The request's parameters by their API names.
    pub params: ArgMap,
    /// The client's region, when the code sets it.
    pub region: Option<crate::value::Text>,
    /// Whose credentials sign it.
    pub credentials: Credentials,
    /// How sure this is.
    pub confidence: Confidence,
    /// What stands between the code and the request, for the reader: `upload_file`, `paginator`, `Powertools parameters.get_secret`.
    pub via: Option<SmolStr>,
}

/// How sure leash is that a request is really made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Names and arguments merely fit an operation.
    Possible,
    /// Resolved through a join of several values or through a type annotation.
    Likely,
    /// Resolved.
    Certain,
}

/// What a call of a library's value does.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What it gives.
    pub value: Returned,
    /// The requests it makes.
    pub requests: Vec<RequestDraft>,
    /// What could not be decided.
    pub notes: Vec<(NoteKind, String)>,
    /// What happens to functions among the arguments.
    pub callbacks: Callbacks,
}

/// What a library call gives back.
#[derive(Debug, Clone)]
pub enum Returned {
    /// A value.
    Value(Arg),
    /// The positional argument at this index itself, identity kept: decorators, `captureAWSv3Client(client)`.
    Argument(usize),
    /// The named argument itself.
    Named(SmolStr),
    /// A decorator that returns the function it is given; [`Outcome::callbacks`] then speaks about that function.
    Identity,
    /// An environment variable, by the names it can have, and what it is when it is not set.
    Variable(Vec<Text>, Option<Arg>),
    /// All environment variables.
    Environment,
    /// What the first argument stands for, read as data: a text of JSON or YAML, or an open file.
    Parsed,
    /// What the context of a CDK application holds under a name, by the names it can be.
    AppContext(Vec<Text>),
    /// An instance of the class of the program that is the argument at this position or of this name, its fields filled
    /// from the environment variables of the same names.
    Settings(usize, SmolStr),
    /// What calling the argument at this position or of this name gives.
    Result(usize, SmolStr),
    /// The first argument as a schema lets it through, as the entry of this name where there is one.
    Checked(Schema, Option<SmolStr>),
    /// What this method gives of the argument at this position or of this name.
    MethodOf(usize, SmolStr, SmolStr),
    /// A function that gives what calling the first argument with the others gives.
    Provider,
    /// What calling the first argument with the others gives.
    Applied,
    /// What calling the functions among the arguments gives; [`Outcome::callbacks`] says with what.
    Called,
    /// A function that gives a function that calls the first argument: `f` becomes `(…kept) => (…given) => f(…given, …kept)`.
    Curried,
    /// What a function gives that hands values on.
    Flow(Flow),
}

/// How a function of a library hands values from function to function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// The first argument goes through the functions behind it.
    Piped,
    /// A function that hands what it gets from function to function.
    Pipeline {
        /// Whether the last one is the first to get it.
        reversed: bool,
    },
    /// Another function is called for each item of a collection. Without the collection, it gives a function that awaits one.
    Each(Each),
    /// A collection of the arguments.
    Listed,
    /// A collection of what the first argument gives one after the other.
    Stream,
}

/// A function that is called for each item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Each {
    /// As which method of JavaScript's arrays, or `flat` (what it gives goes on one by one), `scan` (each sum goes on), `tap` and
    /// `finally` (the items go on), `catch` (it is called when something fails), `pass` (it is not called), or, where only the items
    /// count, `item` (one of them), `kept` (a list of some), `chunks` (lists of them), `groups` (an object of lists).
    pub how: SmolStr,
    /// Where the collection is among the arguments.
    pub items: Option<usize>,
    /// Where the function is.
    pub function: Option<usize>,
    /// Where the value is that a reduction begins with.
    pub initial: Option<usize>,
    /// Where the function is that is called in the end.
    pub done: Option<usize>,
}

/// What a library does with functions it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callbacks {
    /// It is a known function that calls none of them.
    Ignored,
    /// It may call each of them with these arguments.
    Called(Vec<Arg>),
    /// What it gives back calls them with these arguments, when that is called itself.
    Wrapped(Vec<Arg>),
    /// Nothing is known about the library: they count as called with unknown arguments.
    Unknown,
}

/// What iterating a library's value gives.
#[derive(Debug, Clone)]
pub struct Iteration {
    /// Each item.
    pub item: Arg,
    /// The requests that iterating makes.
    pub requests: Vec<RequestDraft>,
}

/// What a call gives that could not be decided, about which a note says more.
const UNDECIDED: &str = "an undecided call";

impl Outcome {
    /// A call that gives a value and does nothing else.
    fn gives(value: impl Into<Arg>) -> Self {
        Self { value: Returned::Value(value.into()), requests: Vec::new(), notes: Vec::new(), callbacks: Callbacks::Ignored }
    }

    /// A call that gives a value and makes requests.
    fn requests(value: impl Into<Arg>, requests: Vec<RequestDraft>) -> Self {
        Self { requests, ..Self::gives(value) }
    }

    /// A call that could not be decided.
    fn doubt(kind: NoteKind, message: String) -> Self {
        Self { notes: vec![(kind, message)], callbacks: Callbacks::Unknown, ..Self::gives(Arg::unknown(UNDECIDED)) }
    }
}

/// The value of an imported package or module that is not part of the program.
pub fn import(ecosystem: Ecosystem, path: &[SmolStr]) -> SdkValue {
    SdkValue::External { ecosystem, path: path.to_vec() }
}

/// Reading an attribute. Requests that the reading itself makes are told by [`member_requests`].
pub fn member(value: &SdkValue, name: &str) -> Arg {
    match value {
        SdkValue::External { ecosystem, path } => external::member(*ecosystem, path, name),
        SdkValue::Instance { data, .. } => external::instance_member(value, data, name),
        SdkValue::Method { receiver, name: outer } => client::nested_member(receiver, outer, name),
        SdkValue::Session(config) => boto3::session_member(value, config, name),
        SdkValue::Resource(resource) => resource::member(resource, name),
        SdkValue::Response(response) => response.part(name).into(),
        SdkValue::Pending(response) if name == "httpRequest" => response.part(name).into(),
        SdkValue::Command(command) if name == "input" => Arg::Map((*command.input).clone()),
        SdkValue::Client(_)
        | SdkValue::Collection(_)
        | SdkValue::Command(_)
        | SdkValue::Paginator(..)
        | SdkValue::Waiter(..)
        | SdkValue::Pending(_)
        | SdkValue::Credentials(_) => value.method(name).into(),
    }
}

/// The requests that reading an attribute makes: a lazy attribute of a boto3 resource loads the resource.
pub fn member_requests(value: &SdkValue, name: &str) -> Vec<RequestDraft> {
    match value {
        SdkValue::Resource(resource) => resource::member_requests(resource, name),
        _ => Vec::new(),
    }
}

/// What an object is once a method of it was called that changes it.
pub fn after_call(value: &SdkValue, method: &str) -> Option<SdkValue> {
    match value {
        SdkValue::Resource(resource) => resource::after_action(resource, method).map(SdkValue::Resource),
        _ => None,
    }
}

/// `value[key]`.
pub fn index(value: &SdkValue, key: &Arg) -> Arg {
    match value {
        SdkValue::Response(response) => Arg::one_of(key.alternatives().iter().map(|key| response.item(key).into())),
        SdkValue::External { .. } | SdkValue::Instance { .. } | SdkValue::Client(_) => {
            let names =
                key.alternatives().iter().map(|key| match key.as_text().as_ref().and_then(crate::value::Text::as_literal) {
                    Some(name) => member(value, name),
                    None => Arg::unknown("a computed member of a library"),
                });
            Arg::one_of(names)
        }
        _ => Arg::unknown("an item of a library's value"),
    }
}

/// `f(…)`, and `new C(…)` when the arguments say so.
pub fn call(callee: &SdkValue, args: &CallArgs) -> Outcome {
    match callee {
        SdkValue::External { ecosystem, path } => external::call(*ecosystem, path, args),
        SdkValue::Instance { ecosystem, path, .. } => external::call_instance(callee, *ecosystem, path, args),
        SdkValue::Method { receiver, name } => method_call(receiver, name, args),
        SdkValue::Response(response) => response::call(response, args),
        // `DynamoDBDocumentClient.from` and the like are methods; nothing else here can be called.
        _ => Outcome { callbacks: Callbacks::Unknown, ..Outcome::gives(Arg::unknown("the result of a library's value")) },
    }
}

fn method_call(receiver: &SdkValue, name: &str, args: &CallArgs) -> Outcome {
    match receiver {
        SdkValue::Session(config) => boto3::session_call(config, name, args),
        SdkValue::Client(client) => client::call(client, name, args),
        SdkValue::Paginator(client, operation) => boto3::paginate(client, operation, name, args),
        SdkValue::Waiter(client, operation) => boto3::wait(client, operation, name, args),
        SdkValue::Resource(resource) => resource::call(resource, name, args),
        SdkValue::Collection(collection) => resource::collection_call(collection, name, args),
        SdkValue::Pending(response) => ecma::pending_call(response, name, args),
        SdkValue::Credentials(_) if name == "get_frozen_credentials" => Outcome::gives(receiver.clone()),
        SdkValue::Instance { ecosystem, path, data } => external::call_method(receiver, *ecosystem, path, data, name, args),
        _ => Outcome::gives(Arg::unknown("the result of a library's method")),
    }
}

/// `for x in value`, `for await (const x of value)`.
pub fn iterate(value: &SdkValue) -> Iteration {
    match value {
        SdkValue::Collection(collection) => resource::iterate(collection),
        SdkValue::Response(response) => Iteration { item: response.each().into(), requests: Vec::new() },
        _ => Iteration { item: Arg::unknown("an item of a library's value"), requests: Vec::new() },
    }
}

/// `await value`; nothing where that is the value itself.
pub fn awaited(value: &SdkValue) -> Option<Arg> {
    match value {
        SdkValue::Pending(response) => Some(SdkValue::Response(response.clone()).into()),
        _ => None,
    }
}

/// Whether a promise may settle with a value; a method that was read from one is called instead.
pub fn may_settle(value: &SdkValue) -> bool {
    !matches!(value, SdkValue::Method { .. })
}

/// The instance that a variable annotated with this type holds.
pub fn annotation(value: &SdkValue) -> Option<SdkValue> {
    let SdkValue::External { ecosystem, path } = value else { return None };
    let of_sdk = match ecosystem {
        Ecosystem::Python => boto3::annotation(path),
        Ecosystem::Npm => ecma::annotation(path),
    };
    of_sdk.or_else(|| construct::annotation(*ecosystem, path))
}

/// Whether [`inherited`] has something for a base class, whatever the attributes are.
pub fn gives_member(base: &SdkValue, name: &str) -> bool {
    let SdkValue::External { ecosystem, path } = base else { return false };
    external::gives_member(*ecosystem, path, name)
}

/// Attribute `name` of a class or instance of the program whose base class is this library class; `attributes` is the
/// class's and the instance's own data, nested classes as maps.
pub fn inherited(base: &SdkValue, attributes: &ArgMap, name: &str) -> Option<Arg> {
    let SdkValue::External { ecosystem, path } = base else { return None };
    external::inherited(*ecosystem, path, attributes, name)
}

/// Whether a value was made for certain, and so is something: a client, a session, a command, a construct.
pub fn is_made(value: &SdkValue) -> bool {
    let is_own = matches!(value, SdkValue::Session(_) | SdkValue::Command(_));
    is_own || created_service(value).is_some() || construct::is_resource(value)
}

/// The service of a client or resource, so that callers know which services a program makes clients of.
pub fn created_service(value: &SdkValue) -> Option<&str> {
    match value {
        SdkValue::Client(client) => Some(&client.service),
        SdkValue::Resource(resource) => Some(&resource.service),
        _ => None,
    }
}

/// What a value is that makes requests with the function's own credentials: `a client of s3`.
pub fn made_with_own(value: &SdkValue) -> Option<String> {
    let (config, what) = match value {
        SdkValue::Client(client) => (&client.config, format!("a client of {}", client.service)),
        SdkValue::Resource(resource) => (&resource.config, format!("a resource of {}", resource.service)),
        SdkValue::Session(config) => (config, "a session".to_owned()),
        SdkValue::External { ecosystem: Ecosystem::Npm, path } => return ecma::maker(path),
        _ => return None,
    };
    (config.credentials == Credentials::Own).then_some(what)
}

/// Whether a value is part of AWS's SDKs or of what is known to call AWS, so that any of its members may make a request.
pub fn makes_requests(value: &SdkValue) -> bool {
    match value {
        SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. } => {
            path.first().is_some_and(|package| package == packages::JS_V2 || knows_package(*ecosystem, package))
        }
        SdkValue::Method { receiver, .. } => makes_requests(receiver),
        SdkValue::Response(_) | SdkValue::Pending(_) | SdkValue::Credentials(_) => false,
        _ => true,
    }
}

/// The member of what a method is called on whose entries its arguments become, where a library keeps them so.
pub fn keeps(method: &SdkValue) -> Option<SdkValue> {
    let SdkValue::Method { receiver, name } = method else { return None };
    let SdkValue::Instance { ecosystem, path, .. } = receiver.as_ref() else { return None };
    let path: Vec<SmolStr> = path.iter().cloned().chain([name.clone()]).collect();
    let kept = libraries::entry(*ecosystem, &path)?.keeps.as_deref()?;
    match member(receiver, kept) {
        Arg::Sdk(member) => Some((*member).clone()),
        _ => None,
    }
}

/// Whether a value is a part of AWS's SDKs, or of what they stand on.
pub fn is_of_sdk(value: &SdkValue) -> bool {
    match value {
        SdkValue::External { path, .. } | SdkValue::Instance { path, .. } => {
            path.first().is_some_and(|package| packages::is_python_or_foundation(package) || packages::is_js(package))
        }
        SdkValue::Method { receiver, .. } => is_of_sdk(receiver),
        _ => true,
    }
}

/// The request that a command stands for, for commands that something unknown sends.
pub fn sent_by_another(value: &SdkValue) -> Option<RequestDraft> {
    let SdkValue::Command(command) = value else { return None };
    Some(RequestDraft {
        service: command.service.clone(),
        operation: command.operation.clone(),
        params: (*command.input).clone(),
        region: None,
        credentials: Credentials::Own,
        confidence: Confidence::Likely,
        via: None,
    })
}

/// The request that a library makes which gets a client and the name of one of its methods; what it passes is not known.
pub fn operation_told(client: &SdkValue, method: &str) -> Option<RequestDraft> {
    let SdkValue::Client(client) = client else { return None };
    // Words like `get` may mean anything.
    if matches!(client.style, Style::Document | Style::DocumentV2) {
        return None;
    }
    let operation = client::operation(client, method)?;
    let input = ArgMap { open: true, ..ArgMap::default() };
    Some(request::draft(&client.service, operation, &input, &client.config, None))
}

/// Whether a value belongs to a package that nothing is known of.
pub fn is_of_unknown_library(value: &SdkValue) -> bool {
    match value {
        SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. } => {
            path.first().is_some_and(|package| {
                !["globals", "builtins", packages::JS_V2].contains(&package.as_str()) && !knows_package(*ecosystem, package)
            })
        }
        _ => false,
    }
}

/// Whether a package is AWS's or described: what it does is known without its code.
pub fn knows_package(ecosystem: Ecosystem, package: &str) -> bool {
    packages::is_python(package)
        || libraries::has_members(ecosystem, &[package.into()])
        || libraries::entry(ecosystem, &[package.into()]).is_some()
        || libraries::uses_aws(ecosystem, package)
        || tables::service_of_package(package).is_some()
}

/// What calling a library's function does, or reading its member, where that belongs to a container of dependencies.
pub fn container(value: &SdkValue) -> Option<Container> {
    match value {
        SdkValue::External { ecosystem, path } => libraries::container(*ecosystem, path),
        SdkValue::Method { receiver, name } => match receiver.as_ref() {
            SdkValue::Instance { ecosystem, path, .. } => {
                libraries::container(*ecosystem, &path.iter().cloned().chain([name.clone()]).collect::<Vec<_>>())
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether a package is a container of dependencies, which only hands on what it gets.
pub fn is_container(ecosystem: Ecosystem, package: &str) -> bool {
    libraries::is_container(ecosystem, package)
}

/// The methods that a package calls on instances of the classes it gets.
pub fn hooks(ecosystem: Ecosystem, package: &str) -> &'static [String] {
    libraries::hooks(ecosystem, package)
}

/// A part of an answer where a text within it is known better.
pub fn with_part(value: &SdkValue, name: &str, known: impl FnOnce(&Text) -> Option<Text>) -> Option<SdkValue> {
    match value {
        SdkValue::Response(response) => response.with_part(name, known).map(SdkValue::Response),
        _ => None,
    }
}

/// The part of an answer that the last step of a value was taken from, and that step: what `answer.Items.map` is a method of.
pub fn method_of_answer(value: &SdkValue) -> Option<(SdkValue, &str)> {
    let SdkValue::Response(response) = value else { return None };
    let (owner, step) = response.step();
    Some((SdkValue::Response(owner), step))
}

/// What descriptions of libraries call a value of a library, whatever the program calls it.
pub fn name_of(value: &SdkValue) -> Option<String> {
    match value {
        SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. } => {
            Some(libraries::canonical(*ecosystem, path))
        }
        _ => None,
    }
}

/// The service that a constant names as boto3 or version 2 of the JavaScript SDK call it.
pub fn service_named(name: &str) -> Option<&'static str> {
    tables::known_service(name).or_else(|| tables::service_of_class(name).map(|(_, service)| service))
}

/// The service that a part of a variable's name means: its own name in any spelling, or what people call it.
pub fn service_by_nickname(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let known = |name: &str| tables::known_service(name);
    known(&lower)
        .or_else(|| known(&lower.replace('_', "-")))
        .or_else(|| known(&lower.replace('_', "")))
        .or_else(|| nickname(&lower))
}

/// `api-maps/sdk/nicknames.json`: short names in common use.
fn nickname(name: &str) -> Option<&'static str> {
    static NAMES: std::sync::OnceLock<std::collections::BTreeMap<&'static str, &'static str>> = std::sync::OnceLock::new();
    let names = NAMES.get_or_init(|| {
        crate::embedded::get("sdk/nicknames.json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    });
    names.get(name).copied()
}
