"""The clerk's and the supervisor's desk: the queue by due date, and a case with its whole story on one screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from console import door, forms
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.errors import NotAllowed, NotThere, Refused
from knowledge.wording import beijing
from models import audit
from models.base import now
from models.case import ACCEPTED, ANSWERED, FETCHED, FILED, OPEN, WITHDRAWN, Case, case_for, cases_for
from models.desk import attachment_for, case_to_handle, case_to_move, departments_for
from models.staff import Department, Permission
from models.views import names_in, person_of

blueprint = Blueprint("cases", __name__, url_prefix="/console/cases")

_A_PAGE = 30
_STATES = {"open": OPEN, "filed": (FILED,), "accepted": (ACCEPTED,), "answered": (ANSWERED,), "withdrawn": (WITHDRAWN,)}
# What a browser may be handed as it is; anything else is offered as a file.
_SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp", "audio/mpeg", "audio/mp3", "audio/wav", "audio/ogg", "audio/mp4"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the queue is shown; as it stands in the address."""

    state: str
    item: str
    town: str
    urgent: bool
    late: bool
    soon: bool
    department: int | None
    number: str

    @classmethod
    def asked(cls) -> Filters:
        """From the address; what was not offered is ignored."""
        state, department = forms.asked("state") or "open", forms.asked("department")
        return cls(
            state=state if state in (*_STATES, "all") else "open",
            item=item if (item := forms.asked("item")) in (*ITEMS, "-") else "",
            town=town if (town := forms.asked("town")) in TOWNS else "",
            urgent=forms.asked("urgent") == "1",
            late=forms.asked("late") == "1",
            soon=forms.asked("soon") == "1",
            department=int(department) if department.isascii() and department.isdigit() else None,
            number=forms.asked("number").upper(),
        )

    def of(self, query: Select[Case]) -> Select[Case]:
        """The cases of a query that fit."""
        if self.state != "all":
            query = query.where(Case.status.in_(_STATES[self.state]))
        if self.item:
            query = query.where(Case.item.is_(None) if self.item == "-" else Case.item == self.item)
        if self.town:
            query = query.where(Case.town == self.town)
        if self.urgent:
            query = query.where(Case.urgent)
        if self.late:
            query = query.where(Case.status.in_(OPEN), Case.due_at < now())
        if self.soon:
            query = query.where(Case.status.in_(OPEN), *_due_by_tomorrow())
        if self.department is not None:
            query = query.where(Case.department_id == self.department)
        if self.number:
            query = query.where(Case.number.endswith(self.number, autoescape=True))
        return query

    def with_(self, **changed: Any) -> dict[str, Any]:
        """The address's arguments with some of them changed; empty ones are left out."""
        kept = {
            "state": self.state if self.state != "open" else None, "item": self.item, "town": self.town,
            "urgent": "1" if self.urgent else None, "late": "1" if self.late else None,
            "soon": "1" if self.soon else None,
            "department": self.department, "number": self.number,
        }  # fmt: skip
        return {name: value for name, value in (kept | changed).items() if value}


