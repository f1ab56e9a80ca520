//! Managed policies for `CloudFormation` templates.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html>

use std::io;

use super::{Names, about, document_yaml, intrinsic, pascal, statement_yaml};
use crate::iac::RoleRef;
use crate::pipeline::FunctionReport;
use crate::report::View;
use crate::report::yaml::Yaml;

/// `Resources` to merge into the template: a managed policy per function, attached to its role where the template declares it.
pub fn render(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut names = Names::default();
    let mut entries = Vec::new();
    for function in &view.functions {
        let documents = &function.draft.documents;
        if documents.is_empty() {
            about(function).iter().try_for_each(|line| writeln!(out, "# {line}"))?;
        }
        for (index, document) in documents.iter().enumerate() {
            let name = names.unique(&format!("{}Policy{}", pascal(&function.name), part(index, documents.len())));
            let statements = document.statements.iter().map(|statement| statement_yaml(statement, function, intrinsic));
            entries
                .push((name, Yaml::Commented(about(function), Box::new(policy(function, document_yaml(statements.collect()))))));
        }
    }
    Yaml::Map(vec![("Resources".to_owned(), Yaml::Map(entries))]).write(out)
}

fn part(index: usize, count: usize) -> String {
    if count > 1 { (index + 1).to_string() } else { String::new() }
}

fn policy(function: &FunctionReport, document: Yaml) -> Yaml {
    let mut properties = vec![("PolicyDocument".to_owned(), document)];
    if let RoleRef::Declared(role) = &function.function.role
        && !role.contains('/')
    {
        properties.push(("Roles".to_owned(), Yaml::List(vec![Yaml::Tagged("!Ref", role.to_string())])));
    }
    Yaml::Map(vec![("Type".to_owned(), Yaml::text("AWS::IAM::ManagedPolicy")), ("Properties".to_owned(), Yaml::Map(properties))])
}
