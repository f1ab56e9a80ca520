"""What generated programs are about, in all languages: operations, names, and a writer of text."""

import dataclasses
import re

ARN = "arn:aws:{service}:us-east-1:123456789012:{rest}"


@dataclasses.dataclass(frozen=True)
class Operation:
    """An operation, the parameter whose value is varied, what it may be, and the other parameters."""

    service: str
    name: str
    vary: str
    values: tuple
    others: tuple = ()

    @property
    def method(self):
        """boto3's name of it."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.name).lower()

    @property
    def camel(self):
        """JavaScript's name of it."""
        return self.name[0].lower() + self.name[1:]


BUCKETS = ("reports", "archive", "uploads", "main-data", "other-data")
TABLES = ("orders", "users", "audit", "prod-orders", "prod-users")
KEY = ("Key", {"id": {"S": "1"}})

OPERATIONS = [
    Operation("s3", "GetObject", "Bucket", BUCKETS, (("Key", "k"),)),
    Operation("s3", "GetObject", "Key", ("one", "in/x", "daily/mon.json", "tenant-1/data.json"), (("Bucket", "reports"),)),
    Operation("s3", "PutObject", "Key", ("out/a.txt", "daily/tue.json", "x-1/y-2.csv"), (("Bucket", "archive"), ("Body", "x"))),
    Operation("s3", "DeleteObject", "Bucket", BUCKETS, (("Key", "two"),)),
    Operation("s3", "HeadObject", "Key", ("three", "v1/a", "config.json"), (("Bucket", "uploads"),)),
    Operation("s3", "ListObjectsV2", "Bucket", BUCKETS),
    Operation("dynamodb", "GetItem", "TableName", TABLES, (KEY,)),
    Operation("dynamodb", "DeleteItem", "TableName", TABLES, (KEY,)),
    Operation("dynamodb", "PutItem", "TableName", TABLES, (("Item", {"id": {"S": "2"}}),)),
    Operation("dynamodb", "Scan", "TableName", TABLES),
    Operation("dynamodb", "DescribeTable", "TableName", TABLES),
    Operation("sqs", "GetQueueUrl", "QueueName", ("jobs", "results", "dead")),
    Operation("sqs", "SendMessage", "QueueUrl", ("{{queues}}/123456789012/jobs", "{{queues}}/123456789012/results"),
              (("MessageBody", "x"),)),
    Operation("sns", "Publish", "TopicArn", (ARN.format(service="sns", rest="alerts"), ARN.format(service="sns", rest="orders")),
              (("Message", "x"),)),
    Operation("ssm", "GetParameter", "Name", ("/app/key", "/app/url", "/app/db/host")),
    Operation("secretsmanager", "GetSecretValue", "SecretId", ("app/db", "app/token")),
    Operation("kinesis", "PutRecord", "StreamName", ("clicks", "views"), (("Data", "x"), ("PartitionKey", "p"))),
    Operation("logs", "CreateLogStream", "logGroupName", ("/app/log",), (("logStreamName", "generated"),)),
    Operation("stepfunctions", "StartExecution", "stateMachineArn", (ARN.format(service="states", rest="stateMachine:flow"),),
              (("input", "{}"),)),
    Operation("lambda", "Invoke", "FunctionName", ("worker",)),
]

WORDS = """amber birch cedar delta ember fjord grove heron inlet jetty kelp lotus maple nacre opal pearl quill raven slate tulip
umber velvet willow xenon yarrow zephyr atlas basil comet dune echo flint gale harbor iris jade knoll lagoon mesa north""".split()


class Writer:
    """A program that is being put together."""

    def __init__(self, source):
        self.source = source
        self.words = source.sample(WORDS, len(WORDS))
        self.top = []
        self.steps = []
        self.files = {}
        self.imports = []
        self.environment = {}
        self.events = [{}]

    def word(self):
        """A word no other part of the program uses."""
        return self.words.pop() if self.words else f"w{self.source.randrange(10**9)}"

    def pick(self, *forms):
        return self.source.choice(forms)

    def event(self, name, *values):
        """Makes events in which a field has each of the values at least once."""
        known = self.events
        size = max(len(known), len(values))
        self.events = [{**known[at % len(known)], name: values[at % len(values)]} for at in range(size)]

    def split(self, value):
        """The value in two parts, neither of them empty."""
        at = self.source.randrange(1, len(value)) if len(value) > 1 else 1
        # A placeholder stays in one piece.
        for placeholder in re.finditer(r"{{\w+}}", value):
            if placeholder.start() < at < placeholder.end():
                at = placeholder.end()
        return (value[:at], value[at:]) if at < len(value) else (value, "")

    def other(self, operation, value):
        """Another value of the same operation, or the same where there is no other."""
        return self.source.choice([one for one in operation.values if one != value] or [value])
