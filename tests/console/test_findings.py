"""核查线索 at the supervisor's desk: filtered, looked into, cleared with a reason; and the inspector's file."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.checks import check
from intake.deaths import import_deaths
from intake.registers import Source
from models.audit import AuditEntry
from models.db import Database
from models.finding import Finding
from models.resident import Resident
from tests.console.conftest import Enter
from tests.console.factories import Browser
from tests.factories import GUAN, SUN, live_batch, payment, resident
from tests.intake.tables import csv_bytes

TODAY = date(2026, 11, 24)


@pytest.fixture
def found(county: Database, tmp_path: Path) -> Database:
    """关玉梅 is paid after her death; her neighbour uses her account. Her village begins with a formula."""

    def work(session: Session) -> None:
        guan, sun = resident(session, GUAN), resident(session, SUN)
        guan.village = "=1+1"
        batch = live_batch(session)
        batch.file_name = "=cmd.csv"
        payment(session, batch, guan)
        payment(session, batch, sun, item="临时救助", period="2026年第1批", account=GUAN["account"], stage="待发放", paid_date=None)

    county.write(work)
    file = tmp_path / "死亡.csv"
    file.write_bytes(csv_bytes([["姓名", "身份证号", "死亡日期"], [GUAN["name"], GUAN["id_number"], "2026-05-01"]]))
    import_deaths(county, Source(file, file.name, {}, TODAY, "test"))
    check(county, today=TODAY)
    return county


def one_of(database: Database, kind: str) -> Finding:
    with database.read() as session:
        return session.scalars(select(Finding).where(Finding.kind == kind)).one()


def audited(database: Database, action: str) -> list[AuditEntry]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_the_list_shows_what_was_found_masked_the_gravest_first(found: Database, enter: Enter) -> None:
    browser = enter("qian")
    text = browser.get("/console/findings/").get_data(as_text=True)
    assert text.index("去世后还在发</a>") < text.index("一个账号几个人用</a>")
    assert "关*梅" in text
    assert GUAN["name"] not in text
    assert GUAN["account"] not in text


@pytest.mark.parametrize(
    ("asked", "shown", "hidden"),
    [
        ("kind=after_death", "去世后还在发</a>", "一个账号几个人用</a>"),
        ("kind=shared_account", "一个账号几个人用</a>", "去世后还在发</a>"),
        ("item=高龄津贴", "去世后还在发</a>", "一个账号几个人用</a>"),
        ("severity=2", "一个账号几个人用</a>", "去世后还在发</a>"),
        ("town=口前镇", "没有符合条件的线索", "去世后还在发</a>"),
        ("state=cleared", "没有符合条件的线索", "去世后还在发</a>"),
    ],
)
def test_the_list_can_be_filtered(found: Database, enter: Enter, asked: str, shown: str, hidden: str) -> None:
    text = enter("qian").get(f"/console/findings/?{asked}").get_data(as_text=True)
    assert shown in text
    assert hidden not in text


def test_the_evidence_is_shown_masked_and_the_person_can_see_who_looked(found: Database, enter: Enter) -> None:
    finding = one_of(found, "after_death")
    text = enter("qian").get(f"/console/findings/{finding.id}").get_data(as_text=True)
    assert "2026-05-01" in text
    assert "300元" in text
    assert GUAN["name"] not in text
    entry = audited(found, "finding.view")[0]
    with found.read() as session:
        assert entry.resident_id == Resident.id_of(session, GUAN["id_number"])


def test_clearing_needs_a_verdict_and_words(found: Database, enter: Enter) -> None:
    browser, finding = enter("qian"), one_of(found, "after_death")
    page = f"/console/findings/{finding.id}"
    browser.get(page)
    assert browser.post(f"{page}/clear", verdict="正常", reason="").status_code == 422
    assert browser.post(f"{page}/clear", verdict="别的", reason="核实过了").status_code == 422
    assert one_of(found, "after_death").status == "open"
    assert browser.post(f"{page}/clear", verdict="已追回", reason="已追回300元").status_code == 200
    cleared = one_of(found, "after_death")
    assert (cleared.status, cleared.verdict, cleared.cleared_by) == ("cleared", "已追回", "qian")
    assert audited(found, "finding.clear")[0].detail["verdict"] == "已追回"
    browser.get(page)
    assert browser.post(f"{page}/clear", verdict="正常", reason="再来一次").status_code == 422


def test_whole_numbers_only_with_a_reason_that_is_logged(found: Database, enter: Enter) -> None:
    browser, finding = enter("qian"), one_of(found, "after_death")
    browser.get(f"/console/findings/{finding.id}")
    path = f"/console/findings/{finding.id}/reveal"
    refused = browser.client.post(path, data={"csrf_token": browser.token, "reason": ""})
    assert GUAN["id_number"] not in refused.get_data(as_text=True)
    assert audited(found, "finding.reveal") == []
    shown = browser.client.post(path, data={"csrf_token": browser.token, "reason": "发函核实"})
    assert GUAN["id_number"] in shown.get_data(as_text=True)
    assert audited(found, "finding.reveal")[0].detail["reason"] == "发函核实"


def exported(browser: Browser) -> dict[str, list[list[str]]]:
    browser.get("/console/findings/inspection")
    response = browser.client.post("/console/findings/inspection", data={"csrf_token": browser.token, "reason": "专项检查", "since": "2026-01-01"})
    assert response.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(response.data))
    texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    assert all(person[what] not in text for text in texts.values() for person in (GUAN, SUN) for what in ("name", "id_number", "account"))
    return {name: list(csv.reader(io.StringIO(text))) for name, text in texts.items() if name.endswith(".csv")}


def test_an_inspector_gets_everything_masked_and_neutralised(found: Database, enter: Enter) -> None:
    browser = enter("qian")
    browser.get(f"/console/findings/{one_of(found, 'after_death').id}")
    tables = exported(browser)
    assert tables["1发放文件.csv"][1][1:3] == ["'=cmd.csv", "0" * 64]
    assert len(tables["2户籍死亡回盘文件.csv"][1][3]) == 64
    assert tables["6去世后发放.csv"][1][3:5] == ["'=1+1", "高龄津贴"]
    assert [row[1] for row in tables["7核查线索.csv"][1:]] == ["去世后还在发", "一个账号几个人用"]
    assert tables["8谁看过谁.csv"][1][1:4] == ["qian", "财政局", "看一条线索"]
    cells = [cell for rows in tables.values() for row in rows for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    entry = audited(found, "inspection.export")[0]
    assert entry.detail["reason"] == "专项检查"


def test_nothing_is_exported_without_a_reason(found: Database, enter: Enter) -> None:
    browser = enter("qian")
    browser.get("/console/findings/inspection")
    assert browser.post("/console/findings/inspection", reason="").status_code == 422
    assert audited(found, "inspection.export") == []
