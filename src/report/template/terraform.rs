//! `aws_iam_policy_document`s for Terraform.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;

use super::{Family, Names, Part, about, parts, snake};
use crate::pipeline::FunctionReport;
use crate::policy::Statement;
use crate::report::View;
use crate::value::Text;

/// A data source per document, and those that its references need.
pub fn render(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut names = Names::default();
    let mut used = BTreeSet::new();
    let mut body = String::new();
    for function in &view.functions {
        for line in about(function) {
            let _ = writeln!(body, "# {}", line.replace(['\n', '\r'], " "));
        }
        for document in &function.draft.documents {
            let name = names.unique(&snake(&function.name));
            let _ = writeln!(body, "data \"aws_iam_policy_document\" \"{name}\" {{");
            let blocks: Vec<String> = document.statements.iter().map(|statement| block(statement, function, &mut used)).collect();
            body.push_str(&blocks.join("\n"));
            body.push_str("}\n");
        }
        body.push('\n');
    }
    // What the configuration has by this name already would be there twice.
    let is_declared = |source: &str| {
        let id = format!("data.{source}.current");
        view.functions
            .iter()
            .any(|function| function.function.stack.as_ref().is_some_and(|stack| stack.resources.contains_key(id.as_str())))
    };
    for source in used.iter().filter(|source| !is_declared(source)) {
        writeln!(out, "data \"{source}\" \"current\" {{}}\n")?;
    }
    writeln!(out, "{}", body.trim_end())
}

fn block(statement: &Statement, function: &FunctionReport, used: &mut BTreeSet<&'static str>) -> String {
    let mut out = String::from("  statement {\n");
    if let Some(sid) = &statement.sid {
        let _ = writeln!(out, "    sid       = {}", string(&[Part::Literal(sid.to_string())], used));
    }
    let _ = writeln!(out, "    effect    = \"{}\"", statement.effect.as_str());
    let actions: Vec<String> =
        statement.actions.items().iter().map(|action| string(&[Part::Literal(action.as_str().to_owned())], used)).collect();
    let _ = writeln!(out, "    actions   = {}", list(&actions, "    "));
    let mut written = |text: &Text| string(&parts(text, function, Family::Terraform), used);
    let mut resources: Vec<String> = Vec::new();
    for resource in statement.resources.items() {
        let text = written(resource.text());
        if !resources.contains(&text) {
            resources.push(text);
        }
    }
    let _ = writeln!(out, "    resources = {}", list(&resources, "    "));
    for condition in &statement.conditions {
        let values: Vec<String> = condition.values.iter().map(&mut written).collect();
        let (test, variable) = (&condition.operator, &condition.key);
        let _ = writeln!(out, "\n    condition {{\n      test     = \"{test}\"\n      variable = \"{variable}\"");
        let _ = writeln!(out, "      values   = {}\n    }}", list(&values, "      "));
    }
    out.push_str("  }\n");
    out
}

fn list(items: &[String], indent: &str) -> String {
    match items {
        [one] => format!("[{one}]"),
        many => format!("[\n{indent}  {},\n{indent}]", many.join(&format!(",\n{indent}  "))),
    }
}

/// Parts as an expression: a reference alone, else a string with references in it.
fn string(parts: &[Part], used: &mut BTreeSet<&'static str>) -> String {
    if let [part] = parts
        && let Some(reference) = reference(part, used)
    {
        return reference;
    }
    let mut out = String::from("\"");
    for part in parts {
        match reference(part, used) {
            Some(reference) => {
                let _ = write!(out, "${{{reference}}}");
            }
            None => {
                if let Part::Literal(text) = part {
                    out.push_str(&escaped(text));
                }
            }
        }
    }
    out.push('"');
    out
}

fn reference(part: &Part, used: &mut BTreeSet<&'static str>) -> Option<String> {
    let (source, attribute) = match part {
        Part::Literal(_) => return None,
        Part::Attribute(id, attribute) => return Some(format!("{id}.{attribute}")),
        Part::Parameter(name) if name.contains('.') => return Some(name.clone()),
        Part::Parameter(name) => return Some(format!("var.{name}")),
        Part::Partition => ("aws_partition", "partition"),
        Part::Region => ("aws_region", "name"),
        Part::Account => ("aws_caller_identity", "account_id"),
    };
    used.insert(source);
    Some(format!("data.{source}.current.{attribute}"))
}

/// Characters of a quoted string.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    // A policy variable is no interpolation.
    out.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stand_alone_or_in_strings() {
        let mut used = BTreeSet::new();
        let arn = Part::Attribute("aws_s3_bucket.data".to_owned(), "arn".to_owned());
        assert_eq!(string(std::slice::from_ref(&arn), &mut used), "aws_s3_bucket.data.arn");
        assert_eq!(
            string(&[arn, Part::Literal("/${aws:userid}/*".to_owned())], &mut used),
            "\"${aws_s3_bucket.data.arn}/$${aws:userid}/*\""
        );
        assert!(used.is_empty());
        assert_eq!(string(&[Part::Region, Part::Literal(":".to_owned())], &mut used), "\"${data.aws_region.current.name}:\"");
        assert_eq!(used.into_iter().collect::<Vec<_>>(), ["aws_region"]);
    }
}
