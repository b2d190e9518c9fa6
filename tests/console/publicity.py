"""What the tests of 公示 share: somebody who is not signed in, what a page says, and lists hung at the desk."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models.audit import AuditEntry
from models.db import Database
from models.staff import Department, Staff
from tests.console import rules
from tests.console.factories import PASSWORD, Browser
from tests.publications import LAND, pay, today

CHILDREN = "孤儿和事实无人抚养儿童基本生活费"


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    page = client.get(path)
    assert page.status_code == status, (path, page.status_code)
    html = page.get_data(as_text=True)
    rules.check(html)
    return html


def words_of(html: str) -> str:
    """What a reader reads: without tags, blanks closed up."""
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", html)))


def township_clerk(county: Database, town: str = "万昌镇") -> None:
    def work(session: Session) -> None:
        Staff.create(session, "town", PASSWORD, name="何敏", role="clerk", department=Department.named(session, town))

    county.write(work)


def audited(county: Database, action: str) -> list[AuditEntry]:
    with county.read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def issue_path(batch: int, item: str = LAND) -> str:
    return f"/console/publicity/new?batch={batch}&item={item}&year=2026&period=2026年第1批"


def hang_at_desk(browser: Browser, batch: int, *places: str, item: str = LAND, days: int = 7) -> TestResponse:
    browser.get(issue_path(batch, item))
    return browser.post(
        "/console/publicity/new", batch=batch, item=item, year=2026, period="2026年第1批", place=list(places),
        starts_on=today().isoformat(), ends_on=(today() + timedelta(days=days)).isoformat(),
    )  # fmt: skip


def paid(county: Database, **more: object) -> int:
    return county.write(lambda session: pay(session, **more).id)
