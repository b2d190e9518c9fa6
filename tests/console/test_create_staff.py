"""`flask create-staff`, as it is typed."""

from __future__ import annotations

from click.testing import CliRunner, Result
from sqlalchemy import select

from commands.staff import create_staff_command
from models.audit import AuditEntry
from models.db import Database
from models.staff import Department, Staff
from tests.console.factories import PASSWORD, Browser, make_app


def run(database: Database, *arguments: str, password: str = PASSWORD, **more: str) -> Result:
    return CliRunner().invoke(create_staff_command(lambda: database), list(arguments), input=f"{password}\n", **more)


def test_the_first_administrator_is_made_and_logs_in(database: Database) -> None:
    result = run(database, "Anna", "--name", "安娜", "--role", "admin", "--password-stdin")
    assert result.exit_code == 0, result.output
    assert Browser(make_app(database)).log_in("anna").request.path == "/console/staff"
    with database.read() as session:
        assert not Department.missing(session)
        assert session.scalars(select(AuditEntry.subject)).first() == "staff:anna"


def test_a_clerk_belongs_to_a_department(database: Database) -> None:
    assert run(database, "liu", "--name", "刘洋", "--role", "clerk", "--department", "口前镇", "--password-stdin").exit_code == 0
    with database.read() as session:
        assert session.scalars(select(Staff)).one().department.town == "口前镇"


def test_faults_are_said_and_nothing_is_made(database: Database) -> None:
    cases = [
        (("liu", "--name", "刘", "--role", "clerk", "--password-stdin"), PASSWORD, "要选所在部门"),
        (("liu", "--name", "刘", "--role", "clerk", "--department", "气象局", "--password-stdin"), PASSWORD, "民政局"),
        (("liu", "--name", "刘", "--role", "hotline", "--password-stdin"), "short", "至少10个字符"),
    ]
    for arguments, password, said in cases:
        result = run(database, *arguments, password=password)
        assert result.exit_code == 1
        assert said in result.output
    with database.read() as session:
        assert session.scalars(select(Staff)).all() == []


def test_two_different_passwords_are_refused(database: Database, monkeypatch) -> None:
    given = iter(["一句 good 好记的话", "另一句 good 好记的话"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(given))
    result = run(database, "liu", "--name", "刘", "--role", "hotline")
    assert result.exit_code == 1
    assert "不一样" in result.output
