"""People change: what a leaver has on the table goes to a successor in one act; idle accounts and waiting passwords are listed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit import AuditEntry
from models.base import now
from models.case_answer import CaseAnswer, Written
from models.case_bar import StaffBar
from models.db import Database
from models.staff import Department, Staff
from models.upload import Upload
from models.visit import Visit
from tests.console.factories import PASSWORD, case_of, file_case

Enter = Callable[..., object]


@pytest.fixture
def office(county: Database) -> Database:
    """民政局 with a second clerk, mei; lin has taken on two cases."""

    def hire(session: Session) -> None:
        home = Department.named(session, "民政局")
        Staff.create(session, "mei", PASSWORD, name="梅丽", role="clerk", department=home)

    county.write(hire)
    return county


def taken_on(database: Database, **said: object) -> str:
    number = file_case(database, **said)
    database.write(lambda session: case_of(session, number).accept(session, Staff.by_username(session, "lin")))
    return number


def handler(database: Database, number: str) -> str | None:
    with database.read() as session:
        case = case_of(session, number)
        return session.get(Staff, case.handler_id).username if case.handler_id else None


def hands_over(browser, to: str = "mei", reason: str = "调到口前镇"):
    browser.get(f"/console/staff/lin/hand-over?to={to}")
    return browser.post("/console/staff/lin/hand-over", to=to, reason=reason)


def test_whoever_takes_a_case_on_has_it_on_the_table(office: Database, enter) -> None:
    number = taken_on(office)
    assert handler(office, number) == "lin"
    assert "在办的件1件" in enter("sun").get("/console/staff/lin").get_data(as_text=True)


def test_everything_goes_over_in_one_act_and_the_account_is_off(office: Database, enter) -> None:
    number, written = taken_on(office), Written("已解决", "已经补发。", "", "不用您再做什么。", True)

    def more(session: Session) -> None:
        lin, case = Staff.by_username(session, "lin"), case_of(session, number)
        CaseAnswer.keep(session, case, lin, written)
        event = case.happened(session, "answered", None, "先前的答复", public=True)
        session.flush()
        session.add(Visit(case_id=case.id, event_id=event.id, reviewer_id=lin.id, reopened_at=now()))

    office.write(more)
    clerk, admin = enter("lin"), enter("sun")
    page = admin.get("/console/staff/lin/hand-over?to=mei").get_data(as_text=True)
    assert [said in page for said in ("<dd>1 件</dd>", "<dd>1 份</dd>", "梅丽")] == [True, True, True]
    hands_over(admin)
    assert "交接好了：在办1件、答复草稿1份、复查1件" in admin.text
    assert clerk.get("/console/cases/").request.path == "/console/login"
    with office.read() as session:
        mei, case = Staff.by_username(session, "mei"), case_of(session, number)
        assert case.handler_id == mei.id
        assert CaseAnswer.open_of(session, case, mei).said == "已经补发。"
        assert session.scalars(select(Visit.reviewer_id)).all() == [mei.id]
        assert (case.events[-1].what, case.events[-1].public) == ("handed_over", False)
        assert "由林芳交接给梅丽：调到口前镇" in case.events[-1].text
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "staff.hand_over")).one()
        assert (entry.actor, entry.subject, entry.detail["to"], entry.detail["reason"]) == ("sun", "staff:lin", "mei", "调到口前镇")
        assert session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "case.hand_over")).all() == [f"case:{number}"]


def test_what_the_successor_may_not_have_stays_with_the_department(office: Database, enter) -> None:
    number, other = taken_on(office), taken_on(office)

    def bar(session: Session) -> None:
        session.add(StaffBar(case_id=case_of(session, number).id, staff_id=Staff.by_username(session, "mei").id))

    office.write(bar)
    admin = enter("sun")
    page = admin.get("/console/staff/lin/hand-over?to=mei").get_data(as_text=True)
    assert "有1样不能交给梅丽" in page
    assert number not in page
    hands_over(admin)
    assert (handler(office, number), handler(office, other)) == ("lin", "mei")


def test_nobody_judges_the_own_answer_after_a_hand_over(office: Database, enter) -> None:
    number = taken_on(office)

    def reopened(session: Session) -> None:
        lin, mei, case = Staff.by_username(session, "lin"), Staff.by_username(session, "mei"), case_of(session, number)
        event = case.happened(session, "answered", mei, "梅丽答的", public=True)
        session.flush()
        session.add(Visit(case_id=case.id, event_id=event.id, reviewer_id=lin.id, replied_by_id=mei.id, reopened_at=now()))

    office.write(reopened)
    hands_over(enter("sun"))
    with office.read() as session:
        assert session.scalars(select(Visit.reviewer_id)).all() == [Staff.by_username(session, "lin").id]


@pytest.mark.parametrize(
    ("to", "reason", "said"),
    [("mei", " ", "请写一句为什么交接"), ("wang", "调走了", "请选同一部门"), ("lin", "调走了", "请选同一部门"), ("", "调走了", "请选同一部门")],
)
def test_an_unfit_hand_over_is_refused_in_words_and_changes_nothing(office: Database, enter, to: str, reason: str, said: str) -> None:
    number, admin = taken_on(office), enter("sun")
    assert hands_over(admin, to, reason).status_code == 422
    assert said in admin.text
    assert handler(office, number) == "lin"
    with office.read() as session:
        assert Staff.by_username(session, "lin").active


def test_nobody_hands_over_the_own_account(office: Database, enter) -> None:
    admin = enter("sun")
    admin.get("/console/staff/sun/hand-over")
    assert admin.post("/console/staff/sun/hand-over", to="lin", reason="调走了").status_code == 422


def test_without_a_colleague_the_page_says_what_to_do(county: Database, enter) -> None:
    assert "请先<a" in enter("sun").get("/console/staff/lin/hand-over").get_data(as_text=True)


def test_a_data_persons_unfinished_files_go_to_another_data_person(office: Database, enter) -> None:
    def begin(session: Session) -> int:
        Staff.create(session, "bo", PASSWORD, name="薄平", role="data")
        upload = Upload.begin(session, Staff.by_username(session, "hua"), "发放.csv", 10)
        session.flush()
        return upload.id

    upload_id, admin = office.write(begin), enter("sun")
    admin.get("/console/staff/hua/hand-over?to=bo")
    admin.post("/console/staff/hua/hand-over", to="bo", reason="退休")
    assert "文件1个" in admin.text
    with office.read() as session:
        assert session.get_one(Upload, upload_id).staff_id == Staff.by_username(session, "bo").id


def test_a_case_that_went_to_another_department_is_not_the_leavers(office: Database, enter) -> None:
    number = taken_on(office)
    office.write(lambda session: setattr(case_of(session, number), "department", Department.named(session, "农业农村局")))
    assert "手上没有要交接的事" in enter("sun").get("/console/staff/lin").get_data(as_text=True)


# ---------------------------------------------------------------- accounts to look after


def test_idle_accounts_and_waiting_passwords_are_listed(office: Database, enter) -> None:
    def age(session: Session) -> None:
        Staff.by_username(session, "wang").last_login_at = now() - timedelta(days=91)
        Staff.by_username(session, "mei").must_change_password = True
        Staff.by_username(session, "zhao").switch(False)

    office.write(age)
    admin = enter("sun")
    lists = {"idle": "wang", "new_password": "mei", "off": "zhao"}
    for show, username in lists.items():
        page = admin.get(f"/console/staff?show={show}").get_data(as_text=True)
        shown = [name for name in ("lin", "wang", "mei", "zhao") if f'/console/staff/{name}"' in page]
        assert shown == [username], show
    page = admin.get("/console/staff").get_data(as_text=True)
    assert "闲置 <b>1</b>" in page
    assert "90天没登录" in admin.get("/console/staff/wang").get_data(as_text=True)
    assert "没有这样的账号" in admin.get("/console/staff?show=no_code").get_data(as_text=True)


def test_the_last_log_in_is_shown(office: Database, enter) -> None:
    enter("lin")
    page = enter("sun").get("/console/staff/lin").get_data(as_text=True)
    assert "还没登录过" not in page
    assert "还没登录过" in enter("sun").get("/console/staff/mei").get_data(as_text=True)


def test_an_administrator_who_would_be_an_auditor_too_is_refused_in_words(office: Database, enter) -> None:
    admin = enter("sun")
    admin.get("/console/staff/new")
    assert admin.post("/console/staff/new", username="sun2", name="孙悦", role="auditor").status_code == 422
    assert "不能是同一个人" in admin.text
    admin.get("/console/staff/an")
    assert admin.post("/console/staff/an", role="clerk", department="").status_code == 422
    assert admin.post("/console/staff/an", role="admin", department="").status_code == 200
