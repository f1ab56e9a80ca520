//! What SAM says of where events go, besides the address.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html>

use super::stack::{EventSource, Resource, SettingKind};
use crate::value::Arg;

impl Resource {
    /// The service that a function's events go to by one of its settings, where its declaration names the type.
    pub fn target_service(&self, setting: SettingKind) -> Option<&'static str> {
        let path: &[&str] = match setting {
            SettingKind::DeadLetter => &["DeadLetterQueue", "Type"],
            SettingKind::OnSuccess => &["EventInvokeConfig", "DestinationConfig", "OnSuccess", "Type"],
            SettingKind::OnFailure => &["EventInvokeConfig", "DestinationConfig", "OnFailure", "Type"],
            _ => return None,
        };
        self.properties.as_map()?.at(path).and_then(service)
    }
}

impl EventSource {
    /// Whether records that failed go somewhere.
    pub fn has_failure_target(&self) -> bool {
        self.on_failure.is_some() || self.properties.at(&["DestinationConfig", "OnFailure"]).is_some()
    }

    /// The service that records go to that failed, where the source names the type.
    pub fn failure_service(&self) -> Option<&'static str> {
        self.properties.at(&["DestinationConfig", "OnFailure", "Type"]).and_then(service)
    }
}

fn service(kind: &Arg) -> Option<&'static str> {
    service_of(kind.as_text()?.as_literal()?)
}

/// The service that SAM's name for a type of target stands for.
pub(super) fn service_of(kind: &str) -> Option<&'static str> {
    match kind {
        "SQS" => Some("sqs"),
        "SNS" => Some("sns"),
        "Lambda" => Some("lambda"),
        "EventBridge" => Some("events"),
        "S3" | "S3Bucket" => Some("s3"),
        _ => None,
    }
}
