//! The permissions of all functions as text that is meant to be committed: one line per permission, sorted, without lines
//! of code, so that it changes when a permission does and at no other time.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::View;
use crate::draft::DraftStatement;
use crate::iac::Format;
use crate::pipeline::FunctionReport;
use crate::policy::{RenderContext, Statement};
use crate::value::{Hole, Text};

/// What stands above the permissions.
const HEAD: &str = "# The permissions of every function, inferred from its code by `leash lock`. Do not edit.\n";

/// One permission as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The action.
    pub action: String,
    /// The resource, with the template's own references.
    pub resource: String,
    /// The conditions; empty when there are none.
    pub conditions: String,
}

/// The permissions of a function.
pub fn lines(function: &FunctionReport) -> BTreeSet<Line> {
    function.draft.statements.iter().flat_map(|draft| of_draft(draft, function)).collect()
}

/// The permissions of one statement of a function.
pub(super) fn of_draft(draft: &DraftStatement, function: &FunctionReport) -> Vec<Line> {
    let format = function.function.stack.as_ref().map(|stack| stack.format);
    of_statement(&draft.statement, format)
}

fn of_statement(statement: &Statement, format: Option<Format>) -> Vec<Line> {
    let name = |hole: &Hole| crate::diff::names::reference(hole, format);
    let context = RenderContext::new(&name);
    let conditions: Vec<String> = statement
        .conditions
        .iter()
        .map(|condition| {
            let values: Vec<String> =
                condition.values.iter().map(|value: &Text| crate::policy::ArnPattern::render_text(value, &context)).collect();
            format!("{} {} {}", condition.key, condition.operator, values.join(" or "))
        })
        .collect();
    let conditions = conditions.join(" and ");
    let line = |action: &crate::policy::ActionPattern, resource: &crate::policy::ArnPattern| Line {
        action: action.to_string(),
        resource: resource.render(&context),
        conditions: conditions.clone(),
    };
    let actions = statement.actions.items().iter();
    actions
        .flat_map(|action| statement.resources.items().iter().map(move |resource| (action, resource)))
        .map(|(a, r)| line(a, r))
        .collect()
}

impl Line {
    /// The permission on one line.
    pub fn text(&self) -> String {
        if self.conditions.is_empty() {
            format!("{} {}", self.action, self.resource)
        } else {
            format!("{} {} if {}", self.action, self.resource, self.conditions)
        }
    }
}

/// Prints the lock file.
///
/// # Errors
///
/// When writing fails.
pub fn render(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(HEAD.as_bytes())?;
    for function in &view.functions {
        writeln!(out, "\n[{}]", function.name)?;
        if let Some(reason) = function.unanswered() {
            writeln!(out, "! not analyzed: {reason}")?;
        } else if !function.is_complete() {
            writeln!(out, "! incomplete: parts of the code could not be resolved")?;
        }
        for line in lines(function) {
            writeln!(out, "{}", line.text())?;
        }
    }
    Ok(())
}

/// Reads a lock file: the lines of each function.
pub fn parse(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut functions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(name) => {
                functions.entry(name.to_owned()).or_default();
                current = Some(name.to_owned());
            }
            None => {
                if let Some(lines) = current.as_ref().and_then(|name| functions.get_mut(name)) {
                    lines.insert(line.to_owned());
                }
            }
        }
    }
    functions
}

/// What changed between two lock files, as lines with `+` and `-` under the functions' names; empty when nothing did.
pub fn changes(before: &str, after: &str) -> Vec<String> {
    let (before, after) = (parse(before), parse(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let empty = BTreeSet::new();
    let mut out = Vec::new();
    for name in names {
        let (old, new) = (before.get(name).unwrap_or(&empty), after.get(name).unwrap_or(&empty));
        let mut lines: Vec<String> = old.difference(new).map(|line| format!("- {line}")).collect();
        lines.extend(new.difference(old).map(|line| format!("+ {line}")));
        let state = match (before.contains_key(name), after.contains_key(name)) {
            (false, true) => " (new)",
            (true, false) => " (gone)",
            _ if lines.is_empty() => continue,
            _ => "",
        };
        out.push(format!("[{name}]{state}"));
        out.extend(lines);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_by_function() {
        let before = "# x\n\n[A]\ns3:GetObject a\nsqs:SendMessage q\n\n[B]\n";
        let after = "[A]\ns3:GetObject a\ns3:PutObject a\n\n[C]\nsns:Publish t\n";
        assert_eq!(changes(before, before), [] as [&str; 0]);
        assert_eq!(
            changes(before, after),
            ["[A]", "- sqs:SendMessage q", "+ s3:PutObject a", "[B] (gone)", "[C] (new)", "+ sns:Publish t"]
        );
    }
}
