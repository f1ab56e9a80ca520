//! SAM's policy templates: definitions with parameters, which become statements when the parameters are filled in.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html>

use std::collections::BTreeMap;

use serde_json::Value;
use smol_str::SmolStr;

use crate::catalog::Catalog;
use crate::iac::pseudo_parameter;
use crate::policy::source::{Node, NodeValue};
use crate::policy::{PolicyDocument, Statement};
use crate::value::{Arg, Hole, Text};

/// Definitions nest no deeper than this.
const MAX_DEPTH: usize = 32;

/// The statements of a policy template; nothing when SAM has none of that name.
pub(super) fn template(name: &str, parameters: &BTreeMap<SmolStr, Arg>) -> Option<Vec<Statement>> {
    let text = Catalog::embedded().sam_policy_template(name)?;
    let json: Value = serde_json::from_str(text).ok()?;
    Some(filled(json.get("Definition")?, parameters))
}

/// The statements of a definition whose parameters are given.
pub(super) fn filled(definition: &Value, parameters: &BTreeMap<SmolStr, Arg>) -> Vec<Statement> {
    PolicyDocument::parse(&Filler { parameters }.node(definition, MAX_DEPTH)).statements
}

/// Evaluates the few intrinsics that the definitions use.
struct Filler<'a> {
    parameters: &'a BTreeMap<SmolStr, Arg>,
}

impl Filler<'_> {
    fn node(&self, value: &Value, depth: usize) -> Node {
        let Some(below) = depth.checked_sub(1) else {
            return Node::new(NodeValue::Unreadable("nested too deeply".into()));
        };
        if let Some(texts) = self.intrinsic(value) {
            let nodes = texts.into_iter().map(|text| Node::new(NodeValue::Text(text)));
            return Node::new(NodeValue::List(nodes.collect()));
        }
        match value {
            Value::Array(items) => {
                // An item that can be several texts counts as that many items.
                let flat = items.iter().flat_map(|item| match self.node(item, below) {
                    Node { value: NodeValue::List(items), .. } => items,
                    other => vec![other],
                });
                Node::new(NodeValue::List(flat.collect()))
            }
            Value::Object(entries) => {
                let entry = |(key, value): (&String, &Value)| crate::policy::source::Entry {
                    key: key.as_str().into(),
                    at: None,
                    value: self.node(value, below),
                };
                Node::new(NodeValue::Map(entries.iter().map(entry).collect()))
            }
            other => Node::from_json(other),
        }
    }

    /// The texts of a `Ref` or `Fn::Sub`; nothing when the value is neither.
    fn intrinsic(&self, value: &Value) -> Option<Vec<Text>> {
        let object = value.as_object().filter(|object| object.len() == 1)?;
        if let Some(name) = object.get("Ref").and_then(Value::as_str) {
            return Some(self.reference(name));
        }
        match object.get("Fn::Sub")? {
            Value::String(text) => Some(Text::each_of_template(text, |name| self.reference(name))),
            Value::Array(parts) => {
                let text = parts.first()?.as_str()?;
                let given = parts.get(1).and_then(Value::as_object);
                let variables: BTreeMap<&str, Vec<Text>> = given
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| {
                        let plain = || vec![Text::literal(value.as_str().unwrap_or_default())];
                        (name.as_str(), self.intrinsic(value).unwrap_or_else(plain))
                    })
                    .collect();
                let value = |name: &str| variables.get(name).cloned().unwrap_or_else(|| self.reference(name));
                Some(Text::each_of_template(text, value))
            }
            _ => None,
        }
    }

    /// A parameter or pseudo-parameter.
    fn reference(&self, name: &str) -> Vec<Text> {
        if let Some(hole) = pseudo_parameter(name) {
            return vec![Text::hole(hole)];
        }
        let given = self.parameters.get(name).map(Arg::texts).unwrap_or_default();
        if !given.is_empty() {
            return given;
        }
        vec![Text::hole(Hole::Unknown(smol_str::format_smolstr!("the parameter {name} of a policy template")))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_go_into_resources() {
        let parameters = BTreeMap::from([("BucketName".into(), Arg::text("photos"))]);
        let statements = template("S3ReadPolicy", &parameters).expect("SAM has it");
        let resources: Vec<String> = statements[0].resources.items().iter().map(ToString::to_string).collect();
        assert_eq!(resources, ["arn:*:s3:::photos", "arn:*:s3:::photos/*"]);
        assert!(template("NoSuchPolicy", &parameters).is_none());
    }

    #[test]
    fn every_template_reads_without_unknown_intrinsics() {
        let text = crate::embedded::get("declared/sam-policy-templates.json").expect("embedded");
        let all: BTreeMap<String, Value> = serde_json::from_str(text).expect("an object");
        assert!(all.len() > 70);
        for (name, definition) in all {
            let names = definition["Parameters"].as_object().expect("a dictionary").keys();
            let parameters = names.map(|name| (SmolStr::from(name.as_str()), Arg::text("given"))).collect();
            let statements = template(&name, &parameters).expect("known");
            assert!(!statements.is_empty(), "{name}");
            for statement in statements {
                assert!(!statement.unread.wider && !statement.unread.narrower, "{name}");
                let unknown = |hole: &Hole| matches!(hole, Hole::Unknown(_));
                assert!(!statement.resources.items().iter().any(|arn| arn.text().holes().any(unknown)), "{name}");
            }
        }
    }
}
