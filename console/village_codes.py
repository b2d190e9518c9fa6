"""The villages' QR codes: asked for at the desk, made by the worker, printed as posters."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console import door, forms, qr
from console.values import console
from knowledge.catalogue.departments import TOWNSHIPS
from knowledge.catalogue.places import TOWNS
from knowledge.errors import NotThere
from knowledge.publicity import place_of_scene, village_in_words
from models import audit
from models.staff import Permission
from models.village import VillageCode

blueprint = Blueprint("village_codes", __name__, url_prefix="/console/publicity/codes")


@blueprint.get("/")
@door.needs(Permission.PUBLISH)
def codes() -> ResponseReturnValue:
    """The villages of a township, each with its code or the wish for one."""
    towns = _towns()
    town = forms.asked("town") if forms.asked("town") in towns else towns[0]
    made = VillageCode.of_town(door.db(), town)
    places = [(village, village_in_words(town, village), made.get(village)) for village in TOWNS[town].places]
    waiting = sum(1 for row in made.values() if row.url is None)
    return render_template("publicity_codes.html", town=town, towns=towns, places=places, waiting=waiting)


@blueprint.post("/")
@door.needs(Permission.PUBLISH)
def ask() -> ResponseReturnValue:
    """Have the codes of a township made that are not there yet."""
    town = forms.chosen("town", _towns())
    if town is None:
        raise NotThere("这个乡镇不归您。")
    for village in TOWNS[town].places:
        VillageCode.ask(door.db(), town, village)
    audit.record(door.db(), door.me(), "code.ask", f"publicity:{town}")
    flash("已经去向微信要码了，一般一两分钟。过一会儿刷新这一页。", "success")
    return redirect(url_for("village_codes.codes", town=town))


@blueprint.get("/<scene>")
@door.needs(Permission.PUBLISH)
def poster(scene: str) -> ResponseReturnValue:
    """The poster of one village, for its board."""
    place = place_of_scene(scene)
    if place is None or place[0] not in _towns():
        raise NotThere("没有这个村的码。")
    url = VillageCode.url_of(door.db(), *place)
    if url is None:
        raise NotThere("这个村的码还没有做好。请过一两分钟再看。")
    return render_template(
        "publicity_poster.html", town=place[0], here=village_in_words(*place), code=qr.picture(url),
        public_url=console().values.public_url,
    )  # fmt: skip


def _towns() -> list[str]:
    """Whose codes this person may have made: a township its own, a county desk all."""
    home = door.me().department
    return [home.town] if home is not None and home.town else list(TOWNSHIPS)
