"""Prints the answers to questions.sql.

    python ask.py answers [--table NAME]
"""

import argparse
import os
from pathlib import Path

import duckdb


def parts(block: str) -> tuple[str, str]:
    """The first line of the last comment block above a statement, and the statement."""
    above, lines = [], block.strip().splitlines()
    while lines and (lines[0].startswith("--") or not lines[0].strip()):
        above.append(lines.pop(0).removeprefix("--").strip())
    comment = "\n".join(above).rstrip().split("\n\n")[-1]
    return comment.partition("\n")[0], "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers", type=Path, help="the folder that fleet.py wrote")
    parser.add_argument("--table", default="orders", help="the DynamoDB table of the first question")
    given = parser.parse_args()
    questions = (Path(__file__).parent / "questions.sql").read_text()
    os.chdir(given.answers)
    connection = duckdb.connect()
    connection.execute("SET VARIABLE table_name = ?", [given.table])
    for block in questions.split(";\n"):
        title, statement = parts(block)
        if not statement.startswith(("SELECT", "WITH")):
            connection.execute(statement or "SELECT 1")
            continue
        print(title.replace("the table", f"the table {given.table}") + ":")
        connection.sql(statement).show(max_width=150, max_rows=20)


if __name__ == "__main__":
    main()
