"""Departments (each township is one), and the staff who work for them. What each role may do: models/roles.py."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Select, String, false, func, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, object_session, relationship

from knowledge.catalogue.departments import DESKS, TOWNSHIPS
from knowledge.catalogue.departments import TOWNSHIP as _ANY_TOWNSHIP
from knowledge.catalogue.places import TOWNS, spellings_of, village_in_town
from knowledge.errors import Refused
from knowledge.identity import find_phones, half_width
from models import password as passwords
from models.base import Base, BigId, EncryptedText, UtcDateTime, now
from models.roles import ADMIN, AT_THE_COUNTER, AUDITOR, OF_A_DEPARTMENT, ROLE_NAMES, ROLES, VILLAGE, Permission

__all__ = ["ROLES", "ROLE_NAMES", "Department", "Permission", "Staff"]

COUNTY, TOWNSHIP = "county", "township"
_LONGEST_PHONE = 13  # digits, with the country's
_FAILURES_BEFORE_LOCK = 5
_LOCK = timedelta(minutes=15)
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


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
    # Not loaded with the department: it is read where an SMS goes out, and by whoever keeps it.
    duty_phone: Mapped[str | None] = mapped_column(EncryptedText("departments.duty_phone"), deferred=True)
    duty_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def named(cls, session: Session, name: str, town: str | None = None) -> Department | None:
        """A department by its short name; 乡镇人民政府 together with the township's name gives that township."""
        return cls.here(session, (name,), town).get(name)

    @classmethod
    def here(cls, session: Session, names: Iterable[str], town: str | None = None) -> dict[str, Department]:
        """Those of many short names that work here, by the name by which they were called; one query for all of them."""
        called = set(names)
        its_township = (cls.kind == TOWNSHIP) & (cls.town == town) if town and _ANY_TOWNSHIP in called else false()
        found = session.scalars(select(cls).where(cls.active, cls.name.in_(sorted(called)) | its_township)).all()
        there = {one.name: one for one in found if one.name in called}
        if _ANY_TOWNSHIP in called:
            there |= [(_ANY_TOWNSHIP, one) for one in found if one.kind == TOWNSHIP and one.town == town]
        return there

    def change(self, *, full_name: str, phone: str, active: bool) -> None:
        """What an administrator may change; the short name stays, since routing calls it by that."""
        if not full_name.strip():
            raise Refused("请写上部门全称。")
        self.full_name, self.phone, self.active = full_name.strip(), phone.strip() or None, active

    def keep_duty_phone(self, typed: str) -> None:
        """The mobile phone to which word of cases goes; empty: none. Refused for what is no mobile number, or more than one."""
        phones = find_phones(typed)
        if typed.strip() and (len(phones) != 1 or len(re.sub(r"\D", "", half_width(typed))) > _LONGEST_PHONE):
            raise Refused("值班手机写一个11位的手机号。座机收不到短信。")
        self.duty_phone = phones[0] if phones else None
        self.duty_since = now() if phones else None  # what came before is no news for this phone

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
    village: Mapped[str | None] = mapped_column(String(32))  # of a 代办员
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=now)
    totp_pending: Mapped[str | None] = mapped_column(EncryptedText("staff.totp_pending"))  # shown, not yet confirmed
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    department: Mapped[Department | None] = relationship()

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this person may do by role; nothing once switched off."""
        if not self.active:
            return frozenset()
        counter = self.role == "clerk" and self.department is not None and self.department.kind == TOWNSHIP
        return ROLES[self.role] | AT_THE_COUNTER if counter else ROLES[self.role]

    def may(self, permission: Permission) -> bool:
        """Whether this person has the permission."""
        return permission in self.permissions

    @property
    def is_locked(self) -> bool:
        """Whether log-in is refused for now because of failures."""
        return self.locked_until is not None and self.locked_until > now()

    @classmethod
    def create(
        cls, session: Session, username: str, password: str | passwords.Hashed, *, name: str, role: str,
        department: Department | None = None, village: str | None = None, must_change: bool = False,
    ) -> Staff:  # fmt: skip
        """A new person. Refused for a name that is taken or unfit, a weak password, a role without its department, and for
        an administrator who is an auditor too.
        """
        username = username.strip().lower()
        if not _USERNAME.fullmatch(username):
            raise Refused("用户名用2到32个小写字母、数字、点或短横，以字母开头。")
        if session.scalar(select(cls.id).where(cls.username == username)):
            raise Refused(f"用户名 {username} 已经有人用了，请换一个。")
        if not name.strip():
            raise Refused("请写上姓名。")
        village = _check_post(role, department, village)
        _keep_apart(session, name.strip(), role)
        staff = cls(
            username=username, name=name.strip(), role=role, department=department, village=village, must_change_password=must_change,
            password_hash=passwords.stored(password, username),
        )  # fmt: skip
        session.add(staff)
        session.flush()
        return staff

    @classmethod
    def by_username(cls, session: Session, username: str, *, lock: bool = False) -> Staff | None:
        """The person with this user name, however the letters were typed; locked against other log-ins at once."""
        query = select(cls).where(cls.username == username.strip().lower())
        return session.scalar(query.with_for_update(of=cls) if lock else query)

    def take_post(self, role: str, department: Department | None, village: str | None = None) -> None:
        """Another role, department or village; open log-ins end, since they were opened for the old one."""
        village = _check_post(role, department, village)
        if self.active:
            _keep_apart(_session_of(self), self.name, role, but=self.id)
        self.role, self.department, self.village = role, department, village
        self.end_sessions()

    def switch(self, active: bool) -> None:
        """On or off; off ends every log-in at once."""
        if active and not self.active:
            _keep_apart(_session_of(self), self.name, self.role, but=self.id)
        self.active = active
        self.end_sessions()

    def change_password(self, password: str | passwords.Hashed, *, must_change: bool = False) -> None:
        """A new password; every other log-in ends. `must_change`: given by an administrator, good until the next log-in."""
        self.password_hash = passwords.stored(password, self.username)
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

    def password_was_right(self) -> None:
        """The password was right, the second factor is to come: this try does not count, those before it do."""
        self.failures, self.locked_until = self.failures - 1 if self.failures else _FAILURES_BEFORE_LOCK - 1, None

    def logged_in(self) -> None:
        """A right password: the count starts anew."""
        self.failures, self.locked_until, self.last_login_at = 0, None, now()

    def end_sessions(self) -> None:
        """Every log-in of this person ends (password changed, switched off)."""
        self.session_number += 1


    @classmethod
    def everybody(cls) -> Select[Staff]:
        """All accounts with their departments; those switched off come last."""
        return select(cls).options(joinedload(cls.department)).order_by(cls.active.desc(), cls.role, cls.username)

    @classmethod
    def idle(cls, since: datetime) -> Select[Staff]:
        """Accounts in use through which nobody has come since then; a new one is given the same time."""
        last = func.coalesce(cls.last_login_at, cls.created_at)
        return cls.everybody().where(cls.active, or_(last.is_(None), last < since))


def held_together(session: Session) -> Sequence[str]:
    """User names of people who are administrator and auditor at once, told by their names: nobody may be."""
    holders = session.scalars(select(Staff).where(Staff.active, Staff.role.in_((ADMIN, AUDITOR))).order_by(Staff.id)).all()
    roles: dict[str, set[str]] = {}
    for one in holders:
        roles.setdefault(one.name, set()).add(one.role)
    return [one.username for one in holders if len(roles[one.name]) > 1]


def _keep_apart(session: Session, name: str, role: str, *, but: int | None = None) -> None:
    """Refused where somebody of this name already has the other one of the two duties (三员分立)."""
    other = {ADMIN: AUDITOR, AUDITOR: ADMIN}.get(role)
    if other is None:
        return
    holders = session.scalars(select(Staff).where(Staff.active, Staff.role == other))
    if any(one.name == name and one.id != but for one in holders):
        raise Refused(
            f"{name}已经是{ROLE_NAMES[other]}。{ROLE_NAMES[ADMIN]}和{ROLE_NAMES[AUDITOR]}不能是同一个人，请另定一人。"
            "要是另一个同名的人，姓名后面加上单位，如“王芳（审计局）”。"
        )


def _session_of(staff: Staff) -> Session:
    session = object_session(staff)
    if session is None:
        raise RuntimeError("a person outside of a session cannot be changed")
    return session


def _check_post(role: str, department: Department | None, village: str | None) -> str | None:
    """The village as it is kept; None for every role but the village's clerk."""
    if role not in ROLES:
        raise Refused("请选一个岗位。")
    if role in OF_A_DEPARTMENT and department is None:
        raise Refused(f"{ROLE_NAMES[role]}要选所在部门。")
    if role != VILLAGE:
        return None
    if department is None or department.town is None:
        raise Refused("村级代办员要选所在的乡镇。")
    if not village or not village_in_town(village, department.town):
        raise Refused(f"请填{department.town}的一个村或社区，比如“{TOWNS[department.town].places[0]}”。")
    return spellings_of(village)[0]
