"""Where each person's work begins."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from console import door
from models.staff import Permission

blueprint = Blueprint("home", __name__, url_prefix="/console")

# The first that fits: what the person does most stands first.
DESKS = (
    (Permission.OVERSEE, "overview.show"),
    (Permission.FILE_FOR_CALLER, "hotline.desk"),
    (Permission.CASES, "cases.queue"),
    (Permission.VILLAGE_CASES, "cases.queue"),
    (Permission.STAFF, "people.staff_list"),
    (Permission.AUDIT, "audit.log"),
    (Permission.SEARCH_KNOWLEDGE, "hotline.desk"),
)


@blueprint.get("/")
@door.signed_in
def home() -> ResponseReturnValue:
    """To the person's own desk."""
    return redirect(url_for(next(page for permission, page in DESKS if door.me().may(permission))))
