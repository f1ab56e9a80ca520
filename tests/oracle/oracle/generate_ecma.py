"""Generated JavaScript and TypeScript programs: commands and aggregated clients of version 3, services of version 2."""

import json

from oracle.parts import OPERATIONS, Writer

# Package and client of version 3, and the service of version 2.
SDK = {
    "s3": ("client-s3", "S3", "S3"), "dynamodb": ("client-dynamodb", "DynamoDB", "DynamoDB"), "sqs": ("client-sqs", "SQS", "SQS"),
    "sns": ("client-sns", "SNS", "SNS"), "ssm": ("client-ssm", "SSM", "SSM"),
    "secretsmanager": ("client-secrets-manager", "SecretsManager", "SecretsManager"),
    "kinesis": ("client-kinesis", "Kinesis", "Kinesis"), "logs": ("client-cloudwatch-logs", "CloudWatchLogs", "CloudWatchLogs"),
    "stepfunctions": ("client-sfn", "SFN", "StepFunctions"), "lambda": ("client-lambda", "Lambda", "Lambda"),
}


def js(value):
    return json.dumps(value)


class Ecma(Writer):
    """A program in one of the styles."""

    def __init__(self, source):
        super().__init__(source)
        self.style = source.choice(["js", "js-aggregated", "js-v2", "ts", "ts-aggregated", "mjs"])
        self.suffix = "mjs" if self.style == "mjs" else self.style[:2]
        self.common = self.suffix == "js"
        self.typed = self.suffix == "ts"

    def any(self, text=""):
        """`text` with a type where the language has types."""
        return f"{text}: any" if self.typed else text

    def take(self, names, module):
        """Imports names of a module of the program."""
        path = f"./{module}" + (".mjs" if self.style == "mjs" else "")
        self.imports.append(f"const {{ {names} }} = require({js(path)});" if self.common else f"import {{ {names} }} from {js(path)};")

    def sdk(self, service):
        """Imports a service; gives the name of what makes its client."""
        package, client, old = SDK[service]
        if self.style == "js-v2":
            self.imports.append('const AWS = require("aws-sdk");')
            return f"AWS.{old}"
        return self.package(package, client if "aggregated" in self.style else client + "Client")

    def package(self, package, name):
        found = f"const {{ {name} }} = require({js('@aws-sdk/' + package)});" if self.common else f"import {{ {name} }} from {js('@aws-sdk/' + package)};"
        self.imports.append(found)
        return name

    def made(self, service):
        """The expression that makes a client, and the imports it needs as lines."""
        before = len(self.imports)
        name = self.sdk(service)
        imports = self.imports[before:]
        return f"new {name}({{}})", imports

    def call(self, operation, client, value):
        """The call itself, as a promise."""
        arguments = self.arguments(operation, value)
        return self.called(operation, client, arguments)

    def called(self, operation, client, arguments):
        if self.style == "js-v2":
            return f"{client}.{operation.camel}({arguments}).promise()"
        if "aggregated" in self.style:
            return f"{client}.{operation.camel}({arguments})"
        command = self.package(SDK[operation.service][0], operation.name + "Command")
        return f"{client}.send(new {command}({arguments}))"

    def arguments(self, operation, value):
        pairs = [f"{operation.vary}: {value}", *[self.other_argument(operation, key, text) for key, text in operation.others]]
        return "{ " + ", ".join(pairs) + " }"

    def other_argument(self, operation, key, text):
        # Version 3 takes bytes where boto3 takes text.
        if operation.name == "PutRecord" and key == "Data":
            return f"Data: Buffer.from({js(text)})"
        return f"{key}: {js(text)}"

    def export(self, line):
        """A line of another module that exports what it declares."""
        if not self.common:
            return [f"export {line}"]
        name = line.replace("async ", "").replace("function* ", "function ").split("(")[0].split("=")[0].split()[1]
        return [line, f"exports.{name} = {name};"]


