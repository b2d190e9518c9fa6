"""告知书 at the desk: numbered without a gap, printed, taken as a document, never changed, and nobody else's to read."""

from __future__ import annotations

import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from xml.etree import ElementTree

import pytest
from docx import Document
from flask import Flask
from sqlalchemy import select

from knowledge.notices import Kind
from knowledge.wording import beijing
from models.audit import AuditEntry
from models.base import now
from models.db import Database
from models.notice import CaseNotice, facts_of
from models.staff import Staff
from tests.console.factories import Browser, case_of, file_case, reply

YEAR = beijing(now()).year


def issue(browser: Browser, number: str, kind: str, said: str = "低保停发三个月", **more: object):
    browser.get(f"/console/cases/{number}")
    return browser.post(f"/console/cases/{number}/notices", kind=kind, said=said, **more)


@pytest.fixture
def petition(county: Database, enter) -> tuple[Browser, str]:
    """A petition that was accepted, and the clerk at the desk."""
    number = file_case(county, kind="信访")
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/accept")
    return browser, number


def test_the_acceptance_is_issued_printed_and_taken_as_a_document(county: Database, petition) -> None:
    browser, number = petition
    issue(browser, number, "accept")
    for said in ("信访事项受理告知书", f"民政局告〔{YEAR}〕1号", "关玉梅：", "低保停发三个月", "永吉县民政局（盖章）", "《信访工作条例》第22条"):
        assert said in browser.text
    document = browser.client.get(f"/console/cases/{number}/notices/1/docx")
    assert document.mimetype.endswith("wordprocessingml.document")
    text = "\n".join(paragraph.text for paragraph in Document(BytesIO(document.get_data())).paragraphs)
    for said in ("信访事项受理告知书", f"民政局告〔{YEAR}〕1号", "关玉梅：", "低保停发三个月", "永吉县民政局（盖章）"):
        assert said in text
    with county.read() as session:
        views = session.scalars(select(AuditEntry).where(AuditEntry.action.in_(("notice.view", "notice.save")))).all()
        assert len(views) == 2
        assert all("号" in view.detail["reason"] for view in views)


def test_a_document_opens_whatever_was_typed_into_it(county: Database, petition) -> None:
    browser, number = petition
    issue(browser, number, "accept", "低保\x00停发\x0b三\u202e个月<w:p>&amp;]]>\ufffe")
    content = browser.client.get(f"/console/cases/{number}/notices/1/docx").get_data()
    with zipfile.ZipFile(BytesIO(content)) as opened:
        for name in opened.namelist():
            if name.endswith(".xml"):
                ElementTree.fromstring(opened.read(name))
    assert "低保停发三个月<w:p>&amp;]]>" in "\n".join(p.text for p in Document(BytesIO(content)).paragraphs)


def test_numbers_count_by_department_without_a_gap(county: Database, petition, enter) -> None:
    browser, number = petition
    assert issue(browser, number, "accept").status_code == 200
    assert issue(browser, number, "extend").status_code == 422  # nothing was extended: no number is spent
    assert issue(browser, number, "accept", " ").status_code == 422
    issue(browser, number, "slip", slip_for="举报")
    other = file_case(county, text="地补少给了三亩的钱", item="耕地地力保护补贴", kind="信访")
    issue(enter("wang"), other, "refuse", "这件事正在法院打官司，请等法院的结果")
    with county.read() as session:
        rows = session.scalars(select(CaseNotice).order_by(CaseNotice.id)).all()
        assert [row.number for row in rows] == [f"民政局告〔{YEAR}〕1号", f"民政局告〔{YEAR}〕2号", f"农业农村局告〔{YEAR}〕1号"]


def test_notices_issued_at_once_get_different_numbers(county: Database) -> None:
    numbers = [file_case(county, kind="信访") for _ in range(6)]

    def one(number: str) -> int:
        def work(session) -> int:
            case, staff = case_of(session, number), Staff.by_username(session, "lin")
            return CaseNotice.issue(session, case, staff, Kind.REFUSE, "请找法院", facts_of(session, case)).serial

        return county.write(work)

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(one, numbers)) == [1, 2, 3, 4, 5, 6]


