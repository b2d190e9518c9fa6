"""`flask import-payments FILE`: a bureau's payment file into the database, or only checked."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from intake.preview import preview
from intake.reading import FileRefused
from intake.report_xlsx import workbook
from intake.said import OF_COLUMN
from intake.store import Outcome, check_file, import_file
from knowledge.errors import Fault
from models.db import Database

_BEIJING = ZoneInfo("Asia/Shanghai")
_SHOWN_ROWS = 20


def import_payments_command(open_database: Callable[[], Database]) -> click.Command:
    """The command. `open_database` is called only when something is to be stored."""

    @click.command("import-payments")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--dry-run", is_flag=True, help="只检查，不入库")
    @click.option("--json", "as_json", is_flag=True, help="结果写成一行JSON")
    @click.option("--set", "settings", multiple=True, metavar="名称=值", help="文件里没有的列，如 --set 年度=2025")
    @click.option("--map", "columns", multiple=True, metavar="列名=字段", help="列认错了，如 --map 补助标准=备注")
    @click.option("--report", type=click.Path(path_type=Path, dir_okay=False), metavar="新文件.xlsx", help="检查报告写成表格")
    def import_payments(
        file: Path, dry_run: bool, as_json: bool, settings: tuple[str, ...], columns: tuple[str, ...], report: Path | None
    ) -> None:
        """把一个发放明细文件（CSV、XLS、XLSX等）检查后入库。同一个文件可以再次导入，不会重复。

        文件里没有的，用 --set 补上：补贴项目、年度、批次、状态、状态日期、发放日期、乡镇等；只给一张表的，写成 补贴项目@表名=…。
        """
        try:
            given = dict(_pair("--set", text) for text in settings)
            given |= {f"{OF_COLUMN}{name}": meant for name, meant in (_pair("--map", text) for text in columns)}
            _check_is_new(report)
            outcome = _run(None if dry_run else open_database, file, given)
            if report is not None:
                _write_report(report, file, given, outcome)
        except Fault as fault:
            _say_refused(fault.said, as_json)
            sys.exit(1)
        if as_json:
            click.echo(json.dumps(_as_json(outcome), ensure_ascii=False))
        else:
            for line in _in_words(outcome, dry_run):
                click.echo(line)

    return import_payments


def _run(open_database: Callable[[], Database] | None, file: Path, given: Mapping[str, str]) -> Outcome:
    today = datetime.now(_BEIJING).date()
    if file.exists() and not file.is_file():  # a device or a pipe, which might never end
        raise FileRefused("文件打不开。请给一个文件，不是文件夹或设备。")
    try:
        if open_database is None:
            return check_file(file, today=today, given=given, progress=_progress)
        by = f"命令行：{_who()}"[:64]
        return import_file(open_database(), file, today=today, given=given, by=by, progress=_progress)
    finally:
        if _is_watched():
            click.echo(err=True)


def _check_is_new(report: Path | None) -> None:
    if report is not None and report.exists():
        raise Fault(f"报告 {report.name} 已经有了。请换一个名字。")


def _write_report(target: Path, file: Path, given: Mapping[str, str], outcome: Outcome) -> None:
    """The workbook with the bad cells marked. It names people: only its owner may read it, and no file is overwritten."""
    seen = preview(file, given, today=datetime.now(_BEIJING).date(), name=file.name, progress=_progress)
    content = workbook(file, seen.sheets, outcome, file.name)
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as report:
            report.write(content)
    except OSError:
        raise Fault(f"报告 {target.name} 写不进去。请看看文件夹在不在、能不能写；改好后再运行一次，不会重复入库。") from None


def _pair(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        example = "--set 年度=2025" if option == "--set" else "--map 补助标准=备注"
        raise Fault(f"{option} 等号两边都要写，如 {example}。")
    return name.strip(), value.strip()


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid()) if hasattr(os, "getuid") else "?"


def _is_watched() -> bool:
    return sys.stderr.isatty()


def _progress(rows: int) -> None:
    """Say how far it is, to somebody who watches."""
    if _is_watched():
        click.echo(f"\r已读 {rows} 行……" if rows else "\r稍等，别的导入还没完……", err=True, nl=False)


def _say_refused(said: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"error": said}, ensure_ascii=False))
        return
    click.echo(f"没有导入：{said}", err=True)
    if "指定" in said:
        click.echo("指定的写法：--set 名称=值，可以写多个；列认错了：--map 列名=字段。", err=True)


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return outcome.report.as_json() | {
        "new": outcome.new,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "older": outcome.found.older,
        "notes": outcome.notes,
    }


def _in_words(outcome: Outcome, dry_run: bool) -> Iterator[str]:
    yield from outcome.notes
    if any("指定" in note for note in outcome.notes):
        yield "指定的写法：--set 名称=值；列认错了：--map 列名=字段，如 --map 补助标准=备注。"
    yield from outcome.report.in_words()
    yield ""
    if dry_run:
        yield "这次只检查，没有入库。"
        return
    if outcome.imported_before:
        yield f"这个文件 {outcome.imported_before.astimezone(_BEIJING):%Y-%m-%d %H:%M} 已经导入过。"
    yield f"新增 {outcome.new} 行，更正 {outcome.changed} 行，没有变化 {outcome.unchanged} 行。"
    if outcome.changed_rows:
        shown = "、".join(_row(*place) for place in outcome.changed_rows[:_SHOWN_ROWS])
        more = f"等{outcome.changed}行" if outcome.changed > _SHOWN_ROWS else ""
        yield f"更正了原有数据的行：{shown}{more}。"
    if outcome.found.older:
        shown = "、".join(_row(*place) for place in outcome.found.older_rows[:_SHOWN_ROWS])
        more = f"等{outcome.found.older}行" if outcome.found.older > _SHOWN_ROWS else ""
        yield f"{shown}{more}写的环节比已有的早（银行已经打过款或退回过），环节没有改。确实要改的，写上新的状态日期再导入。"
    if outcome.residents_changed:
        yield f"更新了 {outcome.residents_changed} 人的姓名、电话、账号或住址。"
    if outcome.report.refused:
        yield "退回的行没有入库。改好后再导入一次就行，已经入库的不会重复。"


def _row(sheet: int, number: int) -> str:
    return f"第{number}行" if not sheet else f"第{sheet + 1}张表第{number}行"
