# A client at the top of the file, a literal name.
# needs: s3:GetObject arn:aws:s3:::photos/*
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    return s3.get_object(Bucket="photos", Key=event["key"])["ContentLength"]
