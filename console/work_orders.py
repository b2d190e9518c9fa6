"""12345工单: a file comes in, each order becomes a case once; what was answered since goes back as a file."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func
from sqlalchemy.orm import joinedload

from console import door, forms
from console.values import console
from intake.work_order_answers import handed_back, waiting_orders, write_answers
from intake.work_orders import Desk, Outcome, file_order, import_work_orders
from knowledge.errors import Refused
from knowledge.wording import BEIJING, beijing
from models.base import now
from models.case import Case
from models.case_loading import cases_for
from models.staff import Permission, Staff
from models.work_order import WorkOrder, order_for, orders_for, to_hand_back, waits_for_a_word

blueprint = Blueprint("work_orders", __name__, url_prefix="/console/work-orders")

_A_PAGE = 30
_MOST_BYTES = 20 << 20  # of a file; what is larger comes in by the command line
_MOST_BACK = 2_000  # orders of one file of answers
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/")
@door.needs(Permission.WORK_ORDERS)
@door.leaves_a_trace
def desk() -> ResponseReturnValue:
    """The orders, those first of which somebody has to say whether they are the same as a case."""
    return _desk()


@blueprint.post("/")
@door.needs(Permission.WORK_ORDERS)
@door.reads_then_writes
@door.takes(_MOST_BYTES)
def bring() -> ResponseReturnValue:
    """Take a file in, or only look what would become of it."""
    dry_run = forms.ticked("dry_run")
    try:
        outcome, name = _taken_in(dry_run=dry_run)
    except Refused as refused:
        return _desk(wrong=refused.said, status=422)
    door.db().rollback()  # to see what has just been stored
    return _desk(outcome=outcome, dry_run=dry_run, file_name=name)


def _taken_in(*, dry_run: bool) -> tuple[Outcome, str]:
    """What became of the file that was sent, and what it is called."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Refused("请选12345给的工单文件（XLSX、XLS或CSV）。")
    if not dry_run and not door.is_first_sending(console().database):
        raise Refused("刚才那次已经收下了，没有重复办。")
    name = sent.filename.replace("\\", "/").rpartition("/")[2][-120:]
    with tempfile.NamedTemporaryFile() as file:
        file.write(sent.stream.read())
        file.flush()
        return import_work_orders(console().database, Path(file.name), name, _beside(), dry_run=dry_run), name


@blueprint.post("/<int:order_id>/same")
@door.needs(Permission.WORK_ORDERS)
def same(order_id: int) -> ResponseReturnValue:
    """It is the case that was thought of: handled together, answered once."""
    order = order_for(door.db(), door.me(), order_id)
    try:
        order.is_same(door.db(), door.me())
    except Refused as refused:
        flash(refused.said, "warning")
        return redirect(url_for("work_orders.desk"))
    flash(f"工单{order.number}并到已有的办件，答复了会一起交回12345。", "success")
    return redirect(url_for("work_orders.desk"))


@blueprint.post("/<int:order_id>/another")
@door.needs(Permission.WORK_ORDERS)
def another(order_id: int) -> ResponseReturnValue:
    """It is a matter of its own: a case is made."""
    order = order_for(door.db(), door.me(), order_id)
    try:
        order.is_another()
        case = file_order(door.db(), order, _beside())
    except Refused as refused:
        flash(refused.said, "warning")
        return redirect(url_for("work_orders.desk"))
    flash(f"工单{order.number}单独立了件：{case.number}，由{case.department.full_name}负责。", "success")
    return redirect(url_for("work_orders.desk"))


@blueprint.post("/answers")
@door.needs(Permission.WORK_ORDERS)
@door.reads_then_writes
def answers() -> ResponseReturnValue:
    """The workbook for 12345 with the answers since the last time; with a day, those handed back before as well."""
    session, moment, me = door.db(), now(), door.me().id
    try:
        orders = waiting_orders(session, door.me(), again_since=_again_since(), most=_MOST_BACK)
    except Refused as refused:
        return _desk(wrong=refused.said, status=422)
    if not orders:
        return _desk(wrong="现在没有新答复要交回。以前交过的，可以写上日期再导一次。", status=422)
    target, ids = io.BytesIO(), [order.id for order in orders]
    write_answers(session, target, orders)
    console().database.write(lambda opened: handed_back(opened, opened.get_one(Staff, me), ids, moment))
    name = f"12345-{beijing(moment):%Y%m%d-%H%M}.xlsx"
    return Response(
        target.getvalue(), content_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _again_since() -> datetime | None:
    typed = forms.text("again_since", most=10)
    try:
        return datetime.combine(date.fromisoformat(typed), time(), BEIJING) if typed else None
    except ValueError:
        raise Refused("日期请写成2026-03-05这样。") from None


def _beside() -> Desk:
    values = console().values
    return Desk(door.me(), values.clocks, values.terms, values.answerer().guess_item)


def _desk(
    *, wrong: str = "", status: int = 200, outcome: Outcome | None = None, dry_run: bool = False, file_name: str = ""
) -> ResponseReturnValue:  # fmt: skip
    session, me, page = door.db(), door.me(), forms.page()
    query = orders_for(me).options(joinedload(WorkOrder.case), joinedload(WorkOrder.perhaps))
    waiting = session.scalars(query.where(waits_for_a_word())).all()
    total = session.scalar(orders_for(me).order_by(None).with_only_columns(func.count())) or 0
    shown = session.scalars(query.where(~waits_for_a_word()).limit(_A_PAGE).offset((page - 1) * _A_PAGE)).all()
    ready = session.scalar(to_hand_back(me).order_by(None).with_only_columns(func.count())) or 0
    if waiting or shown:
        door.trace("order.list", "list:orders", shown=len(waiting) + len(shown))
    page_ = render_template(
        "work_orders.html", waiting=waiting, orders=shown, total=total, page=page, pages=-(-(total - len(waiting)) // _A_PAGE),
        ready=ready, wrong=wrong, outcome=outcome, dry_run=dry_run, file_name=file_name, openable=_openable([*waiting, *shown]),
    )  # fmt: skip
    return page_, status


def _openable(orders: Sequence[WorkOrder]) -> frozenset[str]:
    """The numbers of the cases that this person's post may read: they lead there."""
    if not (door.me().may(Permission.CASES) or door.me().may(Permission.ALL_CASES)):
        return frozenset()
    ids = [one for order in orders for one in (order.case_id, order.perhaps_case_id) if one is not None]
    return frozenset(door.db().scalars(cases_for(door.me()).where(Case.id.in_(ids)).with_only_columns(Case.number)))
