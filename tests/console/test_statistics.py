"""The supervisor's overview and statistics as pages and as a file; nothing of what complains about the reader's own office."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from models.audit import AuditEntry
from models.base import now
from models.case import Case
from models.db import Database
from models.similar import HotTopic
from models.staff import Staff
from models.visit import Visit
from tests.console.factories import STORY, case_of, file_case

ACCUSING = "财政局的人态度恶劣，还吃拿卡要，我要投诉他们"


def late(database: Database, number: str) -> None:
    def work(session) -> None:
        case_of(session, number).due_at = now() - timedelta(days=3)

    database.write(work)


def test_the_page_says_every_figure_and_what_it_counts(county: Database, enter) -> None:
    for _ in range(2):
        file_case(county)
    text = enter("qian").get("/console/statistics/").get_data(as_text=True)
    for said in ("民政局", "响应率", "按期率", "解决率", "满意率", "中位天数", "不到10件的写成", "撤回的、举报件不算", "（回避）"):
        assert said in text, said


@pytest.mark.parametrize("by", ["department", "town", "item", "kind", "month", "nonsense"])
def test_every_grouping_opens(county: Database, enter, by: str) -> None:
    file_case(county)
    page = enter("qian").get(f"/console/statistics/?by={by}")
    assert page.status_code == 200


def test_an_empty_period_and_a_wrong_one_are_said(county: Database, enter) -> None:
    file_case(county)
    browser = enter("qian")
    assert "这段时间没有办件" in browser.get("/console/statistics/?since=2020-01-01&until=2020-12-31").get_data(as_text=True)
    assert "开始那天在结束那天后面了" in browser.get("/console/statistics/?since=2026-05-01&until=2026-04-01").get_data(as_text=True)
    assert "最多统计三年" in browser.get("/console/statistics/?since=2000-01-01&until=2026-04-01").get_data(as_text=True)
    assert browser.get("/console/statistics/?since=nonsense").status_code == 200


def test_a_figure_leads_to_its_cases_and_the_list_is_kept_in_the_log(county: Database, enter) -> None:
    number, other = file_case(county), file_case(county, item="耕地地力保护补贴", text="地补少给了三亩的钱")
    late(county, number)
    with county.read() as session:
        home = case_of(session, number).department_id
    text = enter("qian").get(f"/console/statistics/cases?by=department&key={home}&count=overdue").get_data(as_text=True)
    assert number in text
    assert other not in text
    assert STORY not in text
    with county.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == "list:statistics")).one()
        assert entry.detail["numbers"] == [number]


@pytest.mark.parametrize(("query", "status"), [("by=department&key=x", 404), ("by=month&key=2026-99", 404), ("by=town&key=-", 200),
                                               ("by=town&key=%27%20OR%201=1", 200), ("by=department&count=nonsense", 200)])  # fmt: skip
def test_nonsense_in_the_address_shows_nothing(county: Database, enter, query: str, status: int) -> None:
    assert enter("qian").get(f"/console/statistics/cases?{query}").status_code == status


def test_what_accuses_the_readers_office_is_in_no_figure_list_or_file(county: Database, enter) -> None:
    file_case(county)
    number = file_case(county, text=ACCUSING, item=None, confidential=True)
    late(county, number)
    with county.read() as session:
        qian, case = Staff.by_username(session, "qian"), case_of(session, number)
        assert qian.department.name == "财政局"
        assert case.department_id != qian.department_id
    browser = enter("qian")
    assert "收件<br><small>在办1，超期0" in browser.get("/console/statistics/").get_data(as_text=True)
    for path in ("statistics/cases", "overview/", "statistics/cases?count=overdue"):
        assert number not in browser.get(f"/console/{path}").get_data(as_text=True)
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(browser.client.get("/console/statistics/file.xlsx").get_data()))
    assert workbook.get_sheet_by_name("统计").to_python()[-1][:2] == ["合计", 1.0]


def test_the_file_holds_the_same_and_nothing_that_runs(county: Database, enter) -> None:
    file_case(county)

    def rename(session) -> None:
        session.scalars(select(Case)).one().department.name = "=cmd|calc"

    county.write(rename)
    browser = enter("qian")
    page = browser.client.get("/console/statistics/file.xlsx?by=department")
    assert page.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(page.get_data()))
    rows = workbook.get_sheet_by_name("统计").to_python()
    assert rows[2][:3] == ["部门", "收件", "在办"]
    assert rows[3][0] == "'=cmd|calc"
    assert rows[3][6:10] == ["—", "—", "—", "—"]
    said = workbook.get_sheet_by_name("怎么算的").to_python()
    assert [row[0] for row in said[:4]] == ["响应率", "按期率", "解决率", "满意率"]
    with county.read() as session:
        assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "statistics.export")).all() == ["statistics.export"]


# ---------------------------------------------------------------- the overview


def test_the_overview_of_a_quiet_county_says_so(county: Database, enter) -> None:
    text = enter("qian").get("/console/overview/").get_data(as_text=True)
    for said in ("没有超期的，很好", "没有等着分派的", "近30天没有", "没有新的热点", "没有待核实的线索"):
        assert said in text, said


def test_what_is_late_and_who_is_not_content_stand_on_the_overview(county: Database, enter) -> None:
    number = file_case(county)
    late(county, number)

    def unhappy(session) -> None:
        case = case_of(session, number)
        event = case.happened(session, "answered", Staff.by_username(session, "lin"), "答复", public=True)
        session.flush()
        session.add(Visit(case_id=case.id, event_id=event.id, resolved=False, answered_at=now(), reason="打电话15400123456没人理"))

    county.write(unhappy)
    text = enter("qian").get("/console/overview/").get_data(as_text=True)
    assert "<b>1</b>超期没答复" in text
    assert "<b>1</b>没办好、不满意" in text
    assert "没办好</span>" in text
    assert "15400123456" not in text


def test_who_looked_at_a_sealed_person_is_told_with_the_reason(county: Database, enter) -> None:
    number = file_case(county, text="民政局的林芳办低保要红包，请替我保密", item=None, confidential=True)
    supervisor = enter("qian")
    supervisor.get(f"/console/cases/{number}")
    supervisor.client.post(f"/console/cases/{number}/reveal", data={"csrf_token": supervisor.token, "reason": "向本人核实"})
    text = supervisor.get("/console/overview/").get_data(as_text=True)
    assert "<b>1</b>看过保密人" in text
    assert "原因：向本人核实" in text


def test_a_new_hot_topic_stands_on_the_overview_until_it_was_seen(county: Database, enter) -> None:
    for _ in range(10):
        file_case(county)
    moment = now()
    county.write(lambda session: session.add(HotTopic(item="最低生活保障", town="口前镇", since=moment - timedelta(days=7), cases=10,
                                                      noticed_at=moment, changed_at=moment)))  # fmt: skip
    text = enter("qian").get("/console/overview/").get_data(as_text=True)
    assert "最低生活保障 · 口前镇" in text
    county.write(lambda session: setattr(session.scalars(select(HotTopic)).one(), "seen_at", moment))
    assert "没有新的热点" in enter("qian").get("/console/overview/").get_data(as_text=True)


def test_the_overview_is_for_the_supervisor_alone(county: Database, enter) -> None:
    for username in ("lin", "zhao", "sun", "hua", "an"):
        assert enter(username).get("/console/overview/").status_code == 403
