"""Answering at the desk: the form, the draft, the check for other people's data, and a head's look before it goes out."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from models.audit import AuditEntry
from models.case_answer import CaseAnswer
from models.db import Database
from models.delivery import Delivery
from models.staff import Department, Staff
from tests.console.factories import PASSWORD, Browser, case_of, file_case, hire, make_app, reply

ID_NUMBER = "22022119340412936X"


@pytest.fixture
def strict(database: Database) -> Flask:
    """A county whose heads see petitions' answers and all of 民政局, with a head of 民政局."""
    hire(database)

    def work(session) -> None:
        for username, role, home in (("fang", "head", "民政局"), ("deng", "head", "农业农村局"), ("liu", "clerk", "民政局")):
            Staff.create(session, username, PASSWORD, name=f"方{username}", role=role, department=Department.named(session, home))

    database.write(work)
    return make_app(database, approval=frozenset({"信访", "民政局"}))


def enter_as(app: Flask, username: str) -> Browser:
    browser = Browser(app)
    assert browser.log_in(username).status_code == 200
    return browser


def sent(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Delivery.text).order_by(Delivery.id)))


# ---------------------------------------------------------------- the form


def test_the_answer_is_composed_in_plain_words(county: Database, enter) -> None:
    number = file_case(county)
    enter("lin").post(
        f"/console/cases/{number}/answer",
        **reply("银行退回了，已经重新打款。", result="查实", basis="《吉林省最低生活保障办法》第12条", no_basis="", next_step="钱到了会告诉您"),
    )
    text = sent(county)[-1]
    for said in ("情况属实。", "重新打款。", "依据：《吉林省最低生活保障办法》第12条。", "下一步：钱到了会告诉您。", "打12333"):
        assert said in text
    with county.read() as session:
        kept = session.scalars(select(CaseAnswer)).one()
        assert (kept.state, kept.result) == ("sent", "查实")


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"result": ""}, "请选一个结果"), ({"result": "公开"}, "请选一个结果"), ({"no_basis": ""}, "请写上依据"), ({"next_step": " "}, "请写上下一步")],
)
def test_what_is_missing_is_asked_for_and_nothing_is_lost(county: Database, enter, changed, said: str) -> None:
    number = file_case(county)
    browser = enter("lin")
    assert browser.post(f"/console/cases/{number}/answer", **reply("银行退回了。", **changed)).status_code == 422
    assert said in browser.text
    assert "银行退回了。</textarea>" in browser.text
    assert sent(county) == []


def test_the_form_has_a_page_of_its_own(county: Database, enter) -> None:
    number = file_case(county)
    assert enter("lin").get(f"/console/cases/{number}/answer").status_code == 200
    assert enter("qian").get(f"/console/cases/{number}/answer").status_code == 403


