//! Reads `api-maps/sdk`: services, operations, inputs, paginators, waiters and resources. Each service is parsed when
//! it is first asked for and then kept.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;

use crate::embedded;

/// What the SDKs know of one service.
#[derive(Debug, Deserialize)]
pub struct Service<'t> {
    /// botocore's name of the service.
    #[serde(rename = "service", borrow)]
    pub name: &'t str,
    #[serde(borrow)]
    operations: BTreeMap<&'t str, Operation<'t>>,
    #[serde(borrow)]
    paginators: Vec<&'t str>,
    #[serde(borrow)]
    waiters: BTreeMap<&'t str, &'t str>,
    #[serde(default, borrow)]
    resources: BTreeMap<&'t str, ResourceType<'t>>,
    #[serde(skip)]
    by_python: BTreeMap<&'t str, &'t str>,
}

/// An operation: its boto3 method and its inputs.
#[derive(Debug, Deserialize)]
pub struct Operation<'t>(#[serde(borrow)] &'t str, #[serde(borrow)] Vec<&'t str>);

/// A type of boto3 resource; the service resource itself has the empty name. Keys are Python names.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ResourceType<'t> {
    /// Attribute and identifier, in the order of the constructor's arguments.
    #[serde(borrow)]
    pub identifiers: Vec<(&'t str, &'t str)>,
    /// The request that fills the lazy attributes.
    #[serde(borrow)]
    pub load: Option<ResourceRequest<'t>>,
    /// Methods.
    #[serde(borrow)]
    pub actions: BTreeMap<&'t str, ResourceRequest<'t>>,
    /// Constructors of other resources.
    #[serde(borrow)]
    pub has: BTreeMap<&'t str, Made<'t>>,
    /// Attributes that are other resources.
    #[serde(borrow)]
    pub references: BTreeMap<&'t str, Made<'t>>,
    /// Collections.
    #[serde(borrow)]
    pub collections: BTreeMap<&'t str, ResourceRequest<'t>>,
    /// `wait_until_…` methods.
    #[serde(borrow)]
    pub waiters: BTreeMap<&'t str, ResourceRequest<'t>>,
    /// Methods of collections of this type.
    #[serde(borrow)]
    pub batch: BTreeMap<&'t str, ResourceRequest<'t>>,
    /// Attributes and where their values come from.
    #[serde(borrow)]
    pub attributes: BTreeMap<&'t str, &'t str>,
}

/// A request of a resource, and the resource it answers with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ResourceRequest<'t> {
    /// The operation, absent for actions that only make a resource.
    #[serde(borrow)]
    pub operation: Option<&'t str>,
    /// Parameters and where their values come from; the names may be paths such as `Delete.Objects[].Key`.
    #[serde(borrow)]
    pub params: BTreeMap<&'t str, &'t str>,
    /// The resource that the answer is.
    #[serde(borrow)]
    pub makes: Option<Made<'t>>,
}

/// A resource made from another one.
#[derive(Debug, Deserialize)]
pub struct Made<'t> {
    /// Its type.
    #[serde(rename = "type", borrow)]
    pub kind: &'t str,
    /// Identifiers and where their values come from.
    #[serde(default, borrow)]
    pub identifiers: Vec<(&'t str, &'t str)>,
    /// The part of the answer that its attributes are filled with.
    #[serde(default, borrow)]
    pub path: Option<&'t str>,
}

/// One input of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// Whether the caller must give it.
    pub required: bool,
}

impl Operation<'static> {
    /// The operation's method in boto3.
    pub fn python(&self) -> &'static str {
        self.0
    }

    /// The operation's inputs.
    pub fn inputs(&self) -> impl Iterator<Item = Input> {
        self.1.iter().map(|input| {
            let plain = input.trim_end_matches(['[', ']', '{', '}']);
            Input { name: plain.trim_end_matches('!'), required: plain.ends_with('!') }
        })
    }

    /// Whether the operation has an input of this name.
    pub fn has_input(&self, name: &str) -> bool {
        self.inputs().any(|input| input.name == name)
    }
}

