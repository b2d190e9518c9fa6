"""Filing for a caller: shown before, read aloud after, sent by SMS or printed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.audit import AuditEntry
from models.base import now
from models.case import Case
from models.case_text import SENT, WAITING, CaseText
from models.db import Database
from models.delivery import Delivery
from models.follower import Message
from models.staff import Department, Staff
from tests.console.factories import PASSWORD, Browser, make_app

STORY = "王大娘说口前镇低保停了三个月，去乡里问了两回没说法"


def code_on(html: str) -> str:
    """The code on the receipt."""
    return re.search(r'查询码：<b class="big-number" data-value="(\d{6})">', html).group(1)


def form(browser: Browser, **fields: str) -> Browser:
    """Fill in the form and send it."""
    browser.get("/console/hotline/file/")
    browser.post("/console/hotline/file/", **({"text": STORY} | fields))
    return browser


def test_the_preview_shows_where_it_would_go_and_writes_nothing(county: Database, enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/file/")
    once = browser.once
    html = browser.post("/console/hotline/file/preview", once=once, text=STORY).get_data(as_text=True)
    for said in ("永吉县民政局", "最低生活保障", "口前镇", "最晚答复"):
        assert said in html
    with county.read() as session:
        assert session.scalars(select(Case)).all() == []
        assert session.scalars(select(Message)).all() == []
    browser.get("/console/hotline/file/")
    browser.post("/console/hotline/file/", once=once, text=STORY)
    assert "登记好了" in browser.text


def test_a_case_is_filed_for_a_caller_and_read_aloud(county: Database, enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/file/")
    browser.post("/console/hotline/file/", text=STORY, name="王大娘", phone="154 0012 3456", town="", item="", kind="")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.source, case.item, case.town, case.phone) == ("hotline", "最低生活保障", "口前镇", "15400123456")
        code = code_on(browser.text)
        assert case.opens_with(session, code)
        for said in (case.number, "永吉县民政局", "最晚", "星期"):
            assert said in browser.text
        actors = session.execute(select(AuditEntry.actor, AuditEntry.action).where(AuditEntry.subject.endswith(case.number))).all()
    assert [tuple(row) for row in actors] == [("zhao", "case.file"), ("zhao", "case.receipt")]


def test_a_reload_shows_the_receipt_again_and_files_nothing(county: Database, enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/file/")
    once = browser.once
    for _ in range(2):
        browser.post("/console/hotline/file/", once=once, text=STORY)
        assert "查询码" in browser.text
    with county.read() as session:
        assert len(session.scalars(select(Case)).all()) == 1


def test_the_receipt_is_for_who_filed_it_and_for_half_an_hour(county: Database, enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/file/")
    browser.post("/console/hotline/file/", text=STORY)
    path = browser.page.request.path
    county.write(lambda s: s.execute(update(Message).values(received_at=now() - timedelta(minutes=31))) and None)
    assert browser.get(path).status_code == 404


def test_what_the_agent_chose_wins_over_the_guess(county: Database, enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/file/")
    browser.post("/console/hotline/file/", text=STORY, item="高龄津贴", town="双河镇", kind="咨询", confidential="1")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.item, case.town, case.kind, case.confidential) == ("高龄津贴", "双河镇", "咨询", True)


@pytest.mark.parametrize(("fields", "said"), [({"text": "低保"}, "写下来"), ({"text": STORY, "phone": "123"}, "电话好像不对")])
def test_an_unfit_filing_is_refused_and_keeps_what_was_written(enter, fields: dict[str, str], said: str) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/file/")
    assert browser.post("/console/hotline/file/", **fields).status_code == 422
    assert said in browser.text
    assert f">{fields['text']}</textarea>" in browser.text


def test_a_filing_without_its_forms_key_is_refused_rather_than_its_code_lost(county: Database, enter) -> None:
    browser = enter("zhao")
    assert browser.post("/console/hotline/file/", once="short", text=STORY).status_code == 422
    with county.read() as session:
        assert session.scalars(select(Case)).all() == []




def test_the_receipt_is_in_groups_with_how_to_say_it(enter) -> None:
    html = form(enter("zhao")).text
    code = code_on(html)
    for said in (f"<span>{code[:3]}</span><span>{code[3:]}</span>", "念：Y J，二零二", "十二月" if "12月" in html else "月", "答复您"):
        assert said in html


def test_the_telephone_in_the_words_is_taken_where_none_was_typed(county: Database, enter) -> None:
    form(enter("zhao"), text=f"{STORY}。我电话15400123456")
    with county.read() as session:
        assert session.scalars(select(Case.phone)).one() == "15400123456"


def test_whom_the_words_accuse_never_gets_it(county: Database, enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/file/")
    text = "口前镇政府的人收了我五百块钱才给报低保，我要举报"
    shown = browser.post("/console/hotline/file/preview", text=text).get_data(as_text=True)
    assert "看不到这件事" in shown
    form(browser, text=text)
    with county.read() as session:
        assert session.scalars(select(Case)).one().department.name != "口前镇"


def test_a_kind_that_the_county_does_not_take_is_told_its_way(county: Database) -> None:
    browser = Browser(make_app(county, kinds=("咨询", "投诉")))
    browser.log_in("zhao")
    browser.get("/console/hotline/file/")
    assert browser.post("/console/hotline/file/", text=STORY, kind="信访").status_code == 422
    assert "县信访局" in browser.text
    with county.read() as session:
        assert session.scalars(select(Case)).all() == []
    form(browser, kind="投诉")
    assert "登记好了" in browser.text


def test_for_whom_it_is_filed_is_kept(county: Database, enter) -> None:
    form(enter("zhao"), for_whom="母亲")
    with county.read() as session:
        assert session.scalars(select(Case.for_whom)).one() == "母亲"


# ---------------------------------------------------------------- by SMS


@pytest.fixture
def agent(county: Database) -> Browser:
    """An agent in a county with an SMS gateway."""
    browser = Browser(make_app(county, texts=True))
    browser.log_in("zhao")
    return browser


def test_the_number_goes_out_by_sms_once_and_without_the_code(county: Database, agent: Browser) -> None:
    form(agent, phone="15400123456")
    path = agent.page.request.path
    code = code_on(agent.text)
    agent.post(f"{path}/text")
    assert "短信：正在发" in agent.text
    agent.get(path)
    assert "把编号发到他手机" not in agent.text
    agent.post(f"{path}/text", once="0" * 32)
    assert "已经交出去了" in agent.text
    with county.read() as session:
        row, case = session.scalars(select(CaseText)).one(), session.scalars(select(Case)).one()
        assert (row.status, row.phone, row.case_id) == (WAITING, "15400123456", case.id)
        assert row.content["number"] == case.number
        assert code not in str(row.content)
        assert "case.text" in session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize("phone", ["", "0432-66212345"])
def test_without_a_mobile_it_is_read_aloud_or_printed(agent: Browser, phone: str) -> None:
    form(agent, phone=phone)
    assert "把编号发到他手机" not in agent.text
    assert "打印给他" in agent.text
    agent.post(f"{agent.page.request.path}/text")
    assert "没有留手机号" in agent.text


def test_without_a_gateway_no_sms_is_offered_or_taken(county: Database, enter) -> None:
    browser = form(enter("zhao"), phone="15400123456")
    assert "把编号发到他手机" not in browser.text
    assert browser.post(f"{browser.page.request.path}/text").status_code == 409
    with county.read() as session:
        assert session.scalars(select(CaseText)).all() == []


def test_what_became_of_the_sms_stands_on_the_receipt(county: Database, agent: Browser) -> None:
    form(agent, phone="15400123456")
    path = agent.page.request.path
    agent.post(f"{path}/text")
    county.write(lambda session: session.execute(update(CaseText).values(status=SENT)) and None)
    assert "短信：已发出" in agent.get(path).get_data(as_text=True)


def test_nobody_sends_the_sms_of_anothers_receipt(county: Database, agent: Browser) -> None:
    form(agent, phone="15400123456")
    path = agent.page.request.path
    other = Browser(make_app(county, texts=True))
    other.log_in("sun")
    other.get("/console/hotline/")
    assert other.post(f"{path}/text").status_code == 403


def test_what_a_village_clerk_files_is_attributed_and_the_person_is_telephoned(county: Database) -> None:
    def hire(session) -> None:
        home = Department.named(session, "乡镇人民政府", "口前镇")
        Staff.create(session, "cun", PASSWORD, name="村会计", role="village", department=home, village="歪头")

    county.write(hire)
    browser = Browser(make_app(county))
    browser.log_in("cun")
    form(browser, phone="15400123456", for_whom="邻居")
    with county.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.source, case.for_whom) == ("village", "邻居")
        assert "替您登记了一件事" in session.scalars(select(Delivery)).one().text
