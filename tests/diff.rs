//! `leash diff` from the template and the code to findings and exit codes. Each fixture is a SAM template and a handler.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

#[path = "support/answer.rs"]
mod answer;
#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;

use answer::{findings, verdicts};
use run::Run;

const HEAD: &str = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n";

/// A function of a template whose `Policies` are given, with a table, a bucket and a named table beside it.
fn template(policies: &str) -> String {
    format!(
        "{HEAD}  Orders:
    Type: AWS::DynamoDB::Table
    Properties: {{}}
  Users:
    Type: AWS::DynamoDB::Table
    Properties: {{TableName: users}}
  Photos:
    Type: AWS::S3::Bucket
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: python3.12
      Environment:
        Variables: {{ORDERS: !Ref Orders, USERS: !Ref Users, PHOTOS: !Ref Photos}}
      Policies:
{policies}"
    )
}

const PUT: &str = "import os, boto3\n\ntable = boto3.resource('dynamodb').Table(os.environ['ORDERS'])\n\n\ndef handler(event, context):\n    table.put_item(Item={'id': event['id']})\n";

const PUT_PHOTO: &str = "import os, boto3\n\n\ndef handler(event, context):\n    boto3.client('s3').put_object(Bucket=os.environ['PHOTOS'], Key='a.png')\n";

fn project(template: &str, code: &str) -> TempDir {
    project::project(&[("template.yaml", template), ("app.py", code)])
}

fn leash(folder: &Path, args: &[&str]) -> Run {
    run::leash(folder, &[&["diff"], args].concat())
}

fn json(folder: &Path, args: &[&str]) -> Value {
    leash(folder, &[args, &["--format", "json"]].concat()).json()
}

fn diff(policies: &str, code: &str) -> Value {
    json(project(&template(policies), code).path(), &[])
}

fn statement(actions: &str, resource: &str) -> String {
    format!("        - Statement: [{{Effect: Allow, Action: {actions}, Resource: {resource}}}]\n")
}

#[test]
fn what_is_needed_and_nothing_else_is_no_finding() {
    for resource in [
        "!GetAtt Orders.Arn",
        "!Sub 'arn:aws:dynamodb:eu-west-1:123456789012:table/${Orders}'",
        "!Sub 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Orders}'",
    ] {
        let report = diff(&statement("'dynamodb:PutItem'", resource), PUT);
        assert_eq!(findings(&report), [] as [&str; 0], "{resource}");
        assert_eq!(verdicts(&report), ["dynamodb:PutItem used"], "{resource}");
    }
}

#[test]
fn a_named_table_is_its_reference_and_its_arn() {
    let code = PUT.replace("ORDERS", "USERS");
    let literal = PUT.replace("os.environ['ORDERS']", "'users'");
    for resource in
        ["!GetAtt Users.Arn", "'arn:aws:dynamodb:eu-west-1:123456789012:table/users'", "'arn:aws:dynamodb:*:*:table/users'"]
    {
        for code in [&code, &literal] {
            let report = diff(&statement("'dynamodb:PutItem'", resource), code);
            assert_eq!(findings(&report), [] as [&str; 0], "{resource} {code}");
        }
    }
}

#[test]
fn another_table_is_missing_and_unused() {
    let report = diff(&statement("'dynamodb:PutItem'", "!GetAtt Users.Arn"), PUT);
    assert_eq!(findings(&report), ["LEASH001 dynamodb:PutItem", "LEASH002 dynamodb:PutItem"]);
    let finding = &report["findings"][0];
    assert_eq!(finding["severity"], "high");
    assert_eq!(finding["code"][0]["file"], "app.py");
    assert_eq!(finding["code"][0]["line"], 7);
    assert_eq!(finding["statements"][0]["Resource"], "${Orders.Arn}");
}

#[test]
fn a_name_from_the_event_is_neither_missing_nor_unused() {
    let code = PUT
        .replace("table = boto3.resource('dynamodb').Table(os.environ['ORDERS'])\n", "")
        .replace("    table.put_item", "    boto3.resource('dynamodb').Table(event['table']).put_item");
    let report = diff(&statement("['dynamodb:PutItem', 'dynamodb:Scan']", "!GetAtt Users.Arn"), &code);
    assert_eq!(findings(&report), ["LEASH002 dynamodb:Scan", "LEASH009 dynamodb:PutItem"]);
    assert_eq!(verdicts(&report), ["dynamodb:PutItem used", "dynamodb:Scan unused"]);
}

