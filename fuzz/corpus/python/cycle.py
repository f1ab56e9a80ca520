import app, boto3
from app import handler as again
class A(A): pass
class B(A, B):
    x = property(lambda self: self.x)
    def __getattr__(self, name): return getattr(self, name)
def handler(event, context, seen=[]):
    seen.append(seen)
    handler.me = handler
    d = {"d": None}
    d["d"] = d
    for x in seen:
        seen = [seen, *seen, x]
    return again(**d) or handler(*seen) or B().x or boto3.client(d["d"]["d"])
