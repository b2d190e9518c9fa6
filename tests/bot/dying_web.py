"""A web process that takes one message and dies at a named point. Run by test_survival_web."""

from __future__ import annotations

import os
import sys

from flask import Flask

from bot import points, webhook
from bot.dispatch import Dispatcher
from bot.webhook import Door
from models.db import Database
from tests.factories import KEYRING
from tests.talk import VALUES, answerer

TOKEN, APP_ID, KEY = "testtoken", "wx0123456789abcdef", "k" * 42 + "A"


def app_on(url: str) -> Flask:
    """The webhook on a database, as a process serves it."""
    app = Flask(__name__)
    app.extensions["wechat"] = Door.of(TOKEN, APP_ID, (KEY,), Dispatcher(Database(url, KEYRING), VALUES, answerer))
    app.register_blueprint(webhook.blueprint)
    return app


def main() -> None:
    """Arguments: database URL, point to die at. Query string and body of the message on standard input."""
    url, point = sys.argv[1:]
    query, _, body = sys.stdin.read().partition("\n")

    def die(reached: str) -> None:
        if reached == point:
            os._exit(9)

    points.reached = die
    with app_on(url).test_client() as client:
        client.post("/wechat?" + query, data=body.encode()).close()


if __name__ == "__main__":
    main()
