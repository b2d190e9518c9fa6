"""The words of gaps go: with whoever asked them, and when their time is over. The counts stay."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.wechat import Line, WeChat
from bot.worker import Upkeep, jobs_of
from knowledge.errors import Refused
from models.article import ArticleVersion
from models.base import now
from models.db import Database
from models.follower import Follower
from models.gap import NOT_OURS, WORDLESS, Asked, Gap, GapGroup
from models.gap_words import drop_older_than
from models.gap_work import gather
from models.staff import Staff
from tests.console.factories import articles, hire

RABBITS = ("养兔子有补贴吗", "俺家养兔子国家给钱不")
KEPT = timedelta(days=180)


@pytest.fixture
def county(database: Database) -> Database:
    """Departments, staff, articles and two residents, numbers 1 and 2."""
    hire(database)
    database.write(lambda session: ArticleVersion.seed(session, articles()))
    database.write(lambda session: [Follower.met(session, openid) for openid in ("oGuan", "oSun")] and None)
    return database


def ask(county: Database, *questions: str, asker: int | None = None, days_ago: int = 0) -> None:
    at = now() - timedelta(days=days_ago)
    county.write(lambda session: [Gap.note(session, Asked(one, asker=asker, at=at)) for one in questions] and None)


def leave(county: Database, number: int, *, still_here: bool = False) -> None:
    county.write(lambda session: session.get_one(Follower, number).forget(session, still_here=still_here))


def groups(county: Database) -> list[tuple[str, int, str | None]]:
    with county.read() as session:
        return [
            (one.question, one.asked, one.reason) for one in session.scalars(select(GapGroup).order_by(GapGroup.id))
        ]


def kept(county: Database) -> list[str]:
    with county.read() as session:
        return [gap.question for gap in session.scalars(select(Gap).order_by(Gap.id))]


@pytest.mark.parametrize("still_here", [True, False])
def test_what_only_the_leaver_asked_is_gone_and_its_count_stays(county: Database, still_here: bool) -> None:
    ask(county, RABBITS[0], asker=1)
    gather(county)
    leave(county, 1, still_here=still_here)
    assert kept(county) == []
    assert groups(county) == [("", 1, WORDLESS)]


def test_another_ones_words_stand_for_the_group_then(county: Database) -> None:
    ask(county, RABBITS[0], asker=1)
    ask(county, RABBITS[1], asker=2)
    ask(county, "公积金怎么提取", asker=2)
    gather(county)
    leave(county, 1)
    assert kept(county) == [RABBITS[1], "公积金怎么提取"]
    assert groups(county) == [(RABBITS[1], 2, None), ("公积金怎么提取", 1, None)]


def test_words_that_were_not_gathered_yet_go_too(county: Database) -> None:
    ask(county, *RABBITS, asker=1)
    leave(county, 1)
    assert (kept(county), gather(county)) == ([], 0)


def test_what_is_written_after_somebody_left_was_asked_before_and_is_not_kept(county: Database) -> None:
    before = Asked(RABBITS[0], asker=1)
    for still_here in (True, False):
        leave(county, 1, still_here=still_here)
        county.write(lambda session: Gap.note(session, before))
        assert kept(county) == []
    county.write(lambda session: session.get_one(Follower, 1).welcome_back())
    county.write(lambda session: Gap.note(session, before))
    assert kept(county) == []
    ask(county, RABBITS[1], asker=1)
    assert kept(county) == [RABBITS[1]]


def test_a_question_of_nobody_we_know_is_kept(county: Database) -> None:
    ask(county, RABBITS[0], asker=99)
    ask(county, RABBITS[1])
    assert kept(county) == [RABBITS[1]]


def test_an_asker_who_leaves_while_the_gathering_thinks_begins_no_group(
    county: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models import gap_work

    ask(county, RABBITS[0], asker=1)
    ask(county, RABBITS[1], asker=2)
    placed = gap_work._placed

    def meanwhile(*given):
        leave(county, 1)
        return placed(*given)

    monkeypatch.setattr(gap_work, "_placed", meanwhile)
    gather(county)
    assert groups(county) == [(RABBITS[1], 1, None)]


def test_after_its_time_a_question_goes_and_younger_ones_stand_for_the_group(county: Database) -> None:
    ask(county, RABBITS[0], days_ago=181)
    ask(county, RABBITS[1], days_ago=3)
    ask(county, "公积金怎么提取", days_ago=200)
    gather(county)
    assert not county.write(lambda session: drop_older_than(session, KEPT))
    assert kept(county) == [RABBITS[1]]
    assert groups(county) == [(RABBITS[1], 2, None), ("", 1, WORDLESS)]


def test_it_goes_in_small_pieces(county: Database) -> None:
    ask(county, *(f"第{number}种虫子咋治" for number in range(7)), days_ago=181)
    gather(county)
    left = [county.write(lambda session: drop_older_than(session, KEPT, most=3)) for _ in range(3)]
    assert left == [True, True, False]
    assert kept(county) == []


def test_a_note_on_a_closed_group_goes_and_its_reason_stays(county: Database) -> None:
    ask(county, RABBITS[0], RABBITS[1])
    gather(county)

    def close(session) -> None:
        group = session.scalars(select(GapGroup)).one()
        group.close(NOT_OURS, Staff.by_username(session, "qian"), "问过畜牧站王站长")
        group.closed_at = now() - timedelta(days=181)

    county.write(close)
    county.write(lambda session: drop_older_than(session, KEPT))
    with county.read() as session:
        group = session.scalars(select(GapGroup)).one()
        assert (group.note, group.reason, group.question) == (None, NOT_OURS, RABBITS[0])


def test_a_group_without_words_takes_in_nothing_and_is_not_opened_again(county: Database) -> None:
    ask(county, RABBITS[0], days_ago=181)
    gather(county)
    county.write(lambda session: drop_older_than(session, KEPT))
    with pytest.raises(Refused, match="已经按期删了"):
        county.write(lambda session: session.scalars(select(GapGroup)).one().reopen())
    ask(county, RABBITS[1])
    gather(county)
    assert groups(county) == [("", 1, WORDLESS), (RABBITS[1], 1, None)]


def test_words_that_go_while_a_like_question_is_placed_leave_it_to_stand_for_the_group(
    county: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models import gap_work

    ask(county, RABBITS[0], asker=1)
    gather(county)
    ask(county, RABBITS[1], asker=2)
    placed = gap_work._placed

    def meanwhile(*given):
        found = placed(*given)
        leave(county, 1)
        return found

    monkeypatch.setattr(gap_work, "_placed", meanwhile)
    gather(county)
    assert groups(county) == [(RABBITS[1], 2, None)]


def test_the_worker_does_it_by_name_for_as_long_as_there_is_something(county: Database) -> None:
    def many(session) -> None:
        session.add_all(Gap(question=RABBITS[0], asked_at=now() - timedelta(days=40)) for _ in range(230))

    county.write(many)
    line = Line("http://127.0.0.1:9", "")
    upkeep = Upkeep(gaps_kept=timedelta(days=30))
    job = next(one for one in jobs_of(county, WeChat(line, None), upkeep, threading.Event()) if one.name == "gap-words")
    job.run()
    with county.read() as session:
        assert session.scalar(select(func.count(Gap.id))) == 0


def test_who_asked_stands_in_no_list_of_the_console(county: Database) -> None:
    ask(county, RABBITS[0], asker=1)
    gather(county)
    with county.read() as session:
        assert "follower_id" not in GapGroup.__table__.c
        assert session.scalars(select(Gap.follower_id)).one() == 1
    county.write(lambda session: session.execute(update(Gap).values(asked_at=now())) and None)