#[test]
fn a_policy_template_is_compared_by_what_it_grants() {
    let report = diff("        - DynamoDBCrudPolicy: {TableName: !Ref Orders}\n", PUT);
    assert_eq!(findings(&report).len(), 1, "{report}");
    let finding = &report["findings"][0];
    assert_eq!((finding["id"].as_str(), finding["severity"].as_str()), (Some("LEASH002"), Some("medium")));
    assert_eq!(finding["statements"][0]["Action"], "dynamodb:PutItem");
    assert_eq!(verdicts(&report).iter().filter(|verdict| verdict.ends_with(" used")).count(), 1);
}

#[test]
fn wildcards_are_broader_than_what_is_used() {
    let report = diff(&statement("'dynamodb:*'", "'*'"), PUT);
    assert_eq!(findings(&report), ["LEASH004 dynamodb:*", "LEASH005 dynamodb:PutItem"]);
    assert_eq!(report["findings"][0]["statements"][0]["Action"], "dynamodb:PutItem");
}

#[test]
fn a_star_is_no_finding_where_the_action_takes_no_resource() {
    let code = "import boto3\n\n\ndef handler(event, context):\n    boto3.client('ec2').describe_regions()\n    boto3.client('s3').list_buckets()\n";
    let report = diff(&statement("['ec2:DescribeRegions', 's3:ListAllMyBuckets']", "'*'"), code);
    assert_eq!(findings(&report), [] as [&str; 0]);
}

#[test]
fn what_the_runtime_uses_is_quiet() {
    let policies = statement("['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents']", "'arn:aws:logs:*:*:*'");
    let policies =
        format!("        - AWSLambdaBasicExecutionRole\n{policies}{}", statement("'dynamodb:PutItem'", "!GetAtt Orders.Arn"));
    assert_eq!(findings(&diff(&policies, PUT)), [] as [&str; 0]);
}

#[test]
fn what_cannot_be_resolved_makes_nothing_unused() {
    let code = format!("{PUT}    getattr(boto3.client(event['service']), event['operation'])()\n");
    let report = diff(&statement("['dynamodb:PutItem', 'sqs:SendMessage']", "!GetAtt Orders.Arn"), &code);
    assert_eq!(verdicts(&report), ["dynamodb:PutItem used", "sqs:SendMessage cannot-tell"]);
    assert_eq!(findings(&report), ["LEASH009 sqs:SendMessage"]);
    let doubts = report["findings"][0]["doubts"].as_array().expect("a list");
    assert!(doubts.iter().any(|doubt| doubt.as_str().is_some_and(|doubt| doubt.starts_with("app.py:8: "))), "{doubts:?}");
}

#[test]
fn ways_to_more_rights_are_critical() {
    let policies = statement("['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction']", "'*'");
    let report = diff(&policies, "def handler(event, context):\n    return 1\n");
    assert_eq!(report["findings"][0]["id"], "LEASH007");
    assert_eq!(report["findings"][0]["severity"], "critical");
}

#[test]
fn an_action_on_what_it_cannot_be_granted_on_is_no_way_to_more_rights() {
    let code = "import boto3\n\n\ndef handler(event, context):\n    boto3.client('ssm').get_parameter(Name='/own')\n";
    let on = |resource: &str| diff(&statement("'ssm:*'", resource), code);
    let own = on("!Sub 'arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/own'");
    assert_eq!(findings(&own), ["LEASH004 ssm:*"]);
    assert!(findings(&on("'*'")).contains(&"LEASH007 ssm:SendCommand".to_owned()));
}

#[test]
fn a_denial_on_topics_is_none_of_a_message_to_a_phone() {
    let policies = "        - Statement:
            - {Effect: Deny, Action: 'sns:Publish', Resource: 'arn:aws:sns:*:*:*'}
            - {Effect: Allow, Action: 'sns:Publish', Resource: '*'}
";
    let sends = |to: &str| {
        format!("import boto3\n\n\ndef handler(event, context):\n    boto3.client('sns').publish({to}, Message='x')\n")
    };
    assert_eq!(findings(&diff(policies, &sends("PhoneNumber=event['to']"))), [] as [&str; 0]);
    let topic = diff(policies, &sends("TopicArn='arn:aws:sns:eu-west-1:123456789012:t'"));
    assert!(findings(&topic).contains(&"LEASH001 sns:Publish".to_owned()), "{:?}", findings(&topic));
}

#[test]
fn buckets_are_listed_by_whoever_may_on_all_of_them() {
    let code = "import boto3\n\n\ndef handler(event, context):\n    boto3.client('s3').list_buckets()\n";
    let granted_on = |resource: &str| findings(&diff(&statement("'s3:ListAllMyBuckets'", resource), code));
    assert_eq!(granted_on("'*'"), [] as [&str; 0]);
    assert_eq!(granted_on("'arn:aws:s3:::*'"), [] as [&str; 0]);
    assert!(!granted_on("'arn:aws:s3:::photos'").is_empty());
}

