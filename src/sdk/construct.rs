//! Constructs of the AWS Cloud Development Kit: infrastructure that a program describes instead of using.
//!
//! A CDK application is a program, so the interpreter can run it like any other; what it makes are constructs. Making one,
//! and calling a method of one, is recorded as a request of the service [`CONSTRUCTS`], which no AWS service is called; who
//! reads infrastructure (`iac`) asks for these, everyone else never sees them. An attribute of a construct
//! (`table.tableName`) is a reference to the resource it stands for.
//!
//! The names are those of the JavaScript library in all languages: `aws-dynamodb.Table`, `grantReadData`.

mod arns;
mod facts;
mod ids;
mod solutions;
mod structs;
mod unmade;

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;
use smol_str::SmolStr;

pub use facts::{
    ConstructFact, GrantFact, class_with_grant, construct_fact, granted_when_made, kind_of, property_of, spelled, static_grant,
};

pub use ids::{is_made_up, named_as, rename};
pub use solutions::has_parts;
pub(super) use unmade::annotation;
pub use unmade::{ASSIGNED, INCLUDE, assigned, behind_grants, called_as, granted_on_unknown, is_of_library};

use ids::{id_instead, id_of, is_computed};

use super::{
    CallArgs, Callbacks, Confidence, Credentials, Ecosystem, Outcome, RESULT, RequestDraft, Returned, SdkValue, packages,
};
use crate::value::{Arg, ArgMap, Hole, Text};

/// The service under which constructs are recorded.
pub const CONSTRUCTS: &str = "aws-cdk";
/// How deep values inside values are kept.
const NESTING: usize = 16;
/// How many values one argument may consist of.
const PARTS: usize = 2_000;

/// The field in which an instance of a program's own class keeps the construct that its base class makes.
pub const BASE: &str = "#base";

/// Whether a value is a construct that stands for something, rather than one that only holds others: a stack, an application.
pub fn is_resource(value: &SdkValue) -> bool {
    described(value).is_some_and(|(class, id, _)| id.is_some() && (class.contains('.') || foreign(class).is_some()))
}

/// Whether a value is something of the library that a class of the program can stand for: a construct, or what is handed to one, such
/// as an event source.
pub fn is_part_of_library(value: &Arg) -> bool {
    let is_part = |(class, id, _): (&str, Option<&str>, &ArgMap)| match id {
        None => class.starts_with("aws-lambda-event-sources."),
        // The elements of templates are in the core library: `CfnParameter`, `CfnMapping`.
        Some(_) => class.starts_with("Cfn"),
    };
    is_resource_arg(value) || construct(value).is_some_and(is_part)
}

fn is_resource_arg(value: &Arg) -> bool {
    matches!(value, Arg::Sdk(value) if is_resource(value))
}

/// Class and id of a construct; for other values of the library, their class and no id.
pub fn construct(value: &Arg) -> Option<(&str, Option<&str>, &ArgMap)> {
    match value {
        Arg::Sdk(value) => described(value),
        // What some paths leave empty is never made use of while it is.
        Arg::OneOf(values) => match values.iter().filter(|value| **value != Arg::Null).collect::<Vec<_>>().as_slice() {
            [Arg::Sdk(only)] => described(only),
            _ => None,
        },
        _ => None,
    }
}

fn described(value: &SdkValue) -> Option<(&str, Option<&str>, &ArgMap)> {
    let SdkValue::Instance { data, .. } = value else { return None };
    let text = |name: &str| match data.get(name) {
        Some(Arg::Text(text)) => text.as_literal(),
        _ => None,
    };
    Some((text(CLASS)?, text(ID), data))
}

/// Whether a class of a library is one of stacks, its own or one that another library derives from it. A nested stack is a part of
/// the one around it.
pub fn is_stack(class: &SdkValue) -> bool {
    let is_named_so = |name: &SmolStr| name.ends_with("Stack") && name != "NestedStack";
    matches!(class, SdkValue::External { path, .. } if path.last().is_some_and(is_named_so))
}

/// The path of a constant of the library: `aws-lambda.Tracing.ACTIVE`.
pub fn constant(value: &Arg) -> Option<String> {
    let Arg::Sdk(value) = value else { return None };
    match value.as_ref() {
        SdkValue::External { path, .. } => class_name(path),
        _ => None,
    }
}

