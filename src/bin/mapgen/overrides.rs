//! The hand-kept corrections: `api-maps/overrides/<service>.json`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use leash::catalog::format::{ConditionEntry, Kin, NoteEntry, ResourceEntry, When};
use serde::Deserialize;

use super::tags::Tags;

/// The corrections of one service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceOverrides {
    pub(crate) service: String,
    /// The page that entries without their own rest on.
    pub(crate) doc: Option<String>,
    /// When someone last held the entries against it.
    pub(crate) verified: Option<String>,
    /// The service's page in the service authorization reference, where its prefix has several.
    pub(crate) page: Option<String>,
    /// IAM prefixes, where they do not follow from the model.
    pub(crate) prefixes: Option<Vec<String>>,
    /// Templates for ARN variables: `"BucketName": "${param:Bucket}"`, or `"type/Variable"` for one resource type.
    #[serde(default)]
    pub(crate) bind: BTreeMap<String, String>,
    /// Whole templates for resource types, for all operations whose input has their parameters.
    #[serde(default)]
    pub(crate) arns: BTreeMap<String, Vec<ResourceEntry>>,
    /// Whether actions are HTTP verbs on the request's path, as for API Gateway.
    #[serde(default)]
    pub(crate) http_verbs: bool,
    /// The action that tagging a resource on its creation needs besides.
    pub(crate) tag_on_create: Option<TagOnCreate>,
    /// The principal of the service-linked role that some operations make when the account lacks it.
    pub(crate) service_linked_role: Option<String>,
    /// Why operations without an action are unknown, where the service as a whole explains it.
    pub(crate) unknown: Option<String>,
    /// Customer-managed keys behind resources.
    #[serde(default)]
    pub(crate) encryption: Vec<EncryptionOverride>,
    /// Parameters whose names the service keeps in lower case.
    pub(crate) lower: Option<Lower>,
    /// Other services whose resources the same parameter may name.
    #[serde(default)]
    pub(crate) kin: Vec<Kin>,
    /// What the caller needs on keys that parameters name.
    #[serde(default)]
    pub(crate) keys: Vec<KeyRule>,
    /// Corrections by operation; a key may list several, separated by commas.
    #[serde(default)]
    pub(crate) operations: BTreeMap<String, OperationOverride>,
}

/// What a service asks for when a resource gets its tags as it is created.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagOnCreate {
    /// The page that says so.
    pub(crate) doc: String,
    pub(crate) action: String,
    /// The parameters that hold tags.
    pub(crate) params: Vec<String>,
    /// A condition key that is held against the operation's name (`ec2:CreateAction`).
    pub(crate) condition: Option<String>,
    /// What operations call the resource types whose own names abbreviate.
    #[serde(default)]
    pub(crate) names: BTreeMap<String, String>,
    /// The template, where it does not follow from the operation's parameters.
    pub(crate) resource: Option<String>,
}

/// The corrections of one operation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationOverride {
    /// Instead of the generated grants.
    pub(crate) grants: Option<Vec<GrantOverride>>,
    /// Besides the generated grants.
    #[serde(default)]
    pub(crate) add: Vec<GrantOverride>,
    /// Dependent actions: what the operation triggers with the caller's rights, on resources as generated.
    #[serde(default)]
    pub(crate) depends: Vec<String>,
    /// Documented dependent actions that the operation does not trigger after all.
    #[serde(default)]
    pub(crate) not_triggered: Vec<String>,
    /// Templates for ARN variables, before those of the service.
    #[serde(default)]
    pub(crate) bind: BTreeMap<String, String>,
    /// Whole templates for resource types, before those of the service.
    #[serde(default)]
    pub(crate) arns: BTreeMap<String, Vec<ResourceEntry>>,
    /// Parameters that SDKs accept beyond the model.
    #[serde(default)]
    pub(crate) client_params: Vec<String>,
    /// Conditions of the first grant.
    #[serde(default)]
    pub(crate) conditions: Vec<ConditionEntry>,
    #[serde(default)]
    pub(crate) permissionless: bool,
    pub(crate) unknown: Option<String>,
    /// Do not derive `iam:PassRole` from the parameters' names.
    #[serde(default)]
    pub(crate) passes_no_role: bool,
    #[serde(default)]
    pub(crate) notes: Vec<NoteEntry>,
    pub(crate) doc: Option<String>,
    pub(crate) verified: Option<String>,
}

/// A grant: only an action, or with everything that differs from what is generated for the action.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum GrantOverride {
    Action(String),
    Full(Box<FullGrant>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FullGrant {
    pub(crate) action: String,
    /// Templates instead of generated ones.
    pub(crate) resources: Option<Vec<ResourceEntry>>,
    pub(crate) optional: Option<Vec<ResourceEntry>>,
    /// Only these of the action's resource types.
    pub(crate) types: Option<Vec<String>>,
    /// Templates for ARN variables, for this grant alone.
    #[serde(default)]
    pub(crate) bind: BTreeMap<String, String>,
    pub(crate) when: Option<When>,
    #[serde(default)]
    pub(crate) conditions: Vec<ConditionEntry>,
    #[serde(default)]
    pub(crate) dependent: bool,
    pub(crate) forward: Option<String>,
}

impl From<GrantOverride> for FullGrant {
    fn from(grant: GrantOverride) -> Self {
        match grant {
            GrantOverride::Full(full) => *full,
            GrantOverride::Action(action) => Self {
                action,
                resources: None,
                optional: None,
                types: None,
                bind: BTreeMap::new(),
                when: None,
                conditions: Vec::new(),
                dependent: false,
                forward: None,
            },
        }
    }
}

/// Names that ARNs have in lower case, whatever the request spells.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lower {
    /// The page that says so.
    pub(crate) doc: String,
    /// The last names of the parameters, or what they end with.
    pub(crate) params: Vec<String>,
}

