"""The composition root: the only file that knows everyone. Settings become values here and are handed on."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import click
from flask import Flask, Response

import logs
from bot import webhook
from bot.dispatch import Dispatcher
from bot.webhook import Door
from commands.ask import ask_command
from commands.backup import backup_command, restore_command
from commands.demo_data import demo_data_command
from commands.import_payments import import_payments_command
from commands.init_config import init_config_command
from commands.route import route_command
from commands.serve import Plan, flask_command, serve_command, web_command
from commands.staff import create_staff_command
from config import ConfigFault, Settings, load_settings, stop_on_fault
from console import ConsoleValues, register_console, register_public
from handlers.turn import Values
from knowledge.deadlines import Clocks
from models import schema
from models.crypto import Keyring, keys_of
from models.db import Database
from models.library import Library, articles_of
from models.start import fill_empty

_HERE = Path(__file__).resolve().parent


def create_app(settings: Settings | None = None) -> Flask:
    """The whole service, and the command line on it. Without settings they are read from the file (CONFIG).

    A fault in the configuration ends the process with status 2; only the command that writes one needs none.
    """
    logs.set_up()
    app = Flask(__name__, static_folder=None)
    app.cli.add_command(init_config_command(_HERE / "config.example.toml"))
    if settings is None and sys.argv[1:2] == ["init-config"]:
        return app
    try:
        parts = Parts(settings or load_settings())
    except ConfigFault as fault:
        stop_on_fault(fault)
    for command in _commands(parts):
        app.cli.add_command(command)
    if settings is not None or not _is_our_command(app):
        _serve(app, parts)
    return app


class Parts:
    """The long-lived parts of a process, each made when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def bare_database(self) -> Database:
        """The database as it is, whatever its schema."""
        secrets = self.settings.secrets
        return Database(self.settings.database.url, Keyring(keys_of(secrets.encryption), keys_of(secrets.index)))

    @cached_property
    def database(self) -> Database:
        """The database at the newest schema, with departments and articles in it."""
        schema.upgrade(self.bare_database)
        fill_empty(self.bare_database)
        return self.bare_database

    @cached_property
    def library(self) -> Library:
        """The published articles."""
        return Library(self.database)

    @cached_property
    def clocks(self) -> Clocks:
        """The county's clocks."""
        cases = self.settings.cases
        return Clocks(
            inquiry_days=cases.inquiry_days, complaint_days=cases.complaint_days, accept_days=cases.accept_days,
            extra_holidays=frozenset(map(date.fromisoformat, cases.extra_holidays)),
            extra_workdays=frozenset(map(date.fromisoformat, cases.extra_workdays)),
        )  # fmt: skip


# ---------------------------------------------------------------- the web


def _serve(app: Flask, parts: Parts) -> None:
    settings = parts.settings
    app.secret_key = settings.secrets.session
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 * 1024
    surfaces = settings.server.surfaces
    if "webhook" in surfaces:
        _open_webhook(app, parts)
    if "console" in surfaces:
        register_console(app, parts.database, _console_values(parts))
    if "public" in surfaces:
        register_public(app, parts.database, _console_values(parts))
    app.add_url_rule("/health", "health", lambda: Response("ok", content_type="text/plain"))
    if settings.server.path_prefix:
        app.wsgi_app = _under(settings.server.path_prefix, app.wsgi_app)  # type: ignore[method-assign]


def _open_webhook(app: Flask, parts: Parts) -> None:
    wechat = parts.settings.wechat
    parts.library.answerer()  # read the articles before the first message comes
    dispatcher = Dispatcher(parts.database, _values(parts), parts.library.answerer)
    keys = (wechat.encoding_aes_key, wechat.previous_encoding_aes_key)
    app.extensions["wechat"] = Door.of(wechat.token, wechat.app_id, keys, dispatcher)
    app.register_blueprint(webhook.blueprint)


def _values(parts: Parts) -> Values:
    settings = parts.settings
    return Values(
        county=settings.county.name, account_name=settings.county.account_name, hotline=settings.county.hotline,
        clocks=parts.clocks, proof=tuple(settings.lookup.proof), failures_per_user=settings.lookup.failures_per_user,
        failures_per_id=settings.lookup.failures_per_id, lock_hours=settings.lookup.lock_hours,
        persons_per_user=settings.lookup.persons_per_user,
    )  # fmt: skip


def _under(prefix: str, wsgi: Any) -> Callable[..., Iterable[bytes]]:
    def prefixed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != prefix and not path.startswith(prefix + "/"):
            return Response("Not Found", 404)(environ, start_response)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return wsgi(environ, start_response)  # type: ignore[no-any-return]

    return prefixed
