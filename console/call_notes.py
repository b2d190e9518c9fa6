"""A telephone call from beginning to end, and the calls of the day."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from console import door, forms
from knowledge.errors import Refused
from knowledge.wording import beijing
from models.base import now
from models.call import OUTCOMES, SOURCES, HotlineCall
from models.call_list import call_seen_by, calls_seen_by, count_by_outcome, names_in_calls, of_day, with_number
from models.case_text import CaseText
from models.staff import Permission, Staff

blueprint = Blueprint("call_notes", __name__, url_prefix="/console/hotline/calls")

_MOST = 300
_NONE_OPEN = "现在没有接着的电话，可能在别的窗口里收尾了。"


@blueprint.post("/begin")
@door.needs(Permission.TAKE_CALLS)
def begin() -> ResponseReturnValue:
    """A caller is on the line."""
    HotlineCall.begin(door.db(), door.me())
    return redirect(url_for("hotline.desk"))


@blueprint.post("/note")
@door.needs(Permission.TAKE_CALLS)
def note() -> ResponseReturnValue:
    """Keep what was written so far; said beside it, while the agent goes on."""
    call = _open()
    try:
        _take_down(call)
    except Refused as refused:
        return render_template("_noted.html", wrong=refused.said)
    return render_template("_noted.html", at=now())


@blueprint.post("/end")
@door.needs(Permission.TAKE_CALLS)
def end() -> ResponseReturnValue:
    """How it ended. What was written is kept even where the end is refused."""
    call = _open()
    try:
        _take_down(call)
        call.end(door.db(), door.me(), forms.chosen("outcome", OUTCOMES) or "")
    except Refused as refused:
        flash(refused.said, "warning")
        return redirect(url_for("hotline.desk", tab="end"))
    flash("这个电话记好了。下一个电话打进来，按 F9 接。", "success")
    return redirect(url_for("hotline.desk"))


@blueprint.get("/")
@door.needs(Permission.TAKE_CALLS, Permission.ALL_CALLS)
@door.leaves_a_trace
def calls() -> ResponseReturnValue:
    """The calls of a day, one's own or everybody's; or those with a number of another line or of a case."""
    session, me, number = door.db(), door.me(), forms.asked("number")
    day, agent = _day(), forms.asked("agent")
    query = calls_seen_by(me)
    query = with_number(query, number) if number else of_day(query, day)
    agents = session.scalars(select(Staff).where(Staff.role == "hotline").order_by(Staff.id)).all() if _sees_all() else []
    if chosen := next((one for one in agents if one.username == agent), None):
        query = query.where(HotlineCall.staff_id == chosen.id)
    found = session.scalars(query.limit(_MOST)).all()
    door.trace("phone.list", "list:phone", shown=len(found))
    return render_template(
        "hotline_calls.html", calls=found, counts=count_by_outcome(found), number=number, agents=agents, agent=chosen,
        day=beijing(day).date(), names=names_in_calls(session, found), sees_all=_sees_all(),
        texts=CaseText.of(session, [case.id for call in found for case in call.cases]),
    )  # fmt: skip


@blueprint.get("/<int:call_id>")
@door.needs(Permission.TAKE_CALLS, Permission.ALL_CALLS)
@door.leaves_a_trace
def show(call_id: int) -> ResponseReturnValue:
    """One call. What was said in confidence is shown to nobody afterwards."""
    call = call_seen_by(door.db(), door.me(), call_id)
    door.trace("phone.view", f"call:{call.id}", resident_id=call.resident_id)
    texts = CaseText.of(door.db(), [case.id for case in call.cases])
    return render_template("hotline_call.html", call=call, texts=texts, names=names_in_calls(door.db(), [call]))


def _open() -> HotlineCall:
    call = HotlineCall.open_of(door.db(), door.me(), lock=True)
    if call is None:
        raise Refused(_NONE_OPEN)
    return call


def _take_down(call: HotlineCall) -> None:
    call.note(forms.text("words"))
    call.came_from(door.db(), forms.chosen("outside_source", SOURCES), forms.text("outside_number", most=64))


def _sees_all() -> bool:
    return door.me().may(Permission.ALL_CALLS)


def _day() -> datetime:
    return forms.day_asked("day") or now()
