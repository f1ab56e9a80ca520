//! Properties of the maps as a whole. `LEASH_UPDATE=1 cargo test --test api_maps` rewrites hand-kept files in
//! canonical form.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use leash::catalog::format::{Entry, GrantEntry, ResourceEntry};
use leash::catalog::{Catalog, parameters, split_marks};
use serde_json::Value;

fn maps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("api-maps")
}

fn entries() -> Vec<(&'static str, &'static str, Arc<Entry>)> {
    let catalog = Catalog::embedded();
    let services = catalog.services().flat_map(|service| {
        let operations = catalog.operations(service).expect("a listed service has a map");
        operations.into_iter().map(move |operation| (service, operation))
    });
    let entry = |(service, operation)| {
        let entry = catalog.entry(service, operation);
        (service, operation, entry.unwrap_or_else(|| panic!("{service}:{operation} does not parse")))
    };
    let entries: Vec<_> = services.map(entry).collect();
    assert!(entries.len() > 19_000, "only {} operations", entries.len());
    entries
}

fn resources(grant: &GrantEntry) -> impl Iterator<Item = &ResourceEntry> {
    grant.resources.iter().chain(&grant.optional)
}

#[test]
fn every_service_of_botocore_is_mapped_and_every_entry_says_something() {
    for (service, operation, entry) in entries() {
        let ways = [!entry.grants.is_empty(), entry.permissionless, entry.unknown.is_some()];
        assert_eq!(ways.iter().filter(|way| **way).count(), 1, "{service}:{operation} says {ways:?}");
    }
}

