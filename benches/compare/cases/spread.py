# Arguments from a dictionary.
# needs: dynamodb:GetItem arn:aws:dynamodb:*:*:table/users
import boto3

ddb = boto3.client("dynamodb")


def handler(event, context):
    request = {"TableName": "users", "Key": {"id": {"S": event["id"]}}}
    return ddb.get_item(**request)
