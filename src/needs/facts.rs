//! Reads `api-maps/settings.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use smol_str::SmolStr;

use super::Variables;
use crate::catalog::{AccessLevel, Catalog, Encryption, Grant, GrantCondition, Reason, Scope};
use crate::embedded;
use crate::value::{Hole, Piece, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    settings: Vec<Fact>,
    /// What any poller that reaches into a VPC needs.
    network: Vec<GrantFact>,
    events: BTreeMap<String, EventFact>,
    /// Parts of events that hold what somebody else sent, and the page that says so.
    carriers: BTreeMap<String, String>,
    conveniences: BTreeMap<String, Convenience>,
}

/// What a setting needs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fact {
    /// The setting.
    pub(super) kind: String,
    /// The service of what it names, where the needs depend on that.
    #[serde(default)]
    service: Option<String>,
    /// How a sentence names it.
    #[serde(default)]
    pub(super) what: String,
    /// The values that count; all do when it is empty.
    #[serde(default)]
    pub(super) values: Vec<String>,
    /// What stands for the resource when it is not known.
    #[serde(default)]
    any: Option<String>,
    /// The documentation page.
    doc: String,
    /// The month in which someone held the entry against the page.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the file, and checked by a test"))]
    verified: Option<String>,
    /// The policy that AWS keeps for the setting: the grants are its actions, those for logs left out.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the file, and checked by a test"))]
    managed: Option<String>,
    /// What that policy allows besides and the setting does not need, with the reason.
    #[serde(default)]
    omitted: BTreeMap<String, String>,
    /// What else roles have for the setting, with the reason.
    #[serde(default)]
    besides: BTreeMap<String, String>,
    /// Actions that roles have in place of others, by those: mappings are known to work with either.
    #[serde(default)]
    pub(super) instead: BTreeMap<String, String>,
    /// Whether what polls needs a network, too.
    #[serde(default)]
    network: Option<Network>,
    grants: Vec<GrantFact>,
}

/// When a poller reaches into a VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Network {
    /// Whatever it polls is in one.
    Always,
    /// Where the event names a subnet.
    WithSubnet,
}

/// Some actions on one resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantFact {
    actions: Vec<String>,
    /// The ARN with variables; the grant does not count when one of them has no value.
    resource: String,
    /// What a customer key behind the resource needs.
    #[serde(default)]
    key: Vec<String>,
    #[serde(default)]
    condition: Option<ConditionFact>,
    /// Why functions also run without it.
    #[serde(default)]
    spare: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionFact {
    operator: String,
    key: String,
    value: String,
}

/// What a part of an event names, when the function is invoked by what its template says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventFact {
    /// The kinds of sources whose events have it, as services or as SAM's lower-case event types.
    pub sources: Vec<String>,
    /// The documentation page.
    pub doc: String,
}

/// What a library calls a part of an event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Convenience {
    /// The part.
    means: String,
    /// The documentation page.
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the file, and checked by a test"))]
    doc: String,
}

fn file() -> &'static File {
    static FILE: LazyLock<File> =
        LazyLock::new(|| embedded::get("settings.json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default());
    &FILE
}

/// What a setting needs, by its kind and the service of what it names.
pub(super) fn fact(kind: &str, service: Option<&str>) -> Option<&'static Fact> {
    facts(kind, service).next()
}

/// The same of all services, where none is given.
pub(super) fn facts<'n>(kind: &'n str, service: Option<&'n str>) -> impl Iterator<Item = &'static Fact> + use<'n> {
    file().settings.iter().filter(move |fact| fact.kind == kind && (service.is_none() || fact.service.as_deref() == service))
}

/// What parts of events name, by their dotted path.
pub fn event_facts() -> &'static BTreeMap<String, EventFact> {
    &file().events
}

/// The path of a part of an event as the service that made the event writes it: without the names that libraries have for parts, and
/// without what carried it.
pub fn raw_path(path: &str) -> SmolStr {
    /// How many messages may be inside of each other.
    const MAX_NESTED: usize = 6;
    let mut path = SmolStr::from(path);
    for _ in 0..MAX_NESTED {
        let within = |part: &str| match path.strip_prefix(part)? {
            "" => Some(""),
            rest => rest.strip_prefix('.'),
        };
        let convenience = file().conveniences.iter().rev().find_map(|(part, known)| Some((known.means.as_str(), within(part)?)));
        let carried = || file().carriers.keys().rev().find_map(|part| within(part).filter(|rest| !rest.is_empty()));
        path = match convenience {
            Some((means, "")) => means.into(),
            Some(("", rest)) => rest.into(),
            Some((means, rest)) => smol_str::format_smolstr!("{means}.{rest}"),
            None => match carried() {
                Some(rest) => rest.into(),
                None => break,
            },
        };
    }
    path
}

