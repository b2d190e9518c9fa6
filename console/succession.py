"""People change: who takes over what somebody has on the table, looked at first, then done in one act."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from knowledge.errors import NotThere, Refused
from models.staff import Permission, Staff
from models.succession import hand_over, successors, table_of

blueprint = Blueprint("succession", __name__, url_prefix="/console/staff")


@blueprint.get("/<username>/hand-over")
@door.needs(Permission.STAFF)
def choose(username: str) -> ResponseReturnValue:
    """Who could take over, and once chosen (?to=), what goes over and what stays."""
    return _page(_named(username), forms.asked("to"))


@blueprint.post("/<username>/hand-over")
@door.needs(Permission.STAFF)
def give(username: str) -> ResponseReturnValue:
    """Hand everything over, and end the leaver's account."""
    leaver, to = _named(username), forms.text("to", most=32)
    if leaver.id == door.me().id:
        return _page(leaver, to, wrong="不能交接自己的账号。请另一位管理员来办。", status=422)
    try:
        table = hand_over(door.db(), door.me(), leaver, _named(to) if to else leaver, forms.outgoing("reason"))
    except Refused as refused:
        return _page(leaver, to, wrong=refused.said, status=422)
    what = f"在办{len(table.cases)}件、答复草稿{len(table.drafts)}份、复查{len(table.visits)}件、文件{len(table.uploads)}个"
    flash(f"交接好了：{what}。{leaver.name}的账号已停用。", "success")
    return redirect(url_for("people.person", username=leaver.username))


def _page(leaver: Staff, to: str, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    people = successors(door.db(), leaver)
    successor = next((one for one in people if one.username == to), None)
    page = render_template(
        "staff_hand_over.html", person=leaver, people=people, successor=successor, wrong=wrong,
        table=table_of(door.db(), leaver, successor),
    )  # fmt: skip
    return page, status


def _named(username: str) -> Staff:
    found = Staff.by_username(door.db(), username)
    if found is None:
        raise NotThere("没有这个人。请回人员列表找找。")
    return found
