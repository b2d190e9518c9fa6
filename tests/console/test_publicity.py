"""公示 on pages: the same facts everywhere, masked names in their time, nothing afterwards; and the desk behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from console import register_public
from knowledge.article import NO_DOCUMENT
from knowledge.catalogue.departments import DEPARTMENTS
from knowledge.catalogue.items import ITEMS
from knowledge.publicity import BOARD, NEVER, WEB, scene_of
from models.article import ArticleVersion
from models.audit import AuditEntry
from models.db import Database
from models.payment import Batch
from models.publicity import ItemExposure, Publication
from models.resident import Resident
from models.staff import Department, Staff
from models.village import VillageCode
from tests.console import rules
from tests.console.conftest import Enter
from tests.console.factories import PASSWORD, Browser, answerer, articles, values
from tests.publications import LAND, NAMES, boss, hang, hung, over, pay, today

CHILDREN = "孤儿和事实无人抚养儿童基本生活费"


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    page = client.get(path)
    assert page.status_code == status, (path, page.status_code)
    html = page.get_data(as_text=True)
    rules.check(html)
    return html


def words_of(html: str) -> str:
    """What a reader reads: without tags, blanks closed up."""
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", html)))


def township_clerk(county: Database, town: str = "万昌镇") -> None:
    def work(session: Session) -> None:
        Staff.create(session, "town", PASSWORD, name="何敏", role="clerk", department=Department.named(session, town))

    county.write(work)


def audited(county: Database, action: str) -> list[AuditEntry]:
    with county.read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


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


# ---------------------------------------------------------------- at the desk


def issue_path(batch: int, item: str = LAND) -> str:
    return f"/console/publicity/new?batch={batch}&item={item}&year=2026&period=2026年第1批"


def hang_at_desk(browser: Browser, batch: int, *places: str, item: str = LAND, days: int = 7) -> TestResponse:
    browser.get(issue_path(batch, item))
    return browser.post(
        "/console/publicity/new", batch=batch, item=item, year=2026, period="2026年第1批", place=list(places),
        starts_on=today().isoformat(), ends_on=(today() + timedelta(days=days)).isoformat(),
    )  # fmt: skip


def paid(county: Database, **more: object) -> int:
    return county.write(lambda session: pay(session, **more).id)


def test_the_county_hangs_a_batch_for_its_villages(county: Database, enter: Enter) -> None:
    batch = paid(county)

    def elsewhere(session: Session) -> None:
        pay(session, NAMES, town="口前镇", village="红旗", first=10, batch=session.get(Batch, batch))

    county.write(elsewhere)
    admin = enter("hua")
    assert LAND in admin.get(f"/console/publicity/new?batch={batch}").get_data(as_text=True)
    page = admin.get(issue_path(batch)).get_data(as_text=True)
    assert "万昌镇花家村" in page
    assert "口前镇红旗村" in page
    done = hang_at_desk(admin, batch, "万昌镇/花家", "口前镇/红旗")
    assert "挂出了2份名单" in done.get_data(as_text=True)
    assert len(audited(county, "publicity.hang")) == 2


def test_one_form_sent_twice_hangs_once(county: Database, enter: Enter) -> None:
    batch, admin = paid(county), enter("hua")
    admin.get(issue_path(batch))
    once = admin.once
    form = {
        "batch": batch, "item": LAND, "year": 2026, "period": "2026年第1批", "place": "万昌镇/花家",
        "starts_on": today().isoformat(), "ends_on": (today() + timedelta(days=7)).isoformat(),
    }  # fmt: skip
    for _ in range(2):
        assert admin.post("/console/publicity/new", once=once, **form).status_code == 200
    assert len(audited(county, "publicity.hang")) == 1


def test_a_list_hung_anew_replaces_the_old_one(county: Database, enter: Enter, visitor: FlaskClient) -> None:
    batch, admin = paid(county), enter("hua")
    hang_at_desk(admin, batch, "万昌镇/花家")
    hang_at_desk(admin, batch, "万昌镇/花家")
    assert visitor.get("/publicity/GS-1001").status_code == 410
    assert "关*梅" in text_of(visitor, "/publicity/GS-1002")


def test_a_corrected_file_counts_and_the_desk_is_told(county: Database, enter: Enter, visitor: FlaskClient) -> None:
    code = hung(county)
    paid(county, names=NAMES[:1], amount_fen=200000)
    admin = enter("hua")
    assert "请重新挂一份" in admin.get(f"/console/publicity/lists/{code}").get_data(as_text=True)
    county.write(lambda session: hang(session))
    page = text_of(visitor, "/publicity/GS-1002")
    assert "2,000元" in page
    assert page.count("关*梅") == 1


def test_too_short_a_time_is_refused_where_a_rule_says_how_long(county: Database, enter: Enter) -> None:
    batch = paid(county, item="最低生活保障")
    answer = hang_at_desk(enter("hua"), batch, "万昌镇/花家", item="最低生活保障", days=3)
    assert answer.status_code == 422
    assert "日子不够" in answer.get_data(as_text=True)
    assert audited(county, "publicity.hang") == []


def test_what_is_never_shown_cannot_be_hung(county: Database, enter: Enter) -> None:
    batch = paid(county, item=CHILDREN)
    admin = enter("hua")
    assert "定的是不公示" in admin.get(issue_path(batch, CHILDREN)).get_data(as_text=True)
    form = {
        "batch": batch, "item": CHILDREN, "year": 2026, "period": "2026年第1批", "place": "万昌镇/花家",
        "starts_on": today().isoformat(), "ends_on": (today() + timedelta(days=7)).isoformat(),
    }  # fmt: skip
    admin.get("/console/publicity/exposures/" + CHILDREN)
    assert admin.post("/console/publicity/new", **form).status_code == 422
    assert audited(county, "publicity.hang") == []


def test_people_without_a_village_are_counted_and_left_out(county: Database, enter: Enter) -> None:
    batch = paid(county)
    county.write(lambda s: pay(s, ("安国山",), village=None, first=30, batch=s.get(Batch, batch)) and None)
    assert "有1个人没写乡镇或村" in enter("hua").get(issue_path(batch)).get_data(as_text=True)


def test_a_township_hangs_prints_and_takes_down_its_own_lists_only(county: Database, enter: Enter) -> None:
    code = hung(county)

    def other(session: Session) -> str:
        pay(session, NAMES, town="口前镇", village="红旗", first=10)
        return hang(session, place=("口前镇", "红旗")).code

    elsewhere = county.write(other)
    township_clerk(county)
    clerk = enter("town")
    listed = clerk.get("/console/publicity/").get_data(as_text=True)
    assert code in listed
    assert elsewhere not in listed
    assert clerk.get(f"/console/publicity/lists/{elsewhere}").status_code == 404
    assert clerk.get(f"/console/publicity/print?code={elsewhere}").status_code == 404
    assert "关*梅" in clerk.get(f"/console/publicity/print?code={code}").get_data(as_text=True)
    assert clerk.get("/console/publicity/exposures").status_code == 403
    assert [entry.subject for entry in audited(county, "publicity.print")] == [f"publicity:{code}"]


def test_a_township_cannot_hang_the_list_of_another(county: Database, enter: Enter) -> None:
    batch = paid(county)
    township_clerk(county, "口前镇")
    clerk = enter("town")
    assert "没有归您公示的村" in clerk.get(issue_path(batch)).get_data(as_text=True)
    clerk.get("/console/publicity/codes/")
    form = {
        "batch": batch, "item": LAND, "year": 2026, "period": "2026年第1批", "place": "万昌镇/花家",
        "starts_on": today().isoformat(), "ends_on": (today() + timedelta(days=7)).isoformat(),
    }  # fmt: skip
    assert clerk.post("/console/publicity/new", **form).status_code in (404, 422)
    assert audited(county, "publicity.hang") == []


def test_a_bureau_hangs_its_own_items_only(county: Database, enter: Enter) -> None:
    batch = paid(county)
    assert "挂出来" not in enter("lin").get(issue_path(batch)).get_data(as_text=True)  # 民政局
    assert "挂出来" in enter("wang").get(issue_path(batch)).get_data(as_text=True)  # 农业农村局


def test_a_list_is_taken_down_with_a_reason(county: Database, enter: Enter, visitor: FlaskClient) -> None:
    code = hung(county)
    admin = enter("hua")
    admin.get(f"/console/publicity/lists/{code}")
    assert admin.post(f"/console/publicity/lists/{code}/down", reason="").status_code == 422
    admin.post(f"/console/publicity/lists/{code}/down", reason="亩数弄错了")
    assert visitor.get(f"/publicity/{code}").status_code == 410
    assert audited(county, "publicity.down")[0].detail == {"reason": "亩数弄错了"}
    with county.read() as session:
        assert Publication.by_code(session, code).lines is None


def test_the_printed_list_has_what_a_board_needs(county: Database, enter: Enter) -> None:
    def phones(session: Session) -> None:
        Department.seed(session)
        Department.named(session, "万昌镇").phone = "0432-00000001"

    code = hung(county)
    county.write(phones)
    page = enter("hua").get(f"/console/publicity/print?code={code}").get_data(as_text=True)
    for needed in ("万昌镇花家村", f"{LAND}名单公示", "公示期", code, "监督电话", "0432-00000001", "12345", "盖章", "关*梅", "共4人"):
        assert needed in page, needed
    for secret in (*NAMES[:3], "2202211950", "6299990"):
        assert secret not in page


def test_a_list_that_is_over_is_not_printed_any_more(county: Database, enter: Enter) -> None:
    code = hung(county)
    over(county, code)
    admin = enter("hua")
    assert admin.get(f"/console/publicity/print?code={code}").status_code == 404
    assert "关*梅" not in admin.get(f"/console/publicity/lists/{code}").get_data(as_text=True)


# ---------------------------------------------------------------- how widely


def test_what_is_sensitive_is_widened_only_when_it_is_written_once_more(county: Database, enter: Enter) -> None:
    admin = enter("hua")
    path = f"/console/publicity/exposures/{CHILDREN}"
    admin.get(path)
    first = admin.post(path, exposure=WEB, reason="上级要求公开")
    assert first.status_code == 422
    assert "再确认一次" in first.get_data(as_text=True)
    assert admin.post(path, exposure=WEB, reason="上级要求公开", name="孤儿").status_code == 422
    with county.read() as session:
        assert ItemExposure.of(session, CHILDREN) == NEVER
    assert admin.post(path, exposure=WEB, reason="上级要求公开", name=CHILDREN).status_code == 200
    with county.read() as session:
        assert ItemExposure.of(session, CHILDREN) == WEB
    entry = audited(county, "exposure.decide")[0]
    assert entry.detail == {"was": NEVER, "now": WEB, "reason": "上级要求公开"}
    assert entry.actor == "hua"


def test_a_reason_is_asked_for_every_change(county: Database, enter: Enter) -> None:
    admin = enter("hua")
    path = f"/console/publicity/exposures/{LAND}"
    admin.get(path)
    assert admin.post(path, exposure=BOARD, reason=" ").status_code == 422
    assert admin.post(path, exposure=BOARD, reason="县里会议定的").status_code == 200
    with county.read() as session:
        assert ItemExposure.of(session, LAND) == BOARD


# ---------------------------------------------------------------- the villages' codes


def test_a_village_code_is_asked_for_made_and_printed(county: Database, enter: Enter) -> None:
    township_clerk(county)
    clerk = enter("town")
    page = clerk.get("/console/publicity/codes/")
    assert "还没做" in page.get_data(as_text=True)
    assert "正在要" in clerk.post("/console/publicity/codes/", town="万昌镇").get_data(as_text=True)
    scene = scene_of("万昌镇", "花家")
    assert clerk.get(f"/console/publicity/codes/{scene}").status_code == 404
    county.write(lambda session: VillageCode.made(session, scene, "http://weixin.qq.com/q/abc"))
    poster = clerk.get(f"/console/publicity/codes/{scene}").get_data(as_text=True)
    assert "万昌镇花家村" in poster
    assert "data:image/png" in poster
    assert clerk.get(f"/console/publicity/codes/{scene_of('口前镇', '红旗')}").status_code == 404
    assert clerk.post("/console/publicity/codes/", town="口前镇").status_code == 404


def test_the_public_pages_stand_without_the_console(county: Database) -> None:
    app = Flask("public", static_folder=None)
    app.config["TESTING"] = True
    register_public(app, county, values())
    code = hung(county)
    assert "关*梅" in text_of(app.test_client(), f"/publicity/{code}")
