def handler(event, context):
    s3.put_object(Bucket="b", Key=)
    x = s3.copy_object(a, , b.list_buckets())
    s3.delete_object(Bucket="b"

def next_one():
    sqs.send_message(QueueUrl=q)
