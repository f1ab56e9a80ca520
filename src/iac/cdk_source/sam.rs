//! Policies of a function that is generated from SAM's resource type.
//! <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_sam.CfnFunction.html>

use super::made::upper_first;
use super::policy::{document_of, inline, policy};
use crate::flow::SdkCall;
use crate::iac::declared::{DeclaredPolicy, PolicySource};
use crate::iac::policies::managed_name;
use crate::sdk::construct::construct;
use crate::value::{Arg, ArgMap};

/// The items of `policies`: managed policies, documents, statements and policy templates.
pub(super) fn policies(value: Option<&Arg>, call: &SdkCall) -> Vec<DeclaredPolicy> {
    match value {
        None | Some(Arg::Null) => Vec::new(),
        Some(Arg::List { items, open }) => {
            let rest = open.then(|| inline(&[], false, call));
            items.iter().flat_map(|item| item_of(item, call)).chain(rest).collect()
        }
        Some(one) => item_of(one, call),
    }
}

fn item_of(value: &Arg, call: &SdkCall) -> Vec<DeclaredPolicy> {
    // Python makes `CfnFunction.IAMPolicyDocumentProperty(statement=…)`.
    let made = construct(value).filter(|(_, id, _)| id.is_none()).and_then(|(_, _, data)| data.get("props")?.as_map());
    let Some(map) = value.as_map().or(made) else {
        let managed = |text| match managed_name(text) {
            Some(name) => PolicySource::Managed(name),
            None => PolicySource::External(text.clone()),
        };
        let texts = value.texts();
        let found = texts.iter().map(|text| policy(managed(text), Vec::new(), call));
        return if texts.is_empty() { vec![inline(&[], false, call)] } else { found.collect() };
    };
    if ["statement", "Statement", "statements"].iter().any(|name| map.get(name).is_some()) {
        return vec![document_of(map, call)];
    }
    let template = |(name, parameters): (&smol_str::SmolStr, &Arg)| {
        let made = construct(parameters).and_then(|(_, _, data)| data.get("props")?.as_map());
        let given = parameters.as_map().or(made).map(|map| &map.entries);
        let parameters = given.into_iter().flatten().map(|(name, value)| (upper_first(name), value.clone()));
        let source = PolicySource::SamTemplate { name: upper_first(name), parameters: parameters.collect() };
        policy(source, Vec::new(), call)
    };
    let ArgMap { entries, .. } = map;
    entries.iter().map(template).collect()
}
