# The transfer helpers of S3.
# needs: s3:GetObject arn:aws:s3:::incoming/*
# needs: s3:PutObject arn:aws:s3:::outgoing/*
# needs: s3:AbortMultipartUpload arn:aws:s3:::outgoing/*
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    s3.download_file("incoming", event["key"], "/tmp/file")
    s3.upload_file("/tmp/file", "outgoing", event["key"])
