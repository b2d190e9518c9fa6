"""`flask demo-staff`: the log-ins of a demonstration. Well known, so only where the simulator runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click
from sqlalchemy.orm import Session

from models.db import Database
from models.staff import ROLE_NAMES, Department, Staff

PASSWORD = "mingbaika-demo"  # noqa: S105  (loopback and synthetic data only)


@dataclass(frozen=True, slots=True)
class Post:
    """One log-in of the demonstration."""

    username: str
    name: str
    role: str
    department: str | None = None
    village: str | None = None


POSTS = (
    Post("minzheng", "林芳", "clerk", "民政局"),
    Post("nongye", "王刚", "clerk", "农业农村局"),
    Post("kouqian", "赵敏", "clerk", "口前镇"),
    Post("juzhang", "宋波", "head", "民政局"),
    Post("daiban", "吴春", "village", "口前镇", "蓝旗"),
    Post("tongchou", "何静", "coordinator", "财政局"),
    Post("rexian", "孙丽", "hotline"),
    Post("shuju", "冯涛", "data"),
    Post("duban", "周正", "supervisor"),
    Post("admin", "郑毅", "admin"),
    Post("shenji", "许明", "auditor"),
)


def demo_staff_command(open_database: Callable[[], Database]) -> click.Command:
    """The command."""

    @click.command("demo-staff")
    def demo_staff() -> None:
        """建好演示用的后台账号。"""
        open_database().write(_add_missing)
        click.echo(f"后台账号（密码都是 {PASSWORD}）：")
        for post in POSTS:
            click.echo(f"  {post.username:<10}{ROLE_NAMES[post.role]}  {post.department or ''}{f'{post.village}村' if post.village else ''}")

    return demo_staff


def _add_missing(session: Session) -> None:
    for post in POSTS:
        if Staff.by_username(session, post.username) is None:
            department = Department.named(session, post.department) if post.department else None
            Staff.create(session, post.username, PASSWORD, name=post.name, role=post.role, department=department, village=post.village)
