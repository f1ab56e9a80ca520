//! `leash diff --patch`: what it changes, and that `git apply` and another run find nothing left to change.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;

use project::project;
use run::{Run, git};

/// Puts an item into a table and reads an object, by environment variables.
const CODE: &str = "import os, boto3

table = boto3.resource('dynamodb').Table(os.environ['ORDERS'])
s3 = boto3.client('s3')


def handler(event, context):
    table.put_item(Item={'id': event['id']})
    return s3.get_object(Bucket=os.environ['PHOTOS'], Key='index.html')
";

/// Rules whose findings a patch can answer.
const CHANGEABLE: [&str; 6] = ["LEASH001", "LEASH002", "LEASH003", "LEASH004", "LEASH005", "LEASH010"];

fn leash(folder: &Path, args: &[&str]) -> Run {
    run::leash(folder, &[&["diff"], args].concat())
}

/// The certain findings that a patch can answer, as `LEASH002 s3:PutObject`.
fn changeable(folder: &Path) -> Vec<String> {
    let report = leash(folder, &["--format", "json"]).json();
    let certain = |finding: &&Value| {
        let empty = |key: &str| finding.get(key).is_none_or(|list| list.as_array().is_none_or(Vec::is_empty));
        CHANGEABLE.contains(&finding["id"].as_str().expect("an id")) && empty("doubts") && finding["allowed"].is_null()
    };
    let one = |finding: &Value| {
        let permissions = finding["permissions"].as_array().expect("a list").iter();
        let actions: Vec<&str> = permissions.filter_map(|one| one["action"].as_str()).collect();
        format!("{} {}", finding["id"].as_str().expect("an id"), actions.join(" "))
    };
    report["findings"].as_array().expect("a list").iter().filter(certain).map(one).collect()
}

/// Applies the patch with git; gives the patch and what leash said beside it.
fn apply(folder: &Path) -> (String, String) {
    let Run { status, out: patch, err: said } = leash(folder, &["--patch", "-v"]);
    assert!(matches!(status, Some(0 | 1)), "{said}");
    if !patch.is_empty() {
        project::write(folder, "leash.patch", &patch);
        git(folder, &["init", "-q"]);
        git(folder, &["apply", "leash.patch"]);
    }
    (patch, said)
}

/// Applies the patch of a project that has something to change, after which nothing is left.
fn cleans(files: &[(&str, &str)]) -> (String, TempDir) {
    let folder = project(files);
    assert_ne!(changeable(folder.path()), [] as [&str; 0], "there is nothing to change");
    let (patch, said) = apply(folder.path());
    assert_eq!(changeable(folder.path()), [] as [&str; 0], "{patch}\n{said}");
    let again = leash(folder.path(), &["--patch"]);
    assert_eq!(again.out, "", "a second patch changes nothing");
    assert_eq!(again.status, Some(0));
    (patch, folder)
}

/// The lines that a patch takes and adds.
fn changed(patch: &str) -> Vec<&str> {
    let is_change = |line: &&str| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---");
    patch.lines().filter(is_change).collect()
}

const SAM: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties: {}
  Photos:
    Type: AWS::S3::Bucket
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: python3.12
      Environment:
        Variables: {ORDERS: !Ref Orders, PHOTOS: !Ref Photos}
";

fn sam(policies: &str) -> String {
    format!("{SAM}{policies}")
}

