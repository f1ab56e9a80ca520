//! Reads `api-maps/libraries` and `api-maps/sdk/helpers.json`: what wraps the SDKs, as data. The form of the files is
//! described in `api-maps/libraries/README.md`; [`library_call`](super::library_call) acts on them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use serde_json::Value;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::Ecosystem;
use crate::embedded;

/// A function, class or method.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Entry {
    /// Names of the positional arguments, in order.
    pub(super) arguments: Vec<String>,
    /// The requests it makes.
    pub(super) requests: Vec<Template>,
    /// The commands it sends.
    pub(super) sends: Option<Sends>,
    /// It signs requests that no SDK makes.
    pub(super) signs: Option<Signs>,
    /// What it gives.
    pub(super) returns: Returns,
    /// It is no method but an attribute: the place of its value, or [`MADE`].
    pub(super) is: Option<String>,
    /// What the instances that are such an attribute get into their data, by place.
    pub(super) with: BTreeMap<String, String>,
    /// How it fills the annotated fields of classes of the program that inherit from it.
    pub(super) fields: Option<Fields>,
    /// The arguments that functions among its arguments are called with; absent when it calls none.
    pub(super) callbacks: Option<Vec<Value>>,
    /// The methods that it calls on instances of classes of the program that inherit from it, with their arguments.
    pub(super) methods: BTreeMap<String, Vec<Value>>,
    /// The member of what the method is called on whose entries the arguments become that are given by name.
    pub(super) keeps: Option<String>,
    /// Whether what it gives back calls the functions, when that is called itself.
    pub(super) wraps: bool,
    /// Why this is so, for readers of the file.
    pub(super) note: Option<String>,
}

/// A request with places for arguments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Template {
    pub(super) service: String,
    pub(super) operation: String,
    #[serde(default)]
    pub(super) params: BTreeMap<String, Value>,
    /// An object whose entries become parameters, as far as the operation has them.
    #[serde(default)]
    pub(super) spread: Vec<String>,
    /// The client whose region and credentials it uses.
    #[serde(default)]
    pub(super) client: Option<String>,
    /// All must hold.
    #[serde(default)]
    pub(super) when: Vec<When>,
}

/// A condition on an argument.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct When {
    pub(super) argument: String,
    #[serde(default)]
    pub(super) present: Option<bool>,
    /// It is an instance of this class.
    #[serde(default)]
    pub(super) instance: Option<String>,
    /// It is this text.
    #[serde(default)]
    pub(super) equals: Option<String>,
    /// It is there and something else than this text.
    #[serde(default)]
    pub(super) differs: Option<String>,
}

/// Requests that are signed by hand.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Signs {
    /// The name of the service they go to, or its place.
    Service(String),
    /// The same with more that is known.
    Request {
        /// The name of the service they go to, or its place.
        service: String,
        /// The service where none is named.
        #[serde(default)]
        default: Option<String>,
        /// The place of the host they go to.
        #[serde(default)]
        host: Option<String>,
        /// The place of the method of HTTP.
        #[serde(default)]
        method: Option<String>,
        /// The place of the credentials, which may be those of an assumed role.
        #[serde(default)]
        credentials: Option<String>,
    },
}

/// A command that a client sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sends {
    pub(super) client: String,
    pub(super) command: String,
}

/// Fields that are environment variables. Places may name several sources; the first that is there counts.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Fields {
    /// What stands before the names of fields without a name of their own.
    pub(super) prefix: Vec<String>,
    /// What stands between the name of a field that is an object and the names of the object's own fields.
    pub(super) delimiter: Vec<String>,
    /// Whether names are taken to the letter; else their case does not count.
    pub(super) exact: Vec<String>,
    /// What a field is told that names its variable.
    pub(super) names: Vec<String>,
    /// Methods of the class that the library calls.
    pub(super) hooks: Vec<String>,
}

/// An environment variable.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Variable {
    /// Its name, a place.
    pub(super) name: String,
    /// What stands before the name, a place.
    pub(super) prefix: Option<String>,
    /// What it is when it is not set, a place.
    pub(super) default: Option<String>,
}

