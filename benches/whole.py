"""Times whole commands, from start to exit, and prints a table in Markdown. `benches/whole.sh` calls it."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
START, END = "<!-- whole commands: written by benches/whole.sh -->", "<!-- end of whole commands -->"


@dataclass
class Cost:
    """Medians over the runs, and the largest peak of memory."""

    wall: float
    cpu: float
    memory: float


def cost(command: list[str], runs: int) -> Cost:
    walls, cpus, peak = [], [], 0
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        walls.append(time.perf_counter() - start)
        cpus.append(usage.ru_utime + usage.ru_stime)
        # Linux counts in KiB, macOS in bytes.
        peak = max(peak, usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1))
        if process.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(statistics.median(walls), statistics.median(cpus), peak / 1024)


def generated(functions: int, folder: Path) -> Path:
    subprocess.run([sys.executable, HERE / "generate.py", str(functions), folder], check=True)
    return folder


def duration(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leash", default=str(HERE.parent / "target/release/leash"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1500, 3000, 15000], help="functions of the generated trees")
    parser.add_argument("--tree", action="append", default=[], help="NAME=FOLDER, another tree to measure")
    parser.add_argument("--write", type=Path, help="put the table between the marks of this document")
    given = parser.parse_args()
    rows, whole = [], {}
    with tempfile.TemporaryDirectory() as scratch:
        orders = HERE.parent / "examples" / "orders"
        inputs = [("one small file", orders / "src/shared/orders.py"), ("one project: `examples/orders`", orders)]
        inputs += [(f"{size:,} generated functions", generated(size, Path(scratch) / str(size))) for size in given.sizes]
        inputs += [(name, Path(folder)) for name, _, folder in (tree.partition("=") for tree in given.tree)]
        for name, path in inputs:
            run = cost([given.leash, "infer", "--quiet", str(path)], given.runs)
            parse = cost([given.leash, "debug", "parse", str(path)], given.runs)
            whole[name] = run
            rows.append(f"| {name} | {duration(run.wall)} | {duration(run.cpu)} | {run.memory:.0f} MiB "
                        f"| {duration(parse.cpu)} | {run.cpu / parse.cpu:.1f} |")
    lines = ["| input | wall | processor time | memory | parsing alone, processor time | ratio |", "|---|---|---|---|---|---|", *rows, ""]
    for small, large in zip(given.sizes, given.sizes[1:]):
        left, right = whole[f"{small:,} generated functions"], whole[f"{large:,} generated functions"]
        lines.append(f"From {small:,} to {large:,} functions, {large / small:.0f} times the code: {right.cpu / left.cpu:.1f} times the "
                     f"processor time, {right.memory / left.memory:.1f} times the memory.")
    text = "\n".join(lines)
    if not given.write:
        print(text)
        return
    document = given.write.read_text()
    before, _, rest = document.partition(START)
    _, mark, after = rest.partition(END)
    if not mark:
        sys.exit(f"{given.write} lacks the marks")
    given.write.write_text(f"{before}{START}\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
