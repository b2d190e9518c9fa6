"""How a case stands, in plain words, for whoever filed it: now, what comes next and by when, and what happened, newest first.

Only what is public is ever said; an event that is not known here is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from knowledge.clock_words import STOPPED
from knowledge.kinds import REPORT
from knowledge.wording import CASE_STATUS, beijing, day_and_weekday, moment

OPEN: Final = ("filed", "accepted")
_EVENTS: Final[Mapping[str, str]] = {
    "filed": "收下了您的事", "accepted": "接办了", "answered": "答复了您", "transferred": "转了部门", "added": "您补充了情况",
    "withdrawn": "您撤回了", "reopened": "您说没办好，重新打开，换人办", "extended": "要多办几天", "paused": "先问别处的意见，这段时间不算",
    "resumed": "意见回来了，接着办", "to_correct": "请您补充材料", "corrected": "您补上了材料",
    "not_corrected": "请您补的材料过了日子还没收到", "confirmed": "和您核对过了",
    "rekinded": "换了个办法办", "rescheduled": "放假安排公布，重新算了日子", "reassigned": "换了部门，避开被反映的单位",
    "assigned": "定了由谁办", "lost": "有照片或录音没收到，请您再发",
}  # fmt: skip
_TEXTS: Final = ("answered", "extended", "to_correct")  # whose words are for the resident
_LONGEST: Final = 600  # characters of one answer in the timeline


class Office(Protocol):
    """A department, as far as it is named."""

    @property
    def full_name(self) -> str: ...


class Event(Protocol):
    """What happened, as far as it is told."""

    @property
    def what(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def text(self) -> str | None: ...
    @property
    def public(self) -> bool: ...
    @property
    def to_department(self) -> Office | None: ...


class Told(Protocol):
    """A case, as far as it is told."""

    @property
    def number(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def is_unplaced(self) -> bool: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def provisional(self) -> bool: ...
    @property
    def stopped(self) -> str | None: ...
    @property
    def department(self) -> Office: ...
    @property
    def events(self) -> Sequence[Event]: ...


def case_in_words(case: Told, at: datetime, hotline: str) -> str:
    """The whole screen."""
    today = beijing(at).date()
    lines = [f"编号：{case.number}", f"现在：{_standing(case)}", *_next(case, at, hotline), "经过（新的在前）："]
    for event in reversed(case.events):
        if not event.public or event.what not in _EVENTS:
            continue
        where = f"，现在由{event.to_department.full_name}办" if event.to_department else ""
        lines.append(f"· {moment(event.at, today)} {_EVENTS[event.what]}{where}")
        if event.what in _TEXTS and event.text:
            lines.append(event.text if len(event.text) <= _LONGEST else event.text[:_LONGEST] + "……")
    return "\n".join(lines)


def _standing(case: Told) -> str:
    if case.status == "filed" and case.is_unplaced:
        return "收下了，正在定由哪个部门办"
    if case.status in OPEN and any(event.what == "reopened" for event in case.events):
        return f"重新打开了，{case.department.full_name}换人接着办"
    if case.status == "filed":
        return f"收下了，等{case.department.full_name}接办"
    if case.status == "accepted":
        return f"{case.department.full_name}正在办"
    return CASE_STATUS.get(case.status, case.status)


def _next(case: Told, at: datetime, hotline: str) -> list[str]:
    """What comes next, and by when."""
    if case.status == "answered":
        return ["往后：觉得没办好，发“没办好”，换人再办；还有要说的，点“补充情况”。"]
    if case.status not in OPEN:
        return []
    if case.stopped:
        return [f"往后：{STOPPED.get(case.stopped, '等着接着办。')}"]
    if case.due_at is None:
        return ["往后：要查实，没有固定期限；办完会在这里告诉您。" if case.kind == REPORT else "往后：办完会在这里告诉您。"]
    day = day_and_weekday(case.due_at, beijing(at).date())
    if case.due_at < at:
        return [f"往后：本该{day}前答复，晚了，已在催办。急的话打{hotline}。"]
    step = "部门接办，再" if case.status == "filed" else ""
    return [f"往后：{step}最晚{day}答复您{'，日子先这么算着' if case.provisional else ''}。"]


def how_counted(number: str, trail: Sequence[str]) -> str:
    """怎么算的: each step of the count on a line of its own."""
    if not trail:
        return f"编号{number}的事没有固定期限，办完会告诉您。"
    return "\n".join([f"编号{number}，日子是这么算的：", *(f"{place}. {step}" for place, step in enumerate(trail, 1))])
