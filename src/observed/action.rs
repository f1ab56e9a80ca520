//! From a recorded request to the permissions it used.

use smol_str::SmolStr;

use super::Permission;
use crate::catalog::{Authorization, Catalog, Grant, Reason, Scope};
use crate::policy::{ArnPattern, RenderContext};
use crate::sdk::tables::services_called;
use crate::value::{Arg, ArgMap, Hole, Text};

/// A request as a record has it.
#[derive(Debug, Default)]
pub(super) struct Request<'r> {
    /// The service: an event source's first labels, or an SDK's id.
    pub(super) service: &'r str,
    /// The operation, perhaps with the version of the API behind it.
    pub(super) operation: &'r str,
    /// The parameters.
    pub(super) params: ArgMap,
    /// Whether the record has parameters at all.
    pub(super) has_params: bool,
    /// The ARNs that the record itself names.
    pub(super) resources: Vec<SmolStr>,
    /// Where it was made.
    pub(super) partition: Option<SmolStr>,
    /// Where it was made.
    pub(super) region: Option<SmolStr>,
    /// In whose account.
    pub(super) account: Option<SmolStr>,
}

/// What a request used.
pub(super) enum Used {
    /// These permissions; none where none is needed.
    Permissions(Vec<Permission>),
    /// The api-maps do not know.
    Unmapped(String),
}

impl Request<'_> {
    /// What the request used.
    pub(super) fn used(&self) -> Used {
        let catalog = Catalog::embedded();
        let operation = without_version(self.operation);
        let services = services_called(self.service);
        let known = |name: &str| services.iter().copied().find(|service| catalog.entry(service, name).is_some());
        let found = [self.operation, operation].into_iter().find_map(|name| known(name).map(|service| (service, name)));
        let label = || format!("{}:{operation}", self.service);
        let Some((service, operation)) = found else {
            // Actions without an operation of their own are recorded under their own names.
            return match catalog.action(&label()) {
                Some(info) => Used::Permissions(self.plain(info.action.as_str())),
                None => Used::Unmapped(label()),
            };
        };
        let mut params = self.params.clone();
        params.open = !self.has_params;
        match catalog.authorize(service, operation, &params, None) {
            Authorization::Permissionless => Used::Permissions(Vec::new()),
            Authorization::Unknown(_) => match catalog.action(&label()) {
                Some(info) => Used::Permissions(self.plain(info.action.as_str())),
                None => Used::Unmapped(label()),
            },
            Authorization::Grants(grants) => {
                // What the service does elsewhere with the caller's rights leaves records of its own.
                let own = grants.iter().filter(|grant| grant.reason == Reason::Direct);
                let mut all: Vec<Permission> = own.flat_map(|grant| self.permissions(grant)).collect();
                all.sort();
                all.dedup();
                Used::Permissions(all)
            }
        }
    }

    fn plain(&self, action: &str) -> Vec<Permission> {
        let permission = |resource: SmolStr| Permission { action: action.into(), resource };
        let named = self.named(action);
        if named.is_empty() { vec![permission(SmolStr::new_static("*"))] } else { named.into_iter().map(permission).collect() }
    }

    /// The ARNs of the record that belong to the action's service.
    fn named(&self, action: &str) -> Vec<SmolStr> {
        let service = action.split(':').next().unwrap_or_default();
        let own = |arn: &&SmolStr| arn.split(':').nth(2).is_some_and(|other| other == service);
        self.resources.iter().filter(own).cloned().collect()
    }

    fn permissions(&self, grant: &Grant) -> Vec<Permission> {
        let permission = |resource: SmolStr| Permission { action: grant.action.clone(), resource };
        if grant.scope == Scope::Account {
            return vec![permission(SmolStr::new_static("*"))];
        }
        let filled: Vec<SmolStr> = grant.resources.iter().map(|text| self.filled(text)).collect();
        // The record may name what the parameters leave open.
        let open = |resource: &SmolStr| resource.contains('*');
        let named = self.named(&grant.action);
        if filled.iter().any(open) && !named.is_empty() {
            let fits: Vec<SmolStr> = named
                .iter()
                .filter(|arn| filled.iter().any(|known| ArnPattern::parse(known).covers(&ArnPattern::parse(arn))))
                .cloned()
                .collect();
            if !fits.is_empty() {
                return fits.into_iter().map(permission).collect();
            }
        }
        filled.into_iter().map(permission).collect()
    }

    /// A resource with what the record says about the place.
    fn filled(&self, text: &Text) -> SmolStr {
        let known = |hole: &Hole| {
            let value = match hole {
                Hole::Partition => self.partition.clone(),
                Hole::Region => self.region.clone(),
                Hole::Account => self.account.clone(),
                _ => None,
            };
            value.map(Text::literal)
        };
        ArnPattern::render_text(&text.fill(known), &RenderContext::plain()).into()
    }
}

