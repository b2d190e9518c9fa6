"""12345's work orders: `flask import-work-orders FILE`, each into a case once; `flask export-work-orders FILE`, the answers back."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

import click
from sqlalchemy.orm import Session

from intake.work_order_answers import handed_back, waiting_orders, write_answers, write_answers_csv
from intake.work_orders import Desk, Outcome, import_work_orders
from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from knowledge.errors import Fault
from knowledge.wording import BEIJING
from models.base import now
from models.db import Database
from models.work_order import WorkOrder

_SHOWN = 20  # of each kind, to somebody who reads
_WRITERS: Mapping[str, Callable[[Session, IO[bytes], Sequence[WorkOrder]], None]] = {
    ".xlsx": write_answers,
    ".csv": write_answers_csv,
}


def import_work_orders_command(
    open_database: Callable[[], Database], clocks: Callable[[], Clocks], terms: Callable[[], Assigning],
    guess: Callable[[], Callable[[str], str | None]],
) -> click.Command:  # fmt: skip
    """The command; what it is given is called when it runs."""

    @click.command("import-work-orders")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--dry-run", is_flag=True, help="只看看每张工单会归哪个部门，什么都不存")
    @click.option("--json", "as_json", is_flag=True, help="结果写成一行JSON")
    def run(file: Path, dry_run: bool, as_json: bool) -> None:
        """把12345转来的工单（CSV、XLSX、XLS）立成办件。同一个工单编号只立一次。"""
        try:
            desk = Desk(_who(), clocks(), terms(), guess())
            outcome = import_work_orders(open_database(), file, file.name, desk, dry_run=dry_run)
        except Fault as fault:
            if as_json:
                click.echo(json.dumps({"error": fault.said}, ensure_ascii=False))
            else:
                click.echo(f"没有导入：{fault.said}", err=True)
            sys.exit(1)
        if as_json:
            click.echo(json.dumps(_as_json(outcome, dry_run), ensure_ascii=False))
        else:
            _say(outcome, dry_run)

    return run


def _as_json(outcome: Outcome, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run, "read": outcome.read, "known": outcome.known,
        "filed": [{"number": number, "case": case, "department": home} for number, case, home in outcome.filed],
        "perhaps": [{"number": number, "case": case} for number, case in outcome.perhaps],
        "joined": [{"row": row, "number": number, "case": case} for row, number, case in outcome.joined],
        "changed": [{"number": number, "fields": fields} for number, fields in outcome.changed],
        "faults": [{"row": fault.row, "said": fault.said} for fault in outcome.faults],
    }  # fmt: skip


def _say(outcome: Outcome, dry_run: bool) -> None:
    filed, will = len(outcome.filed), "会" if dry_run else ""
    click.echo(f"读了{outcome.read}张工单：{'会立' if dry_run else '立了'}{filed}件，早就有的{outcome.known}张。")
    for number, case, home in outcome.filed[:_SHOWN]:
        click.echo(f"  {number} → {case or '新件'}（{home}）")
    if filed > _SHOWN:
        click.echo(f"  ……其余{filed - _SHOWN}件不一一列了。")
    _list(
        f"张，热线接电话时已经登记，没有另立，{will}并到那一件一起答复：",
        [f"第{row}行：{number} 就是 {case}" for row, number, case in outcome.joined],
    )
    _list(
        "张，同一个电话几天前说过差不多的事，没有另立，请在后台“12345工单”里定：",
        [f"{number} 可能就是 {case}" for number, case in outcome.perhaps],
    )
    _list("张，编号收过，内容变了，没有改动原来的件，请人看一看：", [f"{number}：{fields}" for number, fields in outcome.changed])
    _list("行没有收，改好再导一次就行，收过的不会重：", [f"第{fault.row}行：{fault.said}" for fault in outcome.faults])


def _list(said: str, lines: Sequence[str]) -> None:
    if lines:
        click.echo(f"有{len(lines)}{said}")
    for line in lines[:_SHOWN]:
        click.echo(f"  {line}")


def export_work_orders_command(open_database: Callable[[], Database]) -> click.Command:
    """The command with the answers for 12345."""

    @click.command("export-work-orders")
    @click.argument("file", type=click.Path(path_type=Path), metavar="新文件")
    @click.option("--again-since", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="以前交过的也再写一遍：从这天起收的工单")
    @click.option("--json", "as_json", is_flag=True, help="结果写成一行JSON")
    def run(file: Path, again_since: datetime | None, as_json: bool) -> None:
        """把答复了的12345工单写成文件（按名字写成XLSX或CSV），记为已交回；再运行一次，只写新答复的。"""
        try:
            number = _hand_back(open_database, file, again_since.replace(tzinfo=BEIJING) if again_since else None)
        except Fault as fault:
            if as_json:
                click.echo(json.dumps({"error": fault.said}, ensure_ascii=False))
            else:
                click.echo(f"没有导出：{fault.said}", err=True)
            sys.exit(1)
        if as_json:
            click.echo(json.dumps({"orders": number, "file": str(file) if number else None}, ensure_ascii=False))
        elif number:
            click.echo(f"写了{number}张工单的答复到 {file.name}，记为已交回12345。文件里有群众的事，交了就删。")
        else:
            click.echo("现在没有新答复要交回，没有写文件。以前交过的要再写，加上 --again-since 和日期。")

    return run


def _hand_back(open_database: Callable[[], Database], file: Path, again_since: datetime | None) -> int:
    """Write the file, then note that it went back; gives how many orders. No file without orders, and no note without a file."""
    write = _WRITERS.get(file.suffix.lower())
    if write is None:
        raise Fault("文件名要以 .xlsx 或 .csv 结尾，照它写成表格。")
    if file.exists():
        raise Fault(f"{file.name} 已经有了。请换一个名字，原来的不会被盖掉。")
    database, moment = open_database(), now()
    with database.read() as session:
        orders = waiting_orders(session, None, again_since=again_since)
        ids = [order.id for order in orders]
        if not ids:
            return 0
        try:
            with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as target:
                write(session, target, orders)
                target.flush()
                os.fsync(target.fileno())
        except OSError:
            file.unlink(missing_ok=True)
            raise Fault(f"{file.name} 写不进去。请看看文件夹在不在、能不能写、地方够不够。没有记为已交回。") from None
    try:
        database.write(lambda opened: handed_back(opened, _who(), ids, moment))
    except Fault:
        file.unlink(missing_ok=True)  # nothing was noted: it would be handed over twice
        raise
    return len(ids)


def _who() -> str:
    return f"cli:{getpass.getuser()}"[:64]
