"""公示 in the open: the same facts everywhere, and lists that show masked names for their time and no longer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.article import NO_DOCUMENT
from knowledge.catalogue.departments import DEPARTMENTS
from knowledge.catalogue.items import ITEMS
from knowledge.publicity import BOARD, NEVER, WEB, scene_of
from models.article import ArticleVersion
from models.db import Database
from models.payment import Batch
from models.publicity import ItemExposure, Publication
from models.resident import Resident
from models.village import VillageCode
from tests.console.conftest import Enter
from tests.console.factories import answerer, articles
from tests.console.publicity import (
    text_of,
    visitor,
    words_of,
)
from tests.publications import LAND, boss, hung, over, today

__all__ = ["visitor"]  # a fixture


# ---------------------------------------------------------------- the same facts everywhere


def _office_is_named(department: str, said: str) -> bool:
    return any(name in said for name in (department, *DEPARTMENTS[department].called))


def _facts() -> Iterator[tuple[str, list[str], list[str], str, str]]:
    for article in articles():
        if article.item in ITEMS:
            figures = [figure.words for figure in article.figures_in("领多少")]
            documents = [source.document for source in article.sources("领多少") if source.document != NO_DOCUMENT]
            yield article.item, figures, documents, article.department, article.slug


def test_the_sum_the_document_and_the_department_are_the_same_in_chat_on_pages_and_in_the_console(
    county: Database, visitor: FlaskClient, enter: Enter
) -> None:
    county.write(lambda session: ArticleVersion.seed(session, articles()))
    with county.read() as session:
        version = {row.item: row.id for row in session.scalars(select(ArticleVersion))}
    desk, agent = enter("sun"), enter("zhao")
    facts = list(_facts())
    assert [fact[0] for fact in facts if fact[0] not in ITEMS] == []
    assert len(facts) == len(ITEMS)
    for item, figures, documents, department, slug in facts:
        chat = answerer().section(item, "领多少")
        said = words_of(chat.text + chat.more)
        whom = answerer().section(item, "找谁")
        found = {
            "chat": said, "sheet": words_of(text_of(visitor, f"/items?q={item}")),
            "page": words_of(text_of(visitor, f"/articles/{slug}")),
            "console": words_of(desk.get(f"/console/articles/{version[item]}").get_data(as_text=True)),
            "hotline": words_of(agent.post("/console/hotline/search", q=f"{item}领多少").get_data(as_text=True)),
        }  # fmt: skip
        for fact in map(words_of, (*figures, *documents)):
            assert [place for place, words in found.items() if fact not in words] == [], (item, fact)
        assert _office_is_named(department, said + whom.text + whom.more), item
        assert department in found["sheet"], item
        assert department in found["console"], item


def test_the_sheet_holds_no_sum_that_no_article_holds(visitor: FlaskClient) -> None:
    # Every sum on the sheet stands in an article; nothing is written twice.
    known = {figure.words for article in articles() for figure in article.figures}
    known |= set(re.findall(r"\d[\d.]*元", "".join(section.lead for a in articles() for section in a.sections.values())))
    shown = set(re.findall(r"\d[\d.]*元", words_of(text_of(visitor, "/items"))))
    assert shown - known == set()


def test_the_sheet_is_searched_without_scripts(visitor: FlaskClient) -> None:
    found = text_of(visitor, "/items?q=低保")
    assert "最低生活保障" in found
    assert "耕地地力保护补贴" not in found
    assert "没找到" in text_of(visitor, "/items?q=飞机票")
    assert 'name="robots"' not in found  # the sheet is for everybody


# ---------------------------------------------------------------- a list in the open


def test_a_list_shows_masked_names_and_sums_and_nothing_else_of_a_person(county: Database, visitor: FlaskClient) -> None:
    code = hung(county)
    page = text_of(visitor, f"/publicity/{code}")
    assert "关*梅" in page
    assert "13.11亩" in page
    assert "1,068.47元" in page
    assert f"异议 {code}" in page
    with county.read() as session:
        for resident in session.scalars(select(Resident)):
            for secret in (resident.name, resident.id_number, resident.account, resident.phone, "吉林农信"):
                assert secret not in page
            assert resident.id_number[-4:] not in words_of(page).replace(code, "")


def test_nobody_keeps_a_list(county: Database, visitor: FlaskClient) -> None:
    code = hung(county)
    for path in (f"/publicity/{code}", "/publicity", "/publicity?town=万昌镇"):
        page = visitor.get(path)
        assert page.headers["Cache-Control"] == "no-store"
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert "nofollow" in page.headers["X-Robots-Tag"]
        assert '<meta name="robots" content="noindex, nofollow' in page.get_data(as_text=True)
    robots = visitor.get("/robots.txt").get_data(as_text=True)
    assert "Disallow: /publicity\n" in robots
    assert "Disallow: /console" in robots


def test_after_its_time_the_list_is_gone_and_says_so(county: Database, visitor: FlaskClient) -> None:
    code = hung(county)
    over(county, code)
    gone = visitor.get(f"/publicity/{code}")
    page = gone.get_data(as_text=True)
    assert gone.status_code == 410
    assert gone.headers["Cache-Control"] == "no-store"
    assert "已经结束" in page
    assert "关*梅" not in page
    assert code not in text_of(visitor, "/publicity?town=万昌镇")


def test_the_last_day_counts(county: Database, visitor: FlaskClient) -> None:
    code = hung(county, starts_on=today() - timedelta(days=7), days=7)
    assert "关*梅" in text_of(visitor, f"/publicity/{code}")


def test_a_list_is_not_there_before_its_time(county: Database, visitor: FlaskClient) -> None:
    code = hung(county, starts_on=today() + timedelta(days=1))
    assert visitor.get(f"/publicity/{code}").status_code == 404
    assert visitor.get("/publicity/GS-99999").status_code == 404
    assert visitor.get("/publicity/nonsense").status_code == 404


def test_a_list_of_a_withdrawn_file_is_gone_at_once(county: Database, visitor: FlaskClient) -> None:
    code = hung(county)
    county.write(lambda session: [batch.withdraw() for batch in session.scalars(select(Batch))])
    assert visitor.get(f"/publicity/{code}").status_code == 410
    assert code not in text_of(visitor, "/publicity?town=万昌镇")
    county.write(Publication.clear_gone)
    with county.read() as session:
        assert Publication.by_code(session, code).lines is None


def test_a_small_village_is_not_put_on_the_web(county: Database, visitor: FlaskClient) -> None:
    code = hung(county, "关玉梅", "刘刚")
    page = text_of(visitor, f"/publicity/{code}")
    assert "人少" in page
    assert "关*" not in page
    assert "公开栏" in page


def test_a_list_for_the_board_shows_no_names_on_the_web(county: Database, visitor: FlaskClient) -> None:
    code = hung(county, item="最低生活保障")
    page = text_of(visitor, f"/publicity/{code}")
    assert "不上网" in page
    assert "关*" not in page
    assert "名单贴在村务公开栏" in text_of(visitor, "/publicity?town=万昌镇")


def test_showing_less_takes_effect_at_once(county: Database, visitor: FlaskClient) -> None:
    code = hung(county)
    county.write(lambda s: ItemExposure.decide(s, boss(s), LAND, BOARD, "县里改成只贴公开栏", sure=False))
    assert "关*梅" not in text_of(visitor, f"/publicity/{code}")
    county.write(lambda s: ItemExposure.decide(s, boss(s), LAND, NEVER, "县里改成不公示了", sure=True))
    assert visitor.get(f"/publicity/{code}").status_code == 410


def test_showing_more_later_does_not_widen_a_list_that_hangs(county: Database, visitor: FlaskClient) -> None:
    code = hung(county, item="最低生活保障")
    county.write(lambda s: ItemExposure.decide(s, boss(s), "最低生活保障", WEB, "县里改成上网了", sure=True))
    assert "关*梅" not in text_of(visitor, f"/publicity/{code}")


def test_the_village_code_stands_on_the_page_once_it_is_made(county: Database, visitor: FlaskClient) -> None:
    code = hung(county)
    assert "data:image/png" not in text_of(visitor, f"/publicity/{code}")

    def make(session: Session) -> None:
        VillageCode.ask(session, "万昌镇", "花家")
        VillageCode.made(session, scene_of("万昌镇", "花家"), "http://weixin.qq.com/q/abc")

    county.write(make)
    assert "data:image/png" in text_of(visitor, f"/publicity/{code}")


def test_the_index_leads_from_township_to_village(county: Database, visitor: FlaskClient) -> None:
    code = hung(county)
    assert "万昌镇" in text_of(visitor, "/publicity")
    assert code in text_of(visitor, "/publicity?town=万昌镇&village=花家")
    assert code not in text_of(visitor, "/publicity?town=万昌镇&village=吴家")
    assert code in text_of(visitor, f"/publicity?item={LAND}")
    assert code not in text_of(visitor, "/publicity?town=口前镇&item=雨露计划")
