"""`flask articles export` and `flask articles import`: the articles as files, out of the database and back into it.

Out goes what is in force; in comes a draft for each file that says something else, which a second person approves as ever.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.article import SLUG, Article, ArticleFault, parse, render
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.errors import Fault, Refused
from knowledge.identity import find_id_numbers
from models.article import DRAFT, PUBLISHED, REVIEW, ArticleVersion, in_force, today
from models.article_desk import is_slug_taken
from models.db import Database
from models.editing import arrive

_MOST_BYTES = 256 * 1024  # of one file; the longest article has 10
_MOST_FILES = 500


class _Told(NamedTuple):
    """What became of one file."""

    file: str
    said: str
    is_refused: bool = False
    is_draft: bool = False


def articles_command(open_database: Callable[[], Database]) -> click.Group:
    """The command family."""

    @click.group("articles")
    def articles() -> None:
        """政策文章：写成文件带走，或者从文件收进草稿。"""

    @articles.command("export")
    @click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
    def export(folder: Path) -> None:
        """把在用的文章写成文件，一篇一个。没改过的，和原来的文件一个字节不差。"""
        try:
            written, same = _export(open_database(), folder)
        except Fault as fault:
            raise click.ClickException(fault.said) from None
        except OSError as error:
            raise click.ClickException(f"写不进这个文件夹：{error.strerror}。请换一个，或者看看权限。") from None
        click.echo(f"写了{written}篇，{same}篇和文件夹里的一样，没有动。")

    @articles.command("import")
    @click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
    @click.option("--dry-run", is_flag=True, help="只说会怎样，不收。")
    def import_(folder: Path, dry_run: bool) -> None:
        """文件里和在用的不一样的文章，收进来做草稿，等人在后台看过、复核再发布。有一篇不能收，状态码是1。"""
        told = list(_import(open_database(), folder, dry_run=dry_run))
        for one in told:
            click.echo(f"{one.file}：{one.said}", err=one.is_refused)
        drafts, refused = sum(one.is_draft for one in told), sum(one.is_refused for one in told)
        kept = len(told) - drafts - refused
        click.echo(f"{'会收进' if dry_run else '收进'}{drafts}份草稿，{kept}篇没有变化，{refused}篇不能收。")
        if drafts and not dry_run:
            click.echo("请到后台“政策文章”里看一遍，交给另一位同事复核。")
        raise SystemExit(1 if refused else 0)

    return articles


def _export(database: Database, folder: Path) -> tuple[int, int]:
    with database.read() as session:
        rows = session.scalars(select(ArticleVersion).where(ArticleVersion.status == PUBLISHED)).all()
        texts = [row.content for row in in_force(rows, today()).values()]
    files = dict(_named(texts))
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for name, text in sorted(files.items()):
        path, content = folder / name, text.encode()
        if path.is_symlink():
            raise Refused(f"{name} 是个链接，不往里写。请删掉它，或者换个文件夹。")
        if path.is_file() and path.read_bytes() == content:
            continue
        path.write_bytes(content)
        written += 1
    return written, len(files) - written


def _named(texts: list[str]) -> Iterator[tuple[str, str]]:
    """Every text under the name of its file: nothing but small letters, digits and dashes."""
    seen: dict[str, str] = {}
    for text in texts:
        article = parse(text)
        if not SLUG.fullmatch(article.slug):
            raise Refused(f"“{article.item}”没有网址里的名字，写不成文件。请在后台另起一份草稿，发布后再导出。")
        if article.slug in seen:
            raise Refused(f"“{article.item}”和“{seen[article.slug]}”网址里的名字一样，写不成两个文件。")
        seen[article.slug] = article.item
        yield f"{article.slug}.md", text


def _import(database: Database, folder: Path, *, dry_run: bool) -> Iterator[_Told]:
    seen: dict[str, str] = {}
    for place, path in enumerate(sorted(folder.glob("*.md"))):
        if place >= _MOST_FILES:
            yield _Told(path.name, f"文件太多了，一次最多{_MOST_FILES}个。", is_refused=True)
            return
        try:
            article = _read(path)
            if article.item in seen:
                raise Refused(f"“{article.item}”在 {seen[article.item]} 里已经有一篇了，一个项目只收一篇。")
            seen[article.item] = path.name
            yield database.write(partial(_take, article=article, name=path.name, dry_run=dry_run))
        except Fault as fault:
            yield _Told(path.name, fault.said, is_refused=True)


def _read(path: Path) -> Article:
    if path.is_symlink() or not path.is_file():
        raise Refused("不是普通文件，不收。")
    if path.stat().st_size > _MOST_BYTES:
        raise Refused(f"文件太大了，一篇最多{_MOST_BYTES // 1024}KB。")
    try:
        article = parse(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Refused("文件不是 UTF-8 编码，请另存为 UTF-8。") from None
    except OSError as error:
        raise Refused(f"读不了：{error.strerror}。") from None
    if article.slug != path.stem:
        raise ArticleFault(f"slug 要和文件名一样，写成 {path.stem}。")
    if find_id_numbers(render(article)):
        raise Refused("里面有身份证号，请删掉。")
    return article


def _take(session: Session, *, article: Article, name: str, dry_run: bool) -> _Told:
    rows = session.scalars(select(ArticleVersion).where(ArticleVersion.item == article.item)).all()
    if article.item not in (*ITEMS, *TOPICS):
        known = "已经不在项目目录里了" if rows else "项目目录里没有这一项"
        raise Refused(f"“{article.item}”{known}，不收。项目名要和目录里一个字不差。")
    if is_slug_taken(session, article):
        raise Refused(f"网址里的名字 {article.slug} 已经有别的文章用着。")
    text, current = render(article), in_force(rows, today()).get(article.item)
    if current is not None and current.content == text:
        return _Told(name, "和在用的一样。")
    waiting = next((row for row in rows if row.status in (DRAFT, REVIEW) and row.content == text), None)
    if waiting is not None:
        return _Told(name, f"第{waiting.number}版草稿就是这样写的，没有再收。")
    if dry_run:
        return _Told(name, "和在用的不一样，会收进草稿。", is_draft=True)
    made = arrive(session, article, f"命令行：{_who()}"[:64])
    new = "" if current else "，这一项以前没有文章"
    return _Told(name, f"收进来了，是第{made.number}版草稿{new}。", is_draft=True)


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
