"""Generated Python programs."""

from oracle.parts import OPERATIONS, Writer


def program(source):
    """A program of a few steps, each a call put together from three parts."""
    out = Writer(source)
    out.imports = ["import os", "import boto3"]
    operations = source.sample(OPERATIONS, source.randrange(2, 5))
    for operation in operations:
        step(out, operation)
    decoys(out)
    body = [f"    {line}" for line in out.steps]
    handler = source.choice([plain_handler, class_handler, guarded_handler])(out, body)
    text = "\n".join([*dict.fromkeys(out.imports), *out.top, *handler]) + "\n"
    files = {"app.py": text, **{path: "\n".join(lines) + "\n" for path, lines in out.files.items()}}
    return {"style": "py", "language": "py", "files": files, "environment": out.environment, "events": out.events}


def step(out, operation):
    value = out.source.choice(operation.values)
    name = out.source.choice(NAMES)(out, operation, value)
    client = out.source.choice(CLIENTS)(out, operation.service)
    out.source.choice(CALLS)(out, operation, client, name)


def plain_handler(out, body):
    return ["def handler(event, context):", *body, "    return {'ok': True}"]


def class_handler(out, body):
    name = out.word().title()
    return [f"class {name}:", "    def run(self, event):", *[f"    {line}" for line in body], "        return None",
            "def handler(event, context):", f"    return {name}().run(event)"]


def guarded_handler(out, body):
    return ["def handler(event, context):", "    try:", *[f"    {line}" for line in body], "    finally:", "        print('done')"]


def decoys(out):
    """Things that look like calls of AWS or are never reached."""
    one, two = out.word(), out.word().title()
    out.top += [f"class {two}:", "    def put_item(self, **item):", "        return item", "    def get_object(self, **item):",
                "        return item", f"def {one}():", "    boto3.client('iam').delete_user(UserName='nobody')"]
    out.steps += [f"{two}().put_item(Item={{}})", "{'a': 1}.get('a')", "[3].copy()"]


# Where the name comes from: a function of (out, operation, value) that gives an expression for the handler's body.

def literal(out, operation, value):
    return repr(value)


def constant(out, operation, value):
    name = out.word().upper()
    out.top.append(f"{name} = {value!r}")
    return name


def annotated(out, operation, value):
    name = out.word().upper()
    out.top.append(f"{name}: str = {value!r}")
    return name


def other_module(out, operation, value):
    module, name = out.word(), out.word().upper()
    out.files[f"{module}.py"] = [f"{name} = {value!r}"]
    if out.pick(True, False):
        out.imports.append(f"from {module} import {name}")
        return name
    alias = out.word()
    out.imports.append(f"import {module} as {alias}")
    return f"{alias}.{name}"


def package(out, operation, value):
    folder, module, name = out.word(), out.word(), out.word().upper()
    out.files[f"{folder}/__init__.py"] = [f"from .{module} import {name}"]
    out.files[f"{folder}/{module}.py"] = [f"{name} = {value!r}"]
    out.imports.append(f"import {folder}")
    return f"{folder}.{name}"


def f_string(out, operation, value):
    name = out.word().upper()
    left, right = out.split(value)
    out.top.append(f"{name} = {left!r}")
    return f"f{('{' + name + '}' + right)!r}" if "{{" not in right else f"({name} + {right!r})"


def concatenated(out, operation, value):
    left, right = out.split(value)
    return f"({left!r} + {right!r})"


def percent(out, operation, value):
    left, right = out.split(value)
    return f"({left!r} + '%s' % ({right!r},))"


def formatted(out, operation, value):
    left, right = out.split(value)
    return f"'{{}}{{tail}}'.format({left!r}, tail={right!r})"


def joined(out, operation, value):
    left, right = out.split(value)
    return f"''.join([{left!r}, {right!r}])"


def dictionary(out, operation, value):
    name, key = out.word().upper(), out.word()
    out.top.append(f"{name} = {{{key!r}: {value!r}, 'else': 'nothing'}}")
    return out.pick(f"{name}[{key!r}]", f"{name}.get({key!r})", f"{name}.get({key!r}, 'none')")


def nested(out, operation, value):
    name, one, two = out.word().upper(), out.word(), out.word()
    out.top.append(f"{name} = {{{one!r}: [{{{two!r}: {value!r}}}]}}")
    return f"{name}[{one!r}][0][{two!r}]"


def enum(out, operation, value):
    name, member = out.word().title(), out.word().upper()
    out.imports.append("import enum")
    out.top += [f"class {name}(enum.Enum):", f"    {member} = {value!r}", "    OTHER = 'nothing'"]
    return f"{name}.{member}.value"