/// A folder or a file of the repository that the deployment uploads.
pub const ASSET: &str = "aws-s3-assets.Asset";

const CLASS: &str = "#class";
/// Stands before the names of classes of other libraries.
const FOREIGN: &str = "?";
const ID: &str = "#id";
/// What the program gave as the id, where the id is another. The record of the making has it, too, behind what tells it apart.
const WRITTEN: &str = "~written";
/// Texts that can be read back from a construct, by their properties.
const GIVEN: &str = "#given";
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

/// The id that the program gave the construct of which this is the record.
pub fn written_id(params: &ArgMap) -> Option<&str> {
    match params.get(WRITTEN).or_else(|| params.get("id"))? {
        Arg::Text(text) => text.as_literal(),
        _ => None,
    }
}

/// What the program gave as the second argument of a class: the id of a construct, the key of `S3Code(bucket, key)`.
pub fn written_second(data: &ArgMap) -> Option<&Arg> {
    data.get(WRITTEN).or_else(|| data.get(ID))
}

/// Gives a value of the library that is changed after it was made a mark of its own, by which the records of its methods know
/// it: `statement.addActions(…)`.
pub fn mark(value: &mut Arg, identity: impl FnOnce() -> u32) {
    let is_changed = |class: &str| matches!(own_class(class), "aws-iam.PolicyStatement" | "aws-iam.PolicyDocument");
    if !construct(value).is_some_and(|(class, id, data)| id.is_none() && is_changed(class) && made_with(data).is_none()) {
        return;
    }
    if let Arg::Sdk(made) = value {
        let mut marked = made.as_ref().clone();
        if let SdkValue::Instance { data, .. } = &mut marked {
            let mark = Arg::text(&identity().to_string());
            data.change(|data| drop(data.entries.insert(MADE.into(), mark)));
        }
        *value = marked.into();
    }
}

/// The name that a part of the library has in JavaScript, its package left out; nothing for other libraries.
fn class_name(path: &[SmolStr]) -> Option<String> {
    let first = path.first()?;
    let package = packages::cdk_module(first)?.replace('_', "-");
    let mut parts: Vec<String> = Some(package).into_iter().filter(|package| !package.is_empty()).collect();
    parts.extend(path[1..].iter().map(SmolStr::to_string));
    // What begins with a capital is no module.
    if let Some(package) = parts.first_mut()
        && package.starts_with(|first: char| first.is_ascii_lowercase())
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
        ("Stack" | "NestedStack", "formatArn" | "format_arn") => {
            let ecosystem = if path.first()?.starts_with("aws_") { Ecosystem::Python } else { Ecosystem::Npm };
            let data = ArgMap { entries: [(CLASS.into(), Arg::text("Stack"))].into(), ..ArgMap::default() };
            return Some(SdkValue::Instance { ecosystem, path: path.to_vec(), data: data.into() }.method(name).into());
        }
        ("Aws", "STACK_NAME") | ("Stack" | "NestedStack", "stackName" | "stack_name") => {
            Hole::Parameter(SmolStr::new_static("AWS::StackName"))
        }
        _ => return None,
    };
    Some(Arg::Unknown(hole))
}

/// Makes a construct, or another value of the library.
pub(super) fn call(ecosystem: Ecosystem, path: &[SmolStr], args: &CallArgs) -> Option<Outcome> {
    if let Some(made) = solutions::call(ecosystem, path, args) {
        return Some(made);
    }
    let class = class_name(path).or_else(|| function_alike(path, args))?;
    make(ecosystem, path, &class, args)
}

