//! Constructs of the AWS Cloud Development Kit: infrastructure that a program describes instead of using.
//!
//! A CDK application is a program, so the interpreter can run it like any other; what it makes are constructs. Making one,
//! and calling a method of one, is recorded as a request of the service [`CONSTRUCTS`], which no AWS service is called; who
//! reads infrastructure (`iac`) asks for these, everyone else never sees them. An attribute of a construct
//! (`table.tableName`) is a reference to the resource it stands for.
//!
//! The names are those of the JavaScript library in all languages: `aws-dynamodb.Table`, `grantReadData`.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

use rustc_hash::FxHasher;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{CallArgs, Callbacks, Confidence, Credentials, Ecosystem, Outcome, RequestDraft, Returned, SdkValue};
use crate::embedded;
use crate::value::{Arg, ArgMap, Hole, Text};

/// The service under which constructs are recorded.
pub const CONSTRUCTS: &str = "aws-cdk";
/// How deep values inside values are kept.
const NESTING: usize = 16;
/// How many values one argument may consist of.
const PARTS: usize = 2_000;

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
    /// Attributes, as `Ref` or `Fn::GetAtt` would name them.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
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

/// What a method grants.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantFact {
    /// The actions.
    pub actions: Vec<String>,
    /// The resources, each what is added to the construct's ARN, or an ARN of its own: `*`, and what starts with `arn:` or
    /// with a variable. Variables are attributes of the resource, `${Partition}`, `${Region}` and `${Account}`, the method's
    /// arguments by position, and `${?…}` for what cannot be known.
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
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for readers of the file")]
    documentation: String,
    #[expect(dead_code, reason = "for readers of the file")]
    source: BTreeMap<String, String>,
    /// Functions of the library that grant without a construct.
    r#static: BTreeMap<String, GrantFact>,
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
    let facts = || facts().constructs.values().filter(|fact| fact.kind == kind).flat_map(|fact| &fact.attributes);
    let named_alike = |property: &str| property.eq_ignore_ascii_case(attribute);
    let found = facts().find(|(_, known)| *known == attribute).or_else(|| facts().find(|(property, _)| named_alike(property)));
    found.map(|(property, _)| property.as_str())
}

/// What a function of the library grants by itself: `aws-cloudwatch.Metric.grantPutMetricData`.
pub fn static_grant(class: &str) -> Option<&'static GrantFact> {
    facts().r#static.get(class)
}

/// The field in which an instance of a program's own class keeps the construct that its base class makes.
pub const BASE: &str = "#base";

/// Whether a value is a construct that stands for something, rather than one that only holds others: a stack, an application.
pub fn is_resource(value: &Arg) -> bool {
    construct(value).is_some_and(|(class, id, _)| id.is_some() && (class.contains('.') || foreign(class).is_some()))
}

/// Class and id of a construct; for other values of the library, their class and no id.
pub fn construct(value: &Arg) -> Option<(&str, Option<&str>, &ArgMap)> {
    let Arg::Sdk(value) = value else { return None };
    let SdkValue::Instance { data, .. } = value.as_ref() else { return None };
    let text = |name: &str| match data.get(name) {
        Some(Arg::Text(text)) => text.as_literal(),
        _ => None,
    };
    Some((text(CLASS)?, text(ID), data))
}

/// The path of a constant of the library: `aws-lambda.Tracing.ACTIVE`.
pub fn constant(value: &Arg) -> Option<String> {
    let Arg::Sdk(value) = value else { return None };
    match value.as_ref() {
        SdkValue::External { path, .. } => class_name(path),
        _ => None,
    }
}

const CLASS: &str = "#class";
/// Stands before the names of classes of other libraries.
const FOREIGN: &str = "?";
const ID: &str = "#id";
/// Sorts behind all that a program names, so that what differs by it alone is last.
const MADE: &str = "~made";

/// A mark of what a construct was made with, which the construct and the record of its making share. Ids are only unique
/// within the construct around, which is not known.
pub fn made_with(data: &ArgMap) -> Option<&str> {
    match data.get(MADE)? {
        Arg::Text(text) => text.as_literal(),
        _ => None,
    }
}