@blueprint.get("/")
@door.needs(Permission.CASES)
@door.leaves_a_trace
def queue() -> ResponseReturnValue:
    """The cases that this person may see, the most pressing first."""
    filters, page = Filters.asked(), forms.page()
    query = filters.of(cases_for(door.me()))
    if filters.number and (found := _exactly(filters.number)):
        return redirect(url_for("cases.show", number=found))
    total = door.db().scalar(query.with_only_columns(func.count())) or 0
    ordered = query.order_by(*_order(filters.state)).limit(_A_PAGE).offset((page - 1) * _A_PAGE)
    shown = door.db().scalars(ordered.options(joinedload(Case.department))).all()
    if shown:
        door.trace("case.list", "list:cases", numbers=[case.number for case in shown])
    sees_all = door.me().may(Permission.ALL_CASES)
    return render_template(
        "cases.html", cases=shown, names=names_in(door.db(), shown), total=total, page=page, pages=-(-total // _A_PAGE),
        filters=filters, counts=_counts(), items=list(ITEMS), towns=list(TOWNS), departments=_departments() if sees_all else [],
    )  # fmt: skip


def _order(state: str) -> tuple[Any, ...]:
    if state in ("answered", "withdrawn", "all"):
        return (Case.id.desc(),)
    return (Case.due_at.is_(None), Case.due_at, Case.id)


def _exactly(number: str) -> str | None:
    return door.db().scalar(cases_for(door.me()).with_only_columns(Case.number).where(Case.number == number))


def _counts() -> dict[str, int]:
    """How many are open, and how many of them are of each pressing kind; one walk over the open ones."""
    parts = {
        "open": func.count(),
        "filed": func.count().filter(Case.status == FILED),
        "late": func.count().filter(Case.due_at < now()),
        "soon": func.count().filter(*_due_by_tomorrow()),
        "urgent": func.count().filter(Case.urgent),
    }
    query = cases_for(door.me()).where(Case.status.in_(OPEN)).with_only_columns(*parts.values())
    return dict(zip(parts, door.db().execute(query).one(), strict=True))


def _due_by_tomorrow() -> tuple[ColumnElement[bool], ...]:
    moment = now()
    tonight = beijing(moment).replace(hour=23, minute=59, second=59, microsecond=999999)
    return Case.due_at >= moment, Case.due_at <= tonight + timedelta(days=1)


def _departments() -> list[Department]:
    return list(door.db().scalars(select(Department).order_by(Department.kind, Department.id)))


@blueprint.get("/<number>")
@door.needs(Permission.CASES)
@door.leaves_a_trace
def show(number: str) -> ResponseReturnValue:
    """One case: the words, the facts, the pictures and voices, what happened, and what can be done."""
    case = case_for(door.db(), door.me(), number)
    door.trace("case.view", f"case:{number}", resident_id=person_of(door.db(), case))
    return _page(case)


def _page(case: Case, *, tab: str = "answer", wrong: str = "", status: int = 200) -> ResponseReturnValue:
    own = case.department_id == door.me().department_id
    page = render_template(
        "case.html", case=case, departments=departments_for(door.db(), case), tab=tab, wrong=wrong, own=own,
        may_move=own or door.me().may(Permission.TRIAGE), is_open=case.status in OPEN, shown_types=_SHOWN,
        may_reveal=_may_reveal(case), names=names_in(door.db(), [case])[case.id],
    )  # fmt: skip
    return page, status


def _may_reveal(case: Case) -> bool:
    return door.me().may(Permission.SEALED_PERSON) if case.confidential else True


@blueprint.post("/<number>/accept")
@door.needs(Permission.CASES)
def accept(number: str) -> ResponseReturnValue:
    """Take the case on."""
    case_to_handle(door.db(), door.me(), number).accept(door.db(), door.me())
    flash("已接办，群众会收到通知。", "success")
    return redirect(url_for("cases.show", number=number))


@blueprint.post("/<number>/answer")
@door.needs(Permission.CASES)
def answer(number: str) -> ResponseReturnValue:
    """Answer the resident."""
    case = case_to_handle(door.db(), door.me(), number)
    try:
        case.answer(door.db(), door.me(), forms.outgoing("text"))
    except Refused as refused:
        return _page(case, tab="answer", wrong=refused.said, status=422)
    flash("答复已交出，正在送给群众。送到没有，看下面“办理经过”。", "success")
    return redirect(url_for("cases.show", number=number))


@blueprint.post("/<number>/transfer")
@door.needs(Permission.CASES)
def transfer(number: str) -> ResponseReturnValue:
    """Hand the case to another department, with a reason."""
    case = case_to_move(door.db(), door.me(), number)
    offered = {department.id: department for department in departments_for(door.db(), case)}
    try:
        target = forms.one_of(offered, "department", "请选要转给哪个部门。")
        case.transfer(door.db(), door.me(), target, forms.outgoing("reason"))
    except Refused as refused:
        return _page(case, tab="transfer", wrong=refused.said, status=422)
    flash(f"已转给{target.full_name}，群众会收到通知。", "success")
    stays = door.me().may(Permission.ALL_CASES)
    return redirect(url_for("cases.show", number=number) if stays else url_for("cases.queue"))


@blueprint.post("/<number>/note")
@door.needs(Permission.CASES)
def note(number: str) -> ResponseReturnValue:
    """An internal note."""
    case = case_for(door.db(), door.me(), number)
    try:
        case.note(door.db(), door.me(), forms.outgoing("text"))
    except Refused as refused:
        return _page(case, tab="note", wrong=refused.said, status=422)
    flash("备注记下了，只有工作人员看得到。", "success")
    return redirect(url_for("cases.show", number=number))


@blueprint.post("/<number>/reveal")
@door.needs(Permission.CASES)
def reveal(number: str) -> ResponseReturnValue:
    """Who filed it, the telephone and the words in full: with a reason, and into the audit log."""
    case = case_for(door.db(), door.me(), number)
    if not _may_reveal(case):
        raise NotAllowed("这件事要为群众保密，联系人只有督办人员能看。要找本人，请直接写答复，系统会送到。")
    reason = forms.text("reason", most=200)
    if len(reason) < 2:
        return render_template("_reveal.html", case=case, wrong="请写一句为什么要看，比如“核对发放账户”。"), 200
    audit.record(
        door.db(), door.me(), "case.reveal", f"case:{number}", resident_id=person_of(door.db(), case), reason=reason,
        confidential=case.confidential,
    )  # fmt: skip
    return render_template("_revealed.html", case=case)


@blueprint.get("/<number>/attachments/<int:attachment_id>")
@door.needs(Permission.CASES)
@door.leaves_a_trace
def attachment(number: str, attachment_id: int) -> ResponseReturnValue:
    """A photo or voice of a case, never cached."""
    found = attachment_for(door.db(), door.me(), number, attachment_id)
    if found.status != FETCHED or found.content is None:
        raise NotThere("这张照片或录音还没取到。请过几分钟再看。")
    case = case_for(door.db(), door.me(), number)
    door.trace("case.attachment", f"case:{number}", resident_id=person_of(door.db(), case), attachment=found.id)
    shown = found.media_type in _SHOWN and request.args.get("save") != "1"
    ending = (found.media_type or "").partition("/")[2].replace("jpeg", "jpg") or "bin"
    return Response(
        found.content,
        content_type=found.media_type if shown else "application/octet-stream",
        headers={
            "Content-Disposition": "inline" if shown else f'attachment; filename="{number}-{found.id}.{ending}"',
            "Content-Security-Policy": "default-src 'none'; media-src 'self'; sandbox",
        },
    )
