# The client is an attribute of an object.
# needs: dynamodb:DeleteItem arn:aws:dynamodb:*:*:table/sessions
# needs: dynamodb:TagResource arn:aws:dynamodb:*:*:table/sessions
import boto3


class Sessions:
    def __init__(self):
        self.db = boto3.client("dynamodb")

    def close(self, key):
        self.db.delete_item(TableName="sessions", Key={"id": {"S": key}})

    def tag(self):
        arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/sessions"
        self.db.tag_resource(ResourceArn=arn, Tags=[{"Key": "used", "Value": "yes"}])


def handler(event, context):
    sessions = Sessions()
    sessions.close(event["id"])
    sessions.tag()
