"""首接负责: who answers for a case while it is offered, given back, helped with; and what the resident hears of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from knowledge.errors import Fault, NotThere, Refused
from models import handling, triage
from models.base import now
from models.case import Case
from models.case_loading import case_for, helped_by, offered_to, own_cases_for
from models.db import Database
from models.handling import Copy
from models.handover import Handover, Help
from models.staff import Staff
from tests.models.cases import file_case, happened, hire, office, opened, person, told

TERMS, CLOCKS = Assigning(), Clocks()
LONG = timedelta(days=15)  # longer than any holiday


@pytest.fixture
def county(database: Database) -> Database:
    """The departments and their people."""
    hire(database)
    return database


def sees(session: Session, who: Staff, case: Case) -> bool:
    """Whether the loader gives the case to this person."""
    try:
        return case_for(session, who, case.number) is case
    except NotThere:
        return False


def refused(act: Callable[[], object]) -> str:
    """What is said when the act is refused."""
    with pytest.raises(Fault) as caught:
        act()
    return caught.value.said


def test_what_is_offered_stays_with_the_first_until_it_is_taken(county: Database) -> None:
    with opened(county) as session:
        case, lin, wang = file_case(session), person(session, "lin"), person(session, "wang")
        case.accept(session, lin)
        due, before = case.due_at, told(session, case)
        assert not sees(session, wang, case)
        handling.offer(session, case, lin, office(session, "农业农村局"), "说的是地补")
        assert (case.department.name, case.status, case.due_at) == ("民政局", "accepted", due)
        assert case.answered_by == "由永吉县民政局负责答复。"
        assert told(session, case) == before
        assert sees(session, lin, case)
        assert sees(session, wang, case)
        assert session.scalars(own_cases_for(lin)).all() == [case]
        assert session.scalars(offered_to(wang)).all() == [case]
        handling.take(session, case, wang, CLOCKS)
        assert (case.department.name, case.status, case.due_at) == ("农业农村局", "accepted", due)
        assert not sees(session, lin, case)
        assert told(session, case) == [*before, f"您的事（编号{case.number}）已转到永吉县农业农村局办理。答复时间不变。"]
        assert happened(session, case) == ["filed", "accepted", "offered", "transferred"]


def test_what_is_declined_stays_and_the_resident_hears_nothing(county: Database) -> None:
    with opened(county) as session:
        case, lin, wang = file_case(session), person(session, "lin"), person(session, "wang")
        handling.offer(session, case, lin, office(session, "农业农村局"), "说的是地补")
        assert "为什么不接收" in refused(lambda: handling.decline(session, case, wang, " "))
        handling.decline(session, case, wang, "低保归民政")
        assert case.department.name == "民政局"
        assert case.offered is None
        assert not sees(session, wang, case)
        assert told(session, case) == []
        assert "没有等您部门接收" in refused(lambda: handling.take(session, case, wang, CLOCKS))


def test_an_offer_is_for_the_department_asked_alone(county: Database) -> None:
    with opened(county) as session:
        case, lin = file_case(session), person(session, "lin")
        handling.offer(session, case, lin, office(session, "农业农村局"), "说的是地补")
        for username in ("lin", "jiang", "qian", "cun"):
            assert "没有等您部门接收" in refused(lambda u=username: handling.take(session, case, person(session, u), CLOCKS))
        assert "正等对方接收" in refused(lambda: handling.offer(session, case, lin, office(session, "残疾人联合会"), "改主意"))
        handling.take_back(session, case, lin)
        handling.offer(session, case, lin, office(session, "残疾人联合会"), "改主意")
        assert not sees(session, person(session, "wang"), case)


def test_an_answer_or_a_withdrawal_ends_the_offer(county: Database) -> None:
    for act in (lambda s, case: case.answer(s, person(s, "lin"), "查清了。"), lambda s, case: case.withdraw(s)):
        with opened(county) as session:
            case = file_case(session)
            handling.offer(session, case, person(session, "lin"), office(session, "农业农村局"), "说的是地补")
            act(session, case)
            assert case.offered is None
            assert not sees(session, person(session, "wang"), case)


def test_an_offer_that_nobody_answers_goes_to_the_coordinator_after_a_working_day(county: Database) -> None:
    with opened(county) as session:
        case, lin, wang = file_case(session), person(session, "lin"), person(session, "wang")
        handling.offer(session, case, lin, office(session, "农业农村局"), "说的是地补")
        session.flush()
        assert handling.escalate(session, TERMS) == 0
        session.execute(update(Handover).values(asked_at=now() - LONG))
        session.expire_all()
        assert handling.escalate(session, TERMS) == 1
        assert (case.triage, case.department.name) == ("unanswered", "民政局")
        assert case.answered_by == "由永吉县民政局负责答复。"
        assert session.scalars(triage.waiting_for(person(session, "feng"))).all() == [case]
        assert not sees(session, wang, case)
        assert handling.escalate(session, TERMS) == 0
        triage.assign(session, case, person(session, "feng"), office(session, "农业农村局"))
        assert case.department.name == "农业农村局"
        assert case.triage is None


# ---------------------------------------------------------------- 退单


def test_what_is_given_back_waits_for_the_coordinator_and_stays_meanwhile(county: Database) -> None:
    with opened(county) as session:
        case, lin, feng = file_case(session), person(session, "lin"), person(session, "feng")
        assert "该归谁管" in refused(lambda: triage.give_back(session, case, lin, "", TERMS))
        triage.give_back(session, case, lin, "归农业农村局", TERMS)
        assert (case.triage, case.department.name, case.status) == ("returned", "民政局", "filed")
        assert sees(session, lin, case)
        assert told(session, case) == []
        assert session.scalars(triage.waiting_for(feng)).all() == [case]
        triage.assign(session, case, feng, office(session, "农业农村局"), "看过了，归你们")
        assert told(session, case)[-1].startswith(f"您的事（编号{case.number}）交给永吉县农业农村局办理。最晚")
        assert "看过了" not in told(session, case)[-1]


def test_after_two_returns_the_coordinator_has_decided(county: Database) -> None:
    with opened(county) as session:
        case, feng = file_case(session), person(session, "feng")
        for username, target in (("lin", "农业农村局"), ("wang", "民政局")):
            triage.give_back(session, case, person(session, username), "不归我们管", TERMS)
            triage.assign(session, case, feng, office(session, target))
        assert "不能再退" in refused(lambda: triage.give_back(session, case, person(session, "lin"), "还是不归我们", TERMS))
        assert triage.may_give_back(case, person(session, "lin"), TERMS)


def test_a_return_has_its_own_clock_and_none_after_acceptance(county: Database) -> None:
    with opened(county) as session:
        case, lin = file_case(session), person(session, "lin")
        case.assigned_at = now() - LONG
        assert "时间过了" in refused(lambda: triage.give_back(session, case, lin, "不归我们管", TERMS))
        case.assigned_at = now()
        case.accept(session, lin)
        assert "已经接办" in refused(lambda: triage.give_back(session, case, lin, "不归我们管", TERMS))
        # A disputed assignment gets reviewed: the other department has said no.
        handling.offer(session, case, lin, office(session, "农业农村局"), "说的是地补")
        handling.decline(session, case, person(session, "wang"), "低保归民政")
        triage.give_back(session, case, lin, "两家都说不归自己", TERMS)
        assert case.triage == "returned"


def test_a_petition_may_be_given_back_for_five_working_days() -> None:
    filed = now()
    assert TERMS.return_by("信访", filed) > TERMS.return_by("投诉", filed)


def test_the_same_department_told_to_keep_it_is_no_news_for_the_resident(county: Database) -> None:
    with opened(county) as session:
        case, lin, feng = file_case(session), person(session, "lin"), person(session, "feng")
        triage.give_back(session, case, lin, "归别人管", TERMS)
        triage.assign(session, case, feng, office(session, "民政局"), "就归你们")
        assert (case.triage, case.status, told(session, case)) == (None, "filed", [])
        case.accept(session, lin)
        assert len(told(session, case)) == 1


# ---------------------------------------------------------------- 主办、协办


def test_a_helper_gives_its_part_and_the_one_answer_is_the_leads(county: Database) -> None:
    with opened(county) as session:
        case, lin, wang = file_case(session), person(session, "lin"), person(session, "wang")
        handling.ask_help(session, case, lin, office(session, "农业农村局"), "核对土地面积")
        assert "已经请" in refused(lambda: handling.ask_help(session, case, lin, office(session, "农业农村局"), "再问一次"))
        assert session.scalars(helped_by(wang)).all() == [case]
        assert case.department.name == "民政局"
        handling.give_part(session, case, wang, "面积是十二亩")
        assert session.scalars(helped_by(wang)).all() == []
        assert sees(session, wang, case)  # its own part stays to be read
        assert told(session, case) == []
        assert [event.public for event in case.events if event.what in ("help_asked", "helped")] == [False, False]
        assert "没有等您部门的协办意见" in refused(lambda: handling.give_part(session, case, wang, "再说一句"))
        case.answer(session, lin, "核过了。")
        assert all("十二亩" not in text for text in told(session, case))


def test_a_helper_who_becomes_the_lead_owes_no_part_any_more(county: Database) -> None:
    with opened(county) as session:
        case, lin, wang = file_case(session), person(session, "lin"), person(session, "wang")
        handling.ask_help(session, case, lin, office(session, "农业农村局"), "核对土地面积")
        handling.offer(session, case, lin, office(session, "农业农村局"), "整件归你们")
        handling.take(session, case, wang, CLOCKS)
        assert session.scalars(select(Help.open)).all() == [False]


# ---------------------------------------------------------------- the copy of a sealed case


def test_the_receiver_of_a_sealed_case_reads_the_copy_alone(county: Database) -> None:
    from models.desk import copies_for

    with opened(county) as session:
        case = file_case(session, "东头第三家的老关反映低保停了", confidential=True)
        lin, wang = person(session, "lin"), person(session, "wang")
        assert "不能空着" in refused(
            lambda: handling.offer(session, case, lin, office(session, "农业农村局"), "归你们", Copy(" "))
        )
        handling.offer(session, case, lin, office(session, "农业农村局"), "归你们", Copy("有人反映低保停了"))
        session.flush()
        copy = copies_for(session, wang, [case.id])[case.id]
        assert (copy.text, copy.with_attachments) == ("有人反映低保停了", False)
        assert copies_for(session, lin, [case.id]) == {}
        assert case.text == "东头第三家的老关反映低保停了"
        handling.decline(session, case, wang, "不归我们")
        assert copies_for(session, wang, [case.id]) == {}


def test_nothing_is_handed_on_once_it_is_done(county: Database) -> None:
    with opened(county) as session:
        case, lin, feng = file_case(session), person(session, "lin"), person(session, "feng")
        case.answer(session, lin, "查清了。")
        target = office(session, "农业农村局")
        for act in (
            lambda: handling.offer(session, case, lin, target, "转"), lambda: handling.ask_help(session, case, lin, target, "帮"),
            lambda: triage.assign(session, case, feng, target), lambda: triage.give_back(session, case, lin, "退", TERMS),
            lambda: triage.hand_outside(session, case, feng, "别处", "移交了"),
        ):  # fmt: skip
            with pytest.raises(Refused):
                act()