fn make(ecosystem: Ecosystem, path: &[SmolStr], class: &str, args: &CallArgs) -> Option<Outcome> {
    let written = args.positional.get(1).or_else(|| args.named.get("id"));
    let id = written.and_then(id_of).or_else(|| id_instead(class, written, args));
    let mut data = ArgMap::default();
    data.entries.insert(CLASS.into(), Arg::text(class));
    let mut made = path.to_vec();
    made.push(RESULT.into());
    let value = |data: ArgMap| SdkValue::Instance { ecosystem, path: made.clone(), data: data.into() };
    let Some(id) = id.filter(|_| makes_construct(class, args)) else {
        let params = arguments(args);
        data.entries.extend(params.entries.clone());
        if grants_by_itself(class) {
            return Some(recorded(value(data), class, &params));
        }
        return Some(Outcome { callbacks: Callbacks::Unknown, ..Outcome::gives(value(data)) });
    };
    data.entries.insert(ID.into(), Arg::Text(Text::literal(id.clone())));
    data.entries.extend(written.filter(|written| is_computed(written)).map(|written| (WRITTEN.into(), written.clone())));
    let mut params = arguments(args);
    params.entries.remove("0");
    let mut hasher = FxHasher::default();
    params.hash(&mut hasher);
    let made = Arg::text(&format!("{:x}", hasher.finish()));
    data.entries.insert(MADE.into(), made.clone());
    data.entries.extend(read_back(class, &params));
    params.entries.insert(MADE.into(), made);
    params.entries.insert("id".into(), Arg::Text(Text::literal(id)));
    Some(recorded(value(data), class, &params))
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

/// Classes are made into constructs, and what `fromTableName` and its like import is one; what `Code.fromBucket(bucket, key)`
/// makes is none, since a resource is not what constructs are made in.
fn makes_construct(class: &str, args: &CallArgs) -> bool {
    let last = class.rsplit('.').next().unwrap_or(class);
    let imports = || construct_fact(own_class(class)).is_some() || !args.positional.first().is_some_and(is_resource_arg);
    foreign(class).is_some() || last.starts_with(char::is_uppercase) || last.starts_with("from") && imports()
}

/// `Metric.grantPutMetricData(fn)`, `Grant.addToPrincipal({…})`.
fn grants_by_itself(class: &str) -> bool {
    let last = class.rsplit('.').next().unwrap_or(class);
    last.starts_with("grant") || last.starts_with("addToPrincipal") || !granted_when_made(class).is_empty()
}

/// Calls a method of a construct.
pub(super) fn call_method(receiver: &SdkValue, path: &[SmolStr], name: &str, args: &CallArgs) -> Option<Outcome> {
    let SdkValue::Instance { ecosystem, data, .. } = receiver else { return None };
    is_ours(path, data).then_some(())?;
    let name = camel(name);
    if let Some(arn) = arns::of_method(receiver, data, &name, args) {
        return Some(Outcome::gives(arn));
    }
    match name.as_str() {
        "tryGetContext" | "getContext" => {
            let key = args.positional.first().or_else(|| args.named.get("key"));
            let names = key.map_or_else(Vec::new, Arg::texts);
            return Some(Outcome { value: Returned::AppContext(names), ..Outcome::gives(Arg::Null) });
        }
        // `node.tryFindChild(id)`: what may be there.
        name if name.starts_with("try") => return Some(Outcome::gives(Arg::unknown("what a construct may hold"))),
        "copy" => return Some(Outcome::gives(Arg::from(copy(receiver, args)))),
        "getResource" if class_of(data).is_some_and(|class| class == INCLUDE) => return Some(unmade::included(receiver, args)),
        _ => {}
    }
    let mut params = arguments(args);
    params.entries.insert("receiver".into(), receiver.clone().into());
    let mut outcome = recorded(receiver.clone(), &format!("#{name}"), &params);
    if let Some((class, path)) = class_of(data).and_then(|class| made_by(&class, &name, path)) {
        let args = CallArgs { positional: [&[receiver.clone().into()], args.positional.as_slice()].concat(), ..args.clone() };
        let mut made = make(*ecosystem, &path, &class, &args)?;
        for request in &mut made.requests {
            request.params.entries.insert("receiver".into(), receiver.clone().into());
        }
        made.requests.append(&mut outcome.requests);
        return Some(made);
    }
    Some(outcome)
}

/// A copy of a statement with other properties.
fn copy(original: &SdkValue, args: &CallArgs) -> SdkValue {
    let mut copy = original.clone();
    if let SdkValue::Instance { data, .. } = &mut copy
        && let Some(Arg::Map(given)) = arguments(args).get("props")
    {
        data.change(|data| {
            if let Some(Arg::Map(own)) = data.entries.get_mut("props") {
                own.entries.extend(given.entries.clone());
            }
        });
    }
    copy
}

/// The class of a construct that a method of another one makes, and a path for it.
fn made_by(class: &str, method: &str, path: &[SmolStr]) -> Option<(String, Vec<SmolStr>)> {
    let made = construct_fact(class)?.makes.get(method)?;
    Some((made.clone(), path.iter().take(1).cloned().chain([method.into()]).collect()))
}

/// Likewise of one that another one has in a property.
fn part(class: &str, property: &str, path: &[SmolStr]) -> Option<(String, Vec<SmolStr>)> {
    let part = construct_fact(class)?.has.get(property)?;
    Some((part.clone(), path.iter().take(1).cloned().chain([property.into()]).collect()))
}

/// An attribute of a construct; what is none is a method.
pub(super) fn member(receiver: &SdkValue, path: &[SmolStr], data: &ArgMap, name: &str) -> Option<Arg> {
    is_ours(path, data).then_some(())?;
    // `Stack.of(this).region`
    if data.get(CLASS).and_then(literal).is_some_and(|class| class == "Stack.of")
        && let Some(known) = environment(&[packages::CDK_V2.into(), "Stack".into()], &camel(name))
    {
        return Some(known);
    }
    let (Some(class), Some(id)) = (data.get(CLASS).and_then(literal), data.get(ID).and_then(literal)) else {
        if let Some(held) = structs::member(receiver, data, name) {
            return Some(held);
        }
        // Newer methods stand behind `grants`: `table.grants.readData(fn)`; the context is asked of `app.node`.
        return Some(if matches!(name, "grants" | "node") { receiver.clone().into() } else { receiver.method(name).into() });
    };
    if class == "CfnParameter" {
        return Some(Arg::Unknown(Hole::Parameter(id)));
    }
    let camel = camel(name);
    // What is uploaded is known by the asset rather than by its bucket.
    if class == ASSET && matches!(camel.as_str(), "bucket" | "s3BucketName") {
        return Some(receiver.clone().into());
    }
    match camel.as_str() {
        // The role of a function is granted what the function is.
        // What a construct makes is reached through `node.defaultChild`.
        "role" | "grants" | "grantPrincipal" | "currentVersion" | "latestVersion" | "node" | "defaultChild" => {
            return Some(receiver.clone().into());
        }
        // An alias stands for its version, and that for its function.
        "lambda" | "version" if matches!(class.as_str(), "aws-lambda.Alias" | "aws-lambda.Version") => {
            return Some(receiver.clone().into());
        }
        // `construct.node.id`; constructs themselves have no such property.
        "id" => return written_second(data).cloned(),
        _ => {}
    }
    if let Some(known) = attribute_of(data, &class, &id, &camel) {
        return Some(known);
    }
    let Some((class, path)) = part(own_class(&class), &camel, path) else { return Some(receiver.method(name).into()) };
    let SdkValue::Instance { ecosystem, .. } = receiver else { return None };
    let id = Arg::Text(Text::literal(part_of(&id, &camel)));
    let data = ArgMap { entries: [(CLASS.into(), Arg::text(&class)), (ID.into(), id)].into(), ..ArgMap::default() };
    Some(SdkValue::Instance { ecosystem: *ecosystem, path, data: data.into() }.into())
}

/// The id of a construct that stands in a property of another one.
pub fn part_of(id: &str, property: &str) -> SmolStr {
    smol_str::format_smolstr!("{id}.{property}")
}

/// An attribute of a construct: what it was imported by or made with, else what the resource has.
fn attribute_of(data: &ArgMap, class: &str, id: &SmolStr, name: &str) -> Option<Arg> {
    let own = own_class(class);
    if let Some(attribute) = low_level_attribute(own, name) {
        return Some(Arg::Unknown(Hole::Resource { id: id.clone(), attribute }));
    }
    if let Some(given) = data.get(GIVEN).and_then(Arg::as_map).and_then(|given| given.get(name)) {
        return Some(given.clone());
    }
    let attribute = construct_fact(own)?.attributes.get(name)?;
    Some(facts::attribute(attribute, id))
}

/// The ARN of a construct.
pub fn arn_of(value: &Arg) -> Option<Text> {
    let (class, id, data) = construct(value)?;
    let own = own_class(class);
    let id = SmolStr::from(id?);
    let attribute = match construct_fact(own) {
        Some(fact) => fact.arn_property()?.to_owned(),
        None => return None,
    };
    attribute_of(data, class, &id, &attribute)?.as_text()
}

/// The class of what is imported: `Table` of `Table.fromTableName`.
pub fn own_class(class: &str) -> &str {
    class.split(".from").next().unwrap_or(class)
}

/// What can be read back from a construct: the properties that one generated from a resource type was made with, and what one
/// was imported by.
fn read_back(class: &str, params: &ArgMap) -> Option<(SmolStr, Arg)> {
    let is_deployed = |hole: &Hole| !matches!(hole, Hole::Env { .. } | Hole::Unknown(_) | Hole::Content(_));
    let is_known = |value: &Arg| match value {
        Arg::Text(text) => text.holes().all(is_deployed),
        Arg::Unknown(hole) => is_deployed(hole),
        _ => false,
    };
    let props = params.get("props").and_then(Arg::as_map).map(|props| &props.entries);
    let mut given = ArgMap::default();
    match class.split_once(".from") {
        None if is_low_level(class) => {
            let known = props.into_iter().flatten().filter(|(_, value)| is_known(value));
            given.entries.extend(known.map(|(name, value)| (name.clone(), value.clone())));
        }
        None => {}
        // `fromTableArn(scope, id, arn)`, `fromTableAttributes(scope, id, { tableArn })`. A name is one of the resource's.
        Some((_, import)) => {
            let named = props.into_iter().flatten().filter(|(name, value)| name.ends_with("Arn") && is_known(value));
            given.entries.extend(named.map(|(name, value)| (name.clone(), value.clone())));
            let arn = params.get("2").filter(|value| import.ends_with("Arn") && is_known(value));
            given.entries.extend(arn.map(|arn| (lower_first(import), arn.clone())));
        }
    }
    (!given.entries.is_empty()).then(|| (SmolStr::new_static(GIVEN), Arg::Map(given)))
}

/// `TableName` → `tableName`.
pub fn lower_first(name: &str) -> SmolStr {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// Whether a class is generated from a resource type.
pub fn is_low_level(class: &str) -> bool {
    class.rsplit('.').next().is_some_and(|name| name.starts_with("Cfn"))
}

/// Constructs that are generated from the resource types have their attributes under names of one form: `attrArn`, `ref`.
/// <https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html>
fn low_level_attribute(class: &str, name: &str) -> Option<SmolStr> {
    if !is_low_level(class) {
        return None;
    }
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
    ArgMap { entries, open: args.open, computed: Vec::new() }
}

/// A value with the values of the library in it. An object of the program is none.
fn kept(value: &Arg) -> Arg {
    keep(value, NESTING, &mut { PARTS })
}

fn keep(value: &Arg, nesting: usize, parts: &mut usize) -> Arg {
    if nesting == 0 || *parts == 0 {
        return Arg::unknown("a value too large to follow");
    }
    *parts -= 1;
    match value {
        Arg::Sdk(sdk) => match sdk.as_ref() {
            SdkValue::Instance { ecosystem, path, data } => {
                let data = data.with_values(|value| keep(value, nesting - 1, parts));
                SdkValue::Instance { ecosystem: *ecosystem, path: path.clone(), data: data.into() }.into()
            }
            SdkValue::External { .. } => value.clone(),
            _ => Arg::unknown("a value of a library"),
        },
        // A member of something unknown counts as a method until it is used as a value.
        Arg::Other(_) => Arg::unknown("a value of the application"),
        value => value.with_parts(|part| keep(part, nesting - 1, parts)),
    }
}

fn class_of(data: &ArgMap) -> Option<SmolStr> {
    let class = data.get(CLASS).and_then(literal)?;
    Some(own_class(&class).into())
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
        assert_eq!(name(&["aws_cdk", "custom_resources", "Provider"]).as_deref(), Some("custom-resources.Provider"));
        assert_eq!(name(&["boto3", "client"]), None);
    }
}
