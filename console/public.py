"""The public pages: every article in plain words, phone first, for large print, for paper and for being read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.values import console
from knowledge.article import Article, aspects_of
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.errors import NotThere
from knowledge.identity import redact

blueprint = Blueprint("public", __name__)
_KEPT = timedelta(seconds=60)  # a published change is seen soon
_MOST = 8  # articles that a search finds
LARGE = "large"
_LARGE_FOR = timedelta(days=365)


@blueprint.get("/")
@door.open_to_all("public pages")
def index() -> ResponseReturnValue:
    """All articles, by group; or those that a search finds."""
    wanted = forms.asked("q")[:40]
    number = redact(wanted) != wanted  # somebody's own number has no place here, and is not shown again
    found = _found(wanted) if wanted and not number else []
    return _cached(render_template("public/index.html", groups=_groups(), wanted="" if number else wanted, found=found, number=number))


@blueprint.get("/articles/<slug>")
@blueprint.get("/a/<slug>", endpoint="short")
@door.open_to_all("public pages")
def article(slug: str) -> ResponseReturnValue:
    """One article with all its sections; the short address is the one that the chat gives."""
    found = next((one for one in console().values.articles() if one.slug == slug), None)
    if found is None:
        raise NotThere("没有这一篇，可能换了名字。请回首页找找看。")
    sections = [found.sections[aspect] for aspect in aspects_of(found.item) if aspect in found.sections]
    return _cached(render_template("public/article.html", article=found, sections=sections))


@blueprint.get("/large")
@door.open_to_all("public pages")
def large() -> ResponseReturnValue:
    """Large print on or off for a browser without scripts, and back to where one was."""
    response = make_response(redirect(_back()))
    path = request.script_root + "/"
    if request.args.get("on") == "1":
        response.set_cookie(LARGE, "1", max_age=_LARGE_FOR, path=path, samesite="Lax", secure=console().values.https)
    else:
        response.delete_cookie(LARGE, path=path)
    response.cache_control.no_store = True
    return response


def _back() -> str:
    """The page of ours that the link stood on."""
    came = urlsplit(request.referrer or "")
    home = url_for("public.index")
    if came.netloc != request.host or not came.path.startswith(home) or came.path == url_for("public.large"):
        return home
    return came.path + (f"?{came.query}" if came.query else "")


def _found(wanted: str) -> Sequence[Article]:
    """What a search means first, then what is written or sounds like it."""
    articles = {one.item: one for one in console().values.articles()}
    answer = console().values.answerer().answer(wanted)
    meant = [answer.item] if answer.answered else [choice.item for choice in answer.choices if wanted and answer.choices]
    items = dict.fromkeys([*meant, *(hit.item for hit in console().typeahead().search(wanted))])
    return [articles[item] for item in items if item in articles][:_MOST]


def _groups() -> list[tuple[str, list[Article]]]:
    order = {name: place for place, name in enumerate((*TOPICS, *ITEMS))}
    known = [one for one in console().values.articles() if one.item in order]
    grouped = groupby(sorted(known, key=lambda one: order[one.item]), key=lambda one: (ITEMS.get(one.item) or TOPICS[one.item]).group)
    groups: dict[str, list[Article]] = {}
    for name, articles in grouped:
        groups.setdefault(name, []).extend(articles)
    return list(groups.items())


def _cached(page: str) -> ResponseReturnValue:
    """Kept for a minute, then asked for again by its digest; large print is another page."""
    response = make_response(page)
    response.cache_control.max_age = int(_KEPT.total_seconds())
    response.cache_control.public = True
    response.vary.add("Cookie")
    response.add_etag()
    return response.make_conditional(request)
