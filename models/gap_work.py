"""The work behind the gaps: new questions are gathered into groups, and after each publication all that is open is asked
again. Reading and thinking come first; what is written goes in short transactions, since one writer serves everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.answers import Answerer
from knowledge.errors import NotThere
from knowledge.grouping import Groups
from knowledge.routing import route
from models.article import COUNTER, ArticleVersion, today
from models.article_owner import owner_of
from models.base import locked_row
from models.db import Database
from models.gap import ANSWERED, CHANGED, UNHELPFUL, Gap, GapGroup, join
from models.item_owner import ItemOwner
from models.platform import Counter
from models.staff import Department

_READ_AT_ONCE = 5000  # questions
_WRITTEN_AT_ONCE = 100  # questions in one transaction
_ASKED_AGAIN = 10  # of a group's newest questions
_SURE_OWNER = 0.5  # below it nobody is named, and the coordinator decides
_CHECKED, _CHECKED_DAY = "gaps.checked", "gaps.checked_day"


class _New(NamedTuple):
    """A question that has found its group: an old one by its number, a new one by the number of its first question."""

    gap_id: int
    group: int | None
    first: int


def tend(database: Database, stopped: Callable[[], bool] = lambda: False) -> int:
    """Gather what is new and ask again what is open, where either is due; gives how much was gathered or closed."""
    return gather(database, stopped) + check_again(database, stopped)


def answerer_of(session: Session) -> Answerer:
    """What answers residents at this moment."""
    return Answerer(ArticleVersion.published(session))


# ---------------------------------------------------------------- gathering


def gather(database: Database, stopped: Callable[[], bool] = lambda: False) -> int:
    """Give every loose question its group; gives how many."""
    done = 0
    while not stopped():
        with database.read() as session:
            loose = Gap.loose(session, _READ_AT_ONCE)
            if not loose:
                return done
            groups = _standing(session)
            answerer, changed = answerer_of(session), ItemOwner.changed(session)
        found, gaps = _placed(loose, groups), {gap.id: gap for gap in loose}
        owners = {each.first: _owner(gaps[each.first], answerer, changed) for each in found if each.group is None}
        made: dict[int, int] = {}
        for start in range(0, len(found), _WRITTEN_AT_ONCE):
            if stopped():
                return done
            part = found[start : start + _WRITTEN_AT_ONCE]
            made |= database.write(partial(_write, part=part, known=dict(made), gaps=gaps, owners=owners))
            done += len(part)
    return done


def _standing(session: Session) -> Groups[tuple[int | None, int]]:
    """The groups there are, open and closed: what was set aside as not ours is not set aside again and again."""
    query = select(GapGroup.id, GapGroup.question, GapGroup.kind, GapGroup.item, GapGroup.aspect).order_by(GapGroup.id)
    rows = session.execute(query)
    return Groups(((number, 0), question, _sort(kind, item, aspect)) for number, question, kind, item, aspect in rows if question)


def _sort(kind: str, item: str | None, aspect: str | None) -> str:
    # An item without an aspect was only guessed, after the question had found no answer.
    return f"{kind}:{item}:{aspect}" if aspect else kind


def _placed(loose: Sequence[Gap], groups: Groups[tuple[int | None, int]]) -> list[_New]:
    found = []
    for gap in loose:
        sort = _sort(gap.kind, gap.item, gap.aspect)
        near = groups.find(gap.question, sort)
        if near is None:
            groups.add((None, gap.id), gap.question, sort)
        group, first = near[0] if near else (None, gap.id)
        found.append(_New(gap.id, group, first))
    return found


def _owner(gap: Gap, answerer: Answerer, changed: Mapping[str, str]) -> tuple[str | None, str]:
    """The item that a question is about, and the department that should answer it; empty where nothing tells."""
    item = gap.item or answerer.guess_item(gap.question)
    if item:
        try:
            return item, changed.get(item) or owner_of(item)
        except NotThere:
            return None, ""
    found = route(gap.question)
    return None, found.departments[0] if found.confidence and found.confidence[0] >= _SURE_OWNER else ""


def _write(
    session: Session, *, part: Sequence[_New], known: Mapping[int, int], gaps: Mapping[int, Gap],
    owners: Mapping[int, tuple[str | None, str]],
) -> dict[int, int]:  # fmt: skip
    """Put a few questions into their groups; gives the new groups by their first questions."""
    made = dict(known)
    wanted = select(Gap.id).where(Gap.id.in_([each.gap_id for each in part]), Gap.group_id.is_(None))
    loose = set(session.scalars(wanted.order_by(Gap.id).with_for_update()))
    numbers = {each.group if each.group is not None else made.get(each.first) for each in part}
    query = select(GapGroup).where(GapGroup.id.in_(numbers - {None})).order_by(GapGroup.id).with_for_update(of=GapGroup)
    groups = {group.id: group for group in session.scalars(query)}
    joined = []
    for each in part:
        if each.gap_id not in loose:
            continue  # another worker was faster, or the asker has left
        number = each.group if each.group is not None else made.get(each.first)
        if number is None:
            group = _begin(session, gaps[each.gap_id], *owners[each.first])
            number = made[each.first] = group.id
            groups[number] = group
        groups[number].take_in(gaps[each.gap_id])
        joined.append((each.gap_id, number))
    join(session, joined)
    return made


def _begin(session: Session, gap: Gap, item: str | None, department: str) -> GapGroup:
    owner = Department.named(session, department) if department else None
    group = GapGroup(
        question=gap.question, kind=gap.kind, item=item, aspect=gap.aspect, said=gap.said, opened_at=gap.asked_at,
        asked_at=gap.asked_at, asked=0, department=owner,
    )  # fmt: skip
    session.add(group)
    session.flush()
    return group


# ---------------------------------------------------------------- asking again


def check_again(database: Database, stopped: Callable[[], bool] = lambda: False) -> int:
    """After a publication, and once a day: close the groups whose questions are answered by now; gives how many."""
    with database.read() as session:
        version, day = Counter.value_of(session, COUNTER), today().toordinal()
        if (Counter.value_of(session, _CHECKED), Counter.value_of(session, _CHECKED_DAY)) == (version, day):
            return 0
        waiting = session.scalars(select(GapGroup).where(GapGroup.closed_at.is_(None)).order_by(GapGroup.id)).all()
        answerer = answerer_of(session) if waiting else None  # half a second's work, for nothing where nothing waits
        answered = [
            group.id
            for group in waiting
            if answerer and not stopped() and is_answered(answerer, group, partial(_questions, session, group))
        ]
    if stopped():
        return 0
    rest = iter(answered)
    while part := list(islice(rest, _WRITTEN_AT_ONCE)):
        database.write(partial(_close, ids=part))
    database.write(partial(_checked, version=version, day=day))
    return len(answered)


def is_answered(answerer: Answerer, group: GapGroup, questions: Callable[[], Sequence[str]]) -> bool:
    """Whether a group's questions are answered by a section now; of an answer that did not help, whether it was rewritten."""
    if group.kind == UNHELPFUL:
        mark = answerer.mark(group.item or "", group.aspect or "")
        return bool(mark) and mark != group.said
    return _is_told(answerer, group.question) and all(_is_told(answerer, question) for question in questions())


def _is_told(answerer: Answerer, question: str) -> bool:
    answer = answerer.answer(question)
    return answer.answered and not answer.gap


def _questions(session: Session, group: GapGroup) -> list[str]:
    return [gap.question for gap in group.questions(session, _ASKED_AGAIN)]


def _close(session: Session, ids: Sequence[int]) -> None:
    for group in session.scalars(select(GapGroup).where(GapGroup.id.in_(ids)).with_for_update(of=GapGroup)):
        if group.is_open:
            group.close(CHANGED if group.kind == UNHELPFUL else ANSWERED)


def _checked(session: Session, version: int, day: int) -> None:
    locked_row(session, Counter, {"name": _CHECKED}).value = version
    locked_row(session, Counter, {"name": _CHECKED_DAY}).value = day
