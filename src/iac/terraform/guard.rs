//! Policies at resources, in the words of the `aws` provider.

use super::collect::{Collected, Entry};
use super::document;
use super::value::Value;
use crate::iac::Stack;
use crate::iac::guard::{PERMISSION, ResourcePolicy, permission};
use crate::value::{Hole, Text};

/// Types whose policy protects others, with the arguments that name these and that hold the document.
const SEPARATE: [(&str, &str, &str); 8] = [
    ("aws_s3_bucket_policy", "bucket", "policy"),
    ("aws_sqs_queue_policy", "queue_url", "policy"),
    ("aws_sns_topic_policy", "arn", "policy"),
    ("aws_kms_key_policy", "key_id", "policy"),
    ("aws_secretsmanager_secret_policy", "secret_arn", "policy"),
    ("aws_ecr_repository_policy", "repository", "policy"),
    ("aws_dynamodb_resource_policy", "resource_arn", "policy"),
    ("aws_efs_file_system_policy", "file_system_id", "policy"),
];

/// Types with a policy of their own.
const OWN: [&str; 5] = ["aws_kms_key", "aws_sqs_queue", "aws_sns_topic", "aws_s3_bucket", "aws_secretsmanager_secret"];

/// Reads the policies at resources.
pub(super) fn declare(collected: &Collected, stack: &mut Stack) {
    for entry in collected.in_order().filter(|entry| !entry.is_data) {
        let kind = entry.kind.as_str();
        if kind == "aws_lambda_permission" {
            stack.resource_policies.extend(lambda(entry));
            continue;
        }
        let separate = SEPARATE.iter().find(|(known, ..)| *known == kind);
        let target = match separate {
            Some((_, target, _)) => entry.values.get(target).and_then(Value::one_text),
            None if OWN.contains(&kind) => {
                Some(Text::hole(Hole::Resource { id: entry.address.clone(), attribute: "arn".into() }))
            }
            None => continue,
        };
        let document = entry.values.get(separate.map_or("policy", |(.., document)| document));
        let Some((target, document)) = target.zip(document.filter(|document| !document.is_null())) else { continue };
        let read = document::read(document);
        stack.resource_policies.push(ResourcePolicy {
            id: entry.address.clone(),
            target,
            statements: read.list,
            notes: read.notes.into_iter().collect(),
            origin: entry.at.clone(),
        });
    }
}

fn lambda(entry: &Entry) -> Option<ResourcePolicy> {
    let text = |name: &str| entry.values.get(name).filter(|value| !value.is_null()).and_then(Value::one_text);
    let given = PERMISSION.iter().filter_map(|(_, argument, operator, key)| Some((*operator, *key, text(argument)?)));
    let action = text("action")?.pattern().into();
    let statement = permission(text("principal")?, action, given.collect(), &entry.at);
    Some(ResourcePolicy {
        id: entry.address.clone(),
        target: text("function_name")?,
        statements: vec![statement],
        notes: Vec::new(),
        origin: entry.at.clone(),
    })
}
