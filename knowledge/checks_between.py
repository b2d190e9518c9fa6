"""核查比对 between persons: shared accounts, one person under two numbers, land claimed twice, heavy binders.

The collector takes person after person and says at the end what it found. It keeps hashes and numbers, no names.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from knowledge.suspicion import HIGH, LOW, MIDDLE, RULES, Limits, Paid, Person, Suspicion, facts_of, ids_of

_HOUSEHOLD_LAND = frozenset(RULES["land"]["household"])
_GROWN_UP = 18
_MOST_NAMED = 20  # persons that a finding names
_A_FEW, _A_PAIR = 3, 2


class Between:
    """Takes all persons, or those that belong together."""

    def __init__(self) -> None:
        self._ids, self._names, self._born, self._heads = array("q"), array("q"), array("i"), array("q")
        self._accounts: dict[int, int] = {}  # → the person, by place, and a payment, who had it first
        self._first_payment: dict[int, int] = {}
        self._shared: dict[int, dict[int, int]] = {}  # account → person by place → a payment
        self._alike: dict[int, int] = {}
        self._twins: defaultdict[int, list[int]] = defaultdict(list)
        self._fields: dict[int, tuple[int, Paid]] = {}
        self._doubled: dict[int, dict[int, Paid]] = {}

    def take(self, person: Person, payments: Sequence[Paid]) -> None:
        """One person with all payments."""
        at, name = len(self._ids), hash(person.name.replace("·", ""))
        self._ids.append(person.id)
        self._names.append(name)
        self._born.append(person.born.year)
        self._heads.append(person.head)
        for one in payments:
            if one.account:
                self._take_account(at, one)
            for plot in one.plots:
                key = hash((one.item, one.year, person.town, plot))
                first_id, first = self._fields.setdefault(key, (person.id, one))
                if first_id != person.id:
                    self._doubled.setdefault(key, {first_id: first})[person.id] = one
        if person.village:
            first_at = self._alike.setdefault(hash((name, person.born, person.town, person.village)), at)
            if first_at != at:
                self._twins[first_at].append(at)

    def _take_account(self, at: int, one: Paid) -> None:
        first = self._accounts.setdefault(one.account, at)
        if first == at:
            self._first_payment.setdefault(one.account, one.id)
        else:
            self._shared.setdefault(one.account, {first: self._first_payment[one.account]})[at] = one.id

    def finish(self, today: date) -> Iterator[Suspicion]:
        """What only all persons together show."""
        yield from self._shared_accounts(today)
        for first, others in self._twins.items():
            rule = "同村、同名、同一天出生，却有两个身份证号。请核对是不是一个人用了两个号。"
            ids = tuple(sorted(self._ids[at] for at in (first, *others)))
            yield Suspicion("two_numbers", f"two_numbers:birth:{ids[0]}", MIDDLE, rule, ids[:_MOST_NAMED], facts=ids)
        for by_person in self._doubled.values():
            rule = "同一块地（地块或合同编号相同），两个人都领了。请核对流转合同和实际种植人。"
            yield _land("plot", HIGH, rule, by_person)

    def _shared_accounts(self, today: date) -> Iterator[Suspicion]:
        groups: dict[tuple[int, ...], dict[int, int]] = {}
        for of_account in self._shared.values():
            groups.setdefault(tuple(sorted(of_account)), {}).update(of_account)
        taken: set[str] = set()
        for places, payments in sorted(groups.items()):
            ids = tuple(sorted(self._ids[at] for at in places))
            said, facts = (("几个人", str(len(ids))),), ids
            shown = tuple(payments.values())[:_MOST_NAMED]
            if len({self._names[at] for at in places}) < len(places):
                kind, severity = "two_numbers", HIGH
                rule = "同一个姓名、同一个账号，却有两个身份证号。请核对是不是一个人用了两个号领钱。"
            else:
                kind, (severity, rule) = "shared_account", self._how_grave(places, today)
            key = f"{kind}:{ids[0]}:{ids[1]}"
            key = f"{key}:{len(ids)}" if key in taken else key
            taken.add(key)
            yield Suspicion(kind, key, severity, rule, ids[:_MOST_NAMED], shown, figures=said, facts=facts)

    def _how_grave(self, places: Sequence[int], today: date) -> tuple[int, str]:
        """A family's card, most of all for a child, is common; one card of many who are no family is not."""
        heads = {self._heads[at] for at in places}
        ages = [today.year - self._born[at] for at in places]
        if len(heads) == 1 and 0 not in heads:
            return LOW, "一家人共用一个账号，替孩子、老人代领的常见。请核对本人知不知道。"
        if len(places) <= _A_FEW and min(ages) < _GROWN_UP <= max(ages):
            return LOW, "大人和孩子共用一个账号，多半是监护人代领。户籍里没查到是一家，请核对。"
        if len(places) > _A_PAIR:
            return HIGH, "几个不是一家的人，钱都打到同一个账号。请核对是不是有人代领、扣卡。"
        return MIDDLE, "两个人的钱打到同一个账号，户籍里没查到是一家。请核对账号是不是报错了，或有人代领。"


