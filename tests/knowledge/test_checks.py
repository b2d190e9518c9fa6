"""What the checks across batches find, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalogue.items import ITEMS
from knowledge.checks import about_one
from knowledge.checks_between import Between, Binder, heavy_users, much_bound, within_household
from knowledge.suspicion import HIGH, KINDS, LOW, MIDDLE, RULES, Limits, Paid, Person, Suspicion

OLD = Person(1, "关玉梅", date(1940, 4, 12), "万昌镇", "西将军村")
TODAY = date(2026, 11, 24)
STANDARDS = {("耕地地力保护补贴", 2026): (8247, 990, 1000), ("玉米生产者补贴", 2026): (6120, 10, 10)}


def paid(item: str = "高龄津贴", period: str = "2026年09月", **more: object) -> Paid:
    """80 yuan of 高龄津贴 for September 2026, paid in October."""
    year = int(period[:4])
    months = frozenset({f"{year}{period[5:7]}"}) if period.endswith("月") else frozenset()
    fields: dict[str, object] = {
        "id": 1, "item": item, "year": year, "period": period, "months": months, "quantity": 100, "unit": "月",
        "standard_fen": 8000, "amount_fen": 8000, "stage": "已发放", "stage_date": date(year, 10, 12), "paid_date": date(year, 10, 12),
    }  # fmt: skip
    return Paid(**(fields | more))  # type: ignore[arg-type]


def found(*payments: Paid, person: Person = OLD, limits: Limits | None = None) -> list[Suspicion]:
    numbered = [replace(one, id=at) for at, one in enumerate(payments, 1)]
    return list(about_one(person, numbered, STANDARDS, limits or Limits()))


def kinds(*payments: Paid, person: Person = OLD, limits: Limits | None = None) -> list[str]:
    return [one.kind for one in found(*payments, person=person, limits=limits)]


def test_an_ordinary_payment_is_left_alone() -> None:
    assert kinds(paid()) == []


@pytest.mark.parametrize(("amount", "expected"), [(8000, []), (8001, []), (8002, ["amount"]), (800, ["amount"])])
def test_the_amount_is_the_product_but_for_rounding(amount: int, expected: list[str]) -> None:
    assert kinds(paid(amount_fen=amount)) == expected


@given(st.integers(1, 100_000), st.integers(1, 1_000_000))
def test_no_product_is_ever_suspected(quantity: int, standard: int) -> None:
    one = paid("临时救助", "2026年第1批", quantity=quantity, standard_fen=standard, amount_fen=(quantity * standard + 50) // 100)
    assert "amount" not in kinds(one)


def test_another_standard_than_all_the_others_is_found() -> None:
    land = {"item": "耕地地力保护补贴", "period": "2026年第1批", "unit": "亩"}
    assert kinds(paid(**land, standard_fen=8247, amount_fen=8247)) == []
    assert kinds(paid(**land, standard_fen=9000, amount_fen=9000)) == ["standard"]


def test_few_payments_make_no_common_standard() -> None:
    assert kinds(paid("玉米生产者补贴", "2026年第1批", unit="亩", standard_fen=9000, amount_fen=9000)) == []


@pytest.mark.parametrize(("item", "unit", "standard"), [("育儿补贴", "月", 30001), ("雨露计划", "学期", 150001), ("高龄津贴", "月", 2499)])
def test_a_standard_that_breaks_a_rule_is_found(item: str, unit: str, standard: int) -> None:
    person = OLD if item == "高龄津贴" else replace(OLD, born=date(1990, 1, 1))
    assert kinds(paid(item, unit=unit, standard_fen=standard, amount_fen=standard), person=person) == ["standard"]


def test_an_age_counts_in_the_month_that_it_is_reached() -> None:
    september = paid(period="2026年09月")
    assert kinds(september, person=replace(OLD, born=date(1946, 9, 30))) == []
    assert kinds(september, person=replace(OLD, born=date(1946, 10, 1))) == ["age"]


def test_an_orphans_money_ends_with_the_childhood_and_a_babys_goes_to_its_parents() -> None:
    orphan = paid("孤儿和事实无人抚养儿童基本生活费")
    assert kinds(orphan, person=replace(OLD, born=date(2009, 8, 1))) == []
    assert kinds(orphan, person=replace(OLD, born=date(2008, 8, 1))) == ["age"]
    assert kinds(paid("育儿补贴"), person=replace(OLD, born=date(1990, 1, 1))) == []


def test_what_is_paid_for_months_after_a_death_is_grave() -> None:
    dead = replace(OLD, died_on=date(2026, 8, 15))
    assert [(one.kind, one.severity) for one in found(paid(period="2026年09月"), person=dead)] == [("after_death", HIGH)]


def test_what_is_paid_late_for_months_before_a_death_ranks_low() -> None:
    dead = replace(OLD, died_on=date(2026, 9, 20))
    assert [one.severity for one in found(paid(period="2026年09月"), person=dead)] == [LOW]


def test_what_was_paid_before_the_death_or_sent_back_is_left_alone() -> None:
    dead = replace(OLD, died_on=date(2026, 10, 12))
    assert kinds(paid(), person=dead) == []
    assert kinds(paid(stage="发放失败"), person=replace(OLD, died_on=date(2026, 1, 1))) == []


def test_a_households_money_after_the_heads_death_is_a_question_of_the_head() -> None:
    dead = replace(OLD, died_on=date(2026, 5, 1))
    land = paid("耕地地力保护补贴", "2026年第1批", unit="亩", standard_fen=8247, amount_fen=8247)
    assert [one.severity for one in found(land, person=dead)] == [MIDDLE]


@pytest.mark.parametrize("one", [item.name for item in ITEMS.values() if item.exclusions])
def test_every_exclusive_pair_of_the_catalogue_is_found_in_the_same_month(one: str) -> None:
    for other in ITEMS[one].exclusions:
        both = [paid(one), paid(other)]
        assert "exclusive" in [each.kind for each in found(*both) if each.severity == HIGH]
        apart = [paid(one, "2026年03月"), paid(other, "2026年09月")]
        assert "exclusive" not in kinds(*apart)


def test_a_label_without_months_may_overlap() -> None:
    assert [one.severity for one in found(paid("最低生活保障", "2026年第1批"), paid("特困人员救助供养"))] == [MIDDLE]


def test_a_jump_is_held_against_the_same_batches_of_last_year() -> None:
    then = [paid("临时救助", f"2025年{month:02d}月", amount_fen=100_000, quantity=None) for month in range(1, 13)]
    now = [paid("临时救助", f"2026年{month:02d}月", amount_fen=250_000, quantity=None) for month in (1, 2)]
    assert kinds(*then, *now) == ["jump"]
    assert kinds(*then, *now, limits=Limits(jump_percent=300)) == []
    assert kinds(*then, *now, limits=Limits(jump_least_fen=1_000_000)) == []
    assert kinds(*then, paid("临时救助", "2026年第1批", amount_fen=900_000, quantity=None)) == []


def test_what_rose_for_everybody_is_no_jump() -> None:
    land = {"item": "耕地地力保护补贴", "unit": "亩", "quantity": 5000}
    then = paid(**land, period="2025年第1批", standard_fen=3000, amount_fen=150_000)
    now = paid(**land, period="2026年第1批", standard_fen=8247, amount_fen=412_350)
    assert kinds(then, now) == []
    more = paid(**(land | {"quantity": 15000}), period="2026年第1批", standard_fen=8247, amount_fen=1_237_050)
    assert kinds(then, more) == ["jump"]


def test_two_crops_on_the_very_same_area_rank_low() -> None:
    maize = paid("玉米生产者补贴", "2026年第1批", unit="亩", quantity=1311, amount_fen=104_880)
    beans = paid("大豆生产者补贴", "2026年第1批", unit="亩", quantity=1311, amount_fen=104_880)
    assert [(one.kind, one.severity) for one in found(maize, beans)] == [("same_land", LOW)]
    assert kinds(maize, replace(beans, quantity=1312, amount_fen=104_960)) == []


def test_names_that_differ_are_found_and_dots_are_not() -> None:
    assert kinds(person=replace(OLD, names=("关玉梅",))) == []
    assert kinds(person=replace(OLD, name="巴特·图", names=("巴特图",))) == []
    assert kinds(person=replace(OLD, names=("关玉枚",))) == ["names_differ"]


def test_a_key_and_its_facts_do_not_depend_on_the_rows_number() -> None:
    first, second = found(paid(amount_fen=1))[0], found(paid(), paid(amount_fen=1))[-1]
    assert (first.key, first.facts) == (second.key, second.facts)
    assert found(paid(amount_fen=2))[0].facts != first.facts


# ---------------------------------------------------------------- between persons


def between(*people: tuple[Person, list[Paid]]) -> list[Suspicion]:
    collector = Between()
    for person, payments in people:
        collector.take(person, payments)
    return list(collector.finish(TODAY))


def holder(number: int, name: str, born: int = 1960, head: int = 0, village: str = "") -> Person:
    return Person(number, name, date(born, 1, number % 28 + 1), "万昌镇", village, head=head)


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([holder(1, "甲"), holder(2, "乙")], [("shared_account", MIDDLE)]),
        ([holder(1, "甲"), holder(2, "乙"), holder(3, "丙")], [("shared_account", HIGH)]),
        ([holder(1, "甲", head=1), holder(2, "乙", head=1), holder(3, "丙", head=1)], [("shared_account", LOW)]),
        ([holder(1, "甲", 1985), holder(2, "乙", 2015)], [("shared_account", LOW)]),
        ([holder(1, "甲"), holder(2, "甲")], [("two_numbers", HIGH)]),
        ([holder(1, "甲")], []),
    ],
)
def test_a_shared_account_is_ranked_by_who_shares_it(people: list[Person], expected: list[tuple[str, int]]) -> None:
    found = between(*((person, [paid(account=77, id=person.id), paid(account=77, id=person.id + 100)]) for person in people))
    assert [(one.kind, one.severity) for one in found] == expected


def test_the_same_name_and_birthday_in_one_village_is_one_person_with_two_numbers() -> None:
    one = Person(1, "张玉春", date(1960, 1, 1), "万昌镇", "狼头村")
    assert [each.kind for each in between((one, []), (replace(one, id=2), []))] == ["two_numbers"]
    assert between((one, []), (replace(one, id=2, town="西阳镇"), [])) == []


def test_one_field_under_two_names_is_grave() -> None:
    land = {"item": "耕地地力保护补贴", "period": "2026年第1批", "plots": ("220221-00017",)}
    found = between((holder(1, "甲"), [paid(**land, id=1)]), (holder(2, "乙"), [paid(**land, id=2)]))
    assert [(one.kind, one.severity, one.persons) for one in found] == [("same_land", HIGH, (1, 2))]


def test_two_of_one_household_with_land_are_asked_about() -> None:
    land = paid("耕地地力保护补贴", "2026年第1批", quantity=1311)
    same = list(within_household([(holder(1, "甲"), [land]), (holder(2, "乙"), [land])]))
    other = list(within_household([(holder(1, "甲"), [land]), (holder(2, "乙"), [replace(land, quantity=500)])]))
    assert [one.severity for one in (*same, *other)] == [HIGH, MIDDLE]
    assert list(within_household([(holder(1, "甲"), [land]), (holder(2, "乙"), [paid()])])) == []


def test_heavy_binders_are_found_from_the_countys_limit_on() -> None:
    limits = Limits(most_bound=3, most_binders=2)
    users = [Binder(1, (1, 2), 2), Binder(2, (1, 2, 3), 3)]
    assert [one.key for one in heavy_users(users, limits)] == ["binder:user:2"]
    assert [one.key for one in much_bound([Binder(7, (7,), 2), Binder(8, (8,), 1)], limits)] == ["binder:person:7"]


def test_the_rules_name_items_of_the_catalogue() -> None:
    named = [rule["item"] for part in ("age", "standard", "due") for rule in RULES[part]]
    named += [*RULES["uniform"]["items"], *RULES["land"]["household"], *RULES["land"]["crops"]]
    assert set(named) <= set(ITEMS)
    assert all(KINDS.values())
