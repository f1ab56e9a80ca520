# Work that a pool does.
# needs: rekognition:DetectLabels *
# needs: s3:GetObject arn:aws:s3:::photos/*
from concurrent.futures import ThreadPoolExecutor

import boto3

rekognition = boto3.client("rekognition")
s3 = boto3.client("s3")


def labels(key):
    image = s3.get_object(Bucket="photos", Key=key)["Body"].read()
    return rekognition.detect_labels(Image={"Bytes": image})["Labels"]


def handler(event, context):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(labels, event["keys"]))
