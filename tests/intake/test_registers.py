"""Files that hold no payments: households, deaths, the bank's returns. Whole or not at all, and twice is once."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake import bank_return as bank_return_module
from intake import checks, households, registers
from intake.bank_return import import_return
from intake.check_turn import checking_alone
from intake.claiming import claim
from intake.deaths import import_deaths
from intake.households import import_households
from intake.reading import FileRefused
from intake.registers import RegisterOutcome, Source, withdraw
from intake.returned import settle
from knowledge.errors import Refused
from knowledge.identity import id_check_digit
from knowledge.suspicion import Limits
from models.audit import AuditEntry
from models.bank_return import (
    CLAIMED,
    NEW_ACCOUNT,
    NOT_OURS,
    PAID_AGAIN,
    SENT_AGAIN,
    TO_CALL,
    ReturnedPayment,
    UnclaimedReturn,
)
from models.db import Database
from models.finding import Finding
from models.household import Death, Member, Register
from models.payment import Batch, Payment
from models.resident import Resident
from models.staff import Department, Staff
from tests.factories import GUAN, SUN, live_batch, payment, resident
from tests.intake.tables import csv_bytes

TODAY = date(2026, 11, 24)
STRANGER = {"name": "何外人", "id_number": "220221196001019012"}
_NEW_ACCOUNT = "6217000000000000004"


def id_number(seventeen: str) -> str:
    return seventeen + id_check_digit(seventeen)


WIFE = {"name": "李小红", "id_number": id_number("22022119610101901")}
NOBODY = {"name": "赵无关", "id_number": id_number("22022119700101903")}


@pytest.fixture
def people(database: Database) -> dict[str, int]:
    """关玉梅 and 孙学生 with 高龄津贴 of the third quarter, hers paid, his waiting."""

    def work(session: Session) -> dict[str, int]:
        guan, sun = resident(session, GUAN, phone="15400000001"), resident(session, SUN)
        batch = live_batch(session)
        payment(session, batch, guan)
        payment(session, batch, sun, stage="待发放", paid_date=None, amount_fen=20000)
        return {"guan": guan.id, "sun": sun.id}

    return database.write(work)


def source(folder: Path, lines: Sequence[Sequence[str]], name: str = "表.csv", *, delimiter: str = ",", **given: str) -> Source:
    file = folder / name
    file.write_bytes(csv_bytes(lines, "gb18030", delimiter))
    return Source(file, name, given, TODAY, "test")


def codes(outcome: RegisterOutcome) -> set[tuple[int, str]]:
    return {(note.row, note.code) for note in outcome.report.notes}


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


# ---------------------------------------------------------------- deaths

DEATHS = [
    ["2026年死亡人员名单"],
    ["序号", "死者姓名", "公民身份号码", "死亡时间"],
    ["1", GUAN["name"], GUAN["id_number"], "2026年5月3日"],
    ["2", WIFE["name"], WIFE["id_number"], "2026-05-04"],
    ["3", "错号", "220221196001019999", "2026-05-04"],
    ["4", SUN["name"], SUN["id_number"], "2027-01-01"],
    ["", "制表人：张三"],
]


def test_the_dead_are_kept_also_if_nobody_ever_paid_them(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    outcome = import_deaths(database, source(tmp_path, DEATHS))
    assert (outcome.report.accepted, outcome.report.refused) == (2, 2)
    assert {(5, "ID_CHECK_DIGIT"), (6, "DEATH_DATE_FUTURE"), (1, "TITLE_LINE"), (7, "FOOTER_LINE")} <= codes(outcome)
    with database.read() as session:
        assert Death.dates_of(session, [people["guan"], people["sun"]]) == {people["guan"]: date(2026, 5, 3)}
        assert Resident.by_id_number(session, WIFE["id_number"]) is not None
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "registers.deaths")).one()
        assert len(entry.detail["sha256"]) == 64


def test_the_same_file_of_deaths_changes_nothing(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    import_deaths(database, source(tmp_path, DEATHS))
    again = import_deaths(database, source(tmp_path, DEATHS))
    assert again.register_id is None
    assert again.imported_before is not None
    assert again.report.unchanged == 2
    assert count(database, Register) == 1


def test_a_corrected_date_counts_and_goes_when_its_file_is_withdrawn(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    header = ["姓名", "身份证号", "死亡日期"]
    import_deaths(database, source(tmp_path, [header, [GUAN["name"], GUAN["id_number"], "2026-05-03"]], "a.csv"))
    second = import_deaths(database, source(tmp_path, [header, [GUAN["name"], GUAN["id_number"], "2026-06-03"]], "b.csv"))
    with database.read() as session:
        assert Death.dates_of(session, [people["guan"]]) == {people["guan"]: date(2026, 6, 3)}
    with pytest.raises(Refused):
        database.write(lambda session: withdraw(session, second.register_id, "test", ""))
    database.write(lambda session: withdraw(session, second.register_id, "test", "名单发错了"))
    with database.read() as session:
        assert Death.dates_of(session, [people["guan"]]) == {people["guan"]: date(2026, 5, 3)}


def test_a_file_without_a_date_of_death_is_refused_and_leaves_nothing(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    with pytest.raises(FileRefused, match="死亡日期"):
        import_deaths(database, source(tmp_path, [["姓名", "身份证号"], [GUAN["name"], GUAN["id_number"]]]))
    assert count(database, Register) == 0
    assert count(database, Death) == 0


# ---------------------------------------------------------------- households

HOUSEHOLD = [
    ["户号", "姓名", "公民身份号码", "与户主关系"],
    ["H1", SUN["name"], SUN["id_number"], "户主"],
    ["", WIFE["name"], WIFE["id_number"], "配偶"],
    ["H2", NOBODY["name"], NOBODY["id_number"], "户主"],
]


def test_a_household_is_kept_if_somebody_of_it_is_paid(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    outcome = import_households(database, source(tmp_path, HOUSEHOLD))
    assert outcome.report.accepted == 2
    assert (4, "HOUSEHOLD_UNPAID") in codes(outcome)
    with database.read() as session:
        wife = Resident.by_id_number(session, WIFE["id_number"])
        assert wife is not None
        assert Member.head_of(session, wife.id) == people["sun"]
        assert Member.head_of(session, people["sun"]) == people["sun"]
        assert Resident.by_id_number(session, NOBODY["id_number"]) is None
    again = import_households(database, source(tmp_path, HOUSEHOLD))
    assert (again.register_id, again.report.unchanged) == (None, 2)


def test_a_household_is_never_half_taken(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    wrong = [*HOUSEHOLD[:2], ["", WIFE["name"], "22022119610101", "配偶"]]
    outcome = import_households(database, source(tmp_path, wrong))
    assert outcome.report.refused == 2
    assert {(2, "HOUSEHOLD_AT_FAULT"), (3, "ID_LENGTH")} <= codes(outcome)
    assert count(database, Member) == 0


@pytest.mark.parametrize(
    "lines",
    [
        [["姓名", "身份证号码", "户主姓名", "户主身份证号"], [WIFE["name"], WIFE["id_number"], SUN["name"], SUN["id_number"]]],
        [["姓名", "身份证号", "关系"], [SUN["name"], SUN["id_number"], "户主"], [WIFE["name"], WIFE["id_number"], "妻"]],
        [["家庭编号", "成员姓名", "证件号码", "户主"], ["9", SUN["name"], SUN["id_number"], SUN["name"]],
         ["9", WIFE["name"], WIFE["id_number"], SUN["name"]]],
    ],
)  # fmt: skip
def test_the_head_is_found_however_the_file_says_it(
    database: Database, people: dict[str, int], tmp_path: Path, lines: list[list[str]]
) -> None:
    import_households(database, source(tmp_path, lines))
    with database.read() as session:
        wife = Resident.by_id_number(session, WIFE["id_number"])
        assert wife is not None
        assert Member.head_of(session, wife.id) == people["sun"]


def test_what_a_killed_import_left_is_cleared_away_with_its_people(
    database: Database, people: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(registers.Keeper, "flip", die)
    monkeypatch.setattr(households, "take_back", lambda *_: None)
    with pytest.raises(Killed):
        import_households(database, source(tmp_path, HOUSEHOLD))
    assert count(database, Member) == 2
    monkeypatch.undo()
    import_deaths(database, source(tmp_path, DEATHS[:2]))
    assert (count(database, Member), count(database, Register)) == (0, 0)
    with database.read() as session:
        assert Resident.by_id_number(session, WIFE["id_number"]) is None
        assert Resident.by_id_number(session, SUN["id_number"]) is not None


# ---------------------------------------------------------------- the bank's returns

BANK = ["序号", "收款账号", "收款户名", "交易金额", "处理结果", "返回信息"]


def line_of(person: dict[str, str], yuan: str, result: str = "99", reason: str = "账户已销户") -> list[str]:
    return ["1", person["account"], person["name"], yuan, result, reason]


def newest(session: Session, resident_id: int) -> Payment:
    rows = select(Payment).join(Batch, Batch.id == Payment.batch_id).where(Payment.resident_id == resident_id, Batch.status == "live")
    return session.scalars(rows.order_by(Payment.batch_id.desc())).first()


def listed(session: Session) -> list[ReturnedPayment]:
    return list(session.scalars(select(ReturnedPayment).order_by(ReturnedPayment.id)))


def test_a_returned_payment_is_seen_at_once_and_stands_on_the_working_list(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    lines = [BANK, line_of(SUN, "200.00"), line_of(GUAN, "300.00", "00", "交易成功")]
    outcome = import_return(database, source(tmp_path, lines, delimiter="|", 日期="2026-11-20"))
    assert (outcome.report.accepted, outcome.report.skipped) == (1, 1)
    with database.read() as session:
        row = newest(session, people["sun"])
        assert (row.stage, row.fail_reason, row.stage_date, row.paid_date) == ("发放失败", "账户已销户", date(2026, 11, 20), None)
        assert row.account == SUN["account"]
        assert newest(session, people["guan"]).stage == "已发放"
        one = listed(session)[0]
        assert (one.status, one.town, one.reason, one.amount_fen) == (TO_CALL, "万昌镇", "账户已销户", 20000)
        lines_before = session.scalar(select(func.count()).select_from(Payment))
        first = session.scalars(select(Payment).where(Payment.resident_id == people["sun"]).order_by(Payment.id)).first()
        assert first.stage == "待发放"
    again = import_return(database, source(tmp_path, lines, delimiter="|", 日期="2026-11-20"))
    assert (again.register_id, again.imported_before is not None) == (None, True)
    otherwise = import_return(database, source(tmp_path, lines, delimiter="|", 日期="2026-11-21"))
    assert (otherwise.register_id, otherwise.report.unchanged) == (None, 1)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Payment)) == lines_before


def test_the_same_lines_in_another_file_change_nothing(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], 日期="2026-11-20"))
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for at, cells in enumerate([BANK, line_of(SUN, "200")]):
            sheet.write_row(at, 0, cells)
    file = tmp_path / "回盘.xlsx"
    file.write_bytes(target.getvalue())
    again = import_return(database, Source(file, file.name, {"日期": "2026-11-20"}, TODAY, "test"))
    assert (again.register_id, again.report.unchanged) == (None, 1)


def test_what_fits_two_payments_is_not_guessed_until_the_batch_is_said(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    def more(session: Session) -> None:
        sun = session.get_one(Resident, people["sun"])
        payment(session, live_batch(session), sun, stage="待发放", paid_date=None, amount_fen=20000, period="2026年第4季度")

    database.write(more)
    outcome = import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], "a.csv", 日期="2026-11-20"))
    assert codes(outcome) == {(2, "RETURN_AMBIGUOUS")}
    assert outcome.batch_id is None
    with database.read() as session:
        assert session.scalars(select(UnclaimedReturn.status)).all() == ["待认领"]
    outcome = import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], "b.csv", 日期="2026-11-20", 批次="2026年第4季度"))
    assert outcome.batch_id is not None
    with database.read() as session:
        assert [one.period for one in listed(session)] == ["2026年第4季度"]


@pytest.mark.parametrize(
    "person",
    [SUN | {"name": "别人"}, SUN | {"account": "6217000012345678"}],
    ids=["another name", "another account"],
)
def test_a_line_of_another_name_or_account_is_nobodys(
    database: Database, people: dict[str, int], tmp_path: Path, person: dict[str, str]
) -> None:
    outcome = import_return(database, source(tmp_path, [BANK, line_of(person, "200")], 日期="2026-11-20"))
    assert codes(outcome) == {(2, "RETURN_UNMATCHED")}
    with database.read() as session:
        assert newest(session, people["sun"]).stage == "待发放"


def test_a_payment_to_an_account_that_was_changed_since_is_found(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    def change(session: Session) -> None:
        sun = session.get_one(Resident, people["sun"])
        sun.account, sun.account_index = _NEW_ACCOUNT, database.keyring.blind_index(_NEW_ACCOUNT, "account")

    database.write(change)
    outcome = import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], 日期="2026-11-20"))
    assert outcome.batch_id is not None
    with database.read() as session:
        assert newest(session, people["sun"]).stage == "发放失败"


@pytest.mark.parametrize(
    ("result", "reason", "code"),
    [
        ("", "", "RESULT_MISSING"),
        ("7", "", "RESULT_UNKNOWN"),
        ("成功", "账户已销户", "RESULT_CONFLICT"),
    ],
)
def test_a_result_that_nobody_can_be_sure_of_goes_back(
    database: Database, people: dict[str, int], tmp_path: Path, result: str, reason: str, code: str
) -> None:
    outcome = import_return(database, source(tmp_path, [BANK, line_of(SUN, "200", result, reason)], 日期="2026-11-20"))
    assert codes(outcome) == {(2, code)}
    assert outcome.register_id is None


@pytest.mark.parametrize(
    ("header", "cells", "given"),
    [
        (["账号", "户名", "金额", "失败原因"], [SUN["account"], SUN["name"], "200", "姓名与账号不符"], {}),
        (["卡号", "姓名", "代发金额", "状态"], [SUN["account"], SUN["name"], "200", "失败"], {}),
        (["账号", "户名", "金额", "返回码"], [SUN["account"], SUN["name"], "200", "1"], {"结果:1": "失败"}),
        (["账号", "户名", "金额", "返回码", "返回码说明"], [SUN["account"], SUN["name"], "200", "E0012", "账户状态异常"], {}),
        (["账号", "户名", "金额"], [SUN["account"], SUN["name"], "200"], {"结果": "失败"}),
    ],
)
def test_banks_say_a_failure_in_many_ways(
    database: Database, people: dict[str, int], tmp_path: Path, header: list[str], cells: list[str], given: dict[str, str]
) -> None:
    import_return(database, source(tmp_path, [header, cells], 日期="2026-11-20", **given))
    with database.read() as session:
        assert newest(session, people["sun"]).stage == "发放失败"


def test_a_bare_code_is_judged_by_the_reasons_beside_it(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    """0 means success at one bank and failure at another."""
    lines = [BANK, line_of(GUAN, "300", "1", ""), line_of(SUN, "200", "0", "户名不符")]
    outcome = import_return(database, source(tmp_path, lines, 日期="2026-11-20"))
    assert codes(outcome) == {(2, "RETURN_SUCCEEDED")}
    with database.read() as session:
        assert newest(session, people["sun"]).stage == "发放失败"


def test_a_table_without_a_header_is_read_by_its_cells(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    lines = [
        ["20261120", GUAN["account"], GUAN["name"], "300.00", "0000", "交易成功"],
        ["20261120", SUN["account"], SUN["name"], "200.00", "9999", "账户已销户"],
    ]
    outcome = import_return(database, source(tmp_path, lines, "return.txt", delimiter="|"))
    assert outcome.batch_id is not None
    with database.read() as session:
        row = newest(session, people["sun"])
        assert (row.stage, row.stage_date) == ("发放失败", date(2026, 11, 20))


def test_a_broken_import_of_a_return_leaves_nothing(
    database: Database, people: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(bank_return_module, "_flip", fail)
    with pytest.raises(RuntimeError):
        import_return(database, source(tmp_path, [BANK, line_of(SUN, "200"), line_of(STRANGER | {"account": "6217000012345678"}, "1")]))
    assert (count(database, Batch), count(database, Register), count(database, UnclaimedReturn)) == (1, 0, 0)
    with database.read() as session:
        assert newest(session, people["sun"]).stage == "待发放"


# ---------------------------------------------------------------- the working list


def boss(session: Session) -> Staff:
    found = Staff.by_username(session, "boss")
    if found is None:
        Department.seed(session)
        found = Staff.create(session, "boss", "一句 good 好记的话", name="数据", role="data")
    return found


def sent_again(database: Database) -> None:
    def work(session: Session) -> None:
        one = listed(session)[0]
        one.work_on(boss(session), status="已联系", note="换了新卡", account=_NEW_ACCOUNT, bank="农行")
        assert one.status == NEW_ACCOUNT
        one.send_again(boss(session))

    database.write(work)


def test_a_success_of_what_was_sent_again_is_paid_and_closes_the_line(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], "a.csv", 日期="2026-11-10"))
    sent_again(database)
    good = line_of(SUN | {"account": _NEW_ACCOUNT}, "200", "00", "成功")
    undated = import_return(database, source(tmp_path, [BANK, good], "b.csv"))
    assert undated.register_id is None
    outcome = import_return(database, source(tmp_path, [BANK, good], "c.csv", 日期="2026-11-20"))
    assert codes(outcome) == {(2, "RETURN_PAID_AGAIN")}
    with database.read() as session:
        row = newest(session, people["sun"])
        assert (row.stage, row.paid_date, row.account) == ("已补发", date(2026, 11, 20), _NEW_ACCOUNT)
        assert listed(session)[0].status == PAID_AGAIN


def test_what_comes_back_again_is_to_be_called_again(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    import_return(database, source(tmp_path, [BANK, line_of(SUN, "200")], "a.csv", 日期="2026-11-10"))
    sent_again(database)
    bad = line_of(SUN | {"account": _NEW_ACCOUNT}, "200", "99", "户名不符")
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


# ---------------------------------------------------------------- the checks over the database


def kinds(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {one.kind: one.status for one in session.scalars(select(Finding).order_by(Finding.id))}


def test_a_death_makes_a_finding_after_the_next_round(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    checks.check_due(database, Limits())
    assert "after_death" not in kinds(database)
    import_deaths(database, source(tmp_path, DEATHS))
    checks.check_due(database, Limits())
    assert kinds(database)["after_death"] == "open"


def test_checking_again_doubles_nothing_and_brings_back_nothing_cleared(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    import_deaths(database, source(tmp_path, DEATHS))
    assert checks.check(database, today=TODAY).new > 0
    before = count(database, Finding)

    def clear(session: Session) -> None:
        for one in session.scalars(select(Finding)):
            one.clear(boss(session), "正常", "核实过了")

    database.write(clear)
    again = checks.check(database, today=TODAY)
    assert (again.new, again.changed, count(database, Finding)) == (0, 0, before)
    assert set(kinds(database).values()) == {"cleared"}

    def more(session: Session) -> int:
        batch = live_batch(session)
        payment(session, batch, session.get_one(Resident, people["guan"]), period="2026年第4季度")
        return batch.id

    batch_id = database.write(more)
    assert checks.check(database, batch_id, today=TODAY).changed >= 1
    assert kinds(database)["after_death"] == "open"


def test_what_a_later_file_puts_right_goes_by_itself(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    outcome = import_deaths(database, source(tmp_path, DEATHS))
    checks.check(database, today=TODAY)
    database.write(lambda session: withdraw(session, outcome.register_id, "test", "名单发错了"))
    checks.check_due(database, Limits())
    assert kinds(database)["after_death"] == "vanished"


def test_one_account_of_two_people_is_found_also_when_only_one_is_in_the_batch(
    database: Database, people: dict[str, int]
) -> None:
    def share(session: Session) -> int:
        batch = live_batch(session)
        sun = session.get_one(Resident, people["sun"])
        payment(session, batch, sun, item="临时救助", period="2026年第1批", account=GUAN["account"])
        return batch.id

    batch_id = database.write(share)
    checks.check(database, batch_id, today=TODAY)
    with database.read() as session:
        one = session.scalars(select(Finding).where(Finding.kind == "shared_account")).one()
        assert [person["name"] for person in one.evidence["persons"]] == ["关*梅", "孙*生"]
        assert GUAN["account"] not in repr(one.evidence)
        assert GUAN["id_number"] not in repr(one.evidence)


def test_two_checks_at_once_take_turns(database: Database, people: dict[str, int]) -> None:
    with checking_alone(database, 1.0), pytest.raises(Refused, match="正在核对"):
        checks.check(database, patience=0.0)