def class_attribute(out, operation, value):
    name, member = out.word().title(), out.word()
    out.top += [f"class {name}:", f"    {member} = {value!r}"]
    return out.pick(f"{name}.{member}", f"{name}().{member}")


def returned(out, operation, value):
    name = out.word()
    out.top += [f"def {name}(kind):", "    if kind == 'no':", "        return 'nothing'", f"    return {value!r}"]
    return f"{name}('yes')"


def default(out, operation, value):
    name = out.word()
    out.top += [f"def {name}(value={value!r}):", "    return value"]
    return f"{name}()"


def dataclass(out, operation, value):
    name, field = out.word().title(), out.word()
    out.imports.append("from dataclasses import dataclass")
    out.top += ["@dataclass(frozen=True)", f"class {name}:", f"    {field}: str", "    more: int = 1"]
    return f"{name}({value!r}).{field}"


def environment(out, operation, value):
    name = out.word().upper()
    out.environment[name] = value
    return out.pick(f"os.environ[{name!r}]", f"os.environ.get({name!r}, 'unset')", f"os.getenv({name!r})")


def ternary(out, operation, value):
    field, other = out.word(), out.other(operation, value)
    out.event(field, True, False)
    return f"({value!r} if event[{field!r}] else {other!r})"


def from_event(out, operation, value):
    field = out.word()
    left, right = out.split(value)
    out.event(field, right)
    return f"({left!r} + event[{field!r}])"


def unpacked(out, operation, value):
    one, two = out.word(), out.word()
    out.top.append(f"{one}, ({two}, *_) = 'nothing', [{value!r}, 1]")
    return two


def taken_apart(out, operation, value):
    return f"({('before|' + value)!r}.split('|')[1])"


def stripped(out, operation, value):
    return f"{('  ' + value + ' ')!r}.strip()"


def prop(out, operation, value):
    name, member = out.word().title(), out.word()
    out.top += [f"class {name}:", "    def __init__(self, text):", "        self._text = text", "    @property",
                f"    def {member}(self):", "        return self._text"]
    return f"{name}({value!r}).{member}"


NAMES = [literal, constant, annotated, other_module, package, f_string, concatenated, percent, formatted, joined, dictionary,
         nested, enum, class_attribute, returned, default, dataclass, environment, ternary, from_event, unpacked, taken_apart,
         stripped, prop]


# Where the client lives: a function of (out, service) that gives an expression.

def at_top(out, service):
    name = out.word()
    out.top.append(f"{name} = boto3.client({service!r})")
    return name


def inline(out, service):
    return f"boto3.client({service!r})"


def session(out, service):
    name = out.word()
    out.top.append(f"{name} = boto3.Session(region_name='us-east-1')")
    return f"{name}.client(service_name={service!r})"


def getter(out, service):
    name = out.word()
    out.top += [f"def {name}():", f"    return boto3.client({service!r})"]
    return f"{name}()"


def factory(out, service):
    name = out.word()
    out.top += [f"def {name}(service, **options):", "    return boto3.client(service, **options)"]
    return f"{name}({service!r}, region_name='us-east-1')"


def lazy(out, service):
    name, make = out.word(), out.word()
    out.top += [f"_{name} = None", f"def {make}():", f"    global _{name}", f"    if _{name} is None:",
                f"        _{name} = boto3.client({service!r})", f"    return _{name}"]
    return f"{make}()"


def lru(out, service):
    name = out.word()
    out.imports.append("import functools")
    out.top += ["@functools.lru_cache(maxsize=None)", f"def {name}(service):", "    return boto3.client(service)"]
    return f"{name}({service!r})"


def cache(out, service):
    name, make = out.word(), out.word()
    out.top += [f"{name} = {{}}", f"def {make}(service):", f"    if service not in {name}:",
                f"        {name}[service] = boto3.client(service)", f"    return {name}[service]"]
    return f"{make}({service!r})"


def in_class(out, service):
    name, member = out.word().title(), out.word()
    out.top += [f"class {name}:", f"    {member} = boto3.client({service!r})"]
    return f"{name}.{member}"


def singleton(out, service):
    name, member = out.word().title(), out.word()
    out.top += [f"class {name}:", "    _one = None", "    def __init__(self):", f"        self.{member} = boto3.client({service!r})",
                "    @classmethod", "    def get(cls):", "        if cls._one is None:", "            cls._one = cls()",
                "        return cls._one"]
    return f"{name}.get().{member}"


def from_module(out, service):
    module, name = out.word(), out.word()
    out.files[f"{module}.py"] = ["import boto3", f"{name} = boto3.client({service!r})"]
    out.imports.append(f"from {module} import {name}")
    return name


