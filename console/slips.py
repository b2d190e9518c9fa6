"""交办单: the page behind a one-time link of the chat, in large print, for paper. It holds no name and no telephone."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue

from console import door
from knowledge.identity import redact
from knowledge.kinds import WAYS
from knowledge.money import yuan
from models.slip import Slip

blueprint = Blueprint("slips", __name__)
_WHY = "the token in the address"


@blueprint.after_request
def _keep_to_itself(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/slip/<token>")
@door.open_to_all(_WHY)
def link(token: str) -> ResponseReturnValue:
    """The button: phones and platforms look at links ahead, and looking spends nothing."""
    if not Slip.look(door.db(), token):
        return _gone()
    return render_template("public/own_button.html", label="打开单子", hint="打开后马上就能打印、截图，别转给别人。")


@blueprint.post("/slip/<token>")
@door.open_to_all(_WHY)
def opened(token: str) -> ResponseReturnValue:
    """The slip itself; it is deleted by this."""
    content = Slip.spend(door.db(), token)
    if content is None:
        return _gone()
    facts = {
        "地方": f"{content.get('town') or ''}{content.get('village') or ''}", "补贴": content.get("item") or "",
        "时间": content.get("when") or "", "钱": "、".join(yuan(fen) for fen in content.get("amounts") or ()),
    }  # fmt: skip
    return render_template(
        "public/slip.html", way=WAYS[content["kind"]], kind=content["kind"], text=redact(content["text"]),
        facts={name: value for name, value in facts.items() if value}, made_on=date.fromisoformat(content["made_on"]),
    )  # fmt: skip


def _gone() -> ResponseReturnValue:
    return make_response(render_template("public/slip_gone.html"), 410)
