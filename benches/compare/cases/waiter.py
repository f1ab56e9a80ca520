# A waiter asks until something is there.
# needs: s3:PutObject arn:aws:s3:::reports/latest.csv
# needs: s3:GetObject arn:aws:s3:::reports/latest.csv
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    s3.put_object(Bucket="reports", Key="latest.csv", Body=b"")
    s3.get_waiter("object_exists").wait(Bucket="reports", Key="latest.csv")
