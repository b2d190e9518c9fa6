"""核查比对 over the database: after each import for the persons that it touches, and now and then for everybody.

Persons are read household by household in short transactions; what the checks find is written a little at a time.
"""

from __future__ import annotations

import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, distinct, func, select
from sqlalchemy.orm import Session

from intake.check_reading import Household, Reader, heads
from intake.check_store import Store
from intake.check_turn import CheckTurn, checking_alone
from intake.returned import settle
from knowledge.checks import Standards, about_one
from knowledge.checks_between import Between, Binder, heavy_users, much_bound, within_household
from knowledge.errors import Refused
from knowledge.suspicion import Limits, Suspicion
from knowledge.wording import beijing
from models.base import insert_for, now
from models.db import Database
from models.finding import CheckedBatch, Finding, FindingPerson
from models.household import Death, Member, Register
from models.payment import LIVE, STAGED, Batch, Payment
from models.resident import Binding, Resident

_AT_ONCE = 400  # persons read at once
_PATIENCE = 60.0
_ALL_AT_ONCE = 20_000  # touched persons, above which everybody is checked
_LATELY = timedelta(days=180)  # within which an ended binding still counts
_BETWEEN = ("shared_account", "two_numbers", "same_land")

Progress = Callable[[int], None]


@dataclass(slots=True)
class Checked:
    """What a check did: payments read, findings that are new, changed or gone, and seconds."""

    payments: int = 0
    found: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0
    seconds: float = 0.0


def check(
    database: Database, batch_id: int | None = None, limits: Limits | None = None, *, today: date | None = None,
    progress: Progress = lambda _: None, stopped: Callable[[], bool] = lambda: False, patience: float = 60.0,
) -> Checked:  # fmt: skip
    """Check the persons of a batch, or everybody, and bring the working list of returned payments up to date.

    Refused if somebody else is checking for longer than the patience, in seconds.
    """
    with checking_alone(database, patience) as turn:
        seen = _as_it_stands(database, batch_id)
        settle(database, batch_id)
        work = _Check(database, turn, limits or Limits(), today or beijing(now()).date(), progress, stopped)
        done = work.run(None if batch_id is None else _of_batch(database, batch_id))
        if not stopped():
            database.write(lambda session: _note_checked(session, *seen), wait=_PATIENCE)
        return done


def check_due(database: Database, limits: Limits, stopped: Callable[[], bool] = lambda: False) -> None:
    """Check what has come in, or was withdrawn, since the last time; for the worker."""
    with suppress(Refused):  # somebody else is at it: the next round sees what is left
        for batch_id in _due_batches(database):
            if not stopped():
                check(database, batch_id, limits, stopped=stopped, patience=0.0)
        for register_id in _due_registers(database):
            if not stopped():
                _check_register(database, register_id, limits, stopped)


def check_all(database: Database, limits: Limits, stopped: Callable[[], bool] = lambda: False) -> None:
    """Check everybody; for the worker, now and then: what only all together show, and what time brings."""
    with suppress(Refused):
        check(database, None, limits, stopped=stopped, patience=_PATIENCE)


def _check_register(database: Database, register_id: int, limits: Limits, stopped: Callable[[], bool]) -> None:
    with checking_alone(database, 0.0) as turn:
        _Check(database, turn, limits, beijing(now()).date(), lambda _: None, stopped).run(_of_register(database, register_id))
        if not stopped():
            database.write(lambda session: _mark_register(session, register_id), wait=_PATIENCE)


