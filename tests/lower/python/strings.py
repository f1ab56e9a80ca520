a = 'it''s' "fine"
b = f"arn:{part}:s3:::{bucket!r}/{name:>{width}.2f}{{x}}"
c = "table-" f"{env}" '-v1\n'
d = r"\d+" b"\x41\d" rb'\n'
e = """multi
line \
joined"""
f_ = f"{x=}{y = !s:>10}{z:}"
g = f'{d["k"]}' + f"{f'{inner}'}"
h = "%s-%s" % (a, b) + "{}".format(c)
i = "\u00e9\N{BULLET}"
j = f"plain"
k = f"{a, b}{lambda_}"
