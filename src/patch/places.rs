//! Where statements go for which a role has no place yet.

use std::collections::BTreeSet;

use super::sheet::UnitRef;
use super::terraform::Keys;
use super::{Page, Pages, rendered};
use crate::diff::plan::Plan;
use crate::iac::Format;
use crate::iac::document::Node;
use crate::iac::{RoleRef, Stack};
use crate::policy::Statement;
use crate::report::template::document_yaml;
use crate::report::template::terraform::{Used, block, module_statement};
use crate::report::yaml::Yaml;
use crate::span::{Location, Span};

/// The role that the Serverless Framework makes for all functions.
const SERVERLESS_ROLE: &str = "IamRoleLambdaExecution";

/// Adds a policy to the role of a plan, or to the function whose role the format makes.
pub(super) fn add(plan: &Plan<'_>, statements: &[Statement], units: &[UnitRef], pages: &mut Pages) -> Result<(), String> {
    let stack = plan.stack().ok_or("no template declares it")?;
    match (stack.format, plan.role()) {
        (Format::Serverless, Some(role)) if role.id == SERVERLESS_ROLE => {
            let page = pages.of(&stack.template)?;
            service(page, &rendered(statements, plan)?, units)
        }
        (Format::Sam | Format::CloudFormation | Format::Serverless, Some(role)) => {
            let name = role.id.rsplit('/').next().unwrap_or_default();
            to_role(pages.of(&role.origin.file)?, &role.origin, name, rendered(statements, plan)?, units)
        }
        (Format::Sam, None) => {
            let origin = plan.functions()[0].function.origin.clone().ok_or("no template declares it")?;
            to_function(pages.of(&origin.file)?, &origin, rendered(statements, plan)?, units)
        }
        (Format::Serverless, None) => {
            Err("it has a role of its own without a list of statements: add `iamRoleStatements`".to_owned())
        }
        (Format::Terraform, Some(role)) => to_terraform_role(plan, stack, (&role.id, &role.origin), statements, units, pages),
        (Format::Terraform, None) => to_module(plan, statements, pages),
        (Format::Chalice, _) => Err("it has no policy file that could be read".to_owned()),
        _ => Err("its role is not declared in a way that leash can change".to_owned()),
    }
}

/// Where the properties of a resource and one of them stand.
fn property(page: &mut Page, origin: &Location, key: &str) -> Result<(Span, Option<Node>), String> {
    let sheet = page.sheet()?;
    let chain = sheet.tree.keyed(origin.span).ok_or("its place in the template is not known")?;
    let properties = chain.last().and_then(|resource| resource.get("Properties")).ok_or("it has no `Properties`")?;
    Ok((properties.span, properties.get(key).cloned()))
}

/// A policy of a role.
fn to_role(page: &mut Page, origin: &Location, id: &str, statements: Vec<Yaml>, units: &[UnitRef]) -> Result<(), String> {
    let (properties, policies) = property(page, origin, "Policies")?;
    let sheet = page.sheet()?;
    let mut name = format!("{id}Policy");
    while sheet.tree.file.text.contains(&format!("PolicyName: {name}")) {
        name.push('2');
    }
    let policy =
        Yaml::Map(vec![("PolicyName".to_owned(), Yaml::text(&name)), ("PolicyDocument".to_owned(), document_yaml(statements))]);
    match policies {
        None => sheet.add(properties, "Policies", Yaml::List(vec![policy]), units),
        Some(list) if list.as_sequence().is_some() => sheet.append(list.span, vec![policy], units),
        Some(_) => return Err("its `Policies` are no list".to_owned()),
    }
    Ok(())
}

/// A policy of a SAM function.
fn to_function(page: &mut Page, origin: &Location, statements: Vec<Yaml>, units: &[UnitRef]) -> Result<(), String> {
    let (properties, policies) = property(page, origin, "Policies")?;
    let sheet = page.sheet()?;
    let document = document_yaml(statements);
    match policies {
        None => sheet.add(properties, "Policies", Yaml::List(vec![document]), units),
        Some(list) if list.as_sequence().is_some() => sheet.append(list.span, vec![document], units),
        Some(one) if one.single().is_some_and(|entry| entry.key.starts_with("Fn::")) => {
            return Err("its `Policies` depend on a condition".to_owned());
        }
        Some(one) => return sheet.grow(one.span, vec![document], units),
    }
    Ok(())
}

