# What only a script does, the function does not.
# needs: s3:ListBucket arn:aws:s3:::inventory
import boto3

s3 = boto3.client("s3")
iam = boto3.client("iam")


def set_up():
    iam.create_user(UserName="inventory")


def handler(event, context):
    return s3.list_objects_v2(Bucket="inventory")["KeyCount"]


if __name__ == "__main__":
    set_up()
