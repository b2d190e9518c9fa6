"""Filing a case for a caller, with the number and the date to read aloud, to print, or to send by SMS."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms, words
from console.at_hand import open_call, reach
from console.receipt import Receipt
from console.values import console
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.errors import NotThere, Refused
from knowledge.identity import find_phones, normal_digits
from knowledge.kinds import way_in_words
from knowledge.said import own_phone
from models.base import now
from models.call import HotlineCall, wechat_of
from models.case import Case, Filing
from models.case_text import CaseText, mobile_of
from models.filing import Draft, prepared, tell_person
from models.follower import Follower, Message
from models.resident import Resident
from models.roles import VILLAGE
from models.staff import Permission

blueprint = Blueprint("filing", __name__, url_prefix="/console/hotline/file")

NO_ITEM = "-"
_SHORTEST = 5
_SOURCES = {VILLAGE: "village", "clerk": "counter"}  # by role; everybody else sits at the hotline
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
        filing = _filing(text, open_call()) if len(text) >= _SHORTEST else None
    except Refused as refused:
        return render_template("_preview.html", said=refused.said)
    return render_template("_preview.html", filing=filing)


@blueprint.post("/")
@door.needs(Permission.FILE_FOR_CALLER)
def file() -> ResponseReturnValue:
    """File it. The receipt is kept for a while, so that a reload shows it again and files nothing."""
    me, session, call = door.me(), door.db(), open_call(lock=True)
    try:
        key, filing = door.key_of_form(), _filing(_story(), call, _phone(forms.text("phone", most=32)))
        follower_id = _answered_by_wechat(call, filing)
        follower = session.get_one(Follower, follower_id) if follower_id else None
        case, code = Case.file(session, filing, follower=follower, staff=me)
    except Refused as refused:
        return _page(wrong=refused.said, status=422)
    if call is not None:
        call.filed(session, case)
    if not filing.confidential and (me.role == VILLAGE or follower is not None):
        tell_person(session, case, me, call.person if call else None)
    due = filing.due_at.isoformat() if filing.due_at else ""
    door.remember(number=case.number, code=code, department=filing.department.full_name, due=due, placed=not case.is_unplaced)
    return redirect(url_for("filing.filed", key=key))


@blueprint.get("/<key>")
@door.needs(Permission.FILE_FOR_CALLER)
@door.leaves_a_trace
def filed(key: str) -> ResponseReturnValue:
    """The receipt, to be read aloud: only for who filed it, and for half an hour."""
    receipt, case = _receipt(key)
    door.trace("case.receipt", f"case:{receipt.number}")
    text = CaseText.of(door.db(), [case.id]).get(case.id)
    page = "_receipt.html" if _is_htmx() else "filed.html"
    may_text = console().values.texts and mobile_of(case) is not None
    return render_template(page, receipt=receipt, key=key, text=text, may_text=may_text, call=open_call(), swapped=_is_htmx())


@blueprint.post("/<key>/text")
@door.needs(Permission.FILE_FOR_CALLER)
def text(key: str) -> ResponseReturnValue:
    """Have the number sent to the caller's telephone by SMS."""
    receipt, case = _receipt(key)
    if not console().values.texts:
        raise Refused("县里还没有接短信。请念给他记，或打印出来。")
    try:
        CaseText.ask(door.db(), door.me(), case, receipt.for_text())
    except Refused as refused:
        flash(refused.said, "warning")
    return redirect(url_for("filing.filed", key=key))


def _receipt(key: str) -> tuple[Receipt, Case]:
    kept = door.db().get(Message, door.form_key(door.me(), key))
    found = (kept.reply or {}) if kept and kept.received_at > now() - _SHOWN_FOR else {}
    case = Case.by_number(door.db(), found["number"]) if "code" in found else None
    if case is None:
        raise NotThere("这张回执已经收起来了。要查进度，请用编号。")
    return Receipt.of(found), case


def _page(*, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "_file_form.html" if _is_htmx() else "file.html", items=list(ITEMS), towns=list(TOWNS), wrong=wrong, given=request.form,
        kinds=[kind for kind in words.KINDS if kind in console().values.kinds], no_item=NO_ITEM, call=open_call(),
        reach=reach(open_call()),
    )  # fmt: skip
    return page, status


# ---------------------------------------------------------------- what the form and the call say


def _story() -> str:
    text = forms.text("text")
    if len(text) < _SHORTEST:
        raise Refused("请把群众反映的事写下来：哪一项、什么时候、差在哪。")
    return text


def _filing(text: str, call: HotlineCall | None, phone: str | None = None) -> Filing:
    """The filing; what the agent left open is filled in from the words, then from what the call knows."""
    values, person = console().values, _person(call)
    item = forms.chosen("item", [NO_ITEM, *ITEMS]) or values.answerer().guess_item(text) or (call.only_item if call else None)
    draft = Draft(
        text=text, source=_SOURCES.get(door.me().role, "hotline"), item=item if item in ITEMS else None, kind=forms.chosen("kind", words.KINDS),
        town=forms.chosen("town", TOWNS), contact_name=forms.text("name", most=32) or (person.name if person else None),
        phone=phone or (person.phone if person and forms.ticked("known_phone") else None) or own_phone(text),
        confidential=forms.ticked("confidential"), for_whom=forms.text("for_whom", most=16) or None,
    )  # fmt: skip
    filing = _prepared(draft)
    if filing.town is None and person and person.town in TOWNS:
        filing = _prepared(replace(draft, town=person.town, village=person.village))
    if filing.kind not in values.kinds:
        raise Refused(f"{way_in_words(filing.kind)}\n群众愿意在这里办的，请在“类别”里改选一类。")
    return filing


def _prepared(draft: Draft) -> Filing:
    values = console().values
    return prepared(door.db(), draft, values.clocks, guess=values.answerer().guess_item, terms=values.terms)


def _person(call: HotlineCall | None) -> Resident | None:
    """Whose particulars are filled in: the proven person's, unless the agent has unticked it or it is somebody else's matter."""
    if call is None or call.person is None or not forms.ticked("known"):
        return None
    return door.db().get(Resident, call.person)


def _answered_by_wechat(call: HotlineCall | None, filing: Filing) -> int | None:
    """The WeChat user who gets the answers: the proven person, if they want it so; nobody for what is said in confidence."""
    if call is None or call.person is None or filing.confidential or not forms.ticked("by_wechat"):
        return None
    return wechat_of(door.db(), call.person)


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


def _is_htmx() -> bool:
    return request.headers.get("HX-Request") is not None
