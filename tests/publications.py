"""A village with payments, and lists that hang in it; every number is synthetic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from commands.demo_people import account, id_number
from knowledge.deadlines import Clocks
from knowledge.wording import beijing
from models.base import now
from models.db import Database
from models.payment import Batch
from models.publicity import Publication
from models.publicity_issue import Issue, ready
from models.resident import Resident
from models.staff import Department, Staff
from tests.factories import KEYRING, live_batch, payment

LAND = "耕地地力保护补贴"
NAMES = ("关玉梅", "佟长山", "朴春梅", "刘刚")
TOWN, VILLAGE = "万昌镇", "花家"
PERIOD = "2026年第1批"


def today() -> date:
    """This day in Beijing."""
    return beijing(now()).date()


def pay(
    session: Session, names: Sequence[str] = NAMES, *, item: str = LAND, town: str | None = TOWN, village: str | None = "花家村",
    first: int = 0, batch: Batch | None = None, amount_fen: int = 106847,
) -> Batch:  # fmt: skip
    """A live file with one payment each."""
    batch = batch or live_batch(session, items=[[item, 2026]])
    for at, name in enumerate(names):
        born = date(1950 + (first + at) % 40, 1 + (first + at) % 12, 1 + (first + at) % 28)
        number = id_number(born, 900 + (first + at) % 90)
        person = _resident(session, number) or Resident(
            id_index=KEYRING.blind_index(number, "id_number"), account_index=None, index_key=KEYRING.newest_index, name=name,
            id_number=number, account=account("吉林农信", first + at), phone="15400012345", town=town, village=village,
        )  # fmt: skip
        session.add(person)
        session.flush()
        payment(
            session, batch, person, item=item, year=2026, period=PERIOD, quantity=1311, unit="亩", standard_fen=8150,
            amount_fen=amount_fen, stage="公示", stage_date=today(), paid_date=None, account=person.account,
        )  # fmt: skip
    return batch


def _resident(session: Session, number: str) -> Resident | None:
    return session.scalar(select(Resident).where(Resident.id_index == KEYRING.blind_index(number, "id_number")))


def boss(session: Session) -> Staff:
    """Somebody of the county who may hang any list."""
    Department.seed(session)
    return Staff.by_username(session, "boss") or Staff.create(session, "boss", "一句 good 好记的话", name="郑毅", role="data")


def hang(
    session: Session, *, item: str = LAND, place: tuple[str, str] = (TOWN, VILLAGE), starts_on: date | None = None, days: int = 7
) -> Publication:
    """The list of one village."""
    begin = starts_on or today()
    lists = ready(session, boss(session), Issue(item, 2026, PERIOD), [place], (begin, begin + timedelta(days=days)), Clocks())
    return lists[0].hang(session, boss(session))


def hung(database: Database, *names: str, **more: object) -> str:
    """Pay and hang; gives the code."""

    def work(session: Session) -> str:
        pay(session, names or NAMES, item=str(more.get("item", LAND)))
        return hang(session, **more).code  # type: ignore[arg-type]

    return database.write(work)


def over(database: Database, code: str) -> None:
    """Its period ended yesterday."""

    def work(session: Session) -> None:
        found = Publication.by_code(session, code)
        assert found is not None
        found.starts_on, found.ends_on = today() - timedelta(days=8), today() - timedelta(days=1)

    database.write(work)
