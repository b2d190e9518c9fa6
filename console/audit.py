"""The audit log: who looked at what, did what, when."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console import door, forms, words
from models.audit import AuditEntry
from models.desk import audit_for, barred_numbers
from models.staff import Permission

blueprint = Blueprint("audit", __name__, url_prefix="/console/audit")

_A_PAGE = 50


@blueprint.get("/")
@door.needs(Permission.AUDIT)
@door.leaves_a_trace
def log() -> ResponseReturnValue:
    """The entries that fit the filters, newest first."""
    filters = {name: forms.asked(name) for name in ("person", "subject", "action", "since", "until")}
    page, query = forms.page(), audit_for(door.me())
    if filters["person"]:
        query = query.where(AuditEntry.actor == filters["person"].lower())
    if filters["subject"]:
        query = query.where(AuditEntry.subject.endswith(filters["subject"].upper(), autoescape=True))
    if filters["action"] in words.ACTIONS:
        query = query.where(AuditEntry.action == filters["action"])
    if since := forms.day_asked("since"):
        query = query.where(AuditEntry.at >= since)
    if until := forms.day_asked("until", end=True):
        query = query.where(AuditEntry.at < until)
    entries = door.db().scalars(query.limit(_A_PAGE + 1).offset((page - 1) * _A_PAGE)).all()
    door.trace("audit.read", "list:audit", **{name: value for name, value in filters.items() if value})
    return render_template(
        "audit.html", entries=entries[:_A_PAGE], more=len(entries) > _A_PAGE, page=page, filters=filters,
        detail_of=partial(_detail, barred_numbers(door.db(), door.me())),
    )  # fmt: skip


_DETAILS = {
    "reason": "原因", "to": "转到", "kind": "类别", "role": "岗位", "department": "部门", "active": "启用", "number": "版本",
    "numbers": "办件", "confidential": "保密件", "attachment": "附件", "delivery": "送达", "shown": "条数", "failed": "故障",
    "person": "人员", "subject": "对象", "action": "动作", "since": "从", "until": "到", "file": "文件",
}  # fmt: skip


def _detail(barred: frozenset[str], entry: AuditEntry) -> str:
    """The rest of an entry in words, without the cases barred to the reader that stood in somebody's list."""
    kept = dict(entry.detail or {})
    if "numbers" in kept:
        kept["numbers"] = [number for number in kept["numbers"] if number not in barred]
    return "；".join(f"{_DETAILS.get(name, name)}：{_said(value)}" for name, value in kept.items())


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return f"{'、'.join(map(str, value[:3]))}{f'等{len(value)}件' if len(value) > 3 else ''}"
    return words.ACTIONS.get(value, str(value)) if value is not None else "无"
