print "hello", client.call()
print >> sys.stderr, x
exec "code" in scope
def f(a, (b, c)):
    pass
try:
    x()
except ValueError, e:
    pass
