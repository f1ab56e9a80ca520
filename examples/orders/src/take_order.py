"""Takes an order: stores it and asks for a receipt."""

import json
import os

import boto3

from shared.orders import OrderStore

sqs = boto3.client("sqs")
ssm = boto3.client("ssm")
store = OrderStore(os.environ["TABLE_NAME"])


def discount():
    answer = ssm.get_parameter(Name="/orders/discount")
    return int(answer["Parameter"]["Value"])


def handler(event, context):
    order = json.loads(event["body"])
    order["price"] -= discount()
    store.save(order)
    sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps({"id": order["id"]}))
    return {"statusCode": 202, "body": json.dumps({"id": order["id"]})}
