"""A console with its people; passwords are cheap here, except where they are what is tested."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from flask import Flask

from models import password
from models.db import Database
from tests.console.factories import Browser, hire, make_app


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(password, "_hasher", hasher)
    monkeypatch.setattr(password, "_NOBODY", hasher.hash("nobody's password"))


@pytest.fixture
def county(database: Database) -> Database:
    """A database with the departments and the cast."""
    hire(database)
    return database


@pytest.fixture
def app(county: Database) -> Flask:
    """The console over it."""
    return make_app(county)


Enter = Callable[[str], Browser]


@pytest.fixture
def enter(app: Flask) -> Enter:
    """Gives the browser of one of the cast, logged in."""

    def make(username: str) -> Browser:
        browser = Browser(app)
        assert browser.log_in(username).status_code == 200
        return browser

    return make
