"""督办总览: the supervisor's first page. What is late, given back, not to people's content, looked at under seal, found, and hot."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console import door
from knowledge.suspicion import KINDS
from models.overview import FIRST, LATELY, Overview
from models.staff import Permission

blueprint = Blueprint("overview", __name__, url_prefix="/console/overview")

_SEVERITY = {1: ("重", "bad"), 2: ("中", "wait"), 3: ("轻", "progress")}


@blueprint.get("/")
@door.needs(Permission.OVERSEE)
@door.leaves_a_trace
def show() -> ResponseReturnValue:
    """Everything at one look; no words of a case and nobody's name."""
    overview = Overview.of(door.db(), door.me())
    cases = [*overview.overdue, *overview.returned, *(visit.case for visit in overview.unsatisfied)]
    if cases:
        door.trace("case.list", "list:overview", numbers=sorted({case.number for case in cases}))
    return render_template(
        "overview.html", overview=overview, kinds=KINDS, severities=_SEVERITY, first=FIRST, lately=LATELY.days,
    )  # fmt: skip