def aliased(out, service):
    name = out.word()
    out.imports.append(f"from boto3 import client as {name}")
    return f"{name}({service!r})"


def closure(out, service):
    name, made = out.word(), out.word()
    out.top += [f"def {name}(service):", "    client = boto3.client(service)", "    def inner():", "        return client",
                "    return inner", f"{made} = {name}({service!r})"]
    return f"{made}()"


CLIENTS = [at_top, inline, session, getter, factory, lazy, lru, cache, in_class, singleton, from_module, aliased, closure]


# How the call is made: a function of (out, operation, client, name) that adds steps to the handler.

def keywords(operation, name):
    return ", ".join([f"{operation.vary}={name}", *[f"{key}={value!r}" for key, value in operation.others]])


def direct(out, operation, client, name):
    out.steps.append(f"{client}.{operation.method}({keywords(operation, name)})")


def spread(out, operation, client, name):
    args = out.word()
    out.steps += [f"{args} = {{{operation.vary!r}: {name}}}"]
    for key, value in operation.others:
        out.steps.append(f"{args}[{key!r}] = {value!r}")
    out.steps.append(f"{client}.{operation.method}(**{args})")


def bound(out, operation, client, name):
    run = out.word()
    out.steps += [f"{run} = {client}.{operation.method}", f"{run}({keywords(operation, name)})"]


def by_name(out, operation, client, name):
    out.steps.append(f"getattr({client}, {operation.method!r})({keywords(operation, name)})")


def partial(out, operation, client, name):
    run = out.word()
    out.imports.append("import functools")
    out.steps += [f"{run} = functools.partial({client}.{operation.method}, {keywords(operation, name)})", f"{run}()"]


def helper(out, operation, client, name):
    run = out.word()
    out.top += [f"def {run}(client, value, **more):", f"    return client.{operation.method}({operation.vary}=value, **more)"]
    more = "".join(f", {key}={value!r}" for key, value in operation.others)
    out.steps.append(f"{run}({client}, {name}{more})")


def module_helper(out, operation, client, name):
    module, run = out.word(), out.word()
    out.files[f"{module}.py"] = [f"def {run}(client, value):",
                                 f"    return client.{operation.method}({keywords(operation, 'value')})"]
    out.imports.append(f"from {module} import {run}")
    out.steps.append(f"{run}({client}, value={name})")


def deep(out, operation, client, name):
    """Handed through several functions."""
    run = out.word()
    depth = out.source.randrange(2, 6)
    out.top += [f"def {run}_0(client, value):", f"    return client.{operation.method}({keywords(operation, 'value')})"]
    for level in range(1, depth):
        out.top += [f"def {run}_{level}(client, value):", f"    return {run}_{level - 1}(client, value)"]
    out.steps.append(f"{run}_{depth - 1}({client}, {name})")


def method(out, operation, client, name):
    cls, run = out.word().title(), out.word()
    out.top += [f"class {cls}:", "    def __init__(self, client, value):", "        self.client = client", "        self.value = value",
                f"    def {run}(self):", f"        return self.client.{operation.method}({keywords(operation, 'self.value')})"]
    out.steps.append(f"{cls}({client}, {name}).{run}()")


def inherited(out, operation, client, name):
    base, cls, run = out.word().title(), out.word().title(), out.word()
    out.top += [f"class {base}:", "    def __init__(self, client):", "        self.client = client", f"    def {run}(self, value):",
                f"        return self.client.{operation.method}({keywords(operation, 'value')})",
                f"class {cls}({base}):", "    def __init__(self, client, extra):", "        super().__init__(client)",
                "        self.extra = extra", f"    def {run}(self, value):", f"        return super().{run}(value)"]
    out.steps.append(f"{cls}({client}, 1).{run}({name})")


def abstract(out, operation, client, name):
    base, cls = out.word().title(), out.word().title()
    out.imports.append("import abc")
    out.top += [f"class {base}(abc.ABC):", "    @abc.abstractmethod", "    def work(self, client, value):", "        ...",
                "    def start(self, client, value):", "        return self.work(client, value)",
                f"class {cls}({base}):", "    def work(self, client, value):",
                f"        return client.{operation.method}({keywords(operation, 'value')})"]
    out.steps.append(f"{cls}().start({client}, {name})")


def decorated(out, operation, client, name):
    deco, run = out.word(), out.word()
    out.imports.append("import functools")
    out.top += [f"def {deco}(function):", "    @functools.wraps(function)", "    def inner(*args, **kwargs):",
                "        return function(*args, **kwargs)", "    return inner", f"@{deco}", f"def {run}(client, value):",
                f"    return client.{operation.method}({keywords(operation, 'value')})"]
    out.steps.append(f"{run}({client}, {name})")


