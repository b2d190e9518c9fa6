"""到期提醒: what a desk is reminded of; and for the supervisor what is overdue, as it stands now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console import door
from knowledge.errors import NotThere
from knowledge.reminders import SAID
from models.approving import count_for
from models.reminder import count_overdue, overdue_for, reminder_for, reminders_for
from models.routing_examples import count_proposed
from models.staff import Permission

blueprint = Blueprint("reminders", __name__, url_prefix="/console/reminders")


@blueprint.get("/")
@door.needs(Permission.CASES)
def desk() -> ResponseReturnValue:
    """The reminders of one's own department; and everything overdue for whoever sees all. Numbers only, no words of a case."""
    me = door.me()
    overdue = overdue_for(door.db(), me) if me.may(Permission.ALL_CASES) else []
    return render_template("reminders.html", lines=reminders_for(door.db(), me), overdue=overdue, said=SAID)


@blueprint.post("/<int:reminder_id>/seen")
@door.needs(Permission.CASES)
def seen(reminder_id: int) -> ResponseReturnValue:
    """Somebody has taken note."""
    found = reminder_for(door.db(), door.me(), reminder_id)
    if found is None:
        raise NotThere("没有这条提醒，或者不归您的部门。")
    found.seen(door.db(), door.me())
    flash("知道了。这件事办完之前，到了下一个时间点还会提醒。", "success")
    return redirect(url_for("reminders.desk"))


def _reminded() -> int:
    me = door.me()
    overdue = count_overdue(door.db(), me) if me.may(Permission.ALL_CASES) else 0
    return len(reminders_for(door.db(), me)) + overdue


_COUNTS: Mapping[str, tuple[Permission, Callable[[], int]]] = {
    "reminders.desk": (Permission.CASES, _reminded),
    "approvals.queue": (Permission.APPROVE, lambda: count_for(door.db(), door.me())),
    "routing_changes.desk": (Permission.LEARN_ROUTING, lambda: count_proposed(door.db())),
}


def badge(endpoint: str) -> int:
    """The number beside an entry of the menu; 0 shows none."""
    if endpoint not in _COUNTS or g.get("session") is None or not g.session.in_transaction():
        return 0  # an error page is drawn after its transaction is over
    permission, count = _COUNTS[endpoint]
    return count() if door.me().may(permission) else 0


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"badge": badge} if g.get("staff") is not None else {"badge": lambda _endpoint: 0}
