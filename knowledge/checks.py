"""核查比对: what one person's payments show by themselves. Pure functions over plain data.

`knowledge.checks_between` holds persons against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any, Final

from knowledge.catalogue.items import ITEMS
from knowledge.money import yuan
from knowledge.suspicion import HIGH, LOW, MIDDLE, RULES, Limits, Paid, Person, Suspicion, facts_of, ids_of

_PAID_TO_PARENTS = 3  # years of age: what is paid for a small child is paid to its parents
_CROPS = frozenset(RULES["land"]["crops"])
_LEAST_LAND = 100  # hundredths of a 亩: small plots are often alike

Standards = Mapping[tuple[str, int], tuple[int, int, int]]
"""By item and year: the commonest standard in 分, how many have it, how many there are."""

Check = Callable[[Person, Sequence[Paid], Standards, Limits], Iterator[Suspicion]]


def about_one(person: Person, payments: Sequence[Paid], standards: Standards, limits: Limits) -> Iterator[Suspicion]:
    """Everything that one person's payments show."""
    for check in _CHECKS:
        yield from check(person, payments, standards, limits)


# ---------------------------------------------------------------- single payments


def _product(person: Person, payments: Sequence[Paid], standards: Standards, limits: Limits) -> Iterator[Suspicion]:
    for one in payments:
        if one.quantity is None or one.standard_fen is None:
            continue
        product = (one.quantity * one.standard_fen + 50) // 100
        if abs(product - one.amount_fen) > 1:
            said = (("数量×标准", yuan(product)), ("发放金额", yuan(one.amount_fen)))
            yield _of_payment("amount", MIDDLE, person, one, "发放金额不等于数量乘标准。请核对是数量、标准写错了，还是金额算错了。", said)


def _standard(person: Person, payments: Sequence[Paid], standards: Standards, limits: Limits) -> Iterator[Suspicion]:
    for one in payments:
        if one.standard_fen is None:
            continue
        rule = _rule_for(one.item)
        if rule is not None and _breaks(rule, one, one.standard_fen):
            said = (("发放标准", yuan(one.standard_fen)), ("依据", rule["source"]))
            yield _of_payment("standard", MIDDLE, person, one, "标准与文件规定的不同。请核对是不是几个月合在一起写了。", said)
            continue
        common, same, all_ = standards.get((one.item, one.year), (0, 0, 0))
        is_uniform = one.item in RULES["uniform"]["items"]
        if one.standard_fen != common and _is_common(same, all_, is_uniform=is_uniform):
            said = (("这一笔的标准", yuan(one.standard_fen)), ("别人的标准", f"{yuan(common)}（{all_}笔里有{same}笔）"))
            severity = MIDDLE if is_uniform else LOW
            yield _of_payment("standard", severity, person, one, "标准与同一年同一项目的绝大多数人不同。请核对依据。", said)


def _breaks(rule: Mapping[str, Any], one: Paid, standard_fen: int) -> bool:
    if one.year < rule["from"] or one.unit not in ("", rule["unit"]):
        return False
    return not rule.get("least", 0) <= standard_fen <= rule.get("most", standard_fen)


def _is_common(same: int, all_: int, *, is_uniform: bool) -> bool:
    return all_ >= 20 and same * 100 >= all_ * 90 if is_uniform else all_ >= 200 and same * 1000 >= all_ * 995


def _age(person: Person, payments: Sequence[Paid], standards: Standards, limits: Limits) -> Iterator[Suspicion]:
    for item, of_item in _by_item(payments).items():
        least, most, source, sure = _ages(item)
        young = [one for one in of_item if _age_on(person.born, _last_day(one)) < least]
        old = [one for one in of_item if _age_on(person.born, _first_day(one)) > most]
        if found := young or old:
            day = found[0].day
            said = (("出生日期", person.born.isoformat()), ("当时年龄", f"{_age_on(person.born, day)}周岁"), ("条件", source))
            rule = "年龄还不到就在领。请核对身份证号和项目。" if young else "年龄超了还在领。请核对是不是上学延长，或者没有及时停发。"
            yield _of_item("age", MIDDLE if sure else LOW, person, item, found, rule, said)


