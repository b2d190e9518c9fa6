"""待补答案: what was asked in vain, seen by whom it concerns, passed on, drafted, closed and opened again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.article import DRAFT, ArticleVersion
from models.audit import AuditEntry
from models.base import now
from models.db import Database
from models.gap import ANSWERED, HOTLINE, UNHELPFUL, Asked, Gap, GapGroup
from models.gap_work import gather
from tests.console.factories import articles

LOW, OLD = "最低生活保障", "高龄津贴"
PAGE = "/console/gaps/"


@pytest.fixture
def gaps(county: Database) -> Database:
    """Three groups: one of nobody, asked twice; two of 民政局, one of them of an answer that did not help."""

    def work(session) -> None:
        ArticleVersion.seed(session, articles())
        for question in ("公积金怎么提取", "提取公积金要啥材料"):
            Gap.note(session, Asked(question))
        Gap.note(session, Asked("低保户年底还发米面不", item=LOW, aspect="依据"), HOTLINE)
        Gap.note(session, Asked("低保到底给多少，看不懂", UNHELPFUL, LOW, "领多少", "x"))

    county.write(work)
    gather(county)
    return county


def number_of(gaps: Database, words: str) -> int:
    with gaps.read() as session:
        return next(group.id for group in session.scalars(select(GapGroup)) if words in group.question)


def group_of(gaps: Database, words: str) -> GapGroup:
    with gaps.read() as session:
        return next(group for group in session.scalars(select(GapGroup)) if words in group.question)


def actions(gaps: Database) -> list[tuple[str, str]]:
    with gaps.read() as session:
        found = session.execute(select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id))
        return [(actor, action) for actor, action in found if action.startswith("gap.")]


def test_what_is_asked_most_comes_first_with_owner_age_and_count(gaps: Database, enter) -> None:
    text = enter("qian").get(PAGE).get_data(as_text=True)
    assert text.index("公积金怎么提取") < text.index("米面")
    for said in ("还没定", "民政局", "0天", "答了没帮上", "现在有3组没解决", "<b>2</b>"):
        assert said in text


def test_a_clerk_sees_the_own_departments_and_no_other(gaps: Database, enter) -> None:
    text = enter("lin").get(PAGE).get_data(as_text=True)
    assert "米面" in text
    assert "公积金" not in text
    assert "没有" not in enter("lin").get(f"{PAGE}{number_of(gaps, '米面')}").get_data(as_text=True).split("<h1>")[1][:30]
    assert enter("lin").get(f"{PAGE}{number_of(gaps, '公积金')}").status_code == 404
    other = enter("wang")
    assert "都答上了" in other.get(PAGE).get_data(as_text=True)
    assert other.post(f"{PAGE}{number_of(gaps, '米面')}/close", reason="not_ours").status_code == 404


def test_the_list_is_filtered_by_state_kind_and_owner(gaps: Database, enter) -> None:
    browser = enter("qian")
    assert "公积金" not in browser.get(f"{PAGE}?kind=unhelpful").get_data(as_text=True)
    assert "米面" not in browser.get(f"{PAGE}?owner=nobody").get_data(as_text=True)
    assert "没有符合条件的" in browser.get(f"{PAGE}?state=closed").get_data(as_text=True)
    for nonsense in ("owner=x", "owner=99999999999999999999", "kind=x", "state=x", "page=x", "page=99"):
        assert browser.get(f"{PAGE}?{nonsense}").status_code == 200


def test_a_group_shows_the_words_and_what_is_answered_now(gaps: Database, enter) -> None:
    text = enter("qian").get(f"{PAGE}{number_of(gaps, '公积金')}").get_data(as_text=True)
    for said in ("提取公积金要啥材料", "共2次", "微信", "答不上来", "还看不出"):
        assert said in text


def test_it_is_passed_on_and_given_back(gaps: Database, enter) -> None:
    number, browser = number_of(gaps, "公积金"), enter("qian")
    browser.get(f"{PAGE}{number}")
    with gaps.read() as session:
        from models.staff import Department

        farm = Department.named(session, "农业农村局").id
    browser.post(f"{PAGE}{number}/give", department=farm)
    assert "已交给农业农村局" in browser.text
    assert "公积金" in enter("wang").get(PAGE).get_data(as_text=True)
    clerk = enter("wang")
    clerk.get(f"{PAGE}{number}")
    clerk.post(f"{PAGE}{number}/give", department="nobody")
    assert "退给统筹" in clerk.text
    assert "公积金" not in clerk.get(PAGE).get_data(as_text=True)
    assert browser.post(f"{PAGE}{number}/give", department="999999").status_code == 409
    assert actions(gaps) == [("qian", "gap.give"), ("wang", "gap.give")]


def test_it_is_closed_with_a_reason_and_opened_again(gaps: Database, enter) -> None:
    number, browser = number_of(gaps, "公积金"), enter("qian")
    browser.get(f"{PAGE}{number}")
    assert browser.post(f"{PAGE}{number}/close", reason="").status_code == 422
    assert "请选一个办结的理由" in browser.text
    browser.post(f"{PAGE}{number}/close", reason="not_ours", note="归住房公积金中心")
    assert "办结了：不归我们管" in browser.text
    assert "公积金" in browser.get(f"{PAGE}?state=closed").get_data(as_text=True)
    assert "归住房公积金中心" in browser.get(f"{PAGE}{number}").get_data(as_text=True)
    assert "钱进" in browser.text
    browser.post(f"{PAGE}{number}/reopen")
    assert group_of(gaps, "公积金").is_open
    assert [action for _, action in actions(gaps)] == ["gap.close", "gap.reopen"]


def test_a_draft_is_begun_with_the_words_that_were_used(gaps: Database, enter) -> None:
    number, browser = number_of(gaps, "米面"), enter("lin")
    assert "起一份草稿" in browser.get(f"{PAGE}{number}").get_data(as_text=True)
    browser.post(f"{PAGE}{number}/draft", item=LOW)
    assert browser.page.status_code == 200
    assert "低保户年底还发米面不" in browser.text
    with gaps.read() as session:
        draft = session.scalars(select(ArticleVersion).where(ArticleVersion.status == DRAFT)).one()
        assert draft.item == LOW
        assert session.scalars(select(GapGroup.draft_id).where(GapGroup.id == number)).one() == draft.id
    assert "正在写" in browser.get(f"{PAGE}{number}").get_data(as_text=True)
    assert "有草稿" in browser.get(PAGE).get_data(as_text=True)


def test_nobody_begins_a_draft_for_an_item_that_is_not_theirs(gaps: Database, enter) -> None:
    number, browser = number_of(gaps, "米面"), enter("qian")
    assert "起一份草稿" not in browser.get(f"{PAGE}{number}").get_data(as_text=True)
    assert browser.post(f"{PAGE}{number}/draft", item=LOW).status_code == 403
    assert browser.post(f"{PAGE}{number_of(gaps, '公积金')}/draft").status_code == 422
    with gaps.read() as session:
        assert session.scalars(select(ArticleVersion).where(ArticleVersion.status == DRAFT)).all() == []


def test_the_weeks_show_the_list_shrinking(gaps: Database, enter) -> None:
    def past(session) -> None:
        session.execute(update(GapGroup).values(opened_at=now() - timedelta(days=40)))
        for group in session.scalars(select(GapGroup).where(GapGroup.kind == "unanswered")):
            group.close(ANSWERED)

    gaps.write(past)
    text = enter("qian").get(PAGE).get_data(as_text=True)
    assert "现在有1组没解决，比四周前少2组" in text
    rows = re.findall(r"<th scope=\"row\">[^<]*</th>" + r"<td[^>]*>(\d+)</td>" * 3, text)
    assert len(rows) == 12
    assert rows[0] == ("0", "2", "1")
    assert sum(int(opened) for opened, _, _ in rows) == 3
    assert {left for _, _, left in rows[1:6]} == {"3"}


def test_questions_that_wait_to_be_gathered_are_announced(gaps: Database, enter) -> None:
    gaps.write(lambda session: Gap.note(session, Asked("天然气啥时候通")))
    assert "还有1条刚收到" in enter("qian").get(PAGE).get_data(as_text=True)


def test_a_number_that_slipped_through_is_not_shown(gaps: Database, enter) -> None:
    number = number_of(gaps, "公积金")
    gaps.write(lambda session: setattr(session.get(GapGroup, number), "question", "我15400123456的公积金"))
    for path in (PAGE, f"{PAGE}{number}"):
        assert "15400123456" not in enter("qian").get(path).get_data(as_text=True)


def test_the_hotline_and_data_staff_have_no_such_page(gaps: Database, enter) -> None:
    assert enter("zhao").get(PAGE).status_code == 403