def program(source):
    out = Ecma(source)
    # Version 3 speaks HTTP/2 with Kinesis, which the server does not.
    possible = [operation for operation in OPERATIONS if operation.service != "kinesis" or out.style == "js-v2"]
    for operation in source.sample(possible, source.randrange(2, 5)):
        value = source.choice(operation.values)
        name = source.choice(NAMES)(out, operation, value)
        client = source.choice(CLIENTS)(out, operation.service)
        source.choice(CALLS)(out, operation, client, name)
    decoys(out)
    body = [f"  {line}" for line in out.steps]
    handler = source.choice([arrow, declared, wrapped])(out, body)
    text = "\n".join([*dict.fromkeys(out.imports), *out.top, *handler]) + "\n"
    files = {f"app.{out.suffix}": text, **{path: "\n".join(lines) + "\n" for path, lines in out.files.items()}}
    return {"style": out.style, "language": "ts" if out.typed else "js", "files": files, "environment": out.environment,
            "events": out.events}


def exported(out, text):
    return f"exports.handler = {text}" if out.common else f"export const handler = {text}"


def arrow(out, body):
    return [exported(out, f"async ({out.any('event')}) => {{"), *body, "};"]


def declared(out, body):
    lines = [f"async function handler({out.any('event')}) {{", *body, "}"]
    return [*lines, "exports.handler = handler;"] if out.common else ["export " + lines[0], *lines[1:]]


def wrapped(out, body):
    name = out.word()
    return [f"const {name} = ({out.any('run')}) => async ({out.any('event')}) => {{ try {{ return await run(event); }} finally {{ console.log('done'); }} }};",
            exported(out, f"{name}(async ({out.any('event')}) => {{"), *body, "});"]


def decoys(out):
    one, two = out.word(), out.word().title()
    dead, imports = out.made("s3")
    kill = "deleteBucket({ Bucket: 'nothing' })" if out.style == "js-v2" or "aggregated" in out.style else None
    if kill:
        out.top.append(f"function {one}() {{ return {dead}.{kill}; }}")
    out.top += [f"class {two} {{ putItem({out.any('item')}) {{ return item; }} getObject({out.any('item')}) {{ return item; }} }}"]
    out.steps += [f"new {two}().putItem({{ TableName: 'nothing' }});", "new Map([['a', 1]]).delete('a');"]


# Where the name comes from.

def literal(out, operation, value):
    return js(value)


def constant(out, operation, value):
    name = out.word().upper()
    out.top.append(f"{out.pick('const', 'let', 'var')} {name} = {js(value)};")
    return name


def other_module(out, operation, value):
    module, name = out.word(), out.word().upper()
    out.files[f"{module}.{out.suffix}"] = out.export(f"const {name} = {js(value)};")
    out.take(name, module)
    return name


def barrel(out, operation, value):
    one, two, name = out.word(), out.word(), out.word().upper()
    suffix = ".mjs" if out.style == "mjs" else ""
    out.files[f"{one}/{two}.{out.suffix}"] = out.export(f"const {name} = {js(value)};")
    index = f"module.exports = {{ ...require('./{two}') }};" if out.common else f"export * from './{two}{suffix}';"
    out.files[f"{one}/index.{out.suffix}"] = [index]
    out.take(name, f"{one}/index")
    return name


def template(out, operation, value):
    name = out.word()
    left, right = out.split(value)
    out.top.append(f"const {name} = {js(left)};")
    return f"`${{{name}}}{right}`"


def concatenated(out, operation, value):
    left, right = out.split(value)
    return f"({js(left)} + {js(right)})"


def joined(out, operation, value):
    left, right = out.split(value)
    return f"[{js(left)}, {js(right)}].join('')"


def concat_method(out, operation, value):
    left, right = out.split(value)
    return f"{js(left)}.concat({js(right)})"