/// The name that a part of the library has in JavaScript, its package left out; nothing for other libraries.
fn class_name(path: &[SmolStr]) -> Option<String> {
    let first = path.first()?;
    let is_root = |name: &str| matches!(name, "aws-cdk-lib" | "aws_cdk" | "@aws-cdk/core" | "monocdk");
    let (package, rest) = match first.as_str() {
        name if is_root(name) => (None, &path[1..]),
        name => {
            let package = name.strip_prefix("aws-cdk-lib/").or_else(|| name.strip_prefix("@aws-cdk/"))?;
            (Some(package.replace('_', "-")), &path[1..])
        }
    };
    let mut parts: Vec<String> = package.into_iter().collect();
    parts.extend(rest.iter().map(SmolStr::to_string));
    if let Some(package) = parts.first_mut()
        && package.starts_with("aws")
    {
        *package = package.replace('_', "-");
        // Modules that are not stable yet have a suffix.
        if let Some(stable) = package.strip_suffix("-alpha") {
            *package = stable.to_owned();
        }
    }
    for part in parts.iter_mut().skip(1) {
        *part = camel(part);
    }
    Some(parts.join("."))
}

/// `grant_read_data` → `grantReadData`; constants keep their form.
fn camel(name: &str) -> String {
    if !name.contains('_') || name.chars().any(char::is_uppercase) {
        return name.to_owned();
    }
    let mut words = name.split('_').filter(|word| !word.is_empty());
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

/// Whether a value is of the library, or taken for one of its constructs.
fn is_ours(path: &[SmolStr], data: &ArgMap) -> bool {
    class_name(path).is_some() || data.get(CLASS).is_some()
}

fn camel_keys(map: &ArgMap) -> ArgMap {
    let entries = map.entries.iter().map(|(name, value)| (camel(name).into(), value.clone()));
    ArgMap { entries: entries.collect(), open: map.open, computed: map.computed.clone() }
}

/// What the deployment gives a stack: `Aws.REGION`, and `this.region` in a class of stacks.
pub(super) fn environment(path: &[SmolStr], name: &str) -> Option<Arg> {
    let hole = match (class_name(path)?.as_str(), name) {
        ("Aws", "REGION") | ("Stack" | "NestedStack", "region") => Hole::Region,
        ("Aws", "ACCOUNT_ID") | ("Stack" | "NestedStack", "account") => Hole::Account,
        ("Aws", "PARTITION") | ("Stack" | "NestedStack", "partition") => Hole::Partition,
        ("Aws", "STACK_NAME") | ("Stack" | "NestedStack", "stackName" | "stack_name") => {
            Hole::Parameter(SmolStr::new_static("AWS::StackName"))
        }
        _ => return None,
    };
    Some(Arg::Unknown(hole))
}

/// Makes a construct, or another value of the library.
pub(super) fn call(ecosystem: Ecosystem, path: &[SmolStr], args: &CallArgs) -> Option<Outcome> {
    let class = class_name(path).or_else(|| function_alike(path, args))?;
    let id = args.positional.get(1).or_else(|| args.named.get("id")).and_then(id_of);
    let mut data = ArgMap::default();
    data.entries.insert(CLASS.into(), Arg::text(&class));
    let mut made = path.to_vec();
    made.push("()".into());
    let value = |data: ArgMap| SdkValue::Instance { ecosystem, path: made.clone(), data };
    let Some(id) = id.filter(|_| makes_construct(&class)) else {
        let params = arguments(args);
        data.entries.extend(params.entries.clone());
        if grants_by_itself(&class) {
            return Some(recorded(value(data), &class, &params));
        }
        return Some(Outcome { callbacks: Callbacks::Unknown, ..Outcome::gives(value(data)) });
    };
    data.entries.insert(ID.into(), Arg::Text(Text::literal(id.clone())));
    let mut params = arguments(args);
    params.entries.remove("0");
    let mut hasher = FxHasher::default();
    params.hash(&mut hasher);
    let made = Arg::text(&format!("{:x}", hasher.finish()));
    data.entries.insert(MADE.into(), made.clone());
    params.entries.insert(MADE.into(), made);
    params.entries.insert("id".into(), Arg::Text(Text::literal(id)));
    Some(recorded(value(data), &class, &params))
}

/// What another library's class is called that is given what a function is given: its handler, its runtime, its code, its
/// variables. Companies wrap the library's functions in constructs of their own.
fn function_alike(path: &[SmolStr], args: &CallArgs) -> Option<String> {
    let (given, name) = (arguments(args), path.last()?);
    let props = given.get("props").and_then(Arg::as_map)?;
    let is_text = |name: &str| props.get(name).and_then(Arg::as_text).is_some();
    let of_lambda = |name: &str| {
        let value = props.get(name)?;
        constant(value).or_else(|| construct(value).map(|(class, ..)| class.to_owned()))
    };
    let is_lambda = |name: &str| of_lambda(name).is_some_and(|class| class.starts_with("aws-lambda."));
    let says =
        is_lambda("runtime") || is_lambda("code") || props.get("environment").is_some_and(|value| value.as_map().is_some());
    let is_entered = is_text("handler") || is_text("entry");
    (args.positional.len() > 1 && name.starts_with(char::is_uppercase) && is_entered && says).then(|| format!("{FOREIGN}{name}"))
}

/// Whether a class is not the CDK's own, but given what its functions are given.
pub fn foreign(class: &str) -> Option<&str> {
    class.strip_prefix(FOREIGN)
}

/// The id of a construct; where a part of it is computed, with `*` there. One of which nothing is known is no id.
fn id_of(value: &Arg) -> Option<SmolStr> {
    let pattern = value.as_text()?.pattern();
    pattern.contains(|c: char| c.is_alphanumeric()).then(|| pattern.into())
}

/// Classes are made into constructs, and what `fromTableName` and its like import is one.
fn makes_construct(class: &str) -> bool {
    let last = class.rsplit('.').next().unwrap_or(class);
    foreign(class).is_some() || last.starts_with(char::is_uppercase) || last.starts_with("from")
}

/// `Metric.grantPutMetricData(fn)`, `Grant.addToPrincipal({…})`.
fn grants_by_itself(class: &str) -> bool {
    let last = class.rsplit('.').next().unwrap_or(class);
    last.starts_with("grant") || last.starts_with("addToPrincipal")
}

/// Calls a method of a construct.
pub(super) fn call_method(receiver: &SdkValue, path: &[SmolStr], name: &str, args: &CallArgs) -> Option<Outcome> {
    let SdkValue::Instance { data, .. } = receiver else { return None };
    is_ours(path, data).then_some(())?;
    if camel(name) == "arnForObjects"
        && let Some(Arg::Unknown(hole)) = attribute(receiver, "bucketArn")
    {
        let mut arn = Text::hole(hole);
        arn.push_str("/");
        let key = args.positional.first().or_else(|| args.named.entries.values().next()).and_then(Arg::as_text);
        arn.push_text(&key.unwrap_or_else(|| Text::literal("*")));
        return Some(Outcome::gives(Arg::Text(arn)));
    }
    let mut params = arguments(args);
    params.entries.insert("receiver".into(), receiver.clone().into());
    Some(recorded(receiver.clone(), &format!("#{}", camel(name)), &params))
}

/// An attribute of a construct; what is none is a method.
pub(super) fn member(receiver: &SdkValue, path: &[SmolStr], data: &ArgMap, name: &str) -> Option<Arg> {
    is_ours(path, data).then_some(())?;
    // `Stack.of(this).region`
    if data.get(CLASS).and_then(literal).is_some_and(|class| class == "Stack.of")
        && let Some(known) = environment(&["aws-cdk-lib".into(), "Stack".into()], &camel(name))
    {
        return Some(known);
    }
    let (Some(class), Some(id)) = (data.get(CLASS).and_then(literal), data.get(ID).and_then(literal)) else {
        return Some(receiver.method(name).into());
    };
    let class = class.split(".from").next().unwrap_or(&class);
    if class == "CfnParameter" {
        return Some(Arg::Unknown(Hole::Parameter(id)));
    }
    if let Some(attribute) = low_level_attribute(class, name) {
        return Some(Arg::Unknown(Hole::Resource { id, attribute }));
    }
    let attribute = construct_fact(class).and_then(|fact| fact.attributes.get(&camel(name)));
    match (attribute, name) {
        (Some(attribute), _) => Some(Arg::Unknown(Hole::Resource { id, attribute: attribute.into() })),
        // The role of a function is granted what the function is.
        // Newer methods stand behind `grants`: `table.grants.readData(fn)`.
        (None, "role" | "grants" | "grant_principal" | "grantPrincipal" | "currentVersion" | "current_version") => {
            Some(receiver.clone().into())
        }
        (None, _) => Some(receiver.method(name).into()),
    }
}

/// Constructs that are generated from the resource types have their attributes under names of one form: `attrArn`, `ref`.
/// <https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html>
fn low_level_attribute(class: &str, name: &str) -> Option<SmolStr> {
    if !class.rsplit('.').next()?.starts_with("Cfn") {
        return None;
    }
    let name = camel(name);
    if name == "ref" {
        return Some("Ref".into());
    }
    name.strip_prefix("attr").filter(|rest| rest.starts_with(char::is_uppercase)).map(SmolStr::from)
}

/// An attribute of a construct that facts name.
fn attribute(receiver: &SdkValue, name: &str) -> Option<Arg> {
    let SdkValue::Instance { path, data, .. } = receiver else { return None };
    member(receiver, path, data, name)
}

fn recorded(value: SdkValue, operation: &str, params: &ArgMap) -> Outcome {
    let request = RequestDraft {
        service: CONSTRUCTS.into(),
        operation: operation.into(),
        params: params.clone(),
        region: None,
        credentials: Credentials::Own,
        confidence: Confidence::Certain,
        via: None,
    };
    Outcome { value: Returned::Value(value.into()), requests: vec![request], notes: Vec::new(), callbacks: Callbacks::Unknown }
}

/// The arguments under their positions, named ones (Python's properties) as the object that JavaScript takes.
fn arguments(args: &CallArgs) -> ArgMap {
    let mut entries: BTreeMap<SmolStr, Arg> = BTreeMap::new();
    let mut props = camel_keys(&args.named);
    for (position, value) in args.positional.iter().enumerate() {
        let value = kept(value);
        match value {
            Arg::Map(map) if position > 0 || args.positional.len() == 1 => {
                props.open |= map.open;
                props.entries.extend(map.entries);
            }
            value => drop(entries.insert(position.to_string().into(), value)),
        }
    }
    for value in props.entries.values_mut() {
        *value = kept(value);
    }
    entries.insert("props".into(), Arg::Map(props));
    ArgMap { entries, open: false, computed: Vec::new() }
}

/// A value with the values of the library in it. An object of the program is none.
fn kept(value: &Arg) -> Arg {
    keep(value, NESTING, &mut { PARTS })
}

fn keep(value: &Arg, nesting: usize, parts: &mut usize) -> Arg {
    if nesting == 0 || *parts == 0 {
        return Arg::unknown("a large value");
    }
    *parts -= 1;
    match value {
        Arg::Map(map) => Arg::Map(keep_map(map, nesting, parts)),
        Arg::List { items, open } => {
            Arg::List { items: items.iter().map(|item| keep(item, nesting - 1, parts)).collect(), open: *open }
        }
        Arg::Sdk(sdk) => match sdk.as_ref() {
            SdkValue::Instance { ecosystem, path, data } => {
                let data = keep_map(data, nesting, parts);
                SdkValue::Instance { ecosystem: *ecosystem, path: path.clone(), data }.into()
            }
            SdkValue::External { .. } => value.clone(),
            _ => Arg::unknown("a value of a library"),
        },
        other => other.clone(),
    }
}

fn keep_map(map: &ArgMap, nesting: usize, parts: &mut usize) -> ArgMap {
    let entries = map.entries.iter().map(|(name, value)| (name.clone(), keep(value, nesting - 1, parts)));
    ArgMap { entries: entries.collect(), open: map.open, computed: map.computed.clone() }
}

fn literal(value: &Arg) -> Option<SmolStr> {
    match value {
        Arg::Text(text) => text.as_literal().map(SmolStr::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn names_are_those_of_the_javascript_library() {
        let name = |path: &[&str]| class_name(&path.iter().map(|part| SmolStr::from(*part)).collect::<Vec<_>>());
        assert_eq!(name(&["aws-cdk-lib/aws-lambda", "Function"]).as_deref(), Some("aws-lambda.Function"));
        assert_eq!(name(&["aws-cdk-lib", "aws_lambda", "Code", "fromAsset"]).as_deref(), Some("aws-lambda.Code.fromAsset"));
        assert_eq!(name(&["aws_cdk", "aws_lambda", "Code", "from_asset"]).as_deref(), Some("aws-lambda.Code.fromAsset"));
        assert_eq!(
            name(&["@aws-cdk/aws-lambda-python-alpha", "PythonFunction"]).as_deref(),
            Some("aws-lambda-python.PythonFunction")
        );
        assert_eq!(name(&["aws_cdk", "aws_lambda", "Tracing", "ACTIVE"]).as_deref(), Some("aws-lambda.Tracing.ACTIVE"));
        assert_eq!(name(&["boto3", "client"]), None);
    }

    #[test]
    fn attributes_have_their_properties_under_every_name() {
        assert_eq!(property_of("AWS::DynamoDB::Table", "Arn"), Some("tableArn"));
        assert_eq!(property_of("AWS::SNS::Topic", "Ref"), Some("topicArn"));
        assert_eq!(property_of("AWS::SNS::Topic", "TopicArn"), Some("topicArn"));
        assert_eq!(property_of("AWS::SNS::Topic", "Unheard"), None);
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
