"""The keys are changed while the service goes on: nothing is unreadable, nothing stays under the old key."""

from __future__ import annotations

import threading

from sqlalchemy import LargeBinary, select, type_coerce

from knowledge.deadlines import Clocks
from models import rotation
from models.case import Case
from models.crypto import Keyring
from models.db import Database
from models.delivery import Delivery
from models.filing import Draft, prepared
from models.follower import Follower
from models.payment import Payment
from models.resident import Resident
from models.staff import Department
from tests.factories import GUAN, KEYRING, SUN, live_batch, payment, resident

NEWER = Keyring({"k9": bytes(range(32)), **KEYRING.encryption}, {"i9": bytes(range(1, 33)), **KEYRING.index})


def filled(database: Database) -> Database:
    """Two persons with payments and a message that waits; then the same database with newer keys in front."""

    def work(session):
        batch = live_batch(session)
        for person in (GUAN, SUN):
            row = resident(session, person)
            for year in (2024, 2025, 2026):
                payment(session, batch, row, year=year, remarks={"备注": "有"} if year == 2026 else None)
        follower = Follower.met(session, "oGuan")
        session.flush()
        session.add(Delivery(follower_id=follower.id, text="答复"))

    database.write(work)
    return Database(database.url.render_as_string(hide_password=False), NEWER)


def test_everything_moves_to_the_newest_keys_and_stays_readable(database: Database) -> None:
    newer = filled(database)
    rewritten = rotation.rotate(newer)
    assert rewritten > 8
    with newer.read() as session:
        for table, keys in rotation.status(session).items():
            assert set(keys) <= {"k9", "index:i9"}, table
    newest_only = Database(newer.url.render_as_string(hide_password=False), Keyring({"k9": NEWER.encryption["k9"]}, {"i9": NEWER.index["i9"]}))
    with newest_only.read() as session:
        found = Resident.by_id_number(session, GUAN["id_number"])
        assert found is not None
        assert (found.name, found.account) == (GUAN["name"], GUAN["account"])
        assert len(Payment.of(session, found.id)) == 3
        assert session.scalars(select(Delivery)).one().text == "答复"
    newer.dispose()
    newest_only.dispose()


def test_a_second_run_finds_nothing_to_do(database: Database) -> None:
    newer = filled(database)
    rotation.rotate(newer)
    assert rotation.rotate(newer) == 0
    newer.dispose()


def test_status_says_what_is_still_under_an_old_key(database: Database) -> None:
    newer = filled(database)
    old_key, old_index = KEYRING.newest_encryption, KEYRING.newest_index
    with newer.read() as session:
        found = rotation.status(session)
    assert found["residents"][old_key] == 6
    assert found["residents"][f"index:{old_index}"] == 2
    newer.dispose()


def test_a_value_that_changes_meanwhile_is_not_overwritten(database: Database) -> None:
    newer = filled(database)
    rows = rotation._Rotation(newer, Delivery.__table__)
    read = rows._next((), 10)

    def reword(session):
        session.scalars(select(Delivery)).one().text = "改过的答复"

    newer.write(reword)
    newer.write(lambda session: rows._write(session, [rows._renewed(row) for row in read]))
    with newer.read() as session:
        assert session.scalars(select(Delivery)).one().text == "改过的答复"
        raw = session.scalar(select(type_coerce(Delivery.text, LargeBinary)))
    assert bytes(raw)[1:3] == b"k9"
    newer.dispose()


def test_nobody_is_lost_from_sight_while_keys_change(database: Database) -> None:
    newer = filled(database)
    lost, over = [], threading.Event()

    def look() -> None:
        while not over.is_set():
            with newer.read() as session:
                found = Resident.by_id_number(session, GUAN["id_number"])
                if found is None or len(Payment.of(session, found.id)) != 3:
                    lost.append(found)

    looker = threading.Thread(target=look)
    looker.start()
    rotation.rotate(newer)
    over.set()
    looker.join()
    assert lost == []
    newer.dispose()


def test_the_code_of_a_case_opens_it_after_the_keys_have_changed(database: Database) -> None:
    def file(session):
        Department.seed(session)
        made, code = Case.file(session, prepared(session, Draft(text="低保停了三个月", source="chat", town="口前镇"), Clocks()))
        return made.number, code

    number, code = database.write(file)
    newer = Database(database.url.render_as_string(hide_password=False), NEWER)
    rotation.rotate(newer)
    with newer.read() as session:
        case = Case.by_number(session, number)
        assert case is not None
        assert case.opens_with(session, code)
        assert not case.opens_with(session, "000000")
    newer.dispose()
