"""Where a new case goes: to whom the routing is sure of, else to the coordinator's desk; and under whose supervision."""

from __future__ import annotations

import pytest

from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from models import triage
from models.db import Database
from models.filing import Draft, prepared
from models.triage import choices_for
from tests.models.cases import file_case, hire, office, opened, person, told

VAGUE = "你们给看看，我那个事到底咋回事"


@pytest.fixture
def county(database: Database) -> Database:
    """The departments and their people."""
    hire(database)
    return database


def test_what_nobody_is_sure_of_waits_for_the_coordinator_while_the_clock_runs(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session, VAGUE, item=None)
        assert (case.triage, case.department.name) == ("doubt", "财政局")
        assert case.due_at is not None
        assert case.answered_by == "正在分派，定了由哪个部门办，马上告诉您。"
        assert 1 <= len(case.suggestions or ()) <= 3
        first = (case.suggestions or [])[0]
        assert 0 <= first["confidence"] < 0.5
        assert first["why"]


def test_what_is_sure_goes_straight_to_its_department_with_its_reasons_kept(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session)
        assert (case.triage, case.department.name) == (None, "民政局")
        sure = [said["confidence"] for said in case.suggestions or ()]
        assert sure == sorted(sure, reverse=True)
        assert sure[0] >= 0.5


def test_the_county_sets_how_sure_is_sure_enough(county: Database) -> None:
    with opened(county) as session:
        draft = Draft(text="低保停了三个月", source="chat", item="最低生活保障", town="口前镇")
        assert prepared(session, draft, Clocks(), terms=Assigning(triage_below=1.0)).triage == "doubt"
        vague = Draft(text=VAGUE, source="chat")
        assert prepared(session, vague, Clocks(), terms=Assigning(triage_below=0.0)).triage is None


def test_nobody_but_the_coordinator_decides_what_is_being_placed(county: Database) -> None:
    from models.desk import case_to_handle

    with opened(county) as session:
        case, shi = file_case(session, VAGUE, item=None), person(session, "shi")  # a clerk of the same department
        with pytest.raises(Exception, match="还在分派"):
            case_to_handle(session, shi, case.number)
        with pytest.raises(Exception, match="还在分派"):
            case.accept(session, shi)
        with pytest.raises(Exception, match="统筹人员"):
            triage.case_to_assign(session, shi, case.number)
        triage.assign(session, case, person(session, "feng"), office(session, "财政局"))
        case.accept(session, shi)
        assert case.status == "accepted"
        assert len(told(session, case)) == 1  # by whom it is answered, once


def test_chalu_is_an_answer_and_is_handed_over_with_a_slip(county: Database) -> None:
    with opened(county) as session:
        case, feng = file_case(session, "岔路河镇的，低保停了三个月", town="岔路河镇"), person(session, "feng")
        assert (case.triage, case.department.name) == ("elsewhere", "财政局")
        with pytest.raises(Exception, match="移交给哪里"):
            triage.hand_outside(session, case, feng, "", "移交了")
        triage.hand_outside(session, case, feng, "吉林中新食品区管委会", "您的事转给中新食品区办了。")
        assert case.status == "answered"
        assert told(session, case) == [f"您的事（编号{case.number}）：\n您的事转给中新食品区办了。"]


def test_a_case_without_a_town_goes_by_its_item(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session, "公示栏里没有我家，低保的", town=None)
        assert case.town is None
        assert case.department.kind == "county"
        assert case.triage is None


def test_a_decision_is_answered_by_its_department_under_anothers_supervision(county: Database) -> None:
    with opened(county) as session:
        complaint = file_case(session, "低保停了三个月，投诉民政局停得没道理", kind="投诉")
        if complaint.department.name == "民政局":
            assert complaint.watched_by is not None
            assert complaint.watched_by.name == "财政局"
        own = file_case(session, "好几项补贴都没发，一项也说不清，投诉", kind="投诉", item=None)
        assert own.watched_by is None or own.watched_by.id != own.department_id
        assert file_case(session, "低保怎么申请", kind="咨询").watched_by is None


def test_nobody_supervises_themselves_after_a_case_has_moved(county: Database) -> None:
    with opened(county) as session:
        case, feng = file_case(session, VAGUE, item=None, kind="投诉"), person(session, "feng")
        assert case.watched_by is None
        triage.assign(session, case, feng, office(session, "民政局"))
        assert case.watched_by is office(session, "财政局")
        triage.assign(session, case, feng, office(session, "财政局"))
        assert case.watched_by is office(session, "纪委监委")


def test_the_accused_coordinator_gets_nothing_to_place(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session, "财政局的工作人员收红包，把补贴给了亲戚", item=None)
        assert case.department.name != "财政局"
        assert case.triage is None
        assert case.number not in [one.number for one in session.scalars(triage.waiting_for(person(session, "feng")))]


def test_the_only_handler_of_a_department_who_is_named_does_not_get_the_case(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session, "地补少给了三亩，找王强问，让我等", item="耕地地力保护补贴")
        assert (case.triage, case.department.name) == ("barred", "财政局")
        case = file_case(session, "地补少给了三亩，我叫王强", item="耕地地力保护补贴", contact_name="王强")
        assert (case.triage, case.department.name) == (None, "农业农村局")


def test_the_desk_offers_no_department_that_is_barred(county: Database) -> None:
    from models.avoidance import bar_department

    with opened(county) as session:
        case, feng = file_case(session, VAGUE, item=None), person(session, "feng")
        offered = [one.department.name for one in choices_for(session, [case])[case.id]]
        assert offered
        other = next(name for name in offered if name != "财政局")
        bar_department(session, case, feng, office(session, other), "说的是他们")
        assert other not in [one.department.name for one in choices_for(session, [case])[case.id]]
