//! `leash lookup`: what IAM needs for an operation, straight from the api-maps.

#![expect(clippy::doc_markdown, reason = "the comments are the help text, where back quotes would be printed")]

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::cli::args::TextOrJson;
use crate::cli::output::Output;
use crate::cli::{CliError, Outcome, suggest};
use crate::report::{lookup, lookup_json};
use crate::sdk::{self, names, packages};
use clap::Args;

/// Print what IAM needs for an operation, or for all operations of a service
///
/// Operations may be named as in the API (s3:PutObject), in boto3 (s3.upload_file, dynamodb.Table.put_item) or in the
/// JavaScript SDK (PutObjectCommand, s3.putObject).
#[derive(Debug, Args)]
pub(in crate::cli) struct Lookup {
    /// SERVICE, SERVICE:OPERATION, a boto3 method or a command of the JavaScript SDK
    #[arg(value_name = "SERVICE[:OPERATION]", required_unless_present = "all")]
    what: Option<String>,
    /// Every operation of every service
    #[arg(long, conflicts_with = "what")]
    all: bool,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = TextOrJson::Text, help_heading = "Output")]
    format: TextOrJson,
}

/// An operation: service and name.
type Named = (&'static str, &'static str);

impl Lookup {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let (answer, detailed) = match &self.what {
            None => (lookup_json::all(), false),
            Some(what) => {
                let found = find(what)?;
                (lookup_json::of(found.operations), found.detailed)
            }
        };
        let mut out = Vec::new();
        match self.format {
            TextOrJson::Json => {
                // A buffer takes everything.
                let _ = serde_json::to_writer_pretty(&mut out, &answer);
                out.push(b'\n');
            }
            TextOrJson::Text => {
                let _ = lookup::render(&answer, detailed, &mut out);
            }
        }
        output.answer(&out)?;
        Ok(Outcome::Clean)
    }
}

/// What was asked for.
struct Found {
    operations: Vec<Named>,
    /// Whether single operations were named, so that each is shown in full.
    detailed: bool,
}

fn find(what: &str) -> Result<Found, CliError> {
    let what = what.trim();
    if let Some(service) = service_named(what) {
        return Ok(Found { operations: all_of(service), detailed: false });
    }
    let (service, operation) = match what.split_once(':').or_else(|| what.split_once('.')) {
        Some((service, operation)) if !service.is_empty() && !operation.is_empty() => (service, operation),
        _ => return everywhere(what),
    };
    let Some(known) = service_named(service) else {
        let services: Vec<&str> = Catalog::embedded().services().collect();
        return Err(CliError::Lookup(format!("there is no service `{service}`{}", suggest::hint(service, services))));
    };
    let operations = operations_named(known, operation);
    if operations.is_empty() {
        let hint = suggest::hint(operation, names_like(known, operation));
        return Err(CliError::Lookup(format!("{known} has no operation `{operation}`{hint}")));
    }
    Ok(Found { operations, detailed: true })
}

fn all_of(service: &'static str) -> Vec<Named> {
    let operations = Catalog::embedded().operations(service).unwrap_or_default();
    operations.into_iter().map(|operation| (service, operation)).collect()
}

/// botocore's name of a service, from any of its names.
fn service_named(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let package = |kind: &str| format!("{}{kind}{}", packages::JS_V3, lower.trim_start_matches(packages::JS_V3));
    sdk::tables::known_service(&lower)
        .or_else(|| sdk::tables::service_of_module(&lower))
        .or_else(|| sdk::tables::service_of_package(&package("")))
        .or_else(|| sdk::tables::service_of_package(&package("client-")))
        .or_else(|| sdk::tables::service_of_class(&lower).map(|(_, service)| service))
        .or_else(|| {
            Catalog::embedded()
                .services()
                .find(|service| Catalog::embedded().prefixes_of(service).first() == Some(&lower.as_str()))
        })
}

