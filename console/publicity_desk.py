"""公示 at the desk: lists are hung, printed for the village board and taken down; the county decides what is shown how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console import door, forms, qr
from console.publicity import offices_of
from console.values import console
from knowledge.catalogue.departments import TOWNSHIPS
from knowledge.catalogue.items import ITEMS
from knowledge.errors import NotThere, Refused
from knowledge.money import yuan, yuan_figure
from knowledge.publicity import (
    EXPOSURES,
    FEWEST_ON_WEB,
    NEVER,
    earliest_end,
    ends_on,
    needs_second_look,
    period_in_words,
    quantity_in_words,
    rule_of,
    village_in_words,
)
from knowledge.wording import beijing
from models.base import now
from models.payment import LIVE, Batch
from models.publicity import ItemExposure, Publication, issues_allowed, list_for, lists_for
from models.publicity_issue import Issue, Ready, issues_in, ready, villages_of
from models.staff import Permission, Staff

blueprint = Blueprint("publicity_desk", __name__, url_prefix="/console/publicity")

_ON_A_PAGE = 50
_NEWEST_FILES = 60
_MOST_PRINTED = 200
_HUNG_AT_ONCE = 5  # lists in one transaction


# ---------------------------------------------------------------- the lists


@blueprint.get("/")
@door.needs(Permission.PUBLISH)
def lists() -> ResponseReturnValue:
    """The lists that this person may print and take down; those that hang come first where asked for."""
    page, town, item = forms.page(), forms.asked("town"), forms.asked("item")
    query = lists_for(door.me())
    if town:
        query = query.where(Publication.town == town)
    if item:
        query = query.where(Publication.item == item)
    if hanging := forms.asked("state") != "all":
        query = query.where(Publication.ended_at.is_(None), Publication.ends_on >= _today())
    count = door.db().scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = door.db().scalars(query.limit(_ON_A_PAGE).offset((page - 1) * _ON_A_PAGE)).all()
    return render_template(
        "publicity_lists.html", rows=rows, count=count, page=page, pages=-(-count // _ON_A_PAGE), today=_today(), town=town,
        item=item, items=list(ITEMS), towns=_towns(), hanging=hanging, state_of=_state, village_words=village_in_words,
    )  # fmt: skip


@blueprint.get("/lists/<code>")
@door.needs(Permission.PUBLISH)
@door.leaves_a_trace
def show(code: str) -> ResponseReturnValue:
    """One list as it hangs."""
    return _list(code)


@blueprint.post("/lists/<code>/down")
@door.needs(Permission.PUBLISH)
def take_down(code: str) -> ResponseReturnValue:
    """Off at once, with a reason."""
    try:
        list_for(door.db(), door.me(), code).take_down(door.db(), door.me(), forms.outgoing("reason"))
    except NotThere:
        raise
    except Refused as refused:
        return _list(code, wrong=refused.said, status=422)
    flash("撤下来了，网上马上看不到。村里贴的那张，也请揭下来。", "success")
    return redirect(url_for("publicity_desk.show", code=code))


@blueprint.get("/print")
@door.needs(Permission.PUBLISH)
@door.leaves_a_trace
def printed() -> ResponseReturnValue:
    """The lists for the village board, each on sheets of its own."""
    codes = list(dict.fromkeys(request.args.getlist("code")))[:_MOST_PRINTED]
    chosen = [list_for(door.db(), door.me(), code) for code in codes]
    hanging = [one for one in chosen if _may_be_printed(one)]
    if not hanging:
        raise NotThere("没有可以打印的名单。请先勾选正在公示的。")
    for one in hanging:
        door.trace("publicity.print", f"publicity:{one.code}")
    return render_template(
        "publicity_print.html", lists=hanging, here=village_in_words, quantity=quantity_in_words, figure=yuan_figure,
        offices=offices_of, period=lambda one: period_in_words(one.starts_on, one.ends_on, date(1, 1, 1)), code=_public_code,
    )  # fmt: skip


def _may_be_printed(one: Publication) -> bool:
    today = _today()
    return (one.hangs(today) or one.is_coming(today)) and one.exposure_now(door.db()) != NEVER


def _public_code(one: Publication) -> str:
    base = console().values.public_url
    return qr.picture(f"{base}/publicity/{one.code}") if base else ""


def _list(code: str, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    found = list_for(door.db(), door.me(), code)
    exposure = found.exposure_now(door.db())
    lines = found.listed if _may_be_printed(found) else []
    if lines:
        door.trace("publicity.view", f"publicity:{found.code}")
    page = render_template(
        "publicity_list.html", list=found, lines=lines, here=village_in_words(found.town, found.village), wrong=wrong,
        state=_state(found, _today()), exposure=EXPOSURES[exposure], printable=bool(lines), quantity=quantity_in_words,
        money=yuan, changed=bool(lines) and _has_changed(found),
    )  # fmt: skip
    return page, status


def _has_changed(found: Publication) -> bool:
    """Whether the payments say otherwise than the list, since a corrected file came in."""
    standing = villages_of(door.db(), door.me(), Issue(found.item, found.year, found.period)).extents
    extent = standing.get((found.town, found.village))
    return extent is None or (extent.persons, extent.total_fen) != (found.persons, found.total_fen)


def _state(found: Publication, today: date) -> tuple[str, str]:
    if found.ended_at is not None:
        return "撤下了", "bad"
    if found.is_coming(today):
        return "还没开始", "wait"
    return ("正在公示", "good") if found.hangs(today) else ("公示期满", "")


# ---------------------------------------------------------------- a new one


@blueprint.get("/new")
@door.needs(Permission.PUBLISH)
def new() -> ResponseReturnValue:
    """Step by step: which file, which item and batch of it, which villages and days."""
    batch, issue = _batch(forms.asked("batch")), _issue(request.args)
    if batch is None:
        live = select(Batch).where(Batch.status == LIVE).order_by(Batch.id.desc()).limit(_NEWEST_FILES)
        files = [one for one in door.db().scalars(live) if _holds_ours(one)]
        return render_template("publicity_new.html", files=files)
    if issue is None:
        issues = issues_in(door.db(), door.me(), batch.id)
        return render_template(
            "publicity_new.html", batch=batch, issues=issues, money=yuan, exposures=ItemExposure.all(door.db()), never=NEVER,
            words=EXPOSURES,
        )  # fmt: skip
    return _villages(batch, issue)


@blueprint.post("/new")
@door.needs(Permission.PUBLISH)
@door.reads_then_writes
def hang() -> ResponseReturnValue:
    """Hang the lists of the villages that are ticked: read and masked first, then written a few at a time."""
    batch, issue = _batch(request.form.get("batch", "")), _issue(request.form)
    if batch is None or issue is None:
        raise NotThere("没有这个文件，或者已经撤下。请从头选一次。")
    try:
        places = {_place(one) for one in request.form.getlist("place")}
        days = (_day("starts_on"), _day("ends_on"))
        waiting = ready(door.db(), door.me(), issue, places, days, console().values.clocks)
    except Refused as refused:
        return _villages(batch, issue, wrong=refused.said, status=422)
    if door.is_first_sending(console().database):
        for at in range(0, len(waiting), _HUNG_AT_ONCE):
            _hang(waiting[at : at + _HUNG_AT_ONCE], door.me().id)
    flash(f"挂出了{len(waiting)}份名单。请打印出来，贴到村务公开栏。", "success")
    return redirect(url_for("publicity_desk.lists"))


def _hang(some: list[Ready], staff_id: int) -> None:
    def work(session: Session) -> None:
        staff = session.get_one(Staff, staff_id)
        for each in some:
            each.hang(session, staff)

    console().database.write(work)


def _villages(batch: Batch, issue: Issue, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    exposure, clocks = ItemExposure.of(door.db(), issue.item), console().values.clocks
    if not issues_allowed(door.me(), issue.item, None):
        raise NotThere("这一项不归您公示。")
    found = villages_of(door.db(), door.me(), issue)
    starts_on = _today()
    page = render_template(
        "publicity_villages.html", batch=batch, issue=issue, extents=found.extents, homeless=found.homeless, money=yuan,
        exposure=exposure, exposure_words=EXPOSURES[exposure], never=NEVER, fewest=FEWEST_ON_WEB, rule=rule_of(issue.item),
        starts_on=starts_on, ends_on=ends_on(issue.item, starts_on, console().values.publicity_days, clocks),
        least=earliest_end(issue.item, starts_on, clocks), given=request.form, ticked=request.form.getlist("place"),
        village_words=village_in_words, wrong=wrong,
    )  # fmt: skip
    return page, status


def _holds_ours(batch: Batch) -> bool:
    return any(issues_allowed(door.me(), str(item), None) for item, _ in batch.items or ())


def _batch(written: str) -> Batch | None:
    found = door.db().get(Batch, int(written)) if written.isascii() and written.isdigit() and len(written) < 18 else None
    return found if found is not None and found.status == LIVE and _holds_ours(found) else None


def _issue(given: Mapping[str, str]) -> Issue | None:
    item, year, period = given.get("item", ""), given.get("year", ""), given.get("period", "")
    return Issue(item, int(year), period[:64]) if item in ITEMS and year.isascii() and year.isdigit() and len(year) == 4 else None


def _place(written: str) -> tuple[str, str]:
    town, _, village = written.partition("/")
    return town, village


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Refused("请写上公示从哪天到哪天。") from None


def _today() -> date:
    return beijing(now()).date()


def _towns() -> Iterable[str]:
    home = door.me().department
    return [home.town] if home is not None and home.town else list(TOWNSHIPS)


# ---------------------------------------------------------------- how widely each item is shown


@blueprint.get("/exposures")
@door.needs(Permission.EXPOSURE)
def exposures() -> ResponseReturnValue:
    """Every item: not at all, on the village board, or on the web as well."""
    return render_template(
        "publicity_exposures.html", exposures=ItemExposure.all(door.db()), words=EXPOSURES, rule_of=rule_of, items=ITEMS
    )


@blueprint.get("/exposures/<item>")
@door.needs(Permission.EXPOSURE)
def exposure(item: str) -> ResponseReturnValue:
    """One item."""
    return _exposure(item)


@blueprint.post("/exposures/<item>")
@door.needs(Permission.EXPOSURE)
def decide(item: str) -> ResponseReturnValue:
    """From now on so widely, with a reason; what is sensitive is asked once more, with the item's name to be written."""
    wanted = forms.chosen("exposure", EXPOSURES) or ""
    sure = forms.text("name", most=64) == item
    try:
        reason = forms.outgoing("reason")
        ItemExposure.decide(door.db(), door.me(), item, wanted, reason, sure=sure)
    except NotThere:
        raise
    except Refused as refused:
        again = bool(wanted) and needs_second_look(item, wanted)
        return _exposure(item, wrong=refused.said, wanted=wanted, again=again, status=422)
    flash(f"{item}：{EXPOSURES[wanted]}。从现在起就按这个来。", "success")
    return redirect(url_for("publicity_desk.exposures"))


def _exposure(
    item: str, *, wrong: str = "", wanted: str = "", again: bool = False, status: int = 200
) -> ResponseReturnValue:
    if item not in ITEMS:
        raise NotThere("没有这一项。")
    standing = ItemExposure.of(door.db(), item)
    page = render_template(
        "publicity_exposure.html", item=item, standing=standing, wanted=wanted or standing, words=EXPOSURES,
        rule=rule_of(item), wrong=wrong, again=again, given=request.form,
    )  # fmt: skip
    return page, status


