"""Work orders of 12345: each number becomes a case once, faults are told by row, and nothing is handled twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import work_orders
from intake.reading import FileRefused
from intake.work_orders import Desk, import_work_orders
from knowledge.deadlines import Clocks
from models.audit import AuditEntry
from models.base import now
from models.case import Case
from models.case_event import CaseEvent
from models.db import Database
from models.delivery import Delivery
from models.filing import Draft, prepared
from models.staff import Department, Staff
from models.work_order import WorkOrder

HEAD = ("工单编号", "诉求内容", "来电人", "联系电话", "受理时间", "办结期限", "诉求类型", "是否保密")
DIBAO = "我家低保停了三个月，问了村里和镇上都说等着，啥时候能发下来。"
LAND = "今年的耕地地力保护补贴一直没有发下来，去年这时候早就到账了。"
DESK = Desk("cli:test", Clocks())


def order(number: str = "JL20261120001", text: str = DIBAO, **more: str) -> list[str]:
    fields = dict.fromkeys(HEAD, "") | {"工单编号": number, "诉求内容": text, "来电人": "关玉梅", "联系电话": "15400123456"} | more
    return [fields[name] for name in HEAD]


@pytest.fixture
def county(database: Database) -> Database:
    database.write(lambda session: Department.seed(session))
    return database


def file_of(folder: Path, *rows: Sequence[str], head: Sequence[str] = HEAD, name: str = "工单.csv") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    path = folder / name
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    return path


def take(database: Database, folder: Path, *rows: Sequence[str], desk: Desk = DESK, dry_run: bool = False) -> work_orders.Outcome:
    return import_work_orders(database, file_of(folder, *rows), "工单.csv", desk, dry_run=dry_run)


def cases(database: Database) -> list[Case]:
    with database.read() as session:
        found = list(session.scalars(select(Case).order_by(Case.id)))
        for one in found:
            _ = one.department.name
        return found


def test_each_order_becomes_a_case_of_the_department_in_charge(county: Database, tmp_path: Path) -> None:
    outcome = take(county, tmp_path, order(), order("JL2", LAND, 联系电话="0432-64221234", 来电人="孙学生"))
    assert (outcome.read, len(outcome.filed), outcome.faults) == (2, 2, [])
    dibao, land = cases(county)
    assert [(one.source, one.department.name) for one in (dibao, land)] == [("12345", "民政局"), ("12345", "农业农村局")]
    assert (dibao.text, dibao.contact_name, dibao.phone) == (DIBAO, "关玉梅", "15400123456")
    assert dibao.due_at is not None
    with county.read() as session:
        assert [(one.number, one.case_id, one.file_name) for one in session.scalars(select(WorkOrder).order_by(WorkOrder.id))] == [
            ("JL20261120001", dibao.id, "工单.csv"), ("JL2", land.id, "工单.csv"),
        ]  # fmt: skip
        events = session.scalars(select(CaseEvent.what).where(CaseEvent.case_id == dibao.id).order_by(CaseEvent.id)).all()
        assert events == ["filed", "work_order"]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "order.import")).one()
        assert entry.detail == {"file": "工单.csv", "filed": 2, "perhaps": 0, "joined": 0, "known": 0, "faults": 0}


def test_the_same_file_again_makes_nothing_and_a_changed_order_is_told(county: Database, tmp_path: Path) -> None:
    take(county, tmp_path, order(), order("JL2", LAND, 联系电话="15400987654"))
    again = take(county, tmp_path, order(), order("JL2", LAND + "请快点。", 联系电话="15400987654", 办结期限="2026-12-01"))
    assert (again.known, again.filed, again.changed) == (1, [], [("JL2", "诉求内容、办结期限")])
    assert len(cases(county)) == 2


def test_a_dry_run_says_where_each_would_go_and_stores_nothing(county: Database, tmp_path: Path) -> None:
    outcome = take(county, tmp_path, order(), order("JL2", LAND, 联系电话=""), dry_run=True)
    assert outcome.filed == [("JL20261120001", "", "民政局"), ("JL2", "", "农业农村局")]
    assert cases(county) == []
    with county.read() as session:
        assert session.scalars(select(WorkOrder)).all() == []
        assert session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (order(""), "没有工单编号"), (order("号"), "不像编号"), (order(text=""), "是空的，或者太短"),
        (order(text="啊" * 4001), "超过4000字"),
        (order(联系电话="123"), "不像电话号码"), (order(受理时间="昨天"), "“受理时间”这一格的日期看不懂"),
        (order(办结期限="13/13/2026"), "“办结期限”"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_told_and_the_others_are_taken(county: Database, tmp_path: Path, row: list[str], said: str) -> None:
    outcome = take(county, tmp_path, row, order("JL2", LAND))
    assert [(fault.row, said in fault.said) for fault in outcome.faults] == [(2, True)]
    assert [number for number, *_ in outcome.filed] == ["JL2"]
    assert not any(text in fault.said for fault in outcome.faults for text in ("关玉梅", "15400123456"))


def test_one_number_twice_in_a_file_is_one_case_and_told_if_they_differ(county: Database, tmp_path: Path) -> None:
    outcome = take(county, tmp_path, order(), order(), order(text=LAND))
    assert len(outcome.filed) == 1
    assert [(fault.row, fault.said) for fault in outcome.faults] == [(4, "和第2行是同一个工单编号，内容却不一样。这一行没有收。")]


def test_a_number_that_a_spreadsheet_destroyed_is_refused(county: Database, tmp_path: Path) -> None:
    path = tmp_path / "工单.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEAD)
    sheet.write_row(1, 0, [20261120000100010, DIBAO, "关玉梅", 15400123456])
    sheet.write_row(2, 0, [2026112001, LAND, "孙学生", "0432-64221234"])
    book.close()
    outcome = import_work_orders(county, path, path.name, DESK)
    assert ["存成了数字" in fault.said for fault in outcome.faults] == [True]
    assert [number for number, *_ in outcome.filed] == ["2026112001"]


@pytest.mark.parametrize("head", [("编号", "反映内容"), ("受理编号", "问题描述"), ("热线编号", "主要内容")])
def test_the_columns_are_known_by_the_names_that_hotlines_give_them(county: Database, tmp_path: Path, head: tuple[str, str]) -> None:
    file = file_of(tmp_path, ["A-1", DIBAO], head=head)
    assert len(import_work_orders(county, file, file.name, DESK).filed) == 1


def test_a_file_without_the_columns_and_a_hostile_one_are_refused_in_words(county: Database, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="没有找到“工单编号”和“诉求内容”两列"):
        import_work_orders(county, file_of(tmp_path, ["1", "2"], head=("甲", "乙")), "x.csv", DESK)
    junk = tmp_path / "junk.xlsx"
    junk.write_bytes(b"PK\x03\x04" + bytes(200))
    with pytest.raises(FileRefused):
        import_work_orders(county, junk, junk.name, DESK)


def test_the_earlier_of_both_dates_holds_and_is_explained(county: Database, tmp_path: Path) -> None:
    soon = (now() + timedelta(days=1)).date().isoformat()
    take(county, tmp_path, order(办结期限=soon), order("JL2", LAND, 联系电话="15400987654", 办结期限="2099-01-01"))
    early, late = cases(county)
    assert early.due_at.date().isoformat() <= soon
    assert "12345工单要求" in early.due_trail[-1]
    assert late.due_at < datetime(2098, 1, 1, tzinfo=UTC)


def test_what_12345_keeps_confidential_is_sealed_here(county: Database, tmp_path: Path) -> None:
    take(county, tmp_path, order(是否保密="是"))
    assert cases(county)[0].confidential


def test_whom_an_order_complains_about_never_gets_it(county: Database, tmp_path: Path) -> None:
    take(county, tmp_path, order(text="民政局的工作人员办低保收红包，态度恶劣，要求处理他们。"))
    one = cases(county)[0]
    assert one.department.name != "民政局"


def chat_case(database: Database, text: str = DIBAO, phone: str = "15400123456", age: int = 2) -> int:
    def work(session: Session) -> int:
        filing = prepared(session, Draft(text, "chat", contact_name="关玉梅", phone=phone), Clocks())
        case, _ = Case.file(session, filing)
        case.filed_at = now() - timedelta(days=age)
        session.flush()
        return case.id

    return database.write(work)


ALIKE = "低保停了三个月了，问村里和镇上都说等着，啥时候发。"


def test_what_the_same_telephone_said_days_before_is_asked_about_and_not_filed_again(county: Database, tmp_path: Path) -> None:
    case_id = chat_case(county)
    outcome = take(county, tmp_path, order(text=ALIKE))
    assert (outcome.filed, [number for number, _ in outcome.perhaps]) == ([], ["JL20261120001"])
    assert len(cases(county)) == 1
    with county.read() as session:
        one = session.scalars(select(WorkOrder)).one()
        assert (one.case_id, one.perhaps_case_id) == (None, case_id)


@pytest.mark.parametrize(("before", "row"), [({"text": LAND}, {}), ({"phone": "15400987654"}, {}), ({"age": 8}, {}), ({}, {"联系电话": ""})])
def test_other_words_another_telephone_or_long_ago_is_another_matter(
    county: Database, tmp_path: Path, before: dict[str, object], row: dict[str, str]
) -> None:
    chat_case(county, **before)
    assert len(take(county, tmp_path, order(text=ALIKE, **row)).filed) == 1


def test_two_orders_of_one_file_from_one_telephone_are_asked_about_as_well(county: Database, tmp_path: Path) -> None:
    outcome = take(county, tmp_path, order(), order("JL2", ALIKE))
    assert (len(outcome.filed), len(outcome.perhaps)) == (1, 1)


def test_12345_tells_its_callers_itself(county: Database, tmp_path: Path) -> None:
    take(county, tmp_path, order())

    def answer(session: Session) -> None:
        case = session.scalars(select(Case)).one()
        lin = Staff.create(session, "lin", "一句 good 好记的话", name="林芳", role="clerk", department=case.department)
        case.answer(session, lin, "已经补发。")

    county.write(answer)
    with county.read() as session:
        assert session.scalars(select(Delivery)).all() == []


def test_an_order_that_cannot_be_filed_is_told_and_leaves_nothing(county: Database, tmp_path: Path, monkeypatch) -> None:
    real = work_orders.prepared

    def fails(session, draft, *given, **more):
        if "地力" in draft.text:
            raise work_orders.Refused("现在没有能接办的部门。")
        return real(session, draft, *given, **more)

    monkeypatch.setattr(work_orders, "prepared", fails)
    outcome = take(county, tmp_path, order("JL2", LAND), order())
    assert [(fault.row, fault.said) for fault in outcome.faults] == [(2, "现在没有能接办的部门。")]
    with county.read() as session:
        assert session.scalars(select(WorkOrder.number)).all() == ["JL20261120001"]
