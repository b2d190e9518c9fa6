"""What becomes of an article's text: written by one person, approved by another, in force from a day on, and confirmed.

Every verb takes the item's lock first, so that what it looks at does not change under it; that nobody approves what the
same person wrote is a rule of the table as well. A verb that changes a text names the `revision` that was seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.article import Article, ArticleFault, render
from knowledge.article_form import first_article, slug_of
from knowledge.errors import NotAllowed, Refused
from knowledge.readable import remarks
from models import audit
from models.article import (
    COUNTER,
    DRAFT,
    DROPPED,
    LOOKED_AT_EVERY,
    PUBLISHED,
    RETIRED,
    REVIEW,
    ArticleEvent,
    ArticleVersion,
    What,
    today,
)
from models.article_desk import approved, is_slug_taken, replaces, standing, writers
from models.article_owner import check_item, may_confirm, may_review, may_write, owner_of, version_for
from models.base import locked_row, now
from models.platform import Counter
from models.staff import Staff

_LEAST_REASON = 4


@dataclass(frozen=True, slots=True)
class Days:
    """From when to when a version is to be used (both days included), and when its owner looks at it again."""

    valid_from: date | None = None
    valid_to: date | None = None
    check_by: date | None = None

    def faults(self, day: date) -> dict[str, str]:
        """What is wrong with them on `day`, by name."""
        found = {}
        if self.valid_from and self.valid_from < day:
            found["valid_from"] = "起用的日子已经过了。马上起用就空着，或者写以后的一天。"
        if self.valid_to and self.valid_to < max(self.valid_from or day, day):
            found["valid_to"] = "最后一天要在起用那天或以后。"
        if self.check_by and self.check_by <= day:
            found["check_by"] = "下次核对的日子要在今天以后。"
        return found


class Overtaken(Refused):
    """Somebody else saved the draft meanwhile. `version` is what stands now."""

    def __init__(self, version: ArticleVersion) -> None:
        self.version = version
        super().__init__("您写的时候，别人也存过这一份。两边都还在，请对照着合成一份，再存一次。")


# ---------------------------------------------------------------- writing


def begin(session: Session, staff: Staff, item: str, *, like: ArticleVersion | None = None, note: str = "") -> ArticleVersion:
    """A new draft: of what is in force, of an older version (`like`), or from nothing. NotThere for others' items."""
    check_item(staff, item)
    _must(may_write(staff, item))
    _hold(session, item)
    base = standing(session, item, today())
    source = like or base
    content = source.content if source else render(first_article(item, owner_of(item, session), _slug(session, item), today()))
    version = _added(session, item, content, base, note)
    version.written_by = staff.id
    _note(session, version, What.BEGUN, staff, note)
    audit.record(session, staff, "article.draft", f"article:{item}", number=version.number)
    return version


def arrive(session: Session, article: Article, by: str) -> ArticleVersion:
    """A draft out of a file: nobody's yet; whoever sends it on to be approved answers for it."""
    _hold(session, article.item)
    base = standing(session, article.item, today())
    version = _added(session, article.item, render(article), base, f"文件导入（{by}）")
    _note(session, version, What.ARRIVED, None, by)
    audit.record(session, by, "article.import", f"article:{article.item}", number=version.number)
    return version


def save(
    session: Session, staff: Staff, version_id: int, *, revision: int, article: Article, note: str, days: Days
) -> ArticleVersion:
    """Keep what was written. Overtaken if somebody else did so since `revision`."""
    version = _held(session, staff, version_id)
    _must(may_write(staff, version.item))
    if version.status != DRAFT:
        raise Refused("这一份已经交上去或发布了，不能再改。要改，请另起一份草稿。")
    if version.revision != revision:
        raise Overtaken(version)
    content = render(article)
    version.content, version.note, version.revision = content, note, revision + 1
    version.valid_from, version.valid_to, version.check_by = days.valid_from, days.valid_to, days.check_by
    version.written_by, version.written_at = staff.id, now()
    _note(session, version, What.SAVED, staff)
    return version


