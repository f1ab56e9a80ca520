//! SAM's connectors: a pair of resource types and an access category stand for statements.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/reference-sam-connector.html>

use std::collections::BTreeMap;

use serde_json::Value;
use smol_str::SmolStr;

use super::sam;
use crate::catalog::Catalog;
use crate::iac::{Stack, plain_type};
use crate::policy::Statement;
use crate::value::{Arg, Hole, Text};

/// One end of a connector: the resource's id or ARN, and its type where that is known.
pub(super) type End<'a> = (&'a Text, Option<&'a SmolStr>);

/// The statements that a connector gives to the role of one of its ends; none when it gives them to the other end, or to
/// the resource itself. Nothing at all when SAM has no such connector.
pub(super) fn statements(
    source: End<'_>,
    destination: End<'_>,
    for_source: bool,
    permissions: &[SmolStr],
    stack: Option<&Stack>,
) -> Option<Vec<Statement>> {
    let profile = Catalog::embedded().sam_connector(plain_type(source.1?), plain_type(destination.1?))?;
    let profile: Value = serde_json::from_str(profile).ok()?;
    let properties = profile.get("Properties")?;
    let is_for_role = profile.get("Type").and_then(Value::as_str) == Some("AWS_IAM_ROLE_MANAGED_POLICY");
    if !is_for_role || properties.get("SourcePolicy").and_then(Value::as_bool) != Some(for_source) {
        return Some(Vec::new());
    }
    let categories = properties.get("AccessCategories")?;
    let mut parameters = BTreeMap::new();
    for (name, end) in [("Source", source.0), ("Destination", destination.0)] {
        parameters.insert(smol_str::format_smolstr!("{name}.Arn"), Arg::Text(arn(end, stack)));
        if let Some(Hole::Resource { id, .. }) = end.as_hole() {
            let deployed = Hole::Resource { id: id.clone(), attribute: SmolStr::new_static("Name") };
            parameters.insert(smol_str::format_smolstr!("{name}.Name"), Arg::Text(Text::hole(deployed)));
        }
    }
    let categories: Option<Vec<&Value>> = permissions.iter().map(|category| categories.get(category.as_str())).collect();
    Some(categories?.into_iter().flat_map(|category| sam::filled(category, &parameters)).collect())
}

/// The reference that gives the ARN of an end.
fn arn(end: &Text, stack: Option<&Stack>) -> Text {
    let resolved = end.as_hole().and_then(|hole| stack?.resolve(hole));
    resolved.and_then(|resource| resource.arn_reference).map_or_else(|| end.clone(), Text::hole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connector_reads_and_names_real_actions() {
        let end = Text::literal("arn:aws:any");
        let catalog = Catalog::embedded();
        let mut for_functions = 0;
        for pair in catalog.sam_connector_pairs() {
            let (source, destination) = pair.split_once(' ').expect("two types");
            let kinds = (SmolStr::from(source), SmolStr::from(destination));
            for (category, for_source) in [("Read", true), ("Write", true), ("Read", false), ("Write", false)] {
                let both = ((&end, Some(&kinds.0)), (&end, Some(&kinds.1)));
                let Some(found) = statements(both.0, both.1, for_source, &[category.into()], None) else { continue };
                for_functions += usize::from(!found.is_empty());
                for statement in found {
                    assert!(!statement.unread.wider && !statement.unread.narrower, "{pair}");
                    assert!(!statement.resources.items().is_empty(), "{pair}");
                    for action in statement.actions.items() {
                        assert!(!catalog.expand_action_pattern(action.as_str()).is_empty(), "{pair}: {action}");
                    }
                }
            }
        }
        assert!(for_functions > 20);
    }

    #[test]
    fn the_role_of_the_right_end_gets_the_statements() {
        let end = Text::literal("arn:aws:dynamodb:eu-west-1:1:table/t");
        let (function, table) = (SmolStr::from("AWS::Serverless::Function"), SmolStr::from("AWS::Serverless::SimpleTable"));
        let read = |for_source| {
            statements((&end, Some(&function)), (&end, Some(&table)), for_source, &["Read".into()], None).expect("SAM has it")
        };
        assert!(read(true)[0].actions.items().iter().any(|action| action.as_str() == "dynamodb:GetItem"));
        assert!(read(false).is_empty());
        let unknown = statements((&end, Some(&table)), (&end, Some(&table)), true, &["Read".into()], None);
        assert!(unknown.is_none());
    }
}
