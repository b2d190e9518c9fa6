"""A policy answer at the dispatcher's door: the section, one's own case, the page, and what is noted when nothing fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.dispatch import Dispatcher
from knowledge.wording import beijing
from models.base import now
from models.db import Database
from models.follower import Conversation, Follower
from models.gap import Gap
from models.payment import Batch, Payment
from models.prepared import Prepared
from models.resident import PARENT, Binding, Resident
from tests.factories import GUAN, SUN, live_batch, payment, resident
from tests.talk import VALUES, Phone, answerer

TODAY = beijing(now()).date()
YEAR = TODAY.year
LAND = "耕地地力保护补贴"
PAGE = "https://mbk.example.gov.cn"


def _people(session: Session) -> None:
    batch = live_batch(session, data_as_of=TODAY)
    guan, sun = resident(session, GUAN), resident(session, SUN)
    paid = {"item": LAND, "year": YEAR, "period": f"{YEAR}年", "stage_date": TODAY, "paid_date": TODAY}
    payment(session, batch, guan, amount_fen=107397, **paid)
    payment(session, batch, sun, amount_fen=55500, **paid)
    payment(session, batch, guan, year=YEAR, stage="发放失败", paid_date=None, stage_date=TODAY)
    for openid, person in (("oGuan", guan), ("oSun", sun)):
        Binding.make(session, Follower.met(session, openid), person, "name")
    Follower.met(session, "oStranger")


@pytest.fixture
def county(database: Database) -> Database:
    """关玉梅 and 孙学生, both bound and both paid; and a stranger."""
    database.write(_people)
    return database


@pytest.fixture
def with_pages(county: Database) -> Iterator[Dispatcher]:
    """A service that has public pages."""
    dispatcher = Dispatcher(county, replace(VALUES, public_url=PAGE), answerer)
    yield dispatcher
    dispatcher.behind.close()


def gaps(phone: Phone) -> list[Gap]:
    phone.dispatcher.behind.flush()
    with phone.dispatcher.database.read() as session:
        return list(session.scalars(select(Gap).order_by(Gap.id)))


# ---------------------------------------------------------------- one's own case


def test_who_is_bound_reads_the_own_payment_beside_the_answer(county: Database) -> None:
    said = Phone(county).say("地补领多少")
    assert f"您{YEAR}年这项领了1,073.97元，{TODAY.month}月{TODAY.day}日打到吉林农信 尾号9086" in said
    assert f"（数据到{TODAY.month}月{TODAY.day}日）" in said
    assert said.index("出处：") < said.index("您")
    assert f"看{YEAR}年{LAND}" in said


def test_an_own_case_is_never_kept_for_another_person(county: Database) -> None:
    guan, sun, stranger = (Phone(county, openid) for openid in ("oGuan", "oSun", "oStranger"))
    for _round in range(2):
        assert "1,073.97元" in guan.say("地补领多少")
        said = sun.say("地补领多少")
        assert "555元" in said
        assert "1,073.97元" not in said
        assert "这项领了" not in stranger.say("地补领多少")


def test_a_retry_of_the_question_tells_the_same_and_notes_nothing_twice(county: Database) -> None:
    phone = Phone(county)
    phone.say("公积金怎么提取")
    assert "记下了" in phone.again().text
    assert len(gaps(phone)) == 1


def test_what_came_back_is_told_with_the_way_on(county: Database) -> None:
    said = Phone(county).say("高龄津贴怎么申请")
    assert "钱退回来了，没丢" in said
    assert "发“没收到钱”看怎么办" in said


def test_an_item_that_was_never_paid_and_a_topic_show_no_case(county: Database) -> None:
    phone = Phone(county)
    assert "您的" not in phone.say("退耕还林领多少").split("问谁")[1]
    assert "这项" not in phone.say("社保卡丢了咋办")


def test_for_others_and_for_several_the_masked_names_are_said(county: Database) -> None:
    def bind_another(session: Session) -> None:
        sun = session.scalars(select(Binding.resident_id).where(Binding.follower_id == Follower.met(session, "oSun").id)).one()
        Binding.make(session, Follower.met(session, "oGuan"), session.get_one(Resident, sun), "name", relation=PARENT)

    county.write(bind_another)
    said = Phone(county).say("地补领多少")
    assert f"关*梅：{YEAR}年这项领了1,073.97元" in said
    assert f"孙*生：{YEAR}年这项领了555元" in said
    assert "关玉梅" not in said
    assert "您" + str(YEAR) not in said


def test_an_ended_binding_and_a_withdrawn_file_show_nothing_any_more(county: Database) -> None:
    phone = Phone(county)
    county.write(lambda s: s.execute(update(Batch).values(status="withdrawn")) and None)
    assert "这项领了" not in phone.say("地补领多少")
    county.write(lambda s: s.execute(update(Batch).values(status="live")) and None)
    assert "这项领了" in phone.say("地补领多少")
    county.write(lambda s: s.execute(update(Binding).values(ended_at=now())) and None)
    assert "这项领了" not in phone.say("地补领多少")


def test_the_newest_file_counts_and_a_dropped_payment_is_not_shown(county: Database) -> None:
    def correct(session: Session) -> None:
        old = session.scalars(select(Payment).where(Payment.amount_fen == 107397)).one()
        guan = session.get_one(Resident, old.resident_id)
        batch = live_batch(session, data_as_of=TODAY)
        payment(session, batch, guan, item=LAND, year=YEAR, period=f"{YEAR}年", amount_fen=99900, stage_date=TODAY, paid_date=TODAY)

    county.write(correct)
    phone = Phone(county)
    assert "999元" in phone.say("地补领多少")
    county.write(lambda s: s.execute(update(Payment).where(Payment.amount_fen == 99900).values(stage="撤回")) and None)
    assert "这项领了" not in phone.say("地补领多少")


@pytest.mark.parametrize(("openid", "reads"), [("oGuan", 1), ("oStranger", 0)])
def test_the_own_case_costs_one_read_and_nothing_for_who_is_not_bound(
    county: Database, monkeypatch: pytest.MonkeyPatch, openid: str, reads: int
) -> None:
    phone = Phone(county, openid)
    phone.say("低保怎么申请", "社保卡丢了咋办")
    runs: list[Prepared] = []
    rows = Prepared.rows
    monkeypatch.setattr(Prepared, "rows", lambda self, *given: runs.append(self) or rows(self, *given))
    phone.say("社保卡丢了咋办")
    without = len(runs)
    runs.clear()
    phone.say("地补领多少")
    assert len(runs) == without + reads


# ---------------------------------------------------------------- the page, and more


def test_more_brings_the_rest_the_page_and_the_question_whether_it_helped(with_pages: Dispatcher, county: Database) -> None:
    phone = Phone(county, "oStranger", with_pages)
    said = phone.say("地补领多少")
    assert "更多" in phone.links
    assert "帮上了" not in said
    more = phone.say("更多")
    assert f"{PAGE}/a/gengdi-dili-baohu" in more
    assert phone.links == ["帮上了", "没帮上忙"]


def test_without_public_pages_there_is_no_link(county: Database) -> None:
    phone = Phone(county, "oStranger")
    assert "http" not in phone.say("地补领多少") + phone.say("更多")


def test_an_answer_stays_short(with_pages: Dispatcher, county: Database) -> None:
    phone = Phone(county, "oGuan", with_pages)
    for question in ("地补领多少", "高龄津贴谁能领", "养老金什么时候发"):
        text = phone.say(question).split("\n\n1. ")[0]
        assert text.count("\n") <= 8, text


# ---------------------------------------------------------------- what is not known


def test_what_is_not_known_is_said_noted_and_leads_to_people(county: Database) -> None:
    phone = Phone(county, "oStranger")
    said = phone.say("我电话15400123456，公积金怎么提取")
    for part in ("答不上来", "12345", "记下了", "我要咨询", "热线电话"):
        assert part in said
    (gap,) = gaps(phone)
    assert gap.question == "我电话〔电话〕，公积金怎么提取"
    assert (gap.kind, gap.item, gap.source) == ("unanswered", None, "chat")


def test_the_case_that_follows_has_the_question_already(county: Database) -> None:
    phone = Phone(county, "oStranger")
    phone.say("公积金怎么提取")
    phone.say("我要咨询")
    with county.read() as session:
        state = session.scalars(select(Conversation.state).where(Conversation.flow == "case")).one()
    assert "公积金怎么提取" in str(state)


def test_the_first_message_of_somebody_new_is_noted_too(county: Database) -> None:
    phone = Phone(county, "oNew")
    phone.say("公积金怎么提取")
    assert [gap.question for gap in gaps(phone)] == ["公积金怎么提取"]


@pytest.mark.parametrize("said", ["？？？", "1", "气死我了", "谢谢", "您好", "给我查查邻居领了多少"])
def test_what_asks_for_no_knowledge_is_no_gap(county: Database, said: str) -> None:
    phone = Phone(county, "oStranger")
    phone.say(said)
    assert gaps(phone) == []


def test_nothing_of_a_gap_can_be_read_in_the_database(county: Database) -> None:
    phone = Phone(county, "oStranger")
    phone.say("公积金怎么提取")
    gaps(phone)
    with county.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT question FROM gaps").scalar_one()
    assert "公积金".encode() not in bytes(stored)


def test_old_payments_stay_in_the_look_up(county: Database) -> None:
    county.write(lambda s: s.execute(update(Payment).values(year=YEAR - 3, stage_date=date(YEAR - 3, 5, 1))) and None)
    assert "这项" not in Phone(county).say("地补领多少").split("问谁")[1]


