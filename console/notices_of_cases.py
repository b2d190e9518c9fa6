"""告知书 at the desk: issued under a number, printed, or taken as a DOCX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from knowledge.errors import NotAllowed, Refused
from knowledge.kinds import KINDS
from knowledge.notices import ASKED, Kind, letter_of, title_of, why_not
from knowledge.strangers import without_ids
from models.case import Case
from models.case_loading import case_for
from models.desk import case_to_handle
from models.notice import CaseNotice, facts_of, notice_of
from models.staff import Permission
from models.views import person_of

blueprint = Blueprint("case_notices", __name__, url_prefix="/console/cases")
_LIVED_ELSEWHERE = "这份告知书上有群众的姓名，只有办理的部门能打开。"


@dataclass(frozen=True, slots=True)
class View:
    """What the case's page shows of its notices."""

    issued: Sequence[tuple[str, CaseNotice]]
    offered: Mapping[str, str]
    handles: bool


def view_of(case: Case) -> View:
    """The notices of a case, and those that can be issued now."""
    handles = _handles(case)
    facts = facts_of(door.db(), case) if handles else None
    offered = {kind.value: title_of(kind, case.kind) for kind in Kind if facts and not why_not(kind, facts)}
    found = CaseNotice.of(door.db(), case)
    return View([(title_of(Kind(one.kind), case.kind), one) for one in found], offered, handles)


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"notices_of": view_of} if g.get("staff") is not None else {}


@blueprint.get("/<number>/notices/new")
@door.needs(Permission.CASES)
def new(number: str) -> ResponseReturnValue:
    """What the notice will say, before it has a number."""
    case = case_for(door.db(), door.me(), number)
    if not _handles(case):
        raise NotAllowed("告知书由办理的部门来出。")
    return _form(case, _kind(request.args.get("kind", "")))


@blueprint.post("/<number>/notices/preview")
@door.needs(Permission.CASES)
@door.only_reads
def preview(number: str) -> ResponseReturnValue:
    """The same with what was typed."""
    case = case_for(door.db(), door.me(), number)
    if not _handles(case):
        raise NotAllowed("告知书由办理的部门来出。")
    return _form(case, _kind(request.form.get("kind", "")), request.form.get("said", ""))


@blueprint.post("/<number>/notices")
@door.needs(Permission.CASES)
def issue(number: str) -> ResponseReturnValue:
    """Issue it under the next number."""
    case, kind = case_to_handle(door.db(), door.me(), number), _kind(request.form.get("kind", ""))
    try:
        said = forms.text("said", most=1500)
        _check(said)
        notice = CaseNotice.issue(door.db(), case, door.me(), kind, said, facts_of(door.db(), case, slip_for=_slip_for()))
    except Refused as refused:
        return _form(case, kind, request.form.get("said", ""), refused.said)
    flash(f"{notice.number} 出好了，打印盖章后送给群众。", "success")
    return redirect(url_for("case_notices.show", number=number, notice_id=notice.id))


@blueprint.get("/<number>/notices/<int:notice_id>")
@door.needs(Permission.CASES)
@door.leaves_a_trace
def show(number: str, notice_id: int) -> ResponseReturnValue:
    """The notice on paper."""
    case, notice = _issued(number, notice_id)
    door.trace("notice.view", f"case:{number}", resident_id=person_of(door.db(), case), reason=f"打印{notice.number}")
    return render_template("notice_print.html", case=case, notice=notice, letter=notice.letter)


@blueprint.get("/<number>/notices/<int:notice_id>/docx")
@door.needs(Permission.CASES)
@door.leaves_a_trace
def docx(number: str, notice_id: int) -> ResponseReturnValue:
    """The same as a document for Word or WPS."""
    from console.notice_docx import MEDIA_TYPE, written  # seldom needed, and large

    case, notice = _issued(number, notice_id)
    door.trace("notice.save", f"case:{number}", resident_id=person_of(door.db(), case), reason=f"下载{notice.number}")
    name = f"{number}-{notice.year}-{notice.serial}.docx"
    content = written(notice.letter, void=notice.voided_at is not None)
    return Response(content, content_type=MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.post("/<number>/notices/<int:notice_id>/void")
@door.needs(Permission.CASES)
def void(number: str, notice_id: int) -> ResponseReturnValue:
    """It was wrong: the number stays, marked."""
    case = case_to_handle(door.db(), door.me(), number)
    notice = notice_of(door.db(), case, notice_id, lock=True)
    try:
        notice.void(door.db(), door.me(), forms.outgoing("why"))
    except Refused as refused:
        flash(refused.said, "warning")
    else:
        flash(f"{notice.number} 作废了，编号留着不再用。要改的，请重新出一份。", "success")
    return redirect(url_for("cases.show", number=number) + "#notices")


def _issued(number: str, notice_id: int) -> tuple[Case, CaseNotice]:
    # The name stands on it in full: for the department that sends it, and for nobody who merely looks.
    case = case_for(door.db(), door.me(), number)
    notice = notice_of(door.db(), case, notice_id)
    if door.me().department_id != notice.department_id:
        raise NotAllowed(_LIVED_ELSEWHERE)
    return case, notice


def _form(case: Case, kind: Kind, said: str = "", wrong: str = "") -> ResponseReturnValue:
    facts = facts_of(door.db(), case, slip_for=_slip_for())
    wrong = wrong or why_not(kind, facts)
    shown = [] if why_not(kind, facts) else list(letter_of(kind, facts, without_ids(said) or "……"))
    page = render_template(
        "notice_new.html", case=case, kind=kind, title=title_of(kind, case.kind), asked=ASKED[kind], said=without_ids(said),
        paragraphs=shown, wrong=wrong, kinds=KINDS, slip_for=_slip_for() or case.kind,
    )  # fmt: skip
    return page, 422 if wrong else 200


def _check(said: str) -> None:
    if without_ids(said) != said:
        raise Refused("里面有完整的身份证号，已经替您遮住了中间几位。请看一下，再出一次。")


def _handles(case: Case) -> bool:
    me = door.me()
    return case.department_id == me.department_id and me.may(Permission.CASES) and not case.is_unplaced


def _kind(given: str) -> Kind:
    if given not in {kind.value for kind in Kind}:
        raise Refused("请选要出哪种告知书。")
    return Kind(given)


def _slip_for() -> str:
    given = request.values.get("slip_for", "")
    return given if given in KINDS else ""

