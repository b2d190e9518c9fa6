"""核查线索: what the checks across batches found, to be looked into and cleared with a reason; and the inspector's file."""

from __future__ import annotations

import io
from datetime import date, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select

from console import door, forms, words
from console.values import console
from intake.inspection import Period, export
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.errors import NotThere, Refused
from knowledge.suspicion import KINDS
from knowledge.wording import beijing
from models import audit
from models.base import now
from models.finding import (
    CLEARED,
    OPEN,
    VANISHED,
    VERDICTS,
    CheckedBatch,
    Finding,
    FindingPerson,
    finding_for,
    findings_for,
)
from models.resident import Resident
from models.staff import Permission

blueprint = Blueprint("findings", __name__, url_prefix="/console/findings")

_A_PAGE = 30
_STATES = {OPEN: "待核实", CLEARED: "已处理", VANISHED: "复查时已没有"}
_SEVERITY = {"1": "重", "2": "中", "3": "轻"}
_YEAR = timedelta(days=365)
_LONGEST_REASON = 200


@blueprint.get("/")
@door.needs(Permission.FINDINGS)
@door.leaves_a_trace
def queue() -> ResponseReturnValue:
    """The findings that fit the filters, the gravest first."""
    filters = {name: forms.asked(name) for name in ("state", "kind", "town", "item", "severity")}
    query, page = _filtered(findings_for(door.me()), filters), forms.page()
    count = door.db().scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    ordered = query.order_by(Finding.severity, Finding.id).limit(_A_PAGE).offset((page - 1) * _A_PAGE)
    rows = door.db().scalars(ordered).all()
    if rows:
        door.trace("finding.list", "list:findings", shown=len(rows))
    counted = select(Finding.kind, func.count()).where(Finding.status == OPEN).group_by(Finding.kind)
    return render_template(
        "findings.html", rows=rows, count=count, page=page, pages=-(-count // _A_PAGE), kinds=KINDS, states=_STATES,
        severities=_SEVERITY, items=list(ITEMS), towns=list(TOWNS), filters=filters, kept={k: v for k, v in filters.items() if v},
        counts={kind: number for kind, number in door.db().execute(counted)},
        checked_at=door.db().scalar(select(func.max(CheckedBatch.checked_at))),
    )  # fmt: skip


def _filtered(query: Select[Finding], filters: dict[str, str]) -> Select[Finding]:
    if filters["state"] != "all":
        query = query.where(Finding.status == (filters["state"] if filters["state"] in _STATES else OPEN))
    if filters["kind"] in KINDS:
        query = query.where(Finding.kind == filters["kind"])
    if filters["town"] in TOWNS:
        query = query.where(Finding.town == filters["town"])
    if filters["item"] in ITEMS:
        query = query.where(Finding.item == filters["item"])
    if filters["severity"] in _SEVERITY:
        query = query.where(Finding.severity == int(filters["severity"]))
    return query


@blueprint.get("/<int:finding_id>")
@door.needs(Permission.FINDINGS)
@door.leaves_a_trace
def show(finding_id: int) -> ResponseReturnValue:
    """One finding with its evidence, persons masked."""
    finding = finding_for(door.db(), door.me(), finding_id)
    for person in finding.evidence["persons"]:
        door.trace("finding.view", f"finding:{finding.id}", resident_id=person["id"], reason=f"核实线索：{KINDS[finding.kind]}")
    return _page(finding)


@blueprint.post("/<int:finding_id>/clear")
@door.needs(Permission.FINDINGS)
def clear(finding_id: int) -> ResponseReturnValue:
    """What it came to, and why."""
    finding = finding_for(door.db(), door.me(), finding_id, lock=True)
    try:
        finding.clear(door.me(), forms.chosen("verdict", VERDICTS) or "", forms.outgoing("reason"))
    except Refused as refused:
        return _page(finding, wrong=refused.said, status=422)
    door.trace("finding.clear", f"finding:{finding.id}", verdict=finding.verdict, reason=finding.reason)
    flash("记下了。除非数据又有变化，这一条不会再出来。", "success")
    return redirect(url_for("findings.queue"))


@blueprint.post("/<int:finding_id>/reveal")
@door.needs(Permission.FINDINGS)
def reveal(finding_id: int) -> ResponseReturnValue:
    """The whole names and numbers, with a reason, and into the audit log."""
    finding = finding_for(door.db(), door.me(), finding_id)
    reason = forms.text("reason", most=_LONGEST_REASON)
    if len(reason) < 2:
        return render_template("findings_reveal.html", finding=finding, wrong="请写一句为什么要看，比如“发函给乡镇核实”。")
    about = select(FindingPerson.resident_id).where(FindingPerson.finding_id == finding.id)
    persons = door.db().scalars(select(Resident).where(Resident.id.in_(about)).order_by(Resident.id)).all()
    for person in persons:
        audit.record(door.db(), door.me(), "finding.reveal", f"finding:{finding.id}", resident_id=person.id, reason=reason)
    return render_template("findings_revealed.html", persons=persons)


def _page(finding: Finding, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "findings_one.html", finding=finding, kinds=KINDS, states=_STATES, severities=_SEVERITY, verdicts=VERDICTS, wrong=wrong,
        numbers={person["id"]: at for at, person in enumerate(finding.evidence["persons"], 1)},
    )  # fmt: skip
    return page, status


# ---------------------------------------------------------------- for an inspector


@blueprint.get("/inspection")
@door.needs(Permission.INSPECT)
def inspection() -> ResponseReturnValue:
    """What the file holds, and the form that asks why."""
    return _inspection()


@blueprint.post("/inspection")
@door.needs(Permission.INSPECT)
@door.reads_then_writes
def export_inspection() -> ResponseReturnValue:
    """The ZIP, with a reason, and into the audit log."""
    target, today = io.BytesIO(), beijing(now()).date()
    try:
        since = _day("since", today - _YEAR)
        until = _day("until", today)
        export(console().database, target, door.me(), forms.outgoing("reason"), Period(since, until), words.ACTIONS)
    except Refused as refused:
        return _inspection(wrong=refused.said, status=422)
    name = f"inspection-{beijing(now()):%Y%m%d-%H%M}.zip"
    return Response(
        target.getvalue(), content_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _day(name: str, otherwise: date) -> date:
    typed = forms.text(name, most=10)
    try:
        return date.fromisoformat(typed) if typed else otherwise
    except ValueError:
        raise Refused("日期请写成2026-03-05这样。") from None


def _inspection(*, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    today = beijing(now()).date()
    if not door.me().may(Permission.INSPECT):
        raise NotThere
    return render_template("findings_inspection.html", wrong=wrong, since=today - _YEAR, until=today), status
