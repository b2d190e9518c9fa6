"""What shows only when several cells of one row are held against each other: one check, one function.

A check sees the row as far as it could be read: `failed` names the columns whose cell was refused, and nothing is
concluded from those.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import date
from functools import lru_cache

from intake import names
from intake.findings import Finding
from intake.payment_row import PaymentRow
from intake.progress import PAID_STAGES, says_it_came_back, says_unpaid, year_in
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.places import village_in_town

_LATE_YEARS = 2
_OLDEST = 110
_PAID_TO_PARENTS = 3  # years of age
_AGE_COLUMNS = frozenset({names.ID, names.ITEM, names.YEAR})

_WENT_WELL = re.compile("(?<![不未没非])(?:成功|正常|通过|完成)|无误|已入账|已发放|^0+$")
_DIED = re.compile("死亡|去世|病故|已故|亡故|过世|身故|户口注销|注销户口")
_IS_NOT = re.compile("否|无|健在|未.{0,4}|没.{0,4}")

_is_in_town = lru_cache(4096)(village_in_town)

Check = Callable[[PaymentRow, AbstractSet[str], date], Finding | None]


def dates_fit_stage(row: PaymentRow, failed: AbstractSet[str], today: date) -> Finding | None:
    """Only what was paid has a paying date; no date lies in the future; the stage is not older than the payment."""
    if names.STATUS in failed or names.PAID_DATE in failed:
        return None
    if row.paid_date is not None and row.paid_date > today:
        return Finding("PAID_IN_FUTURE", names.PAID_DATE)
    if (row.stage in PAID_STAGES) != (row.paid_date is not None):
        return Finding("STATUS_DATE_CONFLICT", names.PAID_DATE)
    return None if names.STATUS_DATE in failed else _stage_date_fits(row, today)


def _stage_date_fits(row: PaymentRow, today: date) -> Finding | None:
    if row.stage_date is None:
        return Finding("DATE_MISSING", names.STATUS_DATE)
    if row.stage_date > today or (row.paid_date is not None and row.stage_date < row.paid_date):
        return Finding("STATUS_DATE_CONFLICT", names.STATUS_DATE)
    return None


def year_fits(row: PaymentRow, failed: AbstractSet[str], today: date) -> Finding | None:
    """The year is the one that the batch's label names, and nothing was paid before it began."""
    if names.YEAR in failed or names.BATCH in failed:
        return None
    if year_in(row.batch) not in (None, row.year) or (row.paid_date and row.paid_date.year < row.year):
        return Finding("YEAR_CONFLICT", names.YEAR)
    return None


def dates_are_near_year(row: PaymentRow, failed: AbstractSet[str], today: date) -> Finding | None:
    """A year's money is applied for from the year before, and paid within the two years after."""
    if names.YEAR in failed or names.STATUS_DATE in failed or row.stage_date is None or row.stage_date > today:
        return None
    is_near = row.year - 1 <= row.stage_date.year <= row.year + _LATE_YEARS
    return None if is_near else Finding("DATE_FAR", names.STATUS_DATE)


def age_fits(row: PaymentRow, failed: AbstractSet[str], today: date) -> Finding | None:
    """The person is of an age that the item has a rule for, at some time of its year."""
    if failed & _AGE_COLUMNS:
        return None
    born = int(row.id_number[6:10])
    if today.year - born > _OLDEST:
        return Finding("AGE_UNLIKELY", names.ID)
    least, most = _ages(row.item)
    if not least <= row.year - born <= most:
        return Finding("AGE_UNFIT", names.ID)
    return None


@lru_cache(maxsize=64)
def _ages(item_name: str) -> tuple[int, int]:
    """Least and most years of age; what is paid for a small child is paid to its parents."""
    item = ITEMS[item_name]
    most = item.max_age if item.max_age is not None and item.max_age > _PAID_TO_PARENTS else _OLDEST
    return item.min_age or 0, most + 1


def amount_is_product(row: PaymentRow, failed: AbstractSet[str], today: date) -> Finding | None:
    """The amount is quantity × standard, rounded half up to the 分; one 分 off is bad rounding."""
    quantity, standard = row.quantity_hundredths, row.standard_fen
    if quantity is None or standard is None or names.AMOUNT in failed:
        return None
    off = abs(row.amount_fen - (quantity * standard + 50) // 100)
    return Finding("AMOUNT_ROUNDING" if off == 1 else "AMOUNT_MISMATCH", names.AMOUNT) if off else None


def village_is_there(row: PaymentRow, failed: AbstractSet[str], today: date) -> Finding | None:
    """The village belongs to the township."""
    if row.town and row.village and not _is_in_town(row.village, row.town):
        return Finding("VILLAGE_TOWN_MISMATCH", names.VILLAGE)
    return None


def failure_has_reason(row: PaymentRow, failed: AbstractSet[str], today: date) -> Finding | None:
    """A returned payment says why, so that the resident can be told what to do."""
    if row.stage == "发放失败" and not row.fail_reason and names.REASON not in failed:
        return Finding("FAIL_REASON_MISSING", names.REASON)
    return None


def remark_fits_stage(row: PaymentRow, failed: AbstractSet[str], today: date) -> Finding | None:
    """What a remark or a reason says has not been paid is not taken for paid, whoever said so of the whole file."""
    if row.stage != "已发放" or names.STATUS in failed:
        return None
    if row.fail_reason and not _WENT_WELL.search(row.fail_reason):
        return Finding("REMARK_UNPAID", names.REASON)
    if not row.remarks:
        return None
    title = next((title for title, text in row.remarks.items() if _is_unpaid(title, text)), None)
    return Finding("REMARK_UNPAID", title) if title else None


def _is_unpaid(title: str, text: str) -> bool:
    """备注: 退回; or 退回金额: 300, 是否退回: 是."""
    return says_unpaid(text) or (says_it_came_back(title) and bool(text.strip("0.")) and not _IS_NOT.fullmatch(text))


def nobody_is_dead(row: PaymentRow, failed: AbstractSet[str], today: date) -> Finding | None:
    """A remark says that the person has died."""
    if not row.remarks:
        return None
    for title, text in row.remarks.items():
        if _DIED.search(text) or (_DIED.search(title) and not _IS_NOT.fullmatch(text)):
            return Finding("REMARK_DEATH", title)
    return None


CHECKS: tuple[Check, ...] = (
    dates_fit_stage,
    year_fits,
    dates_are_near_year,
    age_fits,
    amount_is_product,
    village_is_there,
    failure_has_reason,
    remark_fits_stage,
    nobody_is_dead,
)
