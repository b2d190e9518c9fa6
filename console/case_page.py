"""A case on one screen, for whichever act led to it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from console import door
from console.values import console
from models.avoidance import bars_of, perhaps_meant
from models.case import OPEN, Case
from models.desk import copies_for, departments_for
from models.handling import helps_of
from models.staff import Permission
from models.triage import may_give_back
from models.views import names_in

# What a browser may be handed as it is; anything else is offered as a file.
SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp", "audio/mpeg", "audio/mp3", "audio/wav", "audio/ogg", "audio/mp4"}


def page_of(case: Case, *, tab: str = "", wrong: str = "", status: int = 200) -> ResponseReturnValue:
    """The page. `wrong`: what was refused in the part that `tab` names."""
    me, session, terms = door.me(), door.db(), console().values.terms
    in_department = case.department_id == me.department_id and me.may(Permission.CASES)
    helps = helps_of(session, case)
    page = render_template(
        "case.html", case=case, departments=departments_for(session, case), tab=tab, wrong=wrong,
        own=in_department and not case.is_unplaced, may_move=in_department and not case.is_unplaced,
        may_assign=me.may(Permission.TRIAGE), is_open=case.status in OPEN, shown_types=SHOWN, may_reveal=may_reveal(case),
        names=names_in(session, [case])[case.id], copy=copies_for(session, me, [case.id]).get(case.id),
        bars=bars_of(session, case),
        suspects=perhaps_meant(session, case) if me.may(Permission.TRIAGE) else [], helps=helps, offered=case.offered,
        offered_to_me=case.offered is not None and case.offered.to_department_id == me.department_id and me.may(Permission.CASES),
        part_owed=next((one for one in helps if one.open and one.department_id == me.department_id), None),
        words_of_case="\n".join([case.text, *(event.text or "" for event in case.events if event.what == "added")]),
        return_refused=may_give_back(case, me, terms), terms=terms,
    )  # fmt: skip
    return page, status


def may_reveal(case: Case) -> bool:
    """Whether this person may see who filed the case, with a reason: whoever answers it, and those over it."""
    me = door.me()
    if case.confidential:
        return me.may(Permission.SEALED_PERSON)
    return me.may(Permission.ALL_CASES) or (case.department_id == me.department_id and me.may(Permission.CASES))
