"""Gaps: gathered into groups, owned, asked again after a publication, and closed when answered."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from knowledge.article import load_folder, parse, render
from knowledge.errors import NotThere, Refused
from models import schema
from models.article import COUNTER, PUBLISHED, ArticleVersion
from models.base import now
from models.db import Database
from models.gap import ANSWERED, CHANGED, NOT_OURS, UNANSWERED, UNHELPFUL, Asked, Gap, GapGroup, count_open
from models.gap_work import answerer_of, check_again, gather, is_answered, tend
from models.item_owner import ItemOwner
from models.platform import Counter
from models.staff import Department, Staff
from tests.console.factories import hire
from tests.factories import KEYRING

ITEM = "最低生活保障"


@pytest.fixture
def county(database: Database) -> Database:
    """Departments, staff and articles; one article lacks a section."""
    hire(database)
    articles = [one for one in load_folder() if one.item in (ITEM, "高龄津贴", "补贴没到账")]
    less = [replace(one, sections={name: part for name, part in one.sections.items() if name != "依据"}) for one in articles]
    database.write(lambda session: ArticleVersion.seed(session, less))
    return database


def ask(county: Database, *questions: str | Asked) -> None:
    county.write(lambda session: [Gap.note(session, one if isinstance(one, Asked) else Asked(one)) for one in questions] and None)


def groups(county: Database) -> list[GapGroup]:
    with county.read() as session:
        found = list(session.scalars(select(GapGroup).order_by(GapGroup.id)))
        for group in found:
            assert group.department is None or group.department.name
        return found


def publish(county: Database, change) -> None:
    """Another text for the article of 低保, in force at once."""

    def work(session: Session) -> None:
        row = session.scalars(select(ArticleVersion).where(ArticleVersion.item == ITEM, ArticleVersion.status == PUBLISHED)).one()
        row.content = render(change(parse(row.content)))
        Counter.next(session, COUNTER)

    county.write(work)


def test_what_is_alike_is_one_group_with_a_count(county: Database) -> None:
    ask(county, "养兔子有补贴吗", "公积金怎么提取", "俺家养兔子国家给钱不")
    assert gather(county) == 3
    assert [(group.question, group.asked) for group in groups(county)] == [("养兔子有补贴吗", 2), ("公积金怎么提取", 1)]
    ask(county, "请问养兔子的补助多少钱")
    gather(county)
    assert [group.asked for group in groups(county)] == [3, 1]
    assert gather(county) == 0


def test_numbers_are_taken_out_and_empty_words_are_not_kept(county: Database) -> None:
    ask(county, "我身份证22022119340412936X，养兔子有补贴吗", "  ")
    gather(county)
    assert [group.question for group in groups(county)] == ["我身份证〔号码〕，养兔子有补贴吗"]


def test_the_department_of_the_item_or_of_the_matter_owns_it_and_what_nobody_owns_is_the_coordinators(county: Database) -> None:
    ask(county, Asked("低保户年底还发米面不", item=ITEM, aspect="依据"), "住院的医保报销比例是多少", "公积金怎么提取")
    gather(county)
    assert [group.department.name if group.department else None for group in groups(county)] == ["民政局", "医疗保障局", None]
    with county.read() as session:
        lin, qian, sun = (Staff.by_username(session, name) for name in ("lin", "qian", "sun"))
        assert [count_open(session, staff) for staff in (lin, qian, sun)] == [1, 3, 3]
        with pytest.raises(NotThere):
            GapGroup.for_staff(session, lin, groups(county)[2].id)


def test_a_group_is_closed_when_an_article_answers_all_of_its_questions(county: Database) -> None:
    ask(county, Asked("低保按啥文件", item=ITEM, aspect="依据"), Asked("低保的文件依据是啥", item=ITEM, aspect="依据"))
    tend(county)
    assert [group.is_open for group in groups(county)] == [True] * len(groups(county))
    whole = next(one for one in load_folder() if one.item == ITEM)
    publish(county, lambda _article: whole)
    assert tend(county) == len(groups(county))
    assert {group.reason for group in groups(county)} == {ANSWERED}
    assert groups(county)[0].closed_by_id is None
    assert check_again(county) == 0


def test_what_is_answered_only_in_part_stays_open(county: Database) -> None:
    with county.read() as session:
        answerer = answerer_of(session)
    group = GapGroup(question="低保怎么申请", kind=UNANSWERED)
    assert is_answered(answerer, group, lambda: ["低保咋申请"])
    assert not is_answered(answerer, group, lambda: ["低保咋申请", "公积金怎么提取"])
    assert not is_answered(answerer, GapGroup(question="公积金怎么提取", kind=UNANSWERED), list)


def test_an_answer_that_did_not_help_is_closed_when_its_words_change_and_not_before(county: Database) -> None:
    with county.read() as session:
        mark = answerer_of(session).mark(ITEM, "领多少")
    ask(county, Asked("低保到底给多少", UNHELPFUL, ITEM, "领多少", mark))
    tend(county)
    publish(county, lambda article: replace(article, checked=article.checked + timedelta(days=1)))
    tend(county)
    assert groups(county)[0].is_open
    section = parse(render(next(one for one in load_folder() if one.item == ITEM))).sections["领多少"]
    other = replace(section, lead="每人给多少，看家里的收入。", written="每人给多少，看家里的收入。", body="")
    publish(county, lambda article: replace(article, sections={**article.sections, "领多少": other}, figures=()))
    tend(county)
    assert groups(county)[0].reason == CHANGED


def test_what_was_closed_as_answered_opens_again_when_it_is_not(county: Database) -> None:
    ask(county, "养兔子有补贴吗", "公积金怎么提取")
    gather(county)
    county.write(lambda s: [group.close(ANSWERED) for group in s.scalars(select(GapGroup))] and None)
    ask(county, "养兔子国家给补多少钱")
    gather(county)
    first, second = groups(county)
    assert first.is_open
    assert now() - first.opened_at < timedelta(minutes=1)
    assert not second.is_open


def test_what_was_set_aside_by_hand_only_counts_on(county: Database) -> None:
    ask(county, "养兔子有补贴吗")
    gather(county)

    def set_aside(session: Session) -> None:
        session.scalars(select(GapGroup)).one().close(NOT_OURS, Staff.by_username(session, "qian"), "县里没有这项")

    county.write(set_aside)
    ask(county, "俺家养兔子国家给钱不")
    gather(county)
    (group,) = groups(county)
    assert (group.is_open, group.asked, group.reason, group.note) == (False, 2, NOT_OURS, "县里没有这项")


def test_closing_twice_or_without_a_reason_of_ours_is_refused(county: Database) -> None:
    ask(county, "养兔子有补贴吗")
    gather(county)
    with county.read() as session:
        group, qian = session.scalars(select(GapGroup)).one(), Staff.by_username(session, "qian")
        for reason in ("", "answered", "whatever"):
            with pytest.raises(Refused):
                group.close(reason, qian)
        group.close(NOT_OURS, qian)
        with pytest.raises(Refused):
            group.close(NOT_OURS, qian)
        session.rollback()


def test_another_department_may_be_given_it_and_it_may_be_given_back(county: Database) -> None:
    ask(county, "养兔子有补贴吗")
    gather(county)
    for name in ("农业农村局", None):
        county.write(lambda s, name=name: s.scalars(select(GapGroup)).one().give(Department.named(s, name) if name else None))
        (group,) = groups(county)
        assert (group.department.name if group.department else None) == name


def test_unhelpful_answers_and_questions_without_one_are_never_one_group(county: Database) -> None:
    ask(county, "低保户养兔子有补贴吗", Asked("低保户养兔子有补贴吗", UNHELPFUL, ITEM, "领多少", "x"))
    gather(county)
    assert [group.asked for group in groups(county)] == [1, 1]


def test_many_are_gathered_in_short_transactions(county: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(3)
    things = [first + second + third for first in "养种买修办" for second in "鱼兔蜂鸽参药" for third in "苗场池棚"]
    ask(county, *(f"{chance.choice(things)}{chance.choice(['有补贴吗', '国家给钱不', '怎么办'])}" for _ in range(1500)))
    longest, write = 0.0, county.write

    def timed(work):
        nonlocal longest
        begin = time.perf_counter()
        result = write(work)
        longest = max(longest, time.perf_counter() - begin)
        return result

    monkeypatch.setattr(county, "write", timed)
    assert gather(county) == 1500
    assert sum(group.asked for group in groups(county)) == 1500
    assert longest < 1.0  # a fifth of that on a quiet machine


def test_the_gathering_stops_when_told_to(county: Database) -> None:
    ask(county, "养兔子有补贴吗")
    assert gather(county, lambda: True) == 0
    assert groups(county) == []


def test_old_rows_are_sealed_by_the_migration(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/old.db", KEYRING)
    with database.pen(60):
        connection = database.engine.connect().execution_options(writes=True)
        with connection, connection.begin():
            schema.migrate(connection, "0009")
            connection.execute(
                text("INSERT INTO gaps (question, asked_at, source) VALUES ('养兔子有补贴吗', '2026-11-01 08:00:00.000000', 'hotline')")
            )
    schema.upgrade(database)
    with database.read() as session:
        gap = session.scalars(select(Gap)).one()
        assert (gap.question, gap.source, gap.kind, gap.group_id) == ("养兔子有补贴吗", "hotline", "unanswered", None)
        assert (gap.asked_at.month, gap.asked_at.hour) == (11, 8)
    with database.engine.connect() as connection:
        assert b"\xe5\x85\x94" not in bytes(connection.exec_driver_sql("SELECT question FROM gaps").scalar_one())
    database.dispose()


def test_the_countys_word_on_an_items_owner_comes_before_the_catalogues(county: Database) -> None:
    def change(session: Session) -> None:
        ItemOwner.give(session, Staff.by_username(session, "sun"), ITEM, Department.named(session, "残疾人联合会"))

    county.write(change)
    ask(county, Asked("低保户年底还发米面不", item=ITEM, aspect="依据"))
    gather(county)
    assert groups(county)[0].department.name == "残疾人联合会"
