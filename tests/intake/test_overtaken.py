"""A list that was written before the bank's answer and is handed in after it does not undo the answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from models.db import Database
from models.payment import Payment
from models.resident import Resident
from tests.intake.tables import GUAN, row
from tests.intake.test_again import load, look

SENT = {"状态": "待发放", "状态日期": "2026-09-01", "发放日期": ""}
PAID = {"状态": "已发放", "状态日期": "2026-09-03", "发放日期": "2026-09-03"}
CAME_BACK = {"状态": "发放失败", "状态日期": "2026-09-05", "发放日期": "", "失败原因": "账号不符"}
PAID_AGAIN = {"状态": "已补发", "状态日期": "2026-09-20", "发放日期": "2026-09-20"}


def standing(database: Database) -> tuple[str, date, int]:
    with database.read() as session:
        resident = Resident.by_id_number(session, GUAN["身份证号"])
        assert resident is not None
        (line,) = Payment.of(session, resident.id)
        return line.stage, line.stage_date, line.amount_fen


@pytest.mark.parametrize(
    ("first", "later"), [(PAID, SENT), (CAME_BACK, SENT), (CAME_BACK, PAID), (PAID_AGAIN, CAME_BACK), (PAID_AGAIN, SENT)]
)
def test_a_list_of_an_earlier_day_leaves_the_stage_as_it_is(
    database: Database, tmp_path: Path, first: dict[str, str], later: dict[str, str]
) -> None:
    load(database, tmp_path, row(**first))
    before = standing(database)
    assert look(database, tmp_path, row(**later)).found.older == 1
    outcome = load(database, tmp_path, row(**later))
    assert (outcome.found.older_rows, outcome.changed) == ([(0, 2)], 0)
    assert standing(database) == before


def test_what_else_such_a_list_says_is_taken(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(**CAME_BACK))
    outcome = load(database, tmp_path, row(数量="10", 金额="824.70", **PAID))
    assert (outcome.changed, outcome.found.older) == (1, 1)
    assert standing(database) == ("发放失败", date(2026, 9, 5), 82470)


def test_on_the_day_of_the_return_only_paying_again_follows_it(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(**CAME_BACK))
    same_day = {"状态日期": "2026-09-05", "发放日期": "2026-09-05"}
    assert load(database, tmp_path, row(**(PAID | same_day))).found.older == 1
    assert load(database, tmp_path, row(**(PAID_AGAIN | same_day))).found.older == 0
    assert standing(database)[0] == "已补发"


@pytest.mark.parametrize(("first", "later"), [(SENT, PAID), (PAID, CAME_BACK), (CAME_BACK, PAID_AGAIN), (SENT, SENT | {"状态日期": "2026-08-30"})])
def test_what_comes_after_is_taken(database: Database, tmp_path: Path, first: dict[str, str], later: dict[str, str]) -> None:
    load(database, tmp_path, row(**first))
    assert load(database, tmp_path, row(**later)).found.older == 0
    assert standing(database)[0] == later["状态"]


def test_money_that_came_back_is_believed_over_money_that_went_out(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, row(**PAID))
    assert load(database, tmp_path, row(**(CAME_BACK | {"状态日期": "2026-09-02"}))).found.older == 0
    assert standing(database)[0] == "发放失败"
