"""Nobody at a desk sees a whole ID number, account, telephone or name but where a reason was given and is kept."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from knowledge.wording import beijing
from models.attachment import Attachment
from models.audit import AuditEntry
from models.bank_return import ReturnedPayment
from models.base import now
from models.db import Database
from models.delivery import CALLING, Delivery
from models.follower import Follower, Message
from models.resident import Binding
from models.staff import Department, Staff
from tests.console.factories import CAST, PASSWORD, Browser, case_of, file_case, make_app
from tests.console.test_doors import address, rules
from tests.factories import GUAN, live_batch, payment, resident

TODAY = beijing(now()).date()
PHONE = "15400123456"
WHOLE = {
    "身份证号": GUAN["id_number"][:17], "姓名": GUAN["name"], "账号": GUAN["account"], "电话": PHONE,
    "另一个电话": "15400987654", "15位身份证号": GUAN["id_number"][:6] + GUAN["id_number"][8:17],
}  # fmt: skip
STORY = (
    f"我叫{GUAN['name']}，身份证{GUAN['id_number']}，老号{WHOLE['15位身份证号']}，卡号{GUAN['account']}，"
    f"电话{PHONE}或154 0098 7654，低保停了三个月"
)
# Whoever telephones needs the number: that the page was opened is in the audit log, and the person is told of it.
TO_TELEPHONE = {"calls.call": {"姓名", "电话"}, "returns.show": {"姓名", "电话"}}
ROLES = (*CAST, "hu", "shu")


@pytest.fixture
def desks(county: Database) -> tuple[Database, str]:
    """A county where 关玉梅 was paid, is bound, has complained with a photo, and could not be reached."""

    def work(session):
        guan = resident(session, GUAN, phone=PHONE)
        batch = live_batch(session, data_as_of=TODAY, items=[["高龄津贴", TODAY.year]])
        paid = payment(session, batch, guan, year=TODAY.year, stage_date=TODAY, paid_date=TODAY)
        follower = Follower.met(session, "oGuan")
        session.flush()
        Binding.make(session, follower, guan, "name+card_tail")
        home = Department.named(session, "乡镇人民政府", "万昌镇")
        Staff.create(session, "hu", PASSWORD, name="胡敏", role="clerk", department=home)
        Staff.create(session, "shu", PASSWORD, name="舒静", role="data")
        session.add(
            ReturnedPayment(
                resident_id=guan.id, payment_id=paid.id, item=paid.item, year=paid.year, period=paid.period,
                amount_fen=paid.amount_fen, town="万昌镇", failed_on=date(2026, 10, 12), reason="账户已销户",
            )
        )  # fmt: skip
        session.add(Message(key="failed-1", follower_id=follower.id, content=STORY, failed="KeyError"))

    county.write(work)
    number = file_case(county, text=STORY, contact_name=GUAN["name"], phone=PHONE)

    def answered(session):
        case = case_of(session, number)
        lin = Staff.by_username(session, "lin")
        case.add(session, f"再补充一句，我是{GUAN['name']}，电话{PHONE}")
        case.note(session, lin, f"已打{PHONE}核实")
        case.answer(session, lin, "已经补发，请查收。")
        session.scalars(select(Delivery).order_by(Delivery.id)).first().status = CALLING
        photo = Attachment(follower_id=case.follower_id, case_id=case.id, kind="image", media_id="m")
        photo.fetched(b"\xff\xd8photo", "image/jpeg")
        session.add(photo)

    county.write(answered)
    return county, number


def seen_whole(text: str) -> set[str]:
    """What of the person can be read on a page in full; groups of digits may be apart."""
    plain = text.replace(" ", "").replace("-", "")
    return {what for what, whole in WHOLE.items() if whole in plain}


@pytest.mark.parametrize("username", ROLES)
def test_no_page_shows_a_person_in_full(desks: tuple[Database, str], username: str) -> None:
    database, number = desks
    app = make_app(database)
    browser = Browser(app)
    browser.log_in(username)
    shown, opened = {}, 0
    for rule in rules(app):
        if "GET" in rule.methods:
            page = browser.client.get(address(rule, number), follow_redirects=False)
            opened += page.status_code == 200
            found = seen_whole(page.get_data().decode(errors="replace")) - TO_TELEPHONE.get(rule.endpoint, set())
            if found:
                shown[rule.endpoint] = found
    assert shown == {}
    assert opened >= 5


@pytest.mark.parametrize("username", ["qian", "lin", "zhao", "sun", "an"])
def test_searching_and_filtering_show_no_more(desks: tuple[Database, str], username: str) -> None:
    database, number = desks
    browser = Browser(make_app(database))
    browser.log_in(username)
    for path in (
        "/console/cases/?state=all", f"/console/cases/?number={number[-4:]}&state=all", "/console/audit/?action=case.view",
        f"/console/audit/?subject={number}", "/console/nothing-here", "/console/cases/YJ20990101-0001", "/console/calls/",
    ):  # fmt: skip
        assert seen_whole(browser.client.get(path, follow_redirects=True).get_data(as_text=True)) == set(), path


def test_the_whole_needs_a_reason_and_is_kept_with_department_and_person(desks: tuple[Database, str]) -> None:
    database, number = desks
    browser = Browser(make_app(database))
    browser.log_in("lin")
    browser.get(f"/console/cases/{number}")
    assert seen_whole(browser.post(f"/console/cases/{number}/reveal", reason="").get_data(as_text=True)) == set()
    # Past the rules for ordinary pages: here the whole number is meant to be seen.
    form = {"csrf_token": browser.token, "reason": "打电话核实情况"}
    revealed = browser.client.post(f"/console/cases/{number}/reveal", data=form)
    assert {"姓名", "电话", "身份证号"} <= seen_whole(revealed.get_data(as_text=True))
    with database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "case.reveal")).one()
        assert entry.resident_id == 1
        assert (entry.detail["reason"], entry.detail["department"]) == ("打电话核实情况", "民政局")


def test_every_look_at_the_person_names_the_person_in_the_audit_log(desks: tuple[Database, str]) -> None:
    database, number = desks
    for username, path in (
        ("lin", f"/console/cases/{number}"), ("lin", f"/console/cases/{number}/attachments/1"),
        ("zhao", "/console/calls/1"), ("hu", "/console/returns/1"),
    ):  # fmt: skip
        browser = Browser(make_app(database))
        browser.log_in(username)
        assert browser.get(path).status_code == 200, path
    with database.read() as session:
        looks = session.execute(select(AuditEntry.action, AuditEntry.resident_id).where(AuditEntry.resident_id == 1)).all()
        assert {action for action, _ in looks} >= {"case.view", "case.attachment", "call.open", "returns.view"}


def test_a_sealed_case_does_not_tell_its_author_in_the_words(desks: tuple[Database, str]) -> None:
    database, _ = desks
    number = file_case(database, text=f"我叫{GUAN['name']}，要反映低保的事，别告诉别人", contact_name=None, phone=None, confidential=True)
    browser = Browser(make_app(database))
    browser.log_in("lin")
    page = browser.get(f"/console/cases/{number}").get_data(as_text=True)
    assert "〔姓名〕" in page
    assert GUAN["name"] not in page