def lookup(out, operation, value):
    name, key = out.word(), out.word()
    out.top.append(f"const {name}{': Record<string, string>' if out.typed else ''} = {{ {key}: {js(value)}, other: 'nothing' }};")
    return out.pick(f"{name}.{key}", f"{name}[{js(key)}]", f"Object.freeze({name}).{key}")


def nested(out, operation, value):
    name, key = out.word(), out.word()
    out.top.append(f"const {name} = {{ list: [{{ {key}: {js(value)} }}] }};")
    return f"{name}.list[0].{key}"


def mapped_name(out, operation, value):
    name, key = out.word(), out.word()
    out.top.append(f"const {name} = new Map([[{js(key)}, {js(value)}]]);")
    return f"{name}.get({js(key)})" + ("!" if out.typed else "")


def enum(out, operation, value):
    name, member = out.word().title(), out.word().title()
    if out.typed:
        out.top.append(f"enum {name} {{ {member} = {js(value)}, Other = 'nothing' }}")
    else:
        out.top.append(f"const {name} = Object.freeze({{ {member}: {js(value)}, Other: 'nothing' }});")
    return f"{name}.{member}"


def static_member(out, operation, value):
    name, member = out.word().title(), out.word()
    out.top.append(f"class {name} {{ static {member} = {js(value)}; }}")
    return f"{name}.{member}"


def accessor(out, operation, value):
    name, member = out.word().title(), out.word()
    out.top.append(f"class {name} {{ get {member}() {{ return {js(value)}; }} }}")
    return f"new {name}().{member}"


def returned(out, operation, value):
    name = out.word()
    out.top.append(f"const {name} = ({out.any('kind')}) => {{ if (kind === 'no') return 'nothing'; return {js(value)}; }};")
    return f"{name}('yes')"


def default(out, operation, value):
    name = out.word()
    out.top.append(f"function {name}(value = {js(value)}) {{ return value; }}")
    return f"{name}()"


def switched(out, operation, value):
    name = out.word()
    out.top.append(f"function {name}({out.any('kind')}) {{ switch (kind) {{ case 'a': return {js(value)}; default: return 'nothing'; }} }}")
    return f"{name}('a')"


def destructured(out, operation, value):
    name = out.word()
    out.top.append(f"const {{ deep: {{ {name} }} }} = {{ deep: {{ {name}: {js(value)}, more: 1 }} }};")
    return name


def from_array(out, operation, value):
    name = out.word()
    out.top.append(f"const [, {name} = 'none'] = ['nothing', {js(value)}];")
    return name


def environment(out, operation, value):
    name = out.word().upper()
    out.environment[name] = value
    if out.pick(True, False):
        out.top.append(f"const {{ {name} }} = process.env;")
        return name
    return out.pick(f"process.env.{name}", f"process.env[{js(name)}]", f"(process.env.{name} || 'unset')", f"(process.env.{name} ?? 'unset')")


def ternary(out, operation, value):
    field = out.word()
    out.event(field, True, False)
    return f"(event.{field} ? {js(value)} : {js(out.other(operation, value))})"


def from_event(out, operation, value):
    field = out.word()
    left, right = out.split(value)
    out.event(field, right)
    return f"`{left}${{event.{field}}}`"


def taken_apart(out, operation, value):
    return f"{js('before|' + value)}.split('|')[1]"


def spread_in(out, operation, value):
    name, key = out.word(), out.word()
    out.top.append(f"const {name} = {{ ...{{ {key}: 'nothing' }}, ...{{ {key}: {js(value)} }} }};")
    return f"{name}.{key}"


NAMES = [literal, constant, other_module, barrel, template, concatenated, joined, concat_method, lookup, nested, mapped_name, enum,
         static_member, accessor, returned, default, switched, destructured, from_array, environment, ternary, from_event,
         taken_apart, spread_in]


# Where the client lives.

def at_top(out, service):
    name = out.word()
    out.top.append(f"const {name} = {out.made(service)[0]};")
    return name


def inline(out, service):
    return f"({out.made(service)[0]})"


