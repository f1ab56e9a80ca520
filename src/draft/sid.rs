//! Names of statements: service, access level and what it is about, as in `DynamoDBReadOrders`.
//!
//! A `Sid` may hold letters and digits only and has to be unique within its policy.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html>

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::DraftStatement;
use crate::catalog::AccessLevel;
use crate::policy::{ArnPattern, Statement};
use crate::value::{Hole, Piece};

/// Longest part that a resource's name takes.
const MAX_NAME: usize = 40;

/// Service prefixes that are not written as their letters suggest.
const SERVICES: [(&str, &str); 53] = [
    ("acm", "ACM"),
    ("apigateway", "ApiGateway"),
    ("appconfig", "AppConfig"),
    ("appsync", "AppSync"),
    ("autoscaling", "AutoScaling"),
    ("cloudformation", "CloudFormation"),
    ("cloudfront", "CloudFront"),
    ("cloudtrail", "CloudTrail"),
    ("cloudwatch", "CloudWatch"),
    ("codebuild", "CodeBuild"),
    ("codecommit", "CodeCommit"),
    ("codedeploy", "CodeDeploy"),
    ("codepipeline", "CodePipeline"),
    ("cognito-idp", "Cognito"),
    ("dax", "DAX"),
    ("dynamodb", "DynamoDB"),
    ("ec2", "EC2"),
    ("ecr", "ECR"),
    ("ecs", "ECS"),
    ("eks", "EKS"),
    ("elasticache", "ElastiCache"),
    ("elasticfilesystem", "EFS"),
    ("elasticloadbalancing", "LoadBalancing"),
    ("elasticmapreduce", "EMR"),
    ("es", "OpenSearch"),
    ("events", "EventBridge"),
    ("execute-api", "ExecuteApi"),
    ("guardduty", "GuardDuty"),
    ("iam", "IAM"),
    ("imagebuilder", "ImageBuilder"),
    ("iot", "IoT"),
    ("kms", "KMS"),
    ("lakeformation", "LakeFormation"),
    ("mediaconvert", "MediaConvert"),
    ("quicksight", "QuickSight"),
    ("rds", "RDS"),
    ("rds-data", "RDSData"),
    ("rds-db", "RDSConnect"),
    ("redshift-data", "RedshiftData"),
    ("resource-groups", "ResourceGroups"),
    ("route53", "Route53"),
    ("s3", "S3"),
    ("sagemaker", "SageMaker"),
    ("secretsmanager", "SecretsManager"),
    ("securityhub", "SecurityHub"),
    ("ses", "SES"),
    ("sns", "SNS"),
    ("sqs", "SQS"),
    ("ssm", "SSM"),
    ("states", "StepFunctions"),
    ("sts", "STS"),
    ("waf", "WAF"),
    ("xray", "XRay"),
];

/// Gives names and remembers which are taken.
#[derive(Default)]
pub(super) struct Sids {
    taken: BTreeSet<String>,
}

impl Sids {
    /// The statement with a name.
    pub(super) fn name(&mut self, draft: DraftStatement) -> DraftStatement {
        let base = base_name(&draft);
        let statement = Statement { sid: Some(self.unique(&base)), ..draft.statement };
        DraftStatement { statement, ..draft }
    }

    fn unique(&mut self, base: &str) -> SmolStr {
        let mut name = base.to_owned();
        let mut number = 1_u32;
        while !self.taken.insert(name.to_ascii_lowercase()) {
            number += 1;
            name = format!("{base}{number}");
        }
        name.into()
    }
}

fn base_name(draft: &DraftStatement) -> String {
    let actions = draft.statement.actions.items();
    let service = actions.first().map(|action| service(action.service())).unwrap_or_default();
    format!("{service}{}{}", levels(&draft.levels), subject(draft.statement.resources.items()))
}

fn service(prefix: &str) -> String {
    match SERVICES.iter().find(|(known, _)| known.eq_ignore_ascii_case(prefix)) {
        Some((_, name)) => (*name).to_owned(),
        None => camel(prefix),
    }
}

fn levels(levels: &[AccessLevel]) -> &'static str {
    let has = |wanted| levels.contains(&wanted);
    let reads = has(AccessLevel::Read) || has(AccessLevel::List);
    let writes = has(AccessLevel::Write);
    match (has(AccessLevel::PermissionsManagement), reads, writes) {
        (true, false, false) => "Permissions",
        (true, _, _) => "Manage",
        (false, true, true) => "ReadWrite",
        (false, false, true) => "Write",
        (false, true, false) if has(AccessLevel::Read) => "Read",
        (false, true, false) => "List",
        (false, false, false) => "Tag",
    }
}

