"""A version begins and ends with a day, and nobody needs to be there; what was not confirmed says so until somebody does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from knowledge.article import NO_DOCUMENT
from knowledge.errors import NotAllowed, NotThere, Refused
from models import editing
from models.article import ArticleVersion, today
from models.article_desk import Desk, is_out_of_date
from models.audit import AuditEntry
from models.db import Database
from models.editing import Days
from tests.console.factories import articles
from tests.models.editors import (
    DIBAO,
    draft,
    in_use,
    number_one,
    open_house,
    published,
    seen,
    who,
    with_amount,
    with_ask,
)

DAY = timedelta(days=1)
GUESSED = "经济困难老年人补贴"  # an article of 民政局 that rests on general knowledge


@pytest.fixture
def house(database: Database) -> Database:
    """The articles, and those who keep them."""
    open_house(database)
    return database


def test_a_version_for_a_later_day_waits_and_comes_by_itself(house: Database) -> None:
    first_day = today() + 10 * DAY
    published(house, with_amount("rural", 50000), days=Days(valid_from=first_day))
    assert "470元" in in_use(house).sections["领多少"].lead
    assert "470元" in in_use(house, day=first_day - DAY).sections["领多少"].lead
    assert "500元" in in_use(house, day=first_day).sections["领多少"].lead


def test_what_was_written_for_today_is_out_of_date_once_the_waiting_version_has_begun(
    house: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_day = today() + 10 * DAY
    published(house, with_ask("明年的说法。"), days=Days(valid_from=first_day))
    version_id = draft(house, with_ask("今天的说法。"))
    with house.read() as session:
        assert not is_out_of_date(session, session.get_one(ArticleVersion, version_id))
        monkeypatch.setattr("models.article_desk.today", lambda: first_day)
        assert is_out_of_date(session, session.get_one(ArticleVersion, version_id))


def test_a_waiting_version_leaves_room_for_one_that_is_used_until_then(house: Database) -> None:
    first_day = today() + 10 * DAY
    published(house, with_ask("明年的说法。"), days=Days(valid_from=first_day))
    published(house, with_ask("今天的说法。"))
    assert in_use(house).ask == "今天的说法。"
    assert in_use(house, day=first_day).ask == "明年的说法。"


def test_of_two_for_one_day_the_one_approved_last_counts(house: Database) -> None:
    first_day = today() + 10 * DAY
    published(house, with_ask("先批的。"), days=Days(valid_from=first_day))
    published(house, with_ask("后批的。"), days=Days(valid_from=first_day))
    assert in_use(house, day=first_day).ask == "后批的。"


def test_a_waiting_version_can_be_called_off_with_a_reason(house: Database) -> None:
    first_day = today() + 10 * DAY
    version_id = published(house, with_ask("明年的说法。"), days=Days(valid_from=first_day))
    with pytest.raises(Refused, match="为什么"):
        house.write(lambda s: editing.cancel(s, who(s, "luo"), version_id, ""))
    house.write(lambda s: editing.cancel(s, who(s, "luo"), version_id, "文件推迟了"))
    assert in_use(house, day=first_day).ask != "明年的说法。"
    with pytest.raises(Refused, match="不在等着起用"):
        house.write(lambda s: editing.cancel(s, who(s, "luo"), number_one(house), "文件推迟了"))


def test_an_outlived_version_says_no_figure_and_the_one_before_it_does_not_come_back(house: Database) -> None:
    last_day = today() + 5 * DAY
    published(house, with_amount("rural", 50000), days=Days(valid_to=last_day))
    assert "500元" in in_use(house, day=last_day).sections["领多少"].lead
    over = in_use(house, day=last_day + DAY)
    told = "".join(f"{section.lead}{section.body}" for section in over.sections.values())
    assert "以县级主管部门当年公布为准" in over.sections["领多少"].lead
    assert "县民政局" in over.sections["领多少"].lead
    assert "500元" not in told
    assert "470元" not in told
    assert over.figures == ()
    assert (over.document, over.year) == (NO_DOCUMENT, None)
    assert over.unconfirmed
    assert over.sections["怎么申请"] == in_use(house).sections["怎么申请"]


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (Days(valid_from=today() - DAY), "valid_from"),
        (Days(valid_to=today() - DAY), "valid_to"),
        (Days(valid_from=today() + 5 * DAY, valid_to=today() + 4 * DAY), "valid_to"),
        (Days(check_by=today()), "check_by"),
    ],
)
def test_days_that_cannot_be_are_named(days: Days, name: str) -> None:
    assert list(days.faults(today())) == [name]


def test_days_that_can_be_are_taken() -> None:
    assert Days(today(), today(), today() + DAY).faults(today()) == {}


def test_a_version_that_waited_too_long_for_its_approval_begins_today(house: Database) -> None:
    version_id = draft(house, with_ask("晚批了。"), days=Days(valid_from=today()))

    def hand_in_late(session) -> None:
        session.get_one(ArticleVersion, version_id).valid_from = today() - 3 * DAY
        session.flush()
        editing.submit(session, who(session, "lin"), version_id, **seen(session, version_id))

    house.write(hand_in_late)
    house.write(lambda s: editing.approve(s, who(s, "luo"), version_id, **seen(s, version_id)))
    with house.read() as session:
        assert session.get_one(ArticleVersion, version_id).valid_from == today()


def test_a_version_whose_last_day_is_over_is_not_approved(house: Database) -> None:
    version_id = draft(house, with_ask("过期了。"))

    def hand_in(session) -> None:
        session.get_one(ArticleVersion, version_id).valid_to = today() - DAY
        session.flush()
        editing.submit(session, who(session, "lin"), version_id, **seen(session, version_id))

    house.write(hand_in)
    with pytest.raises(Refused, match="最后一天已经过了"):
        house.write(lambda s: editing.approve(s, who(s, "luo"), version_id, **seen(s, version_id)))


# ---------------------------------------------------------------- looked at again


def make_due(house: Database, day: date) -> None:
    house.write(lambda s: s.execute(update(ArticleVersion).where(ArticleVersion.item == DIBAO).values(check_by=day)))


def test_the_owner_is_reminded_two_weeks_before_the_day_of_the_next_check(house: Database) -> None:
    for ahead, is_told in ((15, False), (14, True), (-3, True)):
        make_due(house, today() + ahead * DAY)
        with house.read() as session:
            for name in ("lin", "luo", "sun"):
                assert [row.item for row in Desk.of(session, who(session, name)).due] == [DIBAO] * is_told, (name, ahead)
            assert Desk.of(session, who(session, "wang")).count == 0


def test_an_article_that_was_checked_and_holds_gets_todays_date_from_two_persons(house: Database) -> None:
    make_due(house, today())
    version_id = house.write(lambda s: editing.still_right(s, who(s, "lin"), DIBAO).id)
    with house.read() as session:
        assert Desk.of(session, who(session, "luo")).reviews[0].id == version_id
    house.write(lambda s: editing.approve(s, who(s, "luo"), version_id, **seen(s, version_id)))
    assert in_use(house).checked == today()
    with house.read() as session:
        assert Desk.of(session, who(session, "lin")).count == 0


# ---------------------------------------------------------------- confirmed


def test_a_guess_is_marked_until_a_clerk_of_its_department_confirms_it(house: Database) -> None:
    assert in_use(house, GUESSED).unconfirmed
    version_id = number_one(house, GUESSED)
    for name, refusal in (("wang", NotThere), ("qian", NotAllowed), ("sun", NotAllowed)):
        with pytest.raises(refusal):
            house.write(lambda s, name=name: editing.confirm(s, who(s, name), version_id, "照文件核对"))
    with pytest.raises(Refused, match="照什么"):
        house.write(lambda s: editing.confirm(s, who(s, "lin"), version_id, ""))
    house.write(lambda s: editing.confirm(s, who(s, "lin"), version_id, "照县里的文件核对过"))
    assert not in_use(house, GUESSED).unconfirmed
    with house.read() as session:
        version = session.get_one(ArticleVersion, version_id)
        assert version.confirmed_by == who(session, "lin").id
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "article.confirm")).one()
        assert (entry.actor, entry.subject, (entry.detail or {})["reason"]) == ("lin", f"article:{GUESSED}", "照县里的文件核对过")
    with pytest.raises(Refused, match="不用核实"):
        house.write(lambda s: editing.confirm(s, who(s, "luo"), version_id, "照文件核对"))


def test_another_text_has_to_be_confirmed_anew(house: Database) -> None:
    house.write(lambda s: editing.confirm(s, who(s, "lin"), number_one(house, GUESSED), "照县里的文件核对过"))
    published(house, with_ask("先问村里。"), item=GUESSED)
    assert in_use(house, GUESSED).unconfirmed


# ---------------------------------------------------------------- what stands already


def test_a_text_that_cannot_be_read_does_not_silence_the_others(house: Database) -> None:
    house.write(lambda s: s.execute(update(ArticleVersion).where(ArticleVersion.item == DIBAO).values(content="没有开头")))
    with house.read() as session:
        assert len(ArticleVersion.published(session)) == len(articles()) - 1


def test_an_item_that_the_catalogue_no_longer_holds_answers_nobody(house: Database) -> None:
    house.write(lambda s: s.execute(update(ArticleVersion).where(ArticleVersion.item == DIBAO).values(item="取消了的补贴")))
    with house.read() as session:
        assert len(ArticleVersion.published(session)) == len(articles()) - 1
        with pytest.raises(NotThere):
            editing.begin(session, who(session, "sun"), "取消了的补贴")


def test_a_newer_file_arrives_as_a_draft_that_knows_what_it_was_written_upon(house: Database) -> None:
    changed = with_ask("软件带来的新说法。")(next(one for one in articles() if one.item == DIBAO))
    house.write(lambda s: ArticleVersion.seed(s, [changed]))
    assert in_use(house).ask != changed.ask
    with house.read() as session:
        arrived = session.scalars(select(ArticleVersion).where(ArticleVersion.number == 2)).one()
        assert (arrived.status, arrived.base_id) == ("draft", number_one(house))
    house.write(lambda s: editing.submit(s, who(s, "lin"), arrived.id, **seen(s, arrived.id)))
    with pytest.raises(Refused, match="自己写的"):
        house.write(lambda s: editing.approve(s, who(s, "lin"), arrived.id, **seen(s, arrived.id)))
    house.write(lambda s: editing.approve(s, who(s, "luo"), arrived.id, **seen(s, arrived.id)))
    assert in_use(house).ask == changed.ask
