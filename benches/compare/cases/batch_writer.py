# What a batch writer sends.
# needs: dynamodb:BatchWriteItem arn:aws:dynamodb:*:*:table/events
import boto3

table = boto3.resource("dynamodb").Table("events")


def handler(event, context):
    with table.batch_writer() as batch:
        for record in event["Records"]:
            batch.put_item(Item=record)
