"""The audit log shows whoever changed it, wherever in it and by whatever means."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import column, delete, insert, select, table, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import audit, rotation, schema
from models.audit import AuditEntry, AuditKey
from models.audit_chain import AuditSeal, seal_at, seal_due, verify
from models.crypto import Keyring
from models.db import Database
from tests.factories import GUAN, KEYRING, resident


def write(database: Database, *subjects: str) -> None:
    def work(session: Session) -> None:
        for subject in subjects:
            audit.record(session, "cli:test", "case.view", subject, reason="核实", shown=3)

    database.write(work)


@pytest.fixture
def log(database: Database) -> Database:
    """Six sealed rows, and two written since."""
    write(database, *(f"case:YJ20261124-000{n}" for n in range(1, 7)))
    assert seal_due(database) == 6
    write(database, "case:YJ20261124-0007", "case:YJ20261124-0008")
    return database


def tamper(database: Database, statement: object) -> None:
    """As somebody at the database's own prompt would, who has no key of the configuration."""
    with database.engine.begin() as connection:
        connection.execute(statement)


def test_an_untouched_log_is_whole(log: Database) -> None:
    verdict = verify(log)
    assert (verdict.sealed, verdict.unsealed, verdict.fault) == (6, 2, "")
    assert seal_at(log, 6) == verdict.seal
    assert seal_due(log) == 2
    assert (verify(log).sealed, verify(log).unsealed) == (8, 0)


def test_an_empty_log_is_whole(database: Database) -> None:
    assert seal_due(database) == 0
    assert verify(database).fault == ""


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("actor = 'lin'", 3), ("action = 'case.list'", 3), ("subject = 'case:1'", 3), ("detail = NULL", 3), ("detail = mark", 3),
        ("at = '2020-01-01 00:00:00'", 3), ("actor = 'lin'", 8),
    ],
)  # fmt: skip
def test_a_changed_row_is_named(log: Database, change: str, row: int) -> None:
    tamper(log, text(f"UPDATE audit SET {change} WHERE id = {row}"))  # noqa: S608
    assert f"编号{row}" in verify(log).fault


def test_a_removed_row_is_named(log: Database) -> None:
    with log.engine.begin() as connection:
        connection.execute(delete(AuditSeal).where(AuditSeal.position == 4))
        connection.execute(delete(AuditEntry).where(AuditEntry.id == 4))
    assert verify(log).fault == "第4条的封印不见了。"


def test_a_row_is_not_removed_without_its_seal(log: Database) -> None:
    with pytest.raises(IntegrityError):
        tamper(log, delete(AuditEntry).where(AuditEntry.id == 4))


def test_a_hole_that_was_closed_up_shows_all_the_same(log: Database) -> None:
    with log.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_seals WHERE position = 4"))
        connection.execute(text("DELETE FROM audit WHERE id = 4"))
        for position in (5, 6):
            connection.execute(text(f"UPDATE audit_seals SET position = {position - 1} WHERE position = {position}"))  # noqa: S608
    assert "顺序对不上" in verify(log).fault


def test_a_log_that_was_cut_short_shows(log: Database) -> None:
    with log.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_seals WHERE position > 4"))
        connection.execute(text("DELETE FROM audit WHERE id > 4"))
    assert verify(log).fault == "第5条到第6条的封印不见了：后面的记录被删掉了。"
    with log.engine.begin() as connection:
        connection.execute(text("UPDATE audit_keys SET position = 4, seal = (SELECT seal FROM audit_seals WHERE position = 4)"))
    assert "audit_keys 被改过" in verify(log).fault


def test_two_rows_that_changed_places_show(log: Database) -> None:
    seals = select(AuditSeal.position, AuditSeal.seal).where(AuditSeal.position.in_((2, 3)))
    with log.engine.begin() as connection:
        two, three = connection.execute(seals.order_by(AuditSeal.position)).all()
        connection.execute(delete(AuditSeal).where(AuditSeal.position.in_((2, 3))))
        places = [(2, 3, two.seal), (3, 2, three.seal)]
        connection.execute(insert(AuditSeal), [{"position": at, "audit_id": of, "seal": seal} for at, of, seal in places])
    assert verify(log).fault.startswith("第2条（编号3）的顺序对不上")


def row_like(database: Database, row: int) -> dict[str, object]:
    bare = AuditEntry.__table__
    with database.engine.connect() as connection:
        found = connection.execute(select(bare).where(bare.c.id == row)).one()._asdict()
    return {name: value for name, value in found.items() if name != "id"}


def test_a_row_that_was_put_in_is_named(log: Database) -> None:
    made_up = row_like(log, 3) | {"actor": "lin", "mark": bytes(32)}
    tamper(log, insert(AuditEntry.__table__).values(**made_up))
    assert verify(log).fault.startswith("编号9（")
    seal_due(log)  # a seal makes nothing genuine
    assert "编号9" in verify(log).fault


