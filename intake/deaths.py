"""死亡 files: who has died and when, so that payments after a death are found.

Persons who are in no payment file are kept, too: somebody may yet be paid in the name of the dead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from intake import days, people
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
from models.household import DEATHS, Death, Register

_DATES = ("死亡日期", "火化日期", "注销日期")  # the first that is filled counts
_VOCABULARY = Vocabulary.of(DEATHS, ("姓名",), ("身份证号",), _DATES)
_LOOKED_UP = 2_000


@dataclass(frozen=True, slots=True)
class _Dead:
    sheet: int
    number: int
    person: Person
    died_on: date
    source: str


def import_deaths(
    database: Database, source: Source, *, progress: Callable[[int], None] = lambda _: None, patience: float = 600.0
) -> RegisterOutcome:
    """Read a 死亡 file and store it. Raises FileRefused, Refused or Busy, and then leaves nothing behind."""
    sha256 = digest(source.file, source.given)
    outcome = RegisterOutcome(RegisterReport())
    dead = _read(source, outcome.report, progress)
    with registering(database, patience, lambda: progress(0)) as turn:
        with database.read() as session:
            before = Register.same(session, DEATHS, sha256)
        outcome.imported_before = before.live_at if before else None
        known = find_known(database, (one.person.id_number for one in dead))
        if not _count(database, dead, known, outcome.report):
            return outcome
        keeper = Keeper(database, turn, new_register(DEATHS, source, sha256))
        try:
            for start in range(0, len(dead), CHUNK):
                keeper.write(partial(_store, keeper=keeper, some=dead[start : start + CHUNK], known=known))
                progress(start)
            keeper.flip(source, outcome.report)
        except BaseException:
            take_back(database, turn, keeper.register.id)
            raise
        outcome.register_id = keeper.register.id
    return outcome


def _read(source: Source, report: RegisterReport, progress: Callable[[int], None]) -> list[_Dead]:
    found: dict[str, _Dead] = {}
    for row in rows_of(source.file, _VOCABULARY, source.given):
        if row.skip:
            report.skip(row.sheet, row.number, row.skip)
            continue
        codes: list[str] = []
        one = _dead(row, source, codes)
        before = found.get(one.person.id_number) if one else None
        if one is not None and before is not None:
            codes.append("ROW_TWICE" if before.died_on == one.died_on else "DEATH_TWICE")
        if one is None or refuses(codes):
            report.refuse(row.sheet, row.number, codes)
            continue
        report.found(row.sheet, row.number, codes)
        found[one.person.id_number] = one
        if not row.number % _LOOKED_UP:
            progress(row.number)
    return list(found.values())


def _dead(row: Row, source: Source, codes: list[str]) -> _Dead | None:
    soft: list[str] = []  # of what may be missing
    number = value_of(row.cells.get("身份证号", ""), partial(people.id_number, today=source.today), codes)
    name = value_of(row.cells.get("姓名", ""), people.name, codes)
    town = value_of(row.cells.get("乡镇", ""), people.town, soft)
    village = value_of(row.cells.get("村", ""), people.village, soft)
    called = next((column for column in _DATES if row.cells.get(column, "").strip()), "")
    died_on = value_of(row.cells[called], days.day, codes) if called else None
    if died_on is None:
        codes += [] if refuses(codes) else ["DEATH_DATE_MISSING"]
        return None
    if died_on > source.today:
        codes.append("DEATH_DATE_FUTURE")
    if number and died_on < date(int(number[6:10]), int(number[10:12]), int(number[12:14])):
        codes.append("DEATH_BEFORE_BIRTH")
    if called != _DATES[0]:
        codes.append("DEATH_DATE_OTHER")
    if not number or not name:
        return None
    return _Dead(row.sheet, row.number, Person(number, name, town or "", village or ""), died_on, called)


def _count(database: Database, dead: Sequence[_Dead], known: Mapping[str, Known], report: RegisterReport) -> bool:
    """Count what is new and what stands already; whether anything is new."""
    for start in range(0, len(dead), _LOOKED_UP):
        some = dead[start : start + _LOOKED_UP]
        with database.read() as session:
            ids = [known[one.person.id_number].id for one in some if one.person.id_number in known]
            standing = Death.dates_of(session, ids)
        for one in some:
            person = known.get(one.person.id_number)
            if person is not None and _other_name(one, person):
                report.found(one.sheet, one.number, ("NAME_OTHER",))
            is_same = person is not None and standing.get(person.id) == one.died_on
            report.unchanged += is_same
            report.accepted += not is_same
    return report.accepted > 0


def _other_name(one: _Dead, known: Known) -> str | None:
    """The name as the file has it, if it is not the one that we know."""
    return one.person.name if is_other_name(known.name, one.person.name) else None


def _store(session: Session, keeper: Keeper, some: Sequence[_Dead], known: Mapping[str, Known]) -> None:
    made = keeper.make(session, [one.person for one in some if one.person.id_number not in known])
    rows = []
    for one in some:
        before = known.get(one.person.id_number)
        other = _other_name(one, before) if before is not None else None
        rows.append([before.id if before else made[one.person.id_number], keeper.register.id, one.died_on, one.source, other])
    keeper.keep(session, rows)
