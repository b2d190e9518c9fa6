"""待补答案: what residents and callers asked in vain, gathered, owned, turned into drafts, and closed when answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from console import door, forms
from console.values import console
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.errors import Refused
from knowledge.wording import BEIJING, beijing
from models import editing
from models.answer_day import ENOUGH, shares
from models.article import DRAFT, REVIEW, ArticleVersion
from models.article_owner import items_of, may_write
from models.base import now
from models.gap import BY_HAND, CHAT, HOTLINE, UNANSWERED, UNHELPFUL, Gap, GapGroup, count_open, weeks
from models.staff import Department, Permission

blueprint = Blueprint("gaps", __name__, url_prefix="/console/gaps")

_A_PAGE = 30
_WEEKS = 12
_SHARE_DAYS = 90
_READ, _SHOWN = 200, 30  # questions read, and shown in different words
KINDS = {UNANSWERED: "没答上", UNHELPFUL: "答了没帮上"}
SOURCES = {CHAT: "微信", HOTLINE: "热线"}
REASONS = {
    "answered": "已能回答", "changed": "答案改过了", "not_ours": "不归我们管", "no_question": "不是要问的事", "told": "已经另外答复",
    "wordless": "原话到期删了",
}  # fmt: skip
_STATES = {"open": "还没解决", "closed": "已办结"}
_NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the chart: what was opened and closed in it, and how many groups were open at its end."""

    begins: date
    opened: int
    closed: int
    left: int


