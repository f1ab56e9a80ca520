//! What code makes of the values that templates give it: through the binary.

use std::path::Path;

use assert_cmd::Command;

#[path = "support/project.rs"]
mod project;

use project::project;

/// What `leash infer` answers for a folder, on one line, notes included.
fn infer(folder: &Path, options: &[&str]) -> String {
    let mut command = Command::cargo_bin("leash").expect("the binary");
    let output = command.current_dir(folder).args(["infer", ".", "--no-logs"]).args(options).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text") + &String::from_utf8_lossy(&output.stderr);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What it answers for people.
fn text(folder: &Path) -> String {
    infer(folder, &["--format", "text"])
}

#[test]
fn a_changed_parameter_is_no_longer_that_parameter() {
    let template = "Transform: AWS::Serverless-2016-10-31\nParameters:\n  Project: {Type: String, Default: shop-orders}\nResources:\n  \
                    Sets: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: sets.yaml}}\n  \
                    Scan:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: app.handler\n      \
                    Runtime: python3.13\n      CodeUri: .\n      Environment:\n        Variables:\n          \
                    PROJECT: !Ref Project\n          SET: !GetAtt Sets.Outputs.SetArn\n";
    let code = "import boto3, os\nproject = os.environ['PROJECT']\ns3 = boto3.client('s3')\ndef handler(event, context):\n    \
                boto3.client('dynamodb').scan(TableName=project.title().replace('-', '') + 'Findings')\n    \
                s3.get_object(Bucket=project.split('-')[0] + '-first', Key='k')\n    \
                s3.delete_object(Bucket=project.strip() + '-kept', Key=project.upper())\n    \
                parts = os.environ['SET'].split('/')\n    \
                boto3.client('wafv2').get_ip_set(Name='n', Scope='REGIONAL', Id=parts.pop())\n";
    let folder = project(&[("template.yaml", template), ("app.py", code)]);
    let answer = text(folder.path());
    assert!(answer.contains("table/*Findings") && answer.contains("s3:::*-first/k"), "{answer}");
    assert!(answer.contains("s3:::shop-orders-kept/*"), "what stays the same keeps its name: {answer}");
    assert!(answer.contains("what the code makes of Project"), "{answer}");
    let symbolic = infer(folder.path(), &["--format", "sam"]);
    assert!(symbolic.contains("table/*Findings") && symbolic.contains("${Project}-kept/*"), "{symbolic}");
    assert!(!symbolic.contains("Outputs.SetArn}"), "an ARN is no part of an ARN: {symbolic}");
}
