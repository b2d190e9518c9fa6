"""What a batch says about people who were known already: kept beside the staged batch, written once it is live, and
given back when it is withdrawn.

Each step is one short transaction that can be done again: whatever a killed process left over, the next one finishes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from intake.bulk import Bulk
from intake.residents import STORED, Details
from models.base import keyring_of
from models.db import Database
from models.payment import DROPPED, LIVE, WITHDRAWN, Batch, Payment
from models.resident import Resident
from models.upload import DetailChange

_CHUNK = 500
_PATIENCE = 60.0
_OF_BATCH = select(DetailChange).join(Batch, Batch.id == DetailChange.batch_id)
_TO_APPLY = _OF_BATCH.where(DetailChange.applied.is_(False), Batch.status == LIVE).order_by(
    DetailChange.batch_id, DetailChange.resident_id
)
_TO_GIVE_BACK = _OF_BATCH.where(Batch.status == WITHDRAWN).order_by(DetailChange.batch_id.desc())
_STAGED = Bulk(DetailChange, ("batch_id", "resident_id", "applied", "details"))


def stage(session: Session, batch_id: int, later: Mapping[int, Details]) -> None:
    """Keep what a batch that is not live yet says about people."""
    _STAGED.insert(session, [[batch_id, resident_id, False, list(details)] for resident_id, details in later.items()])


def differ(database: Database, later: Mapping[int, Details]) -> bool:
    """Whether any of this is not what stands already."""
    ids = list(later)
    for start in range(0, len(ids), _CHUNK):
        with database.read() as session:
            standing = _standing(session, ids[start : start + _CHUNK])
        if any(stands.updated(later[one]) != stands for one, stands in standing.items()):
            return True
    return False


def due(database: Database) -> bool:
    """Whether there is anything to write or to give back."""
    with database.read() as session:
        return any(session.execute(some.limit(1)).first() for some in (_TO_APPLY, _TO_GIVE_BACK))


def apply_all(database: Database) -> int:
    """Write what live batches say, the older batch first; gives how many people are changed by that."""
    changed = 0
    while (step := database.write(_apply_some, wait=_PATIENCE)) is not None:
        changed += step
    return changed


def give_back_all(database: Database) -> None:
    """Take back what withdrawn batches said, the newer batch first."""
    while database.write(_give_back_some, wait=_PATIENCE):
        pass


def _apply_some(session: Session) -> int | None:
    """How many people were changed; None if nothing was due."""
    rows = _locked(session, _TO_APPLY)
    if not rows:
        return None
    standing, values = _standing(session, [row.resident_id for row in rows]), []
    for row in rows:
        before = standing[row.resident_id]
        after = before.updated(Details(*row.details))
        standing[row.resident_id] = after
        row.applied, row.details = True, list(before)
        if after != before:
            values.append((row.resident_id, after))
        else:
            session.delete(row)
    _write(session, values)
    return len({resident_id for resident_id, _ in values})


def _give_back_some(session: Session) -> int:
    rows = _locked(session, _TO_GIVE_BACK)
    values = []
    for row in rows:
        later = session.scalar(
            select(DetailChange)
            .where(DetailChange.resident_id == row.resident_id, DetailChange.batch_id > row.batch_id, DetailChange.applied)
            .order_by(DetailChange.batch_id)
            .limit(1)
        )
        if later is not None:
            later.details = row.details  # what stands came from there: it goes back further when that one goes
        elif row.applied and not _is_confirmed(session, row):
            values.append((row.resident_id, Details(*row.details)))
        session.delete(row)
        session.flush()
    _write(session, values)
    return len(rows)


def _is_confirmed(session: Session, row: DetailChange) -> bool:
    """Whether a later file that counts names the person: it would have changed what is not so."""
    newer = (
        select(Payment.id)
        .join(Batch, Batch.id == Payment.batch_id)
        .where(Payment.resident_id == row.resident_id, Payment.batch_id > row.batch_id, Batch.status == LIVE)
        .where(Payment.stage != DROPPED)
    )
    return session.scalar(newer.limit(1)) is not None


def _locked(session: Session, due: Select[DetailChange]) -> Sequence[DetailChange]:
    return session.scalars(due.limit(_CHUNK).with_for_update(of=DetailChange)).all()


def _standing(session: Session, ids: Sequence[int]) -> dict[int, Details]:
    found = session.execute(STORED.where(Resident.id.in_(ids)))
    return {row.id: Details(*(text or "" for text in row[2:])) for row in found}


def _write(session: Session, values: Sequence[tuple[int, Details]]) -> None:
    session.flush()
    keyring = keyring_of(session.get_bind().dialect)
    rows: list[dict[str, Any]] = [{"id": id_, **details.columns(keyring)} for id_, details in dict(values).items()]
    if rows:
        session.execute(update(Resident), rows)


def forget(session: Session, batch_id: int, limit: int) -> int:
    """Delete some of what a staged batch kept; gives how many."""
    ids = session.scalars(select(DetailChange.resident_id).where(DetailChange.batch_id == batch_id).limit(limit)).all()
    if ids:
        session.execute(delete(DetailChange).where(DetailChange.batch_id == batch_id, DetailChange.resident_id.in_(ids)))
    return len(ids)
