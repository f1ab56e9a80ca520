client = boto3.client("s3")
xs = [client.get(x) for x in range(3) if x if x > 1]
ys = {k: v for k, v in pairs.items()}
zs = {y for row in rows for y in row}
g = sum(client for client in clients)
fs = [lambda x, k=x: x + k + y for x in xs]
ws = [last := w for w in f(w)]
nested = [[c for c in r] for r in rows]
client.put()


async def stream():
    return [await z async for z in source()]
