# Paginators, one with a literal name and one from a loop.
# needs: s3:ListBucket arn:aws:s3:::archive
# needs: dynamodb:Scan arn:aws:dynamodb:*:*:table/archive
# needs: dynamodb:Query arn:aws:dynamodb:*:*:table/archive
import boto3

s3 = boto3.client("s3")
ddb = boto3.client("dynamodb")


def handler(event, context):
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="archive"):
        print(page["KeyCount"])
    for name in ("scan", "query"):
        for page in ddb.get_paginator(name).paginate(TableName="archive"):
            print(page["Count"])
