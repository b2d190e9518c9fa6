"""Departments (each township is one), the staff who work for them, and what each role may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, BigId, EncryptedText, UtcDateTime, now

COUNTY, TOWNSHIP = "county", "township"
_FAILURES_BEFORE_LOCK = 5
_LOCK = timedelta(minutes=15)


class Permission(StrEnum):
    """What one may do, by name. Every route of the console asks for one of these."""

    CASES = "cases"  # see and handle the cases of one's own department
    ALL_CASES = "all_cases"  # see every case that is not sealed against one
    TRIAGE = "triage"  # give a case to any department
    FILE_FOR_CALLER = "file_for_caller"
    SEARCH_KNOWLEDGE = "search_knowledge"
    CALL_LIST = "call_list"  # people who could not be reached by WeChat
    EDIT_KNOWLEDGE = "edit_knowledge"
    PAYMENTS = "payments"  # import payment files
    STAFF = "staff"  # departments and staff
    AUDIT = "audit"  # read the audit log


ROLES: Mapping[str, frozenset[Permission]] = {
    "clerk": frozenset({Permission.CASES, Permission.SEARCH_KNOWLEDGE}),
    "hotline": frozenset({Permission.SEARCH_KNOWLEDGE, Permission.FILE_FOR_CALLER, Permission.CALL_LIST}),
    "supervisor": frozenset(
        {Permission.CASES, Permission.ALL_CASES, Permission.TRIAGE, Permission.SEARCH_KNOWLEDGE, Permission.CALL_LIST,
         Permission.AUDIT}
    ),
    "admin": frozenset({Permission.STAFF, Permission.SEARCH_KNOWLEDGE, Permission.EDIT_KNOWLEDGE, Permission.PAYMENTS}),
}  # fmt: skip

ROLE_NAMES: Mapping[str, str] = {"clerk": "经办人员", "hotline": "热线坐席", "supervisor": "督办人员", "admin": "系统管理员"}


class Department(Base):
    """Who answers for items and handles cases. `name` is the short name (民政局; a township: 口前镇人民政府)."""

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    full_name: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16), default=COUNTY)
    town: Mapped[str | None] = mapped_column(String(32))
    phone: Mapped[str | None] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(default=True)

    @classmethod
    def named(cls, session: Session, name: str, town: str | None = None) -> Department | None:
        """A department by its short name; 乡镇人民政府 together with the township's name gives that township."""
        if name == "乡镇人民政府":
            return session.scalar(select(cls).where(cls.kind == TOWNSHIP, cls.town == town, cls.active)) if town else None
        return session.scalar(select(cls).where(cls.name == name, cls.active))


class Staff(Base):
    """Someone who works in the console. The password is argon2; five failures lock the account for a quarter of an hour."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(EncryptedText("staff.name"))
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    session_number: Mapped[int] = mapped_column(default=0)
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("staff.totp_secret"))
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    department: Mapped[Department | None] = relationship()

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this person may do by role; nothing once switched off."""
        return ROLES[self.role] if self.active else frozenset()

    def may(self, permission: Permission) -> bool:
        """Whether this person has the permission."""
        return permission in self.permissions

    @property
    def is_locked(self) -> bool:
        """Whether log-in is refused for now because of failures."""
        return self.locked_until is not None and self.locked_until > now()

    def login_failed(self) -> None:
        """Count a wrong password; the fifth locks the account for a while."""
        self.failures += 1
        if self.failures >= _FAILURES_BEFORE_LOCK:
            self.failures, self.locked_until = 0, now() + _LOCK

    def logged_in(self) -> None:
        """A right password: the count starts anew."""
        self.failures, self.locked_until, self.last_login_at = 0, None, now()

    def end_sessions(self) -> None:
        """Every log-in of this person ends (password changed, switched off)."""
        self.session_number += 1