#[test]
fn what_is_within_a_named_resource_is_not_wide_open() {
    let code = "import os, boto3\n\n\ndef handler(event, context):\n    boto3.client('s3').put_object(Bucket=os.environ['PHOTOS'], Key=f\"{event['a']}.{event['b']}\")\n";
    // A name that adds nothing but a dot is no narrower one.
    assert_eq!(findings(&diff(&statement("'s3:PutObject'", "!Sub '${Photos.Arn}/*'"), code)), [] as [&str; 0]);
    let code = code.replace("{event['a']}.", "thumbnails/");
    let report = diff(&statement("'s3:PutObject'", "!Sub '${Photos.Arn}/*'"), &code);
    assert_eq!(
        (findings(&report), report["findings"][0]["severity"].as_str()),
        (vec!["LEASH005 s3:PutObject".to_owned()], Some("info"))
    );
}

#[test]
fn a_denial_takes_away_what_another_statement_gives() {
    let policies = format!(
        "{}        - Statement: [{{Effect: Deny, Action: 'dynamodb:PutItem', Resource: '*'}}]\n",
        statement("'dynamodb:*'", "!GetAtt Orders.Arn")
    );
    assert!(findings(&diff(&policies, PUT)).contains(&"LEASH001 dynamodb:PutItem".to_owned()));
}

#[test]
fn a_wildcard_at_the_end_of_a_short_arn_covers_what_follows() {
    let short = diff(&statement("'s3:PutObject'", "'arn:aws:s3:*'"), PUT_PHOTO);
    assert_eq!(findings(&short), ["LEASH005 s3:PutObject"]);
}

#[test]
fn what_needs_no_permission_is_said_to_need_none() {
    let code = "import boto3\n\n\ndef handler(event, context):\n    boto3.client('cognito-idp').initiate_auth(ClientId='c', AuthFlow='USER_PASSWORD_AUTH')\n    boto3.client('sts').get_caller_identity()\n";
    let report = diff(&statement("'cognito-idp:InitiateAuth'", "'*'"), code);
    let message = report["findings"][0]["message"].as_str().expect("text");
    assert!(
        message.ends_with("allows cognito-idp:InitiateAuth, which app.py:5 calls and which needs no permission"),
        "{message}"
    );
    let report = diff(&statement("['sts:GetCallerIdentity', 'sts:GetFederationToken']", "'*'"), code);
    let finding = &report["findings"][0];
    let message = finding["message"].as_str().expect("text");
    assert!(message.ends_with("; app.py:6 calls sts:GetCallerIdentity, which needs no permission"), "{message}");
    let remedy = finding["remedy"].as_str().expect("text");
    assert!(remedy.ends_with("API_GetCallerIdentity.html)"), "{remedy}");
}

#[test]
fn what_only_the_deployment_knows_is_the_same_by_the_same_expression() {
    let code = "import os, boto3\n\n\ndef handler(event, context):\n    boto3.client('dynamodb').get_item(TableName=os.environ['TABLE'], Key={})\n";
    for (table, answer) in [
        ("!ImportValue common-table", "!ImportValue common-table"),
        (
            "!ImportValue {'Fn::Sub': '${AWS::StackName}-table'}",
            "{\"Fn::ImportValue\": {\"Fn::Sub\": \"${AWS::StackName}-table\"}}",
        ),
        ("'{{resolve:ssm:/common/table}}'", "table/{{resolve:ssm:/common/table}}"),
        ("!Sub '{{resolve:ssm:/${AWS::Region}/table}}'", "table/{{resolve:ssm:/${AWS::Region}/table}}"),
    ] {
        let policies = format!("        - DynamoDBReadPolicy: {{TableName: {table}}}\n");
        let template = template(&policies).replace("ORDERS: !Ref Orders", &format!("TABLE: {table}"));
        let folder = project(&template, code);
        let report = json(folder.path(), &[]);
        let found = findings(&report);
        assert!(found.iter().all(|finding| finding.starts_with("LEASH002")), "{table}: {found:?}");
        assert!(verdicts(&report).contains(&"dynamodb:GetItem used".to_owned()), "{table}");
        let drafted = run::leash(folder.path(), &["infer", "-q", "--format", "sam"]).out;
        assert!(drafted.contains(answer), "{table}: {drafted}");
    }
}

#[test]
fn misspelled_actions_are_found() {
    let policies = statement("['dynamodb:PutItem', 'dynamodb:PutItems']", "!GetAtt Orders.Arn");
    assert_eq!(findings(&diff(&policies, PUT)), ["LEASH011 dynamodb:PutItems"]);
}

