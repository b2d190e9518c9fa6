"""The public pages: every article in plain words, phone first, for large print and for paper."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from console import door
from console.values import console
from knowledge.article import Article, aspects_of
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.errors import NotThere

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@door.open_to_all("public pages")
def index() -> ResponseReturnValue:
    """All articles, by group."""
    return _cached(render_template("public/index.html", groups=_groups()))


@blueprint.get("/articles/<slug>")
@door.open_to_all("public pages")
def article(slug: str) -> ResponseReturnValue:
    """One article with all its sections."""
    found = next((one for one in console().values.articles() if one.slug == slug), None)
    if found is None:
        raise NotThere("没有这一篇，可能换了名字。请回首页找找看。")
    sections = [found.sections[aspect] for aspect in aspects_of(found.item) if aspect in found.sections]
    return _cached(render_template("public/article.html", article=found, sections=sections))


def _groups() -> list[tuple[str, list[Article]]]:
    order = {name: place for place, name in enumerate((*TOPICS, *ITEMS))}
    known = [one for one in console().values.articles() if one.item in order]
    grouped = groupby(sorted(known, key=lambda one: order[one.item]), key=lambda one: (ITEMS.get(one.item) or TOPICS[one.item]).group)
    groups: dict[str, list[Article]] = {}
    for name, articles in grouped:
        groups.setdefault(name, []).extend(articles)
    return list(groups.items())


def _cached(page: str) -> ResponseReturnValue:
    response = make_response(page)
    response.cache_control.max_age = 60  # seconds; a published change is seen soon
    response.cache_control.public = True
    return response
