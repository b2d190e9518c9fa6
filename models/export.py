"""导出我的信息: everything that is kept about a WeChat user, in sections for a page (个人信息保护法 第45条)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.identity import mask_account, mask_id_number, mask_phone
from knowledge.looks import look_in_words
from knowledge.statement import payment_in_words
from knowledge.wording import CASE_STATUS, moment
from models.agreement import LOOKUP, PAID_NOTICES, Agreement
from models.case import Case
from models.follower import Follower, Message
from models.gap import Gap
from models.payment import Payment
from models.resident import Binding
from models.views import views_of
from models.village import FollowerPlace
from models.visit import PHONE, Visit

_SAID = {"resolved": {True: "办好了", False: "没办好"}, "satisfied": {True: "满意", False: "不满意"}}
_AGREED = {LOOKUP: "查补贴时用身份证号核对身份", PAID_NOTICES: "到账提醒"}
_MOST_REPLIES, _MOST_CASES, _MOST_LOOKS = 200, 1000, 1000


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines."""

    title: str
    lines: Sequence[str]


def everything(session: Session, follower_id: int, today: date) -> list[Section]:
    """What is kept, in words. ID numbers, accounts and telephones masked: whoever holds this phone knows them or need not."""
    follower = session.get_one(Follower, follower_id)
    bindings = session.scalars(select(Binding).where(Binding.follower_id == follower_id).order_by(Binding.id)).all()
    place = session.get(FollowerPlace, follower_id)
    return [
        Section("这个微信", [f"第一次来：{moment(follower.first_seen_at, today)}", *([f"扫过的村码：{place.town}{place.village}"] if place else [])]),
        Section("您同意过的", _agreements(session, follower_id, today)),
        Section("绑定的人", [_binding(each, today) for each in bindings]),
        *(_payments(session, each, today) for each in bindings if each.ended_at is None),
        Section("您反映过的事", _cases(session, follower_id, today)),
        Section("还保存着的聊天", _messages(session, follower_id, today)),
        Section("您问过、我们没答好的话", _gaps(session, follower_id, today)),
        Section("工作人员看过您的信息", [look_in_words(look, today) for look in views_of(session, follower_id, _MOST_LOOKS)]),
    ]  # fmt: skip


def _agreements(session: Session, follower_id: int, today: date) -> list[str]:
    rows = session.scalars(select(Agreement).where(Agreement.follower_id == follower_id))
    return [
        f"{_AGREED.get(row.kind, row.kind)}：{moment(row.agreed_at, today) if row.agreed_at else ''}同意"
        + (f"，{moment(row.ended_at, today)}取消" if row.ended_at else "")
        for row in rows
    ]


def _binding(row: Binding, today: date) -> str:
    who = row.resident
    said = f"{who.name}，身份证{mask_id_number(who.id_number)}，{moment(row.bound_at, today)}绑定"
    said += f"，电话{mask_phone(who.phone)}" if who.phone else ""
    said += f"，账号{mask_account(who.account)}" if who.account else ""
    said += f"，{who.town or ''}{who.village or ''}"
    return said + (f"，{moment(row.ended_at, today)}解除" if row.ended_at else "")


def _payments(session: Session, row: Binding, today: date) -> Section:
    lines = Payment.of(session, row.resident_id)
    return Section(f"{row.resident.name}的补贴", [f"{line.item}，{payment_in_words(line, today)}" for line in lines])


def _cases(session: Session, follower_id: int, today: date) -> list[str]:
    cases = Case.of_follower(session, follower_id, _MOST_CASES)
    visits: defaultdict[int, list[Visit]] = defaultdict(list)
    for visit in session.scalars(select(Visit).where(Visit.case_id.in_([case.id for case in cases])).order_by(Visit.id)):
        visits[visit.case_id].append(visit)
    return [line for case in cases for line in _case(case, visits[case.id], today)]


def _case(case: Case, visits: Sequence[Visit], today: date) -> list[str]:
    said = [f"{case.number}（{case.kind}，{CASE_STATUS.get(case.status, case.status)}，{moment(case.filed_at, today)}）：{case.text}"]
    if case.for_whom:
        said.append(f"　替谁反映的：{case.for_whom}")
    if case.contact_name or case.phone:
        said.append(f"　留的联系方式：{case.contact_name or '没留姓名'}，{mask_phone(case.phone) if case.phone else '没留电话'}")
    if case.attachments:
        said.append(f"　交了照片、录音{len(case.attachments)}个")
    said += [f"　{moment(event.at, today)}：{event.text}" for event in case.events if event.public and event.text]
    return said + [_visit(visit, today) for visit in visits]


def _visit(visit: Visit, today: date) -> str:
    """回访: what was asked, and what the person said."""
    asked = f"　{moment(visit.asked_at, today)}{'打电话' if visit.how == PHONE else ''}问您办得怎么样："
    if visit.resolved is None and visit.satisfied is None:
        return asked + "您没有回。"
    told = [_SAID[word][kept] for word, kept in (("resolved", visit.resolved), ("satisfied", visit.satisfied)) if kept is not None]
    return f"{asked}您说{'，'.join(told)}{'；' + visit.reason if visit.reason else ''}。"


def _gaps(session: Session, follower_id: int, today: date) -> list[str]:
    query = select(Gap).where(Gap.follower_id == follower_id).order_by(Gap.id.desc()).limit(_MOST_REPLIES)
    return [f"{moment(gap.asked_at, today)}：{gap.question}" for gap in session.scalars(query)]


def _messages(session: Session, follower_id: int, today: date) -> list[str]:
    query = select(Message).where(Message.follower_id == follower_id).order_by(Message.received_at.desc())
    said = []
    for row in session.scalars(query.limit(_MOST_REPLIES)):
        text = (row.reply or {}).get("text", "")
        said.append(f"{moment(row.received_at, today)}：{'您说：' + row.content + '　' if row.content else ''}我们回：{text}")
    return said
