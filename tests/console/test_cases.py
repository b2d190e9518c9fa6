"""The clerk's desk: what one sees, what one can do, and what one never sees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.avoidance import is_barred
from models.base import now
from models.case import Case
from models.db import Database
from models.delivery import Delivery
from models.staff import Department, Staff
from tests.console.factories import PASSWORD, Browser, case_of, file_case, reply

ACCUSED = "口前镇民政办的办事员态度恶劣，骂人，低保的事推来推去"
ID_NUMBER = "22022119340412936X"


def change(database: Database, number: str, **fields: object) -> None:
    def work(session) -> None:
        for name, value in fields.items():
            setattr(case_of(session, number), name, value)

    database.write(work)


def actions(database: Database, *names: str) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry.action).where(AuditEntry.action.in_(names)).order_by(AuditEntry.id)))


# ---------------------------------------------------------------- the queue


def test_a_clerk_sees_the_own_departments_cases_alone(county: Database, enter) -> None:
    own = file_case(county)
    other = file_case(county, text="地补少给了三亩的钱", item="耕地地力保护补贴")
    text = enter("lin").get("/console/cases/").get_data(as_text=True)
    assert own in text
    assert other not in text


def test_the_most_pressing_stands_first_with_its_time_in_words(county: Database, enter) -> None:
    calm, late, today = file_case(county), file_case(county), file_case(county)
    change(county, calm, due_at=now() + timedelta(days=9))
    change(county, late, due_at=now() - timedelta(days=2))
    change(county, today, due_at=now() + timedelta(seconds=1))
    text = enter("lin").get("/console/cases/").get_data(as_text=True)
    places = [text.index(number) for number in (late, today, calm)]
    assert places == sorted(places)
    for said in ("超期2天", "还剩9天"):
        assert said in text


@pytest.mark.parametrize(
    ("query", "found"),
    [("state=answered", 0), ("item=高龄津贴", 0), ("item=最低生活保障", 1), ("town=口前镇", 1), ("town=万昌镇", 0),
     ("urgent=1", 0), ("late=1", 0), ("soon=1", 0), ("state=all", 1), ("state=nonsense&item=nonsense", 1), ("number=0001", 1)],
)  # fmt: skip
def test_filters_narrow_the_queue(county: Database, enter, query: str, found: int) -> None:
    number = file_case(county)
    change(county, number, due_at=now() + timedelta(days=9))
    browser = enter("lin")
    browser.get(f"/console/cases/?{query}")
    assert (f">{number}<" in browser.text) == bool(found)
    assert ("没有符合条件的办件" in browser.text) != bool(found)


def test_a_whole_number_opens_the_case(county: Database, enter) -> None:
    number = file_case(county)
    assert enter("lin").get(f"/console/cases/?number={number.lower()}").request.path == f"/console/cases/{number}"


def test_the_supervisor_sees_all_departments(county: Database, enter) -> None:
    numbers = [file_case(county), file_case(county, text="地补少给了三亩的钱", item="耕地地力保护补贴")]
    text = enter("qian").get("/console/cases/").get_data(as_text=True)
    assert all(number in text for number in numbers)


def test_a_long_queue_has_pages(county: Database, enter) -> None:
    numbers = [file_case(county) for _ in range(32)]
    browser = enter("lin")
    first = browser.get("/console/cases/").get_data(as_text=True)
    second = browser.get("/console/cases/?page=2").get_data(as_text=True)
    assert "第 1 页，共 2 页" in first
    assert sum(f">{number}<" in first for number in numbers) == 30
    assert sum(f">{number}<" in second for number in numbers) == 2


# ---------------------------------------------------------------- one case


def test_the_case_tells_its_whole_story(county: Database, enter) -> None:
    number = file_case(county, text=f"我家低保停了三个月，我身份证{ID_NUMBER}，电话15400123456")
    browser = enter("lin")
    text = browser.get(f"/console/cases/{number}").get_data(as_text=True)
    for said in ("我家低保停了三个月", "口前镇", "怎么算的", "工作日", "永吉县民政局", "关*梅", "154****3456", "群众提交"):
        assert said in text
    assert ID_NUMBER not in text
    assert "15400123456" not in text
    assert actions(county, "case.view") == ["case.view"]


@pytest.mark.parametrize("path", ["", "/attachments/1"])
def test_anothers_case_does_not_exist(county: Database, enter, path: str) -> None:
    number = file_case(county)
    page = enter("wang").get(f"/console/cases/{number}{path}")
    assert page.status_code == 404
    assert "没有找到" in page.get_data(as_text=True)
    assert actions(county, "case.view", "case.attachment") == []


def test_the_complained_about_never_see_it_by_any_way(county: Database, enter) -> None:
    number = file_case(county, text=ACCUSED)

    def bar(session) -> None:
        from models.case_bar import CaseBar

        accused = Department.named(session, "财政局")
        session.add(CaseBar(case_id=case_of(session, number).id, department_id=accused.id))

    county.write(bar)
    county.write(lambda s: case_of(s, number).answer(s, Staff.by_username(s, "lin"), "已经处理。"))
    change(county, number, follower_id=None)
    county.write(lambda s: setattr(s.scalars(select(Delivery)).first(), "status", "calling"))
    supervisor = enter("qian")  # of the department complained about
    assert supervisor.get(f"/console/cases/{number}").status_code == 404
    for path in ("/console/cases/?state=all", "/console/calls/", "/console/audit/", f"/console/audit/?subject={number}"):
        supervisor.get(path)
        assert number not in supervisor.text.replace(f'value="{number}"', ""), path
    for act in ("accept", "answer", "transfer", "note", "reveal", "take", "decline", "help", "part", "return", "bar", "unbar"):
        assert supervisor.post(f"/console/cases/{number}/{act}", text="x", reason="看看").status_code == 404
    assert enter("lin").get(f"/console/cases/{number}").status_code == 200


def test_nobody_is_offered_the_complained_about_for_a_transfer(county: Database, enter) -> None:
    number = file_case(county, text=ACCUSED)
    text = enter("lin").get(f"/console/cases/{number}").get_data(as_text=True)
    with county.read() as session:
        town = Department.named(session, "乡镇人民政府", "口前镇")
        assert is_barred(session, case_of(session, number), town.id)
    assert f'<option value="{town.id}"' not in text
    browser = enter("lin")
    assert browser.post(f"/console/cases/{number}/transfer", department=town.id, reason="归乡里管").status_code == 422
    assert "请选一个部门" in browser.text


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
