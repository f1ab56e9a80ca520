def pages(client):
    token = None
    while True:
        page = client.list(Token=token)
        yield page
        yield from page["Items"]
        got = yield
        x = yield a, b


def plain():
    return (x for x in y)
