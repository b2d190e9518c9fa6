"""银行退回 at the desks: a township sees its own, the county all; a new account goes to the bank in a file."""

from __future__ import annotations

import io
from datetime import date

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.returned import settle
from models.audit import AuditEntry
from models.bank_return import ReturnedPayment, UnclaimedReturn
from models.db import Database
from models.household import Register
from models.resident import Resident
from models.staff import Department, Staff
from tests.console.conftest import Enter
from tests.console.factories import PASSWORD
from tests.factories import GUAN, SUN, live_batch, payment, resident
from tests.intake.tables import csv_bytes

NEW = "6217000000000000004"


@pytest.fixture
def returned(county: Database) -> Database:
    """关玉梅 of 万昌镇 and 孙学生 of 口前镇, whose money came back; and a clerk of each township."""

    def work(session: Session) -> None:
        guan, sun = resident(session, GUAN, phone="15400123456"), resident(session, SUN)
        sun.town, sun.village, guan.village = "口前镇", "口前村", "+西将军村"
        batch = live_batch(session)
        failed = {"stage": "发放失败", "paid_date": None, "stage_date": date(2026, 11, 1)}
        payment(session, batch, guan, **failed, fail_reason="账户已销户")
        payment(session, batch, sun, **failed, fail_reason="姓名与账号不符")
        for username, town in (("wan", "万昌镇"), ("kou", "口前镇")):
            Staff.create(session, username, PASSWORD, name="何敏", role="clerk", department=Department.named(session, town))
        Staff.create(session, "data", PASSWORD, name="吴账", role="data")

    county.write(work)
    settle(county)
    return county


def line(database: Database, person: dict[str, str]) -> ReturnedPayment:
    with database.read() as session:
        of = select(ReturnedPayment).where(ReturnedPayment.resident_id == Resident.id_of(session, person["id_number"]))
        return session.scalars(of).one()


def audited(database: Database, action: str) -> list[AuditEntry]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_a_township_sees_its_own_and_the_county_sees_all(returned: Database, enter: Enter) -> None:
    own = enter("wan").get("/console/returns/").get_data(as_text=True)
    assert "关*梅" in own
    assert "登记的还是旧卡" in own
    assert "孙*生" not in own
    everybody = enter("qian").get("/console/returns/").get_data(as_text=True)
    assert "关*梅" in everybody
    assert "孙*生" in everybody


def test_a_township_cannot_open_or_change_anothers_line(returned: Database, enter: Enter) -> None:
    browser, other = enter("wan"), line(returned, SUN)
    assert browser.get(f"/console/returns/{other.id}").status_code == 404
    browser.get("/console/returns/")
    assert browser.post(f"/console/returns/{other.id}", status="已联系").status_code == 404
    sent = browser.client.post(f"/console/returns/{other.id}/reveal", data={"csrf_token": browser.token, "reason": "看看"})
    assert sent.status_code == 404
    assert line(returned, SUN).status == "待联系"


def test_nothing_whole_is_on_the_list_and_the_phone_only_on_the_page(returned: Database, enter: Enter) -> None:
    browser, mine = enter("wan"), line(returned, GUAN)
    text = browser.get("/console/returns/").get_data(as_text=True)
    assert not [one for one in (GUAN["name"], GUAN["id_number"], GUAN["account"], "15400123456") if one in text]
    page = browser.get(f"/console/returns/{mine.id}").get_data(as_text=True)
    assert "15400123456" in page
    assert GUAN["id_number"] not in page
    assert GUAN["account"] not in page
    assert audited(returned, "returns.view")[0].resident_id == mine.resident_id


def test_whole_numbers_only_with_a_reason_that_is_logged(returned: Database, enter: Enter) -> None:
    browser, mine = enter("wan"), line(returned, GUAN)
    browser.get(f"/console/returns/{mine.id}")
    path = f"/console/returns/{mine.id}/reveal"
    assert GUAN["account"] not in browser.client.post(path, data={"csrf_token": browser.token, "reason": ""}).get_data(as_text=True)
    assert GUAN["account"] in browser.client.post(path, data={"csrf_token": browser.token, "reason": "核对账号"}).get_data(as_text=True)
    assert [entry.detail["reason"] for entry in audited(returned, "returns.reveal")] == ["核对账号"]


