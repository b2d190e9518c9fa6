"""The public pages: found, read, enlarged, printed, and never kept for long."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from models.db import Database
from tests.console.factories import Browser, articles, make_app


@pytest.fixture
def app(sqlite_database: Database) -> Flask:
    """The pages over an empty database: the articles come from the files."""
    return make_app(sqlite_database)


def page(app: Flask, path: str) -> str:
    response = Browser(app).get(path)
    assert response.status_code == 200, path
    return response.get_data(as_text=True)


class Outline(HTMLParser):
    """Headings, landmarks and tables of a page, in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.landmarks: list[str] = []
        self.cells: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag in ("header", "main", "nav", "footer"):
            self.landmarks.append(tag)
        if tag == "th":
            self.cells.append(dict(given))


@pytest.mark.parametrize("slug", [one.slug for one in articles()])
def test_every_article_has_its_landmarks_its_headings_in_order_and_its_source(app: Flask, slug: str) -> None:
    article = next(one for one in articles() if one.slug == slug)
    html = page(app, f"/a/{slug}")
    outline = Outline(html)
    assert outline.levels[0] == 1
    assert set(outline.levels[1:]) == {2}
    assert {"header", "main", "footer"} <= set(outline.landmarks)
    assert 'href="#main">跳到正文' in html
    assert f"{article.checked.year}年{article.checked.month}月{article.checked.day}日核对" in html
    assert article.document in html


def test_every_figure_stands_in_a_table_with_year_level_and_document(app: Flask) -> None:
    html = page(app, "/articles/zuidi-shenghuo-baozhang")
    article = next(one for one in articles() if one.slug == "zuidi-shenghuo-baozhang")
    rows = re.findall(r'<th scope="row">([^<]*)</th><td>(\d+元)<span class="unit">([^<]*)</span></td><td>([^<]*)</td>', html)
    assert [row[:3] for row in rows] == [(one.label, one.words, one.unit) for one in article.figures]
    for one, row in zip(article.figures, rows, strict=True):
        assert row[3] == f"{one.level}{one.year}年，{one.document}"
    assert all(cell.get("scope") in ("col", "row") for cell in Outline(html).cells)


def test_the_short_address_of_the_chat_shows_the_same_page(app: Flask) -> None:
    assert page(app, "/a/shebaoka") == page(app, "/articles/shebaoka")


def test_an_unknown_page_says_where_to_go(app: Flask) -> None:
    response = Browser(app).get("/a/nothing")
    assert response.status_code == 404
    assert "可能换了名字" in response.get_data(as_text=True)


def test_all_items_stand_on_the_first_page_by_group(app: Flask) -> None:
    html = page(app, "/")
    for one in articles():
        assert f'href="/articles/{one.slug}"' in html
    assert html.index("种地") < html.index("低保救助") < html.index("教育")


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("地补", "gengdi-dili-baohu"), ("dibao", "zuidi-shenghuo-baozhang"), ("gljt", "gaoling-jintie"),
        ("苞米一亩给多少", "yumi-shengchanzhe"), ("社保卡丢了", "shebaoka"),
    ],
)
def test_a_search_needs_no_script_and_finds_by_name_by_ear_and_by_letters(app: Flask, words: str, slug: str) -> None:
    html = page(app, f"/?q={words}")
    found = re.findall(r'href="/articles/([a-z0-9-]+)"', html)
    assert slug in found
    assert found.index(slug) < 3
    assert f'value="{words}"' in html
    assert "看全部" in html


def test_a_search_in_vain_shows_everything_and_a_telephone(app: Flask) -> None:
    html = page(app, "/?q=天上星星")
    assert "没找到“天上星星”" in html
    assert 'href="/articles/shebaoka"' in html
    assert "tel:12333" in html


def test_words_of_a_search_cannot_break_the_page(app: Flask) -> None:
    html = page(app, "/?q=<script>alert(1)</script>")
    assert "<script>alert" not in html


def test_a_number_of_a_person_is_neither_looked_for_nor_shown_again(app: Flask) -> None:
    html = page(app, "/?q=22022119340412936X")
    assert "22022119340412936X" not in html
    assert "这里不用输身份证号" in html


def test_it_is_kept_for_five_minutes_at_most_and_asked_for_by_its_digest(app: Flask) -> None:
    client, enlarged = app.test_client(), app.test_client()
    enlarged.set_cookie("large", "1")
    for path in ("/", "/articles/shebaoka", "/a/shebaoka", "/?q=低保"):
        first = client.get(path)
        assert 0 < first.cache_control.max_age <= 300
        assert "noindex" not in first.get_data(as_text=True)
        assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
        large = enlarged.get(path)
        assert large.headers["ETag"] != first.headers["ETag"]
        assert "Cookie" in large.headers["Vary"]


def test_large_print_works_without_scripts_and_is_kept(app: Flask) -> None:
    client = app.test_client()
    html = client.get("/articles/shebaoka").get_data(as_text=True)
    assert 'class="large"' not in html
    address = re.search(r'id="large"[^>]* href="([^"]+)"', html).group(1)
    back = client.get(address, headers={"Referer": "http://localhost/articles/shebaoka"})
    assert back.location == "/articles/shebaoka"
    assert "no-store" in back.headers["Cache-Control"]
    html = client.get("/").get_data(as_text=True)
    assert '<html lang="zh-CN" class="large">' in html
    client.get(re.search(r'id="large"[^>]* href="([^"]+)"', html).group(1))
    assert 'class="large"' not in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize("came", ["http://evil.example/a/x", "http://localhost/large?on=1", "//evil.example", ""])
def test_large_print_leads_nowhere_else(app: Flask, came: str) -> None:
    assert app.test_client().get("/large?on=1", headers={"Referer": came}).location == "/"


def test_a_page_with_a_token_in_its_address_hands_it_to_nobody(app: Flask) -> None:
    html = Browser(app).get("/statement/x").get_data(as_text=True)
    assert "/large" not in html


def test_under_a_prefix_addresses_and_cookie_stay_under_it(sqlite_database: Database) -> None:
    client = make_app(sqlite_database, path_prefix="/mbk").test_client()
    answer = client.get("/large?on=1", base_url="http://localhost/mbk", headers={"Referer": "http://localhost/other/x"})
    assert answer.location == "/mbk/"
    assert "Path=/mbk/" in answer.headers["Set-Cookie"]
