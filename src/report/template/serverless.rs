//! Statements for the Serverless Framework: of the provider's role, which functions share, and of functions with a role of their
//! own.

use std::io;

use super::{Names, Part, about, statement_yaml, substituted};
use crate::iac::{Format, RoleRef};
use crate::pipeline::FunctionReport;
use crate::report::View;
use crate::report::yaml::Yaml;

/// The words in a service whose functions get roles of their own from a plugin.
/// <https://github.com/functionalone/serverless-iam-roles-per-function>
const PLUGIN: [&str; 2] = ["serverless-iam-roles-per-function", "iamRoleStatements"];
/// What stands above statements of several functions.
const SHARED: &str = "The role is shared: every function may do what any of them needs.";

/// What to merge into `serverless.yml`.
pub fn render(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (own, shared): (Vec<&FunctionReport>, Vec<&FunctionReport>) =
        view.functions.iter().copied().partition(|function| has_own_role(function));
    let mut entries = Vec::new();
    if own.is_empty() || !shared.is_empty() {
        let mut names = Names::default();
        let mut statements: Vec<Yaml> = Vec::new();
        if shared.len() > 1 {
            writeln!(out, "# {SHARED}")?;
        }
        for function in shared {
            statements.extend(statements_of(function, &mut names, out)?);
        }
        entries.push(("provider".to_owned(), within(&["iam", "role", "statements"], Yaml::List(statements))));
    }
    let mut functions = Vec::new();
    for function in own {
        let statements = statements_of(function, &mut Names::default(), out)?;
        if statements.is_empty() {
            continue;
        }
        let by_plugin =
            function.function.stack.as_ref().is_some_and(|stack| PLUGIN.iter().any(|word| stack.template.text.contains(word)));
        let path = if by_plugin { &["iamRoleStatements"][..] } else { &["iam", "role", "statements"] };
        let key = function.function.id.as_ref().unwrap_or(&function.name);
        functions.push((key.to_string(), within(path, Yaml::List(statements))));
    }
    if !functions.is_empty() {
        entries.push(("functions".to_owned(), Yaml::Map(functions)));
    }
    Yaml::Map(entries).write(out)
}

/// Whether the service gives a function a role of its own.
fn has_own_role(function: &FunctionReport) -> bool {
    let is_service = function.function.stack.as_ref().is_some_and(|stack| stack.format == Format::Serverless);
    is_service && function.function.role == RoleRef::Implicit
}

/// The statements of a function, what it is above the first of them.
fn statements_of(function: &FunctionReport, names: &mut Names, out: &mut dyn io::Write) -> io::Result<Vec<Yaml>> {
    let mut comment = about(function);
    if function.draft.statements.is_empty() {
        comment.iter().try_for_each(|line| writeln!(out, "# {line}"))?;
    }
    let one = |draft: &crate::draft::DraftStatement| {
        let mut statement = draft.statement.clone();
        // Names of statements have to differ within the role.
        statement.sid = statement.sid.map(|sid| names.unique(&sid).into());
        let yaml = statement_yaml(&statement, function, join);
        Yaml::Commented(std::mem::take(&mut comment), Box::new(yaml))
    };
    Ok(function.draft.statements.iter().map(one).collect())
}

/// A value under keys within keys.
fn within(path: &[&str], value: Yaml) -> Yaml {
    path.iter().rev().fold(value, |value, key| Yaml::Map(vec![((*key).to_owned(), value)]))
}

/// Parts as `serverless.yml` says them. `!Sub` names pseudo-parameters only: the framework has variables of its own in
/// braces, so references stand in `!Join`. A variable of the framework is a part of the text.
pub(super) fn join(parts: &[Part]) -> Yaml {
    let parts = with_variables(parts);
    let refers = |part: &Part| matches!(part, Part::Attribute(..) | Part::Parameter(_) | Part::Imported(_));
    if parts.iter().any(is_variable) && !parts.iter().any(refers) {
        return match parts.as_slice() {
            [Part::Literal(text)] => Yaml::text(text),
            // The framework fills its variables in before CloudFormation reads the text.
            parts => Yaml::Tagged("!Sub", parts.iter().map(written).collect()),
        };
    }
    if parts.len() <= 1 || !parts.iter().any(refers) {
        return super::intrinsic(&parts);
    }
    super::joined(&parts)
}

/// The framework's variables, which name their source before a colon, as text.
fn with_variables(parts: &[Part]) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for part in parts {
        let text = match part {
            Part::Parameter(name) if name.contains(':') => format!("${{{name}}}"),
            Part::Literal(text) => text.clone(),
            other => {
                out.push(other.clone());
                continue;
            }
        };
        match out.last_mut() {
            Some(Part::Literal(last)) => last.push_str(&text),
            _ => out.push(Part::Literal(text)),
        }
    }
    out
}

fn is_variable(part: &Part) -> bool {
    matches!(part, Part::Literal(text) if text.contains("${"))
}

fn written(part: &Part) -> String {
    match part {
        Part::Literal(text) => text.clone(),
        other => substituted(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_framework_stay_text() {
        let stage = Part::Parameter("sls:stage".to_owned());
        let name = |end: &str| Part::Literal(end.to_owned());
        assert_eq!(join(&[name("orders-"), stage.clone()]), Yaml::text("orders-${sls:stage}"));
        let located = [name("arn:"), Part::Partition, name(":x:"), stage.clone()];
        assert_eq!(join(&located), Yaml::Tagged("!Sub", "arn:${AWS::Partition}:x:${sls:stage}".to_owned()));
        let table = Part::Attribute("Orders".to_owned(), "Arn".to_owned());
        let items = vec![Yaml::Tagged("!GetAtt", "Orders.Arn".to_owned()), Yaml::text("/${sls:stage}")];
        assert_eq!(join(&[table, name("/"), stage]), Yaml::TaggedList("!Join", vec![Yaml::text(""), Yaml::List(items)]));
    }
}
