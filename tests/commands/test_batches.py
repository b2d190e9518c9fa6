"""The commands for the payment files that are in."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import select

from commands.batches import batches_command, withdraw_batch_command
from intake.store import import_file
from models.audit import AuditEntry
from models.db import Database
from models.payment import WITHDRAWN, Batch
from tests.intake.tables import TODAY, csv_file, row


def test_a_file_is_listed_and_withdrawn_with_a_reason(database: Database, tmp_path: Path) -> None:
    run = CliRunner().invoke
    listing, withdrawing = batches_command(lambda: database), withdraw_batch_command(lambda: database)
    assert "还没有导入过" in run(listing).output
    import_file(database, csv_file(tmp_path, row()), today=TODAY, given={}, by="test", progress=lambda rows: None)
    assert "发放明细.csv  收下 1 笔，退回 0 笔" in run(listing).output
    assert run(withdrawing, ["1"]).exit_code == 2, "a reason is needed"
    assert "已经撤下" in run(withdrawing, ["1", "--reason", "发错了"]).output
    assert "已撤下" in run(listing).output
    with database.read() as session:
        assert session.get_one(Batch, 1).status == WITHDRAWN
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "payments.withdraw")).one()
        assert entry.actor.startswith("命令行：")
        assert (entry.detail or {})["reason"] == "发错了"


def test_what_cannot_be_withdrawn_says_why(database: Database) -> None:
    result = CliRunner().invoke(withdraw_batch_command(lambda: database), ["7", "--reason", "发错了"])
    assert result.exit_code == 1
    assert "没有这个批次" in result.output