def getter(out, service):
    name = out.word()
    out.top.append(f"const {name} = () => {out.made(service)[0]};")
    return f"{name}()"


def lazy(out, service):
    name, make = out.word(), out.word()
    out.top += [f"let {out.any(name)};", f"function {make}() {{ {name} = {name} ?? {out.made(service)[0]}; return {name}; }}"]
    return f"{make}()"


def lazy_if(out, service):
    name, make = out.word(), out.word()
    out.top += [f"let {out.any(name)} = null;", f"const {make} = () => {{ if (!{name}) {{ {name} = {out.made(service)[0]}; }} return {name}; }};"]
    return f"{make}()"


def cached(out, service):
    name, make = out.word(), out.word()
    out.top += [f"const {out.any(name)} = {{}};", f"function {make}({out.any('kind')}) {{ if (!{name}[kind]) {name}[kind] = {out.made(service)[0]}; return {name}[kind]; }}"]
    return f"{make}({js(service)})"


def by_class(out, service):
    """The class of the client is handed to what makes it."""
    make = out.word()
    out.top.append(f"const {make} = ({out.any('Type')}) => new Type({{}});")
    return f"{make}({out.sdk(service)})"


def singleton(out, service):
    name, member = out.word().title(), out.word()
    out.top += [f"class {name} {{", f"  static {out.any('one')};", f"  {out.any(member)} = {out.made(service)[0]};",
                f"  static get() {{ if (!{name}.one) {name}.one = new {name}(); return {name}.one; }}", "}"]
    return f"{name}.get().{member}"


def static_client(out, service):
    name, member = out.word().title(), out.word()
    out.top.append(f"class {name} {{ static {member} = {out.made(service)[0]}; }}")
    return f"{name}.{member}"


def from_module(out, service):
    module, name = out.word(), out.word()
    made, imports = out.made(service)
    out.files[f"{module}.{out.suffix}"] = [*imports, *out.export(f"const {name} = {made};")]
    out.take(name, module)
    return name


def closure(out, service):
    name, made = out.word(), out.word()
    out.top += [f"function {name}() {{ const client = {out.made(service)[0]}; return () => client; }}", f"const {made} = {name}();"]
    return f"{made}()"


def in_object(out, service):
    name, member = out.word(), out.word()
    out.top.append(f"const {name} = {{ {member}: {out.made(service)[0]} }};")
    return out.pick(f"{name}.{member}", f"{name}?.{member}", f"{name}[{js(member)}]")


CLIENTS = [at_top, inline, getter, lazy, lazy_if, cached, by_class, singleton, static_client, from_module, closure, in_object]


# How the call is made.

def direct(out, operation, client, name):
    out.steps.append(f"await {out.call(operation, client, name)};")


def variable(out, operation, client, name):
    params = out.word()
    out.steps += [f"const {out.any(params)} = {{}};", f"{params}.{operation.vary} = {name};"]
    for key, value in operation.others:
        out.steps.append(f"{params}.{out.other_argument(operation, key, value).replace(': ', ' = ', 1)};")
    out.steps.append(f"await {out.called(operation, client, params)};")


def spread(out, operation, client, name):
    base = out.word()
    others = ", ".join(out.other_argument(operation, key, value) for key, value in operation.others)
    out.steps += [f"const {base} = {{ {others} }};",
                  f"await {out.called(operation, client, '{ ...' + base + ', ' + operation.vary + ': ' + name + ' }')};"]


def assigned(out, operation, client, name):
    others = ", ".join(out.other_argument(operation, key, value) for key, value in operation.others)
    out.steps.append(f"await {out.called(operation, client, 'Object.assign({ ' + others + ' }, { ' + operation.vary + ': ' + name + ' })')};")


def helper(out, operation, client, name):
    run = out.word()
    out.top.append(f"const {run} = async ({out.any('client')}, {out.any('value')}) => {out.call(operation, 'client', 'value')};")
    out.steps.append(f"await {run}({client}, {name});")


