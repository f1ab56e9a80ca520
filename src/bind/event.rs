//! Names that come from the event: a function that only the bucket *Uploads* invokes finds the name of that bucket in its
//! events, so a request for "the bucket of the event" is a request for *Uploads*. What templates write into events goes the
//! same way: the properties of custom resources, the patterns of rules, the input of schedules.

mod contents;

use crate::catalog::Grant;
use crate::iac::{EventKind, EventSource};
use crate::needs::{event_facts, raw_path, source_service};
use crate::value::{Hole, Piece, Text, within};

/// A grant whose names from the event are those of the sources that the template connects to the function. A part of the
/// event stays as it is when the template shows no source of such events, or one whose name it does not tell.
pub fn name_sources(grant: &Grant, events: &[EventSource]) -> Grant {
    let mut resources: Vec<Text> = grant.resources.iter().flat_map(|arn| named(arn, events, MAX_PARTS)).collect();
    resources.dedup();
    Grant { resources, ..grant.clone() }
}

/// How many parts of the event one ARN is made of at most: a bucket and a few pieces of a key.
const MAX_PARTS: usize = 4;

fn named(arn: &Text, events: &[EventSource], parts: usize) -> Vec<Text> {
    let Some(further) = parts.checked_sub(1) else { return vec![arn.clone()] };
    let found = arn.pieces().iter().enumerate().find_map(|(at, piece)| match piece {
        Piece::Hole(Hole::Event(path)) => {
            let (part, start, end) = within(path)?;
            let around = around(arn, at, start, end)?;
            let path = raw_path(part);
            Some((around, sources(&path, events).or_else(|| contents::of(&path, events))?))
        }
        _ => None,
    });
    let Some(((before, after), sources)) = found else { return vec![arn.clone()] };
    let replaced = sources.iter().map(|source| {
        let is_arn = matches!(source.pieces().first(), Some(Piece::Literal(text)) if text.starts_with("arn:"));
        let before: &[Piece] = if is_arn { &[] } else { &before };
        Text::from_pieces(before.iter().chain(source.pieces()).chain(&after).cloned())
    });
    replaced.flat_map(|arn| named(&arn, events, further)).collect()
}

/// What stands around a part of the event that is known to begin and end with these texts.
fn around(arn: &Text, at: usize, start: &str, end: &str) -> Option<(Vec<Piece>, Vec<Piece>)> {
    let (mut before, mut after) = (arn.pieces()[..at].to_vec(), arn.pieces()[at + 1..].to_vec());
    if !start.is_empty() {
        let Some(Piece::Literal(literal)) = before.last_mut() else { return None };
        *literal = literal.strip_suffix(start)?.into();
    }
    if !end.is_empty() {
        let Some(Piece::Literal(literal)) = after.first_mut() else { return None };
        *literal = literal.strip_prefix(end)?.into();
    }
    Some((before, after))
}

/// What a part of the event names, if the sources of such events are known.
fn sources(path: &str, events: &[EventSource]) -> Option<Vec<Text>> {
    let fact = event_facts().get(path)?;
    let fitting = events.iter().filter(|event| fact.sources.iter().any(|source| source == service(&event.kind)));
    let mut texts = fitting.map(|event| event.resource.clone()).collect::<Option<Vec<_>>>()?;
    texts.retain(|text| text.as_literal() != Some(""));
    texts.sort();
    texts.dedup();
    (!texts.is_empty()).then_some(texts)
}

fn service(kind: &EventKind) -> &str {
    match kind {
        EventKind::Push(name) => name,
        polled => source_service(polled).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Authorization, Catalog};
    use crate::iac::{Files, Stack, read_template_text};
    use crate::span::SourceFile;
    use crate::value::{Arg, ArgMap};

    const TEMPLATE: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Uploads: {Type: AWS::S3::Bucket}
  Archive: {Type: AWS::S3::Bucket, Properties: {BucketName: archive}}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Events:
        A: {Type: S3, Properties: {Bucket: !Ref Uploads, Events: 's3:ObjectCreated:*'}}
        B: {Type: S3, Properties: {Bucket: !Ref Archive, Events: 's3:ObjectCreated:*'}}
        C: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}
