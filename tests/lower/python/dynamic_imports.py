import importlib
import importlib as il
from importlib import import_module as load

a = importlib.import_module("pkg.mod")
b = il.import_module(name="other")
c = load("third")
d = load(".near", package=__package__)
e = load(".near", "elsewhere")
f = load(computed)
g = __import__("pkg.sub")
h = __import__("pkg.sub", fromlist=["x"])
i = loader.import_module("not.ours")
