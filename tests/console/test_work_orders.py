"""12345's work orders at the desk: brought, decided where they may be the same as a case, and answered back as a file."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import delete, select

from models.audit import AuditEntry
from models.base import now
from models.case import Case
from models.case_bar import CaseBar
from models.db import Database
from models.staff import Staff
from models.work_order import WorkOrder
from tests.console.factories import Browser, case_of, file_case
from tests.intake.test_work_orders import ALIKE, DIBAO, LAND, file_of, order
from tests.intake.test_work_orders_of_calls import NUMBER, call

ANSWER = "=经核实，停发的三个月已经补发到社保卡。"


@pytest.fixture
def bring(tmp_path):
    """Sends a file through the form of the desk."""

    def send(browser: Browser, *rows: list[str], dry_run: bool = False) -> Browser:
        browser.get("/console/work-orders/")
        content = file_of(tmp_path, *rows).read_bytes()
        form = {"csrf_token": browser.token, "once": browser.once, "file": (io.BytesIO(content), "工单.csv")}
        if dry_run:
            form["dry_run"] = "1"
        browser._seen(browser.client.post("/console/work-orders/", data=form, content_type="multipart/form-data"))
        return browser

    return send


def orders(database: Database) -> list[WorkOrder]:
    with database.read() as session:
        return list(session.scalars(select(WorkOrder).order_by(WorkOrder.id)))


def answered(database: Database, number: str, text: str = ANSWER) -> None:
    def work(session) -> None:
        case = case_of(session, number)
        case.answer(session, Staff.by_username(session, "lin"), text)

    database.write(work)


def test_a_file_is_looked_at_first_and_then_taken(county: Database, enter, bring) -> None:
    browser = bring(enter("hua"), order(), order("", LAND), dry_run=True)
    assert "先看看，什么都没有存" in browser.text
    assert "JL20261120001 → 民政局" in browser.text
    assert "第 3 行：没有工单编号。" in browser.text
    assert orders(county) == []
    bring(browser, order(), order("JL2", LAND, 联系电话="15400987654"))
    assert "立了 <b>2</b> 件" in browser.text
    assert [one.imported_by for one in orders(county)] == ["hua", "hua"]
    bring(browser, order())
    assert "早就有的 1 张" in browser.text


def test_without_a_file_and_with_junk_the_page_says_what_to_do(county: Database, enter, bring) -> None:
    browser = enter("hua")
    browser.get("/console/work-orders/")
    assert browser.post("/console/work-orders/").status_code == 422
    assert "请选12345给的工单文件" in browser.text
    bring(browser, ["甲"])
    assert browser.page.status_code == 200


def test_a_form_sent_twice_is_taken_once(county: Database, enter, tmp_path) -> None:
    browser = enter("hua")
    browser.get("/console/work-orders/")
    token, once, content = browser.token, browser.once, file_of(tmp_path, order()).read_bytes()
    for status in (200, 422):
        form = {"csrf_token": token, "once": once, "file": (io.BytesIO(content), "工单.csv")}
        assert browser.client.post("/console/work-orders/", data=form, content_type="multipart/form-data").status_code == status
    assert len(orders(county)) == 1


def test_what_the_hotline_has_filed_is_told_by_row_and_not_filed_again(county: Database, enter, bring) -> None:
    county.write(lambda session: session.execute(delete(Staff).where(Staff.username == "zhao")) and None)
    number = call(county)
    browser = bring(enter("hua"), order(NUMBER), dry_run=True)
    assert f"第 2 行：{NUMBER} 就是 {number}" in browser.text
    bring(browser, order(NUMBER))
    assert "热线已经登记过的 1 张" in browser.text
    assert "立了 <b>0</b> 件" in browser.text
    assert orders(county)[0].case_id is not None


def asked(database: Database, browser: Browser, bring) -> tuple[str, int]:
    """A case of chat, and an order that may be the same."""
    number = file_case(database, text=DIBAO)
    bring(browser, order(text=ALIKE))
    return number, orders(database)[0].id


def test_what_may_be_the_same_is_decided_by_a_person_and_answered_once(county: Database, enter, bring) -> None:
    browser = enter("hua")
    number, order_id = asked(county, browser, bring)
    assert "是不是同一件？（1张）" in browser.get("/console/work-orders/").get_data(as_text=True)
    assert number in browser.text
    browser.post(f"/console/work-orders/{order_id}/same")
    assert "并到已有的办件" in browser.text
    with county.read() as session:
        assert session.scalars(select(Case.number)).all() == [number]
        assert [event.what for event in case_of(session, number).events][-1] == "work_order"
    assert browser.post(f"/console/work-orders/{order_id}/same").status_code == 200
    assert "已经有人定了" in browser.text


def test_another_matter_becomes_a_case_of_its_own(county: Database, enter, bring) -> None:
    browser = enter("hua")
    _, order_id = asked(county, browser, bring)
    browser.post(f"/console/work-orders/{order_id}/another")
    assert "单独立了件" in browser.text
    with county.read() as session:
        assert len(session.scalars(select(Case)).all()) == 2
    assert orders(county)[0].case_id is not None


def rows_of(page) -> list[list[str]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(page.get_data())).get_sheet_by_name("办理结果").to_python()


def hand_back(browser: Browser, **more: str):
    browser.get("/console/work-orders/")
    return browser.client.post("/console/work-orders/answers", data={"csrf_token": browser.token, "once": browser.once} | more)


def test_answers_go_back_once_with_the_outside_number_and_cannot_be_run(county: Database, enter, bring) -> None:
    browser = bring(enter("hua"), order(), order("JL2", LAND, 联系电话="15400987654"))
    assert hand_back(browser).status_code == 422
    with county.read() as session:
        number = session.get(Case, orders(county)[0].case_id).number
    answered(county, number)
    page = hand_back(browser)
    rows = rows_of(page)
    assert len(rows) == 2
    assert rows[1][:5] == ["JL20261120001", number, "永吉县民政局", "已答复", "'" + ANSWER]
    assert "关玉梅" not in str(rows)
    assert hand_back(browser).status_code == 422
    assert [one.handed_back_by for one in orders(county)] == ["hua", None]
    again = rows_of(hand_back(browser, again_since="2026-01-01"))
    assert [row[0] for row in again[1:]] == ["JL20261120001"]
    with county.read() as session:
        assert session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "order.hand_back")).all() == ["hua", "hua"]


def test_a_second_answer_goes_back_again(county: Database, enter, bring) -> None:
    browser = bring(enter("hua"), order())
    with county.read() as session:
        number = session.get(Case, orders(county)[0].case_id).number
    answered(county, number)
    assert hand_back(browser).status_code == 200

    def again(session) -> None:
        case = case_of(session, number)
        case.answer(session, Staff.by_username(session, "lin"), "补充答复：下月起按时发。")
        case.answered_at = now()

    county.write(again)
    assert rows_of(hand_back(browser))[1][4] == "补充答复：下月起按时发。"


@pytest.mark.parametrize("typed", ["2026-13-01", "昨天"])
def test_a_mistyped_day_is_said(county: Database, enter, typed: str) -> None:
    browser = enter("hua")
    assert hand_back(browser, again_since=typed).status_code == 422


def test_an_order_about_the_readers_own_office_is_not_shown_to_them(county: Database, enter, bring) -> None:
    browser = bring(enter("hua"), order())
    case_id = orders(county)[0].case_id

    def bar(session) -> None:
        session.add(CaseBar(case_id=case_id, department_id=Staff.by_username(session, "qian").department_id))

    assert "JL20261120001" in enter("qian").get("/console/work-orders/").get_data(as_text=True)
    county.write(bar)
    supervisor = enter("qian")
    assert "JL20261120001" not in supervisor.get("/console/work-orders/").get_data(as_text=True)
    assert "JL20261120001" in browser.get("/console/work-orders/").get_data(as_text=True)
    with county.read() as session:
        number = session.get(Case, case_id).number
    answered(county, number)
    assert hand_back(supervisor).status_code == 422
    assert hand_back(browser).status_code == 200


def test_the_desk_is_for_data_and_coordination_alone(county: Database, enter) -> None:
    assert [enter(name).get("/console/work-orders/").status_code for name in ("hua", "qian", "lin", "zhao", "sun", "an")] == [
        200, 200, 403, 403, 403, 403,
    ]  # fmt: skip
