//! Documents as JSON, in one canonical form: elements in IAM's usual order, one value plain, several as a list.

use std::collections::BTreeMap;

use serde::Serialize;

use super::source::{Node, NodeValue};
use super::statement::{Clause, Statement};
use super::{Condition, PolicyDocument, RenderContext};
use crate::value::Text;

/// A document as it is printed. Serialize it to get the canonical form.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RenderedDocument {
    /// The version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The policy's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The statements.
    pub statement: Vec<RenderedStatement>,
}

/// A statement as it is printed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RenderedStatement {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: &'static str,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<serde_json::Value>,
    /// For everybody but whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_principal: Option<serde_json::Value>,
    /// The actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<OneOrMany>,
    /// All actions but these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_action: Option<OneOrMany>,
    /// The resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<OneOrMany>,
    /// All resources but these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_resource: Option<OneOrMany>,
    /// The conditions: operator, key, values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: BTreeMap<String, BTreeMap<String, OneOrMany>>,
}

/// One value plain, any other number as a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// Exactly one.
    One(String),
    /// Several, or none.
    Many(Vec<String>),
}

impl FromIterator<String> for OneOrMany {
    fn from_iter<I: IntoIterator<Item = String>>(values: I) -> Self {
        let mut values: Vec<String> = values.into_iter().collect();
        match values.len() {
            1 => Self::One(values.remove(0)),
            _ => Self::Many(values),
        }
    }
}

impl PolicyDocument {
    /// The document as it is printed, with symbolic parts named as the form of output names them.
    pub fn render(&self, context: &RenderContext<'_>) -> RenderedDocument {
        RenderedDocument {
            version: self.version.as_ref().map(ToString::to_string),
            id: self.id.as_ref().map(ToString::to_string),
            statement: self.statements.iter().map(|statement| statement.render(context)).collect(),
        }
    }

    /// The document as a JSON value. `serde_json` may order the elements as it likes; [`Self::to_json_text`] does not.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self.render(&RenderContext::plain())).unwrap_or_default()
    }

    /// The document as canonical, indented JSON without a line break at the end.
    pub fn to_json_text(&self) -> String {
        // Text and maps with text keys always serialize.
        serde_json::to_string_pretty(&self.render(&RenderContext::plain())).unwrap_or_default()
    }

    /// How many characters IAM counts: all but white space between the elements.
    pub fn size(&self, context: &RenderContext<'_>) -> usize {
        serde_json::to_string(&self.render(context)).unwrap_or_default().chars().count()
    }
}

impl Statement {
    /// The statement as it is printed.
    pub fn render(&self, context: &RenderContext<'_>) -> RenderedStatement {
        let (principal, not_principal) = match &self.principal {
            None => (None, None),
            Some(principal) if principal.negated => (None, Some(node_json(&principal.value, context))),
            Some(principal) => (Some(node_json(&principal.value, context)), None),
        };
        let (action, not_action) = sides(&self.actions, |action| action.as_str().to_owned());
        let (resource, not_resource) = sides(&self.resources, |resource| resource.render(context));
        RenderedStatement {
            sid: self.sid.as_ref().map(ToString::to_string),
            effect: self.effect.as_str(),
            principal,
            not_principal,
            action,
            not_action,
            resource,
            not_resource,
            condition: conditions(&self.conditions, context),
        }
    }

    /// How many characters the statement adds to a document.
    pub fn size(&self, context: &RenderContext<'_>) -> usize {
        serde_json::to_string(&self.render(context)).unwrap_or_default().chars().count()
    }
}

/// A clause as the element it is and the element it is not.
fn sides<T>(clause: &Clause<T>, text: impl Fn(&T) -> String) -> (Option<OneOrMany>, Option<OneOrMany>) {
    let mut values: Vec<String> = clause.items().iter().map(text).collect();
    let mut seen = std::collections::BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    let values = Some(values.into_iter().collect());
    if clause.is_negated() { (None, values) } else { (values, None) }
}

fn conditions(all: &[Condition], context: &RenderContext<'_>) -> BTreeMap<String, BTreeMap<String, OneOrMany>> {
    let mut out: BTreeMap<String, BTreeMap<String, OneOrMany>> = BTreeMap::new();
    for condition in all {
        let values = condition.values.iter().map(|value| text(value, context)).collect();
        out.entry(condition.operator.to_string()).or_default().insert(condition.key.to_string(), values);
    }
    out
}

fn text(text: &Text, context: &RenderContext<'_>) -> String {
    super::ArnPattern::render_text(text, context)
}

/// A value that is handed through. Its depth is bounded where trees are built.
fn node_json(node: &Node, context: &RenderContext<'_>) -> serde_json::Value {
    use serde_json::Value;
    match &node.value {
        NodeValue::Null | NodeValue::Unreadable(_) => Value::Null,
        NodeValue::Bool(value) => Value::Bool(*value),
        NodeValue::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| Value::String(number.to_string())),
        NodeValue::Text(value) => Value::String(text(value, context)),
        NodeValue::List(items) => items.iter().map(|item| node_json(item, context)).collect(),
        NodeValue::Map(entries) => {
            entries.iter().map(|entry| (entry.key.to_string(), node_json(&entry.value, context))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{ActionPattern, ArnPattern};

    fn statement() -> Statement {
        let action = |text| ActionPattern::parse(text).expect("an action");
        Statement::allow(
            vec![action("iam:PassRole")],
            vec![ArnPattern::parse("arn:aws:iam::*:role/a"), ArnPattern::parse("arn:aws:iam::*:role/b")],
        )
        .with_sid("PassRole")
        .with_conditions(vec![Condition::new(
            "StringEquals",
            "iam:PassedToService",
            vec!["lambda.amazonaws.com".into()],
        )])
    }

    #[test]
    fn the_printed_form_is_canonical_and_reads_back() {
        let document = PolicyDocument::new(vec![statement()]);
        insta::assert_snapshot!(document.to_json_text(), @r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "PassRole",
              "Effect": "Allow",
              "Action": "iam:PassRole",
              "Resource": [
                "arn:aws:iam::*:role/a",
                "arn:aws:iam::*:role/b"
              ],
              "Condition": {
                "StringEquals": {
                  "iam:PassedToService": "lambda.amazonaws.com"
                }
              }
            }
          ]
        }
        "#);
        let again = PolicyDocument::from_json(&document.to_json());
        assert_eq!(again.problems, []);
        assert_eq!(again.to_json_text(), document.to_json_text());
    }

    #[test]
    fn white_space_between_elements_does_not_count() {
        let document = PolicyDocument::new(vec![statement()]);
        let dense: String = document.to_json_text().chars().filter(|c| !c.is_whitespace()).collect();
        assert_eq!(document.size(&RenderContext::plain()), dense.len());
    }
}
