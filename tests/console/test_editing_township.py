"""An item that the county has given to one township: its clerks write the article, and it names them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from knowledge.answers import Answerer
from knowledge.article import office
from knowledge.catalogue.departments import TOWNSHIPS
from models.article import ArticleVersion
from models.db import Database
from models.staff import Department, Staff
from tests.console.conftest import Enter
from tests.console.factories import PASSWORD, articles
from tests.console.writing import ARTICLES, acting, begun, fields_of
from tests.models.editors import in_use

TOWN, ITEM = "口前镇", "高龄津贴"


@pytest.fixture
def house(county: Database) -> Database:
    """The cast, two clerks of the township, and the articles."""

    def work(session) -> None:
        ArticleVersion.seed(session, articles())
        home = Department.named(session, TOWN)
        for username, name in (("kou", "寇平"), ("qiao", "乔宁")):
            Staff.create(session, username, PASSWORD, name=name, role="clerk", department=home)

    county.write(work)
    return county


def given(house: Database, enter: Enter) -> None:
    admin = enter("sun")
    with house.read() as session:
        town = session.scalars(select(Department.id).where(Department.name == TOWN)).one()
    admin.get(f"/console/county/items/{ITEM}")
    admin.post(f"/console/county/items/{ITEM}", department=town)


def offered(html: str) -> list[str]:
    """What the list of responsible departments holds."""
    (options,) = re.findall(r'<select [^>]*name="department"[^>]*>(.*?)</select>', html, re.DOTALL)
    return re.findall(r'<option value="([^"]+)"', options)


def test_the_township_writes_itself_into_the_article_and_residents_are_sent_there(
    house: Database, enter: Enter
) -> None:
    given(house, enter)
    clerk, other = enter("kou"), enter("qiao")
    version_id = begun(clerk, house, ITEM)
    assert set(TOWNSHIPS) < set(offered(clerk.text))
    assert "县里把这一项交给了口前镇，这里和“问谁”也要写对。" in clerk.text
    changed = fields_of(clerk) | {"department": TOWN, "ask": "", "note": "县里把这一项交给我们镇了。"}
    clerk.post(f"{ARTICLES}{version_id}/edit", **changed)
    assert "存好了" in clerk.text
    assert "等另一位同事复核" in acting(clerk, version_id, "submit")
    acting(other, version_id, "approve")
    article = in_use(house, ITEM)
    assert article.department == TOWN
    assert "问谁：口前镇政府" in Answerer([article]).section(ITEM, "领多少").text
    clerk.get(f"{ARTICLES}{begun(clerk, house, ITEM)}/edit")
    assert "县里把这一项交给了" not in clerk.text


def test_what_was_not_given_away_says_nothing_of_it(house: Database, enter: Enter) -> None:
    clerk = enter("lin")
    begun(clerk, house)
    assert "县里把这一项交给了" not in clerk.text


def test_a_department_that_is_none_is_refused_beside_its_field(house: Database, enter: Enter) -> None:
    clerk = enter("lin")
    version_id = begun(clerk, house)
    clerk.post(f"{ARTICLES}{version_id}/edit", **(fields_of(clerk) | {"department": "岔路河镇", "note": "试一试别的"}))
    assert "请选责任部门。" in clerk.text


@pytest.mark.parametrize("town", TOWNSHIPS)
def test_a_township_is_called_as_people_call_it(town: str) -> None:
    assert office(town) in (f"{town}政府", f"{town}管委会")
    assert not office(town).startswith("县")
