"""The keys are changed while the service goes on: nothing is unreadable, nothing stays under the old key."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

from sqlalchemy import LargeBinary, func, select, type_coerce

from intake.store import import_file
from knowledge.deadlines import Clocks
from models import rotation
from models.case import Case
from models.crypto import Keyring
from models.db import Database
from models.delivery import Delivery
from models.filing import Draft, prepared
from models.follower import Follower
from models.payment import Payment
from models.proof import IN_PERSON, Proof
from models.resident import Attempt, Resident
from models.staff import Department
from tests.factories import GUAN, KEYRING, SUN, live_batch, payment, resident
from tests.intake import tables
from tests.intake.tables import TODAY, csv_file, row

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
    rewritten = rotation.rotate(newer).rewritten
    assert rewritten > 8
    with newer.read() as session:
        for table, keys in rotation.status(session, NEWER).items():
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
    assert rotation.rotate(newer).rewritten == 0
    newer.dispose()


def test_status_says_what_is_still_under_an_old_key(database: Database) -> None:
    newer = filled(database)
    old_key, old_index = KEYRING.newest_encryption, KEYRING.newest_index
    with newer.read() as session:
        found = rotation.status(session, NEWER)
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


OLD_GONE = Keyring({"k9": NEWER.encryption["k9"]}, {"i9": NEWER.index["i9"]})
AGE = timedelta(hours=1)


def under(database: Database, keyring: Keyring) -> Database:
    """The same database with other keys, as a restarted service sees it."""
    return Database(database.url.render_as_string(hide_password=False), keyring)


def imported(database: Database, file: Path):
    return import_file(database, file, today=TODAY, given={}, by="test", progress=lambda _: None)


def test_a_row_that_is_imported_again_is_the_same_row_under_other_keys(database: Database, tmp_path: Path) -> None:
    whole = [row(tables.GUAN), row(tables.SUN), row(tables.GUAN, 批次="2026年第2批")]
    imported(database, csv_file(tmp_path, *whole))
    newer = under(database, NEWER)
    again = imported(newer, csv_file(tmp_path, *reversed(whole)))
    assert (again.new, again.changed, again.unchanged, again.batch_id) == (0, 0, 3, None)
    rotation.rotate(newer)
    newest_only = under(database, OLD_GONE)
    after = imported(newest_only, csv_file(tmp_path, whole[0], whole[1] | {"代发银行": "邮储银行"}, whole[2]))
    assert (after.new, after.changed, after.unchanged) == (0, 1, 2)
    newer.dispose()
    newest_only.dispose()


def test_a_change_of_keys_gives_a_guesser_no_new_tries(database: Database) -> None:
    for _ in range(3):
        database.write(lambda session: Attempt.held(session, "user", "oGuesser").count(5, AGE))
    newer = under(database, NEWER)
    with newer.read() as session:
        assert Attempt.seen(session, "user", "oGuesser").within(AGE) == 3
    newer.write(lambda session: Attempt.held(session, "user", "oGuesser").count(5, AGE))
    newer.write(lambda session: Attempt.held(session, "user", "oAnother").count(5, AGE))
    newest_only = under(database, OLD_GONE)
    with newest_only.read() as session:
        assert Attempt.seen(session, "user", "oGuesser").within(AGE) == 4
        assert session.scalar(select(func.count()).select_from(Attempt)) == 2
    newer.dispose()
    newest_only.dispose()


def test_a_code_on_a_phone_is_good_after_the_keys_have_changed(database: Database) -> None:
    def show(session):
        follower = Follower.met(session, "oGuan")
        session.flush()
        return Proof.issue(session, IN_PERSON, follower.id, GUAN["id_number"], None)

    code = database.write(show)
    newer = under(database, NEWER)
    newer.write(lambda session: rotation_sees(session, code))
    newer.dispose()


def rotation_sees(session, code: str) -> None:
    assert Proof.shown(session, code, GUAN["id_number"]) is not None
    assert Proof.shown(session, "000000" if code != "000000" else "111111", GUAN["id_number"]) is None


def test_a_row_whose_key_is_gone_is_counted_and_left_and_keeps_nobody_waiting(database: Database) -> None:
    filled(database).dispose()
    stranger = under(database, Keyring({"k9": NEWER.encryption["k9"], "kX": bytes(32)}, NEWER.index))
    stranger.write(lambda session: session.add(Delivery(follower_id=1, text="新密钥写的")))
    done = rotation.rotate(stranger)
    assert done.rewritten == 0
    assert done.unreadable > 8
    newer = under(database, NEWER)
    assert rotation.rotate(newer) == rotation.Progress("", done.unreadable)
    with newer.read() as session:
        assert session.scalars(select(Delivery.text).order_by(Delivery.id)).all() == ["答复", "新密钥写的"]
    stranger.dispose()
    newer.dispose()


def test_counting_what_is_due_changes_nothing(database: Database) -> None:
    newer = filled(database)
    before = rotation.due(newer)
    assert (before["residents"], before["payments"], before["deliveries"]) == (2, 6, 1)
    assert rotation.due(newer) == before
    rotation.rotate(newer)
    assert set(rotation.due(newer).values()) == {0}
    newer.dispose()