impl Fact {
    /// What stands for the resource when it is not known.
    pub(super) fn any(&self) -> Option<Text> {
        self.any.as_deref().map(|text| with_context(&Text::literal(text)))
    }

    /// Every action that has to do with the setting, also those that functions run without; not what customer keys need.
    pub(super) fn actions(&'static self) -> impl Iterator<Item = &'static str> {
        let network = file().network.iter().filter(|_| self.network.is_some());
        let granted = self.grants.iter().chain(network).flat_map(|grant| &grant.actions);
        granted.chain(self.omitted.keys()).chain(self.besides.keys()).map(String::as_str)
    }

    /// The permissions, with what customer keys behind their resources need.
    pub(super) fn grants(&self, variables: &Variables) -> Vec<(Grant, Option<Encryption>)> {
        let mut grants = Vec::new();
        let in_network = match self.network {
            Some(Network::Always) => true,
            Some(Network::WithSubnet) => variables.get("subnet").is_some_and(|subnets| !subnets.is_empty()),
            None => false,
        };
        let network = file().network.iter().filter(|_| in_network);
        for fact in self.grants.iter().chain(network) {
            let resources = fill(&fact.resource, variables);
            if resources.is_empty() {
                continue;
            }
            let scope = if fact.resource == "*" { Scope::Account } else { Scope::Resource };
            let conditions: Vec<GrantCondition> = fact.condition.iter().map(|condition| condition.fill(variables)).collect();
            for action in &fact.actions {
                let level = Catalog::embedded().action(action).map_or(AccessLevel::Write, |info| info.access_level);
                let grant = Grant {
                    action: action.as_str().into(),
                    resources: resources.clone(),
                    scope,
                    conditions: conditions.clone(),
                    access_level: level,
                    spare: fact.spare.is_some(),
                    reason: Reason::Direct,
                    citation: Some(self.doc.as_str().into()),
                };
                grants.push((grant, fact.encryption()));
            }
        }
        grants
    }
}

impl GrantFact {
    fn encryption(&self) -> Option<Encryption> {
        let service = self.actions.first().and_then(|action| action.split(':').next())?;
        let actions: Vec<SmolStr> = self.key.iter().map(SmolStr::from).collect();
        (!actions.is_empty()).then(|| Encryption { actions, via_service: service.into(), note: None })
    }
}

impl ConditionFact {
    fn fill(&self, variables: &Variables) -> GrantCondition {
        GrantCondition {
            operator: self.operator.as_str().into(),
            key: self.key.as_str().into(),
            values: fill(&self.value, variables),
        }
    }
}

/// A template with its variables filled in, once for every value they have; nothing when one has none.
fn fill(template: &str, variables: &Variables) -> Vec<Text> {
    Text::each_of_template(template, |name| match context(name) {
        Some(hole) => vec![Text::hole(hole)],
        None => variables.get(name).cloned().unwrap_or_default(),
    })
}

/// The text with `${Partition}`, `${Region}` and `${Account}` in it made holes.
pub(super) fn with_context(text: &Text) -> Text {
    let mut out = Text::default();
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => {
                for filled in fill(literal, &Variables::new()) {
                    out.push_text(&filled);
                }
            }
            hole @ Piece::Hole(_) => out.push(hole.clone()),
        }
    }
    out
}

