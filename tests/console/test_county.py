"""县里的设置: another department for an item counts for what comes from then on; clocks and accounts are shown."""

from __future__ import annotations

from sqlalchemy import select

from knowledge.catalogue.items import ITEMS
from models.audit import AuditEntry
from models.db import Database
from models.item_owner import ItemOwner
from models.staff import Department
from tests.console.factories import Browser as Window
from tests.console.factories import case_of, file_case, make_app

ITEM = "最低生活保障"


def owner(database: Database, number: str) -> str:
    with database.read() as session:
        return case_of(session, number).department.name


def test_an_item_goes_to_another_department_and_back(county: Database, enter) -> None:
    assert owner(county, file_case(county)) == ITEMS[ITEM].department == "民政局"
    with county.read() as session:
        other = Department.named(session, "残疾人联合会").id
    admin = enter("sun")
    admin.get(f"/console/county/items/{ITEM}")
    admin.post(f"/console/county/items/{ITEM}", department=other)
    assert "新来的事归残疾人联合会" in admin.text
    assert "县里改过，目录上是民政局" in admin.text
    assert owner(county, file_case(county)) == "残疾人联合会"
    assert owner(county, file_case(county, item="高龄津贴", text="高龄津贴咋还没发")) == "民政局"
    admin.get(f"/console/county/items/{ITEM}")
    admin.post(f"/console/county/items/{ITEM}", department="")
    assert owner(county, file_case(county)) == "民政局"
    with county.read() as session:
        assert ItemOwner.changed(session) == {}
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "item.owner").order_by(AuditEntry.id)).all()
        assert [(one.actor, one.subject, one.detail["to"]) for one in entries] == [
            ("sun", f"item:{ITEM}", "残疾人联合会"), ("sun", f"item:{ITEM}", "民政局"),
        ]  # fmt: skip


def test_a_department_that_takes_no_more_cases_owns_nothing(county: Database, enter) -> None:
    def give(session) -> int:
        other = Department.named(session, "残疾人联合会")
        session.add(ItemOwner(item=ITEM, department_id=other.id, changed_by_id=1))
        other.active = False
        return other.id

    other = county.write(give)
    assert owner(county, file_case(county)) == "民政局"
    admin = enter("sun")
    admin.get(f"/console/county/items/{ITEM}")
    assert admin.post(f"/console/county/items/{ITEM}", department=other).status_code == 409


def test_an_unknown_item_is_not_there(enter) -> None:
    admin = enter("sun")
    assert admin.get("/console/county/items/没有这项").status_code == 404


def test_clocks_and_accounts_are_shown_as_they_are_in_force(county: Database) -> None:
    browser = Window(make_app(county, totp=frozenset({"auditor"}), idle_days=45))
    browser.log_in("sun")
    text = browser.get("/console/county/").get_data(as_text=True)
    for said in ("3个工作日答复", "5个工作日答复", "审计人员登录必须有手机验证码", "45天没登录", "常用答复"):
        assert said in text, said
    assert all(item in text for item in ITEMS)
