match event["kind"]:
    case "a" | 'b':
        one()
    case Color.RED | -1:
        two()
    case {"type": "s3", "name": name, **rest} if name:
        three(name)
    case [first, ("x" | "y") as second, *others]:
        four(first)
    case Point(x=0, y=yy) | Other(zz):
        five(yy)
    case str(text) as whole:
        six(text)
    case None | True:
        seven()
    case first, _:
        eight()
    case other if other > limit():
        nine()
    case _:
        ten()
match a, b:
    case (1, 2):
        pass
