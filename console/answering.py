"""Answering a case: result, basis and next step in a form, composed in plain words, looked through for other people's data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.values import console
from knowledge.article import Article
from knowledge.case_answer import NEXT_STEPS, Written, composed, results_for
from knowledge.errors import NotAllowed, Refused
from knowledge.strangers import Find, strangers_in, without_ids
from models import audit
from models.canned import CannedAnswer
from models.case import Case
from models.case_answer import CaseAnswer, needs_approval, staff_names
from models.case_loading import case_for
from models.desk import case_to_handle
from models.staff import Permission
from models.views import names_in, person_of
from models.visit import is_reviewer

_FIELDS: Mapping[str, int] = {"text": 4000, "basis": 500, "next_step": 500}
blueprint = Blueprint("answering", __name__, url_prefix="/console/cases")


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of an answer shows."""

    written: Written
    state: str
    saved_at: datetime | None
    returned_why: str | None
    results: Mapping[str, str]
    next_steps: Sequence[str]
    canned: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, str]]
    bases: Sequence[str]
    approval: bool
    others: Sequence[CaseAnswer]


def form_of(case: Case) -> Form:
    """The form as this person left it, with what can be put into it."""
    kept = CaseAnswer.open_of(door.db(), case, door.me())
    typed = _typed() if request.method == "POST" and request.blueprint == blueprint.name else None
    article = _article_of(case)
    waiting = CaseAnswer.asked_of(door.db(), case)
    return Form(
        written=typed or (kept.written if kept else Written()), state=kept.state if kept else "",
        saved_at=kept.saved_at if kept else None, returned_why=kept.returned_why if kept else None,
        results=results_for(case.kind), next_steps=NEXT_STEPS,
        canned=[(one.title, one.filled(case)) for one in CannedAnswer.of_case(door.db(), case)],
        sections=[(aspect, f"{part.lead}\n{part.body}".strip()) for aspect, part in article.sections.items()] if article else [],
        bases=_bases(article), approval=needs_approval(case, console().values.approval),
        others=[waiting] if waiting and (kept is None or waiting.id != kept.id) else [],
    )  # fmt: skip


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"answer_form": form_of} if g.get("staff") is not None else {}


@blueprint.get("/<number>/answer")
@door.needs(Permission.CASES)
@door.leaves_a_trace
def show(number: str) -> ResponseReturnValue:
    """The form on a page of its own."""
    case, me = case_for(door.db(), door.me(), number), door.me()
    if (case.department_id != me.department_id and not is_reviewer(door.db(), case, me)) or case.is_unplaced:
        raise NotAllowed(f"这件事由{case.department.full_name}办理和答复。您可以写内部备注。")
    door.trace("case.view", f"case:{number}", resident_id=person_of(door.db(), case))
    return render_template("answer.html", case=case, finds=(), preview="", wrong="")


@blueprint.post("/<number>/answer")
@door.needs(Permission.CASES)
def answer(number: str) -> ResponseReturnValue:
    """Answer the resident, or hand the answer to a head first; what was typed is kept whatever comes of it."""
    case = case_to_handle(door.db(), door.me(), number)
    try:
        kept = CaseAnswer.keep(door.db(), case, door.me(), _typed())
        _check_numbers()
        text = composed(case.kind, kept.written.checked(case.kind), _ask(case))
        finds = _finds(case, text)
    except Refused as refused:
        return render_template("answer.html", case=case, finds=(), preview="", wrong=refused.said), 422
    if request.form.get("act") == "preview":
        return render_template("answer.html", case=case, finds=finds, preview=text, wrong="", seal=_seal(finds))
    if finds and request.form.get("confirmed") != _seal(finds):
        said = "答复里像是有别人的信息。请看一下下面几处：不该有的删掉，可以有的打勾再发。"
        return render_template("answer.html", case=case, finds=finds, preview=text, wrong=said, seal=_seal(finds)), 422
    try:
        return _out(case, kept, finds)
    except Refused as refused:
        return render_template("answer.html", case=case, finds=finds, preview=text, wrong=refused.said, seal=_seal(finds)), 422


def _out(case: Case, kept: CaseAnswer, finds: Sequence[Find]) -> ResponseReturnValue:
    if finds:
        what = sorted({find.what for find in finds})
        audit.record(door.db(), door.me(), "answer.strangers", f"case:{case.number}", what=what, count=len(finds))
    if needs_approval(case, console().values.approval):
        kept.ask(door.db(), door.me())
        flash("已报负责人看，同意后就发给群众。", "success")
    else:
        kept.send(door.db(), door.me(), _ask(case))
        flash("答复已交出，正在送给群众。送到没有，看下面“办理经过”。", "success")
    return redirect(url_for("cases.show", number=case.number))


@blueprint.post("/<number>/answer/draft")
@door.needs(Permission.CASES)
def draft(number: str) -> ResponseReturnValue:
    """Keep what is written so far, while it is written."""
    case = case_to_handle(door.db(), door.me(), number)
    try:
        kept = CaseAnswer.keep(door.db(), case, door.me(), _typed())
    except Refused as refused:
        return render_template("_answer_kept.html", wrong=refused.said)
    return render_template("_answer_kept.html", wrong="", saved_at=kept.saved_at)


def _typed() -> Written:
    """What was typed; a whole identity number is masked before it is kept or shown again."""
    said, basis, next_step = (without_ids(request.form.get(name, ""))[:most] for name, most in _FIELDS.items())
    return Written(request.form.get("result", "")[:16], said, basis, next_step, forms.ticked("no_basis"))


def _check_numbers() -> None:
    for name, most in _FIELDS.items():
        typed = forms.text(name, most=most)
        if without_ids(typed) != typed:
            raise Refused("里面有完整的身份证号，已经替您遮住了中间几位。请看一下，再发一次。")


def _ask(case: Case) -> str:
    return ask_of(case, console().values.hotline)


def ask_of(case: Case, hotline: str) -> str:
    """Whom to ask, at the end of every answer."""
    return f"有不明白的，直接在这里问，或打{case.department.phone or hotline}。"


def _finds(case: Case, text: str) -> list[Find]:
    own = {*names_in(door.db(), [case])[case.id], case.contact_name or ""} - {""}
    numbers = [number for number in (case.phone, case.department.phone, console().values.hotline) if number]
    others = [name for name in staff_names(door.db()) if name != door.me().name]
    return strangers_in(text, own_names=own, other_names=others, own_numbers=numbers, story=case.text)


def _seal(finds: Sequence[Find]) -> str:
    # What was looked at: with another find the box is empty again.
    return hashlib.sha256("|".join(f"{find.what}:{find.shown}" for find in finds).encode()).hexdigest()[:32]


def _article_of(case: Case) -> Article | None:
    return next((one for one in console().values.articles() if one.item == case.item), None) if case.item else None


def _bases(article: Article | None) -> list[str]:
    if article is None:
        return []
    sources = [source for aspect in article.sections for source in article.sources(aspect)]
    return list(dict.fromkeys(f"{s.document}（{s.level}{f'，{s.year}年' if s.year else ''}）" for s in sources))


