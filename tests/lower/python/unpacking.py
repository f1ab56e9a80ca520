a, b = 1, 2
(c, [d, e]), *f = g()
*h, = i
[j, k.l, m[n]] = o
for (p, q), r in s:
    pass
x = y = z = w()
t: int = 3
u += v
