"""A later file that has fewer columns, or the same ones in another order: what it does not speak of stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from intake.store import Outcome, import_file
from models.db import Database
from models.payment import Payment
from tests.intake.tables import GUAN, SUN, TODAY, csv_bytes, row, table, written

ALL = [*table()[0], "地块", "备注"]
RETURNED = {"状态": "发放失败", "发放日期": "", "失败原因": "账户已销户", "地块": "东山", "备注": "复核"}
ROWS = (row(**RETURNED), row(SUN, 地块="西沟"))


def load(database: Database, folder: Path, columns: Sequence[str], *rows: Mapping[str, str]) -> Outcome:
    file = written(folder, csv_bytes(table(*rows, columns=columns)), f"{len(columns)}-{columns[0]}.csv")
    return import_file(database, file, today=TODAY, given={}, by="test", progress=lambda rows: None)


def newest(database: Database) -> Payment:
    """The row that was stored last."""
    with database.read() as session:
        found = session.scalars(select(Payment).order_by(Payment.id.desc())).first()
        assert found is not None
        session.expunge(found)
        return found


@pytest.mark.parametrize(
    "gone", [{"社保卡账号", "代发银行"}, {"失败原因"}, {"数量", "补贴标准", "单位"}, {"地块", "备注"}, {"手机号", "备注", "失败原因"}]
)
def test_a_column_that_is_not_there_takes_nothing_away(database: Database, tmp_path: Path, gone: set[str]) -> None:
    assert load(database, tmp_path, ALL, *ROWS).new == 2
    again = load(database, tmp_path, [name for name in ALL if name not in gone], *ROWS)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)


def test_columns_in_another_order_change_nothing(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, ALL, *ROWS)
    again = load(database, tmp_path, ALL[::-1], *ROWS)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)


def test_a_cell_that_is_blank_does_take_away(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, ALL, *ROWS)
    again = load(database, tmp_path, [*ALL, "又一列"], row(**RETURNED), row(SUN, 地块="", 社保卡账号=""))
    assert again.changed == 1
    assert newest(database).account is None
    assert newest(database).remarks is None


def test_what_a_file_does_say_is_taken_and_the_rest_stays(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, ALL, *ROWS)
    few = [name for name in ALL if name not in ("数量", "单位", "补贴标准", "社保卡账号", "备注", "失败原因")]
    found = load(database, tmp_path, few, row(**{**RETURNED, "状态": "已补发", "发放日期": "2026-07-01", "状态日期": "2026-07-01"}))
    assert (found.changed, found.new) == (1, 0)
    paid = newest(database)
    assert (paid.stage, paid.fail_reason, paid.account) == ("已补发", "账户已销户", GUAN["社保卡账号"])
    assert (paid.quantity, paid.standard_fen, paid.remarks) == (1311, 8247, {"地块": "东山", "备注": "复核"})


def test_another_amount_does_not_keep_the_old_reckoning(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, ALL, *ROWS)
    few = [name for name in ALL if name not in ("数量", "单位", "补贴标准")]
    changed: dict[str, Any] = {**RETURNED, "金额": "1000.00"}
    load(database, tmp_path, few, row(**changed))
    one = newest(database)
    assert (one.amount_fen, one.quantity, one.standard_fen) == (100000, None, None)
