"""The console served on this machine, and Chromium to work in it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from models.article import ArticleVersion
from models.db import Database
from tests.console.factories import PASSWORD, articles, hire, make_app

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OFFICE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
_AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Keep the test's output clean."""


@dataclass
class Desk:
    """One person's browser window. Whatever the page reports as an error fails the test at the end."""

    page: Page
    base: str
    errors: list[str]

    def open(self, path: str) -> Page:
        """Open a page of the console."""
        self.page.goto(self.base + path)
        return self.page

    def log_in(self, username: str) -> Page:
        """Through the log-in page, by keyboard."""
        self.open("/console/login")
        expect(self.page.get_by_label("用户名")).to_be_focused()
        self.page.keyboard.type(username)
        self.page.keyboard.press("Tab")
        self.page.keyboard.insert_text(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("header.top")
        self.page.wait_for_load_state()  # its keys work from here on
        return self.page

    def faults(self) -> list[str]:
        """What axe finds wrong with the page as it stands, and whether the page is wider than the screen."""
        # By the debugger, since the page's own policy forbids foreign scripts.
        found = self.page.evaluate(f"{_AXE}; axe.run(document, {{resultTypes: ['violations']}})")
        said = [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]
        wide, screen = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        return said + ([f"{wide} pixels wide on {screen}"] if wide > screen else [])


@pytest.fixture
def county(sqlite_database: Database) -> Database:
    """A database with the departments, the cast and the articles."""
    hire(sqlite_database)
    sqlite_database.write(lambda s: ArticleVersion.seed(s, articles()))
    return sqlite_database


@pytest.fixture
def base(county: Database) -> Iterator[str]:
    """The address of the running console."""
    server = make_server("127.0.0.1", 0, make_app(county), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


NewDesk = Callable[..., Desk]


@pytest.fixture
def new_desk(chromium: Browser, base: str) -> Iterator[NewDesk]:
    """Opens a window: `new_desk()` in the office, `new_desk(PHONE)` on a telephone."""
    desks: list[Desk] = []

    def make(screen: dict[str, int] = OFFICE) -> Desk:
        page = chromium.new_context(viewport=screen, locale="zh-CN", timezone_id="Asia/Shanghai").new_page()
        desk = Desk(page, base, [])
        page.on("pageerror", lambda error: desk.errors.append(str(error)))
        page.on("console", lambda message: desk.errors.append(message.text) if "Content Security" in message.text else None)
        page.set_default_timeout(8000)
        desks.append(desk)
        return desk

    yield make
    for desk in desks:
        desk.page.context.close()
    assert [error for desk in desks for error in desk.errors] == []
