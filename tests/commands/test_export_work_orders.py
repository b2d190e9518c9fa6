"""`flask export-work-orders`, as it is typed: each answer goes back once, and nothing in the file can be run."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from commands import work_orders
from commands.work_orders import export_work_orders_command
from intake.work_orders import import_work_orders
from knowledge.errors import Busy
from models.audit import AuditEntry
from models.base import now
from models.case import Case
from models.db import Database
from models.staff import Department, Staff
from models.work_order import WorkOrder
from tests.intake.test_work_orders import DESK, LAND, file_of, order

ANSWER = "=经核实，停发的三个月已经补发到社保卡。"


@pytest.fixture
def county(database: Database, tmp_path: Path) -> Database:
    """Two orders of 12345, neither of them answered."""
    database.write(lambda session: Department.seed(session))
    file = file_of(tmp_path, order(), order("JL2", LAND, 联系电话="15400987654"))
    import_work_orders(database, file, file.name, DESK)
    return database


def answered(database: Database, number: str, text: str = ANSWER) -> str:
    """Answer an order's case; gives the case's number."""

    def work(session) -> str:
        case = session.get_one(Case, session.scalars(select(WorkOrder.case_id).where(WorkOrder.number == number)).one())
        lin = Staff.by_username(session, "lin") or Staff.create(
            session, "lin", "一句 good 好记的话", name="林芳", role="clerk", department=case.department
        )
        case.answer(session, lin, text)
        case.answered_at = now()
        return case.number

    return database.write(work)


def run(database: Database, file: Path, *options: str) -> Result:
    return CliRunner().invoke(export_work_orders_command(lambda: database), [str(file), *options])


def rows_of(file: Path) -> list[list[str]]:
    if file.suffix == ".xlsx":
        return CalamineWorkbook.from_path(file).get_sheet_by_name("办理结果").to_python()
    return list(csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"))))


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_answers_are_written_by_the_names_ending_and_cannot_be_run(
    county: Database, tmp_path: Path, ending: str
) -> None:
    number, file = answered(county, "JL20261120001"), tmp_path / f"交回{ending}"
    result = run(county, file)
    assert (result.exit_code, result.output.count("写了1张工单的答复")) == (0, 1), result.output
    rows = rows_of(file)
    assert rows[0][:5] == ["工单编号", "办件编号", "承办部门", "办理结果", "答复内容"]
    assert [row[:5] for row in rows[1:]] == [["JL20261120001", number, "永吉县民政局", "已答复", "'" + ANSWER]]
    assert "关玉梅" not in str(rows)
    assert file.stat().st_mode & 0o077 == 0


def test_run_again_it_writes_only_what_is_new(county: Database, tmp_path: Path) -> None:
    answered(county, "JL20261120001")
    assert run(county, tmp_path / "1.xlsx").exit_code == 0
    again = run(county, tmp_path / "2.xlsx")
    assert (again.exit_code, (tmp_path / "2.xlsx").exists()) == (0, False)
    assert "现在没有新答复要交回" in again.output
    answered(county, "JL2")
    assert run(county, tmp_path / "3.csv").exit_code == 0
    assert [row[0] for row in rows_of(tmp_path / "3.csv")[1:]] == ["JL2"]


def test_what_went_back_is_written_once_more_where_that_is_asked_for(county: Database, tmp_path: Path) -> None:
    answered(county, "JL20261120001")
    run(county, tmp_path / "1.xlsx")
    run(county, tmp_path / "2.xlsx", "--again-since", "2020-01-01")
    assert [row[0] for row in rows_of(tmp_path / "2.xlsx")[1:]] == ["JL20261120001"]
    assert "现在没有新答复" in run(county, tmp_path / "3.xlsx", "--again-since", "2099-01-01").output


def test_a_second_answer_goes_back_again(county: Database, tmp_path: Path) -> None:
    answered(county, "JL20261120001")
    run(county, tmp_path / "1.csv")
    answered(county, "JL20261120001", "补充答复：下月起按时发。")
    run(county, tmp_path / "2.csv")
    assert rows_of(tmp_path / "2.csv")[1][4] == "补充答复：下月起按时发。"


def test_it_is_noted_as_at_the_desk_with_who_did_it(county: Database, tmp_path: Path) -> None:
    answered(county, "JL20261120001")
    said = json.loads(run(county, tmp_path / "1.csv", "--json").output)
    assert said == {"orders": 1, "file": str(tmp_path / "1.csv")}
    with county.read() as session:
        done, waits = session.scalars(select(WorkOrder).order_by(WorkOrder.id))
        assert (done.handed_back_by or "").startswith("cli:")
        assert done.handed_back_at is not None
        assert waits.handed_back_at is None
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "order.hand_back")).one()
        assert (entry.actor.startswith("cli:"), entry.detail) == (True, {"orders": 1})
    assert json.loads(run(county, tmp_path / "2.csv", "--json").output) == {"orders": 0, "file": None}


def test_more_orders_than_one_statement_takes_all_go_back(
    county: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.work_order_answers._AT_ONCE", 1)
    for number in ("JL20261120001", "JL2"):
        answered(county, number)
    assert "写了2张" in run(county, tmp_path / "1.csv").output
    assert len(rows_of(tmp_path / "1.csv")) == 3
    assert "没有新答复" in run(county, tmp_path / "2.csv").output


@pytest.mark.parametrize("name", ["交回.txt", "交回", "旧的.csv", "没有这个文件夹/交回.csv"])
def test_a_name_that_cannot_be_is_refused_in_words_and_nothing_is_noted(
    county: Database, tmp_path: Path, name: str
) -> None:
    answered(county, "JL20261120001")
    (tmp_path / "旧的.csv").write_text("旧的", encoding="utf-8")
    result = run(county, tmp_path / name, "--json")
    assert (result.exit_code, set(json.loads(result.output))) == (1, {"error"})
    assert (tmp_path / "旧的.csv").read_text(encoding="utf-8") == "旧的"
    assert "写了1张" in run(county, tmp_path / "好.csv").output


def test_where_it_could_not_be_noted_no_file_is_left_to_hand_over(
    county: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Busy("现在人多，请过一会儿再试。")

    answered(county, "JL20261120001")
    with monkeypatch.context() as patched:
        patched.setattr(work_orders, "handed_back", busy)
        result = run(county, tmp_path / "1.csv")
    assert (result.exit_code, (tmp_path / "1.csv").exists()) == (1, False)
    assert "没有导出" in result.output
    assert "写了1张" in run(county, tmp_path / "1.csv").output
