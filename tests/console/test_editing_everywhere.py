"""One change of one figure at the desk, and every surface says the new one: chat, public page, sheet, statement, hotline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from bot.dispatch import Dispatcher
from knowledge.wording import beijing
from models.article import ArticleVersion, today
from models.base import now
from models.db import Database
from models.library import Library
from tests.console.factories import Browser, articles, make_app
from tests.console.test_editing import house  # noqa: F401  (a fixture)
from tests.console.writing import ARTICLES, acting, begun, fields_of
from tests.factories import GUAN, live_batch, payment, resident
from tests.talk import VALUES, Phone

OLD, NEW = "25元", "31.50元"
NEW_DOCUMENT = "吉民发〔2026〕88号"
ITEM, SLUG = "高龄津贴", "gaoling-jintie"
PUBLIC = "https://mbk.example"
TODAY = beijing(now()).date()


@pytest.fixture
def library(county: Database) -> Library:
    """What every surface of one process answers from."""
    return Library(county)


@pytest.fixture
def app(county: Database, library: Library) -> Flask:
    """Console and public pages on it."""
    return make_app(county, answerer=library.answerer, articles=library.articles)


@pytest.fixture
def phone(house: Database, library: Library) -> Iterator[Phone]:  # noqa: F811
    """关玉梅, who gets 高龄津贴 and has bound her phone."""

    def work(session) -> None:
        batch = live_batch(session, data_as_of=TODAY, items=[[ITEM, TODAY.year]])
        payment(session, batch, resident(session, GUAN, phone="15400123456"), year=TODAY.year, stage_date=TODAY, paid_date=TODAY)

    house.write(work)
    phone = Phone(house, dispatcher=Dispatcher(house, replace(VALUES, public_url=PUBLIC), library.answerer))
    phone.follow()
    phone.say("查补贴")
    phone.say("同意", GUAN["id_number"], GUAN["name"], GUAN["account"][-4:])
    yield phone
    phone.dispatcher.behind.close()


def surfaces(app: Flask, phone: Phone, enter) -> dict[str, str]:
    """What each of them says of the item."""
    link = re.search(rf"{PUBLIC}(/\S+)", phone.say("明白卡"))
    assert link
    visitor = app.test_client()
    visitor.post(link[1])
    agent: Browser = enter("zhao")
    agent.get("/console/hotline/")
    return {
        "chat": phone.say("高龄津贴领多少"),
        "public page": visitor.get(f"/articles/{SLUG}").text,
        "sheet": visitor.get(f"/items?q={ITEM}").text,
        "hotline": agent.post("/console/hotline/search", q="高龄津贴领多少").get_data(as_text=True),
        "statement": visitor.get("/statement").text,
    }


def plain(said: str) -> str:
    return re.sub(r"<[^>]+>|\s+", "", said)


def test_one_changed_figure_is_said_on_every_surface(house: Database, app: Flask, library: Library, phone: Phone, enter) -> None:  # noqa: F811
    before = surfaces(app, phone, enter)
    document = next(one for one in articles() if one.item == ITEM).figures[0].document
    assert [name for name, said in before.items() if document not in plain(said)] == []
    assert [name for name, said in before.items() if name != "statement" and OLD not in plain(said)] == []

    lin = enter("lin")
    version_id = begun(lin, house, ITEM)
    figure = {"figure-0-amount": NEW, "figure-0-document": NEW_DOCUMENT}
    lin.post(f"{ARTICLES}{version_id}/edit", **(fields_of(lin) | figure | {"note": "省里提了标准"}))
    assert "数字：" in lin.text
    acting(lin, version_id, "submit")
    acting(enter("luo"), version_id, "approve")
    library._looked_at -= 5  # five seconds later

    after = surfaces(app, phone, enter)
    assert [name for name, said in after.items() if NEW_DOCUMENT not in plain(said)] == []
    assert [name for name, said in after.items() if name != "statement" and NEW not in plain(said)] == []
    assert [name for name, said in after.items() if OLD in plain(said)] == []
    assert document not in plain(after["statement"])


def test_a_version_for_a_later_day_is_written_at_the_desk_and_waits(house: Database, app: Flask, enter) -> None:  # noqa: F811
    lin, luo = enter("lin"), enter("luo")
    first_day = today() + timedelta(days=30)
    version_id = begun(lin, house, ITEM)
    typed = fields_of(lin) | {"valid_from": first_day.isoformat(), "note": "下个月的新标准", "figure-0-amount": NEW}
    lin.post(f"{ARTICLES}{version_id}/edit", **typed)
    acting(lin, version_id, "submit")
    assert f"到{first_day.isoformat()}那天零点自己起用" in acting(luo, version_id, "approve")
    assert f"批准了，{first_day.isoformat()}起用" in luo.get(ARTICLES).get_data(as_text=True)
    with house.read() as session:
        day_before = {one.item: one for one in ArticleVersion.published(session, first_day - timedelta(days=1))}
        that_day = {one.item: one for one in ArticleVersion.published(session, first_day)}
    assert (day_before[ITEM].figures[0].words, that_day[ITEM].figures[0].words) == (OLD, NEW)
    assert "请写明为什么不起用了" in acting(luo, version_id, "cancel", reason="")
    assert "不起用了，现在用着的照旧" in acting(luo, version_id, "cancel", reason="文件推迟了")


def test_an_outlived_version_says_so_to_its_department(house: Database, app: Flask, enter, monkeypatch) -> None:  # noqa: F811
    lin = enter("lin")
    version_id = begun(lin, house, ITEM)
    lin.post(f"{ARTICLES}{version_id}/edit", **(fields_of(lin) | {"valid_to": today().isoformat(), "note": "只到今天的标准"}))
    acting(lin, version_id, "submit")
    acting(enter("luo"), version_id, "approve")
    later = today() + timedelta(days=1)
    for module in ("models.article_desk", "console.articles"):
        monkeypatch.setattr(f"{module}.today", lambda: later)
    assert "过期了，数字已停用" in lin.get(ARTICLES).get_data(as_text=True)
    assert "数字换成了“以县级主管部门当年公布为准”" in lin.get(f"{ARTICLES}{version_id}").get_data(as_text=True)


