//! Policies that stand at a resource rather than at a role: who may use a queue, a key, a bucket or a function.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html>

use smol_str::SmolStr;

use super::declared::DeclaredStatement;
use super::document::{Entry, Node};
use super::template::Template;
use crate::note::Note;
use crate::policy::Condition;
use crate::span::Location;
use crate::value::{Hole, Text};

/// A policy at a resource of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// The resource that declares it: the bucket policy, or the key itself.
    pub id: SmolStr,
    /// What it protects, as the template names it: a reference, a name, an ARN or an address.
    pub target: Text,
    /// Who may do what.
    pub statements: Vec<DeclaredStatement>,
    /// What could not be read. With any of these, it may allow more than the statements say.
    pub notes: Vec<Note>,
    /// Where it is declared.
    pub origin: Location,
}

/// Types whose policy protects others, with the properties that name these and that hold the document.
const SEPARATE: [(&str, &str, &str); 7] = [
    ("AWS::S3::BucketPolicy", "Bucket", "PolicyDocument"),
    ("AWS::SQS::QueuePolicy", "Queues", "PolicyDocument"),
    ("AWS::SQS::QueueInlinePolicy", "Queue", "PolicyDocument"),
    ("AWS::SNS::TopicPolicy", "Topics", "PolicyDocument"),
    ("AWS::SNS::TopicInlinePolicy", "TopicArn", "PolicyDocument"),
    ("AWS::SecretsManager::ResourcePolicy", "SecretId", "ResourcePolicy"),
    ("AWS::Kinesis::ResourcePolicy", "ResourceArn", "ResourcePolicy"),
];

/// Types with a policy of their own, and the way to it.
const OWN: [(&str, &[&str]); 7] = [
    ("AWS::KMS::Key", &["KeyPolicy"]),
    ("AWS::ECR::Repository", &["RepositoryPolicyText"]),
    ("AWS::DynamoDB::Table", &["ResourcePolicy", "PolicyDocument"]),
    ("AWS::EFS::FileSystem", &["FileSystemPolicy"]),
    ("AWS::OpenSearchService::Domain", &["AccessPolicies"]),
    ("AWS::Events::EventBus", &["Policy"]),
    ("AWS::S3Tables::TableBucketPolicy", &["ResourcePolicy"]),
];

impl Template<'_> {
    /// The policies that a resource declares for itself or for others.
    pub(crate) fn resource_policies(&self, entry: &Entry, kind: &str, properties: &Node) -> Vec<ResourcePolicy> {
        let id = self.qualified(&entry.key);
        let origin = self.at(entry.key_span);
        if kind == "AWS::Lambda::Permission" {
            return self.permission(id, properties, origin).into_iter().collect();
        }
        if let Some((_, targets, document)) = SEPARATE.iter().find(|(known, ..)| *known == kind) {
            let Some(document) = properties.get(document) else { return Vec::new() };
            let targets = properties.get(targets).map_or_else(Vec::new, |node| self.strings(node));
            let read = self.policy_document(document);
            let notes: Vec<Note> = read.notes.into_iter().collect();
            return targets
                .into_iter()
                .map(|target| ResourcePolicy {
                    id: id.clone(),
                    target,
                    statements: read.list.clone(),
                    notes: notes.clone(),
                    origin: origin.clone(),
                })
                .collect();
        }
        let own = OWN.iter().find(|(known, _)| *known == kind).and_then(|(_, path)| properties.path(path));
        own.map(|document| {
            let read = self.policy_document(document);
            let target = Text::hole(Hole::Resource { id: id.clone(), attribute: SmolStr::new_static("Ref") });
            ResourcePolicy { id, target, statements: read.list, notes: read.notes.into_iter().collect(), origin }
        })
        .into_iter()
        .collect()
    }

    fn permission(&self, id: SmolStr, properties: &Node, origin: Location) -> Option<ResourcePolicy> {
        let text = |key: &str| properties.get(key).and_then(|node| self.text(node));
        let principal = self.with_defaults(&text("Principal")?);
        let given = PERMISSION.iter().filter_map(|(property, _, operator, key)| Some((*operator, *key, text(property)?)));
        let action = text("Action").map_or_else(|| "lambda:InvokeFunction".into(), |text| text.pattern().into());
        let statement = permission(principal, action, given.collect(), &origin);
        Some(ResourcePolicy { id, target: text("FunctionName")?, statements: vec![statement], notes: Vec::new(), origin })
    }
}

/// What narrows a permission to invoke a function: the property in `CloudFormation` and in Terraform, and the condition it makes.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>
pub(crate) const PERMISSION: [(&str, &str, &str, &str); 5] = [
    ("SourceArn", "source_arn", "ArnLike", "aws:SourceArn"),
    ("SourceAccount", "source_account", "StringEquals", "aws:SourceAccount"),
    ("PrincipalOrgID", "principal_org_id", "StringEquals", "aws:PrincipalOrgID"),
    ("EventSourceToken", "event_source_token", "StringEquals", "lambda:EventSourceToken"),
    ("FunctionUrlAuthType", "function_url_auth_type", "StringEquals", "lambda:FunctionUrlAuthType"),
];

/// The statement that a permission to invoke a function makes.
pub(crate) fn permission(
    principal: Text,
    action: SmolStr,
    narrowed: Vec<(&'static str, &'static str, Text)>,
    origin: &Location,
) -> DeclaredStatement {
    // Services have names with dots; accounts, roles and users are numbers and ARNs.
    let is_service = principal.as_literal().is_some_and(|name| name.contains('.') && !name.contains(':'));
    let kind = if is_service { "Service" } else { "AWS" };
    let condition = |(operator, key, value): (&str, &str, Text)| Condition::new(operator, key, vec![value]);
    DeclaredStatement {
        principals: vec![(kind.into(), principal)],
        conditions: narrowed.into_iter().map(condition).collect(),
        ..DeclaredStatement::allow(vec![action], Vec::new(), origin.clone())
    }
}
