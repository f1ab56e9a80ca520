# A function makes the clients.
# needs: sqs:SendMessage arn:aws:sqs:*:*:jobs
# needs: sns:Publish arn:aws:sns:eu-west-1:123456789012:alerts
import boto3

_clients = {}


def client(name):
    if name not in _clients:
        _clients[name] = boto3.client(name)
    return _clients[name]


def handler(event, context):
    client("sqs").send_message(QueueUrl="https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", MessageBody="go")
    client("sns").publish(TopicArn="arn:aws:sns:eu-west-1:123456789012:alerts", Message="started")
