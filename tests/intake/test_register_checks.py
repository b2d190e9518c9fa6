"""The checks over the whole database, and what makes a finding go again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import checks
from intake.check_turn import checking_alone
from intake.deaths import import_deaths
from intake.registers import withdraw
from knowledge.errors import Refused
from knowledge.suspicion import Limits
from models.db import Database
from models.finding import Finding
from models.resident import Resident
from tests.factories import GUAN, live_batch, payment
from tests.intake.register_files import DEATHS, TODAY, boss, count, source


def kinds(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {one.kind: one.status for one in session.scalars(select(Finding).order_by(Finding.id))}


def test_a_death_makes_a_finding_after_the_next_round(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    checks.check_due(database, Limits())
    assert "after_death" not in kinds(database)
    import_deaths(database, source(tmp_path, DEATHS))
    checks.check_due(database, Limits())
    assert kinds(database)["after_death"] == "open"


def test_checking_again_doubles_nothing_and_brings_back_nothing_cleared(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    import_deaths(database, source(tmp_path, DEATHS))
    assert checks.check(database, today=TODAY).new > 0
    before = count(database, Finding)

    def clear(session: Session) -> None:
        for one in session.scalars(select(Finding)):
            one.clear(boss(session), "正常", "核实过了")

    database.write(clear)
    again = checks.check(database, today=TODAY)
    assert (again.new, again.changed, count(database, Finding)) == (0, 0, before)
    assert set(kinds(database).values()) == {"cleared"}

    def more(session: Session) -> int:
        batch = live_batch(session)
        payment(session, batch, session.get_one(Resident, people["guan"]), period="2026年第4季度")
        return batch.id

    batch_id = database.write(more)
    assert checks.check(database, batch_id, today=TODAY).changed >= 1
    assert kinds(database)["after_death"] == "open"


def test_what_a_later_file_puts_right_goes_by_itself(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    outcome = import_deaths(database, source(tmp_path, DEATHS))
    checks.check(database, today=TODAY)
    database.write(lambda session: withdraw(session, outcome.register_id, "test", "名单发错了"))
    checks.check_due(database, Limits())
    assert kinds(database)["after_death"] == "vanished"


def test_one_account_of_two_people_is_found_also_when_only_one_is_in_the_batch(
    database: Database, people: dict[str, int]
) -> None:
    def share(session: Session) -> int:
        batch = live_batch(session)
        sun = session.get_one(Resident, people["sun"])
        payment(session, batch, sun, item="临时救助", period="2026年第1批", account=GUAN["account"])
        return batch.id

    batch_id = database.write(share)
    checks.check(database, batch_id, today=TODAY)
    with database.read() as session:
        one = session.scalars(select(Finding).where(Finding.kind == "shared_account")).one()
        assert [person["name"] for person in one.evidence["persons"]] == ["关*梅", "孙*生"]
        assert GUAN["account"] not in repr(one.evidence)
        assert GUAN["id_number"] not in repr(one.evidence)


def test_two_checks_at_once_take_turns(database: Database, people: dict[str, int]) -> None:
    with checking_alone(database, 1.0), pytest.raises(Refused, match="正在核对"):
        checks.check(database, patience=0.0)
