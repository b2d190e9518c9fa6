"""一张单 and the lists in the open: no log-in, phone first, readable without scripts, and gone when their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from console import door, forms, qr
from console.values import console
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import TOWNS
from knowledge.errors import NotThere
from knowledge.money import yuan
from knowledge.publicity import (
    BOARD,
    NEVER,
    WEB,
    no_list_in_words,
    period_in_words,
    quantity_in_words,
    village_in_words,
)
from knowledge.sheet import by_group, matching
from knowledge.sheet import sheet as whole_sheet
from knowledge.wording import beijing
from models.base import now
from models.publicity import ItemExposure, Publication
from models.staff import Department
from models.village import VillageCode

blueprint = Blueprint("publicity", __name__)
_WHY = "publicity"


@blueprint.get("/items")
@door.open_to_all(_WHY)
def sheet() -> ResponseReturnValue:
    """一张单: every item, or those that a search finds."""
    entries, wanted = whole_sheet(console().values.articles()), forms.asked("q")
    guessed = console().values.answerer().guess_item(wanted) if wanted else None
    found = matching(entries, wanted, guessed)
    return render_template(
        "public/publicity_sheet.html", groups=list(by_group(found).items()), total=len(entries), found=len(found),
        wanted=wanted,
    )  # fmt: skip


@blueprint.get("/publicity")
@door.open_to_all(_WHY)
def index() -> ResponseReturnValue:
    """The lists that hang today: of the chosen township or village, else where there are any."""
    town = forms.asked("town") if forms.asked("town") in TOWNS else None
    village = forms.asked("village") if town and forms.asked("village") in TOWNS[town].places else None
    item = forms.asked("item") if forms.asked("item") in ITEMS else None
    today = beijing(now()).date()
    hanging = Publication.hanging(door.db(), today, town, village, item)
    by_town = [(name, list(rows)) for name, rows in groupby(hanging, key=lambda one: one.town)]
    shown = [(name, _by_village(rows)) for name, rows in by_town] if town or item else []
    page = render_template(
        "public/publicity_index.html", counts=[(name, len(rows)) for name, rows in by_town], shown=shown, town=town,
        village=village, item=item, items=list(ITEMS), towns=[name for name in TOWNS], here=TOWNS.get(town or ""),
        on_web=_on_web(hanging), today=today, period=period_in_words, village_words=village_in_words,
    )  # fmt: skip
    return _not_kept(page)


@blueprint.get("/publicity/<code>")
@door.open_to_all(_WHY)
def one(code: str) -> ResponseReturnValue:
    """One list in its period; afterwards the page says so with 410 and holds nothing of it."""
    found, today = Publication.by_code(door.db(), code), beijing(now()).date()
    if found is None or found.is_coming(today):
        raise NotThere("没有这个编号的公示。请对照公示单，再看看编号。")
    exposure = found.exposure_now(door.db())
    here = village_in_words(found.town, found.village)
    if not found.hangs(today) or exposure == NEVER:
        return _not_kept(render_template("public/publicity_gone.html", list=found, here=here), 410)
    code_url = VillageCode.url_of(door.db(), found.town, found.village)
    page = render_template(
        "public/publicity_list.html", list=found, here=here, lines=found.listed if exposure == WEB else [],
        why="" if exposure == WEB else _why_not(found), period=period_in_words(found.starts_on, found.ends_on, today),
        quantity=quantity_in_words, money=yuan, offices=offices_of(found), code=qr.picture(code_url) if code_url else "",
    )  # fmt: skip
    return _not_kept(page)


@blueprint.get("/robots.txt")
@door.open_to_all(_WHY)
def robots() -> ResponseReturnValue:
    """Search engines keep out of the lists and of the console."""
    root = request.script_root
    text = f"User-agent: *\nDisallow: {url_for('publicity.index')}\nDisallow: {root}/console\n"
    return Response(text, content_type="text/plain; charset=utf-8")


def offices_of(found: Publication) -> list[Department]:
    """The township and the department of the item, for telephone numbers; those that the county has entered."""
    names = [found.town, ITEMS[found.item].department if found.item in ITEMS else ""]
    rows = {row.name: row for row in door.db().scalars(select(Department).where(Department.name.in_(names)))}
    return [rows[name] for name in names if name in rows]


def _why_not(found: Publication) -> str:
    exposure = ItemExposure.of(door.db(), found.item)
    if exposure == WEB:  # so few people that a masked name is a name
        return "这份名单人少，为了保护个人隐私，只贴在村务公开栏。"
    return no_list_in_words(found.item, BOARD)


def _by_village(rows: list[Publication]) -> list[tuple[str, list[Publication]]]:
    return [(name, list(each)) for name, each in groupby(rows, key=lambda one: one.village)]


def _on_web(hanging: Sequence[Publication]) -> set[int]:
    shown = ItemExposure.all(door.db())
    return {one.id for one in hanging if one.exposure == WEB and shown.get(one.item) == WEB}


def _not_kept(page: str, status: int = 200) -> ResponseReturnValue:
    # no-store comes with every answer of this blueprint.
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
