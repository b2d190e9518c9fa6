"""Which of several persons in a row is the one whose payment it is: head of household or member, child or parent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake import contents, names
from intake.assigning import Assigned
from intake.strips import Part
from intake.wire import unmarked

# Persons who stand beside the one who is meant, in every list of households.
_BESIDE = re.compile("配偶|联系|经办|法人|负责|代领|代办|受委托|村干部|死亡|制表|审核")
# Words for a person of a family: which of two is paid, only the office knows.
_OF_A_FAMILY = re.compile("户主|成员|学生|儿童|幼儿|婴|孩|子女|儿子|女儿|监护|家长|父|母|老人|老年人|残疾|被|孤儿")
# Names of those who are paid, whoever else stands in the row.
_MEANT = re.compile("对象|领取|领款|受益|享受|申请|保障|救助|补贴人|本人|人员|移民")


def decide(assigned: Assigned, part: Part, labels: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    """Leave open whose number counts where a row has several, and take the name of the same person."""
    persons = _Persons(assigned, part, labels, body)
    persons.numbers()
    persons.names()


class _Persons:
    def __init__(self, assigned: Assigned, part: Part, labels: Sequence[str], body: Sequence[Sequence[str]]) -> None:
        self._assigned, self._part, self._labels, self._body = assigned, part, labels, body

    def numbers(self) -> None:
        """Two numbers of one family in a row: somebody has to say whose."""
        chosen = self._decided(names.ID)
        if chosen is None or not _OF_A_FAMILY.search(self._whose(chosen)):
            return
        others = [
            at for at in self._others(chosen)
            if names.is_of_numbers(self._part.cells[at]) and self._holds_numbers(at) and self._differ(chosen, at)
        ]  # fmt: skip
        if others:
            self._assigned.leave_open(names.ID, [chosen, *others])

    def names(self) -> None:
        """The name of the person whose number was taken; open if it may be that of another."""
        chosen, number = self._decided(names.NAME), self._assigned.columns.get(names.ID)
        if chosen is None or number is None:
            return
        of_number, of_name = self._whose(number), self._whose(chosen)
        others = [at for at in self._others(chosen) if at != number and self._may_name(at, of_number) and self._differ(chosen, at)]
        same = [at for at in (chosen, *others) if of_number and _are_one(self._whose(at), of_number)]
        if same and chosen not in same:
            self._assigned.take(names.NAME, same[0], self._labels[same[0]])
        elif others and not same and (_OF_A_FAMILY.search(of_number) or (of_name and not _MEANT.search(of_name))):
            self._assigned.leave_open(names.NAME, [chosen, *others])

    def _decided(self, name: str) -> int | None:
        """The column that was found for a field, unless somebody said which it is."""
        at = self._assigned.columns.get(name)
        return None if at is None or at in self._assigned.said else at

    def _others(self, chosen: int) -> list[int]:
        taken = {at for name, at in self._assigned.columns.items() if name not in (names.ID, names.NAME)}
        return [
            at for at in sorted(self._part.columns - taken - self._assigned.said.keys())
            if at != chosen and not _BESIDE.search(self._whose(at))
        ]  # fmt: skip

    def _whose(self, at: int) -> str:
        return names.whose(self._part.cells[at]) or names.bare(self._part.groups[at])

    def _may_name(self, at: int, of_number: str) -> bool:
        cell = self._part.cells[at]
        return names.is_of_names(cell) or (bool(of_number) and names.bare(cell).endswith(of_number) and not self._holds_numbers(at))

    def _holds_numbers(self, at: int) -> bool:
        return any(at < len(row) and contents.is_id_number(row[at]) for row in self._body)

    def _differ(self, one: int, other: int) -> bool:
        pairs = ((_text(row, one), _text(row, other)) for row in self._body)
        return any(first and second and first != second for first, second in pairs)


def _text(row: Sequence[str], at: int) -> str:
    return re.sub(r"\s+", "", unmarked(row[at])) if at < len(row) else ""


def _are_one(name: str, number: str) -> bool:
    return bool(name) and (name.endswith(number) or number.endswith(name))
