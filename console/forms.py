"""What a form sent, read and checked. A fault is `Refused` with words for the person at the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from flask import request

from knowledge.errors import Refused
from knowledge.identity import find_id_numbers
from knowledge.wording import BEIJING
from models.case import Case
from models.handover import Copy

T = TypeVar("T")

_LONG = 4000


def text(name: str, *, most: int = _LONG) -> str:
    """What was typed, trimmed, with the line ends of Unix."""
    typed = request.form.get(name, "").replace("\r\n", "\n").strip()
    if len(typed) > most:
        raise Refused(f"写得太长了，最多{most}个字，现在有{len(typed)}个。请精简一下。")
    return typed


def outgoing(name: str) -> str:
    """A text that leaves the house or is kept with a case: without a full identity number in it."""
    typed = text(name)
    if find_id_numbers(typed):
        raise Refused("里面有完整的身份证号。请只写后四位，别让号码传出去。")
    return typed


def copy_of(case: Case) -> Copy | None:
    """The words of a sealed case as another department may read them; None of a case that is not sealed."""
    return Copy(outgoing("copy"), ticked("attachments")) if case.confidential else None


def chosen(name: str, among: Iterable[str]) -> str | None:
    """One of the offered choices; None for the empty one and for anything that was not offered."""
    given = request.form.get(name, "")
    return given if given and given in among else None


def ticked(name: str) -> bool:
    """Whether a box is ticked."""
    return request.form.get(name) == "1"


def number(name: str) -> int | None:
    """The id behind a choice of a list."""
    given = request.form.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None


def one_of(offered: Mapping[int, T], name: str, missing: str) -> T:
    """The offered thing that was chosen by its id; Refused with `missing` if none was."""
    chosen_one = offered.get(number(name) or 0)
    if chosen_one is None:
        raise Refused(missing)
    return chosen_one


def asked(name: str) -> str:
    """A filter in the address."""
    return request.args.get(name, "").strip()[:64]


def page() -> int:
    """Which page of a list, from 1."""
    given = request.args.get("page", "")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 6 else 1


def day_asked(name: str, *, end: bool = False) -> datetime | None:
    """A day in the address as the moment of its begin in Beijing, or of its end; None if none is given."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return datetime.combine(day + timedelta(days=1 if end else 0), time(), BEIJING)
