"""县里的设置: which department owns an item, and what the configuration says about clocks and accounts, to be read."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from console import door, forms
from console.values import console
from knowledge.catalogue.items import ITEMS
from knowledge.errors import NotThere
from models.item_owner import ItemOwner
from models.staff import ROLE_NAMES, Department, Permission

blueprint = Blueprint("county", __name__, url_prefix="/console/county")


@blueprint.get("/")
@door.needs(Permission.STAFF)
def show() -> ResponseReturnValue:
    """The items with their departments, and the settings as they are in force."""
    values = console().values
    return render_template(
        "county.html", items=ITEMS, changed=ItemOwner.changed(door.db()), clocks=values.clocks, terms=values.terms,
        idle_days=values.idle_days, totp=[ROLE_NAMES[role] for role in ROLE_NAMES if role in values.totp],
        approval=sorted(values.approval),
    )  # fmt: skip


@blueprint.get("/items/<item>")
@door.needs(Permission.STAFF)
def item(item: str) -> ResponseReturnValue:
    """Who answers for one item, and the choice."""
    if item not in ITEMS:
        raise NotThere("项目目录里没有这一项。")
    departments = door.db().scalars(select(Department).where(Department.active).order_by(Department.kind, Department.id)).all()
    changed = ItemOwner.changed(door.db()).get(item)
    return render_template(
        "county_item.html", item=item, departments=departments, catalogue=ITEMS[item].department, changed=changed
    )


@blueprint.post("/items/<item>")
@door.needs(Permission.STAFF)
def give(item: str) -> ResponseReturnValue:
    """Another department answers for it from now on, or the catalogue's again."""
    chosen = forms.number("department")
    department = door.db().get(Department, chosen) if chosen is not None else None
    ItemOwner.give(door.db(), door.me(), item, department)
    name = department.name if department is not None else ITEMS[item].department
    door.trace("item.owner", f"item:{item}", to=name)
    flash(f"“{item}”新来的事归{name}。已经在办的不动。", "success")
    return redirect(url_for("county.show"))
