"""回访: asked once, by day; answered by a tap; 没办好 opens the case again for somebody else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from models.base import now
from models.case import Case
from models.db import Database
from models.delivery import SENT, Delivery
from models.staff import Department, Staff
from models.visit import Visit, visit_due
from tests.talk import Phone

AFTER = timedelta(hours=20)
_PASSWORD = "一句 good 好记的话"


@pytest.fixture
def county(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The departments, two clerks of 民政局, the supervisor."""
    from argon2 import PasswordHasher

    from models import password

    monkeypatch.setattr(password, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    def work(session) -> None:
        Department.seed(session)
        bureau = Department.named(session, "民政局")
        for name in ("lin", "luo"):
            Staff.create(session, name, _PASSWORD, name=name, role="clerk", department=bureau)
        coordinator = Department.named(session, "财政局")
        Staff.create(session, "qian", _PASSWORD, name="qian", role="supervisor", department=coordinator)

    database.write(work)
    return database


def noon() -> datetime:
    """Twelve o'clock in Beijing, tomorrow."""
    return (now() + timedelta(days=2)).astimezone(UTC).replace(hour=4, minute=0)


def answered(county: Database, phone: Phone, by: str = "lin", story: str = "我要投诉口前镇低保停了三个月") -> str:
    """A case that was filed, answered, and whose answer has arrived."""
    said = phone.say(story, "提交")
    number = re.search(r"YJ\d{8}-\d{4}", said).group()
    answer(county, number, by)
    return number


def answer(county: Database, number: str, by: str) -> None:
    """One answer, delivered a day ago."""

    def work(session) -> None:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        case.answer(session, Staff.by_username(session, by), "已经补发，请查收。")
        session.flush()
        session.execute(update(Delivery).values(status=SENT, changed_at=now() - timedelta(days=1)))

    county.write(work)


def ask(county: Database, at: datetime | None = None) -> int:
    """The worker's job, at noon."""
    return visit_due(county, AFTER, at=at or noon())


def the_visit(county: Database) -> Visit:
    with county.read() as session:
        found = session.scalars(select(Visit).order_by(Visit.id.desc())).first()
        session.expunge(found)
        return found


def reviewer(county: Database) -> str | None:
    with county.read() as session:
        visit = session.scalars(select(Visit).order_by(Visit.id.desc())).first()
        return visit.reviewer.username if visit.reviewer else None


def test_the_two_questions_are_asked_once_after_each_answer(county: Database) -> None:
    phone = Phone(county)
    number = answered(county, phone)
    assert ask(county) == 1
    assert ask(county) == 0
    said = phone.say("低保怎么申请")
    assert f"编号{number}" in said
    assert {"办好了", "没办好"} <= set(phone.links)
    assert "满意" in phone.say("办好了")
    assert "谢谢" in phone.say("满意")
    visit = the_visit(county)
    assert (visit.resolved, visit.satisfied, visit.how) == (True, True, "chat")


def test_nobody_is_asked_at_night_or_too_early_or_where_it_is_switched_off(county: Database) -> None:
    answered(county, Phone(county))
    midnight = noon().replace(hour=18)
    assert ask(county, midnight) == 0
    assert visit_due(county, timedelta(days=3), at=noon().replace(hour=4) - timedelta(days=1)) == 0
    assert visit_due(county, timedelta(0), at=noon()) == 0


def test_an_answer_that_has_not_arrived_is_not_asked_about(county: Database) -> None:
    answered(county, Phone(county))
    county.write(lambda s: s.execute(update(Delivery).values(status="waiting")) and None)
    assert ask(county) == 0


def test_whoever_does_not_answer_has_not_answered(county: Database) -> None:
    phone = Phone(county)
    answered(county, phone)
    ask(county)
    phone.say("低保怎么申请")
    visit = the_visit(county)
    assert (visit.resolved, visit.satisfied, visit.answered_at) == (None, None, None)


def test_what_was_said_first_is_kept_if_the_second_question_goes_unanswered(county: Database) -> None:
    phone = Phone(county)
    answered(county, phone)
    ask(county)
    phone.say("办好了")
    visit = the_visit(county)
    assert (visit.resolved, visit.satisfied) == (True, None)


def test_not_done_opens_the_case_for_another_clerk_at_once(county: Database) -> None:
    phone = Phone(county)
    number = answered(county, phone)
    ask(county)
    assert "另一个人" in phone.say("没办好")
    assert reviewer(county) == "luo"
    with county.read() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        assert case.status == "accepted"
        assert case.due_at > now()
    assert "记下了" in phone.say("钱还是没到")
    said = phone.say("查进度")
    assert "换人" in said
    with county.read() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        assert "钱还是没到" in [event.text for event in case.events]


def test_the_second_time_the_supervisor_has_it_and_then_it_is_not_opened_again(county: Database) -> None:
    phone = Phone(county)
    number = answered(county, phone)
    ask(county)
    phone.say("没办好", "不说了")
    answer(county, number, "luo")
    ask(county)
    assert "督办" in phone.say("没办好")
    assert reviewer(county) == "qian"
    phone.say("不说了")
    answer(county, number, "qian")
    ask(county)
    assert "12345" in phone.say("没办好")
    phone.say("不说了")
    with county.read() as session:
        assert session.scalars(select(Case.status)).one() == "answered"
        assert session.scalar(select(func.count()).select_from(Visit)) == 3


def test_not_done_can_be_said_without_being_asked(county: Database) -> None:
    phone = Phone(county)
    answered(county, phone)
    assert "重新打开" in phone.say("没办好")


def test_a_stranger_cannot_answer_for_another(county: Database) -> None:
    answered(county, Phone(county))
    ask(county)
    stranger = Phone(county, "oStranger")
    stranger.say("没办好", "不满意")
    assert the_visit(county).resolved is None


def test_a_sealed_case_is_asked_about_by_its_number_alone(county: Database) -> None:
    phone = Phone(county)
    number = answered(county, phone, story="我要投诉口前镇低保停了三个月，请保密")
    ask(county)
    with county.read() as session:
        text = session.scalars(select(Delivery).order_by(Delivery.id.desc())).first().text
    assert number in text
    assert not any(word in text for word in ("低保", "口前", "民政"))


def test_a_tap_on_it_parks_an_open_form(county: Database) -> None:
    phone = Phone(county)
    answered(county, phone)
    ask(county)
    phone.say("我要投诉", "地补去年没给我发")
    assert "接着办" in phone.say("办好了")


def test_a_question_that_is_late_rides_on_the_next_reply_and_nobody_is_telephoned(county: Database) -> None:
    phone = Phone(county)
    answered(county, phone)
    ask(county)
    county.write(lambda s: Delivery.give_up_older_than(s, timedelta(seconds=-1)) and None)
    with county.read() as session:
        assert "calling" not in session.scalars(select(Delivery.status)).all()
