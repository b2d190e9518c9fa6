"""The clerk's and the supervisor's desk: the queue by due date, and a case with its whole story on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from console import door, forms
from console.case_filters import Filters, pressing
from console.case_page import SHOWN, may_reveal, page_of
from console.clocks import accept_case
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.errors import NotAllowed, NotThere, Refused
from models import audit
from models.attachment import FETCHED
from models.case import FILED, OPEN, Case
from models.case_loading import case_for, cases_for, helped_by, offered_to, own_cases_for
from models.correction import run_out_for
from models.desk import attachment_for, case_to_handle, copies_for
from models.staff import Department, Permission
from models.views import names_in, person_of

blueprint = Blueprint("cases", __name__, url_prefix="/console/cases")

_A_PAGE = 30
_MOST_COUNTED = 100 * _A_PAGE


@blueprint.get("/")
@door.needs(Permission.CASES, Permission.VILLAGE_CASES)
@door.leaves_a_trace
def queue() -> ResponseReturnValue:
    """The cases that this person may see, the most pressing first."""
    filters, page, me = Filters.asked(), forms.page(), door.me()
    if filters.number and (found := _exactly(filters.number)):
        return redirect(url_for("cases.show", number=found))
    query, counts = filters.cases(me), _counts()
    total = counts["open"] if filters.is_plain else _counted(query)
    ids = query.with_only_columns(Case.id).order_by(*filters.order).limit(_A_PAGE).offset((page - 1) * _A_PAGE)
    shown = _loaded(door.db().scalars(ids).all())
    if shown:
        door.trace("case.list", "list:cases", numbers=[case.number for case in shown])
    sees_all = me.may(Permission.ALL_CASES)
    return render_template(
        "cases.html", cases=shown, names=names_in(door.db(), shown), total=total, page=page, pages=-(-total // _A_PAGE),
        filters=filters, counts=counts, items=list(ITEMS), towns=list(TOWNS), departments=_departments() if sees_all else [],
        copies=copies_for(door.db(), me, [case.id for case in shown]), sees_all=sees_all,
        acceptable={case.id for case in shown if _may_accept(case)},
    )  # fmt: skip


def _counted(query: Select[Case]) -> int:
    # Nobody leafs through more; to count years of answered cases for every page would make each of them slow.
    some = query.with_only_columns(Case.id).limit(_MOST_COUNTED).subquery()
    return door.db().scalar(select(func.count()).select_from(some)) or 0


def _loaded(ids: Sequence[int]) -> Sequence[Case]:
    # Sorted by their keys alone first: the long encrypted words of the whole queue need not be read for one page.
    query = select(Case).where(Case.id.in_(ids)).options(joinedload(Case.department), selectinload(Case.handovers))
    found = {case.id: case for case in door.db().scalars(query)}
    return [found[one] for one in ids]


def _may_accept(case: Case) -> bool:
    own = case.department_id == door.me().department_id and door.me().may(Permission.CASES)
    return own and case.status == FILED and case.triage is None and case.offered is None


def _exactly(number: str) -> str | None:
    return door.db().scalar(cases_for(door.me()).with_only_columns(Case.number).where(Case.number == number))


def _counts() -> dict[str, int]:
    """How many are open, and how many of them are of each pressing kind; what others offer, what help is owed, and of
    which applications the correction never came.
    """
    me, parts = door.me(), pressing()
    query = own_cases_for(me).where(Case.status.in_(OPEN)).with_only_columns(*parts.values())
    counts = dict(zip(parts, door.db().execute(query).one(), strict=True))
    for name, beside in (("incoming", offered_to), ("helping", helped_by), ("run_out", run_out_for)):
        theirs = beside(me).where(Case.status.in_(OPEN)).with_only_columns(func.count())
        counts[name] = door.db().scalar(theirs) or 0
    return counts


def _departments() -> list[Department]:
    return list(door.db().scalars(select(Department).order_by(Department.kind, Department.id)))


@blueprint.get("/<number>")
@door.needs(Permission.CASES, Permission.VILLAGE_CASES)
@door.leaves_a_trace
def show(number: str) -> ResponseReturnValue:
    """One case: the words, the facts, the pictures and voices, what happened, and what can be done."""
    case = case_for(door.db(), door.me(), number)
    door.trace("case.view", f"case:{number}", resident_id=person_of(door.db(), case))
    return page_of(case, tab=forms.asked("tab"))


@blueprint.post("/accept")
@door.needs(Permission.CASES)
def accept_many() -> ResponseReturnValue:
    """Take on all the cases that were ticked; those for which somebody else was faster are told."""
    numbers = sorted(set(request.form.getlist("numbers")))[:_A_PAGE]
    taken, left = 0, []
    for number in numbers:
        try:
            accept_case(case_to_handle(door.db(), door.me(), number))
            taken += 1
        except Refused as refused:
            left.append(refused.said)
    if taken:
        flash(f"接办了{taken}件，群众会收到通知。", "success")
    if left:
        flash(f"有{len(left)}件没有接办：{left[0]}", "warning")
    if not numbers:
        flash("还没有选。在要接办的那几件前面打勾，再点“接办选中的”。", "warning")
    return redirect(url_for("cases.queue"))


@blueprint.post("/<number>/accept")
@door.needs(Permission.CASES)
def accept(number: str) -> ResponseReturnValue:
    """Take the case on."""
    accept_case(case_to_handle(door.db(), door.me(), number))
    flash("已接办，群众会收到通知。", "success")
    return redirect(url_for("cases.show", number=number))


@blueprint.post("/<number>/note")
@door.needs(Permission.CASES, Permission.VILLAGE_CASES)
def note(number: str) -> ResponseReturnValue:
    """An internal note."""
    case = case_for(door.db(), door.me(), number)
    try:
        case.note(door.db(), door.me(), forms.outgoing("text"))
    except Refused as refused:
        return page_of(case, tab="note", wrong=refused.said, status=422)
    flash("备注记下了，只有工作人员看得到。", "success")
    return redirect(url_for("cases.show", number=number))


@blueprint.post("/<number>/reveal")
@door.needs(Permission.CASES)
def reveal(number: str) -> ResponseReturnValue:
    """Who filed it, the telephone and the words in full: with a reason, and into the audit log."""
    case = case_for(door.db(), door.me(), number)
    if not may_reveal(case):
        raise NotAllowed(
            "这件事要为群众保密，联系人只有督办人员能看。要找本人，请直接写答复，系统会送到。"
            if case.confidential else "联系方式由办理的部门看。要接收这件事，请先点“接收”。"
        )  # fmt: skip
    reason = forms.text("reason", most=200)
    if len(reason) < 2:
        return render_template("_reveal.html", case=case, may_reveal=True, wrong="请写一句为什么要看，比如“核对发放账户”。"), 200
    audit.record(
        door.db(), door.me(), "case.reveal", f"case:{number}", resident_id=person_of(door.db(), case), reason=reason,
        confidential=case.confidential,
    )  # fmt: skip
    return render_template("_revealed.html", case=case)


@blueprint.get("/<number>/attachments/<int:attachment_id>")
@door.needs(Permission.CASES, Permission.VILLAGE_CASES)
@door.leaves_a_trace
def attachment(number: str, attachment_id: int) -> ResponseReturnValue:
    """A photo or voice of a case, never cached."""
    found = attachment_for(door.db(), door.me(), number, attachment_id)
    if found.status != FETCHED or found.content is None:
        raise NotThere("这张照片或录音还没取到。请过几分钟再看。")
    case = case_for(door.db(), door.me(), number)
    door.trace("case.attachment", f"case:{number}", resident_id=person_of(door.db(), case), attachment=found.id)
    shown = found.media_type in SHOWN and request.args.get("save") != "1"
    ending = (found.media_type or "").partition("/")[2].replace("jpeg", "jpg") or "bin"
    return Response(
        found.content,
        content_type=found.media_type if shown else "application/octet-stream",
        headers={
            "Content-Disposition": "inline" if shown else f'attachment; filename="{number}-{found.id}.{ending}"',
            "Content-Security-Policy": "default-src 'none'; media-src 'self'; sandbox",
        },
    )