/// Two functions with one role.
fn shared(second: &str) -> TempDir {
    let function = |id: &str, handler: &str| {
        format!(
            "  {id}:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: ., Handler: {handler}, Runtime: python3.12, Role: !GetAtt Role.Arn}}
"
        )
    };
    let template = format!(
        "{HEAD}{}{}  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: 'sts:AssumeRole'}}]
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: [{{Effect: Allow, Action: ['sqs:SendMessage', 'sns:Publish', 'sqs:PurgeQueue'], Resource: '*'}}]
",
        function("One", "app.handler"),
        function("Two", "two.handler")
    );
    let code = "import boto3\n\n\ndef handler(event, context):\n    boto3.client('sqs').send_message(QueueUrl=event['url'], MessageBody='x')\n";
    let folder = project(&template, code);
    std::fs::write(folder.path().join("two.py"), second).expect("written");
    folder
}

#[test]
fn what_one_function_of_a_role_uses_is_not_unused() {
    let folder = shared(
        "import boto3\n\n\ndef handler(event, context):\n    boto3.client('sns').publish(TopicArn=event['topic'], Message='x')\n",
    );
    let report = json(folder.path(), &[]);
    let logs = "LEASH001 logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents";
    assert_eq!(findings(&report), ["LEASH002 sqs:PurgeQueue", "LEASH006", logs, logs]);
    assert_eq!(report["findings"][2]["severity"], "info", "functions run without their logs");
    // The other function counts although only one is asked for.
    let report = json(folder.path(), &["--function", "One"]);
    assert_eq!(findings(&report), ["LEASH002 sqs:PurgeQueue", "LEASH006", logs]);
}

#[test]
fn a_function_of_the_role_that_cannot_be_read_makes_nothing_unused() {
    let folder = shared("");
    std::fs::remove_file(folder.path().join("two.py")).expect("it is there");
    let report = json(folder.path(), &[]);
    let verdicts = verdicts(&report);
    assert!(!verdicts.is_empty() && verdicts.iter().all(|verdict| !verdict.ends_with("unused")), "{report}");
}

#[test]
fn a_policy_file_stands_for_what_is_declared() {
    let folder = project("", PUT);
    std::fs::remove_file(folder.path().join("template.yaml")).expect("it is there");
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["dynamodb:PutItem", "s3:GetObject"], "Resource": "*"}}"#;
    std::fs::write(folder.path().join("role.json"), policy).expect("written");
    let report = json(folder.path(), &["app.py", "--role", "role.json"]);
    assert_eq!(verdicts(&report), ["dynamodb:PutItem used", "s3:GetObject unused"]);
    let output = leash(folder.path(), &["app.py"]);
    assert!(output.err.contains("--role"));
    std::fs::write(folder.path().join("role.json"), "[]").expect("written");
    assert_eq!(leash(folder.path(), &["app.py", "--role", "role.json"]).status, Some(2));
}

#[test]
fn the_exit_code_follows_the_threshold() {
    let policies = statement("['dynamodb:PutItem', 'dynamodb:Scan']", "!GetAtt Orders.Arn");
    let folder = project(&template(&policies), PUT);
    for (args, code) in [
        (&[][..], 0),
        (&["--fail-on", "any"], 1),
        (&["--fail-on", "unused"], 1),
        (&["--fail-on", "high"], 0),
        (&["--fail-on", "x"], 2),
    ] {
        assert_eq!(leash(folder.path(), args).status, Some(code), "{args:?}");
    }
    let broad = project(&template(&statement("'dynamodb:*'", "'*'")), PUT);
    assert_eq!(leash(broad.path(), &[]).status, Some(1));
    assert_eq!(leash(broad.path(), &["--fail-on", "none"]).status, Some(0));
}

