"""Files that hold no payments, into the database: read and checked as a whole first, then staged, visible in one flip.

A file of which everything stands already leaves nothing. Any other is stored whole, so that withdrawing an older file
takes nothing from it. Everything happens in the turn of imports: whatever is staged and not ours was left by one that
was killed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from intake.bulk import Bulk
from intake.cleaning import Read, Refusal
from intake.register_report import RegisterReport
from intake.residents import Details
from intake.turn import PATIENCE, Turn, our_turn
from knowledge.errors import NotThere, Refused
from models.audit import record
from models.bank_return import UnclaimedReturn
from models.base import Base, insert_for, now
from models.crypto import Keyring
from models.db import Database
from models.household import DEATHS, HOUSEHOLDS, Death, Member, Register
from models.payment import LIVE, STAGED
from models.resident import Resident
from models.staff import Staff

CHUNK = 500  # rows of one transaction
_FOUND_AT_ONCE = 2_000
_LOCKED_AT_ONCE = 300
_ROWS: Mapping[str, type[Member] | type[Death]] = {HOUSEHOLDS: Member, DEATHS: Death}
_MEMBERS = Bulk(Member, ("resident_id", "register_id", "head_id", "relation", "name"))
_DEATHS = Bulk(Death, ("resident_id", "register_id", "died_on", "source", "name"))
BULKS = {HOUSEHOLDS: _MEMBERS, DEATHS: _DEATHS}

Given = Mapping[str, str]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a file names."""

    id_number: str
    name: str
    town: str = ""
    village: str = ""
    phone: str = ""


def value_of(cell: str, reader: Callable[[str], Read], codes: list[str]) -> Any:
    """What a cell holds, None where it is refused; `codes` takes what was found."""
    try:
        read = reader(cell)
    except Refusal as refusal:
        codes.append(refusal.args[0])
        return None
    codes += read.codes
    return read.value


def is_other_name(one: str, other: str) -> bool:
    """Whether two names are not the same but for the dot in them."""
    return one.replace("·", "") != other.replace("·", "")


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of somebody."""

    id: int
    name: str


@dataclass(slots=True)
class RegisterOutcome:
    """What the import of such a file did. `register_id` is None if it changed nothing. `batch_id`: the payments it made."""

    report: RegisterReport
    notes: list[str] = field(default_factory=list)
    register_id: int | None = None
    batch_id: int | None = None
    imported_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The file, what was said beside it, and who brings it when."""

    file: Path
    name: str
    given: Given
    today: date
    by: Staff | str

    @property
    def who(self) -> str:
        return (self.by.username if isinstance(self.by, Staff) else self.by)[:64]


def find_known(database: Database, id_numbers: Iterable[str]) -> dict[str, Known]:
    """Those of these persons who are in the database, by ID number."""
    keyring, found = database.keyring, {}
    wanted = list(dict.fromkeys(id_numbers))
    for start in range(0, len(wanted), _FOUND_AT_ONCE):
        some = wanted[start : start + _FOUND_AT_ONCE]
        number_of = {keyring.blind_index(one, "id_number", key): one for key in keyring.index for one in some}
        query = select(Resident.id, Resident.id_index, Resident.name).where(Resident.id_index.in_(list(number_of)))
        with database.read() as session:
            for row in session.execute(query):
                found[number_of[bytes(row.id_index)]] = Known(row.id, row.name)
    return found


def new_register(kind: str, source: Source, sha256: str) -> Register:
    """A file of which nothing is there yet."""
    name = source.name[-255:].encode("utf-8", "replace").decode()
    return Register(kind=kind, file_name=name, sha256=sha256, status=STAGED, imported_by=source.who, imported_at=now())


