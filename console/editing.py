"""Writing an article: a form for its fields, figures and sections, seen as a resident will read it while one writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import door, forms
from console.articles import READERS, act, differences, show
from knowledge.answers import Answerer
from knowledge.article import CONFIDENCES, LEVELS, Article, aspects_of
from knowledge.article_changes import CONFIDENCE, Change, changes
from knowledge.article_form import MOST_FIGURES, RESPONSIBLE, SECTION_MOST, Written, form_of, read_form
from knowledge.errors import NotThere, Refused
from knowledge.identity import find_id_numbers
from knowledge.readable import LEAD_LENGTH, SECTION_LENGTH, remarks, words
from models import editing
from models.article import DRAFT, ArticleVersion, today
from models.article_desk import is_out_of_date, replaces
from models.article_owner import check_item, may_write, version_for
from models.editing import Days, Overtaken
from models.gap import GapGroup
from models.item_owner import ItemOwner
from models.staff import Permission

blueprint = Blueprint("editing", __name__, url_prefix="/console/articles")

_WRITERS = (Permission.EDIT_KNOWLEDGE, Permission.WRITE_ARTICLES)
_DAYS = ("valid_from", "valid_to", "check_by")
_MOST_NOTE = 300
_MOST_WORDS = 5  # ways of asking that are shown to the writer


@blueprint.post("/begin")
@door.needs(*_WRITERS)
def begin() -> ResponseReturnValue:
    """A new draft, of what is in force or of an older version."""
    item = request.form.get("item", "")
    check_item(door.me(), item)
    like = version_for(door.db(), door.me(), forms.number("like") or 0) if request.form.get("like") else None
    if like is not None and like.item != item:
        raise NotThere
    note = f"换回第{like.number}版：" if like else ""
    made = editing.begin(door.db(), door.me(), item, like=like, note=note)
    return redirect(url_for("editing.edit", version_id=made.id))


@blueprint.get("/<int:version_id>/edit")
@door.needs(*_WRITERS)
def edit(version_id: int) -> ResponseReturnValue:
    """The form of a draft."""
    found = _draft(version_id)
    if found.status != DRAFT:
        return show(found, wrong="这一份已经交上去或发布了，不能再改。要改，请另起一份草稿。", status=409)
    return _form(found, form_of(found.article), _as_typed(found))


@blueprint.post("/<int:version_id>/edit")
@door.needs(*_WRITERS)
def save(version_id: int) -> ResponseReturnValue:
    """Keep what was written. With a fault, or if a colleague saved meanwhile, the form comes back as it was typed."""
    found = _draft(version_id)
    written = _typed(found)
    typed = {name: request.form.get(name, "").strip() for name in (*_DAYS, "note")}
    days, faults = _days(typed)
    if len(typed["note"]) > _MOST_NOTE:
        faults["note"] = f"写短一点，最多{_MOST_NOTE}个字。"
    if find_id_numbers(typed["note"]):
        faults["note"] = "里面有身份证号，请删掉。"
    faults = {**written.faults, **faults}
    if faults or written.article is None:
        return _form(found, written, typed, faults=faults, status=422)
    try:
        editing.save(
            door.db(), door.me(), version_id, revision=forms.number("revision") or 0, article=written.article,
            note=" ".join(typed["note"].split()), days=days,
        )  # fmt: skip
    except Overtaken as overtaken:
        theirs = changes(overtaken.version.article, written.article)
        return _form(found, written, typed, theirs=theirs, wrong=overtaken.said, status=409)
    except NotThere:
        raise
    except Refused as refused:
        return _form(found, written, typed, wrong=refused.said, status=409)
    flash("存好了。请再看一遍，然后交给同事复核。", "success")
    return redirect(url_for("articles.version", version_id=version_id))


@blueprint.post("/<int:version_id>/preview")
@door.needs(*_WRITERS)
@door.only_reads
def preview(version_id: int) -> ResponseReturnValue:
    """The section that is being written, as it will be said in chat, and what there is to mend."""
    found = _draft(version_id)
    written, aspect = _typed(found), _looked_at(found.item)
    said = written.article and Answerer([written.article]).section(found.item, aspect)
    section = written.article.sections.get(aspect) if written.article else None
    return render_template(
        "_article_preview.html", aspect=aspect, said=said, section=section, faults=_in_words(found.item, written),
        remarks=remarks(written.article) if written.article else [], words=words, most=(LEAD_LENGTH, SECTION_LENGTH),
    )  # fmt: skip


@blueprint.post("/<int:version_id>/page")
@door.needs(*_WRITERS)
@door.only_reads
def unsaved_page(version_id: int) -> ResponseReturnValue:
    """What is being written, as the public page will show it."""
    found = _draft(version_id)
    written = _typed(found)
    if written.article is None:
        raise Refused("还有写得不对的地方，先改好才看得到样子：" + "；".join(_in_words(found.item, written)[:3]))
    return _public_page(written.article)


@blueprint.get("/<int:version_id>/page")
@door.needs(*READERS)
def page(version_id: int) -> ResponseReturnValue:
    """A version as the public page will show it."""
    return _public_page(version_for(door.db(), door.me(), version_id).article)


@blueprint.post("/<int:version_id>/submit")
@door.needs(*_WRITERS)
def submit(version_id: int) -> ResponseReturnValue:
    """To a second person."""
    revision, against = forms.number("revision") or 0, forms.number("against") or 0
    return act(
        version_id, lambda: editing.submit(door.db(), door.me(), version_id, revision=revision, against=against),
        lambda done: f"{done.item}：第{done.number}版交上去了，等另一位同事复核。",
    )  # fmt: skip


@blueprint.post("/<int:version_id>/take-back")
@door.needs(*_WRITERS)
def take_back(version_id: int) -> ResponseReturnValue:
    """Work on it again."""
    return act(version_id, lambda: editing.take_back(door.db(), door.me(), version_id), lambda _: "收回来了，可以接着写。")


@blueprint.post("/<int:version_id>/drop")
@door.needs(*_WRITERS)
def drop(version_id: int) -> ResponseReturnValue:
    """Throw the draft away."""
    return act(version_id, lambda: editing.drop(door.db(), door.me(), version_id), lambda _: "草稿丢掉了。要看还能在“各个版本”里看到。")


@blueprint.post("/<int:version_id>/still-right")
@door.needs(*_WRITERS)
def still_right(version_id: int) -> ResponseReturnValue:
    """Checked against the documents: the same text with today's date, for a second person to approve."""
    found = version_for(door.db(), door.me(), version_id)
    made = editing.still_right(door.db(), door.me(), found.item)
    flash("记下了：今天核对过，内容没变。等另一位同事复核后，核对日期就换成今天。", "success")
    return redirect(url_for("articles.version", version_id=made.id))