class _Check:
    """One run of the checks."""

    def __init__(
        self, database: Database, turn: CheckTurn, limits: Limits, today: date, progress: Progress, stopped: Callable[[], bool]
    ) -> None:
        self._database, self._turn, self._limits, self._today = database, turn, limits, today
        self._progress, self._stopped = progress, stopped

    def run(self, touched: set[int] | None) -> Checked:
        """Check those touched, with everybody who belongs to them; None: everybody. Stopped, nothing is let go."""
        began = time.monotonic()
        if touched is not None and len(touched) > _ALL_AT_ONCE:
            touched = None
        wanted = None if touched is None else _with_neighbours(self._database, touched)
        done, between = Checked(), Between()
        store = Store(self._database, done)
        reader = Reader(self._database, _standards(self._database))
        for some in _households(self._database, wanted):
            if self._stopped():
                return done
            self._turn.keep()
            for household in reader.read(some):
                done.payments += sum(len(payments) for _, payments in household)
                store.take(self._about(household, reader, between))
            self._progress(done.payments)
        store.take(between.finish(self._today))
        store.take(_binders(self._database, self._limits))
        store.finish(wanted, touched)
        done.seconds = time.monotonic() - began
        return done

    def _about(self, household: Household, reader: Reader, between: Between) -> Iterator[Suspicion]:
        for person, payments in household:
            between.take(person, payments)
            yield from about_one(person, payments, reader.standards, self._limits)
        if len(household) > 1:
            yield from within_household(household)


# ---------------------------------------------------------------- whom to read


def _households(database: Database, wanted: Collection[int] | None) -> Iterator[list[list[int]]]:
    """The persons to read, some households at a time."""
    of_head: dict[int, int] = {}
    if wanted is None:
        of_head = heads(database)
        with database.read() as session:
            wanted = array("q", session.scalars(select(Resident.id).execution_options(yield_per=10_000)))
    else:
        for some in _chunks(sorted(wanted)):
            with database.read() as session:
                of_head |= Member.heads_of(session, some)
    waiting: list[list[int]] = []
    count, last = 0, None
    for one in sorted(wanted, key=lambda one: (of_head.get(one, one), one)):
        head = of_head.get(one, one)
        if head != last:
            if count >= _AT_ONCE:
                yield waiting
                waiting, count = [], 0
            waiting.append([])
            last = head
        waiting[-1].append(one)
        count += 1
    if waiting:
        yield waiting


def _with_neighbours(database: Database, touched: set[int]) -> set[int]:
    """Those touched, and whoever may share an account, a household or a finding with one of them."""
    found = set(touched)
    for some in _chunks(sorted(touched)):
        with database.read() as session:
            own = session.scalars(select(Resident.account_index).where(Resident.id.in_(some), Resident.account_index.is_not(None)))
            accounts = {bytes(one) for one in own if one is not None} | _other_accounts(session, some)
            found.update(session.scalars(select(Resident.id).where(Resident.account_index.in_(accounts))))
            of_head = set(Member.heads_of(session, some).values())
            found.update(session.scalars(select(Member.resident_id).where(Member.head_id.in_(of_head))))
    for some in _chunks(sorted(found)):
        with database.read() as session:
            found.update(_sharing_findings(session, some))
    return found


def _sharing_findings(session: Session, persons: Sequence[int]) -> set[int]:
    """Who stands in a finding between persons together with one of these."""
    # In steps, by keys that are known: in one statement the planner would walk through all findings.
    ids = set(session.scalars(select(FindingPerson.finding_id).where(FindingPerson.resident_id.in_(persons))))
    between = session.scalars(select(Finding.id).where(Finding.id.in_(ids), Finding.kind.in_(_BETWEEN))).all()
    return set(session.scalars(select(FindingPerson.resident_id).where(FindingPerson.finding_id.in_(between))))


def _other_accounts(session: Session, persons: Sequence[int]) -> set[bytes]:
    """The indexes of accounts that payments went to and that are not the person's own."""
    keyring = session.get_bind().dialect.keyring  # type: ignore[attr-defined]
    own = {row.id: row.account for row in session.execute(select(Resident.id, Resident.account).where(Resident.id.in_(persons)))}
    query = select(Payment.resident_id, Payment.account).where(Payment.resident_id.in_(persons), Payment.account.is_not(None))
    others = {row.account for row in session.execute(query) if row.account != own[row.resident_id]}
    return {keyring.blind_index(one, "account", key) for key in keyring.index for one in others}


def _of_batch(database: Database, batch_id: int) -> set[int]:
    with database.read() as session:
        return set(session.scalars(select(Payment.resident_id).where(Payment.batch_id == batch_id).distinct()))


