//! `PolicyStatement`s for the CDK, in TypeScript.
//!
//! <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.PolicyStatement.html>

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;

use super::{Family, Names, Part, about, camel, parts};
use crate::pipeline::FunctionReport;
use crate::policy::Statement;
use crate::report::View;
use crate::sdk::construct::property_of;
use crate::value::Text;

/// A function per Lambda function that makes its statements. Where the function is declared by a CDK program, the resources
/// are what it takes: the ids of constructs are not the logical ids that references would need.
pub fn render(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut names = Names::default();
    let mut body = String::new();
    let mut takes = "";
    for function in &view.functions {
        let lines: Vec<String> = about(function).iter().map(|line| line.replace("*/", "* /")).collect();
        let _ = writeln!(body, "/** {} */", lines.join("; "));
        let name = names.unique(&format!("{}Statements", camel(&function.name)));
        let mut writer = Writer { function, constructs: BTreeMap::new(), names: Names::default() };
        let statements: String = function.draft.statements.iter().map(|draft| writer.statement(&draft.statement)).collect();
        let parameters = writer.parameters();
        if takes.is_empty() && !parameters.is_empty() {
            takes = "constructs";
        }
        let _ = writeln!(body, "export const {name} = ({parameters}): iam.PolicyStatement[] => [");
        body.push_str(&statements);
        body.push_str("];\n\n");
    }
    // Only what is named is imported.
    if body.contains("${cdk.") || body.contains("cdk.Fn") || body.contains("cdk.Aws") {
        writeln!(out, "import * as cdk from 'aws-cdk-lib';")?;
    }
    writeln!(out, "import * as iam from 'aws-cdk-lib/aws-iam';\n")?;
    writeln!(out, "// Usage: statements({takes}).forEach((statement) => fn.addToRolePolicy(statement));\n")?;
    writeln!(out, "{}", body.trim_end())
}

/// Writes the statements of one function.
struct Writer<'a> {
    function: &'a FunctionReport,
    /// Parameters for the constructs that are named, by their ids, with the properties that are read.
    constructs: BTreeMap<String, (String, BTreeSet<String>)>,
    names: Names,
}

impl Writer<'_> {
    /// `{ orders: { tableArn: string } }`, taken apart.
    fn parameters(&self) -> String {
        let names: Vec<&str> = self.constructs.values().map(|(name, _)| name.as_str()).collect();
        let of = |(name, properties): &(String, BTreeSet<String>)| {
            let types: Vec<String> = properties.iter().map(|property| format!("{property}: string")).collect();
            format!("{name}: {{ {} }}", types.join("; "))
        };
        let types: Vec<String> = self.constructs.values().map(of).collect();
        if names.is_empty() { String::new() } else { format!("{{ {} }}: {{ {} }}", names.join(", "), types.join("; ")) }
    }

    fn statement(&mut self, statement: &Statement) -> String {
        let mut out = String::from("  new iam.PolicyStatement({\n");
        if let Some(sid) = &statement.sid {
            let _ = writeln!(out, "    sid: {},", quoted(sid));
        }
        let actions = statement.actions.items().iter().map(|action| quoted(action.as_str())).collect();
        let _ = writeln!(out, "    actions: {},", list(actions));
        let resources = statement.resources.items().iter().map(|resource| self.written(resource.text())).collect();
        let _ = writeln!(out, "    resources: {},", list(resources));
        if !statement.conditions.is_empty() {
            out.push_str("    conditions: {\n");
            let mut operators: Vec<(&str, Vec<String>)> = Vec::new();
            for condition in &statement.conditions {
                let values = list(condition.values.iter().map(|value| self.written(value)).collect());
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

    fn written(&mut self, text: &Text) -> String {
        let stack = self.function.function.stack.as_ref();
        let family = stack.map_or(Family::CloudFormation, |stack| Family::of(stack.format));
        // Terraform's names mean nothing here.
        let family = if family == Family::Cdk { family } else { Family::CloudFormation };
        let mut parts = parts(text, self.function, family);
        if family == Family::Cdk {
            for part in &mut parts {
                if let Part::Attribute(id, attribute) = part {
                    let kind = stack.and_then(|stack| stack.resources.get(id.as_str())).map(|resource| resource.kind.as_str());
                    let property = kind.and_then(|kind| property_of(kind, attribute)).unwrap_or(attribute);
                    let names = &mut self.names;
                    let (name, properties) =
                        self.constructs.entry(id.clone()).or_insert_with(|| (names.unique(&camel(id)), BTreeSet::new()));
                    properties.insert(property.to_owned());
                    (*id, *attribute) = (name.clone(), property.to_owned());
                }
            }
        }
        expression(&parts, family)
    }
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
fn expression(parts: &[Part], family: Family) -> String {
    match parts {
        [] => quoted(""),
        [Part::Literal(text)] => quoted(text),
        [part] => reference(part, family),
        parts => {
            let inside = parts.iter().map(|part| match part {
                Part::Literal(text) => text.replace('\\', "\\\\").replace('`', "\\`").replace("${", "\\${"),
                other => format!("${{{}}}", reference(other, family)),
            });
            format!("`{}`", inside.collect::<String>())
        }
    }
}

fn reference(part: &Part, family: Family) -> String {
    match part {
        Part::Literal(text) => quoted(text),
        Part::Attribute(name, property) if family == Family::Cdk => format!("{name}.{property}"),
        Part::Attribute(id, attribute) if attribute == "Ref" => format!("cdk.Fn.ref({})", quoted(id)),
        Part::Attribute(id, attribute) => format!("cdk.Fn.getAtt({}, {}).toString()", quoted(id), quoted(attribute)),
        Part::Parameter(name) if name == "AWS::StackName" => "cdk.Aws.STACK_NAME".to_owned(),
        Part::Parameter(name) => format!("cdk.Fn.ref({})", quoted(name)),
        Part::Imported(name) if name.contains("${") => format!("cdk.Fn.importValue(cdk.Fn.sub({}))", quoted(name)),
        Part::Imported(name) => format!("cdk.Fn.importValue({})", quoted(name)),
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
        assert_eq!(expression(std::slice::from_ref(&arn), Family::CloudFormation), "cdk.Fn.getAtt('Orders', 'Arn').toString()");
        let tick = Part::Literal("/`${aws:userid}`".to_owned());
        assert_eq!(expression(&[Part::Partition, tick], Family::CloudFormation), "`${cdk.Aws.PARTITION}/\\`\\${aws:userid}\\``");
        assert_eq!(expression(&[Part::Literal("it's".to_owned())], Family::Cdk), "'it\\'s'");
    }
}
