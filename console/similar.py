"""并单不并人: similar cases beside a case, handled together and answered once; hot topics for the supervisor."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.values import console
from knowledge.errors import NotAllowed, NotThere, Refused
from models.case import OPEN, Case
from models.case_answer import needs_approval
from models.case_loading import case_for
from models.desk import case_to_handle
from models.similar import (
    answer_members,
    hot_topics_for,
    lead_of,
    members_of,
    merge,
    see_hot_topic,
    similar_to,
    unmerge,
)
from models.staff import Permission

blueprint = Blueprint("similar", __name__, url_prefix="/console/similar")

_MOST = 20  # cases merged by one form


@blueprint.post("/<number>/merge")
@door.needs(Permission.CASES)
def join(number: str) -> ResponseReturnValue:
    """Handle the ticked cases together with this one."""
    try:
        how_many = merge(door.db(), door.me(), number, set(request.form.getlist("with")[:_MOST]))
    except (NotAllowed, NotThere):
        raise
    except Refused as refused:
        return _back(number, refused.said, "warning")
    return _back(number, f"并了{how_many}件。各人的编号、期限、答复都还是各人的。")


@blueprint.post("/<number>/unmerge")
@door.needs(Permission.CASES)
def part(number: str) -> ResponseReturnValue:
    """This case goes its own way again."""
    try:
        unmerge(door.db(), door.me(), number)
    except (NotAllowed, NotThere):
        raise
    except Refused as refused:
        return _back(number, refused.said, "warning")
    return _back(number, "分开了，这件单独办。")


@blueprint.post("/<number>/answer")
@door.needs(Permission.CASES)
def answer(number: str) -> ResponseReturnValue:
    """Send the words to each resident whose case follows this one, each under the own number."""
    try:
        text = forms.outgoing("text")
        _check_approval(number, text)
        how_many = answer_members(door.db(), door.me(), number, text)
    except (NotAllowed, NotThere):
        raise
    except Refused as refused:
        return _back(number, refused.said, "warning")
    return _back(number, f"答复了并在一起的{how_many}件，每个人收到的是自己编号的答复。")


def _check_approval(number: str, text: str) -> None:
    """Where a head sees answers first, only words that were approved for the leading case go to the others."""
    case = case_to_handle(door.db(), door.me(), number)
    if not text:
        raise Refused("请写上答复内容。")
    if needs_approval(case, console().values.approval) and text != _last_answer(case):
        raise Refused("这类答复要负责人先看。请先答复这一件，同意后再用同样的话答复并在一起的。")


def _last_answer(case: Case) -> str:
    return next((event.text for event in reversed(case.events) if event.what == "answered" and event.text), "") or ""


@blueprint.get("/hot")
@door.needs(Permission.ALL_CASES)
def hot() -> ResponseReturnValue:
    """What many residents come with in one week."""
    return render_template("hot_topics.html", topics=hot_topics_for(door.db(), door.me()))


@blueprint.post("/hot/<int:topic_id>/seen")
@door.needs(Permission.ALL_CASES)
def hot_seen(topic_id: int) -> ResponseReturnValue:
    """The supervisor has taken note."""
    see_hot_topic(door.db(), door.me(), topic_id)
    flash("知道了，记下了。", "success")
    return redirect(url_for("similar.hot"))


def _back(number: str, said: str, grade: str = "success") -> ResponseReturnValue:
    flash(said, grade)
    return redirect(url_for("cases.show", number=number))


# ---------------------------------------------------------------- beside a case


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"similar_of": _similar_of} if g.get("staff") is not None else {}


def _similar_of(case: Case) -> dict[str, Any]:
    """What the part of the page shows: the lead that this case follows, those that follow it, and suggestions."""
    session, me = door.db(), door.me()
    lead = lead_of(session, case)
    if lead is not None:
        return {"lead": lead.number if _sees(lead.number) else "", "members": (), "waiting": 0, "found": ()}
    members = members_of(session, me, case)
    own = case.department_id == me.department_id and me.may(Permission.CASES)
    found = similar_to(session, me, case) if own and case.status in OPEN else ()
    return {
        "lead": None, "members": members, "waiting": sum(one.status in OPEN for one in members), "found": found, "last": _last_answer(case),
        "own": own,
    }  # fmt: skip


def _sees(number: str) -> bool:
    try:
        return case_for(door.db(), door.me(), number) is not None
    except Refused:
        return False