def test_a_new_account_is_kept_encrypted_and_sent_to_the_bank_once(returned: Database, enter: Enter) -> None:
    clerk, mine = enter("wan"), line(returned, GUAN)
    clerk.get(f"/console/returns/{mine.id}")
    assert clerk.post(f"/console/returns/{mine.id}", status="已联系", account="6217 0000 0000 0000 005").status_code == 422
    assert line(returned, GUAN).new_account is None
    assert clerk.post(f"/console/returns/{mine.id}", status="已联系", account="6217 0000 0000 0000 004", bank="=农行", note="换卡").status_code == 200
    assert (line(returned, GUAN).status, line(returned, GUAN).new_account) == ("已报新账号", NEW)
    with returned.connect() as connection:
        stored = connection.exec_driver_sql("SELECT new_account FROM returned_payments WHERE new_account IS NOT NULL").scalar()
    assert NEW.encode() not in bytes(stored)
    finance = enter("data")
    finance.get("/console/returns/")
    form = {"csrf_token": finance.token, "once": finance.once, "reason": "11月重新报送"}
    response = finance.client.post("/console/returns/export", data=form)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.data)).get_sheet_by_index(0).to_python()
    assert rows[1][1:6] == [GUAN["name"], GUAN["id_number"], NEW, "'=农行", 300.0]
    assert rows[1][10] == "'+西将军村"
    assert len(rows) == 3  # header, one person, the total
    assert line(returned, GUAN).status == "已重新报送"
    assert [entry.resident_id for entry in audited(returned, "returns.export")] == [mine.resident_id]
    again = finance.client.post("/console/returns/export", data=form)
    assert again.status_code == 302
    assert len(audited(returned, "returns.export")) == 1


def test_nothing_is_exported_without_a_reason_or_by_a_township(returned: Database, enter: Enter) -> None:
    clerk = enter("wan")
    clerk.get("/console/returns/")
    assert clerk.post("/console/returns/export", reason="重新报送").status_code == 403
    finance = enter("data")
    finance.get("/console/returns/")
    assert "为什么导出" in finance.post("/console/returns/export", reason="").get_data(as_text=True)
    assert audited(returned, "returns.export") == []


def test_a_banks_file_is_handed_in_at_the_desk_and_an_odd_line_claimed(returned: Database, enter: Enter) -> None:
    def more(session: Session) -> None:
        guan = session.get_one(Resident, Resident.id_of(session, GUAN["id_number"]))
        for quarter in (1, 2):
            payment(session, live_batch(session), guan, period=f"2026年第{quarter}季度", amount_fen=29900)

    returned.write(more)
    finance = enter("data")
    finance.get("/console/registers/")
    lines = [["账号", "户名", "金额", "结果", "原因"], [GUAN["account"], GUAN["name"], "299", "失败", "账户状态异常"]]
    upload = {"file": (io.BytesIO(csv_bytes(lines)), "回盘.csv"), "kind": "returns", "csrf_token": finance.token, "once": finance.once}
    response = finance.client.post("/console/registers/", data=upload, content_type="multipart/form-data")
    assert "待认领" in response.get_data(as_text=True)
    with returned.read() as session:
        unclaimed = session.scalars(select(UnclaimedReturn)).one()
        assert session.scalars(select(Register.imported_by)).one() == "data"
    page = finance.get(f"/console/registers/unclaimed/{unclaimed.id}").get_data(as_text=True)
    assert "金额一样" in page
    assert finance.post(f"/console/registers/unclaimed/{unclaimed.id}/claim", payment="999").status_code == 422
    chosen = page.split('name="payment" value="')[1].split('"')[0]
    finance.get(f"/console/registers/unclaimed/{unclaimed.id}")
    assert finance.post(f"/console/registers/unclaimed/{unclaimed.id}/claim", payment=chosen).status_code == 200
    with returned.read() as session:
        assert session.get_one(UnclaimedReturn, unclaimed.id).status == "已认领"
        assert len(session.scalars(select(ReturnedPayment).where(ReturnedPayment.town == "万昌镇")).all()) == 2


def test_a_file_that_cannot_be_read_says_so_and_leaves_nothing(returned: Database, enter: Enter) -> None:
    finance = enter("data")
    finance.get("/console/registers/")
    upload = {"file": (io.BytesIO(b"%PDF-1.4 nothing"), "x.pdf"), "kind": "deaths", "csrf_token": finance.token, "once": finance.once}
    response = finance.client.post("/console/registers/", data=upload, content_type="multipart/form-data")
    assert response.status_code == 422
    assert "不是表格文件" in response.get_data(as_text=True)
    with returned.read() as session:
        assert session.scalars(select(Register.id)).all() == []
