"""Starts the runners: what each program really asked of AWS."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent


@contextlib.contextmanager
def server():
    """A recording moto server; gives its address."""
    process = subprocess.Popen([sys.executable, "-m", "oracle.server"], cwd=HERE.parent, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    errors = []
    threading.Thread(target=lambda: errors.extend(process.stderr), daemon=True).start()
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise SystemExit("the server did not start:\n" + "".join(errors))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stdin.close()
        process.wait(timeout=20)


def answers(command, jobs):
    """What a runner says to its jobs, by the job's id."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run(command, cwd=HERE.parent, env=environment, input=json.dumps(jobs), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    found = {}
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        found[answer["id"]] = answer
    for job in jobs:
        found.setdefault(job["id"], {"id": job["id"], "requests": [], "error": f"not run:\n{done.stderr[-2000:]}"})
    return found


def run(programs, address):
    """The answers to all jobs of all programs."""
    python = [job for program in programs if program.language == "py" for job in program.jobs()]
    node = [job for program in programs if program.language != "py" for job in program.jobs()]
    commands = [([sys.executable, "-m", "oracle.run_python"], python), (["node", str(HERE / "run_node.mjs"), address], node)]
    found = {}
    with ThreadPoolExecutor() as pool:
        for part in pool.map(lambda pair: answers(*pair), [pair for pair in commands if pair[1]]):
            found |= part
    return found
