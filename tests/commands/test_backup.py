"""Backup and restore at their door: what comes back, what is refused, and that nothing changes then."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Boolean, Date, LargeBinary, String, Table, delete, event, insert, select

from commands import backup_file
from commands.backup import backup_command, restore_command
from models.attachment import Attachment
from models.audit import AuditKey
from models.base import Base, Encrypted, EncryptedBytes, EncryptedText, UtcDateTime
from models.crypto import Keyring
from models.db import Database
from models.follower import Follower
from models.resident import Resident
from models.start import fill_empty
from tests.conftest import NewDatabase
from tests.factories import GUAN, KEYRING, resident

Members = dict[str, bytes]
FORWARD = Base.metadata.sorted_tables
MOMENT = datetime(2026, 11, 20, 1, 2, 3, 456789, UTC)


def some_value(table: Table, column: Any, n: int) -> Any:
    """A value that fits the column, another one for each row."""
    if column.foreign_keys:
        return 3 - n if column.name == "published_by" else n  # nobody publishes what they wrote
    kind = column.type
    for fits, value in (
        (EncryptedBytes, b"\x00\xff\n" * n),
        (EncryptedText, f"吉林省永吉县{n}号 “]]>” 😀"),
        (Encrypted, {"说": ["一", n], "空": None}),
        (UtcDateTime, MOMENT + timedelta(days=n)),
        (LargeBinary, hashlib.sha256(f"{table.name}{column.name}{n}".encode()).digest()[:16]),
        (String, f"{n}{column.name}"[: getattr(kind, "length", None) or 40]),
        (Date, date(2026, 1, n)),
    ):
        if isinstance(kind, fits):
            return value
    return n == 1 if isinstance(kind, Boolean) else n


def fill_every_table(database: Database) -> None:
    """Two rows in every table there is, or will be: the second with NULL wherever that is allowed."""

    def work(session: Any) -> None:
        session.execute(delete(AuditKey))  # the migration has made one
        for table in FORWARD:
            for n in (1, 2):
                row = {c.name: some_value(table, c, n) for c in table.columns if n == 1 or not c.nullable}
                session.execute(insert(table).values({c.name: row.get(c.name) for c in table.columns}))

    database.write(work)


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row as it is stored."""
    with database.connect() as connection:
        tables = backup_file.tables().values()
        return {t.name: list(map(tuple, connection.execute(select(t).order_by(*t.primary_key)))) for t in tables}


def holds_anything(database: Database) -> bool:
    """Whether there is more than the key that the migration has made."""
    return any(rows for name, rows in contents(database).items() if name != "audit_keys")


def run_backup(database: Database, *arguments: str | Path) -> Result:
    return CliRunner().invoke(backup_command(lambda: database), [str(each) for each in arguments])


def run_restore(database: Database, *arguments: str | Path) -> Result:
    return CliRunner().invoke(restore_command(lambda: database), [str(each) for each in arguments])


@pytest.fixture
def filled(sqlite_database: Database) -> Database:
    fill_every_table(sqlite_database)
    return sqlite_database


@pytest.fixture
def backup(filled: Database, tmp_path: Path) -> Path:
    assert run_backup(filled, tmp_path / "all.zip").exit_code == 0
    return tmp_path / "all.zip"


@pytest.fixture
def other(new_sqlite: NewDatabase) -> Iterator[Database]:
    """A second, empty SQLite database."""
    made = Database(new_sqlite("other"), KEYRING)
    yield made
    made.dispose()


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


