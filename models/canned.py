"""常用答复: texts that a department, or everybody, answers with again and again. Facts of the one case are filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from knowledge.calendar import in_words
from knowledge.case_answer import clean
from knowledge.errors import NotThere, Refused
from knowledge.identity import redact
from knowledge.strangers import names_in
from knowledge.wording import beijing
from models import audit
from models.base import Base, BigId, UtcDateTime, now
from models.case import Case
from models.staff import Department, Permission, Staff

_MOST_TITLE, _MOST = 40, 2000
_BLANK = re.compile(r"\{([^{}\n]{1,12})\}")
BLANKS = ("编号", "项目", "地点", "部门", "部门电话", "收到日期", "答复期限")


class CannedAnswer(Base):
    """One text with its blanks. Without a department it is everybody's. It holds nothing of any person."""

    __tablename__ = "canned_answers"
    __table_args__ = (Index("ix_canned_answers_department_id", "department_id", "active"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    item: Mapped[str | None] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    department: Mapped[Department | None] = relationship()

    @classmethod
    def of_case(cls, session: Session, case: Case) -> list[CannedAnswer]:
        """What can be put into the answer of this case: the department's own first, the case's item first."""
        ours = or_(cls.department_id == case.department_id, cls.department_id.is_(None))
        fits = or_(cls.item.is_(None), cls.item == case.item)
        query = select(cls).where(cls.active, ours, fits)
        return list(session.scalars(query.order_by(cls.item.is_(None), cls.department_id.is_(None), cls.title)))

    @classmethod
    def write(
        cls, session: Session, staff: Staff, title: str, text: str, *, item: str | None, shared: bool, id_: int | None = None
    ) -> CannedAnswer:  # fmt: skip
        """A new one, or another wording of one that this person may change."""
        title, text = clean(title).replace("\n", " "), clean(text)
        _check(title, text)
        if id_ is not None:
            found = canned_for(session, staff, id_)
        else:
            if shared and not staff.may(Permission.EDIT_KNOWLEDGE):
                raise Refused("全县共用的由系统管理员写。请写成本部门的。")
            found = cls(department_id=None if shared else staff.department_id)
            if not shared and staff.department_id is None:
                raise Refused("您不在部门里，只能写全县共用的。")
            session.add(found)
        found.title, found.text, found.item, found.changed_at = title, text, item, now()
        session.flush()
        audit.record(session, staff, "canned.write", f"canned:{found.id}")
        return found

    def switch(self, session: Session, staff: Staff, active: bool) -> None:
        """Offered, or no longer."""
        self.active, self.changed_at = active, now()
        audit.record(session, staff, "canned.switch", f"canned:{self.id}", active=active)

    def filled(self, case: Case) -> str:
        """The text with the facts of this case, and of no other."""
        return _BLANK.sub(lambda match: facts_of(case).get(match.group(1), match.group()), self.text)


def facts_of(case: Case) -> Mapping[str, str]:
    """What the blanks stand for. No name: whoever writes the answer has not been shown it, and 您 will do."""
    return {
        "编号": case.number,
        "项目": case.item or "这项补贴",
        "地点": f"{case.town or ''}{case.village or ''}" or "您那里",
        "部门": case.department.full_name,
        "部门电话": case.department.phone or "12345",
        "收到日期": in_words(beijing(case.filed_at).date()),
        "答复期限": in_words(beijing(case.due_at).date()) if case.due_at else "办完就告诉您",
    }


def canned_of(staff: Staff) -> Select[CannedAnswer]:
    """Those that this person looks after or uses: the own department's and the shared ones."""
    query = select(CannedAnswer).order_by(CannedAnswer.active.desc(), CannedAnswer.department_id.is_(None), CannedAnswer.title)
    return query.where(or_(CannedAnswer.department_id == staff.department_id, CannedAnswer.department_id.is_(None)))


def may_change(staff: Staff, canned: CannedAnswer) -> bool:
    """Whether this person may reword it: the own department's people, and the administrator for the shared ones."""
    if canned.department_id is None:
        return staff.may(Permission.EDIT_KNOWLEDGE)
    return staff.may(Permission.CASES) and canned.department_id == staff.department_id


def canned_for(session: Session, staff: Staff, id_: int) -> CannedAnswer:
    """One to be changed by this person, or NotThere."""
    found = session.get(CannedAnswer, id_, with_for_update=True)
    if found is None or not may_change(staff, found):
        raise NotThere("没有这条常用答复，或者不归您改。")
    return found


def _check(title: str, text: str) -> None:
    if not 2 <= len(title) <= _MOST_TITLE:
        raise Refused(f"请写个名字，2到{_MOST_TITLE}个字。")
    if not 5 <= len(text) <= _MOST:
        raise Refused(f"请写上内容，5到{_MOST}个字。")
    unknown = [blank for blank in _BLANK.findall(text) if blank not in BLANKS]
    if unknown:
        raise Refused(f"不认识“{{{unknown[0]}}}”。能自动填的有：{'、'.join(BLANKS)}。")
    if redact(text) != text or names_in(text):
        raise Refused("常用答复里像是有某个人的号码或姓名。请拿掉，需要的地方写 {部门}、{部门电话} 这样的，会自动填上。")
