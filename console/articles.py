"""The articles' versions, for those who keep the knowledge."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from console import door
from knowledge.article import ArticleFault, parse
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.errors import NotThere
from models.article import DRAFT, PUBLISHED, ArticleVersion
from models.staff import Permission

blueprint = Blueprint("articles", __name__, url_prefix="/console/articles")

STATUS = {"draft": "草稿", "published": "在用", "retired": "旧版"}


@blueprint.get("/")
@door.needs(Permission.EDIT_KNOWLEDGE)
def versions() -> ResponseReturnValue:
    """Every item with its published version, drafts that wait first, and the items that have none."""
    rows = door.db().scalars(select(ArticleVersion).order_by(ArticleVersion.item, ArticleVersion.number.desc())).all()
    drafts = [row for row in rows if row.status == DRAFT]
    published = {row.item: (row, parse(row.content)) for row in rows if row.status == PUBLISHED}
    missing = [name for name in (*ITEMS, *TOPICS) if name not in published]
    return render_template("articles.html", drafts=drafts, published=published, missing=missing)


@blueprint.get("/<int:version_id>")
@door.needs(Permission.EDIT_KNOWLEDGE)
def version(version_id: int) -> ResponseReturnValue:
    """One version as residents would read it, and what it changes."""
    found = _version(version_id)
    others = door.db().scalars(
        select(ArticleVersion).where(ArticleVersion.item == found.item).order_by(ArticleVersion.number.desc())
    ).all()
    standing = next((row for row in others if row.status == PUBLISHED), None)
    changes = list(_changes(standing.content, found.content)) if standing and standing.id != found.id else []
    return render_template(
        "article_version.html", version=found, article=parse(found.content), others=others, standing=standing,
        changes=changes, statuses=STATUS,
    )  # fmt: skip


@blueprint.post("/<int:version_id>/publish")
@door.needs(Permission.EDIT_KNOWLEDGE)
def publish(version_id: int) -> ResponseReturnValue:
    """From now on this version answers, everywhere."""
    found = _version(version_id)
    try:
        parse(found.content)
    except ArticleFault as fault:
        flash(fault.said, "danger")
        return redirect(url_for("articles.version", version_id=version_id))
    if found.status != PUBLISHED:
        found.publish(door.db(), door.me().id)
        door.trace("article.publish", f"article:{found.item}", number=found.number)
        flash(f"{found.item}：第{found.number}版已发布，几秒钟内各处都用新的。", "success")
    return redirect(url_for("articles.versions"))


def _version(version_id: int) -> ArticleVersion:
    found = door.db().get(ArticleVersion, version_id)
    if found is None:
        raise NotThere("没有这个版本。")
    return found


def _changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Line by line: + added, - taken out, and … where unchanged lines are left out."""
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=1):
        if line.startswith(("---", "+++")):
            continue
        yield ("…", "") if line.startswith("@@") else (line[0], line[1:])
