"""Backup and restore at their door: what comes back, and what is refused."""

from __future__ import annotations

import json
import stat
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from models.attachment import Attachment
from models.crypto import Keyring
from models.db import Database
from models.follower import Follower
from models.resident import Resident
from models.start import fill_empty
from tests.commands.backups import (
    backup,
    contents,
    fill_every_table,
    filled,
    holds_anything,
    members_of,
    other,
    run_backup,
    run_restore,
    written_to,
)
from tests.conftest import NewDatabase
from tests.factories import GUAN, KEYRING, resident

__all__ = ["backup", "filled", "other"]  # fixtures


# ---------------------------------------------------------------- there and back


@pytest.mark.parametrize("to", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_everything_comes_back_on_either_engine(
    database: Database, to: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    fill_every_table(database)
    made = run_backup(database, tmp_path / "all.zip")
    assert made.exit_code == 0, made.output
    make: NewDatabase = request.getfixturevalue(f"new_{to}")
    target = Database(make("target"), KEYRING)
    restored = run_restore(target, tmp_path / "all.zip")
    assert restored.exit_code == 0, restored.output
    before, after = contents(database), contents(target)
    target.dispose()
    assert all(before.values())
    assert after == before


def test_new_rows_are_numbered_after_the_restored_ones(database: Database, backup: Path) -> None:
    assert run_restore(database, backup).exit_code == 0
    database.write(lambda session: Follower.met(session, "new") and None)
    with database.read() as session:
        assert session.scalar(select(Follower.id).where(Follower.openid == "new")) == 3


def test_a_restored_resident_is_found_and_read_with_the_keys(
    sqlite_database: Database, other: Database, tmp_path: Path
) -> None:
    sqlite_database.write(lambda session: resident(session, GUAN) and None)
    assert run_backup(sqlite_database, tmp_path / "b.zip").exit_code == 0
    assert run_restore(other, tmp_path / "b.zip").exit_code == 0
    with other.read() as session:
        assert Resident.by_id_number(session, GUAN["id_number"]).name == "关玉梅"


def test_the_file_tells_nothing_without_the_keys(sqlite_database: Database, tmp_path: Path) -> None:
    sqlite_database.write(lambda session: resident(session, GUAN) and None)
    assert run_backup(sqlite_database, tmp_path / "b.zip").exit_code == 0
    everything = b"".join(members_of(tmp_path / "b.zip").values())
    for value in GUAN.values():
        assert value.encode() not in everything
        assert json.dumps(value).encode() not in everything


def test_what_is_written_during_a_backup_is_not_half_in_it(database: Database, tmp_path: Path) -> None:
    second = Database(database.url.render_as_string(hide_password=False), KEYRING)
    written: list[str] = []

    def interfere(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "access_tokens" in statement and not written:
            written.append("late")
            second.write(lambda session: Follower.met(session, "late") and None)

    event.listen(database.engine, "after_cursor_execute", interfere)
    assert run_backup(database, tmp_path / "b.zip").exit_code == 0
    second.dispose()
    assert written == ["late"]
    assert members_of(tmp_path / "b.zip")["tables/followers.jsonl"] == b""
    with database.read() as session:
        assert session.scalar(select(Follower.openid)) == "late"


def test_a_backup_is_for_its_owner_alone_and_named_by_the_hour(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_backup(filled).exit_code == 0
    (made,) = (tmp_path / "backups").iterdir()
    assert made.match("mingbaika-20[0-9][0-9][0-1][0-9][0-3][0-9]-[0-9][0-9][0-9][0-9][0-9][0-9].zip")
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_a_file_that_stands_is_never_overwritten(filled: Database, backup: Path) -> None:
    before = backup.read_bytes()
    again = run_backup(filled, backup)
    assert again.exit_code == 1
    assert "换一个名字" in again.output
    assert backup.read_bytes() == before


def test_photos_do_not_fill_the_memory(sqlite_database: Database, other: Database, tmp_path: Path) -> None:
    photo = 400_000

    def work(session: Any) -> None:
        for n in range(120):
            session.add(Attachment(kind="image", media_id=str(n), content=bytes([n]) * photo))
            session.flush()
            session.expunge_all()

    assert run_backup(sqlite_database, tmp_path / "first.zip").exit_code == 0  # what is loaded once is not counted
    sqlite_database.write(work)
    tracemalloc.start()
    assert run_backup(sqlite_database, tmp_path / "b.zip").exit_code == 0
    assert run_restore(other, tmp_path / "b.zip").exit_code == 0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * photo  # half of what there is: the copy is made in pieces


# ---------------------------------------------------------------- what is refused


def test_a_database_with_data_is_replaced_only_when_told_so(database: Database, backup: Path) -> None:
    database.write(lambda session: Follower.met(session, "here before") and None)
    before = contents(database)
    refused = run_restore(database, backup)
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert contents(database) == before
    assert run_restore(database, backup, "--replace").exit_code == 0
    assert [row[1] for row in contents(database)["followers"]] == ["1openid", "2openid"]


def test_what_every_new_service_holds_is_not_in_the_way(database: Database, filled: Database, backup: Path) -> None:
    fill_empty(database)
    assert contents(database)["departments"]
    assert run_restore(database, backup).exit_code == 0
    assert contents(database) == contents(filled)


def test_a_backup_of_another_schema_is_refused(other: Database, backup: Path) -> None:
    members = members_of(backup)
    manifest = json.loads(members["manifest.json"]) | {"schema": "0000_before"}
    members = {"manifest.json": json.dumps(manifest).encode()} | {"tables/old.jsonl": b""}
    refused = run_restore(other, written_to(backup, members))
    assert refused.exit_code == 1
    assert "另一个版本" in refused.output


def test_a_backup_whose_keys_are_not_ours_is_refused(new_sqlite: NewDatabase, backup: Path) -> None:
    for keyring in (
        Keyring(encryption={"k1": bytes(32)}, index=KEYRING.index),
        Keyring(encryption={"k2": bytes(range(32))}, index=KEYRING.index),
    ):
        stranger = Database(new_sqlite("stranger"), keyring)
        refused = run_restore(stranger, backup)
        assert refused.exit_code == 1
        assert "密钥" in refused.output
        assert not holds_anything(stranger)
        stranger.dispose()


def test_a_file_that_is_not_there_is_said_in_words(other: Database, tmp_path: Path) -> None:
    refused = run_restore(other, tmp_path / "none.zip")
    assert refused.exit_code == 1
    assert "文件读写没有成功" in refused.output
