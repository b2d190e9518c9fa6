"""`flask import-work-orders FILE`: work orders of 12345, each into a case once; faults are told by row."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable
from pathlib import Path

import click

from intake.work_orders import Desk, Outcome, import_work_orders
from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from knowledge.errors import Fault
from models.db import Database

_SHOWN = 20  # of each kind, to somebody who reads


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
            desk = Desk(f"cli:{getpass.getuser()}"[:64], clocks(), terms(), guess())
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
        "changed": [{"number": number, "fields": fields} for number, fields in outcome.changed],
        "faults": [{"row": fault.row, "said": fault.said} for fault in outcome.faults],
    }  # fmt: skip


def _say(outcome: Outcome, dry_run: bool) -> None:
    click.echo(f"读了{outcome.read}张工单：{'会立' if dry_run else '立了'}{len(outcome.filed)}件，早就有的{outcome.known}张。")
    for number, case, home in outcome.filed[:_SHOWN]:
        click.echo(f"  {number} → {case or '新件'}（{home}）")
    if len(outcome.filed) > _SHOWN:
        click.echo(f"  ……其余{len(outcome.filed) - _SHOWN}件不一一列了。")
    if outcome.perhaps:
        click.echo(f"有{len(outcome.perhaps)}张，同一个电话几天前说过差不多的事，没有另立，请在后台“12345工单”里定：")
        for number, case in outcome.perhaps[:_SHOWN]:
            click.echo(f"  {number} 可能就是 {case}")
    if outcome.changed:
        click.echo(f"有{len(outcome.changed)}张，编号收过，内容变了，没有改动原来的件，请人看一看：")
        for number, fields in outcome.changed[:_SHOWN]:
            click.echo(f"  {number}：{fields}")
    if outcome.faults:
        click.echo(f"有{len(outcome.faults)}行没有收，改好再导一次就行，收过的不会重：")
        for fault in outcome.faults[:_SHOWN]:
            click.echo(f"  第{fault.row}行：{fault.said}")