def _of_register(database: Database, register_id: int) -> set[int]:
    with database.read() as session:
        dead = session.scalars(select(Death.resident_id).where(Death.register_id == register_id))
        return {*dead, *session.scalars(select(Member.resident_id).where(Member.register_id == register_id))}


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


# ---------------------------------------------------------------- what all together show


def _standards(database: Database) -> Standards:
    """The commonest standard of each item and year; superseded rows are counted, too: they change no majority."""
    live = select(Batch.id).where(Batch.status == LIVE)
    query = select(Payment.item, Payment.year, Payment.standard_fen, func.count()).where(
        Payment.standard_fen.is_not(None), Payment.batch_id.in_(live)
    )
    counts: defaultdict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    with database.read() as session:
        for item, year, standard, count in session.execute(query.group_by(Payment.item, Payment.year, Payment.standard_fen)):
            counts[item, year].append((count, standard or 0))
    found = {}
    for issue, many in counts.items():
        same, standard = max(many)
        found[issue] = (standard, same, sum(count for count, _ in many))
    return found


def _binders(database: Database, limits: Limits) -> Iterator[Suspicion]:
    counted = (Binding.ended_at.is_(None)) | (Binding.ended_at > now() - _LATELY)
    users = select(Binding.follower_id, func.count(distinct(Binding.resident_id))).where(counted).group_by(Binding.follower_id)
    persons = select(Binding.resident_id, func.count(distinct(Binding.follower_id))).where(Binding.ended_at.is_(None))
    persons = persons.group_by(Binding.resident_id)
    with database.read() as session:
        heavy = []
        for user, times in session.execute(users.having(func.count(distinct(Binding.resident_id)) >= limits.most_bound)).all():
            bound = session.scalars(select(Binding.resident_id).where(counted, Binding.follower_id == user).distinct())
            heavy.append(Binder(user, tuple(sorted(bound)), times))
        many = session.execute(persons.having(func.count(distinct(Binding.follower_id)) >= limits.most_binders)).all()
    yield from heavy_users(heavy, limits)
    yield from much_bound([Binder(person, (person,), times) for person, times in many], limits)


# ---------------------------------------------------------------- what is due


def _due_batches(database: Database) -> list[int]:
    """Batches that are live and not checked, or were withdrawn since."""
    query = select(Batch.id, Batch.status, CheckedBatch.status).outerjoin(CheckedBatch, CheckedBatch.batch_id == Batch.id)
    with database.read() as session:
        rows = session.execute(query.where(Batch.status != STAGED).order_by(Batch.id)).all()
    return [id_ for id_, status, checked in rows if status != checked and (checked is not None or status == LIVE)]


def _due_registers(database: Database) -> list[int]:
    with database.read() as session:
        query = select(Register.id).where(Register.checked_at.is_(None), Register.status != STAGED)
        return list(session.scalars(query.order_by(Register.id)))


def _mark_register(session: Session, register_id: int) -> None:
    session.get_one(Register, register_id).checked_at = now()


def _as_it_stands(database: Database, batch_id: int | None) -> tuple[list[tuple[int, str]], list[int]]:
    """The batches that a check is about to see, with their states, and the registers that wait for one of everybody."""
    batches = select(Batch.id, Batch.status).where(Batch.status != STAGED)
    with database.read() as session:
        rows = session.execute(batches if batch_id is None else batches.where(Batch.id == batch_id)).all()
    return [(row.id, row.status) for row in rows], _due_registers(database) if batch_id is None else []


def _note_checked(session: Session, batches: Sequence[tuple[int, str]], registers: Sequence[int]) -> None:
    moment = now()
    session.execute(delete(CheckedBatch).where(CheckedBatch.batch_id.in_([id_ for id_, _ in batches])))
    if batches:
        values = [{"batch_id": id_, "status": status, "checked_at": moment} for id_, status in batches]
        session.execute(insert_for(session)(CheckedBatch), values)
    for register_id in registers:
        _mark_register(session, register_id)
