"""Runs leash and iam-policy-autopilot on the same labelled files and prints a table in Markdown.

    pip install -r requirements.txt
    python compare.py --leash ../../target/release/leash [--cases] [--write ../../docs/accuracy.md]
"""

import argparse
import fnmatch
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import reference

HERE = Path(__file__).resolve().parent
EXTENSIONS = {".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".ts": "typescript", ".mts": "typescript"}
START, END = "<!-- side by side: written by benches/compare -->", "<!-- end of side by side -->"


@dataclass
class Case:
    """What both programs are given, and what the code really needs: (action, resource)."""

    name: str
    path: Path
    files: list[Path]
    needs: set[tuple[str, str]]
    function: str | None = None


@dataclass
class Score:
    needed: int = 0
    found: int = 0
    exact: int = 0
    complete: int = 0
    actions: int = 0
    services: int = 0
    clean: int = 0
    by_key: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    memory: int = 0
    failed: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def arn(text: str) -> str:
    """Without what neither program can know: partition, region and account."""
    parts = text.split(":", 5)
    return ":".join(["arn", "*", parts[2], "*", "*", parts[5]]) if len(parts) == 6 else text


def covers(wide: str, narrow: str) -> bool:
    """Whether one pattern covers another: what stands in the second is matched as it is."""
    # Brackets mean nothing in an ARN.
    return fnmatch.fnmatchcase(narrow, wide.replace("[", "[[]"))


def labels(file: Path) -> set[tuple[str, str]]:
    """The comments at the top of a file."""
    found, told = set(), False
    for line in file.read_text().splitlines():
        text = line.lstrip("#/ ")
        if text.startswith("needs: "):
            action, resource = text.removeprefix("needs: ").split()
            found.add((action, arn(resource)))
        told |= text.startswith("needs")
    if not told:
        sys.exit(f"{file} has no labels")
    return found


def cases() -> list[Case]:
    """The files and folders below `cases`, and the example of the repository."""
    found = []
    for path in sorted((HERE / "cases").iterdir()):
        files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.suffix in EXTENSIONS)
        main = path if path.is_file() else next(file for file in files if file.stem == "handler")
        found.append(Case(path.name, path, files, labels(main)))
    orders = HERE.parents[1] / "examples" / "orders"
    table = "arn:*:dynamodb:*:*:table/orders"
    queue = "arn:*:sqs:*:*:receipts-to-write"
    found.append(Case("examples/orders, TakeOrder", orders, [orders / "src/take_order.py", orders / "src/shared/orders.py"], {
        ("dynamodb:PutItem", table), ("ssm:GetParameter", "arn:*:ssm:*:*:parameter/orders/discount"), ("sqs:SendMessage", queue)}, "TakeOrder"))
    found.append(Case("examples/orders, WriteReceipt", orders, [orders / "receipts/write-receipt.ts"], {
        ("dynamodb:GetItem", table), ("s3:PutObject", "arn:*:s3:*:*:example-receipts/receipts/*.txt")}, "WriteReceipt"))
    return found


def measured(command: list[str], environment: dict[str, str], runs: int):
    """The answer of a command and what it cost: medians of wall and processor time, the largest peak of memory in KiB."""
    times, cpu, peak, answer, code = [], [], 0, "", 0
    for _ in range(runs):
        with tempfile.TemporaryFile("w+") as out:
            start = time.perf_counter()
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = code = os.waitstatus_to_exitcode(status)
            times.append(time.perf_counter() - start)
            cpu.append(usage.ru_utime + usage.ru_stime)
            peak = max(peak, usage.ru_maxrss)
            out.seek(0)
            answer = out.read()
    return code, answer, (statistics.median(times), statistics.median(cpu), peak)


def listed(value) -> list[str]:
    return value if isinstance(value, list) else [value]


def granted(documents) -> tuple[set[tuple[str, str]], set[str]]:
    """(action, resource) of policy documents; what is granted through a service's default key is kept apart."""
    pairs, by_key = set(), set()
    for document in documents:
        for statement in document["Statement"]:
            for action in listed(statement["Action"]):
                if action.startswith("kms:") and "kms:ViaService" in json.dumps(statement.get("Condition", {})):
                    by_key.add(action)
                    continue
                pairs |= {(action, arn(resource)) for resource in listed(statement["Resource"])}
    return pairs, by_key


def leash(program: str, case: Case, runs: int):
    command = [program, "infer", str(case.path), "--no-logs", "--quiet", "--format", "jsonl"]
    command += ["--function", case.function] if case.function else []
    code, answer, cost = measured(command, {}, runs)
    # What the queue of an event source needs is not in the code, so it is no part of this comparison.
    documents = [json.loads(line)["policy"] for line in answer.splitlines()]
    pairs, by_key = granted(documents)
    if case.function == "WriteReceipt":
        pairs = {pair for pair in pairs if not pair[0].startswith("sqs:")}
    return code, pairs, by_key, cost


