"""What exists in the pretended AWS account before a program runs.

One fixed set of resources serves all programs, so that a program is only code. A service's resources are made when the
program mentions the service, which keeps a run short.
"""

import io
import json
import zipfile

import boto3

REGION = "us-east-1"
ACCOUNT = "123456789012"

BUCKETS = ["reports", "archive", "uploads", "main-data", "other-data", "example-receipts"]
KEYS = ["one", "two", "three", "k", "in/x", "v1/a", "daily/mon.json", "config.json", "tenant-1/data.json"]
TABLES = ["orders", "users", "audit", "prod-orders", "prod-users"]
QUEUES = ["jobs", "results", "dead", "receipts-to-write"]
TOPICS = ["alerts", "orders"]
PARAMETERS = {"/app/key": "1", "/app/url": "https://example.com", "/app/db/host": "db", "/orders/discount": "10",
              "/app/table": "orders"}
SECRETS = ["app/db", "app/token"]
STREAMS = ["clicks", "views"]


def s3(client):
    for bucket in BUCKETS:
        client.create_bucket(Bucket=bucket)
        for key in KEYS:
            client.put_object(Bucket=bucket, Key=key, Body=b'{"id": "1"}')


def dynamodb(client):
    for table in TABLES:
        client.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "day")],
            GlobalSecondaryIndexes=[{
                "IndexName": "by-day",
                "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }],
        )
        client.put_item(TableName=table, Item={"id": {"S": "1"}, "day": {"S": "mon"}, "total": {"N": "1"}})


def sqs(client):
    for queue in QUEUES:
        url = client.create_queue(QueueName=queue)["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody="{}")


def sns(client):
    for topic in TOPICS:
        client.create_topic(Name=topic)


def ssm(client):
    for name, value in PARAMETERS.items():
        client.put_parameter(Name=name, Value=value, Type="String")


def secretsmanager(client):
    for name in SECRETS:
        client.create_secret(Name=name, SecretString='{"user": "u"}')


def kinesis(client):
    for stream in STREAMS:
        client.create_stream(StreamName=stream, ShardCount=1)


def events(client):
    client.create_event_bus(Name="orders-bus")


def kms(client):
    key = client.create_key()["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName="alias/app", TargetKeyId=key)


def logs(client):
    client.create_log_group(logGroupName="/app/log")
    client.create_log_stream(logGroupName="/app/log", logStreamName="main")


def ses(client):
    client.verify_email_identity(EmailAddress="shop@example.com")


def stepfunctions(client):
    client.create_state_machine(
        name="flow", roleArn=role_arn("writer"),
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Pass", "End": True}}}))


def lambda_(client):
    role = boto3.client("iam").create_role(RoleName="worker-role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return event")
    client.create_function(FunctionName="worker", Runtime="python3.13", Role=role, Handler="app.handler",
                           Code={"ZipFile": code.getvalue()})


def role_arn(name):
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


# The service, what a program's text says when it uses it, and what makes its resources.
MAKERS = [
    ("s3", ["s3"], s3),
    ("dynamodb", ["dynamo"], dynamodb),
    ("sqs", ["sqs", "queue"], sqs),
    ("sns", ["sns"], sns),
    ("ssm", ["ssm", "parameter"], ssm),
    ("secretsmanager", ["secret"], secretsmanager),
    ("kinesis", ["kinesis"], kinesis),
    ("events", ["events", "eventbridge"], events),
    ("kms", ["kms"], kms),
    ("logs", ["logs", "cloudwatch"], logs),
    ("ses", ["ses"], ses),
    ("stepfunctions", ["stepfunctions", "sfn"], stepfunctions),
    ("lambda", ['"lambda"', "client-lambda", "aws.lambda", "invoke"], lambda_),
]


def build(text):
    """Makes the resources of the services that `text` mentions."""
    text = text.lower()
    for service, words, make in MAKERS:
        if any(word in text for word in words):
            make(boto3.client(service, region_name=REGION))
