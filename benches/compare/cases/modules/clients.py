import boto3

ddb = boto3.client("dynamodb")


def states():
    return boto3.client("stepfunctions")
