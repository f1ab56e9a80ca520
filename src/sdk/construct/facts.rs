//! What the classes of the library stand for: `api-maps/cdk.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use smol_str::SmolStr;

use crate::embedded;
use crate::value::{Arg, Hole, Text};

/// What a construct stands for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConstructFact {
    /// The type of the resource it makes.
    #[serde(default)]
    pub kind: String,
    /// The class whose facts these are, when they are those of another one.
    #[serde(default)]
    like: Option<String>,
    /// The property that names the resource, and the resource's property of that name.
    #[serde(default)]
    pub name: Option<(String, String)>,
    /// Attributes, as `Ref` or `Fn::GetAtt` would name them, or texts with these as variables.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The attribute that is its ARN, where several might be.
    #[serde(default)]
    arn: Option<String>,
    /// The classes of the constructs that its methods make; they take an id first.
    #[serde(default)]
    pub makes: BTreeMap<String, String>,
    /// The classes of the constructs that it makes by itself, by the properties they stand in.
    #[serde(default)]
    pub has: BTreeMap<String, String>,
    /// The property that holds the key it is encrypted with.
    #[serde(default)]
    pub key: Option<String>,
    /// The resources of `grant(grantee, ...actions)`, as in [`GrantFact::resources`].
    #[serde(default)]
    pub grant: Vec<String>,
    /// Methods that grant permissions on it.
    #[serde(default)]
    pub grants: BTreeMap<String, GrantFact>,
}

impl ConstructFact {
    /// The property with the ARN of the construct itself.
    pub fn arn_property(&self) -> Option<&str> {
        let is_arn = |name: &str| name == "arn" || name == "streamArn" || name.ends_with("Arn") && !name.contains("Stream");
        self.arn.as_deref().or_else(|| self.attributes.keys().map(String::as_str).find(|name| is_arn(name)))
    }
}

/// What a method grants.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantFact {
    /// The actions.
    #[serde(default)]
    pub actions: Vec<String>,
    /// The resources, each what is added to the construct's ARN, or an ARN of its own: `*`, and what starts with `arn:` or
    /// with a variable. Variables are attributes of the resource, `${Partition}`, `${Region}` and `${Account}`, the method's
    /// arguments by position, and `${?…}` for what cannot be known.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Conditions: operator, key, value.
    #[serde(default)]
    pub conditions: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    /// The actions on the key that the construct is encrypted with.
    #[serde(default)]
    pub key: Vec<String>,
    /// Further statements.
    #[serde(default)]
    pub also: Vec<GrantFact>,
    /// Of what is granted without a method: the property with the function that gets it.
    #[serde(default)]
    pub to: Option<String>,
    /// Likewise: the property with the construct that it is granted on.
    #[serde(default)]
    pub on: Option<String>,
    /// Likewise: the AWS managed policy that is attached.
    #[serde(default)]
    pub managed: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for readers of the file")]
    documentation: String,
    #[expect(dead_code, reason = "for readers of the file")]
    source: BTreeMap<String, String>,
    /// The namespaces of resource types, by the modules with the classes that are generated from them, and whole types of
    /// classes that are not called like theirs.
    namespaces: BTreeMap<String, String>,
    /// Functions of the library that grant without a construct.
    r#static: BTreeMap<String, GrantFact>,
    /// What is granted to the functions that a class is given when it is made.
    #[serde(default)]
    made: BTreeMap<String, Vec<GrantFact>>,
    constructs: BTreeMap<String, ConstructFact>,
}

fn facts() -> &'static File {
    static FACTS: LazyLock<File> = LazyLock::new(|| {
        let file = embedded::get("cdk.json").and_then(|text| serde_json::from_str::<File>(text).ok());
        let mut file = file.unwrap_or_default();
        let like = |fact: &ConstructFact| file.constructs.get(fact.like.as_ref()?).cloned();
        let copies: Vec<(String, ConstructFact)> =
            file.constructs.iter().filter_map(|(class, fact)| Some((class.clone(), like(fact)?))).collect();
        file.constructs.extend(copies);
        file
    });
    &FACTS
}

/// What a construct stands for, by its class: `aws-dynamodb.Table`.
pub fn construct_fact(class: &str) -> Option<&'static ConstructFact> {
    facts().constructs.get(class)
}

/// The property of a construct that gives an attribute of the resource it makes: `tableArn` for a table's `Arn`. Where one value
/// has two names (a topic's `Ref` and `TopicArn`), the property is named like one of them.
pub fn property_of(kind: &str, attribute: &str) -> Option<&'static str> {
    let named = |path: &str, separator: &str| path.rsplit(separator).next().map(str::to_owned);
    // The class that is called like the type speaks first.
    let own = |class: &str| named(class, ".") == named(kind, "::");
    let mut classes: Vec<_> = facts().constructs.iter().filter(|(_, fact)| fact.kind == kind).collect();
    classes.sort_by_key(|(class, _)| !own(class));
    let facts = || classes.iter().flat_map(|(_, fact)| &fact.attributes);
    let named_alike = |property: &str| property.eq_ignore_ascii_case(attribute);
    let found = facts().find(|(_, known)| *known == attribute).or_else(|| facts().find(|(property, _)| named_alike(property)));
    found.map(|(property, _)| property.as_str())
}

