"""Acts on a case: accepted, answered, noted; and who sees the person behind it, with a reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from models.audit import AuditEntry
from models.base import now
from models.case import Case
from models.db import Database
from models.delivery import Delivery
from models.staff import Department, Staff
from tests.console.cases import ID_NUMBER, actions
from tests.console.factories import PASSWORD, Browser, case_of, file_case, reply

# ---------------------------------------------------------------- acts


def test_accepting_answering_and_where_the_answer_has_got_to(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/accept")
    assert "已接办" in browser.text
    browser.post(f"/console/cases/{number}/answer", **reply("查到了，银行退回的，已经重新打款。"))
    assert "正在发送" in browser.text
    states = (("waiting", None, "等群众下次来信时带上"), ("waiting", now(), "已提醒群众有答复"), ("delivered", None, "已送达"),
              ("calling", None, "等热线打电话"))  # fmt: skip
    for status, notified, said in states:

        def work(session, status=status, notified=notified) -> None:
            row = session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()
            row.status, row.attempts, row.notified_at = status, 1, notified

        county.write(work)
        assert said in browser.get(f"/console/cases/{number}").get_data(as_text=True)
    with county.read() as session:
        assert "已经重新打款" in session.scalars(select(Delivery.text).order_by(Delivery.id.desc())).first()
    assert actions(county, "case.accept", "case.answer") == ["case.accept", "case.answer"]


def test_a_second_acceptance_is_refused_kindly(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/accept")
    browser.get(f"/console/cases/{number}")
    assert browser.post(f"/console/cases/{number}/accept").status_code == 409
    assert "已经有人接办了" in browser.text


def test_an_answer_with_an_identity_number_is_refused_and_kept_for_mending(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    page = browser.client.post(
        f"/console/cases/{number}/answer", data={"csrf_token": browser.token, "text": f"{ID_NUMBER} 已补发"}
    )
    assert page.status_code == 422
    assert "完整的身份证号" in page.get_data(as_text=True)
    assert " 已补发</textarea>" in page.get_data(as_text=True)
    assert ID_NUMBER not in page.get_data(as_text=True)
    with county.read() as session:
        assert session.scalars(select(Delivery)).all() == []


def test_an_overlong_answer_is_refused(county: Database, enter) -> None:
    number = file_case(county)
    assert enter("lin").post(f"/console/cases/{number}/answer", **reply("长" * 4001)).status_code == 422


def test_a_form_too_large_gets_a_page_of_its_own(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    assert browser.post(f"/console/cases/{number}/answer", **reply("长" * 200_000)).status_code == 413
    assert "内容太大了" in browser.text


def test_an_internal_note_never_leaves(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/note", text="这家去年核过一次房产")
    assert "这家去年核过一次房产" in browser.text
    with county.read() as session:
        assert session.scalars(select(Delivery)).all() == []
        event = case_of(session, number).events[-1]
        assert (event.what, event.public) == ("noted", False)


# ---------------------------------------------------------------- the person behind it


def test_the_telephone_is_shown_for_a_reason_that_is_kept(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    browser.get(f"/console/cases/{number}")
    assert "请写一句为什么要看" in browser.post(f"/console/cases/{number}/reveal", reason=" ").get_data(as_text=True)
    shown = browser.post(f"/console/cases/{number}/reveal", reason="核对发放账户").get_data(as_text=True)
    assert "15400123456" in shown
    assert "关玉梅" in shown
    with county.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "case.reveal")).one()
        assert entry.detail == {"reason": "核对发放账户", "confidential": False, "department": "民政局"}


def test_a_confidential_case_shows_nobody_to_the_clerk(county: Database, enter) -> None:
    number = file_case(county, confidential=True)
    browser = enter("lin")
    text = browser.get(f"/console/cases/{number}").get_data(as_text=True)
    for hidden in ("关玉梅", "关*梅", "15400123456", "154****3456"):
        assert hidden not in text
    assert browser.post(f"/console/cases/{number}/reveal", reason="想知道是谁").status_code == 403


def test_the_supervisor_may_see_whom_a_confidential_case_is_from_with_a_reason(county: Database, enter) -> None:
    number = file_case(county, confidential=True)
    browser = enter("qian")
    assert "关*梅" not in browser.get(f"/console/cases/{number}").get_data(as_text=True)
    assert "关玉梅" in browser.post(f"/console/cases/{number}/reveal", reason="纪委来函核实").get_data(as_text=True)


def test_a_withdrawn_case_takes_notes_only(county: Database, enter) -> None:
    number = file_case(county)
    county.write(lambda s: case_of(s, number).withdraw(s))
    browser = enter("lin")
    text = browser.get(f"/console/cases/{number}").get_data(as_text=True)
    assert "写给群众的话" not in text
    assert browser.post(f"/console/cases/{number}/answer", **reply("已办")).status_code == 422
    with county.read() as session:
        assert session.scalars(select(Case.status)).one() == "withdrawn"


def test_two_clerks_who_accept_at_once_accept_once(county: Database, app) -> None:
    number = file_case(county)
    with county.read() as session:
        home = Department.named(session, "民政局").id
    county.write(lambda s: Staff.create(s, "lu", PASSWORD, name="陆", role="clerk", department=s.get(Department, home)) and None)
    browsers = [Browser(app) for _ in range(2)]
    for browser, username in zip(browsers, ("lin", "lu"), strict=True):
        browser.log_in(username)
        browser.get(f"/console/cases/{number}")
    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(lambda browser: browser.post(f"/console/cases/{number}/accept").status_code, browsers))
    assert sorted(pages) == [200, 409]
    with county.read() as session:
        assert [event.what for event in case_of(session, number).events] == ["filed", "accepted"]
