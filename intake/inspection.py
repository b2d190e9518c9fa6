"""The material for an inspector: one ZIP of tables that any spreadsheet opens, persons masked, cells neutralised.

Tables are written as they are read, a little at a time: nothing of a million rows stands in memory or in a temporary
file. Every making is in the audit log, with its reason.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO, Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from intake.neutral import neutral
from knowledge.errors import Refused
from knowledge.identity import mask_id_number, mask_name
from knowledge.money import yuan_figure
from knowledge.suspicion import KINDS, RULES
from knowledge.wording import PAID, RETURNED, beijing
from models.audit import AuditEntry, record
from models.bank_return import MATCHED, ReturnedPayment, UnclaimedReturn
from models.base import now
from models.db import Database
from models.desk import barred_numbers
from models.finding import Finding
from models.household import RETURNS, Death, Register
from models.payment import DROPPED, LIVE, STAGED, Batch, Payment
from models.resident import Resident
from models.staff import Staff

_AT_ONCE = 2_000
_LATE = timedelta(days=30)  # that a payment has stood approved without being paid
_LONGEST_REASON = 200
_STATES: Mapping[str, str] = {LIVE: "在用", "withdrawn": "已撤下"}
_FINDING: Mapping[str, str] = {"open": "待核实", "cleared": "已处理", "vanished": "复查时已没有"}
_GRAVITY: Mapping[int, str] = {1: "重", 2: "中", 3: "轻"}
_KIND: Mapping[str, str] = {"households": "户籍", "deaths": "死亡", RETURNS: "银行回盘"}

Row = tuple[Any, ...]
Actions = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Period:
    """From and to the end of which day, in Beijing."""

    since: date
    until: date

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.since <= beijing(moment).date() <= self.until


def export(
    database: Database, target: IO[bytes], by: Staff | str, reason: str, period: Period, actions: Actions
) -> dict[str, int]:
    """Write the ZIP; gives how many rows each table has. `actions` are the acts of the audit log in words.

    Refused without a reason.
    """
    reason = reason.strip()
    if not 2 <= len(reason) <= _LONGEST_REASON:
        raise Refused("请写一句为什么导出，比如“县审计局专项检查”。")
    database.write(
        lambda session: record(
            session, by, "inspection.export", "list:inspection", reason=reason, since=period.since.isoformat(),
            until=period.until.isoformat(),
        )
    )  # fmt: skip
    counts: dict[str, int] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, header, rows in _tables(database, period, actions, by):
            with archive.open(f"{name}.csv", "w") as file:
                counts[name] = _write(file, header, rows)
        archive.writestr("说明.txt", _explained(by, reason, period, counts).encode("utf-8-sig"))
    return counts


def _tables(database: Database, period: Period, actions: Actions, by: Staff | str) -> Iterator[tuple[str, Row, Iterable[Row]]]:
    for name, header, rows in (
        ("1发放文件", "编号 文件名 SHA-256 状态 导入人 导入时间 收下 退回 新增 更正 没变 不见了 数据到 撤下人 撤下原因", _batches(database, period)),
        ("2户籍死亡回盘文件", "编号 种类 文件名 SHA-256 状态 导入人 导入时间 收下 原有 退回", _registers(database, period)),
        ("3逾期未发", f"{_WHO} {_WHAT} 环节 环节日期 依据", _late(database, period)),
        ("4银行退回", f"{_WHO} {_WHAT} 退回日期 原因 第几次 办到哪步 最后办理", _returned(database, period)),
        ("5回盘待认领", "回盘文件 行号 户名 金额 原因 状态 处理人 说明", _unclaimed(database, period)),
        ("6去世后发放", f"{_WHO} {_WHAT} 环节 日期 死亡日期", _after_death(database, period)),
        ("7核查线索", _FINDING_COLUMNS, _findings(database, period)),
        ("8谁看过谁", "时间 人员 部门 做了什么 对象 居民 原因", _views(database, period, actions, by)),
    ):
        yield name, tuple(header.split()), rows


_FINDING_COLUMNS = "编号 种类 轻重 乡镇 项目 年度 涉及的人 说明 数字 状态 发现时间 处理结果 处理人 处理时间 处理说明"
_WHO, _WHAT = "姓名 身份证号 乡镇 村", "项目 年度 批次 金额"


def _explained(by: Staff | str, reason: str, period: Period, counts: Mapping[str, int]) -> str:
    who = by.username if isinstance(by, Staff) else by
    lines = [
        f"检查材料，{beijing(now()):%Y-%m-%d %H:%M} 由 {who} 导出。", f"原因：{reason}。", f"时间段：{period.since} 到 {period.until}。", "",
        "姓名和身份证号都打了码。要核对某个人，请在系统里凭原因查看，查看会留记录。", "金额单位：元。", "",
        "各表行数：", *(f"  {name}：{count}" for name, count in counts.items()), "",
        f"逾期未发：批准（待发放）满{_LATE.days}天还没发，或过了规定的兑付日还没发。",
    ]  # fmt: skip
    return "\r\n".join(lines)


def _write(file: IO[bytes], header: Row, rows: Iterable[Row]) -> int:
    """The table as CSV in UTF-8 with a mark, as spreadsheets want it."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    writer, count = csv.writer(text), 0
    writer.writerow(header)
    for row in rows:
        writer.writerow([neutral(_cell(value)) for value in row])
        count += 1
    text.flush()
    text.detach()
    return count


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{beijing(value):%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


def _paged(database: Database, query: Select[Any], key: Any, make: Callable[[Session, list[Any]], Iterable[Row]]) -> Iterator[Row]:
    """The rows of a query in the order of its key, each page in a transaction of its own."""
    after = 0
    while True:
        with database.read() as session:
            found = list(session.scalars(query.where(key > after).order_by(key).limit(_AT_ONCE)))
            if not found:
                return
            after = found[-1].id
            rows = list(make(session, found))
        yield from rows


# ---------------------------------------------------------------- the tables


def _batches(database: Database, period: Period) -> Iterator[Row]:
    def make(session: Session, found: list[Batch]) -> Iterator[Row]:
        for one in found:
            if period.holds(one.imported_at):
                yield (
                    one.id, one.file_name, one.sha256, _STATES.get(one.status, one.status), one.imported_by, one.imported_at, one.accepted,
                    one.refused, one.new, one.changed, one.unchanged, one.vanished, one.data_as_of, one.withdrawn_by, one.reason,
                )  # fmt: skip

    return _paged(database, select(Batch).where(Batch.status != STAGED), Batch.id, make)


def _registers(database: Database, period: Period) -> Iterator[Row]:
    def make(session: Session, found: list[Register]) -> Iterator[Row]:
        for one in found:
            if period.holds(one.imported_at):
                yield (
                    one.id, _KIND[one.kind], one.file_name, one.sha256, _STATES.get(one.status, one.status), one.imported_by,
                    one.imported_at, one.accepted, one.unchanged, one.refused,
                )  # fmt: skip

    return _paged(database, select(Register).where(Register.status != STAGED), Register.id, make)


def _late(database: Database, period: Period) -> Iterator[Row]:
    today = beijing(now()).date()
    due = {rule["item"]: rule for rule in RULES["due"]}

    def why(one: Payment) -> str:
        rule = due.get(one.item)
        if rule is not None and today > date(one.year, *map(int, rule["by"].split("-"))):
            return f"{rule['source']}（{one.year}-{rule['by']}）"
        return f"批准后满{_LATE.days}天" if one.stage == "待发放" and today - one.stage_date > _LATE else ""

    def make(session: Session, found: list[Payment]) -> Iterator[Row]:
        for one, person in _counting(session, [one for one in found if why(one)]):
            yield (*_who(person), *_what(one), one.stage, one.stage_date, why(one))

    query = select(Payment).where(Payment.stage.not_in((*PAID, RETURNED, DROPPED)), Payment.year >= period.since.year - 1)
    return _paged(database, query, Payment.id, make)


def _returned(database: Database, period: Period) -> Iterator[Row]:
    def make(session: Session, found: list[ReturnedPayment]) -> Iterator[Row]:
        persons = _persons(session, {one.resident_id for one in found})
        for one in found:
            if period.since <= one.failed_on <= period.until:
                what = (one.item, one.year, one.period, yuan_figure(one.amount_fen))
                yield (*_who(persons[one.resident_id]), *what, one.failed_on, one.reason, one.times, one.status, one.changed_at)

    return _paged(database, select(ReturnedPayment), ReturnedPayment.id, make)


def _unclaimed(database: Database, period: Period) -> Iterator[Row]:
    def make(session: Session, found: list[UnclaimedReturn]) -> Iterator[Row]:
        for one in found:
            if period.holds(one.register.imported_at) and one.register.status == LIVE:
                facts = one.facts
                yield (
                    one.register.file_name, facts["number"], mask_name(facts["name"]), yuan_figure(facts["amount_fen"]), facts["reason"],
                    one.status, one.settled_by, one.reason,
                )  # fmt: skip

    waited = select(UnclaimedReturn).where(UnclaimedReturn.status != MATCHED)
    return _paged(database, waited, UnclaimedReturn.id, make)


def _after_death(database: Database, period: Period) -> Iterator[Row]:
    with database.read() as session:
        query = select(Death.resident_id).join(Register, Register.id == Death.register_id).where(Register.status == LIVE)
        dead = sorted(set(session.scalars(query)))
    for start in range(0, len(dead), _AT_ONCE):
        some = dead[start : start + _AT_ONCE]
        with database.read() as session:
            died = Death.dates_of(session, some)
            found = session.scalars(select(Payment).where(Payment.resident_id.in_(some)).order_by(Payment.id)).all()
            rows = [
                (*_who(person), *_what(one), one.stage, one.paid_date or one.stage_date, died[one.resident_id])
                for one, person in _counting(session, found)
                if one.stage in PAID and (one.paid_date or one.stage_date) > died[one.resident_id]
                and period.since <= (one.paid_date or one.stage_date) <= period.until
            ]  # fmt: skip
        yield from rows


def _findings(database: Database, period: Period) -> Iterator[Row]:
    def make(session: Session, found: list[Finding]) -> Iterator[Row]:
        for one in found:
            evidence = one.evidence
            persons = "、".join(f"{person['name']} {person['number']}" for person in evidence["persons"][:5])
            yield (
                one.id, KINDS[one.kind], _GRAVITY[one.severity], one.town, one.item, one.year, persons, evidence["rule"],
                "；".join(f"{label}：{figure}" for label, figure in evidence["figures"]), _FINDING[one.status], one.found_at,
                one.verdict, one.cleared_by, one.cleared_at, one.reason,
            )  # fmt: skip

    return _paged(database, select(Finding), Finding.id, make)


def _views(database: Database, period: Period, actions: Actions, by: Staff | str) -> Iterator[Row]:
    """Whatever staff did or looked at that is about one resident, and every case that was opened; but what complains about `by`."""
    with database.read() as opened:
        hidden = barred_numbers(opened, by) if isinstance(by, Staff) else frozenset()

    def make(session: Session, found: list[AuditEntry]) -> Iterator[Row]:
        persons = _persons(session, {one.resident_id for one in found if one.resident_id})
        for one in found:
            if not period.holds(one.at) or one.subject.removeprefix("case:") in hidden:
                continue
            detail = one.detail or {}
            person = persons.get(one.resident_id or 0)
            said = f"{mask_name(person.name)} {mask_id_number(person.id_number)}" if person else ""
            subject = "" if one.subject.startswith("resident:") else one.subject.partition(":")[2]
            yield (one.at, one.actor, detail.get("department"), actions.get(one.action, one.action), subject, said, detail.get("reason"))

    about = AuditEntry.resident_id.is_not(None) | AuditEntry.subject.startswith("case:")
    return _paged(database, select(AuditEntry).where(about, AuditEntry.staff_id.is_not(None)), AuditEntry.id, make)


# ---------------------------------------------------------------- parts


def _counting(session: Session, payments: Iterable[Payment]) -> Iterator[tuple[Payment, Resident]]:
    """Those of these rows that count now, with their persons."""
    wanted = list(payments)
    ids = {one.resident_id for one in wanted}
    live = set(session.scalars(select(Batch.id).where(Batch.status == LIVE)))
    query = select(Payment.id, Payment.batch_id, Payment.resident_id, Payment.item, Payment.year, Payment.period)
    rows = session.execute(query.where(Payment.resident_id.in_(ids)).order_by(Payment.batch_id, Payment.id))
    newest = {tuple(row[2:]): row.id for row in rows if row.batch_id in live}
    persons, counting = _persons(session, ids), set(newest.values())
    return ((one, persons[one.resident_id]) for one in wanted if one.id in counting)


def _persons(session: Session, ids: Iterable[int]) -> dict[int, Resident]:
    return {one.id: one for one in session.scalars(select(Resident).where(Resident.id.in_(set(ids))))}


def _who(person: Resident) -> Row:
    return mask_name(person.name), mask_id_number(person.id_number), person.town, person.village


def _what(one: Payment) -> Row:
    return one.item, one.year, one.period, yuan_figure(one.amount_fen)
