"""The bank's return files: which payment a line is, and whether it went out or came back."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake import bank_return as bank_return_module
from intake.bank_return import import_return
from intake.registers import Source
from models.bank_return import TO_CALL, UnclaimedReturn
from models.db import Database
from models.household import Register
from models.payment import Batch, Payment
from models.resident import Resident
from tests.factories import GUAN, SUN, live_batch, payment
from tests.intake.register_files import (
    BANK,
    NEW_BANK_ACCOUNT,
    STRANGER,
    TODAY,
    codes,
    count,
    line_of,
    listed,
    newest,
    source,
)


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
        sun.account, sun.account_index = NEW_BANK_ACCOUNT, database.keyring.blind_index(NEW_BANK_ACCOUNT, "account")

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
