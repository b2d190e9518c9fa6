"""The menu at the head of every page: what a person may open, in areas, where there is much of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import request

from console import articles, reminders
from models.staff import Permission, Staff

_MOST_IN_A_ROW = 7  # more entries than this are put into areas: the head stays one row on an office's screen


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that may be opened; `count` is what waits there, `of` says of what in one word, for whoever only hears it."""

    endpoint: str
    label: str
    count: int
    of: str
    here: bool


@dataclass(frozen=True, slots=True)
class Area:
    """Entries under one name; of a single one the name is its own."""

    name: str
    entries: Sequence[Entry]

    @property
    def count(self) -> int:
        """What waits in all of it."""
        return sum(entry.count for entry in self.entries)

    @property
    def here(self) -> bool:
        """Whether the page that is open belongs to it."""
        return any(entry.here for entry in self.entries)


# By area: who may, where to, and what it is called. What stands twice is shown once, by the first that holds.
_AREAS: Mapping[str, tuple[tuple[Permission, str, str], ...]] = {
    "统计": (
        (Permission.OVERSEE, "overview.show", "督办总览"),
        (Permission.OVERSEE, "statistics.show", "统计"),
    ),
    "办件": (
        (Permission.CASES, "cases.queue", "办件"),
        (Permission.VILLAGE_CASES, "cases.queue", "本村办件"),
        (Permission.FILE_FOR_CALLER, "filing.form", "代登记"),
        (Permission.TRIAGE, "triage.desk", "待分派"),
        (Permission.LEARN_ROUTING, "routing_changes.desk", "分派改进"),
        (Permission.CASES, "reminders.desk", "到期提醒"),
        (Permission.APPROVE, "approvals.queue", "待批"),
        (Permission.WORK_ORDERS, "work_orders.desk", "12345工单"),
        (Permission.CALL_LIST, "calls.call_list", "待打电话"),
        (Permission.ALL_CALLS, "call_notes.calls", "热线电话"),
        (Permission.CASES, "canned.texts", "常用答复"),
        (Permission.EDIT_KNOWLEDGE, "canned.texts", "常用答复"),
    ),
    "知识": (
        (Permission.SEARCH_KNOWLEDGE, "hotline.desk", "政策检索"),
        (Permission.EDIT_KNOWLEDGE, "articles.versions", "政策文章"),
        (Permission.REVIEW_ARTICLES, "articles.versions", "政策文章"),
        (Permission.GAPS, "gaps.overview", "待补答案"),
        (Permission.FAILED_MESSAGES, "failures.messages", "没答上的消息"),
    ),
    "发放": (
        (Permission.LOOK_UP, "proving.desk", "代查补贴"),
        (Permission.PAYMENTS, "batches.overview", "发放数据"),
        (Permission.RETURNS, "returns.queue", "银行退回"),
        (Permission.FINDINGS, "findings.queue", "核查线索"),
        (Permission.PUBLISH, "publicity_desk.lists", "公示"),
        (Permission.PRINT_CARDS, "village_cards.desk", "打印明白卡"),
    ),
    "系统": (
        (Permission.STAFF, "people.staff_list", "人员"),
        (Permission.STAFF, "people.department_list", "部门"),
        (Permission.STAFF, "county.show", "县里的设置"),
        (Permission.AUDIT, "audit.log", "操作记录"),
    ),
}


def menu_of(staff: Staff, section: str = "") -> list[Area]:
    """What this person may open. `section` is the entry that a page without one of its own belongs to."""
    areas = [
        Area(name, found) for name, entries in _AREAS.items() if (found := list(_allowed(staff, entries, section)))
    ]
    if sum(len(area.entries) for area in areas) <= _MOST_IN_A_ROW:
        return [Area(entry.label, [entry]) for area in areas for entry in area.entries]
    return [area if len(area.entries) > 1 else Area(area.entries[0].label, area.entries) for area in areas]


def _allowed(staff: Staff, entries: Sequence[tuple[Permission, str, str]], section: str) -> Iterator[Entry]:
    here, seen = section or str(request.endpoint), set()
    for permission, endpoint, label in entries:
        if staff.may(permission) and endpoint not in seen:
            seen.add(endpoint)
            writing = endpoint == "articles.versions"
            count = articles.waiting() if writing else reminders.badge(endpoint)
            yield Entry(endpoint, label, count, "件等您办" if writing else "件", endpoint == here)
