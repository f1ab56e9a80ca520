//! What the constructs of a CDK application make: resources with the properties that permissions depend on, and parameters.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::{Reader, arn_of, props, text_of};
use crate::flow::SdkCall;
use crate::iac::resources::{ResourceType, resource_type};
use crate::iac::stack::{Parameter, Resource};
use crate::sdk::construct::{ConstructFact, construct, construct_fact, is_low_level, kind_of, lower_first, own_class, part_of};
use crate::value::{Arg, ArgMap, Piece, Text};

/// How deep properties of resources are nested.
pub(super) const NESTING: usize = 8;

impl Reader<'_> {
    /// Takes in a construct.
    pub(super) fn made(&mut self, call: &SdkCall) {
        let class = call.operation.as_str();
        let Some(id) = text_of(&call.params, "id").and_then(|id| id.as_literal().map(SmolStr::from)) else { return };
        let base = own_class(class);
        let props = props(&call.params);
        if let Some(fact) = construct_fact(base) {
            let properties = self.known_properties(&id, class, fact, call);
            self.resource(id.clone(), fact.kind.as_str().into(), properties, call);
            for (property, class) in &fact.has {
                if let Some(kind) = kind_of(class) {
                    self.resource(part_of(&id, property), kind.into(), BTreeMap::new(), call);
                }
            }
        } else if base == "CfnResource" {
            let kind = text_of(props, "type").and_then(|kind| kind.as_literal().map(SmolStr::from)).unwrap_or_default();
            let properties = props.get("properties").and_then(Arg::as_map).map(|map| map.entries.clone());
            self.resource(id.clone(), kind, properties.unwrap_or_default(), call);
        } else if is_low_level(base) && base.contains('.') {
            let kind = kind_of(base).unwrap_or_else(|| base.to_owned());
            let properties = low_level(props, resource_type(&kind), NESTING);
            self.resource(id.clone(), kind.into(), properties.entries, call);
        }
        if class == "CfnParameter" {
            let kind = text_of(props, "type").and_then(|kind| kind.as_literal().map(SmolStr::from)).unwrap_or_default();
            let default = text_of(props, "default");
            let is_filled = default.as_ref().is_some_and(|text| !text.is_empty());
            let parameter = Parameter { default, is_filled, kind, origin: call.at.clone() };
            self.stack.parameters.entry(id.clone()).or_insert(parameter);
        }
        if class == base {
            self.function(&id, class, props, call);
            self.role(&id, class, props, call);
        }
        self.policy(&id, class, props, call);
    }

    fn resource(&mut self, id: SmolStr, kind: SmolStr, properties: BTreeMap<SmolStr, Arg>, call: &SdkCall) {
        let properties = Arg::Map(ArgMap { entries: properties, open: true, computed: Vec::new() });
        let resource = Resource { id: id.clone(), kind, properties, origin: call.at.clone() };
        self.stack.resources.entry(id).or_insert(resource);
    }

    /// The name and the key of a construct, where the resource has them.
    fn known_properties(&mut self, id: &SmolStr, class: &str, fact: &ConstructFact, call: &SdkCall) -> BTreeMap<SmolStr, Arg> {
        let props = props(&call.params);
        let mut properties = BTreeMap::new();
        if let Some((own, property)) = &fact.name {
            let name = props.get(own).cloned().or_else(|| imported_name(class, own, call));
            let name = name.filter(|name| !name.texts().is_empty());
            properties.extend(name.map(|name| (property.as_str().into(), name)));
        }
        let key = fact.key.as_ref().and_then(|key| props.get(key));
        if let Some((arn, path)) = key.and_then(arn_of).zip(resource_type(&fact.kind).and_then(ResourceType::key_path)) {
            let mut parts = path.rsplit('.');
            let last = parts.next().unwrap_or(path);
            let leaf = (SmolStr::from(last), Arg::Text(arn));
            let (first, value) = parts.fold(leaf, |(name, value), outer| {
                let entries = BTreeMap::from([(name, value)]);
                (outer.into(), Arg::Map(ArgMap { entries, open: true, computed: Vec::new() }))
            });
            properties.insert(first, value);
        }
        if let Some(key) = key {
            self.keys.entry(id.clone()).or_insert_with(|| key.clone());
        }
        properties
    }
}

/// The name of what is imported by it or by its ARN: `fromTableName(scope, id, name)`, `fromTableArn(scope, id, arn)`.
fn imported_name(class: &str, own: &str, call: &SdkCall) -> Option<Arg> {
    let (_, import) = class.split_once(".from")?;
    let import = import.strip_suffix("V2").unwrap_or(import);
    // Python may name it: `from_queue_arn(scope, id, queue_arn=…)`.
    let second = call.params.get("2").or_else(|| props(&call.params).get(&lower_first(import)));
    if import.ends_with("Name") {
        return second.cloned();
    }
    let named = own.strip_suffix("Name").map(|start| format!("{start}Arn"));
    let arn = if import.ends_with("Arn") { second } else { props(&call.params).get(&named?) };
    let arn = arn.and_then(Arg::as_text)?;
    let Some(Piece::Literal(end)) = arn.pieces().last() else { return None };
    let (_, name) = end.rsplit_once(['/', ':'])?;
    Some(Arg::Text(Text::literal(name)))
}

/// The properties of a construct that is generated from a resource type: the same ones, in lower camel case.
/// <https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html>
fn low_level(map: &ArgMap, facts: Option<&ResourceType>, nesting: usize) -> ArgMap {
    let spelled = |name: &str| {
        let known = facts.into_iter().flat_map(ResourceType::property_names).find(|known| known.eq_ignore_ascii_case(name));
        known.map_or_else(|| upper_first(name), SmolStr::from)
    };
    let entries = map.entries.iter().filter(|_| nesting > 0).map(|(name, value)| (spelled(name), inner(value, facts, nesting)));
    ArgMap { entries: entries.collect(), open: map.open || nesting == 0, computed: Vec::new() }
}

pub(super) fn inner(value: &Arg, facts: Option<&ResourceType>, nesting: usize) -> Arg {
    match value {
        Arg::Map(map) => Arg::Map(low_level(map, facts, nesting.saturating_sub(1))),
        Arg::List { items, open } if nesting > 0 => {
            Arg::List { items: items.iter().map(|item| inner(item, facts, nesting - 1)).collect(), open: *open }
        }
        // Python makes `CfnFunction.CodeProperty(zip_file=…)`.
        value => match construct(value).and_then(|(_, id, data)| data.get("props")?.as_map().filter(|_| id.is_none())) {
            Some(map) => Arg::Map(low_level(map, facts, nesting.saturating_sub(1))),
            None => arn_of(value).map_or_else(|| value.clone(), Arg::Text),
        },
    }
}

pub(super) fn upper_first(name: &str) -> SmolStr {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
