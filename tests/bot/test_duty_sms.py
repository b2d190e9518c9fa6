"""The duty phone of a department: told once of what comes, is urgent or overdue; by day; with nothing of anybody in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import responses
from sqlalchemy import select, text, update

from bot.case_sms import duty_due
from bot.sms import Gateway
from bot.wechat import Line
from bot.worker import Upkeep, jobs_of
from knowledge.errors import Refused
from knowledge.wording import BEIJING
from models import triage
from models.case import Case
from models.case_bar import CaseBar
from models.db import Database
from models.duty_text import DutyText, note_due
from models.sms_row import REFUSED, SENT, UNCERTAIN, WAITING
from models.staff import Department, Staff
from tests.console.factories import case_of, file_case, hire

URL = "http://127.0.0.1:9/sms"
GATEWAY = Gateway(Line(URL), "the-key", "T001", duty_template="T003")
PHONE = "15400555666"
STORY = "我家低保停了三个月，我叫关玉梅，家住口前镇四间村"
_MODULES = (
    "models.base",
    "models.case",
    "models.duty_text",
    "models.sms_row",
    "models.staff",
    "models.case_event",
    "models.triage",
    "models.filing",
)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    """Sets the clock; it is Wednesday, 4 March 2026, ten in the morning to begin with."""

    def set_(day: int, hour: int, minute: int = 0) -> datetime:
        moment = datetime(2026, 3, day, hour, minute, tzinfo=BEIJING)
        for module in _MODULES:
            monkeypatch.setattr(f"{module}.now", lambda: moment)
        return moment

    set_(4, 10)
    return set_


@pytest.fixture
def county(database: Database, at) -> Database:
    """民政局 has a duty phone since this morning; nobody else has one."""
    hire(database)
    database.write(lambda s: Department.named(s, "民政局").keep_duty_phone(PHONE))
    return database


@pytest.fixture
def gateway() -> Iterator[responses.RequestsMock]:
    """The gateway's side, which takes everything."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(URL, json={"ok": True})
        yield mock


def filed(database: Database, **said: object) -> str:
    return file_case(database, **({"text": STORY, "kind": "投诉"} | said))


def kinds(gateway: responses.RequestsMock) -> list[str]:
    """The kinds that were said, in order."""
    return [json.loads(call.request.body)["params"]["kind"] for call in gateway.calls]


def rows(database: Database) -> list[DutyText]:
    with database.read() as session:
        return list(session.scalars(select(DutyText).order_by(DutyText.id)))


def change(database: Database, number: str, **fields: object) -> None:
    database.write(lambda s: s.execute(update(Case).where(Case.number == number).values(**fields)) and None)


def test_what_arrives_is_told_once_with_number_kind_and_date_alone(county: Database, gateway) -> None:
    number = filed(county)
    assert duty_due(county, GATEWAY) == 1
    assert duty_due(county, GATEWAY) == 0
    (call,) = gateway.calls
    assert json.loads(call.request.body) == {
        "phone": PHONE, "template": "T003", "params": {"number": number, "kind": "新来的投诉", "day": "3月11日（星期三）"},
    }  # fmt: skip
    assert call.request.headers["Authorization"] == "Bearer the-key"
    (row,) = rows(county)
    assert (row.why, row.status) == ("arrived", SENT)


def test_the_number_of_the_phone_cannot_be_read_in_the_database(county: Database, gateway) -> None:
    filed(county)
    duty_due(county, GATEWAY)
    with county.read() as session:
        stored = [
            *session.execute(text("SELECT * FROM departments")),
            *session.execute(text("SELECT * FROM duty_texts")),
        ]
    assert PHONE not in str([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in stored])


def test_a_department_without_a_duty_phone_and_the_time_before_there_was_one_are_left_alone(
    county: Database, at, gateway
) -> None:
    filed(county, item="耕地地力保护补贴", text="地补少了两亩")
    old = filed(county)
    change(county, old, assigned_at=at(4, 10) - timedelta(minutes=5))
    assert duty_due(county, GATEWAY) == 0
    assert not gateway.calls


def test_at_night_only_what_is_urgent_rings_and_the_rest_comes_in_the_morning(county: Database, at, gateway) -> None:
    at(4, 23)
    filed(county)
    urgent = filed(county, text="我妈断药了，快不行了，低保停了三个月", openid="oOther")
    with county.read() as session:
        assert case_of(session, urgent).urgent
    duty_due(county, GATEWAY)
    assert kinds(gateway) == ["加急的投诉"]
    at(5, 7, 59)
    duty_due(county, GATEWAY)
    assert len(gateway.calls) == 1
    at(5, 8)
    duty_due(county, GATEWAY)
    assert kinds(gateway) == ["加急的投诉", "新来的投诉"]


def test_what_waited_for_the_gateway_into_the_night_goes_out_by_day(county: Database, at) -> None:
    at(4, 19, 59)
    filed(county)
    duty_due(county, GATEWAY)  # nothing listens there
    assert rows(county)[0].status == WAITING
    with responses.RequestsMock() as gateway:
        gateway.post(URL, json={"ok": True})
        for day, hour, sent in ((4, 21, 0), (5, 3, 0), (5, 9, 1)):
            at(day, hour)
            duty_due(county, GATEWAY)
            assert len(gateway.calls) == sent