";

    fn stack(text: &str) -> Stack {
        let file = SourceFile::new("template.yaml", text);
        read_template_text(&Files::new("."), std::path::Path::new("template.yaml"), &file).expect("readable").expect("a template")
    }

    fn grants(service: &str, operation: &str, parameter: &str, value: Arg) -> Vec<Grant> {
        let params = ArgMap { entries: [(parameter.into(), value)].into(), open: false, computed: Vec::new() };
        let answer = Catalog::embedded().answer(service, operation, &params, None);
        let Authorization::Grants(grants) = answer.authorization else { panic!("{service}:{operation} needs nothing") };
        grants
    }

    fn resources(service: &str, operation: &str, parameter: &str, path: &str, stack: &Stack) -> Vec<String> {
        let grants = grants(service, operation, parameter, Arg::Unknown(Hole::Event(path.into())));
        let named = name_sources(&grants[0], &stack.functions[0].events);
        let bound = crate::bind::bind(&named, Some(stack), crate::bind::Style::Literal);
        bound.resources.iter().map(Text::pattern).collect()
    }

    #[test]
    fn the_bucket_of_the_event_is_one_of_the_buckets_that_send_events() {
        let stack = stack(TEMPLATE);
        let buckets = |path| resources("s3", "ListObjectsV2", "Bucket", path, &stack);
        assert_eq!(buckets("Records[].s3.bucket.name"), ["arn:*:s3:::archive", "arn:*:s3:::*-uploads-*"]);
        assert_eq!(buckets("Records[].s3.bucket.arn"), ["arn:*:s3:::archive", "arn:*:s3:::*-uploads-*"]);
        assert_eq!(buckets("bucket"), ["arn:*:s3:::*"]);
        let Hole::Event(changed) = Hole::Event("Records[].s3.bucket.name".into()).changed() else { panic!("it is of the event") };
        assert_eq!(buckets(&changed), ["arn:*:s3:::*"], "what code makes of a name is another one");
    }

    #[test]
    fn the_queue_of_the_event_is_the_polled_one() {
        let stack = stack(TEMPLATE);
        let queues = resources("sqs", "DeleteMessage", "QueueUrl", "Records[].eventSourceARN", &stack);
        assert_eq!(queues, ["arn:*:sqs:*:*:jobs"]);
    }

    #[test]
    fn a_source_without_a_name_leaves_the_event_as_it_is() {
        let mut stack = stack(TEMPLATE);
        stack.functions[0].events[0].resource = None;
        assert_eq!(resources("s3", "ListObjectsV2", "Bucket", "Records[].s3.bucket.name", &stack), ["arn:*:s3:::*"]);
    }

    const CONTENTS: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Uploads: {Type: AWS::S3::Bucket, Properties: {BucketName: uploads}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Events:
        A: {Type: EventBridgeRule, Properties: {Pattern: {source: [aws.s3], detail: {bucket: {name: [!Ref Uploads]}}}}}
  Empty: {Type: Custom::Empty, Properties: {ServiceToken: !GetAtt Fn.Arn, Bucket: !Ref Uploads, Others: [archive, old]}}
  Timed:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Events:
        A: {Type: Schedule, Properties: {Schedule: rate(1 day), Input: '{\"bucket\": \"daily\"}'}}
";

    #[test]
    fn what_the_template_writes_into_events_is_known() {
        let mut stack = stack(CONTENTS);
        let buckets = |path: &str, stack: &Stack| resources("s3", "ListObjectsV2", "Bucket", path, stack);
        assert_eq!(buckets("detail.bucket.name", &stack), ["arn:*:s3:::uploads"]);
        assert_eq!(buckets("ResourceProperties.Bucket", &stack), ["arn:*:s3:::uploads"]);
        assert_eq!(buckets("ResourceProperties.Others[]", &stack), ["arn:*:s3:::archive", "arn:*:s3:::old"]);
        assert_eq!(buckets("ResourceProperties.Bucket[]", &stack), ["arn:*:s3:::*"], "a part of a text is not the text");
        assert_eq!(buckets("ResourceProperties.Missing", &stack), ["arn:*:s3:::*"]);
        assert_eq!(buckets("OldResourceProperties.Bucket", &stack), ["arn:*:s3:::*"], "an earlier template's");
        assert_eq!(buckets("bucket", &stack), ["arn:*:s3:::*"]);
        stack.functions.swap(0, 1);
        assert_eq!(buckets("bucket", &stack), ["arn:*:s3:::daily"]);
    }

    #[test]
    fn one_function_makes_several_custom_resources() {
        let stack = stack(
            &(CONTENTS.to_owned()
                + "  Other: {Type: Custom::Other, Properties: {ServiceToken: !GetAtt Fn.Arn, Table: orders, Bucket: other}}\n"),
        );
        let buckets = |path: &str| resources("s3", "ListObjectsV2", "Bucket", path, &stack);
        assert_eq!(buckets("ResourceProperties.Bucket"), ["arn:*:s3:::other", "arn:*:s3:::uploads"]);
        assert_eq!(buckets("resource_properties.Table"), ["arn:*:s3:::orders"], "the other one does not have it");
        assert_eq!(buckets("ResourceProperties.Missing"), ["arn:*:s3:::*"]);
    }

    #[test]
    fn each_part_of_the_event_is_named() {
        let stack = stack(
            &(CONTENTS.to_owned()
                + "  Put: {Type: Custom::Put, Properties: {ServiceToken: !GetAtt Fn.Arn, To: site, Key: app/config.js}}\n"),
        );
        let event = |path: &str| Arg::Unknown(Hole::Event(path.into()));
        let entries = [("Bucket", "ResourceProperties.To"), ("Key", "ResourceProperties.Key")];
        let entries = entries.map(|(name, path)| (name.into(), event(path))).into();
        let params = ArgMap { entries, open: false, computed: Vec::new() };
        let Authorization::Grants(grants) = Catalog::embedded().answer("s3", "PutObject", &params, None).authorization else {
            panic!("s3:PutObject needs nothing")
        };
        let named = name_sources(&grants[0], &stack.functions[0].events);
        assert_eq!(named.resources[0].pattern(), "arn:*:s3:::site/app/config.js");
    }

    const SENT: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: uploads
      NotificationConfiguration:
        QueueConfigurations: [{Event: 's3:*', Queue: !GetAtt Jobs.Arn}]
        TopicConfigurations: [{Event: 's3:*', Topic: !Ref News}]
  Jobs: {Type: AWS::SQS::Queue}
  News: {Type: AWS::SNS::Topic}
  Late: {Type: AWS::SQS::Queue, Properties: {QueueName: late}}
  Subscribed: {Type: AWS::SNS::Subscription, Properties: {Protocol: sqs, TopicArn: !Ref News, Endpoint: !GetAtt Late.Arn}}
  Direct:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: a.b, Events: {Q: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}}}
  Twice:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: a.b, Events: {Q: {Type: SQS, Properties: {Queue: !GetAtt Late.Arn}}}}
  Timed: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: a.b}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 hour)
      Targets:
        - {Id: a, Arn: !GetAtt Timed.Arn, Input: !Sub '{\"table\": \"${Uploads}-x\", \"deep\": [{\"a\": \"b\"}]}'}
        - {Id: b, Arn: !GetAtt Other.Arn}
  Plan:
    Type: AWS::Scheduler::Schedule
    Properties: {ScheduleExpression: rate(1 day), Target: {Arn: !GetAtt Timed.Arn, Input: '{\"other\": \"daily\"}'}}
  Other: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: a.b}}
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET}}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationUri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Other.Arn}/invocations'
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: db}}
  Rotation: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref Secret, RotationLambdaARN: !GetAtt Other.Arn}}
