"""The bank's return file (回盘): what came back becomes 发放失败 for the resident to see, and stands on the working list.

Payment rows never change: the file makes new rows in a batch of its own, visible in one flip together with the lines
that fitted nobody. Lines that say success change nothing, but for payments that were sent to the bank again: those
are 已补发 then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.bank_lines import Line, lines_of
from intake.bulk import Bulk
from intake.comparing import content_hash
from intake.matching import KNOWN, MATCHED, SEVERAL, Match, match, standing_of
from intake.payment_row import PaymentRow
from intake.register_report import RegisterReport
from intake.registers import Keeper, RegisterOutcome, Source, go_live, is_other_name, new_register, registering
from intake.registers import take_back as take_register_back
from intake.returned import settle, settle_some
from intake.staging import PAYMENT_COLUMNS, clear_away, new_batch, take_back
from intake.store import digest
from intake.turn import Turn
from knowledge.errors import NotThere, Refused
from knowledge.wording import RETURNED
from models.audit import record
from models.bank_return import CLAIMED, SENT_AGAIN, ReturnedPayment, UnclaimedReturn, one_unclaimed
from models.base import keyring_of, now
from models.crypto import Keyring
from models.db import Database
from models.household import RETURNS, Register
from models.payment import LIVE, Batch, Payment
from models.staff import Staff

_CHUNK = 500
_PAYMENTS = Bulk(Payment, PAYMENT_COLUMNS)
_UNCLAIMED = Bulk(UnclaimedReturn, ("register_id", "facts", "status"))
_CODES = {KNOWN: "RETURN_KNOWN", SEVERAL: "RETURN_AMBIGUOUS"}

Change = tuple[Payment, str, Line, str | None]  # the row that stood, the new stage, the line, another account


def import_return(
    database: Database, source: Source, *, progress: Callable[[int], None] = lambda _: None, patience: float = 600.0
) -> RegisterOutcome:
    """Read a bank's file and store what it says. Raises FileRefused, Refused or Busy, and then leaves nothing behind."""
    sha256 = digest(source.file, source.given)
    outcome = RegisterOutcome(RegisterReport())
    lines, outcome.notes = lines_of(source, outcome.report, progress)
    with registering(database, patience, lambda: progress(0)) as turn:
        clear_away(database, turn)
        with database.read() as session:
            before = _imported_before(session, sha256)
        if before is not None:
            outcome.imported_before = before.live_at
            outcome.report.unchanged += len(lines)
            return outcome
        changes, unclaimed = _sorted_out(database, lines, source, outcome.report)
        if changes or unclaimed:
            _store(database, turn, source, sha256, changes, unclaimed, outcome)
    if outcome.batch_id is not None:
        settle(database, outcome.batch_id)
    return outcome


def _imported_before(session: Session, sha256: str) -> Register | None:
    """The very same file, if it is in and what it made of payments was not withdrawn."""
    same = select(Register).outerjoin(Batch, Batch.id == Register.batch_id)
    same = same.where(Register.kind == RETURNS, Register.sha256 == sha256, Register.status == LIVE)
    return session.scalar(same.where(Batch.id.is_(None) | (Batch.status == LIVE)).limit(1))


def _sorted_out(
    database: Database, lines: Sequence[Line], source: Source, report: RegisterReport
) -> tuple[list[Change], list[Line]]:
    """The payments to change, and the lines for the list of those unclaimed."""
    again = _Again(database)
    changes: list[Change] = []
    failed: list[Line] = []
    for line in lines:
        sent = again.take(line)
        if sent is not None:
            changes.append((sent, "已补发" if line.paid else RETURNED, line, line.account))
            report.found(line.sheet, line.number, ("RETURN_PAID_AGAIN",) if line.paid else ())
        elif line.paid:
            report.skip(line.sheet, line.number, "RETURN_SUCCEEDED")
        else:
            failed.append(line)
    unclaimed: list[Line] = []
    known = _unclaimed_already(database) if failed else set()
    for one in match(database, failed):
        _sort(one, changes, unclaimed, known, report)
    report.accepted = len(changes) + len(unclaimed)
    return changes, unclaimed


def _sort(
    one: Match, changes: list[Change], unclaimed: list[Line], known: set[tuple[object, ...]], report: RegisterReport
) -> None:
    line = one.line
    if one.kind == MATCHED and one.payment is not None:
        changes.append((one.payment, RETURNED, line, None))
    elif one.kind == KNOWN or line.same in known:
        report.unchanged += 1
        report.found(line.sheet, line.number, ("RETURN_KNOWN",))
    else:
        unclaimed.append(line)
        report.found(line.sheet, line.number, (_CODES.get(one.kind, "RETURN_UNMATCHED"),))


class _Again:
    """The payments that were sent to the bank again, by the new account. Each is taken once."""

    def __init__(self, database: Database) -> None:
        with database.read() as session:
            sent = session.scalars(select(ReturnedPayment).where(ReturnedPayment.status == SENT_AGAIN)).all()
            standing = standing_of(session, {one.resident_id for one in sent})
            rows = {(pay.resident_id, pay.item, pay.year, pay.period): pay for many in standing.values() for pay in many}
            self._waiting = [
                (one.new_account, one.resident.name, rows[key])
                for one in sent
                if (key := (one.resident_id, one.item, one.year, one.period)) in rows
            ]
            session.expunge_all()

    def take(self, line: Line) -> Payment | None:
        """The one that the line is about; None if there is none, or several, or a success without its day."""
        if line.paid and line.day is None:
            return None
        fitting = [one for one in self._waiting if one[0] == line.account and one[2].amount_fen == line.amount_fen]
        fitting = [one for one in fitting if not (line.name and is_other_name(one[1], line.name))]
        fitting = [one for one in fitting if not line.item or one[2].item == line.item]
        fitting = [one for one in fitting if line.day is None or one[2].stage_date <= line.day]
        if len(fitting) != 1:
            return None
        self._waiting.remove(fitting[0])
        return fitting[0][2]


