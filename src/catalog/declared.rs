//! AWS's own managed policies and SAM's policy templates: what a function may have been given by name.

use std::collections::BTreeMap;

use super::Catalog;
use super::load::cached;
use crate::embedded;

impl Catalog {
    /// The document of an AWS managed policy, by its name, its path and name, or its ARN.
    pub fn managed_policy(&self, name_or_arn: &str) -> Option<&'static str> {
        let path = match name_or_arn.split_once(":policy/") {
            Some((arn, path)) if arn.ends_with(":iam::aws") => path,
            Some(_) => return None,
            None => name_or_arn,
        };
        let (folder, name) = path.rfind('/').map_or(("", path), |at| path.split_at(at + 1));
        let file = cached(&self.store.policies, "declared", &managed_policy_file(name))?;
        let entry = file.get(name)?;
        (folder.is_empty() && name_or_arn == name || folder == entry.path).then_some(entry.document.get())
    }

    /// One of SAM's policy templates: its `Parameters` and `Definition` as JSON.
    /// Names may be spelled in the way of a library: `DynamoDbCrudPolicy`.
    pub fn sam_policy_template(&self, name: &str) -> Option<&'static str> {
        let alike = || self.sam_policy_templates().iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, raw)| raw);
        self.sam_policy_templates().get(name).or_else(alike).map(|raw| raw.get())
    }

    /// The names of SAM's policy templates.
    pub fn sam_policy_template_names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.sam_policy_templates().keys().copied()
    }

    fn sam_policy_templates(&self) -> &Entries {
        self.store.templates.get_or_init(|| entries("declared/sam-policy-templates.json"))
    }

    /// What a SAM connector gives between two types of `CloudFormation`: its `Type` and `Properties` as JSON.
    pub fn sam_connector(&self, source: &str, destination: &str) -> Option<&'static str> {
        self.sam_connectors().get(format!("{source} {destination}").as_str()).map(|raw| raw.get())
    }

    /// The pairs of types that SAM can connect, with a space between them.
    pub fn sam_connector_pairs(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.sam_connectors().keys().copied()
    }

    fn sam_connectors(&self) -> &Entries {
        self.store.connectors.get_or_init(|| entries("declared/sam-connectors.json"))
    }
}

/// A file of named definitions, each read when it is needed.
pub(super) type Entries = BTreeMap<&'static str, &'static serde_json::value::RawValue>;

fn entries(file: &str) -> Entries {
    let text = embedded::get(file).unwrap_or("{}");
    serde_json::from_str(text).unwrap_or_else(|_| BTreeMap::new())
}

/// Which file of `declared/` holds a managed policy: one per first letter behind `AWS` or `Amazon`.
pub fn managed_policy_file(name: &str) -> String {
    let stem = name.strip_prefix("AWS").or_else(|| name.strip_prefix("Amazon")).unwrap_or(name);
    let letter = stem.chars().find(char::is_ascii_alphanumeric).unwrap_or('_').to_ascii_lowercase();
    format!("managed-policies-{letter}")
}
