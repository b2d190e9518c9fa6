"""户籍 files: who is the head of a household, and who belongs to it.

Only households of which somebody is in the payment files are kept (个人信息保护法 第6条: the least that is needed); a
household is taken as a whole or goes back as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import people
from intake.cleaning import Refusal, tidy
from intake.register_report import RegisterReport, refuses
from intake.register_table import Row, Vocabulary, rows_of
from intake.registers import (
    CHUNK,
    Keeper,
    Known,
    Person,
    RegisterOutcome,
    Source,
    find_known,
    is_other_name,
    new_register,
    registering,
    take_back,
    value_of,
)
from intake.store import digest
from models.db import Database
from models.household import HOUSEHOLDS, Member, Register
from models.payment import LIVE

_VOCABULARY = Vocabulary.of(HOUSEHOLDS, ("姓名",), ("身份证号",), ("户号", "与户主关系", "户主身份证号"))
_HEAD = re.compile(r"(?:本户)?户主(?:本人)?|本人(?:[/(（]?户主[)）]?)?|0?[12]")  # GB/T 4761: 01 本人, 02 户主
_LONGEST_RELATION = 16
_LOOKED_UP = 2_000


@dataclass(slots=True)
class _Line:
    """One row as far as it could be read."""

    sheet: int
    number: int
    person: Person | None
    relation: str
    codes: list[str]
    head_number: str = ""
    head_name: str = ""


@dataclass(slots=True)
class _Household:
    lines: list[_Line] = field(default_factory=list)
    head: Person | None = None

    @property
    def persons(self) -> dict[str, Person]:
        """Everybody in it, the head included, by ID number."""
        found = {line.person.id_number: line.person for line in self.lines if line.person is not None}
        if self.head is not None:
            found.setdefault(self.head.id_number, self.head)
        return found


def import_households(
    database: Database, source: Source, *, progress: Callable[[int], None] = lambda _: None, patience: float = 600.0
) -> RegisterOutcome:
    """Read a 户籍 file and store it. Raises FileRefused, Refused or Busy, and then leaves nothing behind."""
    sha256 = digest(source.file, source.given)
    outcome = RegisterOutcome(RegisterReport())
    households = _read(source, outcome.report, progress)
    with registering(database, patience, lambda: progress(0)) as turn:
        with database.read() as session:
            before = Register.same(session, HOUSEHOLDS, sha256)
        outcome.imported_before = before.live_at if before else None
        known = find_known(database, (number for one in households for number in one.persons))
        kept = _with_payments(households, known, outcome.report)
        if not _count(database, kept, known, outcome.report):
            return outcome
        keeper = Keeper(database, turn, new_register(HOUSEHOLDS, source, sha256))
        try:
            _keep(keeper, kept, known, progress)
            keeper.flip(source, outcome.report)
        except BaseException:
            take_back(database, turn, keeper.register.id)
            raise
        outcome.register_id = keeper.register.id
    return outcome


# ---------------------------------------------------------------- reading


def _read(source: Source, report: RegisterReport, progress: Callable[[int], None]) -> list[_Household]:
    households: dict[str, _Household] = {}
    group, seen = "", dict[str, str]()
    for row in rows_of(source.file, _VOCABULARY, source.given):
        if row.skip:
            report.skip(row.sheet, row.number, row.skip)
            continue
        line = _line(row, source)
        group = _group(row, line, group)
        if line.person is not None:
            where = seen.setdefault(line.person.id_number, group)
            if where != group or any(line.person == one.person for one in households.get(group, _Household()).lines):
                line.codes.append("MEMBER_TWICE" if where != group else "ROW_TWICE")
        households.setdefault(group, _Household()).lines.append(line)
        if not row.number % _LOOKED_UP:
            progress(row.number)
    return [household for household in households.values() if _is_whole(household, report)]


def _line(row: Row, source: Source) -> _Line:
    codes: list[str] = []
    soft: list[str] = []  # of what may be missing
    number = value_of(row.cells.get("身份证号", ""), partial(people.id_number, today=source.today), codes)
    name = value_of(row.cells.get("姓名", ""), people.name, codes)
    town = value_of(row.cells.get("乡镇", ""), people.town, soft)
    village = value_of(row.cells.get("村", ""), people.village, soft)
    phone = value_of(row.cells.get("手机号", ""), people.phone, soft)
    person = Person(number, name, town or "", village or "", phone or "") if number and name else None
    head_number = row.cells.get("户主身份证号", "")
    line = _Line(row.sheet, row.number, person, _plain(row.cells.get("与户主关系", ""))[:_LONGEST_RELATION], codes)
    if head_number.strip():
        line.head_number = value_of(head_number, partial(people.id_number, today=source.today), codes) or ""
    line.head_name = _plain(row.cells.get("户主姓名", ""))
    return line


def _plain(cell: str) -> str:
    try:
        return tidy(cell, [])
    except Refusal:
        return ""


def _group(row: Row, line: _Line, before: str) -> str:
    """What tells the rows of one household: its number, the head's number, or that a head begins a new one."""
    own = _plain(row.cells.get("户号", ""))
    if own:
        return f"{row.sheet}:户号:{own}"
    if "户号" in row.cells and before and not _is_head(line):
        return before  # a merged cell stands in the first row only
    if line.head_number:
        return f"{row.sheet}:户主:{line.head_number}"
    return f"{row.sheet}:行:{row.number}" if _is_head(line) or not before else before


