"""明白卡 on paper, by village, for those without a phone. Each person's card that is printed is in the audit log."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import door, forms
from console.values import console
from knowledge.card import card
from knowledge.errors import NotThere, Refused
from knowledge.identity import mask_id_number
from knowledge.publicity import village_in_words
from knowledge.wording import beijing
from models.base import now
from models.payment import Batch, Payment
from models.staff import Permission
from models.villagers import Wanted, towns_for, villagers, villages_of

blueprint = Blueprint("village_cards", __name__, url_prefix="/console/cards")

REASONS = ("给没有手机的群众发明白卡", "群众要纸的", "入户核对", "村里公开前核对")
_ON_A_PAGE = 50
_YEARS = 4


@blueprint.get("/")
@door.needs(Permission.PRINT_CARDS)
def desk() -> ResponseReturnValue:
    """Which township, village, year, and why."""
    return _desk(forms.asked("town"))


@blueprint.post("/print")
@door.needs(Permission.PRINT_CARDS)
@door.only_reads
def printed() -> ResponseReturnValue:
    """Up to fifty cards, one to a sheet."""
    session, me, values = door.db(), door.me(), console().values
    page = forms.number("page") or 1
    town = request.form.get("town", "")
    try:
        wanted, reason = _wanted(), _reason()
        people, count = villagers(session, me, wanted, page, _ON_A_PAGE)
    except NotThere:
        raise
    except Refused as refused:
        return _desk(town, wrong=refused.said, status=422)
    if not people:
        return _desk(town, wrong="没有可以打印的。换一年，或者选“全村的”试试。", status=422)
    loaded, today, document_of = Batch.loaded(session), beijing(now()).date(), values.answerer().document_of
    cards = []
    for person in people:
        lines = Payment.of(session, person.id)
        cards.append(
            card(
                person.name, lines, wanted.year, loaded, today, number=mask_id_number(person.id_number), document_of=document_of
            )
        )
        department = me.department.name if me.department else ""
        door.trace("card.print", f"resident:{person.id}", resident_id=person.id, reason=reason, department=department)
    return render_template(
        "village_cards_print.html", cards=[made for made in cards if made.rows], wanted=wanted, reason=reason, count=count,
        village=village_in_words(wanted.town, wanted.village), page=page, pages=-(-count // _ON_A_PAGE),
        first=(page - 1) * _ON_A_PAGE + 1, last=(page - 1) * _ON_A_PAGE + len(people), given=request.form,
    )  # fmt: skip


def _wanted() -> Wanted:
    year = forms.chosen("year", map(str, _years()))
    if year is None:
        raise Refused("请选哪一年。")
    town, village = forms.text("town", most=32), forms.text("village", most=32)
    if not village:
        raise Refused("请选一个村。")
    return Wanted(town, village, int(year), without_phone=forms.chosen("who", ("all",)) is None)


def _reason() -> str:
    reason = forms.chosen("reason", REASONS)
    if reason is None:
        raise Refused("请选为什么打印，会记下来，本人也看得到。")
    return reason


def _years() -> list[int]:
    this = beijing(now()).date().year
    return [this - back for back in range(_YEARS)]


def _desk(town: str, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    towns = towns_for(door.me())
    town = towns[0] if len(towns) == 1 else town
    villages = villages_of(door.db(), door.me(), town) if town else {}
    page = render_template(
        "village_cards.html", towns=towns, town=town, villages=villages, here=village_in_words, years=_years(),
        reasons=REASONS, given=request.form, wrong=wrong, most=_ON_A_PAGE,
    )  # fmt: skip
    return page, status
