"""Which payment a line of a bank's file is about: by account, name and amount, and item, batch and day where they are
given. What fits several payments is never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.bank_lines import Line
from intake.registers import is_other_name
from knowledge.wording import PAID, RETURNED
from models.base import keyring_of
from models.db import Database
from models.payment import DROPPED, LIVE, Batch, Payment
from models.resident import Resident

_AT_ONCE = 400  # residents, and lines
_SCANNED_AT_ONCE = 5_000  # payments
_MOST_AMOUNTS = 500
_BANK_NEEDS = timedelta(days=45)  # between the day that counts as paid and the day that the bank sends it back

MATCHED, KNOWN, NONE, SEVERAL = "matched", "known", "none", "several"


@dataclass(frozen=True, slots=True)
class Match:
    """What a line is about."""

    line: Line
    kind: str
    payment: Payment | None = None


def standing_of(session: Session, resident_ids: Collection[int]) -> dict[int, list[Payment]]:
    """The rows that count for these persons, by person; dropped payments are none."""
    live = frozenset(session.scalars(select(Batch.id).where(Batch.status == LIVE)))
    query = select(Payment).where(Payment.resident_id.in_(resident_ids)).order_by(Payment.batch_id, Payment.id)
    newest = {(one.resident_id, one.item, one.year, one.period): one for one in session.scalars(query) if one.batch_id in live}
    found: defaultdict[int, list[Payment]] = defaultdict(list)
    for one in newest.values():
        if one.stage != DROPPED:
            found[one.resident_id].append(one)
    return found


def match(database: Database, lines: Sequence[Line]) -> Iterator[Match]:
    """What each line is about, in the order of the lines."""
    groups: defaultdict[tuple[object, ...], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.same].append(line)
    first = [many[0] for many in groups.values()]
    candidates: dict[tuple[object, ...], list[Payment]] = {}
    for start in range(0, len(first), _AT_ONCE):
        candidates |= _candidates(database, first[start : start + _AT_ONCE])
    lost = [line for line in first if not candidates[line.same] and line.account]
    candidates |= _by_old_account(database, lost)
    for key, many in groups.items():
        yield from _decided(many, candidates[key])


def _candidates(database: Database, lines: Sequence[Line]) -> dict[tuple[object, ...], list[Payment]]:
    """The payments of the persons with these accounts or numbers, of the same name and amount."""
    keyring = database.keyring
    by_account = {keyring.blind_index(line.account, "account", key) for key in keyring.index for line in lines if line.account}
    by_number = {keyring.blind_index(line.id_number, "id_number", key) for key in keyring.index for line in lines if line.id_number}
    with database.read() as session:
        persons = session.scalars(select(Resident).where(Resident.account_index.in_(by_account))).all()
        persons = [*persons, *session.scalars(select(Resident).where(Resident.id_index.in_(by_number)))]
        of_account: defaultdict[str, dict[int, Resident]] = defaultdict(dict)
        for person in persons:
            of_account[person.account or ""][person.id] = person
        of_number = {person.id_number: person for person in persons}
        standing = standing_of(session, {person.id for person in persons})
        found = {}
        for line in lines:
            fitting = dict(of_account[line.account]) if line.account else {}
            if line.id_number:
                fitting = {one.id: one for one in [of_number.get(line.id_number)] if one is not None}
            named = [one for one in fitting.values() if not (line.name and is_other_name(one.name, line.name))]
            found[line.same] = [pay for one in named for pay in standing[one.id] if _fits(pay, line)]
        session.expunge_all()
    return found


def _fits(payment: Payment, line: Line) -> bool:
    return payment.amount_fen == line.amount_fen and (not line.account or payment.account in (None, line.account))


def _by_old_account(database: Database, lines: Sequence[Line]) -> dict[tuple[object, ...], list[Payment]]:
    """Payments that went to an account which is nobody's newest any more: found by their amounts."""
    accounts = {line.account for line in lines}
    amounts = sorted({line.amount_fen for line in lines})
    holders: set[int] = set()
    for start in range(0, len(amounts), _MOST_AMOUNTS):
        for resident_id, account in _with_amounts(database, amounts[start : start + _MOST_AMOUNTS]):
            if account in accounts:
                holders.add(resident_id)
    found: dict[tuple[object, ...], list[Payment]] = {line.same: [] for line in lines}
    ids = sorted(holders)
    for start in range(0, len(ids), _AT_ONCE):
        with database.read() as session:
            some = ids[start : start + _AT_ONCE]
            names = {row.id: row.name for row in session.execute(select(Resident.id, Resident.name).where(Resident.id.in_(some)))}
            for resident_id, payments in standing_of(session, some).items():
                for line in lines:
                    if not (line.name and is_other_name(names[resident_id], line.name)):
                        found[line.same] += [one for one in payments if one.account == line.account and _fits(one, line)]
            session.expunge_all()
    return found


