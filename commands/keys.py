"""`flask keys status` and `flask keys rotate`: which keys hold the data, and the change to the newest while serving."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click

from models import rotation
from models.db import Database


def keys_command(open_database: Callable[[], Database]) -> click.Group:
    """The command family."""

    @click.group("keys")
    def keys() -> None:
        """数据加密密钥：看用着哪几把、换成最新的一把。"""

    @keys.command("status")
    def status() -> None:
        """每张表里各把密钥下有多少条。旧密钥下一条都没有了，才能从配置里去掉。"""
        _finish(open_database())

    @keys.command("rotate")
    @click.option("--dry-run", is_flag=True, help="只数一数要换多少条，不改数据。")
    def rotate(dry_run: bool) -> None:
        """把旧密钥下的数据换到最新的密钥下。服务不用停；中途停了，再运行一次接着换。"""
        database = open_database()
        due = rotation.due(database)
        if dry_run:
            for table, count in due.items():
                if count:
                    click.echo(f"  {table}：要换{count:,}条")
            click.echo(f"一共要换{sum(due.values()):,}条。没有改任何数据。")
            return
        done = rotation.rotate(database, lambda step: _tell(step, due))
        click.echo("", err=True)
        click.echo(f"换好了，共{done.rewritten:,}条。")
        if done.unreadable:
            click.echo(f"有{done.unreadable:,}条读不出来，原样留着：多半是它用的密钥不在配置里。请把那把密钥加回配置，再运行一次。")
        _finish(database, failed=bool(done.unreadable))

    return keys


def _tell(step: rotation.Progress, due: Mapping[str, int]) -> None:
    click.echo(f"\r{step.table}：{step.rewritten:,}/{due.get(step.table, 0):,}条\033[K", nl=False, err=True)


def _finish(database: Database, *, failed: bool = False) -> None:
    """Say where everything stands; status 1 if there is data whose key is not here."""
    keyring = database.keyring
    with database.read() as session:
        found = rotation.status(session, keyring)
    newest = {keyring.newest_encryption, f"{rotation.INDEX}{keyring.newest_index}"}
    configured = {*keyring.encryption, *(f"{rotation.INDEX}{key}" for key in keyring.index)}
    counts: dict[str, int] = {}
    for table, keys in found.items():
        for key, count in sorted(keys.items()):
            counts[key] = counts.get(key, 0) + count
            if key not in newest:
                click.echo(f"  {table}：{count:,}条还在{_name(key)}下")
    for key in sorted(configured | counts.keys()):
        click.echo(f"{_name(key)}：{counts.get(key, 0):,}条{_note(key, counts.get(key, 0), newest, configured)}")
    lost = [key for key in counts if key not in configured and not key.startswith(rotation.INDEX)]
    raise SystemExit(1 if lost or failed else 0)


def _note(key: str, count: int, newest: set[str], configured: set[str]) -> str:
    if key in newest:
        return "（最新）"
    if key not in configured:
        is_index = key.startswith(rotation.INDEX)
        return "，运行 flask keys rotate 就会换成最新的" if is_index else "，这把密钥不在配置里，这些数据读不出来！请加回配置"
    if count:
        return "，还不能从配置里去掉"
    if key.startswith(rotation.INDEX):
        return "。再去掉要先看 docs/keys.md：换之前办的件，查询码还靠它认"
    return "，可以从配置里去掉了"


def _name(key: str) -> str:
    return f"检索密钥 {key.removeprefix(rotation.INDEX)}" if key.startswith(rotation.INDEX) else f"加密密钥 {key}"
