async def handler(event, context):
    async with a as (b, c), d: [x async for x in y if (z := x)]
    match event:
        case {"k": [1, *r] as q, **rest} | A(b=c) if (yield): return f"{q!r:>{r}}{{}}{x:{y}}"
        case -1 | 1j | None | "a" "b": del event[::2], context.x
    try: pass
    except* (A, B) as e: raise
    else: return lambda *a, b=1, **k: (a, b, k)
    finally: global g; nonlocal_ = g = print(*[], **{}, sep="") if not 1 < 2 <= 3 else ...
@(d := lambda f: f)
def broken(a, /, b: int = 1, *, c) -> "x":
  return (