fn context(name: &str) -> Option<Hole> {
    match name {
        "Partition" => Some(Hole::Partition),
        "Region" => Some(Hole::Region),
        "Account" => Some(Hole::Account),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_action_is_one_and_every_fact_cites_its_page() {
        let file: File = serde_json::from_str(embedded::get("settings.json").expect("embedded")).expect("well-formed");
        let catalog = Catalog::embedded();
        for fact in &file.settings {
            let name = format!("{} {:?}", fact.kind, fact.service);
            assert!(fact.doc.starts_with("https://docs.aws.amazon.com/"), "{name}");
            assert!(
                fact.besides.keys().all(|action| catalog.action(action).is_some_and(|info| info.action == *action)),
                "{name}"
            );
            for grant in fact.grants.iter().chain(&file.network) {
                for action in grant.actions.iter().chain(&grant.key) {
                    assert!(catalog.action(action).is_some_and(|info| info.action == *action), "{name}: {action}");
                }
                // `*` stands where IAM takes no narrower resource, and nowhere else.
                let narrow = grant.resource != "*";
                for action in &grant.actions {
                    let supported = catalog.action(action).is_some_and(|info| info.supports_resources());
                    assert_eq!(narrow, supported, "{name}: {action} on {}", grant.resource);
                }
            }
        }
        let cites = |doc: &str| {
            ["https://docs.aws.amazon.com/", "https://docs.powertools.aws.dev/"].iter().any(|site| doc.starts_with(site))
        };
        for (path, event) in &file.events {
            assert!(cites(&event.doc) && !event.sources.is_empty(), "{path}");
        }
        for (part, doc) in file.carriers.iter().chain(file.conveniences.iter().map(|(part, known)| (part, &known.doc))) {
            assert!(cites(doc), "{part}");
        }
    }

    #[test]
    fn paths_are_those_of_the_raw_event() {
        for (path, raw) in [
            ("records[].s3.bucket.name", "Records[].s3.bucket.name"),
            ("bucket_name", "Records[].s3.bucket.name"),
            ("bucket_name_of_mine", "bucket_name_of_mine"),
            ("record.sns.topic_arn", "Records[].Sns.TopicArn"),
            ("raw_event.Records[].s3.bucket.name", "Records[].s3.bucket.name"),
            ("Records[].body.Message.Records[].s3.bucket.name", "Records[].s3.bucket.name"),
            ("records[].decoded_nested_s3_event.bucket_name", "Records[].s3.bucket.name"),
            ("Records[].body", "Records[].body"),
            ("resource_properties.Table", "ResourceProperties.Table"),
        ] {
            assert_eq!(raw_path(path), raw);
        }
    }

    #[test]
    fn what_aws_allows_for_a_setting_is_granted_and_nothing_beside_it() {
        let file: File = serde_json::from_str(embedded::get("settings.json").expect("embedded")).expect("well-formed");
        let with_policy = file.settings.iter().filter_map(|fact| fact.managed.as_ref().map(|name| (fact, name)));
        for (fact, name) in with_policy {
            let text = Catalog::embedded().managed_policy(name).expect("a policy that AWS keeps");
            let policy: serde_json::Value = serde_json::from_str(text).expect("well-formed");
            let statements =
                policy["document"]["Statement"].as_array().or_else(|| policy["Statement"].as_array()).expect("statements");
            let listed = statements.iter().flat_map(|statement| statement["Action"].as_array().into_iter().flatten());
            let allowed: BTreeSet<&str> =
                listed.filter_map(|action| action.as_str()).filter(|action| !action.starts_with("logs:")).collect();
            let network = file.network.iter().filter(|_| fact.network.is_some());
            let grants = fact.grants.iter().chain(network);
            let granted: BTreeSet<&str> = grants.flat_map(|grant| &grant.actions).map(String::as_str).collect();
            let omitted: BTreeSet<&str> = fact.omitted.keys().map(String::as_str).collect();
            assert!(omitted.is_disjoint(&granted) && omitted.is_subset(&allowed), "{name}");
            let services: BTreeSet<&str> = allowed.iter().filter_map(|action| action.split(':').next()).collect();
            let same_services = granted
                .iter()
                .copied()
                .filter(|action| action.split(':').next().is_some_and(|service| services.contains(service)));
            let expected: BTreeSet<&str> = allowed.difference(&omitted).copied().collect();
            assert_eq!(same_services.collect::<BTreeSet<_>>(), expected, "{name}");
        }
        let months = file.settings.iter().filter_map(|fact| fact.verified.as_ref());
        assert!(months.into_iter().all(|month| month.len() == 7 && month.starts_with("20")));
    }

    #[test]
    fn a_template_is_filled_once_for_every_value_and_not_without_one() {
        let variables = Variables::from([("secret", vec![Text::literal("a"), Text::literal("b")]), ("none", Vec::new())]);
        assert_eq!(fill("${secret}/*", &variables), [Text::literal("a/*"), Text::literal("b/*")]);
        assert_eq!(fill("x${none}", &variables), []);
        assert_eq!(fill("${unknown}", &variables), []);
        assert_eq!(fill("*", &variables), [Text::literal("*")]);
    }
}
