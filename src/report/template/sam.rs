//! `Policies:` of SAM functions.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html>

use std::io;

use super::{about, document_yaml, intrinsic, known, statement_yaml};
use crate::iac::{Format, RoleRef};
use crate::pipeline::FunctionReport;
use crate::report::View;
use crate::report::yaml::Yaml;

/// One function: its `Policies`. Several: `Resources` to merge into the template.
pub fn render(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let tree = match view.functions.as_slice() {
        [function] => Yaml::Commented(comments(function), Box::new(Yaml::Map(vec![("Policies".to_owned(), policies(function))]))),
        functions => {
            let entries = functions.iter().map(|function| {
                let properties = Yaml::Map(vec![("Policies".to_owned(), policies(function))]);
                let resource = Yaml::Map(vec![("Properties".to_owned(), properties)]);
                (key(function), Yaml::Commented(comments(function), Box::new(resource)))
            });
            Yaml::Map(vec![("Resources".to_owned(), Yaml::Map(entries.collect()))])
        }
    };
    tree.write(out)
}

/// The function's logical id where it has one.
fn key(function: &FunctionReport) -> String {
    function.function.id.as_ref().unwrap_or(&function.name).to_string()
}

fn comments(function: &FunctionReport) -> Vec<String> {
    let mut lines = about(function);
    let sam = function.function.stack.as_ref().is_some_and(|stack| stack.format == Format::Sam);
    if sam && function.function.role != RoleRef::Implicit {
        lines.push(
            "this function has a Role of its own, and SAM ignores Policies beside it: add the statements to that role".to_owned(),
        );
    }
    lines
}

fn policies(function: &FunctionReport) -> Yaml {
    let documents = function.draft.documents.iter().map(|document| {
        let statements = document.statements.iter().map(|statement| {
            let yaml = statement_yaml(statement, function, intrinsic);
            match known::templates_like(statement, function) {
                names if names.is_empty() => yaml,
                names => Yaml::Commented(names, Box::new(yaml)),
            }
        });
        document_yaml(statements.collect())
    });
    Yaml::List(documents.collect())
}
