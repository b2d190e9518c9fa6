"""Files handed in at the console, worked on by the worker: checked, confirmed, imported, cleaned away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from intake import uploads
from intake.uploads import sweep, work_on_next
from knowledge.errors import NotThere, Refused
from models.audit import AuditEntry
from models.base import now
from models.db import Database
from models.payment import LIVE, Batch, Payment
from models.staff import Staff
from models.upload import (
    CHECKING,
    CONFIRMED,
    DONE,
    FILE,
    GIVEN_UP,
    PIECE,
    READY,
    REFUSED,
    REPORT,
    WAITING,
    Upload,
    UploadPart,
)
from tests.intake.tables import COLUMNS, GUAN, SUN, csv_bytes, row, table

FILE_CONTENT = csv_bytes(table(row(), row(SUN), row(SUN, 批次="2026年第2批", 金额="没有")))


@pytest.fixture
def clerk(database: Database) -> int:
    def work(session: Session) -> int:
        return Staff.create(session, "shuju", "一句 good 好记的话", name="丁一", role="data").id

    return database.write(work)


def hand_in(database: Database, staff_id: int, content: bytes = FILE_CONTENT, name: str = "发放.csv") -> int:
    """Upload a file to its end."""

    def work(session: Session) -> int:
        upload = Upload.begin(session, session.get_one(Staff, staff_id), name, len(content))
        for number in range(-(-len(content) // PIECE)):
            upload.take_piece(session, number, content[number * PIECE : (number + 1) * PIECE])
            session.flush()
        upload.received(session)
        return upload.id

    return database.write(work)


def get(database: Database, upload_id: int) -> Upload:
    with database.read() as session:
        return session.get_one(Upload, upload_id)


def do(database: Database, upload_id: int, act: Any) -> None:
    database.write(lambda session: act(session.get_one(Upload, upload_id)))


def confirm(database: Database, upload_id: int, staff_id: int) -> None:
    database.write(lambda session: session.get_one(Upload, upload_id).confirm(session.get_one(Staff, staff_id)))


def parts(database: Database, upload_id: int) -> dict[str, int]:
    with database.read() as session:
        return {kind: UploadPart.count(session, upload_id, kind) for kind in (FILE, REPORT)}


def test_a_file_is_checked_shown_confirmed_and_imported(database: Database, clerk: int) -> None:
    upload_id = hand_in(database, clerk)
    assert work_on_next(database, "w")
    seen = get(database, upload_id)
    assert seen.status == READY
    found: Mapping[str, Any] = seen.findings or {}
    assert (found["accepted"], found["refused"], found["new"], found["can_import"]) == (2, 1, 2, True)
    assert found["totals"] == {"耕地地力保护补贴": 216236}
    assert found["faults"][0]["places"] == ["4"]
    with database.read() as session:
        assert not session.scalars(select(Batch)).all()
    confirm(database, upload_id, clerk)
    assert work_on_next(database, "w")
    assert not work_on_next(database, "w")
    done = get(database, upload_id)
    assert done.status == DONE
    with database.read() as session:
        batch = session.get_one(Batch, done.batch_id)
        assert (batch.status, batch.file_name, batch.imported_by, batch.accepted) == (LIVE, "发放.csv", "shuju", 2)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "payments.import")).one()
        assert entry.staff_id == clerk
    assert parts(database, upload_id)[REPORT] == 1


def test_what_the_file_lacks_is_asked_and_never_assumed(database: Database, clerk: int) -> None:
    columns = [name for name in COLUMNS if name not in ("状态", "状态日期", "发放日期")]
    upload_id = hand_in(database, clerk, csv_bytes(table(row(), columns=columns)))
    work_on_next(database, "w")
    seen = get(database, upload_id)
    assert seen.status == READY
    found: Mapping[str, Any] = seen.findings or {}
    assert not found["can_import"]
    assert "状态" in {question["key"].partition("@")[0] for question in found["questions"]}
    with pytest.raises(Refused):
        confirm(database, upload_id, clerk)
    do(database, upload_id, lambda upload: upload.check_again({"状态": "待发放", "状态日期": "2026-06-01"}))
    work_on_next(database, "w")
    assert (get(database, upload_id).findings or {})["can_import"]
    confirm(database, upload_id, clerk)
    work_on_next(database, "w")
    with database.read() as session:
        assert session.scalars(select(Payment.stage)).one() == "待发放"


def test_the_same_file_says_when_it_came_and_cannot_be_confirmed(database: Database, clerk: int) -> None:
    for _ in range(2):
        upload_id = hand_in(database, clerk)
        work_on_next(database, "w")
        if (get(database, upload_id).findings or {})["can_import"]:
            confirm(database, upload_id, clerk)
            work_on_next(database, "w")
    found: Mapping[str, Any] = get(database, upload_id).findings or {}
    assert (found["can_import"], found["before_by"], found["unchanged"]) == (False, "shuju", 2)


@pytest.mark.parametrize("content", [b"\xff\xd8\xff not a table", b"PK\x03\x04broken"])
def test_a_file_that_cannot_be_read_is_refused_with_words(database: Database, clerk: int, content: bytes) -> None:
    upload_id = hand_in(database, clerk, content)
    work_on_next(database, "w")
    refused = get(database, upload_id)
    assert refused.status == REFUSED
    assert "请" in (refused.said or "")


def test_a_fault_of_ours_ends_the_file_and_is_logged_without_its_content(
    database: Database, clerk: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError(GUAN["身份证号"])

    monkeypatch.setattr(uploads, "preview", broken)
    upload_id = hand_in(database, clerk)
    work_on_next(database, "w")
    assert get(database, upload_id).status == REFUSED
    assert "ValueError" in caplog.text
    assert GUAN["身份证号"] not in caplog.text


def test_two_workers_never_have_the_same_file(database: Database, clerk: int) -> None:
    hand_in(database, clerk)
    hand_in(database, clerk, FILE_CONTENT + b"\n")
    first, second, third = (database.write(partial(Upload.lease, owner=owner)) for owner in ("a", "b", "c"))
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert third is None


def test_a_file_whose_worker_died_is_taken_up_by_another_but_not_for_ever(database: Database, clerk: int) -> None:
    upload_id = hand_in(database, clerk)
    for _ in range(3):
        leased = database.write(lambda session: Upload.lease(session, "dies"))
        assert leased is not None
        database.write(lambda session: session.execute(update(Upload).values(leased_until=now() - timedelta(seconds=1))) and None)
    assert work_on_next(database, "w")
    assert get(database, upload_id).status == REFUSED


def test_a_worker_that_is_told_to_stop_puts_the_file_back(database: Database, clerk: int) -> None:
    upload_id = hand_in(database, clerk)
    work_on_next(database, "w", lambda: True)
    assert get(database, upload_id).status == WAITING
    work_on_next(database, "w")
    confirm(database, upload_id, clerk)
    work_on_next(database, "w", lambda: True)
    assert get(database, upload_id).status == CONFIRMED
    with database.read() as session:
        assert not session.scalars(select(Batch)).all()


def test_a_clerk_may_give_up_while_it_is_checked(database: Database, clerk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    upload_id = hand_in(database, clerk)
    check = uploads.check_file

    def given_up_meanwhile(*given: Any, **named: Any) -> Any:
        assert get(database, upload_id).status == CHECKING
        do(database, upload_id, lambda upload: upload.give_up())
        return check(*given, **named)

    monkeypatch.setattr(uploads, "check_file", given_up_meanwhile)
    monkeypatch.setattr(uploads, "_TOLD_EVERY", 0.0)
    work_on_next(database, "w")
    assert get(database, upload_id).status == GIVEN_UP


def test_pieces_come_in_order_and_once(database: Database, clerk: int) -> None:
    content = bytes(PIECE) + b"end"

    def begin(session: Session) -> int:
        return Upload.begin(session, session.get_one(Staff, clerk), "a.csv", len(content)).id

    upload_id = database.write(begin)

    def take(number: int, piece: bytes) -> None:
        database.write(lambda session: session.get_one(Upload, upload_id).take_piece(session, number, piece))

    with pytest.raises(Refused):
        take(1, b"end")
    take(0, content[:PIECE])
    take(0, content[:PIECE])
    with pytest.raises(Refused):
        take(1, b"longer than it should be")
    with pytest.raises(Refused):
        database.write(lambda session: session.get_one(Upload, upload_id).received(session))
    take(1, b"end")
    database.write(lambda session: session.get_one(Upload, upload_id).received(session))
    with database.read() as session:
        assert b"".join(UploadPart.of(session, upload_id, FILE)) == content


def test_files_go_when_they_are_done_and_reports_after_a_month(database: Database, clerk: int) -> None:
    upload_id, forgotten = hand_in(database, clerk), hand_in(database, clerk, FILE_CONTENT + b"\n")
    work_on_next(database, "w")
    work_on_next(database, "w")
    confirm(database, upload_id, clerk)
    work_on_next(database, "w")
    sweep(database)
    assert parts(database, upload_id) == {FILE: 0, REPORT: 1}
    assert parts(database, forgotten)[FILE] == 1

    def age(days: int) -> None:
        database.write(lambda session: session.execute(update(Upload).values(changed_at=now() - timedelta(days=days))) and None)

    age(2)
    sweep(database)
    assert (get(database, forgotten).status, parts(database, forgotten)[FILE]) == (GIVEN_UP, 0)
    age(31)
    sweep(database)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == 0
        assert session.scalar(select(func.count()).select_from(UploadPart)) == 0


def test_only_who_may_see_payments_is_given_a_file(database: Database, clerk: int) -> None:
    upload_id = hand_in(database, clerk)

    def ask(session: Session) -> None:
        other = Staff.create(session, "rexian", "一句 good 好记的话", name="热线", role="hotline")
        with pytest.raises(NotThere):
            Upload.by_id(session, other, upload_id)

    database.write(ask)


def test_nothing_of_an_upload_lies_on_the_disk_in_the_clear(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    staff_id = sqlite_database.write(
        lambda session: Staff.create(session, "shuju", "一句 good 好记的话", name="丁一", role="data").id
    )
    content = csv_bytes(table(row(), row(SUN, 金额="没有", 备注="三组孙家"), columns=[*COLUMNS, "备注"]), "utf-8")
    upload_id = hand_in(sqlite_database, staff_id, content, "关玉梅家的.csv")
    work_on_next(sqlite_database, "w")
    confirm(sqlite_database, upload_id, staff_id)
    work_on_next(sqlite_database, "w")
    folder = Path(str(sqlite_database.url.database)).parent
    stored = b"".join(file.read_bytes() for place in (folder, tmp_path) for file in place.rglob("*") if file.is_file())
    for secret in (GUAN["姓名"], GUAN["身份证号"], SUN["身份证号"], GUAN["社保卡账号"], SUN["手机号"], "三组孙家"):
        assert secret.encode() not in stored.replace("关玉梅家的.csv".encode(), b"")
