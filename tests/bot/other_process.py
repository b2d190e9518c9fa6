"""Another process of ours, for the tests: says "ready", waits for a line, does one thing.

    deliver   push what is due, once; gives how many
    work      the whole worker until SIGTERM, as the service runs it
    token     twenty threads ask for the access token at once; gives how many different ones they got

Run as: other_process WHAT DATABASE-URL PLATFORM'S-ADDRESS [POINT [TEMPLATE]]; it dies at the point without a word.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from bot import points
from bot.deliver import Templates, deliver_due
from bot.token import SharedTokens
from bot.wechat import Line, WeChat
from bot.worker import Upkeep, jobs_of, run_worker
from models import schema  # noqa: F401  (every table is known, as in the service)
from models.db import Database
from tests.bot.simulator_service import APP_ID, SECRET
from tests.factories import KEYRING


def deliver(database: Database, line: Line, templates: Templates) -> int:
    return deliver_due(database, _wechat(database, line), templates)


def work(database: Database, line: Line, templates: Templates) -> str:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    run_worker(database, jobs_of(database, _wechat(database, line), Upkeep(templates), stop), stop)
    return "stopped"


def token(database: Database, line: Line, templates: Templates) -> int:
    tokens = SharedTokens(database, line, APP_ID, SECRET)
    with ThreadPoolExecutor(20) as pool:
        return len(set(pool.map(lambda _: tokens.current(), range(20))))


def _wechat(database: Database, line: Line) -> WeChat:
    return WeChat(line, SharedTokens(database, line, APP_ID, SECRET))


def main() -> None:
    what, url, address, point, template = (*sys.argv[1:], "", "")[:5]

    def die(reached: str) -> None:
        if reached == point:
            os._exit(9)

    points.reached = die
    print("ready", flush=True)
    sys.stdin.readline()
    print(
        {"deliver": deliver, "work": work, "token": token}[what](
            Database(url, KEYRING), Line(address), Templates(template)
        )
    )


if __name__ == "__main__":
    main()