/// Some services put the version of their API behind an operation's name: `CreateFunction20150331`,
/// `UpdateFunctionCode20150331v2`, `CreateInvalidation2020_05_31`.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html>
fn without_version(operation: &str) -> &str {
    let is_version = |text: &str| {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        digits >= 8 && text.starts_with("20") && text.chars().all(|c| c.is_ascii_digit() || c == '_' || c == 'v')
    };
    let starts = operation.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at);
    starts
        .map(|at| operation.split_at(at))
        .find(|(name, rest)| !name.is_empty() && is_version(rest))
        .map_or(operation, |(name, _)| name)
}

/// Parameters as `CloudTrail` writes them: names begin with a small letter, those of some services with a capital one.
/// Depth is bounded by the JSON reader.
pub(super) fn params(json: &serde_json::Value) -> ArgMap {
    let mut map = ArgMap::default();
    let Some(entries) = json.as_object() else { return map };
    for (key, value) in entries {
        let value = arg(value);
        let capital: String = key.char_indices().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c }).collect();
        // S3 records the parameters of its REST interface.
        if key == "bucketName" {
            map.entries.insert("Bucket".into(), value.clone());
        }
        map.entries.insert(capital.into(), value.clone());
        map.entries.insert(key.as_str().into(), value);
    }
    map
}

fn arg(json: &serde_json::Value) -> Arg {
    use serde_json::Value;
    match json {
        Value::Null => Arg::Null,
        Value::Bool(value) => Arg::Bool(*value),
        Value::Number(number) => Arg::Number(number.to_string().into()),
        // CloudTrail writes this where it keeps a value back.
        Value::String(text) if text.starts_with("HIDDEN_DUE_TO_") || text == "***" => Arg::unknown("hidden in the record"),
        Value::String(text) => Arg::text(text),
        Value::Array(items) => Arg::List { items: items.iter().map(arg).collect(), open: false },
        Value::Object(_) => Arg::Map(params(json)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(service: &str, operation: &str, params: serde_json::Value) -> Vec<String> {
        let request = Request {
            service,
            operation,
            params: super::params(&params),
            has_params: true,
            region: Some("eu-west-1".into()),
            account: Some("123456789012".into()),
            partition: Some("aws".into()),
            ..Request::default()
        };
        match request.used() {
            Used::Permissions(all) => all.iter().map(|one| format!("{} {}", one.action, one.resource)).collect(),
            Used::Unmapped(what) => vec![format!("unmapped {what}")],
        }
    }

    #[test]
    fn records_are_named_as_iam_names_them() {
        use serde_json::json;
        let table = json!({"tableName": "orders"});
        assert_eq!(used("dynamodb", "GetItem", table), ["dynamodb:GetItem arn:aws:dynamodb:eu-west-1:123456789012:table/orders"]);
        let object = json!({"bucketName": "photos", "key": "a/b.png"});
        assert_eq!(used("s3", "GetObject", object.clone()), ["s3:GetObject arn:aws:s3:::photos/a/b.png"]);
        assert_eq!(used("s3", "HeadObject", object), ["s3:GetObject arn:aws:s3:::photos/a/b.png"]);
        assert_eq!(used("monitoring", "PutMetricData", json!({})), ["cloudwatch:PutMetricData *"]);
        let function = json!({"functionName": "f"});
        let get = ["lambda:GetFunction arn:aws:lambda:eu-west-1:123456789012:function:f"];
        assert_eq!(used("lambda", "GetFunction20150331v2", function), get);
        assert_eq!(used("sts", "GetCallerIdentity", json!({})), [] as [&str; 0]);
        assert_eq!(used("nonsense", "Do", json!({})), ["unmapped nonsense:Do"]);
    }
}
