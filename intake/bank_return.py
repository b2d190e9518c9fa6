"""The bank's return file (回盘): what came back becomes 发放失败 for the resident to see, and stands on the working list.

Payment rows never change: the file makes new rows in a batch of its own, visible in one flip together with the lines
that fitted nobody. Lines that say success change nothing, but for payments that were sent to the bank again: those
are 已补发 then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.bank_lines import Line, lines_of
from intake.bulk import Bulk
from intake.claiming import PAYMENTS, Change, begin, facts_of, line_of, make_live, row_of
from intake.matching import KNOWN, MATCHED, SEVERAL, Match, match, standing_of
from intake.register_report import RegisterReport
from intake.registers import Keeper, RegisterOutcome, Source, go_live, is_other_name, new_register, registering
from intake.registers import take_back as take_register_back
from intake.returned import settle
from intake.staging import clear_away, new_batch, take_back
from intake.store import digest
from intake.turn import Turn
from knowledge.wording import RETURNED
from models.bank_return import CLAIMED, SENT_AGAIN, UNCLAIMED, ReturnedPayment, UnclaimedReturn
from models.bank_return import MATCHED as LINE_MATCHED
from models.base import now
from models.db import Database
from models.household import RETURNS, Register
from models.payment import LIVE, Batch, Payment

_CHUNK = 500
_UNCLAIMED = Bulk(UnclaimedReturn, ("register_id", "facts", "status"))
_CODES = {KNOWN: "RETURN_KNOWN", SEVERAL: "RETURN_AMBIGUOUS"}


def import_return(
    database: Database, source: Source, *, progress: Callable[[int], None] = lambda _: None, patience: float = 600.0
) -> RegisterOutcome:
    """Read a bank's file and store what it says. Raises FileRefused, Refused or Busy, and then leaves nothing behind.

    Read again, with more said of it, only those lines act that wait to be claimed or went back the first time.
    """
    sha256 = digest(source.file, {})
    outcome = RegisterOutcome(RegisterReport())
    lines, outcome.notes = lines_of(source, outcome.report, progress)
    with registering(database, patience, lambda: progress(0)) as turn:
        clear_away(database, turn)
        before = _Before(database, sha256)
        outcome.imported_before = before.imported_at
        fresh = [line for line in lines if line.paid or before.may_act(line)]
        _known([line for line in lines if not (line.paid or before.may_act(line))], outcome.report)
        work = _sorted_out(database, fresh, before, outcome.report)
        if work.changes or work.unclaimed:
            _store(database, turn, source, sha256, work, outcome)
    if outcome.batch_id is not None:
        settle(database, outcome.batch_id)
    return outcome


class _Before:
    """What an earlier reading of the very same file has made of its lines, by sheet and row; `imported_at`: when."""

    def __init__(self, database: Database, sha256: str) -> None:
        self.waiting: dict[tuple[int, int], int] = {}
        self._done: set[tuple[int, int]] = set()
        query = select(Register, Batch.status).outerjoin(Batch, Batch.id == Register.batch_id)
        query = query.where(Register.kind == RETURNS, Register.sha256 == sha256, Register.status == LIVE)
        with database.read() as session:
            found = session.execute(query.order_by(Register.id)).all()
            self.imported_at = found[0][0].live_at if found else None
            for register, batch_status in found:
                for one in session.scalars(select(UnclaimedReturn).where(UnclaimedReturn.register_id == register.id)):
                    self._take(one, is_withdrawn=batch_status not in (None, LIVE))

    def _take(self, one: UnclaimedReturn, *, is_withdrawn: bool) -> None:
        place = (one.facts["sheet"], one.facts["number"])
        if one.status == UNCLAIMED:
            self.waiting[place] = one.id
        elif one.status != LINE_MATCHED or not is_withdrawn:  # what was withdrawn may be read again
            self._done.add(place)

    def may_act(self, line: Line) -> bool:
        """Whether the line has not done what it says already."""
        return (line.sheet, line.number) not in self._done


@dataclass(slots=True)
class _Work:
    """The payments to change; the lines that wait to be claimed; and those that waited and are matched now, by id."""

    changes: list[Change] = field(default_factory=list)
    unclaimed: list[Line] = field(default_factory=list)
    found: list[int] = field(default_factory=list)


def _known(lines: Sequence[Line], report: RegisterReport) -> None:
    for line in lines:
        report.unchanged += 1
        report.found(line.sheet, line.number, ("RETURN_KNOWN",))


def _sorted_out(database: Database, lines: Sequence[Line], before: _Before, report: RegisterReport) -> _Work:
    again, work = _Again(database), _Work()
    failed: list[Line] = []
    for line in lines:
        sent = again.take(line)
        if sent is not None:
            work.changes.append((sent, "已补发" if line.paid else RETURNED, line, line.account))
            report.found(line.sheet, line.number, ("RETURN_PAID_AGAIN",) if line.paid else ())
        elif line.paid:
            report.skip(line.sheet, line.number, "RETURN_SUCCEEDED")
        else:
            failed.append(line)
    listed = _listed_already(database) if failed else set()
    for one in match(database, failed):
        _sort(one, work, before, listed, report)
    report.accepted = len(work.changes) + len(work.unclaimed)
    return work


def _sort(one: Match, work: _Work, before: _Before, listed: set[tuple[object, ...]], report: RegisterReport) -> None:
    line, place = one.line, (one.line.sheet, one.line.number)
    if one.kind == MATCHED and one.payment is not None:
        work.changes.append((one.payment, RETURNED, line, None))
        work.found += [before.waiting[place]] if place in before.waiting else []
    elif one.kind == KNOWN or place in before.waiting or (line.day is not None and line.same in listed):
        _known([line], report)
    else:
        work.unclaimed.append(line)
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


def _listed_already(database: Database) -> set[tuple[object, ...]]:
    """Lines of other files that wait, or waited, to be claimed."""
    waited = select(UnclaimedReturn.facts).where(UnclaimedReturn.status != LINE_MATCHED)
    with database.read() as session:
        return {line_of(facts).same for facts in session.scalars(waited)}


# ---------------------------------------------------------------- storing


def _store(database: Database, turn: Turn, source: Source, sha256: str, work: _Work, outcome: RegisterOutcome) -> None:
    keeper = Keeper(database, turn, new_register(RETURNS, source, sha256))
    batch = new_batch(f"回盘 {source.name}"[:255], sha256, source.by)
    matched = [line for _, stage, line, _ in work.changes if stage == RETURNED]
    try:
        if work.changes:
            keeper.write(lambda session: begin(session, batch))
        for start in range(0, len(work.changes), _CHUNK):
            rows = [row_of(one, batch.id, source.today, database.keyring) for one in work.changes[start : start + _CHUNK]]
            keeper.write(partial(PAYMENTS.insert, rows=rows))
        for lines, status in ((work.unclaimed, UNCLAIMED), (matched, LINE_MATCHED)):
            for start in range(0, len(lines), _CHUNK):
                kept = [[keeper.register.id, facts_of(line), status] for line in lines[start : start + _CHUNK]]
                keeper.write(partial(_UNCLAIMED.insert, rows=kept))
        keeper.write(partial(_flip, batch=batch, register_id=keeper.register.id, source=source, work=work, report=outcome.report))
    except BaseException:
        if batch.id is not None:
            take_back(database, turn, batch.id)
        take_register_back(database, turn, keeper.register.id)
        raise
    outcome.register_id, outcome.batch_id = keeper.register.id, batch.id if work.changes else None


def _flip(session: Session, batch: Batch, register_id: int, source: Source, work: _Work, report: RegisterReport) -> None:
    if work.changes:
        make_live(session, batch.id, work.changes)
        session.get_one(Register, register_id).batch_id = batch.id
    for start in range(0, len(work.found), _CHUNK):
        waiting = select(UnclaimedReturn).where(UnclaimedReturn.id.in_(work.found[start : start + _CHUNK]))
        for one in session.scalars(waiting.with_for_update()):
            one.status, one.settled_at, one.settled_by = CLAIMED, now(), source.who
    go_live(session, register_id, source, report)
