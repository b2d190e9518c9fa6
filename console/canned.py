"""常用答复: written by a department for itself, and by the administrator for everybody."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from knowledge.catalogue.items import ITEMS
from knowledge.errors import Refused
from models.canned import BLANKS, CannedAnswer, canned_for, canned_of, may_change
from models.staff import Permission

blueprint = Blueprint("canned", __name__, url_prefix="/console/canned")


@blueprint.get("/")
@door.needs(Permission.CASES, Permission.EDIT_KNOWLEDGE)
def texts() -> ResponseReturnValue:
    """One's own department's and the shared ones."""
    found = door.db().scalars(canned_of(door.me())).all()
    return render_template("canned.html", texts=[(one, may_change(door.me(), one)) for one in found])


@blueprint.get("/new")
@door.needs(Permission.CASES, Permission.EDIT_KNOWLEDGE)
def new() -> ResponseReturnValue:
    """An empty one."""
    return _form(None)


@blueprint.get("/<int:canned_id>")
@door.needs(Permission.CASES, Permission.EDIT_KNOWLEDGE)
def show(canned_id: int) -> ResponseReturnValue:
    """One to be reworded."""
    return _form(canned_for(door.db(), door.me(), canned_id))


@blueprint.post("/save")
@door.needs(Permission.CASES, Permission.EDIT_KNOWLEDGE)
def save() -> ResponseReturnValue:
    """A new one, or another wording."""
    id_, me = forms.number("id"), door.me()
    shared = forms.ticked("shared") or (me.may(Permission.EDIT_KNOWLEDGE) and not me.may(Permission.CASES))
    try:
        CannedAnswer.write(
            door.db(), me, forms.text("title"), forms.text("text"), item=forms.chosen("item", ITEMS), shared=shared, id_=id_
        )
    except Refused as refused:
        return _form(canned_for(door.db(), me, id_) if id_ else None, refused.said)
    flash("存好了。写答复时可以插入。", "success")
    return redirect(url_for("canned.texts"))


@blueprint.post("/<int:canned_id>/switch")
@door.needs(Permission.CASES, Permission.EDIT_KNOWLEDGE)
def switch(canned_id: int) -> ResponseReturnValue:
    """Offered, or no longer."""
    found = canned_for(door.db(), door.me(), canned_id)
    found.switch(door.db(), door.me(), not found.active)
    flash(f"“{found.title}”{'启用了' if found.active else '停用了，写答复时不再列出'}。", "success")
    return redirect(url_for("canned.texts"))


def _form(canned: CannedAnswer | None, wrong: str = "") -> ResponseReturnValue:
    page = render_template("canned_one.html", canned=canned, wrong=wrong, items=list(ITEMS), blanks=BLANKS)
    return page, 422 if wrong else 200
