"""一张单: the county's items on one sheet, drawn from the same articles that chat, hotline and console answer from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.article import Article, Source
from knowledge.catalogue.items import ITEMS, Item, item_named, plain

_WHO, _HOW_MUCH = "谁能领", "领多少"
_NO_FIGURE = "以县级主管部门当年公布为准。"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item: who gets it, how much, by which documents, and who answers for it. `slug` is empty without an article."""

    item: str
    title: str
    group: str
    who: str
    how_much: str
    figures: tuple[tuple[str, str], ...]  # what it is for, and the figure in words
    sources: tuple[Source, ...]
    department: str
    confirmed: bool
    slug: str


def sheet(articles: Iterable[Article]) -> list[Entry]:
    """Every item of the county's list, in its order; also those that nobody has written about yet."""
    by_item = {article.item: article for article in articles}
    return [_entry(item, by_item.get(item.name)) for item in ITEMS.values()]


def _entry(item: Item, article: Article | None) -> Entry:
    if article is None:
        ask = f"请问县{item.department}。"
        return Entry(item.name, item.name, item.group, ask, _NO_FIGURE, (), (), item.department, False, "")
    sections = article.sections
    figures = article.figures_in(_HOW_MUCH) if _HOW_MUCH in sections else ()
    own = (Source(article.document, article.level, article.year),)
    return Entry(
        item=item.name, title=article.title, group=item.group,
        who=sections[_WHO].lead if _WHO in sections else f"请问县{item.department}。",
        how_much=sections[_HOW_MUCH].lead if _HOW_MUCH in sections else _NO_FIGURE,
        figures=tuple((figure.label, figure.words) for figure in figures),
        sources=article.sources(_HOW_MUCH) if _HOW_MUCH in sections else own, department=article.department,
        confirmed=not article.unconfirmed, slug=article.slug,
    )  # fmt: skip


def by_group(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The entries by group, in the order in which the groups first come."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append(entry)
    return groups


def matching(entries: Sequence[Entry], wanted: str, guessed: str | None) -> list[Entry]:
    """The entries that a search finds by name, other names, group or department; `guessed`: what the words may mean."""
    sought = plain(wanted)
    if not sought:
        return list(entries)
    named = item_named(wanted)
    if named is not None:
        return [entry for entry in entries if entry.item == named.name]
    found = [entry for entry in entries if sought in _names(entry)]
    return found or [entry for entry in entries if entry.item == guessed]


def _names(entry: Entry) -> str:
    item = ITEMS[entry.item]
    return "\n".join(map(plain, (entry.title, entry.item, entry.group, entry.department, *item.aliases, *item.programmes)))