/// What the caller needs on the keys that a request names, for several operations at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRule {
    /// The page that says so.
    pub(crate) doc: String,
    /// When someone last held the rule against it.
    #[expect(dead_code, reason = "for those who check the rules")]
    pub(crate) verified: Option<String>,
    /// Nothing where the service or a role uses the key with rights of its own.
    pub(crate) actions: Vec<String>,
    /// The first label of `kms:ViaService`, where the service is listed with it.
    pub(crate) via: Option<String>,
    /// The paths or last names of the parameters; without, all that name a key.
    #[serde(default)]
    pub(crate) params: Vec<String>,
    /// Without, all operations, as far as no other rule speaks for the parameter.
    #[serde(default)]
    pub(crate) operations: Vec<String>,
    /// Whether the key lies in another region.
    #[serde(default)]
    pub(crate) elsewhere: bool,
    pub(crate) when: Option<When>,
    /// What the user should read when such a key is given.
    pub(crate) note: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EncryptionOverride {
    pub(crate) operations: Vec<String>,
    pub(crate) actions: Vec<String>,
    pub(crate) via: String,
    pub(crate) note: Option<String>,
    pub(crate) when: Option<When>,
}

/// How roles are passed: `api-maps/overrides/_pass-role.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PassRole {
    /// The page the rule rests on.
    pub(crate) doc: String,
    /// The page that names the services.
    pub(crate) principals_doc: String,
    /// The services that the role may be passed to, by `service/LastNameOfParameter`, by `service.Operation`, or by botocore's
    /// service name.
    pub(crate) principals: BTreeMap<String, OneOrSeveral>,
    /// Last names of parameters that pass a role although their names do not end in `RoleArn`; as in the next lists, of all
    /// services or of one (`service/Name`, `service/Outer.Name`).
    pub(crate) params: Vec<String>,
    /// Last names of parameters that take an instance profile.
    pub(crate) profiles: Vec<String>,
    /// Services whose parameters of such names pass no role.
    pub(crate) not_services: Vec<String>,
    /// Last names of parameters that pass no role: they name one that is assumed, perhaps in another account.
    pub(crate) not_params: Vec<String>,
}

/// A value, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

impl OneOrSeveral {
    pub(crate) fn to_vec(&self) -> Vec<String> {
        match self {
            Self::One(value) => vec![value.clone()],
            Self::Several(values) => values.clone(),
        }
    }
}

/// All overrides.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) services: BTreeMap<String, ServiceOverrides>,
    pub(crate) pass_role: PassRole,
    pub(crate) tags: Tags,
}

impl Overrides {
    /// Reads a folder of overrides.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut out = Self::default();
        for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".json")) else {
                continue;
            };
            let text = std::fs::read(&path)?;
            let context = || format!("cannot read {}", path.display());
            if name == "_pass-role" {
                out.pass_role = serde_json::from_slice(&text).with_context(context)?;
                let pages = [&out.pass_role.doc, &out.pass_role.principals_doc];
                ensure!(pages.iter().all(|page| page.starts_with("https://")), "{} cites no page", path.display());
                continue;
            }
            if name == "_tag-on-create" {
                out.tags = serde_json::from_slice(&text).with_context(context)?;
                ensure!(out.tags.doc.starts_with("https://"), "{} cites no page", path.display());
                continue;
            }
            let mut file: ServiceOverrides = serde_json::from_slice(&text).with_context(context)?;
            ensure!(file.service == name, "{}: names the service {}", path.display(), file.service);
            let cites = file.tag_on_create.as_ref().is_none_or(|rule| rule.doc.starts_with("https://"));
            ensure!(cites, "{}: tag_on_create cites no page", path.display());
            let pages = file.lower.iter().map(|rule| &rule.doc).chain(file.kin.iter().map(|kin| &kin.doc));
            let mut pages = pages.chain(file.keys.iter().map(|rule| &rule.doc));
            ensure!(pages.all(|page| page.starts_with("https://")), "{}: a general rule cites no page", path.display());
            file.spread_lists()?;
            out.services.insert(name.to_owned(), file);
        }
        Ok(out)
    }
}

impl ServiceOverrides {
    /// Gives each operation of a key such as `"A, B"` its own entry.
    fn spread_lists(&mut self) -> Result<()> {
        let listed = std::mem::take(&mut self.operations);
        for (names, value) in listed {
            for name in names.split(',').map(str::trim) {
                let first = self.operations.insert(name.to_owned(), value.clone()).is_none();
                ensure!(first, "overrides/{}.json corrects {name} twice", self.service);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_corrected_in_one_place() -> Result<()> {
        let text = r#"{"service":"thing","operations":{"GetThing, PutThing":{},"PutThing":{}}}"#;
        let mut file: ServiceOverrides = serde_json::from_str(text)?;
        let found = file.spread_lists().err().map(|error| error.to_string());
        assert_eq!(found.as_deref(), Some("overrides/thing.json corrects PutThing twice"));
        Ok(())
    }
}
