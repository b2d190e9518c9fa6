"""统计: how the cases of a period were handled, by department, township, item, kind and month; with the cases behind a figure."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func
from sqlalchemy.orm import joinedload

from console import door, forms
from console.statistics_xlsx import workbook
from console.values import console
from knowledge.errors import NotThere
from knowledge.wording import beijing
from models.base import now
from models.case import Case
from models.staff import Permission
from models.statistics import Statistics, behind, names_of, statistics
from models.statistics_values import (
    COUNTS,
    DIMENSIONS,
    FEW,
    LONGEST,
    MEASURES,
    MEDIAN,
    Line,
    Period,
    begin_of,
)

blueprint = Blueprint("statistics", __name__, url_prefix="/console/statistics")

_A_PAGE = 30
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NONE = "-"  # in an address: the cases that name no township, no item
_TALL, _BAR, _GAP = 150, 22, 34  # pixels of the chart


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: by what, and of which days. A day that was mistyped is said, and the usual one taken."""

    by: str
    period: Period
    wrong: str = ""

    @classmethod
    def read(cls) -> Asked:
        """From the address."""
        today = beijing(now()).date()
        by = forms.asked("by")
        since, until = _day("since") or begin_of(today), _day("until") or today
        wrong = ""
        if since > until:
            wrong, since, until = "开始那天在结束那天后面了，先按今年的统计。", begin_of(today), today
        elif until - since > LONGEST:
            wrong, since = "一次最多统计三年，先按最近三年的统计。", until - LONGEST
        return cls(by if by in DIMENSIONS else "department", Period(since, until), wrong)

    @property
    def arguments(self) -> dict[str, str]:
        """The same for an address."""
        return {"by": self.by, "since": self.period.since.isoformat(), "until": self.period.until.isoformat()}


@blueprint.get("/")
@door.needs(Permission.OVERSEE)
def show() -> ResponseReturnValue:
    """The figures, what each counts, and a chart by month."""
    asked = Asked.read()
    found = _figures(asked)
    return render_template(
        "statistics.html", asked=asked, rows=_named(asked, found), total=found.total, months=found.months, chart=_chart(found),
        dimensions=DIMENSIONS, measures=MEASURES, median_said=MEDIAN, counts=COUNTS, few=FEW, spans=_spans(), none=_NONE,
        wrong=asked.wrong,
    )  # fmt: skip


@blueprint.get("/file.xlsx")
@door.needs(Permission.OVERSEE)
@door.leaves_a_trace
def file() -> ResponseReturnValue:
    """The same as a workbook."""
    asked = Asked.read()
    found, target = _figures(asked), io.BytesIO()
    workbook(target, asked.by, asked.period, _named(asked, found), found.total, console().values.county)
    door.trace("statistics.export", "list:statistics", **asked.arguments)
    name = f"statistics-{asked.by}-{asked.period.since}-{asked.period.until}.xlsx"
    return Response(target.getvalue(), content_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.get("/cases")
@door.needs(Permission.OVERSEE)
@door.leaves_a_trace
def cases() -> ResponseReturnValue:
    """The cases that one figure counts, as far as this person may see them; no words of them."""
    asked, page, count = Asked.read(), forms.page(), forms.asked("count")
    key = _key(asked.by)
    query = behind(door.me(), asked.period, asked.by if forms.asked("key") else "", key, count)
    total = door.db().scalar(query.with_only_columns(func.count())) or 0
    ordered = query.order_by(Case.id.desc()).limit(_A_PAGE).offset((page - 1) * _A_PAGE)
    shown = door.db().scalars(ordered.options(joinedload(Case.department))).all()
    if shown:
        door.trace("case.list", "list:statistics", numbers=[case.number for case in shown])
    kept = asked.arguments | {"key": forms.asked("key"), "count": count}
    return render_template(
        "statistics_cases.html", asked=asked, cases=shown, total=total, page=page, pages=-(-total // _A_PAGE),
        kept={name: value for name, value in kept.items() if value}, counted=COUNTS.get(count, COUNTS["filed"]),
        line=names_of(door.db(), asked.by, [key])[key] if forms.asked("key") else "",
    )  # fmt: skip


def _figures(asked: Asked) -> Statistics:
    return statistics(door.db(), door.me(), asked.by, asked.period, console().values.clocks)


def _named(asked: Asked, found: Statistics) -> list[tuple[str, str, Line]]:
    """Each line with its key in an address and its name: months in their order, the rest by the number of cases."""
    names = names_of(door.db(), asked.by, list(found.lines))
    in_order = sorted(found.lines, key=str) if asked.by == "month" else sorted(found.lines, key=lambda key: (-found.lines[key].filed, names[key]))
    return [(str(key) if key is not None else _NONE, names[key], found.lines[key]) for key in in_order]


def _key(by: str) -> str | int | None:
    given = forms.asked("key")
    if given in ("", _NONE):
        return None
    if by == "department":
        if not (given.isascii() and given.isdigit()):
            raise NotThere
        return int(given)
    if by == "month":
        try:
            date.fromisoformat(f"{given}-01")
        except ValueError:
            raise NotThere from None
    return given


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(forms.asked(name))
    except ValueError:
        return None


def _spans() -> list[tuple[str, Any]]:
    """The periods that are asked for most, as addresses."""
    today = beijing(now()).date()
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    spans = (
        ("本月", today.replace(day=1), today), ("本季", quarter, today), ("今年", date(today.year, 1, 1), today),
        ("去年", date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)), ("近30天", today - timedelta(days=29), today),
    )  # fmt: skip
    return [(name, {"since": since.isoformat(), "until": until.isoformat()}) for name, since, until in spans]


def _chart(found: Statistics) -> dict[str, Any]:
    """The bars by month as places in a drawing: what came in, and what of it was answered."""
    most = max((line.filed for line in found.months.values()), default=0)
    bars = [
        {
            "month": month, "x": at * (_BAR * 2 + _GAP) + _GAP // 2, "came": line.filed, "done": line.answered,
            "came_high": round(_TALL * line.filed / most) if most else 0, "done_high": round(_TALL * line.answered / most) if most else 0,
        }
        for at, (month, line) in enumerate(found.months.items())
    ]  # fmt: skip
    return {"bars": bars, "tall": _TALL, "bar": _BAR, "width": max(1, len(bars)) * (_BAR * 2 + _GAP), "home": url_for("overview.show")}
