"""`flask import-work-orders`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from commands.work_orders import import_work_orders_command
from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from models.case import Case
from models.db import Database
from models.staff import Department
from models.work_order import WorkOrder
from tests.intake.test_work_orders import LAND, file_of, order
from tests.intake.test_work_orders_of_calls import NUMBER, call


@pytest.fixture
def county(database: Database) -> Database:
    database.write(lambda session: Department.seed(session))
    return database


def run(database: Database, file: Path, *options: str) -> Result:
    command = import_work_orders_command(lambda: database, Clocks, Assigning, lambda: lambda _text: None)
    return CliRunner().invoke(command, [str(file), *options])


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def test_orders_become_cases_and_the_outcome_is_said(county: Database, tmp_path: Path) -> None:
    file = file_of(tmp_path, order(), order("", LAND), order("JL3", LAND, 联系电话="15400987654"))
    result = run(county, file)
    assert result.exit_code == 0, result.output
    assert "读了3张工单：立了2件" in result.output
    assert "第3行：没有工单编号。" in result.output
    assert count(county) == 2
    assert "早就有的2张" in run(county, file).output
    assert count(county) == 2


def test_a_dry_run_stores_nothing_and_json_is_one_line(county: Database, tmp_path: Path) -> None:
    result = run(county, file_of(tmp_path, order()), "--dry-run", "--json")
    said = json.loads(result.output)
    assert (said["dry_run"], said["read"], said["filed"]) == (True, 1, [{"number": "JL20261120001", "case": "", "department": "民政局"}])
    assert count(county) == 0
    with county.read() as session:
        assert session.scalars(select(WorkOrder)).all() == []


def test_a_file_that_cannot_be_read_is_said_and_the_code_is_one(county: Database, tmp_path: Path) -> None:
    junk = tmp_path / "junk.xlsx"
    junk.write_bytes(b"PK\x03\x04" + bytes(200))
    for options in ((), ("--json",)):
        assert run(county, junk, *options).exit_code == 1
    assert "error" in json.loads(run(county, junk, "--json").output)


def test_an_order_that_the_hotline_has_filed_is_told_by_row(county: Database, tmp_path: Path) -> None:
    number = call(county)
    file = file_of(tmp_path, order(NUMBER))
    assert json.loads(run(county, file, "--dry-run", "--json").output)["joined"] == [{"row": 2, "number": NUMBER, "case": number}]
    assert f"第2行：{NUMBER} 就是 {number}" in run(county, file).output
    assert count(county) == 1
