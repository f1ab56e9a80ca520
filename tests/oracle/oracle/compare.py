"""Compares what leash says with what happened."""

import dataclasses
import fnmatch
import json
import re
import subprocess


@dataclasses.dataclass
class Result:
    """What came out for one program."""

    program: object
    made: list
    inferred: list
    failures: list
    excess: list = dataclasses.field(default_factory=list)
    excused: int = 0
    literals: int = 0
    literals_seen: int = 0
    unseen: list = dataclasses.field(default_factory=list)


def leash(binary, command, program, *options):
    """leash's answer about a program, as text."""
    # An example's environment is what its template says; leash has to find that out by itself.
    known = {} if program.origin == "examples" else program.environment
    bound = [word for name, value in known.items() for word in ("--env", f"{name}={value}")]
    arguments = [str(binary), command, ".", *program.options, *bound, "--quiet", *options]
    if not program.options:
        file = next(path for path in program.files if path.startswith(program.handler[0] + "."))
        arguments += ["--handler", f"{file}:{program.handler[1]}"]
    done = subprocess.run(arguments, cwd=program.root, text=True, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(arguments[1:])}: {done.stderr.strip()}")
    return done.stdout


def compare(binary, program, answers):
    """Calls that were made but not inferred are failures; so are arguments that were claimed and are others."""
    failures = []
    made = []
    for answer in answers:
        if answer["error"] and not program.raises:
            failures.append(f"the program itself fails: {answer['error']}")
        made.extend(answer["requests"])
    document = json.loads(leash(binary, "calls", program, "--format", "json"))
    inferred = [call for call in document["operations"] if call["confidence"] != "possible"]
    result = Result(program, made, inferred, failures)
    if not made and not failures:
        failures.append("the program makes no call, so it shows nothing")
    for request in made:
        check_request(request, inferred, failures)
    count_excess(result)
    return result


def is_own(call):
    """Whether a call is signed with the function's own role."""
    return "credentials" not in call


def same(call, request):
    return (call["service"], call["operation"]) == (request["service"], request["operation"])


def check_request(request, inferred, failures):
    """A request must be one of the inferred calls, with the arguments that were claimed for it."""
    name = f"{request['service']}:{request['operation']}"
    candidates = [call for call in inferred if same(call, request) and is_own(call) == request["own"]]
    if not candidates:
        failures.append(f"made, not inferred: {name} {shown(request['parameters'])}")
    elif not any(arguments_fit(call, request) for call in candidates):
        claims = " | ".join(shown(call["parameters"]) for call in candidates)
        failures.append(f"made with other arguments: {name} {shown(request['parameters'])}, claimed {claims}")


def arguments_fit(call, request):
    """Whether each text that is claimed is the one that was sent."""
    for name, claimed in call["parameters"].items():
        sent = request["parameters"].get(name)
        if not isinstance(sent, str):
            continue
        if not any(fits(text, sent) for text in texts(claimed)):
            return False
    return True


def texts(claimed):
    """The texts a parameter may be: one, several, or any."""
    if isinstance(claimed, str):
        return [claimed]
    if isinstance(claimed, list) and all(isinstance(item, str) for item in claimed):
        return claimed
    return ["*"]


# The address under which the queues of the server are found stands for the one they have in AWS.
LOOPBACK = re.compile(r"^http://127\.0\.0\.1:\d+(?=[/*])")
QUEUES = "https://sqs.us-east-1.amazonaws.com"


def fits(pattern, text):
    """Whether a claimed text, with `*` for what is unknown, is the text."""
    pattern, text = LOOPBACK.sub(QUEUES, pattern), LOOPBACK.sub(QUEUES, text)
    return re.fullmatch("(?s:.*)".join(re.escape(part) for part in pattern.split("*")), text) is not None


def count_excess(result):
    """What was inferred and never made, by operation; and literal arguments that no run used."""
    made = {(request["service"], request["operation"], request["own"]) for request in result.made}
    for call in result.inferred:
        own = is_own(call)
        name = f"{call['service']}:{call['operation']}"
        if (call["service"], call["operation"], own) not in made:
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in result.program.never):
                result.excused += 1
            else:
                result.excess.append(f"inferred, never made: {name} ({call['file']}:{call['line']})")
            continue
        requests = [request for request in result.made if same(call, request)]
        for parameter, claimed in call["parameters"].items():
            sent = [request["parameters"].get(parameter) for request in requests]
            for text in texts(claimed):
                if "*" in text or not any(isinstance(value, str) for value in sent):
                    continue
                result.literals += 1
                if text in sent:
                    result.literals_seen += 1
                else:
                    result.unseen.append(f"never sent: {name} {parameter}={text}")


def shown(parameters):
    text = ", ".join(f"{name}={value}" for name, value in sorted(parameters.items()) if isinstance(value, (str, list)))
    return f"({text[:300]})"
