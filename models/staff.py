"""Departments (each township is one), the staff who work for them, and what each role may do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.catalogue.departments import DESKS, TOWNSHIPS
from knowledge.errors import Refused
from models import password as passwords
from models.base import Base, BigId, EncryptedText, UtcDateTime, now

COUNTY, TOWNSHIP = "county", "township"
_FAILURES_BEFORE_LOCK = 5
_LOCK = timedelta(minutes=15)
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


class Permission(StrEnum):
    """What one may do, by name. Every route of the console asks for one of these."""

    CASES = "cases"  # see and handle the cases of one's own department
    ALL_CASES = "all_cases"  # see every case that is not barred to one's own department
    TRIAGE = "triage"  # give a case to any department
    SEALED_PERSON = "sealed_person"  # see who filed a confidential case, with a reason
    FAILED_MESSAGES = "failed_messages"  # messages that the service could not answer
    FILE_FOR_CALLER = "file_for_caller"
    SEARCH_KNOWLEDGE = "search_knowledge"
    CALL_LIST = "call_list"  # people who could not be reached by WeChat
    EDIT_KNOWLEDGE = "edit_knowledge"
    PAYMENTS = "payments"  # import payment files
    PUBLISH = "publish"  # hang, print and take down publicity lists of one's own township or items
    EXPOSURE = "exposure"  # decide how widely the lists of each item are shown
    LOOK_UP = "look_up"  # look up a person's payments for them, after the proof questions
    CONFIRM_PERSON = "confirm_person"  # bind a phone over the counter, with the ID card in one's hand
    STAFF = "staff"  # departments and staff
    AUDIT = "audit"  # read the audit log
    RETURNS = "returns"  # the working list of payments that the bank sent back
    FINDINGS = "findings"  # what the checks across batches found
    PRINT_CARDS = "print_cards"  # print the 明白卡 of a village for those without a phone


ROLES: Mapping[str, frozenset[Permission]] = {
    "clerk": frozenset({Permission.CASES, Permission.SEARCH_KNOWLEDGE, Permission.PUBLISH}),
    "hotline": frozenset(
        {Permission.SEARCH_KNOWLEDGE, Permission.FILE_FOR_CALLER, Permission.CALL_LIST, Permission.LOOK_UP}
    ),
    "supervisor": frozenset(
        {Permission.CASES, Permission.ALL_CASES, Permission.TRIAGE, Permission.SEALED_PERSON,
         Permission.FAILED_MESSAGES, Permission.SEARCH_KNOWLEDGE, Permission.CALL_LIST, Permission.AUDIT,
         Permission.RETURNS, Permission.FINDINGS}
    ),
    "data": frozenset({Permission.PAYMENTS, Permission.PRINT_CARDS, Permission.SEARCH_KNOWLEDGE, Permission.RETURNS}),
    "admin": frozenset(
        {Permission.STAFF, Permission.SEARCH_KNOWLEDGE, Permission.EDIT_KNOWLEDGE, Permission.PAYMENTS,
         Permission.PUBLISH, Permission.EXPOSURE, Permission.RETURNS, Permission.PRINT_CARDS}
    ),
}  # fmt: skip

# Besides, for the clerks of a township.
_AT_THE_COUNTER = frozenset(
    {Permission.LOOK_UP, Permission.CONFIRM_PERSON, Permission.RETURNS, Permission.PRINT_CARDS}
)

ROLE_NAMES: Mapping[str, str] = {"clerk": "经办人员", "hotline": "热线坐席", "supervisor": "督办人员", "data": "数据人员", "admin": "系统管理员"}


class Department(Base):
    """Who answers for items and handles cases. `name` is the short name (民政局; a township: 口前镇)."""

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

    def change(self, *, full_name: str, phone: str, active: bool) -> None:
        """What an administrator may change; the short name stays, since routing calls it by that."""
        if not full_name.strip():
            raise Refused("请写上部门全称。")
        self.full_name, self.phone, self.active = full_name.strip(), phone.strip() or None, active

    @classmethod
    def active_names(cls) -> Select[str]:
        """The short names of all departments that work here, the townships last."""
        return select(cls.name).where(cls.active).order_by(cls.kind, cls.id)

    @classmethod
    def missing(cls, session: Session) -> bool:
        """Whether one of the catalogue's departments does not stand in the table yet."""
        return not {desk.name for desk in DESKS} <= set(session.scalars(select(cls.name)))

    @classmethod
    def seed(cls, session: Session) -> None:
        """Add the catalogue's departments that are missing; what the county has changed stays."""
        standing = set(session.scalars(select(cls.name)))
        for desk in DESKS:
            if desk.name not in standing:
                town = desk.name if desk.name in TOWNSHIPS else None
                kind = TOWNSHIP if town else COUNTY
                session.add(cls(name=desk.name, full_name=desk.full_name, kind=kind, town=town))
        session.flush()


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
    must_change_password: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("staff.totp_secret"))
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    department: Mapped[Department | None] = relationship()

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this person may do by role; nothing once switched off."""
        if not self.active:
            return frozenset()
        counter = self.role == "clerk" and self.department is not None and self.department.kind == TOWNSHIP
        return ROLES[self.role] | _AT_THE_COUNTER if counter else ROLES[self.role]

    def may(self, permission: Permission) -> bool:
        """Whether this person has the permission."""
        return permission in self.permissions

    @property
    def is_locked(self) -> bool:
        """Whether log-in is refused for now because of failures."""
        return self.locked_until is not None and self.locked_until > now()

    @classmethod
    def create(
        cls, session: Session, username: str, password: str, *, name: str, role: str,
        department: Department | None = None, must_change: bool = False,
    ) -> Staff:  # fmt: skip
        """A new person. Refused for a name that is taken or unfit, a weak password, a role without its department."""
        username = username.strip().lower()
        if not _USERNAME.fullmatch(username):
            raise Refused("用户名用2到32个小写字母、数字、点或短横，以字母开头。")
        if session.scalar(select(cls.id).where(cls.username == username)):
            raise Refused(f"用户名 {username} 已经有人用了，请换一个。")
        if not name.strip():
            raise Refused("请写上姓名。")
        _check_post(role, department)
        staff = cls(
            username=username, name=name.strip(), role=role, department=department, must_change_password=must_change,
            password_hash=passwords.hashed(passwords.checked(password, username)),
        )  # fmt: skip
        session.add(staff)
        session.flush()
        return staff

    @classmethod
    def by_username(cls, session: Session, username: str, *, lock: bool = False) -> Staff | None:
        """The person with this user name, however the letters were typed; locked against other log-ins at once."""
        query = select(cls).where(cls.username == username.strip().lower())
        return session.scalar(query.with_for_update(of=cls) if lock else query)

    def take_post(self, role: str, department: Department | None) -> None:
        """Another role or department; open log-ins end, since they were opened for the old one."""
        _check_post(role, department)
        self.role, self.department = role, department
        self.end_sessions()

    def switch(self, active: bool) -> None:
        """On or off; off ends every log-in at once."""
        self.active = active
        self.end_sessions()

    def change_password(self, password: str, *, must_change: bool = False) -> None:
        """A new password; every other log-in ends. `must_change`: given by an administrator, good until the next log-in."""
        self.password_hash = passwords.hashed(passwords.checked(password, self.username))
        self.must_change_password, self.failures, self.locked_until = must_change, 0, None
        self.end_sessions()

    def try_log_in(self) -> bool:
        """Count a try ahead of looking at the password; False if there is to be none now. The fifth in a row locks.

        A right password clears the count. Counted first, so that tries made at the same moment count as well.
        """
        if not self.active or self.is_locked:
            return False
        self.failures += 1
        if self.failures >= _FAILURES_BEFORE_LOCK:
            self.failures, self.locked_until = 0, now() + _LOCK
        return True

    def logged_in(self) -> None:
        """A right password: the count starts anew."""
        self.failures, self.locked_until, self.last_login_at = 0, None, now()

    def end_sessions(self) -> None:
        """Every log-in of this person ends (password changed, switched off)."""
        self.session_number += 1


def _check_post(role: str, department: Department | None) -> None:
    if role not in ROLES:
        raise Refused("请选一个岗位。")
    if role == "clerk" and department is None:
        raise Refused("经办人员要选所在部门。")
