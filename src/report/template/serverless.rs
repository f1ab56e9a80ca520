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
/// braces, so references stand in `!Join`.
fn join(parts: &[Part]) -> Yaml {
    let refers = |part: &Part| matches!(part, Part::Attribute(..) | Part::Parameter(_));
    if parts.len() <= 1 || !parts.iter().any(refers) {
        return super::intrinsic(parts);
    }
    let items = parts.iter().map(|part| match part {
        Part::Partition | Part::Region | Part::Account => {
            Yaml::Tagged("!Ref", substituted(part).trim_matches(['$', '{', '}']).to_owned())
        }
        other => super::intrinsic(std::slice::from_ref(other)),
    });
    Yaml::TaggedList("!Join", vec![Yaml::text(""), Yaml::List(items.collect())])
}