class Keeper:
    """Stages the rows of one file."""

    def __init__(self, database: Database, turn: Turn, register: Register) -> None:
        self._database, self._turn, self.register = database, turn, register
        self.write(lambda session: _add(session, register))

    def write(self, work: Callable[[Session], Any]) -> Any:
        """One transaction, in our turn."""

        def in_turn(session: Session) -> Any:
            self._turn.hold(session)
            return work(session)

        return self._database.write(in_turn, wait=PATIENCE)

    def make(self, session: Session, persons: Iterable[Person]) -> dict[str, int]:
        """Insert those of these persons who are nowhere yet; gives the ids of all of them."""
        keyring = self._database.keyring
        values = {person.id_number: _values(keyring, person) for person in persons}
        if not values:
            return {}
        unless_there = insert_for(session)(Resident).on_conflict_do_nothing(index_elements=["id_index"])
        session.connection().execute(unless_there, list(values.values()))
        number_of = {row["id_index"]: number for number, row in values.items()}
        made = session.execute(select(Resident.id_index, Resident.id).where(Resident.id_index.in_(list(number_of))))
        return {number_of[bytes(id_index)]: id_ for id_index, id_ in made}

    def keep(self, session: Session, rows: Sequence[Sequence[Any]]) -> None:
        """Insert the rows of the file."""
        BULKS[self.register.kind].insert(session, rows)

    def flip(self, source: Source, report: RegisterReport) -> None:
        """The one flip; in the audit log by the same commit."""
        self.write(partial(go_live, register_id=self.register.id, source=source, report=report))


def go_live(session: Session, register_id: int, source: Source, report: RegisterReport) -> None:
    """From the commit on everybody sees the file."""
    register = session.get_one(Register, register_id)
    register.accepted, register.unchanged, register.refused = report.accepted, report.unchanged, report.refused
    register.go_live()
    record(
        session, source.by, f"registers.{register.kind}", f"register:{register.id}", file=register.file_name,
        sha256=register.sha256, accepted=report.accepted, unchanged=report.unchanged, refused=report.refused,
    )  # fmt: skip


@contextmanager
def registering(database: Database, patience: float, waiting: Callable[[], object]) -> Iterator[Turn]:
    """The turn, with what killed imports of such files have left behind cleared away."""
    with our_turn(database, patience, waiting) as turn:
        with database.read() as session:
            left = session.scalars(select(Register.id).where(Register.status == STAGED)).all()
        for register_id in left:
            take_back(database, turn, register_id)
        yield turn


def take_back(database: Database, turn: Turn, register_id: int) -> None:
    """Delete a staged file, its rows, and the people who came with it and are nowhere else; in short steps."""

    def step(session: Session) -> bool:
        turn.hold(session)
        return _forget_some(session, register_id)

    while database.write(step, wait=PATIENCE):
        pass


def _forget_some(session: Session, register_id: int) -> bool:
    register = session.get(Register, register_id)
    if register is None or register.status != STAGED:
        return False
    table = _ROWS.get(register.kind)
    columns = [table.resident_id, *([Member.head_id] if table is Member else [])] if table is not None else []
    if table is not None:
        rows = session.execute(select(*columns).where(table.register_id == register_id).limit(_LOCKED_AT_ONCE)).all()
        if rows:
            of_file = (table.register_id == register_id, table.resident_id.in_([row[0] for row in rows]))
            session.execute(delete(table).where(*of_file))
            came = {one for row in rows for one in row}
            session.execute(delete(Resident).where(Resident.id.in_(came), Resident.changed_at >= register.imported_at, *_nowhere()))
            return True
    session.execute(delete(UnclaimedReturn).where(UnclaimedReturn.register_id == register_id))
    session.delete(register)
    return False


def _nowhere() -> list[Any]:
    """That nothing of the whole database speaks of a resident."""
    return [
        ~exists().where(key.parent == Resident.id)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table is Resident.__table__
    ]


def withdraw(session: Session, register_id: int, by: Staff | str, reason: str) -> Register:
    """Hide a file of households or deaths, with a reason; what it had replaced counts as before."""
    register = session.get(Register, register_id, with_for_update=True)
    if register is None or register.kind not in _ROWS or register.status == STAGED:
        raise NotThere("没有这个文件。银行回盘请在“发放数据”里撤下那一批。")
    if register.status != LIVE:
        raise Refused("这个文件已经撤下了。")
    if len(reason.strip()) < 2:
        raise Refused("请写上为什么撤下。")
    register.withdraw()
    record(session, by, "registers.withdraw", f"register:{register.id}", file=register.file_name, reason=reason.strip()[:300])
    return register


def _values(keyring: Keyring, person: Person) -> dict[str, Any]:
    details = Details(person.name, person.phone, "", "", person.town, person.village)
    return {
        "id_index": keyring.blind_index(person.id_number, "id_number"), "index_key": keyring.newest_index,
        "id_number": person.id_number, **details.columns(keyring),
    }  # fmt: skip


def _add(session: Session, register: Register) -> None:
    session.add(register)
    session.flush()
