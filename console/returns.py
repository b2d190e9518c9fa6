"""银行退回: the working list of payments that came back, by township; and the file for paying them again."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from console import door, forms
from console.values import console
from intake.resubmission import workbook
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.errors import Refused
from knowledge.failures import advice_for
from knowledge.wording import beijing
from models import audit
from models.bank_return import (
    BY_HAND,
    GONE,
    NEW_ACCOUNT,
    OPEN,
    PAID_AGAIN,
    SENT_AGAIN,
    UNCLAIMED,
    ReturnedPayment,
    UnclaimedReturn,
    one_returned,
    returned_for,
)
from models.base import now
from models.payment import Payment
from models.staff import Permission

blueprint = Blueprint("returns", __name__, url_prefix="/console/returns")

_A_PAGE = 40
_MOST_SENT = 5_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STATES = (*OPEN, PAID_AGAIN, GONE)
_WHY_CALL = "联系退回款的本人"


@blueprint.get("/")
@door.needs(Permission.RETURNS)
@door.leaves_a_trace
def queue() -> ResponseReturnValue:
    """Who is still to be called, the longest waiting first; a township's clerk sees the own township's alone."""
    filters = {name: forms.asked(name) for name in ("state", "town", "item")}
    query, page = returned_for(door.me()), forms.page()
    counted = query.with_only_columns(ReturnedPayment.status, func.count()).group_by(ReturnedPayment.status)
    if filters["town"] in TOWNS:
        query = query.where(ReturnedPayment.town == filters["town"])
    if filters["item"] in ITEMS:
        query = query.where(ReturnedPayment.item == filters["item"])
    if filters["state"] in _STATES:
        query = query.where(ReturnedPayment.status == filters["state"])
    elif filters["state"] != "all":
        query = query.where(ReturnedPayment.status.in_(OPEN))
    count = door.db().scalar(query.with_only_columns(func.count())) or 0
    ordered = query.order_by(ReturnedPayment.failed_on, ReturnedPayment.id).limit(_A_PAGE).offset((page - 1) * _A_PAGE)
    rows = door.db().scalars(ordered.options(joinedload(ReturnedPayment.resident))).all()
    if rows:
        door.trace("returns.list", "list:returns", shown=len(rows))
    return render_template(
        "returns.html", rows=rows, count=count, page=page, pages=-(-count // _A_PAGE), states=_STATES, filters=filters,
        kept={name: value for name, value in filters.items() if value}, items=list(ITEMS), towns=list(TOWNS), advice_for=advice_for,
        counts={status: number for status, number in door.db().execute(counted)}, age_of=_age, unclaimed=_unclaimed(),
        own_town=_own_town(), may_send=door.me().may(Permission.PAYMENTS), ready=_ready_count(),
    )  # fmt: skip


def _own_town() -> str:
    department = door.me().department
    return department.town or "" if department is not None else ""


def _unclaimed() -> int:
    if not door.me().may(Permission.PAYMENTS):
        return 0
    return door.db().scalar(select(func.count()).where(UnclaimedReturn.status == UNCLAIMED)) or 0


def _ready_count() -> int:
    ready = returned_for(door.me()).where(ReturnedPayment.status == NEW_ACCOUNT)
    return door.db().scalar(ready.with_only_columns(func.count())) or 0


def _age(id_number: str) -> int:
    born, today = date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14])), beijing(now()).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


@blueprint.get("/<int:returned_id>")
@door.needs(Permission.RETURNS)
@door.leaves_a_trace
def show(returned_id: int) -> ResponseReturnValue:
    """One payment: whom to telephone, why it came back, what to tell, and what was done."""
    row = one_returned(door.db(), door.me(), returned_id)
    door.trace("returns.view", f"resident:{row.resident_id}", resident_id=row.resident_id, reason=_WHY_CALL)
    return _page(row)


@blueprint.post("/<int:returned_id>")
@door.needs(Permission.RETURNS)
def work(returned_id: int) -> ResponseReturnValue:
    """What was done: called, a new account, sent again."""
    row = one_returned(door.db(), door.me(), returned_id, lock=True)
    try:
        status = forms.chosen("status", BY_HAND) or ""
        account, bank = forms.text("account", most=40), forms.text("bank", most=64)
        row.work_on(door.me(), status=status, note=forms.outgoing("note"), account=account, bank=bank)
    except Refused as refused:
        door.db().refresh(row)
        return _page(row, wrong=refused.said, status=422)
    audit.record(
        door.db(), door.me(), "returns.work", f"resident:{row.resident_id}", resident_id=row.resident_id, status=row.status,
        new_account=bool(account), reason="办理退回的补贴",
    )  # fmt: skip
    flash("记下了。" + ("等县里重新报送给银行。" if row.status == NEW_ACCOUNT else ""), "success")
    return redirect(url_for("returns.show", returned_id=returned_id))


@blueprint.post("/<int:returned_id>/reveal")
@door.needs(Permission.RETURNS)
def reveal(returned_id: int) -> ResponseReturnValue:
    """The whole ID number and accounts, with a reason, and into the audit log."""
    row = one_returned(door.db(), door.me(), returned_id)
    reason = forms.text("reason", most=200)
    if len(reason) < 2:
        return render_template("returns_reveal.html", row=row, unsaid="请写一句为什么要看，比如“和本人核对账号”。")
    audit.record(
        door.db(), door.me(), "returns.reveal", f"resident:{row.resident_id}", resident_id=row.resident_id, reason=reason
    )
    return render_template("returns_revealed.html", row=row, payment=door.db().get(Payment, row.payment_id))


def _page(row: ReturnedPayment, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "returns_one.html", row=row, payment=door.db().get(Payment, row.payment_id), advice=advice_for(row.reason), wrong=wrong,
        by_hand=BY_HAND, is_open=row.status in OPEN, age=_age(row.resident.id_number),
        given=request.form if wrong else {"status": row.status, "note": row.note or "", "bank": row.new_bank or ""},
    )  # fmt: skip
    return page, status


# ---------------------------------------------------------------- the file for the bank


@blueprint.post("/export")
@door.needs(Permission.PAYMENTS)
@door.reads_then_writes
def export() -> ResponseReturnValue:
    """The file for the bank: those with a new account, and where asked for, those that were sent before. With a reason."""
    try:
        reason, rows = _to_send()
    except Refused as refused:
        flash(refused.said, "warning")
        return redirect(url_for("returns.queue"))
    content, ids = workbook(rows), [row.id for row in rows]
    console().database.write(lambda session: _sent(session, ids, reason))
    name = f"resend-{beijing(now()):%Y%m%d-%H%M}.xlsx"
    return Response(content, content_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _to_send() -> tuple[str, list[ReturnedPayment]]:
    """Why, and what; Refused without a reason, if there is nothing, or if this form was sent before."""
    reason = forms.outgoing("reason")
    if not 2 <= len(reason) <= 200:
        raise Refused("请写一句为什么导出，比如“6月退回款重新报送”。")
    states = (NEW_ACCOUNT, SENT_AGAIN) if forms.ticked("again") else (NEW_ACCOUNT,)
    query = returned_for(door.me()).where(ReturnedPayment.status.in_(states)).order_by(ReturnedPayment.town, ReturnedPayment.id)
    found = door.db().scalars(query.options(joinedload(ReturnedPayment.resident)).limit(_MOST_SENT)).all()
    rows = [row for row in found if row.new_account]
    if not rows:
        raise Refused("还没有报了新账号的。等乡镇填了新账号，再来导出。")
    if not door.is_first_sending(console().database):
        raise Refused("刚才已经导出过了。要再导一次，请勾上“连同已经报送过的”。")
    return reason, rows


def _sent(session: Session, ids: list[int], reason: str) -> None:
    staff = door.me()
    for start in range(0, len(ids), 500):
        some = select(ReturnedPayment).where(ReturnedPayment.id.in_(ids[start : start + 500])).with_for_update()
        for row in session.scalars(some):
            if row.status in OPEN:
                row.send_again(staff)
            audit.record(
                session, staff, "returns.export", f"resident:{row.resident_id}", resident_id=row.resident_id, reason=reason
            )