def members_of(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written_to(path: Path, members: Members) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def signed_anew(members: Members) -> Members:
    """The manifest made to fit what the members now hold: only the content is wrong."""
    manifest = json.loads(members["manifest.json"])
    for name, entry in manifest["tables"].items():
        content = members.get(f"tables/{name}.jsonl", b"")
        entry |= {"rows": content.count(b"\n"), "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return members | {"manifest.json": json.dumps(manifest).encode()}


def change_a_row(members: Members) -> Members:
    return members | {"tables/counters.jsonl": members["tables/counters.jsonl"].replace(b'"1name",1]', b'"1name",9]')}


def drop_a_row(members: Members) -> Members:
    return members | {"tables/counters.jsonl": b""}


def leave_a_table_out(members: Members) -> Members:
    return {name: content for name, content in members.items() if name != "tables/cases.jsonl"}


def bring_an_unknown_table(members: Members) -> Members:
    return signed_anew(members | {"tables/sqlite_master.jsonl": b""})


def climb_out_of_the_folder(members: Members) -> Members:
    return members | {"../../tables/cases.jsonl": members["tables/cases.jsonl"]}


def bring_an_unknown_column(members: Members) -> Members:
    manifest = json.loads(members["manifest.json"])
    manifest["tables"]["counters"]["columns"].append("value = 1; --")
    return members | {"manifest.json": json.dumps(manifest).encode()}


def pack_a_bomb(members: Members) -> Members:
    return signed_anew(members | {"tables/gaps.jsonl": b" " * 30_000_000 + b"\n"})


def nest_deeply(members: Members) -> Members:
    return signed_anew(members | {"tables/gaps.jsonl": b"[" * 200_000 + b"\n"})


def lengthen_a_row(members: Members) -> Members:
    return signed_anew(members | {"tables/counters.jsonl": b'["a",1,2]\n'})


def give_text_for_a_number(members: Members) -> Members:
    return signed_anew(members | {"tables/counters.jsonl": b'["a","1"]\n'})


def give_a_number_too_long(members: Members) -> Members:
    return signed_anew(members | {"tables/counters.jsonl": b'["a",99999999999999999999]\n'})


def give_a_time_without_a_zone(members: Members) -> Members:
    return signed_anew(members | {"tables/leases.jsonl": b'["a","b","2026-01-01T00:00:00",null]\n'})


def give_a_time_before_time(members: Members) -> Members:
    return signed_anew(members | {"tables/leases.jsonl": b'["a","b","0001-01-01T00:00:00+08:00",null]\n'})


def give_the_same_key_twice(members: Members) -> Members:
    return signed_anew(members | {"tables/counters.jsonl": b'["a",1]\n["a",2]\n'})


def leave_a_gap(members: Members) -> Members:
    return signed_anew(members | {"tables/counters.jsonl": b'["a",null]\n'})


def lose_the_parents(members: Members) -> Members:
    return signed_anew(members | {"tables/residents.jsonl": b""})


def forge_what_is_sealed(members: Members) -> Members:
    return signed_anew(members | {"tables/access_tokens.jsonl": b'["a","AmsxAAAA","2026-01-01T00:00:00+00:00"]\n'})


def empty_the_manifest(members: Members) -> Members:
    return members | {"manifest.json": b"{}"}


def turn_the_manifest_into_a_list(members: Members) -> Members:
    return members | {"manifest.json": b"[[[]]]"}


FORGERIES = [
    change_a_row, drop_a_row, leave_a_table_out, bring_an_unknown_table, climb_out_of_the_folder,
    bring_an_unknown_column, pack_a_bomb, nest_deeply, lengthen_a_row, give_text_for_a_number, give_a_number_too_long,
    give_a_time_without_a_zone, give_a_time_before_time, give_the_same_key_twice, leave_a_gap, lose_the_parents,
    forge_what_is_sealed, empty_the_manifest, turn_the_manifest_into_a_list,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_backup_changes_nothing(
    database: Database, backup: Path, forge: Callable[[Members], Members]
) -> None:
    database.write(lambda session: Follower.met(session, "here before") and None)
    before = contents(database)
    refused = run_restore(database, written_to(backup, forge(members_of(backup))), "--replace")
    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit)
    assert "什么都没有动" in refused.output
    assert contents(database) == before


@pytest.mark.parametrize("where", [0.0, 0.2, 0.5, 0.8, 0.99])
def test_one_wrong_byte_is_noticed_or_harmless(filled: Database, other: Database, backup: Path, where: float) -> None:
    raw = bytearray(backup.read_bytes())
    raw[int(len(raw) * where)] ^= 0x55
    backup.write_bytes(bytes(raw))
    result = run_restore(other, backup)
    assert isinstance(result.exception, SystemExit | None)
    assert contents(other) == contents(filled) if result.exit_code == 0 else not holds_anything(other)


@pytest.mark.parametrize("raw", [b"", b"PK", b"not a zip at all", b"\x00" * 5000])
def test_a_file_of_another_kind_is_refused(other: Database, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(raw)
    refused = run_restore(other, tmp_path / "x.zip")
    assert refused.exit_code == 1
    assert "什么都没有动" in refused.output


def test_a_cut_file_is_refused(other: Database, backup: Path) -> None:
    whole = backup.read_bytes()
    for part in (len(whole) // 3, len(whole) - 10):
        backup.write_bytes(whole[:part])
        assert run_restore(other, backup).exit_code == 1
        assert not holds_anything(other)


def test_overlapping_members_are_refused(other: Database, backup: Path) -> None:
    # Many names for one packed stretch of the file: each is small, together they never end.
    raw = bytearray(backup.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(raw))) as archive:
        start = archive.start_dir
    for position in range(start, len(raw)):
        if raw[position : position + 4] == b"PK\x01\x02":
            raw[position + 20 : position + 24] = len(raw).to_bytes(4, "little")
    backup.write_bytes(bytes(raw))
    assert run_restore(other, backup).exit_code == 1
    assert not holds_anything(other)
