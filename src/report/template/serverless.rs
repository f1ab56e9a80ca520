//! `iam.role.statements` for the Serverless Framework.
//!
//! The role is the provider's, shared by all functions, so the statements of all functions stand in one list.

use std::io;

use super::{Names, Part, about, statement_yaml, substituted};
use crate::report::View;
use crate::report::yaml::Yaml;

/// `provider` to merge into `serverless.yml`.
pub fn render(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut statements: Vec<Yaml> = Vec::new();
    let mut names = Names::default();
    for function in &view.functions {
        let mut comment = about(function);
        if function.draft.statements.is_empty() {
            comment.iter().try_for_each(|line| writeln!(out, "# {line}"))?;
        }
        for draft in &function.draft.statements {
            let mut statement = draft.statement.clone();
            // Names of statements have to differ within the role.
            statement.sid = statement.sid.map(|sid| names.unique(&sid).into());
            let yaml = statement_yaml(&statement, function, join);
            statements.push(Yaml::Commented(std::mem::take(&mut comment), Box::new(yaml)));
        }
    }
    let role = Yaml::Map(vec![("statements".to_owned(), Yaml::List(statements))]);
    let iam = Yaml::Map(vec![("role".to_owned(), role)]);
    Yaml::Map(vec![("provider".to_owned(), Yaml::Map(vec![("iam".to_owned(), iam)]))]).write(out)
}

/// Parts as `serverless.yml` says them. `!Sub` names pseudo-parameters only: the framework has variables of its own in
/// braces, so references stand in `!Join`. A variable of the framework is a part of the text.
pub(super) fn join(parts: &[Part]) -> Yaml {
    let parts = with_variables(parts);
    let refers = |part: &Part| matches!(part, Part::Attribute(..) | Part::Parameter(_));
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
    let items = parts.iter().map(|part| match part {
        Part::Partition | Part::Region | Part::Account => {
            Yaml::Tagged("!Ref", substituted(part).trim_matches(['$', '{', '}']).to_owned())
        }
        other => super::intrinsic(std::slice::from_ref(other)),
    });
    Yaml::TaggedList("!Join", vec![Yaml::text(""), Yaml::List(items.collect())])
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
