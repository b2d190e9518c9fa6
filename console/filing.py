"""Filing a case for a caller, with the number and the date to read aloud."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms, words
from console.values import console
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.errors import NotThere, Refused
from knowledge.identity import find_phones, normal_digits
from models.base import now
from models.case import Case, Filing
from models.filing import Draft, prepared
from models.follower import Message
from models.staff import Permission

blueprint = Blueprint("filing", __name__, url_prefix="/console/hotline/file")

NO_ITEM = "-"
_SHORTEST = 5
_SHOWN_FOR = timedelta(minutes=30)


@blueprint.get("/")
@door.needs(Permission.FILE_FOR_CALLER)
def form() -> ResponseReturnValue:
    """An empty form."""
    return _page()


@blueprint.post("/preview")
@door.needs(Permission.FILE_FOR_CALLER)
@door.only_reads
def preview() -> ResponseReturnValue:
    """Where it would go, under which item and by when, while the agent is still writing."""
    try:
        text = forms.text("text")
        filing = _filing(text) if len(text) >= _SHORTEST else None
    except Refused as refused:
        return render_template("_preview.html", said=refused.said)
    return render_template("_preview.html", filing=filing)


@blueprint.post("/")
@door.needs(Permission.FILE_FOR_CALLER)
def file() -> ResponseReturnValue:
    """File it. The receipt is kept for a while, so that a reload shows it again and files nothing."""
    try:
        key, filing = door.key_of_form(), _filing(_story(), _phone(forms.text("phone", most=32)))
        case, code = Case.file(door.db(), filing, staff=door.me())
    except Refused as refused:
        return _page(wrong=refused.said, status=422)
    door.remember(number=case.number, code=code, department=filing.department.full_name, by=_day(filing))
    return redirect(url_for("filing.filed", key=key))


@blueprint.get("/<key>")
@door.needs(Permission.FILE_FOR_CALLER)
@door.leaves_a_trace
def filed(key: str) -> ResponseReturnValue:
    """The receipt, to be read aloud: only for who filed it, and for half an hour."""
    kept = door.db().get(Message, door.form_key(door.me(), key))
    receipt = (kept.reply or {}) if kept and kept.received_at > now() - _SHOWN_FOR else {}
    if "code" not in receipt:
        raise NotThere("这张回执已经收起来了。要查进度，请用编号。")
    door.trace("case.receipt", f"case:{receipt['number']}")
    return render_template("filed.html", receipt=receipt)


def _page(*, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "file.html", items=list(ITEMS), towns=list(TOWNS), kinds=words.KINDS, wrong=wrong, given=request.form,
        no_item=NO_ITEM,
    )  # fmt: skip
    return page, status


def _story() -> str:
    text = forms.text("text")
    if len(text) < _SHORTEST:
        raise Refused("请把群众反映的事写下来：哪一项、什么时候、差在哪。")
    return text


def _filing(text: str, phone: str | None = None) -> Filing:
    item = forms.chosen("item", [NO_ITEM, *ITEMS]) or console().values.answerer().guess_item(text)
    draft = Draft(
        text=text, source="hotline", item=item if item in ITEMS else None, kind=forms.chosen("kind", words.KINDS),
        town=forms.chosen("town", TOWNS), contact_name=forms.text("name", most=32) or None,
        phone=phone, confidential=forms.ticked("confidential"),
    )  # fmt: skip
    return prepared(door.db(), draft, console().values.clocks)


def _phone(typed: str) -> str | None:
    if not typed:
        return None
    mobiles = find_phones(typed)
    digits = "".join(char for char in normal_digits(typed) if char.isdigit())
    if mobiles:
        return mobiles[0]
    if not 7 <= len(digits) <= 12:
        raise Refused("电话好像不对：手机11位，座机带区号10到12位。请再问一遍。")
    return digits


def _day(filing: Filing) -> str | None:
    return words.day(filing.due_at) if filing.due_at else None
