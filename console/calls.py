"""The call list: answers that WeChat could not deliver, and what somebody without WeChat has to supply, told by telephone."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console import door
from knowledge.errors import Refused
from models.desk import call_for, calls_for
from models.staff import Permission
from models.views import person_of

blueprint = Blueprint("calls", __name__, url_prefix="/console/calls")

_MOST = 200


@blueprint.get("/")
@door.needs(Permission.CALL_LIST)
@door.leaves_a_trace
def call_list() -> ResponseReturnValue:
    """Who is to be telephoned, those not yet tried first."""
    calls = door.db().execute(calls_for(door.me()).limit(_MOST)).all()
    if calls:
        door.trace("call.list", "list:calls", numbers=[case.number for _, case in calls])
    return render_template("calls.html", calls=calls)


@blueprint.get("/<int:delivery_id>")
@door.needs(Permission.CALL_LIST)
@door.leaves_a_trace
def call(delivery_id: int) -> ResponseReturnValue:
    """One call: the telephone number and the words to read aloud."""
    delivery, case = call_for(door.db(), door.me(), delivery_id)
    door.trace("call.open", f"case:{case.number}", resident_id=person_of(door.db(), case), delivery=delivery.id)
    answers = any(event.id == delivery.event_id and event.what == "answered" for event in case.events)
    return render_template("call.html", delivery=delivery, case=case, answers=answers)


@blueprint.post("/<int:delivery_id>/told")
@door.needs(Permission.CALL_LIST)
def told(delivery_id: int) -> ResponseReturnValue:
    """The person has been told."""
    return _telephoned(delivery_id, reached=True)


@blueprint.post("/<int:delivery_id>/missed")
@door.needs(Permission.CALL_LIST)
def missed(delivery_id: int) -> ResponseReturnValue:
    """Nobody answered; it stays in the list."""
    return _telephoned(delivery_id, reached=False)


def _telephoned(delivery_id: int, *, reached: bool) -> ResponseReturnValue:
    try:
        delivery, case = call_for(door.db(), door.me(), delivery_id, lock=True)
        case.telephoned(door.db(), door.me(), delivery, reached)
    except Refused as refused:
        flash(refused.said, "warning")
        return redirect(url_for("calls.call_list"))
    flash(f"{case.number}：记下了，已经告诉本人。" if reached else f"{case.number}：没打通，留在名单里，回头再打。", "success")
    return redirect(url_for("calls.call_list"))
