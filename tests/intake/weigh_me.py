"""A process for the tests that checks one file after another and prints of each what was said, how long it took, and
the most memory that a reading child has used so far, in bytes: `weigh_me FILE…`. Only here are there no other children.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from intake.reading import FileRefused
from tests.intake.tables import checked


def main(files: list[str]) -> None:
    for file in files:
        started = time.perf_counter()
        try:
            checked(Path(file))
            said = ""
        except FileRefused as fault:
            said = fault.said
        seconds = time.perf_counter() - started
        print(json.dumps([said, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
