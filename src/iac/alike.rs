//! What resources of `CloudFormation` and Terraform have alike under names of their own.

use super::stack::Resource;
use crate::value::{Arg, Hole, Text};

impl Resource {
    /// The name of a log group, where it is one; an empty text where it has no name of its own.
    pub fn log_group_name(&self) -> Option<Text> {
        let position = ["AWS::Logs::LogGroup", "aws_cloudwatch_log_group"].iter().position(|kind| self.kind == *kind)?;
        Some(self.property(["LogGroupName", "name"][position]).and_then(Arg::as_text).unwrap_or_default())
    }

    /// The name and the key of an alias of a key, where it is one.
    pub fn key_alias(&self) -> Option<(Option<Text>, Option<Text>)> {
        let kinds = ["AWS::KMS::Alias", "aws_kms_alias"];
        let position = kinds.iter().position(|kind| self.kind == *kind)?;
        let text = |names: [&str; 2]| self.property(names[position]).and_then(Arg::as_text);
        Some((text(["AliasName", "name"]), text(["TargetKeyId", "target_key_id"])))
    }

    /// The model or the profile of Bedrock that a profile of the application's own is a copy of, where it is one.
    pub fn copied_model(&self) -> Option<Text> {
        let (source, from) = match self.kind.as_str() {
            "AWS::Bedrock::ApplicationInferenceProfile" => ("ModelSource", "CopyFrom"),
            "aws_bedrock_inference_profile" => ("model_source", "copy_from"),
            _ => return None,
        };
        let source = match self.property(source)? {
            Arg::List { items, .. } => items.first()?,
            one => one,
        };
        source.as_map()?.get(from)?.as_text()
    }

    /// Whether a key has a policy of its own, where it is one.
    pub fn has_key_policy(&self) -> Option<bool> {
        let position = ["AWS::KMS::Key", "aws_kms_key"].iter().position(|kind| self.kind == *kind)?;
        Some(self.property(["KeyPolicy", "policy"][position]).is_some())
    }

    /// Whether it is a role.
    pub fn is_role(&self) -> bool {
        matches!(self.kind.as_str(), "AWS::IAM::Role" | "aws_iam_role")
    }

    /// The memory of a function.
    pub fn memory_size(&self) -> Option<&Arg> {
        self.property("MemorySize").or_else(|| self.property("memory_size"))
    }
}

/// What a pseudo-parameter of `CloudFormation` stands for, where every deployment has it.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
pub fn pseudo_parameter(name: &str) -> Option<Hole> {
    match name {
        "AWS::Region" => Some(Hole::Region),
        "AWS::AccountId" => Some(Hole::Account),
        "AWS::Partition" => Some(Hole::Partition),
        _ => None,
    }
}
