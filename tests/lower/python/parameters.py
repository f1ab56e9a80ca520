def f(a, b=1, /, c: int = 2, *args: str, d, e=g(), **kwargs):
    pass


def k(x, *, y, z=3):
    pass


async def l(*, only): await only.get()
