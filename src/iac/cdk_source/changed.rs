//! Statements and documents of policies that are added to after they were made, `statement.addActions(…)`, and whatever has
//! its properties set: `statement.effect = Effect.DENY`, `cfnRole.policies = […]`.
//! <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.PolicyStatement.html>

use std::borrow::Cow;
use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::props;
use crate::flow::SdkCall;
use crate::sdk::SdkValue;
use crate::sdk::construct::{ASSIGNED, construct, is_low_level, made_with};
use crate::value::{Arg, ArgMap, Text};

/// How deep values are nested in which statements are looked for.
const NESTING: usize = 12;

/// What was added, by the marks of what it was added to.
type Added<'a> = BTreeMap<&'a str, Vec<&'a SdkCall>>;

/// The calls with everything in their statements that is added to these at any time: what counts is how a policy is in the end.
pub(super) fn completed(calls: &[SdkCall]) -> Cow<'_, [SdkCall]> {
    let mut added = Added::new();
    for call in calls {
        let is_one = call.operation.strip_prefix("#add").is_some_and(|what| list_of(what).is_some() || is_condition(what));
        let is_set = call.operation == ASSIGNED;
        let receiver = call.params.get("receiver").filter(|_| is_one || is_set).and_then(construct);
        let is_whole = |class: &str, id: Option<&str>| id.is_none() || is_set && is_low_level(class);
        if let Some(mark) = receiver.and_then(|(class, id, data)| made_with(data).filter(|_| is_whole(class, id))) {
            added.entry(mark).or_default().push(call);
        }
    }
    if added.is_empty() {
        return Cow::Borrowed(calls);
    }
    let complete = |call: &SdkCall| {
        let mut params = call.params.with_values(|value| in_value(value, &added, NESTING));
        for change in made_with(&call.params).and_then(|mark| added.get(mark)).into_iter().flatten().copied() {
            add(&mut params, change);
        }
        SdkCall { params, ..call.clone() }
    };
    Cow::Owned(calls.iter().map(complete).collect())
}

/// The property that a method adds to, as the library calls it and as IAM does.
fn list_of(what: &str) -> Option<[&'static str; 2]> {
    Some(match what {
        "Actions" => ["actions", "Action"],
        "NotActions" => ["notActions", "NotAction"],
        "Resources" | "AllResources" => ["resources", "Resource"],
        "NotResources" => ["notResources", "NotResource"],
        "Statements" => ["statements", "Statement"],
        _ => return None,
    })
}

fn is_condition(what: &str) -> bool {
    matches!(what, "Condition" | "Conditions")
}

fn in_value(value: &Arg, added: &Added<'_>, nesting: usize) -> Arg {
    let Some(nesting) = nesting.checked_sub(1) else { return value.clone() };
    match value {
        Arg::Sdk(made) => match made.as_ref() {
            SdkValue::Instance { ecosystem, path, data } => {
                let mut data = (**data).clone();
                // What has an id is a reference; how it is in the end its own making tells.
                let own = construct(value).is_some_and(|(_, id, _)| id.is_none()).then(|| made_with(&data)).flatten();
                for call in own.and_then(|mark| added.get(mark)).into_iter().flatten().copied() {
                    add(&mut data, call);
                }
                let data = data.with_values(|value| in_value(value, added, nesting));
                SdkValue::Instance { ecosystem: *ecosystem, path: path.clone(), data: data.into() }.into()
            }
            _ => value.clone(),
        },
        value => value.with_parts(|part| in_value(part, added, nesting)),
    }
}

/// Adds what a method is given.
fn add(data: &mut ArgMap, call: &SdkCall) {
    let Arg::Map(own) = data.entries.entry(SmolStr::new_static("props")).or_insert_with(|| Arg::Map(ArgMap::default())) else {
        return;
    };
    let first = call.params.get("0").and_then(Arg::as_text);
    if call.operation == ASSIGNED {
        let name = first.as_ref().and_then(Text::as_literal).map(SmolStr::from);
        own.entries.extend(name.zip(call.params.get("1").cloned()));
        return;
    }
    let what = call.operation.trim_start_matches("#add");
    if let Some(names) = list_of(what) {
        let name = if own.get(names[1]).is_some() { names[1] } else { names[0] };
        let given = (0..).map_while(|at| call.params.get(&at.to_string()).cloned());
        let all = (what == "AllResources").then(|| Arg::text("*"));
        let (mut items, mut open) = match own.entries.remove(name) {
            Some(Arg::List { items, open }) => (items, open),
            None | Some(Arg::Null) => (Vec::new(), false),
            Some(Arg::Unknown(_)) => (Vec::new(), true),
            Some(one) => (vec![one], false),
        };
        items.extend(given.chain(all));
        open |= call.params.open;
        own.entries.insert(name.into(), Arg::List { items, open });
        return;
    }
    let name = if own.get("Condition").is_some() { "Condition" } else { "conditions" };
    let Arg::Map(conditions) = own.entries.entry(name.into()).or_insert_with(|| Arg::Map(ArgMap::default())) else { return };
    let more = props(&call.params);
    conditions.open |= call.params.open;
    match (what, first) {
        // `addCondition(operator, { key: value })`
        ("Condition", Some(operator)) => {
            let operator = SmolStr::from(operator.pattern());
            join(conditions, operator, more);
        }
        ("Condition", None) => conditions.open = true,
        _ => {
            conditions.open |= more.open;
            for (operator, keys) in &more.entries {
                match keys {
                    Arg::Map(keys) => join(conditions, operator.clone(), keys),
                    _ => conditions.open = true,
                }
            }
        }
    }
}

fn join(conditions: &mut ArgMap, operator: SmolStr, keys: &ArgMap) {
    match conditions.entries.entry(operator).or_insert_with(|| Arg::Map(ArgMap::default())) {
        Arg::Map(known) => {
            known.entries.extend(keys.entries.clone());
            known.open |= keys.open;
        }
        _ => conditions.open = true,
    }
}
