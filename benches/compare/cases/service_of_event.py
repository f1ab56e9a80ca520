# The event says which service it is; what is called on it is plain.
# needs: sqs:SendMessage arn:aws:sqs:*:*:out
import boto3


def handler(event, context):
    client = boto3.client(event["service"])
    client.send_message(QueueUrl="https://sqs.eu-west-1.amazonaws.com/123456789012/out", MessageBody="hello")