def dispatched(out, operation, client, name):
    table, key = out.word(), out.word()
    field = out.word()
    out.event(field, key)
    out.steps += [f"{table} = {{{key!r}: lambda value: {client}.{operation.method}({keywords(operation, 'value')})}}",
                  f"{table}[event[{field!r}]]({name})"]


def comprehended(out, operation, client, name):
    item = out.word()
    out.steps.append(f"[{client}.{operation.method}({keywords(operation, item)}) for {item} in [{name}]]")


def mapped(out, operation, client, name):
    item = out.word()
    out.steps.append(f"list(map(lambda {item}: {client}.{operation.method}({keywords(operation, item)}), ({name},)))")


def generated(out, operation, client, name):
    run, item = out.word(), out.word()
    out.top += [f"def {run}(value):", "    yield value", "    return"]
    out.steps += [f"for {item} in {run}({name}):", f"    {client}.{operation.method}({keywords(operation, item)})"]


def pooled(out, operation, client, name):
    pool = out.word()
    out.imports.append("from concurrent.futures import ThreadPoolExecutor")
    others = "".join(f", {key}={value!r}" for key, value in operation.others)
    out.steps += [f"with ThreadPoolExecutor() as {pool}:",
                  f"    {pool}.submit({client}.{operation.method}, {operation.vary}={name}{others}).result()"]


def awaited(out, operation, client, name):
    run = out.word()
    out.imports.append("import asyncio")
    out.top += [f"async def {run}(client, value):",
                f"    return await asyncio.to_thread(client.{operation.method}, {keywords(operation, 'value')})",
                f"async def {run}_all(client, value):", f"    await asyncio.gather({run}(client, value))"]
    out.steps.append(f"asyncio.run({run}_all({client}, {name}))")


def managed(out, operation, client, name):
    run, item = out.word(), out.word()
    out.imports.append("import contextlib")
    out.top += ["@contextlib.contextmanager", f"def {run}(client, value):", "    yield client, value"]
    out.steps += [f"with {run}({client}, {name}) as ({item}, {item}_value):",
                  f"    {item}.{operation.method}({keywords(operation, item + '_value')})"]


def entered(out, operation, client, name):
    cls = out.word().title()
    out.top += [f"class {cls}:", "    def __init__(self, client, value):", "        self.client, self.value = client, value",
                "    def __enter__(self):", "        return self", "    def __exit__(self, *error):",
                f"        self.client.{operation.method}({keywords(operation, 'self.value')})"]
    out.steps += [f"with {cls}({client}, {name}):", "    pass"]


def callable_object(out, operation, client, name):
    cls = out.word().title()
    out.top += [f"class {cls}:", "    def __init__(self, client):", "        self.client = client",
                "    def __call__(self, value):", f"        return self.client.{operation.method}({keywords(operation, 'value')})"]
    out.steps.append(f"{cls}({client})({name})")


def nested_function(out, operation, client, name):
    run = out.word()
    out.steps += [f"def {run}(value):", "    def inner():",
                  f"        return {client}.{operation.method}({keywords(operation, 'value')})", "    return inner()", f"{run}({name})"]


def recursive(out, operation, client, name):
    run = out.word()
    out.top += [f"def {run}(client, value, left):", "    if left == 0:",
                f"        return client.{operation.method}({keywords(operation, 'value')})",
                f"    return {run}(client, value, left - 1)"]
    out.steps.append(f"{run}({client}, {name}, 2)")


def walrus(out, operation, client, name):
    item = out.word()
    out.steps += [f"if ({item} := {name}):", f"    {client}.{operation.method}({keywords(operation, item)})"]


def guarded(out, operation, client, name):
    out.steps += ["try:", "    raise KeyError('x')", "except KeyError:",
                  f"    {client}.{operation.method}({keywords(operation, name)})"]


def loop(out, operation, client, name):
    item = out.word()
    out.steps += [f"for {item} in ['skip', {name}]:", f"    if {item} == 'skip':", "        continue",
                  f"    {client}.{operation.method}({keywords(operation, item)})", "    break"]


def static(out, operation, client, name):
    cls = out.word().title()
    out.top += [f"class {cls}:", "    @staticmethod", "    def run(client, value):",
                f"        return client.{operation.method}({keywords(operation, 'value')})", "    @classmethod",
                "    def start(cls, *args):", "        return cls.run(*args)"]
    out.steps.append(f"{cls}.start({client}, {name})")


CALLS = [direct, spread, bound, by_name, partial, helper, module_helper, deep, method, inherited, abstract, decorated, dispatched,
         comprehended, mapped, generated, pooled, awaited, managed, entered, callable_object, nested_function, recursive, walrus,
         guarded, loop, static]