def module_helper(out, operation, client, name):
    module, run = out.word(), out.word()
    before = len(out.imports)
    call = out.call(operation, "client", "value")
    imports = out.imports[before:]
    out.files[f"{module}.{out.suffix}"] = [*imports, *out.export(f"async function {run}({out.any('client')}, {out.any('value')}) {{ return {call}; }}")]
    out.take(run, module)
    out.steps.append(f"await {run}({client}, {name});")


def deep(out, operation, client, name):
    run = out.word()
    depth = out.source.randrange(2, 6)
    parameters = f"{out.any('client')}, {out.any('value')}"
    out.top.append(f"const {run}0 = ({parameters}) => {out.call(operation, 'client', 'value')};")
    for level in range(1, depth):
        out.top.append(f"const {run}{level} = ({parameters}) => {run}{level - 1}(client, value);")
    out.steps.append(f"await {run}{depth - 1}({client}, {name});")


def method(out, operation, client, name):
    cls, run = out.word().title(), out.word()
    fields = "  client: any;\n  value: any;\n" if out.typed else ""
    out.top += [f"class {cls} {{", f"{fields}  constructor({out.any('client')}, {out.any('value')}) {{ this.client = client; this.value = value; }}",
                f"  async {run}() {{ return {out.call(operation, 'this.client', 'this.value')}; }}", "}"]
    out.steps.append(f"await new {cls}({client}, {name}).{run}();")


def parameter_property(out, operation, client, name):
    if not out.typed:
        return method(out, operation, client, name)
    cls, run = out.word().title(), out.word()
    out.top += [f"class {cls} {{ constructor(private readonly client: any, public value: string) {{}}",
                f"  {run} = () => {out.call(operation, 'this.client', 'this.value')};", "}"]
    out.steps.append(f"await new {cls}({client}, {name}).{run}();")
    return None


def inherited(out, operation, client, name):
    base, cls, run = out.word().title(), out.word().title(), out.word()
    fields = "client: any; " if out.typed else ""
    out.top += [f"class {base} {{ {fields}constructor({out.any('client')}) {{ this.client = client; }}",
                f"  {run}({out.any('value')}) {{ return {out.call(operation, 'this.client', 'value')}; }} }}",
                f"class {cls} extends {base} {{ {run}({out.any('value')}) {{ return super.{run}(value); }} }}"]
    out.steps.append(f"await new {cls}({client}).{run}({name});")


def computed_method(out, operation, client, name):
    cls, key = out.word().title(), out.word().upper()
    out.top += [f"const {key} = 'work';", f"class {cls} {{ [{key}]({out.any('client')}, {out.any('value')}) {{ return {out.call(operation, 'client', 'value')}; }} }}"]
    target = f"(new {cls}() as any)" if out.typed else f"new {cls}()"
    out.steps.append(f"await {target}[{key}]({client}, {name});")


def dispatched(out, operation, client, name):
    table, key, field = out.word(), out.word(), out.word()
    out.event(field, key)
    out.steps += [f"const {out.any(table)} = {{ {key}: ({out.any('value')}) => {out.call(operation, client, 'value')} }};",
                  f"await {table}[event.{field}]({name});"]


def mapped(out, operation, client, name):
    item = out.word()
    out.steps.append(f"await Promise.all([{name}].map(({out.any(item)}) => {out.call(operation, client, item)}));")


def mapped_function(out, operation, client, name):
    run, item = out.word(), out.word()
    out.steps += [f"const {run} = async ({out.any(item)}) => {{ await {out.call(operation, client, item)}; }};",
                  f"await Promise.all([{name}].map({run}));"]


def generated(out, operation, client, name):
    run, item = out.word(), out.word()
    out.top.append(f"function* {run}({out.any('value')}) {{ yield value; }}")
    out.steps.append(f"for (const {item} of {run}({name})) {{ await {out.call(operation, client, item)}; }}")


