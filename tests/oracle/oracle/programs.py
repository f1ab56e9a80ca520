"""The programs: what their files are, how they are called, and which events bring out all that they do.

Programs are written as the specs under tests/spec are: a heading is a program, its fenced blocks are files, every language
(and every `alt=`) is an alternative. Three more kinds of blocks say how to run it:

- `events`: a JSON list; the handler is called once for each, in a process that starts anew. One empty event by default.
- `settings`: `env KEY=VALUE`; `handler NAME` where it is not called `handler`; `raises` where an event makes it fail.
- `never`: operations that the code contains and no run makes, one a line with the reason: `s3:AbortMultipartUpload -- why`.
"""

import dataclasses
import json
import pathlib
import re
import shutil
import subprocess

SUFFIXES = {"py": "py", "js": "js", "mjs": "mjs", "ts": "ts"}


@dataclasses.dataclass
class Program:
    """One program in one language."""

    id: str
    origin: str
    language: str
    files: dict
    handler: tuple = ("app", "handler")
    environment: dict = dataclasses.field(default_factory=dict)
    events: list = dataclasses.field(default_factory=lambda: [{}])
    never: dict = dataclasses.field(default_factory=dict)
    raises: bool = False
    options: list = dataclasses.field(default_factory=list)
    code: str = "."
    root: pathlib.Path | None = None
    run_root: pathlib.Path | None = None

    @property
    def text(self):
        """All that the program says, from which the world guesses what has to exist."""
        return "\n".join(self.files.values()) + json.dumps(self.environment)

    def write(self, work):
        """Writes the files; `{{queues}}` is where queues are, which differs between the runs in process and by server."""
        self.root = work / "src" / self.id
        self.run_root = self.root if self.language == "py" else work / "run" / self.id
        for path, text in self.files.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            if self.language != "py" and file.suffix != ".ts":
                copy = self.run_root / path
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(text)

    def place(self, queues):
        """Puts the address of the queues where the program asks for it."""
        self.files = {path: text.replace("{{queues}}", queues) for path, text in self.files.items()}
        self.environment = {name: value.replace("{{queues}}", queues) for name, value in self.environment.items()}
        self.events = json.loads(json.dumps(self.events).replace("{{queues}}", queues))

    def jobs(self):
        """One job for a runner per event."""
        for number, event in enumerate(self.events):
            job = {"id": f"{self.id}#{number}", "root": str(self.run_root / self.code), "text": self.text, "event": event,
                   "environment": self.environment}
            if self.language == "py":
                yield {**job, "handler": ".".join(self.handler)}
            else:
                suffix = next(suffix for suffix in ("js", "mjs", "ts") if str(pathlib.PurePath(self.code, f"{self.handler[0]}.{suffix}")) in self.files)
                yield {**job, "file": self.handler[0] + (".mjs" if suffix == "mjs" else ".js"), "name": self.handler[1]}


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def written(folder):
    """The programs that were written by hand."""
    for file in sorted(folder.glob("*.md")):
        for section in re.split(r"^## ", file.read_text(), flags=re.M)[1:]:
            yield from parse(file.stem, section)


def parse(origin, section):
    """The alternatives under one heading."""
    title = section.partition("\n")[0]
    shared, alternatives, common = {}, {}, {}
    for info, body in re.findall(r"^```([^\n]*)\n(.*?)^```$", section, flags=re.M | re.S):
        kind, *options = info.split()
        option = dict(word.split("=", 1) for word in options)
        if kind == "events":
            common["events"] = json.loads(body)
        elif kind == "settings":
            settings(body, common)
        elif kind == "never":
            common["never"] = dict(line.split(" -- ", 1) for line in body.splitlines())
        elif kind in SUFFIXES:
            name = kind + ("-" + option["alt"] if "alt" in option else "")
            alternatives.setdefault(name, {})[option.get("path", f"app.{SUFFIXES[kind]}")] = body
        else:
            shared[option["path"]] = body
    for name, files in alternatives.items():
        language = name.partition("-")[0].replace("mjs", "js")
        yield Program(id=f"{origin}-{slug(title)}-{name}", origin=origin, language=language, files={**shared, **files}, **common)


def settings(body, common):
    for line in body.splitlines():
        word, _, rest = line.partition(" ")
        if word == "env":
            name, _, value = rest.partition("=")
            common.setdefault("environment", {})[name] = value
        elif word == "handler":
            common["handler"] = ("app", rest)
        elif word == "raises":
            common["raises"] = True
        else:
            raise ValueError(f"no such setting: {line}")


def examples(folder, listed):
    """The functions of the repository's examples. Every example is listed: a new one cannot be forgotten."""
    known = json.loads(listed.read_text())
    there = {path.name for path in folder.iterdir() if path.is_dir()}
    if there != set(known):
        raise SystemExit(f"{listed.name} must list the examples: {sorted(there ^ set(known))}")
    for name, example in sorted(known.items()):
        for function in example.get("functions", []):
            files = {str(path.relative_to(folder / name)): path.read_text()
                     for path in sorted((folder / name).rglob("*")) if path.is_file()}
            yield Program(
                id=f"example-{name}-{slug(function['name'])}", origin="examples", language=function["language"], files=files,
                handler=tuple(function["handler"]), code=function.get("code", "."), environment=function.get("environment", {}),
                events=function.get("events", [{}]), never=function.get("never", {}),
                options=["--function", function["name"]])


def compile_typescript(work, node_modules):
    """Takes the types off all TypeScript files at once."""
    files = [str(path) for path in sorted((work / "src").rglob("*.ts"))]
    if files:
        subprocess.run(
            [node_modules / ".bin" / "esbuild", *files, f"--outdir={work / 'run'}", f"--outbase={work / 'src'}",
             "--format=cjs", "--platform=node", "--target=node18", "--log-level=error",
             '--tsconfig-raw={"compilerOptions":{"experimentalDecorators":true,"emitDecoratorMetadata":false}}'],
            check=True)


def prepare(programs, work, node_modules):
    """Writes all programs to a fresh folder."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    (work / "node_modules").symlink_to(node_modules)
    seen = set()
    for program in programs:
        if program.id in seen:
            raise SystemExit(f"two programs are called {program.id}")
        seen.add(program.id)
        program.write(work)
    compile_typescript(work, node_modules)
