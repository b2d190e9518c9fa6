"""代查 and 当面认: looking up for somebody at the telephone or the counter, and binding a phone with the card in hand."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.values import console
from knowledge import proving as words
from knowledge import statement
from knowledge.errors import Refused
from knowledge.identity import mask_id_number, mask_name
from knowledge.wording import beijing
from models import audit, proving
from models.base import now
from models.call import HotlineCall
from models.known import Claim
from models.payment import Batch, Payment
from models.proof import IN_PERSON
from models.resident import Binding, Resident
from models.staff import Permission, Staff

blueprint = Blueprint("proving", __name__, url_prefix="/console/proving")

REASONS = ("本人来电查补贴", "本人到窗口查补贴", "家人替老人孩子查", "核实没到账", "处理投诉要核实")
_OF_ANOTHER_TOWN = "对上了，但不归本乡镇。请他找发补贴的乡镇，或打热线。"


@blueprint.get("/")
@door.needs(Permission.LOOK_UP)
def desk() -> ResponseReturnValue:
    """The questions to ask, and the code to type."""
    return _page()


@blueprint.post("/look")
@door.needs(Permission.LOOK_UP)
def look() -> ResponseReturnValue:
    """Prove what the person said, and show what the chat would show. A failure counts, for the agent and the number."""
    try:
        resident, reason = proven()
    except Refused as refused:
        return _page(wrong=refused.said, status=422)
    return _shown(resident, reason)


def proven() -> tuple[Resident, str]:
    """The person whom the form's answers prove, and why staff look, both in the audit log; Refused in words otherwise.

    The call in which the agent is knows from now on who is on the line.
    """
    me, session = door.me(), door.db()
    claim, reason = _claim(), _reason()
    outcome = proving.prove_for_staff(session, me.username, claim, console().values.rules)
    if outcome.kind != words.BOUND:
        audit.record(session, me, "resident.failed", "page:proving.look", reason=reason)
        raise Refused(words.told(outcome))
    resident = session.get_one(Resident, outcome.resident_id)
    if not _is_ours(me, resident):
        audit.record(session, me, "resident.failed", f"resident:{resident.id}", resident_id=resident.id, reason=reason)
        raise Refused(_OF_ANOTHER_TOWN)
    audit.record(
        session, me, "resident.view", f"resident:{resident.id}", resident_id=resident.id, reason=reason,
        department=me.department.name if me.department else "",
    )  # fmt: skip
    if call := HotlineCall.open_of(session, me, lock=True):
        call.knows(resident.id, reason)
    return resident, reason


def asked() -> list[str]:
    """What is asked for beside the ID number."""
    return [factor for factor in console().values.rules.factors if factor in ("name", "card_tail")] or ["name", "card_tail"]


@blueprint.post("/confirm")
@door.needs(Permission.CONFIRM_PERSON)
def confirm() -> ResponseReturnValue:
    """The clerk has compared the card with the person: the phone that shows the code is bound."""
    me, session, rules = door.me(), door.db(), console().values.rules
    try:
        code, number = _code(), words.read_number(forms.text("card_number", most=64)).value
        _has_seen_the_card()
    except Refused as refused:
        return _page(wrong_code=refused.said, status=422)
    town = me.department.town if me.department else None
    outcome = proving.confirm_at_the_counter(session, me.username, code, number, town, rules)
    if outcome.kind != words.BOUND:
        said = _NOT_CONFIRMED.get(outcome.kind) or words.told(outcome, rules.persons_per_user)
        audit.record(session, me, "resident.failed", "page:proving.confirm")
        return _page(wrong_code=said, status=422)
    resident = session.get_one(Resident, outcome.resident_id)
    proving.tell(session, outcome.follower_id, words.bound_now(mask_name(resident.name)))
    ended = _end_others(resident, outcome.follower_id) if forms.ticked("end_others") else 0
    audit.record(
        session, me, "person.confirm", f"resident:{resident.id}", resident_id=resident.id, reason="看过身份证原件",
        department=me.department.name if me.department else "", ended=ended,
    )  # fmt: skip
    flash(f"认好了：{mask_name(resident.name)}。他的微信马上会收到通知。{f'别的{ended}个微信已解除。' if ended else ''}", "success")
    return redirect(url_for("proving.desk"))


_NOT_CONFIRMED = {
    words.NOT_MATCHED: "没对上。请核对手机上的码（30分钟内有效）和身份证号；本乡镇的名单里没有的人，也认不了。",
    words.TOO_MANY: "这个微信能查的人已经满了。请他先在微信里发“我的信息”，解除一个再来。",
}


def _end_others(resident: Resident, follower_id: int) -> int:
    others = Binding.others_of(door.db(), resident.id, follower_id)
    for other in others:
        other.end()
        proving.tell(door.db(), other.follower_id, words.ended_at_the_counter(mask_name(resident.name)))
    return len(others)


def _is_ours(staff: Staff, resident: Resident) -> bool:
    return staff.department is None or (staff.department.town is not None and staff.department.town == resident.town)


def _claim() -> Claim:
    # A code by SMS goes to the person's own phone: at the telephone, name and card are asked instead.
    return Claim(
        words.read_number(forms.text("number", most=64)).value,
        words.read_name(forms.text("name", most=32)) if "name" in asked() else None,
        words.read_tail(forms.text("tail", most=32)) if "card_tail" in asked() else None,
    )


def _reason() -> str:
    reason = forms.chosen("reason", REASONS)
    if reason is None:
        raise Refused("请选代查的原因，会记下来，本人也看得到。")
    note = forms.outgoing("note")[:100]
    return f"{reason}：{note}" if note else reason


def _has_seen_the_card() -> None:
    if not forms.ticked("seen"):
        raise Refused("请先看身份证原件，跟本人对上了再勾。")


def _code() -> str:
    try:
        return words.read_code(forms.text("code", most=16))
    except Refused:
        raise Refused("手机上的码是6个数字，请再看看。") from None


def _shown(resident: Resident, reason: str) -> ResponseReturnValue:
    session, today, name = door.db(), beijing(now()).date(), mask_name(resident.name)
    lines, loaded = Payment.of(session, resident.id), Batch.loaded(session)
    years = [year for year in statement.years_of(lines) if year != today.year]
    return render_template(
        "proving_shown.html", name=name, number=mask_id_number(resident.id_number), resident=resident, reason=reason,
        overview=statement.overview(name, lines, today.year, loaded, today),
        details=[(year, statement.details(name, lines, year, loaded, today)) for year in (today.year, *years)],
    )  # fmt: skip


def _page(*, wrong: str = "", wrong_code: str = "", status: int = 200) -> ResponseReturnValue:
    rules = console().values.rules
    page = render_template(
        "proving.html", wrong=wrong, wrong_code=wrong_code, given=request.form, asked=asked(), reasons=REASONS,
        in_person=IN_PERSON in rules.factors,
    )  # fmt: skip
    return page, status
