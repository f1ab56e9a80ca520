//! The shapes of `api-maps/services`, `api-maps/actions` and their parts, as `api-maps/README.md` explains them.
//!
//! Only this module and the generator know them; everything else meets the types of [`crate::catalog`].

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// A part of a file that is parsed when it is first asked for.
#[derive(Debug)]
pub struct Lazy<'a, T> {
    raw: &'a RawValue,
    parsed: OnceLock<Option<Arc<T>>>,
}

impl<T: for<'de> Deserialize<'de>> Lazy<'_, T> {
    /// The part. The committed files are held to their form by tests; what does not parse counts as missing.
    pub fn get(&self) -> Option<Arc<T>> {
        self.parsed.get_or_init(|| serde_json::from_str(self.raw.get()).ok().map(Arc::new)).clone()
    }
}

impl<'de: 'a, 'a, T> Deserialize<'de> for Lazy<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'a RawValue>::deserialize(deserializer).map(|raw| Self { raw, parsed: OnceLock::new() })
    }
}

/// One file of `api-maps/services`; operations stay unparsed until they are asked for.
#[derive(Debug, Deserialize)]
pub struct ServiceFile<'a> {
    /// botocore's service name, also the file's name.
    pub service: &'a str,
    /// The IAM prefixes its actions live under, best first.
    pub prefixes: Vec<&'a str>,
    /// Its page in the service authorization reference, where a prefix has several.
    #[serde(borrow, default)]
    pub page: Option<&'a str>,
    /// Other services whose resources its requests may name.
    #[serde(default)]
    pub kin: Vec<Kin>,
    /// Operations by name in Pascal case.
    #[serde(borrow)]
    pub operations: BTreeMap<&'a str, Lazy<'a, Entry>>,
}

/// A service with actions of the same names, which authorizes a request instead where a parameter names something of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kin {
    /// Its IAM prefix.
    pub prefix: String,
    /// The parameter.
    pub param: String,
    /// What occurs in the parameter then.
    pub marks: Vec<String>,
    /// Templates instead of those of the service's own action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<ResourceEntry>>,
    /// A sentence for the user about such a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The documentation page it rests on.
    pub doc: String,
}

impl Kin {
    /// The action that it asks for instead of a grant's, where the grant is about what the parameter names.
    pub fn action_instead(&self, grant: &GrantEntry) -> Option<String> {
        let named = format!("${{param:{}", self.param);
        let about = grant.resources.iter().chain(&grant.optional).any(|resource| resource.arn().contains(&named));
        let (_, name) = grant.action.split_once(':').filter(|_| about && grant.forward.is_none())?;
        Some(format!("{}:{name}", self.prefix))
    }
}

/// What one operation needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The permissions, the operation's own first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<GrantEntry>,
    /// Set where the operation needs no permission at all.
    #[serde(default, skip_serializing_if = "is_false")]
    pub permissionless: bool,
    /// Why nothing is known about the operation, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Sentences the user should read, each where its condition holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<NoteEntry>,
    /// What a customer-managed key behind the resource needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<EncryptionEntry>,
    /// The documentation page an entry corrected by hand rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// When someone last held the entry against that page (`2026-11`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<String>,
}

/// One permission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantEntry {
    /// `s3:GetObject`.
    pub action: String,
    /// Templates of the ARNs the request always touches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceEntry>,
    /// Templates of ARNs it touches only when their parameters are given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<ResourceEntry>,
    /// On which parameters the permission depends; absent when it is always needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Conditions that narrow it for free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<ConditionEntry>,
    /// Set where the operation triggers it with the caller's rights (`iam:PassRole`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub dependent: bool,
    /// What the service does with the caller's rights elsewhere, in a few words, where this is forward access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<String>,
    /// The documentation page it rests on, where that is not the entry's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
}

/// An ARN template, with a condition where it is one of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ResourceEntry {
    /// Just the template.
    Plain(String),
    /// A template that counts only under a condition.
    Conditional {
        /// The template.
        arn: String,
        /// The condition.
        when: When,
    },
}

impl ResourceEntry {
    /// The template.
    pub fn arn(&self) -> &str {
        match self {
            Self::Plain(arn) | Self::Conditional { arn, .. } => arn,
        }
    }

    /// The condition, if it has one.
    pub fn when(&self) -> Option<&When> {
        match self {
            Self::Plain(_) => None,
            Self::Conditional { when, .. } => Some(when),
        }
    }
}

