"""`flask demo-data`: made-up residents and payments, loaded through the same door as a bureau's file.

Amounts and standards are invented for the demonstration and every row says so. Dates follow today, so that there is
always something paid, something on its way, and something that came back.
"""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from commands.demo_people import Person, account, id_number, people
from intake import names
from intake.payment_row import PaymentRow
from intake.store import Outcome, import_file
from knowledge.catalogue.items import ITEMS
from knowledge.identity import mask_account
from models.db import Database

REMARK = "演示数据，金额是编的"
PEOPLE, SEED = 400, 639
_REASONS = (
    "社保卡金融功能未激活", "账户状态异常（长期不动户）", "账户状态异常（证件过期）", "姓名与账号不符", "账户已销户",
    "已换卡，原账号失效",
)  # fmt: skip
_FAILED, _PAID_AGAIN = 0.06, 0.06  # of the people
# How many days before the paying day a payment has reached which stage.
_AHEAD = ((15, "待发放"), (35, "公示"), (60, "审核"), (85, "申报"))
_SINCE = {"待发放": 16, "公示": 36, "审核": 61, "申报": 86}  # days before the paying day when it got there


@dataclass(frozen=True, slots=True)
class Plan:
    """How an item is played: how often, by what standard in 分, who gets it, and what share of those."""

    item: str
    every: str  # month, quarter, half, term, year
    standard_fen: int
    who: Callable[[Person, date], bool]
    share: float
    quantity: tuple[int, int] = (100, 100)  # hundredths, from and to; (0, 0): the person's land
    paid_in: int = 6  # the month in which a yearly item is paid; 13 is next January


def _farms(person: Person, today: date) -> bool:
    return person.land_hundredths > 0


def _heads(person: Person, today: date) -> bool:
    return person.is_head


def _aged(least: int, most: int = 130) -> Callable[[Person, date], bool]:
    # Last year is paid for, too.
    return lambda person, today: least < person.age_on(today) <= most


_LAND = (0, 0)
# The periods of a year, and the month in which each is paid; the last ones are paid in the next year.
_PERIODS: dict[str, list[tuple[str, int]]] = {
    "month": [(f"{month:02d}月", month) for month in range(1, 13)],
    "quarter": [(f"第{quarter}季度", quarter * 3 + 1) for quarter in range(1, 5)],
    "half": [("上半年", 6), ("下半年", 12)],
    "term": [("春季学期", 6), ("秋季学期", 13)],
}
PLANS: tuple[Plan, ...] = (
    Plan("耕地地力保护补贴", "year", 8150, _farms, 1.0, _LAND, 6),
    Plan("玉米生产者补贴", "year", 6120, _farms, 0.6, _LAND, 9),
    Plan("大豆生产者补贴", "year", 36600, _farms, 0.15, _LAND, 9),
    Plan("稻谷补贴", "year", 9830, _farms, 0.25, _LAND, 11),
    Plan("实际种粮农民一次性补贴", "year", 790, _farms, 0.3, _LAND, 5),
    Plan("农机购置与应用补贴", "year", 320000, _farms, 0.03, (100, 200), 10),
    Plan("黑土地保护性耕作补贴", "year", 3700, _farms, 0.1, _LAND, 12),
    Plan("耕地轮作补贴", "year", 14800, _farms, 0.04, _LAND, 12),
    Plan("秸秆综合利用补贴", "year", 2150, _farms, 0.04, _LAND, 14),
    Plan("畜牧业补贴", "year", 11500, _heads, 0.04, (200, 2400), 11),
    Plan("退耕还林补助", "year", 8900, _heads, 0.06, (200, 1500), 12),
    Plan("森林生态效益补偿", "year", 1210, _heads, 0.06, (800, 9000), 12),
    Plan("生态护林员补助", "quarter", 78000, _aged(30, 60), 0.02, (300, 300)),
    Plan("最低生活保障", "month", 31500, _heads, 0.06, (100, 300)),
    Plan("特困人员救助供养", "month", 60200, _aged(60), 0.02),
    Plan("临时救助", "year", 90000, _heads, 0.02, paid_in=8),
    Plan("孤儿和事实无人抚养儿童基本生活费", "month", 114000, _aged(0, 17), 0.05),
    Plan("困难残疾人生活补贴", "month", 9700, _aged(18, 70), 0.03),
    Plan("重度残疾人护理补贴", "month", 9100, _aged(18, 70), 0.03),
    Plan("高龄津贴", "quarter", 2700, _aged(80), 1.0, (300, 300)),
    Plan("经济困难老年人补贴", "quarter", 5600, _aged(65), 0.08, (300, 300)),
    Plan("农村计划生育家庭奖励扶助", "year", 8200, _aged(60, 79), 0.12, (1200, 1200), 10),
    Plan("计划生育家庭特别扶助", "year", 55000, _aged(50, 79), 0.02, (1200, 1200), 8),
    Plan("独生子女父母奖励", "year", 1100, _aged(30, 50), 0.05, (1200, 1200), 12),
    Plan("育儿补贴", "year", 29500, _aged(25, 38), 0.15, (300, 1200), 11),
    Plan("优抚对象抚恤补助", "quarter", 83600, _aged(58, 90), 0.02, (300, 300)),
    Plan("60周岁农村籍退役士兵生活补助", "quarter", 17700, _aged(61, 75), 0.04, (200, 500)),
    Plan("义务兵家庭优待金", "half", 621000, _aged(40, 55), 0.03),
    Plan("自主就业退役士兵一次性补助", "year", 473000, _aged(21, 28), 0.08, (200, 500), 12),
    Plan("农村危房改造补助", "year", 980000, _heads, 0.02, paid_in=11),
    Plan("大中型水库移民后期扶持", "half", 29000, _heads, 0.03, (100, 400)),
    Plan("雨露计划", "term", 148000, _aged(16, 20), 0.1),
    Plan("学生资助", "term", 61000, _aged(7, 18), 0.3),
    Plan("城乡居民养老保险", "month", 14700, _aged(60), 0.6),
    Plan("就业补贴", "month", 176000, _aged(45, 59), 0.03),
    Plan("离任村干部补助", "quarter", 3400, _aged(60), 0.03, (600, 2700)),
    Plan("老党员补贴", "month", 62500, _aged(80), 0.06),
    Plan("原民办代课教师补助", "quarter", 5500, _aged(60), 0.03, (300, 2200)),
    Plan("农村户厕改造补助", "year", 138000, _heads, 0.02, paid_in=15),
)
_PLAN_OF = {plan.item: plan for plan in PLANS}


