import boto3  # leash: allow s3:GetObject arn:aws:s3:::b/* -- shown by hand


def handler(event, context):
    # leash: ignore
    text = "# leash: not a comment"
    #leash:allow sqs:SendMessage
    return [
        1,  # not leash: a directive
    ]
