# Other ways to import.
# needs: kms:Decrypt arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555
# needs: secretsmanager:GetSecretValue arn:aws:secretsmanager:*:*:secret:payments-??????
import boto3 as aws
from boto3 import client as make

kms = make("kms")


def handler(event, context):
    key = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    kms.decrypt(CiphertextBlob=event["blob"], KeyId=key)
    return aws.client("secretsmanager").get_secret_value(SecretId="payments")["SecretString"]