def submit(session: Session, staff: Staff, version_id: int, *, revision: int, against: int) -> ArticleVersion:
    """Hand a draft to a second person. `against`: the version in force that the writer has compared it with (0: none)."""
    version = _held(session, staff, version_id)
    _must(may_write(staff, version.item))
    _still(version, DRAFT, revision)
    if len(version.note.strip()) < _LEAST_REASON:
        raise Refused("请先在草稿里写上改了什么、为什么改，至少4个字。")
    _publishable(session, version)
    base = _compared(session, version, against)
    version.status, version.base_id, version.written_by = REVIEW, base, staff.id
    _note(session, version, What.SUBMITTED, staff)
    audit.record(session, staff, "article.submit", f"article:{version.item}", number=version.number)
    return version


def take_back(session: Session, staff: Staff, version_id: int) -> ArticleVersion:
    """Work on it again, before anybody has decided."""
    version = _held(session, staff, version_id)
    _must(may_write(staff, version.item) and staff.id in writers(session, version))
    _still(version, REVIEW, version.revision)
    version.status, version.revision = DRAFT, version.revision + 1
    _note(session, version, What.TAKEN_BACK, staff)
    return version


def drop(session: Session, staff: Staff, version_id: int) -> ArticleVersion:
    """Throw a draft away. It stays among the item's versions, marked so."""
    version = _held(session, staff, version_id)
    _must(may_write(staff, version.item))
    _still(version, DRAFT, version.revision)
    version.status = DROPPED
    _note(session, version, What.DROPPED, staff)
    audit.record(session, staff, "article.drop", f"article:{version.item}", number=version.number)
    return version


def still_right(session: Session, staff: Staff, item: str) -> ArticleVersion:
    """The article was checked against its documents and holds: the same text with today's date, handed to a second person."""
    version = begin(session, staff, item, note="核对过文件，内容没有变化。")
    article = replace(version.article, checked=today())
    version = save(session, staff, version.id, revision=0, article=article, note=version.note, days=Days())
    return submit(session, staff, version.id, revision=version.revision, against=version.base_id or 0)


# ---------------------------------------------------------------- deciding


def send_back(session: Session, staff: Staff, version_id: int, *, revision: int, reason: str) -> ArticleVersion:
    """Not like that: back to whoever wrote it, with the reason."""
    version = _under_review(session, staff, version_id, revision)
    if len(reason.strip()) < _LEAST_REASON:
        raise Refused("请写明哪里要改，至少4个字。")
    version.status, version.revision = DRAFT, version.revision + 1
    _note(session, version, What.SENT_BACK, staff, reason.strip())
    audit.record(session, staff, "article.send_back", f"article:{version.item}", number=version.number)
    return version


def approve(session: Session, staff: Staff, version_id: int, *, revision: int, against: int) -> ArticleVersion:
    """In force from its day on, everywhere. `against`: the version in force that the reviewer has compared it with."""
    version = _under_review(session, staff, version_id, revision)
    day = today()
    begins = max(version.valid_from or day, day)
    if version.has_outlived(begins):
        raise Refused("写的最后一天已经过了。请退回去，改好日子再交上来。")
    _publishable(session, version)
    _compared(session, version, against)
    for other in approved(session, version.item):
        if other.begins == begins or other.begins <= begins <= day:
            other.status = RETIRED
    version.check_by = version.check_by or max(version.article.checked, day) + LOOKED_AT_EVERY
    version.valid_from, version.status = begins, PUBLISHED
    version.published_at, version.published_by = now(), staff.id
    _note(session, version, What.APPROVED, staff)
    Counter.next(session, COUNTER)
    audit.record(
        session, staff, "article.publish", f"article:{version.item}", number=version.number, valid_from=str(begins)
    )
    return version


