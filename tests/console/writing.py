"""What a browser does at the desk where articles are written."""

from __future__ import annotations

import re
from html import unescape

from models.article import ArticleVersion
from models.db import Database
from tests.console.factories import Browser
from tests.models.editors import DIBAO

ARTICLES = "/console/articles/"


def fields_of(browser: Browser) -> dict[str, str]:
    """What the form on the page holds, as a browser would send it."""
    form = re.search(r'<form id="editor".*?</form>', browser.text, re.DOTALL)
    assert form
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", form[0]):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = unescape(value[1]) if value else ""
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        found[name] = unescape(chosen[1]) if chosen else ""
    return {name: value for name, value in found.items() if name not in ("csrf_token", "once")}


def begun(browser: Browser, house: Database, item: str = DIBAO) -> int:
    """A new draft, opened in the form; gives its id."""
    browser.get(ARTICLES)
    browser.post(ARTICLES + "begin", item=item)
    found = re.search(r"/console/articles/(\d+)/edit", browser.page.request.path)
    assert found, browser.text
    return int(found[1])


def row(house: Database, version_id: int) -> ArticleVersion:
    with house.read() as session:
        return session.get_one(ArticleVersion, version_id)


def acting(browser: Browser, version_id: int, act: str, **more: object) -> str:
    """Press one of the buttons of a version's page."""
    browser.get(f"{ARTICLES}{version_id}")
    sight = dict(re.findall(r'<input type="hidden" name="(revision|against)" value="(\d+)">', browser.text))
    browser.post(f"{ARTICLES}{version_id}/{act}", **(sight | more))
    return browser.text


def fields_of_draft(browser: Browser, version_id: int) -> dict[str, str]:
    browser.get(f"{ARTICLES}{version_id}/edit")
    return fields_of(browser)
