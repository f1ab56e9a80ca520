#!/usr/bin/env python3
"""Holds `leash calls` against labels that AWS made.

    git clone --depth 1 https://github.com/awsdocs/aws-doc-sdk-examples
    git clone --depth 1 https://github.com/awslabs/iam-policy-autopilot
    benches/labels.py --leash target/release/leash --examples aws-doc-sdk-examples --scripts iam-policy-autopilot

The examples of AWS's documentation say in `.doc_gen/metadata` which operations a snippet shows; each file is analyzed by itself.
The integration tests of iam-policy-autopilot have the smallest policy with which each script ran; actions on KMS keys are left
out, because every one of them is about a default key of AWS. Needs PyYAML.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
from pathlib import Path

import yaml

ENDINGS = (".py", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx")
LANGUAGES = ("Python", "JavaScript")


def snippets(root):
    """Which files have a snippet of each tag."""
    found = collections.defaultdict(set)
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in ("node_modules", ".git")]
        for name in files:
            if name.endswith(ENDINGS):
                path = Path(folder, name)
                for tag in re.findall(r"snippet-start:\[([^\]]+)\]", path.read_text(errors="replace")):
                    found[tag].add(path)
    return found


def labels(root):
    """(example, operations, files) of every example in a language that leash reads."""
    tags = snippets(root)
    for metadata in sorted(Path(root, ".doc_gen/metadata").glob("*.yaml")):
        for name, example in (yaml.safe_load(metadata.read_text()) or {}).items():
            if not isinstance(example, dict):
                continue
            operations = [operation for shown in (example.get("services") or {}).values() for operation in shown or ()]
            for language, versions in (example.get("languages") or {}).items():
                for version in versions.get("versions", []) if language in LANGUAGES else []:
                    excerpts = version.get("excerpts") or []
                    files = {path for excerpt in excerpts for tag in excerpt.get("snippet_tags") or [] for path in tags[tag]}
                    files |= {Path(root, path) for excerpt in excerpts for path in excerpt.get("snippet_files") or []}
                    files = {path for path in files if path.suffix in ENDINGS and path.exists()}
                    if files and operations:
                        yield f"{name} ({language} {version.get('sdk_version')})", operations, files


def operations_of(leash, path):
    answer = subprocess.run([leash, "calls", path, "--format", "json", "--quiet"], capture_output=True)
    try:
        found = json.loads(answer.stdout)["operations"]
    except ValueError:
        return {}
    sure = collections.defaultdict(bool)
    for call in found:
        sure[plain(call["operation"])] |= call["confidence"] != "possible"
    return sure


def plain(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def examples(leash, root):
    wanted = list(labels(root))
    files = sorted({path for _, _, paths in wanted for path in paths})
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = dict(zip(files, pool.map(lambda path: operations_of(leash, path), files)))
    counts = collections.Counter()
    for name, operations, paths in wanted:
        for operation in operations:
            known = [found[path][plain(operation)] for path in paths if plain(operation) in found[path]]
            kind = "certain or likely" if any(known) else "possible" if known else "not found"
            counts[kind] += 1
            if kind == "not found":
                print(f"  not found: {operation} of {name}")
    print(f"{sum(counts.values())} labels of {len(files)} files: " + ", ".join(f"{kind} {n}" for kind, n in counts.most_common()))


def actions(policy):
    listed = (statement["Action"] for statement in policy["Statement"])
    return {action for one in listed for action in ([one] if isinstance(one, str) else one) if not action.startswith("kms:")}


def scripts(leash, root):
    counts = collections.Counter()
    for project in sorted(Path(root, "integration-tests/projects").glob("run_*")):
        wanted = actions(json.loads((project / "minimal_policy.json").read_text()))
        for script in (project / "python/script.py", project / "typescript/script.ts"):
            answer = subprocess.run([leash, "infer", script, "--no-logs", "--quiet"], capture_output=True)
            found = actions(json.loads(answer.stdout))
            counts.update(labels=len(wanted), missing=len(wanted - found), surplus=len(found - wanted))
            for action in sorted(wanted ^ found):
                print(f"  {'missing' if action in wanted else 'surplus'}: {action} in {script.relative_to(root)}")
    print(f"{counts['labels']} actions of scripts that ran: missing {counts['missing']}, surplus {counts['surplus']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leash", default="target/release/leash")
    parser.add_argument("--examples", type=Path)
    parser.add_argument("--scripts", type=Path)
    given = parser.parse_args()
    if given.examples:
        examples(given.leash, given.examples)
    if given.scripts:
        scripts(given.leash, given.scripts)


if __name__ == "__main__":
    main()