/// Stands for the place of an attribute that is what calling the entry would give: a client that a package has ready.
pub(super) const MADE: &str = "@made";

/// What an entry gives.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Returns {
    /// Something unknown.
    #[default]
    Unknown,
    /// Nothing.
    Null,
    /// The answer to its first request.
    Response,
    /// An instance of itself, with the arguments as its data.
    Instance,
    /// An instance of another class, with the arguments as its data.
    InstanceOf(String),
    /// The value the method was called on.
    #[serde(rename = "self")]
    Receiver,
    /// The first argument, or a decorator that returns what it is given.
    Decorator,
    /// A decorator that returns what it is given.
    Identity,
    /// The positional argument at this index.
    Argument(usize),
    /// A client of this service, or of the one in this place.
    Client(String),
    /// What this class makes without arguments.
    New(String),
    /// A `DynamoDB` document client around the client in this argument.
    Document(String),
    /// A command of this operation, `service.Operation`, with the first argument as its input.
    Command(String),
    /// Credentials: `own`, or the value in this place.
    Credentials(String),
    /// Credentials of the role in this place.
    Role(String),
    /// An environment variable.
    Variable(Variable),
    /// All environment variables.
    Environment,
    /// An instance of the class of the program that this argument is; its fields are environment variables.
    Settings(String),
    /// What calling this argument gives.
    Result(String),
    /// A list of what the method was called on: instances of the program's class that a query gives.
    Items,
    /// A function that gives what calling the first argument with the others gives.
    Provider,
    /// What calling the first argument with the others gives.
    Applied,
    /// What the functions among the arguments give.
    Called,
    /// A function that keeps what it is called with, and gives one that calls the first argument with what that is given itself and
    /// with what was kept.
    Curried,
    /// The first argument after it went through the functions behind it.
    Piped,
    /// A function that hands what it gets from one argument to the next.
    Pipeline,
    /// The same from the last argument to the first.
    Composed,
    /// What the argument `function` gives for each of `items`, called in this way; where there are no items, a function of them.
    Each(String),
    /// What the first argument stands for, read as data.
    Parsed,
    /// A collection of the arguments.
    Listed,
    /// A collection of what the first argument is or holds.
    Stream,
    /// An item of the first argument.
    Item,
    /// A list of some items of the first argument.
    Kept,
    /// Lists of the items of the first argument.
    Chunks,
    /// An object with lists of the items of the first argument.
    Groups,
    /// A list of instances of another class, whose data is in this place.
    ItemsOf {
        /// The class.
        class: String,
        /// The place.
        data: String,
    },
    /// The first argument as the schema lets it through that the method is called on; as the entry of this name of an answer, unless
    /// that is empty.
    Checked(String),
    /// What this method of this argument gives, called without arguments.
    MethodOf {
        /// The name of the argument.
        argument: String,
        /// The method.
        method: String,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "read before the rest, as `About`")]
    ecosystem: Ecosystem,
    #[expect(dead_code, reason = "for readers of the file")]
    documentation: String,
    #[serde(default)]
    aliases: BTreeMap<String, String>,
    entries: BTreeMap<String, Entry>,
    /// Constants that are IAM actions, by the path of what holds their services.
    #[serde(default)]
    actions: BTreeMap<String, ActionNames>,
    /// What containers of dependencies do, by the paths of their functions and methods.
    #[serde(default)]
    containers: BTreeMap<String, Container>,
    /// The methods that a package calls on instances of the classes it gets.
    #[serde(default)]
    hooks: BTreeMap<String, Vec<String>>,
}