def _is_head(line: _Line) -> bool:
    return _HEAD.fullmatch(line.relation) is not None


def _is_whole(household: _Household, report: RegisterReport) -> bool:
    """Find the head; where any row is at fault the whole household goes back."""
    fault = _find_head(household)
    bad = fault or next((code for line in household.lines for code in line.codes if refuses([code])), "")
    for line in household.lines:
        if not bad:
            report.found(line.sheet, line.number, line.codes)
        elif refuses(line.codes):
            report.refuse(line.sheet, line.number, line.codes)
        else:
            report.refuse(line.sheet, line.number, [*line.codes, fault or "HOUSEHOLD_AT_FAULT"])
    return not bad


def _find_head(household: _Household) -> str:
    """The code of what is wrong, or nothing."""
    heads = {line.person.id_number: line.person for line in household.lines if line.person and _is_head(line)}
    if len(heads) > 1:
        return "HEAD_TWICE"
    numbers = {line.head_number: line.head_name for line in household.lines if line.head_number}
    if len(numbers) > 1 or (heads and numbers and set(heads) != set(numbers)):
        return "HEAD_TWICE"
    household.head = next(iter(heads.values()), None)
    for number, name in numbers.items():
        own = next((line.person for line in household.lines if line.person and line.person.id_number == number), None)
        household.head = own or (Person(number, name) if name else None)
    names = {line.head_name for line in household.lines if line.head_name}
    if household.head is None and len(names) == 1:
        called = [line.person for line in household.lines if line.person and line.person.name in names]
        household.head = called[0] if len(called) == 1 else None
    return "" if household.head else "HEAD_MISSING"


# ---------------------------------------------------------------- storing


def _with_payments(
    households: Sequence[_Household], known: Mapping[str, Known], report: RegisterReport
) -> list[_Household]:
    kept = []
    for household in households:
        if known.keys().isdisjoint(household.persons):
            for line in household.lines:
                report.skip(line.sheet, line.number, "HOUSEHOLD_UNPAID")
        else:
            kept.append(household)
    return kept


def _count(database: Database, kept: Sequence[_Household], known: Mapping[str, Known], report: RegisterReport) -> bool:
    """Count what is new and what stands already; whether anything is new."""
    lines = [(line, household.head) for household in kept for line in household.lines]
    for start in range(0, len(lines), _LOOKED_UP):
        some = lines[start : start + _LOOKED_UP]
        ids = [known[line.person.id_number].id for line, _ in some if line.person and line.person.id_number in known]
        standing = _standing(database, ids)
        for line, head in some:
            if line.person is None or head is None:
                continue
            person, of_head = known.get(line.person.id_number), known.get(head.id_number)
            if person is not None and is_other_name(person.name, line.person.name):
                report.found(line.sheet, line.number, ("NAME_OTHER",))
            is_same = person is not None and of_head is not None and standing.get(person.id) == (of_head.id, line.relation)
            report.unchanged += is_same
            report.accepted += not is_same
    return report.accepted > 0


def _standing(database: Database, ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    query = (
        select(Member.resident_id, Member.head_id, Member.relation)
        .join(Register, Register.id == Member.register_id)
        .where(Member.resident_id.in_(ids), Register.status == LIVE)
        .order_by(Member.register_id)
    )
    with database.read() as session:
        return {row.resident_id: (row.head_id, row.relation) for row in session.execute(query)}


def _keep(
    keeper: Keeper, kept: Sequence[_Household], known: Mapping[str, Known], progress: Callable[[int], None]
) -> None:
    waiting: list[_Household] = []
    rows = done = 0
    for household in kept:
        waiting.append(household)
        rows += len(household.lines)
        if rows >= CHUNK:
            keeper.write(partial(_store, keeper=keeper, some=waiting, known=known))
            done += rows
            progress(done)
            waiting, rows = [], 0
    if waiting:
        keeper.write(partial(_store, keeper=keeper, some=waiting, known=known))


def _store(session: Session, keeper: Keeper, some: Sequence[_Household], known: Mapping[str, Known]) -> None:
    persons = {number: person for household in some for number, person in household.persons.items()}
    made = keeper.make(session, [person for number, person in persons.items() if number not in known])
    ids = made | {number: known[number].id for number in persons if number in known}
    rows: dict[int, list[Any]] = {}
    for household in some:
        head = household.head
        for line in household.lines if head is not None else ():
            if line.person is not None and head is not None:
                before = known.get(line.person.id_number)
                other = line.person.name if before and is_other_name(before.name, line.person.name) else None
                own, of_head = ids[line.person.id_number], ids[head.id_number]
                rows[own] = [own, keeper.register.id, of_head, line.relation, other]
        if head is not None:
            own = ids[head.id_number]
            rows.setdefault(own, [own, keeper.register.id, own, "户主", None])
    keeper.keep(session, list(rows.values()))
