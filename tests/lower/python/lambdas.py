key = lambda: boto3.client("s3")
pair = lambda a, *b, c=1, **d: (a, b)
sorted(xs, key=lambda item: item["k"])
gen = lambda: (yield 1)
