"""A clerk's queue and a case's page over 100,000 cases, on SQLite and on PostgreSQL: `python -m bench.cases [cases]`.

Pages are asked for through the console itself: door, session, loader with its bars, counts, template, audit entry. The
clerk's department is the busiest one and has a third of all cases, as 民政局 would; the limit is 100 ms at p99.
"""

from __future__ import annotations

import random
import re
import statistics
import sys
import time
from collections.abc import Mapping, Sequence

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from bench.case_filler import fill
from bench.statistics import KEYRING, databases
from console import ConsoleValues, register_console
from knowledge.answers import Answerer
from knowledge.article import Article
from knowledge.deadlines import Clocks
from models import schema
from models.base import now
from models.case import OPEN, Case
from models.db import Database
from models.handover import Handover, Help
from models.staff import Department, Staff

LIMIT = 0.100  # seconds, p99
_BUSIEST, _SHARE = "民政局", 3
_PASSWORD = "一句 good 好记的话"
_PEOPLE = {
    "clerk": ("林芳", "clerk", _BUSIEST, None), "supervisor": ("钱进", "supervisor", "财政局", None),
    "coordinator": ("冯立", "coordinator", "财政局", None), "village": ("丛生", "village", "口前镇", "四间"),
}  # fmt: skip
_PAGES: Mapping[str, tuple[str, str]] = {
    "clerk's queue": ("clerk", "/console/cases/"),
    "clerk's queue, page 5": ("clerk", "/console/cases/?page=5"),
    "clerk's queue, late and urgent": ("clerk", "/console/cases/?late=1&urgent=1"),
    "clerk's queue, everything": ("clerk", "/console/cases/?state=all"),
    "offered to the clerk": ("clerk", "/console/cases/?state=incoming"),
    "a case": ("clerk", "/console/cases/{number}"),
    "supervisor's queue": ("supervisor", "/console/cases/"),
    "coordinator's triage": ("coordinator", "/console/triage/"),
    "village clerk's queue": ("village", "/console/cases/"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, ask, print; 1 if the clerk's queue is slower than it may be."""
    given = sys.argv[1:] if arguments is None else arguments
    count, slow = int(given[0]) if given else 100_000, False
    with databases() as urls:
        for engine, url in urls.items():
            database = Database(url, KEYRING)
            started = time.perf_counter()
            _prepare(database, count)
            print(f"{engine}: {count:,} cases filled in {time.perf_counter() - started:.0f} s", flush=True)
            for name, taken in _measured(database).items():
                p50, p99 = statistics.median(taken), sorted(taken)[max(0, -(-len(taken) * 99 // 100) - 1)]
                print(f"{engine}: {name:<32} p50 {p50 * 1000:6.1f} ms   p99 {p99 * 1000:6.1f} ms   ({len(taken)})", flush=True)
                slow = slow or (name == "clerk's queue" and p99 > LIMIT)
            database.dispose()
    return int(slow)


def _prepare(database: Database, count: int) -> None:
    schema.upgrade(database)

    def begin(session: Session) -> None:
        Department.seed(session)
        for username, (name, role, home, village) in _PEOPLE.items():
            department = Department.named(session, home)
            Staff.create(session, username, _PASSWORD, name=name, role=role, department=department, village=village)

    database.write(begin)
    fill(database, count)
    database.write(_weigh)
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _weigh(session: Session) -> None:
    """A third for the busiest department; some cases on offer, some helped with, some at the coordinator's desk."""
    dice, busiest = random.Random(5), Department.named(session, _BUSIEST)
    coordinator = Department.named(session, "财政局")
    assert busiest is not None
    assert coordinator is not None
    session.execute(update(Case).where(Case.id % _SHARE == 0).values(department_id=busiest.id))
    session.execute(update(Case).where(Case.id % 97 == 0).values(town="口前镇", village="四间"))
    open_ = session.scalars(select(Case.id).where(Case.status.in_(OPEN), Case.department_id != busiest.id)).all()
    desk = dice.sample(open_, len(open_) // 20)
    session.execute(
        update(Case).where(Case.id.in_(desk)).values(department_id=coordinator.id, triage="doubt", triage_since=now())
    )
    others = select(Case.id, Case.department_id).where(Case.id.in_(dice.sample(open_, len(open_) // 30)))
    offers = [
        {"case_id": one, "from_department_id": lead, "to_department_id": busiest.id, "reason": "归你们", "asked_by_id": 1}
        for one, lead in session.execute(others)
    ]  # fmt: skip
    session.execute(insert(Handover), offers)
    session.execute(
        insert(Help),
        [{"case_id": one, "department_id": busiest.id, "wanted": "核对", "asked_by_id": 1} for one in dice.sample(open_, len(open_) // 30)],
    )


def _measured(database: Database) -> dict[str, list[float]]:
    """By page, how long each asking took, in seconds."""
    app, dice = _console(database), random.Random(9)
    found: dict[str, list[float]] = {}
    own = select(Case.number).join(Department, Department.id == Case.department_id).where(Department.name == _BUSIEST)
    with database.read() as session:
        numbers = session.scalars(own.where(Case.status.in_(OPEN)).order_by(func.random()).limit(200)).all()
    clients = {username: _signed_in(app, username) for username in _PEOPLE}
    for name, (username, path) in _PAGES.items():
        found[name] = []
        for turn in range(330 if name == "clerk's queue" else 120):
            address = path.format(number=dice.choice(numbers))
            started = time.perf_counter()
            status = clients[username].get(address).status_code
            taken = time.perf_counter() - started
            if status != 200:
                raise SystemExit(f"{address}: {status}")
            if turn >= 20:  # warm by then
                found[name].append(taken)
    return found


def _console(database: Database) -> Flask:
    app, no_articles = Flask("bench", static_folder=None), list[Article]()
    app.secret_key = "for the benchmark only, for the benchmark only"
    answerer = Answerer(no_articles)
    register_console(
        app, database,
        ConsoleValues(
            county="永吉县", account_name="永吉明白卡", hotline="12333", clocks=Clocks(), https=False, path_prefix="",
            answerer=lambda: answerer, articles=lambda: no_articles,
        ),
    )  # fmt: skip
    return app


def _signed_in(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    page = client.get("/console/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    form = {"csrf_token": token.group(1) if token else "", "username": username, "password": _PASSWORD}
    if client.post("/console/login", data=form).status_code != 302:
        raise SystemExit("nobody gets in")
    return client


if __name__ == "__main__":
    raise SystemExit(main())
