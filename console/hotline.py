"""The hotline's desk: the right words while the caller is still speaking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.values import console
from knowledge.answers import Answer
from knowledge.article import Article, Section, Source
from knowledge.identity import redact
from models.article import Gap
from models.staff import Permission

blueprint = Blueprint("hotline", __name__, url_prefix="/console/hotline")

_MOST = 6
_OFTEN = ("最低生活保障", "耕地地力保护补贴", "城乡居民养老保险", "高龄津贴", "补贴没到账", "社保卡", "困难残疾人生活补贴", "投诉举报")


@dataclass(frozen=True, slots=True)
class Finding:
    """One section for the agent: `section.lead` is the sentence to read aloud, the body holds the steps."""

    article: Article
    section: Section

    @property
    def sources(self) -> tuple[Source, ...]:
        """What the section rests on."""
        return self.article.sources(self.section.aspect)


@blueprint.get("/")
@door.needs(Permission.SEARCH_KNOWLEDGE)
def desk() -> ResponseReturnValue:
    """The search; before anything is typed, what is asked most."""
    articles = {article.item: article for article in console().values.articles()}
    return render_template("hotline.html", often=[articles[item] for item in _OFTEN if item in articles])


@blueprint.post("/search")
@door.needs(Permission.SEARCH_KNOWLEDGE)
@door.only_reads
def search() -> ResponseReturnValue:
    """The findings for what has been typed so far. By POST: callers' names may be in it, and addresses are logged."""
    typed = forms.text("q", most=200)
    answer = console().values.answerer().answer(typed) if typed else None
    findings = list(_findings(typed, answer)) if typed else []
    return render_template("_findings.html", typed=typed, findings=findings, note=_note(answer, findings))


@blueprint.post("/gap")
@door.needs(Permission.SEARCH_KNOWLEDGE)
def gap() -> ResponseReturnValue:
    """Nothing was found: the words, without numbers that name a person, go to those who write the articles."""
    if typed := redact(forms.text("q", most=200)):
        door.db().add(Gap(question=typed, source="hotline"))
        flash("记下了，会转给写政策的同事补上。", "success")
    return redirect(url_for("hotline.desk"))


def _findings(typed: str, answer: Answer | None) -> Iterator[Finding]:
    articles = {article.item: article for article in console().values.articles()}
    seen: set[tuple[str, str]] = set()
    for item, aspect in _candidates(typed, answer):
        article = articles.get(item)
        if article is None:
            continue
        section = article.sections.get(aspect or "概览") or next(iter(article.sections.values()))
        if (item, section.aspect) not in seen and len(seen) < _MOST:
            seen.add((item, section.aspect))
            yield Finding(article, section)


def _candidates(typed: str, answer: Answer | None) -> Iterable[tuple[str, str | None]]:
    """What the words mean first, then what is written like them."""
    hits = console().typeahead().search(typed)
    understood = [(answer.item, answer.aspect)] if answer and answer.answered and answer.item else []
    if understood and hits and hits[0].score >= 90 and hits[0].item == understood[0][0] and hits[0].aspect:
        understood = []  # the letters typed name the aspect as well
    also = [(choice.item, choice.aspect) for choice in answer.also] if answer else []
    asked_back = [(choice.item, choice.aspect) for choice in answer.choices] if answer and not answer.answered else []
    near: list[tuple[str, str | None]] = [(hit.item, hit.aspect) for hit in hits]
    found = [*understood, *also, *near] or asked_back
    return [*found, *((found[0][0], aspect) for aspect in ("怎么申请", "领多少", "没收到", "找谁") if found)]


def _note(answer: Answer | None, findings: list[Finding]) -> str:
    """What is said where the caller needs something else than an article."""
    if answer is None or (answer.intent != "emergency" and findings):
        return ""
    return answer.text if answer.intent in ("emergency", "refuse") else ""