";

    fn of_function(id: &str) -> Stack {
        let mut stack = stack(SENT);
        let at = stack.functions.iter().position(|function| function.id == id).expect("declared");
        stack.functions.swap(0, at);
        stack
    }

    #[test]
    fn what_queues_and_topics_carry_names_its_sender() {
        let buckets = |id: &str, path: &str| resources("s3", "ListObjectsV2", "Bucket", path, &of_function(id));
        assert_eq!(buckets("Direct", "Records[].body.Records[].s3.bucket.name"), ["arn:*:s3:::uploads"]);
        assert_eq!(buckets("Direct", "records[].decoded_nested_s3_event.bucket_name"), ["arn:*:s3:::uploads"]);
        assert_eq!(buckets("Twice", "Records[].body.Message.Records[].s3.bucket.name"), ["arn:*:s3:::uploads"]);
        assert_eq!(buckets("Timed", "Records[].body.Records[].s3.bucket.name"), ["arn:*:s3:::*"]);
    }

    #[test]
    fn rules_and_schedules_send_what_they_say() {
        let buckets = |id: &str, path: &str| resources("s3", "ListObjectsV2", "Bucket", path, &of_function(id));
        assert_eq!(buckets("Timed", "table"), ["arn:*:s3:::uploads-x"]);
        assert_eq!(buckets("Timed", "deep[].a"), ["arn:*:s3:::b"]);
        assert_eq!(buckets("Timed", "other"), ["arn:*:s3:::daily"], "the rule's events do not have it");
        assert_eq!(buckets("Other", "table"), ["arn:*:s3:::*"], "its target says nothing");
    }

    #[test]
    fn apis_and_secrets_are_named_in_events() {
        let secret = resources("secretsmanager", "GetSecretValue", "SecretId", "SecretId", &of_function("Other"));
        assert_eq!(secret, ["arn:*:secretsmanager:*:*:secret:db-??????"]);
        let grant = |hole: Hole| Grant {
            resources: vec![Text::from_pieces([
                Piece::Literal("arn:aws:execute-api:*:*:".into()),
                Piece::Hole(hole),
                Piece::Literal("/prod/POST/@connections/*".into()),
            ])],
            ..grants("ssm", "GetParameter", "Name", Arg::text("x")).remove(0)
        };
        let stack = of_function("Other");
        let named = name_sources(&grant(Hole::Event("requestContext.domainName".into())), &stack.functions[0].events);
        let api = Hole::Resource { id: "Api".into(), attribute: "Ref".into() };
        assert_eq!(named.resources, grant(api).resources);
    }

    const POOLS: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: a.b}}
  Mails: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: a.b}}
  Users:
    Type: AWS::Cognito::UserPool
    Properties:
      LambdaConfig: {PreSignUp: !GetAtt Fn.Arn, CustomEmailSender: {LambdaArn: !GetAtt Mails.Arn, LambdaVersion: V1_0}}
  Events:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: a.b
      Events: {A: {Type: Cognito, Properties: {UserPool: !Ref Users, Trigger: PostConfirmation}}}
