"""`flask keys status` and `flask keys rotate`: which keys hold the data, and the change to the newest while serving."""

from __future__ import annotations

from collections.abc import Callable

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
        database = open_database()
        with database.read() as session:
            found = rotation.status(session)
        _print(database, found)

    @keys.command("rotate")
    def rotate() -> None:
        """把旧密钥下的数据换到最新的密钥下。服务不用停；中途停了，再运行一次接着换。"""
        database = open_database()
        total = rotation.rotate(database, lambda step: click.echo(f"\r{step.table}：{step.rewritten}条\033[K", nl=False, err=True))
        click.echo("", err=True)
        click.echo(f"换好了，共{total}条。")
        with database.read() as session:
            found = rotation.status(session)
        _print(database, found)

    return keys


def _print(database: Database, found: rotation.Status) -> None:
    newest = {database.keyring.newest_encryption, f"index:{database.keyring.newest_index}"}
    configured = {*database.keyring.encryption, *(f"index:{key}" for key in database.keyring.index)}
    counts: dict[str, int] = {}
    for table, keys in found.items():
        for key, count in keys.items():
            counts[key] = counts.get(key, 0) + count
            if key not in newest:
                click.echo(f"  {table}：{count}条还在旧密钥 {key} 下")
    for key in sorted(configured | counts.keys()):
        count = counts.get(key, 0)
        note = "（最新）" if key in newest else "，可以从配置里去掉了" if not count else "，还不能从配置里去掉"
        click.echo(f"{_name(key)}：{count}条{note}")


def _name(key: str) -> str:
    return f"检索密钥 {key.removeprefix('index:')}" if key.startswith("index:") else f"加密密钥 {key}"