#[test]
fn fingerprints_survive_unrelated_edits() {
    let policies = statement("['dynamodb:PutItem', 'sqs:PurgeQueue']", "!GetAtt Orders.Arn");
    let prints = |template: &str, code: &str| {
        let report = json(project(template, code).path(), &[]);
        let all = report["findings"].as_array().expect("a list");
        all.iter().map(|finding| finding["fingerprint"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    let before = prints(&template(&policies), PUT);
    let moved = template(&policies).replace("Resources:\n", "# a comment\n\nResources:\n");
    assert_eq!(before, prints(&moved, &format!("# a comment\n{PUT}")));
    assert_eq!(before.len(), 1);
    let other = prints(&template(&policies.replace("PurgeQueue", "DeleteQueue")), PUT);
    assert_ne!(before, other);
}

#[test]
fn allowances_say_what_no_analysis_sees() {
    let policies = statement("['dynamodb:PutItem', 'sqs:PurgeQueue', 'sqs:DeleteQueue']", "!GetAtt Orders.Arn");
    let commented = format!("{PUT}    # leash: allow sqs:Purge* -- a plugin empties it\n");
    let report = diff(&policies, &commented);
    assert_eq!(verdicts(&report), ["dynamodb:PutItem used", "sqs:PurgeQueue used", "sqs:DeleteQueue unused"]);
    assert_eq!(findings(&report), ["LEASH003 sqs:DeleteQueue"]);

    let stale = format!("{commented}    # leash: allow kms:Decrypt -- no more\n    # leash: allow sns:Publish\n");
    assert_eq!(findings(&diff(&policies, &stale)), ["LEASH003 sqs:DeleteQueue", "LEASH013", "LEASH013"]);

    let folder = project(&template(&policies), PUT);
    let settings = "[[allow]]\naction = 'sqs:*'\nfunction = 'Fn'\nreason = 'a plugin'\n";
    std::fs::write(folder.path().join("leash.toml"), settings).expect("written");
    assert_eq!(findings(&json(folder.path(), &[])), [] as [&str; 0]);
}

#[test]
fn only_what_is_not_in_the_baseline_fails() {
    let folder = project(&template(&statement("'dynamodb:*'", "'*'")), PUT);
    let known = leash(folder.path(), &["--format", "json"]);
    assert_eq!(known.status, Some(1));
    std::fs::write(folder.path().join("known.json"), &known.out).expect("written");
    assert_eq!(leash(folder.path(), &["--baseline", "known.json"]).status, Some(0));
    std::fs::write(folder.path().join("template.yaml"), template(&statement("['dynamodb:*', 's3:*']", "'*'"))).expect("written");
    let fresh = leash(folder.path(), &["--baseline", "known.json", "--fail-on", "unused-service"]);
    assert_eq!(fresh.status, Some(1));
    std::fs::write(folder.path().join("known.json"), "{}").expect("written");
    assert_eq!(leash(folder.path(), &["--baseline", "known.json"]).status, Some(2));
}

#[test]
fn sarif_names_rules_places_and_fingerprints() {
    let folder = project(&template(&statement("'dynamodb:*'", "'*'")), PUT);
    let output = leash(folder.path(), &["--format", "sarif"]);
    let log = output.json();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), 2);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("a number") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "template.yaml");
        assert!(place["region"]["startLine"].as_u64().is_some_and(|line| line > 10));
        assert_eq!(result["partialFingerprints"]["leash/v1"].as_str().map(str::len), Some(16));
    }
    let github = leash(folder.path(), &["--format", "github"]);
    assert!(github.out.starts_with("::error file=template.yaml,line="));
    let markdown = leash(folder.path(), &["--format", "markdown"]);
    assert!(markdown.out.contains("| LEASH004 wildcard-action | 1 | high |"));
}

#[test]
fn the_random_end_of_a_secrets_arn_makes_no_difference() {
    let secrets = format!(
        "{}  Secret:\n    Type: AWS::SecretsManager::Secret\n    Properties: {{Name: db}}\n",
        template(&statement("'secretsmanager:GetSecretValue'", "!Ref Secret"))
            .replace("Variables: {", "Variables: {SECRET: !Ref Secret, ")
    );
    let code = "import os, boto3\n\n\ndef handler(event, context):\n    boto3.client('secretsmanager').get_secret_value(SecretId=os.environ['SECRET'])\n";
    for code in [code.to_owned(), code.replace("os.environ['SECRET']", "'db'")] {
        assert_eq!(findings(&json(project(&secrets, &code).path(), &[])), [] as [&str; 0], "{code}");
    }
}

#[test]
fn what_a_helper_does_in_some_cases_is_not_missing_for_certain() {
    let code = "import os, boto3\n\n\ndef handler(event, context):\n    boto3.client('s3').upload_file('x.txt', os.environ['PHOTOS'], 'x')\n";
    let report = diff(&statement("'s3:PutObject'", "!Sub '${Photos.Arn}/*'"), code);
    assert!(findings(&report).iter().all(|finding| !finding.starts_with("LEASH001")), "{report}");
    assert_eq!(verdicts(&report), ["s3:PutObject used"], "{report}");
    let report = diff(&statement("'s3:GetObject'", "!Sub '${Photos.Arn}/*'"), code);
    assert!(findings(&report).contains(&"LEASH001 s3:PutObject".to_owned()), "{report}");
}