/// The statements of a Serverless service.
fn service(page: &mut Page, statements: &[Yaml], units: &[UnitRef]) -> Result<(), String> {
    let sheet = page.sheet()?;
    let provider = sheet.tree.root().and_then(|root| root.get("provider")).ok_or("the service has no `provider`")?;
    let elsewhere = || "the `provider` is written in another file".to_owned();
    if provider.as_mapping().is_none() {
        return Err(elsewhere());
    }
    let list = Yaml::List(statements.to_vec());
    let inside = |key: &str, value: Yaml| Yaml::Map(vec![(key.to_owned(), value)]);
    for path in [&["iam", "role", "statements"][..], &["iamRoleStatements"]] {
        match provider.path(path) {
            Some(known) if known.as_sequence().is_some() => {
                let span = known.span;
                sheet.append(span, statements.to_vec(), units);
                return Ok(());
            }
            Some(_) => return Err("its statements are written elsewhere".to_owned()),
            None => {}
        }
    }
    let (at, key, value) = match (provider.get("iam"), provider.path(&["iam", "role"])) {
        (_, Some(role)) if role.as_mapping().is_some() => (role.span, "statements", list),
        (Some(iam), None) if iam.as_mapping().is_some() => (iam.span, "role", inside("statements", list)),
        (None, None) => (provider.span, "iam", inside("role", inside("statements", list))),
        _ => return Err(elsewhere()),
    };
    sheet.add(at, key, value, units);
    Ok(())
}

/// A policy of its own for a role of Terraform.
fn to_terraform_role(
    plan: &Plan<'_>,
    stack: &Stack,
    (id, origin): (&str, &Location),
    statements: &[Statement],
    units: &[UnitRef],
    pages: &mut Pages,
) -> Result<(), String> {
    let page = pages.of(&origin.file)?;
    let Page::Hcl(hcl) = page else { return Err("its file is not written in Terraform's own language".to_owned()) };
    let own = id.rfind("aws_iam_role.").map_or(id, |at| &id[at..]);
    let own = own.split('[').next().unwrap_or_default();
    let plain = own.trim_start_matches("aws_iam_role.");
    let plans: BTreeSet<usize> = units.iter().map(|(plan, _)| *plan).collect();
    if stack.roles.values().filter(|role| role.origin == *origin).count() > plans.len() {
        return Err("its role is one of several that a loop makes".to_owned());
    }
    // What is made for a role is made as often as that is.
    let repeated = hcl.repeated(origin.span);
    let index = match &repeated {
        Some(("count", _)) => "[count.index]",
        Some(_) => "[each.key]",
        None => "",
    };
    let repeated = repeated.map(|(key, value)| format!("  {key} = {value}\n")).unwrap_or_default();
    let mut name = format!("{plain}_needs");
    let taken = |name: &str| {
        let ids = [format!("aws_iam_role_policy.{name}"), format!("aws_iam_policy_document.{name}")];
        let is =
            |key: &str, id: &str| key.rfind(id).is_some_and(|at| matches!(key.as_bytes().get(at + id.len()), None | Some(b'[')));
        stack.resources.keys().any(|key| ids.iter().any(|id| is(key, id)))
    };
    while taken(&name) {
        name.push('2');
    }
    let mut used = Used::new();
    let blocks: Vec<String> = statements.iter().map(|statement| block(statement, plan.functions()[0], &mut used)).collect();
    let text = format!(
        "\ndata \"aws_iam_policy_document\" \"{name}\" {{\n{repeated}{}}}\n\nresource \"aws_iam_role_policy\" \"{name}\" {{\n{repeated}  role   = {own}{index}.id\n  policy = data.aws_iam_policy_document.{name}{index}.json\n}}\n",
        blocks.join("\n")
    );
    hcl.note_used(&used);
    hcl.add_behind(origin.span, text)
}

/// Statements of the role that the community `lambda` module makes.
fn to_module(plan: &Plan<'_>, statements: &[Statement], pages: &mut Pages) -> Result<(), String> {
    let function = plan.functions()[0];
    let origin = function.function.origin.clone().ok_or("no template declares it")?;
    if function.function.role != RoleRef::Implicit {
        return Err("its role is not declared in a way that leash can change".to_owned());
    }
    let Page::Hcl(hcl) = pages.of(&origin.file)? else {
        return Err("its file is not written in Terraform's own language".to_owned());
    };
    let mut used = Used::new();
    let mut keys = Keys { taken: "", given: Vec::new() };
    let entry =
        |statement: &Statement| format!("    {} = {}\n", keys.of(statement), module_statement(statement, function, 4, &mut used));
    let entries: String = statements.iter().map(entry).collect();
    let text = format!("\n  attach_policy_statements = true\n  policy_statements = {{\n{entries}  }}\n");
    hcl.note_used(&used);
    hcl.add_within(origin.span, &["attach_policy_statements", "policy_statements"], &text)
}
