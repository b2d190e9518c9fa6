"""The page behind a one-time link of the chat: number and proof are typed here, so that they stay out of the chat.

The page tells nothing: what came of it is said in the chat, to the one who was given the link. Opening it spends
nothing (phones and platforms look at links ahead); a well-formed answer does. The token in the address is what a form
key is elsewhere, so no cookie is needed.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from console import door, forms
from console.values import console
from knowledge import proving as words
from knowledge.errors import Refused
from knowledge.identity import mask_name
from knowledge.wording import beijing
from models import proving
from models.base import now
from models.follower import Follower
from models.known import Claim
from models.resident import CHILD, Resident
from models.ticket import NUMBER, Ticket

blueprint = Blueprint("one_time", __name__)
_WHY = "the token in the address"
_FORM_LIMIT = 16 * 1024  # bytes
_UNDER = 14  # 个人信息保护法 第31条
_GUARDIAN_ONLY = "这是不满14岁孩子的号码，要孩子的监护人来查。您是监护人，就在下面勾上，再点“交上去”。"


@blueprint.before_request
def _keep_small() -> None:
    request.max_content_length = _FORM_LIMIT


@blueprint.after_request
def _keep_to_itself(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/card")
@door.open_to_all("a picture of where the account number stands")
def card() -> ResponseReturnValue:
    """Where the last four digits stand, on a card and in a passbook."""
    return render_template("public/number_card.html")


@blueprint.get("/number/<token>")
@door.open_to_all(_WHY)
def number(token: str) -> ResponseReturnValue:
    """The form."""
    return _form() if Ticket.look(door.db(), NUMBER, token) else _gone()


@blueprint.post("/number/<token>")
@door.open_to_all(_WHY)
def give(token: str) -> ResponseReturnValue:
    """Prove what was typed, by the same function as the chat, and leave the result to the chat."""
    session, rules = door.db(), console().values.rules
    seen = Ticket.look(session, NUMBER, token)
    # The follower is locked first, as in the chat: the two never wait for each other.
    follower = session.get_one(Follower, seen.follower_id, with_for_update=True) if seen else None
    ticket = Ticket.look(session, NUMBER, token, lock=True)
    if ticket is None or follower is None:
        return _gone()
    if held := proving.at_the_door(session, follower.openid, rules):
        return _form(wrong=words.told(held), status=429)
    try:
        outcome = proving.prove(session, follower, _claim(), rules)
    except Refused as refused:
        return _form(wrong=refused.said, status=422)
    ticket.spent_at = now()
    proving.end_flow(session, follower)
    proving.tell(session, follower.id, _in_words(outcome))
    return render_template("public/number_taken.html")


def _claim() -> Claim:
    factors = console().values.rules.factors
    id_number = words.read_number(forms.text("number", most=64))
    is_child = id_number.age_on(beijing(now()).date()) < _UNDER
    if is_child and not forms.ticked("guardian"):
        raise Refused(_GUARDIAN_ONLY)
    return Claim(
        id_number.value,
        words.read_name(forms.text("name", most=32)) if "name" in factors else None,
        words.read_tail(forms.text("tail", most=32)) if "card_tail" in factors else None,
        relation=CHILD if is_child else forms.chosen("relation", words.RELATIONS) or "self",
        guardian=is_child,
    )


def _in_words(outcome: words.Outcome) -> str:
    if outcome.kind == words.BOUND:
        return words.bound_now(mask_name(door.db().get_one(Resident, outcome.resident_id).name))
    again = "\n要再查，发“查补贴”。" if outcome.kind == words.NOT_MATCHED else ""
    return words.told(outcome, console().values.rules.persons_per_user) + again


def _form(*, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    values = console().values
    page = render_template(
        "public/number.html", wrong=wrong, given=request.form, factors=values.rules.factors, relations=words.RELATIONS,
        needs_guardian=wrong == _GUARDIAN_ONLY or request.form.get("guardian") == "1",
    )  # fmt: skip
    return page, status


def _gone() -> ResponseReturnValue:
    return make_response(render_template("public/number_gone.html"), 410)