/// What a function or member of a container does: it provides something for a token, or puts in what is provided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// It gives what is provided for its first argument, or takes that as an injected parameter.
    Injects,
    /// What is called on its result says what is provided for its first argument: `bind(token).to(Class)`.
    Binds,
    /// Its second argument is provided for its first.
    Value,
    /// An instance of its second argument, which is a class, is provided for its first.
    Class,
    /// An instance of the class that it is given is provided under the name it is put under; the constructor gets all that is provided.
    AsClass,
    /// What the function that it is given gives is provided under the name it is put under; it gets all that is provided.
    AsFunction,
    /// Its argument is provided under the name it is put under.
    AsValue,
    /// Its members are what is provided under their names.
    Cradle,
    /// It calls resolvers: with what encloses a field, its arguments, and what the options make the context.
    Resolvers,
    /// Its options make the context that resolvers get.
    Context,
    /// Its options say what stands around the names of all tables.
    Affixes,
}

/// Constants that are called like IAM's actions: `Kinesis.GET_RECORDS`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ActionNames {
    /// Prefixes of services that are called otherwise there.
    services: BTreeMap<String, String>,
    /// Actions that are called otherwise there.
    named: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
struct PackageFile {
    python: BTreeSet<String>,
    npm: BTreeSet<String>,
}

/// Names of packages, and what the names of others begin with.
#[derive(Debug, Default)]
struct Packages {
    named: FxHashSet<String>,
    beginnings: Vec<String>,
}

impl Packages {
    /// From names of which some end with `*`.
    fn new(names: BTreeSet<String>) -> Self {
        let (beginnings, named): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| name.ends_with('*'));
        let beginnings = beginnings.iter().map(|name| name.trim_end_matches('*').to_owned()).collect();
        Self { named: named.into_iter().collect(), beginnings }
    }

    fn contains(&self, package: &str) -> bool {
        self.named.contains(package) || self.beginnings.iter().any(|beginning| package.starts_with(beginning.as_str()))
    }
}

#[derive(Default)]
struct Registry {
    entries: FxHashMap<String, Entry>,
    /// The beginnings of the names of entries, up to a dot.
    holders: FxHashSet<String>,
    aliases: FxHashMap<String, String>,
    actions: FxHashMap<String, ActionNames>,
    containers: FxHashMap<String, Container>,
    /// The packages that have such.
    containing: FxHashSet<String>,
    hooks: FxHashMap<String, Vec<String>>,
    /// What the names of entries, actions and aliases begin with.
    roots: FxHashSet<String>,
}

impl Registry {
    /// Whether any of it can be about a path: most paths are of packages that nothing is known of.
    fn knows(&self, path: &[SmolStr]) -> bool {
        path.first().is_some_and(|first| self.roots.contains(root(first)))
    }
}

/// What a name begins with, up to the first dot or call.
fn root(name: &str) -> &str {
    name.split(['.', '(']).next().unwrap_or(name)
}

/// What the files say about the packages of one registry. The others are not read: most programs are in one language.
fn registry(ecosystem: Ecosystem) -> &'static Registry {
    static PYTHON: LazyLock<Registry> = LazyLock::new(|| read(Ecosystem::Python));
    static NPM: LazyLock<Registry> = LazyLock::new(|| read(Ecosystem::Npm));
    match ecosystem {
        Ecosystem::Python => &PYTHON,
        Ecosystem::Npm => &NPM,
    }
}

fn read(ecosystem: Ecosystem) -> Registry {
    let mut registry = Registry::default();
    let texts = embedded::list("libraries/").filter(|path| *path != PACKAGES).filter_map(embedded::get);
    let is_of_it = |text: &&str| serde_json::from_str::<About>(text).is_ok_and(|about| about.ecosystem == ecosystem);
    for file in texts.filter(is_of_it).filter_map(|text| serde_json::from_str::<File>(text).ok()) {
        registry.entries.extend(file.entries);
        registry.actions.extend(file.actions);
        registry.containing.extend(file.containers.keys().map(|name| root(name).to_owned()));
        registry.containers.extend(file.containers);
        registry.hooks.extend(file.hooks);
        registry.aliases.extend(file.aliases);
    }
    let names = registry.entries.keys().chain(registry.actions.keys()).chain(registry.aliases.keys());
    registry.roots = names.map(|name| root(name).to_owned()).collect();
    let holders = registry.entries.keys().flat_map(|name| name.match_indices('.').map(|(at, _)| name[..at].to_owned()));
    registry.holders = holders.collect();
    registry
}