def test_what_the_resident_adds_can_make_it_urgent_and_that_is_told_at_once(county: Database, at, gateway) -> None:
    number = filed(county)
    duty_due(county, GATEWAY)
    at(7, 2)
    county.write(lambda s: case_of(s, number).add(s, "我妈断药了，快不行了"))
    with county.read() as session:
        case = case_of(session, number)
        assert (case.urgent, [event.what for event in case.events][-2:]) == (True, ["added", "urgent"])
    duty_due(county, GATEWAY)
    duty_due(county, GATEWAY)
    assert kinds(gateway) == ["新来的投诉", "加急的投诉"]


def test_what_goes_over_its_date_is_told_once_by_day(county: Database, at, gateway) -> None:
    filed(county)
    duty_due(county, GATEWAY)
    at(11, 23)
    duty_due(county, GATEWAY)
    at(12, 6)
    duty_due(county, GATEWAY)
    assert kinds(gateway) == ["新来的投诉"]
    at(12, 9)
    for _ in range(2):
        duty_due(county, GATEWAY)
    assert kinds(gateway) == ["新来的投诉", "超期的投诉"]


@pytest.mark.parametrize("gone", ["answered", "withdrawn", "stopped"])
def test_what_is_done_or_stands_still_is_not_overdue(county: Database, at, gateway, gone: str) -> None:
    number = filed(county)
    duty_due(county, GATEWAY)
    change(county, number, **({"stopped": "pause"} if gone == "stopped" else {"status": gone}))
    at(12, 9)
    duty_due(county, GATEWAY)
    assert kinds(gateway) == ["新来的投诉"]


def test_whom_a_case_complains_about_is_never_told_of_it(county: Database, gateway) -> None:
    number = filed(county)
    note_due(county)
    assert [row.status for row in rows(county)] == [WAITING]

    def bar(session) -> None:  # by then its row is made already
        case = case_of(session, number)
        session.add(CaseBar(case_id=case.id, department_id=case.department_id))

    county.write(bar)
    other = filed(county, openid="oOther")

    def bar_other(session) -> None:
        case = case_of(session, other)
        session.add(CaseBar(case_id=case.id, department_id=case.department_id))

    county.write(bar_other)
    duty_due(county, GATEWAY)
    assert not gateway.calls
    assert [row.status for row in rows(county)] == [REFUSED]


def test_a_case_that_goes_to_another_department_is_told_there_and_not_here(county: Database, gateway) -> None:
    number = filed(county)
    note_due(county)

    def move(session) -> None:
        other = Department.named(session, "农业农村局")
        other.keep_duty_phone("15400777888")
        triage.assign(session, case_of(session, number), Staff.by_username(session, "qian"), other)

    county.write(move)
    duty_due(county, GATEWAY)
    assert [json.loads(call.request.body)["phone"] for call in gateway.calls] == ["15400777888"]
    assert [row.status for row in rows(county)] == [REFUSED, SENT]


def test_a_phone_that_was_taken_away_gets_nothing_any_more(county: Database, gateway) -> None:
    filed(county)
    note_due(county)
    county.write(lambda s: Department.named(s, "民政局").keep_duty_phone(""))
    duty_due(county, GATEWAY)
    assert not gateway.calls


def test_what_lay_there_for_days_is_no_news(county: Database, at, gateway) -> None:
    filed(county)
    note_due(county)
    at(9, 10)
    duty_due(county, GATEWAY)
    assert not gateway.calls


@pytest.mark.parametrize(("status", "becomes"), [(400, REFUSED), (500, UNCERTAIN)])
def test_what_the_gateway_does_not_take_is_not_sent_again_and_nothing_is_logged(
    county: Database, status: int, becomes: str, caplog: pytest.LogCaptureFixture
) -> None:
    number = filed(county)
    with responses.RequestsMock() as gateway:
        gateway.post(URL, status=status)
        duty_due(county, GATEWAY)
        duty_due(county, GATEWAY)
        assert len(gateway.calls) == 1
    assert rows(county)[0].status == becomes
    assert PHONE not in caplog.text
    assert number not in caplog.text


def test_two_workers_make_one_row_and_one_message(county: Database, gateway) -> None:
    filed(county)
    assert note_due(county) == 1
    assert note_due(county) == 0
    assert len(county.write(lambda s: DutyText.lease(s, "one", timedelta(seconds=60)))) == 1
    assert county.write(lambda s: DutyText.lease(s, "two", timedelta(seconds=60))) == []


@pytest.mark.parametrize("typed", ["043264221234", "1540055566", "15400555666 15400777888", "办公室"])
def test_what_is_no_mobile_number_is_refused(county: Database, typed: str) -> None:
    with pytest.raises(Refused, match="11位的手机号"):
        county.write(lambda s: Department.named(s, "民政局").keep_duty_phone(typed))


@pytest.mark.parametrize("typed", ["154 0055 5666", "+86 15400555666", "１５４００５５５６６６"])
def test_a_number_is_read_however_it_is_written(county: Database, typed: str) -> None:
    county.write(lambda s: Department.named(s, "民政局").keep_duty_phone(typed))
    with county.read() as session:
        assert Department.named(session, "民政局").duty_phone == PHONE


def test_the_worker_has_the_job_only_where_the_message_is_set(sqlite_database: Database) -> None:
    def names(gateway: Gateway | None) -> set[str]:
        return {job.name for job in jobs_of(sqlite_database, None, Upkeep(sms=gateway))}

    assert "duty-sms" in names(GATEWAY)
    assert "duty-sms" not in names(Gateway(Line(URL), "k", "T001", "T002"))
    assert "duty-sms" not in names(None)
