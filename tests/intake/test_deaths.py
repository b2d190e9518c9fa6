"""Deaths: kept for good, whole or not at all, and twice is once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from intake.deaths import import_deaths
from intake.reading import FileRefused
from intake.registers import withdraw
from knowledge.errors import Refused
from models.audit import AuditEntry
from models.db import Database
from models.household import Death, Register
from models.resident import Resident
from tests.factories import GUAN
from tests.intake.register_files import DEATHS, WIFE, codes, count, source


def test_the_dead_are_kept_also_if_nobody_ever_paid_them(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    outcome = import_deaths(database, source(tmp_path, DEATHS))
    assert (outcome.report.accepted, outcome.report.refused) == (2, 2)
    assert {(5, "ID_CHECK_DIGIT"), (6, "DEATH_DATE_FUTURE"), (1, "TITLE_LINE"), (7, "FOOTER_LINE")} <= codes(outcome)
    with database.read() as session:
        assert Death.dates_of(session, [people["guan"], people["sun"]]) == {people["guan"]: date(2026, 5, 3)}
        assert Resident.by_id_number(session, WIFE["id_number"]) is not None
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "registers.deaths")).one()
        assert len(entry.detail["sha256"]) == 64


def test_the_same_file_of_deaths_changes_nothing(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    import_deaths(database, source(tmp_path, DEATHS))
    again = import_deaths(database, source(tmp_path, DEATHS))
    assert again.register_id is None
    assert again.imported_before is not None
    assert again.report.unchanged == 2
    assert count(database, Register) == 1


def test_a_corrected_date_counts_and_goes_when_its_file_is_withdrawn(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    header = ["姓名", "身份证号", "死亡日期"]
    import_deaths(database, source(tmp_path, [header, [GUAN["name"], GUAN["id_number"], "2026-05-03"]], "a.csv"))
    second = import_deaths(database, source(tmp_path, [header, [GUAN["name"], GUAN["id_number"], "2026-06-03"]], "b.csv"))
    with database.read() as session:
        assert Death.dates_of(session, [people["guan"]]) == {people["guan"]: date(2026, 6, 3)}
    with pytest.raises(Refused):
        database.write(lambda session: withdraw(session, second.register_id, "test", ""))
    database.write(lambda session: withdraw(session, second.register_id, "test", "名单发错了"))
    with database.read() as session:
        assert Death.dates_of(session, [people["guan"]]) == {people["guan"]: date(2026, 5, 3)}


def test_a_file_without_a_date_of_death_is_refused_and_leaves_nothing(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    with pytest.raises(FileRefused, match="死亡日期"):
        import_deaths(database, source(tmp_path, [["姓名", "身份证号"], [GUAN["name"], GUAN["id_number"]]]))
    assert count(database, Register) == 0
    assert count(database, Death) == 0