def test_the_answer_is_printed_as_it_was_given_and_tells_of_review(county: Database, petition) -> None:
    browser, number = petition
    assert "还没有答复" in issue(browser, number, "answer").get_data(as_text=True)
    browser.post(f"/console/cases/{number}/answer", **reply("银行退回了，已经重新打款。"))
    issue(browser, number, "answer", "")
    for said in ("重新打款", "复查", "复核", "30日内"):
        assert said in browser.text
    assert browser.text.count("《信访工作条例》第35条") == 0  # the articles stand together at the end
    assert "第34条、第35条、第36条" in browser.text


def test_an_extension_has_its_notice(county: Database, petition, enter) -> None:
    browser, number = petition
    browser.post(f"/console/cases/{number}/clock/extension", days=20, reason="要到外地核实")
    enter("qian").post("/console/approvals/extensions/1/grant")
    issue(browser, number, "extend", "")
    for said in ("信访事项延期告知书", "要到外地核实", "延长20日", "负责人批准"):
        assert said in browser.text


def test_the_preview_shows_it_and_spends_no_number(county: Database, petition) -> None:
    browser, number = petition
    browser.get(f"/console/cases/{number}/notices/new?kind=accept")
    browser.post(f"/console/cases/{number}/notices/preview", kind="accept", said="低保停发三个月")
    assert "会印成这样" in browser.text
    assert "受理事项：低保停发三个月" in browser.text
    with county.read() as session:
        assert session.scalars(select(CaseNotice)).all() == []


def test_a_wrong_notice_keeps_its_number_and_says_so(county: Database, petition) -> None:
    browser, number = petition
    issue(browser, number, "accept")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/notices/1/void", why="日期写错了")
    assert "作废了" in browser.text
    assert "已作废" in browser.get(f"/console/cases/{number}/notices/1").get_data(as_text=True)
    text = Document(BytesIO(browser.client.get(f"/console/cases/{number}/notices/1/docx").get_data())).paragraphs[0].text
    assert "作废" in text
    issue(browser, number, "accept")
    assert f"〔{YEAR}〕2号" in browser.text


def test_whoever_is_to_stay_unknown_is_not_named(county: Database, enter) -> None:
    number = file_case(county, kind="信访", confidential=True)
    browser = enter("lin")
    issue(browser, number, "refuse", "请找法院")
    assert "身份保密" in browser.text
    assert "关玉梅" not in browser.text


def test_a_whole_identity_number_does_not_get_onto_paper(county: Database, petition) -> None:
    browser, number = petition
    assert issue(browser, number, "accept", "身份证22022119340412936X的低保").status_code == 422
    with county.read() as session:
        assert session.scalars(select(CaseNotice)).all() == []


def test_nobody_else_opens_it(county: Database, petition, enter) -> None:
    browser, number = petition
    issue(browser, number, "accept")
    for path in ("", "/docx"):
        assert enter("wang").get(f"/console/cases/{number}/notices/1{path}").status_code == 404
        assert enter("qian").get(f"/console/cases/{number}/notices/1{path}").status_code == 403
    other = file_case(county)
    assert browser.get(f"/console/cases/{other}/notices/1").status_code == 404
    assert "关玉梅" not in enter("qian").get(f"/console/cases/{number}").get_data(as_text=True)
    assert enter("qian").post(f"/console/cases/{number}/notices", kind="accept", said="低保").status_code == 403


def test_a_complaint_is_offered_the_slip_alone(county: Database, enter, app: Flask) -> None:
    number = file_case(county, kind="投诉")
    text = enter("lin").get(f"/console/cases/{number}").get_data(as_text=True)
    offered = re.search(r'<select class="form-select" id="notice-kind".*?</select>', text, re.DOTALL).group()
    assert re.findall(r'value="(\w+)"', offered) == ["slip"]
    assert enter("lin").get(f"/console/cases/{number}/notices/new?kind=nonsense").status_code == 409
