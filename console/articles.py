"""The articles' versions: what is in force, what waits, one version beside the one it replaces, and the decision on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from console import door, forms
from knowledge.article import Article, ArticleFault
from knowledge.article_changes import CONFIDENCE, Change, changes
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.errors import NotAllowed, NotThere, Refused
from knowledge.readable import remarks
from models import editing
from models.article import DRAFT, DROPPED, PUBLISHED, REVIEW, ArticleVersion, coming, in_force, today
from models.article_desk import Desk, events, is_due, is_out_of_date, replaces, writers
from models.article_owner import items_of, may_confirm, may_review, may_write, owner_of, version_for, versions_for
from models.gap import GapGroup
from models.staff import Permission, Staff

blueprint = Blueprint("articles", __name__, url_prefix="/console/articles")

_MOST_WORDS = 5  # ways of asking that are shown beside a draft
READERS = (Permission.EDIT_KNOWLEDGE, Permission.WRITE_ARTICLES, Permission.REVIEW_ARTICLES)
EVENTS = {
    "begun": "起草", "arrived": "从文件导入", "saved": "存了草稿", "submitted": "交上来复核", "taken_back": "收回去再改",
    "sent_back": "退回修改", "approved": "批准", "cancelled": "撤销，不起用了", "dropped": "丢掉草稿", "confirmed": "核实",
}  # fmt: skip


@blueprint.get("/")
@door.needs(*READERS)
def versions() -> ResponseReturnValue:
    """What waits for this person, the drafts, and every article in force; also the items that have none."""
    there = versions_for(door.me()).where(ArticleVersion.status.in_((DRAFT, REVIEW, PUBLISHED)))
    rows, day = door.db().scalars(there).all(), today()
    order = [*ITEMS, *TOPICS]
    current = dict(sorted(in_force(rows, day).items(), key=lambda one: order.index(one[0])))
    seen, desk = items_of(door.me()), Desk.of(door.db(), door.me())
    return render_template(
        "articles.html", desk=desk, drafts=[row for row in rows if row.status == DRAFT],
        reviews=[row for row in rows if row.status == REVIEW and row not in desk.reviews], coming=coming(rows, day),
        published=[(row, article) for row in current.values() if (article := article_in(row))],
        unreadable=[row for row in current.values() if article_in(row) is None],
        confidence_words=CONFIDENCE, missing=sorted(seen - current.keys(), key=order.index), people=people(door.db(), rows),
        is_due=lambda row: is_due(row, day), outlived=lambda row: row.has_outlived(day),
        may_write=lambda item: may_write(door.me(), item), owner_of=lambda item: owner_of(item, door.db()),
    )  # fmt: skip


@blueprint.get("/<int:version_id>")
@door.needs(*READERS)
def version(version_id: int) -> ResponseReturnValue:
    """One version as residents would read it, what it changes, who did what, and what can be done with it."""
    return show(version_for(door.db(), door.me(), version_id))


def show(found: ArticleVersion, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    """The page of a version."""
    session, staff, day = door.db(), door.me(), today()
    article = article_in(found)
    rows = session.scalars(versions_for(staff, [found.item])).all()
    current = in_force(rows, day).get(found.item)
    there, beside, trail = replaces(session, found), _beside(session, found, current), events(session, found)
    is_open = found.status in (DRAFT, REVIEW)
    page = render_template(
        "article_version.html", version=found, article=article, rows=rows, current=current, there=there, beside=beside, day=day,
        changes=differences(beside, found), wrong=wrong, events=trail, event_words=EVENTS,
        people=people(session, rows, (event.staff_id for event in trail)), state=lambda row: state_of(row, current, day),
        remarks=remarks(article) if article and is_open else [], outlived=found.has_outlived(day),
        out_of_date=is_out_of_date(session, found), meanwhile=_meanwhile(session, found, there), is_open=is_open,
        may_write=may_write(staff, found.item), may_decide=_may_decide(found), may_review=may_review(staff, found.item),
        may_confirm=may_confirm(staff, found.item), wrote=staff.id in writers(session, found), owner=owner_of(found.item, session),
        asked=GapGroup.words_of_draft(session, staff, found.id, _MOST_WORDS) if is_open else [],
        confidence_words=CONFIDENCE, waits=found.status == PUBLISHED and found.begins > day,
    )  # fmt: skip
    return page, status


@blueprint.post("/<int:version_id>/approve")
@door.needs(Permission.REVIEW_ARTICLES)
def approve(version_id: int) -> ResponseReturnValue:
    """In force from its day on, everywhere."""
    return act(
        version_id, lambda: editing.approve(door.db(), door.me(), version_id, revision=_seen("revision"), against=_seen("against")),
        lambda done: f"{done.item}：第{done.number}版批准了。" + ("几秒钟内各处都用新的。" if done.begins <= today()
                     else f"到{done.begins.isoformat()}那天零点自己起用。"),
    )  # fmt: skip


@blueprint.post("/<int:version_id>/send-back")
@door.needs(Permission.REVIEW_ARTICLES)
def send_back(version_id: int) -> ResponseReturnValue:
    """Back to whoever wrote it."""
    return act(
        version_id,
        lambda: editing.send_back(door.db(), door.me(), version_id, revision=_seen("revision"), reason=forms.outgoing("reason")),
        lambda done: f"{done.item}：第{done.number}版退回去了，起草的人会看到您写的话。",
    )


@blueprint.post("/<int:version_id>/cancel")
@door.needs(Permission.REVIEW_ARTICLES)
def cancel(version_id: int) -> ResponseReturnValue:
    """A version that waits for its day does not come into force."""
    return act(
        version_id, lambda: editing.cancel(door.db(), door.me(), version_id, forms.outgoing("reason")),
        lambda done: f"{done.item}：第{done.number}版不起用了，现在用着的照旧。",
    )  # fmt: skip


@blueprint.post("/<int:version_id>/confirm")
@door.needs(Permission.WRITE_ARTICLES)
def confirm(version_id: int) -> ResponseReturnValue:
    """The department answers for what the files could not confirm."""
    return act(
        version_id, lambda: editing.confirm(door.db(), door.me(), version_id, forms.outgoing("reason")),
        lambda done: f"{done.item}：记下了，是您核实的。“未核实”的记号去掉了。",
    )  # fmt: skip


def act(
    version_id: int, verb: Callable[[], ArticleVersion], said: Callable[[ArticleVersion], str]
) -> ResponseReturnValue:
    """Do it and go back to the version; a refusal is said on its page."""
    try:
        done = verb()
    except (NotThere, NotAllowed):
        raise
    except Refused as refused:
        return show(version_for(door.db(), door.me(), version_id), wrong=refused.said, status=422)
    flash(said(done), "success")
    return redirect(url_for("articles.version", version_id=done.id))


# ---------------------------------------------------------------- what pages show


def waiting() -> int:
    """How many articles wait for whoever is signed in; for the menu. 0 on pages that have no transaction of their own."""
    session: Session | None = g.get("session")
    if session is None or not session.in_transaction():
        return 0
    if "articles_waiting" not in g:
        g.articles_waiting = Desk.of(session, door.me()).count
    return int(g.articles_waiting)


def article_in(row: ArticleVersion) -> Article | None:
    """The article of a version; None if its text cannot be read."""
    try:
        return row.article
    except ArticleFault:
        return None


def differences(old: ArticleVersion | None, new: ArticleVersion) -> list[Change]:
    """What a version says otherwise than another; nothing where there is none to compare with."""
    was, now = article_in(old) if old else None, article_in(new)
    return changes(was, now) if was and now else []


def people(session: Session, rows: Iterable[ArticleVersion], also: Iterable[int | None] = ()) -> dict[int | None, str]:
    """The names of all who had to do with these versions."""
    ids = {person for row in rows for person in (row.written_by, row.published_by, row.confirmed_by)} | set(also)
    found = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids - {None})))
    return {key: name for key, name in found} | {None: "系统"}


def state_of(row: ArticleVersion, current: ArticleVersion | None, day: date) -> tuple[str, str]:
    """How a version stands, in words, and its colour."""
    if row.status == DRAFT:
        return "草稿", "wait"
    if row.status == REVIEW:
        return "等人复核", "progress"
    if row.status == DROPPED:
        return "丢掉的草稿", ""
    if row.status == PUBLISHED and row.begins > day:
        return f"{row.begins.isoformat()}起用", "progress"
    if current is not None and row.id == current.id:
        return ("过期了", "bad") if row.has_outlived(day) else ("在用", "good")
    return "旧版", ""


def _beside(session: Session, found: ArticleVersion, current: ArticleVersion | None) -> ArticleVersion | None:
    """With which version this one is compared: what it replaces, what it replaced, or what replaced it."""
    if found.status in (DRAFT, REVIEW):
        return replaces(session, found)
    if found.status == PUBLISHED:
        return session.get(ArticleVersion, found.base_id) if found.base_id else None
    return current


def _meanwhile(session: Session, found: ArticleVersion, there: ArticleVersion | None) -> list[Change]:
    """What was published since a draft was begun."""
    base = session.get(ArticleVersion, found.base_id) if found.base_id else None
    return differences(base, there) if base and there and base.id != there.id else []


def _may_decide(found: ArticleVersion) -> bool:
    mine = door.me().id in writers(door.db(), found)
    return found.status == REVIEW and may_review(door.me(), found.item) and not mine


def _seen(name: str) -> int:
    return forms.number(name) or 0
