# Who holds the URL uses the function's rights.
# needs: s3:GetObject arn:aws:s3:::downloads/*
# needs: s3:PutObject arn:aws:s3:::uploads/*
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "downloads", "Key": event["key"]})
    form = s3.generate_presigned_post("uploads", event["key"])
    return {"url": url, "form": form}
