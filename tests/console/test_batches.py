"""Payment files at the desk: handed in, looked at, confirmed, reported on, withdrawn."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from intake.uploads import work_on_next
from models.audit import AuditEntry
from models.db import Database
from models.payment import LIVE, WITHDRAWN, Batch, Payment
from models.upload import GIVEN_UP, PIECE, Upload
from tests.console.factories import Browser
from tests.intake.tables import COLUMNS, GUAN, SUN, csv_bytes, row, table

Enter = Callable[[str], Browser]
CONTENT = csv_bytes(table(row(), row(SUN), row(SUN, 批次="2026年第2批", 金额="没有")))


def hand_in(browser: Browser, content: bytes = CONTENT, name: str = "发放.csv") -> str:
    """As the page's script does it; gives the page of the file."""
    browser.get("/console/uploads/")
    headers = {"X-CSRFToken": str(browser.token), "HX-Request": "true"}
    begun = browser.client.post("/console/uploads/", data={"name": name, "size": len(content)}, headers=headers)
    assert begun.status_code == 200, begun.get_data(as_text=True)
    where = begun.get_json()
    for number in range(-(-len(content) // PIECE)):
        piece = content[number * PIECE : (number + 1) * PIECE]
        assert browser.client.post(f"{where['pieces']}{number}", data=piece, headers=headers).status_code == 204
    return str(browser.client.post(where["done"], headers=headers).get_json()["to"])


def checked(database: Database, browser: Browser, content: bytes = CONTENT, name: str = "发放.csv") -> str:
    """Handed in, worked on, and the page opened."""
    page = hand_in(browser, content, name)
    assert work_on_next(database, "w")
    browser.get(page)
    return page


def hidden(browser: Browser, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', browser.text)
    assert found, name
    return found[1]


def confirmed(database: Database, browser: Browser, page: str) -> None:
    browser.post(f"{page}/confirm", seen=hidden(browser, "seen"))
    assert work_on_next(database, "w")
    browser.get(page)


def actions(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry.action).where(AuditEntry.action.regexp_match("^(upload|payments)"))))


@pytest.fixture
def desk(county: Database, enter: Enter) -> Browser:
    return enter("hua")


def test_an_empty_desk_says_what_to_do(desk: Browser) -> None:
    assert "还没有导入过" in desk.get("/console/batches/").get_data(as_text=True)
    assert "导入一个文件" in desk.text


def test_a_file_goes_from_the_desk_to_the_residents(county: Database, desk: Browser) -> None:
    page = hand_in(desk)
    assert "排队等检查" in desk.get(page).get_data(as_text=True)
    work_on_next(county, "w")
    assert desk.get(f"{page}/progress").headers["HX-Refresh"] == "true"
    text = desk.get(page).get_data(as_text=True)
    for said in ("2 行", "2,162.36元", "退回", "金额看不懂", "确认入库 2 行", "放弃"):
        assert said in text
    for secret in (GUAN["身份证号"], GUAN["社保卡账号"], GUAN["姓名"], GUAN["手机号"]):
        assert secret not in text
    confirmed(county, desk, page)
    assert "入库了：新增 2 笔" in desk.text
    with county.read() as session:
        assert session.scalars(select(Batch.imported_by)).all() == ["hua"]
        assert len(session.scalars(select(Payment)).all()) == 2
    text = desk.get("/console/batches/").get_data(as_text=True)
    for said in ("发放.csv", "在用", "耕地地力保护补贴（2026年）", "2笔", "hua"):
        assert said in text
    assert {"upload.begin", "upload.view", "upload.confirm", "payments.import"} <= set(actions(county))


def test_the_report_is_a_workbook_and_its_download_is_on_record(county: Database, desk: Browser) -> None:
    page = checked(county, desk)
    response = desk.client.get(f"{page}/report.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.get_data()))
    assert book.get_sheet_by_name("退回的行").to_python()[1][0] == "4"
    assert "attachment" in response.headers["Content-Disposition"]
    assert actions(county)[-1] == "upload.report"


def test_what_is_missing_is_asked_and_a_column_can_be_called_otherwise(county: Database, desk: Browser) -> None:
    columns = [name for name in COLUMNS if name not in ("状态", "状态日期", "发放日期")]
    page = checked(county, desk, csv_bytes(table(row(), columns=columns)))
    assert "请您说明" in desk.text
    assert "确认入库" not in desk.text
    upload = _upload(county, page)
    said: dict[str, Any] = {"状态": "待发放", "状态日期": "2026-06-24"}
    fields = {}
    for at, question in enumerate(upload["questions"]):
        fields[f"q{at}"] = said.get(question["key"].partition("@")[0], question["guess"])
    bank = next(one for one in upload["sheets"][0]["columns"] if one["header"] == "代发银行")
    fields[f"c0-{bank['column']}"] = "备注"
    desk.post(f"{page}/answers", seen=hidden(desk, "seen"), **fields)
    assert work_on_next(county, "w")
    desk.get(page)
    if "状态日期" not in upload["asked"]:
        assert _upload(county, page)["refused"] in (0, 1)
    assert _upload(county, page)["answers"]["列:代发银行"] == "备注"
    assert "您已经说明的" in desk.text


def _upload(database: Database, page: str) -> dict[str, Any]:
    with database.read() as session:
        upload = session.get_one(Upload, int(page.rpartition("/")[2]))
        found = upload.findings or {}
        return found | {"answers": upload.answers or {}, "asked": {one["key"] for one in found["questions"]}}


def test_a_page_that_somebody_else_has_changed_is_not_confirmed(county: Database, desk: Browser) -> None:
    page = checked(county, desk)
    assert desk.post(f"{page}/confirm", seen="2026-01-01T00:00:00+00:00").status_code == 409
    assert "别人可能刚改过" in desk.text


def test_two_clerks_work_at_the_same_time(county: Database, enter: Enter) -> None:
    one, other = enter("hua"), enter("hua")
    first, second = hand_in(one), hand_in(other, csv_bytes(table(row(批次="2026年第2批"))), "另一个.csv")
    for _ in range(2):
        work_on_next(county, "w")
    one.get(first)
    other.get(second)
    confirmed(county, other, second)
    confirmed(county, one, first)
    with county.read() as session:
        assert session.scalars(select(Batch.file_name).order_by(Batch.id)).all() == ["另一个.csv", "发放.csv"]


def test_what_is_given_up_is_not_imported(county: Database, desk: Browser) -> None:
    page = checked(county, desk)
    desk.post(f"{page}/give-up")
    assert "不导入了" in desk.text
    with county.read() as session:
        assert session.scalars(select(Upload.status)).one() == GIVEN_UP
        assert not session.scalars(select(Batch)).all()


def test_a_file_that_cannot_be_read_says_why(county: Database, desk: Browser) -> None:
    checked(county, desk, b"PK\x03\x04broken", "坏.xlsx")
    assert "没有收下，什么都没有入库" in desk.text
    assert "重新导出" in desk.text


@pytest.mark.parametrize(("size", "said"), [(0, "空的"), (300 << 20, "超过200兆"), ("x", "空的")])
def test_a_size_that_cannot_be_is_refused(desk: Browser, size: object, said: str) -> None:
    desk.get("/console/uploads/")
    headers = {"X-CSRFToken": str(desk.token), "HX-Request": "true"}
    response = desk.client.post("/console/uploads/", data={"name": "a.csv", "size": size}, headers=headers)
    assert response.status_code == 409
    assert said in response.get_data(as_text=True)


def test_a_piece_larger_than_agreed_is_not_read(desk: Browser) -> None:
    desk.get("/console/uploads/")
    headers = {"X-CSRFToken": str(desk.token), "HX-Request": "true"}
    begun = desk.client.post("/console/uploads/", data={"name": "a.csv", "size": 5 << 20}, headers=headers).get_json()
    assert desk.client.post(f"{begun['pieces']}0", data=bytes(PIECE + 5000), headers=headers).status_code == 413


def imported(database: Database, desk: Browser, *rows: dict[str, str], name: str = "发放.csv") -> int:
    page = checked(database, desk, csv_bytes(table(*rows)), name)
    confirmed(database, desk, page)
    with database.read() as session:
        return session.scalars(select(Batch.id).order_by(Batch.id.desc()).limit(1)).one()


def test_a_file_is_withdrawn_with_a_reason(county: Database, desk: Browser) -> None:
    batch_id = imported(county, desk, row())
    assert desk.get(f"/console/batches/{batch_id}").status_code == 200
    assert desk.post(f"/console/batches/{batch_id}/withdraw", reason="").status_code == 422
    assert "请写上为什么" in desk.text
    desk.post(f"/console/batches/{batch_id}/withdraw", reason="账号串行了")
    assert "已撤下" in desk.text
    assert "账号串行了" in desk.text
    with county.read() as session:
        assert session.get_one(Batch, batch_id).status == WITHDRAWN
    assert actions(county)[-1] == "payments.withdraw"


def test_corrected_and_vanished_rows_are_shown_before_and_decided_after(county: Database, desk: Browser) -> None:
    imported(county, desk, row(), row(SUN))
    page = checked(county, desk, csv_bytes(table(row(数量="10", 金额="824.70"))), "更正.csv")
    for said in ("金额：1,081.18元 → 824.70元", "孙*生", "原来有、这次文件里没有的"):
        assert said in desk.text
    confirmed(county, desk, page)
    batch_id = _upload_batch(county, page)
    desk.get(f"/console/batches/{batch_id}")
    assert "还有 1 笔没处理" in desk.text
    assert desk.post(f"/console/batches/{batch_id}/drop", reason="去世", which="chosen").status_code == 422
    desk.get(f"/console/batches/{batch_id}")
    desk.post(f"/console/batches/{batch_id}/drop", reason="去世", which="all")
    assert "撤回了1笔" in desk.text
    assert "1笔都处理过了" in desk.text
    with county.read() as session:
        assert session.scalars(select(Batch.follows).where(Batch.status == LIVE)).all() == [None, None, batch_id]


def test_vanished_rows_can_all_be_kept(county: Database, desk: Browser) -> None:
    imported(county, desk, row(), row(SUN))
    batch_id = imported(county, desk, row(数量="10", 金额="824.70"))
    desk.get(f"/console/batches/{batch_id}")
    desk.post(f"/console/batches/{batch_id}/keep")
    assert "1笔都留着" in desk.text
    assert actions(county)[-1] == "payments.keep"


def _upload_batch(database: Database, page: str) -> int:
    with database.read() as session:
        return session.get_one(Upload, int(page.rpartition("/")[2])).batch_id or 0
