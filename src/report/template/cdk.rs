//! `PolicyStatement`s for the CDK, in TypeScript.
//!
//! <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.PolicyStatement.html>

use std::fmt::Write as _;
use std::io;

use super::{Family, Names, Part, about, camel, parts};
use crate::pipeline::FunctionReport;
use crate::policy::Statement;
use crate::report::View;
use crate::value::Text;

/// A function per Lambda function that makes its statements.
pub fn render(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut names = Names::default();
    let mut body = String::new();
    for function in &view.functions {
        let lines: Vec<String> = about(function).iter().map(|line| line.replace("*/", "* /")).collect();
        let _ = writeln!(body, "/** {} */", lines.join("; "));
        let name = names.unique(&format!("{}Statements", camel(&function.name)));
        let _ = writeln!(body, "export const {name} = (): iam.PolicyStatement[] => [");
        for draft in &function.draft.statements {
            body.push_str(&statement(&draft.statement, function));
        }
        body.push_str("];\n\n");
    }
    // Only what is named is imported.
    if body.contains("${cdk.") || body.contains("cdk.Fn") || body.contains("cdk.Aws") {
        writeln!(out, "import * as cdk from 'aws-cdk-lib';")?;
    }
    writeln!(out, "import * as iam from 'aws-cdk-lib/aws-iam';\n")?;
    writeln!(out, "// Usage: statements().forEach((statement) => fn.addToRolePolicy(statement));\n")?;
    writeln!(out, "{}", body.trim_end())
}

fn statement(statement: &Statement, function: &FunctionReport) -> String {
    let written = |text: &Text| expression(&parts(text, function, Family::CloudFormation));
    let mut out = String::from("  new iam.PolicyStatement({\n");
    if let Some(sid) = &statement.sid {
        let _ = writeln!(out, "    sid: {},", quoted(sid));
    }
    let actions = statement.actions.items().iter().map(|action| quoted(action.as_str())).collect();
    let _ = writeln!(out, "    actions: {},", list(actions));
    let resources = statement.resources.items().iter().map(|resource| written(resource.text())).collect();
    let _ = writeln!(out, "    resources: {},", list(resources));
    if !statement.conditions.is_empty() {
        out.push_str("    conditions: {\n");
        let mut operators: Vec<(&str, Vec<String>)> = Vec::new();
        for condition in &statement.conditions {
            let values = list(condition.values.iter().map(written).collect());
            let entry = format!("{}: {values}", quoted(&condition.key));
            match operators.iter_mut().find(|(operator, _)| *operator == condition.operator) {
                Some((_, entries)) => entries.push(entry),
                None => operators.push((&condition.operator, vec![entry])),
            }
        }
        for (operator, entries) in operators {
            let _ = writeln!(out, "      {operator}: {{ {} }},", entries.join(", "));
        }
        out.push_str("    },\n");
    }
    out.push_str("  }),\n");
    out
}

fn list(mut items: Vec<String>) -> String {
    let mut seen = std::collections::BTreeSet::new();
    items.retain(|item| seen.insert(item.clone()));
    match items.as_slice() {
        [one] => format!("[{one}]"),
        many => format!("[\n      {},\n    ]", many.join(",\n      ")),
    }
}

/// Parts as an expression: a string where nothing is a reference, else a template.
fn expression(parts: &[Part]) -> String {
    match parts {
        [] => quoted(""),
        [Part::Literal(text)] => quoted(text),
        [part] => reference(part),
        parts => {
            let inside = parts.iter().map(|part| match part {
                Part::Literal(text) => text.replace('\\', "\\\\").replace('`', "\\`").replace("${", "\\${"),
                other => format!("${{{}}}", reference(other)),
            });
            format!("`{}`", inside.collect::<String>())
        }
    }
}

fn reference(part: &Part) -> String {
    match part {
        Part::Literal(text) => quoted(text),
        Part::Attribute(id, attribute) if attribute == "Ref" => format!("cdk.Fn.ref({})", quoted(id)),
        Part::Attribute(id, attribute) => format!("cdk.Fn.getAtt({}, {}).toString()", quoted(id), quoted(attribute)),
        Part::Parameter(name) => format!("cdk.Fn.ref({})", quoted(name)),
        Part::Partition => "cdk.Aws.PARTITION".to_owned(),
        Part::Region => "cdk.Aws.REGION".to_owned(),
        Part::Account => "cdk.Aws.ACCOUNT_ID".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    let inside = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r");
    format!("'{inside}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stand_alone_or_in_templates() {
        let arn = Part::Attribute("Orders".to_owned(), "Arn".to_owned());
        assert_eq!(expression(std::slice::from_ref(&arn)), "cdk.Fn.getAtt('Orders', 'Arn').toString()");
        let tick = Part::Literal("/`${aws:userid}`".to_owned());
        assert_eq!(expression(&[Part::Partition, tick]), "`${cdk.Aws.PARTITION}/\\`\\${aws:userid}\\``");
        assert_eq!(expression(&[Part::Literal("it's".to_owned())]), "'it\\'s'");
    }
}
