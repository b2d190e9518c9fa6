"""The working list of what came back: called, given a new account, sent again, closed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.bank_return import import_return
from intake.claiming import claim
from intake.returned import settle
from knowledge.errors import Refused
from models.bank_return import CLAIMED, NEW_ACCOUNT, NOT_OURS, PAID_AGAIN, SENT_AGAIN, TO_CALL, UnclaimedReturn
from models.db import Database
from models.payment import Batch
from models.resident import Resident
from tests.factories import GUAN, SUN, live_batch, payment
from tests.intake.register_files import BANK, NEW_BANK_ACCOUNT, boss, codes, line_of, listed, newest, source


def sent_again(database: Database) -> None:
    def work(session: Session) -> None:
        one = listed(session)[0]
        one.work_on(boss(session), status="已联系", note="换了新卡", account=NEW_BANK_ACCOUNT, bank="农行")
        assert one.status == NEW_ACCOUNT
        one.send_again(boss(session))

    database.write(work)


def test_a_success_of_what_was_sent_again_is_paid_and_closes_the_line(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], "a.csv", 日期="2026-11-10"))
    sent_again(database)
    good = line_of(SUN | {"account": NEW_BANK_ACCOUNT}, "200", "00", "成功")
    undated = import_return(database, source(tmp_path, [BANK, good], "b.csv"))
    assert undated.register_id is None
    outcome = import_return(database, source(tmp_path, [BANK, good], "c.csv", 日期="2026-11-20"))
    assert codes(outcome) == {(2, "RETURN_PAID_AGAIN")}
    with database.read() as session:
        row = newest(session, people["sun"])
        assert (row.stage, row.paid_date, row.account) == ("已补发", date(2026, 11, 20), NEW_BANK_ACCOUNT)
        assert listed(session)[0].status == PAID_AGAIN


def test_what_comes_back_again_is_to_be_called_again(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], "a.csv", 日期="2026-11-10"))
    sent_again(database)
    bad = line_of(SUN | {"account": NEW_BANK_ACCOUNT}, "200", "99", "户名不符")
    import_return(database, source(tmp_path, [BANK, bad], "b.csv", 日期="2026-11-20"))
    with database.read() as session:
        one = listed(session)[0]
        assert (one.status, one.times, one.reason, one.failed_on) == (TO_CALL, 2, "户名不符", date(2026, 11, 20))


def test_a_bureaus_own_file_opens_and_closes_lines_too(database: Database, people: dict[str, int]) -> None:
    def bureau(stage: str, day: date, paid: date | None) -> int:
        def work(session: Session) -> int:
            batch = live_batch(session)
            sun = session.get_one(Resident, people["sun"])
            payment(session, batch, sun, stage=stage, stage_date=day, paid_date=paid, amount_fen=20000, fail_reason="账户状态异常")
            return batch.id

        return database.write(work)

    settle(database, bureau("发放失败", date(2026, 11, 1), None))
    with database.read() as session:
        assert [one.status for one in listed(session)] == [TO_CALL]
    paid = bureau("已补发", date(2026, 11, 20), date(2026, 11, 20))
    settle(database, paid)
    with database.read() as session:
        assert [one.status for one in listed(session)] == [PAID_AGAIN]
    database.write(lambda session: session.get_one(Batch, paid).withdraw("test", "错了"))
    settle(database, paid)
    with database.read() as session:
        assert [one.status for one in listed(session)] == [TO_CALL]


def test_more_said_of_the_same_file_helps_only_the_lines_that_wait(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    def more(session: Session) -> None:
        guan = session.get_one(Resident, people["guan"])
        payment(session, live_batch(session), guan, period="2026年第4季度", stage="待发放", paid_date=None)

    database.write(more)
    lines = [BANK, line_of(SUN, "200"), line_of(GUAN, "300"), line_of(GUAN, "300", "7", "")]
    first = import_return(database, source(tmp_path, lines, 日期="2026-11-10"))
    assert (first.report.accepted, first.report.refused) == (2, 1)
    assert (3, "RETURN_AMBIGUOUS") in codes(first)
    second = import_return(database, source(tmp_path, lines, 日期="2026-11-10", 批次="2026年第4季度"))
    assert (second.report.accepted, second.report.unchanged) == (1, 1)
    with database.read() as session:
        assert sorted((one.period, one.reason) for one in listed(session)) == [
            ("2026年第3季度", "账户已销户"), ("2026年第4季度", "账户已销户")
        ]  # fmt: skip
        assert sorted(session.scalars(select(UnclaimedReturn.status))) == ["已对上", "已对上", "已认领"]
    third = import_return(database, source(tmp_path, lines, 日期="2026-11-10"))
    assert (third.register_id, third.report.unchanged) == (None, 2)


def test_an_older_state_in_a_later_file_does_not_close_the_line(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], 日期="2026-11-10"))

    def stale(session: Session) -> int:
        sun, batch = session.get_one(Resident, people["sun"]), live_batch(session)
        payment(session, batch, sun, stage="待发放", paid_date=None, amount_fen=20000)
        return batch.id

    settle(database, database.write(stale))
    with database.read() as session:
        assert [one.status for one in listed(session)] == [TO_CALL]


def test_a_return_that_was_withdrawn_can_be_imported_again(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    file = source(tmp_path, [BANK, line_of(SUN, "200")], 日期="2026-11-10")
    first = import_return(database, file)
    database.write(lambda session: session.get_one(Batch, first.batch_id).withdraw("test", "错了"))
    settle(database, first.batch_id)
    with database.read() as session:
        assert (newest(session, people["sun"]).stage, [one.status for one in listed(session)]) == ("待发放", ["已撤回"])
    assert import_return(database, file).batch_id is not None
    with database.read() as session:
        assert (newest(session, people["sun"]).stage, [one.status for one in listed(session)]) == ("发放失败", [TO_CALL])


@pytest.mark.parametrize("account", ["12", "一二三", SUN["id_number"], "6217000012345679"])
def test_a_wrong_new_account_is_refused(database: Database, people: dict[str, int], tmp_path: Path, account: str) -> None:
    import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], 日期="2026-11-10"))
    with pytest.raises(Refused, match="账号"):
        database.write(lambda session: listed(session)[0].work_on(boss(session), status=TO_CALL, note="", account=account, bank=""))


def test_nothing_is_sent_again_without_a_new_account(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], 日期="2026-11-10"))
    with pytest.raises(Refused, match="新账号"):
        database.write(lambda session: listed(session)[0].work_on(boss(session), status=SENT_AGAIN, note="", account="", bank=""))


def test_a_person_may_say_which_payment_a_line_is_about(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    import_return(database, source(tmp_path, [BANK, line_of(SUN, "199")], 日期="2026-11-10"))
    with database.read() as session:
        row = session.scalars(select(UnclaimedReturn)).one()
        sun = newest(session, people["sun"])
    database.write(lambda session: claim(session, boss(session), row.id, sun.id))
    with database.read() as session:
        assert newest(session, people["sun"]).stage == "发放失败"
        assert session.scalars(select(UnclaimedReturn.status)).one() == CLAIMED
        assert [one.status for one in listed(session)] == [TO_CALL]
    with pytest.raises(Refused):
        database.write(lambda session: session.get_one(UnclaimedReturn, row.id).settle(boss(session), NOT_OURS, "不是补贴"))
