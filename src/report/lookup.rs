//! Entries of the api-maps for people.

use std::io;

use super::lookup_json::{Action, Answer, Operation};
use super::style::{ACTION, BOLD, DIM, RESET};

/// Shows operations: in full, or one line each.
pub fn render(answer: &Answer, detailed: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let operations = &answer.operations;
    if detailed {
        for (index, operation) in operations.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            full(operation, out)?;
        }
        return Ok(());
    }
    let width = operations.iter().map(|operation| name(operation).chars().count()).max().unwrap_or(0);
    for operation in operations {
        let name = name(operation);
        writeln!(out, "{BOLD}{name:width$}{RESET}  {}", summary(operation))?;
    }
    Ok(())
}

fn name(operation: &Operation) -> String {
    format!("{}:{}", operation.service, operation.operation)
}

/// All actions on one line; those that depend on something in parentheses.
fn summary(operation: &Operation) -> String {
    if operation.permissionless {
        return "no permission needed".to_owned();
    }
    if let Some(why) = &operation.unknown {
        return format!("unknown: {why}");
    }
    let mut actions: Vec<String> = Vec::new();
    for action in &operation.actions {
        let name = if action.when.is_some() { format!("({})", action.action) } else { action.action.clone() };
        if !actions.contains(&name) {
            actions.push(name);
        }
    }
    actions.join(", ")
}

fn full(operation: &Operation, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{RESET}", name(operation))?;
    if operation.permissionless {
        writeln!(out, "  needs no permission")?;
    }
    if let Some(why) = &operation.unknown {
        writeln!(out, "  unknown: {why}")?;
    }
    for action in &operation.actions {
        grant(action, out)?;
    }
    if let Some(encryption) = &operation.encryption {
        writeln!(out, "  {DIM}with a customer-managed key:{RESET} {}", encryption.actions.join(", "))?;
    }
    for note in &operation.notes {
        writeln!(out, "  {DIM}note:{RESET} {note}")?;
    }
    if let Some(doc) = &operation.doc {
        let verified = operation.verified.as_ref().map_or_else(String::new, |month| format!(" (checked {month})"));
        writeln!(out, "  {DIM}{doc}{verified}{RESET}")?;
    }
    Ok(())
}

fn grant(action: &Action, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "  {ACTION}{}{RESET}  {DIM}{}{RESET}", action.action, action.access_level)?;
    if let Some(when) = &action.when {
        writeln!(out, "    when {when}")?;
    }
    if let Some(what) = &action.forward {
        writeln!(out, "    because the service {what}")?;
    }
    if action.dependent {
        writeln!(out, "    because the service acts with the caller's rights")?;
    }
    for arn in &action.resources {
        match action.resources_when.get(arn) {
            Some(when) => writeln!(out, "    on {}  when {when}", plain(arn))?,
            None => writeln!(out, "    on {}", plain(arn))?,
        }
    }
    for condition in &action.conditions {
        let values = condition.values.join(", ");
        writeln!(out, "    if {} {} {values}", condition.key, condition.operator)?;
    }
    Ok(())
}

/// A template without the filters behind its parameters, which say how a value becomes a part of the ARN.
fn plain(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('|') {
        out.push_str(before);
        rest = behind.find('}').map_or("", |end| &behind[end..]);
    }
    out + rest
}
