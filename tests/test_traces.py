"""Nothing of a person can be read in what the service leaves behind: database, its journals, logs, temporary files."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session

from intake.store import import_file
from intake.uploads import work_on_next
from models.attachment import Attachment
from models.base import Base
from models.case import Case
from models.db import Database
from models.payment import Payment
from models.resident import USER, Attempt
from models.staff import Staff
from models.upload import Upload
from tests.console.factories import Browser, hire, make_app, reply
from tests.intake.tables import GUAN, SUN, TODAY, csv_bytes, csv_file, row, table
from tests.talk import Phone

SECRET_STORY = "隔壁老耿家拿走了俺家的钱袋子"
PHOTO = b"\xff\xd8\xffPHOTO-OF-THE-CARD-6299990102491369086\xff\xd9"
SHORT = GUAN["身份证号"][:6] + GUAN["身份证号"][8:17]  # the form of 15 digits
WORDS = (
    GUAN["身份证号"], GUAN["身份证号"].lower(), GUAN["身份证号"][:17], SHORT, GUAN["姓名"], GUAN["社保卡账号"], GUAN["手机号"],
    "15400987654", SUN["身份证号"], SUN["社保卡账号"], SUN["手机号"], SECRET_STORY, "钱袋子", "PHOTO-OF-THE-CARD",
    "已经给您补发了这笔钱", "谁是我家低保经办",
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
NEEDLES = {word.encode(encoding) for word in WORDS for encoding in ENCODINGS}
# What the law makes departments keep, each of it encrypted; everything else of a person goes with a deletion.
KEPT = {
    "residents", "payments", "cases", "case_events", "attachments", "audit", "deliveries", "uploads", "upload_parts", "detail_changes",
    "batches", "case_answers", "clock_steps", "case_notices",
}  # fmt: skip


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own for everything temporary, children included."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    tempfile.tempdir = None


def left_behind(database: Database, *folders: Path) -> list[str]:
    """Where a word of the person can be read. Every value of every table, and every byte of every file."""
    found = []
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            # As text, so that no type of ours opens what is sealed.
            for values in connection.execute(text(f'SELECT * FROM "{table.name}"')):  # noqa: S608
                for name, value in zip(table.columns.keys(), values, strict=True):
                    found += [f"{table.name}.{name}" for needle in NEEDLES if needle in _bytes(value)]
    folders = (*folders, *_data_of(database))
    for file in (file for folder in folders for file in folder.rglob("*") if file.is_file()):
        content = file.read_bytes()
        found += [file.name for needle in NEEDLES if needle in content]
    return sorted(set(found))


def _data_of(database: Database) -> list[Path]:
    """The database's own files, journals included, as they lie on the disk."""
    if database.is_sqlite:
        return [Path(str(database.url.database)).parent]
    with database.engine.connect() as connection:
        folder = Path(str(connection.scalar(text("SHOW data_directory"))))
        number = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        connection.execute(text("CHECKPOINT"))
    return [folder / "base" / str(number), folder / "pg_wal"] if os.access(folder, os.R_OK) else []


def still_readable(database: Database) -> list[str]:
    """Where the service itself can still read a word of the person, outside of what is kept by law."""
    found = []
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns if table.name not in KEPT else ():
                values = session.scalars(select(column)).all()
                found += [f"{table.name}.{column.name}" for word in WORDS for value in values if word in str(value)]
    return sorted(set(found))


def belongs_to_somebody(database: Database) -> list[str]:
    """Tables with rows that still lead to a WeChat user."""
    with database.read() as session:
        columns = [t.c.follower_id for t in Base.metadata.sorted_tables if "follower_id" in t.c]
        return [str(column.table.name) for column in columns if session.scalar(select(exists().where(column.is_not(None))))]


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return b"" if value is None else str(value).encode()


def handed_in(database: Database, content: bytes) -> None:
    """The same file once more, corrected, through the console and the worker, with the report on what was wrong."""

    def begin(session: Session) -> int:
        clerk = Staff.create(session, "shuju", "一句 good 好记的话", name="丁一", role="data")
        upload = Upload.begin(session, clerk, "发放.csv", len(content))
        upload.take_piece(session, 0, content)
        session.flush()
        upload.received(session)
        return upload.id

    database.write(begin)
    assert work_on_next(database, "worker")