def _unclaimed_already(database: Database) -> set[tuple[object, ...]]:
    with database.read() as session:
        return {line_of(facts).same for facts in session.scalars(select(UnclaimedReturn.facts))}


def facts_of(line: Line) -> dict[str, Any]:
    """A line as it is kept."""
    return asdict(line) | {"day": line.day.isoformat() if line.day else None}


def line_of(facts: dict[str, Any]) -> Line:
    """The line that was kept."""
    return Line(**{**facts, "day": date.fromisoformat(facts["day"]) if facts["day"] else None})


# ---------------------------------------------------------------- storing


def _store(
    database: Database, turn: Turn, source: Source, sha256: str, changes: Sequence[Change], unclaimed: Sequence[Line],
    outcome: RegisterOutcome,
) -> None:  # fmt: skip
    keeper = Keeper(database, turn, new_register(RETURNS, source, sha256))
    batch = new_batch(f"回盘 {source.name}"[:255], sha256, source.by)
    try:
        if changes:
            keeper.write(lambda session: _begin(session, batch))
        for start in range(0, len(changes), _CHUNK):
            rows = [_row(one, batch.id, source.today, database.keyring) for one in changes[start : start + _CHUNK]]
            keeper.write(partial(_PAYMENTS.insert, rows=rows))
        for start in range(0, len(unclaimed), _CHUNK):
            lines = [[keeper.register.id, facts_of(line), "待认领"] for line in unclaimed[start : start + _CHUNK]]
            keeper.write(partial(_UNCLAIMED.insert, rows=lines))
        keeper.write(partial(_flip, batch=batch, register_id=keeper.register.id, source=source, changes=changes, report=outcome.report))
    except BaseException:
        if batch.id is not None:
            take_back(database, turn, batch.id)
        take_register_back(database, turn, keeper.register.id)
        raise
    outcome.register_id, outcome.batch_id = keeper.register.id, batch.id if changes else None


def _begin(session: Session, batch: Batch) -> None:
    session.add(batch)
    session.flush()


def _flip(
    session: Session, batch: Batch, register_id: int, source: Source, changes: Sequence[Change], report: RegisterReport
) -> None:
    if changes:
        _go_live(session, batch.id, changes)
        session.get_one(Register, register_id).batch_id = batch.id
    go_live(session, register_id, source, report)


def _go_live(session: Session, batch_id: int, changes: Sequence[Change]) -> None:
    """The batch becomes visible. It says nothing about how far the county's data reaches: `data_as_of` stays empty."""
    batch = session.get_one(Batch, batch_id)
    batch.accepted = batch.changed = len(changes)
    batch.items = [[item, year] for item, year in sorted({(one.item, one.year) for one, *_ in changes})]
    batch.go_live()


def _row(change: Change, batch_id: int, today: date, keyring: Keyring) -> list[Any]:
    """The payment as it is from now on."""
    stood, stage, line, account = change
    day = line.day or today
    row = PaymentRow(
        "", "", "", "", stood.item, stood.year, stood.period, stood.quantity, stood.unit or "", stood.standard_fen,
        stood.amount_fen, stage, day, day if stage != RETURNED else None, stood.bank or "",
        account or stood.account or line.account, (line.reason or stood.fail_reason or "") if stage != RETURNED else line.reason,
        "", stood.remarks,
    )  # fmt: skip
    return [
        batch_id, stood.resident_id, row.item, row.year, row.batch, row.quantity_hundredths, row.unit or None,
        row.standard_fen, row.amount_fen, row.stage, row.stage_date, row.paid_date, row.bank or None, row.account or None,
        row.fail_reason or None, row.remarks, content_hash(row, keyring),
    ]  # fmt: skip


# ---------------------------------------------------------------- by hand


def claim(session: Session, staff: Staff, unclaimed_id: int, payment_id: int) -> int:
    """Somebody says which payment a line is about: it becomes 发放失败, in a batch of its own. Gives that batch."""
    unclaimed = one_unclaimed(session, staff, unclaimed_id, lock=True)
    line = line_of(unclaimed.facts)
    payment = session.get(Payment, payment_id)
    standing = standing_of(session, [payment.resident_id])[payment.resident_id] if payment is not None else []
    if payment is None or payment_id not in {one.id for one in standing}:
        raise NotThere("没有这一笔，或者已经更正过。请刷新再选。")
    if payment.stage == RETURNED:
        raise Refused("这一笔已经是退回的了。")
    unclaimed.settle(staff, CLAIMED)
    batch = new_batch(f"回盘认领 {unclaimed.register.file_name}"[:255], "", staff)
    _begin(session, batch)
    change: Change = (payment, RETURNED, line, None)
    _PAYMENTS.insert(session, [_row(change, batch.id, now().date(), keyring_of(session.get_bind().dialect))])
    _go_live(session, batch.id, [change])
    session.flush()
    settle_some(session, [payment.resident_id])
    record(
        session, staff, "returns.claim", f"batch:{batch.id}", resident_id=payment.resident_id, unclaimed=unclaimed_id,
        reason="认领银行退回的一笔",
    )  # fmt: skip
    return batch.id