def _after_death(person: Person, payments: Sequence[Paid], standards: Standards, limits: Limits) -> Iterator[Suspicion]:
    died = person.died_on
    if died is None:
        return
    month = f"{died.year}{died.month:02d}"
    for item, of_item in _by_item(payments).items():
        later = [one for one in of_item if one.day > died and one.stage != "发放失败"]
        for_later = [one for one in later if (one.months and min(one.months) > month) or one.year > died.year]
        if later:
            said = (("死亡日期", died.isoformat()), ("笔数", str(len(later))), ("合计", yuan(sum(one.amount_fen for one in later))))
            if for_later:
                rule, severity = "发的是去世以后月份或年度的钱。请核实是否健在；确已去世的，停发并追回。", HIGH
            elif item in ITEMS and ITEMS[item].per == "户":
                rule, severity = "按户发的，领款的户主已去世。请核对要不要换户主、该不该停发。", MIDDLE
            else:
                rule, severity = "发的是去世以前的钱，到账在去世以后，有的是正常的。请核对。", LOW
            yield _of_item("after_death", severity, person, item, later, rule, said)


# ---------------------------------------------------------------- several payments


def _exclusive(person: Person, payments: Sequence[Paid], standards: Standards, limits: Limits) -> Iterator[Suspicion]:
    by_item = _by_item(payments)
    for one, other in combinations(sorted(by_item), 2):
        if other not in _excluded(one):
            continue
        pairs = [(a, b) for a in by_item[one] for b in by_item[other] if a.year == b.year and _overlap(a, b)]
        for year in sorted({a.year for a, _ in pairs}):
            together = {pay.id: pay for pair in pairs if pair[0].year == year for pay in pair}
            found = list(together.values())
            sure = all(pay.months for pay in found)
            said = (("两个项目", f"{one}，{other}"), ("笔数", str(len(found))))
            rule = "这两项按规定不能同时享受，"
            rule += "时间重叠了。请核对该停哪一项。" if sure else "同一年都有。请核对时间是否重叠。"
            yield Suspicion(
                "exclusive", f"exclusive:{person.id}:{one}:{other}:{year}", HIGH if sure else MIDDLE, rule, (person.id,),
                ids_of(found), one, year, said, facts_of(found),
            )  # fmt: skip


def _overlap(one: Paid, other: Paid) -> bool:
    """Whether two payments of one year are for some month together; a label without months is for the whole year."""
    return not one.months or not other.months or not one.months.isdisjoint(other.months)


def _jump(person: Person, payments: Sequence[Paid], standards: Standards, limits: Limits) -> Iterator[Suspicion]:
    for item, of_item in _by_item(payments).items():
        years = sorted({one.year for one in of_item})
        for before, year in pairwise(years):
            now, then = _alike(of_item, year, before)
            sum_now, sum_then = sum(one.amount_fen for one in now), sum(one.amount_fen for one in then)
            if year - before != 1 or not sum_then or sum_now - sum_then < limits.jump_least_fen:
                continue
            if sum_now * 100 < sum_then * limits.jump_percent or _rose_for_all(now, then, standards, limits):
                continue
            said = ((f"{before}年同期", yuan(sum_then)), (f"{year}年", yuan(sum_now)), ("倍数", f"{sum_now * 10 // sum_then / 10:g}倍"))
            rule = "同样的批次，比上年多了很多。请核对面积、人数有没有依据。"
            yield Suspicion(
                "jump", f"jump:{person.id}:{item}:{year}", MIDDLE, rule, (person.id,), ids_of((*now, *then)), item, year, said,
                facts_of((*now, *then)),
            )  # fmt: skip


def _alike(payments: Sequence[Paid], year: int, before: int) -> tuple[list[Paid], list[Paid]]:
    """The payments of two years whose labels are the same but for the year: a year that is not over is not less."""
    now = {_without_year(one.period): one for one in payments if one.year == year}
    then = {_without_year(one.period): one for one in payments if one.year == before}
    both = now.keys() & then.keys()
    return [now[label] for label in sorted(both)], [then[label] for label in sorted(both)]


def _rose_for_all(now: Sequence[Paid], then: Sequence[Paid], standards: Standards, limits: Limits) -> bool:
    """Whether the quantity stayed and the standard is what everybody has this year."""
    if any(one.quantity is None for one in (*now, *then)):
        return False
    more = sum(one.quantity or 0 for one in now) * 100 >= sum(one.quantity or 0 for one in then) * limits.jump_percent
    return not more and all(one.standard_fen == standards.get((one.item, one.year), (0, 0, 0))[0] for one in now)


