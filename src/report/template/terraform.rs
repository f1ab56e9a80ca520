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
use crate::report::yaml::Yaml;
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

/// Data sources that references need: `aws_region` for `data.aws_region.current`.
pub(crate) type Used = BTreeSet<&'static str>;

/// A statement as an object of `jsonencode`, its lines behind the first indented by so many spaces.
pub(crate) fn object(statement: &Statement, function: &FunctionReport, indent: usize, used: &mut Used) -> String {
    let mut written = |text: &Text| Yaml::Raw(string(&parts(text, function, Family::Terraform), used));
    hcl(&super::statement_tree(statement, &mut written), indent)
}

/// A statement as the community `lambda` module takes it.
pub(crate) fn module_statement(statement: &Statement, function: &FunctionReport, indent: usize, used: &mut Used) -> String {
    let mut entries = Vec::new();
    if let Some(sid) = &statement.sid {
        entries.push(("sid".to_owned(), Yaml::text(sid)));
    }
    entries.push(("effect".to_owned(), Yaml::text(statement.effect.as_str())));
    let actions = statement.actions.items().iter().map(|action| Yaml::text(action.as_str()));
    entries.push(("actions".to_owned(), Yaml::List(actions.collect())));
    let mut written = |text: &Text| Yaml::Raw(string(&parts(text, function, Family::Terraform), used));
    let mut resources: Vec<Yaml> = statement.resources.items().iter().map(|resource| written(resource.text())).collect();
    resources.dedup();
    entries.push(("resources".to_owned(), Yaml::List(resources)));
    let conditions = statement.conditions.iter().enumerate().map(|(at, condition)| {
        let values = condition.values.iter().map(&mut written).collect();
        let condition = vec![
            ("test".to_owned(), Yaml::text(&condition.operator)),
            ("variable".to_owned(), Yaml::text(&condition.key)),
            ("values".to_owned(), Yaml::List(values)),
        ];
        (format!("condition_{}", at + 1), Yaml::Map(condition))
    });
    let conditions: Vec<(String, Yaml)> = conditions.collect();
    if !conditions.is_empty() {
        entries.push(("condition".to_owned(), Yaml::Map(conditions)));
    }
    hcl(&Yaml::Map(entries), indent)
}

/// A statement for JSON in which Terraform fills in references. An error names a reference that cannot stand there.
pub(crate) fn json(statement: &Statement, function: &FunctionReport, used: &mut Used) -> Result<Yaml, String> {
    let mut wrong = None;
    let mut written = |text: &Text| {
        let written = template(&parts(text, function, Family::Terraform), used);
        if written.contains('"') {
            wrong = Some(format!("{written} cannot stand within JSON"));
        }
        Yaml::Text(written)
    };
    let tree = super::statement_tree(statement, &mut written);
    wrong.map_or(Ok(tree), Err)
}

/// A tree as an expression: the equals signs below each other, as `terraform fmt` has them.
fn hcl(tree: &Yaml, indent: usize) -> String {
    let inner = " ".repeat(indent + 2);
    let end = " ".repeat(indent);
    match tree {
        Yaml::Map(entries) => {
            let key = |key: &str| {
                let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if plain { key.to_owned() } else { string(&[Part::Literal(key.to_owned())], &mut Used::new()) }
            };
            let width = entries.iter().map(|(name, _)| key(name).len()).max().unwrap_or_default();
            let lines = entries.iter().map(|(name, value)| format!("{inner}{:width$} = {}\n", key(name), hcl(value, indent + 2)));
            format!("{{\n{}{end}}}", lines.collect::<String>())
        }
        Yaml::List(items) => match items.as_slice() {
            [one] => format!("[{}]", hcl(one, indent)),
            many => {
                let lines = many.iter().map(|item| format!("{inner}{},\n", hcl(item, indent + 2)));
                format!("[\n{}{end}]", lines.collect::<String>())
            }
        },
        Yaml::Raw(text) => text.clone(),
        Yaml::Text(text) => string(&[Part::Literal(text.clone())], &mut Used::new()),
        Yaml::Commented(_, inner) => hcl(inner, indent),
        // Tags are CloudFormation's.
        Yaml::Tagged(_, text) => string(&[Part::Literal(text.clone())], &mut Used::new()),
        Yaml::TaggedList(_, items) => hcl(&Yaml::List(items.clone()), indent),
    }
}

/// A `statement` block, indented by two spaces.
pub(crate) fn block(statement: &Statement, function: &FunctionReport, used: &mut Used) -> String {
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
    format!("\"{}\"", filled(parts, used, escaped))
}

/// Parts as the text of a template.
fn template(parts: &[Part], used: &mut Used) -> String {
    // What is written as JSON is escaped for JSON later.
    filled(parts, used, |text| text.replace("${", "$${").replace("%{", "%%{"))
}

fn filled(parts: &[Part], used: &mut Used, literal: fn(&str) -> String) -> String {
    let mut out = String::new();
    for part in parts {
        match (reference(part, used), part) {
            (Some(reference), _) => {
                let _ = write!(out, "${{{reference}}}");
            }
            (None, Part::Literal(text)) => out.push_str(&literal(text)),
            (None, _) => {}
        }
    }
    out
}

fn reference(part: &Part, used: &mut BTreeSet<&'static str>) -> Option<String> {
    let (source, attribute) = match part {
        Part::Literal(_) => return None,
        // Other languages import.
        Part::Imported(_) => return Some("\"*\"".to_owned()),
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
