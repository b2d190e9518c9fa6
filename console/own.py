"""A person's own pages behind a link of the chat: the 明白卡, and the export of everything kept.

Opening a link spends nothing: phones and platforms look at links ahead. The button spends it. For the 明白卡 it opens a
session of ten minutes, in a cookie for these pages alone; the export is handed over at once.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.values import console
from knowledge.card import card
from knowledge.identity import mask_id_number
from knowledge.statement import years_of
from knowledge.wording import beijing
from models.base import now
from models.export import everything
from models.payment import Batch, Payment
from models.resident import Binding, Resident
from models.ticket import EXPORT, LASTS, STATEMENT, Ticket

blueprint = Blueprint("own", __name__)
_WHY = "the token in the address or the cookie"
_OPENED = "statement-opened"
_COOKIE = "mingbaika-card"


@blueprint.after_request
def _keep_to_itself(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/statement/<token>")
@door.open_to_all(_WHY)
def statement_link(token: str) -> ResponseReturnValue:
    """The button."""
    return _button("看明白卡", "打开后10分钟内可以看、可以打印。") if Ticket.look(door.db(), STATEMENT, token) else _gone()


@blueprint.post("/statement/<token>")
@door.open_to_all(_WHY)
def open_statement(token: str) -> ResponseReturnValue:
    """The link is spent, and the session begins."""
    ticket = Ticket.spend(door.db(), STATEMENT, token)
    if ticket is None:
        return _gone()
    opened = Ticket.issue(door.db(), _OPENED, ticket.follower_id, resident_id=ticket.resident_id)
    response = redirect(url_for("own.statement", year=forms.asked("year") or None), 303)
    response.set_cookie(
        _COOKIE, opened, max_age=int(LASTS.total_seconds()), path=url_for("own.statement"), httponly=True,
        samesite="Lax", secure=console().values.https,
    )  # fmt: skip
    return response


@blueprint.get("/statement")
@door.open_to_all(_WHY)
def statement() -> ResponseReturnValue:
    """The 明白卡 of the chosen year."""
    session = door.db()
    ticket = Ticket.look(session, _OPENED, request.cookies.get(_COOKIE, ""))
    # Somebody who has ended the binding meanwhile sees nothing any more.
    if ticket is None or all(each.resident_id != ticket.resident_id for each in Binding.of(session, ticket.follower_id)):
        return _gone()
    resident = session.get_one(Resident, ticket.resident_id)
    lines, today = Payment.of(session, resident.id), beijing(now()).date()
    years = years_of(lines)
    asked = forms.asked("year")
    year = int(asked) if asked.isdigit() and int(asked) in years else (years[0] if years else today.year)
    made = card(
        resident.name, lines, year, Batch.loaded(session), today, number=mask_id_number(resident.id_number),
        document_of=console().values.answerer().document_of,
    )  # fmt: skip
    return render_template("public/statement.html", card=made, years=years)


@blueprint.get("/export/<token>")
@door.open_to_all(_WHY)
def export_link(token: str) -> ResponseReturnValue:
    """The button."""
    return _button("下载我的信息", "下载后请自己收好，别转给别人。") if Ticket.look(door.db(), EXPORT, token) else _gone()


@blueprint.post("/export/<token>")
@door.open_to_all(_WHY)
def export(token: str) -> ResponseReturnValue:
    """Everything kept, as one page to keep."""
    ticket = Ticket.spend(door.db(), EXPORT, token)
    if ticket is None:
        return _gone()
    today = beijing(now()).date()
    page = render_template("public/export.html", sections=everything(door.db(), ticket.follower_id, today), today=today)
    response = make_response(page)
    response.headers["Content-Disposition"] = f'attachment; filename="my-information-{today:%Y%m%d}.html"'
    return response


def _button(label: str, hint: str) -> ResponseReturnValue:
    return render_template("public/own_button.html", label=label, hint=hint)


def _gone() -> ResponseReturnValue:
    return make_response(render_template("public/own_gone.html"), 410)
