"""The hotline's desk: found while typing, filed while speaking, told by telephone."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from console.typeahead import Typeahead
from models.article import Gap
from models.audit import AuditEntry
from models.base import now
from models.case import Case
from models.db import Database
from models.delivery import Delivery
from models.follower import Message
from tests.console.factories import articles, case_of, file_case

STORY = "王大娘说口前镇低保停了三个月，去乡里问了两回没说法"


def found(browser, typed: str) -> list[str]:
    """Items and aspects on the screen, in their order."""
    html = browser.post("/console/hotline/search", q=typed).get_data(as_text=True)
    return [" ".join(pair) for pair in re.findall(r'<b>([^<]*)</b><span class="sign">([^<]*)</span>', html)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("低保", "最低生活保障 概览"),
        ("低保没到账", "最低生活保障 没收到"),
        ("dibao", "最低生活保障 概览"),
        ("dibaosq", "最低生活保障 怎么申请"),
        ("gljt", "高龄津贴 概览"),
        ("苞米补贴一亩地多少钱", "玉米生产者补贴 领多少"),
    ],
)
def test_words_pinyin_and_initials_find_the_section(enter, typed: str, first: str) -> None:
    browser = enter("zhao")
    item, aspect = first.split()
    assert re.fullmatch(rf"{item}(（.*）)? {aspect}", found(browser, typed)[0])


def test_initials_of_two_names_show_both(enter) -> None:
    items = " ".join(found(enter("zhao"), "dbmdz"))
    assert "最低生活保障" in items
    assert "没收到" in items


def test_a_finding_has_the_sentence_the_source_and_the_day(enter) -> None:
    html = enter("zhao").post("/console/hotline/search", q="低保领多少").get_data(as_text=True)
    for said in ('class="aloud"', "出处：", "核对", "问谁："):
        assert said in html


def test_nothing_typed_and_nothing_found_say_what_to_do(enter) -> None:
    browser = enter("zhao")
    assert "接着输入" in browser.post("/console/hotline/search", q=" ").get_data(as_text=True)
    assert "没找到" in browser.post("/console/hotline/search", q="明天天气咋样").get_data(as_text=True)


def test_what_was_not_found_becomes_a_gap_without_numbers(county: Database, enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/")
    browser.post("/console/hotline/gap", q="我电话15400123456问过养蜂补贴")
    assert "记下了" in browser.text
    with county.read() as session:
        gap = session.scalars(select(Gap)).one()
    assert (gap.question, gap.source) == ("我电话〔电话〕问过养蜂补贴", "hotline")


def test_the_search_never_stands_in_an_address(app, enter) -> None:
    methods = {m for rule in app.url_map.iter_rules() if rule.endpoint == "hotline.search" for m in rule.methods}
    assert "GET" not in methods


def test_typing_is_answered_at_once() -> None:
    index = Typeahead(articles())
    index.search("低保")
    begin = time.perf_counter()
    for typed in ("d", "di", "dib", "dibao", "低保", "低保没", "canjiren", "苞米"):
        index.search(typed)
    assert (time.perf_counter() - begin) / 8 < 0.02


def test_a_typing_error_in_pinyin_still_finds() -> None:
    assert Typeahead(articles()).search("gaolingjintei")[0].item == "高龄津贴"


# ---------------------------------------------------------------- filing


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
        code = re.search(r"查询码：<b[^>]*>(\d{6})</b>", browser.text).group(1)
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


# ---------------------------------------------------------------- the call list


def answered(county: Database, enter, **said: object) -> str:
    """A case of somebody without WeChat, answered."""
    number = file_case(county, openid=None, **said)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/answer", text="已经补发到卡上。")
    return number


def test_an_answer_for_somebody_without_wechat_stands_in_the_call_list_at_once(county: Database, enter) -> None:
    number = answered(county, enter)
    text = enter("zhao").get("/console/calls/").get_data(as_text=True)
    assert number in text
    assert "154****3456" in text
    assert "15400123456" not in text


def test_nobody_is_telephoned_for_a_step_on_the_way(county: Database, enter) -> None:
    number = file_case(county, openid=None)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/accept")
    assert "没有要打的电话" in enter("zhao").get("/console/calls/").get_data(as_text=True)


def test_a_call_is_made_noted_and_gone(county: Database, enter) -> None:
    number = answered(county, enter)
    with county.read() as session:
        delivery = session.scalars(select(Delivery.id)).one()
    browser = enter("zhao")
    browser.get(f"/console/calls/{delivery}")
    assert "15400123456" in browser.text
    assert "已经补发到卡上" in browser.text
    browser.post(f"/console/calls/{delivery}/missed")
    assert "打过1次没通" in browser.text
    browser.get(f"/console/calls/{delivery}")
    browser.post(f"/console/calls/{delivery}/told")
    assert "没有要打的电话" in browser.text
    assert browser.get(f"/console/calls/{delivery}").status_code == 404
    with county.read() as session:
        assert [event.what for event in case_of(session, number).events][-2:] == ["rang", "called"]
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("call.")).order_by(AuditEntry.id)).all()
    assert acts == ["call.open", "call.missed", "call.list", "call.open", "call.done"]


def test_a_confidential_call_warns_before_it_is_made(county: Database, enter) -> None:
    answered(county, enter, confidential=True)
    with county.read() as session:
        delivery = session.scalars(select(Delivery.id)).one()
    assert "先确认接电话的是本人" in enter("zhao").get(f"/console/calls/{delivery}").get_data(as_text=True)
