"""What the tests of first contact share: three people with money, and what is read back."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.identity import id_check_digit
from knowledge.wording import beijing
from models.base import now
from models.db import Database
from models.resident import Binding
from tests.factories import GUAN, SUN, live_batch, payment, resident
from tests.talk import VALUES, Phone

YEAR = beijing(now()).year
TODAY = beijing(now()).date()
CHILD_OF_SIX = {"name": "关小宝", "account": "6299990361301610999"}


def child_number() -> str:
    """The number of a child of about six years."""
    first17 = f"220221{TODAY.year - 6}0101001"
    return first17 + id_check_digit(first17)


def load_three(session: Session) -> None:
    """关玉梅, 孙学生 and a child of six, each with a payment of this year."""
    batch = live_batch(session, data_as_of=TODAY, items=[["高龄津贴", YEAR]])
    cast = ((GUAN, 30000), (SUN, 55500), (CHILD_OF_SIX | {"id_number": child_number()}, 77700))
    for person, fen in cast:
        payment(session, batch, resident(session, person, phone="13900001111"), year=YEAR, amount_fen=fen)


def with_values(phone: Phone, **changed: object) -> Phone:
    """The phone, in a county with other settings."""
    phone.dispatcher._values = replace(VALUES, **changed)
    return phone


def bindings(database: Database) -> list[tuple[int, str, bool]]:
    """The standing bindings: follower, relation, guardian."""
    with database.read() as session:
        rows = session.scalars(select(Binding).where(Binding.ended_at.is_(None)).order_by(Binding.id))
        return [(row.follower_id, row.relation, row.guardian) for row in rows]
