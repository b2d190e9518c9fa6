"""回访 at the desks: on the telephone, in the supervisor's list, on a case that was opened again; looks at sealed persons."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from knowledge.deadlines import Clocks
from models.base import now
from models.case import Case
from models.db import Database
from models.delivery import CALLED, CALLING, Delivery
from models.follower import Follower
from models.slip import Slip
from models.staff import Department, Staff
from models.visit import CHAT, Visit
from tests.console.conftest import Enter
from tests.console.factories import PASSWORD, Browser, case_of, file_case


def answered(county: Database, **said: object) -> str:
    number = file_case(county, **said)
    county.write(lambda s: case_of(s, number).answer(s, Staff.by_username(s, "lin"), "已经补发，请查收。"))
    return number


def hire_luo(county: Database) -> None:
    county.write(
        lambda s: Staff.create(s, "luo", PASSWORD, name="罗平", role="clerk", department=Department.named(s, "民政局")) and None
    )


def not_done(county: Database, number: str, reason: str = "钱还是没到") -> None:
    """The resident says 没办好 to the newest answer."""

    def work(session) -> None:
        event = next(event for event in reversed(case_of(session, number).events) if event.what == "answered")
        Visit.for_event(session, event, CHAT).reopen(session, reason, Clocks())

    county.write(work)


@pytest.mark.parametrize(("done", "content", "kept"), [("yes", "yes", (True, True)), ("yes", "", (True, None)), ("", "", (None, None))])
def test_an_agent_asks_both_questions_on_the_telephone(
    enter: Enter, county: Database, done: str, content: str, kept: tuple[bool | None, bool | None]
) -> None:
    number = answered(county, openid=None)
    with county.read() as session:
        delivery = session.scalars(select(Delivery).where(Delivery.status == CALLING)).one().id
    zhao = enter("zhao")
    zhao.get(f"/console/calls/{delivery}")
    zhao.post(f"/console/visits/calls/{delivery}", resolved=done, satisfied=content)
    assert number in zhao.text
    with county.read() as session:
        visit = session.scalars(select(Visit)).one()
        assert ((visit.resolved, visit.satisfied), visit.how) == (kept, "phone")
        assert session.get(Delivery, delivery).status == CALLED


def test_not_done_on_the_telephone_opens_the_case_again(enter: Enter, county: Database) -> None:
    hire_luo(county)
    answered(county, openid=None)
    zhao = enter("zhao")
    zhao.get("/console/calls/1")
    zhao.post("/console/visits/calls/1", resolved="no", reason="还差两个月")
    assert "换人复核" in zhao.text
    with county.read() as session:
        assert session.scalars(select(Case.status)).one() == "accepted"
        assert session.scalars(select(Visit.reason)).one() == "还差两个月"


def test_a_call_is_ticked_off_once(enter: Enter, county: Database) -> None:
    answered(county, openid=None)
    zhao = enter("zhao")
    zhao.get("/console/calls/1")
    once = zhao.once
    zhao.post("/console/visits/calls/1", resolved="yes", once=once)
    zhao.post("/console/visits/calls/1", resolved="no", once="0" * 32)
    with county.read() as session:
        assert session.scalars(select(Visit.resolved)).one() is True


def test_whoever_answered_does_not_judge_the_second_time(enter: Enter, county: Database) -> None:
    hire_luo(county)
    number = answered(county)
    not_done(county, number)
    lin = enter("lin")
    assert "换人" in lin.get(f"/console/cases/{number}").get_data(as_text=True)
    lin.post(f"/console/cases/{number}/answer", said="还是那样", result="1")
    assert "换人复核" in lin.text
    luo = enter("luo")
    assert "由您复核" in luo.get(f"/console/cases/{number}").get_data(as_text=True)
    assert luo.get(f"/console/cases/{number}/answer").status_code == 200


def test_without_another_clerk_the_supervisor_answers(enter: Enter, county: Database) -> None:
    number = answered(county)
    not_done(county, number)
    qian = enter("qian")
    assert "由您复核" in qian.get(f"/console/cases/{number}").get_data(as_text=True)
    assert qian.get(f"/console/cases/{number}/answer").status_code == 200


def test_the_supervisor_sees_who_was_not_helped_and_no_sealed_words(enter: Enter, county: Database) -> None:
    number = answered(county)
    not_done(county, number, "钱还是没到，我关玉梅等不起，电话15400123456")
    sealed = answered(county, openid="oTwo", confidential=True)
    not_done(county, sealed, "我是村东头那家")
    qian = enter("qian")
    text = qian.get("/console/visits/").get_data(as_text=True)
    assert number in text
    assert "钱还是没到" in text
    assert sealed in text
    assert not any(hidden in text for hidden in ("村东头", "关玉梅", "15400123456"))
    assert enter("lin").get("/console/visits/").status_code == 403


def test_an_empty_list_says_so(enter: Enter) -> None:
    assert "没有说没办好" in enter("qian").get("/console/visits/").get_data(as_text=True)


def test_every_look_at_a_sealed_person_stands_in_a_list(enter: Enter, county: Database) -> None:
    number = answered(county, confidential=True)
    plain = answered(county, openid="oTwo")
    qian = enter("qian")
    for each in (number, plain):
        qian.get(f"/console/cases/{each}")
        qian.post(f"/console/cases/{each}/reveal", reason="约本人见面核实")
    text = qian.get("/console/visits/sealed").get_data(as_text=True)
    assert number in text
    assert "约本人见面核实" in text
    assert plain not in text


def test_the_department_sees_an_alias_of_a_sealed_person(enter: Enter, county: Database) -> None:
    number = answered(county, confidential=True)
    text = enter("lin").get(f"/console/cases/{number}").get_data(as_text=True)
    assert f"群众甲（{number}）" in text
    assert "15400123456" not in text
    assert "154****3456" not in text
    assert "关玉梅" not in text


# ---- the slip ----


def slip(county: Database) -> str:
    content = {
        "kind": "信访", "text": "我家地补没给，电话15400123456", "town": "口前镇", "village": None, "item": "耕地地力保护补贴", "when": "2025年",
        "amounts": [120_000], "made_on": "2026-11-24",
    }  # fmt: skip
    return county.write(lambda s: Slip.issue(s, Follower.met(s, "oGuan").id, content))


def test_a_slip_is_opened_once_and_holds_no_telephone(app, county: Database) -> None:
    token = slip(county)
    browser = app.test_client()
    for _ in range(2):  # looking spends nothing
        assert "打开单子" in browser.get(f"/slip/{token}").get_data(as_text=True)
    page = browser.post(f"/slip/{token}")
    text = page.get_data(as_text=True)
    for shown in ("县信访局", "口前镇", "1,200元", "2025年", "60天"):
        assert shown in text
    assert "15400123456" not in text
    assert page.headers["Cache-Control"] == "no-store"
    assert browser.post(f"/slip/{token}").status_code == 410
    assert browser.get(f"/slip/{token}").status_code == 410


def test_an_old_slip_opens_nothing_and_is_deleted(app, county: Database) -> None:
    token = slip(county)
    county.write(lambda s: setattr(s.scalars(select(Slip)).one(), "expires_at", now() - timedelta(minutes=1)))
    assert app.test_client().post(f"/slip/{token}").status_code == 410
    county.write(Slip.drop_old)
    with county.read() as session:
        assert session.scalars(select(Slip)).all() == []
    assert re.fullmatch(r"[\w-]{20,}", token)
    assert Browser(app).get("/slip/nonsense").status_code == 410
