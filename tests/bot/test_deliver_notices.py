"""Notices (订阅通知, 模板消息): they say that there is an answer, once, and never what it says. The answer still rides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.deliver import Templates, deliver_due
from knowledge.wording import beijing
from models.base import now
from models.case import Case, Filing
from models.db import Database
from models.delivery import WAITING, Delivery
from models.follower import Consent, Follower
from models.staff import Department
from tests.bot.outside import SEND, TEMPLATE, Outside, outside, wait_for
from tests.talk import Phone

ANSWER = "民政局答复了您的事:下个月补发。"
NOTHING = Templates()
NOTICES = Templates(subscribe=TEMPLATE)
SUBSCRIBE_PATH = "/cgi-bin/message/subscribe/bizsend"


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as found:
        yield found


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Delivery.status).order_by(Delivery.id)))


def due_again(database: Database) -> None:
    database.write(lambda s: s.execute(update(Delivery).values(next_at=now())) and None)


def agrees(database: Database, world: Outside, times: int = 1, on_the_platform: bool = True) -> None:
    for _ in range(times):
        if on_the_platform:
            world.platform.consent(world.openid, TEMPLATE, "once")
        database.write(lambda s: Consent.record(s, Follower.met(s, world.openid), TEMPLATE, accepted=True))


def agreements_left(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(Consent.remaining)).one()


def test_a_notice_goes_where_consent_was_given_and_the_answer_still_rides(database: Database, world: Outside) -> None:
    agrees(database, world, times=2)
    wait_for(database, world.openid, ANSWER, seen=False)
    deliver_due(database, world.wechat(database), NOTICES)
    assert world.cards() == 1
    assert agreements_left(database) == 1
    due_again(database)
    deliver_due(database, world.wechat(database), NOTICES)
    assert world.cards() == 1
    assert Phone(database, world.openid).say("在吗").startswith(ANSWER)


def test_a_consent_that_the_platform_no_longer_knows_costs_nothing(database: Database, world: Outside) -> None:
    wait_for(database, world.openid, ANSWER, seen=False)
    agrees(database, world, on_the_platform=False)
    deliver_due(database, world.wechat(database), NOTICES)
    assert world.cards() == 0
    assert states(database) == [WAITING]
    assert agreements_left(database) == 0


def test_where_the_first_notice_is_refused_the_other_goes(database: Database, world: Outside) -> None:
    wait_for(database, world.openid, ANSWER, seen=False)
    agrees(database, world, on_the_platform=False)
    deliver_due(database, world.wechat(database), Templates(subscribe=TEMPLATE, template="AT0002"))
    assert world.platform.count(SUBSCRIBE_PATH) == 1
    assert world.cards() == 1


def test_a_notice_that_the_busy_platform_did_not_take_is_given_later_and_its_consent_kept(
    database: Database, world: Outside
) -> None:
    agrees(database, world)
    wait_for(database, world.openid, ANSWER, seen=False)
    wechat = world.wechat(database)
    world.platform.answer_next(-1, 1, SUBSCRIBE_PATH)
    deliver_due(database, wechat, NOTICES)
    assert (world.cards(), agreements_left(database), states(database)) == (0, 1, [WAITING])
    assert deliver_due(database, wechat, NOTICES) == 0
    due_again(database)
    deliver_due(database, wechat, NOTICES)
    assert (world.cards(), agreements_left(database)) == (1, 0)


def test_a_notice_that_may_have_arrived_is_not_given_again(database: Database, world: Outside) -> None:
    agrees(database, world, times=2)
    wait_for(database, world.openid, ANSWER, seen=False)
    wechat = world.wechat(database)
    world.platform.fail_next(1, "drop-after", SUBSCRIBE_PATH)
    deliver_due(database, wechat, NOTICES)
    due_again(database)
    deliver_due(database, wechat, NOTICES)
    assert world.platform.count(SUBSCRIBE_PATH) == 1
    assert Phone(database, world.openid).say("在吗").startswith(ANSWER)


def filed(session, openid: str) -> Case:
    office = Department(name="民政局", full_name="永吉县民政局", kind="department")
    session.add(office)
    session.flush()
    filing = Filing(text="高龄津贴没到账", kind="投诉", department=office, source="chat")
    case, _code = Case.file(session, filing, follower=Follower.met(session, openid))
    session.flush()
    return case


@pytest.mark.parametrize(("what", "cards"), [("answered", 1), ("accepted", 0)])
def test_a_notice_says_that_there_is_an_answer_with_its_number_and_nothing_of_it(
    database: Database, world: Outside, what: str, cards: int
) -> None:
    def work(session) -> str:
        case = filed(session, world.openid)
        case.tell(case.happened(session, what, None, public=True), "低保从下个月起恢复")
        Follower.met(session, world.openid).last_seen_at = None
        return case.number

    number = database.write(work)
    agrees(database, world)
    deliver_due(database, world.wechat(database), NOTICES)
    shown = [entry.shown.content for entry in world.platform.transcript(world.openid) if entry.shown.kind == "card"]
    assert len(shown) == cards
    assert agreements_left(database) == 1 - cards
    for card in shown:
        assert f"{number}有答复了" in str(card)
        assert "低保" not in str(card)


@pytest.mark.parametrize("code", [48001, 45002, 40003, 43004])
def test_what_the_platform_refuses_goes_the_next_way_at_once(
    sqlite_database: Database, world: Outside, code: int
) -> None:
    world.writes()
    agrees(sqlite_database, world)
    wait_for(sqlite_database, world.openid, ANSWER)
    world.platform.answer_next(code, 1, SEND)
    deliver_due(sqlite_database, world.wechat(sqlite_database), NOTICES)
    assert world.cards() == 1


@pytest.mark.parametrize(("agreed", "cards"), [(1, 0), (2, 1)])
def test_a_word_of_money_leaves_the_last_agreement_to_an_awaited_answer(
    database: Database, world: Outside, agreed: int, cards: int
) -> None:
    agrees(database, world, times=agreed)

    def work(session):
        filed(session, world.openid)
        follower = Follower.met(session, world.openid)
        follower.last_seen_at = None
        session.add(Delivery(follower_id=follower.id, text="到账提醒", extra=True))

    database.write(work)
    deliver_due(database, world.wechat(database), NOTICES)
    assert world.cards() == cards


def test_what_was_paid_wakes_nobody_at_night_and_an_answer_may(database: Database, world: Outside) -> None:
    world.writes()
    wait_for(database, world.openid, "有答复了")

    def paid(session: Session) -> None:
        follower = Follower.met(session, world.openid)
        session.add(Delivery(follower_id=follower.id, text="到账提醒", extra=True))

    database.write(paid)
    hour = beijing(now()).hour
    night = ((hour + 1) % 24, (hour + 1) % 24 + 1)
    assert deliver_due(database, world.wechat(database), NOTHING, hours=night) == 2
    assert world.received() == ["有答复了"]
    with database.read() as session:
        waits = session.scalars(select(Delivery).where(Delivery.extra)).one()
        assert (waits.status, beijing(waits.next_at).hour, beijing(waits.next_at).minute) == (WAITING, night[0], 0)
        assert timedelta(0) < waits.next_at - now() <= timedelta(hours=24)
    database.write(lambda s: s.execute(update(Delivery).where(Delivery.extra).values(next_at=now())) and None)
    deliver_due(database, world.wechat(database), NOTHING, hours=(hour, hour + 1))
    assert world.received() == ["有答复了", "到账提醒"]
