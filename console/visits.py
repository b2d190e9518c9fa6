"""回访: what residents say of their answers, asked on the telephone too; and who has looked at a sealed person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from console import door, forms
from console.values import console
from knowledge.errors import Refused
from knowledge.kinds import alias_of
from models.audit import AuditEntry
from models.case import Case
from models.case_loading import cases_for
from models.desk import call_for
from models.staff import Permission, Staff
from models.views import names_in
from models.visit import Visit, by_telephone, not_content, rates, reviewer_of

blueprint = Blueprint("visits", __name__, url_prefix="/console/visits")

_A_PAGE = 30
_MOST_LOOKS = 200
_YES_NO = {"yes": True, "no": False}


@blueprint.get("/")
@door.needs(Permission.ALL_CASES)
@door.leaves_a_trace
def desk() -> ResponseReturnValue:
    """The counts, and who was not helped or is not content, newest first. Nobody's name."""
    session, page = door.db(), forms.page()
    seen = cases_for(door.me()).with_only_columns(Case.id)
    query = select(Visit).where(Visit.case_id.in_(seen), not_content())
    ordered = query.options(joinedload(Visit.case), joinedload(Visit.reviewer)).order_by(Visit.answered_at.desc(), Visit.id.desc())
    rows = session.scalars(ordered.limit(_A_PAGE + 1).offset((page - 1) * _A_PAGE)).all()
    if rows:
        door.trace("visit.list", "list:visits", numbers=[row.case.number for row in rows[:_A_PAGE]])
    return render_template(
        "visits.html", visits=rows[:_A_PAGE], page=page, more=len(rows) > _A_PAGE, counts=rates(session, Case.id.in_(seen)),
        names=names_in(session, [row.case for row in rows]),
    )  # fmt: skip


@blueprint.get("/sealed")
@door.needs(Permission.SEALED_PERSON)
@door.leaves_a_trace
def sealed() -> ResponseReturnValue:
    """Who has looked at whom behind a sealed case, when and why; so that no look goes unseen."""
    seen = cases_for(door.me()).with_only_columns("case:" + Case.number).where(Case.confidential)
    query = select(AuditEntry, Staff).join(Staff, Staff.id == AuditEntry.staff_id)
    query = query.where(AuditEntry.action == "case.reveal", AuditEntry.subject.in_(seen))
    looks = door.db().execute(query.order_by(AuditEntry.id.desc()).limit(_MOST_LOOKS)).all()
    door.trace("visit.sealed", "list:sealed")
    return render_template("visits_sealed.html", looks=looks)


@blueprint.post("/calls/<int:delivery_id>")
@door.needs(Permission.CALL_LIST)
def by_phone(delivery_id: int) -> ResponseReturnValue:
    """The agent has told the person the answer and asked both questions; either may have gone unanswered."""
    try:
        delivery, case = call_for(door.db(), door.me(), delivery_id, lock=True)
        done, content = forms.chosen("resolved", _YES_NO), forms.chosen("satisfied", _YES_NO)
        case.telephoned(door.db(), door.me(), delivery, True)
        visit = by_telephone(
            door.db(), door.me(), delivery, console().values.clocks,
            resolved=_YES_NO.get(done or ""), satisfied=_YES_NO.get(content or ""), reason=forms.outgoing("reason")[:500],
        )  # fmt: skip
    except Refused as refused:
        flash(refused.said, "warning")
        return redirect(url_for("calls.call_list"))
    again = "群众说没办好，已经重新打开，换人复核。" if visit.reopened_at else ""
    flash(f"{case.number}：记下了，已经告诉本人。{again}", "success")
    return redirect(url_for("calls.call_list"))


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"review_of": _review_of, "alias_of": alias_of} if g.get("staff") is not None else {}


def _review_of(case: Case) -> dict[str, Any] | None:
    """What the case's page says of a second look: who has it, and the words of the resident."""
    query = select(Visit).where(Visit.case_id == case.id, Visit.reopened_at.is_not(None))
    visit = door.db().scalar(query.order_by(Visit.id.desc()).limit(1))
    if visit is None:
        return None
    reviewer = reviewer_of(door.db(), case)
    me = door.me()
    return {
        "visit": visit, "reviewer": reviewer, "mine": reviewer is not None and reviewer.id == me.id,
        "answered_before": visit.replied_by_id == me.id,
    }  # fmt: skip
