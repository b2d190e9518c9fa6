"""`flask import-households`, `import-deaths`, `import-returns`, `check-payments`, `export-inspection` and
`withdraw-register`: what is held against the payments, and what comes of it."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from intake.bank_return import import_return
from intake.checks import check
from intake.deaths import import_deaths
from intake.households import import_households
from intake.inspection import Period, export
from intake.registers import RegisterOutcome, Source, withdraw
from intake.said import OF_COLUMN
from knowledge.errors import Fault
from knowledge.suspicion import Limits
from knowledge.wording import beijing
from models.base import now
from models.db import Database

OpenDatabase = Callable[[], Database]
_YEAR = timedelta(days=365)


def register_commands(
    open_database: OpenDatabase, limits: Callable[[], Limits], actions: Mapping[str, str]
) -> tuple[click.Command, ...]:
    """All of them. `actions`: the acts of the audit log in words."""
    return (
        _importing("import-households", import_households, open_database, "把户籍文件（谁是户主、谁是一家）存入库。"),
        _importing("import-deaths", import_deaths, open_database, "把死亡名单存入库，用来核对去世后有没有还在发。"),
        _importing(
            "import-returns", import_return, open_database,
            "把银行回盘文件入库：失败的，群众马上看得到，并列入乡镇的退回名单。文件里没有日期、项目、批次的，用 --set 补上；"
            "代码看不懂的，写 --set 结果:01=失败。",
        ),
        _withdrawing(open_database), _checking(open_database, limits), _inspecting(open_database, actions),
    )  # fmt: skip


def _importing(
    name: str, import_: Callable[..., RegisterOutcome], open_database: OpenDatabase, what: str
) -> click.Command:
    @click.command(name, help=what)
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--set", "settings", multiple=True, metavar="名称=值", help="文件里没有的，如 --set 日期=2026-03-05")
    @click.option("--map", "columns", multiple=True, metavar="列名=字段", help="列认错了，如 --map 备注1=原因")
    @click.option("--json", "as_json", is_flag=True, help="结果写成一行JSON")
    def run(file: Path, settings: tuple[str, ...], columns: tuple[str, ...], as_json: bool) -> None:
        try:
            given = dict(map(_pair, settings)) | {OF_COLUMN + label: meant for label, meant in map(_pair, columns)}
            source = Source(file, file.name, given, beijing(now()).date(), f"命令行：{_who()}"[:64])
            outcome = import_(open_database(), source, progress=_progress)
        except Fault as fault:
            _refuse(fault.said, as_json)
        if as_json:
            click.echo(json.dumps(_as_json(outcome), ensure_ascii=False))
            return
        _say(outcome)

    return run


def _say(outcome: RegisterOutcome) -> None:
    for note in outcome.notes:
        click.echo(note)
    if outcome.imported_before:
        click.echo(f"这个文件 {beijing(outcome.imported_before):%Y-%m-%d %H:%M} 已经导入过。")
    for line in outcome.report.in_words():
        click.echo(line)
    if outcome.register_id is None:
        click.echo("没有新的内容，什么都没有改。")
    elif outcome.batch_id is not None:
        click.echo(f"已入库，编号 {outcome.register_id}；改了状态的，是第 {outcome.batch_id} 批。")
    else:
        click.echo(f"已入库，编号 {outcome.register_id}。")


def _as_json(outcome: RegisterOutcome) -> dict[str, object]:
    return outcome.report.as_json() | {
        "register": outcome.register_id, "batch": outcome.batch_id, "notes": outcome.notes,
    }  # fmt: skip


def _withdrawing(open_database: OpenDatabase) -> click.Command:
    @click.command("withdraw-register")
    @click.argument("register_id", type=int)
    @click.option("--reason", required=True, help="为什么撤，会记在操作记录里")
    def withdraw_register(register_id: int, reason: str) -> None:
        """撤下一个户籍或死亡文件，以前的恢复算数。编号在导入时说过。"""
        try:
            one = open_database().write(partial(withdraw, register_id=register_id, by=f"命令行：{_who()}"[:64], reason=reason))
        except Fault as fault:
            raise click.ClickException(fault.said) from None
        click.echo(f"“{one.file_name}”已经撤下。")

    return withdraw_register


def _checking(open_database: OpenDatabase, limits: Callable[[], Limits]) -> click.Command:
    @click.command("check-payments")
    @click.option("--batch", "batch_id", type=int, help="只核对这一批涉及的人；不写就全部核对")
    def check_payments(batch_id: int | None) -> None:
        """跨批次核查比对：一账号多人、去世后发放、重复享受等，列入核查线索；同时更新银行退回名单。"""
        try:
            done = check(open_database(), batch_id, limits(), progress=_progress)
        except Fault as fault:
            raise click.ClickException(fault.said) from None
        click.echo(
            f"核对了 {done.payments} 笔，用了 {done.seconds:.0f} 秒。线索 {done.found} 条：新增 {done.new}，有变化 {done.changed}；"
            f"不再有的 {done.gone} 条。"
        )

    return check_payments


def _inspecting(open_database: OpenDatabase, actions: Mapping[str, str]) -> click.Command:
    @click.command("export-inspection")
    @click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
    @click.option("--reason", required=True, help="为什么导出，会记在操作记录里")
    @click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="从哪天起，默认一年前")
    @click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="到哪天止，默认今天")
    def export_inspection(folder: Path, reason: str, since: datetime | None, until: datetime | None) -> None:
        """导出检查材料：文件指纹、批次、逾期、退回、去世后发放、线索、谁看过谁。姓名和号码都打码。"""
        today = beijing(now()).date()
        period = Period(_day(since, today - _YEAR), _day(until, today))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"检查材料-{beijing(now()):%Y%m%d-%H%M%S}.zip"
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                counts = export(open_database(), target, f"命令行：{_who()}"[:64], reason, period, actions)
        except Fault as fault:
            file.unlink(missing_ok=True)
            raise click.ClickException(fault.said) from None
        except OSError:
            raise click.ClickException("写不进这个文件夹。请换一个，或看看权限。") from None
        click.echo(f"已导出到 {file}")
        for name, count in counts.items():
            click.echo(f"  {name}：{count} 行")

    return export_inspection


def _day(given: datetime | None, otherwise: date) -> date:
    return given.date() if given is not None else otherwise


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise Fault("等号两边都要写，如 --set 日期=2026-03-05。")
    return name.strip(), value.strip()


def _refuse(said: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"error": said}, ensure_ascii=False))
    else:
        click.echo(f"没有导入：{said}", err=True)
    sys.exit(1)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid()) if hasattr(os, "getuid") else "?"


def _progress(rows: int) -> None:
    """Say how far it is, to somebody who watches."""
    if sys.stderr.isatty():
        click.echo(f"\r已读 {rows} 行……", err=True, nl=False)
