"""Programs put together from parts by a seeded generator: where the client lives, where the name comes from, how the call is
made, and in which module each of them stands. The same seed gives the same programs.
"""

import random

from oracle import generate_ecma, generate_python
from oracle.programs import Program


def programs(seed, count):
    """`count` programs; the first half Python, the others JavaScript and TypeScript in turns."""
    for number in range(count):
        source = random.Random(f"{seed}/{number}")
        write = generate_python.program if number % 2 == 0 else generate_ecma.program
        made = write(source)
        yield Program(id=f"generated-{seed}-{number:04}-{made['style']}", origin="generated", language=made["language"],
                      files=made["files"], environment=made["environment"], events=made["events"])
