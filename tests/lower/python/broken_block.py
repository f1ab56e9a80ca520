def f():
    if x
        client.call_a()
    else:
        client.call_b()
for in range(client.call_c()):
    pass
class (Base): y = client.call_d()
client.
