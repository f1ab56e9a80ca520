# The method is taken by its name, or kept in a variable.
# needs: s3:DeleteObject arn:aws:s3:::scratch/*
# needs: dynamodb:DeleteItem arn:aws:dynamodb:*:*:table/scratch
import boto3

s3 = boto3.client("s3")
ddb = boto3.client("dynamodb")


def handler(event, context):
    getattr(s3, "delete_object")(Bucket="scratch", Key=event["key"])
    remove = ddb.delete_item
    remove(TableName="scratch", Key={"id": {"S": event["key"]}})