#[test]
fn what_notes_say_may_be_needed_is_not_unused() {
    let code = "import boto3\ndef handler(event, context):\n    boto3.client('athena').start_query_execution(QueryString='ALTER TABLE t ADD PARTITION (d=1)')\n";
    let report = diff(
        &(statement("['athena:StartQueryExecution', 'glue:GetTable', 'glue:GetDatabase', 'glue:BatchCreatePartition']", "'*'")
            + &statement("['s3:GetObject', 's3:ListBucket', 's3:DeleteObject']", "'*'")),
        code,
    );
    let verdicts = verdicts(&report);
    for (action, verdict) in
        [("glue:BatchCreatePartition", "used"), ("s3:GetObject", "cannot-tell"), ("s3:DeleteObject", "unused")]
    {
        assert!(verdicts.contains(&format!("{action} {verdict}")), "{verdicts:?}");
    }
}

#[test]
fn keys_of_what_is_not_known_are_not_unused() {
    let with_bucket = |bucket: &str| {
        let code = format!(
            "import os, boto3\ndef handler(event, context):\n    boto3.client('s3').put_object(Bucket={bucket}, Key='a')\n"
        );
        verdicts(&diff(&(statement("'s3:PutObject'", "'*'") + &statement("'kms:GenerateDataKey'", "'*'")), &code))
    };
    assert!(with_bucket("event['bucket']").contains(&"kms:GenerateDataKey cannot-tell".to_owned()));
    assert!(
        with_bucket("os.environ['PHOTOS']").contains(&"kms:GenerateDataKey unused".to_owned()),
        "the template shows that it has none"
    );
}

#[test]
fn one_of_several_kinds_of_resources_is_enough_where_the_kind_is_not_known() {
    let tag = "import boto3\ndef handler(event, context):\n    boto3.client('organizations').tag_resource(ResourceId=event['id'], Tags=[])\n";
    let report = diff(&statement("'organizations:TagResource'", "'arn:aws:organizations::*:account/o-*/*'"), tag);
    let rules = findings(&report);
    assert!(!rules.iter().any(|rule| rule.contains("LEASH001")), "{rules:?}");
    assert_eq!(verdicts(&report), ["organizations:TagResource used"], "{report}");
    let report = diff(&statement("'organizations:ListRoots'", "'*'"), tag);
    assert!(findings(&report).iter().any(|rule| rule.contains("LEASH001")), "none of them is allowed");
    let add = "import boto3\ndef handler(event, context):\n    boto3.client('cloudformation').create_stack_instances(StackSetName='base', Accounts=[], Regions=[])\n";
    let report = diff(&statement("'cloudformation:CreateStackInstances'", "'arn:aws:cloudformation:*:*:stackset/base:*'"), add);
    let rules = findings(&report);
    assert!(!rules.iter().any(|rule| rule.contains("LEASH001")), "{rules:?}");
    assert_eq!(verdicts(&report), ["cloudformation:CreateStackInstances used"], "{report}");
}

#[test]
fn what_one_finding_says_is_not_said_again_for_each_variant() {
    let code = "import boto3\n\n\ndef key(event):\n    if event['folder']:\n        return event['folder'] + '/' + event['name']\n    \
                return 'unnamed' if event['raw'] else event['name'] + '.png'\n\n\ndef handler(event, context):\n    \
                boto3.client('s3').put_object(Bucket=event['bucket'], Key=event.get('id') or key(event))\n";
    let report = json(project(&template("        - SQSPollerPolicy: {QueueName: jobs}\n"), code).path(), &[]);
    let missing = findings(&report).into_iter().filter(|finding| finding.contains("s3:PutObject")).collect::<Vec<_>>();
    assert_eq!(missing.len(), 1, "{missing:?}");
}

#[test]
fn what_a_function_in_a_vpc_runs_without_is_worth_knowing_only() {
    let vpc = |actions: &str| {
        let template = template(&statement(actions, "'*'")).replace(
            "      Policies:",
            "      Role: !GetAtt Role.Arn\n      VpcConfig: {SecurityGroupIds: [sg-1], SubnetIds: [subnet-1]}\n      Policies:",
        );
        let role = format!(
            "  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies: [{{PolicyName: p, PolicyDocument: {{Statement: \
             [{{Effect: Allow, Action: ['logs:*', {actions}], Resource: '*'}}]}}}}]\n"
        );
        let template = template.split("      Policies:").next().expect("a start").to_owned() + &role;
        json(project(&template, "def handler(event, context):\n    pass\n").path(), &[])
    };
    let of = |report: &Value, id: &str| -> Vec<(String, String)> {
        let all = report["findings"].as_array().expect("a list").iter().filter(|finding| finding["id"] == id);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        all.map(|finding| (text(&finding["severity"]), text(&finding["remedy"]))).collect()
    };
    let main = "'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'";
    let [(severity, remedy)] = &of(&vpc(main), "LEASH001")[..] else { panic!("one finding") };
    assert_eq!(severity, "info");
    assert!(remedy.contains("ec2:DescribeSubnets") && !remedy.contains("ec2:CreateNetworkInterface"), "{remedy}");
    let [(severity, _)] = &of(&vpc("'ec2:DescribeNetworkInterfaces'"), "LEASH001")[..] else { panic!("one finding") };
    assert_eq!(severity, "high");
    let [(_, remedy)] = &of(&vpc("'ec2:Describe*'"), "LEASH004")[..] else { panic!("one finding") };
    assert!(remedy.contains("ec2:DescribeSubnets") && !remedy.contains("Vpcs") && !remedy.contains("SecurityGroups"), "{remedy}");
}

