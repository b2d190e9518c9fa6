"""A backup that somebody changed, cut or forged changes nothing."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from models.db import Database
from models.follower import Follower
from tests.commands.backups import (
    Members,
    backup,
    contents,
    filled,
    holds_anything,
    members_of,
    other,
    run_restore,
    written_to,
)

__all__ = ["backup", "filled", "other"]  # fixtures


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