def _with_amounts(database: Database, amounts: Sequence[int]) -> Iterator[tuple[int, str | None]]:
    """Person and account of all payments with these amounts, read a little at a time."""
    after = 0
    while True:
        query = select(Payment.id, Payment.resident_id, Payment.account).where(Payment.id > after, Payment.amount_fen.in_(amounts))
        with database.read() as session:
            rows = session.execute(query.order_by(Payment.id).limit(_SCANNED_AT_ONCE)).all()
        yield from ((row.resident_id, row.account) for row in rows)
        if len(rows) < _SCANNED_AT_ONCE:
            return
        after = rows[-1].id


def _decided(lines: Sequence[Line], candidates: Sequence[Payment]) -> Iterator[Match]:
    """The lines, all alike, held against the payments that they may be about: as many as there are lines, or none."""
    line = lines[0]
    given = [one for one in candidates if _is_named(one, line)]
    returned = [one for one in given if one.stage == RETURNED]
    if returned and (line.day is None or any(one.stage_date == line.day for one in returned) or len(given) == len(returned)):
        yield from (Match(each, KNOWN if len(given) == len(returned) or line.day else SEVERAL) for each in lines)
        return
    fitting = [one for one in given if one.stage != RETURNED and _is_near(one, line)]
    if len(fitting) == len(lines):
        yield from (Match(each, MATCHED, one) for each, one in zip(lines, fitting, strict=True))
        return
    yield from (Match(each, SEVERAL if fitting else NONE) for each in lines)


def _is_named(payment: Payment, line: Line) -> bool:
    """Whether the item, year and batch that the line names are the payment's."""
    if (line.item and payment.item != line.item) or (line.year and payment.year != line.year):
        return False
    return not line.batch or payment.period == line.batch or payment.period == f"{line.year or payment.year}年{line.batch}"


def _is_near(payment: Payment, line: Line) -> bool:
    """Whether the bank may have sent it back on the day of the line: not before it went out, nor long after.

    A line that names the batch says itself which one it is.
    """
    if line.day is None or line.batch:
        return True
    if payment.stage in PAID:
        return abs((payment.paid_date or payment.stage_date) - line.day) <= _BANK_NEEDS
    return payment.stage_date <= line.day


def choices_for(session: Session, facts: Line) -> list[tuple[Payment, Resident]]:
    """The payments among which a person may choose for a line that was not guessed: of the account or the number."""
    keyring = keyring_of(session.get_bind().dialect)
    index = [keyring.blind_index(facts.account, "account", key) for key in keyring.index] if facts.account else []
    numbers = [keyring.blind_index(facts.id_number, "id_number", key) for key in keyring.index] if facts.id_number else []
    query = select(Resident).where(Resident.account_index.in_(index) | Resident.id_index.in_(numbers))
    persons = {one.id: one for one in session.scalars(query)}
    standing = standing_of(session, persons)
    payable: Iterable[Payment] = (one for many in standing.values() for one in many if one.stage != RETURNED)
    found = [(one, persons[one.resident_id]) for one in payable]
    return sorted(found, key=lambda pair: (pair[0].amount_fen != facts.amount_fen, -pair[0].stage_date.toordinal(), pair[0].id))
