"""The migrations bring every database to the tables that the code has."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import column, inspect, literal_column, select, table

from models import schema
from models.base import Base
from models.db import Database
from models.payment import Batch
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


def test_the_names_of_files_are_sealed_by_the_migration(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/old.db", KEYRING)
    with database.engine.connect().execution_options(writes=True) as connection, connection.begin():
        schema.migrate(connection, "0018")
        old = {"file_name": "关秀梅更正.csv", "sha256": "", "status": "live", "imported_by": "林芳", "imported_at": "2026-11-01 08:00:00.000000"}
        counts = {"accepted": 0, "refused": 0}
        names = ("file_name", "sha256", "status", "imported_by", "imported_at", "accepted", "refused")
        connection.execute(table("batches", *map(column, names)).insert().values(**old, **counts))
    schema.upgrade(database)
    with database.read() as session:
        assert session.scalars(select(Batch.file_name)).all() == ["关秀梅更正.csv"]
        assert "关秀梅".encode() not in session.scalars(select(literal_column("file_name")).select_from(Batch)).one()
    database.dispose()
