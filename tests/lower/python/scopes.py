total = 0


def count(items):
    global total, created
    total += 1
    created = make()
    seen = 0

    def inner():
        nonlocal seen
        seen = seen + 1
        local = seen
        return local
    for item, (a, *rest) in items:
        with open(item) as handle:
            pass
    try:
        import json
    except ValueError as error:
        pass
    if (n := len(items)) > 3:
        del n, items[0].x, a.b
    obj.attr = items[n] = both = 1
    return inner
