"""A console of its own for tests, and the people who work in it.

    lin    a clerk of 民政局          zhao   an agent of the hotline
    wang   a clerk of 农业农村局      qian   the supervisor, of 财政局
    sun    the administrator         hua    who handles the data
    an     the auditor
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from console import ConsoleValues, register_console, register_public
from knowledge.answers import Answerer
from knowledge.article import Article, load_folder
from knowledge.deadlines import Clocks
from models.case import Case
from models.db import Database
from models.filing import Draft, prepared
from models.follower import Follower
from models.staff import Department, Staff
from tests.console import rules

PASSWORD = "一句 good 好记的话"
CAST: Mapping[str, tuple[str, str, str | None]] = {
    "lin": ("林芳", "clerk", "民政局"),
    "wang": ("王强", "clerk", "农业农村局"),
    "zhao": ("赵晓", "hotline", None),
    "qian": ("钱进", "supervisor", "财政局"),
    "sun": ("孙悦", "admin", None),
    "hua": ("华琳", "data", None),
    "an": ("安平", "auditor", None),
}
STORY = "我家低保停了三个月,问了几回都说等着"


@cache
def articles() -> list[Article]:
    """The articles of the files, read once."""
    return load_folder()


@cache
def answerer() -> Answerer:
    """What answers from them."""
    return Answerer(articles())


def values(**changed: object) -> ConsoleValues:
    """The values of a county that changed nothing."""
    fields: dict[str, object] = {
        "county": "永吉县", "account_name": "永吉明白卡", "hotline": "12333", "clocks": Clocks(), "https": False,
        "path_prefix": "", "answerer": answerer, "articles": articles,
    }  # fmt: skip
    return ConsoleValues(**(fields | changed))


def make_app(database: Database, **changed: object) -> Flask:
    """Console and public pages, as the composition root puts them together."""
    app = Flask("tests", static_folder=None)
    app.secret_key = "for tests only, for tests only, for tests"
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    given = values(**changed)
    register_console(app, database, given)
    register_public(app, database, given)
    return app


def hire(database: Database) -> None:
    """The departments and the cast."""

    def work(session: Session) -> None:
        Department.seed(session)
        for username, (name, role, department) in CAST.items():
            home = Department.named(session, department) if department else None
            Staff.create(session, username, PASSWORD, name=name, role=role, department=home)

    database.write(work)


def file_case(database: Database, **said: object) -> str:
    """A case filed in chat; gives its number. The clock is the county's."""
    openid = said.pop("openid", "oGuan")
    fields: dict[str, object] = {
        "text": STORY, "source": "chat", "item": "最低生活保障", "town": "口前镇", "contact_name": "关玉梅",
        "phone": "15400123456",
    }  # fmt: skip

    def work(session: Session) -> str:
        follower = Follower.met(session, str(openid)) if openid else None
        case, _ = Case.file(session, prepared(session, Draft(**(fields | said)), Clocks()), follower=follower)
        return case.number

    return database.write(work)


def reply(text: str, **more: object) -> dict[str, object]:
    """What the form of an answer holds, with this text for the resident."""
    return {"result": "已解决", "text": text, "no_basis": "1", "next_step": "不用您再做什么。", "act": "send"} | more


def case_of(session: Session, number: str) -> Case:
    """The case, for looking at in a test."""
    return session.scalars(select(Case).where(Case.number == number)).one()


class Browser:
    """One person's browser: it follows redirects, sends the tokens that the last page's forms hold, and checks the
    house's rules on every page."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.page: TestResponse | None = None
        self.token: str | None = None  # against forged forms; from the last page that had one

    def log_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        """Through the log-in page."""
        self.get("/console/login")
        return self.post("/console/login", username=username, password=password)

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self._seen(self.client.get(path, follow_redirects=True))

    def post(self, path: str, *, once: str | None = None, **fields: object) -> TestResponse:
        """Send a form with the token of the page last seen."""
        form = {"csrf_token": self.token, "once": once or self.once} | fields
        sent = {name: value for name, value in form.items() if value is not None}
        return self._seen(self.client.post(path, data=sent, follow_redirects=True))

    def _seen(self, page: TestResponse) -> TestResponse:
        self.page = page
        if page.mimetype == "text/html":
            rules.check(self.text)
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.text)
            self.token = found.group(1) if found else self.token
        return page

    @property
    def text(self) -> str:
        """The page's HTML."""
        assert self.page is not None
        return self.page.get_data(as_text=True)

    @property
    def once(self) -> str | None:
        """The key of the first form on the page."""
        found = re.search(r'name="once" value="([0-9a-f]{32})"', self.text) if self.page else None
        return found.group(1) if found else None