/// The resource type that a class makes: of constructs that facts name, and of those that are generated from the types.
/// <https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html>
pub fn kind_of(class: &str) -> Option<String> {
    if let Some(fact) = construct_fact(class) {
        return Some(fact.kind.clone());
    }
    let namespaces = &facts().namespaces;
    if let Some(kind) = namespaces.get(class) {
        return Some(kind.clone());
    }
    let (module, name) = class.rsplit_once('.')?;
    Some(format!("{}::{}", namespaces.get(module)?, name.strip_prefix("Cfn")?))
}

/// An attribute of a resource: by its name, or a text with such.
pub(super) fn attribute(written: &str, id: &SmolStr) -> Arg {
    if !written.contains("${") {
        return Arg::Unknown(Hole::Resource { id: id.clone(), attribute: written.into() });
    }
    Arg::Text(spelled(written, id, |_| None))
}

/// A text with variables: attributes of a resource, what the deployment decides, `${?…}` for what cannot be known, and others
/// that the caller knows.
pub fn spelled(written: &str, id: &str, other: impl Fn(&str) -> Option<Text>) -> Text {
    Text::of_template(written, |variable| {
        let hole = || match variable {
            "Partition" => Hole::Partition,
            "Region" => Hole::Region,
            "Account" => Hole::Account,
            name if name.starts_with('?') => Hole::Unknown(name[1..].into()),
            name => Hole::Resource { id: id.into(), attribute: name.into() },
        };
        other(variable).unwrap_or_else(|| Text::hole(hole()))
    })
}

/// What is granted to the functions that a class is given when it is made.
pub fn granted_when_made(class: &str) -> &'static [GrantFact] {
    facts().made.get(class).map_or(&[], Vec::as_slice)
}

/// The class of a construct of which nothing is known but what is granted on it and what the program calls it: the only one with
/// such a method, else the only one that is also called so.
pub fn class_with_grant(method: &str, called: &str) -> Option<&'static str> {
    let all: Vec<_> = facts().constructs.iter().filter_map(|(class, fact)| Some((class, fact.grants.get(method)?))).collect();
    let called = called.to_ascii_lowercase();
    let is_alike = |class: &str| {
        let own = class.rsplit('.').next().unwrap_or(class).to_ascii_lowercase();
        !called.is_empty() && (called.ends_with(&own) || own.ends_with(&called))
    };
    let alike: Vec<_> = all.iter().filter(|(class, _)| is_alike(class)).copied().collect();
    [all, alike].into_iter().find_map(|classes| {
        let (class, first) = classes.first()?;
        classes.iter().all(|(_, grant)| grant.actions == first.actions).then_some(class.as_str())
    })
}

/// What a function of the library grants by itself: `aws-cloudwatch.Metric.grantPutMetricData`.
pub fn static_grant(class: &str) -> Option<&'static GrantFact> {
    facts().r#static.get(class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn attributes_have_their_properties_under_every_name() {
        assert_eq!(property_of("AWS::DynamoDB::Table", "Arn"), Some("tableArn"));
        assert_eq!(property_of("AWS::SNS::Topic", "Ref"), Some("topicArn"));
        assert_eq!(property_of("AWS::SNS::Topic", "TopicArn"), Some("topicArn"));
        assert_eq!(property_of("AWS::SNS::Topic", "Unheard"), None);
    }

    #[test]
    fn what_is_granted_on_tells_what_it_is() {
        assert_eq!(class_with_grant("grantSendMessages", ""), Some("aws-sqs.Queue"));
        assert_eq!(class_with_grant("grantReadData", "props"), Some("aws-dynamodb.Table"));
        assert_eq!(class_with_grant("grantRead", "uploadBucket"), Some("aws-s3.Bucket"));
        assert_eq!(class_with_grant("grantRead", "parameter"), Some("aws-ssm.StringListParameter"));
        assert_eq!(class_with_grant("grantRead", "thing"), None);
    }

    #[test]
    fn every_construct_is_a_known_resource_and_grants_real_actions() {
        let file: File = serde_json::from_str(embedded::get("cdk.json").expect("embedded")).expect("well-formed");
        for (class, fact) in &file.constructs {
            let fact = fact.like.as_ref().map_or(fact, |like| &file.constructs[like]);
            let is_package = class.starts_with("aws-") || class.starts_with("custom-resources.");
            assert!(is_package && fact.kind.starts_with("AWS::") && fact.like.is_none(), "{class}");
            assert!(fact.grants.values().all(|grant| grant.key.is_empty()) || fact.key.is_some(), "{class} has no key");
        }
        let of_constructs = file.constructs.iter().flat_map(|(class, fact)| fact.grants.iter().map(move |grant| (class, grant)));
        for (class, (method, grant)) in of_constructs.chain(file.r#static.iter().map(|grant| (grant.0, grant))) {
            for grant in [grant].into_iter().chain(&grant.also) {
                assert!(!grant.resources.is_empty(), "{class}.{method}");
                for action in grant.actions.iter().chain(&grant.key) {
                    assert!(!Catalog::embedded().expand_action_pattern(action).is_empty(), "{class}.{method}: {action}");
                }
            }
        }
    }
}
