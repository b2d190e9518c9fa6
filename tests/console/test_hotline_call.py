"""A telephone call: taken, noted, ended; who was on the line; and what one may see of it afterwards."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.audit import AuditEntry
from models.base import now
from models.call import HotlineCall, case_of_call
from models.case import Case
from models.db import Database
from models.staff import Department, Staff
from models.work_order import WorkOrder
from tests.console.factories import PASSWORD, Browser, case_of, file_case

DESK, CALLS, FILE = "/console/hotline/", "/console/hotline/calls/", "/console/hotline/file/"
STORY = "王大娘说口前镇低保停了三个月，去乡里问了两回没说法"


def take(enter, username: str = "zhao") -> Browser:
    """An agent with a caller on the line."""
    browser = enter(username)
    browser.get(DESK)
    browser.post(f"{CALLS}begin")
    return browser


def end(browser: Browser, outcome: str = "answered", **fields: str) -> Browser:
    """Say how it ended."""
    browser.get(DESK)
    browser.post(f"{CALLS}end", outcome=outcome, **fields)
    return browser


def calls(county: Database) -> list[HotlineCall]:
    """Every call, oldest first."""
    with county.read() as session:
        found = list(session.scalars(select(HotlineCall).order_by(HotlineCall.id)))
        for call in found:
            assert call.words is not None
            _ = call.cases
        return found


def test_a_call_is_taken_noted_and_ended(county: Database, enter) -> None:
    browser = take(enter)
    assert "正在通话" in browser.text
    end(browser, words="问低保怎么停了，电话15400123456", outside_number="")
    assert "这个电话记好了" in browser.text
    (call,) = calls(county)
    assert (call.outcome, call.open_for, call.words) == ("answered", None, "问低保怎么停了，电话〔电话〕")
    assert call.begun_at <= call.ended_at
    with county.read() as session:
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"call:{call.id}").order_by(AuditEntry.id)).all()
    assert acts == ["phone.begin", "phone.end"]


def test_an_agent_has_one_call_at_a_time(county: Database, enter) -> None:
    browser = take(enter)
    browser.post(f"{CALLS}begin", once="a" * 32)
    assert len(calls(county)) == 1


def test_what_is_written_is_kept_while_the_agent_goes_on(county: Database, enter) -> None:
    browser = take(enter)
    said = browser.client.post(f"{CALLS}note", data={"csrf_token": browser.token, "words": "问地补", "outside_source": "12345"})
    assert "存好了" in said.get_data(as_text=True)
    assert "问地补</textarea>" in browser.get(DESK).get_data(as_text=True)


@pytest.mark.parametrize("outcome", ["", "nonsense", "filed"])
def test_a_call_needs_its_outcome_and_filed_needs_a_case(county: Database, enter, outcome: str) -> None:
    browser = end(take(enter), outcome, words="问地补")
    assert "正在通话" in browser.text
    (call,) = calls(county)
    assert (call.outcome, call.words) == (None, "问地补")


def test_a_case_filed_in_a_call_belongs_to_it(county: Database, enter) -> None:
    browser = take(enter)
    browser.get(FILE)
    browser.post(FILE, text=STORY)
    assert "回到这个电话" in browser.text
    end(browser, "filed")
    (call,) = calls(county)
    with county.read() as session:
        assert [case.number for case in call.cases] == [session.scalars(select(Case.number)).one()]


def test_the_item_that_was_looked_at_is_filled_in_where_the_words_name_none(county: Database, enter) -> None:
    browser = take(enter)
    browser.post("/console/hotline/opened", item="高龄津贴", aspect="没收到")
    browser.get(FILE)
    browser.post(FILE, text="他说钱一直没给，催了好几回了")
    with county.read() as session:
        assert session.scalars(select(Case.item)).one() == "高龄津贴"


def test_what_was_opened_stands_with_the_call_the_last_at_the_end(county: Database, enter) -> None:
    browser = take(enter)
    for aspect in ("概览", "没收到", "概览"):
        assert browser.client.post(
            "/console/hotline/opened", data={"csrf_token": browser.token, "item": "高龄津贴", "aspect": aspect}
        ).status_code == 200  # fmt: skip
    assert calls(county)[0].looked_at == [["高龄津贴", "没收到"], ["高龄津贴", "概览"]]


# ---------------------------------------------------------------- numbers of other lines


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("２０２６１１２４００１２", "202611240012"), ("jl 2026 0012", "JL20260012"), ("gd—20261124—7", "GD202611247")],
)
def test_a_number_of_another_line_is_kept_as_it_is_written_there(county: Database, enter, typed: str, kept: str) -> None:
    end(take(enter), words="问低保", outside_source="12345", outside_number=typed)
    assert (calls(county)[0].outside_source, calls(county)[0].outside_number) == ("12345", kept)


@pytest.mark.parametrize("typed", ["12", "没有", "x" * 40, "ABCDEFGH", "22022119340412936X"])
def test_what_cannot_be_such_a_number_is_refused_and_the_words_stay(county: Database, enter, typed: str) -> None:
    browser = end(take(enter), words="问低保", outside_source="12345", outside_number=typed)
    assert "单号" in browser.text
    assert "正在通话" in browser.text
    (call,) = calls(county)
    assert (call.words, call.outside_number) == ("问低保", None)


def test_nothing_is_handled_twice(county: Database, enter) -> None:
    first = take(enter)
    first.get(FILE)
    first.post(FILE, text=STORY)
    end(first, "filed", outside_source="12345", outside_number="202611240012")
    county.write(lambda s: Staff.create(s, "zhou", PASSWORD, name="周密", role="hotline") and None)
    second = take(enter, "zhou")
    for typed in ("202611240012", "2026-1124 0012"):
        said = second.post(f"{CALLS}note", once="", words="", outside_source="12345", outside_number=typed).get_data(as_text=True)
        assert re.search(r"已经有人接过了：.*赵晓，已登记成办件YJ\d{8}-0001", said)
    other_line = second.post(f"{CALLS}note", once="", words="", outside_source="12333", outside_number="202611240012")
    assert "存好了" in other_line.get_data(as_text=True)


def test_a_work_order_that_was_taken_in_from_a_file_is_not_filed_again(county: Database, enter) -> None:
    number = file_case(county)

    def take_in(session) -> None:
        case = case_of(session, number)
        WorkOrder.take_in(session, "GD-7788-99", content={}, case_id=case.id, file_name="工单.xlsx", imported_by="test")

    county.write(take_in)
    browser = end(take(enter), words="问工单", outside_source="12345", outside_number="gd778899")
    assert f"办件编号{number}" in browser.text
    assert calls(county)[0].outside_number is None


def test_the_case_of_a_call_is_known_to_whoever_takes_in_work_orders(county: Database, enter) -> None:
    browser = take(enter)
    browser.get(FILE)
    browser.post(FILE, text=STORY)
    end(browser, "filed", outside_source="12345", outside_number="GD-7788-99")
    with county.read() as session:
        assert case_of_call(session, "12345", "gd-778899") == session.scalars(select(Case)).one()
        assert case_of_call(session, "12333", "gd-778899") is None


def test_a_call_is_found_by_the_number_of_another_line_or_of_its_case(county: Database, enter) -> None:
    browser = take(enter)
    browser.get(FILE)
    browser.post(FILE, text=STORY)
    number = re.search(r"YJ\d{8}-\d{4}", browser.text).group(0)
    end(browser, "filed", outside_source="12345", outside_number="GD-7788-99")
    for typed in ("gd 7788 99", number, number.lower()):
        assert "GD778899" in browser.get(f"{CALLS}?number={typed}").get_data(as_text=True)
    assert "没有这个单号的电话" in browser.get(f"{CALLS}?number=GD-778890").get_data(as_text=True)


# ---------------------------------------------------------------- afterwards


def test_an_agent_sees_the_own_calls_of_the_day_with_their_outcome(county: Database, enter) -> None:
    browser = end(take(enter), "elsewhere", words="问落户的事")
    county.write(lambda s: Staff.create(s, "zhou", PASSWORD, name="周密", role="hotline") and None)
    listed = browser.get(CALLS).get_data(as_text=True)
    for said in ("问落户的事", "不归这里管", "共1个"):
        assert said in listed
    other = enter("zhou")
    assert "问落户的事" not in other.get(CALLS).get_data(as_text=True)
    assert other.get(f"{CALLS}{calls(county)[0].id}").status_code == 404
    county.write(lambda s: s.execute(update(HotlineCall).values(begun_at=now() - timedelta(days=2))) and None)
    assert "这一天还没有电话" in browser.get(CALLS).get_data(as_text=True)
    day = (now() + timedelta(hours=8) - timedelta(days=2)).date()
    assert "问落户的事" in browser.get(f"{CALLS}?day={day}").get_data(as_text=True)


def test_the_supervisor_sees_all_calls_and_by_agent(county: Database, enter) -> None:
    end(take(enter), words="问落户的事")
    county.write(lambda s: Staff.create(s, "zhou", PASSWORD, name="周密", role="hotline") and None)
    end(take(enter, "zhou"), words="问看病的事")
    qian = enter("qian")
    listed = qian.get(CALLS).get_data(as_text=True)
    assert "问落户的事" in listed
    assert "周密" in listed
    of_one = qian.get(f"{CALLS}?agent=zhou").get_data(as_text=True)
    assert "问看病的事" in of_one
    assert "问落户的事" not in of_one
    assert qian.get(f"{CALLS}{calls(county)[0].id}").status_code == 200
    with county.read() as session:
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.actor == "qian", AuditEntry.action.startswith("phone."))).all()
    assert acts == ["phone.list", "phone.list", "phone.view"]


def test_clerks_see_no_calls(enter) -> None:
    browser = enter("lin")
    for path in (CALLS, f"{CALLS}1"):
        assert browser.get(path).status_code == 403
    browser.get(DESK)
    assert "接电话" not in browser.text
    assert browser.post(f"{CALLS}begin").status_code == 403


def test_who_is_complained_about_does_not_read_it_in_the_list_of_calls(county: Database, enter) -> None:
    browser = take(enter)
    browser.get(FILE)
    browser.post(FILE, text="县财政局的人拿了我的补贴款不给，我要举报他们")
    end(browser, "filed", words="财政局拿了他的钱")
    with county.read() as session:
        home = Department.named(session, "财政局")
        assert home is not None
        assert session.scalars(select(Staff).where(Staff.username == "qian")).one().department_id == home.id
    qian = enter("qian")
    assert "拿了他的钱" not in qian.get(CALLS).get_data(as_text=True)
    assert qian.get(f"{CALLS}1").status_code == 404


def test_what_was_told_in_confidence_is_shown_to_nobody_afterwards(county: Database, enter) -> None:
    browser = take(enter)
    browser.get(FILE)
    browser.post(FILE, text=STORY, confidential="1")
    end(browser, "filed", words="王大娘悄悄说的")
    (call,) = calls(county)
    assert (call.resident_id, call.proved_at) == (None, None)
    for who in (browser, enter("qian")):
        for path in (CALLS, f"{CALLS}{call.id}"):
            shown = who.get(path).get_data(as_text=True)
            assert "悄悄" not in shown
            assert "保密" in shown
