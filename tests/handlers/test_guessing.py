"""Guessing: slowed, then locked; and neither words nor time nor writes tell whether a person exists."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from handlers.binding import rules_of
from knowledge.identity import id_check_digit
from knowledge.proving import LOCKED, NOT_MATCHED, Outcome, told
from knowledge.wording import beijing
from models import proving
from models.base import now
from models.db import Database
from models.delivery import Delivery
from models.follower import Follower
from models.known import Claim, Known
from models.proving import tell_of_attempts
from models.resident import Attempt, Binding, Resident
from tests.factories import GUAN, resident
from tests.talk import VALUES, Phone

FAILED, STOPPED = told(Outcome(NOT_MATCHED)), told(Outcome(LOCKED))
NOBODY = "220221195010109015"
EITHER = pytest.mark.parametrize("number", [GUAN["id_number"], NOBODY], ids=["exists", "nobody"])


@pytest.fixture
def guarded(database: Database) -> Database:
    """关玉梅 is in the file."""
    database.write(lambda s: resident(s, GUAN, phone="13900001111") and None)
    return database


def with_values(phone: Phone, **changed: object) -> Phone:
    phone.dispatcher._values = replace(VALUES, **changed)
    return phone


def patience(database: Database) -> None:
    """As if everybody had waited as long as was asked."""
    database.write(lambda s: s.execute(update(Attempt).values(wait_until=now() - timedelta(seconds=1))))


def tell(database: Database, hour: int = 12) -> None:
    database.write(lambda s: tell_of_attempts(s, beijing(now()).replace(hour=hour)))


def guess(phone: Phone, number: str, tail: str = "0000") -> str:
    """One try, from the beginning or from wherever the talk stands."""
    said = phone.say("查补贴")
    if "同意" in phone.links:
        said = phone.say("同意")
    return phone.say(number, "关玉梅", tail) if "身份证号（18位）" in said else said


@EITHER
def test_a_guesser_is_slowed_and_then_locked(guarded: Database, number: str) -> None:
    guesser = Phone(guarded, "oThief")
    said = [guess(guesser, number) for _ in range(3)]
    assert all(each.startswith(FAILED) for each in said)
    assert "过1分钟" in guess(guesser, number)
    patience(guarded)
    assert guess(guesser, number).startswith(FAILED)
    assert "过10分钟" in guess(guesser, number)
    patience(guarded)
    assert guess(guesser, number).startswith(FAILED)
    assert guess(guesser, number).startswith(STOPPED)
    patience(guarded)
    assert guess(guesser, number).startswith(STOPPED)


@EITHER
def test_a_number_is_slowed_and_then_locked_for_everybody(guarded: Database, number: str) -> None:
    for user in range(3):
        assert guess(Phone(guarded, f"o{user}"), number).startswith(FAILED)
    assert "过1分钟" in guess(Phone(guarded, "oThird"), number, "9086")
    for user in range(3, 5):
        patience(guarded)
        assert guess(Phone(guarded, f"o{user}"), number).startswith(FAILED)
    patience(guarded)
    # Also to the right proof: a lock that let it pass would tell that it is right.
    assert guess(Phone(guarded, "oLast"), number, "9086").startswith(STOPPED)
    with guarded.read() as session:
        assert session.scalar(select(func.count()).select_from(Binding)) == 0


def test_a_lock_ends(guarded: Database) -> None:
    guesser = Phone(guarded, "oThief")
    for _ in range(5):
        patience(guarded)
        guess(guesser, GUAN["id_number"])
    long_ago = now() - timedelta(hours=25)
    guarded.write(lambda s: s.execute(update(Attempt).values(since=long_ago, wait_until=None)))
    assert "关玉梅" in guess(guesser, GUAN["id_number"], "9086")


def test_a_burst_of_failures_slows_everybody(guarded: Database) -> None:
    quick = {"failures_global_per_hour": 10}
    for user in range(10):
        first17 = f"2202211950101090{user:01d}"
        number = first17 + id_check_digit(first17)
        assert guess(with_values(Phone(guarded, f"o{user}"), **quick), number).startswith(FAILED)
    honest = with_values(Phone(guarded, "oHonest"), **quick)
    assert "过2分钟" in honest.say("查补贴")
    assert "过2分钟" in honest.say("查补贴")
    patience(guarded)
    assert "关玉梅" in guess(honest, GUAN["id_number"], "9086")


def test_after_the_burst_nobody_waits(guarded: Database) -> None:
    guarded.write(lambda s: Attempt.held(s, "everyone", "").count(10**9, timedelta(hours=1)))
    hour_ago = now() - timedelta(minutes=61)
    guarded.write(lambda s: s.execute(update(Attempt).values(failures=500, since=hour_ago)))
    assert "关玉梅" in guess(Phone(guarded), GUAN["id_number"], "9086")


def test_tries_made_at_the_same_moment_all_count(guarded: Database) -> None:
    phones = [Phone(guarded, f"o{n}") for n in range(8)]
    for phone in phones:
        phone.say("查补贴", "同意", GUAN["id_number"], "关玉梅")
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda phone: phone.say("0000"), phones))
    assert sum(each.startswith(FAILED) for each in said) == 3
    assert sum("过1分钟" in each for each in said) == 5


# ---------------------------------------------------------------- who is told


def test_the_bound_person_is_told_once_a_day_and_learns_no_detail(guarded: Database) -> None:
    guess(Phone(guarded, "oGuan"), GUAN["id_number"], "9086")
    for user in range(3):
        guess(Phone(guarded, f"o{user}"), GUAN["id_number"])
        tell(guarded)
    with guarded.read() as session:
        (row,) = session.scalars(select(Delivery))
        assert row.follower_id == session.scalars(select(Binding.follower_id)).one()
        assert "没有对上" in row.text
        assert not any(char.isdigit() for char in row.text)
    later = now() - timedelta(days=2)
    guarded.write(lambda s: s.execute(update(Attempt).values(told_at=later)))
    tell(guarded)
    with guarded.read() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 2


def test_nobody_is_told_at_night(guarded: Database) -> None:
    guess(Phone(guarded, "oGuan"), GUAN["id_number"], "9086")
    guess(Phone(guarded, "oOther"), GUAN["id_number"])
    tell(guarded, hour=3)
    with guarded.read() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_nobody_is_told_where_nobody_is_bound(guarded: Database) -> None:
    guess(Phone(guarded), GUAN["id_number"])
    guess(Phone(guarded), NOBODY)
    tell(guarded)
    with guarded.read() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_the_counts_do_not_tell_whose_number_it_was(guarded: Database) -> None:
    guess(Phone(guarded), GUAN["id_number"])
    with guarded.read() as session:
        subjects = set(session.scalars(select(Attempt.subject)))
        assert session.scalars(select(Resident.id_index)).one() not in subjects


# ---------------------------------------------------------------- the same work


def proof_of(database: Database, number: str, user: str, **changed: object) -> Callable[[], None]:
    rules = rules_of(replace(VALUES, **changed))

    def work(session):
        follower = Follower.met(session, user, lock=True)
        proving.prove(session, follower, Claim(number, "关玉梅", "0000"), rules)

    return lambda: database.write(work)


@pytest.mark.parametrize("proof", [("name", "card_tail"), ("name", "sms")])
def test_the_statements_are_the_same_whether_the_person_exists_or_not(guarded: Database, proof: tuple[str, ...]) -> None:
    said: list[str] = []
    event.listen(guarded.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_more: said.append(statement))
    runs = []
    for user, number in (("oWarm", "220221195001019012"), ("oOne", GUAN["id_number"]), ("oTwo", NOBODY)):
        said.clear()
        proof_of(guarded, number, user, proof=proof)()
        runs.append(list(said))
    assert runs[1] == runs[2]
    assert any("attempts" in statement for statement in runs[1])


def test_the_time_is_about_the_same(guarded: Database) -> None:
    def more(session):
        for n in range(40):
            resident(session, {"name": "关玉梅", "id_number": _number(n), "account": f"62999901024913{n:05d}"})

    guarded.write(more)
    times: dict[int, list[float]] = {0: [], 1: []}
    for n in range(40):
        for side in (0, 1) if n % 2 else (1, 0):
            run = proof_of(guarded, _number(n + 500 * side), f"o{n}-{side}")
            begun = time.perf_counter()
            run()
            times[side].append(time.perf_counter() - begun)
    exists, nobody = statistics.median(times[0]), statistics.median(times[1])
    assert 0.5 < exists / nobody < 2  # bench/guessing.py measures it closely


def _number(n: int) -> str:
    first17 = f"22022119500101{n:03d}"
    return first17 + id_check_digit(first17)


def test_what_stands_in_for_nobody_is_never_right(guarded: Database) -> None:
    with guarded.read() as session:
        nobody = Known.of(session, NOBODY)
        assert not nobody.fits(Claim(NOBODY, nobody.name, nobody.account[-4:]))
        assert Known.of(session, GUAN["id_number"]).fits(Claim(GUAN["id_number"], "关玉梅", "9086"))