#[test]
fn statements_that_are_right_keep_every_byte() {
    let template = sam("      Policies:
        # What the shop needs.
        - Statement:
            - Effect: Allow   # writes orders
              Action: ['dynamodb:PutItem']
              Resource: !GetAtt Orders.Arn
            - Sid: Photos
              Effect: Allow
              Action: s3:*
              Resource: '*'
            # Never.
            - Effect: Deny
              Action: dynamodb:DeleteTable
              Resource: '*'
      Timeout: 3
");
    let (patch, _) = cleans(&[("template.yaml", &template), ("app.py", CODE)]);
    assert_eq!(
        changed(&patch),
        [
            "-              Action: s3:*",
            "-              Resource: '*'",
            "+              Action: s3:GetObject",
            "+              Resource: !Sub \"${Photos.Arn}/index.html\""
        ]
    );
}

#[test]
fn policy_templates_and_managed_policies_become_statements() {
    let template = sam("      Policies:
      - DynamoDBCrudPolicy: {TableName: !Ref Orders}
      - AmazonS3FullAccess
      - AWSLambdaBasicExecutionRole
");
    let (patch, _) = cleans(&[("template.yaml", &template), ("app.py", CODE)]);
    insta::assert_snapshot!(patch);
}

#[test]
fn a_policy_without_a_list_and_lists_in_brackets() {
    for policies in [
        "      Policies: AmazonDynamoDBFullAccess\n",
        "      Policies: [AmazonDynamoDBFullAccess, AWSLambdaBasicExecutionRole]",
        "      Policies:\n        Statement: {Effect: Allow, Action: 'dynamodb:*', Resource: '*'}\n",
        "      Policies: [{Statement: [{Effect: Allow, Action: 'dynamodb:*', Resource: '*'}]}]\n",
    ] {
        let (patch, folder) = cleans(&[("template.yaml", &sam(policies)), ("app.py", CODE)]);
        let after = std::fs::read_to_string(folder.path().join("template.yaml")).expect("still there");
        assert!(after.contains("dynamodb:PutItem"), "{patch}");
        assert!(after.contains("AWSLambdaBasicExecutionRole") == policies.contains("AWSLambdaBasicExecutionRole"), "{patch}");
    }
}

#[test]
fn a_function_without_permissions_gets_a_block() {
    let (patch, _) = cleans(&[("template.yaml", SAM), ("app.py", CODE)]);
    assert!(changed(&patch).iter().all(|line| line.starts_with('+')), "{patch}");
    assert!(patch.contains("+      Policies:\n"), "{patch}");
}

#[test]
fn windows_lines_stay_windows_lines() {
    let template = sam("      Policies:\n        - AmazonDynamoDBFullAccess").replace('\n', "\r\n");
    let (_, folder) = cleans(&[("template.yaml", &template), ("app.py", CODE)]);
    let after = std::fs::read_to_string(folder.path().join("template.yaml")).expect("still there");
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}

#[test]
fn conditions_and_names_from_the_event_never_get_wider() {
    let template = sam("      Policies:
        - Statement:
            - Effect: Allow
              Action: ['dynamodb:*']
              Resource: !GetAtt Orders.Arn
              Condition: {StringEquals: {'aws:SourceVpc': vpc-1}}
            - Effect: Allow
              Action: ['s3:GetObject', 's3:DeleteObject']
              Resource: !Sub '${Photos.Arn}/public/*'
");
    let code = CODE.replace("Key='index.html'", "Key=event['key']");
    let (patch, folder) = cleans(&[("template.yaml", &template), ("app.py", &code)]);
    let after = std::fs::read_to_string(folder.path().join("template.yaml")).expect("still there");
    assert!(after.contains("aws:SourceVpc"), "{after}");
    assert!(!patch.contains("+              Resource: !Sub \"${Photos.Arn}/*\""), "{patch}");
    let added = changed(&patch).into_iter().filter(|line| line.starts_with('+')).collect::<Vec<_>>().join("\n");
    assert!(added.contains("${Photos.Arn}/public/*"), "{patch}");
}

#[test]
fn what_cannot_be_told_stays_and_is_said() {
    let template = sam("      Policies:
        - Statement:
            - Effect: Allow
              Action: ['dynamodb:PutItem', 'dynamodb:DeleteItem']
              Resource: !GetAtt Orders.Arn
        - S3ReadPolicy: {BucketName: !Ref Photos}
");
    let code =
        CODE.replace("    table.put_item", "    getattr(boto3.client(event['service']), event['call'])()\n    table.put_item");
    let folder = project(&[("template.yaml", &template), ("app.py", &code)]);
    let (patch, said) = apply(folder.path());
    assert_eq!(patch, "");
    assert!(
        said.contains("template.yaml:19: the inline policy stays as it is: what is needed of it cannot be told: app.py:"),
        "{said}"
    );
}

#[test]
fn allowances_stay() {
    let template = sam("      Policies:
        - Statement:
            - Effect: Allow
              Action: ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Scan']
              Resource: !GetAtt Orders.Arn
            - {Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Photos.Arn}/*'}
");
    let code = format!("# leash: allow dynamodb:DeleteItem -- a plugin deletes\n{CODE}");
    let (patch, folder) = cleans(&[("template.yaml", &template), ("app.py", &code)]);
    let after = std::fs::read_to_string(folder.path().join("template.yaml")).expect("still there");
    assert!(after.contains("dynamodb:DeleteItem") && !after.contains("dynamodb:Scan"), "{patch}");
}

#[test]
fn json_templates_keep_their_layout() {
    let template = r#"{
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "Orders": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
        "Photos": {"Type": "AWS::S3::Bucket"},
        "Fn": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "CodeUri": ".", "Handler": "app.handler", "Runtime": "python3.12",
                "Environment": {"Variables": {"ORDERS": {"Ref": "Orders"}, "PHOTOS": {"Ref": "Photos"}}},
                "Policies": [
                    "AWSLambdaBasicExecutionRole",
                    {
                        "Statement": [
                            {"Effect": "Allow", "Action": "dynamodb:*", "Resource": {"Fn::GetAtt": ["Orders", "Arn"]}},
                            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
                        ]
                    }
                ]
            }
        }
    }
}
"#;
    let (patch, folder) = cleans(&[("template.json", template), ("app.py", CODE)]);
    let after = std::fs::read_to_string(folder.path().join("template.json")).expect("still there");
    serde_json::from_str::<Value>(&after).expect("still JSON");
    insta::assert_snapshot!(patch);
}

const ROLE: &str = "Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties: {}
  Photos:
    Type: AWS::S3::Bucket
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Code: .
      Handler: app.handler
      Runtime: python3.12
      Role: !GetAtt Role.Arn
      Environment:
        Variables: {ORDERS: !Ref Orders, PHOTOS: !Ref Photos}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
";

#[test]
fn roles_lose_managed_policies_and_gain_statements() {
    let template = format!(
        "{ROLE}      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
        - arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess
      Policies:
        - PolicyName: unused
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: sqs:*
                Resource: '*'
        - PolicyName: photos
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              Effect: Allow
              Action: s3:GetObject
              Resource: !Sub '${{Photos.Arn}}/*'
"
    );
    let (patch, _) = cleans(&[("template.yaml", &template), ("app.py", CODE)]);
    insta::assert_snapshot!(patch);
}

#[test]
fn separate_policies_are_changed_where_they_stand() {
    let template = format!(
        "{ROLE}      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']
  Access:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: access
      Roles: [!Ref Role]
      PolicyDocument:
        Statement:
        - Effect: Allow
          Action: [dynamodb:*]
          Resource: '*'
        - {{Effect: Allow, Action: s3:GetObject, Resource: !Sub '${{Photos.Arn}}/index.html'}}
"
    );
    let (patch, _) = cleans(&[("template.yaml", &template), ("app.py", CODE)]);
    assert!(patch.contains("+          Action: dynamodb:PutItem\n"), "{patch}");
}

#[test]
fn shared_roles_get_the_union() {
    let template = ROLE.replace("  Role:\n", "  Other:
    Type: AWS::Lambda::Function
    Properties:
      Code: .
      Handler: other.handler
      Runtime: python3.12
      Role: !GetAtt Role.Arn
      Environment:
        Variables: {ORDERS: !Ref Orders}
  Role:\n") + "      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']
      Policies:
        - PolicyName: all
          PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:*', Resource: '*'}, {Effect: Allow, Action: 's3:*', Resource: '*'}]}
";
    let other =
        "import os, boto3\n\n\ndef handler(event, context):\n    boto3.resource('dynamodb').Table(os.environ['ORDERS']).scan()\n";
    let (patch, folder) = cleans(&[("template.yaml", &template), ("app.py", CODE), ("other.py", other)]);
    let after = std::fs::read_to_string(folder.path().join("template.yaml")).expect("still there");
    for action in ["dynamodb:PutItem", "dynamodb:Scan", "s3:GetObject"] {
        assert!(after.contains(action), "{patch}");
    }
}

#[test]
fn what_others_use_stays() {
    let template = format!(
        "{ROLE}      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole', !Ref Access]
  Access:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - {{Effect: Allow, Action: 's3:*', Resource: '*'}}
  Task:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [!Ref Access]
      AssumeRolePolicyDocument:
        Statement: [{{Effect: Allow, Principal: {{Service: ecs-tasks.amazonaws.com}}, Action: sts:AssumeRole}}]
"
    );
    let folder = project(&[("template.yaml", &template), ("app.py", CODE)]);
    let (patch, said) = apply(folder.path());
    assert!(!patch.contains("-          - {Effect: Allow, Action: 's3:*'"), "{patch}");
    assert!(said.contains("stays as it is: Task shares it"), "{said}");
    assert!(patch.contains("dynamodb:PutItem"), "what is missing is added beside it: {patch}");
}

const SERVERLESS: &str = "service: shop
provider:
  name: aws
  runtime: python3.12
  environment:
    ORDERS: !Ref Orders
    PHOTOS: photos-${sls:stage}
";

const FUNCTIONS: &str = "functions:
  fn:
    handler: app.handler
";

const RESOURCES: &str = "resources:
  Resources:
    Orders:
      Type: AWS::DynamoDB::Table
      Properties: {}
    Photos:
      Type: AWS::S3::Bucket
      Properties: {BucketName: 'photos-${sls:stage}'}
";

#[test]
fn serverless_statements_in_every_place() {
    let broad = |indent: &str| {
        format!("{indent}- Effect: Allow\n{indent}  Action: [dynamodb:*, sqs:SendMessage]\n{indent}  Resource: '*'\n")
    };
    let role = format!("  iam:\n    role:\n      statements:\n{}", broad("        "));
    let old = format!("  iamRoleStatements:\n{}", broad("    "));
    let own = format!("{FUNCTIONS}    iamRoleStatements:\n{}", broad("      "));
    for service in [
        format!("{SERVERLESS}{role}{FUNCTIONS}{RESOURCES}"),
        format!("{SERVERLESS}{old}{FUNCTIONS}{RESOURCES}"),
        format!("{SERVERLESS}{own}{RESOURCES}"),
        format!("{SERVERLESS}{FUNCTIONS}{RESOURCES}"),
        format!(
            "{SERVERLESS}  iam:\n    role:\n      managedPolicies: [arn:aws:iam::aws:policy/AmazonS3FullAccess]\n{FUNCTIONS}{RESOURCES}"
        ),
    ] {
        let (patch, folder) = cleans(&[("serverless.yml", &service), ("app.py", CODE)]);
        let after = std::fs::read_to_string(folder.path().join("serverless.yml")).expect("still there");
        assert!(after.contains("dynamodb:PutItem") && !after.contains("dynamodb:*"), "{patch}");
        assert!(!after.contains("!Ref sls:"), "{patch}");
    }
}

#[test]
fn statements_in_included_files_are_changed_there() {
    let service = format!("{SERVERLESS}  iamRoleStatements: ${{file(iam.yml)}}\n{FUNCTIONS}{RESOURCES}");
    let statements = "# ours\n- Effect: Allow\n  Action: dynamodb:*\n  Resource: '*'\n";
    let (patch, _) = cleans(&[("serverless.yml", &service), ("iam.yml", statements), ("app.py", CODE)]);
    assert!(patch.starts_with("--- a/iam.yml\n+++ b/iam.yml\n"), "{patch}");
}

const TERRAFORM: &str = r#"resource "aws_dynamodb_table" "orders" {
  name     = "orders"
  hash_key = "id"
}

resource "aws_s3_bucket" "photos" {
  bucket = "photos"
}

resource "aws_lambda_function" "fn" {
  function_name = "fn"
  filename      = "app.zip"
  handler       = "app.handler"
  runtime       = "python3.12"
  role          = aws_iam_role.fn.arn
  environment {
    variables = {
      ORDERS = aws_dynamodb_table.orders.name
      PHOTOS = aws_s3_bucket.photos.id
    }
  }
}

data "archive_file" "app" {
  type        = "zip"
  source_file = "app.py"
  output_path = "app.zip"
}

resource "aws_iam_role" "fn" {
  name               = "fn"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.fn.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
"#;

fn terraform(more: &str) -> String {
    format!("{TERRAFORM}\n{more}")
}

#[test]
fn terraform_in_every_form() {
    let document = r#"data "aws_iam_policy_document" "fn" {
  # The table.
  statement {
    sid       = "Table"
    actions   = ["dynamodb:*"]
    resources = ["*"]
  }

  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "fn" {
  role   = aws_iam_role.fn.id
  policy = data.aws_iam_policy_document.fn.json
}
"#;
    let encoded = r#"resource "aws_iam_role_policy" "fn" {
  role = aws_iam_role.fn.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # The table.
      {
        Effect   = "Allow"
        Action   = ["dynamodb:*"]
        Resource = "*"
      },
      {
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = "*"
      },
    ]
  })
}
"#;
    let heredoc = r#"resource "aws_iam_role_policy" "fn" {
  role   = aws_iam_role.fn.id
  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "dynamodb:*",
      "Resource": "${aws_dynamodb_table.orders.arn}"
    },
    { "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*" }
  ]
}
EOF
}
"#;
    let attachment = r#"resource "aws_iam_role_policy_attachment" "table" {
  role       = aws_iam_role.fn.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
}
"#;
    let mut all = String::new();
    for form in [document, encoded, heredoc, attachment, ""] {
        let (patch, _) = cleans(&[("main.tf", &terraform(form)), ("app.py", CODE)]);
        all += &patch;
        all += "\n";
    }
    insta::assert_snapshot!(all);
}

/// The function as the community's module makes it, with these policies.
fn lambda_module(policies: &str) -> String {
    let start = TERRAFORM.find("resource \"aws_lambda_function\"").expect("it is there");
    format!(
        "{}module \"fn\" {{
  source        = \"terraform-aws-modules/lambda/aws\"
  function_name = \"fn\"
  handler       = \"app.handler\"
  runtime       = \"python3.12\"
  source_path   = \".\"
  environment_variables = {{
    ORDERS = aws_dynamodb_table.orders.name
    PHOTOS = aws_s3_bucket.photos.id
  }}
{policies}}}
",
        &TERRAFORM[..start]
    )
}

#[test]
fn the_lambda_module_s_statements() {
    let broad = "  attach_policy_statements = true
  policy_statements = {
    table = {
      effect    = \"Allow\"
      actions   = [\"dynamodb:*\"]
      resources = [\"*\"]
    }
    queue = {
      effect    = \"Allow\"
      actions   = [\"sqs:SendMessage\"]
      resources = [\"*\"]
    }
  }
";
    let mut all = String::new();
    for policies in [broad, ""] {
        let (patch, _) = cleans(&[("main.tf", &lambda_module(policies)), ("app.py", CODE)]);
        all += &patch;
        all += "\n";
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_lambda_module_s_arguments_go_with_what_counts_them() {
    let policies = r#"
  attach_policy_json = true
  policy_json        = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*" }]
}
EOF

  attach_policies    = true
  number_of_policies = 1
  policies = [
    "arn:aws:iam::aws:policy/AmazonSQSFullAccess",
  ]

  attach_policy_jsons    = true
  number_of_policy_jsons = 2
  policy_jsons = [
    jsonencode({ Statement = [{ Effect = "Allow", Action = "dynamodb:PutItem", Resource = aws_dynamodb_table.orders.arn }] }),
    jsonencode({ Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = "*" }] }),
  ]
  attach_policy_statements = true
  policy_statements = {
    photos = { effect = "Allow", actions = ["s3:GetObject"], resources = ["${aws_s3_bucket.photos.arn}/index.html"] }
  }
"#;
    let (_, folder) = cleans(&[("main.tf", &lambda_module(policies)), ("app.py", CODE)]);
    let after = std::fs::read_to_string(folder.path().join("main.tf")).expect("still there");
    let expected = r#"
  attach_policy_jsons    = true
  number_of_policy_jsons = 1
  policy_jsons = [
    jsonencode({ Statement = [{ Effect = "Allow", Action = "dynamodb:PutItem", Resource = aws_dynamodb_table.orders.arn }] }),
  ]
  attach_policy_statements = true
  policy_statements = {
    photos = { effect = "Allow", actions = ["s3:GetObject"], resources = ["${aws_s3_bucket.photos.arn}/index.html"] }
  }
"#;
    assert_eq!(after, lambda_module(expected));
}

#[test]
fn a_number_that_does_not_follow_keeps_its_policies() {
    let policies = r#"
  attach_policy_jsons    = true
  number_of_policy_jsons = 3
  policy_jsons = [
    jsonencode({ Statement = [{ Effect = "Allow", Action = "dynamodb:PutItem", Resource = aws_dynamodb_table.orders.arn }] }),
    jsonencode({ Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = "*" }] }),
  ]
  attach_policy_statements = true
  policy_statements = {
    photos = { effect = "Allow", actions = ["s3:GetObject"], resources = ["${aws_s3_bucket.photos.arn}/index.html"] }
  }
"#;
    let folder = project(&[("main.tf", &lambda_module(policies)), ("app.py", CODE)]);
    let (patch, said) = apply(folder.path());
    assert_eq!(patch, "");
    assert!(said.contains("`number_of_policy_jsons` says how many there are"), "{said}");
}

#[test]
fn a_policy_without_statements_is_left_to_a_person() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}"#;
    let form = r#"resource "aws_iam_role_policy" "queue" {
  role   = aws_iam_role.fn.id
  policy = file("policy.json")
}

resource "aws_iam_role_policy" "fn" {
  role   = aws_iam_role.fn.id
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "dynamodb:PutItem", Resource = aws_dynamodb_table.orders.arn },
      { Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.photos.arn}/index.html" }
    ]
  })
}
"#;
    let folder = project(&[("main.tf", &terraform(form)), ("policy.json", policy), ("app.py", CODE)]);
    let (patch, said) = apply(folder.path());
    assert_eq!(patch, "");
    assert!(said.contains("nothing of the policy is used: remove it, and what refers to it, by hand"), "{said}");
}

#[test]
fn a_policy_in_a_file_of_its_own_names_what_has_a_name() {
    let policy = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["dynamodb:*"],
      "Resource": ["*"]
    },
    {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
  ]
}
"#;
    let form = r#"resource "aws_iam_role_policy" "fn" {
  role   = aws_iam_role.fn.id
  policy = file("policy.json")
}
"#;
    let (patch, _) = cleans(&[("main.tf", &terraform(form)), ("policy.json", policy), ("app.py", CODE)]);
    assert!(patch.contains("+      \"Resource\": \"arn:aws:dynamodb:*:*:table/orders\"\n"), "{patch}");
}

#[test]
fn the_policy_file_of_chalice() {
    let app = "import boto3
from chalice import Chalice

app = Chalice(app_name='shop')


@app.route('/')
def index():
    boto3.resource('dynamodb').Table('orders').put_item(Item={})
";
    let policy = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      "Resource": "arn:aws:logs:*:*:*"
    },
    {
      "Effect": "Allow",
      "Action": ["dynamodb:*"],
      "Resource": ["*"]
    }
  ]
}
"#;
    let config = r#"{"version": "2.0", "app_name": "shop", "stages": {"dev": {"autogen_policy": false}}}"#;
    let files = [("app.py", app), (".chalice/config.json", config), (".chalice/policy-dev.json", policy)];
    let (patch, _) = cleans(&files);
    assert!(patch.contains("+      \"Resource\": \"arn:aws:dynamodb:*:*:table/orders\"\n"), "{patch}");
}

#[test]
fn a_policy_of_which_nothing_is_used_goes() {
    let form = r#"resource "aws_iam_role_policy" "queue" {
  role   = aws_iam_role.fn.id
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }]
  })
}

resource "aws_iam_role_policy" "fn" {
  role   = aws_iam_role.fn.id
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "dynamodb:PutItem", Resource = aws_dynamodb_table.orders.arn },
      { Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.photos.arn}/index.html" }
    ]
  })
}
"#;
    let (_, folder) = cleans(&[("main.tf", &terraform(form)), ("app.py", CODE)]);
    let after = std::fs::read_to_string(folder.path().join("main.tf")).expect("still there");
    let queue = form.find("resource \"aws_iam_role_policy\" \"fn\"").expect("it is there");
    assert_eq!(after, terraform(&form[queue..]));
}

#[test]
fn paths_are_those_that_git_apply_looks_for() {
    let folder = project(&[("shop/template.yaml", &sam("      Policies: [AmazonDynamoDBFullAccess]\n")), ("shop/app.py", CODE)]);
    let patch = leash(folder.path(), &["shop", "--patch"]).out;
    assert!(patch.starts_with("--- a/shop/template.yaml\n+++ b/shop/template.yaml\n"), "{patch}");
    let elsewhere = TempDir::new().expect("a temporary folder");
    let shop = folder.path().join("shop");
    let patch = leash(elsewhere.path(), &[shop.to_str().expect("UTF-8"), "--patch"]).out;
    assert!(patch.starts_with("--- a/template.yaml\n+++ b/template.yaml\n"), "no absolute paths: {patch}");
}

#[test]
fn a_template_without_findings_is_left_alone() {
    let template = sam("      Policies:
        - Statement:
            - {Effect: Allow, Action: 'dynamodb:PutItem', Resource: !GetAtt Orders.Arn}
            - {Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Photos.Arn}/index.html'}
");
    let folder = project(&[("template.yaml", &template), ("app.py", CODE)]);
    let output = leash(folder.path(), &["--patch"]);
    assert_eq!((output.status, output.out.as_str(), output.err.as_str()), (Some(0), "", "nothing to change\n"));
}

/// The fixtures of other tests: odd on purpose, so that not everything can be changed. What is changed applies, reads again,
/// and leaves nothing that leash did not speak of.
#[test]
fn other_fixtures_stay_readable() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut mended = 0;
    for name in [
        "tests/iac/orders",
        "tests/iac/serverless-service",
        "tests/iac/terraform-basic",
        "tests/iac/terraform-community",
        "tests/iac/chalice",
        "tests/iac/serverless-ts",
        "tests/iac/zappa",
        "examples/orders",
    ] {
        let folder = TempDir::new().expect("a temporary folder");
        copy(&root.join(name), folder.path());
        let before = changeable(folder.path());
        let (patch, said) = apply(folder.path());
        let after = changeable(folder.path());
        assert!(after.len() <= before.len(), "{name}: {after:?} of {before:?}\n{patch}");
        assert!(
            after.is_empty() || said.contains("stays as it is") || said.contains("not added"),
            "{name}: {after:?}\n{said}\n{patch}"
        );
        mended += usize::from(after.len() < before.len());
    }
    assert!(mended > 1, "only {mended} of them have less to change afterwards");
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            std::fs::create_dir_all(&target).expect("made");
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}

/// A handler that needs one permission.
const SEND: &str = "import boto3


def handler(event, context):
    boto3.client('sqs').send_message(QueueUrl='https://sqs.eu-west-1.amazonaws.com/123456789012/jobs', MessageBody='m')
";

#[test]
fn what_is_written_once_changes_once() {
    let root = "Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ./child.yaml}\n";
    let child = "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.12, Handler: app.handler, Role: !GetAtt Role.Arn, Code: .}
";
    let (patch, folder) = cleans(&[("a.yaml", root), ("b.yaml", root), ("child.yaml", child), ("app.py", SEND)]);
    assert_eq!(patch.matches("+        - PolicyName: RolePolicy").count(), 1, "{patch}");
    assert!(std::fs::read_to_string(folder.path().join("child.yaml")).expect("read").contains("sqs:SendMessage"));
    let role = "resource \"aws_iam_role\" \"fn\" {
  name               = \"fn\"
  assume_role_policy = \"{}\"
}
resource \"aws_lambda_function\" \"fn\" {
  function_name = \"fn\"
  handler       = \"app.handler\"
  runtime       = \"python3.12\"
  role          = aws_iam_role.fn.arn
  filename      = \"${path.module}/app.py\"
}
";
    let calls = "module \"a\" {\n  source = \"./worker\"\n}\nmodule \"b\" {\n  source = \"./worker\"\n}\n";
    let (patch, _) = cleans(&[("main.tf", calls), ("worker/main.tf", role), ("worker/app.py", SEND)]);
    assert_eq!(patch.matches("+resource \"aws_iam_role_policy\" \"fn_needs\"").count(), 1, "{patch}");
}

#[test]
fn what_is_made_for_a_role_is_made_as_often_as_that() {
    let role = |more: &str, index: &str| {
        format!(
            "variable \"enabled\" {{\n  default = true\n}}\n\
             resource \"aws_iam_role\" \"fn\" {{\n  {more}\n  name               = \"fn\"\n  assume_role_policy = \"{{}}\"\n}}\n\
             resource \"aws_lambda_function\" \"fn\" {{\n  {more}\n  function_name = \"fn\"\n  handler       = \"app.handler\"\n  \
             runtime       = \"python3.12\"\n  role          = aws_iam_role.fn[{index}].arn\n  filename      = \"app.py\"\n}}\n"
        )
    };
    let one = role("count = var.enabled ? 1 : 0", "0");
    let (patch, _) = cleans(&[("main.tf", &one), ("app.py", SEND)]);
    assert_eq!(patch.matches("+  count = var.enabled ? 1 : 0\n").count(), 2, "{patch}");
    assert!(patch.contains("role   = aws_iam_role.fn[count.index].id"), "{patch}");
    assert!(patch.contains("data.aws_iam_policy_document.fn_needs[count.index].json"), "{patch}");
    let each = role("for_each = toset([\"a\", \"b\"])", "each.key");
    let (patch, _) = cleans(&[("main.tf", &each), ("app.py", SEND)]);
    assert_eq!(patch.matches("+  for_each = toset([\"a\", \"b\"])\n").count(), 2, "{patch}");
    assert!(patch.contains("role   = aws_iam_role.fn[each.key].id"), "{patch}");
    let apart = each.replace(
        "filename      = \"app.py\"",
        "filename      = \"app.py\"\n  environment {\n    variables = { QUEUE = each.key }\n  }",
    );
    let code = SEND.replace(
        "'https://sqs.eu-west-1.amazonaws.com/123456789012/jobs'",
        "'https://sqs.eu-west-1.amazonaws.com/123456789012/' + os.environ['QUEUE']",
    );
    let folder = project(&[("main.tf", &apart), ("app.py", &format!("import os\n{code}"))]);
    let (patch, said) = apply(folder.path());
    assert!(
        patch.is_empty() && said.contains("one of several that a loop makes"),
        "each would get what the other needs: {patch}{said}"
    );
}
