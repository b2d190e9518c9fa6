"""What staff write among themselves never leaves: everything that can leave is sent, printed or fetched, and looked through."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from bot.deliver import Templates, deliver_due
from knowledge.deadlines import Clocks
from knowledge.wording import beijing
from models import avoidance, handling, triage
from models.base import now
from models.case import Case
from models.db import Database
from models.delivery import Delivery
from models.export import everything
from models.follower import Follower, Message
from models.work_order import WorkOrder
from tests.bot.outside import Outside, outside
from tests.console.factories import Browser, file_case, make_app
from tests.models.cases import file_case as filed
from tests.models.cases import hire, office, person
from tests.talk import Phone

MARK = "夹竹桃"  # in everything that is for staff alone
OUTSIDE = "/console"


@pytest.fixture
def world() -> Iterator[Outside]:
    """The platform and one follower."""
    with outside() as found:
        yield found


@pytest.fixture
def busy(database: Database, world: Outside) -> tuple[Database, Outside, dict[str, str]]:
    """A county in which one case has gone through every hand, with the mark in each word that is for staff."""
    hire(database)
    world.writes()
    codes = {}

    def work(session) -> None:
        follower = Follower.met(session, world.openid)
        follower.last_seen_at = now()
        case = filed(session)
        case.follower_id = follower.id
        lin, wang, feng = person(session, "lin"), person(session, "wang"), person(session, "feng")
        case.note(session, lin, f"这家核过一次，{MARK}")
        triage.give_back(session, case, lin, f"不归我们，{MARK}", handling_terms())
        triage.assign(session, case, feng, office(session, "民政局"), f"就归你们，{MARK}")
        case.accept(session, lin)
        handling.offer(session, case, lin, office(session, "农业农村局"), f"说的是地补，{MARK}")
        handling.decline(session, case, wang, f"低保归民政，{MARK}")
        handling.ask_help(session, case, lin, office(session, "农业农村局"), f"核对面积，{MARK}")
        handling.give_part(session, case, wang, f"面积对得上，{MARK}")
        handling.offer(session, case, lin, office(session, "农业农村局"), f"整件转，{MARK}")
        handling.take(session, case, wang, Clocks())
        avoidance.bar_department(session, case, feng, office(session, "口前镇"), f"说的是他们，{MARK}")
        avoidance.lift_department(session, case, person(session, "qian"), office(session, "口前镇"), f"核实过，{MARK}")
        case.note(session, wang, MARK)
        case.answer(session, wang, "查清了，下个月补发。")
        order = WorkOrder.take_in(session, "12345-0001", content={"text": case.text}, file_name="a.xlsx", imported_by="shu")
        assert order is not None
        order.case_id = case.id
        codes["number"] = case.number

    database.write(work)
    return database, world, codes


def handling_terms():
    from knowledge.assigning import Assigning

    return Assigning()


def everything_sent(database: Database, world: Outside) -> list[str]:
    """All that the outbox holds and all that reached the phone."""
    for _ in range(20):
        if not deliver_due(database, world.wechat(database), Templates()):
            break
    with database.read() as session:
        return [*world.received(), *session.scalars(select(Delivery.text))]


def chatted(database: Database, openid: str) -> list[str]:
    """What the resident reads when they ask after it, and every reply that is kept."""
    phone = Phone(database, openid)
    said = [phone.say(text) for text in ("查进度", "在吗", "谁看过我的信息", "导出我的信息", "补充情况", "我还有一句要补充", "查进度")]
    with database.read() as session:
        return [*said, *(str(row.reply) for row in session.scalars(select(Message)))]


def exported(database: Database, openid: str) -> list[str]:
    """The resident's own export."""
    with database.read() as session:
        follower = session.scalars(select(Follower).where(Follower.openid == openid)).one()
        return [line for part in everything(session, follower.id, beijing(now()).date()) for line in part.lines]


def public_pages(app: Flask) -> list[str]:
    """Every page that stands open."""
    browser, pages = Browser(app), []
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.rule.startswith(OUTSIDE) and not rule.arguments and "static" not in rule.endpoint:
            pages.append(browser.client.get(rule.rule, follow_redirects=True).get_data().decode(errors="replace"))
    return pages


def files(database: Database, number: str) -> list[str]:
    """The files and printed pages that leave the house: answers for 12345, statistics, slip."""
    browser = Browser(make_app(database))
    browser.log_in("qian")
    browser.get("/console/")
    found = []
    for path, form in (
        ("/console/work-orders/answers", {}), ("/console/statistics/file.xlsx", None), (f"/console/cases/{number}/slip", None),
        ("/console/findings/inspection", {"reason": "县审计局检查"}),
    ):  # fmt: skip
        sent = {"csrf_token": browser.token} | (form or {})
        page = browser.client.get(path) if form is None else browser.client.post(path, data=sent)
        assert page.status_code in (200, 302), (path, page.status_code)
        found += unpacked(page.get_data())
    return found


def unpacked(content: bytes) -> list[str]:
    """The texts in a page, or in every part of a ZIP (XLSX and DOCX are ones)."""
    if not content.startswith(b"PK"):
        return [content.decode(errors="replace")]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name).decode("utf-8", errors="replace") for name in archive.namelist()]


def test_internal_words_never_leave(busy: tuple[Database, Outside, dict[str, str]]) -> None:
    database, world, codes = busy
    with database.read() as session:
        case = session.scalars(select(Case).where(Case.number == codes["number"])).one()
        inner = [event for event in case.events if MARK in (event.text or "")]
    assert len(inner) >= 11  # the test looks for something
    leaving = {
        "deliveries": everything_sent(database, world), "chat": chatted(database, world.openid),
        "export": exported(database, world.openid), "public": public_pages(make_app(database)),
        "files": files(database, codes["number"]),
    }  # fmt: skip
    assert any("下个月补发" in text for text in leaving["deliveries"])
    assert any("下个月补发" in text for text in leaving["chat"])
    assert any("下个月补发" in text for text in leaving["export"])
    told = {where: [text for text in texts if MARK in text] for where, texts in leaving.items()}
    assert told == {where: [] for where in leaving}


def test_another_phone_with_number_and_code_reads_no_internal_word(database: Database) -> None:
    hire(database)
    kept = {}

    def work(session) -> None:
        from knowledge.deadlines import Clocks
        from models.filing import Draft, prepared

        draft = Draft(text="低保停了三个月", source="hotline", item="最低生活保障", town="口前镇")
        case, code = Case.file(session, prepared(session, draft, Clocks()))
        case.note(session, person(session, "lin"), MARK)
        kept.update(number=case.number, code=code)

    database.write(work)
    said = Phone(database, "oOther").say(f"{kept['number']}", kept["code"])
    assert "民政局" in said
    assert MARK not in said


def test_the_case_page_marks_what_is_internal(database: Database) -> None:
    hire(database)
    number = file_case(database)
    browser = Browser(make_app(database))
    browser.log_in("lin")
    browser.get(f"/console/cases/{number}")
    browser.post(f"/console/cases/{number}/note", text=f"只给同事看，{MARK}")
    text = browser.get(f"/console/cases/{number}").get_data(as_text=True)
    assert f"只给同事看，{MARK}" in text
    assert "内部" in text