#[test]
fn every_action_named_exists_in_the_iam_data() {
    let catalog = Catalog::embedded();
    let mut missing = BTreeSet::new();
    for (service, operation, entry) in entries() {
        let keys = entry.encryption.iter().flat_map(|key| key.actions.clone());
        for action in entry.grants.iter().map(|grant| grant.action.clone()).chain(keys) {
            if catalog.action(&action).is_none_or(|info| info.action != action) {
                missing.insert(format!("{service}:{operation} names {action}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_arn_variable_is_bound_or_declared_unbindable() {
    for (service, operation, entry) in entries() {
        for resource in entry.grants.iter().flat_map(resources) {
            let params = parameters(resource.arn());
            assert!(params.is_ok(), "{service}:{operation}: {} {params:?}", resource.arn());
        }
    }
}

#[test]
fn every_override_names_an_operation_and_shows_in_its_entry() {
    let catalog = Catalog::embedded();
    for (service, file) in overrides() {
        let Some(operations) = file["operations"].as_object() else { continue };
        for (names, over) in operations {
            for name in names.split(',').map(str::trim) {
                let entry = catalog.entry(&service, name).unwrap_or_else(|| panic!("{service}:{name} is no operation"));
                let doc = over["doc"].as_str().or_else(|| file["doc"].as_str()).unwrap_or_default();
                assert!(doc.starts_with("https://docs.aws.amazon.com/"), "{service}:{name} cites {doc:?}");
                assert_eq!(entry.doc.as_deref(), Some(doc), "{service}:{name} was not generated again");
                let month = |text: &str| text.len() == 7 && text.as_bytes()[4] == b'-';
                assert!(entry.verified.as_deref().is_none_or(month), "{service}:{name} was verified in {:?}", entry.verified);
            }
        }
    }
}

fn overrides() -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(maps().join("overrides")).expect("the overrides are there") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a readable name").to_owned();
        if !name.starts_with('_') {
            let text = std::fs::read_to_string(&path).expect("a readable file");
            out.insert(name, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        }
    }
    assert!(out.len() > 200, "only {} services are corrected", out.len());
    out
}

#[test]
fn overrides_are_in_canonical_form() {
    let mut wrong = Vec::new();
    for (service, file) in overrides() {
        let path = maps().join("overrides").join(format!("{service}.json"));
        let found = std::fs::read_to_string(&path).expect("a readable file");
        let wanted = canonical(&file);
        if found != wanted && std::env::var_os("LEASH_UPDATE").is_some() {
            std::fs::write(&path, wanted).expect("a writable file");
        } else if found != wanted {
            wrong.push(service);
        }
    }
    assert!(wrong.is_empty(), "not in canonical form, run with LEASH_UPDATE=1: {wrong:?}");
}

/// Fixed order of keys, one entry a line.
fn canonical(file: &Value) -> String {
    let order = [
        "service",
        "prefixes",
        "doc",
        "verified",
        "page",
        "http_verbs",
        "service_linked_role",
        "unknown",
        "tag_on_create",
        "bind",
        "arns",
        "lower",
        "kin",
        "encryption",
        "keys",
        "operations",
    ];
    let fields = order.iter().filter_map(|key| {
        let text = match file.get(key)? {
            Value::Object(map) if !map.is_empty() => {
                let lines: Vec<_> =
                    map.iter().map(|(key, value)| format!("    {}: {value}", Value::from(key.as_str()))).collect();
                format!("{{\n{}\n  }}", lines.join(",\n"))
            }
            Value::Array(list) if matches!(*key, "encryption" | "keys" | "kin") => {
                let lines: Vec<_> = list.iter().map(|value| format!("    {value}")).collect();
                format!("[\n{}\n  ]", lines.join(",\n"))
            }
            other => other.to_string(),
        };
        Some(format!("  \"{key}\": {text}"))
    });
    let known = |key: &String| order.contains(&key.as_str());
    assert!(file.as_object().is_some_and(|file| file.keys().all(known)), "a part of an override has no place: {file}");
    format!("{{\n{}\n}}\n", fields.collect::<Vec<_>>().join(",\n"))
}

#[test]
fn managed_policies_and_templates_are_found_by_name_and_by_arn() {
    let catalog = Catalog::embedded();
    let by_name = catalog.managed_policy("AWSLambdaBasicExecutionRole");
    assert!(by_name.is_some_and(|text| text.contains("logs:CreateLogGroup")));
    assert_eq!(by_name, catalog.managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"));
    assert_eq!(catalog.managed_policy("arn:aws:iam::123456789012:policy/AWSLambdaBasicExecutionRole"), None);
    assert_eq!(catalog.managed_policy("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"), None);
    assert!(catalog.sam_policy_template("DynamoDBCrudPolicy").is_some_and(|text| text.contains("dynamodb:GetItem")));
    let items = catalog.expand_action_pattern("dynamodb:*Item");
    assert!(items.contains(&"dynamodb:BatchGetItem".to_owned()) && !items.contains(&"dynamodb:Query".to_owned()), "{items:?}");
}

#[test]
fn every_parameter_read_is_an_input_of_its_operation() {
    let overrides = overrides();
    let mut wrong = BTreeSet::new();
    let mut inputs: BTreeMap<&str, Value> = BTreeMap::new();
    for (service, operation, entry) in entries() {
        let table = inputs.entry(service).or_insert_with(|| sdk_table(service));
        let known = table["operations"][operation][1].as_array().unwrap_or_else(|| panic!("no inputs of {service}:{operation}"));
        let courtesies = client_params(overrides.get(service), operation);
        for path in paths(&entry) {
            let first = path.split('.').next().expect("a path has a first name");
            let (name, marks) = split_marks(first);
            // The table writes `Name!` for what must be given, then its kind: a list `[]`, a map or structure `{}`.
            let input = known.iter().filter_map(Value::as_str).map(|input| input.replace('!', ""));
            let fits = |input: String| match input.strip_prefix(name) {
                Some("") => first == name && !path.contains('.'),
                Some("[]") => marks.starts_with("[]") || path == name,
                Some("{}") => !marks.starts_with("[]"),
                _ => false,
            };
            if !input.into_iter().any(fits) && !courtesies.contains(&path) {
                wrong.insert(format!("{service}:{operation} reads {path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Everything that an entry reads of a request.
fn paths(entry: &Entry) -> BTreeSet<String> {
    let read = |template: &str| parameters(template).expect("a template parses");
    let mut out: BTreeSet<String> = BTreeSet::new();
    let mut whens: Vec<_> = entry.notes.iter().filter_map(|note| note.when.as_ref()).collect();
    whens.extend(entry.encryption.iter().filter_map(|key| key.when.as_ref()));
    for grant in &entry.grants {
        out.extend(resources(grant).flat_map(|resource| read(resource.arn())));
        out.extend(grant.conditions.iter().flat_map(|condition| &condition.values).flat_map(|value| read(value)));
        whens.extend(resources(grant).filter_map(ResourceEntry::when));
        whens.extend(grant.conditions.iter().filter_map(|condition| condition.when.as_ref()));
        whens.extend(grant.when.as_ref());
    }
    out.extend(whens.into_iter().flat_map(|when| when.params()).map(str::to_owned));
    out
}

fn sdk_table(service: &str) -> Value {
    let path = maps().join("sdk/boto3").join(format!("{service}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Parameters that SDKs accept beyond the model, as the override declares them.
fn client_params(file: Option<&Value>, operation: &str) -> Vec<String> {
    let named = |names: &str| names.split(',').any(|name| name.trim() == operation);
    let operations = file.and_then(|file| file["operations"].as_object()).into_iter().flatten();
    let listed = operations.filter(|(names, _)| named(names)).filter_map(|(_, over)| over["client_params"].as_array());
    listed.flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn dependent_actions_never_stand_alone() {
    for (service, operation, entry) in entries() {
        if let Some(first) = entry.grants.first() {
            assert!(!first.dependent && first.forward.is_none(), "{service}:{operation} has no action of its own");
        }
    }
}