/// The one name that all resources share, if they do: a table and its indexes, a bucket and its objects.
fn subject(resources: &[ArnPattern]) -> String {
    let mut names = resources.iter().map(subject_of);
    let Some(first) = names.next().filter(|name| !name.is_empty()) else { return String::new() };
    if names.all(|name| name == first) { first } else { String::new() }
}

fn subject_of(resource: &ArnPattern) -> String {
    let name = match after_colons(resource) {
        // Buckets and their objects have no type in front.
        Some(path) if is_bucket(resource) => path.split(['/', '*', '?']).next().unwrap_or_default().to_owned(),
        Some(path) => name_in_path(&path),
        // A symbol that holds the whole ARN names what it is about.
        None => match resource.pieces().first() {
            Some(Piece::Hole(hole)) => symbol_name(hole).to_owned(),
            _ => String::new(),
        },
    };
    camel(&name).chars().take(MAX_NAME).collect()
}

fn is_bucket(resource: &ArnPattern) -> bool {
    resource.pieces().iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains(":s3:::")))
}

/// What follows the fifth colon, symbols by their names.
fn after_colons(resource: &ArnPattern) -> Option<String> {
    let mut colons = 0;
    let mut path = String::new();
    for piece in resource.pieces() {
        match piece {
            Piece::Hole(hole) if colons >= 5 => path.push_str(symbol_name(hole)),
            Piece::Hole(_) => {}
            Piece::Literal(text) => {
                for character in text.chars() {
                    match character {
                        ':' if colons < 5 => colons += 1,
                        _ if colons < 5 => {}
                        other => path.push(other),
                    }
                }
            }
        }
    }
    (colons >= 5).then_some(path)
}

/// The name in `table/orders/index/day`, `log-group:/aws/lambda/jobs:*` or `jobs.fifo`: what follows the type, where
/// there is one.
fn name_in_path(path: &str) -> String {
    let known = |part: &str| part.chars().take_while(|c| !"*?".contains(*c)).collect::<String>();
    let is_type = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase()) && part.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
    };
    match path.find(['/', ':']) {
        Some(at) if is_type(&path[..at]) && path[at..].starts_with(':') => {
            let name = path[at + 1..].split(':').next().unwrap_or_default();
            known(name.rsplit('/').next().unwrap_or_default())
        }
        Some(at) if is_type(&path[..at]) => known(path[at + 1..].split('/').next().unwrap_or_default()),
        Some(at) => known(&path[..at]),
        None => known(path),
    }
}

fn symbol_name(hole: &Hole) -> &str {
    match hole {
        Hole::Resource { id, .. } => id,
        // The stack's name says nothing about one of its statements.
        Hole::Parameter(name) if name.starts_with("AWS::") => "",
        Hole::Parameter(name) | Hole::Env { name, .. } => name,
        _ => "",
    }
}

/// Letters and digits of a name, each word with a capital: `TABLE_NAME` and `table-name` both become `TableName`.
fn camel(name: &str) -> String {
    let mut out = String::new();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let shouted = word.len() > 1 && !word.bytes().any(|byte| byte.is_ascii_lowercase());
        let (first, rest) = word.split_at(1);
        out.push_str(&first.to_ascii_uppercase());
        out.push_str(&if shouted { rest.to_ascii_lowercase() } else { rest.to_owned() });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_named_for_what_it_is_about() {
        for (arn, name) in [
            ("arn:aws:dynamodb:*:*:table/orders", "Orders"),
            ("arn:aws:dynamodb:*:*:table/orders/index/*", "Orders"),
            ("arn:aws:s3:::my-bucket/*", "MyBucket"),
            ("arn:aws:s3:::orders/2024/a.txt", "Orders"),
            ("arn:aws:states:*:*:stateMachine:Pay", "Pay"),
            ("arn:aws:logs:*:*:log-group:/aws/lambda/jobs:*", "Jobs"),
            ("arn:aws:sqs:*:*:jobs.fifo", "JobsFifo"),
            ("arn:aws:secretsmanager:*:*:secret:api/key-??????", "Key"),
            ("arn:aws:dynamodb:*:*:table/*", ""),
            ("*", ""),
        ] {
            assert_eq!(subject(&[ArnPattern::parse(arn)]), name, "{arn}");
        }
        assert_eq!(camel("TABLE_NAME"), "TableName");
        assert_eq!(service("bedrock-agent"), "BedrockAgent");
    }

    #[test]
    fn names_are_unique_without_regard_to_case() {
        let mut sids = Sids::default();
        assert_eq!(sids.unique("S3Read"), "S3Read");
        assert_eq!(sids.unique("S3READ"), "S3READ2");
        assert_eq!(sids.unique("S3Read"), "S3Read3");
    }
}
