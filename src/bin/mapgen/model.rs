//! botocore's service models, as far as the maps need them.

use std::collections::BTreeMap;

use anyhow::Result;
use leash::catalog::split_marks;
use serde::Deserialize;

use super::names::{Name, plain};
use super::packages::Package;

/// A service: its operations and the shapes of their inputs.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) endpoint_prefix: String,
    pub(crate) signing_name: Option<String>,
    #[serde(default)]
    pub(crate) service_id: String,
    #[serde(default)]
    signature_version: String,
    #[serde(default)]
    auth: Vec<String>,
}

impl Metadata {
    /// Whether all requests of the service are authorized by bearer tokens.
    pub(crate) fn is_bearer(&self) -> bool {
        self.signature_version == "bearer" || !self.auth.is_empty() && self.auth.iter().all(|auth| auth.contains("Bearer"))
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) http: Http,
    input: Option<Reference>,
    authtype: Option<String>,
    #[serde(default)]
    auth: Vec<String>,
    #[serde(default)]
    documentation: String,
}

impl Operation {
    /// Whether the API reference, which the model quotes, names an action.
    pub(crate) fn documents(&self, action: &str) -> bool {
        self.documentation.contains(action)
    }

    /// Whether the operation itself asks for AWS's signature.
    pub(crate) fn is_signed(&self) -> bool {
        self.auth.iter().any(|auth| auth.starts_with("aws.auth#"))
    }

    /// Whether requests carry no AWS signature, or one that IAM does not look at (bearer tokens).
    pub(crate) fn is_unsigned(&self) -> bool {
        !self.is_signed() && (matches!(self.authtype.as_deref(), Some("none" | "bearer")) || !self.auth.is_empty())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    shape: String,
    location: Option<String>,
    location_name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Shape {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    members: BTreeMap<String, Reference>,
    #[serde(default)]
    required: Vec<String>,
    member: Option<Reference>,
    value: Option<Reference>,
    #[serde(default, rename = "enum")]
    choices: Vec<String>,
}

impl Shape {
    fn is_text_or_number(&self) -> bool {
        matches!(self.kind.as_str(), "string" | "integer" | "long")
    }

    /// The shape of each item of a list or, if asked for, of each value of a map, with its mark in paths.
    fn inner(&self, maps: bool) -> Option<(&'static str, &str)> {
        match self.kind.as_str() {
            "list" => Some(("[]", &self.member.as_ref()?.shape)),
            "map" if maps => Some(("{*}", &self.value.as_ref()?.shape)),
            _ => None,
        }
    }
}

/// A string or a number somewhere in an operation's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its path: `Entries[].EventBusName`.
    pub(crate) path: String,
    /// How many structures it is inside of, the input itself not counted.
    pub(crate) depth: usize,
    /// Whether each request gives it.
    pub(crate) required: bool,
    /// What its place in the request's URI is called, if it has one.
    pub(crate) uri: Option<String>,
    /// Whether only some constants are allowed.
    pub(crate) is_enum: bool,
    /// Whether it is a number, which names only what is called the same: a version.
    pub(crate) is_number: bool,
}

impl Member {
    /// The last name of the path, without its marks.
    pub(crate) fn leaf(&self) -> &str {
        split_marks(self.path.rsplit('.').next().unwrap_or_default()).0
    }

    /// Whether it is one of several of its name, in a list or a map.
    pub(crate) fn is_several(&self) -> bool {
        self.path.ends_with([']', '}'])
    }

    /// What it names and how: `Names[]` are names, and the `name` of a `pipeline` is a pipeline's.
    pub(crate) fn name(&self) -> Name {
        let own = if self.is_several() { Name::of_list(self.leaf()) } else { Name::of(self.leaf()) };
        match self.path.rsplit('.').nth(1).map(split_marks) {
            Some((parent, marks)) if own.base.is_empty() => {
                let base = if marks.is_empty() { plain(parent) } else { Name::of_list(parent).base };
                Name { base, kind: own.kind }
            }
            _ => own,
        }
    }
}

/// How deep into an input strings are looked for.
const DEPTH: usize = 3;

/// A walk through the structures of an input.
struct Walk<'a> {
    /// How far in it goes.
    deepest: usize,
    /// Whether it enters maps.
    maps: bool,
    /// The structures that it is in.
    within: Vec<&'a str>,
    out: Vec<Member>,
}

impl Model {
    /// The newest model of each service in the package, by botocore's service name.
    pub(crate) fn all(package: &Package) -> Result<BTreeMap<String, Self>> {
        let newest = package.newest("botocore/data/", "service-2.json");
        newest.into_iter().map(|(service, path)| Ok((service.to_owned(), package.json(path)?))).collect()
    }

    /// The strings and numbers of an operation's input, outermost first.
    pub(crate) fn members(&self, operation: &Operation) -> Vec<Member> {
        self.walk(operation, Walk { deepest: DEPTH, maps: false, within: Vec::new(), out: Vec::new() })
    }

    /// The same, with those that lie further in or in maps: a role is passed wherever it stands.
    pub(crate) fn deep_members(&self, operation: &Operation) -> Vec<Member> {
        self.walk(operation, Walk { deepest: 2 * DEPTH, maps: true, within: Vec::new(), out: Vec::new() })
    }