def cancel(session: Session, staff: Staff, version_id: int, reason: str) -> ArticleVersion:
    """An approved version whose day has not come does not come into force."""
    version = _held(session, staff, version_id)
    _must(may_review(staff, version.item))
    if version.status != PUBLISHED or version.begins <= today():
        raise Refused("这一版不在等着起用。已经在用的，请起草新的一版替下它。")
    if len(reason.strip()) < _LEAST_REASON:
        raise Refused("请写明为什么不起用了，至少4个字。")
    version.status = RETIRED
    _note(session, version, What.CANCELLED, staff, reason.strip())
    Counter.next(session, COUNTER)
    audit.record(session, staff, "article.cancel", f"article:{version.item}", number=version.number, reason=reason.strip())
    return version


def confirm(session: Session, staff: Staff, version_id: int, reason: str) -> ArticleVersion:
    """The department answers for what the files could not confirm: the mark 未核实 goes, with the name and the day."""
    version = _held(session, staff, version_id)
    _must(may_confirm(staff, version.item))
    if version.status != PUBLISHED or not version.article.unconfirmed:
        raise Refused("这一版不用核实，或者已经核实过了。")
    if len(reason.strip()) < _LEAST_REASON:
        raise Refused("请写明照什么核实的，比如文件名，至少4个字。")
    version.confirmed_at, version.confirmed_by = now(), staff.id
    _note(session, version, What.CONFIRMED, staff, reason.strip())
    Counter.next(session, COUNTER)
    audit.record(session, staff, "article.confirm", f"article:{version.item}", number=version.number, reason=reason.strip())
    return version


# ---------------------------------------------------------------- inside


def _hold(session: Session, item: str) -> None:
    locked_row(session, Counter, {"name": f"article:{item}"})


def _held(session: Session, staff: Staff, version_id: int) -> ArticleVersion:
    version = version_for(session, staff, version_id)
    _hold(session, version.item)
    session.refresh(version)
    return version


def _must(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed


def _still(version: ArticleVersion, status: str, revision: int) -> None:
    if version.status != status:
        raise Refused("这一份刚才有人办过了，请看看现在的样子。")
    if version.revision != revision:
        raise Refused("您看的时候，这一份又改过。请把现在的样子再看一遍。")


def _under_review(session: Session, staff: Staff, version_id: int, revision: int) -> ArticleVersion:
    version = _held(session, staff, version_id)
    _must(may_review(staff, version.item))
    _still(version, REVIEW, revision)
    if staff.id in writers(session, version):
        raise Refused("自己写的，不能自己批。请换一位同事复核。")
    return version


def _compared(session: Session, version: ArticleVersion, against: int) -> int | None:
    there = replaces(session, version)
    if (there.id if there else 0) != against:
        number = f"第{there.number}版" if there else "别的版本"
        raise Refused(f"刚才{number}起用了，和您对照的不是同一版。请对照新的再看一遍。")
    return there.id if there else None


def _publishable(session: Session, version: ArticleVersion) -> None:
    try:
        article = version.article
    except ArticleFault as fault:
        raise Refused(f"这一份读不出来，请改好再交。{fault.said}") from None
    fault_said = next((f"“{remark.aspect}”：{remark.said}" for remark in remarks(article) if remark.fault), "")
    if fault_said:
        raise Refused(fault_said)
    if not article.slug or is_slug_taken(session, article):
        raise Refused("网址里的名字空着，或者和别的文章一样。请系统管理员改好文件再导入。")


def _added(session: Session, item: str, content: str, base: ArticleVersion | None, note: str) -> ArticleVersion:
    last = session.scalar(select(func.max(ArticleVersion.number)).where(ArticleVersion.item == item)) or 0
    version = ArticleVersion(
        item=item, number=last + 1, status=DRAFT, content=content, note=note, base_id=base.id if base else None
    )
    session.add(version)
    session.flush()
    return version


def _note(session: Session, version: ArticleVersion, what: What, staff: Staff | None, note: str = "") -> None:
    session.add(ArticleEvent(version_id=version.id, staff_id=staff.id if staff else None, what=what, note=note))
    session.flush()


def _slug(session: Session, item: str) -> str:
    slug = slug_of(item)
    taken = ArticleVersion.content.contains(f"\nslug: {slug}\n", autoescape=True)
    return f"{slug}-2" if session.scalar(select(ArticleVersion.id).where(ArticleVersion.item != item, taken).limit(1)) else slug
