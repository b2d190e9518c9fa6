"""The hotline's search: the right words while the caller is still speaking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.at_hand import Finding, at_hand, open_call, pinned_pairs, reach
from console.values import console
from knowledge.answers import Answer
from knowledge.article import ASPECTS, CARD_ASPECTS, Article
from knowledge.catalogue.items import ITEMS, TOPICS
from models.desk_article import DeskArticle
from models.gap import HOTLINE, Asked, Gap
from models.staff import Permission

blueprint = Blueprint("hotline", __name__, url_prefix="/console/hotline")

_MOST, _MOST_LISTED = 6, 60
_HITS = 40  # that are looked through where a filter may leave few of them
_ALL_ASPECTS = tuple(dict.fromkeys((*ASPECTS, *CARD_ASPECTS)))


@dataclass(frozen=True, slots=True)
class Filters:
    """What the agent narrowed the search to; empty: everything."""

    item: str = ""
    aspect: str = ""
    department: str = ""

    @classmethod
    def of_form(cls) -> Filters:
        """What was chosen beside the search."""
        departments = {article.department for article in console().values.articles()}
        return cls(
            forms.chosen("item", (*ITEMS, *TOPICS)) or "", forms.chosen("aspect", _ALL_ASPECTS) or "",
            forms.chosen("department", departments) or "",
        )  # fmt: skip

    @property
    def any(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.item or self.aspect or self.department)

    def let(self, article: Article) -> bool:
        """Whether an article passes."""
        return self.item in ("", article.item) and self.department in ("", article.department)


@blueprint.get("/")
@door.needs(Permission.SEARCH_KNOWLEDGE)
def desk() -> ResponseReturnValue:
    """The agent's one screen: the search, and with a caller on the line everything for the call."""
    call, articles = open_call(), console().values.articles()
    return render_template(
        "hotline.html", start=at_hand(), call=call, aspects=_ALL_ASPECTS, reach=reach(call),
        items=[article.item for article in articles], departments=sorted({article.department for article in articles}),
        pins=pinned_pairs(),
    )  # fmt: skip


@blueprint.post("/search")
@door.needs(Permission.SEARCH_KNOWLEDGE)
@door.only_reads
def search() -> ResponseReturnValue:
    """The findings for what has been typed so far. By POST: callers' names may be in it, and addresses are logged."""
    typed, filters, call = forms.text("q", most=200), Filters.of_form(), open_call()
    known = {"call": call, "reach": reach(call), "pins": pinned_pairs()}
    if not typed and not filters.any:
        return render_template("_start.html", start=at_hand(), **known)
    answer = console().values.answerer().answer(typed) if typed else None
    findings = list(_found(typed, answer, filters) if typed else _listed(filters))
    return render_template(
        "_findings.html", typed=typed, findings=findings, note=_note(answer, findings), filters=filters, **known
    )


@blueprint.post("/gap")
@door.needs(Permission.SEARCH_KNOWLEDGE)
def gap() -> ResponseReturnValue:
    """Nothing was found: the words, without numbers that name a person, go to those who write the articles."""
    Gap.note(door.db(), Asked(forms.text("q", most=200)), HOTLINE)
    if request.headers.get("HX-Request"):
        return render_template("_gap_noted.html")
    flash("记下了，会转给写政策的同事补上。", "success")
    return redirect(url_for("hotline.desk"))


@blueprint.post("/opened")
@door.needs(Permission.SEARCH_KNOWLEDGE)
def opened() -> ResponseReturnValue:
    """A section was opened: it is at hand from now on, and the call knows what it was about."""
    if (found := chosen()) is None:
        return "", 204
    DeskArticle.opened(door.db(), door.me(), *found)
    call = open_call(lock=True)
    if call is None:
        return "", 204
    call.looked(*found)
    return render_template("_looked.html", call=call, swapped=True)


@blueprint.post("/pin")
@door.needs(Permission.SEARCH_KNOWLEDGE)
def pin() -> ResponseReturnValue:
    """Keep a section at the top of the own desk, or no longer; gives the button as it is now."""
    if (found := chosen()) is None:
        return "", 204
    on = forms.ticked("on")
    DeskArticle.pin(door.db(), door.me(), *found, on=on)
    if request.headers.get("HX-Request"):
        return render_template("_pin.html", item=found[0], aspect=found[1], pinned=on)
    return redirect(url_for("hotline.desk"))


def chosen() -> tuple[str, str] | None:
    """The section that a form names, if there is such a one."""
    item, aspect = forms.text("item", most=32), forms.text("aspect", most=16)
    article = next((one for one in console().values.articles() if one.item == item), None)
    return (item, aspect) if article and aspect in article.sections else None


# ---------------------------------------------------------------- finding


def _found(typed: str, answer: Answer | None, filters: Filters) -> Iterator[Finding]:
    fitting = _sections(_candidates(typed, answer), filters)
    return islice(fitting, _MOST_LISTED if filters.item else _MOST)


def _listed(filters: Filters) -> Iterator[Finding]:
    """Nothing typed, only chosen: all that there is of it."""
    articles = [article for article in console().values.articles() if filters.let(article)]
    pairs = [
        (article.item, aspect)
        for article in articles
        for aspect in (article.sections if filters.item else [filters.aspect or "概览"])
    ]
    return islice(_sections(pairs, filters), _MOST_LISTED)


def _sections(pairs: Iterable[tuple[str, str | None]], filters: Filters) -> Iterator[Finding]:
    articles = {article.item: article for article in console().values.articles()}
    seen: set[tuple[str, str]] = set()
    for item, aspect in pairs:
        article = articles.get(item)
        if article is None or not filters.let(article) or (filters.aspect and filters.aspect not in article.sections):
            continue
        wanted = filters.aspect or aspect or "概览"
        section = article.sections.get(wanted) or next(iter(article.sections.values()))
        if (item, section.aspect) not in seen:
            seen.add((item, section.aspect))
            yield Finding(article, section)


def _candidates(typed: str, answer: Answer | None) -> Iterable[tuple[str, str | None]]:
    """What the words mean first, then what is written like them."""
    hits = console().typeahead().search(typed, _HITS)
    understood = [(answer.item, answer.aspect)] if answer and answer.answered and answer.item else []
    if understood and hits and hits[0].score >= 90 and hits[0].item == understood[0][0] and hits[0].aspect:
        understood = []  # the letters typed name the aspect as well
    also = [(choice.item, choice.aspect) for choice in answer.also] if answer else []
    asked_back = [(choice.item, choice.aspect) for choice in answer.choices] if answer and not answer.answered else []
    near: list[tuple[str, str | None]] = [(hit.item, hit.aspect) for hit in hits]
    found = [*understood, *also, *near] or asked_back
    more = [(found[0][0], aspect) for aspect in ("怎么申请", "领多少", "没收到", "找谁")] if found else []
    return [*found[:4], *more, *found[4:]]


def _note(answer: Answer | None, findings: list[Finding]) -> str:
    """What is said where the caller needs something else than an article."""
    if answer is None or (answer.intent != "emergency" and findings):
        return ""
    return answer.text if answer.intent in ("emergency", "refuse") else ""
