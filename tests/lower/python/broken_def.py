import boto3
s3 = boto3.client("s3")
def handler(event, context:
    s3.get_object(Bucket="b", Key="k")
    return 1
