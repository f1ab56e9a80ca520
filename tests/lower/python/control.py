for i in xs:
    if i:
        continue
    elif j():
        break
    elif k:
        pass
    else:
        l()
else:
    done()
while cond():
    step()
else:
    never()
try:
    risky()
except (A, B) as e:
    handle(e)
except* mod.C:
    raise
except:
    raise New(e) from cause()
else:
    ok()
finally:
    cleanup()
with (open(a) as f, open(b)):
    f.read()
with x.batch_writer() as batch, lock:
    batch.put_item(Item={})
assert check(), message()
