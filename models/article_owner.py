"""Who sees, writes and approves which articles. The loader is the check: an article of others is never loaded.

A clerk sees the articles of the own department; who writes for all (系统管理员) and who oversees (督办人员) see every one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, object_session

from knowledge.catalogue.departments import COORDINATOR, TOWNSHIP
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.errors import NotThere
from models.article import ArticleVersion
from models.item_owner import ItemOwner
from models.staff import Permission, Staff

_GIVEN = "item owners"
_NOT_YOURS = "没有这一篇，或者不归您的部门。"


def owner_of(item: str, session: Session | None = None) -> str:
    """The department that answers for an item or topic: the county's word where there is a session, else the catalogue's.

    What every township does alike is one article: the coordinator keeps it. NotThere for what the catalogue does not hold.
    """
    found = ITEMS.get(item) or TOPICS.get(item)
    if found is None:
        raise NotThere("项目目录里没有这一项。")
    name = _given(session).get(item, found.department)
    return COORDINATOR if name == TOWNSHIP else name


def _given(session: Session | None) -> Mapping[str, str]:
    # Asked once in a transaction: a page asks about every item.
    if session is None:
        return {}
    if _GIVEN not in session.info:
        session.info[_GIVEN] = ItemOwner.changed(session)
    given: Mapping[str, str] = session.info[_GIVEN]
    return given


def items_of(staff: Staff) -> frozenset[str]:
    """The items whose articles this person may see."""
    everything = (*ITEMS, *TOPICS)
    if staff.may(Permission.WRITE_ARTICLES):
        home = staff.department.name if staff.department else ""
        return frozenset(item for item in everything if owner_of(item, object_session(staff)) == home)
    if staff.may(Permission.EDIT_KNOWLEDGE) or staff.may(Permission.REVIEW_ARTICLES):
        return frozenset(everything)
    return frozenset()


def may_write(staff: Staff, item: str) -> bool:
    """Whether this person writes drafts for the item."""
    allowed = staff.may(Permission.WRITE_ARTICLES) or staff.may(Permission.EDIT_KNOWLEDGE)
    return allowed and item in items_of(staff)


def may_review(staff: Staff, item: str) -> bool:
    """Whether this person approves drafts for the item that others wrote."""
    return staff.may(Permission.REVIEW_ARTICLES) and item in items_of(staff)


def may_confirm(staff: Staff, item: str) -> bool:
    """Whether this person answers for what the article says: a clerk of the department that owns it."""
    return staff.may(Permission.WRITE_ARTICLES) and item in items_of(staff)


def versions_for(staff: Staff, items: Iterable[str] = ()) -> Select[ArticleVersion]:
    """The versions that this person may see, by item, the newest first; only of some items if any are named."""
    seen = items_of(staff) & frozenset(items) if items else items_of(staff)
    query = select(ArticleVersion).where(ArticleVersion.item.in_(seen))
    return query.order_by(ArticleVersion.item, ArticleVersion.number.desc())


def version_for(session: Session, staff: Staff, version_id: int) -> ArticleVersion:
    """One of those versions, or NotThere."""
    found = session.scalar(versions_for(staff).where(ArticleVersion.id == version_id))
    if found is None:
        raise NotThere(_NOT_YOURS)
    return found


def check_item(staff: Staff, item: str) -> None:
    """NotThere unless this person may see the articles of the item."""
    if item not in items_of(staff):
        raise NotThere(_NOT_YOURS)
