"""The gaps page: how often answers helped; drafts show the words without keeping them; what is said of words that went."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.answer_day import AnswerDay
from models.article import DRAFT, ArticleVersion
from models.base import now
from models.call import ANSWERED, HotlineCall
from models.call_words import drop_older_than as drop_calls
from models.db import Database
from models.gap import Asked, Gap, GapGroup
from models.gap_words import drop_older_than as drop_gaps
from models.gap_work import gather
from models.staff import Staff
from tests.console.factories import articles
from tests.console.writing import ARTICLES, acting, fields_of

LOW, LAND = "最低生活保障", "耕地地力保护补贴"
PAGE = "/console/gaps/"


@pytest.fixture
def house(county: Database) -> Database:
    """Articles; of two items enough was said, and one question is asked in vain."""

    def work(session) -> None:
        ArticleVersion.seed(session, articles())
        for item, aspect, helped, unhelpful in (
            (LOW, "领多少", 4, 8),
            (LAND, "什么时候发", 11, 1),
            ("高龄津贴", "领多少", 1, 1),
        ):
            for kind, count in ((True, helped), (False, unhelpful)):
                for _ in range(count):
                    AnswerDay.count(session, item, aspect, helped=kind)
        Gap.note(session, Asked("低保户年底还发米面不", item=LOW, aspect="依据"))

    county.write(work)
    gather(county)
    return county


def of_shares(html: str) -> str:
    return html.split('id="shares"')[1].split("</section>")[0]


def test_the_least_helpful_comes_first_with_its_worst_section(house: Database, enter) -> None:
    said = of_shares(enter("qian").get(PAGE).get_data(as_text=True))
    assert f"2项有10个人以上说过，{LOW}最少：33%说帮上了" in said
    assert said.index(f">{LOW}</th>") < said.index(f">{LAND}</th>")
    for words in ("33%", "91%", "领多少：12个人里4个说帮上了"):
        assert words in said
    assert "高龄津贴" not in said


def test_a_clerk_sees_the_own_items_and_a_hint_where_too_few_said_anything(house: Database, enter) -> None:
    assert LAND not in of_shares(enter("lin").get(PAGE).get_data(as_text=True))
    assert LAND in of_shares(enter("wang").get(PAGE).get_data(as_text=True))

    def empty(session) -> None:
        for row in session.scalars(select(AnswerDay)):
            session.delete(row)

    house.write(empty)
    assert "一项满10个人才算占比" in enter("lin").get(PAGE).get_data(as_text=True)


def test_a_draft_shows_the_words_and_keeps_none(house: Database, enter) -> None:
    clerk = enter("lin")
    with house.read() as session:
        number = session.scalars(select(GapGroup.id)).one()
    clerk.get(f"{PAGE}{number}")
    clerk.post(f"{PAGE}{number}/draft", item=LOW)
    assert "群众是这样问的" in clerk.text
    assert "低保户年底还发米面不" in clerk.text
    with house.read() as session:
        draft = session.scalars(select(ArticleVersion).where(ArticleVersion.status == DRAFT)).one()
        assert draft.note == f"群众问了，还答不上，共1次（待补答案第{number}组）。"
    clerk.post(f"{ARTICLES}{draft.id}/edit", **(fields_of(clerk) | {"ask": "先问村里。"}))
    assert "低保户年底还发米面不" in acting(clerk, draft.id, "submit")
    assert "低保户年底还发米面不" in enter("qian").get(f"{ARTICLES}{draft.id}").get_data(as_text=True)
    house.write(lambda session: drop_gaps(session, timedelta(0)))
    assert "米面" not in clerk.get(f"{ARTICLES}{draft.id}").get_data(as_text=True)


def test_a_group_whose_words_went_says_so_and_cannot_be_opened(house: Database, enter) -> None:
    house.write(lambda session: drop_gaps(session, timedelta(0)))
    clerk = enter("lin")
    with house.read() as session:
        number = session.scalars(select(GapGroup.id)).one()
    assert "原话到期删了" in clerk.get(f"{PAGE}?state=closed").get_data(as_text=True)
    text = clerk.get(f"{PAGE}{number}").get_data(as_text=True)
    for said in ("原话到期，或者问的人走了，已经删掉", "共1次"):
        assert said in text
    assert "重新打开" not in text
    assert "米面" not in text
    assert clerk.post(f"{PAGE}{number}/reopen").status_code == 409
    assert "已经按期删了" in clerk.text


def test_a_call_whose_notes_went_says_so(county: Database, enter) -> None:
    def call(session) -> int:
        zhao = Staff.by_username(session, "zhao")
        made = HotlineCall.begin(session, zhao)
        made.note("他问隔壁的低保")
        made.looked(LOW, "没收到")
        made.end(session, zhao, ANSWERED)
        made.ended_at = now() - timedelta(days=1)
        return made.id

    number = county.write(call)
    agent = enter("zhao")
    assert "隔壁" in agent.get(f"/console/hotline/calls/{number}").get_data(as_text=True)
    county.write(lambda session: drop_calls(session, timedelta(0)))
    text = agent.get(f"/console/hotline/calls/{number}").get_data(as_text=True)
    assert "记的话到期删了" in text
    assert "不再保留" in text
    assert "隔壁" not in text
    assert "记的话到期删了" in agent.get("/console/hotline/calls/").get_data(as_text=True)
