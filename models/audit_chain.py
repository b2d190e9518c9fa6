"""The order of the audit log, sealed: each seal is an HMAC over its row's mark and the seal before it.

Rows are marked when they are written (models/audit.py) and sealed a moment later by the worker, many at a time, so that
writers never wait for one another. A changed row no longer fits its mark; a removed or inserted one breaks the order; a
chain that was cut short no longer fits its proof. What was written in the last moments is not sealed yet: the unsealed
tail. Why so: docs/decisions/0009.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import ForeignKey, LargeBinary, exists, func, insert, select, type_coerce
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.audit import THE_KEY, AuditEntry, AuditKey, is_genuine
from models.base import Base, BigId
from models.db import Database

CHAIN_START = bytes(32)
_AT_ONCE = 300  # rows of one transaction of sealing
_READ_AT_ONCE = 2_000
_STRAGGLERS = 500  # seals back from the newest, among whose rows one that was committed late is looked for
_PLAIN = (
    AuditEntry.at, AuditEntry.staff_id, AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.resident_id,
)  # fmt: skip
_DETAIL: Any = AuditEntry.__table__.c.detail.type
_LABEL = _DETAIL.label.encode()
_SEALED_DETAIL = type_coerce(AuditEntry.detail, LargeBinary).label("detail")  # opened one by one: one may be damaged


class AuditSeal(Base):
    """The place of one row in the order, from 1 without a gap."""

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"), unique=True)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `fault` in words names the first row at fault; empty: the log is whole.

    `sealed` rows stand in the chain, whose last seal is `seal`; `unsealed` were written since the last sealing.
    """

    sealed: int
    unsealed: int
    seal: bytes
    fault: str = ""


# ---------------------------------------------------------------- sealing


def seal_due(database: Database, stopped: Callable[[], bool] = lambda: False, *, every: bool = False) -> int:
    """Seal what was written since the last time; gives how many rows. `every`: also what was committed very late.

    What waits is looked for before the writer is asked for.
    """
    done, after = 0, None
    while not stopped():
        with database.read() as session:
            after = after if after is not None else 0 if every else _looked_from(session)
            rows = session.execute(_unsealed(after).limit(_AT_ONCE)).all()
        if not rows:
            break
        done += database.write(partial(_seal_these, rows=rows))
        after = rows[-1].id
    return done


def _looked_from(session: Session) -> int:
    last = session.scalar(select(func.max(AuditSeal.position))) or 0
    return session.scalar(select(func.min(AuditSeal.audit_id)).where(AuditSeal.position > last - _STRAGGLERS)) or 0


def _unsealed(after: int) -> Any:
    is_sealed = exists().where(AuditSeal.audit_id == AuditEntry.id)
    return select(AuditEntry.id, AuditEntry.mark).where(AuditEntry.id > after, ~is_sealed).order_by(AuditEntry.id)


def _seal_these(session: Session, rows: Sequence[Any]) -> int:
    """Seal those of these rows that nobody has sealed meanwhile. The key's row is locked: one process seals at a time."""
    head = session.get_one(AuditKey, THE_KEY, with_for_update=True)
    sealed = set(session.scalars(select(AuditSeal.audit_id).where(AuditSeal.audit_id.in_([row.id for row in rows]))))
    seals = []
    for row in rows:
        if row.id not in sealed:
            head.position += 1
            head.seal = _seal(head.key, head.position, head.seal, row.id, bytes(row.mark))
            seals.append({"position": head.position, "audit_id": row.id, "seal": head.seal})
    if seals:
        session.execute(insert(AuditSeal), seals)
        head.proof = _proof(head.key, head.position, head.seal)
    return len(seals)


def _seal(key: bytes, position: int, before: bytes, audit_id: int, mark: bytes) -> bytes:
    return hmac.digest(key, b"seal" + _eight(position) + before + _eight(audit_id) + mark, "sha256")


def _proof(key: bytes, position: int, seal: bytes) -> bytes:
    return hmac.digest(key, b"head" + _eight(position) + seal, "sha256")


def _eight(number: int) -> bytes:
    return number.to_bytes(8, "big")


# ---------------------------------------------------------------- verifying


