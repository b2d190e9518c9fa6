"""Similar cases beside a case, and hot topics, as staff work with them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.case import Case
from models.case_bar import CaseBar
from models.db import Database
from models.delivery import Delivery
from models.similar import MergedCase, notice_hot_topics
from models.staff import Department
from tests.console.conftest import Enter
from tests.console.factories import case_of, file_case

LAND = {"item": "耕地地力保护补贴", "town": "万昌镇", "village": "花家"}


@pytest.fixture
def pair(county: Database) -> tuple[str, str]:
    """Two residents of one village with one trouble."""
    return (
        file_case(county, text="我家地补去年没给，村里都没发", **LAND),
        file_case(county, openid="oTwo", text="去年的地补我们村没发下来", contact_name="佟国栋", phone="15400987654", **LAND),
    )


def test_a_clerk_merges_and_answers_once_and_each_gets_the_own_number(enter: Enter, county: Database, pair: tuple[str, str]) -> None:
    one, other = pair
    wang = enter("wang")
    assert other in wang.get(f"/console/cases/{one}").get_data(as_text=True)
    assert "佟国栋" not in wang.text
    wang.post(f"/console/similar/{one}/merge", **{"with": other})
    assert "并了1件" in wang.text
    wang.post(f"/console/similar/{one}/answer", text="已经核实，本月补发。")
    assert "答复了并在一起的1件" in wang.text
    with county.read() as session:
        told = [row.text for row in session.scalars(select(Delivery)) if "已经核实" in row.text]
        assert [other in text for text in told] == [True]


def test_a_merged_case_can_go_its_own_way(enter: Enter, county: Database, pair: tuple[str, str]) -> None:
    one, other = pair
    wang = enter("wang")
    wang.get(f"/console/cases/{one}")
    wang.post(f"/console/similar/{one}/merge", **{"with": other})
    assert "分开单独办" in wang.get(f"/console/cases/{other}").get_data(as_text=True)
    wang.post(f"/console/similar/{other}/unmerge")
    with county.read() as session:
        assert session.scalars(select(MergedCase)).all() == []


def test_words_about_one_of_them_are_refused(enter: Enter, pair: tuple[str, str]) -> None:
    one, other = pair
    wang = enter("wang")
    wang.get(f"/console/cases/{one}")
    wang.post(f"/console/similar/{one}/merge", **{"with": other})
    wang.post(f"/console/similar/{one}/answer", text="佟国栋家的下月补发。")
    assert "发给好几个人" in wang.text


def test_another_department_can_neither_merge_nor_answer(enter: Enter, county: Database, pair: tuple[str, str]) -> None:
    one, other = pair
    lin = enter("lin")
    lin.get("/console/cases/")
    lin.post(f"/console/similar/{one}/merge", **{"with": other})
    lin.post(f"/console/similar/{one}/answer", text="不归我们")
    with county.read() as session:
        assert session.scalars(select(MergedCase)).all() == []
        assert {case.status for case in session.scalars(select(Case))} == {"filed"}


def test_a_barred_department_sees_neither_suggestion_nor_lead(enter: Enter, county: Database, pair: tuple[str, str]) -> None:
    one, other = pair

    def bar(session) -> None:
        case = case_of(session, other)
        session.add(CaseBar(case_id=case.id, department_id=Department.named(session, "农业农村局").id))

    county.write(bar)
    wang = enter("wang")
    assert other not in wang.get(f"/console/cases/{one}").get_data(as_text=True)


def test_the_supervisor_sees_a_hot_topic_and_takes_note(enter: Enter, county: Database) -> None:
    for n in range(10):
        file_case(county, openid=f"o{n}", text="地补没发", **LAND)
    county.write(notice_hot_topics)
    qian = enter("qian")
    assert "万昌镇" in qian.get("/console/similar/hot").get_data(as_text=True)
    assert "10件" in qian.text
    qian.post("/console/similar/hot/1/seen")
    assert "看过" in qian.text


def test_without_topics_the_page_says_so(enter: Enter) -> None:
    qian = enter("qian")
    assert "现在没有热点" in qian.get("/console/similar/hot").get_data(as_text=True)
