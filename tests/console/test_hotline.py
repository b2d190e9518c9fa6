"""The hotline's search: found while typing, narrowed, pinned; and what is new."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.article import PUBLISHED, ArticleVersion, today
from models.base import now
from models.db import Database
from models.desk_article import MOST_PINNED, DeskArticle
from models.gap import Gap
from models.staff import Staff
from tests.console.factories import articles


def found(browser, typed: str, **filters: str) -> list[str]:
    """Titles and aspects on the screen, in their order."""
    html = browser.post("/console/hotline/search", q=typed, **filters).get_data(as_text=True)
    return [" ".join(pair) for pair in re.findall(r'<b>([^<]*)</b><span class="sign">([^<]*)</span>', html)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("低保", "最低生活保障 概览"),
        ("低保没到账", "最低生活保障 没收到"),
        ("dibao", "最低生活保障 概览"),
        ("dibaosq", "最低生活保障 怎么申请"),
        ("gljt", "高龄津贴 概览"),
        ("苞米补贴一亩地多少钱", "玉米生产者补贴 领多少"),
    ],
)
def test_words_pinyin_and_initials_find_the_section(enter, typed: str, first: str) -> None:
    browser = enter("zhao")
    item, aspect = first.split()
    assert re.fullmatch(rf"{item}(（.*）)? {aspect}", found(browser, typed)[0])


def test_initials_of_two_names_show_both(enter) -> None:
    items = " ".join(found(enter("zhao"), "dbmdz"))
    assert "最低生活保障" in items
    assert "没收到" in items


def test_a_finding_has_the_sentence_the_source_and_the_day(enter) -> None:
    html = enter("zhao").post("/console/hotline/search", q="低保领多少").get_data(as_text=True)
    for said in ('class="aloud', "出处：", "核对", "问谁："):
        assert said in html


def test_nothing_typed_and_nothing_found_say_what_to_do(enter) -> None:
    browser = enter("zhao")
    assert "问得最多的" in browser.post("/console/hotline/search", q=" ").get_data(as_text=True)
    assert "没找到" in browser.post("/console/hotline/search", q="明天天气咋样").get_data(as_text=True)


def test_what_was_not_found_becomes_a_gap_without_numbers(county: Database, enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/")
    browser.post("/console/hotline/gap", q="我电话15400123456问过养蜂补贴")
    assert "记下了" in browser.text
    with county.read() as session:
        gap = session.scalars(select(Gap)).one()
    assert (gap.question, gap.source) == ("我电话〔电话〕问过养蜂补贴", "hotline")


def test_the_search_never_stands_in_an_address(app, enter) -> None:
    methods = {m for rule in app.url_map.iter_rules() if rule.endpoint == "hotline.search" for m in rule.methods}
    assert "GET" not in methods


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ({"item": "高龄津贴"}, {"高龄津贴"}), ({"department": "民政局"}, None), ({"aspect": "依据"}, None),
        ({"item": "高龄津贴", "aspect": "领多少"}, {"高龄津贴"}),
    ],
)  # fmt: skip
def test_filters_alone_list_what_there_is(enter, chosen: dict[str, str], shown: set[str] | None) -> None:
    browser = enter("zhao")
    by_item = {article.title: article for article in articles()}
    listed = [one.rpartition(" ") for one in found(browser, "", **chosen)]
    assert listed
    assert all(by_item[title].department == chosen.get("department", by_item[title].department) for title, _, _ in listed)
    assert all(aspect == chosen.get("aspect", aspect) for _, _, aspect in listed)
    assert shown is None or {by_item[title].item for title, _, _ in listed} == shown


def test_a_filter_narrows_what_was_typed(enter) -> None:
    browser = enter("zhao")
    department = next(article.department for article in articles() if article.item == "耕地地力保护补贴")
    titles = {article.title: article for article in articles()}
    listed = [one.rpartition(" ") for one in found(browser, "补贴", department=department, aspect="没收到")]
    assert listed
    assert {titles[title].department for title, _, _ in listed} == {department}
    assert {aspect for _, _, aspect in listed} == {"没收到"}


def test_an_unknown_filter_is_no_filter(enter) -> None:
    assert found(enter("zhao"), "低保", item="没有的", aspect="x", department="x")


def test_what_is_pinned_stands_first_and_is_ones_own(county: Database, enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/")
    assert "钉住的" not in browser.text
    browser.post("/console/hotline/pin", item="高龄津贴", aspect="领多少", on="1")
    assert "<h2>钉住的</h2>" in browser.text
    assert "钉住的" not in enter("lin").get("/console/hotline/").get_data(as_text=True)
    browser.post("/console/hotline/pin", item="高龄津贴", aspect="领多少", on="")
    assert "<h2>钉住的</h2>" not in browser.text
    with county.read() as session:
        assert [row.pinned_at for row in session.scalars(select(DeskArticle))] == [None]


def test_a_dozen_can_be_pinned_and_no_more(enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/")
    pairs = [(article.item, aspect) for article in articles() for aspect in article.sections][: MOST_PINNED + 1]
    for item, aspect in pairs[:-1]:
        assert browser.post("/console/hotline/pin", item=item, aspect=aspect, on="1").status_code == 200
    assert browser.post("/console/hotline/pin", item=pairs[-1][0], aspect=pairs[-1][1], on="1").status_code == 409
    assert "先取下一条" in browser.text


def test_what_was_opened_stands_among_the_recent_the_last_first(county: Database, enter) -> None:
    browser = enter("zhao")
    browser.get("/console/hotline/")
    many = [(article.item, "概览") for article in articles() if "概览" in article.sections][:10]
    for item, aspect in many:
        assert browser.post("/console/hotline/opened", item=item, aspect=aspect).status_code == 204
    assert browser.post("/console/hotline/opened", item="没有的", aspect="概览").status_code == 204
    html = browser.get("/console/hotline/").get_data(as_text=True)
    recent = html[html.index("<h2>刚看过的</h2>") : html.index("<h2>问得最多的</h2>")]
    titles = {article.item: article.title for article in articles()}
    assert re.findall(r"<b>([^<]*)</b>", recent) == [titles[item] for item, _ in reversed(many)][:8]
    with county.read() as session:
        assert len(session.scalars(select(DeskArticle)).all()) == 8


# ---------------------------------------------------------------- what changed this week


def publish(county: Database, item: str, change: tuple[str, str], *, days_ago: float = 1, **more: object) -> None:
    """The files' articles, published long ago, and a new version of one of them."""

    def work(session: Session) -> None:
        if not session.scalar(select(ArticleVersion.id).limit(1)):
            ArticleVersion.seed(session, articles())
            session.execute(update(ArticleVersion).values(published_at=now() - timedelta(days=60)))
        old = session.scalars(select(ArticleVersion).where(ArticleVersion.item == item, ArticleVersion.number == 1)).one()
        assert change[0] in old.content
        lin, qian = (Staff.by_username(session, name).id for name in ("lin", "qian"))
        session.add(
            ArticleVersion(
                item=item, number=2, status=PUBLISHED, content=old.content.replace(*change), base_id=old.id, written_by=lin,
                published_by=qian, published_at=now() - timedelta(days=days_ago), note="按新文件改", **more,
            )
        )  # fmt: skip

    county.write(work)