#[test]
fn credentials_in_shared_code_are_one_finding() {
    let key = "import boto3\n\n\ndef client():\n    return boto3.client('sqs', aws_access_key_id='AKIAIOSFODNN7EXAMPLE', \
               aws_secret_access_key='wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')\n";
    let use_it = "import keys\n\n\ndef handler(event, context):\n    keys.client().purge_queue(QueueUrl=event['url'])\n";
    let folder = shared(use_it);
    std::fs::write(folder.path().join("keys.py"), key).expect("written");
    std::fs::write(folder.path().join("app.py"), use_it).expect("written");
    let report = json(folder.path(), &[]);
    let found: Vec<_> = report["findings"].as_array().expect("a list").iter().filter(|one| one["id"] == "LEASH008").collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["functions"], serde_json::json!(["One", "Two"]));
}

/// The findings of a rule for a template as a whole.
fn found(template: &str, code: &str, rule: &str) -> Vec<(String, String)> {
    let answer = json(project(template, code).path(), &[]);
    let all = answer["findings"].as_array().expect("findings").clone();
    let of_rule = all.iter().filter(|finding| finding["name"] == rule);
    of_rule.map(|finding| (finding["severity"].to_string(), finding["message"].to_string())).collect()
}

const IDLE: &str = "def handler(event, context):\n    return event\n";

/// A function that two streams invoke, with a role that allows these actions on them.
fn polling(orders: &str, clicks: &str) -> String {
    format!(
        "{HEAD}  Orders: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: orders}}}}\n  Clicks: {{Type: AWS::Kinesis::Stream}}\n  \
         Role:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n        - PolicyName: p\n          PolicyDocument:\n            \
         Statement:\n              - {{Effect: Allow, Action: [{orders}], Resource: !GetAtt Orders.StreamArn}}\n              \
         - {{Effect: Allow, Action: [{clicks}], Resource: !GetAtt Clicks.Arn}}\n              \
         - {{Effect: Allow, Action: 'logs:*', Resource: '*'}}\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
         CodeUri: .\n      Handler: app.handler\n      Runtime: python3.12\n      Role: !GetAtt Role.Arn\n      Events:\n        \
         D: {{Type: DynamoDB, Properties: {{Stream: !GetAtt Orders.StreamArn}}}}\n        \
         K: {{Type: Kinesis, Properties: {{Stream: !GetAtt Clicks.Arn}}}}\n"
    )
}

#[test]
fn a_poller_may_list_streams_by_the_stream_alone() {
    let orders = "dynamodb:GetRecords, dynamodb:GetShardIterator, dynamodb:DescribeStream";
    let clicks = "kinesis:GetRecords, kinesis:GetShardIterator";
    let missing = |orders: &str, clicks: &str| found(&polling(orders, clicks), IDLE, "missing-permission");
    let listing = format!("{orders}, dynamodb:ListStreams");
    for either in ["DescribeStream, kinesis:ListStreams", "DescribeStreamSummary, kinesis:ListShards"] {
        assert_eq!(missing(&listing, &format!("{clicks}, kinesis:{either}")), []);
    }
    let without = missing(orders, clicks);
    assert_eq!(without.len(), 2, "{without:?}");
    assert!(without[0].1.contains("dynamodb:ListStreams") && without[1].1.contains("kinesis:ListShards"), "{without:?}");
}

#[test]
fn the_key_of_the_environment_may_be_granted_otherwise() {
    let template = format!(
        "{HEAD}  Key: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {{Statement: []}}}}}}\n  Fn:\n    Type: AWS::Serverless::Function\n    \
         Properties: {{CodeUri: ., Handler: app.handler, Runtime: python3.12, KmsKeyArn: !GetAtt Key.Arn, Role: !GetAtt Role.Arn}}\n  \
         Role: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: \
         ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']}}}}\n"
    );
    let missing = found(&template, IDLE, "missing-permission");
    assert!(
        matches!(missing.as_slice(), [(severity, message)] if severity == "\"info\"" && message.contains("kms:Decrypt")),
        "{missing:?}"
    );
}

