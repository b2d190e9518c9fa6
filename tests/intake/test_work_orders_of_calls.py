"""Work orders whose number a hotline call has noted: they are that call's case, and nothing is handled twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from knowledge.deadlines import Clocks
from models.audit import AuditEntry
from models.call import ANSWERED, FILED, HotlineCall
from models.case import Case
from models.db import Database
from models.filing import Draft, prepared
from models.staff import Staff
from models.work_order import WorkOrder, answers_of, to_hand_back
from tests.intake.test_work_orders import DIBAO, LAND, cases, county, order, take

__all__ = ["county"]  # a fixture
NUMBER = "GD-2026-0012"


def call(database: Database, *, files: bool = True, ends: bool = True, confidential: bool = False) -> str:
    """A call in which 12345's number was noted; gives the number of the case that was filed in it."""

    def work(session) -> str:
        zhao = Staff.create(session, "zhao", "一句 good 好记的话", name="赵晓", role="hotline")
        taken = HotlineCall.begin(session, zhao)
        taken.came_from(session, "12345", NUMBER)
        number = ""
        if files:
            draft = Draft(DIBAO, "hotline", contact_name="关玉梅", phone="15400123456", confidential=confidential)
            case, _ = Case.file(session, prepared(session, draft, Clocks()), staff=zhao)
            taken.filed(session, case)
            number = case.number
        if ends:
            taken.end(session, zhao, FILED if files else ANSWERED)
        return number

    return database.write(work)


def test_the_order_is_the_calls_case_and_the_row_is_told(county: Database, tmp_path: Path) -> None:
    number = call(county)
    outcome = take(county, tmp_path, order("JL1", LAND, 联系电话=""), order("gd20260012", "还是低保那件事，请尽快。"))
    assert ([one for one, *_ in outcome.filed], outcome.joined) == (["JL1"], [(3, "gd20260012", number)])
    assert [one.source for one in cases(county)] == ["hotline", "12345"]
    with county.read() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        assert session.scalars(select(WorkOrder.case_id).where(WorkOrder.number == "gd20260012")).one() == case.id
        assert (case.events[-1].what, case.events[-1].public) == ("work_order", False)
        assert (
            session.scalars(select(AuditEntry).where(AuditEntry.action == "order.import")).one().detail["joined"] == 1
        )


def test_it_comes_before_what_the_same_telephone_may_have_said(county: Database, tmp_path: Path) -> None:
    number = call(county)
    outcome = take(county, tmp_path, order(NUMBER))  # the same words from the same telephone, days ago
    assert (outcome.joined, outcome.perhaps) == ([(2, NUMBER, number)], [])
    with county.read() as session:
        assert session.scalars(select(WorkOrder.perhaps_case_id)).all() == [None]


def test_a_dry_run_says_so_and_the_file_again_makes_nothing(county: Database, tmp_path: Path) -> None:
    number = call(county)
    looked = take(county, tmp_path, order(NUMBER), dry_run=True)
    assert (looked.joined, looked.filed) == ([(2, NUMBER, number)], [])
    with county.read() as session:
        assert session.scalars(select(WorkOrder)).all() == []
    take(county, tmp_path, order(NUMBER))
    again = take(county, tmp_path, order(NUMBER))
    assert (again.known, again.joined, len(cases(county))) == (1, [], 1)


def test_its_answer_goes_back_under_the_outside_number(county: Database, tmp_path: Path) -> None:
    number = call(county)
    take(county, tmp_path, order(NUMBER))

    def answer(session) -> None:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        case.answer(
            session,
            Staff.create(session, "lin", "一句 good 好记的话", name="林芳", role="clerk", department=case.department),
            "补发了。",
        )

    county.write(answer)
    with county.read() as session:
        (back,) = session.scalars(to_hand_back(None))
        assert back.number == NUMBER
        assert answers_of(session, [back.case_id])[back.case_id].text == "补发了。"


@pytest.mark.parametrize("wish", ["是", ""])
def test_what_12345_keeps_confidential_is_sealed_from_then_on(county: Database, tmp_path: Path, wish: str) -> None:
    call(county)
    take(county, tmp_path, order(NUMBER, 是否保密=wish))
    assert cases(county)[0].confidential is bool(wish)


def test_while_the_call_goes_on_the_row_waits_and_comes_in_afterwards(county: Database, tmp_path: Path) -> None:
    call(county, files=False, ends=False)
    outcome = take(county, tmp_path, order(NUMBER))
    assert [(fault.row, "热线正在接" in fault.said) for fault in outcome.faults] == [(2, True)]
    assert cases(county) == []
    county.write(lambda session: session.execute(update(HotlineCall).values(open_for=None)) and None)
    assert len(take(county, tmp_path, order(NUMBER)).filed) == 1


def test_a_call_in_which_nothing_was_filed_leaves_the_order_to_be_filed(county: Database, tmp_path: Path) -> None:
    call(county, files=False)
    assert [one for one, *_ in take(county, tmp_path, order(NUMBER)).filed] == [NUMBER]
