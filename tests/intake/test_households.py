"""Households: who is the head and who belongs, never half taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake import households, registers
from intake.deaths import import_deaths
from intake.households import import_households
from models.db import Database
from models.household import Member, Register
from models.resident import Resident
from tests.factories import SUN
from tests.intake.register_files import DEATHS, NOBODY, WIFE, codes, count, source

HOUSEHOLD = [
    ["户号", "姓名", "公民身份号码", "与户主关系"],
    ["H1", SUN["name"], SUN["id_number"], "户主"],
    ["", WIFE["name"], WIFE["id_number"], "配偶"],
    ["H2", NOBODY["name"], NOBODY["id_number"], "户主"],
]


def test_a_household_is_kept_if_somebody_of_it_is_paid(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    outcome = import_households(database, source(tmp_path, HOUSEHOLD))
    assert outcome.report.accepted == 2
    assert (4, "HOUSEHOLD_UNPAID") in codes(outcome)
    with database.read() as session:
        wife = Resident.by_id_number(session, WIFE["id_number"])
        assert wife is not None
        assert Member.head_of(session, wife.id) == people["sun"]
        assert Member.head_of(session, people["sun"]) == people["sun"]
        assert Resident.by_id_number(session, NOBODY["id_number"]) is None
    again = import_households(database, source(tmp_path, HOUSEHOLD))
    assert (again.register_id, again.report.unchanged) == (None, 2)


def test_a_household_is_never_half_taken(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    wrong = [*HOUSEHOLD[:2], ["", WIFE["name"], "22022119610101", "配偶"]]
    outcome = import_households(database, source(tmp_path, wrong))
    assert outcome.report.refused == 2
    assert {(2, "HOUSEHOLD_AT_FAULT"), (3, "ID_LENGTH")} <= codes(outcome)
    assert count(database, Member) == 0


@pytest.mark.parametrize(
    "lines",
    [
        [["姓名", "身份证号码", "户主姓名", "户主身份证号"], [WIFE["name"], WIFE["id_number"], SUN["name"], SUN["id_number"]]],
        [["姓名", "身份证号", "关系"], [SUN["name"], SUN["id_number"], "户主"], [WIFE["name"], WIFE["id_number"], "妻"]],
        [["家庭编号", "成员姓名", "证件号码", "户主"], ["9", SUN["name"], SUN["id_number"], SUN["name"]],
         ["9", WIFE["name"], WIFE["id_number"], SUN["name"]]],
    ],
)  # fmt: skip
def test_the_head_is_found_however_the_file_says_it(
    database: Database, people: dict[str, int], tmp_path: Path, lines: list[list[str]]
) -> None:
    import_households(database, source(tmp_path, lines))
    with database.read() as session:
        wife = Resident.by_id_number(session, WIFE["id_number"])
        assert wife is not None
        assert Member.head_of(session, wife.id) == people["sun"]


def test_what_a_killed_import_left_is_cleared_away_with_its_people(
    database: Database, people: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(registers.Keeper, "flip", die)
    monkeypatch.setattr(households, "take_back", lambda *_: None)
    with pytest.raises(Killed):
        import_households(database, source(tmp_path, HOUSEHOLD))
    assert count(database, Member) == 2
    monkeypatch.undo()
    import_deaths(database, source(tmp_path, DEATHS[:2]))
    assert (count(database, Member), count(database, Register)) == (0, 0)
    with database.read() as session:
        assert Resident.by_id_number(session, WIFE["id_number"]) is None
        assert Resident.by_id_number(session, SUN["id_number"]) is not None