/// A test of the request's parameters. Paths are dotted; `[]` means any item of a list, `{}` any key of a map, `{*}` any value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The parameter is given.
    Present(String),
    /// The parameter is not given.
    Absent(String),
    /// The parameter is one of these values.
    Equals(Choice),
    /// The parameter begins with one of these.
    Prefix(Choice),
    /// One of these occurs in the parameter.
    Contains(Choice),
    /// The parameter is known to be an ARN; a value of unknown form counts as a name.
    Arn(String),
    /// The parameter is, behind a scheme, an attribute of a resource of the template.
    Reference(String),
    /// The parameter, a `PartiQL` statement, begins with one of these verbs.
    Partiql(Choice),
    /// The parameter, an SQL statement, begins with one of these sequences of words; `*` stands for a name.
    Statement(Choice),
    /// The parameter is a map rather than a string.
    Map(String),
    /// The parameter is given, and is no alias of the keys that AWS keeps for its services.
    CustomerKey(String),
    /// Each of these holds.
    All(Vec<When>),
    /// One of these holds.
    Any(Vec<When>),
    /// This does not hold.
    Not(Box<When>),
    /// This holds for certain: an unknown value does not do.
    Certain(Box<When>),
}

/// A parameter and the values it is held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The parameter's path.
    pub param: String,
    /// The values.
    pub values: Vec<String>,
}

/// A condition of the policy statement; left out when a value does not follow from the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionEntry {
    /// `StringEquals`.
    pub operator: String,
    /// `iam:PassedToService`.
    pub key: String,
    /// Templates of the values.
    pub values: Vec<String>,
    /// On which parameters the condition depends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Whether it narrows so much that it only counts where someone asks for it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub on_request: bool,
}

/// A sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteEntry {
    /// The sentence.
    pub text: String,
    /// When it is worth saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
}

/// What a customer-managed KMS key behind the resource needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncryptionEntry {
    /// `kms:Decrypt` and its like.
    pub actions: Vec<String>,
    /// The service that uses the key, for `kms:ViaService` (`s3` in `s3.eu-west-1.amazonaws.com`).
    pub via: String,
    /// One sentence for the user where no template says which key it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When the note is worth saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
}

/// One file of `api-maps/actions`.
#[derive(Debug, Deserialize)]
pub struct ActionsFile<'a> {
    /// The IAM prefix, also the file's name.
    pub prefix: &'a str,
    /// The service's name.
    pub name: String,
    /// Its page in AWS's service authorization reference; empty where none is known.
    #[serde(default)]
    pub page: &'a str,
    /// ARN formats by resource type.
    #[serde(borrow)]
    pub resources: BTreeMap<&'a str, &'a str>,
    /// Sets of condition keys that several actions share, by number.
    pub condition_sets: Vec<Vec<&'a str>>,
    /// Actions by name.
    #[serde(borrow)]
    pub actions: BTreeMap<&'a str, Lazy<'a, ActionEntry>>,
}

/// One action of [`ActionsFile`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionEntry {
    /// `List`, `Read`, `Write`, `Tagging` or `Permissions`.
    pub level: String,
    /// Resource types it requires, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Resource types it can be granted on, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<String>,
    /// Its condition keys: an index into the file's `condition_sets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<usize>,
    /// Actions that documentation says it may need besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependent: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references to its predicates")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl When {
    /// The condition as a phrase that follows "when".
    pub fn phrase(&self) -> String {
        let list = |parts: &[Self], word: &str| parts.iter().map(Self::phrase).collect::<Vec<_>>().join(word);
        match self {
            Self::Present(param) => format!("{param} is given"),
            Self::Absent(param) => format!("{param} is not given"),
            Self::Equals(choice) => format!("{} is {}", choice.param, choice.values.join(" or ")),
            Self::Prefix(choice) => format!("{} begins with {}", choice.param, choice.values.join(" or ")),
            Self::Contains(choice) => format!("{} contains {}", choice.param, choice.values.join(" or ")),
            Self::Arn(param) => format!("{param} is an ARN"),
            Self::Reference(param) => format!("{param} is that of a resource of the template"),
            Self::Certain(inner) => inner.phrase(),
            Self::Partiql(choice) => format!("{} is a PartiQL {}", choice.param, choice.values.join(" or ").to_uppercase()),
            Self::Statement(choice) => format!("{} is a statement {}", choice.param, choice.values.join(" or ")),
            Self::Map(param) => format!("{param} is a map"),
            Self::CustomerKey(param) => format!("{param} names a customer-managed key"),
            Self::All(parts) => list(parts, " and "),
            Self::Any(parts) => list(parts, " or "),
            Self::Not(inner) => format!("not ({})", inner.phrase()),
        }
    }

    /// Every parameter path it reads.
    pub fn params(&self) -> Vec<&str> {
        match self {
            Self::Present(param)
            | Self::Absent(param)
            | Self::Map(param)
            | Self::Arn(param)
            | Self::Reference(param)
            | Self::CustomerKey(param) => vec![param],
            Self::Equals(choice)
            | Self::Prefix(choice)
            | Self::Contains(choice)
            | Self::Partiql(choice)
            | Self::Statement(choice) => vec![&choice.param],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::params).collect(),
            Self::Not(inner) | Self::Certain(inner) => inner.params(),
        }
    }
}
