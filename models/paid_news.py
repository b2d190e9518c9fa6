"""What a batch tells that is news to those who asked for it, read in a few statements for many people at once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from knowledge.statement import Line, notice, when_paid
from knowledge.wording import PAID, RETURNED
from models.agreement import PAID_NOTICES, Agreement
from models.payment import LIVE, Batch, Payment
from models.resident import Binding, Resident

_NEWS = (*PAID, RETURNED)
_Key = tuple[str, int, str]  # item, year, period: one payment of a person


@dataclass(frozen=True, slots=True)
class Word:
    """What one WeChat user is to be told; `payments` by their hashes, with the stage."""

    follower_id: int
    text: str
    payments: Mapping[bytes, str]


def concerned(session: Session, batch_id: int, after: int) -> Sequence[int]:
    """WeChat users who asked to be told and may look for somebody whom the batch pays, in their order."""
    theirs = exists().where(
        Binding.follower_id == Agreement.follower_id, Binding.ended_at.is_(None), Payment.resident_id == Binding.resident_id,
        Payment.batch_id == batch_id, Payment.stage.in_(_NEWS),
    )  # fmt: skip
    asked = select(Agreement.follower_id).where(
        Agreement.kind == PAID_NOTICES, Agreement.agreed_at.is_not(None), Agreement.ended_at.is_(None),
        Agreement.follower_id > after, theirs,
    )  # fmt: skip
    return session.scalars(asked.order_by(Agreement.follower_id)).all()


def words_for(session: Session, batch_id: int, followers: Sequence[int], since: date, today: date) -> list[Word]:
    """The words for those of them to whom the batch brings news that they have not been told."""
    people = _people(session, followers)
    fresh = _fresh(session, batch_id, {resident_id for bound in people.values() for resident_id, _ in bound}, since)
    told = _told(session, followers)
    words = []
    for follower_id in followers:
        parts, payments = [], dict[bytes, str]()
        for resident_id, name in people[follower_id]:
            lines = [line for line in fresh.get(resident_id, ()) if (follower_id, _hash(resident_id, line)) not in told]
            payments |= {_hash(resident_id, line): line.stage for line in lines}
            parts += [(name, lines)] if lines else []
        if parts:
            words.append(Word(follower_id, notice(parts, today), payments))
    return words


def _people(session: Session, followers: Sequence[int]) -> Mapping[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    query = (
        select(Binding.follower_id, Binding.resident_id, Resident.name)
        .join(Resident, Resident.id == Binding.resident_id)
        .where(Binding.follower_id.in_(followers), Binding.ended_at.is_(None))
        .order_by(Binding.id)
    )
    for follower_id, resident_id, name in session.execute(query):
        found[follower_id].append((resident_id, name))
    return found


def _fresh(session: Session, batch_id: int, residents: set[int], since: date) -> dict[int, list[Line]]:
    """By person, what this batch tells that is news and still stands.

    A batch holds the whole of its file: what an earlier one has told as it is, is no news.
    """
    before: dict[tuple[int, _Key], str] = {}
    here: dict[int, set[_Key]] = defaultdict(set)
    query = (
        select(Payment.resident_id, Payment.batch_id, Payment.item, Payment.year, Payment.period, Payment.stage)
        .join(Batch, Batch.id == Payment.batch_id)
        .where(Payment.resident_id.in_(residents), Batch.status == LIVE, Payment.batch_id <= batch_id)
        .order_by(Payment.batch_id)
    )
    for resident_id, batch, item, year, period, stage in session.execute(query):
        if batch < batch_id:
            before[resident_id, (item, year, period)] = stage
        elif stage in _NEWS and before.get((resident_id, (item, year, period))) != stage:
            here[resident_id].add((item, year, period))
    return {
        resident_id: [
            line
            for line in Payment.of(session, resident_id)
            if (line.item, line.year, line.period) in keys and line.stage in _NEWS and when_paid(line) >= since
        ]
        for resident_id, keys in here.items()
    }


def _told(session: Session, followers: Sequence[int]) -> set[tuple[int, bytes]]:
    from models.paid_notice import PaidNotice

    query = select(PaidNotice.follower_id, PaidNotice.payment_hash).where(PaidNotice.follower_id.in_(followers))
    return {(follower_id, bytes(key)) for follower_id, key in session.execute(query)}


def _hash(resident_id: int, line: Line) -> bytes:
    # With the day: money that came back and was paid once more is news again.
    said = f"{resident_id}|{line.item}|{line.year}|{line.period}|{line.stage}|{when_paid(line)}"
    return hashlib.sha256(said.encode()).digest()[:16]
