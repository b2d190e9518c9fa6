"""A process for the tests that imports a file and is killed right after its n-th commit: `kill_me URL FILE N`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from intake import store
from intake.store import import_file
from models.db import Database
from tests.factories import KEYRING
from tests.intake.tables import TODAY


def main(url: str, file: str, last: int) -> None:
    store.CHUNK = 2
    database = Database(url, KEYRING)
    write, done = database.write, 0

    def counted(*given: Any, **named: Any) -> Any:
        nonlocal done
        result = write(*given, **named)
        done += 1
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    database.write = counted  # type: ignore[method-assign]
    import_file(database, Path(file), today=TODAY, given={}, by="test", progress=lambda rows: None)
    print(done)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
