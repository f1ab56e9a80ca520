# Collections and sub-resources of the resource API.
# needs: s3:ListBucket arn:aws:s3:::temp
# needs: s3:DeleteObject arn:aws:s3:::temp/*
import boto3

bucket = boto3.resource("s3").Bucket("temp")


def handler(event, context):
    for item in bucket.objects.filter(Prefix="old/"):
        item.delete()