@blueprint.get("/")
@door.needs(Permission.GAPS)
def overview() -> ResponseReturnValue:
    """The open groups, what is asked most first, and how their number went week by week."""
    filters = {name: forms.asked(name) for name in ("state", "kind", "owner")}
    query, page = _filtered(GapGroup.seen_by(door.me()), filters), forms.page()
    count = door.db().scalar(select(func.count()).select_from(query.subquery())) or 0
    order = (GapGroup.closed_at.desc(),) if filters["state"] == "closed" else (GapGroup.asked.desc(), GapGroup.asked_at.desc())
    rows = door.db().scalars(query.order_by(*order, GapGroup.id).limit(_A_PAGE).offset((page - 1) * _A_PAGE)).all()
    return render_template(
        "gaps.html", rows=rows, count=count, page=page, pages=-(-count // _A_PAGE), filters=filters,
        kept={name: value for name, value in filters.items() if value}, states=_STATES, kinds=KINDS, reasons=REASONS,
        shares=shares(door.db(), items_of(door.me()), _SHARE_DAYS), days=_SHARE_DAYS, enough=ENOUGH,
        weeks=_weeks(door.db()), loose=_loose(door.db()), departments=_departments(door.db()), nobody=_NOBODY, age=_age,
    )  # fmt: skip


@blueprint.get("/<int:group_id>")
@door.needs(Permission.GAPS)
def show(group_id: int) -> ResponseReturnValue:
    """One group: its questions, what the service says to it now, and what can be done."""
    group = GapGroup.for_staff(door.db(), door.me(), group_id)
    return _page(group)


@blueprint.post("/<int:group_id>/give")
@door.needs(Permission.GAPS)
def give(group_id: int) -> ResponseReturnValue:
    """Another department owns it."""
    group = GapGroup.for_staff(door.db(), door.me(), group_id, lock=True)
    offered = {one.id: one for one in _departments(door.db())}
    chosen = None if request.form.get("department") == _NOBODY else forms.one_of(offered, "department", "请选归哪个部门。")
    group.give(chosen)
    door.trace("gap.give", f"gap:{group.id}", department=chosen.name if chosen else "")
    flash(f"已交给{chosen.name}。" if chosen else "已退给统筹的同事，由他们定归谁。", "success")
    return redirect(url_for("gaps.overview"))


@blueprint.post("/<int:group_id>/close")
@door.needs(Permission.GAPS)
def close(group_id: int) -> ResponseReturnValue:
    """No article is needed for it."""
    group = GapGroup.for_staff(door.db(), door.me(), group_id, lock=True)
    try:
        group.close(request.form.get("reason", ""), door.me(), forms.text("note", most=200))
    except Refused as refused:
        return _page(group, wrong=refused.said), 422
    door.trace("gap.close", f"gap:{group.id}", reason=group.reason)
    flash(f"办结了：{REASONS[str(group.reason)]}。", "success")
    return redirect(url_for("gaps.overview"))


@blueprint.post("/<int:group_id>/reopen")
@door.needs(Permission.GAPS)
def reopen(group_id: int) -> ResponseReturnValue:
    """It is to be answered after all."""
    group = GapGroup.for_staff(door.db(), door.me(), group_id, lock=True)
    if not group.is_open:
        group.reopen()
        door.trace("gap.reopen", f"gap:{group.id}")
        flash("又打开了，等着补上答案。", "success")
    return redirect(url_for("gaps.show", group_id=group.id))


@blueprint.post("/<int:group_id>/draft")
@door.needs(Permission.GAPS)
def draft(group_id: int) -> ResponseReturnValue:
    """A draft of the article that should answer it; its pages show the words that were used."""
    group = GapGroup.for_staff(door.db(), door.me(), group_id, lock=True)
    item = forms.chosen("item", items_of(door.me())) or group.item
    if item is None:
        return _page(group, wrong="请选这事归哪一篇。"), 422
    made = editing.begin(door.db(), door.me(), item, note=_why(group))
    door.db().flush()
    group.draft_id, group.item = made.id, item
    door.trace("gap.draft", f"gap:{group.id}", item=item)
    flash("草稿开好了，群众的原话在上面，照着写。", "success")
    return redirect(url_for("editing.edit", version_id=made.id))


def _page(group: GapGroup, *, wrong: str = "") -> str:
    session, staff = door.db(), door.me()
    draft = session.get(ArticleVersion, group.draft_id) if group.draft_id else None
    writable = sorted((item for item in items_of(staff) if may_write(staff, item)), key=[*ITEMS, *TOPICS].index)
    return render_template(
        "gap.html", group=group, sayings=_sayings(group.questions(session, _READ)), wrong=wrong, kinds=KINDS, sources=SOURCES,
        reasons=REASONS, by_hand=BY_HAND, departments=_departments(session), nobody=_NOBODY, writable=writable, age=_age,
        answer=console().values.answerer().answer(group.question) if group.question else None,
        draft=draft if draft and draft.status in (DRAFT, REVIEW) else None,
    )  # fmt: skip


def _sayings(questions: Sequence[Gap]) -> list[tuple[Gap, int]]:
    """Different words with how often each was used, the newest of each; what is said most comes first."""
    counts = Counter(gap.question for gap in questions)
    newest = {gap.question: gap for gap in reversed(questions)}
    return [(newest[question], count) for question, count in counts.most_common(_SHOWN)]


def _filtered(query: Select[GapGroup], filters: dict[str, str]) -> Select[GapGroup]:
    closed = filters["state"] == "closed"
    query = query.where(GapGroup.closed_at.is_not(None) if closed else GapGroup.closed_at.is_(None))
    if filters["kind"] in KINDS:
        query = query.where(GapGroup.kind == filters["kind"])
    if filters["owner"] == _NOBODY:
        query = query.where(GapGroup.department_id.is_(None))
    elif filters["owner"].isascii() and filters["owner"].isdigit() and len(filters["owner"]) < 10:
        query = query.where(GapGroup.department_id == int(filters["owner"]))
    return query


def _weeks(session: Session) -> list[Week]:
    """The last weeks, oldest first, Monday to Sunday in Beijing."""
    today = beijing(now()).date()
    first = today - timedelta(days=today.weekday(), weeks=_WEEKS - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=BEIJING).astimezone(UTC)
    opened, closed = [0] * _WEEKS, [0] * _WEEKS
    for began, ended in weeks(session, door.me(), since):
        for moment, count in ((began, opened), (ended, closed)):
            if moment is not None and moment >= since:
                count[(beijing(moment).date() - first).days // 7] += 1
    left, found = count_open(session, door.me()), []
    for number in reversed(range(_WEEKS)):
        found.append(Week(first + timedelta(weeks=number), opened[number], closed[number], left))
        left += closed[number] - opened[number]
    return found[::-1]


def _departments(session: Session) -> Sequence[Department]:
    return session.scalars(select(Department).where(Department.active).order_by(Department.kind, Department.id)).all()


def _loose(session: Session) -> int:
    return session.scalar(select(func.count(Gap.id)).where(Gap.group_id.is_(None))) or 0


def _age(moment: datetime) -> int:
    """Whole days since then."""
    return max(0, (beijing(now()).date() - beijing(moment).date()).days)


def _why(group: GapGroup) -> str:
    """Why the draft is written. Without a resident's words: those have a time of their own, a version's note has none."""
    what = "问了，还答不上" if group.kind == UNANSWERED else "问了，说答案没帮上忙"
    return f"群众{what}，共{group.asked}次（待补答案第{group.id}组）。"