    fn walk<'a>(&'a self, operation: &'a Operation, mut walk: Walk<'a>) -> Vec<Member> {
        if let Some(input) = &operation.input {
            self.collect(&input.shape, "", 0, true, &mut walk);
        }
        walk.out.sort_by(|left, right| (left.depth, &left.path).cmp(&(right.depth, &right.path)));
        walk.out
    }

    /// The paths of an operation's parameters, and of what lies in those that are structures.
    pub(crate) fn inputs(&self, operation: &Operation) -> [Vec<String>; 2] {
        let members = |shape: &str| self.shapes.get(shape).into_iter().flat_map(|shape| &shape.members);
        let top = || operation.input.iter().flat_map(|input| members(&input.shape));
        let within = top().flat_map(|(outer, target)| members(&target.shape).map(move |(inner, _)| format!("{outer}.{inner}")));
        [top().map(|(name, _)| name.clone()).collect(), within.collect()]
    }

    /// Whether a parameter path leads to something in an operation's input.
    pub(crate) fn has_path(&self, operation: &Operation, path: &str) -> bool {
        let Some(mut shape) = operation.input.as_ref().map(|input| input.shape.as_str()) else { return false };
        for segment in path.split('.') {
            let (name, marks) = split_marks(segment);
            let Some(member) = self.shapes.get(shape).and_then(|shape| shape.members.get(name)) else { return false };
            shape = &member.shape;
            for mark in marks.split_inclusive([']', '}']) {
                let Some(marked) = self.shapes.get(shape) else { return false };
                let inner = if mark == "[]" { marked.member.as_ref() } else { marked.value.as_ref() };
                let Some(inner) = inner else { return false };
                // A key is a text, and the only key's value may be wrapped in its type.
                shape = if matches!(mark, "{}" | "{1}") { "" } else { &inner.shape };
            }
        }
        true
    }

    fn collect<'a>(&'a self, name: &'a str, at: &str, depth: usize, required: bool, walk: &mut Walk<'a>) {
        let Some(shape) = self.shapes.get(name) else { return };
        if depth > walk.deepest || shape.kind != "structure" || walk.within.contains(&name) {
            return;
        }
        walk.within.push(name);
        for (key, member) in &shape.members {
            let mut path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
            // The keys of tags name nothing.
            let of_tags = matches!(plain(key).as_str(), "tags" | "taglist" | "tagslist");
            let mut target = member.shape.as_str();
            while let Some(outer) = self.shapes.get(target)
                && let Some((mark, inner)) = outer.inner(walk.maps && !of_tags)
            {
                path.push_str(mark);
                target = inner;
                if path.ends_with("[][]") || path.ends_with("{*}{*}") {
                    break;
                }
            }
            let several = path.ends_with([']', '}']);
            let needed = required && shape.required.contains(key) && !several;
            match self.shapes.get(target) {
                Some(leaf) if leaf.is_text_or_number() && !path.ends_with("[][]") => walk.out.push(Member {
                    path,
                    depth,
                    required: needed,
                    uri: member.location_name.clone().filter(|_| member.location.as_deref() == Some("uri")),
                    is_enum: !leaf.choices.is_empty(),
                    is_number: leaf.kind != "string",
                }),
                Some(_) if of_tags => {}
                Some(_) => self.collect(target, &path, depth + 1, needed, walk),
                None => {}
            }
        }
        walk.within.pop();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_lies_in_maps_is_a_deep_member_but_no_ordinary_one() -> Result<()> {
        let model: Model = serde_json::from_value(json!({
            "metadata": { "endpointPrefix": "thing" },
            "operations": { "PutThing": { "http": { "method": "POST", "requestUri": "/" }, "input": { "shape": "Input" } } },
            "shapes": {
                "Input": { "type": "structure", "required": ["Name", "Targets"], "members": {
                    "Name": { "shape": "Text" }, "Targets": { "shape": "Targets" }, "Roles": { "shape": "Texts" }, "tags": { "shape": "Texts" },
                } },
                "Targets": { "type": "map", "key": { "shape": "Text" }, "value": { "shape": "List" } },
                "List": { "type": "list", "member": { "shape": "Target" } },
                "Target": { "type": "structure", "required": ["RoleArn"], "members": { "RoleArn": { "shape": "Text" } } },
                "Texts": { "type": "map", "key": { "shape": "Text" }, "value": { "shape": "Text" } },
                "Text": { "type": "string" },
            },
        }))?;
        let operation = &model.operations["PutThing"];
        let paths = |members: Vec<Member>| members.into_iter().map(|member| (member.path, member.required)).collect::<Vec<_>>();
        let path = |path: &str, required| (path.to_owned(), required);
        assert_eq!(paths(model.members(operation)), [path("Name", true)]);
        let deep = [path("Name", true), path("Roles{*}", false), path("Targets{*}[].RoleArn", false)];
        assert_eq!(paths(model.deep_members(operation)), deep);
        for (path, known) in
            [("Targets{*}[].RoleArn", true), ("Roles{}", true), ("Roles{}.RoleArn", false), ("Targets{*}.RoleArn", false)]
        {
            assert_eq!(model.has_path(operation, path), known, "{path}");
        }
        Ok(())
    }
}
