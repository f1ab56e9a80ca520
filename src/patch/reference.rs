//! References as the file can say them that they are written into: a nested template and a module name their own resources
//! without the prefix that the whole stack knows them by.

use crate::diff::plan::Plan;
use crate::iac::{Format, expression, is_custom_policies};
use crate::policy::{ArnPattern, Clause, Statement};
use crate::span::Location;
use crate::value::{Hole, Text};

/// Statements for the file of a role, or of a function without one; `at` is where they will stand. An error names what
/// cannot be named there.
pub(super) fn at_home(statements: &[Statement], plan: &Plan<'_>, at: Option<&Location>) -> Result<Vec<Statement>, String> {
    let function = &plan.functions()[0].function;
    let format = plan.stack().map(|stack| stack.format);
    let id = plan.role().map_or_else(|| function.id.clone().unwrap_or_default(), |role| role.id.clone());
    let mut prefix = prefix_of(&id, format).to_owned();
    let home = home(plan);
    let folder = |at: &Location| at.file.path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    if let (Some(at), Some(home)) = (at, home)
        && !prefix.is_empty()
        && (at.file.path != home.file.path && format != Some(Format::Terraform) || folder(at) != folder(home))
    {
        // What stands outside of the nested part knows it by its whole name only.
        prefix.clear();
    }
    if at.is_some_and(|at| is_custom_policies(&at.file.path)) && statements.iter().any(has_references) {
        return Err("what Amplify fills in there is the environment's name alone".to_owned());
    }
    statements.iter().map(|statement| one(statement, &prefix, format)).collect()
}

/// Whether a statement needs an expression of the template.
fn has_references(statement: &Statement) -> bool {
    let (Clause::Only(resources) | Clause::Except(resources)) = &statement.resources;
    let mut texts = resources.iter().map(ArnPattern::text);
    let mut conditions = statement.conditions.iter().flat_map(|condition| &condition.values);
    texts.any(|text| text.holes().next().is_some()) || conditions.any(|text| text.holes().next().is_some())
}

/// Where the role of a plan is written, or its function that has none.
pub(super) fn home<'p>(plan: &'p Plan<'_>) -> Option<&'p Location> {
    plan.role().map(|role| &role.origin).or_else(|| plan.functions()[0].function.origin.as_ref())
}

/// `Nested/` of `Nested/Role`, `module.app.` of `module.app.aws_iam_role.this`.
fn prefix_of(id: &str, format: Option<Format>) -> &str {
    if format == Some(Format::Terraform) {
        let mut at = 0;
        while let Some(rest) = id[at..].strip_prefix("module.") {
            // A community module is a function itself.
            let Some(end) = end_of_name(rest) else { break };
            at += "module.".len() + end + 1;
        }
        return &id[..at];
    }
    id.rfind('/').map_or("", |end| &id[..=end])
}

/// Where the name of a module ends, with its index, if something follows.
fn end_of_name(rest: &str) -> Option<usize> {
    let mut quoted = false;
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            '.' if !quoted && depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

fn one(statement: &Statement, prefix: &str, format: Option<Format>) -> Result<Statement, String> {
    let mut statement = statement.clone();
    let (Clause::Only(resources) | Clause::Except(resources)) = &mut statement.resources;
    for resource in resources {
        *resource = ArnPattern::new(text(resource.text(), prefix, format)?);
    }
    for condition in &mut statement.conditions {
        condition.values = condition.values.iter().map(|value| text(value, prefix, format)).collect::<Result<_, _>>()?;
    }
    Ok(statement)
}

fn text(text: &Text, prefix: &str, format: Option<Format>) -> Result<Text, String> {
    let mut foreign = None;
    let filled = text.fill(|hole| {
        let (id, attribute) = match hole {
            Hole::Resource { id, attribute } => (id, Some(attribute)),
            // What another stack exports is called so everywhere.
            Hole::Parameter(name) if expression(name).is_some_and(|_| !name.contains("${")) => return None,
            Hole::Parameter(name) => (name, None),
            _ => return None,
        };
        let own = id.strip_prefix(prefix).unwrap_or(id);
        if !prefix_of(own, format).is_empty() {
            foreign = Some(id.to_string());
        }
        Some(Text::hole(match attribute {
            Some(attribute) => Hole::Resource { id: own.into(), attribute: attribute.clone() },
            None => Hole::Parameter(own.into()),
        }))
    });
    match foreign {
        Some(id) => Err(format!("it would have to name {id}, which is a part of another template")),
        None => Ok(filled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_those_of_nested_parts() {
        let terraform = Some(Format::Terraform);
        assert_eq!(prefix_of("module.app[\"a.b\"].aws_iam_role.this", terraform), "module.app[\"a.b\"].");
        assert_eq!(prefix_of("module.lambda", terraform), "");
        assert_eq!(prefix_of("aws_sqs_queue.jobs", terraform), "");
        assert_eq!(prefix_of("Orders/Table", Some(Format::Sam)), "Orders/");
    }
}
