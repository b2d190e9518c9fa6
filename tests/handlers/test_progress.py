"""查进度: in plain words, newest first, with what comes next; adding and taking back; nobody guesses a code."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from models.attachment import Attachment
from models.case import Case
from models.db import Database
from models.staff import Department, Staff
from tests.talk import Phone

_PASSWORD = "一句 good 好记的话"


@pytest.fixture
def county(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The departments and a clerk of 民政局."""
    from argon2 import PasswordHasher

    from models import password

    monkeypatch.setattr(password, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    def work(session) -> None:
        Department.seed(session)
        Staff.create(session, "lin", _PASSWORD, name="林芳", role="clerk", department=Department.named(session, "民政局"))

    database.write(work)
    return database


def filed(phone: Phone, story: str = "我要投诉口前镇低保停了三个月") -> tuple[str, str]:
    """Number and code of a case just filed."""
    said = phone.say(story, "提交")
    return re.search(r"YJ\d{8}-\d{4}", said).group(), re.search(r"查询码：(\d{6})", said).group(1)


def handled(county: Database, number: str, act: str, *given: str) -> None:
    def work(session) -> None:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        getattr(case, act)(session, Staff.by_username(session, "lin"), *given)

    county.write(work)


def test_the_date_is_explained_by_a_tap(county: Database) -> None:
    phone = Phone(county)
    number, _ = filed(phone)
    assert f"怎么算的 {number}" in phone.links
    said = phone.say(f"怎么算的 {number}")
    assert "5个工作日" in said
    assert "第二天起算" in said


def test_what_happened_last_stands_first_and_what_comes_next_is_said(county: Database) -> None:
    phone = Phone(county)
    number, _ = filed(phone)
    said = phone.say("查进度")
    assert "等永吉县民政局接办" in said
    assert "往后：部门接办，再最晚" in said
    handled(county, number, "accept")
    phone.say("你好")
    said = phone.say("查进度")
    assert said.index("接办了") < said.index("收下了您的事")
    handled(county, number, "answer", "已经补发，请查收。")
    phone.say("你好")
    said = phone.say("查进度")
    assert "已经补发，请查收。" in said
    assert "没办好" in said


def test_an_internal_note_is_never_shown(county: Database) -> None:
    phone = Phone(county)
    number, code = filed(phone)
    handled(county, number, "note", "这人是老上访户")
    assert "上访" not in phone.say("查进度")
    assert "上访" not in Phone(county, "oOther").say(f"{number} {code}")


def test_every_step_is_told(county: Database) -> None:
    phone = Phone(county)
    number, _ = filed(phone)
    handled(county, number, "accept")
    assert "接办" in phone.say("在吗")


def test_one_number_cannot_be_guessed_at_from_many_phones(county: Database) -> None:
    number, code = filed(Phone(county))
    wrong = "100000" if code != "100000" else "100001"
    for n in range(10):
        assert "没对上" in Phone(county, f"oGuess{n}").say(f"{number} {wrong}")
    assert "明天" in Phone(county, "oLast").say(f"{number} {code}")


def test_the_owner_still_sees_a_case_that_others_guess_at(county: Database) -> None:
    owner = Phone(county)
    number, code = filed(owner)
    wrong = "100000" if code != "100000" else "100001"
    for n in range(10):
        Phone(county, f"oGuess{n}").say(f"{number} {wrong}")
    assert number in owner.say("查进度")


def test_a_photo_and_a_voice_can_be_added(county: Database) -> None:
    phone = Phone(county)
    filed(phone)
    phone.say("补充情况")
    phone.send("image", media_id="photo-1")
    phone.say("补充情况")
    assert "补上了" in phone.send("voice", media_id="voice-1")
    with county.read() as session:
        assert {(row.media_id, row.case_id) for row in session.scalars(select(Attachment))} == {("photo-1", 1), ("voice-1", 1)}


def test_a_case_is_taken_back_only_after_a_second_word(county: Database) -> None:
    phone = Phone(county)
    number, _ = filed(phone)
    assert number in phone.say("撤回")
    assert "没有撤" in phone.say("不撤了")
    assert "已经撤回" in phone.say("撤回", "撤回")
    assert "没有正在办的事" in phone.say("撤回")


def test_of_several_cases_one_is_chosen(county: Database) -> None:
    phone = Phone(county)
    first, _ = filed(phone)
    second, _ = filed(phone, "我要投诉万昌镇高龄津贴没到")
    assert "哪一件" in phone.say("查进度")
    assert second in phone.say("1")
    assert first in phone.say(f"查进度 {first}")


def test_whoever_has_filed_nothing_is_asked_for_number_and_code(county: Database) -> None:
    phone = Phone(county)
    assert "编号" in phone.say("查进度")
    number, code = filed(Phone(county, "oOther"))
    assert "查询码" in phone.say(number)
    assert number in phone.say(code)