def verify(database: Database, tell: Callable[[int], object] = lambda _: None) -> Verdict:
    """Read the whole log once and hold it against its marks, its order and its proof. Holds nobody up."""
    with database.read() as session:
        try:
            head = session.get(AuditKey, THE_KEY)
        except (KeyError, IndexError, InvalidTag):
            return Verdict(0, 0, CHAIN_START, "记录的钥匙（audit_keys）打不开：它被改过，或者配置里少了加密密钥。")
        if head is None:
            return Verdict(0, 0, CHAIN_START, "记录的钥匙不见了：audit_keys 是空的。")
        key, position, seal, proof = head.key, head.position, bytes(head.seal), bytes(head.proof)
    if not hmac.compare_digest(proof, _proof(key, position, seal)):
        return Verdict(position, 0, seal, f"记到第{position}条的封印对不上：audit_keys 被改过。")
    fault = _fault_in_chain(database, key, position, seal, tell)
    unsealed, found = _tail(database, key, position)
    return Verdict(position, unsealed, seal, fault or found or _copied(database))


def seal_at(database: Database, position: int) -> bytes | None:
    """The seal at a place of the order: what was noted down of it once can be held against it."""
    with database.read() as session:
        found = session.scalar(select(AuditSeal.seal).where(AuditSeal.position == position))
    return bytes(found) if found is not None else None


def _fault_in_chain(database: Database, key: bytes, last: int, seal: bytes, tell: Callable[[int], object]) -> str:
    before, at = CHAIN_START, 0
    for row in _in_order(database, last):
        at += 1
        if row.position != at:
            return f"第{at}条的封印不见了。"
        if row.mark is None:
            return f"第{at}条（编号{row.audit_id}）被删掉了。"
        if not _is_genuine(database, key, row):
            return f"第{at}条（编号{row.audit_id}，{row.at:%Y-%m-%d %H:%M:%S} UTC）被改过。"
        before = _seal(key, at, before, row.audit_id, bytes(row.mark))
        if not hmac.compare_digest(bytes(row.seal), before):
            return f"第{at}条（编号{row.audit_id}）的顺序对不上：从这里起有记录被换过、插过或删过。"
        if at % _READ_AT_ONCE == 0:
            tell(at)
    if at != last:
        return f"第{at + 1}条到第{last}条的封印不见了：后面的记录被删掉了。"
    return "" if hmac.compare_digest(before, seal) else f"最后一条（第{at}条）的封印对不上。"


def _in_order(database: Database, last: int) -> Iterator[Any]:
    """Every sealed row in its order, with what is left of it; a little at a time."""
    query = (
        select(AuditSeal.position, AuditSeal.audit_id, AuditSeal.seal, AuditEntry.mark, *_PLAIN, _SEALED_DETAIL)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.audit_id).order_by(AuditSeal.position).limit(_READ_AT_ONCE)
    )  # fmt: skip
    after = 0
    while after < last:
        with database.read() as session:
            rows = session.execute(query.where(AuditSeal.position > after, AuditSeal.position <= last)).all()
        yield from rows
        if not rows:
            return
        after = rows[-1].position


def _tail(database: Database, key: bytes, last: int) -> tuple[int, str]:
    """How many rows are not sealed yet, and the first of them that the service has not written like that."""
    count, after, fault = 0, 0, ""
    is_sealed = exists().where(AuditSeal.audit_id == AuditEntry.id, AuditSeal.position <= last)
    query = select(AuditEntry.id, AuditEntry.mark, *_PLAIN, _SEALED_DETAIL).where(~is_sealed)
    query = query.order_by(AuditEntry.id).limit(_READ_AT_ONCE)
    while True:
        with database.read() as session:
            rows = session.execute(query.where(AuditEntry.id > after)).all()
        for row in rows:
            if not fault and not _is_genuine(database, key, row):
                fault = f"编号{row.id}（{row.at:%Y-%m-%d %H:%M:%S} UTC）还没有封印，也不是系统写的：是插进来的，或者被改过。"
        count += len(rows)
        if len(rows) < _READ_AT_ONCE:
            return count, fault
        after = rows[-1].id


def _copied(database: Database) -> str:
    """Two rows with one mark: one of them is a copy that somebody put in."""
    twice = select(func.max(AuditEntry.id)).group_by(AuditEntry.mark).having(func.count() > 1).limit(1)
    with database.read() as session:
        found = session.scalar(twice)
    return "" if found is None else f"编号{found}是照另一条抄来的：是插进来的。"


def _is_genuine(database: Database, key: bytes, row: Any) -> bool:
    said = {column.key: getattr(row, column.key) for column in _PLAIN}
    try:
        detail = None if row.detail is None else _DETAIL.from_bytes(database.keyring.decrypt(bytes(row.detail), _LABEL))
    except (KeyError, IndexError, ValueError, InvalidTag):
        return False
    return is_genuine(key, said | {"detail": detail}, bytes(row.mark))
