"""Maps a list of repositories through leash and writes what it finds as Parquet.

    python fleet.py repositories.tsv answers [--leash PATH] [--master local[2]]

Each line of the list is NAME <tab> FOLDER [<tab> SHARDS]. The folders must be where the workers can read them. A repository
with many functions can be split into shards, so that it does not hold up the rest.

Three tables are written:

runs        one row per call of leash: exit code, seconds, what it said on stderr, and its answer as it is
functions   one row per function: `leash infer --format jsonl`
roles       one row per function: `leash diff --format jsonl`
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

# The version of leash's lines that the schemas below are for.
VERSION = 1

# What the tables keep of a line; `leash schema jsonl` and `leash schema diff-jsonl` list everything there is.
PLACE = "struct<file: string, line: int, column: int>"
ROLE = "struct<kind: string, name: string>"
FUNCTION = f"""
    name string, handler string, runtime string, template {PLACE}, format string, role {ROLE},
    analyzed boolean, reason string, complete boolean, policy string,
    statements array<struct<sid: string, actions: array<string>, resources: array<string>, access_level: string,
        confidence: string, evidence: array<struct<kind: string, file: string, line: int, setting: string>>>>,
    notes array<struct<kind: string, message: string, at: {PLACE}, may_hide_permissions: boolean>>
"""
DIFFERENCE = f"""
    name string, template {PLACE}, role {ROLE}, shared_with array<string>, compared boolean, reason string,
    allowed_actions int, needed_actions int,
    declared array<struct<action: string, resources: array<string>, policy: string, file: string, line: int, verdict: string>>,
    findings array<struct<id: string, name: string, severity: string, message: string, allowed: string>>
"""
RUN = "repository string, command string, shard string, exit int, seconds double, functions int, errors string, answer string"


def tasks(list_file: Path):
    """One task per repository, command and shard. A role belongs to its whole template, so `diff` is not split."""
    for number, line in enumerate(list_file.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) not in (2, 3):
            sys.exit(f"{list_file}:{number}: write NAME<tab>FOLDER[<tab>SHARDS]")
        name, folder, shards = fields[0], fields[1], int(fields[2]) if len(fields) == 3 else 1
        for shard in range(1, shards + 1):
            yield name, folder, "infer", f"{shard}/{shards}"
        yield name, folder, "diff", "1/1"


def run(leash: str, timeout: int, task: tuple[str, str, str, str]):
    """Calls leash once. A repository that fails is a row like any other, never an end of the job."""
    name, folder, command, shard = task
    # Spark keeps the cores busy; leash needs none of its own.
    line = [leash, command, folder, "--format", "jsonl", "--jobs", "1", "--color", "never"]
    line += ["--shard", shard] if command == "infer" else ["--fail-on", "none"]
    start = time.monotonic()
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=timeout, check=False)
        exit_code, answer, errors = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        exit_code, answer, errors = -1, "", f"not done after {timeout} s"
    lines = answer.splitlines()
    if lines and json.loads(lines[0])["version"] != VERSION:
        raise ValueError(f"{leash} writes lines of version {json.loads(lines[0])['version']}; this job reads version {VERSION}")
    return name, command, shard, exit_code, time.monotonic() - start, len(lines), errors, answer


def table(runs: DataFrame, command: str, schema: str) -> DataFrame:
    """The lines that a command printed, as columns."""
    lines = runs.where(F.col("command") == command).select("repository", F.explode(F.split("answer", "\n")).alias("line"))
    parsed = lines.where(F.length("line") > 0).select("repository", F.from_json("line", schema, {"mode": "FAILFAST"}).alias("f"))
    return parsed.select("repository", "f.*")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", type=Path, help="the list")
    parser.add_argument("answers", type=Path, help="the folder for the tables")
    parser.add_argument("--leash", default="leash", help="the program, as the workers find it")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--timeout", type=int, default=600, help="seconds per call of leash")
    given = parser.parse_args()

    spark = SparkSession.builder.master(given.master).appName("leash").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    todo = list(tasks(given.repositories))
    leash, timeout = given.leash, given.timeout
    # Many more slices than cores: repositories differ in size by orders of magnitude.
    slices = max(1, min(len(todo), spark.sparkContext.defaultParallelism * 16))
    rows = spark.sparkContext.parallelize(todo, slices).map(lambda task: run(leash, timeout, task))
    rows.toDF(RUN).write.mode("overwrite").parquet(str(given.answers / "runs"))

    # From here on nothing calls leash any more.
    runs = spark.read.parquet(str(given.answers / "runs"))
    table(runs, "infer", FUNCTION).write.mode("overwrite").parquet(str(given.answers / "functions"))
    table(runs, "diff", DIFFERENCE).write.mode("overwrite").parquet(str(given.answers / "roles"))

    for row in runs.groupBy("command", "exit").agg(
        F.count("*").alias("calls"), F.sum("functions").alias("functions"), F.sum("seconds").alias("seconds")
    ).orderBy("command", "exit").collect():
        print(f"{row.command:5}  exit {row.exit:2}  {row.calls:5} calls  {row.functions:6} functions  {row.seconds:8.1f} s")
    spark.stop()


if __name__ == "__main__":
    main()