def _crops(person: Person, payments: Sequence[Paid], standards: Standards, limits: Limits) -> Iterator[Suspicion]:
    by_year: defaultdict[tuple[int, int], list[Paid]] = defaultdict(list)
    for one in payments:
        if one.item in _CROPS and one.quantity is not None and one.quantity >= _LEAST_LAND:
            by_year[one.year, one.quantity].append(one)
    for (year, quantity), found in sorted(by_year.items()):
        if len({one.item for one in found}) > 1:
            said = (("面积", f"{quantity / 100:g}亩"), ("作物", "、".join(sorted({one.item for one in found}))))
            rule = "同一年两种作物报了一模一样的面积，一块地一年只种一茬。请核对是不是同一块地。"
            yield Suspicion(
                "same_land", f"same_land:crops:{person.id}:{year}:{quantity}", LOW, rule, (person.id,), ids_of(found),
                found[0].item, year, said, facts_of(found),
            )  # fmt: skip


def _names(person: Person, payments: Sequence[Paid], standards: Standards, limits: Limits) -> Iterator[Suspicion]:
    others = tuple(sorted({name for name in person.names if _bare(name) != _bare(person.name)}))
    if others:
        rule = "同一个身份证号，前后写过不同的姓名。请照身份证核对，是改名、写错，还是用了别人的号码。"
        yield Suspicion(
            "names_differ", f"names_differ:{person.id}", LOW, rule, (person.id,), (), figures=(("写过几个姓名", str(len(others) + 1)),),
            facts=(_bare(person.name), *map(_bare, others)),
        )  # fmt: skip


_CHECKS: Final[tuple[Check, ...]] = (_product, _standard, _age, _after_death, _exclusive, _jump, _crops, _names)


# ---------------------------------------------------------------- parts


def _of_payment(
    kind: str, severity: int, person: Person, one: Paid, rule: str, figures: tuple[tuple[str, str], ...]
) -> Suspicion:
    key = f"{kind}:{person.id}:{one.item}:{one.year}:{one.period}"
    return Suspicion(kind, key, severity, rule, (person.id,), (one.id,), one.item, one.year, figures, facts_of([one]))


def _of_item(
    kind: str, severity: int, person: Person, item: str, found: Sequence[Paid], rule: str, figures: tuple[tuple[str, str], ...]
) -> Suspicion:
    year = max(one.year for one in found)
    return Suspicion(kind, f"{kind}:{person.id}:{item}", severity, rule, (person.id,), ids_of(found), item, year, figures, facts_of(found))


def _by_item(payments: Sequence[Paid]) -> dict[str, list[Paid]]:
    found: defaultdict[str, list[Paid]] = defaultdict(list)
    for one in payments:
        found[one.item].append(one)
    return found


@lru_cache(maxsize=64)
def _ages(item: str) -> tuple[int, int, str, bool]:
    """Least and most years of age, what the rule says, and whether it is sure."""
    known = ITEMS.get(item)
    least = known.min_age if known and known.min_age is not None else 0
    most = known.max_age if known and known.max_age is not None and known.max_age > _PAID_TO_PARENTS else 200
    source, sure = (f"{item}：满{least}周岁" if least else f"{item}：{most + 1}周岁以下"), True
    for rule in RULES["age"]:
        if rule["item"] == item:
            least, source, sure = rule.get("least", least), rule["source"], rule["sure"]
    return least, most, source, sure


@lru_cache(maxsize=64)
def _rule_for(item: str) -> Mapping[str, Any] | None:
    return next((rule for rule in RULES["standard"] if rule["item"] == item), None)


@lru_cache(maxsize=64)
def _excluded(item: str) -> frozenset[str]:
    own = ITEMS[item].exclusions if item in ITEMS else ()
    return frozenset((*own, *(other.name for other in ITEMS.values() if item in other.exclusions)))


def _age_on(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _first_day(one: Paid) -> date:
    return date(int(min(one.months)[:4]), int(min(one.months)[4:]), 1) if one.months else date(one.year, 1, 1)


def _last_day(one: Paid) -> date:
    """The last day of what it is paid for: whoever reaches the age in that month may have it."""
    if not one.months:
        return date(one.year, 12, 31)
    last = max(one.months)
    following = date(int(last[:4]) + (last[4:] == "12"), int(last[4:]) % 12 + 1, 1)
    return following - timedelta(days=1)


def _without_year(period: str) -> str:
    return period.partition("年")[2] if period[:4].isdigit() and "年" in period else period


def _bare(name: str) -> str:
    return name.replace("·", "").replace(" ", "")