def looped(out, operation, client, name):
    item = out.word()
    out.steps += [f"for (const {item} of ['skip', {name}]) {{", f"  if ({item} === 'skip') continue;",
                  f"  await {out.call(operation, client, item)};", "}"]


def labeled(out, operation, client, name):
    label, item = out.word(), out.word()
    out.steps += [f"{label}: for (const {item} of ['skip', {name}]) {{",
                  f"  for (;;) {{ if ({item} === 'skip') continue {label}; break; }}",
                  f"  await {out.call(operation, client, item)};", "}"]


def chained(out, operation, client, name):
    item = out.word()
    out.steps.append(f"await Promise.resolve({name}).then(({out.any(item)}) => {out.call(operation, client, item)});")


def promised(out, operation, client, name):
    item = out.word()
    kind = "<string>" if out.typed else ""
    out.steps += [f"const {item} = await new Promise{kind}((resolve) => resolve({name}));", f"await {out.call(operation, client, item)};"]


def guarded(out, operation, client, name):
    out.steps += ["try { throw new Error('x'); } catch (error) {", f"  await {out.call(operation, client, name)};", "}"]


def nested_function(out, operation, client, name):
    run = out.word()
    out.steps += [f"const {run} = ({out.any('value')}) => () => {out.call(operation, client, 'value')};", f"await {run}({name})();"]


def recursive(out, operation, client, name):
    run = out.word()
    out.top.append(f"async function {run}({out.any('client')}, {out.any('value')}, {out.any('left')}){': Promise<any>' if out.typed else ''} {{ "
                   f"if (left === 0) return {out.call(operation, 'client', 'value')}; return {run}(client, value, left - 1); }}")
    out.steps.append(f"await {run}({client}, {name}, 2);")


def applied(out, operation, client, name):
    run = out.word()
    out.top.append(f"function {run}({out.any('client')}, {out.any('value')}) {{ return {out.call(operation, 'client', 'value')}; }}")
    out.steps.append(out.pick(f"await {run}.call(null, {client}, {name});", f"await {run}.apply(null, [{client}, {name}]);",
                              f"await {run}.bind(null, {client})({name});"))


def rest(out, operation, client, name):
    run = out.word()
    parts = "...parts: any[]" if out.typed else "...parts"
    out.top.append(f"const {run} = ({parts}) => {{ const [client, value] = parts; return {out.call(operation, 'client', 'value')}; }};")
    out.steps.append(f"await {run}(...[{client}, {name}]);")


def by_name(out, operation, client, name):
    """`client[name]`, where calls are methods."""
    if out.style != "js-v2" and "aggregated" not in out.style:
        return direct(out, operation, client, name)
    key = out.word()
    end = ".promise()" if out.style == "js-v2" else ""
    target = f"({client} as any)" if out.typed else client
    out.top.append(f"const {key} = {js(operation.camel)};")
    out.steps.append(f"await {target}[{key}]({out.arguments(operation, name)}){end};")
    return None


def bound(out, operation, client, name):
    if out.style != "js-v2" and "aggregated" not in out.style:
        return helper(out, operation, client, name)
    one, run = out.word(), out.word()
    end = ".promise()" if out.style == "js-v2" else ""
    target = f"({one} as any)" if out.typed else one
    out.steps += [f"const {one} = {client};", f"const {run} = {target}.{operation.camel}.bind({one});",
                  f"await {run}({out.arguments(operation, name)}){end};"]
    return None


def called_back(out, operation, client, name):
    if out.style != "js-v2":
        return chained(out, operation, client, name)
    out.steps.append(f"await new Promise((resolve, reject) => {client}.{operation.camel}({out.arguments(operation, name)}, "
                     "(error, data) => (error ? reject(error) : resolve(data))));")
    return None


CALLS = [direct, variable, spread, assigned, helper, module_helper, deep, method, parameter_property, inherited, computed_method,
         dispatched, mapped, mapped_function, generated, looped, labeled, chained, promised, guarded, nested_function, recursive,
         applied, rest, by_name, bound, called_back]