def told(database: Database, tmp_path: Path) -> Phone:
    """Import with a refused row, wrong and right proofs, a look, a case with photo, a view and an answer of staff."""
    hire(database)
    wrong = row(SUN, 身份证号=SUN["身份证号"][:-1] + "X", 金额="不知道")
    file = csv_file(tmp_path, row(GUAN), wrong)
    outcome = import_file(database, file, today=TODAY, given={}, by="test", progress=lambda _: None)
    assert outcome.report.refused == 1
    file.unlink()
    handed_in(database, csv_bytes(table(row(GUAN, 代发银行="邮储银行"), wrong, row(SUN))))
    phone = Phone(database)
    phone.follow()
    phone.say("查补贴", "同意", GUAN["身份证号"].lower(), "王二", "0000")
    phone.say("查补贴", SHORT, GUAN["姓名"], GUAN["社保卡账号"][-4:])
    assert GUAN["姓名"] in phone.say("2026年")
    phone.say("谁是我家低保经办", f"{SECRET_STORY}，俺电话15400987654", "我要投诉", SECRET_STORY + "，低保停了三个月，口前镇的")
    phone.send("image", media_id="media-1")
    said = phone.say("说完了", "是这项", "15400987654", "提交")
    number = said.split("编号：")[1][:15]
    phone.send("image", media_id="media-of-no-case")
    phone.say("导出我的信息", "明白卡", "谁看过我的信息", "到账提醒")
    for photo in (1, 2):
        database.write(lambda session, photo=photo: session.get_one(Attachment, photo).fetched(PHOTO, "image/jpeg"))
    with database.read() as session:
        department = session.scalars(select(Case)).one().department.name
    clerk = Browser(make_app(database))
    clerk.log_in("lin" if department == "民政局" else "qian")
    assert SECRET_STORY in clerk.get(f"/console/cases/{number}").get_data(as_text=True)
    clerk.post(f"/console/cases/{number}/reveal", reason="打电话核实")
    clerk.post(f"/console/cases/{number}/accept")
    clerk.post(f"/console/cases/{number}/answer", **reply("已经给您补发了这笔钱，请查收。"))
    return phone


def test_a_whole_story_leaves_no_readable_trace(
    database: Database, tmp_path: Path, temporary: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    told(database, tmp_path)
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "log").write_text(caplog.text + "".join(capfd.readouterr()), encoding="utf-8")
    assert left_behind(database, logs, temporary) == []


def deleted(phone: Phone) -> None:
    """By the wish of somebody who stays."""
    phone.say("我的信息", "全部删除")
    assert "都删了" in phone.say("删除")


def unfollowed(phone: Phone) -> None:
    """By leaving."""
    phone.event("unsubscribe")


@pytest.mark.parametrize("leave", [deleted, unfollowed])
def test_after_leaving_nothing_of_the_talk_can_be_read_even_with_the_keys(
    database: Database, tmp_path: Path, temporary: Path, leave: Callable[[Phone], None]
) -> None:
    phone = told(database, tmp_path)
    assert still_readable(database) != []
    leave(phone)
    phone.dispatcher.behind.close()
    assert left_behind(database, temporary) == []
    assert belongs_to_somebody(database) == []
    assert still_readable(database) == []
    with database.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.follower_id, case.phone) == (None, "15400987654")  # a phone given for the case belongs to the case
        assert len(case.attachments) == 1
        assert session.scalar(select(func.count()).select_from(Attachment)) == 1
        assert session.scalar(select(func.count()).select_from(Payment)) > 0


def test_a_guesser_who_leaves_and_comes_back_has_no_new_tries(database: Database, tmp_path: Path) -> None:
    phone = told(database, tmp_path)
    deleted(phone)
    with database.read() as session:
        assert Attempt.seen(session, USER, phone.openid).failures == 1


def test_the_search_itself_finds_what_is_there(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "leak").write_text(f"{os.linesep}{GUAN['姓名']}", encoding="gb18030")
    assert left_behind(database, folder) == ["leak"]
