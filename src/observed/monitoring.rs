//! Records of the SDKs' client-side monitoring, one per call, and the policies that `iamlive` makes of them.
//!
//! <https://docs.aws.amazon.com/boto3/latest/guide/configuration.html>, <https://github.com/iann0036/iamlive>

use serde::Deserialize;
use serde_json::Value;
use smol_str::SmolStr;

use super::action::Request;
use super::{Count, Observed, Permission, Who};
use crate::policy::{Clause, Effect, PolicyDocument};

/// One call. Calls that were tried several times have attempts besides, which say nothing new.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Call {
    r#type: Option<String>,
    service: Option<String>,
    api: Option<String>,
    region: Option<String>,
    final_aws_exception: Option<Value>,
    aws_exception: Option<Value>,
}

impl Call {
    /// Whether it is a record of a call or of an attempt.
    pub(super) fn is_one(&self) -> bool {
        self.r#type.is_some() && self.service.is_some() && self.api.is_some()
    }

    /// Whether it is only an attempt.
    pub(super) fn is_attempt(&self) -> bool {
        self.r#type.as_deref() == Some("ApiCallAttempt")
    }

    /// Whether AWS refused it for lack of a permission.
    pub(super) fn is_denied(&self) -> bool {
        let exceptions = [&self.final_aws_exception, &self.aws_exception].into_iter().flatten().filter_map(Value::as_str);
        exceptions.into_iter().any(|code| code.contains("AccessDenied") || code.contains("Unauthorized"))
    }

    /// The request. Its parameters are not recorded.
    pub(super) fn request(&self) -> Option<Request<'_>> {
        Some(Request {
            service: self.service.as_deref()?,
            operation: self.api.as_deref()?,
            region: self.region.as_deref().map(SmolStr::from),
            ..Request::default()
        })
    }
}

/// Counts what a policy allows as used, without numbers. Gives the number of permissions, and what is wrong with it.
pub(super) fn policy(json: &Value, file: usize, observed: &mut Observed) -> (u64, Vec<String>) {
    let document = PolicyDocument::from_json(json);
    let count = Count { files: [file].into(), ..Count::default() };
    let mut found = 0;
    for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        let (Clause::Only(actions), Clause::Only(resources)) = (&statement.actions, &statement.resources) else { continue };
        for action in actions {
            for resource in resources {
                let permission = Permission { action: action.as_str().into(), resource: resource.to_string().into() };
                observed.add(&Who::Unknown, &permission, &count);
                found += 1;
            }
        }
    }
    (found, document.problems.iter().map(ToString::to_string).collect())
}
