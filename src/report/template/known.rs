//! SAM's own policy templates where one is exactly as narrow as a statement.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html>

use std::collections::BTreeSet;

use serde_json::Value;

use crate::catalog::Catalog;
use crate::iac::{Meaning, Stack};
use crate::pipeline::FunctionReport;
use crate::policy::Statement;
use crate::value::{Hole, Piece, Text};

/// What a template's parameter would be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    /// A name as the template writes it.
    Literal(String),
    /// `!Ref` of a resource.
    Reference(String),
}

/// Comments that name the policy templates which allow exactly what the statement does.
pub(super) fn templates_like(statement: &Statement, function: &FunctionReport) -> Vec<String> {
    if !statement.conditions.is_empty() {
        return Vec::new();
    }
    let stack = function.function.stack.as_deref();
    let resources: Option<BTreeSet<(String, Option<String>)>> =
        statement.resources.items().iter().map(|resource| spelled(resource.text(), stack)).collect();
    let Some(resources) = resources else { return Vec::new() };
    let actions: BTreeSet<String> = statement.actions.items().iter().map(|action| action.as_str().to_ascii_lowercase()).collect();
    let catalog = Catalog::embedded();
    let templates = catalog.sam_policy_template_names().filter_map(|name| {
        let template: Value = serde_json::from_str(catalog.sam_policy_template(name)?).ok()?;
        let (parameter, value) = fits(&template, &actions, &resources)?;
        let value = match value {
            Name::Literal(text) => text,
            Name::Reference(id) => format!("!Ref {id}"),
        };
        Some(format!("the same as SAM's policy template: {name}: {{ {parameter}: {value} }}"))
    });
    templates.collect()
}

/// The parameter of a template and its value, if the template allows exactly these actions on these resources.
fn fits(template: &Value, actions: &BTreeSet<String>, resources: &BTreeSet<(String, Option<String>)>) -> Option<(String, Name)> {
    let parameters: Vec<&String> = template["Parameters"].as_object()?.keys().collect();
    let statements = template["Definition"]["Statement"].as_array()?;
    let ([parameter], [statement]) = (parameters.as_slice(), statements.as_slice()) else { return None };
    let theirs: BTreeSet<String> = strings(&statement["Action"])?.iter().map(|action| action.to_ascii_lowercase()).collect();
    if theirs != *actions || statement.get("Condition").is_some() {
        return None;
    }
    let listed = match &statement["Resource"] {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    if listed.len() != resources.len() {
        return None;
    }
    let mut values = listed.iter().map(|resource| {
        let (before, after) = substitution(resource)?;
        resources.iter().find_map(|(text, reference)| {
            let name = text.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
            named(name, reference.as_deref())
        })
    });
    let first = values.next()??;
    values.all(|value| value.as_ref() == Some(&first)).then(|| ((*parameter).clone(), first))
}

fn named(name: &str, reference: Option<&str>) -> Option<Name> {
    match reference {
        Some(id) if name == MARK => Some(Name::Reference(id.to_owned())),
        None if !name.is_empty() && !name.contains(['*', '?', ':', '$']) => Some(Name::Literal(name.to_owned())),
        _ => None,
    }
}

fn strings(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        one => Some(vec![one.as_str()?]),
    }
}

/// What stands before and behind the one variable of an `Fn::Sub`.
fn substitution(resource: &Value) -> Option<(String, String)> {
    let [text, variables] = resource["Fn::Sub"].as_array()?.as_slice() else { return None };
    let variables = variables.as_object()?;
    let (name, _) = variables.iter().next().filter(|_| variables.len() == 1)?;
    let (before, after) = text.as_str()?.split_once(&format!("${{{name}}}"))?;
    Some((before.to_owned(), after.to_owned()))
}

/// Stands for the name of a resource that is referred to.
const MARK: &str = "\u{1}";

/// An ARN as SAM's templates spell it, and the resource whose name it holds.
fn spelled(arn: &Text, stack: Option<&Stack>) -> Option<(String, Option<String>)> {
    let whole = arn.pieces().first().and_then(|piece| match piece {
        Piece::Hole(hole @ Hole::Resource { .. }) => stack?.resolve(hole),
        _ => None,
    });
    let pieces: Vec<Piece> = match &whole {
        Some(resource) => resource.arn.pieces().iter().chain(&arn.pieces()[1..]).cloned().collect(),
        None => arn.pieces().to_vec(),
    };
    let mut text = String::new();
    let mut reference = None;
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.push_str(&literal),
            Piece::Hole(Hole::Partition) => text.push_str("${AWS::Partition}"),
            Piece::Hole(Hole::Region) => text.push_str("${AWS::Region}"),
            Piece::Hole(Hole::Account) => text.push_str("${AWS::AccountId}"),
            Piece::Hole(Hole::Resource { id, attribute }) => {
                let own = Hole::Resource { id: id.clone(), attribute };
                stack?.resolve(&own).filter(|resource| resource.meaning == Meaning::Name)?;
                let by_name = Hole::Resource { id: id.clone(), attribute: "Ref".into() };
                stack?.resolve(&by_name).filter(|resource| resource.meaning == Meaning::Name)?;
                text.push_str(MARK);
                reference = Some(id.to_string());
            }
            Piece::Hole(_) => return None,
        }
    }
    Some((text, reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_actions_on_the_same_resources_fit() {
        let template: Value =
            serde_json::from_str(Catalog::embedded().sam_policy_template("SNSPublishMessagePolicy").expect("it is listed"))
                .expect("it parses");
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
        let on = |arn: &str| BTreeSet::from([(arn.to_owned(), None)]);
        let topic = on("arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:orders");
        let publish = set(&["sns:publish"]);
        assert_eq!(fits(&template, &publish, &topic), Some(("TopicName".to_owned(), Name::Literal("orders".to_owned()))));
        assert_eq!(fits(&template, &set(&["sns:publish", "sns:subscribe"]), &topic), None);
        assert_eq!(fits(&template, &publish, &on("arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:*")), None);
    }
}
