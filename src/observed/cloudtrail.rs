//! Records of `CloudTrail`, in each of the forms in which they can be had.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::Who;
use super::action::{Request, params};

/// One record.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Record {
    pub(super) event_source: Option<String>,
    pub(super) event_name: Option<String>,
    aws_region: Option<String>,
    error_code: Option<Value>,
    user_identity: Option<Identity>,
    request_parameters: Option<Value>,
    resources: Option<Value>,
    recipient_account_id: Option<String>,
    /// Events as `EventBridge` delivers them have the record inside.
    detail: Option<Box<RawValue>>,
    /// `aws cloudtrail lookup-events` has the record as a text.
    #[serde(rename = "CloudTrailEvent")]
    inside: Option<String>,
    /// So have the events of a log group that a trail writes to.
    message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Identity {
    r#type: Option<String>,
    arn: Option<String>,
    account_id: Option<String>,
    principal_id: Option<String>,
    session_context: Option<Session>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Session {
    session_issuer: Option<Issuer>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Issuer {
    user_name: Option<String>,
}

impl Record {
    /// The record inside, where this is an envelope.
    pub(super) fn inner(&self) -> Option<&str> {
        let message = self.message.as_deref().filter(|_| self.event_source.is_none());
        self.inside.as_deref().or(message).or_else(|| self.detail.as_deref().map(RawValue::get))
    }

    /// Who made the request; nothing where it was somebody else than a session of a role.
    pub(super) fn who(&self) -> Option<Who> {
        let Some(identity) = &self.user_identity else { return Some(Who::Unknown) };
        if let Some((role, session)) = identity.arn.as_deref().and_then(session_of) {
            return Some(Who::Session { role: role.into(), session: session.into() });
        }
        if identity.r#type.as_deref() != Some("AssumedRole") {
            return None;
        }
        let role = identity.session_context.as_ref()?.session_issuer.as_ref()?.user_name.as_deref()?;
        let session = identity.principal_id.as_deref().and_then(|id| id.split_once(':')).map_or("", |(_, session)| session);
        Some(Who::Session { role: role.into(), session: session.into() })
    }

    /// Whether AWS refused it for lack of a permission.
    pub(super) fn is_denied(&self) -> bool {
        let code = self.error_code.as_ref().and_then(Value::as_str).unwrap_or_default();
        ["AccessDenied", "Unauthorized", "NotAuthorized", "AuthorizationError"].iter().any(|word| code.contains(word))
    }

    /// The request; nothing where the record has none.
    pub(super) fn request(&self) -> Option<Request<'_>> {
        let service = self.event_source.as_deref()?;
        let arn = self.user_identity.as_ref().and_then(|identity| identity.arn.as_deref());
        let account = self.user_identity.as_ref().and_then(|identity| identity.account_id.as_deref());
        Some(Request {
            service: service.strip_suffix(".amazonaws.com").unwrap_or(service),
            operation: self.event_name.as_deref()?,
            params: self.request_parameters.as_ref().map(params).unwrap_or_default(),
            has_params: self.request_parameters.as_ref().is_some_and(|params| !params.is_null()),
            resources: self.resources(),
            partition: arn.and_then(|arn| arn.split(':').nth(1)).map(SmolStr::from),
            region: self.aws_region.as_deref().map(SmolStr::from),
            account: account.or(self.recipient_account_id.as_deref()).map(SmolStr::from),
        })
    }

    fn resources(&self) -> Vec<SmolStr> {
        let list = self.resources.as_ref().and_then(Value::as_array).into_iter().flatten();
        let arn = |resource: &Value| resource.get("ARN").or_else(|| resource.get("arn"))?.as_str().map(SmolStr::from);
        list.filter_map(arn).filter(|arn| arn.starts_with("arn:")).collect()
    }
}

/// `arn:aws:sts::123456789012:assumed-role/<role>/<session>`
fn session_of(arn: &str) -> Option<(&str, &str)> {
    let rest = arn.splitn(6, ':').nth(5)?.strip_prefix("assumed-role/")?;
    rest.rsplit_once('/')
}
