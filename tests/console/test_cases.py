"""The clerk's desk: what one sees, what one can do, and what one never sees."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.avoidance import is_barred
from models.base import now
from models.db import Database
from models.delivery import Delivery
from models.staff import Department, Staff
from tests.console.cases import ACCUSED, ID_NUMBER, actions, change
from tests.console.factories import case_of, file_case

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
