"""The migrations bring every database to the tables that the code has."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from models import schema
from models.base import Base
from models.db import Database
from tests.factories import KEYRING


def test_the_migrated_database_is_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parents[1] / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.newest()]


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    schema.upgrade(database)
    assert schema.is_current(database)
    assert set(Base.metadata.tables) < set(inspect(database.engine).get_table_names())


def test_a_new_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/mbk.db", KEYRING)
    schema.upgrade(database)
    assert (tmp_path / "new" / "mbk.db").stat().st_mode & 0o077 == 0
    database.dispose()
