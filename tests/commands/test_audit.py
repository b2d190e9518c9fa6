"""`flask audit verify`, as it is typed: 0 for a whole log, 1 with the first row at fault, and a seal to be noted down."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from commands.audit import audit_command
from commands.backup import make_backup, restore_backup
from models import audit
from models.audit_chain import seal_due
from models.db import Database
from tests.conftest import NewDatabase
from tests.factories import KEYRING


def run(database: Database, *arguments: str) -> Result:
    return CliRunner().invoke(audit_command(lambda: database), ["verify", *arguments])


@pytest.fixture
def log(database: Database) -> Database:
    for n in range(3):
        database.write(lambda session, n=n: audit.record(session, "cli:test", "case.view", f"case:{n}", reason="核实"))
    seal_due(database)
    return database


def noted(result: Result) -> str:
    return re.search(r"[0-9]+:[0-9a-f]{64}", result.output).group(0)


def test_a_whole_log_is_said_with_a_seal_to_note_down(log: Database) -> None:
    log.write(lambda session: audit.record(session, "cli:test", "case.view", "case:3"))
    result = run(log)
    assert result.exit_code == 0
    assert "操作记录完好：3条" in result.output
    assert "另有1条刚写下" in result.output
    assert run(log, "--expect", noted(result)).exit_code == 0


def test_a_changed_row_is_named_and_the_code_is_one(log: Database) -> None:
    with log.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET actor = 'nobody' WHERE id = 2"))
    result = run(log)
    assert result.exit_code == 1
    assert "第2条（编号2" in result.output


def test_a_database_put_back_to_an_older_state_shows_against_what_was_noted(log: Database) -> None:
    before = noted(run(log))
    position = int(before.split(":")[0])
    assert run(log, "--expect", f"{position + 1}:{'0' * 64}").exit_code == 1
    assert run(log, "--expect", f"{position}:{'0' * 64}").exit_code == 1
    assert run(log, "--expect", "nonsense").exit_code == 2


def test_a_backup_brings_the_chain_along_to_either_engine(log: Database, new_sqlite: NewDatabase, tmp_path) -> None:
    before = noted(run(log))
    file = tmp_path / "backup.zip"
    make_backup(log, file)
    other = Database(new_sqlite("restored"), KEYRING)
    other.write(lambda session: audit.record(session, "cli:test", "case.view", "case:of the other"))
    with file.open("rb") as opened:
        restore_backup(other, opened, replace=True)
    assert run(other, "--expect", before).exit_code == 0
    other.write(lambda session: audit.record(session, "cli:test", "case.view", "case:4"))
    seal_due(other)
    assert "操作记录完好：4条" in run(other).output
    other.dispose()
