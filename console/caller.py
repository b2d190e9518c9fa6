"""Who is on the line: proven once for the call, then their payments, why money has not come, and a link to their WeChat."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.at_hand import reach
from console.hotline import chosen
from console.proving import REASONS, asked, proven
from console.values import console
from knowledge import statement
from knowledge.catalogue.items import ITEMS
from knowledge.errors import Refused
from knowledge.identity import mask_id_number, mask_name
from knowledge.wording import beijing
from models import audit
from models.base import now
from models.call import HotlineCall, wechat_of
from models.call_list import earlier_of
from models.payment import Batch, Payment
from models.proving import tell
from models.resident import Resident
from models.staff import Permission
from models.why_not_paid import why_not_paid

blueprint = Blueprint("caller", __name__, url_prefix="/console/hotline/caller")

_NO_CALL = "现在没有接着的电话。请先按“接电话”。"
_ASK_ANEW = "核对身份已经过了半小时，或者还没核对。请再问一遍。"


@blueprint.post("/")
@door.needs(Permission.LOOK_UP)
def identify() -> ResponseReturnValue:
    """Prove what the caller said; the call knows the person from now on."""
    call = _call(lock=True)
    try:
        resident, _ = proven()
    except Refused as refused:
        return _questions(refused.said, status=422)
    if not _is_htmx():
        return redirect(url_for("hotline.desk", tab="person"))
    return _shown(call, resident)


@blueprint.get("/")
@door.needs(Permission.LOOK_UP)
@door.leaves_a_trace
def person() -> ResponseReturnValue:
    """The person on the line, or the questions that find out who it is."""
    call = _call()
    if call.person is None:
        return _questions()
    resident = door.db().get_one(Resident, call.person)
    _trace(call, resident)
    return _shown(call, resident)


@blueprint.post("/why")
@door.needs(Permission.LOOK_UP)
@door.only_reads
def why() -> ResponseReturnValue:
    """Why one item has not come, in the words of the chat."""
    call, item = _call(), forms.chosen("item", ITEMS)
    if call.person is None:
        return render_template("_why.html", wrong=_ASK_ANEW)
    if item is None:
        return render_template("_why.html", wrong="请选哪一项没收到。")
    resident = door.db().get_one(Resident, call.person)
    _trace(call, resident, item=item)
    found = why_not_paid(door.db(), resident.id, item, beijing(now()).date())
    return render_template("_why.html", name=mask_name(resident.name), found=found)


@blueprint.post("/change")
@door.needs(Permission.LOOK_UP)
def change() -> ResponseReturnValue:
    """Somebody else is on the line, or asks for somebody else."""
    _call(lock=True).forget_person()
    return _questions() if _is_htmx() else redirect(url_for("hotline.desk", tab="person"))


@blueprint.post("/send")
@door.needs(Permission.TAKE_CALLS)
def send() -> ResponseReturnValue:
    """Have an article sent to the WeChat of the person who is proven to be on the line. Who that is there, nobody sees."""
    try:
        _hand_over(_call(lock=True))
    except Refused as refused:
        return _sent(refused.said, wrong=True)
    return _sent("交出去了，马上发到他的微信。两天没来过公众号的，等他下次发消息时带上。")


def _hand_over(call: HotlineCall) -> None:
    if (found := chosen()) is None:
        raise Refused("这一条找不到了。请重新搜一下。")
    if call.person is None:
        raise Refused(f"{_ASK_ANEW}核对过的本人，才能发到他的微信。")
    if (follower_id := wechat_of(door.db(), call.person)) is None:
        raise Refused("没有可以确定是他本人的微信，发不了。请念给他听。")
    call.was_sent(*found)
    tell(door.db(), follower_id, _letter(*found))
    audit.record(door.db(), door.me(), "article.send", f"call:{call.id}", resident_id=call.person, item=found[0])


def _letter(item: str, aspect: str) -> str:
    values = console().values
    article = next(one for one in values.articles() if one.item == item)
    link = f"\n网页：{values.public_url}/articles/{article.slug}" if values.public_url and article.slug else ""
    return f"您打{values.hotline}问的“{article.title}”：\n{values.answerer().section(item, aspect).text}{link}"


def _sent(said: str, *, wrong: bool = False) -> ResponseReturnValue:
    if _is_htmx():
        return render_template("_sent.html", said=said, wrong=wrong)
    flash(said, "warning" if wrong else "success")
    return redirect(url_for("hotline.desk"))


def _call(*, lock: bool = False) -> HotlineCall:
    call = HotlineCall.open_of(door.db(), door.me(), lock=lock)
    if call is None:
        raise Refused(_NO_CALL)
    return call


def _trace(call: HotlineCall, resident: Resident, **more: str) -> None:
    door.trace("resident.view", f"resident:{resident.id}", resident_id=resident.id, reason=call.reason, **more)


def _questions(wrong: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "_caller.html", wrong=wrong, given=request.form, asked=asked(), reasons=REASONS, call=_call(), swapped=True
    )
    return page, status


def _shown(call: HotlineCall, resident: Resident) -> ResponseReturnValue:
    session, today, name = door.db(), beijing(now()).date(), mask_name(resident.name)
    lines, loaded = Payment.of(session, resident.id), Batch.loaded(session)
    years = [year for year in statement.years_of(lines) if year != today.year]
    own = list(dict.fromkeys(line.item for line in lines))
    return render_template(
        "_caller.html", call=call, resident=resident, name=name, number=mask_id_number(resident.id_number),
        overview=statement.overview(name, lines, today.year, loaded, today), own=own,
        others=[item for item in ITEMS if item not in own], reach=reach(call), swapped=True,
        details=[(year, statement.details(name, lines, year, loaded, today)) for year in (today.year, *years)],
        earlier=[one for one in earlier_of(session, door.me(), resident.id) if one.id != call.id],
    )  # fmt: skip


def _is_htmx() -> bool:
    return request.headers.get("HX-Request") is not None
