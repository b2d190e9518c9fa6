"""`flask create-staff USERNAME`: a person of the console, the first administrator above all."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from knowledge.errors import Fault, Refused
from models import audit, password
from models.db import Database
from models.staff import ROLE_NAMES, ROLES, Department, Staff

_ROLES_IN_WORDS = "、".join(f"{role}({ROLE_NAMES[role]})" for role in ROLES)


def create_staff_command(open_database: Callable[[], Database]) -> click.Command:
    """The command. `open_database` is called once the password has been read."""

    @click.command("create-staff")
    @click.argument("username")
    @click.option("--name", required=True, help="姓名")
    @click.option("--role", required=True, type=click.Choice(list(ROLES)), help=_ROLES_IN_WORDS)
    @click.option("--department", help="部门简称，如 民政局、口前镇；经办人员必填")
    @click.option("--village", help="村级代办员的村，如 蓝旗村")
    @click.option("--password-stdin", is_flag=True, help="从标准输入读密码（一行），不询问")
    def create_staff(
        username: str, name: str, role: str, department: str | None, village: str | None, password_stdin: bool
    ) -> None:
        """在后台新建一个工作人员。部门名单会一并备好。"""
        try:
            typed = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked_twice()
            ready = password.ready(typed, username)

            def work(session: Session) -> str:
                Department.seed(session)
                home = _department(session, department)
                staff = Staff.create(session, username, ready, name=name, role=role, department=home, village=village)
                audit.record(session, f"cli:{getpass.getuser()}"[:64], "staff.create", f"staff:{staff.username}", role=role)
                return staff.username

            made = open_database().write(work)
        except Fault as fault:
            click.echo(fault.said, err=True)
            sys.exit(1)
        click.echo(f"建好了：{made}（{ROLE_NAMES[role]}{',' + department if department else ''}）。现在就能登录。")

    return create_staff


def _asked_twice() -> str:
    first = getpass.getpass("密码（至少10个字符，输入时不显示）:")
    if getpass.getpass("再输一遍：") != first:
        raise Refused("两次输入的密码不一样，请重新来一次。")
    return first


def _department(session: Session, name: str | None) -> Department | None:
    if not name:
        return None
    found = Department.named(session, name)
    if found is None:
        names = "、".join(session.scalars(Department.active_names()))
        raise Refused(f"没有“{name}”这个部门。现有的是：{names}。")
    return found
