"""The whole of it: write the programs, run them, compare, evaluate the policies, and say how it went."""

import argparse
import collections
import json
import pathlib
import sys
import time

from oracle import compare, generate, policies, programs, run

HERE = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = HERE.parent.parent


def arguments():
    parser = argparse.ArgumentParser(prog="tests/oracle/run")
    parser.add_argument("--leash", type=pathlib.Path, required=True, help="the binary that is tried")
    parser.add_argument("--modules", type=pathlib.Path, required=True, help="the folder node_modules")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="where programs are written (emptied first)")
    parser.add_argument("--seed", type=int, default=1, help="of the generated programs")
    parser.add_argument("--generated", type=int, default=160, help="how many programs to generate")
    parser.add_argument("--only", default="", help="programs whose name contains this")
    parser.add_argument("--no-policies", action="store_true", help="compare calls only")
    parser.add_argument("--no-formats", action="store_true", help="leave out the validators of formats")
    parser.add_argument("--json", type=pathlib.Path, help="where to write the figures")
    return parser.parse_args()


def main():
    options = arguments()
    options.leash, options.modules, options.work = (path.resolve() for path in (options.leash, options.modules, options.work))
    chosen = [
        *programs.written(HERE / "programs"),
        *programs.examples(REPOSITORY / "examples", HERE / "examples.json"),
        *generate.programs(options.seed, options.generated),
    ]
    chosen = [program for program in chosen if options.only in program.id]
    if not chosen:
        raise SystemExit("no program has such a name")
    clock = Clock()
    with run.server() as address:
        for program in chosen:
            program.place("https://sqs.us-east-1.amazonaws.com" if program.language == "py" else address)
        programs.prepare(chosen, options.work, options.modules)
        clock.step("written")
        answers = run.run(chosen, address)
    clock.step("run")
    results = [compare.compare(options.leash, program, [answers[job["id"]] for job in program.jobs()]) for program in chosen]
    clock.step("compared")
    failures = collections.defaultdict(list, {result.program.id: list(result.failures) for result in results if result.failures})
    totals, checked = {}, 0
    if not options.no_policies:
        found, totals = policies.evaluate(options.leash, results, options.modules)
        for name, lines in found.items():
            failures[name].extend(lines)
        clock.step("policies evaluated")
    if not options.no_formats:
        found, checked = policies.validate(options.leash, chosen, options.modules)
        for name, lines in found.items():
            failures[name].extend(lines)
        clock.step("formats validated")
    sys.exit(report(options, results, failures, totals, checked))


class Clock:
    """Says on stderr how long each part takes."""

    def __init__(self):
        self.last = time.monotonic()

    def step(self, name):
        now = time.monotonic()
        print(f"{name} ({now - self.last:.0f} s)", file=sys.stderr, flush=True)
        self.last = now


def report(options, results, failures, totals, checked):
    """Prints what failed and the figures; the exit code."""
    for name, lines in sorted(failures.items()):
        print(f"FAILED {name}")
        for line in dict.fromkeys(lines):
            print(f"  {line}")
    for result in results:
        for line in dict.fromkeys(result.excess):
            print(f"excess {result.program.id}: {line}")
        for line in dict.fromkeys(result.unseen):
            print(f"unseen {result.program.id}: {line}")
    figures = counted(results, totals, checked)
    figures["failed programs"] = len(failures)
    for name, value in figures.items():
        print(f"{name}: {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if failures or any(result.excess for result in results) else 0


def counted(results, totals, checked):
    """The figures of docs/accuracy.md."""
    origins = collections.Counter("generated" if result.program.origin == "generated" else
                                  "examples" if result.program.origin == "examples" else "written" for result in results)
    languages = collections.Counter(result.program.language for result in results)
    made = sum(len(result.made) for result in results)
    missed = sum(line.startswith("made, not inferred") for result in results for line in result.failures)
    wrong = sum(line.startswith("made with other") for result in results for line in result.failures)
    distinct = len({(request["service"], request["operation"]) for result in results for request in result.made})
    inferred = sum(len(result.inferred) for result in results)
    excess = sum(len(result.excess) for result in results)
    excused = sum(result.excused for result in results)
    literals = sum(result.literals for result in results)
    seen = sum(result.literals_seen for result in results)
    return {
        "programs": dict(sorted(origins.items()), total=len(results)),
        "languages": dict(sorted(languages.items())),
        "requests made": made,
        "operations": distinct,
        "recall": ratio(made - missed, made),
        "requests with the claimed arguments": ratio(made - missed - wrong, made),
        "precision": ratio(inferred - excess - excused, inferred),
        "calls that no run makes, with a reason": excused,
        "literal arguments that were sent": ratio(seen, literals),
        "policies": totals,
        "answers validated": checked,
    }


def ratio(part, whole):
    return f"{part}/{whole} ({100 * part / whole:.1f} %)" if whole else "none"


main()
