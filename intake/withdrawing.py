"""Taking back what was imported: a whole batch, or payments that a newer file no longer holds. Always with a reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intake.bulk import Bulk
from intake.comparing import GoneRow, gone_rows
from intake.staging import PAYMENT_COLUMNS, clear_away, take_back
from intake.standing import Standing
from intake.turn import PATIENCE, Turn, our_turn
from knowledge.errors import NotThere, Refused
from models.audit import record
from models.base import now
from models.db import Database
from models.payment import DROPPED, LIVE, STAGED, Batch, Payment
from models.staff import Staff
from models.upload import Vanished

MOST_DROPPED = 20_000  # payments; more than that is a wrong file, and to be withdrawn
_CHUNK = 500
_SHORT_PATIENCE = 5.0
_LONGEST_REASON = 300
_NO_CONTENT = bytes(16)
_DROPS = Bulk(Payment, PAYMENT_COLUMNS)


def withdraw(session: Session, batch_id: int, by: Staff | str, reason: str) -> Batch:
    """Hide a batch, and what was dropped because of it, in one flip; rows that it had corrected show as before.

    What it said about people is given back by the worker's next round (`staging.clear_away`).
    """
    reason = _reason(reason)
    batch = session.get(Batch, batch_id, with_for_update=True)
    if batch is None or batch.status == STAGED:
        raise NotThere("没有这个批次，或者还在导入。")
    if batch.status != LIVE:
        raise Refused("这个批次已经撤下了。")
    following = session.scalars(select(Batch).where(Batch.follows == batch_id, Batch.status == LIVE).with_for_update())
    for one in (batch, *following):
        one.withdraw(_name(by), reason)
        record(session, by, "payments.withdraw", f"batch:{one.id}", file=one.file_name, sha256=one.sha256, reason=reason)
    session.execute(delete(Vanished).where(Vanished.batch_id == batch_id))
    return batch


def undecided(session: Session, batch_id: int, page: int, size: int) -> tuple[int, list[GoneRow]]:
    """The payments that a batch's file no longer holds and that nobody has decided on: how many, and one page of them."""
    query = select(Vanished.payment_id).where(Vanished.batch_id == batch_id).order_by(Vanished.payment_id)
    ids = session.scalars(query).all()
    return len(ids), gone_rows(session, ids[(page - 1) * size : page * size])


def keep(session: Session, batch_id: int, by: Staff | str) -> int:
    """Leave the payments that are not decided on as they are; gives how many."""
    kept = session.execute(delete(Vanished).where(Vanished.batch_id == batch_id)).rowcount  # type: ignore[attr-defined]
    if kept:
        record(session, by, "payments.keep", f"batch:{batch_id}", kept=kept)
    return int(kept)


def drop(database: Database, batch_id: int, by: Staff | str, reason: str, chosen: Collection[int] | None = None) -> int:
    """Hide payments that the batch's file no longer holds, all undecided or the chosen ones; gives how many.

    They become a batch of their own, which follows this one and can be withdrawn like any other. A payment that a newer
    file has brought again meanwhile is left alone.
    """
    reason = _reason(reason)
    with our_turn(database, _SHORT_PATIENCE) as turn:
        clear_away(database, turn)
        with database.read() as session:
            parent = session.get(Batch, batch_id)
            if parent is None or parent.status != LIVE:
                raise NotThere("没有这个批次，或者已经撤下。")
            ids = session.scalars(select(Vanished.payment_id).where(Vanished.batch_id == batch_id)).all()
            ids = [one for one in ids if chosen is None or one in chosen]
            if not ids:
                raise Refused("请至少选一笔。")
            if len(ids) > MOST_DROPPED:
                raise Refused(f"一次撤的太多（{len(ids)}笔）。多半是文件不全，请核对；文件错了就撤下整个批次。")
        batch = _drop_batch(parent, by, reason)
        database.write(lambda session: _begin(session, turn, batch), wait=PATIENCE)
        try:
            return _drop(database, turn, batch, ids, by)
        except BaseException:
            take_back(database, turn, batch.id)
            raise


def _drop(database: Database, turn: Turn, batch: Batch, ids: Sequence[int], by: Staff | str) -> int:
    dropped = 0
    with database.read() as session:
        standing = Standing(session)
    for start in range(0, len(ids), _CHUNK):
        with database.read() as session:
            rows = _still_standing(session, standing, ids[start : start + _CHUNK])
        values = [_tombstone(row, batch.id) for row in rows]
        database.write(partial(_stage, turn=turn, values=values), wait=PATIENCE)
        dropped += len(values)
    database.write(partial(_flip, turn=turn, batch_id=batch.id, ids=ids, dropped=dropped, by=by), wait=PATIENCE)
    return dropped


def _drop_batch(parent: Batch, by: Staff | str, reason: str) -> Batch:
    return Batch(
        file_name=parent.file_name, sha256="", status=STAGED, imported_by=_name(by), imported_at=now(),
        follows=parent.id, items=[], reason=reason,
    )  # fmt: skip


def _still_standing(session: Session, standing: Standing, ids: Sequence[int]) -> list[Payment]:
    """Those of the payments that count now."""
    rows = session.scalars(select(Payment).where(Payment.id.in_(ids))).all()
    keys = [(row.resident_id, row.item, row.year, row.period) for row in rows]
    counting = {stored.payment_id for stored in standing.of(session, keys).values()}
    return [row for row in rows if row.id in counting]


def _tombstone(row: Payment, batch_id: int) -> list[object]:
    of_the_payment = [batch_id, row.resident_id, row.item, row.year, row.period]
    nothing = [None, None, None, 0, DROPPED, now().date(), None, None, None, None, None]
    return [*of_the_payment, *nothing, _NO_CONTENT]


def _begin(session: Session, turn: Turn, batch: Batch) -> None:
    turn.hold(session)
    session.add(batch)
    session.flush()


def _stage(session: Session, turn: Turn, values: Sequence[list[object]]) -> None:
    turn.hold(session)
    _DROPS.insert(session, values)


def _flip(session: Session, turn: Turn, batch_id: int, ids: Sequence[int], dropped: int, by: Staff | str) -> None:
    turn.hold(session)
    batch = session.get_one(Batch, batch_id)
    batch.accepted = dropped
    batch.go_live()
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        session.execute(delete(Vanished).where(Vanished.batch_id == batch.follows, Vanished.payment_id.in_(some)))
    record(session, by, "payments.drop", f"batch:{batch.id}", follows=batch.follows, dropped=dropped, reason=batch.reason)


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused("请写上为什么。")
    if len(reason) > _LONGEST_REASON:
        raise Refused(f"原因太长了，最多{_LONGEST_REASON}个字。")
    return reason


def _name(by: Staff | str) -> str:
    return (by.username if isinstance(by, Staff) else by)[:64]
