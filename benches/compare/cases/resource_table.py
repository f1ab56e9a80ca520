# A table of the resource API.
# needs: dynamodb:PutItem arn:aws:dynamodb:*:*:table/orders
# needs: dynamodb:Query arn:aws:dynamodb:*:*:table/orders
import boto3
from boto3.dynamodb.conditions import Key

table = boto3.resource("dynamodb").Table("orders")


def handler(event, context):
    table.put_item(Item={"id": event["id"]})
    return table.query(KeyConditionExpression=Key("id").eq(event["id"]))["Items"]
