"""The payments of one item of everybody for whom a WeChat user may look, in one read beside a policy answer.

It says nothing of whoever is not bound to this very user, and costs those who are bound to nobody one look at an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from knowledge.own_case import Mine
from knowledge.statement import Line
from models.payment import DROPPED, LIVE, Batch, Payment
from models.prepared import Prepared
from models.resident import SELF, Binding, Resident

_YEARS = 2  # before this year; older payments are in the look-up

_as_of = select(func.max(Batch.data_as_of)).where(Batch.status == LIVE).scalar_subquery()
_OTHERS = Binding.__table__.alias()
_persons = (
    select(func.count())
    .select_from(_OTHERS)
    .where(_OTHERS.c.follower_id == bindparam("follower_id"), _OTHERS.c.ended_at.is_(None))
    .scalar_subquery()
)
_MINE = Prepared(
    select(
        _as_of.label("as_of"), _persons.label("persons"), Binding.id, Binding.relation, Resident.name,
        Payment.item, Payment.year, Payment.period, Payment.quantity, Payment.unit, Payment.standard_fen,
        Payment.amount_fen, Payment.stage, Payment.stage_date, Payment.paid_date, Payment.bank, Payment.account,
        Payment.fail_reason,
    )
    .join(Resident, Resident.id == Binding.resident_id)
    .join(Payment, Payment.resident_id == Binding.resident_id)
    .join(Batch, Batch.id == Payment.batch_id)
    .where(
        Binding.follower_id == bindparam("follower_id"), Binding.ended_at.is_(None), Batch.status == LIVE,
        Payment.item == bindparam("of_item"), Payment.year >= bindparam("since"),
    )
    .order_by(Binding.id, Payment.batch_id.desc()),
    given=("follower_id", "of_item", "since"),
)  # fmt: skip


def mine(session: Session, follower_id: int, item: str, today: date) -> tuple[Sequence[Mine], date | None]:
    """What each person was paid of an item, the newest live row of each payment, in the order of binding; and how far
    the data reaches. Nobody, and None, for somebody who is bound to nobody or got nothing of it."""
    rows = _MINE.rows(session, {"follower_id": follower_id, "of_item": item, "since": today.year - _YEARS})
    seen: dict[int, tuple[str | None, dict[tuple[int, str], Line]]] = {}
    for _as_of_day, persons, binding_id, relation, name, *values in rows:
        alone = persons == 1 and relation == SELF
        line = Line(*values)
        seen.setdefault(binding_id, (None if alone else name, {}))[1].setdefault((line.year, line.period), line)
    people = [
        Mine(name, [line for line in of_one.values() if line.stage != DROPPED]) for name, of_one in seen.values()
    ]  # fmt: skip
    return [one for one in people if one.lines], rows[0][0] if rows else None