def test_the_preview_sends_nothing(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    browser.post(f"/console/cases/{number}/answer", **reply("银行退回了。", act="preview"))
    assert "群众看到的是这样" in browser.text
    assert "您的事已经办好了。" in browser.text
    assert sent(county) == []


def test_another_department_neither_writes_nor_reads_a_draft(county: Database, enter) -> None:
    number = file_case(county)
    enter("lin").post(f"/console/cases/{number}/answer/draft", **reply("还在查银行的事"))
    for act in ("answer", "answer/draft"):
        assert enter("wang").post(f"/console/cases/{number}/{act}", **reply("我来答")).status_code == 404
    assert enter("wang").get(f"/console/cases/{number}/answer").status_code == 404
    supervisor = enter("qian")
    assert supervisor.post(f"/console/cases/{number}/answer", **reply("我来答")).status_code == 403
    assert "还在查银行的事" not in supervisor.get(f"/console/cases/{number}").get_data(as_text=True)


# ---------------------------------------------------------------- the draft


def test_a_draft_outlives_the_log_in(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    page = browser.post(f"/console/cases/{number}/answer/draft", **reply("写到一半的答复", result="", next_step=""))
    assert "存好了" in page.get_data(as_text=True)
    browser.post("/console/logout")
    assert "写到一半的答复</textarea>" in enter("lin").get(f"/console/cases/{number}").get_data(as_text=True)


def test_a_draft_does_not_use_up_the_forms_key(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    text = browser.get(f"/console/cases/{number}").get_data(as_text=True)
    assert re.search(r'hx-params="not once"', text)
    once = browser.once
    browser.client.post(f"/console/cases/{number}/answer/draft", data={"csrf_token": browser.token, **reply("草稿")})
    browser.post(f"/console/cases/{number}/answer", once=once, **reply("银行退回了。"))
    assert len(sent(county)) == 1


def test_each_clerk_has_a_draft_of_the_own(county: Database, enter, app: Flask) -> None:
    county.write(
        lambda s: Staff.create(s, "liu", PASSWORD, name="刘洋", role="clerk", department=Department.named(s, "民政局"))
    )
    number = file_case(county)
    enter("lin").post(f"/console/cases/{number}/answer/draft", **reply("林的草稿"))
    assert "林的草稿" not in enter("liu").get(f"/console/cases/{number}").get_data(as_text=True)


# ---------------------------------------------------------------- other people's data


def test_a_whole_identity_number_goes_nowhere_and_is_not_even_kept(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    for field in ("text", "basis", "next_step"):
        fields = reply("已补发", no_basis="") | {"basis": "文件"} | {field: f"身份证{ID_NUMBER}"}
        assert browser.post(f"/console/cases/{number}/answer", **fields).status_code == 422
        assert "完整的身份证号" in browser.text
    browser.post(f"/console/cases/{number}/answer/draft", **reply(f"身份证{ID_NUMBER}"))
    with county.read() as session:
        kept = session.scalars(select(CaseAnswer)).one()
        assert ID_NUMBER not in kept.said + kept.basis + kept.next_step
    assert sent(county) == []


@pytest.mark.parametrize(
    "text", ["邻居张桂花领的是另一项", "问过王强了", "请打13912345678", "打到6299990102491369086了", "就是张德福多占的地"]
)
def test_another_persons_data_is_shown_and_must_be_confirmed(county: Database, enter, text: str) -> None:
    number = file_case(county, text="我家低保停了三个月，村会计张德福说没我的份")
    browser = enter("lin")
    assert browser.post(f"/console/cases/{number}/answer", **reply(text)).status_code == 422
    assert "像是别人的信息" in browser.text
    assert sent(county) == []
    seal = re.search(r'name="confirmed" value="([0-9a-f]{32})"', browser.text).group(1)
    # With another find the confirmation is asked for again.
    assert browser.post(f"/console/cases/{number}/answer", **reply(f"{text}，也问了赵晓", confirmed=seal)).status_code == 422
    browser.post(f"/console/cases/{number}/answer", **reply(text, confirmed=seal))
    assert "答复已交出" in browser.text
    with county.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "answer.strangers")).one()
        assert entry.detail["count"] >= 1
        assert "张德福" not in str(entry.detail)


def test_the_residents_own_name_and_telephone_need_no_confirmation(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    browser.post(f"/console/cases/{number}/answer", **reply("关玉梅您好，按您留的15400123456打过电话了。"))
    assert "答复已交出" in browser.text


# ---------------------------------------------------------------- a head's approval


def test_where_set_a_head_looks_before_it_goes_out(strict: Flask, database: Database) -> None:
    number = file_case(database)
    clerk = enter_as(strict, "lin")
    assert "报负责人看" in clerk.get(f"/console/cases/{number}").get_data(as_text=True)
    clerk.post(f"/console/cases/{number}/answer", **reply("银行退回了，已经重新打款。"))
    assert "已报负责人看" in clerk.text
    assert sent(database) == []
    head = enter_as(strict, "fang")
    text = head.get("/console/approvals/").get_data(as_text=True)
    assert number in text
    assert "已经重新打款" in text
    head.post("/console/approvals/answers/1/approve")
    assert "同意了" in head.text
    assert "已经重新打款" in sent(database)[-1]
    with database.read() as session:
        answer = session.scalars(select(CaseAnswer)).one()
        assert (answer.state, answer.approver.username, answer.staff.username) == ("sent", "fang", "lin")
        assert case_of(session, number).status == "answered"
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("%answer%"))).all()
        assert actions == ["answer.ask", "case.answer", "answer.approve"]


def test_a_head_sends_it_back_to_be_reworded(strict: Flask, database: Database) -> None:
    number = file_case(database)
    clerk = enter_as(strict, "lin")
    clerk.post(f"/console/cases/{number}/answer", **reply("不归我们管。"))
    head = enter_as(strict, "fang")
    assert head.post("/console/approvals/answers/1/return", why=" ").status_code in (409, 422)
    head.post("/console/approvals/answers/1/return", why="说清楚该找谁，语气和气些")
    text = clerk.get(f"/console/cases/{number}").get_data(as_text=True)
    assert "语气和气些" in text
    assert "不归我们管。</textarea>" in text
    assert sent(database) == []
    clerk.post(f"/console/cases/{number}/answer", **reply("这件事由乡里办，已经替您转过去了。"))
    head.post("/console/approvals/answers/1/approve")
    assert "替您转过去了" in sent(database)[-1]


def test_neither_the_author_nor_anothers_head_approves(strict: Flask, database: Database) -> None:
    number = file_case(database)
    head = enter_as(strict, "fang")
    head.get(f"/console/cases/{number}")
    head.post(f"/console/cases/{number}/answer", **reply("银行退回了。"))
    assert head.post("/console/approvals/answers/1/approve").status_code == 403
    other = enter_as(strict, "deng")
    assert number not in other.get("/console/approvals/").get_data(as_text=True)
    assert other.post("/console/approvals/answers/1/approve").status_code == 404
    assert enter_as(strict, "lin").post("/console/approvals/answers/1/approve").status_code == 403
    assert sent(database) == []
    enter_as(strict, "qian").post("/console/approvals/answers/1/approve")
    assert len(sent(database)) == 1


def test_while_it_waits_nothing_is_changed_and_no_second_one_is_handed_in(strict: Flask, database: Database) -> None:
    number = file_case(database)
    clerk, other = enter_as(strict, "lin"), enter_as(strict, "liu")
    clerk.post(f"/console/cases/{number}/answer", **reply("银行退回了。"))
    assert clerk.post(f"/console/cases/{number}/answer", **reply("换个说法。")).status_code == 422
    assert other.post(f"/console/cases/{number}/answer", **reply("我也来答。")).status_code == 422
    assert "已经有一份答复" in other.text


def test_other_departments_and_kinds_answer_at_once(strict: Flask, database: Database) -> None:
    number = file_case(database, text="地补少给了三亩的钱", item="耕地地力保护补贴")
    enter_as(strict, "wang").post(f"/console/cases/{number}/answer", **reply("量过了，补给您。"))
    assert len(sent(database)) == 1


def test_a_withdrawn_case_is_not_answered_by_an_approval(strict: Flask, database: Database) -> None:
    number = file_case(database)
    enter_as(strict, "lin").post(f"/console/cases/{number}/answer", **reply("银行退回了。"))
    database.write(lambda s: case_of(s, number).withdraw(s))
    assert enter_as(strict, "fang").post("/console/approvals/answers/1/approve").status_code in (404, 409)
    assert sent(database) == []