impl Service<'static> {
    /// An operation by its own name, with the name as the table spells it.
    pub fn operation(&self, name: &str) -> Option<(&'static str, &Operation<'static>)> {
        self.operations.get_key_value(name).map(|(name, operation)| (*name, operation))
    }

    /// The operation behind a boto3 method.
    pub fn by_python(&self, method: &str) -> Option<&'static str> {
        self.by_python.get(method).copied()
    }

    /// The operation behind a camel-case method of the JavaScript SDKs.
    pub fn by_camel(&self, method: &str) -> Option<&'static str> {
        let first = method.chars().next().filter(char::is_ascii_lowercase)?;
        let name = [first.to_ascii_uppercase().encode_utf8(&mut [0; 4]), &method[1..]].concat();
        self.operation(&name).map(|(name, _)| name)
    }

    /// All operations with their names.
    pub fn operations(&self) -> impl Iterator<Item = (&'static str, &Operation<'static>)> {
        self.operations.iter().map(|(name, operation)| (*name, operation))
    }

    /// Whether an operation has a paginator.
    pub fn paginates(&self, operation: &str) -> bool {
        self.paginators.binary_search(&operation).is_ok()
    }

    /// The operation that a waiter polls.
    pub fn waiter(&self, name: &str) -> Option<&'static str> {
        self.waiters.get(name).copied()
    }

    /// The operation that a waiter polls, by the name boto3 or version 2 of the JavaScript SDK gives it
    /// (`bucket_exists`, `bucketExists`).
    pub fn waiter_by_method(&self, name: &str) -> Option<&'static str> {
        let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
        let wanted = plain(name);
        self.waiters.iter().find(|(waiter, _)| plain(waiter) == wanted).map(|(_, operation)| *operation)
    }

    /// A resource type; the empty name is the service resource.
    pub fn resource(&self, kind: &str) -> Option<&ResourceType<'static>> {
        self.resources.get(kind)
    }

    /// All resource types, by name.
    pub fn resources(&self) -> impl Iterator<Item = &ResourceType<'static>> {
        self.resources.values()
    }
}

/// A service's table, by botocore's name of the service.
pub fn service(name: &str) -> Option<&'static Service<'static>> {
    type Slots = BTreeMap<&'static str, (&'static str, OnceLock<Option<Service<'static>>>)>;
    static SERVICES: LazyLock<Slots> = LazyLock::new(|| {
        let files = |folder: &'static str| {
            embedded::list(folder).filter_map(move |file| Some((file.strip_prefix(folder)?.strip_suffix(".json")?, file)))
        };
        let all = files("sdk/boto3/").chain(files("sdk/signed/"));
        all.map(|(name, file)| (name, (file, OnceLock::new()))).collect()
    });
    let (file, slot) = SERVICES.get(name)?;
    slot.get_or_init(|| embedded::get(file).and_then(|text| parse(text).ok())).as_ref()
}

fn parse(text: &'static str) -> serde_json::Result<Service<'static>> {
    let mut service: Service<'static> = serde_json::from_str(text)?;
    service.by_python = service.operations.iter().map(|(name, operation)| (operation.0, *name)).collect();
    Ok(service)
}

/// The input under which the catalog learns of a client's endpoint, for services whose endpoint says what a request is about.
pub fn endpoint_input(service: &str) -> Option<&'static str> {
    static INPUTS: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
        embedded::get("sdk/endpoints.json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    });
    INPUTS.get(service).copied()
}

/// How the SDKs name one service.
#[derive(Debug, Deserialize)]
struct Names<'t> {
    #[serde(borrow)]
    v3: Vec<&'t str>,
    #[serde(borrow)]
    v2: Vec<&'t str>,
    #[serde(default)]
    endpoint: &'t str,
    #[serde(default)]
    signing: &'t str,
    #[serde(default)]
    id: &'t str,
}

/// The index of services by the names that the SDKs give them.
struct Index {
    services: BTreeMap<&'static str, Names<'static>>,
    v3: BTreeMap<&'static str, &'static str>,
    v2: BTreeMap<String, (&'static str, &'static str)>,
    python: BTreeMap<String, &'static str>,
}

fn index() -> &'static Index {
    static INDEX: LazyLock<Index> = LazyLock::new(|| {
        let text = embedded::get("sdk/services.json").unwrap_or("{}");
        let services: BTreeMap<&'static str, Names<'static>> = serde_json::from_str(text).unwrap_or_default();
        let mut index = Index { services: BTreeMap::new(), v3: BTreeMap::new(), v2: BTreeMap::new(), python: BTreeMap::new() };
        for (service, names) in &services {
            index.v3.extend(names.v3.iter().map(|package| (*package, *service)));
            index.v2.extend(names.v2.iter().map(|class| (class.to_ascii_lowercase(), (*class, *service))));
            index.python.insert(service.replace('-', "_"), service);
        }
        index.services = services;
        index
    });
    &INDEX
}

/// The service of a version 3 package (`@aws-sdk/client-s3`).
pub fn service_of_package(package: &str) -> Option<&'static str> {
    index().v3.get(package).copied()
}

/// Class and service of a version 2 class, in any case (`DynamoDB`, and `dynamodb` as in `aws-sdk/clients/dynamodb`).
pub fn service_of_class(class: &str) -> Option<(&'static str, &'static str)> {
    index().v2.get(&class.to_ascii_lowercase()).copied()
}

/// botocore's name of a service whose name was written with underscores (`mypy_boto3_<name>`).
pub fn service_of_module(module: &str) -> Option<&'static str> {
    index().python.get(module).copied()
}

