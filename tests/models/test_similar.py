"""并单不并人: suggested to whoever handles them, together and apart, one answer each; hot topics."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from knowledge.deadlines import Clocks
from knowledge.errors import NotThere, Refused
from models.base import now
from models.case import Case
from models.case_bar import CaseBar
from models.db import Database
from models.delivery import Delivery
from models.filing import Draft, prepared
from models.follower import Follower
from models.similar import HotTopic, answer_members, hot_topics_for, merge, notice_hot_topics, similar_to, unmerge
from models.staff import Department, Staff

_PASSWORD = "一句 good 好记的话"
LAND = "耕地地力保护补贴"


@pytest.fixture
def county(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The departments, a clerk of 农业农村局 and of 民政局, the supervisor of 财政局."""
    from argon2 import PasswordHasher

    from models import password

    monkeypatch.setattr(password, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    def work(session: Session) -> None:
        Department.seed(session)
        for name, role, home in (("wang", "clerk", "农业农村局"), ("lin", "clerk", "民政局"), ("qian", "supervisor", "财政局")):
            Staff.create(session, name, _PASSWORD, name=name, role=role, department=Department.named(session, home))

    database.write(work)
    return database


def file(county: Database, openid: str, text: str, **said: object) -> str:
    fields: dict[str, object] = {"source": "chat", "item": LAND, "town": "万昌镇", "village": "花家"}

    def work(session: Session) -> str:
        draft = Draft(text=text, **(fields | said))
        case, _ = Case.file(session, prepared(session, draft, Clocks()), follower=Follower.met(session, openid))
        return case.number

    return county.write(work)


def case_of(session: Session, number: str) -> Case:
    return session.scalars(select(Case).where(Case.number == number)).one()


def suggested(county: Database, number: str, by: str = "wang") -> list[str]:
    with county.read() as session:
        return [one.case.number for one in similar_to(session, Staff.by_username(session, by), case_of(session, number))]


def two(county: Database) -> tuple[str, str]:
    return (
        file(county, "oOne", "我家地补去年没给，村里都没发", contact_name="关玉梅", phone="15400123456"),
        file(county, "oTwo", "去年的地补我们村没发下来"),
    )


def test_the_same_item_in_the_same_village_is_suggested_and_another_town_is_not(county: Database) -> None:
    one, other = two(county)
    far = file(county, "oFar", "去年的地补没发下来", town="口前镇", village="蓝旗")
    assert suggested(county, one) == [other]
    assert far not in suggested(county, one)


def test_what_is_months_apart_is_not_suggested(county: Database) -> None:
    one, other = two(county)
    old = now() - timedelta(weeks=10)
    county.write(lambda s: s.execute(update(Case).where(Case.number == other).values(filed_at=old)) and None)
    assert suggested(county, one) == []


def test_whoever_it_complains_about_never_sees_the_suggestion(county: Database) -> None:
    one, other = two(county)

    def bar(session: Session) -> None:
        case = case_of(session, other)
        session.add(CaseBar(case_id=case.id, department_id=case.department_id))

    county.write(bar)
    assert suggested(county, one) == []


def test_each_keeps_the_number_the_clock_and_the_answer(county: Database) -> None:
    one, other = two(county)

    def work(session: Session) -> None:
        wang = Staff.by_username(session, "wang")
        assert merge(session, wang, one, {other}) == 1
        assert answer_members(session, wang, one, "已经核实，本月补发到卡上。") == 1

    due = {number: day(county, number) for number in (one, other)}
    county.write(work)
    assert {number: day(county, number) for number in (one, other)} == due
    with county.read() as session:
        told = session.scalars(select(Delivery)).all()
        assert [row.case_id for row in told] == [case_of(session, other).id]
        assert other in told[0].text
        assert one not in told[0].text
        assert case_of(session, one).status == "filed"


def day(county: Database, number: str) -> object:
    with county.read() as session:
        return case_of(session, number).due_at


@pytest.mark.parametrize("said", ["关玉梅家的补了", "请打15400123456问", "和{one}一样"])
def test_nothing_of_one_goes_to_the_others(county: Database, said: str) -> None:
    one, other = two(county)

    def work(session: Session) -> None:
        wang = Staff.by_username(session, "wang")
        merge(session, wang, one, {other})
        answer_members(session, wang, one, said.format(one=one))

    with pytest.raises(Refused):
        county.write(work)


def test_apart_again_it_is_handled_alone(county: Database) -> None:
    one, other = two(county)

    def work(session: Session) -> None:
        wang = Staff.by_username(session, "wang")
        merge(session, wang, one, {other})
        unmerge(session, wang, other)
        answer_members(session, wang, one, "已经核实。")

    with pytest.raises(Refused):
        county.write(work)
    assert suggested(county, one) == [other]


def test_another_departments_case_cannot_be_merged(county: Database) -> None:
    one, _ = two(county)
    theirs = file(county, "oThree", "低保停了三个月", item="最低生活保障")
    with pytest.raises(NotThere):
        county.write(lambda s: merge(s, Staff.by_username(s, "wang"), one, {theirs}))


def test_a_case_follows_one_lead_only(county: Database) -> None:
    one, other = two(county)
    third = file(county, "oThree", "花家村地补没发，问问")

    def work(session: Session) -> None:
        wang = Staff.by_username(session, "wang")
        merge(session, wang, one, {other})
        with pytest.raises(Refused):
            merge(session, wang, other, {third})
        with pytest.raises(Refused):
            merge(session, wang, third, {other})
        with pytest.raises(Refused):
            merge(session, wang, one, {one})

    county.write(work)


def test_ten_in_a_week_are_a_hot_topic_noticed_once(county: Database) -> None:
    for n in range(9):
        file(county, f"o{n}", "地补没发")
    assert county.write(notice_hot_topics) == 0
    file(county, "o9", "地补没发")
    assert county.write(notice_hot_topics) == 1
    file(county, "o10", "地补没发")
    assert county.write(notice_hot_topics) == 0
    with county.read() as session:
        topic = session.scalars(select(HotTopic)).one()
        assert (topic.item, topic.town, topic.cases) == (LAND, "万昌镇", 11)
        assert [number for _, number in hot_topics_for(session, Staff.by_username(session, "qian"))] == [11]


def test_a_topic_about_ones_own_office_is_not_shown_there(county: Database) -> None:
    for n in range(10):
        file(county, f"o{n}", "地补没发")
    county.write(notice_hot_topics)

    def bar(session: Session) -> None:
        own = Department.named(session, "财政局")
        session.add_all(CaseBar(case_id=one, department_id=own.id) for one in session.scalars(select(Case.id)))

    county.write(bar)
    with county.read() as session:
        assert list(hot_topics_for(session, Staff.by_username(session, "qian"))) == []
