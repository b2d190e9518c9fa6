"""Office hours: the county's hours on Beijing's clock, on working days alone."""

from datetime import UTC, datetime

import pytest

from knowledge.calendar import Clocks
from knowledge.wording import BEIJING


@pytest.mark.parametrize(
    ("moment", "works"),
    [
        (datetime(2026, 3, 2, 8, tzinfo=BEIJING), True), (datetime(2026, 3, 2, 7, 59, tzinfo=BEIJING), False),
        (datetime(2026, 3, 2, 16, 59, tzinfo=BEIJING), True), (datetime(2026, 3, 2, 17, tzinfo=BEIJING), False),
        (datetime(2026, 2, 28, 10, tzinfo=BEIJING), True), (datetime(2026, 3, 1, 10, tzinfo=BEIJING), False),
        (datetime(2026, 2, 17, 10, tzinfo=BEIJING), False), (datetime(2026, 3, 2, 1, tzinfo=UTC), True),
        (datetime(2026, 3, 2, 10, tzinfo=UTC), False),
    ],
)  # fmt: skip
def test_nobody_is_at_the_desk_at_night_or_on_a_day_off(moment: datetime, works: bool) -> None:
    assert Clocks().is_office_hour(moment) is works


def test_the_county_sets_its_hours() -> None:
    assert Clocks(from_hour=9, until_hour=18).is_office_hour(datetime(2026, 3, 2, 17, 30, tzinfo=BEIJING))
