"""The coordinator's desk: what nobody is sure of, with three suggestions, one key each."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.case import Case
from models.db import Database
from models.delivery import Delivery
from tests.console.factories import case_of, file_case
from tests.console.matrix_cases import hire
from tests.console.test_handling import desk, office, told, where

VAGUE = "你们给看看，我那个事到底咋回事"


@pytest.fixture
def house(database: Database) -> Database:
    """One person of every role."""
    hire(database)
    return database


def vague(house: Database, **said: object) -> str:
    return file_case(house, **({"text": VAGUE, "item": None, "town": None} | said))


def test_the_desk_shows_the_words_and_three_suggestions_with_reasons(house: Database) -> None:
    number = vague(house)
    text = desk(house, "feng", "/console/triage/").text
    assert number in text
    assert VAGUE in text
    assert text.count("data-choice=") in (1, 2, 3)
    assert "把握30%" in text
    assert "还看不出是哪一项" in text
    assert "拿不准归哪个部门" in text


def test_a_suggestion_is_taken_with_one_button_and_the_resident_is_told(house: Database) -> None:
    number = vague(house)
    feng = desk(house, "feng", "/console/triage/")
    feng.post(f"/console/triage/{number}", department=office(house, "民政局"), **{"from": "desk"})
    assert f"{number}交给了永吉县民政局" in feng.text
    assert "没有等分派的事" in feng.text
    assert where(house, number) == ("民政局", "filed", None)
    (message,) = told(house)
    assert message.startswith(f"您的事（编号{number}）交给永吉县民政局办理。最晚")


def test_the_clock_runs_while_it_waits(house: Database) -> None:
    number = vague(house)
    with house.read() as session:
        due = case_of(session, number).due_at
    feng = desk(house, "feng", "/console/triage/")
    feng.post(f"/console/triage/{number}", department=office(house, "民政局"), **{"from": "desk"})
    with house.read() as session:
        assert case_of(session, number).due_at == due


def test_several_go_to_one_department_or_each_to_its_own_first(house: Database) -> None:
    numbers = [vague(house) for _ in range(3)]
    feng = desk(house, "feng", "/console/triage/")
    feng.post("/console/triage/assign", numbers=numbers[:2], department=office(house, "口前镇"))
    assert "分派了2件" in feng.text
    feng.post("/console/triage/assign", numbers=numbers[2:], department="first")
    assert "分派了1件" in feng.text
    with house.read() as session:
        places = [case_of(session, number).department.name for number in numbers]
        first = (case_of(session, numbers[2]).suggestions or [])[0]["department"]
        assert session.scalars(select(Case.triage)).all() == [None, None, None]
    assert places == ["口前镇", "口前镇", first]
    feng.get("/console/triage/")
    feng.post("/console/triage/assign", numbers=numbers, department=office(house, "民政局"))
    assert "先在办件前面打勾" in feng.text  # none of them waits any more


def test_nothing_is_assigned_without_a_department(house: Database) -> None:
    number = vague(house)
    feng = desk(house, "feng", "/console/triage/")
    feng.post(f"/console/triage/{number}", **{"from": "desk"})
    assert "请选交给哪个部门" in feng.text
    feng.post("/console/triage/assign", numbers=[number])
    assert "再选交给哪个部门" in feng.text
    assert where(house, number) == ("财政局", "filed", "doubt")


def test_a_clerk_of_the_coordinating_office_does_not_assign(house: Database) -> None:
    number = vague(house)
    lin = desk(house, "lin")
    for path in ("/console/triage/", f"/console/triage/{number}"):
        assert (lin.get(path) if path.endswith("/") else lin.post(path)).status_code in (403, 405), path
    assert lin.post(f"/console/triage/{number}", department=office(house, "民政局")).status_code == 403


def test_the_supervisor_moves_a_case_that_a_department_has(house: Database) -> None:
    number = file_case(house)
    qian = desk(house, "qian", f"/console/cases/{number}")
    assert "交办" in qian.text
    assert qian.post(f"/console/triage/{number}").status_code == 422
    qian.post(f"/console/triage/{number}", department=office(house, "残疾人联合会"), reason="是护理补贴的事")
    assert where(house, number) == ("残疾人联合会", "filed", None)


def test_chalu_is_handed_outside_with_a_slip_that_names_nobody(house: Database) -> None:
    number = file_case(house, town="岔路河镇", text="岔路河的，我叫关玉梅，低保停了三个月，电话15400123456")
    feng = desk(house, "feng", f"/console/cases/{number}")
    assert "移交，打印移交单" in feng.text
    assert feng.post(f"/console/triage/{number}/outside", to="", text="移交了").status_code == 422
    feng.post(f"/console/triage/{number}/outside", to="吉林中新食品区管理委员会", text="您的事转给中新食品区了，请问他们。")
    assert "群众反映事项移交单" in feng.text
    assert "吉林中新食品区管理委员会" in feng.text
    for hidden in ("关玉梅", "15400123456"):
        assert hidden not in feng.text
    assert where(house, number) == ("财政局", "answered", None)
    assert told(house) == [f"您的事（编号{number}）：\n您的事转给中新食品区了，请问他们。"]


def test_the_slip_of_a_sealed_case_holds_no_words_at_all(house: Database) -> None:
    number = file_case(house, town="岔路河镇", text="岔路河的，低保被人占了", confidential=True)
    text = desk(house, "feng", f"/console/cases/{number}/slip").text
    assert "另行当面交接" in text
    assert "被人占了" not in text


def test_in_bulk_nothing_is_sent_on_that_belongs_elsewhere(house: Database) -> None:
    number = file_case(house, town="岔路河镇", text="岔路河的，低保停了三个月")
    feng = desk(house, "feng", "/console/triage/")
    feng.post("/console/triage/assign", numbers=[number], department="first")
    assert "要单独定" in feng.text
    assert where(house, number) == ("财政局", "filed", "elsewhere")


def test_an_empty_desk_says_so(house: Database) -> None:
    assert "没有等分派的事" in desk(house, "feng", "/console/triage/").text


# ---------------------------------------------------------------- what the resident hears meanwhile


def test_the_resident_is_told_that_it_is_being_placed(house: Database) -> None:
    number = vague(house)
    with house.read() as session:
        assert case_of(session, number).answered_by == "正在分派，定了由哪个部门办，马上告诉您。"
        assert session.scalars(select(Delivery)).all() == []
