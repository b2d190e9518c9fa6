"""People, and the files that hold no payments: households, deaths, the bank's returns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.registers import RegisterOutcome, Source
from knowledge.identity import id_check_digit
from models.bank_return import ReturnedPayment
from models.db import Database
from models.payment import Batch, Payment
from models.staff import Department, Staff
from tests.factories import GUAN, SUN
from tests.intake.tables import csv_bytes

TODAY = date(2026, 11, 24)
STRANGER = {"name": "何外人", "id_number": "220221196001019012"}
NEW_BANK_ACCOUNT = "6217000000000000004"


def id_number(seventeen: str) -> str:
    return seventeen + id_check_digit(seventeen)


WIFE = {"name": "李小红", "id_number": id_number("22022119610101901")}
NOBODY = {"name": "赵无关", "id_number": id_number("22022119700101903")}


def source(folder: Path, lines: Sequence[Sequence[str]], name: str = "表.csv", *, delimiter: str = ",", **given: str) -> Source:
    file = folder / name
    file.write_bytes(csv_bytes(lines, "gb18030", delimiter))
    return Source(file, name, given, TODAY, "test")


def codes(outcome: RegisterOutcome) -> set[tuple[int, str]]:
    return {(note.row, note.code) for note in outcome.report.notes}


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


BANK = ["序号", "收款账号", "收款户名", "交易金额", "处理结果", "返回信息"]


def line_of(person: dict[str, str], yuan: str, result: str = "99", reason: str = "账户已销户") -> list[str]:
    return ["1", person["account"], person["name"], yuan, result, reason]


def newest(session: Session, resident_id: int) -> Payment:
    rows = select(Payment).join(Batch, Batch.id == Payment.batch_id).where(Payment.resident_id == resident_id, Batch.status == "live")
    return session.scalars(rows.order_by(Payment.batch_id.desc())).first()


def listed(session: Session) -> list[ReturnedPayment]:
    return list(session.scalars(select(ReturnedPayment).order_by(ReturnedPayment.id)))


DEATHS = [
    ["2026年死亡人员名单"],
    ["序号", "死者姓名", "公民身份号码", "死亡时间"],
    ["1", GUAN["name"], GUAN["id_number"], "2026年5月3日"],
    ["2", WIFE["name"], WIFE["id_number"], "2026-05-04"],
    ["3", "错号", "220221196001019999", "2026-05-04"],
    ["4", SUN["name"], SUN["id_number"], "2027-01-01"],
    ["", "制表人：张三"],
]


def boss(session: Session) -> Staff:
    found = Staff.by_username(session, "boss")
    if found is None:
        Department.seed(session)
        found = Staff.create(session, "boss", "一句 good 好记的话", name="数据", role="data")
    return found