#[test]
fn a_name_that_the_template_lacks_may_be_any() {
    let template = |variable: &str, outputs: &str| {
        format!(
            "{HEAD}  Jobs: {{Type: AWS::SQS::Queue, Properties: {{QueueName: jobs}}}}\n  Fn:\n    Type: AWS::Serverless::Function\n    \
             Properties:\n      CodeUri: .\n      Handler: app.handler\n      Runtime: python3.12\n      \
             Environment: {{Variables: {{URL: {variable}}}}}\n      \
             Policies: [{{Statement: [{{Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Jobs.Arn}}]}}]\n{outputs}"
        )
    };
    let code = "import boto3, os\ndef handler(event, context):\n    \
                boto3.client('sqs').send_message(QueueUrl=os.environ['URL'], MessageBody='m')\n";
    let unknown = template("!Ref TheUrl", "");
    assert_eq!(found(&unknown, code, "missing-permission"), []);
    assert_eq!(found(&unknown, code, "undecidable").len(), 1);
    let output = template("!Ref TheUrl", "Outputs:\n  TheUrl: {Value: !Ref Jobs}\n");
    assert_eq!([found(&output, code, "missing-permission"), found(&output, code, "undecidable")], [[], []]);
}

#[test]
fn a_switch_that_is_off_leaves_its_permissions_undecided() {
    let template = format!(
        "{HEAD}  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      Handler: app.handler\n      \
         Runtime: python3.12\n      Environment: {{Variables: {{ALARM: 'no'}}}}\n      \
         Policies: [{{Statement: [{{Effect: Allow, Action: 'sns:Publish', Resource: '*'}}]}}]\n"
    );
    let code = "import boto3, os\ndef handler(event, context):\n    if os.environ['ALARM'] == 'yes':\n        \
                boto3.client('sns').publish(TopicArn=event['topic'], Message='m')\n";
    assert_eq!(verdicts(&json(project(&template, code).path(), &[])), ["sns:Publish cannot-tell"]);
}

#[test]
fn what_services_share_is_said_where_one_of_them_does_not_use_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let service = |name: &str, statements: &str| {
        let text = format!(
            "service: {name}\nprovider: {{name: aws, runtime: python3.12, iamRoleStatements: {statements}}}\nfunctions:\n  \
             {name}1: {{handler: h.send}}\n  {name}2: {{handler: h.handler}}\n"
        );
        std::fs::create_dir(folder.path().join(name)).expect("a folder");
        std::fs::write(folder.path().join(name).join("serverless.yml"), text).expect("written");
    };
    service("a", "[{Effect: Allow, Action: ['sqs:ListQueues', 'sns:ListTopics'], Resource: '*'}]");
    service("b", "'${file(../a/serverless.yml):provider.iamRoleStatements}'");
    let code = |client: &str| {
        format!("import boto3\ndef handler(event, context): pass\ndef send(event, context): boto3.client({client}()\n")
    };
    std::fs::write(folder.path().join("a/h.py"), code("'sqs').list_queues")).expect("written");
    std::fs::write(folder.path().join("b/h.py"), code("'sns').list_topics")).expect("written");
    let report = json(folder.path(), &[]);
    let said = |rule: &str, key: &str| {
        let all = report["findings"].as_array().expect("a list").iter().filter(|finding| finding["id"] == rule);
        all.map(|finding| finding[key].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    let roles = ["a", "b"].map(|service| format!("IamRoleLambdaExecution of {service}/serverless.yml"));
    let [own, other] = &roles;
    let remedies = [
        format!("give {own} statements of its own: this one serves {other}, too"),
        format!("give {other} statements of its own: this one serves {own}, too"),
    ];
    assert_eq!(said("LEASH003", "remedy"), remedies, "{report:#}");
    for (message, role) in said("LEASH010", "message").iter().zip(&roles) {
        assert!(message.contains(&format!("share the role {role},")), "{message}");
    }
}

#[test]
fn a_role_without_a_name_is_not_known() {
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::create_dir(folder.path().join(".chalice")).expect("a folder");
    let configuration =
        r#"{"version": "2.0", "app_name": "boxes", "stages": {"dev": {"manage_iam_role": false, "iam_role_arn": ""}}}"#;
    std::fs::write(folder.path().join(".chalice/config.json"), configuration).expect("written");
    let code = "import boto3\nfrom chalice import Chalice\napp = Chalice(app_name='boxes')\n@app.lambda_function()\n\
                def pack(event, context):\n    boto3.client('sqs').list_queues()\n";
    std::fs::write(folder.path().join("app.py"), code).expect("written");
    let said = json(folder.path(), &[]).to_string();
    assert!(said.contains("the role is not known (`iam_role_arn` of the configuration is empty)"), "{said}");
}
