//! What leash takes besides code and templates: policies in files, records of requests, revisions; and where its answers go.

use serde_json::Value;
use tempfile::TempDir;

mod bad;
mod ci;
mod compared;
mod merged;
mod observed;

#[path = "../support/run.rs"]
mod run;
#[path = "../support/project.rs"]
mod support;

use run::leash;
use support::{project as folder, write};

const TEMPLATE: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
  Save:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.save
      Runtime: python3.12
      Environment: {Variables: {ORDERS: !Ref Orders}}
      Policies:
        - Statement: [{Effect: Allow, Action: ['dynamodb:PutItem', 'dynamodb:Query', 'sqs:PurgeQueue'], Resource: '*'}]
  Load:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.load
      Runtime: python3.12
      Environment: {Variables: {ORDERS: !Ref Orders}}
      Policies:
        - Statement: [{Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Orders.Arn}]
";

const CODE: &str = "import os, boto3

table = boto3.resource('dynamodb').Table(os.environ['ORDERS'])


def save(event, context):
    table.put_item(Item={'id': event['id']})


def load(event, context):
    return table.get_item(Key={'id': event['id']})
";

/// Two functions with a table.
fn project() -> TempDir {
    folder(&[("template.yaml", TEMPLATE), ("app.py", CODE)])
}

/// The ids of findings with their functions and first actions.
fn findings(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |finding: &Value| {
        let functions: Vec<String> = finding["functions"].as_array().into_iter().flatten().map(text).collect();
        format!("{} {} {}", text(&finding["id"]), functions.join("+"), text(&finding["permissions"][0]["action"]))
    };
    report["findings"].as_array().expect("a list").iter().map(one).collect()
}