def autopilot(program: str, case: Case, runs: int, environment: dict[str, str], cache: Path):
    reference.refresh(cache)
    languages = {EXTENSIONS[file.suffix] for file in case.files}
    # It refuses extensions such as .mjs unless it is told the language.
    command = [program, "generate-policies", *map(str, case.files), "--language", languages.pop()]
    code, answer, cost = measured(command, environment, runs)
    documents = [policy["Policy"] for policy in json.loads(answer or "{}").get("Policies", [])]
    return code, *granted(documents), cost


def judge(score: Score, case: Case, code: int, pairs, by_key, cost: tuple[float, float, int]) -> None:
    found = {need for need in case.needs if any(action == need[0] and covers(resource, need[1]) for action, resource in pairs)}
    exact = {
        need for need in found
        if all(any(covers(label, resource) for own, label in case.needs if own == need[0]) for action, resource in pairs if action == need[0])
    }
    wanted = {action for action, _ in case.needs}
    actions = {action for action, _ in pairs} - wanted
    services = {action.split(":")[0] for action in actions} - {action.split(":")[0] for action in wanted}
    score.needed += len(case.needs)
    score.found += len(found)
    score.exact += len(exact)
    score.complete += len(found) == len(case.needs)
    score.actions += len(actions)
    score.services += len(services)
    score.clean += not actions
    score.by_key += len(by_key)
    score.seconds += cost[0]
    score.processor += cost[1]
    score.memory = max(score.memory, cost[2])
    if code not in (0, 1):
        score.failed.append(case.name)
    wrong = f"; wrongly {', '.join(sorted(actions)[:6])}{f' and {len(actions) - 6} more' if len(actions) > 6 else ''}" if actions else ""
    missed = f"; missed {', '.join(sorted(action for action, _ in case.needs - found))}" if found != case.needs else ""
    score.lines.append(f"{len(found)}/{len(case.needs)}, {len(exact)} exact{missed}{wrong}")


def table(all_cases: list[Case], ours: Score, theirs: Score, versions: tuple[str, str]) -> str:
    count = len(all_cases)
    share = lambda part, whole: f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "-"
    rows = [
        ("permissions found", *(share(s.found, s.needed) for s in (ours, theirs))),
        ("programs with everything found", *(share(s.complete, count) for s in (ours, theirs))),
        ("services wrongly added", *(str(s.services) for s in (ours, theirs))),
        ("actions wrongly added", *(str(s.actions) for s in (ours, theirs))),
        ("programs with nothing wrongly added", *(share(s.clean, count) for s in (ours, theirs))),
        ("actions on default KMS keys, through a service, not counted above", *(str(s.by_key) for s in (ours, theirs))),
        ("found permissions with a resource no wider than the code allows", *(share(s.exact, s.found) for s in (ours, theirs))),
        ("wall time of all runs", *(f"{s.seconds:.2f} s" for s in (ours, theirs))),
        ("processor time of all runs", *(f"{s.processor:.2f} s" for s in (ours, theirs))),
        ("processor time, ratio", "1", f"{theirs.processor / ours.processor:.0f}"),
        ("largest memory of a run", *(f"{s.memory / 1024:.0f} MiB" for s in (ours, theirs))),
    ]
    lines = [f"| {count} programs, {ours.needed} permissions | {versions[0]} | {versions[1]} |", "|---|---|---|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def version(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip().splitlines()[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leash", default="leash")
    parser.add_argument("--autopilot", default="iam-policy-autopilot")
    parser.add_argument("--runs", type=int, default=3, help="times that each program is run on each case")
    parser.add_argument("--cases", action="store_true", help="also print every case")
    parser.add_argument("--write", type=Path, help="put the table between the marks of this document")
    given = parser.parse_args()
    all_cases = cases()
    ours, theirs = Score(), Score()
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "IAMPolicyAutopilot"
        reference.write(cache)
        environment = os.environ | {
            "TMPDIR": folder,
            "HOME": folder,
            "IAM_POLICY_AUTOPILOT_TELEMETRY": "0",
            "DISABLE_IAM_POLICY_AUTOPILOT_TELEMETRY": "true",
            "IAM_POLICY_AUTOPILOT_SERVICE_REFERENCE_URL": reference.empty_index(),
        }
        for case in all_cases:
            judge(ours, case, *leash(given.leash, case, given.runs))
            judge(theirs, case, *autopilot(given.autopilot, case, given.runs, environment, cache))
    text = table(all_cases, ours, theirs, (version(given.leash), version(given.autopilot)))
    details = ["| program | leash | iam-policy-autopilot |", "|---|---|---|"]
    details += [f"| {case.name} | {left} | {right} |" for case, left, right in zip(all_cases, ours.lines, theirs.lines)]
    if theirs.failed or ours.failed:
        print(f"ended with an error: leash {ours.failed}, iam-policy-autopilot {theirs.failed}", file=sys.stderr)
    if given.write:
        document = given.write.read_text()
        before, _, rest = document.partition(START)
        _, mark, after = rest.partition(END)
        if not mark:
            sys.exit(f"{given.write} lacks the marks")
        given.write.write_text(f"{before}{START}\n{text}\n\n{chr(10).join(details)}\n{END}{after}")
    else:
        print(text)
        if given.cases:
            print("\n" + "\n".join(details))


if __name__ == "__main__":
    main()
