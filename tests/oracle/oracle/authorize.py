"""What AWS asks permission for when a request arrives: the actions and the resources, from the request as it was made.

Kept by hand and apart from leash's api-maps, from the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/), so that the two can disagree.
"""

from oracle.world import ACCOUNT, REGION


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def table(name):
    return name if name.startswith("arn:") else arn("dynamodb", f"table/{name}")


def queue(url):
    return arn("sqs", url.rsplit("/", 1)[-1])


def bucket(request):
    return f"arn:aws:s3:::{request['Bucket']}"


def item(request):
    return f"arn:aws:s3:::{request['Bucket']}/{request['Key']}"


def parameter(name):
    return name if name.startswith("arn:") else arn("ssm", f"parameter/{name.lstrip('/')}")


def secret(name):
    """A secret's ARN ends in six characters that nobody can know before."""
    return name if name.startswith("arn:") and name[-7] == "-" else arn("secretsmanager", f"secret:{name.rpartition(':')[2]}-a1B2c3")


def stream(request):
    return request.get("StreamARN") or arn("kinesis", f"stream/{request['StreamName']}")


def log_group(request, stream_too=False):
    name = arn("logs", f"log-group:{request['logGroupName']}")
    return f"{name}:log-stream:{request['logStreamName']}" if stream_too else f"{name}:*"


def key(name):
    return name if name.startswith("arn:") else arn("kms", f"key/{name}")


def function(name):
    return name if name.startswith("arn:") else arn("lambda", f"function:{name}")


def query(operation, request):
    name = table(request["TableName"])
    if request.get("IndexName"):
        name += f"/index/{request['IndexName']}"
    return [(f"dynamodb:{operation}", name)]


def transaction(request):
    for entry in request["TransactItems"]:
        for verb, body in entry.items():
            action = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "Get": "GetItem",
                      "ConditionCheck": "ConditionCheckItem"}[verb]
            yield f"dynamodb:{action}", table(body["TableName"])


def batch_objects(request):
    objects = (request.get("Delete") or {}).get("Objects")
    # The body of the request is XML; where only the request is known, one object of the bucket stands for all.
    return [("s3:DeleteObject", f"{bucket(request)}/{entry['Key']}") for entry in objects or [{"Key": "one"}]]


def copied(request):
    source = request["CopySource"]
    source = f"{source['Bucket']}/{source['Key']}" if isinstance(source, dict) else source.lstrip("/")
    return [("s3:PutObject", item(request)), ("s3:GetObject", f"arn:aws:s3:::{source}")]


def buses(request):
    names = {entry.get("EventBusName") or "default" for entry in request["Entries"]}
    return [("events:PutEvents", name if name.startswith("arn:") else arn("events", f"event-bus/{name}")) for name in sorted(names)]


def published(request):
    return [("sns:Publish", request["TopicArn"] if request.get("TopicArn") else request.get("TargetArn", "*"))]


def each(action, resource):
    return lambda request: [(action, resource(request))]


def by_table(*operations):
    return {f"dynamodb:{name}": each(f"dynamodb:{name}", lambda request: table(request["TableName"])) for name in operations}


def by_queue(**operations):
    return {f"sqs:{name}": each(f"sqs:{action}", lambda request: queue(request["QueueUrl"])) for name, action in operations.items()}


def by_object(**operations):
    return {f"s3:{name}": each(f"s3:{action}", item) for name, action in operations.items()}