def _cast(
    born: date, sequence: int, name: str, town: str, village: str, bank: str, number: int, *gets: tuple[str, str]
) -> Person:
    phone = f"154000{number:05d}"
    return Person(
        name, id_number(born, sequence), town, village, bank, account(bank, number), phone, born,
        is_head=True, land_hundredths=1311, gets=gets,
    )  # fmt: skip


# Three residents that the README names, for whoever plays the resident; the account's last four digits are asked.
DEMO_CAST: tuple[Person, ...] = (
    _cast(date(1943, 3, 8), 968, "关玉梅", "万昌镇", "西将军村", "吉林农信", 4301,
          ("高龄津贴", ""), ("耕地地力保护补贴", ""), ("玉米生产者补贴", "发放失败")),
    _cast(date(1961, 10, 2), 971, "佟长山", "口前镇", "蓝旗村", "中国农业银行", 6102,
          ("耕地地力保护补贴", ""), ("城乡居民养老保险", ""), ("大豆生产者补贴", "已补发")),
    _cast(date(1986, 5, 17), 946, "朴春梅", "金家乡", "卢家村", "中国邮政储蓄银行", 8605,
          ("最低生活保障", ""), ("困难残疾人生活补贴", "")),
)  # fmt: skip


def generate(count: int, seed: int, today: date) -> Iterator[PaymentRow]:
    """The payments of the cast and of `count` more people, this year's and last year's.

    The same people each day of a year with the same seed; their payments move on with the days.
    """
    for person in DEMO_CAST:
        for item, trouble in person.gets:
            yield from _payments(person, _PLAN_OF[item], trouble, seed, today)
    waiting = list(PLANS)  # so that every item is there, however few the people
    for person in people(count, seed, today, {one.id_number for one in DEMO_CAST}):
        rng = random.Random(f"{seed} {person.id_number}")
        drawn = [plan for plan in PLANS if rng.random() < plan.share]
        plans = [plan for plan in drawn if plan.who(person, today)]
        owed = next((plan for plan in waiting if plan.who(person, today)), None)
        if owed is not None:
            waiting.remove(owed)
            plans = list(dict.fromkeys([owed, *plans]))
        trouble = _trouble(rng.random())
        for plan in _compatible(plans):
            yield from _payments(person, plan, trouble, seed, today)


def _trouble(luck: float) -> str:
    return "发放失败" if luck < _FAILED else "已补发" if luck < _FAILED + _PAID_AGAIN else ""


def _compatible(plans: Sequence[Plan]) -> list[Plan]:
    kept: list[Plan] = []
    for plan in plans:
        rivals = {name for one in kept for name in (one.item, *ITEMS[one.item].exclusions)}
        if not rivals & {plan.item, *ITEMS[plan.item].exclusions}:
            kept.append(plan)
    return kept