def within_household(members: Sequence[tuple[Person, Sequence[Paid]]]) -> Iterator[Suspicion]:
    """Land of one household that two of it are paid for."""
    by_issue: defaultdict[tuple[str, int], dict[int, Paid]] = defaultdict(dict)
    for person, payments in members:
        for one in payments:
            if one.item in _HOUSEHOLD_LAND:
                by_issue[one.item, one.year][person.id] = one
    for by_person in by_issue.values():
        if len(by_person) > 1:
            same_area = len({one.quantity for one in by_person.values()}) == 1
            rule = "这项按户发，同一户有两个人领。请核对是分了户，还是同一块地报了两次。"
            yield _land("household", HIGH if same_area else MIDDLE, rule, by_person)


def _land(how: str, severity: int, rule: str, by_person: dict[int, Paid]) -> Suspicion:
    persons, one = tuple(sorted(by_person)), next(iter(by_person.values()))
    areas = "、".join(f"{(by_person[id_].quantity or 0) / 100:g}亩" for id_ in persons[:_MOST_NAMED])
    key = f"same_land:{how}:{persons[0]}:{persons[1]}:{one.item}:{one.year}"
    return Suspicion(
        "same_land", key, severity, rule, persons[:_MOST_NAMED], ids_of(by_person.values()), one.item, one.year,
        (("面积", areas),), (persons, facts_of(by_person.values())),
    )  # fmt: skip


class Binder(NamedTuple):
    """A WeChat user with the persons it is or lately was bound to, or a person with how many users are bound to it."""

    id: int
    persons: tuple[int, ...]
    times: int


def heavy_users(users: Sequence[Binder], limits: Limits) -> Iterator[Suspicion]:
    """WeChat users who are, or lately were, bound to more persons than a family has."""
    for one in users:
        if one.times >= limits.most_bound:
            rule = "一个微信绑定过很多人。可能是村里统一代查，也可能有人拿着底册在查别人。请核实是谁、经不经本人同意。"
            said = (("绑定过几个人", str(one.times)),)
            yield Suspicion("binder", f"binder:user:{one.id}", MIDDLE, rule, one.persons[:_MOST_NAMED], figures=said, facts=one.persons)


def much_bound(persons: Sequence[Binder], limits: Limits) -> Iterator[Suspicion]:
    """Persons whom many WeChat users are bound to."""
    for one in persons:
        if one.times >= limits.most_binders:
            rule = "一个人被好几个微信绑定。家里人多的常见。请问问本人认不认识。"
            said = (("几个微信绑定", str(one.times)),)
            yield Suspicion("binder", f"binder:person:{one.id}", LOW, rule, (one.id,), figures=said, facts=(one.times,))
