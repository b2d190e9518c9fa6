"""回避: whom a case complains about never sees it, whenever that becomes known."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.errors import Fault, NotAllowed, NotThere, Refused
from models import avoidance, handling, triage
from models.audit import AuditEntry
from models.case import Case
from models.case_loading import case_for, cases_for, helped_by, offered_to, own_cases_for
from models.db import Database
from models.desk import audit_for, barred_numbers, calls_for
from models.staff import Staff
from tests.models.cases import PEOPLE, VILLAGE, file_case, happened, hire, office, opened, person, told


@pytest.fixture
def county(database: Database) -> Database:
    """The departments and their people."""
    hire(database)
    return database


def who_sees(session: Session, case: Case) -> set[str]:
    """The user names of everybody to whom some query of the loader gives the case."""
    session.flush()
    return {name for name in PEOPLE if _gets(session, person(session, name), case)}


def _gets(session: Session, who: Staff, case: Case) -> bool:
    queries = (cases_for, own_cases_for, offered_to, helped_by)
    found = any(case in session.scalars(query(who)).all() for query in queries)
    try:
        alone = case_for(session, who, case.number) is case
    except NotThere:
        alone = False
    assert alone or not found
    return alone


def test_an_ordinary_case_is_seen_by_its_department_and_those_over_it(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session, village=VILLAGE)
        assert who_sees(session, case) == {"lin", "lu", "cun", "qian", "feng"}


def test_the_accused_department_is_no_choice_at_filing_and_never_sees_it(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session, "口前镇民政办的办事员态度恶劣，骂人，低保的事推来推去", village=VILLAGE)
        assert not {"jiang", "cun"} & who_sees(session, case)
        for act in (
            lambda: handling.offer(session, case, person(session, "lin"), office(session, "口前镇"), "归乡里"),
            lambda: handling.ask_help(session, case, person(session, "lin"), office(session, "口前镇"), "问问"),
            lambda: triage.assign(session, case, person(session, "feng"), office(session, "口前镇")),
        ):
            with pytest.raises(Refused, match="回避"):
                act()


def test_a_department_that_is_barred_later_loses_the_case_at_once(county: Database) -> None:
    with opened(county) as session:
        case, lin, feng = file_case(session), person(session, "lin"), person(session, "feng")
        case.accept(session, lin)
        due = case.due_at
        with pytest.raises(Refused, match="为什么要回避"):
            avoidance.bar_department(session, case, feng, office(session, "民政局"), " ")
        avoidance.bar_department(session, case, feng, office(session, "民政局"), "说的就是民政局的人")
        assert not {"lin", "lu"} & who_sees(session, case)
        assert (case.department.name, case.triage, case.status, case.due_at) == ("财政局", "barred", "filed", due)
        assert session.scalars(triage.waiting_for(feng)).all() == [case]
        assert "原来的部门不再经手" in told(session, case)[-1]
        assert happened(session, case)[-2:] == ["barred", "reassigned"]
        assert all("民政局的人" not in text for text in told(session, case))


def test_a_bar_ends_offers_parts_and_supervision(county: Database) -> None:
    with opened(county) as session:
        case, lin = file_case(session, "低保停了三个月，投诉办得不对"), person(session, "lin")
        handling.ask_help(session, case, lin, office(session, "农业农村局"), "核对面积")
        handling.offer(session, case, lin, office(session, "农业农村局"), "归你们")
        avoidance.bar_department(session, case, person(session, "feng"), office(session, "农业农村局"), "说的是他们的人")
        assert case.offered is None
        assert "wang" not in who_sees(session, case)
        watched = case.watched_by
        if watched is not None:
            avoidance.bar_department(session, case, person(session, "qian"), watched, "也说到了他们")
            assert case.watched_by is None or case.watched_by is not watched


def test_one_person_is_barred_and_the_colleague_goes_on(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session, "找民政局林芳办低保，林芳让我等了三个月")
        assert "lin" not in who_sees(session, case)
        assert "lu" in who_sees(session, case)
        assert case.department.name == "民政局"


def test_barring_the_only_one_who_handles_moves_the_case(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session, "地补少给了三亩的钱", item="耕地地力保护补贴")
        avoidance.bar_person(session, case, person(session, "feng"), person(session, "wang"), "反映的就是他")
        assert (case.department.name, case.triage) == ("财政局", "barred")
        assert "wang" not in who_sees(session, case)


def test_the_village_is_barred_for_its_clerk_alone(county: Database) -> None:
    with opened(county) as session:
        case, feng = file_case(session, village=VILLAGE), person(session, "feng")
        assert "cun" in who_sees(session, case)
        avoidance.bar_village(session, case, feng, "说的是村会计")
        assert who_sees(session, case) == {"lin", "lu", "qian", "feng"}


@pytest.mark.parametrize("said", [{"village": "红旗"}, {"village": None}, {"town": "万昌镇"}, {"confidential": True}, {"kind": "举报"}])
def test_a_village_clerk_sees_the_own_village_only_and_nothing_sealed(county: Database, said: dict[str, object]) -> None:
    with opened(county) as session:
        assert "cun" not in who_sees(session, file_case(session, **({"village": VILLAGE} | said)))
        assert "cun" in who_sees(session, file_case(session, village=f"{VILLAGE}村"))


def test_complaints_about_the_village_are_kept_from_its_clerk_from_the_start(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session, "四间村的村会计扣了我的低保钱，不给就骂人", village=VILLAGE)
        assert case.village_barred
        assert "cun" not in who_sees(session, case)


def test_what_is_added_later_keeps_the_accused_out_before_they_read_it(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session)
        case.accept(session, person(session, "lin"))
        case.add(session, "就是民政局的工作人员态度恶劣，骂我，还收了我的红包，陆海也在场")
        assert not {"lin", "lu"} & who_sees(session, case)
        assert case.triage == "barred"
        case.add(session, "我再补充一句，谢谢")
        assert happened(session, case).count("barred") == len(avoidance.bars_of(session, case).all)


# ---------------------------------------------------------------- who may bar, and who may lift


def test_bars_are_set_by_those_who_triage_and_lifted_by_the_supervisor_alone(county: Database) -> None:
    with opened(county) as session:
        case, feng, qian = file_case(session), person(session, "feng"), person(session, "qian")
        target = office(session, "农业农村局")
        with pytest.raises(NotAllowed):
            avoidance.bar_department(session, case, person(session, "lin"), target, "不想让他们看")
        avoidance.bar_department(session, case, feng, target, "反映的是他们")
        with pytest.raises(Refused, match="已经回避"):
            avoidance.bar_department(session, case, feng, target, "再设一次")
        with pytest.raises(NotAllowed):
            avoidance.lift_department(session, case, feng, target, "设错了")
        with pytest.raises(Refused, match="为什么可以解除"):
            avoidance.lift_department(session, case, qian, target, " ")
        avoidance.lift_department(session, case, qian, target, "核实过，说的是另一个单位")
        assert not avoidance.is_barred(session, case, target.id)
        with pytest.raises(Refused, match="已经解除"):
            avoidance.lift_department(session, case, qian, target, "再解一次")
        session.flush()
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action.in_(("case.bar", "case.unbar"))).order_by(AuditEntry.id))
        assert [(entry.action, entry.actor) for entry in kept] == [("case.bar", "feng"), ("case.unbar", "qian")]


def test_persons_and_villages_are_let_in_again_too(county: Database) -> None:
    with opened(county) as session:
        case, feng, qian = file_case(session, village=VILLAGE), person(session, "feng"), person(session, "qian")
        avoidance.bar_person(session, case, feng, person(session, "lin"), "像是说她")
        avoidance.bar_village(session, case, feng, "像是说村里")
        avoidance.lift_person(session, case, qian, person(session, "lin"), "不是同一个人")
        avoidance.lift_village(session, case, qian, "说的是别的村")
        assert {"lin", "cun"} <= who_sees(session, case)
        with pytest.raises(Fault, match="自己"):
            avoidance.bar_person(session, case, feng, feng, "我认识他")


# ---------------------------------------------------------------- everything else in which a case stands


def test_no_list_no_call_and_no_audit_entry_tells_the_barred_of_the_case(county: Database) -> None:
    with opened(county) as session:
        case, qian = file_case(session), person(session, "qian")
        case.answer(session, person(session, "lin"), "查清了。")
        session.flush()
        delivery = next(iter(case.events[-1].deliveries)) if case.events[-1].deliveries else None
        assert delivery is not None
        delivery.status = "calling"
        session.flush()
        assert session.execute(calls_for(qian)).all()
        avoidance.bar_person(session, case, person(session, "feng"), qian, "反映的是督办人员")
        session.flush()
        assert session.execute(calls_for(qian)).all() == []
        assert barred_numbers(session, qian) == {case.number}
        qian.role = "auditor"
        assert f"case:{case.number}" not in {entry.subject for entry in session.scalars(audit_for(qian))}


def test_who_may_be_meant_is_suggested_to_the_coordinator(county: Database) -> None:
    with opened(county) as session:
        case = file_case(session, "民政局的陆科长让我等")
        assert [one.username for one in avoidance.perhaps_meant(session, case)] == ["lu"]
        avoidance.bar_person(session, case, person(session, "feng"), person(session, "lu"), "说的是他")
        assert avoidance.perhaps_meant(session, case) == []