def _payments(person: Person, plan: Plan, trouble: str, seed: int, today: date) -> Iterator[PaymentRow]:
    """One person's payments of one item; the last one paid is the one with trouble."""
    rng = random.Random(f"{seed} {person.id_number} {plan.item}")
    low, high = plan.quantity
    quantity = person.land_hundredths if plan.quantity == _LAND else rng.randrange(low, high + 1, 100)
    rows = [_payment(person, plan, quantity or 100, *period, today) for period in _calendar(plan, today)]
    paid = [at for at, row in enumerate(rows) if row is not None and row.stage == "已发放"]
    for at, row in enumerate(rows):
        if row is not None:
            yield _returned(row, trouble, rng.choice(_REASONS), today) if trouble and [at] == paid[-1:] else row


def _calendar(plan: Plan, today: date) -> Iterator[tuple[int, str, date]]:
    """Year, label and paying day of each period since last year's beginning."""
    day = 5 + 7 * (PLANS.index(plan) % 4)
    for year in (today.year - 1, today.year):
        for label, month in _PERIODS.get(plan.every, ()) or (("第1批", plan.paid_in),):
            yield year, f"{year}年{label}", _working_day(year, month, day)


def _working_day(year: int, month: int, day: int) -> date:
    """The day or the Monday after; months go on counting into the next year."""
    found = date(year + (month - 1) // 12, (month - 1) % 12 + 1, day)
    return found + timedelta(days=max(0, 7 - found.weekday()) if found.weekday() > 4 else 0)


def _payment(
    person: Person, plan: Plan, quantity: int, year: int, label: str, planned: date, today: date
) -> PaymentRow | None:
    ahead = (planned - today).days
    stage = "已发放" if ahead <= 0 else next((stage for days, stage in _AHEAD if ahead <= days), "")
    if not stage:
        return None
    reached = planned if ahead <= 0 else planned - timedelta(days=_SINCE[stage])
    return PaymentRow(
        name=person.name, id_number=person.id_number, town=person.town, village=person.village, item=plan.item,
        year=year, batch=label, quantity_hundredths=quantity, unit=ITEMS[plan.item].unit,
        standard_fen=plan.standard_fen, amount_fen=(quantity * plan.standard_fen + 50) // 100, stage=stage,
        stage_date=reached, paid_date=planned if ahead <= 0 else None, bank=person.bank, account=person.account,
        fail_reason="", phone=person.phone, remarks={"备注": REMARK},
    )  # fmt: skip


def _returned(row: PaymentRow, stage: str, reason: str, today: date) -> PaymentRow:
    """The payment as it is when the bank has sent it back, or has paid it at the second attempt."""
    planned = row.paid_date or row.stage_date
    if stage == "已补发":
        again = min(today, planned + timedelta(days=30))
        return row._replace(stage=stage, stage_date=again, paid_date=again, fail_reason=reason)
    told = min(today, planned + timedelta(days=2))
    return row._replace(stage=stage, stage_date=told, paid_date=None, fail_reason=reason)


def write_csv(rows: Iterator[PaymentRow], path: Path) -> None:
    """The rows as a bureau would hand them over."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names.COLUMNS, "备注"])
        for row in rows:
            writer.writerow([*map(_cell, names.COLUMNS, row), (row.remarks or {}).get("备注", "")])


def _cell(column: str, value: object) -> str:
    if isinstance(value, int) and column in (names.QUANTITY, names.STANDARD, names.AMOUNT):
        return f"{value // 100}.{value % 100:02d}"
    return "" if value is None else str(value)


def load(database: Database, today: date, *, count: int = PEOPLE, seed: int = SEED) -> Outcome:
    """Generate and import; a second time only what the days have changed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "演示数据.csv"
        write_csv(generate(count, seed, today), file)
        return import_file(database, file, today=today, given={}, by="演示", progress=lambda rows: None)


def demo_data_command(open_database: Callable[[], Database]) -> click.Command:
    """The command."""

    @click.command("demo-data")
    @click.option("--people", "count", default=PEOPLE, show_default=True, help="居民人数")
    @click.option("--seed", default=SEED, show_default=True, help="随机种子，相同则内容相同")
    def demo_data(count: int, seed: int) -> None:
        """装入演示用的居民和发放明细。全部是编的，只用于演示。"""
        outcome = load(open_database(), datetime.now(ZoneInfo("Asia/Shanghai")).date(), count=count, seed=seed)
        click.echo(f"演示数据：新增 {outcome.new} 笔，更新 {outcome.changed} 笔。可以扮演的居民：")
        for person in DEMO_CAST:
            click.echo(f"  {person.name}  身份证号 {person.id_number}  卡号尾号 {mask_account(person.account)[-4:]}")

    return demo_data
