"""A worker process that dies at a named point. Run by test_survival_worker: database URL, platform's address, point."""

from __future__ import annotations

import os
import sys

from bot import points
from bot.deliver import Templates, deliver_due
from bot.token import SharedTokens
from bot.wechat import Line, WeChat
from models import schema  # noqa: F401  (every table is known, as in the service)
from models.db import Database
from tests.bot.simulator_service import APP_ID, SECRET
from tests.factories import KEYRING


def main() -> None:
    """Push what is due; end at the point without a word, as a killed process does."""
    url, address, point = sys.argv[1:]

    def die(reached: str) -> None:
        if reached == point:
            os._exit(9)

    points.reached = die
    database, line = Database(url, KEYRING), Line(address)
    deliver_due(database, WeChat(line, SharedTokens(database, line, APP_ID, SECRET)), Templates())


if __name__ == "__main__":
    main()
