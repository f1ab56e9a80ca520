//! The ids of constructs: what the program gives, and what tells those apart that have no id which can be known.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;
use smol_str::SmolStr;

use super::{
    ASSET, ID, WRITTEN, arguments, construct, construct_fact, foreign, is_low_level, is_resource_arg, made_with, own_class,
};
use crate::sdk::{CallArgs, Outcome, Returned, SdkValue};
use crate::value::{Arg, Text};

/// The id of the resource that a call made, and a mark of its class and of what it is called; of functions, of all that they are
/// made with.
pub fn named_as(outcome: &Outcome) -> Option<(SmolStr, u64)> {
    let Returned::Value(value) = &outcome.value else { return None };
    let (class, id, _) = construct(value).filter(|_| is_resource_arg(value))?;
    let own = own_class(class);
    let is_function = foreign(class).is_some() || own.ends_with("Function");
    let request = outcome.requests.first().filter(|request| request.operation == class)?;
    if request.params.get("receiver").is_some() {
        return None;
    }
    let name = construct_fact(own).and_then(|fact| request.params.get("props")?.as_map()?.get(&fact.name.as_ref()?.0));
    let mut hasher = FxHasher::default();
    (class, name, request.params.get("2"), made_with(&request.params).filter(|_| is_function)).hash(&mut hasher);
    Some((id?.into(), hasher.finish()))
}

/// Gives what a call made another id.
pub fn rename(outcome: &mut Outcome, id: &SmolStr) {
    let own = || Arg::Text(Text::literal(id.clone()));
    if let Returned::Value(Arg::Sdk(made)) = &mut outcome.value {
        let mut renamed = made.as_ref().clone();
        if let SdkValue::Instance { data, .. } = &mut renamed {
            data.change(|data| {
                let written = data.entries.insert(ID.into(), own());
                data.entries.entry(WRITTEN.into()).or_insert(written.unwrap_or(Arg::Null));
            });
        }
        outcome.value = Returned::Value(renamed.into());
    }
    if let Some(request) = outcome.requests.first_mut() {
        let written = request.params.entries.insert("id".into(), own());
        request.params.entries.entry(WRITTEN.into()).or_insert(written.unwrap_or(Arg::Null));
    }
}

/// The id of a construct; where a part of it is computed or one of several, with `*` there. One of which nothing is known is no id.
pub(super) fn id_of(value: &Arg) -> Option<SmolStr> {
    let patterns = value.alternatives().iter().map(|one| Some(one.as_text()?.pattern())).collect::<Option<Vec<_>>>()?;
    let pattern = patterns.into_iter().reduce(|all, one| what_is_shared(&all, &one))?;
    pattern.contains(|c: char| c.is_alphanumeric()).then(|| pattern.into())
}

/// The beginning and the end that two patterns share, with `*` for what differs.
fn what_is_shared(left: &str, right: &str) -> String {
    if left == right {
        return left.to_owned();
    }
    let same = |(a, b): &(char, char)| a == b && *a != '*';
    let start: String = left.chars().zip(right.chars()).take_while(same).map(|(one, _)| one).collect();
    let rests = left[start.len()..].chars().rev().zip(right[start.len()..].chars().rev());
    let end: Vec<char> = rests.take_while(same).map(|(one, _)| one).collect();
    start + "*" + &end.into_iter().rev().collect::<String>()
}

/// Whether a class is one of the CDK's own functions.
fn is_function(class: &str) -> bool {
    let of_lambda =
        |module: &str| module == "aws-sam" || module.starts_with("aws-lambda") && module != "aws-lambda-event-sources";
    class.split_once('.').is_some_and(|(module, name)| of_lambda(module) && name.ends_with("Function"))
}

/// Whether an id is made up for a construct of which it is not known.
pub fn is_made_up(class: &str, id: &str) -> bool {
    let rest = own_class(class).rsplit('.').next().and_then(|name| id.strip_prefix(name)?.strip_prefix('-'));
    rest.and_then(|rest| rest.strip_suffix('*'))
        .is_some_and(|mark| mark.len() == 8 && mark.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether an id is not written as it is.
pub(super) fn is_computed(id: &Arg) -> bool {
    id.as_text().is_none_or(|text| text.as_literal().is_none())
}

/// An id for a construct whose own is not known at all: each of them is one of its own, as far as it is made with something else.
/// Whatever stands where the id of a function does, and if nothing does, it is a function.
pub(super) fn id_instead(class: &str, written: Option<&Arg>, args: &CallArgs) -> Option<SmolStr> {
    let own = own_class(class);
    let is_one = construct_fact(own).is_some() || own == ASSET || is_low_level(own) || foreign(own).is_some();
    // What another library computes is an id, too.
    let is_text = |value: &Arg| value.as_text().is_some() || matches!(value, Arg::Sdk(_)) && construct(value).is_none();
    let is_written = written.is_some_and(|written| written.alternatives().iter().all(is_text));
    let may_be_id = is_function(own) && own == class || is_one && is_written;
    let mut hasher = FxHasher::default();
    arguments(args).entries.iter().filter(|(name, _)| *name != "0").for_each(|entry| entry.hash(&mut hasher));
    may_be_id.then(|| smol_str::format_smolstr!("{}-{:08x}*", own.rsplit('.').next().unwrap_or(own), hasher.finish() as u32))
}