/// What a file is about, read before the rest of it.
#[derive(Debug, Deserialize)]
struct About {
    ecosystem: Ecosystem,
}

const PACKAGES: &str = "libraries/packages.json";

/// The name an entry has in the files: segments joined by dots, calls attached, aliases replaced.
pub(super) fn canonical(ecosystem: Ecosystem, path: &[SmolStr]) -> String {
    let mut name = String::with_capacity(path.iter().map(|segment| segment.len() + 1).sum());
    // Where each beginning of the path ends.
    let mut ends: SmallVec<[usize; 8]> = SmallVec::new();
    for segment in path {
        if !name.is_empty() && !segment.starts_with("()") {
            name.push('.');
        }
        name.push_str(segment);
        ends.push(name.len());
    }
    let aliases = &registry(ecosystem).aliases;
    let longest = ends.iter().rev().find_map(|&end| aliases.get(&name[..end]).map(|target| (end, target)));
    if let Some((end, target)) = longest {
        name.replace_range(..end, target);
    }
    name
}

/// The entry of a function, class or method; `*` in the files stands for any last name.
pub(super) fn entry(ecosystem: Ecosystem, path: &[SmolStr]) -> Option<&'static Entry> {
    let registry = registry(ecosystem);
    if !registry.knows(path) {
        return None;
    }
    let name = canonical(ecosystem, path);
    let any = || {
        let (outer, last) = name.rsplit_once('.')?;
        (!last.ends_with("()")).then(|| registry.entries.get(&format!("{outer}.*"))).flatten()
    };
    registry.entries.get(&name).or_else(any)
}

/// What setting a member does: the entry whose name ends with `=`.
pub(super) fn setter(ecosystem: Ecosystem, path: &[SmolStr], name: &str) -> Option<&'static Entry> {
    if !registry(ecosystem).knows(path) {
        return None;
    }
    registry(ecosystem).entries.get(&format!("{}.{name}=", canonical(ecosystem, path)))
}

/// The IAM action that a constant is, by its path: `Kinesis.GET_RECORDS` of a package of such.
pub(super) fn action(ecosystem: Ecosystem, path: &[SmolStr]) -> Option<String> {
    let [outer @ .., service, name] = path else { return None };
    if !name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_') {
        return None;
    }
    let names = registry(ecosystem).actions.get(&canonical(ecosystem, outer))?;
    if let Some(action) = names.named.get(&format!("{service}.{name}")) {
        return Some(action.clone());
    }
    let prefix = names.services.get(service.as_str()).cloned().unwrap_or_else(|| service.to_ascii_lowercase());
    let words = name.split('_').filter(|word| !word.is_empty()).map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    Some(format!("{prefix}:{}", words.collect::<String>()))
}

/// What a function or member of a container of dependencies does.
pub(super) fn container(ecosystem: Ecosystem, path: &[SmolStr]) -> Option<Container> {
    let first = path.first()?;
    if !registry(ecosystem).containing.contains(root(first)) {
        return None;
    }
    registry(ecosystem).containers.get(&canonical(ecosystem, path)).copied()
}

/// Whether a package is a container of dependencies, which only hands on what it gets.
pub(super) fn is_container(ecosystem: Ecosystem, package: &str) -> bool {
    registry(ecosystem).containing.contains(root(package))
}

/// The methods that a package calls on instances of the classes it gets.
pub(super) fn hooks(ecosystem: Ecosystem, package: &str) -> &'static [String] {
    registry(ecosystem).hooks.get(package).map_or(&[], Vec::as_slice)
}

/// Whether a member of an instance is no method but has described members of its own: `entity.query.byName(…)`.
pub(super) fn has_members(ecosystem: Ecosystem, path: &[SmolStr]) -> bool {
    let registry = registry(ecosystem);
    registry.knows(path) && registry.holders.contains(&canonical(ecosystem, path))
}