";

    #[test]
    fn a_user_pool_is_named_in_the_events_of_its_triggers() {
        let pool = Hole::Resource { id: "Users".into(), attribute: "Ref".into() };
        for function in &stack(POOLS).functions {
            let value = Arg::Unknown(Hole::Event("userPoolId".into()));
            let named = name_sources(&grants("cognito-idp", "AdminGetUser", "UserPoolId", value)[0], &function.events);
            assert!(named.resources[0].holes().any(|hole| *hole == pool), "{}: {:?}", function.id, named.resources);
        }
    }

    const STATES: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: a.b}}
  Other: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: a.b}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionSubstitutions: {FnArn: !GetAtt Fn.Arn, Bucket: daily}
      Definition:
        States:
          A: {Type: Task, Resource: '${FnArn}', Parameters: {bucket: '${Bucket}-x', 'key.$': $.key, at: '{% $now() %}'}}
          B: {Type: Map, ItemProcessor: {States: {C: {Type: Task, Resource: !GetAtt Other.Arn}}}}
  Plain:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub '{\"States\": {\"A\": {\"Type\": \"Parallel\", \"Branches\": [{\"States\": {\"B\": {\"Type\": \"Task\", \"Resource\":
        \"arn:aws:states:::lambda:invoke\", \"Parameters\": {\"FunctionName\": \"${Fn.Arn}\", \"Payload\": {\"bucket\": \"plain\"}}}}}]}}}'
";

    #[test]
    fn tasks_of_state_machines_say_what_functions_get() {
        let mut stack = stack(STATES);
        let buckets = |path: &str, stack: &Stack| resources("s3", "ListObjectsV2", "Bucket", path, stack);
        assert_eq!(buckets("bucket", &stack), ["arn:*:s3:::daily-x", "arn:*:s3:::plain"]);
        assert_eq!(buckets("key", &stack), ["arn:*:s3:::*"], "it comes from the state's input");
        assert_eq!(buckets("at", &stack), ["arn:*:s3:::*"], "it is computed");
        stack.functions.swap(0, 1);
        assert_eq!(buckets("bucket", &stack), ["arn:*:s3:::*"], "the whole input is passed on");
    }

    #[test]
    fn templates_of_inputs_are_constants_where_they_name_no_part_of_the_event() {
        let stack = stack(
            &(CONTENTS.to_owned()
                + "  Made: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: a.b}}\n  \
                   Rule: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [x]}, Targets: [{Id: a, Arn: !GetAtt Made.Arn, \
                   InputTransformer: {InputPathsMap: {k: $.detail.k}, InputTemplate: '{\"bucket\": \"made\", \"key\": <k>}'}}]}}\n  \
                   Pipe: {Type: AWS::Pipes::Pipe, Properties: {Source: x, Target: !GetAtt Piped.Arn, \
                   TargetParameters: {InputTemplate: '{\"bucket\": \"piped\", \"key\": <$.body.k>}'}}}\n  \
                   Piped: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: a.b}}\n"),
        );
        let of = |id: &str, path: &str| {
            let mut stack = stack.clone();
            let at = stack.functions.iter().position(|function| function.id == id).expect("declared");
            stack.functions.swap(0, at);
            resources("s3", "ListObjectsV2", "Bucket", path, &stack)
        };
        assert_eq!(
            (of("Made", "bucket"), of("Made", "key")),
            (vec!["arn:*:s3:::made".to_owned()], vec!["arn:*:s3:::*".to_owned()])
        );
        assert_eq!(
            (of("Piped", "[].bucket"), of("Piped", "[].key")),
            (vec!["arn:*:s3:::piped".to_owned()], vec!["arn:*:s3:::*".to_owned()])
        );
    }
}
