"""`flask audit verify`: whether anybody has changed, removed or put in a row of the audit log."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from knowledge.errors import Fault, Refused
from models.audit_chain import Verdict, seal_at, verify
from models.db import Database


def audit_command(open_database: Callable[[], Database]) -> click.Group:
    """The group; `open_database` is called when one of its commands runs."""

    @click.group("audit")
    def audit() -> None:
        """操作记录。"""

    @audit.command("verify")
    @click.option(
        "--expect", metavar="条数:封印", help="以前记在纸上的“条数:封印”；对不上，说明那以前的记录整个被换过。",
    )  # fmt: skip
    def verify_log(expect: str | None) -> None:
        """核对操作记录有没有被改、删、插。完好退出码是0，有问题是1。服务不用停。"""
        try:
            database = open_database()
            verdict = verify(database, _progress)
            fault = verdict.fault or _against(database, expect)
        except Fault as fault_of_ours:
            click.echo(fault_of_ours.said, err=True)
            sys.exit(2)
        if sys.stderr.isatty():
            click.echo("\r", err=True, nl=False)
        if fault:
            click.echo(f"操作记录有问题：{fault}")
            click.echo("请先做一份备份保住现场，再报告安全负责人，查查谁动过数据库。")
            sys.exit(1)
        click.echo(_said(verdict))

    return audit


def _said(verdict: Verdict) -> str:
    lines = [f"操作记录完好：{verdict.sealed}条，顺序和内容都对得上。"]
    if verdict.unsealed:
        lines.append(f"另有{verdict.unsealed}条刚写下，还没封印，内容都对得上。数目很多的话，请看看后台任务（flask worker）在不在运行。")
    if verdict.sealed:
        lines.append(f"到这里的封印是 {verdict.sealed}:{verdict.seal.hex()}")
        lines.append("请抄下来，和服务器分开保存。下次用 --expect 带上它，能看出整库被换回旧的没有。")
    return "\n".join(lines)


def _against(database: Database, expect: str | None) -> str:
    """What is wrong with a place of the chain that was noted down; empty if nothing."""
    if expect is None:
        return ""
    position, _, seal = expect.partition(":")
    if not (position.isascii() and position.isdigit()) or len(seal) != 64:
        raise Refused("--expect 要写成“条数:封印”，就是上次核对时最后打印的那一串。")
    found = seal_at(database, int(position))
    if found is None:
        return f"记下过第{position}条，现在没有了：数据库被换成了更早的，或者后面的被删掉了。"
    return "" if found.hex() == seal.lower() else f"第{position}条的封印和记下的不一样：那以前的记录被整个换过。"


def _progress(rows: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r已核对 {rows} 条……", err=True, nl=False)
