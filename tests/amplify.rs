//! Projects of the Amplify CLI: what it puts into a function's template when it deploys it.

use serde_json::Value;
use tempfile::TempDir;

#[path = "support/answer.rs"]
mod answer;
#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;

use answer::{findings, verdicts};
use project::project;
use run::leash;

const TEMPLATE: &str = r#"{"Parameters": {"env": {"Type": "String"},
  "storagefilesBucketName": {"Type": "String", "Default": "storagefilesBucketName"},
  "Mode": {"Type": "String", "Default": "Mode", "AllowedValues": ["Mode", "Other"]}},
 "Resources": {
  "LambdaFunction": {"Type": "AWS::Lambda::Function", "Properties": {
    "Handler": "index.handler", "Runtime": "nodejs18.x", "Role": {"Fn::GetAtt": ["LambdaExecutionRole", "Arn"]},
    "Environment": {"Variables": {"BUCKET": {"Ref": "storagefilesBucketName"}, "MODE": {"Ref": "Mode"}}}}},
  "LambdaExecutionRole": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}}}
"#;
const HANDLER: &str = "const { SSM } = require('@aws-sdk/client-ssm');
const { S3 } = require('@aws-sdk/client-s3');
exports.handler = async () => {
  await new SSM({}).getParameter({ Name: '/shop/x' });
  await new S3({}).putObject({ Bucket: process.env.BUCKET, Key: process.env.MODE });
};
";

fn function(policies: &str) -> TempDir {
    project(&[
        ("amplify/backend/function/importer/importer-cloudformation-template.json", TEMPLATE),
        ("amplify/backend/function/importer/custom-policies.json", policies),
        ("amplify/backend/function/importer/src/index.js", HANDLER),
    ])
}

fn diff(policies: &str) -> Value {
    leash(function(policies).path(), &["diff", ".", "--no-logs", "--format", "json"]).json()
}

#[test]
fn a_default_that_is_the_parameters_own_name_is_a_placeholder() {
    let text = leash(function("[]").path(), &["infer", ".", "--format", "text", "--no-logs"]).answer();
    assert!(text.contains("arn:aws:s3:::${storagefilesBucketName}/"), "{text}");
    let json = leash(function("[]").path(), &["infer", ".", "--format", "json", "--no-logs"]).answer();
    assert!(json.contains("arn:aws:s3:::*/Mode"), "one of several that may be chosen is a value: {json}");
}

#[test]
fn custom_policies_belong_to_the_functions_role() {
    let own = r#"{"Action": ["ssm:GetParameter"], "Resource": ["arn:aws:ssm:*:*:parameter/shop/x"]}"#;
    let photos = r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}"#;
    let unused = r#"{"Action": ["ssm:PutParameter"], "Resource": ["arn:aws:ssm:*:*:parameter/${env}/x"]}"#;
    for policies in [
        format!("[{own}, {photos}, {unused}, {{\"Action\": [], \"Resource\": []}}]"),
        format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{own}, {photos}, {unused}]}}"),
    ] {
        let report = diff(&policies);
        assert_eq!(verdicts(&report), ["ssm:GetParameter used", "s3:PutObject used", "ssm:PutParameter unused"]);
        let unused: Vec<String> = findings(&report).into_iter().filter(|one| one.contains("LEASH002")).collect();
        assert_eq!(unused.len(), 1, "{unused:?}");
    }
    let missing = diff(r#"[{"Action": [], "Resource": []}]"#);
    assert_eq!(verdicts(&missing), [] as [&str; 0], "what the CLI starts with allows nothing");
}

#[test]
fn what_needs_the_templates_language_is_not_written_into_custom_policies() {
    let unused = r#"{"Action": ["iot:Publish"], "Resource": ["*"]}"#;
    let kept = r#"{"Action": ["ssm:GetParameter"], "Resource": ["arn:aws:ssm:*:*:parameter/shop/x"]}"#;
    let folder = function(&format!("[{kept}, {unused}]\n"));
    let patch = leash(folder.path(), &["diff", ".", "--no-logs", "--patch"]).out;
    let (template, policies) = patch.split_once("importer-cloudformation").expect("both are changed");
    let (policies, template) = if template.contains("iot:Publish") { (template, policies) } else { (policies, template) };
    assert!(policies.contains("iot:Publish") && !policies.contains("Fn::Sub"), "{patch}");
    assert!(template.contains("${storagefilesBucketName}"), "{patch}");
}

#[test]
fn custom_policies_that_cannot_be_read_are_said() {
    let folder = function("[{\n");
    let notes = leash(folder.path(), &["infer", "."]).err;
    assert!(notes.contains("custom-policies.json"), "{notes}");
}