def changed(browser) -> str:
    html = browser.get("/console/hotline/").get_data(as_text=True)
    if "<h2>本周有变化</h2>" not in html:
        return ""
    return html[html.index("<h2>本周有变化</h2>") : html.index("<h2>问得最多的</h2>")]


def test_the_first_filling_of_the_database_is_no_news(county: Database, enter) -> None:
    county.write(lambda session: ArticleVersion.seed(session, articles()))
    assert changed(enter("zhao")) == ""


def test_what_was_published_this_week_is_told_with_what_it_says_now(county: Database, enter) -> None:
    lead = next(article for article in articles() if article.item == "高龄津贴").sections["概览"].lead
    publish(county, "高龄津贴", (lead, "满80岁就能领，村里可以代办。"))
    told = changed(enter("zhao"))
    assert "高龄津贴" in told
    assert "改为“满80岁就能领，村里可以代办" in told
    assert "按新文件改" in told


def test_a_short_change_is_told_with_what_stands_around_it(county: Database, enter) -> None:
    lead = next(article for article in articles() if article.item == "高龄津贴").sections["概览"].lead
    assert "80周岁" in lead
    publish(county, "高龄津贴", (lead, lead.replace("80周岁", "75周岁")))
    assert re.search("“[^”]+80周岁[^”]+”改为“[^”]+75周岁[^”]+”", changed(enter("zhao")))


def test_what_was_published_before_is_told_no_longer(county: Database, enter) -> None:
    lead = next(article for article in articles() if article.item == "高龄津贴").sections["概览"].lead
    publish(county, "高龄津贴", (lead, "满80岁就能领。"), days_ago=8)
    assert changed(enter("zhao")) == ""


def test_what_begins_today_is_news_and_what_begins_later_is_none(county: Database, enter) -> None:
    lead = {article.item: article.sections["概览"].lead for article in articles()}
    publish(county, "高龄津贴", (lead["高龄津贴"], "今天起用。"), days_ago=20, valid_from=today())
    publish(county, "最低生活保障", (lead["最低生活保障"], "以后起用。"), valid_from=today() + timedelta(days=3))
    told = changed(enter("zhao"))
    assert "今天起用" in told
    assert "以后起用" not in told