NEEDED = {
    **by_object(GetObject="GetObject", HeadObject="GetObject", PutObject="PutObject", DeleteObject="DeleteObject",
                GetObjectTagging="GetObjectTagging", PutObjectTagging="PutObjectTagging", PutObjectAcl="PutObjectAcl",
                CreateMultipartUpload="PutObject", UploadPart="PutObject", CompleteMultipartUpload="PutObject",
                AbortMultipartUpload="AbortMultipartUpload", GetObjectAttributes="GetObjectAttributes"),
    "s3:CopyObject": copied,
    "s3:DeleteObjects": batch_objects,
    "s3:CreateBucket": each("s3:CreateBucket", bucket),
    "s3:HeadBucket": each("s3:ListBucket", bucket),
    "s3:ListObjectsV2": each("s3:ListBucket", bucket),
    "s3:ListObjects": each("s3:ListBucket", bucket),
    "s3:ListObjectVersions": each("s3:ListBucketVersions", bucket),
    "s3:GetBucketLocation": each("s3:GetBucketLocation", bucket),
    "s3:GetBucketTagging": each("s3:GetBucketTagging", bucket),
    "s3:ListBuckets": each("s3:ListAllMyBuckets", lambda request: "*"),
    **by_table("GetItem", "PutItem", "UpdateItem", "DeleteItem", "DescribeTable", "DescribeTimeToLive"),
    "dynamodb:Query": lambda request: query("Query", request),
    "dynamodb:Scan": lambda request: query("Scan", request),
    "dynamodb:BatchGetItem": lambda request: [("dynamodb:BatchGetItem", table(name)) for name in request["RequestItems"]],
    "dynamodb:BatchWriteItem": lambda request: [("dynamodb:BatchWriteItem", table(name)) for name in request["RequestItems"]],
    "dynamodb:TransactWriteItems": transaction,
    "dynamodb:TransactGetItems": transaction,
    "dynamodb:ListTables": each("dynamodb:ListTables", lambda request: "*"),
    **by_queue(SendMessage="SendMessage", SendMessageBatch="SendMessage", ReceiveMessage="ReceiveMessage",
               DeleteMessage="DeleteMessage", DeleteMessageBatch="DeleteMessage", PurgeQueue="PurgeQueue",
               GetQueueAttributes="GetQueueAttributes", ChangeMessageVisibility="ChangeMessageVisibility"),
    "sqs:GetQueueUrl": each("sqs:GetQueueUrl", lambda request: queue(request["QueueName"])),
    "sqs:ListQueues": each("sqs:ListQueues", lambda request: "*"),
    "sns:Publish": published,
    "sns:PublishBatch": published,
    "sns:ListTopics": each("sns:ListTopics", lambda request: "*"),
    "ssm:GetParameter": each("ssm:GetParameter", lambda request: parameter(request["Name"])),
    "ssm:PutParameter": each("ssm:PutParameter", lambda request: parameter(request["Name"])),
    "ssm:GetParameters": lambda request: [("ssm:GetParameters", parameter(name)) for name in request["Names"]],
    "ssm:GetParametersByPath": each("ssm:GetParametersByPath", lambda request: parameter(request["Path"])),
    "secretsmanager:GetSecretValue": each("secretsmanager:GetSecretValue", lambda request: secret(request["SecretId"])),
    "secretsmanager:DescribeSecret": each("secretsmanager:DescribeSecret", lambda request: secret(request["SecretId"])),
    "secretsmanager:PutSecretValue": each("secretsmanager:PutSecretValue", lambda request: secret(request["SecretId"])),
    "kinesis:PutRecord": each("kinesis:PutRecord", stream),
    "kinesis:PutRecords": each("kinesis:PutRecords", stream),
    "kinesis:DescribeStreamSummary": each("kinesis:DescribeStreamSummary", stream),
    "events:PutEvents": buses,
    "stepfunctions:StartExecution": each("states:StartExecution", lambda request: request["stateMachineArn"]),
    "lambda:Invoke": each("lambda:InvokeFunction", lambda request: function(request["FunctionName"])),
    "kms:Encrypt": each("kms:Encrypt", lambda request: key(request["KeyId"])),
    "kms:DescribeKey": each("kms:DescribeKey", lambda request: key(request["KeyId"])),
    "kms:GenerateDataKey": each("kms:GenerateDataKey", lambda request: key(request["KeyId"])),
    "sts:AssumeRole": each("sts:AssumeRole", lambda request: request["RoleArn"]),
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: no permission is required.
    "sts:GetCallerIdentity": lambda request: [],
    "logs:CreateLogStream": each("logs:CreateLogStream", log_group),
    "logs:DescribeLogStreams": each("logs:DescribeLogStreams", log_group),
    "logs:PutLogEvents": each("logs:PutLogEvents", lambda request: log_group(request, stream_too=True)),
    "cloudwatch:PutMetricData": each("cloudwatch:PutMetricData", lambda request: "*"),
    "ses:SendEmail": each("ses:SendEmail", lambda request: arn("ses", f"identity/{request['Source']}")),
}


# What a request says about itself in condition keys: the key and the parameter it repeats.
CONDITIONS = {
    "s3:ListObjectsV2": {"s3:prefix": "Prefix", "s3:delimiter": "Delimiter"},
    "s3:ListObjects": {"s3:prefix": "Prefix", "s3:delimiter": "Delimiter"},
    "s3:ListObjectVersions": {"s3:prefix": "Prefix", "s3:delimiter": "Delimiter"},
    "cloudwatch:PutMetricData": {"cloudwatch:namespace": "Namespace"},
    "ses:SendEmail": {"ses:FromAddress": "Source"},
}


class Unlisted(Exception):
    """A program makes a request this table does not know."""


def needed(request):
    """What one request needs: `(action, resource, condition keys)`, each of them to be allowed."""
    name = f"{request['service']}:{request['operation']}"
    if name not in NEEDED:
        raise Unlisted(name)
    parameters = request["parameters"]
    context = {key: str(parameters[member]) for key, member in CONDITIONS.get(name, {}).items() if parameters.get(member)}
    return [(action, resource, tuple(sorted(context.items()))) for action, resource in NEEDED[name](parameters)]
