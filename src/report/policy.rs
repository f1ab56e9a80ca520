//! Policies as IAM takes them, in JSON and YAML.

use std::io;

use serde::Serialize;

use super::yaml::Yaml;
use super::{View, handler_of, whole_document};
use crate::pipeline::FunctionReport;
use crate::policy::{OneOrMany, RenderContext, RenderedDocument, RenderedStatement};

/// Several functions.
#[derive(Serialize)]
struct Functions<'a> {
    functions: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<Skipped<'a>>,
}

/// One of several functions.
#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    handler: String,
    /// The whole policy.
    policy: RenderedDocument,
    /// The same in documents that fit IAM's quota, where one does not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    policies: Vec<RenderedDocument>,
}

/// A function without a policy.
#[derive(Serialize)]
struct Skipped<'a> {
    name: &'a str,
    reason: &'a str,
}

fn entry(function: &FunctionReport) -> Entry<'_> {
    let documents = documents(function);
    Entry {
        name: &function.name,
        handler: handler_of(function),
        policy: whole_document(function).render(&RenderContext::plain()),
        policies: if documents.len() > 1 { documents } else { Vec::new() },
    }
}

/// The documents to attach; an empty one where nothing is needed.
fn documents(function: &FunctionReport) -> Vec<RenderedDocument> {
    let context = RenderContext::plain();
    match function.draft.documents.as_slice() {
        [] => vec![whole_document(function).render(&context)],
        documents => documents.iter().map(|document| document.render(&context)).collect(),
    }
}

fn functions<'a>(view: &View<'a>) -> Functions<'a> {
    let (answered, rest): (Vec<_>, Vec<_>) = view.functions.iter().partition(|function| function.unanswered().is_none());
    Functions {
        functions: answered.into_iter().map(|function| entry(function)).collect(),
        skipped: rest
            .into_iter()
            .map(|function| Skipped { name: &function.name, reason: function.unanswered().unwrap_or_default() })
            .collect(),
    }
}

/// One function: the bare document, or a list of them where one would be too large. Several: an object.
pub fn json(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    match view.functions.as_slice() {
        [function] => match documents(function).as_slice() {
            [document] => serde_json::to_writer_pretty(&mut *out, document)?,
            documents => serde_json::to_writer_pretty(&mut *out, documents)?,
        },
        _ => serde_json::to_writer_pretty(&mut *out, &functions(view))?,
    }
    writeln!(out)
}

/// The same shape as the JSON form.
pub fn yaml(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let tree = match view.functions.as_slice() {
        [function] => {
            let mut all: Vec<Yaml> = documents(function).iter().map(document_yaml).collect();
            if all.len() == 1 { all.remove(0) } else { Yaml::List(all) }
        }
        _ => functions_yaml(&functions(view)),
    };
    tree.write(out)
}

fn functions_yaml(all: &Functions<'_>) -> Yaml {
    let functions = all.functions.iter().map(|entry| {
        let mut map = vec![
            ("name".to_owned(), Yaml::text(entry.name)),
            ("handler".to_owned(), Yaml::text(&entry.handler)),
            ("policy".to_owned(), document_yaml(&entry.policy)),
        ];
        if !entry.policies.is_empty() {
            map.push(("policies".to_owned(), Yaml::List(entry.policies.iter().map(document_yaml).collect())));
        }
        Yaml::Map(map)
    });
    let mut map = vec![("functions".to_owned(), Yaml::List(functions.collect()))];
    if !all.skipped.is_empty() {
        let skipped = all.skipped.iter().map(|skipped| {
            Yaml::Map(vec![("name".to_owned(), Yaml::text(skipped.name)), ("reason".to_owned(), Yaml::text(skipped.reason))])
        });
        map.push(("skipped".to_owned(), Yaml::List(skipped.collect())));
    }
    Yaml::Map(map)
}

fn document_yaml(document: &RenderedDocument) -> Yaml {
    let mut map = Vec::new();
    if let Some(version) = &document.version {
        map.push(("Version".to_owned(), Yaml::text(version)));
    }
    map.push(("Statement".to_owned(), Yaml::List(document.statement.iter().map(statement_yaml).collect())));
    Yaml::Map(map)
}

pub(super) fn statement_yaml(statement: &RenderedStatement) -> Yaml {
    let mut map = Vec::new();
    if let Some(sid) = &statement.sid {
        map.push(("Sid".to_owned(), Yaml::text(sid)));
    }
    map.push(("Effect".to_owned(), Yaml::text(statement.effect)));
    for (name, clause) in [("Action", &statement.action), ("Resource", &statement.resource)] {
        if let Some(clause) = clause {
            map.push((name.to_owned(), one_or_many(clause)));
        }
    }
    if !statement.condition.is_empty() {
        let operators = statement.condition.iter().map(|(operator, keys)| {
            let keys = keys.iter().map(|(key, values)| (key.clone(), one_or_many(values))).collect();
            (operator.clone(), Yaml::Map(keys))
        });
        map.push(("Condition".to_owned(), Yaml::Map(operators.collect())));
    }
    Yaml::Map(map)
}

fn one_or_many(values: &OneOrMany) -> Yaml {
    match values {
        OneOrMany::One(value) => Yaml::text(value),
        OneOrMany::Many(values) => Yaml::List(values.iter().map(|value| Yaml::text(value)).collect()),
    }
}
