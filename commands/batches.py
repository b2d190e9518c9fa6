"""`flask batches` and `flask withdraw-batch ID`: the payment files that are in, and taking one back."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from functools import partial

import click
from sqlalchemy import select

from intake.staging import clear_up
from intake.withdrawing import withdraw
from knowledge.errors import Fault
from knowledge.wording import beijing
from models.db import Database
from models.payment import LIVE, WITHDRAWN, Batch

_STATUS = {LIVE: "在用", WITHDRAWN: "已撤下"}


def batches_command(open_database: Callable[[], Database]) -> click.Command:
    """The list."""

    @click.command("batches")
    @click.option("--limit", default=30, show_default=True, help="最多列几个")
    def batches(limit: int) -> None:
        """列出导入过的发放文件，新的在前。"""
        with open_database().read() as session:
            rows = session.scalars(select(Batch).order_by(Batch.id.desc()).limit(limit)).all()
        if not rows:
            click.echo("还没有导入过发放文件。")
        for row in rows:
            what = f"撤回 {row.accepted} 笔" if row.follows else f"收下 {row.accepted} 笔，退回 {row.refused} 笔"
            click.echo(
                f"{row.id}  {_STATUS.get(row.status, '正在入库')}  {beijing(row.imported_at):%Y-%m-%d %H:%M}  {row.imported_by}  "
                f"{row.sha256[:8]}  {row.file_name}  {what}"
            )

    return batches


def withdraw_batch_command(open_database: Callable[[], Database]) -> click.Command:
    """The withdrawal."""

    @click.command("withdraw-batch")
    @click.argument("batch_id", type=int)
    @click.option("--reason", required=True, help="为什么撤，会记在操作记录里")
    def withdraw_batch(batch_id: int, reason: str) -> None:
        """撤下一个发放文件：群众马上看不到，它更正过的恢复成原来的样子。编号用 flask batches 查。"""
        database = open_database()
        try:
            batch = database.write(partial(withdraw, batch_id=batch_id, by=f"命令行：{_who()}", reason=reason))
            clear_up(database)
        except Fault as fault:
            raise click.ClickException(fault.said) from None
        click.echo(f"“{batch.file_name}”已经撤下。")

    return withdraw_batch


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid()) if hasattr(os, "getuid") else "?"
