import boto3


def send(text):
    body = {"Subject": {"Data": "report"}, "Body": {"Text": {"Data": text}}}
    boto3.client("ses").send_email(Source="a@example.com", Destination={"ToAddresses": ["b@example.com"]}, Message=body)