/// Whether an instance of the class at `path` is one of the class named `class`.
pub(super) fn is_instance(ecosystem: Ecosystem, path: &[SmolStr], class: &str) -> bool {
    canonical(ecosystem, path).strip_suffix("()").is_some_and(|name| name == class)
}

/// Whether the path is that of the class named `class`.
pub(super) fn is_class(ecosystem: Ecosystem, path: &[SmolStr], class: &str) -> bool {
    canonical(ecosystem, path) == class
}

/// A helper that an SDK itself adds to its generated methods, by SDK, service, resource type and method.
pub(super) fn helper(path: &[&str]) -> Option<&'static Entry> {
    static HELPERS: LazyLock<BTreeMap<String, Entry>> =
        LazyLock::new(|| embedded::get("sdk/helpers.json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default());
    HELPERS.get(&path.join("."))
}

/// The operation behind a method of a `DynamoDB` document client (`batchGet` → `BatchGetItem`).
pub(super) fn document_operation(method: &str) -> Option<&'static str> {
    static METHODS: LazyLock<BTreeMap<&'static str, &'static str>> =
        LazyLock::new(|| embedded::get("sdk/document.json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default());
    METHODS.get(method).copied()
}

/// Whether a package is known to call AWS.
pub(super) fn uses_aws(ecosystem: Ecosystem, package: &str) -> bool {
    static KNOWN: LazyLock<(Packages, Packages)> = LazyLock::new(|| {
        let file: PackageFile = embedded::get(PACKAGES).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        (Packages::new(file.python), Packages::new(file.npm))
    });
    let (python, npm) = &*KNOWN;
    match ecosystem {
        Ecosystem::Python => python.contains(package),
        Ecosystem::Npm => npm.contains(package),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::sdk::tables;

    #[test]
    fn every_file_parses_and_names_real_operations() {
        for path in embedded::list("libraries/").filter(|path| *path != PACKAGES) {
            let text = embedded::get(path).expect("listed files exist");
            let file: File = serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            check(path, &file.entries);
        }
        let helpers = embedded::get("sdk/helpers.json").expect("the helpers are embedded");
        check("sdk/helpers.json", &serde_json::from_str(helpers).unwrap_or_else(|error| panic!("helpers: {error}")));
    }

    #[test]
    fn requests_that_no_sdk_makes_are_mapped_and_name_real_actions() {
        let catalog = Catalog::embedded();
        for path in embedded::list("sdk/signed/") {
            let name = path.trim_start_matches("sdk/signed/").trim_end_matches(".json");
            let table = tables::service(name).unwrap_or_else(|| panic!("{path} does not parse"));
            assert_eq!(table.name, name);
            for (operation, inputs) in table.operations() {
                let entry = catalog.entry(name, operation).unwrap_or_else(|| panic!("{name}:{operation} is not mapped"));
                assert!(entry.doc.is_some(), "{name}:{operation} rests on no page");
                for grant in &entry.grants {
                    assert!(catalog.action(&grant.action).is_some(), "{name}:{operation}: {}", grant.action);
                    for param in grant.resources.iter().flat_map(|resource| crate::catalog::parameters(resource.arn())).flatten()
                    {
                        assert!(inputs.has_input(&param), "{name}:{operation} has no input {param}");
                    }
                }
            }
        }
    }

    fn check(path: &str, entries: &BTreeMap<String, Entry>) {
        for (name, entry) in entries {
            for request in &entry.requests {
                let service = tables::service(&request.service).unwrap_or_else(|| panic!("{path}: {name}: {}", request.service));
                let operation = service.operation(&request.operation);
                let (_, operation) = operation.unwrap_or_else(|| panic!("{path}: {name}: {}", request.operation));
                // The table of a batch whose name is no constant; see the README.
                let inputs =
                    request.params.keys().filter(|param| *param != "TableName" || !request.operation.starts_with("Batch"));
                for param in inputs {
                    assert!(operation.has_input(param), "{path}: {name}: {} has no input {param}", request.operation);
                }
            }
        }
    }
}
