a = b + c * d - e
m = x % y | z / w
p = a and b or not c
q = 1 < f() < g < 3
r = a is not None and b not in c and d is e and h != i
s = -1 + -x + ~y
t = yes() if cond() else no()
u = ...
v = x[1:2], x[a], x[b, c], x[::2], x[:n], x[1:, 2]
w = (await_ and (yield))
d |= {"k": 1, **more, key(): [*xs, 2], 3: (4,)}