# ---------------------------------------------------------------- the form


def _draft(version_id: int) -> ArticleVersion:
    found = version_for(door.db(), door.me(), version_id)
    if not may_write(door.me(), found.item):
        raise NotThere
    return found


def _typed(found: ArticleVersion) -> Written:
    given = {name: value for name, value in request.form.items() if len(value) < 20_000} | {"slug": found.article.slug}
    return read_form(found.item, given, today(), tuple(found.article.sections))


def _as_typed(found: ArticleVersion) -> dict[str, str]:
    dates: list[date | None] = [found.valid_from, found.valid_to, found.check_by]
    return {name: day.isoformat() if day else "" for name, day in zip(_DAYS, dates, strict=True)} | {"note": found.note}


def _days(typed: dict[str, str]) -> tuple[Days, dict[str, str]]:
    found: dict[str, date | None] = {}
    faults: dict[str, str] = {}
    for name in _DAYS:
        try:
            found[name] = date.fromisoformat(typed[name]) if typed[name] else None
        except ValueError:
            faults[name] = "日期要写成 2027-01-01 的样子。"
    days = Days(**found)
    return days, {**days.faults(today()), **faults}


def _form(
    found: ArticleVersion, written: Written, typed: dict[str, str], *, faults: dict[str, str] | None = None,
    theirs: list[Change] | None = None, wrong: str = "", status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    there = replaces(door.db(), found)
    page = render_template(
        "article_edit.html", version=found, fields=written.fields, rows=written.rows, faults=faults or {}, typed=typed,
        aspects=aspects_of(found.item), levels=_pairs(LEVELS), confidences={key: CONFIDENCE[key] for key in CONFIDENCES},
        departments=_pairs(RESPONSIBLE), given=ItemOwner.changed(door.db()).get(found.item, ""), theirs=theirs, wrong=wrong,
        there=there, most_figures=MOST_FIGURES, section_most=SECTION_MOST,
        out_of_date=is_out_of_date(door.db(), found), meanwhile=differences(there, found) if there else [], today=today(),
        asked=GapGroup.words_of_draft(door.db(), door.me(), found.id, _MOST_WORDS),
        spare=_spare(written), fault_words=_in_words(found.item, Written(written.fields, faults or {}, None)),
    )  # fmt: skip
    return page, status


def _pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


def _spare(written: Written) -> tuple[int, str]:
    """The number and the key of the next row of figures."""
    used = {written.fields.get(f"figure-{number}-key") for number in written.rows}
    place = max(written.rows, default=-1) + 1
    return place, next(key for key in (f"n{number}" for number in range(1, 100)) if key not in used)


def _in_words(item: str, written: Written) -> list[str]:
    return [f"{_place(item, name, written)}：{said}" for name, said in written.faults.items()]


def _place(item: str, name: str, written: Written) -> str:
    kind, _, rest = name.partition("-")
    if kind == "section":
        return aspects_of(item)[int(rest)]
    if kind == "figure":
        number = rest.partition("-")[0]
        return f"数字“{written.fields.get(f'figure-{number}-label') or int(number) + 1}”"
    return {
        "title": "标题", "level": "层级", "document": "文号或文件名", "year": "年份", "checked": "核对日期", "confidence": "来源",
        "department": "责任部门", "ask": "有事问谁", "valid_from": "哪天起用", "valid_to": "用到哪天", "check_by": "下次核对",
        "note": "改了什么", "figures": "数字",
    }.get(name, name)  # fmt: skip


def _looked_at(item: str) -> str:
    aspects = aspects_of(item)
    number = forms.number("looking") or 0
    return aspects[number] if number < len(aspects) else aspects[0]


def _public_page(article: Article) -> ResponseReturnValue:
    if "public.article" not in current_app.view_functions:
        raise Refused("这台机器没有开公开网页，看不了样子。聊天里的样子在编辑页右边。")
    sections = [article.sections[aspect] for aspect in aspects_of(article.item) if aspect in article.sections]
    return render_template("public/article.html", article=article, sections=sections)
