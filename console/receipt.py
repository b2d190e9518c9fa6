"""What a caller is told of a case that was just filed: number, code, department and day, as they are read aloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from knowledge import aloud
from knowledge.calendar import in_words
from knowledge.wording import beijing


@dataclass(frozen=True, slots=True)
class Receipt:
    """`due` is the last day for the answer, if there is one. `placed`: it is settled which department answers."""

    number: str
    code: str
    department: str
    due: date | None
    placed: bool

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Receipt:
        """The receipt as it was kept beside the form's key."""
        due = beijing(datetime.fromisoformat(kept["due"])).date() if kept.get("due") else None
        return cls(kept["number"], kept["code"], kept["department"], due, bool(kept.get("placed", True)))

    @property
    def number_groups(self) -> list[str]:
        """YJ 2026 1124 0007."""
        return aloud.groups(self.number)

    @property
    def code_groups(self) -> list[str]:
        """384 215."""
        return aloud.groups(self.code)

    @property
    def number_spoken(self) -> str:
        """Digit by digit."""
        return aloud.spoken(self.number)

    @property
    def code_spoken(self) -> str:
        """Digit by digit."""
        return aloud.spoken(self.code)

    @property
    def day(self) -> str:
        """2026年12月3日（星期四）; empty where no day is promised."""
        return in_words(self.due) if self.due else ""

    @property
    def day_spoken(self) -> str:
        """十二月三日，星期四."""
        return aloud.day_aloud(self.due) if self.due else ""

    def for_text(self) -> dict[str, str]:
        """The fields of the SMS: no code, for phones are shared."""
        by = f"{self.due.month}月{self.due.day}日" if self.due else "办好"
        return {"number": self.number, "department": self.department, "day": by}
