"""Made-up residents for demonstrations. Every number is synthetic and marked by its range.

Identity numbers: region 220221, sequence 900 to 989, a right check digit. Accounts: 629999…, a right Luhn digit.
Telephones: 154…, a range that no subscriber has.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.catalogue.places import TOWNS, Town
from knowledge.identity import id_check_digit, luhn_ok

BANKS = ("吉林农信", "中国农业银行", "中国邮政储蓄银行", "吉林银行", "中国建设银行", "中国工商银行")
_SURNAMES = "王李张刘赵杨孙于陈徐姜金关佟崔朴宋高韩吕周吴马郭林曲"
_MEN = "国山 德林 福才 永江 凤臣 振海 庆军 长山 学文 立新 志强 春生 明远 俊杰 浩宇 子轩".split()  # noqa: SIM905
_WOMEN = "桂兰 淑珍 秀琴 玉华 凤霞 亚芹 丽娟 艳红 春梅 晓燕 雪莹 欣怡 雨桐 诗涵".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up. `gets` names items, each with the stage in which its last payment got stuck, if it did."""

    name: str
    id_number: str
    town: str
    village: str
    bank: str
    account: str
    phone: str
    born: date
    is_head: bool = False
    land_hundredths: int = 0
    gets: tuple[tuple[str, str], ...] = ()

    def age_on(self, day: date) -> int:
        """Full years."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


def id_number(born: date, sequence: int) -> str:
    """A synthetic identity number; odd sequences are men."""
    first17 = f"220221{born:%Y%m%d}{sequence:03d}"
    return first17 + id_check_digit(first17)


def account(bank: str, number: int) -> str:
    """A synthetic account of 19 digits."""
    body = f"629999{BANKS.index(bank) + 1:02d}{number:010d}"
    return next(body + last for last in "0123456789" if luhn_ok(body + last))


def people(count: int, seed: int, today: date, taken: set[str]) -> Iterator[Person]:
    """Households one after the other: a head of family with land, often a partner, parents, a child."""
    rng = random.Random(seed)
    made = 0
    while made < count:
        for person in _household(rng, today, taken):
            made += 1
            yield person
            if made == count:
                return


def _household(rng: random.Random, today: date, taken: set[str]) -> Iterator[Person]:
    town = rng.choice([town for town in TOWNS.values() if town.villages and not town.administered_elsewhere])
    village = rng.choice(town.villages) + "村"
    age = rng.randint(32, 84)
    yield _person(rng, today, taken, town, village, age, head=True)
    if rng.random() < 0.7:
        yield _person(rng, today, taken, town, village, age - rng.randint(0, 4), head=False)
    if age < 62 and rng.random() < 0.4:
        yield _person(rng, today, taken, town, village, age + rng.randint(22, 30), head=False)
    if age < 60 and rng.random() < 0.6:
        yield _person(rng, today, taken, town, village, max(0, age - rng.randint(24, 34)), head=False)


def _person(
    rng: random.Random, today: date, taken: set[str], town: Town, village: str, age: int, *, head: bool
) -> Person:
    # Counted by years, not from today: the same people are there tomorrow.
    born = date(today.year - age - 1, 1, 1) + timedelta(days=rng.randint(0, 364))
    number = id_number(born, rng.randint(900, 989))
    while number in taken:
        born -= timedelta(days=1)
        number = id_number(born, rng.randint(900, 989))
    taken.add(number)
    bank = rng.choice(BANKS)
    return Person(
        name=rng.choice(_SURNAMES) + rng.choice(_MEN if int(number[16]) % 2 else _WOMEN),
        id_number=number,
        town=town.name,
        village=village,
        bank=bank,
        account=account(bank, rng.randrange(10**10)),
        phone=f"154{rng.randrange(10**8):08d}" if rng.random() < 0.85 else "",
        born=born,
        is_head=head,
        land_hundredths=rng.randint(150, 4500) if head and rng.random() < 0.85 else 0,
    )
