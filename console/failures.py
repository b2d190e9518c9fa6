"""Messages that the service failed to answer: the resident got an apology, and somebody has to look."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from console import door
from knowledge.errors import NotThere
from models.follower import Message
from models.staff import Permission
from models.views import names_bound

blueprint = Blueprint("failures", __name__, url_prefix="/console/messages")

_MOST = 100


@blueprint.get("/")
@door.needs(Permission.FAILED_MESSAGES)
@door.leaves_a_trace
def messages() -> ResponseReturnValue:
    """The failed messages, newest first."""
    query = select(Message).where(Message.failed.is_not(None)).order_by(Message.received_at.desc()).limit(_MOST)
    found = door.db().scalars(query).all()
    if found:
        door.trace("message.list", "list:messages", shown=len(found))
    names = names_bound(door.db(), {message.follower_id for message in found if message.follower_id is not None})
    return render_template("messages.html", messages=found, names=names)


@blueprint.post("/handled")
@door.needs(Permission.FAILED_MESSAGES)
def handled() -> ResponseReturnValue:
    """Somebody has seen to it. The key goes in the form, since it may hold whose message it is."""
    message = door.db().get(Message, request.form.get("key", ""))
    if message is None or message.failed is None:
        raise NotThere("这条已经有人处理了。")
    door.trace("message.handled", "message:failed", failed=message.failed)
    message.seen_to()
    flash("记下了：这条已经处理。", "success")
    return redirect(url_for("failures.messages"))