def test_a_copy_of_a_genuine_row_is_named(log: Database) -> None:
    tamper(log, insert(AuditEntry.__table__).values(**row_like(log, 3)))
    assert verify(log).fault == "编号9是照另一条抄来的：是插进来的。"


def test_without_its_key_the_log_cannot_be_whole(log: Database) -> None:
    tamper(log, delete(AuditKey))
    assert "钥匙不见了" in verify(log).fault


def test_writers_at_once_and_two_sealers_make_one_order(database: Database) -> None:
    def in_thread(work: Callable[[], object]) -> threading.Thread:
        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def writes(name: int) -> None:
        for n in range(15):
            write(database, f"case:{name}-{n}", f"case:{name}-{n}b")

    def seals() -> None:
        for _ in range(10):
            seal_due(database)

    threads = [in_thread(lambda name=name: writes(name)) for name in range(3)] + [in_thread(seals) for _ in range(2)]
    for thread in threads:
        thread.join()
    seal_due(database, every=True)
    verdict = verify(database)
    assert (verdict.sealed, verdict.unsealed, verdict.fault) == (90, 0, "")


def test_a_row_that_is_committed_late_is_sealed_behind_the_others(database: Database) -> None:
    write(database, "case:1", "case:2", "case:3")
    late = row_like(database, 2)
    tamper(database, delete(AuditEntry).where(AuditEntry.id == 2))  # its transaction is still open
    assert seal_due(database) == 2
    tamper(database, insert(AuditEntry.__table__).values(id=2, **late))
    assert seal_due(database) == 1
    verdict = verify(database)
    assert (verdict.sealed, verdict.unsealed, verdict.fault) == (3, 0, "")


def test_new_keys_of_the_configuration_do_not_touch_it(log: Database) -> None:
    newer = Keyring({"k2": bytes(range(64, 96)), **KEYRING.encryption}, {"k2": bytes(range(96, 128)), **KEYRING.index})
    turned = Database(log.url.render_as_string(hide_password=False), newer)
    rotation.rotate(turned)
    seal_due(turned)
    assert (verify(turned).sealed, verify(turned).fault) == (8, "")
    only_new = Database(turned.url.render_as_string(hide_password=False), Keyring({"k2": newer.encryption["k2"]}, {"k2": newer.index["k2"]}))
    assert verify(only_new).fault == ""
    write(only_new, "case:9")
    assert (verify(only_new).unsealed, verify(only_new).fault) == (1, "")
    turned.dispose()
    only_new.dispose()


def test_a_wrong_configuration_is_told_from_a_changed_log(log: Database) -> None:
    other = Database(log.url.render_as_string(hide_password=False), Keyring({"k9": bytes(32)}, {"k9": bytes(32)}))
    assert "配置里少了加密密钥" in verify(other).fault
    other.dispose()


def test_who_was_looked_at_stands_in_the_row_and_a_kept_resident_keeps_it_whole(database: Database) -> None:
    def look(session: Session) -> None:
        audit.record(session, "cli:test", "resident.view", "resident:1", resident_id=resident(session, GUAN).id, reason="代查")

    database.write(look)
    seal_due(database)
    assert verify(database).fault == ""
    tamper(database, text("UPDATE audit SET resident_id = NULL"))
    assert "编号1" in verify(database).fault


def test_the_seals_number_the_rows_from_one(log: Database) -> None:
    with log.read() as session:
        assert session.scalars(select(AuditSeal.position).order_by(AuditSeal.position)).all() == [1, 2, 3, 4, 5, 6]


def test_rows_from_before_are_marked_by_the_migration_and_put_in_order_by_the_first_sealing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/old.db", KEYRING)
    old = table("audit", *map(column, ("at", "actor", "action", "subject", "detail")))
    with database.engine.connect().execution_options(writes=True) as connection, connection.begin():
        schema.migrate(connection, "0014")
        detail = KEYRING.encrypt('{"reason":"核实","numbers":["一"]}'.encode(), b"audit.detail")
        for n in range(5):
            row = {"at": f"2026-11-24 08:00:0{n}.123456", "actor": "lin", "action": "case.view", "subject": f"case:{n}"}
            connection.execute(old.insert().values(**row, detail=detail if n % 2 else None))
    schema.upgrade(database)
    assert (verify(database).unsealed, verify(database).fault) == (5, "")
    assert seal_due(database) == 5
    write(database, "case:new")
    verdict = verify(database)
    assert (verdict.sealed, verdict.unsealed, verdict.fault) == (5, 1, "")
    database.dispose()
