x = not a == b
def f(): return
def g(): ...
if a: pass
obj.method
"docstring"
lambda: 0
raise
return
y = yield
a; b(); c = 1
