"""Whether the policies that leash prints hold: for each request that was made, and before independent validators."""

import json
import pathlib
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

from oracle import authorize
from oracle.compare import leash
from oracle.world import ACCOUNT, REGION

HERE = pathlib.Path(__file__).resolve().parent
PLACE = ["--region", REGION, "--account", ACCOUNT]
FORMATS = ["json", "yaml", "sam", "cloudformation", "terraform", "serverless", "cdk"]


def documents(text):
    """The policy documents in leash's JSON answer about one function."""
    answer = json.loads(text)
    return answer if isinstance(answer, list) else [answer]


def evaluate(binary, results, modules):
    """Every recorded request against the function's policy: `{program id: failures}` and the totals."""
    cases, failures, spared = [], {}, {}
    for result in results:
        program = result.program
        pairs = set()
        for request in result.made:
            if request["own"]:
                try:
                    pairs.update(authorize.needed(request))
                except authorize.Unlisted as unlisted:
                    failures.setdefault(program.id, []).append(f"authorize.py does not know {unlisted}")
        text = leash(binary, "infer", program, "--no-logs", *PLACE, "--format", "json")
        requests = [{"action": action, "resource": resource, "context": dict(context)} for action, resource, context in sorted(pairs)]
        cases.append({"id": program.id, "policies": documents(text), "requests": requests})
        # What an operation needs that the code contains and no run makes is not asked for either.
        spared[program.id] = list(program.never)
    done = subprocess.run(["node", HERE / "simulate.mjs", modules.parent], input=json.dumps(cases), text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    totals = {"policies": 0, "requests": 0, "denied": 0, "actions": 0, "spare": 0, "explained": 0}
    for program, answer in json.loads(done.stdout).items():
        unexplained = [action for action in answer["spare"] if not explained(action, spared[program])]
        totals["policies"] += 1
        totals["requests"] += answer["requests"]
        totals["denied"] += len(answer["denied"])
        totals["actions"] += answer["actions"]
        totals["spare"] += len(unexplained)
        totals["explained"] += len(answer["spare"]) - len(unexplained)
        found = [f"denied by its own policy: {entry['action']} on {entry['resource']}" for entry in answer["denied"]]
        found += [f"granted without need: {action}" for action in unexplained]
        found += [f"the evaluator objects: {error}" for error in answer["errors"]]
        if found:
            failures.setdefault(program, []).extend(found)
    return failures, totals


def explained(action, never):
    """Whether an action belongs to an operation that no run makes, by what the program says about itself."""
    def actions(operation):
        if operation in authorize.NEEDED:
            sample = {"Bucket": "b", "Key": "k", "QueueUrl": "q", "TableName": "t", "QueueName": "q"}
            try:
                return {name for name, _ in authorize.NEEDED[operation](sample)}
            except KeyError:
                return set()
        return {operation}
    return any(action == operation or action in actions(operation) for operation in never)


def validate(binary, programs, modules):
    """Prints every policy in every format and hands it to a validator of that format: `{program id: failures}`."""
    failures = {program.id: [] for program in programs}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with ThreadPoolExecutor(max_workers=2) as pool:
            printed = list(pool.map(lambda program: print_all(binary, program, folder), programs))
        for program, files in zip(programs, printed, strict=True):
            for check in (parliament, yaml_holds, terraform):
                failures[program.id].extend(check(program, files))
        for check in (cloudformation, typescript):
            for program, failure in check(folder, modules, {program.id: files for program, files in zip(programs, printed, strict=True)}):
                failures[program].append(failure)
    return {name: found for name, found in failures.items() if found}, len(programs) * len(FORMATS)


def print_all(binary, program, folder):
    """The function's policy in each format, in files."""
    files = {}
    for form in FORMATS:
        text = leash(binary, "infer", program, *PLACE, "--function-name", "oracle", "--logs", "--format", form)
        suffix = {"json": "json", "terraform": "tf", "cdk": "ts"}.get(form, "yaml")
        files[form] = folder / f"{program.id}.{form}.{suffix}"
        files[form].write_text(text)
    named = other_resources(program)
    for form in ("sam", "cloudformation"):
        files[form].with_suffix(".rest").write_text(named)
    return files


def other_resources(program):
    """What the program's own template declares beside functions: answers in its language refer to that."""
    template = next((text for name, text in program.files.items() if name.endswith("template.yaml")), "")
    _, _, resources = template.partition("\nResources:\n")
    resources = re.split(r"^(?=\S)", resources, maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.split(r"^(?=  \w)", resources, flags=re.MULTILINE)
    return "".join(block for block in blocks if "AWS::Serverless::Function" not in block)


def parliament(program, files):
    """Actions that do not exist, resources that do not fit their action, malformed documents."""
    import logging

    from parliament import analyze_policy_string

    logging.getLogger().setLevel(logging.ERROR)
    for policy in documents(files["json"].read_text()):
        for finding in analyze_policy_string(json.dumps(policy)).findings:
            # Parliament's list of actions is older than some of AWS's services; what it does not know it cannot judge. Nor does
            # it know yet that GetObjectAttributes is authorized on objects:
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
            outdated = "s3:GetObjectAttributes" in str(finding.detail)
            if finding.issue not in ("UNKNOWN_ACTION", "UNKNOWN_PREFIX") and not outdated:
                yield f"parliament: {finding.issue} {finding.detail}"


def yaml_holds(program, files):
    """YAML answers are YAML, and say the same as the JSON one."""
    import yaml

    said = yaml.safe_load(files["yaml"].read_text())
    if said != json.loads(files["json"].read_text()):
        yield "yaml: differs from json"
    try:
        # Composed, not loaded: `!Sub` and `!GetAtt` are for the Serverless Framework to understand.
        if yaml.compose(files["serverless"].read_text()) is None:
            yield "serverless: empty"
    except yaml.YAMLError as error:
        yield f"serverless: {error}"


def terraform(program, files):
    """Terraform answers parse, and hold a policy document."""
    import hcl2

    try:
        parsed = hcl2.loads(files["terraform"].read_text())
    except Exception as error:  # noqa: BLE001  (whatever the parser raises is its objection)
        yield f"hcl2: {error}"
        return
    if "data" not in parsed and "resource" not in parsed:
        yield "hcl2: no policy document"


ROLE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      InlineCode: "def handler(event, context): pass"
"""


def cloudformation(folder, modules, printed):
    """SAM answers inside a function of a template, CloudFormation ones as the templates they are, through cfn-lint."""
    import sys

    for files in printed.values():
        block = "".join(f"      {line}\n" if line else "\n" for line in files["sam"].read_text().splitlines())
        files["sam"].write_text(ROLE + block)
        for form in ("sam", "cloudformation"):
            files[form].write_text(files[form].read_text() + files[form].with_suffix(".rest").read_text())
    paths = {files[form].name: program for program, files in printed.items() for form in ("sam", "cloudformation")}
    done = subprocess.run([pathlib.Path(sys.executable).with_name("cfn-lint"), "--format", "parseable", "--", *sorted(paths)], cwd=folder,
                          text=True, capture_output=True, check=False)
    if done.returncode not in (0, 2, 4, 6, 8, 10, 12, 14) or done.stderr.strip():
        raise RuntimeError(f"cfn-lint: {done.stderr.strip() or done.stdout}")
    for line in done.stdout.splitlines():
        name = line.partition(":")[0]
        if name in paths:
            yield paths[name], f"cfn-lint: {line}"


def typescript(folder, modules, printed):
    """CDK answers parse as TypeScript."""
    files = {files["cdk"].name: program for program, files in printed.items()}
    done = subprocess.run([modules / ".bin" / "esbuild", *sorted(files), "--outdir=parsed", "--log-limit=0", "--color=false"],
                          cwd=folder, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        named = {name: program for name, program in files.items() if f"{name}:" in done.stderr}
        for name, program in named.items() or [("", next(iter(files.values())))]:
            yield program, f"typescript: {name} {done.stderr[:300]}"