/// The operations of a service that a name means: itself, a method or a command.
fn operations_named(service: &'static str, name: &str) -> Vec<Named> {
    let table = Catalog::embedded().operations(service).unwrap_or_default();
    let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    let bare = name.strip_suffix("Command").filter(|bare| !bare.is_empty()).unwrap_or(name);
    for wanted in [plain(name), plain(bare)] {
        if let Some(operation) = table.iter().find(|operation| plain(operation) == wanted) {
            return vec![(service, *operation)];
        }
    }
    let requests = names::requests(service, name);
    known(requests)
}

/// Operations as the tables spell them.
fn known(requests: BTreeSet<(String, String)>) -> Vec<Named> {
    let spelled = requests.into_iter().filter_map(|(service, operation)| {
        let service = sdk::tables::known_service(&service)?;
        let operation = sdk::tables::service(service)?.operation(&operation)?.0;
        Some((service, operation))
    });
    spelled.collect()
}

/// A bare name: an operation of any service, or a command.
fn everywhere(name: &str) -> Result<Found, CliError> {
    let document = known(names::document_command(name));
    if !document.is_empty() {
        return Ok(Found { operations: document, detailed: true });
    }
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let wanted = plain(name.strip_suffix("Command").filter(|bare| !bare.is_empty()).unwrap_or(name));
    let mut operations = Vec::new();
    for service in Catalog::embedded().services() {
        operations.extend(all_of(service).into_iter().filter(|(_, operation)| plain(operation) == wanted));
    }
    if operations.is_empty() {
        let services: Vec<&str> = Catalog::embedded().services().collect();
        let hint = suggest::hint(name, services);
        return Err(CliError::Lookup(format!("there is no service and no operation `{name}`{hint}")));
    }
    Ok(Found { operations, detailed: true })
}

/// What the operations of a service are called in the spelling that was used.
fn names_like(service: &'static str, wanted: &str) -> Vec<&'static str> {
    let Some(table) = sdk::tables::service(service) else { return Vec::new() };
    if wanted.contains('_') || wanted.chars().all(|c| c.is_ascii_lowercase()) {
        table.operations().map(|(_, operation)| operation.python()).collect()
    } else {
        table.operations().map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(what: &str) -> Vec<String> {
        let found = find(what).unwrap_or_else(|error| panic!("{what}: {error}"));
        found.operations.iter().map(|(service, operation)| format!("{service}:{operation}")).collect()
    }

    #[test]
    fn operations_are_found_by_all_of_their_names() {
        for name in
            ["s3:GetObject", "S3:getobject", "s3.get_object", "s3:getObject", "s3.GetObjectCommand", "client-s3:GetObject"]
        {
            assert_eq!(found(name), ["s3:GetObject"], "{name}");
        }
        // Two packages have a command of this name.
        assert_eq!(found("PutObjectCommand"), ["mediastore-data:PutObject", "s3:PutObject"]);
        assert_eq!(found("dynamodb.Table.put_item"), ["dynamodb:PutItem"]);
        assert_eq!(found("GetCommand"), ["dynamodb:GetItem"]);
        assert_eq!(found("states:StartExecution"), ["stepfunctions:StartExecution"]);
        assert!(found("s3.upload_file").contains(&"s3:PutObject".to_owned()));
        assert!(found("s3").len() > 50);
    }

    #[test]
    fn near_misses_are_answered_with_the_name_that_was_meant() {
        let error = |what: &str| find(what).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(error("s3:GetObjct"), "s3 has no operation `GetObjct`; did you mean `GetObject`?");
        assert_eq!(error("s3.get_objct"), "s3 has no operation `get_objct`; did you mean `get_object`?");
        assert_eq!(error("dynamdb:GetItem"), "there is no service `dynamdb`; did you mean `dynamodb`?");
        assert!(error("NoSuchThingAtAll").starts_with("there is no service and no operation"));
    }
}