/// botocore's own spelling of a service name, if there is such a service.
pub fn known_service(name: &str) -> Option<&'static str> {
    let name = further_names().aliases.get(name).copied().unwrap_or(name);
    index().services.get_key_value(name).map(|(name, _)| *name)
}

/// Whether a class of version 2 is of a service that there is no more, and that botocore has left out.
pub fn is_gone(class: &str) -> bool {
    further_names().gone.iter().any(|gone| gone.eq_ignore_ascii_case(class))
}

/// The services that operations of an older one have moved to, which the JavaScript SDKs still have there.
pub fn moved_to(service: &str) -> &'static [&'static str] {
    further_names().moved.get(service).map(Vec::as_slice).unwrap_or_default()
}

/// Names of services that botocore's models do not give.
#[derive(Debug, Default, Deserialize)]
struct FurtherNames<'t> {
    #[serde(borrow)]
    aliases: BTreeMap<&'t str, &'t str>,
    #[serde(borrow)]
    moved: BTreeMap<&'t str, Vec<&'t str>>,
    #[serde(borrow)]
    gone: Vec<&'t str>,
}

fn further_names() -> &'static FurtherNames<'static> {
    static NAMES: LazyLock<FurtherNames<'static>> =
        LazyLock::new(|| embedded::get("sdk/names.json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default());
    &NAMES
}

/// botocore's names of the services that AWS itself calls by a name, best first: by their own name, the first label of their
/// endpoint, their service id, the name their requests are signed with. Records of requests use any of these.
pub fn services_called(name: &str) -> Vec<&'static str> {
    let ways: [fn(&'static str, &Names<'static>) -> &'static str; 4] =
        [|service, _| service, |_, names| names.endpoint, |_, names| names.id, |_, names| names.signing];
    let mut found = Vec::new();
    for way in ways {
        let fits = index().services.iter().filter(|(service, names)| way(service, names).eq_ignore_ascii_case(name));
        found.extend(fits.map(|(service, _)| *service));
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|service| seen.insert(*service));
    found
}

/// The services that have an operation behind a method of a client, in any spelling: `list_agents`, `listAgents`.
pub fn services_with(method: &str) -> &'static [&'static str] {
    static OPERATIONS: LazyLock<BTreeMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
        embedded::get("sdk/operations.json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    });
    let name: String = method.chars().filter(|&character| character != '_').map(|c| c.to_ascii_lowercase()).collect();
    OPERATIONS.get(name.as_str()).map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_parses_and_its_references_hold() {
        for name in index().services.keys() {
            let service = service(name).unwrap_or_else(|| panic!("{name} does not parse"));
            assert_eq!(service.name, *name);
            assert!(service.paginators.iter().all(|operation| service.operation(operation).is_some()), "{name}");
            assert!(service.waiters.values().all(|operation| service.operation(operation).is_some()), "{name}");
            for resource in service.resources.values() {
                let requests = resource.actions.values().chain(resource.collections.values()).chain(resource.waiters.values());
                let mut operations = requests.chain(&resource.load).filter_map(|request| request.operation);
                assert!(operations.all(|operation| service.operation(operation).is_some()), "{name}");
            }
        }
    }

    #[test]
    fn one_operation_has_one_name_in_each_language() {
        let s3 = service("s3").expect("s3 has a table");
        assert_eq!(s3.by_python("list_objects_v2"), Some("ListObjectsV2"));
        assert_eq!(s3.by_camel("listObjectsV2"), Some("ListObjectsV2"));
        assert_eq!(s3.by_camel("ListObjectsV2"), None);
        assert_eq!(s3.waiter_by_method("bucket_exists"), Some("HeadBucket"));
        assert_eq!(service_of_package("@aws-sdk/client-sfn"), Some("stepfunctions"));
        assert_eq!(service_of_class("stepfunctions"), Some(("StepFunctions", "stepfunctions")));
        assert_eq!(services_called("monitoring"), ["cloudwatch"]);
        assert_eq!(services_called("SFN"), services_called("states"));
        assert_eq!(services_called("apigateway"), ["apigateway", "apigatewayv2"]);
        assert_eq!(service_of_module("bedrock_runtime"), Some("bedrock-runtime"));
        assert_eq!(known_service("runtime.sagemaker"), Some("sagemaker-runtime"));
        assert!(is_gone("elastictranscoder") && !is_gone("S3"));
        assert!(further_names().aliases.values().all(|service| index().services.contains_key(service)));
        assert!(further_names().moved.values().flatten().all(|service| index().services.contains_key(service)));
        assert!(further_names().gone.iter().all(|class| service_of_class(class).is_none()));
        assert_eq!(services_with("list_objects_v2"), ["s3"]);
        assert_eq!(services_with("createStateMachine"), ["stepfunctions"]);
    }
}
