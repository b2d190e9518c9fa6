"""The audit log: who looked at what, did what, when."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, or_

from console import door, forms, words
from intake.neutral import neutral
from knowledge.wording import beijing
from models.audit import THE_KEY, AuditEntry, AuditKey
from models.audit_chain import AuditSeal
from models.base import now
from models.desk import audit_for, barred_numbers
from models.staff import Permission

blueprint = Blueprint("audit", __name__, url_prefix="/console/audit")

_A_PAGE = 50
_MOST_EXPORTED = 50_000  # entries of one file


@blueprint.get("/")
@door.needs(Permission.AUDIT)
@door.leaves_a_trace
def log() -> ResponseReturnValue:
    """The entries that fit the filters, newest first; and how far the log is sealed."""
    filters, page = _filters(), forms.page()
    entries = door.db().scalars(_filtered(filters).limit(_A_PAGE + 1).offset((page - 1) * _A_PAGE)).all()
    door.trace("audit.read", "list:audit", **{name: value for name, value in filters.items() if value})
    return render_template(
        "audit.html", entries=entries[:_A_PAGE], more=len(entries) > _A_PAGE, page=page, filters=filters,
        kept={name: value for name, value in filters.items() if value}, detail_of=partial(_detail, _barred()),
        head=door.db().get(AuditKey, THE_KEY), most=_MOST_EXPORTED,
    )  # fmt: skip


@blueprint.get("/file.csv")
@door.needs(Permission.AUDIT)
@door.leaves_a_trace
def export() -> ResponseReturnValue:
    """The same entries as a file, with their places in the sealed order."""
    filters, text = _filters(), io.StringIO(newline="")
    door.trace("audit.export", "list:audit", **{name: value for name, value in filters.items() if value})
    writer, detail_of = csv.writer(text), partial(_detail, _barred())
    writer.writerow(("封印位置", "编号", "时间", "人员", "动作", "对象", "说明"))
    query = _filtered(filters).outerjoin(AuditSeal, AuditSeal.audit_id == AuditEntry.id).add_columns(AuditSeal.position)
    for entry, position in door.db().execute(query.limit(_MOST_EXPORTED)):
        said = (
            str(position or ""), str(entry.id), f"{beijing(entry.at):%Y-%m-%d %H:%M:%S}", entry.actor,
            words.ACTIONS.get(entry.action, entry.action), words.subject(entry.subject), detail_of(entry),
        )  # fmt: skip
        writer.writerow([neutral(cell) for cell in said])
    name = f"audit-{beijing(now()):%Y%m%d-%H%M}.csv"
    return Response(
        text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _filters() -> dict[str, str]:
    return {name: forms.asked(name) for name in ("person", "subject", "action", "since", "until")}


def _filtered(filters: Mapping[str, str]) -> Select[AuditEntry]:
    query = audit_for(door.me())
    if filters["person"]:
        query = query.where(AuditEntry.actor == filters["person"].lower())
    if filters["subject"]:
        # A case's number, written in any case, or a user name.
        endings = {filters["subject"], filters["subject"].upper(), filters["subject"].lower()}
        query = query.where(or_(*(AuditEntry.subject.endswith(one, autoescape=True) for one in sorted(endings))))
    if filters["action"] in words.ACTIONS:
        query = query.where(AuditEntry.action == filters["action"])
    if since := forms.day_asked("since"):
        query = query.where(AuditEntry.at >= since)
    if until := forms.day_asked("until", end=True):
        query = query.where(AuditEntry.at < until)
    return query


def _barred() -> frozenset[str]:
    return barred_numbers(door.db(), door.me())


_DETAILS = {
    "reason": "原因", "bar": "回避", "to": "转到", "kind": "类别", "role": "岗位", "department": "部门", "active": "启用", "number": "版本",
    "numbers": "办件", "confidential": "保密件", "attachment": "附件", "delivery": "送达", "shown": "条数", "failed": "故障",
    "person": "人员", "subject": "对象", "action": "动作", "since": "从", "until": "到", "file": "文件", "by": "按", "cases": "在办件",
    "drafts": "答复草稿", "visits": "复查件", "uploads": "文件", "left": "留给部门的", "filed": "立件", "perhaps": "可能同一件",
    "known": "早就有的", "faults": "没收的行", "orders": "工单", "copied": "改写后转", "days": "天数", "author": "写的人", "round": "第几次",
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
