"""Nothing of a person can be read in what the service leaves behind: database, its journals, logs, temporary files."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from intake.store import import_file
from models.base import Base
from models.case import Attachment, Case
from models.db import Database
from models.follower import Follower
from tests.console.factories import Browser, hire, make_app
from tests.intake.tables import GUAN, SUN, TODAY, csv_file, row
from tests.talk import Phone

SECRET_STORY = "隔壁老耿家拿走了俺家的钱袋子"
PHOTO = b"\xff\xd8\xffPHOTO-OF-THE-CARD-6299990102491369086\xff\xd9"
WORDS = (
    GUAN["身份证号"], GUAN["身份证号"][:17], "220221340412936", GUAN["姓名"], GUAN["社保卡账号"], GUAN["手机号"],
    "15400987654", SUN["身份证号"], SUN["社保卡账号"], SECRET_STORY, "钱袋子", "PHOTO-OF-THE-CARD", "已经给您补发了这笔钱",
)  # fmt: skip
NEEDLES = {word.encode(encoding) for word in WORDS for encoding in ("utf-8", "utf-16-le", "gb18030")}


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
    if database.is_sqlite:
        folders = (*folders, Path(str(database.url.database)).parent)
    for file in (file for folder in folders for file in folder.rglob("*") if file.is_file()):
        content = file.read_bytes()
        found += [file.name for needle in NEEDLES if needle in content]
    return sorted(set(found))


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return b"" if value is None else str(value).encode()


def told(database: Database, tmp_path: Path) -> str:
    """Import with a refused row, wrong and right proofs, a look, a case with photo, a view and an answer of staff."""
    hire(database)
    wrong = row(SUN, 身份证号=SUN["身份证号"][:-1] + "X", 金额="不知道")
    file = csv_file(tmp_path, row(GUAN), wrong)
    outcome = import_file(database, file, today=TODAY, given={}, by="test", progress=lambda _: None)
    assert outcome.report.refused == 1
    file.unlink()
    phone = Phone(database)
    phone.follow()
    phone.say("查补贴", "同意", GUAN["身份证号"], "王二", "0000")
    phone.say("查补贴", GUAN["身份证号"], GUAN["姓名"], GUAN["社保卡账号"][-4:])
    assert GUAN["姓名"] in phone.say("2026年")
    phone.say("谁是我家低保经办", "我要投诉", SECRET_STORY + "，低保停了三个月，口前镇的")
    phone.send("image", media_id="media-1")
    said = phone.say("说完了", "是这项", "15400987654", "提交")
    number = said.split("编号：")[1][:15]
    database.write(lambda session: session.scalars(select(Attachment)).one().fetched(PHOTO, "image/jpeg"))
    with database.read() as session:
        department = session.scalars(select(Case)).one().department.name
    clerk = Browser(make_app(database))
    clerk.log_in("lin" if department == "民政局" else "qian")
    assert SECRET_STORY in clerk.get(f"/console/cases/{number}").get_data(as_text=True)
    clerk.post(f"/console/cases/{number}/accept")
    clerk.post(f"/console/cases/{number}/answer", text="已经给您补发了这笔钱，请查收。")
    return number


def test_a_whole_story_leaves_no_readable_trace(
    database: Database, tmp_path: Path, temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told(database, tmp_path)
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "log").write_text(caplog.text, encoding="utf-8")
    assert left_behind(database, logs, temporary) == []


def test_nothing_readable_appears_when_everything_is_deleted(
    database: Database, tmp_path: Path, temporary: Path
) -> None:
    told(database, tmp_path)
    database.write(lambda session: session.scalars(select(Follower)).one().forget(session))
    assert left_behind(database, temporary) == []
    with database.read() as session:
        for name in ("bindings", "conversations", "messages", "agreements", "tickets"):
            of_somebody = Base.metadata.tables[name].c.follower_id.is_not(None)
            assert session.scalar(select(func.count()).where(of_somebody)) == 0, name
        assert session.scalars(select(Case)).one().follower_id is None


def test_the_search_itself_finds_what_is_there(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "leak").write_text(f"{os.linesep}{GUAN['姓名']}", encoding="gb18030")
    assert left_behind(database, folder) == ["leak"]
